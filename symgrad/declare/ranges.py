"""Ranges of index letters: what a linear subscript can reach, and where a letter's range is read off."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import sympy as sp

from symgrad.graph.labels import Label


class Bound(NamedTuple):
    """A letter in scope: the label it runs along and the number of its first value."""

    label: Label
    lower: sp.Expr

    @property
    def upper(self) -> sp.Expr:
        return self.lower + self.label.size - 1


def reach(expr: sp.Expr, letters: Mapping[sp.Basic, Bound]) -> tuple[sp.Expr, sp.Expr] | None:
    """The smallest and largest value of a linear expression in the letters; None where it is not linear."""
    low = high = expr = sp.expand(expr)
    for letter in sorted((s for s in letters if expr.has(s)), key=str):
        slope = expr.coeff(letter, 1)
        if not slope.is_Integer or (expr - slope * letter).has(letter):
            return None
        first, last = letters[letter].lower, letters[letter].upper
        if slope < 0:
            first, last = last, first
        low, high = low.subs(letter, first), high.subs(letter, last)
    if any(not isinstance(s, sp.Symbol) for s in (low.atoms(sp.Indexed) | high.atoms(sp.Indexed))):
        return None
    return sp.expand(low), sp.expand(high)


def sign_of(expr: sp.Expr, sizes: set[sp.Symbol]) -> int | None:
    """1 if an expression in sizes is at least 0 for all sizes, -1 if it is below 0 for all, None if it depends."""
    if not expr.free_symbols <= sizes:
        return None
    return _sign(expr)


@lru_cache(4096)
def _sign(expr: sp.Expr) -> int | None:
    positive = expr.subs({s: sp.Dummy(s.name, integer=True, positive=True) for s in expr.free_symbols})
    if positive.is_nonnegative:
        return 1
    return -1 if positive.is_negative else None
