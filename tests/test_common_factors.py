"""What a derivative has multiplied its cotangent into is found without it, in time that does not grow with the depth of a formula."""

import math

import numpy as np
import pytest
import sympy as sp

import symgrad as sg

x, y, h, g = sp.symbols("x y h g", real=True)
SMALL = (1e-12, -3e-9, 2e-5)

INNER = {"exp(x) - x": (sp.exp(x) - x, math.expm1), "cos(x) + x^2/2": (sp.sin(x) - x, lambda at: -2 * math.sin(at / 2) ** 2),
         "log(1 + exp(x)) - x/2": (sp.log(1 + sp.exp(x)) - x / 2, lambda at: math.tanh(at / 2) / 2)}
"""Formulas with their slopes, which vanish at 0."""


@pytest.mark.parametrize("name", INNER)
def test_the_slope_of_a_function_of_it_keeps_its_digits(name):
    inner, slope = INNER[name]
    f = sg.compile(sp.sin(g), wrt=x, where=[(g, inner)])
    for at in SMALL:
        value = float(inner.subs(x, at))
        assert f.grad(x=at) == pytest.approx(math.cos(value) * slope(at), rel=1e-14)


@pytest.mark.parametrize("name", INNER)
def test_so_do_products_with_cotangents_and_tangents(name):
    inner, slope = INNER[name]
    f, whole = sg.compile(inner, wrt=x), sg.compile(inner, wrt=x, batch=[x], reduce=None)
    for at in SMALL:
        assert f.vjp(0.3, x=at) == pytest.approx(0.3 * slope(at), rel=1e-14)
        assert f.jvp({x: at}, {x: 0.3})[1] == pytest.approx(0.3 * slope(at), rel=1e-14)
    np.testing.assert_allclose(whole.vjp([0.3, 0.7, 1.1], x=SMALL), [bar * slope(at) for bar, at in zip((0.3, 0.7, 1.1), SMALL, strict=True)], rtol=1e-14)


def test_terms_beside_it_stay():
    f = sg.compile((sp.exp(x) - x) ** 2 + y * x, wrt=x)
    assert "expm1" in f.kernel_text("value_and_grad")
    assert f.grad(x=1e-9, y=0.25) == pytest.approx(0.25 + 2 * (1 + 5e-19) * 1e-9, rel=1e-15)
    assert f.check(x=0.3, y=0.25)


def test_second_derivatives_are_right():
    f, at = sg.compile(sp.sin(g), wrt=x, where=[(g, sp.exp(x) - x)]), 1e-7
    inner, slope = math.exp(at) - at, math.expm1(at)
    assert f.hessian(x=at) == pytest.approx(math.cos(inner) * math.exp(at) - math.sin(inner) * slope**2, rel=1e-14)


def test_sums_with_many_common_factors_take_no_time_to_speak_of():
    letters = sp.symbols("a0:12", real=True)
    expr = sp.Add(*(sp.Mul(*(one for k, one in enumerate(letters) if k != left)) for left in range(12)))
    assert sg.compile(sp.sin(expr), wrt=letters).check(**{str(one): 0.5 + k / 10 for k, one in enumerate(letters)})


def test_deep_sums_do_not_recurse():
    steps = sp.symbols("s0:400", real=True)
    where = [(steps[0], x)] + [(steps[k], steps[k - 1] * y + sp.Integer(k % 3) * sp.exp(x)) for k in range(1, 400)]
    f = sg.compile(steps[-1], wrt=[x, y], where=where)
    assert np.isfinite(f.grad(x=0.1, y=0.9)).all()


def test_a_sum_inside_a_sum_is_opened_where_terms_cancel():
    f = sg.compile(h - x, wrt=x, where=[(h, x + sp.sqrt(y))])
    assert f.value(x=1e20, y=2.0) == math.sqrt(2)
    assert sg.compile(x * sp.log(x) - x, wrt=x).grad(x=1 + 2**-40) == math.log1p(2**-40)
