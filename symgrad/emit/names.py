"""Variable names of generated code: the user's where they are safe, xi_k otherwise; never a clash, never code."""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Iterable

RESERVED = {"np", "math", "special", "dtype", *keyword.kwlist, *keyword.softkwlist, *dir(builtins)}


def is_plain(name: str) -> bool:
    """Whether a name can stand as it is as a variable or parameter of generated code."""
    return name.isidentifier() and not keyword.iskeyword(name) and unicodedata.normalize("NFKC", name) == name and not name.startswith("_")


class Names:
    """Hands out distinct variable names; the same requests in the same order give the same names."""

    def __init__(self, taken: Iterable[str] = ()):
        self.taken = RESERVED | set(taken)

    def take(self, wanted: str, fallback: str) -> str:
        """The wanted name if it is plain and free, else the fallback with a number."""
        name = wanted if is_plain(wanted) and not wanted.startswith(("xi_", "bar_", "dot_")) else fallback
        if name in self.taken or name != wanted:
            name = self._numbered(name)
        self.taken.add(name)
        return name

    def exactly(self, wanted: str) -> str:
        """The wanted name, numbered only if it is taken; for names that the emitter makes itself."""
        name = wanted if wanted not in self.taken else self._numbered(wanted)
        self.taken.add(name)
        return name

    def _numbered(self, stem: str) -> str:
        k = 1
        while f"{stem}_{k}" in self.taken:
            k += 1
        return f"{stem}_{k}"
