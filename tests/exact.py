"""Truths for which no formula is written twice: the plain module of a declaration runs on numbers of as many digits as are wanted.

`truth(f, inputs, "value_and_grad")` takes a declaration that was compiled with `rewrite=False, style="flat"`: there are no rules in it, and no
precautions, so that it is right where there are digits enough.  Its constants are read back as what they were rounded from.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import math
import operator
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from mpmath import mp
from mpmath.libmp import to_float

import symgrad as sg

STEPS = ((60, "u"), (400, "d"), (1500, "u"))
"""Digits at which a truth is looked for, till two agree that are rounded up and down: what no digits keep, as 1 + exp(-10000), they do not agree on."""
IRRATIONALS: tuple[Callable[[], Any], ...] = (
    lambda: mp.mpf(1), lambda: mp.pi, lambda: 1 / mp.pi, lambda: mp.sqrt(mp.pi), lambda: 1 / mp.sqrt(mp.pi), lambda: mp.sqrt(2 / mp.pi), lambda: mp.pi**2,
    lambda: mp.sqrt(2), lambda: mp.sqrt(3), lambda: mp.sqrt(5), lambda: mp.sqrt(6), lambda: mp.log(2), lambda: 1 / mp.log(2), lambda: mp.log(3),
    lambda: mp.log(10), lambda: mp.log(mp.pi), lambda: mp.log(2 * mp.pi), lambda: mp.euler, lambda: mp.e)
"""What a constant of a module may be a fraction of."""


def meant(literal: float) -> Any:
    """The number that a literal was rounded from: a fraction of small denominator, or of one of IRRATIONALS; itself where there is none."""
    if literal == 0 or not math.isfinite(literal):
        return mp.mpf(literal)
    for irrational in IRRATIONALS:
        share = Fraction(float(literal / irrational())).limit_denominator(1000)
        exact = mp.mpf(share.numerator) / share.denominator * irrational()
        if share and to_float(exact._mpf_, rnd="n") == literal:
            return exact
    return mp.mpf(repr(literal))


def real(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function on the real line: nan where it is complex or mpmath refuses, as NumPy has it."""
    @functools.wraps(function)
    def of_reals(*numbers: Any) -> Any:
        try:
            found = function(*numbers)
        except (ValueError, ZeroDivisionError):
            return mp.nan
        return found if isinstance(found, mpmath.mpf) else mp.re(found) if mp.im(found) == 0 else mp.nan
    return of_reals


def _quotient(one: Any, other: Any) -> Any:
    if other != 0:
        return one / other
    return mp.nan if one == 0 or mp.isnan(one) else mp.sign(one) * mp.inf


def _power(one: Any, other: Any) -> Any:
    if one == 0:
        return mp.mpf(1) if other == 0 else mp.inf if other < 0 else mp.mpf(0)
    return one**other


def _log(x: Any) -> Any:
    return mp.log(x) if x != 0 else -mp.inf


class Exact:
    """A number of mpmath among NumPy's objects."""

    __slots__ = ("number",)
    __array_priority__ = -1.0  # arrays come first

    def __init__(self, number: Any) -> None:
        self.number = number

    def __hash__(self) -> int:
        return hash(self.number)

    def __bool__(self) -> bool:
        return bool(self.number)

    def __float__(self) -> float:
        return float(self.number)

    def __neg__(self) -> Exact:
        return Exact(-self.number)

    def __abs__(self) -> Exact:
        return Exact(abs(self.number))

    def conjugate(self) -> Exact:
        return self


def exact(value: Any) -> Exact:
    """A number of any kind, exactly as it is."""
    if isinstance(value, Exact):
        return value
    return Exact(mp.mpf(int(value)) if isinstance(value, int | np.integer | np.bool_) else mp.mpf(float(value)) if isinstance(value, np.floating) else
                 mp.mpf(value))


def _operators() -> Iterator[tuple[str, Callable]]:
    def calculates(function: Callable, turned: bool) -> Callable:
        def method(self: Exact, other: Any) -> Any:
            if isinstance(other, np.ndarray):
                return NotImplemented
            pair = (exact(other).number, self.number) if turned else (self.number, exact(other).number)
            return Exact(function(*pair))
        return method

    def compares(function: Callable) -> Callable:
        return lambda self, other: NotImplemented if isinstance(other, np.ndarray) else bool(function(self.number, exact(other).number))

    for name, function in {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": _quotient, "pow": real(_power)}.items():
        yield f"__{name}__", calculates(function, turned=False)
        yield f"__r{name}__", calculates(function, turned=True)
    for name in ("lt", "le", "gt", "ge", "eq", "ne"):
        yield f"__{name}__", compares(getattr(operator, name))


FUNCTIONS: dict[str, Callable] = {
    **{name: getattr(mp, name) for name in ("exp", "expm1", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "log1p", "log10")},
    **{f"arc{name}": getattr(mp, f"a{name}") for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "log": _log, "log2": lambda x: _log(x) / mp.log(2), "exp2": lambda x: mp.mpf(2)**x, "rint": mp.nint, "floor": mp.floor, "ceil": mp.ceil,
    "arctan2": mp.atan2, "hypot": mp.hypot}
"""NumPy's functions of numbers."""
SPECIAL: dict[str, Callable] = {
    **{name: getattr(mp, name) for name in ("erf", "erfc", "erfi", "gamma", "digamma", "zeta")},
    "gammaln": lambda x: mp.log(abs(mp.gamma(x))), "psi": mp.digamma, "i0": lambda x: mp.besseli(0, x), "i1": lambda x: mp.besseli(1, x),
    "k0": lambda x: mp.besselk(0, x), "k1": lambda x: mp.besselk(1, x), "lambertw": lambda x: mp.lambertw(x),
    "polygamma": lambda n, x: mp.psi(int(n), x), "ndtr": mp.ncdf, "beta": mp.beta, "binom": mp.binomial, "iv": mp.besseli, "kv": mp.besselk}
"""SciPy's functions."""
HELPERS: dict[str, Callable] = {"_erf": mp.erf, "_erfc": mp.erfc, "_gauss": lambda x: mp.exp(-x * x), "_half_gauss": lambda x: mp.exp(-x * x / 2)}
"""Functions that a module brings with it as texts of its own; the functions that keep zeros' signs or squares' digits need no other."""


def each(function: Callable, count: int = 1) -> Callable:
    """The function of numbers on arrays of them."""
    loop = np.frompyfunc(lambda *numbers: Exact(real(function)(*(exact(one).number for one in numbers))), count, 1)
    return lambda *arrays, out=None: loop(*arrays)


for _name, _method in _operators():
    setattr(Exact, _name, _method)


class Size(int):
    """A size: a whole number among sizes, exact in quotients."""

    def __truediv__(self, other: Any) -> Any:
        return exact(int(self)) / exact(other) if not isinstance(other, np.ndarray) else NotImplemented

    def __rtruediv__(self, other: Any) -> Any:
        return exact(other) / exact(int(self))

    def __mul__(self, other: Any) -> Any:
        found = int.__mul__(self, other) if isinstance(other, int) else NotImplemented
        return Size(found) if isinstance(found, int) else found

    __rmul__ = __mul__


class Matrices:
    """NumPy's linear algebra on arrays of exact numbers."""

    @staticmethod
    def _matrix(array: np.ndarray) -> mpmath.matrix:
        return mp.matrix([[exact(one).number for one in row] for row in array])

    @staticmethod
    def _array(matrix: mpmath.matrix) -> np.ndarray:
        return np.array([[Exact(matrix[i, j]) for j in range(matrix.cols)] for i in range(matrix.rows)], object)

    def _inverse(self, array: np.ndarray) -> mpmath.matrix:
        """nan where there is none."""
        matrix = self._matrix(array)
        try:
            return mp.inverse(matrix)
        except ZeroDivisionError:
            return matrix * mp.nan

    def inv(self, array: np.ndarray) -> np.ndarray:
        return self._array(self._inverse(array))

    def solve(self, array: np.ndarray, right: np.ndarray) -> np.ndarray:
        return self._array(self._inverse(array) * self._matrix(right.reshape(len(right), -1))).reshape(right.shape)

    def det(self, array: np.ndarray) -> Exact:
        return Exact(mp.det(self._matrix(array)))

    def logdet(self, array: np.ndarray) -> Exact:
        return Exact(real(_log)(mp.det(self._matrix(array))))


class Numpy:
    """NumPy as a plain module uses it, on objects."""

    linalg = Matrices()

    def __getattr__(self, name: str) -> Any:
        return each(FUNCTIONS[name], 2 if name in ("arctan2", "hypot") else 1) if name in FUNCTIONS else getattr(np, name)

    @property
    def pi(self) -> Exact:
        return Exact(+mp.pi)

    @property
    def e(self) -> Exact:
        return Exact(+mp.e)

    @staticmethod
    def zeros(shape: Any, dtype: Any = float, **others: Any) -> np.ndarray:
        return np.zeros(shape, dtype) if dtype in (bool, np.intp, int) else np.full(shape, Exact(mp.mpf(0)), object)

    empty = zeros

    @staticmethod
    def full(shape: Any, value: Any, dtype: Any = None) -> np.ndarray:
        return np.full(shape, exact(value), object)

    @staticmethod
    def einsum(*arguments: Any, optimize: bool = False) -> Any:
        return np.einsum(*arguments)

    @staticmethod
    def where(condition: Any, one: Any, other: Any) -> Any:
        if all(np.asarray(side).dtype.kind in "iub" for side in (one, other)):
            return np.where(condition, one, other)
        return np.frompyfunc(exact, 1, 1)(np.where(condition, np.asarray(one, object), np.asarray(other, object)))

    maximum = staticmethod(each(lambda a, b: a if a >= b or mp.isnan(a) else b, 2))
    minimum = staticmethod(each(lambda a, b: a if a <= b or mp.isnan(a) else b, 2))


class Special:
    """SciPy's special functions on objects."""

    def __getattr__(self, name: str) -> Any:
        return each(SPECIAL[name], 2 if name in ("beta", "polygamma", "binom", "iv", "kv") else 1)


class _Constants(ast.NodeTransformer):
    """Literals as what they mean, and quotients of whole numbers exact."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.parse(f"_meant({node.value!r})", mode="eval").body if isinstance(node.value, float) else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        number = node.left.operand if isinstance(node.left, ast.UnaryOp) else node.left
        if isinstance(node.op, ast.Div) and isinstance(number, ast.Constant):
            node.left = ast.parse(f"_exact({ast.unparse(node.left)})", mode="eval").body
        return node


@functools.lru_cache(maxsize=8)
def space(source: str) -> dict[str, Any]:
    """The names of a plain module whose kernels take exact numbers; `_prepare` is left as it was."""
    tree, names = ast.parse(source), {"__name__": "exact"}
    for part in tree.body:
        if isinstance(part, ast.FunctionDef) and part.name.endswith("_kernel"):
            _Constants().visit(part)
    exec(compile(ast.fix_missing_locations(tree), "<exact>", "exec"), names)
    as_written: dict[str, Any] = {"__name__": "exact"}
    exec(source, as_written)
    names.update(np=Numpy(), special=Special(), _meant=lambda value: Exact(meant(value)), _exact=exact, _off_zeros=lambda value, at: value,
                 _dots=lambda a, b: np.asarray((a * b).sum(axis=-1)), _square=lambda x: x * x, _logdet=Numpy.linalg.logdet,
                 _prepare=as_written["_prepare"], _binomial=each(lambda plain, n, k: mp.binomial(n, k), 3),
                 **{name: each(function) for name, function in HELPERS.items()})
    return names


def raised(array: Any, signs: Any = 0) -> Any:
    """Floats as exact numbers; signs: half a unit in the last digit is added or subtracted."""
    if np.asarray(array).dtype.kind in "iub":
        return array
    half = mp.mpf(2) ** -53
    return np.frompyfunc(lambda value, sign: Exact(mp.mpf(float(value)) * (1 + int(sign) * half)), 2, 1)(array, signs)


def results(f: sg.Compiled, inputs: dict[str, Any], function: str, signs: dict[str, Any] | None = None) -> list[mpmath.mpf]:
    """What a function of the plain module computes, number by number, in the digits that are set."""
    names = space(f.source)
    arrays, sizes, _, _ = names["_prepare"](inputs)
    numbers = [raised(array, np.reshape(signs[name], np.shape(array)) if signs else 0) for name, array in arrays.items()]
    found = names[f"_{function}_kernel"](*numbers, **{name: Size(size) for name, size in sizes.items()}, dtype=object)
    return [exact(one).number for part in found for one in np.ravel(np.asarray(part, object))]


def agree(one: mpmath.mpf, other: mpmath.mpf) -> bool:
    return one == other or bool(mp.isnan(one) and mp.isnan(other)) or abs(one - other) <= abs(other) * mp.mpf(10) ** -20 + mp.mpf(10) ** -330


@contextlib.contextmanager
def arithmetic(digits: int, rounding: str) -> Iterator[None]:
    """mpmath's in so many digits, rounded up, which is away from zero, or down."""
    before = mp._prec_rounding[1]
    with mp.workdps(digits):
        mp._prec_rounding[1] = rounding
        try:
            yield
        finally:
            mp._prec_rounding[1] = before


def truth(f: sg.Compiled, inputs: dict[str, Any], function: str) -> list[mpmath.mpf | None]:
    """The results at the first digits that agree with those before; None for a number that no two agree on."""
    last: list[mpmath.mpf] = []
    for digits, rounding in STEPS:
        with arithmetic(digits, rounding):
            found = results(f, inputs, function)
            known = [agree(*pair) for pair in zip(last, found, strict=True)] if last else [False]
        if all(known):
            break
        last = found
    return [value if good else None for value, good in zip(found, known, strict=True)]
