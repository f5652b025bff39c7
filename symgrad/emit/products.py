"""Sum-products as statements: dense operands contracted, one-hots read by and written by, never made."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symgrad.emit import onehots
from symgrad.emit.axes import aligned
from symgrad.emit.contraction import Dense, contraction
from symgrad.emit.numbers import Text
from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref, Row


class Products:
    """The part of a speller that writes products; what it relies on is the speller's."""

    graph: Graph
    text: dict[int, Text]
    users: dict[int, list[int]]
    uses: dict[int, int]
    outputs: set[int]
    lines: list[str]
    flat: bool
    _orders: dict[int, tuple[int, ...]]

    def size(self, row: Row) -> onehots.Size:
        raise NotImplementedError

    def _assign(self, index: int, text: Text) -> None:
        raise NotImplementedError

    def _name(self, index: int) -> str:
        raise NotImplementedError

    def _comment(self, index: int, name: str) -> str:
        raise NotImplementedError

    def _number(self, value: sp.Expr) -> Text:
        raise NotImplementedError

    def _shape(self, row: Row) -> str:
        raise NotImplementedError

    def _product(self, index: int, row: Row) -> None:
        hot = [k for k, arg in enumerate(row.args) if self.graph.rows[arg].op == "onehot"]
        if any(self._target(row, k) in row.keep for k in hot):
            self._placing(index, row)
            return
        operands = self._read(row, hot, hot)
        keep = self._orders.get(index, row.keep)
        text, labels = contraction(row.payload, operands, keep)
        text = aligned(text, labels, keep)
        if self._is_scaled_only(index, row):
            self.text[index] = text
            return
        self._assign(index, text)

    def _is_scaled_only(self, index: int, row: Row) -> bool:
        """A sum whose one user gives it a factor is written on that user's line."""
        if self.uses[index] != 1 or len(row.keep) == len(row.sizes) or self.flat:
            return False
        user = self.graph.rows[self.users[index][0]]
        return user.op == "product" and len(user.args) == 1 and len(user.keep) == len(user.sizes)

    def _target(self, row: Row, k: int) -> int:
        """The label that a one-hot operand places: the last axis of its row."""
        return row.axes[k][-1]

    def _hot(self, ref: Ref, row: Row, axes: Sequence[int]) -> onehots.Hot:
        """A one-hot row seen with the labels `axes` of the product that uses it."""
        index_row = row.args[0]
        local = dict(zip(row.keep, axes, strict=True))
        labels = tuple(local[label] for label in row.axes[0])
        mask = Dense(self.text[row.args[1]], tuple(local[label] for label in row.axes[1])) if len(row.args) == 2 else None
        return onehots.Hot(self.text[index_row], labels, axes[-1], mask, self._linear(index_row) if mask is None else None)

    def _linear(self, index: int) -> tuple[int, sp.Expr] | None:
        """(step, offset) where the index row is step*iota + offset."""
        row = self.graph.rows[index]
        if row.op == "iota":
            return 1, sp.S.Zero
        if row.op == "product" and len(row.args) == 1 and self.graph.rows[row.args[0]].op == "iota" and row.payload.is_Integer and row.payload > 0:
            return int(row.payload), sp.S.Zero
        if row.op == "sum" and len(row.args) == 1 and self.graph.rows[row.args[0]].op == "iota":
            (step,), offset = row.payload
            if step.is_Integer and step > 0:
                return int(step), offset
        return None

    def _read(self, row: Row, hot: Sequence[int], reading: Sequence[int]) -> list[Dense]:
        """The dense operands after every reading one-hot has been applied; denominators stay apart."""
        summed = len(row.keep) < len(row.sizes)
        operands = [self._operand(row, k, summed) for k in range(len(row.args)) if k not in hot]
        for k in reading:
            target = self._target(row, k)
            seen = self._hot(Ref(row.args[k]), self.graph.rows[row.args[k]], row.axes[k])
            carriers = [operand for operand in operands if target in operand.labels]
            if len(carriers) == 1 and target not in row.keep:
                operands = [o for o in operands if o is not carriers[0]] + onehots.gathered(carriers[0], seen, self.size(row))
            else:
                operands.append(onehots.dense(seen, self.size(row)))
        return operands

    def _operand(self, row: Row, k: int, summed: bool) -> Dense:
        arg = row.args[k]
        inner = self.graph.rows[arg]
        if not summed and self._is_denominator(arg):
            labels = tuple(row.axes[k][inner.keep.index(label)] for label in inner.axes[0])
            return Dense(self.text[inner.args[0]], labels, True)
        return Dense(self.text[arg], row.axes[k])

    def _is_denominator(self, index: int) -> bool:
        return self.text.get(index) == Text("") and self.graph.rows[index].op == "map"

    def _placing(self, index: int, row: Row) -> None:
        """A product that writes: left to the sum that uses it, or zeros with the numbers put in place."""
        if self._is_added_only(index, row):
            self.text[index] = Text("")
            return
        name = self._name(index)
        comment = self._comment(index, name)
        row = row._replace(keep=self._orders.get(index, row.keep))
        self.lines.append(f"{name} = np.zeros({self._shape(row)}, dtype){comment}")
        self._write(name, sp.S.One, row, row.keep, fresh=True)

    def _is_added_only(self, index: int, row: Row) -> bool:
        """Whether sums write the numbers into their own arrays; a number that is not computed yet is only for one of them."""
        users = self.users.get(index, ())
        if index in self.outputs or any(self.graph.rows[user].op != "sum" for user in users):
            return False
        return len(users) == 1 or sum(self.graph.rows[arg].op != "onehot" for arg in row.args) <= 1

    def _write(self, target: str, coefficient: sp.Expr, row: Row, keep: Sequence[int], fresh: bool, contiguous: bool = True) -> None:
        hot = [k for k, arg in enumerate(row.args) if self.graph.rows[arg].op == "onehot"]
        placing = {}
        for k in hot:
            if self._target(row, k) in keep and self._target(row, k) not in placing:
                placing[self._target(row, k)] = k
        # a delta whose index is itself placed by another delta is an ordinary factor
        placing = {t: k for t, k in placing.items() if not set(row.axes[k][:-1]) & (set(placing) - {t})}
        reading = [k for k in hot if k not in placing.values()]
        inner = [label for label in keep if label not in placing]
        hots = [self._hot(Ref(row.args[k]), self.graph.rows[row.args[k]], row.axes[k]) for k in placing.values()]
        run = tuple(dict.fromkeys([*inner, *(label for one in hots for label in one.run)]))
        operands = self._read(row._replace(keep=(*run, *placing)), hot, reading)
        for one in hots:  # what carries the placed label is read there: delta(a = b) f(a) is delta(a = b) f(b)
            operands = [onehots.gathered(o, one, self.size(row))[0] if one.target in o.labels else o for o in operands]
        text, labels = contraction(coefficient * row.payload, operands, run)
        self.lines.extend(onehots.scattered(onehots.Target(target, tuple(keep), contiguous), Dense(text, labels), hots, self.size(row), fresh))
