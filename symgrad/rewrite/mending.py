"""Functions that magnify the rounding of their argument, where they reach a result unsummed, and sums that cancel: what rounding has lost
is put back.

For f(u) with u rounded the relative error is |u f'(u)/f(u)| times that of u: hundreds of units in the last place for exp(-log(x)^2/2) or
a normal tail, all digits for sin(x/3) far out; f(u) + f'(u) rest(u) is right then.  Where nothing else is asked for, arguments of
several arrays are left, and of several inputs only exponentials and normal tails are mended, whose error is seen where a density is: a
neuron and a wave of several inputs would take three times as long.  Sums of one input are mended where they cancel at 0 or at infinity,
and where their zero is a pole.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from operator import and_

import sympy as sp
from mpmath import mp

from symgrad.graph.bounds import NOT_NEGATIVE, Bounds
from symgrad.graph.doubles import lacking
from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.doubles import is_exact, is_power_of_two
from symgrad.rewrite.expansions.fits import BETWEEN
from symgrad.rewrite.expansions.losses import SIDES
from symgrad.rewrite.expansions.resting import Resting
from symgrad.rewrite.expansions.values import ONE_AT_A_TIME, Values, is_slow
from symgrad.rewrite.growth import cancels, number
from symgrad.rewrite.rests import Rests
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.tendency import Tendencies
from symgrad.rewrite.zeros import is_singular, vanishes

OF_TWO = tuple(name for name in TABLE if f"{name}_of" in TABLE)
"""Functions with a pole or a branch point at 1 or -1, that are there of an argument and its rest, too."""
SLIGHTLY = 8
"""So many times as large a term of a sum is as the sum, near where it cancels."""
MOST_ROWS = 400
"""Longer programs are left as they are."""


def keep_rests(program: Program, everywhere: bool = False) -> Program:
    """The program with such functions mended, and sums that cancel; everywhere, whatever inputs and arrays they are made of."""
    rows, live = program.graph.rows, program.live()
    if len(live) > MOST_ROWS:
        return program
    found = {index for index in live if rows[index].op == "map" and (TABLE[rows[index].payload[0]].magnifies or _lacking_exponent(rows[index]))}
    sums = _sums(program, live, found) if everywhere or len(program.graph.inputs_among(live)) == 1 else {}
    found |= sums.keys()
    if not found:
        return program
    if any(rows[index].keep for index in found):
        alone = program.unsummed()
        found = {index for index in found if not rows[index].keep or index in alone}
    made, results = Graph(), _results(program)
    mending = _Mending(made, everywhere)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if index not in found:
            return None
        plain = KINDS[row.op].remake(graph, row, refs, labels)
        return mending.sum(plain, sums[index], index in results) if row.op == "sum" else mending.function(row, plain)

    return rebuild(program, remake, made)


def _results(program: Program) -> set[int]:
    """The results, and what they are multiples of."""
    rows, found = program.graph.rows, set[int]()
    for index in program.roots():
        while rows[index].op in ("product", "named") and len(rows[index].args) == 1:
            index = rows[index].args[0]
        found.add(index)
    return found


def _sums(program: Program, live: list[int], magnified: set[int]) -> dict[int, bool]:
    """Sums, but for those that are looked through where a rest is asked for; and whether their zero is a pole of what is made of them."""
    rows, poles = program.graph.rows, set[int]()
    found = dict.fromkeys((index for index in program.roots() if rows[index].op == "sum"), False)
    for index in reversed(live):
        row = rows[index]
        if row.args and (is_singular(row) or (index in poles and vanishes(row))):
            poles.add(row.args[0])
        if row.op != "sum" and ((row.args[:1] and row.args[0] in poles) or index not in magnified):
            found.update({arg: arg in poles or found.get(arg, False) for arg in row.args if rows[arg].op == "sum"})
    return found


class _Mending:
    """What is put back of rows of a graph that is being made."""

    def __init__(self, graph: Graph, everywhere: bool) -> None:
        self._graph, self._everywhere = graph, everywhere
        self._resting = Resting(graph)
        self._rests, self._tendencies, self._bounds = Rests(), Tendencies(graph), Bounds(graph)

    def sum(self, plain: Ref, is_singular: bool, is_result: bool) -> Ref:
        """The sum with what rounding changes it by, but where it is rounded once; a factor of all terms, as a cotangent is, stands outside."""
        graph = self._graph
        constant, parts = look.terms(graph, plain) or (ZERO, [])
        common, inner = _without_common_factor(graph, parts) if constant == 0 else ([], parts)
        bare = graph.sum(constant, inner)
        if graph[bare].op != "sum" or _is_rounded_once(graph, bare):
            return plain
        if not self._everywhere and not self._may_cancel(bare, constant, inner, is_singular) and not (is_result and self._cancels_between(bare)):
            return plain
        mended = self._made(bare, self._rests.of(graph, bare), "rule rounding of a sum")
        return plain if mended == bare else look.times(graph, ONE, *common, mended)

    def _may_cancel(self, ref: Ref, constant: sp.Expr, parts: list[look.Term], is_singular: bool) -> bool:
        """Whether a sum of one input cancels where it is 0 or infinite, or somewhere where a function of it has a pole."""
        if not _is_of_few(self._graph, ref, "one"):
            return False
        signs = {_sign(c) if self._bounds.of(term.row) >= NOT_NEGATIVE else 0 for c, term in parts} | ({_sign(constant)} - {0})
        return self._cancels(constant, parts) or (is_singular and signs not in ({1}, {-1}))

    def _cancels_between(self, ref: Ref) -> bool:
        """Whether a result of one input cancels somewhere else, looked for at few places: not at its zero alone."""
        inputs = self._resting.inputs(ref) or ()
        if len(inputs) != 1 or is_slow(self._graph, ref):
            return False
        with ONE_AT_A_TIME:
            values = Values(self._graph, ref, next(iter(inputs)))
            if not values.has_differences:
                return False
            places = [mp.mpf(side * 2.0**size) for side in SIDES for size in BETWEEN]
            return any(values.cancels(x) and any(values.cancels(beside, SLIGHTLY) for beside in (x / 2, 2 * x)) for x in places)

    def _cancels(self, constant: sp.Expr, parts: list[look.Term]) -> bool:
        """Whether the largest terms cancel where an input tends to infinity or to 0."""
        if not look.is_number(constant):
            return False
        scaled = [self._graph.product(c, [term]) for c, term in parts]
        beside = [number(float(constant))] if constant != 0 else []
        return any(cancels([*side, *beside]) for _, ends in self._tendencies.together(scaled, 1) for side in zip(*ends, strict=True))

    def function(self, row: Row, plain: Ref) -> Ref:
        """The function with what rounding of its arguments changes it by."""
        graph, rests = self._graph, self._rests
        may = graph[plain].payload == row.payload and (self._everywhere or _is_of_few(graph, plain, TABLE[row.payload[0]].magnifies))
        if not may:
            return plain
        of_two = self._of_two(plain)
        if of_two is not None:
            return of_two
        own = self._of_exponent(row, plain)
        carried = None if all(rests.is_exact(graph, one) for one in _magnified(graph, plain)) else rests.carried(graph, plain)
        lost = graph.sum(ZERO, [(ONE, one) for one in (own, carried) if one is not None]) if own is not None else carried
        return self._made(plain, lost, "rule rounding of an argument")

    def _of_two(self, plain: Ref) -> Ref | None:
        """A function with a pole or a branch point at 1 or -1, of its argument and what rounding has lost of that; None of others.

        Beside these the rounding is not small, so that no slope would tell what it changes.
        """
        name, u = self._graph[plain].payload[0], self._graph.operands(plain)[0]
        if name not in OF_TWO or (name == "log1p" and self._bounds.of(u.row) >= NOT_NEGATIVE):
            return None
        rest = self._rests.of(self._graph, u)
        if rest is None or self._graph.constant_value(rest) == 0:
            return None
        made = look.make(self._graph, f"{name}_of", u, rest)
        self._graph.notes.setdefault(made.row, "rule rounding of an argument")
        return made

    def _of_exponent(self, row: Row, plain: Ref) -> Ref | None:
        """What the rounding of its exponent changes a power by."""
        lacking = _lacking_exponent(row)
        if not lacking:
            return None
        (base,) = self._graph.operands(plain)
        return look.times(self._graph, lacking, plain, look.make(self._graph, "log", base))

    def _made(self, plain: Ref, lost: Ref | None, note: str) -> Ref:
        if lost is None or self._graph.constant_value(lost) == 0:
            return plain
        mended = look.make(self._graph, "mended", plain, lost)
        self._graph.notes.setdefault(mended.row, note)
        return mended


def _lacking_exponent(row: Row) -> sp.Expr:
    """What the exponent of a power lacks as a double."""
    return lacking(row.payload[1]) if row.payload[0] == "power" else ZERO


def _sign(number: sp.Expr) -> int:
    return 1 if number.is_positive else -1 if number.is_negative else 0


def _without_common_factor(graph: Graph, parts: list[look.Term]) -> tuple[list[Ref], list[look.Term]]:
    """What all terms have as a factor, and the terms without it."""
    found = [look.factors(graph, term) or (ONE, [term]) for _, term in parts]
    common = reduce(and_, (Counter(operands) for _, operands in found)) if found else Counter()
    inner = [(c, look.times(graph, own, *(Counter(operands) - common).elements()))
             for (c, _), (own, operands) in zip(parts, found, strict=True)]
    return list(common.elements()), inner if common else parts


def _is_rounded_once(graph: Graph, ref: Ref) -> bool:
    """Whether a sum is the double next to it: one of two inputs, or of one and a number that is a double."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    plain = all(is_power_of_two(c) and is_exact(graph, term) for c, term in parts) and lacking(constant) == 0
    return plain and len(parts) + (constant != 0) <= 2


def _magnified(graph: Graph, ref: Ref) -> list[Ref]:
    """The operands whose rounding a function magnifies: not the first one if it is linear in that."""
    operands = graph.operands(ref)
    return operands[1:] if TABLE[graph[ref].payload[0]].linear else operands


def _is_of_few(graph: Graph, ref: Ref, magnifies: str) -> bool:
    """Whether a row rests on one input, or on several of which one is an array where its function is mended then as well."""
    inputs = graph.inputs_among(graph.live([ref.row]))
    return len(inputs) == 1 or (magnifies == "several" and sum(bool(graph.rows[index].keep) for index in inputs) <= 1)
