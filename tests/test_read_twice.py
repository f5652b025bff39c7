"""An array that one formula reads at two places, as s_i - s_j does: never taken for one number, whatever the passes look at."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from sympy import atan, cos, erf, exp, log, sin, sinh, sqrt, tanh

import symgrad as sg

n = sp.Symbol("n", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
s, D = sp.IndexedBase("s", shape=(n,)), sp.IndexedBase("D", shape=(n, n))
g = sp.Symbol("g", positive=True)
GAP, TURNED = s[i] - s[j], D[i, j] - D[j, i]

FORMULAS = {
    "fourth power of a skew matrix": TURNED**4,
    "sinh of a skew matrix": sinh(TURNED)**2,
    "cosine of a skew matrix": cos(TURNED),
    "pairwise logistic loss": log(1 + exp(-GAP/g)),
    "cauchy kernel": 1/(1 + GAP**2/g**2),
    "rounded distance": sqrt(GAP**2 + g**2),
    "bachelier": GAP*(1 + erf(GAP/g))/2,
    "arc tangent of a product": atan(s[i]*s[j]/g)*s[i],
    "different functions of one array": atan(s[i]) - sinh(s[j]),
    "different functions of a matrix and its transpose": g*(sinh(D[i, j]) - sin(D[j, i])),
    "softplus less gelu": log(1 + exp(s[i])) - s[j]*(1 + erf(s[j]))/2,
    "sine of a quotient": sin(s[i]/(g*s[j])),
    "cosine of a quotient": cos(D[i, j]/(g*D[j, i])),
    "row and diagonal": tanh((D[i, j] - D[i, i])/g),
}


@pytest.mark.parametrize("scale", [1.0, 1e-5])
@pytest.mark.parametrize("name", FORMULAS)
def test_it_is_what_it_is_without_rules(name: str, scale: float) -> None:
    total = sp.Sum(FORMULAS[name], (i, 0, n - 1), (j, 0, n - 1))
    wrt = [one for one in (s, D, g) if str(one) in map(str, total.free_symbols)]
    model = sg.compile(total, wrt=wrt)
    rng = np.random.default_rng(7)
    # quarters make differences exact, and exponentials of them stay in range where g is small
    given = {"s": rng.integers(1, 9, 4)/4.0, "D": rng.integers(1, 9, (4, 4))/4.0, "g": scale}
    given = {one: value*(scale*50 if scale < 1 else 1) if one != "g" else value for one, value in given.items() if one in model.arguments}
    plain = model.with_options(rewrite=False)
    assert model.value(**given) == pytest.approx(plain.value(**given), rel=1e-9)
    for found in (model.grad, model.grad_forward):
        for got, want in zip(found(**given), plain.grad(**given), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-9*np.abs(want).max() + 1e-14)


def test_terms_that_vanish_from_a_sum_do_not_hide_their_inputs() -> None:
    a, b, c = sp.symbols("a b c", real=True)
    half = (a + b + c)/2
    area = sg.compile(sqrt(half*(half - a)*(half - b)*(half - c)), wrt=[a, b, c])
    sides = {"a": 3.0, "b": 4.0, "c": 5.0}
    assert area.value(**sides) == pytest.approx(6)
    # dA/da = a (b^2 + c^2 - a^2)/(8 A), by Heron's formula squared
    want = [p*(q*q + r*r - p*p)/48 for p, q, r in ((3, 4, 5), (4, 3, 5), (5, 3, 4))]
    np.testing.assert_allclose(area.grad(**sides), want, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(area.grad_forward(**sides), want, rtol=1e-13, atol=1e-15)
