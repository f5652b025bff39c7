"""Reports by layer against plain NumPy: slopes, saturated and dead units, deltas, in each spelling of a net."""

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.train import layer_report
from symgrad.train.activations import layers_of, u

n, d, h, K = sp.symbols("n d h K", integer=True, positive=True)
i, j, c, k = sp.symbols("i j c k", integer=True)
RNG = np.random.default_rng(12)


def sigmoid(z):
    return 1 / (1 + sp.exp(-z))


def leaky(z):
    return sp.Piecewise((z, z > 0), (z / 10, True))


ACTIVATIONS = {
    "sigmoid": (sigmoid, lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z))**2, 0.25),
    "tanh": (sp.tanh, np.tanh, lambda z: 1 / np.cosh(z)**2, 1.0),
    "relu": (lambda z: sp.Max(0, z), lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0, 1.0),
    "leaky": (leaky, lambda z: np.where(z > 0, z, z / 10), lambda z: np.where(z > 0, 1.0, 0.1), 1.0),
    "softplus": (lambda z: sp.log(1 + sp.exp(z)), lambda z: np.log1p(np.exp(z)), lambda z: 1 / (1 + np.exp(-z)), 1.0),
    "elu": (lambda z: sp.Piecewise((z, z > 0), (sp.exp(z) - 1, True)), lambda z: np.where(z > 0, z, np.exp(z) - 1),
            lambda z: np.where(z > 0, 1.0, np.exp(z)), 1.0),
}


def indexed(depth, activation, inline):
    """depth layers with biases, the pre-activations named or not."""
    x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n, d))
    where, params, before = [], {}, x
    for layer in range(1, depth + 1):
        W, b = sp.IndexedBase(f"W{layer}", shape=(d, d)), sp.IndexedBase(f"b{layer}", shape=(d,))
        z, after = sp.IndexedBase(f"z{layer}"), sp.IndexedBase(f"h{layer}")
        affine = sp.Sum(W[c, j] * before[i, j], (j, 0, d - 1)) + b[c]
        where += [(after[i, c], activation(affine))] if inline else [(after[i, c], activation(z[i, c])), (z[i, c], affine)]
        params |= {W: sg.init.glorot_normal(), b: sg.init.zeros()}
        before = after
    loss = sp.Sum((before[i, c] - y[i, c])**2, (c, 0, d - 1), (i, 0, n - 1)) / n
    return sg.Model(loss=loss, where=where[::-1], params=params, sample_index=i)


def values(depth, size=5, samples=30, scale=1.0):
    params = {}
    for layer in range(1, depth + 1):
        params |= {f"W{layer}": scale * RNG.normal(size=(size, size)), f"b{layer}": 0.3 * RNG.normal(size=size)}
    return params, {"x": RNG.normal(size=(samples, size)), "y": RNG.normal(size=(samples, size))}


def by_hand(params, data, depth, value, slope):
    """(pre-activations, deltas dL/dz, weight gradients) of each layer."""
    zs, hs = [], [data["x"]]
    for layer in range(1, depth + 1):
        zs.append(hs[-1] @ params[f"W{layer}"].T + params[f"b{layer}"])
        hs.append(value(zs[-1]))
    delta, deltas = 2 / len(data["x"]) * (hs[-1] - data["y"]), []
    for layer in range(depth, 0, -1):
        delta = delta * slope(zs[layer - 1])
        deltas.insert(0, delta)
        delta = delta @ params[f"W{layer}"]
    return zs, deltas, [one.T @ before for one, before in zip(deltas, hs, strict=False)]


@pytest.mark.parametrize("inline", [False, True])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_figures_agree_with_plain_numpy(name, inline):
    activation, value, slope, bound = ACTIVATIONS[name]
    params, data = values(3)
    report = layer_report(indexed(3, activation, inline), params, data)
    zs, deltas, gradients = by_hand(params, data, 3, value, slope)
    assert [layer.name for layer in report.layers] == ["h1", "h2", "h3"]
    for layer, z, delta, gradient in zip(report.layers, zs, deltas, gradients, strict=True):
        weight = params[f"W{layer.name[1]}"]
        assert layer.units == 5 and layer.slope_bound == pytest.approx(bound, rel=1e-9)
        assert layer.slope == pytest.approx(slope(z).mean(), rel=1e-10)
        assert layer.saturated == pytest.approx((slope(z) < 0.05 * bound).mean(), abs=1e-12)
        assert layer.dead == (slope(z) == 0).all(0).sum()
        assert layer.gradient == pytest.approx(np.linalg.norm(delta), rel=1e-10)
        assert layer.weight_gradients[f"W{layer.name[1]}"] == pytest.approx(np.linalg.norm(gradient), rel=1e-10)
        assert layer.weight_norm == pytest.approx(np.linalg.svd(weight)[1][0], rel=1e-10)
        assert layer.factor_bound == pytest.approx(bound * layer.weight_norm) and layer.factor <= layer.factor_bound


def test_a_gradient_falls_at_least_by_its_bound():
    """|delta of a layer| <= |delta of the next| * |W of the next| * the largest slope: sigmoid's 1/4."""
    params, data = values(6)
    report = layer_report(indexed(6, sigmoid, False), params, data)
    for layer, after in zip(report.layers, report.layers[1:], strict=False):
        assert layer.gradient <= after.gradient * after.weight_norm * layer.slope_bound * (1 + 1e-12)


def test_scalars_matrices_and_lists_of_samples_have_layers_too():
    x, y, w1, w2, b1, z, h1, h2 = sp.symbols("x y w1 w2 b1 z h1 h2", real=True)
    chain = sg.Model(loss=(y - h2)**2, where=[(z, w1 * x + b1), (h1, sigmoid(z)), (h2, sp.tanh(w2 * h1))], batch=[x, y], params={w1: 0.5, w2: 2.0, b1: 0.1})
    xs, ys = RNG.normal(size=20), RNG.normal(size=20)
    report = layer_report(chain, {"w1": 0.5, "w2": 2.0, "b1": 0.1}, {"x": xs, "y": ys})
    inner = 1 / (1 + np.exp(-(0.5 * xs + 0.1)))
    outer = np.tanh(2 * inner)
    last = 2 / 20 * (outer - ys) * (1 - outer**2)
    assert [report["h1"].weight_norm, report["h2"].weight_norm] == [0.5, 2.0] and report["h1"].units == report["h2"].units == 1
    assert report["h2"].gradient == pytest.approx(np.linalg.norm(last), rel=1e-10)
    assert report["h1"].gradient == pytest.approx(np.linalg.norm(last * 2 * inner * (1 - inner)), rel=1e-10)

    X, W1, W2, Y, H = (sp.MatrixSymbol(name, *shape) for name, shape in (("X", (n, d)), ("W1", (d, h)), ("W2", (h, K)), ("Y", (n, K)), ("H", (n, h))))
    residual = H * W2 - Y
    net = sg.Model(loss=sp.Trace(residual.T * residual) / n, where=[(H, (X * W1).applyfunc(sp.tanh))], params={W1: sg.init.zeros(), W2: sg.init.zeros()},
                   sample_index=n, sizes={h: 3})
    data, params = {"X": RNG.normal(size=(9, 4)), "Y": RNG.normal(size=(9, 2))}, {"W1": RNG.normal(size=(4, 3)), "W2": RNG.normal(size=(3, 2))}
    figures, hidden = layer_report(net, params, data)["H"], np.tanh(data["X"] @ params["W1"])
    delta = 2 / 9 * (hidden @ params["W2"] - data["Y"]) @ params["W2"].T * (1 - hidden**2)
    assert figures.units == 3 and figures.gradient == pytest.approx(np.linalg.norm(delta), rel=1e-10)
    assert figures.slope == pytest.approx((1 - hidden**2).mean(), rel=1e-10)
    assert figures.weight_norm == pytest.approx(np.linalg.norm(params["W1"], 2), rel=1e-10)


def test_a_maxout_is_a_layer_whose_gradient_goes_to_the_larger_piece():
    """Indexed, in matrices and of scalars: the norm of dL/dh, a slope of 1, and the norm of the weights of all pieces."""
    i, j, m = sp.symbols("i j m", integer=True)
    x, y, w = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("w", shape=(h,))
    data, begin = {"x": RNG.normal(size=(9, 4)), "y": RNG.normal(size=9)}, {"w": RNG.normal(size=5)}
    layer = sg.nn.maxout_layer(x[i, j], (m, h), 3, "1")
    net = sg.Model(loss=sp.Sum((sp.Sum(w[m] * layer.expression, (m, 0, h - 1)) - y[i]) ** 2, (i, 0, n - 1)), where=layer.where, sample_index=i,
                   params={**dict.fromkeys(layer.parameters, sg.init.zeros()), w: sg.init.zeros()}, sizes={h: 5})
    params = {**begin, "W1": RNG.normal(size=(3, 5, 4)), "b1": RNG.normal(size=(3, 5))}
    found = layer_report(net, params, data)["h1"]
    hidden = (np.einsum("pmj,ij->ipm", params["W1"], data["x"]) + params["b1"]).max(1)
    delta = 2 * (hidden @ params["w"] - data["y"])[:, None] * params["w"]
    assert found.gradient == pytest.approx(np.linalg.norm(delta), rel=1e-10)
    assert (found.activation, found.units, found.slope, found.slope_bound, found.saturated, found.dead) == ("maxout", 5, 1, 1, 0, 0)
    assert found.weight_norm == pytest.approx(np.linalg.norm(params["W1"].reshape(15, 4), 2), rel=1e-10)

    X, Y, v = sp.MatrixSymbol("x", n, d), sp.MatrixSymbol("y", n, 1), sp.MatrixSymbol("w", h, 1)
    layer = sg.nn.maxout_layer(X, h, 2, "1")
    net = sg.Model(loss=sg.nn.squared_error(layer.expression * v, Y), where=layer.where, sample_index=n, sizes={h: 5},
                   params={**dict.fromkeys(layer.parameters, sg.init.zeros()), v: sg.init.zeros()})
    params = {"w": begin["w"][:, None], **{str(s): RNG.normal(size=(4, 5) if role == "weight" else (1, 5)) for s, role in layer.parameters.items()}}
    hidden = np.maximum(*(data["x"] @ params[f"W1_{p}"] + params[f"b1_{p}"] for p in (0, 1)))
    delta = 2 * (hidden @ begin["w"] - data["y"])[:, None] * begin["w"]
    found = layer_report(net, params, {"x": data["x"], "y": data["y"][:, None]})["h1"]
    assert found.activation == "maxout" and found.gradient == pytest.approx(np.linalg.norm(delta), rel=1e-10)

    a, b, big = sp.symbols("a b big", real=True)
    leaky = sg.Model(loss=(big - 1) ** 2, where=[(big, sp.Max(a / 10, a))], params={a: 1.0})
    both = sg.Model(loss=(big - 1) ** 2, where=[(big, sp.Max(b, a))], params={a: 1.0, b: 2.0})
    assert layer_report(leaky, {"a": -2.0}, {})["big"].slope == pytest.approx(0.1) and layer_report(both, {"a": 1.0, "b": 2.0}, {})["big"].gradient == 2


@pytest.mark.parametrize("activation, scale, depth, words", [
    (sigmoid, 1.0, 12, "vanishes"), (lambda z: sp.Max(0, z), 3.0, 8, "explodes"), (sigmoid, 60.0, 2, "saturated"),
])
def test_verdicts(activation, scale, depth, words):
    params, data = values(depth, scale=scale)
    report = layer_report(indexed(depth, activation, False), params, data)
    assert any(words in verdict for verdict in report.verdicts) and words in str(report)


def test_dead_units_are_counted():
    params, data = values(2)
    params["b1"] = np.array([-100.0, 0.0, -100.0, 0.0, 0.0])
    report = layer_report(indexed(2, lambda z: sp.Max(0, z), True), params, data)
    assert report["h1"].dead == 2 and "2 of the 5 units of h1 are dead" in str(report)


def test_a_report_is_a_table_and_a_plot():
    from matplotlib.figure import Figure
    params, data = values(4)
    report = layer_report(indexed(4, sp.tanh, False), params, data)
    lines = str(report).splitlines()
    assert lines[0].startswith("layer  activation  units") and len(lines) == 5 and "tanh(u)" in lines[1]
    axes = Figure().subplots()
    assert report.plot(axes) is axes and axes.get_yscale() == "log"
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [layer.gradient for layer in report.layers])


def test_what_is_no_activation_is_no_layer():
    """Sums, products with data, softmax, batch statistics and dropout are not functions of one pre-activation."""
    x, W, mask, s = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("W", shape=(K, d)), sp.IndexedBase("mask", shape=(n, K)), sp.Symbol("s", real=True)
    a, P, z, q, mu, v = map(sp.IndexedBase, ("a", "P", "z", "q", "mu", "v"))
    where = [(a[i, c], sp.Sum(W[c, j] * x[i, j], (j, 0, d - 1))), (P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1))),
             (mu[c], sp.Sum(P[i, c], (i, 0, n - 1)) / n), (z[i, c], (P[i, c] - mu[c]) * mask[i, c]), (q[i, c], 3 * z[i, c] + 1),
             (v[i, c], sp.Piecewise((q[i, c], q[i, c] > 0), (s * q[i, c], True)))]
    f = sg.compile(sp.Sum(v[i, c]**2, (c, 0, K - 1), (i, 0, n - 1)), wrt=[W, s], where=where)
    layers, _ = layers_of(f.declared)
    assert [(layer.name, layer.pre) for layer in layers] == [("v", "q")]  # parametric relu, with its trained slope
    assert layers[0].activation.free_symbols == {u, s}


def test_a_model_without_layers_is_named():
    w, x, y = sp.symbols("w x y", real=True)
    with pytest.raises(sg.errors.UnsupportedError, match="no layers"):
        layer_report(sg.Model(loss=(w * x - y)**2, params={w: 0.0}, batch=[x, y]), {"w": 1.0}, {"x": np.ones(3), "y": np.ones(3)})


def test_layers_of_the_helpers_are_found():
    x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n, K))
    first = sg.nn.dense(x[i, j], (k, h), "1", sp.tanh)
    out = sg.nn.dense(first.expression, (c, K), "2")
    loss = sp.Sum((out.expression - y[i, c])**2, (c, 0, K - 1), (i, 0, n - 1)) / n
    model = sg.Model(loss=loss, where=[*first.where, *out.where], sample_index=i, sizes={h: 6, K: 2},
                     params={one: sg.init.glorot_normal() for layer in (first, out) for one in layer.parameters})
    data = {"x": RNG.normal(size=(20, 3)), "y": RNG.normal(size=(20, 2))}
    start = sg.fit(model, data, epochs=1, progress=False)
    report = layer_report(model, start.params, data)
    assert [layer.name for layer in report.layers] == ["h1"] and report.layers[0].units == 6
