"""What callers use: one public function an entry, with the short ways for plain numbers and plain arrays.

A model of numbers alone computes on Python floats at once.  Plain arrays of one floating type go straight to the kernel.
Whatever is unusual goes to the plumbing, which converts it or says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symgrad.emit.direct import Direct
from symgrad.emit.names import Names, is_plain, quoted, tuple_text
from symgrad.emit.scalar import PointCode, point_code
from symgrad.emit.signature import ModuleNames, Signature
from symgrad.graph.program import Program
from symgrad.graph.rows import INTEGER

WORDS = {
    "value": "The result, or a tuple of results.",
    "grad": "The gradient, by reverse mode.",
    "value_and_grad": "(value, gradient), by reverse mode.",
    "grads": "The gradient as a dict by name.",
    "value_and_grads": "(value, gradient as a dict by name).",
    "grad_forward": "The gradient by forward mode, one sweep a direction.",
    "jvp": "(value, tangent) along tangents, both dicts by name; a missing tangent is 0.",
    "vjp": "The gradient of the sum of cotangent * result.",
    "jacobian": "The Jacobian, shape of the result + shape of the parameter.",
    "hessian": "The Hessian, shape of one parameter + shape of the other.",
    "hvp": "The Hessian times tangents, both dicts by name.",
}
"""The public functions in their order, and what each returns."""

OF_VALUE_AND_GRAD = ("grad", "grads", "value_and_grads")
"""The functions that only arrange what value_and_grad gives."""


class Front:
    """The public functions of one module."""

    def __init__(self, signature: Signature):
        self.signature = signature
        self.names = ModuleNames(signature)
        self.arguments = signature.arguments
        by_name = {spec.name: spec for spec in signature.inputs}
        self._specs = [by_name[name] for name in self.arguments]
        self.own_names = all(self.names.inputs[name] == name for name in self.arguments)
        self.is_numbers = bool(self._specs) and not any(spec.shape or spec.batched or spec.kind == INTEGER for spec in self._specs)
        self.is_point = self.own_names and self.is_numbers
        taken = Names(self.names.taken)
        self.found, self.args, self.inputs = (taken.exactly(name) for name in ("found", "args", "inputs"))
        self.path = Direct(signature, self.names, self._specs, taken)

    def point(self, name: str, program: Program) -> PointCode | None:
        """The code of an entry on Python floats, where the model is one of numbers and the math module has its functions."""
        if not self.is_point or name not in self.entries():
            return None
        return point_code(program, self.names.inputs, (self.found, self.args, self.inputs))

    def direct(self) -> str:
        """The text of `_direct` and `_along`; empty where the module has no short way."""
        return self.path.text() if self.path.exists else ""

    def entries(self) -> tuple[str, ...]:
        """The kernels that are reached by the short way."""
        signature = self.signature
        if not self.path.exists:
            return ()
        gradient = ("value_and_grad",) if signature.scalar else ()
        blocks = () if signature.several or self.path.has_units else ("jacobian", "hessian")
        return ("value", *gradient, *(entry for entry in blocks if entry in signature.kernels))

    def along(self) -> tuple[str, ...]:
        """The kernels with tangents that are reached by a short way."""
        return self.path.along if self.path.exists else ()

    # ------------------------------------------------------------------ functions

    def function(self, name: str, point: PointCode | None = None) -> str:
        """The text of one public function; `point` is its code on Python floats."""
        if name in self.entries():
            return self._written(name, self._head(), self._short(name, point))
        if name in OF_VALUE_AND_GRAD and "value_and_grad" in self.entries():
            return self._written(name, self._head(), self._of_value_and_grad(name))
        return self._general(name)

    def _written(self, name: str, head: str, body: Sequence[str]) -> str:
        lines = [f"def {name}({head}):", f'    """{WORDS[name]}"""', *(f"    {line}" for line in body)]
        return "\n".join(lines) + "\n"

    def _head(self) -> str:
        """A model of numbers names wrong inputs itself: looking at them from outside would cost as much as the call."""
        if self.is_point:
            return ", ".join([*(f"{name}=None" for name in self.arguments), f"*{self.args}", f"**{self.inputs}"])
        return ", ".join(self.arguments) if self.own_names else "*args, **inputs"

    def _short(self, name: str, point: PointCode | None) -> list[str]:
        """Floats at once, plain arrays by `_direct`, everything else by the plumbing."""
        found = f"{self.found} = "
        call, given = f"_direct(_{name}_kernel, {', '.join(self.arguments)})", _by_name(self.arguments)
        lines = [f"{found}{call}"]
        if self.is_point:
            given = f"_named(({', '.join([*self.arguments, f'*{self.args}'])}), {self.inputs})"
            lines = [*self._on_floats(name, point), f"{found}None if {self.args} or {self.inputs} else {call}"]
        elif not self.own_names:
            given = "given"
            lines = ["given = _ordered(args, inputs)", f"{found}_direct(_{name}_kernel, *_all_of(given))"]
        return [*lines, f"if {self.found} is None:", f"    return _{name}({given})", f"return {self._arranged(name)}"]

    def _on_floats(self, name: str, point: PointCode | None) -> list[str]:
        if point is None:
            return []
        lines, results = point
        kinds = " is ".join(f"{argument}.__class__" for argument in self.arguments)  # faster than type(…) by a call each
        return [f"if {kinds} is float and not {self.args} and not {self.inputs}:",
                "    try:  # on Python floats; an overflow, a division by zero and the like are left to NumPy",
                *(f"        {line}" for line in lines),
                f"        return {self._arranged(name, results)}",
                "    except (ArithmeticError, ValueError):",
                "        pass"]

    def _arranged(self, name: str, results: Sequence[str] = ()) -> str:
        """A kernel's results as callers get them: parts of `found`, or named variables."""
        signature, count = self.signature, len(self.signature.wrt)
        parts = list(results) or self._parts(name)
        if name == "value":
            return tuple_text(parts) if signature.several else parts[0]
        if name == "value_and_grad":
            return f"{parts[0]}, {parts[1] if signature.bare else tuple_text(parts[1:])}"
        if name == "jacobian" or signature.bare:
            return parts[0] if signature.bare else tuple_text(parts)
        return tuple_text([tuple_text(parts[k * count:(k + 1) * count]) for k in range(count)])

    def _parts(self, name: str) -> list[str]:
        """Each result of a kernel: numbers in NumPy's type, columns with their unit axis or without it, as they were given."""
        wrt = self.signature.wrt
        result, parameters = [bool(shape) for shape, _ in self.signature.results], [self.path.is_array(one) for one in wrt]
        arrays = {"value": result, "value_and_grad": [*result, *parameters], "jacobian": [one or result[0] for one in parameters],
                  "hessian": [one or other for one in parameters for other in parameters]}[name]
        parts = [f"{self.found}[{k}]" if array else f"{self._number_type(self._given)}({self.found}[{k}])" for k, array in enumerate(arrays)]
        if name == "value_and_grad":
            for k, one in enumerate(wrt, 1):
                parts[k] += self._as_given(one, self._given(one))
        return parts

    def _as_given(self, name: str, given: str) -> str:
        """What gives a derivative the shape of its parameter, a column or a plain vector."""
        return f".reshape({given}.shape)" if self.path.is_unit(name) else ""

    def _number_type(self, given: Callable[[str], str]) -> str:
        """NumPy's type of a result that is a number; `given` is how the body of the function gets at an input."""
        return "np.float64" if self.is_numbers else f"{given(self.path.reals[0].name)}.dtype.type"

    def _given(self, name: str) -> str:
        """How the body of a function gets at an input."""
        return name if self.own_names else f"given[{quoted(name)}]"

    def _of_value_and_grad(self, name: str) -> list[str]:
        passed = [*self.arguments, *((f"*{self.args}", f"**{self.inputs}") if self.is_point else ())]
        made = f"value_and_grad({', '.join(passed) if self.own_names else '*args, **inputs'})"
        if name == "grad":
            return [f"return {made}[1]"]
        gradient = ", ".join(f'{quoted(parameter)}: {self.found}[1]{"" if self.signature.bare else f"[{k}]"}'
                             for k, parameter in enumerate(self.signature.wrt))
        by_name = "{" + gradient + "}"
        return [f"{self.found} = {made}", f"return {by_name}" if name == "grads" else f"return {self.found}[0], {by_name}"]

    def _general(self, name: str) -> str:
        """A function that leaves everything to the plumbing, with the inputs' own names as parameters where they can stand in Python."""
        plain = all(is_plain(one) for one in self.arguments) and "cotangent" not in self.arguments
        given = _by_name(self.arguments) if plain else "_ordered(args, inputs)"
        head = ", ".join(self.arguments) if plain else "*args, **inputs"
        if name in ("jvp", "hvp"):
            return self._written(name, "primals, tangents", self._moved(name))
        if name == "vjp":
            return self._written(name, f"cotangent, /, {head}" if head else "cotangent, /", [f"return _vjp(cotangent, {given})"])
        if name in ("grad", "grads"):
            return self._written(name, head, [f"return _value_and_{name}({given})[1]"])
        return self._written(name, head, [f"return _{name}({given})"])


    def _moved(self, name: str) -> list[str]:
        """Inputs and tangents in dicts: plain arrays by `_along`, everything else by the plumbing."""
        call = f"_{name}(primals, tangents)"
        if name not in self.along():
            return [f"return {call}"]
        array = bool(self.signature.results[0][0])
        arrays = [array, array] if name == "jvp" else [self.path.is_array(one) for one in self.signature.wrt]
        parts = [f"found[{k}]" if one else f"dtype(found[{k}])" for k, one in enumerate(arrays)]
        if name == "hvp":
            parts = [part + self._as_given(one, f"primals[{quoted(one)}]") for part, one in zip(parts, self.signature.wrt, strict=True)]
        plural = name == "jvp" or not self.signature.bare
        dtype = [] if all(arrays) else [f"dtype = {self._number_type(lambda name: f'primals[{quoted(name)}]')}"]
        return [f"found = _along(_{name}_kernel, primals, tangents)", "if found is None:", f"    return {call}", *dtype,
                f"return {tuple_text(parts) if plural else parts[0]}"]


def _by_name(arguments: Sequence[str]) -> str:
    """The text of a dict of inputs by name."""
    return "{" + ", ".join(f"{quoted(name)}: {name}" for name in arguments) + "}"
