"""Labels and sizes: how the axes of a row are named and how long they are.

A `Label` stands for one running index while rows are being built; it is compared by identity, so that the letters a
user chose never matter.  Its size is a SymPy integer expression in size symbols, such as ``n - 1``.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import sympy as sp

NOMINAL_SIZE = 100
"""What an unknown size counts as when two contraction orders are compared."""


class Label:
    """One running index 0 … size-1, compared by identity."""

    __slots__ = ("name", "size")

    def __init__(self, size: sp.Expr, name: str = ""):
        self.size = size
        self.name = name

    def __repr__(self) -> str:
        return f"{self.name or 'label'}<{self.size}>"


def same_size(a: sp.Expr, b: sp.Expr) -> bool:
    """Whether two sizes are the same expression (n - 1 + 1 is n)."""
    return a is b or a == b or sp.expand(a - b) == 0


@lru_cache(4096)
def whole_fraction(expr: sp.Expr) -> tuple[sp.Expr, sp.Integer]:
    """(numerator, denominator) of an integer-valued polynomial such as i*(i + 1)/2; (expr, 1) where it is none.

    A polynomial is whole at every whole point if it is whole at 0 … degree along each variable (Newton's forward differences).
    """
    top, bottom = sp.fraction(sp.together(expr))
    if bottom == 1 or not bottom.is_Integer:
        return expr, sp.S.One
    variables = sorted((atom for atom in expr.atoms(sp.Symbol, sp.Indexed, sp.floor, sp.ceiling) if not isinstance(atom, sp.IndexedBase)), key=str)
    if not variables:
        return expr, sp.S.One
    try:
        polynomial = sp.Poly(top, *variables)
    except sp.PolynomialError:
        return expr, sp.S.One
    points = product(*(range(polynomial.degree(variable) + 1) for variable in polynomial.gens))
    whole = all(polynomial.eval(point) % bottom == 0 for point in points)
    return (top, bottom) if whole else (expr, sp.S.One)


@lru_cache(4096)
def is_whole(expr: sp.Expr) -> bool:
    """Whether an expression of whole numbers is one: n - m + 1, n*(n + 1)/2 and floor(n/2) are, n/2 is not."""
    if expr.is_integer is False or expr.has(sp.Float):
        return False
    return sp.fraction(sp.together(expr))[1] == 1 or whole_fraction(expr)[1] != 1


def read_off(size: sp.Expr, symbol: sp.Symbol) -> tuple[int, int] | None:
    """(slope, offset) where an axis of this size tells the symbol, slope*symbol + offset with whole numbers; else None."""
    slope = sp.expand(size).coeff(symbol, 1)
    offset = sp.expand(size - slope * symbol)
    return (int(slope), int(offset)) if slope.is_Integer and slope > 0 and offset.is_Integer else None


@lru_cache(4096)
def nominal(size: sp.Expr) -> int:
    """A number to compare costs with: the size itself where it is known, else a stand-in for each symbol."""
    if size.is_Integer:
        return max(int(size), 1)
    return max(int(size.subs(dict.fromkeys(size.free_symbols, NOMINAL_SIZE))), 1)
