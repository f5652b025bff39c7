"""Matrix scaling after Sinkhorn, a few rounds of it as they are written: every sum has its largest term taken out, over its own labels."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import symgrad as sg

n, m = sp.symbols("n m", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
C, a, b, G = sp.IndexedBase("C", shape=(n, m)), sp.IndexedBase("a", shape=(n,)), sp.IndexedBase("b", shape=(m,)), sp.IndexedBase("G")
epsilon = sp.Symbol("epsilon", positive=True)
DIGITS = 12000


def transport_cost(rounds: int) -> sg.Compiled:
    """The cost of the plan after so many rounds of rows and columns."""
    where, v = [(G[i, j], sp.exp(-C[i, j] / epsilon))], None
    for k in range(rounds):
        u_k, v_k = sp.IndexedBase(f"u{k}"), sp.IndexedBase(f"v{k}")
        where.append((u_k[i], a[i] / sp.Sum(G[i, j] * (v[j] if v is not None else 1), (j, 0, m - 1))))
        where.append((v_k[j], b[j] / sp.Sum(G[i, j] * u_k[i], (i, 0, n - 1))))
        v = v_k
    return sg.compile(sp.Sum(u_k[i] * G[i, j] * v_k[j] * C[i, j], (j, 0, m - 1), (i, 0, n - 1)), wrt=[C, epsilon], where=where)


def true_cost(rounds: int, cost: list[list], rows: np.ndarray, columns: np.ndarray, scale: object) -> mp.mpf:
    power = [[mp.exp(-entry / scale) for entry in row] for row in cost]
    v = [mp.mpf(1)] * len(columns)
    for _ in range(rounds):
        u = [mp.mpf(float(rows[p])) / mp.fsum(power[p][q] * v[q] for q in range(len(columns))) for p in range(len(rows))]
        v = [mp.mpf(float(columns[q])) / mp.fsum(power[p][q] * u[p] for p in range(len(rows))) for q in range(len(columns))]
    return mp.fsum(u[p] * power[p][q] * v[q] * cost[p][q] for p in range(len(rows)) for q in range(len(columns)))


@pytest.mark.parametrize("scale", [1.0, 0.03, 1e-3])
@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_rounds_of_scaling_are_right_at_small_temperatures(rounds, scale):
    f = transport_cost(rounds)
    at = {"C": np.array([[0.1, 1.2, 2.0], [1.1, 0.3, 0.9]]), "a": np.array([0.4, 0.6]), "b": np.array([0.2, 0.5, 0.3]), "epsilon": scale}
    value, (by_cost, by_scale) = f.value_and_grad(**at)
    forward = f.grad_forward(**at)
    with mp.workdps(DIGITS):
        exact, step = [[mp.mpf(float(entry)) for entry in row] for row in at["C"]], mp.mpf(10) ** (-DIGITS // 3)

        def cost(p: int = -1, q: int = -1, change: object = 0, wider: object = 0) -> mp.mpf:
            moved = [[entry + change * ((r, s) == (p, q)) for s, entry in enumerate(row)] for r, row in enumerate(exact)]
            return true_cost(rounds, moved, at["a"], at["b"], mp.mpf(scale) + wider)

        right = cost()
        slopes = np.array([[float((cost(p, q, step) - right) / step) for q in range(3)] for p in range(2)])
        by_width = float((cost(wider=step) - right) / step)
    # what rounding C/epsilon leaves of an exponent shows in the plan
    close = 1e-15 * max(1.0, 8 / scale)
    assert abs(value - float(right)) <= close * float(right)
    for found in (by_cost, forward[0]):
        np.testing.assert_allclose(found, slopes, rtol=close, atol=close * np.abs(slopes).max())
    for found in (by_scale, forward[1]):
        assert abs(found - by_width) <= close * max(abs(by_width), 1 / scale)


def test_rows_of_weight_0_take_no_part():
    f = transport_cost(2)
    at = {"C": np.array([[800.0, 810.0], [1e4, 1e4 + 3]]), "a": np.array([1.0, 0.0]), "b": np.array([0.3, 0.7]), "epsilon": 1.0}
    value, (by_cost, by_scale) = f.value_and_grad(**at)
    assert abs(value - 807) < 1e-10 and np.isfinite(by_cost).all() and np.isfinite(by_scale)
