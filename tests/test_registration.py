"""Functions of the user's own: they work in every derivative, wrong ones are refused, and no text becomes code."""

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.errors import DeclarationError
from symgrad.graph import functions
from symgrad.runtime.functions import Loaded

W, X = sp.symbols("W X", real=True)


@pytest.fixture(autouse=True)
def _fresh_table():
    """Each test leaves the table as it found it."""
    before = set(functions.TABLE)
    yield
    for name in set(functions.TABLE) - before:
        functions.unregister(name)


def cosine(a):
    return (sp.cos(a),)


def test_a_registered_function_has_every_derivative(tmp_path):
    swish = sg.register_function("swish", numpy="{0}/(1 + np.exp(-{0}))",
                                 partials=lambda a: (1 / (1 + sp.exp(-a)) + a * sp.exp(-a) / (1 + sp.exp(-a)) ** 2,))
    f = sg.compile(swish(W * X) ** 2, wrt=[W, X], name="swish_model")
    plain = sg.compile((W * X / (1 + sp.exp(-W * X))) ** 2, wrt=[W, X])
    at = dict(W=0.4, X=-1.3)
    assert f.value_and_grad(**at)[1] == pytest.approx(plain.grad(**at), rel=1e-13)
    np.testing.assert_allclose(f.hessian(**at), plain.hessian(**at), rtol=1e-12)
    assert sg.check_gradients(sg.load(f.save(tmp_path)), at, order=2).passed


def test_two_arguments_constants_and_sympys_own_diff():
    angle = sg.register_function("ratio_angle", numpy="np.arctan({0}/{1})", partials=lambda a, b: (b / (a**2 + b**2), -a / (a**2 + b**2)))
    f = sg.compile(angle(W, sp.Rational(1, 3)) + angle(2, 3), wrt=W)
    assert f(1.5) == pytest.approx(np.arctan(4.5) + np.arctan(2 / 3), rel=1e-15)
    assert f.check(W=1.5).passed
    assert sp.simplify(sp.diff(angle(W, X), W) - X / (W**2 + X**2)) == 0
    assert float(angle(W, 2).subs(W, 3).evalf()) == pytest.approx(np.arctan(1.5), rel=1e-15)


@pytest.mark.parametrize(("template", "partials", "imports"), [
    ("special.erf({0})", lambda a: (2 * sp.exp(-(a**2)) / sp.sqrt(sp.pi),), ["from scipy import special"]),
    ("np.sin(math.sqrt(2)*{0})", lambda a: (sp.sqrt(2) * sp.cos(sp.sqrt(2) * a),), ["import math"]),
    ("special.erf({0})*math.pi", lambda a: (2 * sp.sqrt(sp.pi) * sp.exp(-(a**2)),), ["import math", "from scipy import special"]),
    ("np.pi*{0}", lambda a: (sp.pi,), []),
    ("np.where({0} > 1, {0}, 1.0)", lambda a: (sp.Piecewise((1, a > 1), (0, True)),), []),
    ("2*np.arccosh({0})", lambda a: 2 / sp.sqrt(a**2 - 1), []),
])
def test_templates_and_what_they_import(template, partials, imports):
    head = sg.register_function("templated", numpy=template, partials=partials)
    f = sg.compile(head(W) * X, wrt=W)
    assert all(line in f.source for line in imports)
    assert f.check(W=1.7, X=0.5).passed
    assert sg.check_gradients(Loaded(f.source, "templated.py"), dict(W=1.7, X=0.5)).passed


@pytest.mark.parametrize(("partials", "place"), [
    (lambda a, b: (sp.cos(a) * b * sp.Rational(1001, 1000), sp.sin(a)), "{0}"),
    (lambda a, b: (sp.cos(a) * b, -sp.sin(a)), "{1}"),
    (lambda a, b: (sp.sin(a), sp.cos(a) * b), "{0}"),
    (lambda a, b: (sp.nan, sp.sin(a)), "{0}"),
])
def test_wrong_partials_are_refused_and_nothing_stays(partials, place):
    with pytest.raises(DeclarationError, match="sine_times") as caught:
        sg.register_function("sine_times", numpy="np.sin({0})*{1}", partials=partials)
    assert place in str(caught.value) and "0.3" in str(caught.value)
    assert "sine_times" not in functions.TABLE
    sg.register_function("sine_times", numpy="np.sin({0})*{1}", partials=lambda a, b: (sp.cos(a) * b, sp.sin(a)))


def test_check_false_registers_what_it_is_told():
    bent = sg.register_function("bent", numpy="np.sin({0})", partials=lambda a: (2 * sp.cos(a),), check=False)
    assert sg.compile(bent(W), wrt=W).check(W=0.3).rows[0].verdict == "wrong"


@pytest.mark.parametrize("template", [
    "np.sin({0}); import os", "__import__('os').system('true') + {0}", "np.__loader__({0})", "{0}.__class__", "{0.real}", "{0!r}", "{0:>3}", "{0[0]}",
    "np.save('a', {0})", "np.linalg.inv({0})", "exec({0})", "eval({0})", "open({0})", "[x for x in {0}]", "lambda: {0}", "np.sin({0}", "np.sin",
    "np.sin({1})", "{}", "{a}", "3", "", "special.nosuch({0})", "'a'*{0}", "np.sum({0})", "np.fromfile({0})", "np.sin({0}, out={0})", "math.sin({0})",
    "np.add.reduce({0})", "os.getcwd({0})", "(x := {0})", "{0} if {0} else {0}", "np.sin(*{0})", "f'{{{0}}}'", "np.sin({0})\nimport os", None, 3,
    "np.frompyfunc({0}, 1, 1)", "special.errstate({0})", "True*{0}", "1j*{0}",
])
def test_templates_that_are_not_plain_arithmetic_are_refused(template):
    with pytest.raises(DeclarationError, match="hostile"):
        sg.register_function("hostile", numpy=template, partials=cosine)
    assert "hostile" not in functions.TABLE


@pytest.mark.parametrize("name", ["sin", "1x", "a b", "lambda", "x; import os", "", "max"])
def test_names_that_cannot_be_used(name):
    with pytest.raises(DeclarationError, match="name"):
        sg.register_function(name, numpy="np.sin({0})", partials=cosine)


@pytest.mark.parametrize("partials", [
    lambda a: (sp.cos(a), 1), lambda a: (), lambda a: ("cos(a)",), lambda a: (W * a,), lambda *a: (1,), lambda: (), 3, lambda a, *, b=1: (b,),
])
def test_partials_that_do_not_fit_are_refused(partials):
    with pytest.raises(DeclarationError, match="misfit"):
        sg.register_function("misfit", numpy="np.sin({0})", partials=partials)
    assert "misfit" not in functions.TABLE


def test_a_partial_with_an_unknown_function_leaves_nothing_behind():
    with pytest.raises(sg.errors.UnsupportedError, match="mystery"):
        sg.register_function("unfinished", numpy="np.sin({0})", partials=lambda a: (sp.Function("mystery")(a),))
    assert "unfinished" not in functions.TABLE


def test_a_function_without_a_finite_value_at_the_test_points_says_so():
    with pytest.raises(DeclarationError, match="check=False"):
        sg.register_function("far_out", numpy="np.sqrt({0} - 100)", partials=lambda a: (1 / (2 * sp.sqrt(a - 100)),))
    far = sg.register_function("far_out", numpy="np.sqrt({0} - 100)", partials=lambda a: (1 / (2 * sp.sqrt(a - 100)),), check=False)
    assert sg.compile(far(W), wrt=W).check(W=104.0).passed
