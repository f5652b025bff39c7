"""Exponentials of products of inputs, such as exp(-(x - m)^2/(2 s^2)) and 2^(-x/t), as one function that puts back what rounding loses,
and exponentials of exponentials.

The relative error of exp(u) is |u| times that of u: hundreds of units in the last place far out.  Exponents of other shapes have been
rounded before; and a sum over an index counts by its largest terms, whose exponents are small, so that it stays as it is.
"""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp

from symgrad.graph.doubles import double, lacking
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.doubles import is_exact, is_power_of_two
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import ONE, ZERO

MOST_FACTORS = 4
"""More factors than this are left to be rounded."""


class _Factor(NamedTuple):
    """number (a + b) with inputs a and b, b perhaps a number that is a double."""

    number: sp.Expr
    a: Ref
    b: Ref


def keep_exponents(program: Program) -> Program:
    """The program with exponentials of products of inputs as exp_product, where they are not summed over an index.

    So are those that logistic and other functions of a number times an input are made of.
    """
    rows = program.graph.rows
    exps = {index for index in program.live() if rows[index].op == "map" and rows[index].payload[0] in ("exp", "pow", *_BY_EXPONENTIALS, *_TO_A_BASE)}
    if not exps:
        return program
    alone = program.unsummed() if any(rows[index].keep for index in exps) else set()

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if index not in exps or (row.keep and index not in alone):
            return None
        made = _kept(graph, row, refs)
        if made is not None:
            graph.notes.setdefault(made.row, "rule exponent of a product")
        return made

    return rebuild(program, remake)


def _kept(graph: Graph, row: Row, refs: list[Ref]) -> Ref | None:
    """What a power or a function made of exponentials becomes; None where its argument is no product of inputs."""
    if row.payload[0] in _BY_EXPONENTIALS:
        if row.keep and row.payload[0] in _NUMBERS_ONLY:
            return None
        factor = _argument(graph, refs[0])
        return _BY_EXPONENTIALS[row.payload[0]](graph, refs[0], factor) if factor is not None else None
    if row.payload[0] in _TO_A_BASE:
        log, factor = sp.log(row.payload[1]), _argument(graph, refs[0])
        if factor is None or not log.is_positive:
            return None
        return _TO_A_BASE[row.payload[0]](graph, look.times(graph, log, refs[0]), factor._replace(number=log * factor.number))
    base = graph.constant_value(refs[0]) if row.calls("pow") else sp.E
    return _exponential(graph, refs[-1], sp.log(base)) if base is not None and base.is_positive else None


def _exponential(graph: Graph, exponent: Ref, log: sp.Expr) -> Ref | None:
    """The power, of a number with this logarithm, to a product of inputs and a number; None of anything else, and of what is exact."""
    constant, parts = shapes.linear(graph, exponent)
    if len(parts) != 1 or not (look.is_number(constant) and look.is_number(parts[0][0])):
        return None
    inner = look.argument(graph, parts[0][1], "exp")
    if inner is not None:
        return _falling(graph, log * constant, log * parts[0][0], inner)
    number, powers = shapes.powers(graph, parts[0][1])
    factors = {base: _factor(graph, base) for base in powers}
    size = sum(abs(power) for power in powers.values())
    if not look.is_number(number) or not 1 <= size <= MOST_FACTORS or None in factors.values():
        return None
    number = log * parts[0][0] * number * sp.Mul(*(factor.number ** powers[base] for base, factor in factors.items() if factor is not None))
    order = sorted(powers.items(), key=lambda item: not item[0].labels)
    above = [factors[base] for base, power in order for _ in range(int(power))]
    below = [factors[base] for base, power in powers.items() for _ in range(-int(power))]
    shift = log * constant
    return _made(graph, number, [*above, *below], len(above), shift)  # type: ignore[arg-type]


def _falling(graph: Graph, constant: sp.Expr, number: sp.Expr, inner: Ref) -> Ref | None:
    """exp(constant + number exp(inner)) where it falls."""
    if not number.is_negative or abs(constant) > 1:
        return None
    zero = graph.constant(ZERO)
    return look.times(graph, sp.exp(constant), look.make(graph, "exp_less_exp", zero, graph.constant(-number), inner))


def _argument(graph: Graph, ref: Ref) -> _Factor | None:
    """The row as a number times an input or a sum of two, where that is rounded."""
    scale, inner = look.scaled(graph, ref)
    found = _factor(graph, inner) if look.is_number(scale) else None
    plain = found is not None and graph.constant_value(found.b) == 0
    if found is None or (plain and is_power_of_two(scale * found.number)) or (ref.labels and not plain):
        return None
    return found._replace(number=scale * found.number)


def _away(graph: Graph, factor: _Factor) -> _Factor:
    """-|number (a + b)|, from the larger and the smaller of a and -b."""
    zero, other = graph.constant(ZERO), look.negative(graph, factor.b)
    if graph.constant_value(factor.b) == 0:
        return _Factor(-abs(factor.number), look.make(graph, "abs", factor.a), zero)
    smaller = look.negative(graph, look.make(graph, "min", factor.a, other))
    return _Factor(-abs(factor.number), look.make(graph, "max", factor.a, other), smaller)


def _power(graph: Graph, factor: _Factor) -> Ref:
    """exp of the factor."""
    made = _made(graph, factor.number, [factor], 1, ZERO)
    return look.make(graph, "exp", look.times(graph, factor.number, factor.a)) if made is None else made


def _where_above(graph: Graph, u: Ref, edge: sp.Expr, yes: Ref, no: Ref) -> Ref:
    return graph.select(look.make(graph, "gt", u, graph.constant(edge)), yes, no)


def _logistic(graph: Graph, u: Ref, factor: _Factor) -> Ref:
    e = _power(graph, _away(graph, factor))
    return look.times(graph, ONE, _where_above(graph, u, ZERO, graph.constant(ONE), e), _one_over(graph, e, ONE))


def _softplus(graph: Graph, u: Ref, factor: _Factor) -> Ref:
    e = _power(graph, _away(graph, factor))
    return graph.sum(ZERO, [(ONE, look.make(graph, "max", u, graph.constant(ZERO))), (ONE, look.make(graph, "log1p", e))])


def _logistic_slope(graph: Graph, u: Ref, factor: _Factor) -> Ref:
    e = _power(graph, _away(graph, factor))
    below = look.make(graph, "square", look.shifted(graph, e, ONE))
    return look.times(graph, ONE, e, look.make(graph, "reciprocal", below))


def _sech(graph: Graph, u: Ref, factor: _Factor) -> Ref:
    e = _power(graph, _away(graph, factor))
    return look.times(graph, sp.Integer(2), e, _one_over(graph, look.make(graph, "square", e), ONE))


def _bose_einstein(graph: Graph, u: Ref, factor: _Factor) -> Ref:
    e = _power(graph, factor._replace(number=-factor.number))
    return _where_above(graph, u, ONE, look.times(graph, ONE, e, _one_over(graph, e, -ONE)), look.make(graph, "bose_einstein", u))


def _expm1(graph: Graph, u: Ref, factor: _Factor) -> Ref:
    return _where_above(graph, u, ONE, look.shifted(graph, _power(graph, factor), -ONE), look.make(graph, "expm1", u))


def _one_over(graph: Graph, e: Ref, sign: sp.Expr) -> Ref:
    """1/(1 + sign e)."""
    return look.make(graph, "reciprocal", graph.sum(ONE, [(sign, e)]))


_BY_EXPONENTIALS = {"logistic": _logistic, "softplus": _softplus, "logistic_slope": _logistic_slope, "sech": _sech,
                    "bose_einstein": _bose_einstein, "expm1": _expm1}
"""Functions of u that are made of exp(-|u|), exp(-u) or exp(u) where that is what their error comes from."""
_TO_A_BASE = {"power_logistic": _logistic, "power_softplus": _softplus, "power_logistic_slope": _logistic_slope}
"""The same to a base b, as 1/(1 + b^-u)."""
_NUMBERS_ONLY = ("bose_einstein", "expm1")
"""Those whose two ways cost arrays more than either."""


def _made(graph: Graph, number: sp.Expr, factors: list[_Factor], count: int, shift: sp.Expr) -> Ref | None:
    plain = shift == 0 and all(graph.constant_value(factor.b) == 0 for factor in factors)
    arrays = [k for k, factor in enumerate(factors) if factor.a.labels or factor.b.labels]
    if arrays and not (plain and (arrays == [0] or _is_square(factors, count, number))):
        return None
    if plain and count == len(factors) == 1 and is_power_of_two(number):
        return None
    known = (number, lacking(number), sp.Integer(count))
    if plain:
        return graph.map("exp_product", [factor.a for factor in factors], known)
    ends = [end for factor in factors for end in (factor.a, factor.b)]
    return graph.map("exp_shifted_product", ends, (*known, shift, lacking(shift)))


def _is_square(factors: list[_Factor], count: int, number: sp.Expr) -> bool:
    """Whether the product is a power of two times a square; of other arrays it would cost several times the exponential itself."""
    return count == len(factors) == 2 and factors[0].a == factors[1].a and is_power_of_two(number)


def _factor(graph: Graph, ref: Ref) -> _Factor | None:
    """The row as an input, or as the sum of two or of one and a number."""
    if is_exact(graph, ref):
        return _Factor(ONE, ref, graph.constant(ZERO))
    inner = look.argument(graph, ref, "abs")
    if inner is not None:
        size = _factor(graph, inner)
        return _away(graph, size)._replace(number=abs(size.number)) if size is not None else None
    found = look.terms(graph, ref)
    if found is None or not all(is_exact(graph, term) for _, term in found[1]):
        return None
    constant, [(c, a), *others] = found
    if not others and look.is_number(c) and look.is_number(constant) and double(constant / c) == constant / c:
        return _Factor(c, a, graph.constant(constant / c))
    if constant != 0 or len(others) != 1 or not look.is_number(c) or abs(others[0][0]) != abs(c):
        return None
    return _Factor(c, a, look.times(graph, others[0][0] / c, others[0][1]))
