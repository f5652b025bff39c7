"""Rules for squares and roots whose difference cancels."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, x, y


def _tanh_complement(graph: Graph, ref: Ref) -> Ref | None:
    """c - c tanh(a)^2 inside a sum is c sech(a)^2."""
    found = look.terms(graph, ref)
    if found is None or found[0] == 0:
        return None
    constant, parts = found
    for k, inner in look.arguments(graph, [term for _, term in parts], "square"):
        a = look.argument(graph, inner, "tanh")
        if a is not None and parts[k][0] == -constant:
            slope = look.make(graph, "square", look.make(graph, "sech", a))
            return graph.sum(ZERO, [*look.without(parts, k), (constant, slope)])
    return None


def _square_complement(graph: Graph, ref: Ref) -> Ref | None:
    """c - c a^2 is c (1 - a)(1 + a)."""
    found = look.terms(graph, ref)
    if found is None or len(found[1]) != 1 or found[0] == 0:
        return None
    constant, [(coefficient, term)] = found
    a = look.argument(graph, term, "square")
    if a is None or coefficient != -constant:
        return None
    return look.times(graph, constant, look.make(graph, "one_minus_square", a))


def _difference_of_squares(graph: Graph, ref: Ref) -> Ref | None:
    """c a^2 - c b^2 is c (a - b)(a + b), one factor where a - b is a number."""
    found = look.terms(graph, ref)
    if found is None or found[0] != 0 or len(found[1]) != 2:
        return None
    (c, first), (d, second) = found[1]
    a, b = look.argument(graph, first, "square"), look.argument(graph, second, "square")
    if a is None or b is None or c != -d:
        return None
    gap = graph.constant_value(look.flat_sum(graph, [(ONE, a), (-ONE, b)]))
    if gap is not None:
        return graph.product(c * gap, [look.flat_sum(graph, [(ONE, a), (ONE, b)])])
    return look.times(graph, c, look.make(graph, "difference_of_squares", a, b))


def _root_minus_one(graph: Graph, ref: Ref) -> Ref | None:
    """sqrt(1 + u) - 1 is u/(sqrt(1 + u) + 1)."""
    found = look.terms(graph, ref)
    if found is None or len(found[1]) != 1 or found[0] == 0:
        return None
    constant, [(coefficient, root)] = found
    under = look.terms(graph, inner) if (inner := look.argument(graph, root, "sqrt")) is not None else None
    if under is None or under[0] != 1 or coefficient != -constant:
        return None
    above = graph.sum(ZERO, under[1])
    return look.times(graph, coefficient, above, look.make(graph, "reciprocal", look.shifted(graph, root, ONE)))


def _difference_of_roots(graph: Graph, ref: Ref) -> Ref | None:
    """sqrt(a) - sqrt(b) is (a - b)/(sqrt(a) + sqrt(b)) where a - b is a number."""
    found = look.terms(graph, ref)
    if found is None or found[0] != 0 or len(found[1]) != 2:
        return None
    (c, first), (d, second) = found[1]
    a, b = look.argument(graph, first, "sqrt"), look.argument(graph, second, "sqrt")
    gap = graph.constant_value(look.flat_sum(graph, [(ONE, a), (-ONE, b)])) if a is not None and b is not None else None
    if gap is None or gap == 0 or c != -d:
        return None
    total = graph.sum(ZERO, [(ONE, first), (ONE, second)])
    return look.times(graph, c * gap, look.make(graph, "reciprocal", total))


def _root_minus_argument(graph: Graph, ref: Ref) -> Ref | None:
    """sqrt(a^2 + c) - a, c > 0, is c/(sqrt(a^2 + c) + a) where a > 0, and safe as it stands where a < 0."""
    found = look.terms(graph, ref)
    if found is None or found[0] != 0 or len(found[1]) != 2:
        return None
    for (c, root), (d, a) in (found[1], found[1][::-1]):
        under = look.terms(graph, inner) if (inner := look.argument(graph, root, "sqrt")) is not None else None
        if under is None or c != -d or under[1] != [(ONE, look.make(graph, "square", a))] or not look.is_positive(under[0]):
            continue
        return look.times(graph, c, look.make(graph, "root_gap", a, graph.constant(under[0])))
    return None


def _hypotenuse(graph: Graph, ref: Ref) -> Ref | None:
    """sqrt(a^2 + b^2) is hypot(a, b), which neither overflows nor underflows on the way."""
    found = look.terms(graph, inside) if (inside := look.argument(graph, ref, "sqrt")) is not None else None
    if found is None or found[0] != 0 or len(found[1]) != 2 or any(c != 1 for c, _ in found[1]):
        return None
    sides = [look.argument(graph, term, "square") for _, term in found[1]]
    return look.make(graph, "hypot", *sides) if None not in sides else None  # type: ignore[arg-type]


RULES = (
    Rule("one minus tanh squared", "sum", 1 - sp.tanh(x) ** 2, "sech(a)^2", "all a", "tanh rounds to 1 beyond 19", _tanh_complement),
    Rule("one minus a square", "sum", 1 - x**2, "(1 - a)(1 + a)", "all a", "a^2 is rounded before it is subtracted", _square_complement),
    Rule("difference of squares", "sum", x**2 - y**2, "(a - b)(a + b)", "all a, b", "the squares are rounded before they are subtracted",
         _difference_of_squares),
    Rule("root minus one", "sum", sp.sqrt(1 + x) - 1, "a/(sqrt(1 + a) + 1)", "a >= -1", "the root rounds to 1 near 0", _root_minus_one, (-1.0, 1e4)),
    Rule("difference of roots", "sum", sp.sqrt(x + 1) - sp.sqrt(x), "(a - b)/(sqrt(a) + sqrt(b))", "a, b >= 0",
         "the roots agree in their first digits", _difference_of_roots, (0.0, 1e4)),
    Rule("root minus its argument", "sum", sp.sqrt(x**2 + 3) - x, "c/(sqrt(a^2 + c) + a) where a > 0", "all a", "the root is a in its first digits",
         _root_minus_argument),
    Rule("hypotenuse", "sqrt", sp.sqrt(x**2 + y**2), "hypot(a, b)", "all a, b", "squares overflow at 1e154", _hypotenuse),
)

