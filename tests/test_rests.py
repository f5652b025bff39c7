"""Functions that magnify the rounding of their argument: what was lost is put back, on numbers and on arrays."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check.truth import Truth
from symgrad.check.ulps import representable, ulps
from symgrad.runtime.special import rests

x, a = sp.symbols("x a", real=True)
HALF = sp.Rational(1, 2)

FORMULAS = {
    "log-normal density": (sp.exp(-sp.log(x) ** 2 / 2) / x, 1e-6, 1e6), "Weibull": (sp.exp(-((x / 2) ** (3 * HALF))), 0.1, 150.0),
    "Weibull with a shape": (sp.exp(-((x / 2) ** sp.Rational(17, 10))), 0.1, 80.0), "stretched exponential": (sp.exp(-sp.sqrt(x)), 0.1, 1e5),
    "tilted Gaussian": (sp.exp(x - x**2 / 2), -30.0, 0.5), "Gaussian of a quadratic": (sp.exp(-(x**2 + x + 1) / 3), 0.1, 40.0),
    "normal tail": (sp.erfc(-(x - 1) / 3 / sp.sqrt(2)) / 2, -100.0, 0.5), "wave": (sp.sin(x / 3), 7.0, 1e6), "chirp": (sp.cos(x**2), 7.0, 1e4),
    "logistic of a cubic": (1 / (1 + sp.exp(-(x**3 - x) / 3)), -12.0, -2.0), "hyperbolic": (sp.cosh(7 * x), 1.0, 100.0),
    "exponential of a hypotenuse": (sp.exp(-sp.sqrt(1 + x**2)), 1.0, 700.0), "of a quotient": (sp.exp(-3 / (x**2 + 1)), 0.01, 2.0),
    "GELU by tanh": (x * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + sp.Rational(8943, 200000) * x**3))) / 2, -20.0, -2.0),
    "power of itself": (sp.exp(x * sp.log(x / 3)), 0.1, 100.0), "logarithm": (sp.log(x / 3) * sp.log(x / 3), 2.9, 3.1),
    "of a hyperbolic sine": (sp.cosh(sp.pi * sp.sinh(x) / 2) ** -2, -5.8, -1.01), "of a logarithm": (sp.exp(-(sp.log(1 + x) ** 2)), 1.0, 1e6),
    "less a number to a power": (1 - sp.Rational(999, 1000) ** x, 1.0, 5e5), "Box and Cox": ((sp.Rational(5, 2) ** (1 - x) - 1) / (1 - x), -50.0, -2.0),
    "Gompertz": (1 - sp.exp((1 - sp.exp(2 * x / 3)) / 5), 1.0, 10.0),
    "exponential of an exponential": (sp.exp(sp.exp(x / 3)), -10.0, 19.0), "of a size": (sp.exp(-sp.Abs(x**2 - 1000) / 3), 1.0, 30.0),
}


n, i = sp.symbols("n i", integer=True)
X = sp.IndexedBase("X", shape=(n,))


def assert_right(formula, points, pairs):
    """Values within 4 ulp and slopes within 16, but where they are next to 0."""
    truth = Truth(formula, x, 1)
    for at, pair in zip(points, pairs, strict=True):
        for order, (got, limit) in enumerate(zip(pair, (4, 16), strict=True)):
            want = truth.at(at, order)
            if want is not None and representable(want) and abs(want) > 1e-290:
                scale = 1.0 if formula.has(sp.sin, sp.cos) else 0.0  # beside a zero of a wave
                assert ulps(float(got), want, scale) <= limit, (order, at, got, want)


@pytest.mark.parametrize("name", FORMULAS)
def test_value_and_slope_are_right(name):
    formula, low, high = FORMULAS[name]
    f, points = sg.compile(formula, wrt=x), np.linspace(low, high, 80).tolist()
    assert "mended" in f.kernel_text("value")
    assert_right(formula, points, [f.value_and_grad(x=at) for at in points])


@pytest.mark.parametrize("name", FORMULAS)
def test_so_are_arrays(name):
    formula, low, high = FORMULAS[name]
    f, points = sg.compile(formula, wrt=x, batch=[x], reduce=None), np.linspace(low, high, 80)
    assert "mended" in f.kernel_text("value")
    assert_right(formula, points.tolist(), zip(f.value(x=points), f.vjp(np.ones(80), x=points), strict=True))


def test_a_large_array_is_taken_part_by_part():
    f = sg.compile(sp.exp(-sp.log(x) ** 2 / 2) / x, wrt=x, batch=[x], reduce=None)
    points = np.geomspace(1e-5, 1e5, 20_001)
    np.testing.assert_array_equal(f.value(x=points), np.concatenate([f.value(x=points[:9]), f.value(x=points[9:5000]), f.value(x=points[5000:])]))


def test_a_slope_of_a_sum_over_an_array_is_right():
    formula = sp.exp(-(x**2 + x + 1) / 3)
    total, points = sg.compile(sp.Sum(formula.subs(x, X[i]), (i, 0, n - 1)), wrt=X), np.linspace(-30, 30, 61)
    assert "mended" not in total.kernel_text("value")
    assert_right(formula, points.tolist(), [(float(Truth(formula, x, 0).at(at, 0)), slope) for at, slope in zip(points.tolist(), total.grad(X=points), strict=True)])


def test_densities_of_several_inputs_are_right():
    m, s = sp.symbols("m s", real=True)
    for formula in (sp.exp(-(sp.log(x) - m) ** 2 / (2 * s**2)) / (x * s), sp.erfc((x - m) / (s * sp.sqrt(2))) / 2, sp.exp(-m * x**2 - s * x - 1),
                    sp.exp(-((x / s) ** m)), sp.exp(-m * sp.exp(s * x / 9))):
        f, whole = sg.compile(formula, wrt=x), sg.compile(formula, wrt=x, batch=[x], reduce=None)
        points, known = np.geomspace(0.7, 30, 40), {"m": 0.3, "s": 0.7}
        fixed = formula.subs({m: sp.Rational(0.3), s: sp.Rational(0.7)})
        assert_right(fixed, points.tolist(), [f.value_and_grad(x=at, **known) for at in points.tolist()])
        assert_right(fixed, points.tolist(), zip(whole.value(x=points, **known), whole.vjp(np.ones(40), x=points, **known), strict=True))


def test_elements_of_an_array_are_inputs():
    formula = sp.exp(-(x**2 + x) / 3)
    f = sg.compile(formula.subs(x, X[1]), wrt=X)
    assert_right(formula, [11.3], [(f.value(X=[0.3, 11.3]), f.grad(X=[0.3, 11.3])[1])])


@pytest.mark.parametrize("formula", [
    sp.sin(x), sp.sin(2 * x), sp.exp(-4 * x), sp.exp(sp.sin(x)), 1 / (1 + sp.exp(-a * x)), sp.cos(a + x), sp.exp(-sp.floor(x)),
], ids=str)
def test_what_is_exact_or_a_wave_of_two_inputs_or_not_known_stays(formula):
    assert "mended" not in sg.compile(formula, wrt=x).source


def test_sums_over_arrays_and_plain_code_stay():
    assert "mended" not in sg.compile(sp.Sum(sp.sin(X[i] / 3), (i, 0, n - 1)), wrt=X).kernel_text("value")
    for options in ({"rewrite": False}, {"precise": False}):
        assert "mended" not in sg.compile(sp.sin(x / 3), wrt=x, **options).source
    assert "expm1" in sg.compile(sp.exp(x) - 1, wrt=x, precise=False).source


def test_numbers_made_of_arrays_stay():
    j, M = sp.Symbol("j", integer=True), sp.MatrixSymbol("M", 3, 3)
    at = np.array([0.3, -0.7, 0.2])
    total = sp.Sum(X[i] * X[j], (i, 0, n - 1), (j, 0, n - 1))
    for expr in (sp.exp(-sp.Sum(X[i] ** 2, (i, 0, n - 1))), sp.exp(-sp.Sum(X[i], (i, 0, n - 1)) / 3), sp.exp(X[0] / 3 - total)):
        f = sg.compile(expr, wrt=X)
        assert "mended" not in f.source
        assert f.value(X=at) == pytest.approx(f.with_options(rewrite=False).value(X=at), rel=1e-14)
        assert f.check(X=at)
    assert sg.compile(sp.exp(-sp.Trace(M * M) / 3), wrt=M).check(M=np.arange(9.0).reshape(3, 3) / 9)


def test_what_is_infinite_or_no_number_stays_so():
    for formula, ends in ((sp.exp(-(x**2 + 1) / 3), (0.0, 0.0)), (sp.cosh(7 * x), (math.inf, math.inf)), (sp.sin(x / 3), (math.nan, math.nan))):
        f = sg.compile(formula, wrt=x)
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal([f.value(x=-math.inf), f.value(x=math.inf), f.value(x=math.nan)], [*ends, math.nan])


def test_numbers_beside_single_precision_stay_in_it():
    f = sg.compile(sp.sin(a / 3) * sp.Sum(X[i], (i, 0, n - 1)), wrt=a)
    value, slope = f.value_and_grad(a=1234.5, X=np.ones(4, np.float32))
    assert value.dtype == slope.dtype == np.float32
    assert value == pytest.approx(4 * math.sin(1234.5 / 3), abs=1e-6)
    assert slope == pytest.approx(4 / 3 * math.cos(1234.5 / 3), abs=1e-6)


def test_arrays_in_single_precision_stay_in_it():
    f = sg.compile(sp.exp(-sp.log(x) ** 2 / 2) / x, wrt=x, batch=[x], reduce=None)
    points = np.geomspace(1e-3, 1e3, 50).astype(np.float32)
    assert f.value(x=points).dtype == np.float32
    np.testing.assert_allclose(f.value(x=points), f.value(x=points.astype(float)), rtol=3e-7)


def test_second_derivatives_and_tangents_go_along():
    formula = sp.exp(-sp.log(x) ** 2 / 2) / x
    f, truth = sg.compile(formula, wrt=x), Truth(formula, x, 2)
    for at in (1e-5, 0.3, 7.7, 1234.5):
        assert f.hessian(x=at) == pytest.approx(float(truth.at(at, 2)), rel=1e-13)
        assert f.jvp({"x": at}, {"x": 1.0})[1] == pytest.approx(float(truth.at(at, 1)), rel=1e-14)


w, b, t, c = sp.symbols("w b t c", real=True)
OF_SEVERAL = {
    "neuron": (1 / (1 + sp.exp(-(w * x + b))), dict(w=(-5, 5), x=(-9, 9), b=(-3, 3))),
    "softplus": (sp.log(1 + sp.exp(w * x + b)), dict(w=(-5, 5), x=(-9, 9), b=(-3, 3))),
    "tanh": (sp.tanh(w * x + b), dict(w=(-5, 5), x=(-9, 9), b=(-3, 3))),
    "logistic loss": (-c * sp.log(1 / (1 + sp.exp(-w * x))), dict(w=(-5, 5), x=(-9, 9), c=(0.1, 1))),
    "softmax": (sp.exp(w * x) / (sp.exp(w * x) + sp.exp(b * x)), dict(w=(-5, 5), x=(-9, 9), b=(-3, 3))),
    "logistic growth": (c / (1 + sp.exp(-w * (x - b))), dict(x=(-9, 9), b=(-3, 3), w=(0.1, 9), c=(1, 9))),
    "wave": (sp.sin(w * x + c), dict(x=(0, 900), w=(0.1, 30), c=(-3, 3))),
    "damped wave": (sp.exp(-b * x) * sp.cos(w * x + c), dict(x=(0, 90), b=(0.1, 3), w=(0.1, 30), c=(-3, 3))),
    "soliton": (1 / sp.cosh(b * (x - c * t)) ** 2, dict(x=(-9, 9), b=(0.1, 3), c=(0.1, 3), t=(0, 5))),
    "Gumbel": (sp.exp(-(x - b) / c - sp.exp(-(x - b) / c)) / c, dict(x=(-3, 9), b=(-3, 3), c=(0.3, 3))),
}


@pytest.mark.parametrize("name", OF_SEVERAL)
def test_everywhere_is_any_input_and_any_array(name):
    formula, ranges = OF_SEVERAL[name]
    letters = sorted(formula.free_symbols, key=str)
    rng = np.random.default_rng(7)
    at = {str(letter): rng.uniform(*ranges[str(letter)], 25) for letter in letters}
    f = sg.compile(formula, wrt=letters, precise="everywhere")
    arrays = sg.compile(formula, wrt=letters, batch=letters, reduce=None, precise="everywhere")
    values, slopes = arrays.value(**at), arrays.vjp(np.ones(25), **at)
    for k in range(25):
        point = {letter: float(numbers[k]) for letter, numbers in at.items()}
        value, slope = f.value_and_grad(**point)
        for letter, one, many in zip(letters, slope, slopes, strict=True):
            others = {other: sp.Rational(point[str(other)]) for other in letters if other != letter}
            truth, here = Truth(formula.subs(others), letter, 1), point[str(letter)]
            beside_zero = 0.1 if formula.has(sp.sin, sp.cos, sp.tanh) else 0.0
            assert all(ulps(float(got), truth.at(here, 0), beside_zero) <= 4 for got in (value, values[k])), point
            assert all(ulps(float(got), truth.at(here, 1), 0.1 * abs(value)) <= 16 for got in (one, many[k])), (letter, point)


@pytest.mark.parametrize("arrays", [False, True])
def test_rests_of_products_and_sums_have_all_digits(arrays):
    draw = np.random.default_rng(5).uniform(0.1, 9.0, (40, 3))
    wrap = (lambda a: np.array([a])) if arrays else float
    for p, q, s in draw.tolist():
        got = [rests._product_less(wrap(p * q), 1.0, 0.0, wrap(p), wrap(q)), rests._product_less(wrap(p * p), 1.0, 0.0, wrap(p), wrap(p)),
               rests._sum_less(wrap(p * q - s), -s, 0.0, p, 0.0, wrap(q))]
        exact = [Fraction(p) * Fraction(q) - Fraction(p * q), Fraction(p) ** 2 - Fraction(p * p),
                 Fraction(p) * Fraction(q) - Fraction(s) - Fraction(p * q - s)]
        assert [float(np.squeeze(one)) for one in got] == pytest.approx([float(one) for one in exact], rel=1e-13, abs=0)


def test_a_pole_beside_a_zero_of_another_rounding_keeps_its_digits():
    f = sg.compile((x ** sp.Rational(7, 5) - 1) / (sp.Rational(7, 5) * x - sp.Rational(7, 5)), wrt=x)
    assert f.value(x=1.000000000001) == pytest.approx(1.0000000000002, rel=1e-15)
