"""A row with its expansions: each is one row more, that is a polynomial where it holds and else the row before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.rows import Ref
from symgrad.rewrite.expansions.decay import Decay
from symgrad.rewrite.expansions.decays import decays
from symgrad.rewrite.expansions.ends import ORIGIN, End
from symgrad.rewrite.expansions.fits import Fit, fits, fits_between
from symgrad.rewrite.expansions.groups import Group, with_signs
from symgrad.rewrite.expansions.losses import FARTHEST, agree, without_digits
from symgrad.rewrite.expansions.values import FAR, Values, is_slow
from symgrad.rewrite.remembered import remembered
from symgrad.rewrite.rules.look import ZERO

Found = tuple[Group, list[Fit] | None, Decay | None]
"""Expansions in a group, None where one is needed and not found; of the row without an exponential where there is one."""


def expanded(graph: Graph, ref: Ref, inputs: Sequence[Ref], known: Group, ends: Sequence[End], otherwise: Callable[[], Ref | None]) -> Ref | None:
    """The row with the expansions that it needs as a function of one group; beside them another row where one is needed and there is none.

    Without ends only exponentials that lose digits, or overflow, are looked for.
    """
    if known.is_one_input:
        every = [(known, *one) for one in _of_one_input(graph, ref, known.pivot, *ends)]
    else:
        every = list(_of_several(graph, ref, inputs, known, ends))
    made = otherwise() if any(found is None for _, found, _ in every) else ref
    for one, found, decay in every:
        if found and made is not None:
            made = _with(graph, made, with_signs(graph, ref, inputs, one), found, decay)
    return made


@remembered
def _of_one_input(graph: Graph, ref: Ref, source: Ref, *ends: End) -> list[tuple[list[Fit] | None, Decay | None]]:
    """What is found at one place after another, beside what has been taken; far out and between ends where values are quickly computed."""
    every = [Ref(index) for index in graph.inputs_among(graph.live([ref.row]))]
    values, is_quick, taken, found = Values(graph, ref, source, every), not is_slow(graph, ref), list[Fit](), []
    if is_quick:
        found += [(_taking(taken, pieces), decay) for decay, pieces in decays(graph, ref, source)]
    for end in ends:
        found.append((_taking(taken, fits(_far(graph, ref, source, values, end) if is_quick else values, end, taken)), None))
    if is_quick and ends:
        found.append((fits_between(values, taken), None))
    return found


def _of_several(graph: Graph, ref: Ref, inputs: Sequence[Ref], known: Group, ends: Sequence[End]) -> Iterator[Found]:
    """The same of a group; of one with another pivot where this has none."""
    values, taken = Values(graph, ref, known.pivot, inputs), list[Fit]()
    for end in ends:
        yield known, _taking(taken, fits(values, end, taken)), None
    for one in known.turned() if ends and not taken else ():
        yield one, _taking(taken, fits(Values(graph, ref, one.pivot, inputs), ORIGIN, taken)), None


def _taking(taken: list[Fit], found: list[Fit] | None) -> list[Fit] | None:
    taken += found or ()
    return found


def _far(graph: Graph, ref: Ref, source: Ref, values: Values, end: End) -> Values:
    """The row to as many digits as it needs beside an end."""
    places = [*without_digits(values), *FARTHEST] if end.turned else without_digits(values, end)
    if not places:
        return values
    far = Values(graph, ref, source, precision=FAR)
    return values if agree(values, far, places) else far


def _with(graph: Graph, ref: Ref, known: Group, found: list[Fit], decay: Decay | None) -> Ref:
    """The fits where they hold; the row outside of them, of an input that stays outside where there is one."""
    parameters = sp.Integer(found[0].turned), sp.Tuple(*(fit.piece() for fit in found))
    if decay is not None and decay.is_range:
        made = graph.map("range_expansion", (known.pivot, ref), (*parameters, decay.parameters()))
    elif known.is_one_input:
        away = graph.map("outside", (known.pivot,), (parameters[0], sp.Tuple(*(sp.Tuple(*piece[:2]) for piece in parameters[1]))))
        name, scale = ("scaled_expansion", (decay.parameters(),)) if decay is not None else ("expansion", ())
        made = graph.map(name, (known.pivot, _replaced(graph, ref, known.pivot, away, {})), (*parameters, *scale))
    else:
        t = known.argument(graph, ZERO if parameters[0] else sp.oo)
        made = graph.map("group_expansion", (t, ref, known.factor(graph)), parameters)
    graph.notes.setdefault(made.row, f"rule expansion {'at infinity' if found[0].turned else f'at {found[0].centre:.4g}'}")
    return made


def _replaced(graph: Graph, ref: Ref, old: Ref, new: Ref, known: dict[Ref, Ref]) -> Ref:
    """The row with another in the place of one that it rests on."""
    if ref == old or not graph[ref].args:
        return new if ref == old else ref
    if ref not in known:
        operands, labels = graph.open(ref)
        known[ref] = KINDS[graph[ref].op].remake(graph, graph[ref], [_replaced(graph, one, old, new, known) for one in operands], labels)
    return known[ref]
