"""Memory to work in, kept from call to call: pages of fresh memory can cost more than what is done in them.

This file is copied into the modules whose kernels use it.  Whoever works takes a room and puts it back, so that two calls at
a time, also of different modules, never have the same.  Results are never in a room.
"""

import math
import os
import sys
import threading
import types

import numpy as np

# --- end of stand-ins
_SMALL = 65536  # bytes of an array below which memory is asked for afresh: allocators keep such pieces themselves
_MOST = 67108864  # bytes that a room may hold when it is put back


def _in_room(work):
    """What work(new) gives; new(shape, dtype) is an array with any content, free for others afterwards."""
    return _in_pieces(lambda pieces: work(_carver(pieces)))


def _in_pieces(work):
    """What work(pieces) gives, with the memory of a room."""
    state = _shared()
    rooms = state["rooms"]
    try:
        pieces = rooms.pop()
    except IndexError:
        pieces = []
    try:
        return work(pieces)
    finally:
        if len(rooms) < state["most"] and sum(piece.nbytes for piece in pieces) <= _MOST:
            rooms.append(pieces)


def _carver(pieces):
    """A function that hands out arrays in the pieces of a room, one piece after another; pieces that are too small are replaced."""
    used = 0

    def new(shape, dtype):
        nonlocal used
        size = math.prod(shape)*np.dtype(dtype).itemsize
        if size < _SMALL:
            return np.empty(shape, dtype)
        used += 1
        if used > len(pieces):
            pieces.append(np.empty(size, np.uint8))
        elif pieces[used - 1].nbytes < size:
            pieces[used - 1] = np.empty(size, np.uint8)
        return np.ndarray(shape, dtype, pieces[used - 1])

    return new


def _shared():
    """What all generated modules of a process have in common: rooms that are free, the workers, and who holds BLAS to one thread.

    `most` rooms are kept, one a core: more than that are seldom in use.
    """
    module = sys.modules.get("_symgrad_shared")
    if module is None:
        fresh = types.ModuleType("_symgrad_shared")
        fresh.__dict__.update(rooms=[], most=max(4, os.cpu_count() or 1), pools={}, lock=threading.Lock(), inside=0, blas=None, blas_threads=1)
        module = sys.modules.setdefault("_symgrad_shared", fresh)
        if module is fresh and hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_forget)
    return module.__dict__


def _forget():
    """After a fork: the parent's workers are not the child's, and its locks may be held by threads that are not there."""
    state = _shared()
    state.update(pools={}, lock=threading.Lock())
    if state["inside"] and state["blas"]:
        state["blas"][1](state["blas_threads"])
    state["inside"] = 0
