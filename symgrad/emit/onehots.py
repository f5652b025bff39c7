"""Sum-products with one-hot operands as text: take and slice to read, add-at and slices to write, never the one-hot.

delta(d = index) with d summed reads the operand that carries d at the index; with d kept it writes at the index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.emit.axes import aligned, transposed
from symgrad.emit.contraction import Dense
from symgrad.emit.numbers import ATOM, PLUS, Text, number


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


def scattered(target: str, value: Dense, hots: Sequence[Hot], keep: Sequence[int], size: Size, fresh: bool) -> list[str]:
    """Statements that add `value` into the array named `target` (axes `keep`) at the places of the one-hots.

    `fresh` says that target holds zeros, so that places that are met once may be assigned.
    """
    by_target = {hot.target: hot for hot in hots}
    plain = [label for label in keep if label not in by_target]
    summed = [label for hot in hots for label in hot.run if label not in keep]
    if _sliceable(hots, keep):
        slices = [_slice(by_target[label], size) if label in by_target else ":" for label in keep]
        order = [by_target[label].labels[0] if label in by_target else label for label in keep]
        text = aligned(value.text, value.labels, order).text
        return [f"{target}[{', '.join(slices)}] {'=' if fresh else '+='} {text}"]
    run = list(dict.fromkeys([*plain, *(label for hot in hots for label in hot.run)]))
    masks = [hot.mask for hot in hots if hot.mask is not None]
    places = [by_target[label].place(run) if label in by_target else _arange(label, run, size) for label in keep]
    added = aligned(value.text, value.labels, run)
    text = added.text
    if masks:
        text = "*".join([added.within(PLUS + 1), *(aligned(m.text, m.labels, run).within(PLUS + 1) for m in masks)])
    carried = {label for labels in (value.labels, *(m.labels for m in masks)) for label in labels}
    if len(keep) == 1 and len(run) > 1 and carried == {run[-1]}:
        text = f"({text})[None]"  # np.add.at reads past the end of a one-dimensional value that it should broadcast
    spot = ", ".join(places)
    if not summed and not masks:
        return [f"{target}[{spot}] {'=' if fresh else '+='} {text}"]
    return [f"np.add.at({target}, ({spot}{',' if len(places) == 1 else ''}), {text})"]


def _sliceable(hots: Sequence[Hot], keep: Sequence[int]) -> bool:
    """Each index runs along a label of its own that the result does not carry, in equal steps."""
    runs = [hot.labels[0] for hot in hots if hot.linear is not None and hot.mask is None]
    return len(runs) == len(hots) == len(set(runs)) and not set(runs) & set(keep)


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
