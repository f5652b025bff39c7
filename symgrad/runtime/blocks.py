"""Blocks of samples: a block's rows stay in the cache, and blocks run on threads.

This file is copied into the modules whose kernels walk over samples.  Where blocks begin and end and the order in which
their sums are added depend on sizes alone, so results are the same bits on any number of threads.
"""

import ctypes
import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

# The two names below stand in for what a generated module defines; emission leaves this block out.
# --- stand-ins
from symgrad.runtime.room import _carver, _in_pieces, _in_room, _shared

SPEC: dict = {}
InputError = ValueError


# --- end of stand-ins
_CACHE = 1048576  # elements that a block's arrays may have together: 8 MB in double precision, a part of the last cache
_NARROW = 1024  # samples of a block below which calls cost more than their work
_WIDE = 131072  # samples of a block above which nothing is gained
_LINE = 64  # samples that blocks are whole numbers of, so that their parts of arrays begin where cache lines do
_SHARES = 4  # blocks are a whole number of these, so that two or four threads have the same work
_CHUNKS = 32  # runs of blocks whose sums are added up apart; a thread takes one at a time
_WORTH = 524288  # elements below which threads cost more than they save
_LITTLE = 8192  # elements below which memory from call to call is not worth keeping


def _blocks(block, room, count, weight, how=None, least=0, overlap=0):
    """block(first, last, *room(width, new)) over all samples; what it hands back is combined in order.

    weight: elements that a sample takes; how: how each result is combined, sums by default; least: samples that the last block
    has at least; overlap: how far a block writes beyond its own samples, so that no two threads write to one place.
    """
    if count < 0:
        raise ValueError(f"negative dimensions are not allowed: {count} samples")
    room = room or _nothing
    if count * weight <= _LITTLE:
        return block(0, count, *room(count, np.empty))
    if count * weight < _WORTH or count <= 2 * _NARROW:
        return _in_room(lambda new: block(0, count, *room(count, new)))
    how = [_combining()[one] for one in how] if how else None
    width = _width(count, weight, least)
    spans, seams = _spans(count, width, overlap)
    _hold_blas()
    try:
        found = _runs(block, room, width, spans, how, _threads()) + _runs(block, room, width, seams, how, 1)
    finally:
        _release_blas()
    total = found[0]
    for one in found[1:]:
        total = _combined(total, one, how)
    return total


def _nothing(width, new):
    """The buffers of a block that needs none."""
    return ()


def _width(count, weight, least=0):
    """The samples of a block: as many as fit the cache, and the same in every block but the last."""
    most = min(max(_CACHE // max(weight, 1), _NARROW), _WIDE)
    pieces = -(-count // (most * _SHARES)) * _SHARES
    width = -(-count // (pieces * _LINE)) * _LINE
    while 0 < count % width < least:
        width += _LINE
    return width


def _spans(count, width, overlap):
    """Runs of blocks that threads may take apart, and the seams between them, which come afterwards.

    Where blocks write further than a block is wide they all are one run, in order.
    """
    pieces = -(-count // width)
    chunks = min(pieces, _CHUNKS) if overlap <= width else 1
    bounds = [*(pieces * k // chunks * width for k in range(chunks)), count]
    runs = list(itertools.pairwise(bounds))
    if chunks == 1 or not overlap:
        return runs, []
    return [(first, last - overlap) for first, last in runs], [(last - overlap, last) for _, last in runs]


def _runs(block, room, width, spans, how, threads):
    """What each run of blocks comes to; a thread takes one run after another, all of them in the same buffers."""
    waiting, found = [*enumerate(spans)][::-1], {}

    def work(pieces):
        buffers = room(width, _carver(pieces))
        with np.errstate(all="ignore"):
            while waiting:
                try:
                    place, (first, last) = waiting.pop()
                except IndexError:  # another thread took the last
                    return
                found[place] = _chunk(block, room, width, buffers, pieces, first, last, how)

    if waiting:
        _together(min(threads, len(spans)), lambda: _in_pieces(work))
    return [found[place] for place in range(len(spans))]


def _combining():
    """What makes one result of two, by the kind of result."""
    return {"sum": np.add, "max": np.maximum, "min": np.minimum, "norm": np.hypot, "logsumexp": np.logaddexp,
            "rest": _rests, "beyond": _bordering}


def _chunk(block, room, width, buffers, pieces, first, last, how):
    """A run of blocks, one after another; one that is narrower has its buffers in the same memory."""
    total = None
    for start in range(first, last, width):
        stop = min(start + width, last)
        own = buffers if stop - start == width else room(stop - start, _carver(pieces))
        found = block(start, stop, *own)
        total = found if total is None else _combined(total, found, how)
    return total


def _combined(total, found, how):
    """Two results of blocks as one; arrays, which are the block's own, are added up in place."""
    how = how or (np.add,) * len(total)
    return tuple(one(a, b, out=a) if isinstance(a, np.ndarray) else one(a, b) for one, a, b in zip(how, total, found, strict=True))


def _rests(a, b, out=None):
    """What two parts of one sum come to less 1, as `_rest` gives them: a part in which 1 does not stand has minus its sum."""
    small = np.where(np.equal(a, -1), 0, np.abs(a)) + np.where(np.equal(b, -1), 0, np.abs(b))
    ones = np.greater_equal(a, 0) + np.greater_equal(b, 0).astype(int)
    rest = np.where(ones == 2, small + 1, np.where(ones == 1, small, np.where(small >= 1, small - 1, np.where(small == 0, -1, -small))))
    return rest[()]


def _bordering(before, after):
    """Two neighbours' numbers for places beyond their own: those of the first belong to the second's part, which is there by now."""
    places, numbers = before
    places += numbers
    return after


def _shifted(own, beyond, numbers, shift):
    """Add a block's numbers to places further on: in its own part, and beyond it."""
    own[shift:] += numbers[:-shift]
    left = numbers[-shift:]
    beyond[shift - len(left):shift] += left


def _together(threads, task):
    """task() on each of so many threads; the caller sleeps meanwhile, and hears of the first that failed."""
    if threads <= 1:
        task()
        return
    for one in [_pool(threads).submit(task) for _ in range(threads)]:
        one.result()


def _threads():
    """The threads to work on: those that were asked for, or the cores that this process may use."""
    asked = str(SPEC.get("threads") or os.environ.get("SYMGRAD_THREADS", "")).strip()
    if asked:
        if not asked.isdecimal() or int(asked) < 1:
            raise InputError(f"The environment's SYMGRAD_THREADS is {asked!r}. A whole number of at least 1 is required. Set one, or unset it.")
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _pool(threads):
    """Workers; where there is one for every core each has a core of its own: one that wakes beside another leaves a core idle."""
    state, cores = _shared(), sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []
    alone = cores if len(cores) == threads else []
    key = (threads, *alone)
    with state["lock"]:
        if key not in state["pools"]:
            state["pools"][key] = ThreadPoolExecutor(threads, thread_name_prefix="symgrad", initializer=_settle, initargs=(alone.copy(),))
        return state["pools"][key]


def _settle(cores):
    """Keep a worker on the next of the cores that are left."""
    try:
        if cores:
            os.sched_setaffinity(0, {cores.pop()})
    except OSError:  # the process has lost this core meanwhile
        return


def _hold_blas():
    """OpenBLAS works on one thread from the first walk that is under way to the last."""
    state = _shared()
    with state["lock"]:
        if state["blas"] is None:
            state["blas"] = next(filter(None, map(_thread_functions, _openblas_files())), ())
        if state["inside"] == 0 and state["blas"]:
            state["blas_threads"] = state["blas"][0]()
            state["blas"][1](1)
        state["inside"] += 1


def _release_blas():
    """After the last walk OpenBLAS has as many threads as before the first."""
    state = _shared()
    with state["lock"]:
        state["inside"] -= 1
        if state["inside"] == 0 and state["blas"]:
            state["blas"][1](state["blas_threads"])


def _openblas_files():
    """Shared libraries of OpenBLAS beside NumPy."""
    package = Path(np.__file__).parent
    return sorted(str(file) for folder in (package.parent / "numpy.libs", package / ".dylibs") for file in folder.glob("*openblas*"))


def _thread_functions(path):
    """The functions that get and set the number of threads of one library; None where it has none."""
    try:
        library = ctypes.CDLL(path)
    except OSError:
        return None
    for name in ("scipy_openblas_{}_num_threads64_", "scipy_openblas_{}_num_threads", "openblas_{}_num_threads64_", "openblas_{}_num_threads"):
        if hasattr(library, name.format("set")):
            return getattr(library, name.format("get")), getattr(library, name.format("set"))
    return None
