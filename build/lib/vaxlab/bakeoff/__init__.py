"""The bake-off: many methods on one table, over plain scikit-learn estimators.

What TMVA's Factory does: responses, efficiencies, overtraining, correlations and rankings of
many methods on the same events. Every method is an estimator of scikit-learn or one that
behaves like it; nothing here trains by itself.
"""

from vaxlab.bakeoff.compare import ClassifierBakeOff, RegressorBakeOff, bakeoff
from vaxlab.bakeoff.cuts import RectangularCuts
from vaxlab.bakeoff.decorrelate import Decorrelate
from vaxlab.bakeoff.folds import GroupFolds
from vaxlab.bakeoff.likelihood import ProjectiveLikelihood
from vaxlab.bakeoff.model import Model, load, save
from vaxlab.bakeoff.network import TorchClassifier
from vaxlab.bakeoff.tmva import tmva_equivalents

__all__ = [
    "ClassifierBakeOff",
    "Decorrelate",
    "GroupFolds",
    "Model",
    "ProjectiveLikelihood",
    "RectangularCuts",
    "RegressorBakeOff",
    "TorchClassifier",
    "bakeoff",
    "load",
    "save",
    "tmva_equivalents",
]
