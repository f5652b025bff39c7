"""What the special functions share: a choice of branch by intervals, quotients of polynomials, squares without their rounding.

The text of these functions is copied into a generated module that needs them, so they use nothing but NumPy.  All of them
compute in double precision and give back the precision that came in.
"""

import numpy as np

_PART = 4096  # elements at a time, so that what is in between stays in the cache and BLAS on the caller's thread


def _pieces(x, edges, branches):
    """The k-th branch on the elements between the edges k - 1 and k, in the shape and precision of x; nan goes to the last."""
    given = np.asarray(x)
    if given.dtype.kind not in "fiu":
        raise TypeError("real numbers are required")
    flat = given.reshape(-1).astype(float, copy=False)
    place = np.searchsorted(edges, flat, side="right")
    out = np.empty_like(flat)
    for k, branch in enumerate(branches):
        here = np.flatnonzero(place == k)
        if here.size == flat.size:
            out = branch(flat)
        elif here.size:
            out[here] = branch(flat[here])
    return out.reshape(given.shape).astype(given.dtype if given.dtype.kind == "f" else float, copy=False)[()]


def _doubles(function, numbers, factors):
    """A function of factors, element by element, in double precision, in the precision that came in; arrays come to it in the order of rows."""
    dtype = np.result_type(*[factor for factor in factors if not isinstance(factor, int)] or [float])
    if dtype.kind not in "fiu":
        raise TypeError("real numbers are required")
    factors = [np.asarray(factor, float, order="C")[()] for factor in factors]
    found = (function if max(factor.size for factor in factors) <= _PART else _by_parts(function))(*numbers, *factors)
    return np.asarray(found, dtype if dtype.kind == "f" else float)[()]


def _by_parts(function):
    """The function on so many elements at a time that what is in between stays in the cache; an array that stands twice is taken once."""
    def called(*arguments):
        arrays = {id(one): one for one in arguments if isinstance(one, np.ndarray) and one.ndim}
        out = np.empty(np.broadcast_shapes(*(one.shape for one in arrays.values())))
        flat, to = {key: np.broadcast_to(one, out.shape).reshape(-1) for key, one in arrays.items()}, out.reshape(-1)
        for start in range(0, to.size, _PART):
            part = {key: one[start:start + _PART] for key, one in flat.items()}
            to[start:start + _PART] = function(*(part.get(id(one), one) for one in arguments))
        return out

    return called


def _horner(x, coefficients):
    """A polynomial, highest power first."""
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= x
        total += coefficient
    return total


def _ratio(x, fit):
    """P(x)/Q(x)."""
    return _horner(x, fit[0])/_horner(x, fit[1])


def _one_less(x, fit):
    """1 - z P(z)/Q(z) with z = 1/x^2: an asymptotic series divided by its leading term."""
    z = (1/x)/x
    return 1 - z*_ratio(z, fit)


def _square(x):
    """x*x rounded, and what the rounding lost, for |x| < 1e19: the upper half of the digits is a single-precision number."""
    high = x.astype(np.float32).astype(float)
    low = x - high
    rounded = x*x
    return rounded, ((high*high - rounded) + 2*high*low) + low*low


def _lost(above, quotient, below):
    """above/below less its rounded quotient, |below| < 1e19: products of halves of the digits are exact."""
    high, wide = quotient.astype(np.float32).astype(float), below.astype(np.float32).astype(float)
    return (((above - high*wide) - high*(below - wide)) - (quotient - high)*below)/below
