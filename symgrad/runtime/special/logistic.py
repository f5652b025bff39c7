"""The slope of the logistic function and the entropy of a logit: even functions whose textbook form cancels or underflows early."""

import numpy as np

from symgrad.runtime.special.pieces import _pieces
from symgrad.runtime.special.removable import _decay


def _fall_raw(x):
    """sigma(x) sigma(-x)."""
    fall = np.exp(-np.abs(x))
    return fall/((1 + fall)*(1 + fall))


def _logistic_slope(x):
    return _pieces(x, (), (_fall_raw,))


def _entropy_near(x):
    """log(1 + exp(-u)) + u sigma(-u) for u >= 0, two terms above zero."""
    fall = np.exp(-x)
    return np.log1p(fall) + x*fall/(1 + fall)


def _logit_entropy(x):
    return _pieces(np.abs(x), (700.0,), (_entropy_near, lambda u: _decay(u, 1 + u)))


def _logit_entropy_slope(x):
    return _pieces(x, (-700.0, 700.0), (lambda u: _decay(-u, -u), lambda u: -u*_fall_raw(u), lambda u: -_decay(u, u)))
