"""Scalar and indexed expressions onto rows: symbols, subscripts, sums over letters, branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from symgrad.declare.binders import _ExtremumOver
from symgrad.declare.extents import plain_use
from symgrad.declare.ranges import Bound, reach, sign_of
from symgrad.declare.scan import Scan, name_of
from symgrad.errors import DeclarationError, ShapeError, UnsupportedError, explain
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label, is_whole, same_size, whole_fraction
from symgrad.graph.lower import anywhere, apply, conjunction, lower, negate
from symgrad.graph.rows import INTEGER, Ref

ZERO, ONE = sp.S.Zero, sp.S.One


@dataclass(frozen=True)
class Scope:
    """What letters and placeholders mean at one place, and the condition under which the place is read."""

    letters: Mapping[sp.Basic, Bound] = field(default_factory=dict)
    values: Mapping[sp.Basic, Ref] = field(default_factory=dict)
    mask: Ref | None = None

    def binding(self, letter: sp.Basic, bound: Bound) -> Scope:
        return replace(self, letters={**self.letters, letter: bound})


@dataclass(frozen=True)
class Named:
    """A row that has a name: an input or a definition of `where`, with the labels of its axes (None: a unit axis).

    `first` holds the number of the first element of each axis where an Idx on the left side says it.
    """

    ref: Ref
    axes: tuple[Label | None, ...] = ()
    first: tuple[sp.Expr, ...] = ()


class Lowering:
    """Lowers the expressions of one declaration into one graph.

    `named` holds inputs and finished definitions; `base` is the number of the first element of an axis (0 or 1).
    """

    def __init__(self, scan: Scan, sizes: set[sp.Symbol], base: int):
        self.graph = Graph()
        self.scan = scan
        self.sizes = sizes
        self.base = sp.Integer(base)
        self.named: dict[str, Named] = {}
        self.matrix_element: Callable[[sp.Basic, Scope], Ref]
        self._types: dict[type, Callable] = {
            sp.Sum: self._sum, sp.Product: self._product, sp.Piecewise: self._piecewise, sp.KroneckerDelta: self._delta, sp.Indexed: self._indexed,
        }

    def scalar(self, expr: sp.Basic, scope: Scope) -> Ref:
        return lower(self.graph, expr, lambda node: self._leaf(node, scope))

    # ------------------------------------------------------------------ leaves

    def _leaf(self, node: sp.Basic, scope: Scope) -> Ref | None:
        if node in scope.values:
            return scope.values[node]
        if isinstance(node, (sp.Symbol, sp.Idx)):
            return self._symbol(node, scope)
        handler = self._types.get(type(node))
        if handler is not None:
            return handler(node, scope)
        if isinstance(node, _ExtremumOver):
            return self._extremum(node, scope)
        if isinstance(node, (MatrixElement, sp.Trace, sp.Determinant)):
            return self.matrix_element(node, scope)
        self._refuse(node)
        return None

    def _refuse(self, node: sp.Basic) -> None:
        if isinstance(node, sp.IndexedBase):
            raise DeclarationError(explain(f"the array {node} stands without subscripts", "one subscript an axis is required",
                                           f"Write {node}[i, …]"))
        if getattr(node, "is_Matrix", False):
            raise ShapeError(explain(f"the matrix {node} stands where a scalar is required",
                                     "elementwise functions of a matrix are written with applyfunc", "Write M.applyfunc(sympy.exp)"))
        if isinstance(node, sp.Function) and any(getattr(arg, "is_Matrix", False) for arg in node.args):
            raise ShapeError(explain(f"{node} applies a scalar function to a matrix", "SymPy builds it silently, but it has no meaning",
                                     f"Write {node.args[0]}.applyfunc(sympy.{type(node).__name__})"))
        if isinstance(node, (sp.Integral, sp.Derivative, sp.Limit, sp.Subs)):
            raise UnsupportedError(explain(f"{node} ({type(node).__name__}) has no compiled form",
                                           "sums, products and extremes over an index and elementary functions do", "Write it out with these"))

    def _symbol(self, node: sp.Basic, scope: Scope) -> Ref:
        bound = scope.letters.get(node)
        if bound is not None:
            return self.graph.sum(bound.lower, [(ONE, self.graph.iota(bound.label))])
        if node in self.scan.bound:
            hint = "; SymPy moves the condition of a Piecewise out of an inner sum: name the inner sum in where="
            folded = hint if node in self.scan.tested else ""
            raise DeclarationError(explain(
                f"the letter {node} is bound in one place and free in another",
                "a Sum binds its letters, the left side of a where binds its own on the right, outputs binds the result's",
                f"Sum over {node} here too, add it to outputs=, or use another letter{folded}"))
        if isinstance(node, sp.Idx):
            raise DeclarationError(explain(f"the index {node} is not bound here", "a Sum, a where or outputs= must bind it"))
        if node in self.sizes:
            return self.graph.constant(node, INTEGER)
        found = self.named[node.name]
        if found.axes:
            raise DeclarationError(explain(f"{node} is an array of {len(found.axes)} axes here and a scalar there"))
        return found.ref

    # ------------------------------------------------------------------ subscripts

    def _indexed(self, node: sp.Indexed, scope: Scope) -> Ref:
        named = self.named[name_of(node.base)]
        if len(named.axes) != len(node.indices):
            raise DeclarationError(explain(f"{node} has {len(node.indices)} subscripts", f"{node.base} has {len(named.axes)} axes"))
        return self.element(named, node.indices, scope, node, named.first or (self.base,) * len(named.axes))

    def element(self, named: Named, subscripts: tuple, scope: Scope, node: sp.Basic, first: tuple[sp.Expr, ...]) -> Ref:
        """named[subscripts]: plain letters rename labels, anything else is a sum-product with a one-hot operand."""
        ref, renamed = named.ref, {}
        chosen: list[tuple[Label, Ref]] = []
        for axis, subscript, base in zip(named.axes, subscripts, first, strict=True):
            if axis is None:
                continue
            bound = scope.letters.get(subscript)
            if bound is not None and bound.lower == base and same_size(bound.label.size, axis.size):
                renamed[axis] = bound.label
            else:
                fresh = Label(axis.size)
                renamed[axis] = fresh
                chosen.append((fresh, self._onehot(fresh, subscript, scope, node, base)))
        ref = ref.rename(renamed)
        if not chosen and len(set(ref.labels)) == len(ref.labels):
            return ref
        return self.graph.product(ONE, [ref, *(hot for _, hot in chosen)], [label for label, _ in chosen])

    def _onehot(self, axis: Label, subscript: sp.Expr, scope: Scope, node: sp.Basic, base: sp.Expr) -> Ref:
        index = self._index(subscript, base, scope, node)
        proved = self._in_range(axis, subscript - base, scope, node, base)
        if proved:
            return self.graph.onehot(index, axis)
        hot = self.graph.onehot(index, axis, self._mask_along(index, scope), checked=True)
        shown = (str(subscript), int(base)) if base.is_Integer else (f"{subscript} - ({base})", 0)
        self.graph.notes.setdefault(hot.row, repr((str(node), *shown)))
        return hot

    def _mask_along(self, index: Ref, scope: Scope) -> Ref | None:
        """Where anything reads at this index: the mask, any over the letters that the index does not have."""
        if scope.mask is None:
            return None
        return anywhere(self.graph, scope.mask, [label for label in scope.mask.labels if label not in index.labels])

    def _index(self, subscript: sp.Expr, base: sp.Expr, scope: Scope, node: sp.Basic) -> Ref:
        ref = self._whole(subscript, scope)
        value = self.graph.constant_value(ref)
        if value is not None and value.is_number and value.is_real and value == int(value):
            return self.graph.constant(sp.Integer(int(value)) - base, INTEGER)
        if value is not None and not value.is_number and is_whole(value):
            return self.graph.constant(value - base, INTEGER)
        if self.graph[ref].kind != INTEGER or value is not None:
            raise DeclarationError(explain(f"the subscript {subscript} of {node} is not a whole number",
                                           "integer letters, integer inputs and floor(…) may stand in a subscript"))
        return self.graph.sum(-base, [(ONE, ref)])

    def _whole(self, expr: sp.Expr, scope: Scope) -> Ref:
        """A whole number, computed in whole numbers, so that single precision cannot round it."""
        top, bottom = whole_fraction(expr)
        ref = lower(self.graph, top, lambda node: self._whole_leaf(node, scope))
        return ref if bottom == 1 else self._quotient(ref, bottom)

    def _whole_leaf(self, node: sp.Basic, scope: Scope) -> Ref | None:
        if not isinstance(node, (sp.floor, sp.ceiling)):
            return self._leaf(node, scope)
        sign = ONE if isinstance(node, sp.floor) else -ONE
        top, bottom = sp.fraction(sp.together(sign * node.args[0]))
        ref = lower(self.graph, top, lambda inner: self._whole_leaf(inner, scope))
        whole = self.graph[ref].kind == INTEGER and bottom.is_Integer
        if whole:
            rounded = self._quotient(ref, bottom)
        else:
            rounded = self.graph.map("integer", (self.scalar(sp.floor(sign * node.args[0]), scope),), (), INTEGER)
        return self.graph.sum(ZERO, [(sign, rounded)])

    def _quotient(self, ref: Ref, bottom: sp.Integer) -> Ref:
        return self.graph.map("quotient", (ref, self.graph.constant(bottom, INTEGER)), (), INTEGER)

    def _in_range(self, axis: Label, shifted: sp.Expr, scope: Scope, node: sp.Basic, base: sp.Expr) -> bool:
        """Whether a linear subscript is proved to lie in its axis; an error if it is proved to leave it, unmasked."""
        extent = reach(shifted, scope.letters)
        if extent is None:
            return False
        low, high = extent
        fits = sign_of(low, self.sizes), sign_of(sp.expand(axis.size - 1 - high), self.sizes)
        if fits == (1, 1):
            return True
        if -1 in fits and scope.mask is None:
            wrong = f"{high + base}" if fits[1] == -1 else f"{low + base}"
            hint = "Pass first_index=1 if subscripts start at 1, as in a paper" if base == 0 else "Change the bounds of the sum"
            raise DeclarationError(explain(f"the subscript of {node} reaches {wrong}",
                                           f"that axis has the elements {base} … {sp.expand(axis.size - 1 + base)}",
                                           f"{hint} (first_index={base} now)"))
        return False

    # ------------------------------------------------------------------ letters that run

    def _bind(self, limits: tuple, scope: Scope) -> tuple[Scope, list[Label], list[Ref]]:
        """The scope inside a binder, the labels it runs over and the masks its bounds ask for."""
        labels, masks = [], []
        for letter, lower_bound, upper_bound in reversed(limits):
            low = self._extent(lower_bound, scope, letter)
            high = self._extent(upper_bound, scope, letter)
            label = Label(sp.expand(high[1] - low[0] + 1), str(letter))
            if sign_of(label.size, self.sizes) == -1:
                label = Label(ZERO, str(letter))
            inner = scope.binding(letter, Bound(label, low[0]))
            if low[0] != low[1]:
                masks.append(self._compare("ge", letter, lower_bound, inner))
            if high[0] != high[1]:
                masks.append(self._compare("le", letter, upper_bound, inner))
            scope = inner
            labels.append(label)
        mask = conjunction(self.graph, scope.mask, *masks)
        return replace(scope, mask=mask), labels, masks

    def _extent(self, bound: sp.Expr, scope: Scope, letter: sp.Basic) -> tuple[sp.Expr, sp.Expr]:
        extent = reach(bound, scope.letters)
        if extent is not None and not (is_whole(extent[0]) and is_whole(extent[1])):
            raise DeclarationError(explain(f"the bound {bound} of {letter} is not a whole number", "a letter runs over whole numbers",
                                           f"Round it, such as floor({bound})"))
        if extent is None or not (extent[0].free_symbols | extent[1].free_symbols) <= self.sizes:
            raise UnsupportedError(explain(f"the bound {bound} of {letter} is not linear in sizes and outer letters",
                                           "bounds may use sizes and letters bound further out", "Use a Piecewise over the full range"))
        return extent

    def _compare(self, name: str, left: sp.Expr, right: sp.Expr, scope: Scope) -> Ref:
        return apply(self.graph, name, [self.scalar(left, scope), self.scalar(right, scope)])

    def _sum(self, node: sp.Sum, scope: Scope) -> Ref:
        for letter in node.variables:
            if isinstance(letter, sp.Dummy):  # SymPy's own sum over an element of a matrix product, whose shapes it has not compared
                plain_use(letter, [node.function], {}, str(node))
        inner, labels, masks = self._bind(node.limits, scope)
        body = self.scalar(node.function, inner)
        mask = conjunction(self.graph, *masks)
        if mask is not None:
            body = self.graph.select(mask, self.graph.real(body), self.graph.constant(ZERO))
        return self.graph.product(ONE, [body], labels)

    def _product(self, node: sp.Product, scope: Scope) -> Ref:
        inner, labels, masks = self._bind(node.limits, scope)
        body = self.graph.real(self.scalar(node.function, inner))
        mask = conjunction(self.graph, *masks)
        if mask is not None:
            body = self.graph.select(mask, body, self.graph.constant(ONE))
        for label in reversed(labels):
            body = self.graph.product_over(body, label)
        return body

    def _extremum(self, node: _ExtremumOver, scope: Scope) -> Ref:
        inner, labels, masks = self._bind(node.limits, scope)
        body = self.graph.real(self.scalar(node.function, inner))
        mask = conjunction(self.graph, *masks)
        if mask is not None:
            worst = sp.S.NegativeInfinity if node.which == "max" else sp.S.Infinity
            body = self.graph.select(mask, body, self.graph.constant(worst))
        return self.graph.reduce("extremum", body, labels, node.which)

    # ------------------------------------------------------------------ branches and deltas

    def _piecewise(self, node: sp.Piecewise, scope: Scope) -> Ref:
        """Each branch is lowered under the condition that it is taken, so that its subscripts may leave their axes."""
        branches, earlier = [], scope.mask
        for value, condition in node.args:
            holds = self.scalar(condition, replace(scope, mask=earlier))
            taken = None if self.graph.constant_value(holds) is not None else holds
            branches.append((self.scalar(value, replace(scope, mask=conjunction(self.graph, earlier, taken))), holds))
            if taken is not None:
                earlier = conjunction(self.graph, earlier, negate(self.graph, taken))
        values = {sp.Dummy(): ref for ref, _ in branches}
        truths = {sp.Dummy(): ref for _, ref in branches}
        drafted = sp.Piecewise(*zip(values, truths, strict=True), evaluate=False)
        return lower(self.graph, drafted, {**values, **truths}.get)

    def _delta(self, node: sp.KroneckerDelta, scope: Scope) -> Ref:
        left, right = node.args[:2]
        if left not in scope.letters:
            left, right = right, left
        bound = scope.letters.get(left)
        if bound is None:
            return self.graph.real(self._compare("eq", left, right, scope))
        index = self._index(right, bound.lower, scope, node)
        if bound.label in index.labels:
            return self.graph.real(self._compare("eq", left, right, scope))
        extent = reach(right - bound.lower, scope.letters)
        proved = extent is not None and (sign_of(extent[0], self.sizes), sign_of(
            sp.expand(bound.label.size - 1 - extent[1]), self.sizes)) == (1, 1)
        if proved:
            return self.graph.onehot(index, bound.label)
        size = self.graph.constant(bound.label.size, INTEGER)
        inside = conjunction(self.graph, apply(self.graph, "ge", [index, self.graph.constant(ZERO, INTEGER)]),
                             apply(self.graph, "lt", [index, size]))
        return self.graph.onehot(index, bound.label, inside)
