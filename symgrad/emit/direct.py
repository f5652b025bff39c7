"""The short way to a kernel: a few checks, written for the inputs of one module, that nothing has to be converted."""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.emit.names import Names, listed, quoted, tuple_text
from symgrad.emit.signature import ModuleNames, Signature
from symgrad.graph.program import InputSpec
from symgrad.graph.rows import INTEGER

_WORDS = """The results of a kernel where every input is a number or a plain array, of one floating type and of sizes that agree.

    None where anything is unusual: the plumbing converts it, or says what is wrong with it."""


_ALONG = """As `_direct`, for a kernel that takes tangents: inputs and tangents by name, with nothing left out."""


class Direct:
    """`_direct` and `_along` of one module; `pool` hands out names that no input has."""

    def __init__(self, signature: Signature, names: ModuleNames, specs: Sequence[InputSpec], pool: Names):
        self.signature, self.names, self.specs, self.pool = signature, names, specs, pool
        self.kernel, self.primals, self.tangents = (pool.exactly(name) for name in ("kernel", "primals", "tangents"))
        self.called = names.inputs
        self.arrays = [spec for spec in specs if signature.axes(spec)]
        self.reals = [spec for spec in self.arrays if spec.kind != INTEGER]
        self.numbers = [spec for spec in specs if not signature.axes(spec)]
        self.has_units = any(self.is_unit(spec.name) for spec in specs)
        self.sizes = self._read_sizes()

    @property
    def exists(self) -> bool:
        """No where parameters are stacked, results have a unit axis, results are watched, or a size is no plain length of an axis."""
        signature = self.signature
        plain = all(isinstance(group, str) for group in signature.groups) and signature.nonfinite == "ignore" and bool(self.specs)
        odd = any(matrix and size == 1 for shape, matrix in signature.results for size in shape) or any(
            spec.kind == INTEGER or spec.shape for spec in self.numbers) or any(self.is_unit(spec.name) and spec.batched for spec in self.specs)
        return plain and not odd and self.sizes is not None and not (self.arrays and not self.reals)

    def is_unit(self, name: str) -> bool:
        """Whether an input is a matrix with an axis of one element, which callers may leave out."""
        spec = next(spec for spec in self.specs if spec.name == name)
        return spec.matrix and any(size == 1 for size in spec.shape)

    def is_array(self, name: str) -> bool:
        """Whether an input has axes."""
        return any(spec.name == name for spec in self.arrays)

    def text(self) -> str:
        """The functions."""
        head = f"def _direct({', '.join([self.kernel, *(self.called[spec.name] for spec in self.specs)])}):"
        texts = [self._function(head, _WORDS, (), self._checks(), [])]
        return "\n\n".join([*texts, self._text_along()] if self.along else texts)

    @property
    def along(self) -> tuple[str, ...]:
        """The kernels with tangents that are reached by a short way."""
        return () if self.signature.several else tuple(entry for entry in ("jvp", "hvp") if entry in self.signature.kernels)

    def _text_along(self) -> str:
        """`_direct` for entries that take inputs and tangents as dicts by name."""
        wrt = [spec for name in self.signature.wrt for spec in self.specs if spec.name == name]
        moved = {spec.name: self.pool.exactly(f"dot_{self.called[spec.name]}") for spec in wrt}
        reads = [f"{self.called[spec.name]} = {self.primals}[{quoted(spec.name)}]" for spec in self.specs]
        reads += [f"{own} = {self.tangents}[{quoted(name)}]" for name, own in moved.items()]
        checks = [f"len({self.primals}) == {len(self.specs)}", f"len({self.tangents}) == {len(wrt)}", *self._checks()]
        for spec in wrt:
            own, name = moved[spec.name], self.called[spec.name]
            checks.append(f"_is_number({own})" if spec in self.numbers else
                          f"type({own}) is np.ndarray and {own}.dtype == dtype and {own}.shape == {name}.shape")
        passed = [self._passed(spec, moved[spec.name]) for spec in wrt]
        return self._function(f"def _along({self.kernel}, {self.primals}, {self.tangents}):", _ALONG, reads, checks, passed)

    def _function(self, head: str, words: str, reads: Sequence[str], checks: Sequence[str], moved: Sequence[str]) -> str:
        dtype = f"{self.called[self.reals[0].name]}.dtype" if self.reals else "np.dtype(float)"
        inputs = [self._passed(spec, self.called[spec.name]) for spec in self.specs]
        passed = ", ".join([self.kernel, *inputs, *moved, *self.names.sizes.values(), "dtype"])
        body = [*reads, f"dtype = {dtype}", *(self.sizes or ()), f"if {_wrapped(checks)}:", f"    return _quiet().run({passed})", "return None"]
        lines = ["try:", *(f"    {line}" for line in body), "except Exception:", "    return None"]
        return "\n".join([head, f'    """{words}', '    """', *(f"    {line}" for line in lines), ""])

    def _passed(self, spec: InputSpec, name: str) -> str:
        """What a kernel takes of an input, or of its tangent, that callers give by a name."""
        if spec in self.numbers:
            return f"dtype.type({name})"
        return f"{name}.reshape({self._shape(self.signature.axes(spec))})" if self.is_unit(spec.name) else name

    def _shape(self, axes: Sequence) -> str:
        return tuple_text([self.names.size(size) for size in axes])

    def _checks(self) -> list[str]:
        """The conditions under which a kernel takes the inputs as they are."""
        checks = [f"_is_number({self.called[spec.name]})" for spec in self.numbers]
        if not self.arrays:
            return checks
        kinds = [*(f"type({self.called[spec.name]})" for spec in self.arrays), "np.ndarray"]
        checks = [" is ".join(kinds), *checks, 'dtype.char in "df" and dtype.isnative']
        if len(self.reals) > 1:
            checks.append(" == ".join(f"{self.called[spec.name]}.dtype" for spec in self.reals))
        checks += [f"{self.called[spec.name]}.dtype == np.intp" for spec in self.arrays if spec.kind == INTEGER]
        return [*checks, *self._shape_checks()]

    def _shape_checks(self) -> list[str]:
        checks = []
        for spec in self.arrays:
            name, inner = self.called[spec.name], self._shape(self.signature.axes(spec))
            if self.is_unit(spec.name):
                checks.append(f"{name}.shape in ({inner}, {self._shape(spec.shape)})")
            elif not self._is_read_whole(spec):
                checks.append(f"{name}.shape == {inner}")
        return checks

    def _is_read_whole(self, spec: InputSpec) -> bool:
        return any(line.endswith(f" = {self.called[spec.name]}.shape") for line in self.sizes or ())

    def _read_sizes(self) -> list[str] | None:
        """The lines that read the sizes: n, d = x.shape where all are new, n = x.shape[0] where some are; None where one stays unknown."""
        specs = sorted((spec for spec in self.arrays if not self.is_unit(spec.name)), key=lambda spec: -len(self.signature.axes(spec)))
        lines: list[str] = []
        known: set = set()
        for whole in (True, False):
            for spec in specs:
                axes, shape = self.signature.axes(spec), f"{self.called[spec.name]}.shape"
                new = [(axis, k) for k, axis in enumerate(axes) if axis.is_Symbol and axis not in known and axis not in axes[:k]]
                if whole and len(new) == len(axes):
                    lines.append(f"{listed([self.names.sizes[axis.name] for axis in axes])} = {shape}")
                elif not whole:
                    lines += [f"{self.names.sizes[axis.name]} = {shape}[{k}]" for axis, k in new]
                else:
                    continue
                known.update(axis for axis, _ in new)
        return lines if known >= set(self.signature.sizes) else None


def _wrapped(conditions: Sequence[str]) -> str:
    """Conditions on lines of their own where one line would be long."""
    text = " and ".join(conditions)
    return text if len(text) < 110 else "(" + "\n                and ".join(conditions) + ")"
