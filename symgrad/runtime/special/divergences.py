"""What one class adds to the divergence of two distributions, p = exp(u) and q = exp(v): all digits where these are nearly the same, t = v - u.

And divergences of two positive numbers, with what they differ by beside them.
"""

import numpy as np

from symgrad.runtime.special.coefficients import _EXPM1_MINUS_X
from symgrad.runtime.special.pieces import _doubles, _ratio
from symgrad.runtime.special.removable import _bennett, _expm1_minus_x, _x_minus_log1p

_BELOW = -600.0  # exponents below which p may leave the range that the product is in
_APART = 4.0  # from here on q itself is nearer than p exp(t), which the rounding of t shows in


def _is_beyond(u, t):
    return (u < _BELOW) | (t > _APART)


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


# ---------------------------------------------------------------------- of two numbers

def _where_close(d, size, near, far, low=-0.5, high=0.5):
    """near(u) where u = d/size is in this interval, far() elsewhere."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        u = d/size
        close = (u > low) & (u < high)
        return np.where(close, near(np.where(close, u, 0.0)), far())


def _log_of_quotient(x, y):
    """log(x/y), also where the quotient underflows."""
    ratio = x/y
    underflows = (np.abs(ratio) < np.finfo(float).tiny) & ((x > 0) == (y > 0))
    return np.where(underflows, np.log(np.abs(x)) - np.log(np.abs(y)), np.log(ratio))


def _relative_entropies(x, y, d):
    def far():
        return np.where((x == 0) | np.isinf(y), y, x*(_log_of_quotient(x, y) - 1) + y)

    return _where_close(d, y, lambda u: y*_bennett(u), far, -0.9, 1e3)


def _relative_entropy(x, y, d):
    """x log(x/y) - x + y with d = x - y."""
    return _doubles(_relative_entropies, (), (x, y, d))


def _itakura_saitos(x, y, d):
    def far():
        ratio = x/y
        return np.where(np.isinf(ratio), ratio, ratio - 1 - _log_of_quotient(x, y))

    return _where_close(d, y, _x_minus_log1p, far, -0.5, 1e3)


def _itakura_saito(x, y, d):
    """x/y - log(x/y) - 1 with d = x - y."""
    return _doubles(_itakura_saitos, (), (x, y, d))


def _ratio_gaps(x, y, d):
    return _where_close(d, y, lambda u: u, lambda: 1 - x/y)


def _ratio_gap(x, y, d):
    """1 - x/y with d = y - x."""
    return _doubles(_ratio_gaps, (), (x, y, d))


def _reciprocal_gaps(x, y, d):
    return _where_close(d, x, lambda u: u/y, lambda: 1/x - 1/y)


def _reciprocal_gap(x, y, d):
    """1/x - 1/y with d = y - x."""
    return _doubles(_reciprocal_gaps, (), (x, y, d))
