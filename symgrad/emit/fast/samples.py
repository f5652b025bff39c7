"""The sample axis: which labels of which rows run over the samples, found from the data through shared labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.graph.program import Program
from symgrad.graph.rows import REAL, Row

Place = tuple[int, int]
"""A row and one of its local labels."""

_FACTORED = ("inverse", "det", "logdet", "logabsdet", "detsign")
_COMBINED = ("product", "extremum", "norm", "logsumexp", "rest")
"""Reductions over samples that blocks can do apart and combine."""


class Samples(NamedTuple):
    """The axis that is cut into blocks: its length, and for each row that knows it the local label; and the classes of all axes."""

    size: sp.Expr
    along: Mapping[int, int]
    classes: Mapping[Place, Place]

    def carries(self, index: int, row: Row) -> bool:
        return self.along.get(index) in row.keep if index in self.along else False


def find_samples(program: Program, parameters: Sequence[str], declared: sp.Expr | None) -> Samples | None:
    """The axis that blocks are best cut along, or None where there is none.

    An axis of the samples that were declared, else one that no parameter has, else one along which all is elementwise.
    """
    live = program.live()
    classes = _classes(program, live)
    of_parameters = _touched(program, live, classes, parameters)
    found: dict[Place, list[Place]] = {}
    for place, root in classes.items():
        found.setdefault(root, []).append(place)
    best = None
    for root, places in found.items():
        rank = _rank(program, places, root in of_parameters, declared)
        if rank is not None and (best is None or rank > best[0]):
            best = rank, places
    if best is None:
        return None
    first = best[1][0]
    return Samples(program.graph.rows[first[0]].sizes[first[1]], dict(best[1]), classes)


def _classes(program: Program, live: Sequence[int]) -> dict[Place, Place]:
    """Each place with the first place of the axis that it belongs to: arguments share labels with the rows that use them."""
    rows, parent = program.graph.rows, {}

    def root(place: Place) -> Place:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for index in live:
        row = rows[index]
        parent.update(((index, label), (index, label)) for label in range(len(row.sizes)))
        for arg, axes in zip(row.args, row.axes, strict=True):
            for own, label in zip(rows[arg].keep, axes, strict=True):
                first, second = sorted((root((arg, own)), root((index, label))))
                parent[second] = first
    return {place: root(place) for place in parent}


def _touched(program: Program, live: Sequence[int], classes: Mapping[Place, Place], parameters: Sequence[str]) -> set[Place]:
    """The axes that parameters, their tangents and the blocks of their Hessian have."""
    rows = program.graph.rows
    own = [index for index in live if rows[index].op == "input" and rows[index].payload.name in parameters
           and rows[index].payload.role in ("input", "tangent")]
    own += [output.ref.row for key, output in program.outputs.items() if set(key.split()) <= set(parameters)]
    return {classes[index, label] for index in own for label in rows[index].keep}


def _rank(program: Program, places: Sequence[Place], touched: bool, declared: sp.Expr | None) -> tuple | None:
    """How good an axis is to cut along: a declared one first, then the one with most rows; None where it cannot be."""
    rows = program.graph.rows
    size = rows[places[0][0]].sizes[places[0][1]]
    if not size.free_symbols or len({index for index, _ in places}) < len(places):
        return None
    if not all(_is_cut(program, index, rows[index], label) for index, label in places):
        return None
    is_declared = declared is not None and size == declared
    if touched and not is_declared and not all(len(rows[index].sizes) == 1 for index, _ in places):
        return None
    if not is_declared and _is_of_pairs(rows, places):
        return None
    work = sum(label in rows[index].keep and bool(rows[index].args) for index, label in places)
    return (is_declared, not touched, work, [-place for place in places[0]]) if work else None


def _is_of_pairs(rows: Sequence[Row], places: Sequence[Place]) -> bool:
    """Whether an axis is that of features by which samples are compared in pairs: first of no input, beside two others that are alike."""
    if any(rows[index].op == "input" and rows[index].keep[0] == label for index, label in places):
        return False
    others = [[rows[index].sizes[one] for one in rows[index].keep if one != label] for index, label in places if label in rows[index].keep]
    return any(len(set(sizes)) < len(sizes) for sizes in others)


def _is_cut(program: Program, index: int, row: Row, label: int) -> bool:
    """Whether a row can be made block by block along one of its labels."""
    if row.op == "onehot":
        return row.keep[-1] != label
    if row.op in _FACTORED or (row.op == "others" and label == row.axes[0][row.payload]):
        return False
    if row.op == "solve":
        return label not in row.axes[0]
    if label in row.keep:
        return row.kind == REAL or index not in program.roots()
    return row.op in _COMBINED and (row.op != "product" or _places_in_steps(program, index, label))


def places_along(program: Program, index: int, label: int) -> list[Row]:
    """The deltas by which a product places numbers at places that a label tells."""
    rows, row = program.graph.rows, program.graph.rows[index]
    if row.op != "product":
        return []
    hots = [(rows[arg], axes) for arg, axes in zip(row.args, row.axes, strict=True) if rows[arg].op == "onehot" and axes[-1] in row.keep]
    return [hot for hot, axes in hots if label in axes[:-1]]


def _places_in_steps(program: Program, index: int, label: int) -> bool:
    """Whether what a product places by deltas lies in equal steps of one, so that blocks write side by side.

    Several deltas place along a diagonal of an array that is larger than all samples: blocks gain nothing there.
    """
    hots = places_along(program, index, label)
    return len(hots) < 2 and all(len(hot.args) == 1 and _is_shift(program, program.graph.rows[hot.args[0]]) for hot in hots)


def _is_shift(program: Program, row: Row) -> bool:
    if row.op == "iota":
        return True
    return row.op == "sum" and len(row.args) == 1 and program.graph.rows[row.args[0]].op == "iota" and row.payload[0] == (1,)
