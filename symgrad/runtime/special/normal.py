"""The normal distribution function, its logarithm and ratios; fits of its own, since x/sqrt(2) would cost a rounding."""

import numpy as np

from symgrad.runtime.special.coefficients import (
    _LOSS_FAR,
    _LOSS_LARGE,
    _LOSS_MIDDLE,
    _LOSS_NEAR,
    _MILLS_FAR,
    _MILLS_LARGE,
    _MILLS_MIDDLE,
    _MILLS_SMALL,
    _NORMAL_NEAR,
)
from symgrad.runtime.special.erf import _EXP_MINUS_40, _erfc_excess
from symgrad.runtime.special.gauss import _gauss_raw
from symgrad.runtime.special.pieces import _one_less, _pieces, _ratio, _square

_ONE_BY_ROOT_2PI = 0.3989422804014327
_ROOT_HALF = 0.7071067811865476
_NORMAL_CUT = 0.625


def _mills_raw(x):
    """exp(x^2/2) Phi(-x) for x >= 5/8, on double-precision arrays."""
    return _pieces(x, (1.5, 3.0, 11.0), (
        lambda u: 0.25 + _ratio(u - 1, _MILLS_SMALL),
        lambda u: 0.15625 + _ratio(u - 2.25, _MILLS_MIDDLE),
        lambda u: _one_less(u, _MILLS_LARGE)*_ONE_BY_ROOT_2PI/u,
        lambda u: _one_less(u, _MILLS_FAR)*_ONE_BY_ROOT_2PI/u))


def _fallen(x, factor):
    """exp(-x^2/2) factor where the power is no normal number: it is taken larger by exp(40), exactly."""
    square, lost = _square(x)
    return np.exp(40.0 - 0.5*square)*((1 - 0.5*lost)*factor*_EXP_MINUS_40)


def _normal_end(x):
    """Phi(-x) beyond 37."""
    u = np.minimum(x, 45.0)
    return _fallen(u, _mills_raw(u))


def _normal_tail(x):
    """Phi(-x) for x >= 5/8."""
    return _pieces(x, (37.0,), (lambda u: _gauss_raw(u, -0.5)*_mills_raw(u), _normal_end))


def _normal_near(x):
    """Phi(x) - 1/2 for |x| <= 1/sqrt(2)."""
    return x*_ratio(x*x, _NORMAL_NEAR)


def _normal_cdf(x):
    return _pieces(x, (-_NORMAL_CUT, _NORMAL_CUT), (lambda u: _normal_tail(-u), lambda u: 0.5 + _normal_near(u), lambda u: 1 - _normal_tail(u)))


def _log_normal_cdf(x):
    return _pieces(x, (-_NORMAL_CUT, 0.0, _NORMAL_CUT), (
        lambda u: np.log(_mills_raw(-u)) - 0.5*u*u,
        lambda u: np.log(0.5 + _normal_near(u)),
        lambda u: np.log1p(_normal_near(u) - 0.5),
        lambda u: np.log1p(-_normal_tail(u))))


def _normal_cdfx(x):
    """exp(x^2/2) Phi(x)."""
    return _pieces(x, (-_NORMAL_CUT,), (lambda u: _mills_raw(-u), lambda u: _gauss_raw(u, 0.5)*_normal_cdf(u)))


def _inverse_mills(x):
    """phi(x)/Phi(x)."""
    return _pieces(x, (-_NORMAL_CUT,), (
        lambda u: _ONE_BY_ROOT_2PI/_mills_raw(-u), lambda u: _ONE_BY_ROOT_2PI*_gauss_raw(u, -0.5)/_normal_cdf(u)))


def _mills_excess(x):
    """x + phi(x)/Phi(x), which is the excess of erfc's hazard at -x/sqrt(2) over sqrt(2)."""
    return _pieces(x, (0.0,), (lambda u: _ROOT_HALF*_erfc_excess(-_ROOT_HALF*u), lambda u: u + _inverse_mills(u)))


def _loss_raw(x):
    """exp(x^2/2) (phi(x) - x Phi(-x)) for x >= 0."""
    return _pieces(x, (1.0, 3.0, 11.0), (
        lambda u: 0.21875 + _ratio(u - 0.5, _LOSS_NEAR),
        lambda u: 0.0625 + _ratio(u - 2, _LOSS_MIDDLE),
        lambda u: _one_less(u, _LOSS_LARGE)*_ONE_BY_ROOT_2PI/u/u,
        lambda u: _one_less(u, _LOSS_FAR)*_ONE_BY_ROOT_2PI/u/u))


def _normal_loss_end(x):
    u = np.minimum(-x, 45.0)
    return _fallen(u, _loss_raw(u))


def _normal_loss(x):
    """x Phi(x) + phi(x), which for x < 0 cancels."""
    return _pieces(x, (-37.0, 0.0), (
        _normal_loss_end, lambda u: _gauss_raw(u, -0.5)*_loss_raw(-u), lambda u: u*_normal_cdf(u) + _ONE_BY_ROOT_2PI*_gauss_raw(u, -0.5)))


def _inverse_mills_slope(x):
    return _pieces(x, (-1e9, 37.0), (lambda u: 1/u/u - 1, lambda u: -_inverse_mills(u)*_mills_excess(u), _inverse_mills_slope_end))


def _inverse_mills_slope_end(x):
    u = np.minimum(x, 45.0)
    return -_fallen(u, _ONE_BY_ROOT_2PI*u)
