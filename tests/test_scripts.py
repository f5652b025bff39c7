"""The scripts that need no network: generate, costs, curvature and longchain, run in the environment that runs the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"


def run(script: Path, *arguments: str) -> subprocess.CompletedProcess:
    """A script with this Python's environment in the place of .venv, so that nothing is installed."""
    return subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, "SYMGRAD_VENV": sys.prefix})


@pytest.fixture
def copy(tmp_path):
    """The scripts and the committed modules in a folder of their own."""
    shutil.copytree(SCRIPTS, tmp_path / "scripts")
    shutil.copytree(ROOT / "generated", tmp_path / "generated")
    shutil.copy(ROOT / "README.md", tmp_path)
    return tmp_path


@pytest.mark.slow  # makes all modules twice; whether they are up to date `.ci/run` asks, too
def test_the_committed_modules_are_up_to_date_and_a_changed_one_is_shown_and_written_anew(copy):
    path = copy / "generated" / "neuron.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("import numpy as np", "import numpy"), encoding="utf-8")
    (copy / "generated" / "stale.py").write_text("")
    done = run(copy / "scripts" / "generate", "--check")
    assert done.returncode == 1 and "\n-import numpy\n" in done.stdout and "\n+import numpy as np\n" in done.stdout and "stale" in done.stdout
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("+++ ")] == [str(path)], "run scripts/generate"
    assert path.read_text(encoding="utf-8") != text
    done = run(copy / "scripts" / "generate")
    assert done.returncode == 0 and path.read_text(encoding="utf-8") == text and not (copy / "generated" / "stale.py").exists(), done.stderr


@pytest.mark.parametrize("name", ["bench", "calls", "certify", "coefficients", "costs", "curvature", "generate", "longchain"])
def test_a_script_says_what_it_does(name):
    done = run(SCRIPTS / name, "--help")
    assert done.returncode == 0 and done.stdout.startswith("usage: ") and name in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
def test_costs_states_a_ratio_of_at_most_four():
    done = run(SCRIPTS / "costs")
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert "ratio" in head and len(lines) > 10
    ratio = head.index("ratio") + len("ratio")
    assert all(float(line[:ratio].split()[-1]) <= 4 for line in lines)


def test_calls_prints_what_a_call_costs_beside_other_code():
    done = run(SCRIPTS / "calls", "1")
    assert done.returncode == 0, done.stderr
    assert all(word in done.stdout for word in ("by hand", "by position", "by name", "kernel", "plumbing", "gaussian_mixture"))


def test_curvature_prints_a_line_a_model():
    done = run(SCRIPTS / "curvature", "--rounds", "1", "factorisation", "chain")
    assert done.returncode == 0 and [line.split()[0] for line in done.stdout.splitlines()] == ["model", "factorisation", "chain"], done.stderr


def test_longchain_prints_a_line_a_length():
    done = run(SCRIPTS / "longchain", "20", "40")
    names = ["chain", *2 * ["numbered", "recurrent", "vectors"]]
    assert done.returncode == 0 and [line.split()[0] for line in done.stdout.splitlines()] == names, done.stderr


@pytest.mark.parametrize("name", ["demo", "test", "generate", "costs", "calls", "curvature", "longchain", "bench", "certify", "../.ci/run"])
def test_scripts_can_be_started(name):
    path = SCRIPTS / name
    assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env ")
    assert os.name == "nt" or os.access(path, os.X_OK)
