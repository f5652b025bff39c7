"""Textbook formulas into forms that are right far from the origin: the rules on rows, applied to a fixed point."""

from __future__ import annotations

from collections.abc import Generator
from math import inf

from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, Translation, rebuild
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.rules import RULES, Rule, fitting, weight

_BY_ROOT: dict[str, list[Rule]] = {}
for _rule in RULES:
    _BY_ROOT.setdefault(_rule.root, []).append(_rule)

UNWEIGHED = 8
"""So many rules may follow on one another before each has to show that it lowers the weight; weighing takes time."""


def stabilise(program: Program) -> Program:
    """The program with every rule applied, arguments before the rows that use them, until none fits; as it is where none does."""
    if not _fits_somewhere(program):
        return program

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        made = KINDS[row.op].remake(graph, row, refs, labels)
        return settle(graph, made)

    return rebuild(program, remake)


def _fits_somewhere(program: Program) -> bool:
    """Whether a rule fits a row: a glance at each, which is less than to build them all anew."""
    trial = program.graph.copy()
    return any(trial.rows[index].args and _first(trial, trial.whole(index)) is not None for index in program.live())


_Settling = Generator["_Settling", Ref, Ref]
"""A row on its way: it hands over the next that has to be settled before it, is sent what that became, and returns what it becomes itself."""


def settle(graph: Graph, ref: Ref) -> Ref:
    """Apply rules to one row, and to the new rows that they make, until none fits: a stack of such rows, since chains of them may be long."""
    waiting, found = [_settling(graph, ref, 0, inf)], ref
    sent: Ref | None = None
    while waiting:
        try:
            waiting.append(waiting[-1].send(sent))  # type: ignore[arg-type]  # nothing is sent to one that has not begun
            sent = None
        except StopIteration as done:
            waiting.pop()
            sent = found = done.value
    return found


def _settling(graph: Graph, ref: Ref, steps: int, bound: float) -> _Settling:
    """`steps` rules led from a row that no rule made to this one, and `bound` is what the row weighed at which the last of them was
    applied.  Every rule lowers the weight, so nobody asks at first; from UNWEIGHED steps on a row is left alone unless it weighs
    less than the one before.  So every chain of steps ends, whatever the rules are, and each makes a finite number of rows.
    """
    while True:
        if steps >= UNWEIGHED:
            before, bound = bound, weight(graph, ref.row)
            if bound >= before:
                return ref
        count = len(graph.rows)
        found = _first(graph, ref)
        if found is None:
            return ref
        steps += 1
        ref = yield _settling_new(graph, found, count, steps, bound)


def _first(graph: Graph, ref: Ref) -> Ref | None:
    """What the first rule that fits makes of a row."""
    row = graph.rows[ref.row]
    rules = _BY_ROOT.get(row.payload[0] if row.op == "map" else row.op) if row.kind == REAL else None
    if rules is None:
        return None
    for rule in fitting(rules, graph, row):
        before = len(graph.rows)
        found = rule.match(graph, ref)
        if found is not None and found != ref:
            for made in {found.row, *range(before, len(graph.rows))}:
                graph.notes.setdefault(made, f"rule {rule.name}")
            return found
    return None


def _settling_new(graph: Graph, ref: Ref, before: int, steps: int, bound: float) -> _Settling:
    """The rows that a rule made below its result may be patterns themselves."""
    made, used = _reached(graph, ref.row, before)
    inner = [index for index in made if index != ref.row]
    if not inner:
        return ref
    translation = Translation(graph, graph)
    for index in used:
        translation.refs[index] = whole = graph.whole(index)
        translation.axes[index] = whole.labels
    for index in inner:
        row, refs, labels = translation.opened(index)
        settled = yield _settling(graph, KINDS[row.op].remake(graph, row, refs, labels), steps, bound)
        translation.keep(index, labels, settled)
    if ref.row >= before:
        translation.run([ref.row], lambda *_: None)
    return translation.ref(ref)


def _reached(graph: Graph, root: int, before: int) -> tuple[list[int], list[int]]:
    """The rows from `before` on that a row rests on, itself included, and the older rows that those use."""
    made: set[int] = set()
    used: set[int] = set()
    stack = [root]
    while stack:
        index = stack.pop()
        if index < before:
            used.add(index)
        elif index not in made:
            made.add(index)
            stack.extend(graph.rows[index].args)
    return sorted(made), sorted(used)
