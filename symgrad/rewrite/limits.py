"""Products and sums that have a limit where their parts are 0 and infinite, or infinite with both signs.

u exp(-u) is inf * 0 where u is infinite, and its limit 0 is told by the growth of the two: they become one function, 0 where
exp(-u) is.  Likewise exp(u) - u, infinite where exp(u) is.  Products and sums without such a limit stay as they are, and so do
those that no infinity of one row can reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.labels import Label
from symgrad.graph.lower import negate
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.choices import masked
from symgrad.rewrite.growth import NUMBER, Found, product, total
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.tendency import Ends, Tendencies

MOST_ROWS = 5_000
"""Longer programs are left as they are."""
MOST_FACTORS = 8
MOST_DIVISIONS = 3
SIDES = range(3)
"""The ends of a tendency by their places: plus infinity, minus infinity, and 0."""
AT_ZERO = SIDES[-1]


def keep_limits(program: Program) -> Program:
    """The program with such products and sums as functions that have their limits."""
    if len(program.live()) > MOST_ROWS:
        return program
    made = Graph()
    tendencies = Tendencies(made)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if row.op == "map" and row.payload[0] in ("share", "log", "log1p"):
            return _share_of_number(graph, refs) if row.payload[0] == "share" else _log_of_square(graph, row.payload[0], refs[0])
        if row.kind != REAL or row.op not in ("product", "sum") or len(row.args) < 2:
            return None
        plain = KINDS[row.op].remake(graph, row, refs, labels)
        if row.op == "sum":
            return _kept_sum(graph, tendencies, plain) or plain
        is_derived = program.primal is not None and index >= program.primal
        return _kept_product(graph, tendencies, plain, is_derived) or (_chosen_product(graph, tendencies, plain) if is_derived else None) or plain

    return rebuild(program, remake, made)


def _share_of_number(graph: Graph, refs: Sequence[Ref]) -> Ref | None:
    """c/(c + a), whose c is finite, so that nothing has to be mended."""
    number = graph.constant_value(refs[0])
    if number is None:
        return None
    return graph.product(number, [look.make(graph, "reciprocal", graph.sum(number, [(ONE, refs[1])]))])


def _log_of_square(graph: Graph, name: str, inside: Ref) -> Ref | None:
    """log(c + d a^2) and log1p(d a^2), c and d > 0, beyond 1e154 too."""
    constant, parts = shapes.linear(graph, inside)
    a = look.argument(graph, parts[0][1], "square") if len(parts) == 1 else None
    is_sum = look.is_number(constant) and (constant > 0 if name == "log" else constant >= 0)
    if a is None or not is_sum or not look.is_number(parts[0][0]) or not parts[0][0] > 0:
        return None
    return _noted(graph, graph.map("log_beyond", (graph.map(name, (inside,)), a), (sp.log(parts[0][0]),)))


Parts = tuple[list[int], list[int]]


def _kept_product(graph: Graph, tendencies: Tendencies, ref: Ref, is_derived: bool) -> Ref | None:
    """The product with the factors that vanish and those that grow together as one function.

    A limit other than 0 is looked for where they rest on one row alone: sqrt(a + x)/sqrt(b + x) is left as it is.
    """
    spread = _spread(graph, ref)
    if spread is None:
        return None
    coefficient, given, over = spread
    whole = _cancelled(graph, given) if is_derived else given
    operands = [one for operand in whole for one in _divisors(graph, operand)]
    if is_derived and (scaled := _scaled_by_norms(graph, operands)) is not None:
        return graph.product(coefficient, scaled, over)
    cancelled = graph.product(coefficient, whole, over) if whole != given else None
    if not 2 <= len(operands) <= MOST_FACTORS:
        return cancelled
    for source, ends in tendencies.together(operands):
        found = _balance(ends, is_derived)
        if found is not None and (not found.limit or all(tendencies.rests_on_it_alone(operands[k], source) for part in found.parts for k in part)):
            first, second = (graph.product(ONE, [operands[k] for k in group]) for group in found.parts)
            rest = look.without(operands, *found.parts[0], *found.parts[1])
            return graph.product(coefficient, [*rest, _with_limit(graph, first, second, found)], over)
    return cancelled


def _chosen_product(graph: Graph, tendencies: Tendencies, ref: Ref) -> Ref | None:
    """The same of a slope in which a choice is a factor."""
    coefficient, factors, over = _spread(graph, ref) or (ONE, [], [])
    chosen = _behind_a_choice(graph, tendencies, factors)
    return graph.product(coefficient, [chosen], over) if chosen is not None else None


def _behind_a_choice(graph: Graph, tendencies: Tendencies, factors: list[Ref]) -> Ref | None:
    """exp(x) [m ? a : b], the slope of a branch, as [m ? exp(x) a : exp(x) b] where a product has a limit: it shows only there."""
    for k, factor in enumerate(factors):
        mask, *branches = _branches(graph, factor) or (factor,)
        products = [graph.product(ONE, [*look.without(factors, k), branch]) for branch in branches]
        kept = [_kept_product(graph, tendencies, one, True) for one in products]
        if any(kept):
            return graph.select(mask, *(one or plain for one, plain in zip(kept, products, strict=True)))
    return None


def _branches(graph: Graph, ref: Ref) -> tuple[Ref, Ref, Ref] | None:
    """(m, a, b) of a choice between a and b, or of the sum of [m ? a : 0] and [not m ? b : 0]."""
    if graph[ref].calls("select") and graph[ref].kind == REAL:
        mask, yes, no = graph.operands(ref)
        return mask, yes, no
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    found = [(graph.product(c, [one[1]]), one[0]) for c, term in parts if (one := masked(graph, term)) is not None]
    if constant != 0 or len(parts) != 2 or len(found) != 2 or found[0][1] != negate(graph, found[1][1]):
        return None
    return found[0][1], found[0][0], found[1][0]


def _cancelled(graph: Graph, operands: list[Ref]) -> list[Ref]:
    """The factors with powers of one row that stand above and below as one power: the slope of x log(x/c) has x (1/x)."""
    bases = [shapes.base(graph, operand) or (operand, ONE) for operand in operands]
    below = {a for a, exponent in bases if exponent < 0}
    twofold = {a for a, exponent in bases if exponent > 0 and a in below}
    if not twofold:
        return operands
    kept = [operand for operand, (a, _) in zip(operands, bases, strict=True) if a not in twofold]
    for a in dict.fromkeys(a for a, _ in bases if a in twofold):
        exponent = sum((one for b, one in bases if b == a), ZERO)
        power = shapes.raised(graph, a, abs(exponent))
        kept += [look.make(graph, "reciprocal", one) for one in power] if exponent < 0 else power
    return kept


def _scaled_by_norms(graph: Graph, operands: list[Ref]) -> list[Ref] | None:
    """Factors with 1/r more than once, r the norm of a vector: one goes to the vector, the others to what is left, one after another.

    1/r^2 is no number where r is 1e200 or 1e-200, though the vector over r is, and what else is divided has r's size.
    """
    below = [k for k, inner in look.arguments(graph, operands, "reciprocal") if graph[inner].op == "norm" or graph[inner].calls("hypot")]
    if len(below) < 2:
        return None
    left, units = look.without(operands, *below), []
    for k in list(below):
        (norm,) = graph.operands(operands[k])
        vector = next((ref for ref in left if graph[norm].op == "norm" and ref.row == graph[norm].args[0]), None)
        if vector is not None:
            left.remove(vector)
            below.remove(k)
            units.append(graph.map("ratio", (vector, norm)))
    rest = graph.product(ONE, left)
    for k in below:
        rest = graph.product(ONE, [rest, operands[k]])
    return [*units, rest]


def _divisors(graph: Graph, ref: Ref) -> list[Ref]:
    """1/a^n, n a small whole number, as n times 1/a: u/a/a is a number where a^2 overflows."""
    inner = look.argument(graph, ref, "square")
    if inner is not None and look.argument(graph, inner, "reciprocal") is not None:
        return [inner, inner]
    a, exponent = shapes.base(graph, ref) or (ref, ONE)
    return [look.make(graph, "reciprocal", a)] * int(-exponent) if -MOST_DIVISIONS <= exponent <= -2 else [ref]


def _with_limit(graph: Graph, first: Ref, second: Ref, found: Balance) -> Ref:
    """What vanishes times what grows, a quotient where that is how it vanishes."""
    if found.limit is sp.zoo:  # of both signs: that of 0 tells which
        return _noted(graph, graph.map("growing", (first, second)))
    below = look.argument(graph, first, "reciprocal")
    if below is None or found.turns:
        return _noted(graph, graph.map("tending", (first, second), (found.limit,)))
    return _noted(graph, graph.map("tending_quotient", (second, below), (found.limit,)))


def _noted(graph: Graph, made: Ref) -> Ref:
    """A row with the words that say why it is there."""
    graph.notes.setdefault(made.row, "rule limit")
    return made


def _spread(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[Ref], list[Label]] | None:
    """Coefficient, factors and summed labels of a product, the products among its factors opened; None where these are too many."""
    coefficient, waiting, over = look.opened(graph, ref) or (ONE, [ref], [])
    factors: list[Ref] = []
    while waiting:
        if len(factors) + len(waiting) > MOST_FACTORS:
            return None
        one = waiting.pop(0)
        inner = look.factors(graph, one)
        if inner is None:
            factors.append(one)
        else:
            coefficient = coefficient * inner[0]
            waiting = [*inner[1], *waiting]
    return coefficient, factors, over


class Balance(NamedTuple):
    """The places of the factors that vanish and of those that grow, and the limit of their product; `turns`: elsewhere the latter vanish."""

    parts: Parts
    limit: sp.Expr
    turns: bool = False


def _balance(ends: Sequence[Ends], is_derived: bool) -> Balance | None:
    """What vanishes while something grows, at every end where that is so; None where there is nothing, or no one limit.

    x/x has no value at 0, whatever its limit is; a slope has one wherever the function has.
    """
    found: Balance | None = None
    for side in SIDES:
        every = [k for k, one in enumerate(ends) if (end := one[side]) is not None and end.vanishes]
        infinite = [k for k, one in enumerate(ends) if (end := one[side]) is not None and end.rate > NUMBER]
        if not every or not infinite:
            continue
        zeros, limit = _enough([one[side] for one in ends], every, infinite)
        if side == AT_ZERO and (found is not None or (limit != 0 and not is_derived)):
            continue
        before, found = found, _joined(found, (zeros, infinite), limit)
        if found is None:
            return _merged(before, (zeros, infinite), limit, ends)
    return found


def _joined(found: Balance | None, parts: Parts, limit: sp.Expr | None) -> Balance | None:
    """The balance at two ends."""
    if limit is None or found is None:
        return Balance(parts, limit) if limit is not None else None
    if parts == found.parts:
        opposite = {limit, found.limit} == {sp.oo, -sp.oo}
        return found if limit == found.limit else found._replace(limit=sp.zoo) if opposite else None
    turned = parts == found.parts[::-1] and limit == found.limit and limit.is_finite
    return found._replace(turns=True) if turned else None


def _merged(found: Balance | None, parts: Parts, limit: sp.Expr | None, ends: Sequence[Ends]) -> Balance | None:
    """The balance at two ends at which the product vanishes, other factors growing at one of them than at the other."""
    if found is None or limit != 0 or found.limit != 0 or found.turns:
        return None
    zeros, infinite = ([k for k in range(len(ends)) if k in one or k in other] for one, other in zip(found.parts, parts, strict=True))
    if set(zeros) & set(infinite) or not all(_vanishes(zeros, infinite, [one[side] for one in ends]) for side in SIDES[:AT_ZERO]):
        return None
    return Balance((zeros, infinite), ZERO)


def _vanishes(zeros: list[int], infinite: list[int], ends: Sequence[Found]) -> bool:
    """Whether the product of these is 0 at an end where the ones vanish and the others grow."""
    less, more = (product(ends[k] for k in group) for group in (zeros, infinite))
    return less is not None and less.vanishes and more is not None and more.rate > NUMBER and _limit(product([less, more])) == 0


def _enough(ends: Sequence[Found], zeros: list[int], infinite: list[int]) -> tuple[list[int], sp.Expr | None]:
    """As few of the factors that vanish as keep the product with what grows finite, else all of them; and the limit of that product."""
    for count in range(1, len(zeros)):
        limit = _limit(product(ends[k] for k in (*zeros[:count], *infinite)))
        if limit is not None and limit.is_finite:
            return zeros[:count], limit
    return zeros, _limit(product(ends[k] for k in (*zeros, *infinite)))


def _limit(whole: Found) -> sp.Expr | None:
    """0, a number, or infinity with its sign."""
    if whole is None or (not whole.vanishes and not whole.sign):
        return None
    if whole.vanishes or whole.is_infinite:
        return ZERO if whole.vanishes else whole.sign * sp.oo
    return _fraction(whole.sign * whole.c) if whole.c is not None else None


@cache
def _fraction(number: sp.Expr) -> sp.Expr:
    """A number with its doubles as the fractions that they stand for: the same few in all of a program, and slow to find."""
    return sp.nsimplify(number, rational=True)


def _kept_sum(graph: Graph, tendencies: Tendencies, ref: Ref) -> Ref | None:
    """The sum with its terms of both signs as one function, infinite where the larger ones are."""
    constant, terms = look.terms(graph, ref) or (ZERO, [])
    if len(terms) < 2:
        return None
    parts = [graph.product(c, [term]) for c, term in terms]
    for _, ends in tendencies.together(parts):
        larger, smaller = _opposed(ends)
        if larger and any(_is_function(graph, terms[k][1]) for k in (*larger, *smaller)):
            inner = [graph.sum(ZERO, [terms[k] for k in group]) for group in (larger, smaller)]
            made = _noted(graph, graph.map("leading", inner))
            return graph.sum(constant, [*look.without(terms, *larger, *smaller), (ONE, made)])
    return None


def _is_function(graph: Graph, ref: Ref) -> bool:
    """Whether a term costs so much that a look at the sum does not count: a function other than a power, with a factor or without."""
    row = graph[look.scaled(graph, ref)[1]]
    return row.op == "map" and row.payload[0] not in ("square", "power", "abs", "reciprocal")


def _opposed(ends: Sequence[Ends]) -> Parts:
    """The places of the terms that are infinite with the sign of the sum, and of those with the other sign."""
    found: Parts = [], []
    for side in SIDES:
        signs = {k: end.sign for k, one in enumerate(ends) if (end := one[side]) is not None and end.is_infinite}
        if set(signs.values()) != {1, -1}:
            continue
        whole = total([ends[k][side] for k in signs])
        if whole is None or not whole.is_infinite or not whole.sign:
            if any(k in found[0] for k in signs):
                return [], []
            continue
        groups = [k for k in signs if signs[k] == whole.sign], [k for k in signs if signs[k] != whole.sign]
        if found[0] and groups != found:
            return [], []
        found = groups
    return found
