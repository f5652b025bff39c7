"""Expansions around a point or at infinity, where the formula itself would cancel, and the numbers outside of where they hold.

Each piece is an interval of v, which is x or 1/x, a centre c and what a double lacks of it, a power, a step, and coefficients, the
highest power first: (v - c)^power (… + p1 (v - c)^step + p0), of |v - c| where the step is 1/2.
"""

import math

import numpy as np

from symgrad.runtime.special.exponents import _over_rest, _sum_rest, _times_rest
from symgrad.runtime.special.pieces import _doubles

_PLAIN = 700.0  # exponentials of more are the square of another: they may overflow, or lose digits, before the result does
_NEXT_TO_NOTHING = 1e-271  # a factor may have lost digits beside the smallest numbers where a result is less


def _raised(u, power):
    """u to a power, what is left of a whole one by a root where that is exact to the digits of the power."""
    whole = int(power)
    if power == whole:
        return u**whole
    for share, root in ((2, np.sqrt), (3, np.cbrt)):
        if power*share == int(power*share):
            part = root(u)**(int(power*share) - whole*share)
            return u**whole*part if whole else part
    return u**power


def _holds(low, high, turned, x, v):
    """Whether v lies in an interval; 1/x is 0 at both infinities, of which an interval that ends at 0 holds one."""
    inside = (low <= v) & (v <= high)
    return inside & ((low < 0) | (x > 0)) & ((high > 0) | (x < 0)) if turned else inside


def _edge(turned, intervals):
    """An end of the intervals, as x."""
    end = max(high for _, high in intervals)
    end = end if end > 0 else min(low for low, _ in intervals)
    return 1/end if turned else end


def _piece(u, power, step, first, *coefficients):
    u = abs(u) if step < 1 else u
    w = u if step == 1 else u*u if step == 2 else np.sqrt(u)
    for coefficient in coefficients:
        first = first*w + coefficient
    return first*_raised(u, power) if power else first


def _exponent(decay, x):
    """An exponent (c + c') (side (t - s - s'))^k with t = x or 1/x, rounded, and what that loses."""
    rate, less, power, shift, gone, side, inverse = decay
    t, lost = _over_rest(1.0, 0.0, x, 0.0) if inverse else (x, 0.0)
    if shift:
        t, rest = _sum_rest(t, -shift)
        lost = lost + (rest - gone)
    t, lost = side*t, side*lost
    if power == 2:
        t, lost = _times_rest(t, lost, t, lost)
    elif power != 1:
        root = np.sqrt(t)
        back, rest = _times_rest(root, 0.0, root, 0.0)
        t, lost = root, (((t - back) - rest) + lost)/(2*root)
    return _times_rest(rate, less, t, lost)


# ---------------------------------------------------------------------- numbers

def _turned(turned, x):
    return x if not turned else 1/x if x else np.inf


def _outside_number(turned, intervals, x):
    """x, or an end of the intervals where it lies in one."""
    v = _turned(turned, x)
    return _edge(turned, intervals) if any(_holds(low, high, turned, x, v) for low, high in intervals) else x


def _expansion_number(turned, pieces, x, y):
    """The piece in whose interval v lies, else y."""
    v = _turned(turned, x)
    for low, high, centre, rest, *piece in pieces:
        if _holds(low, high, turned, x, v):
            return _piece(v - centre - rest, *piece)
    return y


def _scaled_expansion_number(turned, pieces, decay, x, y):
    """An exponential times the piece in whose interval v lies, else y."""
    found = _expansion_number(turned, pieces, x, math.nan)
    if math.isnan(found):
        return y
    u, lost = _exponent(decay, x)
    found *= 1 + lost if lost - lost == 0 else 1
    if abs(u) < _PLAIN:
        return found*math.exp(u)
    half = math.exp(0.5*u)
    return found*half*half


def _range_expansion_number(turned, pieces, decay, x, y):
    """y where it is neither infinite nor next to nothing."""
    return y if _NEXT_TO_NOTHING < abs(y) < math.inf else _scaled_expansion_number(turned, pieces, decay, x, y)


def _group_expansion_number(turned, pieces, x, y, scale):
    """scale times the piece in whose interval v lies, else y; y where that is not finite, or is and x is the 0 of the other side."""
    found = scale*_expansion_number(turned, pieces, x, math.nan)
    return y if not math.isfinite(found) or (x == 0 and math.isfinite(y) and _is_other_side(pieces, math.copysign(1.0, x))) else found


def _is_other_side(pieces, sign):
    """Whether the intervals end at 0, which of this sign is a number tending to it from the side that they are not on."""
    return (sign < 0) & (min(piece[0] for piece in pieces) == 0) | (sign > 0) & (max(piece[1] for piece in pieces) == 0)


# ---------------------------------------------------------------------- arrays

def _all_turned(turned, x):
    return np.divide(1, x, where=x != 0, out=np.full(np.shape(x), np.inf)) if turned else np.asarray(x)


def _outsides(turned, intervals, x):
    v, out = _all_turned(turned, x), np.array(x)
    for low, high in intervals:
        np.copyto(out, _edge(turned, intervals), where=_holds(low, high, turned, x, v))
    return out


def _expansions(turned, pieces, x, y):
    x, y = np.broadcast_arrays(x, y)
    v, out = _all_turned(turned, x), np.array(y)
    near = np.flatnonzero((min(piece[0] for piece in pieces) <= v) & (v <= max(piece[1] for piece in pieces)))
    if near.size:
        u, given, flat = v.reshape(-1)[near], np.asarray(x).reshape(-1)[near], out.reshape(-1)
        for low, high, centre, rest, *piece in pieces:
            here = _holds(low, high, turned, given, u)
            flat[near[here]] = _piece(u[here] - centre - rest, *piece)
    return out


def _scaled_expansions(turned, pieces, decay, x, y):
    found = _expansions(turned, pieces, x, np.nan)
    x, y = np.broadcast_arrays(x, y, found)[:2]
    here, out = ~np.isnan(found), np.array(y)
    found, (u, lost) = found[here], _exponent(decay, x[here])
    found *= 1 + np.where(np.isfinite(lost), lost, 0.0)
    plain = abs(u) < _PLAIN
    part = np.exp(np.where(plain, u, 0.5*u))
    out[here] = found*part*np.where(plain, 1.0, part)
    return out


def _range_expansions(turned, pieces, decay, x, y):
    out = np.array(y)
    far = np.flatnonzero(~_is_in_range(out))
    part = np.broadcast_to(x, out.shape).reshape(-1)[far]
    out.reshape(-1)[far] = _scaled_expansions(turned, pieces, decay, part, out.reshape(-1)[far])
    return out


def _is_in_range(y):
    size = np.abs(y)
    return (size > _NEXT_TO_NOTHING) & (size < np.inf)


def _group_expansions(turned, pieces, x, y, scale):
    found = scale*_expansions(turned, pieces, x, np.nan)
    is_kept = (x == 0) & np.isfinite(y) & _is_other_side(pieces, np.copysign(1.0, x))
    return np.where(np.isfinite(found) & ~is_kept, found, y)


def _outside(turned, intervals, x):
    return _doubles(_outsides, (turned, intervals), (x,))


def _expansion(turned, pieces, x, y):
    return _doubles(_expansions, (turned, pieces), (x, y))


def _scaled_expansion(turned, pieces, decay, x, y):
    return _doubles(_scaled_expansions, (turned, pieces, decay), (x, y))


def _range_expansion(turned, pieces, decay, x, y, out=None):
    if not _is_in_range(y).all():
        y = _doubles(_range_expansions, (turned, pieces, decay), (x, y))
    if not isinstance(y, np.ndarray):
        return y
    out = np.empty_like(y) if out is None else out
    if out is not y:
        np.copyto(out, y)
    return out


def _group_expansion(turned, pieces, x, y, scale):
    return _doubles(_group_expansions, (turned, pieces), (x, y, scale))
