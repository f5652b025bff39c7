"""Quotients of x and a hyperbolic function, and the mean of a density exp(x t) on 0 to 1: all by way of coth(x) - 1/x."""

import numpy as np

from symgrad.runtime.special.coefficients import _LANGEVIN, _LANGEVIN_SLOPE
from symgrad.runtime.special.exponents import _exp_of_factors
from symgrad.runtime.special.logarithms import _bose_einstein
from symgrad.runtime.special.pieces import _pieces, _ratio
from symgrad.runtime.special.removable import _decay, _exprel_end, _langevin, _langevin_curve, _langevin_slope, _over


def _sinh_ratio(x):
    """sinh(x)/x."""
    return _pieces(np.abs(x), (700.0,), (lambda u: _over(np.sinh(u), u, 1.0, np.inf), lambda u: 0.5*_exprel_end(u)))


def _x_over_sinh(x):
    return _pieces(np.abs(x), (700.0,), (lambda u: _over(u, np.sinh(u), 1.0, 0.0), lambda u: _decay(u, 2*u)))


def _tanh_ratio(x):
    """tanh(x)/x."""
    return _pieces(x, (), (lambda u: _over(np.tanh(u), u, 1.0, 0.0),))


def _x_over_tanh(x):
    return _pieces(x, (), (lambda u: _over(u, np.tanh(u), 1.0, np.inf),))


def _x_times_langevin(x):
    return _pieces(x, (), (lambda u: u*_langevin(u),))


def _x_over_tanh_slope_far(x):
    """coth(x) - x/sinh(x)^2, whose second term is 0 beyond 400."""
    near = np.clip(x, -400.0, 400.0)
    return 1/np.tanh(x) - near/np.sinh(near)**2


def _x_over_tanh_slope(x):
    return _pieces(x, (-2.0, 2.0), (
        _x_over_tanh_slope_far, lambda u: u*(_ratio(u*u, _LANGEVIN) + _ratio(u*u, _LANGEVIN_SLOPE)), _x_over_tanh_slope_far))


def _tilted_mean(x):
    """1/(1 - exp(-x)) - 1/x, which is 1/2 + langevin(x/2)/2."""
    return _pieces(x, (-3.0, 3.0), (
        lambda u: -1/u - 1/np.expm1(-u), lambda u: 0.5 + 0.5*_langevin(0.5*u), lambda u: -1/np.expm1(-u) - 1/u))


# ---------------------------------------------------------------------- k coth(k x) - coth(x)

def _brillouin_far(x, k):
    """With coth(u) = 1 + 2/(exp(2u) - 1), for x > 0."""
    return (k - 1) + 2*(k/np.expm1(2*k*x) - 1/np.expm1(2*x))


def _brillouin(x, k):
    return _pieces(x, (-1.0, 1.0), (lambda u: -_brillouin_far(-u, k), lambda u: k*_langevin(k*u) - _langevin(u), lambda u: _brillouin_far(u, k)))


def _brillouin_slope(x, k):
    return _pieces(np.abs(x), (2.0,), (
        lambda u: k*k*_langevin_slope(k*u) - _langevin_slope(u), lambda u: 1/np.sinh(u)**2 - (k/np.sinh(k*u))**2))


def _brillouin_curve_far(x, k):
    return 2*k**3/np.tanh(k*x)/np.sinh(k*x)**2 - 2/np.tanh(x)/np.sinh(x)**2


def _brillouin_curve(x, k):
    return _pieces(x, (-2.0, 2.0), (
        lambda u: _brillouin_curve_far(u, k), lambda u: k**3*_langevin_curve(k*u) - _langevin_curve(u), lambda u: _brillouin_curve_far(u, k)))


# ---------------------------------------------------------------------- (1 - exp(-x))/(1 - exp(-k x))

def _fixation(x, k):
    return _pieces(x, (0.0,), (
        lambda u: _exp_of_factors(k - 1, 0.0, 1, u)*_fixation(-u, k),
        lambda u: np.where(u < 1e-300, 1/k, np.expm1(-u)/np.expm1(-k*np.maximum(u, 1e-300)))))


def _fixation_rate(x, k):
    """1/(exp(x) - 1) - k/(exp(k x) - 1) for x >= 0."""
    return _pieces(x, (1/k,), (lambda u: k*_tilted_mean(-k*u) - _tilted_mean(-u), lambda u: _bose_einstein(u) - k*_bose_einstein(k*u)))


def _fixation_bend(x, k):
    """The derivative of that, for x >= 0."""
    return _pieces(x, (1/k,), (
        lambda u: 0.25*(_langevin_slope(0.5*u) - k*k*_langevin_slope(0.5*k*u)),
        lambda u: k*k*_bose_einstein(k*u)*(1 + _bose_einstein(k*u)) - _bose_einstein(u)*(1 + _bose_einstein(u))))


def _fixation_slope(x, k):
    return _pieces(x, (0.0,), (
        lambda u: _fixation(u, k)*((k - 1) - _fixation_rate(-u, k)), lambda u: _fixation(u, k)*_fixation_rate(u, k)))


def _fixation_curve(x, k):
    return _pieces(x, (0.0,), (
        lambda u: _fixation(u, k)*(((k - 1) - _fixation_rate(-u, k))**2 + _fixation_bend(-u, k)),
        lambda u: _fixation(u, k)*(_fixation_rate(u, k)**2 + _fixation_bend(u, k))))
