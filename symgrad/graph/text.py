"""Texts of expressions in Python, and how tightly their outermost operators bind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import sympy as sp

ATOM, POWER, UNARY, TIMES, PLUS, LOOSE = 6, 5, 4, 3, 2, 1


class Text(NamedTuple):
    """Python text and how tightly its outermost operator binds."""

    text: str
    binds: int = ATOM

    def within(self, binds: int) -> str:
        """The text in parentheses where the surroundings bind at least as tightly."""
        return self.text if self.binds >= binds else f"({self.text})"


def added(parts: Iterable[Text]) -> str:
    """The sum of some texts, those with a minus sign last."""
    first, *others = sorted(parts, key=lambda part: part.text.startswith("-"))
    return first.within(PLUS) + "".join(
        f" - {part.text[1:]}" if part.text.startswith("-") and part.binds > PLUS else f" + {part.within(PLUS)}" for part in others)


def scaled(coefficient: sp.Expr, text: Text, literal: Callable[[sp.Expr], Text]) -> Text:
    """A text times a number, which is written by a function where it is neither 1 nor -1."""
    if coefficient == 1:
        return text
    if coefficient == -1:
        return Text(f"-{text.within(TIMES)}", TIMES)
    return Text(f"{literal(coefficient).within(UNARY)}*{text.within(TIMES)}", TIMES)
