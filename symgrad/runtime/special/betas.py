"""Beta functions and binomial coefficients: by gamma functions where these are small, else by Stirling's series, whose powers take twice the digits.

B(a, b) is sqrt(2 pi (a + b)/(a b)) (a/(a + b))^a (b/(a + b))^b times the series' exp(d(a) + d(b) - d(a + b)) (DLMF 5.11.1, 5.12.1).
The logarithm of the powers may be some hundreds, of which every digit counts.
"""

import numpy as np

from symgrad.runtime.special.double_double import _Twice, _twice_chosen, _twice_exp, _twice_log
from symgrad.runtime.special.exponents import _sum_rest
from symgrad.runtime.special.pieces import _doubles
from symgrad.runtime.special.rising import _RISING, _STIRLING

_SMALL_SUM = 30.0  # gamma functions up to here are numbers in single precision, too
_SHIFT = 10
_FAR_APART = 9.5367431640625e-07  # 2^-20
_WHOLE_UP_TO = 1125899906842624.0  # 2^50: what is off by a few ulp is next to the right whole number
_ROOT_OF_2_PI = 2.5066282746310002


def _stirling_rest(x):
    """log(Gamma(x)) less (x - 1/2) log(x) - x + log(2 pi)/2."""
    power, square = 1/x, 1/x/x
    total = np.zeros_like(x)
    for _, c in _RISING:
        total = total + c*power
        power = power*square
    return total


def _beta_far(large, small):
    """B(a, b) where the larger a and the smaller b are at least 10, all numbers in twice the digits."""
    a, b, both = large.rounded(), small.rounded(), large + small
    ratio = b/a
    # a log(1 + b/a) is b - b (b/a)/2 + ...: a quotient next to 1 would have to have more digits than there are
    flat = _Twice(b*ratio*(0.5 - ratio*(1/3 - ratio*(0.25 - ratio*0.2)))) - small
    power = small*_twice_log(small/both) + _twice_chosen(ratio < _FAR_APART, flat, large*_twice_log(large/both))
    power = power + _Twice(_stirling_rest(a) + _stirling_rest(b) - _stirling_rest(both.rounded()))
    return _twice_exp(power)*(_ROOT_OF_2_PI*np.sqrt(both.rounded()/a/b))


def _beta_positive(a, b):
    """B(a, b) of numbers above 0 in twice the digits whose sum is not small: where one of them is, by B(a, b + 10)."""
    is_less = a.rounded() < b.rounded()
    large, small = _twice_chosen(is_less, b, a), _twice_chosen(is_less, a, b)
    near, both, quotient = small.rounded() < _STIRLING, large + small, _Twice(np.ones_like(large.high))
    for k in range(_SHIFT if near.any() else 0):
        quotient = quotient*(both + float(k))/(small + float(k))
    far = _twice_chosen(near, small + float(_SHIFT), small)
    return (_beta_far(large, far)*_twice_chosen(near, quotient, quotient*0.0 + 1.0)).rounded()


def _log_slope(s):
    """The slope of log(Gamma(s)) to two digits."""
    return np.log(s + 0.5) - 1/s


def _beta_at(plain, direct, a, b):
    plain, direct, a, b = np.broadcast_arrays(plain, direct, a, b)
    both, rest = _sum_rest(a, b)
    positive = (a > 0) & (b > 0)
    found = np.where(positive & (both <= _SMALL_SUM), direct - direct*_log_slope(both)*rest, plain)
    far = positive & (both > _SMALL_SUM) & (both < np.inf)
    if far.any():
        found[far] = _beta_positive(_Twice(a[far]), _Twice(b[far]))
    return found


def _beta(plain, direct, a, b):
    """B(a, b) from SciPy's, which loses digits as numbers grow, and from gamma functions, which leave the range then."""
    return _doubles(_beta_at, (), (plain, direct, a, b))


def _binomial_at(plain, n, k):
    found, n, k = (np.array(one) for one in np.broadcast_arrays(plain, n, k))
    far = (k > -1) & (n - k > -1) & (n > _SMALL_SUM) & (n < np.inf)
    if far.any():
        every, part = _Twice(n[far]), _Twice(k[far])
        found[far] = 1/((n[far] + 1)*_beta_positive(every - part + 1.0, part + 1.0))
    is_whole = (n == np.rint(n)) & (k == np.rint(k)) & (np.abs(found) < _WHOLE_UP_TO)
    return np.where(is_whole, np.rint(found), found)


def _binomial(plain, n, k):
    """n over k from SciPy's, which loses digits as n grows, too."""
    return _doubles(_binomial_at, (), (plain, n, k))
