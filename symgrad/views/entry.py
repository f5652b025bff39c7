"""`f.table(...)` and `f.graph(...)`: the options checked, the rows chosen, the derivation handed to inspect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from symgrad.declare.scan import walk
from symgrad.errors import InputError, OptionError, explain
from symgrad.inspect.algebra import Algebra, Words
from symgrad.inspect.picture import Picture, picture
from symgrad.inspect.table import ProductLine, Table, TableRow
from symgrad.inspect.view import Step, view
from symgrad.rewrite.chains import keep_chains
from symgrad.rewrite.exponents import keep_exponents
from symgrad.rewrite.kinks import settle_kinks
from symgrad.rewrite.stabilise import stabilise
from symgrad.runtime.names import by_name, name_of
from symgrad.views.derivation import Derivation
from symgrad.views.numbers import Numbers

CHOICES = {"mode": ("forward", "reverse"), "level": ("xi", "named"), "stage": ("declared", "compiled")}


def table(compiled: Any, at: Mapping | None = None, mode: str = "reverse", level: str = "xi", stage: str = "declared",
          inputs: Sequence = ()) -> Table:
    """The derivation table of a compiled declaration.

    at: a point, a dict by symbol or name; mode: which derivative stands in the last columns; level="named" shows only
    the names of where and the result; stage="compiled" shows the rows that run, with the rules that rewrote them;
    inputs: inputs that get a row too, as xi_0 = X.
    Raises OptionError for an unknown option and InputError for a point that is incomplete or not numeric.
    """
    for option, value in (("mode", mode), ("level", level), ("stage", stage)):
        _check_choice(option, value)
    derivation = _derivation(compiled, at, level, stage, _input_names(compiled, inputs))
    rows = [_row(derivation, step) for step in derivation.steps]
    aliases = {step.alias: step.name for step in derivation.algebra.view.steps}
    return Table(compiled.name_or_title, rows, aliases, _gradient(derivation), mode=mode, level=level, stage=stage, wrt=compiled.wrt,
                 point=None if derivation.numbers is None else derivation.numbers.shown)


def graph(compiled: Any, at: Mapping | None = None, level: str = "xi", stage: str = "declared") -> Picture:
    """The computation graph as a picture: inputs and rows, edges labelled with local partials.

    With a point, nodes carry values and edges the upstream, local and downstream derivative.
    """
    for option, value in (("level", level), ("stage", stage)):
        _check_choice(option, value)
    derivation = _derivation(compiled, at, level, stage, ())
    rows = [_row(derivation, step) for step in derivation.steps]
    return picture(compiled.name_or_title, rows, derivation.parameter_values() if at is not None else {}, derivation.view.results)


def _check_choice(option: str, value: object) -> None:
    if value not in CHOICES[option]:
        listed = " or ".join(f'"{one}"' for one in CHOICES[option])
        raise OptionError(explain(f"{option}={value!r} is not known", f"{listed} is required"))


def _input_names(compiled: Any, inputs: Sequence) -> tuple[str, ...]:
    names = tuple(name_of(one) for one in (inputs if isinstance(inputs, (list, tuple)) else (inputs,)))
    unknown = [name for name in names if name not in compiled.arguments]
    if unknown:
        raise OptionError(explain(f"inputs names {', '.join(unknown)}", f"the inputs are {', '.join(compiled.arguments)}"))
    return names


def _derivation(compiled: Any, at: Mapping | None, level: str, stage: str, inputs: tuple[str, ...]) -> Derivation:
    declared, options = compiled.declared, compiled.options
    program = replace(declared.spelled() if stage == "declared" else declared.program, kinks=options.kinks)
    if stage == "compiled":
        program = settle_kinks(program)
        program = keep_exponents(keep_chains(stabilise(program))) if options.rewrite else program
    algebra = Algebra(view(program, declared.wrt, inputs), words(declared))
    numbers = Numbers(compiled, *_point(at)) if at is not None else None
    return Derivation(algebra, level, numbers)


def words(declared: Any) -> Words:
    """The user's symbols and letters of a declaration."""
    symbols = dict(declared.symbols)
    by_size: dict[sp.Expr, list[sp.Basic]] = {}

    def note(size: sp.Expr, letter: sp.Basic) -> None:
        if letter not in by_size.setdefault(size, []):
            by_size[size].append(letter)

    for one in declared.definitions:
        symbols[one.name] = one.left.base if isinstance(one.left, sp.Indexed) else one.left
        axes = declared.program.names[one.name][1]
        for letter, axis in zip(reversed(one.letters), reversed(axes), strict=False):
            note(axis.size, letter)
    for node in walk([*declared.expressions, *(one.right for one in declared.definitions)]):
        for limit in getattr(node, "limits", ()):
            if len(limit) == 3:
                note(sp.expand(limit[2] - limit[1] + 1), limit[0])
    for output in declared.program.outputs.values():
        for axis in output.axes:
            if axis.name and axis.name != "label":
                note(axis.size, sp.Symbol(axis.name, integer=True))
    return Words(symbols, declared.letters, by_size, declared.first_index)


# ---------------------------------------------------------------------- the point

def _point(at: object) -> tuple[dict[str, Any], dict[str, sp.Expr]]:
    """The point as numbers, and the exact numbers in it (whole numbers and SymPy's)."""
    if not isinstance(at, Mapping):
        raise InputError(explain(f"at={at!r} is not a point", "a dict from symbols or names to numbers is required", "Pass at={W: 3.0, …}"))
    given, exact = by_name(at), {}
    for name, value in given.items():
        if isinstance(value, sp.MatrixBase):
            given[name] = np.array(value.tolist(), float)
        elif isinstance(value, sp.Basic):
            given[name] = _float(name, value)
        if (isinstance(value, sp.Expr) and not value.has(sp.Float)) or type(value) is int:
            exact[name] = sp.sympify(value)
    return given, exact


def _float(name: str, value: sp.Basic) -> float:
    if not (value.is_number and value.is_extended_real):
        raise InputError(explain(f"the point gives {name} as {value}", "a real number is required"))
    return int(value) if value.is_Integer else float(value)


# ---------------------------------------------------------------------- rows and product lines

def _row(derivation: Derivation, step: Step) -> TableRow:
    algebra = derivation.algebra
    return TableRow(step.name, algebra.at(step), algebra.shape(step), step.note, step.active, derivation, derivation.numbers is not None)


def _gradient(derivation: Derivation) -> dict[str, ProductLine]:
    """One line a result and parameter; keyed by the parameter alone where there is one result."""
    lines = {}
    for position, result in enumerate(derivation.view.results):
        for name in derivation.view.sources():
            key = name if len(derivation.view.results) == 1 else f"{result} {name}"
            result_at = derivation.algebra.at(derivation.algebra.by_name[result])
            lines[key] = ProductLine(result, name, result_at, derivation.parameter_at(name), position, derivation)
    return lines
