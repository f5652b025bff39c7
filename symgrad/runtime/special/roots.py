"""Hypotenuses in quotients and differences, at infinite arguments too."""

import numpy as np


def _direction_cosine(x, y):
    """x/hypot(x, y), 1 or -1 where x is infinite."""
    given = np.asarray(x)
    largest = np.finfo(given.dtype if given.dtype.kind == "f" else float).max
    side = np.minimum(np.maximum(given, -largest), largest)
    return (side/np.hypot(side, y))[()]


def _cosine_gap(x, y):
    """1 - x/hypot(x, y), from sin^2/(1 + cos) where the cosine is above 0."""
    cosine, sine = _direction_cosine(x, y), _direction_cosine(y, x)
    return np.where(cosine > 0, sine*sine/(1 + np.abs(cosine)), 1 - cosine)[()]


def _hypot_excess(x, c):
    """hypot(x, c) - c, as x^2/(hypot(x, c) + c) where the hypotenuse is close to c."""
    root = np.hypot(x, c)
    return np.where(np.abs(x) >= 2*c, root - c, x*(x/(root + c)))[()]
