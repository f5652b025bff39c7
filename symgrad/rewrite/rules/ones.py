"""Rules for what vanishes at 1: powers less one, and less their tangent in the logarithm, logarithms over their argument less one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.linear import linear as linear_form
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x, y


def _power_less_one(graph: Graph, ref: Ref) -> Ref | None:
    """c a^p - c inside a sum, a perhaps 1 - b^2; roots of that, 1 - a^2 and powers of 1 + a have forms of their own."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts) if constant != 0 else ():
        a, power = shapes.number_power(graph, term) if c == -constant else (term, ONE)
        b = look.argument(graph, a, "one_minus_square")
        if b is not None and power.is_Integer and power != 1:
            return graph.sum(ZERO, [*look.without(parts, k), (-c, graph.map("biweight", (b,), (power,)))])
        if b is None and power not in (1, 2) and look.terms(graph, a) is None:
            return graph.sum(ZERO, [*look.without(parts, k), (c, graph.map("power_less_one", (a,), (power,)))])
    return None


def _power_of_difference(graph: Graph, ref: Ref) -> Ref | None:
    """c (k (b^2 - v^2))^p - c inside a sum, k b^2 = 1."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts) if constant != 0 else ():
        a, power = shapes.number_power(graph, term) if c == -constant else (term, ONE)
        scale, inner = look.scaled(graph, a)
        if power in (1, 2) or not graph[inner].calls("difference_of_squares"):
            continue
        b, v = graph.constant_value(graph.operands(inner)[0]), graph.operands(inner)[1]
        if b is None or scale * b**2 != 1:
            continue
        made = graph.map("squares_gap", (v,), (power, abs(b)))
        return graph.sum(ZERO, [*look.without(parts, k), (c, made)])
    return None


def _power_gap(graph: Graph, ref: Ref) -> Ref | None:
    """c a^p - c - c p log(a) inside a sum, also c b^p - c - c p log|b| for an even p."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for m, a in look.arguments(graph, [term for _, term in parts], "log") if constant != 0 else ():
        for k, (c, term) in enumerate(parts):
            base, power = shapes.number_power(graph, term) if c == -constant and k != m else (term, ZERO)
            is_same = base == a or (power.is_even and base == look.argument(graph, a, "abs"))
            if is_same and parts[m][0] == -c * power != 0:
                return graph.sum(ZERO, [*look.without(parts, k, m), (c, graph.map("power_gap", (a,), (power,)))])
    return None


def _one_less_share(graph: Graph, ref: Ref) -> Ref | None:
    """c - c k/(k + a) inside a sum, with a number k, is c a/(a + k)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for m, below in look.arguments(graph, [term for _, term in parts], "reciprocal") if constant != 0 else ():
        k, inside = look.terms(graph, below) or (ZERO, [])
        if k != 0 and look.is_number(k) and parts[m][0] == -constant * k:
            share = look.make(graph, "share", graph.sum(ZERO, inside), graph.constant(k))
            return graph.sum(ZERO, [*look.without(parts, m), (constant, share)])
    return None


def _less_its_share(graph: Graph, ref: Ref) -> Ref | None:
    """c b - c b q/(q + a) inside a sum is c b a/(a + q), b a number, a factor, or a sum such as q itself."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts):
        number, found = shapes.powers(graph, term)
        for b, share in _factors_and_shares(graph, found):
            others = look.without(parts, k)
            if graph.constant_value(b) == 1:
                left = (ZERO, others) if constant == -c * number else None
            else:
                left = shapes.less(graph, constant, others, -c * number, b)
            if left is not None:
                return graph.sum(left[0], [*left[1], (-c * number, look.times(graph, ONE, b, share))])
    return None


def _factors_and_shares(graph: Graph, powers: Mapping[Ref, sp.Expr]) -> Iterator[tuple[Ref, Ref]]:
    """b and a/(a + q) where a product of powers is b q/(q + a)."""
    for one, power in powers.items():
        if power == 1 and graph[one].calls("share"):
            q, a = graph.operands(one)
            yield _powers(graph, powers, {one: ZERO}), look.make(graph, "share", a, q)
        constant, parts = (look.terms(graph, one) if power < 0 else None) or (ZERO, [])
        for q in [top for top, above in powers.items() if above > 0] if parts else ():
            rest = shapes.less(graph, constant, parts, ONE, q)
            if rest is not None and len(graph.inputs_among(graph.live([one.row]))) > 1:
                yield _powers(graph, powers, {q: powers[q] - 1, one: power + 1}), look.make(graph, "share", graph.sum(*rest), q)


def _powers(graph: Graph, powers: Mapping[Ref, sp.Expr], changed: Mapping[Ref, sp.Expr]) -> Ref:
    return graph.product(ONE, [factor for one, power in {**powers, **changed}.items() for factor in shapes.raised(graph, one, power)])


def _divergence(graph: Graph, ref: Ref) -> Ref | None:
    """c b log(b) for one or more b inside a sum of which c (b - 1) is taken or adds up to nothing."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    found = [(k, parts[k][0], b) for k, b in look.arguments(graph, [term for _, term in parts], "xlogx")]
    rest = {term: c for c, term in look.without(parts, *(k for k, _, _ in found))}
    inside: set[Ref] = set()
    for _, c, b in found:
        scale, inner = look.scaled(graph, b)
        terms, shift = linear_form(graph, inner, c * scale)
        constant = constant + shift - c
        rest = rest | {term: rest.get(term, ZERO) + d for term, d in terms.items()}
        inside.update(terms)
    if not found or constant != 0 or any(rest[term] != 0 for term in inside):
        return None
    made = [(c, look.make(graph, "divergence", b)) for _, c, b in found]
    return graph.sum(ZERO, [*((c, term) for term, c in rest.items() if c != 0), *made])


def _pairs(graph: Graph, logs: list[tuple[int, Ref]], sums: list[tuple[int, Ref]]) -> Iterator[tuple[int, int, Ref, sp.Expr]]:
    """Places of a logarithm and of a sum c a - c, with a and c."""
    for k, a in logs:
        for m, inside in sums:
            constant, parts = look.terms(graph, inside) or (ZERO, [])
            if parts == [(-constant, a)]:
                yield k, m, a, -constant


def _log_secant(graph: Graph, ref: Ref) -> Ref | None:
    """log(a)/(c a - c) and (c a - c)/log(a) inside a product."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    below = look.arguments(graph, operands, "reciprocal")
    for k, m, a, c in _pairs(graph, look.arguments(graph, operands, "log"), below):
        return graph.product(coefficient / c, [*look.without(operands, k, m), look.make(graph, "log_secant", a)], over)
    logs = [(k, a) for k, one in below if (a := look.argument(graph, one, "log")) is not None]
    for k, m, a, c in _pairs(graph, logs, list(enumerate(operands))):
        return graph.product(coefficient * c, [*look.without(operands, k, m), look.make(graph, "log_mean", a)], over)
    return None


def _over_factor(graph: Graph, ref: Ref) -> Ref | None:
    """(1 - a^2)/(c - c a) and (1 - a^2)/(c + c a) inside a product are (1 + a)/c and (1 - a)/c."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, a in look.arguments(graph, operands, "one_minus_square"):
        for m, below in look.arguments(graph, operands, "reciprocal"):
            c, parts = look.terms(graph, below) or (ZERO, [])
            if len(parts) == 1 and parts[0][1] == a and parts[0][0] ** 2 == c**2 != 0:
                other = graph.sum(ONE, [(-parts[0][0] / c, a)])
                return graph.product(coefficient / c, [*look.without(operands, k, m), other], over)
    return None


RULES = (
    Rule("difference of squares over its factor", "product", (x**2 - 1) / (x - 1), "1 + a, 1 - a", "all a", "0/0 at 1", _over_factor,
         needs=heads("one_minus_square")),
    Rule("power less its tangent in the logarithm", "sum", x - 1 - sp.log(x), "power_gap(a) from a^p - 1 - p log(a)", "a > 0",
         "all digits cancel near 1", _power_gap, (0.0, 1e4), needs=heads("log")),
    Rule("power of a difference of squares less one", "sum", 1 / sp.sqrt(1 - x**2 / 9) - 1, "squares_gap(v)", "|v| < b",
         "the difference of squares rounds to b^2 near 0", _power_of_difference, (-3.0, 3.0), needs=heads("power reciprocal sqrt")),
    Rule("power less one", "sum", x**-3 - 1, "power_less_one(a) from a^p - 1, -biweight(b) where a = 1 - b^2", "a^p real",
         "the power's rounding shows near 1", _power_less_one, (0.0, 1e4), needs=heads("power reciprocal sqrt square")),
    Rule("divergence", "sum", x * sp.log(x) - x + 1, "divergence(b) from b log(b) - b + 1, also of several", "b >= 0", "all digits cancel near 1",
         _divergence, (0.0, 1e4), needs=heads("xlogx")),
    Rule("one minus a share", "sum", 1 - 1 / (1 + x**2), "share(a, c) from 1 - c/(a + c)", "a != -c", "the quotient rounds to 1 near 0",
         _one_less_share, needs=heads("reciprocal")),
    Rule("less its share", "sum", 1 - y / (x + y), "c b a/(a + q) from c b - c b q/(q + a)", "a != -q", "all digits cancel where q is large",
         _less_its_share, (0.0, 1e4), others=(0.75, 3.0, 400.0), needs=heads("reciprocal share")),
    Rule("logarithm over its argument less one", "product", (x - 1) / sp.log(x), "log_mean(a), log_secant(a)", "a > 0",
         "0/0 at 1, and the slope cancels near it", _log_secant, (0.0, 1e4), needs=heads("log reciprocal")),
)
