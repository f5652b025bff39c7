"""Training: models, mini-batches, first values of parameters, and SciPy's minimisers."""

from symgrad.nn import Dropout
from symgrad.train import init
from symgrad.train.callbacks import Callback, EarlyStopping, HalveOnPlateau
from symgrad.train.checkpoint import Checkpoint
from symgrad.train.fans import Fans, fans
from symgrad.train.loop import fit
from symgrad.train.minimizer import minimize
from symgrad.train.model import Model
from symgrad.train.order import Curriculum
from symgrad.train.result import Fit, Report

__all__ = ["Callback", "Checkpoint", "Curriculum", "Dropout", "EarlyStopping", "Fans", "Fit", "HalveOnPlateau", "Model", "Report", "fans", "fit",
           "init", "minimize"]
