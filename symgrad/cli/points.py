"""Points from the command line: NAME=VALUE texts and .npz files.  Values are read as literals and never evaluated."""

from __future__ import annotations

import ast
import re
import zipfile
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import sympy as sp

from symgrad.errors import InputError, explain

Value = int | float | Fraction | np.ndarray

_WHOLE = re.compile(r"[+-]?\d+")
_FRACTION = re.compile(r"[+-]?\d+/\d+")


def parse_point(texts: Iterable[str]) -> dict[str, Value]:
    """The point of texts such as W=3, x=1/3, b=0.5 or v=[1,2,3].

    Raises InputError where a text is no NAME=VALUE, a value is no number or list of numbers, or a name stands twice.
    """
    point: dict[str, Value] = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        if not equals or not name:
            raise InputError(explain(f"--at {text!r} cannot be read", "NAME=VALUE is required, for example W=3",
                                     "Write the file before --at, and one NAME=VALUE for each input"))
        if name in point:
            raise InputError(explain(f"--at gives {name} twice", "one value an input is required"))
        point[name] = parse_value(name, value.strip())
    return point


def parse_value(name: str, text: str) -> Value:
    """A whole number or fraction kept exact, a decimal number, or a list of numbers as an array."""
    try:
        if _WHOLE.fullmatch(text):
            return int(text)
        if _FRACTION.fullmatch(text):
            return Fraction(text)
        if text.startswith(("[", "(")):
            return _array(ast.literal_eval(text))
        return float(text)
    except (ValueError, SyntaxError, TypeError, ZeroDivisionError, MemoryError, RecursionError):
        wanted = "a number such as 3, 1/3 or 0.5, or a list such as [1,2,3] is required"
        raise InputError(explain(f"--at {name}={text} cannot be read", wanted)) from None


def _array(value: object) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise ValueError("not an array of numbers")
    return array


def read_arrays(path: str | Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz file by name.  Raises InputError where it is missing or holds anything but plain arrays."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise InputError(explain(f"there is no file {path}", "an .npz file with one array an input is required")) from None
    except (OSError, ValueError, AttributeError, TypeError, zipfile.BadZipFile):
        raise InputError(explain(f"{path} cannot be read", "an .npz file of plain number arrays is required",
                                 "Write it with numpy.savez(path, name=array, …)")) from None


def exact(point: Mapping[str, Value]) -> dict[str, object]:
    """The point for tables: whole numbers and fractions as SymPy's, so that exact values can be shown."""
    return {name: _exact(value) for name, value in point.items()}


def _exact(value: Value) -> object:
    if isinstance(value, int):
        return sp.Integer(value)
    if isinstance(value, Fraction):
        return sp.Rational(value.numerator, value.denominator)
    return value


def numeric(point: Mapping[str, Value]) -> dict[str, object]:
    """The point for calls of generated code: fractions as floats."""
    return {name: float(value) if isinstance(value, Fraction) else value for name, value in point.items()}
