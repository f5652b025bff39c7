"""The callable side of a module: the functions of the contract over a module's namespace, without SymPy."""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, wraps
from pathlib import Path
from types import CodeType
from typing import Any
from zlib import crc32

import numpy as np

from symgrad.errors import DerivativeError, InputError, NonFiniteError, NonFiniteWarning, OptionError, SymgradError, UnsupportedError, explain
from symgrad.runtime.flat import Flat
from symgrad.runtime.genuine import is_generated
from symgrad.runtime.names import by_name, name_of
from symgrad.runtime.trace import Spell, Trace
from symgrad.runtime.watch import _follow

TRACED = ("value", "value_and_grad", "jacobian", "hessian")
"""Kernels that `trace` can follow: those that take nothing but the inputs."""


def execute(text: str, filename: str, namespace: dict) -> None:
    """Run generated text so that a debugger and a traceback can show its lines."""
    filename = "".join(letter if letter.isprintable() else "?" for letter in filename)
    exec(_compiled(text, filename), namespace)


def execute_shared(text: str, title: str, namespace: dict) -> None:
    """The same of text that is the same in many models: it is compiled once."""
    exec(_compiled_once(text, f"<symgrad {title} {crc32(text.encode()):08x}>"), namespace)


def _compiled(text: str, filename: str) -> CodeType:
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    return compile(text, filename, "exec")


_compiled_once = lru_cache(maxsize=128)(_compiled)


def adopt(namespace: dict) -> dict:
    """A module's namespace whose errors and warnings are the package's."""
    ours = (InputError, DerivativeError, NonFiniteError, NonFiniteWarning)
    namespace.update({one.__name__: one for one in ours if one.__name__ in namespace})
    return namespace


class Functions:
    """value, gradients and products of one module.

    Inputs go by keyword or in the order of `arguments`.  Raises InputError for a wrong input and DerivativeError for a
    derivative that the result does not have.
    """

    def __init__(self, namespace: dict):
        self._namespace = namespace

    @property
    def _spec(self) -> dict:
        return self._namespace["SPEC"]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the inputs in positional order."""
        return tuple(self._spec["arguments"])

    @property
    def wrt(self) -> tuple[str, ...]:
        """The names of the parameters, in the order of derivatives."""
        return tuple(self._spec["wrt"])

    @property
    def name(self) -> str:
        return self._spec["title"]

    def _given(self, args: tuple, inputs: dict) -> dict[str, Any]:
        return self._call("_ordered", args, inputs)

    def _analytic_kernel(self) -> Callable:
        """The kernel of the value, for an evaluation on complex numbers."""
        return self._namespace["_KERNELS"]["value"]

    def _call(self, function: str, *args: Any) -> Any:
        """One function of the module's plumbing."""
        return self._namespace[function](*args)

    def _public(self, name: str) -> Callable:
        """A public function of the module, with the package's errors for wrong names."""
        function = self._namespace[name]
        names_its_inputs = function.__code__.co_flags & inspect.CO_VARKEYWORDS
        return function if names_its_inputs else _with_names_checked(function, self._namespace)

    def _bound(self, name: str) -> Callable:
        """A public function; from its first call on it is an attribute of this object, and a call of it costs nothing more."""
        function = getattr(self, f"bound {name}", None)  # a method that was looked up before the first call ends here every time
        if function is None:
            function = self._public(name)
            setattr(self, f"bound {name}", function)
            setattr(self, name, function)
        return function

    def _along(self, name: str, primals: Mapping, tangents: Mapping):
        """A function that takes inputs and tangents by symbol or name; it is looked up once."""
        function = getattr(self, f"bound {name}", None)
        if function is None:
            self._public(name)
            function = self._namespace[name]
            setattr(self, f"bound {name}", function)
        return function(by_name(primals), by_name(tangents))

    def value(self, /, *args, **inputs):
        """The result: a float, an array, or a tuple of them."""
        return self._bound("value")(*args, **inputs)

    def __call__(self, /, *args, **inputs):
        """The result, as `value` gives it."""
        return self.value(*args, **inputs)

    def grad(self, /, *args, **inputs):
        """The gradient by reverse mode, in the shape of each parameter; bare or a tuple as wrt was."""
        return self._bound("grad")(*args, **inputs)

    def value_and_grad(self, /, *args, **inputs):
        """(value, gradient) by one forward and one backward sweep."""
        return self._bound("value_and_grad")(*args, **inputs)

    def grads(self, /, *args, **inputs) -> dict[str, Any]:
        """The gradient as a dict by parameter name."""
        return self._bound("grads")(*args, **inputs)

    def value_and_grads(self, /, *args, **inputs):
        """(value, gradient as a dict by parameter name)."""
        return self._bound("value_and_grads")(*args, **inputs)

    def grad_forward(self, /, *args, **inputs):
        """The gradient by forward mode, one sweep a direction: slow, and independent of the backward sweep."""
        return self._bound("grad_forward")(*args, **inputs)

    def jvp(self, primals: Mapping, tangents: Mapping):
        """(value, tangent): the directional derivative along tangents.  A missing tangent is zero."""
        return self._along("jvp", primals, tangents)

    def vjp(self, cotangent, /, *args, **inputs):
        """The gradient of the sum of cotangent * result."""
        return self._call("_vjp", cotangent, self._given(args, inputs))

    def jacobian(self, /, *args, **inputs):
        """The Jacobian, of shape result + parameter; a tuple for several results or parameters."""
        return self._bound("jacobian")(*args, **inputs)

    def hessian(self, /, *args, **inputs):
        """The Hessian, of shape parameter + parameter; a tuple of tuples for several parameters."""
        return self._bound("hessian")(*args, **inputs)

    def hvp(self, primals: Mapping, tangents: Mapping):
        """The Hessian times tangents, in the shape of the gradient."""
        return self._along("hvp", primals, tangents)

    def trace(self, /, *args: Any, entry: str = "value", **inputs: Any) -> Trace:
        """Every row of one entry at a point, and the first that goes non-finite: its formula, its arguments and their values.

        Inputs go as in every call, or as one dict.  entry: "value", "value_and_grad" (so that a bad adjoint is named),
        "jacobian" or "hessian".  Raises OptionError for an entry that the result does not have.
        """
        if "entry" in self.arguments and entry not in TRACED:
            inputs, entry = {**inputs, "entry": entry}, "value"
        self._check_traced(entry)
        given = by_name(args[0]) if len(args) == 1 and isinstance(args[0], Mapping) else self._given(args, inputs)
        arrays, sizes, dtype, _ = self._call("_prepare", given)
        kernel = self._traced_kernel(entry)
        lines, results = self._followed(kernel, list(arrays.values()), {**sizes, "dtype": dtype})
        called = dict(zip(kernel.__code__.co_varnames, self.arguments, strict=False))
        return Trace(self.name or "the model", entry, lines, results, called, self._spelled_rows(entry))

    def _traced_kernel(self, entry: str) -> Callable:
        """A kernel of one line a row, which can be followed line by line."""
        kernel = self._namespace["_KERNELS"][entry]
        if any(isinstance(one, CodeType) for one in kernel.__code__.co_consts):
            raise UnsupportedError(explain(f"{self.name} runs in blocks of samples, whose rows are not lines of their own",
                                           "tracing a loaded module needs one line a row",
                                           "Trace the compiled declaration, or save it with style='flat' or nonfinite='raise'"))
        return kernel

    def _followed(self, kernel: Callable, args: list, sizes: dict) -> tuple[list, list]:
        with np.errstate(all="ignore"):
            try:
                return _follow(kernel, args, sizes)
            except np.linalg.LinAlgError:
                return _follow(self._namespace["_forgiving"](kernel), args, sizes)

    def _check_traced(self, entry: str) -> None:
        known = [one for one in TRACED if one in self._spec["kernels"]]
        if entry not in known:
            raise OptionError(explain(f"entry={entry!r} cannot be traced", f"one of {', '.join(known)} is required"))

    def _spelled_rows(self, entry: str) -> Spell | None:
        """Formulas by variable in the letters of the declaration; None where the module's own are all there is."""
        return None

    def flat(self, params: Mapping, data: Mapping | None = None, *, fixed: Iterable = ()) -> Flat:
        """x0, fun, jac, hess, hessp and unpack over one flat vector, for those who call SciPy themselves.

        params: where to start, by name or symbol; data: every other input; fixed: params that are held constant.
        Raises InputError where a name is missing or unknown.
        """
        return Flat(self, params, data, fixed)

    def example(self) -> dict[str, Any]:
        """Inputs of small sizes by name, the same on every machine: something to call the functions with."""
        return self._call("_example")


def _with_names_checked(function: Callable, space: dict) -> Callable:
    """The function with an InputError for a name that is missing, unknown or given twice, where Python has a TypeError."""

    def call(*args, **inputs):
        try:
            return function(*args, **inputs)
        except TypeError as error:
            raise (_wrong_names(space, args, inputs) or error) from None

    return wraps(function)(call)


def _wrong_names(space: dict, args: tuple, inputs: dict) -> InputError | None:
    try:
        space["_check_names"](space["_ordered"](args, inputs))
    except InputError as error:
        return error
    return None


class Loaded(Functions):
    """A module read back from its text.  It computes everything; what needs the declaration says so."""

    def __init__(self, source: str, filename: str):
        if not is_generated(source):
            raise InputError(explain(f"{filename} is not a module written by symgrad", "a file made by save() is required"))
        namespace: dict = {"__name__": "symgrad_generated", "__file__": filename}
        execute(source, filename, namespace)
        super().__init__(adopt(namespace))
        self.source = source
        self._filename = filename

    def __reduce__(self):
        return Loaded, (self.source, self._filename)

    def __getattr__(self, attribute: str):
        if attribute in ("table", "graph", "program", "check", "save", "with_options", "cost"):
            raise UnsupportedError(explain(f"{attribute} needs the declaration", "a loaded module holds only the generated functions",
                                           "Call symgrad.check_gradients(module, {…})" if attribute == "check" else "Compile the declaration again"))
        raise AttributeError(attribute)


def load(path: str | Path) -> Loaded:
    """The functions of a module that `save` wrote, without SymPy.

    Raises InputError where the file does not exist or is no generated module.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(explain(f"there is no file {path}", "the path of a module written by save() is required"))
    return Loaded(path.read_bytes().decode("utf-8", errors="replace"), str(path.resolve()))


__all__ = ["Functions", "Loaded", "SymgradError", "by_name", "load", "name_of"]
