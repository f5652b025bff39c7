"""scripts/bench at tiny sizes: the hand-written code is right, failures stay in their cell, and the table is printed.  No times."""

from __future__ import annotations

import ast
import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from marks import but_slow
from scipy.special import expit, log_softmax, logsumexp

import symgrad as sg

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
sys.path.append(str(SCRIPTS))

from benchmarks import contenders, measure, memory, process, profile, report, settings, threads  # noqa: E402  they lie beside the scripts
from benchmarks.contenders import HAND, OWN  # noqa: E402
from benchmarks.peers import own, tuned, with_sympy  # noqa: E402
from benchmarks.workload import DIRECTION, GRADIENT, HESSIAN, disagreement, flattened  # noqa: E402
from benchmarks.workloads import ALL, chosen, regressions  # noqa: E402

DISTINCT = list({(one.declare, one.kind, one.single): one for one in ALL.values()}.values())
"""One of those that differ in their sizes only."""

NUMPY = SimpleNamespace(
    **{name: getattr(np, name) for name in ("exp", "log", "tanh", "cos", "sqrt", "sum", "mean", "arange", "swapaxes", "shape")},
    relu=lambda x: np.maximum(x, 0), sigmoid=expit, log_sigmoid=lambda x: -np.logaddexp(0, -x), softplus=lambda x: np.logaddexp(0, x),
    log_softmax=lambda x: log_softmax(x, axis=-1), logsumexp=logsumexp, constant=np.asarray)

by_workload = pytest.mark.parametrize("workload", DISTINCT, ids=lambda one: one.name)


@by_workload
def test_symgrad_agrees_with_the_code_written_by_hand(workload):
    inputs = workload.data(small=True)
    found, expected = (flattened(prepare(workload, inputs)()) for prepare in (own.symgrad, own.by_hand))
    assert disagreement(found, expected) is None
    assert {part.dtype for part in found} == {np.dtype(np.float32 if workload.single else np.float64)}


@pytest.mark.parametrize("workload", [one for one in DISTINCT if tuned.has(one)], ids=lambda one: one.name)
@pytest.mark.parametrize("calls", [1, 2])
def test_code_tuned_by_hand_agrees_whenever_it_is_called(workload, calls):
    inputs = workload.data(small=True)
    call = tuned.prepare(workload, inputs)
    found = [flattened(call()) for _ in range(calls)][-1]
    assert disagreement(found, flattened(own.by_hand(workload, inputs)())) is None


@pytest.mark.parametrize("workload", [one for one in DISTINCT if one.kind == GRADIENT and not one.single], ids=lambda one: one.name)
def test_the_code_written_by_hand_agrees_with_differences(workload):
    inputs = workload.data(small=True)
    _, *gradients = workload.hand(*inputs.values())
    for name, gradient in zip(workload.wrt, gradients, strict=True):
        numeric = sg.numeric_gradient(lambda **given: workload.hand(*(given[key] for key in inputs))[0], inputs, name)
        np.testing.assert_allclose(gradient, numeric, rtol=1e-6, atol=1e-6 * np.abs(numeric).max(), err_msg=name)


def test_the_curvature_written_by_hand_agrees_with_differences_of_gradients():
    hessian, product = ALL["hessian"], ALL["rosenbrock-product"]
    x, y, w, penalty = hessian.data(small=True).values()
    step = 1e-5 * np.eye(len(w))
    slope = lambda w: regressions.logistic_by_hand(x, y, w, 0.0, penalty)[1]  # noqa: E731
    np.testing.assert_allclose(hessian.hand(x, y, w, penalty), [(slope(w + e) - slope(w - e)) / 2e-5 for e in step], rtol=1e-7, atol=1e-9)
    x, v = product.data(small=True).values()
    difference = (ALL["rosenbrock"].hand(x + 1e-5 * v)[1] - ALL["rosenbrock"].hand(x - 1e-5 * v)[1]) / 2e-5
    np.testing.assert_allclose(product.hand(x, v), difference, rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize("workload", [one for one in DISTINCT if one.kind == GRADIENT], ids=lambda one: one.name)
def test_the_formula_of_the_array_libraries_is_the_loss(workload):
    inputs = workload.data(small=True)
    np.testing.assert_allclose(workload.formula(NUMPY, **inputs), workload.hand(*inputs.values())[0], rtol=1e-5 if workload.single else 1e-12)


@pytest.mark.parametrize("workload", [one for one in DISTINCT if one.term], ids=lambda one: one.name)
def test_the_term_of_the_scalar_libraries_is_the_loss_of_a_sample(workload):
    inputs = workload.data(small=True)
    assert disagreement(flattened(with_sympy.prepare(workload, inputs)()), flattened(own.by_hand(workload, inputs)())) is None


@pytest.mark.parametrize("peer", contenders.PEERS, ids=lambda one: one.name)
def test_an_installed_peer_agrees(peer):
    workload = ALL["curve-1e2"]
    if not peer.installed():
        pytest.skip(f"{peer.library} is not installed")
    inputs = workload.data(small=True)
    assert disagreement(flattened(peer.load()(workload, inputs)()), flattened(own.by_hand(workload, inputs)())) is None


def test_every_workload_names_what_it_derives_towards():
    for workload in ALL.values():
        inputs = workload.data(small=True)
        assert set(workload.wrt) <= set(inputs) and (workload.kind == HESSIAN or DIRECTION not in workload.wrt)
        assert all(contender.place.count(":") == 1 for contender in contenders.ALL.values())


# ---------------------------------------------------------------------- failures stay where they happen


def test_a_result_that_is_off_is_named():
    right = [np.array(2.0), np.array([1.0, 3.0])]
    assert disagreement(right, right) is None
    assert "off by 3.3e-01" in disagreement([np.array(2.0), np.array([2.0, 3.0])], right)
    assert "shape (2,)" in disagreement([np.array([2.0, 2.0]), right[1]], right)
    assert "off by nan" in disagreement([np.array(np.nan), right[1]], right)
    assert "1 results, 2 expected" in disagreement(right[:1], right)


@pytest.mark.parametrize("function, argument, limit, said", [
    (os._exit, 3, 60.0, "ended with code 3"), (time.sleep, 60, 5.0, "no answer within 5 s"), (int, "x", 60.0, "ValueError: invalid literal")])
def test_a_process_that_dies_hangs_or_raises_is_a_failure_in_words(function, argument, limit, said):
    with pytest.raises(process.Failure, match=said):
        process.fresh(function, argument, limit=limit)


def test_whoever_is_wrong_is_not_timed_and_is_shown_as_wrong():
    cells = {name: measure.Cell(name) for name in (HAND, OWN, "jax")}
    measure._judge(cells, {HAND: [np.array(1.0)], OWN: [np.array(1.0)], "jax": [np.array(2.0)]})
    cells[HAND].samples, cells[OWN].samples = [2e-3, 4e-3, 3e-3], [1.5e-3]
    row = measure.Row(ALL["mixture-1e6"], cells)
    bench = report.Bench([contenders.ALL[name] for name in cells], ["a machine"], [row])
    line = next(line for line in report.markdown(bench).splitlines() if "mixture-1e6:" in line)
    assert "3 ms (1.00) | 1.5 ms (0.50)" in line and "missed" in line and "wrong: result 0 is off by 1.0e+00" in line
    assert report.record(bench)["rows"][0]["contenders"]["jax"]["failure"].startswith("wrong")


def test_without_a_reference_nobody_is_timed():
    cells = {OWN: measure.Cell(OWN)}
    measure._judge(cells, {OWN: [np.array(1.0)]})
    assert "no reference" in cells[OWN].failure and measure._sample(cells[OWN], SimpleNamespace(), 1, 1.0) is None


# ---------------------------------------------------------------------- the script


def test_variables_that_force_a_kernel_or_threads_are_dropped_and_named():
    environment = {"OPENBLAS_CORETYPE": "Haswell", "OMP_NUM_THREADS": "1", "HOME": "/home/someone"}
    assert settings.clear(environment) == ["OMP_NUM_THREADS=1", "OPENBLAS_CORETYPE=Haswell"]
    assert environment == {"HOME": "/home/someone"}


def test_workloads_are_chosen_by_name_or_by_what_names_begin_with():
    assert [one.name for one in chosen(["mixture"])] == ["mixture-1e3", "mixture-1e4", "mixture-1e5", "mixture-1e6"]
    assert [one.name for one in chosen(["point", "curve-1e4"])] == ["point", "curve-1e4"] and len(chosen([])) == len(ALL)
    with pytest.raises(ValueError, match="mix;"):
        chosen(["mix"])


def test_memory_counts_the_temporaries_of_the_code_written_by_hand():
    assert memory.traced(HAND, 10_000) > 5 * 10_000 * 8 and memory.traced(OWN, 1_000) > 0


def test_one_thread_and_two_are_compared_where_threads_are_an_option():
    said = threads.compared("curve-1e6", small=True)
    known = "threads" in importlib.import_module("symgrad.compiler").Options.__dataclass_fields__
    assert said == "equal bits" if known else "no option threads" in said


def bench(*arguments: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "SYMGRAD_VENV": sys.prefix, "OPENBLAS_CORETYPE": "Haswell", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run([sys.executable, str(SCRIPTS / "bench"), *arguments], capture_output=True, encoding="utf-8", check=False, env=environment)


def test_the_script_prints_and_writes_its_tables(tmp_path):
    done = bench("point", "curve-1e2", "--small", "--rounds", "3", "--seconds", "0.1", "--no-peers", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "point: scalar logistic loss" in done.stdout and "OPENBLAS_CORETYPE=Haswell" in done.stdout and "tiny sizes" in done.stdout
    written = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in written["rows"]] == ["point", "curve-1e2"]
    assert all(cell["failure"] is None and cell["median"] > 0 for row in written["rows"] for cell in row["contenders"].values())
    assert "## Time of a call" in (tmp_path / "bench.md").read_text(encoding="utf-8") and (tmp_path / "bench.svg").exists()


LONG = ("batch-norm", "full-mixture", "mixture-1e6", "curve-1e6")
"""Workloads whose Hessians take long to write."""


@pytest.mark.parametrize("workload", but_slow(DISTINCT, [one for one in DISTINCT if one.name in LONG]), ids=lambda one: one.name)
def test_a_profile_is_of_all_that_a_call_does(workload):
    found = profile.profiled(workload.name, small=True)
    assert found.total == pytest.approx(sum(found.kinds.values())) and all(seconds >= 0 for seconds in found.kinds.values())
    assert found.calls > 3 or workload.name == "point"


def test_statements_are_known_by_what_they_call():
    lines = {"u = np.exp(x, out=u)": profile.FUNCTIONS, "a = W @ h": profile.PRODUCTS, "s = e.dot(r)": profile.SUMS, "a[:3] += b": profile.ARITHMETIC,
             "np.multiply(2, x, out=x)": profile.ARITHMETIC, "z = _blocks(block_1, room_1, n, 3)": None, "p = x[1:2]": None}
    assert {line: profile._kind(ast.parse(line).body[0]) for line in lines} == lines


def test_profiles_have_a_table_of_their_own(tmp_path):
    done = bench("curve-1e2", "--profile", "--small", "--no-peers", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert "Time of a call" not in text and "| curve-1e2 | " in text and "| calls of NumPy |" in text
    assert json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))["profiles"][0]["calls"] > 20


@pytest.mark.slow
def test_chains_have_a_table_of_their_own(tmp_path):
    done = bench("--chains", "--small", "--no-peers", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert "Time of a call" not in text and "## Compile time of a scalar chain" in text and "| 1,000 | " in text


@pytest.mark.slow
def test_memory_and_threads_have_tables_of_their_own(tmp_path):
    done = bench("--memory", "--small", "--no-peers", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert "## Peak memory above the inputs, mixture" in text and "## One thread against two" in text and "DIFFERENT" not in text


def test_memory_and_verdicts_are_shown_in_units_and_words():
    shown = report.markdown(report.Bench([], [], peaks=[memory.Peak(10_000, {HAND: 3 * 2**20, OWN: "MemoryError"})], verdicts={"point": "equal bits"}))
    assert "| 10,000 | 3.00 MiB | MemoryError |" in shown and "| point | equal bits |" in shown


def test_a_name_that_does_not_exist_is_an_error():
    done = bench("nothing", "--no-peers")
    assert done.returncode == 2 and "no workload is called nothing" in done.stderr
