"""D1, D2: normalising inputs, and normalising layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from symgrad import nn
from symgrad.check import numeric_gradient
from symgrad.compiler import compile
from symgrad.gallery.entries import Fact, Figure, Formula, Parts, Slip, entry
from symgrad.optim import SGD, Adam
from symgrad.train import MeanCancellation, Model, Standardizer, Whitening, fit, init

n, d = sp.symbols("n d", integer=True, positive=True)
i, j, k = sp.symbols("i j k", integer=True)
x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))


def linear_fit(X: np.ndarray, target: np.ndarray, rate: float, steps: int) -> np.ndarray:
    """The loss at every step of gradient descent on a linear model without intercept."""
    w = sp.IndexedBase("w", shape=(d,))
    f = compile(nn.squared_error(sp.Sum(w[j] * x[i, j], (j, 0, d - 1)), y[i], (i, 0, n - 1)) / n, wrt=w)
    optimizer, params = SGD(rate), {"w": np.zeros(X.shape[1])}
    state, losses = optimizer.init(params), []
    for _ in range(steps):
        value, gradient = f.value_and_grad(**params, x=X, y=target)
        losses.append(float(value))
        params, state = optimizer.step(params, {"w": gradient}, state)
    return np.array(losses)


@entry("D1", "Mean cancellation, scaling, decorrelation", "ABCD")
def normalised_inputs() -> Parts:
    """Subtract each feature's training mean, divide by its standard deviation, decorrelate by Cov^(-1/2); samples are rows here and columns
    in the lecture.  Inputs of one sign make every step's slopes share a sign, which zig-zags."""
    mean, cov = sp.IndexedBase("mu"), sp.IndexedBase("C")
    f = compile(sp.Sum(cov[j, k] ** 2, (k, 0, d - 1), (j, 0, d - 1)), wrt=x, name="covariance_energy",
                where=[(mean[j], sp.Sum(x[i, j], (i, 0, n - 1)) / n),
                       (cov[j, k], sp.Sum((x[i, j] - mean[j]) * (x[i, k] - mean[k]), (i, 0, n - 1)) / n)])
    rng = np.random.default_rng(19)
    X = rng.normal(size=(300, 2)) @ np.array([[2.0, 0.8], [0.0, 0.5]]) + np.array([9.0, 6.0])
    yield Formula(f, {"x": X[:8]})
    centred, scaled, white = MeanCancellation().fit_transform(X), Standardizer().fit_transform(X), Whitening().fit_transform(X)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(X))
    yield Fact("means after the first step, standard deviations after the second", [0, 0, 1, 1], [*centred.mean(0), *scaled.std(0)])
    yield Fact("the sum of squares of the covariance", np.sum(np.cov(X.T, bias=True) ** 2), f(x=X), source="numpy.cov")
    yield Fact("after decorrelation the covariance is the identity", 2.0, f(x=white), source="Cov = I")
    yield Fact("whitened columns, as in the lecture: the same numbers", (vectors / np.sqrt(values) @ vectors.T @ centred.T).T, white)
    yield Figure("decorrelation", lambda ax: [ax.scatter(*part.T, s=6, label=name) for name, part in (
        ("mean cancelled", centred), ("unit variance", scaled), ("decorrelated", white))],
        tuple(f"{name}: correlation {np.asarray(np.corrcoef(part.T))[0, 1]:.3g}" for name, part in (("before", X), ("after", white))))
    yield from zigzag(np.abs(X), white)
    target = X @ np.array([1.0, -1.0])
    raw, normal = (linear_fit(data, target - target.mean(), rate, 60) for data, rate in ((X, 0.004), (scaled, 0.3)))
    yield Fact("normalised inputs are learned faster", True, bool(normal[-1] < 0.05 * raw[-1]))
    yield Figure("loss against step", lambda ax: [ax.semilogy(one, label=name) for name, one in (("raw", raw), ("normalised", normal))],
                 (f"after 60 steps: raw {raw[-1]:.3g}, normalised {normal[-1]:.3g}",))


def zigzag(positive: np.ndarray, white: np.ndarray) -> Parts:
    """Steps by one sample at a time towards w = (1, -1), with inputs of one sign and with decorrelated ones."""
    walks = {name: walked(data, data @ np.array([1.0, -1.0]), rate) for name, data, rate in (
        ("inputs of one sign", positive, 0.004), ("decorrelated inputs", white, 0.1))}
    share = {name: float(np.mean(np.prod(np.diff(walk, axis=0), axis=1) > 0)) for name, walk in walks.items()}
    yield Fact("inputs of one sign: the share of steps in which both weights move the same way", 1.0, share["inputs of one sign"], source="zig-zag")
    yield Fact("decorrelated inputs: half of the steps are others", 0.5, share["decorrelated inputs"], atol=0.15, source="signs are independent")
    yield Figure("the way from (0, 0) towards (1, -1), one sample a step",
                 lambda ax: [ax.plot(*walk.T, ".-", label=name) for name, walk in walks.items()],
                 tuple(f"{name}: both weights move the same way in {share[name]:.0%} of the steps, and end {np.hypot(*(walk[-1] - [1, -1])):.2f} away"
                       for name, walk in walks.items()))


def walked(X: np.ndarray, target: np.ndarray, rate: float, steps: int = 40) -> np.ndarray:
    """The weights of a linear model before the first step by one sample and after each."""
    w = sp.IndexedBase("w", shape=(d,))
    f = compile(nn.squared_error(sp.Sum(w[j] * x[i, j], (j, 0, d - 1)), y[i], (i, 0, n - 1)) / n, wrt=w)
    optimizer, found = SGD(rate), [np.zeros(2)]
    state = optimizer.init({"w": found[0]})
    for q in range(steps):
        params, state = optimizer.step({"w": found[-1]}, {"w": f.grad(w=found[-1], x=X[q:q + 1], y=target[q:q + 1])}, state)
        found.append(params["w"])
    return np.array(found)


@entry("D2", "Batch normalisation with its backward pass", "AC", slips=1)
def batch_norm() -> Parts:
    """Training mode: mean and variance of the mini-batch, normalise, scale and shift; the gradient runs through mean and variance.
    Predictions use running averages."""
    rng = np.random.default_rng(20)
    X, t, gamma, beta = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), np.array([1.5, 0.7, 1.0]), np.array([0.2, -0.1, 0.0])
    layer = nn.batch_norm(x[i, j])
    target = sp.IndexedBase("t", shape=(n, d))
    f = compile(nn.squared_error(layer.expression, target[i, j], [(j, 0, d - 1), (i, 0, n - 1)]), where=layer.where,
                wrt=[*layer.parameters, x], name="batch_norm_layer")
    at = {"gamma": gamma, "beta": beta, "x": X, "t": t}
    yield Formula(f, at)
    found = f.grads(**at)
    for name, want in lecture_backward(X, t, gamma, beta, len(X)).items():
        yield Fact(f"dl/d{name}, with m for m - 1", want, found[name], source="the lecture's lines")
    numeric = np.asarray(numeric_gradient(f, at, "x"))
    place = np.unravel_index(np.argmax(np.abs(numeric - lecture_backward(X, t, gamma, beta, 4)["x"])), X.shape)
    yield Slip("C", "dl/dx has 2 (x - mean)/(m - 1) beside a variance divided by m", "2 (x - mean)/m",
               derived=float(found["x"][place]), decides=float(numeric[place]), printed=float(lecture_backward(X, t, gamma, beta, 4)["x"][place]),
               number="numeric dl/dx where they differ most")
    yield Fact("the m - 1 in dl/d mean is harmless: the sum of x - mean is", 0.0, float(np.abs((X - X.mean(0)).sum(0)).max()), source="zero")
    yield from _running()


def lecture_backward(X: np.ndarray, t: np.ndarray, gamma: np.ndarray, beta: np.ndarray, divisor: int) -> dict[str, np.ndarray]:
    """The lecture's lines of the backward pass for the sum of (y - t)^2; it prints divisor = m - 1."""
    count, eps = len(X), 1e-5
    mean, var = X.mean(0), X.var(0)
    normal = (X - mean) / np.sqrt(var + eps)
    slope = 2 * (gamma * normal + beta - t)
    inner = slope * gamma
    to_var = np.sum(inner * (X - mean) * -0.5 * (var + eps) ** -1.5, 0)
    to_mean = np.sum(inner * -1 / np.sqrt(var + eps), 0) + to_var * np.sum(-2 * (X - mean), 0) / divisor
    return {"gamma": np.sum(slope * normal, 0), "beta": np.sum(slope, 0),
            "x": inner / np.sqrt(var + eps) + to_var * 2 * (X - mean) / divisor + to_mean / count}


def _running() -> Parts:
    """Running averages: the prediction of one sample alone is that of the trained statistics."""
    layer = nn.batch_norm(x[i, j])
    w, out = sp.IndexedBase("w", shape=(d,)), sp.IndexedBase("f", shape=(n,))
    loss: Any = nn.squared_error(out[i], y[i], (i, 0, n - 1)) / n
    model = Model(loss=loss, where=[*layer.where, (out[i], sp.Sum(w[j] * layer.expression, (j, 0, d - 1)))], prediction=out, sample_index=i,
                  params={**{s: init.ones() if role == "scale" else init.zeros() for s, role in layer.parameters.items()}, w: init.normal(0.5)},
                  averages=dict.fromkeys(layer.averages, 0.9))
    rng = np.random.default_rng(21)
    X = 4 + 2 * rng.normal(size=(256, 2))
    fitted = fit(model, {x: X, y: X @ np.array([1.0, -0.5]) - 2}, optimizer=Adam(0.05), epochs=20, batch_size=32, progress=False)
    yield Fact("running means are near those of the data", X.mean(0), fitted.averages["mu"], rtol=0.1, source="the training set")
    yield Fact("one sample alone is predicted as among others", fitted.predict(x=X[:10])[:1], fitted.predict(x=X[:1]), source="among ten")
