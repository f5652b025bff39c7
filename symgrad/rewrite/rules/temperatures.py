"""Rules for free energies, T log(sum exp(a/T)): what all energies share does not depend on the temperature.

T log(sum exp(a/T)) is c + T log(sum exp((a - c)/T)) for any number c.  With c = max a the slope towards T is the entropy,
log(sum exp((a - c)/T)) + sum p (c - a)/T, where no term is negative; c itself needs no slope.
"""

from __future__ import annotations

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.exponentials import log_of_terms, log_parts
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads
from symgrad.rewrite.rules.weighted import is_taken_out


def _free_energy(graph: Graph, ref: Ref) -> Ref | None:
    """T log(sum exp(a/T)) inside a product."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, log in enumerate(operands):
        for m, temperature in enumerate(operands):
            made = _shifted(graph, log, temperature) if m != k else None
            if made is not None:
                return graph.product(coefficient, [*look.without(operands, k, m), made], over)
    return None


def _shifted(graph: Graph, log: Ref, temperature: Ref) -> Ref | None:
    """c + T log(sum exp((a - c)/T)) where the rows are that logarithm and T."""
    found = (_over_labels if graph[log].op == "logsumexp" else _of_few)(graph, log, temperature)
    return graph.sum(ZERO, [(ONE, found[0]), (ONE, look.times(graph, ONE, temperature, found[1]))]) if found is not None else None


def _over_labels(graph: Graph, log: Ref, temperature: Ref) -> tuple[Ref, Ref] | None:
    """c and log(sum exp((a - c)/T))."""
    (exponent,) = graph.operands(log)
    over = [label for label in exponent.labels if label not in log.labels]
    energy = _energy(graph, exponent, temperature)
    if energy is None or set(over) & set(temperature.labels):
        return None
    top = look.make(graph, "finite", graph.reduce("extremum", energy, over, "max"))
    return top, graph.reduce("logsumexp", _less(graph, energy, top, temperature), over)


def _of_few(graph: Graph, log: Ref, temperature: Ref) -> tuple[Ref, Ref] | None:
    """The same of a few terms, in formulas of arrays: of numbers the logarithm has limits at infinity that this has not."""
    parts = (log_parts(graph, log) if look.is_of_several(graph, log) else None) or []
    energies = [(c, _energy(graph, a, temperature)) for c, a in parts if a is not None]
    known = [(c, energy) for c, energy in energies if energy is not None]
    if len(known) < max(len(parts), 2):
        return None
    top = look.make(graph, "finite", look.make(graph, "max", *(energy for _, energy in known)))
    return top, log_of_terms(graph, [(c, _less(graph, energy, top, temperature)) for c, energy in known])


def _less(graph: Graph, energy: Ref, top: Ref, temperature: Ref) -> Ref:
    return look.times(graph, ONE, look.difference(graph, energy, top), look.make(graph, "reciprocal", temperature))


def _energy(graph: Graph, exponent: Ref, temperature: Ref) -> Ref | None:
    """a where the exponent is a/T, from which no maximum has been taken."""
    coefficient, operands = look.factors(graph, exponent) or (ONE, [exponent])
    for k, factor in enumerate(operands):
        if look.argument(graph, factor, "reciprocal") == temperature or look.argument(graph, temperature, "reciprocal") == factor:
            energy = graph.product(coefficient, look.without(operands, k))
            return energy if graph.constant_value(energy) is None and not is_taken_out(graph, energy) else None
    return None


RULES = (
    Rule("free energy", "product", None, "c + T log(sum exp((a - c)/T)) from T log(sum exp(a/T)), c = max a",
         "T != 0", "the slope towards T cancels where a/T is large", _free_energy, needs=heads("logsumexp log_exp_sum logaddexp")),
)
