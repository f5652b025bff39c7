"""A layered layout of a directed acyclic graph: columns by depth, order in a column by the neighbours' mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SWEEPS = 4


def layers(nodes: Sequence[str], above: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The column of each node: one more than the deepest of those it depends on; inputs stand before their first user."""
    depth: dict[str, int] = {}
    for node in nodes:
        depth[node] = 1 + max((depth[parent] for parent in above.get(node, ())), default=-1)
    for node in nodes:
        users = [depth[other] for other in nodes if node in above.get(other, ())]
        if not above.get(node) and users:
            depth[node] = min(users) - 1
    return depth


def places(nodes: Sequence[str], above: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, float]]:
    """(column, row) of each node; rows are centred, and ordered so that edges cross little."""
    depth = layers(nodes, above)
    columns: dict[int, list[str]] = {}
    for node in nodes:
        columns.setdefault(depth[node], []).append(node)
    linked: dict[str, list[str]] = {node: list(above.get(node, ())) for node in nodes}
    for node in nodes:
        for parent in above.get(node, ()):
            linked[parent].append(node)
    rank = {node: float(k) for column in columns.values() for k, node in enumerate(column)}
    for sweep in range(SWEEPS):
        for column in sorted(columns, reverse=bool(sweep % 2)):
            columns[column].sort(key=lambda node: sum(rank[o] for o in linked[node]) / len(linked[node]) if linked[node] else rank[node])
            rank |= {node: float(k) for k, node in enumerate(columns[column])}
    tallest = max(len(column) for column in columns.values())
    return {node: (column, k + (tallest - len(members)) / 2) for column, members in columns.items() for k, node in enumerate(members)}
