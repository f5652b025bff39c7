"""Logarithms of exponentials less one, and x log(y) with its limit at 0."""

import numpy as np

from symgrad.runtime.special.pieces import _pieces

_LOG_2_HIGH = 0.6931471803691238
_LOG_2_LOW = 1.9082149292705877e-10


def _log1mexp(x):
    """log(1 - exp(-x)) for x >= 0."""
    return _pieces(x, (0.6875,), (lambda u: np.log(-np.expm1(-u)), lambda u: np.log1p(-np.exp(-u))))


def _logexpm1(x):
    """log(exp(x) - 1) for x >= 0; near log(2), where it is 0, from exp(x) - 1 = 1 + 2 (exp(x - log 2) - 1)."""
    return _pieces(x, (0.5, 1.0), (
        lambda u: np.log(np.expm1(u)),
        lambda u: np.log1p(2*np.expm1((u - _LOG_2_HIGH) - _LOG_2_LOW)),
        lambda u: u + np.log1p(-np.exp(-u))))


def _bose_einstein(x):
    """1/(exp(x) - 1)."""
    return _pieces(x, (1.0,), (lambda u: 1/np.expm1(u), lambda u: np.exp(-u)/-np.expm1(-u)))


def _xlogx(x):
    """x log(x), 0 at 0."""
    return _pieces(x, (), (lambda u: u*np.log(np.where(u == 0, 1.0, u)),))


def _xlogy(x, y):
    """x log(y), 0 where x is 0 unless y is nan."""
    return np.where((x == 0) & (y == y), 0*x, x*np.log(y)).astype(np.result_type(x, y))[()]
