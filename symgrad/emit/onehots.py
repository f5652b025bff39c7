"""Sum-products with one-hot operands as text: take and slice to read, add-at and slices to write, never the one-hot.

delta(d = index) with d summed reads the operand that carries d at the index; with d kept it writes at the index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.emit.axes import aligned, transposed
from symgrad.emit.contraction import LETTERS, Dense
from symgrad.emit.names import tuple_text
from symgrad.emit.numbers import ATOM, PLUS, UNARY, Text, number


class Hot(NamedTuple):
    """One one-hot operand: the text of its index, the index's labels, the label it places, its mask if any.

    `linear` is (step, offset) where the index is step*iota + offset along one label.
    """

    index: Text
    labels: tuple[int, ...]
    target: int
    mask: Dense | None = None
    linear: tuple[int, sp.Expr] | None = None

    @property
    def run(self) -> tuple[int, ...]:
        """The labels of the index and of the mask."""
        return tuple(dict.fromkeys([*self.labels, *(self.mask.labels if self.mask is not None else ())]))

    def place(self, out: Sequence[int]) -> str:
        """The index against axes `out`, 0 where the mask does not hold."""
        index = aligned(self.index, self.labels, out).text
        return index if self.mask is None else f"np.where({aligned(self.mask.text, self.mask.labels, out).text}, {index}, 0)"


Size = Callable[[int], sp.Expr]


def gathered(operand: Dense, hot: Hot, size: Size) -> list[Dense]:
    """operand read at hot's index along hot's target; a mask comes back as a further operand."""
    axis = operand.labels.index(hot.target)
    rest = [label for label in operand.labels if label != hot.target]
    extra = [hot.mask] if hot.mask is not None else []
    if hot.linear is not None and hot.labels[0] not in rest:
        slices = [":"] * len(operand.labels)
        slices[axis] = _slice(hot, size)
        labels = tuple(hot.labels[0] if label == hot.target else label for label in operand.labels)
        return [Dense(Text(f"{operand.text.within(ATOM)}[{', '.join(slices[:axis + 1])}]"), labels), *extra]
    labels = hot.run
    index = Text(hot.place(labels))
    if not labels:
        places = [":"] * axis + [index.text]
        return [Dense(Text(f"{operand.text.within(ATOM)}[{', '.join(places)}]"), tuple(rest)), *extra]
    if not set(labels) & set(rest):
        text = Text(f"{operand.text.within(ATOM)}.take({index.text}, axis={axis})")
        return [Dense(text, (*operand.labels[:axis], *labels, *operand.labels[axis + 1:])), *extra]
    out = list(dict.fromkeys([*rest, *labels]))
    places = [aligned(index, labels, out).text if label == hot.target else _arange(label, out, size) for label in operand.labels]
    return [Dense(Text(f"{operand.text.within(ATOM)}[{', '.join(places)}]"), tuple(out)), *extra]


def _arange(label: int, out: Sequence[int], size: Size) -> str:
    return aligned(Text(f"np.arange({number(size(label)).text})"), (label,), out).text


def _slice(hot: Hot, size: Size) -> str:
    step, offset = hot.linear  # type: ignore[misc]
    stop = number(sp.expand(offset + step * (size(hot.labels[0]) - 1) + 1)).text
    start = "" if offset == 0 else number(offset).text
    return f"{start}:{stop}" + (f":{step}" if step != 1 else "")


class Target(NamedTuple):
    """An array that is written into: its text, the labels of its axes, and whether it lies in memory in their order."""

    text: str
    labels: tuple[int, ...]
    contiguous: bool = False


def scattered(target: Target, value: Dense, hots: Sequence[Hot], size: Size, fresh: bool) -> list[str]:
    """Statements that add `value` into the target at the places of the one-hots.

    `fresh` says that target holds zeros, so that places that are met once may be assigned.
    """
    linear = [hot for hot in hots if hot.linear is not None and hot.mask is None]
    if linear:
        target = _view(target, linear, value, size)
        hots = [hot for hot in hots if hot not in linear]
    if not hots:
        spot = target.text if target.text.endswith("]") else f"{target.text}[...]"
        return [f"{spot} {'=' if fresh else '+='} {aligned(value.text, value.labels, target.labels).text}"]
    return _picked(target, value, hots, size, fresh)


def _view(target: Target, hots: Sequence[Hot], value: Dense, size: Size) -> Target:
    """The part of the target that deltas of evenly spaced indices leave: slices, and a diagonal where two axes run together."""
    by_target = {hot.target: hot for hot in hots}
    slices = [_slice(by_target[label], size) if label in by_target and not _is_whole(by_target[label], size) else ":" for label in target.labels]
    run = [by_target[label].labels[0] if label in by_target else label for label in target.labels]
    text = target.text if set(slices) == {":"} else f"{target.text}[{', '.join(slices)}]"
    if len(set(run)) == len(run):
        return Target(text, tuple(run), target.contiguous and text == target.text)
    names = {label: LETTERS[position] for position, label in enumerate(dict.fromkeys(run))}
    out = [*(label for label in names if label not in value.labels), *(label for label in value.labels if label in names)]
    spelled = ["".join(names[label] for label in labels) for labels in (run, out)]
    return Target(f'np.einsum("{spelled[0]}->{spelled[1]}", {text})', tuple(out))


def _is_whole(hot: Hot, size: Size) -> bool:
    return hot.linear == (1, 0) and sp.expand(size(hot.target) - size(hot.labels[0])) == 0


def _picked(target: Target, value: Dense, hots: Sequence[Hot], size: Size, fresh: bool) -> list[str]:
    """Numbers placed by computed indices."""
    by_target, keep = {hot.target: hot for hot in hots}, target.labels
    plain = [label for label in keep if label not in by_target]
    summed = [label for hot in hots for label in hot.run if label not in keep]
    run = list(dict.fromkeys([*plain, *(label for hot in hots for label in hot.run)]))
    masks = [hot.mask for hot in hots if hot.mask is not None]
    numbered = not any(hot.run for hot in hots)  # one place along each axis: the others need no index
    places = [by_target[label].place(run) if label in by_target else ":" if numbered and not masks else _arange(label, run, size) for label in keep]
    added = aligned(value.text, value.labels, run)
    text = added.text
    if masks:
        text = "*".join([added.within(PLUS + 1), *(aligned(m.text, m.labels, run).within(PLUS + 1) for m in masks)])
    carried = {label for labels in (value.labels, *(m.labels for m in masks)) for label in labels}
    if not summed and not masks:
        return [f"{target.text}[{', '.join(places)}] {'=' if fresh else '+='} {text}"]
    if len(run) > 1 and target.contiguous and carried == set(run):
        # np.add.at is many times faster along one axis
        return [f"np.add.at({target.text}.ravel(), ({_flat(places, keep, size)}).ravel(), {_atom(text)}.ravel())"]
    if len(keep) == 1 and len(run) > 1 and carried == {run[-1]}:
        text = f"({text})[None]"  # np.add.at reads past the end of a one-dimensional value that it should broadcast
    return [f"np.add.at({target.text}, {tuple_text(places)}, {text})"]


def _flat(places: Sequence[str], keep: Sequence[int], size: Size) -> str:
    """One index for all axes of a contiguous array."""
    text = places[0]
    for place, label in zip(places[1:], keep[1:], strict=True):
        text = f"{_atom(text)}*{number(size(label)).within(UNARY)} + {place}"
    return text


def _atom(text: str) -> str:
    return text if text.isidentifier() else f"({text})"


def dense(hot: Hot, size: Size) -> Dense:
    """The one-hot as an array, for the rare product that neither reads nor writes by it."""
    out = (*hot.labels, hot.target)
    text = f"({aligned(hot.index, hot.labels, out).within(PLUS)} == np.arange({number(size(hot.target)).text}))"
    if hot.mask is not None:
        run = tuple(dict.fromkeys([*hot.labels, *hot.mask.labels, hot.target]))
        text = (f"({aligned(hot.index, hot.labels, run).within(PLUS)} == {_arange(hot.target, run, size)})"
                f" & {aligned(hot.mask.text, hot.mask.labels, run).within(PLUS)}")
        return Dense(Text(f"({text}).astype(dtype)"), run)
    return Dense(transposed(Text(f"{text}.astype(dtype)"), out, out), out)
