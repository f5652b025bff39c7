"""Exponentials of products: the relative error of exp(u) is that of u times |u|, so what the product's rounding loses is put back.

A product is carried as its rounded value and a rest, by Dekker's algorithm with the digits of each factor split in two halves; to
first order exp(u + e) = exp(u) + exp(u) e.
"""

import math

import numpy as np

from symgrad.runtime.special.pieces import _PART, _doubles

_SPLITTER = 134217729.0  # 2^27 + 1, after Veltkamp
_UPPER = -134217728  # all bits but the lower 27


# ---------------------------------------------------------------------- numbers

def _sum_rest(a, b):
    """a + b as a rounded sum and its rest, after Knuth."""
    rounded = a + b
    part = rounded - a
    return rounded, (a - (rounded - part)) + (b - part)


def _times_rest(product, rest, x, lost):
    """(product + rest) (x + lost) as a rounded product and its rest."""
    rounded = product*x
    wide = _SPLITTER*product
    high = wide - (wide - product)
    wide = _SPLITTER*x
    upper = wide - (wide - x)
    low, lower = product - high, x - upper
    return rounded, (((high*upper - rounded) + high*lower) + low*upper) + low*lower + (rest*x + product*lost)


def _over_rest(quotient, rest, x, lost):
    """(quotient + rest)/(x + lost) as a rounded quotient and its rest."""
    rounded = quotient/x
    back, gone = _times_rest(rounded, 0.0, x, lost)
    return rounded, (((quotient - back) - gone) + rest)/x


def _exp_number(product, rest):
    """exp(product + rest) of Python floats, or of NumPy's and arrays, which may be infinite."""
    if type(product) is float:
        power = math.exp(product)
        return power + power*rest if rest - rest == 0 else power
    power = np.exp(product)
    return np.where(np.isfinite(rest) & np.isfinite(power), power + power*rest, power)


# ---------------------------------------------------------------------- arrays

def _array_times(x, number, rest, product, high, low):
    """(number + rest) x as a rounded product and its rest, written into the arrays."""
    wide = _SPLITTER*number
    upper = wide - (wide - number)
    np.bitwise_and(x.view(np.int64), _UPPER, out=high.view(np.int64))
    np.subtract(x, high, out=low)
    np.multiply(x, number, out=product)
    np.multiply(high, upper, out=high)
    np.subtract(high, product, out=high)
    np.multiply(low, upper, out=low)
    np.add(high, low, out=high)
    np.multiply(x, (number - upper) + rest, out=low)
    return product, np.add(high, low, out=high)


def _array_square(x, number, rest, product, high, low):
    """number x^2, the number being a power of two: with the upper half h of x's digits it is number (h^2 + (x - h) (x + h))."""
    np.bitwise_and(x.view(np.int64), _UPPER, out=high.view(np.int64))
    np.add(x, high, out=low)
    np.subtract(x, high, out=product)
    np.multiply(low, product, out=low)
    np.multiply(x, x, out=product)
    np.multiply(high, high, out=high)
    np.subtract(high, product, out=high)
    np.add(high, low, out=high)
    return np.multiply(product, number, out=product), np.multiply(high, number, out=high)


def _exp_array(multiply, x, number, rest):
    """exp of a product and its rest, piece by piece."""
    flat = x.reshape(-1)
    out = np.empty(flat.size)
    room = [np.empty(min(_PART, flat.size)) for _ in range(3)]
    for start in range(0, flat.size, _PART):
        to = out[start:start + _PART]
        product, lost = multiply(flat[start:start + _PART], number, rest, *(one[:to.size] for one in room))
        np.exp(product, out=to)
        np.multiply(to, lost, out=lost)
        np.add(to, lost, out=to)
        if not np.isfinite(np.vdot(to, to)):
            np.copyto(to, np.exp(product), where=~np.isfinite(to))
    return out.reshape(x.shape)


# ---------------------------------------------------------------------- both

def _in_turns(count, total):
    """The places of factors, those above the line and those below it in turns: a quotient may be near 1 though neither side is a double."""
    return sorted(range(total), key=lambda k: (k, 0) if k < count else (k - count, 1))


def _exponent_of_factors(high, low, count, *factors):
    """c a1 a2 …/(b1 b2 …) and its rest, with c = high + low, the first `count` factors above the line."""
    product, rest = float(high), low
    for k in _in_turns(count, len(factors)):
        x = factors[k]
        product, rest = (_times_rest if k < count else _over_rest)(product, rest, x, 0.0)
    return product, rest


def _exponent_of_shifted_factors(high, low, count, plus, plus_low, *ends):
    """c (a1 + a2) (a3 + a4) …/(b1 + b2) … + d and its rest, with c = high + low and d = plus + plus_low."""
    product, rest = float(high), low
    for k in _in_turns(count, len(ends)//2):
        x, lost = _sum_rest(ends[2*k], ends[2*k + 1])
        product, rest = (_times_rest if k < count else _over_rest)(product, rest, x, lost)
    if plus != 0:
        product, lost = _sum_rest(product, plus)
        rest = rest + (lost + plus_low)
    return product, rest


def _exp_of_factors(high, low, count, *factors):
    """exp of such a product of Python floats."""
    return _exp_number(*_exponent_of_factors(high, low, count, *factors))


def _exp_of_shifted_factors(high, low, count, plus, plus_low, *ends):
    """exp of such a shifted product of Python floats."""
    return _exp_number(*_exponent_of_shifted_factors(high, low, count, plus, plus_low, *ends))


def _exp_of_shifted_product(high, low, count, plus, plus_low, *ends):
    return _doubles(_exp_of_shifted_factors, (high, low, count, plus, plus_low), ends)


def _exp_of_product(high, low, count, *factors):
    """As `_exp_of_factors`, quick where one factor above the line is an array, or for c a power of two the square of one is."""
    arrays = [factor for factor in factors if isinstance(factor, np.ndarray) and factor.ndim]
    is_square = len(factors) == len(arrays) == 2 and arrays[0] is arrays[1] and count == 2 and math.frexp(high)[0] in (0.5, -0.5) and low == 0
    if not is_square and not (len(arrays) == 1 and any(factor is arrays[0] for factor in factors[:count])):
        return _doubles(_exp_of_factors, (high, low, count), factors)
    number, rest = float(high), low
    for k, factor in enumerate(factors):
        if factor is not arrays[0]:
            number, rest = (_times_rest if k < count else _over_rest)(number, rest, np.float64(factor), 0.0)
    dtype = arrays[0].dtype
    if dtype.kind not in "fiu":
        raise TypeError("real numbers are required")
    x = np.ascontiguousarray(arrays[0], float)
    if dtype == np.float32:  # what double precision loses does not show
        return np.exp((x*x if is_square else x)*number).astype(dtype)
    found = _exp_array(_array_square if is_square else _array_times, x, float(number), rest)
    return found.astype(dtype if dtype.kind == "f" else float, copy=False)
