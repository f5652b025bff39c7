"""Rules for divergences of distributions, sum p log(p/q): each class adds p log(p/q) - p + q, since both add up to 1.

So nothing cancels where p and q are nearly the same, and the slopes towards q are q - p with all their digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref
from symgrad.rewrite.linear import less, linear
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x, y


def _divergence(graph: Graph, ref: Ref) -> Ref | None:
    """sum p (log p - log q) along classes, p and q softmaxes along these."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, u in look.arguments(graph, operands, "exp") if over else ():
        softmax = look.softmax(graph, operands[k])
        if softmax is None or not set(softmax.over) <= set(over):
            continue
        others = look.without(operands, k)
        for m, operand in enumerate(others):
            rest = look.without(others, m)
            for sign, v in _subtracted(graph, operand, u):
                term = _term(graph, u, v, rest, softmax.over)
                if term is not None:
                    return graph.product(sign * coefficient, [*rest, term], over)
    return None


def _subtracted(graph: Graph, ref: Ref, u: Ref) -> Iterator[look.Term]:
    """(c, v) where a row is c (u - v), c = 1 or -1, and v has two terms as u has."""
    if graph[ref].op != "sum":
        return
    whole, one = linear(graph, ref), linear(graph, u)
    for sign in (ONE, -ONE):
        terms, constant = less(one, whole, sign)
        if constant == 0 and len(terms) == 2:
            bare = [(c, *(look.factors(graph, term) or (ONE, [term]))) for term, c in terms.items()]
            yield sign, graph.sum(ZERO, [(c * number, graph.product(ONE, parts)) for c, number, parts in bare])


def _term(graph: Graph, u: Ref, v: Ref, beside: list[Ref], over: list[Label]) -> Ref | None:
    """What each class adds, where exp(v) is a softmax along the same labels and no factor beside runs along these."""
    other = look.softmax(graph, look.make(graph, "exp", v))
    if other is None or set(other.over) != set(over) or any(set(over) & set(one.labels) for one in beside):
        return None
    return look.make(graph, "divergence_term", u, v, look.difference(graph, v, u))


def _cross_entropy_less_entropy(graph: Graph, ref: Ref) -> Ref | None:
    """c sum p log p - c sum p log q inside a sum, p and q softmaxes."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, m in look.pairs(parts):
        (c, one), (d, other) = parts[k], parts[m]
        joined = _joined(graph, one, other) if c == -d else None
        if joined is not None:
            return graph.sum(constant, [*look.without(parts, k, m), (c, joined)])
    return None


def _joined(graph: Graph, one: Ref, other: Ref) -> Ref | None:
    """The divergence from sum w p log p and sum w p log q."""
    coefficient, operands, over = look.spread(graph, one) or (ONE, [], [])
    for k, u in look.arguments(graph, operands, "exp") if over else ():
        softmax = look.softmax(graph, operands[k])
        rest = look.without(operands, k)
        if softmax is None or u not in rest:
            continue
        rest.remove(u)
        for scale, factors in _alongside(graph, other, operands[k]):
            left = [factor for factor in factors if factor not in rest]
            fits = scale == coefficient and len(left) == 1 and len(factors) == len(rest) + 1
            term = _term(graph, u, left[0], rest, softmax.over) if fits else None
            if term is not None:
                return graph.product(coefficient, [*rest, term], over)
    return None


def _alongside(graph: Graph, ref: Ref, p: Ref) -> Iterator[tuple[sp.Expr, list[Ref]]]:
    """The coefficient of a product that holds the same row as p, and its other factors on the labels of p."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, operand in enumerate(operands) if over else ():
        if operand.row == p.row:
            labels = dict(zip(operand.labels, p.labels, strict=True))
            yield coefficient, [one.rename(labels) for one in look.without(operands, k)]


def _of_rates(graph: Graph, ref: Ref) -> Ref | None:
    """c exp(u) (u - v) - c exp(u) + c exp(v) inside a sum."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    rates = look.arguments(graph, [term for _, term in parts], "exp") if len(parts) > 2 else []
    for (c, term), (_, v) in product(parts, rates) if len(rates) > 1 else ():
        number, operands = look.factors(graph, term) or (ONE, [])
        u = _rate_times_gap(graph, operands, v)
        if u is None:
            continue
        taken = [(c, term), *((sign * c * number, look.make(graph, "exp", one)) for sign, one in ((-ONE, u), (ONE, v)))]
        if all(part in parts for part in taken):
            made = look.make(graph, "divergence_term", u, v, look.difference(graph, v, u))
            return graph.sum(constant, [*(part for part in parts if part not in taken), (c * number, made)])
    return None


def _rate_times_gap(graph: Graph, operands: list[Ref], v: Ref) -> Ref | None:
    """u where the operands are exp(u) and u - v."""
    found = look.arguments(graph, operands, "exp") if len(operands) == 2 else []
    return next((u for k, u in found if u != v and look.difference(graph, u, v) == operands[1 - k]), None)


_WHY = "first orders cancel where p and q are nearly the same, and so do q - p in its slopes"
RULES = (
    Rule("divergence of rates", "sum", sp.exp(x) * (x - y) - sp.exp(x) + sp.exp(y), "p log(p/q) - p + q of p = exp(u), q = exp(v)", "all u, v",
         "the three cancel in first and second order where u is close to v", _of_rates, (-700.0, 700.0), others=(0.75, -3.0, 400.0),
         needs=heads("exp")),
    Rule("cross-entropy less entropy", "sum", None, "sum (p log(p/q) - p + q) from sum p log p - sum p log q, p and q softmaxes", "all logits", _WHY,
         _cross_entropy_less_entropy, needs=heads("product")),
    Rule("divergence of softmaxes", "product", None, "sum (p log(p/q) - p + q) from sum p log(p/q), p and q softmaxes", "all logits", _WHY,
         _divergence, needs=heads("exp")),
)
