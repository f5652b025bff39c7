"""Formulas of numbers of twice the digits, on decimals of as many digits as it takes, where twice those of a double are not enough.

After Ziv (1991): a number is right to the last digit of a double where more digits do not change it.  That nothing is lost in all of them
alike, numbers are rounded down with fewer digits and up with more, as in the arithmetic of Vignes (1978).  A formula calls functions on
numbers of twice the digits by name, and has doubles for numbers; those of decimals go by the same names, and take their places.
"""

import decimal
import math

_DIGITS = ((60, "ROUND_FLOOR"), (90, "ROUND_CEILING"), (130, "ROUND_FLOOR"))
_DIGITS_OF_TAILS = ((350, "ROUND_CEILING"), (400, "ROUND_FLOOR"))  # in which 1 less the least double is not 1
_MOST_DIGITS = 800  # more are not added where a number is small
_AGREEMENT = 19  # digits, which are more than those of a double
_NOTHING = 25  # so many digits less than the number before


def _in_digits(formula):
    """The formula as a function of decimals; None where it calls what there is only in twice the digits."""
    code, known = formula.__code__, formula.__globals__
    space = {name: known.get(name.replace("_twice_", "_digits_")) for name in code.co_names}
    numbers = tuple(decimal.Decimal(one) if isinstance(one, float) else one for one in code.co_consts)
    return None if None in space.values() else type(formula)(code.replace(co_consts=numbers), space)


def _settled_digits(formula, given, y, last=_DIGITS_OF_TAILS):
    """The formula of such doubles as a double where two numbers of digits agree; elsewhere y, or 0 if the formula is nothing but what
    rounding leaves, which is less the more digits there are, and y is no number or larger than that.  Last come the digits that tails need
    which are 1 less what is next to it, but not where gamma functions would take a second."""
    found, is_rest = [], False
    for digits, rounding in (*_DIGITS, *(() if _calls_gamma(formula) else last)):
        if is_rest and (digits, rounding) in _DIGITS:  # a few more tell no more
            continue
        with decimal.localcontext(decimal.Context(digits, rounding, decimal.MIN_EMIN, decimal.MAX_EMAX, traps=[])):
            try:
                found.append(formula(*(decimal.Decimal(float(one)) for one in given)))
            except (OverflowError, ValueError):  # a whole number of what is none
                break
            if len(found) == 1:
                continue
            before, now = found[-2:]
            is_rest = _is_rest(before, now)
            if not is_rest and abs(now - before) <= abs(now).scaleb(-_AGREEMENT) and math.isfinite(now):
                return float(now)
    largest = max(abs(float(one)) for one in found[-2:]) if len(found) > 1 else math.nan
    return 0.0 if (is_rest or largest == 0) and not abs(y) <= largest else y


def _calls_gamma(formula):
    return any("gamma" in name for name in formula.__code__.co_names)


def _is_rest(before, now):
    """Whether a number is what rounding leaves of nothing, or nothing."""
    return math.isfinite(before) and abs(now) <= abs(before).scaleb(-_NOTHING)


def _more_digits(many):
    """A context of so many more digits."""
    context = decimal.getcontext().copy()
    context.prec += min(max(many, 0), _MOST_DIGITS) + 10
    return decimal.localcontext(context)


def _digits_rounded(a):
    """What a function of the library rounds to the nearest, rounded as all else."""
    return a.next_minus() if decimal.getcontext().rounding == decimal.ROUND_FLOOR else a.next_plus()


def _digits_number(high, low=0.0, digits=""):
    return decimal.Decimal(digits or high)


def _digits_gap(a, b):
    return a - b


def _digits_chosen(condition, yes, no):
    return yes if condition else no


def _digits_not(condition):
    return not condition


def _digits_abs(a):
    return abs(a)


def _digits_sign(a):
    return decimal.Decimal((a > 0) - (a < 0))


def _digits_sqrt(a):
    return _digits_rounded(a.sqrt())


def _digits_exp(a):
    return _digits_rounded(a.exp())


def _digits_exp_less_one(a):
    with _more_digits(-a.adjusted()):
        return a.exp() - 1


def _digits_log(a):
    return _digits_rounded(a.ln())


def _digits_power(a, power):
    return _digits_exp(_digits_log(a)*power)


def _digits_cbrt(a):
    return _digits_power(abs(a), decimal.Decimal(1)/3).copy_sign(a)


def _digits_pi():
    """16 arctan(1/5) - 4 arctan(1/239), after Machin (1706)."""
    one, total = 10**(decimal.getcontext().prec + 10), 0
    for times, n in ((16, 5), (-4, 239)):
        term, k = times*one//n, 1
        while term not in (0, -1):
            total += term//k
            term, k = -term//n**2, k + 2
    return decimal.Decimal(total)/one


def _digits_waves(a):
    """Sine and cosine: Taylor's series of the rest of quarter turns; of more turns than there are digits for nothing is known."""
    with _more_digits(2*abs(a.adjusted())):
        quarter = _digits_pi()/2
        turns = (a/quarter).to_integral_value()
        small = a - turns*quarter
        if not abs(small) <= quarter:
            return decimal.Decimal("nan"), decimal.Decimal("nan")
        sums, term, k, enough = [decimal.Decimal(1), small], small, 2, decimal.Decimal(10)**-decimal.getcontext().prec
        while abs(term) > abs(small)*enough:
            term = term*small/k
            sums[k % 2] += -term if k % 4 in (2, 3) else term
            k += 1
        cosine, sine = sums
        for _ in range(int(turns) % 4):
            sine, cosine = cosine, -sine
        return sine, cosine


def _digits_sin(a):
    return _digits_waves(a)[0]


def _digits_cos(a):
    return _digits_waves(a)[1]


def _digits_tan(a):
    sine, cosine = _digits_waves(a)
    return sine/cosine


def _digits_angle(y, x):
    """The angle of a point: a step from a near one has three times its digits."""
    size = max(abs(y), abs(x))
    found = decimal.Decimal(math.atan2(y/size, x/size))
    for _ in range(math.ceil(math.log(decimal.getcontext().prec/15, 3))):
        sine, cosine = _digits_waves(found)
        found += (y*cosine - x*sine)/(x*cosine + y*sine)
    return found


def _digits_atan(a):
    return _digits_angle(a, decimal.Decimal(1))


def _digits_asin(a):
    return _digits_angle(a, ((1 - a)*(1 + a)).sqrt())


def _digits_acos(a):
    return _digits_angle(((1 - a)*(1 + a)).sqrt(), a)


def _digits_sinh(a):
    return ((_digits_exp_less_one(abs(a)) - _digits_exp_less_one(-abs(a)))/2).copy_sign(a)


def _digits_cosh(a):
    return (a.exp() + (-a).exp())/2


def _digits_tanh(a):
    less = _digits_exp_less_one(-2*abs(a))
    return (-less/(less + 2)).copy_sign(a)


def _digits_asinh(a):
    with _more_digits(-2*a.adjusted()):
        return (abs(a) + (a*a + 1).sqrt()).ln().copy_sign(a)


def _digits_acosh(a):
    with _more_digits(-(a - 1).adjusted()):
        return (a + ((a - 1)*(a + 1)).sqrt()).ln()


def _digits_atanh(a):
    with _more_digits(-a.adjusted()):
        return ((1 + a)/(1 - a)).ln()/2
