"""Rows as NumPy calls that write into buffers: which array each call writes into follows from when rows are last read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Protocol

from symgrad.emit.fast.buffers import Buffers, Kept
from symgrad.emit.fast.trees import Call, Leaf, Shape, Tree, Unknown, names_in, tree_of
from symgrad.emit.names import Names
from symgrad.emit.numbers import Text
from symgrad.graph.graph import Graph
from symgrad.graph.rows import BOOLEAN, Row

_READ_LATER = ("real", "integer", "reciprocal")
"""Maps whose text may stand in the line of a user, or be a view of the argument."""


class Host(Protocol):
    """What the calls need of the speller that they are made for."""

    graph: Graph
    text: dict[int, Text]
    users: dict[int, list[int]]
    lines: list[str]
    names: Names
    shapes: dict[str, Shape]

    def shape_of(self, index: int) -> Shape: ...
    def _name(self, index: int) -> str: ...
    def _comment(self, index: int, name: str) -> str: ...


class Calls:
    """Writes the rows of one segment, in order."""

    def __init__(self, host: Host, buffers: Buffers):
        self.host = host
        self.buffers = buffers
        self._ends: dict[int, list[int]] = {}
        self._holds: dict[int, str] = {}
        self._dying: dict[str, int] = {}
        self._reads: Counter[str] = Counter()
        self.again = 0

    def begin(self, rows: Sequence[int], outlive: Collection[int]) -> None:
        """Find where each of the rows is read last; those in `outlive` are needed after all of them."""
        own, last = set(rows), {}
        for index in reversed(rows):
            if index in outlive:
                last[index] = -1
                continue
            readers = [user for user in self.host.users.get(index, ()) if user in own]
            ends = [last[user] if _reads_later(self.host.graph, self.host.graph.rows[user]) else user for user in readers]
            last[index] = -1 if -1 in ends else max([index, *readers, *ends])
        for index, end in last.items():
            self._ends.setdefault(end, []).append(index)

    def end(self, index: int) -> None:
        """A row is written: what was read last there is free."""
        for row in self._ends.get(index, ()):
            if row in self._holds:
                self.buffers.give_back(self._holds.pop(row))

    def leave(self, index: int) -> bool:
        """The array that a row is held in is somebody else's from now on, never free again."""
        self._holds.pop(index, None)
        return True

    def assign(self, index: int, text: Text) -> bool:
        """Write a row as calls into buffers; False where its formula is not made of such calls."""
        tree = self._tree(index, text)
        if tree is None:
            return False
        if tree.function == "where":
            return self._masked(index, text, tree)
        texts, spare = self._evaluated(tree.args)
        out = self._out(tree, spare)
        name = self.host._name(index)
        spelled = _spelled(tree, texts, out) if out or spare else text.text
        self.host.lines.append(f"{name} = {spelled}{self.host._comment(index, name)}")
        if out is None:
            self.buffers.born(name, self._kept(tree))
        self._holds[index] = out or name
        return True

    def _masked(self, index: int, text: Text, tree: Call) -> bool:
        """Numbers where a condition holds and 0 elsewhere: zeros written over the numbers, or over a copy of them."""
        own = self._holds.get(self._dying.get(tree.args[1].name or "", -1)) if isinstance(tree.args[1], Leaf) else None
        (mask, numbers), spare = self._evaluated(tree.args)
        out = self._out(tree, spare)
        if out is None:
            name = self.host._name(index)
            self.host.lines.append(f"{name} = {text.text}{self.host._comment(index, name)}")
            self.buffers.born(name, self._kept(tree))
        else:
            copied = [] if out in (own, numbers) else [f"np.copyto({out}, {numbers})"]
            name = self.host._name(index)
            self.host.lines += [*copied, f"np.copyto({out}, 0, where=np.logical_not({mask}))", f"{name} = {out}{self.host._comment(index, name)}"]
        self._holds[index] = out or name
        return True

    def together(self, first: int, second: int, call: str) -> None:
        """Two rows that one call makes, each in an array of its own."""
        names, arrays = [], []
        for index in (first, second):
            kept = Kept(self.host.shape_of(index), False)
            out = self.buffers.take(kept)
            name = self.host._name(index)
            names.append(name)
            arrays.append(out or f"np.empty_like({call.partition('(')[2].rstrip(')')})")
            if out is None:
                self.buffers.born(name, kept)
            self._holds[index] = out or name
        words = ", ".join(self.host._comment(index, name).removeprefix("  # ") for index, name in zip((first, second), names, strict=True))
        self.host.lines.append(f"{', '.join(names)} = {call[:-1]}, {', '.join(arrays)})  # {words}")

    def write(self, index: int, text: Text, target: str) -> None:
        """Write a row into an array that is given."""
        tree = self._tree(index, text)
        comment = self.host._comment(index, target.removesuffix("_part"))
        if tree is None or tree.function == "where":
            self.host.lines.append(f"{target}[...] = {text.text}{comment}")
            return
        texts, spare = self._evaluated(tree.args)
        self.host.lines.append(f"{_spelled(tree, texts, target)}{comment}")
        for name in spare:
            self.buffers.give_back(name)

    def add(self, target: str, text: str) -> None:
        """target += text, through a buffer where the text is made of calls."""
        tree = self._read(text)
        if tree is None or "?" in tree.shape or tree.function == "where":
            self.host.lines.append(f"{target} += {text}")
            return
        self._reads, self._dying = Counter(), {}
        (name,), spare = self._evaluated([tree])
        self.host.lines.append(f"{target} += {name}")
        for one in spare:
            self.buffers.give_back(one)

    # ------------------------------------------------------------------ trees

    def _read(self, text: str) -> Call | None:
        """The calls that a formula is made of; None where it is not, or where the size of a step on the way is not known."""
        try:
            tree = tree_of(text, self.host.shapes)
        except Unknown:
            return None
        if not isinstance(tree, Call) or any("?" in shape for shape in _inner_shapes(tree)) or _chooses(tree.args):
            return None
        return tree

    def _tree(self, index: int, text: Text) -> Call | None:
        """The calls that a row is made of, with what it reads and which of these arrays are free afterwards."""
        tree = self._read(text.text)
        if tree is None:
            return None
        self._reads = Counter(names_in(tree))
        self._dying = {self.host.text[row].text: row for row in self._ends.get(index, ()) if row in self._holds and not self._has_views(row)}
        return tree._replace(shape=self.host.shape_of(index), boolean=self.host.graph.rows[index].kind == BOOLEAN)

    def _has_views(self, index: int) -> bool:
        rows = self.host.graph.rows
        return any(_reads_later(self.host.graph, rows[user]) for user in self.host.users.get(index, ()))

    def _evaluated(self, args: Sequence[Tree]) -> tuple[list[str], list[str]]:
        """The texts of the arguments, each call among them written into a buffer; and those buffers."""
        texts, spare = [], []
        for arg in args:
            if isinstance(arg, Leaf) or self.buffers.is_small(arg.shape):
                texts.append(arg.text)
                continue
            inner, own = self._evaluated(arg.args)
            out = self._out(arg, own)
            name = out or self.host.names.exactly("u_1")
            spelled = _spelled(arg, inner, out)
            self.host.lines.append(spelled if out else f"{name} = {spelled}")
            if out is None:
                self.buffers.born(name, self._kept(arg))
            texts.append(name)
            spare.append(name)
        return texts, spare

    def _out(self, call: Call, spare: list[str]) -> str | None:
        """The array that a call writes into: one that it is the last to read, else a free one."""
        kept = self._kept(call)
        reusable = [name for name in spare if self.buffers.made[name] == kept] if call.elementwise else []
        reusable += self._overwritten(call, kept)
        out = reusable[0] if reusable else self.buffers.take(kept)
        self.again += out is not None
        for name in spare:
            if name != out:
                self.buffers.give_back(name)
        return out

    def _overwritten(self, call: Call, kept: Kept) -> list[str]:
        """The array of a row that is read here for the last time, where the call may overwrite it."""
        found = []
        for arg in call.args:
            if not isinstance(arg, Leaf) or arg.name is None:
                continue
            self._reads[arg.name] -= 1
            row = self._dying.get(arg.name)
            if found or row is None or self._reads[arg.name] or not call.elementwise or self.buffers.made[self._holds[row]] != kept:
                continue
            found.append(self._holds.pop(row))
            del self._dying[arg.name]
        return found

    def _kept(self, call: Call) -> Kept:
        return Kept(call.shape, call.boolean)


def _chooses(args: Sequence[Tree]) -> bool:
    """Whether there is a choice below the top, which is no single call."""
    return any(isinstance(arg, Call) and (arg.function == "where" or _chooses(arg.args)) for arg in args)


def _inner_shapes(tree: Tree) -> list[Shape]:
    """The shapes of the calls inside a tree, below the top."""
    calls = [arg for arg in tree.args if isinstance(arg, Call)] if isinstance(tree, Call) else []
    return [arg.shape for arg in calls] + [shape for arg in calls for shape in _inner_shapes(arg)]


def _spelled(call: Call, texts: Sequence[str], out: str | None) -> str:
    into = [f"out={out}"] if out else []
    if call.axis is not None:
        return f"{texts[0]}.{call.function}({', '.join([f'axis={call.axis}', *into])})"
    return f"np.{call.function}({', '.join([*texts, *into])})"


def _reads_later(graph: Graph, row: Row) -> bool:
    """Whether a row's arguments may be read as long as the row itself: it is a view of them, or stands in its user's line."""
    if row.op == "map":
        return row.payload[0] in _READ_LATER
    return row.op == "onehot" or row.kind not in ("real", BOOLEAN) or (
        row.op == "product" and (len(row.keep) < len(row.sizes) or any(graph.rows[arg].op == "onehot" for arg in row.args)))
