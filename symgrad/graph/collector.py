"""Python's collector of cyclic garbage, put off while a program is built.

Building makes many objects that stay and few cycles, and each full collection walks all that stay: on a chain of 10^5
rows that is half of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Made = TypeVar("Made")

_lock = Lock()
_inside = 0
_was_enabled = False


def without_collection(function: Callable[Given, Made]) -> Callable[Given, Made]:
    """The same function; while it runs, in any thread, no garbage is collected.  A collector that was off stays off."""

    @wraps(function)
    def put_off(*args: Given.args, **named: Given.kwargs) -> Made:
        _enter()
        try:
            return function(*args, **named)
        finally:
            _leave()

    return put_off


def _enter() -> None:
    global _inside, _was_enabled
    with _lock:
        if _inside == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _inside += 1


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0 and _was_enabled:
            gc.enable()


__all__ = ["without_collection"]
