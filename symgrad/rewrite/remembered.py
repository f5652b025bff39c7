"""What was found out about a formula: the same formulas are asked for in value, gradient and products, and by other models."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import Any

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref

MOST = 4096
"""So many answers to a question are kept; the oldest goes first."""
_NOTHING = object()


def remembered(question: Callable[..., Any]) -> Callable[..., Any]:
    """A function of a graph, a row, an input of it, and of what does not speak of the graph, whose answer does not, either.

    The row rests on inputs element by element, so that neither labels nor names count.  Several threads may ask.
    """
    known, lock = dict[Hashable, Any](), Lock()

    @wraps(question)
    def asked(graph: Graph, ref: Ref, source: Ref, *more: Hashable) -> Any:
        formula = graph.formula(ref, source), more
        found = known.get(formula, _NOTHING)
        if found is _NOTHING:
            found = question(graph, ref, source, *more)
            with lock:
                known[formula] = found
                if len(known) > MOST:
                    del known[next(iter(known))]
        return found

    return asked
