"""Rows as m 2^e, the exponents of their factors added up beside them: two_to(e) has no slope, since any other e would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO


class Binary(NamedTuple):
    """A number as m 2^e."""

    mantissa: Ref
    exponent: Ref


def apart(graph: Graph, ref: Ref) -> Binary:
    exponent = look.make(graph, "binary_exponent", ref)
    return Binary(graph.product(ONE, [ref, two_to(graph, [(-ONE, exponent)])]), exponent)


def two_to(graph: Graph, terms: Sequence[look.Term]) -> Ref:
    return look.make(graph, "two_to", graph.sum(ZERO, terms))


def multiplied(graph: Graph, parts: Sequence[Binary]) -> Binary:
    return Binary(graph.product(ONE, [part.mantissa for part in parts]), graph.sum(ZERO, [(ONE, part.exponent) for part in parts]))


def counting(graph: Graph, number: Binary) -> Ref:
    """The exponent of what is not 0."""
    return graph.select(look.make(graph, "ne", number.mantissa, graph.constant(ZERO)), number.exponent, graph.constant(-sp.oo))


def less(graph: Graph, number: Binary, top: Ref) -> list[Ref]:
    """The factors of a number over 2^top."""
    return [number.mantissa, two_to(graph, [(ONE, number.exponent), (-ONE, top)])]


def largest(graph: Graph, ends: Sequence[Ref]) -> Ref:
    """The largest of some exponents, in steps."""
    return look.make(graph, "coarse_exponent", look.make(graph, "max", *ends) if len(ends) > 1 else ends[0])
