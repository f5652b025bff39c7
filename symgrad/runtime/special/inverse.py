"""Inverses of the normal distribution function and of the error functions.

In the tail the quantile is nearly linear in r = sqrt(-log p), so nothing is lost down to the smallest p.  The slope of the
quantile is 1/(p times the hazard there), which loses nothing either; the reciprocal of the density would lose 1400 units.
"""

import numpy as np

from symgrad.runtime.special.coefficients import _PROBIT_FAR, _PROBIT_MIDDLE, _PROBIT_NEAR
from symgrad.runtime.special.erf import _erfc_hazard
from symgrad.runtime.special.normal import _ROOT_HALF, _inverse_mills
from symgrad.runtime.special.pieces import _pieces, _ratio

_LOG_2 = 0.6931471805599453


def _quantile_near(q):
    """probit(1/2 + q) for |q| <= 0.425."""
    return 2.5*q + q*_ratio(0.180625 - q*q, _PROBIT_NEAR)


def _quantile_far(p, less=0.0):
    """-probit(p exp(-less)) where that probability is below 0.1."""
    r = np.sqrt(less - np.log(np.where(p > 0, p, 1.0)))
    found = r + _pieces(r, (5.0,), (lambda u: _ratio(u - 1.5, _PROBIT_MIDDLE), lambda u: _ratio(u - 5, _PROBIT_FAR)))
    return np.where(p > 0, found, np.where(p == 0, np.inf, np.nan))


def _probit(x):
    return _pieces(x, (0.075, 0.925), (lambda p: -_quantile_far(p), lambda p: _quantile_near(p - 0.5), lambda p: _quantile_far(1 - p)))


def _erfinv(x):
    return _pieces(x, (-0.85, 0.85), (
        lambda y: -_ROOT_HALF*_quantile_far(1 + y, _LOG_2),
        lambda y: _ROOT_HALF*_quantile_near(0.5*y),
        lambda y: _ROOT_HALF*_quantile_far(1 - y, _LOG_2)))


def _erfcinv(x):
    return _pieces(x, (0.15, 1.85), (
        lambda p: _ROOT_HALF*_quantile_far(p, _LOG_2),
        lambda p: _ROOT_HALF*_quantile_near(0.5*(1 - p)),
        lambda p: -_ROOT_HALF*_quantile_far(2 - p, _LOG_2)))


def _one_over(p, hazard):
    """1/(p hazard), infinite where p is 0."""
    return np.where(p == 0, np.inf, 1/(np.where(p == 0, 1.0, p)*hazard))


def _probit_slope(x):
    return _pieces(x, (), (lambda p: _one_over(np.minimum(p, 1 - p), _inverse_mills(-np.abs(_probit(p)))),))


def _erfinv_slope(x):
    return _pieces(x, (), (lambda y: _one_over(1 - np.abs(y), _erfc_hazard(np.abs(_erfinv(y)))),))


def _erfcinv_slope(x):
    return _pieces(x, (), (lambda p: -_one_over(np.minimum(p, 2 - p), _erfc_hazard(np.abs(_erfcinv(p)))),))
