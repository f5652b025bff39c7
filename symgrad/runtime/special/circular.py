"""Sine and cosine of one argument together, from its tangent.

NumPy's sine and cosine of doubles work element by element; its tangent, root and products work on whole vectors where the
processor has them.  With T = tan x, |cos x| = 1/sqrt(1 + T^2) and sin x = T cos x keep their relative accuracy everywhere, also
near zeros: 2.5 ulp.  The sign of cos x is the second bit of q, x in quarter turns rounded, or of q + 1 where T is negative: that
matters for odd q alone, near a zero of cos x, where T tells on which side of it x is.  Each reading holds half a quarter turn
beyond the rounding, so that q need not be exact.
"""

import numpy as np

_FEW = 512  # elements below which NumPy's own are quicker
_FAR = 1e12  # arguments up to which q is right
_ROUNDS = 6755399441055744.0  # 1.5 2^52: adding it leaves the rounded sum's integer in the lowest bits
_SIGN = -9223372036854775808  # the highest bit alone


def _sincos(x, sine, cosine, turns, below):
    """sin(x) and cos(x), written into two arrays of x's shape and handed back; two more such arrays are written over."""
    if x.dtype != np.float64 or x.size < _FEW or not np.vdot(x, x) < _FAR**2:  # far arguments, or some that are no numbers
        return np.sin(x, out=sine), np.cos(x, out=cosine)
    tangent = np.tan(x, out=sine)
    np.multiply(tangent, tangent, out=cosine)
    np.add(cosine, 1, out=cosine)
    np.sqrt(cosine, out=cosine)
    np.divide(1, cosine, out=cosine)
    np.multiply(x, 2/np.pi, out=turns)
    np.add(turns, _ROUNDS, out=turns)
    sign, below, bits = (array.view(np.int64) for array in (turns, below, cosine))
    np.right_shift(tangent.view(np.int64), 63, out=below)
    np.subtract(sign, below, out=sign)
    np.left_shift(sign, 62, out=sign)
    np.bitwise_and(sign, _SIGN, out=sign)
    np.bitwise_xor(bits, sign, out=bits)
    return np.multiply(tangent, cosine, out=sine), cosine
