"""Models whose Hessians have structure, each with the Hessian that a careful hand writes in NumPy.

`scripts/curvature` measures the two side by side, and the tests compare their values and count their operations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from symgrad.compiler import Compiled, compile

n, m, d, h, r, K, N = sp.symbols("n m d h r K N", integer=True, positive=True)
i, j, k, c, o = sp.symbols("i j k c o", integer=True)

Point = dict[str, Any]
Blocks = tuple[tuple[np.ndarray, ...], ...]


class Case(NamedTuple):
    """A model, the sizes at which it is measured, its data at given sizes, and its Hessian by hand."""

    model: Callable[[], Compiled]
    sizes: Mapping[str, int]
    draw: Callable[..., Point]
    by_hand: Callable[..., Blocks]


def _generator() -> np.random.Generator:
    return np.random.default_rng(0)


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


# ---------------------------------------------------------------------- X^T D X

def logistic() -> Compiled:
    """Sum of logistic losses with labels -1 and 1: the Hessian is X^T D X."""
    x, y, w = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("w", shape=(d,))
    z = sp.IndexedBase("z")
    return compile(sp.Sum(sp.log(1 + sp.exp(-y[i] * z[i])), (i, 0, n - 1)), where=[(z[i], sp.Sum(w[j] * x[i, j], (j, 0, d - 1)))], wrt=[w])


def _draw_logistic(n: int, d: int) -> Point:
    rng = _generator()
    return {"x": rng.standard_normal((n, d)), "y": rng.choice([-1.0, 1.0], n), "w": rng.standard_normal(d) / d}


def _logistic_by_hand(x, y, w) -> Blocks:
    p = _sigmoid(y * (x @ w))
    return ((x.T @ ((p * (1 - p))[:, None] * x),),)


# ---------------------------------------------------------------------- Kronecker products

def softmax() -> Compiled:
    """Cross-entropy of a softmax classifier: sum over samples of (diag p - p p^T) kron x x^T."""
    x, W, b = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("W", shape=(K, d)), sp.IndexedBase("b", shape=(K,))
    y, a, P = sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("a"), sp.IndexedBase("P")
    return compile(-sp.Sum(sp.log(P[i, y[i]]), (i, 0, n - 1)),
                   where=[(a[i, c], sp.Sum(W[c, j] * x[i, j], (j, 0, d - 1)) + b[c]),
                          (P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))], wrt=[W, b])


def _draw_softmax(n: int, d: int, K: int) -> Point:
    rng = _generator()
    return {"x": rng.standard_normal((n, d)), "y": rng.integers(0, K, n), "W": rng.standard_normal((K, d)) / d, "b": rng.standard_normal(K)}


def _softmax_by_hand(x, y, W, b) -> Blocks:
    (count, d), K = x.shape, len(b)
    a = x @ W.T + b
    P = np.exp(a - a.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    Px = P[:, :, None] * x[:, None, :]
    flat = Px.reshape(count, K * d)
    WW = -(flat.T @ flat).reshape(K, d, K, d)
    WW[np.arange(K), :, np.arange(K), :] += (flat.T @ x).reshape(K, d, d)
    Wb = -(flat.T @ P).reshape(K, d, K)
    Wb[np.arange(K), :, np.arange(K)] += P.T @ x
    bb = np.diag(P.sum(axis=0)) - P.T @ P
    return (WW, Wb), (Wb.transpose(2, 0, 1).copy(), bb)


def least_squares() -> Compiled:
    """Half the sum of squares of X W - Y: the Hessian is X^T X kron I."""
    X, W, Y = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("W", d, K), sp.MatrixSymbol("Y", n, K)
    return compile(sp.Trace((X * W - Y).T * (X * W - Y)) / 2, wrt=[W])


def _draw_least_squares(n: int, d: int, K: int) -> Point:
    rng = _generator()
    return {"X": rng.standard_normal((n, d)), "W": rng.standard_normal((d, K)), "Y": rng.standard_normal((n, K))}


def _least_squares_by_hand(X, W, Y) -> Blocks:
    d, K = W.shape
    H = np.zeros((d, K, d, K))
    np.einsum("ikjk->kij", H)[...] = X.T @ X
    return ((H,),)


def factorisation() -> Compiled:
    """Half the sum of squares of U V^T - R."""
    R, U, V = sp.MatrixSymbol("R", m, n), sp.MatrixSymbol("U", m, r), sp.MatrixSymbol("V", n, r)
    return compile(sp.Trace((U * V.T - R).T * (U * V.T - R)) / 2, wrt=[U, V])


def _draw_factorisation(m: int, n: int, r: int) -> Point:
    rng = _generator()
    return {"R": rng.standard_normal((m, n)), "U": rng.standard_normal((m, r)), "V": rng.standard_normal((n, r))}


def _factorisation_by_hand(R, U, V) -> Blocks:
    (m, r), count = U.shape, len(V)
    UU, VV = np.zeros((m, r, m, r)), np.zeros((count, r, count, r))
    np.einsum("iaib->iab", UU)[...] = V.T @ V
    np.einsum("iaib->iab", VV)[...] = U.T @ U
    UV = U[:, None, None, :] * V.T[None, :, :, None]
    np.einsum("iaja->aij", UV)[...] += U @ V.T - R
    return (UU, UV), (UV.transpose(2, 3, 0, 1).copy(), VV)


# ---------------------------------------------------------------------- diagonals, bands and blocks

def separable() -> Compiled:
    """A sum of functions of one element each: the Hessian is diagonal."""
    x, a = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("a", shape=(n,))
    return compile(sp.Sum(sp.exp(a[i] * x[i]) + x[i] ** 4, (i, 0, n - 1)), wrt=[x])


def _draw_separable(n: int) -> Point:
    rng = _generator()
    return {"x": rng.standard_normal(n), "a": rng.standard_normal(n)}


def _separable_by_hand(x, a) -> Blocks:
    return ((np.diag(a * a * np.exp(a * x) + 12 * x * x),),)


def chain() -> Compiled:
    """The chained Rosenbrock function: the Hessian has three diagonals."""
    x = sp.IndexedBase("x", shape=(n,))
    return compile(sp.Sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2, (i, 0, n - 2)), wrt=[x])


def _draw_chain(n: int) -> Point:
    return {"x": _generator().standard_normal(n)}


def _chain_by_hand(x) -> Blocks:
    count = len(x)
    H = np.zeros((count, count))
    flat = H.ravel()
    head = x[:-1]
    flat[::count + 1][:-1] = 1200 * head * head - 400 * x[1:] + 2
    flat[::count + 1][1:] += 200
    flat[1::count + 1] = flat[count::count + 1] = -400 * head
    return ((H,),)


def groups() -> Compiled:
    """A log-sum-exp a group: one dense block for each."""
    t, a = sp.IndexedBase("t", shape=(m, r)), sp.IndexedBase("a", shape=(m, r))
    return compile(sp.Sum(sp.log(sp.Sum(sp.exp(a[i, k] * t[i, k]), (k, 0, r - 1))), (i, 0, m - 1)), wrt=[t])


def _draw_groups(m: int, r: int) -> Point:
    rng = _generator()
    return {"t": rng.standard_normal((m, r)), "a": rng.standard_normal((m, r))}


def _groups_by_hand(t, a) -> Blocks:
    m, r = t.shape
    z = a * t
    e = np.exp(z - z.max(axis=1, keepdims=True))
    s = a * e / e.sum(axis=1, keepdims=True)
    H = np.zeros((m, r, m, r))
    np.einsum("iaib->iab", H)[...] = -s[:, :, None] * s[:, None, :]
    np.einsum("iaia->ia", H)[...] += a * s
    return ((H,),)


# ---------------------------------------------------------------------- gathered rows and networks

def embedding() -> Compiled:
    """Squares of U[u] . V[v] - R over observed pairs (u, v)."""
    U, V, R = sp.IndexedBase("U", shape=(m, r)), sp.IndexedBase("V", shape=(n, r)), sp.IndexedBase("R", shape=(N,))
    u, v, e = sp.IndexedBase("u", shape=(N,)), sp.IndexedBase("v", shape=(N,)), sp.IndexedBase("e")
    return compile(sp.Sum(e[o] ** 2, (o, 0, N - 1)) / 2, where=[(e[o], sp.Sum(U[u[o], k] * V[v[o], k], (k, 0, r - 1)) - R[o])], wrt=[U, V])


def _draw_embedding(m: int, n: int, r: int, N: int) -> Point:
    rng = _generator()
    return {"U": rng.standard_normal((m, r)), "V": rng.standard_normal((n, r)), "R": rng.standard_normal(N),
            "u": rng.integers(0, m, N), "v": rng.integers(0, n, N)}


def _embedding_by_hand(U, V, R, u, v) -> Blocks:
    (m, r), count = U.shape, len(V)
    a, b = U[u], V[v]
    e = np.einsum("ok,ok->o", a, b) - R
    UU, VV, UV = np.zeros((m, r, m, r)), np.zeros((count, r, count, r)), np.zeros((m, r, count, r))
    at = np.arange(r)
    for H, index, factor in ((UU, u, b), (VV, v, a)):
        block = np.zeros((len(H), r, r))
        places = (index[:, None] * r + at)[:, :, None] * r + at
        np.add.at(block.ravel(), places.ravel(), (factor[:, :, None] * factor[:, None, :]).ravel())
        np.einsum("iaib->iab", H)[...] = block
    places = ((u[:, None] * r + at)[:, :, None] * count + v[:, None, None]) * r + at
    np.add.at(UV.ravel(), places.ravel(), (b[:, :, None] * a[:, None, :]).ravel())
    E = np.zeros((m, count))
    np.add.at(E.ravel(), u * count + v, e)
    np.einsum("iaja->aij", UV)[...] += E
    return (UU, UV), (UV.transpose(2, 3, 0, 1).copy(), VV)


def network() -> Compiled:
    """Half the sum of squares of a two-layer sigmoid network."""
    X, W1, W2 = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("W1", d, h), sp.MatrixSymbol("W2", h, K)
    Y, A, t = sp.MatrixSymbol("Y", n, K), sp.MatrixSymbol("A", n, h), sp.Symbol("t", real=True)
    return compile(sp.Trace((A * W2 - Y).T * (A * W2 - Y)) / 2, where=[(A, (X * W1).applyfunc(sp.Lambda(t, 1 / (1 + sp.exp(-t)))))], wrt=[W1, W2])


def _draw_network(n: int, d: int, h: int, K: int) -> Point:
    rng = _generator()
    return {"X": rng.standard_normal((n, d)), "W1": rng.standard_normal((d, h)) / d, "W2": rng.standard_normal((h, K)),
            "Y": rng.standard_normal((n, K))}


def _network_by_hand(X, W1, W2, Y) -> Blocks:
    (count, d), (h, K) = X.shape, W2.shape
    A = _sigmoid(X @ W1)
    S = A * (1 - A)
    E = A @ W2 - Y
    B = (E @ W2.T) * S * (1 - 2 * A)
    J = (X[:, :, None] * S[:, None, :]).reshape(count, d * h)
    H11 = (J.T @ J).reshape(d, h, d, h) * (W2 @ W2.T)[:, None, :]
    np.einsum("iajb->abij", H11)[np.arange(h), np.arange(h)] += np.einsum("na,nij->aij", B, X[:, :, None] * X[:, None, :], optimize=True)
    H12 = (J.T @ A).reshape(d, h, h, 1) * W2[:, None, :]
    np.einsum("iaak->iak", H12)[...] += (J.T @ E).reshape(d, h, K)
    H22 = np.zeros((h, K, h, K))
    np.einsum("akbk->kab", H22)[...] = A.T @ A
    return (H11, H12), (H12.transpose(2, 3, 0, 1).copy(), H22)


CASES: dict[str, Case] = {
    "logistic": Case(logistic, {"n": 2000, "d": 200}, _draw_logistic, _logistic_by_hand),
    "softmax": Case(softmax, {"n": 500, "d": 30, "K": 10}, _draw_softmax, _softmax_by_hand),
    "least_squares": Case(least_squares, {"n": 1000, "d": 50, "K": 10}, _draw_least_squares, _least_squares_by_hand),
    "factorisation": Case(factorisation, {"m": 40, "n": 30, "r": 5}, _draw_factorisation, _factorisation_by_hand),
    "separable": Case(separable, {"n": 1000}, _draw_separable, _separable_by_hand),
    "chain": Case(chain, {"n": 1000}, _draw_chain, _chain_by_hand),
    "groups": Case(groups, {"m": 50, "r": 10}, _draw_groups, _groups_by_hand),
    "embedding": Case(embedding, {"m": 40, "n": 30, "r": 5, "N": 2000}, _draw_embedding, _embedding_by_hand),
    "network": Case(network, {"n": 64, "d": 20, "h": 15, "K": 5}, _draw_network, _network_by_hand),
}
