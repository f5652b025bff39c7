"""Rules for differences of what may be anything: a root less what stands in it, a number less a cosine."""

from __future__ import annotations

from itertools import combinations, permutations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.doubles import is_power_of_two
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, h, heads, x, y


def _beside_root(graph: Graph, root: Ref, a: Ref) -> Ref | None:
    """u where the row is sqrt(a^2 + u) or hypot(a, b) with u = b^2."""
    inner = look.argument(graph, root, "sqrt")
    if inner is not None:
        constant, parts = look.terms(graph, inner) or (ZERO, [])
        for k, (c, term) in enumerate(parts):
            if c == 1 and term == look.make(graph, "square", a):
                return graph.sum(constant, look.without(parts, k))
    if graph[root].calls("hypot"):
        for side, other in (sides := graph.operands(root), sides[::-1]):
            if side == a:
                return look.make(graph, "square", other)
    return None


def _root_less_argument(graph: Graph, ref: Ref) -> Ref | None:
    """c sqrt(a^2 + u) - c a inside a sum is c root_difference(a, u), and c hypot_excess(b, a) of a square u = b^2; with c a it is that of -a."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, root) in enumerate(parts):
        for m, (d, a) in enumerate(parts):
            u = _beside_root(graph, root, a) if k != m and abs(c) == abs(d) else None
            if u is not None:
                side = a if c == -d else look.negative(graph, a)
                leg = look.argument(graph, u, "square")
                made = look.make(graph, "root_difference", side, u) if leg is None else look.make(graph, "hypot_excess", leg, side)
                return graph.sum(constant, [*look.without(parts, k, m), (c, made)])
    return None


def _one_less_direction(graph: Graph, ref: Ref) -> Ref | None:
    """c - c a/hypot(a, b) inside a sum is c cosine_gap(a, b); with c a/hypot(a, b) it is that of -a."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (d, term) in enumerate(parts) if constant != 0 else ():
        if abs(d) == abs(constant) and graph[term].calls("direction_cosine"):
            a, b = graph.operands(term)
            made = look.make(graph, "cosine_gap", a if d == -constant else look.negative(graph, a), b)
            return graph.sum(ZERO, [*look.without(parts, k), (constant, made)])
    return None


def _number_less_cosine(graph: Graph, ref: Ref) -> Ref | None:
    """c - d cos(a) is (c - d) + 2 d sin(a/2)^2, c + d cos(a) is (c - d) + 2 d cos(a/2)^2, where c > d > c/2."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    found = look.argument(graph, parts[0][1], "cos") if len(parts) == 1 and look.is_positive(constant) else None
    if found is None or not look.is_number(parts[0][0]):
        return None
    size, name = abs(parts[0][0]), "sin" if parts[0][0].is_negative else "cos"
    if not (look.is_positive(constant - size) and look.is_positive(size - constant / 2)):
        return None
    half = look.make(graph, "square", look.make(graph, name, look.times(graph, HALF, found)))
    return graph.sum(constant - size, [(2 * size, half)])


def _with_its_complement(graph: Graph, ref: Ref) -> Ref | None:
    """c a + d (k + e a) is (c + d e) a + d k, where the first term is as large as its like in the second and no number is divided inexactly."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for (c, a), (d, term) in permutations(parts) if len(parts) == 2 else ():
        shift, inner = look.terms(graph, term) or (ZERO, [])
        e, same = inner[0] if len(inner) == 1 else (ZERO, term)
        if same != a or not look.is_number(c * d * e * shift) or abs(c) < abs(d * e):
            continue
        left, number = c + d * e, constant + d * shift
        if left == 0:
            return graph.constant(number)
        if is_power_of_two(abs(left)):
            return look.times(graph, left, look.shifted(graph, a, number / left))
    return None


def _difference_of_waves(graph: Graph, ref: Ref) -> Ref | None:
    """c sin(a) - c sin(b) inside a sum, and that of cosines, by half of a - b where that is one term or a number."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for name, other, sign in (("sin", "cos", 2), ("cos", "sin", -2)):
        waves = look.arguments(graph, [term for _, term in parts], name)
        bases = {k: look.scaled(graph, a)[1] for k, a in waves}
        sums = {k for k, base in bases.items() if graph[base].op == "sum"}
        for (k, a), (m, b) in combinations(waves, 2):
            may_be_one_term = bases[k] == bases[m] or not sums.isdisjoint((k, m))
            gap = look.flat_sum(graph, [(ONE, a), (-ONE, b)]) if may_be_one_term and parts[k][0] == -parts[m][0] else None
            if gap is None or graph[gap].op == "sum":
                continue
            half = look.times(graph, HALF, gap)
            middle = look.make(graph, other, graph.sum(ZERO, [(ONE, b), (ONE, half)]))
            made = look.times(graph, sp.Integer(sign), middle, look.make(graph, "sin", half))
            return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0], made)])
    return None


def _hyperbolic_quotient(graph: Graph, ref: Ref) -> Ref | None:
    """cosh(a) csch(a) inside a product is coth(a), sinh(a) sech(a) is tanh(a)."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for above, below, name in (("cosh", "csch", "coth"), ("sinh", "sech", "tanh")):
        for k, a in look.arguments(graph, operands, above):
            for m, b in look.arguments(graph, operands, below):
                if a == b:
                    return graph.product(coefficient, [*look.without(operands, k, m), look.make(graph, name, a)], over)
    return None


RULES = (
    Rule("hyperbolic quotient", "product", sp.cosh(x) / sp.sinh(x), "coth(a), tanh(a)", "a != 0", "inf * 0 beyond 710", _hyperbolic_quotient,
         needs=heads("csch sech")),
    Rule("root less its argument", "sum", sp.sqrt(x**2 + 3 * y) - x, "root_difference(a, u)", "a^2 + u >= 0",
         "the root is |a| in its first digits", _root_less_argument, others=(0.75, 400.0), needs=heads("sqrt hypot")),
    Rule("one less a direction cosine", "sum", 1 - x / sp.sqrt(x**2 + y**2), "cosine_gap(a, b)", "all a, b",
         "the cosine rounds to 1", _one_less_direction, needs=heads("direction_cosine")),
    Rule("term beside its complement", "sum", x - h, "2 (a - 1/2) from a - (1 - a)", "all a", "1 - a is rounded, which a - (1 - a) shows",
         _with_its_complement, where=((h, 1 - x),), needs=heads("sum")),
    Rule("difference of waves", "sum", sp.sin(x + sp.Rational(1, 1024)) - sp.sin(x), "2 cos((a + b)/2) sin((a - b)/2)", "all a, b",
         "the two agree in their first digits", _difference_of_waves, needs=heads("sin cos")),
    Rule("number less a cosine", "sum", sp.Rational(181, 100) - sp.Rational(9, 5) * sp.cos(x), "(c - d) + 2 d sin(a/2)^2", "all a",
         "half of the digits cancel near the cosine's maximum", _number_less_cosine, needs=heads("cos")),
)
