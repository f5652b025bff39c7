"""What every declaration must satisfy: all its derivative functions against an oracle that shares no code with them.

A case is a compiled declaration, a plain NumPy transcription of it and a point.  First derivatives are compared with
central differences of the transcription, second derivatives with central differences of the gradient that the first
comparison has confirmed.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

STEP = 1e-3
RTOL, ATOL = 1e-7, 1e-8


def draw(*shape: int, seed: int = 0, low: float = -1.5, high: float = 1.5) -> Any:
    """Distinct numbers of a fixed seed; a float where no shape is given."""
    return np.random.default_rng([seed, *shape]).uniform(low, high, shape)[()]


def outputs(value: Any) -> tuple:
    return value if isinstance(value, tuple) else (value,)


def difference(function: Callable[..., Any], at: Mapping[str, Any], name: str) -> tuple[np.ndarray, ...]:
    """Jacobians of every output towards one input by central differences of fourth order: shape output + input."""
    point = np.asarray(at[name], float)
    columns = [_slope(function, at, name, point, place) for place in np.ndindex(point.shape)]
    shapes = [np.shape(out) for out in outputs(function(**at))]
    return tuple(np.stack([column[k] for column in columns], axis=-1).reshape((*shape, *point.shape)) for k, shape in enumerate(shapes))


def _slope(function: Callable, at: Mapping, name: str, point: np.ndarray, place: tuple) -> list[np.ndarray]:
    def value(steps: int) -> list[np.ndarray]:
        moved = point.copy()
        moved[place] += steps * STEP
        return [np.asarray(out) for out in outputs(function(**{**at, name: moved[()]}))]

    two_down, down, up, two_up = (value(k) for k in (-2, -1, 1, 2))
    return [(8 * (b - a) - (d - c)) / (12 * STEP) for a, b, c, d in zip(down, up, two_down, two_up, strict=True)]


@dataclass(frozen=True)
class Case:
    """One declaration with its transcription `oracle` and the point `at`.  `order` is the highest derivative that is smooth there."""

    name: str
    build: Callable[[], Any]
    oracle: Callable[..., Any]
    at: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    @cached_property
    def f(self) -> Any:
        return self.build()

    @cached_property
    def flat(self) -> Any:
        return self.f.with_options(style="flat")

    @cached_property
    def slopes(self) -> dict[str, tuple[np.ndarray, ...]]:
        """The oracle's Jacobians by parameter, one an output."""
        return {name: difference(self.oracle, self.at, name) for name in self.f.wrt}

    @cached_property
    def scalar(self) -> bool:
        return not isinstance(self.oracle(**self.at), tuple) and np.ndim(self.oracle(**self.at)) == 0

    @property
    def directions(self) -> dict[str, Any]:
        return {name: draw(*np.shape(self.at[name]), seed=77 + k) for k, name in enumerate(self.f.wrt)}


def close(got: Any, want: Any, what: str, rtol: float = RTOL, atol: float = ATOL) -> None:
    assert np.shape(got) == np.shape(want), f"{what}: shape {np.shape(got)}, {np.shape(want)} expected"
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, err_msg=what)


def by_parameter(f: Any, parts: Any) -> dict[str, Any]:
    """Derivatives as a dict by parameter, whether they came bare or as a tuple."""
    parts = parts if isinstance(parts, tuple) else (parts,)
    return dict(zip(f.wrt, parts, strict=True))


def applied(slope: np.ndarray, direction: Any) -> np.ndarray:
    """A Jacobian block times a direction."""
    return np.tensordot(slope, direction, axes=np.ndim(direction)) if np.ndim(direction) else slope * direction


def check_value(case: Case) -> None:
    want = case.oracle(**case.at)
    got = case.f.value(**case.at)
    assert isinstance(got, tuple) == isinstance(want, tuple)
    for one, other in zip(outputs(got), outputs(want), strict=True):
        close(one, other, "value", rtol=1e-12, atol=1e-13)
    for one, other in zip(outputs(case.f(*[case.at[name] for name in case.f.arguments])), outputs(got), strict=True):
        np.testing.assert_array_equal(one, other)


def check_first_order(case: Case) -> None:
    f, at, moved = case.f, case.at, case.directions
    want = case.oracle(**at)
    tangents = [sum(applied(case.slopes[name][k], moved[name]) for name in f.wrt) for k in range(len(outputs(want)))]
    value, tangent = f.jvp(at, moved)
    for one, other in zip(outputs(value), outputs(want), strict=True):
        close(one, other, "value of jvp", rtol=1e-12, atol=1e-13)
    for one, other in zip(outputs(tangent), tangents, strict=True):
        close(one, other, "jvp")
    _check_jacobian_and_vjp(case, want)
    if case.scalar:
        _check_gradients(case, want)


def _check_jacobian_and_vjp(case: Case, want: Any) -> None:
    f, at = case.f, case.at
    blocks = f.jacobian(**at) if isinstance(want, tuple) else (f.jacobian(**at),)
    for k, block in enumerate(blocks):
        for name, part in by_parameter(f, block).items():
            close(part, case.slopes[name][k], f"jacobian of result {k} towards {name}")
    weights = tuple(draw(*np.shape(out), seed=5 + k) for k, out in enumerate(outputs(want)))
    back = by_parameter(f, f.vjp(weights if isinstance(want, tuple) else weights[0], **at))
    for name, part in back.items():
        pulled = sum(np.tensordot(w, s, axes=np.ndim(w)) for w, s in zip(weights, case.slopes[name], strict=True))
        close(part, pulled, f"vjp towards {name}")


def _check_gradients(case: Case, want: Any) -> None:
    f, at = case.f, case.at
    value, gradient = f.value_and_grad(**at)
    close(value, want, "value of value_and_grad", rtol=1e-12, atol=1e-13)
    forward, named = by_parameter(f, f.grad_forward(**at)), f.grads(**at)
    for name, part in by_parameter(f, gradient).items():
        close(part, case.slopes[name][0], f"gradient towards {name}")
        close(forward[name], part, f"forward gradient towards {name}", rtol=1e-10, atol=1e-12)
        close(named[name], part, f"grads of {name}", rtol=0, atol=0)


def check_second_order(case: Case) -> None:
    f, at, moved = case.f, case.at, case.directions

    def gradient(**inputs: Any) -> tuple:
        return tuple(by_parameter(f, f.grad(**inputs)).values())

    rows = f.hessian(**at)
    rows = rows if isinstance(rows, tuple) else ((rows,),)
    slopes = {name: difference(gradient, at, name) for name in f.wrt}
    for k, first in enumerate(f.wrt):
        for m, second in enumerate(f.wrt):
            close(rows[k][m], slopes[second][k], f"hessian towards {first} and {second}")
    products = by_parameter(f, f.hvp(at, moved))
    for k, name in enumerate(f.wrt):
        want = sum(applied(slopes[other][k], moved[other]) for other in f.wrt)
        close(products[name], want, f"hvp of {name}")


def check_styles_agree(case: Case) -> None:
    """Flat code computes what fast code computes."""
    at, moved = case.at, case.directions
    weights = tuple(draw(*np.shape(out), seed=5 + k) for k, out in enumerate(outputs(case.oracle(**at))))
    calls = {"value": lambda g: g.value(**at), "jacobian": lambda g: g.jacobian(**at), "jvp": lambda g: g.jvp(at, moved),
             "vjp": lambda g: g.vjp(weights if isinstance(case.oracle(**at), tuple) else weights[0], **at)}
    if case.scalar:
        calls |= {"value_and_grad": lambda g: g.value_and_grad(**at), "hessian": lambda g: g.hessian(**at), "hvp": lambda g: g.hvp(at, moved)}
    for what, call in calls.items():
        for flat, fast in zip(leaves(call(case.flat)), leaves(call(case.f)), strict=True):
            close(flat, fast, f"flat {what}", rtol=1e-10, atol=1e-12)


def leaves(value: Any) -> list[Any]:
    """The arrays of nested tuples and dicts."""
    if isinstance(value, dict):
        value = tuple(value.values())
    return [leaf for part in value for leaf in leaves(part)] if isinstance(value, tuple) else [value]


def flat(value: Any) -> np.ndarray:
    """All numbers of a result, one after another."""
    return np.concatenate([np.ravel(np.asarray(leaf, float)) for leaf in leaves(value)])


def every_result(case: Case, at: Mapping[str, Any]) -> list[Any]:
    f, want = case.f, case.oracle(**case.at)
    weights = tuple(np.ones(np.shape(out)) for out in outputs(want))
    moved = {name: np.ones(np.shape(at[name])) for name in f.wrt}
    found = [f.value(**at), f.jacobian(**at), f.jvp(at, moved), f.vjp(weights if isinstance(want, tuple) else weights[0], **at)]
    if case.scalar:
        found += [f.value_and_grad(**at), f.grads(**at), f.grad_forward(**at), f.hessian(**at), f.hvp(at, moved)]
    return [leaf for part in found for leaf in leaves(part)]


def check_single_precision(case: Case) -> None:
    """Arrays of float32 give float32 everywhere, near the double result; scalars never decide."""
    narrow = {name: value.astype(np.float32) if isinstance(value, np.ndarray) and value.dtype == float else value for name, value in case.at.items()}
    arrays = any(isinstance(value, np.ndarray) and value.dtype == np.float32 for value in narrow.values())
    rounded = {name: np.asarray(value, float) if isinstance(value, np.ndarray) and value.dtype == np.float32 else value
               for name, value in narrow.items()}
    for got, want in zip(every_result(case, narrow), every_result(case, rounded), strict=True):
        assert np.asarray(got).dtype == (np.float32 if arrays else np.float64)
        scale = max(1.0, float(np.max(np.abs(want), initial=0.0)))
        np.testing.assert_allclose(got, want, rtol=2e-3, atol=1e-4 * scale)


def check_fresh(case: Case) -> None:
    """Inputs stay as they were, results share memory with nothing and can be written."""
    kept = {name: np.copy(value) for name, value in case.at.items()}
    arrays = [value for value in case.at.values() if isinstance(value, np.ndarray)]
    results = [result for result in every_result(case, case.at) if isinstance(result, np.ndarray)]
    for result in results:
        assert result.flags.writeable
        assert not any(np.may_share_memory(result, array) for array in arrays)
    for k, result in enumerate(results):
        assert not any(np.may_share_memory(result, other) for other in results[:k])
    for name, before in kept.items():
        np.testing.assert_array_equal(case.at[name], before)


def check_module(case: Case) -> None:
    """The text of the module runs by itself, gives the same numbers and passes its own check."""
    space: dict[str, Any] = {"__name__": "generated"}
    exec(compile(case.f.source, "<generated>", "exec"), space)
    got, want = space["jacobian"](**case.at), case.f.jacobian(**case.at)
    for one, other in zip(leaves(got), leaves(want), strict=True):
        np.testing.assert_array_equal(one, other)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert space["_self_check"](), printed.getvalue()


def check_first(case: Case) -> None:
    check_value(case)
    check_first_order(case)


def check_second(case: Case) -> None:
    if case.scalar:
        check_second_order(case)


def check_blocks(case: Case) -> None:
    """Two samples at a time, on one thread and on three, is what all samples at once are; and threads change no bit."""
    moved = case.directions
    f, weights = case.f.with_options(), tuple(draw(*np.shape(out), seed=5 + k) for k, out in enumerate(outputs(case.oracle(**case.at))))
    calls = [lambda: f.value(**case.at), lambda: f.jvp(case.at, moved),
             lambda: f.vjp(weights if isinstance(case.oracle(**case.at), tuple) else weights[0], **case.at)]
    calls += [lambda: f.value_and_grad(**case.at), lambda: f.hvp(case.at, moved), lambda: f.hessian(**case.at)] if case.scalar else []
    together = [leaf for call in calls for leaf in leaves(call())]
    found = {}
    for threads in (1, 3):
        f._namespace.update(_CACHE=1, _NARROW=2, _WIDE=2, _LINE=1, _SHARES=1, _CHUNKS=3, _WORTH=0)
        f._namespace["SPEC"]["threads"] = threads
        found[threads] = [leaf for call in calls for leaf in leaves(call())]
    for apart, threaded, one in zip(found[1], found[3], together, strict=True):
        np.testing.assert_array_equal(apart, threaded)
        close(apart, one, "blocks", rtol=1e-11, atol=1e-12)


CHECKS = {"value and first derivatives": check_first, "second derivatives": check_second, "styles agree": check_styles_agree,
          "single precision": check_single_precision,
          "results are fresh": check_fresh, "module stands alone": check_module, "blocks": check_blocks}
"""Every check, by what it says."""
