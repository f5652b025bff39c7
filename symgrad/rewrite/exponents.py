"""Exponentials of products of inputs, such as exp(-x^2/(2 s^2)) and 2^(-x/t), as one function that puts back what rounding the product loses.

The relative error of exp(u) is |u| times that of u: hundreds of units in the last place far out.  An exponent with a sum in it
has been rounded before, and a sum over an index counts by its largest terms, whose exponents are small: both stay as they are.
"""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.rules import shapes

MOST_FACTORS = 4
"""More factors than this are left to be rounded."""

_SAME = ("abs", "max", "min", "real", "floor", "ceiling", "sign", "finite")
"""Functions that round nothing."""


def keep_exponents(program: Program) -> Program:
    """The program with exponentials of products of inputs as exp_product, where they are not summed over an index."""
    rows = program.graph.rows
    exps = {index for index in program.live() if rows[index].payload in (("exp",), ("pow",))}
    if not exps:
        return program
    alone = _not_summed(program) if any(rows[index].keep for index in exps) else set()

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if index not in exps or (row.keep and index not in alone):
            return None
        base = graph.constant_value(refs[0]) if row.payload == ("pow",) else sp.E
        return _product(graph, refs[-1], sp.log(base)) if base is not None and base.is_positive else None

    return rebuild(program, remake)


def _not_summed(program: Program) -> set[int]:
    """Rows that reach a result by some way on which nothing is reduced."""
    rows, found = program.graph.rows, set(program.roots())
    for index in sorted(program.live(), reverse=True):
        row = rows[index]
        if index in found and len(row.keep) == len(row.sizes):
            found.update(row.args)
    return found


def _product(graph: Graph, exponent: Ref, log: sp.Expr) -> Ref | None:
    """The power, of a number with this logarithm, to a number times inputs over inputs; None of anything else, and of what is exact."""
    number, powers = shapes.powers(graph, exponent)
    above = [base for base, power in powers.items() for _ in range(int(power))]
    below = [base for base, power in powers.items() for _ in range(-int(power))]
    if not number.is_number or not 1 <= len(above) + len(below) <= MOST_FACTORS or not all(_is_exact(graph, base) for base in powers):
        return None
    if len(above) == 1 and not below and _is_power_of_two(number):
        return None
    number = number * log
    rest = sp.Rational(float(sp.N(number - sp.Rational(float(sp.N(number, 30))), 30)))
    return graph.map("exp_product", [*above, *below], (number, rest, sp.Integer(len(above))))


def _is_power_of_two(number: sp.Expr) -> bool:
    return bool(number.is_Rational and {abs(number.p) & (abs(number.p) - 1), number.q & (number.q - 1)} == {0})


def _is_exact(graph: Graph, ref: Ref) -> bool:
    """Whether a row is an input, read by an index or not, or one through a function that rounds nothing."""
    row = graph[ref]
    if row.op == "product":
        return row.payload == 1 and all(graph[one].op == "onehot" or _is_exact(graph, one) for one in graph.operands(ref)) \
            and sum(graph[one].op != "onehot" for one in graph.operands(ref)) == 1
    return row.op == "input" or (row.op == "map" and row.payload[0] in _SAME and all(
        graph.constant_value(one) is not None or _is_exact(graph, one) for one in graph.operands(ref)))
