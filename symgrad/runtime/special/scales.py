"""Powers of two that are taken out of sums, so that nothing in them overflows or vanishes which decides the result."""

import numpy as np


def _room(x):
    """Exponents of two up to here, of either sign, are far from overflow and underflow: 512 for doubles."""
    return np.finfo(x.dtype).maxexp//2


def _binary_exponent(x):
    """The whole number k for which |x| 2^-k lies between the roots of 1/2 and of 2; 0 where x is 0 or not finite."""
    size = np.abs(x)
    mantissa, exponent = np.frexp(size)
    exponent = exponent - (mantissa < 0.7071067811865476)
    return np.where((size < np.inf) & (size > 0), np.maximum(exponent, np.finfo(size.dtype).minexp), 0).astype(size.dtype)[()]


def _two_to(k):
    """2^k for whole numbers k, at most a power that ordinary numbers may be multiplied by."""
    k = np.asarray(k)
    if not k.any():
        return np.ones_like(k)[()]
    most = np.finfo(k.dtype).maxexp - 1
    return np.ldexp(np.ones_like(k), np.clip(k, -2*most, most).astype(np.intc))[()]


def _coarse_exponent(k):
    """A whole number k that matters, in steps: 0 where 2^k is far from overflow and underflow; 0 for -inf, of nothing at all."""
    k = np.asarray(k)
    step = _room(k)
    return np.where(np.isfinite(k), step*np.rint(np.where(np.isfinite(k), k, 0)/step), 0)[()]


def _far_exponent(x):
    """The exponent of a number in steps, at most one; 0 where it is far from overflow and underflow, is 0, or is not finite."""
    size, step = np.abs(x), _room(x)
    if np.all((size > 2.0**-(step//2)) & (size < 2.0**(step//2))):
        return np.zeros_like(size)[()]
    return np.clip(_coarse_exponent(_binary_exponent(x)), -step, step)[()]


def _power_scale(largest, smallest, p):
    """What to multiply numbers by so that the largest of their p-th powers is near 1: a power of two, 1 where they are as good as they are.

    Where p is so large that even sqrt(2)^p overflows, it is one over the number itself.
    """
    leading = np.where(np.asarray(p) > 0, largest, smallest)
    exponent, room = _binary_exponent(leading), _room(leading)
    scale = np.where(np.abs(exponent*p) < room, 1, _two_to(-exponent))
    good = np.isfinite(leading) & (leading != 0)
    return np.where((np.abs(p) > 3.5*room) & good, 1/np.where(good, leading, 1), scale).astype(leading.dtype)[()]
