"""What entries of the table share: spellings, test points, and how the project's own functions are entered."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import sympy as sp

from symgrad.graph.function import Function

FLAT = 8
"""More arguments than this are nested by halves: Python's parser takes two hundred parentheses."""


def _chain(operation: str) -> Callable[[int], str]:
    """np.maximum and np.minimum take two arguments; more are nested."""

    def template(first: int, last: int) -> str:
        if last - first == 1:
            return f"{{{first}}}"
        middle = last - 1 if last - first <= FLAT else (first + last) // 2
        return f"np.{operation}({template(first, middle)}, {template(middle, last)})"

    return lambda count: template(0, count)


def _listed(function: str, parameters: int = 0) -> Callable[[int], str]:
    """A call with so many parameters before the arguments."""
    before = [f"{{p{k}}}" for k in range(parameters)]
    return lambda count: f"{function}({', '.join([*before, *(f'{{{k}}}' for k in range(count))])})"


NARY_TEMPLATES = {"max": _chain("maximum"), "min": _chain("minimum"), "log_exp_sum": _listed("_log_exp_sum"),
                  "reciprocal_exp_sum": _listed("_reciprocal_exp_sum"),
                  "sum_rest": _listed("_sum_less"), "product_rest": _listed("_product_less"),
                  "exp_product": _listed("_exp_of_product", 3), "exp_shifted_product": _listed("_exp_of_shifted_product", 5),
                  "times_exp_product": _listed("_times_exp_of_product", 3), "times_exp_shifted_product": _listed("_times_exp_of_shifted_product", 5),
                  "double_double_where": _listed("_double_double_where", 1)}
# at nan both give nan, as NumPy does
SCALAR_EXTREMA = {"max": "{0} if {0} >= {1} or {0} != {0} else {1}", "min": "{0} if {0} <= {1} or {0} != {0} else {1}"}
"""The larger and the smaller of two Python floats."""

EXP_OF_MINUS_ABS = "math.exp(-{0} if {0} > 0.0 else {0})"
LARGEST = repr(sys.float_info.max)
FINITE = f"{{0}} if -{LARGEST} <= {{0}} <= {LARGEST} or {{0}} != {{0}} else math.copysign({LARGEST}, {{0}})"
FIRST_INFINITE, SECOND_INFINITE = "{0} in (math.inf, -math.inf)", "{1} in (math.inf, -math.inf)"
OPEN_UNIT = (-0.9, 0.9)
POSITIVE = (0.1, 3.0)
TAILS = (-9.0, 40.0, 9.0, 26.5)
ROUND_ZERO = (0.0, 1e-9, -1e-4, 300.0, -300.0)
TWO_BY_ROOT_PI = 2 / sp.sqrt(sp.pi)


def own(name: str, head: Callable, cost: int, **more: Any) -> Function:
    """A function whose double-precision code is the project's own, `_name` in runtime/special."""
    arguments = ", ".join(f"{{{k}}}" for k in range(more.get("arity", 1)))
    return Function(name, f"_{name}({arguments})", head, cost=cost, needs=f"special:{name}", **more)
