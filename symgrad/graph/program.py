"""A program: rows with their inputs, outputs and names; and the fold by which one program becomes another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import prod

import sympy as sp

from symgrad.graph.collector import without_collection
from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.kinks import DEFAULT, Kinks
from symgrad.graph.labels import Label, nominal
from symgrad.graph.rows import Ref, Row


@dataclass(frozen=True)
class InputSpec:
    """One declared input: its kind of number and its axes (sizes; a unit axis of a matrix is dropped inside)."""

    name: str
    kind: str
    shape: tuple[sp.Expr, ...]
    batched: bool = False
    matrix: bool = False
    is_size: bool = False

    @property
    def axes(self) -> tuple[sp.Expr, ...]:
        """The axes that rows see: those of a matrix that have more than one element."""
        return tuple(size for size in self.shape if size != 1) if self.matrix else self.shape


@dataclass(frozen=True)
class Output:
    """A result: its row and the labels of its axes in the order that is promised (a row may lack some of them)."""

    ref: Ref
    axes: tuple[Label, ...] = ()


@dataclass
class Program:
    """A graph with outputs.

    `names` are the user's intermediates: reference and the letters of its axes.  Rows from `primal` on were added by
    differentiation (None: no row was).  `kinks` are the conventions by which it is differentiated; `by_elements`: what is made of inputs
    element by element is, for each of its elements, before they are summed.
    """

    graph: Graph
    outputs: dict[str, Output]
    inputs: tuple[InputSpec, ...] = ()
    names: dict[str, tuple[Ref, tuple[Label, ...]]] = field(default_factory=dict)
    primal: int | None = None
    kinks: Kinks = DEFAULT
    by_elements: bool = False

    def roots(self) -> list[int]:
        return [output.ref.row for output in self.outputs.values()]

    def live(self) -> list[int]:
        return self.graph.live(self.roots())

    def unsummed(self) -> set[int]:
        """Rows that reach a result by some way on which nothing is reduced."""
        rows, found = self.graph.rows, set(self.roots())
        for index in sorted(self.live(), reverse=True):
            row = rows[index]
            if index in found and len(row.keep) == len(row.sizes):
                found.update(row.args)
        return found

    def cost(self, sizes: Mapping[str, int] | None = None) -> int:
        """Operations of one call: an addition counts 1, a division or root 4, an elementary function 10.

        Sizes that are not given count as a nominal 100.  Reading and placing by deltas is free.
        """
        number = _sizes_in(sizes)
        return sum(KINDS[row.op].cost(row, number) for k in self.live() for row in self._executed(self.graph.rows[k]))

    def _executed(self, row: Row) -> list[Row]:
        """What is computed for a row: products without their deltas, and sums that add placed numbers where these stand."""
        if row.op == "product":
            return [self._without_deltas(row)]
        if row.op != "sum":
            return [row]
        placed = [k for k, arg in enumerate(row.args) if self.graph.places(arg)]
        if not placed:
            return [row]
        dense = [k for k in range(len(row.args)) if k not in placed]
        coefficients, constant = row.payload
        zeros = not dense and constant == 0
        plain = row._replace(args=tuple(row.args[k] for k in dense), payload=(tuple(coefficients[k] for k in dense), constant))
        return [*([] if zeros else [plain]), *(self._addition(self.graph.rows[row.args[k]], coefficients[k]) for k in placed)]

    def _addition(self, row: Row, coefficient: sp.Expr) -> Row:
        """The addition of a placed product to what stands at its places."""
        inner = self._without_deltas(row)
        return Row("sum", (0, 0), (), inner.keep, tuple(inner.sizes[label] for label in inner.keep), ((sp.S.One, coefficient), sp.S.Zero))

    def _without_deltas(self, row: Row) -> Row:
        """A product as it is computed: a label that a delta places is no loop, its operand is no factor."""
        hots = [k for k, arg in enumerate(row.args) if self.graph.rows[arg].op == "onehot"]
        if not hots:
            return row
        targets = {row.axes[k][-1] for k in hots}
        sizes = tuple(sp.S.One if label in targets else size for label, size in enumerate(row.sizes))
        dense = [k for k in range(len(row.args)) if k not in hots] or hots[:1]
        return row._replace(args=tuple(row.args[k] for k in dense), axes=tuple(row.axes[k] for k in dense), sizes=sizes)

    def traffic(self, sizes: Mapping[str, int] | None = None) -> int:
        """Numbers that one call reads and hands back: the elements of its inputs and results."""
        number, rows = _sizes_in(sizes), self.graph.rows
        shapes = [rows[k].shape for k in self.live() if rows[k].op == "input"]
        shapes += [tuple(axis.size for axis in output.axes) for output in self.outputs.values()]
        return sum(prod(number(size) for size in shape) for shape in shapes)


def _sizes_in(sizes: Mapping[str, int] | None) -> Callable[[sp.Expr], int]:
    """The number of a size expression, symbols that are not given counting as a nominal size."""
    known = {str(name): value for name, value in (sizes or {}).items()}
    return lambda size: nominal(size.subs({s: known[s.name] for s in size.free_symbols if s.name in known}))


class Translation:
    """Rebuilds rows of one graph in another.  `axes[row]` names the old axes; `refs[row]` is the new reference."""

    def __init__(self, old: Graph, new: Graph):
        self.old, self.new = old, new
        self.axes: dict[int, tuple[Label, ...]] = {}
        self.refs: dict[int, Ref] = {}

    def run(self, rows: Iterable[int], remake: Callable[[int, Row, list[Ref], list[Label]], Ref | None]) -> None:
        """Rebuild rows in ascending order; where `remake` gives None the row is made as it was."""
        for index in rows:
            row, refs, labels = self.opened(index)
            made = remake(index, row, refs, labels)
            self.keep(index, labels, KINDS[row.op].remake(self.new, row, refs, labels) if made is None else made)

    def opened(self, index: int) -> tuple[Row, list[Ref], list[Label]]:
        """A row, its arguments as they were made, and fresh labels."""
        row = self.old.rows[index]
        if not row.sizes:
            return row, [self.refs[arg] for arg in row.args], []
        labels = [Label(size) for size in row.sizes]
        return row, [self._argument(arg, axes, labels) for arg, axes in zip(row.args, row.axes, strict=True)], labels

    def keep(self, index: int, labels: list[Label], made: Ref) -> None:
        """What a row became."""
        notes = self.old.notes
        self.axes[index] = tuple([labels[local] for local in self.old.rows[index].keep])
        self.refs[index] = made
        if index in notes:
            self.new.notes.setdefault(made.row, self._carried(notes[index]))

    def _carried(self, note: str) -> str:
        """A note; one that says whose adjoint or tangent the row is follows that row."""
        role, _, row = note.partition(" ")
        if role not in ("bar", "dot") or int(row) not in self.refs:
            return note
        return f"{role} {self.refs[int(row)].row}"

    def _argument(self, arg: int, axes: tuple[int, ...], labels: list[Label]) -> Ref:
        ref = self.refs[arg]
        return ref.rename({old: labels[local] for old, local in zip(self.axes[arg], axes, strict=True)}) if axes else ref

    def ref(self, ref: Ref) -> Ref:
        return self.refs[ref.row].rename(dict(zip(self.axes[ref.row], ref.labels, strict=True)))


@without_collection
def rebuild(program: Program, remake: Callable[[Graph, int, Row, list[Ref], list[Label]], Ref | None], graph: Graph | None = None) -> Program:
    """The program with every live row rebuilt in a fresh graph (or in an empty one that is given): the shape of every pass.

    Inputs are declared first and in order, so that row order does not depend on the expression's own order.
    """
    graph = Graph() if graph is None else graph
    translation = Translation(program.graph, graph)
    names = {name: (ref, axes) for name, (ref, axes) in program.names.items()}
    roots = program.roots() + [ref.row for ref, _ in names.values()]
    live, split = program.graph.live(roots), program.primal
    first = [row for row in live if split is None or row < split]
    translation.run(first, lambda *row: remake(graph, *row))
    primal = None if split is None else len(graph.rows)
    translation.run(live[len(first):], lambda *row: remake(graph, *row))
    return Program(
        graph,
        {key: Output(translation.ref(out.ref), out.axes) for key, out in program.outputs.items()},
        program.inputs,
        {name: (translation.ref(ref), axes) for name, (ref, axes) in names.items()},
        primal,
        program.kinks,
    )
