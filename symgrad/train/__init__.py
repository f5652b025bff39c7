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
from symgrad.train.preprocessing import MeanCancellation, Standardizer, Whitening
from symgrad.train.result import Fit, Report
from symgrad.train.split import Split, split
from symgrad.train.variance import product_variance, propagated_variances

__all__ = ["Callback", "Checkpoint", "Curriculum", "Dropout", "EarlyStopping", "Fans", "Fit", "HalveOnPlateau", "MeanCancellation", "Model", "Report",
           "Split", "Standardizer", "Whitening", "fans", "fit", "init", "minimize", "product_variance", "propagated_variances", "split"]
