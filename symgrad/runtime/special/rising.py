"""Differences of the logarithms of gamma functions, and of their derivatives, whose arguments are close beside their size.

Stirling's series of both are subtracted term by term: with b = a + d, 1/b - 1/a is -d/(a b), and so all other terms have that factor.
The coefficients are B_2n/(2n (2n - 1)), B_2n/(2n) and B_2n (DLMF 5.11.1, 5.11.2, 5.15.8).
"""

import numpy as np

from symgrad.runtime.special.pieces import _doubles
from symgrad.runtime.special.removable import _x_minus_log1p

_STIRLING = 10.0  # Stirling's series has all digits from here on
_STEPS = 9
_RISING = ((1, 1/12), (3, -1/360), (5, 1/1260), (7, -1/1680), (9, 1/1188), (11, -691/360360), (13, 1/156))
_DIGAMMA = ((2, 1/12), (4, -1/120), (6, 1/252), (8, -1/240), (10, 1/132), (12, -691/32760), (14, 1/12))
_TRIGAMMA = ((3, 1/6), (5, -1/30), (7, 1/42), (9, -1/30), (11, 5/66), (13, -691/2730), (15, 7/6), (17, -3617/510))


def _series_gap(a, b, series):
    """sum c (b^-n - a^-n) over (1/b - 1/a)."""
    x, y = 1/a, 1/b
    total, power, mixed = np.zeros_like(x), np.ones_like(x), np.ones_like(x)  # mixed: the sum of x^i y^(n - 1 - i)
    terms, n = dict(series), 1
    while n <= max(terms):
        if n in terms:
            total = total + terms[n]*mixed
        power = power*x
        mixed = mixed*y + power
        n += 1
    return total


def _rising_near(a, b, d):
    gap = -d/a/b
    return (d*np.log(b) - a*_x_minus_log1p(d/a) - 0.5*np.log1p(d/a)) + gap*_series_gap(a, b, _RISING)


def _digamma_near(a, b, d):
    gap = -d/a/b
    return np.log1p(d/a) - gap*(0.5 + _series_gap(a, b, _DIGAMMA))


def _trigamma_near(a, b, d):
    gap = -d/a/b
    return gap*(1 + 0.5*(1/a + 1/b) + _series_gap(a, b, _TRIGAMMA))


def _by_stirling(near, step, lowest, end, far, a, d):
    """near where both arguments are large, or `lowest` and close, from where they are large in steps of 1; else far.

    At infinity it is `end`, with the sign of d.
    """
    least = np.minimum(a, a + d)
    low = (least >= lowest) & (least < _STIRLING) & (np.abs(d) < a)
    here = ((least >= _STIRLING) & np.isfinite(a + d)) | low
    start, gap = np.where(here, np.where(low, a + _STEPS, a), _STIRLING), np.where(here, d, 0.0)
    found = np.where(here, near(start, start + gap, gap), far)
    for k in range(_STEPS if np.any(low) else 0):
        at = np.where(low, a + k, 1.0)
        found = found - np.where(low, step(at, at + gap, gap), 0.0)
    return np.where((a == np.inf) & np.isfinite(d), np.where(d == 0, 0.0, np.copysign(end, d)), found)


def _log_rising(far, a, d):
    """log(Gamma(a + d)/Gamma(a)) from far, which is that but for what cancels."""
    return _doubles(lambda *given: _by_stirling(_rising_near, lambda a, b, d: np.log1p(d/a), 2.5, np.inf, *given), (), (far, a, d))


def _digamma_gap(far, a, d):
    """psi(a + d) - psi(a)."""
    return _doubles(lambda *given: _by_stirling(_digamma_near, lambda a, b, d: -d/a/b, 1.0, 0.0, *given), (), (far, a, d))


def _trigamma_gap(far, a, d):
    """psi'(a + d) - psi'(a)."""
    return _doubles(lambda *given: _by_stirling(_trigamma_near, lambda a, b, d: d/a/b*(1/a + 1/b), 1.0, 0.0, *given), (), (far, a, d))
