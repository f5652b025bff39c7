"""The slope of the logistic function, x sigma(x), the entropy of a logit and log(softplus(x)), whose textbook forms cancel or underflow early."""

import numpy as np

from symgrad.runtime.special.coefficients import _X_MINUS_LOG1P
from symgrad.runtime.special.exponents import _sum_rest
from symgrad.runtime.special.pieces import _doubles, _pieces, _ratio
from symgrad.runtime.special.removable import _decay

# where the slope of x sigma(x) is 0: 1 + x + exp(x) = 0
_SILU_ZERO = -1.2784645427610737
_SILU_ZERO_REST = -1.0946994183093437e-16
_SILU_POWER = 0.2784645427610738

# where the slope of x tanh(log(1 + exp(x))) is 0: with e = exp(x), e^3 + 4 e^2 + 6 e + 4 + 4 x (1 + e) = 0
_MISH_ZERO = -1.1924312145154952
_MISH_ZERO_REST = -4.8484829848031044e-17
_MISH_POWERS = (0.027951242009170138, 0.3684065968836178, 0.3733670191691929)  # e^3, 4 e^2 and (6 + 4 x) e there


def _fall_raw(x):
    """sigma(x) sigma(-x)."""
    fall = np.exp(-np.abs(x))
    return fall/((1 + fall)*(1 + fall))


def _entropy_near(x):
    """log(1 + exp(-u)) + u sigma(-u) for u >= 0, two terms above zero."""
    fall = np.exp(-x)
    return np.log1p(fall) + x*fall/(1 + fall)


def _logit_entropy(x):
    return _pieces(np.abs(x), (700.0,), (_entropy_near, lambda u: _decay(u, 1 + u)))


def _logit_entropy_slope(x):
    return _pieces(x, (-700.0, 700.0), (lambda u: _decay(-u, -u), lambda u: -u*_fall_raw(u), lambda u: -_decay(u, u)))


def _silu(x):
    """x sigma(x)."""
    return _pieces(x, (-700.0,), (lambda u: -_decay(-u, -u), lambda u: u/(1 + np.exp(-u))))


def _silu_slope_left(x):
    """sigma(x) sigma(-x) (1 + x + exp(x)), the bracket by its distance from its zero."""
    gap = (x - _SILU_ZERO) - _SILU_ZERO_REST
    return _fall_raw(x)*(gap + _SILU_POWER*np.expm1(gap))


def _silu_slope_right(x):
    u = np.minimum(x, 800.0)
    fall = np.exp(-u)
    return (1 + fall*(1 + u))/((1 + fall)*(1 + fall))


def _silu_slope(x):
    return _pieces(x, (-700.0, 0.0), (lambda u: _decay(-u, 1 + u), _silu_slope_left, _silu_slope_right))


def _gaps_of_sigmoids(x, d):
    above, rest = _sum_rest(x, d)
    other, fall = np.exp(-np.abs(x)), np.exp(-np.abs(above))*(1 - np.where(np.isfinite(above), np.sign(above)*rest, 0.0))
    shares = np.where((above < 0) == (x < 0), fall + other, 1 + fall*other)
    return np.tanh(0.5*d)*shares/((1 + fall)*(1 + other))


def _logistic_gap(x, d):
    """sigma(x + d) - sigma(x)."""
    return _doubles(_gaps_of_sigmoids, (), (x, d))


# ---------------------------------------------------------------------- tanh of softplus, by one exponential that does not overflow

def _tanh_softplus_raw(x):
    """e (e + 2)/(e (e + 2) + 2) with e = exp(x); from 25 on it rounds to 1."""
    grown = np.exp(np.minimum(x, 25.0))
    grown = grown*(grown + 2)
    return grown/(grown + 2)


def _tanh_softplus(x):
    """tanh(log(1 + exp(x)))."""
    return _pieces(x, (), (_tanh_softplus_raw,))


def _tanh_softplus_fall(x):
    """4 e (1 + e)/(e^2 + 2 e + 2)^2."""
    fall = np.exp(-np.abs(x))
    below = np.where(x < 0, 2 + fall*(2 + fall), 1 + 2*fall*(1 + fall))
    return np.where(x < 0, 4*fall, 4*fall*fall)*(1 + fall)/(below*below)


def _tanh_softplus_slope(x):
    return _pieces(x, (), (_tanh_softplus_fall,))


def _mish(x):
    """x tanh(log(1 + exp(x)))."""
    return _pieces(x, (-700.0,), (lambda u: -_decay(-u, -u), lambda u: u*_tanh_softplus_raw(u)))


def _mish_slope_left(x):
    """e/(e^2 + 2 e + 2)^2 (e^3 + 4 e^2 + 6 e + 4 + 4 x (1 + e)), the bracket by its distance from its zero."""
    grown = np.exp(x)
    gap = (x - _MISH_ZERO) - _MISH_ZERO_REST
    cube, square, first = _MISH_POWERS
    bracket = cube*np.expm1(3*gap) + square*np.expm1(2*gap) + first*np.expm1(gap) + 4*gap*(1 + grown)
    below = 2 + grown*(2 + grown)
    return grown*bracket/(below*below)


def _mish_slope(x):
    return _pieces(x, (-700.0, 0.0, 800.0), (
        lambda u: _decay(-u, 1 + u), _mish_slope_left,
        lambda u: _tanh_softplus_raw(u) + u*_tanh_softplus_fall(u), lambda u: np.where(u == u, 1.0, u)))


# ---------------------------------------------------------------------- a certainty that is diluted

def _logs_of_diluted(x, u):
    """By what is added to 1 where that is small or outgrown by sigma(x), and else by the larger of exp(x) and exp(u)."""
    fall, gap = np.exp(-np.abs(x)), np.where(u == x, 0.0, u - x)
    added = np.where(x > 0, fall, 1.0)/(1 + fall)*np.expm1(np.minimum(u, 1.0))
    grown = np.exp(np.minimum(gap, 0.0))*-np.expm1(-np.maximum(u, 1.0))/(1 + fall)
    far = (np.maximum(x, u) - np.maximum(x, 0.0)) + np.log1p(np.exp(-np.abs(gap))) - np.log1p(fall)
    is_near, is_less = (u <= 1) & (added > -0.5), (u > 1) & (x > 0) & (gap <= 0)
    return np.where(is_near | is_less, np.log1p(np.where(is_near, added, grown)), far)


def _log_diluted(x, u):
    """log(p + (1 - p) exp(u)) with p = sigma(x)."""
    with np.errstate(invalid="ignore"):  # infinities of the forms that are not taken
        return _doubles(_logs_of_diluted, (), (x, u))


# ---------------------------------------------------------------------- log(softplus(x)), which is x where softplus(x) is exp(x)

# log(e - 1), where softplus is 1, and 1 - exp(-1)
_SOFTPLUS_ONE = 0.5413248546129181
_SOFTPLUS_ONE_REST = -1.8138570925507326e-17
_NEAR_ONE = 0.6321205588285577


def _log_softplus(x):
    """log(log(1 + exp(x))), near its zero by the distance from that."""
    return _pieces(x, (-40.0, -1.0, 2.0), (
        lambda u: u, _log_softplus_far,
        lambda u: np.log1p(np.log1p(_NEAR_ONE*np.expm1((u - _SOFTPLUS_ONE) - _SOFTPLUS_ONE_REST))), _log_softplus_far))


def _log_softplus_far(u):
    return np.log(np.maximum(u, 0.0) + np.log1p(np.exp(-np.abs(u))))


def _softplus_rate_left(u):
    """softplus(u)/sigma(u) for u < log(3/2), and 1 - softplus(u) exp(-u)."""
    grown = np.exp(u)
    bend = _ratio(grown/(2 + grown), _X_MINUS_LOG1P)
    return 1 + grown*(1 - bend*(1 + grown)), grown*bend


def _softplus_rate_right(u):
    """The same for u > 0."""
    fall = np.exp(-u)
    rest = np.log1p(fall)
    shared = fall*(np.minimum(u, 800.0) + rest)
    return u + (rest + shared), 1 - shared


def _softplus_rate(x):
    """sigma(x)/softplus(x)."""
    return _pieces(x, (0.4,), (lambda u: 1/_softplus_rate_left(u)[0], lambda u: 1/_softplus_rate_right(u)[0]))


def _softplus_rate_slope(x):
    """-r^2 (1 - softplus(x) exp(-x)) with r = sigma(x)/softplus(x)."""
    def slope(parts):
        inverse, bend = parts
        return -bend/(inverse*inverse)

    return _pieces(x, (0.4,), (lambda u: slope(_softplus_rate_left(u)), lambda u: slope(_softplus_rate_right(u))))


# ---------------------------------------------------------------------- the logistic function of x + log(r), whose exponent is never rounded

def _log1p_scaled_exp(x, r):
    """log(1 + r exp(x))."""
    shift = np.log(r)
    return _pieces(x, (-shift,), (lambda u: np.log1p(r*np.exp(u)), lambda u: (u + shift) + np.log1p(np.exp(-u)/r)))


def _softplus_gap(x, r):
    """log(1 + r exp(x)) - log(1 + r)."""
    def far(u):
        return _log1p_scaled_exp(u, r) - np.log1p(r)

    return _pieces(x, (-2.0, 2.0), (far, lambda u: np.log1p(r/(1 + r)*np.expm1(u)), far))


def _log1p_power(x, base):
    """log(1 + base^x)."""
    return _pieces(x, (0.0,), (lambda u: np.log1p(np.power(float(base), u)), lambda u: u*np.log(base) + np.log1p(np.power(float(base), -u))))
