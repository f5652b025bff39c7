"""Divergences of softmaxes: nothing cancels where the two are nearly the same, in values, slopes, forwards and backwards."""

import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import symgrad as sg
from symgrad.runtime.special.divergences import _divergence_slope, _divergence_term, _weighted_log_ratio

n, K = sp.symbols("n K", integer=True, positive=True)
i, c, k = sp.symbols("i c k", integer=True)
T = sp.Symbol("T", positive=True)
a, b, p, q, w = (sp.IndexedBase("a", shape=(n, K)), sp.IndexedBase("b", shape=(n, K)), sp.IndexedBase("p"), sp.IndexedBase("q"),
                 sp.IndexedBase("w", shape=(n,)))
ALL = (c, 0, K - 1), (i, 0, n - 1)


def softmaxes(scale):
    return [(share[i, c], sp.exp(scale * one[i, c]) / sp.Sum(sp.exp(scale * one[i, k]), (k, 0, K - 1))) for share, one in ((p, a), (q, b))]


SPELLINGS = {
    "ratio": sp.Sum(w[i] * p[i, c] * sp.log(p[i, c] / q[i, c]), *ALL),
    "difference": sp.Sum(w[i] * p[i, c] * (sp.log(p[i, c]) - sp.log(q[i, c])), *ALL),
    "cross-entropy less entropy": -sp.Sum(w[i] * p[i, c] * sp.log(q[i, c]), *ALL) + sp.Sum(w[i] * p[i, c] * sp.log(p[i, c]), *ALL),
}
SPELLINGS["the other way round"] = -sp.Sum(w[i] * p[i, c] * (sp.log(q[i, c]) - sp.log(p[i, c])), *ALL)
WEIGHTS = np.array([0.5, 2.0, 1.0])


def truth(A, B, scale):
    """Value and slopes at 600 digits."""
    with mp.workdps(600):
        total, towards = mp.mpf(0), ([], [])
        for weight, *rows in zip(WEIGHTS.tolist(), A.tolist(), B.tolist(), strict=True):
            scores = [[scale * mp.mpf(one) for one in row] for row in rows]
            logs = [[one - max(row) - mp.log(mp.fsum(mp.exp(other - max(row)) for other in row)) for one in row] for row in scores]
            P, Q = ([mp.exp(one) for one in log] for log in logs)
            gaps = [one - other for one, other in zip(*logs, strict=True)]
            mean = mp.fsum(one * gap for one, gap in zip(P, gaps, strict=True))
            total += weight * mean
            towards[0].append([float(weight * scale * one * (gap - mean)) for one, gap in zip(P, gaps, strict=True)])
            towards[1].append([float(weight * scale * (other - one)) for one, other in zip(P, Q, strict=True)])
        return float(total), *towards


@pytest.mark.parametrize("size, apart", [(1.0, 1e-9), (1.0, 1e-3), (1.0, 1.0), (30.0, 1e-5), (30.0, 30.0), (600.0, 1.0), (1e-5, 1e-5)])
@pytest.mark.parametrize("scale", [1, 1 / T, sp.Rational(3, 4)], ids=str)
@pytest.mark.parametrize("name", SPELLINGS)
def test_divergences_have_all_digits(name, scale, size, apart):
    f = sg.compile(SPELLINGS[name], wrt=[a, b], where=softmaxes(scale))
    numbers = np.random.default_rng(7)
    A = size * numbers.normal(size=(3, 5))
    at = {"a": A, "b": A + apart * numbers.normal(size=A.shape), "w": WEIGHTS, "T": 4.0}
    at = {key: at[key] for key in f.arguments}
    want, *slopes = truth(at["a"], at["b"], float(scale.subs(T, 4)) if scale != 1 else 1.0)
    value, gradient = f.value_and_grad(**at)
    assert value == pytest.approx(want, rel=1e-13)
    for found in (gradient, f.grad_forward(**at)):
        for got, slope in zip(found, slopes, strict=True):
            np.testing.assert_allclose(got, slope, rtol=1e-11, atol=1e-13 * np.abs(slope).max())


def test_classes_that_neither_has_add_nothing():
    f = sg.compile(SPELLINGS["ratio"], wrt=[a, b], where=softmaxes(1))
    A, B = np.array([[0.5, -1.0, -np.inf]]), np.array([[0.25, 0.125, -np.inf]])
    value, (to_a, to_b) = f.value_and_grad(a=A, b=B, w=WEIGHTS[:1])
    bare, (bare_a, bare_b) = f.value_and_grad(a=A[:, :2], b=B[:, :2], w=WEIGHTS[:1])
    assert value == pytest.approx(bare, rel=1e-15)
    np.testing.assert_allclose(to_a, np.append(bare_a, [[0.0]], axis=1), rtol=1e-14)
    np.testing.assert_allclose(to_b, np.append(bare_b, [[0.0]], axis=1), rtol=1e-14)


def test_a_policy_ratio_has_all_digits():
    """exp(log p - log q) of policies that one small step lies between."""
    f = sg.compile(sp.Sum((p[i, c] / q[i, c] - 1) ** 2, *ALL), wrt=a, where=softmaxes(1))
    numbers = np.random.default_rng(3)
    B = numbers.normal(size=(4, 6))
    A = B + 1e-8 * numbers.normal(size=B.shape)
    with mp.workdps(60):
        shares = [[[mp.exp(mp.mpf(one)) / mp.fsum(mp.exp(mp.mpf(other)) for other in row) for one in row] for row in X.tolist()] for X in (A, B)]
        want = mp.fsum((one / other - 1) ** 2 for P, Q in zip(*shares, strict=True) for one, other in zip(P, Q, strict=True))
    assert f(a=A, b=B) == pytest.approx(float(want), rel=1e-13)


PLACES = [(0.0, 0.0), (-1.0, -1.0 + 1e-9), (-1.0, -3.0), (-3.0, -1.0), (-30.0, 0.0), (-0.5, -700.0), (-700.0, -0.5), (-900.0, -0.25), (-800.0, -800.5)]


@pytest.mark.parametrize("u, v", PLACES)
def test_what_a_class_adds(u, v):
    with mp.workdps(400):
        t = mp.mpf(v) - mp.mpf(u)
        P, Q = mp.exp(u), mp.exp(v)
        want = [float(Q - P - P * t), float(Q - P), float(-P * t)]
    for function, value in zip((_divergence_term, _divergence_slope, _weighted_log_ratio), want, strict=True):
        with np.errstate(over="ignore", invalid="ignore"):
            one, several = function(u, v, float(t)), function(np.array([u, -0.5]), np.array([v, -0.75]), np.array([float(t), -0.25]))
        assert one == pytest.approx(value, rel=2e-15, abs=1e-320)
        assert several[0] == one and several.dtype == float
    assert function(np.float32(-1), np.float32(-2), np.float32(-1)).dtype == np.float32


@pytest.mark.parametrize("size", [1.0, 700.0, 1e4])
def test_a_share_over_a_share_is_one_exponential(size):
    """Where both underflow, or what a share is divided by does: clipped ratios of policies, inverse propensities."""
    y = sp.IndexedBase("y", shape=(n,))
    own, other = (sp.exp(one[i, y[i]]) / sp.Sum(sp.exp(one[i, k]), (k, 0, K - 1)) for one in (a, b))
    f = sg.compile(sp.Sum(w[i] * sp.Min(own / other, sp.Rational(6, 5)), (i, 0, n - 1)), wrt=a)
    numbers = np.random.default_rng(11)
    A = size * numbers.normal(size=(3, 4))
    at = {"a": A, "b": A + numbers.normal(size=A.shape), "w": WEIGHTS, "y": np.array([0, 3, 1])}
    value, gradient = f.value_and_grad(**at)
    with mp.workdps(400):
        logs = [[[mp.mpf(one) - max(row) - mp.log(mp.fsum(mp.exp(mp.mpf(other) - max(row)) for other in row)) for one in row] for row in X.tolist()]
                for X in (at["a"], at["b"])]
        ratios = [mp.exp(U[k] - V[k]) for U, V, k in zip(*logs, at["y"].tolist(), strict=True)]
        want = [[float(weight * ratio * ((k == m) - mp.exp(one))) if ratio < 1.2 else 0.0 for m, one in enumerate(U)]
                for weight, ratio, U, k in zip(WEIGHTS.tolist(), ratios, logs[0], at["y"].tolist(), strict=True)]
        total = float(mp.fsum(weight * min(ratio, mp.mpf(6) / 5) for weight, ratio in zip(WEIGHTS.tolist(), ratios, strict=True)))
    assert value == pytest.approx(total, rel=1e-12)
    np.testing.assert_allclose(gradient, want, rtol=1e-11, atol=1e-13)
    inverse = sg.compile(sp.Sum(w[i] / other, (i, 0, n - 1)), wrt=b)
    if size < 100:
        np.testing.assert_allclose(inverse(b=at["b"], w=WEIGHTS, y=at["y"]), sum(WEIGHTS * np.exp([-float(V[k]) for V, k in zip(logs[1], at["y"], strict=True)])), rtol=1e-13)
