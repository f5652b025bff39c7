"""Labels and sizes: how the axes of a row are named and how long they are.

A `Label` stands for one running index while rows are being built; it is compared by identity, so that the letters a
user chose never matter.  Its size is a SymPy integer expression in size symbols, such as ``n - 1``.
"""

from __future__ import annotations

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
    return a == b or sp.expand(a - b) == 0


def nominal(size: sp.Expr) -> int:
    """A number to compare costs with: the size itself where it is known, else a stand-in for each symbol."""
    if size.is_Integer:
        return max(int(size), 1)
    return max(int(size.subs(dict.fromkeys(size.free_symbols, NOMINAL_SIZE))), 1)
