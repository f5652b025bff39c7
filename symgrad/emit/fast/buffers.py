"""Arrays that are written again once what they held is not needed any more."""

from __future__ import annotations

from typing import NamedTuple

from symgrad.emit.fast.trees import Shape
from symgrad.emit.names import Names, tuple_text


class Kept(NamedTuple):
    """What an array holds: the sizes of its axes, and whether truth values; `own` where it is handed back and so in no room."""

    shape: Shape
    boolean: bool
    own: bool = False

    @property
    def new(self) -> str:
        """The text of an array in the kernel's room."""
        return f"new({tuple_text(self.shape)}, {'bool' if self.boolean else 'dtype'})"


class Buffers:
    """Free arrays by what they can hold.

    In a block every array is made beforehand (`made` are all of them in order); elsewhere an array comes into being with
    the first row that it holds, in the kernel's room or as a result's own, and only rows after it find it free.
    """

    def __init__(self, names: Names, beforehand: bool):
        self.names = names
        self.beforehand = beforehand
        self.made: dict[str, Kept] = {}
        self._free: dict[Kept, list[str]] = {}

    def is_small(self, shape: Shape) -> bool:
        """Whether an array is not worth a buffer: in a block, one that the samples have no part in; elsewhere a vector."""
        return "width" not in shape if self.beforehand else sum(size != "1" for size in shape) < 2

    def take(self, kept: Kept) -> str | None:
        """The name of an array to write into; None where one has to come into being."""
        if not self.beforehand and not self._free.get(kept):
            return None
        return self.taken(kept)

    def taken(self, kept: Kept) -> str:
        """The name of a free array, or of one more that is made beforehand."""
        free = self._free.get(kept)
        if free:
            return free.pop()
        name = self.names.exactly("u_1")
        self.made[name] = kept
        return name

    def born(self, name: str, kept: Kept) -> None:
        """An array came into being under a name."""
        self.made[name] = kept

    def give_back(self, name: str) -> None:
        """What the array held is not needed any more."""
        self._free.setdefault(self.made[name], []).append(name)
