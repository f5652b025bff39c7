"""Differences that vanish where a softmax is all but certain of one class: their digits are in the classes that are left.

P is a softmax along c, e its exponentials, the largest of which is 1, and rest their sum less 1.

    P - y                (e - y - y rest)/(1 + rest): exact where e and y are 1
    sum_i w_i P_ic - w_c, sum_c w_c P_ic - w_i      sums of w (P - delta), of as many softmaxes as there are classes
    x - P sum_c x        adds up to 0 along c: where P > 1/2 it is less the sum of all others
    g - sum_c P g        P times it adds up to 0

The last two are looked for in derivatives alone: deviations that are squared share the error of their mean, which does no harm so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.lower import apply
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.choices import masked

ZERO, ONE = sp.S.Zero, sp.S.One
HALF = sp.Rational(1, 2)


class Share(NamedTuple):
    """A softmax: its exponentials, the sum of these less 1, and the row that it is."""

    exponential: Ref
    rest: Ref
    softmax: Ref

    def at(self, ref: Ref) -> Share:
        """The same where the row has the labels of `ref`."""
        mapping = dict(zip(self.softmax.labels, ref.labels, strict=True))
        return Share(self.exponential.rename(mapping), self.rest.rename(mapping), ref)

    def total(self, graph: Graph) -> Ref:
        return graph.sum(ONE, [(ONE, self.rest)])

    @property
    def over(self) -> list[Label]:
        return [label for label in self.exponential.labels if label not in self.rest.labels]


class _Term(NamedTuple):
    """A term of a sum: a number times factors; `ref` is the row without its coefficient in the sum."""

    number: sp.Expr
    factors: list[Ref]
    coefficient: sp.Expr
    ref: Ref


def certain(graph: Graph, row: Row, refs: list[Ref], shares: Mapping[int, Share], is_derived: bool) -> Ref | None:
    """A sum by what is left to softmaxes; None where none of its terms has one."""
    coefficients, constant = row.payload
    parts = [*zip(coefficients, refs, strict=True), *([(constant, graph.constant(ONE))] if constant != 0 else [])]
    terms = [_opened(graph, c, ref, shares) for c, ref in parts]
    for plus, minus in permutations(range(len(terms)), 2):
        pair = terms[plus], terms[minus]
        made = _less_than(graph, *pair, shares, len(terms) == 2) or (_adding_up(graph, *pair, shares) if is_derived else None)
        made = made or _less_own(graph, *pair, shares)
        if made is not None:
            others = [(term.coefficient, term.ref) for k, term in enumerate(terms) if k not in (plus, minus)]
            return graph.sum(ZERO, [(ONE, made), *others])
    return None


def _opened(graph: Graph, coefficient: sp.Expr, ref: Ref, shares: Mapping[int, Share]) -> _Term:
    row = graph[ref]
    if row.op != "product" or len(row.keep) < len(row.sizes) or ref.row in shares:
        return _Term(coefficient, [ref], coefficient, ref)
    return _Term(coefficient * row.payload, graph.operands(ref), coefficient, ref)


def _less_than(graph: Graph, one: _Term, other: _Term, shares: Mapping[int, Share], alone: bool) -> Ref | None:
    found = (_less(graph, one.number, share, beside, other, alone) for share, beside in _shares(graph, one.factors, shares))
    return next((made for made in found if made is not None), None)


def _adding_up(graph: Graph, one: _Term, other: _Term, shares: Mapping[int, Share]) -> Ref | None:
    found = (_balanced(graph, one, share, beside, other) for share, beside in _shares(graph, one.factors, shares))
    return next((made for made in found if made is not None), None) or _centred(graph, one, other, shares)


def _shares(graph: Graph, factors: list[Ref], shares: Mapping[int, Share]) -> Iterator[tuple[Share, list[Ref]]]:
    """Factors that are a softmax, one where a condition holds included, and the factors beside it."""
    for k, factor in enumerate(factors):
        found = masked(graph, factor)
        bare = factor if found is None else found[1]
        if bare.row in shares:
            share = shares[bare.row].at(bare)
            if found is None or not set(share.over) & set(found[0].labels):
                yield share._replace(softmax=factor), factors[:k] + factors[k + 1:]


def _less(graph: Graph, number: sp.Expr, share: Share, beside: list[Ref], other: _Term, alone: bool) -> Ref | None:
    """c P F - c y F, where y runs along the classes."""
    left = list((Counter(other.factors) - Counter(beside)).elements())
    if other.number != -number or len(left) != 1 or len(other.factors) != len(beside) + 1 or not set(share.over) <= set(left[0].labels):
        return None
    if graph[share.softmax].calls("select"):
        return None
    if graph[left[0]].op == "onehot":
        return graph.product(number, [*beside, _less_one(graph, share, left[0])])
    return graph.product(number, [*beside, _less_given(graph, share, [], left[0])]) if alone else None


def _less_one(graph: Graph, share: Share, hot: Ref) -> Ref:
    """P - y, y a delta: only the numbers at its places are made anew."""
    per_total = graph.map("reciprocal", (share.total(graph),))
    placed = [graph.product(-ONE, [hot, one]) for one in (per_total, graph.product(ONE, [share.rest, per_total]))]
    return graph.sum(ZERO, [(ONE, one) for one in (share.softmax, *placed)])


def _less_own(graph: Graph, one: _Term, other: _Term, shares: Mapping[int, Share]) -> Ref | None:
    """The sum over one label of c w_i P_ic, less c w of the other label: the sum of c w_i (P_ic - delta_ic)."""
    row = graph[one.ref]
    if row.op != "product" or len(row.sizes) != len(row.keep) + 1:
        return None
    scale = one.coefficient * row.payload
    for share, beside in _shares(graph, graph.operands(one.ref), shares):
        (gone,) = {label for ref in (share.softmax, *beside) for label in ref.labels} - set(one.ref.labels)
        for kept in _crossing(share, gone) if not graph[share.softmax].calls("select") else ():
            if graph.product(-scale, [ref.rename({gone: kept}) for ref in beside]) == graph.product(other.coefficient, [other.ref]):
                less = _less_one(graph, share, graph.onehot(graph.iota(kept), gone))
                return graph.product(scale, [*beside, less], [gone])
    return None


def _crossing(share: Share, label: Label) -> list[Label]:
    """The labels of a softmax that are as long as this one, and run along its classes where this one does not."""
    return [other for other in share.softmax.labels if other.size == label.size and (other in share.over) != (label in share.over)
            and label in share.softmax.labels]


def _less_given(graph: Graph, share: Share, scale: list[Ref], y: Ref) -> Ref:
    """s P - y."""
    exponentials = graph.product(ONE, [*scale, share.exponential])
    whole = graph.sum(ZERO, [(ONE, exponentials), (-ONE, y), (-ONE, graph.product(ONE, [y, share.rest]))])
    return graph.map("ratio", (whole, share.total(graph)))


def _balanced(graph: Graph, one: _Term, share: Share, beside: list[Ref], other: _Term) -> Ref | None:
    """x - P sum x, the second term given first; numbers that the user gives are most often 0 and 1, and stay what they are."""
    if not set(share.over) <= set(other.ref.labels) or not beside:
        return None
    if graph.product(-other.coefficient, [other.ref], share.over) != graph.product(one.number, beside):
        return None
    if graph[other.ref].op == "input" and not graph[share.softmax].calls("select"):
        total = graph.product(-one.number / other.coefficient, beside)
        return graph.product(-other.coefficient, [_less_given(graph, share, [total], other.ref)])
    whole = graph.sum(ZERO, [(ONE, other.ref), (one.coefficient / other.coefficient, one.ref)])
    others = graph.product(-ONE, [_of_others(graph, share.softmax, whole)], share.over)
    return graph.product(other.coefficient, [graph.map("unless_most", (share.softmax, others, whole))])


def _of_others(graph: Graph, softmax: Ref, ref: Ref) -> Ref:
    return graph.select(apply(graph, "le", [softmax, graph.constant(HALF)]), ref, graph.constant(ZERO))


def _centred(graph: Graph, one: _Term, other: _Term, shares: Mapping[int, Share]) -> Ref | None:
    """g - sum P g, the second term given first."""
    row = graph[one.ref]
    if row.op != "product" or len(row.keep) == len(row.sizes):
        return None
    for own in _outside(graph, one.ref, other.ref, shares):
        if graph.product(-other.coefficient, [own.softmax, other.ref], own.over) != graph.product(one.coefficient, [one.ref]):
            continue
        whole = graph.sum(ZERO, [(ONE, other.ref), (one.coefficient / other.coefficient, one.ref)])
        weighted = graph.product(-ONE, [own.softmax, _of_others(graph, own.softmax, whole)], own.over)
        others = graph.product(ONE, [weighted, own.total(graph)])
        return graph.product(other.coefficient, [graph.map("unless_most", (own.softmax, others, whole))])
    return None


def _outside(graph: Graph, inside: Ref, outside: Ref, shares: Mapping[int, Share]) -> Iterator[Share]:
    """The softmaxes in a sum over classes, along the classes that a row outside of the sum runs along."""
    free = [label for label in outside.labels if label not in inside.labels]
    for share, _ in _shares(graph, graph.operands(inside), shares):
        if len(free) == len(share.over) and [label.size for label in free] == [label.size for label in share.over]:
            mapping = dict(zip(share.over, free, strict=True))
            yield Share(share.exponential.rename(mapping), share.rest, share.softmax.rename(mapping))
