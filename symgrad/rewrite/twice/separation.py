"""Telling places apart by sizes of rows: the few comparisons that hold where doubles are not enough, and hardly elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

MOST = 4
WORTH = 0.005
"""A threshold has to find this part of what is looked for."""
ALIKE = 0.01
"""Worths that differ by less are the same: then the first feature is taken."""
WIDER = 1.2
"""So much beyond the last place that was found a threshold still holds."""
SMALLEST, LARGEST = 1e-300, 1e308
"""Sizes that are told apart lie between."""


class Feature(NamedTuple):
    """Sizes at places, and whether large ones tell something, too."""

    sizes: np.ndarray
    may_be_large: bool


class Threshold(NamedTuple):
    """Whether a feature, by its number, is at most a bound, or is not."""

    feature: int
    is_small: bool
    bound: float

    def holds(self, features: Sequence[Feature]) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            is_at_most = features[self.feature].sizes <= self.bound
        return is_at_most if self.is_small else ~is_at_most


def thresholds(features: Sequence[Feature], wanted: np.ndarray, costs: np.ndarray) -> list[Threshold]:
    """Thresholds that hold at wanted places and hardly where that costs something, the best first; a feature that is no number is not small.

    A cost is a part of the wanted places that it weighs as much as.
    """
    found, left, total = list[Threshold](), wanted.copy(), int(np.count_nonzero(wanted))
    ranks = list(_ranks(features, np.flatnonzero(wanted | (costs > 0)))) if total else []
    while len(found) < MOST:
        best, best_worth = None, WORTH
        for one in _candidates(ranks, left, costs, total):
            holds = one.holds(features)
            worth = float(np.count_nonzero(holds & left) / max(1, total) - costs[holds].sum())
            if worth > best_worth + (ALIKE if best else 0):
                best, best_worth = one, worth
        if best is None:
            break
        found.append(best)
        left &= ~best.holds(features)
    return found


class _Rank(NamedTuple):
    """Places in the order of a feature, by its number, small ones or large ones first, and its sizes in that order."""

    feature: int
    is_small: bool
    order: np.ndarray
    sizes: np.ndarray


def _ranks(features: Sequence[Feature], counted: np.ndarray) -> Iterator[_Rank]:
    for k, feature in enumerate(features):
        sizes = np.minimum(np.where(np.isnan(feature.sizes), np.inf, feature.sizes), LARGEST)[counted]
        for is_small in (True, False) if feature.may_be_large else (True,):
            order = np.argsort(sizes if is_small else -sizes, kind="stable")
            yield _Rank(k, is_small, counted[order], sizes[order])


def _candidates(ranks: Sequence[_Rank], wanted: np.ndarray, costs: np.ndarray, total: int) -> Iterator[Threshold]:
    """The best bound for each feature and side, a little wider."""
    for feature, is_small, order, sizes in ranks:
        is_wanted = wanted[order]
        worths = np.cumsum(is_wanted) / total - np.cumsum(costs[order])
        worths[~(is_wanted & (sizes < LARGEST) if is_small else is_wanted)] = -np.inf
        best = int(np.argmax(worths))
        if worths[best] > WORTH:
            yield Threshold(feature, is_small, _bound(float(sizes[best]), is_small))


def _bound(size: float, is_small: bool) -> float:
    """A number of two digits a little beyond the last place that was found."""
    return float(f"{max(WIDER * size, SMALLEST):.2g}") if is_small else float(f"{size / WIDER:.2g}")
