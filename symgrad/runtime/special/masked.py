"""Numbers where a condition holds and others elsewhere.

0 elsewhere goes by the bits of numbers: no branches, and an infinity or nan leaves no trace.
"""

import numpy as np

_BITS = {8: "i8", 4: "i4"}  # integers as wide as floating numbers
_SHORT = 1024  # elements below which fewer calls are quicker


def _masked(x, mask, out):
    """x where the mask holds and 0 elsewhere, written into an array that shares nothing with x, and handed back."""
    bits = _BITS.get(out.itemsize)
    if bits is None or out.size < _SHORT or x.dtype != out.dtype:
        np.copyto(out, 0)
        np.copyto(out, x, where=mask)
        return out
    kept = out.view(bits)
    np.negative(mask.view(np.int8), out=kept)  # all bits of a number are set, or none
    np.bitwise_and(x.view(bits), kept, out=kept)
    return out


def _unless_most(share, others, x, out=None):
    """`others` where a share is above 1/2, elsewhere x; an array is written into another, which may be x or the shares."""
    most = share > 0.5
    if out is None:
        return np.where(most, others, x)[()]
    if out is not x:
        np.copyto(out, x)
    np.copyto(out, others, where=most)
    return out
