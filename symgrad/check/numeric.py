"""Gradients by finite differences and by the complex step, independent of every derivative that symgrad derives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symgrad.check import complex_step
from symgrad.errors import DerivativeError, InputError, OptionError, explain
from symgrad.runtime.functions import by_name, name_of

EPS = float(np.finfo(float).eps)
STEPS = {"central": EPS ** (1 / 3), "forward": EPS**0.5, "complex": 1e-20}
"""Relative steps: the error h^2 f''' + eps f/h of central differences is least near eps^(1/3), the error h f'' + eps f/h of
forward ones near eps^(1/2); the complex step subtracts nothing, so its step only has to be negligible beside x."""


def numeric_gradient(fn: Callable, at: Mapping, wrt: object, *, method: str = "central", step: float | None = None) -> Any:
    """The gradient of `fn` at a point, numerically and in float64.

    fn: a compiled or loaded model, or any callable that takes its inputs by keyword.
    at: the inputs, by name or symbol.  wrt: one parameter, by name or symbol (the gradient comes bare), or a list (a tuple).
    method: "central" differences (f(x+h) - f(x-h))/2h, accurate to about 1e-10; "forward" (f(x+h) - f(x))/h, half the
    evaluations, about 1e-8; "complex" Im f(x+ih)/h, exact to rounding, for analytic code only.
    step: the step h.  By default eps^(1/3) max(1, |x|) for central, eps^(1/2) max(1, |x|) for forward and
    1e-20 max(1, |x|) for complex, element by element: truncation and rounding error balance there.  Steps are rounded to (x + h) - x, so that
    the step taken is the step divided by.

    Returns arrays of shape result + parameter.  Raises InputError for an unknown or whole-number parameter, OptionError for
    an unknown method or a step that is no positive number, DerivativeError where the complex step meets code that is
    not analytic or `fn` has several results.
    """
    _check_options(method, step)
    given = float_point(at, getattr(fn, "wrt", ()))
    several = isinstance(wrt, (list, tuple))
    names = [name_of(one) for one in wrt] if several else [name_of(wrt)]  # type: ignore[union-attr]
    out = []
    for name in names:
        given[name] = parameter(given, name)
        out.append(_towards(fn, given, name, method, step))
    return tuple(out) if several else out[0]


def _check_options(method: str, step: float | None) -> None:
    if method not in STEPS:
        raise OptionError(explain(f"method={method!r} is not known", f"one of {', '.join(STEPS)} is required"))
    if step is not None and not (np.isfinite(step) and step > 0):
        raise OptionError(explain(f"step={step!r} is not a step", "a positive number is required"))


def float_point(at: Mapping, parameters: Sequence[str] = ()) -> dict[str, Any]:
    """The inputs by name; floating arrays and the named parameters become float64, which differences need."""
    given = by_name(at)
    for name, value in given.items():
        array = value if isinstance(value, np.ma.MaskedArray) or hasattr(value, "toarray") else _array(value)
        if isinstance(array, np.ndarray) and (array.dtype.kind == "f" or (name in parameters and array.dtype.kind in "iub")):
            given[name] = array.astype(float)[()]
    return given


def _array(value: Any) -> Any:
    try:
        return np.asarray(value)
    except ValueError:
        return value


def parameter(given: Mapping[str, Any], name: str) -> Any:
    """The value of one parameter as float64; an error that names it where it cannot have a derivative."""
    if name not in given:
        raise InputError(explain(f"wrt names {name}, which is not among the inputs", f"the inputs given are {', '.join(given) or 'none'}"))
    array = np.asarray(given[name])
    if array.dtype.kind not in "fiub":
        raise InputError(explain(f"{name} holds {array.dtype} values", "real numbers are required of a parameter"))
    return array.astype(float)[()]


def result(fn: Callable, given: Mapping[str, Any]) -> Any:
    """The result of fn: a float64 array, or a tuple of them."""
    found = fn(**given)
    return tuple(np.asarray(one, float) for one in found) if isinstance(found, (tuple, list)) else np.asarray(found, float)


def _one_result(found: Any) -> np.ndarray:
    if isinstance(found, tuple):
        raise DerivativeError(explain(f"the function has {len(found)} results", "one result is required",
                                      "Choose one of them in a function of your own"))
    return found


def _towards(fn: Callable, given: dict[str, Any], name: str, method: str, step: float | None) -> Any:
    x = np.array(given[name], float)
    plain = _one_result(result(fn, given))
    run = complex_step.evaluator(fn, given, name) if method == "complex" else lambda moved: result(fn, {**given, name: moved})
    out = np.empty((*plain.shape, *x.shape))
    for place in np.ndindex(*x.shape):
        h = STEPS[method] * max(1.0, abs(float(x[place]))) if step is None else float(step)
        out[(..., *place)] = _quotient(run, x, place, h, method, plain, name)
    return out[()]


def _quotient(run: Callable, x: np.ndarray, place: tuple[int, ...], h: float, method: str, plain: np.ndarray, name: str) -> np.ndarray:
    if method == "complex":
        moved = x.astype(complex)
        moved[place] += 1j * h
        found = _one_result(run(moved[()]))
        complex_step.agree(found, plain, name)
        return np.imag(found) / h
    up, down = x.copy(), x.copy()
    up[place] += h
    if method == "forward":
        return (run(up[()]) - plain) / (up[place] - x[place])
    down[place] -= h
    return (run(up[()]) - run(down[()])) / (up[place] - down[place])
