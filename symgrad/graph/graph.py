"""The builder of rows: append-only and interned, so that building the same row twice gives the same row.

Canonical form is decided here and nowhere else: operands of a commutative row stand in row order, equal operands in
the order that gives the smallest labels, coefficients belong to their product or sum, and an identity delta renames a
label instead of becoming an operand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import permutations
from typing import Any

import sympy as sp

from symgrad.graph.labels import Label
from symgrad.graph.rows import INTEGER, REAL, Input, Ref, Row
from symgrad.graph.store import Rows

ZERO, ONE = sp.S.Zero, sp.S.One
_MOST_TIED = 4
"""More equal operands than this keep their given order: trying every order would cost too much."""


class Graph(Rows):
    """Rows, and what adds to them."""

    # ------------------------------------------------------------------ rows without arguments

    def _intern(self, row: Row) -> int:
        fresh = len(self.rows)
        found = self._known.setdefault(row, fresh)
        if found == fresh:
            self.rows.append(row)
        return found

    def _leaf(self, op: str, labels: Sequence[Label], payload: Any, kind: str) -> Ref:
        axes = tuple(range(len(labels)))
        return Ref(self._intern(Row(op, (), (), axes, tuple([label.size for label in labels]), payload, kind)), tuple(labels))

    def input(self, role: str, name: str, labels: Sequence[Label] = (), kind: str = REAL) -> Ref:
        return self._leaf("input", labels, Input(role, name), kind)

    def constant(self, value: sp.Expr, kind: str = REAL) -> Ref:
        return self._leaf("constant", (), value, kind)

    def iota(self, label: Label) -> Ref:
        """The index numbers 0 … size-1 along a label."""
        return self._leaf("iota", (label,), None, INTEGER)

    # ------------------------------------------------------------------ rows with arguments

    def _row(self, op: str, refs: Sequence[Ref], payload: Any, kind: str, over: Iterable[Label] = (),
             keep: Sequence[Label] | None = None) -> Ref:
        if not keep and not _any_labelled(refs):
            return Ref(self._intern(Row(op, tuple([ref.row for ref in refs]), ((),) * len(refs), (), (), payload, kind)))
        numbers = _numbers(refs)
        for label in keep or ():
            numbers.setdefault(label, len(numbers))
        if keep is None:
            dropped = set(over)
            keep = [label for label in numbers if label not in dropped]
        axes = tuple(tuple(numbers[label] for label in ref.labels) for ref in refs)
        row = Row(op, tuple(ref.row for ref in refs), axes, tuple(numbers[label] for label in keep),
                  tuple(label.size for label in numbers), payload, kind)
        return Ref(self._intern(row), tuple(keep))

    def map(self, function: str, args: Sequence[Ref], parameters: tuple = (), kind: str = REAL) -> Ref:
        """An elementary function of the table, broadcast over the labels of its arguments."""
        return self._row("map", args, (function, *parameters), kind)

    def select(self, condition: Ref, yes: Ref, no: Ref) -> Ref:
        if yes == no:
            return yes
        return self.map("select", (condition, yes, no), kind=self[yes].kind if self[yes].kind == self[no].kind else REAL)

    def real(self, ref: Ref) -> Ref:
        """The same numbers as reals: integers and truth values take part in real arithmetic through this row."""
        row = self[ref]
        if row.kind == REAL:
            return ref
        if row.op == "constant":
            return self.constant(row.payload if row.kind == INTEGER else sp.Integer(int(bool(row.payload))))
        return self.map("real", (ref,))

    def onehot(self, index: Ref, label: Label, mask: Ref | None = None, checked: bool = False) -> Ref:
        """delta(label = index): 1 where the label's number is the index (and the mask holds), else 0.

        `checked` asks generated code to refuse an index outside the label's range where the mask holds.
        """
        refs = (index,) if mask is None else (index, mask)
        labels = list(dict.fromkeys(one for ref in refs for one in ref.labels))
        return self._row("onehot", refs, "checked" if checked else None, REAL, keep=[*labels, label])

    def sum(self, constant: sp.Expr, terms: Iterable[tuple[sp.Expr, Ref]]) -> Ref:
        """constant + sum of coefficient * term, broadcast over the union of the terms' labels."""
        merged: dict[Ref, sp.Expr] = {}
        for coefficient, ref in terms:
            value = self.constant_value(ref)
            if value is not None:
                constant = constant + coefficient * value
                continue
            coefficient, ref = self._unscale(coefficient, ref)
            merged[ref] = merged[ref] + coefficient if ref in merged else coefficient
        items = [self._with_scalar(ref, c) for ref, c in merged.items() if not is_zero(c)]
        items.sort(key=_row_of_item)
        kind = self._kind_of([ref for ref, _ in items], [constant, *(c for _, c in items)])
        if not items:
            return self.constant(constant, kind)
        if len(items) == 1 and is_zero(constant):
            return self.product(items[0][1], [items[0][0]])
        return self._smallest(items, lambda part: self._draft_sum(constant, part, kind))

    def _with_scalar(self, ref: Ref, coefficient: sp.Expr) -> tuple[Ref, sp.Expr]:
        """2 * (s A) as (2 s) A: a number joins the scalar that the array is multiplied by anyway."""
        if not ref.labels:
            return ref, coefficient
        row = self.rows[ref.row]
        scaled = coefficient not in (1, -1) and row.op == "product" and len(row.keep) == len(row.sizes)
        if not scaled or all(row.axes) or any(self.rows[arg].op == "onehot" for arg in row.args):
            return ref, coefficient
        return self.product(coefficient, [ref]), ONE

    def _draft_sum(self, constant: sp.Expr, items: Sequence[tuple[Ref, sp.Expr]], kind: str) -> tuple:
        return "sum", [ref for ref, _ in items], (tuple(c for _, c in items), constant), kind, ()

    def product(self, coefficient: sp.Expr, refs: Sequence[Ref], over: Iterable[Label] = ()) -> Ref:
        """coefficient * product of the operands, summed over the labels in `over`."""
        over = dict.fromkeys(over)
        coefficient, operands = self._gather_operands(coefficient, refs)
        if _any_labelled(operands):
            operands = self._split_repeated(operands, over)
            operands = self._rename_identities(operands, over)
            coefficient, operands = self._drop_idle_onehots(coefficient, operands, over)
        if over:
            carried = {label for ref in operands for label in ref.labels}
            for label in [label for label in over if label not in carried]:
                coefficient = coefficient * label.size
                del over[label]
        if is_zero(coefficient) or not operands:
            return self.constant(coefficient, self._kind_of([], [coefficient]) if not operands else REAL)
        if len(operands) == 1 and not over:
            if is_one(coefficient):
                return operands[0]
            coefficient, operands = self._rescaled(coefficient, operands[0])
            if len(operands) == 1 and is_one(coefficient):
                return operands[0]
        if over and not is_one(coefficient):
            # a number stands outside of its sum, so that c and -c times a sum share the sum
            return self.product(coefficient, [self.product(ONE, operands, over)])
        kind = self._kind_of([ref for ref in operands if not self._reads(ref, over)], [coefficient])
        items = sorted([(ref, None) for ref in operands], key=_row_of_item)
        return self._smallest(items, lambda part: ("product", [ref for ref, _ in part], coefficient, kind, over))

    def reduce(self, op: str, ref: Ref, over: Iterable[Label], payload: Any = None) -> Ref:
        """A reduction of one operand over labels: extremum (payload max or min), logsumexp, norm, rest (the sum less 1), or
        compounded (the product of 1 + a, less 1, over one label)."""
        over = [label for label in over if label in ref.labels]
        return self._row(op, (ref,), payload, self[ref].kind, over=over) if over else ref

    def product_over(self, ref: Ref, label: Label) -> Ref:
        """The product of the elements along one label."""
        if label in ref.labels:
            return self._row("prod", (ref,), None, REAL, over=[label])
        value = self.constant_value(ref)
        return self.constant(value**label.size) if value is not None else self.map("pow", (ref, self.constant(label.size)))

    def others(self, ref: Ref, label: Label) -> Ref:
        """For each element the product of all others along one label.  The payload is the place of that axis."""
        if label in ref.labels:
            return self._row("others", (ref,), ref.labels.index(label), REAL)
        value, count = self.constant_value(ref), label.size - 1
        return self.constant(value**count) if value is not None else self.map("pow", (ref, self.constant(count)))

    def linear_algebra(self, op: str, ref: Ref, pair: Sequence[Label]) -> Ref:
        """inverse, det, logdet, logabsdet or detsign of the matrices that stand along two labels; others are a batch.

        The inverse is indexed (columns, rows) of its argument, so a transposed argument gives the same row.
        """
        matrix = [label for label in ref.labels if label in pair]
        batch = [label for label in ref.labels if label not in pair]
        return self._row(op, (ref,), None, REAL, keep=[*batch, *reversed(matrix)] if op == "inverse" else batch)

    def named(self, ref: Ref, name: str) -> Ref:
        """The same numbers under a name: a row of its own that nothing is absorbed through, for tables."""
        return self._row("named", (ref,), name, self[ref].kind)

    def solve(self, matrix: Ref, right: Ref, shared: Label) -> Ref:
        """The solution y of matrix y = right: `shared` numbers the equations, the matrix's other label the unknowns."""
        other = next(label for label in matrix.labels if label is not shared)
        return self._row("solve", (matrix, right), None, REAL, keep=[other, *(label for label in right.labels if label is not shared)])

    # ------------------------------------------------------------------ canonical form

    def _kind_of(self, refs: Sequence[Ref], numbers: Sequence[sp.Expr]) -> str:
        rows = self.rows
        for ref in refs:
            if rows[ref.row].kind != INTEGER:
                return REAL
        return INTEGER if refs and all(number.is_integer for number in numbers) else REAL

    def _reads(self, ref: Ref, over: Iterable[Label]) -> bool:
        """Whether an operand only picks elements of the others, which leaves their kind of number alone."""
        return self[ref].op == "onehot" and ref.labels[-1] in over

    def _unscale(self, coefficient: sp.Expr, ref: Ref) -> tuple[sp.Expr, Ref]:
        """c * (d * x) as (c d) * x."""
        row = self.rows[ref.row]
        if row.op == "product" and len(row.args) == 1 and len(row.keep) == len(row.axes[0]):
            labels = dict(zip(row.keep, ref.labels, strict=True))
            return coefficient * row.payload, Ref(row.args[0], tuple(labels[local] for local in row.axes[0]))
        return coefficient, ref

    def _rescaled(self, coefficient: sp.Expr, ref: Ref) -> tuple[sp.Expr, list[Ref]]:
        """c * (d a b) as (c d) a b, where nothing is summed: as cheap as scaling, and -(-a b) is a b."""
        row = self.rows[ref.row]
        if row.op == "product" and len(row.keep) == len(row.sizes):
            return coefficient * row.payload, self.operands(ref)
        return coefficient, [ref]

    def _gather_operands(self, coefficient: sp.Expr, refs: Sequence[Ref]) -> tuple[sp.Expr, list[Ref]]:
        operands: list[Ref] = []
        for ref in refs:
            value = self.constant_value(ref)
            if value is not None:
                coefficient = coefficient * value
                continue
            coefficient, ref = self._unscale(coefficient, ref)
            row = self.rows[ref.row]
            if row.op == "product" and ref.labels and self._is_sparse(row):
                coefficient, parts = coefficient * row.payload, self.operands(ref)
                operands.extend(parts)
            else:
                operands.append(ref)
        return coefficient, operands

    def _is_sparse(self, row: Row) -> bool:
        """A product that only places numbers by a delta: never worth an array of its own inside another product."""
        return len(row.keep) == len(row.sizes) and any(self.rows[arg].op == "onehot" for arg in row.args)

    def _split_repeated(self, operands: list[Ref], over: dict[Label, None]) -> list[Ref]:
        """S[i, i] as the sum over j of S[i, j] delta(i = j): no argument carries a label twice."""
        out: list[Ref] = []
        for ref in operands:
            labels = list(ref.labels)
            if self.rows[ref.row].op == "onehot" and self.is_identity(ref) and labels[0] is labels[1]:
                continue
            for position, label in enumerate(labels):
                if label in labels[:position]:
                    labels[position] = Label(label.size)
                    over[labels[position]] = None
                    out.append(self.onehot(self.iota(label), labels[position]))
            out.append(Ref(ref.row, tuple(labels)))
        return out

    def _rename_identities(self, operands: list[Ref], over: dict[Label, None]) -> list[Ref]:
        """The sum over a of delta(a = b) f(a) is f(b)."""
        position = 0
        while position < len(operands):
            ref = operands[position]
            gone = next((label for label in ref.labels if label in over), None) if self.is_identity(ref) else None
            rest = operands[:position] + operands[position + 1:]
            if gone is None or not self._may_rename(rest, gone, ref):
                position += 1
                continue
            stays = ref.labels[0] if gone is ref.labels[1] else ref.labels[1]
            del over[gone]
            operands = [other.rename({gone: stays}) for other in rest]
            if any(len(set(other.labels)) < len(other.labels) for other in operands):
                operands = self._split_repeated(operands, over)
            position = 0
        return operands

    def _may_rename(self, rest: list[Ref], gone: Label, delta: Ref) -> bool:
        """Renaming must not give one operand the same label twice: a diagonal stays a delta."""
        stays = delta.labels[0] if gone is delta.labels[1] else delta.labels[1]
        clash = any(gone in ref.labels and stays in ref.labels and not self.is_identity(ref) for ref in rest)
        return not clash

    def _drop_idle_onehots(self, coefficient: sp.Expr, operands: list[Ref],
                           over: dict[Label, None]) -> tuple[sp.Expr, list[Ref]]:
        """The sum over d of delta(d = index) alone is 1, or its mask."""
        out: list[Ref] = []
        for position, ref in enumerate(operands):
            row = self.rows[ref.row]
            target = ref.labels[-1] if row.op == "onehot" else None
            others = operands[:position] + operands[position + 1:]
            if target is None or target not in over or any(target in other.labels for other in others):
                out.append(ref)
                continue
            del over[target]
            if len(row.args) == 2:
                out.append(self.real(self.operands(ref)[1]))
        return coefficient, out

    def _smallest(self, items: list[tuple[Ref, Any]], draft: Callable[[list], tuple]) -> Ref:
        """Build the row with equal operands in the order that gives the smallest labels."""
        best, best_axes = items, None
        orders = _tied_orders(items) if len(items) > 1 else ()
        for candidate in orders if len(orders) > 1 else ():
            axes = _numbered([ref for ref, _ in candidate])
            if best_axes is None or axes < best_axes:
                best, best_axes = candidate, axes
        op, refs, payload, kind, over = draft(best)
        return self._row(op, refs, payload, kind, over=over)


def is_zero(number: sp.Expr) -> bool:
    """number == 0, without asking SymPy where identity says it: 0 is one object among the rational numbers."""
    return number is ZERO or (not number.is_Rational and bool(number == 0))


def is_one(number: sp.Expr) -> bool:
    """number == 1; see is_zero."""
    return number is ONE or (not number.is_Rational and bool(number == 1))


def _any_labelled(refs: Sequence[Ref]) -> bool:
    for ref in refs:  # noqa: SIM110  a generator takes three times as long, once a row
        if ref.labels:
            return True
    return False


def _row_of_item(item: tuple[Ref, Any]) -> int:
    return item[0].row


def _numbers(refs: Sequence[Ref]) -> dict[Label, int]:
    """Labels numbered by first appearance, in the operand of most axes first: a result lies in memory as that one does."""
    numbers: dict[Label, int] = {}
    labelled = [ref for ref in refs if ref.labels]
    for ref in sorted(labelled, key=lambda one: -len(one.labels)):
        for label in ref.labels:
            numbers.setdefault(label, len(numbers))
    return numbers


def _numbered(refs: Sequence[Ref]) -> tuple[tuple[int, ...], ...]:
    numbers = _numbers(refs)
    return tuple(tuple(numbers[label] for label in ref.labels) for ref in refs)


def _tied_orders(items: list[tuple[Ref, Any]]) -> list[list[tuple[Ref, Any]]]:
    """Every order of the items that keeps rows ascending; items of one row are permuted if they are few."""
    rows = {ref.row for ref, _ in items}
    if len(rows) == len(items) or not any(ref.labels for ref, _ in items):
        return [items]
    groups: list[list] = []
    for item in items:
        if groups and groups[-1][0][0].row == item[0].row:
            groups[-1].append(item)
        else:
            groups.append([item])
    orders: list[list] = [[]]
    for group in groups:
        choices = list(permutations(group)) if 1 < len(group) <= _MOST_TIED else [tuple(group)]
        orders = [done + list(choice) for done in orders for choice in choices]
    return orders
