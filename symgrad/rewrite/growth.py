"""How what grows, what decays and what vanishes compare: leading terms, and the comparison of exponentials by their exponents.

A tendency is a leading term c log(v)^l v^p of some v that grows beyond all bounds, or it is faster than any power of v, as exp(v) is, or
decays faster than any, as exp(-v) does (G. H. Hardy, Orders of Infinity, 1910).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

CLOSE = 1e-9
"""Leading coefficients whose sum is so much smaller than they are cancel."""

Exponent = tuple[float, float, float]
"""(p, l, c), of which c log(v)^l v^p is the size of an exponent's leading term, c > 0."""


class Tendency(NamedTuple):
    """sign * c log(v)^logs v^power; `growth` is 1 for what outgrows every power of v, 2 for what outgrows exp of every such, and so on, -1 for what
    decays faster than any power, …

    c is None where it is not known, and so is a sign of 0.  `at_most`: that is as large as it gets, as a sum is whose terms may cancel.
    `exponent`: where growth is 1 or -1, what it is the exponential of, with that sign; None where it is not known.
    `if_zero`: told for where it vanishes, and else it may do anything, as exp(k v) does whose k has an unknown sign.
    """

    growth: int = 0
    power: float = 0.0
    logs: float = 0.0
    c: float | None = None
    sign: int = 0
    at_most: bool = False
    exponent: Exponent | None = None
    if_zero: bool = False

    @property
    def rate(self) -> tuple[int, float, float]:
        return self.growth, self.power, self.logs

    @property
    def vanishes(self) -> bool:
        return self.rate < NUMBER

    @property
    def is_infinite(self) -> bool:
        return self.rate > NUMBER and not self.at_most


Found = Tendency | None
NUMBER = (0, 0.0, 0.0)
"""The rate of what tends to a number."""
BOUND = Tendency(at_most=True)
NOTHING = Tendency(-9)
"""0."""


def number(value: float) -> Found:
    if not value:
        return NOTHING
    return Tendency(c=abs(value), sign=int(math.copysign(1, value))) if math.isfinite(value) else None


def product(parts: Iterable[Found]) -> Found:
    """The tendency of a product, None where one factor's is not known or growth meets decay and their exponents do not tell."""
    total: Tendency = Tendency(c=1.0, sign=1)
    for one in parts:
        if one is None:
            return None
        grown = _grown(total, one)
        if grown is None:
            return None
        growth, exponent = grown
        c = _known(total.c * one.c) if total.c is not None and one.c is not None else None
        powers = (0.0, 0.0) if growth else (total.power + one.power, total.logs + one.logs)
        total = Tendency(growth, *powers, c, total.sign * one.sign, total.at_most or one.at_most, exponent, total.if_zero or one.if_zero)
    return total


def _grown(one: Tendency, other: Tendency) -> tuple[int, Exponent | None] | None:
    """Growth and exponent of a product, None where exponents cancel or are not known."""
    if abs(one.growth) != abs(other.growth):
        larger = max(one, other, key=lambda a: abs(a.growth))
        return larger.growth, larger.exponent
    if one.exponent is None or other.exponent is None:
        return (one.growth, None) if one.growth == other.growth else None
    (*rate, c), (*beside, d) = sorted((one.exponent, other.exponent), reverse=True)
    larger = one if one.exponent >= other.exponent else other
    if rate != beside:
        return larger.growth, larger.exponent
    left = c + d if one.growth == other.growth else c - d
    return (larger.growth, (rate[0], rate[1], left)) if left > CLOSE * c else None


def power(one: Found, exponent: float) -> Found:
    """The tendency of a power: a whole one, or of what is above 0."""
    if one is None or exponent == 0 or (one.sign <= 0 and exponent != int(exponent)) or ((one.at_most or one.if_zero) and exponent < 0):
        return None
    growth = one.growth if exponent > 0 else -one.growth
    c = raised(one.c, exponent) if one.c is not None else None
    sign = 1 if exponent % 2 == 0 else one.sign
    inner = (*one.exponent[:2], one.exponent[2] * abs(exponent)) if one.exponent is not None else None
    return Tendency(growth, one.power * exponent, one.logs * exponent, c, sign, one.at_most, inner, one.if_zero)


def raised(c: float, exponent: float) -> float | None:
    """A power of a coefficient, None where it leaves the range of a double."""
    try:
        return _known(c**exponent)
    except (OverflowError, ZeroDivisionError):
        return None


def _known(c: float) -> float | None:
    return c if 0 < c < math.inf else None


def total(parts: Sequence[Found]) -> Found:
    """The tendency of a sum: that of its largest terms, where these cancel or may as large at most."""
    if not parts or any(one is None or one.if_zero for one in parts):
        return None
    first = _largest([one for one in parts if one is not None])
    if len(first) == 1:
        return first[0]
    top = first[0]._replace(c=None, sign=0, exponent=None if None in (exponents := [one.exponent for one in first]) else exponents[0])
    no_more = top._replace(at_most=True)
    if any(one.at_most for one in first):
        return no_more
    signs = {one.sign for one in first}
    sizes = [one.sign * one.c for one in first if one.c is not None and one.sign]
    if len(sizes) < len(first) or top.growth:
        return top._replace(sign=signs.pop()) if len(signs) == 1 and 0 not in signs else no_more
    left = sum(sizes)
    return top._replace(c=abs(left), sign=1 if left > 0 else -1) if abs(left) > CLOSE * max(map(abs, sizes)) else no_more


def at_most(parts: Sequence[Found]) -> Found:
    """The tendency of what is one of these, whichever."""
    whole = total(parts)
    return whole._replace(c=None, sign=0, at_most=True, exponent=None) if whole is not None else None


def _largest(parts: Sequence[Tendency]) -> list[Tendency]:
    """The largest of some; by exponents where all of those are known."""
    top = max(one.rate for one in parts)
    first = [one for one in parts if one.rate == top]
    exponents = [one.exponent for one in first if one.exponent is not None]
    if len(exponents) < len(first):
        return first
    largest = max(exponents) if top[0] > 0 else min(exponents)
    return [one for one in first if one.exponent == largest]


def outgrows(one: Found, other: Found) -> bool:
    """Whether what is beside it vanishes beside the first."""
    return one is not None and other is not None and not (one.at_most or one.if_zero or other.if_zero) and _largest([one, other]) == [one]


def cancels(parts: Sequence[Found]) -> bool:
    """Whether the largest of known terms cancel."""
    known = [one for one in parts if one is not None and not one.if_zero]
    top = max(one.rate for one in known) if known else None
    sizes = [one.sign * one.c for one in known if one.rate == top and one.c is not None]
    return len(known) == len(parts) and len(sizes) > 1 and 0.0 not in sizes and abs(sum(sizes)) <= CLOSE * max(map(abs, sizes))
