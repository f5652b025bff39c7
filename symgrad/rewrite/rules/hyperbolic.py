"""Rules for hyperbolic functions: found in exponentials, and their reciprocals and quotients."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import HALF
from symgrad.rewrite.rules.rule import Rule, heads, x

E, E_ = sp.exp(x), sp.exp(-x)


def _hyperbolic(graph: Graph, ref: Ref) -> Ref | None:
    """c exp(a) - c exp(-a) inside a sum is 2c sinh(a); with a plus, 2c cosh(a)."""
    found = look.terms(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    constant, parts = found
    singles = [(k, c * single[0], single[1]) for k, (c, term) in enumerate(parts)
               if (single := look.exponential(graph, term)) is not None and single[1] is not None]
    for position, (k, c, a) in enumerate(singles):
        for m, other, b in singles[position + 1:]:
            if abs(c) == abs(other) and look.are_opposite(graph, a, b):
                up = a if c == other or c > 0 else b
                function = look.make(graph, "cosh" if c == other else "sinh", up)
                return graph.sum(constant, [*look.without(parts, k, m), (2 * (c if c == other else abs(c)), function)])
    return None


def _reciprocal_hyperbolic(graph: Graph, ref: Ref) -> Ref | None:
    """1/cosh(a) is sech(a), 1/sinh(a) is csch(a), 1/tanh(a) is coth(a): their slopes do not multiply 0 by infinity."""
    inside = look.argument(graph, ref, "reciprocal")
    name = _INVERSES.get(graph[inside].payload[0]) if inside is not None and graph[inside].op == "map" else None
    return look.make(graph, name, graph.operands(inside)[0]) if inside is not None and name not in (None, "bose_einstein") else None


_INVERSES = {"cosh": "sech", "sinh": "csch", "tanh": "coth", "expm1": "bose_einstein"}
"""1/f by the name of f."""


def _inverse_power(graph: Graph, ref: Ref) -> Ref | None:
    """(c f(a))^-n for a whole n > 1 is c^-n times the n-th power of the function that is 1/f."""
    power = graph[ref].payload[1]
    scale, inner = look.scaled(graph, graph.operands(ref)[0])
    name = _INVERSES.get(graph[inner].payload[0]) if graph[inner].op == "map" else None
    if name is None or not (power.is_Integer and power < -1 and look.is_number(scale)):
        return None
    made = look.make(graph, name, graph.operands(inner)[0])
    return look.times(graph, scale**power, *shapes.raised(graph, made, -power))


def _tanh_from_quotient(graph: Graph, ref: Ref) -> Ref | None:
    """sinh(a)/cosh(a) is tanh(a), and expm1(a) logistic(-a) is tanh(a/2), inside a product."""
    found = look.spread(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for k, m, merged in _tanhs(graph, operands):
        return graph.product(coefficient, [*look.without(operands, k, m), merged], over)
    return None


def _tanhs(graph: Graph, operands: list[Ref]) -> Iterator[tuple[int, int, Ref]]:
    for k, a in look.arguments(graph, operands, "sinh"):
        for m, b in look.arguments(graph, operands, "sech"):
            if a == b or look.are_opposite(graph, a, b):
                yield k, m, look.make(graph, "tanh", a)
    for k, a in look.arguments(graph, operands, "expm1"):
        for m, b in look.arguments(graph, operands, "logistic"):
            if look.are_opposite(graph, a, b):
                yield k, m, look.make(graph, "tanh", look.times(graph, HALF, a))


RULES = (
    Rule("reciprocal hyperbolic", "reciprocal", 1 / sp.cosh(x), "sech(a), csch(a), coth(a)", "all a", "the slope is 0 * inf where cosh overflows",
         _reciprocal_hyperbolic),
    Rule("inverse power of a hyperbolic function", "power", sp.cosh(x) ** -2, "sech(a)^n, csch(a)^n, coth(a)^n, bose_einstein(a)^n", "all a",
         "the slope is 0 * inf where the function overflows", _inverse_power),
    Rule("sinh and cosh", "sum", (E - E_) / 2, "2c sinh(a), 2c cosh(a)", "all a", "exp(a) - exp(-a) cancels near 0", _hyperbolic, (-700.0, 700.0),
         needs=heads("exp")),
    Rule("tanh by exponentials", "product", (E - E_) / (E + E_), "tanh(a)", "all a", "inf/inf where exp overflows", _tanh_from_quotient,
         needs=heads("sinh expm1")),
)
