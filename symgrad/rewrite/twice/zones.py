"""Results of one input in twice the digits on zones of it where doubles are not enough.

The code as it stands is run on a grid of inputs, as dense where a row of the formula is 0 as doubles are, and so is the formula as it was
declared, in double-double arithmetic, which mpmath confirms.  Near a simple zero of a sum an error is measured by its terms, not by the
result, and does not count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property, partial

import mpmath
import numpy as np
import sympy as sp
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.expansions.centres import WAVES, has_waves
from symgrad.rewrite.expansions.values import ONE_AT_A_TIME, Values
from symgrad.rewrite.in_doubles import rows_at, values_at
from symgrad.rewrite.remembered import remembered
from symgrad.rewrite.twice.formula import DIGITS, ROUGHLY, Formula, a_few, bisected

_SIZES = 1.0007 * 2.0 ** np.arange(-40, 30, 1 / 6)  # no simple fractions
GRID = np.concatenate([-_SIZES[::-1], _SIZES])
FEW_WAVES = GRID[np.abs(GRID) < 64]
"""Places of formulas with waves, whose zeros are told apart there."""
MOST_ZEROS = 12
"""So many zeros of rows are looked at, the nearest to 1 in size first."""
_BESIDE = 2.0 ** -np.arange(3.0, 51.0, 3.0)
BESIDE = np.concatenate([1 - _BESIDE, 1 + _BESIDE[::-1]])
"""Places beside a zero, in zeros."""
BISECTIONS = 60
NEAR = 0.15
"""So near to its zero, relatively, an error of a sum is not measured by the sum."""
FALLS = 0.75
"""Next to a zero a function is at most this part of what it is at the places beyond."""
GAP, WIDER = 7, (1, 2, 4, 8)
"""So many places from one where doubles are not enough to the next there may be, and so many times as many if there are too many zones."""
FEWEST = 3
"""So many such places make a zone: fewer are next to zeros that the grid is too wide for."""
PAD = 3
"""So many places beside a zone belong to it: doubles may be right there by chance."""
MOST_ZONES = 6
CONFIRMED = 5
"""So many places of each zone are confirmed."""
ALIKE, ENOUGH = mpmath.mpf(10) ** -11, 3
"""Two rows that agree so well at so many places are the same: expansions and numbers have the digits of doubles."""
PLACES = 6
"""So many places are looked at, and the two have to agree roughly at all of them: what rows' numbers lack may be magnified."""
MIDDLING = (1 / 16, 64.0)
"""Sizes of these places: nearer to 0 and farther out functions are alike."""

Zone = tuple[float, float]


class FormulaOfOne(Formula):
    """A value or a slope of one input."""

    @cached_property
    def places(self) -> np.ndarray:
        """Where it is looked at, in ascending order."""
        (source,) = self.sources
        grid = FEW_WAVES if has_waves(self.graph, self.ref) else GRID
        return np.unique(np.concatenate([grid, (_zeros(self.graph, self.ref, source, grid)[:, None] * BESIDE).ravel()]))

    @property
    def given(self) -> Mapping[str, np.ndarray]:
        return {self.names[0]: self.places}

    def kept(self, graph: Graph, ref: Ref, sources: Sequence[Ref], summed: Collection[str] = ()) -> Ref | None:
        zones = self._zones(graph, ref, sources[0])
        if not zones:
            return None
        intervals = sp.Tuple(*(sp.Tuple(*(sp.Float(end, DIGITS) for end in zone)) for zone in zones))
        return graph.map("double_double", (sources[0], ref), (intervals, self.steps))

    @cached_property
    def _zones(self) -> Callable[[Graph, Ref, Ref], list[Zone]]:
        """Where this is right and a row is not."""
        return remembered(lambda graph, ref, source: _Comparison(graph, ref, source, self).zones())

    @cached_property
    def counts(self) -> np.ndarray:
        """Where errors are measured by it: not next to a zero of a sum, or of a product with one."""
        near = np.zeros(self.places.shape, bool)
        if self.graph[self.ref].op in ("sum", "product"):
            is_known = np.isfinite(self.right)
            places, right = self.places[is_known], self.right[is_known]
            for low, high in zip(*_brackets(places, right), strict=True):
                if _falls(places, right, low, high):
                    near |= np.abs(self.places - low) < NEAR * abs(low)
        return ~near

    @cached_property
    def values(self) -> Values:
        return Values(self.graph, self.ref, self.sources[0])


class _Comparison:
    """A row as the code computes it beside a formula that it may be."""

    def __init__(self, graph: Graph, ref: Ref, source: Ref, formula: FormulaOfOne) -> None:
        self._graph, self._ref, self._source, self._formula, self._places = graph, ref, source, formula, formula.places
        self._got = np.broadcast_to(values_at(graph, ref, {source.row: formula.places}), formula.places.shape)

    def zones(self) -> list[Zone]:
        """Intervals of the input on which twice the digits are right and doubles are not."""
        right, trusted = self._formula.right, self._formula.trusted
        with np.errstate(all="ignore"):
            errors = np.nan_to_num(np.abs(self._got - right) / np.spacing(np.abs(right)), nan=np.inf, posinf=np.inf)
        errors[~(trusted & self._formula.counts)] = 0.0
        wrong = errors > self._formula.limit
        if not wrong.any() or not self._is_alike():
            return []
        wrong |= _widened(wrong, 2 * GAP) & (errors > self._formula.limit / 2)
        found: list[np.ndarray] = []
        for gap in WIDER:
            found = [run for run in _runs(wrong, trusted, gap * GAP) if self._is_needed(run) and self._is_confirmed(run)]
            if len(found) <= MOST_ZONES:
                break
        nearest = sorted(found, key=lambda run: abs(math.log(abs(self._places[run[0]]))))[:MOST_ZONES]
        return sorted(self._around(run, trusted) for run in nearest)

    def _is_alike(self) -> bool:
        """Whether the row and the formula are the same function: at a glance, then as exactly as mpmath tells."""
        sizes = np.abs(self._places)
        held = self._places[self._formula.resembled(self._got) & np.isin(self._places, GRID) & (sizes > MIDDLING[0]) & (sizes < MIDDLING[1])]
        places = held[len(held) // (2 * PLACES):: max(1, len(held) // PLACES)]
        row, formula = self._values, self._formula.values
        with ONE_AT_A_TIME, mp.workprec(row.precision):
            pairs = [(row.at(mp.mpf(place)), formula.at(mp.mpf(place))) for place in places]
        known = [(one, other) for one, other in pairs if one is not None and other and mp.isfinite(one) and mp.isfinite(other)]
        gaps = [abs(one / other - 1) for one, other in known]
        return sum(gap <= ALIKE for gap in gaps) >= ENOUGH and max(gaps, default=0) <= ROUGHLY

    def _is_needed(self, run: np.ndarray) -> bool:
        """Whether there are enough places, or one at which the code leaves the range of doubles."""
        return run.size >= FEWEST or not (np.isfinite(self._got[run]) & (self._got[run] != 0)).all()

    def _is_confirmed(self, run: np.ndarray) -> bool:
        """Whether the code is wrong at places of a run, and twice the digits are right."""
        with ONE_AT_A_TIME:
            return all(self._is_better(k) for k in a_few(run, CONFIRMED))

    @cached_property
    def _values(self) -> Values:
        return Values(self._graph, self._ref, self._source)

    def _is_better(self, k: int) -> bool:
        """Whether it is so at one place, where the row is the formula, too: it may be another on a branch."""
        place = mp.mpf(self._places[k])
        exact, row = self._formula.values.at(place), self._values.at(place)
        if exact is None or not mp.isfinite(exact) or (row is not None and not abs(row - exact) <= ROUGHLY * abs(exact)):
            return False
        ulp = float(np.spacing(abs(float(exact))))
        return abs(self._formula.right[k] - exact) <= ulp and not abs(self._got[k] - exact) <= self._formula.limit / 4 * ulp

    def _around(self, run: np.ndarray, trusted: np.ndarray) -> Zone:
        """The interval that holds a run and what is beside it, and ends before the next places."""
        outside = _beyond(int(run[0]), -1, trusted), _beyond(int(run[-1]), 1, trusted)
        low, high = (_between(float(self._places[k]), float(self._places[end])) for k, end in zip(outside, run[[0, -1]], strict=True))
        return low, high


def _beyond(k: int, side: int, trusted: np.ndarray) -> int:
    """The first place beside a zone: the next but a few, or before one where twice the digits may not be right."""
    for _ in range(PAD):
        if not (0 < k < trusted.size - 1 and trusted[k + side]):
            return min(max(k + side, 0), trusted.size - 1)
        k += side
    return k


def _zeros(graph: Graph, ref: Ref, source: Ref, grid: np.ndarray) -> np.ndarray:
    """Where a row below one is 0, or passes it at a pole, by bisection, but 0 itself: those nearest to 1 in size."""
    known = rows_at(graph, ref, {source.row: grid}, np)
    found = [np.empty(0)]
    for index in graph.live([ref.row]):
        row = graph.rows[index]
        if row.op == "sum" or (row.op == "map" and row.payload[0] in WAVES):
            ends = _brackets(grid, np.broadcast_to(known[index], grid.shape))
            found.append(bisected(partial(_side, graph, Ref(index), source), *ends, BISECTIONS))
    return _nearest_to_1(np.unique(np.concatenate(found)))


def _side(graph: Graph, ref: Ref, source: Ref, places: np.ndarray) -> np.ndarray:
    return np.sign(values_at(graph, ref, {source.row: places}, np))


def _nearest_to_1(places: np.ndarray) -> np.ndarray:
    return places[np.argsort(np.abs(np.log(np.abs(places))), kind="stable")[:MOST_ZEROS]]


def _brackets(places: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours of one sign at which a row has two, those nearest to 1 in size."""
    sides = np.sign(values)
    passed = (sides[1:] * sides[:-1] < 0) & (places[1:] * places[:-1] > 0)
    low = _nearest_to_1(places[:-1][passed])
    return low, places[np.searchsorted(places, low) + 1]


def _falls(places: np.ndarray, values: np.ndarray, low: float, high: float) -> bool:
    """Whether what changes its sign between two neighbours has a zero there, not a pole or a jump."""
    first, last = np.searchsorted(places, (low, high))
    outer = values[[max(first - 1, 0), min(last + 1, values.size - 1)]]
    return bool(np.abs(values[[first, last]]).max() <= FALLS * np.abs(outer).max())


def _widened(places: np.ndarray, by: int) -> np.ndarray:
    """What is so near to one of the places."""
    return np.convolve(places, np.ones(2 * by + 1, int), mode="same") > 0


def _runs(wrong: np.ndarray, trusted: np.ndarray, gap: int) -> Iterator[np.ndarray]:
    """Places where doubles are not enough, by runs in which twice the digits are right throughout."""
    places = np.flatnonzero(wrong)
    cuts = [k + 1 for k in range(places.size - 1) if places[k + 1] - places[k] > gap or not trusted[places[k]:places[k + 1]].all()]
    yield from np.split(places, cuts)


def _between(outside: float, inside: float) -> float:
    """A number of few digits between two, nearer to the one outside, or the one inside."""
    for digits in range(2, DIGITS):
        found = float(f"{(3 * outside + inside) / 4:.{digits}g}")
        if min(outside, inside) < found < max(outside, inside):
            return found
    return inside
