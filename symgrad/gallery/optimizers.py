"""O1 … O9: the update rules in the forms of the lectures, each against the lecture's own lines."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from symgrad import nn
from symgrad.compiler import Compiled, compile
from symgrad.gallery.entries import Fact, Figure, Formula, Parts, Slip, Text, entry
from symgrad.gallery.models import MODELS
from symgrad.gallery.update_lines import LINES, Line, walked
from symgrad.optim import SGD, Adadelta, AdaGrad, Adam, Momentum, Nesterov, Newton, Optimizer, RMSProp, classify, random_search
from symgrad.optim.variants import FORMS, AdamInside, InterimNesterov, ShiftedNesterov, VelocityNesterov

d = sp.Symbol("d", integer=True, positive=True)
j = sp.Symbol("j", integer=True)
w, k = sp.IndexedBase("w", shape=(d,)), sp.IndexedBase("k", shape=(d,))
CURVES, START = np.array([1.0, 25.0]), np.array([-2.0, 1.0])
STEPS = 200


@cache
def quadratic() -> Compiled:
    """sum k_j w_j^2/2, badly conditioned where the k differ."""
    return compile(sp.Sum(k[j] * w[j] ** 2, (j, 0, d - 1)) / 2, wrt=w, name="conditioned_quadratic")


def path(optimizer: Optimizer, f: Compiled, steps: int = STEPS, start: np.ndarray = START, **data: Any) -> np.ndarray:
    """The weights before the first step of an optimizer and after each, with the gradient taken where it wants it."""
    return np.array([params["w"] for params in walk(optimizer, f, {"w": start}, data, steps)])


def walk(optimizer: Optimizer, f: Compiled, params: dict[str, Any], data: dict[str, Any], steps: int) -> list[dict[str, Any]]:
    """The parameters before the first step of an optimizer and after each, as `path`."""
    state, found = optimizer.init(params), [params]
    for _ in range(steps):
        more = {"hessian": f.hessian(**params, **data)} if optimizer.needs_hessian else {}
        params, state = optimizer.step(params, f.grads(**optimizer.point(params, state), **data), state, **more)
        found.append(params)
    return found


@cache
def problems() -> dict[str, tuple[Compiled, dict[str, Any], dict[str, Any]]]:
    """What the paths are compared on, each with its start and its data: a quadratic, Rosenbrock's valley, a small net."""
    rng = np.random.default_rng(41)
    net, valley = MODELS["two_layer_net"](), MODELS["rosenbrock"]()
    shapes = {"W1": (3, 4), "b1": (1, 4), "W2": (4, 2)}
    return {"quadratic": (quadratic(), {"w": START}, {"k": CURVES}),
            "Rosenbrock": (valley, {"x": np.array([0.5, -0.5, 0.25])}, {}),
            "net": (net, {name: 0.5 * rng.normal(size=shape) for name, shape in shapes.items()},
                    {"X": rng.normal(size=(6, 3)), "Y": rng.normal(size=(6, 2))})}


def deviations(optimizer: Optimizer, line: Line) -> dict[str, float]:
    """The largest difference between the path of an optimizer and the lecture's line, beside the larger of 1 and the line's number."""
    if optimizer.maximise:
        return {"quadratic": _deviation(optimizer, line, *problems()["quadratic"], steps=40)}
    slow = optimizer.replace(learning_rate=1e-3) if "learning_rate" in optimizer.defaults else optimizer
    return {name: _deviation(optimizer if name == "quadratic" else slow, line, *problem) for name, problem in problems().items()}


def _deviation(optimizer: Optimizer, line: Line, f: Compiled, params: dict[str, Any], data: dict[str, Any], steps: int = STEPS) -> float:
    flat = f.flat(params, data)
    want = walked(line, optimizer, flat.jac, flat.x0, steps)
    found = np.array([flat.pack(one) for one in walk(optimizer, f, params, data, steps)])
    return float((np.abs(found - want) / np.maximum(np.abs(want), 1)).max())


def forms(rule: str) -> Parts:
    """Every form of a rule: its equations, and how far its path is from the lecture's lines over 200 steps."""
    yield Formula(quadratic(), {"w": START, "k": CURVES})
    listed = [form for form in FORMS if form.rule == rule]
    for form, line in zip(listed, LINES[rule], strict=True):
        optimizer = form.optimizer
        found = deviations(optimizer, line)
        yield Text(f"{type(optimizer).__name__} ({', '.join(form.decks)})", str(optimizer.table()))
        yield Fact(f"{optimizer}: largest deviation from the lecture's lines on {', '.join(found)}", [0.0] * len(found), list(found.values()),
                   atol=1e-12, source="equal")


def losses(walk: np.ndarray) -> np.ndarray:
    return (CURVES * walk**2).sum(-1) / 2


def comparison(title: str, optimizers: dict[str, Optimizer], steps: int = 100) -> Figure:
    """The loss of several optimizers on the quadratic, step by step."""
    f = quadratic()
    found = {name: losses(path(optimizer, f, steps, k=CURVES)) for name, optimizer in optimizers.items()}
    return Figure(title, lambda ax: [ax.semilogy(one, label=name) for name, one in found.items()],
                  tuple(f"{name}: loss {one[-1]:.3e} after {steps} steps" for name, one in found.items()))


ALL: dict[str, Optimizer] = {"descent": SGD(0.01), "momentum": Momentum(0.01), "Nesterov": Nesterov(0.01), "AdaGrad": AdaGrad(0.5),
                             "RMSProp": RMSProp(0.05), "Adadelta": Adadelta(epsilon=1e-4), "Adam": Adam(0.1)}
"""The optimizers that the lectures compare, each with a rate that suits the quadratic."""


def paths(title: str, optimizers: dict[str, Optimizer], steps: int = 100) -> Figure:
    """The ways of several optimizers over the lines of equal loss of the quadratic."""
    found = {name: path(optimizer, quadratic(), steps, k=CURVES) for name, optimizer in optimizers.items()}

    def draw(ax: Any) -> None:
        across, up = np.meshgrid(np.linspace(-2.2, 1.2, 60), np.linspace(-1.2, 1.2, 60))
        ax.contour(across, up, (CURVES[0] * across**2 + CURVES[1] * up**2) / 2, levels=12, colors="0.8")
        for name, one in found.items():
            ax.plot(*one.T, ".-", markersize=3, linewidth=1, label=name)

    return Figure(title, draw, tuple(f"{name}: after {steps} steps at ({one[-1, 0]:.3g}, {one[-1, 1]:.3g})" for name, one in found.items()))


@entry("O1", "Gradient descent, stochastic and by mini-batches; gradient ascent", "ABCDE")
def descent() -> Parts:
    """w - rate * gradient, with the gradient of one sample, of a mini-batch (32, 64, 128) or of all, the regularizer's included; ascent for
    likelihoods; noise where the gradients of samples differ."""
    yield from forms("O1")
    x, y = sp.symbols("x y", real=True)
    v, lam = sp.symbols("v lambda", real=True)
    f = compile((v * x - y) ** 2 + lam * nn.l2(v), wrt=v, batch=[x, y], reduce="mean")
    rng = np.random.default_rng(40)
    X = rng.normal(size=256)
    Y = 1.5 * X + 0.3 * rng.normal(size=256)
    whole = f.grad(v=0.5, x=X, y=Y, **{"lambda": 0.1})
    yield Fact("the regularizer's gradient is in it", np.mean(2 * (0.5 * X - Y) * X) + 0.1, whole, source="NumPy")
    spread = {size: float(np.std([f.grad(v=0.5, x=X[q:q + size], y=Y[q:q + size], **{"lambda": 0.1}) for q in range(0, 256, size)]))
              for size in (1, 32, 128)}
    yield Fact("gradients of larger mini-batches differ less", True, spread[1] > spread[32] > spread[128])
    yield comparison("learning rates compared", {f"rate {rate:g}": SGD(rate) for rate in (0.001, 0.01, 0.05, 0.079)})


@entry("O2", "Momentum, in all forms", "ABCE")
def momentum() -> Parts:
    """v = a v - e g, w += v; v = g v + m grad, w -= v; v = r v + grad, w -= a v; v = r v - a grad, w += v; g_bar = grad + beta g_bar: one
    path in five spellings."""
    yield from forms("O2")
    f = quadratic()
    paths = [path(form.optimizer.replace(learning_rate=0.01), f, k=CURVES) for form in FORMS if form.rule == "O2"]
    yield Fact("largest difference between the five with one rate", 0.0, float(max(np.abs(one - paths[0]).max() for one in paths)), source="equal")
    yield comparison("momentum on a badly conditioned quadratic", {"without": SGD(0.01), "momentum": Momentum(0.01), "Nesterov": Nesterov(0.01)})


@entry("O3", "Nesterov momentum", "ACE", slips=2)
def nesterov() -> Parts:
    """The gradient at x + rho v, and the change of variables that gives the same iterates; the interim point without the factor is another
    optimizer."""
    yield from forms("O3")
    f, rate = quadratic(), 0.01
    look, shifted = path(VelocityNesterov(rate), f, k=CURVES), path(ShiftedNesterov(rate), f, k=CURVES)
    velocity = np.vstack([np.zeros(2), np.diff(look, axis=0)])
    yield Fact("after the change of variables: x + rho v at every step", look + 0.9 * velocity, shifted, rtol=1e-10, source="the look-ahead")
    line: Line = LINES["O3"][0]
    plain = walked(line, VelocityNesterov(rate), lambda v: CURVES * v, START, 50)
    interim = path(InterimNesterov(rate), f, 50, k=CURVES)
    for deck, prints in (("A", "the interim point theta + v"), ("C", "the gradient at w - v")):
        yield Slip(deck, f"{prints}, without the momentum factor", "the gradient at x + rho v", derived=float(look[50, 0]),
                   decides=float(plain[50, 0]), printed=float(interim[50, 0]), number="x_1 after 50 steps by the lines with the factor,")


@entry("O4", "AdaGrad", "ABCE")
def adagrad() -> Parts:
    """Rates shrink with the sum of squared gradients; epsilon stands outside the root in two lectures and inside in two."""
    yield from forms("O4")
    f = quadratic()
    yield Fact("steps keep shrinking: the gradients add up", True, _shrinks(path(AdaGrad(0.5), f, k=CURVES)))
    yield comparison("adaptive rates", {"AdaGrad": AdaGrad(0.5), "RMSProp": RMSProp(0.05), "descent": SGD(0.01)})


def _shrinks(walk: np.ndarray) -> bool:
    sizes = np.abs(np.diff(walk[:, 0]))
    return bool((np.diff(sizes) < 0).all())


@entry("O5", "RMSProp", "ABCE")
def rmsprop() -> Parts:
    """AdaGrad with a running mean in the place of the sum."""
    yield from forms("O5")


@entry("O6", "Adadelta", "C")
def adadelta() -> Parts:
    """RMS of the last steps over RMS of the gradients: no learning rate is required, though one is used in practice."""
    yield from forms("O6")
    yield comparison("Adadelta starts slowly", {"Adadelta": Adadelta(epsilon=1e-4), "Adam": Adam(0.1), "RMSProp": RMSProp(0.05)})


@entry("O7", "Adam", "ABCE", slips=1)
def adam() -> Parts:
    """Running means of the gradient and its square, with bias correction, or without it as one lecture has it."""
    yield from forms("O7")
    slope = 0.01
    step = AdamInside(1.0, epsilon=0.0).step({"w": np.zeros(1)}, {"w": np.array([slope])}, AdamInside(1.0, epsilon=0.0).init({"w": np.zeros(1)}))
    yield Slip("C", "mu/sqrt(b_hat^2 + epsilon) m_hat", "mu/sqrt(b_hat + epsilon) m_hat: b_hat is the mean of squares already",
               derived=float(-step[0]["w"][0]), decides=slope / np.sqrt(slope**2), printed=slope / np.sqrt((slope**2) ** 2),
               number="the first step of rate 1, |g|/sqrt(g^2),")
    yield comparison("all together on a badly conditioned quadratic", ALL)
    yield paths("their ways, from the left to (0, 0)", ALL)


@entry("O8", "Random search", "E", slips=1)
def random() -> Parts:
    """Draw weights, keep the best: it will eventually kind of work."""
    f = quadratic()
    yield Formula(f, {"w": START, "k": CURVES})
    found = random_search(f, {"w": (2,)}, {"k": CURVES}, attempts=300, seed=4)
    rng = np.random.default_rng(4)
    tried = rng.standard_normal((300, 2))
    values = (CURVES * tried**2).sum(1) / 2
    best_loss, best_w = 1e9, tried[0]
    for attempt, loss in zip(tried, values, strict=True):
        if loss < best_loss:
            best_w = attempt  # the lecture's loop has no line bestloss = loss
    yield Slip("E", "if loss < bestloss: bestw = w, and bestloss stays as it was", "bestloss = loss is set too", derived=found.value,
               decides=float(values.min()), printed=float((CURVES * best_w**2).sum() / 2), number="smallest loss of the same 300 drawings,")
    yield Fact("gradient descent from the same start is below it", True, bool(losses(path(SGD(0.05), f, 100, k=CURVES))[-1] < found.value))
    yield Figure("best loss so far", lambda ax: ax.semilogy(found.history), (f"after 300 drawings: {found.value:.4g}",))


@entry("O9", "Newton's step and critical points", "ACE", slips=1)
def newton() -> Parts:
    """w - H^-1 g reaches the minimum of a quadratic in one step, and stops at a saddle, which noise leaves; critical points are told apart by
    the Hessian; its condition number says how slow descent is."""
    u, v = sp.symbols("x y", real=True)
    f, saddle = quadratic(), compile(u**2 - v**2, wrt=[u, v], name="saddle")
    yield [Formula(f, {"w": START, "k": CURVES}), Formula(saddle, {"x": 0.3, "y": 0.1})]
    yield Text("Newton's step", str(Newton().table()))
    one = path(Newton(), f, 1, k=CURVES)[-1]
    yield Fact("one step on the quadratic", [0, 0], one, source="its minimum")
    yield Slip("C", "Delta w = (Q'')^-1 Q' in the derivation of Adadelta", "Delta w = -(Q'')^-1 Q'", derived=float((one - START)[0]),
               decides=float(-START[0]), printed=float(np.linalg.solve(np.diag(CURVES), CURVES * START)[0]), number="minimum less start,")
    yield Fact("kinds of (0, 0)", True, [classify(f.hessian(w=np.zeros(2), k=c)).kind for c in (CURVES, -CURVES)] == ["minimum", "maximum"]
               and classify(np.array(saddle.hessian(x=0.0, y=0.0))).kind == "saddle")
    yield Fact("condition number", 25.0, classify(f.hessian(w=START, k=CURVES)).condition, source="25/1")
    walkers = {"descent from y = 0": SGD(0.1), "with noise": SGD(0.1, noise=0.01, seed=1), "Newton": Newton()}
    ways = {name: _walk_saddle(saddle, optimizer) for name, optimizer in walkers.items()}
    ends = {name: float(way[-1, 1]) for name, way in ways.items()}
    yield Fact("descent from y = 0 and Newton end at the saddle, noise leaves it", True,
               abs(ends["descent from y = 0"]) < 1e-12 and abs(ends["Newton"]) < 1e-12 and abs(ends["with noise"]) > 1)
    yield Figure("the way around the saddle of x^2 - y^2", lambda ax: _draw_saddle(ax, ways),
                 tuple(f"{name}: y = {y:.4g} after 40 steps" for name, y in ends.items()))


def _draw_saddle(ax: Any, ways: dict[str, np.ndarray]) -> None:
    across, up = np.meshgrid(np.linspace(-1.2, 1.2, 60), np.linspace(-1.2, 1.2, 60))
    ax.contour(across, up, across**2 - up**2, levels=12, colors="0.8")
    for name, way in ways.items():
        seen = way[np.abs(way[:, 1]) < 1.2]
        ax.plot(*seen.T, "o-", markersize=3, label=name)


def _walk_saddle(saddle: Compiled, optimizer: Optimizer) -> np.ndarray:
    """(x, y) before each of 40 steps on x^2 - y^2 and after the last; Newton begins off the axis."""
    begin = {"x": 1.0, "y": 0.5 if optimizer.needs_hessian else 0.0}
    return np.array([(one["x"], one["y"]) for one in walk(optimizer, saddle, begin, {}, 40)])
