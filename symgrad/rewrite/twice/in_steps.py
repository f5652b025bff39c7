"""Rows as steps in twice the digits, by the spelling of each function in the table."""

from __future__ import annotations

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
    for index in graph.live([ref.row]):
        row = graph.rows[index]
        spelling = _spelling(row)
        if index not in places:
            if spelling is None:
                return None
            found.append(sp.Tuple(spelling[0], sp.Tuple(*spelling[1]), sp.Tuple(*(places[arg] for arg in row.args))))
            places[index] = len(places)
    return Steps(sp.Integer(len(sources)), *found) if found else None


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
    if name == "power":
        return _power(sp.sympify(parameters[0]))
    twice = TABLE[name].twice
    return (Str(twice), ()) if twice and not parameters and {*range(len(row.args))} <= {*arguments(twice)} else None


def _power(exponent: sp.Expr) -> Spelling:
    """Whole powers of the number, its square or its cube root; another by its logarithm."""
    if exponent.is_Rational and exponent.q in (1, 2, 3):
        base = {1: "{0}", 2: "_twice_sqrt({0})", 3: "_twice_cbrt({0})"}[exponent.q]
        return Str(f"{base}**{exponent.p}" if exponent > 0 else f"1.0/{base}**{-exponent.p}"), ()
    return Str("_twice_power({0}, {1})"), (exponent,)
