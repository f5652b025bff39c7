"""The derivation tables of the lectures, T1 … T11: each system declared as its deck writes it, with a point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symgrad.compiler import Compiled, compile

W, X, y = sp.symbols("W X y", real=True)
POINT = {"W": 3, "X": 3, "y": 1}


@dataclass(frozen=True)
class Entry:
    """One table: what it shows, how its deck calls it, the declaration, the point, and options of `table`."""

    title: str
    deck: str
    declare: Callable[[], Compiled]
    point: Mapping[str, Any]
    options: Mapping[str, Any]
    slip: str = ""


def positive_half() -> Compiled:
    """-y log(1/(1 + exp(-W X))): the loss of a positive example."""
    return compile(-y * sp.log(1 / (1 + sp.exp(-W * X))), wrt=W, name="positive_half")


def negative_half() -> Compiled:
    """-(1 - y) log(1 - 1/(1 + exp(-W X))): the loss of a negative example."""
    return compile(-(1 - y) * sp.log(1 - 1 / (1 + sp.exp(-W * X))), wrt=W, name="negative_half")


def coarse() -> Compiled:
    """Affine, activation, loss, as three named rows."""
    b0, b1, h, p = sp.symbols("beta_0 beta_1 h p", real=True)
    return compile(-y * sp.log(p) - (1 - y) * sp.log(1 - p), where=[(h, b0 + b1 * X), (p, 1 / (1 + sp.exp(-h)))], wrt=[b0, b1], name="coarse")


def gates() -> Compiled:
    """f = (x + y) z through q = x + y."""
    a, b, c, q = sp.symbols("x y z q", real=True)
    return compile(q * c, where=[(q, a + b)], wrt=[a, b, c], name="gates")


def flat_code() -> Compiled:
    """L = sigmoid(w0 x0 + w1 x1 + w2) in the steps of the deck's flat code."""
    w0, w1, w2, x0, x1 = sp.symbols("w0 w1 w2 x0 x1", real=True)
    s0, s1, s2, s3 = sp.symbols("s0 s1 s2 s3", real=True)
    steps = [(s0, w0 * x0), (s1, w1 * x1), (s2, s0 + s1), (s3, s2 + w2)]
    return compile(1 / (1 + sp.exp(-s3)), where=steps, wrt=[w0, w1, w2], name="flat_code")


def layers() -> Compiled:
    """Two layers and a squared error: each layer's output is a named row."""
    n, d, h, k = sp.symbols("n d h k", integer=True, positive=True)
    data, target = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("T", n, k)
    W1, W2 = sp.MatrixSymbol("W1", d, h), sp.MatrixSymbol("W2", h, k)
    y1, y2 = sp.MatrixSymbol("y1", n, h), sp.MatrixSymbol("y2", n, k)
    error = y2 - target
    return compile(sp.Trace(error.T * error) / 2, where=[(y1, (data * W1).applyfunc(sp.tanh)), (y2, y1 * W2)], wrt=[W1, W2], name="layers")


def vector_to_vector() -> Compiled:
    """The layer u = sigmoid(A x), a vector of a vector."""
    n, m = sp.symbols("n m", integer=True, positive=True)
    i, c = sp.symbols("i c", integer=True)
    A, x, u = sp.IndexedBase("A", shape=(m, n)), sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("u")
    return compile(u[c], outputs=(c,), where=[(u[c], 1 / (1 + sp.exp(-sp.Sum(A[c, i] * x[i], (i, 0, n - 1)))))], wrt=x, name="vector_to_vector")


def shared_node() -> Compiled:
    """An acyclic graph whose node a is used three times: its derivative is the sum over all paths."""
    w, x, a, b, c = sp.symbols("w x a b c", real=True)
    return compile(b * c + a, where=[(a, w * x), (b, sp.sin(a)), (c, a**2 + w)], wrt=w, name="shared_node")


_T9_POINT = {"X": np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]]), "T": np.array([[1.0], [0.0]]),
             "W1": np.array([[0.1, -0.2], [0.3, 0.4], [-0.5, 0.6]]), "W2": np.array([[0.7], [-0.8]])}
_MINUS = "The minus of d xi_4/d xi_3 = -1/xi_3^2 is dropped, so the deck's last column has the wrong sign from there on: +0.000370183728."

TABLES: dict[str, Entry] = {
    "T1": Entry("Logistic loss, positive half", "Back propagation and optimizers", positive_half, POINT, {"mode": "forward"}),
    "T2": Entry("Logistic loss, negative half", "Back propagation and optimizers", negative_half, {"W": 3, "X": 3, "y": 0}, {"mode": "forward"},
                "The deck's row for L drops the minus, and its log(1 - p) is written out as log(1/(1 + exp(-W X))) for "
                "log(exp(-W X)/(1 + exp(-W X)))."),
    "T3": Entry("Forward mode at W = 3, X = 3, y = 1", "Back propagation and optimizers", positive_half, POINT, {"mode": "forward"},
                _MINUS + " The column is headed dL/d xi_n and holds d xi_n/dW."),
    "T4": Entry("Backward mode at W = 3, X = 3, y = 1", "Back propagation and optimizers", positive_half, POINT, {"mode": "reverse"}),
    "T5": Entry("Basic functions, with the input as xi_0", "Back propagation and optimizers", positive_half, POINT,
                {"mode": "forward", "inputs": ("X",)}, "The deck's derx1 returns -a, but d xi_1/dW is -x; three value functions share one name."),
    "T6": Entry("Affine, activation, loss", "Back propagation and optimizers", coarse, {"beta_0": 0.3, "beta_1": -0.7, "X": 1.5, "y": 1.0},
                {"mode": "reverse", "level": "named"}, "The deck prints -(1 - y)/(1 - p) in dL/dp for +(1 - y)/(1 - p); both gradients inherit it."),
    "T7": Entry("Gates: (x + y) z", "Neural networks", gates, {"x": -2, "y": 5, "z": -4}, {"mode": "reverse"}),
    "T8": Entry("Flat code of a sigmoid neuron", "Neural networks", flat_code, {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0},
                {"mode": "reverse"}),
    "T9": Entry("Layer recursion", "Back propagation", layers, _T9_POINT, {"mode": "reverse"},
                "The deck's closed product leaves out the loss layer."),
    "T10": Entry("A vector of a vector", "Neural networks", vector_to_vector,
                 {"A": np.array([[1.0, -0.5, 0.25], [0.5, 2.0, -1.0]]), "x": np.array([0.2, -0.4, 0.6])}, {"mode": "forward"}),
    "T11": Entry("A node used several times", "Neural networks I", shared_node, {"w": 0.5, "x": 1.5}, {"mode": "reverse"}),
}
"""Every table of the lectures by its number."""
