"""Work that two rows do twice is done once: the exponentials of a log-sum-exp and of the softmax that goes with it."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row

ZERO, ONE = sp.S.Zero, sp.S.One


def share_exponentials(program: Program) -> Program:
    """log-sum-exp written out as top + log(total), total = sum of e = exp(a - top); then exp(a - lse) is e/total.

    Only where the softmax is needed too: by itself a log-sum-exp stays one line.
    """
    wanted = _softmaxes(program)
    if not wanted:
        return program
    parts: dict[Ref, tuple[Ref, Ref]] = {}

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if index in wanted.values():
            return _written_out(graph, refs[0], [label for local, label in enumerate(labels) if local not in row.keep], parts)
        if index in wanted:
            return _quotient(graph, refs[0], parts)
        return None

    return rebuild(program, remake)


def _softmaxes(program: Program) -> dict[int, int]:
    """exp(a - logsumexp(a)) rows, each with the row of its log-sum-exp."""
    rows, found = program.graph.rows, {}
    for index in program.live():
        row = rows[index]
        if row.op != "map" or row.payload != ("exp",):
            continue
        inner = rows[row.args[0]]
        if inner.op != "sum" or inner.payload[1] != 0 or sorted(inner.payload[0]) != [-1, 1]:
            continue
        plus, minus = (inner.args if inner.payload[0][0] == 1 else reversed(inner.args))
        if rows[minus].op == "logsumexp" and rows[minus].args[0] == plus:
            found[index] = minus
    return found


def _written_out(graph: Graph, a: Ref, over: list[Label], parts: dict[Ref, tuple[Ref, Ref]]) -> Ref:
    top = graph.map("finite", (graph.reduce("extremum", a, over, "max"),))
    e = graph.map("exp", (graph.sum(ZERO, [(ONE, a), (-ONE, top)]),))
    total = graph.product(ONE, [e], over)
    result = graph.sum(ZERO, [(ONE, top), (ONE, graph.map("log", (total,)))])
    parts[Ref(result.row)] = (e, total)
    return result


def _quotient(graph: Graph, exponent: Ref, parts: dict[Ref, tuple[Ref, Ref]]) -> Ref | None:
    """e/total, relabelled to where the softmax stands; None where a letter pattern does not allow it."""
    plus, minus = _difference(graph, exponent)
    made = parts.get(Ref(minus.row)) if minus is not None and plus is not None else None
    if made is None:
        return None
    e, total = made
    shifted = graph.operands(graph.operands(e)[0])
    own = next(ref for ref in shifted if ref.row == plus.row)
    mapping = dict(zip(own.labels, plus.labels, strict=True))
    return graph.product(ONE, [e.rename(mapping), graph.map("reciprocal", (total.rename(mapping),))])


def _difference(graph: Graph, ref: Ref) -> tuple[Ref | None, Ref | None]:
    """(a, b) where the row is a - b."""
    row = graph[ref]
    if row.op != "sum" or row.payload[1] != 0 or sorted(row.payload[0]) != [-1, 1]:
        return None, None
    first, second = graph.operands(ref)
    return (first, second) if row.payload[0][0] == 1 else (second, first)
