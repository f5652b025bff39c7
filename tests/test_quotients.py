"""Slopes of quotients, backwards, whose divisor's square leaves the range of doubles."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import symgrad as sg

a, b, c = sp.symbols("a b c", positive=True)
FAR = {
    "small": (a / b, {"a": 1e-300, "b": 1e-200}, -1e100),
    "large": (a / b, {"a": 1e300, "b": 1e180}, -1e-60),
    "of three": (a * c / b, {"a": 1e-150, "b": 1e-170, "c": 1e-120}, -1e70),
    "beside a sum": (a / (b + c), {"a": 1e-290, "b": 1e-190, "c": 1e-220}, -1e90),
}


@pytest.mark.parametrize("name", FAR)
def test_the_slope_is_finite_where_it_is_a_double(name: str) -> None:
    formula, at, want = FAR[name]
    model = sg.compile(formula, wrt=b)
    whole = sg.compile(formula, wrt=b, batch=[b], reduce=None)
    many = {key: np.array([value, value]) if key == "b" else value for key, value in at.items()}
    for got in (model.grad(**at), *whole.vjp(np.ones(2), **many)):
        assert float(got) == pytest.approx(want, rel=1e-14)


def test_reciprocals_are_not_squared() -> None:
    """The square is a factor of its own where nothing else is multiplied."""
    def squares(formula: sp.Expr) -> int:
        program = sg.compile(formula, wrt=b).derived("value_and_grad")
        return sum(program.graph.rows[index].calls("square") for index in program.live())

    assert squares(a / b) == 0
    assert squares(1 / b) == 1
