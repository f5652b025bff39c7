"""The checkers themselves: right gradients pass, wrong ones are caught, kinks are called kinks."""

import math
import subprocess
import sys

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import symgrad as sg
from symgrad.check.slopes import slope
from symgrad.graph.functions import TABLE
from symgrad.testing import assert_gradients_match

W, X, y = sp.symbols("W X y", real=True)
n, d, h = sp.symbols("n d h", integer=True, positive=True)
LOGISTIC = -y * sp.log(1 / (1 + sp.exp(-W * X)))
AT = dict(W=0.3, X=1.2, y=1.0)


def relu_net():
    data, w1, b1, w2 = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("W1", d, h), sp.MatrixSymbol("b1", 1, h), sp.MatrixSymbol("W2", h, 1)
    hidden = (data * w1 + sp.OneMatrix(n, 1) * b1).applyfunc(sp.Lambda(y, sp.Max(0, y)))
    return sg.compile(sp.Trace((hidden * w2).T * (hidden * w2)) / n, wrt=[w1, b1, w2], name="relu_net")


def relu_point():
    rng = np.random.default_rng(3)
    return dict(X=rng.normal(size=(9, 4)), W1=rng.normal(size=(4, 30)), b1=rng.normal(size=(1, 30)), W2=rng.normal(size=(30, 1)))


# ---------------------------------------------------------------------- numeric gradients

@pytest.mark.parametrize(("method", "rel"), [("central", 1e-9), ("forward", 1e-6)])
def test_differences_of_a_compiled_model(method, rel):
    f = sg.compile(LOGISTIC, wrt=[W, X])
    assert sg.numeric_gradient(f, AT, [W, "X"], method=method) == pytest.approx(f.grad(**AT), rel=rel)
    assert sg.numeric_gradient(f, {W: 0.3, X: 1.2, y: 1}, W, method=method) == pytest.approx(f.grad(**AT)[0], rel=rel)


def test_the_complex_step_is_exact_to_rounding():
    f = sg.compile(sp.exp(sp.sin(W)) * X / (1 + W**2), wrt=[W, X])
    assert sg.numeric_gradient(f, dict(W=0.3, X=1.2), ["W", "X"], method="complex") == pytest.approx(f.grad(W=0.3, X=1.2), rel=1e-15)
    found = sg.numeric_gradient(lambda x: np.sum(np.exp(x) * x), dict(x=[0.0, 1.0]), "x", method="complex")
    assert found == pytest.approx([1.0, 2 * math.e], rel=1e-15)


def test_arrays_keep_their_shape_and_results_their_axes():
    f, at = relu_net(), relu_point()
    analytic = f.grad(**at)
    for numeric, want in zip(sg.numeric_gradient(f, at, f.wrt), analytic, strict=True):
        assert numeric.shape == want.shape
        np.testing.assert_allclose(numeric, want, rtol=1e-6, atol=1e-8)
    jacobian = sg.numeric_gradient(lambda x: x**2, dict(x=np.arange(3.0)), "x")
    np.testing.assert_allclose(jacobian, np.diag([0.0, 2.0, 4.0]), atol=1e-9)


def test_a_step_of_ones_own_is_taken_as_it_is():
    assert sg.numeric_gradient(lambda x: x**2, dict(x=1.0), "x", method="forward", step=0.5) == 2.5
    assert sg.numeric_gradient(lambda x: x**3, dict(x=0.0), "x", step=0.5) == 0.25


def test_the_complex_step_runs_the_declared_formula_not_the_rewritten_one():
    f = sg.compile(LOGISTIC, wrt=W)
    assert "np.abs" in f.source
    found = sg.numeric_gradient(f, {name: AT[name] for name in f.arguments}, "W", method="complex")
    assert found == pytest.approx(f.grad(**{name: AT[name] for name in f.arguments}), rel=1e-15)


@pytest.mark.parametrize("expr", [sp.Abs(W) * X, sp.Max(W, X), sp.sign(W) * X, sp.Piecewise((W, W > 0), (2 * W, True)),
                                  sp.atan2(W, X), sp.loggamma(W) + X, sp.log(-W) + X])
def test_the_complex_step_refuses_code_that_is_not_analytic(expr):
    f = sg.compile(expr, wrt=[W])
    with pytest.raises(sg.errors.DerivativeError, match="central"):
        sg.numeric_gradient(f, {name: AT[name] for name in f.arguments}, "W", method="complex")


@pytest.mark.parametrize("fn", [lambda x: abs(x), lambda x: math.sin(x), lambda x: np.maximum(x, 0), lambda x: 1.0 if x > 0 else 2.0,
                                lambda x: np.conj(x) * x, lambda x: x.imag + 1.0])
def test_the_complex_step_refuses_functions_that_are_not_analytic(fn):
    with pytest.raises(sg.errors.DerivativeError, match="central"):
        sg.numeric_gradient(fn, dict(x=0.4), "x", method="complex")


@pytest.mark.parametrize(("options", "error", "text"), [
    (dict(wrt="Z"), sg.errors.InputError, "Z"),
    (dict(wrt="W", method="sideways"), sg.errors.OptionError, "sideways"),
    (dict(wrt="W", step=0.0), sg.errors.OptionError, "step"),
    (dict(wrt="W", step=float("nan")), sg.errors.OptionError, "step"),
])
def test_wrong_requests_for_numeric_gradients(options, error, text):
    with pytest.raises(error, match=text):
        sg.numeric_gradient(sg.compile(LOGISTIC, wrt=W), AT, **options)


def test_several_results_have_no_numeric_gradient():
    with pytest.raises(sg.errors.DerivativeError, match="2 results"):
        sg.numeric_gradient(sg.compile([W * X, W + X], wrt=W), dict(W=1.0, X=2.0), "W")


# ---------------------------------------------------------------------- slopes with an error bar

@pytest.mark.parametrize(("function", "at", "want"), [
    (math.exp, 0.3, math.exp(0.3)),
    (lambda x: np.log(x), 1e-9, 1e9),
    (lambda x: np.log(x), 1e9, 1e-9),
    (lambda x: math.sin(1000 * x), 0.3, 1000 * math.cos(300)),
    (lambda x: math.sin(2 * math.pi * 4096 * x), 0.0, 2 * math.pi * 4096),
    (math.sin, 1e6, math.cos(1e6)),
    (lambda x: x**3, 0.0, 0.0),
    (lambda x: 1e8 + x, 0.5, 1.0),
    (lambda x: np.tanh(1e4 * x), 0.0, 1e4),
])
def test_slopes_lie_within_their_error_bar(function, at, want):
    found = slope(function, at)
    assert abs(found.value - want) <= 8 * found.error + 1e-12 * abs(want)
    assert found.error <= 1e-6 * abs(want) + 1e-9


def test_one_sided_slopes():
    found = slope(lambda x: abs(x) + max(0.0, x) * x, 0.0)
    assert found.left == pytest.approx(-1, abs=1e-8) and found.right == pytest.approx(1, abs=1e-8)
    assert slope(lambda x: float(x > 0), 0.0).right == math.inf
    assert np.isnan(slope(lambda x: np.sqrt(x) ** 5, 0.0).left)


# ---------------------------------------------------------------------- right gradients

def test_a_right_gradient_passes_and_prints():
    report = sg.compile(LOGISTIC, wrt=[W, X], name="logistic").check(**AT)
    assert report and report.passed and [row.name for row in report.rows] == ["W", "X"]
    assert all(row.verdict == "ok" and row.method == "50 digits" for row in report.rows)
    text = str(report)
    assert "logistic: passed" in text and "forward against reverse" in text and "verdict" in text


def test_small_scalar_models_are_checked_to_rounding():
    p = sp.Symbol("p", real=True)
    f = sg.compile(-y * sp.log(p), where=[(p, 1 / (1 + sp.exp(-W * X)))], wrt=W)
    (row,) = f.check(**AT).rows
    assert row.method == "50 digits" and row.error <= 1e-15


def test_arrays_show_their_worst_element():
    f, at = relu_net(), relu_point()

    def bent(**inputs):
        grads = f.grads(**inputs)
        grads["b1"][0, 7] *= 1 + 1e-4
        return grads

    report = sg.check_gradients(f, at, gradient=bent)
    assert [row.verdict for row in report.rows] == ["ok", "wrong", "ok"]
    assert report.rows[1].index == (0, 7) and "b1[0, 7]" in str(report)
    assert sg.check_gradients(f, at, order=2).passed


def test_large_parameters_are_sampled_and_moved_as_a_whole():
    f, at = relu_net(), relu_point()
    report = f.check(**at)
    assert report.passed and report.rows[0].tried == 100 and "100 of 120" in str(report)

    def bent(k):
        def gradient(**inputs):
            grads = f.grads(**inputs)
            grads["W1"].flat[k] += 0.01
            return grads
        return gradient

    assert not any(sg.check_gradients(f, at, gradient=bent(k)) for k in range(0, 120, 9))


def test_results_that_are_not_scalars_are_weighed():
    f = sg.compile([W * X + sp.sin(y), W**2 * y], wrt=[W, y])
    report = f.check(W=0.3, X=1.2, y=0.7)
    assert report.passed and [row.name for row in report.cross] == ["forward against reverse", "Jacobian against reverse"]
    each = sg.compile((W * X - y) ** 2, wrt=W, batch=[X, y], reduce=None)
    at = dict(W=0.3, X=np.array([1.0, 2.0]), y=np.array([0.5, -0.5]))
    assert each.check(**at).passed
    assert sg.check_gradients(each, at, gradient=lambda W, X, y: 2 * (W * X - y) * X).passed
    assert not sg.check_gradients(each, at, gradient=lambda W, X, y: 2 * (W * X - y))


def test_stacked_parameters_whole_numbers_and_single_precision():
    a, b, c = sp.symbols("a b c", real=True)
    f = sg.compile(a * sp.sin(b) + c**2 * b, wrt=sp.Matrix([a, b, c]))
    assert f.check(a=1, b=2, c=np.float32(3)).passed
    good = sg.check_gradients(f, dict(a=1, b=2, c=3), gradient=lambda a, b, c: np.array([np.sin(b), a * np.cos(b) + c**2, 2 * c * b]))
    assert good.passed and [row.name for row in good.rows] == ["a", "b", "c"]
    i = sp.Symbol("i", integer=True)
    x, lab = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("k", shape=(d,))
    g = sg.compile(sp.Sum(x[lab[i]] ** 2, (i, 0, d - 1)), wrt=x)
    assert g.check(x=np.arange(1, 5, dtype=np.float32), k=np.array([0, 3, 3])).passed


def test_a_loaded_module_and_a_plain_function_can_be_checked(tmp_path):
    module = sg.load(sg.compile(LOGISTIC, wrt=W, name="loaded_logistic").save(tmp_path))
    assert sg.check_gradients(module, AT, order=2).passed
    with pytest.raises(sg.errors.UnsupportedError, match="check_gradients"):
        module.check(**AT)
    at = dict(x=np.arange(3.0), z=np.ones(3))
    assert sg.check_gradients(lambda x, z: np.sum(x * z), at, gradient=lambda x, z: dict(z=x, x=z)).passed
    assert not sg.check_gradients(lambda x, z: np.sum(x * z), at, gradient=lambda x, z: (x, z))


def test_checking_a_loaded_module_costs_no_sympy(tmp_path):
    path = sg.compile(LOGISTIC, wrt=W, name="light_logistic").save(tmp_path)
    script = (f"import sys, symgrad as sg; m = sg.load({str(path)!r})\n"
              "assert sg.check_gradients(m, dict(W=0.3, X=1.2, y=1.0)) and sg.numeric_gradient(m, dict(W=0.3, X=1.2, y=1.0), 'W')\n"
              "assert 'sympy' not in sys.modules")
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


# ---------------------------------------------------------------------- wrong gradients

F = sg.compile(sp.exp(W * X) + W**2 * y, wrt=[W, X])
WRONG = {
    "wrong sign": lambda g: (-g[0], g[1]),
    "missing factor": lambda g: (g[0], g[1] / 2),
    "swapped": lambda g: (g[1], g[0]),
    "slightly off": lambda g: (g[0] * (1 + 1e-4), g[1]),
    "constant added": lambda g: (g[0], g[1] + 1e-4),
    "zero": lambda g: (g[0], 0.0),
}


@pytest.mark.parametrize("bend", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("exact", [True, False])
def test_wrong_gradients_are_found(bend, exact, tmp_path):
    f = F if exact else sg.load(sg.compile(sp.exp(W * X) + W**2 * y, wrt=[W, X], name="wrong_or_not").save(tmp_path))
    report = sg.check_gradients(f, AT, gradient=lambda **inputs: bend(f.grad(**inputs)))
    assert not report and "wrong" in {row.verdict for row in report.rows} and "FAILED" in str(report)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_not_finite_is_named(bad):
    report = sg.check_gradients(F, AT, gradient=lambda **inputs: (F.grad(**inputs)[0], bad))
    assert not report and [row.verdict for row in report.rows] == ["ok", "not finite"]
    assert sg.check_gradients(sg.compile(sp.sqrt(W), wrt=W), dict(W=0.0)).rows[0].verdict == "not finite"


def test_a_wrong_partial_is_found_in_value_and_second_order():
    bent = sg.register_function("check_bent_cube", numpy="{0}*{0}*{0}", partials=lambda a: (3 * a**2 + sp.Rational(1, 10**4) * a,), check=False)
    assert [row.verdict for row in sg.check_gradients(sg.compile(bent(W) * X, wrt=[W, X]), dict(W=0.5, X=2.0)).rows] == ["wrong", "ok"]


def test_a_wrong_second_derivative_is_found(monkeypatch):
    f = sg.compile(sp.sin(W) * X, wrt=[W, X])
    right = f.hvp
    monkeypatch.setattr(f, "hvp", lambda primals, tangents: tuple(1.0001 * part for part in right(primals, tangents)), raising=False)
    report = sg.check_gradients(f, dict(W=0.4, X=1.1), order=2)
    assert [(row.verdict, row.order) for row in report.rows] == [("ok", 1), ("ok", 1), ("wrong", 2), ("wrong", 2)]


def test_modes_that_disagree_are_found(monkeypatch):
    f = sg.compile(sp.sin(W) * X, wrt=[W, X])
    right = f.jvp
    monkeypatch.setattr(f, "jvp", lambda primals, tangents: (0.0, 1.001 * right(primals, tangents)[1]), raising=False)
    report = sg.check_gradients(f, dict(W=0.4, X=1.1))
    assert not report and all(row.verdict == "ok" for row in report.rows) and report.cross[0].verdict == "wrong"


@pytest.mark.parametrize(("options", "error", "text"), [
    (dict(order=3), sg.errors.OptionError, "order"),
    (dict(gradient=lambda **inputs: np.ones(2)), sg.errors.InputError, "tuple or list of 2"),
    (dict(gradient=lambda **inputs: (1.0, 2.0, 3.0)), sg.errors.InputError, "tuple or list of 2"),
    (dict(gradient=lambda **inputs: dict(W=1.0)), sg.errors.InputError, "X"),
    (dict(gradient=lambda **inputs: dict(W=1.0, X=1.0, q=2.0)), sg.errors.InputError, "q"),
    (dict(gradient=lambda **inputs: (np.ones(2), 1.0)), sg.errors.InputError, r"W has shape \(2,\)"),
])
def test_requests_that_do_not_fit(options, error, text):
    with pytest.raises(error, match=text):
        sg.check_gradients(F, AT, **options)


def test_a_plain_function_needs_a_gradient():
    with pytest.raises(sg.errors.InputError, match="gradient="):
        sg.check_gradients(lambda x: x, dict(x=1.0))


# ---------------------------------------------------------------------- kinks

@pytest.mark.parametrize(("expr", "at", "left", "right"), [
    (sp.Max(0, W) * X, dict(W=0.0, X=2.0), 0, 2),
    (sp.Abs(W) * X, dict(W=0.0, X=3.0), -3, 3),
    (sp.exp(sp.Abs(W)), dict(W=0.0), -1, 1),
    (sp.Piecewise((W**2, W < 1), (3 * W - 2, True)), dict(W=1.0), 2, 3),
    (sp.Heaviside(W), dict(W=0.0), math.inf, math.inf),
    (sp.floor(W), dict(W=2.0), math.inf, 0),
])
@pytest.mark.parametrize("exact", [True, False])
def test_a_kink_is_a_kink_with_both_slopes(expr, at, left, right, exact, tmp_path):
    f = sg.compile(expr, wrt=W, name="kinked")
    report = sg.check_gradients(f if exact else sg.load(f.save(tmp_path)), at)
    row = report.rows[0]
    assert report.passed and row.verdict == "kink" and "kink" in str(report)
    assert (row.left, row.right) == pytest.approx((left, right), abs=1e-6)


def test_a_slope_outside_a_kink_is_wrong():
    f, at = sg.compile(sp.Abs(W), wrt=W), dict(W=0.0)
    assert sg.check_gradients(f, at, gradient=lambda W: 1.5).rows[0].verdict == "wrong"
    assert sg.check_gradients(f, at, gradient=lambda W: 0.5).rows[0].verdict == "kink"


@pytest.mark.parametrize("expr", [sp.Max(0, W) ** 2, W * sp.Abs(W), sp.Max(0, W) ** sp.Rational(3, 2), W**3])
def test_no_kink_where_the_slope_is_continuous(expr):
    assert sg.check_gradients(sg.compile(expr, wrt=W), dict(W=0.0)).rows[0].verdict == "ok"


# ---------------------------------------------------------------------- pytest users

def test_assert_gradients_match_shows_the_report():
    assert_gradients_match(F, AT, order=2)
    with pytest.raises(AssertionError, match="wrong"):
        sg.testing.assert_gradients_match(F, AT, gradient=lambda **inputs: tuple(1.01 * g for g in F.grad(**inputs)))
    assert_gradients_match(F, AT, gradient=lambda **inputs: tuple(1.01 * g for g in F.grad(**inputs)), rtol=0.02)


# ---------------------------------------------------------------------- random expressions

UNARY = [entry.head for name, entry in TABLE.items()
         if entry.head in (sp.sin, sp.cos, sp.tanh, sp.atan, sp.asinh, sp.erf, sp.exp, sp.sech, sp.sinc, sp.airyai, sp.fresnels)]


def _grow(children):
    return st.one_of(
        st.builds(lambda head, a: head(sp.sin(a)) if head is sp.exp else head(a), st.sampled_from(UNARY), children),
        st.builds(lambda a, b: a + b, children, children),
        st.builds(lambda a, b: a * b, children, children),
        st.builds(lambda a, b: a / (2 + sp.cos(b)), children, children),
        st.builds(lambda a: sp.sqrt(1 + a**2), children),
    )


EXPRESSIONS = st.recursive(st.sampled_from([W, X, sp.Integer(2), sp.Rational(-1, 3)]), _grow, max_leaves=6)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True)
@given(EXPRESSIONS, st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
def test_random_expressions_agree_with_sympy_and_pass_the_check(expr, w, x):
    expr = expr + W / 7 + X / 11
    f, at = sg.compile(expr, wrt=[W, X]), {W: sp.Float(w, 40), X: sp.Float(x, 40)}
    want = [float(sp.diff(expr, symbol).subs(at).evalf(30)) for symbol in (W, X)]
    scale = max(1.0, *map(abs, want))
    assert f.grad(W=w, X=x) == pytest.approx(want, rel=1e-11, abs=1e-12 * scale)
    assert f.grad_forward(W=w, X=x) == pytest.approx(want, rel=1e-11, abs=1e-12 * scale)
    report = sg.check_gradients(f, dict(W=w, X=x), order=2)
    assert report.passed, str(report)
