"""Work that two rows do twice is done once: a log-sum-exp, the differences from it, and the softmax that goes with it.

With top = max a, e = exp(a - top) and rest = sum e - 1, the three are top + log1p(rest), (a - top) - log1p(rest) and
e/(1 + rest): one exponential for all, and no digits lost where a is far from 0 or one element all there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.lower import apply
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.certain import Share, certain
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import HALF, ONE, ZERO

MINUS = ((ONE, -ONE), ZERO), ((-ONE, ONE), ZERO)
"""What a sum of two terms has that is their difference."""


class _Parts(NamedTuple):
    """What a log-sum-exp over `a` is made of, on the labels that a carries here."""

    a: Ref
    top: Ref
    shifted: Ref
    exponential: Ref
    rest: Ref
    log_total: Ref

    def renamed(self, old: Sequence[Label], new: Sequence[Label]) -> _Parts:
        mapping = dict(zip(old, new, strict=True))
        return _Parts(*(ref.rename(mapping) for ref in self))


class _Difference(NamedTuple):
    """A row a - logsumexp(a): the row of the log-sum-exp, which term a is, and which axis of that term axis k of a is."""

    log_sum: int
    term: int
    order: tuple[int, ...]


def share_exponentials(program: Program) -> Program:
    """The program with log-sum-exps written out wherever a - logsumexp(a), or that of something else, is needed as well."""
    sharing = _Sharing(program)
    return rebuild(program, sharing.remake) if sharing.sums else program


class _Sharing:
    """What is written out, and what has been made of it."""

    def __init__(self, program: Program):
        rows = program.graph.rows
        self.rows, self.primal = rows, program.primal
        self.differences, self.others = _differences(program), _other_differences(program)
        self.sums = {one.log_sum for one in self.differences.values()} | {rows[index].args[minus] for index, minus in self.others.items()}
        self.parts: dict[int, _Parts] = {}
        """Of each log-sum-exp."""
        self.logs: dict[int, tuple[Ref, _Parts]] = {}
        """Rows a - logsumexp(a) that were made, and their parts on the labels of these."""
        self.shares: dict[int, Share] = {}

    def remake(self, graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if index in self.sums:
            made, self.parts[index] = _written_out(graph, refs[0], [label for local, label in enumerate(labels) if local not in row.keep])
            return made
        if index in self.differences:
            return self._difference(graph, self.differences[index], refs)
        if index in self.others:
            return _other_difference(graph, self.parts[row.args[self.others[index]]], refs, self.others[index])
        if row.calls("exp") and row.args[0] in self.differences:
            return self._softmax(graph, row, labels)
        return self._sum(graph, index, row, refs) if row.op == "sum" else None

    def _difference(self, graph: Graph, found: _Difference, refs: list[Ref]) -> Ref:
        parts = self._parts(found, refs[found.term].labels)
        made = look.difference(graph, parts.shifted, parts.log_total)
        self.logs[made.row] = made, parts
        return made

    def _parts(self, found: _Difference, labels: Sequence[Label]) -> _Parts:
        """The parts where the term of a difference has these labels."""
        parts = self.parts[found.log_sum]
        return parts.renamed(parts.a.labels, [labels[axis] for axis in found.order])

    def _softmax(self, graph: Graph, row: Row, labels: list[Label]) -> Ref:
        found = self.differences[row.args[0]]
        parts = self.parts[found.log_sum]
        share = _share(graph, parts.renamed(parts.a.labels, [labels[axis] for axis in _axes(self.rows[row.args[0]], row, found)]))
        self.shares[share.softmax.row] = share
        return share.softmax

    def _sum(self, graph: Graph, index: int, row: Row, refs: list[Ref]) -> Ref | None:
        if row.payload in MINUS and all(ref.row in self.logs for ref in refs):
            return _log_of_ratio(graph, row, [parts.renamed(made.labels, ref.labels) for ref in refs for made, parts in [self.logs[ref.row]]])
        return certain(graph, row, refs, self.shares, self.primal is not None and index >= self.primal) if self.shares else None


def _log_of_ratio(graph: Graph, row: Row, parts: Sequence[_Parts]) -> Ref | None:
    """(a - logsumexp(a)) - (b - logsumexp(b)) is g - log1p(sum q expm1(g)) where that is small, g = (a - max a) - (b - max b)."""
    p, q = parts if row.payload[0][0] == 1 else parts[::-1]
    over = [label for label in p.a.labels if label not in p.rest.labels]
    if set(p.a.labels) != set(q.a.labels) or set(p.rest.labels) != set(q.rest.labels):
        return None
    gap = graph.map("logit_gap", (look.difference(graph, p.a, q.a), look.difference(graph, p.top, q.top), p.shifted, q.shifted))
    change = graph.product(ONE, [_share(graph, q).softmax, graph.map("expm1", (gap,))], over)
    is_small = apply(graph, "lt", [graph.map("abs", (change,)), graph.constant(HALF)])
    between = graph.select(is_small, graph.map("log1p", (change,)), look.difference(graph, p.log_total, q.log_total))
    return look.difference(graph, gap, between)


def _differences(program: Program) -> dict[int, _Difference]:
    """Rows a - logsumexp(a); a may stand there as the multiple that it is of another row."""
    rows, found = program.graph.rows, {}
    for index in program.live():
        row = rows[index]
        if row.op == "sum" and row.payload[1] == 0 and len(row.args) == 2:
            one = _of_two(rows, row, 0, 1) or _of_two(rows, row, 1, 0)
            found.update({index: one} if one is not None else {})
    return found


def _other_differences(program: Program) -> dict[int, int]:
    """Rows b - logsumexp(a) with some other b, which may be an element of a; and which term the log-sum-exp is."""
    rows, found = program.graph.rows, {}
    for index in program.live():
        row = rows[index]
        if row.op == "sum" and row.payload in MINUS:
            minus = row.payload[0].index(-1)
            if rows[row.args[minus]].op == "logsumexp" != rows[row.args[1 - minus]].op:
                found[index] = minus
    return found


def _of_two(rows: Sequence[Row], row: Row, plus: int, minus: int) -> _Difference | None:
    """A sum of two terms read as that: the kept axes of a are the axes that the log-sum-exp has here."""
    inner, term = rows[row.args[minus]], _multiple(rows, row.args[plus])
    if row.payload[0][minus] != -1 or inner.op != "logsumexp":
        return None
    a = _multiple(rows, inner.args[0])
    if (a.coefficient, a.index) != (row.payload[0][plus] * term.coefficient, term.index):
        return None
    order = tuple(term.axes[a.axes.index(axis)] for axis in range(len(a.axes)))
    kept = [row.axes[plus][order[inner.axes[0].index(label)]] for label in inner.keep]
    return _Difference(row.args[minus], plus, order) if tuple(kept) == row.axes[minus] else None


class _Multiple(NamedTuple):
    """What a row is a multiple of: axis k of that is axis axes[k] of the row."""

    coefficient: sp.Expr
    index: int
    axes: tuple[int, ...]


def _multiple(rows: Sequence[Row], index: int) -> _Multiple:
    coefficient, axes = ONE, tuple(range(len(rows[index].keep)))
    while rows[index].op in ("named", "product") and len(rows[index].args) == 1 and sorted(rows[index].axes[0]) == sorted(rows[index].keep):
        row = rows[index]
        coefficient = coefficient * row.payload if row.op == "product" else coefficient
        index, axes = row.args[0], tuple(axes[row.keep.index(label)] for label in row.axes[0])
    return _Multiple(coefficient, index, axes)


def _axes(difference: Row, row: Row, found: _Difference) -> list[int]:
    """The local labels that the axes of a carry in a function of the difference."""
    local = dict(zip(difference.keep, row.axes[0], strict=True))
    return [local[difference.axes[found.term][axis]] for axis in found.order]


def _written_out(graph: Graph, a: Ref, over: list[Label]) -> tuple[Ref, _Parts]:
    top = graph.map("finite", (graph.reduce("extremum", a, over, "max"),))
    shifted = look.difference(graph, a, top)
    exponential = graph.map("exp", (shifted,))
    rest = graph.reduce("rest", exponential, over)
    log_total = graph.map("log1p", (rest,))
    return graph.sum(ZERO, [(ONE, top), (ONE, log_total)]), _Parts(a, top, shifted, exponential, rest, log_total)


def _other_difference(graph: Graph, parts: _Parts, refs: Sequence[Ref], minus: int) -> Ref:
    """b - logsumexp(a) as (b - top) - log1p(rest)."""
    b, log = refs[1 - minus], refs[minus]
    here = parts.renamed(parts.log_total.labels, log.labels)
    return look.difference(graph, look.difference(graph, b, here.top), here.log_total)


def _share(graph: Graph, parts: _Parts) -> Share:
    total = graph.sum(ONE, [(ONE, parts.rest)])
    softmax = graph.product(ONE, [parts.exponential, graph.map("reciprocal", (total,))])
    return Share(parts.exponential, parts.rest, softmax)
