"""What lies between a function and its first terms at 0: x^2 or x^3 times a fit near 0, the plain difference elsewhere."""

import numpy as np

from symgrad.runtime.special.coefficients import (
    _ASIN_GAP,
    _ASIN_GAP_LARGE,
    _ASIN_GAP_MIDDLE,
    _ASINH_GAP,
    _ASINH_GAP_LARGE,
    _ASINH_GAP_MIDDLE,
    _ATAN_GAP,
    _ATANH_GAP,
    _ATANH_GAP_LARGE,
    _ATANH_GAP_MIDDLE,
    _ATANH_GAP_UPPER,
    _BENNETT,
    _EXPREL_SLOPE,
    _SINC_SLOPE,
    _SINE_REST,
    _SINH_GAP,
    _TANGENT_REST,
    _TANH_GAP,
)
from symgrad.runtime.special.pieces import _doubles, _horner, _pieces, _ratio
from symgrad.runtime.special.removable import _decay, _sinc_raw

_COSINE_OF_HALF_TURNS = (  # (-1)^(k + 1) pi^(2k)/(2k)!, k from 12 to 1
    -1.3768647280377414e-12, 7.700707130601354e-11, -3.604730797462501e-09, 1.3878952462213771e-07, -4.303069587032947e-06, 0.0001046381049248457,
    -0.0019295743094039231, 0.02580689139001406, -0.2353306303588932, 1.3352627688545895, -4.0587121264167685, 4.934802200544679)


def _one_plus_cospi_raw(x):
    """By |x| less an odd number, which is exact: 1 - cos(pi u) by Taylor's series near it, 1 + cos(pi (1 - |u|)) beyond."""
    beside = np.mod(np.abs(x), 2) - 1
    size, square = np.abs(beside), beside*beside
    return np.where(size < 0.5, square*_horner(square, _COSINE_OF_HALF_TURNS), 1 + np.cos(np.pi*(1 - size)))


def _one_plus_cospi(x):
    return _doubles(_one_plus_cospi_raw, (), (x,))


def _cubic(x, edge, fit, far):
    """x^3 P/Q in x^2 for |x| below the edge."""
    return _pieces(x, (-edge, edge), (far, lambda u: u*(u*u*_ratio(u*u, fit)), far))


# (centre, base, fit) in x^2: short parts, since a fit close to a branch point has coefficients that cancel
_ASIN_PARTS = (0.1875, 0.1875, _ASIN_GAP), (0.5625, 0.25, _ASIN_GAP_MIDDLE), (0.8125, 0.3125, _ASIN_GAP_LARGE)
_ATANH_PARTS = ((0.1875, 0.375, _ATANH_GAP), (0.46875, 0.484375, _ATANH_GAP_MIDDLE), (0.65625, 0.609375, _ATANH_GAP_UPPER),
                (0.8125, 0.8125, _ATANH_GAP_LARGE))
_ASINH_PARTS = (0.5, 0.140625, _ASINH_GAP), (1.5, 0.109375, _ASINH_GAP_MIDDLE), (3.0, 0.08203125, _ASINH_GAP_LARGE)


def _cubic_in_parts(x, edge, edges, parts, far):
    """x^3 (base + P/Q) with P/Q in x^2 less a centre, part by part between the edges."""
    def near(square):
        return _pieces(square, edges, [lambda z, part=part: part[1] + _ratio(z - part[0], part[2]) for part in parts])

    return _pieces(x, (-edge, edge), (far, lambda u: u*(u*u*near(u*u)), far))


def _sin_gap(x):
    """x - sin(x)."""
    return _cubic(x, 2.0, _SINE_REST, lambda u: u - np.where(np.isinf(u), 0.0, np.sin(u)))


def _tan_gap(x):
    """tan(x) - x."""
    return _cubic(x, 1.0, _TANGENT_REST, lambda u: np.tan(u) - u)


def _sinh_gap(x):
    """sinh(x) - x."""
    return _cubic(x, 2.0, _SINH_GAP, lambda u: np.sinh(u) - np.where(np.abs(u) < 800, u, 0.0))


def _tanh_gap(x):
    """x - tanh(x)."""
    return _cubic(x, 1.5, _TANH_GAP, lambda u: u - np.tanh(u))


def _asin_gap(x):
    """asin(x) - x."""
    return _cubic_in_parts(x, 0.935, (0.375, 0.75), _ASIN_PARTS, lambda u: np.arcsin(u) - u)


def _atan_gap(x):
    """x - atan(x)."""
    return _cubic(x, 1.0, _ATAN_GAP, lambda u: u - np.arctan(u))


def _asinh_gap(x):
    """x - asinh(x)."""
    return _cubic_in_parts(x, 2.0, (1.0, 2.0), _ASINH_PARTS, lambda u: u - np.where(np.isinf(u), 0.0, np.arcsinh(u)))


def _atanh_gap(x):
    """atanh(x) - x."""
    return _cubic_in_parts(x, 0.935, (0.375, 0.5625, 0.75), _ATANH_PARTS, lambda u: np.arctanh(u) - u)


def _sphere_gap(x):
    """sin(x) - x cos(x)."""
    return _pieces(x, (-1.5, 1.5), ((far := lambda u: np.sin(u) - u*np.cos(u)), lambda u: -(u*(u*u*_ratio(u*u, _SINC_SLOPE))), far))


def _sinc_gap(x):
    """1 - sin(x)/x."""
    return _pieces(np.abs(x), (2.0,), (lambda u: u*u*_ratio(u*u, _SINE_REST), lambda u: 1 - _sinc_raw(u)))


def _erlang(x):
    """1 - (1 + x) exp(-x)."""
    return _pieces(x, (-1.5, 1.5, 800.0), (
        lambda u: 1 - (1 + u)*np.exp(-u), lambda u: u*u*_ratio(-u, _EXPREL_SLOPE), lambda u: 1 - (1 + u)*np.exp(-u), lambda u: np.minimum(u, 1.0)))


def _erlang_slope(x):
    """x exp(-x)."""
    return _pieces(x, (700.0,), (lambda u: u*np.exp(-u), lambda u: _decay(u, u)))


def _log1p_gap(x):
    """log(1 + x) - x/(1 + x), which is ((1 + x) log(1 + x) - x)/(1 + x)."""
    return _pieces(x, (-0.6, 1.5, 1e300), (
        lambda u: np.log1p(u) - u/(1 + u), lambda u: u*(u*_ratio(u/(2 + u), _BENNETT)/(1 + u)), lambda u: np.log1p(u) - u/(1 + u),
        lambda u: np.log(u) - 1))
