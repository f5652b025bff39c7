"""Second derivatives: to 1e-9 of themselves, finite wherever the truth is, of one input and of several, of sums and of products with vectors."""

from __future__ import annotations

import math
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy as sp
import test_several_inputs
from blind import BLIND
from mpmath import mp
from recorded import PAIRS, check_as_often, check_each_is_recorded, counted, is_curvature
from textbook import Textbook, x

import symgrad as sg
from symgrad.check.points import sample
from symgrad.check.truth import Truth
from symgrad.check.ulps import representable

TABLE = Path(__file__).parent / "goldens" / "curvatures.json"
SOME = list(BLIND)[::3]
A, B, P, T, Y = sp.symbols("a b p t y", positive=True)
BATEMAN = A * (sp.exp(-A * T) - sp.exp(-B * T)) / (B - A)
MASS = sp.sqrt(P * (sp.cosh(A - B) - sp.cos(T - Y)))
"""Of two particles that fly in about the same direction: two pairs of inputs are near each other."""
LOAN = Y * B / (1 - (1 + B) ** -A)
TIMES = np.array([0.5, 0.9, 2.0])


def plainly(hessian, point: float) -> float:
    """A number, or nan where plain code raises."""
    try:
        return float(hessian(x=point))
    except (ArithmeticError, ValueError):
        return math.nan


def tally(one: Textbook) -> dict[str, list[int]]:
    """Of how many second derivatives symgrad's, and plain code's, are finite, right, and right or explained by the last digit of the point."""
    model = sg.compile(one.formula, wrt=x, where=one.where)
    forms = dict(zip(PAIRS[1], (model, model.with_options(rewrite=False)), strict=True))
    truth, counts, every = Truth(one.whole, x, 3), {name: np.zeros(3, int) for name in forms}, 0
    for point in sample(one.low, one.high, per_decade=1, tiny=False):
        *lower, want, after = (truth.at(point, order) for order in range(4))
        if point in one.kinks or want is None or not all(known is not None and representable(known) for known in (*lower, want)):
            continue
        every += 1
        change = abs(mp.mpf(point) * after) * mp.mpf(2) ** -53 if after is not None else mp.zero
        for name, form in forms.items():
            counts[name] += counted(plainly(form.hessian, point), want, change, is_curvature)
    return {"count": [every], **{name: count.tolist() for name, count in counts.items()}}


@pytest.mark.slow
@pytest.mark.parametrize("name", SOME)
def test_second_derivatives_are_right_as_often_as_recorded(name: str, request: pytest.FixtureRequest) -> None:
    check_as_often(TABLE, name, lambda: tally(BLIND[name]), request.config.getoption("--update"))


def test_each_is_recorded() -> None:
    check_each_is_recorded(TABLE, SOME)


HAZARDS = {
    "hazard of a Gumbel maximum": (sp.exp(-x) * sp.exp(-sp.exp(-x)) / (1 - sp.exp(-sp.exp(-x))), (-1000.0, -3.0, 0.5, 40.0, 700.0)),
    "fixation of a gene": ((1 - sp.exp(-2 * x)) / (1 - sp.exp(-200 * x)), (1e-9, 0.01, 0.3)),
    "normal loss with a softplus variance": ((sp.log(sp.log(1 + sp.exp(x))) + 9 / sp.log(1 + sp.exp(x))) / 2, (-90.0, -20.0, 0.1, 30.0, 9999.0)),
}


def exact(formula: sp.Expr, pair: tuple[sp.Symbol, sp.Symbol], at: dict[str, float]) -> mpmath.mpf:
    inputs = sorted(formula.free_symbols, key=str)
    return test_several_inputs.exact(sp.lambdify(inputs, sp.diff(formula, *pair), "mpmath"), [at[str(one)] for one in inputs], 2000)


@pytest.mark.parametrize("name", HAZARDS)
def test_a_curvature_of_one_input_is_right_where_plain_code_is_lost(name: str) -> None:
    formula, points = HAZARDS[name]
    one, batch = sg.compile(formula, wrt=x), sg.compile(formula, wrt=x, batch=[x], reduce="sum")
    wants = [exact(formula, (x, x), {"x": point}) for point in points]
    along = batch.hvp({"x": np.array(points)}, {"x": np.ones(len(points))})
    for point, want, product in zip(points, wants, along, strict=True):
        assert is_curvature(one.hessian(x=point), want)
        assert is_curvature(one.hvp({"x": point}, {"x": 1.0}), want)
        assert is_curvature(float(product), want)


@pytest.mark.parametrize("formula, at", [(BATEMAN, {"a": 0.7, "b": 0.7 * (1 + 1e-9), "t": 2.0}), pytest.param(BATEMAN, {"a": 0.3, "b": 2.0, "t": 1.0}, marks=pytest.mark.slow),
                                         (MASS, {"a": 1.0, "b": 1.0000001, "p": 45.0, "t": 0.5, "y": 0.5000001}),
                                         (LOAN, {"a": 60.0, "b": 1e-12, "y": 1000.0}), pytest.param(LOAN, {"a": 360.0, "b": 0.004, "y": 1e5}, marks=pytest.mark.slow)])
def test_a_hessian_of_several_inputs_is_right_where_they_are_near_each_other(formula: sp.Expr, at: dict[str, float]) -> None:
    inputs = sorted(formula.free_symbols, key=str)
    model = sg.compile(formula, wrt=inputs)
    found, want = model.hessian(**at), [[exact(formula, (one, other), at) for other in inputs] for one in inputs]
    for row, known in zip(found, want, strict=True):
        assert all(map(is_curvature, row, known))
    tangents = {str(one): number for one, number in zip(inputs, (0.5, -2.0, 1.25, 3.0, -1.0), strict=False)}
    for product, known in zip(model.hvp(at, tangents), want, strict=True):
        assert float(product) == pytest.approx(float(sum(map(mp.fmul, tangents.values(), known))), rel=1e-9)


@pytest.mark.parametrize("reduce, part", [pytest.param("sum", 1.0, marks=pytest.mark.slow), ("mean", 1 / 3)])
def test_the_hessian_of_a_sum_is_what_samples_add_up_to(reduce: str, part: float) -> None:
    model, at = sg.compile(BATEMAN, wrt=[A, B], batch=[T], reduce=reduce), {"a": 0.7, "b": 0.7 * (1 + 1e-9)}
    want = [[part * float(sum(exact(BATEMAN, (one, other), {**at, "t": t}) for t in TIMES)) for other in (A, B)] for one in (A, B)]
    np.testing.assert_allclose(model.hessian(**at, t=TIMES), want, rtol=1e-9)
    np.testing.assert_allclose(model.hvp({**at, "t": TIMES}, {"a": 1.0, "b": -0.5}), np.array(want) @ [1.0, -0.5], rtol=1e-9)
