"""Formulas of arrays that were written down before any of them was compiled, as a book prints them, each at six points: two ordinary ones, and
four at which a careful tester would look."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath
import numpy as np
import sympy as sp
from mpmath import mp, mpf

import symgrad as sg


class Formula(NamedTuple):
    """How it is compiled, its truth by mpmath of the same inputs, points, and the names of the parameters that gradients go towards."""

    compile: Callable[[], sg.Compiled]
    truth: Callable[..., mpmath.mpf]
    points: list[dict[str, Any]]
    wrt: tuple[str, ...]


FORMULAS: dict[str, Formula] = {}


def declared(declare: Callable[[], None]) -> Callable[[], None]:
    declare()
    return declare


def add(name: str, wrt: str, make: Callable[[], Any], truth: Callable[..., Any], *points: dict[str, Any]) -> None:
    assert name not in FORMULAS and len(points) == 6, name
    FORMULAS[name] = Formula(make, truth, list(points), tuple(wrt.split()))


n, m, d, K, J = sp.symbols("n m d K J", integer=True, positive=True)
i, j, k, l, c, f = sp.symbols("i j k l c f", integer=True)  # noqa: E741  as a book has them


def B(name: str, *shape: Any) -> sp.IndexedBase:
    return sp.IndexedBase(name, shape=shape) if shape else sp.IndexedBase(name)


def S(name: str) -> Any:
    return sp.symbols(name, real=True)


def Pos(name: str) -> Any:
    return sp.symbols(name, positive=True)


def F(*rows: Any) -> np.ndarray:
    """A float array: F(1, 2) a vector, F([1, 2], [3, 4]) a matrix."""
    return np.array(rows, dtype=float)


def whole(*rows: Any) -> np.ndarray:
    return np.array(rows, dtype=np.int64)


def lse(v: list) -> Any:
    """log sum exp"""
    at = max(range(len(v)), key=lambda q: v[q])
    return v[at] + mp.log1p(mp.fsum(mp.exp(v[q] - v[at]) for q in range(len(v)) if q != at))


def lsm(v: list, y: int) -> Any:
    """log softmax(v)_y"""
    return -mp.log1p(mp.fsum(mp.exp(v[q] - v[y]) for q in range(len(v)) if q != y))


def sm(v: list, y: int) -> Any:
    return 1 / (1 + mp.fsum(mp.exp(v[q] - v[y]) for q in range(len(v)) if q != y))


def softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x))


def sig(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def dot(u: list, v: list) -> Any:
    return mp.fsum(p * q for p, q in zip(u, v, strict=True))


def logcdf(z: Any) -> Any:
    """log of the normal distribution function"""
    if z > 0:
        return mp.log1p(-mp.erfc(z / mp.sqrt(2)) / 2)
    return mp.log(mp.erfc(-z / mp.sqrt(2)) / 2)


def cosine(u: list, v: list) -> Any:
    return dot(u, v) / mp.sqrt(dot(u, u) * dot(v, v))


PSI: dict[Any, Any] = {}


def psi(x: Any) -> Any:
    """Digamma of x > 0, as mp.digamma, which takes a second a call at 2000 digits: psi(x) = psi(x + 1) - 1/x, then Stirling's series."""
    if (x, mp.dps) not in PSI:
        PSI[x, mp.dps] = _psi(x)
    return PSI[x, mp.dps]


def _psi(x: Any) -> Any:
    with mp.workdps(mp.dps + 20):
        x, shift = +x, mpf(0)
        while x < 0.6 * mp.dps + 10:
            shift += 1 / x
            x += 1
        value, power, q = mp.log(x) - 1 / (2 * x) - shift, 1 / x**2, 1
        while True:
            term = mp.bernoulli(2 * q) / (2 * q) * power
            value -= term
            if abs(term) < mp.eps / 2**20 or abs(term) < mp.eps / 2**20 * abs(value):
                return value
            power, q = power / x**2, q + 1


@declared
def _() -> None:
    def make():
        a, y = B("a", n, K), B("y", n)
        return sg.compile(-sp.Sum(sp.log(sp.exp(a[i, y[i]]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1))), (i, 0, n - 1)) / n, wrt=[a])

    def truth(a, y):
        return -mp.fsum(lsm(row, q) for row, q in zip(a, y, strict=False)) / len(a)

    add("softmax_cross_entropy_integer", "a", make, truth,
        dict(a=F([0.3, -1.2, 0.7, 2.0], [1.1, 0.2, -0.4, 0.0], [-2.0, 0.5, 0.25, 0.1]), y=whole(0, 2, 1)),
        dict(a=F([1.5, -0.5, 0.25], [-3.0, 2.0, 1.0]), y=whole(2, 1)),
        dict(a=F([30.0, -30.0, 0.0], [-30.0, 30.0, 1.0]), y=whole(0, 0)),
        dict(a=F([800.0, -800.0, 0.0], [-800.0, 799.0, 800.0]), y=whole(2, 1)),
        dict(a=F([1e4, -1e4, 9990.0, 0.0], [-1e4, -1e4, -1e4 + 36, -1e4]), y=whole(0, 2)),
        dict(a=F([1e4, 1e4, 1e4], [0.0, 0.0, 0.0], [-1e4, -1e4, -1e4]), y=whole(0, 1, 2)))


@declared
def _() -> None:
    def make():
        x, t, W, b, a = B("x", n, d), B("t", n, K), B("W", K, d), B("b", K), B("a")
        P = B("P")
        return sg.compile(-sp.Sum(t[i, c] * sp.log(P[i, c]), (c, 0, K - 1), (i, 0, n - 1)) / n, wrt=[W, b],
                          where=[(a[i, c], sp.Sum(W[c, j] * x[i, j], (j, 0, d - 1)) + b[c]),
                                 (P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))])

    def truth(x, t, W, b):
        total = mpf(0)
        for row, soft in zip(x, t, strict=False):
            a = [dot(w, row) + e for w, e in zip(W, b, strict=False)]
            total -= mp.fsum(soft[q] * lsm(a, q) for q in range(len(a)))
        return total / len(x)

    add("softmax_cross_entropy_dense", "W b", make, truth,
        dict(x=F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2]), t=F([0.2, 0.3, 0.5], [0.7, 0.1, 0.2], [0.1, 0.1, 0.8]),
             W=F([0.4, -0.2], [0.1, 0.9], [-0.6, 0.3]), b=F(0.1, -0.2, 0.0)),
        dict(x=F([1.0, 2.0], [-0.5, 0.25]), t=F([1.0, 0.0], [0.0, 1.0]), W=F([0.3, 0.2], [-0.4, 0.6]), b=F(0.5, -0.5)),
        dict(x=F([1.0, 0.0], [0.0, 1.0]), t=F([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]),
             W=F([800.0, 0.0], [-800.0, 800.0], [0.0, -800.0]), b=F(0.0, 0.0, 0.0)),
        dict(x=F([1.0, 0.0], [0.0, 1.0]), t=F([0.0, 0.5, 0.5], [0.25, 0.0, 0.75]),
             W=F([30.0, 0.0], [-30.0, 30.0], [0.0, -30.0]), b=F(1.0, 2.0, 3.0)),
        dict(x=F([1e4, 1.0], [-1e4, 1.0]), t=F([1.0, 0.0, 0.0], [0.0, 0.0, 1.0]),
             W=F([1.0, 0.0], [0.0, 0.5], [-1.0, 0.25]), b=F(0.0, 0.0, 0.0)),
        dict(x=F([0.0, 0.0], [0.0, 0.0]), t=F([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]),
             W=F([1.0, 2.0], [3.0, 4.0], [5.0, 6.0]), b=F(-1e4, -1e4, -1e4)))


@declared
def _() -> None:
    def make():
        a, y, e, P, q = B("a", n, K), B("y", n), S("epsilon"), B("P"), B("q")
        return sg.compile(-sp.Sum(q[i, c] * sp.log(P[i, c]), (c, 0, K - 1), (i, 0, n - 1)) / n, wrt=[a, e],
                          where=[(P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1))),
                                 (q[i, c], sp.Piecewise((1 - e, sp.Eq(c, y[i])), (0, True)) + e / K)])

    def truth(a, y, epsilon):
        total = mpf(0)
        for row, one in zip(a, y, strict=False):
            size = len(row)
            for q in range(size):
                total -= (epsilon / size + (1 - epsilon if q == one else 0)) * lsm(row, q)
        return total / len(a)

    add("label_smoothing", "a epsilon", make, truth,
        dict(a=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), y=whole(0, 2), epsilon=0.1),
        dict(a=F([1.5, -0.5, 0.25, 0.5]), y=whole(3), epsilon=0.05),
        dict(a=F([30.0, -30.0, 0.0], [-30.0, 30.0, 1.0]), y=whole(0, 1), epsilon=0.0),
        dict(a=F([800.0, -800.0, 0.0], [-800.0, 799.0, 800.0]), y=whole(0, 1), epsilon=0.1),
        dict(a=F([1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]), y=whole(0, 1), epsilon=1e-12),
        dict(a=F([5.0, 5.0, 5.0], [800.0, 800.0, 800.0]), y=whole(0, 1), epsilon=1.0))


@declared
def _() -> None:
    def make():
        a, y, g, P = B("a", n, K), B("y", n), S("gamma"), B("P")
        return sg.compile(-sp.Sum((1 - P[i, y[i]])**g * sp.log(P[i, y[i]]), (i, 0, n - 1)) / n, wrt=[a],
                          where=[(P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))])

    def truth(a, y, gamma):
        return -mp.fsum(mp.fsum(sm(row, q) for q in range(len(row)) if q != one)**gamma * lsm(row, one) for row, one in zip(a, y, strict=False)) / len(a)

    add("focal_loss", "a", make, truth,
        dict(a=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), y=whole(0, 2), gamma=2.0),
        dict(a=F([1.5, -0.5, 0.25, 0.5], [0.0, 1.0, 2.0, -1.0]), y=whole(3, 1), gamma=0.5),
        dict(a=F([30.0, -30.0, 0.0], [-30.0, 30.0, 1.0]), y=whole(0, 0), gamma=2.0),
        dict(a=F([40.0, 0.0, 0.0], [800.0, 0.0, 1.0]), y=whole(0, 0), gamma=0.5),
        dict(a=F([800.0, -800.0, 0.0], [-800.0, 799.0, 800.0]), y=whole(0, 2), gamma=0.0),
        dict(a=F([1e4, -1e4, 0.0], [0.0, 0.0, 0.0]), y=whole(2, 1), gamma=5.0))


@declared
def _() -> None:
    def make():
        x, W, y, s, mg = B("x", n, d), B("W", K, d), B("y", n), S("s"), S("margin")
        C, rest = B("C"), B("rest")
        up = sp.exp(s * (C[i, y[i]] - mg))
        others = sp.Sum(sp.Piecewise((sp.exp(s * C[i, c]), sp.Ne(c, y[i])), (0, True)), (c, 0, K - 1))
        norm_w, norm_x = sp.sqrt(sp.Sum(W[c, j]**2, (j, 0, d - 1))), sp.sqrt(sp.Sum(x[i, j]**2, (j, 0, d - 1)))
        return sg.compile(-sp.Sum(sp.log(up / (up + rest[i])), (i, 0, n - 1)) / n, wrt=[x, W],
                          where=[(C[i, c], sp.Sum(W[c, j] * x[i, j], (j, 0, d - 1)) / (norm_w * norm_x)), (rest[i], others)])

    def truth(x, W, y, s, margin):
        total = mpf(0)
        for row, one in zip(x, y, strict=False):
            z = [s * (cosine(w, row) - (margin if q == one else 0)) for q, w in enumerate(W)]
            total -= lsm(z, one)
        return total / len(x)

    W = F([1.0, 0.2, -0.3], [0.1, -0.8, 0.5], [-0.4, 0.3, 0.9])
    add("additive_margin_softmax", "x W", make, truth,
        dict(x=F([0.5, -1.0, 0.3], [1.5, 0.3, 0.2]), W=W, y=whole(1, 0), s=4.0, margin=0.35),
        dict(x=F([0.5, 1.0], [-1.5, 0.3]), W=F([1.0, 2.0], [-1.0, 0.5]), y=whole(0, 1), s=10.0, margin=0.2),
        dict(x=F([0.5, -1.0, 0.3], [1.5, 0.3, 0.2]), W=W, y=whole(1, 2), s=800.0, margin=0.35),
        dict(x=F([1.0, 0.2, -0.3], [2.0, 0.4, -0.6]), W=W, y=whole(0, 1), s=64.0, margin=0.35),
        dict(x=F([3e-170, -1e-170, 2e-170], [1e160, 2e160, -1e160]), W=W, y=whole(1, 0), s=30.0, margin=0.35),
        dict(x=F([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]), W=F([1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]), y=whole(0, 2), s=1e4, margin=0.0))


@declared
def _() -> None:
    def make():
        x, W, y, s, mg = B("x", n, d), B("W", K, d), B("y", n), S("s"), S("margin")
        th, rest = B("theta"), B("rest")
        up = sp.exp(s * sp.cos(th[i, y[i]] + mg))
        others = sp.Sum(sp.Piecewise((sp.exp(s * sp.cos(th[i, c])), sp.Ne(c, y[i])), (0, True)), (c, 0, K - 1))
        norm_w, norm_x = sp.sqrt(sp.Sum(W[c, j]**2, (j, 0, d - 1))), sp.sqrt(sp.Sum(x[i, j]**2, (j, 0, d - 1)))
        return sg.compile(-sp.Sum(sp.log(up / (up + rest[i])), (i, 0, n - 1)) / n, wrt=[x, W],
                          where=[(th[i, c], sp.acos(sp.Sum(W[c, j] * x[i, j], (j, 0, d - 1)) / (norm_w * norm_x))), (rest[i], others)])

    def truth(x, W, y, s, margin):
        total = mpf(0)
        for row, one in zip(x, y, strict=False):
            z = [s * mp.cos(mp.acos(cosine(w, row)) + (margin if q == one else 0)) for q, w in enumerate(W)]
            total -= lsm(z, one)
        return total / len(x)

    W = F([1.0, 0.2, -0.3], [0.1, -0.8, 0.5], [-0.4, 0.3, 0.9])
    add("angular_margin_softmax", "x W", make, truth,
        dict(x=F([0.5, -1.0, 0.3], [1.5, 0.3, 0.2]), W=W, y=whole(1, 0), s=4.0, margin=0.5),
        dict(x=F([0.5, 1.0], [-1.5, 0.3]), W=F([1.0, 2.0], [-1.0, 0.5]), y=whole(0, 1), s=10.0, margin=0.2),
        dict(x=F([0.5, -1.0, 0.3], [1.5, 0.3, 0.2]), W=W, y=whole(1, 2), s=800.0, margin=0.5),
        dict(x=F([1.0, 0.2001, -0.3], [0.1, -0.8, 0.49]), W=W, y=whole(0, 1), s=64.0, margin=0.5),
        dict(x=F([1.0, 0.20000001, -0.3], [-1.0, -0.2, 0.30001]), W=W, y=whole(0, 1), s=30.0, margin=0.5),
        dict(x=F([3e-170, -1e-170, 2e-170], [1e160, 2e160, -1e160]), W=W, y=whole(1, 0), s=30.0, margin=0.5))


@declared
def _() -> None:
    def make():
        z, p, tau, s, r = B("z", n, d), B("p", n), S("tau"), B("s"), B("r")
        rest, others = B("rest"), sp.Sum(sp.Piecewise((sp.exp(s[i, k] / tau), sp.Ne(k, i)), (0, True)), (k, 0, n - 1))
        return sg.compile(-sp.Sum(sp.log(sp.exp(s[i, p[i]] / tau) / rest[i]), (i, 0, n - 1)) / n, wrt=[z, tau],
                          where=[(r[i], sp.sqrt(sp.Sum(z[i, j]**2, (j, 0, d - 1)))),
                                 (s[i, k], sp.Sum(z[i, j] * z[k, j], (j, 0, d - 1)) / (r[i] * r[k])), (rest[i], others)])

    def truth(z, p, tau):
        size, total = len(z), mpf(0)
        for a in range(size):
            s = [cosine(z[a], z[b]) / tau for b in range(size)]
            others = [b for b in range(size) if b != a and b != p[a]]
            total += mp.log1p(mp.fsum(mp.exp(s[b] - s[p[a]]) for b in others))
        return total / size

    p = whole(1, 0, 3, 2)
    add("nt_xent", "z tau", make, truth,
        dict(z=F([0.5, 1.0], [0.7, 0.8], [-1.0, 0.3], [-0.8, -0.2]), p=p, tau=0.5),
        dict(z=F([0.5, 1.0, -0.3], [0.7, -0.8, 0.2], [-1.0, 0.3, 0.9], [0.4, -0.2, 0.6]), p=p, tau=0.1),
        dict(z=F([1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]), p=p, tau=0.07),
        dict(z=F([1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]), p=p, tau=0.001),
        dict(z=F([0.5, 1.0], [0.7, 0.8], [-1.0, 0.3], [-0.8, -0.2]), p=whole(2, 3, 0, 1), tau=1e-4),
        dict(z=F([1e-8, 2e-8], [1.0, 2.0000001], [1e150, -2e150], [3.0, -6.0]), p=p, tau=0.05))


@declared
def _() -> None:
    def make():
        a, p, q, mg = B("a", n, d), B("p", n, d), B("q", n, d), S("margin")
        near, far = sp.sqrt(sp.Sum((a[i, j] - p[i, j])**2, (j, 0, d - 1))), sp.sqrt(sp.Sum((a[i, j] - q[i, j])**2, (j, 0, d - 1)))
        return sg.compile(sp.Sum(sp.Max(0, near - far + mg), (i, 0, n - 1)) / n, wrt=[a, p, q])

    def truth(a, p, q, margin):
        total = mpf(0)
        for u, v, w in zip(a, p, q, strict=False):
            near = mp.sqrt(mp.fsum((x - y)**2 for x, y in zip(u, v, strict=False)))
            far = mp.sqrt(mp.fsum((x - y)**2 for x, y in zip(u, w, strict=False)))
            total += max(mpf(0), near - far + margin)
        return total / len(a)

    add("triplet_loss", "a p q", make, truth,
        dict(a=F([0.5, 1.0], [0.2, 0.1]), p=F([0.7, 0.8], [1.0, -0.5]), q=F([-1.0, 0.3], [0.4, 0.6]), margin=0.5),
        dict(a=F([0.5, 1.0, 0.0]), p=F([0.7, 0.8, 2.0]), q=F([-1.0, 0.3, 0.5]), margin=1.0),
        dict(a=F([0.5, 1.0], [0.2, 0.1]), p=F([0.5, 1.00000001], [0.2, 0.100000001]), q=F([0.50000001, 1.0], [0.200000002, 0.1]), margin=0.2),
        dict(a=F([1e-180, 2e-180], [0.0, 0.0]), p=F([3e-180, -1e-180], [1e-200, 0.0]), q=F([-1e-180, -1e-180], [0.0, 2e-200]), margin=0.2),
        dict(a=F([1e170, 2e170], [0.0, 0.0]), p=F([3e170, -1e170], [1e200, 0.0]), q=F([1.5e170, 1e170], [0.0, 2e200]), margin=0.2),
        dict(a=F([0.0, 0.0], [1.0, 1.0]), p=F([1.0, 0.0], [1.0, 3.0]), q=F([800.0, 0.0], [1e4, 1.0]), margin=0.2))


@declared
def _() -> None:
    def make():
        x, y, be, th, eta = B("x", n, d), B("y", n, 3), B("beta", d), B("theta", 2), B("eta")
        one, two = 1 / (1 + sp.exp(-(th[0] - eta[i]))), 1 / (1 + sp.exp(-(th[1] - eta[i])))
        return sg.compile(-sp.Sum(y[i, 0] * sp.log(one) + y[i, 1] * sp.log(two - one) + y[i, 2] * sp.log(1 - two), (i, 0, n - 1)),
                          where=[(eta[i], sp.Sum(be[j] * x[i, j], (j, 0, d - 1)))], wrt=[th, be])

    def truth(x, y, theta, beta):
        total = mpf(0)
        for row, t in zip(x, y, strict=False):
            a, b = theta[0] - dot(row, beta), theta[1] - dot(row, beta)
            total += t[0] * softplus(-a) + t[2] * softplus(b)
            # sigma(b) - sigma(a) = sigma(b) sigma(-a) (1 - exp(a - b))
            total += t[1] * (softplus(-b) + softplus(a) - mp.log(-mp.expm1(a - b)))
        return total

    y = F([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0])
    add("ordinal_cumulative_logit", "theta beta", make, truth,
        dict(x=F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2]), y=y, theta=F(-0.5, 0.8), beta=F(0.6, -0.4)),
        dict(x=F([1.0], [2.0], [0.5]), y=y, theta=F(-1.0, 1.5), beta=F(0.8)),
        dict(x=F([1.0], [-1.0], [0.5]), y=y, theta=F(-1.0, 1.5), beta=F(30.0)),
        dict(x=F([1.0], [-1.0], [-0.5]), y=y, theta=F(-1.0, 1.5), beta=F(800.0)),
        dict(x=F([1.0], [2.0], [0.5]), y=y, theta=F(1.0, 1.0000001), beta=F(0.8)),
        dict(x=F([0.0], [1.0], [-1.0]), y=y, theta=F(-1e4, 1e4), beta=F(1e4 + 0.5)))


@declared
def _() -> None:
    def make():
        pi, A, E, o = B("pi", K), B("A", K, K), B("B", K, J), B("o", 3)
        a1, a2, a3 = B("alpha1"), B("alpha2"), B("alpha3")
        return sg.compile(-sp.log(sp.Sum(a3[c], (c, 0, K - 1))), wrt=[A, E],
                          where=[(a1[c], pi[c] * E[c, o[0]]),
                                 (a2[c], E[c, o[1]] * sp.Sum(a1[k] * A[k, c], (k, 0, K - 1))),
                                 (a3[c], E[c, o[2]] * sp.Sum(a2[k] * A[k, c], (k, 0, K - 1)))])

    def truth(pi, A, B, o):
        K = len(pi)
        return -mp.log(mp.fsum(pi[s[0]] * B[s[0]][o[0]] * A[s[0]][s[1]] * B[s[1]][o[1]] * A[s[1]][s[2]] * B[s[2]][o[2]]
                               for s in itertools.product(range(K), repeat=3)))

    add("hmm_forward", "A B", make, truth,
        dict(pi=F(0.6, 0.4), A=F([0.7, 0.3], [0.2, 0.8]), B=F([0.5, 0.4, 0.1], [0.1, 0.3, 0.6]), o=whole(0, 1, 2)),
        dict(pi=F(0.2, 0.5, 0.3), A=F([0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]), B=F([0.9, 0.1], [0.2, 0.8], [0.5, 0.5]), o=whole(1, 1, 0)),
        dict(pi=F(1.0, 0.0), A=F([0.0, 1.0], [1.0, 0.0]), B=F([1.0, 0.0], [0.25, 0.75]), o=whole(0, 1, 0)),
        dict(pi=F(0.6, 0.4), A=F([0.7, 0.3], [0.2, 0.8]), B=F([1e-150, 1.0], [1e-160, 1.0]), o=whole(0, 0, 0)),
        dict(pi=F(1e-300, 1.0), A=F([1.0, 1e-300], [0.0, 1.0]), B=F([1.0, 0.0], [1e-20, 1.0]), o=whole(0, 0, 1)),
        dict(pi=F(0.5, 0.5), A=F([0.5, 0.5], [0.5, 0.5]), B=F([1.0, 0.0], [1.0, 0.0]), o=whole(0, 0, 0)))


@declared
def _() -> None:
    def make():
        e, A, y = B("e", 3, K), B("A", K, K), B("y", 3)
        a1, a2 = B("a1"), B("a2")
        Z = sp.log(sp.Sum(sp.exp(a2[k] + e[2, k]), (k, 0, K - 1)))
        score = e[0, y[0]] + A[y[0], y[1]] + e[1, y[1]] + A[y[1], y[2]] + e[2, y[2]]
        return sg.compile(Z - score, wrt=[e, A],
                          where=[(a1[c], sp.log(sp.Sum(sp.exp(e[0, k] + A[k, c]), (k, 0, K - 1)))),
                                 (a2[c], sp.log(sp.Sum(sp.exp(a1[k] + e[1, k] + A[k, c]), (k, 0, K - 1))))])

    def truth(e, A, y):
        def score(s):
            return e[0][s[0]] + A[s[0]][s[1]] + e[1][s[1]] + A[s[1]][s[2]] + e[2][s[2]]
        mine = score(y)
        return mp.log1p(mp.fsum(mp.exp(score(s) - mine) for s in itertools.product(range(len(A)), repeat=3) if list(s) != list(y)))

    add("crf_negative_log_likelihood", "e A", make, truth,
        dict(e=F([0.5, -0.2], [1.0, 0.3], [-0.7, 0.4]), A=F([0.2, -0.1], [0.6, 0.0]), y=whole(0, 1, 1)),
        dict(e=F([0.5, -0.2, 0.1], [1.0, 0.3, -1.0], [-0.7, 0.4, 0.2]), A=F([0.2, -0.1, 0.4], [0.6, 0.0, -0.3], [0.1, 0.2, 0.3]), y=whole(2, 0, 1)),
        dict(e=F([30.0, -30.0], [30.0, -30.0], [-30.0, 30.0]), A=F([5.0, 0.0], [0.0, 5.0]), y=whole(0, 0, 1)),
        dict(e=F([800.0, -800.0], [800.0, -800.0], [-800.0, 800.0]), A=F([1.0, 0.0], [0.0, 1.0]), y=whole(1, 0, 0)),
        dict(e=F([0.0, 0.0], [0.0, 0.0], [0.0, 0.0]), A=F([0.0, -1e4], [0.0, 0.0]), y=whole(1, 0, 0)),
        dict(e=F([1e4, 1e4, 1e4], [1e4, 1e4, 1e4], [1e4, 1e4, 1e4]), A=F([1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]), y=whole(0, 1, 2)))


@declared
def _() -> None:
    def make():
        s, w, o = B("s", K), B("w", m), B("o", m)
        return sg.compile(-sp.Sum(sp.log(sp.exp(s[w[i]]) / (sp.exp(s[w[i]]) + sp.exp(s[o[i]]))), (i, 0, m - 1)), wrt=[s])

    def truth(s, w, o):
        return mp.fsum(softplus(s[b] - s[a]) for a, b in zip(w, o, strict=False))

    add("bradley_terry", "s", make, truth,
        dict(s=F(0.3, -0.5, 1.2), w=whole(0, 2, 1, 2), o=whole(1, 0, 2, 1)),
        dict(s=F(2.0, 0.5, -1.0, 0.1), w=whole(0, 0, 3), o=whole(1, 2, 2)),
        dict(s=F(30.0, -30.0, 0.0), w=whole(0, 1, 2), o=whole(1, 0, 1)),
        dict(s=F(800.0, -800.0, 790.0), w=whole(0, 1, 2), o=whole(1, 2, 0)),
        dict(s=F(1e4, 1e4, 1e4), w=whole(0, 1, 2), o=whole(1, 2, 0)),
        dict(s=F(-1e4, -1e4 - 40.0, 0.0), w=whole(0, 0, 0), o=whole(1, 1, 1)))


@declared
def _() -> None:
    def make():
        s, r = B("s", n), B("r", n)
        tail = sp.Sum(sp.exp(s[r[k]]), (k, i, n - 1))
        return sg.compile(-sp.Sum(sp.log(sp.exp(s[r[i]]) / tail), (i, 0, n - 1)), wrt=[s])

    def truth(s, r):
        order = [s[q] for q in r]
        return -mp.fsum(lsm(order[q:], 0) for q in range(len(order)))

    add("plackett_luce", "s", make, truth,
        dict(s=F(0.3, -0.5, 1.2), r=whole(2, 0, 1)),
        dict(s=F(0.5, 2.0, -1.0, 0.1), r=whole(3, 0, 1, 2)),
        dict(s=F(30.0, -30.0, 0.0), r=whole(0, 2, 1)),
        dict(s=F(800.0, -800.0, 0.0, 799.0), r=whole(1, 2, 3, 0)),
        dict(s=F(1e4, 0.0, -1e4), r=whole(0, 1, 2)),
        dict(s=F(-800.0, -800.0, -800.0, -800.0, -800.0), r=whole(4, 3, 2, 1, 0)))


@declared
def _() -> None:
    def make():
        V, lam, g, y = B("V", m, K), B("lam", m), B("g", n), B("y", n)
        P = B("P")

        def inside(q):
            return sp.Sum(sp.exp(V[q, k] / lam[q]), (k, 0, K - 1))
        return sg.compile(-sp.Sum(sp.log(P[g[i], y[i]]), (i, 0, n - 1)), wrt=[V, lam],
                          where=[(P[j, c], sp.exp(V[j, c] / lam[j]) * inside(j)**(lam[j] - 1) / sp.Sum(inside(l)**lam[l], (l, 0, m - 1)))])

    def truth(V, lam, g, y):
        inclusive = [lse([v / q for v in row]) for row, q in zip(V, lam, strict=False)]
        total = lse([q * a for q, a in zip(lam, inclusive, strict=False)])
        return -mp.fsum(V[a][b] / lam[a] + (lam[a] - 1) * inclusive[a] - total for a, b in zip(g, y, strict=False))

    add("nested_logit", "V lam", make, truth,
        dict(V=F([0.3, -0.5], [1.2, 0.4]), lam=F(0.5, 0.8), g=whole(0, 1, 1), y=whole(0, 1, 0)),
        dict(V=F([0.3, -0.5, 1.0], [1.2, 0.4, -0.6]), lam=F(0.3, 1.0), g=whole(1, 0), y=whole(2, 1)),
        dict(V=F([30.0, -30.0], [0.0, 5.0]), lam=F(0.5, 0.1), g=whole(0, 1), y=whole(0, 1)),
        dict(V=F([1.0, 0.9], [1.5, 1.4]), lam=F(1e-3, 1e-3), g=whole(0, 1), y=whole(1, 0)),
        dict(V=F([800.0, 799.0], [-800.0, 0.0]), lam=F(1.0, 0.7), g=whole(0, 1), y=whole(1, 1)),
        dict(V=F([1e4, 1e4], [1e4, 1e4]), lam=F(0.5, 0.5), g=whole(0, 1), y=whole(1, 0)))


@declared
def _() -> None:
    def make():
        x, av, be, y, U, P = B("x", n, J, d), B("available", n, J), B("beta", d), B("y", n), B("U"), B("P")
        return sg.compile(-sp.Sum(sp.log(P[i, y[i]]), (i, 0, n - 1)), wrt=[be],
                          where=[(U[i, j], sp.Sum(be[f] * x[i, j, f], (f, 0, d - 1))),
                                 (P[i, j], av[i, j] * sp.exp(U[i, j]) / sp.Sum(av[i, k] * sp.exp(U[i, k]), (k, 0, J - 1)))])

    def truth(x, available, beta, y):
        total = mpf(0)
        for rows, mask, one in zip(x, available, y, strict=False):
            kept = [q for q in range(len(rows)) if mask[q] != 0]
            total -= lsm([dot(rows[q], beta) for q in kept], kept.index(one))
        return total

    x = F([[1.0, 0.5], [0.2, -0.3], [0.0, 1.0]], [[0.4, 0.6], [1.0, -1.0], [-0.5, 0.2]])
    add("conditional_logit_available", "beta", make, truth,
        dict(x=x, available=F([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]), beta=F(0.5, -0.8), y=whole(0, 2)),
        dict(x=x, available=F([1.0, 0.0, 1.0], [1.0, 1.0, 0.0]), beta=F(-0.3, 1.2), y=whole(2, 1)),
        dict(x=x, available=F([1.0, 1.0, 1.0], [1.0, 0.0, 1.0]), beta=F(30.0, -30.0), y=whole(0, 0)),
        dict(x=x, available=F([0.0, 1.0, 1.0], [1.0, 0.0, 1.0]), beta=F(800.0, -800.0), y=whole(1, 2)),
        dict(x=x, available=F([0.0, 1.0, 0.0], [0.0, 1.0, 1.0]), beta=F(-1e4, 1e4), y=whole(1, 1)),
        dict(x=x, available=F([1.0, 1.0, 0.0], [1.0, 1.0, 1.0]), beta=F(0.0, 0.0), y=whole(1, 2)))


@declared
def _() -> None:
    def make():
        x, y, V, W, s = B("x", n, d), B("y", n), B("V", K, d), B("W", K, d), B("sigma", K)
        g, mu = B("g"), B("mu")
        score = lambda q: sp.exp(sp.Sum(V[q, j] * x[i, j], (j, 0, d - 1)))  # noqa: E731
        normal = sp.exp(-(y[i] - mu[i, c])**2 / (2 * s[c]**2)) / (sp.sqrt(2 * sp.pi) * s[c])
        return sg.compile(-sp.Sum(sp.log(sp.Sum(g[i, c] * normal, (c, 0, K - 1))), (i, 0, n - 1)), wrt=[V, W, s],
                          where=[(g[i, c], score(c) / sp.Sum(score(k), (k, 0, K - 1))),
                                 (mu[i, c], sp.Sum(W[c, j] * x[i, j], (j, 0, d - 1)))])

    def truth(x, y, V, W, sigma):
        total = mpf(0)
        for row, t in zip(x, y, strict=False):
            a = [dot(v, row) for v in V]
            total -= lse([lsm(a, q) - ((t - dot(W[q], row)) / sigma[q])**2 / 2 - mp.log(sigma[q]) - mp.log(2 * mp.pi) / 2 for q in range(len(V))])
        return total

    x = F([1.0, 0.5], [1.0, -0.3], [1.0, 1.2])
    add("mixture_of_experts", "V W sigma", make, truth,
        dict(x=x, y=F(0.7, -0.2, 1.1), V=F([0.3, 0.2], [-0.4, 0.5]), W=F([0.1, 1.0], [0.5, -0.6]), sigma=F(0.5, 0.8)),
        dict(x=x, y=F(0.1, 0.4, 0.9), V=F([0.0, 0.2], [0.1, 0.5], [-0.2, 0.3]), W=F([0.1, 1.0], [0.5, -0.6], [0.0, 0.2]), sigma=F(1.0, 0.3, 2.0)),
        dict(x=x, y=F(0.7, -0.2, 1.1), V=F([30.0, 20.0], [-30.0, 5.0]), W=F([0.1, 1.0], [0.5, -0.6]), sigma=F(0.5, 0.8)),
        dict(x=x, y=F(0.7, -0.2, 1.1), V=F([800.0, 20.0], [-800.0, 5.0]), W=F([0.1, 1.0], [0.5, -0.6]), sigma=F(1e-4, 2e-4)),
        dict(x=x, y=F(800.0, -1e4, 30.0), V=F([0.3, 0.2], [-0.4, 0.5]), W=F([0.1, 1.0], [0.5, -0.6]), sigma=F(1.0, 1.0)),
        dict(x=x, y=F(0.7, -0.2, 1.1), V=F([0.0, 0.0], [0.0, 0.0]), W=F([0.0, 0.0], [0.0, 0.0]), sigma=F(1e6, 1e-6)))


@declared
def _() -> None:
    def make():
        q, key, v, t = B("q", d), B("key", n, d), B("v", n, m), B("t", m)
        s, al, o = B("s"), B("alpha"), B("o")
        return sg.compile(sp.Sum((o[c] - t[c])**2, (c, 0, m - 1)) / 2, wrt=[q, key, v],
                          where=[(s[i], sp.Sum(q[j] * key[i, j], (j, 0, d - 1)) / sp.sqrt(d)),
                                 (al[i], sp.exp(s[i]) / sp.Sum(sp.exp(s[k]), (k, 0, n - 1))),
                                 (o[c], sp.Sum(al[i] * v[i, c], (i, 0, n - 1)))])

    def truth(q, key, v, t):
        s = [dot(q, row) / mp.sqrt(len(q)) for row in key]
        w = [sm(s, a) for a in range(len(s))]
        return mp.fsum((mp.fsum(w[a] * v[a][b] for a in range(len(w))) - t[b])**2 for b in range(len(t))) / 2

    key, v = F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2]), F([1.0, 2.0], [-1.0, 0.5], [0.3, 0.7])
    add("attention_one_query", "q key v", make, truth,
        dict(q=F(0.4, -0.6), key=key, v=v, t=F(0.2, 0.9)),
        dict(q=F(1.0, 2.0, -1.0), key=F([0.5, -1.0, 0.1], [1.5, 0.3, 0.9]), v=F([1.0, 2.0], [-1.0, 0.5]), t=F(0.0, 1.0)),
        dict(q=F(30.0, -30.0), key=key, v=v, t=F(0.2, 0.9)),
        dict(q=F(800.0, 800.0), key=key, v=v, t=F(0.2, 0.9)),
        dict(q=F(-1e4, 1e4), key=key, v=v, t=F(0.3, 0.75)),
        dict(q=F(800.0, 1.0), key=F([1.0, 2.0], [1.0, 2.0], [1.0, 2.0]), v=v, t=F(0.2, 0.9)))


@declared
def _() -> None:
    def make():
        a, T = B("f", n, K), S("T")
        return sg.compile(sp.Sum(-T * sp.log(sp.Sum(sp.exp(a[i, k] / T), (k, 0, K - 1))), (i, 0, n - 1)), wrt=[a, T])

    def truth(f, T):
        return mp.fsum(-T * lse([v / T for v in row]) for row in f)

    add("free_energy_temperature", "f T", make, truth,
        dict(f=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), T=1.5),
        dict(f=F([2.0, 0.5], [-0.3, 0.6]), T=0.5),
        dict(f=F([30.0, -30.0, 0.0], [800.0, -800.0, 799.0]), T=1.0),
        dict(f=F([1.0, 2.0, 3.0], [-1.0, -2.0, -1.0]), T=1e-6),
        dict(f=F([1.0, 2.0, 3.0], [-1.0, -2.0, 4.0]), T=1e8),
        dict(f=F([1e4, 1e4], [-1e4, -1e4]), T=0.01))


@declared
def _() -> None:
    def make():
        s, t, T, p, q = B("s", n, K), B("t", n, K), S("T"), B("p"), B("q")
        return sg.compile(T**2 * sp.Sum(p[i, c] * sp.log(p[i, c] / q[i, c]), (c, 0, K - 1), (i, 0, n - 1)) / n, wrt=[s],
                          where=[(p[i, c], sp.exp(t[i, c] / T) / sp.Sum(sp.exp(t[i, k] / T), (k, 0, K - 1))),
                                 (q[i, c], sp.exp(s[i, c] / T) / sp.Sum(sp.exp(s[i, k] / T), (k, 0, K - 1)))])

    def truth(s, t, T):
        total = mpf(0)
        for u, v in zip(s, t, strict=False):
            u, v = [e / T for e in u], [e / T for e in v]
            total += mp.fsum(sm(v, q) * (lsm(v, q) - lsm(u, q)) for q in range(len(u)))
        return T**2 * total / len(s)

    add("distillation_kl", "s", make, truth,
        dict(s=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), t=F([0.5, -0.2, 0.1], [2.0, -0.5, 0.4]), T=2.0),
        dict(s=F([1.0, 0.0], [-2.0, 1.0]), t=F([0.5, 0.2], [0.4, 0.3]), T=4.0),
        dict(s=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), t=F([800.0, 0.0, -800.0], [30.0, -30.0, 0.0]), T=1.0),
        dict(s=F([800.0, -800.0, 0.0], [1e4, -1e4, 0.0]), t=F([-1.0, 2.0, 0.5], [1e4, 0.0, -1e4]), T=1.0),
        dict(s=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), t=F([0.5, -0.2, 0.1], [2.0, -0.5, 0.4]), T=1e5),
        dict(s=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), t=F([0.3, -1.2, 0.7000001], [1.1, 0.2, -0.4]), T=0.5))


@declared
def _() -> None:
    def make():
        a, b, p, q, mix = B("a", K), B("b", K), B("p"), B("q"), B("m")
        kl = lambda u: sp.Sum(u[c] * sp.log(u[c] / mix[c]), (c, 0, K - 1))  # noqa: E731
        return sg.compile(kl(p) / 2 + kl(q) / 2, wrt=[a, b],
                          where=[(p[c], sp.exp(a[c]) / sp.Sum(sp.exp(a[k]), (k, 0, K - 1))),
                                 (q[c], sp.exp(b[c]) / sp.Sum(sp.exp(b[k]), (k, 0, K - 1))), (mix[c], (p[c] + q[c]) / 2)])

    def truth(a, b):
        p, q = [sm(a, s) for s in range(len(a))], [sm(b, s) for s in range(len(b))]
        return mp.fsum(u * mp.log(2 * u / (u + v)) + v * mp.log(2 * v / (u + v)) for u, v in zip(p, q, strict=False)) / 2

    add("jensen_shannon", "a b", make, truth,
        dict(a=F(0.3, -1.2, 0.7), b=F(1.1, 0.2, -0.4)),
        dict(a=F(2.0, 0.5), b=F(-0.5, 0.25)),
        dict(a=F(30.0, -30.0, 0.0), b=F(-30.0, 30.0, 0.0)),
        dict(a=F(800.0, -800.0, 0.0), b=F(0.1, 0.2, 0.3)),
        dict(a=F(1e4, -1e4, 0.0), b=F(1e4, 0.0, -1e4)),
        dict(a=F(0.3, -1.2, 0.7), b=F(0.3, -1.2, 0.7000001)))


@declared
def _() -> None:
    def make():
        al, x, lam = B("alpha", K), B("x", K), S("lam")
        return sg.compile(-sp.log(sp.gamma(K) * lam**(K - 1) * sp.Product(
            al[c] * x[c]**(-lam - 1) / sp.Sum(al[k] * x[k]**(-lam), (k, 0, K - 1)), (c, 0, K - 1))), wrt=[al, lam])

    def truth(alpha, x, lam):
        size = len(x)
        Z = mp.log(mp.fsum(a * mp.exp(-lam * mp.log(v)) for a, v in zip(alpha, x, strict=False)))
        return -(mp.log(mp.factorial(size - 1)) + (size - 1) * mp.log(lam)
                 + mp.fsum(mp.log(a) - (lam + 1) * mp.log(v) - Z for a, v in zip(alpha, x, strict=False)))

    add("concrete_density", "alpha lam", make, truth,
        dict(alpha=F(0.5, 1.2, 0.8), x=F(0.2, 0.5, 0.3), lam=0.7),
        dict(alpha=F(2.0, 1.0), x=F(0.6, 0.4), lam=1.5),
        dict(alpha=F(0.5, 1.2, 0.8), x=F(1e-12, 0.75, 0.25), lam=30.0),
        dict(alpha=F(0.5, 1.2, 0.8, 0.1), x=F(1e-200, 1e-150, 0.5, 0.5), lam=2.0),
        dict(alpha=F(1e-150, 1e150, 1.0), x=F(0.2, 0.5, 0.3), lam=1e-6),
        dict(alpha=F(1.0, 1.0, 1.0), x=F(0.25, 0.25, 0.5), lam=800.0))


@declared
def _() -> None:
    def make():
        z, t, al, S_ = B("z", n, K), B("t", n, K), B("alpha"), B("S")
        return sg.compile(sp.Sum(t[i, c] * (sp.digamma(S_[i]) - sp.digamma(al[i, c])), (c, 0, K - 1), (i, 0, n - 1)) / n, wrt=[z],
                          where=[(al[i, c], sp.exp(z[i, c]) + 1), (S_[i], sp.Sum(al[i, c], (c, 0, K - 1)))])

    def truth(z, t):
        total = mpf(0)
        for row, soft in zip(z, t, strict=False):
            alpha = [mp.exp(v) + 1 for v in row]
            total += mp.fsum(w * (psi(mp.fsum(alpha)) - psi(a)) for w, a in zip(soft, alpha, strict=False))
        return total / len(z)

    add("evidential_digamma", "z", make, truth,
        dict(z=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), t=F([1.0, 0.0, 0.0], [0.0, 0.0, 1.0])),
        dict(z=F([2.0, 0.5], [-0.3, 1.5]), t=F([0.5, 0.5], [0.0, 1.0])),
        dict(z=F([30.0, -30.0, 0.0], [-30.0, 20.0, -30.0]), t=F([1.0, 0.0, 0.0], [0.0, 0.0, 1.0])),
        dict(z=F([700.0, 690.0, 0.0], [-800.0, -800.0, -800.0]), t=F([1.0, 0.0, 0.0], [0.0, 0.0, 1.0])),
        dict(z=F([800.0, 0.0], [800.0, 800.0]), t=F([1.0, 0.0], [0.5, 0.5])),
        dict(z=F([0.0, 0.0, 0.0], [16.0, 16.0, 16.0]), t=F([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])))


@declared
def _() -> None:
    def make():
        p, th, lab = B("p", K), B("theta", J, K, K), B("label", n, J)
        return sg.compile(-sp.Sum(sp.log(sp.Sum(p[c] * sp.Product(th[j, c, lab[i, j]], (j, 0, J - 1)), (c, 0, K - 1))), (i, 0, n - 1)), wrt=[p, th])

    def truth(p, theta, label):
        total = mpf(0)
        for row in label:
            inner = mpf(0)
            for q in range(len(p)):
                term = p[q]
                for who, said in enumerate(row):
                    term = term * theta[who][q][said]
                inner += term
            total -= mp.log(inner)
        return total

    th = F([[0.8, 0.2], [0.3, 0.7]], [[0.9, 0.1], [0.4, 0.6]], [[0.6, 0.4], [0.1, 0.9]])
    add("dawid_skene", "p theta", make, truth,
        dict(p=F(0.6, 0.4), theta=th, label=whole([0, 0, 1], [1, 1, 1])),
        dict(p=F(0.3, 0.7), theta=th[:2], label=whole([0, 1], [1, 0], [0, 0])),
        dict(p=F(0.5, 0.5), theta=F([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.5, 0.5]]), label=whole([0, 0, 0], [1, 1, 1])),
        dict(p=F(0.5, 0.5), theta=F([[1e-150, 1.0], [2e-160, 1.0]], [[1e-150, 1.0], [3e-140, 1.0]], [[1e-150, 1.0], [1e-155, 1.0]]), label=whole([0, 0, 0], [1, 1, 1])),
        dict(p=F(1.0, 0.0), theta=th, label=whole([0, 0, 1], [1, 1, 1])),
        dict(p=F(1e-300, 1.0), theta=F([[1.0, 0.0], [0.0, 1.0]], [[0.5, 0.5], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]), label=whole([0, 0, 1], [0, 1, 1])))


@declared
def _() -> None:
    def make():
        y, mu, s, sd = B("y", n), B("mu", n), B("s", n), B("sigma")
        return sg.compile(sp.Sum(sp.log(sd[i]) + (y[i] - mu[i])**2 / (2 * sd[i]**2), (i, 0, n - 1)), wrt=[mu, s],
                          where=[(sd[i], sp.log(1 + sp.exp(s[i])))])

    def truth(y, mu, s):
        return mp.fsum(mp.log(softplus(e)) + (t - a)**2 / (2 * softplus(e)**2) for t, a, e in zip(y, mu, s, strict=False))

    add("heteroscedastic_softplus", "mu s", make, truth,
        dict(y=F(0.3, -1.2, 0.7), mu=F(0.5, -1.0, 0.2), s=F(0.1, -0.7, 1.2)),
        dict(y=F(2.0, 0.5), mu=F(1.5, 1.0), s=F(-2.0, 0.4)),
        dict(y=F(1.0, 0.0), mu=F(1.0 + 1e-12, 0.0), s=F(-30.0, 30.0)),
        dict(y=F(1.0, 2.0, 3.0), mu=F(1.0, 2.0, 3.0), s=F(-300.0, -700.0, -745.5)),
        dict(y=F(1.0, -5.0, 3.0), mu=F(1.0, 2.0, -3.0), s=F(-40.0, 800.0, 1e4)),
        dict(y=F(0.0, 0.0), mu=F(0.0, 0.0), s=F(-1e4, -800.0)))


@declared
def _() -> None:
    def make():
        y, mu, sd, nu = B("y", n), S("mu"), S("sigma"), S("nu")
        density = sp.gamma((nu + 1) / 2) / (sp.gamma(nu / 2) * sp.sqrt(nu * sp.pi) * sd) * (1 + ((y[i] - mu) / sd)**2 / nu)**(-(nu + 1) / 2)
        return sg.compile(-sp.Sum(sp.log(density), (i, 0, n - 1)), wrt=[mu, sd, nu])

    def truth(y, mu, sigma, nu):
        return -mp.fsum(mp.loggamma((nu + 1) / 2) - mp.loggamma(nu / 2) - mp.log(nu * mp.pi) / 2 - mp.log(sigma)
                        - (nu + 1) / 2 * mp.log1p(((t - mu) / sigma)**2 / nu) for t in y)

    add("student_t_likelihood", "mu sigma nu", make, truth,
        dict(y=F(0.3, -1.2, 0.7), mu=0.1, sigma=0.8, nu=4.0),
        dict(y=F(2.0, 0.5), mu=1.0, sigma=1.5, nu=1.5),
        dict(y=F(0.3, -1.2, 0.7), mu=0.1, sigma=0.8, nu=800.0),
        dict(y=F(0.3, -1.2, 0.7), mu=0.1, sigma=0.8, nu=1e8),
        dict(y=F(1e4, -800.0, 1e160), mu=0.0, sigma=1e-4, nu=3.0),
        dict(y=F(1.0, 1.0, 1.0), mu=1.0, sigma=1.0, nu=1e-6))


@declared
def _() -> None:
    def make():
        x, y, w = B("x", n, d), B("y", n), B("w", d)
        return sg.compile(sp.Sum(sp.log(sp.cosh(sp.Sum(w[j] * x[i, j], (j, 0, d - 1)) - y[i])), (i, 0, n - 1)) / n, wrt=[w])

    def truth(x, y, w):
        total = mpf(0)
        for row, t in zip(x, y, strict=False):
            r = dot(row, w) - t
            total += mp.log1p(2 * mp.sinh(r / 2)**2)  # cosh r = 1 + 2 sinh(r/2)^2
        return total / len(x)

    x = F([1.0, 0.5], [1.0, -0.25], [1.0, 1.5])
    add("log_cosh_regression", "w", make, truth,
        dict(x=x, y=F(0.3, -1.2, 0.7), w=F(0.5, -0.3)),
        dict(x=x[:2], y=F(2.0, 0.5), w=F(1.0, 2.0)),
        dict(x=x, y=F(1.0, 0.25, 2.0), w=F(0.5, 1.0 + 1e-9)),
        dict(x=x, y=F(30.0, -30.0, 800.0), w=F(0.5, 1.0)),
        dict(x=x, y=F(1e4, -1e4, 1e4), w=F(1.0, 1.0)),
        dict(x=x, y=F(1.0, 0.25, 2.0 + 1e-12), w=F(0.5, 1.0)))


@declared
def _() -> None:
    def make():
        x, y, w, lam = B("x", n, d), B("y", n), B("w", d), B("lambda")
        return sg.compile(-sp.Sum(sp.log(lam[i]**y[i] * sp.exp(-lam[i]) / sp.factorial(y[i])), (i, 0, n - 1)),
                          where=[(lam[i], sp.exp(sp.Sum(w[j] * x[i, j], (j, 0, d - 1))))], wrt=[w])

    def truth(x, y, w):
        total = mpf(0)
        for row, t in zip(x, y, strict=False):
            eta = dot(row, w)
            total += mp.exp(eta) - t * eta + mp.loggamma(t + 1)
        return total

    x = F([1.0, 0.5], [1.0, -0.25], [1.0, 1.5])
    add("poisson_regression", "w", make, truth,
        dict(x=x, y=F(2.0, 0.0, 3.0), w=F(0.5, 0.3)),
        dict(x=x[:2], y=F(1.0, 4.0), w=F(1.0, -0.5)),
        dict(x=x, y=F(800.0, 1000.0, 10000.0), w=F(7.0, 1.0)),
        dict(x=x, y=F(0.0, 1.0, 0.0), w=F(-30.0, 1.0)),
        dict(x=x, y=F(0.0, 5.0, 1.0), w=F(-800.0, 2.0)),
        dict(x=x, y=F(200.0, 171.0, 0.0), w=F(30.0, 0.0)))


@declared
def _() -> None:
    def make():
        y, eta, r, mu = B("y", n), B("eta", n), S("r"), B("mu")
        mass = sp.gamma(y[i] + r) / (sp.gamma(r) * sp.factorial(y[i])) * (r / (r + mu[i]))**r * (mu[i] / (r + mu[i]))**y[i]
        return sg.compile(-sp.Sum(sp.log(mass), (i, 0, n - 1)), where=[(mu[i], sp.exp(eta[i]))], wrt=[eta, r])

    def truth(y, eta, r):
        total = mpf(0)
        for t, e in zip(y, eta, strict=False):
            total -= mp.loggamma(t + r) - mp.loggamma(r) - mp.loggamma(t + 1)
            total += r * softplus(e - mp.log(r)) + t * softplus(mp.log(r) - e)
        return total

    add("negative_binomial", "eta r", make, truth,
        dict(y=F(2.0, 0.0, 3.0), eta=F(0.5, -0.3, 1.0), r=2.5),
        dict(y=F(1.0, 7.0), eta=F(1.0, 1.5), r=0.7),
        dict(y=F(2.0, 0.0, 30.0), eta=F(0.5, -30.0, 30.0), r=3.0),
        dict(y=F(2.0, 0.0, 3.0), eta=F(0.5, -0.3, 1.0), r=1e8),
        dict(y=F(800.0, 1000.0), eta=F(6.5, 800.0), r=1e-6),
        dict(y=F(0.0, 0.0, 0.0), eta=F(-800.0, 0.0, 800.0), r=5.0))


@declared
def _() -> None:
    def make():
        y, eta, phi, mu = B("y", n), B("eta", n), S("phi"), B("mu")
        density = sp.gamma(phi) / (sp.gamma(mu[i] * phi) * sp.gamma((1 - mu[i]) * phi)) * y[i]**(mu[i] * phi - 1) * (1 - y[i])**((1 - mu[i]) * phi - 1)
        return sg.compile(-sp.Sum(sp.log(density), (i, 0, n - 1)), where=[(mu[i], 1 / (1 + sp.exp(-eta[i])))], wrt=[eta, phi])

    def truth(y, eta, phi):
        total = mpf(0)
        for t, e in zip(y, eta, strict=False):
            a, b = sig(e) * phi, sig(-e) * phi
            total -= mp.loggamma(phi) - mp.loggamma(a) - mp.loggamma(b) + (a - 1) * mp.log(t) + (b - 1) * mp.log1p(-t)
        return total

    add("beta_regression", "eta phi", make, truth,
        dict(y=F(0.3, 0.6, 0.45), eta=F(-0.5, 0.4, 0.1), phi=5.0),
        dict(y=F(0.9, 0.2), eta=F(1.5, -1.0), phi=2.0),
        dict(y=F(0.3, 0.6), eta=F(-0.8, 0.4), phi=1e4),
        dict(y=F(0.3, 1e-9), eta=F(-30.0, 30.0), phi=3.0),
        dict(y=F(1e-300, 0.9999999999), eta=F(0.0, 0.0), phi=1.0),
        dict(y=F(0.5, 0.5), eta=F(0.0, 0.0), phi=1e8))


@declared
def _() -> None:
    def make():
        t, de, kk, lam = B("t", n), B("delta", n), Pos("k"), Pos("lam")
        density = kk / lam * (t[i] / lam)**(kk - 1) * sp.exp(-(t[i] / lam)**kk)
        survival = sp.exp(-(t[i] / lam)**kk)
        return sg.compile(-sp.Sum(de[i] * sp.log(density) + (1 - de[i]) * sp.log(survival), (i, 0, n - 1)), wrt=[kk, lam])

    def truth(t, delta, k, lam):
        total = mpf(0)
        for a, e in zip(t, delta, strict=False):
            u = mp.log(a / lam)
            total += mp.exp(k * u) - e * (mp.log(k) - mp.log(lam) + (k - 1) * u)
        return total

    add("weibull_censored", "k lam", make, truth,
        dict(t=F(0.5, 1.2, 2.0), delta=F(1.0, 0.0, 1.0), k=1.5, lam=1.3),
        dict(t=F(3.0, 0.7), delta=F(1.0, 1.0), k=0.8, lam=2.0),
        dict(t=F(0.5, 1.2, 40.0), delta=F(1.0, 0.0, 1.0), k=3.0, lam=1.3),
        dict(t=F(0.01, 0.02, 1.0), delta=F(1.0, 0.0, 1.0), k=200.0, lam=1.0),
        dict(t=F(1e-100, 1.0, 1e100), delta=F(1.0, 1.0, 0.0), k=1e-3, lam=2.0),
        dict(t=F(1.0, 1.0, 1.0), delta=F(0.0, 0.0, 0.0), k=2.0, lam=1e4))


@declared
def _() -> None:
    def make():
        x, t, de, be, eta = B("x", n, d), B("t", n), B("delta", n), B("beta", d), B("eta")
        risk, at_risk = B("risk"), sp.Sum(sp.Piecewise((sp.exp(eta[k]), t[k] >= t[i]), (0, True)), (k, 0, n - 1))
        return sg.compile(-sp.Sum(de[i] * (eta[i] - sp.log(risk[i])), (i, 0, n - 1)), wrt=[be],
                          where=[(eta[i], sp.Sum(be[j] * x[i, j], (j, 0, d - 1))), (risk[i], at_risk)])

    def truth(x, t, delta, beta):
        eta, total = [dot(row, beta) for row in x], mpf(0)
        for a in range(len(t)):
            if delta[a] != 0:
                at_risk = [b for b in range(len(t)) if t[b] >= t[a]]
                total -= delta[a] * lsm([eta[b] for b in at_risk], at_risk.index(a))
        return total

    x = F([1.0, 0.5], [0.2, -0.25], [-0.6, 1.5], [0.3, 0.1])
    add("cox_partial_likelihood", "beta", make, truth,
        dict(x=x, t=F(2.0, 1.0, 4.0, 3.0), delta=F(1.0, 1.0, 0.0, 1.0), beta=F(0.5, -0.3)),
        dict(x=x[:3], t=F(1.0, 2.0, 3.0), delta=F(1.0, 0.0, 1.0), beta=F(-1.0, 0.8)),
        dict(x=x, t=F(2.0, 1.0, 4.0, 3.0), delta=F(1.0, 1.0, 0.0, 1.0), beta=F(30.0, -30.0)),
        dict(x=x, t=F(2.0, 1.0, 4.0, 3.0), delta=F(1.0, 1.0, 1.0, 1.0), beta=F(800.0, 800.0)),
        dict(x=x, t=F(1.0, 1.0, 1.0, 1.0), delta=F(1.0, 1.0, 0.0, 1.0), beta=F(-1e4, 1.0)),
        dict(x=F([1e3, 1.0], [-1e3, 1.0], [5.0, 1.0], [0.0, 1.0]), t=F(1.0, 2.0, 3.0, 4.0), delta=F(1.0, 1.0, 1.0, 1.0), beta=F(1.0, 1e4)))


def Phi(z: Any) -> Any:
    return (1 + sp.erf(z / sp.sqrt(2))) / 2


@declared
def _() -> None:
    def make():
        x, y, be, sd, mu = B("x", n, d), B("y", n), B("beta", d), Pos("sigma"), B("mu")
        density = sp.exp(-((y[i] - mu[i]) / sd)**2 / 2) / (sp.sqrt(2 * sp.pi) * sd)
        return sg.compile(-sp.Sum(sp.Piecewise((sp.log(1 - Phi(mu[i] / sd)), y[i] <= 0), (sp.log(density), True)), (i, 0, n - 1)),
                          where=[(mu[i], sp.Sum(be[j] * x[i, j], (j, 0, d - 1)))], wrt=[be, sd])

    def truth(x, y, beta, sigma):
        total = mpf(0)
        for row, t in zip(x, y, strict=False):
            mu = dot(row, beta)
            if t <= 0:
                total -= logcdf(-mu / sigma)
            else:
                total += ((t - mu) / sigma)**2 / 2 + mp.log(sigma) + mp.log(2 * mp.pi) / 2
        return total

    x = F([1.0, 0.5], [1.0, -0.25], [1.0, 1.5])
    add("tobit", "beta sigma", make, truth,
        dict(x=x, y=F(0.7, 0.0, 1.3), beta=F(0.5, 0.4), sigma=0.8),
        dict(x=x, y=F(0.0, 0.0, 2.0), beta=F(0.2, 1.1), sigma=1.5),
        dict(x=x, y=F(0.0, 0.0, 2.0), beta=F(30.0, 1.0), sigma=1.0),
        dict(x=x, y=F(0.0, 0.0, 0.0), beta=F(-30.0, 1.0), sigma=0.5),
        dict(x=x, y=F(0.0, 0.7, 0.0), beta=F(0.5, 0.4), sigma=1e-4),
        dict(x=x, y=F(0.0, 0.7, 0.0), beta=F(800.0, -800.0), sigma=1e4))


@declared
def _() -> None:
    def make():
        x, y, be, p = B("x", n, d), B("y", n), B("beta", d), B("p")
        return sg.compile(-sp.Sum(y[i] * sp.log(p[i]) + (1 - y[i]) * sp.log(1 - p[i]), (i, 0, n - 1)) / n,
                          where=[(p[i], Phi(sp.Sum(be[j] * x[i, j], (j, 0, d - 1))))], wrt=[be])

    def truth(x, y, beta):
        total = mpf(0)
        for row, t in zip(x, y, strict=False):
            eta = dot(row, beta)
            total -= t * logcdf(eta) + (1 - t) * logcdf(-eta)
        return total / len(x)

    x = F([1.0, 0.5], [1.0, -0.25], [1.0, 1.5])
    add("probit_regression", "beta", make, truth,
        dict(x=x, y=F(1.0, 0.0, 1.0), beta=F(0.5, 0.4)),
        dict(x=x[:2], y=F(0.0, 1.0), beta=F(-0.5, 1.4)),
        dict(x=x, y=F(1.0, 0.0, 1.0), beta=F(30.0, 1.0)),
        dict(x=x, y=F(1.0, 1.0, 1.0), beta=F(8.0, 0.0)),
        dict(x=x, y=F(1.0, 0.0, 0.0), beta=F(-800.0, 100.0)),
        dict(x=x, y=F(0.0, 1.0, 0.0), beta=F(1e4, 1e4)))


@declared
def _() -> None:
    def make():
        y, eta, w, lam, pi = B("y", n), B("eta", n), S("w"), B("lambda"), S("pi0")
        zero = sp.log(pi + (1 - pi) * sp.exp(-lam[i]))
        more = sp.log((1 - pi) * lam[i]**y[i] * sp.exp(-lam[i]) / sp.factorial(y[i]))
        return sg.compile(-sp.Sum(sp.Piecewise((zero, sp.Eq(y[i], 0)), (more, True)), (i, 0, n - 1)),
                          where=[(lam[i], sp.exp(eta[i])), (pi, 1 / (1 + sp.exp(-w)))], wrt=[eta, w])

    def truth(y, eta, w):
        total = mpf(0)
        for t, e in zip(y, eta, strict=False):
            if t == 0:
                total -= lse([w, -mp.exp(e)]) - softplus(w)
            else:
                total -= -softplus(w) + t * e - mp.exp(e) - mp.loggamma(t + 1)
        return total

    add("zero_inflated_poisson", "eta w", make, truth,
        dict(y=F(2.0, 0.0, 3.0), eta=F(0.5, 0.3, 1.0), w=-0.6),
        dict(y=F(0.0, 0.0, 1.0), eta=F(1.5, -0.3, 0.2), w=0.9),
        dict(y=F(0.0, 0.0, 1.0), eta=F(3.0, -30.0, 0.2), w=-30.0),
        dict(y=F(0.0, 0.0, 1.0), eta=F(7.0, -800.0, 0.2), w=-800.0),
        dict(y=F(0.0, 0.0, 0.0), eta=F(1.0, 30.0, 800.0), w=-2.0),
        dict(y=F(0.0, 1.0, 200.0), eta=F(1.0, -30.0, 5.0), w=800.0))


@declared
def _() -> None:
    def make():
        x, pi, mu = B("x", n, d), B("pi", K), B("mu", K, d)
        return sg.compile(-sp.Sum(sp.log(sp.Sum(pi[c] * sp.Product(mu[c, j]**x[i, j] * (1 - mu[c, j])**(1 - x[i, j]), (j, 0, d - 1)),
                                                (c, 0, K - 1))), (i, 0, n - 1)), wrt=[pi, mu])

    def truth(x, pi, mu):
        total = mpf(0)
        for row in x:
            inner = mpf(0)
            for weight, probabilities in zip(pi, mu, strict=False):
                term = weight
                for bit, q in zip(row, probabilities, strict=False):
                    term = term * (q if bit == 1 else 1 - q)
                inner += term
            total -= mp.log(inner)
        return total

    x = F([1.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0])
    add("mixture_of_bernoullis", "pi mu", make, truth,
        dict(x=x, pi=F(0.6, 0.4), mu=F([0.3, 0.6, 0.8], [0.7, 0.2, 0.5])),
        dict(x=x[:2], pi=F(0.1, 0.9), mu=F([0.25, 0.5, 0.75], [0.9, 0.2, 0.4])),
        dict(x=x, pi=F(0.5, 0.5), mu=F([1.0, 0.5, 0.5], [0.5, 0.0, 0.9])),
        dict(x=x, pi=F(0.5, 0.5), mu=F([1e-200, 1e-200, 1e-200], [1e-180, 1e-190, 1e-150])),
        dict(x=x, pi=F(1.0, 0.0), mu=F([0.3, 0.6, 0.8], [0.7, 0.2, 0.5])),
        dict(x=x, pi=F(0.25, 0.75), mu=F([0.0, 0.0, 1.0], [1.0, 0.5, 0.5])))


@declared
def _() -> None:
    def make():
        x, mu, ka = B("x", n), S("mu"), Pos("kappa")
        return sg.compile(-sp.Sum(sp.log(sp.exp(ka * sp.cos(x[i] - mu)) / (2 * sp.pi * sp.besseli(0, ka))), (i, 0, n - 1)), wrt=[mu, ka])

    def truth(x, mu, kappa):
        return len(x) * mp.log(2 * mp.pi * mp.besseli(0, kappa)) - kappa * mp.fsum(mp.cos(v - mu) for v in x)

    add("von_mises", "mu kappa", make, truth,
        dict(x=F(0.3, -1.2, 0.7), mu=0.1, kappa=2.0),
        dict(x=F(2.0, 2.5), mu=1.5, kappa=0.6),
        dict(x=F(0.3, -1.2, 0.7), mu=0.1, kappa=30.0),
        dict(x=F(0.3, 0.31, 0.29), mu=0.3, kappa=800.0),
        dict(x=F(0.3, 0.3, 0.3), mu=0.3, kappa=1e4),
        dict(x=F(0.3, -1.2, 3.0), mu=0.1, kappa=1e-8))


@declared
def _() -> None:
    def make():
        y, al, N, A = B("y", K), B("alpha", K), S("N"), S("A")
        mass = sp.factorial(N) * sp.gamma(A) / sp.gamma(N + A) * sp.Product(sp.gamma(y[k] + al[k]) / (sp.factorial(y[k]) * sp.gamma(al[k])), (k, 0, K - 1))
        return sg.compile(-sp.log(mass), where=[(N, sp.Sum(y[k], (k, 0, K - 1))), (A, sp.Sum(al[k], (k, 0, K - 1)))], wrt=[al])

    def truth(y, alpha):
        N, A = mp.fsum(y), mp.fsum(alpha)
        return -(mp.loggamma(N + 1) + mp.loggamma(A) - mp.loggamma(N + A)
                 + mp.fsum(mp.loggamma(t + a) - mp.loggamma(t + 1) - mp.loggamma(a) for t, a in zip(y, alpha, strict=False)))

    add("dirichlet_multinomial", "alpha", make, truth,
        dict(y=F(2.0, 0.0, 3.0), alpha=F(0.5, 1.3, 2.0)),
        dict(y=F(1.0, 7.0), alpha=F(1.0, 1.5)),
        dict(y=F(200.0, 0.0, 300.0), alpha=F(50.0, 100.0, 200.0)),
        dict(y=F(2.0, 0.0, 3.0), alpha=F(1e10, 2e10, 1e10)),
        dict(y=F(2.0, 0.0, 3.0), alpha=F(1e-10, 1e-8, 1e-9)),
        dict(y=F(5.0, 0.0, 0.0), alpha=F(1e-300, 1e-3, 1e4)))


@declared
def _() -> None:
    def make():
        y, mu, p = B("y", n), B("mu", n), S("p")
        return sg.compile(2 * sp.Sum(y[i]**(2 - p) / ((1 - p) * (2 - p)) - y[i] * mu[i]**(1 - p) / (1 - p) + mu[i]**(2 - p) / (2 - p), (i, 0, n - 1)),
                          wrt=[mu, p])

    def truth(y, mu, p):
        return 2 * mp.fsum(t**(2 - p) / ((1 - p) * (2 - p)) - t * u**(1 - p) / (1 - p) + u**(2 - p) / (2 - p) for t, u in zip(y, mu, strict=False))

    add("tweedie_deviance", "mu p", make, truth,
        dict(y=F(0.5, 2.0, 1.2), mu=F(0.8, 1.5, 1.0), p=1.5),
        dict(y=F(3.0, 0.4), mu=F(2.0, 0.9), p=1.2),
        dict(y=F(0.0, 2.0, 1.2), mu=F(0.8, 1.5, 1.0), p=1.5),
        dict(y=F(0.5, 2.0, 1.2), mu=F(0.8, 1.5, 1.0), p=1.000000001),
        dict(y=F(0.5, 2.0, 1.2), mu=F(0.8, 1.5, 1.0), p=1.9999999),
        dict(y=F(1.0, 1e4, 1e-4), mu=F(1.0000001, 1.0, 800.0), p=1.6))


@declared
def _() -> None:
    def make():
        x, y = B("x", n, d), B("y", n, d)
        cos = sp.Sum(x[i, j] * y[i, j], (j, 0, d - 1)) / (sp.sqrt(sp.Sum(x[i, j]**2, (j, 0, d - 1))) * sp.sqrt(sp.Sum(y[i, j]**2, (j, 0, d - 1))))
        return sg.compile(sp.Sum(1 - cos, (i, 0, n - 1)), wrt=[x, y])

    def truth(x, y):
        return mp.fsum(1 - cosine(u, v) for u, v in zip(x, y, strict=False))

    add("cosine_embedding_loss", "x y", make, truth,
        dict(x=F([0.5, -1.0, 0.3], [1.5, 0.3, 0.2]), y=F([0.2, 0.4, 0.9], [1.0, -0.5, 0.6])),
        dict(x=F([1.0, 2.0]), y=F([-0.3, 0.8])),
        dict(x=F([1.0, 2.0], [3.0, 4.0]), y=F([1.0, 2.0], [3.0, 4.0])),
        dict(x=F([1.0, 2.0], [3.0, 4.0]), y=F([1.0, 2.0000001], [3.0, 4.00000001])),
        dict(x=F([1e-170, 2e-170], [3e160, 4e160]), y=F([2e-170, -1e-170], [1e-160, 1.0])),
        dict(x=F([1.0, 0.0], [1.0, 1.0]), y=F([-1.0, 1e-8], [1.0, -1.0])))


@declared
def _() -> None:
    def make():
        x, y, s = B("x", n, d), B("y", m, d), Pos("sigma")
        kernel = lambda u, a, v, b: sp.exp(-sp.Sum((u[a, j] - v[b, j])**2, (j, 0, d - 1)) / (2 * s**2))  # noqa: E731
        return sg.compile(sp.Sum(kernel(x, i, x, k), (k, 0, n - 1), (i, 0, n - 1)) / n**2 + sp.Sum(kernel(y, i, y, k), (k, 0, m - 1), (i, 0, m - 1)) / m**2
                          - 2 * sp.Sum(kernel(x, i, y, k), (k, 0, m - 1), (i, 0, n - 1)) / (n * m), wrt=[x, s])

    def truth(x, y, sigma):
        def mean(u, v):
            return mp.fsum(mp.exp(-mp.fsum((p - q)**2 for p, q in zip(a, b, strict=False)) / (2 * sigma**2)) for a in u for b in v) / (len(u) * len(v))
        return mean(x, x) + mean(y, y) - 2 * mean(x, y)

    x, y = F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2]), F([0.2, 0.4], [1.0, -0.5])
    add("mmd_rbf", "x sigma", make, truth,
        dict(x=x, y=y, sigma=1.0),
        dict(x=F([0.5], [1.0]), y=F([0.0], [2.0], [0.3]), sigma=0.5),
        dict(x=x, y=y, sigma=1e-3),
        dict(x=x, y=y, sigma=1e4),
        dict(x=F([0.5, -1.0], [1.5, 0.3]), y=F([0.5, -1.0], [1.5, 0.3000001]), sigma=1.0),
        dict(x=F([800.0, -1e4], [30.0, 0.0]), y=y, sigma=1.0))


@declared
def _() -> None:
    def make():
        C, a, b, e = B("C", n, m), B("a", n), B("b", m), Pos("epsilon")
        G, u1, v1, u2, v2 = B("G"), B("u1"), B("v1"), B("u2"), B("v2")
        return sg.compile(sp.Sum(u2[i] * G[i, j] * v2[j] * C[i, j], (j, 0, m - 1), (i, 0, n - 1)), wrt=[C, e],
                          where=[(G[i, j], sp.exp(-C[i, j] / e)),
                                 (u1[i], a[i] / sp.Sum(G[i, j], (j, 0, m - 1))),
                                 (v1[j], b[j] / sp.Sum(G[i, j] * u1[i], (i, 0, n - 1))),
                                 (u2[i], a[i] / sp.Sum(G[i, j] * v1[j], (j, 0, m - 1))),
                                 (v2[j], b[j] / sp.Sum(G[i, j] * u2[i], (i, 0, n - 1)))])

    def truth(C, a, b, epsilon):
        rows, columns = range(len(a)), range(len(b))
        v = [mpf(1) for _ in columns]
        for _ in range(2):
            u = [a[r] / mp.fsum(mp.exp(-C[r][q] / epsilon) * v[q] for q in columns) for r in rows]
            v = [b[q] / mp.fsum(mp.exp(-C[r][q] / epsilon) * u[r] for r in rows) for q in columns]
        return mp.fsum(u[r] * mp.exp(-C[r][q] / epsilon) * v[q] * C[r][q] for r in rows for q in columns)

    C = F([0.1, 1.2, 2.0], [1.1, 0.3, 0.9])
    add("sinkhorn_two_steps", "C epsilon", make, truth,
        dict(C=C, a=F(0.4, 0.6), b=F(0.2, 0.5, 0.3), epsilon=0.5),
        dict(C=F([0.5, 1.0], [1.5, 0.25]), a=F(0.5, 0.5), b=F(0.3, 0.7), epsilon=1.0),
        dict(C=C, a=F(0.4, 0.6), b=F(0.2, 0.5, 0.3), epsilon=0.03),
        dict(C=C, a=F(0.4, 0.6), b=F(0.2, 0.5, 0.3), epsilon=1e-3),
        dict(C=F([800.0, 810.0], [1e4, 1e4 + 3]), a=F(0.5, 0.5), b=F(0.3, 0.7), epsilon=1.0),
        dict(C=F([1.0, 1.0], [1.0, 1.0]), a=F(1.0, 0.0), b=F(0.3, 0.7), epsilon=1e4))


@declared
def _() -> None:
    def make():
        p, y, D, q = B("p", n, n), B("y", n, d), B("D"), B("q")
        Z = sp.Sum(sp.Piecewise((1 / (1 + D[k, l]), sp.Ne(k, l)), (0, True)), (l, 0, n - 1), (k, 0, n - 1))
        return sg.compile(sp.Sum(sp.Piecewise((p[i, j] * sp.log(p[i, j] / q[i, j]), sp.Ne(i, j)), (0, True)), (j, 0, n - 1), (i, 0, n - 1)), wrt=[y],
                          where=[(D[i, j], sp.Sum((y[i, f] - y[j, f])**2, (f, 0, d - 1))), (q[i, j], 1 / (1 + D[i, j]) / Z)])

    def truth(p, y):
        size = range(len(y))
        D = [[mp.fsum((u - v)**2 for u, v in zip(y[a], y[b], strict=False)) for b in size] for a in size]
        Z = mp.fsum(1 / (1 + D[a][b]) for a in size for b in size if a != b)
        return mp.fsum(p[a][b] * mp.log(p[a][b] * (1 + D[a][b]) * Z) for a in size for b in size if a != b and p[a][b] != 0)

    p = F([0.0, 0.25, 0.125], [0.25, 0.0, 0.125], [0.125, 0.125, 0.0])
    add("t_sne_kl", "y", make, truth,
        dict(p=p, y=F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2])),
        dict(p=p, y=F([0.5], [1.0], [-2.0])),
        dict(p=F([0.0, 0.5, 0.0], [0.5, 0.0, 0.0], [0.0, 0.0, 0.0]), y=F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2])),
        dict(p=p, y=F([1e-9, 2e-9], [0.0, 0.0], [-1e-9, 3e-9])),
        dict(p=p, y=F([800.0, 0.0], [-800.0, 30.0], [1e4, 1e4])),
        dict(p=p, y=F([1e100, 0.0], [-1e100, 1e90], [0.0, 1e100])))


@declared
def _() -> None:
    def make():
        mu, s = B("mu", n, d), B("sigma", n, d)
        return sg.compile(-sp.Sum(1 + sp.log(s[i, j]**2) - mu[i, j]**2 - s[i, j]**2, (j, 0, d - 1), (i, 0, n - 1)) / 2, wrt=[mu, s])

    def truth(mu, sigma):
        return -mp.fsum(1 + 2 * mp.log(s) - u**2 - s**2 for a, b in zip(mu, sigma, strict=False) for u, s in zip(a, b, strict=False)) / 2

    add("vae_kl", "mu sigma", make, truth,
        dict(mu=F([0.5, -1.0], [1.5, 0.3]), sigma=F([0.8, 1.2], [0.5, 2.0])),
        dict(mu=F([0.25, 0.0, -0.5]), sigma=F([1.5, 0.7, 1.0])),
        dict(mu=F([1e-9, 0.0], [0.0, -1e-8]), sigma=F([1.00000001, 1.0], [1.0, 0.99999999])),
        dict(mu=F([0.0, 0.0], [0.0, 0.0]), sigma=F([1e-170, 1e-200], [1e-300, 1.0])),
        dict(mu=F([800.0, -1e4], [30.0, 0.0]), sigma=F([1e4, 1e-4], [30.0, 1e-30])),
        dict(mu=F([0.0, 0.0], [0.0, 0.0]), sigma=F([0.99999, 1.0], [1.0, 1.0])))


@declared
def _() -> None:
    def make():
        x, y, mx, my = B("x", n), B("y", n), S("mx"), S("my")
        up = sp.Sum((x[i] - mx) * (y[i] - my), (i, 0, n - 1))
        return sg.compile(up / (sp.sqrt(sp.Sum((x[i] - mx)**2, (i, 0, n - 1))) * sp.sqrt(sp.Sum((y[i] - my)**2, (i, 0, n - 1)))),
                          where=[(mx, sp.Sum(x[i], (i, 0, n - 1)) / n), (my, sp.Sum(y[i], (i, 0, n - 1)) / n)], wrt=[x, y])

    def truth(x, y):
        a, b = mp.fsum(x) / len(x), mp.fsum(y) / len(y)
        return cosine([u - a for u in x], [v - b for v in y])

    add("pearson_correlation", "x y", make, truth,
        dict(x=F(0.3, -1.2, 0.7, 2.0), y=F(0.5, -0.4, 0.1, 1.1)),
        dict(x=F(1.0, 2.0, 4.0), y=F(3.0, 1.0, 0.5)),
        dict(x=F(1e8, 1e8 + 1, 1e8 + 3), y=F(1e8 + 0.5, 1e8 - 1, 1e8 + 2)),
        dict(x=F(1e-170, 3e-170, -2e-170), y=F(1e160, -2e160, 4e160)),
        dict(x=F(1.0, 2.0, 3.0), y=F(2.0, 4.0, 6.0000001)),
        dict(x=F(1.0, 1.0, 1.00000001), y=F(800.0, 1e4, -30.0)))


@declared
def _() -> None:
    def make():
        x, g, b, y, e = B("x", n, d), B("g", d), B("b", d), B("y", n), Pos("epsilon")
        mu, var, z = B("mu"), B("var"), B("z")
        return sg.compile(-sp.Sum(sp.log(sp.exp(z[i, y[i]]) / sp.Sum(sp.exp(z[i, k]), (k, 0, d - 1))), (i, 0, n - 1)) / n, wrt=[x, g, b],
                          where=[(mu[i], sp.Sum(x[i, j], (j, 0, d - 1)) / d), (var[i], sp.Sum((x[i, j] - mu[i])**2, (j, 0, d - 1)) / d),
                                 (z[i, j], g[j] * (x[i, j] - mu[i]) / sp.sqrt(var[i] + e) + b[j])])

    def truth(x, g, b, y, epsilon):
        total = mpf(0)
        for row, one in zip(x, y, strict=False):
            mean = mp.fsum(row) / len(row)
            var = mp.fsum((v - mean)**2 for v in row) / len(row)
            total -= lsm([g[q] * (row[q] - mean) / mp.sqrt(var + epsilon) + b[q] for q in range(len(row))], one)
        return total / len(x)

    add("layer_norm_cross_entropy", "x g b", make, truth,
        dict(x=F([0.5, -1.0, 0.3], [1.5, 0.3, 0.2]), g=F(1.0, 0.8, 1.2), b=F(0.1, 0.0, -0.2), y=whole(0, 2), epsilon=1e-5),
        dict(x=F([0.5, -1.0, 0.3, 2.0]), g=F(1.0, 2.0, 0.5, 1.0), b=F(0.0, 0.5, 0.25, -1.0), y=whole(3), epsilon=1e-3),
        dict(x=F([2.0, 2.0, 2.0], [0.0, 0.0, 0.0]), g=F(1.0, 0.8, 1.2), b=F(0.1, 0.0, -0.2), y=whole(0, 2), epsilon=1e-5),
        dict(x=F([1e8, 1e8 + 1, 1e8 + 3], [1e-8, 2e-8, 0.0]), g=F(1.0, 0.8, 1.2), b=F(0.1, 0.0, -0.2), y=whole(0, 2), epsilon=1e-12),
        dict(x=F([800.0, -1e4, 30.0], [1e170, -1e170, 3e170]), g=F(1.0, 0.8, 1.2), b=F(0.1, 0.0, -0.2), y=whole(0, 2), epsilon=1e-5),
        dict(x=F([0.5, -1.0, 0.3], [1.5, 0.3, 0.2]), g=F(800.0, 30.0, 1e4), b=F(0.0, 800.0, -800.0), y=whole(1, 0), epsilon=1e-5))


@declared
def _() -> None:
    def make():
        x, p = B("x", n), Pos("p")
        return sg.compile(sp.Sum(sp.Abs(x[i])**p, (i, 0, n - 1))**(1 / p), wrt=[x, p])

    def truth(x, p):
        return mp.fsum(abs(v)**p for v in x)**(1 / p)

    add("p_norm", "x p", make, truth,
        dict(x=F(0.5, -1.0, 0.3), p=3.0),
        dict(x=F(1.5, 0.3, -0.2, 2.0), p=1.5),
        dict(x=F(0.5, -1.5, 1.4), p=1000.0),
        dict(x=F(1e-200, -3e-200, 2e-200), p=2.0),
        dict(x=F(1e300, -3e300, 2e250), p=4.0),
        dict(x=F(0.0, -3.0, 4.0), p=2.5))


@declared
def _() -> None:
    def make():
        a, p = B("a", K), B("p")
        return sg.compile(sp.exp(-sp.Sum(p[c] * sp.log(p[c]), (c, 0, K - 1))), wrt=[a],
                          where=[(p[c], sp.exp(a[c]) / sp.Sum(sp.exp(a[k]), (k, 0, K - 1)))])

    def truth(a):
        return mp.exp(-mp.fsum(sm(a, q) * lsm(a, q) for q in range(len(a))))

    add("softmax_perplexity", "a", make, truth,
        dict(a=F(0.3, -1.2, 0.7, 2.0)),
        dict(a=F(1.0, 2.0, 4.0)),
        dict(a=F(30.0, -30.0, 0.0)),
        dict(a=F(800.0, -800.0, 799.0)),
        dict(a=F(1e4, -1e4, 0.0, 1e4)),
        dict(a=F(1e4, 1e4, 1e4, 1e4, 1e4)))


@declared
def _() -> None:
    def make():
        a, al, p = B("a", K), Pos("alpha"), B("p")
        return sg.compile(sp.log(sp.Sum(p[c]**al, (c, 0, K - 1))) / (1 - al), wrt=[a, al],
                          where=[(p[c], sp.exp(a[c]) / sp.Sum(sp.exp(a[k]), (k, 0, K - 1)))])

    def truth(a, alpha):
        return lse([alpha * lsm(a, q) for q in range(len(a))]) / (1 - alpha)

    add("renyi_entropy", "a alpha", make, truth,
        dict(a=F(0.3, -1.2, 0.7, 2.0), alpha=2.0),
        dict(a=F(1.0, 2.0, 4.0), alpha=0.5),
        dict(a=F(0.3, -1.2, 0.7), alpha=1.00000001),
        dict(a=F(30.0, -30.0, 0.0), alpha=50.0),
        dict(a=F(800.0, -800.0, 0.0), alpha=0.5),
        dict(a=F(1e4, 1e4, 0.0), alpha=1e-3))


@declared
def _() -> None:
    def make():
        C, x, mu = sp.MatrixSymbol("C", d, d), sp.MatrixSymbol("x", d, 1), sp.MatrixSymbol("mu", d, 1)
        r = x - mu
        return sg.compile((r.T * C.inverse() * r)[0, 0] / 2 + sp.log(sp.Determinant(C)) / 2 + d * sp.log(2 * sp.pi) / 2, wrt=[mu, C])

    def truth(C, x, mu):
        A, r = mp.matrix(C), mp.matrix([u[0] - v[0] for u, v in zip(x, mu, strict=False)])
        z = mp.lu_solve(A, r)
        return (mp.fsum(r[q] * z[q] for q in range(len(x))) + mp.log(mp.det(A)) + len(x) * mp.log(2 * mp.pi)) / 2

    x, mu = F([1.0], [2.0]), F([0.5], [-0.3])
    add("gaussian_full_covariance", "mu C", make, truth,
        dict(C=F([2.0, 0.3], [0.3, 1.0]), x=x, mu=mu),
        dict(C=F([2.0, 0.3, 0.1], [0.3, 1.0, -0.2], [0.1, -0.2, 0.7]), x=F([1.0], [2.0], [0.5]), mu=F([0.2], [-0.3], [1.0])),
        dict(C=F([2e-200, 0.3e-200], [0.3e-200, 1e-200]), x=F([1e-100], [2e-100]), mu=F([0.0], [0.0])),
        dict(C=F([1e200, 0.0, 0.0], [0.0, 2e200, 0.0], [0.0, 0.0, 3e200]), x=F([1e100], [-2e100], [0.0]), mu=F([0.0], [1e99], [0.0])),
        dict(C=F([1.0, 0.99999999], [0.99999999, 1.0]), x=F([1.0], [1.0]), mu=F([0.0], [1e-9])),
        dict(C=F([1e-8, 0.0], [0.0, 1e8]), x=F([800.0], [-1e4]), mu=F([800.0], [-1e4])))


@declared
def _() -> None:
    def make():
        t, mu, al, be, T = B("t", n), Pos("mu"), Pos("alpha"), Pos("beta"), S("T")
        rate = mu + sp.Sum(al * sp.exp(-be * (t[i] - t[k])), (k, 0, i - 1))
        return sg.compile(-sp.Sum(sp.log(rate), (i, 0, n - 1)) + mu * T + al / be * sp.Sum(1 - sp.exp(-be * (T - t[i])), (i, 0, n - 1)), wrt=[mu, al, be])

    def truth(t, mu, alpha, beta, T):
        total = mu * T
        for a in range(len(t)):
            total -= mp.log(mu + alpha * mp.fsum(mp.exp(-beta * (t[a] - t[b])) for b in range(a)))
            total += alpha / beta * -mp.expm1(-beta * (T - t[a]))
        return total

    t = F(0.5, 1.2, 1.5, 3.0)
    add("hawkes_process", "mu alpha beta", make, truth,
        dict(t=t, mu=0.5, alpha=0.8, beta=1.5, T=4.0),
        dict(t=F(0.1, 2.0, 2.2), mu=1.0, alpha=0.3, beta=0.7, T=2.5),
        dict(t=t, mu=0.5, alpha=0.8, beta=1e-9, T=4.0),
        dict(t=t, mu=0.5, alpha=0.8, beta=800.0, T=3.0),
        dict(t=t, mu=1e-200, alpha=0.8, beta=30.0, T=4.0),
        dict(t=F(1.0, 1.0, 1.0, 1.0), mu=1e-4, alpha=1e4, beta=1e4, T=1.0))


