"""Derivatives against numbers that were found without them."""

from symgrad.check.gradients import check_gradients
from symgrad.check.numeric import numeric_gradient
from symgrad.check.report import Report, Row

__all__ = ["Report", "Row", "check_gradients", "numeric_gradient"]
