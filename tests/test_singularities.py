"""Poles and branch points that no linear term tells: found by sign changes, and expanded at."""

import pytest
import sympy as sp
from test_expansions import assert_right_on_numbers_and_arrays, ends_of

from symgrad.declare.declaration import declare
from symgrad.rewrite.expansions.singularities import singularities

x = sp.Symbol("x", real=True)
R = sp.Rational

PLACES = {
    "overlap of discs": (sp.acos((x**2 + R(99, 100)) / (2 * x)), [-R(9, 10), R(9, 10), -R(11, 10), R(11, 10)]),
    "root of a wave": (sp.sqrt(sp.sin(x) - R(1, 2)), []),
    "logarithm of a square": (sp.log(x**2 - 3), []),
    "pole whose rounding is put back": (1 / (x**2 - x - 1), []),
    "linear": (sp.log(x), []),
}


@pytest.mark.parametrize("name", PLACES)
def test_fractions_are_found_as_such(name):
    formula, wanted = PLACES[name]
    program = declare(formula, x).program
    found = singularities(program.graph, *ends_of(program))
    assert [one for one in found if one.is_Rational] == wanted


def test_other_places_are_known_to_many_digits():
    program = declare(sp.log(x**2 - 3), x).program
    found = singularities(program.graph, *ends_of(program))
    assert len(found) == 2 and all(abs(one**2 - 3) < sp.Float(10) ** -100 for one in found)


def test_a_pole_whose_rounding_is_not_known_is_found():
    program = declare(1 / (1 + R(3, 2) * sp.tanh(x)), x).program
    (found,) = singularities(program.graph, *ends_of(program))
    assert abs(found + sp.atanh(R(2, 3))) < sp.Float(10) ** -100


FORMULAS = {
    "transit": (sp.acos((x**2 + R(99, 100)) / (2 * x)) + sp.acos(5 * (x**2 - R(99, 100)) / x) / 100 - sp.sqrt(4 * x**2 - (x**2 + R(99, 100)) ** 2) / 2,
                (0.9000000001, 0.90002, 1.0, 1.09998, 1.0999999999)),
    "matched line": ((sp.tanh(x) + R(3, 2)) / (1 + R(3, 2) * sp.tanh(x)), (-0.8, -0.81, -0.8046, -0.5, 2.0)),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_numbers_and_arrays_keep_their_digits_there(name):
    assert_right_on_numbers_and_arrays(*FORMULAS[name])
