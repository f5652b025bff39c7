"""Work that two rows do twice is done once: a log-sum-exp, the differences from it, and the softmax that goes with it.

With top = max a, e = exp(a - top) and total = sum e, the three are top + log(total), (a - top) - log(total) and
e/total: one exponential for all, and no digits lost where a is far from 0.
"""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row

ZERO, ONE = sp.S.Zero, sp.S.One


class _Parts(NamedTuple):
    """What a log-sum-exp over `a` is made of, on the labels that a carries here."""

    a: Ref
    shifted: Ref
    exponential: Ref
    total: Ref
    log_total: Ref


def share_exponentials(program: Program) -> Program:
    """The program with log-sum-exps written out wherever a - logsumexp(a) is needed as well."""
    differences = _differences(program)
    if not differences:
        return program
    sums, parts = set(differences.values()), {}

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if index in sums:
            over = [label for local, label in enumerate(labels) if local not in row.keep]
            made, parts[index] = _written_out(graph, refs[0], over)
            return made
        if index in differences:
            return _difference(graph, _here(parts[differences[index]], row, refs))
        if row.op == "map" and row.payload == ("exp",) and row.args[0] in differences:
            return _quotient(graph, program, row, labels, parts[differences[row.args[0]]])
        return None

    return rebuild(program, remake)


def _differences(program: Program) -> dict[int, int]:
    """Rows a - logsumexp(a), each with the row of its log-sum-exp."""
    rows, found = program.graph.rows, {}
    for index in program.live():
        row = rows[index]
        if row.op != "sum" or row.payload[1] != 0 or len(row.args) != 2 or set(row.payload[0]) != {1, -1}:
            continue
        plus, minus = _signs(row)
        inner = rows[row.args[minus]]
        if inner.op == "logsumexp" and inner.args[0] == row.args[plus] and _same_axes(row, inner, plus, minus):
            found[index] = row.args[minus]
    return found


def _signs(row: Row) -> tuple[int, int]:
    return (0, 1) if row.payload[0][0] == 1 else (1, 0)


def _same_axes(row: Row, inner: Row, plus: int, minus: int) -> bool:
    """Whether the kept axes of a are the axes that the log-sum-exp has here."""
    kept = [row.axes[plus][inner.axes[0].index(label)] for label in inner.keep]
    return tuple(kept) == row.axes[minus]


def _written_out(graph: Graph, a: Ref, over: list[Label]) -> tuple[Ref, _Parts]:
    top = graph.map("finite", (graph.reduce("extremum", a, over, "max"),))
    shifted = graph.sum(ZERO, [(ONE, a), (-ONE, top)])
    exponential = graph.map("exp", (shifted,))
    total = graph.product(ONE, [exponential], over)
    log_total = graph.map("log", (total,))
    return graph.sum(ZERO, [(ONE, top), (ONE, log_total)]), _Parts(a, shifted, exponential, total, log_total)


def _here(parts: _Parts, row: Row, refs: list[Ref]) -> _Parts:
    return _relabelled(parts, refs[_signs(row)[0]])


def _relabelled(parts: _Parts, a: Ref) -> _Parts:
    mapping = dict(zip(parts.a.labels, a.labels, strict=True))
    return _Parts(*(ref.rename(mapping) for ref in parts))


def _difference(graph: Graph, parts: _Parts) -> Ref:
    return graph.sum(ZERO, [(ONE, parts.shifted), (-ONE, parts.log_total)])


def _quotient(graph: Graph, program: Program, row: Row, labels: list[Label], parts: _Parts) -> Ref:
    difference = program.graph.rows[row.args[0]]
    local = dict(zip(difference.keep, row.axes[0], strict=True))
    plus = _signs(difference)[0]
    a = Ref(parts.a.row, tuple(labels[local[label]] for label in difference.axes[plus]))
    here = _relabelled(parts, a)
    return graph.product(ONE, [here.exponential, graph.map("reciprocal", (here.total,))])
