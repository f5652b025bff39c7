"""What was found out about a formula is found out once, and no row is mistaken for another."""

import pytest
import sympy as sp
from sympy.parsing import sympy_parser

import symgrad as sg
from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite import remembered

x, y, z = sp.symbols("x y z", real=True)


def parts(expr: sp.Expr, source: int = 0) -> tuple[Graph, Ref, Ref]:
    """The graph of an expression, its row, and that of an input."""
    made = sg.compile(expr, wrt=sorted(expr.free_symbols, key=str), rewrite=False).program
    (output,) = made.outputs.values()
    return made.graph, output.ref, Ref(made.graph.inputs_among(made.live())[source])


def formula(expr: sp.Expr, source: int = 0) -> tuple:
    graph, ref, one = parts(expr, source)
    return graph.formula(ref, one)


def test_a_formula_is_the_same_whatever_its_inputs_are_called():
    assert formula(sp.exp(x) - 2 * x) == formula(sp.exp(z) - 2 * z)
    other = [sp.exp(x) - 3 * x, sp.exp(x) + 2 * x, sp.sin(x) - 2 * x, sp.exp(x) - 2 * y]
    assert formula(sp.exp(x) - 2 * x) not in map(formula, other)
    assert formula(x / y, 0) != formula(x / y, 1)


def test_a_question_is_asked_once_of_a_formula(monkeypatch):
    monkeypatch.setattr(remembered, "MOST", 2)
    asked = []

    @remembered.remembered
    def question(graph, ref, source, power):
        asked.append(power)
        return len(graph.live([ref.row])) ** power

    def answer(expr, power):
        return question(*parts(expr), power)

    assert answer(sp.exp(x), 2) == answer(sp.exp(y), 2) == 4 and asked == [2]
    assert answer(sp.exp(x), 3) == 8 and asked == [2, 3]
    assert answer(sp.exp(sp.sin(x)), 3) == 27 and answer(sp.exp(x), 2) == 4 and asked == [2, 3, 3, 2]  # the oldest went


@pytest.mark.parametrize("expr", [sp.log(1 + sp.exp(x)) * y, x**2 / (1 + x**2), sp.sin(x) / x + sp.Rational(1, 3), sp.Max(x, 0) * y / 7, sp.exp(-(x**2)) * y])
def test_rows_are_compared_without_parsing_their_names(expr, monkeypatch):
    """A number of SymPy that is compared with a text makes a formula of the text first, which takes longer than all else."""
    f = sg.compile(expr, wrt=[x])
    monkeypatch.setattr(sympy_parser, "parse_expr", lambda text, *more, **options: pytest.fail(f"{text} is parsed"))
    assert all(f.kernel_text(entry) for entry in ("value", "value_and_grad", "hessian"))
