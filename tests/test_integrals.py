"""Dawson's integral, exponential integrals and Lambert's function beside exponentials that leave the range of doubles."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from summands import summands

import symgrad as sg
from symgrad.check.ulps import ulps

pytest.importorskip("scipy")
k, s, v, x = sp.symbols("k s v x", positive=True)
r, w = sp.symbols("r w", real=True)
exp, log, W = sp.exp, sp.log, sp.LambertW
FORMULAS = {
    "Dawson's integral": (exp(-(r**2)) * sp.erfi(r), [{"r": one} for one in (-30.0, -1.0, 0.0, 1e-9, 2.0, 30.0, 1e4)]),
    "of a quotient": (exp(-(r**2) / s**2) * sp.erfi(r / s), [{"r": 1.0, "s": 0.02}, {"r": 1.0, "s": 3.0}]),
    "exponential integral": (exp(x) * sp.expint(1, x), [{"x": one} for one in (1e-3, 1.0, 49.0, 51.0, 800.0, 1e4)]),
    "of the third order": (exp(x) * sp.expint(3, x) / x, [{"x": one} for one in (1e-3, 1.0, 49.0, 800.0)]),
    "log of an exponential integral": (log(sp.expint(1, x)), [{"x": one} for one in (1e-3, 1.0, 49.0, 51.0, 800.0, 1e4)]),
    "Ei": (exp(-x) * sp.Ei(x), [{"x": one} for one in (0.1, 1.0, 49.0, 51.0, 800.0)]),
    "Wright's function": (W(exp(r)), [{"r": one} for one in (-700.0, -1.0, 0.0, 40.0, 800.0, 1e4)]),
    "weighted": (W(w * exp(r)), [{"w": 2.0, "r": 800.0}, {"w": 1e-300, "r": 800.0}, {"w": -0.1, "r": 0.5}]),
    "Michaelis and Menten": (k * W(s / k * exp((s - v * x) / k)), [{"k": 1e-3, "s": 2.0, "v": 1.0, "x": 0.5}, {"k": 1.0, "s": 2.0, "v": 1.0, "x": 3.0}]),
    "diode beside a resistance": (k / s * W(x * s / k * exp((v + x * s) / k)), [{"k": 0.026, "s": 10.0, "v": 25.0, "x": 1e-12}, {"k": 0.03, "s": 0.1, "v": 0.6, "x": 1e-9}]),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_are_right_where_factors_leave_the_range(name: str) -> None:
    """Slopes beside the largest summand of theirs."""
    formula, points = FORMULAS[name]
    inputs = sorted(formula.free_symbols, key=str)
    f = sg.compile(formula, wrt=inputs)
    for at in points:
        value, *slopes_of = summands(formula, inputs, at)
        assert ulps(float(f.value(**at)), mp.fsum(value)) <= 16, at
        for slopes in (f.grad(**at), f.grad_forward(**at)):
            for found, terms in zip(slopes, slopes_of, strict=True):
                assert abs(found - mp.fsum(terms)) <= 1e-13 * max(map(abs, terms)), (at, found)


def test_a_weight_of_zero_has_a_slope() -> None:
    f = sg.compile(W(w * exp(r)), wrt=[w, r])
    assert [float(one) for one in f.grad(w=0.0, r=3.0)] == pytest.approx([np.exp(3.0), 0.0], rel=1e-15)


def test_functions_have_their_ends_and_domains() -> None:
    expint, ei, lambert = (sg.compile(formula, wrt=r, batch=[r], reduce=None) for formula in (exp(r) * sp.expint(1, r), exp(-r) * sp.Ei(r), W(-exp(r))))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(expint.value(r=np.array([np.inf, 0.0, -1.0, np.nan])), [0.0, np.inf, np.nan, np.nan])
        np.testing.assert_array_equal(ei.value(r=np.array([np.inf, 0.0])), [0.0, -np.inf])
        assert float(ei.value(r=np.array([-2.0]))[0]) == pytest.approx(float(mp.exp(2) * mp.ei(-2)), rel=1e-15)
        assert lambert.value(r=np.array([-2.0]))[0] == pytest.approx(float(mp.lambertw(-mp.exp(-2)).real), rel=1e-15)
