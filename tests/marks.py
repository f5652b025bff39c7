"""Marks of cases."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pytest


def but_slow(cases: Iterable, long: Collection) -> list:
    """Cases, of which those that take long run with the slow tests alone."""
    return [pytest.param(one, marks=pytest.mark.slow if one in long else []) for one in cases]
