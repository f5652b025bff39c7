"""Formulas of one input that lose their digits at 0, at 1, at -1 or at infinity: expanded there.

What is handed back, and what is summed or combined with other inputs, is looked at as a whole; where it has no expansion its parts are.
A row that a seed is multiplied into counts without the seed.
"""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.fits import ENDS, Fit, fits
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO

MOST_ROWS = 150
"""Longer programs are left as they are."""


def keep_expansions(program: Program) -> Program:
    """The program with such rows expanded where they lose digits."""
    rows, live = program.graph.rows, program.live()
    if len(program.graph.inputs_among(live)) != 1 or len(live) > MOST_ROWS or sum(rows[index].op in ("sum", "map") for index in live) < 2:
        return program
    roots, made = set(program.roots()), Graph()
    expanding = _Expanding(made)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        plain = KINDS[row.op].remake(graph, row, refs, labels)
        if not expanding.follows(plain):
            plain = KINDS[row.op].remake(graph, row, [expanding.whatever(ref) for ref in refs], labels)
        return expanding.whatever(plain) if index in roots else plain

    return rebuild(program, remake, made)


class _Expanding:
    """Rows of a graph that is being made, expanded where they are handed back or used by what rests on more than the one input."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._sources: dict[Ref, frozenset[Ref] | None] = {}
        self._linear: dict[Ref, tuple[Ref, Ref] | None] = {}
        self._improved: dict[int, tuple[Ref, Ref]] = {}
        self._plainly: dict[int, tuple[Ref, Ref]] = {}

    def follows(self, ref: Ref) -> bool:
        """Whether a row rests on one input element by element, or is a seed times such a row."""
        return self._resting(ref) is not None or self.linear(ref) is not None

    def whatever(self, ref: Ref) -> Ref:
        """A row improved, that rests on the one input alone or is a seed times such a row."""
        if self._source(ref) is not None:
            return self.improved(ref)
        found = self.linear(ref)
        if found is None or self._source(found[1]) is None:
            return ref
        seed, slope = found
        better = self.improved(slope)
        return ref if better == slope else look.times(self._graph, ONE, seed, better)

    def linear(self, ref: Ref) -> tuple[Ref, Ref] | None:
        """A seed and what it is multiplied by, which rests on inputs alone; None of a row that is no such product."""
        if ref not in self._linear:
            self._linear[ref] = self._factored(ref)
        return self._linear[ref]

    def _factored(self, ref: Ref) -> tuple[Ref, Ref] | None:
        graph, row = self._graph, self._graph[ref]
        if row.op == "input" and row.payload.role != "input":
            return ref, graph.constant(ONE)
        constant, parts = look.terms(graph, ref) or (ZERO, [])
        if parts and constant == 0:
            found = [self.linear(term) for _, term in parts]
            seeds = {one[0] for one in found if one is not None}
            whole = [(c, one[1]) for (c, _), one in zip(parts, found, strict=True) if one is not None]
            return (seeds.pop(), graph.sum(ZERO, whole)) if len(seeds) == 1 and None not in found else None
        number, factors = look.factors(graph, ref) or (ONE, [])
        others = [one for one in factors if self._resting(one) is None]
        seeded = self.linear(others[0]) if len(others) == 1 else None
        if seeded is None:
            return None
        return seeded[0], look.times(graph, number, seeded[1], *(one for one in factors if one not in others))

    def improved(self, ref: Ref) -> Ref:
        """The row with expansions where it loses digits, else with its operands improved."""
        known = _known(self._improved, ref)
        if known is not None:
            return known
        plain = self._plain(ref)
        made = self._better(plain)
        self._improved[ref.row], self._improved[made.row] = (ref, made), (made, made)
        self._plainly[made.row] = made, plain
        return made

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

    def _better(self, ref: Ref) -> Ref:
        source, row = self._source(ref), self._graph[ref]
        if source is None or source == ref or row.kind != REAL or (row.op == "map" and row.payload[0] == "expansion"):
            return ref
        made, unfit = ref, False
        for end in ENDS:
            found = fits(self._graph, ref, source, end)
            unfit = unfit or found is None
            made = self._expanded(made, source, found) if found else made
        return made if made != ref or not unfit else self._remade(ref)

    def _remade(self, ref: Ref) -> Ref:
        operands, labels = self._graph.open(ref)
        return KINDS[self._graph[ref].op].remake(self._graph, self._graph[ref], [self.improved(one) for one in operands], labels)

    def _expanded(self, ref: Ref, source: Ref, found: list[Fit]) -> Ref:
        """The fits where they hold; the row outside of them, of a source that stays outside."""
        graph, turned = self._graph, sp.Integer(found[0].turned)
        pieces = [fit.piece() for fit in found]
        away = graph.map("outside", (source,), (turned, sp.Tuple(*(sp.Tuple(*piece[:2]) for piece in pieces))))
        far = _replaced(graph, ref, source, away, {})
        made = graph.map("expansion", (source, far), (turned, sp.Tuple(*pieces)))
        graph.notes.setdefault(made.row, f"rule expansion {'at infinity' if turned else f'at {found[0].centre:g}'}")
        self._sources[made] = frozenset([source])
        return made

    def _source(self, ref: Ref) -> Ref | None:
        found = self._resting(ref)
        return next(iter(found)) if found is not None and len(found) == 1 else None

    def _resting(self, ref: Ref) -> frozenset[Ref] | None:
        """The inputs that a row rests on element by element; None of another row."""
        if ref not in self._sources:
            row = self._graph[ref]
            if row.op == "input":
                found = frozenset([ref]) if row.payload.role == "input" and row.kind == REAL else None
            elif row.op not in ("constant", "sum", "product", "map", "named") or len(row.keep) < len(row.sizes) or not _has_numbers(row):
                found = None
            else:
                below = [self._resting(one) for one in self._graph.operands(ref)]
                found = frozenset().union(*below) if None not in below else None  # type: ignore[arg-type]
            self._sources[ref] = found
        return self._sources[ref]


def _has_numbers(row: Row) -> bool:
    """Whether a row's coefficients are numbers; they may be sizes, too."""
    numbers = {"sum": lambda: (*row.payload[0], row.payload[1]), "product": lambda: (row.payload,), "constant": lambda: (row.payload,)}
    return row.kind != REAL or row.op not in numbers or all(look.is_number(one) for one in numbers[row.op]())


def _known(made: dict[int, tuple[Ref, Ref]], ref: Ref) -> Ref | None:
    """What has been made of a row, with the labels that it carries here."""
    if ref.row not in made:
        return None
    before, after = made[ref.row]
    return after.rename(dict(zip(before.labels, ref.labels, strict=True)))


def _replaced(graph: Graph, ref: Ref, old: Ref, new: Ref, known: dict[Ref, Ref]) -> Ref:
    """The row with another in the place of one that it rests on."""
    if ref == old or not graph[ref].args:
        return new if ref == old else ref
    if ref not in known:
        operands, labels = graph.open(ref)
        known[ref] = KINDS[graph[ref].op].remake(graph, graph[ref], [_replaced(graph, one, old, new, known) for one in operands], labels)
    return known[ref]
