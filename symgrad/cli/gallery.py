"""symgrad gallery: the systems of the lectures, listed, shown and run."""

from __future__ import annotations

from argparse import Namespace

from symgrad.gallery import Entry, Figure, find_entry
from symgrad.gallery.report import comes_out, draw, heading, lines, overview, slips


def gallery(options: Namespace) -> int:
    """List the gallery, show entries or print the slips; 1 where something does not come out as it should."""
    chosen = [find_entry(one) for one in options.ids]
    if options.slips:
        return _slips()
    if not chosen:
        return _list()
    return max(_show(one, options.plot) for one in chosen)


def _list() -> int:
    failed = False
    for line in overview():
        print(line, flush=True)
        failed |= "WRONG" in line
    return int(failed)


def _slips() -> int:
    count, open_ = 0, 0
    for one, slip in slips():
        print(f"{one.id}  {one.title}\n   {slip}\n", flush=True)
        count, open_ = count + 1, open_ + (not slip.decided)
    print(f"{count} slips, {count - open_} decided")
    return int(open_ > 0)


def _show(one: Entry, folder: str | None) -> int:
    print(heading(one))
    figures, sound = [], True
    for part in one.parts():
        print("", *lines(part), sep="\n", flush=True)
        sound &= comes_out(part)
        figures += [part] if isinstance(part, Figure) else []
    for path in draw(figures, folder, one.id) if folder else []:
        print(path)
    return int(not sound)
