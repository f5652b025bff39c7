"""The one row type, and references to rows.

A row is an operation, its arguments (rows further up) and a payload.  Each argument says which of the row's local
labels its axes carry, as in einsum; `keep` lists the labels that are the result's own axes, in order.  Labels are
numbered by first appearance, so two rows that differ only in letters are the same row.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp

from symgrad.graph.labels import Label

REAL, INTEGER, BOOLEAN = "real", "integer", "boolean"


class Row(NamedTuple):
    """One elementary variable xi.  `axes[k]` are the local labels of argument k; `sizes[l]` is the size of label l."""

    op: str
    args: tuple[int, ...] = ()
    axes: tuple[tuple[int, ...], ...] = ()
    keep: tuple[int, ...] = ()
    sizes: tuple[sp.Expr, ...] = ()
    payload: Any = None
    kind: str = REAL

    @property
    def shape(self) -> tuple[sp.Expr, ...]:
        return tuple(self.sizes[label] for label in self.keep)

    def calls(self, *names: str) -> bool:
        """Whether the row is one of these functions, without parameters."""
        return self.op == "map" and len(self.payload) == 1 and self.payload[0] in names


class Ref(NamedTuple):
    """A row seen from outside: its number and the label that each of its axes carries there."""

    row: int
    labels: tuple[Label, ...] = ()

    def rename(self, mapping: dict[Label, Label]) -> Ref:
        return Ref(self.row, tuple(mapping.get(label, label) for label in self.labels)) if self.labels else self


class Input(NamedTuple):
    """Payload of an input row: whose value it is, and in which role it enters (input, tangent, cotangent)."""

    role: str
    name: str
