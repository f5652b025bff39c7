"""A row's formula taken apart into NumPy calls: a tree of ufuncs over names, with the shape of every node.

A shape is the text of the size of each axis; "1" is an axis that broadcasts and "?" one that is only known to fit.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from symgrad.graph.table import ENTRIES

Shape = tuple[str, ...]

_BINARY = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.BitAnd: "bitwise_and", ast.BitOr: "bitwise_or"}
_COMPARED = {ast.Gt: "greater", ast.GtE: "greater_equal", ast.Lt: "less", ast.LtE: "less_equal", ast.Eq: "equal", ast.NotEq: "not_equal"}
_BOOLEAN = {*_COMPARED.values(), "logical_and", "logical_or", "logical_not", "isfinite", "isnan", "bitwise_and", "bitwise_or"}
_UFUNCS = {"exp", "log", "log1p", "expm1", "sqrt", "square", "abs", "sign", "maximum", "minimum", "sin", "cos", "tan", "tanh", "sinh",
           "cosh", "arctan", "arcsin", "arccos", "arcsinh", "arccosh", "arctanh", "floor", "ceil", "cbrt", "hypot", "arctan2", "exp2",
           "log2", "log10", "copysign", "isfinite", "isnan", "logical_and", "logical_or", "logical_not", "negative", "reciprocal", "power",
           "heaviside", "trunc", "fmax", "fmin", "bitwise_and", "bitwise_or"}
_REDUCED = {"sum", "max", "min"}
_OWN = {"_finite": "over", **{entry.numpy.partition("(")[0]: entry.into for entry in ENTRIES if entry.into}}
"""The project's own functions that write into a given array, as `Function.into` says."""


class Leaf(NamedTuple):
    """Text that is written as it stands; `name` where it is a variable and nothing else."""

    text: str
    shape: Shape
    name: str | None = None


class Call(NamedTuple):
    """One NumPy call that can write into a given array: a ufunc, a matrix product, an einsum or a reduction (`axis`); `text` spells it inline.

    "where" is what NumPy has not: numbers where a condition holds, and 0 elsewhere.  What begins with an underscore is a function
    of symgrad's own that takes the array to write into as its last argument.
    """

    function: str
    args: tuple[Leaf | Call, ...]
    shape: Shape
    text: str
    boolean: bool = False
    axis: str | None = None

    @property
    def in_place(self) -> bool:
        """Whether the result may be written over an argument."""
        return self.axis is None and self.function not in ("matmul", "einsum", "where") and _OWN.get(self.function) != "beside"


Tree = Leaf | Call


class Unknown(Exception):
    """A formula that is not made of calls that can write into a given array."""


def tree_of(text: str, shapes: Mapping[str, Shape]) -> Tree:
    """The tree of a formula; `shapes` are those of the variables.  Raises Unknown where it has other parts."""
    return _node(ast.parse(text, mode="eval").body, shapes)


def _node(node: ast.expr, shapes: Mapping[str, Shape]) -> Tree:
    if not _is_array(node, shapes):
        return Leaf(_inline(node), ())
    reader = _READERS.get(type(node))
    if reader is None:
        raise Unknown
    tree = reader(node, shapes)
    return tree._replace(text=_inline(node)) if isinstance(tree, Call) else tree


def _inline(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if isinstance(node, (ast.Name, ast.Constant, ast.Call, ast.Attribute)) else f"({text})"


def _is_array(node: ast.AST, shapes: Mapping[str, Shape]) -> bool:
    """Whether a formula holds an array: a variable with axes, or index numbers."""
    return any((isinstance(one, ast.Name) and shapes.get(one.id, ()) != ()) or (isinstance(one, ast.Attribute) and one.attr == "arange")
               for one in ast.walk(node))


def _name(node: ast.Name, shapes: Mapping[str, Shape]) -> Tree:
    return Leaf(node.id, shapes[node.id], node.id)


def _binary(node: ast.BinOp, shapes: Mapping[str, Shape]) -> Tree:
    left, right = _node(node.left, shapes), _node(node.right, shapes)
    if isinstance(node.op, ast.MatMult):
        return _matrix_product(left, right)
    if isinstance(node.op, ast.Pow):
        return _power(left, right, node.right)
    function = _BINARY.get(type(node.op))
    if function is None:
        raise Unknown
    return _call(function, left, right)


def _power(base: Tree, exponent: Tree, node: ast.expr) -> Tree:
    if isinstance(node, ast.Constant) and node.value == 2:
        return _call("square", base)
    return _call("power", base, exponent)


def _matrix_product(left: Tree, right: Tree) -> Call:
    if not 0 < len(left.shape) < 3 or not 0 < len(right.shape) < 3:
        raise Unknown
    return Call("matmul", (left, right), (*left.shape[:-1], *(right.shape[1:] if len(right.shape) == 2 else ())), "")


def _unary(node: ast.UnaryOp, shapes: Mapping[str, Shape]) -> Tree:
    if isinstance(node.op, ast.USub):
        return _call("negative", _node(node.operand, shapes))
    if isinstance(node.op, ast.Invert):
        return _call("logical_not", _node(node.operand, shapes))
    raise Unknown


def _compared(node: ast.Compare, shapes: Mapping[str, Shape]) -> Tree:
    function = _COMPARED.get(type(node.ops[0]))
    if len(node.ops) > 1 or function is None:
        raise Unknown
    return _call(function, _node(node.left, shapes), _node(node.comparators[0], shapes))


def _called(node: ast.Call, shapes: Mapping[str, Shape]) -> Tree:
    function = node.func
    if isinstance(function, ast.Name) and function.id in _OWN:
        return _call(function.id, *(_node(arg, shapes) for arg in node.args))
    if not isinstance(function, ast.Attribute):
        raise Unknown
    if isinstance(function.value, ast.Name) and function.value.id == "np":
        return _of_numpy(function.attr, node, shapes)
    if function.attr == "dot":
        return _matrix_product(_node(function.value, shapes), _node(node.args[0], shapes))
    if function.attr in _REDUCED and not node.args:
        return _reduction(function, node.keywords, shapes)
    if function.attr == "transpose" and all(isinstance(arg, ast.Constant) for arg in node.args):
        inner = _node(function.value, shapes)
        return Leaf(ast.unparse(node), tuple(inner.shape[arg.value] for arg in node.args))  # type: ignore[union-attr]
    raise Unknown


def _of_numpy(name: str, node: ast.Call, shapes: Mapping[str, Shape]) -> Call:
    """np.name(…) without keywords."""
    if node.keywords:
        raise Unknown
    if name == "einsum":
        return _einsum(node.args, shapes)
    if name == "where" and len(node.args) == 3 and isinstance(node.args[2], ast.Constant) and node.args[2].value == 0:
        return _call("where", *(_node(arg, shapes) for arg in node.args[:2]))
    args = [_node(arg, shapes) for arg in node.args]
    if name == "matmul":
        return _repeated_product(*args)
    if name not in _UFUNCS:
        raise Unknown
    return _call(name, *args)


def _repeated_product(left: Tree, right: Tree) -> Call:
    """Matrix products along the axes before the last two."""
    if len(left.shape) < 2 or len(right.shape) < 2:
        raise Unknown
    lead = broadcast(left.shape[:-2], right.shape[:-2])
    return Call("matmul", (left, right), (*lead, left.shape[-2], right.shape[-1]), "")


def _einsum(given: Sequence[ast.expr], shapes: Mapping[str, Shape]) -> Call:
    """A sum of products of variables, each of whose axes has a letter."""
    args, subscripts = [_node(arg, shapes) for arg in given[1:]], str(ast.literal_eval(given[0]))
    if not all(isinstance(arg, Leaf) for arg in args):
        raise Unknown
    inside, _, out = subscripts.partition("->")
    sizes = {letter: size for letters, arg in zip(inside.split(","), args, strict=True) for letter, size in zip(letters, arg.shape, strict=True)}
    return Call("einsum", (Leaf(f'"{subscripts}"', ()), *args), tuple(sizes[letter] for letter in out), "")


def _reduction(function: ast.Attribute, keywords: list[ast.keyword], shapes: Mapping[str, Shape]) -> Tree:
    inner = _node(function.value, shapes)
    if len(keywords) != 1 or keywords[0].arg != "axis":
        raise Unknown
    axis = ast.literal_eval(keywords[0].value)
    gone = {one % len(inner.shape) for one in (axis if isinstance(axis, tuple) else (axis,))}
    return Call(function.attr, (inner,), tuple(size for k, size in enumerate(inner.shape) if k not in gone), "", axis=str(axis))


def _viewed(node: ast.Attribute, shapes: Mapping[str, Shape]) -> Tree:
    if node.attr != "T":
        raise Unknown
    inner = _node(node.value, shapes)
    if not isinstance(inner, Leaf):
        raise Unknown
    return Leaf(f"{inner.text}.T", inner.shape[::-1])


def _subscripted(node: ast.Subscript, shapes: Mapping[str, Shape]) -> Tree:
    """Slices and new axes of an array; anything else reads by index and makes an array of its own."""
    inner = _node(node.value, shapes)
    places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if not isinstance(inner, Leaf):
        raise Unknown
    shape, axes = [], iter(inner.shape)
    for place in places:
        if isinstance(place, ast.Constant) and place.value is None:
            shape.append("1")
        elif isinstance(place, ast.Slice):
            size = next(axes)
            shape.append(size if place.lower is place.upper is place.step is None else "?")
        else:
            raise Unknown
    return Leaf(f"{inner.text}[{ast.unparse(node.slice).strip('()')}]", (*shape, *axes))


def _call(function: str, *args: Tree) -> Call:
    return Call(function, args, broadcast(*(arg.shape for arg in args)), "", function in _BOOLEAN)


def broadcast(*shapes: Shape) -> Shape:
    """The shape that NumPy's broadcasting gives."""
    rank = max(map(len, shapes))
    columns = zip(*(("1",) * (rank - len(shape)) + shape for shape in shapes), strict=True)
    return tuple(max(column, key=lambda size: (size != "1") + (size not in "1?")) for column in columns)


_READERS = {ast.Name: _name, ast.BinOp: _binary, ast.UnaryOp: _unary, ast.Compare: _compared, ast.Call: _called, ast.Attribute: _viewed,
            ast.Subscript: _subscripted}


def names_in(tree: Tree) -> list[str]:
    """The variables that stand alone somewhere in the tree, once an occurrence; and those that are read through a view, twice."""
    if isinstance(tree, Leaf):
        if tree.name is not None:
            return [tree.name]
        return 2 * [one.id for one in ast.walk(ast.parse(tree.text, mode="eval")) if isinstance(one, ast.Name)]
    return [name for arg in tree.args for name in names_in(arg)]
