"""Exponentials of products of inputs: as right as the exponential itself, however large the exponent, and only where that shows."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check.ulps import ulps

x, a, s = sp.symbols("x a s", real=True)
i, n = sp.symbols("i n", integer=True)
X, W = sp.IndexedBase("X", shape=(n,)), sp.IndexedBase("W", shape=(n,))

PRODUCTS = {
    "decay": sp.exp(-x / 3), "decay by pi": sp.exp(-sp.pi * x), "with a rate": sp.exp(-a * x), "two inputs and a number": sp.exp(-a * x / 3),
    "Gaussian": sp.exp(-(x**2) / 2), "with a width": sp.exp(-(x**2) / (2 * s**2)), "radial basis": sp.exp(-sp.Rational(7, 10) * x**2),
    "Arrhenius": sp.exp(-a / (sp.Rational(8314, 1000) * x)), "Laplace": sp.exp(-sp.Abs(x) / s), "cube": sp.exp(-(x**3) / 7), "one over": sp.exp(-3 / x),
}
ARRAYS = ("decay", "decay by pi", "with a rate", "two inputs and a number", "Gaussian", "Laplace")
"""Those that are put right on arrays as well; of others that would cost several times the exponential."""
AT = [(0.3, 1.7, 0.9), (31.6228, 13.1, 2.3), (7.77, 47.11, 0.31), (1.1e-3, 0.3, 5.0), (17.3, 2.9, 1.234)]


def truth(formula: sp.Expr, at: dict[str, float]) -> mpmath.mpf:
    with mpmath.workdps(400):  # beside 1 an exponential of -800 needs 350 digits
        return sp.lambdify([x, a, s], formula, "mpmath")(*(mpmath.mpf(at[name]) for name in "xas"))


def given(model, *at: float) -> dict[str, float]:
    return {name: value for name, value in zip("xas", at, strict=True) if name in model.arguments}


@pytest.mark.parametrize("name", PRODUCTS)
def test_value_and_slope_are_right_on_numbers_and_arrays(name):
    formula = PRODUCTS[name]
    one, each = sg.compile(formula, wrt=x), sg.compile(formula, wrt=x, batch=[x], reduce=None)
    for at in AT:
        wants = [truth(sp.diff(formula, x, order), dict(zip("xas", at, strict=True))) for order in (0, 1)]
        inputs = given(one, *at)
        many = {**inputs, "x": np.full(5000, inputs["x"])}
        slopes = each.vjp(np.ones(5000), **many)
        arrays = [(each.value(**many)[4999], wants[0]), (slopes[4999], wants[1])] if name in ARRAYS else []
        for got, want in [*zip(one.value_and_grad(**inputs), wants, strict=True), *arrays]:
            if 1e-290 < abs(want) < 1e300:
                assert ulps(float(got), want) <= 5, (at, got, want)


def test_what_is_no_number_or_too_large_stays_so():
    one, each = sg.compile(sp.exp(-x / 3), wrt=x), sg.compile(sp.exp(-x / 3), wrt=x, batch=[x], reduce=None)
    at = np.array([-math.inf, -1e305, -1e4, 0.0, 1e4, 1e305, math.inf, math.nan])
    want = np.array([math.inf, math.inf, math.inf, 1.0, 0.0, 0.0, 0.0, math.nan])
    np.testing.assert_array_equal(each.value(x=at), want)
    np.testing.assert_array_equal([one.value(x=float(point)) for point in at], want)


def test_single_precision_is_the_rounded_double():
    each = sg.compile(sp.exp(-a * x / 3), wrt=x, batch=[x], reduce=None)
    at = np.linspace(-20, 250, 999, dtype=np.float32)
    got = each.value(x=at, a=1.0)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, np.exp(-at.astype(float) / 3).astype(np.float32), rtol=1.2e-7)


SHIFTED = {
    "normal density": sp.exp(-((x - 1) ** 2) / 2), "with a mean": sp.exp(-((x - a) ** 2) / (2 * s**2)), "shifted decay": sp.exp(2 - x / 3),
    "Laplace density": sp.exp(-sp.Abs(x - 1) / 3), "logistic": 1 / (1 + sp.exp(-3 * (x - 1))), "softplus": sp.log(1 + sp.exp(-x / 3)),
    "slope of tanh": sp.tanh(x / 3), "Bose": 1 / (sp.exp(x / 3) - 1), "charging": sp.exp(x / 3) - 1,
}


@pytest.mark.parametrize("name", SHIFTED)
def test_sums_in_exponents_and_functions_made_of_exponentials_are_right_on_numbers(name):
    one = sg.compile(SHIFTED[name], wrt=x)
    for at in [*AT, (-31.6228, -3.3, 0.77), (-200.7, -180.3, 0.77), (410.1, 433.3, 1.1)]:
        wants = [truth(sp.diff(SHIFTED[name], x, order), dict(zip("xas", at, strict=True))) for order in (0, 1)]
        for got, want in zip(one.value_and_grad(**given(one, *at)), wants, strict=True):
            if 1e-290 < abs(want) < 1e300:
                assert ulps(float(got), want) <= 8, (at, got, want)


OF_EXPONENTIALS = {
    "Gumbel density": sp.exp(-x - sp.exp(-x)), "Gumbel distribution": sp.exp(-sp.exp(-x)), "log of complementary log-log": sp.log(1 - sp.exp(-sp.exp(-x))),
    "complementary log-log": 1 - sp.exp(-sp.exp(-x)), "Gompertz": 1 - sp.exp((1 - sp.exp(-x)) / 2), "Elo rating": 1 / (1 + 10 ** (x / 400)),
    "softplus to a base": sp.log(1 + 2 ** (x / 3)),
}


@pytest.mark.parametrize("name", OF_EXPONENTIALS)
@pytest.mark.parametrize("many", [False, True])
def test_exponentials_of_exponentials_and_powers_are_right_on_numbers_and_arrays(name, many):
    f = sg.compile(OF_EXPONENTIALS[name], wrt=x, **({"batch": [x], "reduce": None} if many else {}))
    points = [-500.3, -100.1, -17.3, *np.linspace(-6.55, 6.5, 60).tolist(), 17.3, 250.7]
    for at in [np.array(points)] if many else points:
        found = (f.value(x=at), f.vjp(np.ones(len(points)), x=at)) if many else f.value_and_grad(x=at)
        for order, got in enumerate(found):
            for point, number in zip(np.atleast_1d(at).tolist(), np.atleast_1d(got).tolist(), strict=True):
                want = truth(sp.diff(OF_EXPONENTIALS[name], x, order), {"x": point, "a": 0.0, "s": 1.0})
                assert not 1e-290 < abs(want) < 1e300 or ulps(number, want) <= 5, (order, point, number, want)


@pytest.mark.parametrize("formula", [
    sp.exp(2 * x), sp.exp(-x), sp.exp(x / 4), sp.exp(-x * (a + sp.cos(x))), sp.exp(-((x - sp.sin(a)) ** 2) / 2), sp.log(sp.exp(x / 3) + sp.exp(a / 3)),
    1 / (1 + sp.exp(-a * x)), sp.log(1 + sp.exp(-a * x)), sp.exp(-sp.sin(x) / 3),
], ids=str)
def test_what_is_exact_or_rounded_before_stays_as_it_is(formula):
    assert "_exp_of_product" not in sg.compile(formula, wrt=x).source


def test_sums_over_an_index_stay_as_they_are():
    f = sg.compile(sp.Sum(W[i] * sp.exp(-X[i] / 3), (i, 0, n - 1)), wrt=W)
    assert "_exp_of_product" not in f.kernel_text("value")
    assert "_exp_of_product" in f.kernel_text("value_and_grad")  # the slope in W is the exponential itself


def test_plain_code_is_plain():
    assert "_exp_of_product" not in sg.compile(sp.exp(-x / 3), wrt=x).with_options(rewrite=False).source


def test_the_line_reads_as_the_formula():
    assert "# xi_1 = exp(-0.5 x x/(s s))" in sg.compile(sp.exp(-(x**2) / (2 * s**2)), wrt=x).kernel_text("value")
