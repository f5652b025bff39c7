"""Logarithms of exponentials less one, sums of a few exponentials, and x log(y) with its limit at 0."""

import numpy as np

from symgrad.runtime.special.pieces import _pieces
from symgrad.runtime.special.removable import _exprel_raw

_LOG_2_HIGH = 0.6931471803691238
_LOG_2_LOW = 1.9082149292705877e-10


def _log1mexp(x):
    """log(1 - exp(-x)) for x >= 0."""
    return _pieces(x, (0.6875,), (lambda u: np.log(-np.expm1(-u)), lambda u: np.log1p(-np.exp(-u))))


def _log_cloglog(x):
    """log(1 - exp(-exp(x))): with u = exp(x), x + log((1 - exp(-u))/u) where u may underflow."""
    return _pieces(x, (0.0,), (lambda u: u + np.log(_exprel_raw(-np.exp(u))), lambda u: _log1mexp(np.exp(u))))


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


def _exp_sum(terms):
    """c1 exp(a1) + c2 exp(a2) + …: exponent and coefficient of the largest term, and the sum of the others over that exponential."""
    coefficients, exponents = terms[0::2], terms[1::2]
    sizes = [a + np.log(c) for c, a in zip(coefficients, exponents, strict=True)]
    place, largest, top, scale = 0, sizes[0], exponents[0], coefficients[0]
    for k, size in enumerate(sizes):
        larger = size > largest
        place, largest = np.where(larger, k, place), np.where(larger, size, largest)
        top, scale = np.where(larger, exponents[k], top), np.where(larger, coefficients[k], scale)
    base = np.where(np.isfinite(top), top, 0.0)
    gaps = [np.where(place == k, 0.0, a - base) for k, a in enumerate(exponents)]
    rest = sum(np.where(place == k, 0.0, coefficients[k]*np.exp(gap)) for k, gap in enumerate(gaps))
    return top, scale, rest


def _log_exp_sum(*terms):
    """log(c1 exp(a1) + c2 exp(a2) + …) for c > 0, the largest term taken out."""
    top, scale, rest = _exp_sum(terms)
    total = scale + rest
    near = (total > 0.5) & (total < 2)
    log = np.where(near, np.log1p(np.where(near, (scale - 1) + rest, 0.0)), np.log(total))
    return (top + log).astype(np.result_type(*terms))[()]


def _reciprocal_exp_sum(*terms):
    """1/(c1 exp(a1) + c2 exp(a2) + …) for c > 0; in two factors where the exponential alone may be no normal number."""
    top, scale, rest = _exp_sum(terms)
    total, half = scale + rest, np.exp(-0.5*top)
    return np.where(np.abs(top) > 700, half*(half/total), np.exp(-top)/total).astype(np.result_type(*terms))[()]
