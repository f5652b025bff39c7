"""Plumbing of every generated module: its built-in point, and the check that it runs on itself there."""

import numpy as np

# The names below stand in for what stands above in a generated module; emission leaves this block out.
# --- stand-ins
from symgrad.runtime.entries import _cotangents, _jvp, _value
from symgrad.runtime.prelude import SPEC, _run, _shapes

POINT_SIZES: dict = {}


# --- end of stand-ins
def _example():
    """A fixed point of small sizes, for the module's own check."""
    shapes, out = _shapes(**POINT_SIZES), {}
    for k, (name, spec) in enumerate(SPEC["inputs"].items()):
        if name in POINT_SIZES:
            out[name] = POINT_SIZES[name]
            continue
        shape = shapes[name]
        steps = np.arange(int(np.prod(shape)))
        if spec["kind"] == "integer":
            out[name] = (np.mod(steps, spec["labels"]) + SPEC["first_index"]).reshape(shape)
        else:
            out[name] = (0.5 + 0.4 * np.sin(1.0 + k + 1.7 * steps + 0.9 * steps**2)).reshape(shape)[()]
            square = len(shape) > 1 and len(set(spec["symbolic"][-2:])) == 1
            out[name] = out[name] + 2 * np.eye(shape[-1]) if square else out[name]  # inverses and logarithms of determinants exist
    return out


def _self_check():
    """Reverse and forward derivative along a direction of each parameter against a central difference, at the fixed point; prints all."""
    at = _example()
    values = _as_tuple(_value(at))
    weights = tuple(_direction(1.0, value) for value in values)
    adjoints, _, _ = _run("vjp", at, _cotangents(weights if SPEC["several"] else weights[0]))
    sizes = ", ".join(f"{size} = {count}" for size, count in POINT_SIZES.items())
    shown = ", ".join(f"{value:.9g}" if np.ndim(value) == 0 else f"an array of shape {np.shape(value)}" for value in values)
    print(f"At its built-in point{f' ({sizes})' if sizes else ''} the value is {shown}.\nDerivatives along a fixed direction:")
    verdicts = [_checked_parameter(name, at, np.reshape(adjoint, np.shape(at[name])), weights)
                for name, adjoint in zip(SPEC["wrt"], adjoints, strict=True)]
    return all(verdicts)


def _checked_parameter(name, at, adjoint, weights):
    """One line of the check: reverse, forward and numeric; True where they agree."""
    moved, step = _direction(2.0, at[name]), 1e-5

    def combined(results):
        return sum(np.sum(weight * result) for weight, result in zip(weights, _as_tuple(results), strict=True))

    reverse, forward = np.sum(adjoint * moved), combined(_jvp(at, {name: moved})[1])
    ahead, behind = (combined(_value({**at, name: at[name] + sign * step * moved})) for sign in (1, -1))
    numeric = (ahead - behind) / (2 * step)
    scale = max(1.0, abs(numeric))
    good = bool(abs(reverse - numeric) <= 1e-6 * scale and abs(forward - reverse) <= 1e-9 * scale)
    numbers = f"reverse {reverse:<16.9g} forward {forward:<16.9g} numeric {numeric:<16.9g}"
    print(f"    {name:<12}{np.shape(at[name])!s:<10} {numbers} {'ok' if good else 'WRONG'}")
    return good


def _direction(phase, like):
    """Fixed numbers between -1 and 1 in the shape of an array."""
    return np.cos(phase + np.arange(np.size(like))).reshape(np.shape(like))


def _as_tuple(results):
    return results if isinstance(results, tuple) else (results,)
