"""Rules for terms that cancel: of sums inside sums, and of one exponential times several polynomials, as the slopes of covariances of
Matern and of gamma densities are."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.linear import Linear
from symgrad.rewrite.linear import linear as linear_form
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, h, heads, x


def _factored(graph: Graph, term: Ref) -> tuple[sp.Expr, list[Ref]] | None:
    """The number and the factors of a term, products among them opened, where one is an exponential."""
    coefficient, operands, over = look.spread(graph, term) or (ONE, [term], [])
    has_exponential = bool(look.arguments(graph, operands, "exp"))
    return (coefficient, operands) if has_exponential and not over else None


def _joined(graph: Graph, parts: list[tuple[sp.Expr, list[Ref]]]) -> tuple[list[Ref], Linear, Linear] | None:
    """Common factors of two terms, an exponential among them, and what each has besides them as a sum; None where that is no sum."""
    (c, first), (d, second) = parts
    common, left, right = [], list(first), []
    for one in second:
        if one in left:
            left.remove(one)
            common.append(one)
        else:
            right.append(one)
    if not look.arguments(graph, common, "exp") or not any(len(rest) == 1 and graph[rest[0]].op == "sum" for rest in (left, right)):
        return None
    return common, linear_form(graph, graph.product(ONE, left), c), linear_form(graph, graph.product(ONE, right), d)


def _cancelling(graph: Graph, ref: Ref) -> Ref | None:
    """c e P + d e Q inside a sum, e an exponential and P and Q sums or numbers of which terms cancel, is e R with their sum R = c P + d Q."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    found = [(k, c * one[0], one[1]) for k, (c, term) in enumerate(parts) if (one := _factored(graph, term)) is not None]
    for position, (k, c, first) in enumerate(found):
        for m, d, second in found[position + 1:]:
            joined = _joined(graph, [(c, first), (d, second)])
            if joined is None:
                continue
            common, (above, number), (other, shift) = joined
            terms = {term: above.get(term, ZERO) + other.get(term, ZERO) for term in {**above, **other}}
            kept = [(coefficient, term) for term, coefficient in terms.items() if coefficient != 0]
            if len(kept) < len(terms) or (number != 0 and number + shift == 0):
                made = graph.product(ONE, [*common, graph.sum(number + shift, kept)])
                return graph.sum(constant, [*look.without(parts, k, m), (ONE, made)])
    return None


def _opened(graph: Graph, ref: Ref) -> Ref | None:
    """A sum inside a sum, opened where terms of the two or their numbers cancel."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts):
        number, inner = look.terms(graph, term) or (ZERO, [])
        others = {one: d for d, one in look.without(parts, k)}
        if (constant != 0 and constant + c * number == 0) or any(others.get(one) == -c * d for d, one in inner):
            return graph.sum(constant + c * number, [*look.without(parts, k), *((c * d, one) for d, one in inner)])
    return None


RULES = (
    Rule("sum inside a sum", "sum", h - 1, "its terms, where some cancel", "all a", "what is left of terms that cancel is their rounding", _opened,
         (0.0, 1e4), where=((h, 1 + sp.log(x)),), needs=heads("sum")),
    Rule("exponential times polynomials that cancel", "sum", sp.exp(-x) - (1 + x) * sp.exp(-x), "exp(-a) (P + Q) from exp(-a) P + exp(-a) Q",
         "all a", "terms of P and Q cancel, and what is left of the products is their rounding", _cancelling, (-300.0, 700.0),
         needs=heads("exp product")),
)
