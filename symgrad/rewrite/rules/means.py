"""Rules for means of powers next to the exponent where powers say nothing: entropies at the order 1, power means at the exponent 0.

With weights w that sum to one, sum w b^a is 1 + a m, where m = sum w (b^a - 1)/a keeps its digits as a vanishes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, scales, shapes
from symgrad.rewrite.rules.arrays import add_up_to_one
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads

NEAR = sp.Rational(1, 8)
"""Exponents below this, of either sign, are near 0."""


class _Mean(NamedTuple):
    """(sum w b^a - 1)/a and a."""

    mean: Ref
    exponent: Ref


def _mean(graph: Graph, ref: Ref) -> _Mean | None:
    """A row as the mean of b^a, a no number."""
    coefficient, operands = look.factors(graph, ref) or (ONE, [ref])
    for k, operand in enumerate(operands):
        scale, inner, over = look.spread(graph, operand) or (ONE, [], [])
        rest = look.without(operands, k)
        found = _weighted(graph, coefficient * scale, rest, inner, over) if over else None
        if found is None and over and not rest and coefficient * scale == 1 and len(inner) == 1:
            found = _of_shares(graph, inner[0], over)
        if found is not None:
            return found
    return None


def _weighted(graph: Graph, coefficient: sp.Expr, rest: list[Ref], inner: list[Ref], over: list[Label]) -> _Mean | None:
    """sum w b^a/sum w, or the sum of b^a over their number."""
    powers = [k for k, operand in enumerate(inner) if graph[operand].calls("pow")]
    if len(powers) != 1:
        return None
    base, exponent = graph.operands(inner[powers[0]])
    weights = look.without(inner, *powers)
    total = graph.product(ONE, weights, over) if weights else graph.constant(look.count(over))
    whole = graph.product(coefficient, [*rest, total])
    number = graph.constant_value(whole)
    known = number == 1 or (coefficient == 1 and rest == [look.make(graph, "reciprocal", total)])
    if not known or not _is_free(graph, base, exponent, over):
        return None
    return _Mean(_sum(graph, coefficient, [*rest, *weights], base, exponent, over), exponent)


def _is_free(graph: Graph, base: Ref, exponent: Ref, over: list[Label]) -> bool:
    """Whether a power is one that nothing was taken out of, and whose exponent is the same all over the sum."""
    return graph.constant_value(exponent) is None and not set(over) & set(exponent.labels) and not look.has_factor(graph, base, "power_scale")


def _sum(graph: Graph, coefficient: sp.Expr, weights: list[Ref], base: Ref, exponent: Ref, over: list[Label]) -> Ref:
    """sum w (b^a - 1)/a, where weights of 0 do not count."""
    change = look.make(graph, "box_cox", base, exponent)
    for weight in weights:
        if set(weight.labels) & set(over):
            change = graph.select(look.make(graph, "ne", weight, graph.constant(ZERO)), change, graph.constant(ZERO))
    return graph.product(coefficient, [*weights, change], over)


def _of_shares(graph: Graph, ref: Ref, over: list[Label]) -> _Mean | None:
    """sum p^q = sum p p^(q - 1), p a softmax or numbers over their sum."""
    for share, order in _powers_of_shares(graph, ref, over):
        exponent = look.shifted(graph, order, -ONE)
        if _is_free(graph, share, exponent, over):
            return _Mean(_sum(graph, ONE, [share], share, exponent, over), exponent)
    return None


def _powers_of_shares(graph: Graph, ref: Ref, over: list[Label]) -> Iterator[tuple[Ref, Ref]]:
    """(p, q) where the row is p^q and p sums to one."""
    exponent = look.argument(graph, ref, "exp")
    if exponent is not None:
        yield from _powers_of_softmax(graph, exponent, over)
    elif graph[ref].calls("pow"):
        base, order = graph.operands(ref)
        if add_up_to_one(graph, [base], over):
            yield base, order


def _powers_of_softmax(graph: Graph, exponent: Ref, over: list[Label]) -> Iterator[tuple[Ref, Ref]]:
    """(p, q) where the row is q log(p), p a softmax."""
    coefficient, operands = look.factors(graph, exponent) or (ONE, [])
    for k, operand in enumerate(operands):
        share = look.make(graph, "exp", operand)
        if add_up_to_one(graph, [share], over):
            yield share, graph.product(coefficient, look.without(operands, k))


# ---------------------------------------------------------------------- what is made of such a mean

def _is_near(graph: Graph, exponent: Ref) -> Ref:
    return look.make(graph, "lt", look.make(graph, "abs", exponent), graph.constant(NEAR))


def _over(graph: Graph, ref: Ref, exponent: Ref) -> Ref:
    """A row over an exponent that is not near 0."""
    away = graph.select(_is_near(graph, exponent), graph.constant(ONE), exponent)
    return graph.product(ONE, [ref, look.make(graph, "reciprocal", away)])


def _logarithm(graph: Graph, found: _Mean, far: Ref) -> Ref:
    """log(1 + a m), or `far` where a is no small number or 1 + a m is one."""
    change = graph.product(ONE, [found.exponent, found.mean])
    large = look.make(graph, "gt", change, graph.constant(-HALF))
    return graph.select(look.make(graph, "and", _is_near(graph, found.exponent), large), look.make(graph, "log1p", change), far)


def _log(graph: Graph, ref: Ref) -> Ref | None:
    inside = look.argument(graph, ref, "log")
    found = _mean(graph, inside) if inside is not None else None
    far = scales.log_of_powers(graph, ref) if found is not None else None
    return _logarithm(graph, found, far) if found is not None and far is not None else None


def _per_exponent(graph: Graph, logarithm: Ref, b: Ref) -> tuple[sp.Expr, Ref] | None:
    """(c, log(1 + a m)/a) where the rows are a logarithm of a mean and a multiple c of a, its exponent."""
    if graph[logarithm].calls("select"):
        near, log, far = graph.operands(logarithm)
        change = look.argument(graph, log, "log1p")
    elif graph[logarithm].op == "logsumexp":
        (inner,) = graph.operands(logarithm)
        found = _of_shares(graph, look.make(graph, "exp", inner), [label for label in inner.labels if label not in logarithm.labels])
        if found is None:
            return None
        return _per_exponent(graph, _logarithm(graph, found, logarithm), b)
    else:
        return None
    coefficient, factors = (look.factors(graph, change) if change is not None else None) or (ONE, [])
    for k, exponent in enumerate(factors):
        ratio = shapes.multiple(graph, b, exponent)
        if ratio is not None and change is not None:
            rest = graph.product(coefficient, [*look.without(factors, k), look.make(graph, "log1prel", change)])
            return ratio, graph.select(near, rest, _over(graph, far, exponent))
    return None


def _log_over_exponent(graph: Graph, ref: Ref) -> Ref | None:
    """log(sum w b^a)/a inside a product."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for m, b in look.arguments(graph, operands, "reciprocal"):
        for k, operand in enumerate(operands):
            found = _per_exponent(graph, operand, b) if k != m and graph[operand].op in ("map", "logsumexp") else None
            if found is not None:
                return graph.product(coefficient / found[0], [*look.without(operands, k, m), found[1]], over)
    return None


def _root(graph: Graph, ref: Ref) -> Ref | None:
    """(sum w b^a)^(k/a)."""
    inside, power = graph.operands(ref)
    scale, below = look.scaled(graph, power)
    b = look.argument(graph, below, "reciprocal")
    found = _mean(graph, inside) if b is not None else None
    far = scales.power_of_powers(graph, ref) if found is not None else None
    log = _per_exponent(graph, _logarithm(graph, found, graph.constant(ZERO)), b) if found is not None and b is not None else None
    if log is None or far is None:
        return None
    near, root, _ = graph.operands(log[1])
    return graph.select(near, look.make(graph, "exp", look.times(graph, scale / log[0], root)), far)


def _less_one_over_exponent(graph: Graph, ref: Ref) -> Ref | None:
    """(c - c sum w b^a)/a inside a product."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for m, b in look.arguments(graph, operands, "reciprocal"):
        for k, operand in enumerate(operands):
            constant, parts = look.terms(graph, operand) or (ZERO, [])
            whole = look.times(graph, -parts[0][0] / constant, parts[0][1]) if len(parts) == 1 and constant != 0 else None
            found = _mean(graph, whole) if whole is not None else None
            ratio = shapes.multiple(graph, b, found.exponent) if found is not None else None
            if found is not None and ratio is not None:
                far = _over(graph, operand, found.exponent)
                made = graph.select(_is_near(graph, found.exponent), look.times(graph, -constant, found.mean), far)
                return graph.product(coefficient / ratio, [*look.without(operands, k, m), made], over)
    return None


_WHY = "0/0 where the exponent is 0, and all digits are lost next to it"
RULES = (
    Rule("log of a mean of powers", "log", None, "log1p(a m) where a is near 0, m = sum w (b^a - 1)/a", "sum w b^a > 0", _WHY, _log),
    Rule("log of a mean over its exponent", "product", None, "m log1p(a m)/(a m) where a is near 0", "sum w b^a > 0", _WHY, _log_over_exponent,
         needs=heads("select logsumexp")),
    Rule("root of a mean of powers", "pow", None, "exp(log(sum w b^a)/a) where a is near 0", "sum w b^a > 0", _WHY, _root),
    Rule("mean of powers less one", "product", None, "m from (sum w b^a - 1)/a where a is near 0", "all a", _WHY, _less_one_over_exponent,
         needs=heads("sum")),
)
