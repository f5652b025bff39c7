"""What generated code looks like: goldens of both styles, and the NumPy spelling of each pattern of sum-product."""

import ast
import re

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.emit import module, special
from symgrad.emit.kernel import kernel
from symgrad.gallery.models import MODELS

n, d, K = sp.symbols("n d K", integer=True, positive=True)
i, j, k, c = sp.symbols("i j k c", integer=True)
A, B = sp.IndexedBase("A", shape=(n, d)), sp.IndexedBase("B", shape=(d, K))
v, w, y = sp.IndexedBase("v", shape=(d,)), sp.IndexedBase("w", shape=(n,)), sp.IndexedBase("y", shape=(n,))
u = sp.IndexedBase("u")


@pytest.mark.parametrize("style", ["flat", "fast"])
@pytest.mark.parametrize("name", ["neuron", "softmax_regression", "relu_classifier"])
def test_kernels_read_as_before(golden, name, style):
    f = MODELS[name]().with_options(style=style)
    text = "\n\n".join(f.kernel_text(entry) for entry in ("value", "value_and_grad", "hvp"))
    golden(f"kernels/{name}_{style}.py", text)


PATTERNS = {
    "matrix times vector": (sp.Sum(A[i, j] * v[j], (j, 0, d - 1)), (i,), "A.dot(v)"),
    "transposed matrix times vector": (sp.Sum(A[i, j] * w[i], (i, 0, n - 1)), (j,), "A.T.dot(w)"),
    "matrix product": (sp.Sum(A[i, j] * B[j, k], (j, 0, d - 1)), (i, k), "A @ B"),
    "transposed product": (sp.Sum(A[i, j] * B[j, k], (j, 0, d - 1)), (k, i), "B.T @ A.T"),
    "inner product": (sp.Sum(v[j] ** 2, (j, 0, d - 1)), (), "v.dot(v)"),
    "outer product": (w[i] * v[j], (i, j), "v*w[:, None]"),
    "sum of squares": (sp.Sum(A[i, j] ** 2, (i, 0, n - 1), (j, 0, d - 1)), (), "A.ravel().dot(A.ravel())"),
    "row sums": (sp.Sum(A[i, j], (j, 0, d - 1)), (i,), "A.sum(axis=1)"),
    "scaled sum": (sp.Sum(A[i, j], (j, 0, d - 1)) / 2, (i,), "0.5*A.sum(axis=1)"),
    "quadratic form": (sp.Sum(w[i] * A[i, j] * v[j], (i, 0, n - 1), (j, 0, d - 1)), (), "A.dot(v)"),
    "diagonal": (sp.Sum(sp.IndexedBase("S", shape=(n, n))[i, i], (i, 0, n - 1)), (), "S[np.arange(n), np.arange(n)]"),
    "reading by a label": (A[i, y[i]], (i,), "A[np.arange(n), y]"),
    "division": (A[i, j] / w[i], (i, j), "A/w[:, None]"),
    "powers": (v[j] ** 3 + v[j] ** -2 + 1 / sp.sqrt(v[j]), (j,), "v*v*v"),
}


@pytest.mark.parametrize("name", list(PATTERNS))
def test_each_pattern_has_its_spelling(name):
    expr, letters, text = PATTERNS[name]
    wrt = [array for array in (A, B, v, w) if expr.has(array)] or [sp.IndexedBase("S", shape=(n, n))]
    f = sg.compile(u[letters], outputs=letters, where=[(u[letters], expr)], wrt=wrt) if letters else sg.compile(expr, wrt=wrt)
    assert text in re.sub(r"  #.*", "", kernel("value", f.derived("value"), f.signature, "plain")[0])


def test_a_shift_is_a_slice():
    f = sg.compile(sp.Sum((v[j + 1] - v[j]) ** 2, (j, 0, d - 2)), wrt=v)
    text = f.with_options(style="flat").kernel_text("value_and_grad")
    assert "v[1:d]" in text and "v[:d - 1]" in text and "add.at" not in text
    text = f.kernel_text("value_and_grad")
    assert "v[first + 1:last + 1]" in text and "v[first:last]" in text and "add.at" not in text


def test_one_place_along_an_axis_is_written_to_without_index_numbers():
    table, place = sp.IndexedBase("table", shape=(n, d)), sp.Symbol("place", integer=True)
    row = sp.Sum(sp.exp(table[2, j]) * table[0, j] + table[place, j] ** 2, (j, 0, d - 1))
    f = sg.compile(row + table[1, 1] ** 3, wrt=table, name="places")
    text = f.kernel_text("value_and_grad")
    assert "[2, :] +=" in text and "[place, :] +=" in text and "[1, 1] +=" in text and "np.arange" not in text, text
    at = np.linspace(-1, 1, 12).reshape(4, 3)
    want = np.zeros((4, 3))
    want[0] += np.exp(at[2])
    want[2] += np.exp(at[2]) * at[0]
    want[3] += 2 * at[3]
    want[1, 1] += 3 * at[1, 1] ** 2
    np.testing.assert_allclose(f.grad(table=at, place=3), want, rtol=1e-15)


def test_no_power_function_where_multiplications_do():
    expr, letters, _ = PATTERNS["powers"]
    f = sg.compile(u[letters], outputs=letters, where=[(u[letters], expr)], wrt=v)
    for entry in ("value", "jvp", "jacobian"):
        assert "np.power" not in f.kernel_text(entry)


@pytest.mark.parametrize("name", list(MODELS))
def test_matrix_products_are_no_einsums(name):
    """einsum is left for products that keep a shared label and sum another, which BLAS has no call for."""
    for pattern in re.findall(r'np\.einsum\("([a-z]+),([a-z]+)->([a-z]*)"', MODELS[name]().kernel_text("jvp")):
        left, right, out = (set(part) for part in pattern)
        assert left & right & out and (left | right) - out


@pytest.mark.parametrize("name", list(MODELS))
def test_each_line_says_what_it_computes(name):
    body = MODELS[name]().with_options(style="flat").kernel_text("jvp").splitlines()[2:]
    assert all(is_told(line.strip()) for line in body)


def is_told(code: str) -> bool:
    return code.startswith(("#", "return", "_index(")) or re.match(r"\w+\[.*\] \+?= |np\.add\.at", code) is not None or "  # " in code


@pytest.mark.parametrize("name", list(MODELS))
def test_each_row_of_fast_code_says_what_it_computes(name):
    """What needs no formula: parts of arrays, steps of a row in a buffer, and what makes and runs the blocks."""
    _, _, body = MODELS[name]().kernel_text("jvp").partition('"""')[2].partition('"""')
    silent = re.compile(r"|\w+_part(_\d+)? = \w+\[.*\]|u_\d+ = .*|np\.\w+\(.*, out=\w+\)|np\.copyto\(.*\)|\w+\.\w+\(axis=.*, out=u_\d+\)|def .*:"
                        r"|\*new\(.*\),|\)|(\w+(, \w+)*,? = )?_blocks\(.*\)|\w+\[.*\] \+= \w+")
    untold = [line.strip() for line in body.splitlines() if not is_told(line.strip()) and not silent.fullmatch(line.strip())]
    assert untold == []


def test_generated_code_is_quiet_about_overflow():
    z = sp.Symbol("z", real=True)
    f = sg.compile(sp.exp(z) + sp.log(z) + 1 / z, wrt=z, batch=[z], reduce="sum")
    with np.errstate(all="raise"):
        assert np.isnan(f(z=np.array([1000.0, -1.0]))) and np.isnan(f.grad(z=np.array([1000.0, np.nan]))[1])


def test_a_traceback_shows_the_generated_line():
    import linecache
    f = MODELS["rosenbrock"]().with_options(style="flat")
    f(x=np.ones(4))
    code = f._namespace["_KERNELS"]["value"].__code__
    assert "x[1:n]" in "".join(linecache.getlines(code.co_filename))


def test_no_two_files_that_a_module_may_carry_define_one_name():
    """Special functions, memory, blocks and plumbing stand in one module together; what looks at results takes the place of what does not."""
    found: dict[str, set[str]] = {}
    for name, definition in special.definitions().items():
        found.setdefault(name, set()).add(definition.text)
    for file in (*module.PLUMBING, *(file for _, file in module.SHARED.values())):
        for node in ast.parse(module._plumbing(file)).body:
            names = [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else [
                target.id for target in getattr(node, "targets", ()) if isinstance(target, ast.Name)]
            for name in names:
                found.setdefault(name, set()).add(f"{file}:{node.lineno}")
    assert "_blocks" in found and "_sincos" in found
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
