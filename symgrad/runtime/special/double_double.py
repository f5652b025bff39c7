"""Numbers of twice the digits: each is the sum of two doubles that do not overlap, after Dekker (1971) and Knuth, times a power of 2.

Formulas that cancel, in which several roundings meet, or that overflow on the way, are right to the last digit of a double in this
arithmetic, and each number has a bound of its error with it, after Wilkinson (1963).  It is hundreds of times as slow as that of doubles,
and so for the few elements that need it.  Functions start from NumPy's double: one step of Newton's method doubles its digits, for
exponentials and waves a Taylor polynomial of a small argument does.
"""

import math

import numpy as np

from symgrad.runtime.special.exponents import _over_rest, _sum_rest, _times_rest

_HALVINGS = 5  # of an exponent, so that thirteen terms of a Taylor polynomial do
_LAST_OF_EXP = (1.6059043836821613e-10, 2.08767569878681e-09, 2.505210838544172e-08,
                2.755731922398589e-07, 2.7557319223985893e-06, 2.48015873015873e-05)
_FIRST_OF_EXP = ((0.0001984126984126984, 1.7209558293420705e-22), (0.001388888888888889, -5.300543954373577e-20),
                 (0.008333333333333333, 1.1564823173178714e-19), (0.041666666666666664, 2.3129646346357427e-18),
                 (0.16666666666666666, 9.25185853854297e-18), (0.5, 0.0), (1.0, 0.0))
_FIRST_OF_WAVES = 8  # terms in twice the digits
_LAST_OF_WAVES = 6
_LARGEST_POWER = 1099511627776.0  # of 2, that a number may have; 0 has the least
_OUT_OF_SIGHT = -2200  # what is so many powers of 2 less is nothing beside a double
_FAR_BEYOND = 550  # what is so many powers of 2 more is all that counts beside a double
_LEAST_POWER = -1099511627776
_TWICE_ULP = 2.465190328815662e-32  # 2^-105, what rounding does to a number at most
_OF_SUM = 3.9443045261050594e-32  # 3, 7 and 15 times 2^-106 and a little, after Joldes, Muller and Popescu (2017)
_OF_PRODUCT = 8.874685183736383e-32
_OF_QUOTIENT = 1.873544649899903e-31
_ERROR_OF_RATIO = 7.888609052210118e-31  # 2^-100, of (exp(x) - 1)/x, of sin(x)/x and of cos(x)
_GROWTH = 2.5  # exp(x + e) - 1 is off by so many e at most where |x| < 0.35 and e < 1
_ROOT_OF_HALF = 0.7071067811865476
_TWICE_LOG_2 = (0.6931471805599453, 2.3190468138462996e-17)
_TWICE_QUARTER = (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33)  # of a turn
_LACKING = 3.4211388289180104e-49  # 2^-161, what these three are off, at most


class _Twice:
    """(high + low) 2^power, or arrays of these; 1/2 <= |high| < 1, or 0.  The number is right to error 2^power."""

    __slots__ = ("error", "high", "low", "power")

    def __init__(self, high, low=None, power=None, error=None):
        power = 0 if power is None else power
        error = error if error is not None else 0.0 if low is None else _TWICE_ULP*abs(high)
        if isinstance(high, float):
            self.high, shift = math.frexp(high)
            self.low, self.error = math.ldexp(low or 0.0, -shift), math.ldexp(error, -shift)
            self.power = power + shift if high or error else _LEAST_POWER
        else:
            self.high, shift = np.frexp(high)
            self.low, self.error = np.ldexp(0.0 if low is None else low, -shift), np.ldexp(error, -shift)
            self.power = np.where((self.high == 0) & (self.error == 0), _LEAST_POWER, power + shift.astype(np.int64))

    def rounded(self):
        """As a double."""
        return np.ldexp(self.high, np.clip(self.power, _OUT_OF_SIGHT, -_OUT_OF_SIGHT).astype(int))

    def sure(self, part):
        """As a double; nan where more than such a part of it may be wrong."""
        return np.where(self.error <= abs(self.high)*part, self.rounded(), np.nan)

    def times_power(self, power):
        """2^power times the number."""
        return _Twice(self.high, self.low, self.power + power, self.error)

    def __neg__(self):
        return _Twice(-self.high, -self.low, self.power, self.error)

    def __add__(self, other):
        other = other if isinstance(other, _Twice) else _Twice(other)
        power = _twice_larger(self.power, other.power)
        first, less, error = _twice_in_units(self.power - power, self.high, self.low, self.error)
        second, least, beside = _twice_in_units(other.power - power, other.high, other.low, other.error)
        total, rest = _sum_rest(first, second)
        small, last = _sum_rest(less, least)
        total, rest = _twice_settled(total, rest + small)
        return _Twice(*_twice_settled(total, rest + last), power, error + beside + _OF_SUM*abs(total))

    def __sub__(self, other):
        return self + -other

    def __mul__(self, other):
        other = other if isinstance(other, _Twice) else _Twice(other)
        high, low = _twice_settled(*_times_rest(self.high, self.low, other.high, other.low))
        error = self.error*abs(other.high) + other.error*abs(self.high) + self.error*other.error
        is_rounded = (self.low != 0) | (other.low != 0)  # two doubles have their exact product
        return _Twice(high, low, self.power + other.power, error + _OF_PRODUCT*abs(high)*is_rounded)

    def __truediv__(self, other):
        other = other if isinstance(other, _Twice) else _Twice(other)
        high, low = _twice_settled(*_over_rest(self.high, self.low, other.high, other.low))
        error = (self.error + abs(high)*other.error)/_twice_larger(abs(other.high) - other.error, 0.0)
        return _Twice(high, low, self.power - other.power, error + _OF_QUOTIENT*abs(high))

    def __pow__(self, power):
        """To a whole number."""
        if power < 0:
            return 1.0/self**-power
        if power == 0:
            return self*0.0 + 1.0
        half = self**(power//2) if power > 1 else None
        return self if half is None else half*half if power % 2 == 0 else half*half*self

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return _Twice(other)/self

    __radd__, __rmul__ = __add__, __mul__


def _twice_number(high, low=0.0, digits=""):
    """A number that is no double, by two of them; its digits are for those who need more."""
    return _Twice(high, low)


def _twice_gap(a, b):
    """What tells which of two is larger, as a double."""
    return (a - b).high


def _twice_larger(power, other):
    return np.maximum(power, other) if isinstance(power, np.ndarray) or isinstance(other, np.ndarray) else max(power, other)


def _twice_in_units(shift, *sizes):
    """Sizes in units of another power of 2, so many powers less; what is far beyond a number is just that."""
    if not isinstance(shift, np.ndarray):
        shift = min(max(int(shift), _OUT_OF_SIGHT), _FAR_BEYOND)
        return [math.ldexp(size, shift) for size in sizes]
    shift = np.clip(shift, _OUT_OF_SIGHT, _FAR_BEYOND).astype(int)
    return [np.ldexp(size, shift) for size in sizes]


def _twice_settled(high, low):
    """Two doubles of which the first is much larger as two that do not overlap."""
    total = high + low
    return total, low - (total - high)


def _twice_beside(high, low, less, least):
    """The sum of two such numbers, the second of which is the smaller."""
    total, rest = _sum_rest(high, less)
    return _twice_settled(total, rest + (low + least))


def _twice_chosen(condition, yes, no):
    """One number where a condition holds, another elsewhere."""
    if not isinstance(condition, np.ndarray):
        return yes if condition else no
    return _Twice(*(np.where(condition, getattr(yes, part), getattr(no, part)) for part in ("high", "low", "power", "error")))


def _twice_sqrt(a):
    odd = a.power % 2
    high, low = a.high*(1.0 + odd), a.low*(1.0 + odd)
    root = np.sqrt(high)
    back, rest = _times_rest(root, 0.0, root, 0.0)
    error = a.error*(1.0 + odd)
    error = error/(root + np.sqrt(error)*(root == 0) + (error == 0)) + _TWICE_ULP*root
    return _Twice(*_twice_settled(root, ((high - back) - rest + low)/(2*root + (root == 0))), (a.power - odd)//2, error)


def _twice_exponential(a):
    """exp(a) = 2^n (1 + p): p and n."""
    n = np.clip(np.rint(a.rounded()/_TWICE_LOG_2[0]), -_LARGEST_POWER, _LARGEST_POWER)
    small = a - _Twice(*_TWICE_LOG_2)*n
    part, less = _twice_in_units(small.power - _HALVINGS, small.high, small.low)
    # (exp(x) - 1)/x is about 1, as is its polynomial, so it needs no power of 2, and its last terms no more than the digits of a double
    high, low = 0.0, 0.0
    for term in _LAST_OF_EXP:
        high = high*part + term
    for term in _FIRST_OF_EXP:
        high, low = _twice_beside(*term, *_times_rest(high, low, part, less))
    for _ in range(_HALVINGS):  # (exp(2x) - 1)/(2x) is that times (exp(x) + 1)/2
        power = _twice_beside(1.0, 0.0, *_times_rest(high*0.5, low*0.5, part, less))
        high, low = _twice_settled(*_times_rest(high, low, *power))
        part, less = part*2.0, less*2.0
    ratio = _Twice(high, low, 0, _ERROR_OF_RATIO)
    return _Twice(small.high, small.low, small.power, small.error*_GROWTH)*ratio, np.nan_to_num(n).astype(np.int64)


def _twice_exp(a):
    part, n = _twice_exponential(a)
    return (part + 1.0).times_power(n)


def _twice_exp_less_one(a):
    part, n = _twice_exponential(a)
    return _twice_chosen(n == 0, part, (part + 1.0).times_power(n) - 1.0)


def _twice_log(a):
    """The logarithm of a number of about 1, and that of the power of 2."""
    is_less = a.high < _ROOT_OF_HALF
    near = _Twice(a.high, a.low, is_less + 0, a.error)
    start = np.log(near.rounded())
    less = near*_twice_exp(_Twice(-start)) - 1.0
    return less - less*less*0.5 + start + _Twice(*_TWICE_LOG_2)*(a.power - is_less + 0.0)


def _twice_power(a, power):
    """a to a power that may be any number."""
    return _twice_exp(_twice_log(a)*power)


def _twice_cbrt(a):
    beside = a.power % 3
    near = _Twice(a.high, a.low, beside, a.error)
    root = np.cbrt(near.rounded())
    found = (near - _Twice(root)**3)/(3.0*root*root) + root
    return _twice_chosen(root == 0, near, found).times_power((a.power - beside)//3)


def _twice_wave(square, less, first):
    """sin(x)/x (first = 1) or cos(x) (0) from the square of x: 1 - x^2/((first + 1) (first + 2)) (1 - x^2/((first + 3) (first + 4)) (1 - ...)).

    The last terms need no more than the digits of a double.
    """
    high, low, middle = 1.0, 0.0, first + 2*_FIRST_OF_WAVES
    for k in range(middle + 2*_LAST_OF_WAVES, middle, -2):
        high = 1.0 - square*high/(k*(k - 1.0))
    for k in range(middle, first, -2):
        high, low = _twice_beside(1.0, 0.0, *_over_rest(*_times_rest(high, low, square, less), -k*(k - 1.0), 0.0))
    return high, low


def _twice_waves(a):
    """Sine and cosine."""
    turns = np.rint(a.rounded()/_TWICE_QUARTER[0])
    small = a
    for part in _TWICE_QUARTER:
        small = small - _Twice(part)*turns
    # whole numbers times the parts are exact: what they leave is as right as the number, but for what the parts lack of a turn
    (error,) = _twice_in_units(a.power - small.power, a.error)
    (lacking,) = _twice_in_units(-small.power, abs(turns)*_LACKING)
    small = _Twice(small.high, small.low, small.power, 8*_TWICE_ULP*abs(small.high) + error + lacking)
    part, less, error = _twice_in_units(small.power, small.high, small.low, small.error)
    square = _times_rest(part, less, part, less)
    sine = small*_Twice(*_twice_wave(*square, 1), 0, _ERROR_OF_RATIO)
    cosine = _Twice(*_twice_wave(*square, 0), 0, abs(part)*error + _ERROR_OF_RATIO)
    turned = turns % 2 == 1
    sine, cosine = _twice_chosen(turned, cosine, sine), _twice_chosen(turned, -sine, cosine)
    back = turns % 4 >= 2
    return _twice_chosen(back, -sine, sine), _twice_chosen(back, -cosine, cosine)


def _twice_sin(a):
    return _twice_waves(a)[0]


def _twice_cos(a):
    return _twice_waves(a)[1]


def _twice_tan(a):
    sine, cosine = _twice_waves(a)
    return sine/cosine


def _twice_angle(y, x):
    """The angle of a point, as arctan2."""
    start = np.arctan2(y.rounded(), x.rounded())
    sine, cosine = _twice_waves(_Twice(start))
    return (y*cosine - x*sine)/(x*cosine + y*sine) + start


def _twice_atan(a):
    return _twice_angle(a, a*0.0 + 1.0)


def _twice_asin(a):
    return _twice_angle(a, _twice_sqrt((1.0 - a)*(1.0 + a)))


def _twice_acos(a):
    return _twice_angle(_twice_sqrt((1.0 - a)*(1.0 + a)), a)


def _twice_sinh(a):
    less = _twice_exp_less_one(_twice_abs(a))
    found = (less + less/(less + 1.0))*0.5
    return _twice_chosen(a.high < 0, -found, found)


def _twice_cosh(a):
    power = _twice_exp(a)
    return (power + 1.0/power)*0.5


def _twice_tanh(a):
    less = _twice_exp_less_one(a*2.0)
    return less/(less + 2.0)


def _twice_asinh(a):
    size = _twice_abs(a)
    found = _twice_log(size + _twice_sqrt(size*size + 1.0))
    return _twice_chosen(a.high < 0, -found, found)


def _twice_acosh(a):
    return _twice_log(a + _twice_sqrt((a - 1.0)*(a + 1.0)))


def _twice_atanh(a):
    return _twice_log(2.0*a/(1.0 - a) + 1.0)*0.5


def _twice_abs(a):
    return _twice_chosen(a.high < 0, -a, a)


def _twice_sign(a):
    return _Twice(np.sign(a.high))


def _twice_not(condition):
    return np.logical_not(condition)
