"""Recursions over time steps, declared step by step: code of any length is made in moderate time, and agrees with loops."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import sympy as sp

import symgrad as sg

STEPS = 40
n = sp.Symbol("n", integer=True, positive=True)
y = sp.IndexedBase("y", shape=(n,))
SERIES = np.sin(np.arange(STEPS) ** 1.5) + 0.1 * np.arange(STEPS)


def test_exponential_smoothing_with_a_trend():
    a, b = sp.symbols("a b", positive=True)
    level, trend = sp.symbols(f"l:{STEPS}", real=True), sp.symbols(f"t:{STEPS}", real=True)
    where, loss = [(level[0], y[0]), (trend[0], y[1] - y[0])], sp.S.Zero
    for k in range(1, STEPS):
        where += [(level[k], a * y[k] + (1 - a) * (level[k - 1] + trend[k - 1])),
                  (trend[k], b * (level[k] - level[k - 1]) + (1 - b) * trend[k - 1])]
        loss += (y[k] - level[k - 1] - trend[k - 1]) ** 2
    f = sg.compile(loss, wrt=[a, b], where=where)

    def smoothed(a: complex, b: complex) -> complex:
        level, trend, loss = SERIES[0], SERIES[1] - SERIES[0], 0.0
        for value in SERIES[1:]:
            loss += (value - level - trend) ** 2
            level, before = a * value + (1 - a) * (level + trend), level
            trend = b * (level - before) + (1 - b) * trend
        return loss

    at = dict(a=0.4, b=0.3)
    slopes = [smoothed(0.4 + 1e-30j, 0.3).imag / 1e-30, smoothed(0.4, 0.3 + 1e-30j).imag / 1e-30]
    assert np.isclose(f.value(**at, y=SERIES), smoothed(**at), rtol=1e-13)
    assert np.allclose(f.grad(**at, y=SERIES), slopes, rtol=1e-11) and np.allclose(f.grad_forward(**at, y=SERIES), slopes, rtol=1e-11)
    assert f.check(**at, y=SERIES)


def test_iterations_of_one_number():
    a, x = sp.Symbol("a", positive=True), sp.symbols("x:20", positive=True)
    f = sg.compile(x[-1], wrt=a, where=[(x[0], (1 + a) / 2), *((one, (before + a / before) / 2) for before, one in pairwise(x))])
    for at in (1e-3, 2.0, 1e3):
        assert np.isclose(f.value(a=at), np.sqrt(at), rtol=4e-16) and np.isclose(f.grad(a=at), 0.5 / np.sqrt(at), rtol=1e-14)
        assert np.isclose(f.hessian(a=at), -0.25 * at**-1.5, rtol=1e-12)


def test_an_epidemic_has_curvatures():
    beta, gamma = sp.symbols("beta gamma", positive=True)
    s, i = sp.symbols(f"s:{STEPS}", positive=True), sp.symbols(f"i:{STEPS}", positive=True)
    where = [(s[0], sp.Rational(99, 100)), (i[0], sp.Rational(1, 100))]
    for k in range(1, STEPS):
        infected = beta * s[k - 1] * i[k - 1]
        where += [(s[k], s[k - 1] - infected), (i[k], i[k - 1] + infected - gamma * i[k - 1])]
    f = sg.compile(sum(sp.log(one) ** 2 for one in i), wrt=[beta, gamma], where=where)
    assert sg.check_gradients(f, dict(beta=0.5, gamma=0.1)) and sg.check_gradients(f, dict(beta=0.5, gamma=0.1), order=2)
