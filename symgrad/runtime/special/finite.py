"""Numbers that are to be finite: most arrays are, and a look at them costs less than two passes of choices."""

import numpy as np

_BRIEF = 8192  # elements up to which a product of BLAS stays on the caller's thread


def _finite(x, out=None):
    """x with infinities as the largest numbers of their sign; an array is written into another, which may be x itself."""
    if not isinstance(x, np.ndarray):
        return x if x - x == 0 else _held(x)
    out = np.empty_like(x) if out is None else out
    if not _are_finite(x):
        return _held(x, out)
    if out is not x:
        np.copyto(out, x)
    return out


def _are_finite(x):
    """Whether all elements are finite; seldom not although they are, where squares overflow."""
    return np.vdot(x, x) < np.inf if x.size <= _BRIEF else np.isfinite(x).all()


def _held(x, out=None):
    """x between the largest numbers of either sign."""
    largest = np.finfo(x.dtype).max
    return np.minimum(np.maximum(x, -largest, out=out), largest, out=out)
