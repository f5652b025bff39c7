"""Several random starts of one training, since each may end in another local minimum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.errors import OptionError, TrainingError, explain
from symgrad.train.data import hold_out, read_data
from symgrad.train.loop import fit
from symgrad.train.model import Model
from symgrad.train.result import Fit


@dataclass(frozen=True)
class Starts:
    """The best training, and the score of every start (infinite where it diverged)."""

    best: Fit
    scores: tuple[float, ...]

    def __str__(self) -> str:
        number = int(np.argmin(self.scores)) + 1
        return "\n".join([f"{len(self.scores)} starts, the best is number {number}", *(f"  {k}  {one:.6g}" for k, one in enumerate(self.scores, 1))])


def best_of_starts(model: Model, data: Mapping, starts: int = 5, *, seed: int = 0, validation: Any = None, **options: Any) -> Starts:
    """Train from several random starts and keep the best, by the validation loss where there is validation, else by the loss.

    The starts have the seeds seed, seed + 1, …; a fraction is held out once, the same for all.  options: those of `fit`.
    Raises OptionError for wrong options, TrainingError where every training diverged.
    """
    if isinstance(starts, bool) or not isinstance(starts, (int, np.integer)) or starts < 1:
        raise OptionError(explain(f"starts={starts!r}", "A whole number of at least 1 is required"))
    if validation is not None and not isinstance(validation, Mapping):
        data, validation, _ = hold_out(model, read_data(model, data, "data"), validation, np.random.default_rng(seed))
    best, scores = None, []
    for number in range(starts):
        found = _started(model, data, {**options, "seed": seed + number, "validation": validation})
        score = math.inf if found is None else found.score("loss" if validation is None else "val_loss")
        if found is not None and score < min(scores, default=math.inf):
            best = found
        scores.append(score)
    if best is None:
        raise TrainingError(explain(f"all {starts} starts diverged", "One finite loss is required", "Lower the learning rate"))
    return Starts(best, tuple(scores))


def _started(model: Model, data: Mapping, options: dict[str, Any]) -> Fit | None:
    try:
        return fit(model, data, **options)
    except TrainingError:
        return None
