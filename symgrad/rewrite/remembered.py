"""What was found out about a formula: the same formulas are asked for in value, gradient and products, and by other models."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import TypeVar

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref

Answer = TypeVar("Answer")
MOST = 4096
"""So many answers are kept of each question; the oldest goes first."""


def remembered(question: Callable[..., Answer]) -> Callable[..., Answer]:
    """A function of a graph, a row, an input of it, and things that do not speak of the graph, whose answer does not, either.

    The row rests on inputs element by element, so that neither labels nor names count.
    """
    known: dict[Hashable, Answer] = {}

    @wraps(question)
    def asked(graph: Graph, ref: Ref, source: Ref, *more: Hashable) -> Answer:
        formula = graph.formula(ref, source), more
        if formula not in known:
            known[formula] = question(graph, ref, source, *more)
            if len(known) > MOST:
                del known[next(iter(known))]
        return known[formula]

    return asked
