"""Building blocks of networks as plain SymPy: activations, losses, regularizers, layers, and what random inputs are drawn from.

Everything takes and returns plain SymPy, so it mixes with formulas written by hand.  `maxout` is the activation, a
largest of several values; the layer of that name is `maxout_layer`.
"""

from symgrad.nn.activations import (
    elu,
    leaky_relu,
    linear,
    maxout,
    noisy_relu,
    parametric_relu,
    randomized_leaky_relu,
    relu,
    sigmoid,
    softmax,
    softplus,
    tanh,
)
from symgrad.nn.layers import Layer, batch_norm, dense, dropout
from symgrad.nn.layers import maxout as maxout_layer
from symgrad.nn.losses import binary_cross_entropy, binary_hinge, cross_entropy, multiclass_hinge, squared_error
from symgrad.nn.noise import Dropout, GaussianNoise, UniformNoise
from symgrad.nn.regularizers import elastic_net, l1, l2, lq, weights

__all__ = [
    "Dropout", "GaussianNoise", "Layer", "UniformNoise", "batch_norm", "binary_cross_entropy", "binary_hinge", "cross_entropy", "dense",
    "dropout", "elastic_net", "elu", "l1", "l2", "leaky_relu", "linear", "lq", "maxout", "maxout_layer", "multiclass_hinge", "noisy_relu",
    "parametric_relu", "randomized_leaky_relu", "relu", "sigmoid", "softmax", "softplus", "squared_error", "tanh", "weights",
]
