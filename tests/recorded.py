"""Counts that are recorded for each formula of a list, one line each."""

from __future__ import annotations

import json
from pathlib import Path


def recorded(table: Path, name: str, found: dict, update: bool) -> dict:
    """What is recorded of a formula; with `update`, what was found is recorded first."""
    known = json.loads(table.read_text(encoding="utf-8")) if table.is_file() else {}
    if update:
        known[name] = found
        lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(one)}" for key, one in sorted(known.items()))
        table.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    return known[name]
