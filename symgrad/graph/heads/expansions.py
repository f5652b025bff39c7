"""Heads of expansions around a point or at infinity, and of what stays outside of where they hold."""

from __future__ import annotations

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head

EXPANSIONS = ("expansion", "scaled_expansion", "group_expansion", "range_expansion")
"""Their names in the table of functions."""


class Outside(Head):
    """Outside(turned, intervals, x) = x, or an end of the intervals (low, high) where v lies in one; v is x, or 1/x where `turned` is 1."""

    nargs = 3
    exact = staticmethod(lambda turned, intervals, x: _edge(turned, intervals) if _place(turned, intervals, x) is not None else x)


class Expansion(Head):
    """Expansion(turned, pieces, x, y): on the interval of a piece (low, high, c, r, m, step, ..., p1, p0) it is u^m (p0 + p1 u^step + ...).

    There u = v - c - r, where r is what a double lacks of the centre, by its size where the step is 1/2.  Elsewhere it is y.
    """

    nargs = 4
    exact = staticmethod(lambda turned, pieces, x, y: y if (k := _place(turned, pieces, x)) is None else _near(_turned(turned, x), *pieces[k][2:]))


class ScaledExpansion(Head):
    """ScaledExpansion(turned, pieces, decay, x, y): as Expansion, with exp((c + c') (side (t - s - s'))^k) times the piece.

    decay is (c, c', k, s, s', side, inverse) with c' and s' what doubles lack of c and s; t is x, or 1/x where `inverse` is 1.
    """

    nargs = 5
    exact = staticmethod(lambda turned, pieces, decay, x, y: _scaled(turned, pieces, x, y, lambda: _exponential(x, *decay)))


class RangeExpansion(Head):
    """RangeExpansion(turned, pieces, decay, x, y) = y; where that is infinite or next to nothing in doubles, as ScaledExpansion."""

    nargs = 5
    exact = staticmethod(lambda turned, pieces, decay, x, y: y)


class GroupExpansion(Head):
    """GroupExpansion(turned, pieces, x, y, m): with m times the piece; code in doubles gives y where that is not finite."""

    nargs = 5
    exact = staticmethod(lambda turned, pieces, x, y, m: _scaled(turned, pieces, x, y, lambda: m))


def _scaled(turned, pieces, x, y, scale):
    return y if _place(turned, pieces, x) is None else scale() * Expansion.exact(turned, pieces, x, y)


def _exponential(x, rate, less, power, shift, gone, side, inverse):
    t = 1 / x if inverse else x
    return mp.exp((rate + less) * (side * (t - shift - gone)) ** power)


def _turned(turned, x):
    return x if not turned else 1 / x if x else mp.inf


def _place(turned, intervals, x) -> int | None:
    v = _turned(turned, x)
    found = [k for k, (low, high, *_) in enumerate(intervals) if low <= v <= high]
    return next((k for k in found if not turned or ((intervals[k][0] < 0 or x > 0) and (intervals[k][1] > 0 or x < 0))), None)


def _edge(turned, intervals):
    end = max(high for _, high, *_ in intervals)
    end = end if end > 0 else min(low for low, *_ in intervals)
    return 1 / end if turned else end


def _near(v, centre, rest, power, step, *coefficients):
    u = abs(v - centre - rest) if step < 1 else v - centre - rest
    return u**power * mp.polyval(list(coefficients), mp.sqrt(u) if step < 1 else u ** int(step))


EXAMPLE = sp.Tuple(sp.Tuple(sp.Rational(-1, 2), sp.Rational(1, 2), sp.S.Zero, sp.S.Zero, sp.S.One, sp.Integer(2), sp.S.Half, sp.S.One))
"""A piece that is v + v^3/2 near 0."""
DECAY = sp.Tuple(-sp.S.Half, sp.S.Zero, sp.Integer(2), sp.S.Zero, sp.S.Zero, sp.S.One, sp.S.Zero)
"""exp(-v^2/2)."""
