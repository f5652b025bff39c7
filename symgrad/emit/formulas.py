"""The formula of a row as the comment beside its line: letters for labels, sums written out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

from symgrad.emit.contraction import LETTERS
from symgrad.emit.numbers import ATOM, PLUS, TIMES, UNARY, Text, number
from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.heads.expansions import EXPANSIONS
from symgrad.graph.heads.exponents import WITH_FACTOR
from symgrad.graph.rows import Row

_SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=", "and": "and", "or": "or"}


class Formulas:
    """Formulas in terms of the variable names that a speller has given out."""

    def __init__(self, graph: Graph, names: Mapping[int, Text]):
        self.graph = graph
        self.names = names

    def line(self, index: int, name: str, order: Sequence[int] | None = None) -> str:
        """The formula of a row whose array stands in its own order of axes, or in another."""
        row = self.graph.rows[index]
        row = row if order is None else _reordered(row, order)
        return f"{_subscripted(name, row.keep)} = {self.right(row).text}"

    def right(self, row: Row) -> Text:
        if row.op == "sum":
            return self._sum(row)
        if row.op == "product":
            return self._product(row)
        if row.op == "map":
            return self._map(row)
        if row.op == "others":
            axes = list(row.axes[0])
            own, axes[row.payload] = axes[row.payload], len(row.sizes)
            return Text(f"prod_{{{LETTERS[axes[row.payload]]} != {LETTERS[own]}}} {self._term(row.args[0], axes).text}")
        if row.op == "rest":
            return Text(f"{self._product(row._replace(payload=sp.S.One)).text} - 1", PLUS)
        if row.op == "compounded":
            over = next(LETTERS[label] for label in range(len(row.sizes)) if label not in row.keep)
            return Text(f"prod_{{{over}}} (1 + {self._argument(row, 0).within(PLUS)}) - 1", PLUS)
        if row.op in ("extremum", "logsumexp", "norm", "prod", "logprod"):
            over = [LETTERS[label] for label in range(len(row.sizes)) if label not in row.keep]
            what = row.payload if row.op == "extremum" else "log prod" if row.op == "logprod" else row.op
            return Text(f"{what}_{{{','.join(over)}}} {self._argument(row, 0).text}")
        inner = self._argument(row, 0).text if row.args else "delta"
        return Text(f"{row.op}({inner})")

    def _argument(self, row: Row, k: int) -> Text:
        arg = row.args[k]
        return self._term(arg, row.axes[k])

    def _term(self, arg: int, axes: Sequence[int]) -> Text:
        inner = self.graph.rows[arg]
        if inner.op == "constant":
            return number(inner.payload)
        if inner.op == "iota":
            return Text(LETTERS[axes[0]])
        if inner.op == "map" and inner.payload[0] in ("real", "integer"):
            return self._inner(inner, axes, 0)
        if inner.op == "onehot":
            return Text(f"[{LETTERS[axes[-1]]} = {self._inner(inner, axes, 0).text}]")
        text = self.names.get(arg, Text("?")).text
        if not text.isidentifier():
            return self._inlined(inner, axes)
        return Text(_subscripted(text, axes))

    def _inner(self, inner: Row, axes: Sequence[int], k: int) -> Text:
        local = dict(zip(inner.keep, axes, strict=True))
        return self._term(inner.args[k], [local.get(label, label) for label in inner.axes[k]])

    def _inlined(self, inner: Row, axes: Sequence[int]) -> Text:
        """A row without a line of its own: a denominator, or a product that only places numbers."""
        local = dict(zip(inner.keep, axes, strict=True))
        fresh = iter(range(max([*axes, -1]) + 1, len(LETTERS)))
        names = [local[label] if label in local else next(fresh) for label in range(len(inner.sizes))]
        shown = inner._replace(axes=tuple(tuple(names[label] for label in one) for one in inner.axes), keep=tuple(axes),
                               sizes=tuple(inner.sizes) + (sp.S.One,) * (max([*names, -1]) + 1 - len(inner.sizes)))
        return self.right(shown)

    def _sum(self, row: Row) -> Text:
        coefficients, constant = row.payload
        parts = [_scaled(c, self._argument(row, k)) for k, c in enumerate(coefficients)]
        if constant != 0:
            parts.insert(0, number(constant))
        text = parts[0].text
        for part in parts[1:]:
            text += f" - {part.text[1:]}" if part.text.startswith("-") else f" + {part.text}"
        return Text(text, PLUS)

    def _product(self, row: Row) -> Text:
        used = {label for axes in row.axes for label in axes}
        over = [LETTERS[label] for label in sorted(used) if label not in row.keep]
        text = _scaled(row.payload, Text(" ".join(self._argument(row, k).within(UNARY) for k in range(len(row.args))), TIMES))
        return Text(f"sum_{{{','.join(over)}}} {text.text}", PLUS) if over else text

    def _map(self, row: Row) -> Text:
        name, *parameters = row.payload
        args = [self._argument(row, k) for k in range(len(row.args))]
        if name in _SIGNS:
            return Text(f"{args[0].within(PLUS)} {_SIGNS[name]} {args[1].within(PLUS)}", 1)
        if name == "select":
            return Text(f"{args[1].text} if {args[0].text} else {args[2].text}", 1)
        if name == "reciprocal":
            return Text(f"1/{args[0].within(ATOM)}", TIMES)
        if name in ("square", "power"):
            return Text(f"{args[0].within(ATOM)}^{parameters[0] if parameters else 2}", UNARY)
        if name in ("exp_product", "exp_shifted_product"):
            return Text(f"exp({_monomial(parameters, args if name == 'exp_product' else _ends(args))})")
        if name in (*WITH_FACTOR, "tangent_times"):
            return Text(f"{args[0].within(UNARY)} {args[1].within(UNARY)}", TIMES)
        if name in ("outside", *EXPANSIONS):
            return Text(_expanded(parameters, args))
        if name == "double_double":
            return Text(_in_twice_the_digits(parameters[0], *args))
        if name == "double_double_where":
            return Text(f"{args[1].text}, in twice the digits where {args[0].text}")
        shown = [*(str(p) for p in parameters), *(arg.text for arg in args)]
        label = TABLE[name].name
        return Text(f"{label}({', '.join(shown)})")


def _expanded(parameters: Sequence, args: Sequence[Text]) -> str:
    """x outside of where an expansion holds, or the row that it stands for and the intervals of its polynomials."""
    turned, pieces, *decay = parameters
    at = f"1/{args[0].text}" if turned else args[0].text
    low, high = (f"{float(end):.6g}" for end in (min(piece[0] for piece in pieces), max(piece[1] for piece in pieces)))
    if len(args) == 1:
        return f"{args[0].text} but for {low} <= {at} <= {high}"
    times = f" times exp({_decaying(args[0], *decay[0])})" if decay else ""
    return f"{args[1].text}, polynomials{times} where {low} <= {at} <= {high}"


def _in_twice_the_digits(intervals: sp.Tuple, x: Text, whole: Text) -> str:
    """The row that it stands for, and where it is computed so."""
    zones = [f"{float(low):.6g} <= {x.text} <= {float(high):.6g}" for low, high in intervals]
    return f"{whole.text}, in twice the digits where {' or '.join(zones)}"


def _decaying(x: Text, rate: sp.Expr, _: sp.Expr, power: sp.Expr, shift: sp.Expr, __: sp.Expr, side: sp.Expr, inverse: sp.Expr) -> str:
    """The exponent of an exponential beside which polynomials stand: c |x - s|^k, or of 1/x."""
    inner = x.text if shift == 0 else f"{x.text} {'-' if shift > 0 else '+'} {float(abs(shift)):.6g}"
    size = f"({inner})" if power == 2 and shift != 0 else inner if side > 0 or power == 2 else f"|{inner}|"
    whole = size if power == 1 else f"sqrt({size})" if power < 1 else f"{size}^2"
    return f"{float(rate):.6g}/{whole}" if inverse else f"{float(rate):.6g} {whole}"


def _monomial(parameters: Sequence, factors: Sequence[Text]) -> str:
    """A number times some factors over the others, and a number added where there is one."""
    coefficient, _, count, *shift = parameters
    above, below = [" ".join(factor.within(UNARY) for factor in some) for some in (factors[:count], factors[count:])]
    text = _scaled(coefficient, Text(above, TIMES)).text if above else number(coefficient).text
    text = f"{text}/({below})" if below else text
    if not shift or shift[0] == 0:
        return text
    return f"{text} {'+' if shift[0] > 0 else '-'} {number(abs(shift[0])).text}"


def _ends(args: Sequence[Text]) -> list[Text]:
    """The sums of two that neighbours make."""
    pairs = zip(args[0::2], args[1::2], strict=True)
    return [a if b.text == "0" else Text(f"{a.text} {'-' if b.text.startswith('-') else '+'} {b.text.removeprefix('-')}", PLUS) for a, b in pairs]


def _reordered(row: Row, order: Sequence[int]) -> Row:
    """The row with its labels numbered so that the axes in `order` come first."""
    labels = [*order, *(label for label in range(len(row.sizes)) if label not in order)]
    number_of = {label: position for position, label in enumerate(labels)}
    return row._replace(axes=tuple(tuple(number_of[label] for label in axes) for axes in row.axes),
                        keep=tuple(range(len(order))), sizes=tuple(row.sizes[label] for label in labels))


def _scaled(coefficient: sp.Expr, text: Text) -> Text:
    if coefficient == 1:
        return text
    if coefficient == -1:
        return Text(f"-{text.within(TIMES)}", TIMES)
    return Text(f"{number(coefficient).within(TIMES)} {text.within(TIMES)}", TIMES)


def _subscripted(name: str, axes: Sequence[int]) -> str:
    return f"{name}[{','.join(LETTERS[label] if label < len(LETTERS) else str(label) for label in axes)}]" if axes else name
