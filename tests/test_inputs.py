"""What a call accepts and what it refuses, by name and in three beats."""

import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import scipy.sparse
import sympy as sp
from agreement import draw, leaves

import symgrad as sg
from symgrad.errors import DerivativeError, InputError

n, m, d, K = sp.symbols("n m d K", integer=True, positive=True)
i, j, c = sp.symbols("i j c", integer=True)
W, X, y = sp.symbols("W X y", real=True)
A, b, x, t = sp.IndexedBase("A", shape=(n, d)), sp.IndexedBase("b", shape=(d,)), sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("t", shape=(n,))
M, v = sp.MatrixSymbol("M", n, n), sp.MatrixSymbol("v", n, 1)
r = sp.Idx("r", n)

LINEAR = sg.compile(sp.Sum((sp.Sum(A[i, j] * b[j], (j, 0, d - 1)) - x[i])**2, (i, 0, n - 1)) / n, wrt=b, name="linear")
PICKED = sg.compile(sp.Sum(b[t[i]] * x[i], (i, 0, n - 1)), wrt=b)
QUADRATIC = sg.compile((v.T * M * v)[0], wrt=[v, M])
SCALAR = sg.compile(W**2 * X, wrt=W)
EACH = sg.compile(W * X, wrt=W, batch=[X])

GOOD = dict(A=draw(4, 3), b=draw(3), x=draw(4))
PICK = dict(b=draw(3), t=np.array([0, 2, 2, 1]), x=draw(4))


def linear(A, b, x):
    return np.mean((A @ b - x)**2)


def message(call, *args, **inputs):
    with pytest.raises(InputError) as error:
        call(*args, **inputs)
    text = str(error.value)
    assert isinstance(error.value, sg.errors.SymgradError) and isinstance(error.value, ValueError)
    assert text.rstrip().endswith((".", "?", "!")) and len(text.split(". ")) >= 2, text
    return text


def says(text, *words):
    for word in words:
        assert word in text, f"{word!r} is missing in: {text}"


# ---------------------------------------------------------------- names

def test_missing_and_extra_inputs_are_named():
    says(message(LINEAR.value, A=GOOD["A"], b=GOOD["b"]), "x", "missing", "A")
    says(message(LINEAR.value, **GOOD, lam=1.0), "lam", "linear", "A")
    says(message(LINEAR.grad, **GOOD, n=4), "n", "no input")
    says(message(LINEAR.value, GOOD["b"], b=GOOD["b"], A=GOOD["A"], x=GOOD["x"]), "b", "twice")
    says(message(LINEAR.value, 1, 2, 3, 4), "4", "A")


def test_positional_arguments_follow_the_order_of_arguments():
    assert LINEAR.arguments == ("b", "A", "x")
    assert LINEAR(GOOD["b"], GOOD["A"], GOOD["x"]) == LINEAR(**GOOD) == LINEAR.value(GOOD["b"], x=GOOD["x"], A=GOOD["A"])
    f = sg.compile(W**2 * X + y, wrt=W, arguments=[y, W, X])
    assert f.arguments == ("y", "W", "X") and f(1.0, 2.0, 3.0) == 13.0
    assert f.grad(1.0, 2.0, 3.0) == 12.0


def test_primals_may_be_keyed_by_symbols_and_are_checked_like_inputs():
    value, tangent = LINEAR.jvp({A: GOOD["A"], b: GOOD["b"], x: GOOD["x"]}, {b: np.ones(3)})
    assert value == pytest.approx(linear(**GOOD)) and tangent == pytest.approx(LINEAR.grad(**GOOD).sum())
    says(message(LINEAR.jvp, {A: GOOD["A"], b: GOOD["b"]}, {}), "x", "missing")
    says(message(LINEAR.hvp, GOOD | {"extra": 1}, {}), "extra")


def test_tangents_and_cotangents_are_checked():
    says(message(LINEAR.jvp, GOOD, {"A": GOOD["A"]}), "A", "tangent", "b")
    says(message(LINEAR.jvp, GOOD, {"b": np.ones(4)}), "b", "(4,)", "(3,)")
    says(message(LINEAR.jvp, GOOD, {"b": np.ones(3, complex)}), "b", "complex")
    says(message(LINEAR.hvp, GOOD, {"b": np.array(["u", "v", "w"])}), "b", "string")
    says(message(LINEAR.jvp, GOOD, {"b": [1.0, [2.0], 3.0]}), "b", "ragged")
    says(message(EACH.vjp, np.ones(2), W=1.0, X=np.ones(3)), "(2,)", "(3,)")
    says(message(EACH.vjp, np.ones(3, complex), W=1.0, X=np.ones(3)), "complex")
    says(message(EACH.vjp, ["a", "b", "c"], W=1.0, X=np.ones(3)), "string")
    two = sg.compile([W * X, W], wrt=W)
    says(message(two.vjp, 1.0, W=1.0, X=2.0), "2 cotangents")
    says(message(two.vjp, (1.0, 2.0, 3.0), W=1.0, X=2.0), "2 cotangents")
    assert two.vjp((1.0, 2.0), W=1.0, X=3.0) == 5.0


# ---------------------------------------------------------------- ranks and sizes

def test_ranks_are_checked():
    says(message(LINEAR.value, **GOOD | dict(A=draw(4))), "A", "1 axes", "2 axes", "n × d")
    says(message(LINEAR.value, **GOOD | dict(b=draw(3, 1))), "b", "(3, 1)")
    says(message(LINEAR.value, **GOOD | dict(x=1.0)), "x", "0 axes")
    says(message(QUADRATIC.value, M=draw(4, 4), v=draw(4, 1, 1)), "v", "3 axes")
    says(message(QUADRATIC.value, M=draw(4, 4), v=draw(1, 4)), "v", "(1, 4)")
    says(message(EACH.value, W=1.0, X=2.0), "X", "samples")


def test_an_array_for_a_scalar_symbol_names_batch():
    says(message(SCALAR.value, W=1.0, X=np.ones(3)), "X", "batch")
    says(message(EACH.value, W=np.ones(3), X=np.ones(3)), "W", "batch")


def test_sizes_that_disagree_are_named_with_both():
    says(message(LINEAR.value, **GOOD | dict(b=draw(5))), "A", "b", "3", "5", "d")
    says(message(LINEAR.value, **GOOD | dict(x=draw(6))), "A", "x", "4", "6", "n")
    says(message(QUADRATIC.value, M=draw(3, 4), v=draw(3)), "M", "3", "4")
    two = sg.compile(W * X + y, wrt=W, batch=[X, y], reduce="sum")
    says(message(two.value, W=1.0, X=draw(4), y=draw(5)), "X", "y", "4", "5")


def test_sizes_with_arithmetic_are_read_and_checked():
    pairs, cut = sp.IndexedBase("pairs", shape=(2 * n,)), sp.IndexedBase("cut", shape=(n - 1,))
    f = sg.compile(sp.Sum(pairs[2 * i] * pairs[2 * i + 1], (i, 0, n - 1)), wrt=pairs)
    assert f.value(pairs=np.arange(6.0)) == pytest.approx(0 + 6 + 20)
    says(message(f.value, pairs=np.arange(5.0)), "pairs", "5", "2")
    g = sg.compile(sp.Sum(cut[i] * (x[i + 1] - x[i]), (i, 0, n - 2)), wrt=cut)
    says(message(g.value, cut=draw(4), x=draw(4)), "cut", "4", "3")


def test_fixed_sizes_are_checked():
    three = sp.IndexedBase("three", shape=(3,))
    f = sg.compile(three[0] * three[1] + three[2], wrt=three)
    says(message(f.value, three=draw(4)), "three", "4", "3")


def test_sizes_that_are_inputs_are_checked():
    f = sg.compile(sp.Sum(W**c, (c, 0, K - 1)), wrt=W)
    assert f.arguments == ("W", "K") and f.value(W=2.0, K=4) == 15.0
    says(message(f.value, W=2.0, K=2.5), "K", "whole")
    says(message(f.value, W=2.0, K=-1), "K", "-1")
    assert f.value(W=2.0, K=0) == 0.0


# ---------------------------------------------------------------- kinds

WRONG = {
    "complex": np.ones(3, complex), "object": np.array([1, None, 2], object), "string": np.array(["a", "b", "c"]),
    "bytes": np.array([b"a", b"b", b"c"]),
    "ragged": [[1.0], [2.0, 3.0], [4.0]], "masked": np.ma.masked_array([1.0, 2.0, 3.0], [0, 1, 0]), "sparse": scipy.sparse.csr_array(np.ones((1, 3))),
    "datetime": np.array(["2020-01-01"] * 3, "datetime64[D]"), "timedelta": np.array([1, 2, 3], "timedelta64[s]"),
    "structured": np.zeros(3, [("u", float), ("v", float)]), "None": None, "a dict": {"u": 1.0}, "a set": {1.0, 2.0, 3.0}, "text": "1.0",
    "a function": max,
    "a huge integer": [10**30, 1, 2], "a SymPy number": [sp.Integer(1), sp.Integer(2), sp.Integer(3)],
}


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("name", ["b", "t"])
def test_kinds_that_are_no_real_numbers_are_refused_by_name(kind, name):
    text = message(PICKED.grad, **PICK | {name: WRONG[kind]})
    says(text, name)
    if kind in ("complex", "object", "string", "ragged", "masked", "sparse", "datetime", "timedelta"):
        says(text, kind)


@pytest.mark.parametrize("method", ["value", "grad", "value_and_grad", "grads", "grad_forward", "jacobian", "hessian"])
def test_every_function_checks(method):
    says(message(getattr(LINEAR, method), **GOOD | dict(b=np.ones(3, complex))), "b", "complex")
    says(message(getattr(LINEAR, method), **GOOD | dict(b=np.ones(7))), "b", "7", "3")


def test_labels_are_whole_and_in_range():
    for bad, word in ((3, "3"), (-1, "-1"), (99, "99")):
        labels = PICK["t"].copy()
        labels[1] = bad
        says(message(PICKED.value, **PICK | dict(t=labels)), "t", word, "3", "0 to 2")
    says(message(PICKED.value, **PICK | dict(t=np.array([0.5, 1, 2, 0]))), "t", "whole")
    says(message(PICKED.value, **PICK | dict(t=np.array([np.nan, 1, 2, 0]))), "t", "whole")
    says(message(PICKED.value, **PICK | dict(t=np.array([np.inf, 1, 2, 0]))), "t", "whole")
    want = PICKED.value(**PICK)
    for good in (PICK["t"].astype(float), PICK["t"].astype(np.uint8), PICK["t"].tolist(), PICK["t"].astype(np.int16)):
        assert PICKED.value(**PICK | dict(t=good)) == want
    assert PICKED.value(**PICK | dict(t=np.array([True, False, True, True]))) == PICKED.value(**PICK | dict(t=np.array([1, 0, 1, 1])))


def test_labels_from_one_are_named_as_the_user_counts():
    f = sg.compile(sp.Sum(b[t[i]] * x[i], (i, 1, n)), wrt=b, first_index=1)
    assert f.value(**PICK | dict(t=PICK["t"] + 1)) == PICKED.value(**PICK)
    says(message(f.value, **PICK), "t", "0", "1 to 3")
    says(message(f.value, **PICK | dict(t=np.array([1, 2, 3, 4]))), "t", "4", "1 to 3")


def test_subscripts_that_are_only_known_when_called_are_checked():
    w = sp.IndexedBase("w", shape=(m,))
    f = sg.compile(sp.Sum(w[i] * x[i], (i, 0, n - 1)), wrt=w)
    assert f.value(w=draw(4), x=draw(3)) == pytest.approx(draw(4)[:3] @ draw(3))
    says(message(f.value, w=draw(3), x=draw(4)), "w[i]", "3", "0 to 2")


# ---------------------------------------------------------------- what is accepted

class Frame:
    """Something that NumPy turns into an array, as data frames are."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)


def readonly(array):
    array = array.copy()
    array.flags.writeable = False
    return array


FORMS = {
    "list": lambda a: a.tolist(), "tuple": lambda a: tuple(map(tuple, a.tolist())) if a.ndim == 2 else tuple(a.tolist()),
    "Fortran order": np.asfortranarray,
    "strided": lambda a: np.repeat(a, 2, axis=0)[::2], "reversed": lambda a: a[::-1].copy()[::-1], "read-only": readonly, "frame": Frame,
    "big-endian": lambda a: a.astype(">f8"), "broadcast": lambda a: np.broadcast_to(a, (2, *a.shape))[1],
    "matrix view": lambda a: a.view(type("Sub", (np.ndarray,), {})),
    "memory view": lambda a: memoryview(np.ascontiguousarray(a)),
}


@pytest.mark.parametrize("form", FORMS)
def test_whatever_numpy_reads_as_a_real_array_is_accepted(form):
    given = {name: FORMS[form](value) for name, value in GOOD.items()}
    before = {name: np.array(value, copy=True) for name, value in given.items()}
    value, gradient = LINEAR.value_and_grad(**given)
    assert value == pytest.approx(LINEAR.value(**GOOD), rel=1e-14)
    np.testing.assert_allclose(gradient, LINEAR.grad(**GOOD), rtol=1e-14)  # the order of summation follows the layout
    assert type(gradient) is np.ndarray and gradient.dtype == np.float64 and gradient.dtype.isnative
    for name, kept in before.items():
        np.testing.assert_array_equal(np.array(given[name]), kept)


def test_integers_and_truth_values_are_numbers():
    whole = {name: np.round(value * 3).astype(int) for name, value in GOOD.items()}
    assert LINEAR.value(**whole) == pytest.approx(linear(**whole)) and LINEAR.grad(**whole).dtype == np.float64
    truths = {name: value > 0 for name, value in whole.items()}
    assert LINEAR.value(**truths) == pytest.approx(linear(**{name: value.astype(float) for name, value in truths.items()}))
    for number in (2, True, np.int8(2), np.float32(2.0), np.array(2.0), np.array(2), np.bool_(True)):
        assert SCALAR.grad(W=number, X=3) == 2.0 * float(number) * 3


def test_the_widest_floating_array_decides_the_precision_and_scalars_never_do():
    narrow = {name: value.astype(np.float32) for name, value in GOOD.items()}
    assert LINEAR.value(**narrow).dtype == LINEAR.grad(**narrow).dtype == np.float32
    assert LINEAR.grad(**narrow | dict(x=GOOD["x"])).dtype == np.float64
    assert LINEAR.grad(**narrow | dict(x=np.arange(4))).dtype == np.float32
    assert LINEAR.grad(**narrow | dict(x=[1.0, 2.0, 3.0, 4.0])).dtype == np.float64
    f = sg.compile(W * sp.Sum(b[j]**2, (j, 0, d - 1)), wrt=[W, b])
    for scalar in (2.0, np.float64(2.0), np.array(2.0), 2):
        value, (slope, gradient) = f.value_and_grad(W=scalar, b=narrow["b"])
        assert value.dtype == slope.dtype == gradient.dtype == np.float32
    assert isinstance(SCALAR.value(W=np.float32(2), X=2.0), np.float64)


def test_precisions_without_linear_algebra_are_refused_where_it_is_needed():
    f = sg.compile(sp.Trace(M.inv()), wrt=M)
    for kind in (np.float16, np.longdouble):
        says(message(f.value, M=np.eye(3, dtype=kind)), "float32", np.dtype(kind).name)
        assert sg.compile(sp.Trace(M * M), wrt=M).grad(M=np.eye(3, dtype=kind)).dtype == kind


def test_a_column_takes_both_forms_and_gives_the_gradient_in_the_form_it_came_in():
    matrix, column = draw(4, 4), draw(4)
    flat, tall = QUADRATIC.grad(M=matrix, v=column), QUADRATIC.grad(M=matrix, v=column[:, None])
    assert flat[0].shape == (4,) and tall[0].shape == (4, 1) and flat[1].shape == tall[1].shape == (4, 4)
    np.testing.assert_array_equal(flat[0], tall[0][:, 0])
    assert QUADRATIC.hessian(M=matrix, v=column[:, None])[0][0].shape == (4, 1, 4, 1)
    assert QUADRATIC.hvp(dict(M=matrix, v=column[:, None]), {"v": column[:, None]})[0].shape == (4, 1)
    np.testing.assert_allclose(QUADRATIC.hvp(dict(M=matrix, v=column[:, None]), {"v": column})[0][:, 0], (matrix + matrix.T) @ column)


# ---------------------------------------------------------------- values that are not finite, arrays that are empty

def test_values_that_are_not_finite_pass_through():
    at = GOOD | dict(x=np.array([1.0, np.nan, 2.0, 3.0]))
    assert np.isnan(LINEAR.value(**at)) and np.isnan(LINEAR.grad(**at)).all()
    assert SCALAR.value(W=np.inf, X=1.0) == np.inf and np.isnan(SCALAR.value(W=np.inf, X=0.0))
    np.testing.assert_array_equal(EACH.value(W=2.0, X=[1.0, np.nan, -np.inf]), [2.0, np.nan, -np.inf])


def test_empty_arrays_sum_to_nothing():
    total = sg.compile(sp.Sum(x[i]**2 * W, (i, 0, n - 1)), wrt=[x, W])
    value, (gx, gw) = total.value_and_grad(x=np.zeros(0), W=2.0)
    assert value == 0.0 and gx.shape == (0,) and gw == 0.0
    assert total.hessian(x=np.zeros(0), W=2.0)[0][0].shape == (0, 0)
    assert EACH.value(W=2.0, X=[]).shape == (0,) and EACH.jacobian(W=2.0, X=np.zeros(0)).shape == (0,)
    assert PICKED.grad(b=draw(3), t=np.zeros(0, int), x=np.zeros(0)).tolist() == [0.0, 0.0, 0.0]
    assert QUADRATIC.value(M=np.zeros((0, 0)), v=np.zeros(0)) == 0.0
    for result in leaves(sg.compile((M * v), wrt=[M, v]).jacobian(M=np.zeros((0, 0)), v=np.zeros(0))):
        assert result.size == 0


@pytest.mark.parametrize("f, at", [
    (LINEAR, dict(A=np.zeros((0, 3)), b=draw(3), x=np.zeros(0))),
    (sg.compile(W * X, wrt=W, batch=[X], reduce="mean"), dict(W=1.0, X=np.zeros(0))),
    (sg.compile(sg.MaxOver(x[i], (i, 0, n - 1)), wrt=x), dict(x=np.zeros(0))),
    (sg.compile(x[0] + x[n - 1], wrt=x), dict(x=np.zeros(0))),
    (PICKED, dict(b=np.zeros(0), t=np.array([0]), x=np.ones(1))),
])
def test_what_an_empty_array_does_not_have_is_an_error_or_not_a_number(f, at):
    for call in (f.value, f.grad):
        try:
            results = leaves(call(**at))
        except InputError as error:
            assert "0" in str(error)
        else:
            assert all(np.isnan(result).all() for result in results)


# ---------------------------------------------------------------- results

def test_results_are_fresh_arrays():
    given = draw(4)
    for f in (sg.compile(x[i], outputs=(i,), wrt=x), sg.compile(v, wrt=v), sg.compile(x[r], outputs=(r,), wrt=x)):
        name = f.arguments[0]
        result = f.value(**{name: given})
        result += 1.0
        assert not np.may_share_memory(result, given)
        np.testing.assert_array_equal(given, draw(4))
    matrix = draw(4, 4)
    for f in (sg.compile(M, wrt=M), sg.compile(M.T, wrt=M)):
        assert not np.may_share_memory(f.value(M=matrix), matrix)
    total = sg.compile(sp.Sum(x[i] * t[i], (i, 0, n - 1)), wrt=[x, t])
    gx, gt = total.grad(x=given, t=given * 2)
    assert not np.may_share_memory(gt, given) and not np.may_share_memory(gx, gt)
    same = sg.compile([x[i], x[i]], outputs=(i,), wrt=x).value(x=given)
    assert not np.may_share_memory(*same)


def test_the_derivative_of_a_vector_is_refused_with_the_ways_out():
    for method in ("grad", "value_and_grad", "grads", "value_and_grads", "grad_forward", "hessian"):
        with pytest.raises(DerivativeError) as error:
            getattr(EACH, method)(W=1.0, X=np.ones(3))
        says(str(error.value), "reduce=", '"sum"', '"mean"', "jacobian")
    with pytest.raises(DerivativeError, match="jacobian"):
        EACH.hvp(dict(W=1.0, X=np.ones(3)), {})
    for f in (sg.compile([W, X], wrt=W), sg.compile(M * v, wrt=v), sg.compile(x[i], outputs=(i,), wrt=x)):
        with pytest.raises(DerivativeError, match="jacobian"):
            f.grad(**dict.fromkeys(f.arguments, 1.0))


def test_singular_matrices_are_an_error_and_negative_determinants_have_no_logarithm():
    f = sg.compile(sp.Trace(M.inv()), wrt=M)
    says(message(f.value, M=np.zeros((3, 3))), "Singular")
    g = sg.compile(sp.log(sp.Determinant(M)), wrt=M)
    assert np.isnan(g.value(M=np.diag([1.0, -1.0, 1.0])))
    assert g.value(M=np.diag([-1.0, -1.0, 1e-200])) == pytest.approx(np.log(1e-200))
    assert g.value(M=np.diag([1e200, 1e200, 1.0])) == pytest.approx(2 * np.log(1e200))


# ---------------------------------------------------------------- modules, pickles

def test_modules_and_pickles_refuse_the_same(tmp_path):
    loaded = sg.load(LINEAR.save(tmp_path))
    copied = pickle.loads(pickle.dumps(LINEAR))
    for f in (loaded, copied):
        assert f.arguments == LINEAR.arguments and f.wrt == ("b",)
        np.testing.assert_array_equal(f.grad(**GOOD), LINEAR.grad(**GOOD))
        says(message(f.value, **GOOD | dict(b=np.ones(7))), "b", "7", "3")
        says(message(f.value, A=GOOD["A"]), "x", "missing")


def test_a_saved_module_raises_its_own_errors(tmp_path):
    LINEAR.save(tmp_path)
    script = textwrap.dedent(f"""
        import sys; sys.path.insert(0, {str(tmp_path)!r})
        import numpy as np, linear
        try:
            linear.value(b=np.ones(2), A=np.ones((4, 3)), x=np.ones(4))
        except linear.InputError as error:
            assert "b" in str(error) and "2" in str(error) and "3" in str(error)
            assert "sympy" not in sys.modules and "symgrad" not in sys.modules
            print("refused")
        """)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.stdout == "refused\n", run.stderr
