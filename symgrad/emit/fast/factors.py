"""Factors wait until the samples are summed: what is the same for all samples is multiplied once and not once a sample.

A row c f[k] r[k,i] over samples i becomes the row r, and c f[k] a factor that goes along with it, through products and sums,
to the sums over the samples, where it is multiplied with their few results.  The normalisation of a softmax goes along, too:
the sum over i of (e[k,i]/s[i]) x[k,i] is a matrix times the vector 1/s, and e/s is never made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import sympy as sp

from symgrad.emit.fast.samples import Samples
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row

ZERO, ONE = sp.S.Zero, sp.S.One


class Factor(NamedTuple):
    """What goes along with a row: a number, and rows with labels of that row."""

    number: sp.Expr
    refs: tuple[Ref, ...]


NOTHING = Factor(ONE, ())


def factored(program: Program, samples: Samples) -> Program:
    """The program with factors moved behind the sums over samples."""
    return _Factors(program, samples).run()


class _Factors:
    """Finds where factors may wait, users first, and then rebuilds the rows, arguments first."""

    def __init__(self, program: Program, samples: Samples):
        self.program, self.samples, self.rows = program, samples, program.graph.rows
        self.live = program.live()
        self.roots = set(program.roots())
        self.users = program.graph.users(self.live)
        self.moving: dict[int, set[int] | None] = {}
        self.waiting: dict[int, Factor] = {}
        self.own: dict[int, list[Label]] = {}

    def run(self) -> Program:
        for index in reversed(self.live):
            self.moving[index] = self._moves(index) if self._runs(index) else None
        graph = self.program.graph.copy()
        for index in self.live:
            if self._loses(index):
                graph.notes.pop(index, None)  # what is left of the row is not what the note is about
        live = set(self.live)
        names = {name: found for name, found in self.program.names.items() if found[0].row in live and not self._loses(found[0].row)}
        return rebuild(replace(self.program, graph=graph, names=names), self._remade)

    def _loses(self, index: int) -> bool:
        """Whether a row goes without a factor of its own."""
        row = self.rows[index]
        return self.moving[index] is not None and row.op == "product" and (
            row.payload != 1 or any(self._is_factor(index, arg) for arg in row.args))

    def _runs(self, index: int) -> bool:
        return self.samples.carries(index, self.rows[index])

    # ------------------------------------------------------------------ where factors may wait

    def _moves(self, index: int) -> set[int] | None:
        """The labels of a row that a factor may have which waits; None where none may."""
        users = self.users.get(index, ())
        if index in self.roots or not users or self.rows[index].kind != REAL:
            return None
        found = set(self.rows[index].keep)
        for user in users:
            row = self.rows[user]
            for arg, axes in zip(row.args, row.axes, strict=True):
                labels = self._passed(index, user, axes) if arg == index else found
                if labels is None:
                    return None
                found &= labels
        return found

    def _passed(self, index: int, user: int, axes: Sequence[int]) -> set[int] | None:
        """The labels of a row's factors that one user lets through to where it is used itself, or to after its sum."""
        row, own = self.rows[user], self.rows[index].keep
        if row.op not in ("product", "sum") or any(self.rows[arg].op == "onehot" for arg in row.args) or row.args.count(index) > 1:
            return None
        passing = self._summed(user, index) if not self._runs(user) else self._through(index, user)
        return None if passing is None else {label for label, local in zip(own, axes, strict=True) if local in passing}

    def _through(self, index: int, user: int) -> set[int] | None:
        """The labels that pass a row over samples: those that may wait there, too, or that the row multiplies by anyway."""
        row, moving = self.rows[user], self.moving[user]
        if row.op == "sum":
            return moving if row.payload[1] == 0 and self._is_common(row) and moving is not None else self._as_coefficient(index)
        if moving is not None:
            return moving
        free = self._free(row)
        return {label for _, axes in free for label in axes} if free or row.payload not in (1, -1) else None

    def _as_coefficient(self, index: int) -> set[int] | None:
        """A number, which has no labels, may pass to its one user, a sum, unless the row multiplies by what is the same for all anyway."""
        return None if self._free(self.rows[index]) or len(self.users[index]) > 1 else set()

    def _free(self, row: Row) -> list[tuple[int, tuple[int, ...]]]:
        """The arguments that are the same for all samples, with their labels."""
        return [(arg, axes) for arg, axes in zip(row.args, row.axes, strict=True) if arg not in self.samples.along]

    def _summed(self, user: int, index: int) -> set[int] | None:
        """The labels that pass a sum over samples: all others, unless there were more results then than are worth it."""
        row = self.rows[user]
        few, others = max(1, len(self.rows[index].keep) - 1), set(range(len(row.sizes))) - {self.samples.along[user]}
        if row.op != "product" or len(row.keep) > few:
            return None
        alike = bool(row.keep) and all(set(axes) == set(range(len(row.sizes))) for axes in row.axes)
        return (others if len(others) <= few else set(row.keep)) | ({self.samples.along[user]} if alike else set())

    def _is_common(self, row: Row) -> bool:
        """Whether all terms of a sum are products with the same factors, which go on with the sum then."""
        found = {self._factors_of(row, k) for k in range(len(row.args))}
        return len(found) == 1 and None not in found

    def _factors_of(self, row: Row, k: int) -> tuple | None:
        """What could wait of one term: its number but for the sign, and its rows without samples."""
        term, coefficient = self.rows[row.args[k]], row.payload[0][k]
        if len(self.users[row.args[k]]) > 1 or term.op != "product" or row.args[k] not in self.samples.along:
            return None
        local = dict(zip(term.keep, row.axes[k], strict=True))
        free = [(arg, tuple(local.get(label) for label in axes)) for arg, axes in self._free(term)]
        number = coefficient * term.payload
        return (-number if number.could_extract_minus_sign() else number), tuple(sorted(free, key=str))

    # ------------------------------------------------------------------ rows anew

    def _remade(self, graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        self.own[index] = [labels[local] for local in row.keep]
        given = [self._given(arg, [labels[local] for local in axes]) for arg, axes in zip(row.args, row.axes, strict=True)]
        if row.op == "product" and index in self.samples.along and not any(self.rows[arg].op == "onehot" for arg in row.args):
            return self._product(graph, index, row, refs, labels, given)
        if row.op == "sum" and self._runs(index):
            return self._sum(graph, index, row, refs, given)
        if all(factor == NOTHING for factor in given):
            return None
        raise AssertionError(f"a factor reached {row.op}")  # _passed lets it go to products and sums alone

    def _given(self, arg: int, labels: Sequence[Label]) -> Factor:
        """The factor that waits at an argument, with the labels of the user."""
        factor = self.waiting.get(arg, NOTHING)
        mapping = dict(zip(self.own[arg], labels, strict=True))
        return Factor(factor.number, tuple(ref.rename(mapping) for ref in factor.refs))

    def _product(self, graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label], given: list[Factor]) -> Ref | None:
        over = [label for local, label in enumerate(labels) if local not in row.keep]
        may = self.moving[index]
        waits = {labels[local] for local in may or ()}
        number = row.payload * sp.prod([factor.number for factor in given])
        factors, kept = [ref for factor in given for ref in factor.refs], []
        if may is None and not factors and number == row.payload:
            return None
        for arg, ref in zip(row.args, refs, strict=True):
            moves = may is not None and set(ref.labels) <= waits and self._is_factor(index, arg)
            (factors if moves else kept).append(ref)
        if may is not None:
            now = [ref for ref in factors if not set(ref.labels) <= waits]
            self.waiting[index] = Factor(number, tuple(ref for ref in factors if set(ref.labels) <= waits))
            return graph.product(ONE, [*kept, *now], over)
        if self._runs(index):
            return graph.product(number, [*kept, *factors], over)
        samples = labels[self.samples.along[index]]
        inside = [ref for ref in factors if samples in ref.labels]
        after = [ref for ref in factors if samples not in ref.labels]
        later = [label for label in over if any(label in ref.labels for ref in after)]
        if inside and len(kept) > 1:
            kept = [graph.product(ONE, kept)]
        summed = graph.product(ONE, [*kept, *inside], [label for label in over if label not in later])
        return graph.product(number, [*after, summed], later)

    def _is_factor(self, index: int, arg: int) -> bool:
        """Whether an operand is a factor: the same for all samples, or what a softmax is normalised by."""
        return arg not in self.samples.along or self._normalises(index, arg)

    def _normalises(self, index: int, arg: int) -> bool:
        """Whether a product is e times 1/s, where s is the sum of e along a label, or 1 and its rest, and e is exp(x - max x), 1 at most."""
        row, inverse = self.rows[index], self.rows[arg]
        if len(row.args) != 2 or row.args[0] == row.args[1] or not inverse.calls("reciprocal"):
            return False
        total, other = self.rows[inverse.args[0]], row.args[1 - row.args.index(arg)]
        e = self.rows[other]
        if total.op == "sum" and total.payload == ((ONE,), ONE):
            rest = self.rows[total.args[0]]
            return rest.op == "rest" and rest.args == (other,)
        if total.op != "product" or total.args != (other,) or not e.calls("exp"):
            return False
        x = self.rows[e.args[0]]
        return x.op == "sum" and any(c == -1 and self._is_largest(term) for c, term in zip(x.payload[0], x.args, strict=True))

    def _is_largest(self, index: int) -> bool:
        row = self.rows[index]
        return (row.op == "extremum" and row.payload == "max") or (row.calls("finite") and self._is_largest(row.args[0]))

    def _sum(self, graph: Graph, index: int, row: Row, refs: list[Ref], given: list[Factor]) -> Ref | None:
        coefficients, constant = row.payload
        if all(factor == NOTHING for factor in given):
            return self._joined(graph, row, refs)
        numbers = [coefficient * factor.number for coefficient, factor in zip(coefficients, given, strict=True)]
        signs = [-ONE if number.could_extract_minus_sign() else ONE for number in numbers]
        sizes, factors = {own * number for own, number in zip(signs, numbers, strict=True)}, {frozenset(Counter(f.refs).items()) for f in given}
        alike = len(sizes) == len(factors) == 1
        if alike and constant == 0 and self.moving[index] is not None:
            sign = signs[0] if len(set(signs)) == 1 else ONE
            self.waiting[index] = Factor(sign * signs[0] * numbers[0], given[0].refs)
            return graph.sum(ZERO, [(sign * own, ref) for own, ref in zip(signs, refs, strict=True)])
        whole = [graph.product(ONE, [*factor.refs, ref]) for factor, ref in zip(given, refs, strict=True)]
        return graph.sum(constant, list(zip(numbers, whole, strict=True)))

    def _joined(self, graph: Graph, row: Row, refs: list[Ref]) -> Ref | None:
        """(a + b) + c as a + (b + c) where b and c are the same for all samples, and nobody else needs a + b."""
        coefficients, constant = row.payload
        running = [k for k, arg in enumerate(row.args) if self._runs(arg)]
        if len(running) != 1:
            return None
        (place,) = running
        arg, ref = row.args[place], refs[place]
        old, inner = self.rows[arg], graph[ref]
        if coefficients[place] != 1 or len(self.users[arg]) > 1 or arg in self.roots or old.op != "sum" or inner.op != "sum":
            return None
        if all(self._runs(one) for one in old.args):
            return None
        rest = [term for k, term in enumerate(zip(coefficients, refs, strict=True)) if k != place]
        return graph.sum(constant + inner.payload[1], [*zip(inner.payload[0], graph.operands(ref), strict=True), *rest])
