"""A1 … A12: the activation functions, with value, derivative and plot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from symgrad import nn
from symgrad.compiler import Compiled, compile
from symgrad.gallery.entries import Fact, Figure, Formula, Parts, Slip, entry
from symgrad.optim import SGD
from symgrad.train import Model, fit, init

a = sp.Symbol("a", real=True)
GRID = np.linspace(-4.0, 4.0, 161)
POINTS = np.array([-3.0, -0.7, -0.1, 0.2, 1.0, 2.5])


def shown(name: str, value: sp.Expr, at: Mapping[str, float] | None = None, wrt: tuple[sp.Symbol, ...] = ()) -> Formula:
    """An activation at one input, with derivatives towards a and its own parameters."""
    return Formula(compile(value, wrt=[a, *wrt], name=name), {"a": 0.7, **(at or {})})


def slopes(f: Compiled, points: np.ndarray, **given: float) -> np.ndarray:
    """df/da at each point."""
    return np.array([f.grads(a=float(p), **given)["a"] for p in points])


def picture(title: str, f: Compiled, **given: float) -> Figure:
    """Value and derivative over a grid."""
    def draw(ax: Any) -> None:
        ax.plot(GRID, [f.value(a=float(p), **given) for p in GRID], label="value")
        ax.plot(GRID, slopes(f, GRID, **given), "--", label="derivative")

    return Figure(title, draw, tuple(f"a = {p:g}: {f.value(a=float(p), **given):.6g}, slope {s:.6g}" for p, s in
                                     zip(POINTS, slopes(f, POINTS, **given), strict=True)))


def simple(name: str, value: sp.Expr, slope: Callable[[np.ndarray], np.ndarray], formula: str, kink: float | None = None) -> Parts:
    """The parts of an activation without parameters: its slope against the lecture's formula, and at the kink."""
    yield (formula_part := shown(name, value))
    f = formula_part.compiled
    yield Fact(f"slope {formula} at {len(POINTS)} points", slope(POINTS), slopes(f, POINTS), source="the lecture's formula")
    if kink is not None:
        yield Fact("slope at 0", kink, float(f.grads(a=0.0)["a"]))
    yield picture(name, f)


def logistic(v: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-v))


@entry("A1", "Linear activation", "B")
def linear() -> Parts:
    """g(a) = a, with slope 1."""
    yield from simple("linear_activation", nn.linear(a), np.ones_like, "1")


@entry("A2", "Sigmoid", "BE")
def sigmoid() -> Parts:
    """g(a) = 1/(1 + exp(-a)), with slope g (1 - g), which is never above 1/4."""
    yield from simple("sigmoid", nn.sigmoid(a), lambda v: logistic(v) * (1 - logistic(v)), "g (1 - g)")
    f = compile(nn.sigmoid(a), wrt=a)
    yield Fact("the largest slope", 0.25, float(max(f.grad(a=float(p)) for p in GRID)))
    yield Fact("slopes far out are right and raise no warning", [0.0, np.exp(-800.0)], [f.grad(a=800.0), f.grad(a=-800.0)], source="limits")


@entry("A3", "Hyperbolic tangent", "BCE")
def tanh() -> Parts:
    """(exp(a) - exp(-a))/(exp(a) + exp(-a)) = (exp(2a) - 1)/(exp(2a) + 1), with slope 1 - g^2."""
    yield from simple("tanh_activation", nn.tanh(a), lambda v: 1 - np.tanh(v) ** 2, "1 - g^2")
    spelled = [compile(value, wrt=a) for value in ((sp.exp(a) - sp.exp(-a)) / (sp.exp(a) + sp.exp(-a)), (sp.exp(2 * a) - 1) / (sp.exp(2 * a) + 1))]
    for k, f in enumerate(spelled, 1):
        yield Fact(f"spelling {k} of the lecture: values", np.tanh(POINTS), np.array([f.value(a=float(p)) for p in POINTS]), source="tanh")
        yield Fact(f"spelling {k} of the lecture: slopes", 1 - np.tanh(POINTS) ** 2, np.array([f.grad(a=float(p)) for p in POINTS]), source="tanh")


@entry("A4", "Rectified linear unit", "BCE", slips=2)
def relu() -> Parts:
    """max(0, a), with slope 1 where a > 0 and 0 elsewhere; a unit that no sample switches on is dead, and large rates kill units."""
    yield from simple("relu_activation", nn.relu(a), lambda v: (v > 0) * 1.0, "1 for a > 0, else 0", 0.0)
    f = compile(nn.relu(a), wrt=a)
    yield Slip("B", "strictly increasing", f"g = {nn.relu(a)} is constant below 0: increasing, not strictly",
               derived=f.value(a=-1.0) - f.value(a=-2.0),
               decides=float(np.maximum(0, -1.0) - np.maximum(0, -2.0)), claim=lambda rise: rise > 0, number="g(-1) - g(-2) in NumPy")
    rates = (0.01, 0.1, 1.0, 3.0, 10.0)
    dead = {rate: dead_units(rate) for rate in rates}
    yield Slip("C", "a neuron can die; higher learning rates mitigate the problem", "higher learning rates cause it",
               derived=dead[3.0][0] - dead[0.01][0], decides=dead[3.0][1] - dead[0.01][1], claim=lambda more: more <= 0,
               number="share of dead units at rate 3 less that at rate 0.01")
    yield Figure("share of dead units against the learning rate", lambda ax: ax.semilogx(rates, [dead[r][0] for r in rates], "o-"),
                 tuple(f"rate {rate:g}: {dead[rate][0]:.0%} dead" for rate in rates))


def dead_units(rate: float, hidden: int = 40) -> tuple[float, float]:
    """The share of relu units that no sample switches on after training: by the prediction's layer, and from the weights in NumPy."""
    n, d, h = sp.symbols("n d h", integer=True, positive=True)
    i, j, m = sp.symbols("i j m", integer=True)
    x, y, w, b = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("w", shape=(h,)), sp.Symbol("b", real=True)
    layer = nn.dense(x[i, j], (m, h), "1", nn.relu)
    score = sp.Sum(w[m] * layer.expression, (m, 0, h - 1)) + b
    loss = nn.binary_cross_entropy(nn.sigmoid(score), y[i], (i, 0, n - 1)) / n
    begin = {**{s: init.he_normal() if role == "weight" else init.zeros() for s, role in layer.parameters.items()},
             w: init.normal(0.2), b: init.zeros()}
    model = Model(loss=loss, where=layer.where, params=begin, prediction=layer.expression, sample_index=i, sizes={h: hidden})
    rng = np.random.default_rng(14)
    X = rng.normal(size=(60, 2))
    fitted = fit(model, {x: X, y: (np.sin(2 * X[:, 0]) > 0) * 1.0}, optimizer=SGD(rate), epochs=15, batch_size=10, progress=False)
    active = fitted.predict(x=X).max(0) > 0
    plain = (X @ fitted.params["W1"].T + fitted.params["b1"]).max(0) > 0
    return float(1 - active.mean()), float(1 - plain.mean())


@entry("A5", "Softplus", "C")
def softplus() -> Parts:
    """ln(1 + exp(a)), smooth at 0, with the sigmoid as its slope; near relu far from 0."""
    yield from simple("softplus", nn.softplus(a), logistic, "sigmoid(a)", 0.5)
    f = compile(nn.softplus(a), wrt=a)
    yield Fact("far out it is relu, without overflow", [800.0, 0.0], [f.value(a=800.0), f.value(a=-800.0)], source="limits")


@entry("A6", "Leaky ReLU", "CE")
def leaky() -> Parts:
    """a for a > 0, else 0.01 a (one lecture) or max(0.1 a, a) (another): the same for every a, apart from the slope at 0."""
    small, large = shown("leaky_relu", nn.leaky_relu(a)), shown("leaky_relu_tenth", nn.leaky_relu(a, 0.1))
    yield [small, large]
    for leak, f in ((0.01, small.compiled), (0.1, large.compiled)):
        yield Fact(f"slope 1 or {leak}", np.where(POINTS > 0, 1.0, leak), slopes(f, POINTS), source="the lecture's formula")
        yield Fact(f"slope {leak} at 0", leak, float(f.grads(a=0.0)["a"]), source="the leak")
    largest = compile(sp.Max(sp.Rational(1, 10) * a, a), wrt=a)
    yield Fact("max(0.1 a, a) has the same values", np.array([large.compiled.value(a=float(p)) for p in POINTS]),
               np.array([largest.value(a=float(p)) for p in POINTS]), source="by cases")
    yield picture("leaky relu, 0.1", large.compiled)


@entry("A7", "Parametric ReLU", "C")
def parametric() -> Parts:
    """a for a > 0, else beta a, where beta is trained: d/d beta is a below 0."""
    beta = sp.Symbol("beta", real=True)
    yield (part := shown("parametric_relu", nn.parametric_relu(a, beta), {"a": -1.5, "beta": 0.3}, (beta,)))
    f = part.compiled
    yield Fact("slopes towards a and beta at a = -1.5", [0.3, -1.5], list(f.grads(a=-1.5, beta=0.3).values()), source="by cases")
    yield Fact("slopes towards a and beta at a = 2", [1, 0], list(f.grads(a=2.0, beta=0.3).values()), source="by cases")
    yield Fact("slope at 0", 0.3, float(f.grads(a=0.0, beta=0.3)["a"]), source="the leak")
    yield picture("parametric relu, beta = 0.3", f, beta=0.3)


@entry("A8", "Randomized leaky ReLU", "C")
def randomized() -> Parts:
    """The slope below 0 is drawn anew for every mini-batch; predictions use its mean."""
    s = sp.Symbol("s", real=True)
    yield (part := shown("randomized_leaky_relu", nn.randomized_leaky_relu(a, s), {"a": -2.0, "s": 0.2}))
    f = part.compiled
    drawn = nn.UniformNoise()(np.random.default_rng(15), (2000,))
    values = np.array([f.value(a=-2.0, s=float(v)) for v in drawn])
    yield Fact("drawn slopes lie between 1/8 and 1/3", True, bool(drawn.min() >= 1 / 8 and drawn.max() <= 1 / 3))
    yield Fact("the mean of drawn values is near the value at the mean slope", -2 * nn.UniformNoise().mean, values.mean(), rtol=0.02,
               source="the mean slope")
    yield picture("randomized leaky relu at its mean slope", f, s=nn.UniformNoise().mean)


@entry("A9", "Noisy ReLU", "C")
def noisy() -> Parts:
    """max(0, a + e), e normal: the noise is a random input of the model, 0 in predictions."""
    e = sp.Symbol("e", real=True)
    yield (part := shown("noisy_relu", nn.noisy_relu(a, e), {"e": 0.4}))
    f = part.compiled
    yield Fact("without noise it is relu", np.maximum(POINTS, 0), np.array([f.value(a=float(p), e=0.0) for p in POINTS]), source="relu")
    noise = nn.GaussianNoise(0.5)(np.random.default_rng(16), POINTS.shape)
    yield Fact("slopes under noise", (POINTS + noise > 0) * 1.0, np.array([f.grads(a=float(p), e=float(v))["a"] for p, v in
                                                                             zip(POINTS, noise, strict=True)]), source="a + e > 0")
    yield picture("noisy relu, e = 0.4", f, e=0.4)


@entry("A10", "Exponential linear unit", "E")
def elu() -> Parts:
    """a for a >= 0, else alpha (exp(a) - 1); the slope at 0 is 1."""
    alpha = sp.Symbol("alpha", positive=True)
    yield (part := shown("elu", nn.elu(a, alpha), {"a": -0.7, "alpha": 0.8}, (alpha,)))
    f = part.compiled
    yield Fact("slope 1 or alpha exp(a)", np.where(POINTS >= 0, 1.0, 0.8 * np.exp(POINTS)), slopes(f, POINTS, alpha=0.8), source="by cases")
    yield Fact("slope at 0", 1, float(f.grads(a=0.0, alpha=0.8)["a"]), source="the branch a >= 0")
    yield Fact("no overflow in the branch that is not taken", [800.0, 1.0], [f.value(a=800.0, alpha=0.8), float(f.grads(a=800.0, alpha=0.8)["a"])],
               source="the branch a >= 0")
    yield picture("elu, alpha = 0.8", f, alpha=0.8)


@entry("A11", "Maxout", "E")
def maxout() -> Parts:
    """max(w1^T x + b1, w2^T x + b2): the gradient goes to the piece that is larger; at a tie it is shared."""
    d = sp.Symbol("d", integer=True, positive=True)
    j = sp.Symbol("j", integer=True)
    x, w1, w2 = (sp.IndexedBase(name, shape=(d,)) for name in ("x", "w1", "w2"))
    b1, b2 = sp.symbols("b1 b2", real=True)
    pieces = [sp.Sum(w[j] * x[j], (j, 0, d - 1)) + b for w, b in ((w1, b1), (w2, b2))]
    f = compile(nn.maxout(*pieces), wrt=[w1, b1, w2, b2], name="maxout_unit")
    at = {"w1": np.array([1.0, -2.0]), "b1": 0.5, "w2": np.array([0.5, 1.0]), "b2": -0.25, "x": np.array([1.0, 2.0])}
    yield Formula(f, at)
    yield Fact("the value", 2.25, f(**at), source="by hand")
    found = f.grads(**at)
    yield Fact("the larger piece gets x, the other nothing", [0, 0, 0, 1, 2, 1],
               [*found["w1"], found["b1"], *found["w2"], found["b2"]], source="by hand")
    tie = f.grads(**{**at, "w2": at["w1"], "b2": at["b1"]})
    yield Fact("at a tie both get half", [0.5, 0.5], [tie["b1"], tie["b2"]], source="shared equally")
    yield picture("maxout of a/2 + 1 and -a", compile(nn.maxout(a / 2 + 1, -a), wrt=a))


@entry("A12", "Softmax", "BE")
def softmax() -> Parts:
    """exp(a_c)/sum exp(a): positive, sums to one, unchanged by a shift of a; the Jacobian is diag(f) - f f^T."""
    K = sp.Symbol("K", integer=True, positive=True)
    c = sp.Symbol("c", integer=True)
    scores = sp.IndexedBase("a", shape=(K,))
    f = compile(nn.softmax(scores[c], c), outputs=(c,), wrt=scores, name="softmax")
    at = {"a": np.array([1.0, -0.5, 2.0, 0.25])}
    yield Formula(f, at)
    p = np.exp(at["a"]) / np.exp(at["a"]).sum()
    yield Fact("the Jacobian", np.diag(p) - np.outer(p, p), f.jacobian(**at), source="diag(f) - f f^T")
    yield Fact("it sums to one", 1, f(**at).sum())
    yield Fact("a shift by 1000 changes nothing", p, f(a=at["a"] + 1000), source="without the shift")
    yield softmax_picture(f, at["a"])


def softmax_picture(f: Compiled, scores: np.ndarray) -> Figure:
    """The first class of a softmax against its own score: value and derivative."""
    moved = [np.concatenate([[one], scores[1:]]) for one in GRID]
    values, derivatives = ([take(call(a=place)) for place in moved] for call, take in ((f.value, lambda v: v[0]), (f.jacobian, lambda v: v[0, 0])))

    def draw(ax: Any) -> None:
        ax.plot(GRID, values, label="value")
        ax.plot(GRID, derivatives, "--", label="derivative")

    return Figure("softmax, first class", draw,
                  tuple(f"a_1 = {GRID[k]:g}: {values[k]:.6g}, slope {derivatives[k]:.6g}" for k in range(0, len(GRID), 40)))
