"""Bounds of what rounding does to rows: never smaller than the error, for each function of the table and for formulas that lose digits."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from sympy import exp, log, sqrt
from test_functions import DEFINITIONS, ENTRIES, points
from test_several_inputs import FORMULAS as FORMULAS_OF_SEVERAL

import symgrad as sg
from symgrad.graph.graph import Graph
from symgrad.graph.lower import apply, lower
from symgrad.rewrite.in_doubles import rows_at
from symgrad.rewrite.twice.errors import UNIT, Errors

x, y, z = SYMBOLS = sp.symbols("x y z", real=True)
DIGITS = 60
SLACK = 1 + 1e-6
"""Bounds are of first order."""

FORMULAS = {
    "difference": (x - y, ((1.0, 1.0 - 2**-40, 0.0), (1e16, 1.0, 0.0))),
    "sum of three": (x + y + z, ((1.0, 1e-17, -1.0), (1e10, 3.3, -1e10))),
    "numbers that are no doubles": (sp.Rational(1, 3) + x / 7 - y / 3, ((0.1, 1.0428, 0.0), (7.0, 4.0, 0.0))),
    "squares and numbers that are no doubles": (x**2 + y**2 + sp.Rational(1, 3), ((0.1, 0.2, 0.0), (1e-9, 0.7, 0.0), (0.6, 1e-20, 0.0))),
    "difference of squares": (x**2 - y**2, ((1.0, 1 - 2**-30, 0.0), (3.3, 3.300001, 0.0))),
    "decay chain": ((exp(-x * z) - exp(-y * z)) / (y - x), ((0.3, 0.3 + 2**-30, 2.0), (1.0, 2.0, 0.5))),
    "logarithm next to 1": (log(x * y) / (x * y - 1), ((3.0, 1 / 3 + 2**-40, 0.0), (0.7, 1.4, 0.0))),
    "needle": (sqrt((x + y + z) * (-x + y + z) * (x - y + z) * (x + y - z)), ((1.0, 1.0, 1e-9), (3.0, 4.0, 5.0))),
    "wave far out": (sp.sin(x * y), ((1e8, 3.3, 0.0), (2.0, 0.3, 0.0))),
    "a choice": (sp.Piecewise((x * y - z, x > 1), (x * y + z, True)), ((1.1, 3.3, 3.63), (0.1, 3.3, -0.33))),
    "the larger of two": (sp.Max(x * y, z) - z, ((1.1, 3.3, 3.6299), (1.1, 3.3, 3.64))),
}
OWN = 32
"""So many units some functions are off themselves, which their bounds leave out."""
STEP = 1e-9 * np.pi
"""What is added to arguments, which are rounded then."""


def bounded(graph: Graph, ref, given: dict[int, float], underflowing: tuple[int, ...] = ()) -> tuple[float, float]:
    """A row as doubles compute it, from inputs by row, and the bound of its error."""
    error = Errors(graph, underflowing).of(ref)
    known = rows_at(graph, error, rows_at(graph, ref, {row: np.float64(value) for row, value in given.items()}))
    return float(known[ref.row]), float(known[error.row]) * UNIT


@pytest.mark.parametrize("name", FORMULAS)
def test_no_error_is_larger_than_its_bound(name: str) -> None:
    formula, places = FORMULAS[name]
    for at in places:
        graph = Graph()
        sources = {symbol: graph.input("input", symbol.name) for symbol in SYMBOLS}
        got, bound = bounded(graph, lower(graph, formula, sources.get), {sources[one].row: value for one, value in zip(SYMBOLS, at, strict=True)})
        with mp.workdps(DIGITS):
            want = sp.lambdify(SYMBOLS, formula, "mpmath")(*map(mp.mpf, at))
            assert abs(got - want) <= bound * SLACK


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if "scipy" not in entry.needs], ids=lambda entry: entry.name)
def test_the_error_of_its_arguments_is_in_that_of_a_function(entry) -> None:
    function = DEFINITIONS.get(entry.name) or (lambda *args: entry.expression(args, entry.parameters))
    for point in points(entry):
        graph = Graph()
        sources = [(graph.input("input", f"a{k}"), graph.input("input", f"b{k}")) for k in range(entry.arity)]
        sums = [graph.sum(sp.S.Zero, [(sp.S.One, one), (sp.S.One, other)]) for one, other in sources]
        given = {pair[0].row: float(x) for pair, x in zip(sources, point, strict=True)} | {pair[1].row: STEP for pair in sources}
        got, bound = bounded(graph, apply(graph, entry.name, sums, entry.parameters), given)
        want = sp.N(function(*(sp.Float(sp.Rational(float(x)) + sp.Rational(STEP), DIGITS) for x in point)), DIGITS)
        if want.is_extended_real and want.is_finite:
            assert abs(sp.Rational(got) - want) <= bound * SLACK + OWN * UNIT * abs(want), point


def test_a_bound_is_no_larger_than_it_has_to_be() -> None:
    """With half of a slope it would not hold."""
    graph = Graph()
    a, b = (graph.input("input", name) for name in "ab")
    ref = apply(graph, "exp", [graph.product(sp.S.One, [a, b])])
    with mp.workdps(DIGITS):
        errors = [(abs(got - mp.exp(mp.mpf(x) * 7.3)), bound) for x in np.linspace(50, 60, 200)
                  for got, bound in [bounded(graph, ref, {a.row: x, b.row: 7.3})]]
        assert all(error <= bound for error, bound in errors) and any(error > bound / 2 for error, bound in errors)


def test_what_underflows_on_the_way_counts() -> None:
    graph = Graph()
    a, b = (graph.input("input", name) for name in "ab")
    square = apply(graph, "square", [a])
    given = {a.row: 1e-170, b.row: 1e200}
    for ref in (graph.product(sp.S.One, [square, b]), graph.product(sp.S.One, [a, a, b])):
        got, bound = bounded(graph, ref, given, (square.row, ref.row))
        assert got == 0 and abs(got - 1e-140) <= bound


def test_needles_are_right() -> None:
    """Triangles that no place which is looked at is like: what tells is the bound."""
    a, b, c = sp.symbols("a b c", positive=True)
    s = (a + b + c) / 2
    area = sqrt(s * (s - a) * (s - b) * (s - c))
    model = sg.compile(area, wrt=[a, b, c])
    for at in ((1.0, 1.0, 1e-9), (1e4, 1e4, 1e-6), (3.7, 3.7, 1e-11)):
        with mp.workdps(DIGITS):
            exact = [sp.lambdify((a, b, c), one, "mpmath")(*map(mp.mpf, at)) for one in (area, area.diff(a), area.diff(c), area.diff(a, 2))]
        given = dict(zip("abc", at, strict=True))
        got = [model.value(**given), model.grad(**given)[0], model.grad(**given)[2], model.hessian(**given)[0][0]]
        assert got == [pytest.approx(float(one), rel=1e-12) for one in exact]


PRODUCTS = {
    "two-body decay momentum": [{"M": 1e4, "m1": 1e-12, "m2": 1e-12}, {"M": 1.00000001, "m1": 1e-9, "m2": 1.0}],
    "Hellinger distance, two normals": [{"m1": 0.0, "s1": 1.0, "m2": 1e-8, "s2": 1.00000001}],
    "Hartmann flow velocity profile": [{"Ha": 1e-6, "y": 0.5}, {"Ha": 3.0, "y": 0.999999999}],
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_products_with_the_curvature_of_a_mean(name: str) -> None:
    """Along each input by itself, of arrays below 1/n, as right as the entries of a Hessian are asked to be."""
    formula, points = FORMULAS_OF_SEVERAL[name][0], PRODUCTS[name]
    inputs = sorted(formula.free_symbols, key=str)
    n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
    arrays = {one: sp.IndexedBase(f"{one}_", shape=(n,)) for one in inputs}
    model = sg.compile(-sp.Sum(formula.subs({one: array[i] for one, array in arrays.items()}, simultaneous=True), (i, 0, n - 1)) / n,
                       wrt=[*arrays.values()])
    given = {f"{one}_": np.array([point[str(one)] for point in points]) for one in inputs}
    for one in inputs:
        found = model.hvp(given, {f"{one}_": np.ones(len(points))})
        for other, got in zip(inputs, found, strict=True):
            with mp.workdps(200):
                exact = sp.lambdify(inputs, -sp.diff(formula, one, other) / len(points), "mpmath")
                wanted = [float(exact(*(mp.mpf(point[str(key)]) for key in inputs))) for point in points]
            np.testing.assert_allclose(got, wanted, rtol=1e-9, err_msg=f"{one} {other}")
