"""Long chains of equal steps: written as loops with the results of the unrolled code, in every mode of derivation."""

import re
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest
import sympy as sp
from marks import but_slow

import symgrad as sg
from symgrad.emit.rolling import Loop, find_loops

STEPS = 40
x0, w, b, a, p, q = (sp.Symbol(name, real=True) for name in ("x0", "w", "b", "a", "p", "q"))
AT = {"x0": 0.4, "w": 0.9, "b": 0.1, "a": 0.3}
m = sp.Symbol("m", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
W, U, x = sp.IndexedBase("W", shape=(m, m)), sp.IndexedBase("U", shape=(m,)), sp.IndexedBase("x", shape=(m,))


def chain(step: Callable, start: sp.Expr = x0, stem: str = "h", count: int = STEPS) -> tuple[sp.Symbol, list]:
    """The last name of a chain and its rows of where=."""
    last, rows = start, []
    for k in range(count):
        name = sp.Symbol(f"{stem}{k + 1}", real=True)
        rows.append((name, step(last, k)))
        last = name
    return last, rows


def numbered() -> tuple:
    last, rows = chain(lambda h, k: sp.sin(h) + sp.Rational(1, k + 2))
    return last, rows, [x0], {}


def network() -> tuple:
    last, rows = chain(lambda h, k: sp.tanh(w * h + b))
    return last**2, rows, [x0, w, b], {}


def newton() -> tuple:
    last, rows = chain(lambda h, k: h - (h**2 - a) / (2 * h))
    return last, rows, [x0, a], {"x0": 1.7, "a": 2.0}


def alternating() -> tuple:
    last, rows = chain(lambda h, k: sp.tanh(w * h + b) if k % 2 else sp.cos(b * h))
    return last, rows, [x0, w, b], {}


def weighted() -> tuple:
    weights = [sp.Symbol(f"w{k}", real=True) for k in range(STEPS)]
    last, rows = chain(lambda h, k: sp.sin(weights[k] * h) + b)
    return last, rows, [x0, b, *weights], {f"w{k}": 1 + 0.01 * k for k in range(STEPS)}


def between_others() -> tuple:
    last, rows = chain(lambda h, k: sp.tanh(w * h + p), start=p)
    return sp.log(1 + q**2) + last * q, [(p, sp.exp(x0) * w), *rows, (q, sp.cos(last) + p)], [x0, w], {}


def two_in_a_row() -> tuple:
    middle, first = chain(lambda h, k: sp.tanh(w * h) + b, stem="g")
    last, second = chain(lambda h, k: sp.sin(b * h), start=middle, stem="u")
    return last + middle, first + second, [x0, w, b], {}


def two_states() -> tuple:
    place, speed, rows = x0, a, []
    for k in range(STEPS):
        new_place, new_speed = sp.Symbol(f"r{k}", real=True), sp.Symbol(f"v{k}", real=True)
        rows += [(new_place, place + speed / 10), (new_speed, speed - w * sp.sin(new_place) / 10)]
        place, speed = new_place, new_speed
    return place * speed, rows, [x0, a, w], {}


def two_steps_back() -> tuple:
    before, last, rows = x0, a, []
    for k in range(STEPS):
        name = sp.Symbol(f"z{k}", real=True)
        rows.append((name, sp.sin(last) + w * (last - before)))
        before, last = last, name
    return last, rows, [x0, a, w], {"w": 0.2}


def loss_of_every_step() -> tuple:
    data = [sp.Symbol(f"y{k}", real=True) for k in range(STEPS)]
    _, rows = chain(lambda h, k: sp.tanh(w * h + b))
    return sp.Add(*((name - y) ** 2 for (name, _), y in zip(rows, data, strict=True))), rows, [x0, w, b], {f"y{k}": 0.01 * k for k in range(STEPS)}


def with_kinks() -> tuple:
    last, rows = chain(lambda h, k: sp.Max(0, w * h + b) - sp.Rational(1, 3))
    return last, rows, [x0, w, b], {"w": 1.01, "b": 0.4}


def with_skips() -> tuple:
    last, rows = chain(lambda h, k: sp.sin(h) + x0 * w)
    return last, rows, [x0, w], {}


def nested() -> tuple:
    expr = x0
    for _ in range(100):
        expr = sp.sin(expr) * w
    return expr, [], [x0, w], {"w": 1.3}


def vectors(read: Callable = lambda k: U[i]) -> tuple:
    last, rows = x, []
    for k in range(STEPS):
        name = sp.IndexedBase(f"h{k}", shape=(m,))
        rows.append((name[i], sp.tanh(sp.Sum(W[i, j] * last[j], (j, 0, m - 1)) + read(k))))
        last = name
    rng = np.random.default_rng(0)
    return sp.Sum(last[i] ** 2, (i, 0, m - 1)), rows, [W, U, x], {"W": rng.normal(size=(3, 3)) / 2, "U": rng.normal(size=3), "x": rng.normal(size=3)}


def series() -> tuple:
    """A recurrent network that reads one row of its data in every step."""
    data = sp.IndexedBase("X", shape=(STEPS, m))
    expr, rows, wrt, at = vectors(lambda k: U[i] * data[k, i])
    return expr, rows, [*wrt, data], {**at, "X": np.random.default_rng(1).normal(size=(STEPS, 3))}


def matrices() -> tuple:
    n, d = sp.symbols("n d", integer=True, positive=True)
    A, last, rows = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("H", n, d), []
    wrt = [A, last]
    for k in range(STEPS):
        name = sp.MatrixSymbol(f"H{k}", n, d)
        rows.append((name, (A * last).applyfunc(sp.tanh)))
        last = name
    rng = np.random.default_rng(0)
    return sp.Trace(last.T * last), rows, wrt, {"A": rng.normal(size=(3, 3)) / 2, "H": rng.normal(size=(3, 2))}


CHAINS = [numbered, network, newton, alternating, weighted, between_others, two_in_a_row, two_states, two_steps_back, loss_of_every_step,
          with_kinks, with_skips, nested, vectors, series, matrices]


QUICK = [network, two_steps_back, with_kinks, matrices]
"""Chains whose Hessians are written in a few seconds."""
LONG = [numbered, with_skips, between_others]
"""Those whose gradients take longer, too."""


@cache
def compiled(make: Callable) -> tuple:
    expr, rows, wrt, at = make()
    f = sg.compile(expr, wrt, where=rows, name="chain")
    return f, {name: at.get(name, AT.get(name)) for name in f.arguments}


def flattened(result: object) -> list[np.ndarray]:
    return [one for part in result for one in flattened(part)] if isinstance(result, (tuple, list)) else [np.asarray(result)]


def assert_as_unrolled(make: Callable, entries: Sequence[str], along: str) -> None:
    fast, at = compiled(make)
    flat = fast.with_options(style="flat")
    rng = np.random.default_rng(2)
    tangents = {name: rng.normal(size=np.shape(at[name])) for name in fast.wrt}
    for entry in entries:
        for one, other in zip(flattened(getattr(fast, entry)(**at)), flattened(getattr(flat, entry)(**at)), strict=True):
            assert one.shape == other.shape
            np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13, err_msg=entry)
    for one, other in zip(flattened(getattr(fast, along)(at, tangents)), flattened(getattr(flat, along)(at, tangents)), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13, err_msg=along)


@pytest.mark.parametrize("make", but_slow(CHAINS, LONG), ids=lambda make: make.__name__)
def test_loops_give_what_the_unrolled_code_gives(make):
    assert_as_unrolled(make, ("value", "value_and_grad", "grad_forward"), "jvp")


@pytest.mark.parametrize("make", but_slow(CHAINS, [make for make in CHAINS if make not in QUICK]), ids=lambda make: make.__name__)
def test_so_do_those_of_second_derivatives(make):
    assert_as_unrolled(make, ["hessian"], "hvp")


@pytest.mark.parametrize("make", but_slow(CHAINS, LONG), ids=lambda make: make.__name__)
def test_the_gradient_has_loops_and_the_flat_style_has_none(make):
    fast, _ = compiled(make)
    assert re.search(r"^    for .*:$", fast._kernel("value_and_grad")[0], re.M)
    assert not re.search(r"^    for .*:$", fast.with_options(style="flat")._kernel("value_and_grad")[0], re.M)


@pytest.mark.parametrize("make", [network, newton, two_states, two_steps_back, vectors])
def test_slopes_are_those_of_differences(make):
    fast, at = compiled(make)
    assert fast.check(**at).passed


def test_single_precision_stays():
    fast, at = compiled(vectors)
    value, gradient = fast.value_and_grad(**{name: np.float32(one) for name, one in at.items()})
    assert {np.asarray(one).dtype for one in (value, *gradient)} == {np.dtype("float32")}


def test_the_text_does_not_grow_with_the_number_of_equal_steps():
    def length(count: int) -> int:
        last, rows = chain(lambda h, k: sp.tanh(w * h + b), count=count)
        return len(sg.compile(last, [x0, w, b], where=rows)._kernel("value_and_grad")[0])

    assert length(2000) < length(200) + 40


def test_the_text_is_the_same_every_time():
    assert compiled.__wrapped__(two_in_a_row)[0].source == compiled(two_in_a_row)[0].source


def test_the_loop_says_which_names_it_holds():
    text = compiled(network)[0]._kernel("value_and_grad")[0]
    assert f"# {STEPS - 1} equal steps: h2 … h{STEPS}" in text and "h = np.tanh(" in text and "# h = tanh(" in text


def test_names_of_the_declaration_do_not_clash_with_the_loop():
    h, s = sp.Symbol("h", real=True), sp.Symbol("h_steps", real=True)
    last, rows = chain(lambda one, k: sp.tanh(h * one + s))
    f = sg.compile(last * sp.Symbol("part", real=True), [x0, h, s], where=rows)
    at = {"x0": 0.4, "h": 0.9, "h_steps": 0.1, "part": 2.0}
    np.testing.assert_allclose(f.grad(**at), f.with_options(style="flat").grad(**at), rtol=1e-12)


def test_a_name_inside_of_the_loop_may_be_a_result():
    last, rows = chain(lambda h, k: sp.tanh(w * h + b))
    f = sg.compile([rows[3][0], rows[3][0], last, rows[20][0] * x0], [x0, w], where=rows)
    flat = f.with_options(style="flat")
    np.testing.assert_allclose(f.value(**{n: AT[n] for n in f.arguments}), flat.value(**{n: AT[n] for n in f.arguments}), rtol=1e-13)


def test_long_chains_do_not_recurse():
    last, rows = chain(lambda h, k: sp.tanh(w * h), count=3000)
    f = sg.compile(last, [x0, w], where=rows)
    flat = f.with_options(style="flat")
    np.testing.assert_allclose(f.grad(x0=0.4, w=1.0), flat.grad(x0=0.4, w=1.0), rtol=1e-10)


def test_sums_of_very_many_terms_are_written_in_parts():
    names = [sp.Symbol(f"t{k}", real=True) for k in range(1500)]
    f = sg.compile(sp.Add(*(k * sp.sin(name) if k % 3 else name**2 for k, name in enumerate(names))), names[0])
    assert np.isfinite(f.value(**{name.name: 0.5 for name in names}))


def test_what_is_read_by_number_stands_before_the_loop():
    text = compiled(series)[0]._kernel("value")[0]
    assert f"X[{STEPS - 1}]" in text and text.index(f"X[{STEPS - 1}]") < text.index(f"# {STEPS} equal steps: h0 … h{STEPS - 1}")


def test_a_trace_follows_the_steps_of_a_loop():
    last, rows = chain(lambda h, k: sp.sqrt(h - w))
    f = sg.compile(last, [x0, w], where=rows, name="roots")
    final = f.value(x0=2.0, w=0.1)
    assert any(row.value.size == 1 and row.value == pytest.approx(float(final), rel=1e-14) for row in f.trace(x0=2.0, w=0.1).rows)
    with pytest.raises(sg.errors.NonFiniteError, match=r"sqrt\(.*: nan"):
        f.with_options(nonfinite="raise").value(x0=0.6, w=0.26)


def test_short_chains_stay_as_they_are():
    last, rows = chain(lambda h, k: sp.tanh(w * h + b), count=5)
    assert not any(isinstance(one, Loop) for one in find_loops(sg.compile(last, [x0, w, b], where=rows).derived("value_and_grad")))
