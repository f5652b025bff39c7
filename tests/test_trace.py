"""Which row goes non-finite first: traces, and calls that raise or warn."""

import importlib.util
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.errors import InputError, NonFiniteError, NonFiniteWarning, OptionError, SymgradError, UnsupportedError
from symgrad.gallery.models import MODELS

x, y, z = sp.symbols("x y z", real=True)
n, d = sp.symbols("n d", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
X, w, c, h = sp.IndexedBase("X", shape=(n, d)), sp.IndexedBase("w", shape=(d,)), sp.IndexedBase("c", shape=(n,)), sp.IndexedBase("h")


def logs(**options):
    return sg.compile(sp.log(x * y) + sp.sin(z), wrt=[x, y, z], name="logs", **options)


def roots(**options):
    return sg.compile(sp.Sum(sp.sqrt(h[i]), (i, 0, n - 1)), where=[(h[i], sp.Sum(X[i, j] * w[j], (j, 0, d - 1)))], wrt=w, name="roots", **options)


DATA = dict(X=np.array([[1.0, 2.0], [0.0, 0.0], [3.0, 4.0]]), w=np.ones(2))


# ---------------------------------------------------------------- traces

def test_the_first_row_its_formula_and_its_arguments():
    found = logs().trace(x=1.0, y=-2.0, z=0.0)
    assert not found.finite and found.first is found["xi_3"]
    assert found.first.formula == "xi_3 = log(xi_2)" and np.isnan(found.first.value)
    assert dict(found.first.arguments) == {"xi_2": -2.0}
    assert "xi_3 = log(xi_2): nan, where xi_2 = -2.0" in str(found)


def test_every_row_is_listed():
    found = logs().trace(x=1.0, y=2.0, z=0.5)
    assert [row.name for row in found.rows] == ["x", "y", "z", "xi_1", "xi_2", "xi_3", "xi_4"]
    assert found.first is None and found.finite and "every row is finite" in str(found)
    assert float(found["xi_2"].value) == 2.0 and float(found.rows[-1].value) == pytest.approx(np.log(2) + np.sin(0.5))
    assert all(row.name in str(found) and row.formula in str(found) for row in found.rows)


def test_inputs_go_in_as_in_every_call():
    f = logs()
    texts = {str(f.trace(x=1, y=-2, z=0)), str(f.trace(1, -2, 0)), str(f.trace({"x": 1, "y": -2, "z": 0})), str(f.trace({x: 1, y: -2, z: 0}))}
    assert len(texts) == 1
    with pytest.raises(InputError, match="missing"):
        f.trace(x=1.0)
    with pytest.raises(InputError, match="no input q"):
        f.trace({"x": 1, "y": 1, "z": 1, "q": 1})
    with pytest.raises(OptionError, match="value_and_grad"):
        f.trace(x=1.0, y=1.0, z=1.0, entry="vjp")


def test_an_input_may_be_called_entry():
    entry = sp.Symbol("entry", real=True)
    f = sg.compile(sp.log(entry), wrt=entry)
    assert not f.trace(entry=-1.0).finite
    assert f.trace({entry: 0.5}, entry="value_and_grad").finite


def test_an_array_row_names_the_element():
    found = roots().trace(**DATA, entry="value_and_grad")
    first = found.first
    assert first.bad == (1,) and first.shape == (3,) and first.nonfinite == 1
    assert "1/" in first.formula and "[i]" in first.formula
    assert "at [1] = 0.0" in str(found) and "1 of 3" in str(found)
    assert first.minimum == pytest.approx(7**-0.5) and first.maximum == np.inf
    assert found["h"].formula == "h[i] = sum_{j}(w[j]*X[i, j])" and found["w"].formula == ""


def test_a_bad_adjoint_is_named_though_the_value_is_finite():
    assert roots().trace(**DATA).finite
    assert not roots().trace(**DATA, entry="value_and_grad").finite
    product = sg.compile(x * sp.log(y), wrt=[x, y])
    found = product.trace(x=2.0, y=1e-310, entry="value_and_grad")
    assert not found.finite and found.first.formula.endswith("x/y")


def test_a_slice_of_an_argument_is_described():
    a = sp.IndexedBase("a", shape=(n,))
    f = sg.compile(sp.Sum(sp.exp(h[i]), (i, 0, n - 1)), where=[(h[i], sp.Sum(X[i, j] * w[j], (j, 0, d - 1)) + a[i])], wrt=w)
    at = dict(X=np.array([[1.0, 1.0], [1.0, 1e308]]), w=np.array([1.0, 100.0]), a=np.zeros(2))
    found = f.trace(**at)
    assert not found.finite and found.first.bad == (1,)
    assert "at [1, :] is between 1.0 and 1e+308" in str(found)


def test_a_row_behind_a_branch_that_is_not_taken_is_no_culprit():
    f = sg.compile(sp.Piecewise((sp.log(x), x > 0), (y, True)) + sp.log(z), wrt=[x, y, z])
    found = f.trace(x=-1.0, y=1.0, z=-3.0)
    assert found.first.formula.endswith("log(z)") and dict(found.first.arguments) == {"z": -3.0}
    harmless = f.trace(x=-1.0, y=1.0, z=3.0)
    assert harmless.finite and harmless.first.formula.endswith("log(x)") and "not taken" in str(harmless)


def test_the_cause_is_found_behind_a_finite_row():
    """exp overflows, its reciprocal is 0, and the logarithm of that is -inf: the overflow went first."""
    f = sg.compile(sp.log(1 / (y + sp.exp(x))), wrt=[x, y], rewrite=False)
    found = f.trace(x=1000.0, y=2.0)
    assert found.first.formula.endswith("exp(x)")


def test_an_input_that_is_not_finite_is_the_first():
    found = roots().trace(X=np.array([[1.0, np.nan]]), w=np.ones(2))
    assert found.first.name == "X" and found.first.bad == (0, 1) and "an input" in str(found)


def test_places_are_followed_through_in_place_writes():
    a, lab = sp.IndexedBase("a", shape=(n,)), sp.IndexedBase("lab", shape=(d,))
    f = sg.compile(sp.Sum(sp.log(a[lab[i]]), (i, 0, d - 1)), wrt=a)
    found = f.trace(a=np.array([1.0, 0.0, 2.0]), lab=np.array([0, 1, 1]), entry="value_and_grad")
    assert found.first.bad == (1,)
    assert not f.trace(a=np.array([1.0, 5e-324, 2.0]), lab=np.array([0, 1, 1]), entry="value_and_grad").finite


def test_a_diagonal_is_followed_to_what_is_written_on_it():
    a = sp.IndexedBase("a", shape=(n,))
    f = sg.compile(sp.Sum(sp.log(a[i]), (i, 0, n - 1)), wrt=a, nonfinite="raise")
    for style in ("fast", "flat"):
        with pytest.raises(NonFiniteError, match=r"The hessian of .* = 1/a"):
            f.with_options(style=style).hessian(a=np.array([1.0, 0.0]))


def test_a_singular_matrix_is_named():
    A = sp.MatrixSymbol("A", n, n)
    f = sg.compile(sp.log(sp.Trace(A.I)), wrt=A)
    found = f.trace(A=np.zeros((2, 2)))
    assert "inverse" in found.first.formula and list(found.first.arguments) == ["A"]


def test_names_are_the_users_own():
    odd = sp.Symbol("lambda", real=True)
    found = sg.compile(sp.log(odd), wrt=odd).trace({"lambda": -1.0})
    assert found.rows[0].name == "lambda" and "log(lambda)" in str(found) and "lambda = -1.0" in str(found)


def test_a_trace_in_a_notebook():
    html = logs().trace(x=1.0, y=-2.0, z=0.0)._repr_html_()
    assert "<table>" in html and "log(xi_2)" in html
    hostile = sp.Symbol("<script>", real=True)
    assert "<script>" not in sg.compile(sp.log(hostile), wrt=hostile).trace({"<script>": -1.0})._repr_html_()


@pytest.mark.parametrize("style", ["fast", "flat"])
@pytest.mark.parametrize("name", list(MODELS))
def test_every_model_traces_to_its_own_results(name, style):
    """The last rows of a trace hold what the call returns, so that a trace is the run and no second opinion."""
    f = MODELS[name]().with_options(style=style)
    at = f.example()
    for entry in ("value", "value_and_grad"):
        if entry in f.entries:
            found = f.trace(at, entry=entry)
            assert found.finite and found.first is None, str(found)
            assert all("?" not in row.formula for row in found.rows)
            value = f.value(**at)
            assert any(row.value.shape == np.shape(value) and np.array_equal(row.value, value) for row in found.rows)


# ---------------------------------------------------------------- calls that raise or warn

def test_ignore_is_the_default():
    assert np.isnan(logs()(x=1.0, y=-2.0, z=0.0))
    assert "_look" not in logs().source and "nonfinite" not in logs().source


@pytest.mark.parametrize("call", [lambda f: f.value(**DATA), lambda f: f.grad(**DATA), lambda f: f.value_and_grads(**DATA), lambda f: f.hessian(**DATA),
                                  lambda f: f.jvp(DATA, {"w": np.ones(2)}), lambda f: f.hvp(DATA, {"w": np.ones(2)}), lambda f: f.vjp(1.0, **DATA),
                                  lambda f: f.grad_forward(**DATA), lambda f: f.jacobian(**DATA)])
def test_raise_and_warn_in_every_function(call):
    f, bad = roots(), roots(nonfinite="raise")
    finite = all(np.isfinite(one).all() for one in np.atleast_1d(np.concatenate([np.ravel(part) for part in _flat(call(f))])))
    if finite:
        call(bad)
        return
    with pytest.raises(NonFiniteError, match=r"not finite although its inputs are.*(1/|h\[)"):
        call(bad)
    with pytest.warns(NonFiniteWarning, match="not finite"):
        again = call(bad.with_options(nonfinite="warn"))
    np.testing.assert_array_equal(np.concatenate([np.ravel(part) for part in _flat(again)]), np.concatenate([np.ravel(part) for part in _flat(call(f))]))


def _flat(one):
    if isinstance(one, dict):
        one = tuple(one.values())
    return [part for inner in one for part in _flat(inner)] if isinstance(one, tuple) else [one]


def test_the_error_names_formula_and_values():
    with pytest.raises(NonFiniteError) as caught:
        logs(nonfinite="raise").value_and_grad(x=1.0, y=-2.0, z=0.0)
    assert "xi_3 = log(xi_2): nan, where xi_2 = -2.0" in str(caught.value) and "logs" in str(caught.value)
    assert isinstance(caught.value, SymgradError) and isinstance(caught.value, ArithmeticError)


def test_inputs_that_are_not_finite_are_the_callers_own_matter():
    assert np.isnan(logs(nonfinite="raise")(x=np.nan, y=1.0, z=0.0))


def test_a_warning_points_at_the_callers_line():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        logs(nonfinite="warn").grad(x=0.0, y=1.0, z=0.0)
    assert [one.category for one in caught] == [NonFiniteWarning] and caught[0].filename == __file__
    assert issubclass(NonFiniteWarning, RuntimeWarning)


def test_no_numpy_warning_unless_asked():
    for mode in ("ignore", "raise"):
        f = logs(nonfinite=mode)
        try:
            f.value_and_grad(x=0.0, y=1.0, z=0.0)  # warnings are errors here
        except NonFiniteError:
            assert mode == "raise"


@pytest.mark.parametrize("mode", ["raise", "warn"])
def test_a_saved_module_keeps_watching(tmp_path, mode):
    path = roots(nonfinite=mode).save(tmp_path)
    loaded = sg.load(path)
    again = pickle.loads(pickle.dumps(roots(nonfinite=mode)))
    for f in (loaded, again):
        assert f.value(**DATA) == pytest.approx(3**0.5 + 7**0.5)
        with pytest.raises(NonFiniteError) if mode == "raise" else pytest.warns(NonFiniteWarning, match=r"1/xi_\d+\[i\].*at \[1\] = 0.0"):
            f.grad(**DATA)
    spec = importlib.util.spec_from_file_location("roots", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kind = ArithmeticError if mode == "raise" else RuntimeWarning
    with pytest.raises(kind) if mode == "raise" else pytest.warns(kind):
        module.grad(DATA["w"], DATA["X"])
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "WRONG" not in done.stdout, done.stderr


def test_a_loaded_module_traces_by_its_own_comments(tmp_path):
    loaded = sg.load(roots(style="flat").save(tmp_path))
    found = loaded.trace(**DATA, entry="value_and_grad")
    assert found.first.formula.startswith("xi_") and "1/" in found.first.formula and "at [1] = 0.0" in str(found)
    assert str(loaded.trace(DATA)) == str(loaded.trace(**DATA))
    with pytest.raises(UnsupportedError, match="one line a row"):
        sg.load(roots().save(tmp_path)).trace(DATA)


def test_the_text_of_a_watching_module_exists_where_its_value_does_not():
    f = sg.compile(sp.log(x - 10), wrt=x, name="far", nonfinite="raise")
    assert "NonFiniteError" in f.source and np.isfinite(f(x=11.0))


@pytest.mark.parametrize("value", ["error", None, True])
def test_unknown_options_are_refused(value):
    with pytest.raises(OptionError, match="nonfinite"):
        logs(nonfinite=value)
