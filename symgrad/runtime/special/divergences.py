"""What one class adds to the divergence of two distributions, p = exp(u) and q = exp(v): all digits where these are nearly the same, d = u - v."""

import numpy as np

from symgrad.runtime.special.pieces import _doubles
from symgrad.runtime.special.removable import _expm1_minus_x

_FAR = 600.0  # exponents beyond which a factor may leave the range that the product is in


def _divergence_raw(u, v, d):
    p = np.exp(u)
    near = p*_expm1_minus_x(-d)
    far = (u < -_FAR) | (d < -_FAR)
    return np.where(far, np.exp(v) - np.where(p == 0, 0.0, p*(1 - d)), near) if np.any(far) else near


def _divergence_term(u, v, d):
    """p log(p/q) - p + q."""
    return _doubles(_divergence_raw, (), (u, v, d))


def _weighted_log_ratio(u, v, d):
    """p log(p/q), 0 where p is 0."""
    p = np.exp(u)
    return p*np.where(p == 0, 0, d)


def _divergence_slope_raw(u, v, d):
    p = np.exp(u)
    near = -p*np.expm1(-d)
    far = (u < -_FAR) | (d < -_FAR)
    return np.where(far, p - np.exp(v), near) if np.any(far) else near


def _divergence_slope(u, v, d):
    """p - q."""
    return _doubles(_divergence_slope_raw, (), (u, v, d))
