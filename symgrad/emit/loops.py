"""Loops in a kernel: the rows of a program with long chains of equal steps written once, and their lines.

The rows of one step stand for all.  What they read from elsewhere becomes a variable of the loop: a value carried from
step to step, or the element of a sequence (saved by an earlier loop, or listed one by one).  What is needed of every
step is saved in a list, and a sum over all steps grows while the loop runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from symgrad.emit.names import Names, is_plain
from symgrad.emit.numbers import Text
from symgrad.emit.rolling import LEAVES, Before, Loop, Segment, find_loops, plain_numbers
from symgrad.graph.labels import Label
from symgrad.graph.program import Program
from symgrad.graph.rows import Input, Ref, Row

FEWEST_TERMS, MOST_TERMS = 8, 256
"""From how many terms on a sum over steps grows in the loop; up to how many terms a sum has one line: Python's parser recurses."""


@dataclass(frozen=True)
class Carried:
    """A variable with the value of a slot from some steps before, behind a queue of one variable for each step between.

    `queue` begins with the oldest and `first` are the rows that it starts from.  A queue that is the slot's own variable
    needs no line at the end of a step: what reads it stands before the line that sets it.
    """

    queue: tuple[str, ...]
    read: Before
    first: tuple[int, ...]


@dataclass
class Plan:
    """What is written around the body of one loop; slots and steps are those of `loop`.

    `names` are the variables of slots, `saved` the lists that keep them of every step, `totals` their sums; `elements`
    are the values of single steps that code after the loop reads, `sequences` what runs beside the steps.
    """

    loop: Loop
    heading: str
    names: dict[int, str] = field(default_factory=dict)
    saved: dict[int, str] = field(default_factory=dict)
    totals: dict[int, str] = field(default_factory=dict)
    elements: dict[tuple[int, int], int] = field(default_factory=dict)
    carried: list[Carried] = field(default_factory=list)
    sequences: dict[tuple, str] = field(default_factory=dict)


Homes = dict[int, tuple[Plan, int, int]]
"""For each row inside of a loop the loop, the step and the slot."""


@dataclass
class Rolled(Program):
    """A program whose live rows are those that have lines: single rows, and one step of every loop.

    `kept` are rows that need a variable of their own, `plans` lists loops by the first row of their bodies, and `texts`
    are the rows that stand for what crosses the edge of a loop.
    """

    order: tuple[int, ...] = ()
    kept: frozenset[int] = frozenset()
    plans: Mapping[int, Plan] = field(default_factory=dict)
    texts: Mapping[int, Text] = field(default_factory=dict)
    homes: Homes = field(default_factory=dict)

    def live(self) -> list[int]:
        return list(self.order)

    def roots(self) -> list[int]:
        return [*super().roots(), *sorted(self.kept)]


def roll(program: Program, taken: Sequence[str], loops: bool = True) -> Program:
    """The program with its long chains as loops and its long sums in parts; itself where it has neither.

    The variables of loops are none of the names taken; without `loops` only sums are looked at.
    """
    rows = program.graph.rows
    segments = find_loops(program) if loops else [index for index in program.live() if rows[index].op not in LEAVES]
    worth = any(isinstance(one, Loop) or _is_long(rows[one]) for one in segments)
    return _Roller(program, segments, taken).rolled() if worth else program


def _is_long(row: Row) -> bool:
    return row.op == "sum" and len(row.args) > MOST_TERMS


class _Roller:
    """Rewrites the rows of one program: an argument that crosses a loop's edge becomes a row that has its text already."""

    def __init__(self, program: Program, segments: Sequence[Segment], taken: Sequence[str]):
        self.program, self.segments = program, segments
        self.graph = program.graph.copy()
        self.rows = self.graph.rows
        self.named = {ref.row: name for name, (ref, _) in reversed(program.names.items())}
        self.plans = [Plan(one, self._heading(one)) for one in segments if isinstance(one, Loop)]
        self.homes: Homes = {index: (plan, *divmod(k, plan.loop.period)) for plan in self.plans for k, index in enumerate(plan.loop.rows)}
        self.names = Names([*taken, *(name for index, name in self.named.items() if index not in self.homes)])
        self.texts: dict[int, Text] = {}
        self.kept: set[int] = set()
        self.results: dict[int, int] = {}

    def rolled(self) -> Rolled:
        order = [index for index in self.program.live() if self.rows[index].op in LEAVES]
        plans = iter(self.plans)
        first: dict[int, Plan] = {}
        for segment in self.segments:
            if isinstance(segment, Loop):
                first[segment.body()[0]] = plan = next(plans)
                self._rewrite_step(plan)
                order.extend(segment.body())
            else:
                order.extend(self._rewrite_row(segment))
        outputs = {key: replace(out, ref=Ref(self._handed_back(out.ref.row), out.ref.labels)) for key, out in self.program.outputs.items()}
        return Rolled(self.graph, outputs, self.program.inputs, self._wanted(), self.program.primal, self.program.kinks, self.program.by_elements,
                      tuple(order), frozenset(self.kept), first, self.texts, self.homes)

    # ------------------------------------------------------------------ names

    def _heading(self, loop: Loop) -> str:
        """How many steps there are, and which of the declaration's names they are."""
        ends = [(loop.row(0, slot), loop.row(loop.count - 1, slot)) for slot in range(loop.period)]
        spans = [f"{self.named[a]} … {self.named[b]}" for a, b in ends if a in self.named and b in self.named]
        return f"# {loop.count} equal steps" + (f": {', '.join(spans)}" if spans else "")

    def _wanted(self) -> dict[str, tuple[Ref, tuple[Label, ...]]]:
        """The names of rows outside of loops as they were, and the variables of loops."""
        names = {name: given for name, given in self.program.names.items() if given[0].row not in self.homes}
        return names | {name: (Ref(plan.loop.body()[slot]), ()) for plan in self.plans for slot, name in plan.names.items()}

    def _free(self, stem: str) -> str:
        return self.names.exactly(stem) if stem.startswith(("bar_", "dot_")) and is_plain(stem) else self.names.take(stem, "part")

    def _variable(self, plan: Plan, slot: int) -> str:
        """The variable that holds a row of a step: called after the names that where= gives to the steps."""
        if slot not in plan.names:
            index = plan.loop.body()[slot]
            plan.names[slot] = self._free(self._stem(index))
            self.kept.add(index)
        return plan.names[slot]

    def _stem(self, index: int) -> str:
        """The name that the declaration gives, without its number."""
        row = self.rows[index]
        name = row.payload.name if row.op == "input" else self.named.get(index, "")
        return name.rstrip("0123456789_") or "part"

    def _saved(self, plan: Plan, slot: int) -> str:
        if slot not in plan.saved:
            plan.saved[slot] = self._free(f"{self._variable(plan, slot).rstrip('_')}_steps")
        return plan.saved[slot]

    # ------------------------------------------------------------------ rows that stand for others

    def _stand_in(self, of: int, text: str, op: str = "element") -> int:
        """A new row of the shape and kind of another one, with a text."""
        row = self.rows[of]
        self.rows.append(Row(op, (), (), tuple(range(len(row.keep))), row.shape, Input("loop", text), row.kind))
        self.texts[len(self.rows) - 1] = Text(text)
        return len(self.rows) - 1

    def _seen(self, index: int) -> int:
        """A row as it is seen from outside of its loop: the last value of a variable, or one element of a list."""
        if index not in self.homes:
            return index
        plan, step, slot = self.homes[index]
        if (step, slot) not in plan.elements:
            plan.elements[step, slot] = self._stand_in(index, self._name_of_element(plan, step, slot))
        return plan.elements[step, slot]

    def _name_of_element(self, plan: Plan, step: int, slot: int) -> str:
        if step == plan.loop.count - 1:
            return self._variable(plan, slot)
        self._saved(plan, slot)
        return self._free(self.named.get(plan.loop.row(step, slot)) or plan.names[slot])

    def _handed_back(self, index: int) -> int:
        """A result: an element needs no line of its own, but is copied where it may be another row's array."""
        if index not in self.homes:
            return index
        if index not in self.results:
            self.results[index] = self._result(index)
        return self.results[index]

    def _result(self, index: int) -> int:
        plan, step, slot = self.homes[index]
        row = self.rows[index]
        borrowed = row.op == "map" and row.payload[0] in ("real", "select")
        text = self._variable(plan, slot) if step == plan.loop.count - 1 else f"{self._saved(plan, slot)}[{step}]"
        return self._stand_in(index, text, "input" if borrowed else "element")

    # ------------------------------------------------------------------ rows outside of loops

    def _rewrite_row(self, index: int) -> list[int]:
        """The row as it is written, after parts of it that are rows of their own."""
        row = self.rows[index]
        if row.op == "sum" and len(row.args) >= FEWEST_TERMS:
            row = self._grown(index, row)
        self.rows[index] = row._replace(args=tuple([self._seen(arg) for arg in row.args]))
        return [*self._parts(index), index] if _is_long(self.rows[index]) else [index]

    def _parts(self, index: int) -> list[int]:
        """A sum of very many terms as the sum of shorter ones."""
        row, parts = self.rows[index], []
        for start in range(0, len(row.args), MOST_TERMS):
            terms = slice(start, start + MOST_TERMS)
            self.rows.append(row._replace(args=row.args[terms], axes=row.axes[terms], payload=(row.payload[0][terms], sp.S.Zero)))
            parts.append(len(self.rows) - 1)
        self.rows[index] = row._replace(args=tuple(parts), axes=(row.keep,) * len(parts), payload=((sp.S.One,) * len(parts), row.payload[1]))
        return parts + (self._parts(index) if len(parts) > MOST_TERMS else [])

    def _grown(self, index: int, row: Row) -> Row:
        """A sum with a term of many steps of a loop: one total takes the place of these terms."""
        coefficients, constant = row.payload
        terms = list(zip(row.args, row.axes, coefficients, strict=True))
        groups: dict[tuple, list[int]] = {}
        for k, (arg, axes, coefficient) in enumerate(terms):
            if arg in self.homes:
                plan, _, slot = self.homes[arg]
                groups.setdefault((id(plan), slot, axes, coefficient), []).append(k)
        groups = {key: positions for key, positions in groups.items() if len(positions) >= FEWEST_TERMS}
        gone = {k for positions in groups.values() for k in positions}
        terms = [term for k, term in enumerate(terms) if k not in gone]
        for (_, _, axes, coefficient), positions in groups.items():
            terms.append((self._total(index, [row.args[k] for k in positions]), axes, coefficient))
        args, axes, coefficients = zip(*terms, strict=True)
        return row._replace(args=args, axes=axes, payload=(coefficients, constant))

    def _total(self, index: int, args: Sequence[int]) -> int:
        """The sum of one slot over steps: it grows in the loop where it takes all of them, else a list is summed."""
        plan, _, slot = self.homes[args[0]]
        if len(args) < plan.loop.count:
            self._saved(plan, slot)
            return self._stand_in(args[0], f"sum({listed(args, self.homes, str)})")
        if slot not in plan.totals:
            plan.totals[slot] = self._free(f"{self.named.get(index) or self._variable(plan, slot)}_total")
            self._variable(plan, slot)
        return self._stand_in(args[0], plan.totals[slot])

    # ------------------------------------------------------------------ one step of a loop

    def _rewrite_step(self, plan: Plan) -> None:
        for slot, index in enumerate(plan.loop.body()):
            if index in self.named:
                self._variable(plan, slot)
            row = self.rows[index]
            args = tuple([self._argument(plan, slot, k, arg) for k, arg in enumerate(row.args)])
            self.rows[index] = row._replace(args=args, payload=self._numbered(plan, slot, row))

    def _argument(self, plan: Plan, slot: int, k: int, arg: int) -> int:
        read = plan.loop.reads.get((slot, k))
        if read is None:
            return arg
        if isinstance(read, Before):
            return self._stand_in(arg, self._carried(plan, read).queue[0])
        if read.is_fixed:
            return self._kept([arg])[0]
        return self._stand_in(arg, self._beside(plan, read.rows, self._item_stem(read.rows)))

    def _kept(self, rows: Sequence[int]) -> tuple[int, ...]:
        """Rows as they are seen from outside of their loops, each with a variable of its own."""
        seen = tuple([self._seen(index) for index in rows])
        self.kept.update(seen)
        return seen

    def _carried(self, plan: Plan, read: Before) -> Carried:
        found = next((one for one in plan.carried if one.read == read), None)
        if found is None:
            own = self._variable(plan, read.slot)
            queue = (own,) if self._may_overwrite(plan, read) else tuple(self._free(f"{own}_before_{k}") for k in range(read.back, 0, -1))
            found = Carried(queue, read, self._kept(read.first))
            plan.carried.append(found)
        return found

    def _may_overwrite(self, plan: Plan, read: Before) -> bool:
        """Whether the last step's value is read only before the line that sets this step's."""
        own = (read.slot, read.back) if read.back == 1 else None
        alike = [one for one in plan.loop.reads.items() if isinstance(one[1], Before) and (one[1].slot, one[1].back) == own]
        return bool(alike) and all(slot <= read.slot and one == read for (slot, _), one in alike)

    def _beside(self, plan: Plan, items: tuple, stem: str) -> str:
        """The variable that takes one item of a sequence in every step."""
        if items not in plan.sequences:
            plan.sequences[items] = self._free(stem)
        return plan.sequences[items]

    def _item_stem(self, rows: tuple[int, ...]) -> str:
        """What an item of a sequence is called; the lists and variables that the sequence takes are kept."""
        for index in rows:
            if index in self.homes:
                self._saved(self.homes[index][0], self.homes[index][2])
        self._kept([index for index in rows if index not in self.homes])
        middle = rows[len(rows) // 2]
        if middle not in self.homes:
            return f"{self._stem(middle)}_k"
        plan, _, slot = self.homes[middle]
        return f"{plan.names[slot].rstrip('_')}_k"

    def _numbered(self, plan: Plan, slot: int, row: Row) -> Any:
        """The payload with a symbol for every number that differs from step to step."""
        if row.op not in ("sum", "product"):
            return row.payload
        values = list(plain_numbers(row))
        for k in range(len(values)):
            column = plan.loop.numbers.get((slot, k))
            if column is not None:
                values[k] = sp.Symbol(self._beside(plan, column, "c_k"), real=True)
        return values[0] if row.op == "product" else (tuple(values[:-1]), values[-1])


# ---------------------------------------------------------------------- sequences as text

def listed(rows: Sequence[int], homes: Homes, text: Callable[[int], str]) -> str:
    """A sequence of rows as Python text: slices of saved lists, and other rows one by one."""
    parts, position = [], 0
    while position < len(rows):
        length = _stretch(rows, homes, position)
        parts.append(_part(rows[position:position + length], homes, text))
        position += length
    return parts[0].removeprefix("*") if len(parts) == 1 and parts[0].startswith("*") else f"[{', '.join(parts)}]"


def _stretch(rows: Sequence[int], homes: Homes, start: int) -> int:
    """How many rows from the start on are one slot of one loop, step after step."""
    end = start + 1
    if rows[start] not in homes:
        return 1
    plan, _, slot = homes[rows[start]]
    stride = None
    while end < len(rows) and rows[end] in homes:
        other, step, place = homes[rows[end]]
        gap = step - homes[rows[end - 1]][1]
        if other is not plan or place != slot or gap == 0 or gap != (stride or gap):
            break
        stride, end = gap, end + 1
    return end - start


def _part(rows: Sequence[int], homes: Homes, text: Callable[[int], str]) -> str:
    if rows[0] not in homes:
        return text(rows[0])
    plan, first, slot = homes[rows[0]]
    if len(rows) == 1:
        return f"{plan.saved[slot]}[{first}]"
    last, stride, count = homes[rows[-1]][1], homes[rows[1]][1] - first, plan.loop.count
    if stride > 0:
        start, stop = "" if first == 0 else str(first), "" if last + stride >= count else str(last + 1)
    else:
        start, stop = "" if first == count - 1 else str(first), "" if last + stride < 0 else str(last - 1)
    by = "" if stride == 1 else f":{stride}"
    return f"*{plan.saved[slot]}[{start}:{stop}{by}]" if start or stop or by else f"*{plan.saved[slot]}"
