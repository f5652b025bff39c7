"""What places are told apart by: sizes of inputs and rows, of sums beside their terms, and how near inputs are to 1 and to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.lower import negate
from symgrad.graph.rows import REAL, Ref
from symgrad.rewrite.in_doubles import rows_at
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.twice.errors import below
from symgrad.rewrite.twice.formula import DIGITS
from symgrad.rewrite.twice.separation import Feature, Threshold


class Size(NamedTuple):
    """The size of a row, or beside its terms, at places."""

    ref: Ref
    terms: tuple[tuple[sp.Expr, Ref | None], ...]
    values: np.ndarray

    @property
    def feature(self) -> Feature:
        return Feature(self.values, not self.terms)

    def compared(self, graph: Graph, threshold: Threshold) -> Ref:
        """A comparison as a row."""
        bound = graph.constant(sp.Float(threshold.bound, DIGITS))
        if self.terms:
            terms = [graph.constant(abs(c)) if term is None else look.times(graph, abs(c), look.make(graph, "abs", term)) for c, term in self.terms]
            bound = look.times(graph, ONE, bound, look.make(graph, "max", *terms))
        is_small = look.make(graph, "le", look.make(graph, "abs", self.ref), bound)
        return is_small if threshold.is_small else negate(graph, is_small)


def sizes(graph: Graph, ref: Ref, sources: Sequence[Ref], known: Mapping[int, Any]) -> list[Size]:
    """Inputs, how near they are to 1 and to each other, then the rows below a row, and sums beside their terms; known are rows at places."""
    given = {source.row: known[source.row] for source in sources}
    ones = [graph.sum(-ONE, [(ONE, source)]) for source in sources]
    gaps = [graph.sum(ZERO, [(ONE, source), (-ONE, other)]) for source, other in combinations(sources, 2)]
    found = [Size(source, (), given[source.row]) for source in sources]
    for one in (*ones, *gaps):
        found += _beside_terms(graph, one, rows_at(graph, one, given))
    for one in rows_below(graph, ref):
        found.append(Size(one, (), known[one.row]))
        found += _beside_terms(graph, one, known)
    every = next(iter(given.values())).shape
    return [one._replace(values=np.abs(np.broadcast_to(one.values, every))) for one in found]


def rows_below(graph: Graph, ref: Ref) -> list[Ref]:
    """A row and those below it that are no inputs, on its axes."""
    return [one for index, one in sorted(below(graph, ref).items()) if (row := graph.rows[index]).kind == REAL and row.args]


def _beside_terms(graph: Graph, ref: Ref, known: Mapping[int, Any]) -> list[Size]:
    """A sum of several terms beside the largest of them."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    if len(parts) + (constant != 0) < 2:
        return []
    with np.errstate(all="ignore"):
        values = known[ref.row] / _largest(graph, ref, known)
    return [Size(ref, ((constant, None), *parts) if constant else tuple(parts), values)]


def _largest(graph: Graph, ref: Ref, known: Mapping[int, Any]) -> Any:
    """The largest term of a sum."""
    coefficients, constant = graph[ref].payload
    terms = [abs(float(c)) * np.abs(known[arg]) for c, arg in zip(coefficients, graph[ref].args, strict=True)]
    return reduce(np.fmax, terms, abs(float(constant)))
