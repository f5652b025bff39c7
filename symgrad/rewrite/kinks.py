"""One function, one slope at its kink: spellings of relu, |x|, leaky relu and ELU are brought to one form.

By the rules of sums, products and branches alone, max(0, x), x*Heaviside(x), (x + |x|)/2 and the two Piecewise forms of
relu would have the slopes 0, 1/2, 1/2, 0 and 1 at 0.  The pass runs on declared rows, before they are differentiated.
A form is only changed into one with the same values, nan included.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import sympy as sp

from symgrad.graph.functions import HALF
from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.kinks import Kinks
from symgrad.graph.labels import Label
from symgrad.graph.lower import apply
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row

ZERO, ONE = sp.S.Zero, sp.S.One
NOTE = "rule slope at a kink"
KINKED = {"max", "min", "select", "heaviside", "abs", "sign"}


class Branches(NamedTuple):
    """`above` where u > 0 and `below` where u < 0; `equal` says whether 0 belongs to `above`."""

    u: Ref
    above: Ref
    below: Ref
    equal: bool


def settle_kinks(program: Program) -> Program:
    """The program with every known spelling of a kinked function in the form that has the chosen slope."""
    rows = program.graph.rows
    if not any(rows[index].op == "map" and rows[index].payload[0] in KINKED for index in program.live()):
        return program

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        made = KINDS[row.op].remake(graph, row, refs, labels)
        inner = graph[made]
        match = _MATCHES.get(inner.payload[0] if inner.op == "map" else inner.op) if inner.kind == REAL else None
        found = match(graph, made, program.kinks) if match is not None else None
        if found is None or found == made:
            return made
        graph.notes.setdefault(found.row, NOTE)
        return found

    return rebuild(program, remake)


# ---------------------------------------------------------------------- factors

def _factors(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[Ref]]:
    """(number, factors) of a product that sums over nothing; (1, [row]) of anything else."""
    row = graph[ref]
    if row.op == "product" and len(row.keep) == len(row.sizes):
        return row.payload, graph.operands(ref)
    return ONE, [ref]


def _divided(graph: Graph, ref: Ref, by: Ref) -> Ref | None:
    """The rest of a product without the factors `by`: a number or a row; None where it does not hold them."""
    value = graph.constant_value(ref)
    if value is not None:
        return ref if value == 0 else None
    (number, rest), (scale, wanted) = _factors(graph, ref), _factors(graph, by)
    for factor in wanted:
        if factor not in rest:
            return None
        rest.remove(factor)
    return graph.product(number / scale, rest)


def _number(graph: Graph, ref: Ref) -> sp.Expr | None:
    value = graph.constant_value(ref)
    return value if value is not None and value.is_number and value.is_real else None


def _scaled(graph: Graph, factor: sp.Expr, ref: Ref) -> Ref:
    return graph.product(factor, [ref])


def _clipped(graph: Graph, name: str, ref: Ref) -> Ref:
    """max(u, 0) or min(u, 0)."""
    return graph.map(name, (graph.constant(ZERO), ref))


# ---------------------------------------------------------------------- branches at 0

def _branches(graph: Graph, ref: Ref) -> Branches | None:
    """A choice by the sign of u, as u > 0, u >= 0, u < 0 or u <= 0 with 0 on either side."""
    condition, yes, no = graph.operands(ref)
    row = graph[condition]
    if row.op != "map" or row.payload[0] not in ("gt", "ge", "lt", "le"):
        return None
    left, right = graph.operands(condition)
    name = row.payload[0]
    if graph.constant_value(left) == 0:
        left, right, name = right, left, {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}[name]
    if graph.constant_value(right) != 0 or graph[left].kind != REAL:
        return None
    if name in ("gt", "ge"):
        return Branches(left, yes, no, name == "ge")
    return Branches(left, no, yes, name == "lt")


def _chosen(graph: Graph, found: Branches, equal: bool) -> Ref:
    """The same branches, 0 belonging to the one whose slope is wanted."""
    name = "ge" if equal else "gt"
    return graph.select(apply(graph, name, [found.u, graph.constant(ZERO)]), found.above, found.below)


def _select(graph: Graph, ref: Ref, kinks: Kinks) -> Ref | None:
    found = _branches(graph, ref)
    if found is None:
        return None
    above, below = _divided(graph, found.above, found.u), _divided(graph, found.below, found.u)
    if above is not None and below is not None:
        return _two_slopes(graph, found, above, below, kinks)
    if above is not None and graph.constant_value(above) not in (None, ZERO) and _is_elu(graph, found.below, found.u):
        return _chosen(graph, found, kinks.elu == 1)
    return None


def _two_slopes(graph: Graph, found: Branches, above: Ref, below: Ref, kinks: Kinks) -> Ref | None:
    right, left = _number(graph, above), _number(graph, below)
    if right is None and left is None:
        return None
    if right is not None and left is not None and right == -left:
        return _scaled(graph, right, graph.map("abs", (found.u,)))
    if ZERO in (right, left):
        return _half_zero(graph, found, right, left, kinks)
    # where one slope is no number, that branch is the leak
    steeper_above = abs(right) > abs(left) if right is not None and left is not None else right is not None
    return _chosen(graph, found, steeper_above == (kinks.leaky == "full"))


def _half_zero(graph: Graph, found: Branches, right: sp.Expr | None, left: sp.Expr | None, kinks: Kinks) -> Ref | None:
    """relu and its mirror images: one branch is 0."""
    if kinks.constant_tie != "share":
        return _chosen(graph, found, (left == 0) == (kinks.constant_tie == "variable"))
    if right is None or left is None:
        return None
    return _scaled(graph, right, _clipped(graph, "max", found.u)) if left == 0 else _scaled(graph, left, _clipped(graph, "min", found.u))


def _is_elu(graph: Graph, ref: Ref, u: Ref) -> bool:
    """alpha (exp(u) - 1), with a number or a row for alpha, also as alpha exp(u) - alpha."""
    _, factors = _factors(graph, ref)
    return any(_is_exp_minus_one(graph, factor, u) for factor in factors)


def _is_exp_minus_one(graph: Graph, ref: Ref, u: Ref) -> bool:
    row = graph[ref]
    if row.op == "map" and row.payload == ("expm1",):
        return graph.operands(ref)[0] == u
    if row.op != "sum" or len(row.args) != 1:
        return False
    (coefficient,), constant = row.payload
    (inner,) = graph.operands(ref)
    return constant == -coefficient and graph[inner].payload == ("exp",) and graph.operands(inner)[0] == u


# ---------------------------------------------------------------------- max, Heaviside, |x|

def _extremum(graph: Graph, ref: Ref, kinks: Kinks) -> Ref | None:
    """max(p u, q u): where u > 0 the larger slope, else the smaller one."""
    args = graph.operands(ref)
    if len(args) != 2 or any(graph.constant_value(arg) is not None for arg in args):
        return None
    u, other = args
    ratio = _divided(graph, other, u)
    if ratio is None:
        u, other = other, u
        ratio = _divided(graph, other, u)
    if ratio is None:
        return None
    largest, smallest = (graph.map(name, (graph.constant(ONE), ratio)) if _number(graph, ratio) is None else
                         graph.constant(pick(ONE, _number(graph, ratio))) for name, pick in (("max", sp.Max), ("min", sp.Min)))
    right, left = (largest, smallest) if graph[ref].payload[0] == "max" else (smallest, largest)
    found = Branches(u, graph.product(ONE, [right, u]), graph.product(ONE, [left, u]), False)
    if _number(graph, ratio) is not None:
        return _two_slopes(graph, found, right, left, kinks)
    return _chosen(graph, found, (graph[ref].payload[0] == "max") == (kinks.leaky == "full"))


def _heaviside(graph: Graph, ref: Ref, kinks: Kinks) -> Ref | None:
    u, at_zero = graph.operands(ref)
    if graph.constant_value(at_zero) != HALF or kinks.heaviside == 0.5:
        return None
    return graph.map("heaviside", (u, graph.constant(sp.Integer(int(kinks.heaviside)))))


def _product(graph: Graph, ref: Ref, kinks: Kinks) -> Ref | None:
    """u Heaviside(u) = u [u > 0] = max(u, 0), u sign(u) = |u|, inside a product of any length."""
    operands, labels = graph.open(ref)
    row = graph[ref]
    over = [label for local, label in enumerate(labels) if local not in row.keep]
    for k, operand in enumerate(operands):
        step = _step(graph, operand)
        rest = operands[:k] + operands[k + 1:]
        if step is not None and (left := _without(graph, rest, step[1])) is not None:
            name, u = step
            clipped = graph.map("abs", (u,)) if name == "sign" else _clipped(graph, "max", u)
            return graph.product(row.payload / _factors(graph, u)[0], [*left, clipped], over)
    return None


def _step(graph: Graph, ref: Ref) -> tuple[str, Ref] | None:
    """("step", u) for Heaviside(u) and for [u > 0], [u >= 0] as numbers; ("sign", u) for sign(u)."""
    row = graph[ref]
    name = row.payload[0] if row.op == "map" else None
    if name == "real":
        return _step(graph, graph.operands(ref)[0])
    if name in ("heaviside", "sign"):
        return ("step" if name == "heaviside" else "sign"), graph.operands(ref)[0]
    if name == "select":
        found = _branches(graph, ref)
        is_step = found is not None and (graph.constant_value(found.above), graph.constant_value(found.below)) == (1, 0)
        return ("step", found.u) if found is not None and is_step else None
    return None


def _without(graph: Graph, operands: list[Ref], u: Ref) -> list[Ref] | None:
    """The operands less the factors of u, or None."""
    rest = list(operands)
    for factor in _factors(graph, u)[1]:
        if factor not in rest:
            return None
        rest.remove(factor)
    return rest


def _sum(graph: Graph, ref: Ref, kinks: Kinks) -> Ref | None:
    """a u + b |u| with a = b is 2 b max(u, 0), with a = -b it is -2 b min(u, 0); u may be a sum of terms itself."""
    coefficients, constant = graph[ref].payload
    terms = dict(zip(graph.operands(ref), coefficients, strict=True))
    for term, coefficient in terms.items():
        if graph[term].op != "map" or graph[term].payload != ("abs",):
            continue
        (u,) = graph.operands(term)
        inside, shift = _linear(graph, u)
        for sign in (ONE, -ONE):
            if all(terms.get(part) == sign * coefficient * scale for part, scale in inside.items()):
                left = [(c, part) for part, c in terms.items() if part not in inside and part != term]
                clipped = _clipped(graph, "max" if sign > 0 else "min", u)
                return graph.sum(constant - sign * coefficient * shift, [*left, (2 * sign * coefficient, clipped)])
    return None


def _linear(graph: Graph, ref: Ref) -> tuple[dict[Ref, sp.Expr], sp.Expr]:
    """A row as its terms and its constant."""
    row = graph[ref]
    if row.op == "sum":
        return dict(zip(graph.operands(ref), row.payload[0], strict=True)), row.payload[1]
    number, factors = _factors(graph, ref)
    return ({factors[0]: number} if len(factors) == 1 else {ref: ONE}), ZERO


_MATCHES: dict[str, Callable[[Graph, Ref, Kinks], Ref | None]] = {
    "select": _select, "max": _extremum, "min": _extremum, "heaviside": _heaviside, "product": _product, "sum": _sum,
}
