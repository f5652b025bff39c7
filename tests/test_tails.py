"""The normal distribution, sigmoids and their relatives in both tails and near 0, in the spellings that SymPy makes of them."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check.truth import Truth
from symgrad.check.ulps import representable, ulps

x, mu, s = sp.Symbol("x", real=True), sp.Symbol("mu", real=True), sp.Symbol("s", real=True)
n = sp.Symbol("n", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
v = sp.IndexedBase("v", shape=(n,))
SIGMA = 1 / (1 + sp.exp(-x))
PHI, DENSITY = sp.erfc(-x / sp.sqrt(2)) / 2, sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)
POINTS = (-740.0, -38.5, -37.0, -20.0, -6.5, -1.0, -1e-3, -1e-9, 0.0, 1e-12, 1e-5, 0.25, 1.0, 6.5, 20.0, 37.0, 38.5, 740.0)

FORMULAS = {
    "Phi": PHI, "1 - Phi": 1 - PHI, "Phi by erf": (1 + sp.erf(x / sp.sqrt(2))) / 2, "Phi(-x)": sp.erfc(x / sp.sqrt(2)) / 2,
    "log Phi": sp.log(PHI), "log(1 - Phi)": sp.log(1 - PHI), "log Phi by erf": sp.log((1 + sp.erf(x / sp.sqrt(2))) / 2),
    "inverse Mills ratio": DENSITY / PHI, "hazard": DENSITY / (1 - PHI), "Mills ratio": (1 - PHI) / DENSITY,
    "hazard of erfc": sp.exp(-(x**2)) / sp.erfc(x), "GELU": x * PHI,
    "slope of sigmoid": SIGMA * (1 - SIGMA), "slope by exps": sp.exp(-x) / (1 + sp.exp(-x)) ** 2, "slope by tanh": sp.diff((1 + sp.tanh(x / 2)) / 2, x),
    "entropy of a logit": -SIGMA * sp.log(SIGMA) - (1 - SIGMA) * sp.log(1 - SIGMA), "log(p (1 - p))": sp.log(SIGMA * (1 - SIGMA)),
    "softplus - x": sp.log(1 + sp.exp(x)) - x, "softplus(2x) - 2x": sp.log(1 + sp.exp(2 * x)) - 2 * x, "softplus(-x) + x": sp.log(1 + sp.exp(-x)) + x,
    "log(1 + 3 exp)": sp.log(1 + 3 * sp.exp(x)), "log(2 + exp(-x)/5)": sp.log(2 + sp.exp(-x) / 5), "log(1 + 3 exp) - x": sp.log(1 + 3 * sp.exp(x)) - x,
    "silu": x * SIGMA, "swish": 3 * x / (1 + sp.exp(-2 * x)),
    "(1 - exp(-x))/x": (1 - sp.exp(-x)) / x, "x/(1 - exp(-x))": x / (1 - sp.exp(-x)), "(exp(3x) - 1)/x": (sp.exp(3 * x) - 1) / x,
    "sin(2x)/x": sp.sin(2 * x) / x, "sigmoid of x less sigmoid of -x": SIGMA - 1 / (1 + sp.exp(x)),
}
SMALLEST = 2.0**-1022
"""A product of x and a subnormal number is as exact as that is."""
SLOPES = {"GELU": 16.0, "sin(2x)/x": 16.0}


@pytest.mark.parametrize("name", FORMULAS)
def test_value_and_slope_are_right_on_both_sides(name):
    f, truth = sg.compile(FORMULAS[name], wrt=x), Truth(FORMULAS[name], x, 1)
    tried = 0
    for at in POINTS:
        for got, order, limit in zip(f.value_and_grad(x=at), (0, 1), (4.0, SLOPES.get(name, 8.0)), strict=True):
            want = truth.at(at, order)
            if want is not None and representable(want):
                tried += 1
                assert ulps(float(got), want, SMALLEST * (1 + abs(at))) <= limit, (at, order, got, want)
    assert tried > 20


def test_a_mean_and_a_scale_are_no_obstacle():
    z = (x - mu) / (s * sp.sqrt(2))
    density = sp.exp(-((x - mu) ** 2) / (2 * s**2)) / (s * sp.sqrt(2 * sp.pi))
    at = dict(x=-31.0, mu=2.0, s=0.5)  # 66 standard deviations below the mean
    with mpmath.workdps(60):
        u = mpmath.mpf(-66)
        ratio = mpmath.npdf(u) / mpmath.ncdf(u)
    f = sg.compile(sp.log(sp.erfc(-z) / 2), wrt=[mu, s])
    assert f(**at) == pytest.approx(float(mpmath.log(mpmath.ncdf(u))), rel=1e-15)
    assert f.grad(**at) == pytest.approx((-float(ratio) / 0.5, 66 * float(ratio) / 0.5), rel=1e-14)
    assert sg.compile(density / (sp.erfc(-z) / 2), wrt=mu)(**at) == pytest.approx(float(ratio) / 0.5, rel=1e-14)


def test_censored_observations_as_arrays():
    f = sg.compile(-sp.Sum(sp.log(1 - sp.erfc(v[i] / sp.sqrt(2)) / 2), (i, 0, n - 1)), wrt=v)
    at = np.array([-300.0, -12.0, 0.0, 9.0])
    want = [float(mpmath.npdf(one) / mpmath.ncdf(one)) for one in map(mpmath.mpf, at[1:])]
    np.testing.assert_allclose(-f.grad(v=at)[1:], want, rtol=1e-14)
    assert -f.grad(v=at)[0] == pytest.approx(300 + 1 / 300, rel=1e-9) and np.isfinite(f.hessian(v=at)).all()


def test_second_derivatives_of_sigmoids_near_zero():
    for expr in (SIGMA, SIGMA * (1 - SIGMA), 1 / (1 + sp.exp(x)), sp.exp(x) / (1 + sp.exp(x)), sp.log(1 + sp.exp(x)), SIGMA**2):
        f, truth = sg.compile(expr, wrt=x), Truth(expr, x)
        for at in (-2.0, -1e-3, -1e-9, 1e-14, 0.5):
            assert ulps(float(f.hessian(x=at)), truth.at(at, 2)) <= 64, (expr, at)


def test_only_the_whole_argument_is_taken_from_softplus():
    f = sg.compile(sp.log(1 + sp.exp(x + mu)) - x - mu, wrt=x)
    assert f(x=30.0, mu=20.0) == pytest.approx(np.exp(-50.0), rel=1e-15)
    g = sg.compile(sp.log(1 + sp.exp(x)) - x / 2, wrt=x)
    assert g(x=100.0) == 50.0 and g.grad(x=100.0) == 0.5


def minus_log_probability(a, b, m, s):
    return -mpmath.log((mpmath.erfc((a - m) / s / mpmath.sqrt(2)) - mpmath.erfc((b - m) / s / mpmath.sqrt(2))) / 2)


@pytest.mark.parametrize("at", [(1.0, 2.0, 0.0, 1.0), (30.0, 31.0, 0.0, 1.0), (-12.0, -11.0, 0.0, 0.5), (-1.0, 1.0, 0.3, 0.7), (9.0, 9.001, 0.25, 1.0)])
def test_the_likelihood_of_an_interval_is_right_far_out(at):
    a, b, m = sp.symbols("a b m", real=True)
    upper, lower = (sp.erfc((m - end) / (s * sp.sqrt(2))) / 2 for end in (b, a))
    f = sg.compile(-sp.log(upper - lower), wrt=[m, s])
    value, slopes = f.value_and_grad(**dict(zip("abms", at, strict=True)))
    with mpmath.workdps(400):
        numbers = [mpmath.mpf(number) for number in at]
        wanted = [float(minus_log_probability(*numbers)),
                  *(float(mpmath.diff(minus_log_probability, numbers, order)) for order in ((0, 0, 1, 0), (0, 0, 0, 1)))]
    np.testing.assert_allclose([value, *slopes], wanted, rtol=1e-12)
