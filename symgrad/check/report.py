"""What a gradient check found, one row a parameter, and how it prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

GRAVITY = ("ok", "kink", "not finite", "wrong")
"""Verdicts from harmless to bad; a row carries the worst of its elements."""


@dataclass(frozen=True)
class Row:
    """One parameter.

    `analytic` and `numeric` have the parameter's shape; elements that were not tried are nan in `numeric`.  `error` is the
    difference at `index`, the worst element, and `allowed` what rounding and truncation explain there.  `left` and
    `right` are the one-sided slopes at that element.
    """

    name: str
    analytic: Any
    numeric: Any
    error: float
    allowed: float
    verdict: str
    index: tuple[int, ...] = ()
    left: float = float("nan")
    right: float = float("nan")
    method: str = "differences"
    order: int = 1
    tried: int = 1

    @property
    def title(self) -> str:
        """The parameter's name with the subscripts of its worst element."""
        place = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        return f"{self.name}{place}" + (" (second order)" if self.order == 2 else "")

    @property
    def pair(self) -> tuple[float, float]:
        """The analytic and the numeric value of the worst element; nan where there is none."""
        if not self.tried:
            return float("nan"), float("nan")
        return float(np.asarray(self.analytic)[self.index]), float(np.asarray(self.numeric)[self.index])


@dataclass(frozen=True)
class Report:
    """The rows of a check; true where it passed.  `cross` holds comparisons of symgrad's own modes with each other."""

    title: str
    rows: tuple[Row, ...]
    cross: tuple[Row, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong and nothing is not finite.  A kink passes: the value is one of its slopes."""
        return all(row.verdict in ("ok", "kink") for row in (*self.rows, *self.cross))

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        lines = [f"Gradient check of {self.title}: {'passed' if self.passed else 'FAILED'}", *_table([*self.rows, *self.cross])]
        lines += [_kink_line(row) for row in self.rows if row.verdict == "kink"]
        lines += [f"  {row.name}: {row.tried} of {np.size(row.analytic)} elements were tried one by one, all of them along a random direction"
                  for row in self.rows if 0 < row.tried < np.size(row.analytic)]
        return "\n".join(lines)

    __repr__ = __str__


def _table(rows: Sequence[Row]) -> list[str]:
    cells = [("parameter", "analytic", "numeric", "error", "allowed", "verdict", "by")]
    for row in rows:
        analytic, numeric = row.pair
        cells.append((row.title, f"{analytic:.10g}", f"{numeric:.10g}", f"{row.error:.1e}", f"{row.allowed:.1e}", row.verdict, row.method))
    widths = [max(len(line[k]) for line in cells) for k in range(len(cells[0]))]
    return ["  " + "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def _kink_line(row: Row) -> str:
    return (f"  {row.title} lies at a kink: the slope is {row.left:.6g} from the left and {row.right:.6g} from the right; "
            f"the code gives {row.pair[0]:.6g}")


def gravest(verdicts: Sequence[str]) -> str:
    return max(verdicts, key=GRAVITY.index)
