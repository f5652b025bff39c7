"""Functions with a pole or a branch point at 1 or -1, by the distances 1 - u and 1 + u of their argument from there.

Each is given the rests, the graph, u, what rounding has lost of u, and the two distances with all their digits; and gives what is lost then.
"""

from __future__ import annotations

from collections.abc import Callable

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rests import Rests
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE


def _by_log(rests: Rests, graph: Graph, u: Ref, rest: Ref, below: Ref, above: Ref) -> tuple[Ref, Ref | None]:
    """log1p(u) = log(1 + u), with what the sum and the logarithm lose."""
    found = look.make(graph, "log", above)
    return found, rests.of(graph, found)


def _by_angle(rests: Rests, graph: Graph, u: Ref, rest: Ref, below: Ref, above: Ref) -> tuple[Ref, Ref | None]:
    """asin(u), the angle of (sqrt((1 - u) (1 + u)), u); the root has its digits."""
    root = _root_of_ends(graph, below, above)
    return look.make(graph, "atan2", u, root), look.times(graph, ONE, rest, root)


def _by_other_angle(rests: Rests, graph: Graph, u: Ref, rest: Ref, below: Ref, above: Ref) -> tuple[Ref, Ref | None]:
    """acos(u), the angle of (u, sqrt((1 - u) (1 + u)))."""
    root = _root_of_ends(graph, below, above)
    return look.make(graph, "atan2", root, u), look.times(graph, -ONE, rest, root)


def _by_area(rests: Rests, graph: Graph, u: Ref, rest: Ref, below: Ref, above: Ref) -> tuple[Ref, Ref | None]:
    """atanh(u) = asinh(u/sqrt((1 - u) (1 + u)))."""
    per = look.make(graph, "reciprocal", _root_of_ends(graph, below, above))
    return look.make(graph, "asinh", look.times(graph, ONE, u, per)), rest


def _by_other_area(rests: Rests, graph: Graph, u: Ref, rest: Ref, below: Ref, above: Ref) -> tuple[Ref, Ref | None]:
    """acosh(u) = asinh(sqrt(u - 1) sqrt(u + 1))."""
    return look.make(graph, "asinh", _root_of_ends(graph, look.negative(graph, below), above)), None


def _root_of_ends(graph: Graph, below: Ref, above: Ref) -> Ref:
    return look.times(graph, ONE, *(look.make(graph, "sqrt", one) for one in (below, above)))


Found = Callable[[Rests, Graph, Ref, Ref, Ref, Ref], tuple[Ref, Ref | None]]
BY_DISTANCES: dict[str, Found] = {"log1p": _by_log, "asin": _by_angle, "acos": _by_other_angle, "atanh": _by_area, "acosh": _by_other_area}
