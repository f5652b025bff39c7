"""Heads of differences of second order, of logarithms of exponentials, and of sums of a few exponentials."""

from __future__ import annotations

import mpmath
import sympy as sp
from mpmath import mp
from sympy.codegen.cfunctions import expm1, log1p

from symgrad.graph.heads import plain
from symgrad.graph.heads.head import Head, filled
from symgrad.graph.heads.removable import BoseEinstein, ExpRel

# ---------------------------------------------------------------------- differences of second order, and logarithms

class ExpM1MinusX(Head):
    """exp(x) - 1 - x."""

    exact = staticmethod(lambda x: mp.expm1(x) - x)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return expm1(x)


class Bennett(Head):
    """(1 + x) log(1 + x) - x, Bennett's function of the concentration inequality."""

    everywhere = False
    exact = staticmethod(lambda x: (1 + x) * mp.log1p(x) - x if x != -1 else mp.one)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return log1p(x)


class XMinusLog1p(Head):
    """x - log(1 + x)."""

    everywhere = False
    exact = staticmethod(lambda x: x - mp.log1p(x))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return sp.Piecewise((1 - 1 / (1 + x), x > 1), (x / (1 + x), True))


class Log1mExp(Head):
    """log(1 - exp(-x)) for x >= 0."""

    everywhere = False
    exact = staticmethod(lambda x: mp.log(-mp.expm1(-x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return BoseEinstein(x)


class LogCLogLog(Head):
    """log(1 - exp(-exp(x))); beyond 7 the slope is below exp(-1000)."""

    exact = staticmethod(lambda x: mp.log(-mp.expm1(-mp.exp(x))))

    def slope(self, x: sp.Expr) -> sp.Expr:
        below = sp.Min(x, 7)
        return ExpLessExp(0, 1, below) / ExpRel(-sp.exp(below))


class ExpLessExp(Head):
    """exp(n x - c exp(x)), c > 0; where c exp(x) passes 1000 it is as good as 0."""

    nargs = 3
    exact = staticmethod(lambda n, c, x: mp.exp(n * x - c * mp.exp(x)))

    def slope(self, n: sp.Expr, c: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        below = sp.exp(sp.Min(x, 7 - sp.log(c)))
        return x * self, -below * self, self * (n - c * below)


class LogExpM1(Head):
    """log(exp(x) - 1) for x >= 0."""

    everywhere = False
    exact = staticmethod(lambda x: mp.log(mp.expm1(x)))

    def slope(self, x: sp.Expr) -> sp.Expr:
        return -BoseEinstein(-x)


class XLogX(Head):
    """x log(x), 0 at 0."""

    everywhere = False
    exact = filled(lambda x: x * mp.log(x), lambda: mp.zero)

    def slope(self, x: sp.Expr) -> sp.Expr:
        return sp.log(x) + 1


class XLogXGap(Head):
    """(x + y) log(x + y) - x log(x) for y > 0."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: XLogX.exact(x + y) - XLogX.exact(x))

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return plain.LogShiftedRatio(x, y), sp.log(x + y) + 1


class XLogY(Head):
    """x log(y), 0 where x is 0."""

    nargs = 2
    everywhere = False
    exact = staticmethod(lambda x, y: x * mp.log(y) if x else mp.zero)

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.log(y), sp.Piecewise((x / y, sp.Or(sp.Ne(x, 0), sp.Ne(y, 0))), (0, True), evaluate=False)


class LogRatio(Head):
    """log(x/y), where the difference d = x - y has digits that x and y have lost."""

    nargs = 3
    everywhere = False
    exact = staticmethod(lambda x, y, d: mp.log(x / y))

    def slope(self, x: sp.Expr, y: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        return 1 / x, -1 / y, sp.S.Zero


class XLogXRatio(Head):
    """x log(x/y), 0 where x is 0; d = x - y."""

    nargs = 3
    everywhere = False
    exact = staticmethod(lambda x, y, d: XLogRatio.exact(x, x, y, d))

    def slope(self, x: sp.Expr, y: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        return LogRatio(x, y, d) + 1, -x / y, sp.S.Zero


class XLogRatio(Head):
    """w log(x/y), 0 where w is 0; d = x - y."""

    nargs = 4
    everywhere = False
    exact = staticmethod(lambda w, x, y, d: w * mp.log(x / y) if w else mp.zero)

    def slope(self, w: sp.Expr, x: sp.Expr, y: sp.Expr, d: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr]:
        share = sp.Piecewise((w / x, sp.Or(sp.Ne(w, 0), sp.Ne(x, 0))), (0, True), evaluate=False)
        return LogRatio(x, y, d), share, -w / y, sp.S.Zero


# ---------------------------------------------------------------------- sums of a few exponentials

def _exp_sum(*terms: mpmath.mpf) -> mpmath.mpf:
    return mp.fsum(c * mp.exp(a) for c, a in zip(terms[0::2], terms[1::2], strict=True))


def _relative_to(terms: tuple, exponent: sp.Expr) -> sp.Expr:
    """exp(a_k) over the sum, as the reciprocal of a sum of exponentials of differences, which carry no rounding of a_k itself."""
    return ReciprocalExpSum(*(part for c, a in zip(terms[0::2], terms[1::2], strict=True) for part in (c, a - exponent)))


class LogExpSum(Head):
    """log(c_1 exp(a_1) + c_2 exp(a_2) + ...), the arguments c_1, a_1, c_2, a_2, ... with c_k > 0."""

    nargs = None
    exact = staticmethod(lambda *terms: mp.log(_exp_sum(*terms)))

    def slope(self, *terms: sp.Expr) -> tuple[sp.Expr, ...]:
        shares = [(_relative_to(terms, a), c) for c, a in zip(terms[0::2], terms[1::2], strict=True)]
        return tuple(part for share, c in shares for part in (share, c * share))


class ReciprocalExpSum(Head):
    """1/(c_1 exp(a_1) + c_2 exp(a_2) + ...), c_k > 0: with a_k - b for the exponents it is exp(b) over the sum."""

    nargs = None
    exact = staticmethod(lambda *terms: 1 / _exp_sum(*terms))

    def slope(self, *terms: sp.Expr) -> tuple[sp.Expr, ...]:
        shares = [(_relative_to(terms, a), c) for c, a in zip(terms[0::2], terms[1::2], strict=True)]
        return tuple(part for share, c in shares for part in (-self * share, -c * self * share))
