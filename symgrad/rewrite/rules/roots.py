"""Rules for squares and roots whose difference cancels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, h, heads, x, y
from symgrad.rewrite.rules.weighted import has_number_out


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
    """c - c a^2 is c (1 - a)(1 + a), and c k^2 - c a^2 is c (k - a)(k + a) for a number k that is a fraction; of a = u + k it is -c u (u + 2k)."""
    found = look.terms(graph, ref)
    if found is None or len(found[1]) != 1 or found[0] == 0:
        return None
    constant, [(coefficient, term)] = found
    a = look.argument(graph, term, "square")
    edge = sp.sqrt(-constant / coefficient)
    if a is None or not edge.is_Rational:
        return None
    shift, parts = look.terms(graph, a) or (ZERO, [])
    if abs(shift) == edge:
        return look.times(graph, coefficient, look.make(graph, "times_shifted", graph.sum(ZERO, parts), graph.constant(2 * shift)))
    if edge == 1:
        return look.times(graph, constant, look.make(graph, "one_minus_square", a))
    return look.times(graph, -coefficient, look.make(graph, "difference_of_squares", graph.constant(edge), a))


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


def _radicand(graph: Graph, ref: Ref) -> Ref | None:
    """u where the row is sqrt(u); a hypotenuse with a number counts as sqrt(a^2 + c^2)."""
    if graph[ref].calls("hypot"):
        a, b = graph.operands(ref)
        number = graph.constant_value(b)
        return graph.sum(number**2, [(ONE, look.make(graph, "square", a))]) if number is not None else None
    return look.argument(graph, ref, "sqrt")


def _under_root(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[look.Term]] | None:
    """The constant and the terms of a sum under a root."""
    inner = _radicand(graph, ref)
    return look.terms(graph, inner) if inner is not None else None


def _root_minus_one(graph: Graph, ref: Ref) -> Ref | None:
    """sqrt(c^2 + u) - c, c > 0, as one function, for hypotenuses and for sqrt(1 - a^2) a function of their own."""
    found = look.terms(graph, ref)
    if found is None or len(found[1]) != 1 or found[0] == 0:
        return None
    constant, [(coefficient, root)] = found
    c = -constant / coefficient
    a = look.argument(graph, look.argument(graph, root, "sqrt"), "one_minus_square")
    if a is not None:
        return look.times(graph, constant, look.make(graph, "root_complement", a)) if c == 1 else None
    under = _under_root(graph, root)
    if under is None or not look.is_positive(c) or under[0] != c**2:
        return None
    if graph[root].calls("hypot"):
        return look.times(graph, coefficient, look.make(graph, "hypot_excess", graph.operands(root)[0], graph.constant(c)))
    return look.times(graph, coefficient, look.make(graph, "root_excess", graph.sum(ZERO, under[1]), graph.constant(c)))


def _difference_of_roots(graph: Graph, ref: Ref) -> Ref | None:
    """sqrt(a) - sqrt(b) is (a - b)/(sqrt(a) + sqrt(b)) where a - b is a number."""
    found = look.terms(graph, ref)
    if found is None or found[0] != 0 or len(found[1]) != 2:
        return None
    (c, first), (d, second) = found[1]
    a, b = _radicand(graph, first), _radicand(graph, second)
    gap = graph.constant_value(look.flat_sum(graph, [(ONE, a), (-ONE, b)])) if a is not None and b is not None else None
    if gap is None or gap == 0 or c != -d:
        return None
    total = graph.sum(ZERO, [(ONE, first), (ONE, second)])
    return look.times(graph, c * gap, look.make(graph, "reciprocal", total))


def _root_minus_argument(graph: Graph, ref: Ref) -> Ref | None:
    """sqrt(a^2 + c) - a, c > 0, is c/(sqrt(a^2 + c) + a) where a > 0, and safe as it stands where a < 0; so is sqrt(a^2 + c) + a for -a."""
    found = look.terms(graph, ref)
    if found is None or found[0] != 0 or len(found[1]) != 2:
        return None
    for (c, root), (d, a) in (found[1], found[1][::-1]):
        under = _under_root(graph, root)
        if under is None or abs(c) != abs(d) or under[1] != [(ONE, look.make(graph, "square", a))] or not look.is_positive(under[0]):
            continue
        side = a if c == -d else look.negative(graph, a)
        return look.times(graph, c, look.make(graph, "root_gap", side, graph.constant(under[0])))
    return None


def _root_of_squares(graph: Graph, ref: Ref | None) -> look.Term | None:
    """(sqrt(c), hypot(a, b)) where the row is c (a^2 + b^2), c > 0, b perhaps a number."""
    found = look.terms(graph, ref) if ref is not None else None
    if found is None or not look.is_positive(found[1][0][0]) or any(c != found[1][0][0] for c, _ in found[1]):
        return None
    constant, scale = found[0], found[1][0][0]
    sides = [a for _, a in look.arguments(graph, [term for _, term in found[1]], "square")]
    if len(sides) == len(found[1]) == 1 and look.is_number(constant) and constant > 0:
        sides.append(graph.constant(sp.sqrt(constant / scale)))
    elif len(sides) < len(found[1]) or len(sides) != 2 or constant != 0:
        return None
    return sp.sqrt(scale), look.make(graph, "hypot", *sides)


def _hypotenuse(graph: Graph, ref: Ref) -> Ref | None:
    """sqrt(c a^2 + c b^2) is sqrt(c) hypot(a, b), which neither overflows nor underflows on the way."""
    found = _root_of_squares(graph, look.argument(graph, ref, "sqrt"))
    return look.times(graph, *found) if found is not None else None


def _root_of_square(graph: Graph, ref: Ref) -> Ref | None:
    """sqrt(c a^2) is sqrt(c) |a|, c > 0, the size of what is above zero being itself."""
    inside = look.argument(graph, ref, "sqrt")
    scale, inner = look.scaled(graph, inside) if inside is not None else (ONE, ref)
    a = look.argument(graph, inner, "square")
    if a is None or not look.is_positive(scale):
        return None
    return look.times(graph, sp.sqrt(scale), a if look.is_plainly_positive(graph, a) else look.make(graph, "abs", a))


def _inverse_hypotenuse(graph: Graph, ref: Ref) -> Ref | None:
    """(c a^2 + c b^2)^(-1/2) is 1/hypot(a, b) over sqrt(c)."""
    if graph[ref].op != "map" or graph[ref].payload != ("power", -look.HALF):
        return None
    found = _root_of_squares(graph, graph.operands(ref)[0])
    return look.times(graph, 1 / found[0], look.make(graph, "reciprocal", found[1])) if found is not None else None


def _quotients(graph: Graph, operands: list[Ref], below: Ref) -> Iterator[tuple[tuple[int, ...], Ref]]:
    """Which operands are a, and a/below in the forms whose slope does not cancel: below = hypot(a, b), d a + b, d |a| + b.

    What was taken out of a sum has no slope, and goes to the exponentials instead; products over an index may overflow, and have a rule of theirs.
    """
    exponents = dict(look.arguments(graph, operands, "exp"))
    rows = {a: k for k, a in enumerate(operands) if k not in exponents or not has_number_out(graph, exponents[k])}
    if graph[below].calls("hypot"):
        sides = graph.operands(below)
        yield from (((rows[side],), look.make(graph, "direction_cosine", side, sides[1 - k])) for k, side in enumerate(sides) if side in rows)
    found = look.terms(graph, below)
    if found is None or len(found[1]) + (found[0] != 0) != 2:
        return
    for k, (d, term) in enumerate(found[1]):
        rest = graph.sum(found[0] / d, [(c / d, other) for c, other in look.without(found[1], k)])
        a, positions = look.argument(graph, term, "abs"), _positions(graph, rows, term)
        if positions and not _has_product(graph, term):
            yield positions, look.times(graph, 1 / d, look.make(graph, "share", term, rest))
        elif a is not None and a in rows:
            yield (rows[a],), look.times(graph, 1 / d, look.make(graph, "softsign", a, rest))


def _has_product(graph: Graph, ref: Ref) -> bool:
    """Whether a product over an index is a factor."""
    return any(graph[factor].op == "prod" for factor in (look.factors(graph, ref) or (ONE, [ref]))[1])


def _positions(graph: Graph, rows: Mapping[Ref, int], term: Ref) -> tuple[int, ...]:
    """Which operands a term is the product of."""
    if term in rows:
        return rows[term],
    scale, parts = look.factors(graph, term) or (ZERO, [])
    is_product = scale == 1 and len(set(parts)) == len(parts) and all(part in rows for part in parts)
    return tuple(rows[part] for part in parts) if is_product else ()


def _bounded_quotient(graph: Graph, ref: Ref) -> Ref | None:
    """a/hypot(a, b), a/(a + b) and a/(|a| + b) inside a product, a perhaps a product itself."""
    found = look.spread(graph, ref)
    below = look.arguments(graph, found[1], "reciprocal") if found is not None else ()
    if found is None or not below:
        return None
    coefficient, operands, over = found
    for m, inner in below:
        for positions, made in _quotients(graph, operands, inner):
            if m not in positions:
                return graph.product(coefficient, [*look.without(operands, *positions, m), made], over)
    return None


def _difference_of_reciprocals(graph: Graph, ref: Ref) -> Ref | None:
    """c/a - c/b inside a sum is c (b - a)/(a b) where b - a is a number."""
    found = look.terms(graph, ref)
    rows = look.arguments(graph, [term for _, term in found[1]], "reciprocal") if found is not None else []
    if found is None or len(rows) < 2:
        return None
    constant, parts = found
    for position, (k, a) in enumerate(rows):
        for m, b in rows[position + 1:]:
            gap = graph.constant_value(look.flat_sum(graph, [(ONE, b), (-ONE, a)])) if parts[k][0] == -parts[m][0] else None
            if gap is not None:
                quotient = graph.product(ONE, [parts[k][1], parts[m][1]])
                return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0] * gap, quotient)])
    return None


RULES = (
    Rule("one minus tanh squared", "sum", 1 - sp.tanh(x) ** 2, "sech(a)^2", "all a", "tanh rounds to 1 beyond 19", _tanh_complement,
         needs=heads("square")),
    Rule("one minus a square", "sum", 1 - x**2, "(1 - a)(1 + a), (k - a)(k + a), u (u + 2k)", "all a", "a^2 is rounded before it is subtracted",
         _square_complement,
         needs=heads("square")),
    Rule("difference of squares", "sum", x**2 - y**2, "(a - b)(a + b)", "all a, b", "the squares are rounded before they are subtracted",
         _difference_of_squares, needs=heads("square")),
    Rule("root minus one", "sum", sp.sqrt(1 + x) - 1, "root_excess(a, c), hypot_excess(a, c), root_complement(a)", "a >= -c^2",
         "the root rounds to c near 0", _root_minus_one, (-1.0, 1e4), needs=heads("sqrt hypot")),
    Rule("difference of roots", "sum", sp.sqrt(x + 1) - sp.sqrt(x), "(a - b)/(sqrt(a) + sqrt(b))", "a, b >= 0",
         "the roots agree in their first digits", _difference_of_roots, (0.0, 1e4), needs=heads("sqrt hypot")),
    Rule("root minus its argument", "sum", sp.sqrt(x**2 + 3) - x, "c/(sqrt(a^2 + c) + a) where a > 0; for sqrt(a^2 + c) + a with -a", "all a",
         "the root is a in its first digits", _root_minus_argument, needs=heads("sqrt hypot")),
    Rule("difference of reciprocals", "sum", 1 / x - 1 / (x + 1), "c (b - a)/(a b) from c/a - c/b", "a, b != 0",
         "the two agree in their first digits", _difference_of_reciprocals, (0.0, 1e4)),
    Rule("inverse hypotenuse", "power", 1 / sp.sqrt(x**2 + y**2), "1/hypot(a, b)", "all a, b", "squares overflow at 1e154", _inverse_hypotenuse),
    Rule("bounded quotient", "product", x / sp.sqrt(x**2 + y**2), "direction_cosine(a, b), share(a, b), softsign(a, b)", "all a, b",
         "1/r - a^2/r^3 cancels in the slope where a is large", _bounded_quotient),
    Rule("root of a square", "sqrt", sp.sqrt(h), "sqrt(c) |a|, a where it is above 0", "c > 0, all a",
         "a square underflows at 1e-162 and overflows at 1e154", _root_of_square, where=((h, 2 * sp.sech(x) ** 2),)),
    Rule("hypotenuse", "sqrt", sp.sqrt(x**2 + y**2), "hypot(a, b)", "all a, b", "squares overflow at 1e154", _hypotenuse),
)

