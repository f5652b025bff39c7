"""Indexed declarations: every spelling against loops in plain Python."""

import numpy as np
import pytest
import sympy as sp
from agreement import CHECKS, Case, draw

import symgrad as sg

n, m, d, K, V = sp.symbols("n m d K V", integer=True, positive=True)
i, j, c, k, p, q = sp.symbols("i j c k p q", integer=True)
x, w, b = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("w", shape=(m,)), sp.IndexedBase("b", shape=(K,))
X, A, S, P = sp.IndexedBase("X", shape=(n, d)), sp.IndexedBase("A", shape=(K, d)), sp.IndexedBase("S", shape=(n, n)), sp.IndexedBase("P",
    shape=(n, K))
lab, u, v, z, E = sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("u"), sp.IndexedBase("v"), sp.IndexedBase("z"), sp.IndexedBase("E", shape=(V, d))
s = sp.Symbol("s", real=True)

x5, x6, w3, X53, S4 = draw(5), draw(6), draw(3), draw(5, 3), draw(4, 4)
labels = np.array([2, 0, 1, 1, 2])


def over(body, *letters):
    """The sum of body over whole axes, letters paired with sizes."""
    return sp.Sum(body, *[(letter, 0, size - 1) for letter, size in letters])


def convolved(x, w):
    return np.array([sum(x[a + b] * w[b] for b in range(len(w))) for a in range(len(x) - len(w) + 1)])


def pairs(count):
    return [(a, b) for a in range(count) for b in range(a)]


def convolved_plane(image, filt):
    rows, columns = image.shape[0] - filt.shape[0] + 1, image.shape[1] - filt.shape[1] + 1
    return np.array([[np.sum(image[a:a + filt.shape[0], e:e + filt.shape[1]] * filt) for e in range(columns)] for a in range(rows)])


def mean_log_prob(X, A, b, y):
    logits = X @ A.T + b
    return -np.mean([logits[r, y[r]] - np.log(np.exp(logits[r]).sum()) for r in range(len(y))])


H, Wd, kh, kw = sp.symbols("H W_d kh kw", integer=True, positive=True)
I2, F2 = sp.IndexedBase("image", shape=(H, Wd)), sp.IndexedBase("filter", shape=(kh, kw))
t, pos = sp.IndexedBase("t", shape=(n,)), sp.IndexedBase("pos", shape=(m,))
T3 = sp.IndexedBase("T", shape=(n, d, K))
packed, N = sp.IndexedBase("packed", shape=(sp.Symbol("N", integer=True, positive=True),)), sp.Symbol("N", integer=True, positive=True)
even = sp.IndexedBase("even", shape=(2 * n,))

CASES = [
    Case("sum of squares", lambda: sg.compile(over(x[i]**2, (i, n)), wrt=x), lambda x: np.sum(x**2), dict(x=x5)),
    Case("sums inside sums", lambda: sg.compile(over(sp.sin(over(A[c, j]**2, (j, d))) * b[c], (c, K)), wrt=[A, b]),
         lambda A, b: sum(np.sin(sum(A[r, e]**2 for e in range(A.shape[1]))) * b[r] for r in range(len(b))), dict(A=draw(2, 3), b=draw(2))),
    Case("several letters in one sum", lambda: sg.compile(over(sp.exp(X[i, j] * s), (j, d), (i, n)), wrt=[X, s]),
         lambda X, s: np.exp(X * s).sum(), dict(X=X53, s=0.7)),
    Case("shifted letter", lambda: sg.compile(sp.Sum((x[i + 1] - x[i])**2 * x[i + 2], (i, 0, n - 3)), wrt=x),
         lambda x: sum((x[a + 1] - x[a])**2 * x[a + 2] for a in range(len(x) - 2)), dict(x=x6)),
    Case("reversed letter", lambda: sg.compile(sp.Sum(i * x[n - 1 - i] * x[i]**2, (i, 0, n - 1)), wrt=x),
         lambda x: sum(a * x[len(x) - 1 - a] * x[a]**2 for a in range(len(x))), dict(x=x5)),
    Case("strided letter", lambda: sg.compile(sp.Sum(even[2 * i]**2 * even[2 * i + 1], (i, 0, n - 1)), wrt=even),
         lambda even: np.sum(even[::2]**2 * even[1::2]), dict(even=draw(8))),
    Case("constant places", lambda: sg.compile(x[0] * x[n - 1]**2 + x[1], wrt=x), lambda x: x[0] * x[-1]**2 + x[1], dict(x=x5)),
    Case("convolution", lambda: sg.compile(over(sp.tanh(over(x[i + j] * w[j], (j, m))), (i, n - m + 1)), wrt=[x, w]),
         lambda x, w: np.tanh(convolved(x, w)).sum(), dict(x=x6, w=w3)),
    Case("convolution as a result", lambda: sg.compile(u[i], outputs=(i,), where=[(sp.IndexedBase("u", shape=(n - m + 1,))[i],
         sp.Sum(x[i + j] * w[j], (j, 0, m - 1)))], wrt=[x, w]), convolved, dict(x=x6, w=w3)),
    Case("convolution in two dimensions", lambda: sg.compile(
        sp.Sum(sp.Sum(I2[i + p, j + q] * F2[p, q], (p, 0, kh - 1), (q, 0, kw - 1))**2, (i, 0, H - kh), (j, 0, Wd - kw)), wrt=[I2, F2]),
        lambda image, filter: np.sum(convolved_plane(image, filter)**2), dict(image=draw(5, 4), filter=draw(2, 2))),
    Case("gather by labels", lambda: sg.compile(over(sp.log(P[i, lab[i]]), (i, n)), wrt=P),
         lambda P, y: sum(np.log(P[r, y[r]]) for r in range(len(y))), dict(P=draw(5, 3, low=0.2), y=labels)),
    Case("gather twice from one array", lambda: sg.compile(over(x[t[i]] * x[i]**2, (i, n)), wrt=x),
         lambda x, t: sum(x[t[a]] * x[a]**2 for a in range(len(x))), dict(x=x5, t=np.array([4, 4, 0, 2, 1]))),
    Case("nested gather", lambda: sg.compile(over(x[t[pos[j]]]**2 * w[j], (j, m)), wrt=[x, w]),
         lambda x, w, t, pos: sum(x[t[pos[e]]]**2 * w[e] for e in range(len(w))),
         dict(x=x5, w=w3, t=np.array([3, 0, 0, 1, 4]), pos=np.array([1, 4, 1]))),
    Case("embedding", lambda: sg.compile(over(sp.sin(E[t[i], k]) * X[i, k], (i, n), (k, d)), wrt=[E, X]),
         lambda E, X, t: np.sum(np.sin(E[t]) * X), dict(E=draw(4, 3), X=X53, t=np.array([3, 3, 0, 1, 3]))),
    Case("embedding as a named step", lambda: sg.compile(over(over(u[i, k], (k, d))**2, (i, n)), where=[(u[i, k], E[t[i], k]**2)], wrt=E),
         lambda E, t: np.sum((E[t]**2).sum(1)**2), dict(E=draw(4, 3), t=np.array([3, 3, 0, 1, 3]))),
    Case("softmax regression", lambda: sg.compile(
        -sp.Sum(sp.log(z[i, lab[i]]), (i, 0, n - 1)) / n,
        where=[(z[i, c], sp.exp(u[i, c]) / over(sp.exp(u[i, k]), (k, K))), (u[i, c], over(A[c, j] * X[i, j], (j, d)) + b[c])], wrt=[A, b]),
        mean_log_prob, dict(X=X53, A=draw(3, 3), b=draw(3), y=labels)),
    Case("delta between letters", lambda: sg.compile(over(sp.KroneckerDelta(i, j) * sp.exp(S[i, j]) + S[i, j]**2, (i, n), (j, n)), wrt=S),
         lambda S: np.exp(np.diag(S)).sum() + (S**2).sum(), dict(S=S4)),
    Case("delta between shifted letters", lambda: sg.compile(over(sp.KroneckerDelta(i + 1, j) * S[i, j]**3, (i, n), (j, n)), wrt=S),
         lambda S: (np.diag(S, 1)**3).sum(), dict(S=S4)),
    Case("delta between a letter and a label, labels out of range count nowhere", lambda: sg.compile(
        over(sp.KroneckerDelta(c, lab[i]) * P[i, c]**2, (i, n), (c, K)), wrt=P),
        lambda P, y: sum(P[r, y[r]]**2 for r in range(len(y)) if 0 <= y[r] < P.shape[1]), dict(P=draw(5, 3), y=np.array([2, -1, 3, 0, 1]))),
    Case("delta of two labels", lambda: sg.compile(over(sp.KroneckerDelta(lab[i], t[i]) * x[i]**2, (i, n)), wrt=x),
         lambda x, y, t: np.sum(x[y == t]**2), dict(x=x5, y=labels, t=np.array([2, 1, 1, 0, 2]))),
    Case("Piecewise on letters", lambda: sg.compile(over(sp.Piecewise((x[i] * x[i + 1], i < n - 1), (x[i]**3, True)), (i, n)), wrt=x),
         lambda x: np.sum(x[:-1] * x[1:]) + x[-1]**3, dict(x=x5)),
    Case("Piecewise on letters and labels", lambda: sg.compile(
        over(sp.Piecewise((sp.exp(P[i, j] - P[i, lab[i]]), sp.Ne(j, lab[i])), (0, True)), (j, K), (i, n)), wrt=P),
        lambda P, y: sum(np.exp(P[r, e] - P[r, y[r]]) for r in range(len(y)) for e in range(P.shape[1]) if e != y[r]), dict(P=draw(5, 3), y=labels)),
    Case("Piecewise on values", lambda: sg.compile(over(sp.Piecewise((x[i]**2 / 2, sp.Abs(x[i]) < 1), (sp.Abs(x[i]) - sp.Rational(1, 2), True)),
         (i, n)), wrt=x),
         lambda x: np.where(np.abs(x) < 1, x**2 / 2, np.abs(x) - 0.5).sum(), dict(x=np.array([-1.4, -0.3, 0.2, 0.8, 1.9]))),
    Case("Piecewise of three branches", lambda: sg.compile(
        over(sp.Piecewise((sp.log(x[i]), x[i] > 1), (x[i]**3, (x[i] > 0) & (i > 1)), (2 * x[i], sp.Or(i < 1, x[i] < -1)), (5, True)), (i, n)), wrt=x),
        lambda x: sum(np.log(a) if a > 1 else a**3 if a > 0 and e > 1 else 2 * a if e < 1 or a < -1 else 5 for e, a in enumerate(x)),
        dict(x=np.array([0.5, 1.5, 0.7, -1.3, -0.4]))),
    Case("triangular sum", lambda: sg.compile(sp.Sum(S[i, j] * x[i] * x[j]**2, (j, 0, i - 1), (i, 0, n - 1)), wrt=[S, x]),
         lambda S, x: sum(S[a, e] * x[a] * x[e]**2 for a, e in pairs(len(x))), dict(S=S4, x=draw(4))),
    Case("triangular sum from below", lambda: sg.compile(sp.Sum(sp.exp(x[i] - x[j]), (j, i + 1, n - 1), (i, 0, n - 2)), wrt=x),
         lambda x: sum(np.exp(x[e] - x[a]) for a, e in pairs(len(x))), dict(x=x5)),
    Case("packed triangle", lambda: sg.compile(sp.Sum(packed[i * (i + 1) / 2 + j]**2 * x[i] * x[j], (j, 0, i), (i, 0, n - 1)), wrt=[packed, x]),
         lambda packed, x: sum(packed[a * (a + 1) // 2 + e]**2 * x[a] * x[e] for a in range(len(x)) for e in range(a + 1)),
         dict(packed=draw(10), x=draw(4))),
    Case("floor in a subscript", lambda: sg.compile(sp.Sum(even[sp.floor(i / 2)] * even[i]**2, (i, 0, 2 * n - 1)), wrt=even),
         lambda even: sum(even[a // 2] * even[a]**2 for a in range(len(even))), dict(even=draw(8))),
    Case("remainder in a subscript", lambda: sg.compile(sp.Sum(w[sp.Mod(i, m)] * x[i]**2, (i, 0, n - 1)), wrt=[x, w]),
         lambda x, w: sum(w[a % len(w)] * x[a]**2 for a in range(len(x))), dict(x=x5, w=w3)),
    Case("circular shift", lambda: sg.compile(sp.Sum(x[i] * x[sp.Mod(i + 1, n)]**2, (i, 0, n - 1)), wrt=x),
         lambda x: np.sum(x * np.roll(x, -1)**2), dict(x=x5)),
    Case("sub-range", lambda: sg.compile(sp.Sum(sp.sin(x[i]), (i, 1, n - 2)) + sp.Sum(x[i]**3, (i, 0, 2)), wrt=x),
         lambda x: np.sin(x[1:-1]).sum() + (x[:3]**3).sum(), dict(x=x5)),
    Case("one letter bound twice", lambda: sg.compile(over(x[i]**2, (i, n)) * over(sp.sin(w[i]), (i, m)), wrt=[x, w]),
         lambda x, w: np.sum(x**2) * np.sin(w).sum(), dict(x=x5, w=w3)),
    Case("one letter bound inside its own sum", lambda: sg.compile(over(x[i] * over(sp.exp(x[j]) * x[i], (j, n)), (i, n)), wrt=x),
         lambda x: np.sum(x**2) * np.exp(x).sum(), dict(x=x5)),
    Case("repeated letter", lambda: sg.compile(over(S[i, i]**2 * x[i], (i, n)) + over(S[i, j]**3, (i, n), (j, n)), wrt=[S, x]),
         lambda S, x: np.sum(np.diag(S)**2 * x) + (S**3).sum(), dict(S=S4, x=draw(4))),
    Case("repeated letter alone", lambda: sg.compile(over(sp.exp(S[i, i]), (i, n)), wrt=S), lambda S: np.exp(np.diag(S)).sum(), dict(S=S4)),
    Case("index as a number", lambda: sg.compile(over((i + 1) * x[i]**2 / n + i**2 * sp.sin(i * x[i]), (i, n)), wrt=x),
         lambda x: sum((a + 1) * x[a]**2 / len(x) + a**2 * np.sin(a * x[a]) for a in range(len(x))), dict(x=x5)),
    Case("index as an exponent", lambda: sg.compile(over(x[i] * s**i, (i, n)), wrt=[x, s]),
         lambda x, s: sum(x[a] * s**a for a in range(len(x))), dict(x=x5, s=0.7)),
    Case("sizes as numbers", lambda: sg.compile(sp.log(n) * over(x[i]**2, (i, n)) / sp.sqrt(n) + n**2 * x[0] - d * over(X[i, j], (i, n), (j, d)),
         wrt=[x, X]),
         lambda x, X: np.log(5) * np.sum(x**2) / np.sqrt(5) + 25 * x[0] - 3 * X.sum(), dict(x=x5, X=X53)),
    Case("a size that no array carries", lambda: sg.compile(sp.Sum(s**k / (k + 1), (k, 0, K - 1)), wrt=s),
         lambda s, K: sum(s**e / (e + 1) for e in range(K)), dict(s=0.6, K=5)),
    Case("a sum that ignores its letter", lambda: sg.compile(over(s**2 + x[j], (i, m), (j, n)) + over(w[i], (i, m)), wrt=[s, x, w]),
         lambda s, x, w: len(w) * (len(x) * s**2 + x.sum()) + w.sum(), dict(s=0.6, x=x5, w=w3)),
    Case("Idx with a range", lambda: (lambda a: sg.compile(sp.Sum(x[a]**2 * a, (a, 0, n - 1)), wrt=x))(sp.Idx("a", n)),
         lambda x: sum(e * x[e]**2 for e in range(len(x))), dict(x=x5)),
    Case("Idx gives the range of a definition", lambda: (lambda a: sg.compile(sp.Sum(u[i], (i, 0, n - 1)), where=[(u[a], x[a]**2 * a)],
         wrt=x))(sp.Idx("a", n)),
         lambda x: sum(e * x[e]**2 for e in range(len(x))), dict(x=x5)),
    Case("definitions of every kind in any order", lambda: sg.compile(
        s**2 + over(v[i], (i, n)) + z[0, 1],
        where=[(v[i], sp.sin(u[i]) * s), (s, sp.exp(over(u[j], (j, n)) / n)), (u[i], x[i]**2), (z[i, c], u[i] * b[c])], wrt=[x, b]),
        lambda x, b: (lambda e: e**2 + np.sin(x**2).sum() * e + x[0]**2 * b[1])(np.exp(np.mean(x**2))), dict(x=x5, b=draw(3))),
    Case("a definition used at a shift", lambda: sg.compile(sp.Sum(u[i + 1] * u[i], (i, 0, n - 2)), where=[(u[i], sp.sin(x[i]))], wrt=x),
         lambda x: np.sum(np.sin(x[1:]) * np.sin(x[:-1])), dict(x=x5)),
    Case("a definition used transposed", lambda: sg.compile(over(u[i, j] * u[j, i]**2, (i, n), (j, n)), where=[(u[i, j], sp.exp(S[i, j]))], wrt=S),
         lambda S: np.sum(np.exp(S) * np.exp(S.T)**2), dict(S=S4)),
    Case("a definition used on its diagonal", lambda: sg.compile(over(u[i, i], (i, n)), where=[(u[i, j], x[i] * x[j]**2)], wrt=x),
         lambda x: np.sum(x**3), dict(x=x5)),
    Case("vector result", lambda: sg.compile(u[c], outputs=(c,), where=[(u[c], sp.sin(over(A[c, j] * w[j], (j, m))))], wrt=[w, A]),
         lambda w, A: np.sin(A @ w), dict(w=w3, A=draw(2, 3))),
    Case("matrix result in the order of outputs", lambda: sg.compile(X[i, j] * x[i]**2, outputs=(j, i), wrt=[X, x]),
         lambda X, x: (X * x[:, None]**2).T, dict(X=X53, x=x5)),
    Case("the input itself as the result", lambda: sg.compile(x[i], outputs=(i,), wrt=x), lambda x: x + 0, dict(x=x5)),
    Case("the input transposed as the result", lambda: sg.compile(X[i, j], outputs=(j, i), wrt=X), lambda X: X.T + 0, dict(X=X53)),
    Case("a result with a sum inside", lambda: sg.compile(over(x[i], (i, n)) * b[c], outputs=(c,), wrt=[x, b]), lambda x, b: x.sum() * b,
         dict(x=x5, b=draw(3))),
    Case("a slice as the result", lambda: sg.compile(u[i], outputs=(i,), where=[(sp.IndexedBase("u", shape=(n - 1,))[i], x[i + 1])], wrt=x),
         lambda x: x[1:] + 0, dict(x=x5)),
    Case("a gather as the result", lambda: sg.compile(E[t[i], k], outputs=(i, k), wrt=E), lambda E, t: E[t],
         dict(E=draw(4, 3), t=np.array([3, 3, 0]))),
    Case("a diagonal as the result", lambda: sg.compile(S[i, i], outputs=(i,), wrt=S), lambda S: np.diag(S) + 0, dict(S=S4)),
    Case("an outer difference", lambda: sg.compile(sp.exp(-(x[i] - w[j])**2), outputs=(i, j), wrt=[x, w]),
         lambda x, w: np.exp(-(x[:, None] - w)**2), dict(x=x5, w=w3)),
    Case("several results of different shapes", lambda: sg.compile([over(x[i]**2, (i, n)), s * x[0], s], wrt=[x, s]),
         lambda x, s: (np.sum(x**2), s * x[0], s), dict(x=x5, s=0.4)),
    Case("MaxOver", lambda: sg.compile(over(sg.MaxOver(sp.sin(X[i, j]) * w[j], (j, 0, d - 1)), (i, n)), wrt=[X, w]),
         lambda X, w: np.max(np.sin(X) * w, axis=1).sum(), dict(X=X53, w=w3)),
    Case("MinOver of several letters", lambda: sg.compile(sg.MinOver(X[i, j]**2, (j, 0, d - 1), (i, 0, n - 1)) * s, wrt=[X, s]),
         lambda X, s: np.min(X**2) * s, dict(X=X53, s=0.4)),
    Case("MaxOver of a triangle", lambda: sg.compile(over(sg.MaxOver(S[i, j], (j, 0, i)), (i, n)), wrt=S),
         lambda S: sum(max(S[a, :a + 1]) for a in range(len(S))), dict(S=S4)),
    Case("MaxOver of a sub-range", lambda: sg.compile(sg.MaxOver(x[i] * x[i + 1], (i, 1, n - 2)), wrt=x),
         lambda x: np.max(x[1:-1] * x[2:]), dict(x=x5)),
    Case("extremes nested", lambda: sg.compile(sg.MaxOver(sg.MinOver(X[i, j], (j, 0, d - 1)) + x[i], (i, 0, n - 1)), wrt=[X, x]),
         lambda X, x: np.max(X.min(1) + x), dict(X=X53, x=x5)),
    Case("three axes", lambda: sg.compile(over(T3[i, j, c] * X[i, j] * b[c]**2, (i, n), (j, d), (c, K)), wrt=[T3, X, b]),
         lambda T, X, b: np.einsum("ijc,ij,c->", T, X, b**2), dict(T=draw(5, 3, 2), X=X53, b=draw(2))),
    Case("sizes of arrays without a shape", lambda: sg.compile(sp.Sum(z[i]**2 * x[i], (i, 0, n - 1)), wrt=z),
         lambda z, x: np.sum(z**2 * x), dict(z=x5, x=draw(5, seed=2))),
    Case("attention", lambda: sg.compile(
        over(over(v[i, j] * X[j, k], (j, n))**2, (i, n), (k, d)),
        where=[(u[i, j], over(X[i, k] * X[j, k], (k, d)) / sp.sqrt(d)), (v[i, j], sp.exp(u[i, j]) / over(sp.exp(u[i, k]), (k, n)))], wrt=X),
        lambda X: (lambda e: np.sum((e / e.sum(1, keepdims=True) @ X)**2))(np.exp(X @ X.T / np.sqrt(X.shape[1]))), dict(X=draw(4, 3))),
]

PAPER = [
    Case("sum from one", lambda: sg.compile(sp.Sum(i * x[i]**2, (i, 1, n)), wrt=x, first_index=1),
         lambda x: sum((a + 1) * x[a]**2 for a in range(len(x))), dict(x=x5)),
    Case("shift", lambda: sg.compile(sp.Sum(x[i] * x[i - 1]**2, (i, 2, n)), wrt=x, first_index=1), lambda x: np.sum(x[1:] * x[:-1]**2), dict(x=x5)),
    Case("constant places", lambda: sg.compile(x[1]**2 * x[n], wrt=x, first_index=1), lambda x: x[0]**2 * x[-1], dict(x=x5)),
    Case("labels from one", lambda: sg.compile(sp.Sum(sp.log(P[i, lab[i]]), (i, 1, n)), wrt=P, first_index=1),
         lambda P, y: sum(np.log(P[r, y[r] - 1]) for r in range(len(y))), dict(P=draw(5, 3, low=0.2), y=labels + 1)),
    Case("delta with labels from one", lambda: sg.compile(sp.Sum(sp.KroneckerDelta(c, lab[i]) * P[i, c]**2, (c, 1, K), (i, 1, n)), wrt=P,
         first_index=1),
         lambda P, y: sum(P[r, y[r] - 1]**2 for r in range(len(y))), dict(P=draw(5, 3), y=labels + 1)),
    Case("triangle", lambda: sg.compile(sp.Sum(x[i] * x[j]**2, (j, 1, i - 1), (i, 1, n)), wrt=x, first_index=1),
         lambda x: sum(x[a] * x[e]**2 for a, e in pairs(len(x))), dict(x=x5)),
    Case("definitions count from one", lambda: sg.compile(sp.Sum(u[i], (i, 1, n)), where=[(u[i], i * x[i]**2)], wrt=x, first_index=1),
         lambda x: sum((a + 1) * x[a]**2 for a in range(len(x))), dict(x=x5)),
    Case("results count from one", lambda: sg.compile(i * x[i]**2, outputs=(i,), wrt=x, first_index=1), lambda x: np.arange(1, 6) * x**2, dict(x=x5)),
    Case("repeated letter", lambda: sg.compile(sp.Sum(S[i, i]**2, (i, 1, n)), wrt=S, first_index=1), lambda S: np.sum(np.diag(S)**2), dict(S=S4)),
    Case("Piecewise at the end", lambda: sg.compile(sp.Sum(sp.Piecewise((x[i] * x[i + 1], i < n), (x[i]**3, True)), (i, 1, n)), wrt=x, first_index=1),
         lambda x: np.sum(x[:-1] * x[1:]) + x[-1]**3, dict(x=x5)),
    Case("MaxOver", lambda: sg.compile(sg.MaxOver(i * x[i], (i, 1, n)), wrt=x, first_index=1), lambda x: np.max(np.arange(1, 6) * x), dict(x=x5)),
    Case("packed triangle", lambda: sg.compile(sp.Sum(packed[i * (i - 1) / 2 + j]**2, (j, 1, i), (i, 1, n)), wrt=packed, arguments=[packed, n],
         first_index=1),
         lambda packed, n: np.sum(packed**2), dict(packed=draw(10), n=4)),
    Case("Idx from one", lambda: (lambda a: sg.compile(sp.Sum(u[a], (a, 1, n)), where=[(u[a], a * x[a]**2)], wrt=x, first_index=1))(sp.Idx("a",
         (1, n))),
         lambda x: sum((a + 1) * x[a]**2 for a in range(len(x))), dict(x=x5)),
    Case("convolution", lambda: sg.compile(sp.Sum(sp.Sum(x[i + j - 1] * w[j], (j, 1, m))**2, (i, 1, n - m + 1)), wrt=[x, w], first_index=1),
         lambda x, w: np.sum(convolved(x, w)**2), dict(x=x6, w=w3)),
]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case, check):
    CHECKS[check](case)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("case", PAPER, ids=str)
def test_case_with_subscripts_from_one(case, check):
    CHECKS[check](case)
