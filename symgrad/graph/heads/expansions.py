"""Heads of expansions around a point or at infinity, and of what stays outside of where they hold."""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head


class Outside(Head):
    """Outside(c, low, high, turned, x) = x, but c + high, or 1/(c + high), where low <= v <= high; low where high is 0.

    v is x - c, or 1/x - c where `turned` is 1.
    """

    nargs = 5
    exact = staticmethod(lambda c, low, high, turned, x: _edge(c, low, high, turned) if _holds(low, high, turned, x, _distance(c, turned, x)) else x)

    def slope(self, *_: sp.Expr) -> tuple[sp.Expr, ...]:
        return (sp.S.Zero,) * 4 + (sp.S.One,)


class Expansion(Head):
    """Expansion(c, low, high, turned, m, step, x, y, ..., p1, p0) = v^m (p0 + p1 v^step + ...) where low <= v <= high, else y."""

    nargs = None
    exact = staticmethod(lambda c, low, high, turned, power, step, x, y, *coefficients:
                         _near(v, power, step, coefficients) if _holds(low, high, turned, x, v := _distance(c, turned, x)) else y)


def _distance(c, turned, x):
    return (x if not turned else 1 / x if x else mp.inf) - c


def _holds(low, high, turned, x, v) -> bool:
    return bool(low <= v <= high and (not turned or ((low < 0 or x > 0) and (high > 0 or x < 0))))


def _edge(c, low, high, turned):
    end = c + (high if high > 0 else low)
    return 1 / end if turned else end


def _near(v, power, step, coefficients):
    return v**power * mp.polyval(list(coefficients), v ** int(step))
