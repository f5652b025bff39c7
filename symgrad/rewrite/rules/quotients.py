"""Rules for quotients of odd functions and their argument, and for what functions leave beside their first terms."""

from __future__ import annotations

from itertools import permutations

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
            ratio = shapes.multiple(graph, b, a) if m != k else None
            if ratio is not None:
                made = look.make(graph, "reciprocal", ratio_of(graph, row.payload[0], a))
                return graph.product(coefficient * ratio, [*look.without(operands, k, m), made], over)
    return None


def _power_of_quotient(graph: Graph, ref: Ref) -> Ref | None:
    """a^m/b^m inside a product is (a/b)^m, m a whole number above 1."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    powers = [(k, *found) for k, operand in enumerate(operands) if (found := _whole_power(graph, operand)) is not None]
    for (k, a, m), (j, b, p) in permutations(powers, 2):
        if m == -p > 0 and (not over or set(over) & set(b.labels)) and look.is_of_several(graph, ref):
            quotient = graph.product(ONE, [a, look.make(graph, "reciprocal", b)])
            made = look.make(graph, "square", quotient) if m == 2 else graph.map("power", (quotient,), (m,))
            return graph.product(coefficient, [*look.without(operands, k, j), made], over)
    return None


def _whole_power(graph: Graph, ref: Ref) -> tuple[Ref, sp.Expr] | None:
    """(a, m) where the row is a^m with a whole number m beyond 1 or -1."""
    below = look.argument(graph, ref, "reciprocal")
    if below is not None:
        found = _whole_power(graph, below)
        return (found[0], -found[1]) if found is not None else None
    row = graph[ref]
    if row.op != "map" or row.payload[0] not in ("square", "power"):
        return None
    m = sp.Integer(2) if row.calls("square") else row.payload[1]
    return (graph.operands(ref)[0], m) if m.is_Integer and abs(m) > 1 else None


_VANISHING = {name: quotient for name, quotient in _RATIOS.items() if name != "erf"}
"""f(a)/a by the name of f, for functions that vanish with their argument and do not tend to a constant exponentially far out: the slope
of a quotient of two that do is much smaller than those of f(a)/a."""


def _quotient(graph: Graph, ref: Ref) -> Ref | None:
    """f(a)/g(k a) inside a product, both 0 at 0, is F(a)/(k G(k a)) with F(a) = f(a)/a and G(a) = g(a)/a."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, top in enumerate(operands):
        name, a = _named(graph, top)
        for m, below in enumerate(operands) if name in _VANISHING else ():
            found = _over_vanishing(graph, below)
            ratio = shapes.multiple(graph, found[1], a) if found is not None else None
            if found is not None and ratio is not None:
                made = [look.make(graph, _VANISHING[name], a), found[0]]
                return graph.product(coefficient / ratio, [*look.without(operands, k, m), *made], over)
    return None


def _over_vanishing(graph: Graph, ref: Ref) -> tuple[Ref, Ref] | None:
    """(1/G(b), b) where the row is 1/g(b) with g(b) = b G(b)."""
    inner = look.argument(graph, ref, "reciprocal")
    name, b = _named(graph, inner) if inner is not None else ("", ref)
    return (look.make(graph, "reciprocal", look.make(graph, _VANISHING[name], b)), b) if name in _VANISHING else None


def _named(graph: Graph, ref: Ref) -> tuple[str, Ref]:
    """(f, a) where the row is f(a) with a function of one argument and no parameters."""
    row = graph[ref]
    return (row.payload[0], graph.operands(ref)[0]) if row.op == "map" and len(row.args) == len(row.payload) == 1 else ("", ref)


_GAPS = {"sin_gap": ("sine_rest", 3, 1), "tan_gap": ("tangent_rest", 3, 1), "sphere_gap": ("sphere_form", 3, 1), "sinc_gap": ("sine_rest", 2, 1),
         "erlang": ("exprel_slope", 2, -1)}
"""(g, n, s) with g(s a) = f(a)/a^n, by the name of f."""


def _rest_over_power(graph: Graph, ref: Ref) -> Ref | None:
    """(a - sin(a))/a^3 and the like inside a product, a perhaps with a number before it there; over a^2 and a, powers of a are left."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, operand in enumerate(operands):
        c, found = look.scaled(graph, operand)
        name, a = _named(graph, found)
        rest, power, sign = _GAPS.get(name, ("", 0, 1))
        scale, inner = look.scaled(graph, a)
        for m, below in enumerate(operands) if power else ():
            base, exponent = shapes.whole_power(graph, below)
            if m != k and base in (a, inner) and exponent < 0 <= power + exponent:
                made = [*shapes.raised(graph, base, power + exponent), look.make(graph, rest, look.times(graph, sp.Integer(sign), a))]
                return graph.product(coefficient * c * (ONE if base == a else scale**power), [*look.without(operands, k, m), *made], over)
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


def _difference_of_squared_poles(graph: Graph, ref: Ref) -> Ref | None:
    """c/a^2 - c csch(a)^2 inside a sum is c L'(a)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, a in [(k, a) for k, inner in look.arguments(graph, [term for _, term in parts], "square")
                 if (a := look.argument(graph, inner, "csch")) is not None]:
        for m, (c, term) in enumerate(parts):
            number, found = shapes.powers(graph, term)
            scale, inner = look.scaled(graph, a)
            if found == {inner: -2} and c * number * scale**2 == -parts[k][0]:
                return graph.sum(constant, [*look.without(parts, k, m), (-parts[k][0], look.make(graph, "langevin_slope", a))])
    return None


def _tanh_squared(graph: Graph, ref: Ref) -> Ref | None:
    """c - c sech(a)^2 inside a sum is c tanh(a)^2."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, inner in look.arguments(graph, [term for _, term in parts], "square") if constant != 0 else ():
        a = look.argument(graph, inner, "sech")
        if a is not None and parts[k][0] == -constant:
            made = look.make(graph, "square", look.make(graph, "tanh", a))
            return graph.sum(ZERO, [*look.without(parts, k), (constant, made)])
    return None


def _brillouin(graph: Graph, ref: Ref) -> Ref | None:
    """c coth(p a) + d coth(q a) inside a sum, c/p + d/q = 0, is -d coth_gap(q a) with the number p/q, whichever of p and q is larger for p."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    poles = look.arguments(graph, [term for _, term in parts], "coth")
    for (k, first), (m, second) in permutations(poles, 2):
        (p, a), (q, b) = look.scaled(graph, first), look.scaled(graph, second)
        (c, _), (d, _) = parts[k], parts[m]
        if a == b and look.is_number(p / q) and p / q > 1 and c / p + d / q == 0:
            made = graph.map("coth_gap", (second,), (p / q,))
            return graph.sum(constant, [*look.without(parts, k, m), (-d, made)])
    return None


def _cosh_less_one(graph: Graph, ref: Ref) -> Ref | None:
    """c cosh(a) - c inside a sum is 2c sinh(a/2)^2."""
    found = look.from_number(graph, ref, "cosh")
    if found is None:
        return None
    half = look.make(graph, "sinh", look.times(graph, look.HALF, found[1]))
    return graph.sum(ZERO, [*found[2], (-2 * found[0], look.make(graph, "square", half))])


def _half_angle_quotient(graph: Graph, ref: Ref) -> Ref | None:
    """sin(a/2)^2/a inside a product is a cosc(a)/2, where a itself stands under the line."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, inner in look.arguments(graph, operands, "square"):
        half = look.argument(graph, inner, "sin")
        for m, a in look.arguments(graph, operands, "reciprocal") if half is not None else ():
            if half == look.times(graph, look.HALF, a):
                return graph.product(coefficient / 2, [*look.without(operands, k, m), a, look.make(graph, "cosc", a)], over)
    return None


LEAST_RATIO = 2
"""The ratio of two exponents from which on the rates of their decays are apart."""


def _fixation(graph: Graph, ref: Ref) -> Ref | None:
    """expm1(a)/expm1(k a) inside a product, with a number k >= LEAST_RATIO, is (1 - exp(a))/(1 - exp(k a)) as one function."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, a in look.arguments(graph, operands, "expm1"):
        for m, b in look.arguments(graph, operands, "bose_einstein"):
            ratio = shapes.multiple(graph, b, a)
            if ratio is not None and look.is_number(ratio) and ratio >= LEAST_RATIO:
                made = graph.map("fixation", (look.negative(graph, a),), (ratio,))
                return graph.product(coefficient, [*look.without(operands, k, m), made], over)
    return None


RULES = (
    Rule("argument over an odd function", "product", x / sp.atan(x), "1/g(a) with g(a) = f(a)/a for sin, tan, atan, asin, asinh, atanh, erf, log1p",
         "all a", "0/0 at 0", _argument_over, needs=heads("reciprocal")),
    Rule("power of a quotient", "product", None, "(a/b)^m from a^m/b^m", "b != 0",
         "the powers overflow or vanish far from where the quotient does", _power_of_quotient, needs=heads("square power")),
    Rule("rest over a power", "product", (x - sp.sin(x)) / x**3, "sine_rest(a), tangent_rest(a), sphere_form(a)", "all a",
         "0/0 at 0, and the difference keeps no digits near it", _rest_over_power, needs=heads(" ".join(_GAPS))),
    Rule("sphere form over its argument", "sum", sp.sin(x) / x**2 - sp.cos(x) / x, "a sphere_form(a)", "all a", "inf - inf at 0", _first_bessel,
         needs=heads("sinc product")),
    Rule("Brillouin function", "sum", 2 * sp.coth(2 * x) - sp.coth(x), "k coth(k a) - coth(a) as one function", "all a",
         "inf - inf at 0, and the two agree in all digits near it", _brillouin, needs=heads("coth")),
    Rule("cosh less one", "sum", sp.cosh(x) - 1, "2 sinh(a/2)^2", "all a", "cosh(a) rounds to 1 near 0", _cosh_less_one, (-700.0, 700.0),
         needs=heads("cosh")),
    Rule("one minus cosine over its argument", "product", (1 - sp.cos(x)) / x, "a cosc(a)", "all a", "0/0 at 0", _half_angle_quotient,
         needs=heads("square")),
    Rule("quotient of functions that vanish together", "product", sp.sin(2 * x) / sp.atan(x), "F(a)/(k G(k a)), f(a) = a F(a) and g(a) = a G(a)",
         "all a", "0/0 at 0", _quotient, needs=heads(" ".join(_VANISHING))),
    Rule("difference of squared poles", "sum", 1 / x**2 - 1 / sp.sinh(x) ** 2, "L'(a), the derivative of coth(a) - 1/a", "all a",
         "inf - inf at 0, and the two agree in all digits near it", _difference_of_squared_poles, (-700.0, 700.0), needs=heads("square")),
    Rule("one minus sech squared", "sum", 1 - 1 / sp.cosh(x) ** 2, "tanh(a)^2", "all a", "sech(a) rounds to 1 near 0", _tanh_squared,
         needs=heads("square")),
    Rule("probability of fixation", "product", (1 - sp.exp(-2 * x)) / (1 - sp.exp(-40 * x)), "fixation(k, a) from (1 - exp(-a))/(1 - exp(-k a))",
         "all a", "0/0 at 0, inf/inf far left, and the slope cancels between", _fixation, (-15.0, 1e4), needs=heads("bose_einstein")),
)
