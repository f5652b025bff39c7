"""S1 … S5: learning rates over time, stopping, and the ways of a training run."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from symgrad import nn
from symgrad.compiler import compile
from symgrad.gallery.entries import Fact, Figure, Formula, Parts, entry
from symgrad.gallery.optimizers import CURVES, losses, path, quadratic
from symgrad.optim import SGD, Adam, schedules
from symgrad.train import Curriculum, EarlyStopping, HalveOnPlateau, Model, fit, init, split
from symgrad.train.starts import best_of_starts
from symgrad.train.tuning import search_grid, search_random

n, d, h = sp.symbols("n d h", integer=True, positive=True)
i, j, m = sp.symbols("i j m", integer=True)
x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))


def curve_net(hidden: int) -> Model:
    """One hidden tanh layer that fits a function of one variable."""
    layer = nn.dense(x[i, j], (m, h), "1", nn.tanh)
    w, b, out = sp.IndexedBase("w", shape=(h,)), sp.Symbol("b", real=True), sp.IndexedBase("f", shape=(n,))
    begin = {"weight": init.normal(3.0), "bias": init.uniform(-3, 3)}
    return Model(loss=nn.squared_error(out[i], y[i], (i, 0, n - 1)) / n, prediction=out, sample_index=i, sizes={h: hidden}, name="curve_net",
                 where=[*layer.where, (out[i], sp.Sum(w[m] * layer.expression, (m, 0, h - 1)) + b)],
                 params={**{s: begin[role] for s, role in layer.parameters.items()}, w: init.normal(0.3), b: init.zeros()})


def noisy_sine(count: int, seed: int = 50) -> dict[str, np.ndarray]:
    """sin 2 pi x with noise."""
    rng = np.random.default_rng(seed)
    inputs = rng.uniform(0, 1, count)
    return {"x": inputs[:, None], "y": np.sin(2 * np.pi * inputs) + 0.3 * rng.normal(size=count)}


@entry("S1", "Learning-rate schedules", "E")
def rates() -> Parts:
    """Step (×0.1 after epochs 30, 60, 90), cosine, linear and inverse square root by epoch, a linear warm-up by iteration, and rates scaled with
    the batch size.  The lecture's t counts what is done; the first epoch here is number 1."""
    t, T, rate = sp.symbols("t T alpha", positive=True)
    yield Formula(compile(rate / 2 * (1 + sp.cos(t * sp.pi / T)), wrt=[t, rate], name="cosine_rate"), {"t": 30.0, "T": 100.0, "alpha": 0.1})
    done = np.arange(100)
    chosen = {"step": schedules.step(0.1), "cosine": schedules.cosine(0.1, 100), "linear": schedules.linear(0.1, 100),
              "inverse square root": schedules.inverse_sqrt(0.1)}
    wanted = {"step": 0.1 * 0.1 ** np.searchsorted([30, 60, 90], done, side="right"), "cosine": 0.05 * (1 + np.cos(done * np.pi / 100)),
              "linear": 0.1 * (1 - done / 100), "inverse square root": 0.1 / np.sqrt(done + 1)}
    for name, schedule in chosen.items():
        yield Fact(f"{name}, 100 {schedule.unit}s", wanted[name], np.array(schedule.values(range(1, 101))), source="the lecture's formula")
    warm = schedules.warmup(0.1)
    yield Fact("warm-up at iterations 1, 2500, 5000, 9000", [0.1 / 5000, 0.05, 0.1, 0.1], warm.values([1, 2500, 5000, 9000]))
    yield Fact("four times the batch, four times the rate", 0.4, schedules.scaled_by_batch(0.1, 128, 32)(1))
    yield Figure("schedules by epoch", lambda ax: [ax.plot(done, one.values(range(1, 101)), label=name) for name, one in chosen.items()],
                 tuple(f"{name}: {', '.join(f'{rate:.3g}' for rate in one.values((1, 25, 50, 75, 100)))} at epochs 1, 25, 50, 75, 100"
                       for name, one in chosen.items()))
    yield Figure("warm-up by iteration", lambda ax: warm.plot(10_000, ax),
                 tuple(f"iteration {t}: {warm(t):.3g}" for t in (1, 2500, 5000, 9000)))
    tried = {rate: losses(path(SGD(rate), quadratic(), 40, k=CURVES)) for rate in (0.001, 0.02, 0.075, 0.081)}
    yield Fact("too low is slow, too high diverges", True, bool(tried[0.001][-1] > tried[0.02][-1] and tried[0.081][-1] > tried[0.081][0]))
    yield Figure("loss against step for each rate", lambda ax: [ax.semilogy(one, label=f"{rate:g}") for rate, one in tried.items()],
                 tuple(f"rate {rate:g}: {one[-1]:.3g}" for rate, one in tried.items()))


@entry("S2", "Halving the rate when validation stops improving", "B")
def halving() -> Parts:
    """Begin with a large rate such as 0.1, keep it until the validation error stops improving, then halve it."""
    model = curve_net(12)
    yield Formula(model, model.loss.example())
    fitted = fit(model, noisy_sine(60), optimizer=SGD(0.1), epochs=120, batch_size=8, validation=0.3, callbacks=[HalveOnPlateau(5)],
                 record=["learning_rate"], progress=False)
    found = np.array(fitted.history["learning_rate"])
    yield Fact("the rate begins at", 0.1, float(found[0]))
    yield Fact("each change is a halving", True, bool(set(np.unique(found[1:] / found[:-1])) == {0.5, 1.0}))
    yield Figure("learning rate by epoch", lambda ax: ax.semilogy(found), (f"after 120 epochs: {found[-1]:.3g}",))


@entry("S3", "Early stopping, splits and hyper-parameter search", "BC")
def stopping() -> Parts:
    """Stop when the validation error has not improved for some epochs and keep the best parameters; parts for training, validation and test;
    hyper-parameters chosen on the validation set."""
    model, data = curve_net(40), noisy_sine(60)
    yield Formula(curve_net(5), curve_net(5).loss.example())
    parts = split(data, (0.5, 0.25, 0.25), seed=1)
    yield Fact("samples for training, validation, test", [30, 15, 15], [len(part["y"]) for part in parts], source="1/2, 1/4, 1/4")
    stopped = fit(model, parts.train, optimizer=Adam(0.03), epochs=600, validation=parts.validation, callbacks=[EarlyStopping(20)], progress=False)
    curve = np.array(stopped.history["val_loss"])
    yield Fact("it stops 20 epochs after the best one", 20, len(curve) - 1 - int(np.argmin(curve)), source="patience")
    kept = float(np.mean((stopped.predict(x=parts.validation["x"]) - parts.validation["y"]) ** 2))
    yield Fact("and hands out the best parameters", curve.min(), kept, source="the lowest validation error")

    def train(rate: float, hidden: int) -> Any:
        return fit(curve_net(hidden), parts.train, optimizer=Adam(rate), epochs=40, validation=parts.validation, progress=False)

    grid = search_grid(train, {"rate": [0.001, 0.03], "hidden": [2, 12]})
    tried = search_random(train, {"rate": [0.001, 0.01, 0.1], "hidden": [2, 4, 8]}, trials=4, seed=2)
    yield Fact("trials of the grid and of the random search", [4, 4], [len(grid.trials), len(tried.trials)], source="2 × 2, 4")
    yield Fact("the best has the lowest validation error", min(trial.score for trial in grid.trials), grid.best.score, source="all trials")
    yield Figure("training and validation error by epoch",
                 lambda ax: [ax.semilogy(stopped.history[name], label=name) for name in ("loss", "val_loss")],
                 (f"test error: {np.mean((stopped.predict(x=parts.test['x']) - parts.test['y']) ** 2):.3f}", f"best of the grid: {grid.best.choice}"))


@entry("S4", "Clipping, noise, shuffling, curriculum", "AC")
def craft() -> Parts:
    """Gradients clipped by value or by their norm stay on the road at a cliff; noise on gradients; samples shuffled or easy ones first."""
    v = sp.Symbol("w", real=True)
    cliff = compile(sp.exp(5 * v) + v**2, wrt=v, name="cliff")
    yield Formula(cliff, {"w": 0.3})
    at = {"w": 2.0}
    slope = cliff.grads(**at)
    for option, optimizer in (("clip_norm", SGD(0.1, clip_norm=1.0)), ("clip_value", SGD(0.1, clip_value=1.0))):
        moved, _ = optimizer.step(at, slope, optimizer.init(at))
        yield Fact(f"a step with {option} = 1 from w = 2, where the slope is {slope['w']:.3g}", 1.9, float(moved["w"]), source="2 - 0.1")
    pair = {"a": np.array([3.0]), "b": np.array([4.0])}
    clipped, _ = SGD(1.0, clip_norm=1.0).step({"a": np.zeros(1), "b": np.zeros(1)}, pair, SGD().init({"a": np.zeros(1), "b": np.zeros(1)}))
    yield Fact("clipping by the norm keeps the direction", [-0.6, -0.8], [float(clipped["a"][0]), float(clipped["b"][0])], source="(3, 4)/5")
    noisy = SGD(1.0, noise=0.04, noise_decay=0.5)
    steps, _ = noisy.step({"w": np.zeros(20_000)}, {"w": np.zeros(20_000)}, noisy.init({"w": np.zeros(20_000)}))
    yield Fact("variance of the gradient noise at step 1", 0.04 / math.sqrt(2), float(steps["w"].var()), rtol=0.05, source="noise/(1 + t)^decay")
    seen = {name: _orders(order) for name, order in (("shuffled", "shuffled"), ("sequential", "sequential"),
                                                     ("curriculum", Curriculum(lambda data: np.abs(data["y"]))))}
    yield Fact("samples as they are: two epochs alike; shuffled: they differ", [True, False],
               [seen["sequential"][0] == seen["sequential"][1], seen["shuffled"][0] == seen["shuffled"][1]])
    yield Fact("easy ones first: by ascending |y|", True, seen["curriculum"][0] == sorted(seen["curriculum"][0], key=abs))


def _orders(order: Any) -> list[list[float]]:
    """The targets in the order in which two epochs take them, told apart by a loss that is linear in its parameter."""
    v, target = sp.symbols("w y", real=True)
    model = Model(loss=v * target, params={v: 0.0}, batch=[target])
    targets, found = np.array([3.0, -1.0, 2.0, 0.5, -4.0]), []

    class Seen(SGD):
        """Remembers each gradient, which is the target of the sample."""

        def update(self, params: dict[str, np.ndarray], grads: Any, state: dict[str, Any]) -> None:
            found.append(round(float(grads["w"]), 12))
            super().update(params, grads, state)

    fit(model, {target: targets}, optimizer=Seen(0.0), epochs=2, batch_size=1, order=order, progress=False)
    return [found[:5], found[5:]]


@entry("S5", "Several random starts", "A")
def starts() -> Parts:
    """A loss with local minima: descent ends in the nearest one, so begin at several places and keep the best."""
    v = sp.Symbol("w", real=True)
    loss = sp.sin(3 * v) + v**2 / 10
    model = Model(loss=loss, params={v: init.uniform(-6, 6)}, name="many_minima")
    yield Formula(model, {"w": 1.0})
    found = best_of_starts(model, {}, 8, optimizer=SGD(0.05), epochs=200, progress=False)
    ends = np.array(found.scores)
    grid = np.linspace(-6, 6, 100_001)
    lowest = float((np.sin(3 * grid) + grid**2 / 10).min())
    yield Fact("starts end in different minima", True, bool(np.ptp(ends) > 0.1))
    yield Fact("the best start finds the lowest", lowest, float(ends.min()), rtol=1e-6, source="a fine grid")
    yield Figure("the loss and its minima", lambda ax: ax.plot(grid, np.sin(3 * grid) + grid**2 / 10),
                 tuple(f"start {k}: {one:.4f}" for k, one in enumerate(ends, 1)))
