"""Plumbing of every generated module: the functions that callers use, on inputs as they were given."""

import numpy as np

# The names below stand in for what stands above in a generated module; emission leaves this block out.
# --- stand-ins
from symgrad.runtime.prelude import SPEC, DerivativeError, InputError, _inner, _prepare, _real, _run, _shapes


# --- end of stand-ins
def _results(values, shapes, sizes):
    """The values in their promised shapes: one, or a tuple where several were declared."""
    flat = [name for name, spec in SPEC["inputs"].items() if spec["ones"]]
    thin = bool(flat) and all(len(shapes[name]) < len(SPEC["inputs"][name]["axes"]) + SPEC["inputs"][name]["batched"] for name in flat)
    out = []
    for value, spec in zip(values, SPEC["results"], strict=True):
        if spec["unit"] is not None and not thin:
            value = np.expand_dims(value, spec["unit"])
        out.append(value)
    return tuple(out) if SPEC["several"] else out[0]


def _result_shapes(shapes, sizes):
    zeros = [np.empty(shape) for shape in _shapes_of_results(sizes)]
    out = _results(zeros, shapes, sizes)
    return [np.shape(one) for one in (out if SPEC["several"] else (out,))]


def _shapes_of_results(sizes):
    return _shapes(results=True, **sizes)


def _grouped(parts, shapes, lead=()):
    """Derivative blocks by parameter as they are handed back: reshaped, stacked, bare or a tuple."""
    named = dict(zip(SPEC["wrt"], parts, strict=True))
    out = []
    for group in SPEC["groups"]:
        if isinstance(group, str):
            out.append(np.reshape(named[group], (*lead, *shapes[group]))[()])
        else:
            own = shapes[group["names"][0]]
            stacked = np.stack([np.reshape(named[name], (*lead, *own)) for name in group["names"]], axis=-1)
            out.append(stacked.reshape(*lead, *own, *group["shape"]))
    return out[0] if SPEC["bare"] else tuple(out)


def _scalar(what):
    if SPEC["several"] or not SPEC["scalar"]:
        raise DerivativeError(f"The {what} of {SPEC['title']} was asked for, but its result is not one scalar. "
                              f'Choose reduce="sum" or reduce="mean" for a result per sample, or call jacobian.')


def _tangents(tangents):
    unknown = [name for name in tangents if name not in SPEC["wrt"]]
    if unknown:
        raise InputError(f"A tangent of {', '.join(map(str, unknown))} was given. Tangents go with the parameters {', '.join(SPEC['wrt'])}.")

    def part(shapes, sizes, dtype):
        out = []
        for name in SPEC["wrt"]:
            shape = _inner(name, shapes[name])
            value = _real(f"The tangent of {name}", tangents.get(name, 0.0))
            if name in tangents and value.shape not in (shapes[name], shape):
                raise InputError(f"The tangent of {name} has shape {value.shape}. The shape of {name}, {shapes[name]}, is required.")
            value = np.broadcast_to(value, shape) if name not in tangents else value.reshape(shape)
            out.append(value.astype(dtype, copy=False)[()])
        return out

    return part


def _cotangents(cotangent):
    def part(shapes, sizes, dtype):
        given = cotangent if SPEC["several"] else (cotangent,)
        wanted, inner = _result_shapes(shapes, sizes), _shapes_of_results(sizes)
        if not isinstance(given, (tuple, list)) or len(given) != len(wanted):
            raise InputError(f"{len(wanted)} cotangents are required, one a result. Pass them as a tuple.")
        given = [_real("The cotangent", value) for value in given]
        for value, shape in zip(given, wanted, strict=True):
            if value.shape != shape:
                raise InputError(f"The cotangent has shape {value.shape}. The shape of the result, {shape}, is required.")
        return [value.astype(dtype, copy=False).reshape(shape)[()] for value, shape in zip(given, inner, strict=True)]

    return part


def _value(given):
    return _results(*_run("value", given))


def _value_and_grads(given):
    _scalar("gradient")
    (value, *parts), shapes, _ = _run("value_and_grad", given)
    return value, {name: np.reshape(part, shapes[name])[()] for name, part in zip(SPEC["wrt"], parts, strict=True)}


def _value_and_grad(given):
    _scalar("gradient")
    (value, *parts), shapes, _ = _run("value_and_grad", given)
    return value, _grouped(parts, shapes)


def _jvp(primals, tangents):
    out, shapes, sizes = _run("jvp", primals, _tangents(tangents))
    half = len(out) // 2
    return _results(out[:half], shapes, sizes), _results(out[half:], shapes, sizes)


def _grad_forward(given):
    """The gradient by one forward sweep a direction."""
    _scalar("gradient")
    _, _, dtype, shapes = _prepare(given)
    parts = []
    for name in SPEC["wrt"]:
        part = np.empty(shapes[name], dtype)
        for place in np.ndindex(*shapes[name]):
            unit = np.zeros(shapes[name], dtype)
            unit[place] = 1
            part[place] = _jvp(given, {name: unit})[1]
        parts.append(part)
    return _grouped(parts, shapes)


def _vjp(cotangent, given):
    parts, shapes, _ = _run("vjp", given, _cotangents(cotangent))
    return _grouped(parts, shapes)


def _jacobian(given):
    parts, shapes, sizes = _run("jacobian", given) if "jacobian" in SPEC["kernels"] else _rows_of_jacobian(given)
    count, out = len(SPEC["wrt"]), []
    for k, lead in enumerate(_result_shapes(shapes, sizes)):
        out.append(_grouped([np.asarray(part) for part in parts[k * count:(k + 1) * count]], shapes, lead))
    return tuple(out) if SPEC["several"] else out[0]


def _hessian(given):
    _scalar("Hessian")
    parts, shapes = _run("hessian", given)[:2] if "hessian" in SPEC["kernels"] else _columns_of_hessian(given)
    count, rows = len(SPEC["wrt"]), []
    for k, name in enumerate(SPEC["wrt"]):
        rows.append(_grouped(parts[k * count:(k + 1) * count], shapes, shapes[name]))
    return _stacked_rows(rows, shapes)


def _stacked_rows(rows, shapes):
    """Rows of Hessian blocks by parameter as groups, the way _grouped did the columns."""
    if SPEC["bare"] and isinstance(SPEC["groups"][0], str):
        return rows[0]
    named = dict(zip(SPEC["wrt"], rows, strict=True))
    out = []
    for group in SPEC["groups"]:
        if isinstance(group, str):
            out.append(named[group])
            continue
        blocks = [named[name] if isinstance(named[name], tuple) else (named[name],) for name in group["names"]]
        own = shapes[group["names"][0]]
        stacked = tuple(_stacked_column(column, own, group["shape"]) for column in zip(*blocks, strict=True))
        out.append(stacked[0] if SPEC["bare"] else stacked)
    return out[0] if SPEC["bare"] else tuple(out)


def _stacked_column(blocks, own, shape):
    stacked = np.stack(blocks, axis=len(own))
    return stacked.reshape(*own, *shape, *stacked.shape[len(own) + 1:])


def _rows_of_jacobian(given):
    """Blocks of the Jacobian, one backward sweep a row: for more parameters than seeded code is worth."""
    _, sizes, dtype, shapes = _prepare(given)
    leads = _result_shapes(shapes, sizes)
    parts = [np.empty((*lead, *shapes[name]), dtype) for lead in leads for name in SPEC["wrt"]]
    units = [np.zeros(lead, dtype) for lead in leads]
    for k, unit in enumerate(units):
        for place in np.ndindex(unit.shape):
            unit[place] = 1
            found = _run("vjp", given, _cotangents(tuple(units) if SPEC["several"] else unit))[0]
            for m, (name, part) in enumerate(zip(SPEC["wrt"], found, strict=True)):
                parts[k * len(SPEC["wrt"]) + m][place] = np.reshape(part, shapes[name])
            unit[place] = 0
    return parts, shapes, sizes


def _columns_of_hessian(given):
    """Blocks of the Hessian, one Hessian product a column: for more parameters than seeded code is worth."""
    _, _, dtype, shapes = _prepare(given)
    names = SPEC["wrt"]
    parts = [np.empty((*shapes[a], *shapes[b]), dtype) for a in names for b in names]
    for column, name in enumerate(names):
        unit = np.zeros(shapes[name], dtype)
        for place in np.ndindex(unit.shape):
            unit[place] = 1
            found = _run("hvp", given, _tangents({name: unit}))[0]
            for row, (other, part) in enumerate(zip(names, found, strict=True)):
                parts[row * len(names) + column][(..., *place)] = np.reshape(part, shapes[other])
            unit[place] = 0
    return parts, shapes


def _hvp(primals, tangents):
    _scalar("Hessian product")
    parts, shapes, _ = _run("hvp", primals, _tangents(tangents))
    return _grouped(parts, shapes)
