"""Distances on a sphere by cosine and by haversine, and angles between vectors: close by, far away, and at the antipode."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check.ulps import ulps

p1, l1, p2, l2, R = sp.symbols("p1 l1 p2 l2 R", real=True)
COSINE = R * sp.acos(sp.sin(p1) * sp.sin(p2) + sp.cos(p1) * sp.cos(p2) * sp.cos(l2 - l1))
HAVERSINE = 2 * R * sp.asin(sp.sqrt(sp.sin((p2 - p1) / 2) ** 2 + sp.cos(p1) * sp.cos(p2) * sp.sin((l2 - l1) / 2) ** 2))
PLACES = {
    "a step": (0.5, 0.1, 0.500000001, 0.100000002),
    "along a parallel": (0.5, 0.1, 0.5, 0.1001),
    "along a meridian": (1.2, 0.3, 1.2000001, 0.3),
    "across an ocean": (0.71, -1.29, 0.9, 0.04),
    "nearly the antipode": (0.3, 0.2, -0.3, 3.34159265),
    "beyond the pole": (1.5, 0.0, 1.5, 3.1),
}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("formula", [COSINE, HAVERSINE], ids=["cosine", "haversine"])
def test_a_distance_and_its_slopes_are_right(formula, name):
    letters = (p1, l1, p2, l2)
    f = sg.compile(formula, wrt=letters)
    given = dict(zip(map(str, letters), PLACES[name], strict=True)) | {"R": 6371.0}
    value, gradient = f.value_and_grad(**given)
    with mpmath.workdps(80):
        right = [sp.lambdify((*letters, R), row, "mpmath")(*map(mpmath.mpf, given.values())) for row in (HAVERSINE, *(sp.diff(HAVERSINE, one) for one in letters))]
        assert ulps(float(value), right[0]) <= 8
        largest = float(max(map(abs, right[1:])))
        assert max(ulps(float(got), want, largest) for got, want in zip(gradient, right[1:], strict=True)) <= 16


def test_other_products_of_waves_are_no_arcs():
    for other in (sp.acos(sp.sin(p1) * sp.sin(p2) + sp.cos(p1) * sp.cos(l1) * sp.cos(l2)), sp.acos(sp.sin(p1) * sp.sin(p2) / 2 + sp.cos(p1) * sp.cos(p2) * sp.cos(l1) / 2),
                  sp.asin(sp.sqrt(sp.sin(p1 - p2) ** 2 + sp.cos(p1) * sp.cos(p2) * sp.sin(l1) ** 2))):
        assert "arctan2(xi" not in sg.compile(other, wrt=[p1, p2]).kernel_text("value").replace("asin_sqrt", "")


n, i, j = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True), sp.Symbol("j", integer=True)
x, y, z = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("z", shape=(n, n))


def norm(v):
    return sp.sqrt(sp.Sum(v(i) ** 2, (i, 0, n - 1)))


ANGLE = sp.acos(sp.Sum(x[i] * y[i], (i, 0, n - 1)) / (norm(lambda k: x[k]) * norm(lambda k: y[k])))
LEFT = np.array([10000.001, 10000.0, 9999.998])
RIGHT = {"across": np.array([-1.0, 0.5, 2.0]), "parallel": 0.25 * LEFT, "opposite": -2 * LEFT, "nearly parallel": LEFT + np.array([1e-9, 0, 0]),
         "nearly opposite": -LEFT + np.array([0, 1e-6, 0])}


def exactly(left, right):
    with mpmath.workdps(60):
        a, b = [mpmath.matrix([mpmath.mpf(one) for one in v]) for v in (left, right)]
        return mpmath.acos((a.T * b)[0] / (mpmath.norm(a) * mpmath.norm(b)))


@pytest.mark.parametrize("name", RIGHT)
def test_an_angle_is_right_to_the_rounding_of_its_vectors(name):
    f = sg.compile(ANGLE, wrt=[x, y])
    assert abs(f(x=LEFT, y=RIGHT[name]) - float(exactly(LEFT, RIGHT[name]))) <= 1e-15
    if name in ("across", "nearly parallel"):
        assert all(np.isfinite(one).all() for one in f.grad(x=LEFT, y=RIGHT[name]))


def test_its_slopes_agree_with_differences_also_of_rows():
    assert sg.compile(ANGLE, wrt=[x, y]).check(x=np.array([1.0, 2, 3]), y=np.array([-1.0, 0.5, 2])).passed
    rows = sp.acos(sp.Sum(z[j, i] * y[i], (i, 0, n - 1)) / (norm(lambda k: z[j, k]) * norm(lambda k: y[k])))
    f = sg.compile(rows, outputs=(j,), wrt=[z, y])
    at = dict(z=np.array([[1.0, 2, 3], [2.0, 1, 0], [-1.0, 0.5, 2]]), y=np.array([-1.0, 0.5, 2]))
    np.testing.assert_allclose(f(**at), [float(exactly(row, at["y"])) for row in at["z"]], atol=1e-15)
    assert f.check(z=at["z"][:, ::-1], y=at["y"]).passed
