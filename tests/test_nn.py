"""symgrad.nn: every activation, loss, regularizer and layer in each spelling, against plain NumPy and central differences."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad import nn
from symgrad.errors import DeclarationError, ShapeError

n, d, h, K = sp.symbols("n d u K", integer=True, positive=True)
i, j, c, m = sp.symbols("i j c m", integer=True)
N, D, C = 4, 3, 3
rng = np.random.default_rng(20)
A = np.array([[-1.5, 0.25, 2.0], [0.5, -0.75, 1.0], [3.0, -2.0, -0.1], [0.7, 1.3, -2.2]])
B = rng.normal(size=(N, C))
SLOPES = rng.uniform(0.1, 0.4, (N, C))
LABELS = np.array([2, 0, 1, 1])
HOT = np.eye(C)[LABELS]
SPELLINGS = ["scalar", "list", "indexed", "matrix"]


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def softmax(v):
    e = np.exp(v - v.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def compiled(function, spelling, others):
    """The sum over all elements, each weighted differently, of function(a, *others), with `others` arrays of the shape of a or None."""
    names = ["a", *(f"q{k}" for k in range(others))]
    if spelling == "matrix":
        symbols = [sp.MatrixSymbol(name, n, K) for name in names]
        weights = sp.MatrixSymbol("w", n, K)
        return sg.compile(sp.Trace(weights.T * function(*symbols)), wrt=symbols)
    if spelling == "indexed":
        arrays = [sp.IndexedBase(name, shape=(n, K)) for name in names]
        weights = sp.IndexedBase("w", shape=(n, K))
        value = function(*(array[i, c] for array in arrays))
        return sg.compile(sp.Sum(weights[i, c] * value, (c, 0, K - 1), (i, 0, n - 1)), wrt=arrays)
    return None


def evaluated(function, spelling, arrays):
    """(values, d/d(each array) of a weighted sum) of an elementwise function, in one spelling."""
    weights = 1 + np.arange(A.size).reshape(A.shape) / 7
    if spelling in ("matrix", "indexed"):
        f = compiled(function, spelling, len(arrays) - 1)
        at = dict(zip(f.wrt, arrays, strict=True)) | {"w": weights}
        value, gradients = f.value_and_grad(**at)
        return value, [g / weights for g in gradients]
    symbols = sp.symbols(f"a q0:{len(arrays) - 1}", real=True) if len(arrays) > 1 else (sp.Symbol("a", real=True),)
    if spelling == "list":
        columns = [[sp.Symbol(f"{s}_{k}", real=True) for k in range(C)] for s in symbols]
        results = function(*columns)
        assert isinstance(results, list) and len(results) == C
        ws = sp.symbols(f"w0:{C}", real=True)
        f = sg.compile(sum(w * r for w, r in zip(ws, results, strict=True)), wrt=[s for column in columns for s in column],
                       batch=[*(s for column in columns for s in column), *ws], reduce="sum")
        at = {s.name: arrays[k][:, q] for k, column in enumerate(columns) for q, s in enumerate(column)}
        value, gradients = f.value_and_grad(**at, **{w.name: weights[:, q] for q, w in enumerate(ws)})
        return value, [np.stack(gradients[k * C:(k + 1) * C], 1) / weights for k in range(len(arrays))]
    w = sp.Symbol("w", real=True)
    f = sg.compile(w * function(*symbols), wrt=list(symbols), batch=[*symbols, w], reduce="sum")
    value, gradients = f.value_and_grad(*(array.ravel() for array in arrays), w=weights.ravel())
    return value, [g.reshape(A.shape) / weights for g in gradients]


def differences(reference, arrays, step=1e-6):
    """Central differences of an elementwise reference towards each array."""
    return [(reference(*arrays[:k], arrays[k] + step, *arrays[k + 1:]) - reference(*arrays[:k], arrays[k] - step, *arrays[k + 1:])) / (2 * step)
            for k in range(len(arrays))]


ACTIVATIONS = {
    "linear": (nn.linear, lambda a: a, 1),
    "sigmoid": (nn.sigmoid, sigmoid, 1),
    "tanh": (nn.tanh, np.tanh, 1),
    "relu": (nn.relu, lambda a: np.maximum(a, 0), 1),
    "softplus": (nn.softplus, lambda a: np.log(1 + np.exp(a)), 1),
    "leaky_relu": (nn.leaky_relu, lambda a: np.where(a > 0, a, 0.01 * a), 1),
    "leaky_relu 0.1": (lambda a: nn.leaky_relu(a, 0.1), lambda a: np.where(a > 0, a, 0.1 * a), 1),
    "elu": (nn.elu, lambda a: np.where(a >= 0, a, np.exp(a) - 1), 1),
    "elu 0.7": (lambda a: nn.elu(a, sp.Rational(7, 10)), lambda a: np.where(a >= 0, a, 0.7 * (np.exp(a) - 1)), 1),
    "parametric_relu": (nn.parametric_relu, lambda a, s: np.where(a > 0, a, s * a), 2),
    "randomized_leaky_relu": (nn.randomized_leaky_relu, lambda a, s: np.where(a > 0, a, s * a), 2),
    "noisy_relu": (nn.noisy_relu, lambda a, e: np.maximum(a + e, 0), 2),
    "maxout": (nn.maxout, lambda a, b: np.maximum(a, b), 2),
    "maxout of three": (lambda a, b: nn.maxout(a, b, 0.5 * a if not isinstance(a, list) else [0.5 * v for v in a]),
                        lambda a, b: np.maximum(np.maximum(a, b), 0.5 * a), 2),
}
"""Each elementwise activation with a transcription in NumPy and its number of arguments."""


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name, spelling):
    function, reference, count = ACTIVATIONS[name]
    arrays = [A, SLOPES if "relu" in name else B][:count]
    value, gradients = evaluated(function, spelling, arrays)
    weights = 1 + np.arange(A.size).reshape(A.shape) / 7
    assert value == pytest.approx(np.sum(weights * reference(*arrays)), rel=1e-12)
    for got, want in zip(gradients, differences(reference, arrays), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-9)


def test_every_activation_is_tried():
    module = inspect.getmodule(nn.relu)
    public = {name for name, one in vars(module).items() if inspect.isfunction(one) and one.__module__ == module.__name__ and name[0] != "_"}
    assert public - {"softmax"} <= {name.split(" ")[0] for name in ACTIVATIONS}


@pytest.mark.parametrize("spelling", ["scalar", "indexed", "matrix"])
@pytest.mark.parametrize("name, slope", [("relu", 0.0), ("leaky_relu", 0.01), ("leaky_relu 0.1", 0.1), ("elu", 1.0), ("elu 0.7", 1.0)])
def test_slopes_at_the_kink_are_the_lectures(name, slope, spelling):
    _, (gradient,) = evaluated(ACTIVATIONS[name][0], spelling, [np.zeros_like(A)])
    np.testing.assert_array_equal(gradient, np.full_like(A, slope))


@pytest.mark.parametrize("spelling", ["scalar", "indexed", "matrix"])
def test_other_slopes_at_kinks(spelling):
    zeros, slopes = np.zeros_like(A), SLOPES
    _, (gradient, of_slope) = evaluated(nn.parametric_relu, spelling, [zeros, slopes])
    np.testing.assert_allclose(gradient, slopes, rtol=1e-15)
    np.testing.assert_array_equal(of_slope, zeros)
    _, (one, other) = evaluated(nn.maxout, spelling, [A, A])
    np.testing.assert_allclose(one, np.full_like(A, 0.5), rtol=1e-15)
    np.testing.assert_allclose(other, np.full_like(A, 0.5), rtol=1e-15)


def test_a_trained_slope_may_be_one_number():
    beta, X = sp.Symbol("beta", real=True), sp.MatrixSymbol("X", n, K)
    f = sg.compile(sp.Trace(sp.OneMatrix(K, n) * nn.parametric_relu(X, beta)), wrt=beta)
    assert f.grad(beta=0.3, X=A) == pytest.approx(A[A < 0].sum(), rel=1e-14)


# ---------------------------------------------------------------------- softmax

def softmax_by(spelling):
    """A weighted sum of a softmax by spelling, and how inputs are called there."""
    if spelling == "list":
        a, w = sp.symbols(f"a0:{C}", real=True), sp.symbols(f"w0:{C}", real=True)
        f = sg.compile(sum(p * q for p, q in zip(nn.softmax(list(a)), w, strict=True)), wrt=list(a), batch=[*a, *w], reduce="sum")
        return lambda av, wv: (lambda r: (r[0], np.stack(r[1], 1)))(f.value_and_grad(**{s.name: av[:, k] for k, s in enumerate(a)},
                                                                                     **{s.name: wv[:, k] for k, s in enumerate(w)}))
    if spelling == "matrix":
        a, w = sp.MatrixSymbol("a", n, K), sp.MatrixSymbol("w", n, K)
        f = sg.compile(sp.Trace(w.T * nn.softmax(a)), wrt=a)
    elif spelling == "columns":
        a, w = sp.MatrixSymbol("a", K, n), sp.MatrixSymbol("w", K, n)
        f = sg.compile(sp.Trace(w.T * nn.softmax(a, axis=0)), wrt=a)
        return lambda av, wv: (lambda r: (r[0], r[1].T))(f.value_and_grad(a=np.ascontiguousarray(av.T), w=np.ascontiguousarray(wv.T)))
    else:
        a, w = sp.IndexedBase("a", shape=(n, K)), sp.IndexedBase("w", shape=(n, K))
        over = c if spelling == "indexed" else (c, 0, K - 1)
        f = sg.compile(sp.Sum(w[i, c] * nn.softmax(a[i, c], over), (c, 0, K - 1), (i, 0, n - 1)), wrt=a)
    return lambda av, wv: f.value_and_grad(a=av, w=wv)


@pytest.mark.parametrize("spelling", ["list", "indexed", "indexed with a range", "matrix", "columns"])
@pytest.mark.parametrize("scale", [1.0, 400.0])
def test_softmax(spelling, scale):
    value, gradient = softmax_by(spelling)(scale * A, B)
    P = softmax(scale * A)
    assert value == pytest.approx(np.sum(B * P), rel=1e-11)
    np.testing.assert_allclose(gradient, P * (B - np.sum(B * P, 1, keepdims=True)), rtol=1e-9, atol=1e-12)


def test_softmax_of_a_column_is_over_its_rows():
    a, w = sp.MatrixSymbol("a", K, 1), sp.MatrixSymbol("w", K, 1)
    f = sg.compile(w.T * nn.softmax(a), wrt=a)
    assert f(a=A[0], w=B[0]) == pytest.approx(B[0] @ softmax(A[0]), rel=1e-13)


# ---------------------------------------------------------------------- losses

def hinge_of(scores, labels):
    margins = np.maximum(scores - scores[np.arange(N), labels][:, None] + 1, 0)
    margins[np.arange(N), labels] = 0
    return margins.sum()


def loss_by(kind, spelling):
    """A loss of scores s, declared in one spelling, as a function of an array of scores."""
    if spelling == "list":
        s = sp.symbols(f"s0:{C}", real=True)
        y = sp.Symbol("y", integer=True)
        hot = sp.symbols(f"t0:{C}", real=True)
        loss = {"cross entropy": lambda: nn.cross_entropy(nn.softmax(list(s)), y), "one hot": lambda: nn.cross_entropy(nn.softmax(list(s)), list(hot)),
                "hinge": lambda: nn.multiclass_hinge(list(s), y), "hinge one hot": lambda: nn.multiclass_hinge(list(s), list(hot)),
                "squared error": lambda: nn.squared_error(list(s), list(hot)),
                "binary cross entropy": lambda: nn.binary_cross_entropy(nn.sigmoid(list(s)), list(hot)),
                "binary hinge": lambda: nn.binary_hinge(list(s), [2 * t - 1 for t in hot])}[kind]()
        names = {one.name for one in loss.free_symbols}
        given = {"y": LABELS} | {t.name: HOT[:, k] for k, t in enumerate(hot)}
        given = {name: value for name, value in given.items() if name in names}
        f = sg.compile(loss, wrt=list(s), batch=[*s, *given], reduce="sum")
        return lambda av: (lambda r: (r[0], np.stack(r[1], 1)))(f.value_and_grad(**{one.name: av[:, k] for k, one in enumerate(s)}, **given))
    loss, where, s = (_matrix_loss if spelling == "matrix" else _indexed_loss)(kind)
    f = sg.compile(loss, wrt=s, where=where)
    given = {name: value for name, value in {"y": LABELS, "t": HOT}.items() if name in f.arguments}
    return lambda av: f.value_and_grad(s=av, **given)


def _indexed_loss(kind):
    s, t, y = sp.IndexedBase("s", shape=(n, K)), sp.IndexedBase("t", shape=(n, K)), sp.IndexedBase("y", shape=(n,))
    P, samples, both = nn.softmax(s[i, c], c), (i, 0, n - 1), [(c, 0, K - 1), (i, 0, n - 1)]
    return {"cross entropy": lambda: nn.cross_entropy(P, y[i], c, samples), "one hot": lambda: nn.cross_entropy(P, t[i, c], c, samples),
            "hinge": lambda: nn.multiclass_hinge(s[i, c], y[i], c, samples),
            "hinge one hot": lambda: nn.multiclass_hinge(s[i, c], y[i], (c, 0, K - 1), samples),
            "squared error": lambda: nn.squared_error(s[i, c], t[i, c], both),
            "binary cross entropy": lambda: nn.binary_cross_entropy(nn.sigmoid(s[i, c]), t[i, c], both),
            "binary hinge": lambda: nn.binary_hinge(s[i, c], 2 * t[i, c] - 1, both)}[kind](), [], s


def _matrix_loss(kind):
    s, t, y, P = sp.MatrixSymbol("s", n, K), sp.MatrixSymbol("t", n, K), sp.IndexedBase("y", shape=(n,)), sp.MatrixSymbol("P", n, K)
    where, ones = [(P, nn.softmax(s))], sp.OneMatrix(n, K)
    loss = {"cross entropy": lambda: nn.cross_entropy(P, y[i], over=(i, 0, n - 1)), "one hot": lambda: nn.cross_entropy(nn.softmax(s), t),
            "hinge": lambda: nn.multiclass_hinge(s, y[i], over=(i, 0, n - 1)), "hinge one hot": lambda: nn.multiclass_hinge(s, t),
            "squared error": lambda: nn.squared_error(s, t), "binary cross entropy": lambda: nn.binary_cross_entropy(nn.sigmoid(s), t),
            "binary hinge": lambda: nn.binary_hinge(s, 2 * t - ones)}[kind]()
    return loss, where if kind == "cross entropy" else [], s


LOSSES = {
    "cross entropy": (lambda s: -np.log(softmax(s)[np.arange(N), LABELS]).sum(), lambda s: softmax(s) - HOT),
    "one hot": (lambda s: -(HOT * np.log(softmax(s))).sum(), lambda s: softmax(s) - HOT),
    "hinge": (lambda s: hinge_of(s, LABELS), None),
    "hinge one hot": (lambda s: hinge_of(s, LABELS), None),
    "squared error": (lambda s: ((s - HOT) ** 2).sum(), lambda s: 2 * (s - HOT)),
    "binary cross entropy": (lambda s: -(HOT * np.log(sigmoid(s)) + (1 - HOT) * np.log(1 - sigmoid(s))).sum(), lambda s: sigmoid(s) - HOT),
    "binary hinge": (lambda s: np.maximum(0, 1 - (2 * HOT - 1) * s).sum(), None),
}


@pytest.mark.parametrize("spelling", ["list", "indexed", "matrix"])
@pytest.mark.parametrize("kind", LOSSES)
def test_losses(kind, spelling):
    reference, slope = LOSSES[kind]
    value, gradient = loss_by(kind, spelling)(A)
    assert value == pytest.approx(reference(A), rel=1e-12)
    want = np.empty_like(A)
    for place in np.ndindex(*A.shape):
        step = np.zeros_like(A)
        step[place] = 1e-6
        want[place] = (reference(A + step) - reference(A - step)) / 2e-6
    np.testing.assert_allclose(gradient, want, rtol=1e-7, atol=1e-8)
    if slope is not None:
        np.testing.assert_allclose(gradient, slope(A), rtol=1e-12, atol=1e-14)


def test_losses_of_one_scalar():
    s, t = sp.symbols("s t", real=True)
    assert nn.squared_error(s, t) == (s - t) ** 2
    f = sg.compile(nn.binary_cross_entropy(nn.sigmoid(s), t), wrt=s)
    assert f.grad(s=0.5, t=1.0) == pytest.approx(sigmoid(0.5) - 1, rel=1e-14)
    f = sg.compile(nn.binary_hinge(s, t), wrt=s)
    assert [f.grad(s=v, t=1.0) for v in (0.5, 1.0, 2.0)] == [-1.0, 0.0, 0.0]


@pytest.mark.parametrize("spelling", ["indexed", "matrix"])
def test_compiled_cross_entropy_is_f_minus_e(spelling):
    """The adjoint of the scores is f(x) - e(y) in the compiled table, and the emitted code has no quotient by f."""
    if spelling == "indexed":
        x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))
        scores, where, parameters = nn.dense(x[i, j], (c, K))
        P = sp.IndexedBase("P")
        f = sg.compile(nn.cross_entropy(P[i, c], y[i], (c, 0, K - 1), (i, 0, n - 1)), wrt=list(parameters),
                       where=[*where, (P[i, c], nn.softmax(scores, c))])
        row = f.table(stage="compiled")["z"]
        a, b = row.at.indices
        want = f.declared.symbols["P"][a, b] - sp.KroneckerDelta(b, f.declared.symbols["y"][a])
    else:
        X, Y, P = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("Y", n, K), sp.MatrixSymbol("P", n, K)
        scores, where, parameters = nn.dense(X, K)
        f = sg.compile(nn.cross_entropy(P, Y), wrt=list(parameters), where=[*where, (P, nn.softmax(scores))])
        row = f.table(stage="compiled")["z"]
        assert "P[" in str(row.adjoint) and "Y[" in str(row.adjoint) and "/P" not in str(row.adjoint)
        return
    assert sp.expand(row.adjoint - want) == 0
    assert "/P" not in f.source and "/ P" not in f.source


# ---------------------------------------------------------------------- regularizers

PENALTIES = {
    "l2": (nn.l2, lambda w: (w**2).sum(), lambda w: 2 * w),
    "l1": (nn.l1, lambda w: np.abs(w).sum(), np.sign),
    "elastic net": (lambda w: nn.elastic_net(w, 0.3), lambda w: (0.3 * w**2 + np.abs(w)).sum(), lambda w: 0.6 * w + np.sign(w)),
    "lq 3": (lambda w: nn.lq(w, 3), lambda w: (np.abs(w) ** 3).sum(), lambda w: 3 * w * np.abs(w)),
    "lq 1.5": (lambda w: nn.lq(w, sp.Rational(3, 2)), lambda w: (np.abs(w) ** 1.5).sum(), lambda w: 1.5 * np.sign(w) * np.sqrt(np.abs(w))),
}


@pytest.mark.parametrize("spelling", ["scalar", "list", "array", "indexed", "matrix"])
@pytest.mark.parametrize("kind", PENALTIES)
def test_regularizers(kind, spelling):
    penalty, reference, slope = PENALTIES[kind]
    if spelling in ("scalar", "list"):
        w = sp.symbols("w0:3", real=True)
        f = sg.compile(penalty(list(w)) if spelling == "list" else sum(penalty(one) for one in w), wrt=list(w))
        at, value = A[0], f(*A[0])
        gradient = np.array(f.grad(*A[0]))
    else:
        array = sp.MatrixSymbol("w", n, d) if spelling == "matrix" else sp.IndexedBase("w", shape=(n, d))
        expression = penalty(array) if spelling != "indexed" else None
        if expression is None:
            over = [(j, 0, d - 1), (i, 0, n - 1)]
            expression = {"l2": lambda: nn.l2(array[i, j], over), "l1": lambda: nn.l1(array[i, j], over),
                          "elastic net": lambda: nn.elastic_net(array[i, j], 0.3, over), "lq 3": lambda: nn.lq(array[i, j], 3, over),
                          "lq 1.5": lambda: nn.lq(array[i, j], sp.Rational(3, 2), over)}[kind]()
        f = sg.compile(expression, wrt=array)
        at, value, gradient = A, f(w=A), f.grad(w=A)
    assert value == pytest.approx(reference(at), rel=1e-13)
    np.testing.assert_allclose(gradient, slope(at), rtol=1e-13)


def test_penalties_have_slope_zero_at_zero():
    w = sp.IndexedBase("w", shape=(n,))
    for penalty, _, _ in PENALTIES.values():
        np.testing.assert_array_equal(sg.compile(penalty(w), wrt=w).grad(w=np.zeros(3)), np.zeros(3))


@pytest.mark.parametrize("x, units", [(sp.IndexedBase("x", shape=(n, d))[i, j], (m, h)), (sp.MatrixSymbol("x", n, d), h)])
def test_weights_and_not_biases_are_penalised(x, units):
    layer = nn.dense(x, units)
    penalty = nn.l2(layer.parameters)
    weight, bias = layer.parameters
    assert nn.weights(layer.parameters) == [weight] and penalty.has(weight) and not penalty.has(bias)


# ---------------------------------------------------------------------- layers

X0 = rng.normal(size=(N, D))
W0, b0 = rng.normal(size=(2, D)), rng.normal(size=2)


def spelled(spelling, layer):
    """A layer of three features compiled as all its outputs, and a function of X, and of parameters in (units, features) form."""
    if spelling == "indexed":
        x = sp.IndexedBase("x", shape=(n, d))
        made = layer(x[i, j], (m, h))
        f = sg.compile(made.expression, outputs=(i, m if made.expression.has(m) else j), where=made.where, wrt=[*made.parameters, x])
        return made, f, lambda X, given: f.value(x=X, **given)
    if spelling == "matrix":
        X = sp.MatrixSymbol("x", n, d)
        made = layer(X, h)
        f = sg.compile(made.expression, where=made.where, wrt=[*made.parameters, X])
        return made, f, lambda X, given: f.value(x=X, **{name: value.T if name[0] == "W" else value for name, value in given.items()})
    xs = list(sp.symbols(f"x0:{D}", real=True))
    made = layer(xs, 2)
    f = sg.compile(made.expression, where=made.where, wrt=[*made.parameters, *xs], batch=xs)
    return made, f, lambda X, given: np.stack(f.value(**{s.name: X[:, k] for k, s in enumerate(xs)}, **split(given)), 1)


def split(given):
    """Arrays as the scalars of a list: W[k, j] becomes W_k_j."""
    return {f"{name}_{'_'.join(map(str, place))}": value[place] for name, value in given.items() for place in np.ndindex(*value.shape)}


@pytest.mark.parametrize("spelling", ["list", "indexed", "matrix"])
@pytest.mark.parametrize("activation, reference", [(None, lambda v: v), (nn.tanh, np.tanh)])
def test_dense(spelling, activation, reference):
    made, _, value = spelled(spelling, lambda x, units: nn.dense(x, units, "", activation))
    expression, where, parameters = made
    assert expression is made.expression and where and {*parameters.values()} == {"weight", "bias"}
    np.testing.assert_allclose(value(X0, {"W": W0, "b": b0}), reference(X0 @ W0.T + b0), rtol=1e-13)


@pytest.mark.parametrize("spelling", ["list", "indexed", "matrix"])
def test_dense_without_bias(spelling):
    made, _, value = spelled(spelling, lambda x, units: nn.dense(x, units, bias=False))
    assert {*made.parameters.values()} == {"weight"}
    np.testing.assert_allclose(value(X0, {"W": W0}), X0 @ W0.T, rtol=1e-13)


@pytest.mark.parametrize("spelling", ["list", "indexed", "matrix"])
def test_maxout_layer(spelling):
    W1, b1 = rng.normal(size=(2, D)), rng.normal(size=2)
    _, _, value = spelled(spelling, lambda x, units: nn.maxout_layer(x, units, 2))
    given = {"W": np.stack([W0, W1]), "b": np.stack([b0, b1])} if spelling == "indexed" else {"W_0": W0, "W_1": W1, "b_0": b0, "b_1": b1}
    np.testing.assert_allclose(value(X0, given), np.maximum(X0 @ W0.T + b0, X0 @ W1.T + b1), rtol=1e-13)


@pytest.mark.parametrize("layer", [lambda x, u: nn.dense(x, u, "", nn.sigmoid), lambda x, u: nn.maxout_layer(x, u, 3)])
@pytest.mark.parametrize("spelling", ["indexed", "matrix"])
def test_gradients_of_layers(spelling, layer):
    made, f, _ = spelled(spelling, layer)
    at = f.example()
    size, jacobian = f.value(**at).size, f.jacobian(**at)
    for name, block in zip(f.wrt, jacobian, strict=True):
        numeric = sg.numeric_gradient(f, at, [name])[0]
        np.testing.assert_allclose(block.reshape(size, -1), np.asarray(numeric).reshape(size, -1), rtol=1e-6, atol=1e-8)
    assert made.random == {} and made.averages == ()


GAMMA, BETA = rng.uniform(0.5, 1.5, D), rng.normal(size=D)


def normalised(X, mean, var):
    return GAMMA * (X - mean) / np.sqrt(var + 1e-5) + BETA


@pytest.mark.parametrize("spelling", ["list", "indexed", "matrix"])
def test_batch_norm_in_training(spelling):
    want = normalised(X0, X0.mean(0), X0.var(0))
    if spelling == "list":
        xs = sp.symbols(f"x0:{N}", real=True)
        made = nn.batch_norm(list(xs))
        f = sg.compile(made.expression, where=made.where, wrt=list(made.parameters))
        got = np.stack([f.value(gamma=GAMMA[k], beta=BETA[k], **{s.name: X0[q, k] for q, s in enumerate(xs)}) for k in range(D)], 1)
    else:
        made, f, value = spelled(spelling, lambda x, units: nn.batch_norm(x))
        got = value(X0, {"gamma": GAMMA, "beta": BETA})
        assert sg.check_gradients(sg.compile(nn.squared_error(made.expression, 0 * made.expression if spelling == "matrix" else 0,
                                                              [] if spelling == "matrix" else [(j, 0, d - 1), (i, 0, n - 1)]),
                                             where=made.where, wrt=list(f.wrt)), f.example())
    assert len(made.averages) == 2
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("spelling", ["list", "indexed", "matrix"])
def test_batch_norm_in_tests(spelling):
    mean, var = rng.normal(size=D), rng.uniform(0.5, 2.0, D)
    if spelling == "list":
        xs, ms, vs = sp.symbols(f"x0:{N}", real=True), *sp.symbols("m v", real=True)
        made = nn.batch_norm(list(xs), mean=ms, variance=vs)
        f = sg.compile(made.expression, where=made.where, wrt=list(made.parameters))
        got = np.stack([f.value(gamma=GAMMA[k], beta=BETA[k], m=mean[k], v=var[k], **{s.name: X0[q, k] for q, s in enumerate(xs)})
                        for k in range(D)], 1)
    else:
        given = [sp.MatrixSymbol(s, 1, d) if spelling == "matrix" else sp.IndexedBase(s, shape=(d,)) for s in "mv"]
        made, _, value = spelled(spelling, lambda x, units: nn.batch_norm(x, mean=given[0], variance=given[1]))
        got = value(X0, {"gamma": GAMMA, "beta": BETA, "m": mean, "v": var})
    assert made.averages == ()
    np.testing.assert_allclose(got, normalised(X0, mean, var), rtol=1e-12)


@pytest.mark.parametrize("x", [sp.IndexedBase("x", shape=(n, d))[i, j], sp.MatrixSymbol("x", n, d)])
def test_dropout_masks_are_random_inputs(x):
    made = nn.dropout(x, 0.25)
    (mask, sampler), = made.random.items()
    f = sg.compile(made.expression, outputs=() if x.is_Matrix else (i, j), wrt="x")
    drawn = sampler(np.random.default_rng(3), (N, D))
    assert set(np.unique(drawn)) == {0.0, 4 / 3}
    np.testing.assert_array_equal(f(x=X0, mask=drawn), X0 * drawn)
    assert nn.dropout([sp.Symbol("p"), sp.Symbol("q")], 0.5).random.keys() == set(sp.symbols("mask_0 mask_1", real=True))
    assert isinstance(mask, (sp.IndexedBase, sp.MatrixSymbol))


def test_samplers_have_the_means_they_say():
    generator = np.random.default_rng(0)
    for sampler in (nn.Dropout(0.3), nn.UniformNoise(), nn.GaussianNoise(0.5)):
        drawn = sampler(generator, (300, 400))
        assert abs(drawn.mean() - sampler.mean) < 5 * drawn.std() / np.sqrt(drawn.size)
        assert type(sampler).__name__ in repr(sampler)


def test_a_model_of_layers_trains():
    """Dense, batch norm, dropout and softmax together: masks are drawn, averages are kept, and the prediction uses them."""
    x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))
    first = nn.dense(x[i, j], (m, h), "1")
    norm = nn.batch_norm(first.expression, "1")
    active = sp.IndexedBase("g", shape=(n, h))
    drop = nn.dropout(active[i, m], 0.2, "1")
    dropped = sp.IndexedBase("q", shape=(n, h))
    last = nn.dense(dropped[i, m], (c, K), "2")
    P = sp.IndexedBase("P")
    where = [*first.where, *norm.where, (active[i, m], nn.relu(norm.expression)), (dropped[i, m], drop.expression), *last.where,
             (P[i, c], nn.softmax(last.expression, c))]
    parameters = {**first.parameters, **norm.parameters, **last.parameters}
    begin = {"weight": sg.init.he_normal(), "bias": sg.init.zeros(), "scale": sg.init.ones(), "shift": sg.init.zeros()}
    model = sg.Model(loss=nn.cross_entropy(P[i, c], y[i], (c, 0, K - 1), (i, 0, n - 1)) / n + sp.Rational(1, 1000) * nn.l2(parameters),
                     where=where, params={s: begin[role] for s, role in parameters.items()}, prediction=P, sample_index=i,
                     random=drop.random, averages=dict.fromkeys(norm.averages, 0.9), sizes={h: 12, K: 3})
    generator = np.random.default_rng(1)
    labels = generator.integers(0, 3, 150)
    data = generator.normal(size=(150, 2)) + 3 * np.array([[0, 0], [1, 0], [0, 1]])[labels]
    fitted = sg.fit(model, {x: data, y: labels}, optimizer=sg.optim.Adam(0.02), epochs=15, progress=False)
    assert (fitted.predict(x=data).argmax(1) == labels).mean() > 0.9
    assert set(fitted.averages) == {"mu1", "var1"}
    np.testing.assert_array_equal(fitted.predict(x=data), fitted.predict(x=data))


@pytest.mark.parametrize("layer", [nn.dense(sp.IndexedBase("b", shape=(n, d))[i, j], (m, h), "", nn.relu),
                                   nn.dense(sp.MatrixSymbol("b", n, d), h, "", nn.relu), nn.maxout_layer(sp.IndexedBase("b", shape=(n, d))[i, j], (m, h), 2),
                                   nn.maxout_layer(sp.MatrixSymbol("b", n, d), h, 2)])
def test_names_of_a_layer_give_way_to_those_of_inputs_and_sizes(layer):
    """A size h, a letter or an input b beside a layer without a name: everything keeps a name of its own."""
    value = layer.expression
    loss = nn.squared_error(value, 0, [(m, 0, h - 1), (i, 0, n - 1)]) if isinstance(value, sp.Indexed) else sp.Trace(value.T * value)
    f = sg.compile(loss, where=layer.where, wrt=list(layer.parameters))
    assert f.check(**f.example()) and "b" in f.arguments and "b" not in f.wrt


# ---------------------------------------------------------------------- mistakes

x, X = sp.IndexedBase("x", shape=(n, d)), sp.MatrixSymbol("X", n, d)


@pytest.mark.parametrize("mistake, kind, word", [
    (lambda: nn.relu(x), DeclarationError, "subscripts"), (lambda: nn.relu("x"), DeclarationError, "text"),
    (lambda: nn.softmax(x[i, j]), DeclarationError, "classes"), (lambda: nn.softmax(sp.IndexedBase("s")[i, c], c), DeclarationError, "range"),
    (lambda: nn.maxout(x[i, j]), DeclarationError, "two"), (lambda: nn.maxout_layer(x[i, j], (m, h), 1), DeclarationError, "two"),
    (lambda: nn.cross_entropy(x[i, j], x[i, j]), DeclarationError, "classes"), (lambda: nn.cross_entropy(X, x[i, j]), DeclarationError, "samples"),
    (lambda: nn.multiclass_hinge(x[i, j], x[i, j]), DeclarationError, "classes"),
    (lambda: nn.squared_error(x[i, j], 0, (i, n)), DeclarationError, "range"), (lambda: nn.l2([]), DeclarationError, "weight"),
    (lambda: nn.l2(sp.IndexedBase("w")), DeclarationError, "shape"), (lambda: nn.dense(x[i, j], h), DeclarationError, "letter"),
    (lambda: nn.dense(2 * x[i, j], (m, h)), DeclarationError, "where"), (lambda: nn.dense([n], h), DeclarationError, "whole number"),
    (lambda: nn.batch_norm(x[i, j], mean=x), DeclarationError, "both"), (lambda: nn.dropout(x[i, j], 1.0), DeclarationError, "rate"),
    (lambda: nn.UniformNoise(1, 0), DeclarationError, "low"), (lambda: nn.GaussianNoise(-1), DeclarationError, "std"),
    (lambda: nn.squared_error([n, d], [n]), ShapeError, "length"), (lambda: nn.relu(np.ones(3)), DeclarationError, "ndarray"),
    (lambda: nn.relu(nn.dense(x[i, j], (m, h), "1")), DeclarationError, "layer.expression"),
    (lambda: nn.dense(nn.dense(x[i, j], (m, h), "1"), (c, K)), DeclarationError, "layer.expression"),
    (lambda: nn.dense(x[i, j], (m, h), "1", "relu"), DeclarationError, "symgrad.nn.relu"),
    (lambda: nn.dense(x[i, j], (j, h), "1"), DeclarationError, "letter j"), (lambda: nn.maxout_layer(x[i, j], (i, h), 2), DeclarationError, "letter i"),
])
def test_mistakes_are_named(mistake, kind, word):
    with pytest.raises(kind, match=word):
        mistake()
