"""Derivation tables: the lectures' own as golden files, and every number against an independent one."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.errors import InputError, OptionError
from symgrad.gallery.models import MODELS
from symgrad.gallery.tables import TABLES
from symgrad.graph.functions import TABLE
from symgrad.inspect import wording

W, X, y = sp.symbols("W X y", real=True)
LOSS = -y * sp.log(1 / (1 + sp.exp(-W * X)))
SCALAR = ["T1", "T2", "T6", "T7", "T8", "T11"]


def every_form(entry, **more):
    """The table of an entry: symbolic and at its point, forward and backward, fine and coarse, as one text."""
    f = entry.declare()
    inputs = {"inputs": entry.options["inputs"]} if "inputs" in entry.options else {}
    parts = []
    for level in ("xi", "named"):
        for mode in ("forward", "reverse"):
            for at in (None, entry.point):
                parts.append(f"## level {level}, mode {mode}\n\n```\n{f.table(at=at, mode=mode, level=level, **inputs, **more)}\n```\n")
    return f"# {entry.title}\n\n" + "\n".join(parts)


def softmax_point():
    rng = np.random.default_rng(5)
    return {"x": rng.normal(size=(4, 3)), "W": rng.normal(size=(2, 3)), "b": rng.normal(size=2), "y": np.array([0, 1, 1, 0])}


# ---------------------------------------------------------------------- golden files

@pytest.mark.parametrize("name", TABLES)
def test_lecture_tables(name, golden):
    golden(f"tables/{name}.md", every_form(TABLES[name]))


@pytest.mark.parametrize("name", ["T3", "T6", "T9"])
def test_lecture_tables_in_markdown_latex_and_html(name, golden):
    entry = TABLES[name]
    t = entry.declare().table(at=entry.point, **entry.options)
    for suffix, text in (("markdown.md", t.to_markdown()), ("tex", t.to_latex()), ("html", t.to_html())):
        golden(f"tables/{name}.{suffix}", text)


def test_compiled_table_of_softmax_regression(golden):
    f = MODELS["softmax_regression"]()
    golden("tables/softmax_compiled.md", f"```\n{f.table(stage='compiled')}\n\n{f.table(at=softmax_point(), stage='compiled')}\n```\n")


# ---------------------------------------------------------------------- what the lectures say

def test_negative_half_has_seven_rows_and_the_right_sign():
    t = TABLES["T2"].declare().table(at={W: 3, X: 3, y: 0}, mode="forward")
    assert len(t.rows) == 7
    assert t.rows[-1].tangent_values["W"] == pytest.approx(3 / (1 + math.exp(-9)), rel=1e-12)
    assert t["xi_6"].value == pytest.approx(math.log(math.exp(-9) / (1 + math.exp(-9))), rel=1e-11)


def test_backward_column_fills_the_decks_empty_cell():
    t = TABLES["T4"].declare().table(at=TABLES["T4"].point, mode="reverse")
    e9 = math.exp(-9)
    assert t.gradient["W"].value == pytest.approx(-3 * e9 / (1 + e9), rel=1e-12)
    assert t.gradient["W"].paths == ((("xi_6", "xi_5"), ("xi_5", "xi_4"), ("xi_4", "xi_3"), ("xi_3", "xi_2"), ("xi_2", "xi_1"), ("xi_1", "W")),)


def test_coarse_table_has_the_plus_that_the_deck_lost():
    entry = TABLES["T6"]
    t = entry.declare().table(level="named")
    p = sp.Symbol("p", real=True)
    assert [row.name for row in t.rows][:2] == ["h", "p"] and len(t.rows) == 3
    assert sp.simplify(t.rows[-1].partials["p"] - ((1 - y) / (1 - p) - y / p)) == 0
    assert set(t.rows[-1].partials) == {"p"} and set(t["p"].partials) == {"h"}


def test_gates():
    entry = TABLES["T7"]
    t = entry.declare().table(at=entry.point)
    assert [row.value for row in t.rows] == [3, -12]
    assert {name: line.value for name, line in t.gradient.items()} == {"x": -4, "y": -4, "z": 3}


def test_the_sum_over_all_paths_is_listed():
    t = TABLES["T11"].declare().table()
    assert len(t.gradient["w"].paths) == 4


def test_jacobian_in_both_layouts():
    entry = TABLES["T10"]
    t = entry.declare().table(at=entry.point, mode="forward")
    A, x = entry.point["A"], entry.point["x"]
    s = 1 / (1 + np.exp(-A @ x))
    np.testing.assert_allclose(t.jacobian(), (s * (1 - s))[:, None] * A, rtol=1e-12)
    np.testing.assert_allclose(t.jacobian("x", layout="inputs"), ((s * (1 - s))[:, None] * A).T, rtol=1e-12)
    with pytest.raises(OptionError, match="layout"):
        t.jacobian(layout="sideways")


def test_layer_recursion_gives_matrix_products():
    t = TABLES["T9"].declare().table()
    assert str(t.gradient["W2"].matrix) == "y1.T*xi_4"
    assert str(t.gradient["W1"].matrix) == "X.T*delta_xi_1"


def test_compiled_softmax_shows_f_minus_e():
    f = MODELS["softmax_regression"]()
    t = f.table(stage="compiled")
    i, c, n = t["a"].at.indices[0], t["a"].at.indices[1], sp.Symbol("n", integer=True, positive=True)
    P, lab = f.declared.symbols["P"], f.declared.symbols["y"]
    want = (P[i, c] - sp.KroneckerDelta(c, lab[i])) / n
    assert sp.expand(t["a"].adjoint - want) == 0
    assert "quotient of exponentials" in {row.rule for row in t.rows}
    declared = f.table()
    assert not any(row.rule for row in declared.rows)


# ---------------------------------------------------------------------- rows

def test_rows_follow_the_lectures_granularity():
    a, b, c, x = sp.symbols("a b c x", real=True)
    t = sg.compile(c + b * x, wrt=[b, c]).table()
    assert [str(row.definition) for row in t.rows] == ["b*x", "c + xi_1"]
    t = sg.compile(2 * sp.sin(a) - 3 * sp.cos(a) + x**2, wrt=a).table()
    assert [str(row.definition) for row in t.rows] == ["sin(a)", "cos(a)", "x**2 + 2*xi_1 - 3*xi_2"]
    t = sg.compile(sp.exp(x) * a / (1 + x), wrt=a).table()
    assert len(t.rows) == 1


def test_a_sum_over_a_product_is_one_row():
    t = MODELS["softmax_regression"]().table()
    assert t.rows[0].definition.has(sp.Sum) and t.rows[1].name == "a"


def test_names_are_always_rows():
    a, b, u, v = sp.symbols("a b u v", real=True)
    f = sg.compile(u + v, where=[(u, a * b), (v, a * b)], wrt=a)
    t = f.table()
    assert [(row.name, str(row.definition)) for row in t.rows] == [("u", "a*b"), ("v", "a*b"), ("xi_3", "u + v")]
    assert t["xi_2"] is t["v"]
    assert [row.name for row in f.table(stage="compiled").rows] == ["u", "v", "xi_3"]
    t = sg.compile(3 * u, where=[(v, 2 * b), (u, v * a)], wrt=a).table(at={a: 1.0, b: 2.0})
    assert [row.name for row in t.rows] == ["v", "u", "xi_3"]
    assert t["v"].partials == {} and t["v"].tangents == {"a": 0} and t["v"].adjoint is None and t["v"].value == 4.0


def test_the_input_as_row_zero():
    t = sg.compile(LOSS, wrt=W).table(inputs=[X])
    assert [row.name for row in t.rows] == ["xi_0", *(f"xi_{k}" for k in range(1, 7))]
    assert t["xi_0"].partials == {"X": 1} and str(t["xi_1"].definition) == "-W*xi_0"


def test_an_input_called_like_a_row_moves_the_rows():
    xi = sp.Symbol("xi_1", real=True)
    t = sg.compile(sp.sin(xi) * 2, wrt=xi).table()
    assert [row.name for row in t.rows] == ["zeta_1", "zeta_2"]


def test_result_that_is_an_input_or_a_number_of_another():
    t = sg.compile([W, sp.sin(W)], wrt=W).table(at={W: 0.5})
    assert len(t.rows) == 2 and sorted(row.value for row in t.rows) == pytest.approx([math.sin(0.5), 0.5])
    assert all(isinstance(row.adjoint_value, tuple) for row in t.rows)


def test_explicit_matrix_results_are_rows_of_their_own():
    a, b = sp.symbols("a b", real=True)
    t = sg.compile(sp.Matrix([a * b, sp.sin(a) + b]), wrt=[a, b]).table()
    assert [str(row.definition) for row in t.rows] == ["sin(a)", "a*b", "b + xi_1"]
    assert t.gradient["xi_2 a"].expression == b and t.gradient["xi_3 a"].expression == sp.cos(a)


def test_kinks_follow_the_tables_conventions():
    t = sg.compile(sp.Max(0, W) + sp.sign(W) + sp.Abs(W), wrt=W).table(at={W: 0.0})
    assert all(value == 0 for row in t.rows[:-1] for value in row.partial_values.values())
    assert not any(row.partials["W"].has(sp.Heaviside, sp.DiracDelta) for row in t.rows[:-1])


# ---------------------------------------------------------------------- numbers against independent ones

@pytest.mark.parametrize("name", SCALAR)
@pytest.mark.parametrize("level", ["xi", "named"])
def test_symbolic_columns_are_sympys_derivatives(name, level):
    f = TABLES[name].declare()
    t = f.table(level=level)
    symbols = {s.name: s for s in t.rows[-1].expanded.free_symbols}
    for row in t.rows:
        for parameter, tangent in row.tangents.items():
            assert sp.simplify(tangent - sp.diff(row.expanded, symbols[parameter])) == 0
        inner = {other.at: other.expanded for other in t.rows}
        assert sp.simplify(row.definition.xreplace(inner) - row.expanded) == 0
        for partial in row.local:
            assert sp.simplify(partial.expression - sp.diff(row.definition, partial.parent_at)) == 0


@pytest.mark.parametrize("name", SCALAR)
@pytest.mark.parametrize("level", ["xi", "named"])
@pytest.mark.parametrize("stage", ["declared", "compiled"])
def test_numbers_are_those_of_the_formulas_and_of_the_gradient(name, level, stage):
    entry = TABLES[name]
    f = entry.declare()
    at = {s: sp.Float(entry.point[n], 40) for n, s in f.declared.symbols.items() if n in f.arguments}
    t = f.table(at=entry.point, level=level, stage=stage)
    gradient = f.grads(**entry.point)
    plain = entry.declare().table(level=level)
    for row in t.rows:
        if stage == "declared":
            assert row.value == pytest.approx(float(plain[row.name].expanded.xreplace(at).evalf(40)), rel=1e-9, abs=1e-15)
            assert row.adjoint_value == pytest.approx(float(sp.sympify(plain[row.name].adjoint).xreplace(at).evalf(40)), rel=1e-9, abs=1e-15)
    for parameter, want in gradient.items():
        along = sum(math.prod(t[row].partial_values[parent] for row, parent in path) for path in t.gradient[parameter].paths)
        for got in (along, t.gradient[parameter].value, t.rows[-1].tangent_values[parameter]):
            assert got == pytest.approx(want, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("model", sorted(MODELS))
@pytest.mark.parametrize("stage", ["declared", "compiled"])
def test_array_tables_agree_with_the_gradient_in_both_modes(model, stage):
    f = MODELS[model]()
    at = f.example()
    t = f.table(at=at, stage=stage)
    value, gradients = f.value_and_grads(**at)
    assert t.rows[-1].value == pytest.approx(value, rel=1e-9)
    for name, want in gradients.items():
        flat = np.ravel(want)
        np.testing.assert_allclose(np.ravel(t.gradient[name].value), flat, rtol=1e-7, atol=1e-10)
        np.testing.assert_allclose(np.ravel(t.rows[-1].tangent_values[name]), flat, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("model", sorted(MODELS))
@pytest.mark.parametrize("level", ["xi", "named"])
@pytest.mark.parametrize("stage", ["declared", "compiled"])
def test_every_model_prints_in_every_form(model, level, stage):
    f = MODELS[model]()
    for at in (None, f.example()):
        t = f.table(at=at, level=level, stage=stage, mode="reverse")
        assert t.rows[-1].name in str(t) and t.to_markdown().count("|") > 5
        assert t.to_html().count("<tr>") == len(t.rows) + 1 + len(t.gradient)
        assert len(json.loads(json.dumps(t.to_dict(), allow_nan=False))["rows"]) == len(t.rows)
        latex = t.to_latex()
        assert latex.count("{") == latex.count("}") and latex.count("$") % 2 == 0


@pytest.mark.parametrize("entry", TABLE.values(), ids=lambda entry: entry.name)
def test_every_function_is_printed_alone_and_in_powers(entry):
    x = entry.expression(sp.symbols(f"x_:{entry.arity}", real=True), entry.parameters)
    for one in (x, x**2, 1 / x**3) if isinstance(x, sp.Expr) else (x,):
        assert all(printed(one) for printed in (wording.text, sp.pretty))
        assert all(printed(one).count("{") == printed(one).count("}") for printed in (wording.latex, sp.latex))


def test_named_array_partials_chain_to_the_gradient():
    f = MODELS["softmax_regression"]()
    at = softmax_point()
    t = f.table(at=at, level="named")
    result, P, a = t.rows[-1], t["P"], t["a"]
    into_P, into_a = result.partial_values["P"], P.partial_values["a"]
    np.testing.assert_allclose(P.adjoint_value, into_P, rtol=1e-10)
    np.testing.assert_allclose(a.adjoint_value, np.einsum("ic,icjk->jk", into_P, into_a), rtol=1e-10, atol=1e-15)
    assert a.adjoint_value.shape == a.value.shape == (4, 2)
    np.testing.assert_allclose(a.adjoint_value, (P.value - np.eye(2)[at["y"]]) / 4, rtol=1e-9, atol=1e-12)


def test_exact_points_give_exact_numbers():
    t = sg.compile(LOSS, wrt=W).table(at={W: sp.Integer(3), X: sp.Integer(3), y: sp.Integer(1)})
    e9 = sp.exp(-9)
    assert [row.exact.value for row in t.rows[:4]] == [-9, e9, 1 + e9, 1 / (1 + e9)]
    assert sp.simplify(t.gradient["W"].exact + 3 * e9 / (1 + e9)) == 0
    assert "exp(-9)" in str(t)
    assert t["xi_2"].value == pytest.approx(math.exp(-9), rel=1e-15)
    assert sg.compile(LOSS, wrt=W).table(at={"W": 3.0, "X": 3.0, "y": 1.0})["xi_2"].exact is None


def test_first_index_one_reads_as_in_the_paper():
    n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
    x = sp.IndexedBase("x", shape=(n,))
    t = sg.compile(sp.Sum(i * x[i] ** 2, (i, 1, n)), wrt=x, first_index=1).table(at={"x": np.array([1.0, 2.0, 3.0])})
    assert t.rows[-1].definition.limits[0] == (i, 1, n)
    np.testing.assert_allclose(t.gradient["x"].value, [2.0, 8.0, 18.0])


def test_batch_rows_carry_the_sample_letter():
    f = sg.compile((W * X - y) ** 2, wrt=W, batch=[X, y], reduce="mean")
    t = f.table(at={"W": 0.5, "X": np.array([1.0, 2.0]), "y": np.array([0.0, 1.0])})
    assert t.rows[0].shape and not t.rows[-1].shape
    assert t.gradient["W"].value == pytest.approx(f.grad(W=0.5, X=np.array([1.0, 2.0]), y=np.array([0.0, 1.0])))


# ---------------------------------------------------------------------- text that cannot be trusted, and mistakes

def test_hostile_names_are_escaped_everywhere():
    bad = sp.Symbol("<script>a|b</script>$&_%\\", real=True)
    t = sg.compile(sp.exp(bad) * 2, wrt=bad).table(at={bad: 1.0}, mode="forward")
    assert "<script>" not in t.to_html() and "&lt;script&gt;" in t.to_html()
    latex = t.to_latex().replace("\\$", "").replace("\\{", "").replace("\\}", "")
    assert latex.count("$") % 2 == 0 and "\\&" in latex and "\\%" in latex
    assert all("\\|" in line for line in t.to_markdown().splitlines() if "script" in line)


def test_a_table_does_not_expand_what_nobody_asked_for():
    w = sp.Symbol("w", real=True)
    steps = sp.symbols("s0:60", real=True)
    where = [(steps[0], sp.sin(w))] + [(b, a * sp.cos(a) + a) for a, b in itertools.pairwise(steps)]
    f = sg.compile(steps[-1] ** 2, where=where, wrt=w)
    assert "s59" in str(f.table(at={w: 0.1}, mode="forward")) and "s59" in str(f.table())


@pytest.mark.parametrize("options, word", [({"mode": "sideways"}, "forward"), ({"level": "fine"}, "named"), ({"stage": "raw"}, "compiled"),
                                           ({"inputs": ["Q"]}, "Q")])
def test_wrong_options_are_named(options, word):
    with pytest.raises(OptionError, match=word):
        sg.compile(LOSS, wrt=W).table(**options)


@pytest.mark.parametrize("at, word", [({W: 3}, "X"), ({W: 3, X: 3, y: 1, "Q": 2}, "Q"), (3.0, "dict"), ({W: sp.I, X: 3, y: 1}, "W"),
                                      ({W: np.ones(3), X: 3, y: 1}, "W"), ({W: sp.Symbol("t"), X: 3, y: 1}, "real number")])
def test_wrong_points_are_named(at, word):
    with pytest.raises(InputError, match=word):
        sg.compile(LOSS, wrt=W).table(at=at)


def test_unknown_rows_are_named():
    with pytest.raises(OptionError, match="xi_9"):
        sg.compile(LOSS, wrt=W).table()["xi_9"]


# ---------------------------------------------------------------- kinks

def test_a_compiled_table_shows_the_slopes_that_run():
    f = sg.compile(3 * sp.Piecewise((W, W >= 0), (0, True)) + sp.log(1 + sp.exp(y)), wrt=[W, y])
    t = f.table(at={W: 0, y: 0}, stage="compiled")
    assert (t.gradient["W"].value, t.gradient["y"].value) == f.grad(W=0.0, y=0.0) == (0, 0.5)
    assert [row.rule for row in t.rows] == ["softplus", "slope at a kink", ""]
    plain = f.with_options(rewrite=False)
    assert [row.rule for row in plain.table(stage="compiled").rows if row.rule] == ["slope at a kink"]
    assert f.with_options(kinks={"constant_tie": "variable"}).table(at={W: 0, y: 0}, stage="compiled").gradient["W"].value == 3


@pytest.mark.parametrize("kinks, slopes", [
    ({}, (0, 0, 0.5)), ({"constant_tie": "variable"}, (1, 0, 0.5)), ({"constant_tie": "share"}, (0.5, 0, 0.5)), ({"abs": 1}, (0, 1, 0.5)),
    ({"abs": -1}, (0, -1, 0.5)),
    ({"max_tie": "first"}, (0, 0, 1)), ({"max_tie": "last"}, (0, 0, 0)),
])
def test_tables_show_the_slopes_that_were_chosen(kinks, slopes):
    for expr, slope in zip((sp.Max(0, W), sp.Abs(W), sp.Max(W, y)), slopes, strict=True):
        f = sg.compile(expr, wrt=W, kinks=kinks, arguments=sorted(expr.free_symbols, key=str))
        at = {"W": 0, "y": 0} if y in expr.free_symbols else {"W": 0}
        for stage in ("declared", "compiled"):
            t = f.table(at=at, stage=stage)
            (partial,) = t.rows[-1].partials.values() if len(at) == 1 else [t.rows[-1].partials["W"]]
            assert t.gradient["W"].value == slope == f.grad(**dict.fromkeys(at, 0.0))
            assert float(partial.subs({W: 0, y: 0})) == slope
