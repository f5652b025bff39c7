"""Scaling of features by the statistics of the training samples: rows are samples, columns are features.

The conventions are scikit-learn's: `fit` learns and returns the object, `transform` and `inverse_transform` apply what was
learned, attributes that end in an underscore were learned.  Statistics divide by the number of samples.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from symgrad.errors import InputError, OptionError, explain
from symgrad.optim.rate import is_number


class _Scaler:
    """An affine map of features, z = (x - mean_) forward_, and back."""

    mean_: np.ndarray
    n_features_in_: int

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from training samples, an array (samples, features); y is ignored."""
        array = _samples(type(self).__name__, X)
        self.n_features_in_, self.mean_ = array.shape[1], array.mean(axis=0, dtype=float)
        self._learn(array - self.mean_)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Learn from samples and transform them."""
        return self.fit(X).transform(X)

    def transform(self, X: Any) -> np.ndarray:
        """Samples in the learned scale, in the precision they have.  Raises InputError for another number of features."""
        array = self._known(X, "n_features_in_")
        return self._forward(array - self.mean_).astype(array.dtype, copy=False)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Samples back in their own scale."""
        array = self._known(X, "_outputs")
        return (self._backward(array) + self.mean_).astype(array.dtype, copy=False)

    @property
    def _outputs(self) -> int:
        return self.n_features_in_

    def _known(self, X: Any, features: str) -> np.ndarray:
        title = type(self).__name__
        if not hasattr(self, "mean_"):
            raise InputError(explain(f"{title} has learned nothing yet", "", "Call fit(X) with training samples first"))
        array, wanted = _samples(title, X), getattr(self, features)
        if array.shape[1] != wanted:
            raise InputError(explain(f"{title} got samples with {array.shape[1]} features", f"It was fitted for {wanted}"))
        return array

    def _learn(self, centred: np.ndarray) -> None:
        raise NotImplementedError

    def _forward(self, centred: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _backward(self, scaled: np.ndarray) -> np.ndarray:
        raise NotImplementedError


class MeanCancellation(_Scaler):
    """Subtracts the mean of each feature."""

    def _learn(self, centred: np.ndarray) -> None:
        return None

    def _forward(self, centred: np.ndarray) -> np.ndarray:
        return centred

    def _backward(self, scaled: np.ndarray) -> np.ndarray:
        return scaled


class Standardizer(_Scaler):
    """Mean 0 and variance 1 for each feature; a feature that does not vary is only centred."""

    var_: np.ndarray
    scale_: np.ndarray

    def _learn(self, centred: np.ndarray) -> None:
        self.var_ = np.square(centred, dtype=float).mean(axis=0)
        still = self.var_ <= (len(centred) * np.finfo(float).eps * np.abs(self.mean_)) ** 2  # rounding of the mean is no variance
        self.scale_ = np.where(still, 1.0, np.sqrt(self.var_))

    def _forward(self, centred: np.ndarray) -> np.ndarray:
        return centred / self.scale_

    def _backward(self, scaled: np.ndarray) -> np.ndarray:
        return scaled * self.scale_


class Whitening(_Scaler):
    """Decorrelation: the features of the result have covariance I on the training samples.

    kind: "zca" multiplies by Cov^(-1/2), the whitening that stays closest to the features; "pca" gives the principal
    components, by falling variance, each scaled to variance 1.
    components: keep only the largest principal components ("pca").  epsilon is added to the variances before their root.
    Raises InputError in `fit` where a direction has no variance and epsilon is 0.
    """

    components_: np.ndarray
    explained_variance_: np.ndarray

    def __init__(self, kind: str = "zca", components: int | None = None, epsilon: float = 0.0):
        if kind not in ("zca", "pca"):
            raise OptionError(explain(f"Whitening got kind={kind!r}", "One of 'zca' and 'pca' is required"))
        whole = isinstance(components, (int, np.integer)) and not isinstance(components, bool) and components >= 1
        if components is not None and not (whole and kind == "pca"):
            raise OptionError(explain(f"Whitening got components={components!r} with kind={kind!r}",
                                      "A whole number of at least 1, with kind='pca', is required"))
        if not is_number(epsilon) or not 0 <= epsilon < np.inf:
            raise OptionError(explain(f"Whitening got epsilon={epsilon!r}", "A finite number of at least 0 is required"))
        self.kind, self.components, self.epsilon = kind, components, float(epsilon)

    def _learn(self, centred: np.ndarray) -> None:
        values, vectors = np.linalg.eigh(centred.T.astype(float) @ centred / len(centred))
        values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
        count = min(self.components or len(values), len(values))
        values, vectors = values[:count], vectors[:, :count]
        if self.epsilon == 0 and values[-1] <= values[0] * len(vectors) * np.finfo(float).eps:
            raise InputError(explain(f"the samples vary in fewer than {count} directions", "A covariance that can be inverted is required",
                                     "Pass epsilon=1e-5, or kind='pca' with fewer components"))
        largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(count)]  # the sign of an eigenvector is nobody's: fix it
        self.explained_variance_, self.components_ = values, (vectors * np.sign(largest)).T

    @property
    def _outputs(self) -> int:
        return len(self.components_) if self.kind == "pca" else self.n_features_in_

    def _forward(self, centred: np.ndarray) -> np.ndarray:
        scaled = centred @ self.components_.T / np.sqrt(self.explained_variance_ + self.epsilon)
        return scaled @ self.components_ if self.kind == "zca" else scaled

    def _backward(self, scaled: np.ndarray) -> np.ndarray:
        turned = scaled @ self.components_.T if self.kind == "zca" else scaled
        return turned * np.sqrt(self.explained_variance_ + self.epsilon) @ self.components_


def _samples(title: str, X: Any) -> np.ndarray:
    """The samples as a floating array with rows and columns."""
    array = np.asarray(X)
    if array.ndim != 2 or array.size == 0:
        raise InputError(explain(f"{title} got an array of shape {array.shape}", "Samples by features, (n, d), are required",
                                 "Write x[:, None] for one feature" if array.ndim == 1 else ""))
    if array.dtype.kind not in "fiub" or not np.isfinite(array).all():
        raise InputError(explain(f"{title} got an array of type {array.dtype}", "Finite real numbers are required"))
    return array if array.dtype.kind == "f" else array.astype(float)
