"""Poles and branch points that no linear term tells: found by sign changes, and expanded at."""

import pytest
import sympy as sp
from test_expansions import assert_right_on_numbers_and_arrays, ends_of, kernels

import symgrad as sg
from symgrad.declare.declaration import declare
from symgrad.rewrite.expansions.ends import ZERO_OF_A_SUM
from symgrad.rewrite.expansions.singularities import singularities

x = sp.Symbol("x", real=True)
R = sp.Rational

PLACES = {
    "overlap of discs": (sp.acos((x**2 + R(99, 100)) / (2 * x)), [-R(9, 10), R(9, 10), -R(11, 10), R(11, 10)]),
    "root of a wave": (sp.sqrt(sp.sin(x) - R(1, 2)), [sp.pi / 6, 5 * sp.pi / 6, -7 * sp.pi / 6, -11 * sp.pi / 6]),
    "logarithm of a square": (sp.log(x**2 - 3), []),
    "pole on the grid of halves": (1 / (1 - (1 - x) ** 3 / x**3), [R(1, 2)]),
    "linear": (sp.log(x), []),
    "triple zero": (sp.sqrt(sp.pi - x + sp.sin(2 * x) / 2), [sp.pi]),
}


@pytest.mark.parametrize("name", PLACES)
def test_fractions_are_found_as_such(name):
    formula, wanted = PLACES[name]
    program = declare(formula, x).program
    found = singularities(program.graph, *ends_of(program))
    assert [one.centre for one in found if not one.centre.is_Float] == wanted


def test_other_places_are_known_to_many_digits():
    program = declare(sp.log(x**2 - 3), x).program
    found = singularities(program.graph, *ends_of(program))
    assert len(found) == 2 and all(abs(one.centre**2 - 3) < sp.Float(10) ** -100 for one in found)


def test_a_pole_whose_rounding_is_not_known_is_found():
    program = declare(1 / (1 + R(3, 2) * sp.tanh(x)), x).program
    (found,) = singularities(program.graph, *ends_of(program))
    assert abs(found.centre + sp.atanh(R(2, 3))) < sp.Float(10) ** -100


def test_a_pole_whose_rounding_is_put_back_counts_where_the_row_has_none():
    program = declare(1 / (x**2 - x - 1), x).program
    found = singularities(program.graph, *ends_of(program))
    assert len(found) == 2 and {one.limit for one in found} == {ZERO_OF_A_SUM}
    assert "_expansion" not in kernels(sg.compile(1 / (x**2 - x - 1), wrt=x))


FORMULAS = {
    "transit": (sp.acos((x**2 + R(99, 100)) / (2 * x)) + sp.acos(5 * (x**2 - R(99, 100)) / x) / 100 - sp.sqrt(4 * x**2 - (x**2 + R(99, 100)) ** 2) / 2,
                (0.9000000001, 0.90002, 1.0, 1.09998, 1.0999999999)),
    "prism": (2 * sp.asin(3 * sp.sin(x / 2) / 2) - x, (1.4593, 1.459455, 1.459455312, 1.45945531245293, 1.0, -1.4594)),
    "sunset": (sp.acos(-sp.tan(R(409, 1000)) * sp.tan(x)), (-1.16, -1.1617, -1.161796326, 0.5, 1.15)),
    "magnetisation": ((1 - sp.sinh(2 / x) ** -4) ** R(1, 8), (2.26, 2.269, 2.269185, 2.2691853142, 1.0, 0.1)),
    "gambler's ruin": ((1 - (1 - x) ** 3 / x**3) / (1 - (1 - x) ** 10 / x**10), (0.5, 0.5000001, 0.49, 0.3, 0.9)),
    "voltage behind a dimmer": (sp.sqrt(sp.pi - x + sp.sin(2 * x) / 2), (1.0, 3.0, 3.1412, 3.1415926, 3.14159265)),
    "level above a background": (sp.log(10 ** (x / 10) - 10**6), (60.1, 60.001, 60.00001, 61.0, 100.0)),
    "dose by mouth": (x * (sp.exp(-R(1, 2)) / (1 - sp.exp(-2)) - sp.exp(-2 * x) / (1 - sp.exp(-8 * x))) / (x - R(1, 4)), (0.25, 0.2500001, 0.24, 0.3, 1.0)),
    "matched line": ((sp.tanh(x) + R(3, 2)) / (1 + R(3, 2) * sp.tanh(x)), (-0.8, -0.81, -0.8046, -0.5, 2.0)),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_numbers_and_arrays_keep_their_digits_there(name):
    assert_right_on_numbers_and_arrays(*FORMULAS[name])
