"""Code on Python floats: each function's spelling against NumPy's at every hazardous point, and whole models against their kernels."""

import decimal
import math
import warnings
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from marks import but_slow

import symgrad as sg
from symgrad.emit.front import Front
from symgrad.emit.numbers import number
from symgrad.emit.special import special_functions
from symgrad.graph.functions import TABLE
from symgrad.graph.rows import BOOLEAN
from symgrad.graph.table.common import NARY_TEMPLATES
from symgrad.rewrite.mending import OF_TWO

W, X, Y = sp.symbols("W X Y", real=True)

SPELLED = [entry for entry in TABLE.values() if entry.scalar_steps and entry.name.removesuffix("_of") not in OF_TWO]
HAZARDS = [0.0, -0.0, 1.0, -1.0, 0.3, -0.7, 0.5, 1.5, 2.5, -2.5, -3.0, 26.5, 40.0, 800.0, -800.0, 1e-9, -1e-12, 1e300, -1e300, 5e-324, -5e-324,
           -1100.0, math.inf, -math.inf, math.nan]
named = pytest.mark.parametrize("entry", SPELLED, ids=lambda entry: entry.name)


def points(entry):
    if entry.name == "select":
        return [(condition, x, y) for condition in (True, False) for x in HAZARDS for y in HAZARDS]
    single = [True, False] if entry.name in ("and", "or", "not") else HAZARDS + list(entry.hazards)
    rest = (0.7,) * (entry.arity - 2)
    return [(x,) for x in single] if entry.arity == 1 else [(x, y, *rest) for x in single for y in single]


def parameters(entry):
    """The entry's parameters as code has them: floats, or tuples of numbers."""
    return {f"p{k}": number(value).text if isinstance(value, sp.Tuple) else repr(float(value)) for k, value in enumerate(entry.parameters)}


def spelled(entry):
    """The function on Python floats, its steps one after another."""
    names = [f"x{k}" for k in range(entry.arity)]
    numbers = parameters(entry) | {"all": ", ".join(names)}
    *steps, last = entry.scalar_steps
    known = {f"s{k}": f"s{k}" for k in range(len(steps))}
    lines = [f"    s{k} = {step.format(*names, **numbers, **known)}" for k, step in enumerate(steps)]
    text = "\n".join([f"def scalar({', '.join(names)}):", *lines, f"    return {last.format(*names, **numbers, **known)}"])
    space = {"decimal": decimal, "math": math, "np": np}
    exec(special_functions(entry.needs.split()), space)
    exec(text, space)
    return space["scalar"]


def by_numpy(entry, point):
    if entry.name == "real":
        return np.float64(point[0])
    template = NARY_TEMPLATES[entry.name](entry.arity) if entry.name in NARY_TEMPLATES else entry.numpy
    given = [np.bool_(x) if isinstance(x, bool) else np.float64(x) for x in point]
    numbers = parameters(entry)
    space = {"decimal": decimal, "math": math, "np": np, "x": given, "dtype": np.dtype(float)}
    exec(special_functions(entry.needs.split()), space)
    with np.errstate(all="ignore"):
        return eval(template.format(*(f"x[{k}]" for k in range(entry.arity)), **numbers), space)


def ulps_apart(one, other):
    """How many doubles lie between two numbers; 0 for two nan."""
    if math.isnan(one) or math.isnan(other) or math.isinf(one) or math.isinf(other):
        return 0 if one == other or (math.isnan(one) and math.isnan(other)) else math.inf
    return abs(one - other) / np.spacing(min(max(abs(one), abs(other)), 1e308))


@named
def test_the_spelling_on_floats_gives_numpys_value_or_raises(entry):
    function = spelled(entry)
    for point in points(entry):
        want = by_numpy(entry, point)
        try:
            got = function(*point)
        except (ArithmeticError, ValueError):
            continue
        if entry.kind == BOOLEAN:
            assert type(got) is bool and got == want, point
            continue
        assert type(got) is float, (point, got)
        assert ulps_apart(got, float(want)) <= 4, (point, got, want)
        tie = entry.name in ("max", "min") and point[0] == point[1]
        assert tie or got != 0 or math.copysign(1, got) == math.copysign(1, want), (point, got, want)


@named
def test_the_spelling_on_floats_serves_at_ordinary_points(entry):
    if entry.name in ("and", "or", "not", "select"):
        return
    low, high = entry.domain
    point = tuple(low + (high - low) * fraction for fraction in (0.83, 0.21, 0.5, 0.33, 0.7, 0.57)[: entry.arity])
    assert math.isfinite(spelled(entry)(*point))


def test_functions_that_math_has_not_have_no_spelling():
    assert {"gamma", "erf", "sinc", "Si", "lambertw", "polygamma", "quotient", "integer"}.isdisjoint(entry.name for entry in SPELLED)
    assert len(SPELLED) > 60


# ---------------------------------------------------------------- whole models

def on_floats(f):
    """Whether value and gradient have code on Python floats."""
    return all(Front(f.signature).point(entry, f.derived(entry)) for entry in ("value", *(("value_and_grad",) if f.signature.scalar else ())))


def leaves(result):
    return [leaf for part in result for leaf in leaves(part)] if isinstance(result, tuple) else [result]


MODELS = {
    "logistic": sg.compile(-Y * sp.log(1 / (1 + sp.exp(-W * X))), wrt=W),
    "bare": sg.compile(W**2 * X + 3, wrt=W),
    "two": sg.compile(sp.sin(W * X) / (1 + Y**2), wrt=[W, Y]),
    "several": sg.compile([W * X, sp.exp(W), sp.Integer(2)], wrt=[W, X]),
    "shared": sg.compile(sp.log(1 + sp.exp(W)) * 1 / (1 + sp.exp(-W)), wrt=W),
    "powers": sg.compile(X**5 + X**-2 + sp.sqrt(Y) + Y**sp.Rational(3, 2) + Y**sp.Rational(1, 3) + 1 / Y, wrt=[X, Y]),
    "choices": sg.compile(sp.Piecewise((W, (W > 0) & (X < 1)), (0, sp.Eq(X, 2)), (W * X, True)) + sp.Max(W, X, Y, 1) - sp.Min(0, W), wrt=[W, X]),
    "rounding": sg.compile(sp.floor(W) * X + sp.Mod(X, 2) + sp.sign(W) + sp.Abs(X) + sp.Heaviside(W), wrt=[W, X]),
    "constant": sg.compile([X, sp.sign(W), 3], wrt=[W, X]),
    "quotients": sg.compile(W / X / Y + 1 / (X * Y), wrt=[W, X, Y]),
    "names": sg.compile(sp.Symbol("h", real=True) ** 2, where=[(sp.Symbol("h", real=True), sp.Symbol("args", real=True) * W)], wrt=[W, "args"]),
}


@pytest.mark.parametrize("name", MODELS)
def test_floats_give_floats_and_numpys_numbers(name):
    f = MODELS[name]
    entries = [one for one in ("value", "value_and_grad", "jacobian", "hessian") if one in Front(f.signature).entries()]
    assert on_floats(f) and len(entries) >= 1
    rng = np.random.default_rng(7)
    for _ in range(20):
        at = dict(zip(f.arguments, map(float, rng.normal(size=3) + 1.5), strict=False))
        for entry in entries:
            got, want = leaves(getattr(f, entry)(**at)), leaves(f._call(f"_{entry}", at))
            assert [ulps_apart(a, b) <= 4 for a, b in zip(got, want, strict=True)] == [True] * len(want), (entry, at)
            assert all(isinstance(part, float) for part in got)
            assert leaves(getattr(f, entry)(*at.values())) == got
            through = leaves(getattr(f, entry)(**{name: np.float64(value) for name, value in at.items()}))
            assert through == [part[()] for part in want] and all(type(part) is np.float64 for part in through)


def test_the_type_follows_the_inputs():
    f = MODELS["bare"]
    assert type(f(W=2.0, X=3.0)) is float and type(f(2.0, 3.0)) is float
    for two in (2, np.float64(2.0), np.float32(2.0), np.array(2.0), True + 1):
        value, slope = f.value_and_grad(W=two, X=3.0)
        assert type(value) is type(slope) is np.float64 and (value, slope) == (15.0, 12.0)
    assert f.grads(W=2.0, X=3.0) == {"W": 12.0} and f.value_and_grads(W=2.0, X=3.0) == (15.0, {"W": 12.0})
    assert f.grad(2.0, 3.0) == 12.0 and f.hessian(2.0, 3.0) == 6.0


@pytest.mark.parametrize(("expr", "at", "want"), [
    (sp.exp(W), 1000.0, math.inf), (sp.exp(W), -1000.0, 0.0), (1 / W, 0.0, math.inf), (1 / W, -0.0, -math.inf), (sp.log(W), 0.0, -math.inf),
    (sp.log(W), -1.0, math.nan), (sp.sqrt(W), -1.0, math.nan), (W ** sp.Rational(1, 3), -8.0, math.nan), (W**7, 1e100, math.inf),
    (W**-3, 0.0, math.inf), (sp.sin(W), math.inf, math.nan), (sp.cosh(W), 1e4, math.inf), (sp.Max(W, 1), math.nan, math.nan),
    (sp.sign(W), math.nan, math.nan), (sp.Piecewise((1, W > 0), (2, True)), math.nan, 2.0), (sp.atanh(W), 1.0, math.inf),
    (sp.floor(W), math.inf, math.inf), (W**2, 1e200, math.inf), (sp.asin(W), 2.0, math.nan), (sp.log(W), math.nan, math.nan),
])
def test_results_outside_of_the_range_are_numpys_and_no_exceptions(expr, at, want):
    f = sg.compile(expr, wrt=W)
    assert on_floats(f)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got, slope = f.value_and_grad(W=at)
    np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(slope, f._call("_value_and_grad", {"W": at})[1])


def test_registered_and_special_functions_are_left_to_numpy():
    f = sg.compile(sp.erf(W), wrt=W)
    assert not on_floats(f) and type(f(W=0.3)) is np.float64 and f(W=0.3) == pytest.approx(math.erf(0.3), rel=1e-15)


def test_wrong_names_and_kinds_are_named():
    f = MODELS["two"]
    cases = [((), dict(W=1.0, X=2.0), ("Y", "missing")), ((), dict(W=1.0, X=2.0, Y=1.0, z=3.0), ("z", "no input")), ((1.0, 2.0, 3.0, 4.0), {}, ("4",)),
             ((1.0,), {}, ("missing",)), ((), dict(W=1.0, X=1j, Y=2.0), ("X", "complex")), ((), dict(W="1", X=1.0, Y=2.0), ("W", "string")),
             ((), dict(W=1.0, X=np.ones(2), Y=2.0), ("X", "batch"))]
    for call in (f.value, f.grad, f.value_and_grad, f.grads, f.value_and_grads, f.hessian, f.jacobian, f):
        for args, inputs, words in cases:
            with pytest.raises(sg.errors.InputError) as error:
                call(*args, **inputs)
            assert all(word in str(error.value) for word in words), error.value


def test_names_that_the_functions_use_themselves_may_be_inputs(tmp_path):
    names = ["args", "inputs", "found", "kernel", "math", "type", "float", "part_1", "given", "self", "lambda"]
    symbols = [sp.Symbol(name, real=True) for name in names]
    f = sg.compile(sp.Add(*(k * sp.exp(-s**2) for k, s in enumerate(symbols, 1))), wrt=symbols[:3], name="odd_names")
    at = {name: 0.1 * k for k, name in enumerate(names)}
    want = sum(k * math.exp(-at[name] ** 2) for k, name in enumerate(names, 1))
    loaded = sg.load(f.save(tmp_path))
    for g in (f, loaded):
        assert g(**at) == pytest.approx(want, rel=1e-14) and g(*(at[name] for name in g.arguments)) == g(**at)
    own = [sp.Symbol(name, real=True) for name in ("args", "inputs", "found", "kernel", "part_1")]
    h = sg.compile(sp.log(1 + sp.exp(sp.Add(*own))), wrt=own)
    at = {symbol.name: 0.1 for symbol in own}
    assert on_floats(h) and h(**at) == pytest.approx(math.log1p(math.exp(0.5)), rel=1e-15)
    at["args"] = 1e308
    assert h(**at | {"inputs": 1e308}) == math.inf


@pytest.mark.parametrize("count", but_slow([10, 400], [400]))
def test_long_programs_compute_the_same(count):
    steps = sp.symbols(f"s0:{count}", real=True)
    f = sg.compile(steps[-1], where=[(steps[0], sp.sin(W))] + [(b, sp.sin(a) + W / 2) for a, b in pairwise(steps)], wrt=W)
    assert on_floats(f)
    np.testing.assert_allclose(f.value_and_grad(W=0.3), f._call("_value_and_grad", {"W": 0.3}), rtol=1e-13)
