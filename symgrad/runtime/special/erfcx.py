"""The scaled complementary error function exp(x^2) erfc(x) and its first two derivatives.

For x > -1/2 rational fits, beyond 8 in 1/x^2; below them the reflection 2 exp(x^2) - erfcx(-x), whose terms do not cancel.
Both derivatives follow from erfcx' = 2x erfcx - 2/sqrt(pi), which cancels for x > 0 and does not for x < 0.
"""


from symgrad.runtime.special.coefficients import (
    _ERFCX_CURVE_FAR,
    _ERFCX_CURVE_LARGE,
    _ERFCX_CURVE_NEAR,
    _ERFCX_FAR,
    _ERFCX_LARGE,
    _ERFCX_MIDDLE,
    _ERFCX_NEAR,
    _ERFCX_SLOPE_FAR,
    _ERFCX_SLOPE_LARGE,
    _ERFCX_SLOPE_NEAR,
    _ERFCX_SMALL,
)
from symgrad.runtime.special.gauss import _gauss_raw
from symgrad.runtime.special.pieces import _one_less, _pieces, _ratio

_ONE_BY_ROOT_PI = 0.5641895835477563
_TWO_BY_ROOT_PI = 1.1283791670955126


def _erfcx_raw(x):
    """For x >= -1/2, on double-precision arrays."""
    return _pieces(x, (0.5, 1.0, 2.0, 8.0), (
        lambda u: 1 + _ratio(u, _ERFCX_NEAR),
        lambda u: 0.5 + _ratio(u - 0.75, _ERFCX_SMALL),
        lambda u: 0.3125 + _ratio(u - 1.5, _ERFCX_MIDDLE),
        lambda u: _one_less(u, _ERFCX_LARGE)*_ONE_BY_ROOT_PI/u,
        lambda u: _one_less(u, _ERFCX_FAR)*_ONE_BY_ROOT_PI/u))


def _erfcx(x):
    return _pieces(x, (-0.5,), (lambda u: 2*_gauss_raw(u, 1.0) - _erfcx_raw(-u), _erfcx_raw))


def _erfcx_slope(x):
    return _pieces(x, (-0.5, 2.0, 8.0), (
        lambda u: 2*u*_erfcx(u) - _TWO_BY_ROOT_PI,
        lambda u: _ratio(u, _ERFCX_SLOPE_NEAR),
        lambda u: _one_less(u, _ERFCX_SLOPE_LARGE)*-_ONE_BY_ROOT_PI/u/u,
        lambda u: _one_less(u, _ERFCX_SLOPE_FAR)*-_ONE_BY_ROOT_PI/u/u))


def _erfcx_curve(x):
    return _pieces(x, (-0.5, 2.0, 8.0), (
        lambda u: 2*(_erfcx(u) + u*_erfcx_slope(u)),
        lambda u: _ratio(u, _ERFCX_CURVE_NEAR),
        lambda u: _one_less(u, _ERFCX_CURVE_LARGE)*_TWO_BY_ROOT_PI/u/u/u,
        lambda u: _one_less(u, _ERFCX_CURVE_FAR)*_TWO_BY_ROOT_PI/u/u/u))
