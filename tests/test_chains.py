"""Long chains of sums of products, whose steps leave the range of doubles long before the logarithm or the quotient that they end in does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy as sp
from mpmath import mp, mpf

import symgrad as sg
from symgrad.check.ulps import ulps

n, K, J, N = sp.symbols("n K J N", integer=True, positive=True)
i, j, k, c = sp.symbols("i j k c", integer=True)
pi, A, E = sp.IndexedBase("pi", shape=(K,)), sp.IndexedBase("A", shape=(K, K)), sp.IndexedBase("E", shape=(K, J))
SIGMA = sp.Symbol("sigma", positive=True)
DIGITS, STEP = 60, "1e-20"


def forward(emission: Callable[[int, Any], Any], steps: int) -> tuple[list[sp.IndexedBase], list]:
    """The forward algorithm, as named steps."""
    alpha = [sp.IndexedBase(f"alpha{t}") for t in range(steps)]
    where = [(alpha[0][c], pi[c] * emission(0, c))]
    where += [(alpha[t][c], emission(t, c) * sp.Sum(alpha[t - 1][k] * A[k, c], (k, 0, K - 1))) for t in range(1, steps)]
    return alpha, where


def total(row: sp.IndexedBase) -> sp.Expr:
    return sp.Sum(row[c], (c, 0, K - 1))


def of_observations(steps: int) -> sg.Compiled:
    o = sp.IndexedBase("o", shape=(steps,))
    alpha, where = forward(lambda t, c: E[c, o[t]], steps)
    return sg.compile(-sp.log(total(alpha[-1])), wrt=[A, E], where=where)


def exact_forward(pi: Any, A: Any, emissions: list[list[Any]]) -> list[Any]:
    states = range(len(pi))
    alpha = [pi[s] * emissions[0][s] for s in states]
    for emission in emissions[1:]:
        alpha = [emission[s] * mp.fsum(alpha[r] * A[r][s] for r in states) for s in states]
    return alpha


def exactly(array: np.ndarray) -> Any:
    return [exactly(one) for one in array] if array.ndim else mpf(float(array))


def model(symbols: int, seed: int = 0, states: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return dict(pi=rng.dirichlet(np.ones(states)), A=rng.dirichlet(np.ones(states), states), E=rng.dirichlet(np.ones(symbols), states))


def slope(truth: Callable[..., Any], numbers: dict[str, Any], name: str, *place: int) -> Any:
    """By central differences in digits enough."""
    sides = []
    for sign in (1, -1):
        moved = {**numbers, name: [[x + sign * mpf(STEP) * (place == (r, s)) for s, x in enumerate(row)] for r, row in enumerate(numbers[name])]}
        sides.append(truth(**moved))
    return (sides[0] - sides[1]) / (2 * mpf(STEP))


@pytest.mark.parametrize("steps", [30, 400])
def test_a_long_hidden_markov_model_is_right(steps: int) -> None:
    given = model(50)
    o = np.random.default_rng(1).integers(0, 50, steps)
    f = of_observations(steps)

    def truth(pi: Any, A: Any, E: Any) -> Any:
        return -mp.log(mp.fsum(exact_forward(pi, A, [[row[one] for row in E] for one in o])))

    with mp.workdps(DIGITS):
        numbers = {name: exactly(array) for name, array in given.items()}
        value, (towards_a, towards_e) = f.value_and_grad(**given, o=o)
        assert ulps(float(value), truth(**numbers)) <= 8
        for place in [(0, 1), (2, 2)]:
            assert abs(towards_a[place] / slope(truth, numbers, "A", *place) - 1) < 1e-13
        place = (1, int(o[0]))
        assert abs(towards_e[place] / slope(truth, numbers, "E", *place) - 1) < 1e-13
    assert steps < 100 or np.isinf(f.with_options(rewrite=False).value(**given, o=o))


def test_ordinary_chains_have_the_digits_of_plain_code() -> None:
    given, o = model(5), np.random.default_rng(1).integers(0, 5, 20)
    f = of_observations(20)
    plain = f.with_options(rewrite=False)
    assert f.value(**given, o=o) == plain.value(**given, o=o)
    for one, other in zip(f.grad(**given, o=o), plain.grad(**given, o=o), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)


def test_steps_of_very_different_sizes() -> None:
    """Symbols that one state all but excludes, and densities that are large."""
    given, o = model(4), np.random.default_rng(3).integers(0, 4, 40)
    given["E"] *= np.array([1e-150, 1e120, 1.0, 1e-60])
    given["E"][0, 0] = 0.0
    f = of_observations(40)
    with mp.workdps(DIGITS):
        numbers = {name: exactly(array) for name, array in given.items()}
        want = -mp.log(mp.fsum(exact_forward(numbers["pi"], numbers["A"], [[row[one] for row in numbers["E"]] for one in o])))
        assert ulps(float(f.value(**given, o=o)), want) <= 8
    assert all(np.isfinite(one).all() for one in f.grad(**given, o=o))


def test_many_sequences_have_exponents_of_their_own() -> None:
    steps, o = 40, sp.IndexedBase("o", shape=(N, 40))
    alpha = [sp.IndexedBase(f"alpha{t}") for t in range(steps)]
    where = [(alpha[0][i, c], pi[c] * E[c, o[i, 0]])]
    where += [(alpha[t][i, c], E[c, o[i, t]] * sp.Sum(alpha[t - 1][i, k] * A[k, c], (k, 0, K - 1))) for t in range(1, steps)]
    f = sg.compile(-sp.Sum(sp.log(sp.Sum(alpha[-1][i, c], (c, 0, K - 1))), (i, 0, N - 1)), wrt=[pi, A, E], where=where)
    given, read = model(3), np.random.default_rng(2).integers(0, 3, (4, steps))
    read[0], read[1] = 0, 1
    given["E"] *= np.array([1e-40, 1e40, 1.0])
    alone = of_observations(steps)
    each = [alone.value_and_grad(**given, o=row) for row in read]
    value, (_, towards_a, towards_e) = f.value_and_grad(**given, o=read)
    np.testing.assert_allclose(value, sum(one for one, _ in each), rtol=1e-14)
    np.testing.assert_allclose(towards_a, sum(one for _, (one, _) in each), rtol=1e-12)
    np.testing.assert_allclose(towards_e, sum(one for _, (_, one) in each), rtol=1e-12)


def test_exponentials_in_each_step() -> None:
    """Normal densities, some of which vanish for every state."""
    steps = 30
    mu, x = sp.IndexedBase("mu", shape=(K,)), sp.IndexedBase("x", shape=(steps,))
    alpha, where = forward(lambda t, c: sp.exp(-(x[t] - mu[c])**2 / (2 * SIGMA**2)) / (SIGMA * sp.sqrt(2 * sp.pi)), steps)
    f = sg.compile(-sp.log(total(alpha[-1])), wrt=[A, mu, SIGMA], where=where)
    given = model(1)
    del given["E"]
    given |= dict(mu=np.array([-3.0, 0.0, 6.0]), x=12 * np.random.default_rng(4).normal(size=steps))
    given["x"][7] = 60.0
    with mp.workdps(DIGITS):
        centres = exactly(given["mu"])
        densities = [[mp.exp(-(one - centre)**2 / (2 * mpf(0.75)**2)) / (mpf(0.75) * mp.sqrt(2 * mp.pi)) for centre in centres]
                     for one in exactly(given["x"])]
        want = -mp.log(mp.fsum(exact_forward(exactly(given["pi"]), exactly(given["A"]), densities)))
        assert ulps(float(f.value(**given, sigma=0.75)), want) <= 8
    assert f.check(**given, sigma=0.75).passed


def test_a_posterior_by_the_forward_and_backward_algorithms() -> None:
    steps, middle = 30, 10
    o = sp.IndexedBase("o", shape=(steps,))
    alpha, where = forward(lambda t, c: E[c, o[t]], steps)
    beta = [sp.IndexedBase(f"beta{t}") for t in range(steps - 1)]
    where += [(beta[t][k], sp.Sum(A[k, c] * E[c, o[t + 1]] * (beta[t + 1][c] if t < steps - 2 else 1), (c, 0, K - 1))) for t in range(steps - 1)]
    both = sp.Sum(alpha[middle][c] * beta[middle][c], (c, 0, K - 1))
    f = sg.compile(alpha[middle][1] * beta[middle][1] / both, wrt=[A, E], where=where)
    given, read = model(5), np.random.default_rng(1).integers(0, 5, steps)
    ordinary = f.value_and_grad(**given, o=read)
    for scale in (1e-80, 1e90):
        value, (towards_a, towards_e) = f.value_and_grad(**{**given, "E": given["E"] * scale}, o=read)
        np.testing.assert_allclose(value, ordinary[0], rtol=1e-12)
        np.testing.assert_allclose(towards_a, ordinary[1][0], rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(towards_e * scale, ordinary[1][1], rtol=1e-10, atol=1e-14)


def test_likelihoods_on_a_tree() -> None:
    """J. Felsenstein, Evolutionary trees from DNA sequences, 1981: products of what two branches pass on."""
    leaves = [sp.IndexedBase(f"L{q}", shape=(K,)) for q in range(16)]
    where, level = [], leaves
    while len(level) > 1:
        parents = [sp.IndexedBase(f"v{len(where) + q}") for q in range(len(level) // 2)]
        branch = [lambda one, state: sp.Sum(A[state, k] * one[k], (k, 0, K - 1))]
        where += [(parent[c], branch[0](level[2 * q], c) * branch[0](level[2 * q + 1], c)) for q, parent in enumerate(parents)]
        level = parents
    f = sg.compile(sp.log(sp.Sum(pi[c] * level[0][c], (c, 0, K - 1))), wrt=[A, pi], where=where)
    given, rng = model(1), np.random.default_rng(5)
    del given["E"]
    tips = {f"L{q}": rng.uniform(size=3) for q in range(16)}
    ordinary = f.value_and_grad(**given, **tips)
    value, slopes = f.value_and_grad(**given, **{name: 1e-60 * tip for name, tip in tips.items()})
    np.testing.assert_allclose(value, ordinary[0] + 16 * np.log(1e-60), rtol=1e-14)
    for one, other in zip(slopes, ordinary[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e60, 1e150])
def test_powers_of_a_matrix(scale: float) -> None:
    M, u, v = sp.MatrixSymbol("M", n, n), sp.MatrixSymbol("u", n, 1), sp.MatrixSymbol("v", n, 1)
    rng = np.random.default_rng(6)
    at = dict(M=rng.uniform(size=(3, 3)), u=rng.uniform(size=(3, 1)), v=rng.uniform(size=(3, 1)))
    moved = {**at, "M": scale * at["M"]}
    log = sg.compile(sp.log((u.T * M**12 * v)[0, 0]), wrt=[M, v])
    quotient = sg.compile((u.T * M**4 * v)[0, 0] / (u.T * M**3 * v)[0, 0], wrt=[v])
    np.testing.assert_allclose(log.value(**moved), log.value(**at) + 12 * np.log(scale), rtol=1e-14)
    np.testing.assert_allclose(log.grad(**moved)[0] * scale, log.grad(**at)[0], rtol=1e-12)
    np.testing.assert_allclose(quotient.value(**moved) / scale, quotient.value(**at), rtol=1e-14)
    np.testing.assert_allclose(quotient.grad(**moved)[0] / scale, quotient.grad(**at)[0], rtol=1e-12, atol=1e-15)


def test_chains_that_a_number_joins() -> None:
    """A floor under each step keeps its size beside what has been taken out."""
    steps, o = 30, sp.IndexedBase("o", shape=(30,))
    alpha = [sp.IndexedBase(f"alpha{t}") for t in range(steps)]
    where = [(alpha[0][c], pi[c] * E[c, o[0]])]
    where += [(alpha[t][c], E[c, o[t]] * sp.Sum(alpha[t - 1][k] * A[k, c], (k, 0, K - 1)) + sp.Rational(1, 10**9)) for t in range(1, steps)]
    f = sg.compile(sp.log(total(alpha[-1])), wrt=[A, E], where=where)
    given, read = model(5), np.random.default_rng(1).integers(0, 5, steps)
    for scale in (1e-80, 1.0, 1e50):
        moved = {**given, "E": scale * given["E"]}
        with mp.workdps(DIGITS):
            numbers, states = {name: exactly(array) for name, array in moved.items()}, range(3)
            row = [numbers["pi"][s] * numbers["E"][s][read[0]] for s in states]
            for one in read[1:]:
                row = [numbers["E"][s][one] * mp.fsum(row[r] * numbers["A"][r][s] for r in states) + mpf(10) ** -9 for s in states]
            assert ulps(float(f.value(**moved, o=read)), mp.log(mp.fsum(row))) <= 16
        assert all(np.isfinite(one).all() for one in f.grad(**moved, o=read))


@pytest.mark.parametrize("steps", [4, 400])
def test_connectionist_temporal_classification(steps: int) -> None:
    """A. Graves et al., Connectionist temporal classification, 2006, section 4.1: each symbol from itself, from the one before, or past a blank."""
    S, C, s = *sp.symbols("S C", integer=True, positive=True), sp.Symbol("s", integer=True)
    y, labels, skips = sp.IndexedBase("y", shape=(steps, C)), sp.IndexedBase("labels", shape=(S,)), sp.IndexedBase("skips", shape=(S,))
    alpha = [sp.IndexedBase(f"alpha{t}", shape=(S,)) for t in range(steps)]
    where = [(alpha[0][s], sp.Piecewise((y[0, labels[s]], s < 2), (0, True)))]
    for t, before in enumerate(alpha[:-1], 1):
        one, two = (sp.Piecewise((before[s - q], s >= q), (0, True)) for q in (1, 2))
        where.append((alpha[t][s], (before[s] + one + skips[s] * two) * y[t, labels[s]]))
    f = sg.compile(-sp.log(alpha[-1][S - 1] + alpha[-1][S - 2]), wrt=[y], where=where)
    rng = np.random.default_rng(7)
    path, given = np.array([0, 3, 0, 5, 0, 5, 0]), rng.dirichlet(np.ones(9), steps)
    skip = np.array([0.0, 0, 0, 1, 0, 0, 0])

    def truth(y: Any) -> Any:
        row = [y[0][one] if s < 2 else mpf(0) for s, one in enumerate(path)]
        for t in range(1, steps):
            row = [(row[s] + (row[s - 1] if s else 0) + (row[s - 2] if skip[s] else 0)) * y[t][one] for s, one in enumerate(path)]
        return -mp.log(row[-1] + row[-2])

    with mp.workdps(DIGITS):
        numbers = {"y": exactly(given)}
        value, gradient = f.value_and_grad(y=given, labels=path, skips=skip)
        assert ulps(float(value), truth(**numbers)) <= 8
        for place in [(0, 0), (steps // 2, 5), (steps - 1, 0)]:
            assert abs(float(gradient[0][place]) - slope(truth, numbers, "y", *place)) < 1e-12 * float(np.abs(gradient[0]).max())


def test_a_likelihood_that_is_multiplied_step_by_step() -> None:
    steps, scale = 150, sp.Symbol("s", positive=True)
    x, likelihood = sp.IndexedBase("x", shape=(steps,)), [sp.Symbol(f"L{t}", real=True) for t in range(steps)]
    density = lambda t: sp.exp(-x[t]**2 / (2 * scale**2)) / (scale * sp.sqrt(2 * sp.pi))  # noqa: E731
    where = [(likelihood[0], density(0)), *((likelihood[t], likelihood[t - 1] * density(t)) for t in range(1, steps))]
    f = sg.compile(sp.log(likelihood[-1]), wrt=scale, where=where)
    for factor in (1e-3, 1.0, 300.0):
        given = factor * np.random.default_rng(8).normal(size=steps)
        value, towards_scale = f.value_and_grad(x=given, s=factor)
        squares = ((given / factor)**2).sum()
        assert value == pytest.approx(-squares / 2 - steps * (np.log(factor) + np.log(2 * np.pi) / 2), rel=1e-14)
        assert towards_scale * factor == pytest.approx(squares - steps, rel=1e-12)


def test_a_long_product_of_factors_of_either_sign() -> None:
    steps = 300
    x, P = sp.IndexedBase("x", shape=(steps,)), [sp.Symbol(f"P{t}", real=True) for t in range(steps)]
    f = sg.compile(sp.log(P[-1]), wrt=x, where=[(P[0], x[0]), *((P[t], P[t - 1] * x[t]) for t in range(1, steps))])
    for size, turned in product((1e-4, 1.0, 1e4), (0, 2)):
        given = size * np.random.default_rng(9).uniform(0.5, 2, steps)
        given[:turned] *= -1
        value, slopes = f.value_and_grad(x=given)
        assert value == pytest.approx(np.log(np.abs(given)).sum(), rel=1e-13, abs=1e-12)
        np.testing.assert_allclose(slopes, 1 / given, rtol=1e-12)
        given[-1] *= -1
        assert np.isnan(f.value(x=given))


def test_the_table_names_the_rule() -> None:
    assert "scaled chain" in str(of_observations(5).table(stage="compiled"))
