"""Rows as NumPy statements, one line a row, each with the formula it computes."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Mapping, Sequence

import sympy as sp

from symgrad.emit import onehots
from symgrad.emit.axes import aligned, transposed
from symgrad.emit.contraction import Dense, scaled
from symgrad.emit.formulas import Formulas
from symgrad.emit.names import Names, is_plain, tuple_text
from symgrad.emit.numbers import ATOM, LOOSE, PLUS, POWER, TIMES, Text, number
from symgrad.emit.products import Products
from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.program import Output, Program
from symgrad.graph.rows import BOOLEAN, INTEGER, REAL, Ref, Row
from symgrad.graph.steps import Steps
from symgrad.graph.table.common import NARY_TEMPLATES

_PLAIN_CALL = re.compile(r"((np|special)\.|_)\w+\(\{\w+\}(, \{\w+\})*\)")
"""Templates whose arguments stand alone between commas; everywhere else an argument may need parentheses."""
_DETERMINANTS = {"det": "np.linalg.det({})", "logdet": "_logdet({})", "logabsdet": "np.linalg.slogdet({})[1]",
                 "detsign": "np.linalg.slogdet({})[0]"}


class Speller(Products):
    """Spells the live rows of one program as the body of one function.

    `given` maps input rows to the names of the function's parameters; `wanted` maps rows to names they should have.
    """

    def __init__(self, program: Program, given: Mapping[int, str], wanted: Mapping[int, str], taken: Sequence[str], flat: bool = False):
        self.program = program
        self.flat = flat
        self.section = "derivatives"
        self.graph: Graph = program.graph
        self.rows = program.live()
        self.names = Names([*taken, *given.values()])
        self.text: dict[int, Text] = {row: Text(name) for row, name in given.items()}
        self.wanted = wanted
        self.outputs = set(program.roots())
        self.users = self.graph.users(self.rows)
        self.uses = {row: len(self.users.get(row, ())) + 2 * (row in self.outputs) for row in self.rows}
        self._orders = self._output_orders()
        self.lines: list[str] = []
        self.needs: set[str] = set()
        self.formulas = Formulas(self.graph, self.text)
        self._handlers = {"constant": self._constant, "iota": self._iota, "sum": self._sum, "product": self._product, "map": self._map,
                          "extremum": self._extremum, "logsumexp": self._reduced, "norm": self._reduced, "rest": self._reduced, "solve": self._solve,
                          "inverse": self._inverse, "prod": self._product_over, "others": self._product_over,
                          "logprod": self._product_over, "compounded": self._product_over, "onehot": self._onehot,
                          **dict.fromkeys(_DETERMINANTS, self._determinant)}

    def body(self) -> list[str]:
        """The statements in order; `returns` then tells what to hand back."""
        boundary = self.program.primal
        for index in self.rows:
            if boundary is not None and index >= boundary:
                self.lines.append(f"# {self.section}")
                boundary = None
            self.spell(index)
        return self.lines

    def spell(self, index: int) -> None:
        """The lines of one row, unless it has a text already."""
        if index not in self.text:
            self._handlers[self.graph.rows[index].op](index, self.graph.rows[index])

    def returned(self, output: Output) -> str:
        """What to hand back for an output: fresh, in the promised order, and of the promised shape."""
        row, text = self.graph.rows[output.ref.row], self.text[output.ref.row]
        numbers = {axis: k for k, axis in enumerate(output.axes)}
        labels, wanted = [numbers[label] for label in output.ref.labels], list(range(len(output.axes)))
        order = self._orders.get(output.ref.row)
        if order is not None:
            local = dict(zip(row.keep, labels, strict=True))
            labels = [local[label] for label in order]
        if sorted(labels) == wanted and not self._borrowed(row, output):
            return transposed(text, labels, wanted).text
        shape = tuple_text([self._number(axis.size).text for axis in output.axes])
        return f"_full({aligned(text, labels, wanted).text}, {shape}, dtype)"

    def _borrowed(self, row: Row, output: Output) -> bool:
        """Whether the row's array may belong to someone else (an input, a view of one, another output) or is no array at all."""
        if row.op in ("input", "constant", "iota") or (row.op == "map" and row.payload[0] in ("real", "select")):
            return True
        hot = [k for k, arg in enumerate(row.args) if self.graph.rows[arg].op == "onehot"]
        view = row.op == "product" and row.payload == 1 and bool(hot) and not any(self._target(row, k) in row.keep for k in hot)
        return view or (bool(row.keep) and self._first_output(output.ref.row) is not output)

    def _first_output(self, row: int) -> Output:
        return next(output for output in self.program.outputs.values() if output.ref.row == row)

    def _output_orders(self) -> dict[int, tuple[int, ...]]:
        """Products, and sums that are written into, stand in the order of axes that was promised where they are only handed back."""
        orders = {}
        for output in self.program.outputs.values():
            row = self.graph.rows[output.ref.row]
            if row.op in ("product", "sum") and output.ref.row not in self.users and set(output.ref.labels) == set(output.axes):
                local = dict(zip(output.ref.labels, row.keep, strict=True))
                orders.setdefault(output.ref.row, tuple(local[axis] for axis in output.axes))
        return orders

    # ------------------------------------------------------------------ helpers

    def size(self, row: Row) -> onehots.Size:
        return lambda label: row.sizes[label]

    def _assign(self, index: int, text: Text) -> None:
        if self.graph.rows[index].kind == INTEGER and index not in self.outputs and self._linear(index) is not None:
            self.text[index] = text  # slices stand for it; where they do not, it is short enough to repeat
            return
        name = self._name(index)
        self.lines.append(f"{name} = {text.text}{self._comment(index, name)}")

    def _name(self, index: int) -> str:
        wanted = self.wanted.get(index) or (self._after_primal(index) if self.flat else None)
        if wanted is not None and wanted.startswith(("bar_", "dot_")):
            name = self.names.exactly(wanted if is_plain(wanted) else f"{wanted[:4]}xi")
        else:
            name = self.names.take(wanted or "", "xi")
        self.text[index] = Text(name)
        return name

    def _after_primal(self, index: int) -> str | None:
        """bar_x for the adjoint of x, dot_x for its tangent: the flat style names every one."""
        role, _, row = self.graph.notes.get(index, "").partition(" ")
        if role not in ("bar", "dot") or int(row) not in self.text:
            return None
        return f"{role}_{self.text[int(row)].text}"

    def _comment(self, index: int, name: str) -> str:
        note = self.graph.notes.get(index, "")
        rule = f"  [{note[5:]}]" if note.startswith("rule ") else ""
        return f"  # {self.formulas.line(index, name, self._orders.get(index))}{rule}"

    def _args(self, row: Row) -> list[Text]:
        """Argument texts that broadcast against the row's own axes."""
        return [aligned(self.text[arg], axes, row.keep) for arg, axes in zip(row.args, row.axes, strict=True)]

    # ------------------------------------------------------------------ leaves

    def _constant(self, index: int, row: Row) -> None:
        if row.kind == BOOLEAN:
            self.text[index] = Text(str(bool(row.payload)))
            return
        self.text[index] = self._number(row.payload)

    def _number(self, value: sp.Expr) -> Text:
        text = number(value)
        if "math." in text.text:
            self.needs.add("math")
        return text

    def _iota(self, index: int, row: Row) -> None:
        self.text[index] = Text(f"np.arange({self._counted(row)})")

    def _counted(self, row: Row) -> str:
        """How many index numbers an axis has."""
        return self._number(row.sizes[0]).text

    def _onehot(self, index: int, row: Row) -> None:
        """Only checks and names the index; the products that use it read and write by it."""
        if row.payload == "checked":
            what, subscript, base = literal_eval(self.graph.notes[index])
            run = list(dict.fromkeys(label for axes in row.axes for label in axes))
            texts = [aligned(self.text[arg], axes, run).text for arg, axes in zip(row.args, row.axes, strict=True)]
            size = self._number(row.sizes[row.keep[-1]]).text
            self.lines.append(f"_index({', '.join([texts[0], size, repr(what), repr(subscript), str(base), *texts[1:]])})")
        self.text[index] = Text("")
        if self._is_read_as_array(index):
            self._assign(index, transposed_to(onehots.dense(self._hot(Ref(index), row, row.keep), self.size(row)), row.keep))

    def _is_read_as_array(self, index: int) -> bool:
        users = self.users.get(index, ())
        return index in self.outputs or any(self.graph.rows[user].op not in ("product", "sum") for user in users)

    # ------------------------------------------------------------------ sums

    def _sum(self, index: int, row: Row) -> None:
        coefficients, constant = row.payload
        plain, writes = [], []
        for k, coefficient in enumerate(coefficients):
            (writes if self._writes(row, k) else plain).append((coefficient, k))
        if not writes:
            self._orders.pop(index, None)
            self._assign(index, self._added(row, plain, constant))
            return
        self._sum_into(index, row._replace(keep=self._orders.get(index, row.keep)), plain, writes)

    def _writes(self, row: Row, k: int) -> bool:
        """Whether a term only places numbers by deltas, and nobody else needs it as an array."""
        return self.graph.rows[row.args[k]].op in ("onehot", "product") and self.text[row.args[k]] == Text("")

    def _added(self, row: Row, terms: Sequence[tuple[sp.Expr, int]], constant: sp.Expr) -> Text:
        parts = []
        for coefficient, k in terms:
            argument = aligned(self.text[row.args[k]], row.axes[k], row.keep)
            parts.append(scaled(coefficient, argument))
        if constant != 0 or not parts:
            parts.append(self._number(constant))
        parts.sort(key=lambda part: part.text.startswith("-"))
        text = parts[0].within(PLUS)
        for part in parts[1:]:
            negative = part.text.startswith("-") and part.binds > PLUS
            text += f" - {part.text[1:]}" if negative else f" + {part.within(PLUS)}"
        return Text(text, PLUS if len(parts) > 1 else parts[0].binds)

    def _sum_into(self, index: int, row: Row, plain: Sequence, writes: Sequence) -> None:
        text = self._added(row, plain, row.payload[1])
        carried = {label for _, k in plain for label in row.axes[k]}
        whole = carried == set(row.keep)
        if whole and text.binds != ATOM:
            self._assign(index, text)
            name, owned = self.text[index].text, True
        else:
            owned = whole and len(plain) == 1 and self._is_owned(row.args[plain[0][1]])
            name = self._name(index)
            made = text.text if owned else self._apart(row, plain, text)
            self.lines.append(f"{name} = {made}{self._comment(index, name)}")
        for coefficient, k in writes:
            inner = self._spread(self._placed(row.args[k]), row, row.axes[k])
            self._write(name, coefficient, inner, inner.keep, fresh=False, contiguous=not owned)
            self._join_additions()

    def _join_additions(self) -> None:
        """Two additions to the same places in a row as one that reads and writes them once, in the same order."""
        (place, _, first), (other, joins, second) = (line.partition(" += ") for line in self.lines[-2:])
        if joins and place == other and place.endswith("]"):
            self.lines[-2:] = [f"{place} = {place}{_signed(first)}{_signed(second)}"]

    def _apart(self, row: Row, plain: Sequence, text: Text) -> str:
        """An array that may be written into, with the sum of the plain terms in it."""
        return f"_full({text.text}, {self._shape(row)}, dtype)" if plain or row.payload[1] != 0 else f"np.zeros({self._shape(row)}, dtype)"

    def _shape(self, row: Row) -> str:
        return tuple_text([self._number(row.sizes[label]).text for label in row.keep])

    def _is_owned(self, index: int) -> bool:
        """Whether a row's array is made on its line for one user, who may then write into it."""
        row = self.graph.rows[index]
        hot = any(self.graph.rows[arg].op == "onehot" for arg in row.args)
        return self.uses[index] == 1 and row.op == "product" and row.kind == REAL and not hot and (len(row.args) > 1 or row.payload != 1)

    def _placed(self, index: int) -> Row:
        """A row that places numbers; a bare one-hot places ones."""
        row = self.graph.rows[index]
        return row if row.op == "product" else Row("product", (index,), (row.keep,), row.keep, row.sizes, sp.S.One)

    def _spread(self, inner: Row, row: Row, axes: Sequence[int]) -> Row:
        """A term of a sum on all axes of the sum, those included along which it is constant."""
        local, sizes = dict(zip(axes, inner.keep, strict=True)), list(inner.sizes)
        for label in row.keep:
            if label not in local:
                local[label] = len(sizes)
                sizes.append(row.sizes[label])
        return inner._replace(keep=tuple(local[label] for label in row.keep), sizes=tuple(sizes))

    # ------------------------------------------------------------------ elementary maps

    def _map(self, index: int, row: Row) -> None:
        name, *parameters = row.payload
        if name == "reciprocal" and self._only_divides(index):
            self.text[index] = Text("")
            return
        if name in ("real", "integer"):
            self._cast(index, row, name)
            return
        self._assign(index, self._applied(row, name, parameters))

    def _only_divides(self, index: int) -> bool:
        """A reciprocal whose one user is a plain product is written as that product's denominator."""
        if self.uses[index] != 1:
            return False
        user = self.graph.rows[self.users[index][0]]
        return user.op == "product" and len(user.keep) == len(user.sizes) and not any(
            self.graph.rows[arg].op == "onehot" for arg in user.args)

    def _cast(self, index: int, row: Row, name: str) -> None:
        argument = self.text[row.args[0]]
        inner = self.graph.rows[row.args[0]]
        if name == "integer":
            self._assign(index, Text(f"{argument.within(ATOM)}.astype(np.intp)"))
        elif inner.op == "iota":
            self.text[index] = Text(f"np.arange({self._counted(inner)}, dtype=dtype)")
        elif inner.kind == INTEGER and not row.keep:
            self.text[index] = argument
        else:
            self.text[index] = Text(f"{argument.within(ATOM)}.astype(dtype)")

    def _applied(self, row: Row, name: str, parameters: Sequence) -> Text:
        args = self._args(row)
        if name == "power":
            return power_text(args[0], parameters[0])
        if name == "square" and not args[0].text.isidentifier():
            return Text(f"{args[0].within(ATOM)}**2", POWER)
        if not row.keep and name == "select":
            return Text(f"{args[1].within(LOOSE + 1)} if {args[0].text} else {args[2].within(LOOSE + 1)}", LOOSE)
        if not row.keep and name == "not":
            return Text(f"np.logical_not({args[0].text})")
        if name == "select" and row.kind == REAL and all(self.graph.rows[arg].op == "constant" for arg in row.args[1:]):
            branches = [self.graph.rows[arg].payload for arg in row.args[1:]]
            indicator = args[0].within(ATOM) if branches == [1, 0] else f"np.where({', '.join(arg.text for arg in args)})"
            return Text(f"{indicator}.astype(dtype)")
        entry, numbers = TABLE[name], {f"p{k}": self._number(p).text for k, p in enumerate(parameters)}
        if not row.keep and entry.one:
            return Text(entry.one.format(*(arg.within(ATOM) for arg in args), **numbers), LOOSE)
        self.needs.update(entry.needs.split(), *(p.needs for p in parameters if isinstance(p, Steps)))
        template = NARY_TEMPLATES[name](len(args)) if name in NARY_TEMPLATES else entry.numpy
        function_call = _PLAIN_CALL.fullmatch(template) is not None
        inner = [arg.text if function_call or name in NARY_TEMPLATES else arg.within(ATOM) for arg in args]
        text = template.format(*inner, **numbers)
        binds = ATOM if function_call or name in NARY_TEMPLATES else TIMES if name in ("reciprocal", "square", "logistic") else LOOSE
        return Text(text, binds)

    # ------------------------------------------------------------------ reductions and linear algebra

    def _reduced_axes(self, row: Row) -> str:
        axes = [position for position, label in enumerate(row.axes[0]) if label not in row.keep]
        return str(axes[0]) if len(axes) == 1 else f"({', '.join(map(str, axes))})"

    def _extremum(self, index: int, row: Row) -> None:
        argument = self.text[row.args[0]].within(ATOM)
        axis = f"axis={self._reduced_axes(row)}" if row.keep else ""
        method = row.payload if row.kind != BOOLEAN else {"max": "any", "min": "all"}[row.payload]
        self._assign(index, Text(f"{argument}.{method}({axis})"))

    def _reduced(self, index: int, row: Row) -> None:
        self.needs.add(f"special:{row.op}")
        self._assign(index, Text(f"_{row.op}({self.text[row.args[0]].text}, {self._reduced_axes(row)})"))

    def _product_over(self, index: int, row: Row) -> None:
        """A product along an index, its logarithm, one of 1 + a less 1, or for each element the product of all others."""
        name = {"prod": "product_over", "logprod": "log_product_over", "compounded": "product_less_one", "others": "leave_one_out"}[row.op]
        axis = row.payload if row.op == "others" else self._reduced_axes(row)
        self.needs.add(f"special:{name}")
        self._assign(index, Text(f"_{name}({self.text[row.args[0]].text}, {axis})"))

    def _solve(self, index: int, row: Row) -> None:
        matrix, right = row.axes
        equations = next(label for label in matrix if label not in row.keep)
        unknown = next(label for label in matrix if label != equations)
        rest = [label for label in right if label != equations]
        left = transposed(self.text[row.args[0]], matrix, [equations, unknown])
        known = transposed(self.text[row.args[1]], right, [equations, *rest])
        self._assign(index, aligned(Text(f"np.linalg.solve({left.text}, {known.text})"), [unknown, *rest], row.keep))

    def _matrix(self, row: Row) -> Text:
        batch = row.keep[:-2] if row.op == "inverse" else row.keep
        pair = [label for label in row.axes[0] if label not in batch]
        return transposed(self.text[row.args[0]], row.axes[0], [*batch, *pair])

    def _inverse(self, index: int, row: Row) -> None:
        self._assign(index, Text(f"np.linalg.inv({self._matrix(row).text})"))

    def _determinant(self, index: int, row: Row) -> None:
        self._assign(index, Text(_DETERMINANTS[row.op].format(self._matrix(row).text)))


def _signed(text: str) -> str:
    """What is added as it stands behind a sum."""
    return f" - {text[1:]}" if text.startswith("-") and text[1:].isidentifier() else f" + {text}" if text.isidentifier() else f" + ({text})"


def transposed_to(operand: Dense, keep: Sequence[int]) -> Text:
    return transposed(operand.text, operand.labels, keep)


def power_text(base: Text, exponent: sp.Expr) -> Text:
    """base ** number without np.power where a few multiplications, a root or a division do."""
    atom, size = base.within(ATOM), abs(exponent)
    if size == 1:
        core = Text(atom)
    elif size.is_Integer and size <= 4:
        core = {2: Text(f"{atom}*{atom}", TIMES), 3: Text(f"{atom}*{atom}*{atom}", TIMES), 4: Text(f"({atom}*{atom})**2", POWER)}[int(size)]
    elif size == sp.Rational(1, 2):
        core = Text(f"np.sqrt({base.text})")
    elif size == sp.Rational(3, 2):
        core = Text(f"{atom}*np.sqrt({base.text})", TIMES)
    elif exponent.is_Integer:
        return Text(f"{atom}**{number(sp.Float(exponent)).within(ATOM)}", POWER)
    else:
        return Text(f"{atom}**{number(exponent).within(ATOM)}", POWER)
    return core if exponent > 0 else Text(f"1/{core.within(POWER)}", TIMES)


__all__ = ["Speller", "power_text"]
