"""Growth rates: what each function tends to is compared with its values far out, and what sums and products tend to with theirs."""

import math
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.graph.functions import TABLE
from symgrad.rewrite.ends import BINARY, ENDS, function
from symgrad.rewrite.growth import BOUND, Tendency, cancels, number, outgrows, power, product, total
from symgrad.rewrite.in_doubles import _function
from symgrad.rewrite.libraries import NUMPY

x, y, z = sp.symbols("x y z", real=True)
LARGE, FAR = 25.0, 1e8
"""Where exponentials are looked at, and where powers are: logarithms beside them are known to a few percent there."""
CLOSE, ROUGHLY = 0.1, 0.35
V = Tendency(0, 1.0, 0.0, 1.0, 1)


def at(name: str, *places: float) -> float:
    parameters = tuple(map(sp.Integer, TABLE[name].parameters))
    with np.errstate(all="ignore"):
        return float(_function(name, parameters, len(places), NUMPY)(*map(np.float64, places)))


def is_near(got: float, found: Tendency) -> bool:
    """Whether a number at FAR is as a tendency says that is no exponential."""
    ratio = got / (FAR**found.power * math.log(FAR) ** found.logs)
    return abs(ratio) <= 2 if found.at_most or found.c is None else abs(ratio / (found.sign * found.c) - 1) <= CLOSE


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("name", ENDS)
def test_a_function_tends_to_what_the_table_says(name, side):
    found = function(name, V._replace(sign=side))
    if found is None:
        assert not math.isfinite(at(name, side * FAR))
    elif found.growth:
        got = at(name, side * LARGE)
        assert found.sign == math.copysign(1, got)
        assert math.copysign(1, math.log(abs(got))) == found.growth
        if found.exponent is not None:
            times, logs, c = found.exponent
            assert logs == 0 and abs(abs(math.log(abs(got))) / (c * LARGE**times) - 1) <= ROUGHLY
    else:
        assert is_near(at(name, side * FAR), found)


@pytest.mark.parametrize("name", BINARY)
def test_a_function_of_two_tends_to_what_the_table_says(name):
    """Where the one or the other is infinite, and the other 2."""
    two = number(2.0)
    for given, places in (((V, two), (FAR, 2.0)), ((two, V), (2.0, FAR))):
        found = BINARY[name](*given)
        assert found is not None and is_near(at(name, *places), found)


EXP, DECAY, GAUSS = (function(name, V) for name in ("exp", "sech", "gauss"))


def test_exponentials_are_compared_by_their_exponents():
    """exp(v) exp(-v^2), exp(3v) sech(v)^2, and exp(v) sech(v), of which these do not tell."""
    assert product([EXP, GAUSS]).vanishes
    assert product([power(EXP, 3), power(DECAY, 2)]).is_infinite
    assert product([EXP, DECAY]) is None
    assert total([power(EXP, 2), product([number(-1.0), EXP])]) == power(EXP, 2)
    assert outgrows(EXP, V) and not outgrows(EXP, EXP) and not outgrows(total([EXP, product([number(-1.0), EXP])]), V)
    assert product([function("exp", EXP), power(EXP, 9)]).is_infinite


def test_terms_that_may_cancel_are_as_large_at_most():
    """sech(v)^2 - v sech(v)^2 is nothing beside exp(v), and no more is known: its reciprocal and its logarithm may be anything."""
    gap = total([power(DECAY, 2), product([number(-1.0), V, power(DECAY, 2)])])
    assert gap.at_most and gap.vanishes and product([gap, EXP]).vanishes
    assert power(gap, -1) is None and function("log", gap) is None
    waves = product([V, function("cos", V)])
    assert waves.at_most and not waves.is_infinite and product([waves, DECAY]).vanishes
    assert function("exp", waves) is None and function("sin", waves) == BOUND
    assert total([V, function("sin", V)]) == V and cancels([V, product([number(-1.0), V])])


FINITE = {
    "x tanh(exp(x))": x * sp.tanh(sp.exp(x)), "sin(x) exp(-exp(2x))": sp.sin(x) * sp.exp(-sp.exp(2 * x)), "x^2 tanh(x - exp(x))": x**2 * sp.tanh(x - sp.exp(x)),
    "sech(cosh(x))/x": 1 / (x * sp.cosh(sp.cosh(x))), "cos(x) atan(sinh(x))": sp.cos(x) * sp.atan(sp.sinh(x)),
    "x cos(x) tanh(exp(-x))": x * sp.cos(x) * sp.tanh(sp.exp(-x)), "sin(x) exp(x)/(x + exp(x))": sp.sin(x) * sp.exp(x) / (x + sp.exp(x)),
    "sin(x) atan(x^2 exp(-x))": sp.sin(x) * sp.atan(x**2 * sp.exp(-x)), "y x exp(x)/(z + x exp(x))": y * x * sp.exp(x) / (z + x * sp.exp(x)),
    "sin(x) exp(-3x) cosh(3x)": sp.sin(x) * sp.exp(-3 * x) * sp.cosh(3 * x), "sin(x) asinh(x + exp(x))": sp.sin(x) * sp.asinh(x + sp.exp(x)),
    "x (cosh(x)^2 - sinh(x)^2)": x * (sp.cosh(x) ** 2 - sp.sinh(x) ** 2), "log(cosh(x) - sinh(x))": sp.log(sp.cosh(x) - sp.sinh(x)),
    "x log(2 sinh(x)^2 + 2)": x * sp.log(2 * sp.sinh(x) ** 2 + 2),
    "sin(x) x exp(x)/(1 + x exp(x))": sp.sin(x) * x * sp.exp(x) / (1 + x * sp.exp(x)),
}
PLACES = (-1e3, -720.0, -300.0, -20.0, 20.0, 300.0, 720.0, 1e3)
GIVEN = {y: 0.75, z: 2.0}
DIGITS = 3500
"""Binary ones: 1 + exp(-720) is not 1."""


@pytest.mark.parametrize("name", FINITE)
def test_value_slope_and_curvature_are_finite_where_exponentials_are_not(name):
    """By mpmath, whose exponents have no ends; what is below the least double is 0."""
    expr = FINITE[name]
    f = sg.compile(expr, wrt=x)
    given = {str(letter): value for letter, value in GIVEN.items() if letter in expr.free_symbols}
    truths = [sp.lambdify(x, sp.diff(expr.subs(GIVEN), x, order), "mpmath") for order in range(3)]
    for place in PLACES:
        got = [f.value(x=place, **given), f.grad(x=place, **given), f.hessian(x=place, **given)]
        with mpmath.workprec(DIGITS):
            want = [float(truth(mpmath.mpf(place))) for truth in truths]
        is_double = np.isfinite(want)
        np.testing.assert_allclose(np.array(got)[is_double], np.array(want)[is_double], rtol=1e-9, atol=1e-300)


def test_the_coefficients_of_long_recursions_may_leave_the_range_of_a_double():
    a, h = sp.Symbol("a", real=True), sp.symbols("h:14", real=True)
    f = sg.compile(sp.log(h[-1]), wrt=a, where=[(h[0], 3 * a + 1), *((one, before**2 - before / 7) for before, one in pairwise(h))])

    def truth(place):
        found = 3 * place + 1
        for _ in h[1:]:
            found = found**2 - found / 7
        return mpmath.log(found)

    for name, order in (("value", 0), ("grad", 1), ("hessian", 2)):
        with mpmath.workdps(60):
            want = mpmath.diff(truth, mpmath.mpf(0.05), order)
        assert abs(getattr(f, name)(a=0.05) / float(want) - 1) < 1e-10
