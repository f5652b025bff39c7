"""Domains: no rewriting makes a formula exist where it does not, and what has a limit is not lost on the way to it."""

import numpy as np
import pytest
import sympy as sp

import symgrad as sg

x, z = sp.symbols("x z", real=True)
n, K = sp.symbols("n K", integer=True, positive=True)
i, c, k = sp.symbols("i c k", integer=True)
SIGMA = 1 / (1 + sp.exp(-x))
A = sp.MatrixSymbol("A", n, n)
a, P, q, s, m = (sp.IndexedBase(name, shape=(n, K)) if name in "am" else sp.IndexedBase(name) for name in "aPqsm")
POINTS = np.array([-3.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0])

FORMULAS = {
    "sigmoid of logit": 1 / (1 + sp.exp(-sp.log(x / (1 - x)))),
    "logit of sigmoid": sp.log(SIGMA / (1 - SIGMA)),
    "exp of log": sp.exp(sp.log(x) + 1),
    "exp of half a log": sp.exp(sp.log(x) / 2),
    "power as exp": sp.exp(z * sp.log(x)),
    "product of roots": sp.sqrt(x) * sp.sqrt(x - 1),
    "product of equal roots": sp.Mul(sp.sqrt(x), sp.sqrt(x), evaluate=False),
    "root cubed": sp.sqrt(x) ** 3,
    "log of square": sp.log(x**2),
    "log of product": sp.log(x * (x - 3)),
    "sum of logs": sp.log(x) + sp.log(x - 1),
    "difference of logs": sp.log(1 + x) - sp.log(1 - x),
    "log of ratio": sp.log((1 + x) / (1 - x)),
    "log of one plus": sp.log(1 + x),
    "log of one minus exp": sp.log(1 - sp.exp(x)),
    "log of exp minus one": sp.log(sp.exp(x) - 1),
    "entropy": x * sp.log(x) + (1 - x) * sp.log(1 - x),
    "log of the hyperbola": sp.log(x + sp.sqrt(x**2 - 1)),
    "inverse hyperbolic": sp.acosh(x) + sp.atanh(x / 4),
    "tanh of its inverse": sp.tanh(sp.atanh(x, evaluate=False), evaluate=False),
    "root minus root": sp.sqrt(x + 1) - sp.sqrt(x),
    "power with a negative base": (x - 1) ** z,
    "log-sum-exp of logs": sp.log(sp.exp(sp.log(x)) + sp.exp(sp.log(2 * x))),
}


def plain(expr):
    with np.errstate(all="ignore"):
        return sp.lambdify([x, z], expr, "numpy")(POINTS, 1.5) + 0 * POINTS


@pytest.mark.parametrize("name", list(FORMULAS))
@pytest.mark.parametrize("style", ["fast", "flat"])
def test_nan_stands_where_the_plain_formula_has_it(name, style):
    """0/0 at the end of a domain may be filled in with the limit, so infinite and nan are told apart inside only."""
    expr = FORMULAS[name]
    symbols = [one for one in (x, z) if one in expr.free_symbols]
    f = sg.compile(expr, wrt=symbols, style=style)
    at = [dict(x=point, z=1.5) for point in POINTS]
    got = np.array([f(**{one.name: where[one.name] for one in symbols}) for where in at])
    want = plain(expr)
    outside = np.isnan(want) & np.array([_is_outside(expr, point) for point in POINTS])
    assert np.isnan(got[outside]).all(), (name, POINTS[outside], got[outside])
    known = np.isfinite(want)
    np.testing.assert_allclose(got[known], want[known], rtol=1e-12, atol=1e-14)


def _is_outside(expr, point):
    """Whether the formula has no real value, nor a one-sided limit, at the point: some part of it is complex or undefined."""
    parts = [node.subs({x: sp.Rational(point), z: sp.Rational(3, 2)}) for node in sp.preorder_traversal(expr)]
    return any(part.is_real is False and part.is_infinite is not True for part in parts)


@pytest.mark.parametrize("name", list(FORMULAS))
def test_a_batch_has_the_domain_of_its_elements(name):
    expr = FORMULAS[name]
    f, one = sg.compile(expr, wrt=x, batch=[x], reduce=None), sg.compile(expr, wrt=x)
    more = dict(z=1.5) if z in expr.free_symbols else {}
    np.testing.assert_array_equal(np.isnan(f(x=POINTS, **more)), [np.isnan(one(x=point, **more)) for point in POINTS])


@pytest.mark.parametrize("matrix,value", [(np.diag([1.0, -1.0]), np.nan), (np.diag([-1.0, -2.0]), np.log(2.0)), (np.diag([0.0, 1.0]), -np.inf),
                                          (np.array([[0.0, 1.0], [1.0, 0.0]]), np.nan)])
def test_the_sign_of_a_determinant_decides_about_its_logarithm(matrix, value):
    for factor in (1, 2, sp.Rational(1, 3)):
        f = sg.compile(sp.log(factor * sp.Determinant(A)), wrt=A)
        np.testing.assert_allclose(f(A=matrix), value + np.log(float(factor)), rtol=1e-14)


def test_the_slope_of_a_logarithm_of_a_square_holds_on_both_sides():
    f = sg.compile(sp.log(x**2), wrt=x)
    for point in (-3.0, -1e-100, 1e-100, 5.0):
        assert f(x=point) == pytest.approx(2 * np.log(abs(point)), rel=1e-14)
        assert f.grad(x=point) == pytest.approx(2 / point, rel=1e-14)


# ---------------------------------------------------------------- a maximum over nothing but -inf

GONE = np.array([[-np.inf, -np.inf], [0.0, -np.inf]])
SCORES, MASK = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 0.0], [1.0, 0.0]])
WHERE = [(q[i, c], sp.Piecewise((a[i, c], m[i, c] > 0), (-sp.oo, True))), (s[i], sp.log(sp.Sum(sp.exp(q[i, c]), (c, 0, K - 1))))]


def test_a_log_sum_exp_of_nothing_is_minus_infinity():
    f = sg.compile(s[i], outputs=(i,), where=[(s[i], sp.log(sp.Sum(sp.exp(a[i, c]), (c, 0, K - 1))))], wrt=a)
    for style in ("fast", "flat"):
        np.testing.assert_array_equal(f.with_options(style=style)(a=GONE), [-np.inf, 0.0])
    total = sg.compile(sp.Sum(s[i], (i, 0, n - 1)), where=[(s[i], sp.log(sp.Sum(sp.exp(a[i, c]), (c, 0, K - 1))))], wrt=a)
    np.testing.assert_array_equal(total.grad(a=GONE)[1], [1.0, 0.0])


def test_one_plus_a_sum_of_nothing():
    f = sg.compile(sp.Sum(sp.log(1 + sp.Sum(sp.exp(a[i, c]), (c, 0, K - 1))), (i, 0, n - 1)), wrt=a)
    value, gradient = f.value_and_grad(a=GONE)
    assert value == pytest.approx(np.log(2.0), rel=1e-15)
    np.testing.assert_allclose(gradient, [[0, 0], [0.5, 0]], rtol=1e-15)
    assert np.isfinite(f.hessian(a=GONE)).all()


@pytest.mark.parametrize("style", ["fast", "flat"])
def test_a_row_that_is_masked_altogether(style):
    f = sg.compile(sp.Sum(sp.exp(s[i]), (i, 0, n - 1)), where=WHERE, wrt=a, style=style)
    value, gradient = f.value_and_grad(a=SCORES, m=MASK)
    assert value == pytest.approx(np.exp(3.0), rel=1e-14)
    np.testing.assert_allclose(gradient, [[0, 0], [np.exp(3.0), 0]], rtol=1e-14)
    hessian = f.hessian(a=SCORES, m=MASK)
    assert np.isfinite(hessian).all() and hessian[1, 0, 1, 0] == pytest.approx(np.exp(3.0), rel=1e-14)
    np.testing.assert_allclose(f.grad_forward(a=SCORES, m=MASK), gradient, rtol=1e-14)
    product = f.hvp({"a": SCORES, "m": MASK}, {"a": np.ones((2, 2))})
    np.testing.assert_allclose(product, [[0, 0], [np.exp(3.0), 0]], rtol=1e-14)


def test_masked_attention():
    """Weights of what is masked are 0, and no slope reaches it."""
    softmax = (P[i, c], sp.exp(q[i, c]) / sp.Sum(sp.exp(q[i, k]), (k, 0, K - 1)))
    f = sg.compile(sp.Sum(P[i, c] * (c + 1), (c, 0, K - 1), (i, 0, n - 1)), where=[WHERE[0], softmax], wrt=a)
    mask = np.array([[1.0, 0.0], [1.0, 1.0]])
    value, gradient = f.value_and_grad(a=SCORES, m=mask)
    second = 1 / (1 + np.exp(-1.0))
    assert value == pytest.approx(1 + 1 + second, rel=1e-14)
    np.testing.assert_allclose(gradient, [[0, 0], [-second * (1 - second), second * (1 - second)]], rtol=1e-13, atol=1e-16)
    assert np.isfinite(f.hessian(a=SCORES, m=mask)).all()


def test_a_softmax_of_nothing_has_no_limit_and_no_slope():
    softmax = (P[i, c], sp.exp(q[i, c]) / sp.Sum(sp.exp(q[i, k]), (k, 0, K - 1)))
    f = sg.compile(P[i, c], outputs=(i, c), where=[WHERE[0], softmax], wrt=a)
    value = f(a=SCORES, m=MASK)
    assert np.isnan(value[0]).all()
    np.testing.assert_array_equal(value[1], [1.0, 0.0])
    loss = sg.compile(sp.Sum(P[i, c] ** 2, (c, 0, K - 1), (i, 0, n - 1)), where=[WHERE[0], softmax], wrt=a)
    np.testing.assert_allclose(loss.grad(a=SCORES, m=MASK), np.zeros((2, 2)), atol=1e-15)


def test_the_largest_of_nothing():
    f = sg.compile(sp.Sum(sp.exp(sg.MaxOver(a[i, c], (c, 0, K - 1))), (i, 0, n - 1)), wrt=a)
    value, gradient = f.value_and_grad(a=GONE)
    assert value == 1.0
    np.testing.assert_array_equal(gradient, [[0, 0], [1, 0]])
