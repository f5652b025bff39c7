"""The rows of a program without any label as straight-line code on Python floats, for all that the math module has.

The code gives NumPy's values or raises: math refuses an overflow, a division by zero and what has no real value with an
ArithmeticError or a ValueError, and NumPy is asked instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

from symgrad.emit.formulas import Formulas
from symgrad.emit.names import Names
from symgrad.emit.numbers import ATOM, TIMES, Text, number
from symgrad.graph.functions import TABLE
from symgrad.graph.program import Program
from symgrad.graph.rows import BOOLEAN, Row
from symgrad.graph.table.common import SCALAR_EXTREMA
from symgrad.graph.text import added, scaled

MOST_ROWS = 5_000
"""Longer programs are left to NumPy alone: the code would double the module."""


PointCode = tuple[list[str], list[str]]
"""Statements on Python floats, and the names of their results."""


def point_code(program: Program, given: Mapping[str, str], taken: Sequence[str]) -> PointCode | None:
    """A program of numbers on Python floats; None where it is too long or has what the math module has not.

    `given` are the variables of the inputs, `taken` those that the code must leave alone.
    """
    live = program.live()
    if len(live) > MOST_ROWS or not all(_is_scalar(program.graph.rows[index]) for index in live):
        return None
    speller = ScalarSpeller(program, given, taken)
    return speller.body(), [speller.text[output.ref.row].text for output in program.outputs.values()]


def _is_scalar(row: Row) -> bool:
    """Whether the row is a number by itself and has a spelling on Python floats; whole numbers are floats too."""
    return not row.sizes and (row.op in ("constant", "input", "sum", "product") or (row.op == "map" and bool(TABLE[row.payload[0]].scalar_steps)))


class ScalarSpeller:
    """Spells the live rows of one program."""

    def __init__(self, program: Program, given: Mapping[str, str], taken: Sequence[str]):
        self.program, self.graph = program, program.graph
        self.rows = program.live()
        self.names = Names([*given.values(), *taken])
        self.text = {index: Text(given[row.payload.name]) for index, row in enumerate(self.graph.rows) if row.op == "input"}
        self.wanted = {ref.row: name for name, (ref, _) in reversed(program.names.items())}
        self.steps: dict[str, str] = {}
        self.lines: list[str] = []
        self.formulas = Formulas(self.graph, self.text)
        self._denominators = self._only_dividing()
        self._handlers = {"constant": self._constant, "sum": self._sum, "product": self._product, "map": self._map}

    def body(self) -> list[str]:
        """The statements in order."""
        for index in self.rows:
            if index not in self.text:
                row = self.graph.rows[index]
                self._handlers[row.op](index, row)
        return self.lines

    def _only_dividing(self) -> set[int]:
        """Reciprocals whose one user is a product, which is then written as a division."""
        users: dict[int, list[int]] = {}
        for index in self.rows:
            for arg in self.graph.rows[index].args:
                users.setdefault(arg, []).append(index)
        roots = set(self.program.roots())
        return {index for index, found in users.items() if len(found) == 1 and index not in roots
                and self.graph.rows[index].calls("reciprocal") and self.graph.rows[found[0]].op == "product"}

    # ------------------------------------------------------------------ lines

    def _assign(self, index: int, text: str) -> None:
        wanted = self.wanted.get(index, "")
        derived = wanted.startswith(("bar_", "dot_")) and wanted.isidentifier()
        name = self.names.exactly(wanted) if derived else self.names.take(wanted, "xi")
        self.text[index] = Text(name)
        self.lines.append(f"{name} = {text}  # {self.formulas.line(index, name)}")

    def _step(self, text: str) -> str:
        """The name of a part of a function, computed once however many functions share it."""
        if text not in self.steps:
            self.steps[text] = self.names.exactly("part_1")
            self.lines.append(f"{self.steps[text]} = {text}")
        return self.steps[text]

    # ------------------------------------------------------------------ rows

    def _constant(self, index: int, row: Row) -> None:
        self.text[index] = Text(str(bool(row.payload))) if row.kind == BOOLEAN else literal(row.payload)

    def _sum(self, index: int, row: Row) -> None:
        coefficients, constant = row.payload
        parts = [scaled(c, self.text[arg], literal) for c, arg in zip(coefficients, row.args, strict=True)]
        if constant != 0:
            parts.append(literal(constant))
        self._assign(index, added(parts))

    def _product(self, index: int, row: Row) -> None:
        factors = [self.text[arg].within(TIMES) for arg in row.args if arg not in self._denominators]
        below = [self.text[self.graph.rows[arg].args[0]].within(ATOM) for arg in row.args if arg in self._denominators]
        text = scaled(row.payload, Text("*".join(factors), TIMES), literal).within(TIMES) if factors else literal(row.payload).within(TIMES)
        self._assign(index, "/".join([text, *below]))

    def _map(self, index: int, row: Row) -> None:
        if index in self._denominators:
            self.text[index] = Text("")
            return
        name, *parameters = row.payload
        args = [self.text[arg].within(ATOM) for arg in row.args]
        if name == "power":
            self._assign(index, _power(args[0], parameters[0]))
            return
        if name in SCALAR_EXTREMA:
            self._assign(index, self._extremum(name, args))
            return
        *parts, last = TABLE[name].scalar_steps
        known = {f"p{k}": literal(parameter).text for k, parameter in enumerate(parameters)} | {"all": ", ".join(args)}
        for k, part in enumerate(parts):
            known[f"s{k}"] = self._step(part.format(*args, **known))
        self._assign(index, last.format(*args, **known))

    def _extremum(self, name: str, args: Sequence[str]) -> str:
        """Two at a time."""
        *before, last = args
        first = before[0] if len(before) == 1 else self._step(self._extremum(name, before))
        return SCALAR_EXTREMA[name].format(first, last)


def literal(value: sp.Expr) -> Text:
    """A number as a float."""
    text = number(value)
    if text.text.lstrip("-").isdigit():
        return Text(f"{text.text}.0", text.binds)
    return Text(text.text.replace("np.", "math."), text.binds)


def _power(base: str, exponent: sp.Expr) -> str:
    """base to a number, without a call of pow where a few multiplications, a root or a division do."""
    size = abs(exponent)
    few = {sp.Integer(2): f"{base}*{base}", sp.Integer(3): f"{base}*{base}*{base}", sp.Integer(4): f"({base}*{base})*({base}*{base})",
           sp.Rational(1, 2): f"math.sqrt({base})", sp.Rational(3, 2): f"{base}*math.sqrt({base})"}
    if size not in few:
        return f"math.pow({base}, {literal(exponent).text})"
    return few[size] if exponent > 0 else f"1.0/({few[size]})"
