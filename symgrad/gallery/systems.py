"""M1 … M7: regression, neurons, networks and classifiers."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from symgrad import nn
from symgrad.check import numeric_gradient
from symgrad.compiler import compile
from symgrad.gallery.entries import Fact, Figure, Formula, Parts, Slip, Text, entry
from symgrad.gallery.models import MODELS
from symgrad.optim import SGD, Adam
from symgrad.train import Model, fit, init, minimize

n, d, h, K = sp.symbols("n d h K", integer=True, positive=True)
i, j, c, m = sp.symbols("i j c m", integer=True)
x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))
XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0])


def softmax_rows(scores: np.ndarray) -> np.ndarray:
    """exp(s_c)/sum exp(s), row by row, in plain NumPy."""
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@entry("M1", "Linear and logistic regression", "A")
def regression() -> Parts:
    """Squared error with its closed form from dL/dW = 0, and the negative log likelihood of a logistic regression over n examples: as a
    sum, a mean, and over mini-batches b_k."""
    rng = np.random.default_rng(1)
    X, w = rng.normal(size=(40, 3)), np.array([1.0, -2.0, 0.5])
    t, labels = X @ w + 0.3 + 0.1 * rng.normal(size=40), (X @ w + rng.normal(size=40) > 0).astype(float)
    linear, logistic = MODELS["linear_regression"](), MODELS["logistic_regression"]()
    at = {"w": np.zeros(3), "b": 0.0, "x": X, "y": labels, "lambda": 0.0}
    yield [Formula(linear, {"w": w, "b": 0.0, "x": X, "y": t}), Formula(logistic, at)]
    solved = np.linalg.lstsq(np.column_stack([X, np.ones(40)]), t, rcond=None)[0]
    gradient = linear.grads(w=solved[:3], b=solved[3], x=X, y=t)
    yield Fact("the gradient at the closed form of linear regression", np.zeros(4), np.append(gradient["w"], gradient["b"]), source="dL/dW = 0")
    p = 1 / (1 + np.exp(-X @ w))
    yield Fact("logistic gradient: mean of (p - y) x", X.T @ (p - labels) / 40, logistic.grads(**{**at, "w": w})["w"], source="NumPy")
    parts = [logistic.grads(**{**at, "w": w, "x": X[k::4], "y": labels[k::4]})["w"] for k in range(4)]
    yield Fact("the mean over four mini-batches is the full gradient", X.T @ (p - labels) / 40, np.mean(parts, 0), source="NumPy")
    best = minimize(linear, {"w": np.zeros(3), "b": 0.0}, {"x": X, "y": t})
    yield Fact("minimised, it gives the closed form", solved, np.append(best.params["w"], best.params["b"]), rtol=1e-4, source="least squares")


def classifier(hidden: int, seed: int = 0) -> tuple[Model, dict[Any, np.ndarray]]:
    """A binary classifier with `hidden` tanh units (none: one neuron), and the four points of XOR."""
    value, where, parameters = x[i, j], [], {}
    if hidden:
        layer = nn.dense(value, (m, h), "1", nn.tanh)
        value, where, parameters = layer.expression, layer.where, layer.parameters
    last = nn.dense(value, (c, K), "2")
    p = sp.IndexedBase("p")
    where = [*where, *last.where, (p[i], nn.sigmoid(last.expression.subs(c, 0)))]
    parameters = {**parameters, **last.parameters}
    begin = {"weight": init.normal(1.0), "bias": init.zeros()}
    model = Model(loss=nn.binary_cross_entropy(p[i], y[i], (i, 0, n - 1)) / n, where=where, prediction=p, sample_index=i,
                  params={symbol: begin[role] for symbol, role in parameters.items()}, sizes={K: 1, **({h: hidden} if hidden else {})})
    return model, {x: XOR[0], y: XOR[1]}


@entry("M2", "The artificial neuron and what it can solve", "AB")
def neuron() -> Parts:
    """g(b + w^T x) with each activation; a separable problem is solved by one neuron, XOR is not, and one hidden layer solves it."""
    w, b, xs = sp.symbols("w1:3", real=True), sp.Symbol("b", real=True), sp.symbols("x1:3", real=True)
    a = b + w[0] * xs[0] + w[1] * xs[1]
    at = {"w1": 0.5, "w2": -1.0, "b": 0.2, "x1": 1.5, "x2": 0.3}
    yield [Formula(compile(activation(a), wrt=[*w, b], name=f"neuron_{activation.__name__}"), at)
           for activation in (nn.linear, nn.sigmoid, nn.tanh, nn.relu)]
    single, data = classifier(0)
    trained = fit(single, data, optimizer=Adam(0.1), epochs=300, batch_size=None, progress=False)
    either = {x: XOR[0], y: np.array([0.0, 1.0, 1.0, 1.0])}
    separable = fit(single, either, optimizer=Adam(0.1), epochs=300, batch_size=None, progress=False)
    deep, _ = classifier(4)
    solved = fit(deep, data, optimizer=Adam(0.1), epochs=300, batch_size=None, seed=1, progress=False)
    yield Fact("right of 4, OR by one neuron", 4, int(((separable.predict(x=XOR[0]) > 0.5) == either[y]).sum()), source="separable")
    yield Fact("XOR by one neuron misses a point", True, bool(((trained.predict(x=XOR[0]) > 0.5) == XOR[1]).sum() < 4))
    yield Fact("right of 4, XOR by one hidden layer", 4, int(((solved.predict(x=XOR[0]) > 0.5) == XOR[1]).sum()), source="capacity")
    yield Figure("XOR: where one hidden layer says 1", lambda ax: _boundary(ax, solved),
                 tuple(f"p{tuple(map(int, point))} = {p:.3f}" for point, p in zip(XOR[0], solved.predict(x=XOR[0]), strict=True)))


def _boundary(ax: Any, fitted: Any) -> None:
    grid = np.linspace(-0.5, 1.5, 61)
    u, v = np.meshgrid(grid, grid)
    p = fitted.predict(x=np.column_stack([u.ravel(), v.ravel()])).reshape(u.shape)
    ax.contourf(u, v, p, levels=np.linspace(0, 1, 11), cmap="RdBu_r", alpha=0.7)
    ax.scatter(*XOR[0].T, c=XOR[1], edgecolors="black", cmap="RdBu_r")


@entry("M3", "Hidden layers and the approximation of any function", "BE")
def hidden_layers() -> Parts:
    """W2 max(0, W1 x), W3 max(0, W2 max(0, W1 x)), one and L hidden layers; a 1-D function is fitted the better the more units."""
    W = [sp.MatrixSymbol(f"W{k}", *shape) for k, shape in enumerate([(h, d), (h, h), (K, h)], 1)]
    v, t = sp.MatrixSymbol("x", d, 1), sp.MatrixSymbol("t", K, 1)
    two, three = W[2] * nn.relu(W[0] * v), W[2] * nn.relu(W[1] * nn.relu(W[0] * v))
    rng = np.random.default_rng(2)
    at = {"W1": rng.normal(size=(5, 3)), "W2": rng.normal(size=(5, 5)), "W3": rng.normal(size=(2, 5)), "x": rng.normal(size=3), "t": np.zeros(2)}
    yield [Formula(compile(nn.squared_error(two, t), wrt=[W[0], W[2]], name="two_layer_relu"), {k: v for k, v in at.items() if k != "W2"}),
           Formula(compile(nn.squared_error(three, t), wrt=W, name="three_layer_relu"), at), _deep(4)]
    fits = {units: _fit_sine(units) for units in (1, 3, 6)}
    errors = {units: error for units, (error, _) in fits.items()}
    yield Fact("more hidden units fit the 1-D function better", True, errors[1] > errors[3] > errors[6])
    yield Fact("6 hidden units fit sin(2 pi x) to a mean squared error below 1e-3", True, errors[6] < 1e-3)
    yield Figure("sin(2 pi x) by one hidden layer", lambda ax: [ax.plot(GRID, curve, label=label) for label, curve in (
        ("target", SINE), *((f"{units} units", fitted) for units, (_, fitted) in fits.items()))],
        tuple(f"{units} units: mean squared error {error:.2e}" for units, error in errors.items()))


def _deep(layers: int) -> Formula:
    value, where, parameters = x[i, j], [], {}
    for k in range(1, layers + 1):
        layer = nn.dense(value, (m if k % 2 else j, h), str(k), nn.tanh)
        value, where, parameters = layer.expression, [*where, *layer.where], {**parameters, **layer.parameters}
    last = nn.dense(value, (c, K), str(layers + 1))
    where, parameters = [*where, *last.where], {**parameters, **last.parameters}
    f = compile(nn.squared_error(last.expression, 0, [(c, 0, K - 1), (i, 0, n - 1)]), where=where, wrt=list(parameters), name="deep_tanh")
    return Formula(f, f.example())


GRID = np.linspace(0.0, 1.0, 60)
SINE = np.sin(2 * np.pi * GRID)


def _fit_sine(units: int) -> tuple[float, np.ndarray]:
    """The mean squared error of a fit of the sine, and the fitted curve."""
    layer = nn.dense(x[i, j], (m, h), "1", nn.tanh)
    w, b = sp.IndexedBase("w", shape=(h,)), sp.Symbol("b", real=True)
    output = sp.Sum(w[m] * layer.expression, (m, 0, h - 1)) + b
    f = compile(nn.squared_error(output, y[i], (i, 0, n - 1)) / n, where=layer.where, wrt=[*layer.parameters, w, b])
    rng = np.random.default_rng(3)
    begin = {"W1": 6 * rng.normal(size=(units, 1)), "b1": 6 * rng.uniform(-1, 1, units), "w": np.zeros(units), "b": 0.0}
    best = minimize(f, begin, {"x": GRID[:, None], "y": SINE}, options={"maxiter": 300})
    hidden = np.tanh(GRID[:, None] @ best.params["W1"].T + best.params["b1"])
    return float(best.fun), hidden @ best.params["w"] + best.params["b"]


@entry("M4", "Softmax and cross-entropy", "BE")
def softmax_cross_entropy() -> Parts:
    """-log f(x)_y with one-hot and with integer labels: the gradient at the output is -e(y)/f(x)_y, at the pre-activation f(x) - e(y)."""
    rng = np.random.default_rng(4)
    X, W, b, labels = rng.normal(size=(6, 4)), rng.normal(size=(3, 4)), rng.normal(size=3), np.array([0, 2, 1, 1, 0, 2])
    integer = MODELS["softmax_regression"]()
    at = {"W": W, "b": b, "x": X, "y": labels}
    target, P = sp.IndexedBase("t", shape=(n, K)), sp.IndexedBase("P")
    scores, where, parameters = nn.dense(x[i, j], (c, K))
    one_hot = compile(nn.cross_entropy(P[i, c], target[i, c], (c, 0, K - 1), (i, 0, n - 1)) / n, wrt=list(parameters), name="softmax_one_hot",
                      where=[*where, (P[i, c], nn.softmax(scores, c))])
    yield [Formula(integer, at), Formula(one_hot, {"W": W, "b": b, "x": X, "t": np.eye(3)[labels]})]
    f, e = softmax_rows(X @ W.T + b), np.eye(3)[labels]
    declared, compiled = integer.table(at=at), integer.table(at=at, stage="compiled")
    yield Fact("at the output: -e(y)/f(x)_y", -e / f / 6, declared["P"].adjoint_value, source="the lecture's formula")
    yield Fact("at the pre-activation: f(x) - e(y)", (f - e) / 6, compiled["a"].adjoint_value, source="the lecture's formula")
    yield Text("the pre-activation's gradient as it is compiled", str(compiled["a"].adjoint))
    yield Fact("one-hot and integer labels: one gradient", (f - e).T @ X / 6, one_hot.grads(W=W, b=b, x=X, t=e)["W"], source="(f - e)^T x / n")


@entry("M5", "Linear classifiers: multi-class hinge and softmax", "E", slips=1)
def linear_classifiers() -> Parts:
    """s = W x with sum_(j != y) max(0, s_j - s_y + 1), and with softmax; where the hinge loss is zero, W and 2 W are equally good."""
    hinge, soft = MODELS["hinge_classifier"](), MODELS["softmax_regression"]()
    rng = np.random.default_rng(5)
    X, W, labels = rng.normal(size=(5, 3)), rng.normal(size=(4, 3)), np.array([0, 3, 1, 2, 0])
    yield [Formula(hinge, {"W": W, "x": X, "y": labels}), Formula(soft, {"W": W, "b": np.zeros(4), "x": X, "y": labels})]
    apart, own = 3 * np.eye(4), np.arange(4)
    yield Fact("hinge loss of W and of 2 W on separated classes", [0, 0], [hinge(W=k * np.eye(4), x=apart, y=own) for k in (1, 2)])
    losses = [soft(W=k * np.eye(4), b=np.zeros(4), x=apart, y=own) for k in (1, 2)]
    yield Fact("softmax prefers 2 W", True, losses[1] < losses[0])
    s = X @ W.T
    margins = lambda sign: np.maximum(0, s + sign * s[np.arange(5), labels][:, None] + 1) * (1 - np.eye(4)[labels])  # noqa: E731
    yield Slip("E", "max(0, W_j x + W_y x + 1) in the matrix-calculus slide", "max(0, W_j x - W_y x + 1), as its first line says",
               derived=float(np.max(np.abs(hinge.grad(W=W, x=X, y=labels)))),
               decides=float(np.max(np.abs(numeric_gradient(lambda W: _hinge(W, X, labels, -1), {"W": W}, "W")))),
               printed=float(np.max(np.abs(numeric_gradient(lambda W: _hinge(W, X, labels, 1), {"W": W}, "W")))), number="largest slope: numeric")
    yield Fact("the loss", margins(-1).sum() / 5, hinge(W=W, x=X, y=labels), source="NumPy")


def _hinge(W: np.ndarray, X: np.ndarray, labels: np.ndarray, sign: int) -> float:
    s = X @ W.T
    margins = np.maximum(0, s + sign * s[np.arange(len(labels)), labels][:, None] + 1)
    margins[np.arange(len(labels)), labels] = 0
    return float(margins.sum() / len(labels))


@entry("M6", "Backpropagation through L layers as matrix formulas", "B")
def matrix_formulas() -> Parts:
    """grad_W = delta h^T, grad_b = delta, delta_(k-1) = (W^T delta) times g' element by element."""
    sizes = [4, 5, 3]
    W = [sp.MatrixSymbol(f"W{k}", sizes[k], sizes[k - 1]) for k in (1, 2)]
    b = [sp.MatrixSymbol(f"b{k}", sizes[k], 1) for k in (1, 2)]
    v, a1, h1, a2 = (sp.MatrixSymbol(name, size, 1) for name, size in (("x", 4), ("a1", 5), ("h1", 5), ("a2", 3)))
    e = sp.MatrixSymbol("e", 3, 1)
    f = compile(nn.cross_entropy(nn.softmax(a2), e), wrt=[*W, *b], name="layered_classifier",
                where=[(a1, W[0] * v + b[0]), (h1, nn.tanh(a1)), (a2, W[1] * h1 + b[1])])
    rng = np.random.default_rng(6)
    at = {one.name: rng.normal(size=one.shape) for one in (*W, *b, v)} | {"e": np.array([[0.0], [1.0], [0.0]])}
    yield Formula(f, at)
    hidden = np.tanh(at["W1"] @ at["x"] + at["b1"])
    delta = softmax_rows((at["W2"] @ hidden + at["b2"]).T).T - at["e"]
    below = (at["W2"].T @ delta) * (1 - hidden**2)
    grads = f.grads(**at)
    for name, want in (("W2", delta @ hidden.T), ("b2", delta), ("W1", below @ at["x"].T), ("b1", below)):
        yield Fact(f"grad_{name}", want, grads[name], source="the lecture's formula")
    table = f.table()
    yield Text("as derived", "\n".join(str(table.gradient[name]) for name in ("W2", "b2", "W1", "b1")))


STEPS = 2000
"""The steps that the lecture takes; fewer give a short run."""


@entry("M7", "The two-layer net of twenty lines", "E", slips=1)
def twenty_lines(steps: int | None = None) -> Parts:
    """64 samples of 1000 features, 100 sigmoid units, 10 outputs, sum of squares, steps of 1e-4: against the lecture's lines in NumPy."""
    steps = steps or STEPS
    N, D, H, C = sp.symbols("N D H C", integer=True, positive=True)
    X, Y, w1, w2 = sp.MatrixSymbol("x", N, D), sp.MatrixSymbol("y", N, C), sp.MatrixSymbol("w1", D, H), sp.MatrixSymbol("w2", H, C)
    f = compile(nn.squared_error(nn.sigmoid(X * w1) * w2, Y), wrt=[w1, w2], name="twenty_lines")
    rng = np.random.default_rng(7)
    small = {"x": rng.normal(size=(6, 5)), "y": rng.normal(size=(6, 2)), "w1": rng.normal(size=(5, 4)), "w2": rng.normal(size=(4, 2))}
    forward = Formula(_three_layers(), {"W1": rng.normal(size=(4, 3)), "W2": rng.normal(size=(4, 4)), "W3": rng.normal(size=(1, 4)),
                                    "b1": rng.normal(size=4), "b2": rng.normal(size=4), "b3": 0.3, "x": rng.normal(size=3)})
    yield [Formula(f, small), forward]
    after = small["w1"] - 1e-4 * f.grads(**small)["w1"]
    moved = lambda new: float((small["w1"] - new)[0, 0] / 1e-4)  # noqa: E731  what the step takes for the gradient
    yield Slip("E", "w1 = 1e-4 * grad_w1", "w1 -= 1e-4 * grad_w1, as the line of w2 has it", derived=moved(after),
               decides=float(numeric_gradient(f, small, "w1")[0, 0]), printed=moved(1e-4 * f.grads(**small)["w1"]),
               number="the slope the step of w1[0, 0] follows, numeric")
    losses, plain = twenty_line_losses(f, steps)
    yield Fact(f"the loss at each of {steps} steps, step for step", plain, losses, rtol=1e-12, source="the lecture's lines")
    yield Figure("loss against step", lambda ax: ax.semilogy(losses),
                 tuple(f"step {k}: {losses[k]:.6g}" for k in (0, steps // 10, steps // 2, steps - 1)))


def _three_layers() -> Any:
    shapes = {"W1": (4, 3), "W2": (4, 4), "W3": (1, 4), "b1": (4, 1), "b2": (4, 1), "b3": (1, 1), "x": (3, 1)}
    s = {name: sp.MatrixSymbol(name, *shape) for name, shape in shapes.items()}
    inner = nn.sigmoid(s["W2"] * nn.sigmoid(s["W1"] * s["x"] + s["b1"]) + s["b2"])
    return compile(s["W3"] * inner + s["b3"], wrt=[one for name, one in s.items() if name != "x"], name="three_layer_forward")


def twenty_line_losses(f: Any, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Losses of `steps` steps of 1e-4, by generated code and an optimizer, and by the lecture's lines (with its slip mended)."""
    rng = np.random.default_rng(0)
    data = {"x": rng.normal(size=(64, 1000)), "y": rng.normal(size=(64, 10))}
    params = {"w1": rng.normal(size=(1000, 100)), "w2": rng.normal(size=(100, 10))}
    plain = {name: value.copy() for name, value in params.items()}
    optimizer = SGD(1e-4)
    state, losses, wanted = optimizer.init(params), [], []
    for _ in range(steps):
        value, gradients = f.value_and_grads(**params, **data)
        optimizer.update(params, gradients, state)
        losses.append(value)
        wanted.append(_lecture_step(plain, data))
    return np.array(losses), np.array(wanted)


def _lecture_step(w: dict[str, np.ndarray], data: dict[str, np.ndarray]) -> float:
    """One pass of the lecture's loop, changing w; returns its loss."""
    hidden = 1 / (1 + np.exp(-data["x"].dot(w["w1"])))
    error = hidden.dot(w["w2"]) - data["y"]
    grad_y = 2.0 * error
    grad_h = grad_y.dot(w["w2"].T)
    grad_w1 = data["x"].T.dot(grad_h * hidden * (1 - hidden))
    w["w2"] -= 1e-4 * hidden.T.dot(grad_y)
    w["w1"] -= 1e-4 * grad_w1
    return float(np.square(error).sum())
