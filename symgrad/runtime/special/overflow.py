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
    return _in_range(x, power, lambda: (u, lost), out)


def _times_exp_of_product(high, low, count, x, power, *factors):
    """x times power = exp(c a1 a2 …/(b1 b2 …)), as of `_exp_of_factors`."""
    return _in_range(x, power, lambda: _exponent_of_factors(high, low, count, *(np.asarray(one, float) for one in factors)))


def _times_exp_of_shifted_product(high, low, count, plus, plus_low, x, power, *ends):
    """The same for `_exp_of_shifted_factors`."""
    return _in_range(x, power, lambda: _exponent_of_shifted_factors(high, low, count, plus, plus_low, *(np.asarray(one, float) for one in ends)))


def _times_steep(shift, x, power, size, out=None):
    """x times a function that is 2^shift exp(size) of either sign where it is infinite."""
    product = _product(x, power, out)
    if np.isfinite(product).all():
        return product
    with np.errstate(all="ignore"):
        return _where_far(np.isinf(power), x*np.sign(power), product, size, 0.0, shift)


def _tangent_times(tangent, partial, out=None):
    """The product, 0 where the tangent is 0 though the partial derivative may be infinite."""
    product = _product(tangent, partial, out)
    if not isinstance(product, np.ndarray):
        return product if product == product or tangent != 0 else tangent
    return product if _is_finite(product) else _chosen(np.equal(tangent, 0), tangent, product)


def _in_range(x, power, exponent, out=None):
    """x times the power of the exponent and its rest: of numbers the power is looked at, of arrays whether the product has overflowed."""
    product = _product(x, power, out)
    if isinstance(product, np.ndarray) and _is_finite(product):
        return product
    smallest = np.finfo(np.asarray(power).dtype).tiny
    if not isinstance(product, np.ndarray) and smallest <= power < np.inf:
        return product
    with np.errstate(all="ignore"):
        return _where_far(~((power >= smallest) & (power < np.inf)), x, product, *exponent())


def _product(x, y, out):
    return x*y if out is None else np.multiply(x, y, out=out)


def _is_finite(product):
    """Whether all numbers are finite, by one sum."""
    total = np.add.reduce(product, axis=None)
    return total - total == 0


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
