"""Golden files: text that a test compares with a committed file; and cases that take seconds, which run with the slow tests."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

GOLDENS = Path(__file__).parent / "goldens"
LONG = Path(__file__).parent / "long_cases.txt"
"""One case a line; others like it take less, and run always."""
COLLECTED = pytest.StashKey[Collection[str]]()
"""All cases of the files that are run."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", default=False, help="write golden files anew instead of comparing with them")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    long, found = set(LONG.read_text(encoding="utf-8").splitlines()), {f"{item.path.name}::{item.name}": item for item in items}
    for name in long & found.keys():
        found[name].add_marker(pytest.mark.slow)
    if items:
        items[0].config.stash[COLLECTED] = found.keys()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """golden(name, text): compare with tests/goldens/<name>, or write it where pytest was called with --update."""

    def compare(name: str, text: str) -> None:
        path = GOLDENS / name
        if request.config.getoption("--update"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        known = path.read_text(encoding="utf-8") if path.is_file() else ""
        if text != known:
            lines = difflib.unified_diff(known.splitlines(), text.splitlines(), f"goldens/{name}", "now", lineterm="")
            pytest.fail("\n".join([*lines, "", f"Read the difference. To accept it: python -m pytest {request.node.nodeid} --update"]), pytrace=False)

    return compare
