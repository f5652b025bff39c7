"""Ends beside which rows may lose digits: numbers, and infinity."""

from __future__ import annotations

from typing import NamedTuple

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.rewrite.expansions.values import PRECISION, number
from symgrad.rewrite.rules.look import ZERO


class End(NamedTuple):
    """Where x - centre is small, or 1/x; digits are lost where the relative error is above `limit`.

    is_singular: whether this is a pole or a branch point, where no sum need vanish.
    """

    centre: sp.Expr
    turned: bool
    limit: float
    is_singular: bool = False

    @property
    def scale(self) -> float:
        """The unit of distances."""
        return abs(float(self.centre)) or 1.0

    def point(self, v: mpmath.mpf) -> mpmath.mpf:
        return (1 / v if v else mp.inf) if self.turned else number(self.centre, mp.prec) + v

    def halves(self, middle: float) -> tuple[float, float]:
        """The centre and a distance as a double and what that lacks."""
        with mp.workprec(PRECISION):
            whole = number(self.centre, PRECISION) + middle
            return float(whole), float(whole - float(whole))


INFINITY = End(ZERO, True, 3e-15)
ORIGIN = End(ZERO, False, 3e-15)
SLIGHT_LOSS, ZERO_OF_A_SUM = 4e-15, 1e-8
"""Losses beside other numbers, and where a simple zero is: there a sum is as exact as its terms are."""
