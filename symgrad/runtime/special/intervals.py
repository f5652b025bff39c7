"""Probabilities of intervals under the normal distribution, their logarithms, and densities at an end over them.

An interval is mirrored so that its middle is not below 0, to (p, q).  Where it begins in the upper tail its probability is
phi(p) R with R the integral of exp(-p s - s^2/2) over its length: by Gauss and Legendre's rule where the exponent stays small,
by Mills' ratios m(p) - m(q) phi(q)/phi(p) elsewhere.
"""

import numpy as np

from symgrad.runtime.special.exponents import _sum_rest
from symgrad.runtime.special.gauss import _gauss_raw
from symgrad.runtime.special.normal import _ONE_BY_ROOT_2PI, _normal_cdf, _normal_cdfx
from symgrad.runtime.special.pieces import _doubles

_GAUSS_LEGENDRE = np.polynomial.legendre.leggauss(10)


def _mirrored(a, length):
    """The ends p <= q of the interval of this length from a or of its mirror image, with p + q >= 0; what p lacks; whether it was not mirrored."""
    above = a + 0.5*length > 0
    end, lost = _sum_rest(a, length)
    return np.where(above, a, -end), np.where(above, end, -a), np.where(above | np.isnan(lost), 0.0, -lost), above


def _scaled_interval(p, q, length):
    """R for p >= -1, and the exponent -length (q + p)/2 of phi(q)/phi(p)."""
    exponent = -np.minimum(0.5*length*(q + p), 800.0)
    near = length*(np.abs(p) + 0.5*length) < 1
    short, start = np.where(near, length, 0.0), np.where(near, p, 0.0)
    by_rule = 0.0
    for node, weight in zip(*_GAUSS_LEGENDRE, strict=True):
        s = 0.5*short*(1 + node)
        by_rule = by_rule + weight*np.exp(-s*(start + 0.5*s))
    left, right = np.where(near, 1.0, p), np.where(near, 2.0, np.minimum(q, 1e300))
    by_ratios = (_normal_cdfx(-left) - _normal_cdfx(-right)*np.exp(exponent))/_ONE_BY_ROOT_2PI
    return np.where(near, 0.5*short*by_rule, by_ratios), exponent


def _by_place(a, length, of_tail, of_middle):
    """of_tail(p, R, log(phi(q)/phi(p)), p times what p lacks, whether a is p) where an interval begins beyond -1, elsewhere
    of_middle(a, the probability of what is outside of it)."""
    p, q, lost, above = _mirrored(a, length)
    tail = p >= -1
    start, end, span = np.where(tail, p, 0.0), np.where(tail, q, 1.0), np.where(tail, length, 1.0)
    outside = _normal_cdf(np.where(tail, -1.0, p)) + _normal_cdf(np.where(tail, -1.0, -q))
    return np.where(tail, of_tail(start, *_scaled_interval(start, end, span), start*lost, above), of_middle(np.where(tail, 0.0, a), outside))


def _interval_raw(a, length):
    found = _by_place(np.where(length < 0, a + length, a), np.abs(length),
                      lambda p, scaled, exponent, lost, above: _ONE_BY_ROOT_2PI*_gauss_raw(p, -0.5)*scaled*(1 - lost), lambda a, outside: 1 - outside)
    return np.where(length < 0, -found, found)


def _log_interval_raw(a, length):
    return _by_place(a, np.where(length < 0, np.nan, length),
                     lambda p, scaled, exponent, lost, above: np.log(_ONE_BY_ROOT_2PI*scaled) - 0.5*p*p - lost, lambda a, outside: np.log1p(-outside))


def _interval_density_raw(a, length):
    return _by_place(a, np.where(length < 0, np.nan, length),
                     lambda p, scaled, exponent, lost, above: np.where(above, 1/scaled, np.exp(exponent)/np.where(scaled == 0, 1.0, scaled)),
                     lambda a, outside: _ONE_BY_ROOT_2PI*_gauss_raw(a, -0.5)/(1 - outside))


def _interval_slope_raw(a, length):
    return _by_place(a, np.where(length < 0, np.nan, length),
                     lambda p, scaled, exponent, lost, above: np.where(above, 1.0, -1.0)*np.expm1(exponent)/scaled,
                     lambda a, outside: _ONE_BY_ROOT_2PI*(_gauss_raw(a + length, -0.5) - _gauss_raw(a, -0.5))/(1 - outside))


def _normal_interval(a, length):
    """Phi(a + length) - Phi(a)."""
    return _doubles(_interval_raw, (), (a, length))


def _log_normal_interval(a, length):
    return _doubles(_log_interval_raw, (), (a, length))


def _interval_slope(a, length):
    """(phi(a + length) - phi(a))/(Phi(a + length) - Phi(a))."""
    return _doubles(_interval_slope_raw, (), (a, length))


def _interval_density(a, length):
    """phi(a)/(Phi(a + length) - Phi(a))."""
    return _doubles(_interval_density_raw, (), (a, length))
