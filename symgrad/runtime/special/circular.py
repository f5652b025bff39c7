"""Sine and cosine of one argument together, from its tangent.

NumPy's sine and cosine of doubles work element by element; its tangent, root and products work on whole vectors where the
processor has them.  With T = tan x, |cos x| = 1/sqrt(1 + T^2) and sin x = T cos x keep their relative accuracy everywhere, also
near zeros: 2.5 ulp.  The sign of cos x comes from x in quarter turns rounded, q: for even q it is that of the half turn; for odd
q, near a zero of cos x, it is the sign of sin x, which q tells, times that of T.  Each reading holds half a quarter turn beyond
the rounding, so that q need not be exact.
"""

import numpy as np

_PART = 8192  # elements worked on at a time, in the cache
_FEW = 512  # elements below which NumPy's own are quicker
_FAR = 1e12  # arguments up to which q is right
_ROUNDS = 6755399441055744.0  # 1.5 2^52: adding it leaves the rounded sum's integer in the lowest bits
_SIGN = -9223372036854775808  # the highest bit alone


def _sincos(x, sine, cosine):
    """sin(x) and cos(x), written into two arrays of x's shape and handed back."""
    if x.dtype != np.float64 or x.size < _FEW:
        return np.sin(x, out=sine), np.cos(x, out=cosine)
    flat, sines, cosines = x.reshape(-1), sine.reshape(-1), cosine.reshape(-1)
    turns, odd = np.empty(min(flat.size, _PART)), np.empty(min(flat.size, _PART), np.int64)
    for first in range(0, flat.size, _PART):
        part, own = flat[first:first + _PART], slice(first, first + _PART)
        if np.dot(part, part) < _FAR**2:
            _sincos_part(part, sines[own], cosines[own], turns[:part.size], odd[:part.size])
        else:  # far arguments, or some that are no numbers
            np.sin(part, out=sines[own])
            np.cos(part, out=cosines[own])
    return sine, cosine


def _sincos_part(x, tangent, cosine, turns, odd):
    """The sine takes the tangent's place."""
    np.tan(x, out=tangent)
    np.multiply(tangent, tangent, out=cosine)
    np.add(cosine, 1, out=cosine)
    np.sqrt(cosine, out=cosine)
    np.divide(1, cosine, out=cosine)
    np.multiply(x, 2/np.pi, out=turns)
    np.add(turns, _ROUNDS, out=turns)
    sign, bits = turns.view(np.int64), cosine.view(np.int64)
    np.left_shift(sign, 63, out=odd)
    np.bitwise_and(odd, tangent.view(np.int64), out=odd)
    np.left_shift(sign, 62, out=sign)
    np.bitwise_xor(sign, odd, out=sign)
    np.bitwise_and(sign, _SIGN, out=sign)
    np.bitwise_xor(bits, sign, out=bits)
    np.multiply(tangent, cosine, out=tangent)
