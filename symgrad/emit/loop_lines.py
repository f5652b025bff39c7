"""The lines of a kernel with loops: single rows by the speller, and around the rows of one step what makes it a loop."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from symgrad.emit.loops import Plan, Rolled, listed
from symgrad.emit.numbers import number
from symgrad.emit.rolling import LEAVES
from symgrad.emit.speller import Speller

WIDTH, LONGEST = 140, 14
"""How long a line may be, and a sequence in the head of a loop that would be longer."""


def rolled_body(speller: Speller, program: Rolled) -> list[str]:
    """The statements of a program with loops, in order."""
    speller.text.update(program.texts)
    boundary = program.primal
    for index in program.live():
        if boundary is not None and index >= boundary and program.graph.rows[index].op not in LEAVES:
            speller.lines.append(f"# {speller.section}")
            boundary = None
        if index in program.plans:
            _LoopLines(speller, program, program.plans[index]).write()
        elif index not in program.homes:
            speller.spell(index)
    return speller.lines


class _LoopLines:
    """Writes one loop to the lines of a speller."""

    def __init__(self, speller: Speller, program: Rolled, plan: Plan):
        self.speller, self.program, self.plan = speller, program, plan

    def write(self) -> None:
        plan, lines = self.plan, self.speller.lines
        lines.append(plan.heading)
        heads = self._heads()
        lines.extend(f"{name} = []" for name in plan.saved.values())
        lines.extend(f"{name} = 0" for name in plan.totals.values())
        for one in plan.carried:
            lines.extend(f"{name} = {self._value(first)}" for name, first in zip(one.queue, one.first, strict=True))
        lines.append(self._head(heads))
        start = len(lines)
        for index in plan.loop.body():
            self.speller.spell(index)
        self._end_of_step()
        lines[start:] = [f"    {line}" for line in lines[start:]]
        last = plan.loop.count - 1
        for (step, slot), row in plan.elements.items():
            if step != last:
                lines.append(f"{self._value(row)} = {plan.saved[slot]}[{step}]")

    def _end_of_step(self) -> None:
        plan, lines = self.plan, self.speller.lines
        lines.extend(f"{name}.append({plan.names[slot]})" for slot, name in plan.saved.items())
        lines.extend(f"{name} += {plan.names[slot]}" for slot, name in plan.totals.items())
        for one in plan.carried:
            own = plan.names[one.read.slot]
            if one.queue != (own,):
                lines.extend(f"{old} = {new}" for old, new in zip(one.queue, [*one.queue[1:], own], strict=True))

    def _value(self, row: int) -> str:
        return self.speller.text[row].text

    # ------------------------------------------------------------------ what runs beside the steps

    def _heads(self) -> list[tuple[str, str]]:
        """(variable, sequence); a long sequence gets lines of its own."""
        heads = [(name, self._sequence(items)) for items, name in self.plan.sequences.items()]
        longest = LONGEST if len(self._head(heads)) > WIDTH else WIDTH
        for k, (name, text) in enumerate(heads):
            if len(text) > longest:
                self.speller.lines.extend(_assigned(self._all(name), text))
                heads[k] = (name, self._all(name))
        return heads

    def _all(self, name: str) -> str:
        return f"{name}_all"

    def _sequence(self, items: Sequence) -> str:
        if isinstance(items[0], int):
            return listed(items, self.program.homes, self._value)
        return f"({', '.join(number(item).text for item in items)})"

    def _head(self, heads: Sequence[tuple[str, str]]) -> str:
        if not heads:
            return f"for _ in range({self.plan.loop.count}):"
        names, sequences = ", ".join(name for name, _ in heads), ", ".join(text for _, text in heads)
        return f"for {names} in zip({sequences}):" if len(heads) > 1 else f"for {names} in {sequences}:"


def _assigned(name: str, text: str) -> list[str]:
    return textwrap.wrap(f"{name} = {text}", WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
