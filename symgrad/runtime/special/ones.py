"""What vanishes at 1, or has a removable singularity there: by x - 1, which is exact close to 1, or by log(x)."""

import numpy as np

from symgrad.runtime.special.pieces import _pieces
from symgrad.runtime.special.removable import _above, _bennett, _expm1_minus_x, _log1prel, _log1prel_curve, _log1prel_slope, _over


def _log_secant_far(x):
    return _over(np.log(x), x - 1, 1.0, 0.0)


def _log_secant_slope_far(x):
    return np.where(x == 0, -np.inf, _over(1/x - _log_secant_far(x), x - 1, -0.5, 0.0))


def _log_secant_curve_far(x):
    return np.where(x < 1e-100, 1/x/x, _over(-1/x/x - 2*_log_secant_slope_far(x), x - 1, 2/3, 0.0))


def _log_secant(x):
    """log(x)/(x - 1)."""
    return _pieces(x, (0.5, 2.0), (_log_secant_far, lambda u: _log1prel(u - 1), _log_secant_far))


def _log_secant_slope(x):
    return _pieces(x, (0.5, 2.0), (_log_secant_slope_far, lambda u: _log1prel_slope(u - 1), _log_secant_slope_far))


def _log_secant_curve(x):
    return _pieces(x, (0.5, 2.0), (_log_secant_curve_far, lambda u: _log1prel_curve(u - 1), _log_secant_curve_far))


def _log_mean_far(x):
    return np.where(np.isinf(x), np.inf, (x - 1)/np.log(x))


def _log_mean_slope_far(x):
    return np.where(np.isinf(x), 0.0, np.where(x == 0, np.inf, (1 - _log_mean_far(x)/x)/np.log(x)))


def _log_mean_curve_far(x):
    """(M/x - 2 M')/(x log(x)), which is -(1 + 2/log(x))/(x log(x))^2 far left."""
    log = np.log(x)
    left = -(1 + 2/log)/log/x/log/x
    return np.where(np.isinf(x), 0.0, np.where(x < 1e-100, left, (_log_mean_far(x)/x - 2*_log_mean_slope_far(x))/(x*log)))


def _log_mean_slope_near(x):
    return -_log1prel_slope(x - 1)/_log1prel(x - 1)**2


def _log_mean_curve_near(x):
    ratio, slope = _log1prel(x - 1), _log1prel_slope(x - 1)
    return (2*slope*slope - ratio*_log1prel_curve(x - 1))/ratio**3


def _log_mean(x):
    """(x - 1)/log(x)."""
    return _pieces(x, (0.5, 2.0), (_log_mean_far, lambda u: 1/_log1prel(u - 1), _log_mean_far))


def _log_mean_slope(x):
    return _pieces(x, (0.5, 2.0), (_log_mean_slope_far, _log_mean_slope_near, _log_mean_slope_far))


def _log_mean_curve(x):
    return _pieces(x, (0.5, 2.0), (_log_mean_curve_far, _log_mean_curve_near, _log_mean_curve_far))


def _power_less_one_raw(x, p):
    """x^p - 1: small whole powers by their factors, others by way of p log(x) where that is small."""
    if p in (3, 4, 5, 6):
        whole, even = np.ones_like(x), p % 2 == 0
        for _ in range((p - 2)//2 if even else p - 1):
            whole = 1 + (x*x if even else x)*whole
        return (x - 1)*(x + 1)*whole if even else np.where(x < 0, np.power(x, p) - 1, (x - 1)*whole)
    exponent = p*np.log(np.abs(x) if p % 2 == 0 else x)
    near = np.abs(exponent) < 0.5
    return np.where(near, np.expm1(np.where(near, exponent, 0.0)), np.power(x, p) - 1)


def _power_less_one(x, p):
    return _pieces(x, (), (lambda u: _power_less_one_raw(u, p),))


def _biweight_raw(x, p):
    """1 - (1 - x^2)^p: by way of p log(1 - x^2) where x^2 is small."""
    square = x*x
    near = square < 0.5
    return np.where(near, -np.expm1(p*np.log1p(-np.where(near, square, 0.0))), 1 - np.power((1 - x)*(1 + x), p))


def _biweight(x, p):
    return _pieces(x, (), (lambda u: _biweight_raw(u, p),))


def _squares_gap_raw(x, p, b):
    """((b^2 - x^2)/b^2)^p - 1: by way of p log(1 - x^2/b^2) where that is small."""
    square = x/b*(x/b)
    near = square < 0.5
    return np.where(near, np.expm1(p*np.log1p(-np.where(near, square, 0.0))), np.power((b - x)*(b + x)/(b*b), p) - 1)


def _squares_gap(x, p, b):
    return _pieces(x, (), (lambda u: _squares_gap_raw(u, p, b),))


def _power_gap_raw(x, p):
    """x^p - 1 - p log(x)."""
    exponent = p*np.log(x)
    near = np.abs(exponent) < 1.5
    return np.where(near, _expm1_minus_x(np.where(near, exponent, 0.0)), _above(np.power(x, p) - 1, exponent))


def _power_gap(x, p):
    return _pieces(x, (), (lambda u: _power_gap_raw(u, p),))


def _divergence(x):
    """x log(x) - x + 1, 1 at 0."""
    return _pieces(x, (0.4, 2.5), (lambda u: np.where(u == 0, 1.0, u*np.log(u) - u + 1), lambda u: _bennett(u - 1),
                                   lambda u: u*(np.log(u) - 1) + 1))
