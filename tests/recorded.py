"""Counts that are recorded for each formula of a list, one line each, and when a number of a gradient is right."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

import symgrad as sg
from symgrad.check.ulps import ulps

PAIRS = (("symgrad", "plain"), ("curvatures", "plain curvatures"))
"""Counts, and what they are compared with."""
CURVATURE, SUBNORMAL = 1e-9, 1e-322
"""Errors up to which a second derivative is right, of itself, and whatever it is."""
NUDGE, HALF_A_UNIT = mpmath.mpf(10) ** -60, mpmath.mpf(2) ** -53
VALUE, SLOPE = 4, 16
"""Ulp up to which a value is right, and a slope beside the largest of its array."""


def moved_by_last_digits(function: Callable, at: Iterable[float], here: mpmath.mpf) -> mpmath.mpf:
    """What half a unit in the last digit of each input changes, first order, in the digits that are set."""
    at = list(at)
    nudged = [mpmath.mp.re(function(*(mpmath.mpf(x) * (1 + NUDGE * (j == k)) for j, x in enumerate(at)))) for k in range(len(at))]
    return sum(abs(one - here) for one in nudged) / NUDGE * HALF_A_UNIT


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


def flat(f: sg.Compiled, inputs: dict[str, Any], mode: str = "grad") -> list[float]:
    """The value and then all slopes."""
    gradient = getattr(f, mode)(**inputs)
    arrays = gradient if isinstance(gradient, tuple) else (gradient,)
    return [float(f.value(**inputs)), *(float(entry) for array in arrays for entry in np.ravel(array))]


def places(inputs: dict[str, Any], wrt: Iterable[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Each entry of each parameter."""
    for name in wrt:
        for place in np.ndindex(np.shape(inputs[name])):
            yield name, place


def scales(inputs: dict[str, Any], wrt: Iterable[str], want: Sequence[mpmath.mpf | None]) -> list[mpmath.mpf]:
    """0 for the value, and for each slope the largest of its array."""
    names = [name for name, _ in places(inputs, wrt)]
    largest = dict.fromkeys(names, mpmath.mpf(0))
    for name, value in zip(names, want[1:], strict=True):
        if value is not None and mpmath.isfinite(value):
            largest[name] = max(largest[name], abs(value))
    return [mpmath.mpf(0), *(largest[name] for name in names)]


def is_right_beside(scale: mpmath.mpf, limit: int) -> Callable[[float, mpmath.mpf], bool]:
    """Whether a number is right within so many ulp, of itself or of another size."""
    return lambda got, want: ulps(got, want) <= limit or abs(mpmath.mpf(got) - want) <= limit * 2 * HALF_A_UNIT * scale


def is_curvature(got: float, want: mpmath.mpf) -> bool:
    """Whether a second derivative is right, or as right as subnormal numbers can be."""
    return abs(mpmath.mpf(got) - want) <= CURVATURE * abs(want) + SUBNORMAL


def check_each_is_recorded(table: Path, formulas: Iterable[str]) -> None:
    assert sorted(json.loads(table.read_text(encoding="utf-8"))) == sorted(formulas)


def check_all_more_often(table: Path) -> None:
    """More of all numbers are finite, right and so on than plain code's."""
    every = json.loads(table.read_text(encoding="utf-8")).values()
    ours, plain = (np.sum([one[form] for one in every], axis=0) for form in ("symgrad", "plain"))
    assert (ours > plain).all()


def check_as_often(table: Path, name: str, tally: Callable[[], dict], update: bool, beside_plain: int = -1) -> None:
    """A tally whose counts are as high as those that are recorded, and one of each form, the last if no other is named, as high as plain code's."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = tally()
    record = recorded(table, name, found, update)
    assert found["count"] == record["count"]
    for ours, plain in PAIRS:
        if ours in found:
            assert all(now >= before for now, before in zip(found[ours], record[ours], strict=True)), found
            assert found[ours][beside_plain] >= found[plain][beside_plain], found
