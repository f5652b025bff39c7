"""The table of elementary functions: every entry's value, slopes and second derivatives against 60-digit evaluation."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from sympy.codegen import cfunctions

import symgrad as sg
from symgrad.graph.functions import BY_HEAD, TABLE
from symgrad.graph.heads.exponents import WITH_FACTOR
from symgrad.graph.table import scales
from symgrad.graph.table.common import NARY_TEMPLATES
from symgrad.rewrite.expansions.values import FAILURES, function_of
from symgrad.rewrite.mending import OF_TWO

DIGITS = 60
FINE, COARSE = sp.Rational(1, 10**15), sp.Rational(1, 10**12)
INTERNAL = {"select", "finite", "real", "integer", "tending", "tending_quotient", "growing", "leading", "log_beyond", "unless_most", "ratio", "logit_gap",
            "outside", "expansion",
            "double_double", "double_double_where", "scaled_expansion", "group_expansion", "range_expansion", "log_ratio", "xlogx_ratio", "xlog_ratio",
            "divergence_term", "divergence_slope", "weighted_log_ratio", "relative_entropy", "itakura_saito", "ratio_gap", "reciprocal_gap", "power_by_log",
            *WITH_FACTOR, "tangent_times",
            *(f"{name}_of" for name in OF_TWO), *scales.NAMES}
"""Rows that a user cannot name: choices, casts and guards, and functions of an argument and its rest, or of two arguments and their difference."""
ENTRIES = [entry for entry in TABLE.values() if entry.kind == "real" and entry.name not in INTERNAL]
KINKED = {"abs", "sign", "heaviside", "max", "min", "floor", "ceiling", "frac", "mod", "arg", "hypot"}

DEFINITIONS = {
    "logistic": lambda x: 1 / (1 + sp.exp(-x)),
    "softplus": lambda x: sp.log(1 + sp.exp(x)),
    "xlog1py": lambda x, y: x * sp.log(1 + y),
    "logcosh": lambda x: sp.log(sp.cosh(x)),
    "exponent": lambda x: x,
    "one_minus_square": lambda x: 1 - x**2,
    "difference_of_squares": lambda x, y: x**2 - y**2,
    "times_shifted": lambda x, y: x * (x + y),
    "root_gap": lambda x, y: sp.sqrt(x**2 + y) - x,
    "root_excess": lambda x, y: sp.sqrt(x + y**2) - y,
    "root_complement": lambda x: 1 - sp.sqrt(1 - x**2),
    "hypot_excess": lambda x, y: sp.sqrt(x**2 + y**2) - y,
    "direction_cosine": lambda x, y: x / sp.sqrt(x**2 + y**2),
    "share": lambda x, y: x / (x + y),
    "softsign": lambda x, y: x / (y + sp.Abs(x)),
    "log_shifted_ratio": lambda x, y: sp.log((x + y) / x),
    "logaddexp": lambda x, y: sp.log(sp.exp(x) + sp.exp(y)),
    "cbrt": lambda x: sp.sign(x) * sp.Abs(x) ** sp.Rational(1, 3),
    "exp2": lambda x: 2**x,
    "expm1": lambda x: sp.exp(x) - 1,
    "log1p": lambda x: sp.log(1 + x),
    "log2": lambda x: sp.log(x) / sp.log(2),
    "log10": lambda x: sp.log(x) / sp.log(10),
    "hypot": lambda x, y: sp.sqrt(x**2 + y**2),
    "erf2": lambda x, y: sp.erf(y) - sp.erf(x),
    "erfcinv": lambda x: sp.erfinv(1 - x),
    "loggamma": lambda x: sp.log(sp.gamma(x)),
}
"""Heads that SymPy does not evaluate, or not to many digits, by what they mean."""

named = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def symbols_of(entry):
    return sp.symbols(f"x_:{entry.arity}", real=True)


def expression(entry):
    return entry.expression(symbols_of(entry), entry.parameters)


def compiled(entry, **options):
    """The function as the table has it, without what makes formulas of it more exact."""
    return sg.compile(expression(entry), wrt=list(symbols_of(entry)), **{"precise": False, **options})


def points(entry):
    """Three points in the domain; the arguments differ, and the first is the larger where there are two."""
    low, high = entry.domain
    fractions = [(0.83, 0.21, 0.5, 0.33, 0.7, 0.57), (0.35, 0.12, 0.2, 0.9, 0.45, 0.28), (0.97, 0.6, 0.1, 0.4, 0.77, 0.9)]
    return [tuple(low + (high - low) * fraction for fraction in one[: entry.arity]) for one in fractions]


def hazards(entry):
    single = [(hazard,) + (0.7,) * (entry.arity - 1) for hazard in entry.hazards]
    return single + [(hazard,) * 2 for hazard in entry.hazards if entry.arity == 2]


class Truth:
    """Value and derivatives of an entry at one point from 60-digit evaluations around it."""

    def __init__(self, entry, point):
        self.function = DEFINITIONS.get(entry.name) or (lambda *xs: entry.expression(xs, entry.parameters))
        self.point = [sp.Rational(float(x)) for x in point]

    def at(self, moves=()):
        moved = [sp.Float(x + sum((step for k, step in moves if k == place), sp.S.Zero), DIGITS) for place, x in enumerate(self.point)]
        return sp.N(self.function(*moved), DIGITS)

    def value(self):
        return _real(self.at())

    def slope(self, k, step=FINE):
        return _real((self.at([(k, step)]) - self.at([(k, -step)])) / (2 * step))

    def second(self, j, k, step=COARSE):
        corners = [a * b * self.at([(j, a * step), (k, b * step)]) for a in (1, -1) for b in (1, -1)]
        return _real(sum(corners) / (4 * step**2))

    def stable(self, measure, *places):
        """A derivative, or nan where the quotient does not settle: the function is not smooth there."""
        first, second = (measure(*places, step=sp.Rational(1, 10**digits)) for digits in (12, 13))
        return second if math.isfinite(second) and abs(first - second) <= 1e-9 * abs(second) + 1e-11 else math.nan


def _real(number):
    """A double, or nan where the number is not real and finite."""
    return float(number) if number.is_extended_real and number.is_finite else math.nan


def near(want, rel):
    return pytest.approx(want, rel=rel, abs=1e-15)


@named
def test_value_slopes_and_second_derivatives(entry):
    f, names = compiled(entry), [symbol.name for symbol in symbols_of(entry)]
    for point in points(entry):
        truth, at = Truth(entry, point), dict(zip(names, point, strict=True))
        value, slopes = f.value_and_grad(**at)
        blocks = f.hessian(**at)
        assert value == near(truth.value(), 1e-13)
        for k in range(entry.arity):
            assert slopes[k] == near(truth.slope(k), 1e-12), (point, k)
            for j in range(entry.arity):
                assert blocks[j][k] == near(truth.second(j, k), 1e-10), (point, j, k)


@named
def test_forward_mode_agrees_with_reverse(entry):
    f, names = compiled(entry), [symbol.name for symbol in symbols_of(entry)]
    for point in points(entry):
        at = dict(zip(names, point, strict=True))
        assert f.grad_forward(**at) == pytest.approx(f.grad(**at), rel=1e-14, abs=0)


HAZARDOUS = [entry for entry in ENTRIES if entry.hazards]


@pytest.mark.parametrize("entry", HAZARDOUS, ids=lambda entry: entry.name)
def test_hazards_are_right_where_the_truth_is_finite(entry):
    f, names = compiled(entry), [symbol.name for symbol in symbols_of(entry)]
    for point in hazards(entry):
        truth, at = Truth(entry, point), dict(zip(names, point, strict=True))
        value, slopes = f.value_and_grad(**at)
        if math.isfinite(truth.value()):
            assert value == near(truth.value(), 1e-13), point
        if entry.name in KINKED:
            assert np.all(np.isfinite(slopes)) and np.all(np.isfinite(f.hessian(**at))), point
            continue
        for k in range(entry.arity):
            want = truth.stable(truth.slope, k)
            if math.isfinite(want):
                assert slopes[k] == near(want, 1e-12), (point, k)
            for j in range(entry.arity):
                want = truth.stable(truth.second, j, k)
                if math.isfinite(want):
                    assert f.hessian(**at)[j][k] == near(want, 1e-10), (point, j, k)


@named
def test_arrays_and_single_precision(entry):
    """One value a sample agrees with calls on numbers, and float32 stays float32 in values and derivatives."""
    symbols = symbols_of(entry)
    f, single = compiled(entry, batch=list(symbols), reduce=None), compiled(entry)
    columns = {s.name: np.array([point[k] for point in points(entry)]) for k, s in enumerate(symbols)}
    wide = f.value(**columns)
    assert wide.shape == (3,)
    assert wide.tolist() == pytest.approx([single.value(**dict(zip(columns, point, strict=True))) for point in points(entry)], rel=1e-14)
    narrow = {name: column.astype(np.float32) for name, column in columns.items()}
    value, slopes = f.value(**narrow), f.vjp(np.ones(3, np.float32), **narrow)
    assert value.dtype == np.float32 and all(part.dtype == np.float32 for part in slopes)
    assert value == pytest.approx(wide, rel=2e-4, abs=2e-5)


@named
def test_entries_are_found_by_their_head(entry):
    """Compiling an expression of the head gives a row of the entry, so no entry is dead."""
    rows = compiled(entry).declared.program.graph.rows
    assert any(row.op == "map" and row.payload[0] == entry.name for row in rows)


# ---------------------------------------------------------------------- conventions

W, X, Y = sp.symbols("W X Y", real=True)


@pytest.mark.parametrize(("expr", "at", "slopes"), [
    (sp.Max(0, W), dict(W=0.0), (0.0,)),
    (sp.Min(0, W), dict(W=0.0), (0.0,)),
    (sp.Max(W, 3), dict(W=3.0), (0.0,)),
    (sp.Max(W, X), dict(W=2.0, X=2.0), (0.5, 0.5)),
    (sp.Min(W, X), dict(W=2.0, X=2.0), (0.5, 0.5)),
    (sp.Max(W, X, Y), dict(W=2.0, X=2.0, Y=1.0), (0.5, 0.5, 0.0)),
    (sp.Max(W, X, Y), dict(W=2.0, X=2.0, Y=2.0), (1 / 3, 1 / 3, 1 / 3)),
    (sp.Max(W, X, Y, *(sp.Mul(k, W + X) for k in range(4, 12))), dict(W=-1.0, X=-2.0, Y=1.0), (0.0, 0.0, 1.0)),
    (sp.Abs(W), dict(W=0.0), (0.0,)),
    (sp.sign(W), dict(W=0.0), (0.0,)),
    (sp.Heaviside(W), dict(W=0.0), (0.0,)),
    (sp.Heaviside(W, X), dict(W=0.0, X=0.3), (0.0, 1.0)),
    (sp.Heaviside(W, X), dict(W=0.5, X=0.3), (0.0, 0.0)),
    (sp.floor(W), dict(W=2.0), (0.0,)),
    (sp.ceiling(W), dict(W=2.0), (0.0,)),
    (sp.frac(W), dict(W=2.0), (1.0,)),
    (sp.Mod(W, X), dict(W=-2.5, X=2.0), (1.0, 2.0)),
    (sp.Mod(W, X), dict(W=2.5, X=-2.0), (1.0, 2.0)),
    (sp.atan2(W, X), dict(W=0.0, X=-1.0), (-1.0, 0.0)),
    (W**X, dict(W=0.0, X=2.0), (0.0, 0.0)),
    (W**X, dict(W=0.0, X=1.0), (1.0, 0.0)),
    (W**X, dict(W=-2.0, X=3.0), (12.0, 0.0)),
    (cfunctions.hypot(W, X), dict(W=0.0, X=0.0), (0.0, 0.0)),
])
def test_conventions_at_kinks_and_edges(expr, at, slopes):
    f = sg.compile(expr, wrt=[s for s in (W, X, Y) if s in expr.free_symbols])
    assert f.grad(**at) == slopes
    assert f.grad_forward(**at) == slopes
    assert np.all(np.isfinite(f.hessian(**at)))


def test_values_at_jumps():
    assert sg.compile(sp.Heaviside(W), wrt=W)(0.0) == 0.5
    assert sg.compile(sp.Heaviside(W, 1), wrt=W)(0.0) == 1.0
    assert sg.compile(sp.sign(W), wrt=W)(0.0) == 0.0
    assert sg.compile(sp.arg(W), wrt=W)(-2.0) == math.pi and sg.compile(sp.arg(W), wrt=W)(0.0) == 0.0


@pytest.mark.parametrize("x", [1e-12, 1e-8, 1e-5, 1e-3, 0.1, 0.499, 0.501, 3.0, 40.0])
def test_sinc_keeps_its_digits_near_zero(x):
    f, truth = sg.compile(sp.sinc(W), wrt=W), Truth(TABLE["sinc"], (x,))
    assert f.grad(W=x) == pytest.approx(truth.slope(0, step=sp.Rational(1, 10**20)), rel=2e-15 / min(x, 1) if x > 0.5 else 1e-14, abs=1e-16)
    assert f.hessian(W=x) == pytest.approx(truth.second(0, 0, step=sp.Rational(1, 10**15)), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize(("expr", "text"), [
    (sp.DiracDelta(W), "DiracDelta"),
    (sp.zeta(W), "zeta"),
    (sp.besselj(X, W), "besselj"),
    (sp.LambertW(W, -1), "LambertW"),
])
def test_functions_without_a_compiled_form_are_named(expr, text):
    with pytest.raises(sg.errors.UnsupportedError, match=text):
        sg.compile(expr, wrt=W)


@pytest.mark.parametrize(("expr", "want"), [(sp.polygamma(0, W), sp.digamma(W)), (cfunctions.Sqrt(W), sp.sqrt(W)), (sp.E1(W), sp.expint(1, W))])
def test_other_spellings_of_one_function(expr, want):
    one, other = (sg.compile(e, wrt=W) for e in (expr, want))
    assert one.value_and_grad(W=0.8) == other.value_and_grad(W=0.8)


def test_the_header_names_scipy_where_it_is_needed():
    assert "from scipy import special" in sg.compile(sp.gamma(W), wrt=W).source
    assert "scipy" not in sg.compile(sp.erf(W), wrt=W).source
    assert "scipy" not in sg.compile(sp.sinc(W), wrt=W).source


def test_every_head_leads_to_its_entry():
    assert all(TABLE[entry.name] is entry for entry in BY_HEAD.values())


FLAT = ("one_minus_square", "ceiling", "frac", "atan_ratio_curve")
"""What is a sum or jumps, and what barely magnifies."""
MUCH = 8
PLACES = [side * size for side in (1, -1) for size in (1e-8, 1e-3, 0.1, 0.3, 0.5, 0.9, 1 - 1e-9, 1 + 1e-9, 1.5, 2 - 1e-9, 3.0, 5.0, 20.0, 100.0, 1e4)]


def condition(name, parameters, at):
    """|x f'(x)/f(x)|, by which a relative error of x is multiplied; 0 where it is no number."""
    with mp.workprec(300):
        function, at = function_of(name, parameters, 1), mp.mpf(at)
        step = abs(at) * mp.mpf(2) ** -60
        try:
            here, beside = function(at), function(at + step)
        except FAILURES:
            return 0.0
        real = here and isinstance(here, mpmath.mpf) and isinstance(beside, mpmath.mpf)
        return float(abs((beside - here) / step * at / here)) if real else 0.0


SMOOTH = [entry for entry in ENTRIES if entry.arity == 1 and entry.slopes is None and "scipy" not in entry.needs and entry.name not in FLAT]


@pytest.mark.parametrize("entry", SMOOTH, ids=lambda entry: entry.name)
def test_what_multiplies_errors_of_its_argument_says_so(entry):
    assert entry.magnifies or max(condition(entry.name, tuple(entry.parameters), at) for at in PLACES) < MUCH


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.linear], ids=lambda entry: entry.name)
def test_what_is_linear_in_its_first_argument_is_so(entry):
    function = function_of(entry.name, tuple(entry.parameters), entry.arity)
    others = [mp.mpf(3) / 2] * (entry.arity - 1)
    assert mp.almosteq(function(mp.mpf(6), *others), 3 * function(mp.mpf(2), *others))
    assert function(mp.mpf(0), *[mp.mpf(0)] * (entry.arity - 1)) == 0


@pytest.mark.parametrize("count", [2, 9, 70, 1000])
@pytest.mark.parametrize("name, best", [("max", max), ("min", min)])
def test_extrema_of_many_are_text_that_python_reads(name, best, count):
    numbers = np.random.default_rng(count).normal(size=count)
    text = NARY_TEMPLATES[name](count).format(*(f"a[{k}]" for k in range(count)))
    assert eval(text, {"np": np, "a": numbers}) == best(numbers)


def test_an_extremum_of_more_arguments_than_a_formula_mostly_has():
    many = [sp.Symbol(f"x{k}", real=True) for k in range(70)]
    f = sg.compile(sp.Max(*many), wrt=many)
    at = dict(zip(map(str, many), np.random.default_rng(0).permutation(70).astype(float), strict=True))
    assert f(**at) == 69
    assert {name: float(slope) for name, slope in zip(f.wrt, f.grad(**at), strict=True) if slope} == {max(at, key=at.get): 1.0}
