"""Terms of a sum that are the same function with opposite signs, although they are written differently, are left out; so are numbers.

In the slope of an option's price, S N(d1) - K exp(-r T) N(d2), the slopes of N(d1) and N(d2) take each other away; what is left of them by
rounding is a hundred times as wrong as the slope itself.  Such terms are found by their values, in doubles at first, then to many digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import mpmath
import numpy as np
import sympy as sp
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.program import Program
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.graph.table import choices
from symgrad.rewrite.expansions.changing import Changing
from symgrad.rewrite.expansions.groups import OfSeveral, places
from symgrad.rewrite.expansions.resting import Resting
from symgrad.rewrite.expansions.values import ONE_AT_A_TIME, PRECISION, number
from symgrad.rewrite.in_doubles import is_numpy, value_at
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ZERO

MOST_ROWS, MOST_INPUTS = 150, 8
"""Longer programs, and those of more inputs, are left as they are."""
PLACES, ENOUGH = 8, 3
"""So many places are looked at for each choice of signs; at so many two terms have to be the same."""
CLOSE, SMALLEST = 1e-9, 1e-200
SAME = mpmath.mpf(2) ** (100 - PRECISION)

Point = tuple[tuple[int, float], ...]


def drop_opposites(program: Program) -> Program:
    """The program without pairs of terms that cancel wherever they are numbers."""
    live = program.live()
    if not 1 <= len(program.graph.inputs_among(live)) <= MOST_INPUTS or len(live) > MOST_ROWS or not _may_have(program, live):
        return program
    graph = program.graph.copy()
    resting = Resting(graph)
    dropping = _Dropping(graph, resting)
    changing = Changing(resting, lambda ref, over: dropping.whole(ref))
    outputs = {name: replace(output, ref=changing.outcome(output.ref)) for name, output in program.outputs.items()}
    return replace(program, graph=graph, outputs=outputs) if outputs != program.outputs else program


def _may_have(program: Program, live: Sequence[int]) -> bool:
    """Whether there are two functions at least, and a sum of other rows than numbers."""
    rows = program.graph.rows
    return sum(rows[index].op == "map" for index in live) > 1 and any(rows[index].op == "sum" and len(rows[index].args) > 1 for index in live)


class _Dropping:
    """Rows of a graph without such terms."""

    def __init__(self, graph: Graph, resting: Resting) -> None:
        self._graph, self._resting = graph, resting
        self._known: dict[Ref, Ref] = {}
        self._doubles: dict[tuple[Ref, Point], float] = {}

    def whole(self, ref: Ref) -> Ref:
        """A row that rests on inputs alone without such terms, if it is a number at the same places then."""
        if self._resting.inputs(ref) is None or not is_numpy(self._graph, ref):
            return ref  # sizes may be among its numbers
        left = self._without(ref)
        if left == ref:
            return ref
        points = _points(self._graph.inputs_among(self._graph.live([ref.row])))
        return left if all(math.isnan(self._at(ref, point)) == math.isnan(self._at(left, point)) for point in points) else ref

    def _without(self, ref: Ref) -> Ref:
        if ref not in self._known:
            self._known[ref] = self._made(ref)
        return self._known[ref]

    def _made(self, ref: Ref) -> Ref:
        graph, row = self._graph, self._graph[ref]
        if not row.args or row.kind != REAL:
            return ref
        operands, labels = graph.open(ref)
        below = [self._without(one) for one in operands]
        made = KINDS[row.op].remake(graph, row, below, labels) if below != operands else ref
        constant, parts = _flat(graph, made)
        if constant == 0 and len(parts) > 1 and _has_numbers(graph, made):
            made = graph.sum(ZERO, parts)
        return self._sum(made, constant, parts) if len(parts) > 1 else made

    def _sum(self, ref: Ref, constant: sp.Expr, parts: list[look.Term]) -> Ref:
        graph, live = self._graph, self._graph.live([term.row for _, term in parts])
        if not all(_is_analytic(graph.rows[index]) for index in live):
            return ref
        pair = self._pair(_points(graph.inputs_among(live)), parts)
        if pair is None:
            return ref
        parts = look.without(parts, *pair)
        left = graph.sum(constant, parts) if parts else graph.constant(constant)
        if graph[left].op == "sum":
            graph.notes.setdefault(left.row, "rule terms that cancel")
        return self._sum(left, constant, parts) if len(parts) > 1 else left

    def _pair(self, points: Sequence[Point], parts: Sequence[look.Term]) -> tuple[int, int] | None:
        """The first two terms that are opposite wherever both are numbers, and are numbers somewhere."""
        with np.errstate(all="ignore"):
            found = np.array([np.array([self._at(term, point) for point in points]) * float(c) for c, term in parts])
            for k in range(len(parts) - 1):
                for other in (np.flatnonzero(_are_opposite(found[k], found[k + 1:])) + k + 1).tolist():
                    if self._cancel_exactly(points, parts[k], parts[other]):
                        return k, other
        return None

    def _at(self, ref: Ref, point: Point) -> float:
        if (ref, point) not in self._doubles:
            self._doubles[ref, point] = value_at(self._graph, ref, dict(point))
        return self._doubles[ref, point]

    def _cancel_exactly(self, points: Sequence[Point], *terms: look.Term) -> bool:
        """The same to many digits at the first places."""
        with ONE_AT_A_TIME, mp.workprec(PRECISION):
            here, there = (self._exactly(points, *term) for term in terms)
            both = ((one, one + other) for one, other in zip(here, there, strict=True) if one is not None and other is not None)
            known = list(islice(both, ENOUGH))
        return len(known) == ENOUGH and all(abs(left) <= SAME * abs(one) for one, left in known)

    def _exactly(self, points: Sequence[Point], c: sp.Expr, ref: Ref) -> Iterator[mpmath.mpf | None]:
        row = OfSeveral(self._graph, ref, [Ref(index) for index, _ in points[0]])
        for point in points:
            found = row.value([mp.mpf(value) for _, value in point])
            yield number(c, PRECISION) * found if found is not None else None


def _are_opposite(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Which of the rows are the opposite of the first array wherever both are numbers of some size, which has to be somewhere."""
    known = np.isfinite(here) & np.isfinite(there) & (np.maximum(np.abs(here), np.abs(there)) > SMALLEST)
    other = known & (np.abs(here + there) > CLOSE * np.abs(here))
    return (np.count_nonzero(known, axis=1) >= ENOUGH) & ~other.any(axis=1)


def _flat(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[look.Term]]:
    """A number and the terms of a sum, sums among them opened; no terms of another row."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    flat: list[look.Term] = []
    for c, term in parts:
        number, inner = look.scaled(graph, term)
        beside, below = _flat(graph, inner)
        constant = constant + c * number * beside
        flat += [(c * number * one, deeper) for one, deeper in below] or [(c * number, inner)]
    return constant, flat


def _has_numbers(graph: Graph, ref: Ref) -> bool:
    """Whether a term of a sum is a sum with a number."""
    return any(graph[one].op == "sum" and graph[one].payload[1] != 0 for one in graph.operands(ref))


def _points(sources: Sequence[int]) -> list[Point]:
    """Places to look at, inputs above 0 at first, then one of them below it."""
    signs = [(), *((k,) for k in range(len(sources)))]
    return [tuple(zip(sources, map(float, point), strict=True)) for one in signs for point in islice(places(len(sources), one), PLACES)]


def _is_analytic(row: Row) -> bool:
    """Whether a row that is 0 at some places is 0 everywhere."""
    return row.kind == REAL and (row.op != "map" or row.payload[0] not in choices.NAMES)
