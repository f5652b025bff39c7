"""Rows that are linear in seeds: tangents, cotangents and sizes, as of a mean, times rows that rest on inputs element by element."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO

Slopes = Mapping[Ref, Ref]
"""What each seed is multiplied by."""


class Resting:
    """What the rows of a graph rest on, found as it is asked for."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._inputs: dict[Ref, frozenset[Ref] | None] = {}
        self._slopes: dict[Ref, Slopes | None] = {}

    def inputs(self, ref: Ref) -> frozenset[Ref] | None:
        """The inputs that a row rests on element by element; None of another row, and of one that reads an input at two places, as s_i - s_j does."""
        if ref not in self._inputs:
            self._inputs[ref] = self._rests_on(ref)
        return self._inputs[ref]

    def _rests_on(self, ref: Ref) -> frozenset[Ref] | None:
        row = self.graph[ref]
        if row.op == "input":
            return frozenset([ref]) if row.payload.role == "input" and row.kind == REAL else None
        if row.op not in ("constant", "sum", "product", "map", "named") or len(row.keep) < len(row.sizes) or not _has_numbers(row):
            return None
        below = [self.inputs(one) for one in self.graph.operands(ref)]
        found = frozenset[Ref]().union(*(one for one in below if one is not None))
        return found if None not in below and len({one.row for one in found}) == len(found) else None

    def slopes(self, ref: Ref) -> Slopes | None:
        """Seeds and what they are multiplied by, which rests on inputs alone; None of a row that is no sum of such products."""
        if ref not in self._slopes:
            self._slopes[ref] = self._linear(ref)
        return self._slopes[ref]

    def follows(self, ref: Ref) -> bool:
        """Whether a row rests on inputs element by element, or is a sum of seeds times such rows."""
        return self.inputs(ref) is not None or self.slopes(ref) is not None

    def _linear(self, ref: Ref) -> Slopes | None:
        graph, row = self.graph, self.graph[ref]
        if (row.op == "input" and row.payload.role != "input") or (row.op == "constant" and row.kind == REAL and not _has_numbers(row)):
            return {ref: graph.constant(ONE)}
        constant, parts = look.terms(graph, ref) or (ZERO, [])
        if parts:
            return self._sum(parts) if constant == 0 else None
        if row.calls("select"):
            return self._choice(*graph.operands(ref))
        if _is_linear(row):
            return self._scaled(row, *graph.operands(ref))
        if row.op == "map" and row.payload in (("tending", 0), ("tending_quotient", 0)):
            return self._tending(row, *graph.operands(ref))
        number, factors = look.factors(graph, ref) or (ONE, [])
        number, size = _split(number)
        seeded = [one for one in factors if self.inputs(one) is None]
        others = [one for one in factors if one not in seeded]
        if size != 1 and not seeded:
            return {graph.constant(size): look.times(graph, number, *others)}
        inner = self.slopes(seeded[0]) if len(seeded) == 1 else None
        return None if inner is None else {look.times(graph, size, seed): look.times(graph, number, slope, *others) for seed, slope in inner.items()}

    def _scaled(self, row: Row, scale: Ref, *others: Ref) -> Slopes | None:
        """What seeds are multiplied by in a function that is linear in its first operand."""
        inner = self.slopes(scale)
        if inner is None or not all(self.inputs(one) is not None for one in others):
            return None
        return {seed: self.graph.map(row.payload[0], (slope, *others), row.payload[1:]) for seed, slope in inner.items()}

    def _tending(self, row: Row, one: Ref, other: Ref) -> Slopes | None:
        """What seeds are multiplied by in a product or quotient that tends to 0, whose other part rests on inputs alone."""
        is_first = self.inputs(other) is not None
        inner = self.slopes(one if is_first else other)
        if inner is None or self.inputs(other if is_first else one) is None or not (is_first or row.payload[0] == "tending"):
            return None
        return {seed: self.graph.map(row.payload[0], (slope, other) if is_first else (one, slope), row.payload[1:]) for seed, slope in inner.items()}

    def _choice(self, condition: Ref, yes: Ref, no: Ref) -> Slopes | None:
        """What seeds are multiplied by in a choice between two rows, one of which may be a number that is 0; 0 where a seed is 0 is no choice."""
        if self._is_seed_kept(condition, no):
            return self.slopes(yes)
        nothing, both = self.graph.constant(ZERO), [{} if self.graph.constant_value(one) == 0 else self.slopes(one) for one in (yes, no)]
        if self.inputs(condition) is None or None in both:
            return None
        seeds = dict.fromkeys(seed for one in both if one for seed in one)
        return {seed: self.graph.select(condition, *(one.get(seed, nothing) for one in both if one is not None)) for seed in seeds}

    def keeps_zero(self, ref: Ref) -> bool:
        """Whether a row is 0 where a seed is, although what that is multiplied by is infinite."""
        return any(_is_linear(row) or self._is_seed_chosen(row) for row in map(self.graph.rows.__getitem__, self.graph.live([ref.row])))

    def _is_seed_chosen(self, row: Row) -> bool:
        return row.calls("select") and self._is_seed_kept(Ref(row.args[0]), Ref(row.args[2]))

    def _is_seed_kept(self, condition: Ref, no: Ref) -> bool:
        """Whether a choice gives 0 where a seed is 0."""
        graph, row = self.graph, self.graph.rows[condition.row]
        if not row.calls("ne") or graph.constant_value(no) != 0:
            return False
        seed, nothing = (graph.rows[arg] for arg in row.args)
        return seed.op == "input" and seed.payload.role != "input" and nothing.op == "constant" and nothing.payload == 0

    def _sum(self, parts: list[look.Term]) -> Slopes | None:
        found: dict[Ref, list[look.Term]] = {}
        for c, term in parts:
            number, size = _split(c)
            inner = self.slopes(term) if size == 1 or self.inputs(term) is None else {self.graph.constant(ONE): term}
            if inner is None:
                return None
            for seed, slope in inner.items():
                found.setdefault(look.times(self.graph, size, seed), []).append((number, slope))
        return {seed: self.graph.sum(ZERO, slopes) for seed, slopes in found.items()}


def _is_linear(row: Row) -> bool:
    """Whether a row is linear in its first operand, and 0 where that is."""
    return row.op == "map" and TABLE[row.payload[0]].linear


def _split(coefficient: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """A coefficient as a number times what is made of sizes."""
    return coefficient.as_independent(*coefficient.free_symbols, as_Add=False) if coefficient.free_symbols else (coefficient, ONE)


def _has_numbers(row: Row) -> bool:
    """Whether a row's coefficients are numbers; they may be sizes, too."""
    numbers: dict[str, tuple[sp.Expr, ...]] = {"sum": (*row.payload[0], row.payload[1]) if row.op == "sum" else (), "product": (row.payload,),
                                               "constant": (row.payload,)}
    return row.kind != REAL or all(look.is_number(one) for one in numbers.get(row.op, ()))
