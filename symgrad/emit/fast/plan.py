"""The plan of one kernel in words: stages, block, buffers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from symgrad.emit.fast.buffers import Kept


class Walk(NamedTuple):
    """One walk over the samples: how many rows a block makes, what it hands back, writes and reads, and the arrays it works in.

    `weight` counts the numbers that one sample takes in the buffers and in the arrays that a block reads or writes.
    """

    rows: int
    sums: tuple[str, ...]
    kept: tuple[str, ...]
    read: tuple[str, ...]
    buffers: Mapping[str, Kept]
    weight: str
    after: int


class Plan(NamedTuple):
    """How a kernel runs: rows before the samples, walks over them, and rows after each.

    `samples` is the number of samples as text, None where there is no such axis; `again` counts the calls that write into an
    array whose content is not needed any more.
    """

    samples: str | None
    before: int
    walks: tuple[Walk, ...]
    again: int

    def summary(self) -> str:
        """One sentence, for the header of a kernel; empty where there is nothing to say."""
        if self.samples is None:
            return f"Plan: whole arrays, {_count(self.again, 'call')} into arrays that are free again." if self.again else ""
        walks = "; then ".join(f"blocks of {_count(walk.rows, 'row')} in {_count(len(walk.buffers), 'buffer')}, {walk.weight} numbers a sample"
                               for walk in self.walks)
        return f"Plan: {_count(self.before, 'row')} before, {walks}; {_count(self.walks[-1].after, 'row')} after."

    def stages(self) -> list[tuple[str, str]]:
        """What is done and how, stage by stage, for people."""
        if self.samples is None:
            return [("rows", f"{self.before}, on whole arrays: no axis of samples"),
                    ("in place", f"{_count(self.again, 'call')} into arrays that are free again")]
        out = [("before", f"{_count(self.before, 'row')} without samples")]
        for walk in self.walks:
            out += [("samples", f"{self.samples}, in blocks that run on threads"),
                    ("block", f"{_count(walk.rows, 'row')}, {walk.weight} numbers a sample")]
            out += [("buffers", ", ".join(f"{name} ({', '.join(kept.shape)}){' of truth values' if kept.boolean else ''}"
                                          for name, kept in walk.buffers.items()))] if walk.buffers else []
            out += [("combined", ", ".join(walk.sums))] if walk.sums else []
            out += [("written", f"{', '.join(walk.kept)}, over all samples")] if walk.kept else []
            out += [("read", f"{', '.join(walk.read)}, kept because it costs a matrix product")] if walk.read else []
            out += [("after", _count(walk.after, "row"))]
        return out


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
