"""erf, erfc, log erfc and the ratios that their derivatives are made of."""

import numpy as np

from symgrad.runtime.special.coefficients import _ERF_NEAR, _HAZARD_CURVE_FAR, _HAZARD_CURVE_LARGE
from symgrad.runtime.special.erfcx import _TWO_BY_ROOT_PI, _erfcx_curve, _erfcx_raw, _erfcx_slope
from symgrad.runtime.special.gauss import _gauss_raw
from symgrad.runtime.special.pieces import _one_less, _pieces, _ratio, _square

_EXP_MINUS_40 = 4.248354255291589e-18


def _erf_near(x):
    """erf for |x| <= 1."""
    return x + x*_ratio(x*x, _ERF_NEAR)


def _erfc_tail(x):
    """erfc for x >= 1/2; where the power is no normal number, it is taken larger by exp(40), exactly."""
    return _pieces(x, (26.0,), (lambda u: _gauss_raw(u, -1.0)*_erfcx_raw(u), _erfc_end))


def _erfc_end(x):
    u = np.minimum(x, 30.0)
    square, lost = _square(u)
    return np.exp(40.0 - square)*((1 - lost)*_erfcx_raw(u)*_EXP_MINUS_40)


def _erf(x):
    return _pieces(x, (-1.0, 1.0), (lambda u: _erfc_tail(-u) - 1, _erf_near, lambda u: 1 - _erfc_tail(u)))


def _erfc(x):
    return _pieces(x, (-1.0, 0.5), (lambda u: 2 - _erfc_tail(-u), lambda u: 1 - _erf_near(u), _erfc_tail))


def _log_erfc(x):
    return _pieces(x, (0.5,), (lambda u: np.log1p(-_erf(u)), lambda u: np.log(_erfcx_raw(u)) - u*u))


def _erfc_hazard(x):
    """2/sqrt(pi) exp(-x^2)/erfc(x)."""
    return _pieces(x, (0.0,), (lambda u: _TWO_BY_ROOT_PI*_gauss_raw(u, -1.0)/_erfc(u), lambda u: _TWO_BY_ROOT_PI/_erfcx_raw(u)))


def _erfc_excess(x):
    """The hazard less 2x, which is -erfcx'/erfcx and for large x 1/x."""
    return _pieces(x, (0.0, 1e9), (lambda u: _erfc_hazard(u) - 2*u, lambda u: -_erfcx_slope(u)/_erfcx_raw(u), lambda u: 1/u))


def _erfc_hazard_slope(x):
    return _pieces(x, (1e9,), (lambda u: _erfc_hazard(u)*_erfc_excess(np.maximum(u, -1e4)), lambda u: 2 - 1/u/u))


def _erfc_excess_slope(x):
    """The hazard's slope less 2; for x > 0, where that cancels, from the logarithmic derivatives of erfcx."""
    return _pieces(x, (0.0, 1e9), (
        lambda u: _erfc_hazard_slope(u) - 2, lambda u: _erfc_excess(u)**2 - _erfcx_curve(u)/_erfcx_raw(u), lambda u: -1/u/u))


def _erfc_hazard_curve(x):
    """The hazard's second derivative h (e^2 + e') with the excess e; beyond 2 its asymptotic form 2/x^3."""
    return _pieces(x, (2.0, 8.0), (
        lambda u: _erfc_hazard(u)*(_erfc_excess(u)**2 + _erfc_excess_slope(u)),
        lambda u: 2*_one_less(u, _HAZARD_CURVE_LARGE)/u/u/u,
        lambda u: 2*_one_less(u, _HAZARD_CURVE_FAR)/u/u/u))
