"""Likelihoods as a book prints them, logarithms of products of powers and gamma functions and of sums of exponentials, far from where they
overflow or vanish."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import mpmath
import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import symgrad as sg
from symgrad.check.ulps import ulps
from symgrad.runtime.special import rising

n, K = sp.symbols("n K", integer=True, positive=True)
i, c, k = sp.symbols("i c k", integer=True)
r, u = sp.symbols("r u", real=True)
label = sp.Symbol("label", integer=True)
y, eta, t = (sp.IndexedBase(name, shape=(n,)) for name in ("y", "eta", "t"))
a, alpha = sp.IndexedBase("a", shape=(K,)), sp.IndexedBase("alpha", shape=(K,))
V, lam = sp.IndexedBase("V", shape=(n, K)), sp.IndexedBase("lam", shape=(n,))
mu, D, P = sp.IndexedBase("mu"), sp.IndexedBase("D"), sp.IndexedBase("P")
STEP = mpmath.mpf(10) ** -60


class Likelihood(NamedTuple):
    """A declared formula, the parameter whose gradient is looked at, the truth by mpmath of the same inputs, and inputs."""

    expr: sp.Expr
    towards: object
    where: tuple
    truth: Callable
    points: tuple[dict, ...]


def over(term: sp.Expr) -> sp.Expr:
    return -sp.Sum(sp.log(term), (i, 0, n - 1))


def poisson(y, eta):
    return -sum(y * e - mp.exp(e) - mp.loggamma(y + 1) for y, e in zip(y, eta, strict=True))


def negative_binomial(y, eta, r):
    return -sum(mp.loggamma(y + r) - mp.loggamma(r) - mp.loggamma(y + 1) + r * mp.log(r / (r + mp.exp(e))) + y * mp.log(mp.exp(e) / (r + mp.exp(e)))
                for y, e in zip(y, eta, strict=True))


def beta(y, eta, r):
    def one(y, m):
        return mp.loggamma(r) - mp.loggamma(m * r) - mp.loggamma((1 - m) * r) + (m * r - 1) * mp.log(y) + ((1 - m) * r - 1) * mp.log(1 - y)

    return -sum(one(y, 1 / (1 + mp.exp(-e))) for y, e in zip(y, eta, strict=True))


def inflated(y, eta, u):
    p = 1 / (1 + mp.exp(-u))
    zero = [mp.log(p + (1 - p) * mp.exp(-mp.exp(e))) for e in eta]
    more = [mp.log(1 - p) + y * e - mp.exp(e) - mp.loggamma(y + 1) for y, e in zip(y, eta, strict=True)]
    return -sum(none if one == 0 else some for one, none, some in zip(y, zero, more, strict=True))


def weibull(t, eta, r):
    return -sum(mp.log(r) - e + (r - 1) * (mp.log(t) - e) - mp.exp(r * (mp.log(t) - e)) for t, e in zip(t, eta, strict=True))


def dirichlet_multinomial(y, alpha):
    terms = [mp.loggamma(y + a) - mp.loggamma(y + 1) - mp.loggamma(a) for y, a in zip(y, alpha, strict=True)]
    return -(mp.loggamma(sum(y) + 1) + mp.loggamma(sum(alpha)) - mp.loggamma(sum(y) + sum(alpha)) + sum(terms))


def margin(a, u, label):
    return mp.log1p(sum(mp.exp(one - a[label] + u) for k, one in enumerate(a) if k != label))


def nested(V, lam, label):
    inner = [sum(mp.exp(one / s) for one in row) for row, s in zip(V, lam, strict=True)]
    return -(V[1][label] / lam[1] + (lam[1] - 1) * mp.log(inner[1]) - mp.log(sum(one**s for one, s in zip(inner, lam, strict=True))))


def interval(a, y, r):
    def sigmoid(x):
        return 1 / (1 + mp.exp(-x))

    weights = [mp.exp(one) for one in a]
    return -sum(mp.log(sum(w * (sigmoid((one + r) / 3) - sigmoid((one - r) / 3)) for w in weights) / sum(weights)) for one in y)


def von_mises(y, r, u):
    return -sum(r * mp.cos(one - u) - mp.log(2 * mp.pi * mp.besseli(0, r)) for one in y)


_mean, _rate, _odds = ((mu[i], sp.exp(eta[i])),), ((mu[i], sp.exp(eta[i])),), ((mu[i], 1 / (1 + sp.exp(-eta[i]))),)
_zero, _others = 1 / (1 + sp.exp(-u)), sp.Sum(sp.Piecewise((sp.exp(a[k]), sp.Ne(k, label)), (0, True)), (k, 0, K - 1))
_top, _Y = sp.exp(a[label] - u), sp.IndexedBase("y", shape=(K,))
_total = sp.Sum(_Y[k], (k, 0, K - 1)), sp.Sum(alpha[k], (k, 0, K - 1))
_sides = [1 / (1 + sp.exp(-(y[i] + side * r) / 3)) for side in (1, -1)]

LIKELIHOODS = {
    "Poisson": Likelihood(over(mu[i]**y[i] * sp.exp(-mu[i]) / sp.factorial(y[i])), eta, _mean, poisson, (
        {"y": [800, 0, 171, 1], "eta": [6.5, -30, 5, 0.25]}, {"y": [10000, 3], "eta": [9, -700]})),
    "negative binomial": Likelihood(
        over(sp.gamma(y[i] + r) / (sp.gamma(r) * sp.factorial(y[i])) * (r / (r + mu[i]))**r * (mu[i] / (r + mu[i]))**y[i]), eta, _mean,
        negative_binomial, ({"y": [800, 0, 3], "eta": [6, -3, 0.5], "r": 250.0}, {"y": [5, 300], "eta": [2, 5], "r": 0.125})),
    "beta": Likelihood(
        over(sp.gamma(r) / (sp.gamma(mu[i] * r) * sp.gamma((1 - mu[i]) * r)) * y[i]**(mu[i] * r - 1) * (1 - y[i])**((1 - mu[i]) * r - 1)), eta, _odds,
        beta, ({"y": [0.25, 0.75], "eta": [-1, 1.5], "r": 3.0}, {"y": [0.25, 0.75], "eta": [-1, 1.5], "r": 700.0})),
    "inflated zero": Likelihood(
        -sp.Sum(sp.Piecewise((sp.log(_zero + (1 - _zero) * sp.exp(-mu[i])), sp.Eq(y[i], 0)),
                             (sp.log((1 - _zero) * mu[i]**y[i] * sp.exp(-mu[i]) / sp.factorial(y[i])), True)), (i, 0, n - 1)), eta, _mean, inflated,
        ({"y": [0, 0, 2], "eta": [7, -2, 0.5], "u": -800.0}, {"y": [0, 200, 0], "eta": [1, 5, 2], "u": 30.0})),
    "Weibull": Likelihood(over(r / mu[i] * (t[i] / mu[i])**(r - 1) * sp.exp(-(t[i] / mu[i])**r)), eta, _rate, weibull, (
        {"t": [0.01, 1, 2], "eta": [0, 0.5, 800], "r": 200.0}, {"t": [1e-3, 5], "eta": [-7, 2], "r": 0.5})),
    "Dirichlet and multinomial": Likelihood(
        -sp.log(sp.factorial(_total[0]) * sp.gamma(_total[1]) / sp.gamma(sp.Add(*_total)) * sp.Product(
            sp.gamma(_Y[k] + alpha[k]) / (sp.factorial(_Y[k]) * sp.gamma(alpha[k])), (k, 0, K - 1))), alpha, (), dirichlet_multinomial,
        ({"y": [200, 0, 300], "alpha": [50, 100, 200]}, {"y": [3, 1], "alpha": [0.5, 2]})),
    "von Mises": Likelihood(over(sp.exp(r * sp.cos(y[i] - u)) / (2 * sp.pi * sp.besseli(0, r))), r, (), von_mises, (
        {"y": [0.5, 2, -1], "r": 0.75, "u": 0.5}, {"y": [0.5, 0.75, 0.25], "r": 900.0, "u": 0.5})),
    "softmax with a margin": Likelihood(-sp.log(_top / (_top + _others)), a, (), margin, (
        {"a": [1, 2, -1], "u": 0.5, "label": 1}, {"a": [-900, 900, 3], "u": 0.25, "label": 0}, {"a": [900, -900, 3], "u": 0.25, "label": 0})),
    "nested logit": Likelihood(
        -sp.log(sp.exp(V[1, label] / lam[1]) * D[1]**(lam[1] - 1) / sp.Sum(D[i]**lam[i], (i, 0, n - 1))), V,
        ((D[i], sp.Sum(sp.exp(V[i, k] / lam[i]), (k, 0, K - 1))),), nested,
        ({"V": [[1, 2, 0], [0, -1, 3]], "lam": [0.5, 0.75], "label": 2}, {"V": [[800, 799, 0], [-800, 801, 800]], "lam": [0.25, 0.5], "label": 1})),
    "mixture of intervals": Likelihood(
        over(sp.Sum(P[c] * (_sides[0] - _sides[1]), (c, 0, K - 1))), a, ((P[c], sp.exp(a[c]) / sp.Sum(sp.exp(a[k]), (k, 0, K - 1))),), interval,
        ({"a": [0.5, -1], "y": [0.5, 40, 300], "r": 0.25}, {"a": [800, -800], "y": [-50, 2000], "r": 1e-6})),
}


def exactly(inputs: dict) -> dict:
    def one(value):
        return [one(each) for each in value] if isinstance(value, list) else value if isinstance(value, int) and value == inputs.get("label") else mp.mpf(value)

    return {name: one(value) for name, value in inputs.items()}


def slope(truth: Callable, inputs: dict, name: str, place: tuple[int, ...]) -> mpmath.mpf:
    """A central difference at 200 digits, whose error is that of its step squared."""
    sides = []
    for sign in (1, -1):
        given = exactly(inputs)
        *outer, last = name, *place
        at = given
        for index in outer:
            at = at[index]
        at[last] += sign * STEP
        sides.append(truth(**given))
    return (sides[0] - sides[1]) / (2 * STEP)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_values_and_slopes_of_a_likelihood_are_right(name: str) -> None:
    one = LIKELIHOODS[name]
    model, parameter = sg.compile(one.expr, wrt=one.towards, where=one.where), str(one.towards)
    for inputs in one.points:
        given = {key: value if key == "label" else np.array(value, float) for key, value in inputs.items()}
        with np.errstate(all="ignore"), mp.workdps(900):
            value, gradient = model.value_and_grad(**given)
            assert float(value) == pytest.approx(float(one.truth(**exactly(inputs))), rel=2e-13, abs=1e-300), inputs
            want = [float(slope(one.truth, inputs, parameter, place)) for place in np.ndindex(np.shape(gradient))]
        largest = max(map(abs, want))
        np.testing.assert_allclose(np.ravel(gradient), want, rtol=2e-13, atol=1e-14 * largest, err_msg=str(inputs))


@pytest.mark.parametrize("expr, inside, outside", [
    (sp.log(sp.gamma(u)), (-1.5, -3.5, 0.5), (-0.5, -2.5, -2.0)),
    pytest.param(sp.log(sp.gamma(u) / sp.gamma(u + 2)), (-2.5, -3.25, -1.5, 2.0), (-0.5, -0.25), marks=pytest.mark.slow),
    (sp.log(r * sp.gamma(u)), (1.5, -1.5), (-0.5,)),
    (sp.log(sp.exp(u) * r**label / sp.gamma(u)), (1.5, -1.5), (-0.5, -2.5)),
    (sp.log(sp.exp(-u) / sp.factorial(u)), (1.5, -2.5), (-1.5, -3.5)),
    (sp.log(u**label), (2.0, 5e200), ())], ids=str)
def test_logarithms_of_gamma_functions_keep_their_domain(expr: sp.Expr, inside: tuple, outside: tuple) -> None:
    model = sg.compile(expr, wrt=u)
    others = {name: value for name, value in (("r", 2.0), ("label", 3)) if name in map(str, expr.free_symbols)}
    plain = model.with_options(rewrite=False)
    with np.errstate(all="ignore"):
        assert all(np.isfinite(model.value(u=at, **others)) for at in inside)
        assert all(np.isnan(model.value(u=at, **others)) and np.isnan(plain.value(u=at, **others)) for at in outside)


def test_one_sign_beside_what_is_positive_is_no_row_of_its_own() -> None:
    one = LIKELIHOODS["Poisson"]
    assert "sign" not in sg.compile(one.expr, wrt=one.towards, where=one.where).kernel_text("value")


@pytest.mark.parametrize("base, exponent", [(-2.0, 2.0), (-2.0, -3.0), (0.0, 0.0), (0.0, 2.0), (-1.5, 0.5), (3.0, -1.25)])
def test_the_logarithm_of_a_power_is_what_plain_code_gives(base: float, exponent: float) -> None:
    model = sg.compile(sp.log(r * u**sp.Symbol("p", real=True)), wrt=[u])
    with np.errstate(all="ignore"):
        want = model.with_options(rewrite=False).value(u=base, p=exponent, r=2.0)
        np.testing.assert_allclose(model.value(u=base, p=exponent, r=2.0), want, rtol=1e-14)


@pytest.mark.parametrize("expr", [sp.digamma(1 + sp.exp(u)), sp.polygamma(1, 1 + sp.exp(u)) * sp.exp(u), sp.digamma(sp.exp(u) + sp.exp(2 * u)) - u], ids=str)
def test_digamma_functions_of_what_overflows(expr: sp.Expr) -> None:
    model, want = sg.compile(expr, wrt=u), sp.lambdify(u, [expr, sp.diff(expr, u)], "mpmath")
    for at in (0.25, -20.0, 5.0, 100.0):
        with mp.workdps(60):
            value, gradient = want(mp.mpf(at))
        assert model.value(u=at) == pytest.approx(float(value), rel=2e-15, abs=1e-17)
        assert model.grad(u=at) == pytest.approx(float(gradient), rel=4e-15, abs=1e-17)


GAPS = {"log_rising": lambda a, d: mp.loggamma(a + d) - mp.loggamma(a), "digamma_gap": lambda a, d: mp.digamma(a + d) - mp.digamma(a),
        "trigamma_gap": lambda a, d: mp.polygamma(1, a + d) - mp.polygamma(1, a)}


@pytest.mark.parametrize("name", GAPS)
def test_differences_of_gamma_functions_keep_their_digits(name: str) -> None:
    function, rng = getattr(rising, f"_{name}"), np.random.default_rng(3)
    a, d = 10 ** rng.uniform(1, 12, 300), 10 ** rng.uniform(-12, 12, 300)
    d[::3] = -0.9 * a[::3] * rng.random(100) * (a[::3] > 100)
    found = function(np.zeros(300), a, d)
    with mp.workdps(60):
        assert max(ulps(float(one), GAPS[name](mp.mpf(x), mp.mpf(y))) for one, x, y in zip(found, a, d, strict=True) if y) <= 40
    assert function(7.0, 0.25, 0.5) == 7 and np.isnan(function(np.nan, np.nan, 1.0)) and function(np.float32(1), np.float32(20), np.float32(1)).dtype == np.float32


def test_a_negative_binomial_tends_to_a_poisson_distribution() -> None:
    n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
    y, eta = (sp.IndexedBase(name, shape=(n,)) for name in ("y", "eta"))
    mean, size = sp.exp(eta[i]), sp.Symbol("size", real=True)
    mass = sp.gamma(y[i] + size) / (sp.gamma(size) * sp.factorial(y[i])) * (mean / (mean + size)) ** y[i] * (size / (mean + size)) ** size
    f = sg.compile(sp.Sum(sp.log(mass), (i, 0, n - 1)), wrt=[eta, size])
    poisson = sg.compile(sp.Sum(sp.log(mean ** y[i] * sp.exp(-mean) / sp.factorial(y[i])), (i, 0, n - 1)), wrt=eta)
    at = {"y": np.array([2.0, 0.0, 3.0]), "eta": np.array([0.5, -0.3, 1.0])}
    assert f.value(size=1e15, **at) == pytest.approx(poisson.value(**at), rel=4e-15)
    assert f.grad(size=1e15, **at)[0] == pytest.approx(poisson.grad(**at), rel=4e-15)
    with mp.workdps(60):
        exact = [(mp.mpf(2), mp.mpf(0.5)), (mp.mpf(0), mp.mpf(-0.3)), (mp.mpf(3), mp.mpf(1))]
        want = mp.diff(lambda r: mp.fsum(mp.loggamma(v + r) - mp.loggamma(r) + v * (e - mp.log(mp.exp(e) + r)) - r * mp.log1p(mp.exp(e) / r) for v, e in exact), mp.mpf(1e4))
    assert f.grad(size=1e4, **at)[1] == pytest.approx(float(want), rel=1e-7)


@pytest.mark.parametrize("spelling", ["density", "logarithms"])
@pytest.mark.parametrize("size", [sp.Symbol("r", real=True), sp.Symbol("r", positive=True)], ids=["real", "positive"])
def test_a_negative_binomial_regression_far_out(spelling, size):
    """The mean is the exponential of a product with a matrix, so that no look at its inputs helps."""
    n, d = sp.symbols("n d", integer=True, positive=True)
    i, j = sp.symbols("i j", integer=True)
    design, weights, counts, mu = (sp.IndexedBase(name, shape=shape) for name, shape in (("x", (n, d)), ("w", (d,)), ("k", (n,)), ("mu", None)))
    share = size / (size + mu[i])
    density = sp.gamma(counts[i] + size) / (sp.gamma(size) * sp.factorial(counts[i])) * share**size * (mu[i] / (size + mu[i])) ** counts[i]
    logs = size * sp.log(share) + counts[i] * sp.log(mu[i] / (size + mu[i]))
    loss = -sp.Sum(sp.log(density) if spelling == "density" else logs, (i, 0, n - 1))
    f = sg.compile(loss, wrt=[weights, size], where=[(mu[i], sp.exp(sp.Sum(design[i, j] * weights[j], (j, 0, d - 1))))])
    given = {"x": np.diag([1.0, 1.0, 1.0, 1.0]), "w": np.array([-800.0, 800.0, 0.5, -1e4]), "k": np.array([3.0, 2.0, 4.0, 1.0]), "r": 5.0}
    with mp.workdps(50):
        means, r = [mp.exp(one) for one in given["w"]], mp.mpf(5)
        own = [r * mp.log(r / (r + mean)) + k * mp.log(mean / (r + mean)) for mean, k in zip(means, given["k"], strict=True)]
        gammas = [mp.loggamma(k + r) - mp.loggamma(r) - mp.loggamma(k + 1) for k in given["k"]] if spelling == "density" else [0]
        towards = [(r * mean - k * r) / (r + mean) for mean, k in zip(means, given["k"], strict=True)]
    value, (slopes, slope) = f.value_and_grad(**given)
    assert value == pytest.approx(float(-mp.fsum(own) - mp.fsum(gammas)), rel=1e-14)
    np.testing.assert_allclose(slopes, [float(one) for one in towards], rtol=1e-14)
    assert np.isfinite(slope)
