"""Rules over an index: norms far from 1, variances around a large mean, quadratic forms through a solution."""

import numpy as np
import pytest
import sympy as sp

import symgrad as sg

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
        assert "linalg.inv" not in f.kernel_text("value")
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
