"""The short way to a kernel: the same bits as by the plumbing, taken for plain inputs only, quiet, and safe from many threads."""

import copy
import pickle
import sys
import threading
import warnings
from contextvars import ContextVar

import numpy as np
import pytest
import sympy as sp
from agreement import draw

import symgrad as sg
from symgrad.check.summands import summands
from symgrad.emit.front import Front
from symgrad.gallery import modules
from symgrad.gallery.models import MODELS

n, d = sp.symbols("n d", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
x, w, A = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("w", shape=(d,)), sp.IndexedBase("A", shape=(n, d))
b, lam = sp.symbols("b lambda", real=True)
M, v = sp.MatrixSymbol("M", n, d), sp.MatrixSymbol("v", d, 1)

RESIDUAL = sp.Sum(A[i, j] * w[j], (j, 0, d - 1)) + b - x[i]
LINEAR = sg.compile(sp.Sum(RESIDUAL**2, (i, 0, n - 1)) / n, wrt=[w, b], name="linear_model")
RIDGE = sg.compile(sp.Sum(RESIDUAL**2, (i, 0, n - 1)) / n + lam * b**2, wrt=w, name="ridge_model")
COLUMN = sg.compile(sp.Trace((M * v).T * (M * v)), wrt=[v, M])
AT = dict(w=draw(3), b=0.5, A=draw(4, 3), x=draw(4))


def leaves(result):
    if isinstance(result, dict):
        result = tuple(result.values())
    return [leaf for part in result for leaf in leaves(part)] if isinstance(result, tuple) else [result]


def same(one, other):
    pairs = list(zip(leaves(one), leaves(other), strict=True))
    return all(type(a) is type(b) and np.shape(a) == np.shape(b) and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def taken(f, entry="value", **inputs):
    """Whether the short way serves these inputs."""
    f._bound(entry)
    space = f._namespace
    return space["_direct"](space["_KERNELS"][entry], *(inputs[name] for name in f.arguments)) is not None


def plain(at, dtype=float):
    """The point as plain arrays of one type, numbers as they are."""
    return {name: np.array(value, dtype if np.asarray(value).dtype.kind == "f" else np.intp) if np.ndim(value) else float(value)
            for name, value in at.items()}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", MODELS)
def test_both_ways_give_the_same_bits(name, dtype):
    f = MODELS[name]()
    at = plain(f.example(), dtype)
    entries = Front(f.signature).entries()
    assert "value" in entries and "value_and_grad" in entries
    numpys = {name: np.float64(value) if np.ndim(value) == 0 else value for name, value in at.items()}
    for entry in entries:
        assert taken(f, entry, **at) and same(getattr(f, entry)(**numpys), f._call(f"_{entry}", at)), entry
    assert same(f.value_and_grads(**numpys), f._call("_value_and_grads", at))
    assert same(f.grads(**numpys), f._call("_value_and_grads", at)[1]) and same(f.grad(**numpys), f._call("_value_and_grad", at)[1])


NUMBERS = {name: f for name, f in [*modules().items(), *((name, make()) for name, make in MODELS.items())] if Front(f.signature).is_point}


COMPOSED = ("random_wiring", "T11_random_wiring", "G3_checked_loss")
"""Hyperbolic tangents in differences and in one another: NumPy's and the C library's last places differ at each."""


@pytest.mark.parametrize("name", NUMBERS)
def test_floats_and_arrays_agree_to_two_units_in_the_last_place(name):
    """Units of the result, or of its largest summand where summands cancel each other."""
    f = NUMBERS[name]
    entry = "value_and_grad" if f.signature.scalar else "value"
    program = f.derived(entry)
    largest = [summands(f, entry, key, "") for key in program.outputs]
    units = 2 + (sum(program.graph.rows[row].op == "map" for row in program.live()) if name in COMPOSED else 0)
    rng = np.random.default_rng(11)
    for _ in range(5):
        at = {key: float(value) * (1 + 0.1 * rng.normal()) for key, value in f.example().items()}
        for got, want, summand in zip(leaves(getattr(f, entry)(**at)), leaves(f._call(f"_{entry}", at)), largest, strict=True):
            assert abs(got - want) <= units * np.spacing(max(abs(want), summand(**at))), at


UNUSUAL = {
    "a list": dict(x=AT["x"].tolist()), "integers": dict(x=np.arange(4)), "another precision": dict(x=AT["x"].astype(np.float32)),
    "big-endian": {name: np.asarray(value, ">f8") if np.ndim(value) else value for name, value in AT.items()},
    "a subclass": dict(x=AT["x"].view(type("Sub", (np.ndarray,), {}))), "half precision": {name: np.asarray(value, np.float16) for name, value in AT.items()},
    "a number as an array": dict(b=np.array(0.5)), "truth values": dict(x=AT["x"] > 0),
    "another rank": dict(x=AT["x"][:, None]), "another length": dict(x=draw(5)), "a string": dict(b="1"), "None": dict(b=None), "complex": dict(b=1j),
    "masked": dict(x=np.ma.masked_array(AT["x"], [0, 1, 0, 0])), "a huge integer": dict(b=10**30),
}


@pytest.mark.parametrize("kind", UNUSUAL)
def test_what_is_unusual_is_left_to_the_plumbing(kind):
    given = AT | UNUSUAL[kind]
    assert taken(LINEAR, **AT) and not taken(LINEAR, **given)
    try:
        want = LINEAR._call("_value_and_grad", given)
    except sg.errors.InputError as error:
        with pytest.raises(sg.errors.InputError) as raised:
            LINEAR.value_and_grad(**given)
        assert str(raised.value) == str(error)
        return
    assert same(LINEAR.value_and_grad(**given), want)


@pytest.mark.parametrize("number", [0.5, np.float64(0.5), np.float32(0.5), 1, np.array(0.5)[()]])
def test_numbers_do_not_decide_the_precision(number):
    narrow = {name: value.astype(np.float32) for name, value in AT.items() if name != "b"}
    assert taken(LINEAR, **narrow, b=number)
    value, (gw, gb) = LINEAR.value_and_grad(**narrow, b=number)
    assert value.dtype == gw.dtype == gb.dtype == np.float32 and type(value) is type(gb) is np.float32


def test_names_that_cannot_stand_in_python_take_the_short_way_too(tmp_path):
    at = AT | {"lambda": 0.3}
    assert RIDGE.arguments == ("w", "A", "b", "lambda", "x") and taken(RIDGE, **at)
    for f in (RIDGE, sg.load(RIDGE.save(tmp_path))):
        want = f._call("_value_and_grad", at)
        assert same(f.value_and_grad(**at), want) and same(f.value_and_grad(at["w"], at["A"], at["b"], **{"lambda": 0.3, "x": at["x"]}), want)
        assert same(f.grads(**at)["w"], want[1])
        for wrong, word in ((AT, "lambda"), (at | {"mu": 1.0}, "mu"), (AT | {"mu": 1.0}, "mu")):
            with pytest.raises(sg.errors.InputError, match=word):
                f.value_and_grad(**wrong)


def test_columns_come_back_in_the_shape_in_which_they_came():
    matrix, column = draw(4, 3), draw(3)
    for given in (column, column[:, None]):
        assert taken(COLUMN, M=matrix, v=given)
        assert same(COLUMN.value_and_grad(M=matrix, v=given), COLUMN._call("_value_and_grad", dict(M=matrix, v=given)))
        assert COLUMN.grads(M=matrix, v=given)["v"].shape == given.shape
    assert not taken(COLUMN, M=matrix, v=column[None])


def test_results_are_fresh():
    f = sg.compile(sp.Sum(x[i] * w[i], (i, 0, n - 1)), wrt=[x, w])
    at = dict(x=draw(4), w=draw(4))
    first, second = f.grads(**at), f.grads(**at)
    for name in ("x", "w"):
        assert not any(np.may_share_memory(first[name], other) for other in (*at.values(), second[name]))


# ---------------------------------------------------------------- quiet

LOUD = sg.compile(sp.Sum(sp.exp(w[j]) + sp.log(w[j]) + 1 / w[j], (j, 0, d - 1)), wrt=w)
EXTREME = dict(w=np.array([1000.0, -1.0, 0.0]))


def test_nothing_is_said_of_overflow_and_the_callers_settings_stay():
    assert taken(LOUD, **EXTREME)
    with warnings.catch_warnings(), np.errstate(all="raise", under="warn"):
        warnings.simplefilter("error")
        before = np.geterr()
        assert np.isnan(LOUD(**EXTREME)) and np.isinf(LOUD.grad(**EXTREME)[0])
        assert np.geterr() == before
        with pytest.raises(FloatingPointError):
            np.exp(np.float64(1000.0))


def test_calls_inside_calls_and_in_many_threads_are_quiet():
    ran, wrong = [], []

    def work():
        with np.errstate(all="raise"):
            for _ in range(200):
                try:
                    ran.append(bool(np.isnan(LOUD(**EXTREME))))
                except Exception as error:
                    wrong.append(error)
            if np.geterr()["over"] != "raise":
                wrong.append("the settings changed")

    fresh = LOUD.with_options()
    threads = [threading.Thread(target=work) for _ in range(6)] + [threading.Thread(target=lambda: ran.append(bool(np.isnan(fresh(**EXTREME)))))
                                                                   for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and all(ran) and len(ran) == 1206
    space = LOUD._namespace
    assert np.isnan(space["_quiet"]().run(lambda: LOUD(**EXTREME)))


def test_a_context_of_the_caller_is_left_alone():
    place = ContextVar("place", default="none")
    token = place.set("here")
    LOUD(**EXTREME)
    assert place.get() == "here"
    place.reset(token)


def test_an_older_numpy_is_served_by_the_plumbing(monkeypatch):
    f = LINEAR.with_options()
    want = LINEAR.value_and_grad(**AT)
    _ = f.value(**AT)
    f._namespace["_QUIET"].clear()
    monkeypatch.setattr(np, "__version__", "1.26.4")
    assert same(f.value_and_grad(**AT), want) and not taken(f, **AT)


# ---------------------------------------------------------------- the objects

def test_a_call_is_bound_once_and_survives_copies_and_pickles():
    f = LINEAR.with_options()
    want = f.value_and_grad(**AT)
    assert f.value_and_grad is f.value_and_grad
    for g in (pickle.loads(pickle.dumps(f)), copy.copy(f), copy.deepcopy(f)):
        assert same(g.value_and_grad(**AT), want)


def test_missing_and_double_names_are_input_errors_and_other_errors_stay():
    with pytest.raises(sg.errors.InputError, match="twice"):
        LINEAR.grad(AT["w"], **AT)
    with pytest.raises(sg.errors.InputError, match="missing"):
        LINEAR.grad(AT["w"])
    with pytest.raises(sg.errors.InputError, match="positional"):
        LINEAR.grad(1, 2, 3, 4, 5)


def test_watching_models_take_no_short_way():
    f = LINEAR.with_options(nonfinite="raise")
    assert Front(f.signature).entries() == ()
    with pytest.raises(sg.errors.NonFiniteError):
        f.value(**AT | dict(b=1e300))


def test_modules_hold_the_short_way_and_run_alone(tmp_path):
    path = LINEAR.save(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert "def _direct(kernel, w, b, A, x):" in text and "def _along(kernel, primals, tangents):" in text and text.count("_quiet().run(") == 2
    loaded = sg.load(path)
    assert same(loaded.value_and_grad(**AT), LINEAR.value_and_grad(**AT)) and "symgrad" in sys.modules


# ---------------------------------------------------------------------- tangents


def along(f, entry, at, moved):
    """What the short way gives for tangents, None where it is not taken."""
    f._along(entry, at, moved)
    space = f._namespace
    return space["_along"](space["_KERNELS"][entry], at, moved)


def moved_at(f, at):
    return {name: np.cos(np.arange(np.size(at[name]))).reshape(np.shape(at[name])).astype(at[name].dtype) if np.ndim(at[name]) else 0.25 for name in f.wrt}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", MODELS)
def test_tangents_give_the_same_bits_both_ways(name, dtype):
    f = MODELS[name]()
    at = plain(f.example(), dtype)
    moved = moved_at(f, at)
    for entry in ("jvp", "hvp"):
        assert same(getattr(f, entry)(at, moved), f._call(f"_{entry}", at, moved)), entry
        if entry in Front(f.signature).along():
            assert along(f, entry, at, moved) is not None


def test_most_models_have_a_short_way_for_tangents():
    assert all("hvp" in Front(make().signature).along() for make in MODELS.values())


def test_tangents_of_columns_come_back_in_the_shape_in_which_they_came():
    matrix, column, moved = draw(4, 3), draw(3), draw(3, seed=5)
    for shape in ((3,), (3, 1)):
        at, step = {"M": matrix, "v": column.reshape(shape)}, {"v": moved.reshape(shape), "M": np.zeros((4, 3))}
        assert along(COLUMN, "hvp", at, step) is not None
        assert same(COLUMN.hvp(at, step), COLUMN._call("_hvp", at, step)) and same(COLUMN.jvp(at, step), COLUMN._call("_jvp", at, step))
        np.testing.assert_allclose(COLUMN.hvp(at, step)[0], (2 * matrix.T @ matrix @ moved).reshape(shape), rtol=1e-13)
    with pytest.raises(sg.errors.InputError, match="tangent of v has shape"):
        COLUMN.hvp(at, {"v": moved[:2]})
    mixed = {"v": moved, "M": np.zeros((4, 3))}
    assert along(COLUMN, "hvp", at, mixed) is None and COLUMN.hvp(at, mixed)[0].shape == (3, 1)


@pytest.mark.parametrize("kind", UNUSUAL)
def test_unusual_inputs_and_tangents_are_left_to_the_plumbing(kind):
    moved = moved_at(LINEAR, AT)
    assert along(LINEAR, "hvp", AT, moved) is not None
    for at, step in ((AT | UNUSUAL[kind], moved), (AT, moved | {"w": [1.0, 2.0, 3.0]}), (AT, {"w": moved["w"]}), (AT | {"more": 1.0}, moved)):
        try:
            want = LINEAR._call("_hvp", at, step)
        except sg.errors.InputError as error:
            with pytest.raises(sg.errors.InputError) as raised:
                LINEAR.hvp(at, step)
            assert str(raised.value) == str(error)
            continue
        assert same(LINEAR.hvp(at, step), want)


def test_tangents_by_symbol_and_of_saved_modules(tmp_path):
    moved = moved_at(LINEAR, AT)
    want = LINEAR._call("_hvp", AT, moved)
    assert same(LINEAR.hvp({w: AT["w"], b: AT["b"], A: AT["A"], x: AT["x"]}, {w: moved["w"], b: moved["b"]}), want)
    loaded = sg.load(LINEAR.save(tmp_path))
    assert same(loaded.hvp(AT, moved), want) and same(pickle.loads(pickle.dumps(LINEAR)).hvp(AT, moved), want)
    assert same(loaded.jvp(AT, moved), LINEAR._call("_jvp", AT, moved))


@pytest.mark.parametrize("name", ["primals", "tangents", "kernel", "dtype", "dot_t", "found", "lambda"])
def test_inputs_may_be_called_as_the_short_way_calls_its_own(name):
    own, t = sp.Symbol(name, real=True), sp.IndexedBase("t", shape=(n,))
    f = sg.compile(sp.Sum(sp.exp(own * t[i]) * t[i], (i, 0, n - 1)), wrt=[own, t])
    at, moved = {name: 0.5, "t": draw(4)}, {name: 1.5, "t": draw(4, seed=3)}
    assert along(f, "hvp", at, moved) is not None
    assert same(f.hvp(at, moved), f._call("_hvp", at, moved)) and same(f.jvp(at, moved), f._call("_jvp", at, moved))
