"""The dimension of a row: by which power it is scaled where inputs are scaled by powers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.rules.look import ZERO
from symgrad.rewrite.values import FAILURES, PRECISION, function_of

SCALE = 3
SAMPLES = ((0.3, 0.7, 1.9, 0.45, 1.3), (0.85, 0.2, 1.4, 0.6, 0.35))
"""Arguments at which functions are tried."""
SHARES = 12
CLOSE = mpmath.mpf(2) ** -90


def dimension(graph: Graph, root: Ref, weights: Mapping[int, sp.Rational]) -> sp.Rational | None:
    """p where scaling the inputs by s^weight scales the row by s^p, the other inputs being as they are; None where there is none."""
    known: dict[int, sp.Rational | None] = {}
    for index in graph.live([root.row]):
        row = graph.rows[index]
        known[index] = weights.get(index, ZERO) if row.op == "input" else _of_row(row, [known[arg] for arg in row.args])
    return known[root.row]


def _of_row(row: Row, below: Sequence[sp.Rational | None]) -> sp.Rational | None:
    if None in below:
        return None
    found = [one for one in below if one is not None]
    if not any(found):
        return ZERO
    if row.op == "sum":
        return found[0] if len(set(found)) == 1 and row.payload[1] == 0 else None
    if row.op == "product":
        return sum(found, ZERO)
    return _of_function(row.payload[0], tuple(row.payload[1:]), tuple(found)) if row.op == "map" else found[0]


@cache
def _of_function(name: str, parameters: tuple, below: tuple[sp.Rational, ...]) -> sp.Rational | None:
    """The power by which a function is scaled where its arguments are, the same at each sample."""
    function, found = function_of(name, parameters, len(below)), set()
    with mp.workprec(PRECISION):
        for sample in SAMPLES:
            plain = [mp.mpf(a) for a in sample[: len(below)]]
            try:
                before, after = function(*plain), function(*(a * mp.mpf(SCALE) ** (mp.mpf(p.p) / p.q) for a, p in zip(plain, below, strict=True)))
                found.add(_exponent(after / before))
            except FAILURES:
                return None
    return found.pop() if len(found) == 1 else None


def _exponent(ratio: mpmath.mpf) -> sp.Rational | None:
    if isinstance(ratio, mpmath.mpc) or not ratio > 0:
        return None
    exponent = mp.log(ratio) / mp.log(SCALE)
    found = sp.Rational(int(mp.nint(exponent * SHARES)), SHARES)
    return found if abs(exponent - mp.mpf(found.p) / found.q) < CLOSE else None
