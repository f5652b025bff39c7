"""What a rule is, and the measure by which every rewriting ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref, Row
from symgrad.graph.table import scales

x = sp.Symbol("x", real=True)
y = sp.Symbol("y", real=True)
h = sp.Symbol("h", real=True)
"""The letters of patterns: x is what a certificate moves, y a second operand, h a named step."""

Match = Callable[[Graph, Ref], Ref | None]


def heads(names: str) -> frozenset[str]:
    """Functions and kinds of rows from their names in one text."""
    return frozenset(names.split())


@dataclass(frozen=True)
class Rule:
    """pattern -> replacement, valid wherever the pattern is (`domain` says where that is).

    `root` is the operation at which the pattern starts: a kind of row, or the name of an elementary function.  `match`
    looks at one row whose arguments are already rewritten and gives its replacement or None.  `pattern` is a textbook
    formula in which the rule fires, for certificates and tests (`where` names steps that SymPy would merge), or None
    for a rule on arrays; `interval` is where a certificate moves x, `others` the values that a second operand takes.
    `source` says why the replacement is better, or where it comes from.  `needs` are functions (or kinds of rows) of which
    one stands in every row that fits, so that most rows are passed over by a glance; none means that any row may fit.
    """

    name: str
    root: str
    pattern: sp.Expr | None
    replacement: str
    domain: str
    source: str
    match: Match
    interval: tuple[float, float] = (-1e4, 1e4)
    others: tuple[float, ...] = (0.75, -3.0, 400.0)
    where: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    needs: frozenset[str] = frozenset()


def fitting(rules: Iterable[Rule], graph: Graph, row: Row) -> Iterator[Rule]:
    """The rules that may fit a row by the functions that stand in it."""
    heads = _heads(graph, row)
    return (rule for rule in rules if not rule.needs or not heads.isdisjoint(rule.needs))


def _heads(graph: Graph, row: Row) -> set[str]:
    """The functions (or kinds of rows) that stand in a row, and in its arguments where these are products."""
    rows, heads = graph.rows, set()
    for arg in row.args:
        inner = rows[arg]
        heads.add(inner.payload[0] if inner.op == "map" else inner.op)
        if inner.op == "product":
            heads.update([one.payload[0] if one.op == "map" else one.op for one in [rows[deep] for deep in inner.args]])
    return heads


MOST_TERMS = 8
"""A sum of more exponentials than this is added up in turns: each term's share is computed from its differences to all others."""

WEIGHTS = {"exp": 50, "log": 40, "reciprocal": 9, "square": 6, "sqrt": 12, "det": 30, "inverse": 30, "sum": 2, "product": 1, "log1p": 8,
           "erfc": 20, "hypot": 4, "abs": 3, "power": 12, "pow": 14, "atan": 8, "cosh": 30, "sinh": 30, "tanh": 6, "expm1": 6,
           "logsumexp": 5, "prod": 12, "xlogx": 12, "cot": 14, "csc": 14, "acos": 100, "asin": 100, "softplus_rate": 4,
           "factorial": 10, "expint": 20, "Ei": 20, "erfi": 20}
"""What a row weighs, by its kind or function; a row that is not listed weighs 5, leaves weigh nothing."""

_BOUNDED = {"exp": 4, "pow": 0, "power": 0, "square": 0, "prod": 0, "logsumexp": 0}
"""What these weigh where what decides their size has been taken out of their argument."""

FACTORS = {"exp": MOST_TERMS, "cosh": MOST_TERMS // 2 + 1, "sinh": MOST_TERMS // 2 + 1, "pow": MOST_TERMS, "prod": 2, "log": 6,
           "exp_less_exp": 2, "acos": 6, "asin": 6, "expint": 2, "Ei": 2, "erfi": 3}
"""How often a function counts its argument, 1 where it is not listed: more often than any rule that takes the function away repeats that.

exp(a)/sum exp(b_k) becomes 1/sum exp(b_k - a), where a stands as often as there are terms, MOST_TERMS at most; so the weight falls
by more than exp(a) itself weighs, however heavy a is.  cosh(a) + sinh(a) becomes exp(a).
"""

CANCELLING = 40
"""What a sum weighs besides where a root or an exponential is subtracted from something, but for a difference of exponents."""

LOOSE = 3
"""What a power of two weighs that may leave the range: several exponents have been added, and nothing was taken out of their sum."""

LEAVES = ("input", "constant", "iota", "onehot")
TAKEN_OUT = frozenset({"finite", *scales.NAMES})
"""A number that was taken out of a sum: it counts for nothing, since any other would do, and neither does what is made of such alone."""
SIGNS = ("gamma_sign", "power_sign")
"""What the logarithm of a size leaves of a factor; it counts for nothing, since it has no slope and is 1 as a rule."""

_OF_EXPONENTS = ("reciprocal_exp_sum", "log_exp_sum", "logaddexp", "logistic", "softplus", "scaled_logistic", "scaled_softplus", "logsumexp")
_ROUNDED = ("sqrt", "exp", "sech", "softplus", "logistic", "square", "cos", "cosh", "tanh", "erf", "erfc", "coth", "expm1", "xlog1py")


def weight(graph: Graph, root: int) -> int:
    """The weight of a row's formula, each row counted as often as the formula uses it.

    Every rule lowers it, and it grows with the weight of any argument.  Weights are whole numbers, so rewriting ends.
    """
    rows, total, taken = graph.rows, {}, set[int]()
    used = graph.live([root])
    gaps = _exponents(rows, used)
    for index in used:
        row = rows[index]
        if _is_taken_out(rows, row, taken):
            taken.add(index)
        if row.op in LEAVES or row.calls(*SIGNS) or index in taken:
            total[index] = LOOSE * _is_loose(rows, row)
            continue
        name, bounded = _name(row), _is_bounded(rows, row, taken)
        own = _BOUNDED[_name(row)] if bounded else WEIGHTS.get(name, 5) + CANCELLING * (index not in gaps and _cancels(rows, row)) + _scales(row)
        total[index] = own + (1 if bounded else FACTORS.get(name, 1)) * sum(total[arg] for arg in row.args)
    return total[root]


def _is_taken_out(rows: list[Row], row: Row, taken: Collection[int]) -> bool:
    """A number that was taken out, or one that is made of such and of numbers."""
    if row.op == "map" and row.payload[0] in TAKEN_OUT:
        return True
    moving = [arg for arg in row.args if rows[arg].op != "constant"]
    return bool(moving) and all(arg in taken for arg in moving)


def _is_loose(rows: list[Row], row: Row) -> bool:
    """Whether a power of two is of a sum of exponents of which none stands for the largest."""
    exponents = rows[row.args[0]].args if row.calls("two_to") else ()
    return len(exponents) > 1 and not any(rows[arg].calls("coarse_exponent") for arg in exponents)


def _is_bounded(rows: list[Row], row: Row, taken: Collection[int]) -> bool:
    """An exponential of something less the number that was taken out of it, or of that number; a power or product of numbers without their scale."""
    if not row.args:
        return False
    inside = rows[row.args[0]]
    inside = rows[inside.args[0]] if inside.calls("exponent") else inside
    return _name(row) in _BOUNDED and any(arg in taken for arg in inside.args)


def _name(row: Row) -> str:
    return row.payload[0] if row.op == "map" else row.op


def _scales(row: Row) -> int:
    """A sum whose terms have a number before them weighs 2 more: a number before the sum weighs less."""
    return 2 if row.op == "sum" and any(abs(c) != 1 for c in row.payload[0]) else 0


def _exponents(rows: list[Row], used: list[int]) -> set[int]:
    """Rows that stand in exponents."""
    return {arg for index in used if _name(rows[index]) in _OF_EXPONENTS for arg in rows[index].args}


def _cancels(rows: list[Row], row: Row) -> bool:
    """A sum with terms of both signs, one of them a function whose rounding its neighbours would show, be it times what they share."""
    if row.op != "sum":
        return False
    coefficients, constant = row.payload
    signs = {bool(c.could_extract_minus_sign()) for c in (*coefficients, constant) if c != 0}
    if constant != 0 and any(rows[arg].calls("cos") for arg in row.args):
        return True  # a cosine has both signs
    return len(signs) == 2 and (any(_is_rounded(rows, arg) for arg in row.args) or _shares_a_factor(rows, row))


def _is_rounded(rows: list[Row], index: int) -> bool:
    row = rows[rows[index].args[0]] if rows[index].calls("reciprocal") else rows[index]
    return row.op == "map" and row.payload[0] in _ROUNDED


def _shares_a_factor(rows: list[Row], row: Row) -> bool:
    """Whether a term is such a function times something that stands in another term as well."""
    factors = [rows[arg].args if rows[arg].op == "product" else (arg,) for arg in row.args]
    counts = Counter(factor for of_it in factors for factor in set(of_it))
    return any(counts[factor] > 1 and any(_is_rounded(rows, other) for other in of_it if other != factor)
               for of_it in factors for factor in of_it)
