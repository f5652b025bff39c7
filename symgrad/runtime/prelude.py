"""Plumbing of every generated module: reading inputs, handing results back, checking itself.

This file is copied into each module, below its kernels, so that a module needs nothing but NumPy.  It relies on names
that the module defines above it: SPEC, POINT_SIZES, _shapes and _KERNELS.
"""

import numpy as np

# The four names below stand in for what a generated module defines; emission leaves this block out.
# --- stand-ins
SPEC: dict = {}
POINT_SIZES: dict = {}
_KERNELS: dict = {}


def _shapes(**sizes):
    return {}


def _look(kernel, args, sizes, results):
    """Of modules that watch for results that are not finite; the line that calls it stands in those alone."""


# --- end of stand-ins
class InputError(ValueError):
    """An input is missing, extra, or of a wrong rank, size or kind."""


class DerivativeError(ValueError):
    """The result has no derivative of the kind that was asked for."""


def _ordered(args, inputs):
    """Positional and keyword inputs as one dict by name."""
    names = SPEC["arguments"]
    if len(args) > len(names):
        raise InputError(f"{len(args)} positional inputs were given. The inputs are {', '.join(names)}.")
    given = dict(zip(names, args, strict=False))
    for name, value in inputs.items():
        if name in given:
            raise InputError(f"{name} is given twice, by position and by name. Give it once.")
        given[name] = value
    return given


def _prepare(given):
    """Arrays in order, sizes by name, the floating type, and the shapes as they were given."""
    names = SPEC["arguments"]
    extra = [name for name in given if name not in SPEC["inputs"]]
    if extra:
        raise InputError(f"{SPEC['title']} has no input {', '.join(map(str, extra))}. Its inputs are {', '.join(names)}.")
    missing = [name for name in names if name not in given]
    if missing:
        raise InputError(f"The input {', '.join(missing)} is missing. {SPEC['title']} needs {', '.join(names)}.")
    arrays = {name: _array(name, given[name]) for name in names}
    floats = [a.dtype for a in arrays.values() if a.ndim and a.dtype.kind in "fc"]
    dtype = np.result_type(*floats) if floats else np.dtype(float)
    shapes = {name: arrays[name].shape for name in names}
    sizes = _sizes(arrays)
    return {name: _fitted(name, arrays[name], dtype) for name in names}, sizes, dtype, shapes


def _array(name, value):
    """An input as a real array of a fitting kind and rank."""
    array = _real(name, value)
    if SPEC["inputs"][name]["kind"] == "integer" and array.dtype.kind in "fb":
        whole = array.astype(np.intp) if np.isfinite(array).all() else None
        if whole is None or not (whole == array).all():
            raise InputError(f"{name} is used as an index and holds numbers that are not whole. Integers are required.")
        array = whole
    return _checked_rank(name, array)


def _real(what, value):
    """A real array, or an error that names what is wrong with it."""
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(f"{what} is a masked array. A plain real array is required. Fill the masked elements first.")
    if hasattr(value, "toarray") and not isinstance(value, np.ndarray):
        raise InputError(f"{what} is a sparse matrix. A dense real array is required. Pass its toarray().")
    try:
        array = np.asarray(value)
    except ValueError:
        raise InputError(f"{what} is ragged: its rows have different lengths. A rectangular real array is required.") from None
    if array.dtype.kind not in "fiub":
        kinds = {"c": "complex", "O": "object", "U": "string", "S": "string", "M": "datetime", "m": "timedelta"}
        words = kinds.get(array.dtype.kind, str(array.dtype))
        raise InputError(f"{what} is of {words} type. Real numbers are required. Convert it to an array of floats.")
    return array


def _checked_rank(name, array):
    spec = SPEC["inputs"][name]
    axes, ones = spec["axes"], spec["ones"]
    lead = 1 if spec["batched"] else 0
    ranks = {lead + len(axes) - ones, lead + len(axes)}
    if array.ndim in ranks:
        return array
    wanted = "a scalar" if not axes and not lead else f"{' or '.join(str(r) for r in sorted(ranks))} axes"
    text = f"{name} has {array.ndim} axes of shape {array.shape}. {wanted[0].upper()}{wanted[1:]} ({spec['words']}) is required."
    hint = f" If it holds one value a sample, declare batch=[{name}] and reduce=." if not axes and not lead else ""
    raise InputError(text + hint)


def _inner(name, shape):
    """The shape without the unit axes of a matrix."""
    spec = SPEC["inputs"][name]
    lead = 1 if spec["batched"] else 0
    if not spec["ones"] or len(shape) == lead + len(spec["axes"]) - spec["ones"]:
        return shape
    unit = [k + lead for k, size in enumerate(spec["axes"]) if size == 1]
    for k in unit:
        if shape[k] != 1:
            raise InputError(f"{name} has shape {shape}. Its axis {k} must have 1 element ({spec['words']}).")
    return tuple(size for k, size in enumerate(shape) if k not in unit)


def _sizes(arrays):
    """Every size read off the arrays that carry it; two arrays that disagree are an error that names both."""
    found, origin = {}, {}
    actual = {name: _inner(name, array.shape) for name, array in arrays.items()}
    for size, (name, axis, slope, offset) in SPEC["sizes"].items():
        if axis is None:
            value = int(arrays[name])
            if value < 0:
                raise InputError(f"{name} is {value}. A size of at least 0 is required.")
        else:
            value, rest = divmod(actual[name][axis] - offset, slope)
            if rest:
                raise InputError(f"{name} has {actual[name][axis]} elements along axis {axis}, "
                                 f"which is not {slope}*{size} + {offset} for a whole {size}. Pass an array whose length fits.")
        found[size], origin[size] = value, name
    for name, shape in _shapes(**found).items():
        words = SPEC["inputs"][name]["symbolic"]
        for axis, (have, want) in enumerate(zip(actual[name], shape, strict=True)):
            if have != want:
                others = sorted({origin[s] for s in origin if s in words[axis].replace("*", " ").split() and origin[s] != name})
                why = f", as in {' and '.join(others)}" if others else ""
                raise InputError(f"{name} has {have} elements along axis {axis} ({words[axis]}), but {words[axis]} is {want}{why}. "
                                 f"Pass arrays whose sizes agree.")
    return found


def _fitted(name, array, dtype):
    array = array.reshape(_inner(name, array.shape))
    if SPEC["inputs"][name]["kind"] == "integer":
        return int(array) if array.ndim == 0 else array.astype(np.intp, copy=False)
    return array.astype(dtype, copy=False)[()]


def _index(index, size, name, subscript, base, mask=True):
    """Refuse an index outside 0 … size-1 where the mask holds."""
    wrong = ((index < 0) | (index >= size)) & mask
    if np.any(wrong):
        bad = np.broadcast_to(index, np.shape(wrong))[wrong].flat[0] if np.ndim(wrong) else index
        raise InputError(f"{name}: the subscript {subscript} is {bad + base}, out of range. "
                         f"That axis has {size} elements, numbered {base} to {size - 1 + base}.")
    return index


def _full(value, shape, dtype):
    """A fresh array of the promised shape from a value that may be constant along some axes."""
    out = np.empty(shape, dtype)
    out[...] = value
    return out[()]


def _logsumexp(x, axis):
    """log of the sum of exp(x), the largest element taken out first."""
    top = x.max(axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    return np.log(np.exp(x - top).sum(axis=axis)) + top.squeeze(axis=axis)


def _norm(x, axis):
    """The root of the sum of squares; the largest element is taken out first where squares would leave the range."""
    squares, limits = (x * x).sum(axis=axis), np.finfo(x.dtype)
    if np.all((squares > limits.tiny / limits.eps) & (squares < limits.max * limits.eps)):
        return np.sqrt(squares)
    top = np.abs(x).max(axis=axis, keepdims=True, initial=0)
    scale = np.where((top > 0) & np.isfinite(top), top, 1)
    return np.sqrt(((x / scale) ** 2).sum(axis=axis)) * scale.squeeze(axis=axis)


def _logdet(matrix):
    """log(det(matrix)), nan where the determinant is negative."""
    sign, value = np.linalg.slogdet(matrix)
    return np.where(sign < 0, np.nan, value)[()]


def _forgiving(kernel):
    """The kernel with nan for the inverse of a singular matrix, which may stand in a branch that is not taken."""

    def or_nan(function):
        def forgiving(matrix, *others):
            singular = np.equal(np.linalg.slogdet(matrix)[0], 0)[..., None, None]
            found = function(np.where(singular, np.eye(matrix.shape[-1]), matrix), *others)
            return found * np.where(singular if matrix.ndim > 2 else singular.item(), np.nan, 1)

        return forgiving

    numpy, linalg = type(np)("numpy"), type(np)("linalg")
    linalg.__dict__.update(vars(np.linalg), inv=or_nan(np.linalg.inv), solve=or_nan(np.linalg.solve))
    numpy.__dict__.update(vars(np), linalg=linalg)
    return type(kernel)(kernel.__code__, {**kernel.__globals__, "np": numpy})


def _run(kernel, given, *extra):
    """Call one kernel on checked inputs; returns its results, the given shapes and the sizes."""
    arrays, sizes, dtype, shapes = _prepare(given)
    args = [*arrays.values(), *[x for part in extra for x in part(shapes, sizes, dtype)]]
    with np.errstate(all="ignore"):
        try:
            out = _KERNELS[kernel](*args, **sizes, dtype=dtype)
        except np.linalg.LinAlgError as error:
            out = _forgiving(_KERNELS[kernel])(*args, **sizes, dtype=dtype)
            if not all(np.isfinite(part).all() for part in out):
                raise InputError(f"A matrix of {SPEC['title']} cannot be inverted: {error}. An invertible matrix is required.") from None
        except TypeError as error:
            if "linalg" not in str(error):
                raise
            raise InputError(f"{SPEC['title']} needs linear algebra, which NumPy has not in {dtype}. Pass arrays of float32 or float64.") from None
        except (ArithmeticError, IndexError, ValueError) as error:
            if isinstance(error, InputError) or (min(sizes.values(), default=1) > 0 and "negative" not in str(error)):
                raise
            shown = ", ".join(f"{size} = {count}" for size, count in sizes.items())
            raise InputError(f"{SPEC['title']} does not exist for arrays as small as {shown} ({error}). Pass longer arrays.") from None
    _look(_KERNELS[kernel], args, {**sizes, "dtype": dtype}, out)
    return tuple(part if isinstance(part, np.ndarray) else dtype.type(part) for part in out), shapes, sizes


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
            out.append(value.astype(dtype)[()])
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
        return [value.astype(dtype).reshape(shape)[()] for value, shape in zip(given, inner, strict=True)]

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
