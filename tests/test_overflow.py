"""Products with an exponential that leaves the range of doubles by itself: right where the product is a double, in all derivatives."""

from __future__ import annotations

import math
import sys
from itertools import combinations_with_replacement

import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import symgrad as sg
from symgrad.check.ulps import ulps

A, k, m, s, t, y = sp.symbols("A k m s t y", real=True)
n = sp.Symbol("n", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
M, S, Y = (sp.IndexedBase(name, shape=(n,)) for name in "MSY")

CASES = {
    "a factor of 0": (y * sp.exp(s), {"y": 0.0, "s": 800.0}),
    "a small factor": (y * sp.exp(s), {"y": 1e-5, "s": 712.0}),
    "a factor of 0 far out": (y * sp.exp(s), {"y": 0.0, "s": 1e300}),
    "a large factor of what underflows": (y * sp.exp(s), {"y": 1e200, "s": -800.0}),
    "a product in the exponent": (A * sp.exp(-k * t), {"A": 1e-5, "k": 215.7, "t": -3.3}),
    "a residual of 0": ((y - m) ** 2 * sp.exp(-s) / 2 + s / 2, {"y": 3.0, "m": 3.0, "s": -900.0}),
    "a sum in the exponent": (s + y * sp.exp(s + k + m), {"y": 1e-9, "s": 400.0, "k": 10.1, "m": 310.3}),
    "a product and a sum": (s + y * sp.exp(s * k + m / 3), {"y": 1e-9, "m": 1600.1, "s": 10.0, "k": 19.1}),
    "a power in the exponent": (A * sp.exp(-k * t**21), {"A": -3.0, "k": 1.7, "t": 1234.5}),
    "a complement": (y * (1 - sp.exp(-t / k)), {"y": 0.0, "t": -1764.0, "k": 0.352}),
    "a small factor of a complement": (y * (sp.exp(s) - 1), {"y": -1e-5, "s": 712.0}),
    "a hyperbolic function": (y * sp.sinh(s) + s, {"y": 1e-5, "s": -712.0}),
    "a hyperbolic function of a product": (y * sp.cosh(k * s) + s, {"y": 0.0, "s": -712.0, "k": 8.1}),
    "a shifted product": (y * sp.exp(-k * (t - m)), {"y": 0.0, "k": 100.3, "t": -8.1, "m": 1.7}),
}


def rows(formula: sp.Expr) -> list[sp.Expr]:
    """The formula, its slopes and its second derivatives."""
    inputs = sorted(formula.free_symbols, key=str)
    slopes = [sp.diff(formula, one) for one in inputs]
    return [formula, *slopes, *(sp.diff(slopes[j], inputs[k]) for j, k in combinations_with_replacement(range(len(inputs)), 2))]


@pytest.mark.parametrize("case", CASES)
def test_products_with_exponentials_are_right_where_they_are_doubles(case):
    formula, at = CASES[case]
    inputs = sorted(formula.free_symbols, key=str)
    f = sg.compile(formula, wrt=inputs)
    hessian = f.hessian(**at)
    second = [hessian[j][k] for j, k in combinations_with_replacement(range(len(inputs)), 2)]
    with mp.workdps(800):
        want = [sp.lambdify(inputs, row, "mpmath")(*(mp.mpf(at[str(one)]) for one in inputs)) for row in rows(formula)]
    for got in ([f.value(**at), *f.grad(**at), *second], [f.value(**at), *f.grad_forward(**at), *second]):
        for place, (found, right) in enumerate(zip(got, want, strict=True)):
            if abs(right) < sys.float_info.max:
                assert ulps(found, right) <= (4 if place == 0 else 16), (place, found)
            else:
                assert found == math.copysign(math.inf, right), place


def test_arrays_and_sums_of_them_are_right_as_well():
    f = sg.compile(sp.Sum((Y[i] - M[i]) ** 2 * sp.exp(-S[i]) / 2 + S[i] / 2, (i, 0, n - 1)), wrt=[M, S])
    at = {"Y": np.array([1.0, 2.0, 3.0]), "M": np.array([1.0, 2.5, 2.0]), "S": np.array([-800.0, -700.0, 2.0])}
    value, (by_mean, by_scale) = f.value_and_grad(**at)
    with mp.workdps(50):
        power = mp.exp(700)
        assert ulps(value, power / 8) <= 4 and ulps(by_mean[1], power / 2) <= 4 and ulps(by_scale[1], -power / 8 + mp.mpf(1) / 2) <= 4
    assert by_mean[0] == 0 and by_scale[0] == 0.5 and by_mean[2] == -math.exp(-2.0)
    hessian = f.hessian(**at)
    assert np.isfinite(hessian[0][1]).all() and np.isfinite(hessian[1][1]).all()


def test_single_precision_has_its_own_range():
    f = sg.compile(Y[i] * sp.exp(S[i]), wrt=[Y, S], outputs=(i,))
    given = np.array([1e-10, 0.0], np.float32), np.array([100.0, 1e4], np.float32)
    found = f.value(*given)
    assert found.dtype == np.float32 and found[1] == 0
    assert abs(float(found[0]) / (float(given[0][0]) * math.exp(100.0)) - 1) < 1e-6


def test_infinite_exponents_are_what_they_are():
    f = sg.compile(y * sp.exp(s), wrt=[y, s])
    assert f(2.0, math.inf) == math.inf and f(2.0, -math.inf) == 0 and math.isnan(f(0.0, math.inf)) and math.isnan(f(2.0, math.nan))
    assert f(math.inf, -800.0) == math.inf


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("at", [{"A": 1.0, "k": 1e200, "t": 1e200}, {"A": 2.0, "k": 3.0, "t": 1e308}], ids=str)
def test_exponents_that_overflow_themselves_warn_of_nothing(at):
    f = sg.compile(A * sp.exp(-k * t), wrt=A)
    assert f.value(**at) == 0


@pytest.mark.parametrize("formula", [y * sp.exp(-s**2), y * sp.exp(-sp.Abs(s)), sp.Piecewise((s, s >= 0), (y * (sp.exp(s) - 1), True))], ids=str)
def test_exponentials_that_cannot_overflow_are_left(formula):
    f = sg.compile(formula, wrt=[y, s])
    assert "times_exp" not in f.source


@pytest.mark.parametrize("at", [{"A": -166.0, "k": 602.5, "m": 1.0, "t": 1.6}, {"A": 0.0, "k": 3.0, "m": -1.0, "t": 500.0}], ids=str)
def test_forward_mode_knows_that_inputs_without_a_tangent_rest(at):
    """0 times the infinite slope along another input is nothing."""
    f = sg.compile(A * (sp.exp(k * t) - sp.exp(-m * t)), wrt=[A, k, m])
    for found, right in zip(f.grad_forward(**at), f.grad(**at), strict=True):
        assert found == right or abs(found - right) <= 1e-12 * abs(right)
    value, tangent = f.jvp(at, {m: 1.0})
    assert tangent == f.grad(**at)[2] and value == f.value(**at)


def test_forward_mode_of_arrays_does_too():
    f = sg.compile(sp.Sum((sp.exp(S[i]) - 1) * A + Y[i] ** 2, (i, 0, n - 1)), wrt=[S, Y, A])
    at = {"S": np.array([1.0, 800.0]), "Y": np.array([2.0, 3.0]), "A": 0.5}
    for found, right in zip(f.grad_forward(**at), f.grad(**at), strict=True):
        np.testing.assert_allclose(found, right)
    assert f.hvp(at, {Y: np.array([1.0, 0.0])})[1].tolist() == [2.0, 0.0]


def test_arrays_in_buffers_are_mended_in_place():
    """Fast code gives the functions an array to write into: it has to hold what is put right."""
    f = sg.compile(sp.Sum((Y[i] * sp.exp(S[i]) + M[i]) ** 2, (i, 0, n - 1)), wrt=[Y, S, M])
    many = 5000
    at = {"Y": np.zeros(many), "S": np.linspace(-900.0, 900.0, many), "M": np.ones(many)}
    assert f.value(**at) == many and (f.grad(**at)[1] == 0).all()
    along = {"M": np.ones(many)}
    assert f.jvp(at, along)[1] == 2 * many and np.isfinite(f.hvp(at, along)[2]).all()


def test_exponentials_of_one_input_are_told_their_exponents_where_they_are_summed():
    """The slopes of exp(-sum exp(u)) are 0 times what overflows."""
    total = sp.Sum(sp.exp(S[i]), (i, 0, n - 1))
    for formula in (sp.exp(-total), 1 / (1 + sp.exp(-total)), sp.tanh(total), sp.log(1 - sp.exp(-total))):
        assert not sg.compile(formula, wrt=S).grad(S=[720.0, -30.0, 715.0]).any()


POWERS = {
    "a Weibull distribution": (1 - sp.exp(-((t / m) ** k)), {"k": 5800.5, "m": 7.1, "t": 197.8}),
    "a Weibull density": (k / m * (t / m) ** (k - 1) * sp.exp(-((t / m) ** k)), {"k": 5800.5, "m": 7.1, "t": 197.8}),
    "a stretched exponential below its scale": (A * sp.exp(-((t / m) ** k)), {"A": 3.0, "k": -211.0, "m": 8.1, "t": 0.003}),
    "a Sérsic profile": (A * sp.exp(-s * ((t / m) ** (1 / k) - 1)), {"A": 2.0, "k": 0.008, "m": 0.0005, "s": 7.1, "t": 257.1}),
}


@pytest.mark.parametrize("case", POWERS)
def test_exponentials_of_powers_that_overflow_have_slopes_of_0(case):
    formula, at = POWERS[case]
    f = sg.compile(formula, wrt=sorted(formula.free_symbols, key=str))
    for g in (f, f.with_options(style="flat")):
        assert not any(g.grad(**at)) and not any(g.grad_forward(**at)), case
        assert f.value(**at) == (1 if case == "a Weibull distribution" else 0)
