"""A formula in twice the digits of doubles: rows as data, spelled as a function of the inputs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import sympy as sp
from sympy.core.symbol import Str

from symgrad.graph.doubles import double, lacking
from symgrad.graph.text import ATOM, PLUS, TIMES, UNARY, Text, added, scaled

MOST_DIGITS = 135
"""Decimal digits of numbers that are no quotients of doubles."""
SUM, PRODUCT, NUMBER = Str("+"), Str("*"), Str("number")


class Step(NamedTuple):
    """A function on numbers of twice the digits, and the places of what it is made of."""

    spelling: Str
    numbers: sp.Tuple
    places: tuple[int, ...]

    def spelled(self, args: Sequence[Text]) -> Text:
        """It as Python text."""
        if self.spelling == NUMBER or not args:
            found = literal(self.numbers[-1])
            return found if found.text.startswith("_twice_number") else Text(f"_twice_number({found.text})")
        if self.spelling == SUM:
            *coefficients, constant = self.numbers
            parts = [scaled(c, arg, literal) for c, arg in zip(coefficients, args, strict=True)]
            parts += [literal(constant)] if constant != 0 else []
            return Text(added(parts), PLUS)
        if self.spelling == PRODUCT:
            return scaled(self.numbers[0], Text("*".join(arg.within(ATOM) for arg in args), TIMES), literal)
        template = str(self.spelling)
        is_call = re.fullmatch(r"_\w+\(({\d}(, )?)*\)", template) is not None
        text = template.format(*(arg.text if is_call else arg.within(ATOM) for arg in args), *(literal(one).text for one in self.numbers))
        return Text(text, ATOM if is_call else TIMES)


class Steps(sp.Tuple):
    """A formula of so many inputs, which come first: each step is (spelling, numbers, places of what it is made of), the last is the result.

    Places count the inputs, then the steps.  A spelling is that of a function on numbers of twice the digits, with {0}, {1}, … for its
    arguments; a sum has its coefficients and its constant for numbers, a product its coefficient, and what else has numbers those.
    """

    def steps(self) -> list[Step]:
        return [Step(spelling, numbers, tuple(map(int, places))) for spelling, numbers, places in self.args[1:]]

    def text(self) -> str:
        """The formula as a function in Python; what is used more than once gets a name."""
        count, steps = int(self.args[0]), self.steps()
        uses = Counter(place for step in steps for place in _read(str(step.spelling), step.places))
        names = ["x"] if count == 1 else [f"x{k + 1}" for k in range(count)]
        known, named = [Text(name) for name in names], list[str]()
        for step in steps:
            found = step.spelled([known[place] for place in step.places])
            if uses[len(known)] > 1:
                named.append(f"u{len(named) + 1} := {found.text}")
                found = Text(f"u{len(named)}")
            known.append(found)
        result = f"({', '.join([*named, known[-1].text])})[-1]" if named else known[-1].text
        return f"lambda {', '.join(names)}: {result}"

    @property
    def needs(self) -> list[str]:
        """The functions of the project that it calls."""
        return sorted({f"special:{name}" for name in re.findall(r"\b_(\w+)", self.text())})


def arguments(spelling: str) -> list[int]:
    """The arguments that stand in a spelling, each as often as it does."""
    return [int(one) for one in re.findall(r"{(\d)}", spelling)]


def _read(spelling: str, places: Sequence[int]) -> list[int]:
    """The places that a step reads, each as often as it stands in the text."""
    return [places[k] for k in arguments(spelling) if k < len(places)] or [*places]


def literal(value: sp.Expr) -> Text:
    """A number: a double where it is one, a quotient of two, or two that stand for it, and its digits."""
    high, low = float(double(value)), float(lacking(value))
    if low == 0:
        return Text(repr(high), ATOM if high >= 0 else UNARY)
    if value.is_Rational and not lacking(sp.Integer(value.p)) and not lacking(sp.Integer(value.q)):
        return Text(f"_twice_number({float(value.p)!r})/{float(value.q)!r}", TIMES)
    return Text(f"_twice_number({high!r}, {low!r}, {str(sp.N(value, MOST_DIGITS))!r})")


EXAMPLE = (sp.Tuple(sp.Tuple(sp.Integer(7), sp.Integer(8))), Steps(sp.S.One, sp.Tuple(SUM, sp.Tuple(sp.S.One, sp.S.Zero), sp.Tuple(sp.S.Zero))))
"""An interval, and x itself."""
