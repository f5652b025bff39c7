"""Expansions around a point or at infinity, where the formula itself would cancel, and the numbers outside of where they hold."""

import numpy as np

from symgrad.runtime.special.pieces import _doubles


# ---------------------------------------------------------------------- numbers

def _outside_number(centre, low, high, turned, x):
    """x, or the end of the interval where x - centre, or 1/x, lies in it."""
    v = x - centre if not turned else 1/x if x else np.inf
    if not low <= v <= high:
        return x
    end = high if high > 0 else low
    return 1/end if turned else centre + end


def _expansion_number(centre, low, high, turned, power, step, x, y, first, *coefficients):
    """v^power (… + p1 v^step + p0) where v = x - centre, or 1/x, lies in the interval, else y."""
    v = x - centre if not turned else 1/x if x else np.inf
    if not low <= v <= high:
        return y
    u = v if step == 1 else v*v
    for coefficient in coefficients:
        first = first*u + coefficient
    return first*v**int(power)


# ---------------------------------------------------------------------- arrays

def _distances(centre, low, high, turned, x):
    """x - centre, or 1/x, and where it lies in the interval."""
    if turned:
        v = np.divide(1, x, where=x != 0, out=np.full(np.shape(x), np.inf))
    else:
        v = np.asarray(x - centre)
    return v, (low <= v) & (v <= high)


def _outsides(centre, low, high, turned, x):
    end = high if high > 0 else low
    return np.where(_distances(centre, low, high, turned, x)[1], 1/end if turned else centre + end, x)


def _expansions(centre, low, high, turned, power, step, x, y, first, *coefficients):
    v, inside = _distances(centre, low, high, turned, x)
    out = np.array(np.broadcast_to(y, v.shape))
    v = v[inside]
    u, total = v if step == 1 else v*v, np.full_like(v, first)
    for coefficient in coefficients:
        total *= u
        total += coefficient
    out[inside] = total*v**int(power) if power else total
    return out


def _outside(centre, low, high, turned, x):
    return _doubles(_outsides, (centre, low, high, turned), (x,))


def _expansion(centre, low, high, turned, power, step, *factors):
    return _doubles(_expansions, (centre, low, high, turned, power, step), factors)
