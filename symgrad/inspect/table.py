"""The derivation table: one row an elementary step, with its partials, its derivative and, at a point, its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import sympy as sp

from symgrad.errors import OptionError, explain
from symgrad.inspect import render
from symgrad.inspect.algebra import LocalPartial
from symgrad.inspect.cells import product_line
from symgrad.inspect.wording import text

Derivative = sp.Expr | tuple[sp.Expr, ...] | None


class Source(Protocol):
    """Where a table's derivatives and numbers come from; asked only when a column is looked at."""

    def definition(self, name: str) -> sp.Expr: ...
    def expanded(self, name: str) -> sp.Expr: ...
    def local(self, name: str) -> list[LocalPartial]: ...
    def tangents(self, name: str) -> dict[str, sp.Expr]: ...
    def adjoint(self, name: str) -> Derivative: ...
    def value(self, name: str) -> Any: ...
    def partial_values(self, name: str) -> dict[str, Any]: ...
    def tangent_values(self, name: str) -> dict[str, Any]: ...
    def adjoint_value(self, name: str) -> Any: ...
    def exact(self, name: str) -> Exact | None: ...
    def mentions(self, name: str) -> list[str]: ...
    def paths(self, parameter: str, result: int) -> tuple[tuple[tuple[str, str], ...], ...]: ...
    def gradient(self, parameter: str, result: int) -> sp.Expr: ...
    def matrix_form(self, parameter: str) -> sp.Basic | None: ...
    def gradient_value(self, parameter: str, result: int) -> Any: ...
    def exact_gradient(self, parameter: str, result: int) -> sp.Expr | None: ...


@dataclass(frozen=True)
class Exact:
    """Numbers of one row at an exact point, as SymPy keeps them."""

    value: sp.Expr
    partials: dict[str, sp.Expr]
    tangents: dict[str, sp.Expr]
    adjoint: Derivative


class TableRow:
    """One row.  Everything but its name is worked out when it is asked for.

    Without a point, `value` and the other numbers are None.  A row that does not depend on a parameter has no adjoint.
    """

    def __init__(self, name: str, at: sp.Expr, shape: tuple, rule: str, active: bool, source: Source, numbers: bool):
        """`source` answers for the row `name`; `numbers` says whether it has a point."""
        self.name, self.at, self.shape, self.rule, self.active = name, at, shape, rule, active
        self._source, self._numbers = source, numbers

    @cached_property
    def definition(self) -> sp.Expr:
        """The row in terms of earlier rows."""
        return self._source.definition(self.name)

    @cached_property
    def expanded(self) -> sp.Expr:
        """The row in terms of the inputs."""
        return self._source.expanded(self.name)

    @cached_property
    def local(self) -> list[LocalPartial]:
        """The local partials with the letters at which they stand."""
        return self._source.local(self.name)

    @cached_property
    def mentions(self) -> list[str]:
        """The rows and inputs that the definition mentions, coefficients included."""
        return self._source.mentions(self.name)

    @property
    def partials(self) -> dict[str, sp.Expr]:
        """Local partials by parent, in terms of the parents."""
        return {partial.parent: partial.expression for partial in self.local}

    @cached_property
    def tangents(self) -> dict[str, sp.Expr]:
        """The derivative of the row towards each parameter: in inputs for scalar tables, else in rows."""
        return self._source.tangents(self.name)

    @cached_property
    def adjoint(self) -> Derivative:
        """The derivative of the result towards the row; a tuple where there are several results."""
        return self._source.adjoint(self.name) if self.active else None

    @cached_property
    def value(self) -> Any:
        return self._source.value(self.name) if self._numbers else None

    @cached_property
    def partial_values(self) -> dict[str, Any] | None:
        return self._source.partial_values(self.name) if self._numbers else None

    @cached_property
    def tangent_values(self) -> dict[str, Any] | None:
        """d row / d parameter; the shape of an array is the row's, then the parameter's."""
        return self._source.tangent_values(self.name) if self._numbers else None

    @cached_property
    def adjoint_value(self) -> Any:
        return self._source.adjoint_value(self.name) if self._numbers and self.active else None

    @cached_property
    def exact(self) -> Exact | None:
        """The same numbers without rounding, where the point was given in exact SymPy numbers."""
        return self._source.exact(self.name) if self._numbers else None

    def __repr__(self) -> str:
        return f"{text(self.at)} = {text(self.definition)}"


class ProductLine:
    """d result / d parameter: the sum over paths of products of local partials, and what that is.

    `expression` is in the inputs for scalar tables, else in rows; `matrix` is the same as a product of matrices where
    it is one; `value` and `exact` are None without a point, and `exact` also where the point is not exact.
    """

    def __init__(self, result: str, parameter: str, result_at: sp.Expr, parameter_at: sp.Expr, position: int, source: Source):
        self.result, self.parameter = result, parameter
        self.result_at, self.parameter_at = result_at, parameter_at
        self._position, self._source = position, source

    @cached_property
    def paths(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Paths from the result to the parameter as (row, parent) pairs; empty for arrays and where there are too many."""
        return self._source.paths(self.parameter, self._position)

    @cached_property
    def expression(self) -> sp.Expr:
        return self._source.gradient(self.parameter, self._position)

    @cached_property
    def matrix(self) -> sp.Basic | None:
        return self._source.matrix_form(self.parameter)

    @cached_property
    def value(self) -> Any:
        return self._source.gradient_value(self.parameter, self._position)

    @cached_property
    def exact(self) -> sp.Expr | None:
        return self._source.exact_gradient(self.parameter, self._position)

    def __str__(self) -> str:
        return product_line(self)[0]


class Table:
    """Rows of a derivation, for a mode, a level and a stage; prints as text, Markdown, LaTeX and HTML."""

    def __init__(self, title: str, rows: list[TableRow], aliases: Mapping[str, str], gradient: dict[str, ProductLine],
                 *, mode: str, level: str, stage: str, wrt: tuple[str, ...], point: Mapping[str, Any] | None):
        self.title, self.rows, self.gradient = title, rows, gradient
        self.mode, self.level, self.stage, self.wrt, self.point = mode, level, stage, wrt, point
        self._by_name = {row.name: row for row in rows}
        self._aliases = aliases

    def __getitem__(self, name: str | int) -> TableRow:
        """A row by name, by its number as xi_k, or by position.  Raises OptionError for an unknown name."""
        if isinstance(name, int):
            return self.rows[name]
        row = self._by_name.get(str(name)) or self._by_name.get(self._aliases.get(str(name), ""))
        if row is None:
            raise OptionError(explain(f"the table has no row {name}", f"its rows are {', '.join(self._by_name)}"))
        return row

    def jacobian(self, parameter: str | None = None, layout: str = "outputs") -> Any:
        """d result / d parameter at the point: outputs first, or inputs first as some texts lay it out.

        Raises OptionError without a point, or for an unknown layout or parameter.
        """
        name = self.wrt[0] if parameter is None else parameter
        if layout not in ("outputs", "inputs") or name not in self.wrt or self.point is None:
            raise OptionError(explain("this Jacobian cannot be shown", f'layout "outputs" or "inputs", a parameter among {", ".join(self.wrt)} '
                                      "and a table with a point are required"))
        values = np.asarray((self.rows[-1].tangent_values or {})[name])
        lead = len(self.rows[-1].shape)
        return values if layout == "outputs" else np.moveaxis(values, range(lead), range(-lead, 0))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[TableRow]:
        return iter(self.rows)

    def __str__(self) -> str:
        return render.to_text(self)

    __repr__ = __str__

    def to_markdown(self) -> str:
        return render.to_markdown(self)

    def to_latex(self) -> str:
        """A tabular with formulas in math mode; a document needs amsmath for branches."""
        return render.to_latex(self)

    def to_html(self) -> str:
        return render.to_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Formulas as text and numbers as numbers; arrays as shape and norm.  It can be written as JSON."""
        return render.to_dict(self)

    def print(self) -> None:
        """Write the table to the terminal, with rules and colours where rich is installed."""
        render.print_rich(self)

    def _repr_html_(self) -> str:
        return self.to_html()

    def _repr_latex_(self) -> str:
        return render.to_array(self)
