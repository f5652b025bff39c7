"""Parameters of any shapes as one flat vector, as SciPy's minimisers want them: NumPy only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from symgrad.errors import InputError, explain
from symgrad.runtime.names import by_name

if TYPE_CHECKING:
    from symgrad.runtime.functions import Functions


class Flat:
    """Value, gradient, Hessian and Hessian products of a scalar function over a flat vector x.

    `x0` holds the given parameters in the order of `names`, in double precision; `unpack(x)` gives them back by name and
    in their own shapes and types.  Value and gradient are computed together, once a point.
    """

    def __init__(self, functions: Functions, params: Mapping, data: Mapping | None = None, fixed: Iterable = ()):
        given, rest = by_name(params), by_name(data or {})
        held = list(by_name(dict.fromkeys(fixed)))
        _check_names(functions, given, rest, held)
        self._functions = functions
        self.constants = {name: given[name] for name in held}
        self._data = {**rest, **self.constants}
        self._starts = {name: _start(name, given[name]) for name in functions.wrt if name in given and name not in held}
        if not self._starts:
            raise InputError(explain("no parameter is left to vary", f"The parameters are {', '.join(functions.wrt)}", "Fix fewer of them"))
        ends = np.cumsum([start.size for start in self._starts.values()])
        self._slices = {name: slice(end - start.size, end) for (name, start), end in zip(self._starts.items(), ends, strict=True)}
        self.x0 = np.concatenate([np.asarray(start, float).reshape(-1) for start in self._starts.values()])
        self._last: tuple[np.ndarray, float, np.ndarray] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that vary, in the order in which x holds them."""
        return tuple(self._starts)

    def unpack(self, x: np.ndarray) -> dict[str, Any]:
        """The varying parameters of a flat vector by name.  Raises InputError where x has another length."""
        x = self._vector(x)
        return {name: x[self._slices[name]].reshape(start.shape).astype(start.dtype)[()] for name, start in self._starts.items()}

    def pack(self, values: Mapping, default: float = 0.0) -> np.ndarray:
        """A flat vector from values by name: arrays of the parameters' shapes, or scalars that fill them."""
        given = by_name(values)
        parts = [np.broadcast_to(np.asarray(given.get(name, default), float), start.shape).reshape(-1) for name, start in self._starts.items()]
        return np.concatenate(parts)

    def fun(self, x: np.ndarray) -> float:
        """The value at x."""
        return self._at(x)[1]

    def jac(self, x: np.ndarray) -> np.ndarray:
        """The gradient at x, by reverse mode."""
        return self._at(x)[2].copy()

    def hess(self, x: np.ndarray) -> np.ndarray:
        """The Hessian at x, of shape (len(x), len(x))."""
        blocks, _, _ = self._functions._call("_run", "hessian", self._inputs(x))
        named = dict(zip(((a, b) for a in self._functions.wrt for b in self._functions.wrt), blocks, strict=True))
        rows = [[np.asarray(named[a, b], float).reshape(start.size, other.size) for b, other in self._starts.items()]
                for a, start in self._starts.items()]
        return np.block(rows)

    def hessp(self, x: np.ndarray, p: np.ndarray) -> np.ndarray:
        """The Hessian at x times p, without the Hessian."""
        tangents = self._functions._call("_tangents", self.unpack(p))
        parts, _, _ = self._functions._call("_run", "hvp", self._inputs(x), tangents)
        named = dict(zip(self._functions.wrt, parts, strict=True))
        return np.concatenate([np.asarray(named[name], float).reshape(-1) for name in self._starts])

    def _inputs(self, x: np.ndarray) -> dict[str, Any]:
        return {**self._data, **self.unpack(x)}

    def _at(self, x: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
        x = self._vector(x)
        if self._last is None or not np.array_equal(self._last[0], x):
            value, grads = self._functions.value_and_grads(**self._inputs(x))
            gradient = np.concatenate([np.asarray(grads[name], float).reshape(-1) for name in self._starts])
            self._last = x.copy(), float(value), gradient
        return self._last

    def _vector(self, x: object) -> np.ndarray:
        x = np.asarray(x, float)
        if x.shape != self.x0.shape:
            raise InputError(explain(f"a flat vector of shape {x.shape} was given", f"{self.x0.size} elements are required, "
                                     f"those of {', '.join(self._starts)} in this order"))
        return x


def _check_names(functions: Functions, params: Mapping, data: Mapping, fixed: list[str]) -> None:
    wrt = functions.wrt
    for name in params:
        if name not in wrt:
            raise InputError(explain(f"params holds {name}, which is no parameter", f"The parameters are {', '.join(wrt)}",
                                     f"Pass {name} in data" if name in functions.arguments else ""))
    for name in fixed:
        if name not in params:
            raise InputError(explain(f"fixed holds {name}, which is not in params", f"params holds {', '.join(params)}"))
    twice = [name for name in data if name in params]
    if twice:
        raise InputError(explain(f"{', '.join(twice)} stands in params and in data", "One of the two is required"))
    missing = [name for name in functions.arguments if name not in params and name not in data]
    if missing:
        raise InputError(explain(f"{', '.join(missing)} is missing", f"params and data together must hold {', '.join(functions.arguments)}"))


def _start(name: str, value: object) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise InputError(explain(f"the parameter {name} is of type {array.dtype}", "Real numbers are required"))
    return array if array.dtype.kind == "f" else array.astype(float)
