"""Hessians keep their structure: right against a careful hand and against differences, at the hand's number of operations."""

from __future__ import annotations

import re

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.gallery.curved import CASES
from symgrad.gallery.models import MODELS, speelpenning

n, m, N = sp.symbols("n m N", integer=True, positive=True)
i, j, k, o = sp.symbols("i j k o", integer=True)
x, a, w = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("a", shape=(n,)), sp.IndexedBase("w", shape=(m,))
S, u, v = sp.IndexedBase("S", shape=(n, n)), sp.IndexedBase("u", shape=(N,)), sp.IndexedBase("v", shape=(N,))
y, z = sp.IndexedBase("y"), sp.IndexedBase("z")
first, second = sp.IndexedBase("first", shape=(n - 1,)), sp.IndexedBase("second", shape=(n - 2,))

SMALL = {"n": 5, "d": 3, "K": 4, "m": 3, "r": 2, "h": 4, "N": 11}
COUNTED = {"n": 37, "d": 23, "K": 7, "m": 29, "r": 11, "h": 13, "N": 101}
"""Sizes without common factors, so that a count at them belongs to one formula only."""


def small(case) -> dict:
    return {size: SMALL[size] for size in case.sizes}


def counted(case) -> dict:
    return {size: COUNTED[size] for size in case.sizes}


def blocks(hessian) -> list:
    return [block for row in hessian for block in row]


# ---------------------------------------------------------------------- values

@pytest.mark.parametrize("style", ["fast", "flat"])
@pytest.mark.parametrize("name", CASES)
def test_hessians_are_those_by_hand(name, style):
    case = CASES[name]
    f, at = case.model().with_options(style=style), case.draw(**small(case))
    for block, known in zip(blocks(f.hessian(**at)), blocks(case.by_hand(**at)), strict=True):
        assert block.shape == known.shape
        np.testing.assert_allclose(block, known, rtol=1e-12, atol=1e-13 * np.abs(known).max())


def differences(f, at: dict) -> list[list[np.ndarray]]:
    """Central differences of the gradient: blocks (parameter, parameter)."""
    found = [[np.empty(0)] * len(f.wrt) for _ in f.wrt]
    for position, name in enumerate(f.wrt):
        steps = 1e-5 * np.eye(at[name].size).reshape(-1, *at[name].shape)
        slopes = [[(plus - minus) / 2e-5 for plus, minus in zip(f.grad(**{**at, name: at[name] + step}),
                                                                f.grad(**{**at, name: at[name] - step}), strict=True)] for step in steps]
        for row in range(len(f.wrt)):
            column = np.stack([slope[row] for slope in slopes], axis=-1)
            found[row][position] = column.reshape(*column.shape[:-1], *at[name].shape)
    return found


def draw(seed: int = 3) -> dict:
    rng = np.random.default_rng(seed)
    return {"x": rng.uniform(0.5, 1.5, 5), "a": rng.standard_normal(5), "w": rng.standard_normal(3), "S": rng.standard_normal((5, 5)),
            "u": rng.integers(0, 5, 11), "v": rng.integers(0, 5, 11), "p": rng.integers(0, 11, 11)}


places = sp.IndexedBase("p", shape=(N,))
PATTERNS = {
    "shifts of shifts": dict(
        expr=sp.Sum(second[i] ** 2 * sp.sin(first[i]), (i, 0, n - 3)),
        where=[(first[i], x[i + 1] * x[i]), (second[i], first[i + 1] - first[i] ** 2)], wrt=[x]),
    "every second element": dict(expr=sp.Sum(sp.exp(x[2 * i] * x[2 * i + 1]), (i, 0, 1)), wrt=[x]),
    "one index twice": dict(expr=sp.Sum(sp.exp(x[u[o]]) * S[u[o], u[o]] ** 2, (o, 0, N - 1)), wrt=[x, S]),
    "two indices": dict(expr=sp.Sum(S[u[o], v[o]] ** 3 * x[v[o]] * x[u[o]], (o, 0, N - 1)), wrt=[x, S]),
    "an index read at an index": dict(expr=sp.Sum(x[u[places[o]]] ** 3, (o, 0, N - 1)), wrt=[x]),
    "a diagonal": dict(expr=sp.Sum(sp.exp(S[i, i]) * sp.Sum(S[i, j] * S[j, i], (j, 0, n - 1)), (i, 0, n - 1)), wrt=[S]),
    "a fixed element": dict(expr=sp.exp(S[1, 2] * x[0]) + S[1, 2] ** 3 * sp.Sum(x[i], (i, 0, n - 1)), wrt=[x, S]),
    "a triangle": dict(expr=sp.Sum(sp.Sum(sp.exp(x[i] * x[j]) * S[i, j], (j, 0, i - 1)), (i, 0, n - 1)), wrt=[x, S]),
    "a choice": dict(expr=sp.Sum(sp.Piecewise((sp.log(x[i]) * x[i + 1], i < n - 1), (x[i] ** 3, True)), (i, 0, n - 1)), wrt=[x]),
    "a branch on values": dict(expr=sp.Sum(sp.Piecewise((sp.sqrt(x[i]) * x[i], x[i] > 1), (x[i] ** 4, True)), (i, 0, n - 1)), wrt=[x]),
    "a delta": dict(expr=sp.Sum(sp.KroneckerDelta(i, j + 1) * x[i] ** 2 * S[i, j] ** 2, (i, 0, n - 1), (j, 0, n - 1)), wrt=[x, S]),
    "factors of one product": dict(expr=sp.Sum(x[i], (i, 0, n - 1)) ** 2 * sp.Sum(a[i] * x[i] ** 2, (i, 0, n - 1)) * sp.exp(w[0]) * w[1],
                                   wrt=[x, w]),
    "softmax of softmax": dict(
        expr=sp.Sum(z[i] ** 2 * x[i], (i, 0, n - 1)), wrt=[x],
        where=[(y[i], sp.exp(x[i]) / sp.Sum(sp.exp(x[j]), (j, 0, n - 1))), (z[i], sp.exp(y[i]) / sp.Sum(sp.exp(y[j]), (j, 0, n - 1)))]),
    "a largest element": dict(expr=sp.Sum(sp.Max(x[i] ** 3 - a[i], 0) * x[i], (i, 0, n - 1)), wrt=[x]),
}


@pytest.mark.parametrize("style", ["fast", "flat"])
@pytest.mark.parametrize("name", PATTERNS)
def test_hessians_are_slopes_of_gradients(name, style):
    f = sg.compile(**PATTERNS[name], style=style)
    at = {key: value for key, value in draw().items() if key in f.arguments}
    hessian = f.hessian(**at)
    for row, known in zip(hessian, differences(f, at), strict=True):
        for block, slope in zip(row, known, strict=True):
            assert block.shape == slope.shape
            np.testing.assert_allclose(block, slope, rtol=1e-6, atol=1e-7 * max(1, np.abs(slope).max()))
    moved = {wrt: np.random.default_rng(1).standard_normal(at[wrt].shape) for wrt in f.wrt}
    for row, product in zip(hessian, f.hvp(at, moved), strict=True):
        whole = sum(np.tensordot(block, moved[wrt], moved[wrt].ndim) for block, wrt in zip(row, f.wrt, strict=True))
        np.testing.assert_allclose(product, whole, rtol=1e-10, atol=1e-11 * max(1, np.abs(whole).max()))


def test_deep_compositions_of_networks():
    """Tangents of several layers are added before the next sum, and the seeds of every layer meet."""
    H = [sp.MatrixSymbol(f"H{layer}", n, 3) for layer in range(4)]
    W = [sp.MatrixSymbol(f"W{layer}", 3, 3) for layer in range(4)]
    t = sp.Symbol("t", real=True)
    tanh = sp.Lambda(t, sp.tanh(t))
    where = [(H[0], (sp.MatrixSymbol("X", n, 3) * W[0]).applyfunc(tanh)),
             *((H[layer], (H[layer - 1] * W[layer]).applyfunc(tanh) + H[layer - 1]) for layer in range(1, 4))]
    f = sg.compile(sp.Trace(H[3].T * H[3]), where=where, wrt=W)
    rng = np.random.default_rng(0)
    at = {"X": rng.standard_normal((4, 3)), **{f"W{layer}": rng.standard_normal((3, 3)) for layer in range(4)}}
    for row, known in zip(f.hessian(**at), differences(f, at), strict=True):
        for block, slope in zip(row, known, strict=True):
            np.testing.assert_allclose(block, slope, rtol=1e-6, atol=1e-7 * max(1, np.abs(slope).max()))


def test_tangents_of_many_patterns_are_written_out():
    near = sp.IndexedBase("near", shape=(n - 14,))
    f = sg.compile(sp.Sum(sp.exp(near[i]) * x[i], (i, 0, n - 15)), where=[(near[i], sum(sp.sin(x[i + step]) for step in range(14)) / 14)], wrt=[x])
    at = {"x": np.random.default_rng(0).standard_normal(17)}
    np.testing.assert_allclose(f.hessian(**at)[0][0], differences(f, at)[0][0], rtol=1e-6, atol=1e-8)


def test_blocks_are_transposes_of_each_other_and_arrays_of_their_own():
    case = CASES["network"]
    f, at = case.model(), case.draw(**small(case))
    (one, across), (back, other) = f.hessian(**at)
    np.testing.assert_array_equal(back, across.transpose(2, 3, 0, 1))
    arrays = [one, across, back, other]
    assert not any(np.shares_memory(p, q) for p in arrays for q in arrays if p is not q)
    kept = across.copy()
    back[...] = 0
    np.testing.assert_array_equal(across, kept)


def test_jacobians_keep_their_structure():
    f = sg.compile(sp.exp(a[i] * x[i]) * sp.Sum(w[j] ** 2, (j, 0, m - 1)), outputs=(i,), wrt=[w])
    g = sg.compile(S[i, j] * w[0] + sp.sin(x[i]), outputs=(i, j), wrt=[x])
    at = draw()
    slopes = 2 * np.exp(at["a"] * at["x"])[:, None] * at["w"]
    np.testing.assert_allclose(f.jacobian(**{key: at[key] for key in f.arguments})[0], slopes, rtol=1e-13)
    known = np.zeros((5, 5, 5))
    known[np.arange(5), :, np.arange(5)] = np.cos(at["x"])[:, None]
    np.testing.assert_allclose(g.jacobian(**{key: at[key] for key in g.arguments})[0], known, rtol=1e-14)


def test_single_precision_stays():
    case = CASES["softmax"]
    at = {key: np.float32(value) if value.dtype.kind == "f" else value for key, value in case.draw(**small(case)).items()}
    assert {block.dtype for block in blocks(case.model().hessian(**at))} == {np.dtype(np.float32)}


# ---------------------------------------------------------------------- operations

OPERATIONS = {
    "least_squares": lambda n, d, K: (2 * n - 1) * d**2,
    "factorisation": lambda m, n, r: 2 * m * n * r + (2 * n - 1) * r**2 + (2 * m - 1) * r**2 + m * n * r**2 + r * m * n,
}
"""What the Hessian by hand costs, to the last operation."""


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_are_those_by_hand(name):
    case = CASES[name]
    assert case.model().cost("hessian", counted(case)) == OPERATIONS[name](**counted(case))


BOUNDS = {
    "logistic": lambda n, d: 2 * n * d**2 + 3 * n * d + 60 * n,
    "softmax": lambda n, d, K: 2 * n * (K * d) ** 2 + 2 * n * K * d * (d + K) + 3 * (K * d) ** 2 + 10 * n * K * d,
    "separable": lambda n: 20 * n,
    "chain": lambda n: 20 * n,
    "groups": lambda m, r: 3 * m * r**2 + 30 * m * r,
    "embedding": lambda m, n, r, N: 6 * N * r**2 + 10 * N * r + 2 * r * m * n,
    "network": lambda n, d, h, K: 2 * n * (d * h) ** 2 + 3 * (d * h) ** 2 + 2 * n * d * h * (d + h + K) + 60 * n * h * (d + K) + 4 * d * h * h * K,
}
"""The leading terms of what the Hessian by hand costs, and room for the rest."""


@pytest.mark.parametrize("name", BOUNDS)
def test_operations_are_bounded_by_those_by_hand(name):
    case = CASES[name]
    assert case.model().cost("hessian", counted(case)) <= BOUNDS[name](**counted(case))


PRODUCTS = {name: make for name, make in MODELS.items() if name != "speelpenning"} | {name: case.model for name, case in CASES.items()}


@pytest.mark.parametrize("size", [10, 100])
@pytest.mark.parametrize("name", PRODUCTS)
def test_hessian_products_cost_at_most_three_gradients(name, size):
    f = PRODUCTS[name]()
    sizes = {one.name: size for one in f.signature.sizes}
    assert f.cost("hvp", sizes) <= 3 * f.cost("value_and_grad", sizes)


def test_a_chain_of_products_costs_at_most_four_gradients():
    """Each of its products takes two products and an addition to differentiate, with nothing else to share the cost."""
    f = speelpenning(30)
    assert f.cost("hvp") <= 4 * f.cost("value_and_grad")


# ---------------------------------------------------------------------- text

def text(f, entry: str = "hessian traced") -> str:
    """A kernel one line a row, or as it runs."""
    return f._kernel(entry)[0]


@pytest.mark.parametrize("name", CASES)
def test_no_delta_is_multiplied(name):
    f = CASES[name].model()
    assert "== np.arange" not in text(f) + text(f, "hessian")


def test_the_hessian_of_a_linear_model_is_one_product():
    lines = text(CASES["logistic"].model()).splitlines()
    products = [line.partition("  # ")[0].strip() for line in lines if re.search(r"@|\.dot\(", line.partition("  # ")[0])]
    assert len(products) == 2 and products[0] == "z = x.dot(w)"
    assert re.fullmatch(r"xi_\d+ = (xi_\d+\.T @ x|x\.T @ xi_\d+)", products[1])


def test_shifts_of_shifts_are_shifts():
    """x[i + 1] of x[i + 1] is x[i + 2]: a slice, no array of indices."""
    body = text(sg.compile(**PATTERNS["shifts of shifts"]))
    assert "np.arange" not in body and ", 2:n]" in body


def test_a_jacobian_of_elements_is_one_diagonal():
    f = sg.compile(sp.sin(x[i]) * x[i] + x[i] ** 3, outputs=(i,), wrt=[x])
    assert text(f, "jacobian traced").count("np.einsum") == 1
    at = draw()["x"]
    np.testing.assert_allclose(f.jacobian(x=at)[0], np.diag(np.cos(at) * at + np.sin(at) + 3 * at**2), rtol=1e-14)


def test_blocks_are_filled_along_diagonals():
    body = text(CASES["least_squares"].model())
    assert body.count("X.T @ X") == 1 and body.count('np.einsum("ijkj->jik", ') == 1 and "_full" not in body


def test_products_that_may_be_had_twice_are_made_once():
    """P x of a softmax classifier stands on both sides of its second term."""
    assert re.search(r"np\.tensordot\((xi_\d+), \1, ", text(CASES["softmax"].model()))
