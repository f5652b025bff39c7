"""Products, sums and quotients with infinite parts.  A look at the largest result tells whether there is anything to mend."""

import numpy as np


def _holds_nan(x):
    """Whether any element is nan: a maximum costs half of a product."""
    return x.size > 0 and bool(np.isnan(x.max()))


def _mended(x, value, where):
    """x with the value where a condition holds, written into x where that is an array."""
    if x.ndim == 0:
        return np.where(where, value, x).astype(x.dtype)[()]
    np.copyto(x, value, where=where)
    return x


def _tending(x, y, limit, out=None):
    """x y, the limit where one is 0 and the other infinite."""
    out = np.multiply(x, y, out=out)
    return _mended(out, limit, np.isnan(out) & ~(np.isnan(x) | np.isnan(y))) if _holds_nan(out) else out


def _tending_quotient(x, y, limit, out=None):
    """x/y, the limit where both are infinite."""
    out = np.divide(x, y, out=out)
    return _mended(out, limit, np.isinf(x) & np.isinf(y)) if _holds_nan(out) else out


def _growing(x, y, out=None):
    """x y, infinite where x is 0 and y is infinite, with the signs of both."""
    out = np.multiply(x, y, out=out)
    return _mended(out, np.copysign(1, x)*y, np.equal(x, 0) & np.isinf(y)) if _holds_nan(out) else out


def _leading(x, y, out=None):
    """x + y, x where both are infinite."""
    out = np.add(x, y, out=out)
    return _mended(out, x, np.isinf(x) & np.isinf(y)) if _holds_nan(out) else out


def _log_beyond(x, a, shift, out=None):
    """x, a logarithm of exp(shift) a^2 and something small beside it; where the square overflows, 2 log|a| + shift."""
    if np.size(x) and not np.max(x) < np.inf:
        x = np.where(np.isposinf(x), 2*np.log(np.abs(a)) + shift, x).astype(np.result_type(x), copy=False)[()]
    if out is None:
        return np.array(x)[()]  # an array of its own, as every row has
    if out is not x:
        np.copyto(out, x)
    return out


def _quotient(x, below, y, sign):
    """x/below, written over `below` where that is an array; sign(x) where x is infinite and y is not."""
    out = np.divide(x, below, out=below if below.ndim else None)
    return _mended(out, sign(x), np.isinf(x) & np.isfinite(y)) if _holds_nan(out) else out


def _share(x, y, out=None):
    """x/(x + y), 1 where x is infinite."""
    return _quotient(x, np.add(x, y, out=out), y, np.ones_like)


def _softsign(x, y, out=None):
    """x/(y + |x|), 1 or -1 where x is infinite."""
    size = np.abs(x, out=out)
    return _quotient(x, np.add(y, size, out=size if out is not None else None), y, np.sign)
