"""Rows in stages: before the samples, block by block over the samples, between two such stages, and after."""

from __future__ import annotations

from typing import NamedTuple

from symgrad.emit.fast.samples import Samples, places_along
from symgrad.graph.program import Program
from symgrad.graph.rows import Row


class Stage(NamedTuple):
    """One walk over the samples: the rows that a block makes, what it hands back, and what comes after.

    `sums` are reductions over the samples; `kept` are written to arrays over all samples; `read` are such arrays of an
    earlier stage; `placed` are sums by deltas, written into arrays that outlive the block.
    """

    rows: list[int]
    sums: list[int]
    kept: list[int]
    read: list[int]
    placed: list[int]
    after: list[int]


class Stages(NamedTuple):
    """What is made before the samples are walked over, and the walks."""

    before: list[int]
    walks: list[Stage]


def arrange(program: Program, samples: Samples) -> Stages:
    """The live rows in stages.  A sample-sized row that a later stage needs is made again, unless it costs a matrix product."""
    rows, live = program.graph.rows, program.live()
    ready = _ready(program, samples)
    last = max((ready[index] for index in live if index in samples.along), default=0)
    wanted: list[set[int]] = [set() for _ in range(last + 1)]
    roots = set(program.roots())
    for index in live:
        if index in samples.along and rows[index].args and (index in roots or not samples.carries(index, rows[index])):
            wanted[ready[index]].add(index)
    walks = []
    for stage in range(last, 0, -1):
        needed, read = _closure(program, samples, wanted[stage], ready, stage)
        for index in read:
            wanted[ready[index]].add(index)
        walks.append(_stage(program, samples, needed, wanted[stage], read, [i for i in live if ready[i] == stage and i not in samples.along]))
    walks.reverse()
    early = _early(program, samples, ready, last)
    late = [index for index in live if ready[index] == 0 and index not in early and index not in samples.along]
    walks[-1].after[:] = sorted([*late, *walks[-1].after])  # as everywhere, rows stand in the order in which they are made
    return Stages([index for index in live if ready[index] == 0 and index in early], walks)


def _early(program: Program, samples: Samples, ready: dict[int, int], last: int) -> set[int]:
    """Rows without samples that a walk, or what comes between two, needs: all others can wait until after the last."""
    rows, live = program.graph.rows, program.live()
    stack = [arg for index in live if index in samples.along or 0 < ready[index] < last for arg in rows[index].args]
    found: set[int] = set()
    while stack:
        index = stack.pop()
        if index not in found and index not in samples.along:
            found.add(index)
            stack.extend(rows[index].args)
    return found


def _ready(program: Program, samples: Samples) -> dict[int, int]:
    """The walk in which a row over samples can be made, or after which another can; 0 is before the first."""
    rows, ready = program.graph.rows, {}
    for index in program.live():
        row = rows[index]
        if index not in samples.along:
            ready[index] = max((ready[arg] for arg in row.args), default=0)
            continue
        ready[index] = max((ready[arg] + (not samples.carries(arg, rows[arg])) for arg in row.args), default=1)
    return ready


def _closure(program: Program, samples: Samples, wanted: set[int], ready: dict[int, int], stage: int) -> tuple[list[int], list[int]]:
    """The rows over samples that a stage makes, in order, and those that it reads from an earlier one."""
    rows, needed, read, stack = program.graph.rows, set(wanted), set(), list(wanted)
    while stack:
        for arg in rows[stack.pop()].args:
            if arg in needed or not samples.carries(arg, rows[arg]) or rows[arg].op == "input":
                continue
            if ready[arg] < stage and _is_costly(program, samples, arg, rows[arg]):
                read.add(arg)
                continue
            needed.add(arg)
            stack.append(arg)
    return sorted(needed), sorted(read)


def _is_costly(program: Program, samples: Samples, index: int, row: Row) -> bool:
    """A matrix product or a solve: dearer to make again than to keep."""
    dense = sum(program.graph.rows[arg].op != "onehot" for arg in row.args)
    summed = any(label not in row.keep and label != samples.along[index] for label in range(len(row.sizes)))
    return row.op == "solve" or (row.op == "product" and summed and dense > 1)


def _stage(program: Program, samples: Samples, needed: list[int], wanted: set[int], read: list[int], after: list[int]) -> Stage:
    rows = program.graph.rows
    kept = [index for index in needed if index in wanted and samples.carries(index, rows[index])]
    reduced = [index for index in needed if not samples.carries(index, rows[index])]
    placed = [index for index in reduced if places_along(program, index, samples.along[index])]
    return Stage(needed, [index for index in reduced if index not in placed], kept, read, placed, after)
