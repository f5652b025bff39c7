"""Plumbing of every generated module: inputs are read and checked, and a kernel is called on them.

This file and its two neighbours, entries.py and selfcheck.py, are copied into each module, below its kernels, so that a
module needs nothing but NumPy.  They rely on names that the module defines above them: SPEC, POINT_SIZES, _shapes, _KERNELS.
"""

import contextvars

import numpy as np

# The names below stand in for what a generated module defines; emission leaves this block out.
# --- stand-ins
SPEC: dict = {}
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


def _named(args, inputs):
    """Inputs as one dict by name, where None stands for one that is missing."""
    return {name: value for name, value in _ordered(args, inputs).items() if value is not None}


def _all_of(given):
    """The inputs in order, None for one that is missing or, where there are others, for all."""
    names = SPEC["arguments"]
    return map(given.get, names) if len(given) == len(names) else [None] * len(names)


_QUIET = []


def _quiet():
    """A context in which NumPy says nothing of overflow and the like: a quarter of the cost of np.errstate.

    Each call gets its own, so threads and calls inside calls do not meet.  NumPy 1 keeps no such settings by context.
    """
    if not _QUIET:
        if np.__version__ < "2":
            raise NotImplementedError
        context = contextvars.Context()
        context.run(np.seterr, all="ignore")
        _QUIET.append(context)
    return _QUIET[0].copy()


def _is_number(value):
    """Whether a value is a float, or an integer that fits one of NumPy's."""
    return isinstance(value, (float, np.floating)) or (isinstance(value, int) and value.bit_length() < 64)


def _check_names(given):
    names = SPEC["arguments"]
    extra = [name for name in given if name not in SPEC["inputs"]]
    if extra:
        raise InputError(f"{SPEC['title']} has no input {', '.join(map(str, extra))}. Its inputs are {', '.join(names)}.")
    missing = [name for name in names if name not in given]
    if missing:
        raise InputError(f"The input {', '.join(missing)} is missing. {SPEC['title']} needs {', '.join(names)}.")


def _prepare(given):
    """Arrays in order, sizes by name, the floating type, and the shapes as they were given."""
    _check_names(given)
    names = SPEC["arguments"]
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


def _dots(a, b):
    """The scalar products of vectors along the last axis."""
    return np.matmul(a[..., None, :], b[..., :, None])[..., 0, 0]


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
