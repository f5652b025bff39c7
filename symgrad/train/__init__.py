"""Training: models, mini-batches, first values of parameters, and SciPy's minimisers."""

from symgrad.nn import Dropout
from symgrad.train import init
from symgrad.train.fans import Fans, fans
from symgrad.train.loop import Fit, Report, fit
from symgrad.train.minimizer import minimize
from symgrad.train.model import Model

__all__ = ["Dropout", "Fans", "Fit", "Model", "Report", "fans", "fit", "init", "minimize"]
