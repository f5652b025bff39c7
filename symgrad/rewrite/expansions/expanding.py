"""Formulas of one input that lose their digits at 0, at 1, at -1, at infinity or in between: expanded there.

So are formulas of several inputs that are products of powers of these times a function of one such product, where that tends to 0 or to
infinity.  What is handed back, and what is summed or combined with other inputs, is looked at as a whole; where it has no expansion its parts are.
A row that a seed is multiplied into counts without the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from symgrad.graph.graph import Graph
from symgrad.graph.heads.expansions import EXPANSIONS
from symgrad.graph.kinds import KINDS
from symgrad.graph.program import Program
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.expansions.centres import centres
from symgrad.rewrite.expansions.changing import remade
from symgrad.rewrite.expansions.ends import INFINITY, ORIGIN, SLIGHT_LOSS, ZERO_OF_A_SUM, End
from symgrad.rewrite.expansions.groups import MOST_INPUTS, Group, group
from symgrad.rewrite.expansions.pieces import expanded
from symgrad.rewrite.expansions.resting import Resting
from symgrad.rewrite.expansions.singularities import singularities
from symgrad.rewrite.expansions.values import ALGEBRAIC
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.factors import shared_factors
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.zeros import is_singular

MOST_ROWS, MOST_OF_POWERS = 150, 60
"""Longer programs are left as they are; of longer formulas that have no functions but powers, as iterations are, the parts are looked at alone."""
POWERS = ("square", "sqrt", "power", "cbrt")
ENDS_OF_GROUPS = (ORIGIN, INFINITY)
"""Elsewhere the rounding of the product of powers would count."""


def keep_expansions(program: Program) -> Program:
    """The program with such rows expanded where they lose digits."""
    rows, live = program.graph.rows, program.live()
    count, may_lose = len(program.graph.inputs_among(live)), _may_lose(rows, live)
    if not 1 <= count <= MOST_INPUTS or len(live) > MOST_ROWS or not (may_lose or (count == 1 and _may_overflow(rows, live))):
        return program
    resting = Resting(Graph())
    expanding = _Expanding(resting, may_lose)
    return remade(program, resting, lambda ref, over: expanding.improved(ref))


def _may_lose(rows: list[Row], live: list[int], powers: Collection[str] = ()) -> bool:
    """Whether there is more than one sum or function, but for powers: one loses nothing.  A function of several counts for two."""
    functions = _functions(rows, live, powers)
    return len(functions) + sum(rows[index].op == "sum" for index in live) > 1 or any(len(row.args) > 1 for row in functions)


def _may_overflow(rows: list[Row], live: list[int]) -> bool:
    """Whether there is a function that may do so at numbers that are not large, and something is made of it."""
    found = {index for index in live if rows[index].op == "map" and rows[index].payload[0] not in ALGEBRAIC}
    return any(not found.isdisjoint(rows[index].args) for index in live)


def _functions(rows: list[Row], live: Iterable[int], powers: Collection[str] = POWERS) -> list[Row]:
    return [rows[index] for index in live if rows[index].op == "map" and rows[index].payload[0] not in powers]


class _Expanding:
    """Rows of a graph that is being made, expanded where they are handed back or used by what does not rest on inputs element by element."""

    def __init__(self, resting: Resting, may_lose: bool) -> None:
        self._graph, self._resting, self._may_lose = resting.graph, resting, may_lose
        self._improved: dict[int, tuple[Ref, Ref]] = {}
        self._plainly: dict[int, tuple[Ref, Ref]] = {}
        self._singularities: dict[tuple[Ref, Ref], list[End]] = {}

    def improved(self, ref: Ref, beside: Sequence[End] = ()) -> Ref:
        """The row with expansions where it loses digits, and beside other ends, too; else with its operands improved."""
        known = _known(self._improved, ref)
        if known is not None:
            return known
        plain = self._plain(ref)
        made = self._as_opposite(plain) or self._better(plain, beside)
        self._improved[ref.row], self._improved[made.row] = (ref, made), (made, made)
        self._plainly[made.row] = made, plain
        return made

    def _as_opposite(self, ref: Ref) -> Ref | None:
        """Minus what has been made of the opposite row; None where that has not been asked for."""
        number, _ = look.scaled(self._graph, ref)
        opposite = _known(self._improved, look.negative(self._graph, ref)) if look.is_number(number) and number.is_negative else None
        return look.negative(self._graph, opposite) if opposite is not None else None

    def _plain(self, ref: Ref) -> Ref:
        """The row without expansions, which are as exact as doubles and no more."""
        known = _known(self._plainly, ref)
        if known is not None:
            return known
        operands, labels = self._graph.open(ref)
        plain = [self._plain(one) for one in operands]
        made = ref if plain == operands else KINDS[self._graph[ref].op].remake(self._graph, self._graph[ref], plain, labels)
        self._plainly[ref.row] = ref, made
        return made

    def _better(self, ref: Ref, beside: Sequence[End]) -> Ref:
        """The row expanded as a whole; where that does not do, with a factor taken out of what is expanded then, or with its operands improved."""
        inputs = self._resting.inputs(ref) or frozenset()
        if self._graph[ref].kind != REAL or not inputs - {ref}:
            return ref
        if len(inputs) > 1 and not _may_lose(self._graph.rows, self._graph.live([ref.row]), POWERS):
            return ref
        return self._whole(ref, lambda: self._with_factor(ref) or self._remade(ref), beside) or ref

    def _whole(self, ref: Ref, otherwise: Callable[[], Ref | None], beside: Sequence[End] = ()) -> Ref | None:
        """The row with the expansions that it needs as a function of one input, or of one product of powers; beside them another row where one
        that is needed is not found."""
        inputs, row = sorted(self._resting.inputs(ref) or (), key=lambda one: one.row), self._graph[ref]
        if row.op == "map" and row.payload[0] in EXPANSIONS:
            return ref
        below = self._graph.live([ref.row])
        is_long = len(below) > MOST_OF_POWERS and not _functions(self._graph.rows, below, (*POWERS, "reciprocal", "share"))
        known = group(self._graph, ref, inputs) if not is_long and not look.is_step(self._graph, ref) else None
        if known is None:
            return otherwise()
        return expanded(self._graph, ref, inputs, known, (*self._ends(ref, known), *beside), otherwise)

    def _ends(self, ref: Ref, known: Group) -> Sequence[End]:
        if not self._may_lose:
            return ()
        if not known.is_one_input:
            return ENDS_OF_GROUPS
        is_polynomial = not _functions(self._graph.rows, self._graph.live([ref.row]))
        limit = ZERO_OF_A_SUM if is_polynomial else SLIGHT_LOSS
        exact = [ONE, -ONE, *([] if is_polynomial else centres(self._graph, ref, known.pivot))]
        hidden = [one for one in self._hidden(ref, known.pivot) if one.centre not in exact]
        return [ORIGIN, INFINITY, *(End(centre, False, limit) for centre in exact), *hidden]

    def _hidden(self, ref: Ref, source: Ref) -> list[End]:
        if (ref, source) not in self._singularities:
            self._singularities[ref, source] = singularities(self._graph, ref, source)
        return self._singularities[ref, source]

    def _with_factor(self, ref: Ref) -> Ref | None:
        """A sum with a factor taken out of as many terms as possible of which what is left is expanded as a whole."""
        constant, _ = look.terms(self._graph, ref) or (ZERO, [])
        tried = set()
        for common, inner, others in sorted(shared_factors(self._graph, ref), key=lambda found: len(found[2])):
            better = self._whole(inner, lambda: None) if inner not in tried and self._resting.inputs(inner) else None
            tried.add(inner)
            if better is not None and better != inner:
                return self._graph.sum(constant, [*others, (ONE, look.times(self._graph, ONE, *common, better))])
        return None

    def _remade(self, ref: Ref) -> Ref:
        """The row with its operands improved; of a function with a pole or a branch point at 0 where they are that, too."""
        row, (operands, labels) = self._graph[ref], self._graph.open(ref)
        inputs = self._resting.inputs(ref) or ()
        beside = self._hidden(ref, next(iter(inputs))) if len(inputs) == 1 and is_singular(row) else []
        zeros = [end for end in beside if end.limit == SLIGHT_LOSS]
        return KINDS[row.op].remake(self._graph, row, [self.improved(one, zeros) for one in operands], labels)


def _known(made: dict[int, tuple[Ref, Ref]], ref: Ref) -> Ref | None:
    """What has been made of a row, with the labels that it carries here."""
    if ref.row not in made:
        return None
    before, after = made[ref.row]
    return after.rename(dict(zip(before.labels, ref.labels, strict=True)))
