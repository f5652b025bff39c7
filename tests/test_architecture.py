"""The order of the rooms, the two islands (SymPy here, NumPy there), and the independence of generated code."""

from __future__ import annotations

import ast
import os
import py_compile
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "symgrad"
FILES = sorted(PACKAGE.rglob("*.py"))
GENERATED = sorted((ROOT / "generated").glob("*.py"))

ROOMS = [
    {"errors", "version"}, {"runtime"}, {"graph"}, {"declare", "derive", "rewrite", "emit", "inspect"}, {"check"},
    {"compiler", "registration", "views", "testing"}, {"nn"}, {"optim"}, {"train"}, {"gallery"}, {"demo"}, {"cli"}, {"__main__"},
]
"""Each line may import the lines above it.  Siblings on one line do not import each other, except round the compiler."""
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}
CORRIDOR = {"compiler", "registration", "views", "testing"}

EXTRAS = {"matplotlib", "rich", "scipy", "sklearn"}
"""Optional libraries: imported inside the function that needs them."""

LARGEST_FILE = 600


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path, tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Every import statement with the full name of the module it reads."""
    folder = ("symgrad", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(folder[:len(folder) - node.level + 1]) if node.level else ""
            name = ".".join(part for part in (base, node.module) if part)
            yield from ((node, f"symgrad.{alias.name}") for alias in node.names) if name == "symgrad" else iter([(node, name)])


def upward(path: Path) -> list[str]:
    """The imports of a file that break the order."""
    here, broken = room(path), []
    for node, name in imported(path, ast.parse(path.read_text(encoding="utf-8"))):
        parts = name.split(".")
        if parts[0] != "symgrad" or len(parts) == 1 or parts[1] == here:
            continue
        there = parts[1]
        allowed = there in LEVEL and (LEVEL[there] < LEVEL[here] or {there, here} <= CORRIDOR)
        if not allowed:
            broken.append(f"{path.relative_to(ROOT)}:{node.lineno} imports {name}")
    return broken


def test_every_room_has_its_place():
    assert {room(path) for path in FILES} - {"__init__"} <= LEVEL.keys()


@pytest.mark.parametrize("path", [path for path in FILES if path != PACKAGE / "__init__.py"], ids=lambda path: str(path.relative_to(PACKAGE)))
def test_data_flows_one_way(path):
    assert upward(path) == []


def test_the_order_is_really_looked_at(tmp_path, monkeypatch):
    """An import against the order is found, in each spelling."""
    for text in ("from symgrad.compiler import compile", "import symgrad.compiler", "from symgrad import compiler", "from ..compiler import compile",
                 "def f():\n    from symgrad.emit import module"):
        fake = tmp_path / "derive" / "wrong.py"
        fake.parent.mkdir(exist_ok=True)
        fake.write_text(text)
        monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
        monkeypatch.setitem(globals(), "ROOT", tmp_path)
        assert len(upward(fake)) == 1, text


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_stand_at_the_top_except_those_of_optional_libraries(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = [node for function in ast.walk(tree) if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) for node in ast.walk(function)]
    late = [name for node, name in imported(path, tree) if node in inside]
    assert {name.split(".")[0] for name in late} <= EXTRAS
    typing = [node for block in tree.body if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING" for node in block.body]
    early = {name.split(".")[0] for node, name in imported(path, tree) if node not in [*inside, *typing]}
    assert not early & EXTRAS


@pytest.mark.parametrize("path", sorted((PACKAGE / "runtime").rglob("*.py")), ids=lambda path: path.name)
def test_the_runtime_knows_no_sympy(path):
    names = {name.split(".")[0] for _, name in imported(path, ast.parse(path.read_text(encoding="utf-8")))}
    assert names <= {"numpy", "symgrad", *sys.stdlib_module_names}


def test_sizes_of_files(capsys):
    sizes = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    longest = {f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
               for path in FILES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)}
    with capsys.disabled():
        print(f"\n{len(sizes)} files, {sum(sizes.values())} lines; the longest files and functions:")
        for table in (sizes, longest):
            print("\n".join(f"  {lines:>5}  {name}" for name, lines in sorted(table.items(), key=lambda item: -item[1])[:5]))
    assert {path: lines for path, lines in sizes.items() if lines > LARGEST_FILE} == {}


# ---------------------------------------------------------------- what a process imports

def run(code: str, **environment: str) -> str:
    done = subprocess.run([sys.executable, "-W", "error", "-c", textwrap.dedent(code)], capture_output=True, text=True,
                          env={**os.environ, **environment}, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_symgrad_imports_no_sympy():
    assert "sympy False numpy False" in run("""
        import sys, symgrad
        symgrad.errors, symgrad.__version__
        print("sympy", "sympy" in sys.modules, "numpy", "numpy" in sys.modules)
        """)


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.stem)
def test_loading_a_module_imports_no_sympy(path):
    assert "sympy False" in run(f"""
        import sys, symgrad as sg
        f = sg.load({str(path)!r})
        f.value_and_grad(**f.example())
        print("sympy", "sympy" in sys.modules)
        """)


BLOCKED = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ImportError(name)

sys.meta_path.insert(0, Block())
"""


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.stem)
def test_generated_modules_run_with_everything_but_numpy_blocked(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    scipy = {"scipy"} if "Needs: NumPy and SciPy" in ast.get_docstring(tree) else set()
    assert {name.split(".")[0] for name in names} <= {"numpy", *sys.stdlib_module_names} | scipy
    blocked = {"sympy", "symgrad", "scipy", "mpmath"} - scipy
    code = BLOCKED.format(blocked=blocked) + f"import runpy\ntry:\n    runpy.run_path({str(path)!r}, run_name='__main__')\n" \
        "except SystemExit as end:\n    print('ended with', end.code)\n"
    out = run(code)
    assert "ended with 0" in out and "WRONG" not in out


def test_every_room_opens_without_the_optional_libraries():
    names = sorted(".".join(("symgrad", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__") for path in FILES)
    code = BLOCKED.format(blocked=EXTRAS) + f"import importlib\nfor name in {names!r}:\n    importlib.import_module(name)\n"
    run(code)


def test_the_blocking_blocks():
    with pytest.raises(AssertionError, match="sympy"):
        run(BLOCKED.format(blocked={"sympy"}) + "import sympy")


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.stem)
def test_generated_modules_compile_without_a_warning(path, tmp_path):
    py_compile.compile(str(path), cfile=str(tmp_path / "compiled.pyc"), doraise=True)


def test_the_bytes_depend_neither_on_the_hash_seed_nor_on_gmpy2():
    code = """
        import hashlib
        from symgrad.gallery.models import MODELS
        for name, make in MODELS.items():
            model = make()
            for style in ("fast", "flat"):
                print(name, style, hashlib.sha256(model.with_options(style=style).source.encode()).hexdigest())
        """
    outputs = {run(code, PYTHONHASHSEED="1"), run(code, PYTHONHASHSEED="4242", MPMATH_NOGMPY="1", SYMPY_GROUND_TYPES="python")}
    assert len(outputs) == 1 and len(outputs.pop().splitlines()) >= 20
