"""Modified Bessel functions in densities and kernels, where they overflow and vanish beside exponentials; their logarithms and shares."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from summands import summands

import symgrad as sg
from symgrad.check.ulps import ulps

pytest.importorskip("scipy")
k, m, s, v, x = sp.symbols("k m s v x", positive=True)
In, Kn, exp, log, sqrt = sp.besseli, sp.besselk, sp.exp, sp.log, sp.sqrt
RICE = x / s**2 * exp(-(x**2 + v**2) / (2 * s**2)) * In(0, x * v / s**2)
FORMULAS = {
    "concentrated von Mises": (exp(k * sp.cos(x - m)) / (2 * sp.pi * In(0, k)), {"k": 1000.0, "x": 0.52, "m": 0.5}),
    "von Mises": (exp(k * sp.cos(x - m)) / (2 * sp.pi * In(0, k)), {"k": 4.0, "x": 1.0, "m": 0.5}),
    "strong Rice": (RICE, {"x": 40.0, "s": 1.0, "v": 41.0}),
    "Rice": (RICE, {"x": 1.0, "s": 1.0, "v": 2.0}),
    "Rice without a signal": (RICE, {"x": 0.5, "s": 1.0, "v": 1e-9}),
    "log Rice": (log(RICE), {"x": 40.0, "s": 1.0, "v": 41.0}),
    "log Rice without a signal": (log(RICE), {"x": 1e-5, "s": 1.0, "v": 1e-5}),
    "Skellam": (exp(-m - v) * (m / v) ** sp.Rational(1, 2) * In(1, 2 * sqrt(m * v)), {"m": 500.0, "v": 480.0}),
    "Skellam, five": (exp(-m - v) * (m / v) ** sp.Rational(5, 2) * In(5, 2 * sqrt(m * v)), {"m": 500.0, "v": 480.0}),
    "noncentral chi-squared": (exp(-(x + m) / 2) * In(0, sqrt(m * x)) / 2, {"x": 900.0, "m": 850.0}),
    "Kaiser window": (In(0, k * sqrt(1 - x**2)) / In(0, k), {"k": 900.0, "x": 0.1}),
    "mean resultant length": (In(1, k) / In(0, k), {"k": 1000.0}),
    "next mean": (In(2, k) / In(1, k), {"k": 1000.0}),
    "of half an order": (exp(-k) * In(sp.Rational(3, 2), k), {"k": 800.0}),
    "Macdonald": (exp(x) * Kn(0, x), {"x": 800.0}),
    "normal inverse Gaussian": (s * Kn(1, k * sqrt(s**2 + x**2)) / sqrt(s**2 + x**2) * exp(k * s), {"s": 2.0, "k": 450.0, "x": 0.1}),
    "log normal inverse Gaussian": (log(s * Kn(1, k * sqrt(s**2 + x**2)) / sqrt(s**2 + x**2) * exp(k * s)), {"s": 2.0, "k": 450.0, "x": 0.1}),
    "log of a function that vanishes": (log(Kn(2, x)), {"x": 1000.0}),
    "log of a function that is 1": (log(In(0, x)), {"x": 1e-5}),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_are_right_where_functions_leave_the_range(name: str) -> None:
    """To 12 digits of the largest summand: the exponents of some are sums of thousands."""
    formula, at = FORMULAS[name]
    inputs = sorted(formula.free_symbols, key=str)
    f = sg.compile(formula, wrt=inputs)
    value, *slopes_of = summands(formula, inputs, at)
    assert float(f.value(**at)) == pytest.approx(float(mp.fsum(value)), rel=1e-12)
    for slopes in (f.grad(**at), f.grad_forward(**at)):
        for found, terms in zip(slopes, slopes_of, strict=True):
            assert abs(found - mp.fsum(terms)) <= 1e-12 * max(map(abs, terms))


def test_batches_and_numbers_agree() -> None:
    f = sg.compile(RICE, wrt=[x, v, s], batch=[x], reduce=None)
    at = dict(x=np.array([1e-9, 0.5, 3.0, 40.0, 300.0]), v=41.0, s=1.0)
    one = sg.compile(RICE, wrt=[x, v, s])
    np.testing.assert_allclose(f.value(**at), [one.value(**at | {"x": float(here)}) for here in at["x"]], rtol=1e-13)
    assert np.isfinite(f.value(**at)).all()


def test_slopes_at_zero_are_those_of_the_functions() -> None:
    f = sg.compile(exp(-sp.Symbol("a")) * In(1, sp.Symbol("a")), wrt="a")
    for at, want in ((0.0, 0.5), (-2.0, None), (2.0, None)):
        slope = want if want is not None else float(sp.N(sp.diff(exp(-x) * In(1, x), x).subs(x, at)))
        assert f.grad(a=at) == pytest.approx(slope, rel=1e-13) and f.grad_forward(a=at) == pytest.approx(slope, rel=1e-13)


@pytest.mark.parametrize("order", [0, 1, 3])
def test_logarithms_are_right_to_a_few_ulp(order: int) -> None:
    f = sg.compile(log(In(order, x)), wrt=x, batch=[x], reduce=None)
    points = np.array([1e-300, 1e-20, 1e-9, 1e-4, 0.3, 1.9, 1.99999, 2.0, 2.1, 5.0, 100.0, 1e4, 1e8])
    with mp.workdps(700):
        want = [mp.log(mp.besseli(order, mp.mpf(point))) if point < 1e7 else None for point in points]
    for found, right, point in zip(f.value(x=points), want, points, strict=True):
        assert right is None or (order and point < 1e-100) or ulps(float(found), right, float(max(abs(right), point if point > 2 else 0))) <= 8, point


@pytest.mark.parametrize("concentration", [2.0, 30.0, 1000.0, -1000.0, 1e6])
def test_a_von_mises_density_is_right_next_to_its_mode(concentration: float) -> None:
    """The cosine times the concentration is as large as what is taken out of the Bessel function."""
    kappa, angle = sp.symbols("kappa angle", real=True)
    density = exp(kappa * sp.cos(angle)) / In(0, kappa)
    value, log_value = (sg.compile(one, wrt=[kappa, angle]) for one in (density, log(density)))
    with mp.workdps(40):
        mode = 0.0 if concentration > 0 else float(mp.pi)
        for at in mode + np.array([0.01, 0.3, -1.7]) / np.sqrt(abs(concentration)):
            exponent, bessel = mp.mpf(concentration) * mp.cos(mp.mpf(at)), mp.besseli(0, mp.mpf(concentration))
            assert ulps(float(value.value(kappa=concentration, angle=at)), mp.exp(exponent) / bessel) <= 8
            assert abs(log_value.value(kappa=concentration, angle=at) - (exponent - mp.log(bessel))) <= 4 * np.spacing(np.log(abs(concentration)))
            towards = value.grad(kappa=concentration, angle=at)[1]
            assert towards == pytest.approx(float(-concentration * mp.sin(mp.mpf(at)) * mp.exp(exponent) / bessel), rel=1e-12)
