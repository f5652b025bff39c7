"""What comes out of a training, and what a callback is told after every epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from symgrad.errors import InputError, MissingExtraError, OptionError, explain
from symgrad.runtime.names import by_name
from symgrad.train.model import Model

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOSSES = ("loss", "val_loss")


@dataclass
class Fit:
    """A trained model: `params` and running `averages` by name, `history` by epoch, and the optimizer's `state`.

    `epoch` is the epoch at whose end the parameters were these: the last one, or the best where the best was kept.
    """

    model: Model
    params: dict[str, Any]
    history: dict[str, list[float]]
    averages: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    epoch: int = 0

    def predict(self, inputs: Mapping | None = None, /, **named: Any) -> Any:
        """The model's prediction for inputs by name, as keywords or as one dict.

        Raises InputError for a missing or wrong input, UnsupportedError where the model has no prediction.
        """
        if inputs is not None and not isinstance(inputs, Mapping):
            raise InputError(explain(f"predict got a {type(inputs).__name__}", "Inputs by name are required",
                                     f"Write predict({', '.join(f'{name}=…' for name in self.model.prediction_inputs)})"))
        return self.model.predict(self.params, self.averages, {**by_name(inputs or {}), **named})

    def score(self, name: str = "val_loss") -> float:
        """One figure of the history at the epoch of the parameters.  Raises OptionError where it was not recorded."""
        require_recorded(name, self.history, "the score")
        values = self.history[name]
        return values[self.epoch - 1] if self.epoch else values[-1]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The history by epoch, on the given Matplotlib axes or on new ones; what is no loss gets an axis on the right."""
        try:
            from matplotlib import pyplot
        except ImportError:
            raise MissingExtraError(explain("plot needs Matplotlib, which is missing", "", "Install it by: pip install symgrad[plot]")) from None
        ax = pyplot.subplots()[1] if ax is None else ax
        others = [name for name in self.history if name not in LOSSES]
        right = ax.twinx() if others else None
        for name, values in self.history.items():
            place, line = (right, "--") if right is not None and name in others else (ax, "-")
            place.plot(range(1, len(values) + 1), values, line, label=name, color=f"C{list(self.history).index(name)}")
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss")
        if right is not None:
            right.set_ylabel(", ".join(others).replace("_", " "))
        lines = [*ax.lines, *(right.lines if right is not None else [])]
        ax.legend(lines, [str(line.get_label()) for line in lines])
        return ax


@dataclass(frozen=True)
class Report:
    """What a callback is given after an epoch (numbered from 1).  A callback that returns True ends the training."""

    epoch: int
    epochs: int
    history: dict[str, list[float]]
    params: dict[str, Any]
    averages: dict[str, Any]


def require_recorded(name: str, history: Mapping[str, Any], what: str) -> None:
    """Refuse a figure that the history does not hold."""
    if name not in history:
        remedy = "Pass validation= to fit" if name == "val_loss" else f"Pass record=[{name!r}] to fit"
        raise OptionError(explain(f"{what} needs {name}, which is not recorded", f"The history holds {', '.join(history)}", remedy))
