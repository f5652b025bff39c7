"""The command line: symgrad compile, table, graph, check, gallery and demo."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from symgrad.cli.parser import build
from symgrad.errors import SymgradError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 where a check fails, 2 where the input is wrong."""
    options = build().parse_args(arguments)
    try:
        code = options.run(options)
        sys.stdout.flush()
        return code
    except SymgradError as error:
        print(f"symgrad: {error}", file=sys.stderr)
    except BrokenPipeError:
        # The reader, such as head, has closed the pipe: there is nothing left to say, also not at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"symgrad: {error.strerror or error}: {error.filename or ''}", file=sys.stderr)
    return 2


__all__ = ["main"]
