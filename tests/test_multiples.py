"""Terms that cancel although they are written differently: left out where they cancel wherever they are numbers."""

import math

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check.truth import Truth
from symgrad.check.ulps import ulps

x = sp.Symbol("x", real=True)
S, K, r, T, sigma = sp.symbols("S K r T sigma", positive=True)
d1, d2 = sp.symbols("d1 d2", real=True)
R = sp.Rational


def Phi(z):
    return (1 + sp.erf(z / sp.sqrt(2))) / 2


WHERE = [(d1, (sp.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * sp.sqrt(T))), (d2, d1 - sigma * sp.sqrt(T))]
CALL = S * Phi(d1) - K * sp.exp(-r * T) * Phi(d2)
AT = {"S": 100.0, "K": 250.0, "r": 0.01, "T": 0.5, "sigma": 0.2}


def test_the_slopes_of_a_call_are_the_few_terms_of_the_books():
    f = sg.compile(CALL, wrt=[S, K], where=WHERE)
    delta = sg.compile(Phi(WHERE[0][1]), wrt=S)
    dual = sg.compile(-sp.exp(-r * T) * Phi(d2), wrt=S, where=WHERE)
    found = f.grad(**AT)
    assert found[0] == pytest.approx(delta.value(**AT), rel=1e-14) and found[1] == pytest.approx(dual.value(**AT), rel=1e-14)
    assert f.grad_forward(**AT) == pytest.approx(found, rel=1e-14)


def test_vega_and_theta_agree_with_differences():
    f = sg.compile(CALL, wrt=[S, K, r, T, sigma], where=WHERE)
    assert sg.check_gradients(f, {**AT, "K": 110.0}).passed


@pytest.mark.parametrize(("formula", "points"), [
    (x * Phi(5 * sp.log(x / 100) + R(1, 4)) - 100 * sp.exp(-R(3, 100)) * Phi(5 * sp.log(x / 100) + R(1, 20)), (1e-3, 0.999, 3.0, 40.0, 80.0, 100.0, 300.0)),
    ((x - 3) * sp.erfc(-sp.sqrt(2) * (2 * x - 6) / 2) / 2 + sp.exp(-2 * (x - 3) ** 2) / sp.sqrt(8 * sp.pi), (-5.0, 0.999, 2.9, 3.0, 4.0, 9.0)),
], ids=("spot", "forward"))
def test_slopes_of_one_input_keep_their_digits(formula, points):
    truth, one, many = Truth(formula, x, 1), sg.compile(formula, wrt=x), sg.compile(formula, wrt=x, batch=[x], reduce=None)
    for at, slope in zip(points, many.vjp(np.ones(len(points)), x=np.array(points)), strict=True):
        assert max(ulps(float(got), truth.at(at, 1)) for got in (slope, one.grad(x=at), one.jvp({"x": at}, {"x": 1.0})[1])) <= 8


@pytest.mark.parametrize("formula", [
    sp.sqrt(x) * sp.sqrt(x + 1) - sp.sqrt(x * (x + 1)) + sp.exp(x), sp.log(x**2) - 2 * sp.log(x) + sp.sin(x)], ids=str)
def test_what_is_no_number_stays_none(formula):
    f = sg.compile(formula, wrt=x)
    with np.errstate(all="ignore"):
        assert math.isnan(f.value(x=-2.0)) and f.value(x=2.0) == pytest.approx(float(sp.N(formula.subs(x, 2), 30)), rel=1e-14)


def test_kinks_are_no_reason_to_drop_anything():
    f = sg.compile(sp.Abs(x) * sp.exp(x) - x * sp.exp(x), wrt=x)
    assert f.value(x=-1.0) == pytest.approx(2 * math.exp(-1)) and f.value(x=1.0) == 0.0
