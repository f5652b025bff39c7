"""The heads of exponentials of products, and of what rounding loses."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from mpmath import mp
from sympy.printing.printer import Printer

from symgrad.graph.heads.head import Head

EXPONENTIALS = ("exp", "exp_product", "exp_shifted_product")
"""Functions of the table that are exponentials."""
STEEP = {"expm1": 0, "sinh": -1, "cosh": -1}
"""Functions of u that overflow as 2^k exp(|u|) does, and k."""
WITH_FACTOR = (*(f"times_{name}" for name in EXPONENTIALS), "times_steep")
"""The same times a factor, which comes first."""


class _Power(Head):
    """A head that is printed as the power that it is."""

    def written(self) -> sp.Expr:
        """The power in SymPy's own terms."""
        raise NotImplementedError

    def _sympystr(self, printer: Printer) -> str:
        return printer._print(self.written())

    def _latex(self, printer: Printer, exp: str | None = None) -> str:
        return printer._print(self.written(), exp=exp)

    _pretty = _sympystr


class ExpProduct(_Power):
    """ExpProduct(c, r, n, a1, a2, ...) = exp(c a1 ... an/(a(n+1) ...)), r being what the double next to the number c lacks of it."""

    nargs = None
    exact = staticmethod(lambda c, r, n, *factors: mp.exp(c * mp.fprod(factors[: int(n)]) / mp.fprod(factors[int(n):])))

    def written(self) -> sp.Expr:
        c, _, n, *factors = self.args
        return sp.exp(c * _monomial(n, factors))

    def slope(self, c: sp.Expr, r: sp.Expr, n: sp.Expr, *factors: sp.Expr) -> tuple[sp.Expr, ...]:
        return (self * _monomial(n, factors), sp.S.Zero, sp.S.Zero, *exp_product_partials(factors, self, (c, r, n)))


class ExpShiftedProduct(_Power):
    """ExpShiftedProduct(c, r, n, d, s, a1, b1, a2, b2, ...) = exp(c (a1 + b1) .../... + d), r and s being what is lacking of c and d."""

    nargs = None
    exact = staticmethod(lambda c, r, n, d, s, *ends: mp.exp(
        d + c * mp.fprod(_sums(ends)[: int(n)]) / mp.fprod(_sums(ends)[int(n):])))

    def written(self) -> sp.Expr:
        c, _, n, d, _, *ends = self.args
        return sp.exp(c * _monomial(n, _sums(ends)) + d)

    def slope(self, c: sp.Expr, r: sp.Expr, n: sp.Expr, d: sp.Expr, s: sp.Expr, *ends: sp.Expr) -> tuple[sp.Expr, ...]:
        zero = sp.S.Zero
        return (self * _monomial(n, _sums(ends)), zero, zero, self, zero, *exp_shifted_product_partials(ends, self, (c, r, n, d, s)))


def _sums(ends: Sequence) -> list:
    return [a + b for a, b in zip(ends[0::2], ends[1::2], strict=True)]


def _monomial(count: sp.Expr, factors: Sequence[sp.Expr]) -> sp.Expr:
    return sp.Mul(*factors[: int(count)]) / sp.Mul(*factors[int(count):])


def exp_product_partials(a: Sequence[sp.Expr], r: sp.Expr, p: Sequence[sp.Expr]) -> tuple[sp.Expr, ...]:
    """Towards the factors, the exponential being r and the numbers before the factors p."""
    number, _, count = p[:3]
    above = [r * number * _monomial(count, [sp.S.One if j == k else factor for j, factor in enumerate(a)]) for k in range(int(count))]
    return (*above, *(-r * number * _monomial(count, a) / below for below in a[int(count):]))


def exp_shifted_product_partials(a: Sequence[sp.Expr], r: sp.Expr, p: Sequence[sp.Expr]) -> tuple[sp.Expr, ...]:
    """The same towards both ends of each factor."""
    return tuple(partial for partial in exp_product_partials(_sums(a), r, p) for _ in range(2))


class SumRest(Head):
    """SumRest(s, d, e, c1, r1, a1, c2, r2, a2, ...) = d + e + (c1 + r1) a1 + (c2 + r2) a2 + ... - s."""

    nargs = None
    exact = staticmethod(lambda s, d, e, *terms: d + e - s + mp.fsum((c + r) * a for c, r, a in _triples(terms)))

    def slope(self, s: sp.Expr, d: sp.Expr, e: sp.Expr, *terms: sp.Expr) -> tuple[sp.Expr, ...]:
        one = sp.S.One
        return (-one, one, one, *(slope for c, r, a in _triples(terms) for slope in (a, a, c + r)))


class ProductRest(Head):
    """ProductRest(p, c, r, a1, a2, ...) = (c + r) a1 a2 ... - p."""

    nargs = None
    exact = staticmethod(lambda p, c, r, *factors: (c + r) * mp.fprod(factors) - p)

    def slope(self, p: sp.Expr, c: sp.Expr, r: sp.Expr, *factors: sp.Expr) -> tuple[sp.Expr, ...]:
        whole = sp.Mul(*factors)
        return (-sp.S.One, whole, whole, *((c + r) * sp.Mul(*factors[:k], *factors[k + 1:]) for k in range(len(factors))))


class ExpRest(Head):
    """exp(x) - p."""

    nargs = 2
    exact = staticmethod(lambda p, x: mp.exp(x) - p)

    def slope(self, p: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return -sp.S.One, sp.exp(x)


class LogRest(Head):
    """log(x) - y."""

    nargs = 2
    exact = staticmethod(lambda y, x: mp.log(x) - y)

    def slope(self, y: sp.Expr, x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return -sp.S.One, 1 / x


class Mended(Head):
    """x + y, where y is finite."""

    nargs = 2
    exact = staticmethod(lambda x, y: x + y)

    def slope(self, x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return sp.S.One, sp.S.One


def _triples(terms: Sequence) -> list[tuple]:
    return list(zip(terms[0::3], terms[1::3], terms[2::3], strict=True))
