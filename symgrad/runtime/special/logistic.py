"""The slope of the logistic function, x sigma(x), and the entropy of a logit, whose textbook forms cancel or underflow early."""

import numpy as np

from symgrad.runtime.special.pieces import _pieces
from symgrad.runtime.special.removable import _decay

# where the slope of x sigma(x) is 0: 1 + x + exp(x) = 0
_SILU_ZERO = -1.2784645427610737
_SILU_ZERO_REST = -1.0946994183093437e-16
_SILU_POWER = 0.2784645427610738


def _fall_raw(x):
    """sigma(x) sigma(-x)."""
    fall = np.exp(-np.abs(x))
    return fall/((1 + fall)*(1 + fall))


def _entropy_near(x):
    """log(1 + exp(-u)) + u sigma(-u) for u >= 0, two terms above zero."""
    fall = np.exp(-x)
    return np.log1p(fall) + x*fall/(1 + fall)


def _logit_entropy(x):
    return _pieces(np.abs(x), (700.0,), (_entropy_near, lambda u: _decay(u, 1 + u)))


def _logit_entropy_slope(x):
    return _pieces(x, (-700.0, 700.0), (lambda u: _decay(-u, -u), lambda u: -u*_fall_raw(u), lambda u: -_decay(u, u)))


def _silu(x):
    """x sigma(x)."""
    return _pieces(x, (-700.0,), (lambda u: -_decay(-u, -u), lambda u: u/(1 + np.exp(-u))))


def _silu_slope_left(x):
    """sigma(x) sigma(-x) (1 + x + exp(x)), the bracket by its distance from its zero."""
    gap = (x - _SILU_ZERO) - _SILU_ZERO_REST
    return _fall_raw(x)*(gap + _SILU_POWER*np.expm1(gap))


def _silu_slope_right(x):
    u = np.minimum(x, 800.0)
    fall = np.exp(-u)
    return (1 + fall*(1 + u))/((1 + fall)*(1 + fall))


def _silu_slope(x):
    return _pieces(x, (-700.0, 0.0), (lambda u: _decay(-u, 1 + u), _silu_slope_left, _silu_slope_right))


# ---------------------------------------------------------------------- the logistic function of x + log(r), whose exponent is never rounded

def _log1p_scaled_exp(x, r):
    """log(1 + r exp(x))."""
    shift = np.log(r)
    return _pieces(x, (-shift,), (lambda u: np.log1p(r*np.exp(u)), lambda u: (u + shift) + np.log1p(np.exp(-u)/r)))


def _log1p_power(x, base):
    """log(1 + base^x)."""
    return _pieces(x, (0.0,), (lambda u: np.log1p(np.power(float(base), u)), lambda u: u*np.log(base) + np.log1p(np.power(float(base), -u))))
