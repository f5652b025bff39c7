"""The signs of the gamma function and of powers, and the logarithm of the gamma function, also between and next to the zeros 1 and 2, where
SciPy's is off by many units in the last place."""

import numpy as np

from symgrad.runtime.special.coefficients import _LOGGAMMA_AT_ONE, _LOGGAMMA_AT_TWO, _LOGGAMMA_BELOW, _LOGGAMMA_BETWEEN
from symgrad.runtime.special.pieces import _doubles, _ratio

_LOGGAMMA_PIECES = (
    (0.625, 0.125, _LOGGAMMA_BELOW, False), (1.0, 0.25, _LOGGAMMA_AT_ONE, True),
    (1.5, 0.25, _LOGGAMMA_BETWEEN, False), (2.0, 0.25, _LOGGAMMA_AT_TWO, True))
"""Middle, half the width, a fit, and whether it is multiplied by the distance from the middle."""


def _near_zeros(y, x):
    first, last = (end(middle + side*width for middle, width, *_ in _LOGGAMMA_PIECES) for end, side in ((min, -1), (max, 1)))
    near = np.flatnonzero((x >= first) & (x <= last) & (x != np.rint(x)))  # SciPy has 1 and 2, frequent as counts, exactly
    if not near.size:
        return y
    y = np.array(y)
    flat, part = y.reshape(-1), np.reshape(x, -1)[near]
    for middle, width, fit, vanishes in _LOGGAMMA_PIECES:
        here = np.abs(part - middle) <= width
        gap = part[here] - middle
        flat[near[here]] = gap*_ratio(gap, fit) if vanishes else _ratio(gap, fit)
    return y


def _off_zeros(y, x):
    """log|Gamma(x)| from y, which is that but next to the zeros."""
    return _doubles(_near_zeros, (), (y, x))


def _signs_of_gamma(x):
    if np.all(x >= 0):
        return np.ones_like(x)
    whole = np.floor(x)
    return np.where(x >= 0, 1.0, np.where(whole == x, np.nan, 1.0 - 2.0*(whole - 2.0*np.floor(0.5*whole))))


def _gamma_sign(x):
    """The sign of Gamma(x), nan at the poles below 0."""
    return _doubles(_signs_of_gamma, (), (x,))


def _signs_of_power(u, p):
    return np.ones(np.broadcast_shapes(np.shape(u), np.shape(p))) if np.all(u > 0) else np.where(u > 0, 1.0, np.power(np.sign(u), p))


def _power_sign(u, p):
    """sign(u)^p."""
    return _doubles(_signs_of_power, (), (u, p))


def _where_positive(y, x):
    """log(Gamma(x)) from log|Gamma(x)|: nan where Gamma(x) is not above 0."""
    return y if np.all(np.asarray(x) >= 0) else np.where(_gamma_sign(x) > 0, y, np.nan)[()]
