"""Rows as powers of other rows and as linear combinations of them, so that patterns meet scaled and composite arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.linear import linear as linear_form
from symgrad.rewrite.linear import ratio
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import HALF, ONE, ZERO, Term

_POWERS = {"square": sp.Integer(2), "reciprocal": -ONE}


def powers(graph: Graph, ref: Ref) -> tuple[sp.Expr, dict[Ref, sp.Expr]]:
    """The row as a number times whole powers of rows that are no products and no powers themselves."""
    number, found = ONE, dict[Ref, sp.Expr]()
    waiting = [(ref, ONE)]
    while waiting:
        one, exponent = waiting.pop()
        product = look.factors(graph, one)
        inner = base(graph, one)
        if product is not None:
            number = number * product[0] ** exponent
            waiting.extend((factor, exponent) for factor in product[1])
        elif inner is not None:
            waiting.append((inner[0], exponent * inner[1]))
        else:
            found[one] = found.get(one, ZERO) + exponent
    return number, {base: exponent for base, exponent in found.items() if exponent != 0}


def ratio_of_products(graph: Graph, above: Sequence[Ref], below: Sequence[Ref]) -> sp.Expr | None:
    """The number that one product is of another, powers and exponentials in them taken together; None where they differ by more."""
    number, left = _quotient(graph, above, below)
    exponents = [(exponent, argument) for one, exponent in left.items() if (argument := look.argument(graph, one, "exp")) is not None]
    if len(exponents) < len(left):
        return None
    return number if not left or graph.constant_value(look.flat_sum(graph, exponents)) == 0 else None


def number_of_product(graph: Graph, refs: Sequence[Ref]) -> sp.Expr | None:
    """The number that a product of rows is, powers taken together; None where it is none."""
    number, left = _quotient(graph, refs, ())
    return number if not left else None


def _quotient(graph: Graph, above: Sequence[Ref], below: Sequence[Ref]) -> tuple[sp.Expr, dict[Ref, sp.Expr]]:
    """One product over another as a number times whole powers of rows."""
    number, found = ONE, dict[Ref, sp.Expr]()
    for ref, sign in [*((one, ONE) for one in above), *((one, -ONE) for one in below)]:
        own, opened = powers(graph, ref)
        number = number * own**sign
        for one, exponent in opened.items():
            found[one] = found.get(one, ZERO) + sign * exponent
    return number, {one: exponent for one, exponent in found.items() if exponent != 0}


def whole_power(graph: Graph, ref: Ref) -> tuple[Ref, sp.Expr]:
    """(a, k) where the row is a^k for a whole number k, powers of powers opened; k is 1 where the row is no power."""
    exponent, inner = ONE, base(graph, ref)
    while inner is not None:
        ref, exponent = inner[0], exponent * inner[1]
        inner = base(graph, ref)
    return ref, exponent


def number_power(graph: Graph, ref: Ref) -> tuple[Ref, sp.Expr]:
    """(a, p) where the row is a^p with a number p; p is 1 where the row is no such power."""
    row = graph[ref]
    if row.op == "map" and row.payload[0] in ("sqrt", "power"):
        return graph.operands(ref)[0], row.payload[1] if row.payload[0] == "power" else HALF
    return whole_power(graph, ref)


def base(graph: Graph, ref: Ref) -> tuple[Ref, sp.Expr] | None:
    """(a, k) where the row is a^k for a whole number k."""
    row = graph[ref]
    if row.op != "map":
        return None
    name, *parameters = row.payload
    exponent = parameters[0] if name == "power" and parameters[0].is_Integer else _POWERS.get(name)
    return (graph.operands(ref)[0], exponent) if exponent is not None else None


def multiple(graph: Graph, b: Ref, a: Ref) -> sp.Expr | None:
    """k where the row b is k a, a number times the same row or a multiple of the same sum."""
    (scale, inner), (other, base) = look.scaled(graph, b), look.scaled(graph, a)
    if inner == base:
        return scale / other
    return ratio(linear_form(graph, b), linear_form(graph, a)) if look.terms(graph, inner) and look.terms(graph, base) else None


def less_one(made: str, find: Callable[[Graph, Ref], Sequence[Ref] | None], graph: Graph, ref: Ref) -> Ref | None:
    """c f - c inside a sum is c times the function of this name, of the arguments that are found for f."""
    def less(graph: Graph, term: Ref) -> Ref | None:
        found = find(graph, term)
        return look.make(graph, made, *found) if found is not None else None

    return without_one(less, graph, ref)


def without_one(less: Callable[[Graph, Ref], Ref | None], graph: Graph, ref: Ref) -> Ref | None:
    """c f - c inside a sum is c times the row that f less 1 is."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts) if constant != 0 else ():
        found = less(graph, term) if c == -constant else None
        if found is not None:
            return graph.sum(ZERO, [*look.without(parts, k), (c, found)])
    return None


class Apart(NamedTuple):
    """A function as c f exp(t)."""

    number: sp.Expr
    rest: Ref
    exponent: Ref


def in_one_exponent(apart: Callable[[Graph, Ref], Apart | None], fewest: int, graph: Graph, ref: Ref) -> Ref | None:
    """w g(a) exp(b), g(a) = c f exp(t), is c w f exp(b + t): so many exponentials at least, and at least two of these and of such functions."""
    coefficient, operands = look.factors(graph, ref) or (ONE, [])
    exponents = dict(look.arguments(graph, operands, "exp"))
    found = {k: one for k, operand in enumerate(operands) if (one := apart(graph, operand)) is not None} if len(exponents) >= fewest else {}
    if not found or len(found) + len(exponents) < 2:
        return None
    total = look.flat_sum(graph, [(ONE, one) for one in (*exponents.values(), *(one.exponent for one in found.values()))])
    number = sp.Mul(coefficient, *(one.number for one in found.values()))
    rest = [one.rest for one in found.values()]
    return graph.product(number, [*look.without(operands, *found, *exponents), *rest, look.make(graph, "exp", total)])


def raised(graph: Graph, a: Ref, exponent: sp.Expr) -> list[Ref]:
    """a to a whole power, as factors."""
    if exponent in (0, 1):
        return [a] * int(exponent)
    name = next((name for name, power in _POWERS.items() if power == exponent), None)
    return [look.make(graph, name, a) if name is not None else graph.map("power", (a,), (exponent,))]


def linear(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[Term]]:
    """A row as its constant and its (coefficient, term) pairs; a row that is no sum is one term."""
    return look.terms(graph, ref) or (ZERO, [look.scaled(graph, ref)])


def less(graph: Graph, constant: sp.Expr, parts: Sequence[Term], coefficient: sp.Expr, a: Ref) -> tuple[sp.Expr, list[Term]] | None:
    """A sum without coefficient * a, of which it holds every term; None where it does not."""
    shift, wanted = linear(graph, a)
    left = {term: c for c, term in parts}
    for c, term in wanted:
        if left.get(term) != coefficient * c:
            return None
        del left[term]
    return constant - coefficient * shift, [(c, term) for term, c in left.items()]


def shifted_logarithm(graph: Graph, ref: Ref) -> Ref | None:
    """u where the row is (1 + u) log1p(u), which stands as xlog1py(1 + u, u) once products with logarithms are found."""
    row = graph[ref]
    if not row.calls("xlog1py"):
        return None
    first, u = graph.operands(ref)
    return u if look.terms(graph, first) == (ONE, [(ONE, u)]) else None
