"""What day 3, notebook 2 shows: figures, and the plant that runs on a learner's verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from vaxlab import figures
from vaxlab.lessons.day3.lot_or_probe import material
from vaxlab.plant.campaign import HISTORY_SEED

Names = Mapping[str, Any]
GREY = "#767676"
RESAMPLES = 400
JUMP = 5
"""What ruptures takes where nobody says otherwise."""
LOW_SHARE = 0.05
"""Of all threes of batches, those that would have made people act."""
AROUND = (-12, 15)
"""Rounds around an alarm that are drawn."""
TEMPTING = {"fall": "probe", "action": "helped", "capture": "capture"}
"""Verdict that comes first to mind: what was new, what was done, where the loss is seen."""
KINDS = {
    "fall": ("blame_fall", "Lot or probe?"),
    "action": ("judge_action", "Did the action help?"),
    "capture": ("find_step", "Capture or culture?"),
}
"""Kind of story to the learner's function, and the question in words."""
T_975 = 2.201
"""97.5 % quantile of Student's t with 11 degrees of freedom: 12 stories."""


def _called(namespace: Names, name: str, *given: Any) -> Any:
    """Return what a learner's function gives, or None where it does not work yet."""
    try:
        answer = namespace.get(name)(*given)
    except Exception:  # whatever an unfinished answer does
        return None
    return None if answer is ... else answer


def _whose(own: bool) -> str:
    return "" if own else " (By the course's function, until yours answers.)"


def percent(log_change: float) -> float:
    """Return a change of a natural logarithm in percent."""
    return 100 * float(np.expm1(log_change))


# The fall -------------------------------------------------------------------------------------


def fall_figure(table: pd.DataFrame, *reactors: str) -> tuple[go.Figure, str]:
    """Draw the logarithm of the doses of reactors round by round, with means on both sides.

    Parameters
    ----------
    table : DataFrame
        As `material.story` gives the fall.
    *reactors : str
        "R1", "R2".
    """
    figure, said = go.Figure(), []
    for k, name in enumerate(reactors):
        colour = figures.COLOURS[k]
        figure.add_scatter(
            x=table["round"],
            y=table[name],
            mode="markers",
            name=name,
            marker={"color": colour, "symbol": figures.MARKERS[k], "size": 8},
        )
        levels = table.groupby("new")[name].transform("mean")
        line = {"color": colour, "dash": figures.DASHES[k], "width": 2, "shape": "hv"}
        figure.add_scatter(
            x=table["round"], y=levels, mode="lines", name=f"{name}, mean", line=line
        )
        change = percent(levels.iloc[-1] - levels.iloc[0])
        said.append(f"{name} gives {abs(change):.0f} % {'fewer' if change < 0 else 'more'} doses")
    figure.add_vline(x=int(table["new"].argmax()) - 0.5, line={"color": GREY, "dash": "dot"})
    figure.update_layout(
        title="Before and after the fortnight",
        xaxis_title="round (one batch in each reactor)",
        yaxis_title="doses (natural logarithm)",
        height=400,
    )
    return figure, f"After the dotted line {' and '.join(said)}."


# Lots -----------------------------------------------------------------------------------------


def lots_figure(namespace: Names) -> tuple[go.Figure, str]:
    """Draw lots' raw means and the learner's effects against what the lots truly do.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `lot_effects` is put to work where it gives an answer.
    """
    table, truth = material._lots(HISTORY_SEED)
    shrunk, own = _effects(namespace, table, truth)
    raw = table.groupby("serum_lot")["log_doses"].mean().reindex(truth.index)
    figure = go.Figure()
    ends = [float(truth.min()), float(truth.max())]
    line = {"color": GREY, "dash": "dash"}
    figure.add_scatter(x=ends, y=ends, mode="lines", name="estimate = truth", line=line)
    said = []
    for k, (name, values) in enumerate((("raw mean", raw), ("mixed model", shrunk))):
        values = values - values.mean()
        figure.add_scatter(
            x=truth,
            y=values,
            mode="markers",
            name=name,
            text=truth.index,
            marker={"color": figures.COLOURS[k], "symbol": figures.MARKERS[k], "size": 9},
        )
        miss, r = np.sqrt(((values - truth) ** 2).mean()), np.corrcoef(values, truth)[0, 1]
        said.append(f"the {name} misses the truth by {miss:.3f}, r = {r:.2f}")
    figure.update_layout(
        title="What a lot of serum does to the doses",
        xaxis_title="truly, by the plant (natural logarithm)",
        yaxis_title="estimated (natural logarithm)",
        height=460,
    )
    sentence = "; ".join(said)
    return figure, f"{sentence[0].upper()}{sentence[1:]}.{_whose(own)}"


def _effects(namespace: Names, table: pd.DataFrame, truth: pd.Series) -> tuple[pd.Series, bool]:
    asked = list(truth.index)
    try:
        found = pd.Series(_called(namespace, "lot_effects", table.copy(), asked))
        found = found.astype(float).reindex(asked)
        if np.isfinite(found).all():
            return found, True
    except Exception:  # whatever an unfinished answer does
        pass
    return material._lot_effects(table, asked), False


# When did it change? --------------------------------------------------------------------------


def change_figure(namespace: Names) -> tuple[go.Figure, str]:
    """Draw R1 less R2 with the change that was found, and where it may as well have been.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `change_at` is put to work where it gives an answer.
    """
    table, truth = material._changed(HISTORY_SEED)[0]
    apart = (table["R1"] - table["R2"]).to_numpy()
    place, own = _place(namespace, apart)
    drawn = _resampled(apart, place)
    low, high = np.quantile(drawn, [0.05, 0.95]).astype(int)
    figure = make_subplots(2, 1, shared_xaxes=True, row_heights=[0.65, 0.35])
    dots = {"color": figures.BLUE, "symbol": "circle", "size": 7}
    figure.add_scatter(x=table["round"], y=apart, mode="markers", name="R1 − R2", marker=dots)
    levels = np.where(np.arange(len(apart)) < place, apart[:place].mean(), apart[place:].mean())
    line = {"color": figures.VERMILLION, "dash": "dash", "shape": "hv"}
    figure.add_scatter(x=table["round"], y=levels, mode="lines", name="two levels", line=line)
    counts = pd.Series(drawn).value_counts(normalize=True).sort_index()
    bars = {"color": figures.GREEN, "pattern": {"shape": "/"}}
    figure.add_bar(x=counts.index, y=100 * counts, name="redrawn series", marker=bars, row=2, col=1)
    figure.update_yaxes(title_text="R1 − R2 (log doses)", row=1, col=1)
    figure.update_yaxes(title_text="redrawn (%)", row=2, col=1)
    figure.update_xaxes(title_text="round", row=2, col=1)
    figure.update_layout(title="The place of the change, and how sure it is", height=520)
    return figure, (
        f"Found: round {place}. Of {RESAMPLES} series drawn again from the two levels and the "
        f"misses, nine of ten change between rounds {low} and {high}. The plant changed the probe "
        f"in round {truth}.{_whose(own)}"
    )


def _place(namespace: Names, apart: np.ndarray) -> tuple[int, bool]:
    answer = _called(namespace, "change_at", apart.copy())
    try:
        if answer is not None and 0 < int(answer) < len(apart):
            return int(answer), True
    except (TypeError, ValueError):
        pass
    return material._change_at(apart), False


def _resampled(apart: np.ndarray, place: int) -> np.ndarray:
    """Return the changes of series drawn again: the same levels, the misses shuffled."""
    rng = np.random.default_rng(7)
    levels = np.where(np.arange(len(apart)) < place, apart[:place].mean(), apart[place:].mean())
    misses = apart - levels
    again = levels + rng.choice(misses, size=(RESAMPLES, len(apart)))
    return np.array([material._change_at(values) for values in again])


def jumps() -> pd.DataFrame:
    """Return where ruptures sees the change of twelve pairs of reactors, by its `jump`.

    Returns
    -------
    DataFrame
        One row a pair: ``truth``, ``jump=1``, ``jump=5`` (which is what it takes by itself).
    """
    import ruptures

    rows = []
    for table, truth in material._changed(HISTORY_SEED):
        apart = (table["R1"] - table["R2"]).to_numpy()
        row = {"truth": truth}
        for jump in (1, JUMP):
            search = ruptures.Binseg(model="l2", min_size=3, jump=jump).fit(apart)
            row[f"jump={jump}"] = search.predict(n_bkps=1)[0]
        rows.append(row)
    return pd.DataFrame(rows).rename_axis("pair")


# Difference in differences --------------------------------------------------------------------


def before_after(namespace: Names) -> pd.DataFrame:
    """Return three ways to look at the same fall, in percent of the doses.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `probe_effect` is put to work where it gives an answer.
    """
    table = material.story("fall")
    rows = {}
    for name in ("R1", "R2"):
        halves = table.groupby("new")[name].agg(["mean", "var", "count"])
        error = np.sqrt((halves["var"] / halves["count"]).sum())
        rows[f"{name}, after less before"] = (halves["mean"].diff().iloc[-1], error)
    answer = _called(namespace, "probe_effect", table.copy())
    try:
        rows["your probe_effect"] = tuple(float(value) for value in answer)
    except (TypeError, ValueError):
        rows["probe_effect, the course's"] = material._probe_effect(table)
    found = pd.DataFrame(rows, index=["change", "standard error"]).T
    found["change, %"] = [percent(value) for value in found["change"]]
    return found.round({"change": 3, "standard error": 3, "change, %": 1})


def left_for_the_probe(changes: pd.DataFrame) -> str:
    """Say what the third row of a table leaves for the probe, and for whom that speaks.

    Parameters
    ----------
    changes : DataFrame
        As `before_after` gives it.
    """
    (_, (r2, r2_error), (effect, error)) = changes[["change", "standard error"]].to_numpy()
    if not (np.isfinite(effect) and error > 0):
        return "The third row holds no effect with an error yet."
    size = f"{percent(effect):+.0f} %, {abs(effect) / error:.1f} standard errors from 0"
    if effect < -2 * error:
        return f"R1 lost what R2 did not: {size}. This fall speaks for the probe."
    if r2 < -2 * r2_error:
        return (
            f"Left for the probe: {size}, which is no clear loss. R2 fell on its old probe. This "
            "fall speaks for the lot."
        )
    return f"Left for the probe: {size}, which is no clear loss. R2 did not fall clearly either."


# The way back ---------------------------------------------------------------------------------


def low_limit() -> float:
    """Return below what mean of three batches of the long run people would have acted."""
    threes = material.long_run().rolling(3).mean().iloc[2:-10]
    return round(float(threes.quantile(LOW_SHARE)), 2)


def rebound_figure(namespace: Names) -> tuple[go.Figure, str]:
    """Draw the mean course of the long run around the threes that were low.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `rebound` is put to work where it gives an answer.
    """
    values, low = material.long_run().to_numpy(), low_limit()
    places = np.arange(3, len(values) - 9)
    alarms = np.array([k for k in places if values[k - 3 : k].mean() < low])
    alarms = alarms[(alarms + AROUND[0] >= 0) & (alarms + AROUND[1] < len(values))]
    around = np.arange(AROUND[0], AROUND[1] + 1)
    course = values[alarms[:, None] + around].mean(axis=0)
    answer = _called(namespace, "rebound", values.copy(), low)
    own = isinstance(answer, float | int | np.floating) and np.isfinite(answer)
    rise = float(answer) if own else material._rebound(values, low)
    up = np.mean([values[k : k + 10].mean() > values[k - 3 : k].mean() for k in alarms])
    figure = go.Figure()
    line = {"color": figures.BLUE, "width": 3}
    figure.add_scatter(x=around, y=course, mode="lines+markers", name="mean course", line=line)
    figure.add_hline(y=float(values.mean()), line={"color": GREY, "dash": "dash"})
    figure.add_vline(x=-0.5, line={"color": figures.VERMILLION, "dash": "dot"})
    figure.update_layout(
        title="Nobody did anything here",
        xaxis_title="batches after the three low ones (0: the next)",
        yaxis_title="doses (natural logarithm)",
        height=400,
    )
    return figure, (
        f"{len(alarms)} times three batches in a row had a mean below {low:.2f}. The ten that "
        f"followed gave {abs(percent(rise)):.0f} % {'more' if rise > 0 else 'fewer'} doses than "
        f"the three; in {100 * up:.0f} of a hundred cases they gave more. Nothing was "
        f"done. The dashed line is the mean of all.{_whose(own)}"
    )


# Capture or culture ---------------------------------------------------------------------------


def capture_figure() -> tuple[go.Figure, str]:
    """Draw the recovery at capture against the cells that had spilt their DNA."""
    table = material.story("capture")
    figure = go.Figure()
    means = []
    for k, (after, part) in enumerate(table.groupby("after")):
        figure.add_scatter(
            x=part["lysed_percent"],
            y=part["capture_recovery_percent"],
            mode="markers",
            name="after" if after else "before",
            text=part["batch"],
            marker={"color": figures.COLOURS[k], "symbol": figures.MARKERS[k], "size": 7},
        )
        means.append(part[["lysed_percent", "capture_recovery_percent"]].mean())
    figure.update_layout(
        title="The column takes what the culture hands over",
        xaxis_title="cells that had spilt their DNA at harvest (%)",
        yaxis_title="recovery at capture (%)",
        height=440,
    )
    before, after = means
    return figure, (
        f"Recovery at capture was {before.iloc[1]:.0f} %, and is {after.iloc[1]:.0f} %. Of the "
        f"cells {before.iloc[0]:.1f} % had spilt their DNA, and now {after.iloc[0]:.1f} %."
    )


def at_equal_lysis(namespace: Names) -> pd.DataFrame:
    """Return the change at capture of the story, in all and at equal lysis.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `capture_change` is put to work where it gives an answer.
    """
    table = material.story("capture")
    recovery = np.log(table["capture_recovery_percent"])
    changes = {"in all": recovery.groupby(table["after"]).mean().diff().iloc[-1]}
    answer = _called(namespace, "capture_change", table.copy())
    try:
        changes["at equal lysis, yours"] = float(answer)
    except (TypeError, ValueError):
        changes["at equal lysis, the course's"] = material._capture_change(table)
    found = pd.DataFrame({"change of log recovery": pd.Series(changes)})
    found["change, %"] = [percent(value) for value in found.iloc[:, 0]]
    return found.round({"change of log recovery": 3, "change, %": 1})


# Verdicts, and the plant that runs on them ----------------------------------------------------


def verdicts(namespace: Names) -> pd.DataFrame:
    """Return how many of twelve stories of each kind were judged rightly, and by whom.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `blame_fall`, `judge_action` and `find_step` are asked.
    """
    rows = {}
    for kind, (name, question) in KINDS.items():
        stories = material._stories(kind, HISTORY_SEED)
        yours = [_verdict(namespace, name, table) == truth for table, truth in stories]
        rows[question] = {
            "stories": len(stories),
            f"always '{TEMPTING[kind]}'": sum(truth == TEMPTING[kind] for _, truth in stories),
            "your verdict": sum(yours),
        }
    tempting = [next(name for name in row if name.startswith("always")) for row in rows.values()]
    table = pd.DataFrame(
        {
            question: {
                "the tempting verdict": f"{word}: {row[word]} right",
                "your verdicts": f"{row['your verdict']} right",
                "stories": row["stories"],
            }
            for (question, row), word in zip(rows.items(), tempting, strict=True)
        }
    )
    return table.T


def _verdict(namespace: Names, name: str, table: pd.DataFrame) -> str:
    return str(_called(namespace, name, table.copy())).strip().lower()


def doses(namespace: Names) -> tuple[pd.DataFrame, go.Figure, str]:
    """Let the plant act on verdicts about twelve falls, and count the doses of what follows.

    On "lot", what is left of the lot is thrown away, and the usual serum is used. On "probe", the
    probe of R1 is calibrated. Then both reactors make twenty rounds more, with the same hands and
    luck whatever the verdict was.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `blame_fall` is put to work where it gives an answer.
    """
    stories, worlds = material._stories("fall", HISTORY_SEED), _worlds()
    truth = [verdict for _, verdict in stories]
    said = [_verdict(namespace, "blame_fall", table) for table, _ in stories]
    own = set(said) <= {"lot", "probe"}
    if not own:
        said = [material._blame_fall(table) for table, _ in stories]
    ways = {
        "nothing is done": ["nothing"] * len(stories),
        "always the probe": ["probe"] * len(stories),
        "always the lot": ["lot"] * len(stories),
        "your verdicts" if own else "the course's verdicts": said,
        "the truth": truth,
    }
    idle, rows = worlds["nothing"], {}
    for who, verdicts_ in ways.items():
        made = np.array([worlds[verdict][k] for k, verdict in enumerate(verdicts_)])
        gain = made - idle
        half = T_975 * gain.std(ddof=1) * np.sqrt(len(gain))
        rows[who] = 100 * np.array([gain.sum(), gain.sum() - half, gain.sum() + half]) / idle.sum()
        rows[who] = [made.sum() / 1e3, *rows[who]]
    columns = ["thousand doses", "gained, %", "from, %", "to, %"]
    table = pd.DataFrame(rows, index=columns).T.round(0).astype(int)
    figure = figures.bars(
        table["thousand doses"],
        title="Twelve falls, twenty rounds of two reactors after each",
        axis_title="doses released (thousands)",
    )
    name = list(ways)[3]
    sentence = (
        f"With {'your' if own else 'the course’s'} verdicts the plant gains "
        f"{table.loc[name, 'gained, %']} % (95 % interval {table.loc[name, 'from, %']} to "
        f"{table.loc[name, 'to, %']} %) over doing nothing; a plant that always blames the probe "
        f"{table.loc['always the probe', 'gained, %']} %, one that always blames the lot "
        f"{table.loc['always the lot', 'gained, %']} %."
    )
    return table, figure, sentence


@cache
def _worlds(plant_seed: int = HISTORY_SEED) -> dict[str, np.ndarray]:
    """Return the doses that follow each story, by what is done, (12,) each."""
    rows, _, planted = material._fall_rows(plant_seed)
    later = np.flatnonzero(planted["later"])
    found = {}
    for done in ("nothing", "probe", "lot"):
        error = np.where(done == "probe", 0.0, planted["error"])
        growth = np.where(done == "lot", 1.0, planted["growth"])
        changed = material._with_fitted(rows, ph_error=error)
        changed = material._with_serum(changed, planted["new"], growth=growth, appetite=2 - growth)
        made = material._make(material._take(changed, later))
        released = np.where(made.release.released, made.purified.doses, 0.0)
        released = released * np.exp(planted["size"][later])
        found[done] = released.reshape(material.STORIES, -1).sum(axis=1)
    return found
