"""A formula and its slopes at a point as their summands, by mpmath: errors are measured beside the largest where they cancel."""

from __future__ import annotations

import mpmath
import sympy as sp
from mpmath import mp


def summands(formula: sp.Expr, inputs: list[sp.Symbol], at: dict[str, float], digits: int = 60) -> list[list[mpmath.mpf]]:
    """Those of the value, then of the slope towards each input, all multiplied out."""
    with mp.workdps(digits):
        given = [mp.mpf(at[str(one)]) for one in inputs]
        rows = [formula, *(sp.expand(formula.diff(one)) for one in inputs)]
        return [[mp.re(sp.lambdify(inputs, term, "mpmath")(*given)) for term in sp.Add.make_args(row)] for row in rows]
