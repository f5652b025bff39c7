"""What functions do where their first argument is 0, rows as the code computes them, and sums whose zero is a pole of what is made of them."""

import math

import pytest
import sympy as sp
from test_expansions import assert_right_on_numbers_and_arrays, ends_of

import symgrad as sg
from symgrad.declare.declaration import declare
from symgrad.rewrite.in_doubles import value_at
from symgrad.rewrite.zeros import is_singular, vanishes

x = sp.Symbol("x", real=True)
R = sp.Rational


def row(formula):
    program = declare(formula, x).program
    return program.graph[ends_of(program)[0]]


@pytest.mark.parametrize("formula", [sp.log(x), 1 / x, sp.sqrt(x), x ** R(1, 3), x ** R(-3, 2), sp.cot(x), sp.coth(x)], ids=str)
def test_what_is_infinite_at_zero_or_has_an_infinite_slope_is_singular(formula):
    assert is_singular(row(formula)) and not vanishes(row(sp.log(x)))


@pytest.mark.parametrize("formula", [sp.sin(x), sp.tan(x), sp.tanh(x), sp.atan(x), x**2, sp.erf(x), sp.asinh(x)], ids=str)
def test_what_is_zero_at_zero_vanishes(formula):
    assert vanishes(row(formula)) and not is_singular(row(formula))


@pytest.mark.parametrize("formula", [sp.exp(x), sp.cos(x), sp.cosh(x), x + 1, 3 * x], ids=str)
def test_what_does_neither(formula):
    assert not vanishes(row(formula)) and not is_singular(row(formula))


FORMULAS = {
    "Mercator": (sp.log(sp.tan(sp.pi / 4 + x / 2)), (-1.5707963267, -1.57, -1.0, -1e-9, 1e-9, 0.3, 1.57, 1.5707963)),
    "occupation beside the chemical potential": (1 / (sp.exp(x - R(1, 10)) - 1), (0.1000000001, 0.100001, 0.2, 3.0, 700.0)),
    "logarithm beside its end": (-R(3, 4) * sp.log(1 - 4 * x / 3), (0.7499999, 0.7, 0.1, 1e-9, -3.0)),
    "isometric latitude": (sp.atanh(sp.sin(x)) - R(2, 25) * sp.atanh(R(2, 25) * sp.sin(x)), (-1.5707963267, -1.57, -1e-9, 0.3, 1.5707963, 3.0)),
    "entropy of bosons": ((x + 1) * sp.log(x + 1) - x * sp.log(x), (1e-12, 1e-5, 0.3, 1.0, 30.0, 1e4, 1e9)),
    "power by a third": (x ** R(7, 3) / (1 + x ** R(7, 3)), (1e-9, 1e-3, 0.3, 1.0, 30.0)),
    "high power by a third": (x ** R(-17, 3), (1e-9, 1e-3, 0.3, 30.0, 1e6)),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_numbers_and_arrays_are_right(name):
    assert_right_on_numbers_and_arrays(*FORMULAS[name])


@pytest.mark.parametrize("formula", [
    sp.exp(-x) * sp.sin(x) + 3, sp.Piecewise((x**2, x > 1), (sp.log(1 + x**2), True)), sp.Max(x, 2 - x) / (1 + sp.exp(-3 * x)), sp.atan(x) ** 3 - x,
], ids=str)
@pytest.mark.parametrize("at", [-2.0, 0.5, 7.0, math.inf])
def test_a_row_in_doubles_is_what_plain_code_gives(formula, at):
    program = declare(formula, x).program
    plain, (ref, source) = sg.compile(formula, wrt=x, rewrite=False), ends_of(program)
    assert value_at(program.graph, ref, {source.row: at}) == pytest.approx(plain.value(x=at), rel=1e-15, nan_ok=True)
