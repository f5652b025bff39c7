"""Training: epochs of mini-batches, from a model and data to what comes out of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from symgrad.errors import OptionError, TrainingError, explain
from symgrad.optim import Adam, Optimizer, Rate
from symgrad.optim.optimizer import global_norm
from symgrad.optim.rate import check_rate, rate_at, rate_symbols
from symgrad.train.callbacks import Callback
from symgrad.train.checkpoint import Checkpoint, checkpoint_of
from symgrad.train.data import Data, first_params, given_arrays, handed, hold_out, read_data
from symgrad.train.model import Model
from symgrad.train.order import Curriculum, order_of
from symgrad.train.progress import Silent, progress_of
from symgrad.train.random import draw
from symgrad.train.result import Fit, Report
from symgrad.train.sizes import precision, read_sizes, shape_at

RECORDS = ("gradient_norm", "parameter_norm", "learning_rate")


def fit(model: Model, data: Mapping, optimizer: Optimizer | None = None, epochs: int = 10, batch_size: int | None = 32, *,
        schedule: Rate | None = None, validation: Mapping | float | None = None, callbacks: Sequence[Callable] = (), seed: int = 0,
        progress: bool = True, order: str | Curriculum = "shuffled", record: Sequence[str] = (),
        checkpoint: str | Path | Checkpoint | None = None, resume: bool = False) -> Fit:
    """Train a model on data by mini-batches; the same seed gives the same bits.

    data: the inputs of the loss, by name or symbol; floating arrays decide the precision of the parameters.
    optimizer: of symgrad.optim, Adam() by default.  schedule: the learning rate as a schedule, a function of the epoch, or an
        expression in symgrad.optim.epoch and the step symgrad.optim.t, instead of the optimizer's own.
    batch_size: samples a step; the last mini-batch of an epoch may be smaller.  None, or a model without samples: all.
    validation: data of the same inputs, or the fraction of the samples that is held out.
    callbacks: called with a Report after every epoch: functions, EarlyStopping, HalveOnPlateau, …
    order: "shuffled", "sequential", or a Curriculum.
    record: more figures for the history: "gradient_norm" (mean over the epoch's steps of the norm of all gradients together),
        "parameter_norm" and "learning_rate" (at the epoch's end).
    checkpoint: a file that is written after every epoch; resume=True goes on from it where it exists, to the same bits.

    `history` holds the mean loss of each epoch's mini-batches, weighted by their samples, and the validation loss at its
    end.  An interrupt from the keyboard ends the training and keeps what there is.
    Raises InputError for wrong data, OptionError for wrong options, TrainingError where the loss is not finite.
    """
    training = _Training(model, data, optimizer or Adam(), epochs, batch_size, schedule, validation, callbacks, seed, order, record)
    return training.run(progress, checkpoint_of(checkpoint, resume), resume)


class _Training:
    """One call of fit."""

    def __init__(self, model: Model, data: Mapping, optimizer: Optimizer, epochs: int, batch_size: int | None, schedule: Rate | None,
                 validation: Mapping | float | None, callbacks: Any, seed: int, order: str | Curriculum, record: Sequence[str]):
        self.callbacks = [callbacks] if callable(callbacks) else list(callbacks)
        _check_options(optimizer, epochs, batch_size, schedule, seed, self.callbacks, record)
        self.model, self.optimizer, self.epochs, self.schedule, self.seed = model, optimizer, epochs, schedule, seed
        begin, split, self.shuffling, self.noise = (np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(4))
        self.data = read_data(model, data, "data")
        self.held: Data | None = read_data(model, validation, "validation") if isinstance(validation, Mapping) else None
        self.count = model.samples.count(self.data)
        self._begin_samples(validation, split, order)
        self.batch_size = self._batch_size(batch_size)
        sizes = read_sizes(model.shapes, {**self.data, **given_arrays(model)}, model.sizes)
        self.params = first_params(model, sizes, precision(self.data), begin)
        self.state = optimizer.init(self.params)
        self.averages: Data = {}
        self.epoch, self.ended = 0, False
        figures = ["loss", *(["val_loss"] if self.held is not None else []), *record]
        self.history: dict[str, list[float]] = {name: [] for name in figures}
        for callback in self.callbacks:
            if isinstance(callback, Callback):
                callback.begin(self.history)

    def _begin_samples(self, validation: Any, rng: np.random.Generator, order: Any) -> None:
        """Hold samples out for validation, and settle the order of the others."""
        whole, total = self.data, self.count or 1
        chosen = np.arange(total)
        if validation is not None and self.held is None:
            self.data, self.held, chosen = hold_out(self.model, self.data, validation, rng)
            self.count = len(chosen)
        self.order = order_of(order, whole, total, chosen)

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

    def run(self, progress: bool, checkpoint: Checkpoint | None, resume: bool) -> Fit:
        snapshot = checkpoint.read(self._plan()) if checkpoint is not None and resume else None
        if snapshot is not None:
            self._resume(snapshot)
        steps = -(-(self.count or 1) // self.batch_size)
        try:
            with progress_of(progress, self.epochs, steps, self.model.name or "fit", self.epoch) as shown:
                self._epochs(shown, checkpoint)
        except KeyboardInterrupt:
            pass
        return self._result()

    def _result(self) -> Fit:
        found = [kept for one in self.callbacks if isinstance(one, Callback) and (kept := one.kept()) is not None]
        epoch, params, averages = found[-1] if found else (self.epoch, handed(self.params), handed(self.averages))
        return Fit(self.model, params, self.history, averages, self.state, epoch)

    def _epochs(self, shown: Silent, checkpoint: Checkpoint | None) -> None:
        while self.epoch < self.epochs and not self.ended:
            epoch = self.epoch + 1
            optimizer = self._optimizer_at(epoch)
            self._epoch(epoch, optimizer, shown)
            self.epoch = epoch
            shown.epoch(epoch, self.history)
            report = Report(epoch, self.epochs, self.history, handed(self.params), handed(self.averages))
            asked = [callback(report) for callback in self.callbacks]  # every callback is called, also after one that ends it
            self.ended = True in asked
            if checkpoint is not None and (self.ended or epoch == self.epochs or epoch % checkpoint.every == 0):
                checkpoint.write(self._snapshot())

    def _optimizer_at(self, epoch: int) -> Optimizer:
        """The optimizer with the learning rate of an epoch: the schedule's or its own, times what callbacks ask for."""
        factor = math.prod(one.rate_factor for one in self.callbacks if isinstance(one, Callback))
        if self.schedule is None and factor == 1:
            return self.optimizer
        rate: Any = self.schedule if self.schedule is not None else vars(self.optimizer)["learning_rate"]
        if self.schedule is not None and "t" not in rate_symbols(rate):
            return self.optimizer.replace(learning_rate=factor * rate_at(rate, "epoch", epoch))
        return self.optimizer.replace(learning_rate=lambda step: factor * rate_at(rate, "t", step, epoch=epoch))

    def _epoch(self, epoch: int, optimizer: Optimizer, shown: Silent) -> None:
        """One pass over the samples, and its figures: the mean loss of its mini-batches first."""
        total, seen, norms = 0.0, 0, []
        for step, batch in enumerate(self._batches(epoch), 1):
            inputs = self._with_drawn(batch)
            point = optimizer.point(self.params, self.state)
            value, grads = self.model.loss.value_and_grads(**inputs, **point)
            if not math.isfinite(value):
                raise TrainingError(explain(f"the loss is {value} in epoch {epoch}, step {step}", "A finite loss is required",
                                            "Lower the learning rate, scale the data, or begin with smaller parameters"))
            self._average(inputs, point)
            second = {"hessian": self.model.loss.hessian(**inputs, **point)} if optimizer.needs_hessian else {}
            optimizer.update(self.params, grads, self.state, **second)
            count = self.model.samples.count(batch) or 1
            total, seen = total + float(value) * count, seen + count
            if "gradient_norm" in self.history:
                norms.append(global_norm({name: np.asarray(one) for name, one in grads.items()}))
            shown.step()
        self._write_down(optimizer, total / seen, norms)

    def _write_down(self, optimizer: Optimizer, loss: float, norms: Sequence[float]) -> None:
        figures: dict[str, Callable[[], float]] = {
            "loss": lambda: loss, "val_loss": self._held_loss, "gradient_norm": lambda: sum(norms) / len(norms),
            "parameter_norm": lambda: global_norm(self.params), "learning_rate": lambda: optimizer.rate(self.state["step"])}
        for name, values in self.history.items():
            values.append(figures[name]())

    def _batches(self, epoch: int) -> Iterator[Data]:
        """The samples of an epoch, each once; without samples the data as they are."""
        if self.count is None:
            yield self.data
            return
        chosen = self.order(epoch, self.shuffling)
        for start in range(0, len(chosen), self.batch_size):
            yield self.model.samples.take(self.data, chosen[start:start + self.batch_size])

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

    # ------------------------------------------------------------------ checkpoints

    def _plan(self) -> dict[str, Any]:
        """What must be the same in the training that goes on."""
        shapes = {name: [*array.shape, str(array.dtype)] for name, array in self.params.items()}
        return {"parameters": shapes, "optimizer": type(self.optimizer).__name__, "seed": int(self.seed), "batch_size": self.batch_size,
                "number of samples": self.count, "figures": list(self.history), "callbacks": [type(one).__name__ for one in self._remembering()]}

    def _remembering(self) -> list[Callback]:
        return [one for one in self.callbacks if isinstance(one, Callback)]

    def _snapshot(self) -> dict[str, Any]:
        return {"plan": self._plan(), "epoch": self.epoch, "ended": self.ended, "params": self.params, "state": self.state,
                "averages": self.averages, "history": self.history, "shuffling": self.shuffling.bit_generator.state,
                "noise": self.noise.bit_generator.state, "callbacks": [one.state() for one in self._remembering()]}

    def _resume(self, snapshot: Mapping[str, Any]) -> None:
        self.epoch, self.ended = snapshot["epoch"], snapshot["ended"]
        self.params, self.state, self.averages = (dict(snapshot[part]) for part in ("params", "state", "averages"))
        self.history = {name: list(values) for name, values in snapshot["history"].items()}
        self.shuffling.bit_generator.state, self.noise.bit_generator.state = snapshot["shuffling"], snapshot["noise"]
        for callback, state in zip(self._remembering(), snapshot["callbacks"], strict=True):
            callback.resume(state)


def _check_options(optimizer: object, epochs: object, batch_size: object, schedule: Any, seed: object, callbacks: Sequence, record: Any) -> None:
    if not isinstance(optimizer, Optimizer):
        raise OptionError(explain(f"optimizer={optimizer!r} is no optimizer", "One of symgrad.optim is required",
                                  "Pass optimizer=symgrad.optim.Adam(1e-3)"))
    for name, value, least in (("epochs", epochs, 1), ("batch_size", batch_size, 1), ("seed", seed, 0)):
        whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        if not (whole and value >= least) and not (name == "batch_size" and value is None):  # type: ignore[operator]
            raise OptionError(explain(f"{name}={value!r}", f"A whole number of at least {least} is required"))
    unknown = [name for name in ([record] if isinstance(record, str) else record) if name not in RECORDS]
    if unknown or isinstance(record, str):
        raise OptionError(explain(f"record={record!r}", f"A list of some of {', '.join(RECORDS)} is required"))
    if schedule is not None:
        check_rate(schedule, "epoch", "t")
    wants_rate = schedule is not None or "learning_rate" in record or any(isinstance(one, Callback) and one.changes_rate for one in callbacks)
    if wants_rate and "learning_rate" not in optimizer.defaults:
        raise OptionError(explain(f"{type(optimizer).__name__} has no learning rate to schedule", "", "Use symgrad.optim.variants.ScaledAdadelta"
                                  if type(optimizer).__name__ == "Adadelta" else ""))
