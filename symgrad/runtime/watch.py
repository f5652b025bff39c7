"""Which row of a kernel goes non-finite first: the kernel's own lines, run one at a time.

This file is copied into the modules that were asked to watch (nonfinite="raise" or "warn"); the package uses it for
`trace`.  A line is a dict: name, formula, value, arguments (values by name) and whether it chooses between them.
"""

import ast
import linecache
import re
import sys
import warnings

import numpy as np

# The name below stands in for what a generated module defines; emission leaves this block out.
# --- stand-ins
SPEC: dict = {}


# --- end of stand-ins
class NonFiniteError(ArithmeticError):
    """A result is infinite or nan although the inputs are finite."""


class NonFiniteWarning(RuntimeWarning):
    """A result is infinite or nan although the inputs are finite."""


_CHOICES = ("where", "maximum", "minimum", "max", "min", "fmax", "fmin")


def _line(name, value, formula="", arguments=None, chooses=False):
    return {"name": name, "value": value, "formula": formula, "arguments": arguments or {}, "chooses": chooses}


def _bad(line):
    """The index of the first element that is not finite; None where all are finite."""
    value = np.asarray(line["value"])
    if value.dtype.kind not in "fc" or np.isfinite(value).all():
        return None
    return tuple(int(k) for k in np.argwhere(~np.isfinite(value))[0])


def _follow(kernel, args, sizes):
    """Lines of a kernel in order, its inputs first, and (value, names it is made of) of each result."""
    text = linecache.getlines(kernel.__code__.co_filename, kernel.__globals__)
    functions = [node for node in ast.parse("".join(text)).body if isinstance(node, ast.FunctionDef)]
    *body, last = next(node for node in functions if node.name == kernel.__name__).body
    here = {**dict(zip(kernel.__code__.co_varnames, args, strict=False)), **sizes}
    lines = {name: _line(name, value) for name, value in here.items() if name not in sizes}
    for node, read, step in _statements(body[1:], kernel.__globals__, here):
        arguments = {name: _shown(here[name]) for name in _names(read, ast.Load) if name in lines}
        exec(compile(ast.Module([node], []), "<trace>", "exec"), kernel.__globals__, here)
        formula = text[(node.end_lineno or 1) - 1].encode()[node.end_col_offset:].decode().strip(" #\n") if node is read else ast.unparse(read)
        for name in [name for name in _written(node) if name in here]:
            line = _line(name, np.array(_shown(here[name])), formula if step is None else f"{formula} (step {step})", arguments, _chooses(node))
            _keep(lines, line, step)
    outputs = last.value.elts if isinstance(last, ast.Return) and isinstance(last.value, ast.Tuple) else []
    made = [eval(compile(ast.Expression(one), "<trace>", "eval"), kernel.__globals__, here) for one in outputs]
    return list(lines.values()), [(value, [n for n in _names(one, ast.Load) if n in lines]) for value, one in zip(made, outputs, strict=True)]


def _statements(nodes, space, here, step=None):
    """(statement, the node whose variables it reads, the step of its loop) in the order in which they run.

    Each is run before the next is asked for: a loop takes its items from what was run before it.
    """
    for node in nodes:
        if not isinstance(node, ast.For):
            yield node, node, step
            continue
        for count, value in enumerate(eval(compile(ast.Expression(node.iter), "<trace>", "eval"), space, here), 1):
            here["_item"] = value
            item = ast.copy_location(ast.Assign([node.target], ast.Name("_item", ast.Load())), node)
            yield ast.fix_missing_locations(item), node.iter, count
            yield from _statements(node.body, space, here, count)


def _shown(value):
    """What stands for a variable: of a list that grows, the element that came last."""
    return (value[-1] if value else ()) if isinstance(value, (list, tuple)) else value


def _keep(lines, line, step):
    """The line of a variable; in a loop, that of the first step at which it is not finite, in the order of going bad."""
    old = lines.get(line["name"])
    if step is None:
        lines[line["name"]] = _grown(old, line)
    elif old is None or _bad(old) is None:
        if old is not None and _bad(line) is not None:
            del lines[line["name"]]
        lines[line["name"]] = line


def _grown(old, new):
    """A line after a statement that changes it in place."""
    if old is None:
        return new
    others = {name: value for name, value in new["arguments"].items() if name != new["name"]}
    return {**old, "value": new["value"], "arguments": {**old["arguments"], **others}}


def _names(node, context):
    return list(dict.fromkeys(one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, context)))


def _written(node):
    """The variables that a statement makes or changes in place."""
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "append":
        return _names(call.func.value, ast.Load)
    if isinstance(call, ast.Call):  # np.add.at(target, …); a plain call such as _index(…) writes nothing
        return _names(call.args[0], ast.Load)[:1] if isinstance(call.func, ast.Attribute) and call.args else []
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "_":
        return []  # the count of a loop that reads nothing
    subscripts = [one.value for one in ast.walk(node) if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store)]
    return _names(node, ast.Store) or [name for one in subscripts for name in _names(one, ast.Load)]


def _chooses(node):
    """Whether a finite result may come of arguments that are not, because they were left out."""
    return any(isinstance(one, ast.IfExp) or (isinstance(one, ast.Attribute) and one.attr in _CHOICES) for one in ast.walk(node))


def _culprit(lines, results):
    """The first line that is not finite on the way to a result that is not; where results are finite, the first at all."""
    stack = [name for value, names in results if not np.isfinite(value).all() for name in names]
    if not stack:
        return next((line for line in lines if _bad(line) is not None), None)
    by_name, seen = {line["name"]: line for line in lines}, set()
    while stack:
        name = stack.pop()
        if name not in seen and (_bad(by_name[name]) is not None or not by_name[name]["chooses"]):
            seen.add(name)
            stack.extend(by_name[name]["arguments"])
    return next((line for line in lines if line["name"] in seen and _bad(line) is not None), None)


def _told(line, formula, called):
    """A line that is not finite, in words: its formula, where it is not finite, and its arguments there."""
    value, place = np.asarray(line["value"]), _bad(line) or ()
    count = int((~np.isfinite(value)).sum())
    what = str(value) if value.ndim == 0 else f"{count} of {value.size} elements are not finite, the first at {list(place)}: {value[place]}"
    if not line["formula"]:
        return f"{called.get(line['name'], line['name'])}, an input: {what}"
    arguments = [f"{called.get(name, name)} {_at(name, np.asarray(argument), line)}" for name, argument in line["arguments"].items()]
    return f"{formula or line['formula']}: {what}" + (f", where {', '.join(arguments)}" if arguments else "")


def _at(name, argument, line):
    """An argument at the element that went wrong: a number, or the range of the part that goes into it."""
    if argument.ndim == 0:
        return f"= {argument}"
    place = _place(name, argument, line)
    part = argument if place is None else argument[place]
    where = "" if place is None else f" at [{', '.join(':' if isinstance(k, slice) else str(k) for k in place)}]"
    head = f"(shape {argument.shape}){where}"
    if np.ndim(part) == 0:
        return f"{head} = {part}"
    if part.dtype.kind == "b":
        return f"{head} holds at {int(part.sum())} of {part.size} elements"
    known = part[~np.isnan(part)]
    span = f"is between {known.min()} and {known.max()}" if known.size else "is nan" if part.size else "is empty"
    bad = int((~np.isfinite(part)).sum())
    return f"{head} {span}" + (f", {bad} of {part.size} not finite" if bad else "")


def _place(name, argument, line):
    """Where an argument is read for the wrong element, by the letters of the formula; None where that is not one place."""
    left, _, right = line["formula"].partition(" = ")
    own, read = re.search(r"\[([\w,]*)\]$", left), re.search(rf"(?<!\w){re.escape(name)}\[([\w,]*)\]", right)
    bad = _bad(line) or ()
    if own is None or read is None:
        return bad if argument.shape == np.shape(line["value"]) else None
    index = dict(zip(str(own[1]).split(","), bad, strict=False))
    place = tuple(index.get(letter, slice(None)) for letter in str(read[1]).split(","))
    fits = len(place) == argument.ndim and all(isinstance(k, slice) or k < size for k, size in zip(place, argument.shape, strict=True))
    return place if fits else None


def _look(kernel, args, sizes, results):
    """Raise or warn where results are not finite and the inputs are, and name the line that went first."""
    if _all_finite(results) or not _all_finite(args):
        return
    called = dict(zip(kernel.__code__.co_varnames, SPEC["arguments"], strict=False))
    with np.errstate(all="ignore"):
        try:
            found = _culprit(*_follow(kernel, args, sizes))
        except (StopIteration, SyntaxError):  # the text of the module is not at hand
            found = None
    entry = kernel.__name__.removeprefix("_").removesuffix("_kernel")
    why = f" The first row to go is {_told(found, '', called)}." if found is not None else ""
    text = f"The {entry} of {SPEC['title']} is not finite although its inputs are.{why} Change the inputs, or the formula there."
    if SPEC["nonfinite"] == "raise":
        raise NonFiniteError(text)
    warnings.warn(text, NonFiniteWarning, stacklevel=_level())


def _all_finite(values):
    return all(np.isfinite(value).all() for value in values)


def _level():
    """How far up the caller's own line is."""
    frame, level = sys._getframe(), 0
    while frame is not None and (frame.f_globals is globals() or frame.f_globals.get("__name__", "").startswith("symgrad.")):
        frame, level = frame.f_back, level + 1
    return level
