"""What rounding has lost of a sum, a product or a logarithm, and a result with such a loss put back.

Sums of two after Knuth, products after Dekker: on arrays the digits are split by their bits, which cannot overflow.  Logarithms by a
table: log(2^k m) = k log(2) - log(c) + log(1 + r) with c near 1/m of nine bits and r = c m - 1 in two parts, after Tang,
"Table-driven implementation of the logarithm function", ACM TOMS 16 (1990).
"""

import math

import numpy as np

from symgrad.runtime.special.ends import _mended
from symgrad.runtime.special.exponents import _SPLITTER, _UPPER, _sum_rest, _times_rest
from symgrad.runtime.special.pieces import _doubles


def _log_in_two(p, q):
    """log(p/q) as a multiple of 2^-42 and what that lacks, by the series of 2 atanh((p - q)/(p + q)) in 140 bits."""
    ratio = (p - q << 140)//(p + q)
    square, term, total = ratio*ratio >> 140, ratio, 0
    for odd in range(1, 180, 2):
        total += term//odd
        term = term*square >> 140
    high = round(total*2/2**98)
    return high/2**42, float((total*2 - (high << 98))/2**140)


_NEAR_RECIPROCALS = tuple(round(2**15/j) for j in range(64, 129))  # of j/128, in 256ths
_NEAR_LOGARITHMS = tuple(_log_in_two(256, p) for p in _NEAR_RECIPROCALS)
_NEAR_BY_PART = (np.array(_NEAR_RECIPROCALS)/256, *np.array(_NEAR_LOGARITHMS).T)
_LOG_OF_2 = _log_in_two(2, 1)
_LOG1P_BEYOND = (1/9, -1/8, 1/7, -1/6, 1/5, -1/4, 1/3, -1/2)  # (log(1 + r) - r)/r^2


def _log_less(y, power, upper, lower, c, high, low):
    """log(2^power (upper + lower)) - y, upper having half the digits."""
    wide, rest = upper*c - 1, lower*c
    r = wide + rest
    rest = (wide - r) + rest
    beyond = _LOG1P_BEYOND[0]
    for coefficient in _LOG1P_BEYOND[1:]:
        beyond = beyond*r + coefficient
    return ((power*_LOG_OF_2[0] + high) - y) + r + (r*r*beyond + rest + (power*_LOG_OF_2[1] + low))


# ---------------------------------------------------------------------- numbers

def _rest_of_sum(total, constant, lacking, *terms):
    """constant + lacking + (c1 + r1) a1 + (c2 + r2) a2 + … - total, of Python floats."""
    found, rest = _sum_rest(constant, -total)
    rest += lacking
    for k in range(0, len(terms), 3):
        product, lost = _times_rest(terms[k], terms[k + 1], terms[k + 2], 0.0)
        found, gone = _sum_rest(found, product)
        rest += lost + gone
    return found + rest


def _rest_of_product(product, number, lacking, *factors):
    """(number + lacking) a1 a2 … - product, of Python floats."""
    found, rest = number, lacking
    for x in factors:
        found, rest = _times_rest(found, rest, x, 0.0)
    return (found - product) + rest


def _rest_of_log(y, x):
    """log(x) - y, of Python floats; an error where x is not above 0 or infinite."""
    m, power = math.frexp(x)
    wide = _SPLITTER*m
    upper = wide - (wide - m)
    place = round(m*128) - 64
    if not 0 <= place <= 64:
        raise ValueError("a number above 0 is required")
    return _log_less(y, power, upper, m - upper, _NEAR_RECIPROCALS[place]/256, *_NEAR_LOGARITHMS[place])


# ---------------------------------------------------------------------- arrays

def _split(x):
    """The upper half of the digits, and the lower one."""
    if x.ndim:
        upper = np.bitwise_and(x.view(np.int64), _UPPER).view(float)
    else:
        wide = _SPLITTER*x
        upper = wide - (wide - x)
    return upper, x - upper


def _two_product(x, y):
    """x y rounded, and its rest."""
    rounded, (high, low) = x*y, _split(x)
    upper, lower = (high, low) if x is y else _split(y)
    rest = high*upper
    rest -= rounded
    rest += high*lower
    rest += low*upper
    rest += low*lower
    return rounded, rest


def _is(number, value):
    """Whether all of an argument is one number."""
    return number.ndim == 0 and number == value


def _rests_of_sum(total, constant, lacking, *terms):
    """The same of arrays, and of numbers beside them; a coefficient of 1 or -1 rounds nothing."""
    found, rest = (-total, 0.0) if _is(constant, 0) else _sum_rest(constant, -total)
    for k in range(0, len(terms), 3):
        c, r, a = terms[k:k + 3]
        product, lost = (c*a, 0.0) if _is(abs(c), 1) and _is(r, 0) else _two_product(c, a)
        found, gone = _sum_rest(found, product)
        rest = rest + gone + lost + (0.0 if _is(r, 0) else r*a)
    return found + (rest + lacking)


def _rests_of_product(product, number, lacking, first, *factors):
    is_exact = _is(lacking, 0)
    found, rest = (first, None) if is_exact and _is(number, 1) else _two_product(number, first)
    if not is_exact:
        rest = rest + lacking*first
    for x in factors:
        found, lost = _two_product(found, x)
        rest = lost if rest is None else lost + rest*x
    found = found - product
    return found if rest is None else found + rest


def _rests_of_log(y, x):
    m, power = np.frexp(x)
    place = np.clip(np.rint(np.where(m < 1, m, 0.5)*128).astype(np.int64) - 64, 0, 64)
    return _log_less(y, power.astype(float), *_split(m), *(part[place] for part in _NEAR_BY_PART))


# ---------------------------------------------------------------------- both

def _sum_less(*terms):
    return _doubles(_rests_of_sum, (), terms)


def _product_less(*factors):
    return _doubles(_rests_of_product, (), factors)


def _log_rest(y, x):
    return _doubles(_rests_of_log, (), (y, x))


def _put_back(x, rest, out=None):
    """x + rest, x where the rest is not finite."""
    out = np.add(x, rest, out=out)
    return out if np.isfinite(out).all() else _mended(out, x, ~np.isfinite(rest))
