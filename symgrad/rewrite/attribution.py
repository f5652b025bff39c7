"""Rows of several scalar inputs whose rounding is as good as a change of an input by its last digit (J. H. Wilkinson, "Rounding Errors in
Algebraic Processes", 1963): w x + b is, where w and b stand nowhere else, and so is a wave of it; a^2 + b^2 - c^2 beside a b is not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from symgrad.graph.graph import Graph
from symgrad.graph.program import Program
from symgrad.graph.rows import Row

POWERS = ("square", "reciprocal", "sqrt", "cbrt", "power")
MOST = 8
"""Formulas of more inputs are models whose inputs stand where they like."""


@dataclass(frozen=True)
class Attribution:
    """The inputs that stand in one product of powers alone, and those that stand in one product that may be in others, by name."""

    free: frozenset[str]
    alone: frozenset[str]

    def of_sum(self, graph: Graph, index: int) -> bool:
        """Whether each term of a sum has a factor that stands nowhere else; a number beside them takes no digits where they cancel it."""
        return all(self.of_argument(graph, arg) for arg in graph.rows[index].args)

    def of_argument(self, graph: Graph, index: int) -> bool:
        """Whether a function may take a row for that of slightly other inputs, wherever it is singular: one with such a factor, or such a sum."""
        rows = graph.rows
        if any(rows[leaf].payload.name in self.free if rows[leaf].op == "input" else rows[leaf].payload[1] == 0 and self.of_sum(graph, leaf)
               for leaf in _factors(rows, index)):
            return True
        while rows[index].op == "named":
            index = rows[index].args[0]
        return rows[index].op == "product" and any(rows[arg].op == "input" and rows[arg].payload.name in self.alone for arg in rows[index].args)

    def rests_on_sums(self, graph: Graph, index: int) -> bool:
        """Whether a row is a product of powers with a sum among them, as what is close to 1 is."""
        return any(graph.rows[leaf].op == "sum" for leaf in _factors(graph.rows, index))


def attribution(program: Program) -> Attribution | None:
    """Of a value as it is computed, element by element; None where something else than a result is summed, and of one or of many inputs."""
    graph, live = program.graph, program.live()
    inputs = graph.inputs_among(live)
    is_summed = any(len(row.keep) < len(row.sizes) for index in live if index not in program.roots() for row in [graph.rows[index]])
    if not 2 <= len(inputs) <= MOST or is_summed:
        return None
    places: dict[int, set[int]] = defaultdict(set)
    users = Counter(arg for index in live for arg in {*graph.rows[index].args})
    for index in program.roots():
        _stand(graph.rows, index, index, places)
    for index in live:
        row = graph.rows[index]
        for arg in () if _is_monomial(row) else row.args:
            _stand(graph.rows, arg, index, places)
            if row.op == "map" and len(row.args) > 1:  # a formula in which an argument may stand more than once
                _stand(graph.rows, arg, -index, places)
    free, alone = [index for index in inputs if len(places[index]) == 1], [index for index in inputs if users[index] == 1]
    return Attribution(*(frozenset(graph.rows[index].payload.name for index in some) for some in (free, alone)))


def _stand(rows: Sequence[Row], arg: int, user: int, places: dict[int, set[int]]) -> None:
    """Each input in a product of powers stands in that; one by itself stands where it is used."""
    for leaf in _factors(rows, arg):
        if rows[leaf].op == "input":
            places[leaf].add(arg if leaf != arg and user >= 0 else user)


def _factors(rows: Sequence[Row], index: int) -> list[int]:
    """The inputs and sums of which a row is a product of powers, others left out."""
    waiting, found = [index], []
    while waiting:
        row = rows[one := waiting.pop()]
        if row.op == "sum" or (row.op == "input" and row.payload.role == "input"):
            found.append(one)
        elif _is_monomial(row):
            waiting += row.args
    return found


def _is_monomial(row: Row) -> bool:
    return row.op in ("product", "named") or (row.op == "map" and row.payload[0] in POWERS)
