"""Walks over samples: stages, blocks, buffers and threads change no result, and memory does not grow with the samples."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import subprocess
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.errors import InputError, OptionError
from symgrad.gallery.models import MODELS
from symgrad.runtime import blocks
from symgrad.runtime.special.circular import _sincos

n, d = sp.symbols("n d", integer=True, positive=True)
i, j, k = sp.symbols("i j k", integer=True)
x, t = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("t", shape=(n,))
w, v = sp.IndexedBase("w", shape=(d,)), sp.IndexedBase("v", shape=(n,))
z, s = sp.IndexedBase("z"), sp.IndexedBase("s")
m = sp.Symbol("m")
SCORE = (z[i], sp.Sum(x[i, j] * w[j], (j, 0, d - 1)))
MANY = 400_000


def rmse():
    return sg.compile(sp.sqrt(sp.Sum((z[i] - t[i])**2, (i, 0, n - 1)) / n), wrt=w, where=[SCORE])


def normalised():
    """A score whose mean and variance over the samples are taken out: two walks before the last."""
    mean, variance = sp.Symbol("mean"), sp.Symbol("variance")
    return sg.compile(
        sp.Sum((s[i] - t[i])**2, (i, 0, n - 1)) / n, wrt=w,
        where=[SCORE, (mean, sp.Sum(z[i], (i, 0, n - 1)) / n), (variance, sp.Sum((z[i] - mean)**2, (i, 0, n - 1)) / n),
               (s[i], (z[i] - mean) / sp.sqrt(variance + sp.Rational(1, 10)))])


def attention():
    """A softmax over the samples."""
    weight = sp.IndexedBase("weight")
    return sg.compile(sp.Sum(weight[i] * t[i], (i, 0, n - 1)), wrt=w,
                      where=[SCORE, (weight[i], sp.exp(z[i]) / sp.Sum(sp.exp(z[k]), (k, 0, n - 1)))])


def logistic():
    return sg.compile(sp.Sum(sp.log(1 + sp.exp(-t[i] * z[i])), (i, 0, n - 1)), wrt=w, where=[SCORE])


def chained():
    return sg.compile(sp.Sum(100 * (v[i + 1] - v[i]**2)**2 + (1 - v[i])**2, (i, 0, n - 2)), wrt=v)


def waves():
    a, b = sp.symbols("a b")
    return sg.compile(sp.Sum((a * sp.sin(b * t[i]) + sp.cos(b * t[i]))**2, (i, 0, n - 1)) / n, wrt=[a, b])


def scattered():
    """The root of a mean of squares of what is cheap to make again: two walks, and nothing is kept in between."""
    a = sp.Symbol("a")
    return sg.compile(sp.sqrt(sp.Sum((sp.exp(a * t[i]) - 1)**2, (i, 0, n - 1)) / n), wrt=a)


def far_apart():
    """Two shifts of one array that lie further apart than a block is wide."""
    return sg.compile(sp.Sum((v[i + 150_000] - v[i])**2 * v[i], (i, 0, n - 150_001)), wrt=v)


BUILT = {"root mean square": rmse, "normalised over samples": normalised, "softmax over samples": attention, "logistic": logistic,
         "chained": chained, "waves": waves, "far apart": far_apart}


def point(f, count: int) -> dict:
    rng = np.random.default_rng(3)
    shapes = {"x": (count, 4), "w": (4,), "t": (count,), "v": (count,), "a": (), "b": ()}
    return {name: rng.normal(size=shapes[name]) for name in f.arguments}


def results(f, at: dict) -> list[np.ndarray]:
    moved = {name: np.cos(np.arange(np.size(at[name]))).reshape(np.shape(at[name])) for name in f.wrt}
    value, grads = f.value_and_grads(**at)
    product = f.hvp(at, moved)
    return [value, *grads.values(), *(product if isinstance(product, tuple) else (product,)), f.jvp(at, moved)[1]]


@pytest.mark.parametrize("name", BUILT)
def test_blocks_on_any_number_of_threads_are_flat_code_to_rounding(name):
    f = BUILT[name]()
    at = point(f, 6 * 65536 + 17)
    flat, one, three = (results(f.with_options(**options), at) for options in ({"style": "flat"}, {"threads": 1}, {"threads": 3}))
    for a, b, c in zip(flat, one, three, strict=True):
        np.testing.assert_array_equal(b, c)
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-9 * float(np.max(np.abs(a))))


@pytest.mark.parametrize("name", BUILT)
def test_a_plan_says_how_many_walks_there_are(name):
    f = BUILT[name]()
    walks = {"normalised over samples": 3, "softmax over samples": 2}.get(name, 1)
    said = f.plan("value")
    assert said.count("    block ") == walks and "numbers a sample" in said and "operations" in said
    assert "Plan: " in f.source


def test_what_costs_a_matrix_product_is_kept_and_all_else_is_made_again():
    assert "read        z, kept because it costs a matrix product" in normalised().plan("value")
    assert "kept because" not in waves().plan("value_and_grad")


def test_a_plan_of_a_scalar_model_has_no_samples():
    y = sp.Symbol("y")
    assert "no axis of samples" in sg.compile(sp.exp(y)**2, wrt=y).plan()
    with pytest.raises(OptionError, match="one of value"):
        sg.compile(sp.exp(y)**2, wrt=y).plan("gradient")


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, "two"])
def test_a_wrong_number_of_threads_is_refused(bad):
    with pytest.raises(OptionError, match="whole number of at least 1"):
        logistic().with_options(threads=bad)


def test_a_saved_module_keeps_its_threads_and_the_environment_decides_where_none_were_asked_for(tmp_path, monkeypatch):
    y = sg.compile(sp.Sum(sp.exp(t[i]), (i, 0, n - 1)), wrt=t, name="exponentials")
    asked = sg.load(y.with_options(threads=3).save(tmp_path))
    assert asked._namespace["_threads"]() == 3
    monkeypatch.setenv("SYMGRAD_THREADS", "5")
    free = sg.load(y.save(tmp_path))
    assert free._namespace["_threads"]() == 5
    for bad in ("many", "0", "-2", "1.5"):
        monkeypatch.setenv("SYMGRAD_THREADS", bad)
        with pytest.raises(InputError, match=r"SYMGRAD_THREADS is .*whole number"):
            free.value(t=np.zeros(MANY))
    monkeypatch.delenv("SYMGRAD_THREADS")
    assert 1 <= free._namespace["_threads"]() <= (os.cpu_count() or 1)


def test_calls_from_many_threads_at_once_give_the_same_bits():
    f = logistic()
    at = point(f, MANY)
    want = f.grad(**at)
    with ThreadPoolExecutor(6) as pool:
        for got in pool.map(lambda _: f.grad(**at), range(12)):
            np.testing.assert_array_equal(got, want)


def _gradient_in_child(queue, at) -> None:
    queue.put(FORKED.grad(**at))


FORKED = logistic()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks exist on POSIX systems only")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_makes_workers_of_its_own():
    f = FORKED.with_options(threads=2)
    at = point(f, MANY)
    want = FORKED.grad(**at)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_gradient_in_child, args=(queue, at))
    child.start()
    np.testing.assert_array_equal(queue.get(timeout=60), want)
    child.join()
    assert child.exitcode == 0


def test_blas_has_as_many_threads_afterwards_as_before():
    f = logistic()
    f.grad(**point(f, MANY))
    state = blocks._shared()
    assert state["inside"] == 0
    if not state["blas"]:
        pytest.skip("NumPy's BLAS is not an OpenBLAS")
    get, put = state["blas"]
    assert isinstance(get, ctypes._CFuncPtr)
    before = get()
    put(1)
    f.grad(**point(f, MANY))
    assert get() == 1
    put(before)


@pytest.mark.parametrize("name", ["made again", "logistic", "waves"])
def test_memory_above_the_inputs_does_not_grow_with_the_samples(name):
    f = {**BUILT, "made again": scattered}[name]().with_options(threads=1)
    peaks = []
    for count in (8 * 65536, 24 * 65536):
        at = {key: value if value.ndim < 2 else value.astype(float) for key, value in point(f, count).items()}
        f.value_and_grad(**at)
        tracemalloc.start()
        f.value_and_grad(**at)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] + 100_000


def test_results_are_fresh_and_inputs_untouched():
    f = chained()
    at = point(f, MANY)
    before = at["v"].copy()
    first = f.grad(**at)
    kept = first.copy()
    f.grad(v=at["v"] + 1)
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(at["v"], before)


def test_a_label_out_of_range_is_named_from_inside_a_block():
    label = sp.IndexedBase("label", shape=(n,))
    f = sg.compile(sp.Sum(sp.exp(w[label[i]]), (i, 0, n - 1)), wrt=w)
    at = {"w": np.zeros(3), "label": np.zeros(MANY, int)}
    assert f.value(**at) == MANY
    at["label"][-1] = 7
    with pytest.raises(ValueError, match="label"):
        f.value(**at)


@pytest.mark.parametrize("taken", ["first", "last", "width", "block_1", "room_1", "u_1", "x_part"])
def test_inputs_may_have_the_names_that_blocks_are_written_with(taken):
    own = sp.IndexedBase(taken, shape=(n,))
    f = sg.compile(sp.Sum(sp.exp(own[i] * t[i])**2, (i, 0, n - 1)), wrt=own)
    at = {taken: np.linspace(-1, 1, 7), "t": np.linspace(0, 2, 7)}
    np.testing.assert_allclose(f.grad(**at), 2 * at["t"] * np.exp(2 * at[taken] * at["t"]), rtol=1e-14)


@pytest.mark.parametrize("model", list(MODELS))
def test_a_saved_module_runs_alone_on_threads(model, tmp_path):
    f = MODELS[model]()
    path = f.save(tmp_path)
    environment = {**os.environ, "SYMGRAD_THREADS": "2"}
    done = subprocess.run([sys.executable, "-W", "error", str(path)], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0 and "WRONG" not in done.stdout, done.stderr


def test_sine_and_cosine_together_are_good_to_two_and_a_half_ulp():
    rng = np.random.default_rng(5)
    quarters = np.arange(-3000, 3000) * (np.pi / 2)
    points = np.concatenate([rng.uniform(-20, 20, 3000), rng.uniform(-1e5, 1e5, 3000) * 0.999, quarters, np.nextafter(quarters, 1e9), [0.0, -0.0, 5e-324, 1e-300]])
    sine, cosine = _sincos(points, *np.empty((4, *points.shape)))
    with mpmath.workprec(200):
        for angle, one, other in zip(points.tolist(), sine.tolist(), cosine.tolist(), strict=True):
            for got, right in ((one, mpmath.sin(angle)), (other, mpmath.cos(angle))):
                assert abs(mpmath.mpf(got) - right) <= 2.5 * float(np.spacing(abs(float(right)))), angle


@pytest.mark.parametrize("odd", [np.inf, np.nan, 3e12])
def test_sine_and_cosine_of_large_angles_are_numpys(odd):
    points = np.linspace(-3, 3, 5000)
    points[17] = odd
    with np.errstate(invalid="ignore"):
        sine, cosine = _sincos(points, *np.empty((4, *points.shape)))
        np.testing.assert_array_equal(sine, np.sin(points))
        np.testing.assert_array_equal(cosine, np.cos(points))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only some systems let a process choose its cores")
def test_workers_have_a_core_each_where_there_is_one_for_every_core():
    cores = os.sched_getaffinity(0)

    def met(barrier: threading.Barrier) -> set[int]:
        barrier.wait()
        return os.sched_getaffinity(0)

    for threads in (len(cores), len(cores) + 1):
        pool, barrier = blocks._pool(threads), threading.Barrier(threads)
        own = [task.result() for task in [pool.submit(met, barrier) for _ in range(threads)]]
        wanted = [{core} for core in sorted(cores)] if threads == len(cores) else [cores] * threads
        assert sorted(own, key=sorted) == wanted
    assert os.sched_getaffinity(0) == cores


@pytest.mark.parametrize(("count", "weight"), [(100_000, 19), (1_000_000, 12), (10**7, 19), (3_000, 10_000), (10**6, 2), (2049, 2000)])
def test_blocks_fit_the_cache_and_are_alike(count, weight):
    width = blocks._width(count, weight)
    pieces = -(-count // width)
    assert width % 64 == 0 and (width * weight <= 1.1 * blocks._CACHE or width <= blocks._NARROW)
    assert pieces * width - count < width and pieces % 4 == 0


@pytest.mark.parametrize("shifts", [(0, 1), (1, 0), (1, 3), (0, 2, 5), (2,), (0, 64), (0, 70), (3, 3, 4), (5, 2, 0)], ids=str)
@pytest.mark.parametrize("count", [0, 1, 3, 70, 1000])
def test_shifted_places_are_written_once_whatever_the_blocks_are(shifts, count):
    """Products of shifted elements, some of them squared, so that what is placed comes as rows, as scaled rows, and summed."""
    last = n - max(shifts) - 1
    terms = [(k + 1) * v[i + shift] ** (1 + k % 2) * t[i] for k, shift in enumerate(shifts)]
    f = sg.compile(sp.Sum(sum(terms) ** 2 + terms[0], (i, 0, last)), wrt=v)
    rng = np.random.default_rng(len(shifts))
    at = {"v": rng.normal(size=count + max(shifts)), "t": rng.normal(size=count + max(shifts))}
    moved = {"v": rng.normal(size=count + max(shifts))}
    flat = f.with_options(style="flat")
    wanted = [*flat.value_and_grad(**at), flat.hvp(at, moved)]
    for threads, sizes in ((1, {}), (1, {"_LITTLE": 0}), (3, {"_CACHE": 1, "_NARROW": 5, "_WIDE": 7, "_LINE": 1, "_SHARES": 1, "_CHUNKS": 3, "_WORTH": 0, "_LITTLE": 0})):
        own = f.with_options(threads=threads)
        own._namespace.update(sizes)
        for got, want in zip([*own.value_and_grad(**at), own.hvp(at, moved)], wanted, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-11 * np.max(np.abs(want), initial=1))


def test_a_shift_that_places_the_same_number_for_all_samples():
    f = sg.compile(sp.Sum(v[i + 1] + v[i] * v[i + 2], (i, 0, n - 3)), wrt=v)
    np.testing.assert_array_equal(f.grad(v=np.arange(5.0)), [2, 4, 5, 2, 2])
