"""The order of axes in memory: one order for all rows, so that no two arrays meet transposed.

Axes along which matrix products are repeated come first, as NumPy's matmul wants them, and the samples last: loops over many
samples are long, and reductions over a short last axis are slow.  Where matrix products are repeated along the samples
themselves, these come first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from symgrad.emit.fast.samples import Place, Samples
from symgrad.graph.program import Output, Program
from symgrad.graph.rows import Ref, Row

_FREE = frozenset({"map", "sum", "product", "extremum", "logsumexp", "norm", "rest"})
"""Operations whose axes, and those of their arguments, may stand in any order: nothing tells them apart but their labels."""


def laid_out(program: Program, samples: Samples) -> Program:
    """The same rows with their axes in one order; results have the order that is promised, inputs the one that is given."""
    live, rank, promised = program.live(), _ranks(program, samples), _promised(program)
    graph, orders = program.graph.copy(), {}
    held = {arg for index in live for arg in graph.rows[index].args if graph.rows[index].op not in _FREE}
    given = _as_given(program, live, samples)
    for index in live:
        row = graph.rows[index]
        if row.op in _FREE and len(row.keep) > 1 and index not in held and index not in given:
            places = promised.get(index) or {label: rank[index, label] for label in row.keep}
            orders[index] = sorted(range(len(row.keep)), key=[places[label] for label in row.keep].__getitem__)
    for index in live:
        graph.rows[index] = _reordered(graph.rows[index], orders, index)
    names = {name: (_seen(ref, orders), axes) for name, (ref, axes) in program.names.items()}
    outputs = {key: Output(_seen(output.ref, orders), output.axes) for key, output in program.outputs.items()}
    return replace(program, graph=graph, names=names, outputs=outputs)


def _reordered(row: Row, orders: Mapping[int, list[int]], index: int) -> Row:
    """A row with its own axes, and those of its arguments, in their new order."""
    axes = tuple(tuple(one[place] for place in orders[arg]) if arg in orders else one for arg, one in zip(row.args, row.axes, strict=True))
    keep = tuple(row.keep[place] for place in orders[index]) if index in orders else row.keep
    return row._replace(axes=axes, keep=keep)


def _seen(ref: Ref, orders: Mapping[int, list[int]]) -> Ref:
    return Ref(ref.row, tuple(ref.labels[place] for place in orders[ref.row])) if ref.row in orders else ref


def _as_given(program: Program, live: Sequence[int], samples: Samples) -> set[int]:
    """Rows that inputs alone are made into, element by element, and that are only summed over samples: turning them gains nothing."""
    rows, users = program.graph.rows, program.graph.users(live)
    found: set[int] = set()
    for index in live:
        row = rows[index]
        wide = [(arg, axes) for arg, axes in zip(row.args, row.axes, strict=True) if len(axes) > 1]
        same = all(axes == row.keep and (arg in found or rows[arg].op == "input") for arg, axes in wide)
        if wide and same and len(row.keep) == len(row.sizes) and row.op in ("map", "sum", "product") and samples.carries(index, row):
            found.add(index)
    for index in reversed(live):
        summed = all(user in found or (user in samples.along and not samples.carries(user, rows[user])) for user in users.get(index, ()))
        if index in found and not summed:
            found.discard(index)
    return found


def _promised(program: Program) -> dict[int, dict[int, int]]:
    """For each row that is a result, the place of each of its labels among the result's axes."""
    found = {}
    for output in reversed(program.outputs.values()):
        local = dict(zip(output.ref.labels, program.graph.rows[output.ref.row].keep, strict=True))
        found[output.ref.row] = {local[axis]: place for place, axis in enumerate(output.axes) if axis in local}
    return found


def _ranks(program: Program, samples: Samples) -> dict[Place, tuple]:
    """Where each label of each row stands in the common order."""
    classes = samples.classes
    own = {classes[place] for place in samples.along.items()}
    repeated = _repeated(program, classes)
    place_of_samples = -1 if own & set(repeated) else 1
    return {place: (place_of_samples if root in own else 0, -repeated[root], root) for place, root in classes.items()}


def _repeated(program: Program, classes: Mapping[Place, Place]) -> Counter[Place]:
    """How many matrix products are repeated along each axis."""
    rows, found = program.graph.rows, Counter()
    for index in program.live():
        row = rows[index]
        dense = [axes for arg, axes in zip(row.args, row.axes, strict=True) if rows[arg].op != "onehot"]
        if row.op == "product" and len(dense) == 2 and _is_matrix_product(row, *map(set, dense)):
            found.update({classes[index, label] for label in set(dense[0]) & set(dense[1]) & set(row.keep)})
    return found


def _is_matrix_product(row: Row, a: set[int], b: set[int]) -> bool:
    """Whether each operand has an axis of its own and both have one that is summed."""
    return bool(a - b) and bool(b - a) and bool((a & b) - set(row.keep))
