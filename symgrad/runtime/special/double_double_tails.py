"""Error and gamma functions of numbers of twice the digits: series near 0, continued fractions and Stirling's series far out."""

import numpy as np

from symgrad.runtime.special.double_double import (
    _Twice,
    _twice_abs,
    _twice_chosen,
    _twice_exp,
    _twice_log,
    _twice_sin,
)

_TWICE_PI = (3.141592653589793, 1.2246467991473532e-16)
_TWICE_ROOT_OF_PI = (1.772453850905516, -7.666586499825799e-17)
_TWICE_LOG_OF_ROOT = (0.9189385332046728, -3.878294158067242e-17)  # log(2 pi)/2
_SERIES_UP_TO = 4.5  # the error function's series has positive terms there, its complement loses a third of its digits at most
_TERMS_OF_ERF = 110
_FRACTIONS_OF_ERFC = 60
_MOVED_TO = 32  # from where Stirling's series is as good as it takes
_BERNOULLI = (
    (1.0, 6.0), (-1.0, 30.0), (1.0, 42.0), (-1.0, 30.0), (5.0, 66.0), (-691.0, 2730.0), (7.0, 6.0), (-3617.0, 510.0), (43867.0, 798.0),
    (-174611.0, 330.0), (854513.0, 138.0), (-236364091.0, 2730.0), (8553103.0, 6.0), (-23749461029.0, 870.0), (8615841276005.0, 14322.0))


def _twice_erf_near(a):
    """2/sqrt(pi) exp(-a^2) (a + 2 a^3/3 + 4 a^5/15 + ...)."""
    square, total = a*a*2.0, _Twice(1.0)
    for k in range(_TERMS_OF_ERF, 0, -1):
        total = square*total/(2.0*k + 1.0) + 1.0
    return a*total*_twice_exp(-a*a)*2.0/_Twice(*_TWICE_ROOT_OF_PI)


def _twice_erfc_far(a):
    """exp(-a^2)/sqrt(pi) 1/(a + (1/2)/(a + (2/2)/(a + ...)))."""
    below = a
    for k in range(_FRACTIONS_OF_ERFC, 0, -1):
        below = 0.5*k/below + a
    return _twice_exp(-a*a)/below/_Twice(*_TWICE_ROOT_OF_PI)


def _twice_erfc(a):
    size = _twice_abs(a)
    is_near = size.rounded() < _SERIES_UP_TO
    near = 1.0 - _twice_erf_near(_twice_chosen(is_near, a, 0.0*a))
    far = _twice_erfc_far(_twice_chosen(is_near, 0.0*size + _SERIES_UP_TO, size))
    return _twice_chosen(is_near, near, _twice_chosen(a.high < 0, 2.0 - far, far))


def _twice_erf(a):
    is_near = np.abs(a.rounded()) < _SERIES_UP_TO
    far = 1.0 - _twice_erfc_far(_twice_chosen(is_near, 0.0*a + _SERIES_UP_TO, _twice_abs(a)))
    return _twice_chosen(is_near, _twice_erf_near(_twice_chosen(is_near, a, 0.0*a)), _twice_chosen(a.high < 0, -far, far))


def _twice_moved(a, total, step):
    """A positive number moved far out by ones, and what each step before made of a total; nan for others."""
    start = _twice_chosen(a.high > 0, a, a*np.nan)
    is_near, found = start.rounded() < _MOVED_TO, total
    for k in range(_MOVED_TO if np.any(is_near) else 0):
        found = step(found, start + float(k))
    return _twice_chosen(is_near, start + float(_MOVED_TO), start), _twice_chosen(is_near, found, total)


def _twice_stirling(a, divisor):
    """Bernoulli's numbers over divisors of 2, 4, 6, ... times 1, 1/a^2, 1/a^4, ..., added."""
    total, square = _Twice(0.0), 1.0/(a*a)
    for k in range(len(_BERNOULLI), 0, -1):
        above, below = _BERNOULLI[k - 1]
        total = total*square + _Twice(above)/(below*divisor(2.0*k))
    return total


def _twice_loggamma(a):
    """log(gamma(a)) of a positive number."""
    moved, product = _twice_moved(a, a*0.0 + 1.0, lambda total, b: total*b)
    rest = _twice_stirling(moved, lambda n: n*(n - 1.0))/moved
    return (moved - 0.5)*_twice_log(moved) - moved + _Twice(*_TWICE_LOG_OF_ROOT) + rest - _twice_log(product)


def _twice_gamma(a):
    """exp(log(gamma(a))), by reflection below 0."""
    is_below = a.high < 0
    found = _twice_exp(_twice_loggamma(_twice_chosen(is_below, 1.0 - a, a)))
    return _twice_chosen(is_below, _Twice(*_TWICE_PI)/(_twice_sin(_Twice(*_TWICE_PI)*a)*found), found)


def _twice_digamma(a):
    """The slope of log(gamma(a)) of a positive number."""
    moved, reciprocals = _twice_moved(a, a*0.0, lambda total, b: total + 1.0/b)
    rest = _twice_stirling(moved, lambda n: n)/(moved*moved)
    return _twice_log(moved) - 0.5/moved - rest - reciprocals


def _twice_trigamma(a):
    """The slope of the digamma function of a positive number."""
    moved, squares = _twice_moved(a, a*0.0, lambda total, b: total + 1.0/(b*b))
    rest = _twice_stirling(moved, lambda n: 1.0)/(moved*moved)
    return (rest + 0.5/moved + 1.0)/moved + squares
