"""The two data sets of the demo, bundled with scikit-learn, split and scaled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Split:
    """Training and test samples, one a row, with their labels."""

    title: str
    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray

    def __str__(self) -> str:
        samples, features = self.train_x.shape
        return f"{self.title}: {samples + len(self.test_x)} × {features}, {len(self.test_x)} of them for the test"


def breast_cancer() -> Split:
    """569 × 30, standardised by the mean and deviation of the training samples; labels 0.0 and 1.0."""
    from sklearn.datasets import load_breast_cancer

    data, labels = load_breast_cancer(return_X_y=True)
    train, test = _places(labels)
    mean, deviation = data[train].mean(axis=0), data[train].std(axis=0)
    scaled = (data - mean) / deviation
    return Split("breast cancer", scaled[train], labels[train].astype(float), scaled[test], labels[test].astype(float))


def digits() -> Split:
    """1797 × 64 pixels between 0 and 1; labels 0 … 9."""
    from sklearn.datasets import load_digits

    data, labels = load_digits(return_X_y=True)
    train, test = _places(labels)
    return Split("digits", data[train] / 16, labels[train], data[test] / 16, labels[test])


def _places(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of a fixed three quarters for training and the rest, with every class in the same proportion."""
    from sklearn.model_selection import train_test_split

    return train_test_split(np.arange(len(labels)), test_size=0.25, random_state=0, stratify=labels)
