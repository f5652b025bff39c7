"""The derivative of analytic code by one evaluation at x + ih: no difference is taken, so nothing cancels.

Source: Squire and Trapp, SIAM Review 40 (1998).  It holds only for code that is analytic, and much of NumPy silently
drops the imaginary part instead of failing (abs, slogdet), so the code is looked at before it is trusted.
"""

from __future__ import annotations

import dis
import warnings
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

import numpy as np

from symgrad.errors import DerivativeError, explain
from symgrad.runtime.functions import Functions

_NOT_ANALYTIC = frozenset({
    "abs", "absolute", "fabs", "sign", "copysign", "maximum", "minimum", "max", "min", "amax", "amin", "fmax", "fmin", "clip", "floor", "ceil",
    "round", "rint", "trunc", "mod", "remainder", "fmod", "heaviside", "where", "arctan2", "logaddexp", "real", "imag", "conj", "float", "angle",
    "hypot", "slogdet", "_logdet", "gammaln", "norm", "cbrt", "sort", "argmax", "argmin", "modf", "piecewise", "select"})


def evaluator(fn: Callable, given: Mapping[str, Any], name: str) -> Callable[[Any], Any]:
    """A function of the one parameter `name` that takes complex numbers and gives the complex result.

    Raises DerivativeError where the code is seen to be not analytic.
    """
    if not isinstance(fn, Functions):
        _refuse_unless_analytic(getattr(fn, "__code__", None), name)
        return lambda value: _complex(lambda: fn(**{**given, name: value}), name)
    space = fn._namespace
    arrays, sizes, _, shapes = fn._call("_prepare", dict(given))
    kernel = fn._analytic_kernel()
    _refuse_unless_analytic(kernel.__code__, name)

    def run(value: Any) -> Any:
        moved = np.reshape(value, np.shape(arrays[name]))[()]
        out = kernel(*{**arrays, name: moved}.values(), **sizes, dtype=np.dtype(complex))
        return space["_results"](out, shapes, sizes)

    return lambda value: _complex(lambda: run(value), name)


def _refuse_unless_analytic(code: CodeType | None, name: str) -> None:
    if code is None:
        return
    seen = sorted(_NOT_ANALYTIC & set(code.co_names))
    if any(step.opname == "COMPARE_OP" for step in dis.get_instructions(code)):
        seen.append("a comparison")
    if seen:
        raise _not_analytic(name, f"the code uses {', '.join(seen)}")


def _complex(run: Callable[[], Any], name: str) -> Any:
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            result = run()
    except (TypeError, ValueError, ArithmeticError, np.linalg.LinAlgError, np.exceptions.ComplexWarning) as error:
        raise _not_analytic(name, f"the code does not take complex numbers ({error})") from None
    if isinstance(result, tuple):
        return result
    return np.asarray(result)


def _not_analytic(name: str, why: str) -> DerivativeError:
    return DerivativeError(explain(f"The complex step towards {name} is not possible: {why}", "analytic code is required", 'Choose method="central"'))


def agree(moved: np.ndarray, plain: np.ndarray, name: str) -> None:
    """Refuse where the complex evaluation has another real part than the real one: a branch cut lies between."""
    size = np.max(np.abs(plain[np.isfinite(plain)]), initial=1.0)
    same = np.isclose(np.real(moved), plain, rtol=1e-9, atol=1e-12 * size, equal_nan=True)
    if not np.all(same):
        raise _not_analytic(name, "on complex numbers the code gives another value")
    if moved.dtype.kind != "c":
        raise _not_analytic(name, "the code dropped the imaginary part")
