"""Which rows of a program a table shows, and what they are called.

A row is shown if it depends on a parameter or has a name.  Everything else stands inside the rows that use it: what
does not depend on a parameter is a coefficient, conditions and index numbers are words of a formula, and a product
that only a sum over an index uses is one row with that sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.labels import Label
from symgrad.graph.program import Output, Program, rebuild
from symgrad.graph.rows import REAL, Input, Ref, Row

STEMS = ("xi", "zeta", "eta", "theta")
"""What unnamed rows are called; the next one is taken where an input already has such a name."""


_LEAVES = ("input", "constant", "onehot", "iota")


@dataclass(frozen=True)
class Step:
    """One row of a table: its number in the graph, the row that defines it, its name, and whether the user gave it."""

    index: int
    body: int
    name: str
    alias: str
    given: bool
    active: bool
    note: str = ""


@dataclass
class View:
    """The rows a table shows, in order; results come last."""

    program: Program
    wrt: tuple[str, ...]
    steps: list[Step] = field(default_factory=list)
    results: list[str] = field(default_factory=list)

    @property
    def graph(self) -> Graph:
        return self.program.graph

    def sources(self) -> dict[str, int]:
        """The rows of the parameters."""
        numbers = {row.payload: index for index, row in enumerate(self.graph.rows) if row.op == "input"}
        return {name: numbers[Input("input", name)] for name in self.wrt if Input("input", name) in numbers}

    def outputs(self) -> list[Output]:
        return list(self.program.outputs.values())


def view(program: Program, wrt: Sequence[str], inputs: Sequence[str] = ()) -> View:
    """The rows of a program as a table shows them.

    `inputs` names inputs that are rows too, xi_0 where there is one of them.
    """
    tidy = _rows_of_their_own(_whole_sums(_split_results(program), inputs))
    made = View(tidy, tuple(wrt))
    graph = tidy.graph
    active = _reach(graph, made.sources().values())
    shown = _shown(tidy, active)
    names = {ref.row: name for name, (ref, _) in reversed(tidy.names.items())}
    stem = next(stem for stem in STEMS if not any(re.fullmatch(rf"{stem}_\d+", name) for name in [*(i.name for i in tidy.inputs), *tidy.names]))
    bodies = _bodies(tidy, shown)
    for index in _ordered(tidy, shown):
        row = graph.rows[index]
        chosen = row.payload if row.op == "named" and row.payload else names.get(index)
        count = len([step for step in made.steps if step.alias != f"{stem}_0"]) + 1
        alias = f"{stem}_{count}"
        if row.op == "named" and row.payload in inputs:
            chosen, alias = (f"{stem}_0", f"{stem}_0") if len(inputs) == 1 else (row.payload, row.payload)
        note = graph.notes.get(index, "") or graph.notes.get(bodies[index], "")
        made.steps.append(Step(index, bodies[index], chosen or alias, alias, chosen is not None, index in active,
                               note.removeprefix("rule ") if note.startswith("rule ") else ""))
    by_row = {step.index: step.name for step in made.steps}
    made.results = [by_row[output.ref.row] for output in tidy.outputs.values()]
    return made


# ---------------------------------------------------------------------- the program as it is shown

def _split_results(program: Program) -> Program:
    """An explicit matrix as a result becomes one result an entry."""
    graph = program.graph
    outputs: dict[str, Output] = {}
    for key, output in program.outputs.items():
        entries = _entries(graph, output.ref)
        outputs |= {f"{key}_{k}": Output(ref) for k, ref in enumerate(entries)} if entries else {key: output}
    return replace(program, outputs=outputs)


def _entries(graph: Graph, ref: Ref) -> list[Ref] | None:
    """The scalars that a row places at fixed positions of an array, in order of position."""
    row = graph[ref]
    if row.op != "sum" or not ref.labels or row.payload[1] != 0:
        return None
    found = []
    for coefficient, term in zip(row.payload[0], graph.operands(ref), strict=True):
        placed = graph[term]
        hots = [arg for arg in graph.operands(term) if graph[arg].op == "onehot"] if placed.op == "product" else []
        rest = [arg for arg in graph.operands(term) if graph[arg].op != "onehot"] if hots else []
        places: dict[Label, Any] = {hot.labels[-1]: graph.constant_value(graph.operands(hot)[0]) for hot in hots}
        if len(rest) != 1 or rest[0].labels or None in places.values() or placed.payload * coefficient != 1:
            return None
        found.append(([int(places[label]) for label in ref.labels if label in places], rest[0]))
    size = 1
    for label in ref.labels:
        size = size * label.size
    return [entry for _, entry in sorted(found)] if len(found) == size else None


def _whole_sums(program: Program, inputs: Sequence[str]) -> Program:
    """Products that only a sum over an index uses are taken into it; inputs that are to be rows get a name."""
    roots = program.roots() + [ref.row for ref, _ in program.names.values()]
    live = program.graph.live(roots)
    uses: dict[int, int] = dict.fromkeys(roots, 2)
    for index in live:
        for arg in program.graph.rows[index].args:
            uses[arg] = uses.get(arg, 0) + 1

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if row.op == "input" and row.payload.name in inputs and row.kind == REAL:
            return graph.named(KINDS["input"].remake(graph, row, refs, labels), row.payload.name)
        if row.op == "named":
            return graph.named(refs[0], row.payload)
        if row.op != "product" or len(row.keep) == len(row.sizes):
            return None
        over = [label for local, label in enumerate(labels) if local not in row.keep]
        coefficient, operands = row.payload, []
        for ref, old in zip(refs, row.args, strict=True):
            inner = graph[ref]
            if uses[old] > 1 or inner.op != "product":
                operands.append(ref)
                continue
            parts, running = graph.open(ref)
            coefficient = coefficient * inner.payload
            over.extend(label for local, label in enumerate(running) if local not in inner.keep)
            operands.extend(parts)
        return graph.product(coefficient, operands, over)

    return rebuild(program, remake)


def _rows_of_their_own(program: Program) -> Program:
    """Every result and every name is a row, also where it is an input or a second name for one row."""
    graph = program.graph.copy()
    taken: set[int] = set()
    names = {}
    for name, (ref, axes) in program.names.items():
        if graph[ref].kind == REAL:
            ref = graph.named(ref, name) if graph[ref].op in _LEAVES or ref.row in taken else ref
            names[name] = (ref, axes)
            taken.add(ref.row)
    outputs, results = {}, set()
    for key, output in program.outputs.items():
        ref = output.ref
        if graph[ref].op in _LEAVES or ref.row in results:
            ref = graph.named(ref, "")
        results.add(ref.row)
        outputs[key] = Output(ref, output.axes)
    return replace(program, graph=graph, outputs=outputs, names=names)


# ---------------------------------------------------------------------- which rows

def _reach(graph: Graph, sources: Iterable[int]) -> set[int]:
    """The rows that depend on the sources."""
    active = set(sources)
    for index, row in enumerate(graph.rows):
        if any(arg in active for arg in row.args):
            active.add(index)
    return active


def _shown(program: Program, active: set[int]) -> list[int]:
    """The rows that a table shows, ascending: results, names, and rows that depend on a parameter."""
    graph = program.graph
    named = {ref.row for ref, _ in program.names.values()}
    forced = {row for row in [*program.roots(), *named] if graph.rows[row].kind == REAL}
    live = graph.live([*program.roots(), *named])
    users = graph.users(live)
    out = []
    for index in live:
        row = graph.rows[index]
        steps = index in active and row.kind == REAL and row.op not in _LEAVES and not _is_cast(row)
        if index in forced or row.op == "named" or (steps and not _only_named(graph, users.get(index, []))):
            out.append(index)
    return out


def _only_named(graph: Graph, users: Sequence[int]) -> bool:
    """Whether a row is seen through its names alone: then the names are its rows."""
    return bool(users) and all(graph.rows[user].op == "named" for user in users)


def _is_cast(row: Row) -> bool:
    return row.op == "map" and row.payload[0] in ("real", "integer")


def _bodies(program: Program, shown: Sequence[int]) -> dict[int, int]:
    """The row that defines each shown row: what stands behind a name that is no row of its own."""
    graph, own = program.graph, set(shown)
    out = {}
    for index in shown:
        row = graph.rows[index]
        behind = row.args[0] if row.op == "named" else index
        plain = graph.rows[behind].op in _LEAVES or behind in own
        out[index] = index if row.op == "named" and plain else behind
    return out


def _ordered(program: Program, shown: Sequence[int]) -> list[int]:
    """Rows in the order in which they were made, the results last where nothing else stands on them."""
    results = list(dict.fromkeys(program.roots()))
    graph = program.graph
    needed = set(graph.live(results))
    first = [index for index in shown if index not in results and (index in needed or not _stands_on(graph, index, results))]
    after = [index for index in shown if index not in results and index not in first]
    return [*first, *(index for index in shown if index in results), *after]


def _stands_on(graph: Graph, index: int, results: Sequence[int]) -> bool:
    return bool(set(graph.live([index])) & set(results))
