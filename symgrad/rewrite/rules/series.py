"""Rules for quotients and differences with a removable singularity: each becomes a function that is right through it."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Match, Rule, heads, x

TWO = sp.Integer(2)
_OVER_ARGUMENT = {"sin": "sinc", "expm1": "exprel", "log1p": "log1prel", "langevin": "langevin_ratio"} | {
    name: f"{name}_ratio" for name in ("sinh", "tanh", "tan", "atan", "asin", "asinh", "atanh", "erf")}
"""f(a)/a by the name of f."""


def _over_argument(graph: Graph, ref: Ref) -> Ref | None:
    """sin(c a)/a, expm1(c a)/a and the like inside a product, with a number c, or their squares; of 1/a^2 a factor 1/a is left."""
    found = look.spread(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    below = [(m, b, 1) for m, b in look.arguments(graph, operands, "reciprocal")]
    for m, b in [(m, b) for m, operand in enumerate(operands) if (b := _inverse_square(graph, operand)) is not None]:
        below += [(m, b, 2), (m, look.make(graph, "square", b), 1)]
    for name, quotient in _OVER_ARGUMENT.items() if below else ():
        for k, a, power in _functions(graph, operands, name):
            scale, inner = look.scaled(graph, a)
            for m, b, times in below:
                ratio = shapes.multiple(graph, b, a) if times >= power else None
                if ratio is not None:
                    left = [look.make(graph, "reciprocal", b)] * (times - power)
                    made = look.make(graph, quotient, a) if name != "sin" else _sinc(graph, scale, inner)
                    return graph.product(coefficient / ratio**power, [*look.without(operands, k, m), *left, *[made] * power], over)
    return None


def _sinc(graph: Graph, scale: sp.Expr, a: Ref) -> Ref:
    """sin(scale a)/(scale a), by half turns where the scale is a multiple of pi."""
    turns = scale / sp.pi
    if turns.is_Rational:
        return look.make(graph, "sincpi", look.times(graph, turns, a))
    return look.make(graph, "sinc", look.times(graph, scale, a))


def _second_quotient(graph: Graph, ref: Ref) -> Ref | None:
    """(exp(c a) - 1 - c a)/a^2 inside a product is c^2 exprel2(c a)."""
    found = look.spread(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for k, a in look.arguments(graph, operands, "expm1_minus_x"):
        scale, inner = look.scaled(graph, a)
        for m, operand in enumerate(operands):
            if _inverse_square(graph, operand) == inner:
                return graph.product(coefficient * scale**2, [*look.without(operands, k, m), look.make(graph, "exprel2", a)], over)
    return None


def _functions(graph: Graph, operands: list[Ref], name: str) -> list[tuple[int, Ref, int]]:
    """(place, a, power) of the operands that are name(a) or its square."""
    found = [(k, a, 1) for k, a in look.arguments(graph, operands, name)]
    squares = look.arguments(graph, operands, "square")
    return found + [(k, a, 2) for k, inner in squares if (a := look.argument(graph, inner, name)) is not None]


def _argument_times(name: str, quotient: str) -> Match:
    """Finds a^n f(c a) inside a product and makes it a^(n - 1) g(c a)/c, g(a) being a f(a); of squares n - 2 are left."""

    def match(graph: Graph, ref: Ref) -> Ref | None:
        found = look.spread(graph, ref)
        if found is None or len(found[1]) < 2:
            return None
        coefficient, operands, over = found
        for k, a, power in _functions(graph, operands, name):
            for m, operand in enumerate(operands):
                base, exponent = shapes.base(graph, operand) or (operand, ONE)
                ratio = shapes.multiple(graph, base, a) if m != k and exponent >= power else None
                if ratio is not None:
                    left = shapes.raised(graph, base, exponent - power)
                    made = [look.make(graph, quotient, a)] * power
                    return graph.product(coefficient * ratio**power, [*look.without(operands, k, m), *left, *made], over)
        return None

    return match


def _bose_einstein(graph: Graph, ref: Ref) -> Ref | None:
    """1/expm1(a)."""
    a = look.argument(graph, look.argument(graph, ref, "reciprocal"), "expm1")
    return look.make(graph, "bose_einstein", a) if a is not None else None


def _exp_over_expm1(graph: Graph, ref: Ref) -> Ref | None:
    """exp(a)/expm1(a) inside a product is -1/expm1(-a), exp(a)/expm1(a)^2 is csch(a/2)^2/4."""
    found = look.spread(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for k, a in look.arguments(graph, operands, "exp"):
        for m, b, power in _functions(graph, operands, "bose_einstein"):
            if a == b and power == 1:
                made = look.make(graph, "bose_einstein", look.negative(graph, a))
                return graph.product(-coefficient, [*look.without(operands, k, m), made], over)
            if a == b:
                half = look.make(graph, "csch", look.times(graph, HALF, a))
                return graph.product(coefficient / 4, [*look.without(operands, k, m), look.make(graph, "square", half)], over)
    return None


def _quotient_of_expm1(graph: Graph, ref: Ref) -> Ref | None:
    """expm1(2a)/expm1(a) inside a product is 2 + expm1(a), expm1(a)/expm1(2a) is logistic(-a)."""
    found = look.spread(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for k, a in look.arguments(graph, operands, "expm1"):
        for m, b in look.arguments(graph, operands, "bose_einstein"):
            rest = look.without(operands, k, m)
            if a == look.times(graph, sp.Integer(2), b):
                return graph.product(coefficient, [*rest, look.shifted(graph, look.make(graph, "expm1", b), sp.Integer(2))], over)
            if b == look.times(graph, sp.Integer(2), a):
                return graph.product(coefficient, [*rest, look.make(graph, "logistic", look.negative(graph, a))], over)
    return None


def _one_more(graph: Graph, ref: Ref) -> Ref | None:
    """c + c/expm1(a) inside a sum is -c/expm1(-a)."""
    found = look.terms(graph, ref)
    if found is None or found[0] == 0:
        return None
    constant, parts = found
    for k, a in look.arguments(graph, [term for _, term in parts], "bose_einstein"):
        if parts[k][0] == constant:
            made = look.make(graph, "bose_einstein", look.negative(graph, a))
            return graph.sum(ZERO, [*look.without(parts, k), (-constant, made)])
    return None


def _tilted_mean(graph: Graph, ref: Ref) -> Ref | None:
    """c/expm1(a) - c/a inside a sum is -c tilted_mean(-a), numbers in a and beside 1/a or not."""
    found = look.terms(graph, ref)
    if found is None:
        return None
    constant, parts = found
    rows = [term for _, term in parts]
    for k, a in look.arguments(graph, rows, "bose_einstein"):
        scale, inner = look.scaled(graph, a)
        for m, b in look.arguments(graph, rows, "reciprocal"):
            if (b == inner and parts[k][0] == -parts[m][0] * scale) or (b == a and parts[k][0] == -parts[m][0]):
                mean = look.make(graph, "tilted_mean", look.negative(graph, a))
                return graph.sum(constant, [*look.without(parts, k, m), (-parts[k][0], mean)])
    return None


def _less_one(graph: Graph, ref: Ref) -> Ref | None:
    """c a/tanh(a) - c inside a sum is c a L(a) with L(a) = coth(a) - 1/a."""
    found = look.terms(graph, ref)
    if found is None or found[0] == 0:
        return None
    constant, parts = found
    for k, a in look.arguments(graph, [term for _, term in parts], "x_over_tanh"):
        if parts[k][0] == -constant:
            return graph.sum(ZERO, [*look.without(parts, k), (-constant, look.make(graph, "x_times_langevin", a))])
    return None


def _one_minus_cosine(graph: Graph, ref: Ref) -> Ref | None:
    """c - c cos(a) inside a sum is 2c sin(a/2)^2."""
    def made(a: Ref) -> Ref:
        half = look.make(graph, "sin", look.times(graph, HALF, a))
        return look.times(graph, TWO, look.make(graph, "square", half))

    return _one_and_cosine(graph, ref, -1, made)


def _one_plus_cosine(graph: Graph, ref: Ref) -> Ref | None:
    """c + c cos(pi r) inside a sum is a function of r that is 0 at odd numbers, as r itself may be."""
    def made(a: Ref) -> Ref | None:
        coefficient, operands = look.factors(graph, a) or (ONE, [a])
        turns = coefficient / sp.pi
        return look.make(graph, "one_plus_cospi", look.times(graph, turns, *operands)) if turns.is_Rational else None

    return _one_and_cosine(graph, ref, 1, made)


def _one_and_cosine(graph: Graph, ref: Ref, sign: int, made: Callable[[Ref], Ref | None]) -> Ref | None:
    """A sum with c made(a) in the place of c + c cos(a), or of c - c cos(a)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, a in look.arguments(graph, [term for _, term in parts], "cos") if constant != 0 else ():
        new = made(a) if parts[k][0] == sign * constant else None
        if new is not None:
            return graph.sum(ZERO, [*look.without(parts, k), (constant, new)])
    return None


def _cosine_quotient(graph: Graph, ref: Ref) -> Ref | None:
    """2 sin(a/2)^2/a^2 inside a product is (1 - cos(a))/a^2."""
    found = look.spread(graph, ref)
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
        u = shapes.shifted_logarithm(graph, term)
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


RULES = (
    Rule("exponential over expm1", "product", sp.exp(x) / (sp.exp(x) - 1), "-1/expm1(-a) from exp(a)/expm1(a)", "a != 0",
         "inf * 0 where exp overflows", _exp_over_expm1, needs=heads("exp")),
    Rule("quotient of expm1", "product", (sp.exp(2 * x) - 1) / (sp.exp(x) - 1), "2 + expm1(a), logistic(-a)", "all a",
         "0/0 at 0, and the first overflows before the quotient", _quotient_of_expm1, (-1e4, 700.0), needs=heads("expm1")),
    Rule("one minus cosine over a square", "product", (1 - sp.cos(x)) / x**2, "cosc(a)", "all a", "0/0 at 0", _cosine_quotient,
         needs=heads("square")),
    Rule("sine over its argument", "product", sp.sin(x) / x, "sinc(a), exprel(a), log1prel(a), sinh_ratio(a), atan_ratio(a), …", "all a",
         "0/0 at 0", _over_argument, needs=heads("square " + " ".join(_OVER_ARGUMENT))),
    Rule("exp minus its tangent over a square", "product", (sp.exp(x) - 1 - x) / x**2, "exprel2(a)", "all a",
         "0/0 at 0, and the slope cancels near it", _second_quotient, (-1e4, 700.0), needs=heads("expm1_minus_x")),
    Rule("one over expm1", "reciprocal", 1 / (sp.exp(x) - 1), "bose_einstein(a)", "a != 0", "the slope is inf/inf where exp overflows",
         _bose_einstein),
    Rule("argument over expm1", "product", x / (sp.exp(x) - 1), "bernoulli_ratio(a)", "all a", "0/0 at 0",
         _argument_times("bose_einstein", "bernoulli_ratio"), needs=heads("bose_einstein")),
    Rule("argument over sinh", "product", x / sp.sinh(x), "x_over_sinh(a)", "all a", "0/0 at 0, and the slope cancels near it",
         _argument_times("csch", "x_over_sinh"), needs=heads("csch square")),
    Rule("argument over tanh", "product", x / sp.tanh(x), "x_over_tanh(a)", "all a", "0/0 at 0, and the slope cancels near it",
         _argument_times("coth", "x_over_tanh"), needs=heads("coth square")),
    Rule("argument over tanh less one", "sum", x * sp.coth(x) - 1, "x_times_langevin(a)", "all a", "a coth(a) rounds to 1 near 0", _less_one,
         needs=heads("x_over_tanh")),
    Rule("one more than 1/expm1", "sum", 1 + 1 / (sp.exp(x) - 1), "-1/expm1(-a)", "a != 0", "the two cancel for a < 0", _one_more,
         needs=heads("bose_einstein")),
    Rule("difference of 1/expm1 and 1/a", "sum", 1 / (sp.exp(x) - 1) - 1 / x, "-tilted_mean(-a)", "all a", "inf - inf at 0", _tilted_mean,
         needs=heads("bose_einstein")),
    Rule("one minus cosine", "sum", 1 - sp.cos(x), "2 sin(a/2)^2", "all a", "cos(a) rounds to 1 near 0", _one_minus_cosine, needs=heads("cos")),
    Rule("one plus cosine of half turns", "sum", 1 + sp.cos(sp.pi * x), "one_plus_cospi(r) from 1 + cos(pi r)", "all r",
         "half of the digits cancel near odd numbers, and pi is rounded", _one_plus_cosine, needs=heads("cos")),
    Rule("Langevin function", "sum", sp.coth(x) - 1 / x, "langevin(a)", "all a", "inf - inf at 0, and the two agree in all digits near it",
         _langevin, needs=heads("coth")),
    Rule("exp minus its tangent", "sum", sp.exp(x) - 1 - x, "expm1_minus_x(a)", "all a", "the difference is of second order near 0",
         _expm1_minus_argument, (-1e4, 700.0), needs=heads("expm1")),
    Rule("Bennett function", "sum", (1 + x) * sp.log(1 + x) - x, "bennett(a)", "a >= -1", "the difference is of second order near 0", _bennett,
         (-1.0, 1e4), needs=heads("xlog1py")),
    Rule("argument minus log1p", "sum", x - sp.log(1 + x), "x_minus_log1p(a)", "a > -1", "the difference is of second order near 0",
         _argument_less_log1p, (-1.0, 1e4), needs=heads("log1p")),
)
