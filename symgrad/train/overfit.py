"""Can the model learn a few samples by heart?  If not, something is wrong with it, or with how it is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.errors import OptionError, TrainingError, UnsupportedError, explain
from symgrad.optim.rate import is_number
from symgrad.train.data import first_params, given_arrays, handed, read_data
from symgrad.train.diagnosis import layer_report
from symgrad.train.loop import fit
from symgrad.train.model import Model
from symgrad.train.result import Fit
from symgrad.train.sizes import precision, read_sizes

BOUNCING = 0.25
"""The loss bounces where it rises after more than this share of the epochs."""


@dataclass(frozen=True)
class OverfitCheck:
    """Whether the loss came down to `target`, and hints at what may be wrong where it did not.

    Passing does not mean that the gradients are right: a model can learn by heart with some of them wrong.
    """

    passed: bool
    samples: int
    first: float
    last: float
    target: float
    hints: tuple[str, ...]
    fit: Fit | None

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        verdict = "learned by heart" if self.passed else "not learned"
        return "\n".join([f"{self.samples} samples {verdict}: loss {self.first:.4g} to {self.last:.4g}, wanted {self.target:.4g}", *self.hints])


def can_overfit(model: Model, data: Mapping, samples: int = 500, *, target: float | None = None, seed: int = 0, **options: Any) -> OverfitCheck:
    """Train on a few samples and see whether the loss comes down.

    target: the loss to reach, a tenth of the first epoch's by default.  options: those of `fit` (epochs=100 by default).
    Where it fails, the hints say whether the loss bounces and which layers were saturated before the first step.
    """
    if isinstance(samples, bool) or not isinstance(samples, (int, np.integer)) or samples < 1:
        raise OptionError(explain(f"samples={samples!r}", "A whole number of at least 1 is required"))
    if target is not None and not is_number(target):
        raise OptionError(explain(f"target={target!r}", "A number is required"))
    few = _few(model, read_data(model, data, "data"), samples, seed)
    count = model.samples.count(few) or 1
    try:
        found = fit(model, few, **{"epochs": 100, "progress": False, **options, "seed": seed})
    except TrainingError as error:
        return OverfitCheck(False, count, float("nan"), float("nan"), target or float("nan"), (str(error), *_hints(model, few, seed, [])), None)
    losses = found.history["loss"]
    wanted = float(losses[0] / 10 if target is None else target)
    passed = losses[-1] <= wanted
    return OverfitCheck(passed, count, losses[0], losses[-1], wanted, () if passed else _hints(model, few, seed, losses), found)


def bouncing(losses: Sequence[float]) -> float:
    """The share of steps from one epoch to the next in which the loss rose by more than one part in a hundred."""
    values = np.asarray(losses, float)
    return float(np.mean(values[1:] > values[:-1] * (1 + 1e-2))) if len(values) > 1 else 0.0


def _few(model: Model, data: dict[str, np.ndarray], samples: int, seed: int) -> dict[str, np.ndarray]:
    count = model.samples.count(data)
    if count is None or samples >= count:
        return data
    return model.samples.take(data, np.sort(np.random.default_rng(seed).permutation(count)[:samples]))


def _hints(model: Model, data: dict[str, np.ndarray], seed: int, losses: Sequence[float]) -> tuple[str, ...]:
    hints = []
    share = bouncing(losses)
    if share > BOUNCING:
        hints.append(f"the loss bounces (it rose after {share:.0%} of the epochs): lower the learning rate")
    begin = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])  # the start that fit began with
    sizes = read_sizes(model.shapes, {**data, **given_arrays(model)}, model.sizes)
    try:
        report = layer_report(model, handed(first_params(model, sizes, precision(data), begin)), data)
    except UnsupportedError:
        return tuple(hints)
    return (*hints, *(f"before the first step, {verdict}" for verdict in report.verdicts))
