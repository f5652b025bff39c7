"""Rules for quotients and differences with a removable singularity: each becomes a function that is right through it."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x

_OVER_ARGUMENT = {"sin": "sinc", "expm1": "exprel", "log1p": "log1prel"}
"""f(a)/a by the name of f."""


def _over_argument(graph: Graph, ref: Ref) -> Ref | None:
    """sin(c a)/a, expm1(c a)/a, log1p(c a)/a inside a product, with a number c."""
    found = look.opened(graph, ref)
    below = look.arguments(graph, found[1], "reciprocal") if found is not None else ()
    if found is None or not below:
        return None
    coefficient, operands, over = found
    for name, quotient in _OVER_ARGUMENT.items():
        for k, a in look.arguments(graph, operands, name):
            scale, inner = look.scaled(graph, a)
            for m, b in below:
                if b in (a, inner):
                    ratio = ONE if b == a else scale
                    return graph.product(coefficient * ratio, [*look.without(operands, k, m), look.make(graph, quotient, a)], over)
    return None


def _bose_einstein(graph: Graph, ref: Ref) -> Ref | None:
    """1/expm1(a)."""
    a = look.argument(graph, look.argument(graph, ref, "reciprocal"), "expm1")
    return look.make(graph, "bose_einstein", a) if a is not None else None


def _bernoulli(graph: Graph, ref: Ref) -> Ref | None:
    """a/expm1(a) inside a product."""
    found = look.opened(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for k, a in look.arguments(graph, operands, "bose_einstein"):
        c, inner = look.scaled(graph, a)
        for m, b in enumerate(operands):
            if m != k and b == inner:
                ratio = look.make(graph, "bernoulli_ratio", a)
                return graph.product(coefficient / c, [*look.without(operands, k, m), ratio], over)
    return None


def _one_minus_cosine(graph: Graph, ref: Ref) -> Ref | None:
    """c - c cos(a) inside a sum is 2c sin(a/2)^2, c cosh(a) - c is 2c sinh(a/2)^2."""
    found = look.terms(graph, ref)
    if found is None or found[0] == 0:
        return None
    constant, parts = found
    for name, other, sign in (("cos", "sin", ONE), ("cosh", "sinh", -ONE)):
        for k, a in look.arguments(graph, [term for _, term in parts], name):
            if parts[k][0] == -constant:
                half = look.make(graph, other, look.times(graph, HALF, a))
                return graph.sum(ZERO, [*look.without(parts, k), (2 * sign * constant, look.make(graph, "square", half))])
    return None


def _cosine_quotient(graph: Graph, ref: Ref) -> Ref | None:
    """2 sin(a/2)^2/a^2 inside a product is (1 - cos(a))/a^2."""
    found = look.opened(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for k, inner in look.arguments(graph, operands, "square"):
        half = look.argument(graph, inner, "sin")
        for m, operand in enumerate(operands):
            a = _inverse_square(graph, operand)
            if half is not None and a is not None and half == look.times(graph, HALF, a):
                rest = [*look.without(operands, k, m), look.make(graph, "cosc", a)]
                return graph.product(coefficient * HALF, rest, over)
    return None


def _inverse_square(graph: Graph, ref: Ref) -> Ref | None:
    row = graph[ref]
    if row.op == "map" and row.payload == ("power", sp.Integer(-2)):
        return graph.operands(ref)[0]
    return look.argument(graph, look.argument(graph, ref, "reciprocal"), "square")


def _langevin(graph: Graph, ref: Ref) -> Ref | None:
    """c coth(a) - c/a inside a sum, numbers in a and beside 1/a or not."""
    found = look.terms(graph, ref)
    if found is None:
        return None
    constant, parts = found
    rows = [term for _, term in parts]
    for k, a in look.arguments(graph, rows, "coth"):
        scale, inner = look.scaled(graph, a)
        for m, b in look.arguments(graph, rows, "reciprocal"):
            if (b == inner and parts[k][0] == -parts[m][0] * scale) or (b == a and parts[k][0] == -parts[m][0]):
                return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0], look.make(graph, "langevin", a))])
    return None


def _expm1_minus_argument(graph: Graph, ref: Ref) -> Ref | None:
    """c expm1(a) - c a inside a sum."""
    found = look.terms(graph, ref)
    if found is None:
        return None
    constant, parts = found
    for k, a in look.arguments(graph, [term for _, term in parts], "expm1"):
        c, inner = look.scaled(graph, a)
        for m, (coefficient, term) in enumerate(parts):
            if term == inner and coefficient == -parts[k][0] * c:
                return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0], look.make(graph, "expm1_minus_x", a))])
    return None


def _bennett(graph: Graph, ref: Ref) -> Ref | None:
    """c (1 + u) log1p(u) - c u inside a sum."""
    found = look.terms(graph, ref)
    if found is None:
        return None
    constant, parts = found
    for k, (coefficient, term) in enumerate(parts):
        u = _shifted_logarithm(graph, term)
        for m, (other, term_m) in enumerate(parts):
            if u is not None and term_m == u and other == -coefficient:
                return graph.sum(constant, [*look.without(parts, k, m), (coefficient, look.make(graph, "bennett", u))])
    return None


def _argument_less_log1p(graph: Graph, ref: Ref) -> Ref | None:
    """c a - c log1p(a) inside a sum."""
    found = look.terms(graph, ref)
    if found is None:
        return None
    constant, parts = found
    for k, a in look.arguments(graph, [term for _, term in parts], "log1p"):
        c = parts[k][0]
        left = shapes.less(graph, constant, look.without(parts, k), -c, a)
        if left is not None:
            return graph.sum(left[0], [*left[1], (-c, look.make(graph, "x_minus_log1p", a))])
    return None


def _shifted_logarithm(graph: Graph, ref: Ref) -> Ref | None:
    """u where the row is (1 + u) log1p(u), which stands as xlog1py(1 + u, u) by now."""
    row = graph[ref]
    if row.op != "map" or row.payload != ("xlog1py",):
        return None
    first, u = graph.operands(ref)
    return u if look.terms(graph, first) == (ONE, [(ONE, u)]) else None


RULES = (
    Rule("sine over its argument", "product", sp.sin(x) / x, "sinc(a), exprel(a), log1prel(a)", "all a", "0/0 at 0", _over_argument,
         needs=heads("reciprocal")),
    Rule("one over expm1", "reciprocal", 1 / (sp.exp(x) - 1), "bose_einstein(a)", "a != 0", "the slope is inf/inf where exp overflows",
         _bose_einstein),
    Rule("argument over expm1", "product", x / (sp.exp(x) - 1), "bernoulli_ratio(a)", "all a", "0/0 at 0", _bernoulli, needs=heads("bose_einstein")),
    Rule("one minus cosine", "sum", 1 - sp.cos(x), "2 sin(a/2)^2, -2 sinh(a/2)^2", "all a", "cos(a) rounds to 1 near 0", _one_minus_cosine,
         needs=heads("cos cosh")),
    Rule("one minus cosine over a square", "product", (1 - sp.cos(x)) / x**2, "cosc(a)", "all a", "0/0 at 0", _cosine_quotient,
         needs=heads("square")),
    Rule("Langevin function", "sum", sp.coth(x) - 1 / x, "langevin(a)", "all a", "inf - inf at 0, and the two agree in all digits near it",
         _langevin, needs=heads("coth")),
    Rule("exp minus its tangent", "sum", sp.exp(x) - 1 - x, "expm1_minus_x(a)", "all a", "the difference is of second order near 0",
         _expm1_minus_argument, (-1e4, 700.0), needs=heads("expm1")),
    Rule("Bennett function", "sum", (1 + x) * sp.log(1 + x) - x, "bennett(a)", "a >= -1", "the difference is of second order near 0", _bennett,
         (-1.0, 1e4), needs=heads("xlog1py")),
    Rule("argument minus log1p", "sum", x - sp.log(1 + x), "x_minus_log1p(a)", "a > -1", "the difference is of second order near 0",
         _argument_less_log1p, (-1.0, 1e4), needs=heads("log1p")),
)
