"""Results of several inputs in twice the digits where rows tell that doubles are not enough.

The code as it stands is run at places as inputs mostly are and at edges, and so is the formula as it was declared, in double-double
arithmetic, which mpmath confirms.  Where doubles are off by more than a change of the inputs by their last digits explains, the few
comparisons are looked for that hold there and hardly elsewhere: of an input or another row with a number, of a sum with its terms, of
two inputs with each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, reduce
from itertools import combinations
from typing import Any, NamedTuple

import mpmath
import numpy as np
import sympy as sp
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.lower import apply, negate
from symgrad.graph.rows import REAL, Ref
from symgrad.graph.steps import Steps
from symgrad.rewrite.expansions.centres import has_waves
from symgrad.rewrite.expansions.values import FAR, ONE_AT_A_TIME, Values
from symgrad.rewrite.in_doubles import in_decimals, rows_at
from symgrad.rewrite.libraries import NUMPY
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.twice.evaluation import Twices
from symgrad.rewrite.twice.formula import DIGITS, ROUGHLY, Formula, a_few, by_row, enough, explained
from symgrad.rewrite.twice.places import Places
from symgrad.rewrite.twice.separation import Feature, Threshold, thresholds

GLANCE, LOOK = 800, 2000
"""So many places are looked at, and so many where one of the former is wrong, and a quarter more at several edges."""
HARD, MOST_STEPS = 20, 60
"""One of so many places is looked at by decimals, of those that are left, where a formula has no more steps."""
SERIOUS, FEWEST = 8, 3
"""Errors that are so many times as large as the limit have to be at one of the former, and at so many of the latter."""
BESIDE = (0.6, 1.3, 0.8, 1.9)
"""Other samples than one, in its inputs: a sum over all loses nothing where one of them is small beside these."""
ALL_NEAR = 0.01
"""Inputs of samples that are so near to 1, or to each other, relatively, may be so for all samples."""
NORMAL = (1e-290, 1e300)
"""Sizes of results whose errors are measured."""
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
MOST_POWER = 4
"""Of two, that a row is multiplied by to be a formula."""
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
        if summed and glance.scale != 1:  # a number stands outside of a sum
            made = self.kept(graph, look.times(graph, glance.scale, ref), sources, summed)
            return look.times(graph, 1 / glance.scale, made) if made is not None else None
        if not glance.is_alike or not glance.wrong(SERIOUS).any():
            return None
        closer = _Comparison(graph, ref, sources, self.closer, summed)
        condition = closer.condition() if np.count_nonzero(closer.wrong(SERIOUS)) >= FEWEST else None
        return graph.map("double_double_where", (condition, ref, *sources), (self.steps,)) if condition is not None else None

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


class _Size(NamedTuple):
    """The size of a row, or beside its terms, at places."""

    ref: Ref
    terms: tuple[tuple[sp.Expr, Ref | None], ...]
    values: np.ndarray


class _Comparison:
    """A row as the code computes it beside a formula that it may be."""

    def __init__(self, graph: Graph, ref: Ref, sources: Sequence[Ref], formula: FormulaOfSeveral, summed: Collection[str]) -> None:
        self._graph, self._ref, self._sources, self._formula, self._summed = graph, ref, sources, formula, summed
        self._known = formula.rows(graph, ref, sources)
        self._got = np.broadcast_to(self._known[ref.row], (formula.size,))

    @cached_property
    def is_alike(self) -> bool:
        """Whether the row may be the formula, by places at which both are numbers."""
        both = self._formula.trusted & np.isfinite(self._got) & (self._got != 0)
        return bool(np.count_nonzero(self._formula.resembled(self._got)) > ALIKE * np.count_nonzero(both))

    @property
    def scale(self) -> sp.Expr:
        """The power of two, with its sign, times which the row may be the formula."""
        both = self._formula.trusted & np.isfinite(self._got) & (self._got != 0) & (self._formula.right != 0)
        with np.errstate(all="ignore"):
            ratio = float(np.median(self._formula.right[both] / self._got[both])) if both.any() else 1.0
        if not 2.0**-MOST_POWER <= abs(ratio) <= 2.0**MOST_POWER:
            return ONE
        power = round(math.log2(abs(ratio)))
        is_near = abs(abs(ratio) / 2.0**power - 1) <= ROUGHLY
        return (1 if ratio > 0 else -1) * sp.Integer(2) ** power if is_near else ONE

    @cached_property
    def _errors(self) -> np.ndarray:
        """In ulp; 0 where it is not known what is right."""
        right = np.abs(self._formula.right)
        with np.errstate(all="ignore"):
            errors = np.abs(self._got - self._formula.right) / np.spacing(right)
        errors = np.where(np.isnan(errors), np.inf, errors)
        is_known = self._formula.trusted & (right > NORMAL[0]) & (right < NORMAL[1])
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
        given = {name: values[where] for name, values in self._formula.given.items()}
        return explained(self._graph, self._ref, by_row(self._graph, self._sources, given), self._got[where], self._formula.numpy)

    def condition(self) -> Ref | None:
        """When the row may be wrong; None where no few comparisons tell, twice the digits are no better, or it is another formula."""
        wrong, sizes = self.wrong(), self._sizes()
        if not self._is_same(wrong):
            return None
        features = [Feature(size.values, not size.terms) for size in sizes]
        found = self._thresholds(features, wrong)
        holds = _hold(found, features) if found else wrong
        if found and self._is_better_at(wrong & holds):
            return apply(self._graph, "or", [self._row(sizes[one.feature], one) for one in found])
        lost = wrong & ~np.isfinite(self._got)
        return self._is_no_number() if np.count_nonzero(lost) >= FEWEST and self._is_better_at(lost) else None

    def _thresholds(self, features: Sequence[Feature], wrong: np.ndarray) -> list[Threshold]:
        """Thresholds that tell where doubles are wrong, then those for what is left of the places that only decimals tell."""
        costs, hard = self._costs(wrong), self._formula.by_decimals
        found = thresholds(features, wrong & ~hard, costs)
        left = wrong & hard & ~_hold(found, features)
        return found + thresholds(features, left, costs)

    def _is_same(self, wrong: np.ndarray) -> bool:
        """Whether the row is the formula, by mpmath, where doubles are far from it and where they are not: another may differ from it on a
        branch alone.  It is not if mpmath does not tell.  Where decimals alone tell what is right, a row's numbers may have too few digits."""
        exact = self._formula.exactly(self._graph, self._ref, self._sources)
        with np.errstate(all="ignore"):
            far = wrong & ~self._formula.by_decimals & ~(np.abs(self._got / self._formula.right - 1) <= ROUGHLY)
        near = self._formula.resembled(self._got)
        places = [*a_few(np.flatnonzero(far), COMPARED), *a_few(np.flatnonzero(near), CONFIRMED)]
        pairs = [(row, formula) for k in places if (row := exact(k)) is not None and (formula := self._formula.exact(k))]
        with ONE_AT_A_TIME, mp.workprec(FAR):
            return len(pairs) >= FEWEST and all(abs(row / formula - 1) <= ROUGHLY for row, formula in pairs)

    def _costs(self, wrong: np.ndarray) -> np.ndarray:
        """What it costs to doubt a place where doubles are right."""
        right = self._formula.trusted & (~wrong if self._summed else self._errors <= self._formula.limit)
        typical = right & (np.arange(right.size) < self._formula.typical)
        total = SUMMED if self._summed else TYPICAL
        return np.select([typical, right], [total / max(1, np.count_nonzero(typical)), AT_EDGES / max(1, np.count_nonzero(right & ~typical))], 0.0)

    def _is_no_number(self) -> Ref:
        largest = self._graph.constant(sp.Float(LARGEST_DOUBLE, DIGITS))
        return negate(self._graph, look.make(self._graph, "le", look.make(self._graph, "abs", self._ref), largest))

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

    # ------------------------------------------------------------------ what places are told apart by

    def _sizes(self) -> list[_Size]:
        """Inputs, how near they are to 1 and to each other, then rows, and sums beside their terms."""
        graph, given = self._graph, by_row(self._graph, self._sources, self._formula.given)
        ones = [graph.sum(-ONE, [(ONE, source)]) for source in self._sources]
        gaps = [graph.sum(ZERO, [(ONE, source), (-ONE, other)]) for source, other in combinations(self._sources, 2)]
        found = [_Size(source, (), given[source.row]) for source in self._sources]
        for ref in (*ones, *gaps):
            found += self._beside_terms(ref, rows_at(graph, ref, given))
        for ref in self._below():
            found.append(_Size(ref, (), self._known[ref.row]))
            found += self._beside_terms(ref, self._known)
        return [one._replace(values=np.abs(np.broadcast_to(one.values, (self._formula.size,)))) for one in found]

    def _below(self) -> list[Ref]:
        """Rows that are no inputs, on the axes of the result."""
        found = {self._ref.row: self._ref}
        for index in reversed(self._graph.live([self._ref.row])):
            if self._graph.rows[index].args:
                found.update((one.row, one) for one in self._graph.operands(found[index]))
        return [found[index] for index in sorted(found) if (row := self._graph.rows[index]).kind == REAL and row.args]

    def _beside_terms(self, ref: Ref, known: Mapping[int, Any]) -> list[_Size]:
        """A sum of several terms beside the largest of them."""
        constant, parts = look.terms(self._graph, ref) or (ZERO, [])
        if len(parts) + (constant != 0) < 2:
            return []
        with np.errstate(all="ignore"):
            values = known[ref.row] / _largest(self._graph, ref, known)
        return [_Size(ref, ((constant, None), *parts) if constant else tuple(parts), values)]

    def _row(self, size: _Size, threshold: Threshold) -> Ref:
        """A comparison as a row."""
        graph, bound = self._graph, self._graph.constant(sp.Float(threshold.bound, DIGITS))
        if size.terms:
            terms = [graph.constant(abs(c)) if term is None else look.times(graph, abs(c), look.make(graph, "abs", term)) for c, term in size.terms]
            bound = look.times(graph, ONE, bound, look.make(graph, "max", *terms))
        is_small = look.make(graph, "le", look.make(graph, "abs", size.ref), bound)
        return is_small if threshold.is_small else negate(graph, is_small)


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


def _largest(graph: Graph, ref: Ref, known: Mapping[int, Any]) -> Any:
    """The largest term of a sum."""
    coefficients, constant = graph[ref].payload
    terms = [abs(float(c)) * np.abs(known[arg]) for c, arg in zip(coefficients, graph[ref].args, strict=True)]
    return reduce(np.fmax, terms, abs(float(constant)))
