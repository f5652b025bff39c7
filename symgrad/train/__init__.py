"""Training: models, mini-batches, first values of parameters, and SciPy's minimisers."""

from symgrad.nn import Dropout
from symgrad.train import init
from symgrad.train.callbacks import Callback, EarlyStopping, HalveOnPlateau
from symgrad.train.checkpoint import Checkpoint
from symgrad.train.diagnosis import LayerReport, layer_report
from symgrad.train.fans import Fans, fans
from symgrad.train.loop import fit
from symgrad.train.minimizer import minimize
from symgrad.train.model import Model
from symgrad.train.order import Curriculum
from symgrad.train.overfit import OverfitCheck, bouncing, can_overfit
from symgrad.train.preprocessing import MeanCancellation, Standardizer, Whitening
from symgrad.train.pruning import prune, unit_strengths
from symgrad.train.result import Fit, Report
from symgrad.train.split import Split, split
from symgrad.train.starts import Starts, best_of_starts
from symgrad.train.tuning import Search, log_uniform, search_grid, search_random
from symgrad.train.variance import product_variance, propagated_variances

__all__ = ["Callback", "Checkpoint", "Curriculum", "Dropout", "EarlyStopping", "Fans", "Fit", "HalveOnPlateau", "LayerReport", "MeanCancellation",
           "Model", "OverfitCheck", "Report", "Search", "Split", "Standardizer", "Starts", "Whitening", "best_of_starts", "bouncing", "can_overfit",
           "fans", "fit", "init", "layer_report", "log_uniform", "minimize", "product_variance", "propagated_variances", "prune",
           "search_grid", "search_random", "split", "unit_strengths"]
