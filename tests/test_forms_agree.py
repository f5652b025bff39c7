"""Models of arrays in all their forms: rewritten and as declared, in fast code and in flat, value, both modes, Hessians and their products.

Certificates and recorded tallies look at values and slopes at hazardous points; here derivatives of second order and what the fast style
does with factors are compared where every form is right.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import sympy as sp
from agreement import flat
from random_programs import FUNCTIONS, STEEP_FUNCTIONS, Declaration
from test_array_formulas import FORMULAS

import symgrad as sg
from symgrad.errors import SymgradError

FORMS = {"flat": {"style": "flat"}, "declared": {"rewrite": False}, "declared and flat": {"rewrite": False, "style": "flat"}}
ENTRIES = ("value", "grad", "grad_forward", "jacobian", "hessian")
CLOSE = 1e-6
BENIGN = 2
"""So many points of each formula are of ordinary size."""

n = sp.Symbol("n", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
a, b, q = sp.symbols("a b q", positive=True)
t, x, u = sp.IndexedBase("t", shape=(n,)), sp.IndexedBase("x", shape=(n, 2)), sp.IndexedBase("u")


def results(f: sg.Compiled, at: Mapping[str, Any]) -> dict[str, np.ndarray]:
    along = {name: np.cos(1.0 + np.arange(np.size(at[name]))).reshape(np.shape(at[name])) for name in f.wrt}
    return {"hvp": flat(f.hvp(at, along)), **{entry: flat(getattr(f, entry)(**at)) for entry in ENTRIES}}


def differing(f: sg.Compiled, at: Mapping[str, Any]) -> list[str]:
    """Entries of forms that are not those of the model, where they are numbers."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        own, found = results(f, at), list[str]()
        for form, options in FORMS.items():
            for entry, other in results(f.with_options(**options), at).items():
                known = np.isfinite(other)
                size = np.abs(other[known]).max(initial=1e-9)
                if not np.allclose(own[entry][known], other[known], rtol=0, atol=CLOSE * size):
                    found.append(f"{entry}, {form}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_forms_of_a_formula_of_arrays_agree(name):
    one = FORMULAS[name]
    f = one.compile()
    for at in one.points[:BENIGN]:
        assert not differing(f, at)


@pytest.mark.parametrize("first", [0, *(pytest.param(first, marks=pytest.mark.slow) for first in range(10, 300, 10))])
def test_forms_of_random_declarations_agree(first):
    for seed in range(first, first + 10):
        one = Declaration(seed, (*FUNCTIONS, *STEEP_FUNCTIONS, *STEEP_FUNCTIONS))
        try:
            f = sg.compile(one.expression, wrt=one.wrt, where=one.where) if one.wrt else None
        except SymgradError:
            continue
        assert f is None or not differing(f, one.point(f.arguments, 5)), seed


def test_a_factor_that_stands_twice_in_one_term_waits_twice():
    """The second slope towards b has terms with a and with a^2 before the sum over samples."""
    f = sg.compile(sp.Sum(sp.log(a * sp.exp(b * t[i]) * sp.exp(-a * b * t[i])), (i, 0, n - 1)), wrt=[a, b], rewrite=False)
    at = {"a": 0.4, "b": 0.6, "t": np.array([0.5, 1.2, 0.8])}
    assert not differing(f, at)
    np.testing.assert_allclose(f.hessian(**at), [[-3 / 0.4**2, -2.5], [-2.5, 0.0]], atol=1e-12)


def test_a_value_is_not_taken_for_its_second_slope_on_a_branch_that_they_share():
    """ELU + 1 is exp(x) below 0, as are its slopes; above 0 its second slope is 0."""
    f = sg.compile(sp.Sum(sp.Sum(u[i, j], (j, 0, 1))**2, (i, 0, n - 1)), wrt=x,
                   where=[(u[i, j], sp.Piecewise((x[i, j] + 1, x[i, j] > 0), (sp.exp(x[i, j]), True)))])
    at, along = np.array([[0.5, -1.0], [2.0, 0.25]]), np.array([[1.0, 2.0], [-1.0, 0.5]])
    value, slope, second = np.where(at > 0, at + 1, np.exp(at)), np.where(at > 0, 1.0, np.exp(at)), np.where(at > 0, 0.0, np.exp(at))
    right = 2 * slope * (slope * along).sum(axis=1)[:, None] + 2 * value.sum(axis=1)[:, None] * second * along
    np.testing.assert_allclose(f.hvp({"x": at}, {"x": along}), right, rtol=1e-14)


def test_a_power_has_its_mixed_slope_where_the_exponent_is_0():
    f = sg.compile(a**q, wrt=[a, q])
    (_, mixed), (again, second) = f.hessian(a=2.0, q=0.0)
    assert mixed == again == 0.5 and abs(second - np.log(2.0) ** 2) < 1e-15
