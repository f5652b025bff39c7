"""The fast style: NumPy calls that write into buffers, block by block over the samples."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence

import sympy as sp

from symgrad.emit.fast.buffers import Buffers, Kept
from symgrad.emit.fast.calls import Calls
from symgrad.emit.fast.placing import Placing, Strip
from symgrad.emit.fast.plan import Plan, Walk
from symgrad.emit.fast.samples import Samples, places_along
from symgrad.emit.fast.stages import Stage, Stages, arrange
from symgrad.emit.fast.trees import Shape
from symgrad.emit.formulas import Formulas
from symgrad.emit.names import listed, tuple_text
from symgrad.emit.numbers import PLUS, Text
from symgrad.graph.graph import Graph
from symgrad.graph.program import Output, Program
from symgrad.graph.rows import INTEGER, REAL, Row

FIRST, LAST = sp.symbols("first last", integer=True, nonnegative=True)
"""Where a block begins and where it ends, as the generated code calls them."""

MOST_WALKS = 8
"""Where matrix products have to be kept between more walks than this, nearly all is kept: whole arrays are as good then."""


class FastSpeller(Placing):
    """Spells a program with buffers, and in stages where there is an axis of samples."""

    def __init__(self, program: Program, given: Mapping[int, str], wanted: Mapping[int, str], taken: Sequence[str], samples: Samples | None):
        super().__init__(program, given, wanted, taken)
        self.stages = arrange(program, samples) if samples else None
        if self.stages is not None and len(self.stages.walks) > MOST_WALKS and any(walk.read for walk in self.stages.walks):
            self.stages = samples = None
        self.samples = samples
        self._shown: dict[int, Text] = {}
        self._in_block = False
        self._whole: dict[int, str] = {}
        self._part: dict[int, Text] = {}
        self._walks: list[Walk] = []
        self._block_rows: set[int] = set()
        self._done: set[int] = set()
        self.plan = Plan(None, 0, (), 0)
        self.in_room = False
        self._sizes: dict[str, sp.Expr] = {}
        self._original = self.graph
        self._cut = _cut(self.graph, samples) if samples else self.graph
        self._written: set[int] = set()
        self._strips: dict[int, Strip] = {}
        self.shapes: dict[str, Shape] = {name: self.shape_of(index) for index, name in given.items()}
        self._calls = Calls(self, Buffers(self.names, beforehand=False))
        self.formulas = Formulas(self.graph, ChainMap(self._shown, self.text))
        for index in samples.along if samples else ():
            self._orders.pop(index, None)

    def body(self) -> list[str]:
        """The statements in order."""
        if self.samples is None or self.stages is None:
            self._spell(self.rows)
            self.plan = Plan(None, _made(self.graph, self.rows), (), self._calls.again)
        else:
            self._staged(self.samples, self.stages)
        return self.lines

    def _staged(self, samples: Samples, stages: Stages) -> None:
        """What comes before the samples, and each walk over them with what comes after it."""
        self._spell(stages.before)
        for stage in stages.walks:
            self._walk(stage)
            self._spell(stage.after, [index for index in stage.sums if len(self.shape_of(index)) > 1])
        self.plan = Plan(self._number(samples.size).text, _made(self._original, stages.before), tuple(self._walks), 0)

    def _spell(self, rows: Sequence[int], found: Sequence[int] = ()) -> None:
        """Rows outside of blocks, `found` being arrays that blocks have made."""
        self._calls = Calls(self, Buffers(self.names, beforehand=False))
        self._calls.begin(rows, set(self._outputs_of([*found, *rows])), found)
        for index in rows:
            if index in self._whole and self.graph.rows[index].op == "sum":
                self._complete(index, self.graph.rows[index])
            elif index not in self.text:
                self._row(index)

    def _outputs_of(self, rows: Sequence[int]) -> list[int]:
        """Rows that are needed after the last of `rows`."""
        own, inside = set(rows), self.samples.along if self.samples else ()
        return [index for index in rows
                if index in self.outputs or any(user not in own or user in inside for user in self.users.get(index, ()))]

    def _row(self, index: int) -> None:
        row = self.graph.rows[index]
        self._handlers[row.op](index, row)
        part = self._part.get(index)
        if part is not None and self.text[index] not in (part, Text("")):  # written by other means than a formula
            self.lines.append(f"{part.text}[...] = {self.text[index].text}")
        self.text[index] = part or self.text[index]
        self._calls.end(index)

    def _name(self, index: int) -> str:
        name = super()._name(index)
        self.shapes[name] = self.shape_of(index)
        return name

    # ------------------------------------------------------------------ blocks

    def _walk(self, stage: Stage) -> None:
        """One walk over the samples: arrays for what is kept, the buffers, the block, and the call that runs it."""
        assert self.samples is not None
        self._allocate(stage)
        outer, self.lines, before = self.lines, [], dict(self.text)
        self._in_block, self.graph = True, self._cut
        self._calls = Calls(self, Buffers(self.names, beforehand=True))
        self._calls.begin(stage.rows, {*stage.sums, *stage.kept})
        self._begin_strips()
        self._parts(stage)
        self._block_rows, self._done = set(stage.rows), set()
        for index in stage.rows:
            if index in self._done:
                self._calls.end(index)
            else:
                self._row(index)
        body, self.lines = self.lines, outer
        sums, returned = [self.text[index].text for index in stage.sums], self._handed_back()
        buffers = _by_kind(self._calls.buffers.made)
        self._in_block, self.graph = False, self._original
        kept = {index: self.text[index] for index in stage.sums}
        self.text.clear()
        self.text.update(before | kept | {index: Text(name) for index, name in self._whole.items()})
        self._shown.clear()
        self._part.clear()
        self.needs |= {"blocks", "room"}
        weight = self._weight(stage, buffers)
        self._walks.append(Walk(len(stage.rows), tuple(sums), tuple(self._whole[index] for index in stage.kept),
                                tuple(self._whole[index] for index in stage.read), dict(buffers), weight, _made(self._original, stage.after)))
        block, room = self.names.exactly("block_1"), self.names.exactly("room_1") if buffers else "None"
        self.lines += [*_definitions(block, room, body, [*sums, *returned], buffers), self._call(stage, block, room, sums, weight)]
        self._finish_strips(self.samples.size)

    def _call(self, stage: Stage, block: str, room: str, sums: Sequence[str], weight: str) -> str:
        assert self.samples is not None
        rows = self.graph.rows
        how = ["sum" if rows[index].op in ("sum", "product") else rows[index].payload or rows[index].op for index in stage.sums]
        given = [block, room, self._number(self.samples.size).text, weight]
        strips = [strip for strip in self._strips.values() if strip.width]
        how += ["beyond" for _ in strips]
        if set(how) - {"sum"}:
            given.append(f"how={tuple_text([repr(one) for one in how])}")
        if strips:
            given.append(f"least={max(strip.width for strip in strips)}")
        overlap = self._overlap(stage)
        if overlap != 0:
            given.append(f"overlap={self._number(overlap).text}")
        left = f"{listed([*sums, *(strip.beyond for strip in strips)])} = " if sums or strips else ""
        return f"{left}_blocks({', '.join(given)})"

    def _weight(self, stage: Stage, buffers: Mapping[str, Kept]) -> str:
        """Elements that a sample takes: in the buffers and in the inputs that a block reads."""
        assert self.samples is not None
        rows, total = self._original.rows, sp.S.Zero
        used = {arg for index in stage.rows for arg in rows[index].args if self.samples.carries(arg, rows[arg])}
        for index in sorted({arg for arg in used if rows[arg].op == "input"} | set(stage.kept) | set(stage.read)):
            others = [rows[index].sizes[label] for label in rows[index].keep if label != self.samples.along[index]]
            total += 2 * sp.prod(others) if others else 1  # a matrix is read once forwards and once backwards
        for kept in buffers.values():
            total += sp.prod([self._sizes[size] for size in kept.shape if size in self._sizes])
        return self._number(total).text

    # ------------------------------------------------------------------ arrays over all samples

    def _allocate(self, stage: Stage) -> None:
        """Arrays for what outlives the blocks: rows over all samples, and sums that are written by deltas."""
        for index in stage.kept:
            self._make(index, "np.empty", "blocks write it")
        self._allocate_placed(stage)

    def _parts(self, stage: Stage) -> None:
        """The block's own part of every array over samples that it reads or writes."""
        assert self.samples is not None
        rows = self._original.rows
        used = {arg for index in stage.rows for arg in rows[index].args}
        for index in sorted(used | set(stage.kept) | set(stage.read)):
            row = rows[index]
            if not self.samples.carries(index, row) or (row.op != "input" and index not in (*stage.kept, *stage.read)):
                continue
            whole = self.text[index].text
            part = self.names.exactly(f"{whole}_part")
            at = row.keep.index(self.samples.along[index])
            self.lines.append(f"{part} = {whole}[{':, ' * at}first:last]")
            self._shown[index] = Text(whole)
            self.text[index] = Text(part)
            if index in stage.kept:
                self._part[index] = self.text[index]
            self.shapes[part] = self.shape_of(index)
            if at == 0 and len(row.keep) == 2 and row.kind == REAL and self._is_spread(index, set(stage.rows)):
                self._turn(index, part)

    def _is_spread(self, index: int, block: set[int]) -> bool:
        """Whether an input meets arrays of more axes in a block, element by element, itself or a part of it."""
        rows, users = self._original.rows, self.users.get(index, ())
        if any(user in block and 2 < len(rows[user].keep) == len(rows[user].sizes) for user in users):
            return True
        parts = (user for user in users if len(rows[user].keep) == 2 and any(rows[arg].op == "onehot" for arg in rows[user].args))
        return any(self._is_spread(user, block) for user in parts)

    def _turn(self, index: int, part: str) -> None:
        """A copy of an input's part with the samples last, as the other arrays have them."""
        shape = self.shape_of(index)[::-1]
        turned = self._calls.buffers.taken(Kept(shape, False))
        self.lines.append(f"np.copyto({turned}, {part}.T)")
        self.text[index] = Text(f"{turned}.T")
        self.shapes[turned] = shape

    def shape_of(self, index: int) -> tuple[str, ...]:
        """The size of each axis of a row as text; the samples of a block are "width"."""
        row = self.graph.rows[index]
        along = self.samples.along.get(index) if self.samples and self._in_block else None
        return tuple("width" if label == along else self._size_text(row.sizes[label]) for label in self._orders.get(index, row.keep))

    def _size_text(self, size: sp.Expr) -> str:
        text = self._number(size).text
        self._sizes[text] = size
        return text

    # ------------------------------------------------------------------ what the speller does otherwise

    def _assign(self, index: int, text: Text) -> None:
        row = self.graph.rows[index]
        if index in self._part:
            self._calls.write(index, text, self._part[index].text)
            return
        few = len(row.keep) < (1 if self._in_block else 2) or row.kind == INTEGER
        if few or self._reduces(index) or not self._calls.assign(index, text):
            super()._assign(index, text)

    def _map(self, index: int, row: Row) -> None:
        """Sine and cosine of one argument are made together."""
        other = self._counterpart(index, row)
        if other is None:
            super()._map(index, row)
            return
        self.needs.add("special:sincos")
        self._done.add(other)
        sine, cosine = (index, other) if row.payload[0] == "sin" else (other, index)
        self._calls.together(sine, cosine, f"_sincos({self._args(row)[0].text})")

    def _applied(self, row: Row, name: str, parameters: Sequence) -> Text:
        """A map as text; numbers are seldom other than finite, so that a look at them is enough."""
        if name in ("max", "min"):
            row = _largest_first(row)
        if name != "finite":
            return super()._applied(row, name, parameters)
        self.needs.add("special:finite")
        return Text(f"_finite({self._args(row)[0].text})")

    def _counterpart(self, index: int, row: Row) -> int | None:
        """The cosine of a row that is a sine of samples, or the other way round, where the block needs both."""
        wanted = {"sin": "cos", "cos": "sin"}.get(row.payload[0])
        if wanted is None or not self._in_block or index in self._part:
            return None
        users = (user for user in self.users[row.args[0]] if user in self._block_rows - self._done and user not in self._part)
        rows = self.graph.rows
        same = (user for user in users if rows[user].calls(wanted) and (rows[user].axes, rows[user].keep) == (row.axes, row.keep))
        return next(same, None)

    def _added(self, row: Row, terms: Sequence[tuple[sp.Expr, int]], constant: sp.Expr) -> Text:
        """What is small, such as one number a parameter, is added up before it meets what is large."""
        widest = max((len(row.axes[k]) for _, k in terms), default=0)
        small = [term for term in terms if len(row.axes[term[1]]) < widest and not self._runs(row.args[term[1]])]
        if len(small) + (constant != 0) < 2 or not small:
            return super()._added(row, terms, constant)
        large = super()._added(row, [term for term in terms if term not in small], sp.S.Zero)
        return Text(f"{large.within(PLUS)} + ({super()._added(row, small, constant).text})", PLUS)

    def _runs(self, index: int) -> bool:
        """Whether a row runs along the samples of a block."""
        return self._in_block and self.samples is not None and self.samples.carries(index, self._original.rows[index])

    def _placing(self, index: int, row: Row) -> None:
        if not self._reduces(index) or not places_along(self.program, index, self.samples.along[index]):  # type: ignore[union-attr]
            super()._placing(index, row)
            return
        self._place(index, row)

    def _reduces(self, index: int) -> bool:
        """Whether a block makes its part of a sum over the samples here."""
        if not self._in_block or self.samples is None or index not in self.samples.along:
            return False
        return not self.samples.carries(index, self._original.rows[index])

    def _is_added_only(self, index: int, row: Row) -> bool:
        return not self._reduces(index) and super()._is_added_only(index, row)

    # ------------------------------------------------------------------ index numbers inside a block

    def _counted(self, row: Row) -> str:
        """The bounds of an axis's index numbers: those of a block are the samples' own."""
        return "first, last" if row.sizes[0] == LAST - FIRST else super()._counted(row)

    def _linear(self, index: int) -> tuple[int, sp.Expr] | None:
        found = super()._linear(index)
        if found is None or LAST - FIRST not in self.graph.rows[index].sizes:
            return found
        step, offset = found
        return step, offset + step * FIRST

    def _is_scaled_only(self, index: int, row: Row) -> bool:
        return not self._in_block and super()._is_scaled_only(index, row)

    def _borrowed(self, row: Row, output: Output) -> bool:
        return self._first_output(output.ref.row) is not output if output.ref.row in self._whole else super()._borrowed(row, output)


def _largest_first(row: Row) -> Row:
    """A row whose arguments with most axes come first: NumPy compares an array with a number faster than a number with an array."""
    order = sorted(range(len(row.args)), key=lambda k: -len(row.axes[k]))
    return row._replace(args=tuple(row.args[k] for k in order), axes=tuple(row.axes[k] for k in order))


def _made(graph: Graph, rows: Sequence[int]) -> int:
    """How many of the rows are computed: inputs and numbers are not."""
    return sum(bool(graph.rows[index].args) for index in rows)


def _by_kind(buffers: Mapping[str, Kept]) -> dict[str, Kept]:
    """Buffers of one kind one after another, so that one statement makes them."""
    kinds = list(dict.fromkeys(buffers.values()))
    return {name: kind for kind in kinds for name, kept in buffers.items() if kept == kind}


def _definitions(block: str, room: str, body: Sequence[str], sums: Sequence[str], buffers: Mapping[str, Kept]) -> list[str]:
    """The function that makes the buffers of a block, and the block."""
    kinds = list(dict.fromkeys(buffers.values()))
    counts = [str(list(buffers.values()).count(kind)) for kind in kinds]
    made = [f"*{kind._replace(shape=(count, *kind.shape)).new}" for count, kind in zip(counts, kinds, strict=True)]
    line = f"    return {listed(made)}"
    lines = [line] if len(line) < 130 else ["    return (", *(f"        {one}," for one in made), "    )"]
    rooms = [f"def {room}(width, new):", *lines, ""] if made else []
    tail = f"    return {listed(sums) or '()'}"
    return ["", *rooms, f"def {block}({', '.join(['first', 'last', *buffers])}):", *(f"    {line}" for line in body), tail, ""]


def _cut(graph: Graph, samples: Samples) -> Graph:
    """The rows as a block sees them: the sample axis is as long as the block."""
    cut = graph.copy()
    for index, along in samples.along.items():
        row = cut.rows[index]
        cut.rows[index] = row._replace(sizes=tuple(LAST - FIRST if label == along else size for label, size in enumerate(row.sizes)))
    return cut
