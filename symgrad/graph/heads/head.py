"""What every SymPy head of a special function is: evaluated to any number of digits, derived by the slope that it names."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import sympy as sp
from mpmath import mp

NEAR = sp.Rational(1, 4)
"""Within this distance of 0 third derivatives are Taylor polynomials, of `TERMS` terms."""
TERMS = 24


class Valued(sp.Function):
    """A function of real numbers; subclasses give `exact`."""

    nargs = 1
    exact: Callable

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        numbers = [arg._to_mpmath(prec + 10) for arg in self.args if arg.is_number]
        if len(numbers) < len(self.args):
            return None
        return sp.Expr._from_mpmath(mp.convert(_settled(self.exact, numbers, prec)), prec)


class Head(Valued):
    """A function that also knows its derivative; subclasses give `exact` and `slope`."""

    slope: Callable
    everywhere = True
    """Whether the function is real for every real argument."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        found = self.slope(*self.args)
        return found[argindex - 1] if isinstance(found, tuple) else found

    def _eval_is_extended_real(self) -> bool | None:
        return True if self.everywhere and all(arg.is_extended_real for arg in self.args) else None


def _settled(function: Callable, numbers: list, prec: int) -> mpmath.mpf:
    """The value with so many working digits that twice as many do not change it."""
    work = prec + 64
    smallest = min((mp.mag(x) for x in numbers if x), default=0)
    work += max(0, -4 * int(smallest)) if mp.isfinite(smallest) else 0
    with mp.workprec(work):
        last = function(*numbers)
    for _ in range(12):
        work *= 2
        with mp.workprec(work):
            value = function(*numbers)
            if not mp.isfinite(value) or abs(value - last) <= abs(value) * mp.mpf(2) ** (-prec - 8):
                return value
        last = value
    return value


def filled(function: Callable, at_zero: Callable) -> Callable:
    """The function with its removable singularity closed."""
    return staticmethod(lambda x: function(x) if x else at_zero())


def third(x: sp.Expr, far: sp.Expr, coefficient: Callable[[int], sp.Expr]) -> sp.Expr:
    """The third derivative: `far` away from 0, near it the Taylor series with the function's coefficients, differentiated."""
    near = sp.Add(*(n * (n - 1) * (n - 2) * coefficient(n) * x ** (n - 3) for n in range(3, 3 + TERMS)))
    return sp.Piecewise((far, sp.Abs(x) > NEAR), (near, True))
