"""Rules for what 1/tan and 1/sin leave beside their pole at 0."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.quotients import ratio_of
from symgrad.rewrite.rules.rule import Rule, heads, x

_GAPS = {"cot": ("cot_gap", -ONE, "tan"), "csc": ("csc_gap", ONE, "sin")}
"""(g, s, h) by the name of f: f(a) = 1/h(a) is 1/a + s g(a)."""


def _pole(graph: Graph, ref: Ref) -> tuple[str, Ref] | None:
    """(f, a) where the row is f(a) for f = cot or csc, or 1/tan(a), 1/sin(a), cos(a)/sin(a)."""
    for name, (_, _, below) in _GAPS.items():
        a = look.argument(graph, ref, name) or look.argument(graph, look.argument(graph, ref, "reciprocal"), below)
        if a is not None:
            return name, a
    scale, operands = look.factors(graph, ref) or (ONE, [])
    for k, a in look.arguments(graph, operands, "cos") if scale == 1 and len(operands) == 2 else ():
        if _pole(graph, operands[1 - k]) == ("csc", a):
            return "cot", a
    return None


def _less_pole(graph: Graph, ref: Ref) -> Ref | None:
    """c/(k a) - c cot(a) and c/sin(a) - c/(k a) inside a sum, k being what stands before a below the line."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts):
        name, a = _pole(graph, term) or ("", term)
        for m, (d, other) in enumerate(parts) if name else ():
            number = shapes.number_of_product(graph, [other, a])
            if number is not None and d * number == -c:
                gap, sign, _ = _GAPS[name]
                return graph.sum(constant, [*look.without(parts, k, m), (sign * c, look.make(graph, gap, a))])
    return None


def _argument_times_pole(graph: Graph, ref: Ref) -> Ref | None:
    """a cot(a) and a csc(a) inside a product are 1/T(a) and 1/S(a) with T(a) = tan(a)/a and S(a) = sin(a)/a."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, operand in enumerate(operands):
        name = next((one for one in _GAPS if look.argument(graph, operand, one) is not None), "")
        for m, b in enumerate(operands) if name else ():
            (a,) = graph.operands(operand)
            ratio = shapes.multiple(graph, b, a) if m != k else None
            if ratio is not None:
                made = look.make(graph, "reciprocal", ratio_of(graph, _GAPS[name][2], a))
                return graph.product(coefficient * ratio, [*look.without(operands, k, m), made], over)
    return None


def _less_one(graph: Graph, ref: Ref) -> Ref | None:
    """c - c/T(a), T(a) = tan(a)/a, inside a sum is c a (1/a - cot(a)); c/S(a) - c, S(a) = sin(a)/a, is c a (1/sin(a) - 1/a)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, below in look.arguments(graph, [term for _, term in parts], "reciprocal") if constant != 0 else ():
        for name, gap, sign in (("tan_ratio", "cot_gap", -ONE), ("sinc", "csc_gap", ONE)):
            a = look.argument(graph, below, name) if parts[k][0] == -constant else None
            if a is not None:
                made = look.times(graph, sign * parts[k][0], a, look.make(graph, gap, a))
                return graph.sum(ZERO, [*look.without(parts, k), (ONE, made)])
    return None


RULES = (
    Rule("difference of cotangent and pole", "sum", 1 / x - sp.cot(x), "cot_gap(a), csc_gap(a)", "all a",
         "inf - inf at 0, and the two agree in all digits near it", _less_pole, (-3.0, 3.0), needs=heads("cot csc reciprocal product")),
    Rule("argument times cotangent", "product", x * sp.cot(x), "1/tan_ratio(a), 1/sinc(a)", "all a", "0 * inf at 0", _argument_times_pole,
         (-3.0, 3.0), needs=heads("cot csc")),
    Rule("argument times cotangent less one", "sum", 1 - x * sp.cot(x), "a cot_gap(a), a csc_gap(a)", "all a", "a cot(a) rounds to 1 near 0",
         _less_one, (-3.0, 3.0), needs=heads("reciprocal")),
)
