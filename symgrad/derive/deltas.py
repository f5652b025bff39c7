"""Products with deltas: each delta renames a label or moves an index wherever it can, the others stand beside the numbers.

    sum over b of delta(a = b) f(b)      is  f(a)
    sum over t of delta(t = u[o]) f(t)   is  f(u[o])
    delta(a = b) f(b)                    is  delta(a = b) f(a)
    delta(a = u[o]) delta(b = u[o])      is  delta(a = b) delta(a = u[o])

So no number is ever multiplied by a 0 or 1 of a delta, and sums run over the factors that carry their label alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref

ZERO, ONE = sp.S.Zero, sp.S.One


class Settled(NamedTuple):
    """coefficient * deltas * factors, nothing summed any more."""

    coefficient: sp.Expr
    deltas: list[Ref]
    factors: list[Ref]


def settled(graph: Graph, refs: Iterable[Ref], over: Iterable[Label], order: Sequence[Label]) -> Settled:
    """The product of `refs` summed over labels, with the deltas apart; labels that are kept stand in `order`."""
    product = _DeltaProduct(graph, refs, over, order)
    while product.renames() or product.moves() or product.pairs():
        pass
    return product.summed()


class _DeltaProduct:
    """One product on its way: identities delta(a = b), one-hots delta(t = index), dense operands, labels to sum over."""

    def __init__(self, graph: Graph, refs: Iterable[Ref], over: Iterable[Label], order: Sequence[Label]):
        self.graph, self.over = graph, dict.fromkeys(over)
        self.rank = {label: position for position, label in enumerate(order)}
        self.coefficient: sp.Expr = ONE
        self.identities: list[tuple[Label, Label]] = []
        self.hots: list[Ref] = []
        self.dense: list[Ref] = []
        for ref in refs:
            self._take(ref)

    def _take(self, ref: Ref) -> None:
        row, value = self.graph[ref], self.graph.constant_value(ref)
        if value is not None:
            self.coefficient = self.coefficient * value
        elif row.op == "onehot" and self.graph.is_identity(ref):
            self.identities.append((ref.labels[0], ref.labels[1]))
        elif row.op == "onehot" and ref.labels[-1] not in ref.labels[:-1]:
            self.hots += [ref] if ref not in self.hots else []  # delta^2 = delta
        elif row.op == "product" and len(row.keep) == len(row.sizes) and any(self.graph[arg].op == "onehot" for arg in row.args):
            self.coefficient = self.coefficient * row.payload
            for part in self.graph.operands(ref):
                self._take(part)
        else:
            self.dense.append(self._once(ref))

    def _once(self, ref: Ref) -> Ref:
        """A reference that carries a label twice is the diagonal there."""
        return self.graph.product(ONE, [ref]) if len(set(ref.labels)) < len(ref.labels) else ref

    def _place(self, label: Label) -> int:
        return self.rank.get(label, len(self.rank))

    # ------------------------------------------------------------------ one simplification each; True where something changed

    def renames(self) -> bool:
        """Labels that identities equate become one: the first that is kept, or one that is summed where none is."""
        mapping, identities = {}, []
        for members in _classes(self.identities):
            first, *others = sorted(members, key=self._place)
            identities.extend((first, other) for other in others if other not in self.over)
            mapping.update(dict.fromkeys(others, first))
        carried = {label for ref in (*self.dense, *self.hots) for label in ref.labels}
        changed = bool(carried & mapping.keys()) or any(label in self.over for label in mapping)
        self.identities = identities
        for label in mapping:
            self.over.pop(label, None)
        if changed:
            self._rename(mapping)
        return changed

    def _rename(self, mapping: dict[Label, Label]) -> None:
        refs = [ref.rename(mapping) for ref in (*self.hots, *self.dense)]
        self.hots, self.dense = [], []
        for ref in refs:
            self._take(ref)

    def moves(self) -> bool:
        """What carries the label that a one-hot places is read at its index."""
        for hot in self.hots:
            target = hot.labels[-1]
            rivals = [one for one in self.hots if one.labels[-1] is target and one != hot]
            users = [one for one in self.hots if target in one.labels[:-1]]
            if rivals or any(not self._is_plain(one) for one in (hot, *users) if users):
                self.hots.remove(hot)
                self.dense.append(hot)
                return True
            if target in self.over or users or any(target in ref.labels for ref in self.dense):
                self._move(hot, target, users)
                return True
        return False

    def _is_plain(self, hot: Ref) -> bool:
        """Whether a one-hot is its index alone: no mask, no check of its range."""
        return len(self.graph[hot].args) == 1 and self.graph[hot].payload is None

    def _move(self, hot: Ref, target: Label, users: Sequence[Ref]) -> None:
        carriers = [ref for ref in self.dense if target in ref.labels]
        self.dense = [ref for ref in self.dense if target not in ref.labels]
        self.dense.extend(self._read(ref, target, hot) for ref in carriers)
        self.hots = [one for one in self.hots if one not in users]
        for user in users:
            self._take(self._at(user, target, hot))
        if target not in self.over:
            return
        del self.over[target]
        self.hots.remove(hot)
        if len(self.graph[hot].args) == 2 and not carriers:
            self.dense.append(self.graph.real(self.graph.operands(hot)[1]))

    def _read(self, ref: Ref, target: Label, hot: Ref) -> Ref:
        inside = {target: Label(target.size)}
        return self._once(self.graph.product(ONE, [ref.rename(inside), hot.rename(inside)], inside.values()))

    def _at(self, user: Ref, target: Label, hot: Ref) -> Ref:
        """delta(s = g(target)) with the target at its index: delta(s = g(index))."""
        graph = self.graph
        index, old = graph.operands(hot)[0], graph.operands(user)[0]
        outer, inner = self._affine(old), self._affine(index)
        if outer is None:
            moved = self._read(old, target, hot)
        elif inner is None:
            moved = graph.sum(outer[1], [(outer[0], index)])
        else:
            moved = graph.sum(outer[1] + outer[0] * inner[1], [(outer[0] * inner[0], graph.iota(index.labels[0]))])
        return graph.onehot(moved, user.labels[-1])

    def _affine(self, index: Ref) -> tuple[sp.Expr, sp.Expr] | None:
        """(step, offset) of an index step*i + offset."""
        row = self.graph[index]
        if row.op == "iota":
            return ONE, ZERO
        if len(row.args) != 1 or self.graph.rows[row.args[0]].op != "iota" or row.op not in ("sum", "product"):
            return None
        return (row.payload[0][0], row.payload[1]) if row.op == "sum" else (row.payload, ZERO)

    def pairs(self) -> bool:
        """Two one-hots of one index place one number twice: once, and an identity."""
        seen: dict[tuple, Ref] = {}
        for hot in self.hots:
            row = self.graph[hot]
            twin = seen.setdefault((row.args, row.axes, row.shape, hot.labels[:-1]), hot)
            if twin != hot:
                self.hots.remove(hot)
                self.identities.append((twin.labels[-1], hot.labels[-1]))
                return True
        return False

    # ------------------------------------------------------------------ sums

    def summed(self) -> Settled:
        """Every label summed over the factors that carry it; one-hots whose index is summed are factors too."""
        graph = self.graph
        inside = [hot for hot in self.hots if any(label in self.over for label in hot.labels)]
        outside = [hot for hot in self.hots if hot not in inside]
        factors, waiting = [*self.dense, *inside], dict.fromkeys(self.over)
        while waiting:
            labels = _linked(factors, next(iter(waiting)), waiting)
            for label in labels:
                del waiting[label]
            group = [ref for ref in factors if any(label in ref.labels for label in labels)]
            factors = [ref for ref in factors if not any(label in ref.labels for label in labels)]
            factors.append(graph.product(ONE, group, labels))
        deltas = [graph.onehot(graph.iota(a), b) for a, b in self.identities] + outside
        return Settled(self.coefficient, deltas, factors)


def _linked(factors: Sequence[Ref], label: Label, summed: Iterable[Label]) -> list[Label]:
    """The summed labels that hang together with one of them through the factors that carry them."""
    labels = [label]
    for one in labels:
        near = dict.fromkeys(other for ref in factors if one in ref.labels for other in ref.labels)
        labels.extend(other for other in near if other in summed and other not in labels)
    return labels


def _classes(pairs: Iterable[tuple[Label, Label]]) -> list[list[Label]]:
    """Labels that pairs equate, each class in the order of appearance."""
    classes: list[list[Label]] = []
    for pair in pairs:
        touched = [members for members in classes if set(members) & set(pair)]
        classes = [members for members in classes if members not in touched]
        classes.append(list(dict.fromkeys([*(label for members in touched for label in members), *pair])))
    return [members for members in classes if len(members) > 1]
