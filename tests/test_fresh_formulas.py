"""Textbook formulas of several inputs that were once wrong at ordinary points or at the limits of their parameters, against 3,000 digits."""

from __future__ import annotations

import pytest
import sympy as sp
from mpmath import mp

import symgrad as sg
from symgrad.check.ulps import ulps

a, b, c, m, q, s, t, v, w, x, y = sp.symbols("a b c m q s t v w x y", real=True)
S, T = sp.symbols("S T", positive=True)
NUDGE = mp.mpf(10) ** -900
"""Stands for 0 in the truth, so that formulas which are 0/0 there have their limits."""


def sigma(u: sp.Expr) -> sp.Expr:
    return 1 / (1 + sp.exp(-u))


def improvement(scale: sp.Expr) -> sp.Expr:
    """What a normal variable of mean m exceeds b by, in the mean."""
    u = (m - b) / scale
    return (m - b) * (1 + sp.erf(u / sp.sqrt(2))) / 2 + scale * sp.exp(-(u**2) / 2) / sp.sqrt(2 * sp.pi)


RATE = sp.log(1 + sp.exp(s))
GENERAL_LOSS = sp.Abs(a - 2) / a * (((x / S) ** 2 / sp.Abs(a - 2) + 1) ** (a / 2) - 1)
INFLATED = -sp.log(sigma(w) + (1 - sigma(w)) * sp.exp(-sp.exp(v)))
SYMMETRIC = -sp.log(q * sigma(w) + (1 - q) * sigma(-w))
FOCAL = -a * (1 - sigma(x)) ** q * sp.log(sigma(x))
CASES = {
    "inflated zero, all but certain": (INFLATED, {"w": 3.1, "v": -9.7}),
    "inflated zero at ordinary inputs": (INFLATED, {"w": 0.61, "v": -1.3}),
    "inflated zero far left": (INFLATED, {"w": -800.0, "v": 3.0}),
    "two labels, one half": (SYMMETRIC, {"q": 0.50000001, "w": 1.7}),
    "two labels far out": (SYMMETRIC, {"q": 0.25, "w": -40.0}),
    "a probability and its complement": (sp.log(q * y + (1 - q) * (1 - y)), {"q": 0.4999999, "y": 0.7}),
    "logarithm of an expected improvement": (sp.log(improvement(sp.exp(s))), {"m": 3.0, "b": 120.7, "s": 1.0}),
    "logarithm of an expected improvement by a deviation": (sp.log(improvement(S)), {"m": 3.0, "b": 50.0, "S": 1.0}),
    "an expected improvement that cancels": (improvement(S), {"m": 1.0, "b": 20.0, "S": 3.0}),
    "a general robust loss as a logarithm": (GENERAL_LOSS, {"a": 0.0, "S": 0.5, "x": 6.0}),
    "a general robust loss near that": (GENERAL_LOSS, {"a": 1e-9, "S": 0.5, "x": 6.0}),
    "a transformed sum": (((1 + S) ** a - 1) / a, {"a": 0.0, "S": 1e-9}),
    "a hazard that does not grow": (sp.log(S) + c * t - S / c * (sp.exp(c * t) - 1), {"S": 0.9, "c": 1e-9, "t": 1.4}),
    "a grade that is all but certain": (-sp.log((sp.erf((b - m) / sp.sqrt(2)) - sp.erf((a - m) / sp.sqrt(2))) / 2), {"a": -8.1, "b": 7.7, "m": 0.3}),
    "counts near their rate": (S * sp.log(S / T) - S + T, {"S": 3.1, "T": 3.1000001}),
    "counts at an ordinary rate": (2 * (S * sp.log(S / T) - (S - T)), {"S": 2.7, "T": 2.9}),
    "a gamma deviance": (2 * (-sp.log(S / T) + (S - T) / T), {"S": 3.1, "T": 3.1000001}),
    "a spectral distance": (S / T - sp.log(S / T) - 1, {"S": 50.0, "T": 51.5}),
    "rates by their logarithms": (sp.exp(a) * (a - b) - sp.exp(a) + sp.exp(b), {"a": 3.1, "b": 3.1000001}),
    "a magnetisation": (sp.atanh(sp.tanh(x)) * T - a * sp.tanh(x), {"T": 0.5, "a": 1.0, "x": 694.4}),
    "no residual beside a scale that underflows": (sp.log(RATE) + (y - m) ** 2 / (2 * RATE**2), {"y": 1.0, "m": 1.0, "s": -1e4}),
    "a residual beside a small scale": (sp.log(RATE) + sp.Abs(y - m) / RATE, {"y": 1.0, "m": 2.0, "s": -400.0}),
    "counts of a rate that underflows": (RATE - y * sp.log(RATE), {"y": 2.0, "s": -800.0}),
    "a focal loss that underflows": (FOCAL, {"x": 1000.0, "q": 0.5, "a": 0.9}),
    "a focal loss next to that": (FOCAL, {"x": 700.0, "q": 0.001, "a": 0.9}),
    "a focal loss of another label": (FOCAL.subs(x, -x), {"x": 1000.0, "q": 0.5, "a": 0.9}),
    "a power of a sigmoid that underflows": (sigma(x) ** q, {"x": -1000.0, "q": 0.25}),
    "powers of both sigmoids": (sigma(x) ** a * (1 - sigma(x)) ** b, {"x": 1000.0, "a": 4.0, "b": 0.125}),
    "a generalised cross-entropy far left": ((1 - sigma(x) ** q) / q, {"x": -800.0, "q": 0.0625}),
    "a generalised cross-entropy as a logarithm": ((1 - sigma(x) ** q) / q, {"x": -30.0, "q": 0.0}),
    "a power of a rate that underflows": (T * RATE**q, {"T": 3.0, "q": 0.25, "s": -1000.0}),
    "a power of a probability that underflows": (((1 + sp.erf(x)) / 2) ** q, {"q": 0.01, "x": -40.0}),
    "a power of a complementary log-log": ((1 - sp.exp(-sp.exp(x))) ** q, {"q": 0.25, "x": -1000.0}),
    "an exponential of small weight": (sp.log(1 + q**2 * sp.exp(-x)), {"x": -300.0, "q": 0.001}),
    "an exponential of tiny weight": (sp.log(1 + q**2 * sp.exp(-x)), {"x": -90.0, "q": 1e-12}),
    "a survival function of a power": (1 - sigma(x) ** q, {"x": 40.0, "q": 3.5}),
}


@pytest.mark.parametrize("case", CASES)
def test_formulas_are_right_at_ordinary_points_and_limits(case):
    formula, at = CASES[case]
    inputs = sorted(formula.free_symbols, key=str)
    f = sg.compile(formula, wrt=inputs)
    with mp.workdps(9000 if min(at.values()) < -5000 else 3000):
        given = [mp.mpf(at[str(one)]) or NUDGE for one in inputs]
        want = [sp.lambdify(inputs, row, "mpmath")(*given) for row in (formula, *(sp.diff(formula, one) for one in inputs))]
    for got in ([f.value(**at), *f.grad(**at)], [f.value(**at), *f.grad_forward(**at)]):
        assert [place for place, (found, right) in enumerate(zip(got, want, strict=True)) if ulps(found, right) > (4 if place == 0 else 16)] == []


def test_forward_mode_knows_that_inputs_rest_beside_a_pole():
    """The slope towards T is infinite where log(T) is 0; those towards others are not."""
    at = {"m": 2.0, "a": 35.0, "T": 1.0, "S": 286.0}
    f = sg.compile(m + a * sp.sqrt(sp.log(T) / S), wrt=[m, a, S])
    assert [float(one) for one in f.grad_forward(**at)] == [float(one) for one in f.grad(**at)] == [1.0, 0.0, 0.0]


def test_small_weights_beside_a_number_are_kept_in_arrays():
    """log(1 + sum w exp(u)): 1 - exp(-max u) is 1 to all digits, and w was lost beside it."""
    n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
    u, weight = sp.IndexedBase("u", shape=(n,)), sp.IndexedBase("w", shape=(n,))
    f = sg.compile(sp.log(1 + sp.Sum(weight[i] * sp.exp(u[i]), (i, 0, n - 1))), wrt=[u, weight])
    weights, exponents = [1e-24, 3e-25], [90.0, 91.5]
    with mp.workdps(100):
        terms = [mp.mpf(one) * mp.exp(other) for one, other in zip(weights, exponents, strict=True)]
        whole = 1 + mp.fsum(terms)
        want = [mp.log(whole), *(term / whole for term in terms), *(term / (whole * mp.mpf(one)) for one, term in zip(weights, terms, strict=True))]
    value, slopes = f.value_and_grad(u=exponents, w=weights)
    assert all(ulps(found, right) <= 4 for found, right in zip([value, *slopes[0], *slopes[1]], want, strict=True))
