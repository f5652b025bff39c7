"""R1 … R6: penalties on weights, dropout and batch normalisation."""

from __future__ import annotations

import numpy as np
import sympy as sp

from symgrad import nn
from symgrad.compiler import Compiled, compile
from symgrad.gallery.entries import Fact, Figure, Formula, Parts, entry
from symgrad.optim import Adam
from symgrad.train import Model, fit, init

n, d, h, K = sp.symbols("n d h K", integer=True, positive=True)
i, j, c, m = sp.symbols("i j c m", integer=True)
W = sp.IndexedBase("W", shape=(K, d))
W0 = np.array([[1.5, -0.2, 0.0], [-1.0, 0.4, 2.0]])
ONE_BIG, ALL_EQUAL = np.array([[1.0, 0.0, 0.0, 0.0]]), np.full((1, 4), 0.25)


def preference(penalty: Compiled) -> Parts:
    """The lecture's example: x = (1, 1, 1, 1) cannot tell w1 = (1, 0, 0, 0) from w2 = (1/4, …); the penalty may."""
    x = np.ones(4)
    yield Fact("w1^T x and w2^T x", [1, 1], [float(ONE_BIG[0] @ x), float(ALL_EQUAL[0] @ x)])
    found = penalty(W=ONE_BIG), penalty(W=ALL_EQUAL)
    liked = "w2" if found[1] < found[0] else "w1" if found[0] < found[1] else "neither"
    yield Fact(f"penalties of w1 and w2; it prefers {liked}", [1.0, np.sum(ALL_EQUAL**2)] if liked == "w2" else [1.0, 1.0], list(found),
               source="by hand")
    names = ("w1 = (1, 0, 0, 0)", "w2 = (1/4, 1/4, 1/4, 1/4)")
    yield Figure(f"{penalty.name} of two weights that x cannot tell apart", lambda ax: ax.bar(names, found),
                 tuple(f"{name}: {one:g}" for name, one in zip(names, found, strict=True)))


@entry("R1", "L2 regularization", "BE")
def l2() -> Parts:
    """sum W^2 over weights and not over biases, with gradient 2 W: a Gaussian prior under MAP estimation."""
    f = compile(nn.l2(W), wrt=W, name="l2_penalty")
    yield Formula(f, {"W": W0})
    yield Fact("gradient 2 W", 2 * W0, f.grad(W=W0))
    layer = nn.dense(sp.IndexedBase("x", shape=(n, d))[i, j], (c, K))
    bias = next(s for s, role in layer.parameters.items() if role == "bias")
    yield Fact("the bias of a layer is not in it", True, not nn.l2(layer.parameters).has(bias))
    w, s = sp.symbols("w s", positive=True)
    prior = -sp.log(sp.exp(-w**2 / (2 * s**2)) / (s * sp.sqrt(2 * sp.pi)))
    gauss = compile(prior, wrt=w)
    yield Fact("the slope of -log N(w; 0, s^2) is that of w^2/(2 s^2)", 0.7 / 0.5**2, gauss.grad(w=0.7, s=0.5), source="by hand")
    yield from preference(f)


@entry("R2", "L1 regularization", "BE")
def l1() -> Parts:
    """sum |W|, with gradient sign(W), 0 at 0: a Laplace prior; unlike L2 it makes some weights exactly 0."""
    f = compile(nn.l1(W), wrt=W, name="l1_penalty")
    yield Formula(f, {"W": W0 + 0.1})
    yield Fact("gradient sign(W), with sign(0) = 0", np.sign(W0), f.grad(W=W0))
    w, t, lam, s = sp.symbols("w t lambda s", real=True)
    laplace = compile(-sp.log(sp.exp(-sp.Abs(w) / s) / (2 * s)), wrt=w)
    yield Fact("the slope of -log Laplace(w; 0, s) is sign(w)/s", -2.0, laplace.grad(w=-0.7, s=0.5), source="by hand")
    sparse, round_ = (compile((w - t) ** 2 / 2 + lam * penalty(w), wrt=w) for penalty in (nn.l1, nn.l2))
    at = {"t": 0.2, "lambda": 0.3}
    sides = [sparse.grad(w=v, **at) for v in (-1e-9, 1e-9)]
    yield Fact("(w - 0.2)^2/2 + 0.3 |w| is least at exactly 0: its slopes there have both signs", True, sides[0] < 0 < sides[1])
    yield Fact("with 0.3 w^2 the minimum is not at 0", True, round_.grad(w=0.0, **at) != 0)
    yield from preference(f)


@entry("R3", "Elastic net", "E")
def elastic_net() -> Parts:
    """sum beta W^2 + |W|."""
    beta = sp.Symbol("beta", real=True)
    f = compile(nn.elastic_net(W, beta), wrt=W, name="elastic_net")
    yield Formula(f, {"W": W0 + 0.1, "beta": 0.4})
    yield Fact("value", np.sum(0.4 * W0**2 + np.abs(W0)), f(W=W0, beta=0.4), source="NumPy")
    yield Fact("gradient 2 beta W + sign(W)", 0.8 * W0 + np.sign(W0), f.grad(W=W0, beta=0.4), source="by hand")


@entry("R4", "The general penalty |w|^q", "B")
def lq() -> Parts:
    """sum |w|^q for any q: 1 is the lasso, 2 the ridge."""
    q = sp.Symbol("q", positive=True)
    f = compile(nn.lq(W, q), wrt=W, name="lq_penalty")
    yield Formula(f, {"W": W0 + 0.1, "q": 1.5})
    moved = W0 + 0.1
    for power in (0.5, 1.0, 2.0, 4.0):
        yield Fact(f"q = {power:g}: value", np.sum(np.abs(moved) ** power), f(W=moved, q=power), source="NumPy")
        yield Fact(f"q = {power:g}: gradient", power * np.sign(moved) * np.abs(moved) ** (power - 1), f.grad(W=moved, q=power), source="NumPy")
    grid = np.linspace(-1.5, 1.5, 301)
    yield Figure("|w|^q", lambda ax: [ax.plot(grid, np.abs(grid) ** p, label=f"q = {p:g}") for p in (0.5, 1, 2, 4)],
                 tuple(f"q = {p:g}: {0.5**p:.4g} at w = 1/2" for p in (0.5, 1, 2, 4)))


@entry("R5", "Dropout", "BE")
def dropout() -> Parts:
    """Hidden units are multiplied by a random mask of mean 1 in training, and by 1 in predictions."""
    model, data = masked_net()
    at = {name: np.asarray(value) for name, value in model.loss.example().items()}
    yield Formula(model, at)
    fitted = fit(model, data, optimizer=Adam(0.02), epochs=30, seed=1, progress=False)
    again = fit(masked_net()[0], data, optimizer=Adam(0.02), epochs=30, seed=1, progress=False)
    predicted, labels = fitted.predict(x=data["x"]), data["y"]
    yield Fact("two predictions are equal: no mask is drawn there", predicted, fitted.predict(x=data["x"]), source="the first")
    yield Fact("the same seed draws the same masks", fitted.params["W1"], again.params["W1"], source="the first run")
    yield Fact("it separates the classes", True, bool(((predicted > 0.5) == labels).mean() > 0.9))
    sampler = nn.Dropout(0.5)
    masks = sampler(np.random.default_rng(2), (4000, 8))
    yield Fact("the mean of W (mask h) over masks is near W h", np.arange(8) @ np.ones(8), (masks * np.arange(8)).sum(1).mean(), rtol=0.03,
               source="no mask")


def masked_net() -> tuple[Model, dict[str, np.ndarray]]:
    """A relu layer, dropout at 1/2, a sigmoid output; and two clouds of points."""
    x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))
    first = nn.dense(x[i, j], (m, h), "1", nn.relu)
    drop = nn.dropout(first.expression, 0.5)
    w, b, p = sp.IndexedBase("w", shape=(h,)), sp.Symbol("b", real=True), sp.IndexedBase("p")
    where = [*first.where, (p[i], nn.sigmoid(sp.Sum(w[m] * drop.expression, (m, 0, h - 1)) + b))]
    begin = {"weight": init.he_normal(), "bias": init.zeros()}
    model = Model(loss=nn.binary_cross_entropy(p[i], y[i], (i, 0, n - 1)) / n, where=where, prediction=p, sample_index=i, random=drop.random,
                  params={**{s: begin[role] for s, role in first.parameters.items()}, w: init.normal(0.3), b: init.zeros()}, sizes={h: 16},
                  name="dropout_net")
    rng = np.random.default_rng(17)
    labels = rng.integers(0, 2, 120).astype(float)
    return model, {"x": rng.normal(size=(120, 2)) + 2.5 * labels[:, None], "y": labels}


@entry("R6", "Batch normalisation as a regularizer", "BCE")
def batch_norm() -> Parts:
    """gamma (x - mean)/sqrt(variance + epsilon) + beta: a layer whose output has mean beta and variance gamma^2 (see D2 for its gradient)."""
    x = sp.IndexedBase("x", shape=(n, d))
    layer = nn.batch_norm(x[i, j])
    f = compile(nn.squared_error(layer.expression, 0, [(j, 0, d - 1), (i, 0, n - 1)]) / n, where=layer.where, wrt=[*layer.parameters, x],
                name="normalised_energy")
    out = compile(layer.expression, outputs=(i, j), where=layer.where, wrt=x)
    rng = np.random.default_rng(18)
    at = {"gamma": np.array([1.5, 0.5]), "beta": np.array([-1.0, 2.0]), "x": 10 + 3 * rng.normal(size=(50, 2))}
    yield Formula(f, at)
    y = out(**at)
    yield Fact("means of the output: beta", at["beta"], y.mean(0), source="beta")
    yield Fact("standard deviations of the output: gamma", at["gamma"], y.std(0), rtol=1e-5, source="gamma")
    yield Fact("the size of the input does not matter", y, out(**{**at, "x": 1000 * at["x"]}), rtol=1e-5, source="the input as it was")
