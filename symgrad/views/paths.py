"""Every path from a result down to a parameter: the terms of the chain rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MOST = 8
"""More paths than this are not listed."""

Path = tuple[tuple[str, str], ...]


def paths(parents: Mapping[str, Sequence[str]], result: str, parameter: str) -> tuple[Path, ...]:
    """Paths as pairs (row, parent), first edge at the result; empty where there are more than MOST."""
    counts: dict[str, int] = {parameter: 1}
    for row, above in parents.items():
        counts[row] = sum(counts.get(parent, 0) for parent in above)
    if not 0 < counts.get(result, 0) <= MOST:
        return ()
    found: list[Path] = []
    stack: list[tuple[str, Path]] = [(result, ())]
    while stack:
        row, path = stack.pop()
        if row == parameter:
            found.append(path)
            continue
        stack.extend((parent, (*path, (row, parent))) for parent in reversed(parents.get(row, ())) if counts.get(parent, 0))
    return tuple(found)
