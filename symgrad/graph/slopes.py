"""Local partials that are chosen, not derived: of powers, and at kinks by the conventions."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symgrad.graph.function import SlopeRule
from symgrad.graph.kinks import Kinks


def zero(a: tuple, r: sp.Symbol, p: tuple) -> Sequence[sp.Expr]:
    return (sp.S.Zero,) * len(a)


def gate(value: sp.Expr, condition: sp.Basic) -> sp.Expr:
    return sp.Piecewise((value, condition), (0, True), evaluate=False)


def pow_partials(a: tuple, r: sp.Symbol, p: tuple) -> Sequence[sp.Expr]:
    base, exponent = a
    where = sp.Or(sp.Ne(exponent, 0), sp.Ne(base, 0))  # at 0^0 alone: b^p has a mixed slope 1/b at p = 0
    return (gate(exponent * base ** (exponent - 1), where), gate(r * sp.log(base), base > 0))


def power_partials(a: tuple, r: sp.Symbol, p: tuple) -> Sequence[sp.Expr]:
    return (p[0] * a[0] ** (p[0] - 1),)


def extremum_slopes(sign: int) -> SlopeRule:
    """The taken argument gets the slope; who takes it at a tie is a convention."""

    def slopes(a: tuple, r: sp.Symbol, kinks: Kinks) -> Sequence[sp.Expr]:
        numbers = [x for x in a if x.is_number]
        others = [x for x in a if not x.is_number]
        return [sp.S.Zero if x.is_number else gate(_share(x, others, numbers, r, kinks), _taken(x, others, numbers, r, kinks, sign)) for x in a]

    return slopes


def _share(x: sp.Expr, others: list, numbers: list, r: sp.Symbol, kinks: Kinks) -> sp.Expr:
    """The slope of an argument that is taken: 1, or 1/(how many are equal)."""
    tied = [one for one in others if one is not x] if kinks.max_tie == "share" else []
    tied = tied + numbers if kinks.constant_tie == "share" else tied
    return 1 / (1 + sp.Add(*(gate(sp.S.One, sp.Eq(one, r, evaluate=False)) for one in tied)))


def _taken(x: sp.Expr, others: list, numbers: list, r: sp.Symbol, kinks: Kinks, sign: int) -> sp.Expr:
    """Where an argument is the extremum and its tie with others is decided for it."""
    place, strict = others.index(x), kinks.constant_tie == "constant"
    rivals = {"first": others[:place], "last": others[place + 1:]}.get(str(kinks.max_tie), [])
    conditions = [sp.Ne(one, r, evaluate=False) for one in rivals]
    if len(others) > 1 or not numbers:
        conditions.insert(0, sp.Eq(x, r, evaluate=False))
    if numbers and (strict or len(others) == 1):
        ahead, other = (x, numbers[0]) if sign > 0 else (numbers[0], x)
        conditions.append(ahead > other if strict else ahead >= other)
    return sp.And(*conditions, evaluate=False) if len(conditions) > 1 else conditions[0]


def abs_slope(a: tuple, r: sp.Symbol, kinks: Kinks) -> Sequence[sp.Expr]:
    if kinks.abs == 0:
        return (sp.sign(a[0]),)
    return (sp.Piecewise((1, a[0] >= 0 if kinks.abs == 1 else a[0] > 0), (-1, True)),)


def beside_origin(slope: sp.Expr, r: sp.Symbol, a: tuple) -> sp.Expr:
    """The slope of a hypotenuse, 0 at the origin, which is never reached where one side is a number that is not 0."""
    return slope if any(side.is_number and side.is_nonzero for side in a) else gate(slope, sp.Ne(r, 0))
