"""Gaussian mixtures: five components on a line, and full covariances in ten dimensions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import sympy as sp

import symgrad as sg
from benchmarks.workload import Term, Workload

n, d, K = sp.symbols("n d K", integer=True, positive=True)
i, j, k, r, s, t = sp.symbols("i j k r s t", integer=True)

# ---------------------------------------------------------------------- one dimension

COMPONENTS = 5
LINE = ("alpha", "mu", "s")


def declare_line():
    x, mu = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("mu", shape=(K,))
    log_scale, alpha = sp.IndexedBase("s", shape=(K,)), sp.IndexedBase("alpha", shape=(K,))
    weight = sp.exp(alpha[k]) / sp.Sum(sp.exp(alpha[j]), (j, 0, K - 1))
    density = sp.exp(-(((x[i] - mu[k]) / sp.exp(log_scale[k])) ** 2) / 2) / (sp.sqrt(2 * sp.pi) * sp.exp(log_scale[k]))
    return sg.compile(-sp.Sum(sp.log(sp.Sum(weight * density, (k, 0, K - 1))), (i, 0, n - 1)) / n, wrt=[alpha, mu, log_scale], name="mixture")


def line_inputs(rng, n):
    centres = np.linspace(-4.0, 4.0, COMPONENTS)
    return {"x": centres[rng.integers(0, COMPONENTS, n)] + 0.6 * rng.normal(size=n), "alpha": 0.3 * rng.normal(size=COMPONENTS),
            "mu": centres + 0.2 * rng.normal(size=COMPONENTS), "s": 0.1 * rng.normal(size=COMPONENTS)}


def line_by_hand(x, alpha, mu, s):
    weight = np.exp(alpha - alpha.max())
    weight /= weight.sum()
    z = (x - mu[:, None]) / np.exp(s)[:, None]
    logs = (np.log(weight) - s - 0.5 * np.log(2 * np.pi))[:, None] - 0.5 * z**2
    top = logs.max(axis=0)
    e = np.exp(logs - top)
    total = e.sum(axis=0)
    share = e / total / len(x)
    value = -np.mean(top + np.log(total))
    return value, weight - share.sum(axis=1), -(share * z).sum(axis=1) / np.exp(s), share.sum(axis=1) - (share * z**2).sum(axis=1)


def line_formula(m, x, alpha, mu, s):
    z = (x - mu[:, None]) / m.exp(s)[:, None]
    logs = (alpha - m.logsumexp(alpha, 0) - s - 0.5 * math.log(2 * math.pi))[:, None] - 0.5 * z**2
    return -m.mean(m.logsumexp(logs, 0))


def line_term():
    symbols = {name: list(sp.symbols(f"{name}0:{COMPONENTS}", real=True)) for name in LINE}
    x, total = sp.Symbol("x", real=True), sum(sp.exp(a) for a in symbols["alpha"])
    density = sum(sp.exp(a) / total * sp.exp(-(((x - mu) / sp.exp(s)) ** 2) / 2) / (sp.sqrt(2 * sp.pi) * sp.exp(s))
                  for a, mu, s in zip(*symbols.values(), strict=True))
    return Term(-sp.log(density), symbols, {"x": x})


# ---------------------------------------------------------------------- full covariances, as in ADBench (Šrajer, Kukelova, Fitzgibbon 2018)

FULL = ("alpha", "mu", "q", "l")


def declare_full():
    """Rows of l hold the part below the diagonal, row by row; exp(q) is the diagonal of the inverse factor of the covariance."""
    x, alpha = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("alpha", shape=(K,))
    mu, q, low = sp.IndexedBase("mu", shape=(K, d)), sp.IndexedBase("q", shape=(K, d)), sp.IndexedBase("l", shape=(K, d * (d - 1) / 2))
    gamma, degrees = sp.symbols("gamma nu", real=True)
    u, e = sp.IndexedBase("u"), sp.IndexedBase("e")
    below = sp.Sum(low[k, r * (r - 1) / 2 + s] * (x[i, s] - mu[k, s]), (s, 0, r - 1))
    likelihood = sp.Sum(sp.log(sp.Sum(sp.exp(e[i, k]), (k, 0, K - 1))), (i, 0, n - 1)) - n * sp.log(sp.Sum(sp.exp(alpha[k]), (k, 0, K - 1)))
    squares = (sp.Sum(sp.exp(2 * q[k, r]), (r, 0, d - 1), (k, 0, K - 1))
               + sp.Sum(low[k, t] ** 2, (t, 0, d * (d - 1) / 2 - 1), (k, 0, K - 1)))
    prior = gamma**2 * squares / 2 - degrees * sp.Sum(q[k, r], (r, 0, d - 1), (k, 0, K - 1))
    return sg.compile(likelihood + prior - n * d * sp.log(2 * sp.pi) / 2, wrt=[alpha, mu, q, low], name="full_mixture",
                      where=[(u[i, k, r], sp.exp(q[k, r]) * (x[i, r] - mu[k, r]) + below),
                             (e[i, k], alpha[k] + sp.Sum(q[k, r], (r, 0, d - 1)) - sp.Sum(u[i, k, r] ** 2, (r, 0, d - 1)) / 2)])


def full_inputs(rng, n, d, K):
    return {"x": rng.normal(size=(n, d)), "alpha": rng.normal(size=K), "mu": rng.uniform(-1.0, 1.0, (K, d)),
            "q": 0.3 * rng.normal(size=(K, d)), "l": 0.3 * rng.normal(size=(K, d * (d - 1) // 2)), "gamma": 1.0, "nu": 2.0}


def full_by_hand(x, alpha, mu, q, l, gamma, nu):  # noqa: E741  the name of the input
    (n, d), K = x.shape, len(alpha)
    rows, columns, diagonal = *np.tril_indices(d, -1), np.arange(d)
    factor = np.zeros((K, d, d))
    factor[:, rows, columns], factor[:, diagonal, diagonal] = l, np.exp(q)
    difference = x - mu[:, None]
    u = difference @ factor.transpose(0, 2, 1)
    e = (alpha + q.sum(axis=1))[:, None] - 0.5 * (u**2).sum(axis=2)
    top = e.max(axis=0)
    share = np.exp(e - top)
    total = share.sum(axis=0)
    share /= total
    weight = np.exp(alpha - alpha.max())
    value = ((top + np.log(total)).sum() - n * (np.log(weight.sum()) + alpha.max()) - n * d * np.log(2 * np.pi) / 2
             + gamma**2 / 2 * (np.exp(2 * q).sum() + (l**2).sum()) - nu * q.sum())
    weighted = share[:, :, None] * u
    grad_factor = -(weighted.transpose(0, 2, 1) @ difference)
    count = share.sum(axis=1)
    return (value, count - n * weight / weight.sum(), (weighted.sum(axis=1)[:, None] @ factor)[:, 0],
            count[:, None] + grad_factor[:, diagonal, diagonal] * np.exp(q) + gamma**2 * np.exp(2 * q) - nu,
            grad_factor[:, rows, columns] + gamma**2 * l)


def full_formula(m, x, alpha, mu, q, l, **rest):  # noqa: E741  the name of the input
    n, d = m.shape(x)
    rows, columns = np.tril_indices(d, -1)
    place, inside = np.zeros((d, d), dtype=int), np.zeros((d, d))
    place[rows, columns], inside[rows, columns] = np.arange(len(rows)), 1.0
    factor = l[:, m.constant(place)] * m.constant(inside)
    difference = x - mu[:, None]
    u = m.exp(q)[:, None] * difference + difference @ m.swapaxes(factor, 1, 2)
    e = (alpha + m.sum(q, axis=1))[:, None] - 0.5 * m.sum(u**2, axis=2)
    prior = rest["gamma"] ** 2 / 2 * (m.sum(m.exp(2 * q)) + m.sum(l**2)) - rest["nu"] * m.sum(q)
    return m.sum(m.logsumexp(e, 0)) - n * m.logsumexp(alpha, 0) - n * d * math.log(2 * math.pi) / 2 + prior


LINE_ROW = Workload("mixture-1e6", "mixture of 5 Gaussians, n = 10⁶", LINE, declare_line, line_inputs, line_by_hand, line_formula,
                    {"n": 1_000_000}, {"n": 30}, 0.12, "0.11", term=line_term)
WORKLOADS = (
    replace(LINE_ROW, name="mixture-1e3", title="mixture of 5 Gaussians, n = 10³", sizes={"n": 1_000}, bound=1.0, reached="0.92"),
    replace(LINE_ROW, name="mixture-1e4", title="mixture of 5 Gaussians, n = 10⁴", sizes={"n": 10_000}, bound=None, reached="0.11"),
    replace(LINE_ROW, name="mixture-1e5", title="mixture of 5 Gaussians, n = 10⁵", sizes={"n": 100_000}, bound=0.08, reached="0.06"),
    LINE_ROW,
    Workload("full-mixture", "full-covariance mixture n = 1000, d = 10, K = 25", FULL, declare_full, full_inputs, full_by_hand, full_formula,
             {"n": 1000, "d": 10, "K": 25}, {"n": 15, "d": 4, "K": 3}, 0.30, "JAX 0.21"),
)
