"""Entropies next to the order 1 and power means next to the exponent 0: right there as well as far from there."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import symgrad as sg

n = sp.Symbol("n", integer=True, positive=True)
i, k = sp.symbols("i k", integer=True)
q, r = sp.symbols("q r", real=True)
x, w = (sp.IndexedBase(name, shape=(n,)) for name in "xw")
p = sp.IndexedBase("p", shape=(n,))


def total(expr, index=i):
    return sp.Sum(expr, (index, 0, n - 1))


SOFTMAX = [(p[i], sp.exp(x[i]) / total(sp.exp(x[k]), k))]
SHARES = [(p[i], x[i] / total(x[k], k))]


def shares(numbers):
    whole = mp.fsum(numbers)
    return [one / whole for one in numbers]


def powers(numbers, order):
    return mp.fsum(one**order for one in numbers)


def mean(numbers, weights, order):
    if not order:
        return mp.exp(mp.fsum(v * mp.log(one) for v, one in zip(weights, numbers, strict=True)) / mp.fsum(weights))
    return (mp.fsum(v * one**order for v, one in zip(weights, numbers, strict=True)) / mp.fsum(weights))**(1 / order)


def entropy(numbers):
    return -mp.fsum(one * mp.log(one) for one in numbers)


def tsallis(numbers, order):
    return (1 - powers(numbers, order)) / (order - 1) if order != 1 else entropy(numbers)


def renyi(numbers, order):
    return mp.log(powers(numbers, order)) / (1 - order) if order != 1 else entropy(numbers)


TSALLIS, RENYI, HILL = (1 - total(p[i]**q)) / (q - 1), sp.log(total(p[i]**q)) / (1 - q), total(p[i]**q)**(1 / (1 - q))
FORMS = {
    "Tsallis of a softmax": (TSALLIS, SOFTMAX, lambda v, u, a: tsallis(shares([mp.exp(one) for one in v]), a), 1),
    "Tsallis, turned": ((total(p[i]**q) - 1) / (2 - 2 * q), SOFTMAX, lambda v, u, a: tsallis(shares([mp.exp(one) for one in v]), a) / 2, 1),
    "Tsallis of shares": (TSALLIS, SHARES, lambda v, u, a: tsallis(shares(v), a), 1),
    "Rényi of a softmax": (RENYI, SOFTMAX, lambda v, u, a: renyi(shares([mp.exp(one) for one in v]), a), 1),
    "Rényi of shares": (RENYI, SHARES, lambda v, u, a: renyi(shares(v), a), 1),
    "Hill": (HILL, SHARES, lambda v, u, a: mp.exp(renyi(shares(v), a)), 1),
    "power mean": ((total(x[i]**q) / n)**(1 / q), [], lambda v, u, a: mean(v, [1] * len(v), a), 0),
    "weighted power mean": ((total(w[i] * x[i]**q) / total(w[i]))**(1 / q), [], lambda v, u, a: mean(v, u, a), 0),
    "its logarithm": (sp.log(total(w[i] * x[i]**q) / total(w[i])) / q, [], lambda v, u, a: mp.log(mean(v, u, a)), 0),
    "Box-Cox of a mean": ((total(x[i]**q) / n - 1) / q, [], lambda v, u, a: (mp.log(mean(v, [1] * len(v), 0)) if not a else (powers(v, a) / len(v) - 1) / a), 0),
}
@cache
def compiled(name):
    expr, where, *_ = FORMS[name]
    return sg.compile(expr, wrt=[x, q], where=where)


AWAY = [0.0, 1e-12, -1e-9, 1e-5, -1e-3, 0.0625, -0.12, 0.13, -0.5, 1.5]


@pytest.mark.parametrize("away", AWAY)
@pytest.mark.parametrize("name", FORMS)
def test_a_mean_next_to_its_limit(name, away):
    expr, _, truth, limit = FORMS[name]
    numbers, weights, order = [0.5, 1.25, 2.0, 0.75], [1.0, 0.0, 2.5, 0.5], limit + away
    f = compiled(name)
    at = {"x": np.array(numbers), "q": order} | ({"w": np.array(weights)} if expr.has(w) else {})
    with mp.workdps(80):
        exact, step = [mp.mpf(one) for one in numbers], mp.mpf(10)**-25
        value = truth(exact, weights, mp.mpf(order))
        slopes = [(truth([*exact[:place], exact[place] + step, *exact[place + 1:]], weights, mp.mpf(order))
                   - truth([*exact[:place], exact[place] - step, *exact[place + 1:]], weights, mp.mpf(order))) / (2 * step) for place in range(4)]
        bend = (truth(exact, weights, order + step) - truth(exact, weights, order - step)) / (2 * step)
    with np.errstate(divide="ignore", invalid="ignore"):  # 1/q at q = 0, whose branch is not taken
        found, (towards, in_order) = f.value(**at), f.grad(**at)
    assert float(found) == pytest.approx(float(value), rel=4e-15, abs=4e-16)
    assert towards == pytest.approx([float(one) for one in slopes], rel=3e-14, abs=1e-15)
    assert float(in_order) == pytest.approx(float(bend), rel=3e-13)


@pytest.mark.parametrize("name", FORMS)
def test_all_modes_agree_on_either_side(name):
    expr, _, _, limit = FORMS[name]
    f = compiled(name)
    for away in (0.05, -0.3):
        at = {"x": np.array([0.5, 1.25, 2.0, 0.75]), "q": limit + away} | ({"w": np.array([1.0, 0.25, 2.5, 0.5])} if expr.has(w) else {})
        assert sg.check_gradients(f, at, order=2).passed


def test_shares_that_vanish_do_not_count():
    f = sg.compile(TSALLIS, wrt=x, where=SOFTMAX)
    with np.errstate(all="ignore"):
        share = 1 / (1 + math.exp(-1))
        assert f.value(x=np.array([800.0, 0.0, 799.0]), q=1.0) == pytest.approx(-share * math.log(share) - (1 - share) * math.log(1 - share), rel=1e-14)
        assert np.all(np.isfinite(f.grad(x=np.array([800.0, 0.0, 799.0]), q=1.0)))


def test_what_does_not_sum_to_one_is_left_alone():
    f = sg.compile((1 - total(x[i]**q)) / (q - 1), wrt=x)
    assert f.value(x=np.array([0.5, 0.25]), q=1.0 + 2.0**-20) == pytest.approx((1 - 0.5**(1 + 2.0**-20) - 0.25**(1 + 2.0**-20)) * 2.0**20, rel=1e-12)
    assert not any("mean" in line for line in f.source.splitlines() if "[" in line and "xi_" in line)
