"""Writing a module: a name that can be imported, a folder, and all of the file or none of it."""

from __future__ import annotations

import keyword
import os
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

from symgrad.errors import BadNameError, explain

_LONGEST = 200
_OTHERS = {"numpy", "scipy", "sympy", "symgrad"}


def check_module_name(name: str | None) -> str:
    """The name, if a module can have it without hiding another."""
    if not name:
        raise BadNameError(explain("the model has no name, so it cannot be saved", "a name is required", 'Pass name="…" to compile'))
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__") or unicodedata.normalize("NFKC", name) != name:
        raise BadNameError(explain(f"the name {name!r} cannot be a module's", "a Python identifier that is no keyword is required"))
    if len(name.encode()) > _LONGEST:
        raise BadNameError(explain(f"the name {name[:20]}… has {len(name)} letters", f"at most {_LONGEST} bytes fit into a file name"))
    if name in sys.stdlib_module_names or name in _OTHERS:
        raise BadNameError(explain(f"the name {name!r} would hide the module of that name", "another name is required"))
    return name


def write_module(folder: str | Path, name: str | None, text: Callable[[], str]) -> Path:
    """folder/<name>.py, replaced in one step; nothing is left behind where writing fails."""
    return write_text(Path(folder) / f"{check_module_name(name)}.py", text())


def write_text(path: Path, text: str) -> Path:
    """A text file, replaced in one step."""
    return write_bytes(path, text.encode())


def write_bytes(path: Path, data: bytes, durable: bool = False) -> Path:
    """A file, replaced in one step; `durable` waits until the disk has it, so that a power cut leaves the old or the new."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadNameError(explain(f"the folder {path.parent} cannot be made: {error.strerror}",
                                   "a folder that can be written is required")) from None
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return path
