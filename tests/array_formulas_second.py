"""Fifty more formulas of arrays, written down as those of array_formulas.py were, and added to them: as a book prints them, each at two ordinary points, and at
four at which a careful tester would look."""

from __future__ import annotations

import itertools
from typing import Any

import sympy as sp
from array_formulas import B, F, J, K, Pos, S, add, c, cosine, d, declared, dot, f, i, j, k, l, logcdf, lse, lsm, m, n, sig, sm, softplus, whole
from mpmath import mp, mpf

import symgrad as sg


def logistic(x: Any) -> Any:
    return 1 / (1 + sp.exp(-x))


def normal(x: Any, mu: Any, s: Any) -> Any:
    return sp.exp(-(x - mu)**2 / (2 * s**2)) / (sp.sqrt(2 * sp.pi) * s)


def Phi(z: Any) -> Any:
    return (1 + sp.erf(z / sp.sqrt(2))) / 2


def lognormal_density(x: Any, mu: Any, s: Any) -> Any:
    """The logarithm of the normal density, by mpmath."""
    return -((x - mu) / s)**2 / 2 - mp.log(s) - mp.log(2 * mp.pi) / 2


def lsum(weights: list, v: list) -> Any:
    """log sum w exp(v), where weights may be 0 (or, beside 0, of either sign)."""
    at = max((q for q in range(len(v)) if weights[q] != 0), key=lambda q: v[q])
    return v[at] + mp.log(mp.fsum(w * mp.exp(e - v[at]) for w, e in zip(weights, v, strict=True)))


# Ranking and metric learning


@declared
def _() -> None:
    def make():
        s, t, P, R = B("s", n, K), B("t", n, K), B("P"), B("R")
        return sg.compile(-sp.Sum(R[i, c] * sp.log(P[i, c]), (c, 0, K - 1), (i, 0, n - 1)) / n, wrt=[s, t],
                          where=[(P[i, c], sp.exp(s[i, c]) / sp.Sum(sp.exp(s[i, k]), (k, 0, K - 1))),
                                 (R[i, c], sp.exp(t[i, c]) / sp.Sum(sp.exp(t[i, k]), (k, 0, K - 1)))])

    def truth(s, t):
        return -mp.fsum(sm(v, q) * lsm(u, q) for u, v in zip(s, t, strict=True) for q in range(len(u))) / len(s)

    add("listnet_top_one", "s t", make, truth,
        dict(s=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), t=F([2.0, 0.0, 1.0], [0.0, 3.0, 1.0])),
        dict(s=F([0.5, 1.5, -0.25, 0.1]), t=F([1.0, 0.0, 0.0, 2.0])),
        dict(s=F([30.0, -30.0, 0.0], [-30.0, 30.0, 1.0]), t=F([30.0, 0.0, -30.0], [0.0, 40.0, 0.0])),
        dict(s=F([700.0, -700.0, 0.0], [800.0, 799.0, -800.0]), t=F([1.0, 2.0, 0.0], [700.0, 0.0, -20.0])),
        dict(s=F([1e4, 0.0, -1e4], [1e4, 1e4, 1e4]), t=F([1e4, 9990.0, -1e4], [0.0, 0.0, 0.0])),
        dict(s=F([0.5, 0.5, 0.5], [-1e4, -1e4, -1e4]), t=F([2.0, 2.0, 2.0], [1e4, -1e4, 1e4])))


@declared
def _() -> None:
    def make():
        s, y, a = B("s", n), B("y", n), Pos("sigma")
        pair = (2**y[i] - 2**y[k]) * sp.log(1 / (1 + sp.exp(-a * (s[i] - s[k]))))
        return sg.compile(-sp.Sum(sp.Piecewise((pair, y[i] > y[k]), (0, True)), (k, 0, n - 1), (i, 0, n - 1)), wrt=[s, a])

    def truth(s, y, sigma):
        size = range(len(s))
        return mp.fsum((mpf(2)**y[a] - mpf(2)**y[b]) * softplus(-sigma * (s[a] - s[b])) for a in size for b in size if y[a] > y[b])

    add("ranknet_gain_weighted", "s sigma", make, truth,
        dict(s=F(0.3, -0.5, 1.2), y=F(2.0, 0.0, 1.0), sigma=1.0),
        dict(s=F(0.5, 2.0, -1.0, 0.1), y=F(1.0, 1.0, 0.0, 3.0), sigma=0.5),
        dict(s=F(30.0, -30.0, 0.0), y=F(2.0, 0.0, 1.0), sigma=1.0),
        dict(s=F(0.7, -0.7, 0.0), y=F(0.0, 4.0, 1.0), sigma=1000.0),
        dict(s=F(1e4, 1e4, -1e4, 1e4 + 0.5), y=F(0.0, 3.0, 2.0, 3.0), sigma=1.0),
        dict(s=F(5.0, 5.0, 5.0), y=F(0.0, 1.0, 10.0), sigma=1e-8))


@declared
def _() -> None:
    def make():
        P, Q, u, p, q, lam = B("P", m, d), B("Q", J, d), B("u", n), B("p", n), B("q", n), S("lam")
        x = sp.Sum(P[u[i], f] * Q[p[i], f], (f, 0, d - 1)) - sp.Sum(P[u[i], f] * Q[q[i], f], (f, 0, d - 1))
        return sg.compile(-sp.Sum(sp.log(logistic(x)), (i, 0, n - 1)) + lam * sp.Sum(P[j, f]**2, (f, 0, d - 1), (j, 0, m - 1))
                          + lam * sp.Sum(Q[j, f]**2, (f, 0, d - 1), (j, 0, J - 1)), wrt=[P, Q])

    def truth(P, Q, u, p, q, lam):
        total = mp.fsum(softplus(dot(P[a], Q[c_]) - dot(P[a], Q[b])) for a, b, c_ in zip(u, p, q, strict=True))
        return total + lam * mp.fsum(v**2 for rows in (P, Q) for row in rows for v in row)

    u, p, q = whole(0, 1, 1, 0), whole(0, 1, 2, 2), whole(1, 2, 0, 1)
    add("bayesian_personalized_ranking", "P Q", make, truth,
        dict(P=F([0.5, -1.0], [1.5, 0.3]), Q=F([0.2, 0.4], [1.0, -0.5], [-0.7, 0.2]), u=u, p=p, q=q, lam=0.01),
        dict(P=F([0.5, -1.0, 0.2], [1.5, 0.3, -0.4]), Q=F([0.2, 0.4, 0.1], [1.0, -0.5, 0.6], [-0.7, 0.2, 0.9]), u=u, p=p, q=q, lam=0.1),
        dict(P=F([30.0, -1.0], [1.5, 30.0]), Q=F([1.0, 0.4], [1.0, -0.5], [-0.7, 0.2]), u=u, p=p, q=q, lam=0.0),
        dict(P=F([100.0, -10.0], [-100.0, 10.0]), Q=F([7.0, 7.0], [-7.0, 3.0], [0.0, -10.0]), u=u, p=p, q=q, lam=1e-20),
        dict(P=F([1e-170, 2e-170], [0.0, 0.0]), Q=F([1e160, -1e160], [0.0, 0.0], [3e160, 1e160]), u=u, p=p, q=q, lam=0.0),
        dict(P=F([0.5, -1.0], [0.5, -1.0]), Q=F([1e4, 0.3], [1e4, 0.3], [1e4, 0.3]), u=u, p=p, q=q, lam=1e-3))


@declared
def _() -> None:
    def make():
        s, t, g, mg = B("s", n), B("t", m), S("gamma"), S("margin")
        positive = sp.Sum(sp.exp(-g * sp.Max(0, 1 + mg - s[i]) * (s[i] - (1 - mg))), (i, 0, n - 1))
        negative = sp.Sum(sp.exp(g * sp.Max(0, t[j] + mg) * (t[j] - mg)), (j, 0, m - 1))
        return sg.compile(sp.log(1 + negative * positive), wrt=[s, t])

    def truth(s, t, gamma, margin):
        p = lse([-gamma * max(mpf(0), 1 + margin - v) * (v - 1 + margin) for v in s])
        q = lse([gamma * max(mpf(0), v + margin) * (v - margin) for v in t])
        return softplus(p + q)

    add("circle_loss", "s t", make, truth,
        dict(s=F(0.7, 0.4), t=F(0.1, -0.1, 0.5), gamma=4.0, margin=0.25),
        dict(s=F(0.9, 0.6, 0.3), t=F(0.2, 0.3), gamma=10.0, margin=0.4),
        dict(s=F(0.7, 0.4), t=F(0.1, -0.6, 0.5), gamma=256.0, margin=0.25),
        dict(s=F(-0.9, -1.0), t=F(1.0, 0.9, 0.95), gamma=1e4, margin=0.25),
        dict(s=F(0.99, 1.0), t=F(-0.1, -0.2, 0.0), gamma=256.0, margin=0.25),
        dict(s=F(0.5, 0.5, 0.5), t=F(0.5, 0.5, 0.5), gamma=800.0, margin=0.5))


@declared
def _() -> None:
    def make():
        z, y, tau, r, s, N, E, L = B("z", n, d), B("y", n), S("tau"), B("r"), B("s"), B("N"), B("E"), B("L")
        same = sp.And(sp.Ne(k, i), sp.Eq(y[k], y[i]))
        return sg.compile(-sp.Sum(L[i] / N[i], (i, 0, n - 1)),
                          wrt=[z, tau],
                          where=[(r[i], sp.sqrt(sp.Sum(z[i, j]**2, (j, 0, d - 1)))),
                                 (s[i, k], sp.Sum(z[i, j] * z[k, j], (j, 0, d - 1)) / (r[i] * r[k])),
                                 (L[i], sp.Sum(sp.Piecewise((sp.log(sp.exp(s[i, k] / tau) / E[i]), same), (0, True)), (k, 0, n - 1))),
                                 (N[i], sp.Sum(sp.Piecewise((1, same), (0, True)), (k, 0, n - 1))),
                                 (E[i], sp.Sum(sp.Piecewise((sp.exp(s[i, l] / tau), sp.Ne(l, i)), (0, True)), (l, 0, n - 1)))])

    def truth(z, y, tau):
        total = mpf(0)
        for a in range(len(z)):
            others = [b for b in range(len(z)) if b != a]
            s = [cosine(z[a], z[b]) / tau for b in others]
            mine = [q for q, b in enumerate(others) if y[b] == y[a]]
            total -= mp.fsum(lsm(s, q) for q in mine) / len(mine)
        return total

    y = whole(0, 0, 1, 1)
    add("supervised_contrastive", "z tau", make, truth,
        dict(z=F([0.5, 1.0], [0.7, 0.8], [-1.0, 0.3], [-0.8, -0.2]), y=y, tau=0.5),
        dict(z=F([0.5, 1.0, -0.3], [0.7, -0.8, 0.2], [-1.0, 0.3, 0.9], [0.4, -0.2, 0.6]), y=whole(1, 1, 1, 1), tau=0.1),
        dict(z=F([1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0]), y=y, tau=0.07),
        dict(z=F([1.0, 0.0], [-1.0, 0.0], [1.0, 1e-8], [-1.0, 1e-8]), y=y, tau=0.001),
        dict(z=F([0.5, 1.0], [0.7, 0.8], [-1.0, 0.3], [-0.8, -0.2]), y=whole(0, 1, 0, 1), tau=1e-4),
        dict(z=F([1e-170, 2e-170], [1.0, 2.0], [3e160, -1e160], [1e-3, 1e4]), y=y, tau=0.05))


# Mixtures and topics


@declared
def _() -> None:
    def make():
        x, pi, mu, s = B("x", n, d), B("pi", K), B("mu", K, d), B("sigma", K, d)
        return sg.compile(-sp.Sum(sp.log(sp.Sum(pi[c] * sp.Product(normal(x[i, j], mu[c, j], s[c, j]), (j, 0, d - 1)), (c, 0, K - 1))), (i, 0, n - 1)),
                          wrt=[pi, mu, s])

    def truth(x, pi, mu, sigma):
        total = mpf(0)
        for row in x:
            total -= lsum(pi, [mp.fsum(lognormal_density(*e) for e in zip(row, mu[q], sigma[q], strict=True)) for q in range(len(pi))])
        return total

    x, mu = F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2]), F([0.2, 0.4], [1.0, -0.5])
    add("gaussian_mixture_diagonal", "pi mu sigma", make, truth,
        dict(x=x, pi=F(0.6, 0.4), mu=mu, sigma=F([0.8, 1.2], [0.5, 0.9])),
        dict(x=x[:2], pi=F(0.2, 0.5, 0.3), mu=F([0.2, 0.4], [1.0, -0.5], [-0.3, 0.6]), sigma=F([1.5, 0.7], [1.0, 2.0], [0.6, 0.4])),
        dict(x=F([30.0, -30.0], [800.0, 1.0], [0.0, -1e4]), pi=F(0.6, 0.4), mu=mu, sigma=F([1.0, 1.0], [1.0, 2.0])),
        dict(x=F([0.2, 0.4], [1.0, -0.5]), pi=F(0.5, 0.5), mu=mu, sigma=F([1e-8, 1e-6], [1e-10, 1e-9])),
        dict(x=x, pi=F(1.0, 0.0), mu=F([0.2, 0.4], [0.2, 0.4]), sigma=F([1e4, 1e4], [0.5, 0.5])),
        dict(x=F([1e-170, 2e-170], [1e-170, 2e-170]), pi=F(1e-150, 1.0), mu=F([1e-170, 2e-170], [3e-170, 0.0]), sigma=F([1e-170, 1e-170], [2e-170, 1e-170])))


@declared
def _() -> None:
    def make():
        x, pi, mu, s, nu = B("x", n), B("pi", K), B("mu", K), B("sigma", K), B("nu", K)
        density = (sp.gamma((nu[c] + 1) / 2) / (sp.gamma(nu[c] / 2) * sp.sqrt(nu[c] * sp.pi) * s[c])
                   * (1 + ((x[i] - mu[c]) / s[c])**2 / nu[c])**(-(nu[c] + 1) / 2))
        return sg.compile(-sp.Sum(sp.log(sp.Sum(pi[c] * density, (c, 0, K - 1))), (i, 0, n - 1)), wrt=[pi, mu, s, nu])

    def truth(x, pi, mu, sigma, nu):
        front = [mp.loggamma((v + 1) / 2) - mp.loggamma(v / 2) - mp.log(v * mp.pi) / 2 - mp.log(s) for v, s in zip(nu, sigma, strict=True)]
        return -mp.fsum(lsum(pi, [front[q] - (nu[q] + 1) / 2 * mp.log1p(((t - mu[q]) / sigma[q])**2 / nu[q]) for q in range(len(pi))]) for t in x)

    add("student_mixture", "pi mu sigma nu", make, truth,
        dict(x=F(0.3, -1.2, 0.7), pi=F(0.6, 0.4), mu=F(0.1, -0.8), sigma=F(0.8, 1.5), nu=F(4.0, 2.5)),
        dict(x=F(2.0, 0.5), pi=F(0.3, 0.7), mu=F(1.0, 0.0), sigma=F(0.5, 2.0), nu=F(1.0, 7.0)),
        dict(x=F(0.3, -1.2, 0.7), pi=F(0.6, 0.4), mu=F(0.1, -0.8), sigma=F(0.8, 1.5), nu=F(1e8, 700.0)),
        dict(x=F(60.0, -1e4, 0.0), pi=F(0.6, 0.4), mu=F(0.0, 0.0), sigma=F(1.0, 1.0), nu=F(1e4, 400.0)),
        dict(x=F(1e160, 1.0, -3e150), pi=F(0.5, 0.5), mu=F(1.0, -1.0), sigma=F(1e-4, 1e4), nu=F(3.0, 2.0)),
        dict(x=F(2.0, 2.0, 2.0), pi=F(1.0, 0.0), mu=F(2.0, 2.0), sigma=F(1e-150, 1.0), nu=F(1.0, 1.0)))


@declared
def _() -> None:
    def make():
        y, pi, lam = B("y", n), B("pi", K), B("lam", K)
        mass = lam[c]**y[i] * sp.exp(-lam[c]) / sp.factorial(y[i])
        return sg.compile(-sp.Sum(sp.log(sp.Sum(pi[c] * mass, (c, 0, K - 1))), (i, 0, n - 1)), wrt=[pi, lam])

    def truth(y, pi, lam):
        return mp.fsum(mp.loggamma(t + 1) - lsum(pi, [t * mp.log(v) - v for v in lam]) for t in y)

    add("poisson_mixture", "pi lam", make, truth,
        dict(y=F(2.0, 0.0, 3.0), pi=F(0.6, 0.4), lam=F(1.2, 4.0)),
        dict(y=F(1.0, 7.0), pi=F(0.2, 0.5, 0.3), lam=F(0.5, 3.0, 8.0)),
        dict(y=F(200.0, 180.0, 1000.0), pi=F(0.6, 0.4), lam=F(190.0, 900.0)),
        dict(y=F(1e4, 9900.0, 0.0), pi=F(0.5, 0.5), lam=F(1e4, 800.0)),
        dict(y=F(0.0, 1.0, 2.0), pi=F(0.5, 0.5), lam=F(1e-150, 1e-20)),
        dict(y=F(5.0, 0.0, 30.0), pi=F(1.0, 0.0), lam=F(3.0, 3.0)))


@declared
def _() -> None:
    def make():
        x, pi, mu, s = B("x", n), B("pi", K), B("mu", K), B("sigma", K)
        density = sp.exp(-(sp.log(x[i]) - mu[c])**2 / (2 * s[c]**2)) / (x[i] * s[c] * sp.sqrt(2 * sp.pi))
        return sg.compile(-sp.Sum(sp.log(sp.Sum(pi[c] * density, (c, 0, K - 1))), (i, 0, n - 1)), wrt=[pi, mu, s])

    def truth(x, pi, mu, sigma):
        return mp.fsum(mp.log(t) - lsum(pi, [lognormal_density(mp.log(t), mu[q], sigma[q]) for q in range(len(pi))]) for t in x)

    add("lognormal_mixture", "pi mu sigma", make, truth,
        dict(x=F(0.5, 1.2, 3.0), pi=F(0.6, 0.4), mu=F(0.1, 0.9), sigma=F(0.8, 0.4)),
        dict(x=F(2.0, 0.25), pi=F(0.2, 0.5, 0.3), mu=F(0.0, 0.5, -1.0), sigma=F(1.0, 0.7, 0.5)),
        dict(x=F(1e-300, 1.0, 1e300), pi=F(0.6, 0.4), mu=F(0.0, 1.0), sigma=F(1.0, 2.0)),
        dict(x=F(1.0, 1.0, 1.0), pi=F(0.5, 0.5), mu=F(0.0, 1e-6), sigma=F(1e-8, 1e-7)),
        dict(x=F(3.0, 5.0, 1e4), pi=F(1e-150, 1.0), mu=F(2.0, -30.0), sigma=F(0.5, 0.5)),
        dict(x=F(2.0, 2.0), pi=F(0.0, 1.0), mu=F(800.0, -800.0), sigma=F(1.0, 20.0)))


@declared
def _() -> None:
    def make():
        N, a, b, th, ph = B("N", n, m), B("a", n, K), B("b", K, m), B("theta"), B("phi")
        return sg.compile(-sp.Sum(N[i, j] * sp.log(sp.Sum(th[i, c] * ph[c, j], (c, 0, K - 1))), (j, 0, m - 1), (i, 0, n - 1)), wrt=[a, b],
                          where=[(th[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1))),
                                 (ph[c, j], sp.exp(b[c, j]) / sp.Sum(sp.exp(b[c, l]), (l, 0, m - 1)))])

    def truth(N, a, b):
        total, topics = mpf(0), range(len(b))
        phi = [[lsm(row, w) for w in range(len(row))] for row in b]
        for counts, row in zip(N, a, strict=True):
            theta = [lsm(row, q) for q in topics]
            total -= mp.fsum(t * lse([theta[q] + phi[q][w] for q in topics]) for w, t in enumerate(counts) if t != 0)
        return total

    N = F([2.0, 0.0, 1.0], [0.0, 3.0, 1.0])
    add("latent_semantic_topics", "a b", make, truth,
        dict(N=N, a=F([0.3, -1.2], [1.1, 0.2]), b=F([0.5, -0.2, 0.1], [2.0, -0.5, 0.4])),
        dict(N=F([1.0, 2.0], [4.0, 1.0]), a=F([0.3, -1.2, 0.4], [1.1, 0.2, 0.0]), b=F([0.5, -0.2], [2.0, -0.5], [0.1, 0.7])),
        dict(N=N, a=F([30.0, -30.0], [-30.0, 30.0]), b=F([30.0, 0.0, -30.0], [-30.0, 0.0, 1.0])),
        dict(N=N, a=F([700.0, -700.0], [0.0, 0.0]), b=F([0.0, 700.0, 1.0], [700.0, -700.0, 0.0])),
        dict(N=F([1e6, 0.0, 1.0], [0.0, 1e4, 1.0]), a=F([1e4, -1e4], [1e4, 1e4]), b=F([1e4, 0.0, -1e4], [0.0, 0.0, 0.0])),
        dict(N=N, a=F([0.0, 0.0], [0.0, 0.0]), b=F([-800.0, 0.0, 0.0], [-801.0, 0.0, 0.0])))


# Kernels and nets


@declared
def _() -> None:
    def make():
        s, t, up, low, lam, r, v, size = B("s", K, d), B("t", K), S("up"), S("low"), S("lam"), B("r"), B("v"), B("size")
        return sg.compile(sp.Sum(t[c] * sp.Max(0, up - size[c])**2 + lam * (1 - t[c]) * sp.Max(0, size[c] - low)**2, (c, 0, K - 1)), wrt=[s],
                          where=[(r[c], sp.sqrt(sp.Sum(s[c, j]**2, (j, 0, d - 1)))),
                                 (v[c, j], r[c]**2 / (1 + r[c]**2) * s[c, j] / r[c]),
                                 (size[c], sp.sqrt(sp.Sum(v[c, j]**2, (j, 0, d - 1))))])

    def truth(s, t, up, low, lam):
        total = mpf(0)
        for row, one in zip(s, t, strict=True):
            square = dot(row, row)
            size = square / (1 + square)
            total += one * max(mpf(0), up - size)**2 + lam * (1 - one) * max(mpf(0), size - low)**2
        return total

    add("capsule_margin", "s", make, truth,
        dict(s=F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2]), t=F(1.0, 0.0, 0.0), up=0.9, low=0.1, lam=0.5),
        dict(s=F([0.5, -1.0, 2.0], [1.5, 0.3, 0.4]), t=F(0.0, 1.0), up=0.9, low=0.1, lam=0.5),
        dict(s=F([1e-170, -2e-170], [0.5, 1e-9], [30.0, 1.0]), t=F(1.0, 0.0, 1.0), up=0.9, low=0.1, lam=0.5),
        dict(s=F([1e90, -2e90], [1e4, 800.0], [3e80, 0.0]), t=F(0.0, 1.0, 0.0), up=1.0, low=0.0, lam=0.5),
        dict(s=F([1e160, 1e160], [-3e155, 1.0], [1.0, 1.0]), t=F(0.0, 1.0, 0.0), up=0.9, low=0.1, lam=0.5),
        dict(s=F([0.3, 0.0], [0.0, 0.3], [0.0, -0.3]), t=F(1.0, 1.0, 0.0), up=1.0, low=0.0, lam=1.0))


@declared
def _() -> None:
    def make():
        x, w, al, le = B("x", n, d), B("w", n), Pos("alpha"), Pos("ell")
        kernel = (1 + sp.Sum((x[i, j] - x[k, j])**2, (j, 0, d - 1)) / (2 * al * le**2))**(-al)
        return sg.compile(sp.Sum(w[i] * w[k] * kernel, (k, 0, n - 1), (i, 0, n - 1)), wrt=[x, al, le])

    def truth(x, w, alpha, ell):
        size = range(len(x))
        return mp.fsum(w[a] * w[b] * mp.exp(-alpha * mp.log1p(mp.fsum(((u - v) / ell)**2 for u, v in zip(x[a], x[b], strict=True)) / (2 * alpha)))
                       for a in size for b in size)

    x = F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2])
    add("rational_quadratic_kernel", "x alpha ell", make, truth,
        dict(x=x, w=F(0.3, -1.2, 0.7), alpha=1.5, ell=0.8),
        dict(x=F([0.5], [1.0], [2.0]), w=F(1.0, 2.0, -0.5), alpha=0.7, ell=2.0),
        dict(x=x, w=F(0.3, -1.2, 0.7), alpha=1e8, ell=0.8),
        dict(x=F([1e-170, 2e-170], [3e-170, 0.0], [0.0, 0.0]), w=F(0.3, 1.2, 0.7), alpha=2.0, ell=1e-170),
        dict(x=F([1e140, 0.0], [0.0, 2e140], [1e140, 1e140]), w=F(1.0, 1.0, 1.0), alpha=0.5, ell=1.0),
        dict(x=F([1.0, 2.0], [1.0, 2.0], [1.0, 2.0000001]), w=F(1.0, -1.0, 1.0), alpha=30.0, ell=1e-3))


@declared
def _() -> None:
    def make():
        x, w, le, r = B("x", n, d), B("w", n), Pos("ell"), B("r")
        u = sp.sqrt(5) * r[i, k] / le
        return sg.compile(sp.Sum(w[i] * w[k] * (1 + u + 5 * r[i, k]**2 / (3 * le**2)) * sp.exp(-u), (k, 0, n - 1), (i, 0, n - 1)), wrt=[x, le],
                          where=[(r[i, k], sp.sqrt(sp.Sum((x[i, j] - x[k, j])**2, (j, 0, d - 1))))])

    def truth(x, w, ell):
        total = mpf(0)
        for a, b in itertools.product(range(len(x)), repeat=2):
            u = mp.sqrt(5 * mp.fsum((p - q)**2 for p, q in zip(x[a], x[b], strict=True))) / ell
            total += w[a] * w[b] * (1 + u + u**2 / 3) * mp.exp(-u)
        return total

    x = F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2])
    add("matern_five_halves", "x ell", make, truth,
        dict(x=x, w=F(0.3, -1.2, 0.7), ell=0.8),
        dict(x=F([0.5], [1.0], [2.0]), w=F(1.0, 2.0, -0.5), ell=2.0),
        dict(x=x, w=F(0.3, -1.2, 0.7), ell=0.01),
        dict(x=F([1e-170, 2e-170], [3e-170, 0.0], [0.0, 0.0]), w=F(0.3, 1.2, 0.7), ell=1e-170),
        dict(x=F([1.0, 2.0], [1.0, 2.0], [0.0, 0.0]), w=F(1.0, 0.5, 2.0), ell=1.0),
        dict(x=F([1.0, 2.0], [1.0, 2.0000001], [1.00000001, 2.0]), w=F(1.0, -2.0, 1.0), ell=1e4))


@declared
def _() -> None:
    def make():
        x, w, p, le = B("x", n), B("w", n), Pos("p"), Pos("ell")
        kernel = sp.exp(-2 * sp.sin(sp.pi * sp.Abs(x[i] - x[k]) / p)**2 / le**2)
        return sg.compile(sp.Sum(w[i] * w[k] * kernel, (k, 0, n - 1), (i, 0, n - 1)), wrt=[x, p, le])

    def truth(x, w, p, ell):
        size = range(len(x))
        return mp.fsum(w[a] * w[b] * mp.exp(-2 * (mp.sin(mp.pi * (x[a] - x[b]) / p) / ell)**2) for a in size for b in size)

    add("periodic_kernel", "x p ell", make, truth,
        dict(x=F(0.3, -1.2, 0.7), w=F(0.5, 1.0, -0.4), p=2.0, ell=0.8),
        dict(x=F(0.1, 0.5, 1.5, 2.5), w=F(1.0, 2.0, -0.5, 0.3), p=3.0, ell=1.5),
        dict(x=F(0.3, -1.2, 0.7), w=F(0.5, 1.0, -0.4), p=2.0, ell=0.03),
        dict(x=F(0.0, 1.0, 3.0), w=F(1.0, 1.0, 1.0), p=1.0, ell=0.5),
        dict(x=F(1e4, 1e4 + 0.25, 9999.0), w=F(1.0, 1.0, 1.0), p=0.75, ell=0.05),
        dict(x=F(0.0, 2e-170, 1e-170), w=F(1.0, 1.0, -2.0), p=5e-170, ell=1.0))


@declared
def _() -> None:
    def make():
        x, h, near = B("x", n), Pos("h"), B("near")
        kernel = sp.Piecewise((sp.exp(-((x[i] - x[k]) / h)**2 / 2) / sp.sqrt(2 * sp.pi), sp.Ne(k, i)), (0, True))
        return sg.compile(-sp.Sum(sp.log(near[i] / ((n - 1) * h)), (i, 0, n - 1)), wrt=[x, h], where=[(near[i], sp.Sum(kernel, (k, 0, n - 1)))])

    def truth(x, h):
        total, size = mpf(0), range(len(x))
        for a in size:
            total -= lse([-((x[a] - x[b]) / h)**2 / 2 for b in size if b != a])
        return total + len(x) * (mp.log((len(x) - 1) * h) + mp.log(2 * mp.pi) / 2)

    add("kernel_density_leave_one_out", "x h", make, truth,
        dict(x=F(0.3, -1.2, 0.7), h=0.8),
        dict(x=F(0.1, 0.5, 1.5, 2.5), h=0.4),
        dict(x=F(0.3, -1.2, 0.7), h=0.01),
        dict(x=F(0.0, 1e4, -800.0), h=1.0),
        dict(x=F(1e-170, 3e-170, -2e-170, 0.0), h=1e-170),
        dict(x=F(5.0, 5.0, 5.0), h=1e-150))


# Robust losses


@declared
def _() -> None:
    def make():
        x, y, w, al, sc = B("x", n, d), B("y", n), B("w", d), S("alpha"), Pos("s")
        r = (y[i] - sp.Sum(w[j] * x[i, j], (j, 0, d - 1))) / sc
        return sg.compile(sp.Sum(sp.Abs(al - 2) / al * ((r**2 / sp.Abs(al - 2) + 1)**(al / 2) - 1), (i, 0, n - 1)), wrt=[w, al, sc])

    def truth(x, y, w, alpha, s):
        total, a = mpf(0), abs(alpha - 2)
        for row, t in zip(x, y, strict=True):
            total += a / alpha * mp.expm1(alpha / 2 * mp.log1p(((t - dot(row, w)) / s)**2 / a))
        return total

    x = F([1.0, 0.5], [1.0, -0.25], [1.0, 1.5])
    add("barron_general_robust", "w alpha s", make, truth,
        dict(x=x, y=F(0.3, -1.2, 0.7), w=F(0.5, -0.3), alpha=1.0, s=0.8),
        dict(x=x[:2], y=F(2.0, 0.5), w=F(0.7, 1.5), alpha=-2.0, s=1.5),
        dict(x=x, y=F(0.3, -1.2, 0.7), w=F(0.5, -0.3), alpha=1e-9, s=0.8),
        dict(x=x, y=F(0.3, -1.2, 0.7), w=F(0.5, -0.3), alpha=1.999999999, s=0.8),
        dict(x=x, y=F(1.0, 0.25 + 1e-9, 2.0), w=F(0.5, 1.0), alpha=-1e4, s=1.0),
        dict(x=x, y=F(1e160, -1e4, 800.0), w=F(0.5, 1.0), alpha=0.5, s=1e-3))


@declared
def _() -> None:
    def make():
        x, y, t, sc, r = B("x", n, d), B("y", n, d), B("t", d), Pos("s"), B("r")
        return sg.compile(sp.Sum(r[i]**2 / (sc**2 + r[i]**2), (i, 0, n - 1)), wrt=[t, sc],
                          where=[(r[i], sp.sqrt(sp.Sum((x[i, j] + t[j] - y[i, j])**2, (j, 0, d - 1))))])

    def truth(x, y, t, s):
        total = mpf(0)
        for u, v in zip(x, y, strict=True):
            q = mp.fsum((a + e - b)**2 for a, b, e in zip(u, v, t, strict=True))
            total += q / (s**2 + q)
        return total

    x, y = F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2]), F([0.2, 0.4], [1.0, -0.5], [0.3, 0.9])
    add("geman_mcclure_registration", "t s", make, truth,
        dict(x=x, y=y, t=F(0.1, 0.3), s=0.8),
        dict(x=x[:2], y=y[:2], t=F(-0.5, 0.2), s=2.0),
        dict(x=F([1e-170, 0.0], [0.0, 2e-170], [1e-170, 1e-170]), y=F([0.0, 0.0], [0.0, 0.0], [3e-170, 0.0]), t=F(0.0, 0.0), s=1e-170),
        dict(x=F([1e160, 0.0], [0.0, 2e160], [0.0, 0.0]), y=F([0.0, 0.0], [1e160, 0.0], [1e159, 1e160]), t=F(0.0, 0.0), s=3e160),
        dict(x=x, y=y, t=F(0.1, 0.3), s=1e4),
        dict(x=F([800.0, 1.0], [1e4, 2.0], [30.0, 0.0]), y=F([1.0, 1.0], [0.0, 2.0], [0.0, 0.0]), t=F(0.0, 0.0), s=1e-6))


# Generalized linear models


@declared
def _() -> None:
    def make():
        x, y, be, ka, mu = B("x", n, d), B("y", n), B("beta", d), Pos("kappa"), B("mu")
        density = (ka / mu[i])**ka * y[i]**(ka - 1) * sp.exp(-ka * y[i] / mu[i]) / sp.gamma(ka)
        return sg.compile(-sp.Sum(sp.log(density), (i, 0, n - 1)), wrt=[be, ka],
                          where=[(mu[i], sp.exp(sp.Sum(be[j] * x[i, j], (j, 0, d - 1))))])

    def truth(x, y, beta, kappa):
        total = mpf(0)
        for row, t in zip(x, y, strict=True):
            eta = dot(row, beta)
            total -= kappa * (mp.log(kappa) - eta) + (kappa - 1) * mp.log(t) - kappa * t * mp.exp(-eta) - mp.loggamma(kappa)
        return total

    x = F([1.0, 0.5], [1.0, -0.25], [1.0, 1.5])
    add("gamma_regression", "beta kappa", make, truth,
        dict(x=x, y=F(0.8, 2.5, 1.2), beta=F(0.5, -0.3), kappa=2.0),
        dict(x=x[:2], y=F(3.0, 0.4), beta=F(1.0, 0.5), kappa=0.7),
        dict(x=x, y=F(0.8, 2.5, 1.2), beta=F(0.5, -0.3), kappa=1e4),
        dict(x=x, y=F(1e-150, 1e-20, 1e150), beta=F(30.0, 200.0), kappa=0.5),
        dict(x=x, y=F(1.0, 1.0, 1.0), beta=F(0.0, 0.0), kappa=1e8),
        dict(x=x, y=F(1e-300, 1e-300, 1e-300), beta=F(-690.0, 0.0), kappa=1e-3))


@declared
def _() -> None:
    def make():
        x, y, be, lam, mu = B("x", n, d), B("y", n), B("beta", d), Pos("lam"), B("mu")
        density = sp.sqrt(lam / (2 * sp.pi * y[i]**3)) * sp.exp(-lam * (y[i] - mu[i])**2 / (2 * mu[i]**2 * y[i]))
        return sg.compile(-sp.Sum(sp.log(density), (i, 0, n - 1)), wrt=[be, lam],
                          where=[(mu[i], sp.exp(sp.Sum(be[j] * x[i, j], (j, 0, d - 1))))])

    def truth(x, y, beta, lam):
        total = mpf(0)
        for row, t in zip(x, y, strict=True):
            mu = mp.exp(dot(row, beta))
            total += (mp.log(2 * mp.pi) + 3 * mp.log(t) - mp.log(lam)) / 2 + lam * (t / mu - 1)**2 / (2 * t)
        return total

    x = F([1.0, 0.5], [1.0, -0.25], [1.0, 1.5])
    add("inverse_gaussian_regression", "beta lam", make, truth,
        dict(x=x, y=F(0.8, 2.5, 1.2), beta=F(0.5, -0.3), lam=2.0),
        dict(x=x[:2], y=F(3.0, 0.4), beta=F(1.0, 0.5), lam=0.7),
        dict(x=x, y=F(0.8, 2.5, 1.2), beta=F(30.0, 10.0), lam=800.0),
        dict(x=x, y=F(1e-150, 2e-150, 3e-150), beta=F(-345.0, 0.0), lam=1e-150),
        dict(x=x, y=F(1e120, 2e120, 1e121), beta=F(276.0, 1.0), lam=1e120),
        dict(x=x, y=F(1.0, 1.0, 1.0000001), beta=F(0.0, 0.0), lam=1e10))


@declared
def _() -> None:
    def make():
        x, y, be, th, eta = B("x", n, d), B("y", n, 3), B("beta", d), B("theta", 2), B("eta")
        one, two = Phi(th[0] - eta[i]), Phi(th[1] - eta[i])
        return sg.compile(-sp.Sum(y[i, 0] * sp.log(one) + y[i, 1] * sp.log(two - one) + y[i, 2] * sp.log(1 - two), (i, 0, n - 1)),
                          where=[(eta[i], sp.Sum(be[j] * x[i, j], (j, 0, d - 1)))], wrt=[th, be])

    def between(a, b):
        """log(Phi(b) - Phi(a))"""
        root = mp.sqrt(2)
        if a > 0:
            return mp.log((mp.erfc(a / root) - mp.erfc(b / root)) / 2)
        if b < 0:
            return mp.log((mp.erfc(-b / root) - mp.erfc(-a / root)) / 2)
        return mp.log1p(-(mp.erfc(-a / root) + mp.erfc(b / root)) / 2)

    def truth(x, y, beta, theta):
        total = mpf(0)
        for row, t in zip(x, y, strict=True):
            a, b = theta[0] - dot(row, beta), theta[1] - dot(row, beta)
            total -= t[0] * logcdf(a) if t[0] != 0 else t[1] * between(a, b) if t[1] != 0 else t[2] * logcdf(-b)
        return total

    y = F([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0])
    add("ordinal_cumulative_probit", "theta beta", make, truth,
        dict(x=F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2]), y=y, theta=F(-0.5, 0.8), beta=F(0.6, -0.4)),
        dict(x=F([1.0], [2.0], [0.5]), y=y, theta=F(-1.0, 1.5), beta=F(0.8)),
        dict(x=F([1.0], [0.5], [-0.5]), y=y, theta=F(-1.0, 1.5), beta=F(30.0)),
        dict(x=F([1.0], [-0.2], [-1.0]), y=y, theta=F(-1.0, 1.5), beta=F(700.0)),
        dict(x=F([1.0], [2.0], [0.5]), y=y, theta=F(1.0, 1.0000001), beta=F(0.8)),
        dict(x=F([-1.0], [0.0], [1.0]), y=y, theta=F(-8.0, 8.0), beta=F(12.0)))


@declared
def _() -> None:
    def make():
        x, y, be, p = B("x", n, d), B("y", n), B("beta", d), B("p")
        return sg.compile(-sp.Sum(y[i] * sp.log(p[i]) + (1 - y[i]) * sp.log(1 - p[i]), (i, 0, n - 1)), wrt=[be],
                          where=[(p[i], 1 - sp.exp(-sp.exp(sp.Sum(be[j] * x[i, j], (j, 0, d - 1)))))])

    def truth(x, y, beta):
        total = mpf(0)
        for row, t in zip(x, y, strict=True):
            mu = mp.exp(dot(row, beta))
            total += (1 - t) * mu - t * (mp.log1p(-mp.exp(-mu)) if mu > 1 else mp.log(-mp.expm1(-mu)))
        return total

    x = F([1.0, 0.5], [1.0, -0.25], [1.0, 1.5])
    add("complementary_log_log", "beta", make, truth,
        dict(x=x, y=F(1.0, 0.0, 1.0), beta=F(0.5, -0.3)),
        dict(x=x[:2], y=F(0.0, 1.0), beta=F(-1.0, 0.8)),
        dict(x=x, y=F(1.0, 0.0, 1.0), beta=F(-30.0, 1.0)),
        dict(x=x, y=F(1.0, 0.0, 1.0), beta=F(-700.0, 10.0)),
        dict(x=x, y=F(1.0, 0.0, 1.0), beta=F(4.0, 1.0)),
        dict(x=x, y=F(1.0, 0.0, 0.0), beta=F(-1e4, 6000.0)))


@declared
def _() -> None:
    def make():
        y, eta, g, lam, pi = B("y", n), B("eta", n), B("g", n), B("lambda"), B("pi")
        positive = (1 - pi[i]) * lam[i]**y[i] * sp.exp(-lam[i]) / (sp.factorial(y[i]) * (1 - sp.exp(-lam[i])))
        return sg.compile(-sp.Sum(sp.Piecewise((sp.log(pi[i]), sp.Eq(y[i], 0)), (sp.log(positive), True)), (i, 0, n - 1)), wrt=[eta, g],
                          where=[(lam[i], sp.exp(eta[i])), (pi[i], logistic(g[i]))])

    def truth(y, eta, g):
        total = mpf(0)
        for t, e, v in zip(y, eta, g, strict=True):
            lam = mp.exp(e)
            if t == 0:
                total += softplus(-v)
            else:
                total += softplus(v) - t * e + lam + mp.loggamma(t + 1) + (mp.log1p(-mp.exp(-lam)) if lam > 1 else mp.log(-mp.expm1(-lam)))
        return total

    add("hurdle_poisson", "eta g", make, truth,
        dict(y=F(2.0, 0.0, 3.0), eta=F(0.5, -0.3, 1.0), g=F(0.2, -0.7, 1.1)),
        dict(y=F(1.0, 7.0), eta=F(1.0, 1.5), g=F(-0.5, 0.3)),
        dict(y=F(1.0, 0.0, 2.0), eta=F(-30.0, 30.0, -20.0), g=F(30.0, -30.0, -30.0)),
        dict(y=F(1.0, 1.0, 0.0), eta=F(-700.0, -1e4, 1.0), g=F(700.0, 1e4, -1e4)),
        dict(y=F(200.0, 1e4, 800.0), eta=F(5.0, 9.0, 1.0), g=F(0.0, -40.0, 40.0)),
        dict(y=F(1.0, 1.0, 1.0), eta=F(-1e-9, 0.0, 3.5), g=F(-800.0, -800.0, 0.0)))


# Item response, comparisons, calibration


@declared
def _() -> None:
    def make():
        x, th, a, b, g, P = B("x", n, J), B("theta", n), B("a", J), B("b", J), B("g", J), B("P")
        return sg.compile(-sp.Sum(x[i, j] * sp.log(P[i, j]) + (1 - x[i, j]) * sp.log(1 - P[i, j]), (j, 0, J - 1), (i, 0, n - 1)), wrt=[th, a, b, g],
                          where=[(P[i, j], g[j] + (1 - g[j]) / (1 + sp.exp(-a[j] * (th[i] - b[j]))))])

    def truth(x, theta, a, b, g):
        total = mpf(0)
        for row, t in zip(x, theta, strict=True):
            for bit, p, q, e in zip(row, a, b, g, strict=True):
                u = p * (t - q)
                total -= mp.log(e * sig(-u) + sig(u)) if bit == 1 else mp.log(1 - e) - softplus(u)
        return total

    x = F([1.0, 0.0, 1.0], [0.0, 0.0, 1.0])
    add("three_parameter_logistic", "theta a b g", make, truth,
        dict(x=x, theta=F(0.3, -1.2), a=F(1.0, 0.7, 1.5), b=F(0.5, -0.4, 0.1), g=F(0.2, 0.25, 0.1)),
        dict(x=F([1.0, 1.0], [0.0, 1.0], [1.0, 0.0]), theta=F(0.3, -1.2, 2.0), a=F(1.2, 0.8), b=F(0.0, 1.0), g=F(0.15, 0.2)),
        dict(x=x, theta=F(30.0, -30.0), a=F(1.0, 1.0, 1.0), b=F(0.5, -0.4, 0.1), g=F(0.0, 1e-20, 1e-10)),
        dict(x=x, theta=F(-600.0, -650.0), a=F(1.0, 1.0, 1.0), b=F(0.0, 0.0, 0.0), g=F(0.0, 0.5, 1e-150)),
        dict(x=x, theta=F(1e4, -1e4), a=F(1.0, 0.5, 1.0), b=F(0.0, 0.0, 0.0), g=F(0.25, 0.25, 0.25)),
        dict(x=x, theta=F(1.0, 1.0), a=F(1e4, 800.0, 0.0), b=F(1.0, 1.0, 1.0), g=F(0.2, 0.2, 0.999999999)))


@declared
def _() -> None:
    def make():
        x, th, a, b, P = B("x", n), B("theta", n), Pos("a"), B("b", K), B("P", n, K)

        def score(q):
            return sp.exp(sp.Sum(a * (th[i] - b[l]), (l, 0, q)))
        return sg.compile(-sp.Sum(sp.log(P[i, x[i]]), (i, 0, n - 1)), wrt=[th, a, b],
                          where=[(P[i, c], score(c) / sp.Sum(score(k), (k, 0, K - 1)))])

    def truth(x, theta, a, b):
        total = mpf(0)
        for one, t in zip(x, theta, strict=True):
            steps = [a * (t - v) for v in b]
            total -= lsm([mp.fsum(steps[:q + 1]) for q in range(len(b))], one)
        return total

    add("generalized_partial_credit", "theta a b", make, truth,
        dict(x=whole(0, 2, 1), theta=F(0.3, -1.2, 0.7), a=1.2, b=F(0.0, -0.5, 0.8)),
        dict(x=whole(3, 1), theta=F(1.0, 0.2), a=0.6, b=F(0.0, 0.5, -0.4, 1.0)),
        dict(x=whole(2, 0, 1), theta=F(30.0, -30.0, 20.0), a=1.0, b=F(0.0, -0.5, 0.8)),
        dict(x=whole(0, 2, 1), theta=F(700.0, -700.0, 1e4), a=1.0, b=F(0.0, 1.0, 2.0)),
        dict(x=whole(1, 1, 0), theta=F(1.0, 1.0, 1.0), a=1e4, b=F(1.0, 1.0, 1.0)),
        dict(x=whole(1, 0, 2), theta=F(1e4, 1e4 + 1, 1e4), a=30.0, b=F(1e4, 1e4, 1e4 + 2)))


@declared
def _() -> None:
    def make():
        pi, nu, a, b, r, Z = B("pi", K), Pos("nu"), B("a", n), B("b", n), B("r", n, 3), B("Z")
        both = nu * sp.sqrt(pi[a[i]] * pi[b[i]])
        return sg.compile(-sp.Sum(r[i, 0] * sp.log(pi[a[i]] / Z[i]) + r[i, 1] * sp.log(both / Z[i]) + r[i, 2] * sp.log(pi[b[i]] / Z[i]), (i, 0, n - 1)),
                          wrt=[pi, nu], where=[(Z[i], pi[a[i]] + pi[b[i]] + both)])

    def truth(pi, nu, a, b, r):
        total = mpf(0)
        for u, v, t in zip(a, b, r, strict=True):
            p, q = mp.log(pi[u]), mp.log(pi[v])
            z = [p, mp.log(nu) + (p + q) / 2, q]
            total -= mp.fsum(t[e] * lsm(z, e) for e in range(3) if t[e] != 0)
        return total

    a, b = whole(0, 1, 2, 0), whole(1, 2, 0, 2)
    r = F([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [2.0, 1.0, 0.0])
    add("davidson_ties", "pi nu", make, truth,
        dict(pi=F(0.5, 1.2, 0.8), nu=0.7, a=a, b=b, r=r),
        dict(pi=F(2.0, 0.3, 1.0), nu=1.5, a=whole(0, 1), b=whole(2, 0), r=F([0.0, 1.0, 0.0], [1.0, 3.0, 2.0])),
        dict(pi=F(1e-170, 3e-170, 2e-170), nu=0.7, a=a, b=b, r=r),
        dict(pi=F(1e160, 3e160, 2e160), nu=1e-20, a=a, b=b, r=r),
        dict(pi=F(1e-20, 1.0, 1e20), nu=1.0, a=a, b=b, r=F([1e4, 1e4, 1e4], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0])),
        dict(pi=F(1.0, 1.0, 1.0), nu=1e-150, a=a, b=b, r=r))


@declared
def _() -> None:
    def make():
        a, y, T, P = B("a", n, K), B("y", n), Pos("T"), B("P")
        return sg.compile(sp.Sum((P[i, c] - sp.Piecewise((1, sp.Eq(c, y[i])), (0, True)))**2, (c, 0, K - 1), (i, 0, n - 1)) / n, wrt=[a, T],
                          where=[(P[i, c], sp.exp(a[i, c] / T) / sp.Sum(sp.exp(a[i, k] / T), (k, 0, K - 1)))])

    def truth(a, y, T):
        total = mpf(0)
        for row, one in zip(a, y, strict=True):
            p = [sm([v / T for v in row], q) for q in range(len(row))]
            rest = mp.fsum(p[q] for q in range(len(p)) if q != one)
            total += rest**2 + mp.fsum(p[q]**2 for q in range(len(p)) if q != one)
        return total / len(a)

    add("brier_score_temperature", "a T", make, truth,
        dict(a=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), y=whole(0, 2), T=1.5),
        dict(a=F([1.5, -0.5, 0.25, 0.5]), y=whole(3), T=0.7),
        dict(a=F([30.0, -30.0, 0.0], [-30.0, 30.0, -10.0]), y=whole(0, 1), T=1.0),
        dict(a=F([300.0, 0.0, -20.0], [0.0, 299.0, 0.0]), y=whole(0, 1), T=1.0),
        dict(a=F([1e4, -1e4, 0.0], [1e4, 1e4, 1e4]), y=whole(2, 1), T=2.0),
        dict(a=F([0.3, 0.3, 0.3], [0.7, 0.2, 0.2]), y=whole(0, 0), T=0.01))


# Alignment, bounds, means, indices


@declared
def _() -> None:
    def make():
        x, y, g = B("x", 2), B("y", 3), Pos("gamma")
        R = {(a, b): S(f"R{a}{b}") for a in range(2) for b in range(3)}

        def softmin(*v):
            return -g * sp.log(sum(sp.exp(-e / g) for e in v))
        cost = lambda a, b: (x[a] - y[b])**2  # noqa: E731
        where = [(R[0, 0], cost(0, 0)), (R[0, 1], cost(0, 1) + R[0, 0]), (R[0, 2], cost(0, 2) + R[0, 1]), (R[1, 0], cost(1, 0) + R[0, 0]),
                 (R[1, 1], cost(1, 1) + softmin(R[0, 0], R[0, 1], R[1, 0]))]
        return sg.compile(cost(1, 2) + softmin(R[0, 1], R[0, 2], R[1, 1]), where=where, wrt=[x, y, g])

    def truth(x, y, gamma):
        D = [[(u - v)**2 for v in y] for u in x]
        paths = [((0, 0), (0, 1), (0, 2), (1, 2)), ((0, 0), (0, 1), (1, 2)), ((0, 0), (0, 1), (1, 1), (1, 2)), ((0, 0), (1, 1), (1, 2)),
                 ((0, 0), (1, 0), (1, 1), (1, 2))]
        return -gamma * lse([-mp.fsum(D[a][b] for a, b in path) / gamma for path in paths])

    add("soft_dtw", "x y gamma", make, truth,
        dict(x=F(0.3, -1.2), y=F(0.5, -0.4, 0.1), gamma=0.5),
        dict(x=F(1.0, 2.0), y=F(0.5, 1.5, 2.5), gamma=1.0),
        dict(x=F(0.3, -1.2), y=F(0.5, -0.4, 0.1), gamma=1e-3),
        dict(x=F(30.0, -40.0), y=F(0.0, 25.0, -1.0), gamma=1.0),
        dict(x=F(1.0, 1.0), y=F(1.0, 1.0, 1.0), gamma=1e-8),
        dict(x=F(1e4, 0.0), y=F(9990.0, 1.0, 0.5), gamma=1e6))


@declared
def _() -> None:
    def make():
        x, z, mu, s = B("x", n), B("z", n, K), B("mu", n), B("sigma", n)
        ratio = normal(x[i], z[i, k], 1) * normal(z[i, k], 0, 1) / normal(z[i, k], mu[i], s[i])
        return sg.compile(-sp.Sum(sp.log(sp.Sum(ratio, (k, 0, K - 1)) / K), (i, 0, n - 1)), wrt=[mu, s])

    def truth(x, z, mu, sigma):
        total = mpf(0)
        for t, row, u, s in zip(x, z, mu, sigma, strict=True):
            total -= lse([lognormal_density(t, v, mpf(1)) + lognormal_density(v, mpf(0), mpf(1)) - lognormal_density(v, u, s) for v in row]) - mp.log(len(row))
        return total

    add("importance_weighted_bound", "mu sigma", make, truth,
        dict(x=F(0.3, -1.2), z=F([0.5, -0.4, 0.1], [-0.2, 0.9, -1.0]), mu=F(0.2, -0.6), sigma=F(0.8, 1.2)),
        dict(x=F(1.0, 0.5, 2.0), z=F([0.5, 0.3], [0.1, 0.7], [1.5, 0.8]), mu=F(0.4, 0.3, 1.0), sigma=F(0.7, 0.5, 1.0)),
        dict(x=F(30.0, 0.0), z=F([0.5, 29.0, 31.0], [-30.0, 40.0, 1.0]), mu=F(0.2, -0.6), sigma=F(0.8, 1.2)),
        dict(x=F(800.0, -1e4), z=F([400.0, 401.0, 399.0], [-5e3, -5001.0, -4999.5]), mu=F(400.0, -5e3), sigma=F(0.7, 0.7)),
        dict(x=F(0.3, -1.2), z=F([0.5, -0.4, 0.1], [-0.2, 0.9, -1.0]), mu=F(0.2, -0.6), sigma=F(1e-3, 0.02)),
        dict(x=F(1.0, 1.0), z=F([0.5, 0.5, 0.5], [0.25, 0.25, 0.25]), mu=F(0.5, 0.25), sigma=F(1e-150, 1e150)))


@declared
def _() -> None:
    def make():
        x, w, p = B("x", n), B("w", n), S("p")
        return sg.compile((sp.Sum(w[i] * x[i]**p, (i, 0, n - 1)) / sp.Sum(w[i], (i, 0, n - 1)))**(1 / p), wrt=[x, w, p])

    def truth(x, w, p):
        return mp.exp((lsum(w, [p * mp.log(v) for v in x]) - mp.log(mp.fsum(w))) / p)

    add("weighted_power_mean", "x w p", make, truth,
        dict(x=F(0.5, 1.2, 0.8), w=F(1.0, 2.0, 0.5), p=3.0),
        dict(x=F(2.0, 0.3, 1.0, 4.0), w=F(0.1, 0.4, 0.3, 0.2), p=-1.5),
        dict(x=F(0.5, 1.2, 0.8), w=F(1.0, 2.0, 0.5), p=1e-9),
        dict(x=F(0.5, 12.0, 11.0), w=F(1.0, 2.0, 0.5), p=700.0),
        dict(x=F(1e-170, 3e-170, 2e-170), w=F(1.0, 1.0, 1.0), p=-2.0),
        dict(x=F(1e160, 3e160, 2e160), w=F(1.0, 0.0, 1e-20), p=2.5))


@declared
def _() -> None:
    def make():
        x, p = B("x", n), S("p")
        return sg.compile(sp.Sum(x[i]**p, (i, 0, n - 1)) / sp.Sum(x[i]**(p - 1), (i, 0, n - 1)), wrt=[x, p])

    def truth(x, p):
        logarithms = [mp.log(v) for v in x]
        return mp.exp(lse([p * v for v in logarithms]) - lse([(p - 1) * v for v in logarithms]))

    add("lehmer_mean", "x p", make, truth,
        dict(x=F(0.5, 1.2, 0.8), p=2.0),
        dict(x=F(2.0, 0.3, 1.0, 4.0), p=-0.5),
        dict(x=F(0.5, 12.0, 11.9), p=1000.0),
        dict(x=F(0.5, 12.0, 0.51), p=-1e4),
        dict(x=F(1e-170, 3e-170, 2e-170), p=3.0),
        dict(x=F(1e160, 1e160, 1e160), p=2.5))


@declared
def _() -> None:
    def make():
        x, mu = B("x", n), S("mu")
        return sg.compile(sp.Sum(x[i] / mu * sp.log(x[i] / mu), (i, 0, n - 1)) / n, where=[(mu, sp.Sum(x[i], (i, 0, n - 1)) / n)], wrt=[x])

    def truth(x):
        mu = mp.fsum(x) / len(x)
        return mp.fsum(v / mu * mp.log(v / mu) for v in x) / len(x)

    add("theil_index", "x", make, truth,
        dict(x=F(0.5, 1.2, 0.8)),
        dict(x=F(2.0, 0.3, 1.0, 4.0)),
        dict(x=F(1.0, 1.00000001, 0.99999999)),
        dict(x=F(1e160, 3e160, 1e-150)),
        dict(x=F(1e-300, 2e-300, 1e-300, 5e-301)),
        dict(x=F(3.0, 3.0, 3.0)))


@declared
def _() -> None:
    def make():
        x, q, p = B("x", n), S("q"), B("p")
        return sg.compile(sp.Sum(p[i]**q, (i, 0, n - 1))**(1 / (1 - q)), wrt=[x, q], where=[(p[i], x[i] / sp.Sum(x[k], (k, 0, n - 1)))])

    def truth(x, q):
        total = mp.log(mp.fsum(x))
        return mp.exp(lse([q * (mp.log(v) - total) for v in x]) / (1 - q))

    add("hill_diversity", "x q", make, truth,
        dict(x=F(0.5, 1.2, 0.8), q=2.0),
        dict(x=F(12.0, 3.0, 1.0, 4.0), q=0.5),
        dict(x=F(12.0, 3.0, 1.0, 4.0), q=1.000000001),
        dict(x=F(12.0, 3.0, 1.0, 4.0), q=1000.0),
        dict(x=F(1e-150, 1.0, 1e-20), q=0.0),
        dict(x=F(1e160, 1e160, 1e160), q=30.0))


@declared
def _() -> None:
    def make():
        y, s, q = B("y", n), S("s"), Pos("q")
        return sg.compile(-sp.Sum(y[i] * sp.log((i + 1 + q)**(-s) / sp.Sum((k + 1 + q)**(-s), (k, 0, n - 1))), (i, 0, n - 1)), wrt=[s, q])

    def truth(y, s, q):
        v = [-s * mp.log(r + 1 + q) for r in range(len(y))]
        return -mp.fsum(t * lsm(v, r) for r, t in enumerate(y))

    add("zipf_mandelbrot", "s q", make, truth,
        dict(y=F(5.0, 3.0, 2.0), s=1.1, q=0.7),
        dict(y=F(10.0, 4.0, 2.0, 1.0), s=2.0, q=2.5),
        dict(y=F(5.0, 3.0, 2.0), s=700.0, q=0.7),
        dict(y=F(5.0, 0.0, 0.0), s=50.0, q=1e-20),
        dict(y=F(5e6, 3e6, 2e6), s=1.5, q=1e8),
        dict(y=F(5.0, 3.0, 2.0, 0.0), s=1e4, q=1e4))


@declared
def _() -> None:
    def make():
        u, th = B("u", n, d), Pos("theta")
        density = (sp.Product(1 + k * th, (k, 0, d - 1)) * sp.Product(u[i, j]**(-th - 1), (j, 0, d - 1))
                   * (sp.Sum(u[i, j]**(-th), (j, 0, d - 1)) - d + 1)**(-1 / th - d))
        return sg.compile(-sp.Sum(sp.log(density), (i, 0, n - 1)), wrt=[u, th])

    def truth(u, theta):
        total = mpf(0)
        for row in u:
            size = len(row)
            up = mp.fsum(mp.log1p(q * theta) for q in range(size)) - (theta + 1) * mp.fsum(mp.log(v) for v in row)
            total -= up - (1 / theta + size) * mp.log1p(mp.fsum(mp.expm1(-theta * mp.log(v)) for v in row))
        return total

    add("clayton_copula", "u theta", make, truth,
        dict(u=F([0.3, 0.6], [0.8, 0.7], [0.2, 0.1]), theta=1.5),
        dict(u=F([0.3, 0.6, 0.5], [0.8, 0.7, 0.9]), theta=0.6),
        dict(u=F([0.3, 0.6], [0.8, 0.7], [0.2, 0.1]), theta=1e-9),
        dict(u=F([0.3, 0.3001], [0.8, 0.7], [0.05, 0.05]), theta=700.0),
        dict(u=F([1e-150, 2e-150], [1e-20, 0.7], [0.2, 1e-150]), theta=30.0),
        dict(u=F([0.999999999, 0.5], [0.9999999, 0.9999999], [0.25, 0.25]), theta=2.0))


# Units, norms, attention


@declared
def _() -> None:
    def make():
        x, y, W, v, a = B("x", n, d), B("y", n), B("W", K, d), B("v", K), B("a")
        out = sp.Sum(v[c] * a[i, c] * sp.tanh(sp.log(1 + sp.exp(a[i, c]))), (c, 0, K - 1))
        return sg.compile(sp.Sum((out - y[i])**2, (i, 0, n - 1)) / n, wrt=[W, v], where=[(a[i, c], sp.Sum(W[c, j] * x[i, j], (j, 0, d - 1)))])

    def truth(x, y, W, v):
        total = mpf(0)
        for row, t in zip(x, y, strict=True):
            a = [dot(w, row) for w in W]
            total += (mp.fsum(e * b * mp.tanh(softplus(b)) for e, b in zip(v, a, strict=True)) - t)**2
        return total / len(x)

    x = F([1.0, 0.5], [1.0, -0.25])
    add("mish_network", "W v", make, truth,
        dict(x=x, y=F(0.3, -1.2), W=F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2]), v=F(0.2, 0.4, -0.5)),
        dict(x=F([1.0, 0.5, 0.3], [0.2, -0.4, 0.6]), y=F(0.7, 0.1), W=F([0.5, -1.0, 0.2], [1.5, 0.3, -0.6]), v=F(1.0, -0.5)),
        dict(x=x, y=F(0.0, 0.0), W=F([-30.0, -1.0], [-40.0, 0.3], [-35.0, 0.2]), v=F(1.0, 2.0, -0.5)),
        dict(x=x, y=F(0.0, 1e-12), W=F([-350.0, 1.0], [-340.0, 2.0], [-700.0, 0.0]), v=F(1.0, 1.0, 1.0)),
        dict(x=x, y=F(1e4, -1e4), W=F([1e4, 0.0], [800.0, 1.0], [-1e4, 0.0]), v=F(1.0, 0.5, 1.0)),
        dict(x=x, y=F(1e-170, 0.0), W=F([1e-170, 2e-170], [0.0, 0.0], [1e-9, -1e-9]), v=F(1e160, 1.0, 1.0)))


@declared
def _() -> None:
    def make():
        x, y, g, W, V, v, e = B("x", n, d), B("y", n), B("g", d), B("W", K, d), B("V", K, d), B("v", K), S("epsilon")
        z, a, b = B("z"), B("a"), B("b")
        return sg.compile(sp.Sum((sp.Sum(v[c] * a[i, c] * logistic(a[i, c]) * b[i, c], (c, 0, K - 1)) - y[i])**2, (i, 0, n - 1)) / 2, wrt=[x, g, W, V],
                          where=[(z[i, j], g[j] * x[i, j] / sp.sqrt(sp.Sum(x[i, l]**2, (l, 0, d - 1)) / d + e)),
                                 (a[i, c], sp.Sum(W[c, j] * z[i, j], (j, 0, d - 1))), (b[i, c], sp.Sum(V[c, j] * z[i, j], (j, 0, d - 1)))])

    def truth(x, y, g, W, V, v, epsilon):
        total = mpf(0)
        for row, t in zip(x, y, strict=True):
            r = mp.sqrt(dot(row, row) / len(row) + epsilon)
            z = [p * q / r for p, q in zip(g, row, strict=True)]
            a, b = [dot(w, z) for w in W], [dot(w, z) for w in V]
            total += (mp.fsum(p * q * sig(q) * s for p, q, s in zip(v, a, b, strict=True)) - t)**2
        return total / 2

    x, W, V = F([0.5, -1.0, 0.3], [1.5, 0.3, 0.2]), F([0.5, -1.0, 0.1], [1.5, 0.3, -0.4]), F([0.2, 0.4, 0.6], [1.0, -0.5, 0.3])
    add("rms_norm_swiglu", "x g W V", make, truth,
        dict(x=x, y=F(0.3, -1.2), g=F(1.0, 0.8, 1.2), W=W, V=V, v=F(0.5, -0.7), epsilon=1e-6),
        dict(x=F([0.5, -1.0]), y=F(1.0), g=F(1.0, 1.5), W=F([0.5, -1.0], [1.5, 0.3]), V=F([0.2, 0.4], [1.0, -0.5]), v=F(1.0, 1.0), epsilon=1e-3),
        dict(x=F([1e-170, 2e-170, -1e-170], [1e160, 3e160, -2e160]), y=F(0.3, -1.2), g=F(1.0, 0.8, 1.2), W=W, V=V, v=F(0.5, -0.7), epsilon=0.0),
        dict(x=F([0.0, 0.0, 0.0], [1e-9, 0.0, 2e-9]), y=F(0.3, -1.2), g=F(1.0, 0.8, 1.2), W=W, V=V, v=F(0.5, -0.7), epsilon=1e-6),
        dict(x=x, y=F(0.0, 0.0), g=F(30.0, 800.0, 1e4), W=W, V=V, v=F(0.5, -0.7), epsilon=1e-6),
        dict(x=F([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]), y=F(0.0, 0.0), g=F(1.0, 1.0, 1.0), W=F([-100.0, -100.0, -150.0], [-10.0, -20.0, 0.0]), V=V,
             v=F(1.0, 1.0), epsilon=0.0))


@declared
def _() -> None:
    def make():
        x, y, w, g, b, e, a, mu, var = B("x", n, d), B("y", n), B("w", d), S("g"), S("b"), Pos("epsilon"), B("a"), S("mu"), S("var")
        z = g * (a[i] - mu) / sp.sqrt(var + e) + b
        return sg.compile(sp.Sum(sp.log(1 + sp.exp(-y[i] * z)), (i, 0, n - 1)) / n, wrt=[w, g, b],
                          where=[(a[i], sp.Sum(w[j] * x[i, j], (j, 0, d - 1))), (mu, sp.Sum(a[i], (i, 0, n - 1)) / n),
                                 (var, sp.Sum((a[i] - mu)**2, (i, 0, n - 1)) / n)])

    def truth(x, y, w, g, b, epsilon):
        a = [dot(row, w) for row in x]
        mean = mp.fsum(a) / len(a)
        scale = g / mp.sqrt(mp.fsum((v - mean)**2 for v in a) / len(a) + epsilon)
        return mp.fsum(softplus(-t * (scale * (v - mean) + b)) for v, t in zip(a, y, strict=True)) / len(a)

    x, y = F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2], [0.1, 0.9]), F(1.0, -1.0, 1.0, -1.0)
    add("batch_norm_logistic", "w g b", make, truth,
        dict(x=x, y=y, w=F(0.6, -0.4), g=1.2, b=0.1, epsilon=1e-5),
        dict(x=x[:3], y=y[:3], w=F(1.0, 2.0), g=0.8, b=-0.3, epsilon=1e-3),
        dict(x=x, y=y, w=F(0.6, -0.4), g=800.0, b=30.0, epsilon=1e-5),
        dict(x=F([1.0, 2.0], [1.0, 2.0], [1.0, 2.0]), y=y[:3], w=F(0.6, -0.4), g=1.0, b=0.5, epsilon=1e-12),
        dict(x=F([1e8, 0.5], [1e8, 1.5], [1e8, -0.5], [1e8, 2.0]), y=y, w=F(1.0, 1.0), g=1.0, b=0.0, epsilon=1e-5),
        dict(x=F([1e160, 0.0], [0.0, 1e160], [2e160, 1e160]), y=y[:3], w=F(1.0, -0.5), g=30.0, b=-700.0, epsilon=1e-5))


@declared
def _() -> None:
    def make():
        x, c0, t = B("x", d), B("c0", K), B("t", K)
        W = {q: B(f"W{q}", K, d) for q in "fiog"}
        gate = {q: B(q) for q in ("F", "I", "O", "G", "C")}
        lin = {q: sp.Sum(W[q][c, j] * x[j], (j, 0, d - 1)) for q in "fiog"}
        return sg.compile(sp.Sum((gate["O"][c] * sp.tanh(gate["C"][c]) - t[c])**2, (c, 0, K - 1)), wrt=[*W.values(), c0],
                          where=[(gate["F"][c], logistic(lin["f"])), (gate["I"][c], logistic(lin["i"])), (gate["O"][c], logistic(lin["o"])),
                                 (gate["G"][c], sp.tanh(lin["g"])), (gate["C"][c], gate["F"][c] * c0[c] + gate["I"][c] * gate["G"][c])])

    def truth(x, c0, t, Wf, Wi, Wo, Wg):
        total = mpf(0)
        for q in range(len(c0)):
            cell = sig(dot(Wf[q], x)) * c0[q] + sig(dot(Wi[q], x)) * mp.tanh(dot(Wg[q], x))
            total += (sig(dot(Wo[q], x)) * mp.tanh(cell) - t[q])**2
        return total

    W = dict(Wf=F([0.5, -1.0], [1.5, 0.3]), Wi=F([0.2, 0.4], [1.0, -0.5]), Wo=F([-0.7, 0.2], [0.1, 0.9]), Wg=F([0.3, 0.6], [-0.8, 0.4]))
    add("lstm_cell", "Wf Wi Wo Wg c0", make, truth,
        dict(x=F(0.5, -1.0), c0=F(0.3, -0.6), t=F(0.2, 0.1), **W),
        dict(x=F(1.0), c0=F(0.5, 0.1, -0.4), t=F(0.0, 0.5, 1.0), Wf=F([0.5], [1.0], [-0.2]), Wi=F([0.3], [0.1], [0.7]), Wo=F([1.0], [-0.5], [0.4]),
             Wg=F([0.6], [-0.9], [0.2])),
        dict(x=F(30.0, -30.0), c0=F(0.3, -0.6), t=F(0.2, 0.1), **W),
        dict(x=F(700.0, 700.0), c0=F(1.0, -1.0), t=F(1.0, 0.0), **W),
        dict(x=F(1.0, 1.0), c0=F(1e4, 20.0), t=F(0.0, 0.0), Wf=F([1e4, 0.0], [0.0, 0.0]), Wi=F([-1e4, 0.0], [-30.0, 0.0]), Wo=F([-300.0, 0.0], [-300.0, 1.0]),
             Wg=F([1.0, 0.0], [800.0, 0.0])),
        dict(x=F(1e-9, 0.0), c0=F(0.0, 1e-170), t=F(0.0, 0.0), **W))


@declared
def _() -> None:
    def make():
        q, key, v, t, a = B("q", n, d), B("key", n, d), B("v", n, m), B("t", n, m), Pos("slope")
        s, P, o = B("s"), B("P"), B("o")
        return sg.compile(sp.Sum((o[i, c] - t[i, c])**2, (c, 0, m - 1), (i, 0, n - 1)) / n, wrt=[q, key, a],
                          where=[(s[i, k], sp.Sum(q[i, j] * key[k, j], (j, 0, d - 1)) / sp.sqrt(d) - a * (i - k)),
                                 (P[i, k], sp.exp(s[i, k]) / sp.Sum(sp.exp(s[i, l]), (l, 0, i))),
                                 (o[i, c], sp.Sum(P[i, k] * v[k, c], (k, 0, i)))])

    def truth(q, key, v, t, slope):
        total = mpf(0)
        for a in range(len(q)):
            s = [dot(q[a], key[b]) / mp.sqrt(len(q[a])) - slope * (a - b) for b in range(a + 1)]
            P = [sm(s, b) for b in range(a + 1)]
            total += mp.fsum(mp.fsum(P[b] * (v[b][e] - t[a][e]) for b in range(a + 1))**2 for e in range(len(t[a])))
        return total / len(q)

    key, v, t = F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2]), F([1.0, 2.0], [-1.0, 0.5], [0.3, 0.7]), F([0.0, 1.0], [0.5, 0.5], [0.2, 0.9])
    add("causal_attention_linear_bias", "q key slope", make, truth,
        dict(q=F([0.4, -0.6], [1.0, 0.2], [-0.3, 0.8]), key=key, v=v, t=t, slope=0.5),
        dict(q=F([0.4], [1.0]), key=F([0.5], [-1.0]), v=F([1.0], [2.0]), t=F([0.5], [0.5]), slope=0.25),
        dict(q=F([30.0, -30.0], [30.0, 10.0], [-30.0, 20.0]), key=key, v=v, t=t, slope=0.5),
        dict(q=F([700.0, -700.0], [700.0, 100.0], [1e4, 1e4]), key=key, v=v, t=t, slope=0.0625),
        dict(q=F([0.4, -0.6], [1.0, 0.2], [-0.3, 0.8]), key=key, v=v, t=F([1.0, 2.0], [-1.0, 0.5], [0.3, 0.7]), slope=300.0),
        dict(q=F([1.0, 1.0], [800.0, 800.0], [-800.0, 1e4]), key=F([0.5, -0.5], [0.5, -0.5], [0.5, -0.5]), v=v, t=t, slope=1e-8))


@declared
def _() -> None:
    def make():
        q, key, v, t, u, w, o = B("q", n, d), B("key", m, d), B("v", m), B("t", n), B("u"), B("w"), B("o")

        def feature(x):
            return sp.Piecewise((x + 1, x > 0), (sp.exp(x), True))
        return sg.compile(sp.Sum((o[i] - t[i])**2, (i, 0, n - 1)), wrt=[q, key, v],
                          where=[(u[i, j], feature(q[i, j])), (w[k, j], feature(key[k, j])),
                                 (o[i], sp.Sum(u[i, j] * sp.Sum(w[k, j] * v[k], (k, 0, m - 1)), (j, 0, d - 1))
                                  / sp.Sum(u[i, j] * sp.Sum(w[k, j], (k, 0, m - 1)), (j, 0, d - 1)))])

    def truth(q, key, v, t):
        def feature(x):
            return x + 1 if x > 0 else mp.exp(x)
        total, w = mpf(0), [[feature(e) for e in row] for row in key]
        for row, one in zip(q, t, strict=True):
            weight = [dot([feature(e) for e in row], each) for each in w]
            total += (mp.fsum(p * (e - one) for p, e in zip(weight, v, strict=True)) / mp.fsum(weight))**2
        return total

    add("linear_attention_elu", "q key v", make, truth,
        dict(q=F([0.4, -0.6], [1.0, 0.2]), key=F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2]), v=F(1.0, -0.5, 0.3), t=F(0.2, 0.9)),
        dict(q=F([0.4, -0.6, 0.1]), key=F([0.5, -1.0, 0.3], [-1.5, 0.3, -0.2]), v=F(1.0, -0.5), t=F(0.5)),
        dict(q=F([-30.0, -40.0], [30.0, -30.0]), key=F([-30.0, -35.0], [-31.0, -30.0], [-29.0, 5.0]), v=F(1.0, -0.5, 0.3), t=F(0.2, 0.9)),
        dict(q=F([-700.0, -701.0], [-800.0, -800.0]), key=F([-1.0, -2.0], [-1.5, -0.5], [-0.7, -3.0]), v=F(1.0, -0.5, 0.3), t=F(0.2, 0.9)),
        dict(q=F([-400.0, -1e4], [1.0, 2.0]), key=F([-400.0, -410.0], [-401.0, -400.5], [-400.5, -402.0]), v=F(1.0, -0.5, 0.3), t=F(0.2, 0.9)),
        dict(q=F([1e160, 1.0], [1e-170, -1e-170]), key=F([1e150, 1e4], [2e150, 800.0], [1e150, 1e4]), v=F(1.0, 2.0, 1.0), t=F(1.0, 1.0)))


# Energies and flows


@declared
def _() -> None:
    def make():
        v, u, W, b, h = B("v", n, d), B("u", n, d), B("W", d, K), B("b", d), B("h", K)

        def energy(x):
            return -sp.Sum(b[j] * x[i, j], (j, 0, d - 1)) - sp.Sum(sp.log(1 + sp.exp(h[c] + sp.Sum(x[i, j] * W[j, c], (j, 0, d - 1)))), (c, 0, K - 1))
        return sg.compile(sp.Sum(energy(v) - energy(u), (i, 0, n - 1)) / n, wrt=[W, b, h])

    def truth(v, u, W, b, h):
        def energy(x):
            return -dot(b, x) - mp.fsum(softplus(h[q] + mp.fsum(x[e] * W[e][q] for e in range(len(x)))) for q in range(len(h)))
        return mp.fsum(energy(p) - energy(q) for p, q in zip(v, u, strict=True)) / len(v)

    v, u = F([1.0, 0.0, 1.0], [0.0, 1.0, 1.0]), F([1.0, 1.0, 0.0], [0.0, 1.0, 0.0])
    W = F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2])
    add("boltzmann_machine_contrast", "W b h", make, truth,
        dict(v=v, u=u, W=W, b=F(0.2, -0.3, 0.5), h=F(0.1, -0.4)),
        dict(v=F([1.0, 0.0]), u=F([0.0, 1.0]), W=F([0.5, -1.0, 0.2], [1.5, 0.3, -0.6]), b=F(0.2, -0.3), h=F(0.1, -0.4, 0.9)),
        dict(v=v, u=u, W=F([30.0, -30.0], [-40.0, 30.0], [1.0, -1.0]), b=F(0.0, 0.0, 0.0), h=F(-30.0, -30.0)),
        dict(v=v, u=u, W=F([700.0, -700.0], [-800.0, 800.0], [0.0, 1.0]), b=F(-700.0, 0.0, 0.0), h=F(0.0, 0.0)),
        dict(v=v, u=u, W=F([-1e4, 1e4], [1e4, -1e4], [-1e4, -1e4]), b=F(1e4, 0.0, -1e4), h=F(1.0, -1.0)),
        dict(v=v, u=u, W=W, b=F(0.2, -0.3, 0.5), h=F(-800.0, 800.0)))


@declared
def _() -> None:
    def make():
        z, u, w, b, a = B("z", n, d), B("u", d), B("w", d), S("b"), B("a")
        fz = sp.Sum((z[i, j] + u[j] * sp.tanh(a[i]))**2, (j, 0, d - 1)) / 2
        det = 1 + sp.Sum(u[j] * (1 - sp.tanh(a[i])**2) * w[j], (j, 0, d - 1))
        return sg.compile(sp.Sum(fz - sp.log(sp.Abs(det)), (i, 0, n - 1)) / n, wrt=[u, w, b],
                          where=[(a[i], sp.Sum(w[j] * z[i, j], (j, 0, d - 1)) + b)])

    def truth(z, u, w, b):
        total = mpf(0)
        for row in z:
            a = dot(w, row) + b
            t = mp.tanh(a)
            total += mp.fsum((p + q * t)**2 for p, q in zip(row, u, strict=True)) / 2
            x = dot(u, w) * mp.sech(a)**2
            total -= mp.log1p(x) if x > -1 else mp.log(-1 - x)
        return total / len(z)

    z = F([0.5, -1.0], [1.5, 0.3], [-0.7, 0.2])
    add("planar_flow", "u w b", make, truth,
        dict(z=z, u=F(0.3, -0.2), w=F(0.6, 0.4), b=0.1),
        dict(z=F([0.5, -1.0, 0.2], [1.5, 0.3, 0.4]), u=F(1.0, 0.5, -0.3), w=F(0.2, 0.7, 0.1), b=-0.5),
        dict(z=z, u=F(1.0, 0.5), w=F(30.0, 20.0), b=1.0),
        dict(z=F([0.0, 0.0], [0.0, 0.0]), u=F(-1.0, 0.0), w=F(0.999999999, 1.0), b=0.0),
        dict(z=z, u=F(1e4, 1.0), w=F(300.0, 700.0), b=-2.0),
        dict(z=F([0.0, 0.0], [0.0, 0.0], [1.0, 0.0]), u=F(-800.0, 1.0), w=F(1e-3, 30.0), b=1e-9))


# Policies and preferences


@declared
def _() -> None:
    def make():
        a, y, old, A, e, P, r = B("a", n, K), B("y", n), B("old", n), B("A", n), S("epsilon"), B("P"), B("r")
        return sg.compile(-sp.Sum(sp.Min(r[i] * A[i], sp.Min(sp.Max(r[i], 1 - e), 1 + e) * A[i]), (i, 0, n - 1)) / n, wrt=[a],
                          where=[(P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1))), (r[i], P[i, y[i]] / old[i])])

    def truth(a, y, old, A, epsilon):
        total = mpf(0)
        for row, one, p, v in zip(a, y, old, A, strict=True):
            r = sm(row, one) / p
            total -= min(r * v, min(max(r, 1 - epsilon), 1 + epsilon) * v)
        return total / len(a)

    add("ppo_clipped", "a", make, truth,
        dict(a=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), y=whole(0, 2), old=F(0.4, 0.2), A=F(1.5, -0.7), epsilon=0.2),
        dict(a=F([1.5, -0.5], [0.0, 1.0], [2.0, -1.0]), y=whole(0, 0, 1), old=F(0.5, 0.3, 0.05), A=F(-1.0, 2.0, 0.5), epsilon=0.1),
        dict(a=F([30.0, -30.0, 0.0], [-30.0, 30.0, 1.0]), y=whole(1, 2), old=F(1e-26, 2e-13), A=F(1.5, -0.7), epsilon=0.2),
        dict(a=F([700.0, 0.0, 10.0], [0.0, 345.0, 0.0]), y=whole(1, 0), old=F(1e-304, 1e-150), A=F(2.0, 1.0), epsilon=0.2),
        dict(a=F([1e4, -1e4, 0.0], [1e4, 1e4, -1e4]), y=whole(0, 1), old=F(0.9999, 0.5), A=F(1.0, -800.0), epsilon=0.2),
        dict(a=F([5.0, 5.0, 5.0], [800.0, 799.0, -800.0]), y=whole(2, 1), old=F(1e-20, 0.25), A=F(-1e-150, 0.0), epsilon=0.2))


@declared
def _() -> None:
    def make():
        p, q, a, b, be = B("p", n, m), B("q", n, m), B("a", n, m), B("b", n, m), Pos("beta")
        product = lambda u: sp.Product(u[i, j], (j, 0, m - 1))  # noqa: E731
        return sg.compile(-sp.Sum(sp.log(logistic(be * sp.log(product(p) / product(a)) - be * sp.log(product(q) / product(b)))), (i, 0, n - 1)) / n,
                          wrt=[p, q])

    def truth(p, q, a, b, beta):
        total = mpf(0)
        for rows in zip(p, q, a, b, strict=True):
            u, v, w, x = (mp.fsum(mp.log(e) for e in row) for row in rows)
            total += softplus(-beta * (u - w - v + x))
        return total / len(p)

    a, b = F([0.5, 0.6, 0.2], [0.9, 0.3, 0.4]), F([0.4, 0.2, 0.7], [0.6, 0.8, 0.1])
    tiny = F([1e-150, 1e-150, 1e-150], [1e-20, 1e-300, 1e-10])
    add("direct_preference", "p q", make, truth,
        dict(p=F([0.6, 0.5, 0.3], [0.8, 0.4, 0.5]), q=F([0.3, 0.2, 0.6], [0.5, 0.9, 0.2]), a=a, b=b, beta=0.5),
        dict(p=F([0.6, 0.5], [0.8, 0.4]), q=F([0.3, 0.2], [0.5, 0.9]), a=a[:, :2], b=b[:, :2], beta=0.1),
        dict(p=tiny, q=F([0.3, 0.2, 0.6], [0.5, 0.9, 0.2]), a=tiny, b=b, beta=0.1),
        dict(p=F([0.6, 0.5, 0.3], [1e-20, 1e-150, 0.5]), q=tiny, a=a, b=b, beta=1.0),
        dict(p=a, q=b, a=a, b=b, beta=1e4),
        dict(p=F([1e-170, 1.0, 1e-170], [1.0, 1.0, 1.0]), q=F([1.0, 1.0, 1.0], [1e-160, 1e-160, 1.0]), a=F([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]),
             b=F([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]), beta=0.01))


@declared
def _() -> None:
    def make():
        Q, N, a, r, g, al = B("Q", n, K), B("N", n, K), B("a", n), B("r", n), S("gamma"), Pos("alpha")
        soft = al * sp.log(sp.Sum(sp.exp(N[i, k] / al), (k, 0, K - 1)))
        return sg.compile(sp.Sum((Q[i, a[i]] - (r[i] + g * soft))**2, (i, 0, n - 1)) / (2 * n), wrt=[Q, N, al])

    def truth(Q, N, a, r, gamma, alpha):
        total = mpf(0)
        for row, then, one, gain in zip(Q, N, a, r, strict=True):
            total += (row[one] - gain - gamma * alpha * lse([v / alpha for v in then]))**2
        return total / (2 * len(Q))

    Q, N = F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), F([0.5, -0.2, 0.1], [2.0, -0.5, 0.4])
    add("soft_q_learning", "Q N alpha", make, truth,
        dict(Q=Q, N=N, a=whole(0, 2), r=F(1.0, -0.5), gamma=0.9, alpha=0.7),
        dict(Q=Q[:, :2], N=N[:, :2], a=whole(1, 0), r=F(0.0, 2.0), gamma=0.5, alpha=1.5),
        dict(Q=Q, N=N, a=whole(0, 2), r=F(1.0, -0.5), gamma=0.9, alpha=1e-3),
        dict(Q=F([800.0, 0.0, 0.0], [-1e4, 0.0, 1e4]), N=F([800.0, 799.0, 0.0], [1e4, -1e4, 9999.0]), a=whole(0, 2), r=F(0.0, 0.5), gamma=1.0, alpha=1.0),
        dict(Q=Q, N=F([3.0, 3.0, 3.0], [-1e4, -1e4, -1e4]), a=whole(1, 1), r=F(0.0, 0.0), gamma=0.99, alpha=1e6),
        dict(Q=F([700.0, 0.0, 0.0], [30.0, 0.0, 0.0]), N=F([700.0, 660.0, 0.0], [30.0, -30.0, 0.0]), a=whole(0, 0), r=F(0.0, 0.0), gamma=1.0, alpha=1.0))


# Physics, information, survival


@declared
def _() -> None:
    def make():
        E, g, T, p = B("E", n), B("g", n), Pos("T"), B("p")
        mean = lambda u: sp.Sum(p[i] * u, (i, 0, n - 1))  # noqa: E731
        return sg.compile((mean(E[i]**2) - mean(E[i])**2) / T**2, wrt=[E, T],
                          where=[(p[i], g[i] * sp.exp(-E[i] / T) / sp.Sum(g[k] * sp.exp(-E[k] / T), (k, 0, n - 1)))])

    def truth(E, g, T):
        v = [mp.log(w) - e / T for w, e in zip(g, E, strict=True)]
        p = [sm(v, q) for q in range(len(v))]
        return mp.fsum(p[a] * p[b] * ((E[a] - E[b]) / T)**2 for a, b in itertools.combinations(range(len(E)), 2))

    add("canonical_heat_capacity", "E T", make, truth,
        dict(E=F(0.0, 1.0, 2.5), g=F(1.0, 3.0, 5.0), T=1.5),
        dict(E=F(-1.0, 0.3, 0.4, 2.0), g=F(1.0, 1.0, 2.0, 1.0), T=0.7),
        dict(E=F(0.0, 1.0, 2.5), g=F(1.0, 3.0, 5.0), T=0.01),
        dict(E=F(0.0, 1.0, 2.5), g=F(1.0, 3.0, 5.0), T=1e8),
        dict(E=F(1e8, 1e8 + 1, 1e8 + 3), g=F(1.0, 1.0, 1.0), T=1.0),
        dict(E=F(-1e4, -1e4, 800.0), g=F(2.0, 1.0, 1e20), T=30.0))


@declared
def _() -> None:
    def make():
        e, g, mu, T = B("e", n), B("g", n), S("mu"), Pos("T")
        return sg.compile(sp.Sum(g[i] / (sp.exp((e[i] - mu) / T) - 1), (i, 0, n - 1)), wrt=[e, mu, T])

    def truth(e, g, mu, T):
        return mp.fsum(w / mp.expm1((v - mu) / T) for v, w in zip(e, g, strict=True))

    add("bose_einstein_number", "e mu T", make, truth,
        dict(e=F(0.5, 1.0, 2.5), g=F(1.0, 3.0, 5.0), mu=-0.3, T=1.5),
        dict(e=F(0.1, 0.3, 0.4, 2.0), g=F(1.0, 1.0, 2.0, 1.0), mu=0.0, T=0.7),
        dict(e=F(0.5, 1.0, 2.5), g=F(1.0, 3.0, 5.0), mu=0.5 - 1e-12, T=1.0),
        dict(e=F(700.0, 705.0, 800.0), g=F(1.0, 3.0, 5.0), mu=0.0, T=1.0),
        dict(e=F(1e-150, 2e-150, 1.0), g=F(1.0, 1.0, 1.0), mu=0.0, T=1.0),
        dict(e=F(1.0, 1.0, 1.0), g=F(1e4, 1e-20, 1.0), mu=-1e4, T=1e10))


@declared
def _() -> None:
    def make():
        a, q, p = B("a", n, K), S("q"), B("p")
        return sg.compile(sp.Sum((1 - sp.Sum(p[i, c]**q, (c, 0, K - 1))) / (q - 1), (i, 0, n - 1)) / n, wrt=[a, q],
                          where=[(p[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))])

    def truth(a, q):
        total = mpf(0)
        for row in a:
            one = max(range(len(row)), key=lambda e: row[e])
            other = [e for e in range(len(row)) if e != one]
            # 1 - p_one^q - ... without a loss: p_one^q = exp(q log p_one)
            total += (-mp.expm1(q * lsm(row, one)) - mp.fsum(mp.exp(q * lsm(row, e)) for e in other)) / (q - 1)
        return total / len(a)

    add("tsallis_entropy", "a q", make, truth,
        dict(a=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), q=2.0),
        dict(a=F([1.5, -0.5, 0.25, 0.5]), q=0.5),
        dict(a=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4]), q=1.000000001),
        dict(a=F([30.0, -30.0, 0.0], [-30.0, 30.0, 1.0]), q=2.0),
        dict(a=F([700.0, -700.0, 0.0], [800.0, 800.0, -800.0]), q=0.5),
        dict(a=F([1e4, 1e4, 1e4], [1e4, 9999.0, -1e4]), q=30.0))


@declared
def _() -> None:
    def make():
        a, p, u, v = B("a", n, m), B("p"), B("u"), B("v")
        return sg.compile(sp.Sum(p[i, j] * sp.log(p[i, j] / (u[i] * v[j])), (j, 0, m - 1), (i, 0, n - 1)), wrt=[a],
                          where=[(p[i, j], sp.exp(a[i, j]) / sp.Sum(sp.exp(a[k, l]), (l, 0, m - 1), (k, 0, n - 1))),
                                 (u[i], sp.Sum(p[i, j], (j, 0, m - 1))), (v[j], sp.Sum(p[i, j], (i, 0, n - 1)))])

    def truth(a):
        rows, columns = range(len(a)), range(len(a[0]))
        Z = lse([e for row in a for e in row])
        u, v = [lse(row) - Z for row in a], [lse([row[q] for row in a]) - Z for q in columns]
        return mp.fsum(mp.exp(a[r][q] - Z) * (a[r][q] - Z - u[r] - v[q]) for r in rows for q in columns)

    add("mutual_information_softmax", "a", make, truth,
        dict(a=F([0.3, -1.2, 0.7], [1.1, 0.2, -0.4])),
        dict(a=F([1.5, -0.5], [0.25, 0.5], [-1.0, 0.1])),
        dict(a=F([30.0, -30.0, 0.0], [-30.0, 30.0, 1.0])),
        dict(a=F([700.0, 0.0, -700.0], [0.0, 690.0, 1.0])),
        dict(a=F([1e4, 0.0], [-1e4, 9990.0])),
        dict(a=F([5.0, 5.0], [5.0, 5.0000001])))


@declared
def _() -> None:
    def make():
        t, de, a, b = B("t", n), B("delta", n), Pos("a"), Pos("b")
        survival = sp.exp(-a / b * (sp.exp(b * t[i]) - 1))
        density = a * sp.exp(b * t[i]) * survival
        return sg.compile(-sp.Sum(de[i] * sp.log(density) + (1 - de[i]) * sp.log(survival), (i, 0, n - 1)), wrt=[a, b])

    def truth(t, delta, a, b):
        return mp.fsum(a / b * mp.expm1(b * v) - e * (mp.log(a) + b * v) for v, e in zip(t, delta, strict=True))

    add("gompertz_censored", "a b", make, truth,
        dict(t=F(0.5, 1.2, 2.0), delta=F(1.0, 0.0, 1.0), a=0.4, b=0.6),
        dict(t=F(3.0, 0.7), delta=F(1.0, 1.0), a=0.1, b=1.1),
        dict(t=F(0.5, 1.2, 2.0), delta=F(1.0, 0.0, 1.0), a=0.4, b=1e-12),
        dict(t=F(20.0, 60.0, 70.0), delta=F(1.0, 0.0, 1.0), a=1e-150, b=10.0),
        dict(t=F(5.0, 10.0, 30.0), delta=F(1.0, 1.0, 0.0), a=1e-20, b=2.0),
        dict(t=F(1e-170, 1.0, 1e-20), delta=F(1.0, 0.0, 1.0), a=1e-3, b=30.0))
