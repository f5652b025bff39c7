"""Magnitude pruning: which units are weak, what is left of a model, and that what is left computes the same."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from symgrad import nn
from symgrad.errors import InputError, OptionError, UnsupportedError
from symgrad.optim import Adam
from symgrad.train import Model, fit, init, prune, unit_strengths

n, d, h = sp.symbols("n d h", integer=True, positive=True)
i, j, m = sp.symbols("i j m", integer=True)
x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))
rng = np.random.default_rng(0)
DATA = {"x": rng.normal(size=(40, 3)), "y": rng.normal(size=40)}


def net(**first):
    """A relu layer with batch normalisation before it, and a linear output."""
    layer = nn.dense(x[i, j], (m, h), "1")
    norm = nn.batch_norm(layer.expression, "1")
    w, b, out = sp.IndexedBase("w", shape=(h,)), sp.Symbol("b", real=True), sp.IndexedBase("f", shape=(n,))
    starts = {"weight": init.he_normal(), "bias": init.zeros(), "scale": init.ones(), "shift": init.zeros()}
    params = {**{s: starts[role] for s, role in {**layer.parameters, **norm.parameters}.items()}, w: init.normal(0.5), b: init.zeros()}
    return Model(loss=nn.squared_error(out[i], y[i], (i, 0, n - 1)) / n, prediction=out, sample_index=i, sizes={h: 6},
                 where=[*layer.where, *norm.where, (out[i], sp.Sum(w[m] * nn.relu(norm.expression), (m, 0, h - 1)) + b)],
                 averages=dict.fromkeys(norm.averages, 0.9), params={**params, **first})


@pytest.fixture(scope="module")
def trained():
    return fit(net(), DATA, optimizer=Adam(0.02), epochs=5, progress=False)


def test_strengths_are_products_of_norms_without_biases(trained):
    want = np.linalg.norm(trained.params["W1"], axis=1) * np.abs(trained.params["w"])
    np.testing.assert_allclose(unit_strengths(trained, h), want, rtol=1e-14)
    np.testing.assert_array_equal(unit_strengths(trained, "h"), unit_strengths(trained, h))


def test_a_unit_that_leads_nowhere_may_go(trained):
    """Without a dead unit, predictions are those of the whole net, and averages of the layer lose the unit too."""
    trained.params["w"][[1, 4]] = 0.0
    smaller = prune(trained, h, 0.0)
    assert smaller.params["W1"].shape == (4, 3) and smaller.averages["mu1"].shape == (4,) and smaller.params["b"] == trained.params["b"]
    np.testing.assert_allclose(smaller.predict(x=DATA["x"]), trained.predict(x=DATA["x"]), rtol=1e-12)
    assert trained.params["W1"].shape == (6, 3)


def test_the_smaller_model_trains_on_or_anew(trained):
    smaller = prune(trained, h, float(np.sort(unit_strengths(trained, h))[2]))
    count = len(smaller.params["w"])
    on, anew = (fit(model, DATA, optimizer=Adam(0.0), epochs=1, progress=False) for model in (smaller.model, smaller.model.restarted()))
    assert count == 3
    np.testing.assert_array_equal(on.params["W1"], smaller.params["W1"])
    assert anew.params["W1"].shape == (3, 3) and (anew.params["W1"] != smaller.params["W1"]).all()


def test_a_model_may_begin_with_other_values():
    begun = net().restarted({"w": np.arange(6.0), "b": 2.0})
    found = fit(begun, DATA, optimizer=Adam(0.0), epochs=1, progress=False).params
    np.testing.assert_array_equal(found["w"], np.arange(6.0))
    assert found["b"] == 2.0


def test_wrong_prunings_are_named(trained):
    for call, kind, words in ((lambda: prune(trained, h, 1e9), InputError, "stronger"), (lambda: prune(trained, "k", 0.1), InputError, "d, h"),
                              (lambda: prune(trained, h, -1), OptionError, "threshold"), (lambda: net().restarted({"q": 1.0}), InputError, "q"),
                              (lambda: net().restarted({"w": "zeros"}), OptionError, "initializer")):
        with pytest.raises(kind, match=words):
            call()


def test_two_layers_of_one_size_are_refused():
    W, w = sp.IndexedBase("W", shape=(h, h)), sp.IndexedBase("w", shape=(h,))
    loss = sp.Sum((sp.Sum(W[m, j] * w[j], (j, 0, h - 1)) - 1) ** 2, (m, 0, h - 1))
    found = fit(Model(loss=loss, params={W: init.normal(1.0), w: init.ones()}, sizes={h: 3}), {}, epochs=1, progress=False)
    with pytest.raises(UnsupportedError, match="2 axes"):
        prune(found, h, 0.0)
