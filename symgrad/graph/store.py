"""The rows of a graph as those see them who read: a list whose arguments point backwards, with notes beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import sympy as sp

from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref, Row


class Rows:
    """A list of rows.  `notes` holds provenance beside the rows, never in them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.notes: dict[int, str] = {}
        self._known: dict[Row, int] = {}

    def copy(self) -> Self:
        """The same rows in a graph of its own, so that a derivative can add to them."""
        other = type(self)()
        other.rows, other.notes, other._known = list(self.rows), dict(self.notes), dict(self._known)
        return other

    def __getitem__(self, ref: Ref | int) -> Row:
        return self.rows[ref.row if isinstance(ref, Ref) else ref]

    def constant_value(self, ref: Ref) -> sp.Expr | None:
        """The number (or size expression) that a reference stands for, else None."""
        row = self.rows[ref.row]
        return row.payload if row.op == "constant" else None

    def is_identity(self, ref: Ref) -> bool:
        """Whether the row is the identity delta(a = b) over two axes of one size."""
        row = self.rows[ref.row]
        if row.op != "onehot" or len(row.args) != 1 or len(row.keep) != 2:
            return False
        return self.rows[row.args[0]].op == "iota" and row.shape[0] == row.shape[1]

    def scaled_twin(self, ref: Ref) -> tuple[sp.Expr, Ref]:
        """(c, a b) for a row c a b where a b is a row already; else (1, the reference)."""
        row = self.rows[ref.row]
        if row.op != "product" or row.payload == 1 or len(row.args) < 2:
            return sp.S.One, ref
        twin = self._known.get(row._replace(payload=sp.S.One))
        return (sp.S.One, ref) if twin is None else (row.payload, Ref(twin, ref.labels))

    def live(self, roots: Iterable[int]) -> list[int]:
        """The rows that the roots need, ascending."""
        needed = bytearray(len(self.rows))
        for root in roots:
            needed[root] = 1
        for index in range(len(needed) - 1, -1, -1):
            if needed[index]:
                for arg in self.rows[index].args:
                    needed[arg] = 1
        return [index for index, one in enumerate(needed) if one]

    def functions(self, roots: Iterable[int]) -> set[str]:
        """The functions among the rows that the roots need."""
        return {row.payload[0] for index in self.live(roots) if (row := self.rows[index]).op == "map"}

    def formula(self, ref: Ref, *inputs: Ref) -> tuple:
        """What a row computes from its inputs, whatever these are called and where it stands, and the places of some of them in it."""
        live = self.live([ref.row])
        place = {index: k for k, index in enumerate(live)}
        rows = ((row.op, tuple(place[arg] for arg in row.args), None if row.op == "input" else row.payload, row.kind)
                for row in (self.rows[index] for index in live))
        return tuple(rows), tuple(place[one.row] for one in inputs)

    def users(self, rows: Iterable[int]) -> dict[int, list[int]]:
        """For each row those of the rows that use it, once an argument."""
        found: dict[int, list[int]] = {}
        for index in rows:
            for arg in self.rows[index].args:
                found.setdefault(arg, []).append(index)
        return found

    def inputs_among(self, rows: Iterable[int]) -> list[int]:
        """The inputs among rows; seeds, which are tangents and cotangents, do not count."""
        return [index for index in rows if (row := self.rows[index]).op == "input" and row.payload.role == "input"]

    def places(self, index: int) -> bool:
        """Whether a row is a product that writes by a delta."""
        row = self.rows[index]
        return row.op == "product" and any(self.rows[arg].op == "onehot" and axes[-1] in row.keep
                                           for arg, axes in zip(row.args, row.axes, strict=True))

    def whole(self, index: int) -> Ref:
        """A row, its axes named by labels of their own."""
        return Ref(index, tuple(Label(size) for size in self.rows[index].shape))

    def operands(self, ref: Ref) -> list[Ref]:
        """The arguments of a row, their axes named by the labels of the reference (fresh where summed)."""
        return self.open(ref)[0]

    def open(self, ref: Ref) -> tuple[list[Ref], list[Label]]:
        """The arguments of a row and the label of each of its local labels."""
        row = self.rows[ref.row]
        if not row.sizes:
            return [Ref(arg) for arg in row.args], []
        labels: list[Label] = [None] * len(row.sizes)  # type: ignore[list-item]
        for local, label in zip(row.keep, ref.labels, strict=True):
            labels[local] = label
        for local, size in enumerate(row.sizes):
            if labels[local] is None:
                labels[local] = Label(size)
        args = [Ref(arg, tuple(labels[local] for local in axes)) for arg, axes in zip(row.args, row.axes, strict=True)]
        return args, labels
