"""Logarithms of ratios of several inputs: divergences of distributions that are close, and of rare events."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check.ulps import ulps

p, q, l1, l2 = sp.symbols("p q l1 l2", positive=True)
BERNOULLI = p * sp.log(p / q) + (1 - p) * sp.log((1 - p) / (1 - q))
POISSON = l1 * sp.log(l1 / l2) - l1 + l2
PAIRS = [(0.3, 0.300000001), (0.5, 0.49999), (1e-12, 2e-12), (1e-12, 0.3), (0.25, 0.26), (0.7, 1e-9), (1 - 1e-12, 0.3), (1 - 2**-40, 1 - 2**-41), (0.4, 0.4)]


def terms(formula, given):
    """The terms of a formula's final sum, to many digits."""
    with mpmath.workdps(60):
        return [sp.lambdify(list(given), term, "mpmath")(*map(mpmath.mpf, given.values())) for term in sp.Add.make_args(formula)]


def assert_right(formula, given):
    """The value and the gradient beside their largest summands."""
    f = sg.compile(formula, wrt=[p, q] if formula is BERNOULLI else [l1, l2])
    value, gradient = f.value_and_grad(**{str(one): at for one, at in given.items()})
    for got, row, limit in ((value, formula, 4), *((one, sp.diff(formula, wrt), 16) for one, wrt in zip(gradient, given, strict=True))):
        parts = terms(row, given)
        assert ulps(float(got), mpmath.fsum(parts), float(max(map(abs, parts)))) <= limit, row


@pytest.mark.parametrize("pair", PAIRS)
def test_a_divergence_of_bernoullis_is_right_beside_its_terms(pair):
    assert_right(BERNOULLI, dict(zip((p, q), pair, strict=True)))


@pytest.mark.parametrize("pair", [*PAIRS, (1e-9, 1e4), (1e4, 1e4 + 1e-6), (3.0, 3.0)])
def test_so_is_that_of_poissons(pair):
    assert_right(POISSON, dict(zip((l1, l2), pair, strict=True)))


@pytest.mark.parametrize("at", [0.0, 1.0])
def test_sure_events_have_their_limits(at):
    f = sg.compile(BERNOULLI, wrt=[p, q])
    value, (_, slope) = f.value_and_grad(p=at, q=0.3)
    assert value == pytest.approx(-np.log(0.3 if at else 0.7), rel=1e-15) and slope == pytest.approx(1 / 0.7 if at == 0 else -1 / 0.3, rel=1e-15)


def test_a_ratio_outside_of_its_domain_stays_outside():
    f = sg.compile(sp.log((1 - p) / (1 - q)), wrt=[p, q])
    assert np.isnan(f(p=2.0, q=0.5)) and f(p=2.0, q=3.0) == pytest.approx(np.log(0.5), rel=1e-15) and f(p=1.0, q=0.5) == -np.inf


def test_arrays_agree_with_numbers():
    f = sg.compile(BERNOULLI, wrt=[p, q], batch=[p, q], reduce=None)
    one = sg.compile(BERNOULLI, wrt=[p, q])
    left, right = np.array([*PAIRS, (0.0, 0.3), (1.0, 0.3)]).T
    np.testing.assert_allclose(f(p=left, q=right), [one(p=float(a), q=float(b)) for a, b in zip(left, right, strict=True)], rtol=1e-9, atol=1e-18)


def test_an_option_at_the_money_keeps_the_logarithm_of_its_moneyness():
    S, K, total = sp.symbols("S K v", positive=True)
    f = sg.compile(sp.log(S / K) / total, wrt=[S, K, total])
    for spot in (100.0, np.nextafter(100.0, 101), 100 + 1e-9, 99.99):
        with mpmath.workdps(40):
            assert ulps(f(S=spot, K=100.0, v=0.2), mpmath.log(mpmath.mpf(float(spot)) / 100) / mpmath.mpf(0.2)) <= 4


def test_rows_of_which_another_input_cancels_have_their_slopes():
    """1/(1 - p) + (1/q)/(p/q), as a second derivative of the divergence has it, rests on p alone."""
    f = sg.compile(BERNOULLI, wrt=[p, q])
    np.testing.assert_allclose(f.hessian(p=0.3, q=0.6), [[1 / 0.3 + 1 / 0.7, -1 / 0.4 - 1 / 0.6], [-1 / 0.4 - 1 / 0.6, 0.3 / 0.36 + 0.7 / 0.16]], rtol=1e-14)


@pytest.mark.parametrize("sigma", [1 + 1e-12, 0.99999, -1.00001, 1.0])
def test_normal_distributions_keep_the_digits_of_their_divergence(sigma):
    """The divergence from a standard normal distribution, as variational autoencoders sum it over dimensions."""
    n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
    s = sp.IndexedBase("s", shape=(n,))
    f = sg.compile(-sp.Sum(1 + sp.log(s[i] ** 2) - s[i] ** 2, (i, 0, n - 1)) / 2, wrt=s)
    with mpmath.workdps(60):
        exact = (mpmath.mpf(sigma) ** 2 - 1) / 2 - mpmath.log(abs(mpmath.mpf(sigma)))
        slope = sigma - 1 / mpmath.mpf(sigma)
    value, gradient = f.value_and_grad(s=np.array([sigma, 1.0]))
    assert ulps(float(value), exact) <= 4
    assert ulps(float(gradient[0]), slope, 1.0) <= 4 and gradient[1] == 0
