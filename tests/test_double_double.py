"""Double-double arithmetic, and results that are computed in it where doubles are not enough."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st
from marks import but_slow
from mpmath import mp
from sympy import Max, cosh, erf, exp, gamma, log, loggamma, sin, tan, tanh
from textbook import x

import symgrad as sg
from symgrad.check.truth import Truth
from symgrad.check.ulps import ulps
from symgrad.graph.functions import TABLE
from symgrad.graph.steps import literal
from symgrad.rewrite.expansions.values import function_of
from symgrad.rewrite.libraries import NUMPY
from symgrad.runtime.genuine import is_generated
from symgrad.runtime.special import double_double as dd
from symgrad.runtime.special import double_double_tails as tails

R = sp.Rational
n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
rng = np.random.default_rng(3)


def spread(low: float, high: float) -> np.ndarray:
    return 10 ** rng.uniform(low, high, 60)


# ---------------------------------------------------------------------- the arithmetic

BOTH = np.concatenate([spread(-12, 2), -spread(-12, 2)])
UNIT = np.concatenate([spread(-8, -0.01), -spread(-8, -0.01), 1 - spread(-14, -3)])
FUNCTIONS: dict[str, tuple[Callable, Callable, np.ndarray, int]] = {
    "exp": (dd._twice_exp, mp.exp, np.concatenate([BOTH, [3e4, -3e4]]), 85),
    "exp less one": (dd._twice_exp_less_one, mp.expm1, BOTH, 90),
    "log": (dd._twice_log, mp.log, np.concatenate([spread(-290, 290), 1 + spread(-12, -2)]), 65),
    "sqrt": (dd._twice_sqrt, mp.sqrt, spread(-290, 290), 100),
    "cbrt": (dd._twice_cbrt, mp.cbrt, spread(-290, 290), 100),
    "sin": (dd._twice_sin, mp.sin, np.concatenate([BOTH, np.arange(1, 60) * math.pi, spread(2, 6)]), 85),
    "cos": (dd._twice_cos, mp.cos, np.concatenate([BOTH, np.arange(1, 60) * math.pi / 2, spread(2, 6)]), 85),
    "tan": (dd._twice_tan, mp.tan, BOTH, 85),
    "asin": (dd._twice_asin, mp.asin, UNIT, 95),
    "acos": (dd._twice_acos, mp.acos, UNIT, 95),
    "atan": (dd._twice_atan, mp.atan, np.concatenate([BOTH, spread(2, 100)]), 95),
    "sinh": (dd._twice_sinh, mp.sinh, BOTH, 90),
    "cosh": (dd._twice_cosh, mp.cosh, BOTH, 90),
    "tanh": (dd._twice_tanh, mp.tanh, BOTH, 90),
    "asinh": (dd._twice_asinh, mp.asinh, BOTH, 60),
    "acosh": (dd._twice_acosh, mp.acosh, np.concatenate([1 + spread(-14, -3), spread(0.1, 100)]), 75),
    "atanh": (dd._twice_atanh, mp.atanh, UNIT, 60),
    "erf": (tails._twice_erf, mp.erf, np.concatenate([BOTH, rng.uniform(-8, 8, 60)]), 95),
    "erfc": (tails._twice_erfc, mp.erfc, np.concatenate([rng.uniform(-8, 100, 60), rng.uniform(4, 5, 30)]), 65),
    "gamma": (tails._twice_gamma, mp.gamma, np.concatenate([rng.uniform(0.1, 500, 60), -rng.uniform(0.1, 30, 30)]), 80),
    "loggamma": (tails._twice_loggamma, mp.loggamma, np.concatenate([spread(-10, 10), rng.uniform(3, 60, 60)]), 85),
    "digamma": (tails._twice_digamma, mp.digamma, np.concatenate([spread(-10, 10), rng.uniform(3, 60, 60)]), 85),
    "trigamma": (tails._twice_trigamma, lambda a: mp.polygamma(1, a), np.concatenate([spread(-10, 10), rng.uniform(3, 60, 60)]), 85),
}


def exactly(number: dd._Twice, k: int | None = None) -> mpmath.mpf:
    high, low, power = (part if k is None else part[k] for part in (number.high, number.low, number.power))
    return (mp.mpf(float(high)) + mp.mpf(float(low))) * mp.mpf(2) ** int(power)


def bound(number: dd._Twice, k: int | None = None) -> mpmath.mpf:
    """What the number says that its error is, at most."""
    error, power = (part if k is None else part[k] for part in (number.error, number.power))
    return mp.mpf(float(error)) * mp.mpf(2) ** int(power)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_have_so_many_bits(name: str) -> None:
    function, exact, points, bits = FUNCTIONS[name]
    with mp.workprec(400), np.errstate(all="ignore"):
        found = function(dd._Twice(points))
        for k, point in enumerate(points.tolist()):
            want = exact(mp.mpf(point))
            assert abs(exactly(found, k) / want - 1) < mp.mpf(2) ** -bits, point
            assert abs(exactly(found, k) - want) <= bound(found, k), point
            if k % 10 == 0:
                one = function(dd._Twice(point))
                assert abs(exactly(one) / want - 1) < mp.mpf(2) ** -bits and abs(exactly(one) - want) <= bound(one), point
        assert np.isnan(found.sure(2.0**-40)).mean() < 0.1


NUMBERS = st.tuples(st.floats(-1e300, 1e300).filter(bool), st.floats(-1, 1))


def twice(pair: tuple[float, float]) -> dd._Twice:
    high, share = pair
    return dd._Twice(*dd._twice_settled(high, high * share * 2.0**-54), 0, 0.0)


@given(NUMBERS, NUMBERS)
@example((5.797024863018626e16, -0.3192950611715796), (1.3484943361265368e16, 0.9375))
def test_sums_products_and_quotients_are_as_right_as_they_say(one: tuple[float, float], other: tuple[float, float]) -> None:
    a, b = twice(one), twice(other)
    with mp.workprec(2500):
        first, second = exactly(a), exactly(b)
        wanted = {"sum": (a + b, first + second, 104), "difference": (a - b, first - second, 104),
                  "product": (a * b, first * second, 103), "quotient": (a / b, first / second, 102)}
        for name, (found, want, bits) in wanted.items():
            assert abs(exactly(found) - want) <= min(abs(want) * mp.mpf(2) ** -bits, bound(found)), name
        array = dd._Twice(np.array([a.rounded()])) + dd._Twice(np.array([b.rounded()]))
        assert exactly(array, 0) == exactly(dd._Twice(float(a.rounded())) + dd._Twice(float(b.rounded())))


def test_errors_are_followed() -> None:
    """1 - erf(13) is 1e-75, and lost in twice the digits; so is a difference of equal numbers that were rounded, not one of equal inputs."""
    lost = (1.0 - tails._twice_erf(dd._Twice(13.0))) * dd._twice_exp(dd._Twice(170.0))
    assert math.isnan(float(lost.sure(2.0**-26))) and abs(exactly(lost)) <= bound(lost)
    a = dd._Twice(0.7)
    assert float((a - a).sure(2.0**-53)) == 0.0
    assert math.isnan(float((dd._twice_exp(a) - dd._twice_exp(a)).sure(2.0**-26)))


@np.errstate(over="ignore", under="ignore")
def test_numbers_leave_the_range_of_doubles_and_come_back() -> None:
    far = dd._twice_exp(dd._Twice(5000.0))
    assert float(far.rounded()) == math.inf
    assert float(dd._twice_log(far).rounded()) == 5000.0
    assert float((far / far).rounded()) == 1.0
    assert float((1.0 / far).rounded()) == 0.0
    assert float((far - far).rounded()) == 0.0
    assert [float(dd._Twice(value).rounded()) for value in (0.0, 5e-324, -1e-310, math.inf)] == [0.0, 5e-324, -1e-310, math.inf]


NUMBERS_OF_FORMULAS = [R(1, 3), R(-22, 7), sp.pi, sp.Integer(7), R(1, 2), -sp.sqrt(2), sp.Integer(2) ** 60 + 1]


@pytest.mark.parametrize("value", NUMBERS_OF_FORMULAS, ids=str)
def test_numbers_are_written_with_twice_the_digits(value: sp.Expr) -> None:
    found = eval(literal(value).text, vars(dd))
    with mp.workprec(300):
        want = mp.mpmathify(sp.N(value, 80))
        assert abs((exactly(found) if isinstance(found, dd._Twice) else mp.mpf(found)) / want - 1) < mp.mpf(2) ** -102


@pytest.mark.parametrize("name", [name for name, entry in TABLE.items() if entry.twice])
def test_spellings_are_those_of_the_functions(name: str) -> None:
    entry = TABLE[name]
    count = 2 if name in ("max", "min") else entry.arity
    low, high = entry.domain
    points = [low + (high - low) * share for share in (0.31, 0.67, 0.52)][:count]
    points = {"select": [True, 0.25, 0.75], "and": [True, False], "or": [True, False]}.get(name, points)
    arguments = ", ".join(f"a{k}" for k in range(count))
    space = {**vars(dd), **vars(tails), "np": np}
    found = eval(f"lambda {arguments}: {entry.twice.format(*(f'a{k}' for k in range(count)))}", space)(
        *(dd._Twice(point) if isinstance(point, float) else point for point in points))
    if isinstance(found, dd._Twice):
        with mp.workdps(40):
            want = function_of(name, (), count)(*(point if isinstance(point, bool) else mp.mpf(point) for point in points))
        assert float(found.rounded()) == pytest.approx(float(want), rel=1e-15)
    else:
        assert bool(found) == bool(entry.expression([sp.S(point) for point in points]))


# ---------------------------------------------------------------------- results

_half = R(1, 2) - sp.sqrt(x * (1 - x))
_eight_sin = 9 * sin(x) ** 2 - 1
RESULTS: dict[str, tuple[sp.Expr, tuple[float, ...]]] = {
    "exponent of several roundings": (exp(10 * x - 10 * (x + 1) * log(x + 1)), (0.3, 2.0, 6.0, 19.0, 26.6)),
    "logarithm beside a pole": (-2 * log(tan(sp.pi * x / 2)), (0.999, 1 - 1e-9, 1 - 1e-12)),
    "terms that cancel far out": (x + 1 - (1 + x ** R(13, 5)) ** R(5, 13), (9.0, 37.0, 709.0, 1e4, 316227.75, 999900.0)),
    "logarithm of a hyperbolic cosine less its slope": (log(2 * cosh(x)) - x * tanh(x), (-3.2, -1.5, 2.0, 3.1)),
    "quotient of gamma functions": (gamma(x) ** 2 / gamma(2 * x), (3.3, 85.0, 170.0, 499.0)),
    "power over a gamma function": (sp.pi ** (x / 2) / gamma(x / 2 + 1), (3.0, 200.0, 354.8, 400.0)),
    "exponentials of one size": ((exp(15986 / x) - 3) / (exp(22135 / x) - 1), (9.0, 19.0, 26.6, 100.0)),
    "root of what overflows": (((4**x - 1) / (3 * x)) ** (1 / (x - 1)), (4.5, 600.0, 1000.0)),
    "logarithm of what overflows": (log((exp(x) - 1) / x) / x, (3162.0, 9998.0)),
    "loss with a margin": (-Max(0, 1 / (1 + exp(-x)) - R(1, 20)) ** 4 * log(1 - Max(0, 1 / (1 + exp(-x)) - R(1, 20))), (-2.0, 0.5, 2.0, 19.0)),
    "angle at its zero": (sp.atan(2 * _eight_sin / (tan(x) * (7 * R(6, 5) * sp.cos(2 * x) + 9))), (0.3398370000000012, 0.34)),
    "two normal distributions": (100 * exp(-x) * (1 + erf((R(1, 10) - 5 * x) / sp.sqrt(2))) / 2 - 50 * (1 + erf((-R(1, 10) - 5 * x) / sp.sqrt(2))),
                                 (-0.25, 3e-4, 0.3)),
    "tails of an error function": (exp(R(1, 2)) * (1 - erf((log(x) - 1) / sp.sqrt(2))) / (1 - erf(log(x) / sp.sqrt(2))) - x, (12.0, 3162.25, 1e6, 1e10)),
    "entropy of what touches 1/2": (-_half * log(_half) - (1 - _half) * log(1 - _half), (0.3, 0.4921875, 0.4999999994, 0.5000001)),
    "arc of a spiral less half a square": ((x * sp.sqrt(1 + x**2) + sp.asinh(x) - x**2) / 2, (9.0, 1e5, 99990000.0)),
    "entropy of a gamma distribution": (x + loggamma(x) + (1 - x) * sp.digamma(x), (3e-4, 17.5, 1e6)),
    "divergence of gamma distributions": ((x - R(5, 2)) * sp.digamma(x) - loggamma(x) + log(gamma(R(5, 2))), (36.7, 1e4, 99999.0)),
}


LONG = ("quotient of gamma functions", "power over a gamma function", "divergence of gamma distributions", "root of what overflows",
        "entropy of a gamma distribution")


@pytest.mark.parametrize("name", but_slow(RESULTS, LONG))
def test_values_and_slopes_are_right(name: str) -> None:
    formula, points = RESULTS[name]
    truth = Truth(formula, x, 1)
    model = sg.compile(formula, wrt=x)
    whole = sg.compile(formula, wrt=x, batch=[x], reduce=None)
    values, slopes = whole.value(x=np.array(points)), whole.vjp(np.ones(len(points)), x=np.array(points))
    assert "_double_double(" in model.kernel_text("value_and_grad")
    for k, point in enumerate(points):
        for order, limit, got in ((0, 4, (model.value(x=point), values[k])), (1, 16, (model.grad(x=point), model.grad_forward(x=point), slopes[k]))):
            want = truth.at(point, order)
            assert want is not None
            assert max(ulps(float(one), want) for one in got) <= limit, (order, point)


r = sp.Symbol("r", real=True)
BELOW_A_NUMBER = {
    "logarithm of cosh and its beginning": (log(sp.cosh(x)) - x**2 / 2 + x**4 / 12, 0.02, 1.0),
    "negative binomial": (r * log(r / (r + exp(x))) + 3 * log(exp(x) / (r + exp(x))), 800.0, 5.0),
    "effectiveness of a counterflow exchanger": ((1 - exp(-x * (1 - r))) / (1 - r * exp(-x * (1 - r))), 2.0, 1.000000001),
}


@pytest.mark.parametrize("times", [1, -1, 1 / n, -1 / (2 * n), R(1, 3), -5], ids=str)
@pytest.mark.parametrize("name", BELOW_A_NUMBER)
def test_slopes_of_samples_below_a_number(name: str, times: sp.Expr) -> None:
    """Means and negative sums: the slope towards a sample is the formula's times the number."""
    one, at, ratio = BELOW_A_NUMBER[name]
    samples = sp.IndexedBase("x", shape=(n,))
    model = sg.compile(times * sp.Sum(one.subs(x, samples[i]), (i, 0, n - 1)), wrt=samples)
    given = {"x": np.array([at, 0.5]), "r": ratio}
    got = model.grad(**{name: given[name] for name in model.arguments})
    with mp.workdps(500):
        exact = sp.lambdify([x, r], one.diff(x), "mpmath")
        wanted = [float(exact(mp.mpf(point), mp.mpf(ratio)) * mp.mpf(float(sp.sympify(times).subs(n, 2)))) for point in given["x"]]
    np.testing.assert_allclose(got, wanted, rtol=4e-15)


@pytest.mark.parametrize("formula", [
    exp(sin(x)), 1 / (1 + exp(-x)), log(1 + exp(x)), x * exp(-(x**2)), x**2 - 3 * x + 1, tanh(x), sp.sqrt(1 + x**2), x * log(x), erf(x), sin(x) / x,
    (1 + erf(x)) / 2, x**3 / (1 + x**2)], ids=str)
def test_what_doubles_do_stays(formula: sp.Expr) -> None:
    model = sg.compile(formula, wrt=x)
    assert all("_double_double" not in model.kernel_text(entry) for entry in ("value", "value_and_grad", "jvp", "vjp"))


def test_a_zero_of_a_sum_is_left_to_its_terms() -> None:
    assert "_double_double" not in sg.compile(x - sp.cos(x), wrt=x).kernel_text("value")


def test_it_can_be_switched_off_and_several_inputs_are_not_looked_at() -> None:
    formula, y = RESULTS["exponent of several roundings"][0], sp.Symbol("y")
    for options in ({"rewrite": False}, {"precise": False}):
        assert "_double_double" not in sg.compile(formula, wrt=x, **options).kernel_text("value")
    assert "_double_double" not in sg.compile(formula * y, wrt=[x, y]).kernel_text("value")


def test_a_saved_module_needs_nothing_but_numpy(tmp_path) -> None:
    formula, points = RESULTS["exponent of several roundings"]
    model = sg.compile(formula, wrt=x, name="tail_bound")
    path = model.save(tmp_path)
    assert is_generated(path.read_text(encoding="utf-8"))
    assert sg.load(path).value(x=2.0) == model.value(x=2.0)
    code = f"import sys, tail_bound; print(tail_bound.value({points[1]!r})); assert not {{'sympy', 'symgrad', 'scipy'}} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert float(done.stdout) == model.value(x=2.0)


def test_arrays_of_every_kind() -> None:
    whole = sg.compile(RESULTS["exponent of several roundings"][0], wrt=x, batch=[x], reduce=None)
    points = np.array([2.0, np.nan, np.inf, -3.0, 0.0])
    found = whole.value(x=points)
    assert found[0] == whole.value(x=np.array([2.0]))[0]
    assert np.isnan(found[[1, 3]]).all()
    assert found[2] == 0
    assert found[4] == 1
    assert whole.value(x=points.astype(np.float32)).dtype == np.float32
    assert whole.value(x=np.empty(0)).shape == (0,)
    assert whole.value(x=np.array([2, 3]))[0] == found[0]


@pytest.mark.parametrize("statement", ["class A:\n    def f(self, a=print()): pass", "@print\nclass A: pass", "class A(print()): pass",
                                       "class A:\n    print()", "class A:\n    @print\n    def f(self): pass"])
def test_classes_of_modules_are_inert(statement: str) -> None:
    text = sg.compile(x**2, wrt=x, name="parabola").source
    assert is_generated(text)
    assert is_generated(text + "\n\nclass A:\n    b = 1\n\n    def f(self, a=1):\n        return a\n")
    assert not is_generated(f"{text}\n\n{statement}\n")


@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh",
                                  "arcsinh", "arccosh", "arctanh", "cbrt"])
def test_libraries_that_are_the_same_everywhere_are_close_to_this_one(name: str) -> None:
    points = {"arcsin": UNIT, "arccos": UNIT, "arctanh": UNIT[:-60], "arccosh": 1 + spread(-3, 3), "log": spread(-290, 290), "log1p": spread(-12, 12)}
    given = points.get(name, BOTH)
    with np.errstate(all="ignore"):
        got, want = getattr(NUMPY, name)(given), getattr(np, name)(given)
    assert np.max(np.abs(got - want) / np.spacing(np.abs(want))) <= 3
    assert 0.5 < np.mean(got == want) < 1
    out = np.empty_like(given)
    assert getattr(NUMPY, name)(given, out=out) is out
    assert getattr(NUMPY, name)(given[3]) == getattr(np, name)(given[3])


def test_what_is_next_to_a_double_is_that() -> None:
    far = np.array([-40.0, -300.0, -700.0])
    assert NUMPY.expm1(far).tolist() == [-1.0, -1.0, -1.0]
    assert NUMPY.tanh(-far).tolist() == [1.0, 1.0, 1.0]
    assert NUMPY.exp(np.array([0.0, 1e-30])).tolist() == [1.0, 1.0]
