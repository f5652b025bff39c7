"""Rules around the error function and the normal distribution, and for products with a logarithm that vanish at 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import combinations

import sympy as sp

from symgrad.graph.bounds import NOT_NEGATIVE, Bounds
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x, y

_ROOT_HALF = 1 / sp.sqrt(2)
_COMPLEMENTS = (("erf", -1, "erfc", 1), ("erf", 1, "erfc", -1), ("erfc", -2, "erfc", -1), ("erfc", -1, "erf", 1),
                ("normal_cdf", -1, "normal_cdf", -1))
"""(f, r, g, s): r c + c f(a) is a multiple of g(s a)."""


def _complements(graph: Graph, ref: Ref) -> Ref | None:
    """c - c erf(a) is c erfc(a), c + c erf(a) is c erfc(-a), 2c - c erfc(a) is c erfc(-a), c - c erfc(a) is c erf(a),
    c - c Phi(a) is c Phi(-a), inside a sum; and c + d - c erf(a) - d erf(b) is c erfc(a) + d erfc(b)."""
    found = look.terms(graph, ref)
    if found is None or found[0] == 0:
        return None
    constant, parts = found
    rows = [term for _, term in parts]
    for name, ratio, result, sign in _COMPLEMENTS:
        for k, a in look.arguments(graph, rows, name):
            coefficient = parts[k][0]
            if constant == ratio * coefficient:
                made = look.make(graph, result, a if sign > 0 else look.negative(graph, a))
                return graph.sum(ZERO, [*look.without(parts, k), (constant / 2 if ratio == -2 else constant, made)])
    return _complements_of_all(graph, constant, parts)


def _complements_of_all(graph: Graph, constant: sp.Expr, parts: list[look.Term]) -> Ref | None:
    """Where what is added is as large as all coefficients of error functions together, the sum of their complements, which are all of one sign."""
    erfs = dict(look.arguments(graph, [term for _, term in parts], "erf"))
    if len(erfs) < 2 or not all(look.is_number(one) for one in (constant, *(parts[k][0] for k in erfs))):
        return None
    if sum(abs(parts[k][0]) for k in erfs) != abs(constant):
        return None
    sign = sp.sign(constant)
    made = [(sign * abs(parts[k][0]), look.make(graph, "erfc", look.negative(graph, a) if parts[k][0] * sign > 0 else a)) for k, a in erfs.items()]
    return graph.sum(ZERO, [*(part for k, part in enumerate(parts) if k not in erfs), *made])


def _cauchy_tail(graph: Graph, ref: Ref) -> Ref | None:
    """c + (2c/pi) atan(a) inside a sum is (2c/pi) atan2(1, -a), and with a minus (2c/pi) atan2(1, a)."""
    found = look.terms(graph, ref)
    if found is None or found[0] == 0:
        return None
    constant, parts = found
    scale = 2 * constant / sp.pi
    for k, a in look.arguments(graph, [term for _, term in parts], "atan"):
        if abs(parts[k][0]) == abs(scale):
            side = a if parts[k][0] == -scale else look.negative(graph, a)
            return graph.sum(ZERO, [*look.without(parts, k), (scale, look.make(graph, "atan2", graph.constant(ONE), side))])
    return None


def _normal_cdf(graph: Graph, ref: Ref) -> Ref | None:
    """erfc(-a/sqrt(2)) is twice the normal distribution function of a; a may be a quotient such as (x - mu)/sigma."""
    a = look.argument(graph, ref, "erfc")
    found = look.factors(graph, a) if a is not None else None
    if found is None or abs(found[0]) != _ROOT_HALF:
        return None
    inner = graph.product(ONE, found[1])
    return look.times(graph, sp.Integer(2), look.make(graph, "normal_cdf", inner if found[0] < 0 else look.negative(graph, inner)))


def _scaled_complement(graph: Graph, ref: Ref) -> Ref | None:
    """exp(a^2) erfc(a) inside a product is erfcx(a), exp(a^2/2) Phi(a) is the Mills ratio of -a without its root of 2 pi."""
    found = look.spread(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for name, power, result in (("erfc", ONE, "erfcx"), ("normal_cdf", HALF, "normal_cdfx")):
        for k, a in look.arguments(graph, operands, name):
            for m, exponent in look.arguments(graph, operands, "exp"):
                if shapes.ratio_of_products(graph, [exponent], [a, a]) == power:
                    return graph.product(coefficient, [*look.without(operands, k, m), look.make(graph, result, a)], over)
    return None


def _tilted_tail(graph: Graph, ref: Ref) -> Ref | None:
    """exp(u) erfc(v) inside a product, and exp(u) Phi(v), as one function, where u is not known to be below 0."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for name in ("erfc", "normal_cdf"):
        for k, v in look.arguments(graph, operands, name):
            for m, u in look.arguments(graph, operands, "exp"):
                if Bounds(graph).of(look.negative(graph, u).row) < NOT_NEGATIVE:
                    return graph.product(coefficient, [*look.without(operands, k, m), look.make(graph, f"exp_{name}", u, v)], over)
    return None


_HAZARDS = (("normal_cdf", "half_gauss", -HALF, "inverse_mills", sp.sqrt(2 * sp.pi)), ("erfc", "gauss", -ONE, "erfc_hazard", sp.sqrt(sp.pi) / 2))
"""(f, g, p, h, s): g(a)/f(a) with g(a) = exp(p a^2) is s h(a)."""


def _hazard(graph: Graph, ref: Ref) -> Ref | None:
    """exp(-a^2/2)/Phi(a) inside a product is a multiple of the inverse Mills ratio, exp(-a^2)/erfc(a) of erfc's hazard."""
    found = look.spread(graph, ref)
    below = look.arguments(graph, found[1], "reciprocal") if found is not None else ()
    if found is None or not below:
        return None
    coefficient, operands, over = found
    for name, density, power, ratio, scale in _HAZARDS:
        for k, a in [(k, a) for k, inner in below if (a := look.argument(graph, inner, name)) is not None]:
            m = _density(graph, operands, density, power, a)
            if m is not None:
                return graph.product(coefficient * scale, [*look.without(operands, k, m), look.make(graph, ratio, a)], over)
    return None


def _density(graph: Graph, operands: list[Ref], name: str, power: sp.Expr, a: Ref) -> int | None:
    """The place of exp(power a^2) among the operands, written out or by its name."""
    for m, exponent in look.arguments(graph, operands, "exp"):
        if shapes.ratio_of_products(graph, [exponent], [a, a]) == power:
            return m
    for m, b in look.arguments(graph, operands, name):
        if b == a or look.are_opposite(graph, a, b):
            return m
    return None


def _normal_loss(is_scaled: bool, graph: Graph, ref: Ref) -> Ref | None:
    """c s a Phi(a) + c s phi(a) inside a sum is c s times one function, phi being the density; of a quotient a = b/s the first is c b Phi(a)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, c, a, rest in _with_probability(graph, parts) if len(parts) > 1 else ():
        for m, (d, row) in enumerate(parts):
            number, beside = _weighted_density(graph, row, a) or (ZERO, [])
            fits = m != k and number != 0 and bool(beside) == is_scaled
            ratio = shapes.ratio_of_products(graph, rest, [*beside, a]) if fits else None
            if ratio is not None and d * number * sp.sqrt(2 * sp.pi) == c * ratio:
                made = look.times(graph, ONE, *beside, look.make(graph, "normal_loss", a))
                return graph.sum(constant, [*look.without(parts, k, m), (c * ratio, made)])
    return None


def _with_probability(graph: Graph, parts: list[look.Term]) -> Iterator[tuple[int, sp.Expr, Ref, list[Ref]]]:
    """(place, number, a, other factors) of the terms of a sum that have a factor Phi(a)."""
    for k, (coefficient, term) in enumerate(parts):
        scale, operands = look.factors(graph, term) or (ONE, [])
        for n, a in look.arguments(graph, operands, "normal_cdf"):
            yield k, coefficient * scale, a, look.without(operands, n)


def _weighted_density(graph: Graph, ref: Ref, a: Ref) -> tuple[sp.Expr, list[Ref]] | None:
    """The number and the other factors of a row with a factor exp(-a^2/2)."""
    number, operands = look.factors(graph, ref) or (ONE, [ref])
    place = _density(graph, operands, "half_gauss", -HALF, a)
    return (number, look.without(operands, place)) if place is not None else None


def _probit(graph: Graph, ref: Ref) -> Ref | None:
    """sqrt(2) erfinv(2p - 1) is the probit of p."""
    a = look.argument(graph, ref, "erfinv")
    found = look.terms(graph, a) if a is not None else None
    if found is None or found[0] != -1 or len(found[1]) != 1 or found[1][0][0] != 2:
        return None
    return look.times(graph, _ROOT_HALF, look.make(graph, "probit", found[1][0][1]))


_DISTRIBUTIONS = (("normal_cdf", ONE, ONE), ("erf", sp.Integer(2), sp.sqrt(2)), ("erfc", -sp.Integer(2), sp.sqrt(2)))
"""(f, c, s): f(u) - f(v) is c (Phi(s u) - Phi(s v))."""


def _normal_interval(graph: Graph, ref: Ref) -> Ref | None:
    """c Phi(u) - c Phi(v) inside a sum."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for name, factor, scale in _DISTRIBUTIONS:
        found = look.arguments(graph, [term for _, term in parts], name)
        for (k, u), (m, v) in combinations(found, 2):
            c = factor * parts[k][0]
            if parts[k][0] == -parts[m][0] and not look.are_opposite(graph, u, v):
                high, low = (v, u) if look.is_positive(-c) else (u, v)
                length = look.times(graph, scale, look.flat_sum(graph, [(ONE, high), (-ONE, low)]))
                made = look.make(graph, "normal_interval", look.times(graph, scale, low), length)
                return graph.sum(constant, [*look.without(parts, k, m), (-c if high == v else c, made)])
    return None


def _log_of_interval(graph: Graph, ref: Ref) -> Ref | None:
    """log(c (Phi(a + d) - Phi(a))), c > 0, with the ends in the order that makes d a positive number where it is one."""
    scale, inner = look.scaled(graph, inside) if (inside := look.argument(graph, ref, "log")) is not None else (ONE, ref)
    row = graph[inner]
    if inside is None or not row.calls("normal_interval"):
        return None
    a, length = graph.operands(inner)
    number = graph.constant_value(length)
    if number is not None and look.is_number(number) and number < 0:
        scale, a, length = -scale, look.shifted(graph, a, number), graph.constant(-number)
    if not look.is_positive(scale):
        return None
    return look.shifted(graph, look.make(graph, "log_normal_interval", a, length), sp.log(scale))


def _product_with_log(graph: Graph, ref: Ref) -> Ref | None:
    """a log(c a), c > 0, is xlogx(c a)/c, b log(a) is xlogy(b, a), b log1p(a) is xlog1py(b, a): 0 where the factor is 0."""
    found = look.opened(graph, ref)
    if found is None or len(found[1]) != 2:
        return _factors_with_log(graph, *found) if found is not None else None
    coefficient, operands, over = found
    sides = [(name, log, other) for name in _TIMES for log, other in (operands, operands[::-1]) if graph[log].calls(name)]
    for name, log, other in sides:
        (beside, of_itself), args = _TIMES[name], graph.operands(log)
        ratio = shapes.multiple(graph, args[0], other) if of_itself is not None else None
        if of_itself is not None and ratio is not None and look.is_positive(ratio):
            return graph.product(coefficient / ratio, [look.make(graph, of_itself, *args)], over)
        if graph[other].op not in ("onehot", "constant") and graph[other].kind == "real":
            return graph.product(coefficient, [look.make(graph, beside, other, *args)], over)
    return None


def _factors_with_log(graph: Graph, coefficient: sp.Expr, operands: list[Ref], over: list[Label]) -> Ref | None:
    """The same among more factors, where some of them make up the logarithm's argument."""
    for k, log in enumerate(operands):
        _, of_itself = _TIMES.get(graph[log].payload[0], (None, None)) if graph[log].op == "map" else (None, None)
        if of_itself is not None:
            args = graph.operands(log)
            ratio, inner = look.factors(graph, args[0]) or (ONE, args[:1])
            rest = Counter(look.without(operands, k))
            if look.is_positive(ratio) and rest >= Counter(inner):
                left = (rest - Counter(inner)).elements()
                return graph.product(coefficient / ratio, [*left, look.make(graph, of_itself, *args)], over)
    return None


_TIMES = {"log": ("xlogy", "xlogx"), "log1p": ("xlog1py", None), "log_ratio": ("xlog_ratio", "xlogx_ratio")}
"""Logarithms: the product with another row, and with a multiple of their own argument."""


RULES = (
    Rule("complement of erf", "sum", 1 - sp.erf(x), "erfc(a), erf(a), normal_cdf(-a)", "all a", "erf rounds to 1 beyond 6", _complements,
         needs=heads("erf erfc normal_cdf")),
    Rule("tail of the arctangent", "sum", look.HALF + sp.atan(x) / sp.pi, "atan2(1, -a), atan2(1, a)", "all a",
         "a quarter turn less an angle close to it", _cauchy_tail, needs=heads("atan")),
    Rule("normal distribution", "erfc", sp.erfc(x / sp.sqrt(2)), "2 normal_cdf(a)", "all a", "the rounding of a/sqrt(2) grows with a^2 in the tail",
         _normal_cdf),
    Rule("probability of an interval", "sum", sp.erfc(-(x + 1) / sp.sqrt(2)) - sp.erfc(-x / sp.sqrt(2)), "normal_interval(a, d)", "all a",
         "both round to 1 or to each other in the tails", _normal_interval, needs=heads("normal_cdf erf erfc")),
    Rule("log of the probability of an interval", "log", sp.log(sp.erfc(-(x + 1) / sp.sqrt(2)) / 2 - sp.erfc(-x / sp.sqrt(2)) / 2),
         "log_normal_interval(a, d)", "all a, d > 0", "the probability underflows beyond 38", _log_of_interval, (-1e3, 1e3)),
    Rule("scaled complement of erf", "product", sp.exp(x**2) * sp.erfc(x), "erfcx(a), normal_cdfx(a)", "all a", "inf * 0 beyond 26",
         _scaled_complement, needs=heads("erfc normal_cdf")),
    Rule("inverse Mills ratio", "product", sp.exp(-(x**2) / 2) / sp.erfc(x / sp.sqrt(2)), "inverse_mills(a), erfc_hazard(a)", "all a",
         "0/0 in the tail", _hazard, needs=heads("reciprocal")),
    Rule("tilted normal tail", "product", sp.exp(3 * x) * sp.erfc(x), "exp(u - v^2) erfcx(v) where v > 1", "all u, v",
         "inf * 0 beyond 26", _tilted_tail, needs=heads("erfc normal_cdf")),
    Rule("normal loss", "sum", x * sp.erfc(-x / sp.sqrt(2)) / 2 + sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi), "normal_loss(a) from a Phi(a) + phi(a)",
         "all a", "the two cancel for a < 0; it is Phi(a) times the excess a + phi(a)/Phi(a)", partial(_normal_loss, False)),
    Rule("expected improvement", "sum", x * sp.erfc(-x / (y * sp.sqrt(2))) / 2 + y * sp.exp(-((x / y) ** 2) / 2) / sp.sqrt(2 * sp.pi),
         "s normal_loss(a/s) from a Phi(a/s) + s phi(a/s)", "s > 0", "as the normal loss", partial(_normal_loss, True),
         others=(0.75, 3.0, 400.0)),
    Rule("probit", "erfinv", sp.sqrt(2) * sp.erfinv(2 * x - 1), "probit(p)", "0 <= p <= 1", "2p - 1 loses the digits of p near 0", _probit,
         (0.0, 1.0)),
    Rule("product with a logarithm", "product", y * sp.log(x), "xlogx(a), xlogy(b, a), xlog1py(b, a), xlog_ratio(b, a, c)", "a >= 0",
         "0 * inf where a and b are 0", _product_with_log, (0.0, 1e4), needs=heads("log log1p log_ratio")),
)

