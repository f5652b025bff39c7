"""Variable names of generated code: the user's where they are safe, xi_k otherwise; never a clash, never code."""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Iterable, Sequence

RESERVED = {"np", "math", "special", "dtype", *keyword.kwlist, *keyword.softkwlist, *dir(builtins)}


def is_plain(name: str) -> bool:
    """Whether a name can stand as it is as a variable or parameter of generated code."""
    return name.isidentifier() and not keyword.iskeyword(name) and unicodedata.normalize("NFKC", name) == name and not name.startswith("_")


class Names:
    """Hands out distinct variable names; the same requests in the same order give the same names."""

    def __init__(self, taken: Iterable[str] = ()):
        self.taken = RESERVED | set(taken)
        self._next: dict[str, int] = {}

    def take(self, wanted: str, fallback: str) -> str:
        """The wanted name if it is plain and free, else the fallback with a number."""
        for name in (wanted, f"{wanted}_"):
            if is_plain(name) and not name.startswith(("xi_", "bar_", "dot_")) and name not in self.taken:
                self.taken.add(name)
                return name
        return self.exactly(f"{fallback}_1")

    def exactly(self, wanted: str) -> str:
        """The wanted name, numbered only if it is taken; for names that the emitter makes itself."""
        stem, k = wanted.removesuffix("_1"), self._next.get(wanted, 1)
        name = wanted
        while name in self.taken:
            k += 1
            name = f"{stem}_{k}"
        self._next[wanted] = k
        self.taken.add(name)
        return name


def quoted(name: str) -> str:
    """A name as a text of Python's, whatever its letters are."""
    return f'"{name}"' if is_plain(name) else ascii(name)


def listed(parts: Sequence[str]) -> str:
    """The elements of a tuple as text, without its parentheses."""
    return f"{', '.join(parts)}{',' if len(parts) == 1 else ''}"


def tuple_text(parts: Sequence[str]) -> str:
    """A tuple as text."""
    return f"({listed(parts)})"
