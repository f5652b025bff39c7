"""A model to train: its compiled loss and prediction, how its parameters begin, and which inputs carry samples."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from symgrad.compiler import Compiled, compile
from symgrad.declare.scan import name_of
from symgrad.errors import DeclarationError, InputError, OptionError, UnsupportedError, explain
from symgrad.optim.rate import is_number
from symgrad.runtime.names import by_name
from symgrad.train.fans import fans, input_axes
from symgrad.train.init import check_initial
from symgrad.train.prediction import Pair, compile_prediction, named_values, needed
from symgrad.train.random import check_sampler, mean_of
from symgrad.train.samples import Samples, samples_by_batch, samples_by_letter
from symgrad.train.sizes import precision, read_sizes, shape_at


class Model:
    """A loss to minimise over parameters, and what the trained model predicts.

    loss: a scalar expression; with batch= the loss of one sample, whose mean over samples is minimised.
    params: each parameter and how it begins: an initializer of `symgrad.init`, an array, or a number.
    prediction: a name that `where` defines (Symbol, IndexedBase, MatrixSymbol), or an expression; free letters are its
        axes, the sample letter first and the others by name.
    where: named intermediates, as in `symgrad.compile`.
    batch: inputs that get one more leading axis, the samples; or sample_index: the letter that runs over samples in an
        indexed declaration, or the size symbol of the samples in a matrix declaration.
    random: inputs drawn anew for every mini-batch: a function (rng, shape) -> array, or a frozen SciPy distribution.
        Predictions use the mean: that of the distribution, or the function's attribute `mean`.
    averages: names of `where` whose exponential running averages stand for them in predictions, each with its decay.
    sizes: sizes that no array carries, such as the number of hidden units.
    options: further arguments of `symgrad.compile`, such as first_index and style.

    Raises DeclarationError, ShapeError, UnsupportedError or OptionError where the declaration is wrong.
    """

    def __init__(self, *, loss: object, params: Mapping, prediction: object = None, where: Sequence[Pair] = (), batch: Sequence = (),
                 sample_index: sp.Basic | None = None, random: Mapping | None = None, averages: Mapping | None = None,
                 sizes: Mapping | None = None, name: str | None = None, **options: Any):
        if batch and sample_index is not None:
            raise OptionError(explain("batch= and sample_index= were both given", "One of them says where the samples are"))
        self.name, where, batched = name, list(where), [name_of(one) for one in batch]
        self.initial = self.declared_initial = check_initial(params)
        self.random = by_name(random or {})
        self.averages, self.sizes = by_name(averages or {}), by_name(sizes or {})
        used = needed(loss, where)
        self.loss = compile(loss, wrt=list(params), where=used, batch=batched, reduce="mean" if batched else None, name=name, **options)
        self._check()
        self.shapes = _shapes(self.loss)
        self.fans = {key: fans(self.loss.declared.program, key) for key in self.initial}
        self.input_axes = {key: input_axes(self.loss.declared.program, key) for key in self.initial}
        self.samples = self._samples(batched, sample_index, loss, used)
        self.average_values = named_values(self.loss, list(self.averages)) if self.averages else None
        names, averaged = [*self.initial, *self.inputs], self._averaged()
        self.evaluation = compile_prediction(loss, where, names, batched, None, averaged, **options) if averaged else self.loss
        self.prediction = None
        if prediction is not None:
            self.prediction = compile_prediction(prediction, where, names, batched, sample_index, averaged,
                                                 name=f"{name}_prediction" if name else None, **options)

    def _samples(self, batched: list[str], letter: sp.Basic | None, loss: object, where: Sequence[Pair]) -> Samples:
        if letter is not None:
            return samples_by_letter(letter, self.loss, loss, where, tuple(self.initial), self.required)
        return samples_by_batch(batched, self.loss, self.required)

    def _check(self) -> None:
        if not self.loss.signature.scalar:
            raise DeclarationError(explain("the loss of the model is not a scalar", f"Its shape is {self.loss.signature.results[0][0]}",
                                           "Sum it over its letters"))
        for name, sampler in self.random.items():
            if name not in self.inputs:
                raise DeclarationError(explain(f"random names {name}, which is no input of the loss", f"The inputs are {', '.join(self.inputs)}"))
            check_sampler(name, sampler)
        for name, decay in self.averages.items():
            if name not in self.loss.declared.program.names:
                raise DeclarationError(explain(f"averages names {name}, which where does not define for the loss"))
            if not is_number(decay) or not 0 <= decay < 1:
                raise OptionError(explain(f"averages={{{name}: {decay!r}}}", "A decay of at least 0 and below 1 is required"))

    def _averaged(self) -> dict[sp.Basic, sp.Basic]:
        """Each averaged name as the input that a prediction takes instead, with the shape that its definition gave it."""
        declared = self.loss.declared
        shapes = self.averaged_shapes
        found = {name: declared.symbols[name] for name in self.averages}
        return {one: sp.IndexedBase(one.label, shape=shapes[name]) if isinstance(one, sp.IndexedBase) else one for name, one in found.items()}

    def __repr__(self) -> str:
        return f"Model({self.name or 'without a name'}: parameters {', '.join(self.initial)}; data {', '.join(self.required)})"

    def restarted(self, params: Mapping | None = None, sizes: Mapping | None = None) -> Model:
        """The same model with other first values of some parameters, and with other sizes: for a pruned or pre-trained start.

        Raises InputError for a parameter or a size that it does not have.
        """
        given, counts = by_name(params or {}), by_name(sizes or {})
        known = {str(one) for shape in self.shapes.values() for one in shape}
        unknown = [name for name in given if name not in self.initial] + [name for name in counts if name not in known]
        if unknown:
            raise InputError(explain(f"the model has no {', '.join(unknown)}", f"Its parameters are {', '.join(self.initial)}, "
                                     f"its sizes {', '.join(sorted(known))}"))
        other = copy.copy(self)
        other.initial = check_initial({**self.declared_initial, **given})
        other.sizes = {**self.sizes, **counts}
        return other

    @property
    def averaged_shapes(self) -> dict[str, tuple[sp.Expr, ...]]:
        """The shape of each quantity of which running averages are kept."""
        return {name: tuple(axis.size for axis in self.loss.declared.program.names[name][1]) for name in self.averages}

    @property
    def inputs(self) -> tuple[str, ...]:
        """The arguments of the loss that are no parameters."""
        return tuple(name for name in self.loss.arguments if name not in self.initial)

    @property
    def required(self) -> tuple[str, ...]:
        """The data that fit must be given."""
        return tuple(name for name in self.inputs if name not in self.random and name not in self.sizes)

    @property
    def prediction_inputs(self) -> tuple[str, ...]:
        """The inputs that predict must be given."""
        known = {*self.initial, *self.averages, *self.sizes, *self.random}
        return tuple(name for name in (self.prediction.arguments if self.prediction else ()) if name not in known)

    def predict(self, params: Mapping, averages: Mapping, inputs: Mapping) -> Any:
        """The prediction at given parameters, running averages and inputs, dicts by name.

        Raises UnsupportedError where the model has no prediction, InputError for a wrong input.
        """
        if self.prediction is None:
            raise UnsupportedError(explain("the model has no prediction", "", "Declare it: Model(prediction=…)"))
        arguments = self.prediction.arguments
        extra = [name for name in inputs if name not in arguments]
        if extra:
            free = [name for name in arguments if name not in params and name not in averages]
            raise InputError(explain(f"the prediction has no input {', '.join(extra)}", f"Its inputs are {', '.join(free)}"))
        return self._settled(self.prediction, {**params, **averages, **inputs})

    def evaluate(self, params: Mapping, averages: Mapping, data: Mapping) -> Any:
        """The loss of data as a prediction sees it: running averages stand for averaged quantities, means for random inputs."""
        return self._settled(self.evaluation, {**params, **averages, **data})

    def _settled(self, compiled: Compiled, given: Mapping) -> Any:
        """A value whose random inputs are their means where they are not given."""
        return compiled.value(**self.settled_inputs(compiled, given))

    def settled_inputs(self, compiled: Compiled, given: Mapping) -> dict[str, Any]:
        """The inputs of a function of this model by name: what is given, sizes, and the means of random inputs."""
        arguments = compiled.arguments
        known = {name: value for name, value in {**self.sizes, **given}.items() if name in arguments}
        drawn = [name for name in arguments if name in self.random and name not in known]
        if drawn:
            sizes = read_sizes(self.shapes, known, self.sizes)
            kind = precision({name: np.asarray(value) for name, value in known.items()})
            known |= {name: np.full(shape_at(name, self.shapes, sizes), mean_of(name, self.random[name]), kind) for name in drawn}
        return known


def _shapes(compiled: Compiled) -> dict[str, tuple[sp.Expr, ...]]:
    """The shape of each input, samples first."""
    declared = compiled.declared
    return {spec.name: ((declared.sizes[-1],) if spec.batched else ()) + spec.shape for spec in declared.program.inputs}
