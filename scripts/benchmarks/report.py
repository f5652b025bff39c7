"""The table in the terminal, bench.md and bench.json."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.chains import STEP, Timing
from benchmarks.contenders import HAND, OWN, RIVALS, Contender
from benchmarks.measure import Cell, Row
from benchmarks.memory import Peak
from benchmarks.profile import KINDS, REST, Profile
from benchmarks.settings import cores, load

MARGIN = 1.2
"""How much slower than the best rival symgrad may be."""

NOTES = """Median seconds of a call; in brackets the ratio to plain NumPy written by hand (under 1 is faster). Every result was compared with
that of the hand-written code first, and what disagreed was not timed. The contenders worked in turn, each in a process of
its own. "Rival" is symgrad's time over that of the best of {rivals}. A bound in brackets is what
NumPy tuned by hand came to on another machine; "tuned" is such code on this one, with functions of less relative accuracy."""


@dataclass
class Bench:
    """Everything that was measured, and under which conditions."""

    contenders: Sequence[Contender]
    conditions: list[str]
    rows: list[Row] = field(default_factory=list)
    profiles: list[Profile | tuple[str, str]] = field(default_factory=list)
    peaks: list[Peak] = field(default_factory=list)
    verdicts: dict[str, str] = field(default_factory=dict)
    chains: list[Timing | tuple[int, str]] = field(default_factory=list)


def conditions(contenders: Sequence[Contender], dropped: list[str], held: str | None) -> list[str]:
    """The machine, the versions, and what was done to the environment, a sentence each."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]  # type: ignore[index]
    versions = {one.library: one.version() for one in contenders}
    machine = f"{platform.machine()} {platform.system()}, {cores()} cores, Python {platform.python_version()}"
    return [f"{machine}, {blas.get('name')} {blas.get('version')}",
            ", ".join(f"{library} {version}" for library, version in versions.items()),
            held or "every contender's default number of threads",
            load(),
            f"dropped from the environment: {', '.join(dropped) or 'nothing; no variable forced a BLAS kernel or a number of threads'}"]


# ---------------------------------------------------------------------- words for numbers


def duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def amount(size: int | str) -> str:
    return f"{size / 2**20:,.2f} MiB" if isinstance(size, int) else size


def cell_text(row: Row, name: str) -> str:
    cell = row.cells.get(name)
    if cell is None:
        return "–"
    if cell.median is None:
        return _short(cell)
    ratio = row.ratio(name)
    return duration(cell.median) + (f" ({ratio:.2f})" if ratio else "")


def _short(cell: Cell) -> str:
    text = cell.failure or "not timed"
    return text if len(text) <= 40 else f"{text[:39]}…"


def bound_text(row: Row) -> str:
    """The bound with what NumPy tuned by hand reached, and whether symgrad keeps it."""
    bound, ratio = row.workload.bound, row.ratio(OWN)
    if bound is None:
        return "–"
    verdict = "?" if ratio is None else "met" if ratio <= bound else "missed"
    return f"{bound:.2f} ({row.workload.reached}) {verdict}" if row.workload.reached else f"{bound:.2f} {verdict}"


def rival_text(row: Row) -> str:
    """symgrad over the best rival, and which that is."""
    timed = {name: row.cells[name].median for name in RIVALS if name in row.cells and row.cells[name].median}
    if not timed:
        return "–"
    best = min(timed, key=timed.__getitem__)
    ratio = row.ratio(OWN, best)
    if ratio is None:
        return "?"
    return f"{ratio:.2f} ({best}) {'ahead' if ratio <= 1 else 'close' if ratio <= MARGIN else 'behind'}"


def first_text(row: Row, name: str) -> str:
    cell = row.cells.get(name)
    return "–" if cell is None or cell.first is None else duration(cell.first)


# ---------------------------------------------------------------------- tables


def tables(bench: Bench) -> list[tuple[str, list[list[str]]]]:
    """Every table that there is something for: its title, and its lines with the heads first."""
    found = []
    if bench.rows:
        names = [one.name for one in bench.contenders]
        found.append(("Time of a call", _times(bench.rows, names)))
        found.append(("Time to the first result (declare, compile, call)",
                      [["workload", *names], *([row.workload.name, *(first_text(row, name) for name in names)] for row in bench.rows)]))
    if bench.profiles:
        found.append(("Where symgrad's time goes, on one thread but for BLAS in nets", _profiles(bench.profiles)))
    if bench.peaks:
        found.append(("Peak memory above the inputs, mixture", _peaks(bench.peaks)))
    if bench.verdicts:
        found.append(("One thread against two", [["workload", "results"], *([name, text] for name, text in bench.verdicts.items())]))
    if bench.chains:
        found.append(("Compile time of a scalar chain", _chains(bench.chains)))
    return found


def _times(rows: list[Row], names: list[str]) -> list[list[str]]:
    own = [name for name in names if name not in (HAND, OWN)]
    lines = [["workload", "bound", HAND, OWN, "rival", *own]]
    for row in rows:
        title = f"{row.workload.name}: {row.workload.title}"
        lines.append([title, bound_text(row), cell_text(row, HAND), cell_text(row, OWN), rival_text(row), *(cell_text(row, name) for name in own)])
    return lines


def _profiles(profiles: list[Profile | tuple[str, str]]) -> list[list[str]]:
    lines = [["workload", "a call", *KINDS, REST, "calls of NumPy"]]
    for one in profiles:
        if isinstance(one, Profile):
            shares = [f"{one.kinds[kind] / one.total:.0%}" for kind in (*KINDS, REST)]
            lines.append([one.workload, duration(one.total), *shares, str(one.calls)])
        else:
            lines.append([*one, *("" for _ in (*KINDS, REST))])
    return lines


def _peaks(peaks: list[Peak]) -> list[list[str]]:
    names = list(peaks[0].bytes)
    return [["samples", *names], *([f"{peak.samples:,}", *(amount(peak.bytes[name]) for name in names)] for peak in peaks)]


def _chains(chains: list[Timing | tuple[int, str]]) -> list[list[str]]:
    lines = [["elementary operations", "declare", "compile and call", "call again"]]
    for one in chains:
        if isinstance(one, Timing):
            lines.append([f"{one.steps * STEP:,}", duration(one.declared), duration(one.compiled), duration(one.called)])
        else:
            lines.append([f"{one[0]:,}", one[1], "", ""])
    return lines


def failures(rows: list[Row]) -> list[str]:
    """Every failure in full."""
    return [f"{row.workload.name}, {cell.contender}: {cell.failure}" for row in rows for cell in row.cells.values() if cell.failure]


# ---------------------------------------------------------------------- outputs


def show(bench: Bench) -> None:
    """Print everything; with Rich where it is installed."""
    draw = _rich if find_spec("rich") else _plain
    print("\n".join(bench.conditions))
    for title, lines in tables(bench):
        draw(title, lines)
    for text in failures(bench.rows):
        print(text)


def _plain(title: str, lines: list[list[str]]) -> None:
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    print(f"\n{title}")
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _rich(title: str, lines: list[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title=title, title_justify="left")
    for place, head in enumerate(lines[0]):
        table.add_column(head, no_wrap=place > 0 and not console.is_terminal)
    for line in lines[1:]:
        table.add_row(*line)
    if not console.is_terminal:
        console = Console(width=240)
    console.print(table)


def markdown(bench: Bench) -> str:
    parts = ["# Benchmarks", "\n".join(f"- {line}" for line in bench.conditions)]
    if bench.rows:
        parts.append(NOTES.format(rivals=", ".join(RIVALS)))
    for title, lines in tables(bench):
        head, *body = [" | ".join(text.replace("|", "/") for text in line) for line in lines]
        rule = " | ".join(["---"] * len(lines[0]))
        parts.append("\n".join([f"## {title}", "", *(f"| {line} |" for line in (head, rule, *body))]))
    if failures(bench.rows):
        parts.append("\n".join(["## What failed", "", *(f"- {text}" for text in failures(bench.rows))]))
    return "\n\n".join(parts) + "\n"


def record(bench: Bench) -> dict[str, Any]:
    """Everything as plain data; times in seconds."""
    return {
        "conditions": bench.conditions,
        "rows": [{"name": row.workload.name, "title": row.workload.title, "kind": row.workload.kind, "bound": row.workload.bound,
                  "contenders": {name: {"median": cell.median, "ratio": row.ratio(name), "minimum": min(cell.samples, default=None),
                                        "rounds": len(cell.samples), "first": cell.first, "failure": cell.failure}
                                 for name, cell in row.cells.items()}} for row in bench.rows],
        "profiles": [asdict(one) if isinstance(one, Profile) else {"workload": one[0], "failure": one[1]} for one in bench.profiles],
        "memory": [asdict(peak) for peak in bench.peaks],
        "threads": bench.verdicts,
        "chains": [asdict(one) if isinstance(one, Timing) else {"operations": one[0], "failure": one[1]} for one in bench.chains],
    }


def write(bench: Bench, folder: Path) -> list[Path]:
    """bench.md, bench.json and, where there is something to draw and Matplotlib to draw it, bench.svg; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "bench.md", folder / "bench.json"]
    written[0].write_text(markdown(bench), encoding="utf-8")
    written[1].write_text(json.dumps(record(bench), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if find_spec("matplotlib") and any(cell.samples for row in bench.rows for cell in row.cells.values()):
        from benchmarks.plot import draw

        written.append(draw(bench.rows, folder / "bench.svg"))
    return written
