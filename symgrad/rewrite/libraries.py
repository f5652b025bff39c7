"""NumPy's elementary functions, and SciPy's gamma functions, the same on every machine: libraries differ in their last digits.

Each is computed in twice the digits and rounded, but for one number in sixteen, that is off by one unit, as in a good library; gamma
functions, for every other number, by two, as in SciPy.  What is next to a double, as exp(-40) - 1 is to -1, is that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any

import numpy as np

from symgrad.graph.functions import TABLE
from symgrad.rewrite.doubles import ROUNDED
from symgrad.runtime.special import double_double, double_double_tails
from symgrad.runtime.special.double_double import _Twice

_SCRAMBLE = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio, after Knuth: a product with it spreads the bits of what differs little."""
_CLOSE = 2.0**-56
"""The part of a number that a double lacks where it is next to that."""
_SMALLEST, _LARGEST = 1e-290, 1e300
"""Numbers of which both halves are normal."""
REMEMBERED = 64


class Library:
    """Functions of a module, some of them replaced."""

    def __init__(self, module: Any, functions: dict[str, Callable]) -> None:
        self._module, self._functions = module, functions

    def __getattr__(self, name: str) -> Any:
        return self._functions.get(name) or getattr(self._module, name)


def _same(exact: Callable, plain: Callable | None, one_in: int = 16, units: int = 1) -> Callable:
    """A function of arrays from one in twice the digits; the library's where that is no number, as at the ends of its domain."""
    def called(x: Any, *others: Any, out: np.ndarray | None = None, **more: Any) -> Any:
        if plain is not None and (more or np.ndim(x) == 0 or np.size(x) == 0):
            return plain(x, *others, out=out, **more)
        given = [np.asarray(one, float) for one in (x, *others)]
        with np.errstate(all="ignore"):
            twice = exact(*map(_Twice, given))
            right = np.asarray(twice.rounded())
            beside = np.asarray(plain(*given), float) if plain is not None else np.full_like(right, np.nan)
            is_known = (np.abs(right) > _SMALLEST) & (np.abs(right) < _LARGEST) & ~((np.abs(beside) < _SMALLEST) | np.isinf(beside))
            is_between = np.abs(twice.low) > np.abs(twice.high) * _CLOSE
        found = np.where(is_known, np.where(is_between, _rounded(right, one_in, units), right), beside)
        if out is None:
            return found[()]
        np.copyto(out, found)
        return out

    return called


def _remembered(function: Callable) -> Callable:
    """The function of arrays, whose last results are kept: rows on the same places ask for the same gamma functions."""
    @lru_cache(maxsize=REMEMBERED)
    def known(*given: tuple[bytes, tuple[int, ...]]) -> np.ndarray:
        found = np.asarray(function(*(np.frombuffer(numbers).reshape(shape) for numbers, shape in given)))
        found.flags.writeable = False
        return found

    def called(*given: Any) -> Any:
        return known(*((array.tobytes(), array.shape) for array in (np.asarray(one, float) for one in given)))[()]

    return called


def _rounded(right: np.ndarray, one_in: int, units: int) -> np.ndarray:
    """The numbers, but one in so many, that is off by so many units."""
    bits = np.ascontiguousarray(right).reshape(-1).view(np.uint64) * _SCRAMBLE >> np.uint64(32)
    side = np.where(bits & np.uint64(1), 1.0, -1.0) * (bits // np.uint64(2) % np.uint64(one_in) == 0)
    return right + units * (side.reshape(right.shape) * np.spacing(np.abs(right)))


def _of(library: str) -> dict[str, tuple[str, Callable]]:
    """The functions of a library by which the table spells its entries, of one argument: the entry's name, and its spelling in twice the digits.

    An entry may be spelled as the project's own function of the library's value and the argument.
    """
    call, found = re.compile(r"(?:_\w+\()?" + library + r"\.(\w+)\(\{0\}\)(?:, \{0\}\))?"), dict[str, tuple[str, Callable]]()
    for entry in TABLE.values():
        spelled = call.fullmatch(entry.numpy)
        if spelled and entry.twice and entry.name not in ROUNDED:
            found[spelled[1]] = entry.name, eval(f"lambda a: {entry.twice.format('a')}", _SPACE)
    return found


def _polygamma(order: int, x: Any) -> Any:
    """The slope of the digamma function; nan for its own slopes, which there are not in twice the digits."""
    return _TRIGAMMA(x) if order == 1 else np.full_like(x, np.nan)


_SPACE = {**vars(double_double), **vars(double_double_tails)}
_OF_NUMPY, _OF_SCIPY = _of("np"), _of("special")


def _as_scipy(exact: Callable) -> Callable:
    return _remembered(_same(exact, plain=None, one_in=2, units=2))


_TRIGAMMA = _as_scipy(double_double_tails._twice_trigamma)
_OF_TWO = {"beta": "beta", "binom": "binomial"}
"""Functions of SciPy of two arguments, and their entries in the table."""
_KNOWN = {name: _as_scipy(exact) for name, (_, exact) in _OF_SCIPY.items()} | {"polygamma": _polygamma} | {
    name: _as_scipy(eval(f"lambda a, b: {TABLE[entry].twice.format('a', 'b')}", _SPACE)) for name, entry in _OF_TWO.items()}


def _made_of(known: Collection[str]) -> tuple[str, ...]:
    """Entries of the table that are spelled by these functions of SciPy."""
    return tuple(entry.name for entry in TABLE.values() if "special." in entry.numpy
                 and {*re.findall(r"special\.(\w+)\(", entry.numpy)} <= {*known})


GAMMAS, EVERYWHERE = _made_of(_OF_SCIPY), _made_of(_KNOWN)
"""Gamma functions, which grow faster than an exponential, and all functions of SciPy that are known on all machines, too."""
NUMPY = Library(np, {name: _same(exact, getattr(np, name)) for name, (_, exact) in _OF_NUMPY.items()})
SCIPY = Library(None, _KNOWN)
