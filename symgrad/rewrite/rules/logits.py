"""The cross-entropy of a logit and the share of the first class, which textbooks write by logarithms of two sigmoids."""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.linear import linear
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x, y


class _Weighted(NamedTuple):
    """A number times factors times softplus(a)."""

    number: sp.Expr
    factors: list[Ref]
    a: Ref


def _cross_entropy(graph: Graph, ref: Ref) -> Ref | None:
    """c w A softplus(a) + d w B softplus(-a) inside a sum, where c A + d B is a number n, is n w logit_loss(a, d B/n)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    weighted = [(k, found) for k, part in enumerate(parts) if (found := _weighted(graph, part)) is not None]
    for first, second in look.pairs(weighted) if len(weighted) > 1 else ():
        (k, one), (m, other) = weighted[first], weighted[second]
        made = _made(graph, one, other) if look.are_opposite(graph, one.a, other.a) else None
        if made is not None:
            return graph.sum(constant, [*look.without(parts, k, m), made])
    return None


def _weighted(graph: Graph, part: look.Term) -> _Weighted | None:
    number, operands = look.factors(graph, part[1]) or (ONE, [part[1]])
    found = look.arguments(graph, operands, "softplus")
    if len(found) != 1 or not look.is_number(number * part[0]):
        return None
    (k, a), = found
    return _Weighted(number * part[0], look.without(operands, k), a)


def _made(graph: Graph, one: _Weighted, other: _Weighted) -> look.Term | None:
    """Both as one term; the share is the weight of the other, which is no sum."""
    shared = [factor for factor in one.factors if factor in other.factors]
    weight, share = ([factor for factor in given.factors if factor not in shared] for given in (one, other))
    if len(weight) > 1 or len(share) != 1 or graph[share[0]].op == "sum":
        return None
    terms, number = linear(graph, weight[0], one.number) if weight else ({}, one.number)
    if number == 0 or terms != {share[0]: -other.number}:
        return None
    loss = look.make(graph, "logit_loss", one.a, look.times(graph, other.number / number, share[0]))
    return number, look.times(graph, ONE, *shared, loss)


RULES = (
    Rule("cross-entropy of a logit", "sum", (1 - y) * sp.log(1 + sp.exp(x)) + y * sp.log(1 + sp.exp(-x)), "logit_loss(a, y)", "all a, y",
         "two logarithms where one is enough, which cancel where y is large", _cross_entropy, others=(0.0, 1.0),
         needs=heads("softplus product")),
)
