"""M8 … M13: energies, autoencoders, landscapes, and what regularized and linear networks come to."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import sympy as sp

from symgrad import nn
from symgrad.compiler import Compiled, compile
from symgrad.gallery.entries import Fact, Figure, Formula, Parts, Slip, entry
from symgrad.gallery.models import MODELS
from symgrad.optim import Adam
from symgrad.train import Model, fit, init, prune, unit_strengths

n, d, h, K = sp.symbols("n d h K", integer=True, positive=True)
i, j, c, m = sp.symbols("i j c m", integer=True)
lam = sp.Symbol("lambda", real=True)
x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))


@entry("M8", "Energy of a Boltzmann machine", "B")
def boltzmann() -> Parts:
    """E(x, h) = -h^T W x - c^T x - b^T h in matrix form and as double sums, its gradients, and p = exp(-E)/Z with Z by enumeration."""
    matrix = MODELS["boltzmann_energy"]()
    rng = np.random.default_rng(8)
    W, b, e = rng.normal(size=(2, 3)), rng.normal(size=2), rng.normal(size=3)
    v, u = rng.integers(0, 2, 3).astype(float), np.array([1.0, 0.0])
    Ws, vs, us, bs, es = (sp.IndexedBase(name, shape=shape) for name, shape in (("W", (h, d)), ("x", (d,)), ("v", (h,)), ("b", (h,)), ("e", (d,))))
    sums = compile(-sp.Sum(Ws[m, j] * us[m] * vs[j], (j, 0, d - 1), (m, 0, h - 1)) - sp.Sum(es[j] * vs[j], (j, 0, d - 1))
                   - sp.Sum(bs[m] * us[m], (m, 0, h - 1)), wrt=[Ws, es, bs], name="boltzmann_sums")
    at = {"W": W, "e": e, "b": b, "x": v, "v": u}
    yield [Formula(matrix, at), Formula(sums, at)]
    yield Fact("the energy, in both forms", [-u @ W @ v - e @ v - b @ u] * 2, [matrix(**at), sums(**at)], source="NumPy")
    yield Fact("dE/dW = -h x^T", -np.outer(u, v), matrix.grads(**at)["W"], source="the lecture's formula")
    weight = {(a, q): float(np.exp(-matrix(**{**at, "x": np.array(a, float), "v": np.array(q, float)})))
              for a in itertools.product((0, 1), repeat=3) for q in itertools.product((0, 1), repeat=2)}
    Z = sum(weight.values())
    yield Fact("states that Z sums", 32, len(weight), source="2^5")
    seen = tuple(int(one) for one in v)
    on = sum(value for (a, q), value in weight.items() if a == seen and q[0]) / sum(value for (a, _), value in weight.items() if a == seen)
    yield Fact("p(h_1 = 1 | x) from the energies", 1 / (1 + np.exp(-(W @ v + b)[0])), on, source="sigmoid(W x + b)")
    yield Fact("the largest probability is that of the lowest energy", True, max(weight, key=weight.__getitem__) == _lowest(matrix, at) and Z > 0)


def _lowest(energy: Compiled, at: dict[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    states = [(a, q) for a in itertools.product((0, 1), repeat=3) for q in itertools.product((0, 1), repeat=2)]
    return min(states, key=lambda s: energy(**{**at, "x": np.array(s[0], float), "v": np.array(s[1], float)}))


def autoencoder(hidden: int) -> Model:
    """Sigmoid code, linear reconstruction, mean squared error; the prediction is the code."""
    code = nn.dense(x[i, j], (m, h), "1", nn.sigmoid)
    V, e = sp.IndexedBase("V", shape=(d, h)), sp.IndexedBase("e", shape=(d,))
    back = sp.IndexedBase("r", shape=(n, d))
    return Model(loss=nn.squared_error(back[i, j], x[i, j], [(j, 0, d - 1), (i, 0, n - 1)]) / n,
                 where=[*code.where, (back[i, j], sp.Sum(V[j, m] * code.expression, (m, 0, h - 1)) + e[j])], prediction=code.expression,
                 params={**{s: init.glorot_normal() if r == "weight" else init.zeros() for s, r in code.parameters.items()},
                         V: init.glorot_normal(), e: init.zeros()}, sample_index=i, sizes={h: hidden}, name="sigmoid_autoencoder")


def sparse_net(hidden: int, penalty: float) -> Model:
    """One hidden relu layer with an L1 penalty on its weights."""
    layer = nn.dense(x[i, j], (m, h), "1", nn.relu)
    w, b = sp.IndexedBase("w", shape=(h,)), sp.Symbol("b", real=True)
    out = sp.IndexedBase("f", shape=(n,))
    return Model(loss=nn.squared_error(out[i], y[i], (i, 0, n - 1)) / n + penalty * nn.l1([*nn.weights(layer.parameters), w]),
                 where=[*layer.where, (out[i], sp.Sum(w[m] * layer.expression, (m, 0, h - 1)) + b)], prediction=out, sample_index=i,
                 params={**{s: init.he_normal() if r == "weight" else init.zeros() for s, r in layer.parameters.items()},
                         w: init.normal(0.5), b: init.zeros()}, sizes={h: hidden}, name="sparse_net")


@entry("M9", "Autoencoders layer by layer, and pruning", "BD")
def pretraining_and_pruning() -> Parts:
    """Unsupervised pre-training: one autoencoder on the data, the next on its codes.  Magnitude pruning: units that an L1 penalty
    switched off are taken out, and the smaller net is trained anew."""
    rng = np.random.default_rng(9)
    data = rng.normal(size=(120, 2)) @ rng.normal(size=(2, 6))
    first, second = autoencoder(3), autoencoder(2)
    net = sparse_net(12, 0.01)
    yield [Formula(first, first.loss.example()), Formula(net, net.loss.example())]
    one = fit(first, {x: data}, optimizer=Adam(0.03), epochs=60, progress=False)
    codes = one.predict(x=data)
    two = fit(second, {x: codes}, optimizer=Adam(0.03), epochs=60, progress=False)
    spread = [float(np.sum((v - v.mean(0)) ** 2) / len(v)) for v in (data, codes)]
    yield Fact("the first layer explains most of the variance of the data", True, one.history["loss"][-1] < 0.1 * spread[0])
    yield Fact("the second layer explains most of the variance of the codes", True, two.history["loss"][-1] < 0.2 * spread[1])
    grid = np.linspace(-2, 2, 80)
    target = {x: grid[:, None], y: np.abs(grid)}
    big = fit(sparse_net(12, 0.01), target, optimizer=Adam(0.02), epochs=400, batch_size=None, progress=False)
    pruned = prune(big, h, 1e-2)
    again = fit(pruned.model.restarted(), target, optimizer=Adam(0.02), epochs=400, batch_size=None, seed=2, progress=False)
    before, after, anew = (np.mean((net.predict(x=target[x]) - target[y]) ** 2) for net in (big, pruned, again))
    alive = len(pruned.params["w"])
    yield Fact("some of 12 units are dead after L1 training", True, 0 < alive < 12)
    yield Fact("the pruned net computes what the big one did", float(before), float(after), rtol=0, atol=1e-3, source="before pruning")
    yield Figure("strength of each unit", lambda ax: ax.bar(range(12), np.sort(unit_strengths(big, h))[::-1]),
                 (f"units alive: {alive} of 12", f"mean squared error: big {before:.2e}, pruned {after:.2e}, trained anew {anew:.2e}"))


def linear_chain(layers: int) -> Compiled:
    """y = sum of W^layers x for W = diag(a, b), as named layers."""
    a, b, x1, x2 = sp.symbols("a b x1 x2", real=True)
    ups, downs = [x1, *sp.symbols(f"u1:{layers + 1}", real=True)], [x2, *sp.symbols(f"v1:{layers + 1}", real=True)]
    where = [(ups[k + 1], a * ups[k]) for k in range(layers)] + [(downs[k + 1], b * downs[k]) for k in range(layers)]
    return compile(ups[-1] + downs[-1], where=where, wrt=[a, b], name=f"linear_chain_{layers}")


@entry("M10", "Landscapes: saddle, bad conditioning, deep linear nets", "AE", slips=1)
def landscapes() -> Parts:
    """x^2 - y^2 with its saddle, a badly conditioned quadratic, and linear nets a^n, b^n whose gradients explode or vanish."""
    u, v, k = sp.symbols("x y kappa", real=True)
    saddle, narrow = compile(u**2 - v**2, wrt=[u, v], name="saddle"), compile((u**2 + k * v**2) / 2, wrt=[u, v], name="narrow_quadratic")
    layers = 10
    chain, deep = linear_chain(layers), linear_chain(200)
    at = {"a": 1.0, "b": 2.0, "x1": 1.0, "x2": 1.0}
    yield [Formula(saddle, {"x": 0.5, "y": -1.0}), Formula(narrow, {"x": 1.0, "y": 1.0, "kappa": 100.0}), Formula(chain, at)]
    yield Fact("the gradient at the saddle", [0, 0], list(saddle.grad(x=0.0, y=0.0)))
    yield Fact("its Hessian has both signs", [-2, 2], np.linalg.eigvalsh(np.array(saddle.hessian(x=0.0, y=0.0))), source="by hand")
    yield Fact("condition number of the quadratic", 100, np.linalg.cond(np.array(narrow.hessian(x=0.0, y=0.0, kappa=100.0))), source="kappa")
    yield Fact("a = 1, b = 2: gradient (n, n 2^(n-1)) for n = 10", [layers, layers * 2 ** (layers - 1)], list(chain.grad(**at)))
    gone = deep.grad(a=0.5, b=0.9, x1=1.0, x2=1.0)
    yield Fact("a = 0.5, b = 0.9: the gradient vanishes (n = 200)", [0, 0], list(gone), atol=1e-5)
    yield Slip("A", "y -> 1 beside the gradient (n, n 2^(n-1))", "y = x_1 a^n + x_2 b^n = 1 + 2^n, the sum that has this gradient",
               derived=chain(**at), decides=float(np.sum(np.linalg.matrix_power(np.diag([1.0, 2.0]), layers) @ np.ones(2))), printed=1.0,
               number="NumPy, n = 10:")


@entry("M11", "A regularized two-layer ReLU net with hinge loss", "E")
def regularized_net() -> Parts:
    """Mean multi-class hinge loss of W2 max(0, W1 x), plus lambda R(W1) + lambda R(W2)."""
    first = nn.dense(x[i, j], (m, h), "1", nn.relu, bias=False)
    scores = nn.dense(first.expression, (c, K), "2", bias=False)
    f = compile(nn.multiclass_hinge(scores.expression, y[i], c, (i, 0, n - 1)) / n + lam * nn.l2({**first.parameters, **scores.parameters}),
                where=[*first.where, *scores.where], wrt=[*first.parameters, *scores.parameters], name="relu_hinge")
    rng = np.random.default_rng(11)
    X, W1, W2, labels = rng.normal(size=(6, 4)), rng.normal(size=(5, 4)), rng.normal(size=(3, 5)), rng.integers(0, 3, 6)
    at = {"W1": W1, "W2": W2, "x": X, "y": labels, "lambda": 0.1}
    yield Formula(f, at)
    s = np.maximum(X @ W1.T, 0) @ W2.T
    margins = np.maximum(0, s - s[np.arange(6), labels][:, None] + 1) * (1 - np.eye(3)[labels])
    yield Fact("the loss", margins.sum() / 6 + 0.1 * ((W1**2).sum() + (W2**2).sum()), f(**at), source="NumPy")


@entry("M12", "Without activations a deep net is linear", "E", slips=1)
def collapse() -> Parts:
    """f = W2 W1 x is W3 x with W3 = W2 W1."""
    C, H, D = 3, 5, 4
    W1, W2, v, t = sp.MatrixSymbol("W1", H, D), sp.MatrixSymbol("W2", C, H), sp.MatrixSymbol("x", D, 1), sp.MatrixSymbol("t", C, 1)
    f = compile(nn.squared_error(W2 * W1 * v, t), wrt=[W1, W2], name="linear_network")
    rng = np.random.default_rng(12)
    at = {"W1": rng.normal(size=(H, D)), "W2": rng.normal(size=(C, H)), "x": rng.normal(size=D), "t": rng.normal(size=C)}
    yield Formula(f, at)
    W3 = at["W2"] @ at["W1"]
    yield Fact("the loss of W3 x", np.sum((W3 @ at["x"] - at["t"]) ** 2), f(**at), source="NumPy")
    yield Slip("E", "W3 = W2 W1 in R^(C x H)", "R^(C x D): the declared product has shape (C, D)", derived=float((W2 * W1).shape[1]),
               decides=float(W3.shape[1]), printed=float(H), number="columns of W2 W1 in NumPy with C, H, D = 3, 5, 4:")


@entry("M13", "Regression on basis functions with a general penalty", "B")
def basis_functions() -> Parts:
    """1/2 sum (t - w^T phi(x))^2 + lambda/2 sum |w|^q."""
    q = sp.Symbol("q", positive=True)
    phi, t, w = sp.IndexedBase("phi", shape=(n, d)), sp.IndexedBase("t", shape=(n,)), sp.IndexedBase("w", shape=(d,))
    data = nn.squared_error(t[i], sp.Sum(w[j] * phi[i, j], (j, 0, d - 1)), (i, 0, n - 1)) / 2
    f = compile(data + lam / 2 * nn.lq(w, q), wrt=w, name="basis_regression")
    ridge = compile(data + lam / 2 * nn.lq(w, 2), wrt=w, name="ridge_regression")
    rng = np.random.default_rng(13)
    inputs = rng.uniform(-1, 1, 25)
    basis = inputs[:, None] ** np.arange(6)
    at = {"phi": basis, "t": np.sin(3 * inputs), "w": rng.normal(size=6), "lambda": 0.3}
    yield [Formula(f, {**at, "q": 1.5}), Formula(ridge, at)]
    solved = np.linalg.solve(basis.T @ basis + 0.3 * np.eye(6), basis.T @ at["t"])
    yield Fact("q = 2: the gradient at (Phi^T Phi + lambda I)^-1 Phi^T t", np.zeros(6), ridge.grad(**{**at, "w": solved}), source="closed form")
    yield Fact("q = 2 of the general form is the ridge", ridge(**at), f(**at, q=2.0), source="ridge")
