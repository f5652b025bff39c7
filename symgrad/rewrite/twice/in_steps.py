"""Rows as steps in twice the digits, by the spelling of each function in the table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import sympy as sp
from sympy.core.symbol import Str

from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.graph.steps import NUMBER, PRODUCT, SUM, Steps, arguments

Spelling = tuple[Str, tuple[sp.Expr, ...]]


def steps(graph: Graph, ref: Ref, *sources: Ref) -> Steps | None:
    """The rows from these to one as steps; None where a function has no such spelling, or there is no step."""
    places, found = {source.row: k for k, source in enumerate(sources)}, []
    spelled = _spelled(graph, ref, places) or {}
    for index, ((template, numbers), args) in sorted(spelled.items(), key=lambda one: one[0]):
        found.append(sp.Tuple(template, sp.Tuple(*numbers), sp.Tuple(*(places[arg] for arg in args))))
        places[index] = len(places)
    return Steps(sp.Integer(len(sources)), *found) if found else None


def _spelled(graph: Graph, ref: Ref, sources: Collection[int]) -> dict[int, tuple[Spelling, Sequence[int]]] | None:
    """The spellings of the rows from some to one, and what they are made of."""
    found, waiting = dict[int, tuple[Spelling, Sequence[int]]](), [ref.row]
    while waiting:
        index = waiting.pop()
        if index in sources or index in found:
            continue
        row = graph.rows[index]
        tail = _tail(graph, row)
        spelling, args = tail if tail is not None else (_spelling(row), row.args)
        if spelling is None:
            return None
        found[index] = spelling, args
        waiting += args
    return found


def _tail(graph: Graph, row: Row) -> tuple[Spelling, Sequence[int]] | None:
    """c - c erf(a) and c + c erf(a), which lose all their digits where a is far from 0, as c times erfc(a) and erfc(-a)."""
    below = graph.rows[row.args[0]] if row.op == "sum" and len(row.args) == 1 else None
    if below is None or not below.calls("erf"):
        return None
    (coefficient,), constant = row.payload
    sign = "-" if coefficient == constant else ""
    return ((Str(f"_twice_erfc({sign}{{0}})*{{1}}"), (constant,)), below.args) if abs(coefficient) == abs(constant) else None


def _spelling(row: Row) -> Spelling | None:
    """The spelling of a row and its numbers."""
    if row.op == "sum":
        return SUM, (*row.payload[0], row.payload[1])
    if row.op == "product":
        return PRODUCT, (row.payload,)
    if row.op == "constant" and row.kind == REAL and row.payload.is_finite:
        return NUMBER, (row.payload,)
    if row.op != "map":
        return None
    name, *parameters = row.payload
    if name in WITH_A_NUMBER and len(parameters) == 1:
        return WITH_A_NUMBER[name](sp.sympify(parameters[0]))
    twice = TABLE[name].twice
    return (Str(twice), ()) if twice and not parameters and {*range(len(row.args))} <= {*arguments(twice)} else None


def _power(exponent: sp.Expr) -> Spelling:
    """Whole powers of the number, its square or its cube root; another by its logarithm."""
    if exponent.is_Rational and exponent.q in (1, 2, 3):
        base = {1: "{0}", 2: "_twice_sqrt({0})", 3: "_twice_cbrt({0})"}[exponent.q]
        return Str(f"{base}**{exponent.p}" if exponent > 0 else f"1.0/{base}**{-exponent.p}"), ()
    return Str("_twice_power({0}, {1})"), (exponent,)


WITH_A_NUMBER: dict[str, Callable[[sp.Expr], Spelling | None]] = {
    "power": _power, "polygamma": lambda order: (Str("_twice_trigamma({0})"), ()) if order == 1 else None}
"""Spellings of functions with a parameter."""
