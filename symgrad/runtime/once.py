"""A property that is computed when it is first read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

MAKING = threading.RLock()
"""Held while something is made that all threads then share: code is compiled once, whoever calls first."""


class once(Generic[T]):
    """Keeps what was computed as a plain attribute.

    functools.cached_property goes through the object's __dict__, after which Python looks up every attribute of the object by
    a slower way: 50 ns at each call of a method, a sixth of what value and gradient of a small formula take.
    """

    def __init__(self, make: Callable[[Any], T]):
        self.make, self.name, self.__doc__ = make, make.__name__, make.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        if instance is None:
            return self  # type: ignore[return-value]
        with MAKING:
            made = getattr(instance, f"made {self.name}", None)  # by another thread, while this one waited
            if made is None:
                made = (self.make(instance),)
                setattr(instance, f"made {self.name}", made)
                setattr(instance, self.name, made[0])
        return made[0]
