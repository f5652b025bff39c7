"""What callers use: one public function an entry, with the short ways for plain numbers and plain arrays.

A model of numbers alone computes on Python floats at once.  Plain arrays of one floating type go straight to the kernel.
Whatever is unusual goes to the plumbing, which converts it or says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symgrad.emit.names import Names, is_plain
from symgrad.emit.signature import ModuleNames, Signature
from symgrad.emit.scalar import PointCode, point_code
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
        self.is_point = bool(signature.inputs) and not any(spec.shape or spec.batched or spec.kind == INTEGER for spec in signature.inputs)
        self._locals = Names(self.names.taken)
        self.found, self.args, self.inputs = (self._locals.exactly(name) for name in ("found", "args", "inputs"))

    def point(self, name: str, program: Program) -> PointCode | None:
        """The code of an entry on Python floats, where the model is one of numbers and the math module has its functions."""
        if not self.is_point or name not in self.entries():
            return None
        return point_code(program, self.names.inputs, (self.found, self.args, self.inputs))

    @property
    def has_direct(self) -> bool:
        """Whether there is a short way: names that can stand in Python, no unit axes, no stacked parameters, nothing to watch."""
        signature = self.signature
        own = all(self.names.inputs[name] == name for name in self.arguments)
        whole = all(isinstance(group, str) for group in signature.groups)
        units = any(size == 1 for spec in signature.inputs if spec.matrix for size in spec.shape) or any(
            matrix and size == 1 for shape, matrix in signature.results for size in shape)
        return own and whole and not units and bool(signature.inputs) and signature.nonfinite == "ignore" and self._checks() is not None

    def entries(self) -> tuple[str, ...]:
        """The kernels that are reached by the short way."""
        if not self.has_direct:
            return ()
        gradient = ("value_and_grad",) if self.signature.scalar else ()
        rest = [entry for entry in ("jacobian", "hessian") if entry in self.signature.kernels and not self.signature.several]
        return ("value", *gradient, *rest)

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
        return ", ".join(self.arguments)

    def _passed(self) -> str:
        return ", ".join([*self.arguments, *((f"*{self.args}", f"**{self.inputs}") if self.is_point else ())])

    def _given(self) -> str:
        """Every input as a dict by name."""
        if self.is_point:
            return f"_named(({', '.join([*self.arguments, f'*{self.args}'])}), {self.inputs})"
        return "{" + ", ".join(f'"{name}": {name}' for name in self.arguments) + "}"

    def _short(self, name: str, point: PointCode | None) -> list[str]:
        call = f"_direct(_{name}_kernel, {', '.join(self.arguments)})"
        found = f"None if {self.args} or {self.inputs} else {call}" if self.is_point else call
        return [*self._on_floats(name, point), f"{self.found} = {found}", f"if {self.found} is None:",
                f"    return _{name}({self._given()})", f"return {self._arranged(name)}"]

    def _on_floats(self, name: str, point: PointCode | None) -> list[str]:
        if point is None:
            return []
        lines, results = point
        kinds = " is ".join(f"type({argument})" for argument in self.arguments)
        return [f"if {kinds} is float and not {self.args} and not {self.inputs}:",
                "    try:  # on Python floats; an overflow, a division by zero and the like are left to NumPy",
                *(f"        {line}" for line in lines),
                f"        return {self._arranged(name, results)}",
                "    except (ArithmeticError, ValueError):",
                "        pass"]

    def _arranged(self, name: str, results: Sequence[str] = ()) -> str:
        """A kernel's results as callers get them: parts of `found`, or named variables."""
        signature, count = self.signature, len(self.signature.wrt)

        def part(start: int, length: int, bare: bool) -> str:
            if results:
                return results[start] if bare else _tuple(results[start:start + length])
            return f"{self.found}[{start}]" if bare else f"{self.found}[{start}:{start + length}]"

        if name == "value":
            return part(0, len(signature.results), not signature.several)
        if name == "value_and_grad":
            return f"{part(0, 1, True)}, {part(1, count, signature.bare)}"
        if name == "jacobian" or signature.bare:
            return part(0, count, signature.bare)
        return _tuple([part(k * count, count, False) for k in range(count)])

    def _of_value_and_grad(self, name: str) -> list[str]:
        made = f"value_and_grad({self._passed()})"
        if name == "grad":
            return [f"return {made}[1]"]
        gradient = ", ".join(f'"{parameter}": {self.found}[1]{"" if self.signature.bare else f"[{k}]"}'
                             for k, parameter in enumerate(self.signature.wrt))
        by_name = "{" + gradient + "}"
        return [f"{self.found} = {made}", f"return {by_name}" if name == "grads" else f"return {self.found}[0], {by_name}"]

    def _general(self, name: str) -> str:
        """A function that leaves everything to the plumbing, with the inputs' own names as parameters where they can stand in Python."""
        plain = all(is_plain(one) for one in self.arguments) and "cotangent" not in self.arguments
        given = "{" + ", ".join(f'"{one}": {one}' for one in self.arguments) + "}" if plain else "_ordered(args, inputs)"
        head = ", ".join(self.arguments) if plain else "*args, **inputs"
        if name in ("jvp", "hvp"):
            return self._written(name, "primals, tangents", [f"return _{name}(primals, tangents)"])
        if name == "vjp":
            return self._written(name, f"cotangent, /, {head}" if head else "cotangent, /", [f"return _vjp(cotangent, {given})"])
        if name in ("grad", "grads"):
            return self._written(name, head, [f"return _value_and_{name}({given})[1]"])
        return self._written(name, head, [f"return _{name}({given})"])

    # ------------------------------------------------------------------ the short way to a kernel

    def direct(self) -> str:
        """`_direct`, which calls a kernel on inputs that need no conversion."""
        if not self.has_direct:
            return ""
        kernel, arguments = self._locals.exactly("kernel"), [self.names.inputs[name] for name in self.arguments]
        checks, sizes = self._checks() or ([], [])
        kind = ["dtype = np.dtype(float)"] if self.is_point else [f"dtype = {self._arrays()[0]}.dtype"]
        passed = [f"dtype.type({name})" if name in self._numbers() else name for name in arguments]
        call = ", ".join([kernel, *passed, *self.names.sizes.values(), "dtype"])
        lines = [*kind, *sizes, f"if {_wrapped(checks)}:", f"    return _quiet().run({call})", "return None"]
        words = ["The results of a kernel where every input is a number or a plain array, all of one floating type and of sizes that agree.",
                 "", "None where anything is unusual: the plumbing reads it, or says what is wrong with it."]
        head = [f"def _direct({', '.join([kernel, *arguments])}):", f'    """{words[0]}', "", f"    {words[2]}", '    """', "    try:"]
        return "\n".join([*head, *(f"        {line}" for line in lines), "    except Exception:", "        return None", ""])

    def _numbers(self) -> list[str]:
        return [self.names.inputs[spec.name] for spec in self._specs() if not self.signature.axes(spec)]

    def _arrays(self) -> list[str]:
        return [self.names.inputs[spec.name] for spec in self._specs() if self.signature.axes(spec) and spec.kind != INTEGER]

    def _specs(self) -> list:
        by_name = {spec.name: spec for spec in self.signature.inputs}
        return [by_name[name] for name in self.arguments]

    def _checks(self) -> tuple[list[str], list[str]] | None:
        """The conditions of the short way, and the lines that read the sizes; None where a size is no plain length of an axis."""
        specs, sizes = self._specs(), self._read_sizes()
        if sizes is None or any(spec.kind == INTEGER and not self.signature.axes(spec) for spec in specs):
            return None
        arrays, numbers = self._arrays(), self._numbers()
        if not self.is_point and not arrays:
            return None
        every = [self.names.inputs[spec.name] for spec in specs if self.signature.axes(spec)]
        checks = [" is ".join([*(f"type({name})" for name in every), "np.ndarray"])] if every else []
        checks += ['dtype.char in "df" and dtype.isnative'] if arrays else []
        checks += [f"{' == '.join(f'{name}.dtype' for name in arrays)}"] if len(arrays) > 1 else []
        checks += [f"{name}.dtype == np.intp" for name in every if name not in arrays]
        checks += [f"_is_number({name})" for name in numbers]
        return [*checks, *self._shape_checks(sizes)], [line for lines in sizes.values() for line in lines]

    def _read_sizes(self) -> dict[str, list[str]] | None:
        """The lines by input that read the sizes: n, d = x.shape where all are new, n = x.shape[0] where some are."""
        specs = sorted((spec for spec in self._specs() if self.signature.axes(spec)), key=lambda spec: -len(self.signature.axes(spec)))
        lines: dict[str, list[str]] = {}
        known: set = set()
        for whole in (True, False):
            for spec in specs:
                axes, shape = self.signature.axes(spec), f"{self.names.inputs[spec.name]}.shape"
                new = [(axis, k) for k, axis in enumerate(axes) if axis.is_Symbol and axis not in known and axis not in axes[:k]]
                if whole and len(new) == len(axes):
                    lines[spec.name] = [f"{', '.join(self.names.sizes[axis.name] for axis in axes)}{',' if len(axes) == 1 else ''} = {shape}"]
                elif not whole and new:
                    lines[f"{spec.name}, in part"] = [f"{self.names.sizes[axis.name]} = {shape}[{k}]" for axis, k in new]
                else:
                    continue
                known.update(axis for axis, _ in new)
        return lines if known >= set(self.signature.sizes) else None

    def _shape_checks(self, sizes: Mapping[str, list[str]]) -> list[str]:
        return [f"{self.names.inputs[spec.name]}.shape == {_tuple([self.names.size(size) for size in self.signature.axes(spec)])}"
                for spec in self._specs() if self.signature.axes(spec) and spec.name not in sizes]


def _tuple(parts: Sequence[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _wrapped(conditions: Sequence[str]) -> str:
    """Conditions on lines of their own where one line would be long."""
    text = " and ".join(conditions)
    return text if len(text) < 110 else "(" + "\n                and ".join(conditions) + ")"
