"""The experiments of the gallery in the demo's report: pictures with their numbers, optimizer paths, and slips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symgrad.demo import report
from symgrad.gallery import ENTRIES, Entry, Figure, systems
from symgrad.gallery.optimizers import deviations
from symgrad.gallery.report import drawn, slips
from symgrad.gallery.update_lines import LINES
from symgrad.optim.variants import FORMS

CHOSEN = ("O7", "O9", "S7", "I4", "D1", "M3", "S8", "I5", "A4", "M2", "S9", "R1", "R2", "O1", "S1", "M9", "M7")
"""The entries whose pictures the report shows, in this order; the activations come after them, all on one sheet."""

ACTIVATIONS = tuple(f"A{k}" for k in range(1, 13))
PROBLEMS = ("quadratic", "Rosenbrock", "net")
SHORT = 100
"""The steps of the twenty-line net that the demo takes; `symgrad gallery M7` takes all of them."""

Say = Callable[[str], None]


def sections(say: Say) -> list[str]:
    """The sections of the report; `say` is told every number on the way."""
    shown = [_experiment(ENTRIES[id], say) for id in CHOSEN]
    return [report.section("Experiments of the gallery", *shown), _activations(say), _paths(say), _slips(say)]


def _figures(one: Entry) -> list[Figure]:
    parts = systems.twenty_lines(SHORT) if one.id == "M7" else one.parts()
    return [part for part in parts if isinstance(part, Figure)]


def _experiment(one: Entry, say: Say) -> str:
    found = _figures(one)
    numbers = "\n".join(line for figure in found for line in (figure.title, *(f"  {text}" for text in figure.lines)))
    say(f"{one.id}  {one.title}\n{numbers}\n")
    return "\n".join([report.heading(f"{one.id}  {one.title}"), report.paragraph(one.about),
                      report.picture(lambda: drawn(found, min(len(found), 2))), report.code(numbers)])


def _activations(say: Say) -> str:
    """Every activation with its derivative, the first picture of its entry."""
    found = [_figures(ENTRIES[id])[0] for id in ACTIVATIONS]
    numbers = "\n".join(f"{figure.title}\n  {'; '.join(figure.lines)}" for figure in found)
    say(f"Activations and their derivatives\n{numbers}\n")
    return report.section("Activations and their derivatives", report.picture(lambda: drawn(found, 3)), report.folded("The numbers", numbers))


def _paths(say: Say) -> str:
    """How far every form of every optimizer is from the lecture's lines."""
    head = ("rule", "lectures", "optimizer", *PROBLEMS)
    lines = [_path_line(form, line) for rule, found in LINES.items() for form, line in
             zip((form for form in FORMS if form.rule == rule), found, strict=True)]
    say("\n".join(["Largest deviations of 200 steps from the lecture's lines", *("  ".join(line) for line in lines), ""]))
    return report.section("Optimizers: largest deviation of 200 steps from the lecture's lines", report.rows(head, lines))


def _path_line(form: Any, line: Any) -> tuple[str, ...]:
    found = deviations(form.optimizer, line)
    cells = (f"{found[name]:.1e}" if name in found else "–" for name in PROBLEMS)
    return (form.rule, form.decks, repr(form.optimizer), *cells)


def _slips(say: Say) -> str:
    found = [(one.id, slip) for one, slip in slips()]
    text = "\n\n".join(f"{id}  {slip}" for id, slip in found)
    say(f"{len(found)} slips of the lectures, {sum(slip.decided for _, slip in found)} decided by a number")
    return report.section("What the lectures print wrong, and the number that decides", report.folded(f"{len(found)} slips", text))
