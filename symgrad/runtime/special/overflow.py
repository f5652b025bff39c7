"""Products with an exponential that overflows or underflows where the product need not: x exp(u) = x exp(u - k log(2)) 2^k.

The exponential by itself stands in other places, too, and is given; it is looked at before anything else is computed.  And products with a
tangent that is 0.
"""

import numpy as np

from symgrad.runtime.special.exponents import _exponent_of_factors, _exponent_of_shifted_factors
from symgrad.runtime.special.logarithms import _LOG_2_HIGH, _LOG_2_LOW

_NO_DOUBLE = 3000.0  # exp of it times any double overflows, of less it times any double is 0


def _times_exp(x, power, u, lost, out=None):
    """x exp(u + lost) for power = exp(u + lost)."""
    product = x*power if out is None else np.multiply(x, power, out=out)
    return product if _is_plain(product, power) else _in_range(x, power, product, u, lost)


def _times_exp_of_product(high, low, count, x, power, *factors):
    """x times power = exp(c a1 a2 …/(b1 b2 …)), as of `_exp_of_factors`."""
    product = x*power
    if _is_plain(product, power):
        return product
    return _in_range(x, power, product, *_exponent_of_factors(high, low, count, *(np.asarray(one, float) for one in factors)))


def _times_exp_of_shifted_product(high, low, count, plus, plus_low, x, power, *ends):
    """The same for `_exp_of_shifted_factors`."""
    product = x*power
    if _is_plain(product, power):
        return product
    return _in_range(x, power, product, *_exponent_of_shifted_factors(high, low, count, plus, plus_low, *(np.asarray(one, float) for one in ends)))


def _is_plain(product, power):
    """Whether a product is right as it is: of numbers the power is looked at, of arrays one sum tells that nothing has overflowed."""
    if np.ndim(power) == 0 and np.ndim(product) == 0:
        return np.finfo(np.asarray(power).dtype).tiny <= power < np.inf
    total = np.add.reduce(product, axis=None)
    return total - total == 0


def _times_steep(shift, x, power, size, out=None):
    """x times a function that is 2^shift exp(size) of either sign where it is infinite."""
    product = x*power if out is None else np.multiply(x, power, out=out)
    if np.isfinite(product).all() and np.isfinite(power).all():
        return product
    with np.errstate(all="ignore"):
        return _where_far(np.isinf(power), x*np.sign(power), product, size, 0.0, shift)


def _in_range(x, power, product, u, lost):
    with np.errstate(all="ignore"):
        smallest = np.finfo(np.asarray(power).dtype).tiny
        return _where_far(~((power >= smallest) & (power < np.inf)), x, product, u, lost)


def _where_far(far, x, product, u, lost, shift=0):
    """x 2^shift exp(u + lost) there, where u is finite, and else the product."""
    far = far & np.isfinite(u) & np.isfinite(lost)
    lost = np.where(far & (np.abs(u) < _NO_DOUBLE), lost, 0.0)
    u = np.clip(np.where(far, u, 0.0), -_NO_DOUBLE, _NO_DOUBLE)
    steps = np.rint(u/(_LOG_2_HIGH + _LOG_2_LOW))
    left = (u - steps*_LOG_2_HIGH) - steps*_LOG_2_LOW + lost
    found = np.ldexp(x*np.exp(left), steps.astype(int) + int(shift))
    return _chosen(far, found, product)


def _chosen(where, found, product):
    """What was found there, written into the product where that is an array."""
    if not isinstance(product, np.ndarray):
        return np.where(where, found, product).astype(np.asarray(product).dtype)[()]
    np.copyto(product, found, where=where, casting="same_kind")
    return product


def _tangent_times(tangent, partial, out=None):
    """The product, 0 where the tangent is 0 though the partial derivative may be infinite."""
    product = tangent*partial if out is None else np.multiply(tangent, partial, out=out)
    total = np.add.reduce(product, axis=None)
    return product if total - total == 0 else _chosen(np.equal(tangent, 0), tangent, product)
