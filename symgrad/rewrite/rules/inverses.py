"""Rules for inverse functions near the ends of their domain, for logarithms near 1, and for powers of what is close to 1."""

from __future__ import annotations

from functools import partial

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x, y

LEAST_POWER = 8
"""Smaller powers of 1 + a show less of its rounding than the power itself rounds."""


def _one_and(graph: Graph, ref: Ref | None) -> Ref | None:
    """u where the row is 1 + u."""
    found = look.terms(graph, ref) if ref is not None else None
    return graph.sum(ZERO, found[1]) if found is not None and found[0] == 1 else None


def _inverse_cosh_near_one(graph: Graph, ref: Ref) -> Ref | None:
    u = _one_and(graph, look.argument(graph, ref, "acosh"))
    return look.make(graph, "acosh1p", u) if u is not None else None


def _inverse_cosine_near_one(graph: Graph, ref: Ref) -> Ref | None:
    u = _one_and(graph, look.argument(graph, ref, "acos"))
    return look.make(graph, "inverse_versine", look.negative(graph, u)) if u is not None else None


def _arcsine_of_root(graph: Graph, ref: Ref) -> Ref | None:
    a = look.argument(graph, look.argument(graph, ref, "asin"), "sqrt")
    return look.make(graph, "asin_sqrt", a) if a is not None else None


def _arctangent_of_exp(graph: Graph, ref: Ref) -> Ref | None:
    a = look.argument(graph, look.argument(graph, ref, "atan"), "exp")
    return look.make(graph, "atan_exp", a) if a is not None else None


def _log_of_cauchy(graph: Graph, ref: Ref) -> Ref | None:
    """log(c atan2(1, a)), c > 0, is log(c pi) and the logarithm of the Cauchy distribution function of -a."""
    scale, inner = look.scaled(graph, inside) if (inside := look.argument(graph, ref, "log")) is not None else (ONE, ref)
    row = graph[inner]
    if inside is None or not row.calls("atan2") or not look.is_positive(scale):
        return None
    first, a = graph.operands(inner)
    if graph.constant_value(first) != 1:
        return None
    return look.shifted(graph, look.make(graph, "log_cauchy_cdf", look.negative(graph, a)), sp.log(scale * sp.pi))


def _log_of_tanh(graph: Graph, ref: Ref) -> Ref | None:
    """log(c tanh(a)) and, since it is minus that, log(c coth(a)), c > 0."""
    scale, inner = look.scaled(graph, inside) if (inside := look.argument(graph, ref, "log")) is not None else (ONE, ref)
    for name, sign in (("tanh", ONE), ("coth", -ONE)):
        a = look.argument(graph, inner, name) if inside is not None and look.is_positive(scale) else None
        if a is not None:
            return graph.sum(sp.log(scale), [(sign, look.make(graph, "log_tanh", a))])
    return None


def _difference_of_log1p(graph: Graph, ref: Ref) -> Ref | None:
    """c log1p(a) - c log1p(-a) inside a sum is 2c atanh(a)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, m, a in look.opposites(graph, look.arguments(graph, [term for _, term in parts], "log1p")):
        if parts[k][0] == -parts[m][0]:
            return graph.sum(constant, [*look.without(parts, k, m), (2 * parts[k][0], look.make(graph, "atanh", a))])
    return None


def _log1p_less_share(graph: Graph, ref: Ref) -> Ref | None:
    """c log1p(u) - c u/(1 + u) inside a sum; u/(1 + u) may be 1/(1 + a) with u = 1/a."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, u in look.arguments(graph, [term for _, term in parts], "log1p"):
        whole = look.shifted(graph, u, ONE)
        a = look.argument(graph, u, "reciprocal")
        shares = [look.make(graph, "share", u, graph.constant(ONE)), look.times(graph, ONE, u, look.make(graph, "reciprocal", whole))]
        shares += [look.make(graph, "reciprocal", look.shifted(graph, a, ONE))] if a is not None else []
        for m, (d, term) in enumerate(parts):
            if term in shares and d == -parts[k][0]:
                return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0], look.make(graph, "log1p_gap", u))])
    return None


def _inverse_tanh_of_sine(graph: Graph, ref: Ref) -> Ref | None:
    a = look.argument(graph, look.argument(graph, ref, "atanh"), "sin")
    return look.make(graph, "inverse_gudermannian", a) if a is not None else None


def _exponent_of(graph: Graph, ref: Ref) -> tuple[Ref, Ref] | None:
    """(u, y) where the row is (1 + u)^y."""
    row = graph[ref]
    if row.op != "map" or row.payload[0] not in ("power", "pow", "compound"):
        return None
    base, *exponent = graph.operands(ref)
    u = base if row.payload[0] == "compound" else _one_and(graph, base)
    return (u, exponent[0] if exponent else graph.constant(row.payload[1])) if u is not None else None


def _compound(graph: Graph, ref: Ref) -> Ref | None:
    """(1 + u)^y, y no small number."""
    found = _exponent_of(graph, ref)
    number = graph.constant_value(found[1]) if found is not None else None
    if found is None or (number is not None and not (look.is_number(number) and abs(number) >= LEAST_POWER)):
        return None
    return look.make(graph, "compound", *found)


def _compound_over(graph: Graph, ref: Ref) -> Ref | None:
    """(1 + u)^(c/u) with a number c, u in no denominator itself."""
    found = _exponent_of(graph, ref)
    if found is None:
        return None
    below, number = shapes.powers(graph, found[0])[1], shapes.number_of_product(graph, [found[1], found[0]])
    if number is None or not below or any(power < 0 for power in below.values()):
        return None
    return look.make(graph, "compound_over", found[0], graph.constant(number))


def _annuity(graph: Graph, ref: Ref) -> Ref | None:
    """((1 + c a)^y - 1)/a inside a product, with a number c."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, operand in enumerate(operands):
        row = graph[operand]
        if not row.calls("compound_less_one"):
            continue
        u, y = graph.operands(operand)
        scale, inner = look.scaled(graph, u)
        for m, b in look.arguments(graph, operands, "reciprocal"):
            if b in (u, inner):
                made = look.make(graph, "annuity", u, y)
                return graph.product(coefficient * (ONE if b == u else scale), [*look.without(operands, k, m), made], over)
    return None


RULES = (
    Rule("inverse cosh near one", "acosh", sp.acosh(1 + x), "acosh1p(u) from acosh(1 + u)", "u >= 0", "1 + u loses the digits of u",
         _inverse_cosh_near_one, (0.0, 1e4), needs=heads("sum")),
    Rule("inverse cosine near one", "acos", sp.acos(1 - x), "inverse_versine(u) from acos(1 - u)", "0 <= u <= 2", "1 - u loses the digits of u",
         _inverse_cosine_near_one, (0.0, 2.0), needs=heads("sum")),
    Rule("arcsine of a root", "asin", sp.asin(sp.sqrt(x)), "asin_sqrt(a)", "0 <= a <= 1", "the root's rounding shows near 1", _arcsine_of_root,
         (0.0, 1.0), needs=heads("sqrt")),
    Rule("arctangent of an exponential", "atan", sp.atan(sp.exp(x)), "atan_exp(a)", "all a", "the slope's slope is inf * 0 where exp overflows",
         _arctangent_of_exp, needs=heads("exp")),
    Rule("log of a Cauchy distribution", "log", sp.log(HALF + sp.atan(x) / sp.pi), "log_cauchy_cdf(a)", "all a",
         "the probability rounds to 1 far right", _log_of_cauchy),
    Rule("log of tanh", "log", sp.log(sp.tanh(x)), "log_tanh(a)", "a > 0", "tanh rounds to 1 beyond 19", _log_of_tanh, (0.0, 1e4)),
    Rule("difference of log1p", "sum", sp.log(1 + x) - sp.log(1 - x), "2 atanh(a)", "-1 < a < 1", "curvatures cancel near 0",
         _difference_of_log1p, (-1.0, 1.0), needs=heads("log1p")),
    Rule("inverse tanh of a sine", "atanh", sp.atanh(sp.sin(x)), "inverse_gudermannian(a)", "all a", "the sine rounds to 1 beside a quarter turn",
         _inverse_tanh_of_sine, (-1.5707963267948966, 1.5707963267948966), needs=heads("sin")),
    Rule("log1p less its share", "sum", sp.log(1 + x) - x / (1 + x), "log1p_gap(u)", "u > -1", "the difference is of second order near 0",
         _log1p_less_share, (-1.0, 1e4), needs=heads("log1p")),
    Rule("power of one and a little", "power", (1 + x) ** 30, "compound(u, y) from (1 + u)^y", "u >= -1", "the rounding of 1 + u counts y times",
         _compound, (-1.0, 1e4), needs=heads("sum")),
    Rule("power of one and a little by its inverse", "pow", (1 + x) ** (1 / x), "compound_over(u, c) from (1 + u)^(c/u)", "u >= -1", "1^inf at 0",
         _compound_over, (-0.999, 1e4), needs=heads("sum")),
    Rule("power of one and a little by an operand", "pow", (1 + x) ** y, "compound(u, y) from (1 + u)^y", "u >= -1",
         "the rounding of 1 + u counts y times", _compound, (-1.0, 1e4), needs=heads("sum")),
    Rule("power of one and a little, less one", "sum", (1 + x) ** 5 - 1, "compound_less_one(u, y)", "u >= -1", "the power rounds to 1 near 0",
         partial(shapes.less_one, "compound_less_one", _exponent_of), (-1.0, 1e4), needs=heads("power pow compound")),
    Rule("annuity", "product", ((1 + x) ** 12 - 1) / x, "annuity(u, y) from ((1 + u)^y - 1)/u", "u >= -1", "0/0 at 0, and the slope cancels near it",
         _annuity, (-0.999, 1e4), needs=heads("compound_less_one")),
)
