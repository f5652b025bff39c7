"""Powers of one and a little, of one and exp(u), and what is left of powers without their 1."""

import numpy as np

from symgrad.runtime.special.exponents import _exp_number, _times_rest
from symgrad.runtime.special.loglog import _exp_rest_of
from symgrad.runtime.special.pieces import _doubles, _lost
from symgrad.runtime.special.removable import _exprel, _exprel_curve, _exprel_slope, _log1prel, _log1prel_slope, _over

# ---------------------------------------------------------------------- powers of 1 + x

_ROUGH = 4.0  # a smaller power of 1 + exp(u) shows less of the exponential's rounding than the power itself rounds


def _compounded_twice(x, more, y):
    """(1 + x + more)^y: the power of the rounded sum s, times exp(y d/s) with what the sum's rounding lost, d."""
    whole = 1 + x
    rest = whole - 1
    lost = (1 - (whole - rest)) + (x - rest) + more
    power = np.power(whole, y)
    near = np.isfinite(power) & (whole != 0) & np.isfinite(lost) & (lost != 0)
    return np.where(near, power + power*np.expm1(y*np.where(near, lost, 0.0)/np.where(near, whole, 1.0)), power)


def _compounded(x, y):
    return _compounded_twice(x, 0.0, y)


def _compound(x, y):
    return _doubles(_compounded, (), (x, y))


def _compounded_exp(u, y):
    """(1 + exp(u))^y, which is exp(y u) (1 + exp(-u))^y, with what rounding y u lost, where u > 0; large y show the rounding of exp(-|u|)."""
    below = -np.abs(u)
    small, lost = (np.exp(below), 0.0) if np.max(np.abs(y), initial=0.0) < _ROUGH else _exp_rest_of(np.maximum(below, -750.0))
    power = _compounded_twice(small, lost, y)
    far = np.where((u > 0) & (y != 0), u, 0.0)
    return np.where(far == 0, power, power*_exp_number(*_times_rest(far, 0.0, np.where(far == 0, 0.0, y), 0.0)))


def _compound_exp(u, y):
    return _doubles(_compounded_exp, (), (u, y))


def _compounded_less_one(x, y):
    return _powered_less_one(_power_beside_one, x, y)


def _compound_less_one(x, y):
    return _doubles(_compounded_less_one, (), (x, y))


def _grown_power(x, y):
    """x^y far right, where it is infinite, 1 or 0."""
    return np.where(y > 0, _compounded(x, y), np.where(y == 0, 1.0, 0.0))


def _annuity_raw(x, y):
    """((1 + x)^y - 1)/x."""
    return _over(_compounded_less_one(x, y), x, y, _grown_power(x, y - 1))


def _annuity(x, y):
    return _doubles(_annuity_raw, (), (x, y))


def _annuity_slope_raw(x, y):
    """As the derivative of y R(y log(1 + x)) L(x) where the exponent is small."""
    power = y*np.log1p(np.maximum(x, -1.0))
    near = np.abs(power) < 2
    small, rate = np.where(near, power, 0.0), np.where(near, x, 0.0)
    by_parts = y*(y/(1 + rate)*_exprel_slope(small)*_log1prel(rate) + _exprel(small)*_log1prel_slope(rate))
    return np.where(near, by_parts, _over(y*_compounded(x, y - 1) - _annuity_raw(x, y), x, 0.0, _grown_power(x, y - 2)))


def _annuity_slope(x, y):
    return _doubles(_annuity_slope_raw, (), (x, y))


def _compounded_over(x, c):
    """(1 + x)^(c/x); where 1 + x is exact and its logarithm large by the power itself, with what the exponent's rounding lost."""
    low = x < -0.5
    whole, below = np.where(low, 1 + x, 1.0), np.where(low, x, 1.0)
    exponent = c/below
    power = np.power(whole, exponent)
    lost = power*_lost(c, exponent, below)*np.where(whole > 0, np.log(whole), 0.0)
    return np.where(low, power + lost, np.exp(c*_log1prel(np.where(low, 0.0, x))))


def _compound_over(x, c):
    return _doubles(_compounded_over, (), (x, c))


# ---------------------------------------------------------------------- x^y - 1 and (x^y - 1)/y, also of 1 + x and 1 + exp(x)

def _power_of(x, y):
    """log(x) and x^y."""
    return np.log(x), np.power(x, y)


def _power_beside_one(x, y):
    """log(1 + x) and (1 + x)^y."""
    return np.log1p(np.maximum(x, -1.0)), _compounded(x, y)


def _power_of_one_and_exp(u, y):
    """log(1 + exp(u)) and (1 + exp(u))^y."""
    return np.maximum(u, 0) + np.log1p(np.exp(-np.abs(u))), _compounded_exp(u, y)


def _by_exponent(parts, y, edge, near, far):
    """near(log(x), y log(x)) where the exponent y log(x) is small, far(log(x), x^y) elsewhere."""
    log, power = parts
    exponent = np.where(y == 0, 0.0, y*log)
    small = np.abs(exponent) < edge
    return np.where(small, near(log, np.where(small, exponent, 0.0)), far(log, power))


def _per(above, y):
    """above/y, 0 or infinite where y is."""
    return np.where(np.isinf(y), np.where(np.isinf(above), above*np.sign(y), 0.0), above/y)


def _times_log(power, log, degree):
    """x^y log(x)^n, 0 where the power is."""
    return np.where(power == 0, 0.0, power*np.where(power == 0, 0.0, log)**degree)


def _beside(term):
    """A term that nothing is left of beside a larger one where that is infinite."""
    return np.where(np.isinf(term), 0.0, term)


def _powered_less_one(parts, x, y):
    return _by_exponent(parts(x, y), y, 0.5, lambda log, exponent: np.expm1(exponent), lambda log, power: power - 1)


def _transformed(parts, x, y):
    return _by_exponent(parts(x, y), y, 1.0, lambda log, exponent: log*_exprel(exponent), lambda log, power: _per(power - 1, y))


def _transformed_slope(parts, x, y):
    return _by_exponent(parts(x, y), y, 2.0, lambda log, exponent: log**2*_exprel_slope(exponent),
                        lambda log, power: _per(_times_log(power, log, 1) - _beside(_per(power - 1, y)), y))


def _transformed_curve(parts, x, y):
    return _by_exponent(parts(x, y), y, 2.0, lambda log, exponent: log**3*_exprel_curve(exponent),
                        lambda log, power: _per(_times_log(power, log, 2) - 2*_beside(_transformed_slope(parts, x, y)), y))


def _box_cox(x, y):
    return _doubles(_transformed, (_power_of,), (x, y))


def _box_cox_slope(x, y):
    return _doubles(_transformed_slope, (_power_of,), (x, y))


def _box_cox_curve(x, y):
    return _doubles(_transformed_curve, (_power_of,), (x, y))


def _box_cox1p(x, y):
    return _doubles(_transformed, (_power_beside_one,), (x, y))


def _box_cox1p_slope(x, y):
    return _doubles(_transformed_slope, (_power_beside_one,), (x, y))


def _box_cox1p_curve(x, y):
    return _doubles(_transformed_curve, (_power_beside_one,), (x, y))


def _compound_exp_less_one(u, y):
    return _doubles(_powered_less_one, (_power_of_one_and_exp,), (u, y))


def _box_cox_exp(u, y):
    return _doubles(_transformed, (_power_of_one_and_exp,), (u, y))


def _box_cox_exp_slope(u, y):
    return _doubles(_transformed_slope, (_power_of_one_and_exp,), (u, y))


def _box_cox_exp_curve(u, y):
    return _doubles(_transformed_curve, (_power_of_one_and_exp,), (u, y))


# ---------------------------------------------------------------------- powers of what underflows long before they do

def _powered_by_log(x, log, y):
    found, far = np.asarray(np.power(x, y)), ~(np.abs(log) < 700)
    if np.any(far):
        log, y = np.broadcast_arrays(np.where(far, log, 0.0), y)
        grown = _exp_number(*_times_rest(log, 0.0, y, 0.0))
        found = np.where(far & (y != 0), grown, found)
    return found


def _power_by_log(x, log, y):
    """x^y of an x > 0 that may underflow, by its logarithm where it does."""
    return _doubles(_powered_by_log, (), (x, log, y))
