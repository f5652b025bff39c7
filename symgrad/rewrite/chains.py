"""Chains of sums of products, such as the forward algorithm of a hidden Markov model: each step makes all numbers smaller, or larger, so that
long chains leave the range of doubles although the logarithm, or the quotient, that they end in is of ordinary size.

Before a step its largest number is brought near to 1 where it is far from it, by a power of two, which costs no digit, and the largest
exponential is taken out; exponents are added up beside the steps and meet at the end.
(L. R. Rabiner, A tutorial on hidden Markov models, 1989, section V.A, divides by the sum.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.contract import contract
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.binary import Binary, counting, largest, less, two_to
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.weighted import is_taken_out, may_vanish, where_any

SHORT = 3
"""Chains of fewer sums are left as they are."""
MANY, AT_ONCE = 16, 4
"""A logarithm of so many factors is taken with exponents apart, so many of them multiplied at a time."""
EXTREME = 10**100
"""A number before a product that is larger, or smaller than one over this, goes to the logarithm."""
BESIDE_ZERO = ("ne", "eq", "gt", "lt", "ge", "le")
"""Comparisons with 0, which no power of two changes."""


class _Scaled(NamedTuple):
    """A row as mantissa 2^exponent exp(level)."""

    mantissa: Ref
    exponent: Ref
    level: Ref


def keep_chains(program: Program) -> Program:
    """The program with exponents apart in long chains of sums of products that end in a logarithm or below a fraction bar, and in logarithms of
    many factors."""
    chained = _chained(program)
    if not chained:
        return program
    summed, made = _summed(program, chained), Graph()
    steps = _Steps(made)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if index not in chained:
            return None
        over = [label for local, label in enumerate(labels) if local not in row.keep]
        return steps.made(row, refs, over, [*over, *(labels[row.keep[axis]] for axis in summed[index])])

    return contract(rebuild(program, remake, made))


def _chained(program: Program) -> set[int]:
    """The rows of long chains, what they end in, products and sums of them, and what compares them with 0."""
    rows, depths, widths = program.graph.rows, dict[int, int](), dict[int, int]()
    for index in program.live():
        depths[index] = _depth(rows, rows[index], [depths[arg] for arg in rows[index].args])
        widths[index] = _width(rows[index], [widths[arg] for arg in rows[index].args])
    ends = {index for index in depths if rows[index].calls("log", "reciprocal") and depths[rows[index].args[0]] >= SHORT}
    logs = {index for index in ends if rows[index].calls("log")}
    below = program.graph.live(arg for index in ends for arg in rows[index].args)
    found = {index for index in below if depths[index] > 0} | ends - logs
    for index in depths:
        if rows[index].kind == REAL and (rows[index].op in ("product", "sum") or depths[index] > 0) and not found.isdisjoint(rows[index].args):
            found.add(index)
    many = {index for index in depths if rows[index].calls("log") and widths[rows[index].args[0]] >= MANY}
    beside = {index for index in depths if rows[index].calls(*BESIDE_ZERO) and _is_zero(rows[rows[index].args[1]])}
    return found | logs | many | {index for index in beside if rows[index].args[0] in found}


def _summed(program: Program, chained: Collection[int]) -> dict[int, set[int]]:
    """The axes of rows in chains along which a later step sums: one exponent does for all numbers that are added up in the end."""
    rows, found = program.graph.rows, {index: set[int]() for index in chained}
    for index in sorted(chained, reverse=True):
        row = rows[index]
        gone = {local for local in range(len(row.sizes)) if local not in row.keep} | {row.keep[axis] for axis in found[index]}
        for arg, axes in zip(row.args, row.axes, strict=True):
            found.get(arg, set()).update(axis for axis, local in enumerate(axes) if local in gone)
    return found


def _depth(rows: Sequence[Row], row: Row, below: Sequence[int]) -> int:
    """How many sums of products follow on one another, perhaps read by an index or masked; 0 where anything else is done to them."""
    if row.kind != REAL or not below:
        return 0
    if _is_mask(rows, row):
        return below[1]
    return max(below) + (row.op == "product" and len(row.keep) < len(row.sizes)) if row.op in ("product", "sum") else 0


def _is_mask(rows: Sequence[Row], row: Row) -> bool:
    return row.calls("select") and _is_zero(rows[row.args[2]])


def _is_zero(row: Row) -> bool:
    return row.op == "constant" and row.payload == 0


def _width(row: Row, below: Sequence[int]) -> int:
    """How many factors a row has, those of its factors counted."""
    is_product = row.op == "product" and row.kind == REAL and len(row.keep) == len(row.sizes)
    return min(sum(below), MANY) if is_product else 1


def _flat(graph: Graph, coefficient: sp.Expr, refs: Sequence[Ref], closed: Collection[int]) -> tuple[sp.Expr, list[Ref]]:
    """A product with the products among its operands opened, but for some."""
    flat, waiting = list[Ref](), [*reversed(refs)]
    while waiting:
        ref = waiting.pop()
        found = look.factors(graph, ref) if ref.row not in closed else None
        if found is None:
            flat.append(ref)
            continue
        coefficient = coefficient * found[0]
        waiting.extend(reversed(found[1]))
    return coefficient, flat


class _Steps:
    """The rows of chains as they are made: of their operands, the labels that are summed over, and these with labels of the row's own that later
    steps sum over, which have one exponent."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._levels, self._added_up, self._near = set[int](), set[int](), set[int]()

    def made(self, row: Row, refs: list[Ref], over: list[Label], alike: list[Label]) -> Ref:
        if row.op == "product":
            return self._product(row.payload, refs, over, alike)
        if row.op == "sum":
            return self._sum(row, refs, alike)
        if row.calls("log"):
            return self._log(*self._opened(ONE, refs))
        if row.calls("select"):
            number = self._parted(refs[1])
            return self._joined(number._replace(mantissa=self._graph.select(refs[0], number.mantissa, refs[2])))
        number = self._parted(refs[0])
        if row.calls("reciprocal"):
            taken = (look.negative(self._graph, one) for one in number[1:])
            return self._joined(_Scaled(look.make(self._graph, "reciprocal", number.mantissa), *taken))
        return look.make(self._graph, row.payload[0], number.mantissa, refs[1])

    def _log(self, coefficient: sp.Expr, operands: list[Ref], taken: _Scaled) -> Ref:
        """The logarithm of a product with exponents apart; of what stands there many times it is taken once."""
        graph, logs = self._graph, [(sp.log(2), taken.exponent), (ONE, taken.level)]
        if len(operands) >= MANY:
            repeated = {ref: count - count % 2 for ref, count in Counter(operands).items() if count >= AT_ONCE}
            logs += [(sp.Integer(count), look.make(graph, "log", look.make(graph, "abs", ref))) for ref, count in repeated.items()]
            single = [ref for ref, count in Counter(operands).items() for _ in range(count - repeated.get(ref, 0))]
            operands, exponent = self._multiplied(single)
            logs.append((sp.log(2), exponent))
        is_extreme = look.is_positive(coefficient) and not (look.is_number(coefficient) and 1 < coefficient * EXTREME < EXTREME**2)
        rest = graph.product(ONE if is_extreme else coefficient, operands)
        logs = [(c, term) for c, term in logs if graph.constant_value(term) != 0]
        log = look.make(graph, "log", rest)
        return self._noted(graph.sum(sp.log(coefficient) if is_extreme else ZERO, [*logs, (ONE, log)])) if logs or is_extreme else log

    def _multiplied(self, operands: Sequence[Ref]) -> tuple[list[Ref], Ref]:
        """Factors as one, a few at a time, and the exponents that are taken out on the way."""
        graph, rest, exponents = self._graph, list[Ref](), list[Ref]()
        for start in range(0, len(operands), AT_ONCE):
            whole = graph.product(ONE, [*rest, *operands[start:start + AT_ONCE]])
            exponents.append(look.make(graph, "far_exponent", whole))
            rest = [graph.product(ONE, [whole, two_to(graph, [(-ONE, exponents[-1])])])]
        return rest, self._added(*exponents)

    def _product(self, coefficient: sp.Expr, refs: list[Ref], over: list[Label], alike: list[Label]) -> Ref:
        """A product, summed or not: what has been added up before is brought near to 1 for the next sum."""
        coefficient, operands, exponents = self._opened(coefficient, refs)
        parts = [self._near_one(operand, alike) for operand in operands]
        operands, level = self._without_level([part.mantissa for part in parts], over, alike)
        exponent = self._added(exponents.exponent, *(part.exponent for part in parts))
        whole = self._graph.product(coefficient, operands, over)
        if over and look.reading(self._graph, whole) is None:
            self._added_up.add(whole.row)
        return self._joined(_Scaled(whole, exponent, self._added(exponents.level, level)))

    def _opened(self, coefficient: sp.Expr, refs: Sequence[Ref]) -> tuple[sp.Expr, list[Ref], _Scaled]:
        """A product as its number, its factors, and what has been taken out of them."""
        coefficient, operands = _flat(self._graph, coefficient, refs, self._near)
        exponents = look.arguments(self._graph, operands, "two_to")
        levels = [(k, a) for k, a in look.arguments(self._graph, operands, "exp") if operands[k].row in self._levels]
        rest = look.without(operands, *(k for k, _ in (*exponents, *levels)))
        taken = (self._added(*(one for _, one in found)) for found in (exponents, levels))
        return coefficient, rest, _Scaled(self._graph.constant(ONE), *taken)

    def _parted(self, ref: Ref) -> _Scaled:
        """A row without what has been taken out of it, and that."""
        coefficient, rest, taken = self._opened(ONE, [ref])
        return taken._replace(mantissa=self._graph.product(coefficient, rest))

    def _joined(self, number: _Scaled) -> Ref:
        """The row that a number is."""
        powers = [two_to(self._graph, [(ONE, number.exponent)])] if self._graph.constant_value(number.exponent) != 0 else []
        if self._graph.constant_value(number.level) != 0:
            powers.append(look.make(self._graph, "exp", number.level))
            self._levels.add(powers[-1].row)
        return self._noted(self._graph.product(ONE, [number.mantissa, *powers])) if powers else number.mantissa

    def _noted(self, ref: Ref) -> Ref:
        self._graph.notes.setdefault(ref.row, "rule scaled chain")
        return ref

    def _added(self, *refs: Ref) -> Ref:
        return self._graph.sum(ZERO, [(ONE, ref) for ref in refs])

    def _near_one(self, ref: Ref, alike: Sequence[Label]) -> Binary:
        """What has been added up and will be once more, its largest elements near to 1; anything else as it is."""
        if ref.row not in self._added_up or set(alike).isdisjoint(ref.labels):
            return Binary(ref, self._graph.constant(ZERO))
        top = look.make(self._graph, "far_exponent", self._graph.reduce("extremum", look.make(self._graph, "abs", ref), alike, "max"))
        near = self._noted(self._graph.product(ONE, [ref, two_to(self._graph, [(-ONE, top)])]))
        self._near.add(near.row)
        return Binary(near, top)

    def _without_level(self, operands: list[Ref], over: Collection[Label], alike: Sequence[Label]) -> tuple[list[Ref], Ref]:
        """Factors that are summed, and what is taken out of their exponents: the largest where the others are not 0."""
        graph = self._graph
        exponents = [(k, a) for k, a in look.arguments(graph, operands, "exp") if not (set(over).isdisjoint(a.labels) or is_taken_out(graph, a))]
        if not exponents:
            return operands, graph.constant(ZERO)
        weights = look.without(operands, *(k for k, _ in exponents))
        total = self._added(*(a for _, a in exponents))
        counted, = where_any(graph, [weight for weight in weights if may_vanish(graph, weight)], [total])
        top = look.make(graph, "finite", graph.reduce("extremum", counted, alike, "max"))
        return [*weights, look.make(graph, "exp", look.make(graph, "exponent", look.difference(graph, total, top)))], top

    def _sum(self, row: Row, refs: list[Ref], alike: list[Label]) -> Ref:
        """A sum of numbers whose exponents are not the same."""
        graph, (coefficients, constant) = self._graph, row.payload
        parts = [self._parted(ref) for ref in refs]
        if all(graph.constant_value(part.exponent) == 0 for part in parts):
            return self._summed(constant, zip(coefficients, refs, strict=True))
        if constant == 0 and len({(part.exponent, part.level) for part in parts}) == 1:
            return self._joined(parts[0]._replace(mantissa=self._summed(ZERO, zip(coefficients, (part.mantissa for part in parts), strict=True))))
        numbers = [Binary(self._joined(part._replace(exponent=graph.constant(ZERO))), part.exponent) for part in parts]
        ends = [graph.reduce("extremum", counting(graph, one), alike, "max") for one in numbers]
        ends += [graph.constant(ZERO)] if constant != 0 else []
        top = largest(graph, ends)
        terms = [(c, graph.product(ONE, less(graph, one, top))) for c, one in zip(coefficients, numbers, strict=True)]
        terms += [(constant, two_to(graph, [(-ONE, top)]))] if constant != 0 else []
        return self._joined(_Scaled(self._summed(ZERO, terms), top, graph.constant(ZERO)))

    def _summed(self, constant: sp.Expr, terms: Iterable[look.Term]) -> Ref:
        made = self._graph.sum(constant, terms)
        self._added_up.add(made.row)
        return made
