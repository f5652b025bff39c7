"""Expansions around a point or at infinity, where the formula itself would cancel, and the numbers outside of where they hold."""

import numpy as np

from symgrad.runtime.special.pieces import _doubles


def _raised(v, power):
    """v to a power, by a root where that is exact to the digits of the power."""
    for share, root in ((1, None), (2, np.sqrt), (3, np.cbrt)):
        if power*share == int(power*share):
            return (root(v) if root else v)**int(power*share)
    return v**power


# ---------------------------------------------------------------------- numbers

def _distance(centre, turned, x):
    """x - centre, or 1/x - centre."""
    return (x if not turned else 1/x if x else np.inf) - centre


def _edge(centre, low, high, turned):
    """The end of the interval as x."""
    end = centre + (high if high > 0 else low)
    return 1/end if turned else end


def _holds(low, high, turned, x, v):
    """Whether v lies in the interval; 1/x is 0 at both infinities, of which an interval that ends at 0 holds one."""
    inside = (low <= v) & (v <= high)
    return inside & ((low < 0) | (x > 0)) & ((high > 0) | (x < 0)) if turned else inside


def _outside_number(centre, low, high, turned, x):
    """x, or the end of the interval where x - centre, or 1/x - centre, lies in it."""
    return _edge(centre, low, high, turned) if _holds(low, high, turned, x, _distance(centre, turned, x)) else x


def _expansion_number(centre, low, high, turned, power, step, x, y, first, *coefficients):
    """v^power (… + p1 v^step + p0) where v = x - centre, or 1/x - centre, lies in the interval, else y."""
    v = _distance(centre, turned, x)
    if not _holds(low, high, turned, x, v):
        return y
    u = v if step == 1 else v*v
    for coefficient in coefficients:
        first = first*u + coefficient
    return first*_raised(v, power)


# ---------------------------------------------------------------------- arrays

def _distances(centre, low, high, turned, x):
    """x - centre, or 1/x - centre, and where it lies in the interval."""
    v = (np.divide(1, x, where=x != 0, out=np.full(np.shape(x), np.inf)) if turned else np.asarray(x)) - centre
    return v, np.asarray(_holds(low, high, turned, x, v))


def _outsides(centre, low, high, turned, x):
    return np.where(_distances(centre, low, high, turned, x)[1], _edge(centre, low, high, turned), x)


def _expansions(centre, low, high, turned, power, step, x, y, first, *coefficients):
    v, inside = _distances(centre, low, high, turned, x)
    out = np.array(np.broadcast_to(y, inside.shape))
    v = np.asarray(v)[inside]
    u, total = v if step == 1 else v*v, np.full_like(v, first)
    for coefficient in coefficients:
        total *= u
        total += coefficient
    out[inside] = total*_raised(v, power) if power else total
    return out


def _outside(centre, low, high, turned, x):
    return _doubles(_outsides, (centre, low, high, turned), (x,))


def _expansion(centre, low, high, turned, power, step, *factors):
    return _doubles(_expansions, (centre, low, high, turned, power, step), factors)
