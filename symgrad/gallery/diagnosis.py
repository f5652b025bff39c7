"""S6 … S9: what can go wrong in training, and how it shows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from symgrad import nn
from symgrad.check import numeric_gradient
from symgrad.compiler import compile
from symgrad.gallery.entries import Fact, Figure, Formula, Parts, Slip, Text, entry
from symgrad.gallery.schedules import curve_net, noisy_sine
from symgrad.optim import SGD, Adam
from symgrad.train import Model, fit, init
from symgrad.train.diagnosis import LayerReport, layer_report
from symgrad.train.overfit import bouncing, can_overfit

n, d, h = sp.symbols("n d h", integer=True, positive=True)
i, j, m = sp.symbols("i j m", integer=True)
x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))


@entry("S6", "Can it overfit a small set?", "B")
def overfit() -> Parts:
    """A model should be able to learn a few samples by heart; where it cannot: saturated units before the first step, or a training error that
    bounces.  A wrong gradient can still overfit."""
    model = curve_net(30)
    yield Formula(model, curve_net(4).loss.example())
    able = can_overfit(model, noisy_sine(12), 12, optimizer=Adam(0.05), epochs=600, batch_size=None)
    unable = can_overfit(curve_net(1), noisy_sine(40), 40, optimizer=Adam(0.05), epochs=100, batch_size=None)
    yield Fact("30 units learn 12 samples by heart, one unit does not learn 40", [True, False], [able.passed, unable.passed])
    steep = noisy_sine(40)
    loud = {"x": 200 * steep["x"], "y": steep["y"]}
    reports = [layer_report(model, first_values(model, data), data) for data in (steep, loud)]
    yield Fact("inputs 200 times larger saturate more units before the first step", True,
               reports[1].layers[0].saturated > 0.8 > reports[0].layers[0].saturated)
    yield Text("the report", str(reports[1]))
    calm, wild = (fit(curve_net(8), steep, optimizer=SGD(rate), epochs=100, batch_size=None, progress=False).history["loss"] for rate in (0.05, 0.2))
    yield Fact("a high rate makes the training error bounce", True, bouncing(wild) > bouncing(calm))
    yield Figure("training error by epoch", lambda ax: [ax.semilogy(one, label=name) for name, one in (("rate 0.05", calm), ("rate 0.2", wild))],
                 (f"epochs in which it rose: {bouncing(calm):.0%} against {bouncing(wild):.0%}",))


def first_values(model: Model, data: dict[str, np.ndarray]) -> dict[str, Any]:
    """The parameters before the first step."""
    return dict(fit(model, data, optimizer=SGD(0.0), epochs=1, batch_size=None, progress=False).params)


def deep_net(layers: int, activation: Callable[[Any], Any], begin: Any, normal: bool = False) -> Model:
    """A deep chain of dense layers of 20 units, with batch normalisation where asked for, and a squared error."""
    value, where, params, averages = x[i, j], [], {}, {}
    letters = (j, m)
    for k in range(1, layers + 1):
        layer = nn.dense(value, (letters[k % 2], h), str(k))
        value, where, params = layer.expression, [*where, *layer.where], {**params, **layer.parameters}
        if normal:
            norm = nn.batch_norm(value, str(k))
            value, where, params = norm.expression, [*where, *norm.where], {**params, **norm.parameters}
            averages |= dict.fromkeys(norm.averages, 0.9)
        out = sp.IndexedBase(f"h{k}", shape=(n, h))
        where.append((out[i, letters[k % 2]], activation(value)))
        value = out[i, letters[k % 2]]
    w, last = sp.IndexedBase("w", shape=(h,)), value.indices[1]
    starts = {"weight": begin, "bias": init.zeros(), "scale": init.ones(), "shift": init.zeros()}
    error = nn.squared_error(sp.Sum(w[last] * value, (last, 0, h - 1)), y[i], (i, 0, n - 1)) / n
    return Model(loss=error, where=where, params={**{s: starts[role] for s, role in params.items()}, w: init.normal(0.3)}, averages=averages,
                 sample_index=i, sizes={h: 20}, name=f"deep_{layers}")


def deep_report(layers: int, activation: Callable[[Any], Any], begin: Any, normal: bool = False) -> LayerReport:
    """The layers of a deep net before its first step."""
    model = deep_net(layers, activation, begin, normal)
    rng = np.random.default_rng(60)
    data = {"x": rng.normal(size=(50, 20)), "y": rng.normal(size=50)}
    params = {name: start((*_shape(model, name),), rng, 20, 20) for name, start in model.initial.items()}
    return layer_report(model, params, data)


def _shape(model: Model, name: str) -> tuple[int, ...]:
    return tuple(20 for _ in model.shapes[name])


@entry("S7", "Vanishing and exploding gradients", "ACD", slips=1)
def vanishing() -> Parts:
    """Each layer multiplies the gradient by a' f', and a' of a sigmoid is at most 1/4: 30 sigmoid layers against relu, He and batch
    normalisation; and the gradient norm beside the validation error over training."""
    u, w, target = sp.symbols("u w y", real=True)
    f = compile((target - nn.sigmoid(w * u)) ** 2, wrt=u, name="last_layer")
    at = {"u": 0.8, "w": -1.7, "y": 1.0}
    yield Formula(f, at)
    a = 1 / (1 + math.exp(-at["w"] * at["u"]))
    slope = a * (1 - a)
    yield Slip("C", "dL/du = (y - a) sigma' w for L = (y - a)^2", "-2 (y - a) sigma' w", derived=f.grad(**at), decides=numeric_gradient(f, at, "u"),
               printed=(at["y"] - a) * slope * at["w"], number="numeric dL/du")
    yield Fact("the lecture's bound |dL/du| <= 2 |w|/4 holds", True, abs(f.grad(**at)) <= 2 * abs(at["w"]) / 4)
    sigmoid, rectified = deep_report(30, nn.sigmoid, init.glorot_normal()), deep_report(30, nn.relu, init.he_normal())
    mended = deep_report(30, nn.relu, init.he_normal(), normal=True)
    yield Text("30 sigmoid layers", str(sigmoid))
    yield Fact("the largest slope of every sigmoid layer", [0.25] * 30, [layer.slope_bound for layer in sigmoid.layers], rtol=1e-6)
    by_layer = [report.ratio ** (1 / 29) for report in (sigmoid, rectified, mended)]
    yield Fact("through sigmoid layers the gradient shrinks at least by 1/4 a layer", True, by_layer[0] < 0.25 and sigmoid.ratio < 1e-15)
    yield Fact("with relu and He it keeps its size", True, 0.9 < by_layer[1] < 1.1)
    yield Fact("with batch normalisation too it does not vanish: at the start it grows by less than 1/2 a layer", True, 1 < by_layer[2] < 1.5)
    large = deep_report(5, nn.tanh, init.normal(1.5))
    yield Fact("with large weights units saturate", True, large.layers[-1].slope < 0.3)
    named = (("sigmoid", sigmoid), ("relu, He", rectified), ("relu, He, batch norm", mended))
    yield Figure("gradient norm by layer", lambda ax: [ax.semilogy([one.gradient for one in report.layers], label=name) for name, report in named],
                 tuple(f"{name}: {report.layers[0].gradient:.2e} at the first layer, {report.layers[-1].gradient:.2e} at the last"
                       for name, report in named))
    run = fit(curve_net(12), noisy_sine(60), optimizer=Adam(0.02), epochs=60, validation=0.3, record=["gradient_norm"], progress=False)
    yield Figure("gradient norm beside the validation error",
                 lambda ax: [ax.semilogy(run.history[name], label=name) for name in ("gradient_norm", "val_loss")],
                 (f"at the end: gradient norm {run.history['gradient_norm'][-1]:.3g}, validation error {run.history['val_loss'][-1]:.3g}",))


@entry("S8", "Bias and variance", "B")
def bias_variance() -> Parts:
    """100 sets of 25 points of sin 2 pi x with noise, fitted by Gaussian basis functions with a penalty: (bias)^2, variance and noise add up to
    the expected loss; flexible models have low bias and high variance."""
    phi, t, w = sp.IndexedBase("phi", shape=(n, d)), sp.IndexedBase("t", shape=(n,)), sp.IndexedBase("w", shape=(d,))
    lam = sp.Symbol("lambda", real=True)
    f = compile(nn.squared_error(t[i], sp.Sum(w[j] * phi[i, j], (j, 0, d - 1)), (i, 0, n - 1)) / 2 + lam / 2 * nn.l2(w), wrt=w, name="ridge_basis")
    grid, spread = np.linspace(0, 1, 200), 0.3
    yield Formula(f, {"w": np.zeros(3), "phi": basis(grid[::40], 3), "t": np.sin(grid[::40]), "lambda": 0.5})
    rng = np.random.default_rng(61)
    sets = [(rng.uniform(0, 1, 25), spread * rng.normal(size=25)) for _ in range(100)]
    truth, found = np.sin(2 * np.pi * grid), {}
    for penalty in (10.0, 0.7, 0.01):
        fits = []
        for inputs, noise in sets:
            at = {"w": np.zeros(12), "phi": basis(inputs, 12), "t": np.sin(2 * np.pi * inputs) + noise, "lambda": penalty}
            fits.append(basis(grid, 12) @ -np.linalg.solve(f.hessian(**at), f.grad(**at)))
        mean = np.mean(fits, 0)
        fresh = truth + spread * rng.normal(size=(100, 200))
        found[penalty] = (float(np.mean((mean - truth) ** 2)), float(np.mean(np.var(fits, 0))), float(np.mean((np.array(fits) - fresh) ** 2)))
    for penalty, (bias, variance, loss) in found.items():
        yield Fact(f"penalty {penalty:g}: expected loss = {bias:.4f} + {variance:.4f} + noise", bias + variance + spread**2, loss, rtol=0.05,
                   source="(bias)^2 + variance + noise")
    order = [found[penalty] for penalty in (10.0, 0.7, 0.01)]
    yield Fact("with a smaller penalty bias falls and variance rises", True,
               order[0][0] > order[1][0] > order[2][0] and order[0][1] < order[1][1] < order[2][1])
    yield Figure("bias and variance against the penalty", lambda ax: [ax.loglog(list(found), [v[k] for v in found.values()], "o-", label=name)
                                                                     for k, name in enumerate(("bias^2", "variance", "expected loss"))],
                 tuple(f"penalty {penalty:g}: (bias)^2 {bias:.4f}, variance {variance:.4f}, expected loss {loss:.4f}"
                       for penalty, (bias, variance, loss) in found.items()))


def basis(inputs: np.ndarray, count: int) -> np.ndarray:
    """Gaussian bumps over [0, 1]."""
    return np.exp(-((inputs[:, None] - np.linspace(0, 1, count)) ** 2) / (2 * 0.1**2))


@entry("S9", "Separable classification has no critical point", "AE")
def separable() -> Parts:
    """On separable data the logistic loss falls for ever and the weights grow; a penalty stops them.  Regularize rather than shrink the net."""
    w, lam = sp.IndexedBase("w", shape=(d,)), sp.Symbol("lambda", real=True)
    a, p = sp.IndexedBase("a"), sp.IndexedBase("p")
    f = compile(nn.binary_cross_entropy(p[i], y[i], (i, 0, n - 1)) / n + lam * nn.l2(w), wrt=w, name="penalised_logistic",
                where=[(a[i], sp.Sum(w[j] * x[i, j], (j, 0, d - 1))), (p[i], nn.sigmoid(a[i]))])
    rng = np.random.default_rng(62)
    labels = np.repeat([0.0, 1.0], 20)
    data = {"x": 0.3 * rng.normal(size=(40, 2)) + (2 * labels[:, None] - 1), "y": labels}
    yield Formula(f, {"w": np.array([0.3, -0.1]), **data, "lambda": 0.01})
    sizes = {penalty: _growth(f, {**data, "lambda": penalty}) for penalty in (0.0, 0.01)}
    far = [f(w=k * np.ones(2), **data, **{"lambda": 0.0}) for k in (1, 10, 100)]
    yield Fact("the loss falls along the whole ray", True, far[0] > far[1] > far[2] >= 0)
    yield Fact("without a penalty the weights still grow after 2000 steps", True, bool(sizes[0.0][-1] > 1.05 * sizes[0.0][1000]))
    yield Fact("with one they stand still", sizes[0.01][1000], sizes[0.01][-1], rtol=1e-6, source="step 1000")
    yield Figure("size of the weights against step", lambda ax: [ax.semilogx(one, label=f"penalty {penalty:g}") for penalty, one in sizes.items()],
                 tuple(f"penalty {penalty:g}: |w| = {one[-1]:.4g}" for penalty, one in sizes.items()))


def _growth(f: Any, data: dict[str, Any], steps: int = 2000) -> np.ndarray:
    params: dict[str, Any] = {"w": np.zeros(2)}
    optimizer, found = SGD(1.0), []
    state = optimizer.init(params)
    for _ in range(steps):
        optimizer.update(params, f.grads(**params, **data), state)
        found.append(float(np.linalg.norm(params["w"])))
    return np.array(found)
