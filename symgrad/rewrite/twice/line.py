"""Places at which formulas of one input are looked at: a grid, and beside what is 0 in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from symgrad.graph.graph import Graph
from symgrad.graph.rows import REAL, Ref
from symgrad.rewrite.expansions.centres import has_waves
from symgrad.rewrite.expansions.values import QUICK
from symgrad.rewrite.in_doubles import rows_at, values_at
from symgrad.rewrite.twice.evaluation import Twices
from symgrad.rewrite.twice.formula import bisected, name_of

SIZES = 1.0007 * 2.0 ** np.arange(-40, 30, 1 / 6)  # no simple fractions
GRID = np.concatenate([-SIZES[::-1], SIZES])
FEW_WAVES = 64.0
"""So far out the zeros of waves are told apart."""
MANY_WAVES = 2.0**14
"""So far out formulas with waves are looked at: then an argument has no digits left to speak of if it is rounded."""
MOST_ZEROS = 8
"""So many zeros of each row are looked at, the nearest to 1 in size first."""
_BESIDE = 2.0 ** -np.arange(3.0, 51.0, 3.0)
BESIDE = np.concatenate([1 - _BESIDE, 1 + _BESIDE[::-1]])
"""Places beside a zero, in zeros."""
TOUCHING = 1e-9
"""What is so near to each other, relatively, is one zero, or one zone."""
BISECTIONS = 60


class PlacesOfOne:
    """Where formulas of one input are looked at: on a grid, and beside the zeros of rows below them, as a slope passes 0 where a value touches it."""

    def __init__(self, graph: Graph, roots: Sequence[Ref], source: Ref) -> None:
        self._graph, self._roots, self._source = graph, roots, source

    @cached_property
    def told_apart(self) -> float:
        """So far out zeros are told apart."""
        return FEW_WAVES if any(has_waves(self._graph, ref) for ref in self._roots) else np.inf

    @cached_property
    def grid(self) -> np.ndarray:
        return GRID if self.told_apart == np.inf else GRID[np.abs(GRID) < MANY_WAVES]

    @cached_property
    def at(self) -> np.ndarray:
        """In ascending order."""
        zeros = _zeros(self._graph, self._roots, self._source, GRID[np.abs(GRID) < self.told_apart])
        return np.unique(np.concatenate([self.grid, np.outer(zeros, BESIDE).ravel()]))

    @cached_property
    def twices(self) -> Twices:
        """What is known of formulas there in twice the digits."""
        return Twices({name_of(self._graph, self._source): self.at})


def _zeros(graph: Graph, roots: Sequence[Ref], source: Ref, grid: np.ndarray) -> np.ndarray:
    """Where a row below some is 0, or passes it at a pole, or one of them ends, by bisection, but 0 itself."""
    known: dict[int, Any] = {source.row: grid}
    for ref in roots:
        known = rows_at(graph, ref, known, np)
    found = [np.empty(0)]
    for index in graph.live([ref.row for ref in roots]):
        row = graph.rows[index]
        if row.op in ("sum", "map") and row.kind == REAL and not (row.op == "map" and row.payload[0] in QUICK):
            found.append(_passed(graph, Ref(index), source, grid, known[index], np.sign))
    found += [_passed(graph, ref, source, grid, known[ref.row], _is_number) for ref in roots]
    every = np.unique(np.concatenate(found))
    return every[np.diff(every, prepend=-np.inf) > TOUCHING * np.abs(every)]


def _passed(graph: Graph, ref: Ref, source: Ref, grid: np.ndarray, values: np.ndarray, side: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Where a row passes from one side to another."""
    ends = brackets(grid, side(np.broadcast_to(values, grid.shape)))
    return bisected(lambda places: side(np.broadcast_to(values_at(graph, ref, {source.row: places}, np), places.shape)), *ends, BISECTIONS)


def _is_number(values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), -1.0, 1.0)


def _nearest_to_1(places: np.ndarray) -> np.ndarray:
    return places[np.argsort(np.abs(np.log(np.abs(places))), kind="stable")[:MOST_ZEROS]]


def brackets(places: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours of one sign at which a row has two, those nearest to 1 in size."""
    sides = np.sign(values)
    passed = (sides[1:] * sides[:-1] < 0) & (places[1:] * places[:-1] > 0)
    low = _nearest_to_1(places[:-1][passed])
    return low, places[np.searchsorted(places, low) + 1]
