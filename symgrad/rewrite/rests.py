"""Functions that magnify the rounding of their argument, on formulas of one input: what rounding has lost of the argument is put back.

For f(u) with u rounded the relative error is |u f'(u)/f(u)| times that of u: hundreds of units in the last place for exp(-log(x)^2/2) or
a normal tail, all digits for sin(x/3) far out.  The rest of every row below, its exact value less the rounded one, follows the
chain rule to first order (Langlois, "Automatic linear correction of rounding errors", BIT 41 (2001)); f(u) + f'(u) rest(u) is right
then.  Only numbers are mended: on arrays it would take several times as long as the functions themselves.
"""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.doubles import EXACT, double, is_power_of_two, lacking
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO

MAGNIFYING = frozenset({
    "exp", "expm1", "logistic", "logistic_slope", "softplus", "silu", "sech", "csch", "cosh", "sinh", "gauss", "half_gauss", "erfc",
    "normal_cdf", "normal_loss", "inverse_mills", "bernoulli_ratio", "bose_einstein", "exprel", "sin", "cos"})
"""Functions whose relative error grows with their argument."""
MOST_ROWS = 400
"""Longer programs are left as they are."""
MOST_FACTORS = 4


def keep_rests(program: Program) -> Program:
    """The program with such functions of one input mended."""
    rows, live = program.graph.rows, program.live()
    found = {index for index in live if rows[index].op == "map" and rows[index].payload[0] in MAGNIFYING and not rows[index].keep}
    if not found or len(live) > MOST_ROWS:
        return program
    rests = Rests()

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if index not in found:
            return None
        plain = KINDS[row.op].remake(graph, row, refs, labels)
        rest = rests.of(graph, refs[0]) if len(refs) == 1 and _rests_on_one(graph, refs[0]) else None
        if rest is None or graph.constant_value(rest) == 0 or graph[plain].payload != row.payload:
            return plain
        (partial,) = KINDS["map"].partials(graph, plain, refs, program.kinks)
        made = look.make(graph, "mended", plain, look.times(graph, partial.coefficient, *partial.factors, rest))
        graph.notes.setdefault(made.row, "rule rounding of an argument")
        return made

    return rebuild(program, remake)


class Rests:
    """What rounding has lost of the rows of a graph that is being made: rows of their own, found as they are asked for."""

    def __init__(self) -> None:
        self._known: dict[Ref, Ref | None] = {}

    def of(self, graph: Graph, ref: Ref) -> Ref | None:
        """The exact value less the rounded one, the number 0 where there is no difference; None where it is not known."""
        if ref not in self._known:
            self._known[ref] = self._found(graph, ref)
        return self._known[ref]

    def _found(self, graph: Graph, ref: Ref) -> Ref | None:
        row = graph[ref]
        if graph.constant_value(ref) is not None:
            return graph.constant(ZERO)  # what its double lacks stands beside it
        if row.sizes or row.kind != REAL:
            return None
        if row.op == "input":
            return graph.constant(ZERO)
        if row.op == "sum":
            return self._sum(graph, ref)
        if row.op == "product":
            return self._product(graph, ref, row.payload, graph.operands(ref))
        name, *parameters = row.payload if row.op == "map" else ("",)
        args = graph.operands(ref) if row.op == "map" else []
        if name == "square":
            return self._product(graph, ref, ONE, [*args, *args])
        if name == "power" and 0 < parameters[0] <= MOST_FACTORS and (2 * parameters[0]).is_Integer:
            half = [look.make(graph, "sqrt", *args)] if 2 * parameters[0] % 2 else []
            return self._product(graph, ref, ONE, [*args * int(parameters[0]), *half])
        if name in EXACT and name != "abs":
            below = [self.of(graph, arg) for arg in args]
            return graph.constant(ZERO) if all(one is not None and graph.constant_value(one) == 0 for one in below) else None
        if name == "hypot":
            return self._hypot(graph, ref, args)
        below = self.of(graph, args[0]) if len(args) == 1 and name in ("abs", *_LOCAL, "power") else None
        if below is None:
            return None
        if name == "abs":
            return look.times(graph, ONE, look.make(graph, "sign", args[0]), below)
        if name == "power":
            return self._power(graph, ref, args[0], parameters[0], below)
        local, slope = _LOCAL[name](graph, ref, args[0])
        return _total(graph, [(ONE, local), (ONE, look.times(graph, ONE, slope, below))])

    def _sum(self, graph: Graph, ref: Ref) -> Ref | None:
        constant, parts = look.terms(graph, ref) or (ZERO, [])
        below = [self.of(graph, term) for _, term in parts]
        if not all(look.is_number(c) for c in (constant, *(c for c, _ in parts))) or None in below:
            return None
        local = _lost_of_sum(graph, ref, constant, parts)
        carried = [(c, rest) for (c, _), rest in zip(parts, below, strict=True) if rest is not None]
        is_exact = constant == 0 and len(parts) == 1 and abs(parts[0][0]) == 1
        return _total(graph, [*([] if is_exact else [(ONE, local)]), *carried])

    def _product(self, graph: Graph, ref: Ref, number: sp.Expr, operands: list[Ref]) -> Ref | None:
        below = [self.of(graph, operand) for operand in operands]
        if not look.is_number(number) or len(operands) > MOST_FACTORS or None in below:
            return None
        carried = [(number, look.times(graph, ONE, *look.without(operands, k), rest))
                   for k, rest in enumerate(below) if rest is not None]
        if len(operands) == 1 and is_power_of_two(number):
            return _total(graph, carried)
        return _total(graph, [(ONE, _lost_of_product(graph, ref, number, *operands)), *carried])

    def _hypot(self, graph: Graph, ref: Ref, sides: list[Ref]) -> Ref | None:
        """h = hypot(a, b): (a^2 + b^2 - h^2)/(2 h), the squares with their rests, and a/h and b/h times those of the sides."""
        below = [self.of(graph, side) for side in sides]
        if None in below:
            return None
        per = look.make(graph, "reciprocal", ref)
        signs, squares = (ONE, ONE, -ONE), [look.make(graph, "square", one) for one in (*sides, ref)]
        gap = _lost_of_sum(graph, graph.constant(ZERO), ZERO, list(zip(signs, squares, strict=True)))
        lost = [_lost_of_product(graph, square, ONE, one, one) for square, one in zip(squares, (*sides, ref), strict=True)]
        whole = _total(graph, [(ONE, gap), *zip(signs, lost, strict=True)])
        carried = [(ONE, look.times(graph, ONE, per, side, rest)) for side, rest in zip(sides, below, strict=True) if rest is not None]
        return _total(graph, [(look.HALF, look.times(graph, ONE, per, whole)), *carried])

    def _power(self, graph: Graph, ref: Ref, a: Ref, exponent: sp.Expr, below: Ref) -> Ref | None:
        """y = a^c: y (c log(a) - log(y)), the logarithms with their rests, and c y/a times the rest of a."""
        if not look.is_number(exponent) or exponent.is_Integer:
            return None
        logs = [look.make(graph, "log", one) for one in (a, ref)]
        rests = [_LOCAL["log"](graph, log, one)[0] for log, one in zip(logs, (a, ref), strict=True)]
        gap = _lost_of_sum(graph, graph.constant(ZERO), ZERO, [(exponent, logs[0]), (-ONE, logs[1])])
        local = look.times(graph, ONE, ref, _total(graph, [(ONE, gap), (exponent, rests[0]), (-ONE, rests[1])]))
        return _total(graph, [(ONE, local), (exponent, look.times(graph, ONE, ref, look.make(graph, "reciprocal", a), below))])


def _reciprocal(graph: Graph, y: Ref, a: Ref) -> tuple[Ref, Ref]:
    """What is lost of y = 1/a, (1 - a y) y, and the slope towards a."""
    lost = _lost_of_product(graph, graph.constant(ONE), ONE, a, y)
    return look.times(graph, -ONE, lost, y), look.times(graph, -ONE, look.make(graph, "square", y))


def _root(graph: Graph, y: Ref, a: Ref) -> tuple[Ref, Ref]:
    """(a - y^2)/(2 y) for y = sqrt(a)."""
    half = look.times(graph, look.HALF, look.make(graph, "reciprocal", y))
    lost = _lost_of_product(graph, a, ONE, y, y)
    return look.times(graph, -ONE, lost, half), half


def _log(graph: Graph, y: Ref, a: Ref) -> tuple[Ref, Ref]:
    """a exp(-y) - 1 for y = log(a), the exponential with its rest."""
    minus = look.negative(graph, y)
    power = look.make(graph, "exp", minus)
    near = _lost_of_product(graph, graph.constant(ONE), ONE, a, power)
    rest = look.times(graph, ONE, a, look.make(graph, "exp_rest", power, minus))
    return _total(graph, [(ONE, near), (ONE, rest)]), look.make(graph, "reciprocal", a)


def _exp(graph: Graph, y: Ref, a: Ref) -> tuple[Ref, Ref]:
    return look.make(graph, "exp_rest", y, a), y


_LOCAL = {"reciprocal": _reciprocal, "sqrt": _root, "log": _log, "exp": _exp}
"""What a function itself loses, and its slope, from its rounded value y and its argument a."""


def _rests_on_one(graph: Graph, ref: Ref) -> bool:
    """Whether a row rests on one input."""
    return sum(graph.rows[index].op == "input" for index in graph.live([ref.row])) == 1


def _total(graph: Graph, parts: list[look.Term]) -> Ref:
    return graph.sum(ZERO, [(c, ref) for c, ref in parts if graph.constant_value(ref) != 0])


def _lost_of_sum(graph: Graph, total: Ref, constant: sp.Expr, parts: list[look.Term]) -> Ref:
    """constant + c1 a1 + c2 a2 + ... - total, each number as its double and what that lacks."""
    return look.make(graph, "sum_rest", total, *_halves(graph, constant), *(one for c, term in parts for one in (*_halves(graph, c), term)))


def _lost_of_product(graph: Graph, product: Ref, number: sp.Expr, *factors: Ref) -> Ref:
    """number a1 a2 ... - product."""
    return look.make(graph, "product_rest", product, *_halves(graph, number), *factors)


def _halves(graph: Graph, number: sp.Expr) -> tuple[Ref, Ref]:
    return graph.constant(double(number)), graph.constant(lacking(number))
