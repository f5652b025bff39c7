"""Extremes over an index, which SymPy lacks: MaxOver(expr, (j, 0, k - 1)) and MinOver."""

from __future__ import annotations

from sympy.concrete.expr_with_limits import ExprWithLimits


class _ExtremumOver(ExprWithLimits):
    """An extremum of expr while the index runs from its lower to its upper bound, both included."""

    __slots__ = ()
    which = ""

    def doit(self, **hints):
        return self


class MaxOver(_ExtremumOver):
    """MaxOver(expr, (j, a, b)): the largest value of expr for j = a … b."""

    __slots__ = ()
    which = "max"


class MinOver(_ExtremumOver):
    """MinOver(expr, (j, a, b)): the smallest value of expr for j = a … b."""

    __slots__ = ()
    which = "min"
