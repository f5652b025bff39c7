"""Error and gamma functions of decimals: series, a continued fraction, and Spouge's approximation, as many terms of each as there are digits."""

import decimal
import math

from symgrad.runtime.special.decimals import _digits_pi, _digits_sin, _more_digits

_FRACTION_FROM = 12
_FRACTIONS = 200
_DIGITS_OF_FRACTIONS = 10  # so many times n digits come from n^2 fractions, if n is 14 or more
_DIGITS_OF_SPOUGE = 0.79  # log10(2 pi), about, by which each term makes the error less


def _digits_erf(a):
    """2/sqrt(pi) exp(-a^2) (a + 2 a^3/3 + 4 a^5/15 + ...)."""
    if abs(a) > _FRACTION_FROM:
        return 1 - _digits_erfc(a) if a > 0 else _digits_erfc(-a) - 1
    square, term, total, k = 2*a*a, a, a, 1
    least = decimal.Decimal(10)**-decimal.getcontext().prec
    while abs(term) > abs(total)*least:
        k += 2
        term = term*square/k
        total += term
    return total*2*(-a*a).exp()/_digits_pi().sqrt()


def _digits_erfc(a):
    """exp(-a^2)/sqrt(pi) 1/(a + (1/2)/(a + (2/2)/(a + ...))) far out."""
    if a < -_FRACTION_FROM:
        return 2 - _digits_erfc(-a)
    if a < _FRACTION_FROM:
        with _more_digits(int(a*a/2)):
            return 1 - _digits_erf(a)
    below = a
    for k in range(max(_FRACTIONS, (decimal.getcontext().prec//_DIGITS_OF_FRACTIONS)**2), 0, -1):
        below = decimal.Decimal(k)/2/below + a
    return (-a*a).exp()/below/_digits_pi().sqrt()


def _digits_spouge(a):
    """What logarithms of gamma functions of a + 1 are made of: N, and sum_k c_k/(a + k) with its slopes, after Spouge (1994)."""
    many = math.ceil(decimal.getcontext().prec/_DIGITS_OF_SPOUGE) + 3
    with _more_digits(many):
        by = decimal.Decimal(-1).exp()
        total, slope, bend, share = (2*_digits_pi()).sqrt(), decimal.Decimal(0), decimal.Decimal(0), decimal.Decimal(many - 1).exp()
        for k in range(1, many):
            part = share*decimal.Decimal(many - k)**(k - 1)*decimal.Decimal(many - k).sqrt()/(a + k)
            steep = part/(a + k)
            total, slope, bend = total + part, slope - steep, bend + 2*steep/(a + k)
            share *= -by/k
        return many, total, slope, bend


def _digits_loggamma(a):
    if not a > 0:
        return decimal.Decimal("nan")
    many, total, *_ = _digits_spouge(a)
    return (a + many).ln()*(a + decimal.Decimal("0.5")) - a - many + total.ln() - a.ln()


def _digits_digamma(a):
    if not a > 0:
        return decimal.Decimal("nan")
    many, total, slope, _ = _digits_spouge(a)
    return (a + many).ln() + (a + decimal.Decimal("0.5"))/(a + many) - 1 + slope/total - 1/a


def _digits_trigamma(a):
    if not a > 0:
        return decimal.Decimal("nan")
    many, total, slope, bend = _digits_spouge(a)
    return (1 + (many - decimal.Decimal("0.5"))/(a + many))/(a + many) + bend/total - (slope/total)**2 + 1/(a*a)


def _digits_gamma(a):
    """Of a negative number by that of its other side, which nan has not."""
    if not a <= 0:
        return _digits_loggamma(a).exp()
    pi = _digits_pi()
    return pi/_digits_sin(pi*a)/_digits_gamma(1 - a)
