"""Looking at rows: arguments of functions, terms of sums, factors of products, sums of exponentials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import sympy as sp

from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.lower import apply
from symgrad.graph.rows import REAL, Ref
from symgrad.graph.slopes import zero

ZERO, ONE, HALF = sp.S.Zero, sp.S.One, sp.S.Half
Term = tuple[sp.Expr, Ref]
Exponential = tuple[sp.Expr, Ref | None]
"""c * exp(a), or the number c where a is None."""


def argument(graph: Graph, ref: Ref | None, name: str) -> Ref | None:
    """a where the row is name(a)."""
    if ref is None:
        return None
    row = graph[ref]
    return graph.operands(ref)[0] if row.calls(name) else None


def rated(graph: Graph, ref: Ref | None, name: str) -> Term | None:
    """(r, a) where the row is name(a), r being 1 then, or the scaled function of r and a."""
    row = graph[ref] if ref is not None else None
    if ref is None or row is None or row.op != "map" or row.payload[0] not in (name, f"scaled_{name}"):
        return None
    return (row.payload[1] if len(row.payload) > 1 else ONE), graph.operands(ref)[0]


def make_rated(graph: Graph, name: str, ratio: sp.Expr, a: Ref) -> Ref:
    """The function by itself where the ratio is 1, else the scaled one: a + log(ratio) as its argument would cost |a| ulp in the tail."""
    return make(graph, name, a) if ratio == 1 else graph.map(f"scaled_{name}", (a,), (ratio,))


def make(graph: Graph, name: str, *refs: Ref) -> Ref:
    """A function of the table on rewritten rows."""
    return apply(graph, name, list(refs))


def times(graph: Graph, coefficient: sp.Expr, *refs: Ref) -> Ref:
    return graph.product(coefficient, refs)


def negative(graph: Graph, ref: Ref) -> Ref:
    return graph.sum(ZERO, [(-ONE, ref)])


def shifted(graph: Graph, ref: Ref, by: sp.Expr) -> Ref:
    return graph.sum(by, [(ONE, ref)])


def difference(graph: Graph, a: Ref, b: Ref) -> Ref:
    return graph.sum(ZERO, [(ONE, a), (-ONE, b)])


def flat_sum(graph: Graph, parts: Sequence[Term]) -> Ref:
    """The sum of coefficient * term, sums among them opened so that equal terms meet; as it is where none do."""
    constant, flat = ZERO, []
    for coefficient, ref in parts:
        inner, found = scaled(graph, ref)
        opened_sum = terms(graph, found) or (ZERO, [(ONE, found)])
        constant = constant + coefficient * inner * opened_sum[0]
        flat += [(coefficient * inner * c, term) for c, term in opened_sum[1]]
    plain = graph.sum(ZERO, parts)
    bare = [scaled(graph, term)[1] for _, term in flat]
    return graph.sum(constant, flat) if len(set(bare)) < len(bare) else plain


def terms(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[Term]] | None:
    """A real sum row as its constant and its (coefficient, term) pairs."""
    row = graph[ref]
    if row.op != "sum" or row.kind != REAL:
        return None
    coefficients, constant = row.payload
    return constant, list(zip(coefficients, graph.operands(ref), strict=True))


def from_number(graph: Graph, ref: Ref, name: str) -> tuple[sp.Expr, Ref, list[Term]] | None:
    """(c, a, the other terms) where the row is a sum with c - c name(a)."""
    constant, parts = terms(graph, ref) or (ZERO, [])
    for k, a in arguments(graph, [term for _, term in parts], name) if constant != 0 else ():
        if parts[k][0] == -constant:
            return constant, a, without(parts, k)
    return None


def factors(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[Ref]] | None:
    """A product row that sums over nothing as its coefficient and its operands."""
    row = graph[ref]
    if row.op != "product" or row.kind != REAL or len(row.keep) < len(row.sizes):
        return None
    return row.payload, graph.operands(ref)


def has_factor(graph: Graph, ref: Ref, name: str) -> bool:
    """Whether name(a) is a factor of a row."""
    _, operands = factors(graph, ref) or (ONE, [ref])
    return any(argument(graph, operand, name) is not None for operand in operands)


def opened(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[Ref], list[Label]] | None:
    """Any product row: its coefficient, operands, and the labels it sums over."""
    row = graph[ref]
    if row.op != "product" or row.kind != REAL:
        return None
    operands, labels = graph.open(ref)
    kept = set(row.keep)
    return row.payload, operands, [label for local, label in enumerate(labels) if local not in kept]


class Reading(NamedTuple):
    """A row that is read by indices: what is read, the one-hots that do it, and the labels they take away."""

    read: Ref
    hots: list[Ref]
    over: list[Label]


def reading(graph: Graph, ref: Ref) -> Reading | None:
    """A product of one row with the one-hots that read it, and with nothing else."""
    coefficient, operands, over = opened(graph, ref) or (ONE, [], [])
    hots = [operand for operand in operands if graph[operand].op == "onehot"]
    dense = [operand for operand in operands if graph[operand].op != "onehot"]
    if coefficient != 1 or not hots or len(dense) != 1 or not only_read(graph, hots, over):
        return None
    return Reading(dense[0], hots, over)


def reads(graph: Graph, operands: Sequence[Ref]) -> bool:
    """Whether a product has an index read among its operands."""
    return any(graph[operand].op == "onehot" for operand in operands)


def only_read(graph: Graph, hots: list[Ref], over: list[Label]) -> bool:
    """Whether all that a product sums over are indices by which it is read."""
    return len(over) == len(hots) and all(len(graph[hot].args) == 1 and hot.labels[-1] in over for hot in hots)


def spread(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[Ref], list[Label]] | None:
    """As `opened`, with the products among the operands opened as well: a pattern may have been multiplied in two steps."""
    found = opened(graph, ref)
    if found is None:
        return None
    coefficient, operands, over = found
    flat: list[Ref] = []
    for operand in operands:
        inner = factors(graph, operand)
        coefficient = coefficient * (inner[0] if inner is not None else ONE)
        flat.extend(inner[1] if inner is not None else [operand])
    return coefficient, flat, over


def scaled(graph: Graph, ref: Ref) -> Term:
    """(c, a) where the row is c * a with a number c."""
    found = factors(graph, ref)
    return (found[0], found[1][0]) if found is not None and len(found[1]) == 1 else (ONE, ref)


def without(items: Sequence, *positions: int) -> list:
    return [item for position, item in enumerate(items) if position not in positions]


def arguments(graph: Graph, refs: Sequence[Ref], name: str) -> list[tuple[int, Ref]]:
    """(position, a) of the references that are name(a)."""
    found = [(k, argument(graph, ref, name)) for k, ref in enumerate(refs)]
    return [(k, a) for k, a in found if a is not None]


def count(labels: Iterable[Label]) -> sp.Expr:
    """How many elements labels run over together."""
    return sp.Mul(*(label.size for label in labels))


def pairs(items: Sequence) -> Iterator[tuple[int, int]]:
    for a in range(len(items)):
        for b in range(len(items)):
            if a != b:
                yield a, b


def opposites(graph: Graph, rows: Sequence[tuple[int, Ref]]) -> Iterator[tuple[int, int, Ref]]:
    """(position, other position, a) of each two of the (position, argument) pairs whose arguments are a and -a."""
    for (k, a), (m, b) in combinations(rows, 2):
        if are_opposite(graph, a, b):
            yield k, m, a


class LessLog(NamedTuple):
    """A row exp(a - logsumexp(b)): the multiples that a and b are of other rows, the log-sum-exp, and the labels that it is taken along."""

    a: Term
    b: Term
    log: Ref
    over: list[Label]


def less_log(graph: Graph, ref: Ref) -> LessLog | None:
    exponent = argument(graph, ref, "exp")
    constant, parts = (terms(graph, exponent) if exponent is not None else None) or (ONE, [])
    if constant != 0 or len(parts) != 2:
        return None
    for (c, a), (d, log) in (parts, parts[::-1]):
        over = [label for label in a.labels if label not in log.labels]
        if d == -1 and over and graph[log].op == "logsumexp":
            return LessLog(multiple(graph, c, a), multiple(graph, ONE, _on_labels(graph, log, over)), log, over)
    return None


def _on_labels(graph: Graph, log: Ref, over: list[Label]) -> Ref:
    """What the log-sum-exp is of, along these labels."""
    (b,) = graph.operands(log)
    inner = [label for label in b.labels if label not in log.labels]
    return b.rename(dict(zip(inner, over, strict=True))) if [label.size for label in inner] == [label.size for label in over] else b


def softmax(graph: Graph, ref: Ref) -> LessLog | None:
    """A row exp(a - logsumexp(a))."""
    found = less_log(graph, ref)
    return found if found is not None and found.a == found.b else None


def multiple(graph: Graph, coefficient: sp.Expr, ref: Ref) -> Term:
    """What c times a row is a multiple of, names aside."""
    while graph[ref].op in ("named", "product") and len(graph[ref].args) == 1 and len(graph[ref].keep) == len(graph[ref].sizes):
        row = graph[ref]
        coefficient = coefficient * row.payload if row.op == "product" else coefficient
        (ref,) = graph.operands(ref)
    return coefficient, ref


def is_number(value: sp.Expr) -> bool:
    return bool(value.is_number)


def is_positive(value: sp.Expr) -> bool:
    """Whether a coefficient is above zero for all sizes."""
    return bool(value.is_positive)


def are_opposite(graph: Graph, a: Ref, b: Ref) -> bool:
    return negative(graph, a) == b or negative(graph, b) == a


def exponential(graph: Graph, ref: Ref) -> Exponential | None:
    """c exp(a) from exp(a), exp(a/2)^2, c exp(a), c exp(a) exp(b)."""
    own = argument(graph, ref, "exp")
    if own is not None:
        return ONE, own
    half = argument(graph, argument(graph, ref, "square"), "exp")
    if half is not None:
        return ONE, times(graph, sp.Integer(2), half)
    found = factors(graph, ref)
    if found is None:
        return None
    exponents = [a for _, a in arguments(graph, found[1], "exp")]
    if len(exponents) < len(found[1]):
        return None
    return found[0], graph.sum(ZERO, [(ONE, a) for a in exponents])


def exponentials(graph: Graph, ref: Ref) -> list[Exponential] | None:
    """A row as a sum of c exp(a) and a number; expm1, sinh, cosh and two-label sums count as what they stand for."""
    found = terms(graph, ref)
    constant, parts = found if found is not None else (ZERO, [(ONE, ref)])
    out: list[Exponential] = []
    for coefficient, term in parts:
        spread = _spread(graph, term)
        if spread is None:
            return None
        out.extend((coefficient * c, a) for c, a in spread)
    constant = constant + sum((c for c, a in out if a is None), ZERO)
    out = [(c, a) for c, a in out if a is not None]
    return [*out, (constant, None)] if constant != 0 else out


def _spread(graph: Graph, ref: Ref) -> list[Exponential] | None:
    coefficient, inner = scaled(graph, ref)
    for name, parts in _COMPOUND.items():
        a = argument(graph, inner, name)
        if a is not None:
            return [(coefficient * c, None if sign == 0 else a if sign > 0 else negative(graph, a)) for c, sign in parts]
    own = exponential(graph, ref)
    return [own] if own is not None else None


_COMPOUND = {"expm1": ((ONE, 1), (-ONE, 0)), "sinh": ((HALF, 1), (-HALF, -1)), "cosh": ((HALF, 1), (HALF, -1))}


def is_of_several(graph: Graph, ref: Ref) -> bool:
    """Whether a row rests on several inputs, one of them an array; one of numbers or of a single input is expanded as it stands.

    Seeds are none.
    """
    inputs = graph.inputs_among(graph.live([ref.row]))
    return len(inputs) > 1 and any(graph.rows[index].sizes for index in inputs)


def is_step(graph: Graph, ref: Ref) -> bool:
    """Whether a row is a function whose slope is 0 wherever it has one, or 1 over such; a choice has the slope of its branch."""
    inside = argument(graph, ref, "reciprocal")
    row = graph[inside if inside is not None else ref]
    return row.op == "map" and TABLE[row.payload[0]].partials is zero and not row.calls("select")


def is_plainly_positive(graph: Graph, ref: Ref) -> bool:
    """Whether a row is above zero (or nan) whatever its inputs are, seen from its own function."""
    row = graph[ref]
    value = graph.constant_value(ref)
    if value is not None:
        return is_positive(value)
    if row.op == "map":
        return row.payload[0] in ("exp", "logistic", "logistic_slope", "softplus", "cosh", "sech")
    if row.op == "product":
        return is_positive(row.payload) and all(is_plainly_positive(graph, Ref(arg)) for arg in row.args) if len(row.args) <= 4 else False
    return False
