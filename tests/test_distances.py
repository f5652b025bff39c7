"""Functions with a pole or a branch point at 1 or -1, beside it, where the rounding of their argument is not small."""

import pytest
import sympy as sp
from test_expansions import assert_right_on_numbers_and_arrays, kernels

import symgrad as sg
from symgrad.rewrite.mending import OF_TWO

x = sp.Symbol("x", real=True)
R = sp.Rational
HEADS = {"log1p": lambda u: sp.log(1 + u), "asin": sp.asin, "acos": sp.acos, "atanh": sp.atanh, "acosh": sp.acosh}
ENDS = {"log1p": (-1,), "acosh": (1,)}
APART = (1e-1, 1e-3, 1e-6, 1e-9, 1e-12, 1e-15)


@pytest.mark.parametrize("name", OF_TWO)
@pytest.mark.parametrize("scale", [R(2, 3), R(-4, 3), R(1, 7)])
def test_values_and_slopes_are_right_beside_the_ends(name, scale):
    points = [float(end / scale) * (1 + (distance if name == "acosh" else -distance)) for end in ENDS.get(name, (1, -1)) for distance in APART]
    assert_right_on_numbers_and_arrays(HEADS[name](scale * x), points)


@pytest.mark.parametrize("name", ["asin", "acos", "atanh"])
def test_so_they_are_of_a_square(name):
    assert_right_on_numbers_and_arrays(HEADS[name](x**2 / 3), [3**0.5 * (1 - distance) for distance in APART])


def test_nothing_is_done_where_the_argument_is_exact_or_away_from_the_end():
    for formula in (sp.acos(x), sp.log(1 + x), sp.log(1 + x**2 / 3)):
        assert "_sum_less" not in kernels(sg.compile(formula, wrt=x))


def test_domains_stay():
    for name, outside in (("asin", 1.6), ("acos", -1.6), ("atanh", 1.6), ("acosh", 1.4), ("log1p", -1.6)):
        value = sg.compile(HEADS[name](2 * x / 3), wrt=x).value(x=outside)
        assert value != value, name
    assert sg.compile(sp.log(1 + 2 * x / 3), wrt=x).value(x=-1.5) == -sp.oo == -sg.compile(sp.atanh(2 * x / 3), wrt=x).value(x=1.5)
