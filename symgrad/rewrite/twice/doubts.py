"""Results of several inputs in twice the digits where rows tell that doubles are not enough.

The code as it stands is run at places as inputs mostly are and at edges, and so is the formula as it was declared, in double-double
arithmetic, which mpmath confirms.  Where doubles are off by more than a change of the inputs by their last digits explains, the few
comparisons are looked for that hold there and hardly elsewhere: of an input or another row with a number, of a sum with its terms, of
two inputs with each other.  Where half of the digits may be lost, a bound of the error tells it, which is computed beside the row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.lower import apply, negate
from symgrad.graph.rows import Ref
from symgrad.graph.steps import Steps
from symgrad.rewrite.expansions.centres import has_waves
from symgrad.rewrite.expansions.values import FAR, ONE_AT_A_TIME, Values
from symgrad.rewrite.in_doubles import in_decimals, rows_at
from symgrad.rewrite.libraries import NUMPY
from symgrad.rewrite.rules import look
from symgrad.rewrite.twice.errors import SIZES, UNIT, Errors
from symgrad.rewrite.twice.evaluation import Twices
from symgrad.rewrite.twice.formula import DIGITS, LIMITS, ROUGHLY, Formula, a_few, by_row, enough, explained
from symgrad.rewrite.twice.places import Places
from symgrad.rewrite.twice.separation import Feature, Threshold, thresholds
from symgrad.rewrite.twice.sizes import rows_below, sizes

GLANCE, LOOK = 800, 2000
"""So many places are looked at, and so many where one of the former is wrong, and a quarter more at several edges."""
HARD, MOST_STEPS = 20, 60
"""One of so many places is looked at by decimals, of those that are left, where a formula has no more steps."""
SERIOUS, FEWEST = 8, 3
"""Errors that are so many times as large as the limit have to be at one of the former, and at so many of the latter; bounds of errors have to
be so many times as large as what the inputs' last digits explain."""
BESIDE = (0.6, 1.3, 0.8, 1.9)
"""Other samples than one, in its inputs: a sum over all loses nothing where one of them is small beside these."""
ALL_NEAR = 0.01
"""Inputs of samples that are so near to 1, or to each other, relatively, may be so for all samples."""
CONFIRMED = 16
"""So many places are confirmed."""
ALIKE = 1 / 2
"""A row agrees with its formula at this part of places, at least."""
COMPARED = 40
"""At so many places at which doubles are far from the formula it is compared with the row."""
MOSTLY = 7 / 8
"""This part of those that are confirmed has to be."""
TYPICAL, AT_EDGES = 0.5, 0.1
"""What it costs to doubt all places at which inputs are as they mostly are, or at an edge: so many times what wrong places are worth."""
SUMMED = 10.0
"""The same of typical places of what is summed over samples: many of them would take hundreds of times as long each."""
PATIENCE = 2.0**5
"""Errors of what is summed count where they are so many times as large as the limit."""
HALF = LIMITS[2]
"""Errors, in units of the last digit, by which about half of the digits are lost."""
HOPELESS = 2.0**20
"""Errors of doubles that are so many times as large as those of twice the digits."""
LARGEST_DOUBLE = np.finfo(float).max


class FormulaOfSeveral(Formula):
    """A value or a derivative of several inputs at a glance, then at more places."""

    numpy: Any = np
    """What rows are computed by: NumPy itself where last digits do not matter, which is faster."""

    def __init__(self, graph: Graph, ref: Ref, sources: Sequence[Ref], steps: Steps, order: int, places: Places, many: int = GLANCE) -> None:
        super().__init__(graph, ref, sources, steps, order)
        self._places, self._many = places, many

    @property
    def typical(self) -> int:
        """So many places are such as inputs mostly are; they come first."""
        return self._places.typical(self._many)

    @property
    def twices(self) -> Twices:
        return self._places.twices(self._many)

    @property
    def given(self) -> Mapping[str, np.ndarray]:
        return self._places.at(self._many)

    def rows(self, graph: Graph, ref: Ref, sources: Sequence[Ref]) -> Mapping[int, Any]:
        """What a row and those below it are there."""
        return self._places.rows(graph, ref, sources, self._many, self.numpy)

    def kept(self, graph: Graph, ref: Ref, sources: Sequence[Ref], summed: Collection[str] = ()) -> Ref | None:
        glance = _Comparison(graph, ref, sources, self, summed)
        condition = self._doubted(glance, summed) if glance.is_alike else None
        return graph.map("double_double_where", (condition, ref, *sources), (self.steps,)) if condition is not None else None

    def scale(self, graph: Graph, ref: Ref, sources: Sequence[Ref]) -> sp.Expr:
        return self.scale_of(np.broadcast_to(self.rows(graph, ref, sources)[ref.row], (self.size,)))

    def _doubted(self, glance: _Comparison, summed: Collection[str]) -> Ref | None:
        """When a row may be wrong: where a few comparisons tell that it is, and where half of its digits may be lost, by a bound of its error;
        that alone tells it of a second derivative.  What is summed loses nothing there if other samples are larger."""
        if self.order == 2 and not summed:
            return glance.half_lost()
        if glance.wrong(SERIOUS).any():
            closer = _Comparison(glance.graph, glance.ref, glance.sources, self.closer, summed)
            if np.count_nonzero(closer.wrong(SERIOUS)) >= FEWEST:
                return closer.condition()
        return None if summed else glance.half_lost()

    @cached_property
    def closer(self) -> FormulaOfSeveral:
        """The same at more places."""
        found = FormulaOfSeveral(self.graph, self.ref, self.sources, self.steps, self.order, self._places, LOOK)
        found.numpy = NUMPY
        return found

    @cached_property
    def right(self) -> np.ndarray:
        """In twice the digits, and of a second derivative by decimals at some places where these are not enough."""
        found = np.array(self.in_twice_the_digits)
        if self.order == 2 and self._is_told_by_decimals:
            for k in a_few(np.flatnonzero(np.isnan(found)), self.size // HARD):
                found[k] = in_decimals(self.steps, [self.given[name][k] for name in self.names], math.nan)
        return found

    @property
    def _is_told_by_decimals(self) -> bool:
        """Whether they are asked: long formulas and gamma functions take too long, and of waves they tell that arguments have few digits far out."""
        is_quick = enough(self.graph, self.ref) == FAR and len(self.steps.args) <= MOST_STEPS
        return is_quick and not has_waves(self.graph, self.ref)

    @cached_property
    def by_decimals(self) -> np.ndarray:
        """Where decimals alone tell what is right."""
        return self.trusted & np.isnan(self.in_twice_the_digits)

    def beside(self, names: Collection[str], where: np.ndarray) -> np.ndarray:
        """How large it is at some places on the average, some inputs being these and others like them; nan where it is not known there."""
        found = [np.abs(self.right[where])]
        here = {name: values[where] for name, values in self.given.items()}
        for k in range(len(BESIDE)):
            given = here | _others({name: here[name] for name in names}, np.roll(BESIDE, -k))
            found.append(np.abs(Twices(given).of(self.steps, self.names)))
        known = np.isfinite(found)
        with np.errstate(all="ignore"):
            return np.where(known, found, 0.0).sum(axis=0) / np.count_nonzero(known, axis=0)

    @cached_property
    def exact(self) -> Callable[[int], mpmath.mpf | None]:
        return self.exactly(self.graph, self.ref, self.sources)

    def exactly(self, graph: Graph, ref: Ref, sources: Sequence[Ref]) -> Callable[[int], mpmath.mpf | None]:
        """A row of these inputs by mpmath, at one place; None where it is no number."""
        values = Values(graph, ref, sources[0], sources[1:], precision=enough(graph, ref))

        def at(place: int) -> mpmath.mpf | None:
            first, *others = (mp.mpf(self.given[name][place]) for name in self.names)
            with ONE_AT_A_TIME:
                found = values.at(first, others=dict(zip((one.row for one in sources[1:]), others, strict=True)))
            return found if found is not None and mp.isfinite(found) else None

        return at


class _Comparison:
    """A row as the code computes it beside a formula that it may be."""

    def __init__(self, graph: Graph, ref: Ref, sources: Sequence[Ref], formula: FormulaOfSeveral, summed: Collection[str]) -> None:
        self.graph, self.ref, self.sources, self._formula, self._summed = graph, ref, sources, formula, summed
        self._known = formula.rows(graph, ref, sources)
        self._got = np.broadcast_to(self._known[ref.row], (formula.size,))

    @cached_property
    def is_alike(self) -> bool:
        """Whether the row may be the formula, by places at which both are numbers."""
        both = self._formula.trusted & np.isfinite(self._got) & (self._got != 0)
        return bool(np.count_nonzero(self._formula.resembled(self._got)) > ALIKE * np.count_nonzero(both))

    @cached_property
    def _errors(self) -> np.ndarray:
        """In ulp; 0 where it is not known what is right."""
        right = np.abs(self._formula.right)
        with np.errstate(all="ignore"):
            errors = np.abs(self._got - self._formula.right) / np.spacing(right)
        errors = np.where(np.isnan(errors), np.inf, errors)
        is_known = self._formula.trusted & (right > SIZES[0]) & (right < SIZES[1])
        return np.where(is_known, errors, 0.0)

    def wrong(self, times: float = 1) -> np.ndarray:
        """Where doubles are off by so many times the limit, and no change of an input explains it; of what is summed, beside samples like it."""
        found = self._errors > times * self._formula.limit
        here = np.flatnonzero(found)
        if here.size:
            with np.errstate(all="ignore"):
                found[here] = ~(np.abs(self._got[here] - self._formula.right[here]) <= self._explained(here))
        here = np.flatnonzero(found) if self._summed else here[:0]
        if here.size:
            with np.errstate(all="ignore"):
                size = np.fmax(self._formula.beside(self._summed, here), np.abs(self._formula.right[here]))
                found[here] = ~(np.abs(self._got[here] - self._formula.right[here]) <= PATIENCE * times * self._formula.limit * np.spacing(size))
        return found

    def _explained(self, where: np.ndarray) -> np.ndarray:
        """What the last digits of the inputs explain at some places."""
        return explained(self.graph, self.ref, self._given(where), self._got[where], self._formula.numpy)

    def _given(self, where: np.ndarray) -> dict[int, np.ndarray]:
        """Some places, by the rows of inputs."""
        return {index: values[where] for index, values in by_row(self.graph, self.sources, self._formula.given).items()}

    def condition(self) -> Ref | None:
        """When the row may be wrong; None where no few comparisons tell, twice the digits are no better, or it is another formula."""
        if not self._is_same():
            return None
        wrong, found = self.wrong(), sizes(self.graph, self.ref, self.sources, self._known)
        features = [one.feature for one in found]
        told = self._thresholds(features, wrong)
        holds = _hold(told, features)
        if not told or not self._is_better_at(wrong & holds):
            told, holds = [], np.zeros_like(wrong)
        lost = None if self._summed else self.half_lost(but=holds)
        conditions = [found[one.feature].compared(self.graph, one) for one in told] + ([lost] if lost is not None else [])
        if conditions:
            return apply(self.graph, "or", conditions)
        no_number = wrong & ~np.isfinite(self._got)
        return self._is_no_number() if np.count_nonzero(no_number) >= FEWEST and self._is_better_at(no_number) else None

    def half_lost(self, but: np.ndarray | bool = False) -> Ref | None:
        """When half of the row's digits may be lost, by a bound of its error; None where that is so at no place but for some, or about
        explained by the inputs' last digits, or this is another formula."""
        errors = Errors(self.graph, self._underflowing())
        error = errors.of(self.ref)
        bound = np.broadcast_to(rows_at(self.graph, error, self._known, self._formula.numpy)[error.row], (self._formula.size,))
        with np.errstate(all="ignore"):
            # half of each limit: what it is beside that is computed anew, by the same digits on every machine
            here = np.flatnonzero(self._formula.trusted & ~(bound <= HALF * np.abs(self._got) / 2) & np.logical_not(but))
            here = here[~(UNIT * bound[here] <= SERIOUS * self._explained(here) / 2)] if here.size else here
        is_lost = here.size and self._is_lost_at(error, here) and self._is_same(bound)
        return errors.is_lost(self.ref, error, HALF) if is_lost else None

    def _is_lost_at(self, error: Ref, here: np.ndarray) -> bool:
        """Whether that is so at one of these places, on every machine."""
        given = self._given(here)
        known = rows_at(self.graph, error, rows_at(self.graph, self.ref, given))
        got, bound = (np.broadcast_to(known[ref.row], here.shape) for ref in (self.ref, error))
        with np.errstate(all="ignore"):
            is_lost = ~(bound <= HALF * np.abs(got)) & ~(np.abs(got) <= SIZES[0])
            return bool((is_lost & ~(UNIT * bound <= SERIOUS * explained(self.graph, self.ref, given, got))).any())

    def _underflowing(self) -> set[int]:
        """Products and functions that are next to 0 at a place where none of their operands is 0."""
        found = set[int]()
        for ref in rows_below(self.graph, self.ref):
            if self.graph[ref].op != "sum":
                is_small = self._formula.trusted & (np.abs(self._known[ref.row]) < SIZES[0])
                is_small = is_small & np.all([np.broadcast_to(self._known[arg] != 0, is_small.shape) for arg in self.graph[ref].args], axis=0)
                found.update({ref.row} if is_small.any() else ())
        return found

    def _thresholds(self, features: Sequence[Feature], wrong: np.ndarray) -> list[Threshold]:
        """Thresholds that tell where doubles are wrong, then those for what is left of the places that only decimals tell."""
        costs, hard = self._costs(wrong), self._formula.by_decimals
        found = thresholds(features, wrong & ~hard, costs)
        left = wrong & hard & ~_hold(found, features)
        return found + thresholds(features, left, costs)

    def _is_same(self, bound: np.ndarray | None = None) -> bool:
        """Whether the row is the formula, by mpmath, where doubles are far from it and where they are not: another may differ from it on a
        branch alone.  It is not if mpmath does not tell.  Where decimals alone tell what is right, a row's numbers may have too few digits,
        and a bound of its error tells what those of its polynomials do, but where it is no number."""
        exact = self._formula.exactly(self.graph, self.ref, self.sources)
        with np.errstate(all="ignore"):
            far = self.wrong() & ~self._formula.by_decimals & ~(np.abs(self._got / self._formula.right - 1) <= ROUGHLY)
        near = self._formula.resembled(self._got)
        within = np.zeros(self._formula.size) if bound is None else UNIT * bound
        places = [*a_few(np.flatnonzero(far & np.isfinite(within)), COMPARED), *a_few(np.flatnonzero(near), CONFIRMED)]
        found = [(k, row, formula) for k in places if (row := exact(k)) is not None and (formula := self._formula.exact(k))]
        with ONE_AT_A_TIME, mp.workprec(FAR):
            alike = [abs(row - formula) <= max(ROUGHLY * abs(formula), mp.mpf(float(within[k]))) for k, row, formula in found]
        return len(alike) >= FEWEST and all(alike)

    def _costs(self, wrong: np.ndarray) -> np.ndarray:
        """What it costs to doubt a place where doubles are right."""
        right = self._formula.trusted & (~wrong if self._summed else self._errors <= self._formula.limit)
        typical = right & (np.arange(right.size) < self._formula.typical)
        total = SUMMED if self._summed else TYPICAL
        return np.select([typical, right], [total / max(1, np.count_nonzero(typical)), AT_EDGES / max(1, np.count_nonzero(right & ~typical))], 0.0)

    def _is_no_number(self) -> Ref:
        largest = self.graph.constant(sp.Float(LARGEST_DOUBLE, DIGITS))
        return negate(self.graph, look.make(self.graph, "le", look.make(self.graph, "abs", self.ref), largest))

    def _is_better_at(self, where: np.ndarray) -> bool:
        """Whether twice the digits are right at places, but for a few where they are lost, too."""
        looked_at = a_few(np.flatnonzero(where), CONFIRMED)
        return sum(self._is_better(k) for k in looked_at) >= MOSTLY * len(looked_at)

    def _is_better(self, k: int) -> bool:
        """Whether twice the digits are right, or doubles hopelessly wrong beside them; also where these stand, or it is not known what is right."""
        exact = self._formula.exact(k) if np.isfinite(self._formula.right[k]) else None
        if exact is None:
            return True
        with ONE_AT_A_TIME, mp.workprec(FAR):
            error, beside = abs(self._formula.right[k] - exact), abs(self._got[k] - exact)
            return bool(error <= np.spacing(abs(float(exact)))) or not beside <= HOPELESS * error


def _hold(some: Sequence[Threshold], features: Sequence[Feature]) -> np.ndarray:
    """Where one of the thresholds holds."""
    return np.logical_or.reduce([one.holds(features) for one in some] or [np.zeros(features[0].sizes.shape, bool)])


def _others(sample: Mapping[str, np.ndarray], scales: np.ndarray) -> dict[str, np.ndarray]:
    """Other samples: the inputs in scale, but for those next to 1 and to each other, whose distance is: so may be all samples."""
    found = dict[str, np.ndarray]()
    for k, (name, values) in enumerate(sample.items()):
        scale = scales[k % len(scales)]
        found[name] = values * scale
        for other, before in [(None, np.ones_like(values)), *((one, sample[one]) for one in list(found)[:-1])]:
            with np.errstate(all="ignore"):
                gap = values / before - 1
            beside = (found[other] if other else before) * (1 + gap * scale)
            found[name] = np.where(np.abs(gap) < ALL_NEAR, beside, found[name])
    return found
