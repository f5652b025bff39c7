"""Products along an axis, and of all elements but one, by a tree of products of pairs.

Nothing is divided, so zeros are as good as other numbers.  Powers of two are kept apart, so that no product on the way overflows or
underflows where the result does not.
"""

import numpy as np


def _times(one, other):
    """The product of two numbers that are given as mantissa and exponent."""
    mantissa, exponent = np.frexp(one[0]*other[0])
    return mantissa, exponent + one[1] + other[1]


def _levels(x):
    """Products of one, two, four, … neighbours along the first axis; an odd one out is given the neighbour 1."""
    mantissa, exponent = np.frexp(x)
    levels = [(mantissa, exponent.astype(np.int64))]
    while len(levels[-1][0]) > 1:
        mantissa, exponent = levels[-1]
        if len(mantissa) % 2:
            levels[-1] = mantissa, exponent = np.append(mantissa, np.ones_like(mantissa[:1]), 0), np.append(exponent, np.zeros_like(exponent[:1]), 0)
        levels.append(_times((mantissa[::2], exponent[::2]), (mantissa[1::2], exponent[1::2])))
    return levels


def _joined(mantissa, exponent):
    return np.ldexp(mantissa, np.clip(exponent, -9999, 9999).astype(np.intc))


def _root(x, axis):
    """The product along an axis as mantissa and exponent, 1 where there are no elements."""
    mantissa, exponent = _levels(np.moveaxis(x, axis, 0) if x.shape[axis] else np.ones((1, *np.delete(x.shape, axis)), x.dtype))[-1]
    return mantissa[0], exponent[0]


def _product_over(x, axis):
    """The product of the elements along an axis; complex numbers, as a complex step has them, are multiplied as they are."""
    if x.dtype.kind == "c":
        return x.prod(axis)
    return _joined(*_root(x, axis))[()]


def _log_product_over(x, axis):
    """The logarithm of the product along an axis, also where that is no double: nan where it is below 0, -inf where it is 0."""
    mantissa, exponent = _root(x, axis)
    near = np.abs(exponent) < 900
    whole = np.log(np.ldexp(mantissa, np.where(near, exponent, 0).astype(np.intc)))
    return np.where(near, whole, whole + exponent*np.log(2)).astype(x.dtype)[()]


def _product_less_one(x, axis):
    """The product of 1 + x along an axis, less 1: where it is near 1, by the logarithms of its factors, if these are all above 0."""
    whole = _product_over(1 + x, axis)
    near = np.abs(whole - 1) < 0.5
    if x.dtype.kind == "c" or not np.any(near):
        return whole - 1
    with np.errstate(all="ignore"):
        by_logarithms = np.expm1(np.log1p(x).sum(axis))
    return np.where(near & np.isfinite(by_logarithms), by_logarithms, whole - 1)[()]


def _leave_one_out(x, axis):
    """For each element the product of all others along an axis."""
    if not x.shape[axis]:
        return x.copy()
    *levels, root = _levels(np.moveaxis(x, axis, 0))
    rest = np.ones_like(root[0]), np.zeros_like(root[1])
    for level in reversed(levels):
        pairs = [part.reshape(len(part)//2, 2, *part.shape[1:])[:, ::-1] for part in level]
        rest = _times([part[:len(pairs[0]), None] for part in rest], pairs)
        rest = [part.reshape(level[0].shape) for part in rest]
    return np.moveaxis(_joined(rest[0][:x.shape[axis]], rest[1][:x.shape[axis]]), 0, axis)
