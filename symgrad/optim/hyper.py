"""Hyper-parameters: named values with defaults, checked when given, and frozen from then on."""

from __future__ import annotations

import difflib
import inspect
import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self, dataclass_transform

from symgrad.errors import OptionError, explain
from symgrad.optim.rate import check_rate, is_number
from symgrad.runtime.names import by_name

HINTS = {"lr": ("learning_rate",), "eta": ("learning_rate",), "rate": ("learning_rate",), "betas": ("beta1", "beta2"), "rho": ("decay", "momentum"),
         "alpha": ("decay", "learning_rate"), "gamma": ("decay", "momentum"), "beta": ("momentum", "decay"), "mu": ("momentum",),
         "beta_1": ("beta1",), "beta_2": ("beta2",), "eps": ("epsilon",), "delta": ("epsilon",),
         "maximize": ("maximise",), "clipnorm": ("clip_norm",), "global_clipnorm": ("clip_norm",), "max_norm": ("clip_norm",),
         "clipvalue": ("clip_value",), "wd": ("weight_decay",), "decoupled_weight_decay": ("weight_decay",),
         "step_size": ("learning_rate",), "lr_decay": ("a schedule for learning_rate",),
         "decay": ("a schedule for learning_rate",),
         "lambd": ("weight_decay",), "grad_clip": ("clip_norm",)}
"""Names that other libraries use, and what stands for them here, best first."""

INSTEAD = {("SGD", "momentum"): "the optimizer Momentum", ("SGD", "nesterov"): "the optimizer Nesterov",
           ("Momentum", "nesterov"): "the optimizer Nesterov", ("Adadelta", "learning_rate"): "the optimizer variants.ScaledAdadelta"}
"""What has a hyper-parameter that an optimizer lacks."""

BELOW_ONE = ("momentum", "decay", "beta1", "beta2")
AT_LEAST_ZERO = ("epsilon", "damping", "noise", "noise_decay")
LIMITS = ("clip_value", "clip_norm")


@dataclass_transform(frozen_default=True)
class HyperParameters:
    """A subclass annotates its hyper-parameters with defaults; those after a `KW_ONLY` marker are `shared` and by name only.

    Instances are frozen values: comparable, hashable, picklable.  Raises OptionError for one that does not exist or has no sense.
    """

    defaults: ClassVar[dict[str, Any]] = {}
    shared: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        written = inspect.get_annotations(cls)
        own = {name: vars(cls)[name] for name, kind in written.items() if name in vars(cls) and not str(kind).startswith("ClassVar")}
        if "KW_ONLY" in written.values():
            cls.shared = {**cls.shared, **own}
        else:
            cls.defaults = {**cls.defaults, **own}
        placed = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=value) for name, value in cls.defaults.items()]
        named = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value) for name, value in cls.shared.items()]
        cls.__signature__ = inspect.Signature([*placed, *named])

    def __init__(self, *args: Any, **given: Any):
        names, title = list(self.defaults), type(self).__name__
        if len(args) > len(names):
            raise OptionError(explain(f"{title} got {len(args)} hyper-parameters by position", f"It has {', '.join(names)}"))
        placed = dict(zip(names, args, strict=False))
        for name in given:
            if name not in self.defaults and name not in self.shared:
                raise OptionError(_unknown(title, name, names, list(self.shared)))
            if name in placed:
                raise OptionError(explain(f"{name} of {title} is given twice, by position and by name"))
        values = {**self.defaults, **self.shared, **placed, **given}
        for name, value in values.items():
            _check(title, name, value)
        vars(self).update({name: by_name(value) if isinstance(value, Mapping) else value for name, value in values.items()})

    def __setattr__(self, name: str, value: Any) -> None:
        title = type(self).__name__
        raise OptionError(explain(f"{title} is frozen, so {name} cannot be set", "", f"Make another one: {title}({name}=…)"))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        values = (tuple(sorted(value.items())) if isinstance(value, dict) else value for value in vars(self).values())
        return hash((type(self), *values))

    def __repr__(self) -> str:
        shown = [f"{name}={value!r}" for name, value in vars(self).items() if name in self.defaults or value != self.shared[name]]
        return f"{type(self).__name__}({', '.join(shown)})"

    def replace(self, **hyper: Any) -> Self:
        """The same with other hyper-parameters."""
        return type(self)(**{**vars(self), **hyper})


def _unknown(title: str, name: str, names: list[str], shared: list[str]) -> str:
    known = [*names, *shared]
    meant = [name, *HINTS.get(name, ())]
    instead = [INSTEAD[title, one] for one in meant if (title, one) in INSTEAD]
    hint = instead or [one for one in meant if one in known or one.startswith("a ")]
    hint = (hint if name == "betas" else hint[:1]) or difflib.get_close_matches(name, known, 1)
    required = f"It has {', '.join(names)}" + (f", and as every optimizer {', '.join(shared)}" if shared else "")
    return explain(f"{title} has no hyper-parameter {name}", required, f"Write {' and '.join(hint)}" if hint else "")


def _check(title: str, name: str, value: Any) -> None:
    if name == "learning_rate":
        check_rate(value, "t")
    elif name == "maximise":
        _require(isinstance(value, bool), title, name, value, "True or False is required")
    elif name == "seed":
        whole = isinstance(value, int) and not isinstance(value, bool)
        _require(whole and value >= 0, title, name, value, "A whole number of at least 0 is required")
    elif name == "weight_decay":
        parts = value.values() if isinstance(value, Mapping) else [value]
        _require(all(_is_finite(one) and one >= 0 for one in parts), title, name, value,
                 "A number of at least 0, or a dict of such numbers by parameter, is required")
    elif not (name in LIMITS and value is None):
        _check_number(title, name, value)


def _check_number(title: str, name: str, value: Any) -> None:
    _require(_is_finite(value), title, name, value, "A finite number is required")
    if name in BELOW_ONE:
        _require(0 <= value < 1, title, name, value, "A number of at least 0 and below 1 is required")
    if name in AT_LEAST_ZERO:
        _require(value >= 0, title, name, value, "A number of at least 0 is required")
    if name in LIMITS:
        _require(value > 0, title, name, value, "A number above 0, or None for no limit, is required")


def _is_finite(value: object) -> bool:
    return is_number(value) and math.isfinite(value)


def _require(holds: bool, title: str, name: str, value: object, required: str) -> None:
    if not holds:
        raise OptionError(explain(f"{title} got {name}={value!r}", required))
