"""Sums by deltas over samples: where blocks write what outlives them.

Shifts by a few places leave each block a strip of the array that it alone writes, first of all, so that the array needs no
zeros and threads no order; what lies beyond the strip is handed back and added once the next block is done.  Everywhere else
blocks add to an array of zeros, and what two runs of blocks may both write comes last.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.emit.fast.calls import Calls
from symgrad.emit.fast.samples import Samples, places_along
from symgrad.emit.fast.stages import Stage
from symgrad.emit.fast.trees import Shape
from symgrad.emit.names import Names
from symgrad.emit.numbers import Text
from symgrad.emit.speller import Speller
from symgrad.graph.program import Program
from symgrad.graph.rows import BOOLEAN, REAL, Row

WIDEST = 64
"""Places that two shifts into one array may lie apart for blocks to have strips of their own: few beside the samples of a block."""


class Strip(NamedTuple):
    """A block's own part of an array: shifts reach from `least` to `most` places beyond a sample's number.

    `own` is its name in a block, `beyond` that of the numbers for places after it; `first` is the row that fills it, if one does.
    """

    least: int
    most: int
    own: str
    beyond: str
    first: int | None

    @property
    def width(self) -> int:
        """How many places a block writes beyond its strip."""
        return self.most - self.least


class Placing(Speller):
    """The part of the fast speller that writes sums by deltas; what else it relies on is the speller's."""

    program: Program
    samples: Samples | None
    names: Names
    _calls: Calls
    _whole: dict[int, str]
    _written: set[int]
    _part: dict[int, Text]
    _strips: dict[int, Strip]
    _filled: set[int]
    shapes: dict[str, Shape]

    def shape_of(self, index: int) -> Shape:
        raise NotImplementedError

    # ------------------------------------------------------------------ arrays

    def _allocate_placed(self, stage: Stage) -> None:
        """An array for every sum by deltas of a walk, and the strips of those that have them."""
        self._strips, self._filled = {}, set()
        targets = dict.fromkeys(self._gathered_in(index) for index in stage.placed)
        for target in targets:
            placed = [index for index in stage.placed if self._gathered_in(index) == target]
            shifts = [self._shift(index) for index in placed]
            if target not in self._whole and self._has_strips(target, placed, shifts):
                name = self._make(target, "np.empty", "blocks write it")
                own, beyond = (self.names.exactly(f"{name}_{part}") for part in ("own", "beyond"))
                self._strips[target] = Strip(int(min(shifts)), int(max(shifts)), own, beyond, self._filling(target, placed, shifts, stage))
            elif target not in self._whole:
                self._make(target, "np.zeros", "blocks add to it")

    def _make(self, index: int, function: str, words: str) -> str:
        row = self.graph.rows[index]
        name = self._name(index)
        self.lines.append(f"{name} = {function}({self._shape(row)}, {'bool' if row.kind == BOOLEAN else 'dtype'})  # {words}")
        self._whole[index] = name
        return name

    def _gathered_in(self, index: int) -> int:
        """The row whose array a product by deltas is written into: the sum that uses it alone, or its own."""
        user = next(iter(self.users.get(index, ())), index)
        return user if self.uses[index] == 1 and self.program.graph.rows[user].op == "sum" else index

    def _shift(self, index: int) -> sp.Expr:
        """How far beyond a sample's number a product by a delta places."""
        assert self.samples is not None
        (hot,) = places_along(self.program, index, self.samples.along[index])
        inner = self.program.graph.rows[hot.args[0]]
        return inner.payload[1] if inner.op == "sum" else sp.S.Zero

    def _has_strips(self, target: int, placed: Sequence[int], shifts: Sequence[sp.Expr]) -> bool:
        """Whether all that blocks place in an array lies at most a few places beyond each sample, along the array's one axis."""
        rows = self.program.graph.rows
        known = len(rows[target].keep) == 1 and all(shift.is_Integer and shift.is_nonnegative for shift in shifts)
        return known and all(map(self._places_each_sample, placed)) and max(shifts) - min(shifts) <= WIDEST

    def _places_each_sample(self, index: int) -> bool:
        """Whether a product places one number a sample, by one delta."""
        assert self.samples is not None
        rows, row = self.program.graph.rows, self.program.graph.rows[index]
        dense = [axes for arg, axes in zip(row.args, row.axes, strict=True) if rows[arg].op != "onehot"]
        return len(row.sizes) == 2 and len(row.args) - len(dense) == 1 and any(self.samples.along[index] in axes for axes in dense)

    def _filling(self, target: int, placed: Sequence[int], shifts: Sequence, stage: Stage) -> int | None:
        """The row that can be made right in a block's strip: placed as it is and needed for nothing else, before all others are placed."""
        rows = self.program.graph.rows
        for index, shift in zip(placed, shifts, strict=True):
            dense = [arg for arg in rows[index].args if rows[arg].op != "onehot"]
            if shift != min(shifts) or len(dense) != 1 or rows[index].payload * self._coefficient(index, target) != 1:
                continue
            (arg,) = dense
            fits = arg in stage.rows and self.uses[arg] == 1 and len(rows[arg].keep) == 1 and rows[arg].kind == REAL and rows[arg].args
            if fits and all(arg < other for other in placed):
                return arg
        return None

    def _coefficient(self, index: int, target: int) -> sp.Expr:
        whole = self.program.graph.rows[target]
        return sp.S.One if target == index else whole.payload[0][whole.args.index(index)]

    # ------------------------------------------------------------------ in a block

    def _begin_strips(self) -> None:
        """The names of a block's strips, and the rows that are made right there."""
        for target, strip in self._strips.items():
            if strip.first is not None:
                self._part[strip.first] = self.text[strip.first] = Text(strip.own)
                self.shapes[strip.own] = self.shape_of(strip.first)
            self.lines.append(f"{strip.own} = {self._whole[target]}[{_from('first', strip.least)}:{_from('last', strip.least)}]")
            if strip.width:
                self.lines.append(f"{strip.beyond} = np.zeros({strip.width}, dtype)")

    def _handed_back(self) -> list[str]:
        """What a block hands back for each strip: where its numbers for places beyond belong, and these."""
        return [f"({self._whole[target]}[{_from('last', strip.least)}:{_from('last', strip.most)}], {strip.beyond})"
                for target, strip in self._strips.items() if strip.width]

    def _place(self, index: int, row: Row) -> None:
        """Write a product by deltas into the array that outlives the block."""
        target = self._gathered_in(index)
        coefficient, inner = self._coefficient(index, target), row
        if target != index:
            whole = self.program.graph.rows[target]
            inner = self._spread(row, whole, whole.axes[whole.args.index(index)])
        lines, self.lines = self.lines, []
        self._write(self._whole[target], coefficient, inner, inner.keep, fresh=False)
        written, self.lines = self.lines, lines
        for line in written:
            place, added, text = line.partition(" += ")
            if target in self._strips:
                self._into_strip(index, target, text)
            elif added:
                self._calls.add(place, text)
            else:
                self.lines.append(line)
        self._written.add(index)
        if target != index:
            self.text[index] = Text("")

    def _into_strip(self, index: int, target: int, text: str) -> None:
        strip = self._strips[target]
        if strip.first is not None and strip.first in self.program.graph.rows[index].args:
            return
        far, is_first = int(self._shift(index)) - strip.least, strip.first is None and target not in self._filled
        self._filled.add(target)
        if is_first and far:
            self.lines.append(f"{strip.own}[...] = 0")
        if far:
            self._calls.hand(text, f"_shifted({strip.own}, {strip.beyond}, {{0}}, {far})")
        elif is_first:
            self._calls.put(strip.own, text)
        else:
            self._calls.add(strip.own, text)

    # ------------------------------------------------------------------ after the blocks

    def _finish_strips(self, count: sp.Expr) -> None:
        """Places that no block has as its own."""
        for target, strip in self._strips.items():
            name, row = self._whole[target], self.program.graph.rows[target]
            if strip.least:
                self.lines.append(f"{name}[:{strip.least}] = 0")
            start, stop = (self._number(count + shift).text for shift in (strip.least, strip.most))
            if strip.width:
                self.lines.append(f"{name}[{start}:{stop}] = {strip.beyond}[1]")
            if sp.expand(row.sizes[row.keep[0]] - count - strip.most) != 0:
                self.lines.append(f"{name}[{stop}:] = 0")

    def _overlap(self, stage: Stage) -> sp.Expr:
        """How far apart two blocks of one place may write: the widest difference of the shifts into one array of zeros."""
        shifts = [self._shift(index) for index in stage.placed if self._gathered_in(index) not in self._strips]
        return sp.Max(*shifts) - sp.Min(*shifts) if len(shifts) > 1 else sp.S.Zero

    def _complete(self, index: int, row: Row) -> None:
        """The rest of a sum into whose array blocks have written."""
        coefficients, constant = row.payload
        name, left = self._whole[index], [(c, k) for k, c in enumerate(coefficients) if row.args[k] not in self._written]
        plain = [(c, k) for c, k in left if not self._writes(row, k)]
        if plain or constant != 0:
            self.lines.append(f"{name} += {self._added(row, plain, constant).text}")
        for coefficient, k in left:
            if (coefficient, k) not in plain:
                inner = self._spread(self._placed(row.args[k]), row, row.axes[k])
                self._write(name, coefficient, inner, inner.keep, fresh=False)

    def is_written_into(self, index: int, users: Collection[int]) -> bool:
        """Whether the one user of a row is among `users` and places numbers in the row's array, which becomes its own."""
        user = self.users.get(index, (index,))[0]
        row = self.graph.rows[user]
        placed = any(self.graph.rows[arg].op == "onehot" or self.graph.places(arg) for arg in row.args)
        return user in users and row.op == "sum" and placed and super()._is_owned(index)

    def _is_owned(self, index: int) -> bool:
        """An array that its one user writes into is not free again after that."""
        return super()._is_owned(index) and self._calls.leave(index, self.users[index][0])


def _from(name: str, shift: int) -> str:
    return f"{name} + {shift}" if shift else name
