"""The memory that kernels work in is kept from call to call; what is handed back never is in it."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.gallery.models import MODELS
from symgrad.runtime import room
from symgrad.runtime.special.masked import _masked

n, d, h = sp.symbols("n d h", integer=True, positive=True)


def net():
    """A model whose arrays are large enough for a room: two layers, squared error, a penalty."""
    X, Y = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("Y", n, h)
    W, V = sp.MatrixSymbol("W", d, h), sp.MatrixSymbol("V", h, h)
    z = sp.Symbol("z")
    rest = (X * W).applyfunc(sp.Lambda(z, sp.tanh(z))) * V - Y
    return sg.compile(sp.Trace(rest.T * rest) / n + sp.Trace(W.T * W) + sp.Trace(V * V.T), wrt=[W, V])


def point(seed: int, samples: int = 300) -> dict:
    rng = np.random.default_rng(seed)
    return {"W": rng.normal(size=(90, 110)), "V": rng.normal(size=(110, 110)), "X": rng.normal(size=(samples, 90)),
            "Y": rng.normal(size=(samples, 110))}


def flat(found) -> list[np.ndarray]:
    parts = found if isinstance(found, tuple) else (found,)
    return [array for part in parts for array in (flat(part) if isinstance(part, tuple) else [np.asarray(part)])]


def entries(f, at: dict) -> dict:
    tangents = {name: np.ones_like(at[name]) for name in f.wrt}
    return {"value_and_grad": lambda: f.value_and_grad(**at), "jvp": lambda: f.jvp(at, tangents), "vjp": lambda: f.vjp(1.0, **at),
            "hvp": lambda: f.hvp(at, tangents)}


@pytest.mark.parametrize("entry", ["value_and_grad", "jvp", "vjp", "hvp"])
@pytest.mark.parametrize("style", ["fast", "flat"])
def test_results_are_not_touched_by_later_calls(entry, style):
    f = net().with_options(style=style)
    first = flat(entries(f, point(1))[entry]())
    kept = [array.copy() for array in first]
    for array in flat(entries(f, point(2))[entry]()):
        array[...] = np.nan  # nor is a later result the home of another
    again = flat(entries(f, point(1))[entry]())
    for one, copy, other in zip(first, kept, again, strict=True):
        np.testing.assert_array_equal(one, copy)
        np.testing.assert_array_equal(other, copy)


@pytest.mark.parametrize("name", list(MODELS))
def test_results_of_models_share_no_memory_with_rooms(name):
    f = MODELS[name]()
    at, space = f.example(), f._namespace
    for entry in ("value", "value_and_grad", "jacobian", "hessian"):
        if entry not in f.entries:
            continue
        getattr(f, entry)(**at)
        if "_SMALL" in space:
            space["_SMALL"] = 0  # every array goes to a room
        found = flat(getattr(f, entry)(**at))
        pieces = [piece for pieces in room._shared()["rooms"] for piece in pieces]
        assert not any(np.shares_memory(array, piece) for array in found for piece in pieces), entry


def test_a_room_serves_the_next_call_and_small_arrays_stay_out():
    f, at = net(), point(3)
    f.value_and_grad(**at)
    rooms = room._shared()["rooms"]
    before = [[piece.ctypes.data for piece in pieces] for pieces in rooms]
    assert any(before)
    f.value_and_grad(**at)
    assert [[piece.ctypes.data for piece in pieces] for pieces in rooms] == before
    taken = room._carver([])
    assert taken((10, 10), np.dtype(float)).base is None and taken((100, 100), np.dtype(float)).base is not None


def test_pieces_that_are_too_small_are_replaced():
    pieces: list = []
    room._carver(pieces)((100, 100), np.dtype(float))
    large = room._carver(pieces)((200, 100), np.dtype(float))
    assert len(pieces) == 1 and pieces[0].nbytes == large.nbytes
    assert room._carver(pieces)((100, 100), np.dtype("f4")).dtype == np.float32


def test_a_room_that_has_grown_large_is_let_go(monkeypatch):
    rooms = room._shared()["rooms"]
    monkeypatch.setattr(room, "_MOST", 10**5)
    count = len(rooms)
    room._in_room(lambda new: new((400, 400), np.dtype(float)).fill(1))
    assert len(rooms) == max(count - 1, 0)


def test_only_so_many_rooms_are_kept():
    def nested(depth):
        return room._in_room(lambda new: nested(depth - 1) if depth else None)

    nested(room._shared()["most"] + 3)
    assert len(room._shared()["rooms"]) == room._shared()["most"]


def test_a_room_is_put_back_where_the_work_fails():
    rooms = room._shared()["rooms"]
    room._in_room(lambda new: None)
    count = len(rooms)
    with pytest.raises(ZeroDivisionError):
        room._in_room(lambda new: 1 / 0)
    assert len(rooms) == count


def test_two_calls_at_a_time_have_rooms_of_their_own():
    f, points = net(), [point(seed) for seed in range(4)]
    alone = [flat(f.value_and_grad(**at)) for at in points]
    gate = threading.Barrier(4)

    def work(k):
        gate.wait()
        return [flat(f.value_and_grad(**points[k])) for _ in range(5)]

    with ThreadPoolExecutor(4) as pool:
        for k, found in enumerate(pool.map(work, range(4))):
            for arrays in found:
                for one, other in zip(arrays, alone[k], strict=True):
                    np.testing.assert_allclose(one, other, rtol=1e-12)


def test_modules_share_their_rooms():
    f = net()
    f.value_and_grad(**point(5))
    assert f._namespace["_shared"]()["rooms"] is room._shared()["rooms"] is sys.modules["_symgrad_shared"].rooms


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2"])
@pytest.mark.parametrize("size", [7, 5000])
def test_masked_numbers_leave_no_trace(dtype, size):
    rng = np.random.default_rng(size)
    x = rng.normal(size=(3, size)).astype(dtype)
    x[:, ::3], x[:, 1::3] = np.inf, np.nan
    mask = rng.random((3, size)) < 0.5
    found = _masked(x, mask, np.empty_like(x))
    np.testing.assert_array_equal(found, np.where(mask, x, 0))
    np.testing.assert_array_equal(_masked(x.T, mask.T, np.empty_like(x).T), np.where(mask, x, 0).T)
    np.testing.assert_array_equal(_masked(x, mask[:1], np.empty_like(x)), np.where(mask[:1], x, 0))


def test_a_function_of_another_name_is_no_memory():
    """Kernels are made one by one, and each brings what is not there yet: `_room` is a function of numbers."""
    f, at = net(), point(3)
    f._namespace["_room"] = abs
    assert np.isfinite(flat(f.grad(**at))[0]).all()
