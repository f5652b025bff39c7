"""What `trace` reports: every row of a kernel at a point, and the first that goes non-finite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from symgrad.runtime.watch import _bad, _culprit, _told

Spell = Callable[[str], str]
DIGITS = 6


class TracedRow:
    """One row at the point: `name`, `formula`, `value`, `shape`, `minimum`, `maximum`, `nonfinite` (how many elements)."""

    def __init__(self, line: dict[str, Any], name: str, spell: Spell | None):
        self.line, self.name, self._spell = line, name, spell
        self.value: np.ndarray = np.asarray(line["value"])
        self.shape: tuple[int, ...] = self.value.shape
        self.nonfinite = int((~np.isfinite(self.value)).sum()) if self.value.dtype.kind == "f" else 0

    @property
    def formula(self) -> str:
        """The row as it is computed, with the letters of the declaration where they are known; empty for an input."""
        return (self._spell(self.line["name"]) if self._spell is not None else "") or self.line["formula"]

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The values of the rows that this one is computed from, by name."""
        return self.line["arguments"]

    @property
    def bad(self) -> tuple[int, ...] | None:
        """The index of the first element that is not finite."""
        return _bad(self.line)

    @property
    def minimum(self) -> float:
        return self._over(np.nanmin)

    @property
    def maximum(self) -> float:
        return self._over(np.nanmax)

    def _over(self, function: Callable) -> float:
        known = self.value.astype(float)[~np.isnan(self.value)] if self.value.dtype.kind == "f" else self.value.astype(float)
        return float(function(known)) if known.size else float("nan")

    def cells(self) -> list[str]:
        """name, formula, shape, value or range, and how many elements are not finite."""
        text = f"{self.minimum:.{DIGITS}g}" if self.value.ndim == 0 else f"{self.minimum:.{DIGITS}g} … {self.maximum:.{DIGITS}g}"
        return [self.name, self.formula or "an input", " x ".join(map(str, self.shape)) or "scalar", text,
                f"{self.nonfinite} of {self.value.size}" if self.nonfinite else ""]

    def __repr__(self) -> str:
        return f"TracedRow({self.formula or self.name}, shape {self.shape}, {self.nonfinite} not finite)"


class Trace:
    """Every row of one entry at a point.

    `rows` are all rows in order, inputs first; `first` is the first one that goes non-finite on the way to a result (where all
    results are finite: the first at all, behind a branch that is not taken), or None; `finite` says whether all results are.
    """

    HEAD = ("row", "formula", "shape", "value or range", "not finite")

    def __init__(self, title: str, entry: str, lines: Sequence[dict], results: Sequence[tuple], called: Mapping[str, str],
                 spell: Spell | None = None):
        self.title, self.entry, self._called = title, entry, called
        self.rows = [TracedRow(line, called.get(line["name"], line["name"]), spell) for line in lines]
        self.finite = all(bool(np.isfinite(value).all()) for value, _ in results)
        found = _culprit(lines, results)
        self.first: TracedRow | None = next((row for row in self.rows if row.line is found), None)

    def __getitem__(self, key: int | str) -> TracedRow:
        """A row by its position or its name."""
        return self.rows[key] if isinstance(key, int) else next(row for row in self.rows if key in (row.name, row.line["name"]))

    @property
    def summary(self) -> str:
        """One sentence: what goes non-finite first, or that nothing does."""
        if self.first is None:
            return "every row is finite" if self.finite else "a result is a number that is not finite"
        words = _told(self.first.line, self.first.formula, self._called)
        return f"the first row to go is {words}" if not self.finite else (
            f"all results are finite; on a branch that is not taken, {words}")

    def __str__(self) -> str:
        cells = [list(self.HEAD), *(row.cells() for row in self.rows)]
        widths = [max(len(one[k]) for one in cells) for k in range(len(self.HEAD))]
        table = ["  ".join(text.ljust(width) for text, width in zip(one, widths, strict=True)).rstrip() for one in cells]
        mark = ["  ", *("> " if row is self.first else "  " for row in self.rows)]
        return "\n".join([f"trace of {self.title}, {self.entry}: {self.summary}", "", *(m + line for m, line in zip(mark, table, strict=True))])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(text)}</th>" for text in self.HEAD)
        rows = "".join(f"<tr{' style=color:#b00' if row is self.first else ''}>{''.join(f'<td>{escape(text)}</td>' for text in row.cells())}</tr>"
                       for row in self.rows)
        return f"<p>{escape(f'trace of {self.title}, {self.entry}: {self.summary}')}</p><table><tr>{head}</tr>{rows}</table>"
