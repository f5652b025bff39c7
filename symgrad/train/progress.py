"""Progress on the terminal: a bar by rich where it can be drawn, plain lines elsewhere, nothing where it is not wanted."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

LINES = 10
"""Plain lines of one training, at most, so that a log stays readable."""


class Silent:
    """Shows nothing."""

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def step(self) -> None:
        """One mini-batch is done."""

    def epoch(self, number: int, history: Mapping[str, Sequence[float]]) -> None:
        """One epoch is done."""


class Lines(Silent):
    """One line for every few epochs, on the standard error stream."""

    def __init__(self, epochs: int):
        self._epochs, self._every = epochs, max(1, -(-epochs // LINES))

    def epoch(self, number: int, history: Mapping[str, Sequence[float]]) -> None:
        if number % self._every == 0 or number == self._epochs:
            print(f"epoch {number}/{self._epochs}  {_figures(history)}", file=sys.stderr, flush=True)


class Bar(Silent):
    """A bar that moves with every mini-batch and shows the last epoch's figures."""

    def __init__(self, epochs: int, steps: int, title: str, done: int):
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
        columns = TextColumn("{task.description}"), BarColumn(), TextColumn("epoch {task.fields[done]}/{task.fields[epochs]}  {task.fields[figures]}")
        self._progress: Any = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))
        self._task = self._progress.add_task(title, total=epochs * steps, completed=done * steps, done=done, epochs=epochs, figures="")

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def step(self) -> None:
        self._progress.advance(self._task)

    def epoch(self, number: int, history: Mapping[str, Sequence[float]]) -> None:
        self._progress.update(self._task, done=number, figures=_figures(history))


def progress_of(wanted: bool, epochs: int, steps: int, title: str, done: int = 0) -> Silent:
    """How the progress of a training is shown, of which some epochs may be done already."""
    if not wanted:
        return Silent()
    if sys.stderr.isatty() and find_spec("rich") is not None:
        return Bar(epochs, steps, title, done)
    return Lines(epochs)


def _figures(history: Mapping[str, Sequence[float]]) -> str:
    return "  ".join(f"{name} {values[-1]:.6g}" for name, values in history.items() if values)
