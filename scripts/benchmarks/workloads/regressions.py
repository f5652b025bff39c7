"""Scalar logistic loss, logistic regression and its Hessian, and a non-linear regression."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import sympy as sp

import symgrad as sg
from benchmarks.workload import HESSIAN, Term, Workload

n, d = sp.symbols("n d", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)

# ---------------------------------------------------------------------- logistic loss at a point


def _point_loss():
    W, X, y = sp.symbols("W X y", real=True)
    return -y * sp.log(1 / (1 + sp.exp(-W * X))), W, X, y


def declare_point():
    loss, W, _, _ = _point_loss()
    return sg.compile(loss, wrt=W, name="logistic_point")


def point_inputs(rng):
    return {"W": 0.7, "X": 1.3, "y": 1.0}


def point_by_hand(W, X, y):
    p = 1 / (1 + np.exp(-W * X))
    return -y * np.log(p), -y * X * (1 - p)


def point_formula(m, W, X, y):
    return -y * m.log_sigmoid(W * X)


def point_term():
    loss, W, X, y = _point_loss()
    return Term(loss, {"W": [W]}, constants={"X": X, "y": y})


# ---------------------------------------------------------------------- logistic regression


def declare_logistic():
    x, y, w = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("w", shape=(d,))
    b, lam, p = sp.Symbol("b", real=True), sp.Symbol("lambda", real=True), sp.IndexedBase("p")
    likelihood = sp.Sum(y[i] * sp.log(p[i]) + (1 - y[i]) * sp.log(1 - p[i]), (i, 0, n - 1))
    return sg.compile(-likelihood / n + lam * sp.Sum(w[j] ** 2, (j, 0, d - 1)), wrt=[w, b], name="logistic_regression",
                      where=[(p[i], 1 / (1 + sp.exp(-sp.Sum(w[j] * x[i, j], (j, 0, d - 1)) - b)))])


def logistic_inputs(rng, n, d):
    x = rng.normal(size=(n, d))
    y = (x @ rng.normal(size=d) + rng.normal(size=n) > 0).astype(float)
    return {"x": x, "y": y, "w": 0.1 * rng.normal(size=d), "b": 0.1, "lambda": 1e-3}


def logistic_by_hand(x, y, w, b, lam):
    p = 1 / (1 + np.exp(-(x @ w + b)))
    value = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + lam * (w @ w)
    r = (p - y) / len(y)
    return value, x.T @ r + 2 * lam * w, r.sum()


def logistic_formula(m, x, y, w, b, **rest):
    z = x @ w + b
    return m.mean(m.softplus(z) - y * z) + rest["lambda"] * m.sum(w * w)


def declare_logistic_hessian():
    x, y, w = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("w", shape=(d,))
    lam, p = sp.Symbol("lambda", real=True), sp.IndexedBase("p")
    likelihood = sp.Sum(y[i] * sp.log(p[i]) + (1 - y[i]) * sp.log(1 - p[i]), (i, 0, n - 1))
    return sg.compile(-likelihood / n + lam * sp.Sum(w[j] ** 2, (j, 0, d - 1)), wrt=w, name="logistic_regression",
                      where=[(p[i], 1 / (1 + sp.exp(-sp.Sum(w[j] * x[i, j], (j, 0, d - 1)))))])


def hessian_inputs(rng, n, d):
    inputs = logistic_inputs(rng, n, d)
    del inputs["b"]
    return inputs


def logistic_hessian_by_hand(x, y, w, lam):
    p = 1 / (1 + np.exp(-(x @ w)))
    return x.T @ ((p * (1 - p) / len(y))[:, None] * x) + 2 * lam * np.eye(len(w))


def hessian_formula(m, x, y, w, **rest):
    return logistic_formula(m, x, y, w, 0.0, **rest)


# ---------------------------------------------------------------------- a damped oscillation and a step, eight parameters

CURVE = ("a", "b", "omega", "phi", "c", "d", "e", "g")


def _curve_loss():
    a, b, omega, phi, c, d, e, g, t, y = sp.symbols("a b omega phi c d e g t y", real=True)
    return (a * sp.exp(-b * t) * sp.cos(omega * t + phi) + c * sp.tanh(d * (t - e)) + g - y) ** 2, (a, b, omega, phi, c, d, e, g), t, y


def declare_curve():
    loss, parameters, t, y = _curve_loss()
    return sg.compile(loss, wrt=parameters, batch=[t, y], reduce="mean", name="damped_oscillation")


def curve_inputs(rng, n):
    t = np.linspace(0.0, 4.0, n)
    y = 1.5 * np.exp(-0.6 * t) * np.cos(5.0 * t + 0.3) + 0.8 * np.tanh(2.0 * (t - 1.7)) + 0.2 + 0.05 * rng.normal(size=n)
    return {"a": 1.2, "b": 0.5, "omega": 4.6, "phi": 0.1, "c": 0.6, "d": 1.8, "e": 1.9, "g": 0.1, "t": t, "y": y}


def curve_by_hand(a, b, omega, phi, c, d, e, g, t, y):
    decay, angle = np.exp(-b * t), omega * t + phi
    wave, quadrature = decay * np.cos(angle), a * decay * np.sin(angle)
    step = np.tanh(d * (t - e))
    r = a * wave + c * step + g - y
    s, slope = 2 * r / len(t), c * (1 - step**2)
    return (np.mean(r**2), s @ wave, -a * ((s * wave) @ t), -((s * quadrature) @ t), -(s @ quadrature),
            s @ step, (s * slope) @ (t - e), -d * (s @ slope), s.sum())


def curve_formula(m, a, b, omega, phi, c, d, e, g, t, y):
    return m.mean((a * m.exp(-b * t) * m.cos(omega * t + phi) + c * m.tanh(d * (t - e)) + g - y) ** 2)


def curve_term():
    loss, parameters, t, y = _curve_loss()
    return Term(loss, {symbol.name: [symbol] for symbol in parameters}, {"t": t, "y": y})


POINT = Workload("point", "scalar logistic loss at a point", ("W",), declare_point, point_inputs, point_by_hand, point_formula,
                 bound=0.50, reached="0.36", term=point_term)
LOGISTIC = Workload("logistic", "logistic regression 10⁵ × 100, L2", ("w", "b"), declare_logistic, logistic_inputs, logistic_by_hand,
                    logistic_formula, {"n": 100_000, "d": 100}, {"n": 12, "d": 4}, 0.80, "0.5–0.74")
HESSIAN_ROW = Workload("hessian", "Hessian of logistic regression 2000 × 200", ("w",), declare_logistic_hessian, hessian_inputs,
                       logistic_hessian_by_hand, hessian_formula, {"n": 2000, "d": 200}, {"n": 12, "d": 4}, 1.1, kind=HESSIAN)
CURVE_ROW = Workload("curve-1e6", "non-linear regression, 8 parameters, n = 10⁶", CURVE, declare_curve, curve_inputs, curve_by_hand,
                     curve_formula, {"n": 1_000_000}, {"n": 20}, 0.08, "0.07", term=curve_term)
WORKLOADS = (
    POINT, LOGISTIC, HESSIAN_ROW,
    replace(CURVE_ROW, name="curve-1e2", title="non-linear regression, n = 10²", sizes={"n": 100}, bound=0.75, reached="0.68"),
    replace(CURVE_ROW, name="curve-1e4", title="non-linear regression, n = 10⁴", sizes={"n": 10_000}, bound=0.15, reached="0.12"),
    CURVE_ROW,
)
