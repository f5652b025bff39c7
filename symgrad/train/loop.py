"""Training: epochs of shuffled mini-batches, and what comes out of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from symgrad.errors import MissingExtraError, OptionError, TrainingError, explain
from symgrad.optim import Adam, Optimizer, Rate
from symgrad.optim.rate import check_rate, rate_at, rate_symbols
from symgrad.runtime.names import by_name
from symgrad.train.data import Data, first_params, given_arrays, handed, read_data
from symgrad.train.model import Model
from symgrad.train.progress import Silent, progress_of
from symgrad.train.random import draw
from symgrad.train.sizes import precision, read_sizes, shape_at

if TYPE_CHECKING:
    from matplotlib.axes import Axes

@dataclass
class Fit:
    """A trained model: `params` and running `averages` by name, `history` by epoch, and the optimizer's `state`."""

    model: Model
    params: dict[str, Any]
    history: dict[str, list[float]]
    averages: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)

    def predict(self, inputs: Mapping | None = None, /, **named: Any) -> Any:
        """The model's prediction for inputs by name, as keywords or as one dict.

        Raises InputError for a missing or wrong input, UnsupportedError where the model has no prediction.
        """
        return self.model.predict(self.params, self.averages, {**by_name(inputs or {}), **named})

    def plot(self, ax: Axes | None = None) -> Axes:
        """The history by epoch, on the given Matplotlib axes or on new ones."""
        try:
            from matplotlib import pyplot
        except ImportError:
            raise MissingExtraError(explain("plot needs Matplotlib, which is missing", "", "Install it by: pip install symgrad[plot]")) from None
        ax = pyplot.subplots()[1] if ax is None else ax
        for name, values in self.history.items():
            ax.plot(range(1, len(values) + 1), values, label=name)
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss")
        ax.legend()
        return ax


@dataclass(frozen=True)
class Report:
    """What a callback is given after an epoch (numbered from 1).  A callback that returns True ends the training."""

    epoch: int
    epochs: int
    history: dict[str, list[float]]
    params: dict[str, Any]
    averages: dict[str, Any]


Callback = Callable[[Report], object]


def fit(model: Model, data: Mapping, optimizer: Optimizer | None = None, epochs: int = 10, batch_size: int | None = 32, *,
        schedule: Rate | None = None, validation: Mapping | float | None = None, callbacks: Sequence[Callback] = (), seed: int = 0,
        progress: bool = True) -> Fit:
    """Train a model on data by mini-batches; the same seed gives the same bits.

    data: the inputs of the loss, by name or symbol; floating arrays decide the precision of the parameters.
    optimizer: of symgrad.optim, Adam() by default.  schedule: the learning rate as a function of the epoch, or an
        expression in symgrad.optim.epoch or in the step symgrad.optim.t, instead of the optimizer's own.
    batch_size: samples a step; the last mini-batch of an epoch may be smaller.  None, or a model without samples: all.
    validation: data of the same inputs, or the fraction of the samples that is held out.
    callbacks: called with a Report after every epoch.

    `history` holds the mean loss of each epoch's mini-batches, weighted by their samples, and the validation loss at its
    end.  An interrupt from the keyboard ends the training and keeps what there is.
    Raises InputError for wrong data, OptionError for wrong options, TrainingError where the loss is not finite.
    """
    return _Training(model, data, optimizer or Adam(), epochs, batch_size, schedule, validation, callbacks, seed).run(progress)


class _Training:
    """One call of fit."""

    def __init__(self, model: Model, data: Mapping, optimizer: Optimizer, epochs: int, batch_size: int | None, schedule: Rate | None,
                 validation: Mapping | float | None, callbacks: Sequence[Callback], seed: int):
        _check_options(optimizer, epochs, batch_size, schedule, seed)
        self.model, self.optimizer, self.epochs, self.schedule = model, optimizer, epochs, schedule
        self.callbacks = [callbacks] if callable(callbacks) else list(callbacks)
        begin, split, self.order, self.noise = (np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(4))
        self.data = read_data(model, data, "data")
        self.held: Data | None = read_data(model, validation, "validation") if isinstance(validation, Mapping) else None
        self.count = model.samples.count(self.data)
        if validation is not None and self.held is None:
            self._hold_out(validation, split)
        self.batch_size = self._batch_size(batch_size)
        sizes = read_sizes(model.shapes, {**self.data, **given_arrays(model)}, model.sizes)
        self.params = first_params(model, sizes, precision(self.data), begin)
        self.state = optimizer.init(self.params)
        self.averages: Data = {}
        self.history: dict[str, list[float]] = {"loss": []} | ({"val_loss": []} if self.held is not None else {})

    def _hold_out(self, fraction: Any, rng: np.random.Generator) -> None:
        if isinstance(fraction, bool) or not isinstance(fraction, (int, float)) or not 0 < fraction < 1:
            raise OptionError(explain(f"validation={fraction!r}", "A dict of data, or a fraction above 0 and below 1 is required"))
        if self.count is None or self.count < 2:
            raise OptionError(explain(f"validation={fraction!r} cannot hold samples out", "At least 2 samples are required",
                                      "Declare where the samples are by batch= or sample_index=, or pass validation data"))
        out = min(max(round(fraction * self.count), 1), self.count - 1)
        chosen = rng.permutation(self.count)
        self.held = self.model.samples.take(self.data, np.sort(chosen[:out]))
        self.data = self.model.samples.take(self.data, np.sort(chosen[out:]))
        self.count -= out

    def _batch_size(self, wanted: int | None) -> int:
        if self.count is None:
            return 1
        if wanted is None or wanted >= self.count:
            return self.count
        if self.model.samples.obstacle:
            raise OptionError(explain(f"batch_size={wanted} asks for mini-batches, but {self.model.samples.obstacle}",
                                      "All samples are needed in every step", "Pass batch_size=None"))
        return wanted

    # ------------------------------------------------------------------ epochs

    def run(self, progress: bool) -> Fit:
        steps = -(-(self.count or 1) // self.batch_size)
        try:
            with progress_of(progress, self.epochs, steps, self.model.name or "fit") as shown:
                self._epochs(shown)
        except KeyboardInterrupt:
            pass
        return Fit(self.model, handed(self.params), self.history, handed(self.averages), self.state)

    def _epochs(self, shown: Silent) -> None:
        for epoch in range(1, self.epochs + 1):
            self.history["loss"].append(self._epoch(epoch, self._optimizer_at(epoch), shown))
            if self.held is not None:
                self.history["val_loss"].append(self._held_loss())
            shown.epoch(epoch, self.history)
            report = Report(epoch, self.epochs, self.history, handed(self.params), handed(self.averages))
            asked = [callback(report) for callback in self.callbacks]  # every callback is called, also after one that ends it
            if True in asked:
                return

    def _optimizer_at(self, epoch: int) -> Optimizer:
        if self.schedule is None:
            return self.optimizer
        schedule = self.schedule
        if "t" not in rate_symbols(schedule):
            return self.optimizer.replace(learning_rate=rate_at(schedule, "epoch", epoch))
        return self.optimizer.replace(learning_rate=lambda step: rate_at(schedule, "t", step, epoch=epoch))

    def _epoch(self, epoch: int, optimizer: Optimizer, shown: Silent) -> float:
        """One pass over the samples; the mean loss of its mini-batches."""
        total, seen = 0.0, 0
        for step, batch in enumerate(self._batches(), 1):
            inputs = self._with_drawn(batch)
            point = optimizer.point(self.params, self.state)
            value, grads = self.model.loss.value_and_grads(**inputs, **point)
            if not math.isfinite(value):
                raise TrainingError(explain(f"the loss is {value} in epoch {epoch}, step {step}", "A finite loss is required",
                                            "Lower the learning rate, scale the data, or begin with smaller parameters"))
            self._average(inputs, point)
            optimizer.update(self.params, grads, self.state)
            count = self.model.samples.count(batch) or 1
            total, seen = total + float(value) * count, seen + count
            shown.step()
        return total / seen

    def _batches(self) -> Iterator[Data]:
        """Every sample once, in a fresh order; without samples the data as they are."""
        if self.count is None:
            yield self.data
            return
        order = self.order.permutation(self.count)
        for start in range(0, self.count, self.batch_size):
            yield self.model.samples.take(self.data, order[start:start + self.batch_size])

    def _with_drawn(self, batch: Data) -> dict[str, Any]:
        """The inputs of one step: data, sizes, and freshly drawn random inputs."""
        model = self.model
        inputs: dict[str, Any] = {**batch, **{name: size for name, size in model.sizes.items() if name in model.inputs}}
        if not model.random:
            return inputs
        sizes = read_sizes(model.shapes, {**batch, **self.params}, model.sizes)
        kind = precision(batch)
        drawn = {name: draw(name, sampler, self.noise, shape_at(name, model.shapes, sizes)) for name, sampler in model.random.items()}
        return inputs | {name: one.astype(kind) if one.dtype.kind == "f" else one for name, one in drawn.items()}

    def _average(self, inputs: Mapping, point: Mapping) -> None:
        """Running averages: the first mini-batch's values, then decay * average + (1 - decay) * value."""
        if self.model.average_values is None:
            return
        values = self.model.average_values.value(**inputs, **point)
        for (name, decay), value in zip(self.model.averages.items(), values, strict=True):
            self.averages[name] = value if name not in self.averages else decay * self.averages[name] + (1 - decay) * value

    def _held_loss(self) -> float:
        """The loss of the validation data as a prediction sees it: running averages, and the means of random inputs."""
        return float(self.model.evaluate(self.params, self.averages, self.held or {}))


def _check_options(optimizer: object, epochs: object, batch_size: object, schedule: Any, seed: object) -> None:
    if not isinstance(optimizer, Optimizer):
        raise OptionError(explain(f"optimizer={optimizer!r} is no optimizer", "One of symgrad.optim is required",
                                  "Pass optimizer=symgrad.optim.Adam(1e-3)"))
    for name, value, least in (("epochs", epochs, 1), ("batch_size", batch_size, 1), ("seed", seed, 0)):
        whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        if not (whole and value >= least) and not (name == "batch_size" and value is None):  # type: ignore[operator]
            raise OptionError(explain(f"{name}={value!r}", f"A whole number of at least {least} is required"))
    if schedule is None:
        return
    check_rate(schedule, "epoch", "t")
    if "learning_rate" not in optimizer.defaults:
        raise OptionError(explain(f"{type(optimizer).__name__} has no learning rate to schedule"))
