"""Results of several inputs that are computed in twice the digits where rows tell that doubles are not enough."""

from __future__ import annotations

import math
import subprocess
import sys

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from marks import but_slow
from mpmath import mp
from sympy import exp, log, sin, tan

import symgrad as sg
from symgrad.check.ulps import ulps
from symgrad.rewrite.twice.places import places
from symgrad.rewrite.twice.separation import Feature, thresholds

A, K, L, a, b, p, q, t, u, v, w = sp.symbols("A K L a b p q t u v w", positive=True)
h, r, s, x, y = sp.symbols("h r s x y", real=True)
CERTAINTY = -log(p * exp(-t * a) + (1 - p) * exp(-t * b)) / t

FORMULAS: dict[str, tuple[sp.Expr, tuple[tuple[float, ...], ...]]] = {
    "constant elasticity of substitution": (A * (p * K**r + (1 - p) * L**r) ** (1 / r), ((1.0, 2.0, 3.0, 0.3, 1e-9), (1.0, 2.0, 3.0, 0.3, -1e-6), (2.0, 3.0, 0.7, 0.4, 0.8))),
    "certainty equivalent": (CERTAINTY, ((1.0, 2.0, 0.3, 1e-9), (3.0, 1.0, 0.4, 1e-5), (3.0, 1.0, 0.4, 2.0))),
    "Clayton copula": ((u**-r + v**-r - 1) ** (-1 / r), ((1e-9, 0.3, 0.6), (200.0, 0.01, 0.02), (2.0, 0.3, 0.6))),
    "Renyi divergence": (log(p**t * q ** (1 - t) + (1 - p) ** t * (1 - q) ** (1 - t)) / (t - 1), ((0.3, 0.6, 1.000000001), (0.3, 0.6, 0.999999), (0.2, 0.4, 3.0))),
    "Frank copula": (-log(1 + (exp(-r * u) - 1) * (exp(-r * v) - 1) / (exp(-r) - 1)) / r, ((50.0, 0.3, 0.6), (2.0, 0.3, 0.6))),
    "isometric latitude": (log(tan(sp.pi / 4 + x / 2) * ((1 - s * sin(x)) / (1 + s * sin(x))) ** (s / 2)), ((0.0818, 1e-9), (0.5, -1e-12), (0.0818, 0.9))),
    "angle of a triangle": (sp.acos((a**2 + b**2 - t**2) / (2 * a * b)), ((1.0, 1.0, 1e-6), (3.0, 4.0, 5.0), (2.0, 3.0, 4.5))),
    "tight binding": (1 - (u + v + w - sp.sqrt((u + v + w) ** 2 - 4 * u * v)) / (2 * u), ((5.0, 5.00001, 1e-12), (2.0, 1.0, 1e-9))),
}


def inputs(formula: sp.Expr) -> list[sp.Symbol]:
    return sorted((one for one in formula.free_symbols if isinstance(one, sp.Symbol)), key=str)


def truth(formula: sp.Expr, names: list[sp.Symbol], at: tuple[float, ...]) -> mpmath.mpf:
    with mp.workdps(120):
        return +sp.lambdify(names, formula, "mpmath")(*map(mp.mpf, at))


def largest_term(formula: sp.Expr, names: list[sp.Symbol], at: tuple[float, ...]) -> float:
    """Errors of a sum, also one times other factors, are measured by the largest of its terms."""
    return float(max(abs(truth(one, names, at)) for one in sp.Add.make_args(sp.expand_mul(formula))))


LONG = ("Renyi divergence", "Frank copula")
"""Those that take many seconds."""


@pytest.mark.parametrize("name", but_slow(FORMULAS, LONG))
def test_values_and_slopes_are_right(name: str) -> None:
    formula, points = FORMULAS[name]
    names = inputs(formula)
    model = sg.compile(formula, wrt=names)
    whole = sg.compile(formula, wrt=names, batch=names, reduce=None)
    columns = {str(one): np.array(column) for one, column in zip(names, zip(*points, strict=True), strict=True)}
    values, slopes = whole.value(**columns), whole.vjp(np.ones(len(points)), **columns)
    assert "_double_double_where(" in model.kernel_text("value")
    for k, point in enumerate(points):
        at = dict(zip(map(str, names), point, strict=True))
        want, scale = truth(formula, names, point), largest_term(formula, names, point)
        assert max(ulps(float(got), want, scale) for got in (model.value(**at), values[k])) <= 4, point
        for one, reverse, forward, column in zip(names, model.grad(**at), model.grad_forward(**at), slopes, strict=True):
            slope = sp.diff(formula, one)
            want, scale = truth(slope, names, point), largest_term(slope, names, point)
            errors = [ulps(float(got), want, scale) for got in (reverse, forward, column[k])]
            assert max(errors) <= 16, (one, point, errors)


STAY: dict[str, tuple[sp.Expr, tuple[tuple[sp.Symbol, sp.Expr], ...]]] = {
    "neuron": (sp.tanh(w * x + y), ()),
    "neuron of two inputs": (1 / (1 + exp(-(w * x + r * y + s))), ()),
    "two layers": (sp.tanh(r * h + s), ((h, sp.tanh(w * x + y)),)),
    "named argument, both signs": (-y * log(1 / (1 + exp(-h))) - (1 - y) * log(1 - 1 / (1 + exp(-h))), ((h, w * x + s),)),
    "wave": (a * sin(r * x - w * t + s), ()),
    "product in two places": (h + sin(h) * (y + h**2), ((h, w * x),)),
    "parabola": (sp.tanh(r * x**2 + s * x + y), ()),
    "bell": (exp(-((x - y) ** 2) / (2 * p**2)), ()),
    "valley": ((1 - x) ** 2 + 100 * (y - x**2) ** 2, ()),
    "logistic loss": (log(1 + exp(-y * w * x)), ()),
    "distance": (sp.sqrt(x**2 + y**2), ()),
    "parallel resistors": (p * q / (p + q), ()),
    "Arrhenius": (A * exp(-a / b), ()),
    "Michaelis-Menten": (A * u / (K + u), ()),
}


@pytest.mark.parametrize("name", STAY)
def test_what_changes_of_inputs_explain_stays(name: str) -> None:
    formula, where = STAY[name]
    names = sorted((formula.free_symbols | {one for _, right in where for one in right.free_symbols}) - {h}, key=str)
    model = sg.compile(formula, wrt=names, where=where)
    assert all("_double_double" not in model.kernel_text(entry) for entry in ("value", "value_and_grad", "jvp", "vjp"))


def test_it_can_be_switched_off() -> None:
    for options in ({"rewrite": False}, {"precise": False}):
        model = sg.compile(CERTAINTY, wrt=[p, t], **options)
        assert "_double_double" not in model.kernel_text("value_and_grad")


def test_a_mean_over_samples_is_right_where_each_sample_is() -> None:
    model, one = sg.compile(CERTAINTY, wrt=[p, t], batch=[a, b], reduce="mean"), sg.compile(CERTAINTY, wrt=[p, t])
    rng = np.random.default_rng(4)
    data = {"a": rng.uniform(1, 3, 50), "b": rng.uniform(1, 3, 50)}
    each = [one.value(p=0.3, t=1e-9, a=first, b=second) for first, second in zip(data["a"], data["b"], strict=True)]
    assert model.value(p=0.3, t=1e-9, **data) == pytest.approx(math.fsum(each) / 50, rel=1e-15)


def test_no_domain_is_widened() -> None:
    model = sg.compile(FORMULAS["constant elasticity of substitution"][0], wrt=[K])
    at = {"A": 1.0, "L": 3.0, "p": 0.3, "r": 1e-9}
    assert math.isnan(model.value(K=-2.0, **at)) and math.isnan(model.value(K=math.nan, **at))
    assert np.isnan(sg.compile(CERTAINTY, wrt=[t], batch=[a], reduce=None).value(a=np.array([math.nan]), b=1.0, p=0.3, t=1e-9)).all()


def test_precision_and_shape_of_arrays_stay() -> None:
    model = sg.compile(CERTAINTY, wrt=[t], batch=[a, b], reduce=None)
    data = {"a": np.linspace(1, 2, 5000, dtype=np.float32), "b": np.linspace(2, 3, 5000, dtype=np.float32)}
    found = model.value(p=0.25, t=1e-6, **data)
    assert found.dtype == np.float32 and found.shape == (5000,)
    exact = model.value(p=0.25, t=1e-6, **{name: column.astype(float) for name, column in data.items()})
    np.testing.assert_allclose(found, exact, rtol=1e-6)


def test_a_saved_module_needs_nothing_but_numpy(tmp_path) -> None:
    model = sg.compile(CERTAINTY, wrt=[p, t], name="certainty_equivalent")
    at = {"a": 1.0, "b": 2.0, "p": 0.3, "t": 1e-9}
    assert sg.load(model.save(tmp_path)).value(**at) == model.value(**at)
    code = f"import sys, certainty_equivalent as m; print(m.value(**{at})); assert not {{'sympy', 'symgrad', 'scipy'}} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert float(done.stdout) == model.value(**at)


# ---------------------------------------------------------------------- where to look, and how places are told apart


def test_places_reach_the_edges() -> None:
    found = places(3, 8)
    assert found.shape[0] == 3 and np.array_equal(found, places(3, 8)) and np.isfinite(found).all()
    for row in found:
        assert np.abs(row).min() < 1e-8 and np.abs(row).max() > 1e3 and (row < 0).any() and ((row > 0) & (row < 1)).sum() > 50
    gaps = np.abs(found[0] / found[1] - 1)
    assert ((gaps > 0) & (gaps < 1e-6)).any() and (np.abs(found - 1) < 1e-6).any(axis=1).all()


@given(st.floats(-250, 250), st.booleans(), st.integers(0, 2**32))
def test_a_bound_is_found(power: float, is_small: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = 10 ** (power + rng.uniform(-20, 20, 400))
    wanted = sizes < 10 ** (power - 5) if is_small else sizes > 10 ** (power + 5)
    other = Feature(rng.uniform(0, 1, 400), may_be_large=True)
    (found,) = thresholds([other, Feature(sizes, may_be_large=True)], wanted, ~wanted / np.count_nonzero(~wanted))
    assert (found.feature, found.is_small) == (1, is_small)
    assert found.holds([other, Feature(sizes, may_be_large=True)])[wanted].all()


def test_what_no_bound_tells_apart_is_left() -> None:
    rng = np.random.default_rng(5)
    assert thresholds([Feature(rng.uniform(0, 1, 1000), may_be_large=True)], rng.uniform(0, 1, 1000) < 0.2, np.full(1000, 2e-3)) == []


def test_what_is_no_number_is_large() -> None:
    sizes = np.array([1.0, 2.0, np.nan, np.inf] * 20)
    wanted = ~np.isfinite(sizes)
    (found,) = thresholds([Feature(sizes, may_be_large=True)], wanted, ~wanted / np.count_nonzero(~wanted))
    assert not found.is_small and np.array_equal(found.holds([Feature(sizes, may_be_large=True)]), wanted)
    assert thresholds([Feature(sizes, may_be_large=False)], wanted, ~wanted / np.count_nonzero(~wanted)) == []


def test_a_row_that_mpmath_does_not_know_is_no_formula() -> None:
    """The sign of a power, 1 times a power of two, is about u^-p where p is small."""
    u, q = sp.IndexedBase("u"), sp.Symbol("q", positive=True)
    i, j, n, d = sp.symbols("i j n d", integer=True)
    density = (sp.Product(u[i, j] ** (-q - 1), (j, 0, d - 1)) * (sp.Sum(u[i, j] ** (-q), (j, 0, d - 1)) - d + 1) ** (-1 / q - d))
    model = sg.compile(-sp.Sum(sp.log(density), (i, 0, n - 1)), wrt=[q])
    given = np.array([[0.3, 0.6], [0.8, 0.7], [0.2, 0.1]])
    want = -np.sum(-2.5 * np.log(given).sum(axis=1) - (1 / 1.5 + 2) * np.log((given**-1.5).sum(axis=1) - 1))
    assert model.value(u=given, q=1.5) == pytest.approx(want, rel=1e-13)
