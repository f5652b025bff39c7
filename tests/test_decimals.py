"""Formulas on decimals, where twice the digits of doubles are not enough, and results that take the place of those of doubles."""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import mpmath
import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from test_double_double import FUNCTIONS, NUMBERS_OF_FORMULAS

import symgrad as sg
from symgrad.emit.special import DIGITS, TWICE, definitions
from symgrad.graph.functions import TABLE
from symgrad.graph.steps import literal
from symgrad.rewrite.expansions.values import function_of
from symgrad.runtime.special import decimals, decimals_tails, double_double, double_double_places, double_double_tails

SPACE = {**vars(double_double), **vars(double_double_tails), **vars(decimals), **vars(decimals_tails), **vars(double_double_places)}
PRECISIONS = [60, 130]
rng = np.random.default_rng(5)


@contextmanager
def digits_of(precision: int, rounding: str = decimal.ROUND_FLOOR) -> Iterator[None]:
    context = decimal.Context(precision, rounding, decimal.MIN_EMIN, decimal.MAX_EMAX, traps=[])
    with decimal.localcontext(context), mp.workdps(precision + 400):
        yield


def exactly(number: decimal.Decimal) -> mpmath.mpf:
    return mp.mpf(str(number))


def in_digits(text: str) -> Callable:
    found = decimals._in_digits(eval(text, SPACE))
    assert found is not None
    return found


# ---------------------------------------------------------------------- functions

@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_have_all_digits(name: str, precision: int) -> None:
    """Where those of twice the digits were looked at; relatively, but a logarithm of gamma functions beside its terms."""
    twice, exact, points, _ = FUNCTIONS[name]
    function = SPACE[twice.__name__.replace(TWICE, DIGITS)]
    with digits_of(precision):
        for point in points[::5].tolist():
            want, found = exact(mp.mpf(point)), exactly(function(decimal.Decimal(point)))
            scale = max(abs(want), point) if name in ("loggamma", "digamma") else abs(want)
            assert abs(found - want) <= scale * mp.mpf(10) ** (8 - precision), point


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_end_far_out(name: str) -> None:
    """A sine of more turns than there are digits for is no number, not a sum of as many terms."""
    function = SPACE[FUNCTIONS[name][0].__name__.replace(TWICE, DIGITS)]
    with digits_of(60):
        found = [function(decimal.Decimal(point)) for point in ("3e300", "1e1000", "-2e100000", "inf", "nan")]
    if name in ("sin", "cos", "tan"):
        assert [one.is_nan() for one in found] == [False, True, True, True, True]


def test_each_function_of_a_formula_is_there_in_both() -> None:
    called = {name for entry in TABLE.values() for name in re.findall(rf"{TWICE}\w+", entry.twice)} | {"_twice_number", "_twice_cbrt", "_twice_trigamma"}
    assert {name.replace(TWICE, DIGITS) for name in called} <= definitions().keys()


@pytest.mark.parametrize("name", [name for name, entry in TABLE.items() if entry.twice])
def test_spellings_are_those_of_the_functions(name: str) -> None:
    entry = TABLE[name]
    count = 2 if name in ("max", "min") else entry.arity
    low, high = entry.domain
    points = [low + (high - low) * share for share in (0.31, 0.67, 0.52)][:count]
    points = {"select": [True, 0.25, 0.75], "and": [True, False], "or": [True, False]}.get(name, points)
    arguments = ", ".join(f"a{k}" for k in range(count))
    function = in_digits(f"lambda {arguments}: {entry.twice.format(*arguments.split(', '))}")
    with digits_of(60):
        found = function(*(point if isinstance(point, bool) else decimal.Decimal(point) for point in points))
        if not isinstance(found, decimal.Decimal):
            assert found == bool(entry.expression([sp.S(point) for point in points]))
            return
        want = function_of(name, (), count)(*(point if isinstance(point, bool) else mp.mpf(point) for point in points))
        assert abs(exactly(found) / want - 1) < mp.mpf(10) ** -55


@pytest.mark.parametrize("value", NUMBERS_OF_FORMULAS, ids=str)
def test_numbers_have_all_digits(value: sp.Expr) -> None:
    with digits_of(130):
        found = in_digits(f"lambda x: {literal(value).text}")(None)
        assert abs(exactly(decimal.Decimal(found)) / mp.mpmathify(sp.N(value, 200)) - 1) < mp.mpf(10) ** -128


def test_a_function_that_there_is_in_twice_the_digits_alone_is_told() -> None:
    assert decimals._in_digits(eval("lambda x: _twice_exponential(x)[0]", SPACE)) is None


# ---------------------------------------------------------------------- results

def settled(text: str, *given: float, y: float = math.nan, **options) -> float:
    return decimals._settled_digits(in_digits(text), given, y, **options)


@pytest.mark.parametrize("x", [1e-12, 3e-9, -1e-14, 0.5])
def test_what_is_lost_in_forty_digits_is_found(x: float) -> None:
    with mp.workdps(300):
        want = (mp.expm1(x) - mp.mpf(x) - mp.mpf(x) ** 2 / 2) / mp.mpf(x) ** 3
        assert settled("lambda x: (_twice_exp(x) - 1.0 - x - 0.5*x*x)/x**3", x) == float(want)


@pytest.mark.parametrize(("text", "exact", "points"), [
    ("lambda x: 1.0 - 1.0/(1.0 + _twice_exp(-x))", lambda x: 1 - 1 / (1 + mp.exp(-x)), (300.0, 500.0, 700.0)),
    ("lambda x: 1.0 - _twice_erf(x)", mp.erfc, (13.0, 20.0, 26.0)),
    ("lambda x: _twice_erfc(-x) - 2.0", lambda x: mp.erfc(-x) - 2, (13.0, 20.0, 26.0)),
    ("lambda x: 1.0 - _twice_tanh(x)", lambda x: 1 - mp.tanh(x), (160.0, 250.0, 350.0))])
def test_tails_that_are_1_less_what_is_next_to_it_are_found(text: str, exact: Callable, points: tuple[float, ...]) -> None:
    for x in points:
        with mp.workdps(800):
            want = float(exact(mp.mpf(x)))
        assert settled(text, x, y=0.0) == want != 0 and settled(text, x, y=0.0, last=()) == 0.0


def test_what_is_lost_in_all_digits_alike_is_no_result() -> None:
    """1 + erf(-30) is 1e-393; what stands beside it agrees in sixty digits and in ninety."""
    assert settled("lambda x: (1.0 + _twice_erf(x))*_twice_exp(-x*x*x) + x", -30.0, y=7.0) == 7.0
    assert settled("lambda x: (_twice_exp(x) - 1.0)/x + 1.0", 1e-200, y=2.0) == 2.0
    assert settled("lambda x: (_twice_log(1.0 + x))/x + 1.0", 1e-200, y=2.0) == 2.0


def test_nothing_but_rounding_is_0_where_there_is_no_number_or_a_larger_one_and_else_stays() -> None:
    text = "lambda x: _twice_exp(x)*_twice_exp(-x) - 1.0"
    assert settled(text, 0.7) == settled(text, 0.7, y=math.inf) == 0.0
    assert settled(text, 0.7, y=-3e-17) == 0.0
    assert settled(text, 0.7, y=-3e-70) == 0.0 and settled(text, 0.7, y=-3e-70, last=()) == -3e-70
    assert math.isnan(settled("lambda x: _twice_log(x)", -1.0)) and math.isnan(settled("lambda x: _twice_sin(x)", math.inf))


@pytest.mark.parametrize("text", ["lambda x: 1.0/x", "lambda x: 1.0/(_twice_exp(x) - 1.0)", "lambda x: -_twice_log(x)", "lambda x: x*_twice_log(x)/x"])
def test_poles_and_what_has_no_value_stay(text: str) -> None:
    for y in (math.inf, -math.inf, math.nan, 3.0):
        np.testing.assert_array_equal(placed(text, np.zeros(1), np.array([y])), [y])


def test_contexts_of_the_caller_do_not_matter_and_stay() -> None:
    with decimal.localcontext(decimal.Context(prec=3, Emax=5, traps=[decimal.Inexact, decimal.Overflow])) as context:
        assert settled("lambda x: _twice_exp(x)/_twice_exp(x - 1.0)", 1000.0) == math.e
        assert decimal.getcontext() is context and context.prec == 3


def placed(text: str, x: np.ndarray, y: np.ndarray, where: bool = True) -> np.ndarray:
    """By arrays, and the same number by number."""
    formula = eval(text, SPACE)
    found = double_double_places._double_double_where(formula, np.full(x.shape, where), y, x)
    single = [double_double_places._double_double_number_where(formula, where, float(b), float(a)) for a, b in zip(x, y, strict=True)]
    np.testing.assert_array_equal(found, single)
    return found


def test_a_result_that_is_right_stays_where_all_digits_are_lost() -> None:
    """(exp(-x) + 1 - 1) exp(x) is 1."""
    x = np.array([400.0, 700.0])
    assert placed("lambda x: (_twice_exp(-x) + 1.0 - 1.0)*_twice_exp(x)", x, np.ones(2)).tolist() == [1.0, 1.0]


def test_a_result_is_the_nearer_one() -> None:
    """(exp(x) - 1 - x)/x^2 in twice the digits is sure to a few digits at 1e-13: enough to tell 0.4 from right, and more digits have them all."""
    x, text = np.array([1e-13, 1e-13, 0.25]), "lambda x: (_twice_exp(x) - 1.0 - x)/(x*x)"
    want = [float(sp.N((sp.exp(sp.Rational(one)) - 1 - sp.Rational(one)) / sp.Rational(one) ** 2, 20)) for one in x.tolist()]
    assert placed(text, x, np.array([0.4, 0.5, 0.0])).tolist() == want
    assert placed(text.replace("_twice_exp(x)", "(_twice_waves(x)[0]*0.0 + _twice_exp(x))"), x, np.array([0.4, math.nan, 0.5])).tolist()[2] == want[2]


def test_what_is_the_same_is_settled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(double_double_places, "_settled_digits", lambda formula, given, y: asked.append(float(given[0])) or 7.0)
    formula = eval("lambda x: (_twice_exp(x) - 1.0 - x)/(x*x)", SPACE)
    x, y = np.array([1e-13, 2e-13, 1e-13, 1e-13, 1e-13]), np.array([0.5, 0.5, 0.5, math.nan, math.nan])
    assert double_double_places._double_double_where(formula, np.full(x.shape, True), y, x).tolist() == [7.0] * 5
    assert asked == [1e-13, 2e-13, 1e-13]


@pytest.mark.parametrize("text", ["lambda x, p: (_twice_exp(x*p) - 1.0 - x*p)/(p*p)",
                                  "lambda x, p: _twice_chosen(_twice_gap(x, p) > 0, _twice_exp(x)*_twice_exp(-p) - 1.0, _twice_log(p) - x)"])
def test_an_input_that_is_one_number_counts_for_every_sample(text: str) -> None:
    """Numbers, as wide arrays of them do, also where neither doubles nor twice the digits tell and each sample is looked at by decimals."""
    formula, where = eval(text, SPACE), np.arange(6) % 3 != 1
    x, y = np.array([0.25, 0.5, 1e-13, -3.0, 2.0, 0.7]), np.array([1.0, 2.0, 0.5, math.nan, 4.0, math.inf])
    for p in (0.7, 1e-14):
        every = double_double_places._double_double_where(formula, where, y, x, np.full(x.shape, p))
        assert np.isfinite(every).all() and (every[~where] == y[~where]).all()
        for one in (p, np.array([p])):
            np.testing.assert_array_equal(double_double_places._double_double_where(formula, where, y, x, one), every)
        many = [np.tile(part, 2000) for part in (where, y, x)]
        np.testing.assert_array_equal(double_double_places._double_double_where(formula, *many, p), np.tile(every, 2000))
        np.testing.assert_array_equal(double_double_places._double_double_where(formula, where[:, None] | [True, False], y[:, None], x[:, None], p)[:, 1], every)


def test_what_is_no_number_is_looked_for_wherever_the_inputs_are_numbers() -> None:
    x = np.array([800.0, math.inf, math.nan, 2.0])
    found = placed("lambda x: _twice_exp(x)/(_twice_exp(x) + 1.0)", x, np.array([math.nan, math.nan, math.nan, 5.0]), where=False)
    np.testing.assert_array_equal(found, [1.0, math.nan, math.nan, 5.0])


def test_values_and_slopes_that_lose_forty_digits_are_right(tmp_path) -> None:
    """The rate of a bond whose mean reverts slowly: (1 - (1 - exp(-a t))/(a t))/a."""
    a, t = sp.symbols("a t", positive=True)
    formula = (1 - (1 - sp.exp(-a * t)) / (a * t)) / a
    model = sg.compile(formula, wrt=[a, t], name="slow_reversion")
    saved = sg.load(model.save(tmp_path))
    for point in ({"a": 1e-8, "t": 5.0}, {"a": 1e-5, "t": 1e-6}, {"a": 0.3, "t": 2.0}, {"a": 1e-12, "t": 1e-3}):
        with mp.workdps(200):
            at = [mp.mpf(point["a"]), mp.mpf(point["t"])]
            wants = [float(sp.lambdify((a, t), one, "mpmath")(*at)) for one in (formula, sp.diff(formula, a), sp.diff(formula, t))]
        for found in ([model.value(**point), *model.grad(**point)], [saved.value(**point), *saved.grad_forward(**point)]):
            np.testing.assert_allclose(np.array(found, float), wants, rtol=16 * 2.0**-53, atol=0)
