"""A gradient against slopes that were found without it, parameter by parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.check.judge import ATOL, RTOL, Tolerance, judged
from symgrad.check.numeric import float_point, parameter, result
from symgrad.check.report import Report, Row
from symgrad.check.slopes import Slope, slope
from symgrad.errors import DerivativeError, InputError, OptionError, explain
from symgrad.runtime.functions import Functions, by_name

MOST = 100
"""Elements of one parameter that are tried one by one; a larger array is sampled, and moved as a whole along a random direction."""
MOST_OF_JACOBIAN = 100_000
SEED = 20240229


@dataclass(frozen=True)
class _Case:
    """One function at one point: what its checks share.  `weigh` makes one number of the result by fixed random weights."""

    fn: Callable
    given: dict[str, Any]
    wrt: tuple[str, ...]
    weights: tuple[np.ndarray, ...]
    tolerance: Tolerance

    def weigh(self, results: Any) -> np.ndarray:
        parts = results if isinstance(results, tuple) else (results,)
        return np.asarray(sum(np.sum(w * part) for w, part in zip(self.weights, parts, strict=True)))

    def value(self, moved: Mapping[str, Any]) -> np.ndarray:
        return self.weigh(result(self.fn, {**self.given, **moved}))

    @property
    def scalar(self) -> bool:
        return len(self.weights) == 1 and self.weights[0].ndim == 0


def check_gradients(f: Callable, at: Mapping, *, gradient: Callable | None = None, order: int = 1, rtol: float = RTOL, atol: float = ATOL) -> Report:
    """Compare the gradient of `f` at a point with slopes that are found numerically.

    f: a compiled or loaded model; with `gradient=` any callable that takes its inputs by keyword.
    gradient: a hand-written gradient to be judged instead, called with the inputs by keyword; it returns one array, a
    tuple in the order of the parameters, or a dict by name.  order=2 also checks Hessian products against
    differences of the gradient.  A result that is not a scalar is checked through a random weighted sum of its elements.

    Each element is right where it lies within atol + rtol |slope| + 8 times the error estimate of the slope.  Slopes are extrapolated
    differences with one-sided slopes beside them; small scalar models are evaluated to 50 digits instead.  Where the two
    sides have different slopes the verdict is "kink" if the gradient lies between them.  Parameters of more than 100 elements are
    sampled and moved as a whole along a random direction.

    Raises InputError where the inputs do not fit, OptionError for an unknown order.
    """
    if order not in (1, 2):
        raise OptionError(explain(f"order={order!r} is not known", "1 for gradients or 2 for Hessian products too is required"))
    if not isinstance(f, Functions) and (gradient is None or order == 2):
        raise InputError(explain("the function has no gradient of its own to check", "a compiled model, or gradient= and order=1, is required"))
    case, analytic = _read(f, at, gradient, Tolerance(rtol, atol))
    exact = _exact(f, case)
    rows = [_row(case, name, analytic[name], exact.get(name)) for name in case.wrt]
    cross = [row for name in case.wrt if np.size(case.given[name]) > MOST for row in [_along(case, name, analytic[name])]]
    if isinstance(f, Functions) and gradient is None:
        cross += _other_modes(f, case, analytic)
    if isinstance(f, Functions) and order == 2:
        rows += _second_order(f, case)
    title = f.name if isinstance(f, Functions) else getattr(f, "__name__", None)
    return Report(title or "the model", tuple(rows), tuple(cross))


# ---------------------------------------------------------------------- reading

def _read(f: Callable, at: Mapping, gradient: Callable | None, tolerance: Tolerance) -> tuple[_Case, dict[str, np.ndarray]]:
    given = float_point(at, getattr(f, "wrt", ()))
    results = result(f, given)
    rng = np.random.default_rng(SEED)
    parts = results if isinstance(results, tuple) else (results,)
    scalar = len(parts) == 1 and parts[0].ndim == 0
    weights = tuple(np.ones(()) if scalar else _random(rng, part.shape) for part in parts)
    if gradient is not None:
        found = _by_parameter(gradient(**given), f, given, parts, weights)
    else:
        found = _own_gradient(f, given, weights, scalar, isinstance(results, tuple))  # type: ignore[arg-type]
    for name in found:
        given[name] = parameter(given, name)
        if found[name].shape != np.shape(given[name]):
            raise InputError(explain(f"the gradient towards {name} has shape {found[name].shape}",
                                     f"the shape of {name}, {np.shape(given[name])}, is required"))
    return _Case(f, given, tuple(found), weights, tolerance), found


def _random(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers away from zero, so that no element can hide."""
    return rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)


def _own_gradient(f: Functions, given: dict, weights: tuple[np.ndarray, ...], scalar: bool, several: bool) -> dict[str, np.ndarray]:
    if scalar:
        found = f.grads(**given)
        return {name: np.asarray(part, float) for name, part in found.items()}
    cotangent = weights if several else weights[0]
    return _named(f, f.vjp(cotangent, **given))


def _named(f: Functions, parts: Any, lead: int = 0) -> dict[str, np.ndarray]:
    """Derivatives as they are handed back (bare, a tuple, stacked) by the name of the parameter; `lead` axes come before the parameter's."""
    groups = f._spec["groups"]
    listed = (parts,) if f._spec["bare"] else parts
    if not isinstance(listed, (tuple, list)) or len(listed) != len(groups):
        raise InputError(explain(f"gradient= did not return one derivative for each of {', '.join(f.wrt)}",
                                 f"a tuple or list of {len(groups)} is required"))
    out = {}
    for group, part in zip(groups, listed, strict=True):
        array = np.asarray(part, float)
        if isinstance(group, str):
            out[group] = array
            continue
        flat = array.reshape(*array.shape[:lead], -1)
        out.update({name: flat[..., k] for k, name in enumerate(group["names"])})
    return out


def _by_parameter(found: Any, f: Callable, given: dict, results: Sequence[np.ndarray], weights: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """A hand-written gradient by name; that of an array is its Jacobian and is weighted as the result is."""
    names = getattr(f, "wrt", None) or list(given)
    lead = results[0].ndim
    if len(results) > 1:
        raise DerivativeError(explain(f"the function has {len(results)} results", "a hand-written gradient can be judged for one result"))
    if isinstance(found, Mapping):
        parts = {name: np.asarray(part, float) for name, part in by_name(found).items()}
    elif isinstance(f, Functions):
        parts = _named(f, found[0] if f._spec["bare"] and isinstance(found, (tuple, list)) and len(found) == 1 else found, lead)
    else:
        listed = found if isinstance(found, (tuple, list)) else (found,)
        parts = {name: np.asarray(part, float) for name, part in zip(names, listed, strict=False)}
    unknown = [name for name in parts if name not in names]
    missing = [name for name in getattr(f, "wrt", ()) if name not in parts]
    if unknown or missing:
        raise InputError(explain(f"gradient= returned derivatives towards {', '.join(parts)}",
                                 f"derivatives towards {', '.join(names)} are required"))
    return {name: np.asarray(np.tensordot(weights[0], part, lead)) if lead else part for name, part in parts.items()}


# ---------------------------------------------------------------------- slopes

def _exact(f: Callable, case: _Case) -> dict[str, Slope]:
    """Slopes of a small scalar declaration to 50 digits, where it offers them."""
    precise = getattr(f, "precise_slopes", None)
    return precise(case.given) if precise is not None and case.scalar else {}


def _places(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    every = int(np.prod(shape))
    if every <= MOST:
        return list(np.ndindex(*shape))
    chosen = np.random.default_rng(SEED).choice(every, MOST, replace=False)
    return [tuple(int(k) for k in np.unravel_index(one, shape)) for one in np.sort(chosen)]


def _slope_at(case: _Case, name: str, place: tuple[int, ...]) -> Slope:
    x = np.array(case.given[name], float)

    def curve(t: float) -> np.ndarray:
        moved = x.copy()
        moved[place] = t
        return case.value({name: moved[()]})

    return slope(curve, float(x[place]))


def _row(case: _Case, name: str, analytic: np.ndarray, exact: Slope | None) -> Row:
    places = _places(analytic.shape)
    slopes = [exact] if exact is not None else [_slope_at(case, name, place) for place in places]
    return judged(name, analytic, places, slopes, case.tolerance, "50 digits" if exact is not None else "differences")


# ---------------------------------------------------------------------- whole directions

def _along(case: _Case, name: str, analytic: np.ndarray) -> Row:
    """All elements of one parameter moved at once: what sampling leaves out shows here."""
    direction = _random(np.random.default_rng(SEED + 1), analytic.shape)
    found = slope(lambda t: case.value({name: case.given[name] + t * direction}))
    along = np.asarray(np.sum(analytic * direction))
    return judged(f"{name} along a direction", along, [()], [found], case.tolerance, "differences")


def _other_modes(f: Functions, case: _Case, analytic: dict[str, np.ndarray]) -> list[Row]:
    """One forward sweep along a random direction against the gradient of the backward sweep; the Jacobian too, where it is small."""
    rng = np.random.default_rng(SEED + 2)
    direction = {name: _random(rng, analytic[name].shape) for name in case.wrt}
    pulled = [analytic[name] * direction[name] for name in case.wrt]
    rows = [_compared("forward against reverse", pulled, case.weigh(f.jvp(case.given, direction)[1]), case)]
    if not case.scalar and sum(w.size for w in case.weights) * sum(part.size for part in analytic.values()) <= MOST_OF_JACOBIAN:
        blocks = f.jacobian(**case.given)
        parts = blocks if len(case.weights) > 1 else (blocks,)
        weighed = sum(np.sum(np.tensordot(w, block, w.ndim) * direction[name])
                      for w, part in zip(case.weights, parts, strict=True) for name, block in _named(f, part, w.ndim).items())
        rows.append(_compared("Jacobian against reverse", pulled, np.asarray(weighed), case))
    return rows


def _compared(title: str, terms: Sequence[np.ndarray], other: np.ndarray, case: _Case) -> Row:
    """Two sums of the same products, which may differ by rounding only."""
    total, size = float(sum(np.sum(one) for one in terms)), float(sum(np.sum(np.abs(one)) for one in terms))
    error, allowed = abs(float(other) - total), 1e-9 * size + case.tolerance.absolute
    verdict = "not finite" if not np.isfinite(error) else "ok" if error <= allowed else "wrong"
    return Row(title, total, other[()], error, allowed, verdict, method="another mode")


def _second_order(f: Functions, case: _Case) -> list[Row]:
    """Hessian products along a random direction against differences of the gradient along it."""
    rng = np.random.default_rng(SEED + 3)
    direction = {name: _random(rng, np.shape(case.given[name])) for name in case.wrt}
    product = _named(f, f.hvp(case.given, direction))

    def gradients(t: float) -> np.ndarray:
        moved = {name: case.given[name] + t * direction[name] for name in case.wrt}
        found = f.grads(**{**case.given, **moved})
        return np.concatenate([np.ravel(found[name]) for name in case.wrt])

    flat, rows, start = slope(gradients), [], 0
    for name in case.wrt:
        shape, size = product[name].shape, product[name].size
        places = list(np.ndindex(*shape))
        slopes = [Slope(*(part[start + k] for part in flat)) for k in range(size)]
        rows.append(judged(name, product[name], places, slopes, case.tolerance, "differences", 2))
        start += size
    return rows
