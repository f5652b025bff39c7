"""Formulas of the variables of a kernel in the letters of the declaration, for a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from symgrad.emit.kernel import variables
from symgrad.graph.rows import BOOLEAN
from symgrad.inspect.spelling import Leaf, Letterbook, Spelling
from symgrad.inspect.wording import text
from symgrad.views.entry import words


def row_formulas(compiled: Any, entry: str) -> Callable[[str], str]:
    """Gives "xi_3[i] = log(xi_2[i])" for the name of a variable, and an empty text for an input."""
    rows = variables(entry, compiled.derived(entry), compiled.signature, "flat" if compiled.options.style == "flat" else "plain")
    graph, declared = compiled.derived(entry).graph, words(compiled.declared)
    names = {row: graph.rows[row].payload.name if graph.rows[row].op == "input" else name for name, row in rows.items()}
    leaves: dict[int, Leaf] = {row: _leaf(name) for row, name in names.items()}
    known = {row: leaf for row, leaf in leaves.items() if graph.rows[row].kind != BOOLEAN}  # conditions are written out
    order = {called: row for row, called in names.items()}

    def formula(name: str) -> str:
        row = rows.get(name)
        if row is None or graph.rows[row].op == "input":
            return ""
        book = Letterbook(declared.by_size, {*names.values()}, declared.first_index)
        letters = book.choose(graph.rows[row].shape)
        spelled = Spelling(graph, book, lambda one, at: _leaf(one)(at)).row(row, letters, known)
        return f"{text(leaves[row](letters))} = {text(spelled, order)}"

    return formula


def _leaf(name: str) -> Leaf:
    return lambda letters: sp.IndexedBase(name)[tuple(letters)] if letters else sp.Symbol(name, real=True)
