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
