"""SymPy expressions as text and LaTeX, their operands in the order in which rows were made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

_DIGITS = "bcdghjkqvw"
_STAND_IN = re.compile(rf"ZQ([{_DIGITS}]{{5}})")
DIGITS = 9


def _terms(expr: sp.Expr) -> list[sp.Expr]:
    """Terms of a sum: the number first, then by the last row that a term uses."""
    def rank(term: sp.Expr) -> tuple:
        names = sorted((s.name for s in term.free_symbols if s.name.startswith("ZQ")), reverse=True)
        return (0 if term.is_number else 1, names, str(term))

    return sorted(sp.Add.make_args(expr), key=rank)


class _Text(StrPrinter):
    def _as_ordered_terms(self, expr, order=None):
        return _terms(expr)

    def _print_Piecewise(self, expr):
        parts = [f"{self._print(value)} if {self._print(condition)}" if condition != sp.true else f"else {self._print(value)}"
                 for value, condition in expr.args]
        return f"({', '.join(parts)})"

    def _print_KroneckerDelta(self, expr):
        return f"[{self._print(expr.args[0])} = {self._print(expr.args[1])}]"

    def _print_Equality(self, expr):
        return f"{self._print(expr.lhs)} = {self._print(expr.rhs)}"

    def _print_Unequality(self, expr):
        return f"{self._print(expr.lhs)} != {self._print(expr.rhs)}"

    def _print_Sum(self, expr):
        over = ", ".join(self._print(limit[0]) for limit in expr.limits)
        return f"sum_{{{over}}}({self._print(expr.function)})"

    def _print_Product(self, expr):
        over = ", ".join(self._print(limit[0]) for limit in expr.limits)
        return f"prod_{{{over}}}({self._print(expr.function)})"


class _Latex(LatexPrinter):
    def _as_ordered_terms(self, expr, order=None):
        return _terms(expr)

    def _print_Sum(self, expr):
        over = ", ".join(self._print(limit[0]) for limit in expr.limits)
        body = self._print(expr.function)
        return rf"\sum_{{{over}}} " + (rf"\left({body}\right)" if expr.function.is_Add else body)

    def _print_Product(self, expr):
        over = ", ".join(self._print(limit[0]) for limit in expr.limits)
        body = self._print(expr.function)
        return rf"\prod_{{{over}}} " + (rf"\left({body}\right)" if expr.function.is_Add or expr.function.is_Mul else body)

    def _print_Logistic(self, expr, exp=None):
        return self._called(r"\sigma", expr, exp)

    def _print_Softplus(self, expr, exp=None):
        return self._called(r"\operatorname{softplus}", expr, exp)

    def _called(self, name, expr, exp):
        """A function by this name, its exponent beside it as SymPy has it for functions of its own."""
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"{name}{power}\left({self._print(expr.args[0])}\right)"


def _rank_key(atom: sp.Basic, order: Mapping[str, int]) -> tuple:
    name = base_name(atom)
    return (order.get(name, -1), name, sp.default_sort_key(atom))


def base_name(atom: sp.Basic) -> str:
    """The name of a symbol, or of the array that a subscript reads."""
    if isinstance(atom, sp.Indexed):
        return str(atom.base.label)
    if isinstance(atom, MatrixElement):
        return str(atom.parent)
    return str(atom)


def _worded(expr: Any, printer, atom_word, order: Mapping[str, int]) -> str:
    """Print with stand-ins whose names sort in row order, then put the words back."""
    if not isinstance(expr, sp.Basic):
        return str(expr)
    atoms = expr.atoms(sp.Indexed, MatrixElement) | expr.atoms(sp.Symbol)
    ranked = sorted(atoms, key=lambda atom: _rank_key(atom, order))
    stand_ins = {atom: sp.Symbol("ZQ" + "".join(_DIGITS[int(d)] for d in f"{k:05d}"), **({} if isinstance(atom, sp.Indexed) else _like(atom)))
                 for k, atom in enumerate(ranked)}
    names = {f"{s.name}": atom for atom, s in stand_ins.items()}
    text = printer.doprint(expr.xreplace(stand_ins))
    return _STAND_IN.sub(lambda found: atom_word(names[found.group(0)]), text)


def _like(atom: sp.Basic) -> dict:
    assumptions = getattr(atom, "assumptions0", {})
    return {key: assumptions[key] for key in ("real", "integer", "positive") if assumptions.get(key)}


def text(expr: Any, order: Mapping[str, int] | None = None) -> str:
    """An expression as one line of plain text."""
    return _worded(expr, _Text(), _text_atom, order or {})


def _text_atom(atom: sp.Basic) -> str:
    if isinstance(atom, sp.Indexed):
        return f"{atom.base.label}[{', '.join(text(index) for index in atom.indices)}]"
    if isinstance(atom, MatrixElement):
        return f"{atom.parent}[{', '.join(text(index) for index in atom.indices)}]"
    return str(atom)


def latex(expr: Any, order: Mapping[str, int] | None = None) -> str:
    """An expression in math mode."""
    return _worded(expr, _Latex(), _latex_atom, order or {})


def _latex_atom(atom: sp.Basic) -> str:
    if isinstance(atom, (sp.Indexed, MatrixElement)):
        return f"{{{latex_name(base_name(atom))}}}_{{{','.join(latex(index) for index in atom.indices)}}}"
    return latex_name(str(atom))


def latex_name(name: str) -> str:
    """A name in math mode; one that is no plain name stands in a box with its characters escaped."""
    if re.fullmatch(r"[A-Za-z]+[0-9]*(_[A-Za-z0-9]+)?", name):
        return sp.latex(sp.Symbol(name))
    return rf"\mbox{{{escape_latex(name)}}}"


def escape_latex(plain: str) -> str:
    special = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", **{c: f"\\{c}" for c in "&%$#_{}"}}
    return "".join(special.get(c, c if c.isprintable() else "?") for c in plain)


def number(value: Any) -> str:
    """A number with nine digits; an array by its shape and norm."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(number(one) for one in value)
    array = np.asarray(value)
    if array.ndim == 0:
        return f"{float(array) + 0.0:.{DIGITS}g}"
    norm = 0.0 + float(np.sqrt(np.sum(np.square(array.astype(float)))))
    return f"{' x '.join(map(str, array.shape))}, norm {norm:.{DIGITS - 3}g}"
