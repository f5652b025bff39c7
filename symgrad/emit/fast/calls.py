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
    needs: set[str]
    names: Names
    shapes: dict[str, Shape]
    in_room: bool

    def shape_of(self, index: int) -> Shape: ...
    def is_written_into(self, index: int, users: Collection[int]) -> bool: ...
    def _is_scaled_only(self, index: int, row: Row) -> bool: ...
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
        self._outlive: set[int] = set()
        self.again = 0

    def begin(self, rows: Sequence[int], outlive: Collection[int], found: Collection[int] = ()) -> None:
        """Find where each of the rows is read last; those in `outlive` are needed after all of them.

        `found` are rows that are there already, in arrays that the kernel owns.
        """
        own, last = set(rows), {}
        for index in [*reversed(rows), *found]:
            if index in outlive:
                last[index] = -1
                continue
            readers = [user for user in self.host.users.get(index, ()) if user in own]
            ends = [last[user] if self._reads_later(user) else user for user in readers]
            last[index] = -1 if -1 in ends else max([index, *readers, *ends])
        for index, end in last.items():
            self._ends.setdefault(end, []).append(index)
        self._outlive = {index for index, end in last.items() if end == -1}
        for index in found:
            name = self.host.text[index].text
            self.buffers.born(name, Kept(self.host.shape_of(index), self.host.graph.rows[index].kind == BOOLEAN, own=True))
            self._holds[index] = name

    def end(self, index: int) -> None:
        """A row is written: what was read last there is free."""
        for row in self._ends.get(index, ()):
            if row in self._holds:
                self.buffers.give_back(self._holds.pop(row))

    def leave(self, index: int, user: int) -> bool:
        """The array that a row is held in is its user's from now on, never free again; False where the user may not have it."""
        array = self._holds.get(index)
        if array is not None and user in self._outlive and not self.buffers.made[array].own:
            return False
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
        kept = self._kept(tree, index)
        out = self._out(tree, spare, kept)
        name = self.host._name(index)
        spelled = _spelled(tree, texts, out or self._new(kept)) if out or spare or not kept.own else text.text
        self.host.lines.append(f"{name} = {spelled}{self.host._comment(index, name)}")
        self._hold(index, out or name, kept)
        return True

    def _hold(self, index: int, array: str, kept: Kept) -> None:
        """A row is in an array, which may have come into being with it."""
        if array not in self.buffers.made:
            self.buffers.born(array, kept)
        self._holds[index] = array

    def _new(self, kept: Kept) -> str | None:
        """The text of a new array in the kernel's room; None where NumPy is to make the array."""
        if kept.own:
            return None
        self.host.in_room = True
        return kept.new

    def _masked(self, index: int, text: Text, tree: Call) -> bool:
        """Numbers where a condition holds and 0 elsewhere."""
        (mask, numbers), spare = self._evaluated(tree.args)
        kept = self._kept(tree, index)
        out = self._out(tree, spare, kept)
        name = self.host._name(index)
        array = out or self._new(kept)
        if array is not None:
            self.host.needs.add("special:masked")
        spelled = text.text if array is None else f"_masked({numbers}, {mask}, {array})"
        self.host.lines.append(f"{name} = {spelled}{self.host._comment(index, name)}")
        self._hold(index, out or name, kept)
        return True

    def together(self, first: int, second: int, call: str) -> None:
        """Two rows of a block that one call makes, each in an array of its own, with two more to work in."""
        kept = Kept(self.host.shape_of(first), False)
        arrays = [self.buffers.taken(kept) for _ in range(4)]
        names = [self.host._name(index) for index in (first, second)]
        self._holds |= dict(zip((first, second), arrays, strict=False))
        self._give_back(arrays[2:])
        words = ", ".join(self.host._comment(index, name).removeprefix("  # ") for index, name in zip((first, second), names, strict=True))
        self.host.lines.append(f"{', '.join(names)} = {call[:-1]}, {', '.join(arrays)})  # {words}")

    def write(self, index: int, text: Text, target: str) -> None:
        """Write a row into an array that is given."""
        comment = self.host._comment(index, target.removesuffix("_part"))
        self._put(self._tree(index, text), text.text, target, comment)

    def put(self, target: str, text: str) -> None:
        """target = text, written right there where the text is made of calls."""
        self._put(self._free_tree(text), text, target, "")

    def _put(self, tree: Call | None, text: str, target: str, comment: str) -> None:
        if tree is None or tree.function == "where":
            self.host.lines.append(f"{target}[...] = {text}{comment}")
            return
        texts, spare = self._evaluated(tree.args)
        self.host.lines.append(f"{_spelled(tree, texts, target)}{comment}")
        self._give_back(spare)

    def add(self, target: str, text: str) -> None:
        """target += text, through a buffer where the text is made of calls."""
        self.hand(text, f"{target} += {{0}}")

    def hand(self, text: str, line: str) -> None:
        """A line that uses the text in place of {0}, through a buffer where the text is made of calls."""
        tree = self._free_tree(text)
        if tree is None or "?" in tree.shape or tree.function == "where":
            self.host.lines.append(line.format(text))
            return
        (name,), spare = self._evaluated([tree])
        self.host.lines.append(line.format(name))
        self._give_back(spare)

    def _give_back(self, names: Sequence[str]) -> None:
        for name in names:
            self.buffers.give_back(name)

    def _free_tree(self, text: str) -> Call | None:
        """The calls that a text is made of, which may overwrite nothing that it reads."""
        self._reads, self._dying = Counter(), {}
        return self._read(text)

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
        return any(self._reads_later(user) for user in self.host.users.get(index, ()))

    def _reads_later(self, index: int) -> bool:
        """Whether a row's arguments may be read as long as the row itself: it is a view of them, or stands in its user's line."""
        row = self.host.graph.rows[index]
        if row.op == "map":
            return row.payload[0] in _READ_LATER
        if row.op == "onehot" or row.kind not in ("real", BOOLEAN):
            return True
        return row.op == "product" and (
            any(self.host.graph.rows[arg].op == "onehot" for arg in row.args) or self.host._is_scaled_only(index, row))

    def _evaluated(self, args: Sequence[Tree]) -> tuple[list[str], list[str]]:
        """The texts of the arguments, each call among them written into a buffer; and those buffers."""
        texts, spare = [], []
        for arg in args:
            if isinstance(arg, Leaf) or self.buffers.is_small(arg.shape):
                texts.append(arg.text)
                continue
            inner, own = self._evaluated(arg.args)
            kept = Kept(arg.shape, arg.boolean)
            out = self._out(arg, own, kept)
            name = out or self.host.names.exactly("u_1")
            spelled = _spelled(arg, inner, out or self._new(kept))
            self.host.lines.append(spelled if out else f"{name} = {spelled}")
            if out is None:
                self.buffers.born(name, kept)
            texts.append(name)
            spare.append(name)
        return texts, spare

    def _out(self, call: Call, spare: list[str], kept: Kept) -> str | None:
        """The array that a call writes into: one that it is the last to read, else a free one."""
        reusable = [name for name in spare if self.buffers.made[name] == kept] if call.in_place else []
        reusable += self._overwritten(call, kept)
        out = reusable[0] if reusable else self.buffers.take(kept)
        self.again += out is not None
        self._give_back([name for name in spare if name != out])
        return out

    def _overwritten(self, call: Call, kept: Kept) -> list[str]:
        """The array of a row that is read here for the last time, where the call may overwrite it."""
        found = []
        for arg in call.args:
            if not isinstance(arg, Leaf) or arg.name is None:
                continue
            self._reads[arg.name] -= 1
            row = self._dying.get(arg.name)
            if found or row is None or self._reads[arg.name] or not call.in_place or self.buffers.made[self._holds[row]] != kept:
                continue
            found.append(self._holds.pop(row))
            del self._dying[arg.name]
        return found

    def _kept(self, call: Call, index: int) -> Kept:
        """What the array of a row has to be like; one that outlives the rows is the kernel's own."""
        own = not self.buffers.beforehand and (index in self._outlive or self.host.is_written_into(index, self._outlive))
        return Kept(call.shape, call.boolean, own)


def _chooses(args: Sequence[Tree]) -> bool:
    """Whether there is a choice below the top, which is no single call."""
    return any(isinstance(arg, Call) and (arg.function == "where" or _chooses(arg.args)) for arg in args)


def _inner_shapes(tree: Tree) -> list[Shape]:
    """The shapes of the calls inside a tree, below the top."""
    calls = [arg for arg in tree.args if isinstance(arg, Call)] if isinstance(tree, Call) else []
    return [arg.shape for arg in calls] + [shape for arg in calls for shape in _inner_shapes(arg)]


def _spelled(call: Call, texts: Sequence[str], out: str | None) -> str:
    if call.function.startswith("_"):
        return f"{call.function}({', '.join([*texts, *([out] if out else [])])})"
    into = [f"out={out}"] if out else []
    if call.axis is not None:
        return f"{texts[0]}.{call.function}({', '.join([f'axis={call.axis}', *into])})"
    return f"np.{call.function}({', '.join([*texts, *into])})"
