"""What one class adds to the divergence of two distributions, p = exp(u) and q = exp(v): all digits where these are nearly the same, t = v - u."""

import numpy as np

from symgrad.runtime.special.coefficients import _EXPM1_MINUS_X
from symgrad.runtime.special.pieces import _doubles, _ratio
from symgrad.runtime.special.removable import _expm1_minus_x

_BEYOND = 600.0  # exponents beyond which a factor may leave the range that the product is in


def _is_beyond(u, t):
    return (u < -_BEYOND) | (t > _BEYOND)


def _divergence_raw(u, v, t):
    p = np.exp(u)
    if np.max(np.abs(t), initial=0.0) < 1.5:
        return p*(t*t*_ratio(t, _EXPM1_MINUS_X))
    near, beyond = p*_expm1_minus_x(t), _is_beyond(u, t)
    return np.where(beyond, np.exp(v) - np.where(p == 0, 0.0, p*(1 + t)), near) if np.any(beyond) else near


def _divergence_term(u, v, t):
    """p log(p/q) - p + q."""
    return _doubles(_divergence_raw, (), (u, v, t))


def _weighted_raw(u, v, t):
    p = np.exp(u)
    return -p*np.where(p == 0, 0.0, t)


def _weighted_log_ratio(u, v, t):
    """p log(p/q), 0 where p is 0."""
    return _doubles(_weighted_raw, (), (u, v, t))


def _divergence_slope_raw(u, v, t):
    p = np.exp(u)
    near, beyond = p*np.expm1(t), _is_beyond(u, t)
    return np.where(beyond, np.exp(v) - p, near) if np.any(beyond) else near


def _divergence_slope(u, v, t):
    """q - p."""
    return _doubles(_divergence_slope_raw, (), (u, v, t))


def _logit_gap(gap, apart, a, b, out=None):
    """The gap of logits less that of their maxima where this is small, elsewhere that of what the logits are beyond these, a - b."""
    close = np.abs(apart) < 1
    if np.all(close):
        return np.subtract(gap, apart, out=out)
    found = np.where(close, gap - apart, a - b)
    if out is None:
        return found[()]
    np.copyto(out, found)
    return out
