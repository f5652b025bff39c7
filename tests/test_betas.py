"""Beta functions, binomial coefficients and factorials, and the densities that are made of them, where these leave the range of doubles on the way."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy as sp
from marks import but_slow
from mpmath import mp
from summands import summands

import symgrad as sg
from symgrad.check.ulps import ulps

pytest.importorskip("scipy")
n, k, a, b, x, rate, p = sp.symbols("n k a b x rate p", positive=True)
rng = np.random.default_rng(4)
BINOMIAL = sp.binomial(n, k) * p**k * (1 - p) ** (n - k)
DENSITIES = {
    "many counts": (rate**k * sp.exp(-rate) / sp.factorial(k), {"rate": 180.0, "k": 200.0}),
    "very many counts": (rate**k * sp.exp(-rate) / sp.factorial(k), {"rate": 1e4, "k": 1.01e4}),
    "few counts": (rate**k * sp.exp(-rate) / sp.factorial(k), {"rate": 3.0, "k": 5.0}),
    "Stirling's formula": (sp.factorial(n) / (sp.sqrt(2 * sp.pi * n) * (n / sp.E) ** n), {"n": 300.0}),
    "successes of a thousand": (BINOMIAL, {"n": 1000.0, "k": 300.0, "p": 0.35}),
    "successes of many": (BINOMIAL, {"n": 1e4, "k": 5e3, "p": 0.49}),
    "successes of ten": (BINOMIAL, {"n": 10.0, "k": 3.0, "p": 0.35}),
    "failures before successes": (sp.gamma(n + k) / (sp.factorial(k) * sp.gamma(n)) * p**n * (1 - p) ** k, {"n": 200.0, "k": 300.0, "p": 0.43}),
    "a beta density": (x ** (a - 1) * (1 - x) ** (b - 1) / sp.beta(a, b), {"a": 200.0, "b": 300.0, "x": 0.43}),
    "successes of mixed rate": (sp.binomial(n, k) * sp.beta(k + a, n - k + b) / sp.beta(a, b), {"n": 500.0, "k": 190.0, "a": 20.0, "b": 30.0}),
    "draws without return": (sp.binomial(n, k) * sp.binomial(x - n, a - k) / sp.binomial(x, a), {"n": 500.0, "k": 38.0, "x": 1200.0, "a": 100.0}),
    "a triangle coefficient": (sp.sqrt(sp.factorial(a) * sp.factorial(b) / sp.factorial(a + b + 1)), {"a": 150.0, "b": 160.0}),
}


@pytest.mark.parametrize("name", but_slow(DENSITIES, ("successes of mixed rate", "draws without return")))
def test_densities_are_right_where_their_factors_overflow(name: str) -> None:
    """Slopes in ulp of the largest summand: next to a mode they nearly vanish."""
    formula, at = DENSITIES[name]
    inputs = sorted(formula.free_symbols, key=str)
    f = sg.compile(formula, wrt=inputs)
    value, *slopes_of = summands(formula, inputs, at)
    assert ulps(float(f.value(**at)), mp.fsum(value)) <= 4
    for slopes in (f.grad(**at), f.grad_forward(**at)):
        for found, terms in zip(slopes, slopes_of, strict=True):
            assert ulps(float(found), mp.fsum(terms), float(max(map(abs, terms)))) <= 16


def spread(low: float, high: float, count: int = 60) -> np.ndarray:
    return 10 ** rng.uniform(low, high, count)


PAIRS = {"ordinary": (spread(-1, 1), spread(-1, 1)), "large": (spread(1, 3), spread(1, 3)), "one small": (spread(-8, 0.9), spread(1.5, 4)),
         "far apart": (spread(-3, 1.5), spread(8, 100)), "about where the form changes": (rng.uniform(9, 21, 60), rng.uniform(9, 21, 60))}


@pytest.mark.parametrize("name", PAIRS)
def test_beta_functions_are_right_to_a_few_ulp(name: str) -> None:
    f = sg.compile(sp.beta(a, b), wrt=[a, b], batch=[a, b], reduce=None)
    first, second = PAIRS[name]
    for one, other in ((first, second), (second, first)):
        found = f.value(a=one, b=other)
        with mp.workdps(60):
            want = [mp.beta(mp.mpf(s), mp.mpf(t)) for s, t in zip(one, other, strict=True)]
        known = [k for k, right in enumerate(want) if right > 1e-290]
        assert len(known) >= 10 and max(ulps(float(found[k]), want[k]) for k in known) <= 6
        assert float(sg.compile(sp.beta(a, b), wrt=[a, b]).value(a=one[known[0]], b=other[known[0]])) == found[known[0]]


def test_beta_functions_keep_their_precision_and_their_ends() -> None:
    f = sg.compile(sp.beta(a, b), wrt=[a, b], batch=[a, b], reduce=None)
    single = f.value(a=np.array([20, 50, 3], np.float32), b=np.array([15, 1, 2], np.float32))
    assert single.dtype == np.float32 and np.allclose(single, [float(mpmath.beta(20, 15)), 1 / 50, 1 / 12], rtol=3e-7)
    np.testing.assert_array_equal(f.value(a=np.array([np.inf, 40.0, 0.0]), b=np.array([2.0, np.nan, 50.0])), [0.0, np.nan, np.inf])


@pytest.mark.parametrize("most", [12, 60, 200, 1000, 100_000])
def test_binomial_coefficients_are_right_to_a_few_ulp(most: int) -> None:
    """Whole numbers exactly as far as doubles have them."""
    f = sg.compile(sp.binomial(n, k), wrt=[n, k], batch=[n, k], reduce=None)
    whole = np.floor(rng.uniform(1, most, 60))
    part = np.floor(rng.uniform(0, 1, 60) * np.minimum(whole, 40))
    found = f.value(n=whole, k=part)
    with mp.workdps(60):
        want = [mp.binomial(int(s), int(t)) for s, t in zip(whole, part, strict=True)]
    assert max(ulps(float(one), right) for one, right in zip(found, want, strict=True)) <= 4
    assert all(one == right for one, right in zip(found, want, strict=True) if right < 2**53 and most <= 60)
