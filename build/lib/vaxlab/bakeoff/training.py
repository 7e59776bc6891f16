"""Training: scikit-learn's cross-validation, with weights and groups brought where they belong."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import cross_validate
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from vaxlab.bakeoff.model import complaint
from vaxlab.bakeoff.table import Table
from vaxlab.errors import CourseError


def fit_folds(
    name: str, estimator: BaseEstimator, table: Table
) -> tuple[list[BaseEstimator], list[float]]:
    """Let scikit-learn train one method on every fold; return models and seconds."""
    asking, parameters, routed = _prepared(estimator, table)
    with config_context(enable_metadata_routing=routed):
        try:
            found = cross_validate(
                asking,
                table.variables,
                table.target,
                cv=table.splits,
                scoring=_nothing,
                params=parameters,
                return_estimator=True,
                error_score="raise",
            )
        except Exception as error:  # whatever a method raises, say whose it is
            raise CourseError(
                f"{name!r} could not be trained. {complaint(table.variables, error)}"
            ) from error
    return found["estimator"], list(found["fit_time"])


def fit_all(estimator: BaseEstimator, table: Table) -> BaseEstimator:
    """Return a method trained once more, on the whole table."""
    asking, parameters, routed = _prepared(estimator, table)
    with config_context(enable_metadata_routing=routed):
        asking.fit(table.variables, table.target, **parameters)
    _forget_requests(asking)
    return asking


def _nothing(estimator: BaseEstimator, X: Any, y: Any) -> float:
    """Score nothing: the responses are judged afterwards, all of them together."""
    return 0.0


def _prepared(
    estimator: BaseEstimator, table: Table
) -> tuple[BaseEstimator, dict[str, NDArray], bool]:
    """Return a clone that asks for weights, what its ``fit`` takes, and how it is passed on.

    scikit-learn's metadata routing brings weights and groups to every step that asks for them.
    """
    asking = clone(estimator)
    offered = {}
    if table.weighted:
        offered["sample_weight"] = table.weight
        with config_context(enable_metadata_routing=True):
            for part in _parts(asking):
                _ask_for_weights(part)
    if table.groups is not None:
        offered["groups"] = table.groups
    try:
        with config_context(enable_metadata_routing=True):
            consumed = get_routing_for_object(asking).consumes("fit", offered.keys())
    except NotImplementedError:
        # AdaBoost has no routing: weights reach it by name, as in older scikit-learns.
        paths = _weight_paths(asking) if table.weighted else []
        return asking, dict.fromkeys(paths, table.weight), False
    return asking, {name: offered[name] for name in consumed}, True


def _parts(estimator: BaseEstimator) -> list[BaseEstimator]:
    """Return an estimator and all those within it."""
    within = estimator.get_params(deep=True).values()
    return [estimator, *(p for p in within if hasattr(p, "fit") and not isinstance(p, type))]


def _ask_for_weights(part: BaseEstimator) -> None:
    """Let an estimator ask for weights, if it can take them and its owner has not decided."""
    if not hasattr(part, "_get_metadata_request"):
        return
    requests = part._get_metadata_request()  # a router's public one leaves out its own needs
    for method in ("fit", "score"):
        asked = getattr(requests, method).requests
        if "sample_weight" in asked and asked["sample_weight"] is None:
            getattr(part, f"set_{method}_request")(sample_weight=True)


def _forget_requests(part: Any) -> None:
    """Take the requests off a trained estimator: a model is applied without, and saved."""
    if isinstance(part, BaseEstimator):
        vars(part).pop("_metadata_request", None)
        part = vars(part)
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, (list, tuple)) or (isinstance(part, np.ndarray) and part.dtype == object):
        for inner in part:
            _forget_requests(inner)


def _weight_paths(estimator: BaseEstimator) -> list[str]:
    """Return the names by which ``fit`` takes weights without routing, the last step's last."""
    if isinstance(estimator, Pipeline):
        steps = [(name, step) for name, step in estimator.steps if hasattr(step, "fit")]
        return [f"{name}__{path}" for name, step in steps for path in _weight_paths(step)]
    return ["sample_weight"] if has_fit_parameter(estimator, "sample_weight") else []


def uses_weights(estimator: BaseEstimator) -> bool:
    """Say whether the part of a method that predicts is trained with weights."""
    if isinstance(estimator, Pipeline):
        return uses_weights(estimator.steps[-1][1])
    if has_fit_parameter(estimator, "sample_weight"):
        return True
    return any(has_fit_parameter(part, "sample_weight") for part in _parts(estimator)[1:])
