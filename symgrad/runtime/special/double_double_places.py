"""Results in the place of those of doubles: formulas in twice the digits, and in more where these are not enough."""

import math

import numpy as np

from symgrad.runtime.special.decimals import _in_digits, _settled_digits
from symgrad.runtime.special.double_double import _OUT_OF_SIGHT, _Twice
from symgrad.runtime.special.pieces import _doubles

_FEW_ULP = 4.440892098500626e-16  # 2^-51
_FEW_LOST = 64  # if so many of the elements that are no numbers have no value, the others are left
_HALF_DIGITS = 1.4901161193847656e-08  # 2^-26, what may be wrong with a result that takes the place of one that is no number


def _twice_result(formula, given, y, has_value=False):
    """The formula where it is right to a few ulp, or surely nearer to what is right than y is, elsewhere y; and where more digits may tell more:
    not where there is no number and none in twice the digits, unless it is known that there is one."""
    found = formula(*(_Twice(one) for one in given))
    value, is_number = found.rounded(), np.isfinite(y)
    apart = abs(np.ldexp(y, np.clip(-found.power, _OUT_OF_SIGHT, -_OUT_OF_SIGHT).astype(int)) - found.high - found.low)
    is_right = found.error <= abs(found.high)*np.where(is_number, _FEW_ULP, _HALF_DIGITS)
    is_nothing = (found.high == 0) & is_number | np.isnan(found.high) & np.isnan(y) & (not has_value)
    is_nearer = is_number & (apart > 2*found.error)
    return np.where((is_right | is_nearer) & np.isfinite(value), value, y), ~(is_right | is_nothing)


def _twice_inside(intervals, formula, x, y):
    """The formula where x lies in one of the intervals, elsewhere y."""
    inside = np.zeros(x.shape, bool)
    for low, high in intervals:
        inside |= (low <= x) & (x <= high)
    return _twice_where(formula, inside, y, x, has_value=True)


def _twice_where(formula, where, y, *inputs, has_value=False):
    """The formula where a condition holds, or y is no number, elsewhere y; an input that is one number stays one, and so do steps that rest on
    such alone."""
    out = np.array(np.broadcast_arrays(y, where, *inputs)[0])
    flat, where = out.reshape(-1), np.broadcast_to(where, out.shape).reshape(-1)
    given = [np.reshape(one, 1) if np.size(one) == 1 else np.broadcast_to(one, out.shape).reshape(-1) for one in inputs]
    _twice_at(formula, np.flatnonzero(where), flat, given, has_value)
    lost = np.flatnonzero(np.logical_and.reduce(np.broadcast_arrays(~np.isfinite(flat), *map(np.isfinite, given))))
    few = lost[::max(1, lost.size//_FEW_LOST)]
    _twice_at(formula, few, flat, given)
    if few.size < lost.size and np.isfinite(flat[few]).any():
        _twice_at(formula, lost, flat, given)
    return out


def _twice_at(formula, here, y, inputs, has_value=False):
    """The formula at some places, written into y."""
    if not here.size:
        return
    given = [one if one.size == 1 else one[here] for one in inputs]
    with np.errstate(all="ignore"):
        y[here], is_open = _twice_result(formula, given, y[here], has_value)
    exact, known = _in_digits(formula) if is_open.any() else None, {}
    for k in np.flatnonzero(is_open) if exact else ():
        at, now = tuple(one[k % one.size] for one in given), y[here[k]]
        key = *at, now if now == now else None
        if key not in known:
            known[key] = _settled_digits(exact, at, now)
        y[here[k]] = known[key]


def _double_double(intervals, formula, x, y):
    return _doubles(_twice_inside, (intervals, formula), (x, y))


def _double_double_where(formula, where, y, *inputs):
    return _doubles(_twice_where, (formula, where), (y, *inputs))


def _double_double_number(intervals, formula, x, y):
    is_inside = any(low <= x <= high for low, high in intervals)
    return _double_double_number_where(formula, is_inside, y, x, has_value=is_inside)


def _double_double_number_where(formula, where, y, *inputs, has_value=False):
    if not where and (math.isfinite(y) or not all(map(math.isfinite, inputs))):
        return y
    given, is_open = [float(one) for one in inputs], has_value or y == y
    with np.errstate(all="ignore"):
        try:
            found, is_open = _twice_result(formula, given, y, has_value)
        except (ArithmeticError, ValueError):
            found = y
    exact = _in_digits(formula) if is_open else None
    return _settled_digits(exact, given, float(found)) if exact else float(found)
