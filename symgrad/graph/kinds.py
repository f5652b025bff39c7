"""The kinds of rows: how each is made anew by a pass, its local partials, and what it costs.

A partial says: d row / d argument = coefficient * product of the factors, gated by a condition.  `argument` names the
argument with the labels it has inside the sum-product, so both modes of derivation are one rule over this list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.graph import functions
from symgrad.graph.graph import Graph
from symgrad.graph.kinks import Kinks
from symgrad.graph.labels import Label
from symgrad.graph.lower import apply, lower, negate
from symgrad.graph.rows import INTEGER, REAL, Ref, Row


class Partial(NamedTuple):
    """coefficient * product(factors) towards one argument, where `gate` holds.

    `exists` is a condition on the row's own labels: outside of it the row has no slope at all.
    """

    argument: Ref
    coefficient: sp.Expr
    factors: Sequence[Ref]
    gate: Ref | None = None
    exists: Ref | None = None


class Kind(NamedTuple):
    """What the passes need to know of one operation."""

    remake: Callable[[Graph, Row, list[Ref], list[Label]], Ref]
    partials: Callable[[Graph, Ref, list[Ref], Kinks], list[Partial]]
    cost: Callable[[Row, Callable[[sp.Expr], int]], int]


def volume(row: Row, number: Callable[[sp.Expr], int], labels: Sequence[int] | None = None) -> int:
    total = 1
    for label in range(len(row.sizes)) if labels is None else labels:
        total *= number(row.sizes[label])
    return total


def _no_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    return []


def _free(row: Row, number: Callable) -> int:
    return 0


# ---------------------------------------------------------------------- leaves

def _remake_leaf(graph: Graph, row: Row, refs: list[Ref], labels: list[Label]) -> Ref:
    if row.op == "input":
        return graph.input(row.payload.role, row.payload.name, labels, row.kind)
    return graph.constant(row.payload, row.kind) if row.op == "constant" else graph.iota(labels[0])


def _remake_onehot(graph: Graph, row: Row, refs: list[Ref], labels: list[Label]) -> Ref:
    return graph.onehot(refs[0], labels[row.keep[-1]], refs[1] if len(refs) == 2 else None, row.payload == "checked")


# ---------------------------------------------------------------------- names

def _remake_named(graph: Graph, row: Row, refs: list[Ref], labels: list[Label]) -> Ref:
    """A name is for tables only: the first pass that rebuilds the program drops it."""
    return refs[0]


def _unit_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    """1 towards the one argument: of the same numbers, and of their sum less a number."""
    return [Partial(args[0], sp.S.One, ())]


# ---------------------------------------------------------------------- sums and products

def _remake_sum(graph: Graph, row: Row, refs: list[Ref], labels: list[Label]) -> Ref:
    coefficients, constant = row.payload
    return graph.sum(constant, zip(coefficients, refs, strict=True))


def _sum_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    return [Partial(ref, c, ()) for ref, c in zip(args, graph[result].payload[0], strict=True)]


def _sum_cost(row: Row, number: Callable) -> int:
    coefficients, constant = row.payload
    each = len(row.args) - 1 + (constant != 0) + sum(c not in (1, -1) for c in coefficients)
    return each * volume(row, number)


def _remake_product(graph: Graph, row: Row, refs: list[Ref], labels: list[Label]) -> Ref:
    kept = set(row.keep)
    return graph.product(row.payload, refs, [label for local, label in enumerate(labels) if local not in kept])


def _product_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    coefficient = graph[result].payload
    return [Partial(ref, coefficient, args[:k] + args[k + 1:]) for k, ref in enumerate(args)]


def _product_cost(row: Row, number: Callable) -> int:
    """Multiplications over all labels, an addition for each summed element, one scaling of the result."""
    every, out = volume(row, number), volume(row, number, row.keep)
    scale = out if row.payload not in (1, -1) else 0
    return (len(row.args) - 1) * every + (every - out if len(row.keep) < len(row.sizes) else 0) + scale


# ---------------------------------------------------------------------- elementary maps

def _remake_map(graph: Graph, row: Row, refs: list[Ref], labels: list[Label]) -> Ref:
    if row.payload[0] == "select":
        return graph.select(*refs)
    return graph.map(row.payload[0], refs, row.payload[1:], row.kind)


def _map_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    return partials_beside(graph, result, args, kinks, [graph.constant_value(ref) for ref in args])


def partials_beside(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks, numbers: list[sp.Expr | None]) -> list[Partial]:
    """The partials of an elementary map towards all operands but those that count as these numbers."""
    row = graph[result]
    name, parameters = row.payload[0], row.payload[1:]
    if row.kind != REAL or not functions.TABLE[name].differentiable:
        return []
    if name == "select":
        condition, yes, no = args
        return [Partial(yes, sp.S.One, (), condition), Partial(no, sp.S.One, (), negate(graph, condition))]
    places = tuple(value if value is not None and value.is_number else functions.A[k] for k, value in enumerate(numbers))
    bound = dict(zip(functions.A, args, strict=False)) | {functions.R: result}
    out = []
    for ref, place, partial in zip(args, places, functions.partials_of(name, parameters, places, kinks), strict=True):
        if partial != 0 and place.is_Symbol:
            out.append(_lowered_partial(graph, ref, partial, bound))
    return out


def _lowered_partial(graph: Graph, argument: Ref, partial: sp.Expr, bound: dict) -> Partial:
    gate = None
    if _is_gated(partial):
        (partial, condition), _ = partial.args
        gate = lower(graph, condition, bound.get)
    factor = graph.constant(partial) if partial is sp.nan else graph.real(lower(graph, partial, bound.get))
    value = graph.constant_value(factor)
    return Partial(argument, value, (), gate) if value is not None else Partial(argument, sp.S.One, (factor,), gate)


def _is_gated(partial: sp.Expr) -> bool:
    return isinstance(partial, sp.Piecewise) and len(partial.args) == 2 and tuple(partial.args[1]) == (0, True)


def _map_cost(row: Row, number: Callable) -> int:
    name = row.payload[0]
    entry = functions.TABLE[name]
    each = len(row.args) - 1 if name in ("max", "min") else entry.cost
    if name == "power":
        each = _power_cost(row.payload[1])
    return each * volume(row, number)


def _power_cost(exponent: sp.Expr) -> int:
    """Small whole powers are multiplications, half powers a root, a negative sign a division."""
    size = abs(exponent)
    if size.is_Integer and size <= 4:
        return (2 if size > 2 else 1) + (4 if exponent < 0 else 0)
    if (2 * size).is_Integer and size <= 2:
        return 5 + (4 if exponent < 0 else 0)
    return functions.TABLE["power"].cost


# ---------------------------------------------------------------------- reductions

def _remake_reduction(graph: Graph, row: Row, refs: list[Ref], labels: list[Label]) -> Ref:
    kept = set(row.keep)
    return graph.reduce(row.op, refs[0], [label for local, label in enumerate(labels) if local not in kept], row.payload)


def _extremum_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    """Elements equal to the extremum share its slope equally, or the first or last of them takes it."""
    (ref,) = args
    if graph[result].kind != REAL:
        return []
    taken = apply(graph, "eq", [ref, result])
    over = [label for label in ref.labels if label not in result.labels]
    if kinks.max_tie != "share":
        return [Partial(ref, sp.S.One, (), _one_taken(graph, taken, over, kinks.max_tie == "first"))]
    count = graph.product(sp.S.One, [graph.real(taken)], over)
    return [Partial(ref, sp.S.One, (graph.map("reciprocal", (count,)),), taken)]


def _one_taken(graph: Graph, taken: Ref, over: list[Label], first: bool) -> Ref:
    """Where the first (or last) element stands at which a condition holds, elements counted along the labels in turn."""
    stride, terms = sp.S.One, []
    for label in reversed(over):
        terms.append((stride, graph.iota(label)))
        stride = stride * label.size
    place = graph.sum(sp.S.Zero, terms)
    nowhere = graph.constant(stride if first else -sp.S.One, INTEGER)
    chosen = graph.reduce("extremum", graph.select(taken, place, nowhere), over, "min" if first else "max")
    return apply(graph, "eq", [place, chosen])


def _norm_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    """a/norm(a); at norm 0, where every slope up to 1 is one, 0."""
    (ref,) = args
    away = apply(graph, "ne", [result, graph.constant(sp.S.Zero)])
    return [Partial(ref, sp.S.One, (ref, graph.map("reciprocal", (result,))), away)]


def _logsumexp_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    """softmax(a); the logarithm of a sum that is 0 has no slope, and nan would outlive the branches that leave it out."""
    (ref,) = args
    softmax = graph.map("exp", (graph.sum(sp.S.Zero, [(sp.S.One, ref), (-sp.S.One, result)]),))
    return [Partial(ref, sp.S.One, (softmax,), None, apply(graph, "gt", [result, graph.constant(-sp.oo)]))]


def _remake_prod(graph: Graph, row: Row, refs: list[Ref], labels: list[Label]) -> Ref:
    return graph.product_over(refs[0], next(label for local, label in enumerate(labels) if local not in row.keep))


def _prod_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    """The product of all others: never the product divided by the element, which may be 0."""
    (ref,) = args
    return [Partial(ref, sp.S.One, (graph.others(ref, next(label for label in ref.labels if label not in result.labels)),))]


def _compounded_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    """Those of the product of 1 + a."""
    (ref,) = args
    return [Partial(ref, sp.S.One, (graph.others(shifted, label),)) for label in ref.labels if label not in result.labels
            for shifted in [graph.sum(sp.S.One, [(sp.S.One, ref)])]]


def _logprod_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    return [Partial(args[0], sp.S.One, (graph.map("reciprocal", (args[0],)),))]


def _remake_others(graph: Graph, row: Row, refs: list[Ref], labels: list[Label]) -> Ref:
    return graph.others(refs[0], labels[row.axes[0][row.payload]])


def _others_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    """Towards element k the product of all others but k: that of the row in which the element itself stands as 1."""
    (ref,) = args
    label = ref.labels[graph[result].payload]
    k = Label(label.size)
    other = ref.rename({label: k})
    places = [graph.iota(label), graph.iota(k)]
    without = graph.select(apply(graph, "eq", places), graph.constant(sp.S.One), other)
    return [Partial(other, sp.S.One, (graph.others(without, k),), apply(graph, "ne", places))]


def _prod_cost(row: Row, number: Callable) -> int:
    return volume(row, number) * (3 if row.op == "others" else 1)


def _reduction_cost(row: Row, number: Callable) -> int:
    return volume(row, number) * {"extremum": 1, "rest": 1, "norm": 2}.get(row.op, 13)


# ---------------------------------------------------------------------- linear algebra

def _remake_linear_algebra(graph: Graph, row: Row, refs: list[Ref], labels: list[Label]) -> Ref:
    return graph.linear_algebra(row.op, refs[0], matrix_labels(row, labels))


def matrix_labels(row: Row, labels: Sequence[Label]) -> list[Label]:
    """The two labels that a linear-algebra row treats as rows and columns of its argument."""
    batch = row.keep[:-2] if row.op == "inverse" else row.keep
    return [labels[local] for local in row.axes[0] if local not in batch]


def _linear_algebra_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    """dA^-1 = -A^-1 dA A^-1;  d det A = det A tr(A^-1 dA);  d log det A = tr(A^-1 dA)."""
    (ref,) = args
    row = graph[result]
    if row.op == "inverse":
        q, p = result.labels[-2:]
        k, s = Label(p.size), Label(q.size)
        left, right = result.rename({p: k}), result.rename({q: s})
        return [Partial(ref.rename({p: k, q: s}), -sp.S.One, (left, right))]
    pair = [label for label in ref.labels if label not in result.labels]
    inverse = graph.linear_algebra("inverse", ref, pair)
    return [Partial(ref, sp.S.One, (inverse, result) if row.op == "det" else (inverse,))]


def _remake_solve(graph: Graph, row: Row, refs: list[Ref], labels: list[Label]) -> Ref:
    return graph.solve(refs[0], refs[1], labels[_equations(row)])


def _equations(row: Row) -> int:
    """The local label that numbers the equations of a solve."""
    return next(label for label in row.axes[0] if label not in row.keep)


def _solve_partials(graph: Graph, result: Ref, args: list[Ref], kinks: Kinks) -> list[Partial]:
    """y = A^-1 b: dy = A^-1 db - A^-1 dA y."""
    matrix, right = args
    inverse = graph.linear_algebra("inverse", matrix, matrix.labels)
    shared = next(label for label in matrix.labels if label not in result.labels)
    unknown = next(label for label in matrix.labels if label is not shared)
    k = Label(unknown.size)
    towards = Partial(matrix.rename({unknown: k}), -sp.S.One, (inverse, result.rename({unknown: k})))
    return [towards, Partial(right, sp.S.One, (inverse,))]


def _linear_algebra_cost(row: Row, number: Callable) -> int:
    size = number(row.sizes[row.axes[0][-1]])
    if row.op == "solve":
        return size**3 // 3 + volume(row, number)
    return volume(row, number) * size * (2 if row.op == "inverse" else 1)


KINDS: dict[str, Kind] = {
    "input": Kind(_remake_leaf, _no_partials, _free),
    "constant": Kind(_remake_leaf, _no_partials, _free),
    "iota": Kind(_remake_leaf, _no_partials, _free),
    "onehot": Kind(_remake_onehot, _no_partials, _free),
    "named": Kind(_remake_named, _unit_partials, _free),
    "sum": Kind(_remake_sum, _sum_partials, _sum_cost),
    "product": Kind(_remake_product, _product_partials, _product_cost),
    "map": Kind(_remake_map, _map_partials, _map_cost),
    "extremum": Kind(_remake_reduction, _extremum_partials, _reduction_cost),
    "logsumexp": Kind(_remake_reduction, _logsumexp_partials, _reduction_cost),
    "norm": Kind(_remake_reduction, _norm_partials, _reduction_cost),
    "rest": Kind(_remake_reduction, _unit_partials, _reduction_cost),
    "prod": Kind(_remake_prod, _prod_partials, _prod_cost),
    "compounded": Kind(_remake_reduction, _compounded_partials, _reduction_cost),
    "logprod": Kind(_remake_reduction, _logprod_partials, _prod_cost),
    "others": Kind(_remake_others, _others_partials, _prod_cost),
    "solve": Kind(_remake_solve, _solve_partials, _linear_algebra_cost),
    "inverse": Kind(_remake_linear_algebra, _linear_algebra_partials, _linear_algebra_cost),
    "det": Kind(_remake_linear_algebra, _linear_algebra_partials, _linear_algebra_cost),
    "logdet": Kind(_remake_linear_algebra, _linear_algebra_partials, _linear_algebra_cost),
    "logabsdet": Kind(_remake_linear_algebra, _linear_algebra_partials, _linear_algebra_cost),
    "detsign": Kind(_remake_linear_algebra, _no_partials, _linear_algebra_cost),
}
