"""What a promise is worth: the plant runs on what a learner's own `choose` has chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vaxlab import figures
from vaxlab.checks.exercise import Answers, Function, Stop, guarded, passed
from vaxlab.checks.reading import describe, number
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day1.next_month import material
from vaxlab.lessons.day1.next_month.material import Case
from vaxlab.plant import campaign

if TYPE_CHECKING:
    import plotly.graph_objects as go


def delivery(namespace: Mapping[str, Any]) -> tuple[go.Figure, str]:
    """Set what was promised beside what nine times 100 new batches give.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `choose` is put to work where it gives an answer.

    Returns
    -------
    tuple of Figure and str
        Bars of areas, and a sentence that says the same.
    """
    case = material.cases(campaign.HISTORY_SEED)[0]
    chosen = list(guarded("", 1, _chosen(namespace, case)))[0]
    if chosen.outcome is Outcome.PASSED:
        return promises(case, chosen.label, float(chosen.message))
    return promises(case)


def _chosen(namespace: Mapping[str, Any], case: Case) -> Iterator[Part]:
    name, promised = choice(Answers(namespace).function("choose"), case, labels(case, 0))
    yield passed(name, 1, str(promised))


def promises(case: Case, name: str = "", promised: float = 0.0) -> tuple[go.Figure, str]:
    """Draw what a random split and a person promise beside what the plant then gives.

    Parameters
    ----------
    case : Case
    name : str
        The set of columns that somebody chose, if anybody did.
    promised : float
        The area that was promised for it.

    Returns
    -------
    tuple of Figure and str
        Bars of areas, and a sentence that says the same.
    """
    random, delivered = case.random["everything"], case.delivered["everything"]
    bars = {"everything: promised<br>by the random split": random}
    own = " Your own bars will stand beside these once your function choose gives an answer."
    if name == "everything":
        bars[f"{name}: promised<br>by you"] = promised
    bars["everything:<br>delivered"] = delivered
    if name:
        given = case.delivered[name]
        if name != "everything":
            bars[f"{name}: promised<br>by you"] = promised
            bars[f"{name}:<br>delivered to you"] = given
        own = f" You promised {promised:.2f} with {name}, and the plant gave {given:.2f}."
    figure = figures.bars(
        pd.Series(bars), title="The next lots", axis_title="area under the ROC curve"
    ).update_yaxes(range=[0, 1])
    sentence = f"The random split promised {random:.2f}, the plant gave {delivered:.2f}.{own}"
    return figure, sentence


def labels(case: Case, k: int) -> dict[str, str]:
    """Return what the sets of a case are called before the learner's function, in what order.

    On the first history as in the notebook; then by letters, which say nothing.
    """
    names = list(case.sets)
    if k == 0:
        return dict(zip(names, names, strict=True))
    order = np.random.default_rng(k).permutation(len(names))
    return {"ABC"[place]: names[i] for place, i in enumerate(order)}


def choice(function: Function, case: Case, called: Mapping[str, str]) -> tuple[str, float]:
    """Ask for a set of columns and a promise; return the set by its own name."""
    sets = {label: list(case.sets[name]) for label, name in called.items()}
    tables = (case.known.copy(), case.short.copy(), case.lot.copy())
    answer = function(material.model(), *tables, sets, shown=f"model, X, y, …, {list(sets)}")
    try:
        name, promised = answer.values() if isinstance(answer, dict) else answer
    except (TypeError, ValueError):
        name, promised = None, None
    if not isinstance(name, str) or name not in sets:
        raise Stop(
            Outcome.NOT_YET,
            "`choose` should give two things: the name of one of the sets, and a number.",
            got=describe(answer),
            look_at=f"the names that it was given are {', '.join(sets)}",
        )
    return called[name], area_of(promised, function.name)


def area_of(value: Any, name: str) -> float:
    """Read an area. NaN comes of a fold with one kind of batch, such as a small lot by itself."""
    if isinstance(value, float | np.floating) and np.isnan(value):
        raise Stop(
            Outcome.NOT_YET,
            f"`{name}` should give a finite number here. A fold whose batches are all short, or "
            "none of them, has no area, and a mean with it is NaN. `GroupKFold(5)` puts small "
            "lots together with others.",
            got=describe(value),
        )
    return number(value, name)
