"""Logistic functions written out where they share an exponential: one exp(-|x|) for softplus, logistic and sech of x and of -x."""

from __future__ import annotations

from collections import Counter

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row

ZERO, ONE = sp.S.Zero, sp.S.One


def unfold(program: Program) -> Program:
    """The program with those functions of arrays as rows of their own parts, each as accurate as the function's own spelling."""
    rows = program.graph.rows
    folded = [index for index in program.live() if rows[index].op == "map" and rows[index].payload[0] in _PARTS and rows[index].keep]
    counts = Counter(_magnitude(program, rows[index].args[0]) for index in folded)
    worth = {index for index in folded if rows[index].payload[0] in _ALWAYS or counts[_magnitude(program, rows[index].args[0])] > 1}
    if not worth:
        return program

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if index not in worth:
            return None
        made = _PARTS[row.payload[0]](graph, refs[0])
        graph.notes.setdefault(made.row, f"rule {row.payload[0]}")
        return made

    return rebuild(program, remake)


def _magnitude(program: Program, index: int) -> tuple[int, sp.Expr]:
    """What tells the magnitude of an argument: (x, 2) for 2 x and for -2 x."""
    row = program.graph.rows[index]
    return (row.args[0], abs(row.payload)) if _is_scaled(row) else (index, ONE)


def _is_scaled(row: Row) -> bool:
    return row.op == "product" and len(row.args) == 1 and row.axes[0] == row.keep


def _shared(graph: Graph, x: Ref) -> Ref:
    """exp(-|x|)."""
    row = graph[x]
    if _is_scaled(row) and row.payload.could_extract_minus_sign():
        x = graph.product(-row.payload, graph.operands(x))
    return graph.map("exp", (graph.product(-ONE, [graph.map("abs", (x,))]),))


def _softplus(graph: Graph, x: Ref) -> Ref:
    """max(x, 0) + log1p(exp(-|x|))."""
    return graph.sum(ZERO, [(ONE, graph.map("max", (x, graph.constant(ZERO)))), (ONE, graph.map("log1p", (_shared(graph, x),)))])


def _logistic(graph: Graph, x: Ref) -> Ref:
    """exp(min(x, 0)) / (1 + exp(-|x|))."""
    above = graph.map("exp", (graph.map("min", (x, graph.constant(ZERO))),))
    return graph.product(ONE, [above, graph.map("reciprocal", (graph.sum(ONE, [(ONE, _shared(graph, x))]),))])


def _sech(graph: Graph, x: Ref) -> Ref:
    """2 exp(-|x|) / (1 + exp(-|x|)^2)."""
    e = _shared(graph, x)
    below = graph.sum(ONE, [(ONE, graph.map("square", (e,)))])
    return graph.product(sp.Integer(2), [e, graph.map("reciprocal", (below,))])


def _logistic_slope(graph: Graph, x: Ref) -> Ref:
    """exp(-|x|) / (1 + exp(-|x|))^2."""
    e = _shared(graph, x)
    below = graph.map("square", (graph.sum(ONE, [(ONE, e)]),))
    return graph.product(ONE, [e, graph.map("reciprocal", (below,))])


_PARTS = {"softplus": _softplus, "logistic": _logistic, "sech": _sech, "logistic_slope": _logistic_slope}
_ALWAYS = ("sech", "logistic_slope")
"""Functions that need their exponential more than once."""
