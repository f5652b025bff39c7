"""Rows that are made of inputs element by element, one of which is as large as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref

MOST_ROWS = 150
"""What is made of more rows is summed where it can be first: there is more to gain."""


class Elements(NamedTuple):
    """A row and the labels of all that it is made of."""

    ref: Ref
    axes: Mapping[int, tuple[Label, ...]]


def elements(graph: Graph, ref: Ref) -> Elements | None:
    """The row with the labels of what it is made of; None where something is summed, read by an index or used with two labellings, or no input
    has all labels: what is made of x_i and y_j would be larger than either."""
    found, waiting = dict[int, tuple[Label, ...]](), [ref]
    while waiting:
        one = waiting.pop()
        if one.row in found:
            if found[one.row] != one.labels:
                return None
            continue
        row = graph[one]
        if row.op not in ("input", "constant", "sum", "product", "map", "named") or len(row.keep) < len(row.sizes) or len(found) >= MOST_ROWS:
            return None
        found[one.row] = one.labels
        waiting += graph.operands(one)
    is_as_large = any(graph.rows[index].op == "input" and len(labels) == len(ref.labels) for index, labels in found.items())
    return Elements(ref, found) if is_as_large else None
