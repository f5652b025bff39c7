"""Rows of several scalar inputs whose rounding is as good as a change of an input by its last digit (J. H. Wilkinson, "Rounding Errors in
Algebraic Processes", 1963): w x + b is, where w and b stand nowhere else, and so is a wave of it; a^2 + b^2 - c^2 beside a b is not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from symgrad.graph.doubles import lacking
from symgrad.graph.graph import Graph
from symgrad.graph.program import Program
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.doubles import is_exact, is_power_of_two
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ZERO

POWERS = ("square", "reciprocal", "sqrt", "cbrt", "power")
MOST, MOST_ROWS = 8, 400
"""Formulas of more inputs are models whose inputs stand where they like; longer programs are left as they are."""


class Attribution(NamedTuple):
    """The inputs that stand in one product of powers alone, and those that stand in one product that may be in others, by name."""

    free: frozenset[str]
    alone: frozenset[str]


class Explained:
    """Which rows of a graph changes of such inputs explain, found as they are asked for."""

    def __init__(self, graph: Graph, inputs: Attribution) -> None:
        self._graph, self._inputs = graph, inputs
        self._explained: list[bool] = []
        self._of_sums: list[bool] = []

    def sum(self, index: int) -> bool:
        """Whether each term of a sum has a factor that stands nowhere else; a number beside them takes no digits where they cancel it."""
        return all(self.row(arg) for arg in self._graph.rows[index].args)

    def row(self, index: int) -> bool:
        """Whether a function may take a row for that of slightly other inputs, wherever it is singular: one with such a factor, or such a sum."""
        self._extend(index)
        return self._explained[index]

    def rests_on_sums(self, index: int) -> bool:
        """Whether a row is a product of powers with a sum among them, mended or not."""
        self._extend(index)
        return self._of_sums[index]

    def _extend(self, index: int) -> None:
        for row in self._graph.rows[len(self._explained):index + 1]:
            self._explained.append(self._is_explained(row))
            self._of_sums.append(row.op == "sum" or row.payload == ("mended",) or (_is_monomial(row) and any(self._of_sums[arg] for arg in row.args)))

    def _is_explained(self, row: Row) -> bool:
        if row.op == "input":
            return row.payload.role == "input" and row.payload.name in self._inputs.free
        below = [self._explained[arg] for arg in row.args]
        if row.op == "sum":
            return row.payload[1] == 0 and all(below)
        return _is_monomial(row) and (any(below) or (row.op == "product" and any(self._is_alone(arg) for arg in row.args)))

    def _is_alone(self, index: int) -> bool:
        row = self._graph.rows[index]
        return row.op == "input" and row.payload.role == "input" and row.payload.name in self._inputs.alone


def is_rounded_once(graph: Graph, ref: Ref) -> bool:
    """Whether a sum is the double next to it: one of two inputs, or of one and a number that is a double."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    plain = all(is_power_of_two(c) and is_exact(graph, term) for c, term in parts) and lacking(constant) == 0
    return plain and len(parts) >= 1 and len(parts) + (constant != 0) <= 2


def attribution(program: Program) -> Attribution | None:
    """Of a value as it is computed, element by element; None where something else than a result is summed, and of one or of many inputs."""
    graph, live = program.graph, program.live()
    inputs = graph.inputs_among(live)
    is_summed = any(len(row.keep) < len(row.sizes) for index in live if index not in program.roots() for row in [graph.rows[index]])
    if not 2 <= len(inputs) <= MOST or len(live) > MOST_ROWS or is_summed:
        return None
    users = Counter(arg for index in live for arg in {*graph.rows[index].args})
    places = _places(program, live)
    free, alone = [index for index in inputs if len(places[index]) == 1], [index for index in inputs if users[index] == 1]
    return Attribution(*(frozenset(graph.rows[index].payload.name for index in some) for some in (free, alone)))


def _places(program: Program, live: list[int]) -> dict[int, set[int]]:
    """Where each input stands: in a product of powers, or by itself where it is used."""
    rows, leaves, places = program.graph.rows, dict[int, set[int]](), defaultdict[int, set[int]](set)
    for index in live:
        row = rows[index]
        leaves[index] = {index} if row.op == "input" else set().union(*(leaves[arg] for arg in row.args)) if _is_monomial(row) else set()
        is_formula = row.op == "map" and len(row.args) > 1  # in which an argument may stand more than once
        for arg in () if _is_monomial(row) else row.args:
            for leaf in leaves[arg]:
                places[leaf] |= {index if leaf == arg else arg, *((-index,) if is_formula else ())}
    for root in program.roots():
        for leaf in leaves[root]:
            places[leaf].add(root)
    return places


def _is_monomial(row: Row) -> bool:
    return row.op in ("product", "named") or (row.op == "map" and row.payload[0] in POWERS)
