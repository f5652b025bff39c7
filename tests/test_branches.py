"""Branches that are not taken never put nan or inf into a value, gradient, Hessian or product, scalars and arrays alike."""

import numpy as np
import pytest
import sympy as sp

import symgrad as sg

r, s = sp.symbols("r s", real=True)
n = sp.Symbol("n", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
POINTS = np.array([-800.0, -2.0, -1.0, 0.0, 0.5, 3.0, 800.0])

CASES = {
    "root": (sp.Piecewise((sp.sqrt(r), r > 0), (0, True)), lambda x: np.sqrt(np.where(x > 0, x, 0)),
             lambda x: np.where(x > 0, 0.5 / np.sqrt(np.where(x > 0, x, 1)), 0)),
    "log": (sp.Piecewise((sp.log(r), r > 0), (r, True)), lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1)), x),
            lambda x: np.where(x > 0, 1 / np.where(x > 0, x, 1), 1)),
    "reciprocal": (sp.Piecewise((1 / r, sp.Ne(r, 0)), (0, True)), lambda x: np.where(x != 0, 1 / np.where(x != 0, x, 1), 0),
                   lambda x: np.where(x != 0, -1 / np.where(x != 0, x, 1) ** 2, 0)),
    "overflow": (sp.Piecewise((sp.exp(r) * r, r < 1), (r**2, True)), lambda x: np.where(x < 1, np.exp(np.where(x < 1, x, 0)) * x, x**2),
                 lambda x: np.where(x < 1, np.exp(np.where(x < 1, x, 0)) * (1 + x), 2 * x)),
    "nested": (sp.Piecewise((sp.log(sp.Piecewise((sp.sqrt(r), r > 0), (1, True))), r > 1), (r, True)),
               lambda x: np.where(x > 1, 0.5 * np.log(np.where(x > 1, x, 1)), x), lambda x: np.where(x > 1, 0.5 / np.where(x > 1, x, 1), 1)),
    "chain": (sp.Piecewise((sp.exp(-1 / r**2) / r, r > 0), (0, True)),
              lambda x: np.where(x > 0, np.exp(-1 / np.where(x > 0, x, 1) ** 2) / np.where(x > 0, x, 1), 0),
              lambda x: np.where(x > 0, np.exp(-1 / np.where(x > 0, x, 1) ** 2) * (2 / np.where(x > 0, x, 1) ** 4 - 1 / np.where(x > 0, x, 1) ** 2), 0)),
    "maximum": (sp.Max(sp.log(sp.Abs(r)), -5), lambda x: np.log(np.maximum(np.abs(x), np.exp(-5))),
                lambda x: np.where(np.abs(x) > np.exp(-5), 1 / np.where(x != 0, x, 1), 0)),
    "quotient": (sp.Piecewise((sp.sin(r) / r, sp.Ne(r, 0)), (1, True)), lambda x: np.where(x != 0, np.sin(x) / np.where(x != 0, x, 1), 1),
                 lambda x: np.where(x != 0, np.cos(x) / np.where(x != 0, x, 1) - np.sin(x) / np.where(x != 0, x, 1) ** 2, 0)),
}


@pytest.mark.parametrize("name", list(CASES))
def test_value_and_gradient_of_a_batch(name):
    expr, value, slope = CASES[name]
    f = sg.compile(expr, wrt=r, batch=[r], reduce=None)
    np.testing.assert_allclose(f.value(r=POINTS), value(POINTS), rtol=1e-13)
    total = sg.compile(expr, wrt=r, batch=[r], reduce="sum")
    np.testing.assert_allclose(total.grad(r=POINTS), slope(POINTS), rtol=1e-12)
    np.testing.assert_allclose(total.grad_forward(r=POINTS), slope(POINTS), rtol=1e-12)


@pytest.mark.parametrize("name", list(CASES))
def test_second_derivatives_are_finite_and_agree(name):
    expr, _, slope = CASES[name]
    f = sg.compile(expr, wrt=r, batch=[r], reduce="sum")
    at = POINTS[POINTS != 0]
    hessian, product = f.hessian(r=at), f.hvp({"r": at}, {"r": np.ones(len(at))})
    step = 1e-6 * np.maximum(np.abs(at), 1)
    want = (slope(at + step) - slope(at - step)) / (2 * step)
    away = np.abs(at - 1) > 1e-3
    np.testing.assert_allclose(np.diag(hessian)[away], want[away], rtol=1e-5, atol=1e-8 * np.abs(want).max())
    np.testing.assert_allclose(product, np.diag(hessian), rtol=1e-12)
    assert np.isfinite(hessian).all() and np.isfinite(f.hessian(r=POINTS)).all()


@pytest.mark.parametrize("name", list(CASES))
def test_scalars_take_the_same_branches(name):
    expr, value, slope = CASES[name]
    f = sg.compile(expr, wrt=r)
    for x in POINTS:
        got, gradient = f.value_and_grad(r=x)
        assert got == pytest.approx(float(value(np.array(x))), rel=1e-13, abs=0)
        assert gradient == pytest.approx(float(slope(np.array(x))), rel=1e-12, abs=0)
        assert np.isfinite(f.hessian(r=x))


def test_missing_data_coded_as_nan_stay_outside():
    x, m, w = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("m", shape=(n,)), sp.Symbol("w", real=True)
    f = sg.compile(sp.Sum(sp.Piecewise(((x[i] * w - 1) ** 2, m[i] > 0), (0, True)), (i, 0, n - 1)), wrt=[w, x])
    at = dict(x=np.array([1.0, np.nan, 3.0, np.inf]), m=np.array([1.0, 0.0, 1.0, 0.0]), w=0.5)
    gw, gx = f.grad(**at)
    assert gw == pytest.approx(2 * (1 * (0.5 - 1) + 3 * (1.5 - 1)))
    np.testing.assert_allclose(gx, [2 * 0.5 * (0.5 - 1), 0, 2 * 0.5 * (1.5 - 1), 0])
    assert f.hessian(**at)[0][0] == pytest.approx(2 * (1 + 9))


def test_a_named_intermediate_behind_a_branch_does_not_leak():
    h = sp.Symbol("h", real=True)
    f = sg.compile(sp.Piecewise((h * s, r > 0), (s, True)), where=[(h, sp.log(r))], wrt=[r, s])
    for x, want in ((-1.0, (0.0, 1.0)), (0.0, (0.0, 1.0)), (np.e, (2.0 / np.e, 1.0))):
        assert f.grad(r=x, s=2.0) == pytest.approx(want, rel=1e-14)
    assert np.isfinite(f.hessian(r=0.0, s=2.0)).all()


def test_a_triangular_sum_ignores_what_lies_outside():
    x = sp.IndexedBase("x", shape=(n,))
    f = sg.compile(sp.Sum(sp.log(x[i] - x[j]), (j, 0, i - 1), (i, 0, n - 1)), wrt=x)
    at = np.array([0.5, 1.25, 3.0])
    want = np.zeros(3)
    for a in range(3):
        for b in range(a):
            want[a] += 1 / (at[a] - at[b])
            want[b] -= 1 / (at[a] - at[b])
    np.testing.assert_allclose(f.grad(x=at), want, rtol=1e-13)
    assert np.isfinite(f.hessian(x=at)).all()


def test_a_masked_extremum_ignores_what_lies_outside():
    x = sp.IndexedBase("x", shape=(n, n))
    f = sg.compile(sp.Sum(sg.MaxOver(x[i, j], (j, 0, i)), (i, 0, n - 1)), wrt=x)
    at = np.array([[1.0, 9.0], [2.0, 3.0]])
    np.testing.assert_allclose(f.grad(x=at), [[1.0, 0.0], [0.0, 1.0]])


def test_ties_share_and_numbers_take_all():
    assert sg.compile(sp.Max(r, s), wrt=[r, s]).grad(r=1.0, s=1.0) == (0.5, 0.5)
    assert sg.compile(sp.Max(r, s, 1), wrt=[r, s]).grad(r=1.0, s=1.0) == (0.0, 0.0)
    assert sg.compile(sp.Min(r, s), wrt=[r, s]).grad(r=1.0, s=2.0) == (1.0, 0.0)
    x = sp.IndexedBase("x", shape=(n,))
    f = sg.compile(sg.MaxOver(x[i], (i, 0, n - 1)), wrt=x)
    np.testing.assert_allclose(f.grad(x=np.array([1.0, 3.0, 3.0])), [0, 0.5, 0.5])
