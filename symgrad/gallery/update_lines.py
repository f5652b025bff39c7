"""The update lines of the lectures as they stand there, in plain NumPy: an independent account of every form of `symgrad.optim`.

A line takes the optimizer's hyper-parameters o, the slope G at any place, the weights w, a store s that begins at zeros, and
the step t from 1; it returns the new weights.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

Slope = Callable[[np.ndarray], np.ndarray]
Line = Callable[[Any, Slope, np.ndarray, dict[str, Any], int], np.ndarray]


def walked(line: Line, optimizer: Any, slope: Slope, start: np.ndarray, steps: int) -> np.ndarray:
    """The weights before the first step and after each."""
    w, store, path = start.copy(), defaultdict(float), [start]
    for t in range(1, steps + 1):
        w = line(optimizer, slope, w, store, t)
        path.append(w)
    return np.array(path)


def descent(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    return w - o.learning_rate * G(w)


def ascent(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    return w + o.learning_rate * G(w)


def momentum_added(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["v"] = o.momentum * s["v"] - o.learning_rate * G(w)
    return w + s["v"]


def momentum_averaged(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["g"] = G(w) + o.momentum * s["g"]
    return w - o.learning_rate * s["g"]


def momentum_subtracted(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["v"] = o.momentum * s["v"] + o.learning_rate * G(w)
    return w - s["v"]


def momentum_plain(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["v"] = o.momentum * s["v"] + G(w)
    return w - o.learning_rate * s["v"]


def nesterov(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["v"] = o.momentum * s["v"] - o.learning_rate * G(w + o.momentum * s["v"])
    return w + s["v"]


def nesterov_shifted(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    old = s["v"]
    s["v"] = o.momentum * old - o.learning_rate * G(w)
    return w + s["v"] + o.momentum * (s["v"] - old)


def nesterov_interim(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["v"] = o.momentum * s["v"] - o.learning_rate * G(w + s["v"])
    return w + s["v"]


def nesterov_interim_subtracted(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["v"] = o.momentum * s["v"] + o.learning_rate * G(w - s["v"])
    return w - s["v"]


def adagrad(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["r"] = s["r"] + G(w) ** 2
    return w - o.learning_rate * G(w) / (np.sqrt(s["r"]) + o.epsilon)


def adagrad_inside(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["r"] = s["r"] + G(w) ** 2
    return w - o.learning_rate / np.sqrt(s["r"] + o.epsilon) * G(w)


def rmsprop(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["r"] = o.decay * s["r"] + (1 - o.decay) * G(w) ** 2
    return w - o.learning_rate * G(w) / (np.sqrt(s["r"]) + o.epsilon)


def rmsprop_inside(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["r"] = o.decay * s["r"] + (1 - o.decay) * G(w) ** 2
    return w - o.learning_rate / np.sqrt(s["r"] + o.epsilon) * G(w)


def adadelta(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["r"] = o.decay * s["r"] + (1 - o.decay) * G(w) ** 2
    step = np.sqrt(s["u"] + o.epsilon) / np.sqrt(s["r"] + o.epsilon) * G(w)
    s["u"] = o.decay * s["u"] + (1 - o.decay) * step**2
    return w - getattr(o, "learning_rate", 1.0) * step


def adam_uncorrected(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["v"] = o.beta1 * s["v"] + (1 - o.beta1) * G(w)
    s["r"] = o.beta2 * s["r"] + (1 - o.beta2) * G(w) ** 2
    return w - o.learning_rate / (o.epsilon + np.sqrt(s["r"])) * s["v"]


def adam(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["m"] = o.beta1 * s["m"] + (1 - o.beta1) * G(w)
    s["v"] = o.beta2 * s["v"] + (1 - o.beta2) * G(w) ** 2
    return w - o.learning_rate * (s["m"] / (1 - o.beta1**t)) / (np.sqrt(s["v"] / (1 - o.beta2**t)) + o.epsilon)


def adam_inside(o: Any, G: Slope, w: np.ndarray, s: dict, t: int) -> np.ndarray:
    s["m"] = o.beta1 * s["m"] + (1 - o.beta1) * G(w)
    s["v"] = o.beta2 * s["v"] + (1 - o.beta2) * G(w) ** 2
    return w - o.learning_rate / np.sqrt(s["v"] / (1 - o.beta2**t) + o.epsilon) * (s["m"] / (1 - o.beta1**t))


LINES: dict[str, tuple[Line, ...]] = {
    "O1": (descent, ascent),
    "O2": (momentum_added, momentum_averaged, momentum_subtracted, momentum_plain, momentum_added),
    "O3": (nesterov, nesterov_shifted, nesterov_interim, nesterov_interim_subtracted),
    "O4": (adagrad, adagrad, adagrad_inside),
    "O5": (rmsprop, rmsprop, rmsprop_inside),
    "O6": (adadelta, adadelta),
    "O7": (adam_uncorrected, adam, adam_inside, adam),
}
"""The lines of each rule, in the order of `symgrad.optim.variants.FORMS`."""
