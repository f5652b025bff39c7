"""Counts that are recorded for each formula of a list, one line each."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np


def recorded(table: Path, name: str, found: dict, update: bool) -> dict:
    """What is recorded of a formula; with `update`, what was found is recorded first."""
    known = json.loads(table.read_text(encoding="utf-8")) if table.is_file() else {}
    if update:
        known[name] = found
        lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(one)}" for key, one in sorted(known.items()))
        table.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    return known[name]


def check_each_is_recorded(table: Path, formulas: Iterable[str]) -> None:
    assert sorted(json.loads(table.read_text(encoding="utf-8"))) == sorted(formulas)


def check_as_often(table: Path, name: str, tally: Callable[[], dict], update: bool) -> None:
    """A tally whose counts are as high as those that are recorded, and the last as high as plain code's."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = tally()
    record = recorded(table, name, found, update)
    assert found["count"] == record["count"]
    assert all(now >= before for now, before in zip(found["symgrad"], record["symgrad"], strict=True)), found
    assert found["symgrad"][-1] >= found["plain"][-1]
