"""Modified Bessel functions without their exponential part, and the logarithm of one, next to 0, too, where that of order 0 is 1."""

import numpy as np

from symgrad.runtime.special.pieces import _doubles

_BESSEL_NEAR = 2.0
_BESSEL_TERMS = 14


def _by_order(any_order, of_low_order, end, order, x):
    """Functions for orders 0 and 1 alone, which have twice the digits beyond an end, and one for any order elsewhere."""
    far = np.abs(x) > end
    if order not in (0, 1) or not np.any(far):
        return any_order(order, x)
    found = of_low_order[order](x)
    return found if np.all(far) else np.where(far, found, any_order(order, x))


def _ive(special, order, x):
    """I_n(x) exp(-|x|)."""
    return _by_order(special.ive, (special.i0e, special.i1e), 8.0, order, x)


def _kve(special, order, x):
    """K_n(x) exp(x)."""
    return _by_order(special.kve, (special.k0e, special.k1e), 1.0, order, x)


def _log_besseli_at(order, scaled, a, t):
    found = np.log(np.abs(scaled)) + (np.abs(a) - t)
    near = np.abs(a) < _BESSEL_NEAR
    if order != 0 or not np.any(near):
        return found
    quarter, total = np.where(near, 0.25*a*a, 0.0), 0.0
    for k in range(_BESSEL_TERMS, 0, -1):  # I_0(a) - 1 = q (1 + q/4 (1 + q/9 (1 + ...))), q = a^2/4 (DLMF 10.25.2)
        total = quarter/(k*k)*(1 + total)
    return np.where(near, np.log1p(total) - t, found)


def _log_besseli(scaled, a, t, order):
    """log|I_n(a)| - t from I_n(a) exp(-|a|)."""
    return _doubles(_log_besseli_at, (float(order),), (scaled, a, t))


def _cosine_less_at(w, a, t):
    half = np.where(w < 0, np.cos(0.5*a), np.sin(0.5*a))
    return (np.abs(w) - t) - 2*np.abs(w)*half*half


def _cosine_less(w, a, t):
    """w cos(a) - t, where t is mostly |w|: -2 w sin(a/2)^2 then, and 2 w cos(a/2)^2 for w < 0."""
    return _doubles(_cosine_less_at, (), (w, a, t))
