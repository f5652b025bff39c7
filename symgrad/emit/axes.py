"""Axes of an operand against axes of a result: transposes and broadcasts as text."""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.emit.numbers import ATOM, Text


def transposed(text: Text, labels: Sequence[int], wanted: Sequence[int]) -> Text:
    """The operand with its axes in the wanted order (the same labels, permuted)."""
    order = [list(labels).index(label) for label in wanted]
    if order == list(range(len(order))):
        return text
    if len(order) == 2:
        if text.text.endswith(".T") and text.text[:-2].isidentifier():
            return Text(text.text[:-2])
        return Text(f"{text.within(ATOM)}.T")
    return Text(f"{text.within(ATOM)}.transpose({', '.join(map(str, order))})")


def aligned(text: Text, labels: Sequence[int], out: Sequence[int]) -> Text:
    """The operand so that it broadcasts against axes `out`."""
    present = [label for label in out if label in labels]
    text = transposed(text, labels, present)
    steps = [":" if label in labels else "None" for label in out]
    while steps and steps[0] == "None":
        steps.pop(0)
    return Text(f"{text.within(ATOM)}[{', '.join(steps)}]") if "None" in steps else text
