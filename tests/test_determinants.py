"""Determinants that leave the range of doubles, in likelihoods that do not, and powers of their powers."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import symgrad as sg

n = sp.Symbol("n", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n)
u, v = sp.MatrixSymbol("u", n, 1), sp.MatrixSymbol("v", n, 1)
w, h = sp.Symbol("w", positive=True), sp.Symbol("h", real=True)
POSITIVE, NEGATIVE = np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([[2.0, 1.0], [4.0, 1.0]])


def normal(covariance: sp.MatrixSymbol, z: sp.MatrixSymbol) -> sp.Expr:
    return sp.exp(-(z.T * covariance.inv() * z)[0, 0] / 2) / sp.sqrt((2 * sp.pi)**n * sp.Determinant(covariance))


def mixture(size: int, scale: float) -> dict:
    rng = np.random.default_rng(0)
    sides = [rng.normal(size=(size, size)) for _ in range(2)]
    covariances = [(side @ side.T / size + np.eye(size)) * scale for side in sides]
    points = [rng.normal(size=(size, 1)) * np.sqrt(scale) for _ in range(2)]
    return dict(A=covariances[0], B=covariances[1], u=points[0], v=points[1], w=0.3)


def log_normal(covariance: np.ndarray, z: np.ndarray) -> float:
    return -(np.linalg.slogdet(2 * np.pi * covariance)[1] + (z.T @ np.linalg.solve(covariance, z))[0, 0]) / 2


@pytest.mark.parametrize("size, scale", [(4, 1.0), (150, 1e-5), (150, 1e5)])
def test_a_mixture_of_normal_distributions(size: int, scale: float) -> None:
    at = mixture(size, scale)
    first, second = np.log(at["w"]) + log_normal(at["A"], at["u"]), np.log1p(-at["w"]) + log_normal(at["B"], at["v"])
    density = w * normal(A, u) + (1 - w) * normal(B, v)
    log = sg.compile(sp.log(density), wrt=[A, u, w])
    share = sg.compile(w * normal(A, u) / density, wrt=[u, w])
    posterior = np.exp(first - np.logaddexp(first, second))
    assert log.value(**at) == pytest.approx(np.logaddexp(first, second), rel=1e-13)
    assert share.value(**at) == pytest.approx(posterior, rel=1e-11)
    towards_a, towards_u, _ = log.grad(**at)
    solved = np.linalg.solve(at["A"], at["u"])
    np.testing.assert_allclose(towards_u, -posterior * solved, rtol=1e-10, atol=1e-12 * np.abs(solved).max())
    wanted = posterior / 2 * (solved @ solved.T - np.linalg.inv(at["A"]))
    np.testing.assert_allclose(towards_a, wanted, rtol=1e-8, atol=1e-10 * np.abs(wanted).max())
    assert all(np.isfinite(one).all() for one in share.grad(**at))


@pytest.mark.parametrize("formula, step", [
    (sp.log(1 / h), sp.sqrt(sp.Determinant(A))), (sp.log(h**2), sp.sqrt(sp.Determinant(A))), (sp.log(sp.sqrt(h)), sp.Determinant(A)**2),
    (sp.log(1 / h), sp.Abs(sp.Determinant(A))), (sp.log(h**3), 1 / sp.Determinant(A)), (sp.log(sp.sqrt(h)), sp.Abs(sp.Determinant(A))**3),
    (sp.exp(-w) / h, sp.sqrt(sp.Determinant(A))), (sp.exp(-w) * h**2, sp.Determinant(A)), (sp.exp(-w) * h, sp.Determinant(A)**3),
    (sp.exp(-w) / h, sp.Determinant(A)), (sp.exp(w) * sp.sqrt(h), sp.Determinant(A)**2)])
@pytest.mark.parametrize("matrix", [POSITIVE, NEGATIVE])
def test_powers_of_powers_of_a_determinant_are_those_of_plain_code(formula: sp.Expr, step: sp.Expr, matrix: np.ndarray) -> None:
    f = sg.compile(formula, wrt=A, where=[(h, step)])
    plain = f.with_options(rewrite=False)
    given = dict(A=matrix, **({"w": 0.7} if "w" in f.arguments else {}))
    np.testing.assert_allclose(f.value(**given), plain.value(**given), rtol=1e-13)
    if np.isfinite(plain.value(**given)):
        np.testing.assert_allclose(f.grad(**given), plain.grad(**given), rtol=1e-12)


@pytest.mark.parametrize("size, scale", [(3, 1.0), (100, 1e-4), (100, 1e4)])
def test_the_logarithm_of_a_wishart_density(size: int, scale: float) -> None:
    """Powers of determinants by an operand."""
    nu = sp.Symbol("nu", positive=True)
    density = sp.Determinant(A)**((nu - n - 1) / 2) * sp.exp(-sp.Trace(B.inv() * A) / 2) / (2**(nu * n / 2) * sp.Determinant(B)**(nu / 2))
    f = sg.compile(sp.log(density), wrt=[A, B, nu])
    at = {name: array for name, array in mixture(size, scale).items() if name in "AB"} | {"nu": size + 20.0}
    logs = {name: np.linalg.slogdet(at[name])[1] for name in "AB"}
    wanted = 19 / 2 * logs["A"] - np.trace(np.linalg.solve(at["B"], at["A"])) / 2 - at["nu"] / 2 * (logs["B"] + size * np.log(2))
    assert f.value(**at) == pytest.approx(wanted, rel=1e-13)
    towards_a, _, towards_nu = f.grad(**at)
    assert towards_nu == pytest.approx((logs["A"] - logs["B"] - size * np.log(2)) / 2, rel=1e-12)
    inverses = 19 / 2 * np.linalg.inv(at["A"]) - np.linalg.inv(at["B"]) / 2
    np.testing.assert_allclose(towards_a, inverses, rtol=1e-9, atol=1e-11 * np.abs(inverses).max())
    assert np.isnan(f.value(**{**at, "A": np.diag([-1.0, *np.ones(size - 1)])}))
