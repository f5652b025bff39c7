"""Corners of indexed and matrix declarations: arithmetic in subscripts, gathers of gathers, masks, diagonals, chains of matrices."""

import numpy as np
import pytest
import sympy as sp
from agreement import CHECKS, Case, draw

import symgrad as sg

n, m, d, K = sp.symbols("n m d K", integer=True, positive=True)
i, j, c, k, pick = sp.symbols("i j c k pick", integer=True)
s = sp.Symbol("s", real=True)
x, w, b = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("w", shape=(m,)), sp.IndexedBase("b", shape=(K,))
S, P, Q = sp.IndexedBase("S", shape=(n, n)), sp.IndexedBase("P", shape=(n, K)), sp.IndexedBase("Q", shape=(n, n, n))
T, X = sp.IndexedBase("T", shape=(n, d, K)), sp.IndexedBase("X", shape=(n, d))
t, y, u, v = sp.IndexedBase("t", shape=(n,)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("u"), sp.IndexedBase("v")
even, half, packed = sp.IndexedBase("even", shape=(2 * n,)), sp.IndexedBase("half", shape=(sp.floor(n / 2),)), sp.IndexedBase("packed",
    shape=(n * (n + 1) / 2,))
square, joined = sp.IndexedBase("square", shape=(n**2,)), sp.IndexedBase("joined", shape=(n + m,))
strict = sp.IndexedBase("strict", shape=(n * (n - 1) / 2,))
inner = sp.Idx("a", (1, n - 2))
M, A, C = sp.MatrixSymbol("M", n, n), sp.MatrixSymbol("A", n, m), sp.MatrixSymbol("C", n, m)
col, low, row, H = sp.MatrixSymbol("col", n, 1), sp.MatrixSymbol("low", m, 1), sp.MatrixSymbol("row", 1, m), sp.MatrixSymbol("H", n, m)

x4, x5, x6, w3, S4, S5, labels, places = draw(4), draw(5), draw(6), draw(3), draw(4, 4), draw(5,
    5), np.array([2, 0, 1, 1, 2]), np.array([3, 0, 0, 1, 4])
A43, C43, M4 = draw(4, 3), draw(4, 3, seed=1), draw(4, 4) + 3 * np.eye(4)


def over(body, *letters):
    return sp.Sum(body, *[(letter, 0, size - 1) for letter, size in letters])


def compiled(expr, *wrt, **options):
    return lambda: sg.compile(expr, wrt=list(wrt), **options)


def norm2(matrix):
    return sp.Trace(matrix.T * matrix)


def cells(size):
    return [(a, e) for a in range(size) for e in range(size)]


SUBSCRIPTS = [
    Case("odd places", compiled(sp.Sum(even[2 * sp.floor(i / 2) + 1] * even[i]**2, (i, 0, 2 * n - 1)), even),
         lambda even: sum(even[2 * (a // 2) + 1] * even[a]**2 for a in range(len(even))), dict(even=draw(8))),
    Case("ceiling", compiled(over(x[sp.ceiling(i / 2)] * x[i]**2, (i, n)), x), lambda x: sum(x[-(-a // 2)] * x[a]**2 for a in range(len(x))),
         dict(x=x5)),
    Case("floor of a fraction of a size", compiled(over(x[sp.floor(i * (n - 1) / n)] * x[i]**2, (i, n)), x),
         lambda x: sum(x[a * (len(x) - 1) // len(x)] * x[a]**2 for a in range(len(x))), dict(x=x5)),
    Case("packed triangle of a stated size", compiled(sp.Sum(packed[i * (i + 1) / 2 + j]**2 * x[i], (j, 0, i), (i, 0, n - 1)), packed, x),
         lambda packed, x: sum(packed[a * (a + 1) // 2 + e]**2 * x[a] for a in range(len(x)) for e in range(a + 1)), dict(packed=draw(10), x=x4)),
    Case("packed strict triangle", compiled(sp.Sum(strict[j * (j - 1) / 2 + i] * x[i] * x[j], (i, 0, j - 1), (j, 0, n - 1)), strict, x),
         lambda strict, x: sum(strict[a * (a - 1) // 2 + e] * x[a] * x[e] for a in range(len(x)) for e in range(a)), dict(strict=draw(6), x=x4)),
    Case("packed triangle alone: its size is an input", compiled(sp.Sum(packed[i * (i + 1) / 2 + j]**2 * (i + j), (j, 0, i), (i, 0, n - 1)), packed),
         lambda packed, n: sum(packed[a * (a + 1) // 2 + e]**2 * (a + e) for a in range(n) for e in range(a + 1)), dict(packed=draw(10), n=4)),
    Case("square laid out flat", compiled(over(square[n * i + j] * x[i]**2, (i, n), (j, n)), square, x),
         lambda square, x: np.sum(square.reshape(4, 4) * x[:, None]**2), dict(square=draw(16), x=x4)),
    Case("square laid out flat, by columns", compiled(over(square[n * j + i] * x[i]**2, (i, n), (j, n)), square, x),
         lambda square, x: np.sum(square.reshape(4, 4) * x**2), dict(square=draw(16), x=x4)),
    Case("two arrays laid end to end", compiled(sp.Sum(joined[i] * x[i], (i, 0, n - 1)) + sp.Sum(joined[n + j] * w[j]**2, (j, 0, m - 1)), joined, x),
         lambda joined, x, w: joined[:4] @ x + joined[4:] @ w**2, dict(joined=draw(7), x=x4, w=w3)),
    Case("half the elements", compiled(sp.Sum(half[i]**2 * x[2 * i], (i, 0, sp.floor(n / 2) - 1)), half, x),
         lambda half, x: sum(half[a]**2 * x[2 * a] for a in range(len(half))), dict(half=draw(2), x=x5)),
    Case("sizes rounded as numbers", compiled(3 * sp.floor(n / 2) * sp.ceiling(n / 2) * over(x[i]**2, (i, n)) + n * (n + 1) / 2 * x[0], x),
         lambda x: 3 * 2 * 3 * np.sum(x**2) + 15 * x[0], dict(x=x5)),
    Case("half the range", compiled(sp.Sum(x[i]**2, (i, 0, sp.floor(n / 2))), x), lambda x: np.sum(x[:len(x) // 2 + 1]**2), dict(x=x5)),
    Case("padding by Max and Min", compiled(over(x[sp.Max(i - 1, 0)] * x[sp.Min(i + 1, n - 1)]**2, (i, n)), x),
         lambda x: sum(x[max(a - 1, 0)] * x[min(a + 1, len(x) - 1)]**2 for a in range(len(x))), dict(x=x5)),
    Case("padding by Piecewise", compiled(over(x[sp.Piecewise((0, i < 1), (i - 1, True))] * x[i]**2, (i, n)), x),
         lambda x: sum(x[max(a - 1, 0)] * x[a]**2 for a in range(len(x))), dict(x=x5)),
    Case("distance", compiled(over(x[sp.Abs(i - j)] * S[i, j]**2, (i, n), (j, n)), x, S),
         lambda x, S: sum(x[abs(a - e)] * S[a, e]**2 for a, e in cells(4)), dict(x=x4, S=S4)),
    Case("causal convolution", compiled(over(u[i]**2, (i, n)), x, w,
         where=[(u[i], over(sp.Piecewise((x[i - j] * w[j], j <= i), (0, True)), (j, m)))]),
         lambda x, w: np.sum(np.convolve(x, w)[:len(x)]**2), dict(x=x6, w=w3)),
    Case("window", compiled(sp.Sum(x[j] * x[i], (j, i, i + 2), (i, 0, n - 3)), x),
         lambda x: sum(x[e] * x[a] for a in range(4) for e in range(a, a + 3)),
         dict(x=x6)),
    Case("prefix sums", compiled(over(sp.exp(u[i]), (i, n)), x, where=[(u[i], sp.Sum(x[j], (j, 0, i)))]), lambda x: np.exp(np.cumsum(x)).sum(),
         dict(x=x5)),
    Case("prefix sums as a result", compiled(u[c], x, outputs=(c,), where=[(u[c], sp.Sum(x[j]**2, (j, 0, c)) * x[c])]), lambda x: np.cumsum(x**2) * x,
         dict(x=x5)),
    Case("three nested triangles", compiled(sp.Sum(x[i] * x[j]**2 * x[k]**3, (k, 0, j - 1), (j, 0, i - 1), (i, 0, n - 1)), x),
         lambda x: sum(x[a] * x[e]**2 * x[o]**3 for a in range(5) for e in range(a) for o in range(e)), dict(x=x5)),
    Case("inner points by Idx", compiled(sp.Sum(x[inner] * x[inner + 1] * x[inner - 1] * inner, (inner, 1, n - 2)), x),
         lambda x: sum(x[a] * x[a + 1] * x[a - 1] * a for a in range(1, len(x) - 1)), dict(x=x6)),
    Case("a definition numbered by its Idx", compiled(sp.Sum(u[i] * i, (i, 1, n - 2)) + u[2], x, where=[(u[inner], x[inner + 1] * x[inner - 1])]),
         lambda x: sum(x[a + 1] * x[a - 1] * a for a in range(1, len(x) - 1)) + x[3] * x[1], dict(x=x6)),
]

GATHERS = [
    Case("delta with one label", compiled(over(sp.KroneckerDelta(c, pick) * b[c]**2, (c, K)), b), lambda b, pick: b[pick]**2,
         dict(b=draw(3), pick=2)),
    Case("one label as a subscript", compiled(b[pick]**2 * s, b, s), lambda b, s, pick: b[pick]**2 * s, dict(b=draw(3), pick=2, s=0.3)),
    Case("a label that is also a number", compiled(over(b[y[i]] * y[i] * x[i], (i, n)), b, x), lambda b, x, y: np.sum(b[y] * y * x),
         dict(b=draw(3), y=labels, x=x5)),
    Case("gathers along several axes", compiled(over(T[t[i], 0, y[i]]**2 * X[t[i], 1], (i, n)), T, X),
         lambda T, X, t, y: np.sum(T[t, 0, y]**2 * X[t, 1]), dict(T=draw(5, 3, 3), X=draw(5, 3), t=places, y=labels)),
    Case("rows and columns gathered", compiled(over(S[t[i], t[j]]**2 * x[i], (i, n), (j, n)), S, x),
         lambda S, x, t: np.sum(S[t][:, t]**2 * x[:, None]), dict(S=S5, x=x5, t=places)),
    Case("a diagonal gathered", compiled(over(S[t[i], t[i]]**2 * x[i], (i, n)), S, x), lambda S, x, t: np.sum(S[t, t]**2 * x),
         dict(S=S5, x=x5, t=places)),
    Case("one axis gathered, the other not", compiled(over(S[i, t[i]]**2 * S[t[i], i], (i, n)), S),
         lambda S, t: sum(S[a, t[a]]**2 * S[t[a], a] for a in range(5)), dict(S=S5, t=places)),
    Case("differences to gathered elements", compiled(over((x[i] - x[t[j]])**2 * S[i, j], (i, n), (j, n)), x, S),
         lambda x, S, t: np.sum((x[:, None] - x[t])**2 * S), dict(x=x5, S=S5, t=places)),
    Case("a definition gathered", compiled(over(u[t[i]] * x[i], (i, n)) + u[0] * u[n - 1], x, where=[(u[i], sp.sin(x[i]) * i)]),
         lambda x, t: (lambda e: np.sum(e[t] * x) + e[0] * e[-1])(np.sin(x) * np.arange(5)), dict(x=x5, t=places)),
]

DIAGONALS = [
    Case("diagonals of a cube", compiled(over(Q[i, i, j]**2 * Q[j, i, j] * Q[i, i, i], (i, n), (j, n)), Q),
         lambda Q: sum(Q[a, a, e]**2 * Q[e, a, e] * Q[a, a, a] for a, e in cells(3)), dict(Q=draw(3, 3, 3))),
    Case("two diagonals", compiled(over(S[i, i] * S[j, j] * S[i, j], (i, n), (j, n)), S), lambda S: np.sum(np.outer(np.diag(S), np.diag(S)) * S),
         dict(S=S4)),
    Case("on, below and above the diagonal", compiled(
        over(sp.Piecewise((S[i, j]**2, sp.Eq(i, j)), (S[i, j] * S[j, i]**2, i > j), (0, True)), (i, n), (j, n)), S),
        lambda S: sum(S[a, e]**2 if a == e else S[a, e] * S[e, a]**2 if a > e else 0 for a, e in cells(4)), dict(S=S4)),
    Case("band", compiled(over(sp.Piecewise((S[i, j] * x[j], sp.Abs(i - j) <= 1), (0, True)), (i, n), (j, n)), S, x),
         lambda S, x: sum(S[a, e] * x[e] for a, e in cells(4) if abs(a - e) <= 1), dict(S=S4, x=x4)),
    Case("two names for one step", compiled(over(u[i] * v[i], (i, n)), x, where=[(u[i], x[i]**2), (v[i], x[i]**2)]), lambda x: np.sum(x**4),
         dict(x=x5)),
    Case("results with and without an axis", compiled([u[c], over(u[i], (i, n)), x[c] * s], x, s, outputs=(c,), where=[(u[i], sp.sin(x[i]))]),
         lambda x, s: (np.sin(x), np.sin(x).sum(), x * s), dict(x=x5, s=0.3)),
    Case("explicit matrix of sums", compiled(sp.Matrix([over(x[i]**2, (i, n)), s * x[0], s]), x, s), lambda x,
         s: np.array([np.sum(x**2), s * x[0], s]),
         dict(x=x5, s=0.3)),
    Case("largest of the others", compiled(over(u[i] - P[i, y[i]], (i, n)), P, where=[
        (u[i], sg.MaxOver(sp.Piecewise((P[i, j], sp.Ne(j, y[i])), (-sp.oo, True)), (j, 0, K - 1)))]),
        lambda P, y: sum(max(P[a, e] for e in range(3) if e != y[a]) - P[a, y[a]] for a in range(5)), dict(P=draw(5, 3), y=labels)),
]

MATRICES = [
    Case("least squares", compiled(norm2((A.T * A + sp.Identity(m)).inv() * A.T * col), A, col),
         lambda A, col: np.sum(np.linalg.solve(A.T @ A + np.eye(3), A.T @ col)**2), dict(A=A43, col=x4)),
    Case("three factors", compiled(norm2(A * A.T * A), A), lambda A: np.sum((A @ A.T @ A)**2), dict(A=A43)),
    Case("inner product inside a chain", compiled(norm2(col * (col.T * col) * row), col, row), lambda col,
         row: np.sum((np.outer(col, row) * (col @ col))**2),
         dict(col=x4, row=draw(1, 3))),
    Case("scalar times a matrix", compiled((col.T * col)[0] * M, col, M), lambda col, M: col @ col * M, dict(col=x4, M=M4)),
    Case("Hadamard product with ones", compiled(norm2(sp.HadamardProduct(A, sp.OneMatrix(n, m) * 2 + C)), A, C), lambda A,
         C: np.sum((A * (2 + C))**2),
         dict(A=A43, C=C43)),
    Case("transpose of a Hadamard product", compiled(sp.HadamardProduct(A, C).T, A, C), lambda A, C: (A * C).T, dict(A=A43, C=C43)),
    Case("inverse of a transpose", compiled(M.T.inv() * col, M, col), lambda M, col: np.linalg.solve(M.T, col), dict(M=M4, col=x4)),
    Case("an inverse and its transpose", compiled(M.inv() + M.T.inv(), M), lambda M: np.linalg.inv(M) + np.linalg.inv(M.T), dict(M=M4)),
    Case("powers 0 and 1", compiled(norm2(M**1 + M**0), M), lambda M: np.sum((M + np.eye(4))**2), dict(M=M4)),
    Case("explicit determinant", compiled(sp.Determinant(sp.Matrix([[s, x[0]], [x[1], 2]])), s, x), lambda s, x: 2 * s - x[0] * x[1],
         dict(s=0.3, x=x5)),
    Case("functions of elements", compiled(sp.exp((A * low)[0, 0]) * sp.sin((A * low)[1, 0]), A, low),
         lambda A, low: np.exp((A @ low)[0]) * np.sin((A @ low)[1]), dict(A=A43, low=w3)),
    Case("a trace inside applyfunc", compiled(A.applyfunc(sp.Lambda(s, s * sp.Trace(M))), A, M), lambda A, M: A * np.trace(M), dict(A=A43, M=M4)),
    Case("a constant beside a matrix", compiled(A + sp.OneMatrix(n, m), A), lambda A: A + 1, dict(A=A43)),
    Case("a constant matrix times a scalar", compiled(s * sp.OneMatrix(n, m) * sp.Trace(A.T * A), s, A), lambda s,
         A: s * np.ones((4, 3)) * np.sum(A**2),
         dict(s=0.4, A=A43)),
    Case("a multiple of the identity", compiled([s * sp.Identity(n), sp.Trace(M)], s, M), lambda s, M: (s * np.eye(4), np.trace(M)),
         dict(s=0.4, M=M4)),
    Case("a named matrix of samples", compiled(norm2(H), A, low, batch=[low], reduce="mean", where=[(H, A * sp.DiagMatrix(low))]),
         lambda A, low: np.mean([np.sum((A * one)**2) for one in low]), dict(A=A43, low=draw(5, 3))),
]
CASES = [*SUBSCRIPTS, *GATHERS, *DIAGONALS, *MATRICES]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case, check):
    CHECKS[check](case)


def test_a_parameter_whose_terms_vanish_has_the_slope_zero():
    x, p, h = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("p", shape=(n,)), sp.IndexedBase("h")
    a = sp.Symbol("a", real=True)
    f = sg.compile(sp.Sum(p[i] * h[i] + x[i] * a, (i, 0, n - 1)), where=[(h[i], 0 * x[i])], wrt=[p, a])
    at = {"x": np.ones(3), "p": np.arange(3.0), "a": 2.0}
    value, (of_p, of_a) = f.value_and_grad(**at)
    assert value == 6 and of_p.tolist() == [0, 0, 0] and of_a == 3
    assert np.asarray(f.hessian(**at)[0][0]).tolist() == np.zeros((3, 3)).tolist() and f.check(**at)


@pytest.mark.parametrize("formula", [lambda a: sp.Abs(sp.exp(-a / 3)), lambda a: sp.Abs(a * sp.exp(a)), lambda a: sp.conjugate(a) * a + sp.im(a), lambda a: sp.re(a) ** 3])
@pytest.mark.parametrize("spelling", ["symbol", "element", "matrix"])
def test_real_parts_that_sympy_writes_are_the_numbers_themselves(formula, spelling):
    """To SymPy an element or a symbol without assumptions may be complex."""
    a, k, n = sp.Symbol("a"), sp.Symbol("k", integer=True), sp.Symbol("n", integer=True, positive=True)
    x, M = sp.IndexedBase("x", shape=(n,)), sp.MatrixSymbol("M", 3, 1)
    at = np.array([0.3, -1.2, 2.0])
    expr, wrt, inputs = {"symbol": (formula(a), a, {"a": -1.2}), "element": (sp.Sum(formula(x[k]), (k, 0, n - 1)), x, {"x": at}),
                         "matrix": (sp.Sum(formula(M[k, 0]), (k, 0, 2)), M, {"M": at.reshape(3, 1)})}[spelling]
    real = sp.Symbol("r", real=True)
    want = sum(float(formula(real).subs(real, float(one))) for one in np.ravel(next(iter(inputs.values()))))
    f = sg.compile(expr, wrt=wrt)
    assert f.value(**inputs) == pytest.approx(want, rel=1e-14)
    assert f.check(**inputs)
