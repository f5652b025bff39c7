"""Models as papers print them: finite and right at as many points as is recorded, and more often than plain code.

A value is right within 4 ulp, a slope within 16 of the largest of its array, backward and forward; or where it is off by no more than four times
what half a unit in the last digit of each input does.  Truths are the plain module's in many digits.
"""

from __future__ import annotations

import functools
import math
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import exact
import mpmath
import numpy as np
import papers_fourth  # noqa: F401  adds to PAPERS
import papers_second  # noqa: F401
import papers_third  # noqa: F401
import pytest
import sympy as sp
from mpmath import mp
from papers import PAPERS, Paper, declared
from recorded import SLOPE, VALUE, check_all_more_often, check_as_often, check_each_is_recorded, counted, flat, is_right_beside, scales

import symgrad as sg
from symgrad.errors import InputError

TABLE = Path(__file__).parent / "goldens" / "papers.json"
ENTRY = "value_and_grad"
PARAMETERS_TIMES, DATA_TIMES = (1e-8, 1e-3, 30.0, 1e3, 1e4), (1e-8, 1e3)
SIGNS, DIGITS = 3, 400
"""So many ways to nudge all inputs at once are tried, in so many digits, for what half a unit of each does."""
QUICK = (
    "cox_partial_likelihood", "plackett_luce", "gaussian_process", "hawkes_process", "causal_attention", "planar_flow", "gated_recurrent_unit",
    "soft_time_warping", "tangency_portfolio", "coulomb_energy", "conditional_variances", "heat_equation", "theil_index")
"""Models that take little to compile."""

Inputs = dict[str, Any]


class Verdict(NamedTuple):
    """Of a number of the value and the gradient: whether it is finite, right, and right or explained by the inputs' last digits."""

    form: str
    mode: str
    place: int
    got: float
    want: mpmath.mpf
    counts: tuple[bool, bool, bool]


def parameters(model: Paper) -> list[str]:
    return [str(getattr(one, "label", one)) for one in model.wrt]


def points(model: Paper) -> Iterator[tuple[str, Inputs]]:
    """The ordinary inputs; parameters moved together and one by one; data moved; arrays whose entries are the same, nearly so, or zero."""
    base, names = model.inputs, parameters(model)
    yield "as they are", base
    data = [name for name, value in base.items() if name not in names and np.asarray(value).dtype.kind == "f"]
    moves = [(group, times) for times in PARAMETERS_TIMES for group in dict.fromkeys([tuple(names), *((name,) for name in names)])]
    moves += [((name,), times) for name in data for times in DATA_TIMES]
    for group, times in moves:
        yield f"{' '.join(group)} times {times:g}", {name: value * times if name in group else value for name, value in base.items()}
    for name in names:
        if np.ndim(base[name]):
            same = np.full_like(base[name], np.ravel(base[name])[0])
            yield f"{name} the same", {**base, name: same}
            yield f"{name} nearly the same", {**base, name: same * (1 + 1e-9 * np.arange(same.size).reshape(same.shape))}
            yield f"{name} zero", {**base, name: np.zeros_like(same)}


def changes(plain: sg.Compiled, inputs: Inputs, want: list[mpmath.mpf | None]) -> list[mpmath.mpf]:
    """About what half a unit in the last digit of each input changes of the value and of all slopes."""
    largest = [mp.mpf(0)] * len(want)
    with mp.workdps(DIGITS):
        for seed in range(SIGNS):
            rng = np.random.default_rng(seed)
            signs = {name: rng.choice([-1, 1], size=np.shape(value)) for name, value in inputs.items()}
            moved = exact.results(plain, inputs, ENTRY, signs)
            off = [mp.mpf(0) if value is None else abs(new - value) for new, value in zip(moved, want, strict=True)]
            largest = [max(old, one) if mp.isfinite(one) else old for old, one in zip(largest, off, strict=True)]
    return [2 * one for one in largest]


def numbers(f: sg.Compiled, inputs: Inputs, mode: str, count: int) -> list[float]:
    """The value and all slopes; nan where a matrix has no inverse among doubles, which is an error."""
    try:
        return flat(f, inputs, mode)
    except InputError:
        return [math.nan] * count


def verdicts(forms: dict[str, sg.Compiled], wrt: list[str], inputs: Inputs) -> Iterator[Verdict]:
    """Of each number whose truth is known and representable, the value but once; of none where no digits keep the value."""
    want = exact.truth(forms["plain"], inputs, ENTRY)
    if want[0] is None or mp.isnan(want[0]):
        return
    change = functools.cache(lambda: changes(forms["plain"], inputs, want))
    rights = [is_right_beside(scale, SLOPE if place else VALUE) for place, scale in enumerate(scales(inputs, wrt, want))]
    for form, f in forms.items():
        for mode in ("grad", "grad_forward"):
            for place, got in enumerate(numbers(f, inputs, mode, len(want))):
                true = want[place]
                if true is None or not abs(true) < 2.0**1023 or (place == 0 and mode == "grad_forward"):
                    continue
                is_off = math.isfinite(got) and not rights[place](got, true)
                yield Verdict(form, mode, place, got, true, counted(got, true, change()[place] if is_off else mp.mpf(0), rights[place]))


def compiled(model: Paper) -> dict[str, sg.Compiled]:
    f = sg.compile(model.loss, where=model.where, wrt=model.wrt)
    return {"symgrad": f, "plain": f.with_options(rewrite=False, style="flat")}


def tally(name: str) -> dict[str, list[int]]:
    """Of how many numbers symgrad's, and plain code's, are finite, right, and right or explained by the inputs' last digits."""
    model = declared(name)
    forms = compiled(model)
    found = {"count": [0], **{form: [0, 0, 0] for form in forms}}
    for _, inputs in points(model):
        for one in verdicts(forms, parameters(model), inputs):
            found["count"][0] += one.form == "symgrad"
            found[one.form] = [sum(column) for column in zip(found[one.form], one.counts, strict=True)]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_is_right_as_often_as_recorded(name: str, request: pytest.FixtureRequest) -> None:
    check_as_often(TABLE, name, lambda: tally(name), request.config.getoption("--update"), beside_plain=0)


def test_each_paper_is_recorded_and_all_are_right_more_often_than_plain_code() -> None:
    check_each_is_recorded(TABLE, PAPERS)
    check_all_more_often(TABLE)


@pytest.mark.parametrize("name", QUICK)
def test_a_paper_is_right_at_ordinary_inputs(name: str) -> None:
    model = declared(name)
    found = [one for one in verdicts(compiled(model), parameters(model), model.inputs) if one.form == "symgrad"]
    assert len(found) == 1 + 2 * sum(np.size(model.inputs[one]) for one in parameters(model))
    assert [one for one in found if not one.counts[-1]] == []


def wrong_at(model: Paper, forms: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(one.form, one.mode, one.place) for one in verdicts(forms, parameters(model), model.inputs) if not one.counts[-1]]


def test_a_number_that_is_wrong_in_a_derivative_is_told() -> None:
    model = declared("morse_potential")
    plain = compiled(model)["plain"]
    source = plain.source.replace("bar_depth = 2*", "bar_depth = 2.000000000001*")
    assert source != plain.source
    names: dict[str, Any] = {"__name__": "wrong"}
    exec(source, names)
    wrong = types.SimpleNamespace(value=names["value"], grad=names["grad"], grad_forward=plain.grad_forward)
    assert wrong_at(model, {"plain": plain, "wrong": wrong}) == [("wrong", "grad", 1)]


@pytest.mark.parametrize("name", ["coulomb_energy", "planar_flow", "theil_index"])
def test_the_largest_slope_of_each_array_is_told_if_it_is_off_by_1e_13(name: str) -> None:
    model = declared(name)
    forms = compiled(model)
    gradient = [np.array(one) for one in forms["symgrad"].grad(**model.inputs)]
    places, start = [], 1
    for array in gradient:
        largest = np.argmax(np.abs(array))
        array.flat[largest] *= 1 + 1e-13
        places.append(start + int(largest))
        start += array.size
    wrong = types.SimpleNamespace(value=forms["symgrad"].value, grad=lambda **_: tuple(gradient), grad_forward=forms["symgrad"].grad_forward)
    assert wrong_at(model, {"plain": forms["plain"], "wrong": wrong}) == [("wrong", "grad", place) for place in places]


@pytest.mark.parametrize("number", [
    lambda: mp.mpf(1) / 10, lambda: -mp.mpf(2) / 3, lambda: mp.mpf(1) / 1000, lambda: mp.sqrt(2), lambda: 1 / mp.sqrt(2), lambda: 3 * mp.pi / 4,
    lambda: mp.log(2 * mp.pi) / 2, lambda: 2 / mp.sqrt(mp.pi), lambda: mp.mpf(0), lambda: mp.inf])
def test_a_literal_is_read_as_what_it_was_rounded_from(number: Callable[[], mpmath.mpf]) -> None:
    with mp.workdps(100):
        want, found = number(), exact.meant(float(number()))
        assert found == want or abs(found - want) < abs(want) * mp.mpf(10) ** -98


def test_a_literal_that_no_fraction_is_rounded_to_is_itself() -> None:
    with mp.workdps(100):
        assert all(exact.meant(literal) == mp.mpf(repr(literal)) for literal in np.random.default_rng(1).normal(size=20).tolist())


def test_quotients_of_literals_are_exact() -> None:
    x = sp.Symbol("x", real=True)
    f = sg.compile(sp.exp(-x / 10) + sp.log(7 * x / 3), wrt=[x], rewrite=False, style="flat")
    value, slope = exact.truth(f, {"x": 10.0}, ENTRY)
    with mp.workdps(50):
        assert abs(value - mp.exp(-1) - mp.log(mp.mpf(70) / 3)) < mp.mpf(10) ** -45
        assert abs(slope + mp.exp(-1) / 10 - mp.mpf(1) / 10) < mp.mpf(10) ** -45


def test_what_no_digits_keep_has_no_truth() -> None:
    x = sp.Symbol("x", real=True)
    f = sg.compile((1 - 1 / (1 + sp.exp(-x))) * sp.exp(x), wrt=[x], rewrite=False, style="flat")
    assert [round(float(one), 12) for one in exact.truth(f, {"x": 100.0}, ENTRY)] == [1, 0]
    assert exact.truth(f, {"x": 10000.0}, ENTRY) == [None, None]
