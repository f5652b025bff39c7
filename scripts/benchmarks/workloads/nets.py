"""Networks: the lecture's two layers, a classifier of three, and ten layers with batch normalisation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import sympy as sp

import symgrad as sg
from benchmarks.workload import Workload

n, D, H, C = sp.symbols("n D H C", integer=True, positive=True)
i, j, k, m, c = sp.symbols("i j k m c", integer=True)

# ---------------------------------------------------------------------- two layers, sum of squares


def declare_two_layers():
    x, y = sp.MatrixSymbol("x", n, D), sp.MatrixSymbol("y", n, C)
    w1, w2 = sp.MatrixSymbol("w1", D, H), sp.MatrixSymbol("w2", H, C)
    r = (x * w1).applyfunc(lambda v: 1 / (1 + sp.exp(-v))) * w2 - y
    return sg.compile(sp.Trace(r.T * r), wrt=[w1, w2], name="two_layers")


def two_layers_inputs(rng, n, D, H, C):
    return {"x": rng.normal(size=(n, D)), "y": rng.normal(size=(n, C)), "w1": 0.1 * rng.normal(size=(D, H)), "w2": rng.normal(size=(H, C))}


def two_layers_by_hand(x, y, w1, w2):
    h = 1 / (1 + np.exp(-(x @ w1)))
    r = h @ w2 - y
    grad_r = 2 * r
    grad_h = grad_r @ w2.T
    return np.square(r).sum(), x.T @ (grad_h * h * (1 - h)), h.T @ grad_r


def two_layers_formula(m, x, y, w1, w2):
    return m.sum((m.sigmoid(x @ w1) @ w2 - y) ** 2)


# ---------------------------------------------------------------------- three layers, softmax cross-entropy, L2

PERCEPTRON = ("W1", "b1", "W2", "b2", "W3", "b3")


def declare_perceptron():
    widths = sp.symbols("d0:4", integer=True, positive=True)
    x, label, lam = sp.IndexedBase("x", shape=(n, widths[0])), sp.IndexedBase("y", shape=(n,)), sp.Symbol("lambda", real=True)
    W = [sp.IndexedBase(f"W{layer + 1}", shape=(widths[layer], widths[layer + 1])) for layer in range(3)]
    b = [sp.IndexedBase(f"b{layer + 1}", shape=(widths[layer + 1],)) for layer in range(3)]
    h1, h2, s, P = (sp.IndexedBase(name) for name in ("h1", "h2", "s", "P"))

    def affine(h, layer):
        return sp.Sum(h[i, j] * W[layer][j, m], (j, 0, widths[layer] - 1)) + b[layer][m]

    penalty = sum(sp.Sum(W[layer][j, m] ** 2, (m, 0, widths[layer + 1] - 1), (j, 0, widths[layer] - 1)) for layer in range(3))
    return sg.compile(-sp.Sum(sp.log(P[i, label[i]]), (i, 0, n - 1)) / n + lam * penalty,
                      where=[(h1[i, m], sp.Max(0, affine(x, 0))), (h2[i, m], sp.Max(0, affine(h1, 1))), (s[i, m], affine(h2, 2)),
                             (P[i, c], sp.exp(s[i, c]) / sp.Sum(sp.exp(s[i, k]), (k, 0, widths[3] - 1)))],
                      wrt=[W[0], b[0], W[1], b[1], W[2], b[2]], name="perceptron")


def perceptron_inputs(rng, n, widths):
    inputs = {"x": rng.normal(size=(n, widths[0])), "y": rng.integers(0, widths[3], n)}
    for layer in range(3):
        inputs[f"W{layer + 1}"] = rng.normal(size=(widths[layer], widths[layer + 1])) * np.sqrt(2 / widths[layer])
        inputs[f"b{layer + 1}"] = 0.1 * rng.normal(size=widths[layer + 1])
    return {**inputs, "lambda": 1e-4}


def perceptron_by_hand(x, y, W1, b1, W2, b2, W3, b3, lam):
    h1 = np.maximum(x @ W1 + b1, 0)
    h2 = np.maximum(h1 @ W2 + b2, 0)
    s = h2 @ W3 + b3
    s = s - s.max(axis=1, keepdims=True)
    e = np.exp(s)
    total = e.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    value = np.mean(np.log(total[:, 0]) - s[rows, y]) + lam * (np.sum(W1**2) + np.sum(W2**2) + np.sum(W3**2))
    g3 = e / total
    g3[rows, y] -= 1
    g3 /= len(y)
    g2 = (g3 @ W3.T) * (h2 > 0)
    g1 = (g2 @ W2.T) * (h1 > 0)
    return (value, x.T @ g1 + 2 * lam * W1, g1.sum(axis=0), h1.T @ g2 + 2 * lam * W2, g2.sum(axis=0),
            h2.T @ g3 + 2 * lam * W3, g3.sum(axis=0))


def perceptron_formula(m, x, y, W1, b1, W2, b2, W3, b3, **rest):
    s = m.relu(m.relu(x @ W1 + b1) @ W2 + b2) @ W3 + b3
    penalty = m.sum(W1 * W1) + m.sum(W2 * W2) + m.sum(W3 * W3)
    return -m.mean(m.log_softmax(s)[m.arange(x.shape[0]), y]) + rest["lambda"] * penalty


# ---------------------------------------------------------------------- ten layers with batch normalisation, squared error

DEPTH, EPSILON = 10, 1e-5
NORMALISED = tuple(f"{name}{layer}" for layer in range(1, DEPTH + 1) for name in ("W", "gamma", "beta"))


def declare_normalised():
    x, y = sp.IndexedBase("x", shape=(n, D)), sp.IndexedBase("y", shape=(n, D))
    h, wrt, where = x, [], []
    for layer in range(1, DEPTH + 1):
        W = sp.IndexedBase(f"W{layer}", shape=(D, D))
        gamma, beta = sp.IndexedBase(f"gamma{layer}", shape=(D,)), sp.IndexedBase(f"beta{layer}", shape=(D,))
        a, mu, var, out = (sp.IndexedBase(f"{name}{layer}") for name in ("a", "mu", "v", "h"))
        where += [(a[i, k], sp.Sum(h[i, j] * W[j, k], (j, 0, D - 1))), (mu[k], sp.Sum(a[i, k], (i, 0, n - 1)) / n),
                  (var[k], sp.Sum((a[i, k] - mu[k]) ** 2, (i, 0, n - 1)) / n),
                  (out[i, k], sp.Max(0, gamma[k] * (a[i, k] - mu[k]) / sp.sqrt(var[k] + EPSILON) + beta[k]))]
        wrt += [W, gamma, beta]
        h = out
    return sg.compile(sp.Sum((h[i, k] - y[i, k]) ** 2, (k, 0, D - 1), (i, 0, n - 1)) / n, wrt=wrt, where=where, name="normalised")


def normalised_inputs(rng, n, D):
    inputs = {"x": rng.normal(size=(n, D)), "y": rng.normal(size=(n, D))}
    for layer in range(1, DEPTH + 1):
        inputs[f"W{layer}"] = rng.normal(size=(D, D)) / np.sqrt(D)
        inputs[f"gamma{layer}"], inputs[f"beta{layer}"] = rng.uniform(0.5, 1.5, D), 0.1 * rng.normal(size=D)
    return inputs


def normalised_by_hand(x, y, *layers):
    kept, h = [], x
    for W, gamma, beta in zip(layers[0::3], layers[1::3], layers[2::3], strict=True):
        a = h @ W
        centred = a - a.mean(axis=0)
        scale = 1 / np.sqrt((centred**2).mean(axis=0) + EPSILON)
        z = centred * scale
        out = np.maximum(gamma * z + beta, 0)
        kept.append((h, W, gamma, scale, z, out))
        h = out
    r = h - y
    value, g, gradients = np.sum(r**2) / len(x), 2 * r / len(x), []
    for h, W, gamma, scale, z, out in reversed(kept):
        g = g * (out > 0)
        grad_gamma, grad_beta = (g * z).sum(axis=0), g.sum(axis=0)
        g = gamma * scale * (g - grad_beta / len(x) - z * grad_gamma / len(x))
        gradients = [h.T @ g, grad_gamma, grad_beta, *gradients]
        g = g @ W.T
    return value, *gradients


def normalised_formula(m, x, y, **layers):
    h = x
    for layer in range(1, DEPTH + 1):
        a = h @ layers[f"W{layer}"]
        centred = a - m.mean(a, axis=0)
        z = centred / m.sqrt(m.mean(centred**2, axis=0) + EPSILON)
        h = m.relu(layers[f"gamma{layer}"] * z + layers[f"beta{layer}"])
    return m.sum((h - y) ** 2) / x.shape[0]


MLP = Workload("mlp", "784–256–128–10, batch 128, ReLU, softmax CE, L2", PERCEPTRON, declare_perceptron, perceptron_inputs, perceptron_by_hand,
               perceptron_formula, {"n": 128, "widths": (784, 256, 128, 10)}, {"n": 6, "widths": (5, 4, 3, 3)}, 0.50, "0.41")
WORKLOADS = (
    Workload("two-layers", "two-layer net N = 64, 1000–100–10", ("w1", "w2"), declare_two_layers, two_layers_inputs, two_layers_by_hand,
             two_layers_formula, {"n": 64, "D": 1000, "H": 100, "C": 10}, {"n": 6, "D": 5, "H": 4, "C": 3}, 1.05, "1.03"),
    MLP,
    replace(MLP, name="mlp-float32", title="the MLP in float32", bound=0.90, reached="0.87", single=True),
    Workload("batch-norm", "10 × 128 net with batch norm, batch 256", NORMALISED, declare_normalised, normalised_inputs, normalised_by_hand,
             normalised_formula, {"n": 256, "D": 128}, {"n": 7, "D": 3}, 0.55, "0.46"),
)
