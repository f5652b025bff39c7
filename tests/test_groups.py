"""Formulas of several inputs that are a product of powers times a function of one product of powers, expanded where they lose digits."""

import math
import random

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check.ulps import ulps
from symgrad.declare.declaration import declare
from symgrad.graph.rows import Ref
from symgrad.rewrite.expansions.dimensions import dimensions
from symgrad.rewrite.expansions.groups import group, with_signs
from symgrad.rewrite.stabilise import stabilise

x, b, q = sp.symbols("x b q", real=True)
r, h, k = sp.symbols("r h k", positive=True)
n, i, j, m = sp.symbols("n i j m", integer=True)
X, S = sp.IndexedBase("X", shape=(n,)), sp.IndexedBase("S", shape=(m,))
R = sp.Rational

SEGMENT = r**2 * sp.acos((r - h) / r) - (r - h) * sp.sqrt(2 * r * h - h**2)
DIPOLE = q / 3 * (1 / (r - h / 2) ** 2 - 1 / (r + h / 2) ** 2)
GROUPS = {
    "circular segment": (SEGMENT, 1),
    "difference of wave and slope": (sp.tan(b * x) - sp.sin(b * x), 1),
    "dipole": (DIPOLE, 1),
    "Langevin magnetisation": (q * (sp.coth(b * x / k) - k / (b * x)), 1),
    "pseudo-Huber slope": (2 * r * (sp.sqrt(1 + (x / r) ** 2) - 1) - x**2 / (r * sp.sqrt(1 + (x / r) ** 2)), 1),
    "root of a quadratic equation": ((-h + sp.sqrt(h**2 - 4 * r * k)) / (2 * r), 1),
    "product": (x * b**2 / r, 0),
    "two groups": (sp.exp(x) - sp.cos(b), 2),
    "two groups, of which one is small where doubles look": (q * (sp.exp(10**5 * b * x) - sp.exp(-(10**5) * (1 - b) * x)), 2),
    "two groups in one function": (sp.log(1 + x + b**2), 2),
    "a choice": (sp.Max(x, b), 1),
    "an absolute value": (sp.Abs(x) + b, 1),
}
"""Formulas and how many dimensionless groups they have; those with kinks are left alone."""
KINKED = ("a choice", "an absolute value")


def found(formula):
    program = stabilise(declare(formula, sorted(formula.free_symbols, key=str)).program)
    graph, names = program.graph, {}
    root = next(iter(program.outputs.values())).ref
    for index in program.graph.inputs_among(program.live()):
        names[Ref(index)] = sp.Symbol(graph.rows[index].payload.name)
    known = group(graph, root, list(names))
    return with_signs(graph, root, list(names), known) if known is not None else None, names


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_is_found_where_there_is_one(name):
    formula, count = GROUPS[name]
    known, names = found(formula)
    assert (known is not None) == (count == 1 and name not in KINKED)
    if known is None:
        return
    plain = formula.subs({one: sp.Symbol(one.name) for one in formula.free_symbols})
    t = names[known.pivot] * sp.Mul(*(names[ref] ** p for ref, p in known.powers.items()))
    scale = sp.Mul(*(names[ref] ** p for ref, p in known.scale.items()))
    inner = plain.subs({symbol: 1 for ref, symbol in names.items() if ref != known.pivot})
    for values in ((R(3), R(1, 4), R(5, 7), R(2, 9)), (R(5), R(1, 3), R(3, 2), R(7, 5))):
        at = dict(zip(sorted(names.values(), key=str, reverse=True), values, strict=False))
        want, got = plain.subs(at), scale.subs(at) * inner.subs(names[known.pivot], t.subs(at))
        assert sp.N(want, 40) == pytest.approx(sp.N(got, 40), rel=1e-35)


def test_what_must_be_positive_is_asked_for():
    known, names = found(SEGMENT)
    assert {names[ref].name for ref in known.positive} == {"r", "h"}
    known, names = found(sp.tan(b * x) - sp.sin(b * x))
    assert known.positive == ()


@pytest.mark.parametrize("formula, without, of_row", [
    (sp.sqrt(r**2 + h**2) + r, {"r": 1, "h": -1}, {"r": 1}),
    (r**2 * sp.exp(h / r), {"r": 1, "h": -1}, {"r": 2}),
    (sp.log(1 + r * h) / sp.sqrt(r), {"r": 1, "h": 1}, {"r": R(-1, 2)}),
    (sp.sqrt(h**2 + k) - h, {"h": 2, "k": -1}, {"h": 1}),
    (sp.tanh(r / k) * h, {"r": 1, "k": -1}, {"h": 1}),
    (q * sp.log(1 + r / k), {"r": 1, "k": -1}, {"q": 1}),
    (r * h**2, None, None), (sp.exp(r) + h, None, None), (sp.tanh(r) + sp.tanh(h), None, None),
], ids=str)
def test_dimensions(formula, without, of_row):
    program = stabilise(declare(formula, sorted(formula.free_symbols, key=str)).program)
    graph, root = program.graph, next(iter(program.outputs.values())).ref
    known = dimensions(graph, root)
    assert (known is None) == (without is None)
    if known is None:
        return

    def named(powers):
        return {graph.rows[index].payload.name: p for index, p in powers.items()}

    group_of, row = named(known.group), named(known.row)
    shares = {one: p / sp.Integer(without[one]) for one, p in group_of.items()}
    assert set(shares) == set(without) and len(set(shares.values())) == 1
    difference = {one: row.get(one, 0) - of_row.get(one, 0) for one in {*row, *of_row, *without}}
    assert len({difference[one] / sp.Integer(p) for one, p in without.items()}) == 1
    assert all(difference[one] == 0 for one in difference if one not in without)


EXPANDED = {
    "circular segment": (SEGMENT, {"r": (0.5, 50), "h": (1e-7, 0.05)}),
    "dipole": (DIPOLE, {"q": (-3, 3), "r": (0.1, 10), "h": (1e-9, 1e-2)}),
    "difference of wave and slope": (sp.tan(b * x) - sp.sin(b * x), {"b": (-2, 2), "x": (-0.2, 0.2)}),
    "pseudo-Huber": (r**2 * (sp.sqrt(1 + (x / r) ** 2) - 1), {"r": (0.1, 100), "x": (-0.01, 0.01)}),
    "root of a quadratic equation": ((-h + sp.sqrt(h**2 - 4 * r * k)) / (2 * r), {"h": (1, 10), "r": (1e-9, 1e-2), "k": (1e-9, 1)}),
    "times what is in the way": (sp.exp(-q) * SEGMENT, {"q": (-1, 1), "r": (0.5, 50), "h": (1e-7, 0.05)}),
}


@pytest.mark.parametrize("name", EXPANDED)
def test_values_and_gradients_keep_their_digits(name):
    formula, box = EXPANDED[name]
    symbols = sorted(formula.free_symbols, key=str)
    f = sg.compile(formula, wrt=symbols)
    exact = [sp.lambdify(symbols, one, "mpmath") for one in (formula, *(sp.diff(formula, one) for one in symbols))]
    drawn = random.Random(1)
    for _ in range(40):
        at = {one.name: drawn.uniform(*box[one.name]) for one in symbols}
        value, gradient = f.value_and_grad(**at)
        with mpmath.workdps(80):
            wants = [one(*(mpmath.mpf(at[symbol.name]) for symbol in symbols)) for one in exact]
        for got, want, limit in zip((value, *gradient), wants, (4, 16, 16, 16), strict=False):
            assert ulps(float(got), want) <= limit, (at, got, want)


@pytest.mark.parametrize("at", [{"h": -1.0, "r": 1e-5, "k": 1e-5}, {"h": 2.0, "r": -1e-5, "k": 1e-5}, {"h": 2.0, "r": 3.0, "k": 1e-5}, {"h": 1.0, "r": 1e-170, "k": 1e170}], ids=str)
def test_elsewhere_the_formula_is_as_it_was(at):
    formula = EXPANDED["root of a quadratic equation"][0]
    given = {one.name: sp.Symbol(one.name, real=True) for one in formula.free_symbols}
    f = sg.compile(formula.subs({one: given[one.name] for one in formula.free_symbols}), wrt=list(given.values()))
    plain = f.with_options(precise=False)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(np.array(f.value(**at)), np.array(plain.value(**at)), rtol=1e-9)


def test_limits_at_zero():
    f = sg.compile(EXPANDED["root of a quadratic equation"][0], wrt=[r])
    assert f.value(h=2.0, r=0.0, k=1e-5) == -5e-6
    assert sg.compile((sp.exp(b * x) - 1) / b, wrt=x).value(b=0.0, x=3.0) == 3.0


def test_arrays_of_different_axes():
    f = sg.compile(sp.Sum(sp.tan(X[i] * S[j]) - sp.sin(X[i] * S[j]), (i, 0, n - 1), (j, 0, m - 1)), wrt=[X, S])
    xs, ss = np.array([1e-6, -0.3, 0.01]), np.array([0.5, -1.5])
    with mpmath.workdps(60):
        slope = [float(sum(s * (1 / mpmath.cos(a * s) ** 2 - mpmath.cos(a * s)) for s in map(mpmath.mpf, ss))) for a in map(mpmath.mpf, xs)]
    np.testing.assert_allclose(f.grad(X=xs, S=ss)[0], slope, rtol=1e-14)
    whole = sg.compile(sp.tan(b * x) - sp.sin(b * x), wrt=b, batch=[x], reduce=None)
    assert whole.value(b=0.5, x=xs).shape == (3,) and whole.value(b=0.5, x=xs[:0]).shape == (0,)
    assert whole.value(b=np.float32(0.5), x=xs.astype(np.float32)).dtype == np.float32
    many = np.linspace(-1, 1, 9001)
    np.testing.assert_array_equal(whole.value(b=0.5, x=many)[5000:], whole.value(b=0.5, x=many[5000:]))


def test_second_derivatives_and_tangents():
    formula, _ = EXPANDED["circular segment"]
    f, at = sg.compile(formula, wrt=[r, h]), {"r": 3.0, "h": 1e-6}
    with mpmath.workdps(60):
        exact = sp.hessian(formula, [r, h]).subs({one: sp.Rational(at[one.name]) for one in (r, h)}).evalf(50)
    for row, want in zip(f.hessian(**at), exact.tolist(), strict=True):
        for got, one in zip(row, want, strict=True):
            assert float(got) == pytest.approx(float(one), rel=1e-9)
    gradient = f.grad(**at)
    assert f.jvp(at, {"r": 2.0, "h": -1e-6})[1] == pytest.approx(2 * gradient[0] - 1e-6 * gradient[1], rel=1e-12)
    assert math.isclose(f.vjp(3.0, **at)[1], 3 * gradient[1], rel_tol=1e-14)


def test_what_has_to_be_positive_is_told_apart_on_arrays():
    depth, time, spread, ratio = sp.symbols("depth time spread ratio", positive=True)
    far = depth / (2 * sp.sqrt(spread * time))
    heated = sp.erfc(far) - sp.exp(ratio * depth + ratio**2 * spread * time) * sp.erfc(far + ratio * sp.sqrt(spread * time))
    inputs = [depth, time, spread, ratio]
    points = np.array([[0.1, 0.5, 2.0], [3.0, 0.2, 1.0], [0.5, 1.5, 0.1], [0.3, 2.0, 1.0]])
    given = dict(zip(map(str, inputs), points, strict=True))
    whole, one = sg.compile(heated, wrt=inputs, batch=inputs, reduce=None), sg.compile(heated, wrt=inputs)
    assert "_group_expansion(" in whole.kernel_text("vjp")
    slopes = [one.grad(**dict(zip(map(str, inputs), point, strict=True))) for point in points.T]
    np.testing.assert_allclose(whole.vjp(np.ones(3), **given), np.transpose(slopes), rtol=1e-13)
