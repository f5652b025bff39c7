"""Which products with numbers are exact, and which functions round nothing."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref

EXACT = ("abs", "max", "min", "real", "floor", "ceiling", "sign", "finite", "outside")
"""Functions that round nothing."""
ROUNDED = (*EXACT, "square", "sqrt", "reciprocal")
"""Functions that are rounded correctly."""


def is_power_of_two(number: sp.Expr) -> bool:
    """Whether a product with the number is exact; so it is with minus a power of two."""
    return bool(number.is_Rational and {abs(number.p) & (abs(number.p) - 1), number.q & (number.q - 1)} == {0})


def is_exact(graph: Graph, ref: Ref) -> bool:
    """Whether a row is an input, read by an index or not, or one through a function that rounds nothing."""
    row = graph[ref]
    if row.op == "product":
        operands = [one for one in graph.operands(ref) if graph[one].op != "onehot"]
        return row.payload == 1 and len(operands) == 1 and is_exact(graph, operands[0])
    return row.op == "input" or (row.op == "map" and row.payload[0] in EXACT and all(
        graph.constant_value(one) is not None or is_exact(graph, one) for one in graph.operands(ref)))
