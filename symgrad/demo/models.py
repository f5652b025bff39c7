"""What the demo declares: the lecture's logistic loss, a logistic regression, and a neural network."""

from __future__ import annotations

import sympy as sp

from symgrad.compiler import Compiled, compile
from symgrad.train import Model, init

n, d, h, K = sp.symbols("n d h K", integer=True, positive=True)
i, j, m, c, k = sp.symbols("i j m c k", integer=True)
x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))

POINT = {"W": sp.Integer(3), "X": sp.Integer(3), "y": sp.Integer(1)}
"""Where the lecture takes its numbers."""


def lecture() -> Compiled:
    """L = -y log(1/(1 + exp(-W X))), the loss of one sample and one weight."""
    W, X, label = sp.symbols("W X y", real=True)
    return compile(-label * sp.log(1 / (1 + sp.exp(-W * X))), wrt=W, name="logistic_a")


def logistic_regression(samples: int) -> Model:
    """Mean negative log likelihood with the L2 penalty that scikit-learn's C=1 means for this many samples."""
    w, b, p = sp.IndexedBase("w", shape=(d,)), sp.Symbol("b", real=True), sp.IndexedBase("p")
    likelihood = sp.Sum(y[i] * sp.log(p[i]) + (1 - y[i]) * sp.log(1 - p[i]), (i, 0, n - 1))
    return Model(
        loss=-likelihood / n + sp.Rational(1, 2 * samples) * sp.Sum(w[j] ** 2, (j, 0, d - 1)),
        where=[(p[i], 1 / (1 + sp.exp(-sp.Sum(w[j] * x[i, j], (j, 0, d - 1)) - b)))],
        prediction=p, params={w: init.zeros(), b: init.zeros()}, sample_index=i, name="logistic_regression")


def network(hidden: int, classes: int) -> Model:
    """One hidden ReLU layer, a softmax, and the mean cross-entropy of integer labels."""
    W1, b1 = sp.IndexedBase("W1", shape=(d, h)), sp.IndexedBase("b1", shape=(h,))
    W2, b2 = sp.IndexedBase("W2", shape=(h, K)), sp.IndexedBase("b2", shape=(K,))
    z, a, P = sp.IndexedBase("z"), sp.IndexedBase("a"), sp.IndexedBase("P")
    return Model(
        loss=-sp.Sum(sp.log(P[i, y[i]]), (i, 0, n - 1)) / n,
        where=[(z[i, m], sp.Max(0, sp.Sum(x[i, j] * W1[j, m], (j, 0, d - 1)) + b1[m])),
               (a[i, c], sp.Sum(z[i, m] * W2[m, c], (m, 0, h - 1)) + b2[c]),
               (P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))],
        prediction=P, params={W1: init.glorot_uniform(), b1: init.zeros(), W2: init.glorot_uniform(), b2: init.zeros()},
        sample_index=i, sizes={h: hidden, K: classes}, name="digits_network")
