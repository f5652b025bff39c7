"""symgrad accuracy: errors of value and derivatives over a domain, before and after rewriting."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable

from symgrad.check.accuracy import AccuracyReport, accuracy_report
from symgrad.cli.points import numeric, parse_point
from symgrad.cli.targets import find_one
from symgrad.errors import InputError, explain


def accuracy(options: Namespace) -> int:
    """Print the report, and write its plot where a file is named."""
    at = numeric(parse_point(options.at))
    report = accuracy_report(find_one(options.target), parse_domain(options.domain), at=at, points=options.points)
    print(report)
    if options.plot:
        _save(report, options.plot)
        print(options.plot)
    return 0


def parse_domain(texts: Iterable[str]) -> dict[str, tuple[float, float]]:
    """The bounds of texts such as x=-1e4:1e4.  Raises InputError where one cannot be read or a name stands twice."""
    found: dict[str, tuple[float, float]] = {}
    for text in texts:
        name, _, bounds = text.rpartition("=")
        low, colon, high = bounds.partition(":")
        try:
            pair = (float(low), float(high))
        except ValueError:
            pair = None
        if not name or not colon or pair is None:
            raise InputError(explain(f"--domain {text!r} cannot be read", "NAME=LOW:HIGH is required, for example x=-1e4:1e4"))
        if name in found:
            raise InputError(explain(f"--domain gives {name} twice", "one interval an input is required"))
        found[name] = pair
    return found


def _save(report: AccuracyReport, path: str) -> None:
    axes = report.plot()
    axes[0].figure.savefig(path)
