"""Rules for differences of roots over their argument, for a root's reciprocal less one, and for a/(c + a^2)."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x

_SECANTS = {"root_excess": ("root_secant",), "hypot_excess": ("half_tangent", "hypot_secant"), "root_complement": ("half_sine", "circle_secant"),
            "root_spread": ("root_spread_ratio",)}
"""f(a)/a, and f(a)/a^2 where that is a function too, by the name of f; what follows a are numbers."""


def _divisors(graph: Graph, operands: list[Ref]) -> Iterator[tuple[int, Ref, int]]:
    """(place, b, n) of the operands that are 1/b^n, n = 1 or 2."""
    for m, operand in enumerate(operands):
        base, exponent = shapes.whole_power(graph, operand)
        if exponent in (-1, -2):
            yield m, base, int(-exponent)


def _over_argument(graph: Graph, ref: Ref) -> Ref | None:
    """(sqrt(c^2 + a) - c)/a and the like inside a product, a perhaps with a number before it there."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, operand in enumerate(operands):
        row = graph[operand]
        secants = _SECANTS.get(row.payload[0], ()) if row.op == "map" else ()
        for m, b, power in _divisors(graph, operands) if secants else ():
            a, *numbers = graph.operands(operand)
            ratio = shapes.multiple(graph, b, a) if power <= len(secants) else None
            if ratio is not None:
                made = look.make(graph, secants[power - 1], a, *numbers)
                return graph.product(coefficient / ratio**power, [*look.without(operands, k, m), made], over)
    return None


def _opposite_roots(graph: Graph, ref: Ref) -> Ref | None:
    """c sqrt(k + a) - c sqrt(k - a) inside a sum, k > 0, is c sqrt(k) root_spread(a/k)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    roots = [(k, inside) for k, a in look.arguments(graph, [term for _, term in parts], "sqrt") if (inside := look.terms(graph, a)) is not None]
    for k, (shift, first) in roots:
        for m, (other, second) in roots:
            opposite = [(-c, term) for c, term in first] == second
            if k < m and opposite and shift == other and look.is_positive(shift) and parts[k][0] == -parts[m][0]:
                spread = look.make(graph, "root_spread", graph.sum(ZERO, [(c / shift, term) for c, term in first]))
                return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0] * sp.sqrt(shift), spread)])
    return None


def _inverse_root_less_one(graph: Graph, ref: Ref) -> Ref | None:
    """c (1 - a^2)^(-1/2) - c inside a sum."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts) if constant != 0 else ():
        row = graph[term]
        fits = c == -constant and row.op == "map" and row.payload == ("power", -HALF)
        a = look.argument(graph, graph.operands(term)[0], "one_minus_square") if fits else None
        if a is not None:
            return graph.sum(ZERO, [*look.without(parts, k), (c, look.make(graph, "lorentz_excess", a))])
    return None


def _dispersion(graph: Graph, ref: Ref) -> Ref | None:
    """a/(c + d a^2) inside a product, with numbers c and d > 0."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for m, below in look.arguments(graph, operands, "reciprocal"):
        constant, parts = look.terms(graph, below) or (ZERO, [])
        d, term = parts[0] if len(parts) == 1 else (ZERO, below)
        a = look.argument(graph, term, "square")
        if a is None or a not in operands or not (look.is_number(constant / d) and constant > 0 and d > 0):
            continue
        made = look.make(graph, "dispersion", a, graph.constant(constant / d))
        return graph.product(coefficient / d, [*look.without(operands, m, operands.index(a)), made], over)
    return None


RULES = (
    Rule("root minus one over its argument", "product", (sp.sqrt(1 + x) - 1) / x,
         "root_secant(a, c), half_tangent(a, c), hypot_secant(a, c), half_sine(a), circle_secant(a), root_spread_ratio(a)", "a >= -c^2",
         "0/0 at 0, and the slope cancels near it", _over_argument, (-1.0, 1e4), needs=heads(" ".join(_SECANTS))),
    Rule("difference of opposite roots", "sum", sp.sqrt(1 + x) - sp.sqrt(1 - x), "root_spread(a)", "-1 <= a <= 1",
         "the roots agree in their first digits near 0", _opposite_roots, (-1.0, 1.0), needs=heads("sqrt")),
    Rule("inverse root minus one", "sum", 1 / sp.sqrt(1 - x**2) - 1, "lorentz_excess(a)", "-1 < a < 1", "the root rounds to 1 near 0",
         _inverse_root_less_one, (-1.0, 1.0), needs=heads("power")),
    Rule("argument over a number and its square", "product", x / (3 + x**2), "dispersion(a, c)", "all a",
         "the square overflows at 1e154, and the slope cancels beside its zeros", _dispersion, needs=heads("reciprocal")),
)
