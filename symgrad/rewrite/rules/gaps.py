"""Rules for functions less their first terms: what is left near 0, or far out, has none of the digits of either."""

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
    waves = look.arguments(graph, [term for _, term in parts], "sin")
    places = {look.times(graph, d, term): m for m, (d, term) in enumerate(parts)} if waves else {}
    for k, a in waves:
        m = places.get(look.times(graph, -parts[k][0], a, look.make(graph, "cos", a)))
        if m is not None:
            return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0], look.make(graph, "sphere_gap", a))])
    return None


def _sinc_gap(graph: Graph, ref: Ref) -> Ref | None:
    """c - c sinc(a) inside a sum."""
    found = look.from_number(graph, ref, "sinc")
    return graph.sum(ZERO, [*found[2], (found[0], look.make(graph, "sinc_gap", found[1]))]) if found is not None else None


def _half_angle(graph: Graph, ref: Ref) -> Ref | None:
    """c/sin(a) - c/tan(a) inside a sum is c tan(a/2), c/sin(a) + c/tan(a) is c/tan(a/2)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    below = look.arguments(graph, [term for _, term in parts], "reciprocal")
    for k, a in [(k, a) for k, one in below if (a := look.argument(graph, one, "sin")) is not None]:
        for m, b in [(m, b) for m, one in below if (b := look.argument(graph, one, "tan")) is not None]:
            if a == b and parts[k][0] ** 2 == parts[m][0] ** 2:
                half = look.make(graph, "tan", look.times(graph, HALF, a))
                made = look.make(graph, "reciprocal", half) if parts[k][0] == parts[m][0] else half
                return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0], made)])
    return None


def _one_less_coth(graph: Graph, ref: Ref) -> Ref | None:
    """c coth(a) - c inside a sum is 2c/(exp(2a) - 1)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, a in look.arguments(graph, [term for _, term in parts], "coth") if constant != 0 else ():
        c = parts[k][0]
        if c**2 == constant**2:
            sign = -sp.Integer(1) if c == constant else sp.Integer(1)
            made = look.make(graph, "bose_einstein", look.times(graph, 2 * sign, a))
            return graph.sum(ZERO, [*look.without(parts, k), (2 * sign * c, made)])
    return None


def _erlang(graph: Graph, ref: Ref) -> Ref | None:
    """c - c (1 + a) exp(-a) inside a sum, also where c - c exp(-a) stands as -c expm1(-a)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts):
        number, operands = look.factors(graph, term) or (ONE, [])
        for m, b in look.arguments(graph, operands, "exp") if len(operands) == 2 else ():
            a, scale = look.negative(graph, b), -c * number
            made, other = (scale, look.make(graph, "erlang", a)), operands[1 - m]
            if constant == scale and other == look.shifted(graph, a, ONE):
                return graph.sum(ZERO, [*look.without(parts, k), made])
            beside = (-scale, look.make(graph, "expm1", b))
            if other == a and beside in parts:
                return graph.sum(constant, [*(one for one in look.without(parts, k) if one != beside), made])
    return None


def _one_less_sech(graph: Graph, ref: Ref) -> Ref | None:
    """c - c sech(a) inside a sum is 2c t^2/(1 + t^2) with t = tanh(a/2)."""
    found = look.from_number(graph, ref, "sech")
    if found is None:
        return None
    square = look.make(graph, "square", look.make(graph, "tanh", look.times(graph, HALF, found[1])))
    return graph.sum(ZERO, [*found[2], (2 * found[0], look.make(graph, "share", square, graph.constant(ONE)))])


RULES = (
    Rule("odd function less its tangent", "sum", x - sp.atan(x), "f(a) - a as one function, for sin, tan, sinh, tanh and their inverses", "all a",
         "the cube that is left near 0 has no digits of the function", _gap, needs=heads(" ".join(_SIGNS))),
    Rule("sine less its argument times the cosine", "sum", sp.sin(x) - x * sp.cos(x), "sphere_gap(a)", "all a",
         "the cube that is left near 0 has no digits of the functions", _sphere_gap, needs=heads("sin")),
    Rule("one minus a sine over its argument", "sum", 1 - sp.sin(x) / x, "sinc_gap(a)", "all a", "sinc(a) rounds to 1 near 0", _sinc_gap,
         needs=heads("sinc")),
    Rule("cosecant less cotangent", "sum", 1 / sp.sin(x) - 1 / sp.tan(x), "tan(a/2), 1/tan(a/2)", "all a", "inf - inf at 0", _half_angle, (-3.0, 3.0),
         needs=heads("reciprocal")),
    Rule("coth less one", "sum", sp.coth(x) - 1, "2/(exp(2a) - 1)", "a != 0", "coth(a) rounds to 1 beyond 19", _one_less_coth, needs=heads("coth")),
    Rule("Erlang distribution", "sum", 1 - (1 + x) * sp.exp(-x), "erlang(a) from 1 - (1 + a) exp(-a)", "all a", "all digits cancel near 0", _erlang,
         (-700.0, 1e4), needs=heads("exp")),
    Rule("one minus sech", "sum", 1 - 1 / sp.cosh(x), "2 t^2/(1 + t^2), t = tanh(a/2)", "all a", "sech(a) rounds to 1 near 0", _one_less_sech,
         needs=heads("sech")),
)
