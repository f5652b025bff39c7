"""The computation graph as a picture: SVG drawn here, or Mermaid text."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symgrad.inspect.layout import places
from symgrad.inspect.table import TableRow
from symgrad.inspect.wording import number, text

STEP_X, STEP_Y, WIDTH, HEIGHT, MARGIN = 290, 104, 150, 46, 24
LONGEST = 34


@dataclass(frozen=True)
class Node:
    """An input or a row: its name, its formula, whether it is an input or a result, and its value at a point."""

    name: str
    formula: str
    kind: str
    value: Any = None


@dataclass(frozen=True)
class Edge:
    """`target` depends on `source`: the local partial, and at a point its number and the derivatives at both ends."""

    source: str
    target: str
    partial: str
    local: Any = None
    upstream: Any = None

    @property
    def downstream(self) -> Any:
        """What this edge passes back: upstream times local, where both are numbers."""
        both = [self.upstream, self.local]
        return self.upstream * self.local if all(isinstance(one, (int, float)) or getattr(one, "ndim", 1) == 0 for one in both) else None

    @property
    def label(self) -> tuple[str, ...]:
        """The symbolic partial, or upstream, local and downstream derivative at the point."""
        if self.local is None:
            return (_clipped(self.partial),) if self.partial else ()
        lines = [f"upstream {number(self.upstream)}", f"local {number(self.local)}"]
        return (*lines, f"downstream {number(self.downstream)}") if self.downstream is not None else tuple(lines)


@dataclass(frozen=True)
class Picture:
    """Nodes in the order of computation, inputs first, and the edges between them."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def to_svg(self) -> str:
        """A standalone SVG document; every text is escaped."""
        above: dict[str, list[str]] = {}
        for edge in self.edges:
            above.setdefault(edge.target, []).append(edge.source)
        spots = {name: (MARGIN + column * STEP_X, MARGIN + 20 + row * STEP_Y)
                 for name, (column, row) in places([node.name for node in self.nodes], above).items()}
        width = max(x for x, _ in spots.values()) + WIDTH + MARGIN
        height = max(y for _, y in spots.values()) + HEIGHT + MARGIN
        parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_px(width)} {_px(height)}" width="{_px(width)}" height="{_px(height)}" '
                 'font-family="sans-serif" font-size="12">', f"<title>{_safe(self.title)}</title>", _ARROW]
        parts += [_drawn_edge(edge, spots) for edge in self.edges]
        parts += [_drawn_node(node, *spots[node.name]) for node in self.nodes]
        return "\n".join([*parts, "</svg>"]) + "\n"

    def to_mermaid(self) -> str:
        """A Mermaid flowchart; nodes have neutral identifiers, so that no name can break it."""
        keys = {node.name: f"n{k}" for k, node in enumerate(self.nodes)}
        lines = ["flowchart LR"]
        for node in self.nodes:
            shape = ("([", "])") if node.kind == "input" else ("[", "]")
            words = [node.formula, *([number(node.value)] if node.value is not None else [])]
            lines.append(f'    {keys[node.name]}{shape[0]}"{"<br/>".join(_mermaid(one) for one in words)}"{shape[1]}')
        for edge in self.edges:
            label = "<br/>".join(_mermaid(one) for one in edge.label)
            lines.append(f"    {keys[edge.source]} -->{f'|{chr(34)}{label}{chr(34)}|' if label else ''} {keys[edge.target]}")
        return "\n".join(lines) + "\n"

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def __str__(self) -> str:
        return self.to_mermaid()


def picture(title: str, rows: Sequence[TableRow], inputs: Mapping[str, Any], results: Sequence[str]) -> Picture:
    """The picture of a table's rows.  `inputs` are the values of inputs at a point, empty without one."""
    names = {row.name for row in rows}
    found: dict[str, Node] = {}
    edges: list[Edge] = []
    for row in rows:
        partials, values = row.partials, row.partial_values or {}
        used = _uses(row, names)
        for name in [name for name in used if name not in names]:
            found.setdefault(name, Node(name, name, "input", inputs.get(name)))
        for name in used:
            upstream = row.adjoint_value if name in values else None
            edges.append(Edge(name, row.name, text(partials[name]) if name in partials else "", values.get(name), upstream))
    nodes = [Node(row.name, f"{text(row.at)} = {_clipped(text(row.definition))}", "result" if row.name in results else "row", row.value)
             for row in rows]
    return Picture(title, (*found.values(), *nodes), tuple(edges))


def _uses(row: TableRow, names: set[str]) -> list[str]:
    """What a row's definition mentions: its parents first, then coefficients; letters and sizes are left out."""
    return list(dict.fromkeys([*row.partials, *row.mentions]))


# ---------------------------------------------------------------------- drawing

_ARROW = ('<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
          '<path d="M0,0 L10,5 L0,10 z" fill="#555"/></marker></defs>')
_FILL = {"input": "#eef4fb", "row": "#ffffff", "result": "#fdf1e3"}


def _drawn_node(node: Node, x: float, y: float) -> str:
    value = [number(node.value)] if node.value is not None else []
    lines = [_clipped(node.formula), *value]
    start = y + HEIGHT / 2 + 4 - 8 * (len(lines) - 1)
    words = "".join(_label(line, x + WIDTH / 2, start + 16 * k, "") for k, line in enumerate(lines))
    corner = HEIGHT / 2 if node.kind == "input" else 6
    return (f'<g><title>{_safe(node.formula)}</title><rect x="{_px(x)}" y="{_px(y)}" width="{WIDTH}" height="{HEIGHT}" rx="{_px(corner)}" '
            f'fill="{_FILL[node.kind]}" stroke="#555"/>{words}</g>')


def _drawn_edge(edge: Edge, spots: Mapping[str, tuple[float, float]]) -> str:
    (x1, y1), (x2, y2) = spots[edge.source], spots[edge.target]
    x1, y1, y2 = x1 + WIDTH, y1 + HEIGHT / 2, y2 + HEIGHT / 2
    bend = (x2 - x1) / 2
    curve = f"M{_px(x1)},{_px(y1)} C{_px(x1 + bend)},{_px(y1)} {_px(x2 - bend)},{_px(y2)} {_px(x2)},{_px(y2)}"
    path = f'<path d="{curve}" fill="none" stroke="#555" marker-end="url(#arrow)"/>'
    last = len(edge.label) - 1
    small, x, y = ' font-size="10" fill="#333"', (x1 + x2) / 2, (y1 + y2) / 2 - 6
    words = "".join(_label(line, x, y - 12 * (last - k), small) for k, line in enumerate(edge.label))
    return f"<g>{path}{words}</g>"


def _label(words: str, x: float, y: float, style: str) -> str:
    return f'<text x="{_px(x)}" y="{_px(y)}" text-anchor="middle"{style}>{_safe(words)}</text>'


def _px(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _safe(words: str) -> str:
    """Escaped text; characters that XML forbids become a question mark."""
    return html.escape("".join(c if c.isprintable() else "?" for c in words))


def _mermaid(words: str) -> str:
    return "".join(c if c.isalnum() or c in " .,+-/()^_=:" else f"#{ord(c)};" for c in words)


def _clipped(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
