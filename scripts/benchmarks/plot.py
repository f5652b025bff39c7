"""The picture: for every workload the ratios to hand-written NumPy, on a logarithmic axis."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D

from benchmarks.contenders import ALL, HAND, OWN
from benchmarks.measure import Row

COLOURS = {"tuned": "#000000", "jax": "#7b3294", "torch": "#e08214", "torch.compile": "#b2182b", "pytensor": "#2166ac", "casadi": "#35978f",
           "autograd": "#8c8c8c", "sympy": "#4d9221"}


def draw(rows: list[Row], path: Path) -> Path:
    """Write the picture and return its path."""
    settings = {"svg.hashsalt": "symgrad", "svg.fonttype": "none", "font.size": 9}
    with plt.rc_context(settings):
        figure, axes = plt.subplots(figsize=(8.5, 1.4 + 0.34 * len(rows)), layout="constrained")
        for place, row in enumerate(rows):
            _line(axes, place, row)
        axes.axvline(1.0, color="black", linewidth=0.8)
        axes.set(xscale="log", xlabel="time over that of plain NumPy written by hand", ylim=(len(rows) - 0.5, -0.5))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter("")
        axes.set_yticks(range(len(rows)), [row.workload.name for row in rows])
        axes.grid(axis="both", color="#e5e5e5", linewidth=0.6)
        axes.set_axisbelow(True)
        figure.legend(handles=_legend(rows), loc="outside upper center", ncols=5, frameon=False)
        figure.savefig(path, metadata={"Date": None, "Creator": None})
        plt.close(figure)
    return path


def _line(axes, place: int, row: Row) -> None:
    for name in row.cells:
        ratio = row.ratio(name)
        if ratio is not None and name != HAND:
            axes.plot(ratio, place, **_marker(name))
    if row.workload.bound is not None:
        axes.plot(row.workload.bound, place, **_marker("bound"))


def _marker(name: str) -> dict:
    if name == OWN:
        return dict(marker="o", markersize=8, color="black", linestyle="none", zorder=4)
    if name == "bound":
        return dict(marker="|", markersize=14, markeredgewidth=2, color="black", linestyle="none", zorder=3)
    return dict(marker="o", markersize=6, markerfacecolor="none", markeredgewidth=1.5, color=COLOURS[name], linestyle="none", zorder=2)


def _legend(rows: list[Row]) -> list[Line2D]:
    timed = {name for row in rows for name, cell in row.cells.items() if cell.samples}
    names = [name for name in ALL if name in timed and name != HAND]
    bound = ["bound"] if any(row.workload.bound is not None for row in rows) else []
    return [Line2D([], [], label=name, **_marker(name)) for name in [*names, *bound]]
