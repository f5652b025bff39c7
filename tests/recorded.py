"""Counts that are recorded for each formula of a list, one line each."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import mpmath
import numpy as np

PAIRS = (("symgrad", "plain"), ("curvatures", "plain curvatures"))
"""Counts, and what they are compared with."""
CURVATURE, SUBNORMAL = 1e-9, 1e-322
"""Errors up to which a second derivative is right, of itself, and whatever it is."""


NUDGE = mpmath.mpf(10) ** -60


def moved_by_last_digits(function: Callable, at: Iterable[float], here: mpmath.mpf) -> mpmath.mpf:
    """What half a unit in the last digit of each input changes, first order, in the digits that are set."""
    at = list(at)
    nudged = [mpmath.mp.re(function(*(mpmath.mpf(x) * (1 + NUDGE * (j == k)) for j, x in enumerate(at)))) for k in range(len(at))]
    return sum(abs(one - here) for one in nudged) / NUDGE * mpmath.mpf(2) ** -53


def recorded(table: Path, name: str, found: dict, update: bool) -> dict:
    """What is recorded of a formula; with `update`, what was found is recorded first."""
    known = json.loads(table.read_text(encoding="utf-8")) if table.is_file() else {}
    if update:
        known[name] = found
        lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(one)}" for key, one in sorted(known.items()))
        table.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    return known[name]


def counted(got: float, want: mpmath.mpf, change: mpmath.mpf, is_right: Callable[[float, mpmath.mpf], bool]) -> tuple[bool, bool, bool]:
    """Whether a number is finite, right, and that or off by no more than four times what half a unit in the last digit of the inputs changes."""
    if not math.isfinite(got):
        return False, False, False
    right = is_right(got, want)
    return True, right, right or abs(mpmath.mpf(got) - want) <= 4 * change


def is_curvature(got: float, want: mpmath.mpf) -> bool:
    """Whether a second derivative is right, or as right as subnormal numbers can be."""
    return abs(mpmath.mpf(got) - want) <= CURVATURE * abs(want) + SUBNORMAL


def check_each_is_recorded(table: Path, formulas: Iterable[str]) -> None:
    assert sorted(json.loads(table.read_text(encoding="utf-8"))) == sorted(formulas)


def check_as_often(table: Path, name: str, tally: Callable[[], dict], update: bool) -> None:
    """A tally whose counts are as high as those that are recorded, and the last of each form as high as plain code's."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = tally()
    record = recorded(table, name, found, update)
    assert found["count"] == record["count"]
    for ours, plain in PAIRS:
        if ours in found:
            assert all(now >= before for now, before in zip(found[ours], record[ours], strict=True)), found
            assert found[ours][-1] >= found[plain][-1], found
