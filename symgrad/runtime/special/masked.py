"""Numbers where a condition holds and 0 elsewhere, by their bits: no branches, and an infinity or nan leaves no trace."""

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
