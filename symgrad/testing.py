"""For users of pytest: assertions that show the whole report where they fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symgrad.check import check_gradients


def assert_gradients_match(f: Callable, at: Mapping, *, gradient: Callable | None = None, rtol: float = 1e-6, atol: float = 0.0,
                           order: int = 1) -> None:
    """Assert that the gradient of `f` (or the hand-written `gradient`) agrees with slopes found numerically.

    Two numbers agree where they lie within atol + rtol |slope| and what the slope itself is unsure of; a kink agrees with every
    slope between its two sides.  See `symgrad.check_gradients` for the arguments.  Raises AssertionError with the report.
    """
    __tracebackhide__ = True
    report = check_gradients(f, at, gradient=gradient, order=order, rtol=rtol, atol=atol)
    if not report.passed:
        raise AssertionError(str(report))
