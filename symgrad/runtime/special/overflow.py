"""Products with an exponential that overflows or underflows where the product need not: x exp(u) = x exp(u - k log(2)) 2^k.

The exponential by itself stands in other places, too, and is given; it is looked at before anything else is computed.
"""

import numpy as np

from symgrad.runtime.special.exponents import _exponent_of_factors, _exponent_of_shifted_factors
from symgrad.runtime.special.logarithms import _LOG_2_HIGH, _LOG_2_LOW

_NO_DOUBLE = 3000.0  # exp of it times any double overflows, of less it times any double is 0


def _times_exp(x, power, u, lost):
    """x exp(u + lost) for power = exp(u + lost)."""
    return _in_range(x, power, lambda: (u, lost))


def _times_exp_of_product(high, low, count, x, power, *factors):
    """x times power = exp(c a1 a2 …/(b1 b2 …)), as of `_exp_of_factors`."""
    return _in_range(x, power, lambda: _exponent_of_factors(high, low, count, *(np.asarray(one, float) for one in factors)))


def _times_exp_of_shifted_product(high, low, count, plus, plus_low, x, power, *ends):
    """The same for `_exp_of_shifted_factors`."""
    return _in_range(x, power, lambda: _exponent_of_shifted_factors(high, low, count, plus, plus_low, *(np.asarray(one, float) for one in ends)))


def _in_range(x, power, exponent):
    product, smallest = x*power, np.finfo(np.asarray(power).dtype).tiny
    if np.min(power, initial=1.0) >= smallest and np.max(power, initial=1.0) < np.inf:
        return product
    with np.errstate(all="ignore"):
        u, lost = exponent()
        far = ~((power >= smallest) & (power < np.inf)) & np.isfinite(u) & np.isfinite(lost)
        lost = np.where(far & (np.abs(u) < _NO_DOUBLE), lost, 0.0)
        u = np.clip(np.where(far, u, 0.0), -_NO_DOUBLE, _NO_DOUBLE)
        steps = np.rint(u/(_LOG_2_HIGH + _LOG_2_LOW))
        left = (u - steps*_LOG_2_HIGH) - steps*_LOG_2_LOW + lost
        return np.where(far, np.ldexp(x*np.exp(left), steps.astype(int)), product).astype(np.asarray(product).dtype)[()]
