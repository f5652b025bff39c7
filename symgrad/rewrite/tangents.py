"""Tangents of 0 beside partial derivatives that overflow or have a pole: along one input the others rest, so that 0 times infinity is 0 there.

Reverse mode has no such products: what a parameter does not touch is not in its sum.
"""

from __future__ import annotations

from symgrad.graph.bounds import POSITIVE, Bounds
from symgrad.graph.graph import Graph
from symgrad.graph.heads.exponents import EXPONENTIALS, STEEP, WITH_FACTOR
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.overflow import below_in_branch, below_where_used, is_bounded
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE

OVERFLOWING = frozenset({*EXPONENTIALS, *STEEP, *WITH_FACTOR})
"""Functions that overflow where their arguments are of ordinary size."""
BOUNDED = frozenset({"tanh", "logistic", "logistic_slope", "sech", "sin", "cos", "erf", "erfc", "atan", "sign", "heaviside"})
"""Functions that do not, be their argument what it may."""


def keep_still(program: Program) -> Program:
    """The program with products of a tangent and what may overflow as functions that are 0 where the tangent is."""
    rows, live = program.graph.rows, program.live()
    tangents = [rows[index] for index in live if rows[index].op == "input" and rows[index].payload.role == "tangent"]
    if len(tangents) < 2 and not any(row.sizes for row in tangents):
        return program
    moving, below = _moving(rows, live), below_where_used(program, live)
    steep = _steep(program.graph.copy(), live)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        places = [k for k, arg in enumerate(row.args) if arg in moving]
        if index not in below or row.op != "product" or row.kind != REAL or len(places) != 1 or len(refs) == 1:
            return None
        if all(steep[arg] <= below[index] for arg in look.without(row.args, *places)):
            return None
        over = [label for local, label in enumerate(labels) if local not in row.keep]
        return _times(graph, refs[places[0]], graph.product(row.payload, look.without(refs, *places)), over)

    return rebuild(program, remake)


def _moving(rows: list[Row], live: list[int]) -> set[int]:
    """Rows that depend on a tangent."""
    found = set[int]()
    for index in live:
        row = rows[index]
        if (row.op == "input" and row.payload.role == "tangent") or not found.isdisjoint(row.args):
            found.add(index)
    return found


def _steep(graph: Graph, live: list[int]) -> dict[int, frozenset[int]]:
    """For each row the exponents for which it overflows where its inputs are of ordinary size."""
    bounds, found = Bounds(graph), dict[int, frozenset[int]]()
    for index in live:
        row = graph.rows[index]
        name = row.payload[0] if row.op == "map" else row.op
        if _has_pole(bounds, row):
            found[index] = frozenset({row.args[0]})
        elif name in OVERFLOWING:
            found[index] = frozenset() if is_bounded(graph, bounds, graph.whole(index)) else frozenset({row.args[0]})
        else:
            parts = [found[arg] - below_in_branch(graph.rows, row, k) for k, arg in enumerate(row.args)]
            found[index] = frozenset() if name in BOUNDED else frozenset().union(*parts)
    return found


def _has_pole(bounds: Bounds, row: Row) -> bool:
    """Whether a row is a power that is infinite where its base is 0, which that may be."""
    name, *parameters = row.payload if row.op == "map" else (row.op,)
    if name == "pow":
        return bounds.of(row.args[0]) < POSITIVE
    return (name == "reciprocal" or (name == "power" and bool(parameters[0].is_negative))) and not bounds.keeps_finite(row)


def _times(graph: Graph, tangent: Ref, partial: Ref, over: list[Label]) -> Ref | None:
    """The function, summed over the labels that the product lacks; None where that would take a larger array than either."""
    if not (set(tangent.labels) <= set(partial.labels) or set(partial.labels) <= set(tangent.labels)):
        return None
    made = graph.map("tangent_times", (tangent, partial))
    graph.notes.setdefault(made.row, "rule nothing along a tangent of 0")
    return graph.product(ONE, [made], over)
