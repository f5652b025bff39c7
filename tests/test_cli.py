"""The command line: each command on a file of declarations, its exit codes, and its messages."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check import accuracy
from symgrad.cli import commands, main, parser
from symgrad.cli.points import exact, parse_point, read_arrays
from symgrad.errors import InputError

LECTURE = """
import sympy as sp
import symgrad as sg
W, X, y = sp.symbols("W X y", real=True)
logistic_a = sg.compile(-y*sp.log(1/(1 + sp.exp(-W*X))), wrt=W, name="logistic_a")
"""

SEVERAL = LECTURE + """
n, d = sp.symbols("n d", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
x, w, t = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("w", shape=(d,)), sp.IndexedBase("t", shape=(n,))
line = sg.compile(sp.Sum((sp.Sum(w[j]*x[i, j], (j, 0, d-1)) - t[i])**2, (i, 0, n-1)), wrt=w, name="regression")
same = line
"""

AT = ["--at", "W=3", "--at", "X=3", "--at", "y=1"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with two files of declarations, as the working directory."""
    (tmp_path / "lecture.py").write_text(LECTURE)
    (tmp_path / "several.py").write_text(SEVERAL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def out(capsys, *arguments: str, code: int = 0) -> str:
    """What a command prints, after its exit code was compared; errors stand on stderr alone."""
    assert main(arguments) == code
    printed = capsys.readouterr()
    assert bool(printed.err) == (code == 2) and not (code == 2 and printed.out)
    return printed.err if code == 2 else printed.out


def test_help_and_version_import_no_sympy():
    code = ("import sys\nfrom symgrad.cli.parser import build\nbuild().format_help()\n"
            "print('sympy' in sys.modules, 'numpy' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False False\n"


def test_the_grammar_says_what_the_commands_know():
    assert (tuple(commands.FORMATS), tuple(commands.PICTURES), accuracy.POINTS) == (parser.TABLES, parser.PICTURES, parser.POINTS)


# ---------------------------------------------------------------- table and graph

@pytest.mark.parametrize("point", [AT, ["--at", "W=3", "X=3", "y=1"]])
def test_the_table_at_the_point(folder, capsys, point):
    text = out(capsys, "table", "lecture.py:logistic_a", *point, "--mode", "forward", "--format", "md")
    assert "0.00037018" in text and text.count("|") > 30


def test_the_name_may_be_left_out_where_there_is_one(folder, capsys):
    assert out(capsys, "table", "lecture.py") == out(capsys, "table", "lecture.py:logistic_a")


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("format, sign", [("text", "-0.000370"), ("md", "|---"), ("latex", r"\begin{"), ("html", "<table"), ("json", '"rows"')])
def test_every_format(folder, capsys, format, sign, mode):
    text = out(capsys, "table", "lecture.py", *AT, "--mode", mode, "--format", format)
    if format == "json":
        assert len(json.loads(text)["rows"]) == 6
    elif format != "text" or mode == "forward":
        assert sign in text


def test_stage_and_level_are_handed_on(folder, capsys):
    declared, compiled = (out(capsys, "table", "lecture.py", "--stage", stage, "--format", "json") for stage in ("declared", "compiled"))
    assert len(json.loads(declared)["rows"]) == 6 and declared != compiled
    assert len(json.loads(out(capsys, "table", "lecture.py", "--level", "named", "--format", "json"))["rows"]) == 1


def test_the_graph_is_printed_or_written(folder, capsys):
    assert "<svg" in out(capsys, "graph", "lecture.py", *AT)
    assert out(capsys, "graph", "lecture.py", "--format", "mermaid").startswith(("graph", "flowchart"))
    assert out(capsys, "graph", "lecture.py", "-o", "made/loss.svg").strip() == str(Path("made/loss.svg"))
    assert "<svg" in (folder / "made" / "loss.svg").read_text(encoding="utf-8")


# ---------------------------------------------------------------- compile and check

def test_compile_writes_every_model(folder, capsys):
    text = out(capsys, "compile", "several.py")
    assert sorted(path.name for path in (folder / "generated").iterdir()) == ["logistic_a.py", "regression.py"]
    assert str(Path("generated/regression.py")) in text
    f = sg.load(folder / "generated" / "regression.py")
    np.testing.assert_allclose(f.grad(w=np.ones(2), x=np.eye(2), t=np.zeros(2)), [2.0, 2.0])


@pytest.mark.parametrize("name", ["line", "regression"])
def test_compile_one_model_by_variable_or_name_and_style(folder, capsys, name):
    out(capsys, "compile", f"several.py:{name}", "-o", "code", "--style", "flat")
    (path,) = (folder / "code").iterdir()
    assert path.name == "regression.py"


def test_compile_writes_nothing_where_one_model_cannot_be_written(folder, capsys):
    (folder / "bad.py").write_text(LECTURE + "nameless = sg.compile(W**2, wrt=W)\n")
    assert "name" in out(capsys, "compile", "bad.py", code=2)
    assert not (folder / "generated").exists()


def test_check_at_the_built_in_point_and_at_a_given_one(folder, capsys):
    assert "logistic_a" in out(capsys, "check", "lecture.py") and "regression" in out(capsys, "check", "several.py")
    assert "ok" in out(capsys, "check", "lecture.py", "--at", "W=1/3", "X=1.2", "y=1")


def test_check_with_arrays(folder, capsys):
    np.savez(folder / "data.npz", x=np.arange(6.0).reshape(3, 2), t=np.ones(3))
    assert "ok" in out(capsys, "check", "several.py:line", "--data", "data.npz", "--at", "w=[0.5, -1]")
    assert "w" in out(capsys, "check", "several.py:line", "--data", "data.npz", code=2)


def test_check_of_a_wrong_gradient_is_1(folder, capsys):
    (folder / "wrong.py").write_text(LECTURE + textwrap.dedent("""
        bent = sg.register_function("bent_for_the_command_line", numpy="np.sin({0})", partials=lambda a: (2*sp.cos(a),), check=False)
        wrong = sg.compile(bent(W), wrt=W, name="wrong")
        """))
    assert "wrong" in out(capsys, "check", "wrong.py", code=1)


# ---------------------------------------------------------------- mistakes

def test_mistakes_get_one_message_and_exit_code_2(folder, capsys):
    (folder / "empty.py").write_text("x = 1\n")
    (folder / "syntax.py").write_text("x = (\n")
    (folder / "raises.py").write_text("\n\n1/0\n")
    (folder / "ends.py").write_text("raise SystemExit(3)\n")
    (folder / "declares.py").write_text(LECTURE + "bad = sg.compile(W**2, wrt='Q')\n")
    (folder / "text.npz").write_text("no archive")
    np.save(folder / "single.npy", np.ones(3))
    np.savez(folder / "objects.npz", W=np.array([{}], dtype=object))
    for arguments, words in [
        (["table", "missing.py"], ["missing.py"]),
        (["table", "empty.py"], ["empty.py", "compile"]),
        (["table", "syntax.py"], ["syntax.py", "line 1"]),
        (["table", "raises.py"], ["raises.py", "line 3", "ZeroDivisionError"]),
        (["table", "ends.py"], ["ends.py", "__main__"]),
        (["table", "declares.py"], ["Q"]),
        (["table", "several.py"], ["logistic_a", "line"]),
        (["table", "several.py:other"], ["other", "logistic_a", "line"]),
        (["table", "lecture.py", "--at", "W"], ["NAME=VALUE"]),
        (["table", "lecture.py", "--at", "W=1", "W=2"], ["W", "twice"]),
        (["table", "lecture.py", "--at", "W=__import__('os').system('touch hacked')"], ["W", "number"]),
        (["table", "lecture.py", "--at", "W=[1,", "X=1"], ["W", "list"]),
        (["check", "lecture.py", "--data", "missing.npz"], ["missing.npz"]),
        (["check", "lecture.py", "--data", "text.npz"], ["text.npz"]),
        (["check", "lecture.py", "--data", "single.npy"], ["single.npy"]),
        (["check", "lecture.py", "--data", "objects.npz"], ["objects.npz"]),
        (["check", "lecture.py", "--at", "W=1"], ["X", "y"]),
        (["compile", "lecture.py", "-o", "lecture.py"], ["lecture.py"]),
    ]:
        message = out(capsys, *arguments, code=2)
        assert message.startswith("symgrad: ") and "Traceback" not in message
        assert all(word in message for word in words), (arguments, message)
    assert not (folder / "hacked").exists()


def test_a_generated_module_is_told_from_a_declaration(folder, capsys):
    out(capsys, "compile", "lecture.py")
    assert "python generated" in out(capsys, "check", str(Path("generated/logistic_a.py")), code=2)


def test_a_file_may_import_its_neighbours(folder, capsys):
    (folder / "deep").mkdir()
    (folder / "deep" / "neighbour_of_the_model.py").write_text(LECTURE)
    (folder / "deep" / "model.py").write_text("from neighbour_of_the_model import logistic_a\n")
    path = list(sys.path)
    assert "logistic_a" in out(capsys, "check", "deep/model.py")
    assert sys.path == path


# ---------------------------------------------------------------- points

def test_values_are_read_as_they_are_written():
    point = parse_point(["W=3", "p=1/3", "b=-0.5", "v=[1, 2.5]", "alpha beta=1e-3", "m=[[1,2],[3,4]]", "a=b=2"])
    assert point["W"] == 3 and isinstance(point["W"], int) and point["p"] == Fraction(1, 3) and point["b"] == -0.5
    assert point["alpha beta"] == 1e-3 and point["a=b"] == 2
    np.testing.assert_array_equal(point["v"], [1.0, 2.5])
    assert point["m"].shape == (2, 2)
    symbols = exact(point)
    assert symbols["W"] is sp.Integer(3) and symbols["p"] == sp.Rational(1, 3) and isinstance(symbols["b"], float)


@pytest.mark.parametrize("text", ["W", "=3", "W=", "W=one", "W=1/0", "W=[1,[2]]", "W=['a']", "W=[x]", "W=" + "9" * 5000,
                                  "W=" + "[" * 10_000, "W=1+1"])
def test_values_that_are_none_are_refused(text):
    with pytest.raises(InputError, match="--at"):
        parse_point([text])


def test_arrays_come_by_name(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.eye(2), y=np.arange(2))
    arrays = read_arrays(tmp_path / "a.npz")
    assert list(arrays) == ["x", "y"] and arrays["y"].dtype.kind == "i"


# ---------------------------------------------------------------- the program itself

def test_python_m_symgrad_and_the_version(folder):
    done = subprocess.run([sys.executable, "-m", "symgrad", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["symgrad", sg.__version__]
    done = subprocess.run([sys.executable, "-m", "symgrad", "check", "lecture.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "logistic_a" in done.stdout, done.stderr


@pytest.mark.parametrize("command", [[], ["compile"], ["table"], ["graph"], ["check"], ["demo"]])
def test_help_shows_examples(capsys, command):
    with pytest.raises(SystemExit) as end:
        main([*command, "--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0 and "symgrad" in text
    assert command == ["demo"] or text.count("symgrad table") + text.count(f"symgrad {' '.join(command)}") >= 3


def test_a_command_is_required(capsys):
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 2 and "COMMAND" in capsys.readouterr().err


def test_a_closed_pipe_is_no_error(folder):
    command = f"{sys.executable} -m symgrad table lecture.py --format html | true"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == ""
