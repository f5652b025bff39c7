"""Rules around 1/(1 + exp(a)): sigmoid and its complements, softplus, their logarithms."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations, permutations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import factors, look, shapes
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, h, heads, x, y

SIGMA = 1 / (1 + sp.exp(-x))
DIGITS, NOTHING = 40, 1e-35
"""So many digits of numbers are compared, whose difference then is none."""


def _constant_plus_exp(graph: Graph, ref: Ref | None) -> tuple[sp.Expr, sp.Expr, Ref] | None:
    """(c, r, a) where the row is c (1 + r exp(a)), c and r > 0."""
    found = look.terms(graph, ref) if ref is not None else None
    if found is None or len(found[1]) != 1:
        return None
    constant, [(coefficient, term)] = found
    single = look.exponential(graph, term)
    if single is None or single[1] is None:
        return None
    coefficient = coefficient * single[0]
    if not (look.is_number(constant) and look.is_number(coefficient) and constant > 0 and coefficient > 0):
        return None
    return constant, coefficient / constant, single[1]


def _sigma(graph: Graph, ratio: sp.Expr, a: Ref) -> Ref:
    """1/(1 + ratio exp(a))."""
    return look.make_rated(graph, "logistic", 1 / ratio, look.negative(graph, a))


def _sigmoid(graph: Graph, ref: Ref) -> Ref | None:
    found = _constant_plus_exp(graph, look.argument(graph, ref, "reciprocal"))
    if found is None:
        return None
    return look.times(graph, 1 / found[0], _sigma(graph, *found[1:]))


def _complement(graph: Graph, ref: Ref) -> Ref | None:
    """c - c logistic(a) inside a sum is c logistic(-a), also of a with a ratio."""
    found = look.terms(graph, ref)
    if found is None or found[0] == 0:
        return None
    constant, parts = found
    for k, (coefficient, term) in enumerate(parts):
        sigmoid = look.rated(graph, term, "logistic")
        if sigmoid is not None and coefficient == -constant:
            return graph.sum(ZERO, [*look.without(parts, k), (constant, _sigma(graph, *sigmoid))])
    return None


def _complement_above_a_floor(graph: Graph, ref: Ref) -> Ref | None:
    """k - k (g + (1 - g) s) inside a sum is k (1 - g) (1 - s), s a sigmoid; the inner sum may have been multiplied out."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts) if constant != 0 else ():
        inner = look.terms(graph, term)
        if c == -constant and inner is not None and inner[0] == 0 and (made := _above_a_floor(graph, inner[1])) is not None:
            return graph.sum(ZERO, [*look.without(parts, k), (constant, made)])
    scaled = [(k, (-c / constant, term)) for k, (c, term) in enumerate(parts)] if constant != 0 else []
    for (k, one), (m, other) in combinations(scaled, 2):
        if (made := _above_a_floor(graph, [one, other])) is not None:
            return graph.sum(ZERO, [*look.without(parts, k, m), (constant, made)])
    return None


def _above_a_floor(graph: Graph, parts: list[look.Term]) -> Ref | None:
    """(1 - g) (1 - s) where the two terms are g and (1 - g) s, s a sigmoid."""
    for (c, g), (d, part) in permutations(parts, 2) if len(parts) == 2 else ():
        rest = graph.sum(ONE, [(-c, g)])
        scale, operands = look.factors(graph, part) or (ONE, [])
        sigmoids = look.arguments(graph, operands, "logistic")
        if d * scale == 1 and len(operands) == 2 and rest in operands and sigmoids:
            return graph.product(ONE, [rest, look.make(graph, "logistic", look.negative(graph, sigmoids[0][1]))])
    return None


def _centred(graph: Graph, ref: Ref) -> Ref | None:
    """c logistic(a) - c/2 inside a sum is c/2 tanh(a/2)."""
    found = look.terms(graph, ref)
    if found is None or found[0] == 0:
        return None
    constant, parts = found
    for k, a in look.arguments(graph, [term for _, term in parts], "logistic"):
        if parts[k][0] == -2 * constant:
            tanh = look.make(graph, "tanh", look.times(graph, HALF, a))
            return graph.sum(ZERO, [*look.without(parts, k), (-constant, tanh)])
    return None


def _shifted_tanh(graph: Graph, ref: Ref) -> Ref | None:
    """c + c tanh(a) inside a sum is 2c logistic(2a); c - c tanh(a) is 2c logistic(-2a)."""
    found = look.terms(graph, ref)
    if found is None or found[0] == 0:
        return None
    constant, parts = found
    for k, a in look.arguments(graph, [term for _, term in parts], "tanh"):
        if abs(parts[k][0]) == abs(constant):
            up = look.make(graph, "logistic", look.times(graph, 2 * parts[k][0] / constant, a))
            return graph.sum(ZERO, [*look.without(parts, k), (2 * constant, up)])
    return None


def _power_of_sigmoid(graph: Graph, ref: Ref) -> Ref | None:
    """(c + c exp(a))^-n is logistic(-a)^n/c^n for a whole n > 1."""
    power = graph[ref].payload[1]
    found = _constant_plus_exp(graph, graph.operands(ref)[0]) if power.is_Integer and power < -1 else None
    return look.times(graph, found[0] ** power, *shapes.raised(graph, _sigma(graph, *found[1:]), -power)) if found is not None else None


def _softplus(graph: Graph, ref: Ref) -> Ref | None:
    found = _constant_plus_exp(graph, look.argument(graph, ref, "log"))
    return look.shifted(graph, _log1p_exp(graph, *found[1:]), sp.log(found[0])) if found is not None else None


def _log1p_exp(graph: Graph, ratio: sp.Expr, a: Ref) -> Ref:
    """log(1 + ratio exp(a))."""
    return look.make_rated(graph, "softplus", ratio, a)


def _log_softplus(graph: Graph, ref: Ref) -> Ref | None:
    a = look.argument(graph, look.argument(graph, ref, "log"), "softplus")
    return look.make(graph, "log_softplus", a) if a is not None else None


def _sigmoid_over_softplus(graph: Graph, ref: Ref) -> Ref | None:
    """logistic(a) softplus(a)^-k is softplus_rate(a) softplus(a)^(1 - k) inside a product."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, a in look.arguments(graph, operands, "logistic"):
        for m, operand in enumerate(operands):
            inner, power = shapes.whole_power(graph, operand)
            if power < 0 and look.argument(graph, inner, "softplus") == a:
                rest = shapes.raised(graph, inner, power + 1)
                return graph.product(coefficient, [*look.without(operands, k, m), look.make(graph, "softplus_rate", a), *rest], over)
    return None


def _log_sigmoid(graph: Graph, ref: Ref) -> Ref | None:
    sigmoid = look.rated(graph, look.argument(graph, ref, "log"), "logistic")
    return look.negative(graph, _log1p_exp(graph, 1 / sigmoid[0], look.negative(graph, sigmoid[1]))) if sigmoid is not None else None


def _exp_times_sigmoid(graph: Graph, ref: Ref) -> Ref | None:
    """exp(a) logistic(-a) inside a product is logistic(a), exp(a) logistic(-2a) is sech(a)/2; with a ratio r beside -a it is r times the
    function with 1/r beside a."""
    found = look.spread(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    sigmoids = [(m, sigmoid, []) for m, operand in enumerate(operands) if (sigmoid := look.rated(graph, operand, "logistic")) is not None]
    sigmoids += [(m, sigmoid, [inner]) for m, inner in look.arguments(graph, operands, "square")
                 if (sigmoid := look.rated(graph, inner, "logistic")) is not None]
    for k, a in look.arguments(graph, operands, "exp") if sigmoids else ():
        for m, (ratio, b), left in sigmoids:
            if look.are_opposite(graph, a, b):
                rest = [*look.without(operands, k, m), *left]
                return graph.product(coefficient * ratio, [*rest, look.make_rated(graph, "logistic", 1 / ratio, a)], over)
            if ratio == 1 and not left and look.times(graph, -2 * ONE, a) == b:
                return graph.product(coefficient * HALF, [*look.without(operands, k, m), look.make(graph, "sech", a)], over)
    return None


def _softplus_difference(graph: Graph, ref: Ref) -> Ref | None:
    """c softplus(a) - c softplus(-a) inside a sum is c a."""
    found = look.terms(graph, ref)
    if found is None:
        return None
    constant, parts = found
    for k, m, a in look.opposites(graph, look.arguments(graph, [term for _, term in parts], "softplus")):
        if parts[k][0] == -parts[m][0]:
            return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0], a)])
    return None


def _slope(graph: Graph, ref: Ref) -> Ref | None:
    """logistic(a) logistic(-a) inside a product is one even function, whose slope does not cancel at 0."""
    found = look.spread(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for k, m, a in look.opposites(graph, look.arguments(graph, operands, "logistic")):
        return graph.product(coefficient, [*look.without(operands, k, m), look.make(graph, "logistic_slope", a)], over)
    return None


def _slope_of_negative(graph: Graph, ref: Ref) -> Ref | None:
    """logistic_slope(-a) is logistic_slope(a): what is multiplied with both can meet."""
    (inside,) = graph.operands(ref)
    c, a = look.scaled(graph, inside)
    return look.make(graph, "logistic_slope", a) if c == -1 else None


def _argument_times(base: str, made: str, graph: Graph, ref: Ref) -> Ref | None:
    """a base(c a) inside a product, a a product itself or not."""
    found = look.spread(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for k, a in look.arguments(graph, operands, base):
        scale, factors = look.factors(graph, a) or (ONE, [a])
        left = _divided(look.without(operands, k), factors)
        if left is not None:
            return graph.product(coefficient / scale, [*left, look.make(graph, made, a)], over)
    return None


def _divided(operands: list[Ref], factors: list[Ref]) -> list[Ref] | None:
    """The operands without the factors, or None where one is missing."""
    left = list(operands)
    for factor in factors:
        if factor not in left:
            return None
        left.remove(factor)
    return left


def _difference(between: Callable[[Graph, Ref, Ref], Ref | None], graph: Graph, ref: Ref) -> Ref | None:
    """c f logistic(a) - c f logistic(b) inside a sum is c f times what is made of a and b; f are any other factors."""
    found = look.terms(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    constant, parts = found
    rows = [(k, *one) for k, part in enumerate(parts) for one in _sigmoid_factors(graph, part)]
    for k, c, others, a in rows:
        for m, d, same, b in rows:
            made = between(graph, a, b) if k < m and c == -d and others == same else None
            if made is not None:
                return graph.sum(constant, [*look.without(parts, k, m), (ONE, graph.product(c, [*others, made]))])
    return None


def _at_a_distance(graph: Graph, a: Ref, b: Ref) -> Ref | None:
    """logistic(a) - logistic(b): tanh(a/2) for b = -a, (1 - exp(b - a)) logistic(a) logistic(-b) where a - b is a number."""
    if look.are_opposite(graph, a, b):
        return look.make(graph, "tanh", look.times(graph, HALF, a))
    gap = graph.constant_value(look.flat_sum(graph, [(ONE, a), (-ONE, b)]))
    if gap is None or not look.is_number(gap):
        return None
    high, low = (a, b) if gap > 0 else (b, a)
    size = sp.sign(gap) * (1 - sp.exp(-abs(gap)))
    return graph.product(size, [look.make(graph, "logistic", high), look.make(graph, "logistic", look.negative(graph, low))])


def _close(graph: Graph, a: Ref, b: Ref) -> Ref | None:
    """logistic(a) - logistic(b) by their distance where that is one term, from the one of a and b that less has been rounded for."""
    gap = factors.difference(graph, a, b)
    if graph[gap].op == "sum" or graph.constant_value(gap) is not None:
        return None
    if len(graph.live([a.row])) < len(graph.live([b.row])):
        return look.negative(graph, look.make(graph, "logistic_gap", a, look.negative(graph, gap)))
    return look.make(graph, "logistic_gap", b, gap)


def _sigmoid_factors(graph: Graph, part: look.Term) -> list[tuple[sp.Expr, list[Ref], Ref]]:
    """(c, f, a) for each way of reading a term of a sum as c f logistic(a)."""
    outer, term = part
    inner, operands = look.factors(graph, term) or (ONE, [term])
    return [(outer * inner, look.without(operands, k), a) for k, a in look.arguments(graph, operands, "logistic")]


def _softplus_less_argument(graph: Graph, ref: Ref) -> Ref | None:
    """c log(1 + r exp(a)) - c a inside a sum is c log(r) + c log(1 + exp(-a)/r)."""
    found = look.terms(graph, ref)
    if found is None:
        return None
    constant, parts = found
    for k, (c, term) in enumerate(parts):
        softplus = look.rated(graph, term, "softplus")
        left = shapes.less(graph, constant, look.without(parts, k), -c, softplus[1]) if softplus is not None else None
        if left is not None:
            ratio, a = softplus  # type: ignore[misc]
            return graph.sum(left[0] + c * sp.log(ratio), [*left[1], (c, _log1p_exp(graph, 1 / ratio, look.negative(graph, a)))])
    return None


def _softplus_gap(graph: Graph, ref: Ref) -> Ref | None:
    """c log(1 + r exp(a)) - c log(1 + r) inside a sum, which is 0 at 0."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts) if constant != 0 and look.is_number(constant) else ():
        softplus = look.rated(graph, term, "softplus")
        if softplus is not None and look.is_number(c) and abs(sp.N(constant + c * sp.log(1 + softplus[0]), DIGITS)) < NOTHING:
            return graph.sum(ZERO, [*look.without(parts, k), (c, graph.map("softplus_gap", (softplus[1],), (softplus[0],)))])
    return None


def _entropy(graph: Graph, ref: Ref) -> Ref | None:
    """c logistic(a) softplus(-a) + c logistic(-a) softplus(a) inside a sum is c times the entropy of the logit a."""
    found = look.terms(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    constant, parts = found
    halves = [(k, a) for k, (_, term) in enumerate(parts) if (a := _share_of_entropy(graph, term)) is not None]
    for k, m, a in look.opposites(graph, halves):
        if _weighs(graph, parts[k]) == _weighs(graph, parts[m]):
            return graph.sum(constant, [*look.without(parts, k, m), (_weighs(graph, parts[k]), look.make(graph, "logit_entropy", a))])
    return None


def _entropy_of_energy(graph: Graph, ref: Ref) -> Ref | None:
    """c softplus(a) - c a logistic(a) inside a sum is c times the entropy of the logit a: the logarithm of its normaliser less its mean."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    normalisers = look.arguments(graph, [term for _, term in parts], "softplus")
    for k, a in normalisers:
        for m, b in look.arguments(graph, [term for _, term in parts], "silu"):
            if a == b and parts[k][0] == -parts[m][0]:
                return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0], look.make(graph, "logit_entropy", a))])
    return None


def _share_of_entropy(graph: Graph, ref: Ref) -> Ref | None:
    """a where the row is a multiple of logistic(a) softplus(-a)."""
    found = look.factors(graph, ref)
    if found is None or len(found[1]) != 2:
        return None
    for first, second in (found[1], found[1][::-1]):
        a, b = look.argument(graph, first, "logistic"), look.argument(graph, second, "softplus")
        if a is not None and b is not None and look.are_opposite(graph, a, b):
            return a
    return None


def _weighs(graph: Graph, part: look.Term) -> sp.Expr:
    """The number of a term with the number of its product."""
    found = look.factors(graph, part[1])
    return part[0] * found[0] if found is not None else part[0]


def _tanh_of_softplus(graph: Graph, ref: Ref) -> Ref | None:
    a = look.argument(graph, look.argument(graph, ref, "tanh"), "softplus")
    return look.make(graph, "tanh_softplus", a) if a is not None else None


RULES = (
    Rule("sigmoid", "reciprocal", 1 / (2 + 2 * sp.exp(x)), "logistic(-a) / c from 1/(c + c exp(a))", "all a", "exp overflows at 710", _sigmoid),
    Rule("one minus sigmoid", "sum", 1 - SIGMA, "logistic(-a)", "all a", "1 - p cancels once p rounds to 1", _complement,
         needs=heads("logistic scaled_logistic")),
    Rule("complement above a floor", "sum", 1 - h, "(1 - g) (1 - s) from 1 - g - (1 - g) s, s a sigmoid", "all a", "the sum rounds to 1 where s does",
         _complement_above_a_floor, others=(0.25, 0.75, 3.0), where=((h, y / 4 + (1 - y / 4) * SIGMA),), needs=heads("sum product")),
    Rule("centred sigmoid", "sum", 1 - 2 * SIGMA, "-tanh(a/2)", "all a", "2 sigma(a) - 1 = tanh(a/2), which does not cancel near 0", _centred,
         needs=heads("logistic")),
    Rule("shifted tanh", "sum", (1 + sp.tanh(x)) / 2, "logistic(2a), logistic(-2a)", "all a", "tanh rounds to -1 below -19", _shifted_tanh,
         needs=heads("tanh")),
    Rule("squared sigmoid", "power", (1 + sp.exp(x)) ** -2, "logistic(-a)^n", "all a", "exp overflows at 710", _power_of_sigmoid),
    Rule("log sigmoid", "log", sp.log(SIGMA), "-softplus(-a)", "all a", "logistic underflows to 0 below -745", _log_sigmoid),
    Rule("softplus", "log", sp.log(1 + sp.exp(x)), "softplus(a)", "all a", "exp overflows at 710", _softplus),
    Rule("log of softplus", "log", sp.log(sp.log(1 + sp.exp(x))), "log_softplus(a)", "all a", "softplus underflows to 0 below -745",
         _log_softplus, needs=heads("softplus")),
    Rule("sigmoid over softplus", "product", SIGMA / sp.log(1 + sp.exp(x)), "softplus_rate(a) from logistic(a)/softplus(a)", "all a",
         "both underflow to 0 below -745", _sigmoid_over_softplus, needs=heads("logistic")),
    Rule("exp times sigmoid", "product", sp.exp(x) / (1 + sp.exp(x)), "logistic(a) from exp(a) logistic(-a)", "all a", "inf * 0 where exp overflows",
         _exp_times_sigmoid, needs=heads("exp")),
    Rule("slope of a sigmoid", "product", SIGMA * (1 - SIGMA), "logistic_slope(a) from logistic(a) logistic(-a)", "all a",
         "its slope p q (1 - 2p) cancels near 0 where it is made of p and q", _slope, needs=heads("logistic")),
    Rule("slope of a sigmoid of a negative", "logistic_slope", h * (1 - h), "logistic_slope(a) from that of -a", "all a",
         "it is even, and the slopes of q s and (1 - q) (1 - s) meet before they are rounded", _slope_of_negative, where=((h, 1 / (1 + sp.exp(x))),)),
    Rule("argument times sigmoid", "product", x * SIGMA, "silu(a) from a logistic(a)", "all a",
         "0 * inf at -inf, and the product of a subnormal number", partial(_argument_times, "logistic", "silu"), needs=heads("logistic")),
    Rule("tanh of softplus", "tanh", sp.tanh(sp.log(1 + sp.exp(x))), "tanh_softplus(a)", "all a",
         "the slope sech(softplus(a))^2 magnifies the rounding of softplus", _tanh_of_softplus, needs=heads("softplus")),
    Rule("argument times tanh of softplus", "product", x * sp.tanh(sp.log(1 + sp.exp(x))), "mish(a) from a tanh_softplus(a)", "all a",
         "0 * inf at -inf, and the product of a subnormal number", partial(_argument_times, "tanh_softplus", "mish"),
         needs=heads("tanh_softplus")),
    Rule("difference of sigmoids", "sum", 1 / (1 + sp.exp(-x)) - 1 / (1 + sp.exp(x)), "tanh(a/2) from logistic(a) - logistic(-a)", "all a",
         "the two agree in their first digits near 0", partial(_difference, _at_a_distance), needs=heads("logistic")),
    Rule("difference of close sigmoids", "sum", 1 / (1 + sp.exp(-x - y)) - SIGMA, "logistic_gap(b, a - b) from logistic(a) - logistic(b)",
         "all a, b", "the two round to the same number in the tails, and agree in their first digits where they are close",
         partial(_difference, _close), others=(0.75, -3.0, 1e-9), needs=heads("logistic")),
    Rule("softplus less its value at 0", "sum", sp.log(1 + sp.exp(x)) - sp.log(2), "softplus_gap(a)", "all a",
         "the two agree in their first digits near 0", _softplus_gap, needs=heads("softplus scaled_softplus")),
    Rule("entropy of a logit", "sum", sp.log(1 + sp.exp(-x)) * SIGMA + sp.log(1 + sp.exp(x)) / (1 + sp.exp(x)), "logit_entropy(a)", "all a",
         "the slope -a p q cancels near 0 where it is made of logarithms", _entropy, needs=heads("softplus")),
    Rule("entropy of a logit by its mean", "sum", sp.log(1 + sp.exp(x)) - x * SIGMA, "logit_entropy(a) from softplus(a) - a logistic(a)", "all a",
         "the two agree in all digits beyond 40", _entropy_of_energy, needs=heads("softplus")),
    Rule("difference of softplus", "sum", sp.log(1 + sp.exp(x)) - sp.log(1 + sp.exp(-x)), "a", "all a", "log sigma(a) - log sigma(-a) = a",
         _softplus_difference, needs=heads("softplus")),
    Rule("softplus less its argument", "sum", sp.log(1 + sp.exp(x)) - x, "softplus(-a) from softplus(a) - a", "all a",
         "the two agree in all digits beyond 40", _softplus_less_argument, needs=heads("softplus scaled_softplus")),
)
