"""The gallery as text: the list, one entry, the slips, and the pictures as files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from symgrad.check.report import Report
from symgrad.errors import MissingExtraError, explain
from symgrad.gallery.entries import FAMILIES, Entry, Fact, Figure, Formula, Part, Slip, ordered


def overview(entries: list[Entry] | None = None) -> Iterator[str]:
    """One line an entry: id, title, lectures, the number of formulas that were compiled, their largest gradient error, and ω.

    ω is the operations of value and gradient over those of the value.
    """
    chosen = ordered() if entries is None else entries
    width = max(len(one.title) for one in chosen)
    family = ""
    yield f"{'id':4} {'system':{width}}  {'decks':5}  {'compiled':8}  {'gradients':9}  {'error':>8}  {'ω':>5}"
    for one in chosen:
        if one.id[0] != family:
            family = one.id[0]
            yield f"{FAMILIES[family]}"
        yield f"{one.id:4} {one.title:{width}}  {one.decks:5}  {_status(one.formulas())}"


def _status(formulas: list[Formula]) -> str:
    reports = [formula.check() for formula in formulas]
    ratios = [formula.ratio for formula in formulas]
    known = [ratio for ratio in ratios if ratio is not None]
    verdict = "ok" if all(reports) else "WRONG"
    ratio = f"{max(known):5.2f}" if known else f"{'–':>5}"
    return f"{len(formulas):8}  {verdict:9}  {max(map(gradient_error, reports)):8.1e}  {ratio}"


def gradient_error(report: Report) -> float:
    """The largest difference between a gradient and its numeric one, beside the larger of 1 and that gradient."""
    worst = 0.0
    for row in (*report.rows, *report.cross):
        if row.tried:
            worst = max(worst, row.error / max(1.0, float(np.max(np.abs(row.analytic)))))
    return worst


def heading(one: Entry) -> str:
    """What an entry is, in words."""
    return f"{one.id}  {one.title}\n{', '.join(one.sources)}\n\n{one.about}"


def lines(part: Part) -> Iterator[str]:
    """One part: a formula with its table, check and code; a fact, a slip, a text; the numbers of a figure."""
    if isinstance(part, Formula):
        yield from _formula(part)
    elif isinstance(part, Figure):
        yield f"figure: {part.title}"
        yield from (f"  {line}" for line in part.lines)
    else:
        yield ("SLIP  " if isinstance(part, Slip) else "") + str(part)


def comes_out(part: Part) -> bool:
    """Whether a part is as it should be: gradients agree, facts hold, slips are decided."""
    if isinstance(part, Formula):
        return bool(part.check())
    return part.holds if isinstance(part, Fact) else part.decided if isinstance(part, Slip) else True


def _formula(formula: Formula) -> Iterator[str]:
    f = formula.compiled
    yield str(f)
    yield f"{f.signature.statement}\n"
    yield f"{f.table(at=formula.at, mode=formula.mode)}\n"
    yield f"{formula.check()}\n"
    yield code(f)


def code(f: Any) -> str:
    """The generated function of value and gradient, or of the value where the result is no scalar."""
    return f._kernel("value_and_grad" if f.signature.scalar else "value")[0]


def slips() -> Iterator[tuple[Entry, Slip]]:
    """Every slip with its entry; entries without one do not run."""
    for one in ordered():
        yield from ((one, slip) for slip in one.find_slips())


def draw(figures: Sequence[Figure], folder: str | Path, name: str) -> list[Path]:
    """Write figures as PNG files into a folder.  Raises MissingExtraError without Matplotlib."""
    written = []
    for k, part in enumerate(figures, 1):
        sheet = drawn([part])
        Path(folder).mkdir(parents=True, exist_ok=True)
        written.append(Path(folder) / f"{name}_{k}.png")
        sheet.savefig(written[-1])
    return written


def drawn(figures: Sequence[Figure], columns: int = 1) -> Any:
    """Figures side by side on one Matplotlib figure.  Raises MissingExtraError without Matplotlib."""
    try:
        from matplotlib.figure import Figure as Sheet
    except ImportError:
        raise MissingExtraError(explain("figures need Matplotlib, which is missing", "", "Install it by: pip install symgrad[plot]")) from None
    rows = -(-len(figures) // columns)
    sheet = Sheet(figsize=(6, 4) if columns == 1 else (3.5 * columns, 2.6 * rows), layout="constrained")
    places = sheet.subplots(rows, columns, squeeze=False).ravel()
    for axes in places[len(figures):]:
        axes.set_axis_off()
    for part, axes in zip(figures, places, strict=False):
        part.draw(axes)
        axes.set_title(part.title)
        if axes.get_legend_handles_labels()[1]:
            axes.legend()
    return sheet
