"""Derivatives against numbers that were found without them."""

from importlib import import_module
from typing import TYPE_CHECKING

from symgrad.check.gradients import check_gradients
from symgrad.check.numeric import numeric_gradient
from symgrad.check.report import Report, Row

if TYPE_CHECKING:
    from symgrad.check.accuracy import AccuracyReport, accuracy_report

_NEEDS_SYMPY = {"AccuracyReport", "accuracy_report"}
"""Loaded when first used: gradients of a loaded module are checked without SymPy."""


def __getattr__(name: str):
    if name not in _NEEDS_SYMPY:
        raise AttributeError(f"module 'symgrad.check' has no attribute {name!r}")
    return getattr(import_module("symgrad.check.accuracy"), name)


__all__ = ["AccuracyReport", "Report", "Row", "accuracy_report", "check_gradients", "numeric_gradient"]
