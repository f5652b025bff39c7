"""The two cases of the demo: data, model, training, and the scikit-learn model each stands beside."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.demo.data import Split, breast_cancer, digits
from symgrad.demo.models import logistic_regression, network
from symgrad.train import Model

HIDDEN, CLASSES, SEED = 64, 10, 0


@dataclass(frozen=True)
class Case:
    """`shapes` are those of the parameters; `labels` turns predictions into labels; `peer` fits scikit-learn's model."""

    split: Split
    model: Model
    declaration: Callable[..., Model]
    shapes: Mapping[str, tuple[int, ...]]
    labels: Callable[[np.ndarray], np.ndarray]
    rate: float
    epochs: int
    peer: Callable[[Split], Any]

    def accuracy(self, predictions: np.ndarray) -> float:
        """The share of test samples whose label is right."""
        return float((self.labels(predictions) == self.split.test_y).mean())


def cases() -> list[Case]:
    """Logistic regression on breast cancer data, and a network on handwritten digits."""
    cancer, images = breast_cancer(), digits()
    pixels = images.train_x.shape[1]
    weights = {"w": cancer.train_x.shape[1:], "b": ()}
    layers = {"W1": (pixels, HIDDEN), "b1": (HIDDEN,), "W2": (HIDDEN, CLASSES), "b2": (CLASSES,)}
    return [
        Case(cancer, logistic_regression(len(cancer.train_x)), logistic_regression, weights, lambda p: p > 0.5, 0.02, 100, _linear_peer),
        Case(images, network(HIDDEN, CLASSES), network, layers, lambda P: P.argmax(axis=1), 0.005, 40, _network_peer),
    ]


def _linear_peer(split: Split) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000).fit(split.train_x, split.train_y)


def _network_peer(split: Split) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it stops after as many epochs as ours, converged or not
        network = MLPClassifier((HIDDEN,), alpha=0.0, learning_rate_init=0.005, batch_size=32, max_iter=40, random_state=SEED)
        return network.fit(split.train_x, split.train_y)
