"""The columns of a table: headings and cells, each as text and as LaTeX, in the lectures' order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sympy as sp

from symgrad.inspect.wording import latex, latex_name, number, text

if TYPE_CHECKING:
    from symgrad.inspect.table import ProductLine, Table, TableRow

LONGEST = 40
"""Expansions of more symbols than this are left out of a printed table; `row.expanded` still has them."""


class Cell(NamedTuple):
    """Lines of one cell, as plain text and as math-mode LaTeX; `plain` marks LaTeX that is words."""

    text: tuple[str, ...]
    latex: tuple[str, ...]
    plain: bool = False


class Column(NamedTuple):
    head: Cell
    cells: list[Cell]


def columns(table: Table) -> list[Column]:
    """All columns of a table, left to right."""
    writer = _Writer(table)
    out = [writer.column("Variables", writer.variable), writer.column("Partial derivatives", writer.partials)]
    if writer.arrays:
        out.insert(1, writer.column("Shape", writer.shape))
    if table.point is not None:
        out += [writer.column("Value", writer.value), writer.column("Value of the partial derivative", writer.partial_values)]
    elif not writer.arrays:
        out.append(writer.column("Partial derivatives in the inputs", writer.partials_in_inputs))
    out += writer.forward() if table.mode == "forward" else writer.backward()
    if table.stage == "compiled":
        out.append(writer.column("Rule", lambda row: Cell((row.rule,) if row.rule else (), (row.rule,) if row.rule else (), True)))
    return out


def lengths(table: Table) -> dict[str, int]:
    """How many symbols the expansion of each row would have; worked out without expanding."""
    found: dict[str, int] = {}
    for row in table.rows:
        inner = [found[name] for name in _mentioned(row.definition) if name in found]
        found[row.name] = 1 + sum(inner)
    return found


def _mentioned(expr: sp.Expr) -> list[str]:
    names = [str(s) for s in sp.preorder_traversal(expr) if isinstance(s, sp.Symbol)]
    return names + [str(s.parent) for s in sp.preorder_traversal(expr) if isinstance(s, sp.matrices.expressions.matexpr.MatrixElement)]


def _is_array(table: Table) -> bool:
    return any(row.shape for row in table.rows) or any(not isinstance(line.parameter_at, sp.Symbol) for line in table.gradient.values())


class _Writer:
    """Writes the cells of one table."""

    def __init__(self, table: Table):
        self.table = table
        self.order = {row.name: k for k, row in enumerate(table.rows)}
        self.lengths = lengths(table)
        self.arrays = _is_array(table)

    def column(self, head: str, cell) -> Column:
        return Column(Cell((head,), (head,), True), [cell(row) for row in self.table.rows])

    def short(self, name: str) -> bool:
        return not self.arrays and self.lengths[name] <= LONGEST

    def words(self, expr: Any) -> tuple[str, str]:
        return text(expr, self.order), latex(expr, self.order)

    # ------------------------------------------------------------------ symbolic cells

    def variable(self, row: TableRow) -> Cell:
        parts = [row.at, row.definition]
        if self.short(row.name) and row.expanded != row.definition:
            parts.append(row.expanded)
        pairs = [self.words(part) for part in parts]
        return Cell((" = ".join(t for t, _ in pairs),), (" = ".join(m for _, m in pairs),))

    def shape(self, row: TableRow) -> Cell:
        shown = " x ".join(text(size) for size in row.shape) or "scalar"
        return Cell((shown,), (shown,), True)

    def partials(self, row: TableRow) -> Cell:
        pairs = []
        for partial in row.local:
            (top, top_tex), (below, below_tex), (value, value_tex) = (self.words(e) for e in (partial.row_at, partial.parent_at, partial.expression))
            pairs.append((f"d {top}/d {below} = {value}", rf"\frac{{\partial {top_tex}}}{{\partial {below_tex}}} = {value_tex}"))
        return Cell(tuple(t for t, _ in pairs), tuple(m for _, m in pairs))

    def partials_in_inputs(self, row: TableRow) -> Cell:
        if not self.short(row.name):
            return Cell((), ())
        expansions = {other.at: other.expanded for other in self.table.rows}
        pairs = [self.words(partial.expression.xreplace(expansions)) for partial in row.local]
        return Cell(tuple(t for t, _ in pairs), tuple(m for _, m in pairs))

    def forward(self) -> list[Column]:
        out = []
        for name in self.table.wrt:
            head = Cell((f"d xi_n/d {name}",), (rf"\frac{{d \xi_n}}{{d {latex_name(name)}}}",))
            out.append(Column(head, [self._tangent(row, name) for row in self.table.rows]))
        return out

    def _tangent(self, row: TableRow, name: str) -> Cell:
        if self.table.point is not None:
            exact = row.exact.tangents[name] if row.exact else None
            return self.numeric(row.tangent_values[name], exact)  # type: ignore[index]
        if not self.arrays and not self.short(row.name):
            return Cell((), ())
        t, m = self.words(row.tangents[name])
        return Cell((t,), (m,))

    def backward(self) -> list[Column]:
        lines = list(self.table.gradient.values())
        results = dict.fromkeys((text(line.result_at), latex(line.result_at)) for line in lines)
        t, m = next(iter(results)) if len({line.result for line in lines}) == 1 else ("L", "L")
        head = Cell((f"d {t}/d xi_n",), (rf"\frac{{d {m}}}{{d \xi_n}}",))
        return [Column(head, [self._adjoint(row) for row in self.table.rows])]

    def _adjoint(self, row: TableRow) -> Cell:
        if not row.active:
            return Cell((), ())
        if self.table.point is not None:
            return self.numeric(row.adjoint_value, row.exact.adjoint if row.exact else None)
        if not self.arrays and max(self.lengths.values()) > LONGEST:
            return Cell((), ())
        adjoint = row.adjoint if isinstance(row.adjoint, tuple) else (row.adjoint,)
        pairs = [self.words(one) for one in adjoint]
        return Cell(tuple(t for t, _ in pairs), tuple(m for _, m in pairs))

    # ------------------------------------------------------------------ numbers

    def numeric(self, value: Any, exact: Any = None) -> Cell:
        shown, tex = number(value), number(value)
        if exact is not None and not isinstance(exact, tuple) and not exact.is_Rational:
            exact_text, exact_tex = self.words(exact)
            if len(exact_text) <= LONGEST:
                shown, tex = f"{exact_text} = {shown}", f"{exact_tex} = {shown}"
        return Cell((shown,), (tex,))

    def value(self, row: TableRow) -> Cell:
        return self.numeric(row.value, row.exact.value if row.exact else None)

    def partial_values(self, row: TableRow) -> Cell:
        cells = [self.numeric(value, row.exact.partials[name] if row.exact else None) for name, value in (row.partial_values or {}).items()]
        return Cell(tuple(t for cell in cells for t in cell.text), tuple(m for cell in cells for m in cell.latex))


def product_line(line: ProductLine, table: Table | None = None) -> tuple[str, str]:
    """d result / d parameter = the products of partials along each path = the expression = the number."""
    order = {row.name: k for k, row in enumerate(table.rows)} if table else {}
    written = table is None or _is_array(table) or max(lengths(table).values()) <= LONGEST
    top, below = text(line.result_at), text(line.parameter_at)
    parts = [(f"d {top}/d {below}", rf"\frac{{d {latex(line.result_at)}}}{{d {latex(line.parameter_at)}}}")]
    if line.paths:
        plain = [" * ".join(f"d {a}/d {b}" for a, b in path) for path in line.paths]
        tex = [r" \, ".join(rf"\frac{{\partial {latex_name(a)}}}{{\partial {latex_name(b)}}}" for a, b in path) for path in line.paths]
        parts.append((" + ".join(plain), " + ".join(tex)))
    for expr in (line.expression, line.matrix, line.exact) if written else ():
        if expr is not None and len(text(expr)) <= 4 * LONGEST and not (expr is line.exact and expr.is_Rational):
            parts.append((text(expr, order), latex(expr, order)))
    if line.value is not None:
        parts.append((number(line.value), number(line.value)))
    return " = ".join(t for t, _ in parts), " = ".join(m for _, m in parts)
