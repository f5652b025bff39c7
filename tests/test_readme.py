"""The README tells the truth: its Python blocks run in order, and each prints the text block that follows it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from symgrad.cli import main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(README)


def program() -> tuple[str, list[str]]:
    """The Python blocks as one program that marks where each begins, and the output each should have."""
    parts, outputs = [], []
    for (language, text), (after, output) in zip(BLOCKS, [*BLOCKS[1:], ("", "")], strict=True):
        if language == "python":
            parts.append(f'print("#### block")\n{text}')
            outputs.append(output if after == "text" else "")
    return "\n".join(parts), outputs


def test_the_python_blocks_print_what_stands_below_them(tmp_path):
    code, wanted = program()
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split("#### block\n")[1:]
    assert len(printed) >= 2
    assert printed == wanted


def test_the_first_example_is_short():
    first = next(text for language, text in BLOCKS if language == "python")
    assert len(first.splitlines()) <= 25


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\b((?:scripts|generated|symgrad|tests)/[\w/.]*\w)", README))))
def test_the_files_that_it_names_are_there(name):
    assert (ROOT / name).exists()


def test_the_commands_that_it_names_exist(capsys):
    shell = "".join(text for language, text in BLOCKS if language == "sh")
    commands = sorted(set(re.findall(r"^symgrad (\w+)", shell, re.MULTILINE)))
    assert commands == ["accuracy", "check", "compile", "demo", "gallery", "graph", "plan", "table"]
    for command in commands:
        with pytest.raises(SystemExit) as end:
            main([command, "--help"])
        assert end.value.code == 0
    assert "usage" in capsys.readouterr().out


def test_the_generated_code_that_it_shows_is_the_committed_code():
    shown = [text for language, text in BLOCKS if language == "py"]
    assert shown
    for text in shown:
        assert any(text in path.read_text(encoding="utf-8") for path in (ROOT / "generated").glob("*.py"))
