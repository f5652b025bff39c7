"""Rows as multiples of one another: a product by its factors, a sum by its terms."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref

ZERO, ONE = sp.S.Zero, sp.S.One
Linear = tuple[dict[Ref, sp.Expr], sp.Expr]
"""The terms of a row with their coefficients, and its constant."""


def number(graph: Graph, ref: Ref) -> sp.Expr | None:
    value = graph.constant_value(ref)
    return value if value is not None and value.is_number and value.is_real else None


def factors(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[Ref]]:
    """(number, factors) of a product that sums over nothing, products among its factors opened; (1, [row]) of anything else."""
    coefficient, out = _factors(graph, ref)
    opened = [_factors(graph, one) for one in out]
    return sp.Mul(coefficient, *(c for c, _ in opened)), [one for _, parts in opened for one in parts]


def _factors(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[Ref]]:
    row = graph[ref]
    if row.op == "product" and len(row.keep) == len(row.sizes):
        return row.payload, graph.operands(ref)
    return ONE, [ref]


def linear(graph: Graph, ref: Ref, scale: sp.Expr = ONE) -> Linear:
    """scale times a row as its terms and its constant, sums among the terms opened, numbers taken out of products."""
    value, row = number(graph, ref), graph[ref]
    if value is not None:
        return {}, scale * value
    if row.op != "sum":
        coefficient, parts = _factors(graph, ref)
        return {(parts[0] if len(parts) == 1 else graph.product(ONE, parts)): scale * coefficient}, ZERO
    terms: dict[Ref, sp.Expr] = {}
    constant = scale * row.payload[1]
    for c, term in zip(row.payload[0], graph.operands(ref), strict=True):
        inner = linear(graph, term, scale * c) if graph[term].op != "sum" else _opened_once(graph, term, scale * c)
        constant = constant + inner[1]
        for one, d in inner[0].items():
            terms[one] = terms.get(one, ZERO) + d
    return {term: c for term, c in terms.items() if c != 0}, constant


def _opened_once(graph: Graph, ref: Ref, scale: sp.Expr) -> Linear:
    coefficients, constant = graph[ref].payload
    return {term: scale * c for c, term in zip(coefficients, graph.operands(ref), strict=True)}, scale * constant


def less(a: Linear, b: Linear, scale: sp.Expr = ONE) -> Linear:
    """a - scale * b."""
    terms = {term: a[0].get(term, ZERO) - scale * b[0].get(term, ZERO) for term in {**a[0], **b[0]}}
    return {term: c for term, c in terms.items() if c != 0}, a[1] - scale * b[1]


def ratio(a: Linear, b: Linear) -> sp.Expr | None:
    """The number r with a = r b; None where there is none, or b has no terms."""
    if not b[0] or a[0].keys() != b[0].keys():
        return None
    scale = next(a[0][term] / c for term, c in b[0].items())
    terms, constant = less(a, b, scale)
    return scale if scale.is_number and not terms and constant == 0 else None


def divided(graph: Graph, ref: Ref, by: Ref) -> Ref | None:
    """The rest of a row without the factors `by`: a number or a row; None where it does not hold them."""
    if graph.constant_value(ref) is not None:
        return ref if graph.constant_value(ref) == 0 else None
    coefficient, parts = factors(graph, ref)
    left = without(graph, parts, by)
    return graph.product(coefficient * left[0], left[1]) if left is not None else None


def without(graph: Graph, operands: list[Ref], by: Ref) -> tuple[sp.Expr, list[Ref]] | None:
    """The operands less those that make `by`, and the number that is left over; None where they do not hold it."""
    scale, wanted = factors(graph, by)
    rest = list(operands)
    if all(rest.count(factor) >= wanted.count(factor) for factor in wanted):
        for factor in wanted:
            rest.remove(factor)
        return 1 / scale, rest
    form = linear(graph, by)
    for k, operand in enumerate(operands):
        times = ratio(linear(graph, operand), form)
        if times is not None:
            return times, operands[:k] + operands[k + 1:]
    return None
