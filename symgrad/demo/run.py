"""The demo's steps in order: the lecture's table, each case from its module to its accuracy, the experiments, the report."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import getsource
from pathlib import Path
from typing import Any

import numpy as np

from symgrad.demo import experiments, models, report
from symgrad.demo.cases import SEED, Case, cases
from symgrad.emit.files import write_text
from symgrad.errors import MissingExtraError, explain
from symgrad.optim import Adam
from symgrad.train import Fit, fit

CHECKED_SAMPLES = 20
BATCH = 32
HEAD = ("model", "accuracy", "training", "scikit-learn", "accuracy")


@dataclass(frozen=True)
class Outcome:
    """A line of the summary, whether the gradient was right, and a section of the report."""

    line: tuple[str, ...]
    passed: bool
    section: str


def main(folder: Path) -> int:
    """Run the demo, writing modules and report.html to a folder; 1 where a gradient check fails."""
    console, started = _console(), time.perf_counter()
    lecture = _lecture(console)
    outcomes = [_run(case, folder, console) for case in cases()]
    lines = [outcome.line for outcome in outcomes]
    console.rule("Experiments of the gallery")
    sections = [report.section("Accuracy on the test samples", report.rows(HEAD, lines)), lecture, *(outcome.section for outcome in outcomes),
                *experiments.sections(print)]
    title = "symgrad: two models from declaration to accuracy, and the lectures' experiments"
    path = write_text(folder / "report.html", report.page(title, sections))
    _print_table(console, "Accuracy on the test samples", HEAD, lines)
    console.print(f"Report: {path.resolve()}\nAll of it took {time.perf_counter() - started:.0f} s.", soft_wrap=True, highlight=False)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def _console() -> Any:
    """Rich's console, after the libraries that it cannot do without have been found: better told now than after the training."""
    try:
        import sklearn  # noqa: F401
        from rich.console import Console
    except ImportError as error:
        raise MissingExtraError(explain(f"the demo needs {error.name}, which is not installed",
                                        "rich and scikit-learn are required, Matplotlib for pictures", "Run pip install 'symgrad[demo]'")) from None
    return Console()


def _lecture(console: Any) -> str:
    """Print the lecture's table at its point; its section of the report has both modes and the graph."""
    model = models.lecture()
    shown = model.table(at={name: float(value) for name, value in models.POINT.items()}, mode="forward")
    forward, reverse = (model.table(at=models.POINT, mode=mode) for mode in ("forward", "reverse"))
    console.rule("The lecture's table: L = -y log(1/(1 + exp(-W X))) at W = 3, X = 3, y = 1")
    if console.is_terminal:
        shown.print()
    else:
        print(shown)
    return report.section(
        "The lecture's table", report.code(getsource(models.lecture)), report.heading("Forward"), forward.to_html(), report.heading("Backward"),
        reverse.to_html(), report.heading("Computation graph"), report.figure(model.graph(at=models.POINT).to_svg()),
        report.folded("The generated code, one line a row", model.with_options(style="flat").source))


def _run(case: Case, folder: Path, console: Any) -> Outcome:
    """One case: compile and write, check the gradient, train, compare."""
    split, model = case.split, case.model
    console.rule(str(split))
    path = model.loss.save(folder)
    console.print(f"{model.loss}\nModule: {path}", soft_wrap=True, highlight=False)
    checked = _check(case)
    print(checked)
    started = time.perf_counter()
    result = fit(model, data={"x": split.train_x, "y": split.train_y}, optimizer=Adam(learning_rate=case.rate), epochs=case.epochs,
                 batch_size=BATCH, validation={"x": split.test_x, "y": split.test_y}, seed=SEED)
    seconds = time.perf_counter() - started
    peer = case.peer(split)
    line = (str(model.name), f"{case.accuracy(result.predict(x=split.test_x)):.2%}", f"{seconds:.1f} s", type(peer).__name__,
            f"{peer.score(split.test_x, split.test_y):.2%}")
    return Outcome(line, bool(checked), _section(case, str(checked), result, path))


def _check(case: Case) -> Any:
    """The gradient on a few training samples, at parameters that are not special, against differences of the value."""
    draw = np.random.default_rng(SEED)
    params = {name: 0.3 * draw.standard_normal(shape) for name, shape in case.shapes.items()}
    return case.model.loss.check(x=case.split.train_x[:CHECKED_SAMPLES], y=case.split.train_y[:CHECKED_SAMPLES], **params)


def _section(case: Case, checked: str, result: Fit, path: Path) -> str:
    compiled = case.model.loss
    return report.section(
        str(case.split), report.heading("Declaration"), report.code(getsource(case.declaration)),
        report.heading("Derivation of the named steps, backward"), compiled.table(level="named", mode="reverse").to_html(),
        report.heading("What runs, after rewriting"), compiled.table(stage="compiled", mode="reverse").to_html(),
        report.heading("Computation graph"), report.figure(compiled.graph().to_svg()),
        report.heading("Gradient check"), report.code(checked), report.heading("Loss"), report.curves(result),
        report.folded(f"The generated module {path.name}", path.read_text(encoding="utf-8")))


def _print_table(console: Any, title: str, head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    from rich.table import Table

    table = Table(*head, title=title)
    for line in lines:
        table.add_row(*line)
    console.print(table)
