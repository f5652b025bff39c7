"""Layers: each returns an expression, the where rows that define it, and its parameters with their roles.

The input of a layer is an indexed expression such as x[i, j], whose last letter runs over the features; a matrix with one
sample a row; or a list of scalars.  Every layer is named, and its names end in that name: W1, b1, z1, h1 for the name "1".
Where the input, a letter or a size is called so already, as a size h beside a layer without a name, an underscore follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from symgrad.declare.binders import MaxOver
from symgrad.errors import DeclarationError, explain
from symgrad.nn.activations import maxout as largest
from symgrad.nn.noise import Dropout
from symgrad.nn.spelling import Value, each, is_matrix, is_several

Units = Any
"""How many units: (letter, size) for indexed inputs, a size for matrices, a whole number for lists."""


@dataclass(frozen=True)
class Layer:
    """Unpacks as (expression, where, parameters); parameters are a dict from symbol to role: weight, bias, scale or shift.

    `random` holds the inputs to be drawn for every mini-batch with their samplers, `averages` the names of which running
    averages are kept for predictions: they are what `Model` takes under these names (averages with their decay).
    """

    expression: Any
    where: list[tuple[Any, Any]]
    parameters: dict[sp.Basic, str]
    random: dict[sp.Basic, Any] = field(default_factory=dict)
    averages: tuple[sp.Basic, ...] = ()

    def __iter__(self) -> Iterator[Any]:
        return iter((self.expression, self.where, self.parameters))


def dense(x: Value, units: Units, name: str = "", activation: Callable[[Value], Value] | None = None, *, bias: bool = True) -> Layer:
    """g(W x + b).  Weights are (units, features) for indexed inputs and lists, (features, units) for matrices.

    Indexed: dense(x[i, j], (m, h), "1", relu), where x has a shape.  Matrix: dense(X, h, "1", relu).
    List: dense([x0, x1], 3, "1", relu).
    Raises DeclarationError where the features or the units are not known.
    """
    if activation is not None and not callable(activation):
        raise DeclarationError(explain(f"activation={activation!r}", "a function is required", "Write symgrad.nn.relu"))
    if is_several(x):
        return _list_dense(x, units, name, activation, bias)
    if is_matrix(x):
        return _matrix_dense(x, units, name, activation, bias)
    return _indexed_dense(x, units, name, activation, bias)


def maxout(x: Value, units: Units, pieces: int, name: str = "") -> Layer:
    """max_p (W_p x + b_p), the largest of several affine pieces for each unit.  Inputs and units as in `dense`.

    Raises DeclarationError for less than two pieces.
    """
    if pieces < 2:
        raise DeclarationError(explain(f"maxout got {pieces} pieces", "at least two are required"))
    if is_several(x) or is_matrix(x):
        parts = [dense(x, units, f"{name}_{p}") for p in range(pieces)]
        return _largest_part(parts, name, is_matrix(x))
    feature, features, lead = _features(x)
    letter, size = _units(units, x)
    taken = _taken(x, *x.base.shape, letter, size)
    piece = sp.Symbol(_free("p", taken), integer=True)
    W, b, z, h = (sp.IndexedBase(_free(f"{prefix}{name}", taken), shape=shape) for prefix, shape in (
        ("W", (pieces, size, features)), ("b", (pieces, size)), ("z", (*lead.values(), pieces, size)), ("h", (*lead.values(), size))))
    places = tuple(lead)
    affine = sp.Sum(W[piece, letter, feature] * x, (feature, 0, features - 1)) + b[piece, letter]
    where = [(z[(*places, piece, letter)], affine), (h[(*places, letter)], MaxOver(z[(*places, piece, letter)], (piece, 0, pieces - 1)))]
    return Layer(h[(*places, letter)], where, {W: "weight", b: "bias"})


def batch_norm(x: Value, name: str = "", *, mean: Value | None = None, variance: Value | None = None, epsilon: object = 1e-5) -> Layer:
    """gamma (x - mean)/sqrt(variance + epsilon) + beta, for each feature (Ioffe and Szegedy 2015).

    In training mode, mean and variance are those of the samples (divided by their number), and are listed in `averages`.
    In test mode they are given: `mean` and `variance` are arrays of one number a feature (for matrices: of one row, for a
    list, which is the samples of one feature: scalars).
    The first letter of an indexed input, the rows of a matrix and the members of a list are the samples.
    Raises DeclarationError where only one of mean and variance is given.
    """
    if (mean is None) != (variance is None):
        raise DeclarationError(explain("batch_norm got only one of mean and variance", "both or neither is required"))
    if is_several(x):
        return _list_norm(x, name, mean, variance, epsilon)
    if is_matrix(x):
        return _matrix_norm(x, name, mean, variance, epsilon)
    return _indexed_norm(x, name, mean, variance, epsilon)


def dropout(x: Value, rate: float, name: str = "") -> Layer:
    """x times a mask that is a random input of the model: 0 with the given rate, else 1/(1 - rate), so that its mean is 1."""
    title = f"mask{name}"
    if is_several(x):
        masks = sp.symbols(f"{title}_0:{len(x)}", real=True)
        masked = [one * mask for one, mask in zip(x, masks, strict=True)]
        return Layer(masked, [], {}, dict.fromkeys(masks, Dropout(rate)))
    if is_matrix(x):
        mask = sp.MatrixSymbol(title, *x.shape)
        return Layer(sp.HadamardProduct(x, mask), [], {}, {mask: Dropout(rate)})
    _shaped(x)
    mask = sp.IndexedBase(title, shape=x.base.shape)
    return Layer(x * mask[x.indices], [], {}, {mask: Dropout(rate)})


# ---------------------------------------------------------------------- dense

def _indexed_dense(x: sp.Indexed, units: Units, name: str, activation: Callable | None, bias: bool) -> Layer:
    feature, features, lead = _features(x)
    letter, size = _units(units, x)
    taken, output = _taken(x, *x.base.shape, letter, size), (*lead.values(), size)
    W, b, z, h = (sp.IndexedBase(_free(f"{prefix}{name}", taken), shape=shape) for prefix, shape in (
        ("W", (size, features)), ("b", (size,)), ("z", output), ("h", output)))
    affine = sp.Sum(W[letter, feature] * x, (feature, 0, features - 1)) + (b[letter] if bias else 0)
    place = (*lead, letter)
    where = [(z[place], affine)] + ([(h[place], activation(z[place]))] if activation else [])
    return Layer((h if activation else z)[place], where, {W: "weight", **({b: "bias"} if bias else {})})


def _matrix_dense(x: sp.MatrixExpr, units: Units, name: str, activation: Callable | None, bias: bool) -> Layer:
    rows, features = x.shape
    taken = _taken(x, *x.shape, units)
    W, b, z, h = (sp.MatrixSymbol(_free(f"{prefix}{name}", taken), *shape) for prefix, shape in (
        ("W", (features, units)), ("b", (1, units)), ("z", (rows, units)), ("h", (rows, units))))
    where = [(z, x * W + sp.OneMatrix(rows, 1) * b if bias else x * W)] + ([(h, activation(z))] if activation else [])
    return Layer(h if activation else z, where, {W: "weight", **({b: "bias"} if bias else {})})


def _list_dense(x: Value, units: Units, name: str, activation: Callable | None, bias: bool) -> Layer:
    if not isinstance(units, int) or isinstance(units, bool) or units < 1:
        raise DeclarationError(explain(f"units={units!r}", "a whole number of at least 1 is required beside a list of inputs"))
    outputs, where, parameters = [], [], {}
    for k in range(units):
        ws = [sp.Symbol(f"W{name}_{k}_{j}", real=True) for j in range(len(x))]
        b, z, h = (sp.Symbol(f"{prefix}{name}_{k}", real=True) for prefix in "bzh")
        where.append((z, sp.Add(*(w * one for w, one in zip(ws, x, strict=True)), b if bias else 0)))
        where += [(h, activation(z))] if activation else []
        parameters |= {**dict.fromkeys(ws, "weight"), **({b: "bias"} if bias else {})}
        outputs.append(h if activation else z)
    return Layer(outputs, where, parameters)


def _largest_part(parts: list[Layer], name: str, matrix: bool) -> Layer:
    where = [row for part in parts for row in part.where]
    parameters = {symbol: role for part in parts for symbol, role in part.parameters.items()}
    value = largest(*(part.expression for part in parts))
    if matrix:
        h = sp.MatrixSymbol(_free(f"h{name}", _taken(value, *value.shape)), *value.shape)
        return Layer(h, [*where, (h, value)], parameters)
    names = [sp.Symbol(f"h{name}_{k}", real=True) for k in range(len(value))]
    return Layer(names, [*where, *zip(names, value, strict=True)], parameters)


# ---------------------------------------------------------------------- batch norm

def _indexed_norm(x: sp.Indexed, name: str, mean: Value, variance: Value, epsilon: object) -> Layer:
    _shaped(x)
    sample, *features = x.indices
    count, *sizes = x.base.shape
    mu, var, gamma, beta = (sp.IndexedBase(f"{prefix}{name}", shape=tuple(sizes)) for prefix in ("mu", "var", "gamma", "beta"))
    y, place = sp.IndexedBase(f"bn{name}", shape=x.base.shape), tuple(features)
    where: list = []
    if mean is None:
        where = [(mu[place], sp.Sum(x, (sample, 0, count - 1)) / count),
                 (var[place], sp.Sum((x - mu[place]) ** 2, (sample, 0, count - 1)) / count)]
    m, v = (mu, var) if mean is None else (mean, variance)
    where.append((y[x.indices], gamma[place] * (x - m[place]) / sp.sqrt(v[place] + sp.sympify(epsilon)) + beta[place]))
    return Layer(y[x.indices], where, {gamma: "scale", beta: "shift"}, averages=(mu, var) if mean is None else ())


def _matrix_norm(x: sp.MatrixExpr, name: str, mean: Value, variance: Value, epsilon: object) -> Layer:
    rows, columns = x.shape
    mu, var, gamma, beta = (sp.MatrixSymbol(f"{prefix}{name}", 1, columns) for prefix in ("mu", "var", "gamma", "beta"))
    y, ones = sp.MatrixSymbol(f"bn{name}", rows, columns), sp.OneMatrix(rows, 1)
    where: list = []
    if mean is None:
        where = [(mu, sp.OneMatrix(1, rows) * x / rows), (var, sp.OneMatrix(1, rows) * sp.HadamardPower(x - ones * mu, 2) / rows)]
    m, v = (mu, var) if mean is None else (mean, variance)
    scale = each(lambda u: 1 / sp.sqrt(u + sp.sympify(epsilon)), v)
    where.append((y, sp.HadamardProduct(ones * gamma, x - ones * m, ones * scale) + ones * beta))
    return Layer(y, where, {gamma: "scale", beta: "shift"}, averages=(mu, var) if mean is None else ())


def _list_norm(x: Value, name: str, mean: Value, variance: Value, epsilon: object) -> Layer:
    mu, var, gamma, beta = sp.symbols(f"mu{name} var{name} gamma{name} beta{name}", real=True)
    where: list = []
    if mean is None:
        where = [(mu, sp.Add(*x) / len(x)), (var, sp.Add(*((one - mu) ** 2 for one in x)) / len(x))]
    m, v = (mu, var) if mean is None else (mean, variance)
    values = [gamma * (one - m) / sp.sqrt(v + sp.sympify(epsilon)) + beta for one in x]
    return Layer(values, where, {gamma: "scale", beta: "shift"}, averages=(mu, var) if mean is None else ())


# ---------------------------------------------------------------------- reading inputs

def _taken(*parts: Any) -> set[str]:
    """The names of all symbols, letters and sizes in what a layer is given."""
    return {s.name for part in parts for s in sp.sympify(part).atoms(sp.Symbol, sp.MatrixSymbol)}


def _free(name: str, taken: set[str]) -> str:
    """The name, with an underscore or more where it is taken."""
    while name in taken:
        name += "_"
    return name


def _shaped(x: Any) -> None:
    if isinstance(x, Layer):
        raise DeclarationError(explain("a layer was given as the input of a layer", "an expression is required", "Write layer.expression"))
    if not isinstance(x, sp.Indexed) or not x.base.shape:
        raise DeclarationError(explain(f"the sizes of {x} are not known", "an array with a shape and its letters, such as x[i, j], is required",
                                       "Declare IndexedBase('x', shape=(n, d)), or name the expression in where= first"))


def _features(x: Any) -> tuple[sp.Symbol, sp.Expr, dict[sp.Symbol, sp.Expr]]:
    """The letter and the number of the features, and the other letters with their sizes."""
    _shaped(x)
    *lead, feature = x.indices
    *sizes, features = x.base.shape
    return feature, features, dict(zip(lead, sizes, strict=True))


def _units(units: Units, x: Any) -> tuple[sp.Symbol, sp.Expr]:
    if not isinstance(units, (tuple, sp.Tuple)) or len(units) != 2:
        raise DeclarationError(explain(f"units={units!r} says no letter", "(letter, size) is required beside an indexed input", "Write (m, h)"))
    letter, size = units[0], sp.sympify(units[1])
    if letter in sp.sympify(x).free_symbols:
        raise DeclarationError(explain(f"the units have the letter {letter}, which {x} has too", "a letter of their own is required"))
    return letter, size
