"""What every optimizer shares: hyper-parameters by name, state as a plain dict, and the step over whole parameter sets."""

from __future__ import annotations

import difflib
import inspect
import math
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, dataclass_transform

import numpy as np
import sympy as sp

from symgrad.errors import InputError, OptionError, UnsupportedError, explain
from symgrad.optim.rate import check_rate, is_number, rate_at
from symgrad.optim.table import UpdateTable
from symgrad.optim.update import Equation, Update, compile_update, w
from symgrad.runtime.names import by_name

State = dict[str, Any]

HINTS = {"lr": ("learning_rate",), "eta": ("learning_rate",), "rate": ("learning_rate",), "betas": ("beta1", "beta2"), "rho": ("decay", "momentum"),
         "alpha": ("learning_rate", "decay"), "gamma": ("decay", "momentum"), "beta": ("momentum", "decay"), "mu": ("momentum",),
         "beta_1": ("beta1",), "beta_2": ("beta2",), "eps": ("epsilon",), "nesterov": ("the optimizer Nesterov",)}
"""Names that other libraries use, and what stands for them here, best first."""

BELOW_ONE = ("momentum", "decay", "beta1", "beta2")


@dataclass_transform(frozen_default=True)
class Optimizer:
    """An optimizer is a subclass that declares hyper-parameters (annotated, with defaults) and `equations()`.

    `equations()` lists pairs (symbol, expression): `new(w)` for the parameter, `new(s)` for each state s, and any names
    in between, each in terms of the parameter w, its gradient g, the states, the hyper-parameters and the step t.
    Instances are frozen.  Raises OptionError for a hyper-parameter that does not exist or has no sense.
    """

    defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        own = {name: vars(cls)[name] for name in cls.__annotations__ if name in vars(cls)}
        cls.defaults = {**cls.defaults, **own}
        parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=value) for name, value in cls.defaults.items()]
        cls.__signature__ = inspect.Signature(parameters)

    def __init__(self, *args: Any, **given: Any):
        names = list(self.defaults)
        if len(args) > len(names):
            raise OptionError(explain(f"{type(self).__name__} got {len(args)} hyper-parameters by position", f"It has {', '.join(names)}"))
        placed = dict(zip(names, args, strict=False))
        for name in given:
            if name not in self.defaults:
                raise OptionError(_unknown(type(self).__name__, name, names))
            if name in placed:
                raise OptionError(explain(f"{name} of {type(self).__name__} is given twice, by position and by name"))
        values = {**self.defaults, **placed, **given}
        for name, value in values.items():
            _check(type(self).__name__, name, value)
        vars(self).update(values)

    @staticmethod
    def equations() -> list[Equation]:
        """The update of one element; a subclass says it."""
        raise NotImplementedError

    @staticmethod
    def lookahead() -> sp.Expr:
        """Where the gradient is wanted: at the parameter itself, unless a subclass says otherwise."""
        return w

    # ------------------------------------------------------------------ a frozen value

    def __setattr__(self, name: str, value: Any) -> None:
        title = type(self).__name__
        raise OptionError(explain(f"{title} is frozen, so {name} cannot be set", "", f"Make another one: {title}({name}=…)"))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def replace(self, **hyper: Any) -> Optimizer:
        """The same optimizer with other hyper-parameters."""
        return type(self)(**{**vars(self), **hyper})

    # ------------------------------------------------------------------ showing

    def table(self) -> UpdateTable:
        """The update equations, in order, as text, Markdown and LaTeX."""
        return UpdateTable(type(self).__name__, tuple(self.equations()))

    def latex(self) -> str:
        """The update equations in an align* environment."""
        return self.table().to_latex()

    @property
    def source(self) -> str:
        """The NumPy code that the equations became."""
        return _update(type(self)).source

    # ------------------------------------------------------------------ stepping

    def init(self, params: Mapping) -> State:
        """The state before the first step: the step count 0 and zeros of each parameter's shape for each state."""
        arrays = {name: _array(name, value, "the parameter") for name, value in by_name(params).items()}
        zeros = {state: {name: np.zeros_like(array) for name, array in arrays.items()} for state in _update(type(self)).states}
        return {"step": 0, **zeros}

    def step(self, params: Mapping, grads: Mapping, state: State) -> tuple[dict[str, Any], State]:
        """(new params, new state), dicts by name; the inputs stay as they are.

        Raises InputError where a gradient is missing or of another shape than its parameter.
        """
        arrays = {name: _array(name, value, "the parameter") for name, value in by_name(params).items()}
        copies = {name: array.copy(order="C") for name, array in arrays.items()}
        after = {key: _copied(value) for key, value in state.items()}
        self.update(copies, grads, after)
        return {name: array[()] for name, array in copies.items()}, after

    def update(self, params: dict[str, np.ndarray], grads: Mapping, state: State) -> None:
        """The in-place step: writes into the arrays of params and of state, and counts the step.

        Parameters are C-contiguous floating arrays.  Raises InputError where one is not, and as `step` does, before anything
        is written.
        """
        _check_writable(params)
        update, given = _update(type(self)), by_name(grads)
        work = [(name, array, _gradient(name, array, given), _states(name, array, state, update.states)) for name, array in params.items()]
        unknown = [name for name in given if name not in params]
        if unknown:
            raise InputError(explain(f"a gradient of {', '.join(unknown)} was given", f"The parameters are {', '.join(params)}"))
        numbers = update.coefficients(self._numbers(state["step"] + 1))
        for _, array, gradient, states in work:
            update.run([array, *states], [array, gradient, *states], numbers)
        state["step"] += 1

    def point(self, params: Mapping, state: State) -> dict[str, Any]:
        """Where the next step wants the gradient: the parameters themselves, or Nesterov's look-ahead."""
        arrays = by_name(params)
        if self.lookahead() == w:
            return arrays
        update = _lookahead(type(self))
        numbers = update.coefficients(self._numbers(state["step"] + 1))
        out = {}
        for name, value in arrays.items():
            array = _array(name, value, "the parameter")
            place = np.empty_like(array, order="C")
            update.run([place], [array, array, *_states(name, array, state, update.states)], numbers)
            out[name] = place[()]
        return out

    def _numbers(self, step: int) -> dict[str, float]:
        values = {name: rate_at(value, "t", step) if name == "learning_rate" else float(value) for name, value in vars(self).items()}
        return {"t": step, **values}


@cache
def _update(kind: type[Optimizer]) -> Update:
    equations = kind.equations()
    states, title = _state_symbols(equations), kind.__name__
    results = [left for left, _ in equations if left.name == "w_new"]
    if not results:
        raise UnsupportedError(explain(f"{title} has no equation for new(w)", "The new parameter is required"))
    by_state = {left.name: left for left, _ in equations}
    return compile_update(equations, [results[0], *(by_state[f"{s.name}_new"] for s in states)], states, tuple(kind.defaults), title)


@cache
def _lookahead(kind: type[Optimizer]) -> Update:
    point = sp.Symbol("point", real=True)
    return compile_update([(point, kind.lookahead())], [point], _state_symbols(kind.equations()), tuple(kind.defaults), f"{kind.__name__} point")


def _state_symbols(equations: list[Equation]) -> list[sp.Symbol]:
    """The states: whatever has a new value besides the parameter, in the order of the equations."""
    return [sp.Symbol(left.name[:-4], real=True) for left, _ in equations if left.name.endswith("_new") and left.name != "w_new"]


def _unknown(title: str, name: str, names: list[str]) -> str:
    hint = [one for one in HINTS.get(name, ()) if one in names or one.startswith("the ")]
    hint = (hint if name == "betas" else hint[:1]) or difflib.get_close_matches(name, names, 1)
    return explain(f"{title} has no hyper-parameter {name}", f"It has {', '.join(names)}", f"Write {' and '.join(hint)}" if hint else "")


def _check(title: str, name: str, value: object) -> None:
    if name == "learning_rate":
        check_rate(value, "t")
        return
    if not is_number(value) or not math.isfinite(value):
        raise OptionError(explain(f"{title} got {name}={value!r}", "A finite number is required"))
    if name in BELOW_ONE and not 0 <= value < 1:
        raise OptionError(explain(f"{title} got {name}={value!r}", "A number of at least 0 and below 1 is required"))
    if name == "epsilon" and value < 0:
        raise OptionError(explain(f"{title} got epsilon={value!r}", "A number of at least 0 is required"))


def _copied(value: Any) -> Any:
    return {name: np.array(array, order="C") for name, array in value.items()} if isinstance(value, dict) else value


def _array(name: str, value: object, what: str) -> np.ndarray:
    """A floating array; whole numbers become floats."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise InputError(explain(f"{what} {name} is of type {array.dtype}", "Real numbers are required"))
    return array if array.dtype.kind == "f" else array.astype(float)


def _check_writable(params: Mapping[str, Any]) -> None:
    for name, array in params.items():
        fits = isinstance(array, np.ndarray) and array.dtype.kind == "f" and array.flags.c_contiguous and array.flags.writeable
        if not fits:
            raise InputError(explain(f"the parameter {name} cannot be written in place", "A writable C-contiguous floating array is required",
                                     "Use step, which returns new parameters, or pass np.array(…, float)"))


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
