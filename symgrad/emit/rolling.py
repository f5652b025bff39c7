"""Long chains of equal steps, found in the ordered rows of a kernel: what is written once, as the body of a loop.

A step is a stretch of rows that repeats with the same operations on the same axes.  Its arguments come from the step
itself, from a fixed number of steps before, or from outside of the loop: always the same row, or one row a step.
Numbers may differ from step to step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import sympy as sp

from symgrad.graph.program import Program
from symgrad.graph.rows import INTEGER, Row

LEAVES = frozenset({"input", "constant", "iota"})
"""Rows without a line of their own."""

ALONE = frozenset({"onehot"})
"""Rows that are no arrays: what reads or writes by them stays outside of loops."""

FEWEST_STEPS, FEWEST_ROWS, LONGEST_STEP, GRAM, CANDIDATES, TRIALS = 16, 32, 2000, 6, 24, 8
"""From how many steps and rows on a loop is written; how far and how often a period is looked for."""

Place = tuple[int, int]
"""A row of a step by its slot; an argument or number of a row by its slot and position."""


class Before(NamedTuple):
    """An argument from `back` steps before, slot `slot`; the first `back` steps take `first` instead."""

    slot: int
    back: int
    first: tuple[int, ...]


class Outside(NamedTuple):
    """An argument from outside of the loop: one row a step."""

    rows: tuple[int, ...]

    @property
    def is_fixed(self) -> bool:
        return len(set(self.rows)) == 1


@dataclass(frozen=True)
class Loop:
    """`count` steps of `period` rows; `rows` lists them all.  Step `shown` stands for each of them.

    `reads` says for the arguments of a step where they come from, where that is not the step itself; `numbers` lists
    the coefficients that differ from step to step.
    """

    rows: tuple[int, ...]
    period: int
    count: int
    reads: Mapping[Place, Before | Outside] = field(default_factory=dict)
    numbers: Mapping[Place, tuple[sp.Expr, ...]] = field(default_factory=dict)

    @property
    def shown(self) -> int:
        return self.count // 2

    def row(self, step: int, slot: int) -> int:
        return self.rows[step * self.period + slot]

    def body(self) -> tuple[int, ...]:
        return self.rows[self.shown * self.period:(self.shown + 1) * self.period]


Segment = int | Loop
"""A row by itself, or a loop."""


def find_loops(program: Program) -> list[Segment]:
    """The live rows that have lines of their own, in order, with stretches of equal steps as loops."""
    rows, primal = program.graph.rows, program.primal
    order = [index for index in program.live() if rows[index].op not in LEAVES]
    split = len(order) if primal is None else sum(index < primal for index in order)
    return [*_stretch(program, order[:split]), *_stretch(program, order[split:])]


def _stretch(program: Program, order: Sequence[int]) -> list[Segment]:
    """Rows in the order given, or with those apart that read and write by one-hots, where loops hold more rows then."""
    found = _Finder(program, order).segments()
    regrouped = _regrouped(program.graph.rows, order)
    if regrouped is None:
        return found
    other = _Finder(program, regrouped).segments()
    return other if _in_loops(other) > _in_loops(found) else found


def _in_loops(segments: Sequence[Segment]) -> int:
    return sum(len(one.rows) for one in segments if isinstance(one, Loop))


def _regrouped(rows: Sequence[Row], order: Sequence[int]) -> list[int] | None:
    """Rows that only read inputs by one-hots, then rows without one-hots, then the other rows and what rests on them."""
    inside, early, late = set(order), set(), set()
    for index in order:
        args = [arg for arg in rows[index].args if arg in inside]
        if any(arg in late for arg in args):
            late.add(index)
        elif _is_alone(rows, index):
            (early if all(arg in early for arg in args) else late).add(index)
    if not early and not late:
        return None
    middle = [index for index in order if index not in early and index not in late]
    return [*(one for one in order if one in early), *middle, *(one for one in order if one in late)]


def _is_alone(rows: Sequence[Row], index: int) -> bool:
    return rows[index].op in ALONE or any(rows[arg].op in ALONE for arg in rows[index].args)


class _Finder:
    """Periods in one stretch of rows."""

    def __init__(self, program: Program, order: Sequence[int]):
        self.rows, self.order = program.graph.rows, order
        self.names = {ref.row for ref, _ in program.names.values()}
        self.place = {index: position for position, index in enumerate(order)}

    def segments(self) -> list[Segment]:
        if len(self.order) < FEWEST_ROWS:
            return list(self.order)
        tokens = self._tokens()
        following = _next_alike(tokens)
        found: list[Segment] = []
        position = 0
        while position < len(tokens):
            run = _run(tokens, following, position)
            loop = self._fitted(*run) if run is not None else None
            end = position + 1
            if loop is not None:
                start = self.place[loop.rows[0]]
                found.extend(self.order[position:start])
                found.append(loop)
                end = start + len(loop.rows)
            elif run is not None:  # equal in form only: what follows is looked at past half of it
                end = position + max(1, run[1] * (run[2] // 2))
                found.extend(self.order[position:end])
            else:
                found.append(self.order[position])
            position = end
        return found

    # ------------------------------------------------------------------ equal rows

    def _tokens(self) -> list[int]:
        known: dict[object, int] = {}
        return [known.setdefault(self._form(self.rows[index], index), len(known)) for index in self.order]

    def _form(self, row: Row, index: int) -> object:
        """What equal rows of two steps agree in: everything but the rows they read and their plain numbers."""
        if _is_alone(self.rows, index):
            return index, row.op  # like no other row
        return row.op, row.axes, row.keep, row.sizes, _shape_of_numbers(row), row.kind, row.op == "sum" and len(row.args)

    # ------------------------------------------------------------------ arguments

    def _fitted(self, start: int, period: int, count: int) -> Loop | None:
        """The longest loop in a run whose arguments follow one pattern; None where it is too short."""
        start, count = self._turned(start, period, count)
        for _ in range(TRIALS):
            if count < FEWEST_STEPS or count * period < FEWEST_ROWS:
                return None
            reads, misfit = self._reads(start, period, count)
            if misfit is None:
                rows = tuple(self.order[start:start + period * count])
                return Loop(rows, period, count, reads, self._numbers(rows, period))
            if misfit > count // 2:
                count = misfit
            else:
                start, count = start + (misfit + 1) * period, count - misfit - 1
        return None

    def _turned(self, start: int, period: int, count: int) -> tuple[int, int]:
        """Steps that begin where the fewest rows cross from one step to the next, and end with a name if they can."""
        if not 1 < period <= 64:
            return start, count
        middle = start + (count // 2) * period
        turns = [(self._crossing(middle + turn, period), self.order[middle + turn + period - 1] not in self.names, turn) for turn in range(period)]
        turn = min(turns)[-1]
        return (start + turn, count - 1) if turn else (start, count)

    def _crossing(self, start: int, period: int) -> int:
        """How many rows a step that starts here takes from the step before."""
        step = range(start, start + period)
        places = {self.place.get(arg, -1) for position in step for arg in self.rows[self.order[position]].args}
        return sum(start - period <= place < start for place in places)

    def _reads(self, start: int, period: int, count: int) -> tuple[dict[Place, Before | Outside], int | None]:
        """Where arguments come from, and the first step at which one does not follow the pattern."""
        reads: dict[Place, Before | Outside] = {}
        misfits = []
        for slot in range(period):
            column = [self.rows[self.order[position]].args for position in range(start + slot, start + period * count, period)]
            for k in range(len(column[0])):
                read, misfit = self._read([args[k] for args in column], start, period)
                if misfit is not None:
                    misfits.append(misfit)
                elif read is not None:
                    reads[slot, k] = read
        return reads, _middle_first(misfits, count // 2)

    def _read(self, args: Sequence[int], start: int, period: int) -> tuple[Before | Outside | None, int | None]:
        """Where one argument of every step comes from; None is the step itself."""
        places = [self.place.get(arg, -1) for arg in args]
        middle = len(args) // 2
        if places[middle] < start:
            inside = [step for step, place in enumerate(places) if place >= start]
            if inside:
                return None, _middle_first(inside, middle)
            return self._outside(args, middle)
        back, slot = middle - (places[middle] - start) // period, (places[middle] - start) % period
        wanted = start + slot - back * period
        wrong = [step for step, place in enumerate(places) if place != wanted + step * period if step >= back or place >= start]
        if wrong:
            return None, _middle_first(wrong, middle)
        if any(self.rows[arg].kind != self.rows[args[middle]].kind for arg in args[:back]):
            return None, 0
        return (Before(slot, back, tuple(args[:back])) if back else None), None

    def _outside(self, args: Sequence[int], middle: int) -> tuple[Outside | None, int | None]:
        kind = self.rows[args[middle]].kind
        wrong = [step for step, arg in enumerate(args) if self.rows[arg].kind != kind]
        if len(set(args[1:-1])) == 1:  # fixed but for an end: operands stand in row order, and the ends have rows of their own
            wrong = [step for step, arg in enumerate(args) if arg != args[middle]]
        if wrong:
            return None, _middle_first(wrong, middle)
        return Outside(tuple(args)), None

    def _numbers(self, rows: Sequence[int], period: int) -> dict[Place, tuple[sp.Expr, ...]]:
        found: dict[Place, tuple[sp.Expr, ...]] = {}
        for slot in range(period):
            if self.rows[rows[slot]].op not in ("sum", "product"):
                continue
            columns = zip(*(plain_numbers(self.rows[index]) for index in rows[slot::period]), strict=True)
            found.update({(slot, k): column for k, column in enumerate(columns) if len(set(column)) > 1})
        return found


def plain_numbers(row: Row) -> tuple[sp.Expr, ...]:
    """The coefficient of a product; the coefficients of a sum and its constant."""
    return (row.payload,) if row.op == "product" else (*row.payload[0], row.payload[1])


def _shape_of_numbers(row: Row) -> object:
    """Payloads that must agree: 0, 1 and -1 are written in another way than other numbers."""
    if row.op not in ("sum", "product") or row.kind == INTEGER:
        return row.payload
    return tuple([_class_of(number) for number in plain_numbers(row)])


def _class_of(number: sp.Expr) -> object:
    if number.is_Rational:
        return number if number in _WRITTEN_APART else None
    return None if number.is_Float and number != 0 else number


_WRITTEN_APART = frozenset({sp.S.Zero, sp.S.One, sp.S.NegativeOne})


def _middle_first(steps: Sequence[int], middle: int) -> int | None:
    """The first step past the middle; where there is none, the last one before it."""
    after = [step for step in steps if step > middle]
    return min(after) if after else max(steps, default=None)


# ---------------------------------------------------------------------- periods

def _next_alike(tokens: Sequence[int]) -> list[int]:
    """For each position the next one at which the same few rows begin, or -1."""
    following, last = [-1] * len(tokens), {}
    for position in range(len(tokens) - GRAM, -1, -1):
        gram = tuple(tokens[position:position + GRAM])
        following[position] = last.get(gram, -1)
        last[gram] = position
    return following


def _run(tokens: Sequence[int], following: Sequence[int], start: int) -> tuple[int, int, int] | None:
    """(start, period, count) of the shortest period that begins here and goes on for long enough."""
    other = following[start]
    for _ in range(CANDIDATES):
        if other < 0 or other - start > LONGEST_STEP:
            return None
        period = other - start
        count = _length(tokens, start, period) // period
        if count >= FEWEST_STEPS and count * period >= FEWEST_ROWS:
            return start, period, count
        other = following[other]
    return None


def _length(tokens: Sequence[int], start: int, period: int) -> int:
    """How many rows from the start on repeat with a period."""
    end = start + period
    while end < len(tokens) and tokens[end] == tokens[end - period]:
        end += 1
    return end - start


__all__ = ["Before", "Loop", "Outside", "Segment", "find_loops", "plain_numbers"]
