"""Functions that magnify the rounding of their argument, on formulas of one input: what was lost is put back."""

import math

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check.truth import Truth
from symgrad.check.ulps import representable, ulps

x, a = sp.symbols("x a", real=True)
HALF = sp.Rational(1, 2)

FORMULAS = {
    "log-normal density": (sp.exp(-sp.log(x) ** 2 / 2) / x, 1e-6, 1e6), "Weibull": (sp.exp(-((x / 2) ** (3 * HALF))), 0.1, 150.0),
    "Weibull with a shape": (sp.exp(-((x / 2) ** sp.Rational(17, 10))), 0.1, 80.0), "stretched exponential": (sp.exp(-sp.sqrt(x)), 0.1, 1e5),
    "tilted Gaussian": (sp.exp(x - x**2 / 2), -30.0, 0.5), "Gaussian of a quadratic": (sp.exp(-(x**2 + x + 1) / 3), 0.1, 40.0),
    "normal tail": (sp.erfc(-(x - 1) / 3 / sp.sqrt(2)) / 2, -100.0, 0.5), "wave": (sp.sin(x / 3), 7.0, 1e6), "chirp": (sp.cos(x**2), 7.0, 1e4),
    "logistic of a cubic": (1 / (1 + sp.exp(-(x**3 - x) / 3)), -12.0, -2.0), "hyperbolic": (sp.cosh(7 * x), 1.0, 100.0),
    "exponential of a hypotenuse": (sp.exp(-sp.sqrt(1 + x**2)), 1.0, 700.0), "of a quotient": (sp.exp(-3 / (x**2 + 1)), 0.01, 2.0),
    "GELU by tanh": (x * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + sp.Rational(8943, 200000) * x**3))) / 2, -20.0, -2.0),
    "of a size": (sp.exp(-sp.Abs(x**2 - 1000) / 3), 1.0, 30.0),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_value_and_slope_are_right(name):
    formula, low, high = FORMULAS[name]
    f, truth = sg.compile(formula, wrt=x), Truth(formula, x, 1)
    assert "mended" in f.kernel_text("value")
    for at in np.linspace(low, high, 80).tolist():
        for order, (got, limit) in enumerate(zip(f.value_and_grad(x=at), (4, 16), strict=True)):
            want = truth.at(at, order)
            if want is not None and representable(want) and abs(want) > 1e-290:
                scale = 1.0 if formula.has(sp.sin, sp.cos) else 0.0  # beside a zero of a wave
                assert ulps(got, want, scale) <= limit, (order, at, got, want)


@pytest.mark.parametrize("formula", [
    sp.sin(x), sp.sin(2 * x), sp.exp(-4 * x), sp.exp(sp.sin(x)), 1 / (1 + sp.exp(-a * x)), sp.exp(-a * x**2 + x), sp.cos(a + x), sp.exp(-sp.floor(x)),
], ids=str)
def test_what_is_exact_or_of_two_inputs_or_not_known_stays(formula):
    assert "mended" not in sg.compile(formula, wrt=x).source


def test_arrays_and_plain_code_stay():
    n, i = sp.Symbol("n", integer=True), sp.Symbol("i", integer=True)
    X = sp.IndexedBase("X", shape=(n,))
    assert "mended" not in sg.compile(sp.Sum(sp.sin(X[i] / 3), (i, 0, n - 1)), wrt=X).source
    assert "mended" not in sg.compile(sp.sin(x / 3), wrt=x).with_options(rewrite=False).source


def test_numbers_made_of_arrays_stay():
    n, i, j = sp.Symbol("n", integer=True), *sp.symbols("i j", integer=True)
    X, M = sp.IndexedBase("X", shape=(n,)), sp.MatrixSymbol("M", 3, 3)
    at = np.array([0.3, -0.7, 0.2])
    total = sp.Sum(X[i] * X[j], (i, 0, n - 1), (j, 0, n - 1))
    for expr in (sp.exp(-sp.Sum(X[i] ** 2, (i, 0, n - 1))), sp.exp(-sp.Sum(X[i], (i, 0, n - 1)) / 3), sp.sin(X[0] * X[1] / 3), sp.exp(X[0] / 3 - total)):
        f = sg.compile(expr, wrt=X)
        assert "mended" not in f.source
        assert f.value(X=at) == pytest.approx(f.with_options(rewrite=False).value(X=at), rel=1e-14)
        assert f.check(X=at)
    assert sg.compile(sp.exp(-sp.Trace(M * M) / 3), wrt=M).check(M=np.arange(9.0).reshape(3, 3) / 9)


def test_what_is_infinite_or_no_number_stays_so():
    for formula, ends in ((sp.exp(-(x**2 + 1) / 3), (0.0, 0.0)), (sp.cosh(7 * x), (math.inf, math.inf)), (sp.sin(x / 3), (math.nan, math.nan))):
        f = sg.compile(formula, wrt=x)
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal([f.value(x=-math.inf), f.value(x=math.inf), f.value(x=math.nan)], [*ends, math.nan])


def test_numbers_beside_single_precision_stay_in_it():
    n, i = sp.Symbol("n", integer=True), sp.Symbol("i", integer=True)
    X = sp.IndexedBase("X", shape=(n,))
    f = sg.compile(sp.sin(a / 3) * sp.Sum(X[i], (i, 0, n - 1)), wrt=a)
    value, slope = f.value_and_grad(a=1234.5, X=np.ones(4, np.float32))
    assert value.dtype == slope.dtype == np.float32
    assert value == pytest.approx(4 * math.sin(1234.5 / 3), abs=1e-6)
    assert slope == pytest.approx(4 / 3 * math.cos(1234.5 / 3), abs=1e-6)


def test_second_derivatives_and_tangents_go_along():
    formula = sp.exp(-sp.log(x) ** 2 / 2) / x
    f, truth = sg.compile(formula, wrt=x), Truth(formula, x, 2)
    for at in (1e-5, 0.3, 7.7, 1234.5):
        assert f.hessian(x=at) == pytest.approx(float(truth.at(at, 2)), rel=1e-13)
        assert f.jvp({"x": at}, {"x": 1.0})[1] == pytest.approx(float(truth.at(at, 1)), rel=1e-14)
