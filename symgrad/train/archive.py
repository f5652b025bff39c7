"""A tree of numbers, texts and arrays in one file, exact to the bit, that holds nothing to execute."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from symgrad.emit.files import write_bytes
from symgrad.errors import InputError, explain

TREE, ARRAY, SCALAR = "tree", "@array", "@scalar"


def write_tree(path: Path, tree: Any) -> Path:
    """Write dicts with text keys, lists, numbers, texts, None and arrays to a file, all of it or nothing."""
    arrays: list[np.ndarray] = []
    text = json.dumps(_plain(tree, arrays))
    buffer = io.BytesIO()
    np.savez(buffer, **{TREE: np.frombuffer(text.encode(), np.uint8)}, **{str(k): array for k, array in enumerate(arrays)})  # type: ignore[arg-type]
    return write_bytes(path, buffer.getvalue(), durable=True)


def read_tree(path: Path) -> Any:
    """What `write_tree` wrote.  Raises InputError where the file is no such thing."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return _full(json.loads(arrays[TREE].tobytes().decode()), arrays)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, EOFError) as error:
        raise InputError(explain(f"{path} cannot be read as a checkpoint", "A file that fit(checkpoint=…) wrote is required",
                                 "Delete it, or name another file")) from error


def _plain(node: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(node, dict):
        return {key: _plain(value, arrays) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_plain(value, arrays) for value in node]
    if isinstance(node, (np.ndarray, np.generic)):
        arrays.append(np.asarray(node))
        return {ARRAY if isinstance(node, np.ndarray) else SCALAR: len(arrays) - 1}
    return node


def _full(node: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(node, list):
        return [_full(value, arrays) for value in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get(ARRAY), int):  # a parameter of that name would be a dict here
        return arrays[str(node[ARRAY])]
    if isinstance(node.get(SCALAR), int):
        return arrays[str(node[SCALAR])][()]
    return {key: _full(value, arrays) for key, value in node.items()}
