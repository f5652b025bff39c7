"""Rules for odd functions less their tangent at 0, and for one minus a hyperbolic secant."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x

_SIGNS = {"sin": -1, "tan": 1, "sinh": 1, "tanh": -1, "asin": 1, "atan": -1, "asinh": -1, "atanh": 1}
"""The sign of f(a) - a for a > 0, by the name of f."""


def _gap(graph: Graph, ref: Ref) -> Ref | None:
    """c f(a) - c a inside a sum."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts):
        row = graph[term]
        sign = _SIGNS.get(row.payload[0]) if row.op == "map" and len(row.args) == len(row.payload) == 1 else None
        (a,) = graph.operands(term) if sign is not None else (term,)
        left = shapes.less(graph, constant, look.without(parts, k), -c, a) if sign is not None else None
        if left is not None:
            return graph.sum(left[0], [*left[1], (sign * c, look.make(graph, f"{row.payload[0]}_gap", a))])
    return None


def _sphere_gap(graph: Graph, ref: Ref) -> Ref | None:
    """c sin(a) - c a cos(a) inside a sum."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, a in look.arguments(graph, [term for _, term in parts], "sin"):
        beside = look.times(graph, -parts[k][0], a, look.make(graph, "cos", a))
        for m, (d, term) in enumerate(parts):
            if m != k and look.times(graph, d, term) == beside:
                return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0], look.make(graph, "sphere_gap", a))])
    return None


def _one_less_sech(graph: Graph, ref: Ref) -> Ref | None:
    """c - c sech(a) inside a sum is 2c t^2/(1 + t^2) with t = tanh(a/2)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, a in look.arguments(graph, [term for _, term in parts], "sech") if constant != 0 else ():
        if parts[k][0] == -constant:
            square = look.make(graph, "square", look.make(graph, "tanh", look.times(graph, HALF, a)))
            return graph.sum(ZERO, [*look.without(parts, k), (2 * constant, look.make(graph, "share", square, graph.constant(ONE)))])
    return None


RULES = (
    Rule("odd function less its tangent", "sum", x - sp.atan(x), "f(a) - a as one function, for sin, tan, sinh, tanh and their inverses", "all a",
         "the cube that is left near 0 has no digits of the function", _gap, needs=heads(" ".join(_SIGNS))),
    Rule("sine less its argument times the cosine", "sum", sp.sin(x) - x * sp.cos(x), "sphere_gap(a)", "all a",
         "the cube that is left near 0 has no digits of the functions", _sphere_gap, needs=heads("sin")),
    Rule("one minus sech", "sum", 1 - 1 / sp.cosh(x), "2 t^2/(1 + t^2), t = tanh(a/2)", "all a", "sech(a) rounds to 1 near 0", _one_less_sech,
         needs=heads("sech")),
)
