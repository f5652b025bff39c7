"""Integrals of exponentials without their exponential part, and Lambert's function of a product with an exponential."""

import numpy as np

from symgrad.runtime.special.pieces import _doubles

_EI_FAR = 50.0
_EI_TERMS = 40
_EXPINT_NEAR = 0.4
_EXPINT_FRACTIONS = 110  # so many over x: what is left out of N is about exp(-4 sqrt(N x))
_DAWSON_NEAR = 0.5
_DAWSON_FAR = 10.0
_DAWSON_TERMS = 14
_LAMBERT_FAR = 700.0
_LAMBERT_NEAR = 1e-20  # W(z) is z to the last digit


def _ei_at(plain, x):
    """By SciPy's, and far out by 1/x (1 + 1/x (1 + 2/x (1 + ...))) (DLMF 6.12.2)."""
    far = (x > _EI_FAR) & (x < np.inf)
    found = np.where(far, 0.0, plain*np.exp(np.where(far, 0.0, -x)))
    given, series = np.where(far, x, _EI_FAR), 0.0
    for k in range(_EI_TERMS, 0, -1):
        series = k/given*(1 + series)
    return np.where(x == np.inf, 0.0, np.where(far, (1 + series)/given, found))


def _scaled_ei(plain, x):
    """exp(-x) Ei(x)."""
    return _doubles(_ei_at, (), (plain, x))


def _expint_at(order, plain, x):
    """By SciPy's next to 0, then by a continued fraction, backwards: 1/(x + n/(1 + 1/(x + (n + 1)/(1 + 2/(x + ...))))) (DLMF 8.19.17)."""
    far = x > _EXPINT_NEAR
    found = np.where(far, 0.0, plain*np.exp(np.where(far, 0.0, x)))
    if not np.any(far):
        return found
    given = np.where(far, x, 1.0)
    below = given
    for k in range(int(_EXPINT_FRACTIONS/np.min(x[far])) + 10, 0, -1):
        below = given + (order + k - 1)/(1 + k/below)
    return np.where(far, 1/below, found)


def _scaled_expint(plain, x, order):
    """exp(x) E_n(x)."""
    return _doubles(_expint_at, (float(order),), (plain, x))


def _dawson_at(plain, x):
    """x (1 - 2 x^2/3 (1 - 2 x^2/5 (1 - ...))) next to 0, and far out 1/(2 x) (1 + 1/(2 x^2) (1 + 3/(2 x^2) (1 + ...))) (DLMF 7.6.3, 7.12.1):
    SciPy's loses digits there."""
    size, square = np.abs(x), 2*x*x
    near, far = size < _DAWSON_NEAR, size > _DAWSON_FAR
    if not np.any(near | far):
        return plain
    small, large, series, beyond = np.where(near, square, 0.0), np.where(far, square, np.inf), 0.0, 0.0
    for k in range(2*_DAWSON_TERMS + 1, 1, -2):
        series, beyond = -small/k*(1 + series), (k - 2)/large*(1 + beyond)
    return np.where(near, x + x*series, np.where(far, (0.5 + 0.5*beyond)/np.where(far, x, 1.0), plain))


def _dawson(plain, x):
    """exp(-x^2) times the integral of exp(t^2) from 0 to x."""
    return _doubles(_dawson_at, (), (plain, x))


def _lambert_at(plain, omega, w, u):
    half = np.exp(0.5*u)
    inside = w*half*half
    is_apart = (u > _LAMBERT_FAR) | (np.abs(inside) > np.exp(_LAMBERT_FAR))
    found = np.where((w > 0) & is_apart, omega, plain)
    return np.where(np.abs(inside) < _LAMBERT_NEAR, inside, found)


def _lambert_exp(plain, omega, w, u):
    """W(w exp(u)), by Wright's function of log(w) + u where exp(u) or the product is too large and w is above 0."""
    return _doubles(_lambert_at, (), (plain, omega, w, u))
