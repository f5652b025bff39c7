"""The chained Rosenbrock function of a million variables: gradient and Hessian product."""

from __future__ import annotations

import numpy as np
import sympy as sp

import symgrad as sg
from benchmarks.workload import DIRECTION, PRODUCT, Workload


def declare_rosenbrock():
    n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
    x = sp.IndexedBase("x", shape=(n,))
    return sg.compile(sp.Sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2, (i, 0, n - 2)), wrt=x, name="rosenbrock")


def rosenbrock_inputs(rng, n):
    return {"x": rng.uniform(-1.5, 1.5, n)}


def rosenbrock_by_hand(x):
    bend, gap = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    gradient = np.zeros_like(x)
    gradient[:-1] = -400 * x[:-1] * bend - 2 * gap
    gradient[1:] += 200 * bend
    return np.sum(100 * bend**2 + gap**2), gradient


def rosenbrock_formula(m, x):
    return m.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def product_inputs(rng, n):
    return {**rosenbrock_inputs(rng, n), DIRECTION: rng.normal(size=n)}


def product_by_hand(x, direction):
    product = np.zeros_like(x)
    product[:-1] = (1200 * x[:-1] ** 2 - 400 * x[1:] + 2) * direction[:-1] - 400 * x[:-1] * direction[1:]
    product[1:] += 200 * direction[1:] - 400 * x[:-1] * direction[:-1]
    return product


WORKLOADS = (
    Workload("rosenbrock", "chained Rosenbrock, n = 10⁶", ("x",), declare_rosenbrock, rosenbrock_inputs, rosenbrock_by_hand, rosenbrock_formula,
             {"n": 1_000_000}, {"n": 9}, 0.10, "0.08"),
    Workload("rosenbrock-product", "Hessian product of chained Rosenbrock, n = 10⁶", ("x",), declare_rosenbrock, product_inputs, product_by_hand,
             rosenbrock_formula, {"n": 1_000_000}, {"n": 9}, 0.25, "0.21", PRODUCT),
)
