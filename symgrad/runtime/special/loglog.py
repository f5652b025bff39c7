"""Exponentials of exponentials: an inner exponential of 700 with half a unit in the last place of error costs the outer one 350.

The inner one is carried as a rounded value and its rest: exp(x) = 2^(k/16) exp(r) with |r| <= log(2)/32, after Tang, "Table-driven
implementation of the exponential function", ACM TOMS 15 (1989).
"""

import math

import numpy as np

from symgrad.runtime.special.exponents import _SPLITTER, _doubles, _sum_rest, _times_rest
from symgrad.runtime.special.logarithms import _LOG_2_HIGH, _LOG_2_LOW
from symgrad.runtime.special.pieces import _pieces
from symgrad.runtime.special.removable import _exprel_raw


def _power_of_two(k):
    """2^(k/16) in two parts, the first of 26 bits; the second from what the first to the 16th power lacks of 2^k."""
    bits = round(2**(k/16 + 26))
    lacking = (2**(k + 416) - bits**16)/bits**16
    return bits/2**26, bits/2**26*math.expm1(math.log1p(lacking)/16)


_SIXTEENTHS = tuple(_power_of_two(k) for k in range(16))
_SIXTEENTHS_BY_PART = np.array(_SIXTEENTHS).T
_EXP_BEYOND = (1/40320, 1/5040, 1/720, 1/120, 1/24, 1/6, 0.5)  # (exp(r) - 1 - r)/r^2
_STEPS_PER_UNIT = 16/math.log(2)


def _exp_reduced(steps, x, first, second):
    """exp(x) over 2^(whole part of steps/16) rounded, and its rest; first + second is 2^(what is left of steps/16)."""
    r, rest = _sum_rest(x - steps*(_LOG_2_HIGH/16), -steps*(_LOG_2_LOW/16))
    beyond = _EXP_BEYOND[0]
    for coefficient in _EXP_BEYOND[1:]:
        beyond = beyond*r + coefficient
    beyond = rest + rest*r + r*r*beyond
    wide = _SPLITTER*r
    upper = wide - (wide - r)  # few enough digits for an exact product with `first`
    high, low = _sum_rest(first, first*upper)
    high, lost = _sum_rest(high, first*((r - upper) + beyond) + second*(1 + (r + beyond)))
    return high, low + lost


def _exp_rest_of_number(x):
    """exp(x) rounded, and its rest, for a Python float from -700 to 700; an error beyond, where arrays give inf, 0 or nan."""
    if not -700.0 <= x <= 700.0:
        raise OverflowError("exp(x) is no normal number")
    steps = round(x*_STEPS_PER_UNIT)
    whole, part = divmod(steps, 16)
    high, low = _exp_reduced(steps, x, *_SIXTEENTHS[part])
    return math.ldexp(high, whole), math.ldexp(low, whole)


def _exp_rest_of(x):
    """exp(x) rounded, and its rest, for an array of numbers from -2000 to 2000."""
    steps = np.rint(x*_STEPS_PER_UNIT)
    steps = np.where(steps == steps, steps, 0.0)
    whole, part = np.divmod(steps.astype(np.int32), 16)
    high, low = _exp_reduced(steps, x, _SIXTEENTHS_BY_PART[0][part], _SIXTEENTHS_BY_PART[1][part])
    return np.ldexp(high, whole), np.ldexp(low, whole)


def _rest_of_exp_number(power, x):
    """exp(x) - power, for Python floats."""
    high, low = _exp_rest_of_number(x)
    return (high - power) + low


def _rest_of_exp(power, x):
    high, low = _exp_rest_of(np.clip(x, -2000.0, 2000.0))
    return (high - power) + low


def _exp_rest(power, x):
    """exp(x) - power."""
    return _doubles(_rest_of_exp, (), (power, x))


def _falling(c, x):
    """exp(-c exp(x)), the rounding of an exponent beyond 4 put back."""
    exponent = np.asarray(c*np.exp(x))
    falls, far = np.asarray(np.exp(-exponent)), exponent > 4
    if far.any():
        c, x = np.broadcast_arrays(c, x)
        exponent, lost = _times_rest(c[far].astype(float), 0.0, *_exp_rest_of(np.maximum(x[far], -700.0)))
        falls[far] = np.exp(-exponent)*(1 - lost)
    return falls


def _growing_power(n, x):
    """exp(n x) up to exp(700); a product with 0, 1 or 2 has no rounding to put back."""
    if np.ndim(n) == 0 and n in (0, 1, 2):
        return np.exp(np.minimum(n*x, 700.0)) if n else 1.0
    exponent, lost = _times_rest(np.asarray(n, float), 0.0, x, 0.0)
    return np.exp(np.minimum(exponent, 700.0))*np.where(lost - lost == 0, 1 + lost, 1.0)


def _exp_less_exp(n, c, x):
    """exp(n x - c exp(x)) as a product, which does not round the exponent; 0 where c exp(x) passes 1000."""
    below = np.minimum(np.asarray(x, float), 7.0 - np.log(np.asarray(c, float)))
    return (_growing_power(n, below)*_falling(c, below)).astype(np.result_type(n, c, x), copy=False)[()]


def _exp_less_exp_number(n, c, x):
    """The same for Python floats; an error where n, c or x is infinite or no number."""
    if not math.isfinite(n + c + x):
        raise OverflowError("finite numbers are required")
    below = min(x, 7.0 - math.log(c))
    if below < -700.0:
        return math.exp(n*below) if n else 1.0
    exponent, lost = c*math.exp(below), 0.0
    if not exponent <= 4.0:
        exponent, lost = _times_rest(c, 0.0, *_exp_rest_of_number(below))
    power, gained = _times_rest(n, 0.0, below, 0.0)
    return math.exp(min(power, 700.0))*(1.0 + gained)*math.exp(-exponent)*(1.0 - lost)


def _log_cloglog(x):
    """log(1 - exp(-exp(x))): with u = exp(x), x + log((1 - exp(-u))/u) where u may underflow."""
    return _pieces(x, (0.0,), (lambda u: u + np.log(_exprel_raw(-np.exp(u))), lambda u: np.log1p(-_falling(1.0, np.minimum(u, 7.0)))))
