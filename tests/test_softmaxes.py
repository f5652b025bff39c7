"""Softmaxes one class of which is all but certain, and products of sums of exponentials: what 1 is subtracted from, and what overflows."""

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.errors import InputError

n, K = sp.symbols("n K", integer=True, positive=True)
i, c, k = sp.symbols("i c k", integer=True)


def focal_loss(scores, labels, gamma):
    """Value and slopes by the shares of all other classes, which do not cancel."""
    value, slopes = 0.0, np.zeros_like(scores)
    for row, (own, label) in enumerate(zip(scores, labels, strict=True)):
        gaps = np.delete(own - own[label], label)
        log_others, log_whole = np.logaddexp.reduce(gaps), np.logaddexp.reduce(np.append(gaps, 0.0))
        shares = np.exp(gaps - log_whole)
        weight = np.exp(gamma * (log_others - log_whole))
        value += weight * log_whole
        towards = gamma * log_whole * weight * (np.exp(gaps - log_others) - shares) + weight * shares
        slopes[row] = np.insert(towards, label, -towards.sum())
    return value, slopes


@pytest.mark.parametrize("gamma", [0.5, 2.0, 0.0])
@pytest.mark.parametrize("far", [1.0, 30.0, 800.0])
def test_the_complement_of_a_softmax_does_not_cancel(far, gamma):
    """Where a class is all but certain its probability is 1, and 1 less that was 0, to a power below 1 nan in the slope."""
    a, y, g, P = sp.IndexedBase("a", shape=(n, K)), sp.IndexedBase("y", shape=(n,)), sp.Symbol("g", real=True), sp.IndexedBase("P")
    share = [(P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))]
    f = sg.compile(-sp.Sum((1 - P[i, y[i]]) ** g * sp.log(P[i, y[i]]), (i, 0, n - 1)), wrt=a, where=share)
    scores, labels = np.array([[1.0, 0.0, -0.5], [0.2, 0.1, 0.9], [0.0, 0.7, 0.3]]) * far, np.array([0, 1, 2])
    value, slopes = focal_loss(scores, labels, gamma)
    got = f.value_and_grad(a=scores, y=labels, g=gamma)
    assert got[0] == pytest.approx(value, rel=1e-9, abs=1e-16)
    np.testing.assert_allclose(got[1], slopes, rtol=1e-9, atol=1e-15)
    with pytest.raises(InputError):
        f(a=scores, y=np.array([0, 3, 1]), g=gamma)


@pytest.mark.parametrize("far", [1.0, 30.0, 1e4])
def test_a_product_of_sums_of_exponentials_is_one_exponential(far):
    s, t = sp.IndexedBase("s", shape=(n,)), sp.IndexedBase("t", shape=(K,))
    first, second = sp.Sum(sp.exp(s[i]), (i, 0, n - 1)), sp.Sum(sp.exp(t[k]), (k, 0, K - 1))
    f = sg.compile(sp.log(1 + first * second), wrt=[s, t])
    at = {"s": np.array([0.5, -1.0, 0.4]) * far, "t": np.array([0.3, 0.25]) * far}
    logs = [np.logaddexp.reduce(one) for one in at.values()]
    value, gradient = f.value_and_grad(**at)
    assert value == pytest.approx(np.logaddexp(0, sum(logs)), rel=1e-14)
    for one, log, slope in zip(at.values(), logs, gradient, strict=True):
        np.testing.assert_allclose(slope, np.exp(one - log - np.logaddexp(0, -sum(logs))), rtol=1e-11, atol=1e-300)
