"""f(x)/x for odd functions f, and the rests of sine and tangent over x^3: fits of slopes near 0, the plain form elsewhere."""

import numpy as np

from symgrad.runtime.special.coefficients import (
    _ASIN_RATIO_SLOPE,
    _ASINH_RATIO_SLOPE,
    _ATAN_RATIO_SLOPE,
    _ATANH_RATIO_SLOPE,
    _ERF_NEAR,
    _ERF_RATIO_SLOPE,
    _LANGEVIN,
    _LANGEVIN_RATIO_SLOPE,
    _SINC_SLOPE,
    _SINE_REST,
    _SINE_REST_SLOPE,
    _SPHERE_FORM_SLOPE,
    _TAN_RATIO_SLOPE,
    _TANGENT_REST,
    _TANGENT_REST_SLOPE,
)
from symgrad.runtime.special.erf import _erf
from symgrad.runtime.special.erfcx import _TWO_BY_ROOT_PI
from symgrad.runtime.special.gauss import _gauss_raw
from symgrad.runtime.special.pieces import _pieces, _ratio
from symgrad.runtime.special.removable import _cosc_raw, _langevin, _langevin_curve, _langevin_slope, _over, _sinc_raw, _sinc_slope


def _near_or_far(x, edge, fit, far, centre=0.0):
    """x P/Q for |x| below the edge, the quotient in x^2 less its centre: away from 0 where the function has a pole close by."""
    return _pieces(x, (-edge, edge), (far, lambda u: u*_ratio(u*u - centre, fit), far))


def _curve(x, at_zero, times, of, slope):
    """(w' - n g')/x for the slope g' and n times it; at_zero where that is a multiple of x and may be no normal number."""
    return _pieces(np.abs(x), (1e-100,), (lambda u: np.full_like(u, at_zero), lambda u: _over(of(u) - times*slope(u), u, at_zero, 0.0)))


def _atan_raw(x):
    return _over(np.arctan(x), x, 1.0, 0.0)


def _atan_ratio(x):
    return _pieces(x, (), (_atan_raw,))


def _atan_ratio_slope(x):
    return _near_or_far(x, 1.0, _ATAN_RATIO_SLOPE, lambda u: _over(1/(1 + u*u) - _atan_raw(u), u, 0.0, 0.0))


def _atan_ratio_curve(x):
    return _curve(x, -2/3, 2, lambda u: -2*u/(1 + u*u)/(1 + u*u), _atan_ratio_slope)


def _asin_raw(x):
    return _over(np.arcsin(x), x, 1.0, np.nan)


def _asin_ratio(x):
    return _pieces(x, (), (_asin_raw,))


def _asin_ratio_slope(x):
    return _near_or_far(x, 0.7, _ASIN_RATIO_SLOPE, lambda u: (1/np.sqrt((1 - u)*(1 + u)) - _asin_raw(u))/u, 0.25)


def _asin_ratio_curve(x):
    return _curve(x, 1/3, 2, lambda u: u/((1 - u)*(1 + u))**1.5, _asin_ratio_slope)


def _asinh_raw(x):
    return _over(np.arcsinh(x), x, 1.0, 0.0)


def _asinh_ratio(x):
    return _pieces(x, (), (_asinh_raw,))


def _asinh_ratio_slope(x):
    return _near_or_far(x, 1.5, _ASINH_RATIO_SLOPE, lambda u: _over(1/np.hypot(1, u) - _asinh_raw(u), u, 0.0, 0.0))


def _asinh_ratio_curve(x):
    return _curve(x, -1/3, 2, lambda u: -u/np.hypot(1, u)**3, _asinh_ratio_slope)


def _atanh_raw(x):
    return _over(np.arctanh(x), x, 1.0, np.nan)


def _atanh_ratio(x):
    return _pieces(x, (), (_atanh_raw,))


def _atanh_ratio_slope(x):
    return _near_or_far(x, 0.7, _ATANH_RATIO_SLOPE, lambda u: (1/((1 - u)*(1 + u)) - _atanh_raw(u))/u, 0.25)


def _atanh_ratio_curve(x):
    return _curve(x, 2/3, 2, lambda u: 2*u/((1 - u)*(1 + u))**2, _atanh_ratio_slope)


def _tan_raw(x):
    return _over(np.tan(x), x, 1.0, np.nan)


def _tan_ratio(x):
    return _pieces(x, (), (_tan_raw,))


def _tan_ratio_slope(x):
    return _near_or_far(x, 1.0, _TAN_RATIO_SLOPE, lambda u: (1 + np.tan(u)**2 - _tan_raw(u))/u)


def _tan_ratio_curve(x):
    return _curve(x, 2/3, 2, lambda u: 2*np.tan(u)*(1 + np.tan(u)**2), _tan_ratio_slope)


def _erf_ratio(x):
    return _pieces(np.abs(x), (1.0,), (lambda u: 1 + _ratio(u*u, _ERF_NEAR), lambda u: _erf(u)/u))


def _erf_ratio_slope(x):
    return _near_or_far(x, 1.5, _ERF_RATIO_SLOPE, lambda u: _over(_TWO_BY_ROOT_PI*_gauss_raw(u, -1.0) - _erf_ratio(u), u, 0.0, 0.0))


def _erf_ratio_curve(x):
    return _curve(x, -2/3*_TWO_BY_ROOT_PI, 2, lambda u: -2*_TWO_BY_ROOT_PI*np.minimum(u, 30.0)*_gauss_raw(u, -1.0), _erf_ratio_slope)


def _langevin_ratio(x):
    """(coth(x) - 1/x)/x."""
    return _pieces(np.abs(x), (2.0,), (lambda u: _ratio(u*u, _LANGEVIN), lambda u: _langevin(u)/u))


def _langevin_ratio_slope(x):
    return _near_or_far(x, 2.0, _LANGEVIN_RATIO_SLOPE, lambda u: _over(_langevin_slope(u) - _langevin(u)/u, u, 0.0, 0.0))


def _langevin_ratio_curve(x):
    return _curve(x, -2/45, 2, _langevin_curve, _langevin_ratio_slope)


# ---------------------------------------------------------------------- over x^3

def _sine_rest_far(x):
    return (1 - _sinc_raw(x))/x/x


def _sine_rest(x):
    """(x - sin(x))/x^3."""
    return _pieces(np.abs(x), (2.0,), (lambda u: _ratio(u*u, _SINE_REST), _sine_rest_far))


def _sine_rest_slope(x):
    return _near_or_far(x, 3.0, _SINE_REST_SLOPE, lambda u: (_cosc_raw(u) - 3*_sine_rest_far(u))/u)


def _sine_rest_curve(x):
    return _curve(x, -1/60, 4, lambda u: 0.5*_sinc_raw(0.5*u)*_sinc_slope(0.5*u), _sine_rest_slope)


def _sphere_form(x):
    """(sin(x) - x cos(x))/x^3, which is -sinc'(x)/x."""
    return _pieces(np.abs(x), (1.5,), (lambda u: -_ratio(u*u, _SINC_SLOPE), lambda u: -_sinc_slope(u)/u))


def _sphere_form_slope(x):
    return _near_or_far(x, 2.0, _SPHERE_FORM_SLOPE, lambda u: (_sinc_raw(u) + 3*_sinc_slope(u)/u)/u)


def _sphere_form_curve(x):
    return _curve(x, -1/15, 4, _sinc_slope, _sphere_form_slope)


def _tangent_rest_far(x):
    return (_tan_raw(x) - 1)/x/x


def _tangent_rest(x):
    """(tan(x) - x)/x^3."""
    return _pieces(np.abs(x), (1.0,), (lambda u: _ratio(u*u, _TANGENT_REST), _tangent_rest_far))


def _tangent_rest_slope(x):
    return _near_or_far(x, 1.0, _TANGENT_REST_SLOPE, lambda u: (_tan_raw(u)**2 - 3*_tangent_rest_far(u))/u)


def _tangent_rest_curve(x):
    return _curve(x, 4/15, 4, lambda u: 2*_tan_raw(u)*_tan_ratio_slope(u), _tangent_rest_slope)
