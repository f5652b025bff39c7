"""What each command of the command line does.  A command takes the parsed options and returns the exit code."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path

from symgrad.cli.points import exact, numeric, parse_point, read_arrays
from symgrad.cli.targets import find, find_one
from symgrad.compiler import Compiled
from symgrad.emit.files import check_module_name, write_text

FORMATS = {
    "text": str,
    "md": lambda table: table.to_markdown(),
    "latex": lambda table: table.to_latex(),
    "html": lambda table: table.to_html(),
    "json": lambda table: json.dumps(table.to_dict(), indent=2, ensure_ascii=False, default=str),
}
"""How a table is written, by the name of the format."""

PICTURES = {"svg": lambda graph: graph.to_svg(), "mermaid": lambda graph: graph.to_mermaid()}
"""How a graph is written, by the name of the format."""


def compile_models(options: Namespace) -> int:
    """Write one module a model; nothing is written where one of them cannot be."""
    models = [_styled(model, options.style) for model in find(options.target).values()]
    for model in models:
        check_module_name(model.name)
        model.source  # noqa: B018  every text is made before the first file is written
    for model in models:
        print(f"{model.save(options.output)}\n{model}")
    return 0


def _styled(model: Compiled, style: str | None) -> Compiled:
    return model.with_options(style=style) if style else model


def table(options: Namespace) -> int:
    """Print the derivation table, with numbers where a point is given."""
    at = exact(parse_point(options.at)) or None
    made = find_one(options.target).table(at=at, mode=options.mode, level=options.level, stage=options.stage)
    if options.format == "text" and sys.stdout.isatty():
        made.print()
    else:
        print(FORMATS[options.format](made))
    return 0


def plan(options: Namespace) -> int:
    """Print how the fast code of one entry runs."""
    sizes = {name: int(str(value)) for name, value in parse_point(options.sizes).items()}
    for model in find(options.target).values():
        print(model.plan(options.entry, sizes))
    return 0


def graph(options: Namespace) -> int:
    """Print the computation graph, or write it to a file."""
    model = find_one(options.target)
    text = PICTURES[options.format](model.graph(at=exact(parse_point(options.at)) or None))
    if options.output:
        print(write_text(Path(options.output), text))
    else:
        print(text)
    return 0


def check(options: Namespace) -> int:
    """Compare every gradient with numeric ones; 1 where one is wrong."""
    given = {**(read_arrays(options.data) if options.data else {}), **numeric(parse_point(options.at))}
    passed = True
    for name, model in find(options.target).items():
        report = model.check(**(given or model.example()))
        passed = passed and bool(report)
        print(f"{model.name or name}{'' if given else ' at its built-in point'}\n{report}")
    return 0 if passed else 1
