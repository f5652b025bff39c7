"""First values of parameters.  Each factory gives an initializer: initializer(shape, rng, fan_in, fan_out) -> array.

fan_in counts the inputs that one output sums over, fan_out the outputs that one input feeds; `symgrad.train.fans` reads
both from the declaration.  LeCun: LeCun, Bottou, Orr and Müller 1998.  Glorot: Glorot and Bengio 2010.  He: He, Zhang, Ren
and Sun 2015.  Sparse: Martens 2010.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.errors import InputError, OptionError, explain
from symgrad.optim.rate import is_number
from symgrad.runtime.names import by_name
from symgrad.train.marginal import marginal_bias

Shape = tuple[int, ...]


def _fill(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int, value: float) -> np.ndarray:
    return np.full(shape, float(value))


def _normal(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int, std: float, mean: float) -> np.ndarray:
    return rng.normal(mean, std, shape)


def _uniform(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int, low: float, high: float) -> np.ndarray:
    return rng.uniform(low, high, shape)


def _glorot_uniform(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    limit = math.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, shape)


def _glorot_normal(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    return rng.normal(0.0, math.sqrt(2 / (fan_in + fan_out)), shape)


def _lecun_normal(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    return rng.normal(0.0, math.sqrt(1 / fan_in), shape)


def _he_uniform(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int, fan: str) -> np.ndarray:
    limit = math.sqrt(6 / (fan_in if fan == "in" else fan_out))
    return rng.uniform(-limit, limit, shape)


def _he_normal(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int, fan: str) -> np.ndarray:
    return rng.normal(0.0, math.sqrt(2 / (fan_in if fan == "in" else fan_out)), shape)


def _sparse(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int, nonzero: int, std: float) -> np.ndarray:
    """One row a unit, one column an input."""
    units, inputs = shape
    if nonzero > inputs:
        raise InputError(explain(f"sparse(nonzero={nonzero}) was asked for a unit with {inputs} inputs", f"At most {inputs} can be nonzero"))
    array = np.zeros(shape)
    places = rng.permuted(np.tile(np.arange(inputs), (units, 1)), axis=1)[:, :nonzero]
    np.put_along_axis(array, places, rng.normal(0.0, std, (units, nonzero)), axis=1)
    return array


@dataclass(frozen=True)
class Initializer:
    """A named recipe with its numbers; calling it draws an array of double precision.

    `by_unit` recipes draw matrices of one row a unit, which a model turns into the axes of its declaration.
    """

    name: str
    draw: Callable[..., np.ndarray]
    numbers: tuple[Any, ...] = ()
    by_unit: bool = False

    def __call__(self, shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        return self.draw(tuple(shape), rng, fan_in, fan_out, *self.numbers)

    def __repr__(self) -> str:
        return f"symgrad.init.{self.name}({', '.join(map(repr, self.numbers))})"


def zeros() -> Initializer:
    """All 0: right for biases; units whose weights all start equal stay equal."""
    return constant(0.0)


def ones() -> Initializer:
    """All 1."""
    return constant(1.0)


def constant(value: float) -> Initializer:
    """All of one value."""
    return Initializer("constant", _fill, (_number("constant", "value", value),))


def normal(std: float = 0.01, mean: float = 0.0) -> Initializer:
    """Normal with the given standard deviation and mean."""
    if _number("normal", "std", std) < 0:
        raise OptionError(explain(f"normal got std={std!r}", "A number of at least 0 is required"))
    return Initializer("normal", _normal, (std, _number("normal", "mean", mean)))


def uniform(low: float = -0.05, high: float = 0.05) -> Initializer:
    """Uniform between low and high."""
    if _number("uniform", "low", low) > _number("uniform", "high", high):
        raise OptionError(explain(f"uniform got low={low!r} above high={high!r}", "low must not exceed high"))
    return Initializer("uniform", _uniform, (low, high))


def glorot_uniform() -> Initializer:
    """Uniform between ±sqrt(6/(fan_in + fan_out)): variance 2/(fan_in + fan_out)."""
    return Initializer("glorot_uniform", _glorot_uniform)


def glorot_normal() -> Initializer:
    """Normal of variance 2/(fan_in + fan_out)."""
    return Initializer("glorot_normal", _glorot_normal)


def lecun_normal() -> Initializer:
    """Normal of variance 1/fan_in: outputs as large as inputs."""
    return Initializer("lecun_normal", _lecun_normal)


def he_uniform(fan: str = "in") -> Initializer:
    """Uniform between ±sqrt(6/fan): variance 2/fan, for relu.  fan="in" keeps values, "out" keeps gradients from layer to layer."""
    return Initializer("he_uniform", _he_uniform, (_fan("he_uniform", fan),))


def he_normal(fan: str = "in") -> Initializer:
    """Normal of variance 2/fan, for relu.  fan="in" keeps values, "out" keeps gradients from layer to layer."""
    return Initializer("he_normal", _he_normal, (_fan("he_normal", fan),))


def sparse(nonzero: int = 15, std: float = 1.0) -> Initializer:
    """Normal weights from `nonzero` inputs of each unit, chosen at random, and 0 from the others: for layers with many inputs."""
    if isinstance(nonzero, bool) or not isinstance(nonzero, (int, np.integer)) or nonzero < 1:
        raise OptionError(explain(f"sparse got nonzero={nonzero!r}", "A whole number of at least 1 is required"))
    if _number("sparse", "std", std) < 0:
        raise OptionError(explain(f"sparse got std={std!r}", "A number of at least 0 is required"))
    return Initializer("sparse", _sparse, (int(nonzero), float(std)), by_unit=True)


def relu_bias() -> Initializer:
    """0.1, so that a relu begins where it has a slope."""
    return constant(0.1)


def open_gate() -> Initializer:
    """1, so that a sigmoid that lets other units take part begins open."""
    return constant(1.0)


def output_bias(targets: Any, kind: str = "mean", classes: int | None = None) -> np.ndarray:
    """The bias with which an output begins at the marginal statistics of the training targets.

    kind: "mean" for a linear output (targets of any shape, samples first), "logit" for a sigmoid (labels 0 and 1, the log
    odds of their mean), "log" for a softmax (integer labels from 0, or one-hot rows: the logarithm of the frequencies).
    Raises InputError where a class is missing, since its bias would be infinite.
    """
    return marginal_bias(targets, kind, classes)


def check_initial(params: Any) -> dict[str, Any]:
    """How the parameters of a model begin, by name.

    Raises OptionError for what is no initializer, no array and no number: a text, or a factory that was not called.
    """
    if not isinstance(params, Mapping) or not params:
        raise OptionError(explain(f"params={params!r}", "A dict of parameters and how each begins is required",
                                  "Write params={W: symgrad.init.glorot_uniform(), b: 0.0}"))
    found = by_name(params)
    for name, value in found.items():
        if getattr(value, "__module__", "") == __name__ and not isinstance(value, Initializer):
            raise OptionError(explain(f"params={{{name}: init.{value.__name__}}} is not called", "An initializer is required",
                                      f"Write init.{value.__name__}()"))
        if not callable(value) and not is_number(value) and np.asarray(value).dtype.kind not in "fiub":
            raise OptionError(explain(f"params={{{name}: {value!r}}}", "An initializer, an array or a number is required",
                                      "Take one of symgrad.init"))
    return found


def _fan(factory: str, fan: str) -> str:
    if fan not in ("in", "out"):
        raise OptionError(explain(f"{factory} got fan={fan!r}", "One of 'in' and 'out' is required"))
    return fan


def _number(factory: str, name: str, value: float) -> float:
    if not is_number(value) or not math.isfinite(value):
        raise OptionError(explain(f"{factory} got {name}={value!r}", "A finite number is required"))
    return float(value)


__all__ = ["Initializer", "constant", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "lecun_normal", "normal", "ones", "open_gate",
           "output_bias", "relu_bias", "sparse", "uniform", "zeros"]
