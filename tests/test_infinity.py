"""Infinite inputs of formulas of one input: the limit where doubles give nan, on numbers and on arrays, and nothing where there is none."""

import math

import numpy as np
import pytest
import sympy as sp

import symgrad as sg

x, a = sp.symbols("x a", real=True)
INF = math.inf

LIMITS = {
    "argument over its angle": (x / sp.atan(x), (INF, -2 / math.pi), (INF, 2 / math.pi)),
    "tilted tail": (sp.exp(3 * x) * sp.erfc(x), (0, 0), (0, 0)),
    "root of an exponential": (sp.sqrt(sp.exp(x) + 1), (1, 0), (INF, INF)),
    "screened field": ((1 - sp.exp(-x)) / x**2, (-INF, INF), (0, 0)),
    "covariance": ((1 + x + x**2 / 3) * sp.exp(-x), (INF, -INF), (0, 0)),
    "damped wave": (sp.exp(-x) * sp.cos(3 * x), (math.nan, math.nan), (0, 0)),
    "polynomials": ((x**2 - 3 * x) / (2 * x**2 + 1), (0.5, 0), (0.5, 0)),
    "one less than it rounds to": (sp.exp(2 * x) * (1 - sp.tanh(x)), (0, 0), (2, 0)),
    "beside a slow root": (sp.sqrt(x**2 + x) - x, (INF, -2), (0.5, 0)),
}


@pytest.mark.parametrize("name", LIMITS)
def test_value_and_slope_are_the_limits(name):
    formula, *wanted = LIMITS[name]
    one, many = sg.compile(formula, wrt=x), sg.compile(formula, wrt=x, batch=[x], reduce=None)
    ends = np.array([-INF, INF])
    with np.errstate(all="raise"):
        np.testing.assert_allclose([one.value_and_grad(x=end) for end in ends], wanted, rtol=3e-16)
        np.testing.assert_allclose(many.value(x=ends), [value for value, _ in wanted], rtol=3e-16)
        np.testing.assert_allclose(many.vjp(np.ones(2), x=ends), [slope for _, slope in wanted], rtol=3e-16)
        np.testing.assert_allclose([one.jvp({"x": end}, {"x": 1.0})[1] for end in ends], [slope for _, slope in wanted], rtol=3e-16)


@pytest.mark.parametrize("formula", [x * sp.sin(x), sp.sin(x) + sp.cos(3 * x), sp.exp(x) * sp.cos(x), sp.sqrt(-1 - x) * sp.exp(x),
                                     1 + sp.cos(sp.pi * x), sp.sin(2 * sp.pi * x) / 2 + 1], ids=str)
def test_what_has_no_limit_is_no_number(formula):
    assert math.isnan(sg.compile(formula, wrt=x).value(x=INF))


def test_a_limit_of_what_rounds_to_zero_far_out_is_not_taken_for_zero():
    assert sg.compile(sp.log(sp.tanh(x)) * sp.exp(2 * x) * (1 - sp.exp(-x) / x), wrt=x).value(x=INF) != 0


def test_two_inputs_have_limits_that_are_the_same_whatever_the_other_is():
    f = sg.compile(sp.sqrt(x**2 + a) - x, wrt=x)
    assert [f.grad(x=-INF, a=at) for at in (3.0, 0.0, -2.0)] == [-2, -2, -2] and f.grad(x=INF, a=3.0) == 0
    g = sg.compile(a**2 * sp.exp(-x) * (1 + x + x**2), wrt=x)
    assert g.value_and_grad(x=INF, a=3.0) == (0, 0) and math.isnan(sg.compile(a * x**2 / sp.atan(x) * sp.exp(-1 / x**2), wrt=x).value(x=INF, a=0.0))


def test_code_that_has_its_limits_and_code_of_several_inputs_stay():
    for formula in (x * sp.exp(-x), 1 / (1 + sp.exp(-x)), sp.log(1 + sp.exp(x)), x / (1 + x**2), x**2 / 10 + sp.cos(3 * x), a * x / sp.atan(x)):
        assert "limit at infinity" not in sg.compile(formula, wrt=x).kernel_text("value_and_grad")


def test_finite_inputs_and_nan_are_as_before():
    f, plain = (sg.compile(x / sp.atan(x), wrt=x, rewrite=on) for on in (True, False))
    assert f.value_and_grad(x=3.0) == pytest.approx(plain.value_and_grad(x=3.0), rel=1e-14)
    assert math.isnan(f.value(x=math.nan)) and math.isnan(f.grad(x=math.nan))
    assert f.hessian(x=2.0) == pytest.approx(plain.hessian(x=2.0), rel=1e-12)
