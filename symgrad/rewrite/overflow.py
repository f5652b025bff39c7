"""Products with an exponential that overflows or underflows where the product need not: y exp(s) is 0 at y = 0, whatever s is.

The exponential is computed as before, and looked at; where it is no normal number the power of two that is in it comes last.
Formulas of one input that is not summed over are left: where they leave the range they are expanded.
"""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp

from symgrad.graph.bounds import NOT_NEGATIVE, Bounds
from symgrad.graph.graph import Graph
from symgrad.graph.heads.exponents import EXPONENTIALS, STEEP, WITH_FACTOR
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.weighted import is_taken_out


class _Product(NamedTuple):
    """A function times_exp, …, its parameters, the number and the factors beside the exponential, that itself, and what it is made of."""

    name: str
    parameters: tuple
    number: sp.Expr
    others: list[Ref]
    power: Ref
    arguments: list[Ref]


def keep_in_range(program: Program) -> Program:
    """The program with such products as functions that are told the exponent as well."""
    rows, live = program.graph.rows, program.live()
    is_expanded = len(program.graph.inputs_among(live)) < 2 and not any(len(rows[index].keep) < len(rows[index].sizes) for index in live)
    if is_expanded or not any(_is_one_of(rows[index], (*EXPONENTIALS, *STEEP, "softplus")) for index in live):
        return program
    made, left = Graph(), _put_back(rows, live) | _chosen_below(program, live)
    bounds = Bounds(made)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if index in left or row.op != "product" or row.kind != REAL or len(row.args) < 2:
            return None
        found = _with_exponential(graph, bounds, refs)
        return _made(graph, row, found, labels) if found is not None else None

    return rebuild(program, remake, made)


def _put_back(rows: list[Row], live: list[int]) -> set[int]:
    """What rounding loses of exponentials: it stands beside these."""
    return {rows[index].args[1] for index in live if rows[index].calls("mended")}


def _chosen_below(program: Program, live: list[int]) -> set[int]:
    """Products with exp(u) that count only where u is below a number, as in an ELU."""
    rows, below = program.graph.rows, below_where_used(program, live)
    return {index for index in live if any(rows[arg].calls("exp", "expm1") and rows[arg].args[0] in below[index] for arg in rows[index].args)}


def below_where_used(program: Program, live: list[int]) -> dict[int, frozenset[int]]:
    """For each row the rows that are below a number wherever it counts: choices take it only there."""
    rows = program.graph.rows
    below: dict[int, frozenset[int]] = dict.fromkeys(program.roots(), frozenset())
    for index in reversed(live):
        for k, arg in enumerate(rows[index].args):
            known = below[index] | below_in_branch(rows, rows[index], k)
            below[arg] = below.get(arg, known) & known
    return below


def below_in_branch(rows: list[Row], choice: Row, branch: int) -> frozenset[int]:
    """What is below a number where a row chooses this branch."""
    if not choice.calls("select") or branch == 0:
        return frozenset()
    condition, is_true = rows[choice.args[0]], branch == 1
    if condition.calls("not"):
        condition, is_true = rows[condition.args[0]], not is_true
    is_less = condition.calls("lt", "le") if is_true else condition.calls("gt", "ge")
    return frozenset(condition.args[:1]) if is_less and rows[condition.args[1]].op == "constant" else frozenset()


def _with_exponential(graph: Graph, bounds: Bounds, refs: list[Ref]) -> _Product | None:
    """The product, its operands opened that are products with exponentials themselves."""
    for k, ref in enumerate(refs):
        beside = look.without(refs, k)
        inside = _opened(graph, ref) or _exponential(graph, bounds, ref)
        if inside is not None and all(set(other.labels) <= set(ref.labels) for other in beside):
            return inside._replace(others=[*beside, *inside.others])
    return None


def _is_one_of(row: Row, names: tuple[str, ...]) -> bool:
    """Whether the row is one of these functions, whatever its parameters are."""
    return row.op == "map" and row.payload[0] in names


def _opened(graph: Graph, ref: Ref) -> _Product | None:
    number, inner = look.scaled(graph, ref)
    row = graph[inner]
    if not _is_one_of(row, WITH_FACTOR):
        return None
    x, power, *arguments = graph.operands(inner)
    return _Product(row.payload[0], row.payload[1:], number, [x], power, arguments)


def _exponential(graph: Graph, bounds: Bounds, ref: Ref) -> _Product | None:
    """An exponential that may overflow at finite inputs."""
    row, inside = graph[ref], graph.operands(ref)
    if row.calls("mended"):
        return _mended(graph, bounds, ref, *inside)
    if row.calls("select") and graph[inside[2]].calls("expm1"):  # exp(u) - 1 where u is large, of a product u
        return _with_power(_exponential(graph, bounds, inside[2]), ref)
    if not _is_one_of(row, (*EXPONENTIALS, *STEEP)):
        return _power_of_softplus(graph, ref)
    if is_bounded(graph, bounds, ref):
        return None
    if row.calls(*STEEP):
        size = inside if row.calls("expm1") else [look.make(graph, "abs", *inside)]
        return _Product("times_steep", (sp.Integer(STEEP[row.payload[0]]),), ONE, [], ref, size)
    rest = [graph.constant(ZERO)] if row.payload[0] == "exp" else []
    return _Product(f"times_{row.payload[0]}", row.payload[1:], ONE, [], ref, [*inside, *rest])


def _power_of_softplus(graph: Graph, ref: Ref) -> _Product | None:
    """softplus(a)^-k, which is exp(-k a) where it overflows."""
    inner, power = shapes.whole_power(graph, ref)
    a = look.argument(graph, inner, "softplus")
    return _Product("times_steep", (ZERO,), ONE, [], ref, [look.times(graph, power, a)]) if a is not None and power < 0 else None


def _mended(graph: Graph, bounds: Bounds, ref: Ref, plain: Ref, lost: Ref) -> _Product | None:
    """An exponential e with e r added, r being what rounding loses of its exponent; of other functions that is left out where they overflow."""
    inside = _exponential(graph, bounds, plain) if graph[plain].calls("exp", *STEEP) else None
    coefficient, operands = look.factors(graph, lost) or (ONE, [])
    if inside is None or not graph[plain].calls("exp"):
        return _with_power(inside, ref)
    if plain not in operands:
        return None
    rest = look.times(graph, coefficient, *look.without(operands, operands.index(plain)))
    return inside._replace(power=ref, arguments=[inside.arguments[0], rest])


def _with_power(found: _Product | None, power: Ref) -> _Product | None:
    return found._replace(power=power) if found is not None else None


def is_bounded(graph: Graph, bounds: Bounds, ref: Ref) -> bool:
    """Whether an exponential is at most 1, or one of an exponent from which what is largest has been taken out; not known of other rows."""
    name, *parameters = graph[ref].payload
    inside = graph.operands(ref)
    if name == "exp_product":
        return bool(parameters[0].is_negative) and bounds.of(look.times(graph, ONE, *inside).row) >= NOT_NEGATIVE
    if name not in ("exp", "expm1"):
        return False
    _, parts = look.terms(graph, inside[0]) or (ZERO, [])
    is_less = any(graph[term].op in ("extremum", "logsumexp") for _, term in parts) or is_taken_out(graph, inside[0])
    return is_less or bounds.of(look.negative(graph, inside[0]).row) >= NOT_NEGATIVE


def _made(graph: Graph, row: Row, found: _Product, labels: list[Label]) -> Ref:
    """The function, summed over the labels that the product lacks; a bare sign stands outside, where a sum has it for nothing."""
    number = row.payload * found.number
    outside, inside = (number, ONE) if number == -1 else (ONE, number)
    x = graph.product(inside, found.others)
    made = graph.map(found.name, (x, found.power, *found.arguments), found.parameters)
    graph.notes.setdefault(made.row, "rule product with an exponential")
    return graph.product(outside, [made], [label for local, label in enumerate(labels) if local not in row.keep])
