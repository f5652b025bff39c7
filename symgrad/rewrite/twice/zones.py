"""Results of one input in twice the digits on zones of it where doubles are not enough.

The code as it stands is run on a grid of inputs, as dense where a row of the formula is 0 as doubles are, and so is the formula as it was
declared, in double-double arithmetic, which mpmath confirms.  Next to a simple zero no digit counts that the last one of the input moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.graph.steps import Steps
from symgrad.rewrite.expansions.values import FAR, ONE_AT_A_TIME, Values
from symgrad.rewrite.in_doubles import in_decimals, values_at
from symgrad.rewrite.remembered import remembered
from symgrad.rewrite.twice.evaluation import Twices
from symgrad.rewrite.twice.formula import DIGITS, ROUGHLY, Formula, a_few, enough, explained
from symgrad.rewrite.twice.line import GRID, SIZES, TOUCHING, PlacesOfOne, brackets

NEAR = 0.15
"""So near to its zero, relatively, an error does not count that the last digit of the input explains."""
FALLS = 0.75
"""Next to a zero a function is at most this part of what it is at the places beyond."""
GAP, WIDER = 7, (1, 2, 4, 8)
"""So many places from one where doubles are not enough to the next there may be, and so many times as many if there are too many zones."""
FEWEST, SERIOUS = 3, 1.25
"""So many such places make a zone, of those beside zeros such as have errors that are so many times as large as the limit."""
PAD = 3
"""So many places beside a zone belong to it: doubles may be right there by chance."""
MOST_ZONES = 12
NARROW = 1 / 32
"""So far from where twice the digits are right, relatively, decimals are looked at: on more places they take too long."""
HALF_LOST = 2.0**24
"""Where errors are so many times as large as the limit they are looked at nonetheless."""
AMONG_WAVES = 2.0**28
"""Errors, in ulp, that are looked at among many waves, where rounded arguments lose half of the digits beside zeros."""
CONFIRMED = 5
"""So many places of each zone are confirmed."""
ALIKE, ENOUGH = mpmath.mpf(10) ** -11, 3
"""Two rows that agree so well at so many places are the same: expansions and numbers have the digits of doubles."""
PLACES = 6
"""So many places are looked at, and the two have to agree roughly at all of them: what rows' numbers lack may be magnified."""
MIDDLING = (1 / 16, 64.0)
"""Sizes of these places: nearer to 0 and farther out functions are alike."""

SMALLEST, LARGEST = 1e-290, float(np.finfo(float).max)
"""Results between these are made of numbers that lose no digits next to 0; none is larger."""

Zone = tuple[float, float]


class FormulaOfOne(Formula):
    """A value or a derivative of one input."""

    def __init__(self, graph: Graph, ref: Ref, sources: Sequence[Ref], steps: Steps, order: int, places: PlacesOfOne) -> None:
        super().__init__(graph, ref, sources, steps, order)
        self._places = places

    @property
    def places(self) -> np.ndarray:
        return self._places.at

    @cached_property
    def limits(self) -> np.ndarray:
        """Errors up to which doubles do at each place: among many waves some place is next to a zero."""
        return np.where(np.abs(self.places) < self._places.told_apart, self.limit, AMONG_WAVES)

    @property
    def farthest(self) -> float:
        """The place that stands for all beyond it."""
        return float(self._places.grid[-1])

    @property
    def twices(self) -> Twices:
        return self._places.twices

    @property
    def given(self) -> Mapping[str, np.ndarray]:
        return {self.names[0]: self.places}

    def kept(self, graph: Graph, ref: Ref, sources: Sequence[Ref], summed: Collection[str] = ()) -> Ref | None:
        _, zones = self._zones(graph, ref, sources[0])
        if not zones:
            return None
        intervals = sp.Tuple(*(sp.Tuple(*(sp.Float(end, DIGITS) for end in zone)) for zone in zones))
        return graph.map("double_double", (sources[0], ref), (intervals, self.steps))

    def scale(self, graph: Graph, ref: Ref, sources: Sequence[Ref]) -> sp.Expr:
        return self._zones(graph, ref, sources[0])[0]

    @cached_property
    def _zones(self) -> Callable[[Graph, Ref, Ref], tuple[sp.Expr, list[Zone]]]:
        """What a row has to be multiplied by to be this, and where this is right and the row is not."""
        return remembered(lambda graph, ref, source: _Comparison(graph, ref, source, self).zones_in_scale())

    @cached_property
    def near_zeros(self) -> np.ndarray:
        """Which places are next to a simple zero of a sum, or of a product with one."""
        near = np.zeros(self.places.shape, bool)
        is_known = np.isfinite(self.right) & (self.graph[self.ref].op in ("sum", "product"))
        places, right = self.places[is_known], self.right[is_known]
        for low, high in zip(*brackets(places, right), strict=True):
            if _falls(places, right, low, high):
                near |= np.abs(self.places - low) < NEAR * abs(low)
        return near

    @cached_property
    def values(self) -> Values:
        return Values(self.graph, self.ref, self.sources[0], precision=enough(self.graph, self.ref))


class _Comparison:
    """A row as the code computes it beside a formula that it may be."""

    def __init__(self, graph: Graph, ref: Ref, source: Ref, formula: FormulaOfOne) -> None:
        self._graph, self._ref, self._source, self._formula, self._places = graph, ref, source, formula, formula.places
        self._got = np.broadcast_to(values_at(graph, ref, {source.row: formula.places}), formula.places.shape)
        self._right = np.array(formula.right)
        self._explained = np.where(formula.near_zeros, explained(graph, ref, {source.row: formula.places}, self._got), 0.0)

    def zones_in_scale(self) -> tuple[sp.Expr, list[Zone]]:
        scale = self._formula.scale_of(self._got)
        return scale, self.zones() if scale == 1 else []

    def zones(self) -> list[Zone]:
        """Intervals of the input on which twice the digits are right and doubles are not."""
        if np.count_nonzero(self._formula.resembled(self._got)) < ENOUGH:
            return []
        if enough(self._formula.graph, self._formula.ref) == FAR:
            self._look_beside()
        if not self._wrong().any() or not self._is_alike():
            return []
        trusted = np.isfinite(self._right)
        wrong = self._wrong()
        wrong |= _widened(wrong, 2 * GAP) & self._wrong(1 / 2)
        found: list[np.ndarray] = []
        for gap in WIDER:
            found = [run for run in _runs(wrong, trusted, gap * GAP) if self._is_needed(run) and self._is_confirmed(run)]
            if len(found) <= MOST_ZONES:
                break
        nearest = sorted(found, key=lambda run: abs(math.log(abs(self._places[run[0]]))))[:MOST_ZONES]
        return _joined(sorted(self._around(run, trusted) for run in nearest))

    def _wrong(self, times: float = 1.0, at: Any = slice(None)) -> Any:
        """Where doubles are off by so many times the limit, next to a zero by more than the last digit of the input explains."""
        with np.errstate(all="ignore"):
            right = self._right[at]
            least = np.fmax(times * self._formula.limits[at] * np.spacing(np.abs(right)), self._explained[at])
            return np.isfinite(right) & ~(np.abs(self._got[at] - right) <= least)

    def _look_beside(self) -> None:
        """What is right, by decimals, where twice the digits may not be: amid such places, and next to where doubles are not enough, a little
        farther, and as far as these lose half of their digits.  Those of gamma functions take too long."""
        unknown = np.isnan(self._right)
        cuts = np.flatnonzero(np.diff(unknown) | (np.diff(self._formula.limits) != 0)) + 1
        amid = [run[run.size // 2] for run in np.split(np.arange(unknown.size), cuts) if unknown[run[0]]]
        for k in amid:
            self._right[k] = self._by_decimals(k)
        for k in np.flatnonzero(self._wrong()).tolist():
            self._look_on(k, -1)
            self._look_on(k, 1)

    def _by_decimals(self, k: int) -> float:
        return in_decimals(self._formula.steps, [self._places[k]], self._got[k])

    def _look_on(self, start: int, side: int) -> None:
        places = self._places
        for k in range(start + side, places.size if side > 0 else -1, side):
            if not np.isnan(self._right[k]):
                return
            self._right[k] = self._by_decimals(k)
            is_near = abs(places[k] - places[start]) < NARROW * abs(places[start])
            if not self._wrong(1.0 if is_near else HALF_LOST, k):
                return

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
        """Whether there are enough places of the grid, or of others with serious errors, or one at which the code leaves the range of doubles."""
        counted = run[np.isin(self._places[run], GRID) | self._wrong(SERIOUS, run)]
        sizes = np.abs(self._got[run])
        return counted.size >= FEWEST or not ((sizes > SMALLEST) & (sizes < np.inf)).all()

    def _is_confirmed(self, run: np.ndarray) -> bool:
        """Whether the code is wrong at places of a run, and twice the digits are right."""
        with ONE_AT_A_TIME:
            return all(self._is_better(k) for k in a_few(run, CONFIRMED))

    @cached_property
    def _values(self) -> Values:
        return Values(self._graph, self._ref, self._source, precision=enough(self._graph, self._ref))

    def _is_better(self, k: int) -> bool:
        """Whether it is so at one place, where the row is the formula, too: it may be another on a branch.  Beside a zero it has no more digits
        than its numbers.  What mpmath does not tell is 0 rather than no number, if decimals say so."""
        place = mp.mpf(self._places[k])
        exact, row = self._formula.values.at(place), self._values.at(place)
        if exact is not None and float(exact) == self._right[k] == 0:
            return bool(self._got[k] != 0) and (row is None or not abs(row) > ROUGHLY * abs(float(self._got[k])))
        if exact is None or not mp.isfinite(exact):
            return bool(exact is None and self._right[k] == 0 and np.isnan(self._got[k]))
        if row is not None and not self._formula.near_zeros[k] and not abs(row - exact) <= ROUGHLY * abs(exact):
            return False
        ulp, error, beside = float(np.spacing(abs(float(exact)))), abs(self._right[k] - exact), abs(self._got[k] - exact)
        return (error <= ulp or error * HALF_LOST <= beside) and not beside <= self._formula.limit / 4 * ulp

    def _around(self, run: np.ndarray, trusted: np.ndarray) -> Zone:
        """The interval that holds a run and what is beside it, and ends before the next places; with the grid it goes on to 0 or infinity."""
        low, high = (self._end(int(k), side, trusted) for k, side in zip(run[[0, -1]], (-1, 1), strict=True))
        return low, high

    def _end(self, k: int, side: int, trusted: np.ndarray) -> float:
        place = float(self._places[k])
        last, beyond = (self._formula.farthest, LARGEST) if place * side > 0 else (SIZES[0], 0.0)
        if abs(place) == last:
            return math.copysign(beyond, place)
        return _between(float(self._places[_beyond(k, side, trusted)]), place)


def _beyond(k: int, side: int, trusted: np.ndarray) -> int:
    """The first place beside a zone: the next but a few, or before one where twice the digits may not be right."""
    for _ in range(PAD):
        if not (0 < k < trusted.size - 1 and trusted[k + side]):
            return min(max(k + side, 0), trusted.size - 1)
        k += side
    return k


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


def _joined(zones: Sequence[Zone]) -> list[Zone]:
    """Zones in ascending order, two on the two sides of a zero as one: twice the digits end beside it, and decimals take over."""
    found = list[Zone]()
    for low, high in zones:
        before = found.pop()[0] if found and low - found[-1][1] < TOUCHING * abs(low) else low
        found += [(before, high)]
    return found


def _between(outside: float, inside: float) -> float:
    """A number of few digits between two, nearer to the one outside, or the one inside."""
    for digits in range(2, DIGITS):
        found = float(f"{(3 * outside + inside) / 4:.{digits}g}")
        if min(outside, inside) < found < max(outside, inside):
            return found
    return inside
