"""Formulas of one input that lose their digits at 0, 1, -1 or infinity: expanded there, on numbers and on arrays."""

import math
from concurrent.futures import ThreadPoolExecutor

import mpmath
import numpy as np
import pytest
import sympy as sp
from marks import but_slow

import symgrad as sg
from symgrad.check.truth import Truth
from symgrad.check.ulps import representable, ulps
from symgrad.declare.declaration import declare
from symgrad.graph.rows import Ref
from symgrad.rewrite.expansions.centres import centres
from symgrad.rewrite.expansions.values import Values
from symgrad.runtime.special.double_double_places import _double_double
from symgrad.runtime.special.expansions import _expansion

x, a = sp.symbols("x a", real=True)
n, i = sp.symbols("n i", integer=True)
X = sp.IndexedBase("X", shape=(n,))
R = sp.Rational

FORMULAS = {
    "tangent less sine": (sp.tan(x) - sp.sin(x), (0.0, 1e-300, 1e-12, 1e-5, 0.01, 0.2, 0.3, 0.7, 1.1)),
    "tangent less sine by cubes": ((sp.tan(x) - sp.sin(x)) / x**3, (0.0, 1e-12, 1e-5, 0.01, 0.2, 0.3, 0.7, 1.1)),
    "Lorentz factor less Newton's term": (1 / sp.sqrt(1 - x**2) - 1 - x**2 / 2, (0.0, 1e-12, 1e-5, 0.01, 0.2, 0.3, 0.6, 0.9)),
    "spherical Bessel function": ((3 / x**3 - 1 / x) * sp.sin(x) - 3 * sp.cos(x) / x**2, (0.0, 1e-12, 1e-5, 0.01, 0.2, 0.7)),
    "departure of a conic": (x**2 / (20 * (1 + sp.sqrt(1 - x**2 / 800))) + sp.sqrt(400 - x**2) - 20, (1e-12, 1e-5, 0.01, 0.3, 2.0, 9.0)),
    "difference of arc tangents": (sp.atan(x + 1) - sp.atan(x), (1.0, 7.0, 30.0, 1e3, 1e9, 1e150, -30.0, -1e9)),
    "smaller root of a quadratic equation": ((x - sp.sqrt(x**2 - 4)) / 2, (2.5, 30.0, 1e3, 1e9, 1e100, 1e200)),
    "difference of cube roots": ((x + 1) ** R(1, 3) - x ** R(1, 3), (1.0, 30.0, 1e3, 1e9, 1e15)),
    "slower than light": (1 - sp.sqrt(1 - 1 / x**2), (1.5, 30.0, 1e3, 1e9, 1e100, -30.0, -1e9)),
    "Student's t with two degrees of freedom": (R(1, 2) + x / (2 * sp.sqrt(2 + x**2)), (-1e12, -1e3, -30.0, -1.0, 0.0, 1.0, 1e9)),
    "resistance of a wire": (x * (sp.sinh(2 * x) + sp.sin(2 * x)) / (sp.cosh(2 * x) - sp.cos(2 * x)), (1e-6, 0.01, 0.3, 1e3, 1e9)),
    "Sunyaev-Zeldovich": (x * (sp.exp(x) + 1) / (sp.exp(x) - 1) - 4, (1e-6, 0.01, 0.3, 700.0, 1e3, 1e9)),
    "grating": (sp.sin(8 * x) ** 2 / sp.sin(x) ** 2, (0.0, 1e-12, 1e-5, 0.01, 0.1)),
    "sinc between its zeros": (sp.sin(sp.pi * x) * sp.cos(sp.pi * x / 2) / (sp.pi * x * (1 - x**2)), (1.0, -1.0, 1.0 + 1e-9, 1.01)),
    "cauchit": (sp.tan(sp.pi * (x - R(1, 2))), (1e-12, 1e-6, 0.3, 1 - 1e-6, 1 - 1e-12)),
    "window at its edge": (R(21, 50) - sp.cos(2 * sp.pi * x) / 2 + 2 * sp.cos(4 * sp.pi * x) / 25, (1e-9, 1e-3, 0.3, 1 - 1e-3, 1 - 1e-9, 1.0)),
    "mean temperature difference": ((10 - x) / sp.log(10 / x), (1.0, 9.0, 9.99, 10.0, 10.000001, 12.0)),
    "lens of two circles": (2 * sp.acos(x / 2) - x * sp.sqrt(4 - x**2) / 2, (0.1, 1.0, 1.9, 1.99999, 2 - 1e-12)),
    "angle and its root": (sp.asin(sp.sqrt(x)) - sp.pi / 6, (0.6, 0.9, 1 - 1e-6, 1 - 1e-12)),
    "latitude by two ellipsoids": (x - sp.atan(R(99, 100) * sp.tan(x)), (-1.5707, -1.5707963, 1.5707963267, 1e-9)),
    "entropy beside certainty": (1 - x ** R(3, 2) - (1 - x) ** R(3, 2), (1e-9, 1e-3, 0.5, 1 - 1e-3, 1 - 1e-9)),
    "normal integral less its density": (sp.erf(sp.sqrt(2) * x / 4) - x * sp.exp(-(x**2) / 8) / sp.sqrt(2 * sp.pi), (1e-9, 1e-4, 0.1, 1.0, 9.0)),
    "filter far above its edge": (1 - 1 / sp.sqrt(x**12 + 1), (1e-9, 0.1, 1.0, 10.0, 1e5, 1e31)),
    "nearly balanced": (-sp.log(1 - x) - R(999, 1000) * x - R(9, 20) * x**2, (1e-9, 1e-4, 0.01, 0.3)),
    "pattern of a half-wave dipole": (sp.cos(sp.pi * sp.cos(x) / 2) / sp.sin(x), (1e-9, 1e-3, 0.5, 3.0, 3.14159, 3.14159265)),
    "entropy in its order": (sp.log(R(3, 4) ** x + R(1, 4) ** x) / (1 - x), (0.3, 1.0, 20.0, 40.0, 300.0, 1e3, -30.0)),
    "copula in its parameter": ((2**x + 3**x - 1) ** (-1 / x), (1e-9, 0.1, 1.0, 8.0)),
    "line of nearly its impedance": ((sp.tanh(x) + R(3, 2)) / (R(3, 2) * sp.tanh(x) + 1) - 1, (1.0, 3.0, 6.0, 8.0)),
    "two branches that meet": (sp.Piecewise(((1 - sp.acos(x) / sp.sqrt(1 - x**2)) / (x**2 - 1), x < 1),
                                            ((1 - sp.acosh(x) / sp.sqrt(x**2 - 1)) / (x**2 - 1), True)), (0.3, 0.9, 0.999, 1 - 1e-9, 1.0, 1 + 1e-9, 1.1)),
    "margin of a loss": (x**2 / 4 + sp.Max(0, R(3, 2) - sp.sqrt(x**2 + 1)) ** 2 / 2, (-1e-9, 1e-5, 0.01, 0.1, 0.7, 3.0)),
    "tail index of a density": (-(1 + 1 / x) * sp.log(1 + 3 * x), (-0.333, -0.3, -1e-3, 0.0, 1e-9, 1e-3, 0.1, 2.0)),
    "log1p to the third term": (sp.log(1 + x) - x + x**2 / 2, (0.0, 1e-12, -1e-12, 1e-5, 0.01, 0.2, 0.3, 0.7)),
}
LONG = ("resistance of a wire", "pattern of a half-wave dipole")
"""Those that take many seconds."""


def assert_right(formula, points, pairs, limits=(4, 16)):
    truth = Truth(formula, x, 1)
    for at, pair in zip(points, pairs, strict=True):
        for order, (got, limit) in enumerate(zip(pair, limits, strict=True)):
            want = truth.at(at, order)
            if want is not None and representable(want):
                assert ulps(float(got), want) <= limit, (order, at, got, want)


def assert_right_on_numbers_and_arrays(formula, points):
    f, whole = sg.compile(formula, wrt=x), sg.compile(formula, wrt=x, batch=[x], reduce=None)
    assert_right(formula, points, [f.value_and_grad(x=at) for at in points])
    assert_right(formula, points, zip(whole.value(x=np.array(points)), whole.vjp(np.ones(len(points)), x=np.array(points)), strict=True))


def kernels(f):
    return "".join(f.kernel_text(entry) for entry in ("value", "value_and_grad"))


def ends_of(program):
    """The result and the one input."""
    return next(iter(program.outputs.values())).ref, next(Ref(index) for index, row in enumerate(program.graph.rows) if row.op == "input")


def test_far_out_a_row_has_as_many_digits_as_it_needs():
    f = sg.compile((2**x + 3**x - 1) ** (-1 / x), wrt=x)
    assert [f.value(x=at) for at in (400.0, 700.0, 1e4, math.inf)] == [pytest.approx(1 / 3, rel=1e-15)] * 4


def test_what_is_expanded_at_one_place_is_not_expanded_again_at_another():
    text = sg.compile(sp.log(R(3, 4) ** x + R(1, 4) ** x) / (1 - x), wrt=x).kernel_text("value")
    assert text.count("_expansion(") == 2


@pytest.mark.parametrize("formula", [R(1, 5) - 9 * sp.sin(3 * x), sp.sin(2 * x) * x + 1, sp.cos(x) / (2 + sp.cos(x))], ids=str)
def test_waves_whose_arguments_are_mended_stay(formula):
    assert "_expansion(" not in sg.compile(formula, wrt=x).kernel_text("value")


def test_cotangents_inside_choices_and_logarithms_are_looked_through():
    seeds = np.array([2.0, 0.0, -3.0, 0.5])
    points = np.array([0.0, 1e-5, -1e-3, 0.3])
    for name in ("margin of a loss", "tail index of a density"):
        formula, _ = FORMULAS[name]
        whole = sg.compile(formula, wrt=x, batch=[x], reduce=None)
        assert_right(formula, points.tolist(), zip(whole.value(x=points), whole.vjp(np.ones(4), x=points), strict=True))
        np.testing.assert_array_equal(whole.vjp(seeds, x=points), seeds * whole.vjp(np.ones(4), x=points))
    whole = sg.compile(x * sp.log(x) - x + 1, wrt=x, batch=[x], reduce=None)
    np.testing.assert_array_equal(whole.vjp(np.array([0.0, 1.0]), x=np.array([0.0, 1.0])), [0.0, 0.0])


def test_a_choice_is_no_step():
    """The halves of this slope stand in choices, whose order in the sum decides whether they leave x^3/3 its digits."""
    f = sg.compile(((1 + x) * sp.log(1 + x) + (1 - x) * sp.log(1 - x) - x**2) / 2, wrt=x)
    points = np.array([1e-12, -1e-7, 3e-5, 2e-3])
    np.testing.assert_allclose([f.grad(x=point) for point in points], sum(points**k / k for k in (3, 5, 7, 9)), rtol=2e-15)


def test_seeds_are_no_inputs_of_a_formula():
    """Rules for arrays of several inputs leave a formula of one as it stands, whatever it is multiplied by."""
    formula = (3 - sp.sin(x) ** 2 - 2 * sp.cos(x) + 1 / (3 - 2 * sp.cos(x))) / (2 * (3 - 2 * sp.cos(x)) ** 2)
    whole = sg.compile(formula, wrt=x, batch=[x], reduce=None)
    assert "power of a quotient" not in whole.kernel_text("vjp")
    several = sg.compile(sp.sin(x) ** 2 / (1 + a**2) ** 2, wrt=[x, a], batch=[x], reduce="sum")
    assert "power of a quotient" in several.kernel_text("value")


def test_places_to_look_at_are_found_in_the_rows():
    def found(formula):
        program = declare(formula, x).program
        return centres(program.graph, *ends_of(program))

    assert found(sp.log(x / 10) + sp.sqrt(4 - x**2)) == [-2, 2, -10, 10]
    assert found(sp.atanh(3 * x - 1)) == [R(1, 3), R(2, 3)]
    assert found(sp.tan(x)) == [-sp.pi / 2, sp.pi / 2, -sp.pi, sp.pi]
    assert found(sp.exp(x) * x**3) == []


@pytest.mark.parametrize("name", but_slow(FORMULAS, LONG))
def test_numbers_and_arrays_are_right_and_raise_no_warning(name):
    assert_right_on_numbers_and_arrays(*FORMULAS[name])


@pytest.mark.parametrize("formula", [
    x**2 - 3 * x + 2, sp.exp(-x) * sp.sin(3 * x), x / (1 + x**2), sp.sqrt(x**2 + 1), sp.log(x) / x, sp.tanh(x) - x / 2, sp.Abs(x) + x, sp.cos(x + 1),
    sp.atan(x) * sp.Max(x, 0), 1 / (1 + sp.exp(-x)), x**sp.Rational(5, 2) + x,
], ids=str)
def test_what_keeps_its_digits_stays(formula):
    assert "_expansion" not in kernels(sg.compile(formula, wrt=x))


def test_declared_rows_and_several_groups_stay():
    cancelling = sp.tan(x) - sp.sin(x)
    assert "_expansion" in kernels(sg.compile(cancelling, wrt=x))
    for options in ({"rewrite": False}, {"precise": False}):
        assert "_expansion" not in kernels(sg.compile(cancelling, wrt=x, **options))
    assert "_expansion" not in kernels(sg.compile(sp.tan(x) - sp.sin(a * x), wrt=x))


@pytest.mark.parametrize("formula, at", [
    (sp.sqrt(x**2 + 1) - sp.sqrt(x**2 - 1) + sp.exp(-((x - 1000) ** 2)), 1000.25),
    (sp.atan(x + 1) - sp.atan(x) + sp.exp(-((x - 4000) ** 2)), 4000.5),
    (sp.tan(x) - sp.sin(x) + x**3 * sp.exp(-(10**6) * x**2), 5e-4),
    (sp.tan(x) - sp.sin(x) + x**3 / (1 + 10**8 * (x - R(1, 10)) ** 2), 0.1),
], ids=str)
def test_nothing_narrow_is_lost_between_the_nodes(formula, at):
    f = sg.compile(formula, wrt=x)
    points = [at, at * (1 - 1e-4), at / 3, at * 3]
    assert_right(formula, points, [f.value_and_grad(x=one) for one in points], (1e11, 1e12))  # its digits may go, the peak may not


def test_domains_stay():
    f = sg.compile((x - sp.sqrt(x**2 - 4)) / 2, wrt=x)
    with np.errstate(all="ignore"):
        assert math.isnan(f.value(x=1.0)) and math.isnan(f.value(x=math.nan))
    g = sg.compile(sp.log(1 + x) - x + x**2 / 2, wrt=x)
    with np.errstate(all="ignore"):
        assert math.isnan(g.value(x=-2.0)) and g.value(x=-1.0) == -math.inf


def test_both_infinities_have_their_own_limits():
    f = sg.compile(x * (sp.exp(x) + 1) / (sp.exp(x) - 1) - 4, wrt=x)
    assert f.value_and_grad(x=math.inf) == (math.inf, 1.0)
    assert f.value(x=-math.inf) == math.inf
    g = sg.compile((x - sp.sqrt(x**2 - 4)) / 2, wrt=x)
    with np.errstate(all="ignore"):
        assert (g.value(x=math.inf), g.value(x=-math.inf)) == (0.0, -math.inf)


def test_shapes_and_precision_stay():
    whole = sg.compile(sp.tan(x) - sp.sin(x), wrt=x, batch=[x], reduce=None)
    points = np.array([0.0, 1e-4, 0.3, 1.2])
    assert whole.value(x=points[:0]).shape == (0,)
    assert whole.value(x=points.astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(whole.value(x=points.astype(np.float32)), whole.value(x=points), rtol=3e-6)
    wide = np.linspace(-1.5, 1.5, 10_001)
    np.testing.assert_array_equal(whole.value(x=wide), np.concatenate([whole.value(x=wide[:7]), whole.value(x=wide[7:6000]), whole.value(x=wide[6000:])]))
    assert points.tolist() == [0.0, 1e-4, 0.3, 1.2]


def test_arrays_in_the_order_of_columns_are_taken_as_others():
    points = np.array([[0.01, 0.1], [0.3, 0.2]])
    pieces = ((-0.25, 0.25, 0, 0.0, 1, 1, 1.0, 2.0),)
    for order in "CF":
        at = np.array(points, order=order)
        np.testing.assert_array_equal(_expansion(0, pieces, at, 100 * at), np.where(points < 0.25, points * (points + 2), 100 * points))
        np.testing.assert_array_equal(_double_double(((0.0, 0.25),), lambda v: v * v, at, 100 * at), np.where(points < 0.25, points**2, 100 * points))


def test_sums_over_arrays_and_second_derivatives_go_along():
    formula = (sp.tan(x) - sp.sin(x)) / x**3
    points = np.array([1e-6, 0.01, 0.3, 0.9])
    total = sg.compile(sp.Sum(formula.subs(x, X[i]), (i, 0, n - 1)), wrt=X)
    truth = Truth(formula, x, 2)
    assert total.value(X=points) == pytest.approx(sum(float(truth.at(at, 0)) for at in points), rel=1e-15)
    np.testing.assert_allclose(total.grad(X=points), [float(truth.at(at, 1)) for at in points], rtol=3e-15)
    f = sg.compile(formula, wrt=x)
    for at in points.tolist():
        assert f.hessian(x=at) == pytest.approx(float(truth.at(at, 2)), rel=1e-9)
        assert f.jvp({"x": at}, {"x": 2.0})[1] == pytest.approx(2 * float(truth.at(at, 1)), rel=3e-15)


def test_flat_code_and_saved_modules_have_them(tmp_path):
    f = sg.compile(sp.tan(x) - sp.sin(x), wrt=x, style="flat", name="less")
    assert f.value(x=1e-9) == pytest.approx(5e-28, rel=1e-15)
    path = f.save(tmp_path)
    assert "_expansion(" in path.read_text(encoding="utf-8")


def test_rows_are_evaluated_as_sympy_does():
    formula = sp.exp(-x) * sp.log(1 + x) / (x - sp.sin(3 * x))
    program = declare(formula, x).program
    values = Values(program.graph, *ends_of(program))
    with mpmath.workdps(100):
        assert mpmath.almosteq(values.at(mpmath.mpf("0.3")), mpmath.mpf(sp.N(formula.subs(x, R(3, 10)), 100)), 1e-90)
    rounded = values.at(mpmath.mpf(0.3), 1)
    assert rounded != values.at(mpmath.mpf(0.3)) and abs(rounded / values.at(mpmath.mpf(0.3)) - 1) < 1e-14
    assert values.at(mpmath.mpf(-3)) is None


def test_threads_expand_alike():
    formulas = [(sp.tan(k * x) - sp.sin(k * x)) / x**3 for k in range(1, 5)]
    alone = [kernels(sg.compile(formula, wrt=x)) for formula in formulas]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda formula: kernels(sg.compile(formula, wrt=x)), formulas)) == alone


def test_powers_that_are_thirds_beside_a_whole_number_are_raised_exactly():
    # 13/3 - 4 is less than a third in doubles
    flow = sg.compile((x - sp.sin(x)) ** sp.Rational(5, 3) / x ** sp.Rational(2, 3), wrt=x)
    for at in (1e-8, 3e-5, 6e-4):
        want = at ** (13 / 3) / 6 ** (5 / 3)
        assert flow.value(x=at) == pytest.approx(want, rel=1e-6)
        assert flow.grad(x=at) == pytest.approx(13 / 3 * want / at, rel=1e-6)
