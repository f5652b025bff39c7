"""The committed modules: up to date, importable, checked by themselves, and equal to what the compiler computes."""

from __future__ import annotations

import importlib.util
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import symgrad as sg
from symgrad.gallery import modules
from symgrad.gallery.models import MODELS

FOLDER = Path(__file__).resolve().parent.parent / "generated"

RUN_ALL = """
import contextlib, io, pathlib, runpy, sys
sys.modules.update(dict.fromkeys(["sympy", "symgrad", "scipy"]))
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    printed, code = io.StringIO(), 0
    with contextlib.redirect_stdout(printed):
        try:
            runpy.run_path(str(path), run_name="__main__")
        except SystemExit as end:
            code = end.code or 0
    print(path.stem, code, "WRONG" in printed.getvalue(), printed.getvalue().count(" ok\\n"))
"""
"""Runs every module of a folder in one process where neither SymPy nor symgrad can be imported."""


def flat(value: object) -> np.ndarray:
    """Numbers of a result, a tuple or a dict as one array."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
    return np.concatenate([flat(part) if isinstance(part, (tuple, dict)) else np.ravel(part) for part in parts])


def imported(name: str):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_is_one_module_a_model():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_the_module_is_up_to_date(name):
    assert (FOLDER / f"{name}.py").read_bytes().decode() == MODELS[name]().source, "run scripts/generate"


@pytest.mark.parametrize("name", MODELS)
def test_run_by_itself_it_says_what_it_is_and_checks_itself(name):
    done = subprocess.run([sys.executable, "-W", "error", str(FOLDER / f"{name}.py")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    model = MODELS[name]()
    assert name in done.stdout and "WRONG" not in done.stdout
    assert all(f"\n    {argument}" in done.stdout for argument in model.arguments)
    assert sum(line.endswith(" ok") for line in done.stdout.splitlines()) == len(model.wrt)


def test_the_entries_of_the_gallery_have_their_modules_up_to_date_and_checked_by_themselves():
    wanted = {name: compiled for name, compiled in modules().items() if compiled.name not in MODELS}
    assert {path.stem for path in (FOLDER / "gallery").glob("*.py")} == set(wanted)
    stale = [name for name, compiled in wanted.items() if (FOLDER / "gallery" / f"{name}.py").read_bytes().decode() != compiled.source]
    assert stale == [], "run scripts/generate"
    done = subprocess.run([sys.executable, "-W", "error", "-c", RUN_ALL, str(FOLDER / "gallery")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{name} 0 False {len(wanted[name].wrt)}" for name in sorted(wanted)]


def test_the_self_check_sees_a_wrong_gradient(tmp_path):
    text = (FOLDER / "linear_regression.py").read_text(encoding="utf-8")
    head, tail = text.split("def _vjp_kernel", 1)
    kernel, rest = tail.split("\ndef ", 1)
    before, returned = kernel.rsplit("    return ", 1)
    wrong = tmp_path / "wrong.py"
    wrong.write_text(f"{head}def _vjp_kernel{before}    return -{returned}\ndef {rest}", encoding="utf-8")
    done = subprocess.run([sys.executable, str(wrong)], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout.count("WRONG") == 1, done.stdout + done.stderr


@pytest.mark.parametrize("name", MODELS)
def test_imported_loaded_compiled_and_pickled_agree(name):
    compiled, module, loaded = MODELS[name](), imported(name), sg.load(FOLDER / f"{name}.py")
    at = compiled.example()
    want = flat(compiled.value_and_grad(**at))
    np.testing.assert_array_equal(flat(module.value_and_grad(**at)), want)
    for other in (loaded, pickle.loads(pickle.dumps(loaded)), pickle.loads(pickle.dumps(compiled))):
        np.testing.assert_array_equal(flat(other.value_and_grad(**at)), want)
        assert other.arguments == compiled.arguments and other.wrt == compiled.wrt


@pytest.mark.parametrize("name", MODELS)
def test_every_public_function_works_and_flat_style_agrees(name):
    module, model = imported(name), MODELS[name]()
    at, style = model.example(), model.with_options(style="flat")
    moved = {parameter: np.ones(np.shape(at[parameter])) for parameter in model.wrt}
    for call in ("value", "grad", "value_and_grad", "grads", "value_and_grads", "grad_forward", "jacobian", "hessian"):
        np.testing.assert_allclose(flat(getattr(module, call)(**at)), flat(getattr(style, call)(**at)), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(flat(module.jvp(at, moved)), flat(style.jvp(at, moved)), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(flat(module.hvp(at, moved)), flat(style.hvp(at, moved)), rtol=1e-11, atol=1e-13)
    cotangent = np.ones(np.shape(module.value(**at)))
    np.testing.assert_allclose(flat(module.vjp(cotangent, **at)), flat(module.grad(**at)), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(flat(module.grad_forward(**at)), flat(module.grad(**at)), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_saving_gives_the_same_bytes_and_overwrites(name, tmp_path):
    model = MODELS[name]()
    path = model.save(tmp_path / "new" / "folder")
    assert path == model.save(path.parent) and [file.name for file in path.parent.iterdir()] == [f"{name}.py"]
    assert path.read_bytes() == (FOLDER / f"{name}.py").read_bytes()


def test_a_module_refuses_a_wrong_input_with_its_own_error():
    module = imported("linear_regression")
    with pytest.raises(module.InputError, match=r"\by\b"):
        module.value(w=np.ones(2), b=0.0, x=np.ones((3, 2)), y=np.ones(4))
    with pytest.raises(sg.errors.InputError, match=r"\by\b"):
        sg.load(FOLDER / "linear_regression.py").value(w=np.ones(2), b=0.0, x=np.ones((3, 2)), y=np.ones(4))


def test_an_error_in_a_module_shows_its_own_file_and_line():
    """A module is a real file: a traceback points into it."""
    module = imported("linear_regression")
    with pytest.raises(ValueError) as caught:
        module.value(w=np.ones(2), b=0.0, x=np.ones((3, 2)), y=np.ones(4))
    assert str(caught.traceback[-1].path) == str(FOLDER / "linear_regression.py")


def test_loading_what_is_no_module_is_an_error(tmp_path):
    (tmp_path / "other.py").write_text("x = 1\n")
    with pytest.raises(sg.errors.InputError, match="other"):
        sg.load(tmp_path / "other.py")
    with pytest.raises(sg.errors.InputError, match="missing"):
        sg.load(tmp_path / "missing.py")
