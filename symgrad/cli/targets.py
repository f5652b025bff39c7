"""FILE[:NAME]: the compiled models that a Python file of declarations defines."""

from __future__ import annotations

import runpy
import sys
import traceback
from pathlib import Path

from symgrad.compiler import Compiled
from symgrad.errors import BadNameError, DeclarationError, InputError, SymgradError, explain
from symgrad.train import Model


def find(target: str) -> dict[str, Compiled]:
    """The models of FILE[:NAME] by their variable's name; all of the file's where NAME is left out.

    Raises InputError where there is no such file or it defines no model, BadNameError where it has none of that name,
    and DeclarationError where running the file fails.
    """
    path, name = split(target)
    found = _models(_run(path), path)
    if not name:
        return found
    chosen = {key: model for key, model in found.items() if name in (key, model.name)}
    if not chosen:
        raise BadNameError(explain(f"{path} has no model {name}", f"its models are {', '.join(found)}", f"Write {path}:{next(iter(found))}"))
    return chosen


def find_one(target: str) -> Compiled:
    """The one model of FILE[:NAME].  Raises BadNameError where FILE has several and no NAME says which."""
    found = find(target)
    if len(found) > 1:
        path, _ = split(target)
        raise BadNameError(explain(f"{path} has {len(found)} models", f"one of {', '.join(found)} is required", f"Write {path}:{next(iter(found))}"))
    return next(iter(found.values()))


def split(target: str) -> tuple[Path, str]:
    """FILE and NAME; a colon that belongs to a path that exists is left alone."""
    whole = Path(target)
    file, colon, name = target.rpartition(":")
    path = whole if whole.is_file() or not colon else Path(file)
    if not path.is_file():
        raise InputError(explain(f"there is no file {path}", "a Python file of declarations is required"))
    return path, name if path is not whole else ""


def _run(path: Path) -> dict:
    """The names a file defines; its folder is where its own imports are looked for, as when Python runs it."""
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        return runpy.run_path(str(path), run_name="symgrad_declarations")
    except (SymgradError, KeyboardInterrupt):
        raise
    except SystemExit:
        raise DeclarationError(explain(f"{path} ended by itself", "a file that only declares models is required",
                                       'Put what it runs under if __name__ == "__main__":')) from None
    except Exception as error:
        raise DeclarationError(explain(f"running {path} failed{_line(error, path)}: {type(error).__name__}: {error}")) from error
    finally:
        sys.path.remove(folder)


def _line(error: Exception, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f" at line {error.lineno}" if error.lineno else ""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f" at line {lines[-1]}" if lines else ""


def _models(names: dict, path: Path) -> dict[str, Compiled]:
    found: dict[str, Compiled] = {}
    for name, value in names.items():
        model = _compiled(value)
        if model is not None and all(model is not other for other in found.values()):
            found[name] = model
    if found:
        return found
    if {"SPEC", "_KERNELS"} <= names.keys():
        raise InputError(explain(f"{path} is a generated module", "the file that declares the model is required",
                                 f"To see and check the module itself, run python {path}"))
    raise InputError(explain(f"{path} defines no model", "a variable holding the result of symgrad.compile or symgrad.Model is required"))


def _compiled(value: object) -> Compiled | None:
    if isinstance(value, Model):
        return value.loss
    return value if isinstance(value, Compiled) else None
