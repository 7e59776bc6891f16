"""The estimators that scikit-learn lacks behave as scikit-learn's own."""

import pytest
from sklearn.utils.estimator_checks import check_array_api_input, estimator_checks_generator

from vaxlab.bakeoff import Decorrelate, ProjectiveLikelihood, RectangularCuts, TorchClassifier

ESTIMATORS = [
    RectangularCuts(),
    ProjectiveLikelihood(),
    ProjectiveLikelihood(pdf="histogram"),
    Decorrelate(),
    Decorrelate(within_classes=True),
    TorchClassifier(),
]
# All of parametrize_with_checks but one, which skips itself wherever scipy was imported without
# SCIPY_ARRAY_API: that is, in every notebook.
CHECKS = [
    pytest.param(estimator, check, id=f"{estimator}-{check.func.__name__}")
    for instance in ESTIMATORS
    for estimator, check in estimator_checks_generator(instance)
    if check.func is not check_array_api_input
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_estimators_behave_as_scikit_learn_asks(estimator, check):
    check(estimator)
