"""Dimensions: which product of powers of the inputs a row may rest on, if everything else in it is to be scaled as inputs are.

Each input has a dimension of its own.  A product adds dimensions, a power multiplies them, and the terms of a sum must have the same:
where they differ, the product of powers by which they differ has to have none.  So has the argument of an exponential.  A row has one
dimensionless group if all these products are powers of one (E. Buckingham, "On physically similar systems", Physical Review 4 (1914)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.expansions.values import FAILURES, PRECISION, function_of
from symgrad.rewrite.rules.look import HALF, ONE, ZERO

Powers = Mapping[int, sp.Rational]
"""A product of powers of inputs, by row; those that are 0 are left out."""

SCALE = 3
SAMPLES = ((0.3, 0.7, 1.9, 0.45, 1.3), (0.85, 0.2, 1.4, 0.6, 0.35))
"""Arguments at which functions are tried."""
SHARES = 12
CLOSE = mpmath.mpf(2) ** -90
EXPONENTS = {"square": sp.Integer(2), "sqrt": HALF, "reciprocal": -ONE, "cbrt": sp.Rational(1, 3)}
DEGREES = {2: ((1, 1), (1, 2), (2, 1), (1, 0), (0, 1)), 3: ((1, 1, 1),), 4: ((1, 1, 1, 1), (0, 1, 1, 1))}
"""How the arguments of a function are scaled together, by their number."""


class Dimensions(NamedTuple):
    """The one product of powers that has no dimension, and the dimension of the row."""

    group: Powers
    row: Powers


class _SeveralGroups(ValueError):
    """Two products of powers must have no dimension, and neither is a power of the other."""


def dimensions(graph: Graph, root: Ref) -> Dimensions | None:
    """The group of a row that has one; None where it has several or none."""
    found = _Dimensions()
    try:
        for index in graph.live([root.row]):
            found.take(index, graph.rows[index])
    except _SeveralGroups:
        return None
    return Dimensions(found.group, found.known[root.row]) if found.group else None


class _Dimensions:
    def __init__(self) -> None:
        self.known: dict[int, Powers] = {}
        self.group: Powers = {}

    def take(self, index: int, row: Row) -> None:
        below = [self.known[arg] for arg in row.args]
        if row.op == "sum" and (row.payload[1] != 0 or not below):
            self._have_none(below)
        self.known[index] = self._of(index, row, below)

    def _of(self, index: int, row: Row, below: Sequence[Powers]) -> Powers:
        if row.op == "input":
            return {index: ONE}
        if row.op == "sum" and below:
            self._have_none([_product([(ONE, one), (-ONE, below[0])]) for one in below[1:]])
            return below[0] if row.payload[1] == 0 else {}
        if row.op == "map":
            return self._function(row.payload[0], tuple(row.payload[1:]), below)
        return _product([(ONE, one) for one in below])

    def _function(self, name: str, parameters: tuple, below: Sequence[Powers]) -> Powers:
        exponent = parameters[0] if name == "power" else EXPONENTS.get(name)
        if exponent is not None and exponent.is_Rational:
            return _product([(exponent, below[0])])
        if any(below):
            for degrees in DEGREES.get(len(below), ()):
                degree = _degree(name, parameters, degrees)
                if degree is not None:
                    return self._homogeneous(below, degrees, degree)
        self._have_none(below)
        return {}

    def _homogeneous(self, below: Sequence[Powers], degrees: Sequence[int], degree: sp.Rational) -> Powers:
        self._have_none([one for one, share in zip(below, degrees, strict=True) if share == 0])
        scaled = [_product([(sp.Rational(1, share), one)]) for one, share in zip(below, degrees, strict=True) if share]
        self._have_none([_product([(ONE, one), (-ONE, scaled[0])]) for one in scaled[1:]])
        return _product([(degree, scaled[0])])

    def _have_none(self, products: Sequence[Powers]) -> None:
        """Products of powers that must have no dimension."""
        for one in filter(None, products):
            self.group = self.group or one
            share = next((one[index] / self.group[index] for index in one if index in self.group), ZERO)
            if _product([(ONE, one), (-share, self.group)]):
                raise _SeveralGroups


def _product(parts: Sequence[tuple[sp.Rational, Powers]]) -> Powers:
    total: dict[int, sp.Rational] = {}
    for share, powers in parts:
        for index, power in powers.items():
            total[index] = total.get(index, ZERO) + share * power
    return {index: power for index, power in total.items() if power != 0}


@cache
def _degree(name: str, parameters: tuple, degrees: tuple[int, ...]) -> sp.Rational | None:
    """The power by which a function is scaled where its arguments are by these, the same at each sample; None where there is none."""
    function, found = function_of(name, parameters, len(degrees)), set()
    with mp.workprec(PRECISION):
        for sample in SAMPLES:
            plain = [mp.mpf(a) for a in sample[: len(degrees)]]
            try:
                before, after = function(*plain), function(*(a * mp.mpf(SCALE) ** p for a, p in zip(plain, degrees, strict=True)))
                found.add(_exponent(after / before))
            except FAILURES:
                return None
    return found.pop() if len(found) == 1 else None


def _exponent(ratio: mpmath.mpf) -> sp.Rational | None:
    if isinstance(ratio, mpmath.mpc) or not ratio > 0:
        return None
    exponent = mp.log(ratio) / mp.log(SCALE)
    found = sp.Rational(int(mp.nint(exponent * SHARES)), SHARES)
    return found if abs(exponent - mp.mpf(found.p) / found.q) < CLOSE else None
