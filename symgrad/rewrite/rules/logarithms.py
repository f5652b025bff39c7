"""Rules for logarithms of what is exponential or near one."""

from __future__ import annotations

from itertools import permutations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.doubles import is_power_of_two
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.exponentials import log_of_sum_to_a_power, log_of_terms, parts_of
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import MOST_TERMS, Rule, h, x, y

_RATIOS = (("sinh_ratio", ONE, "log_sinh_ratio"), ("x_over_sinh", -ONE, "log_sinh_ratio"),
           ("exprel", ONE, "log_exprel"), ("bernoulli_ratio", -ONE, "log_exprel"))
"""(f, s, g) with log(f(a)) = s g(a)."""


def simple_log(graph: Graph, ref: Ref) -> Ref | None:
    """The logarithm of a positive row where it is cheaper or safer than the row itself."""
    exponent = look.argument(graph, ref, "exp")
    if exponent is not None:
        return exponent
    sigmoid = look.rated(graph, ref, "logistic")
    if sigmoid is not None:
        return look.negative(graph, look.make_rated(graph, "softplus", 1 / sigmoid[0], look.negative(graph, sigmoid[1])))
    a = look.argument(graph, ref, "cosh")
    if a is not None:
        return look.make(graph, "logcosh", a)
    a = look.argument(graph, ref, "sech")
    if a is not None:
        return look.negative(graph, look.make(graph, "logcosh", a))
    if graph[ref].calls("exp_less_exp"):
        n, c, a = graph.operands(ref)
        return graph.sum(ZERO, [(ONE, graph.product(ONE, [n, a])), (-ONE, graph.product(ONE, [c, look.make(graph, "exp", a)]))])
    parts = parts_of(graph, ref, "reciprocal_exp_sum")
    if parts is not None:
        return look.negative(graph, log_of_terms(graph, parts))
    a = look.argument(graph, ref, "logistic_slope")
    if a is not None:
        return graph.sum(ZERO, [(-ONE, look.make(graph, "softplus", side)) for side in (a, look.negative(graph, a))])
    a = look.argument(graph, ref, "normal_loss")
    if a is not None:
        parts = look.make(graph, "log_normal_cdf", a), look.make(graph, "log", look.make(graph, "mills_excess", a))
        return graph.sum(ZERO, [(ONE, part) for part in parts])
    for name, sign, log in _RATIOS:
        a = look.argument(graph, ref, name)
        if a is not None:
            return graph.sum(ZERO, [(sign, look.make(graph, log, a))])
    for name in ("erfc", "normal_cdf"):
        a = look.argument(graph, ref, name)
        if a is not None:
            return look.make(graph, f"log_{name}", a)
    return None


def _log_of_exp(graph: Graph, ref: Ref) -> Ref | None:
    return look.argument(graph, look.argument(graph, ref, "log"), "exp")


def _log_of_positives(graph: Graph, ref: Ref) -> Ref | None:
    """log(c a b) where a and b have simple logarithms; a square or a reciprocal of such a row has one too."""
    inside = look.argument(graph, ref, "log")
    parts = product_log(graph, inside) if inside is not None else None
    return graph.sum(parts[0], parts[1]) if parts is not None else None


def product_log(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[look.Term]] | None:
    """The logarithm of a product as a constant and terms, where every factor has a simple one."""
    found = look.factors(graph, ref)
    coefficient, operands = found if found is not None else (ONE, [ref])
    if not look.is_positive(coefficient):
        return None
    out: list[look.Term] = []
    for operand in operands:
        term = factor_log(graph, operand)
        if term is None:
            return None
        out.append(term)
    return sp.log(coefficient), out


def _log_of_positive_sum(graph: Graph, ref: Ref) -> Ref | None:
    """log(c p + d q), c and d > 0, where p and q have simple logarithms: a log-sum-exp of these."""
    found = look.terms(graph, inside) if (inside := look.argument(graph, ref, "log")) is not None else None
    if found is None or found[0] != 0 or not 2 <= len(found[1]) <= MOST_TERMS:
        return None
    parts: list[look.Exponential] = []
    for c, term in found[1]:
        log = product_log(graph, term)
        if log is None or not look.is_positive(c):
            return None
        parts.append((c * sp.exp(log[0]), graph.sum(ZERO, log[1])))
    return log_of_terms(graph, parts)


def _log_of_diluted(graph: Graph, ref: Ref) -> Ref | None:
    """log(c p + c (1 - p) q), c > 0, where p is a sigmoid and q has a simple logarithm."""
    (inside,) = graph.operands(ref)
    constant, parts = look.terms(graph, inside) or (ONE, [])
    for (c, sure), (d, other) in permutations(parts) if len(parts) == 2 and constant == 0 else ():
        a = look.argument(graph, sure, "logistic")
        number, operands = look.factors(graph, other) or (ONE, [])
        if a is None or c != d * number or not look.is_positive(c):
            continue
        for k in [k for k, b in look.arguments(graph, operands, "logistic") if look.are_opposite(graph, a, b)]:
            log = product_log(graph, look.times(graph, ONE, *look.without(operands, k)))
            if log is not None:
                return look.shifted(graph, look.make(graph, "log_diluted", a, graph.sum(*log)), sp.log(c))
    return None


def factor_log(graph: Graph, ref: Ref) -> look.Term | None:
    """(c, log) where c log is the logarithm of the row, which is above 0."""
    for name, power in (("square", sp.Integer(2)), ("reciprocal", -ONE), ("sqrt", look.HALF)):
        inner = look.argument(graph, ref, name)
        log = simple_log(graph, inner) if inner is not None else None
        if log is not None:
            return power, log
    if graph[ref].calls("compound_exp"):
        a, exponent = graph.operands(ref)
        return ONE, graph.product(ONE, [exponent, look.make(graph, "softplus", a)])
    if graph[ref].calls("power_by_log"):
        _, log, exponent = graph.operands(ref)
        return ONE, graph.product(ONE, [exponent, log])
    if graph[ref].calls("pow"):
        base, exponent = graph.operands(ref)
        log = simple_log(graph, base)
        log = graph.product(ONE, [exponent, log]) if log is not None else log_of_sum_to_a_power(graph, ref)
        return (ONE, log) if log is not None else None
    log = simple_log(graph, ref)
    return (ONE, log) if log is not None else None


def _log_of_expm1(graph: Graph, ref: Ref) -> Ref | None:
    """log(c expm1(a)) and log(-c expm1(a)), c > 0, the latter for a = -exp(b) too, which may underflow; log(c/expm1(a)) is minus one of them."""
    inside = look.argument(graph, ref, "log")
    if inside is None:
        return None
    coefficient, inner = look.scaled(graph, inside)
    a, inverse = look.argument(graph, inner, "expm1"), look.argument(graph, inner, "bose_einstein")
    if inverse is not None and look.is_number(coefficient):
        expm1 = look.times(graph, 1 / coefficient, look.make(graph, "expm1", inverse))
        return look.negative(graph, look.make(graph, "log", expm1))
    if a is None or not look.is_number(coefficient):
        return None
    if coefficient > 0:
        log = look.make(graph, "logexpm1", a)
    else:
        u = look.negative(graph, a)
        inner = look.argument(graph, u, "exp")
        log = look.make(graph, "log1mexp", u) if inner is None else look.make(graph, "log_cloglog", inner)
    return look.shifted(graph, log, sp.log(abs(coefficient)))


def _log_of_root(graph: Graph, ref: Ref) -> Ref | None:
    """log(sqrt(a)) is log(a)/2."""
    a = look.argument(graph, look.argument(graph, ref, "log"), "sqrt")
    return look.times(graph, look.HALF, look.make(graph, "log", a)) if a is not None else None


def _log_of_power(graph: Graph, ref: Ref) -> Ref | None:
    """log(c a^n), c > 0, is log(c) + n log|a| for an even whole n, and log(c) + n log(a) else."""
    inside = look.argument(graph, ref, "log")
    coefficient, inner = look.scaled(graph, inside) if inside is not None else (ONE, ref)
    row = graph[inner]
    power = _POWERS.get(row.payload[0], row.payload[-1]) if row.op == "map" and row.payload[0] in ("square", "reciprocal", "power") else None
    if inside is None or power is None or not look.is_positive(coefficient):
        return None
    (a,) = graph.operands(inner)
    return graph.sum(sp.log(coefficient), [(power, log_of_size(graph, a) if power.is_even else look.make(graph, "log", a))])


def log_of_size(graph: Graph, a: Ref) -> Ref:
    """log|a|; for a = 1 + u it is log1p of the larger of u and -2 - u."""
    found = look.terms(graph, a)
    if found is None or found[0] != 1:
        return look.make(graph, "log", look.make(graph, "abs", a))
    u = graph.sum(ZERO, found[1])
    return look.make(graph, "log1p", look.make(graph, "max", u, graph.sum(sp.Integer(-2), [(-ONE, u)])))


_POWERS = {"square": sp.Integer(2), "reciprocal": -ONE}


def _log_of_reading(graph: Graph, ref: Ref) -> Ref | None:
    """log(P[i, y[i]]) where P is an exponential: read the exponent instead."""
    found = look.reading(graph, inside) if (inside := look.argument(graph, ref, "log")) is not None else None
    log = simple_log(graph, found.read) if found is not None else None
    return graph.product(ONE, [log, *found.hots], found.over) if found is not None and log is not None else None


def _log_of_scaled(graph: Graph, ref: Ref) -> Ref | None:
    """log(c - c a) is log(c (1 - a)) for a number c > 0 whose products round; SymPy multiplies such numbers out."""
    found = look.terms(graph, inside) if (inside := look.argument(graph, ref, "log")) is not None else None
    if found is None or found[0] == 0 or any(c != -found[0] for c, _ in found[1]) or not look.is_positive(found[0]) or is_power_of_two(found[0]):
        return None
    bare = graph.sum(ONE, [(-ONE, term) for _, term in found[1]])
    return look.make(graph, "log", look.times(graph, found[0], bare))


def _log_of_factor(graph: Graph, ref: Ref) -> Ref | None:
    """log(w exp(a)) is a + log(w), also where the product is read by an index: what has a simple logarithm leaves, whatever the sign of w."""
    inside = look.argument(graph, ref, "log")
    coefficient, operands, over = (look.spread(graph, inside) if inside is not None else None) or (ONE, [], [])
    hots = [operand for operand in operands if graph[operand].op == "onehot"]
    logs = [(k, log) for k, operand in enumerate(operands) if (log := factor_log(graph, operand)) is not None]
    if not logs or not look.only_read(graph, hots, over):
        return None
    rest = graph.product(coefficient, look.without(operands, *(k for k, _ in logs)), over)
    number = graph.constant_value(rest)
    if number is not None and not look.is_positive(number):
        return None
    log = graph.constant(sp.log(number)) if number is not None else look.make(graph, "log", rest)
    a = graph.sum(ZERO, [log for _, log in logs])
    reads = [hot for hot in hots if hot.labels[-1] in a.labels]
    return graph.sum(ZERO, [(ONE, graph.product(ONE, [a, *reads], [hot.labels[-1] for hot in reads])), (ONE, log)])


def _log1p(graph: Graph, ref: Ref) -> Ref | None:
    found = look.terms(graph, inside) if (inside := look.argument(graph, ref, "log")) is not None else None
    if found is None or found[0] != 1:
        return None
    u = graph.sum(ZERO, found[1])
    a = look.argument(graph, u, "expm1")
    return a if a is not None else look.make(graph, "log1p", u)


def _log_of_difference(graph: Graph, ref: Ref) -> Ref | None:
    """log(c exp(a) - d exp(b)), c and d > 0, is b + log(d) + logexpm1(a - b + log(c/d))."""
    inside = look.argument(graph, ref, "log")
    parts = look.exponentials(graph, inside) if inside is not None else None
    if parts is None or len(parts) != 2:
        return None
    for (c, a), (d, b) in (parts, parts[::-1]):
        if look.is_positive(c) and look.is_positive(-d):
            below = [(ONE, b)] if b is not None else []
            gap = look.flat_sum(graph, [*([(ONE, a)] if a is not None else []), *((-one, term) for one, term in below)])
            return graph.sum(sp.log(-d), [*below, (ONE, look.make(graph, "logexpm1", look.shifted(graph, gap, sp.log(c / -d))))])
    return None


def _log_between_sigmoids(graph: Graph, ref: Ref) -> Ref | None:
    """log(c logistic(a) - c logistic(b)), c > 0, is log(c) + log1mexp(a - b) - softplus(-a) - softplus(b)."""
    inside = look.argument(graph, ref, "log")
    for c, a, b, gap in _sigmoids(graph, inside) if inside is not None else ():
        if look.is_positive(c):
            sides = [(-ONE, look.make(graph, "softplus", side)) for side in (look.negative(graph, a), b)]
            return graph.sum(sp.log(c), [(ONE, look.make(graph, "log1mexp", gap)), *sides])
    return None


def _sigmoids(graph: Graph, ref: Ref) -> list[tuple[sp.Expr, Ref, Ref, Ref]]:
    """(c, a, b, a - b) where the row is c logistic(a) - c logistic(b), in each way of reading it."""
    scale, inner = look.scaled(graph, ref)
    if graph[inner].calls("logistic_gap"):
        low, gap = graph.operands(inner)
        high = look.flat_sum(graph, [(ONE, low), (ONE, gap)])
        return [(scale, high, low, gap), (-scale, low, high, look.negative(graph, gap))]
    constant, parts = look.terms(graph, ref) or (ONE, [])
    found = look.arguments(graph, [term for _, term in parts], "logistic") if constant == 0 and len(parts) == 2 else []
    if len(found) != 2 or parts[0][0] != -parts[1][0]:
        return []
    (_, a), (_, b) = found
    gaps = [look.flat_sum(graph, [(ONE, one), (-ONE, other)]) for one, other in ((a, b), (b, a))]
    return [(parts[0][0], a, b, gaps[0]), (parts[1][0], b, a, gaps[1])]


def _log_one_minus_square(graph: Graph, ref: Ref) -> Ref | None:
    """log((1 - x)(1 + x)): log1p(-x^2) near 0, the two logarithms apart from there."""
    inside = look.argument(graph, ref, "log")
    u = look.argument(graph, inside, "one_minus_square")
    if u is None:
        return None
    near = look.make(graph, "lt", look.make(graph, "abs", u), graph.constant(look.HALF))
    low = look.make(graph, "log1p", look.negative(graph, look.make(graph, "square", u)))
    high = graph.sum(ZERO, [(ONE, look.make(graph, "log1p", u)), (ONE, look.make(graph, "log1p", look.negative(graph, u)))])
    return graph.select(near, low, high)


def _inverse_sinh(graph: Graph, ref: Ref) -> Ref | None:
    """log(k sqrt(a^2 + c) + k a), k and c > 0, is asinh(a/sqrt(c)) + log(k sqrt(c)); the sum stands as k root_gap(-a, c) by now."""
    inside = look.argument(graph, ref, "log")
    scale, gap = look.scaled(graph, inside) if inside is not None else (ONE, ref)
    if inside is None or not graph[gap].calls("root_gap") or not look.is_positive(scale):
        return None
    u, square = graph.operands(gap)
    c = graph.constant_value(square)
    if c is None or not look.is_positive(c):
        return None
    return look.shifted(graph, look.make(graph, "asinh", look.times(graph, -1 / sp.sqrt(c), u)), sp.log(scale * sp.sqrt(c)))


def _inverse_cosh(graph: Graph, ref: Ref) -> Ref | None:
    """log(d a + d sqrt(a^2 - k^2)), d and k > 0, is acosh(a/k) + log(d k)."""
    found = look.terms(graph, inside) if (inside := look.argument(graph, ref, "log")) is not None else None
    if found is None or found[0] != 0 or len(found[1]) != 2:
        return None
    for (c, root), (d, a) in (found[1], found[1][::-1]):
        scale, under = look.scaled(graph, inner) if (inner := look.argument(graph, root, "sqrt")) is not None else (ONE, None)
        edge = _edge(graph, under, a)
        if edge is not None and look.is_positive(c) and look.is_positive(d) and c**2 * -scale == d**2:
            return look.shifted(graph, look.make(graph, "acosh", look.times(graph, 1 / edge, a)), sp.log(d * edge))
    return None


def _edge(graph: Graph, ref: Ref | None, a: Ref) -> sp.Expr | None:
    """k where the row is k^2 - a^2 as a product."""
    if look.argument(graph, ref, "one_minus_square") == a:
        return ONE
    if ref is None or not graph[ref].calls("difference_of_squares"):
        return None
    first, second = graph.operands(ref)
    return graph.constant_value(first) if second == a else None


def _inverse_tanh(graph: Graph, ref: Ref) -> Ref | None:
    """log((1 + a)/(1 - a)) is 2 atanh(a)."""
    found = look.factors(graph, inside) if (inside := look.argument(graph, ref, "log")) is not None else None
    if found is None or found[0] != 1 or len(found[1]) != 2:
        return None
    for top, under in (found[1], found[1][::-1]):
        below = look.argument(graph, under, "reciprocal")
        up, down = look.terms(graph, top), look.terms(graph, below) if below is not None else None
        if up is None or down is None or up[0] != 1 or down[0] != 1 or len(up[1]) != 1 or len(down[1]) != 1:
            continue
        (c, a), (d, b) = up[1][0], down[1][0]
        if a == b and c == -d:
            return look.times(graph, sp.Integer(2), look.make(graph, "atanh", look.times(graph, c, a)))
    return None


RULES = (
    Rule("log of exp", "log", sp.log(h), "a", "all real a", "exp overflows at 710 and underflows at -745", _log_of_exp,
         where=((h, sp.exp(x)),)),
    Rule("log of a read exponential", "log", None, "a[y] from log(exp(a)[y])", "all real a", "as log of exp", _log_of_reading),
    Rule("log of positives", "log", sp.log(sp.exp(x) / (2 * (1 + sp.exp(-x)))), "sum of the logarithms", "all a",
         "exponentials, sigmoids and hyperbolic cosines never leave 0 < a", _log_of_positives),
    Rule("log of a diluted certainty", "log", sp.log(h + (1 - h) * sp.exp(-y**2)), "log_diluted(a, u) from log(p + (1 - p) exp(u))", "all a",
         "p + (1 - p) exp(u) rounds to 1, and a log-sum-exp is not 0 there", _log_of_diluted, where=((h, 1 / (1 + sp.exp(-x))),)),
    Rule("log of a sum of positives", "log", sp.log(h / 2 + (1 - h) * sp.exp(2 * x)), "logsumexp of the logarithms", "all a",
         "all terms may vanish, as those of an inflated zero do", _log_of_positive_sum, where=((h, 1 / (1 + sp.exp(-x))),)),
    Rule("log of a weighted exponential", "log", sp.log(y**2 * sp.exp(x)), "a + log(w) from log(w exp(a)), also read by an index", "w exp(a) > 0",
         "exp overflows at 710 and underflows at -745", _log_of_factor),
    Rule("log of expm1", "log", sp.log(1 - sp.exp(-x)), "log1mexp(-a), logexpm1(a)", "a < 0 or a > 0", "the two ends of a need two forms",
         _log_of_expm1, (0.0, 1e4)),
    Rule("log of a difference of exponentials", "log", sp.log(sp.exp(2 * x) - sp.exp(x)), "b + logexpm1(a - b)", "a > b",
         "exp overflows at 710, and exponentials that are close cancel", _log_of_difference, (0.0, 1e4)),
    Rule("log between sigmoids", "log", sp.log(1 / (1 + sp.exp(-2 * x)) - 1 / (1 + sp.exp(-x))),
         "log1mexp(a - b) - softplus(-a) - softplus(b)", "a > b", "the two round to the same number in the tails", _log_between_sigmoids, (0.0, 1e4)),
    Rule("log of a root", "log", sp.log(h), "log(a)/2", "a > 0", "a logarithm that has a rule of its own comes out", _log_of_root, (0.0, 1e4),
         where=((h, sp.sqrt(x)),)),
    Rule("inverse sinh", "log", sp.log(x + sp.sqrt(x**2 + 1)), "asinh(a/sqrt(c)) + log(c)/2 from log(a + sqrt(a^2 + c))", "all a", 
         "a + sqrt(a^2 + 1) cancels for a < 0", _inverse_sinh),
    Rule("inverse cosh", "log", sp.log(x + sp.sqrt(x**2 - 1)), "acosh(a)", "a >= 1", "a^2 - 1 loses the digits of a - 1", _inverse_cosh, (1.0, 1e4)),
    Rule("inverse tanh", "log", sp.log((1 + x) / (1 - x)), "2 atanh(a)", "-1 < a < 1", "the quotient rounds to 1 near 0", _inverse_tanh, (-1.0, 1.0)),
    Rule("log of one minus a square", "log", sp.log(1 - x**2), "log1p(-a^2) near 0, log1p(a) + log1p(-a) beyond", "-1 < a < 1",
         "each form loses digits where the other keeps them", _log_one_minus_square, (-1.0, 1.0)),
    Rule("log of a scaled complement", "log", sp.log(3000 - 3000 * x), "log(c (1 - a)) from log(c - c a)", "a < 1",
         "c a is rounded before it is subtracted", _log_of_scaled, (-1e4, 1.0)),
    Rule("log of a power", "log", sp.log(x**2), "n log|a| for even n, n log(a) else", "a^n > 0", "a square underflows at 1e-162", _log_of_power),
    Rule("log1p", "log", sp.log(1 + x), "log1p(a), a from log(1 + expm1(a))", "a > -1", "1 + a loses the digits of a near 0", _log1p, (-1.0, 1e4)),
)
