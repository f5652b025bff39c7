"""Every entry of the gallery: declared, compiled, gradients right, the lectures' numbers reproduced, slips decided, figures drawn."""

from __future__ import annotations

import inspect
import re
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure as Sheet

import symgrad.gallery
from symgrad.cli import main
from symgrad.emit.files import check_module_name
from symgrad.errors import BadNameError, DeclarationError
from symgrad.gallery import ENTRIES, Entry, Fact, Figure, Formula, Slip, Text, derivations, entry, find_entry, modules, ordered, systems
from symgrad.gallery.entries import FAMILIES, number
from symgrad.gallery.models import MODELS
from symgrad.gallery.plain import evaluated, listing, plain_functions
from symgrad.gallery.report import comes_out, gradient_error, lines

LARGEST_ERROR = 1e-8
"""The bound on gradient errors: differences of double precision reach about 1e-10 on these models."""

WITH_SLIPS = {"T2": 2, "T3": 2, "T5": 2, "T6": 1, "T9": 1, "M5": 1, "M7": 1, "M10": 1, "M12": 1, "A4": 2, "O3": 2, "O7": 1, "O8": 1, "O9": 1,
              "S7": 1, "I1": 2, "I2": 1, "I4": 1, "D2": 1}
"""How many slips each entry shows."""

DRAWN = ("O7", "O9", "S7", "I4", "D1", "M3", "S8", "I5", "A4", "M2", "S9", "R1", "R2", "O1", "S1", "M7", *(f"A{k}" for k in range(1, 13)))
"""The experiments and activations that have pictures."""

COUNTS = {"T": 11, "M": 13, "A": 12, "R": 6, "O": 9, "S": 9, "I": 5, "D": 2, "G": 3}


@pytest.fixture(autouse=True)
def shorter(monkeypatch):
    """The two thousand steps of M7 are a test of their own."""
    monkeypatch.setattr(systems, "STEPS", 100)


def test_there_is_an_entry_for_every_system():
    assert [one.id for one in ordered()] == [f"{family}{k}" for family in FAMILIES for k in range(1, COUNTS[family] + 1)]


@pytest.mark.parametrize("id", ENTRIES)
def test_entry(id):
    """Everything an entry yields comes out as it should, and prints."""
    one = ENTRIES[id]
    parts = list(one.parts())
    assert one.title and one.about and one.sources
    assert isinstance(parts[0], Formula) and all(isinstance(part, Formula | Fact | Slip | Text | Figure) for part in parts)
    assert any(isinstance(part, Fact | Slip) for part in parts)
    for part in parts:
        text = "\n".join(lines(part))
        assert text and comes_out(part), text
    assert sum(isinstance(part, Slip) for part in parts) == one.slips == WITH_SLIPS.get(id, 0)
    figures = [part for part in parts if isinstance(part, Figure)]
    assert figures or id not in DRAWN
    for part in figures:
        axes = Sheet().subplots()
        part.draw(axes)
        assert axes.has_data() and part.lines and any(letter.isdigit() for letter in "".join(part.lines))


@pytest.mark.parametrize("id", ENTRIES)
def test_formulas_have_right_gradients_and_a_bounded_cost(id):
    for formula in ENTRIES[id].formulas():
        report = formula.check()
        assert report and gradient_error(report) < LARGEST_ERROR
        assert formula.ratio is None or formula.ratio <= 4
        assert formula.compiled.name and formula.compiled.name.isidentifier()
        assert np.all(np.isfinite(formula.compiled.value(**formula.at)))


def test_one_name_stands_for_one_formula():
    found = {}
    for one in ordered():
        for formula in one.formulas():
            stated = formula.compiled.signature.statement
            assert found.setdefault(check_module_name(formula.compiled.name), stated) == stated
    found_in = {name.split("_", 1)[1]: name.split("_", 1)[0] for name in modules()}
    assert found_in.keys() == found.keys() and found_in["positive_half"] == "T1" and found_in["saddle"] == "M10"
    assert all(check_module_name(name) for name in modules())


def test_entries_are_short_functions():
    for one in ENTRIES.values():
        assert len(inspect.getsource(one.make).splitlines()) <= 60, one.id


@pytest.mark.slow
def test_the_two_thousand_steps_of_the_lecture(monkeypatch):
    monkeypatch.setattr(systems, "STEPS", 2000)
    assert all(comes_out(part) for part in ENTRIES["M7"].parts())


def test_no_entry_runs_on_after_its_last_slip():
    def parts():
        yield ENTRIES["A1"].formulas()
        yield Slip("A", "p", "r", derived=1.0, decides=1.0, printed=-1.0)
        raise AssertionError("the rest ran")

    assert len(list(Entry("A1", "t", "A", parts, 1).find_slips())) == 1
    assert list(Entry("A1", "t", "A", parts).find_slips()) == []


# ---------------------------------------------------------------------- plain functions

def test_the_listing_of_plain_functions_is_python_that_gives_the_table():
    """The text runs by itself, one function a value and one a partial, and the chain of their partials is the numeric slope."""
    at = {"W": 0.7, "X": -1.2, "y": 0.8}
    f = MODELS["logistic_loss"]()
    table = f.table(at=at, mode="forward", inputs=("X",))
    functions = plain_functions(table.rows)
    space: dict = {}
    exec(listing(functions), space)
    known = dict(at)
    for row in table.rows:
        takes = functions[row.name].takes
        known[row.name] = space[row.name](*(known[name] for name in takes))
        assert known[row.name] == pytest.approx(row.value, rel=1e-14)
        for parent, value in row.partial_values.items():
            assert space[f"d_{row.name}_d_{parent}"](*(known[name] for name in takes)) == pytest.approx(value, rel=1e-14)
    assert {name: value for name, value in known.items() if name.startswith("xi")} == {
        name: value for name, value in evaluated(functions, at).items() if name.startswith("xi")}
    assert len(functions) == len(set(functions)) == 14


def test_the_graph_of_t5_has_values_and_partials():
    text = "\n".join("\n".join(lines(part)) for part in derivations.basic_functions())
    assert "flowchart" in text and "local -3" in text and "def d_xi_1_d_W(W, xi_0):\n    return -xi_0" in text


# ---------------------------------------------------------------------- what makes an entry

def test_a_wrong_number_is_seen():
    assert Fact("", 1.0, 1.0 + 1e-10).holds and not Fact("", 1.0, 1.0 + 1e-8).holds
    assert not Fact("", True, False).holds and not Fact("", [1.0, 2.0], [1.0]).holds
    right = dict(deck="A", prints="p", right="r", derived=1.0, decides=1.0)
    assert Slip(**right, printed=-1.0).decided and not Slip(**right, printed=1.0).decided
    assert not Slip(**{**right, "derived": 2.0}, printed=-1.0).decided
    assert Slip(**right, claim=lambda v: v < 0).decided and not Slip(**right, claim=lambda v: v > 0).decided
    assert "NOT DECIDED" in str(Slip(**right, printed=1.0)) and "as printed -1" in str(Slip(**right, printed=-1.0))
    with pytest.raises(DeclarationError, match="number"):
        Slip(**right)
    with pytest.raises(DeclarationError, match="number"):
        Slip(**right, printed=1.0, claim=bool)


@pytest.mark.parametrize("value, text", [(1 / 3, "0.333333333"), ([1, 2.5], "[1, 2.5]"), (np.ones((4, 4)), "array 4×4 of norm 4"), (True, "True")])
def test_numbers_print_shortly(value, text):
    assert number(value) == text


@pytest.mark.parametrize("id, decks, kind", [("T1", "A", BadNameError), ("X1", "A", BadNameError), ("Tx", "A", BadNameError),
                                             ("T99", "AZ", DeclarationError), ("T99", "", DeclarationError)])
def test_wrong_entries_are_refused(id, decks, kind):
    with pytest.raises(kind):
        entry(id, "title", decks)
    assert "T99" not in ENTRIES


def test_entries_are_found_in_either_case():
    assert find_entry("m7") is ENTRIES["M7"]
    with pytest.raises(BadNameError, match="T1"):
        find_entry("Q1")


# ---------------------------------------------------------------------- the command

def printed(capsys, *arguments: str, code: int = 0) -> str:
    assert main(["gallery", *arguments]) == code
    return capsys.readouterr().out


def test_the_list_names_every_entry(capsys, monkeypatch):
    few = {id: ENTRIES[id] for id in ("T1", "M4", "A12")}
    monkeypatch.setattr(symgrad.gallery.report, "ordered", lambda: list(few.values()))
    text = printed(capsys)
    assert [line.split()[0] for line in text.splitlines() if line.split()[0] in ENTRIES] == list(few)
    assert text.count(" ok ") == 3 and re.search(r" \d\.\d\d$", text, re.M) and "–" in text


def test_one_entry_is_shown_and_run(capsys, tmp_path):
    text = printed(capsys, "a7", "--plot", str(tmp_path / "new"))
    for word in ("A7  Parametric ReLU", "Advanced optimization", "Gradient check", "passed", "def _value_and_grad_kernel", "d xi_", "figure:"):
        assert word in text
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["A7_1.png"]


def test_a_failing_entry_gives_exit_code_one(capsys, monkeypatch):
    parts = [ENTRIES["A1"].formulas(), Fact("wrong", 1.0, 2.0)]
    wrong = Entry("A1", "t", "A", lambda: iter(parts))
    monkeypatch.setitem(ENTRIES, "A1", wrong)
    assert "NO   wrong: 2" in printed(capsys, "A1", code=1)


def test_slips_are_listed(capsys, monkeypatch):
    monkeypatch.setattr(symgrad.gallery.report, "ordered", lambda: [ENTRIES["T2"], ENTRIES["T6"]])
    text = printed(capsys, "--slips")
    assert text.count("right is") == 3 and "3 slips, 3 decided" in text


def test_without_matplotlib_the_numbers_print_and_pictures_are_an_error(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert "rate 0.05" in printed(capsys, "O1")
    assert main(["gallery", "A1", "--plot", str(tmp_path / "new")]) == 2
    shown = capsys.readouterr()
    assert "slope 1" in shown.out and "symgrad[plot]" in shown.err and not (tmp_path / "new").exists()


def test_an_unknown_entry_is_an_error(capsys):
    assert main(["gallery", "Z9"]) == 2
    assert "T1" in capsys.readouterr().err
