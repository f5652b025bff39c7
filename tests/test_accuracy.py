"""The accuracy report: errors before and after rewriting, from Python and from the command line."""

from __future__ import annotations

import builtins
import math
import subprocess
import sys

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check.truth import Truth
from symgrad.check.ulps import ulps
from symgrad.cli import main
from symgrad.errors import InputError, MissingExtraError, UnsupportedError

x, y, h = sp.symbols("x y h", real=True)
SOFTPLUS = sp.log(1 + sp.exp(x))
FILE = """
import sympy as sp, symgrad as sg
x, y = sp.symbols("x y", real=True)
loss = sg.compile(y*sp.log(1 + sp.exp(x)), wrt=x, name="loss")
"""


def by_name(report):
    return {(one.quantity, one.form): one for one in report.errors}


def test_rewriting_makes_softplus_right_everywhere():
    found = by_name(sg.accuracy_report(sg.compile(SOFTPLUS, wrt=x), {x: (-1e4, 1e4)}, points=60))
    for quantity in ("value", "d/dx", "d²/dx²"):
        assert found[quantity, "rewritten"].share(4) == 1 and found[quantity, "as declared"].share(4) < 0.95
        assert found[quantity, "rewritten"].median < 1 and np.isinf(found[quantity, "as declared"].ulps.max())
    worst = found["value", "as declared"]
    assert worst.points[worst.worst]["x"] > 709 and worst.got[worst.worst] == np.inf


def test_the_report_names_rules_places_and_held_inputs():
    text = str(sg.accuracy_report(sg.compile(y * sp.log(h), wrt=[x, y], where=[(h, 1 / (1 + sp.exp(-x)))], name="loss"), {"x": (-50, 50)}, at={y: 2}, points=30))
    assert text.startswith("Accuracy of loss at ") and "of x, at y = 2" in text
    assert "log sigmoid" in text.splitlines()[-1] and "d/dy" in text and "d²/dx²" in text


def test_several_inputs_are_moved_together():
    report = sg.accuracy_report(sg.compile(x - y, wrt=x), {x: (0, 1), y: (2, 3)}, points=20)
    at = report.errors[0].points
    assert {point["y"] for point in at} >= {2.0, 3.0} and all(0 <= point["x"] <= 1 and 2 <= point["y"] <= 3 for point in at)
    assert all(one.ulps.max() <= 0.5 for one in report.errors)


def test_an_ulp_is_the_distance_to_the_next_double():
    assert ulps(np.nextafter(1.0, 2), 1.0) == 1 and ulps(np.nextafter(3.0, 0), 3.0) == 1
    assert ulps(0.0, 5e-324) == 1 and ulps(np.inf, 1.0) == np.inf and ulps(1.25, 1.0, 2.0**53) == 0.125


@pytest.mark.parametrize("domain, words", [({}, "domain is empty"), ({"z": (0, 1)}, "names z"), ({"x": (1, 0)}, "the bounds"), ({"x": (0, np.inf)}, "finite")])
def test_a_domain_that_does_not_fit_is_an_error(domain, words):
    with pytest.raises(InputError, match=words):
        sg.accuracy_report(sg.compile(SOFTPLUS, wrt=x), domain)


def test_models_of_arrays_have_no_report():
    v, i = sp.IndexedBase("v", shape=(3,)), sp.Symbol("i", integer=True)
    with pytest.raises(UnsupportedError, match="scalar"):
        sg.accuracy_report(sg.compile(x * sp.Sum(v[i] ** 2, (i, 0, 2)), wrt=v), {x: (0, 1)})


def test_the_plot_has_a_panel_a_quantity():
    pytest.importorskip("matplotlib").use("Agg")
    axes = sg.accuracy_report(sg.compile(SOFTPLUS, wrt=x), {x: (-800, 800)}, points=20).plot()
    assert [len(ax.lines) for ax in axes] == [2, 2, 2]
    assert max(axes[0].lines[0].get_ydata()) == 1e17 and max(axes[0].lines[1].get_ydata()) < 4


def test_the_plot_without_matplotlib_names_the_extra(monkeypatch):
    report = sg.accuracy_report(sg.compile(x**2, wrt=x), {x: (0, 1)}, points=5)
    look = builtins.__import__

    def missing(name, *rest, **more):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return look(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtraError, match="plot"):
        report.plot()


def test_the_command_prints_the_report_and_draws_it(tmp_path, capsys):
    pytest.importorskip("matplotlib").use("Agg")
    (tmp_path / "models.py").write_text(FILE)
    picture = tmp_path / "errors.png"
    assert main(["accuracy", f"{tmp_path / 'models.py'}:loss", "--domain", "x=-1e4:1e4", "--at", "y=3", "--points", "20", "--plot", str(picture)]) == 0
    out = capsys.readouterr().out
    assert "softplus" in out and "y = 3" in out and "100.0%" in out and picture.stat().st_size > 1000


@pytest.mark.parametrize("text", ["x", "x=1", "x=a:b", "=0:1"])
def test_the_command_explains_a_domain_that_cannot_be_read(tmp_path, capsys, text):
    (tmp_path / "models.py").write_text(FILE)
    assert main(["accuracy", str(tmp_path / "models.py"), "--domain", text]) == 2
    assert "NAME=LOW:HIGH" in capsys.readouterr().err


def test_the_report_is_one_of_the_names_of_the_package():
    assert "accuracy_report" in sg.__all__ and "accuracy_report" in dir(sg)
    code = "import sys, symgrad; assert 'sympy' not in sys.modules; symgrad.accuracy_report; assert 'sympy' in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("expr", [sp.Max(0, x), sp.Max(0, x)**2 + sp.Abs(x), x * sp.Heaviside(x)])
def test_kinks_are_left_out_where_there_is_no_slope(expr):
    report = sg.accuracy_report(sg.compile(expr, wrt=x), {x: (-2, 2)}, points=40)
    assert all(one.share(8) == 1 for one in report.errors if one.form == "rewritten")


def test_an_input_is_moved_or_held():
    f = sg.compile(sp.exp(x), wrt=x)
    with pytest.raises(InputError, match="at gives x, which the domain moves"):
        sg.accuracy_report(f, {x: (0, 1)}, at={x: 3})
    with pytest.raises(InputError, match="points=0"):
        sg.accuracy_report(f, {x: (0, 1)}, points=0)


def test_the_truth_has_digits_for_tails_of_functions_of_the_point():
    """1/2 + erf(u)/2 at u = -23: the slope of an option far out of the money is a normal tail, whatever its terms are."""
    u = 5 * sp.log(x / 100) + sp.Rational(1, 4)
    price = x * (1 + sp.erf(u / sp.sqrt(2))) / 2 - 100 * sp.exp(-sp.Rational(3, 100)) * (1 + sp.erf((u - sp.Rational(1, 5)) / sp.sqrt(2))) / 2
    tail = Truth(sp.erfc(-u / sp.sqrt(2)) / 2, x, 0)
    assert float(Truth(price, x, 1).at(0.999, 1)) == float(tail.at(0.999, 0)) > 0


def test_the_truth_has_digits_for_exponentials_of_functions_of_the_point():
    """The entropy of a probability 1/(1 + exp(u)) is about (1 + u) exp(-u) at u = 300, where its first term is 1e-130 less than log(1)."""
    u = 3 / x
    entropy = -sp.log(1 / (1 + sp.exp(-u))) / (1 + sp.exp(-u)) - sp.log(1 / (sp.exp(u) + 1)) / (sp.exp(u) + 1)
    assert float(Truth(entropy, x, 0).at(0.01, 0)) == pytest.approx(301 * math.exp(-300), rel=1e-13)
