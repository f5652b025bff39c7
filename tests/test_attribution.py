"""Formulas of several inputs: what rounding loses is put back where no change of an input by its last digit explains it, and there alone."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check.summands import summands
from symgrad.check.ulps import ulps
from symgrad.rewrite.attribution import attribution

a, b, c = sp.symbols("a b c", positive=True)
x, y, z, w, v, t, k, phi = sp.symbols("x y z w v t k phi", real=True)
h = sp.Symbol("h", real=True)

EXPLAINED = {
    "neuron": (sp.tanh(w * x + b), ()),
    "neuron of two inputs": (1 / (1 + sp.exp(-(w * x + v * y + b))), ()),
    "two layers": (sp.tanh(v * h + c), ((h, sp.tanh(w * x + b)),)),
    "named argument, both signs": (-y * sp.log(1 / (1 + sp.exp(-h))) - (1 - y) * sp.log(1 - 1 / (1 + sp.exp(-h))), ((h, w * x + b),)),
    "wave": (a * sp.sin(k * x - w * t + phi), ()),
    "product in two places": (h + sp.sin(h) * (y + h**2), ((h, w * x),)),
    "parabola": (sp.tanh(a * x**2 + b * x + c), ()),
}
UNEXPLAINED = {
    "angle of a triangle": (sp.acos((a**2 + b**2 - c**2) / (2 * a * b)), [(1.0, 1.0, 1e-6), (3.0, 4.0, 5.0), (100.0, 100.000001, 0.001), (2.0, 3.0, 4.5)]),
    "area of a triangle": (sp.sqrt(h * (h - a) * (h - b) * (h - c)), [(1.0, 1.0, 1e-9), (3.0, 4.0, 5.0), (1.0, 1.0, 1.9999999), (9.0, 5.0, 4.5)]),
    "distance of roots over their sum": (sp.sqrt(b**2 - 4 * a * c) / b, [(1.0, 2.0000001, 1.0), (1.0, 1e5, 1.0), (0.3, 1.1, 1.0)]),
}
WHERE = {"area of a triangle": ((h, (a + b + c) / 2),)}


@pytest.mark.parametrize("name", EXPLAINED)
def test_what_a_change_of_inputs_explains_is_left_as_it_is(name):
    formula, where = EXPLAINED[name]
    inputs = sorted({*formula.free_symbols, *(one for _, right in where for one in right.free_symbols)} - {h}, key=str)
    f = sg.compile(formula, wrt=inputs, where=where)
    assert all(f.kernel_text(entry) == f.with_options(precise=False).kernel_text(entry) for entry in ("value", "value_and_grad", "jvp"))


def written(name):
    formula, points = UNEXPLAINED[name]
    for left, right in WHERE.get(name, ()):
        formula = formula.subs(left, right)
    return formula, points


@pytest.mark.parametrize("name", UNEXPLAINED)
def test_others_are_right_and_so_are_their_slopes(name):
    formula, points = written(name)
    f = sg.compile(UNEXPLAINED[name][0], wrt=[a, b, c], where=WHERE.get(name, ()))
    rows = [formula, *(sp.diff(formula, one) for one in (a, b, c))]
    for point in points:
        value, gradient = f.value_and_grad(**dict(zip("abc", point, strict=True)))
        with mpmath.workdps(80):
            right = [sp.lambdify((a, b, c), row, "mpmath")(*map(mpmath.mpf, point)) for row in rows]
        assert ulps(float(value), right[0]) <= 4, point
        for name, got, want in zip("abc", gradient, right[1:], strict=True):
            scale = summands(f, "value_and_grad", f"grad {name}", name)(**dict(zip("abc", point, strict=True)))
            assert ulps(float(got), want, scale) <= 16, (name, point)


@pytest.mark.parametrize("name", UNEXPLAINED)
def test_arrays_agree_with_numbers(name):
    formula, points = UNEXPLAINED[name]
    f = sg.compile(formula, wrt=[a, b, c], where=WHERE.get(name, ()), batch=[a, b, c], reduce=None)
    one = sg.compile(formula, wrt=[a, b, c], where=WHERE.get(name, ()))
    got = f(**dict(zip("abc", np.array(points).T, strict=True)))
    np.testing.assert_allclose(got, [one(**dict(zip("abc", point, strict=True))) for point in points], rtol=1e-15)


def test_inputs_of_a_sum_and_of_many_are_not_asked_for():
    n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
    u = sp.IndexedBase("u", shape=(n,))
    assert attribution(sg.compile(sp.acos(sp.Sum(u[i] ** 2, (i, 0, n - 1)) - x), wrt=[u, x]).program) is None
    assert attribution(sg.compile(sp.sin(x), wrt=x).program) is None
    assert attribution(sg.compile(sum(sp.symbols("s0:20", real=True)) ** 2, wrt=["s0"]).program) is None
