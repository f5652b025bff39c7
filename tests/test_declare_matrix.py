"""Matrix declarations: every spelling against plain NumPy, with flat and two-dimensional columns."""

import numpy as np
import pytest
import sympy as sp
from agreement import CHECKS, Case, draw

import symgrad as sg

n, m, d, K = sp.symbols("n m d K", integer=True, positive=True)
i, j, c = sp.symbols("i j c", integer=True)
A, B, C, M = sp.MatrixSymbol("A", n, m), sp.MatrixSymbol("B", m, d), sp.MatrixSymbol("C", n, m), sp.MatrixSymbol("M", n, n)
v, u, r = sp.MatrixSymbol("v", n, 1), sp.MatrixSymbol("u", m, 1), sp.MatrixSymbol("r", 1, m)
H, N = sp.MatrixSymbol("H", n, m), sp.MatrixSymbol("N", n, n)
s, q1, q2, q3 = sp.symbols("s q1 q2 q3", real=True)
x, S = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("S", shape=(n, m))
one = sp.OneMatrix
exp, tanh = sp.exp, sp.tanh

A43, B32, C43, M4, N4 = draw(4, 3), draw(3, 2), draw(4, 3, seed=1), draw(4, 4) + 3 * np.eye(4), draw(4, 4, seed=1)
v4, u3, r13 = draw(4), draw(3), draw(1, 3)
POSITIVE = M4 @ M4.T


def total(matrix):
    """The sum of all elements."""
    return sp.Trace(one(1, matrix.shape[0]) * matrix * one(matrix.shape[1], 1))


def compiled(expr, *wrt, **options):
    return lambda: sg.compile(expr, wrt=list(wrt), **options)


def norm2(matrix):
    return sp.Trace(matrix.T * matrix)


CASES = [
    Case("product", compiled(A * B, A, B), lambda A, B: A @ B, dict(A=A43, B=B32)),
    Case("product transposed", compiled((A * B).T, A, B), lambda A, B: (A @ B).T, dict(A=A43, B=B32)),
    Case("transposed left", compiled(norm2(A.T * C + (M.T * A).T * C), A, C, M), lambda A, C, M: np.sum((A.T @ C + (M.T @ A).T @ C)**2),
         dict(A=A43, C=C43, M=M4)),
    Case("transposed right", compiled(norm2(A * C.T), A, C), lambda A, C: np.sum((A @ C.T)**2), dict(A=A43, C=C43)),
    Case("both transposed", compiled(norm2(B.T * A.T), A, B), lambda A, B: np.sum((B.T @ A.T)**2), dict(A=A43, B=B32)),
    Case("gram matrix", compiled(total((A.T * A).applyfunc(exp)), A), lambda A: np.exp(A.T @ A).sum(), dict(A=A43 / 2)),
    Case("sum and scalar factors", compiled(norm2(2 * A - s * C + sp.Rational(1, 3) * A), A, C, s),
         lambda A, C, s: np.sum((2 * A - s * C + A / 3)**2), dict(A=A43, C=C43, s=0.6)),
    Case("transpose as a result", compiled(A.T, A), lambda A: A.T + 0, dict(A=A43)),
    Case("input as a result", compiled(A, A), lambda A: A + 0, dict(A=A43)),
    Case("column as a result", compiled(A * u, A, u), lambda A, u: A @ u, dict(A=A43, u=u3)),
    Case("two-dimensional column as a result", compiled(A * u, A, u), lambda A, u: A @ u, dict(A=A43, u=u3[:, None])),
    Case("row as a result", compiled(v.T * A, v, A), lambda v, A: v @ A, dict(v=v4, A=A43)),
    Case("two-dimensional row as a result", compiled(v.T * A, v, A), lambda v, A: v.T @ A, dict(v=v4[:, None], A=A43)),
    Case("applyfunc", compiled(total(A.applyfunc(tanh).applyfunc(sp.Lambda(j, j**2 * s))), A, s),
         lambda A, s: np.sum(np.tanh(A)**2 * s), dict(A=A43, s=0.4)),
    Case("applyfunc of a branch", compiled(total(A.applyfunc(lambda t: sp.Max(t, t / 10))), A), lambda A: np.maximum(A, A / 10).sum(), dict(A=A43)),
    Case("Hadamard product", compiled(total(sp.HadamardProduct(A, C, A.applyfunc(sp.sin))), A, C), lambda A, C: np.sum(A * C * np.sin(A)),
         dict(A=A43, C=C43)),
    Case("Hadamard power", compiled(total(sp.HadamardPower(A, 3) + sp.HadamardPower(C.applyfunc(exp), s)), A, C, s),
         lambda A, C, s: np.sum(A**3 + np.exp(C)**s), dict(A=A43, C=C43, s=0.7)),
    Case("Hadamard power, negative and broken", compiled(total(sp.HadamardPower(A, -1) + sp.HadamardPower(A, sp.Rational(3, 2))), A),
         lambda A: np.sum(1 / A + A**1.5), dict(A=draw(4, 3, low=0.4))),
    Case("row repeated by OneMatrix", compiled(norm2((A + one(n, 1) * r).applyfunc(tanh)), A, r), lambda A, r: np.sum(np.tanh(A + r)**2),
         dict(A=A43, r=r13)),
    Case("flat row repeated by OneMatrix", compiled(norm2((A + one(n, 1) * r).applyfunc(tanh)), A, r), lambda A, r: np.sum(np.tanh(A + r)**2),
         dict(A=A43, r=r13[0])),
    Case("column repeated by OneMatrix", compiled(norm2((A + v * one(1, m)).applyfunc(tanh)), A, v), lambda A, v: np.sum(np.tanh(A + v[:, None])**2),
         dict(A=A43, v=v4)),
    Case("sums along axes by OneMatrix", compiled(norm2(one(1, n) * A.applyfunc(exp)) + norm2(A * one(m, 1)), A),
         lambda A: np.sum(np.exp(A).sum(0)**2) + np.sum(A.sum(1)**2), dict(A=A43)),
    Case("scalar spread by OneMatrix", compiled(norm2(A - s * one(n, m)), A, s), lambda A, s: np.sum((A - s)**2), dict(A=A43, s=0.3)),
    Case("Identity", compiled(norm2(M + s * sp.Identity(n)) + sp.Trace(sp.Identity(n) * M), M, s),
         lambda M, s: np.sum((M + s * np.eye(4))**2) + np.trace(M), dict(M=M4, s=0.3)),
    Case("Identity in a result", compiled(M - 2 * sp.Identity(n), M), lambda M: M - 2 * np.eye(4), dict(M=M4)),
    Case("ZeroMatrix", compiled(norm2(A + sp.ZeroMatrix(n, m)), A), lambda A: np.sum(A**2), dict(A=A43)),
    Case("DiagMatrix", compiled(norm2(sp.DiagMatrix(v) * M) + sp.Trace(sp.DiagMatrix(v)), v, M),
         lambda v, M: np.sum((np.diag(v) @ M)**2) + v.sum(), dict(v=v4, M=M4)),
    Case("trace", compiled(sp.exp(sp.Trace(M) / n) * sp.Trace(M * M.T), M), lambda M: np.exp(np.trace(M) / 4) * np.sum(M**2), dict(M=M4)),
    Case("trace of a product", compiled(sp.Trace(M * N * M.T), M, N), lambda M, N: np.trace(M @ N @ M.T), dict(M=M4, N=N4)),
    Case("trace of an applied function", compiled(sp.Trace((M * N).applyfunc(sp.sin)), M, N), lambda M, N: np.trace(np.sin(M @ N)), dict(M=M4, N=N4)),
    Case("matrix power", compiled(sp.Trace(M**3) + norm2(M**2), M), lambda M: np.trace(M @ M @ M) + np.sum((M @ M)**2), dict(M=N4)),
    Case("negative matrix power", compiled(norm2(M**-2), M), lambda M: np.sum(np.linalg.matrix_power(M, -2)**2), dict(M=M4)),
    Case("inverse", compiled(sp.Trace(M.inv() * N), M, N), lambda M, N: np.trace(np.linalg.inv(M) @ N), dict(M=M4, N=N4)),
    Case("inverse as a result", compiled(M.I, M), lambda M: np.linalg.inv(M), dict(M=M4)),
    Case("inverse between columns", compiled((v.T * (M + s * sp.Identity(n)).inv() * v)[0], M, v, s),
         lambda M, v, s: v @ np.linalg.inv(M + s * np.eye(4)) @ v, dict(M=M4, v=v4, s=0.2)),
    Case("determinant", compiled(sp.Determinant(M) + sp.sin(sp.Determinant(M.T * M) / 100000), M),
         lambda M: np.linalg.det(M) + np.sin(np.linalg.det(M.T @ M) / 100000), dict(M=M4)),
    Case("log of a determinant", compiled(sp.log(sp.Determinant(M * M.T)) - sp.log(sp.Determinant(N * N.T)) / 2, M, N),
         lambda M, N: 2 * np.linalg.slogdet(M)[1] - np.linalg.slogdet(N)[1], dict(M=M4, N=N4)),
    Case("element of a product", compiled((v.T * M * v)[0], v, M), lambda v, M: v @ M @ v, dict(v=v4, M=M4)),
    Case("element of a product, two-dimensional column", compiled((v.T * M * v)[0], v, M), lambda v, M: (v.T @ M @ v)[0, 0],
         dict(v=v4[:, None], M=M4)),
    Case("1x1 matrix as the loss", compiled(v.T * M * v, v, M), lambda v, M: v @ M @ v, dict(v=v4, M=M4)),
    Case("1x1 matrix in a sum with scalars", compiled((v.T * v)[0, 0] * s + (r * u)[0]**2, v, r, u, s),
         lambda v, r, u, s: v @ v * s + (r @ u)[0]**2, dict(v=v4, r=r13, u=u3, s=0.5)),
    Case("elements", compiled(A[0, 1] * A[1, 0]**2 + sp.exp(A[n - 1, m - 1]), A), lambda A: A[0, 1] * A[1, 0]**2 + np.exp(A[-1, -1]), dict(A=A43)),
    Case("elements in a sum", compiled(sp.Sum(A[i, j]**2 * v[i, 0], (i, 0, n - 1), (j, 0, m - 1)), A, v), lambda A, v: np.sum(A**2 * v[:, None]),
         dict(A=A43, v=v4)),
    Case("elements of a product in a sum", compiled(sp.Sum((A * B)[i, j]**3, (i, 0, n - 1), (j, 0, d - 1)), A, B), lambda A, B: np.sum((A @ B)**3),
         dict(A=A43, B=B32)),
    Case("mixed with an array of letters", compiled(sp.Sum(S[i, j] * A[i, j]**2 * x[i], (i, 0, n - 1), (j, 0, m - 1)), S, A, x),
         lambda S, A, x: np.sum(S * A**2 * x[:, None]), dict(S=C43, A=A43, x=v4)),
    Case("outer product", compiled(norm2((v * u.T).applyfunc(sp.sin)), v, u), lambda v, u: np.sum(np.sin(np.outer(v, u))**2), dict(v=v4, u=u3)),
    Case("outer product as a result", compiled(v * u.T, v, u), lambda v, u: np.outer(v, u), dict(v=v4, u=u3)),
    Case("outer product of one column", compiled(sp.Trace(M * v * v.T), v, M), lambda v, M: v @ M @ v, dict(v=v4, M=M4)),
    Case("definitions of matrices", compiled(norm2(H * B), A, B, where=[(H, (A + C).applyfunc(tanh))]),
         lambda A, B, C: np.sum((np.tanh(A + C) @ B)**2), dict(A=A43, B=B32, C=C43)),
    Case("definitions of every kind in any order", compiled(norm2(N) * s + sp.Sum(x[i], (i, 0, n - 1)), A, B,
         where=[(N, H * H.T), (s, sp.Trace(H.T * H)), (H, A.applyfunc(sp.sin)), (x[i], (H * B)[i, 0]**2)]),
         lambda A, B: (lambda h: np.sum((h @ h.T)**2) * np.sum(h**2) + np.sum((h @ B)[:, 0]**2))(np.sin(A)), dict(A=A43, B=B32)),
    Case("a 1x1 matrix names a scalar", compiled(s**2 + v[0, 0], v, where=[(s, v.T * v)]), lambda v: (v @ v)**2 + v[0], dict(v=v4)),
    Case("explicit matrix with a MatrixSymbol", compiled(sp.Matrix([[s, 1, 0], [0, s**2, 2]]) * sp.MatrixSymbol("G", 3, 2), s,
         sp.MatrixSymbol("G", 3, 2)),
         lambda s, G: np.array([[s, 1, 0], [0, s**2, 2]]) @ G, dict(s=0.7, G=draw(3, 2))),
    Case("explicit column with a MatrixSymbol", compiled((sp.Matrix([q1, q2]).T * sp.MatrixSymbol("G", 2, 2) * sp.Matrix([q1, q2]))[0, 0], q1, q2,
         sp.MatrixSymbol("G", 2, 2)),
         lambda q1, q2, G: np.array([q1, q2]) @ G @ np.array([q1, q2]), dict(q1=0.3, q2=-0.8, G=draw(2, 2))),
    Case("explicit inverse", compiled(total((sp.ImmutableMatrix([[q1, 1], [2, q2]]) + sp.MatrixSymbol("G", 2, 2)).inv()), q1, q2,
         sp.MatrixSymbol("G", 2, 2)),
         lambda q1, q2, G: np.linalg.inv(np.array([[q1, 1], [2, q2]]) + G).sum(), dict(q1=3.0, q2=4.0, G=draw(2, 2))),
    Case("block of several results", compiled([A * u, v.T * A, sp.Trace(A.T * A), A.T], A, u, v), lambda A, u,
         v: (A @ u, v @ A, np.sum(A**2), A.T + 0),
         dict(A=A43, u=u3, v=v4)),
    Case("numbers as sizes", compiled(norm2(sp.MatrixSymbol("G", 2, 3) * sp.MatrixSymbol("g", 3, 1)), sp.MatrixSymbol("G", 2, 3),
         sp.MatrixSymbol("g", 3, 1)),
         lambda G, g: np.sum((G @ g)**2), dict(G=draw(2, 3), g=draw(3))),
    Case("1x1 symbol", compiled(norm2(v * sp.MatrixSymbol("g", 1, 1)), v, sp.MatrixSymbol("g", 1, 1)), lambda v, g: np.sum(v**2) * g[0, 0]**2,
         dict(v=v4, g=draw(1, 1))),
    Case("1x1 symbol as a number", compiled(norm2(v * sp.MatrixSymbol("g", 1, 1)), v, sp.MatrixSymbol("g", 1, 1)), lambda v, g: np.sum(v**2) * g**2,
         dict(v=v4, g=0.7)),
    Case("two-layer net",
         compiled(norm2((A * B + one(n, 1) * sp.MatrixSymbol("b", 1, d)).applyfunc(tanh)) / n, B, sp.MatrixSymbol("b", 1, d)),
         lambda A, B, b: np.sum(np.tanh(A @ B + b)**2) / 4, dict(A=A43, B=B32, b=draw(1, 2))),
    Case("normalised rows", compiled(norm2(sp.HadamardProduct(A.applyfunc(exp), sp.HadamardPower(A.applyfunc(exp) * one(m, 1), -1) * one(1, m))), A),
         lambda A: np.sum((np.exp(A) / np.exp(A).sum(1, keepdims=True))**2), dict(A=A43)),
    Case("gaussian log density", compiled(-sp.log(sp.Determinant(M)) / 2 - (v.T * M.inv() * v)[0] / 2, M, v),
         lambda M, v: -np.linalg.slogdet(M)[1] / 2 - v @ np.linalg.inv(M) @ v / 2, dict(M=POSITIVE, v=v4)),
]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case, check):
    CHECKS[check](case)
