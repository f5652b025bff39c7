"""What the layers of a model do at given parameters: slopes, saturated and dead units, and gradients from layer to layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from symgrad.compiler import Compiled, compile
from symgrad.declare.scan import name_of
from symgrad.errors import MissingExtraError, UnsupportedError, explain
from symgrad.optim.optimizer import global_norm
from symgrad.runtime.names import by_name
from symgrad.train.activations import Layer, layers_of, u
from symgrad.train.data import read_data
from symgrad.train.model import Model
from symgrad.train.prediction import named_values
from symgrad.train.sizes import read_sizes, size_at

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SATURATED = 0.05
"""A unit is saturated where its slope is below this part of the largest slope that its activation has."""

FAR = 1e3
"""Gradients vanish or explode where they change by this factor from the last layer to the first."""

HEAD = ("layer", "activation", "units", "mean |a'|", "max |a'|", "saturated", "dead", "|W|", "a' f'", "bound", "|dL/dz|", "|dL/dW|")


@dataclass(frozen=True)
class LayerFigures:
    """One layer: `slope` is the mean of |a'|, `slope_bound` the largest value that |a'| takes anywhere, `weight_norm` the
    largest factor by which the weights stretch (the norm of f').

    `factor` = slope * weight_norm is what the gradient is multiplied by on its way through the layer, about, and
    `factor_bound` = slope_bound * weight_norm what it is at most.  `gradient` is the norm of dL/dz, `weight_gradients` those
    with respect to the parameters.  `saturated` is a share of units and samples, `dead` counts units without a slope for any sample.
    """

    name: str
    activation: str
    units: int
    slope: float
    slope_bound: float
    saturated: float
    dead: int
    weight_norm: float
    gradient: float
    weight_gradients: dict[str, float]

    @property
    def factor(self) -> float:
        return self.slope * self.weight_norm

    @property
    def factor_bound(self) -> float:
        return self.slope_bound * self.weight_norm

    @property
    def weight_gradient(self) -> float:
        """The norm of the gradients of all parameters of the layer together."""
        return math.hypot(*self.weight_gradients.values())

    def cells(self) -> tuple[str, ...]:
        numbers = (self.weight_norm, self.factor, self.factor_bound, self.gradient, self.weight_gradient)
        return (self.name, self.activation, str(self.units), f"{self.slope:.3g}", f"{self.slope_bound:.3g}", f"{self.saturated:.1%}", str(self.dead),
                *(f"{number:.3g}" for number in numbers))


@dataclass(frozen=True)
class LayerReport:
    """The layers of a model from the input on; `layers[k]` and `report["h1"]`."""

    layers: tuple[LayerFigures, ...]

    def __getitem__(self, name: str) -> LayerFigures:
        return next(layer for layer in self.layers if layer.name == name)

    @property
    def ratio(self) -> float:
        """The norm of dL/dz at the first layer over that at the last."""
        last = self.layers[-1].gradient
        return self.layers[0].gradient / last if last else math.nan

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What to look after, in words; empty where nothing is."""
        found, way = [], "from the last layer to the first it"
        if self.ratio < 1 / FAR:
            found.append(f"the gradient vanishes: {way} falls by a factor of {1 / self.ratio if self.ratio else math.inf:.3g}")
        if self.ratio > FAR:
            found.append(f"the gradient explodes: {way} grows by a factor of {self.ratio:.3g}")
        found += [f"{layer.saturated:.0%} of {layer.name} is saturated: begin with smaller weights, or scale the inputs"
                  for layer in self.layers if layer.saturated > 0.5 and layer.dead < layer.units / 2 and "Max" not in layer.activation]
        found += [f"{layer.dead} of the {layer.units} units of {layer.name} are dead: lower the learning rate, or begin their biases at 0.1"
                  for layer in self.layers if layer.dead]
        return tuple(found)

    def __str__(self) -> str:
        lines = [HEAD, *(layer.cells() for layer in self.layers)]
        widths = [max(len(line[k]) for line in lines) for k in range(len(HEAD))]
        text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
        return "\n".join([*text, *self.verdicts])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Gradient norms by layer on a logarithmic scale, with the mean slopes on an axis on the right."""
        try:
            from matplotlib.figure import Figure
        except ImportError:
            raise MissingExtraError(explain("plot needs Matplotlib, which is missing", "", "Install it by: pip install symgrad[plot], "
                                            "or print the report")) from None
        ax = Figure().subplots() if ax is None else ax
        places = range(1, len(self.layers) + 1)
        right = ax.twinx()
        ax.plot(places, [layer.gradient for layer in self.layers], "o-", label="|dL/dz|")
        ax.plot(places, [layer.weight_gradient for layer in self.layers], "s-", label="|dL/dW|")
        right.plot(places, [layer.slope for layer in self.layers], "^--", color="C2", label="mean |a'|")
        ax.set_yscale("log" if all(layer.gradient > 0 for layer in self.layers) else "symlog")
        ax.set_xticks(list(places), [layer.name for layer in self.layers])
        ax.set_ylabel("gradient norm")
        right.set_ylabel("slope of the activation")
        ax.legend([*ax.lines, *right.lines], [str(line.get_label()) for line in (*ax.lines, *right.lines)])
        return ax


def layer_report(model: Model, params: Mapping, data: Mapping) -> LayerReport:
    """Saturation, dead units and gradients of each layer at given parameters and data.

    A layer is a quantity of the model's `where` that is an elementwise function of a pre-activation; random inputs count
    as their means.  Raises UnsupportedError where the model has no such quantity, InputError for wrong data.
    """
    probed, layers = _probed(model)
    named, arrays = by_name(params), read_data(model, data, "data")
    inputs = model.settled_inputs(model.loss, {**arrays, **named})
    sizes = read_sizes(model.shapes, {name: np.asarray(value) for name, value in {**arrays, **named}.items()}, model.sizes)
    probes = {name: np.zeros([size_at(size, sizes, name) for size in shape]) for name, shape in _probe_shapes(probed, model, layers).items()}
    _, grads = probed.value_and_grads(**inputs, **probes)
    values = named_values(probed, [layer.pre for layer in layers], per_sample=True).value(**inputs, **probes)
    return LayerReport(tuple(_figures(model, layer, np.asarray(value), grads, named, _sample_axes(probed, model, layer))
                             for layer, value in zip(layers, values, strict=True)))


@lru_cache(maxsize=8)
def _probed(model: Model) -> tuple[Compiled, list[Layer]]:
    """The loss with a probe in every layer, as parameters beside the model's own."""
    declared = model.loss.declared
    layers, where = layers_of(declared)
    if not layers:
        raise UnsupportedError(explain("the model has no layers to report on", "A name of where that is an elementwise function is required",
                                       "Define it: where=[(z[i, c], …), (h[i, c], tanh(z[i, c]))]"))
    probes = [layer.probe for layer in layers]
    batch = [*declared.batch, *probes] if declared.batch else []
    compiled = compile(declared.expressions[0], wrt=[*declared.wrt, *probes], where=where, batch=batch, reduce=declared.reduce,
                       first_index=declared.first_index)
    return compiled, layers


def _probe_shapes(probed: Compiled, model: Model, layers: list[Layer]) -> dict[str, tuple[sp.Expr, ...]]:
    """The shape of every probe in the sizes of the model."""
    specs = {spec.name: spec for spec in probed.declared.program.inputs}
    names = [name_of(layer.probe) for layer in layers]
    sample = (model.loss.declared.sizes[-1],) if model.loss.declared.batch else ()
    return {name: (*sample, *specs[name].shape) for name in names}


def _sample_axes(probed: Compiled, model: Model, layer: Layer) -> tuple[int, ...]:
    """The axes of a pre-activation that run over samples."""
    if probed.declared.batch:
        return (0,)
    sizes = {model.shapes[name][axis] for name, axes in model.samples.axes.items() for axis in axes}
    return tuple(axis for axis, label in enumerate(probed.declared.program.names[layer.pre][1]) if label.size in sizes)


def _figures(model: Model, layer: Layer, value: np.ndarray, grads: Mapping[str, Any], params: Mapping[str, Any],
             samples: tuple[int, ...]) -> LayerFigures:
    slope, bound = _slopes(layer.activation, params)
    slopes = np.abs(slope(value))
    dead = (slopes == 0).all(axis=samples) if samples else slopes == 0
    return LayerFigures(
        layer.name, layer.title, int(np.size(dead)), float(slopes.mean()), bound, float((slopes < SATURATED * bound).mean()),
        int(np.sum(dead)), max((_stretch(model, name, np.asarray(params[name], float)) for name in layer.weights), default=math.nan),
        global_norm({"z": np.asarray(grads[name_of(layer.probe)])}), {name: global_norm({name: np.asarray(grads[name])}) for name in layer.weights})


def _slopes(activation: sp.Expr, params: Mapping[str, Any]) -> tuple[Callable[[np.ndarray], np.ndarray], float]:
    """The derivative of an activation as a function of arrays, and its largest size on [-30, 30]."""
    function = _compiled_activation(activation)
    others = {name: params[name] for name in function.arguments if name != "u"}

    def slope(values: np.ndarray) -> np.ndarray:
        flat = np.ascontiguousarray(values, float).reshape(-1)
        return np.asarray(function.grad(u=flat, **others)).reshape(values.shape)

    return slope, float(np.abs(slope(np.linspace(-30, 30, 6001))).max())


@lru_cache(maxsize=64)
def _compiled_activation(activation: sp.Expr) -> Compiled:
    return compile(activation, wrt=u, batch=[u], reduce="sum")


def _stretch(model: Model, name: str, weight: np.ndarray) -> float:
    """The largest factor by which a weight stretches its inputs: its spectral norm, as units by inputs."""
    inputs = model.input_axes[name]
    if not inputs:
        return float(np.abs(weight).max())
    units = [axis for axis in range(weight.ndim) if axis not in inputs]
    matrix = np.transpose(weight, [*units, *inputs]).reshape(-1, math.prod(weight.shape[axis] for axis in inputs))
    return float(np.linalg.norm(matrix, 2))
