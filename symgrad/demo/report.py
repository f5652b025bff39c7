"""The demo's report: one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from io import StringIO
from typing import Any

from symgrad.errors import MissingExtraError
from symgrad.train import Fit

STYLE = """
:root { color-scheme: light dark; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.2; margin-top: 2.2rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid #8884; padding: .3rem .7rem; text-align: left; }
pre { background: #8881; padding: .8rem; overflow-x: auto; font-size: 13px; }
figure { margin: 1rem 0; overflow-x: auto; background: white; color: black; border-radius: 4px; padding: .5rem; }
summary { cursor: pointer; }
"""


def page(title: str, sections: Sequence[str]) -> str:
    """The whole page."""
    body = "\n".join(sections)
    return (f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n'
            f"<body>\n<h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n")


def section(title: str, *parts: str) -> str:
    return "\n".join([f"<section>\n<h2>{escape(title)}</h2>", *parts, "</section>"])


def heading(words: str) -> str:
    return f"<h3>{escape(words)}</h3>"


def paragraph(words: str) -> str:
    return f"<p>{escape(words)}</p>"


def code(text: str) -> str:
    return f"<pre>{escape(text)}</pre>"


def folded(title: str, text: str) -> str:
    """Text that opens when its title is clicked."""
    return f"<details><summary>{escape(title)}</summary>{code(text)}</details>"


def figure(svg: str) -> str:
    """An SVG picture; what stands before its root element belongs to a file of its own and is left out."""
    return f"<figure>{svg[svg.index('<svg'):]}</figure>"


def rows(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A plain table of texts."""
    lines = ["".join(f"<th>{escape(cell)}</th>" for cell in head)]
    lines += ["".join(f"<td>{escape(cell)}</td>" for cell in line) for line in body]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def picture(draw: Callable[[], Any]) -> str:
    """The Matplotlib figure that `draw` returns as SVG; without Matplotlib a line that says so."""
    text = StringIO()
    try:
        draw().savefig(text, format="svg")
    except (ImportError, MissingExtraError):
        return paragraph("The picture needs Matplotlib, which is missing here.")
    return figure(text.getvalue())


def curves(fit: Fit) -> str:
    """The loss curves of a fit, and their numbers."""
    def draw() -> Any:
        from matplotlib.figure import Figure

        sheet = Figure(figsize=(7, 3.2), layout="constrained")
        fit.plot(ax=sheet.subplots())
        return sheet

    lines = [[name, *(f"{values[k]:.4g}" for k in (0, len(values) // 2, -1))] for name, values in fit.history.items()]
    return picture(draw) + rows(("", "first epoch", "half way", "last epoch"), lines)
