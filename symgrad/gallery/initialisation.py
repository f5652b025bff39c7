"""I1 … I5: how weights begin, good and bad, and how variance passes through layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from symgrad import nn
from symgrad.compiler import Compiled, compile
from symgrad.gallery.entries import Fact, Figure, Formula, Parts, Slip, entry
from symgrad.gallery.models import MODELS
from symgrad.optim import SGD
from symgrad.train import Model, fans, fit, init, product_variance, propagated_variances

n, d, h, K = sp.symbols("n d h K", integer=True, positive=True)
i, j, c, m = sp.symbols("i j c m", integer=True)
Draw = Any
"""An initializer of symgrad.init."""


def scale_of(initializer: Draw, fan_in: int, fan_out: int, normal: bool) -> float:
    """The factor between what an initializer draws and the plain numbers it draws it from: a standard normal, or ±1."""
    shape = (3, 4)
    plain = np.random.default_rng(5).normal(size=shape) if normal else np.random.default_rng(5).uniform(-1, 1, shape)
    return float(np.mean(initializer(shape, np.random.default_rng(5), fan_in, fan_out) / plain))


def classifier() -> Compiled:
    """Softmax of one tanh layer, mean cross-entropy of integer labels."""
    x, y, P = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("P")
    first = nn.dense(x[i, j], (m, h), "1", nn.tanh)
    last = nn.dense(first.expression, (c, K), "2")
    return compile(nn.cross_entropy(P[i, c], y[i], (c, 0, K - 1), (i, 0, n - 1)) / n, wrt=[*first.parameters, *last.parameters],
                   where=[*first.where, *last.where, (P[i, c], nn.softmax(last.expression, c))], name="tanh_classifier")


def data(seed: int = 22) -> dict[str, np.ndarray]:
    """Thirty samples of three classes, one of them rare."""
    rng = np.random.default_rng(seed)
    labels = np.array([0] * 15 + [1] * 10 + [2] * 5)
    return {"x": rng.normal(size=(30, 4)) + labels[:, None], "y": labels}


@entry("I1", "Xavier (Glorot) initialization", "ABCD", slips=2)
def xavier() -> Parts:
    """Normal with variance 1/m or 2/(m + n), uniform between ±sqrt(6/(m + n)); the fans are read from the declaration."""
    bound, fan_in, fan_out = sp.symbols("b m n", positive=True)
    yield Formula(compile(sp.sqrt(6 / (fan_in + fan_out)), wrt=[fan_in, fan_out], name="glorot_bound"), {"m": 4.0, "n": 6.0})
    W = MODELS["relu_classifier"]().declared.program
    yield Fact("fans of W1, in x out, of a net with 8 inputs and 5 hidden units", [8, 5],
               [int(size.subs({"d": 8, "h": 5})) for size in _named(fans(W, "W1"))], source="the contracted letter is the fan-in")
    many = np.random.default_rng(23)
    for draw, variance, name in ((init.glorot_normal(), 2 / 500, "normal"), (init.glorot_uniform(), 2 / 500, "uniform")):
        drawn = draw((300, 200), many, 200, 300)
        yield Fact(f"variance of the {name} one for fans 200, 300", variance, float(drawn.var()), rtol=0.02, source="2/(m + n)")
    wanted = sp.solve(bound**2 / 3 - 2 / (fan_in + fan_out), bound)[0]
    at = {fan_in: 3, fan_out: 5}
    yield Slip("C", "U[-sqrt(6)/(m + n), sqrt(6)/(m + n)]", f"the bound whose variance b^2/3 is 2/(m + n): b = {wanted}",
               derived=float(wanted.subs(at)), decides=scale_of(init.glorot_uniform(), 3, 5, normal=False), printed=math.sqrt(6) / 8,
               number="the bound drawn from, for fans 3 and 5,")
    yield Slip("D", "the average of the two scaling factors 1/sqrt(fan)", "the fans are averaged: sqrt(2/(fan_in + fan_out))",
               derived=math.sqrt(2 / (1 + 9)), decides=scale_of(init.glorot_normal(), 1, 9, normal=True),
               printed=(1 / math.sqrt(1) + 1 / math.sqrt(9)) / 2, number="the factor drawn with, for fans 1 and 9,")


def _named(found: Any) -> list[sp.Expr]:
    """The fans with sizes by plain names."""
    return [size.xreplace({s: sp.Symbol(s.name) for s in size.free_symbols}) for size in found]


def relu_ratio(gain: float, count: int = 400, seed: int = 24) -> float:
    """The factor by which a relu layer changes the variance of pre-activations, for weights with count D(w) = gain; measured."""
    rng = np.random.default_rng(seed)
    inner = rng.normal(size=(2000, count))
    weights = rng.normal(0.0, math.sqrt(gain / count), (count, count))
    return float((np.maximum(inner, 0) @ weights).var() / inner.var())


@entry("I2", "He (Kaiming) initialization", "ACD", slips=1)
def he() -> Parts:
    """Normal with variance 2/fan_in, or 2/fan_out: relu halves the variance, the 2 makes up for it."""
    fan = sp.Symbol("m", positive=True)
    yield Formula(compile(sp.sqrt(2 / fan), wrt=fan, name="he_scale"), {"m": 4.0})
    yield Fact("the factor for fan-in 8", math.sqrt(2 / 8), scale_of(init.he_normal(), 8, 3, normal=True), source="sqrt(2/m)")
    yield Fact("the factor by fan-out 3", math.sqrt(2 / 3), scale_of(init.he_normal("out"), 8, 3, normal=True), source="sqrt(2/n)")
    u = sp.Symbol("u", real=True)
    half = sp.integrate(u**2 * sp.exp(-u**2 / 2) / sp.sqrt(2 * sp.pi), (u, 0, sp.oo))
    kept = sp.solve(half * sp.Symbol("q", positive=True) - 1)[0]
    yield Slip("C", "n D(w) = 1/2", f"relu keeps {half} of the second moment, so n D(w) = {kept}", derived=float(kept), decides=1 / relu_ratio(1.0),
               printed=0.5, number="measured n D(w) that keeps the variance,", rtol=0.02)


@entry("I3", "Sparse weights, and biases set on purpose", "A")
def special_starts() -> Parts:
    """k nonzero weights a unit; the output bias from the marginal statistics of the training set; 0.1 for the biases of relu units; units
    that gate others biased open."""
    f, at = classifier(), data()
    share = np.bincount(at["y"]) / 30
    params = {"W1": np.random.default_rng(25).normal(size=(5, 4)), "b1": np.zeros(5), "W2": np.zeros((3, 5)), "b2": init.output_bias(at["y"], "log")}
    yield Formula(f, {**params, **at})
    yield Fact("biases log(share of each class): their gradient at the start", np.zeros(3), f.grads(**params, **at)["b2"], source="zero")
    yield Fact("and the loss is the entropy of the classes", -np.sum(share * np.log(share)), f(**params, **at), source="NumPy")
    x, W = sp.MatrixSymbol("x", 200, 1), sp.MatrixSymbol("W", 50, 200)
    wide = fit(Model(loss=nn.squared_error(W * x, sp.ZeroMatrix(50, 1)), params={W: init.sparse(15)}), {"x": np.zeros(200)}, optimizer=SGD(0.0),
               epochs=1, progress=False)
    yield Fact("nonzero weights of each of 50 units", np.full(50, 15), (wide.params["W"] != 0).sum(1), source="k = 15")
    X, small = np.random.default_rng(27).normal(size=(500, 100)), np.random.default_rng(28).normal(0, 0.01, (100, 50))
    on = [float((X @ small + start((), np.random.default_rng(0), 1, 1) > 0).mean()) for start in (init.zeros(), init.relu_bias())]
    yield Fact("with bias 0.1 more relu units are on at the start", True, on[1] > on[0] + 0.2)
    gate = compile(nn.sigmoid(sp.Symbol("a", real=True) + sp.Symbol("b", real=True)), wrt="a")
    bias = float(init.open_gate()((), np.random.default_rng(0), 1, 1))
    yield Fact("a gate with the bias of init.open_gate lets pass at the start", 1 / (1 + math.exp(-1)), gate(a=0.0, b=bias), source="sigmoid(1)")


@entry("I4", "Bad starts", "BD", slips=1)
def bad_starts() -> Parts:
    """Zeros, equal weights, too large, too small: what each does to the gradients."""
    f, at = classifier(), data()
    shapes = {"W1": (5, 4), "b1": (5,), "W2": (3, 5), "b2": (3,)}
    zeros = {name: np.zeros(shape) for name, shape in shapes.items()}
    yield Formula(f, {**{name: np.random.default_rng(29).normal(size=shape) for name, shape in shapes.items()}, **at})
    found = f.grads(**zeros, **at)
    yield Fact("zeros: gradients of both weights and the hidden bias", [0, 0, 0], [float(np.abs(found[name]).max()) for name in ("W1", "W2", "b1")])
    want = (np.full((30, 3), 1 / 3) - np.eye(3)[at["y"]]).mean(0)
    yield Slip("B", "weights 0 with tanh: all gradients would be zero", "the output bias gets f(x) - e(y)", derived=float(np.abs(found["b2"]).max()),
               decides=float(np.abs(want).max()), printed=0.0, number="largest of the mean of f(x) - e(y) in NumPy,")
    equal = {"W1": np.full((5, 4), 0.3), "b1": np.full(5, 0.1), "W2": np.full((3, 5), -0.2), "b2": np.zeros(3)}
    drawn = {**equal, "W1": equal["W1"] + 0.1 * np.random.default_rng(29).normal(size=(5, 4))}
    same, apart = (first_weights(f, start, at, 50) for start in (equal, drawn))
    spread = [np.ptp(walk, axis=1).max(1) for walk in (same, apart)]
    yield Fact("equal weights stay equal through 50 steps: spread between units", 0.0, float(spread[0].max()), source="identical")
    yield Fact("though they have moved", True, bool(np.abs(same[-1] - 0.3).max() > 0.1))
    yield Figure("the weight of the first input in each hidden unit, step by step",
                 lambda ax: [ax.plot(walk[:, unit, 0], style, label="" if unit else label)
                             for walk, style, label in ((same, "C0-", "equal start"), (apart, "C1--", "random start")) for unit in range(5)],
                 tuple(f"{name} start: spread between units {one[-1]:.3g} after 50 steps"
                       for name, one in zip(("equal", "random"), spread, strict=True)))
    slopes = {scale: float(np.mean(1 - np.tanh(at["x"] @ (scale * np.random.default_rng(30).normal(size=(4, 50)))) ** 2)) for scale in (0.5, 50.0)}
    yield Fact("too large: tanh units saturate, their mean slope falls below 1/10", True, slopes[50.0] < 0.1 < slopes[0.5])
    small = {name: 1e-4 * np.random.default_rng(31).normal(size=shape) for name, shape in shapes.items()}
    yield Fact("too small: hidden gradients are of the size of the weights", True, bool(np.abs(f.grads(**small, **at)["W1"]).max() < 1e-3))


def first_weights(f: Compiled, params: dict[str, np.ndarray], data: dict[str, Any], steps: int) -> np.ndarray:
    """W1 before the first step of gradient descent and after each."""
    optimizer, found = SGD(0.5), [params["W1"]]
    state = optimizer.init(params)
    for _ in range(steps):
        params, state = optimizer.step(params, f.grads(**params, **data), state)
        found.append(params["W1"])
    return np.array(found)


def spreads(gain: float, activation: Any, layers: int, width: int = 200) -> np.ndarray:
    """The variance of the outputs of each layer for weights with width D(w) = gain, starting with unit variance."""
    rng = np.random.default_rng(32)
    value, found = rng.normal(size=(1000, width)), []
    for _ in range(layers):
        value = activation(value @ rng.normal(0.0, math.sqrt(gain / width), (width, width)))
        found.append(float((value**2).mean()))
    return np.array(found)


@entry("I5", "Variance through the layers", "CD")
def variance_propagation() -> Parts:
    """D(u_(d+1)) = D(x) prod n_j D(w_j), the same backwards, half of it a layer for relu, and Var(XY); Xavier against He by layer."""
    means, spread = sp.symbols("mu_x mu_y", real=True), sp.symbols("v_x v_y", positive=True)
    product = means[0] ** 2 * spread[1] + means[1] ** 2 * spread[0] + spread[0] * spread[1]
    f = compile(product, wrt=[*means, *spread], name="variance_of_product")
    at = {"mu_x": 0.5, "mu_y": -1.0, "v_x": 2.0, "v_y": 0.25}
    yield Formula(f, at)
    rng = np.random.default_rng(33)
    u, v = 0.5 + math.sqrt(2) * rng.normal(size=400_000), -1 + 0.5 * rng.normal(size=400_000)
    yield Fact("Var(XY) = E(X)^2 Var(Y) + E(Y)^2 Var(X) + Var(X) Var(Y)", f(**at), float((u * v).var()), rtol=0.02, source="the lecture's formula")
    yield Fact("the same as a number", f(**at), product_variance(0.5, 2.0, -1.0, 0.25), source="the compiled formula")
    linear, xavier, he_ = spreads(1.3, lambda a: a, 8), spreads(1.0, lambda a: np.maximum(a, 0), 20), spreads(2.0, lambda a: np.maximum(a, 0), 20)
    predicted = propagated_variances([200] * 9, [1.3 / 200] * 8)[-1]
    yield Fact("linear layers with n D(w) = 1.3: the factor of the variance by layer", predicted ** (1 / 8), float(linear[-1] ** (1 / 8)),
               rtol=0.05, source="n D(w)")
    yield Fact("relu with n D(w) = 1: mean squares halve a layer", 0.5, float((xavier[-1] / xavier[0]) ** (1 / 19)), rtol=0.05, source="1/2 n D(w)")
    yield Fact("relu with n D(w) = 2: they stay", 1.0, float((he_[-1] / he_[0]) ** (1 / 19)), rtol=0.05, source="1/2 n D(w)")
    back = _backward(1.3, 8)
    yield Fact("backwards: the factor of the variance of dL/du by layer", 1.3, back ** (1 / 8), rtol=0.05, source="n D(w)")
    yield Figure("mean square of relu outputs by layer", lambda ax: [ax.semilogy(one, label=name) for name, one in (("Xavier", xavier), ("He", he_))],
                 (f"after 20 layers: Xavier {xavier[-1]:.2e}, He {he_[-1]:.2e}",))


def _backward(gain: float, layers: int, width: int = 60) -> float:
    """The variance of the gradient at the input of linear layers, by the generated vjp, for a random upstream gradient of variance 1."""
    x, W = sp.MatrixSymbol("x", n, d), [sp.MatrixSymbol(f"W{k}", d, d) for k in range(1, layers + 1)]
    value = x
    for one in W:
        value = value * one
    f = compile(value, wrt=x)
    rng = np.random.default_rng(34)
    at = {one.name: rng.normal(0.0, math.sqrt(gain / width), (width, width)) for one in W} | {"x": rng.normal(size=(100, width))}
    return float(f.vjp(rng.normal(size=(100, width)), **at).var())
