"""Scalar declarations, batches, several outputs and stacked parameters."""

import math

import numpy as np
import pytest
import sympy as sp
from agreement import CHECKS, Case, by_parameter, close, difference, draw

import symgrad as sg

W, X, y, b, z, p = sp.symbols("W X y b z p", real=True)
q1, q2, q3, q4 = sp.symbols("q1 q2 q3 q4", real=True)
n, d, K = sp.symbols("n d K", integer=True, positive=True)
i, j, c, k = sp.symbols("i j c k", integer=True)
label = sp.Symbol("label", integer=True)
w, x, U, B = sp.IndexedBase("w", shape=(d,)), sp.IndexedBase("x", shape=(d,)), sp.IndexedBase("U", shape=(K, d)), sp.IndexedBase("B", shape=(K,))
a = sp.IndexedBase("a")
G, g, M = sp.MatrixSymbol("G", K, d), sp.MatrixSymbol("g", d, 1), sp.MatrixSymbol("M", d, d)

POINT = dict(W=0.8, X=1.3, y=-0.4)
X7, Y7, XD, LABELS = draw(7), draw(7, seed=1), draw(7, 3), np.array([0, 1, 3, 2, 2, 0, 1])
ARM = sp.Matrix([sp.cos(q1) + sp.cos(q1 + q2), sp.sin(q1) + sp.sin(q1 + q2)])


def compiled(expr, wrt, **options):
    return lambda: sg.compile(expr, wrt=wrt, **options)


def logistic(W, X, y):
    return -y * np.log(1 / (1 + np.exp(-W * X)))


def shared(*expressions):
    """The pair that sympy.cse returns, as where and expression."""
    where, reduced = sp.cse(expressions)
    return dict(expr=reduced, where=where)


def cross_entropy(U, B, x, label):
    logits = np.tensordot(U, x, axes=(1, -1)).T + B
    return np.log(np.exp(logits).sum(-1)) - np.take_along_axis(logits, np.asarray(label)[..., None], -1)[..., 0]


SAMPLE_LOSS = dict(where=[(a[c], sp.Sum(U[c, j] * x[j], (j, 0, d - 1)) + B[c])])
SAMPLE = sp.log(sp.Sum(sp.exp(a[c]), (c, 0, K - 1))) - a[label]
SAMPLES = dict(U=draw(4, 3), B=draw(4), x=XD, label=LABELS)

CASES = [
    Case("logistic loss", compiled(-y * sp.log(1 / (1 + sp.exp(-W * X))), W), logistic, POINT),
    Case("every input a parameter", compiled(-y * sp.log(1 / (1 + sp.exp(-W * X))), [X, y, W]), logistic, POINT),
    Case("parameters by name", compiled(-y * sp.log(1 / (1 + sp.exp(-W * X))), ["y", "X"]), logistic, POINT),
    Case("arguments in an order of the user's", compiled(W**2 * X + y, W, arguments=["y", X, "W"]), lambda W, X, y: W**2 * X + y, POINT),
    Case("linear", compiled(3 * W - X, [W, X]), lambda W, X: 3 * W - X, dict(W=0.3, X=0.4)),
    Case("the parameter itself", compiled(W, W), lambda W: W, dict(W=0.3)),
    Case("powers", compiled(W**5 + W**-2 + sp.sqrt(W) + W**sp.Rational(5, 3) + W**X + 2**W, [W, X]),
         lambda W, X: W**5 + W**-2 + np.sqrt(W) + W**(5 / 3) + W**X + 2**W, dict(W=0.8, X=1.3)),
    Case("numbers", compiled(sp.pi * W + sp.E * W**2 + sp.Float("0.1") * W + sp.Rational(1, 3) * W**3 + sp.sqrt(2), W),
         lambda W: math.pi * W + math.e * W**2 + 0.1 * W + W**3 / 3 + math.sqrt(2), dict(W=0.8)),
    Case("Piecewise on values", compiled(sp.Piecewise((W**2, W > 1), (X * W, (W > 0) & (X > 1)), (sp.sin(W), True)), [W, X]),
         lambda W, X: W**2 if W > 1 else X * W if W > 0 and X > 1 else np.sin(W), dict(W=0.8, X=1.3)),
    Case("Max, Min, Abs", compiled(sp.Max(W * X, y, 0) + sp.Min(W, X**2, 5) + sp.Abs(W - X), [W, X, y]),
         lambda W, X, y: max(W * X, y, 0) + min(W, X**2, 5) + abs(W - X), POINT),
    Case("an integer symbol is a number", compiled(sp.Symbol("m", integer=True) * W**2, W), lambda W, m: m * W**2, dict(W=0.8, m=3)),
    Case("definitions in any order", compiled(p**2 * z, [W, X], where=[(p, sp.sin(z) + W), (z, sp.exp(b)), (b, W * X)]),
         lambda W, X: (np.sin(np.exp(W * X)) + W)**2 * np.exp(W * X), dict(W=0.8, X=0.4)),
    Case("a definition that is a number", compiled(p * W, W, where=[(p, 3)]), lambda W: 3 * W, dict(W=0.8)),
    Case("a definition that is an input", compiled(p * W, W, where=[(p, W)]), lambda W: W**2, dict(W=0.8)),
    Case("a definition nobody uses", compiled(W**2, W, where=[(p, W * 7)]), lambda W: W**2, dict(W=0.8)),
    Case("a pair of cse", lambda: sg.compile(wrt=[W, X], **shared(sp.sin(W * X) + sp.exp(sp.sin(W * X)), (W * X)**2 + sp.sin(W * X))),
         lambda W, X: (np.sin(W * X) + np.exp(np.sin(W * X)), (W * X)**2 + np.sin(W * X)), dict(W=0.8, X=0.4)),
    Case("a pair of cse of a matrix", lambda: sg.compile(wrt=[q1, q2], **shared(ARM)), lambda q1, q2: (np.array([
        np.cos(q1) + np.cos(q1 + q2), np.sin(q1) + np.sin(q1 + q2)]),), dict(q1=0.3, q2=0.5)),
    Case("several results", compiled([W * X, sp.sin(W), W], [W, X]), lambda W, X: (W * X, np.sin(W), W), dict(W=0.8, X=0.4)),
    Case("one result in a list", compiled([W * X], [W, X]), lambda W, X: (W * X,), dict(W=0.8, X=0.4)),
    Case("a result that is constant", compiled([W * X, sp.Integer(3), X**2], W), lambda W, X: (W * X, 3.0, X**2), dict(W=0.8, X=0.4)),
    Case("the same result twice", compiled([W * X, W * X], [W, X]), lambda W, X: (W * X, W * X), dict(W=0.8, X=0.4)),
    Case("explicit column", compiled(ARM, [q1, q2]), lambda q1, q2: np.array([np.cos(q1) + np.cos(q1 + q2), np.sin(q1) + np.sin(q1 + q2)]),
         dict(q1=0.3, q2=0.5)),
    Case("explicit row", compiled(sp.Matrix([[q1 * q2, q2, 0]]), [q1, q2]), lambda q1, q2: np.array([q1 * q2, q2, 0]), dict(q1=0.3, q2=0.5)),
    Case("explicit square", compiled(sp.Matrix([[q1 * q2, 1], [sp.sin(q1), q1 * q2]]), [q1, q2]),
         lambda q1, q2: np.array([[q1 * q2, 1], [np.sin(q1), q1 * q2]]), dict(q1=0.3, q2=0.5)),
    Case("explicit 1x1", compiled(sp.Matrix([[q1 * q2]]), [q1, q2]), lambda q1, q2: q1 * q2, dict(q1=0.3, q2=0.5)),
    Case("sum over samples", compiled((W * X + b - y)**2, [W, b], batch=[X, y], reduce="sum"), lambda W, b, X, y: np.sum((W * X + b - y)**2),
         dict(W=0.5, b=-0.2, X=X7, y=Y7)),
    Case("mean over samples", compiled((W * X + b - y)**2, [W, b], batch=[X, y], reduce="mean"), lambda W, b, X, y: np.mean((W * X + b - y)**2),
         dict(W=0.5, b=-0.2, X=X7, y=Y7)),
    Case("one value a sample", compiled((W * X + b - y)**2, [W, b], batch=[X, y]), lambda W, b, X, y: (W * X + b - y)**2,
         dict(W=0.5, b=-0.2, X=X7, y=Y7)),
    Case("batch input as a parameter", compiled(sp.exp(W * X) * y, [X, W], batch=[X], reduce="mean"), lambda X, W, y: np.mean(np.exp(W * X) * y),
         dict(W=0.5, y=0.3, X=X7)),
    Case("batch input as a parameter, one value a sample", compiled(sp.exp(W * X) * y, [X, W], batch=["X"]), lambda X, W, y: np.exp(W * X) * y,
         dict(W=0.5, y=0.3, X=X7)),
    Case("a loss without its samples", compiled(W**2 + 0 * X, W, batch=[], reduce=None), lambda W: W**2, dict(W=0.5)),
    Case("a penalty beside the samples", compiled((W * X)**2 + b**2, [W, b], batch=[X], reduce="mean"), lambda W, b, X: np.mean((W * X)**2) + b**2,
         dict(W=0.5, b=0.7, X=X7)),
    Case("batch of vectors", compiled(sp.tanh(sp.Sum(w[j] * x[j], (j, 0, d - 1)) + b)**2, [w, b], batch=[x], reduce="mean"),
         lambda w, b, x: np.mean(np.tanh(x @ w + b)**2), dict(w=draw(3), b=0.4, x=XD)),
    Case("batch of vectors and labels", compiled(SAMPLE, [U, B], batch=[x, label], reduce="mean", **SAMPLE_LOSS),
         lambda U, B, x, label: np.mean(cross_entropy(U, B, x, label)), SAMPLES),
    Case("batch of vectors and labels, one value a sample", compiled(SAMPLE, [U, B, x], batch=[x, label], **SAMPLE_LOSS), cross_entropy, SAMPLES),
    Case("label of one sample", compiled(SAMPLE, [U, B], **SAMPLE_LOSS), cross_entropy, SAMPLES | dict(x=XD[0], label=2)),
    Case("batch of columns", compiled(((G * g).T * (G * g))[0], [G, g], batch=[g], reduce="sum"), lambda G, g: np.sum((g @ G.T)**2),
         dict(G=draw(4, 3), g=XD)),
    Case("batch of two-dimensional columns", compiled(((G * g).T * (G * g))[0], [G, g], batch=[g], reduce="sum"),
         lambda G, g: np.sum((g[:, :, 0] @ G.T)**2), dict(G=draw(4, 3), g=XD[:, :, None])),
    Case("batch of columns, a column a sample", compiled((G * g).applyfunc(sp.tanh), [G, g], batch=[g]), lambda G, g: np.tanh(g @ G.T),
         dict(G=draw(4, 3), g=XD)),
    Case("batch of two-dimensional columns, a column a sample", compiled((G * g).applyfunc(sp.tanh), [G, g], batch=[g]), lambda G, g: np.tanh(G @ g),
         dict(G=draw(4, 3), g=XD[:, :, None])),
    Case("batch of matrices", compiled(sp.Trace(G.T * G) * W, [W, G], batch=[G], reduce="mean"), lambda W, G: np.mean(np.sum(G**2, axis=(1, 2))) * W,
         dict(W=0.4, G=draw(5, 4, 3))),
    Case("batch of matrices, determinants", compiled(sp.log(sp.Determinant(G.T * G)), G, batch=[G]),
         lambda G: np.linalg.slogdet(G.transpose(0, 2, 1) @ G)[1],
         dict(G=draw(5, 4, 3))),
    Case("batch of matrices, inverses", compiled((M * W).inv(), [M, W], batch=[M]), lambda M, W: np.linalg.inv(M * W), dict(M=draw(2, 3, 3), W=0.8)),
    Case("batch of vector results", compiled(a[c], [U, B], batch=[x], outputs=(c,), **SAMPLE_LOSS), lambda U, B, x: x @ U.T + B,
         dict(U=draw(4, 3), B=draw(4), x=XD)),
    Case("batch of vector results, summed", compiled(a[c]**2, [U, B], batch=[x], reduce="sum", outputs=(c,), **SAMPLE_LOSS),
         lambda U, B, x: ((x @ U.T + B)**2).sum(0), dict(U=draw(4, 3), B=draw(4), x=XD)),
    Case("batch of several results", compiled([W * X, W**2, sp.sin(X)], [W, X], batch=[X], reduce="mean"),
         lambda W, X: (np.mean(W * X), W**2, np.mean(np.sin(X))), dict(W=0.4, X=X7)),
    Case("batch of several results, one value a sample", compiled([W * X, W**2, X], [W, X], batch=[X]), lambda W, X: (W * X, np.full(7, W**2), X + 0),
         dict(W=0.4, X=X7)),
    Case("batch of explicit matrices", compiled(ARM, [q1, q2], batch=[q1]), lambda q1, q2: np.stack([
        np.cos(q1) + np.cos(q1 + q2), np.sin(q1) + np.sin(q1 + q2)], axis=-1), dict(q1=X7, q2=0.5)),
    Case("batch of explicit matrices, summed", compiled(ARM, [q1, q2], batch=[q1], reduce="sum"), lambda q1, q2: np.stack([
        np.cos(q1) + np.cos(q1 + q2), np.sin(q1) + np.sin(q1 + q2)]).sum(1), dict(q1=X7, q2=0.5)),
    Case("definitions a sample", compiled(z**2 + p, [W, b], batch=[X], reduce="mean", where=[(z, W * X + b), (p, sp.exp(-z))]),
         lambda W, b, X: np.mean((W * X + b)**2 + np.exp(-W * X - b)), dict(W=0.4, b=0.1, X=X7)),
    Case("branch a sample", compiled(sp.Piecewise((sp.sqrt(X), X > 0), (W * X, True)), [W, X], batch=[X], reduce="sum"),
         lambda W, X: sum(np.sqrt(e) if e > 0 else W * e for e in X), dict(W=0.4, X=X7)),
]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case, check):
    CHECKS[check](case)


# ---------------------------------------------------------------- stacked parameters

STACK_POINT = dict(q1=0.3, q2=0.5, q3=-0.7, q4=1.1, b=0.4)
LOSS = sp.sin(q1 * q2) * q3 + sp.exp(q4 * b) * q1**2 + b**3 * q2


def stacked(function, names, shape):
    """A function of named numbers as one of an array."""
    return lambda at, array: function(**{**at, **dict(zip(names, np.ravel(array), strict=True))})


def loss(q1, q2, q3, q4, b):
    return np.sin(q1 * q2) * q3 + np.exp(q4 * b) * q1**2 + b**3 * q2


@pytest.mark.parametrize("matrix, shape", [
    (sp.Matrix([q1, q2, q3, q4]), (4,)), (sp.Matrix([[q1, q2, q3, q4]]), (4,)), (sp.Matrix([[q1, q2], [q3, q4]]), (2, 2)), (sp.Matrix([[q1]]), (1,))])
@pytest.mark.parametrize("style", ["fast", "flat"])
def test_a_stacked_parameter_has_its_own_axes_in_every_derivative(matrix, shape, style):
    names = [symbol.name for symbol in matrix]
    f = sg.compile(LOSS, wrt=[matrix, b], style=style)
    at = STACK_POINT
    point = np.array([at[name] for name in names]).reshape(shape)

    def whole(array, b):
        return loss(**{**at, **dict(zip(names, np.ravel(array), strict=True)), "b": b})

    def gradient(array, b):
        return f.grad(**{**at, **dict(zip(names, np.ravel(array), strict=True)), "b": b})

    both = dict(array=point, b=at["b"])
    value, (ga, gb) = f.value_and_grad(**at)
    assert value == pytest.approx(loss(**at), rel=1e-13)
    for got, name in ((ga, "array"), (gb, "b")):
        close(got, difference(whole, both, name)[0], f"gradient towards {name}")
    for parts in (f.grad_forward(**at), f.jacobian(**at), f.vjp(1.0, **at)):
        close(parts[0], ga, "the other ways")
        close(parts[1], gb, "the other ways")
    hessian = f.hessian(**at)
    for k in range(2):
        for m, name in enumerate(both):
            close(hessian[k][m], difference(gradient, both, name)[k], f"hessian {k} {name}")
    moved = dict(zip(names, draw(*shape).ravel(), strict=True))
    pa, pb = f.hvp(at, {**moved, "b": 0.3})
    direction = np.array([moved[name] for name in names]).reshape(shape)
    close(pa, np.tensordot(hessian[0][0], direction, len(shape)) + 0.3 * hessian[0][1], "hvp")
    close(pb, np.sum(hessian[1][0] * direction) + 0.3 * hessian[1][1], "hvp")
    assert f.jvp(at, moved)[1] == pytest.approx(np.sum(ga * direction), rel=1e-12)
    assert list(f.grads(**at)) == [*names, "b"] == list(f.wrt)


def test_a_bare_stacked_parameter_comes_bare():
    f = sg.compile(LOSS, wrt=sp.Matrix([q1, q2, q3]))
    assert f.grad(**STACK_POINT).shape == (3,)
    assert f.hessian(**STACK_POINT).shape == (3, 3)
    assert f.jacobian(**STACK_POINT).shape == (3,)
    np.testing.assert_allclose(f.hessian(**STACK_POINT), f.hessian(**STACK_POINT).T, rtol=1e-12)
    np.testing.assert_allclose(f.hvp(STACK_POINT, {q2: 1.0}), f.hessian(**STACK_POINT)[:, 1], rtol=1e-12)


@pytest.mark.parametrize("shape", [(2,), (2, 1), (1, 2)])
def test_jacobian_of_an_explicit_matrix_towards_a_stacked_parameter_is_sympys(shape):
    f = sg.compile(ARM, wrt=sp.Matrix(*shape, [q1, q2]) if len(shape) == 2 else sp.Matrix([q1, q2]))
    want = np.array(ARM.jacobian([q1, q2]).subs({q1: 0.3, q2: 0.5}).evalf(), float)
    close(f.jacobian(q1=0.3, q2=0.5), want, "jacobian", rtol=1e-13)
    close(f.vjp(np.array([0.2, -0.7]), q1=0.3, q2=0.5), np.array([0.2, -0.7]) @ want, "vjp", rtol=1e-13)
    close(f.jvp(dict(q1=0.3, q2=0.5), dict(q1=1.0, q2=2.0))[1], want @ [1.0, 2.0], "jvp", rtol=1e-13)


def test_a_stacked_parameter_beside_an_array():
    f = sg.compile(q1 * sp.Sum(w[j]**2, (j, 0, d - 1)) + q2 * w[0], wrt=[w, sp.Matrix([q1, q2])])
    at = dict(w=draw(3), q1=0.3, q2=0.4)
    (hww, hwq), (hqw, hqq) = f.hessian(**at)
    assert (hww.shape, hwq.shape, hqw.shape, hqq.shape) == ((3, 3), (3, 2), (2, 3), (2, 2))
    np.testing.assert_allclose(hwq, np.stack([2 * at["w"], [1, 0, 0]], axis=1))
    np.testing.assert_allclose(hqw, hwq.T)


def test_a_stacked_parameter_of_samples():
    f = sg.compile(q1**2 * q2, wrt=sp.Matrix([q1, q2]), batch=[q1, q2])
    at = dict(q1=X7, q2=Y7)
    jac = f.jacobian(**at)
    close(jac, np.stack([np.diag(2 * X7 * Y7), np.diag(X7**2)], axis=-1), "jacobian")


# ---------------------------------------------------------------- ties and kinks

def test_ties_share_and_relu_of_zero_is_flat():
    at = np.array([1.0, 3.0, 3.0, 2.0, 3.0])
    v = sp.IndexedBase("v", shape=(n,))
    f = sg.compile(sg.MaxOver(v[i], (i, 0, n - 1)), wrt=v)
    np.testing.assert_allclose(f.grad(v=at), np.array([0, 1, 1, 0, 1]) / 3)
    masked = sg.compile(sg.MaxOver(v[i], (i, 0, 2)), wrt=v)
    np.testing.assert_allclose(masked.grad(v=at), [0, 0.5, 0.5, 0, 0])
    two = sg.compile(sg.MinOver(sp.Max(0, v[i] - v[j]), (j, 0, n - 1), (i, 0, n - 1)), wrt=v)
    np.testing.assert_allclose(two.grad(v=at), np.zeros(5))


def test_parameters_bare_or_in_a_sequence():
    f, several = sg.compile(W * X, wrt=W), sg.compile(W * X, wrt=(W,))
    assert f.grad(W=2.0, X=3.0) == 3.0 and several.grad(W=2.0, X=3.0) == (3.0,)
    assert np.ndim(f.hessian(W=2.0, X=3.0)) == 0 and several.hessian(W=2.0, X=3.0) == ((0.0,),)
    assert by_parameter(several, several.hvp(dict(W=2.0, X=3.0), {"W": 1.0})) == {"W": 0.0}


def test_a_tangent_that_is_missing_is_zero_and_keys_are_symbols_or_names():
    f = sg.compile(W**2 * X**3, wrt=[W, X])
    assert f.jvp({W: 2.0, "X": 3.0}, {X: 1.0})[1] == pytest.approx(4 * 27.0)
    assert f.jvp({W: 2.0, "X": 3.0}, {})[1] == 0.0
    assert f.hvp({"W": 2.0, X: 3.0}, {"W": 1.0}) == pytest.approx((2 * 27.0, 2 * 2.0 * 27.0))


def test_first_index_is_only_a_way_of_writing():
    v = sp.IndexedBase("v", shape=(n,))
    plain = sg.compile(sp.Sum((i + 1) * v[i]**2, (i, 0, n - 1)), wrt=v)
    paper = sg.compile(sp.Sum(i * v[i]**2, (i, 1, n)), wrt=v, first_index=1)
    np.testing.assert_array_equal(plain.grad(v=X7), paper.grad(v=X7))
