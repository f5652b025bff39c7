"""Example models, each declared in a few lines.  `generated/` holds their modules; tests and scripts iterate over MODELS."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from symgrad.compiler import Compiled, compile

n, d, h, K = sp.symbols("n d h K", integer=True, positive=True)
i, j, c, k, m = sp.symbols("i j c k m", integer=True)


def logistic_loss() -> Compiled:
    """The positive half of the logistic loss at one point: L = -y log(1/(1 + exp(-W X)))."""
    W, X, y = sp.symbols("W X y", real=True)
    return compile(-y * sp.log(1 / (1 + sp.exp(-W * X))), wrt=W, name="logistic_loss")


def neuron() -> Compiled:
    """One sigmoid neuron with two inputs, in named steps."""
    w0, w1, w2, x0, x1 = sp.symbols("w0 w1 w2 x0 x1", real=True)
    s0, s1, s2, s3 = sp.symbols("s0 s1 s2 s3", real=True)
    steps = [(s0, w0 * x0), (s1, w1 * x1), (s2, s0 + s1), (s3, s2 + w2)]
    return compile(1 / (1 + sp.exp(-s3)), where=steps, wrt=[w0, w1, w2], name="neuron")


def linear_regression() -> Compiled:
    """Mean squared error of a linear model with an intercept."""
    x, y, w = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("w", shape=(d,))
    b, r = sp.Symbol("b", real=True), sp.IndexedBase("r")
    return compile(sp.Sum(r[i] ** 2, (i, 0, n - 1)) / n, where=[(r[i], sp.Sum(w[j] * x[i, j], (j, 0, d - 1)) + b - y[i])],
                   wrt=[w, b], name="linear_regression")


def logistic_regression() -> Compiled:
    """Mean negative log likelihood of a binary classifier, from the textbook formula, with an L2 penalty."""
    x, y, w = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("w", shape=(d,))
    b, lam, p = sp.Symbol("b", real=True), sp.Symbol("lambda", real=True), sp.IndexedBase("p")
    likelihood = sp.Sum(y[i] * sp.log(p[i]) + (1 - y[i]) * sp.log(1 - p[i]), (i, 0, n - 1))
    return compile(-likelihood / n + lam * sp.Sum(w[j] ** 2, (j, 0, d - 1)),
                   where=[(p[i], 1 / (1 + sp.exp(-sp.Sum(w[j] * x[i, j], (j, 0, d - 1)) - b)))], wrt=[w, b], name="logistic_regression")


def softmax_regression() -> Compiled:
    """Mean cross-entropy of a softmax classifier with integer labels."""
    x, W = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("W", shape=(K, d))
    b, y = sp.IndexedBase("b", shape=(K,)), sp.IndexedBase("y", shape=(n,))
    a, P = sp.IndexedBase("a"), sp.IndexedBase("P")
    return compile(-sp.Sum(sp.log(P[i, y[i]]), (i, 0, n - 1)) / n,
                   where=[(a[i, c], sp.Sum(W[c, j] * x[i, j], (j, 0, d - 1)) + b[c]),
                          (P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))],
                   wrt=[W, b], name="softmax_regression")


def two_layer_net() -> Compiled:
    """Sum of squares of a two-layer tanh network in matrix notation."""
    X, W1, b1 = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("W1", d, h), sp.MatrixSymbol("b1", 1, h)
    W2, Y, H = sp.MatrixSymbol("W2", h, K), sp.MatrixSymbol("Y", n, K), sp.MatrixSymbol("H", n, h)
    R = H * W2 - Y
    return compile(sp.Trace(R.T * R) / n, where=[(H, (X * W1 + sp.OneMatrix(n, 1) * b1).applyfunc(sp.tanh))],
                   wrt=[W1, b1, W2], name="two_layer_net")


def relu_classifier() -> Compiled:
    """A ReLU network with softmax cross-entropy on integer labels and an L2 penalty on the weights."""
    x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))
    W1, b1 = sp.IndexedBase("W1", shape=(d, h)), sp.IndexedBase("b1", shape=(h,))
    W2, b2 = sp.IndexedBase("W2", shape=(h, K)), sp.IndexedBase("b2", shape=(K,))
    lam = sp.Symbol("lambda", real=True)
    z, a, P = sp.IndexedBase("z"), sp.IndexedBase("a"), sp.IndexedBase("P")
    penalty = sp.Sum(W1[j, m] ** 2, (m, 0, h - 1), (j, 0, d - 1)) + sp.Sum(W2[m, c] ** 2, (c, 0, K - 1), (m, 0, h - 1))
    return compile(-sp.Sum(sp.log(P[i, y[i]]), (i, 0, n - 1)) / n + lam * penalty,
                   where=[(z[i, m], sp.Max(0, sp.Sum(x[i, j] * W1[j, m], (j, 0, d - 1)) + b1[m])),
                          (a[i, c], sp.Sum(z[i, m] * W2[m, c], (m, 0, h - 1)) + b2[c]),
                          (P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))],
                   wrt=[W1, b1, W2, b2], name="relu_classifier")


def hinge_classifier() -> Compiled:
    """Multi-class hinge loss of a linear classifier."""
    x, y, W = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("W", shape=(K, d))
    s = sp.IndexedBase("s")
    margin = sp.Piecewise((sp.Max(0, s[i, c] - s[i, y[i]] + 1), sp.Ne(c, y[i])), (0, True))
    return compile(sp.Sum(margin, (c, 0, K - 1), (i, 0, n - 1)) / n, where=[(s[i, c], sp.Sum(W[c, j] * x[i, j], (j, 0, d - 1)))],
                   wrt=W, name="hinge_classifier")


def rosenbrock() -> Compiled:
    """The chained Rosenbrock function."""
    x = sp.IndexedBase("x", shape=(n,))
    return compile(sp.Sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2, (i, 0, n - 2)), wrt=x, name="rosenbrock")


def gaussian_mixture() -> Compiled:
    """Negative log likelihood of a one-dimensional mixture of Gaussians with softmax weights."""
    x, mu = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("mu", shape=(K,))
    s, alpha = sp.IndexedBase("s", shape=(K,)), sp.IndexedBase("alpha", shape=(K,))
    weight = sp.exp(alpha[c]) / sp.Sum(sp.exp(alpha[k]), (k, 0, K - 1))
    density = weight * sp.exp(-((x[i] - mu[c]) * sp.exp(-s[c])) ** 2 / 2 - s[c]) / sp.sqrt(2 * sp.pi)
    return compile(-sp.Sum(sp.log(sp.Sum(density, (c, 0, K - 1))), (i, 0, n - 1)), wrt=[alpha, mu, s], name="gaussian_mixture")


def autoencoder() -> Compiled:
    """Reconstruction error of a one-layer autoencoder with tied weights."""
    X, W = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("W", d, h)
    H = sp.MatrixSymbol("H", n, h)
    R = H * W.T - X
    return compile(sp.Trace(R.T * R) / n, where=[(H, (X * W).applyfunc(lambda v: 1 / (1 + sp.exp(-v))))], wrt=W, name="autoencoder")


def boltzmann_energy() -> Compiled:
    """E(x, h) = -h^T W x - c^T x - b^T h."""
    x, W, v = sp.MatrixSymbol("x", d, 1), sp.MatrixSymbol("W", h, d), sp.MatrixSymbol("v", h, 1)
    b, e = sp.MatrixSymbol("b", h, 1), sp.MatrixSymbol("e", d, 1)
    return compile(-v.T * W * x - e.T * x - b.T * v, wrt=[W, e, b], name="boltzmann_energy")


def batch_norm() -> Compiled:
    """Squared error after batch normalisation in training mode: mean and variance depend on the samples."""
    x, t = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("t", shape=(n, d))
    gamma, beta = sp.IndexedBase("gamma", shape=(d,)), sp.IndexedBase("beta", shape=(d,))
    mu, var, z = sp.IndexedBase("mu"), sp.IndexedBase("var"), sp.IndexedBase("z")
    return compile(sp.Sum((gamma[j] * z[i, j] + beta[j] - t[i, j]) ** 2, (j, 0, d - 1), (i, 0, n - 1)),
                   where=[(mu[j], sp.Sum(x[i, j], (i, 0, n - 1)) / n), (var[j], sp.Sum((x[i, j] - mu[j]) ** 2, (i, 0, n - 1)) / n),
                          (z[i, j], (x[i, j] - mu[j]) / sp.sqrt(var[j] + sp.Float("1e-5")))],
                   wrt=[gamma, beta, x], name="batch_norm")


def convolution() -> Compiled:
    """Squared error of a one-dimensional convolution."""
    x, w, y = sp.IndexedBase("x", shape=(n + k_size - 1,)), sp.IndexedBase("w", shape=(k_size,)), sp.IndexedBase("y", shape=(n,))
    r = sp.IndexedBase("r")
    return compile(sp.Sum(r[i] ** 2, (i, 0, n - 1)), where=[(r[i], sp.Sum(x[i + j] * w[j], (j, 0, k_size - 1)) - y[i])],
                   wrt=[w, x], name="convolution")


k_size = sp.Symbol("s", integer=True, positive=True)


def speelpenning(count: int = 8) -> Compiled:
    """The product x1 ... xn, whose gradient costs 3n multiplications."""
    xs = sp.symbols(f"x1:{count + 1}", real=True)
    return compile(sp.Mul(*xs), wrt=list(xs), name="speelpenning")


MODELS: dict[str, Callable[[], Compiled]] = {
    function.__name__: function
    for function in (logistic_loss, neuron, linear_regression, logistic_regression, softmax_regression, two_layer_net, relu_classifier,
                     hinge_classifier, rosenbrock, gaussian_mixture, autoencoder, boltzmann_energy, batch_norm, convolution, speelpenning)
}
"""Every example model by name."""
