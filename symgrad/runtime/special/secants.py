"""Differences of roots over their argument, and x/(c + x^2) where the square overflows."""

import numpy as np

from symgrad.runtime.special.pieces import _doubles, _square

_FAR_OUT = 1e15  # from here on x^2 is all of c + x^2, or overflows


def _half_tangent(x, c):
    """x/(c + hypot(x, c)), 1 or -1 where x is infinite."""
    given = np.asarray(x)
    largest = np.finfo(given.dtype if given.dtype.kind == "f" else float).max/4
    side = np.minimum(np.maximum(given, -largest), largest)
    return (side/(c + np.hypot(side, c)))[()]


def _dispersed(x, c):
    square = x*x
    if np.max(square, initial=0.0) < _FAR_OUT**2:
        return x/(c + square)
    far = np.abs(x) > _FAR_OUT
    large, small = np.where(far, x, 1.0), np.where(far, 1.0, x)
    return np.where(far, 1/(large + c/large), small/(c + small*small))


def _dispersed_slope(x, c):
    """(c - x^2)/(c + x^2)^2 with what the square's rounding lost, which shows beside the zeros."""
    far = np.abs(x) > _FAR_OUT
    rounded, lost = _square(np.where(far, 1.0, x))
    whole = 1/(c + rounded)
    line = _dispersed(x, c)
    return np.where(far, -line*line, ((c - rounded) - lost)*whole*whole)


def _dispersion(x, c):
    return _doubles(_dispersed, (), (x, c))


def _dispersion_slope(x, c):
    return _doubles(_dispersed_slope, (), (x, c))
