"""The virtual environment of the scripts: made and filled when needed, left alone when it fits.  Standard library only.

It lies in .venv beside this folder, or where SYMGRAD_VENV says.  A stamp in it names what was installed for which
pyproject.toml, so that a second run starts at once.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = Path(os.environ.get("SYMGRAD_VENV") or ROOT / ".venv").resolve()
PYTHON = PLACE / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
INCLUDED_IN = {"demo": ("demo", "dev"), "dev": ("dev",), "bench": ("bench",)}
"""Which installed extras serve for the extra that a script asks for."""
LEAST = {"demo": "sklearn", "dev": "pytest", "bench": "matplotlib"}
"""A module by which an environment is known to have an extra."""


def enter(extra: str) -> None:
    """Go on in the environment with this extra: return if this is it already and filled, else run the same script again there."""
    if sys.version_info < (3, 11):  # noqa: UP036  an older Python gets this far and should be told
        sys.exit(f"symgrad needs Python 3.11 or later; this is {sys.version.split()[0]}. Start the script with a newer one: python3.11 {sys.argv[0]}")
    if Path(sys.prefix).resolve() == PLACE and (_has(extra) or _ready(extra)):
        return
    if not _ready(extra):
        _install(extra)
    try:
        sys.exit(subprocess.call([str(PYTHON), *sys.argv]))
    except KeyboardInterrupt:
        sys.exit(130)


def _stamp(extra: str) -> Path:
    return PLACE / f".installed-{extra}"


def _key() -> str:
    """What an installation depends on: the project file, its place and the Python that made the environment."""
    parts = ((ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode(), sys.version.encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _ready(extra: str) -> bool:
    stamps = [_stamp(name) for name in INCLUDED_IN[extra]]
    return PYTHON.exists() and any(stamp.exists() and stamp.read_text() == _key() for stamp in stamps)


def _has(extra: str) -> bool:
    """Whether the environment that runs this, which others may have filled, has what the extra is for."""
    return all(importlib.util.find_spec(name) is not None for name in ("symgrad", LEAST[extra]))


def _install(extra: str) -> None:
    print(f"Setting up {PLACE} (the first time only; a minute or two)", flush=True)
    pip = _make()
    command = [*pip, "install", "--quiet", "--disable-pip-version-check", "--editable", f"{ROOT}[{extra}]"]
    if subprocess.call(command):
        sys.exit("The installation failed; what pip said stands above. Nothing outside of that folder was changed: delete it to start afresh.")
    for name in INCLUDED_IN:
        _stamp(name).unlink(missing_ok=True)
    _stamp(extra).write_text(_key())


def _make() -> list[str]:
    """Make the environment, and say how to call pip for it: its own, or the outer one where Python comes without ensurepip."""
    own = [str(PYTHON), "-m", "pip"]
    if PYTHON.exists() and subprocess.call([*own, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
        return own
    try:
        venv.create(PLACE, with_pip=True, clear=True)
        return own
    except subprocess.CalledProcessError:
        venv.create(PLACE, with_pip=False, clear=True)
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
