"""A table as plain text, Markdown, LaTeX, HTML and plain data."""

from __future__ import annotations

import html
import importlib
import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from symgrad.inspect.cells import Cell, columns, lengths, product_line
from symgrad.inspect.wording import escape_latex, number, text

if TYPE_CHECKING:
    from symgrad.inspect.table import Table, TableRow


def _words(table: Table) -> str:
    at = f" at {', '.join(f'{k} = {number(v)}' for k, v in table.point.items())}" if table.point else ""
    return f"{table.title}: {table.mode} mode, {table.stage} rows{at}"


def to_text(table: Table) -> str:
    """Aligned columns; a cell of several lines takes several lines."""
    made = columns(table)
    grid = [[column.head.text for column in made]] + [[column.cells[k].text for column in made] for k in range(len(table.rows))]
    widths = [max((len(line) for row in grid for line in row[c]), default=0) for c in range(len(made))]
    lines = [_words(table), ""]
    for position, row in enumerate(grid):
        for k in range(max(1, *(len(cell) for cell in row))):
            parts = [(cell[k] if k < len(cell) else "").ljust(width) for cell, width in zip(row, widths, strict=True)]
            lines.append("  ".join(parts).rstrip())
        if position == 0:
            lines.append("  ".join("-" * width for width in widths))
    lines += ["", *(product_line(line, table)[0] for line in table.gradient.values()), *_legend("\n".join(lines), table)]
    return "\n".join(lines)


def _legend(words: str, table: Table) -> list[str]:
    """What the names of derivatives mean, where a formula uses one."""
    results = " and ".join(dict.fromkeys(text(line.result_at) for line in table.gradient.values()))
    words += "".join(product_line(line, table)[0] for line in table.gradient.values())
    names = dict.fromkeys(re.findall(r"\bdelta_([A-Za-z_0-9]+)\[", words))
    known = [name for name in names if any(row.name == name for row in table.rows)]
    out = [f"delta_{name} stands for d {results}/d {name}" for name in known]
    dots = dict.fromkeys(re.findall(r"\bdot_([A-Za-z_0-9]+)\[", words))
    return out + [f"dot_{w}_{row.name} stands for d {row.name}/d {w}" for row in table.rows for w in table.wrt if f"{w}_{row.name}" in dots]


def to_markdown(table: Table) -> str:
    """A pipe table; the product lines are its last rows."""
    made = columns(table)
    rows = ["| " + " | ".join(_markdown(column.head) for column in made) + " |", "|" + "---|" * len(made)]
    for k in range(len(table.rows)):
        rows.append("| " + " | ".join(_markdown(column.cells[k]) for column in made) + " |")
    for line in table.gradient.values():
        rows.append("| " + " | ".join([_code(product_line(line, table)[0]), *[""] * (len(made) - 1)]) + " |")
    legend = _legend("\n".join(rows), table)
    return "\n".join([*rows, *(["", *(f"`{line}`  " for line in legend)] if legend else [])]) + "\n"


def _markdown(cell: Cell) -> str:
    if cell.plain:
        return "<br>".join(html.escape(line, quote=False).replace("|", "\\|") for line in cell.text)
    return "<br>".join(_code(line) for line in cell.text)


def _code(line: str) -> str:
    return f"`{line.replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def to_latex(table: Table) -> str:
    made = columns(table)
    rows = [" & ".join(_tex_cell(column.head) for column in made) + r" \\ \hline"]
    rows += [" & ".join(_tex_cell(column.cells[k]) for column in made) + r" \\[4pt]" for k in range(len(table.rows))]
    rows.append(r"\hline")
    rows += [rf"\multicolumn{{{len(made)}}}{{l}}{{${product_line(line, table)[1]}$}} \\[4pt]" for line in table.gradient.values()]
    return "\\begin{tabular}{" + "l" * len(made) + "}\n" + "\n".join(rows) + "\n\\end{tabular}\n"


def _tex_cell(cell: Cell) -> str:
    return ", ".join(escape_latex(line) if cell.plain else f"${line}$" for line in cell.latex)


def to_array(table: Table) -> str:
    """The same as one display formula, which notebooks can show."""
    made = columns(table)

    def inside(cell: Cell) -> str:
        return r",\; ".join(rf"\text{{{escape_latex(line)}}}" if cell.plain else line for line in cell.latex)

    rows = [" & ".join(inside(column.head) for column in made) + r" \\ \hline"]
    rows += [" & ".join(inside(column.cells[k]) for column in made) + r" \\" for k in range(len(table.rows))]
    return "$$\\begin{array}{" + "l" * len(made) + "}\n" + "\n".join(rows) + "\n\\end{array}$$"


def to_html(table: Table) -> str:
    """A table element with escaped text; xi_k is written with the Greek letter and a subscript."""
    made = columns(table)
    head = "".join(f"<th>{_html(column.head)}</th>" for column in made)
    body = "\n".join("<tr>" + "".join(f"<td>{_html(column.cells[k])}</td>" for column in made) + "</tr>" for k in range(len(table.rows)))
    foot = "\n".join(f'<tr><td colspan="{len(made)}">{_greek(product_line(line, table)[0])}</td></tr>' for line in table.gradient.values())
    return (f'<table class="symgrad-table">\n<caption>{html.escape(_words(table))}</caption>\n<thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{body}\n</tbody>\n<tfoot>\n{foot}\n</tfoot>\n</table>\n")


def _html(cell: Cell) -> str:
    return "<br>".join(html.escape(line) if cell.plain else _greek(line) for line in cell.text)


def _greek(line: str) -> str:
    return re.sub(r"\bxi_(\d+|n)\b", r"ξ<sub>\1</sub>", html.escape(line))


# ---------------------------------------------------------------------- plain data

def to_dict(table: Table) -> dict[str, Any]:
    known = lengths(table)
    return {
        "title": table.title, "mode": table.mode, "level": table.level, "stage": table.stage, "wrt": list(table.wrt),
        "point": None if table.point is None else {name: _plain(value) for name, value in table.point.items()},
        "rows": [_row(table, row, known[row.name] <= 40 and not row.shape) for row in table.rows],
        "gradient": {name: {"line": product_line(line, table)[0], "value": _plain(line.value)} for name, line in table.gradient.items()},
    }


def _row(table: Table, row: TableRow, short: bool) -> dict[str, Any]:
    out: dict[str, Any] = {"name": row.name, "definition": text(row.definition), "shape": [str(size) for size in row.shape],
                           "partials": {name: text(value) for name, value in row.partials.items()}}
    if short:
        out["expanded"] = text(row.expanded)
    if row.rule:
        out["rule"] = row.rule
    if table.point is None:
        return out
    out |= {"value": _plain(row.value), "partial_values": _plain(row.partial_values)}
    if table.mode == "forward":
        return out | {"tangent_values": _plain(row.tangent_values)}
    return out | {"adjoint_value": _plain(row.adjoint_value)}


def _plain(value: Any) -> Any:
    """Numbers as floats (words where they are not finite), arrays as shape and norm."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    array = np.asarray(value, float)
    if array.ndim:
        return {"shape": list(array.shape), "norm": _plain(float(np.sqrt(np.sum(array**2))))}
    return float(array) if math.isfinite(float(array)) else str(float(array))


def print_rich(table: Table) -> None:
    """Write the table to the terminal; plain where rich is not installed."""
    try:
        console, rich_table = importlib.import_module("rich.console"), importlib.import_module("rich.table")
    except ImportError:
        print(to_text(table))
        return
    made = columns(table)
    drawn = rich_table.Table(title=_words(table), show_lines=True)
    for column in made:
        drawn.add_column("\n".join(column.head.text).replace("[", "\\["), overflow="fold")
    for k in range(len(table.rows)):
        drawn.add_row(*("\n".join(column.cells[k].text).replace("[", "\\[") for column in made))
    console.Console().print(drawn)
    for line in table.gradient.values():
        print(product_line(line, table)[0])
