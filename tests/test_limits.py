"""Infinite inputs: where a formula has a limit there, its value is that limit, and its slope is no nan where that has one."""

import math

import numpy as np
import pytest
import sympy as sp
from certificates import formula, rules
from textbook import TEXTBOOK
from textbook import x as letter

import symgrad as sg
from symgrad.check.truth import Truth
from symgrad.rewrite.rules.rule import x, y

INF = math.inf
NEAR, FAR = 2500.0, 1e4
"""Where a formula's tendency is looked at: what grows has grown, what decays is within ROOM of its limit, but for roots."""
ROOM = 0.02
SHORT_RULES = {
    "difference of cotangent and pole": "there is none", "argument times cotangent": "there is none",
    "argument times cotangent less one": "there is none", "sine less its argument times the cosine": "there is none", "cosecant less cotangent": "there is none",
    "difference of waves": "there is none", "one plus cosine of half turns": "there is none",
    "cross-entropy of a logit": "0 times infinity where the label is sure; looking for it would take a third longer for all others",
    "log of a share of exponentials": "its slope at -inf is inf/inf behind the choice between two forms",
    "logarithm over its argument less one": "the slope 1/log(x) is not near its limit 0 at FAR",
    "power of a tail by an operand": "its slope at inf is inf * 0, and nothing is known of how a power by an operand grows",
    "product of Bessel functions": "SciPy's are 0 at inf, beside an exponential that is infinite", "factorial": "there is none at -inf",
    "cosine beside a Bessel function": "SciPy's are 0 at inf",
    "log of a Bessel function in a product": "SciPy's are 0 at inf", "integral beside its exponential": "the slope 1 - 2 x D(x) is inf * 0",
    "log of an integral": "the slope is a quotient of two that are 0",
}
"""Rules that have no limit, or are far from it at FAR, and why."""
LONG = ("log of an integral",)
"""Those that take long far out, of them."""
SHORT = {
    "x / log(1 + x)": "the slope 1/log(x) is not near its limit 0 at FAR",
    "tan x / x": "there is none", "x / sin x": "there is none",
    "1/x - cot x": "there is none", "1/sin x - 1/x": "there is none", "1 - x cot x": "there is none",
    "sin(exp x - x)": "there is none", "damped wave": "waves whose size grows have no limit at -inf", "1/sin x - 1/tan x": "there is none", "sin x - x cos x": "there is none", "logarithmic mean": "the slope 1/log(x) is not near its limit 0 at FAR",
}
"""Formulas of a textbook whose spelling has no limit in doubles, or that are far from it at FAR, and why."""


def limit(truth: Truth, order: int, side: float) -> float | None:
    """The limit by the formula's tendency; None where it has none."""
    near, far = (truth.at(side * point, order) for point in (NEAR, FAR))
    if near is None or far is None:
        return None
    if abs(far) <= ROOM or abs(far - near) <= ROOM:
        return float(far)
    return math.copysign(INF, far) if abs(far) > max(5, 1.1 * abs(near)) else None


def misses(f: sg.Compiled, truth: Truth, given: dict) -> list[tuple]:
    """The ends at which value or slope is not the limit."""
    found = []
    for side in (-1.0, 1.0):
        if truth.at(side * FAR, 0) is None:
            continue  # outside of the domain
        for order, got in enumerate(f.value_and_grad(**{truth.variable.name: side * INF}, **given)):
            want = limit(truth, order, side)
            if want is not None and not (got == want if math.isinf(want) else abs(got - want) <= ROOM):
                found.append((side * INF, order, float(got), want))
    return found


def marked(names, short):
    marks = {name: [pytest.mark.xfail(reason=why), *([pytest.mark.slow] if name in LONG else [])] for name, why in short.items()}
    return [pytest.param(name, marks=marks.get(name, [])) for name in names]


RULE = {rule.name: rule for rule in rules()}


@pytest.mark.parametrize("name", marked(RULE, SHORT_RULES))
def test_a_rule_keeps_the_limits(name):
    rule = RULE[name]
    f = sg.compile(rule.pattern, wrt=x, where=rule.where)
    given = {"y": rule.others[0]} if "y" in f.arguments else {}
    with np.errstate(all="ignore"):
        assert misses(f, Truth(formula(rule).subs(y, sp.Rational(rule.others[0])), x, 1), given) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", marked(TEXTBOOK, SHORT))
def test_a_formula_of_a_textbook_keeps_its_limits(name):
    one = TEXTBOOK[name]
    with np.errstate(all="ignore"):
        assert misses(sg.compile(one.formula, wrt=letter, where=one.where), Truth(one.whole, letter, 1), {}) == []


EXACT = {
    "sigmoid": (1 / (1 + sp.exp(-x)), 0, 1), "1 - sigmoid": (1 - 1 / (1 + sp.exp(-x)), 1, 0), "tanh": (sp.tanh(x), -1, 1),
    "tanh by exps": ((sp.exp(x) - sp.exp(-x)) / (sp.exp(x) + sp.exp(-x)), -1, 1), "softplus": (sp.log(1 + sp.exp(x)), 0, INF),
    "softplus - x": (sp.log(1 + sp.exp(x)) - x, INF, 0), "Phi": (sp.erfc(-x / sp.sqrt(2)) / 2, 0, 1),
    "slope of sigmoid": (sp.exp(-x) / (1 + sp.exp(-x)) ** 2, 0, 0), "erf": (sp.erf(x), -1, 1),
    "entropy": (-sp.log(1 / (1 + sp.exp(-x))) / (1 + sp.exp(-x)) - (1 - 1 / (1 + sp.exp(-x))) * sp.log(1 - 1 / (1 + sp.exp(-x))), 0, 0),
    "(1 - exp(-x))/x": ((1 - sp.exp(-x)) / x, INF, 0), "log(1 + exp) of two": (sp.log(sp.exp(x) + sp.exp(y)), 2, INF),
}


@pytest.mark.parametrize("name", EXACT)
def test_limits_are_met_exactly_by_numbers_and_by_arrays(name):
    expr, low, high = EXACT[name]
    one = sg.compile(expr, wrt=x)
    many = sg.compile(expr, wrt=x, batch=[x], reduce=None)
    given = {"y": 2.0} if y in expr.free_symbols else {}
    ends = np.array([-INF, INF])
    with np.errstate(all="ignore"):
        assert [one(x=end, **given) for end in ends] == many(x=ends, **given).tolist() == [low, high]
        slopes = [one.grad(x=end, **given) for end in ends]
        assert not np.isnan(slopes).any() and many.vjp(np.ones(2), x=ends, **given).tolist() == slopes
        assert not np.isnan([one.jvp({"x": end, **given}, {"x": 1.0})[1] for end in ends]).any()


SLOPES = {
    "x/log(1 + x)": (x / sp.log(1 + x), math.nan, 0), "x/asinh(x)": (x / sp.asinh(x), 0, 0), "(1 - cos(x))/x": ((1 - sp.cos(x)) / x, 0, 0),
    "j1": (sp.sin(x) / x**2 - sp.cos(x) / x, 0, 0),
}


@pytest.mark.parametrize("name", SLOPES)
def test_slopes_beside_logarithms_and_waves_have_their_limits(name):
    expr, *wanted = SLOPES[name]
    one, many = sg.compile(expr, wrt=x), sg.compile(expr, wrt=x, batch=[x], reduce=None)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal([one.grad(x=end) for end in (-INF, INF)], wanted)
        np.testing.assert_array_equal(many.vjp(np.ones(2), x=np.array([-INF, INF])), wanted)


def test_log_sum_exp_where_some_are_minus_infinity():
    n = sp.Symbol("n", integer=True, positive=True)
    i = sp.Symbol("i", integer=True)
    a = sp.IndexedBase("a", shape=(n,))
    f = sg.compile(sp.log(sp.Sum(sp.exp(a[i]), (i, 0, n - 1))), wrt=a)
    at = np.array([-INF, 1.0, -INF, 2.0])
    value, gradient = f.value_and_grad(a=at)
    assert value == pytest.approx(np.logaddexp(1.0, 2.0), rel=1e-15)
    np.testing.assert_allclose(gradient, [0, 1 / (1 + math.e), 0, math.e / (1 + math.e)], rtol=1e-14)
    assert np.isfinite(f.hessian(a=at)).all() and f(a=np.array([-INF, -INF])) == -INF


def test_a_product_with_a_logarithm_where_the_factor_is_zero():
    f = sg.compile(y * sp.log(x), wrt=x)
    for at in (0.0, 1e-300, INF):
        assert f(x=at, y=0.0) == 0 and f.grad(x=at, y=0.0) == 0
    entropy = sg.compile(-x * sp.log(x) - (1 - x) * sp.log(1 - x), wrt=x)
    assert entropy(x=0.0) == entropy(x=1.0) == 0 and entropy.grad(x=0.0) == INF and entropy.grad(x=1.0) == -INF


def test_products_over_an_index_at_infinite_factors():
    n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
    a = sp.IndexedBase("a", shape=(n,))
    f = sg.compile(sp.log(sp.Product(1 / (1 + sp.exp(-a[i])), (i, 0, n - 1))), wrt=a)
    value, gradient = f.value_and_grad(a=np.array([INF, 800.0, 0.0]))
    assert value == -math.log(2) and gradient.tolist() == [0, 0, 0.5]


GROWTH = {
    "x tanh(exp(x))": (x * sp.tanh(sp.exp(x)), (0, INF)), "log-normal density": (sp.exp(-(sp.log(x) ** 2) / 2) / x, (math.nan, 0)),
    "(x^2 + 1)/(x^2 - 1)": ((x**2 + 1) / (x**2 - 1), (1, 1)), "(1 - x)/(1 + x)": ((1 - x) / (1 + x), (-1, -1)), "x^2/(1 + x)": (x**2 / (1 + x), (-INF, INF)),
    "log(x)/sqrt(x)": (sp.log(x) / sp.sqrt(x), (math.nan, 0)), "x exp(-x)": (x * sp.exp(-x), (-INF, 0)), "x^2 exp(x)": (x**2 * sp.exp(x), (0, INF)),
    "exp(x) - x": (sp.exp(x) - x, (INF, INF)), "y x exp(-x^2)": (y * x * sp.exp(-(x**2)), (0, 0)), "exp(x)/x^3": (sp.exp(x) / x**3, (0, INF)),
    "normal density with a mean": (x * sp.exp(-((x - y) ** 2) / 2), (0, 0)), "x sin(x)": (x * sp.sin(x), (math.nan, math.nan)),
    "exp(x) exp(-2x)/x": (sp.exp(x) * sp.exp(-2 * x) / x, (-INF, 0)), "sqrt(x) - log(x)": (sp.sqrt(x) - sp.log(x), (math.nan, INF)),
}


@pytest.mark.parametrize("name", GROWTH)
def test_growth_is_compared_with_decay(name):
    expr, wanted = GROWTH[name]
    given = {"y": 2.0} if y in expr.free_symbols else {}
    one, many = sg.compile(expr, wrt=x), sg.compile(expr, wrt=x, batch=[x], reduce=None)
    with np.errstate(all="ignore"):
        assert [one(x=end, **given) for end in (-INF, INF)] == pytest.approx(wanted, nan_ok=True)
        np.testing.assert_array_equal(many(x=np.array([-INF, INF]), **given), np.array(wanted, float))
        np.testing.assert_array_equal(many(x=np.array([-INF, INF], np.float32), **given), np.array(wanted, np.float32))


def test_a_product_without_a_limit_has_none():
    """Growth that nothing is known to outdo, and two rows that are infinite apart from each other."""
    with np.errstate(all="ignore"):
        assert math.isnan(sg.compile(x * y, wrt=x)(x=INF, y=0.0))
        assert math.isnan(sg.compile(sp.exp(x) - sp.exp(y), wrt=x)(x=INF, y=INF))
        assert math.isnan(sg.compile(x * sp.exp(-y * x), wrt=x)(x=INF, y=0.0))


@pytest.mark.parametrize("entry", ["grad", "jvp", "hvp", "vjp"])
def test_slopes_in_every_mode_have_their_limits(entry):
    u = x * sp.erfc(-x / sp.sqrt(2)) / 2
    one, many = sg.compile(u, wrt=x), sg.compile(u, wrt=x, batch=[x], reduce=None)
    ends = np.array([-INF, INF, 1e200, -1e200])
    with np.errstate(all="ignore"):
        got = {"grad": lambda: [one.grad(x=end) for end in ends], "vjp": lambda: many.vjp(np.ones(4), x=ends).tolist(),
               "jvp": lambda: many.jvp({"x": ends}, {"x": np.ones(4)})[1].tolist(),
               "hvp": lambda: [one.hvp({"x": end}, {"x": 1.0}) for end in ends]}[entry]()
    assert got == ([0, 0, 0, 0] if entry == "hvp" else [0, 1, 1, 0])


AT_ZERO = {
    "x log(x/y) by logarithms": (x * (sp.log(x) - sp.log(y)), 0, -INF), "sqrt(x) log(x)": (sp.sqrt(x) * sp.log(x), 0, -INF),
    "x^2 log(x)": (x**2 * sp.log(x), 0, 0), "x log(x/3)": (x * sp.log(x / 3), 0, -INF), "-2 log(x) - 1/x": (-2 * sp.log(x) - 1 / x, -INF, None),
    "x/x": (sp.Mul(x, 1 / sp.Symbol("h", real=True)), math.nan, None),
}


@pytest.mark.parametrize("name", AT_ZERO)
def test_what_vanishes_beside_a_logarithm_is_zero_there(name):
    """0/0 has no value, whatever its limit is."""
    expr, value, slope = AT_ZERO[name]
    given = {"y": 2.0} if y in expr.free_symbols else {}
    where = [(sp.Symbol("h", real=True), 3 * x)] if name == "x/x" else ()
    f, each = (sg.compile(expr, wrt=x, where=where, batch=batch, reduce=None) for batch in ((), (x,)))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal([f(x=0.0, **given), each(x=np.zeros(1), **given)[0]], [value, value])
        if slope is not None:
            np.testing.assert_array_equal([f.grad(x=0.0, **given), each.vjp(np.ones(1), x=np.zeros(1), **given)[0]], [slope, slope])


def test_powers_above_and_below_cancel_in_slopes():
    """x^2 (1/x) beside 0, where x^2 underflows and 1/x overflows."""
    f = sg.compile(x**2 * sp.log(x), wrt=x)
    for at in (1e-200, 1e-310):
        assert f.grad(x=at) == pytest.approx(2 * at * math.log(at) + at, rel=1e-14)


def test_a_divergence_by_logarithms_where_a_probability_is_zero():
    n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
    p, q = (sp.IndexedBase(name, shape=(n,)) for name in "pq")
    f = sg.compile(sp.Sum(p[i] * (sp.log(p[i]) - sp.log(q[i])), (i, 0, n - 1)), wrt=q)
    value, gradient = f.value_and_grad(p=np.array([0.0, 0.5, 0.5]), q=np.array([0.25, 0.25, 0.5]))
    assert value == pytest.approx(math.log(2) / 2, rel=1e-15) and gradient.tolist() == [0, -2, -1]


DISTANT = {
    "log(1 + x^2)": (sp.log(1 + x**2), lambda at: 2 * math.log(abs(at))),
    "log(4 + (x - 1)^2/3)": (sp.log(4 + (x - 1) ** 2 / 3), lambda at: 2 * math.log(abs(at)) - math.log(3)),
    "x/(1 + x)^2": (x / (1 + x) ** 2, lambda at: 1 / at), "2x/(3 + x^2)": (2 * x / (3 + x**2), lambda at: 2 / at), "x^2/(1 + x^2)": (x**2 / (1 + x**2), lambda at: 1.0),
}


@pytest.mark.parametrize("name", DISTANT)
def test_squares_may_overflow_on_the_way(name):
    expr, wanted = DISTANT[name]
    one, many = sg.compile(expr, wrt=x), sg.compile(expr, wrt=x, batch=[x], reduce=None)
    for at in (1e200, -1e300):
        assert one(x=at) == pytest.approx(wanted(at), rel=1e-14, abs=0)
    np.testing.assert_allclose(many(x=np.array([1e200, 2.0, -1e300])), [one(x=at) for at in (1e200, 2.0, -1e300)], rtol=4e-16)


@pytest.mark.parametrize("name, slope", [("x/(1 + x^2)", -1e-200), ("x/(1 + x)^2", -1e-200), ("1/(1 + x^2)", -2e-300), ("x^2/(1 + x^2)", 2e-300)])
def test_slopes_of_quotients_keep_their_range(name, slope):
    assert sg.compile(sp.sympify(name, {"x": x}), wrt=x).grad(x=1e100) == pytest.approx(slope, rel=1e-14, abs=0)


def test_a_logarithm_of_squares_keeps_its_row_where_the_slope_needs_room():
    n, d = sp.symbols("n d", integer=True, positive=True)
    i, c = sp.symbols("i c", integer=True)
    a, b, u = sp.IndexedBase("a", shape=(n, d)), sp.IndexedBase("b", shape=(d,)), sp.IndexedBase("u")
    f = sg.compile(u[i, c], outputs=(i, c), where=[(u[i, c], sp.log(sp.sin(a[i, c]) ** 2 + 2) * b[c] + a[i, c])], wrt=[a, b])
    at = {"a": np.linspace(-2, 2, 12).reshape(4, 3), "b": np.array([0.5, -1.5, 2.0])}
    for one, other in zip(f.jacobian(**at), f.with_options(style="flat").jacobian(**at), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-15, atol=1e-15)
    assert np.abs(f.jacobian(**at)[1][:, 1, 1] - np.log(np.sin(at["a"][:, 1]) ** 2 + 2)).max() < 1e-15
