"""An exponential times a tail of the normal distribution: exp(u) erfc(v) as exp(u - v^2) erfcx(v) where the tail is small, and so Phi's."""

import numpy as np

from symgrad.runtime.special.erf import _erfc
from symgrad.runtime.special.erfcx import _erfcx
from symgrad.runtime.special.exponents import _sum_rest
from symgrad.runtime.special.normal import _normal_cdf, _normal_cdfx
from symgrad.runtime.special.pieces import _doubles
from symgrad.runtime.special.rests import _two_product


def _tilted(u, v, share, plain, scaled):
    """exp(u) plain(v), plain(v) = exp(-share v^2) scaled(v), the exponent with what rounding loses of it."""
    far = v > 1
    w = np.where(far, v, 1.0)
    square, lost = _two_product(w, w)
    exponent, rest = _sum_rest(u, -share*square)
    rest = np.where(np.isfinite(exponent), rest - share*lost, 0.0)
    small = np.exp(np.where(far, exponent, 0.0))*(1 + rest)*scaled(w)
    return np.where(far, small, np.exp(np.where(far, 0.0, u))*plain(np.where(far, 0.0, v)))


def _exp_erfc(u, v):
    return _doubles(lambda a, b: _tilted(a, b, 1.0, _erfc, _erfcx), (), (u, v))


def _exp_normal_cdf(u, v):
    return _doubles(lambda a, b: _tilted(a, -b, 0.5, lambda w: _normal_cdf(-w), lambda w: _normal_cdfx(-w)), (), (u, v))
