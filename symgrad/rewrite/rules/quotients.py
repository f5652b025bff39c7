"""Rules for quotients of odd functions and their argument, and for what functions leave beside their first terms."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x

_RATIOS = {"sin": "sinc", "log1p": "log1prel", **{name: f"{name}_ratio" for name in ("atan", "asin", "asinh", "atanh", "tan", "erf")}}
"""f(a)/a by the name of f, for functions over which an argument is divided."""


def ratio_of(graph: Graph, name: str, a: Ref) -> Ref:
    """f(a)/a; of sines by half turns where a is a multiple of pi."""
    scale, inner = look.scaled(graph, a)
    if name == "sin" and (scale / sp.pi).is_Rational:
        return look.make(graph, "sincpi", look.times(graph, scale / sp.pi, inner))
    return look.make(graph, _RATIOS[name], a)


def _argument_over(graph: Graph, ref: Ref) -> Ref | None:
    """a/f(c a) inside a product, with a number c, is 1/(c g(c a)) for g(a) = f(a)/a."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, below in look.arguments(graph, operands, "reciprocal"):
        row = graph[below]
        name = row.payload[0] if row.op == "map" and row.payload[0] in _RATIOS else None
        for m, b in enumerate(operands) if name is not None else ():
            (a,) = graph.operands(below)
            scale, inner = look.scaled(graph, a)
            if m != k and b in (a, inner):
                made = look.make(graph, "reciprocal", ratio_of(graph, row.payload[0], a))
                return graph.product(coefficient / (ONE if b == a else scale), [*look.without(operands, k, m), made], over)
    return None


def _rest(graph: Graph, ref: Ref) -> tuple[sp.Expr, str, Ref, int] | None:
    """(c, g, a, n) where the row is c g(a) a^n, being c a - c sin(a), c tan(a) - c a, c - c sinc(a) or c sin(a) - c a cos(a)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    if len(parts) == 1 and constant != 0:
        c, term = parts[0]
        a = look.argument(graph, term, "sinc")
        return (constant, "sine_rest", a, 2) if a is not None and c == -constant else None
    for k, m in look.pairs(parts) if constant == 0 and len(parts) == 2 else ():
        (c, first), (d, second) = parts[k], parts[m]
        for name, sign, rest in (("sin", -1, "sine_rest"), ("tan", 1, "tangent_rest")):
            a = look.argument(graph, first, name)
            if a is not None and look.times(graph, d, second) == look.times(graph, -c, a):
                return sign * c, rest, a, 3
        a = look.argument(graph, first, "sin")
        if a is not None and look.times(graph, d, second) == look.times(graph, -c, a, look.make(graph, "cos", a)):
            return c, "sphere_form", a, 3
    return None


def _rest_over_power(graph: Graph, ref: Ref) -> Ref | None:
    """(a - sin(a))/a^3 and the like inside a product, a perhaps with a number before it there."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, operand in enumerate(operands):
        c, name, a, power = _rest(graph, operand) or (ONE, "", operand, 0)
        scale, inner = look.scaled(graph, a)
        for m, below in enumerate(operands) if power else ():
            base, exponent = shapes.base(graph, below) or (below, ONE)
            deeper = shapes.base(graph, base)
            if deeper is not None:
                base, exponent = deeper[0], deeper[1] * exponent
            if m != k and base in (a, inner) and exponent == -power:
                made = look.make(graph, name, a)
                return graph.product(coefficient * c * (ONE if base == a else scale**power), [*look.without(operands, k, m), made], over)
    return None


def _first_bessel(graph: Graph, ref: Ref) -> Ref | None:
    """c sinc(s a)/a - c cos(s a)/a inside a sum is c s^2 a sphere_form(s a): the first spherical Bessel function."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    found = {name: [(k, c, a, b) for k, part in enumerate(parts) for c, a, b in _over_row(graph, part, name)] for name in ("sinc", "cos")}
    for k, c, a, b in found["sinc"]:
        for m, d, same, below in found["cos"]:
            scale, inner = look.scaled(graph, a)
            if a == same and b == below and b in (a, inner) and c == -d:
                made = look.times(graph, c if b == a else c * scale, a, look.make(graph, "sphere_form", a))
                return graph.sum(constant, [*look.without(parts, k, m), (ONE, made)])
    return None


def _over_row(graph: Graph, part: look.Term, name: str) -> list[tuple[sp.Expr, Ref, Ref]]:
    """(c, a, b) where a term of a sum is c f(a)/b."""
    scale, operands = look.factors(graph, part[1]) or (ONE, [])
    tops, below = look.arguments(graph, operands, name), look.arguments(graph, operands, "reciprocal")
    return [(part[0] * scale, tops[0][1], below[0][1])] if len(operands) == 2 and tops and below else []


def _difference_of_langevins(graph: Graph, ref: Ref) -> Ref | None:
    """c coth(p a) + d coth(q a) inside a sum, c/p + d/q = 0, is c L(p a) + d L(q a): the poles of both are gone."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    poles = look.arguments(graph, [term for _, term in parts], "coth")
    for position, (k, first) in enumerate(poles):
        for m, second in poles[position + 1:]:
            (p, a), (q, b) = look.scaled(graph, first), look.scaled(graph, second)
            (c, _), (d, _) = parts[k], parts[m]
            if a == b and c / p + d / q == 0:
                made = [(c, look.make(graph, "langevin", first)), (d, look.make(graph, "langevin", second))]
                return graph.sum(constant, [*look.without(parts, k, m), *made])
    return None


def _cosh_less_one(graph: Graph, ref: Ref) -> Ref | None:
    """c cosh(a) - c inside a sum is 2c sinh(a/2)^2."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, a in look.arguments(graph, [term for _, term in parts], "cosh") if constant != 0 else ():
        if parts[k][0] == -constant:
            half = look.make(graph, "sinh", look.times(graph, look.HALF, a))
            return graph.sum(ZERO, [*look.without(parts, k), (-2 * constant, look.make(graph, "square", half))])
    return None


def _half_angle_quotient(graph: Graph, ref: Ref) -> Ref | None:
    """sin(a/2)^2/a inside a product is a cosc(a)/2, where a itself stands under the line."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, inner in look.arguments(graph, operands, "square"):
        half = look.argument(graph, inner, "sin")
        for m, a in look.arguments(graph, operands, "reciprocal") if half is not None else ():
            if half == look.times(graph, look.HALF, a):
                return graph.product(coefficient / 2, [*look.without(operands, k, m), a, look.make(graph, "cosc", a)], over)
    return None


RULES = (
    Rule("argument over an odd function", "product", x / sp.atan(x), "1/g(a) with g(a) = f(a)/a for sin, tan, atan, asin, asinh, atanh, erf, log1p",
         "all a", "0/0 at 0", _argument_over, needs=heads("reciprocal")),
    Rule("rest over a power", "product", (x - sp.sin(x)) / x**3, "sine_rest(a), tangent_rest(a), sphere_form(a)", "all a",
         "0/0 at 0, and the difference keeps no digits near it", _rest_over_power, needs=heads("sum")),
    Rule("sphere form over its argument", "sum", sp.sin(x) / x**2 - sp.cos(x) / x, "a sphere_form(a)", "all a", "inf - inf at 0", _first_bessel,
         needs=heads("sinc product")),
    Rule("Brillouin function", "sum", 2 * sp.coth(2 * x) - sp.coth(x), "c L(p a) + d L(q a) from c coth(p a) + d coth(q a), c/p + d/q = 0",
         "all a", "inf - inf at 0, and the two agree in all digits near it", _difference_of_langevins, needs=heads("coth")),
    Rule("cosh less one", "sum", sp.cosh(x) - 1, "2 sinh(a/2)^2", "all a", "cosh(a) rounds to 1 near 0", _cosh_less_one, (-700.0, 700.0),
         needs=heads("cosh")),
    Rule("one minus cosine over its argument", "product", (1 - sp.cos(x)) / x, "a cosc(a)", "all a", "0/0 at 0", _half_angle_quotient,
         needs=heads("square")),
)
