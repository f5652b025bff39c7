"""What every optimizer shares: equations that are compiled once, state as a plain dict, and the step over whole parameter sets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from functools import cache
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from symgrad.errors import InputError, OptionError, UnsupportedError, explain
from symgrad.optim.hyper import HyperParameters
from symgrad.optim.modifiers import INPUTS, modified
from symgrad.optim.rate import rate_at
from symgrad.optim.table import UpdateTable
from symgrad.optim.update import Equation, Update, compile_update, w
from symgrad.runtime.names import by_name

State = dict[str, Any]


class Optimizer(HyperParameters):
    """An optimizer is a subclass that declares hyper-parameters (annotated, with defaults) and `equations()`.

    `equations()` lists pairs (symbol, expression): `new(w)` for the parameter, `new(s)` for each state s, and any names
    in between, each in terms of the parameter w, its gradient g, the states, the hyper-parameters and the step t.

    Every optimizer also takes, by name:
    maximise: climb instead of descending.
    clip_value: no element of the gradient is larger than this; clip_norm: all gradients together are no longer than this.
    noise, noise_decay: normal noise of variance noise/(1 + t)^noise_decay is added to the gradient, drawn from `seed`
        and the step's number, so that a training that is taken up again draws the same.
    weight_decay: decoupled from the gradient, w loses learning_rate * weight_decay * w in every step; a dict by name lets
        weights decay and biases not.

    Instances are frozen.  Raises OptionError for a hyper-parameter that does not exist or has no sense.
    """

    needs_hessian: ClassVar = False
    """Whether `step` and `update` take the Hessian of the loss too."""

    _: KW_ONLY
    weight_decay: Any = 0.0
    clip_value: float | None = None
    clip_norm: float | None = None
    noise: float = 0.0
    noise_decay: float = 0.55
    seed: int = 0
    maximise: bool = False

    def __init__(self, *args: Any, **given: Any):
        super().__init__(*args, **given)
        if self.clip_value is not None and self.clip_norm is not None:
            raise OptionError(explain(f"{type(self).__name__} got clip_value={self.clip_value!r} and clip_norm={self.clip_norm!r}",
                                      "One way of clipping is required"))

    @staticmethod
    def equations() -> list[Equation]:
        """The update of one element; a subclass says it."""
        raise NotImplementedError

    @staticmethod
    def lookahead() -> sp.Expr:
        """Where the gradient is wanted: at the parameter itself, unless a subclass says otherwise."""
        return w

    # ------------------------------------------------------------------ showing

    def table(self) -> UpdateTable:
        """The update equations, in order, as text, Markdown and LaTeX."""
        place = [] if self.lookahead() == w else [(sp.Symbol("point", real=True), self.lookahead())]
        return UpdateTable(type(self).__name__, (*place, *_equations(type(self), self._active)))

    def latex(self) -> str:
        """The update equations in an align* environment."""
        return self.table().to_latex()

    @property
    def source(self) -> str:
        """The NumPy code that the equations became."""
        return self._update.source

    # ------------------------------------------------------------------ stepping

    def init(self, params: Mapping) -> State:
        """The state before the first step: the step count 0 and zeros of each parameter's shape for each state."""
        arrays = {name: _array(name, value, "the parameter") for name, value in by_name(params).items()}
        zeros = {state: {name: np.zeros_like(array) for name, array in arrays.items()} for state in self._update.states}
        return {"step": 0, **zeros}

    def step(self, params: Mapping, grads: Mapping, state: State, **second: Any) -> tuple[dict[str, Any], State]:
        """(new params, new state), dicts by name; the inputs stay as they are.  A second-order method also takes hessian=.

        Raises InputError where a gradient is missing or of another shape than its parameter.
        """
        arrays = {name: _array(name, value, "the parameter") for name, value in by_name(params).items()}
        copies = {name: array.copy(order="C") for name, array in arrays.items()}
        after = {key: _copied(value) for key, value in state.items()}
        self.update(copies, grads, after, **second)
        return {name: array[()] for name, array in copies.items()}, after

    def update(self, params: dict[str, np.ndarray], grads: Mapping, state: State) -> None:
        """The in-place step: writes into the arrays of params and of state, and counts the step.

        Parameters are C-contiguous floating arrays.  Raises InputError where one is not, and as `step` does, before anything
        is written.
        """
        check_writable(params)
        update, found = self._update, gradients(params, grads)
        states = {name: _states(name, array, state, update.states) for name, array in params.items()}
        step, norm = state["step"] + 1, global_norm(found) if self.clip_norm is not None else 0.0
        rng = np.random.default_rng([self.seed, step]) if update.drawn else None
        decays = self._decays(params)
        numbers = {decay: update.coefficients(self._numbers(step, norm, decay)) for decay in set(decays.values())}
        for name, array in params.items():
            drawn = [] if rng is None else [rng.standard_normal(array.shape).astype(array.dtype, copy=False)]
            update.run([array, *states[name]], [array, found[name], *drawn, *states[name]], numbers[decays[name]])
        state["step"] = step

    def point(self, params: Mapping, state: State) -> dict[str, Any]:
        """Where the next step wants the gradient: the parameters themselves, or Nesterov's look-ahead."""
        arrays = by_name(params)
        if self.lookahead() == w:
            return arrays
        update, step = _lookahead(type(self)), state["step"] + 1
        numbers, out = update.coefficients(self._numbers(step, 0.0, 0.0)), {}
        for name, value in arrays.items():
            array = _array(name, value, "the parameter")
            place = np.empty_like(array, order="C")
            update.run([place], [array, array, *_states(name, array, state, update.states)], numbers)
            out[name] = place[()]
        return out

    # ------------------------------------------------------------------ what the code is given

    @property
    def _active(self) -> tuple[str, ...]:
        """The modifiers that are switched on."""
        return tuple(name for name in ("maximise", *INPUTS) if vars(self)[name] not in (None, 0, False, {}))

    @property
    def _update(self) -> Update:
        return _update(type(self), self._active)

    def rate(self, step: int) -> float:
        """The learning rate of a step (from 1), 0 where there is none."""
        return rate_at(self.learning_rate, "t", step) if "learning_rate" in self.defaults else 0.0  # type: ignore[attr-defined]

    def _decays(self, params: Mapping[str, Any]) -> dict[str, float]:
        """The weight decay of every parameter.  Raises InputError where it names something else."""
        if not isinstance(self.weight_decay, dict):
            return dict.fromkeys(params, float(self.weight_decay))
        unknown = [name for name in self.weight_decay if name not in params]
        if unknown:
            raise InputError(explain(f"weight_decay names {', '.join(unknown)}", f"The parameters are {', '.join(params)}"))
        return {name: self.weight_decay.get(name, 0.0) for name in params}

    def _numbers(self, step: int, norm: float, decay: float) -> dict[str, float]:
        """Every number that the equations may speak of."""
        given = {key: vars(self)[key] for key in (*self.defaults, "clip_value", "clip_norm", "noise", "noise_decay")}
        return {**given, "t": step, "norm": norm, "learning_rate": self.rate(step), "weight_decay": decay}


@cache
def _equations(kind: type[Optimizer], active: tuple[str, ...]) -> list[Equation]:
    return modified(kind.equations(), active, "learning_rate" in kind.defaults)


@cache
def _update(kind: type[Optimizer], active: tuple[str, ...]) -> Update:
    equations = _equations(kind, active)
    states, title = _state_symbols(equations), kind.__name__
    results = [left for left, _ in equations if left.name == "w_new"]
    if not results:
        raise UnsupportedError(explain(f"{title} has no equation for new(w)", "The new parameter is required"))
    by_state = {left.name: left for left, _ in equations}
    hyper = dict.fromkeys([*kind.defaults, *(name for option in active for name in INPUTS.get(option, ()))])
    return compile_update(equations, [results[0], *(by_state[f"{s.name}_new"] for s in states)], states, tuple(hyper), title)


@cache
def _lookahead(kind: type[Optimizer]) -> Update:
    point = sp.Symbol("point", real=True)
    return compile_update([(point, kind.lookahead())], [point], _state_symbols(kind.equations()), tuple(kind.defaults), f"{kind.__name__} point")


def _state_symbols(equations: list[Equation]) -> list[sp.Symbol]:
    """The states: whatever has a new value besides the parameter, in the order of the equations."""
    return [sp.Symbol(left.name[:-4], real=True) for left, _ in equations if left.name.endswith("_new") and left.name != "w_new"]


def global_norm(arrays: Mapping[str, np.ndarray]) -> float:
    """The Euclidean norm of all arrays together, in double precision and without overflow."""
    largest = max((float(np.abs(array).max(initial=0.0)) for array in arrays.values()), default=0.0)
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    return largest * math.sqrt(sum(float(np.square(array / largest, dtype=float).sum()) for array in arrays.values()))


def _copied(value: Any) -> Any:
    return {name: np.array(array, order="C") for name, array in value.items()} if isinstance(value, dict) else value


def _array(name: str, value: object, what: str) -> np.ndarray:
    """A floating array; whole numbers become floats."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise InputError(explain(f"{what} {name} is of type {array.dtype}", "Real numbers are required"))
    return array if array.dtype.kind == "f" else array.astype(float)


def check_writable(params: Mapping[str, Any]) -> None:
    """Refuse parameters that cannot be written in place."""
    for name, array in params.items():
        fits = isinstance(array, np.ndarray) and array.dtype.kind == "f" and array.flags.c_contiguous and array.flags.writeable
        if not fits:
            raise InputError(explain(f"the parameter {name} cannot be written in place", "A writable C-contiguous floating array is required",
                                     "Use step, which returns new parameters, or pass np.array(…, float)"))


def gradients(params: Mapping[str, np.ndarray], grads: Mapping) -> dict[str, np.ndarray]:
    """The gradient of every parameter, in its shape and precision.

    Raises InputError for a gradient that is missing, unknown, or of a wrong shape or kind.
    """
    given = by_name(grads)
    found = {name: _gradient(name, array, given) for name, array in params.items()}
    unknown = [name for name in given if name not in params]
    if unknown:
        raise InputError(explain(f"a gradient of {', '.join(unknown)} was given", f"The parameters are {', '.join(params)}"))
    return found


def _gradient(name: str, array: np.ndarray, grads: Mapping[str, Any]) -> np.ndarray:
    if name not in grads:
        raise InputError(explain(f"the gradient of {name} is missing", f"Gradients of {', '.join(grads) or 'nothing'} were given",
                                 f"Pass grads with {name!r} too, or leave {name} out of params"))
    gradient = _array(name, grads[name], "the gradient of")
    if gradient.shape != array.shape:
        raise InputError(explain(f"the gradient of {name} has shape {gradient.shape}", f"The shape of {name}, {array.shape}, is required"))
    return gradient.astype(array.dtype, copy=False)


def _states(name: str, array: np.ndarray, state: State, kinds: tuple[str, ...]) -> list[np.ndarray]:
    if not isinstance(state, dict) or "step" not in state or any(kind not in state for kind in kinds):
        raise InputError(explain("the state is not one of this optimizer", f"A dict with step{''.join(f', {kind}' for kind in kinds)} is required",
                                 "Begin with state = opt.init(params)"))
    found = [state[kind].get(name) for kind in kinds]
    for kind, one in zip(kinds, found, strict=True):
        if one is None or np.shape(one) != array.shape:
            held = "nothing" if one is None else f"an array of shape {np.shape(one)}"
            raise InputError(explain(f"the state {kind} holds {held} for {name}", f"The shape of {name}, {array.shape}, is required",
                                     "Begin with state = opt.init(params)"))
    return found
