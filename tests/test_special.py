"""The project's own special functions: values and derivatives against mpmath at the exact double, at two precisions that agree."""

import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import mpmath
import numpy as np
import pytest
import sympy as sp
from mpmath import mp, mpf

import symgrad as sg
from symgrad.check.ulps import ulps
from symgrad.emit.module import prelude
from symgrad.emit.special import FILES, definitions, special_functions
from symgrad.graph.functions import TABLE
from symgrad.graph.heads.logarithms import XLogY
from symgrad.graph.table import scales
from symgrad.rewrite.mending import OF_TWO

ROOT = Path(__file__).parent.parent
LARGEST = mpf(np.finfo(float).max)
W = sp.Symbol("W", real=True)


# ---------------------------------------------------------------------- definitions, independent of the package

def erfcx(x):
    return mp.exp(x * x) * mp.erfc(x)


def hazard(x):
    return 2 / mp.sqrt(mp.pi) * mp.exp(-x * x) / mp.erfc(x)


def cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def mills(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi) / cdf(x)


@lru_cache(maxsize=4096)
def lower_quantile(p, digits):
    """Bisection of the logarithm of the distribution function, then Newton's method; p <= 1/2."""
    low, high, goal = mpf(-40), mpf(0), mp.log(p)
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if mp.log(cdf(middle)) < goal else (low, middle)
    x = (low + high) / 2
    for _ in range(8):
        x -= (mp.log(cdf(x)) - goal) / mills(x)
    return x


def quantile(p):
    p = +p
    if p == mpf(1) / 2:
        return mpf(0)
    return -lower_quantile(1 - p, mp.dps) if p > mpf(1) / 2 else lower_quantile(p, mp.dps)


def at_zero(function, value):
    """A function with a hole at 0; a value that is no double is a function of no arguments, asked at the precision of the day."""
    return lambda x: function(x) if x else mpf(value() if callable(value) else value)


class Case(NamedTuple):
    """A function's definition, its slope and curve where a difference would not do, its interval, the bounds of its errors in ulp.

    `scale` gives the largest summand where the result passes through 0 away from the origin; errors are measured against it.
    """

    define: Callable
    low: float = -math.inf
    high: float = math.inf
    value: float = 3.0
    first: float = 8.0
    slope: Callable | None = None
    curve: Callable | None = None
    scales: tuple = (None, None, None)


def quantile_case(to_p, factor, low, high):
    """x(p) = factor quantile(p(x)); its derivatives in terms of itself."""
    def value(y):
        return factor() * quantile(to_p(y))

    def slope(y):
        x = quantile(to_p(y))
        return mp.sign(factor()) * mp.sqrt(2 * mp.pi) * mp.exp(x * x / 2) * (1 if to_p(mpf(0.25)) == mpf(0.25) else 1 / mp.sqrt(8))

    def curve(y):
        return (1 if abs(factor()) == 1 else 2) * value(y) * slope(y) ** 2

    return Case(value, low, high, 3.0, 8.0, slope, curve)


def wave(x):
    return 1 / max(abs(x), mpf(1))


def wave_2(x):
    return wave(x) ** 2


CASES = {
    "gauss": Case(lambda x: mp.exp(-x * x), value=1.5, scales=(None, None, lambda x: 2 * mp.exp(-x * x))),
    "half_gauss": Case(lambda x: mp.exp(-x * x / 2), value=1.5, scales=(None, None, lambda x: mp.exp(-x * x / 2))),
    "exp_square": Case(lambda x: mp.exp(x * x), value=1.5),
    "erf": Case(mp.erf, value=1.5),
    "erfc": Case(mp.erfc),
    "erfcx": Case(erfcx),
    "log_erfc": Case(lambda x: mp.log(mp.erfc(x)), value=2.5),
    "erfc_hazard": Case(hazard),
    "erfc_excess": Case(lambda x: hazard(x) - 2 * x, value=4.0, first=16.0),
    "normal_cdf": Case(cdf),
    "log_normal_cdf": Case(lambda x: mp.log(cdf(x)), value=3.5),
    "inverse_mills": Case(mills),
    "normal_cdfx": Case(lambda x: mp.exp(x * x / 2) * cdf(x)),
    "normal_loss": Case(lambda x: x * cdf(x) + mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi), value=4.0),
    "mills_excess": Case(lambda x: x + mills(x), value=5.0, first=16.0),
    "probit": quantile_case(lambda p: p, lambda: mpf(1), 0, 1),
    "erfinv": quantile_case(lambda y: (1 + y) / 2, lambda: 1 / mp.sqrt(2), -1, 1),
    "erfcinv": quantile_case(lambda p: p / 2, lambda: -1 / mp.sqrt(2), 0, 2),
    "sinc": Case(at_zero(lambda x: mp.sin(x) / x, 1), value=1.5, scales=(None, wave, wave)),
    "sincpi": Case(at_zero(lambda x: mp.sinpi(x) / (mp.pi * x), 1), scales=(None, wave, wave)),
    "cosc": Case(at_zero(lambda x: (1 - mp.cos(x)) / x**2, 0.5), scales=(None, lambda x: wave(x) ** 2, lambda x: wave(x) ** 2)),
    "exprel": Case(at_zero(lambda x: mp.expm1(x) / x, 1)),
    "exprel2": Case(at_zero(lambda x: (mp.exp(x) - 1 - x) / x**2, 0.5)),
    "bernoulli_ratio": Case(at_zero(lambda x: x / mp.expm1(x), 1)),
    "bose_einstein": Case(lambda x: 1 / mp.expm1(x)),
    "langevin": Case(at_zero(lambda x: mp.coth(x) - 1 / x, 0)),
    "sinh_ratio": Case(at_zero(lambda x: mp.sinh(x) / x, 1)),
    "x_over_sinh": Case(at_zero(lambda x: x / mp.sinh(x), 1), scales=(None, None, lambda x: x / mp.sinh(x) if x else mpf(1))),
    "x_over_tanh": Case(at_zero(lambda x: x / mp.tanh(x), 1)),
    "x_times_langevin": Case(at_zero(lambda x: x / mp.tanh(x) - 1, 0)),
    "tanh_ratio": Case(at_zero(lambda x: mp.tanh(x) / x, 1)),
    "tilted_mean": Case(at_zero(lambda x: 1 / (1 - mp.exp(-x)) - 1 / x, 0.5)),
    "atan_ratio": Case(at_zero(lambda x: mp.atan(x) / x, 1)),
    "asin_ratio": Case(at_zero(lambda x: mp.asin(x) / x, 1), low=-1, high=1),
    "asinh_ratio": Case(at_zero(lambda x: mp.asinh(x) / x, 1)),
    "atanh_ratio": Case(at_zero(lambda x: mp.atanh(x) / x, 1), low=-1, high=1),
    "erf_ratio": Case(at_zero(lambda x: mp.erf(x) / x, lambda: 2 / mp.sqrt(mp.pi))),
    "sine_rest": Case(at_zero(lambda x: (x - mp.sin(x)) / x**3, lambda: mpf(1) / 6)),
    "sphere_form": Case(at_zero(lambda x: (mp.sin(x) - x * mp.cos(x)) / x**3, lambda: mpf(1) / 3), scales=(wave_2, wave_2, wave_2)),
    "cot_gap": Case(at_zero(lambda x: 1 / x - mp.cot(x), 0), low=-3, high=3),
    "csc_gap": Case(at_zero(lambda x: 1 / mp.sin(x) - 1 / x, 0), low=-3, high=3),
    "circle_secant": Case(at_zero(lambda x: (1 - mp.sqrt(1 - x * x)) / x**2, 0.5), low=-1, high=1),
    "half_sine": Case(at_zero(lambda x: (1 - mp.sqrt(1 - x * x)) / x, 0), low=-1, high=1),
    "root_spread": Case(lambda x: mp.sqrt(1 + x) - mp.sqrt(1 - x), low=-1, high=1, scales=(None, None, lambda x: mpf(1))),
    "root_spread_ratio": Case(at_zero(lambda x: (mp.sqrt(1 + x) - mp.sqrt(1 - x)) / x, 1), low=-1, high=1),
    "lorentz_excess": Case(lambda x: 1 / mp.sqrt(1 - x * x) - 1, low=-1, high=1),
    "acosh1p": Case(lambda x: mp.acosh(1 + x), low=0, value=2.0),
    "inverse_versine": Case(lambda x: mp.acos(1 - x), low=0, high=2, scales=(None, None, lambda x: x**-1.5)),
    "log_cauchy_cdf": Case(lambda x: mp.log(mp.atan2(1, -x) / mp.pi)),
    "log_tanh": Case(lambda x: mp.log(mp.tanh(x)), low=0),
    "log_sinh_ratio": Case(at_zero(lambda x: mp.log(mp.sinh(x) / x), 0)),
    "log1prel": Case(at_zero(lambda x: mp.log(1 + x) / x, 1), low=-1),
    "expm1_minus_x": Case(lambda x: mp.exp(x) - 1 - x),
    "bennett": Case(lambda x: (1 + x) * mp.log(1 + x) - x, low=-1, value=3.5),
    "x_minus_log1p": Case(lambda x: x - mp.log(1 + x), low=-1),
    "langevin_ratio": Case(at_zero(lambda x: (mp.coth(x) - 1 / x) / x, lambda: mpf(1) / 3)),
    "log_exprel": Case(at_zero(lambda x: mp.log(mp.expm1(x) / x), 0)),
    "one_plus_cospi": Case(lambda x: 1 + mp.cospi(x), value=4.0, scales=(None, lambda x: mp.pi**2 * max(abs(x), 1), lambda x: mp.pi**3 * max(abs(x), 1))),
    "sin_gap": Case(lambda x: x - mp.sin(x), value=4.0, scales=(None, lambda x: min(x * x, mpf(1)), lambda x: min(abs(x), mpf(1)))),
    "tan_gap": Case(lambda x: mp.tan(x) - x, low=-1.5, high=1.5, value=4.0),
    "sinh_gap": Case(lambda x: mp.sinh(x) - x, value=4.0),
    "tanh_gap": Case(lambda x: x - mp.tanh(x)),
    "asin_gap": Case(lambda x: mp.asin(x) - x, low=-1, high=1),
    "atan_gap": Case(lambda x: x - mp.atan(x), value=4.0),
    "asinh_gap": Case(lambda x: x - mp.asinh(x)),
    "atanh_gap": Case(lambda x: mp.atanh(x) - x, low=-1, high=1),
    "sinc_gap": Case(at_zero(lambda x: 1 - mp.sin(x) / x, 0), value=4.0, scales=(None, wave, wave)),
    "erlang": Case(lambda x: 1 - (1 + x) * mp.exp(-x), scales=(lambda x: mpf(1) if x < -1 else mpf(0), None, lambda x: mp.exp(-x))),
    "log1p_gap": Case(lambda x: mp.log(1 + x) - x / (1 + x), low=-1, value=4.0, scales=(None, None, lambda x: 1 / (1 + x) ** 2)),
    "log_secant": Case(lambda x: mp.log(x) / (x - 1) if x != 1 else mpf(1), low=0),
    "log_mean": Case(lambda x: (x - 1) / mp.log(x) if x != 1 else mpf(1), low=0),
    "divergence": Case(lambda x: x * mp.log(x) - x + 1 if x else mpf(1), low=0, value=4.0),
    "silu": Case(lambda x: x / (1 + mp.exp(-x))),
    "logit_entropy": Case(lambda x: mp.log(1 + mp.exp(-x)) / (1 + mp.exp(-x)) + mp.log(1 + mp.exp(x)) / (1 + mp.exp(x)), value=4.0,
                          scales=(None, None, lambda x: mp.exp(-abs(x)))),
    "log1mexp": Case(lambda x: mp.log(1 - mp.exp(-x)), low=0, value=2.0),
    "logexpm1": Case(lambda x: mp.log(mp.exp(x) - 1), low=0, value=2.5),
    "xlogx": Case(lambda x: x * mp.log(x), low=0, value=1.5, scales=(None, lambda x: mpf(1), None)),
}

named = pytest.mark.parametrize("name", CASES)


# ---------------------------------------------------------------------- truth

ONE_SIDED = ("acosh1p", "inverse_versine", "log_tanh", "xlogx", "log1mexp", "logexpm1", "bose_einstein", "log_secant", "log_mean", "divergence")
"""Functions that end at 0 or have a pole there."""

SMALLEST_NORMAL = mpf(2) ** -1022


def settled(function, x, digits):
    """The number that two precisions agree on."""
    while True:
        found = []
        for one in (digits, digits + digits // 4):
            with mp.workdps(one):
                found.append(+mpmath.mpf(function(mpf(x))))
        with mp.workdps(digits):
            if abs(found[0] - found[1]) <= abs(found[1]) * mpf(2) ** -75 or max(map(abs, found)) < mpf(10) ** min(-digits // 2, -400):
                return found[1]
        digits *= 2
        assert digits < 20_000, (x, found)


def difference(function, order, relative):
    """A derivative by a central difference whose step shrinks with the precision."""
    def derived(x):
        step = mpf(10) ** (-mp.dps // 4) * (abs(x) if relative else 1)
        with mp.workdps(mp.dps + mp.dps // 2):
            ahead, behind = function(x + step), function(x - step)
            return (ahead - behind) / (2 * step) if order == 1 else (ahead - 2 * function(x) + behind) / step**2
    return derived


def truth(name, order, x):
    case = CASES[name]
    given, relative = (case.define, case.slope, case.curve)[order], name in ONE_SIDED
    lost = 3 * max(0, int(-math.log10(abs(x)))) if x and (relative or not order) else 0
    digits = 100 if 1e-6 < abs(x) < 5 else 360  # a double beside 1 needs 324 digits to be seen
    return settled(given or difference(case.define, order, relative), x, digits + lost)


def error(found, true, size):
    """In units in the last place of the true number or of the largest summand."""
    if abs(true) > LARGEST:
        return 0.0 if abs(found) > 1.797e308 and (found > 0) == (true > 0) else math.inf
    return ulps(found, true, float(size))


# ---------------------------------------------------------------------- points

SPECIAL = (0.0, 5e-324, 1e-310, 2.3e-308, 1e-200, 1e-20, 1.0, 1e4, 1e100, 26.5, 26.6, 27.2, 37.6, 38.4, 709.7, 709.8, 716.0, 745.0, 750.0)
EDGES = (0.075, 0.15, 0.25, 0.4375, 0.5, 0.6, 0.625, 0.6875, 0.85, 0.925, 1.0, 1.5, 1.85, 2.0, 2.5, 3.0, 8.0, 11.0, 26.0, 37.0, 700.0)


def points(case, count):
    """Log-spaced points of both signs, hazards, and both sides of every place where the code changes its branch."""
    spaced = np.concatenate([np.geomspace(1e-300, 1e-3, count // 4), np.geomspace(1e-3, 40, count), np.geomspace(40, 2e4, count // 4)])
    edges = [math.nextafter(edge, to) for edge in EDGES for to in (edge, math.inf, -math.inf)]
    sizes = np.unique(np.concatenate([spaced, SPECIAL, edges]))
    near = np.geomspace(2e-16, 0.5, count // 4)
    every = np.unique(np.concatenate([-sizes, sizes, 1 - near, near - 1, 2 - near]))
    return every[(every > case.low) & (every < case.high)]


def numbers(name, x):
    """Value, first and second derivative by generated code, one an element."""
    total, each = (sg.compile(TABLE[name].expression((W,)), wrt=W, batch=[W], reduce=reduce) for reduce in ("sum", None))
    return each.value(W=x), total.grad(W=x), total.hvp(dict(W=x), dict(W=np.ones_like(x)))


def largest(name, x, order, found):
    """The largest error among the points, and where it is; a slope is a factor of x times a value, which may be subnormal."""
    scale, worst = CASES[name].scales[order], (0.0, 0.0)
    for at, one in zip(x.tolist(), found.tolist(), strict=True):
        if at or name not in ONE_SIDED:
            size = max(scale(mpf(at)) if scale else 0, SMALLEST_NORMAL * (1 + 2 * abs(mpf(at))) ** order)
            worst = max(worst, (error(one, truth(name, order, at), size), at))
    return worst


def report(name, count, every, capsys):
    """The largest errors in ulp, printed with their places."""
    x = points(CASES[name], count)[::every]
    worst = [largest(name, x, order, found) for order, found in enumerate(numbers(name, x))]
    with capsys.disabled():
        shown = "   ".join(f"{words} {size:.2f} ulp at {at:<12.6g}" for words, (size, at) in zip(("value", "first", "second"), worst, strict=True))
        print(f"\n  {name:<16}{len(x):>5} points   {shown}", end="")
    return [one for one, _ in worst]


def check(name, count, every, capsys):
    value, first, second = report(name, count, every, capsys)
    case = CASES[name]
    assert value <= case.value
    assert first <= case.first
    assert second * 2.0**-52 <= 1e-9


@named
def test_value_and_derivatives(name, capsys):
    check(name, 24, 60 if name in ("probit", "erfcinv") else 10, capsys)  # where the truth takes longest; the dense test has all points


@pytest.mark.slow
@named
def test_value_and_derivatives_densely(name, capsys):
    check(name, 300, 1, capsys)


# ---------------------------------------------------------------------- every function of the files

OWN = [entry for entry in TABLE.values() if entry.numpy.startswith(f"_{entry.name}(") and not entry.parameters
       and entry.name not in scales.NAMES and "scipy" not in entry.needs  # tests/test_scales.py, tests/test_densities.py
       and entry.name.removesuffix("_of") not in OF_TWO]  # whose second operand is next to nothing: tests/test_distances.py
each = pytest.mark.parametrize("entry", OWN, ids=lambda entry: entry.name)


def kernel(entry):
    """The function as generated modules define it."""
    space = {"np": np, "math": math}
    exec(special_functions([f"special:{entry.name}"]), space)
    return space[f"_{entry.name}"]


def inside(entry, count=9):
    low, high = entry.domain
    return [np.linspace(low + 0.1, high - 0.1, count) + 0.01 * k for k in range(entry.arity)]


@each
def test_heads_are_evaluated_to_any_number_of_digits(entry):
    """To 50 digits, and the same to 70; the code agrees with it."""
    for numbers_at in zip(*inside(entry, 4), strict=True):
        exact = [sp.Rational(float(one)) for one in numbers_at]
        expr = entry.expression(exact) if entry.name != "erfcinv" else sp.erfinv(1 - exact[0])
        fifty, seventy = (sp.N(expr, digits) for digits in (50, 70))
        assert abs(fifty - seventy) <= abs(seventy) * sp.Rational(1, 10**48)
        with np.errstate(all="ignore"):
            assert float(kernel(entry)(*numbers_at)) == pytest.approx(float(seventy), rel=1e-13)


@each
def test_shapes_and_precisions(entry):
    """Scalars give scalars, arrays keep their shape, single precision is the rounded double."""
    function, columns = kernel(entry), inside(entry, 12)
    with np.errstate(all="ignore"):
        wide = function(*columns)
        assert wide.dtype == float and wide.shape == (12,)
        assert function(*(column.reshape(3, 4).T for column in columns)).tolist() == wide.reshape(3, 4).T.tolist()
        scalar = function(*(column[5] for column in columns))
        assert isinstance(scalar, np.float64) and scalar == wide[5]
        narrow = [column.astype(np.float32) for column in columns]
        found, right = function(*narrow), function(*(column.astype(float) for column in narrow))
        assert found.dtype == np.float32 and isinstance(function(*(column[0] for column in narrow)), np.float32)
        assert np.all(np.abs(found - right) <= 1.5 * np.spacing(np.abs(right).astype(np.float32)))
        assert function(*(column[:0] for column in columns)).shape == (0,)


@each
def test_nan_stays_nan_and_inputs_stay_as_they_are(entry):
    with np.errstate(all="ignore"):
        assert math.isnan(kernel(entry)(*[math.nan] * entry.arity))
        columns = inside(entry)
        kernel(entry)(*columns)
    assert all(np.array_equal(column, same) for column, same in zip(columns, inside(entry), strict=True))


INF = math.inf
ENDS = {
    "gauss": (0, 0), "half_gauss": (0, 0), "exp_square": (INF, INF), "erf": (-1, 1), "erfc": (2, 0), "erfcx": (INF, 0), "erfcx_slope": (-INF, 0),
    "erfcx_curve": (INF, 0), "log_erfc": (math.log(2), -INF), "erfc_hazard": (0, INF), "erfc_excess": (INF, 0), "normal_cdf": (0, 1),
    "log_normal_cdf": (-INF, 0), "inverse_mills": (INF, 0), "normal_loss": (0, INF), "inverse_mills_slope": (-1, 0), "normal_cdfx": (0, INF), "erfc_hazard_slope": (0, 2), "erfc_excess_slope": (-2, 0), "sinc": (0, 0), "sinc_slope": (0, 0), "sinc_curve": (0, 0), "cosc": (0, 0),
    "exprel": (0, INF), "exprel_slope": (0, INF), "exprel_curve": (0, INF), "bernoulli_ratio": (INF, 0), "bernoulli_slope": (-1, 0),
    "bernoulli_curve": (0, 0), "bose_einstein": (-1, 0), "langevin": (-1, 1), "langevin_slope": (0, 0), "langevin_curve": (0, 0),
    "sincpi": (0, 0), "sincpi_slope": (0, 0), "sincpi_curve": (0, 0), "exprel2": (0, INF), "exprel2_slope": (0, INF), "exprel2_curve": (0, INF),
    "atan_ratio": (0, 0), "atan_ratio_slope": (0, 0), "asinh_ratio": (0, 0), "asinh_ratio_slope": (0, 0), "erf_ratio": (0, 0), "erf_ratio_slope": (0, 0),
    "log_cauchy_cdf": (-INF, 0), "cauchy_hazard": (0, 0), "log_sinh_ratio": (INF, INF),
    "sine_rest": (0, 0), "sine_rest_slope": (0, 0), "sphere_form": (0, 0), "sphere_form_slope": (0, 0), "sinh_ratio": (INF, INF), "x_over_sinh": (0, 0), "x_over_tanh": (INF, INF), "x_over_tanh_slope": (-1, 1), "x_times_langevin": (INF, INF), "tanh_ratio": (0, 0),
    "tilted_mean": (0, 1), "silu": (0, INF), "silu_slope": (0, 1), "logit_entropy": (0, 0), "logit_entropy_slope": (0, 0), "x_minus_log1p": (math.nan, INF),
    "log1prel": (math.nan, 0), "expm1_minus_x": (INF, INF), "bennett": (math.nan, INF), "log1mexp": (math.nan, 0), "logexpm1": (math.nan, INF),
}


@pytest.mark.parametrize("name", ENDS)
def test_limits_at_infinity(name):
    with np.errstate(all="ignore"):
        assert kernel(TABLE[name])(np.array([-INF, INF])).tolist() == pytest.approx(ENDS[name], rel=1e-15, nan_ok=True)


@pytest.mark.parametrize(("name", "at", "value"), [
    ("probit", 0.0, -INF), ("probit", 1.0, INF), ("probit", -0.1, math.nan), ("probit", 1.1, math.nan), ("probit", 0.5, 0.0),
    ("erfinv", -1.0, -INF), ("erfinv", 1.0, INF), ("erfinv", 1.5, math.nan), ("erfcinv", 0.0, INF), ("erfcinv", 2.0, -INF), ("erfcinv", 2.5, math.nan),
    ("probit_slope", 0.0, INF), ("erfinv_slope", 1.0, INF), ("erfcinv_slope", 0.0, -INF),
    ("sinc", 0.0, 1.0), ("cosc", 0.0, 0.5), ("exprel", 0.0, 1.0), ("exprel_slope", 0.0, 0.5), ("bernoulli_ratio", 0.0, 1.0), ("langevin", 0.0, 0.0),
    ("bernoulli_slope", 0.0, -0.5), ("log1prel", 0.0, 1.0), ("log1prel", -1.0, INF), ("log1prel_slope", 0.0, -0.5), ("expm1_minus_x", 0.0, 0.0),
    ("x_minus_log1p", 0.0, 0.0), ("x_minus_log1p", -1.0, INF), ("x_minus_log1p", -1.1, math.nan),
    ("logit_entropy", 0.0, math.log(2)), ("logit_entropy_slope", 0.0, 0.0), ("bennett", 0.0, 0.0), ("bennett", -1.0, 1.0), ("bennett", -1.1, math.nan),
    ("log1mexp", 0.0, -INF), ("log1mexp", -1.0, math.nan),
    ("logexpm1", 0.0, -INF), ("logexpm1", -1.0, math.nan), ("xlogx", 0.0, 0.0), ("one_plus_cospi", 1.0, 0.0), ("one_plus_cospi", -7.0, 0.0), ("one_plus_cospi", 0.5, 1.0), ("one_plus_cospi", 4.0, 2.0),
    ("xlogx", -1.0, math.nan),
])
def test_ends_of_the_domain(name, at, value):
    with np.errstate(all="ignore"):
        assert kernel(TABLE[name])(at) == pytest.approx(value, rel=1e-14, abs=0, nan_ok=True)


def test_the_zero_of_a_logarithm_keeps_its_sign():
    """The double below log(2) is 2.3e-17 less, so exp(x) - 1 is 4.6e-17 less than 1."""
    assert kernel(TABLE["logexpm1"])(math.log(2)) == pytest.approx(-4.6380936277e-17, rel=1e-8)


def test_a_product_with_a_logarithm_at_zero():
    f = sg.compile(XLogY(W, sp.Symbol("Y", real=True)), wrt=[W, "Y"])
    assert f.value(W=0.0, Y=0.0) == 0 and f.grad(W=0.0, Y=0.0)[1] == 0
    assert f.grad(W=0.0, Y=2.0) == (math.log(2), 0) and f.hessian(W=0.0, Y=2.0)[0][1] == 0.5


def test_the_transformation_of_box_and_cox_with_an_exponent_near_zero():
    """By numbers and by arrays, towards both the data and the exponent."""
    data, power = sp.Symbol("D", positive=True), sp.Symbol("P", real=True)
    one = sg.compile((data**power - 1) / power, wrt=[data, power])
    many = sg.compile((data**power - 1) / power, wrt=[data, power], batch=[data, power], reduce=None)
    at, exponents = np.array([0.25, 1.0, 3.0, 7.0, 0.5, 2.0]), np.array([0.0, 1e-300, -1e-12, 1e-5, 3.0, -0.75])
    with mp.workdps(700):
        right = [((mpf(a) ** mpf(p) - 1) / mpf(p) if p else mp.log(mpf(a)), mpf(a) ** (mpf(p) - 1),
                  mp.diff(lambda q, a=a: (mpf(a) ** q - 1) / q, mpf(p) or mpf(10) ** -200, h=mpf(10) ** -330)) for a, p in zip(at, exponents, strict=True)]
    for a, p, wanted in zip(at, exponents, right, strict=True):
        value, (by_data, by_power) = one.value_and_grad(D=a, P=p)
        np.testing.assert_allclose([value, by_data, by_power], [float(number) for number in wanted], rtol=2e-15)
    np.testing.assert_allclose(many.vjp(np.ones(6), D=at, P=exponents)[1], [float(number[2]) for number in right], rtol=2e-15)


RISING = {"erf": 1, "erfc": -1, "erfcx": -1, "log_erfc": -1, "erfc_hazard": 1, "erfc_excess": -1, "normal_cdf": 1, "log_normal_cdf": 1,
          "inverse_mills": -1, "mills_excess": 1, "probit": 1, "erfinv": 1, "erfcinv": -1, "exprel": 1, "bernoulli_ratio": -1, "langevin": 1,
          "log1prel": -1, "log1mexp": 1, "logexpm1": 1}


@pytest.mark.parametrize("name", RISING)
def test_monotone(name):
    """No step back between points a few billionths apart, also across the places where the code changes its branch."""
    low, high = {"probit": (1e-9, 1 - 1e-9), "erfinv": (-0.999999, 0.999999), "erfcinv": (1e-6, 1.999999), "log1prel": (-0.99, 50), "log1mexp": (1e-9, 30),
                 "logexpm1": (1e-9, 40)}.get(name, (-26.0, 40.0))
    edges = [edge * sign for edge in EDGES for sign in (-1, 1) if low < edge * sign < high]
    x = np.unique(np.concatenate([np.linspace(low, high, 20_001), *(edge + np.arange(-5, 6) * 4e-9 * max(1, abs(edge)) for edge in edges)]))
    x = x[(x >= low) & (x <= high)]
    with np.errstate(all="ignore"):
        assert np.all(RISING[name] * np.diff(kernel(TABLE[name])(x)) >= 0)


def test_a_piece_of_its_own_takes_complex_numbers_for_a_mistake():
    with pytest.raises(TypeError, match="real"):
        kernel(TABLE["erf"])(np.array([1j]))


# ---------------------------------------------------------------------- in generated modules

def test_a_module_carries_what_it_uses_and_nothing_else():
    source = sg.compile(sp.erf(W), wrt=W).source
    assert "def _erf(" in source and "def _gauss(" in source and "_ERF_NEAR = (" in source
    assert "_probit" not in source and "_SINC" not in source and "scipy" not in source
    assert "Special functions" not in sg.compile(sp.sin(W), wrt=W).source


BESIDE = dict.fromkeys(("divergence_term", "divergence_slope", "weighted_log_ratio"), (W / 20, W / 20 + sp.Rational(1, 2), sp.Rational(1, 2)))
BESIDE |= dict.fromkeys(("relative_entropy", "itakura_saito"), (W / 20 + 1, W / 20 + 2, -sp.S.One))
BESIDE |= dict.fromkeys(("ratio_gap", "reciprocal_gap"), (W / 20 + 1, W / 20 + 2, sp.S.One))
BESIDE["power_by_log"] = (sp.exp(W / 20), W / 20, W)
"""Arguments of functions whose last one is the difference of the others, or of which one is the logarithm of another."""


def test_saved_modules_run_with_nothing_but_numpy(tmp_path):
    total = sp.Add(*(entry.expression(BESIDE.get(entry.name, [W / 20 + sp.Rational(1, 2)] * entry.arity)) for entry in OWN))
    path = sg.compile(total, wrt=W, name="every_function").save(tmp_path)
    code = f"import sys; sys.modules.update(scipy=None, sympy=None, mpmath=None, symgrad=None); import runpy; runpy.run_path({str(path)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "WRONG" not in done.stdout, done.stdout + done.stderr


def test_names_do_not_meet_those_of_the_plumbing():
    plumbing = prelude("warn")
    assert not [name for name in definitions() if f"def {name}(" in plumbing or f"\n{name} =" in plumbing]
    assert all(name.startswith("_") for name in definitions())


def test_every_file_is_listed_and_uses_only_those_before_it():
    folder = ROOT / "symgrad" / "runtime" / "special"
    assert {path.stem for path in folder.glob("*.py")} == {*FILES, "__init__"}
    for k, file in enumerate(FILES):
        text = (folder / f"{file}.py").read_text(encoding="utf-8")
        used = {line.split()[1].rpartition(".")[2] for line in text.splitlines() if line.startswith("from symgrad.runtime.special")}
        assert used <= set(FILES[:k])


def test_no_two_files_define_the_same_name():
    """All of them may be copied into one module."""
    folder = ROOT / "symgrad" / "runtime" / "special"
    names = [target for file in FILES for line in (folder / f"{file}.py").read_text(encoding="utf-8").splitlines()
             for target in re.findall(r"^(?:def |class )?(_\w+)(?=\(| =|:)", line)]
    assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]


def test_every_definition_is_used_and_stands_once():
    of_rows = ("product_over", "product_less_one", "leave_one_out", "log_product_over", "sincos", "masked", "finite", "logsumexp", "norm")
    in_steps = [f"special:{name}" for entry in TABLE.values() for name in re.findall(r"\b_(\w+)", entry.twice)] + ["special:twice_number", "special:twice_trigamma"]
    text = special_functions([*(need for entry in TABLE.values() for need in entry.needs.split()), *in_steps, *(f"special:{name}" for name in of_rows)])
    assert [name for name in definitions() if f"{name} =" not in text and f"def {name}(" not in text and f"class {name}:" not in text] == []
    folder = ROOT / "symgrad" / "runtime" / "special"
    starts = [re.match(r"(?:def |class )?(_\w+)(?:\(| = |:)", line) for file in FILES for line in (folder / f"{file}.py").read_text(encoding="utf-8").splitlines()]
    names = [start[1] for start in starts if start]
    assert len(names) == len(set(names)) == len(definitions())


@pytest.mark.slow
def test_the_coefficients_are_those_that_are_derived():
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "coefficients"), "--check"], capture_output=True, text=True, check=False,
                          env={**os.environ, "SYMGRAD_VENV": sys.prefix})
    assert done.returncode == 0 and "as it is derived" in done.stdout, done.stdout + done.stderr


# ---------------------------------------------------------------------- products, sums and quotients with infinite parts

PARTS = {
    "tending": (lambda f, a, b: f(a, b, 0.5), [(0.0, INF, 0.5), (0.0, -INF, 0.5), (INF, 0.0, 0.5), (2.0, INF, INF), (0.0, math.nan, math.nan), (0.0, 3.0, 0.0)]),
    "tending_quotient": (lambda f, a, b: f(a, b, 0.5), [(INF, -INF, 0.5), (3.0, INF, 0.0), (INF, 3.0, INF), (math.nan, INF, math.nan)]),
    "log_beyond": (lambda f, a, b: f(a, b, 0.5), [(INF, 1e30, 2 * math.log(1e30) + 0.5), (2.0, 3.0, 2.0), (INF, INF, INF), (math.nan, 1.0, math.nan)]),
    "growing": (lambda f, a, b: f(a, b), [(0.0, INF, INF), (-0.0, INF, -INF), (-0.0, -INF, INF), (0.0, math.nan, math.nan), (0.0, 3.0, 0.0)]),
    "leading": (lambda f, a, b: f(a, b), [(INF, -INF, INF), (-INF, INF, -INF), (3.0, INF, INF), (INF, math.nan, math.nan), (math.nan, INF, math.nan)]),
    "share": (lambda f, a, b: f(a, b), [(INF, 2.0, 1.0), (-INF, 2.0, 1.0), (INF, INF, math.nan), (2.0, INF, 0.0), (math.nan, 1.0, math.nan)]),
    "softsign": (lambda f, a, b: f(a, b), [(INF, 2.0, 1.0), (-INF, 2.0, -1.0), (-INF, INF, math.nan), (2.0, INF, 0.0), (0.0, 1.0, 0.0)]),
}


@pytest.mark.parametrize("name", PARTS)
def test_nothing_but_finite_parts_gives_an_array_of_its_own(name):
    """Rows are written over once they are read for the last time, so none may be another's array."""
    first, second = np.array([0.5, 2.0, 3.0]), np.array([1.5, 2.5, 0.25])
    before = first.copy(), second.copy()
    got = PARTS[name][0](kernel(TABLE[name]), first, second)
    assert not np.shares_memory(got, first) and not np.shares_memory(got, second)
    np.testing.assert_array_equal((first, second), before)


@pytest.mark.parametrize("name", PARTS)
def test_infinite_parts(name):
    """By arrays, into arrays that are given, by numbers, in both precisions, and by the spelling on Python floats."""
    call, cases = PARTS[name]
    function, columns = kernel(TABLE[name]), np.array(cases)
    with np.errstate(all="ignore"):
        for dtype in (float, np.float32):
            first, second, wanted = columns.T.astype(dtype)
            got = call(function, first, second)
            assert got.dtype == dtype
            np.testing.assert_allclose(got, wanted, rtol=1e-7)
            out = np.empty(len(cases), dtype)
            assert call(lambda *args, out=out: function(*args, out), first, second) is out
            np.testing.assert_array_equal(out, got)
            np.testing.assert_array_equal([call(function, a, b) for a, b in zip(first, second, strict=True)], got)
        for a, b, wanted in cases:
            np.testing.assert_array_equal(eval(TABLE[name].one.format("a", "b", p0=0.5), {"np": np, "a": np.float64(a), "b": np.float64(b)}), wanted)
            steps = TABLE[name].scalar_steps
            known = {"math": math, "a": a, "b": b}
            known["s"] = eval(steps[0].format("a", "b", p0=0.5, s0="s"), known) if len(steps) > 1 else 0.0
            np.testing.assert_array_equal(eval(steps[-1].format("a", "b", p0=0.5, s0="s"), known), wanted)
