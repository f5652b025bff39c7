"""Formulas of one input, or of two, at minus and plus infinity: where doubles give nan there and the formula has a limit, it is that limit.

The limit is told by the row's values to many digits at larger and larger inputs.  It is taken where they tend to it from the first on, so
that 1 - tanh(x), of which no digit is left far out, is not taken for 0 where that is multiplied by exp(2 x).  A formula with waves keeps
its nan where it tends to infinity.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.program import Program
from symgrad.graph.rows import REAL, Ref
from symgrad.rewrite.expansions.centres import has_waves
from symgrad.rewrite.expansions.changing import Changing
from symgrad.rewrite.expansions.resting import Resting
from symgrad.rewrite.expansions.values import FAR, ONE_AT_A_TIME, PRECISION, Values
from symgrad.rewrite.in_doubles import is_numpy, value_at
from symgrad.rewrite.remembered import remembered
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ZERO

MOST_ROWS = 150
"""Longer programs are left as they are."""
MOST_INPUTS = 2
SAMPLES = (1.0, 0.375, -1.25, 0.0)
"""Values of another input; where a row is no number for one of them that is left out."""
with mp.workprec(PRECISION):
    PLACES = tuple(x * mp.sqrt(2) for x in (100, 200, 400, 1e8, 1e12, 1e16))
"""No whole numbers, at all of which waves of whole turns are the same."""
GROWS = mpmath.mpf(5) / 4
"""What is so many times as large at the last place as at the one before tends to infinity, and what is so many times as small to 0."""
CLOSE = mpmath.mpf(10) ** -11
"""What changes by no more than this there has a limit, and so many times less is left after it."""
ROUNDED = CLOSE**10
"""Differences that are rounding alone."""


def keep_infinities(program: Program) -> Program:
    """The program with results that have their limits at infinite inputs."""
    live = program.live()
    if not 1 <= len(program.graph.inputs_among(live)) <= MOST_INPUTS or len(live) > MOST_ROWS:
        return program
    graph = program.graph.copy()
    resting = Resting(graph)
    changing = Changing(resting, lambda ref, over: _limited(graph, ref, resting.inputs(ref)))
    outputs = {name: replace(output, ref=changing.outcome(output.ref)) for name, output in program.outputs.items()}
    return replace(program, graph=graph, outputs=outputs) if outputs != program.outputs else program


def _limited(graph: Graph, ref: Ref, inputs: Collection[Ref] | None) -> Ref:
    """The row with its limits towards one input after another."""
    if not inputs or ref in inputs or graph[ref].kind != REAL or not is_numpy(graph, ref) or (len(inputs) > 1 and ref.labels):
        return ref
    made, waves = ref, has_waves(graph, ref)
    with ONE_AT_A_TIME:
        for source in sorted(inputs, key=lambda one: one.row):
            for side, limit in _limits(graph, ref, source):
                if limit.is_finite or not waves:
                    made = graph.select(look.make(graph, "eq", source, graph.constant(side * sp.oo)), graph.constant(limit), made)
                    graph.notes.setdefault(made.row, "rule limit at infinity")
    return made


@remembered
def _limits(graph: Graph, ref: Ref, source: Ref) -> list[tuple[int, sp.Expr]]:
    """The sides on which the code gives nan where the row has a limit, the same whatever the other inputs are."""
    beside, found = [index for index in graph.inputs_among(graph.live([ref.row])) if index != source.row], []
    others = [Ref(index) for index in beside]
    near, far = (cache(partial(Values, graph, ref, source, others, precision)) for precision in (PRECISION, FAR))
    for side in (-1, 1):
        if math.isnan(value_at(graph, ref, {source.row: side * math.inf, **dict.fromkeys(beside, 1.0)})) and near().at(side * mp.inf, 1) is None:
            samples = [{index: mp.mpf(sample) + k for k, index in enumerate(beside)} for sample in (SAMPLES if beside else SAMPLES[:1])]
            limit = _common(_limit(far(), side, sample) for sample in samples if far().at(side * PLACES[0], others=sample) is not None)
            if limit is not None:
                found.append((side, limit))
    return found


def _common(limits: Iterator[sp.Expr | None]) -> sp.Expr | None:
    """The limit that all of these are; None where one is not sure, or there is none."""
    first = next(limits, None)
    return first if first is not None and all(one == first for one in limits) else None


def _limit(values: Values, side: int, others: Mapping[int, mpmath.mpf]) -> sp.Expr | None:
    """What a row tends to; None where that is not sure, as where a row is 0 that was not before."""
    found, before = [], None
    for place in PLACES:
        value, lost = values.at_and_lost(side * place, others)
        before = lost if before is None else before
        if value is None or lost - before:
            return None
        found.append(value)
    return _tended(found)


def _tended(found: Sequence[mpmath.mpf]) -> sp.Expr | None:
    before, last = found[-2:]
    sizes = [abs(one) for one in found]
    if sizes == sorted(sizes) and sizes[-1] > GROWS * sizes[-2] and mp.sign(before) == mp.sign(last):
        return sp.oo if last > 0 else -sp.oo
    if sizes == sorted(sizes, reverse=True) and (sizes[-2] > GROWS * sizes[-1] or not last):
        return ZERO
    distances = [max(abs(one - last), ROUNDED * sizes[-1]) for one in found[:-1]]
    if distances == sorted(distances, reverse=True) and distances[-1] <= CLOSE * sizes[-1]:
        return sp.Float(float(last + (last - before) / (PLACES[-1] / PLACES[-2] - 1)))  # exact where what is left is c/x
    return None
