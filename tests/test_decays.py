"""Formulas that decay or grow like exponentials far out, where infinity meets infinity or digits cancel: expanded beside the exponential."""

import math

import numpy as np
import pytest
import sympy as sp
from test_expansions import assert_right, assert_right_on_numbers_and_arrays, kernels

import symgrad as sg

x = sp.Symbol("x", real=True)
R = sp.Rational

FORMULAS = {
    "one less a squared share": (1 - (1 + sp.exp(x)) ** -2, (-700.0, -400.0, -100.0, -37.0, -20.0, -13.0, 1.0, 30.0)),
    "tunnelling": (1 / (1 + (sp.exp(x) - sp.exp(-x)) ** 2 / 16), (1.0, 20.0, 100.0, 300.0, 354.0, 700.0, 1e4)),
    "hazard of the largest of many": (sp.exp(-x) * sp.exp(-sp.exp(-x)) / (1 - sp.exp(-sp.exp(-x))), (20.0, 100.0, 350.0, 700.0)),
    "convection and diffusion": ((sp.exp(x) - sp.exp(x * R(9, 10))) / (sp.exp(x) - 1), (700.0, 800.0, 5e3, 7e4, -700.0, -800.0)),
    "Gaussian by its integral": (2 * x * sp.exp(x**2) / (sp.exp(2 * x**2) - 1), (1.0, 5.0, 18.0, 20.0, 26.0, -20.0)),
    "logarithm of a hazard": (sp.log(2 * (1 - sp.exp(-x)) * sp.exp(-x) / (1 - (1 - sp.exp(-x)) ** 2)), (30.0, 40.0, 300.0, 700.0)),
    "call beside a mean": ((x - 3) * sp.erfc(sp.sqrt(2) * (6 - 2 * x) / 2) / 2 + sp.exp(-2 * (x - 3) ** 2) / sp.sqrt(8 * sp.pi), (-15.0, -10.0, -6.0, -3.2, 4.0)),
}

OVERFLOWING = {
    "half an exponential": (sp.exp(x) / 2, (700.0, 709.5, 709.85, 710.2, 710.4, -745.0)),
    "the same at minus infinity": (sp.exp(-x) / 3, (-709.85, -710.2, -700.0, 1.0)),
    "over a power": (sp.exp(x**2 / 2) / x**3, (37.0, 37.5, 37.9, -37.9, 1.0)),
    "less its tangent": ((sp.exp(x) - 1 - x) / x**2, (700.0, 710.0, 720.0)),
    "less its parabola": ((sp.exp(x) - 1 - x - x**2 / 2) / x**3, (650.0, 709.0, 710.0, 725.0)),
    "hyperbolic cosine": (sp.cosh(x) * sp.exp(-3), (-711.0, 711.0, 713.0, 2.0)),
    "chemical potential in two dimensions": (x * sp.log(sp.exp(1 / x) - 1), (0.0013, 0.003, 0.01, 0.1, 1.0, 50.0)),
    "length of correlations": (-1 / sp.log(sp.tanh(1 / x)), (0.0032, 0.004, 0.01, 0.1, 1.0)),
}
UNDERFLOWING = {
    "gamma density": (x**2 * sp.exp(-x), (690.0, 708.5, 712.0, 720.0, 740.0, 745.1, 760.0, 1e4, math.inf)),
    "radial density": (x**2 * (2 - x) ** 2 * sp.exp(-x) / 8, (2.5, 708.5, 720.0, 745.1, 760.0)),
    "Planck": (x**3 / (sp.exp(x) - 1), (700.0, 712.0, 720.0, 740.0, 745.14, 760.0)),
    "slope of a Gaussian": (x * sp.exp(-(x**2) / 2), (36.0, 37.7, 38.5, -38.5, 38.8, 50.0)),
    "unit": (x * sp.tanh(sp.exp(x)), (-700.0, -710.0, -740.0, -745.1, -760.0, 1.0)),
    "beside zero": (sp.exp(-1 / x) / x**2, (1 / 700.0, 1 / 712.0, 1 / 740.0, 1 / 760.0, 1.0)),
}
FLAT = {
    "copula in its parameter": (-sp.log(1 + (sp.exp(-x / 2) - 1) * (sp.exp(-x / 3) - 1) / (sp.exp(-x) - 1)) / x, (19.0, 38.6, 150.0, 299.0, -19.0, -300.0)),
    "a rate that is no simple fraction": ((2**x + 3**x - 1) ** (-1 / x), (10.0, 40.0, 316.0, 720.0, 9999.0)),
    "logarithm of what has no digits left": (sp.log(1 - sp.tanh(x) * sp.tanh(x / 2)) + x, (3.0, 10.0, 19.0, 100.0, 300.0, 1e3)),
    "ratio of two that vanish": (sp.exp(-x) * sp.exp(-sp.exp(-x)) / (1 - sp.exp(-sp.exp(-x))), (40.0, 709.79, 740.0, 745.14, 1e3)),
}
"""Rows that are a power of x far out to all digits, before they have none left."""
VANISHING = {"power that falls beside an exponential": ((x + 1) ** (-20 * x - 20) * sp.exp(20 * x), (1.0, 5.0, 30.0, 36.0, 40.0, 100.0, 1e4))}
ROOTED = {"root of what underflows": (sp.sqrt(2) * sp.sqrt(-sp.log(1 / (1 + sp.exp(-x)))), (600.0, 708.0, 720.0, 740.0, 745.1, 800.0, 1300.0))}
FORMULAS |= OVERFLOWING | UNDERFLOWING | FLAT | VANISHING | ROOTED


@pytest.mark.parametrize("name", FORMULAS)
def test_numbers_and_arrays_keep_their_digits(name):
    assert_right_on_numbers_and_arrays(*FORMULAS[name])


def test_the_exponential_stands_in_the_code():
    formula, _ = FORMULAS["one less a squared share"]
    text = kernels(sg.compile(formula, wrt=x))
    assert "_scaled_expansion(1, " in text and "(-1, 0, 1, 0, 0, -1, 0), x" in text
    assert "_scaled_expansion" not in kernels(sg.compile(formula, wrt=x, precise=False))


@pytest.mark.parametrize("formula", [
    sp.exp(-(x**2) / 2), sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi), 1 / sp.cosh(x), sp.exp(x) / x, sp.log(1 + sp.exp(x)), 1 / (1 + sp.exp(-x)), sp.tanh(x), sp.erfc(x),
    x * sp.exp(-x / 7) * sp.sin(x),
], ids=str)
def test_what_keeps_its_digits_stays(formula):
    assert "_scaled_expansion" not in kernels(sg.compile(formula, wrt=x))


def test_limits():
    f = sg.compile(FORMULAS["tunnelling"][0], wrt=x)
    assert f.value_and_grad(x=math.inf) == (0.0, 0.0) and f.value(x=-math.inf) == 0.0
    g = sg.compile(1 - (1 + sp.exp(x)) ** -2, wrt=x)
    assert g.value(x=-math.inf) == 0.0 and g.value(x=math.inf) == 1.0 and math.isnan(g.value(x=math.nan))


def test_growth_overflows_to_infinity_and_no_sooner():
    formula = (sp.exp(2 * x) - 1) / (sp.exp(x) + sp.exp(-x)) * (1 + sp.exp(-x))
    f = sg.compile(formula, wrt=x)
    assert_right(formula, (100.0, 300.0, 400.0, 600.0, 709.0), [f.value_and_grad(x=at) for at in (100.0, 300.0, 400.0, 600.0, 709.0)])
    assert f.value(x=1000.0) == math.inf == f.value(x=math.inf)


def test_second_derivatives_and_precision_go_along():
    formula, _ = FORMULAS["tunnelling"]
    f = sg.compile(formula, wrt=x)
    for at in (3.0, 30.0, 200.0):
        assert f.hessian(x=at) == pytest.approx(float(sp.diff(formula, x, 2).subs(x, sp.Rational(at)).evalf(40)), rel=1e-9)
    whole = sg.compile(formula, wrt=x, batch=[x], reduce=None)
    assert whole.value(x=np.array([1.0, 30.0], dtype=np.float32)).dtype == np.float32
    assert whole.value(x=np.array([])).shape == (0,)


@pytest.mark.parametrize("name", ["half an exponential", "over a power", *UNDERFLOWING])
def test_what_leaves_the_range_of_doubles_alone_costs_a_look_at_the_result(name):
    text = kernels(sg.compile(FORMULAS[name][0], wrt=x, batch=[x], reduce=None))
    assert "_range_expansion(" in text and "_outside" not in text


def test_a_row_that_leaves_the_range_of_doubles_does_so_where_it_has_to():
    formula, _ = OVERFLOWING["half an exponential"]
    text = kernels(sg.compile(formula, wrt=x, batch=[x], reduce=None))
    assert "_range_expansion(1, " in text
    assert "_expansion" not in kernels(sg.compile(sp.exp(x), wrt=x)) and "_expansion" not in kernels(sg.compile(formula, wrt=x, precise=False))
    f = sg.compile(formula, wrt=x)
    assert f.value(x=711.0) == math.inf == f.value(x=math.inf) and f.value(x=-math.inf) == 0.0 and math.isnan(f.value(x=math.nan))
