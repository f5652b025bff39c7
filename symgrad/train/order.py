"""In which order an epoch takes the samples: shuffled, as they are, or the easy ones first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.errors import InputError, OptionError, explain
from symgrad.optim.rate import is_number

Order = Callable[[int, np.random.Generator], np.ndarray]
"""(epoch from 1, generator) -> the samples of that epoch, in order."""


@dataclass(frozen=True)
class Curriculum:
    """The samples with the lowest score first.

    score: one number a sample of the data, or a function of the data that gives them.
    start, epochs: the first epoch takes the easiest fraction `start`, which grows evenly until epoch number `epochs` takes all.
    shuffle: False takes the samples of an epoch by ascending score, True in a fresh order.
    """

    score: Any
    start: float = 1.0
    epochs: int = 1
    shuffle: bool = False

    def __post_init__(self) -> None:
        if not is_number(self.start) or not 0 < self.start <= 1:
            raise OptionError(explain(f"Curriculum got start={self.start!r}", "A fraction above 0 and at most 1 is required"))
        if isinstance(self.epochs, bool) or not isinstance(self.epochs, (int, np.integer)) or self.epochs < 1:
            raise OptionError(explain(f"Curriculum got epochs={self.epochs!r}", "A whole number of at least 1 is required"))

    def scores(self, data: Mapping[str, np.ndarray], count: int) -> np.ndarray:
        """The score of every sample.  Raises InputError where there is not one finite number for each."""
        scores = np.asarray(self.score(data) if callable(self.score) else self.score)
        if scores.shape != (count,) or scores.dtype.kind not in "fiub" or not np.isfinite(scores).all():
            raise InputError(explain(f"the curriculum's score has shape {scores.shape} and type {scores.dtype}",
                                     f"One finite number for each of the {count} samples is required"))
        return scores

    def share(self, epoch: int, count: int) -> int:
        """The number of samples that an epoch takes."""
        if epoch >= self.epochs:
            return count
        grown = self.start + (1 - self.start) * (epoch - 1) / (self.epochs - 1)
        return min(max(round(grown * count), 1), count)


def order_of(order: Any, data: Mapping[str, np.ndarray], count: int, chosen: np.ndarray) -> Order:
    """The order over the `chosen` ones of `count` samples, as numbers from 0 on.

    Raises OptionError for an order that is not known.
    """
    size = len(chosen)
    if isinstance(order, Curriculum):
        ranked = np.argsort(order.scores(data, count)[chosen], kind="stable")
        return lambda epoch, rng: _part(order, ranked, epoch, rng)
    if order == "shuffled":
        return lambda epoch, rng: rng.permutation(size)
    if order == "sequential":
        return lambda epoch, rng: np.arange(size)
    raise OptionError(explain(f"order={order!r}", "'shuffled', 'sequential' or a Curriculum is required"))


def _part(curriculum: Curriculum, ranked: np.ndarray, epoch: int, rng: np.random.Generator) -> np.ndarray:
    easy = ranked[:curriculum.share(epoch, len(ranked))]
    return rng.permutation(easy) if curriculum.shuffle else easy
