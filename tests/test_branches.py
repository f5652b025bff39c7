"""Branches that are not taken never put nan or inf into a value, gradient, Hessian or product, scalars and arrays alike."""

import numpy as np
import pytest
import sympy as sp

import symgrad as sg

r, s = sp.symbols("r s", real=True)
n = sp.Symbol("n", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
POINTS = np.array([-800.0, -2.0, -1.0, 0.0, 0.5, 3.0, 800.0])

CASES = {
    "root": (sp.Piecewise((sp.sqrt(r), r > 0), (0, True)), lambda x: np.sqrt(np.where(x > 0, x, 0)),
             lambda x: np.where(x > 0, 0.5 / np.sqrt(np.where(x > 0, x, 1)), 0)),
    "log": (sp.Piecewise((sp.log(r), r > 0), (r, True)), lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1)), x),
            lambda x: np.where(x > 0, 1 / np.where(x > 0, x, 1), 1)),
    "reciprocal": (sp.Piecewise((1 / r, sp.Ne(r, 0)), (0, True)), lambda x: np.where(x != 0, 1 / np.where(x != 0, x, 1), 0),
                   lambda x: np.where(x != 0, -1 / np.where(x != 0, x, 1) ** 2, 0)),
    "overflow": (sp.Piecewise((sp.exp(r) * r, r < 1), (r**2, True)), lambda x: np.where(x < 1, np.exp(np.where(x < 1, x, 0)) * x, x**2),
                 lambda x: np.where(x < 1, np.exp(np.where(x < 1, x, 0)) * (1 + x), 2 * x)),
    "nested": (sp.Piecewise((sp.log(sp.Piecewise((sp.sqrt(r), r > 0), (1, True))), r > 1), (r, True)),
               lambda x: np.where(x > 1, 0.5 * np.log(np.where(x > 1, x, 1)), x), lambda x: np.where(x > 1, 0.5 / np.where(x > 1, x, 1), 1)),
    "chain": (sp.Piecewise((sp.exp(-1 / r**2) / r, r > 0), (0, True)),
              lambda x: np.where(x > 0, np.exp(-1 / np.where(x > 0, x, 1) ** 2) / np.where(x > 0, x, 1), 0),
              lambda x: np.where(x > 0, np.exp(-1 / np.where(x > 0, x, 1) ** 2) * (2 / np.where(x > 0, x, 1) ** 4 - 1 / np.where(x > 0, x, 1) ** 2), 0)),
    "maximum": (sp.Max(sp.log(sp.Abs(r)), -5), lambda x: np.log(np.maximum(np.abs(x), np.exp(-5))),
                lambda x: np.where(np.abs(x) > np.exp(-5), 1 / np.where(x != 0, x, 1), 0)),
    "quotient": (sp.Piecewise((sp.sin(r) / r, sp.Ne(r, 0)), (1, True)), lambda x: np.where(x != 0, np.sin(x) / np.where(x != 0, x, 1), 1),
                 lambda x: np.where(x != 0, np.cos(x) / np.where(x != 0, x, 1) - np.sin(x) / np.where(x != 0, x, 1) ** 2, 0)),
}


@pytest.mark.parametrize("name", list(CASES))
def test_value_and_gradient_of_a_batch(name):
    expr, value, slope = CASES[name]
    f = sg.compile(expr, wrt=r, batch=[r], reduce=None)
    np.testing.assert_allclose(f.value(r=POINTS), value(POINTS), rtol=1e-13)
    total = sg.compile(expr, wrt=r, batch=[r], reduce="sum")
    np.testing.assert_allclose(total.grad(r=POINTS), slope(POINTS), rtol=1e-12)
    np.testing.assert_allclose(total.grad_forward(r=POINTS), slope(POINTS), rtol=1e-12)


@pytest.mark.parametrize("name", list(CASES))
def test_second_derivatives_are_finite_and_agree(name):
    expr, _, slope = CASES[name]
    f = sg.compile(expr, wrt=r, batch=[r], reduce="sum")
    at = POINTS[POINTS != 0]
    hessian, product = f.hessian(r=at), f.hvp({"r": at}, {"r": np.ones(len(at))})
    step = 1e-6 * np.maximum(np.abs(at), 1)
    want = (slope(at + step) - slope(at - step)) / (2 * step)
    away = np.abs(at - 1) > 1e-3
    np.testing.assert_allclose(np.diag(hessian)[away], want[away], rtol=1e-5, atol=1e-8 * np.abs(want).max())
    np.testing.assert_allclose(product, np.diag(hessian), rtol=1e-12)
    assert np.isfinite(hessian).all() and np.isfinite(f.hessian(r=POINTS)).all()


@pytest.mark.parametrize("name", list(CASES))
def test_scalars_take_the_same_branches(name):
    expr, value, slope = CASES[name]
    f = sg.compile(expr, wrt=r)
    for x in POINTS:
        got, gradient = f.value_and_grad(r=x)
        assert got == pytest.approx(float(value(np.array(x))), rel=1e-13, abs=0)
        assert gradient == pytest.approx(float(slope(np.array(x))), rel=1e-12, abs=0)
        assert np.isfinite(f.hessian(r=x))


def test_missing_data_coded_as_nan_stay_outside():
    x, m, w = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("m", shape=(n,)), sp.Symbol("w", real=True)
    f = sg.compile(sp.Sum(sp.Piecewise(((x[i] * w - 1) ** 2, m[i] > 0), (0, True)), (i, 0, n - 1)), wrt=[w, x])
    at = dict(x=np.array([1.0, np.nan, 3.0, np.inf]), m=np.array([1.0, 0.0, 1.0, 0.0]), w=0.5)
    gw, gx = f.grad(**at)
    assert gw == pytest.approx(2 * (1 * (0.5 - 1) + 3 * (1.5 - 1)))
    np.testing.assert_allclose(gx, [2 * 0.5 * (0.5 - 1), 0, 2 * 0.5 * (1.5 - 1), 0])
    assert f.hessian(**at)[0][0] == pytest.approx(2 * (1 + 9))


def test_a_named_intermediate_behind_a_branch_does_not_leak():
    h = sp.Symbol("h", real=True)
    f = sg.compile(sp.Piecewise((h * s, r > 0), (s, True)), where=[(h, sp.log(r))], wrt=[r, s])
    for x, want in ((-1.0, (0.0, 1.0)), (0.0, (0.0, 1.0)), (np.e, (2.0 / np.e, 1.0))):
        assert f.grad(r=x, s=2.0) == pytest.approx(want, rel=1e-14)
    assert np.isfinite(f.hessian(r=0.0, s=2.0)).all()


def test_a_triangular_sum_ignores_what_lies_outside():
    x = sp.IndexedBase("x", shape=(n,))
    f = sg.compile(sp.Sum(sp.log(x[i] - x[j]), (j, 0, i - 1), (i, 0, n - 1)), wrt=x)
    at = np.array([0.5, 1.25, 3.0])
    want = np.zeros(3)
    for a in range(3):
        for b in range(a):
            want[a] += 1 / (at[a] - at[b])
            want[b] -= 1 / (at[a] - at[b])
    np.testing.assert_allclose(f.grad(x=at), want, rtol=1e-13)
    assert np.isfinite(f.hessian(x=at)).all()


def test_a_masked_extremum_ignores_what_lies_outside():
    x = sp.IndexedBase("x", shape=(n, n))
    f = sg.compile(sp.Sum(sg.MaxOver(x[i, j], (j, 0, i)), (i, 0, n - 1)), wrt=x)
    at = np.array([[1.0, 9.0], [2.0, 3.0]])
    np.testing.assert_allclose(f.grad(x=at), [[1.0, 0.0], [0.0, 1.0]])


def test_ties_share_and_numbers_take_all():
    assert sg.compile(sp.Max(r, s), wrt=[r, s]).grad(r=1.0, s=1.0) == (0.5, 0.5)
    assert sg.compile(sp.Max(r, s, 1), wrt=[r, s]).grad(r=1.0, s=1.0) == (0.0, 0.0)
    assert sg.compile(sp.Min(r, s), wrt=[r, s]).grad(r=1.0, s=2.0) == (1.0, 0.0)
    x = sp.IndexedBase("x", shape=(n,))
    f = sg.compile(sg.MaxOver(x[i], (i, 0, n - 1)), wrt=x)
    np.testing.assert_allclose(f.grad(x=np.array([1.0, 3.0, 3.0])), [0, 0.5, 0.5])


# ---------------------------------------------------------------- guards that lose labels, and other hard cases

d = sp.Symbol("d", integer=True, positive=True)
k = sp.Symbol("k", integer=True)
z, H = sp.symbols("z H", real=True)
v, c, w = (sp.IndexedBase(name, shape=(n,)) for name in "vcw")
u, X, lab = sp.IndexedBase("u", shape=(d,)), sp.IndexedBase("X", shape=(n, d)), sp.IndexedBase("lab", shape=(n,))
A = sp.MatrixSymbol("A", n, n)
g, h, q = (sp.IndexedBase(name) for name in "ghq")
P = sp.Piecewise
V, OFF, HALF_ON = np.array([1.0, 2.0, 3.0]), -np.ones(3), np.array([-1.0, 1.0, 1.0])


def over(body, *limits):
    return sp.Sum(body, *(limits or ((i, 0, n - 1),)))


ROW = [(h[i], sp.Sum(X[i, j] * u[j], (j, 0, d - 1)))]
HARD = {  # declaration, parameters, where, point, value, gradient by parameter
    "log of a scalar under an array mask": (over(P((sp.log(z) * v[i], c[i] > 0), (0, True))), [z, v], [], dict(z=0.0, v=V, c=OFF), 0, (0, 0)),
    "scalar denominator": (over(P((v[i] / z, c[i] > 0), (v[i], True))), [z, v], [], dict(z=0.0, v=V, c=OFF), 6, (0, 1)),
    "named scalar": (over(P((H * v[i] ** 2, c[i] > 0), (0, True))), [z, v], [(H, sp.sqrt(z) / z)], dict(z=0.0, v=V, c=OFF), 0, (0, 0)),
    "chain of named scalars": (over(P((sp.sin(H) * v[i], c[i] > 0), (v[i], True))), [z, v], [(H, sp.log(z) ** 2)], dict(z=0.0, v=V, c=OFF), 6, (0, 1)),
    "two masks, one scalar": (over(P((v[i] * H, c[i] > 0), (0, True))) + over(P((v[i] ** 2 * H, c[i] > 5), (0, True))), [z, v], [(H, 1 / z)],
                              dict(z=0.0, v=V, c=OFF), 0, (0, 0)),
    "a mask that holds somewhere": (over(P((sp.log(z) * v[i], c[i] > 0), (0, True))), [z, v], [], dict(z=2.0, v=V, c=HALF_ON), 5 * np.log(2.0),
                                    (2.5, np.array([0, np.log(2.0), np.log(2.0)]))),
    "scalar overflow": (over(P((sp.exp(z) * v[i], c[i] > 0), (v[i], True))), [z, v], [], dict(z=1000.0, v=V, c=OFF), 6, (0, 1)),
    "matrix product under a mask": (over(P((sp.log(h[i]), c[i] > 0), (0, True))), [X, u], ROW, dict(X=np.zeros((3, 2)), u=np.zeros(2), c=OFF), 0, (0, 0)),
    "matrix product of infinite factors": (over(P((h[i] ** 2, c[i] > 0), (0, True))), [X, u],
                                           [(g[j], 1 / u[j]), (h[i], sp.Sum(X[i, j] * g[j], (j, 0, d - 1)))],
                                           dict(X=np.ones((3, 2)), u=np.array([0.0, 1.0]), c=OFF), 0, (0, 0)),
    "some rows masked": (over(P((sp.log(h[i]), h[i] > 0), (0, True))), [X, u], ROW, dict(X=np.array([[0.0, 0.0], [1.0, 1.0], [-1.0, 0.0]]), u=np.ones(2)),
                         np.log(2.0), (np.array([[0, 0], [0.5, 0.5], [0, 0]]), np.array([0.5, 0.5]))),
    "a column that is masked altogether": (over(P((X[i, j] / u[j], X[i, j] > 0), (0, True)), (j, 0, d - 1), (i, 0, n - 1)), [X, u], [],
                                           dict(X=np.array([[-1.0, 1.0], [-2.0, 2.0]]), u=np.array([0.0, 2.0])), 1.5,
                                           (np.array([[0, 0.5], [0, 0.5]]), np.array([0, -0.75]))),
    "norm at 0": (P((sp.sqrt(H), H > 0), (0, True)), [v], [(H, over(v[i] ** 2))], dict(v=np.zeros(3)), 0, (0,)),
    "logarithm of a negative determinant": (P((sp.log(sp.Determinant(A)), r > 0), (r, True)), [A, r], [], dict(A=np.diag([1.0, -1.0]), r=-1.0), -1, (0, 1)),
    "nested masks": (over(P((q[i] / z, c[i] > 0), (0, True))), [v, z], [(q[i], P((sp.sqrt(v[i]), v[i] > 0), (0, True)))],
                     dict(v=np.array([0.0, -1.0, 4.0]), z=2.0, c=np.ones(3)), 1, (np.array([0, 0, 0.125]), -0.5)),
    "nested masks, nothing taken": (over(P((q[i] / z, c[i] > 0), (0, True))), [v, z], [(q[i], P((sp.sqrt(v[i]), v[i] > 0), (0, True)))],
                                    dict(v=np.array([0.0, -1.0, 4.0]), z=0.0, c=OFF), 0, (0, 0)),
    "sum inside a masked logarithm": (over(P((sp.log(h[i]), c[i] > 0), (0, True))), [X],
                                      [(h[i], sp.Sum(q[i, j], (j, 0, d - 1))), (q[i, j], P((sp.exp(X[i, j]), X[i, j] > 0), (0, True)))],
                                      dict(X=-np.ones((3, 2)), c=OFF), 0, (0,)),
    "minimum of infinities": (over(sp.Min(1 / v[i] ** 2, 7)), [v], [], dict(v=np.array([0.0, 1.0, 2.0])), 8.25, (np.array([0, -2, -0.25]),)),
    "maximum with -inf": (over(sp.Max(sp.log(v[i]), w[i])), [v, w], [], dict(v=np.array([0.0, 1.0, 8.0]), w=np.array([1.0, 2.0, 2.0])), 3 + np.log(8.0),
                          (np.array([0, 0, 0.125]), np.array([1, 1, 0]))),
    "maximum over logarithms": (sg.MaxOver(sp.log(v[i]), (i, 0, n - 1)), [v], [], dict(v=np.array([0.0, 1.0, 2.0])), np.log(2.0),
                                (np.array([0, 0, 0.5]),)),
    "maximum over a masked index": (over(sg.MaxOver(q[i, j], (j, 0, d - 1))), [X], [(q[i, j], P((sp.log(X[i, j]), X[i, j] > 0), (-10, True)))],
                                    dict(X=np.array([[0.0, -1.0], [2.0, 4.0]])), np.log(4.0) - 10, (np.array([[0, 0], [0, 0.25]]),)),
    "condition on an index": (over(P((sp.log(v[i] - v[0]), sp.Ne(i, 0)), (0, True))), [v], [], dict(v=np.array([1.0, 2.0, 3.0])), np.log(2.0),
                              (np.array([-1.5, 1, 0.5]),)),
    "shifted index": (over(P((sp.log(v[i + 1] - v[i]), i < n - 1), (0, True))), [v], [], dict(v=np.array([1.0, 2.0, 4.0])), np.log(2.0),
                      (np.array([-1, 0.5, 0.5]),)),
    "power": (over(P((v[i] ** z, v[i] > 0), (0, True))), [v, z], [], dict(v=np.array([0.0, -1.0, 4.0]), z=-0.5), 0.5,
              (np.array([0, 0, -0.0625]), 0.5 * np.log(4.0))),
    "pairs": (over(P((1 / (v[i] - v[j]) ** 2, sp.Ne(i, j)), (0, True)), (j, 0, n - 1), (i, 0, n - 1)), [v], [], dict(v=np.array([0.0, 1.0])), 2,
              (np.array([4.0, -4.0]),)),
    "absolute value in a root": (over(P((sp.sqrt(sp.Abs(v[i])), sp.Abs(v[i]) > 1), (v[i] ** 2, True))), [v], [], dict(v=np.array([0.0, 4.0, -4.0])), 4,
                                 (np.array([0, 0.25, -0.25]),)),
}


def blocks(one):
    return [part for inner in one for part in blocks(inner)] if isinstance(one, tuple) else [np.asarray(one)]


@pytest.mark.parametrize("style", ["fast", "flat"])
@pytest.mark.parametrize("name", list(HARD))
def test_hard_masks(name, style):
    """Value and gradient are those of the branch taken, in every mode; second derivatives are finite, symmetric and agree."""
    expr, wrt, where, at, value, gradient = HARD[name]
    f = sg.compile(expr, wrt=wrt, where=where, style=style)
    got, grads = f.value_and_grad(**at)
    assert got == pytest.approx(value, rel=1e-14, abs=1e-300)
    sources = [getattr(one, "label", one) for one in wrt]
    want = [np.broadcast_to(part, np.shape(at[str(one)])) for one, part in zip(sources, gradient, strict=True)]
    for found in (grads, f.grad_forward(**at), f.jacobian(**at), f.vjp(1.0, **at)):
        for part, expected in zip(found, want, strict=True):
            np.testing.assert_allclose(part, expected, rtol=1e-13, atol=1e-300)
    moved = {str(one): np.cos(1.0 + np.arange(np.size(at[str(one)]))).reshape(np.shape(at[str(one)])) for one in sources}
    assert f.jvp(at, moved)[1] == pytest.approx(sum(np.sum(moved[str(one)] * part) for one, part in zip(sources, want, strict=True)), rel=1e-12, abs=1e-300)
    hessian, product = f.hessian(**at), f.hvp(at, moved)
    assert all(np.isfinite(part).all() for part in blocks(hessian))
    rows = zip(hessian, product, strict=True)
    for row, part in rows:
        total = sum(np.tensordot(block, moved[str(one)], axes=np.ndim(moved[str(one)])) for one, block in zip(sources, row, strict=True))
        np.testing.assert_allclose(part, total, rtol=1e-11, atol=1e-300)


@pytest.mark.parametrize("name", list(HARD))
def test_hessians_of_hard_masks_are_slopes_of_gradients(name):
    """Central differences of the gradient, at the point moved off its singular places by what the masks allow."""
    expr, wrt, where, at, _, _ = HARD[name]
    f = sg.compile(expr, wrt=wrt, where=where)
    near = {key: value + {"z": 0.01, "v": 0.01, "X": -0.01}.get(key, 0) for key, value in at.items()}
    near = near if all(np.isfinite(part).all() for part in blocks(f.grad(**near))) else at
    moved = {name: np.cos(1.0 + np.arange(np.size(near[name]))).reshape(np.shape(near[name])) for name in f.wrt}
    ahead, behind = (f.grad(**{**near, **{name: near[name] + sign * 1e-6 * moved[name] for name in f.wrt}}) for sign in (1, -1))
    for part, plus, minus in zip(f.hvp(near, moved), ahead, behind, strict=True):
        if np.isfinite(plus).all() and np.isfinite(minus).all():
            np.testing.assert_allclose(part, (plus - minus) / 2e-6, rtol=1e-5, atol=1e-6 * max(1.0, np.abs(plus).max()))


def test_gathers_under_a_mask_read_nothing_out_of_range():
    f = sg.compile(over(P((sp.log(u[lab[i]]), (lab[i] >= 0) & (lab[i] < d)), (0, True))), wrt=u)
    at = dict(u=np.array([0.0, 2.0]), lab=np.array([7, 1, -100]))
    assert f(**at) == pytest.approx(np.log(2.0), rel=1e-15)
    np.testing.assert_array_equal(f.grad(**at), [0, 0.5])
    np.testing.assert_array_equal(f.grad_forward(**at), [0, 0.5])
    np.testing.assert_array_equal(f.hessian(**at), [[0, 0], [0, -0.25]])
    none = dict(u=np.zeros(2), lab=np.array([-1, 5, 2]))
    assert f(**none) == 0
    np.testing.assert_array_equal(f.grad(**none), [0, 0])
    with pytest.raises(sg.errors.InputError, match="out of range"):
        sg.compile(over(P((sp.log(u[lab[i]]), lab[i] >= 0), (0, True))), wrt=u)(**at)


def test_guards_cost_a_plain_network_nothing():
    """Layers of relu need no look at whether any element matters: nothing in them can be infinite."""
    W1, W2 = sp.IndexedBase("W1", shape=(d, d)), sp.IndexedBase("W2", shape=(d, d))
    layers = [(h[i, k], sp.Max(0, sp.Sum(W1[k, j] * X[i, j], (j, 0, d - 1)))), (g[i, k], sp.Max(0, sp.Sum(W2[k, j] * h[i, j], (j, 0, d - 1))))]
    f = sg.compile(over(g[i, k] ** 2, (k, 0, d - 1), (i, 0, n - 1)), wrt=[W1, W2], where=layers)
    assert ".any(" not in f.kernel_text("value_and_grad")


def test_a_singular_matrix_behind_a_branch_that_is_not_taken():
    f = sg.compile(P((sp.Trace(A.I) * s, r > 0), (s, True)), wrt=[A, r, s])
    at = dict(A=np.zeros((3, 3)), r=-1.0, s=2.0)
    for found in (f.grad(**at), f.grad_forward(**at), f.jacobian(**at)):
        np.testing.assert_array_equal(found[0], np.zeros((3, 3)))
        assert found[1:] == (0, 1)
    assert f(**at) == 2 and all(np.isfinite(part).all() for part in blocks(f.hessian(**at)))
    with pytest.raises(sg.errors.InputError, match="cannot be inverted"):
        f(**{**at, "r": 1.0})


def test_a_stack_of_matrices_some_of_which_are_singular_and_masked():
    X2 = sp.MatrixSymbol("X2", 2, 2)
    f = sg.compile(P((sp.Trace(X2.I), r > 0), (0, True)), wrt=X2, batch=[X2, r], reduce="sum")
    at = dict(X2=np.array([np.zeros((2, 2)), 2 * np.eye(2)]), r=np.array([-1.0, 1.0]))
    assert f(**at) == 1.0
    np.testing.assert_allclose(f.grad(**at), [np.zeros((2, 2)), -np.eye(2) / 4], rtol=1e-14)
    assert np.isfinite(f.hvp(at, {"X2": np.ones((2, 2, 2))})).all()
