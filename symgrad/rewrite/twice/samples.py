"""Whether sums over samples lose digits: as the whole of a program tells, of one sample."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.expansions.resting import Resting
from symgrad.rewrite.in_doubles import is_numpy
from symgrad.rewrite.libraries import EVERYWHERE
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ZERO
from symgrad.rewrite.twice.formula import Formula, name_of


def in_twice_the_digits(graph: Graph, ref: Ref, inputs: Collection[Ref], formulas: Sequence[Formula], summed: Collection[str] = ()) -> Ref | None:
    """The row in twice the digits where doubles are not enough, if it is one of the formulas; some inputs are those of samples that are summed."""
    if not inputs or ref in inputs or graph[ref].kind != REAL or not is_numpy(graph, ref, EVERYWHERE):
        return None
    sources = {name_of(graph, source): source for source in inputs}
    given = [(formula, [sources[name] for name in formula.names]) for formula in formulas if {*formula.names} == {*sources}]
    found = (made for in_scale in (False, True) for formula, own in given
             if (made := (formula.kept_in_scale if in_scale else formula.kept)(graph, ref, own, summed)) is not None)
    return next(found, None)


def lost_in_sums(program: Program, formulas: Sequence[Formula]) -> list[str]:
    """The results that are made of sums and are formulas whose digits they lose."""
    resting = Resting(program.graph)
    made = {name: output.ref.row for name, output in program.outputs.items() if not resting.follows(output.ref)}
    one = of_one_sample(program, list(made.values()))
    if one is None:
        return []
    graph, refs = one
    summed, alone = [*_of_samples(program)], Resting(graph)

    def is_lost(ref: Ref) -> bool:
        slopes = [ref] if alone.inputs(ref) else (alone.slopes(ref) or {}).values()
        return any(in_twice_the_digits(graph, slope, alone.inputs(slope) or (), formulas, summed) is not None for slope in slopes)

    return [name for name, row in made.items() if is_lost(refs[row])]


def instead(program: Program, names: Collection[str], other: Program) -> Program:
    """The program with some of its results from another one of the same declaration."""
    graph, others = Graph(), [name for name in program.outputs if name not in names]
    kept, taken = (rebuild(replace(one, outputs={name: one.outputs[name] for name in wanted}), lambda *_: None, graph)
                   for one, wanted in ((program, others), (other, names)))
    rows = {output.ref.row for output in taken.outputs.values()}
    found = kept.outputs | taken.outputs
    return replace(kept, outputs={name: found[name] for name in program.outputs},
                   names=kept.names | {name: named for name, named in taken.names.items() if named[0].row in rows})


def of_one_sample(program: Program, made: Sequence[int]) -> tuple[Graph, dict[int, Ref]] | None:
    """Rows as they are where all axes have one element, in a graph of their own; None where something is read by an index or solved."""
    graph, known = Graph(), dict[int, Ref]()
    for index in program.graph.live(made):
        row = program.graph.rows[index]
        ref = _of_one(graph, row, [known[arg] for arg in row.args])
        if ref is None:
            return None
        known[index] = ref
    return graph, known


def _of_one(graph: Graph, row: Row, refs: list[Ref]) -> Ref | None:
    if row.op == "input":
        return graph.input(row.payload.role, row.payload.name, (), row.kind)
    if row.op == "constant":
        return graph.constant(_number(row.payload), row.kind)
    if row.op == "sum":
        coefficients, constant = row.payload
        return graph.sum(_number(constant), [(_number(c), ref) for c, ref in zip(coefficients, refs, strict=True)])
    if row.op == "product":
        return graph.product(_number(row.payload), refs)
    if row.op == "map":
        return graph.map(row.payload[0], refs, row.payload[1:], row.kind)
    return refs[0] if row.op in ("named", "extremum") else None


def _number(value: sp.Expr) -> sp.Expr:
    """A number, sizes being 1; 0 for 1/(n - 1), which is none then."""
    if value in (sp.true, sp.false) or look.is_number(value):
        return value
    found = value.subs(dict.fromkeys(value.free_symbols, 1))
    return found if found.is_finite else ZERO


def _of_samples(program: Program) -> Iterator[str]:
    """The inputs with an axis as long as one that is summed over."""
    rows = [program.graph.rows[index] for index in program.live()]
    sizes = {size for row in rows if row.op == "product" for label, size in enumerate(row.sizes) if label not in row.keep}
    return (row.payload.name for row in rows if row.op == "input" and row.payload.role == "input" and sizes.intersection(row.sizes))
