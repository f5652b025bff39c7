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
    squared = _squared_only(program, worth)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if index in squared:
            return refs[0]  # its argument is the square already
        if index not in worth:
            return None
        if index in squared.values():
            shares = counts[_magnitude(program, row.args[0])] > 1
            made = _sech_squared(graph, refs[0], shares)
        else:
            made = _PARTS[row.payload[0]](graph, refs[0])
        graph.notes.setdefault(made.row, f"rule {row.payload[0]}")
        return made

    return rebuild(program, remake)


def _squared_only(program: Program, worth: set[int]) -> dict[int, int]:
    """Squares with the row that they square, where that is a sech and serves nothing else: the slope of tanh."""
    rows, roots = program.graph.rows, set(program.roots())
    users = Counter(arg for index in program.live() for arg in rows[index].args)
    squares = {index: rows[index].args[0] for index in program.live() if rows[index].calls("square")}
    return {index: arg for index, arg in squares.items()
            if arg in worth and rows[arg].calls("sech") and users[arg] == 1 and arg not in roots}


def _magnitude(program: Program, index: int) -> tuple[int, sp.Expr]:
    """What tells the magnitude of an argument: (x, 2) for 2 x and for -2 x."""
    row = program.graph.rows[index]
    return (row.args[0], abs(row.payload)) if _is_scaled(row) else (index, ONE)


def _is_scaled(row: Row) -> bool:
    return row.op == "product" and len(row.args) == 1 and row.axes[0] == row.keep


def _shared(graph: Graph, x: Ref, scale: sp.Expr = ONE) -> Ref:
    """exp(-|scale x|)."""
    row = graph[x]
    if _is_scaled(row) and row.payload.is_number:
        scale, (x,) = scale * abs(row.payload), graph.operands(x)
    return graph.map("exp", (graph.product(-scale, [graph.map("abs", (x,))]),))


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


def _sech_squared(graph: Graph, x: Ref, shares: bool) -> Ref:
    """4 exp(-|2 x|) / (1 + exp(-|2 x|))^2 where others need the exponential, else the square of 1/cosh(x), which is fewer steps.

    Where cosh overflows, its square's inverse is far below the least number.
    """
    if shares:
        return graph.product(sp.Integer(4), [_logistic_slope(graph, x, sp.Integer(2))])
    return graph.map("square", (graph.map("reciprocal", (graph.map("cosh", (x,)),)),))


def _logistic_slope(graph: Graph, x: Ref, scale: sp.Expr = ONE) -> Ref:
    """exp(-|x|) / (1 + exp(-|x|))^2 of scale x."""
    e = _shared(graph, x, scale)
    below = graph.map("square", (graph.sum(ONE, [(ONE, e)]),))
    return graph.product(ONE, [e, graph.map("reciprocal", (below,))])


_PARTS = {"softplus": _softplus, "logistic": _logistic, "sech": _sech, "logistic_slope": _logistic_slope}
_ALWAYS = ("sech", "logistic_slope")
"""Functions that need their exponential more than once."""
