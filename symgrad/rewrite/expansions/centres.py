"""Where a formula of one input may lose digits besides 0, 1, -1 and infinity: where a + b x, or a + b x^2, in it is 0 or 1 or -1, and where
its waves turn.
"""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO

MOST = 6
"""So many are looked at, the nearest to 0 first."""
LARGEST = 10**6
WAVES = ("sin", "cos", "tan")

Line = tuple[sp.Expr, sp.Expr]
"""a + b x, or a + b x^2."""


def centres(graph: Graph, root: Ref, source: Ref) -> list[sp.Expr]:
    """The numbers at which the rows below a row should be looked at, but for 0, 1 and -1."""
    live = graph.live([root.row])
    targets = [ZERO, ONE, -ONE, *((sp.pi / 2, -sp.pi / 2, sp.pi, -sp.pi) if has_waves(graph, root) else ())]
    found: set[sp.Expr] = set()
    for is_square in (False, True):
        lines = _lines(graph, live, source, is_square)
        for a, b in lines:
            found.update(place for target in targets for place in _places((target - a) / b, is_square))
    kept = [one for one in found if one not in (ZERO, ONE, -ONE) and abs(one) < LARGEST]
    return sorted(kept, key=lambda one: (abs(float(one)), float(one)))[:MOST]


def has_waves(graph: Graph, root: Ref) -> bool:
    """Whether there is a wave among the rows below a row."""
    return not graph.functions([root.row]).isdisjoint(WAVES)


def _places(value: sp.Expr, is_square: bool) -> list[sp.Expr]:
    if not is_square:
        return [value]
    root = sp.sqrt(value)
    return [root, -root] if root.is_Rational else []


def _lines(graph: Graph, live: list[int], source: Ref, is_square: bool) -> list[Line]:
    """What is a + b x, or a + b x^2, among rows."""
    known: dict[int, Line] = {} if is_square else {source.row: (ZERO, ONE)}
    for index in live:
        line = _line(graph.rows[index], known, source, is_square)
        if line is not None:
            known[index] = line
    return [(a, b) for a, b in known.values() if b != 0]


def _line(row: Row, known: dict[int, Line], source: Ref, is_square: bool) -> Line | None:
    if row.kind != REAL:
        return None
    if row.op == "constant":
        return (row.payload, ZERO) if look.is_number(row.payload) and row.payload.is_finite else None
    if is_square and row.op == "map" and row.payload[0] == "square" and row.args == (source.row,):
        return ZERO, ONE
    if is_square and row.op == "product" and row.args == (source.row, source.row):
        return ZERO, row.payload
    below = [known.get(arg) for arg in row.args]
    if None in below or not below:
        return None
    if row.op == "sum":
        coefficients, constant = row.payload
        return (sum((c * line[0] for c, line in zip(coefficients, below, strict=True) if line), constant),
                sum((c * line[1] for c, line in zip(coefficients, below, strict=True) if line), ZERO))
    if row.op == "product" and len(below) == 1 and below[0] is not None:
        return row.payload * below[0][0], row.payload * below[0][1]
    return below[0] if row.op == "named" else None
