"""Inverse functions near the ends of their domain, and logarithms of what they and hyperbolic functions give."""

import numpy as np

from symgrad.runtime.special.coefficients import _LOG_SINH_RATIO
from symgrad.runtime.special.normal import _ROOT_HALF
from symgrad.runtime.special.pieces import _pieces, _ratio


def _acosh1p(x):
    """acosh(1 + x) = log(1 + x + sqrt(x (x + 2))) for x >= 0."""
    return _pieces(x, (1e15,), (lambda u: np.log1p(u + np.sqrt(u)*np.sqrt(u + 2)), lambda u: np.arccosh(1 + u)))


def _inverse_versine(x):
    """acos(1 - x) = 2 asin(sqrt(x/2)) for 0 <= x <= 2."""
    return _pieces(x, (0.5,), (lambda u: 2*np.arcsin(_ROOT_HALF*np.sqrt(u)), lambda u: np.arccos(1 - u)))


def _log_cauchy_cdf(x):
    return _pieces(x, (0.0,), (lambda u: np.log(np.arctan2(1, -u)/np.pi), lambda u: np.log1p(-np.arctan2(1, u)/np.pi)))


def _cauchy_hazard(x):
    """1/((1 + x^2) acot(-x)), which is -1/x far left."""
    return _pieces(x, (-1e9,), (lambda u: -1/u, lambda u: 1/((1 + u*u)*np.arctan2(1, -u))))


def _log_tanh(x):
    """log(tanh(x)) for x > 0; beyond 1/4 from tanh(x) = 1 - 2/(exp(2x) + 1)."""
    return _pieces(x, (0.25,), (lambda u: np.log(np.tanh(u)), lambda u: np.log1p(-2*np.exp(-2*u)/(1 + np.exp(-2*u)))))


def _log_sinh_ratio(x):
    """log(sinh(x)/x)."""
    return _pieces(np.abs(x), (2.0,), (
        lambda u: u*u*_ratio(u*u, _LOG_SINH_RATIO), lambda u: np.where(np.isinf(u), np.inf, u - np.log(2*u) + np.log1p(-np.exp(-2*u)))))


def _log_exprel(x):
    """log((exp(x) - 1)/x)."""
    return _pieces(x, (-1.0,), (lambda u: np.where(np.isinf(u), -np.inf, np.log(np.expm1(u)/u)), lambda u: 0.5*u + _log_sinh_ratio(0.5*u)))
