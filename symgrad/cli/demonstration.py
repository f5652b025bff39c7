"""The demo as a command: it stands apart because the gallery's experiments take long to import."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from symgrad import demo


def run_demo(options: Namespace) -> int:
    """Declare, compile, check and train two models on real data, and draw the gallery's experiments."""
    return demo.main(Path(options.output))
