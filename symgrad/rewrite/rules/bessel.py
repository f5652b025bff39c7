"""Rules for modified Bessel functions, which overflow and vanish as exponentials do: they meet these, and each other, in one exponent."""

from __future__ import annotations

from functools import partial
from itertools import permutations
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x, y
from symgrad.rewrite.rules.shapes import Apart, in_one_exponent


class Bessel(NamedTuple):
    """I_n(a) or K_n(a), by its letter."""

    letter: str
    order: sp.Expr
    a: Ref


def bessel(graph: Graph, ref: Ref) -> Bessel | None:
    """A modified Bessel function."""
    row = graph[ref]
    if row.op != "map" or row.payload[0] not in ("besseli", "besselk"):
        return None
    return Bessel(row.payload[0][-1], row.payload[1], *graph.operands(ref))


def log_of_bessel(graph: Graph, found: Bessel, top: Ref | None = None) -> tuple[Ref, list[Ref]]:
    """The logarithm of its size, less what was taken out of it, and the factors that have its sign: for a < 0 I_n has that of a^n."""
    order = abs(found.order) if found.letter == "k" else found.order
    log = graph.map(f"log_bessel{found.letter}", (found.a, top if top is not None else graph.constant(ZERO)), (order,))
    is_positive = found.letter == "k" or order == 0
    return log, [] if is_positive else [look.make(graph, "power_sign", found.a, graph.constant(order))]


def _apart(graph: Graph, ref: Ref) -> Apart | None:
    """A Bessel function, or one over it; the exponent is a number that was taken out of it, and has no slope."""
    below = look.argument(graph, ref, "reciprocal")
    if below is not None:
        found = _apart(graph, below)
        return Apart(ONE, look.make(graph, "reciprocal", found.rest), look.negative(graph, found.exponent)) if found is not None else None
    function = bessel(graph, ref)
    if function is None:
        return None
    letter, order, a = function
    size = a if letter == "k" or look.is_plainly_positive(graph, a) else look.make(graph, "abs", a)
    top = look.make(graph, "finite", size)
    return Apart(ONE, graph.map(f"bessel{letter}_scaled", (a, top), (order,)), top if letter == "i" else look.negative(graph, top))


def _log_of_scaled(graph: Graph, ref: Ref) -> Ref | None:
    """log(c w f), f one without its exponential part, is log(w sign(f)) + log|f|."""
    inside = look.argument(graph, ref, "log")
    coefficient, operands = (look.factors(graph, inside) or (ONE, [inside])) if inside is not None else (ONE, [])
    for k, operand in enumerate(operands):
        below = look.argument(graph, operand, "reciprocal")
        sign, scaled = (ONE, operand) if below is None else (-ONE, below)
        row = graph[scaled]
        if row.op == "map" and row.payload[0] in ("besseli_scaled", "besselk_scaled"):
            a, top = graph.operands(scaled)
            log, signs = log_of_bessel(graph, Bessel(row.payload[0][len("bessel")], row.payload[1], a), top)
            rest = graph.product(coefficient, [*look.without(operands, k), *signs])
            return graph.sum(ZERO, [(ONE, look.make(graph, "log", rest)), (sign, log)])
    return None


def _cosine_less(graph: Graph, ref: Ref) -> Ref | None:
    """c w cos(a) - c t inside a sum, where t = |w| was taken out of a Bessel function."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for (k, (c, term)), (m, (d, top)) in permutations(enumerate(parts), 2):
        size = look.argument(graph, top, "finite")
        number, operands = look.factors(graph, term) or (ONE, [term])
        for j, a in look.arguments(graph, operands, "cos") if size is not None and look.is_number(c * number * d) else ():
            factor = graph.product(c * number / abs(d), look.without(operands, j))
            if d.is_negative and size in (factor, look.make(graph, "abs", factor)):
                made = look.make(graph, "cosine_less", factor, a, top)
                return graph.sum(constant, [*look.without(parts, k, m), (-d, made)])
    return None


RULES = (
    Rule("cosine beside a Bessel function", "sum", sp.exp(x * sp.cos(y)) / sp.besseli(0, x), "cosine_less(w, a, t) from w cos(a) - t, t = |w|",
         "all w, a", "w cos(a) is rounded before |w|, which is about as large, is subtracted", _cosine_less, (1e-300, 2000.0),
         others=(0.03125, 0.001), needs=heads("finite")),
    Rule("product of Bessel functions", "product", sp.besseli(0, x) * sp.exp(-x) / y, "w f exp(b + t) from w I_n(a) exp(b), f = I_n(a) exp(-t); K_n",
         "all a", "I_n overflows at 714, and K_n vanishes at 741", partial(in_one_exponent, _apart, 0), (1e-300, 2000.0),
         needs=heads("besseli besselk reciprocal")),
    Rule("log of a Bessel function in a product", "log", sp.log(sp.besseli(0, x) * sp.exp(-x)), "log_besseli(a, t) from log(f)", "f > 0",
         "slopes next to 0 are those of the function, not of what is left of it", _log_of_scaled, (1e-300, 2000.0)),
)
