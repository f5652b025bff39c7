"""Rules over an index and on arrays: norms, variances, solutions, log-sum-exps of rows and of a few terms in their tails."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check.ulps import ulps

n, d = sp.symbols("n d", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
x, z = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("z", shape=(n, d))


@pytest.mark.parametrize("scale", [1e-200, 1e-160, 1e-5, 1.0, 1e5, 1e160, 1e200])
def test_a_norm_is_right_far_from_one(scale):
    f = sg.compile(sp.sqrt(sp.Sum(x[i] ** 2, (i, 0, n - 1))), wrt=x)
    value, gradient = f.value_and_grad(x=scale * np.array([3.0, 4.0, 12.0]))
    assert value == pytest.approx(13 * scale, rel=4e-16, abs=0)
    np.testing.assert_allclose(gradient, np.array([3, 4, 12]) / 13, rtol=1e-15)


def test_norms_of_rows_and_their_slopes_at_zero():
    f = sg.compile(sp.Sum(sp.sqrt(sp.Sum(z[i, j] ** 2, (j, 0, d - 1))), (i, 0, n - 1)), wrt=z)
    at = np.array([[3.0, 4.0], [0.0, 0.0], [1e200, 0.0]])
    np.testing.assert_allclose(f.grad(z=at), [[0.6, 0.8], [0.0, 0.0], [1.0, 0.0]], rtol=1e-15)
    assert np.isfinite(f.hessian(z=at)).all()
    assert f.check(z=at[:1]).passed and f.grad(z=at[:2].astype(np.float32)).dtype == np.float32


def test_a_variance_survives_a_large_mean():
    squares, total = sp.Sum(x[i] ** 2, (i, 0, n - 1)), sp.Sum(x[i], (i, 0, n - 1))
    f = sg.compile(squares / n - (total / n) ** 2, wrt=x)
    at = 1e9 + np.arange(5.0)
    value, gradient = f.value_and_grad(x=at)
    assert value == pytest.approx(2.0, rel=1e-15)
    np.testing.assert_allclose(gradient, 2 / 5 * (np.arange(5.0) - 2), rtol=1e-13)
    np.testing.assert_allclose(f.hessian(x=at), 2 / 5 * (np.eye(5) - 1 / 5), rtol=1e-13, atol=1e-16)


def test_a_sum_of_squares_and_another_square_are_no_variance():
    squares, total = sp.Sum(x[i] ** 2, (i, 0, n - 1)), sp.Sum(x[i], (i, 0, n - 1))
    at = np.array([1.0, 2.0, 4.0])
    assert sg.compile(squares / n - total**2 / n, wrt=x)(x=at) == pytest.approx((1 + 4 + 16) / 3 - 49 / 3)


def test_inverses_that_are_multiplied_become_solutions():
    A, B, b = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, d), sp.MatrixSymbol("b", n, 1)
    rng = np.random.default_rng(3)
    at = dict(A=rng.normal(size=(4, 4)) + 4 * np.eye(4), B=rng.normal(size=(4, 2)), b=rng.normal(size=4))
    inverse = np.linalg.inv(at["A"])
    for expr, want in ((sp.Trace(b.T * A.inv() * b), at["b"] @ inverse @ at["b"]), (sp.Trace(B.T * A.inv() * B), np.trace(at["B"].T @ inverse @ at["B"])),
                       (sp.Trace(A.inv().T * B * B.T), np.trace(inverse.T @ at["B"] @ at["B"].T))):
        wrt = [symbol for symbol in (A, B, b) if expr.has(symbol)]
        f = sg.compile(expr, wrt=wrt)
        given = {name: at[name] for name in f.arguments}
        assert f(**given) == pytest.approx(want, rel=1e-12)
        assert "linalg.inv" not in f._kernel("value")[0]
        assert sg.check_gradients(f, given, order=2).passed


def test_a_solution_keeps_digits_that_an_inverse_loses():
    A, b = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("b", n, 1)
    f = sg.compile(A.inv() * b, wrt=b)
    hilbert = 1 / (np.arange(8)[:, None] + np.arange(8) + 1)
    ours, plain = f(A=hilbert, b=hilbert @ np.ones(8)), np.linalg.inv(hilbert) @ (hilbert @ np.ones(8))
    assert np.abs(ours - 1).max() <= np.abs(plain - 1).max()


def test_the_absolute_determinant_has_a_logarithm():
    A = sp.MatrixSymbol("A", n, n)
    f = sg.compile(sp.log(sp.Abs(sp.Determinant(A))), wrt=A)
    assert f(A=np.diag([2.0, -3.0])) == pytest.approx(np.log(6))
    np.testing.assert_allclose(f.grad(A=np.diag([2.0, -3.0])), np.diag([1 / 2, -1 / 3]), rtol=1e-15)


def test_a_determinant_may_carry_a_positive_factor():
    A = sp.MatrixSymbol("A", n, n)
    small, large = np.array([[2.0, 1.0], [0.5, 3.0]]), np.diag(np.full(400, 1e10))
    for factor, shift in ((2, lambda size: np.log(2)), ((2 * sp.pi) ** n, lambda size: size * np.log(2 * np.pi))):
        f = sg.compile(sp.log(factor * sp.Determinant(A)), wrt=A)
        assert f(A=small) == pytest.approx(np.log(5.5) + shift(2), rel=1e-14)
        assert f(A=large) == pytest.approx(400 * np.log(1e10) + shift(400), rel=1e-14)
        assert np.isnan(f(A=np.diag([1.0, -1.0])))
        np.testing.assert_allclose(f.grad(A=small), np.linalg.inv(small).T, rtol=1e-13)


# ---------------------------------------------------------------- log-sum-exps

MINUS = -np.inf
ROWS = np.array([[-700.0, -740.0, -709.0], [1e4, 1e4 - 3, 1e4 - 40], [0.0, MINUS, -2.0], [31.0, 0.0, -5.0]])
TOP = sg.MaxOver(z[i, j], (j, 0, d - 1))
m, s, q = (sp.IndexedBase(name) for name in "msq")
SPELLINGS = {
    "by a sum": ([], sp.log(sp.Sum(sp.exp(z[i, j]), (j, 0, d - 1)))),
    "less a named maximum": ([(m[i], TOP)], m[i] + sp.log(sp.Sum(sp.exp(z[i, j] - m[i]), (j, 0, d - 1)))),
    "less its maximum": ([], TOP + sp.log(sp.Sum(sp.exp(z[i, j] - TOP), (j, 0, d - 1)))),
    "with a factor": ([], sp.log(sp.Sum(3 * sp.exp(z[i, j]), (j, 0, d - 1)) / 3)),
}


def softmax_truth(row):
    """log-sum-exp and softmax of a row to 40 digits."""
    with mpmath.workdps(40):
        powers = [mpmath.exp(mpmath.mpf(float(a))) for a in row]
        total = mpmath.fsum(powers)
        return mpmath.log(total), [power / total for power in powers]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_log_sum_exp_of_rows_keeps_its_tails(spelling):
    where, expr = SPELLINGS[spelling]
    value = sg.compile(expr, outputs=(i,), where=where, wrt=z)(z=ROWS)
    gradient = sg.compile(sp.Sum(s[i], (i, 0, n - 1)), where=[*where, (s[i], expr)], wrt=z).grad(z=ROWS)
    for k, row in enumerate(ROWS):
        log, shares = softmax_truth(row)
        assert ulps(value[k], log) <= 4
        assert max(ulps(found, share) for found, share in zip(gradient[k], shares, strict=True)) <= 4


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_log_sum_exp_of_nothing(spelling):
    """Minus infinity, without slopes, whether the mask comes by Piecewise or the row itself is of nothing."""
    where, expr = SPELLINGS[spelling]
    assert sg.compile(expr, outputs=(i,), where=where, wrt=z)(z=np.array([[MINUS, MINUS], [0.0, MINUS]])).tolist() == [MINUS, 0.0]
    keep, scores = sp.IndexedBase("keep", shape=(n, d)), sp.IndexedBase("scores", shape=(n, d))
    masked = [(q[i, j], sp.Piecewise((scores[i, j], keep[i, j] > 0), (-sp.oo, True)))]
    where = [*masked, *((left, right.xreplace({z: q})) for left, right in where), (s[i], expr.xreplace({z: q}))]
    f = sg.compile(sp.Sum(sp.exp(s[i]), (i, 0, n - 1)), where=where, wrt=scores)
    at = dict(scores=np.array([[1.0, 2.0], [3.0, 4.0]]), keep=np.array([[0.0, 0.0], [1.0, 0.0]]))
    want = [[0, 0], [np.exp(3.0), 0]]
    np.testing.assert_allclose(f.grad(**at), want, rtol=1e-14)
    np.testing.assert_allclose(f.grad_forward(**at), want, rtol=1e-14)
    assert np.isfinite(f.hessian(**at)).all()


a, b = sp.symbols("a b", real=True)


@pytest.mark.parametrize("count", [2, 3, 8, 11])
def test_a_log_sum_exp_of_a_few_terms_keeps_its_tails(count):
    """Scalars and arrays alike; more terms than one function takes are added up in turns."""
    letters = sp.symbols(f"a_:{count}", real=True)
    expr = sp.log(sum((k + 1) * sp.exp(letter) for k, letter in enumerate(letters)))
    f, rows = (sg.compile(expr, wrt=list(letters), **more) for more in ({}, {"batch": list(letters), "reduce": None}))
    points = np.random.default_rng(5).uniform(-745, -700, (6, count)).round()
    logs = points + np.log(np.arange(1, count + 1))
    for point, log in zip(points, logs, strict=True):
        _, shares = softmax_truth(log)
        np.testing.assert_allclose(f.grad(*point), np.array([float(share) for share in shares]), rtol=2e-13)
    np.testing.assert_allclose(rows.value(*points.T), [f(*point) for point in points], rtol=1e-15)
    np.testing.assert_allclose(np.stack(rows.vjp(np.ones(6), *points.T)).T, [f.grad(*point) for point in points], rtol=2e-15)
    assert sg.check_gradients(f, {letter.name: 0.3 * k for k, letter in enumerate(letters)}, order=2).passed


def test_terms_may_be_infinite():
    f = sg.compile(sp.log(sp.exp(a) + 2 * sp.exp(b)), wrt=[a, b])
    assert f(a=MINUS, b=MINUS) == MINUS and f(a=MINUS, b=0.0) == pytest.approx(np.log(2)) and f(a=np.inf, b=0.0) == np.inf
    assert f.grad(a=MINUS, b=0.0) == (0.0, 1.0) and f.grad(a=-800.0, b=800.0) == (0.0, 1.0)


def test_long_arrays_go_block_by_block():
    f = sg.compile(sp.log(sp.exp(a) + 3 * sp.exp(2 * a) + 1), wrt=a, batch=[a], reduce=None)
    at = np.linspace(-800, 800, 10_001)
    want = np.logaddexp.reduce([at, 2 * at + np.log(3), np.zeros_like(at)])
    np.testing.assert_allclose(f.value(a=at), want, rtol=1e-13, atol=0)
    assert f.value(a=at[:0]).shape == (0,)


def test_an_exponential_less_its_own_exponential_ends_in_zero():
    f = sg.compile(1 - sp.exp(-sp.exp(a)), wrt=a)
    assert [(f.grad(a=point), f.hessian(a=point)) for point in (50.0, 709.0, 800.0, 1e4)] == [(0.0, 0.0)] * 4
    assert sg.compile(sp.log(1 - sp.exp(-sp.exp(a))), wrt=a).value_and_grad(a=-1000.0) == (-1000.0, 1.0)
