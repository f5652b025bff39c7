"""What functions tend to where their arguments grow beyond all bounds, vanish, or tend to a number."""

from __future__ import annotations

import math
from collections.abc import Callable

from symgrad.rewrite.growth import BOUND, NUMBER, Found, Tendency, number, outgrows, power, product, raised, total

Limit = float | Tendency | Callable[[Tendency], Found]
FAST, DECAY = (Tendency(growth, sign=1, exponent=(1.0, 0.0, 1.0)) for growth in (1, -1))
FASTER, GAUSS = (Tendency(growth, sign=1, exponent=(2.0, 0.0, 1.0)) for growth in (1, -1))
HALF_GAUSS = Tendency(-1, sign=1, exponent=(2.0, 0.0, 0.5))
SCALED_DECAY = Tendency(-1, sign=1)
"""exp(-a) with a number before a."""


def _exp(a: Tendency) -> Found:
    if a.vanishes:
        return number(1.0)
    if a.at_most:
        return None
    if not a.is_infinite:
        return Tendency(c=math.exp(min(a.sign * a.c, 700.0)) if a.c is not None and a.sign else None, sign=1)
    if a.power == a.growth == 0 and a.logs <= 1:
        return None
    if a.sign == 0:
        return Tendency(-1 - a.growth, sign=1, if_zero=True)
    return Tendency((a.growth + 1) * a.sign, sign=1, exponent=(a.power, a.logs, a.c) if a.growth == 0 and a.c is not None else None)


def _log(a: Tendency) -> Found:
    if a.rate == NUMBER and not a.at_most and a.c is None and a.sign >= 0:
        return BOUND
    if a.sign <= 0 or a.at_most or a.growth or (a.power == 0 and a.logs):
        return None
    if a.power == 0:
        return number(math.log(a.c)) if a.c else None
    return Tendency(0, 0.0, 1.0, abs(a.power), 1 if a.power > 0 else -1)


def _log1p(a: Tendency) -> Found:
    whole = total([number(1.0), a])
    return a if a.vanishes else _log(whole) if whole is not None else None


def _linear(a: Tendency) -> Found:
    return a


def _abs(a: Tendency) -> Tendency:
    return a._replace(sign=1)


def _per(exponent: int, c: float = 1.0) -> Callable[[Tendency], Found]:
    """c |a|^exponent."""
    return lambda a: product([number(c), power(_abs(a), exponent)])


def _with_log(exponent: int, c: float = 1.0) -> Callable[[Tendency], Found]:
    """c log|a| |a|^exponent."""
    return lambda a: product([number(c), _log(_abs(a)), *([power(_abs(a), exponent)] if exponent else [])])


def _within(exponent: int) -> Callable[[Tendency], Found]:
    """What oscillates below a multiple of |a|^exponent."""
    return lambda a: product([power(_abs(a), exponent), BOUND])


def _both(limit: Limit) -> tuple[Limit, Limit]:
    return limit, limit


def _bounded(a: Tendency) -> Found:
    return BOUND


def _nowhere(a: Tendency) -> Found:
    return None


_ROOT_PI = math.sqrt(math.pi)
_MINUS_FAST, _MINUS_DECAY = FAST._replace(sign=-1), DECAY._replace(sign=-1)
_MINUS_FASTER, _MINUS_HALF_GAUSS = FASTER._replace(sign=-1), HALF_GAUSS._replace(sign=-1)

ENDS: dict[str, tuple[Limit, Limit]] = {
    "logistic": (DECAY, 1.0), "normal_cdf": (HALF_GAUSS, 1.0), "scaled_logistic": (SCALED_DECAY, 1.0), "silu_slope": (_MINUS_DECAY, 1.0),
    "softplus": (DECAY, _linear), "silu": (_MINUS_DECAY, _linear), "scaled_softplus": (SCALED_DECAY, _linear), "normal_loss": (HALF_GAUSS, _linear),
    "inverse_mills": (_abs, HALF_GAUSS), "inverse_mills_slope": (-1.0, _MINUS_HALF_GAUSS),
    "logistic_slope": (DECAY, DECAY), "scaled_logistic_slope": _both(SCALED_DECAY),
    "tanh_softplus": (DECAY, 1.0), "tanh_softplus_slope": (DECAY, DECAY._replace(exponent=(1.0, 0.0, 2.0))),
    "mish": (_MINUS_DECAY, _linear), "mish_slope": (_MINUS_DECAY, 1.0),
    "logit_entropy": (DECAY, DECAY), "logit_entropy_slope": (DECAY, _MINUS_DECAY), "sech": (DECAY, DECAY), "csch": (_MINUS_DECAY, DECAY),
    "x_over_sinh": (DECAY, DECAY), "gauss": _both(GAUSS), "half_gauss": _both(HALF_GAUSS), "erfc": (2.0, GAUSS), "erf": (-1.0, 1.0),
    "tanh": (-1.0, 1.0), "coth": (-1.0, 1.0), "langevin": (-1.0, 1.0), "atan": (-math.pi / 2, math.pi / 2), "atan_exp": (DECAY, math.pi / 2),
    "cosh": (FAST, FAST), "sinh": (_MINUS_FAST, FAST), "sinh_ratio": (FAST, FAST), "exp": (DECAY, FAST), "expm1": (-1.0, FAST),
    "logcosh": (_abs, _abs), "exp_square": _both(FASTER),
    "erfcx": (FASTER, _per(-1, 1 / _ROOT_PI)), "erfcx_slope": (_MINUS_FASTER, _per(-2, -1 / _ROOT_PI)),
    "erfcx_curve": (FASTER, _per(-3, 2 / _ROOT_PI)),
    "log_erfc": (math.log(2), _per(2, -1.0)), "log_normal_cdf": (_per(2, -0.5), _MINUS_HALF_GAUSS),
    "x_over_tanh": (_abs, _abs), "bernoulli_ratio": (_abs, DECAY), "bernoulli_slope": (-1.0, _MINUS_DECAY), "bernoulli_curve": (DECAY, DECAY),
    "bose_einstein": (-1.0, DECAY), "exprel": (_per(-1), FAST), "exprel_slope": (_per(-2), FAST), "exprel_curve": (_per(-3, 2.0), FAST),
    "tanh_ratio": (_per(-1), _per(-1)), "log1mexp": (_nowhere, _MINUS_DECAY), "logexpm1": (_nowhere, _linear), "erfc_hazard": (GAUSS, _per(1, 2.0)),
    "log1prel": (_nowhere, _with_log(-1)), "log1prel_slope": (_nowhere, _with_log(-2, -1.0)),
    "atan_ratio": _both(_per(-1, math.pi / 2)), "atan_ratio_slope": (_per(-2, math.pi / 2), _per(-2, -math.pi / 2)),
    "asinh_ratio": _both(_with_log(-1)), "asinh_ratio_slope": (_with_log(-2), _with_log(-2, -1.0)),
    "erf_ratio": _both(_per(-1)), "erf_ratio_slope": (_per(-2), _per(-2, -1.0)),
    "sinc": _both(_within(-1)), "sinc_slope": _both(_within(-1)), "cosc": _both(_within(-2)),
    "sin_gap": _both(_linear), "tanh_gap": _both(_linear), "atan_gap": _both(_linear), "asinh_gap": _both(_linear), "sinh_gap": (_MINUS_FAST, FAST),
    "sinc_gap": _both(1.0), "erlang": (FAST, 1.0), "erlang_slope": (_MINUS_FAST, DECAY), "langevin_ratio": _both(_per(-1)),
    "log_exprel": (_with_log(0, -1.0), _linear), "log_sinh_ratio": _both(_abs), "softplus_gap": (_bounded, _linear),
    "log_softplus": (_linear, _with_log(0)), "softplus_rate": (1.0, _per(-1)), "softplus_rate_slope": (_MINUS_DECAY, _per(-2, -1.0)),
    "log_secant": (_nowhere, _with_log(-1)), "sphere_form": _both(_within(-2)), "sphere_form_slope": _both(_within(-2)),
}
"""What a function tends to where its argument tends to minus and to plus infinity: a number, or a tendency of the argument's."""

SLOPES_AT_ZERO = {"tanh": 1.0, "sinh": 1.0, "atan": 1.0, "asinh": 1.0, "sin": 1.0, "expm1": 1.0, "erf": 2 / _ROOT_PI, "silu": 0.5}
"""Functions that vanish with their argument, by their slopes there."""

BOUNDED = {"sin", "cos", "sign", "heaviside", "asin", "acos", "atan2", "frac", "direction_cosine", "softsign"} | {
    name for name, ends in ENDS.items() if all(isinstance(end, float) or (isinstance(end, Tendency) and end.growth < 0) for end in ends)}
"""Functions that are infinite nowhere."""

_UNARY: dict[str, Callable[[Tendency], Found]] = {
    "exp": _exp, "log": _log, "log1p": _log1p, "abs": _abs, "square": lambda a: power(a, 2), "sqrt": lambda a: power(a, 0.5),
    "reciprocal": lambda a: power(a, -1), "cbrt": lambda a: power(a, 1 / 3),
    "xlogx": lambda a: product([a, _log(a)]),
    "one_minus_square": lambda a: total([number(1.0), product([number(-1.0), power(a, 2)])]),
}


def function(name: str, a: Found) -> Found:
    """The tendency of a function of one argument, None where it is not known."""
    if a is None or a.if_zero:
        return BOUND if name in BOUNDED else None
    if name in _UNARY:
        return _UNARY[name](a)
    if a.is_infinite and a.sign and name in ENDS:
        end = ENDS[name][a.sign > 0]
        return _composed(end, a) if isinstance(end, Tendency) else number(end) if isinstance(end, (float, int)) else end(a)
    if a.vanishes and name in SLOPES_AT_ZERO:
        return product([a, number(SLOPES_AT_ZERO[name])])
    if name in ENDS and a.rate <= NUMBER and not a.at_most:
        return Tendency()
    return BOUND if name in BOUNDED else None


def _composed(end: Tendency, a: Tendency) -> Tendency:
    """An exponential of a power of what is infinite."""
    exponent = None
    if end.exponent is not None and a.growth == 0 and a.c is not None:
        times, _, c = end.exponent
        scale = raised(a.c, times)
        exponent = (a.power * times, a.logs * times, c * scale) if scale is not None else None
    return end._replace(growth=end.growth * (1 + a.growth), exponent=exponent)


def _share(a: Found, b: Found) -> Found:
    return number(1.0) if outgrows(a, b) else product([a, power(total([a, b]), -1)])


def _hypot(a: Found, b: Found) -> Found:
    return power(total([power(a, 2), power(b, 2)]), 0.5)


BINARY: dict[str, Callable[[Found, Found], Found]] = {
    "share": _share,
    "softsign": lambda a, b: product([a, power(total([function("abs", a), b]), -1)]),
    "hypot": _hypot,
    "xlogy": lambda a, b: product([a, function("log", b)]),
    "xlog1py": lambda a, b: product([a, function("log1p", b)]),
    "difference_of_squares": lambda a, b: total([power(a, 2), product([number(-1.0), power(b, 2)])]),
    "tending": lambda a, b: product([a, b]),
    "tending_quotient": lambda a, b: product([a, power(b, -1)]),
    "growing": lambda a, b: product([a, b]),
    "leading": lambda a, b: total([a, b]),
    "log_beyond": lambda a, b: a,
    "ratio": lambda a, b: product([a, power(b, -1)]),
    "dispersion": lambda a, b: product([a, power(total([power(a, 2), b]), -1)]),
    "dispersion_slope": lambda a, b: product([total([product([number(-1.0), power(a, 2)]), b]), power(total([power(a, 2), b]), -2)]),
    "direction_cosine": lambda a, b: product([a, power(_hypot(a, b), -1)]),
}
