"""Functions with a removable singularity at 0, and their derivatives: fits near 0, the plain form elsewhere."""

import numpy as np

from symgrad.runtime.special.coefficients import (
    _BENNETT,
    _BERNOULLI_CURVE,
    _BERNOULLI_SLOPE,
    _EXPM1_MINUS_X,
    _EXPREL2_CURVE,
    _EXPREL2_SLOPE,
    _EXPREL_CURVE,
    _EXPREL_SLOPE,
    _LANGEVIN,
    _LANGEVIN_CURVE,
    _LANGEVIN_SLOPE,
    _LOG1PREL_CURVE,
    _LOG1PREL_SLOPE,
    _SINC_CURVE,
    _SINC_SLOPE,
    _X_MINUS_LOG1P,
)
from symgrad.runtime.special.pieces import _lost, _pieces, _ratio


def _over(above, below, at_zero, at_infinity):
    """above/below, with its limits where both are 0 and where below is infinite."""
    safe = np.where((below == 0) | np.isinf(below), 1.0, below)
    return np.where(below == 0, at_zero, np.where(np.isinf(below), at_infinity, above/safe))


# ---------------------------------------------------------------------- sin(x)/x

def _sinc_raw(x):
    return _over(np.sin(x), x, 1.0, 0.0)


def _sinc_slope_far(x):
    """(cos(x) - sin(x)/x)/x with what the inner quotient's rounding lost, which shows beside the zeros of the slope."""
    quotient = _sinc_raw(x)
    small = np.where(np.abs(x) < 1e9, x, 1.0)
    lost = np.where(small == x, _lost(np.sin(x), quotient, small), 0.0)
    return _over((np.cos(x) - quotient) - lost, x, 0.0, 0.0)


def _sinc_curve_far(x):
    return np.where(np.isinf(x), 0.0, -_sinc_raw(x) - 2*_sinc_slope_far(x)/x)


def _sinc(x):
    return _pieces(x, (), (_sinc_raw,))


def _sinc_slope(x):
    return _pieces(x, (-1.5, 1.5), (_sinc_slope_far, lambda u: u*_ratio(u*u, _SINC_SLOPE), _sinc_slope_far))


def _sinc_curve(x):
    return _pieces(x, (-1.5, 1.5), (_sinc_curve_far, lambda u: _ratio(u*u, _SINC_CURVE), _sinc_curve_far))


# ---------------------------------------------------------------------- sin(pi x)/(pi x), whose zeros are whole numbers

def _half_turns(x):
    """x less the nearest whole number, exactly, and 1 or -1 as that is even or odd."""
    whole = np.rint(x)
    return x - whole, 1 - 2*np.abs(np.remainder(whole, 2))


def _sincpi_raw(x):
    rest, sign = _half_turns(x)
    return _over(sign*np.sin(np.pi*rest), np.pi*x, 1.0, 0.0)


def _cospi(x):
    """cos(pi x); beyond a quarter of a turn by the sine of what is left to the zero."""
    rest, sign = _half_turns(x)
    gap = np.abs(rest)
    return sign*np.where(gap < 0.25, np.cos(np.pi*rest), np.sin(np.pi*(0.5 - gap)))


def _sincpi_slope_far(x):
    return _over(_cospi(x) - _sincpi_raw(x), x, 0.0, 0.0)


def _sincpi_curve_far(x):
    return np.where(np.isinf(x), 0.0, -np.pi**2*_sincpi_raw(x) - 2*_sincpi_slope_far(x)/x)


def _sincpi(x):
    return _pieces(x, (), (_sincpi_raw,))


def _sincpi_slope(x):
    return _pieces(x, (-0.45, 0.45), (_sincpi_slope_far, lambda u: np.pi**2*u*_ratio((np.pi*u)**2, _SINC_SLOPE), _sincpi_slope_far))


def _sincpi_curve(x):
    return _pieces(x, (-0.45, 0.45), (_sincpi_curve_far, lambda u: np.pi**2*_ratio((np.pi*u)**2, _SINC_CURVE), _sincpi_curve_far))


# ---------------------------------------------------------------------- (1 - cos(x))/x^2

def _cosc_raw(x):
    half = _sinc_raw(0.5*x)
    return 0.5*half*half


def _cosc(x):
    return _pieces(x, (), (_cosc_raw,))


# ---------------------------------------------------------------------- (exp(x) - 1)/x and x/(exp(x) - 1)

def _exprel_raw(x):
    return _over(np.expm1(x), x, 1.0, np.where(x > 0, np.inf, 0.0))


def _exprel_end(x, power=1):
    """exp(x)/x^power for x > 700, where exp(x) may overflow although this does not."""
    root = np.exp(0.5*x)
    return root*(root/np.minimum(x, 1e4)**power)


def _exprel(x):
    return _pieces(x, (700.0,), (_exprel_raw, _exprel_end))


def _exprel_slope_far(x):
    return np.where(np.isinf(x), 0.0, (np.exp(x) - _exprel_raw(x))/x)


def _exprel_slope(x):
    return _pieces(x, (-2.5, 2.5, 700.0), (
        _exprel_slope_far, lambda u: _ratio(u, _EXPREL_SLOPE), _exprel_slope_far, lambda u: _exprel_end(u)*(1 - 1/u)))


def _exprel_curve_far(x):
    return np.where(np.isinf(x), 0.0, (np.exp(x) - 2*_exprel_slope_far(x))/x)


def _exprel_curve(x):
    return _pieces(x, (-2.5, 2.5, 700.0), (
        _exprel_curve_far, lambda u: _ratio(u, _EXPREL_CURVE), _exprel_curve_far, lambda u: _exprel_end(u)*(1 - (2 - 2/u)/u)))


def _exprel2_far(x):
    return np.where(np.isinf(x), 0.0, (np.expm1(x) - x)/x/x)


def _exprel2(x):
    """(exp(x) - 1 - x)/x^2."""
    return _pieces(x, (-1.5, 1.5, 700.0), (
        _exprel2_far, lambda u: _ratio(u, _EXPM1_MINUS_X), _exprel2_far, lambda u: _exprel_end(u, 2)))


def _exprel2_slope(x):
    return _pieces(x, (-2.5, 2.5, 700.0), (
        lambda u: _exprel_slope_far(u) - _exprel_curve_far(u), lambda u: _ratio(u, _EXPREL2_SLOPE),
        lambda u: ((u - 2)*np.exp(u) + (u + 2))/u**3, lambda u: _exprel_end(u, 2)*(1 - 2/u)))


def _exprel2_curve_far(x):
    return np.where(np.isinf(x), 0.0, (_exprel_slope(x) - 3*_exprel2_slope(x))/x)


def _exprel2_curve(x):
    return _pieces(x, (-2.5, 2.5, 700.0), (
        _exprel2_curve_far, lambda u: _ratio(u, _EXPREL2_CURVE), _exprel2_curve_far,
        lambda u: _exprel_end(u, 2)*(1 - (4 - 6/u)/u)))


def _decay(x, factor):
    """factor exp(-x) for x > 700, where exp(-x) alone may be no normal number."""
    root = np.exp(-0.5*np.minimum(x, 2000.0))
    return (np.where(np.isinf(factor), 1.0, factor)*root)*root


def _bernoulli_ratio(x):
    return _pieces(x, (700.0,), (lambda u: np.where(u == 0, 1.0, u/np.where(u == 0, 1.0, np.expm1(u))), lambda u: _decay(u, u)))


def _bernoulli_slope(x):
    return _pieces(x, (-2.0, 2.0, 700.0), (
        lambda u: (1 - _bernoulli_ratio(-u))/np.expm1(u),
        lambda u: _ratio(u, _BERNOULLI_SLOPE),
        lambda u: (1 - u - _bernoulli_ratio(u))/np.expm1(u),
        lambda u: _decay(u, 1 - u)))


def _bernoulli_curve(x):
    return _pieces(np.abs(x), (2.0, 700.0), (
        lambda u: _ratio(u*u, _BERNOULLI_CURVE),
        lambda u: (u/np.tanh(0.5*u) - 2)*np.exp(-u)/np.expm1(-u)**2,
        lambda u: _decay(u, u - 2)))


# ---------------------------------------------------------------------- coth(x) - 1/x

def _langevin_far(x):
    return 1/np.tanh(x) - 1/x


def _langevin(x):
    return _pieces(x, (-2.0, 2.0), (_langevin_far, lambda u: u*_ratio(u*u, _LANGEVIN), _langevin_far))


def _langevin_slope(x):
    return _pieces(np.abs(x), (2.0,), (lambda u: _ratio(u*u, _LANGEVIN_SLOPE), lambda u: 1/u/u - 1/np.sinh(u)**2))


def _langevin_curve_far(x):
    return 2/np.tanh(x)/np.sinh(x)**2 - 2/x/x/x


def _langevin_curve(x):
    return _pieces(x, (-2.0, 2.0), (_langevin_curve_far, lambda u: u*_ratio(u*u, _LANGEVIN_CURVE), _langevin_curve_far))


# ---------------------------------------------------------------------- log(1 + x)/x

def _log1prel_raw(x):
    return _over(np.log1p(x), x, 1.0, np.where(x > 0, 0.0, np.nan))


def _log1prel_slope_far(x):
    return _over(1/(1 + x) - _log1prel_raw(x), x, -0.5, np.where(x > 0, 0.0, np.nan))


def _log1prel_curve_far(x):
    return _over(-1/(1 + x)**2 - 2*_log1prel_slope_far(x), x, 2/3, np.where(x > 0, 0.0, np.nan))


def _log1prel(x):
    return _pieces(x, (), (_log1prel_raw,))


def _log1prel_slope(x):
    return _pieces(x, (-0.6, 1.5), (_log1prel_slope_far, lambda u: _ratio(u/(2 + u), _LOG1PREL_SLOPE), _log1prel_slope_far))


def _log1prel_curve(x):
    return _pieces(x, (-0.6, 1.5), (_log1prel_curve_far, lambda u: _ratio(u/(2 + u), _LOG1PREL_CURVE), _log1prel_curve_far))


# ---------------------------------------------------------------------- exp(x) - 1 - x, (1 + x) log(1 + x) - x and x - log(1 + x)

def _expm1_minus_x(x):
    return _pieces(x, (-1.5, 1.5), (lambda u: np.expm1(u) - u, lambda u: u*u*_ratio(u, _EXPM1_MINUS_X), lambda u: _above(np.expm1(u), u)))


def _above(large, x):
    """large - x where large is infinite before x is."""
    return large - np.where(np.isinf(large), 0.0, x)


def _bennett(x):
    return _pieces(x, (-0.6, 1.5), (
        lambda u: np.where(u == -1, 1.0, (1 + u)*np.log1p(u) - u),
        lambda u: u*u*_ratio(u/(2 + u), _BENNETT),
        lambda u: (1 + u)*(np.log1p(u) - 1) + 1))


def _x_minus_log1p(x):
    return _pieces(x, (-0.6, 1.5), (
        lambda u: u - np.log1p(u), lambda u: u*u*_ratio(u/(2 + u), _X_MINUS_LOG1P), lambda u: _above(u, np.log1p(u))))
