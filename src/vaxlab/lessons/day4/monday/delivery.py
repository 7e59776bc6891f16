"""What day 4, notebook 4 shows: the registry, a cluster that comes and goes, and the drill."""

from __future__ import annotations

import atexit
import hashlib
import inspect
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from vaxlab import figures
from vaxlab.errors import CourseError
from vaxlab.lessons.day4.monday import material, rivals
from vaxlab.lessons.day4.monday.rivals import Alarm
from vaxlab.plant import making
from vaxlab.plant.campaign import HISTORY_SEED
from vaxlab.plant.deploy import LICENSED, VISIT_LOSS

# MLflow reports its use to its makers, and writes what it does to stderr, unless it is told not to.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")

Names = Mapping[str, Any]
GREY = "#767676"
EXPERIMENT, MODEL, SEAL = "monday", "doses", "files_sha256"
MARK_DIGITS = 16
"""Of a fingerprint, on the shelf."""
SHELF_BYTES = 50 * 2**20
"""What a shelf of one's own may come to."""
SEASONS, SEASON = 12, 40
"""That the plant is run for, and batches in each."""
BEGINS = (5, 15)
"""First and last batch of a season with which the probe may begin to drift."""
WORST = 0.35
"""What a probe reads off at the most, pH: then people see it without any method."""
EVERY = (10, 20)
"""Batches between two calibrations where the calendar says when: some 60 and 120 days."""
P_DECADES = (-12, 0.2)
"""First and last power of ten on the axis of p-values."""
SHOWN = {"ph": "pH"}
"""Names of probes as people write them, where that is otherwise."""
T_975 = 2.201
"""97.5 % quantile of Student's t with 11 degrees of freedom: 12 seasons."""


# A learner's functions -------------------------------------------------------------------------


def _whose(own: bool) -> str:
    return "" if own else " (By the course's function, until yours answers.)"


def _alarm_of(namespace: Names) -> tuple[Alarm, bool]:
    """Return the learner's alarm where it answers with True or False, or the course's."""
    alarm = namespace.get("alarm")
    reference = material.reference()
    try:
        answer = alarm(reference, material.quiet().iloc[:3])
    except Exception:  # whatever an unfinished answer does
        answer = None
    if isinstance(answer, bool | np.bool_):
        return alarm, True
    return material._alarm, False


# A probe that nobody doubts --------------------------------------------------------------------


def control_room(witness: bool = False) -> tuple[go.Figure, str]:
    """Draw a probe batch by batch as the control room sees it; with its witness if asked for.

    Parameters
    ----------
    witness : bool
        Whether the pH of the bench, and the true doses, are shown as well.
    """
    n, start = material.DRILL, material.DRILL_START
    drift = material.Drift("ph", start, float(np.mean(material.DRIFTS["ph"])))
    rows = material._rows(HISTORY_SEED, 5, n)
    sound = making.make(rows.recipes, rows.met)
    made = making.make(rows.recipes, material._off(rows, drift.at(n)).met)
    batch = np.arange(n)
    shown = material.LINE["ph"] + 0.002 * np.random.default_rng(3).standard_normal(n)
    figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.08)
    dots = {"color": figures.BLUE, "symbol": "circle", "size": 7}
    figure.add_scatter(x=batch, y=shown, mode="markers", name="pH, probe", marker=dots)
    loss = 100 * (1 - made.purified.doses / sound.purified.doses)
    said = f"In all {n} batches the probe shows a pH of {shown.min():.2f} to {shown.max():.2f}."
    if witness:
        bench = shown + material.drifting()["ph_gap"].to_numpy()
        diamonds = {"color": figures.VERMILLION, "symbol": "diamond", "size": 8}
        figure.add_scatter(x=batch, y=bench, mode="markers", name="pH, bench", marker=diamonds)
        line = {"color": GREY, "dash": "dot"}
        figure.add_vline(x=start - 0.5, line=line, row=1, col=1, annotation_text="drift begins")
        figure.add_vline(x=start - 0.5, line=line, row=2, col=1)
        said = (
            f"The probe drifts from batch {start} on, by {drift.a_batch:.3f} a batch. Its reading "
            f"never tells. Batch {start + 9} gives {loss[start + 9]:.0f} % fewer doses than with a "
            f"sound probe, and batch {n - 1} {loss[n - 1]:.0f} % fewer."
        )
        last, middle = sound.purified.doses[-1] / 1e3, np.median(sound.purified.doses) / 1e3
        if last < middle / 2:
            said += (
                f" That one would have been poor anyway: {last:.1f} thousand doses with a sound "
                f"probe, where the middle batch has {middle:.1f}."
            )
    bars = {"color": figures.GREEN, "pattern": {"shape": "/"}}
    doses = made.purified.doses / 1e3
    figure.add_bar(x=batch, y=doses, name="doses", marker=bars, row=2, col=1)
    figure.update_yaxes(title_text="pH", row=1, col=1)
    figure.update_yaxes(title_text="doses (thousands)", row=2, col=1)
    figure.update_xaxes(title_text="batch", row=2, col=1)
    title = "What the bench has seen" if witness else "What the control room sees"
    figure.update_layout(title=title, height=480)
    return figure, said


# The shelf of models ---------------------------------------------------------------------------


def open_shelf() -> Any:
    """Open MLflow's store of runs and models, with room for versions of "doses".

    It is the one that MLFLOW_TRACKING_URI names, or else a folder that goes with the kernel.

    Returns
    -------
    mlflow.MlflowClient

    Raises
    ------
    CourseError
        The server that MLFLOW_TRACKING_URI names does not answer, or the disk is nearly full.
    """
    # Nobody waits minutes for a server that is down.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    import mlflow

    address = os.environ.get("MLFLOW_TRACKING_URI", "")
    files = None
    if not address:
        folder = tempfile.mkdtemp(prefix="vaxlab-monday-")
        free = shutil.disk_usage(folder).free
        if free < SHELF_BYTES:
            os.rmdir(folder)
            raise CourseError(
                f"{tempfile.gettempdir()} has {free >> 20} MB left, and a shelf of models wants "
                f"{SHELF_BYTES >> 20}. Make room, or name another folder as TMPDIR, and restart "
                "the kernel. Nothing was written."
            )
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        address, files = f"sqlite:///{folder}/runs.db", f"{folder}/files"
    mlflow.set_tracking_uri(address)
    client = mlflow.MlflowClient()
    try:
        _made(client.create_experiment, EXPERIMENT, artifact_location=files)
        _made(client.create_registered_model, MODEL)
    except mlflow.exceptions.MlflowException as error:
        said = str(error).splitlines()[0][:120]
        raise CourseError(
            f"The store of models at {address} does not answer: {said}. Start the server, or "
            "take MLFLOW_TRACKING_URI out of the environment to work in a folder of your own."
        ) from None
    mlflow.set_experiment(EXPERIMENT)
    return client


def _made(make: Callable[..., Any], name: str, **more: Any) -> None:
    """Make something of a name, unless it is there: another run may have been faster."""
    import mlflow

    try:
        make(name, **more)
    except mlflow.exceptions.MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def seal(client: Any, name: str, version: str) -> str:
    """Write the hash of a version's files beside it, and return it.

    Parameters
    ----------
    client : mlflow.MlflowClient
    name, version : str
        Of a registered model.
    """
    mark = _hash_of_files(name, version)
    client.set_model_version_tag(name, version, SEAL, mark)
    return mark


def take(client: Any, name: str, alias: str) -> Any:
    """Load the version that an alias stands for, if its files are those that were sealed.

    Raises
    ------
    CourseError
        The files have changed, or nothing was sealed, or there is no such alias.
    """
    import mlflow

    try:
        version = client.get_model_version_by_alias(name, alias)
    except mlflow.exceptions.MlflowException:
        said = f"No version of {name!r} has the alias {alias!r}. Set it first."
        raise CourseError(said) from None
    sealed = version.tags.get(SEAL, "")
    if _hash_of_files(name, version.version) != sealed:
        raise CourseError(
            f"The files of {name!r}, version {version.version}, are not those that were approved: "
            f"their hash is not {sealed[:8] or 'on record'}. Nothing is loaded. Register the model "
            "again from its run."
        )
    return mlflow.sklearn.load_model(f"models:/{name}/{version.version}")


def _hash_of_files(name: str, version: str) -> str:
    import mlflow

    folder = Path(mlflow.artifacts.download_artifacts(f"models:/{name}/{version}"))
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def shelf(client: Any, name: str) -> pd.DataFrame:
    """Return the registry as a table, one row a version of a model.

    Returns
    -------
    DataFrame
        ``alias``, ``run``, ``fingerprint`` (its first digits), ``files`` (of the seal), and the
        metrics of its run.
    """
    rows = {}
    for version in sorted(client.search_model_versions(f"name='{name}'"), key=_number):
        run = client.get_run(version.run_id)
        found = client.get_model_version(name, version.version)
        rows[int(version.version)] = {
            "alias": ", ".join(found.aliases),
            "run": run.info.run_name,
            "fingerprint": run.data.tags.get("fingerprint", "")[:8],
            "files": found.tags.get(SEAL, "")[:8],
        } | {metric: round(value, 3) for metric, value in run.data.metrics.items()}
    return pd.DataFrame(rows).T.rename_axis("version")


def _number(version: Any) -> int:
    return int(version.version)


def mark(namespace: Names, table: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """Return how the fingerprint of a model begins, by the learner's function if it works.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `fingerprint` is put to work where it gives a text.
    table, settings
        What a model of `material.model` came from; its code is the third thing.
    """
    code = inspect.getsource(material.model)
    try:
        text = namespace.get("fingerprint")(table.copy(), dict(settings), code)
    except Exception:  # whatever an unfinished answer does
        text = None
    is_text = isinstance(text, str) and text
    return (text if is_text else material._fingerprint(table, settings, code))[:MARK_DIGITS]


# What has changed? -----------------------------------------------------------------------------


def columns_figure(namespace: Names, probe: str = "") -> tuple[go.Figure, str]:
    """Draw the p-value of each column, of 20 batches against the reference.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `drifted` is put to work where it gives an answer.
    probe : str
        Which probe drifts; none if empty.
    """
    reference = material.reference()
    new = material.drifting(probe).iloc[-20:] if probe else material.quiet().iloc[:20]
    p = material._p_values(reference, new).sort_values(ascending=False)
    try:
        called, own = set(namespace.get("drifted")(reference, new)) & set(p.index), True
    except Exception:  # whatever an unfinished answer does
        called, own = set(material._drifted(reference, new)), False
    figure = go.Figure()
    for k, (name, there) in enumerate((("as usual", False), ("called drifted", True))):
        part = p[[(column in called) == there for column in p.index]]
        marker = {"color": figures.COLOURS[k], "symbol": figures.MARKERS[k], "size": 9}
        figure.add_scatter(
            x=np.maximum(part, 10.0 ** P_DECADES[0]),
            y=part.index,
            mode="markers",
            name=name,
            marker=marker,
        )
    line = {"color": GREY, "dash": "dot"}
    figure.add_vline(x=0.05, line=line)
    # On a logarithmic axis a line is placed by its value, and words by their power of ten.
    at = {"x": np.log10(0.05), "y": 1, "yref": "paper", "yanchor": "bottom"}
    figure.add_annotation(text="0.05", showarrow=False, **at)
    figure.update_xaxes(
        title_text="p-value of KS (logarithmic)",
        type="log",
        exponentformat="power",
        range=P_DECADES,
    )
    title = f"20 batches, {SHOWN.get(probe, probe) or 'no'} probe drifts"
    figure.update_layout(title=title, height=560)
    figure.update_yaxes(categoryorder="array", categoryarray=list(p.index))
    gaps = sorted(set(material.GAPS) & called)
    index, own_index = _psi_of(namespace, reference, new)
    told = ", ".join(f"{name} {value:.2f}" for name, value in index.items())
    return figure, (
        f"{int((p <= 0.05).sum())} of {len(p)} columns have p ≤ 0.05, and {len(called)} are called "
        f"drifted. Of the gaps: {', '.join(gaps) or 'none'}. Their PSI: {told}. Twenty batches "
        f"dealt out of the reference have a PSI of {_psi_by_lot(reference, len(new)):.2f} on "
        f"average.{_whose(own and own_index)}"
    )


def _psi_of(
    namespace: Names, reference: pd.DataFrame, new: pd.DataFrame
) -> tuple[dict[str, float], bool]:
    """Return the index of each gap, by the learner's `psi` if it gives a number."""
    pairs = {name: (reference[name].to_numpy(), new[name].to_numpy()) for name in material.GAPS}
    try:
        own = {name: float(namespace.get("psi")(*pair)) for name, pair in pairs.items()}
        if np.isfinite(list(own.values())).all():
            return own, True
    except Exception:  # whatever an unfinished answer does
        pass
    return {name: material._psi(*pair) for name, pair in pairs.items()}, False


def _psi_by_lot(reference: pd.DataFrame, n: int) -> float:
    """Return the mean index of n batches of the reference against the rest of them."""
    rng, found = np.random.default_rng(6), []
    for _ in range(10):
        dealt = reference.iloc[rng.permutation(len(reference))]
        found += [material._psi(dealt[name][n:], dealt[name][:n]) for name in dealt]
    return float(np.mean(found))


# The alarm -------------------------------------------------------------------------------------


def alarm_figure(namespace: Names, probe: str = "ph") -> tuple[go.Figure, str]:
    """Draw a gap batch by batch, and where the learner's alarm is raised.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `alarm` is put to work where it gives an answer.
    probe : str
    """
    alarm, own = _alarm_of(namespace)
    reference, stretch = material.reference(), material.drifting(probe)
    raised = material._watch(alarm, reference, stretch, until=material.DRILL_START)
    name = f"{probe}_gap"
    off = (stretch[name] - reference[name].mean()) / reference[name].std()
    figure = go.Figure()
    dots = {"color": figures.BLUE, "symbol": "circle", "size": 8}
    figure.add_scatter(x=off.index, y=off, mode="markers", name=name, marker=dots)
    crosses = {"color": figures.VERMILLION, "symbol": "x", "size": 14}
    figure.add_scatter(
        x=raised, y=off.iloc[raised], mode="markers", name="alarm after", marker=crosses
    )
    figure.add_vline(x=material.DRILL_START - 0.5, line={"color": GREY, "dash": "dot"})
    figure.add_hline(y=3, line={"color": GREY, "dash": "dash"})
    figure.add_hline(y=-3, line={"color": GREY, "dash": "dash"})
    figure.update_layout(
        title=f"The {SHOWN.get(probe, probe)} probe drifts from batch {material.DRILL_START} on",
        xaxis_title="batch",
        yaxis_title="gap (SDs of the reference)",
        height=400,
    )
    when = ", ".join(map(str, raised)) or "never"
    return figure, f"The alarm is raised after batch {when}. Dashed: three SDs.{_whose(own)}"


def ways(namespace: Names) -> pd.DataFrame:
    """Return how ways to raise an alarm do: in 60 quiet batches, and on nine drifts.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `alarm` is put to work where it gives an answer.
    """
    from tqdm.auto import tqdm

    alarm, own = _alarm_of(namespace)
    tried = rivals.WAYS | ({"yours": alarm} if own else {})
    rows = {name: _tried(name, way) for name, way in tqdm(tried.items(), desc="Alarms")}
    names = ["false alarms in 60", "found within 10, of 9", "batches to the alarm"]
    return pd.DataFrame(rows, index=names).T.astype({names[0]: int, names[1]: int})


def _tried(name: str, alarm: Alarm) -> tuple[int, int, float]:
    reference, quiet = material.reference(), material.quiet()
    delays = [rivals.delay(alarm, reference, *drill) for drill in material._drills(HISTORY_SEED, 3)]
    false = len(material._watch(alarm, reference, quiet))
    return false, sum(d <= material.WITHIN for d in delays), round(float(np.mean(delays)), 1)


# The sweep -------------------------------------------------------------------------------------


def sweep(
    namespace: Names, score: Callable[[Any], float], jobs: Sequence[Any]
) -> tuple[go.Figure | None, str]:
    """Run jobs on a cluster that comes from nothing, loses a worker, and goes back to nothing.

    On the cluster of DASK_SCHEDULER_ADDRESS, if there is one; nobody kills a worker of that.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `run_all` is put to work where it does not fail.
    score : callable
        What a worker does with a job.
    jobs : sequence

    Returns
    -------
    figure : Figure or None
        Workers and jobs over time. None where a page listens: there it is drawn as it runs.
    sentence : str
    """
    if "NBGRADER_EXECUTION" in os.environ:
        return None, "While a notebook is run by a program, no cluster is started."
    from vaxlab.lessons.day4.monday import elastic

    serial, begun = [], time.perf_counter()
    for job in jobs:
        serial.append(score(job))
    serial_s = time.perf_counter() - begun
    try:
        with elastic.Cluster(score, len(jobs)) as cluster:
            results, own = _swept(namespace, jobs, cluster)
            cluster.wind_down()
    except (OSError, RuntimeError, TimeoutError) as error:
        return None, (
            f"No cluster could be started here ({type(error).__name__}: {str(error)[:80]}). The "
            f"serial run took {serial_s:.1f} s."
        )
    same = sum(a == b for a, b in zip(results, serial, strict=False))
    # Where a page listens, it has been there since the cluster was opened.
    return None if cluster.is_live else cluster.figure, (
        f"{same} of {len(jobs)} results equal the serial ones to the last bit.\n{cluster.told()} "
        f"One after another the jobs took {serial_s:.1f} s.{_whose(own)}"
    )


def _swept(namespace: Names, jobs: Sequence[Any], cluster: Any) -> tuple[list, bool]:
    try:
        results = list(namespace.get("run_all")(list(jobs), cluster.submit))
        if len(results) == len(jobs) and results[0] is not ...:
            return results, True
    except Exception:  # whatever an unfinished answer does
        pass
    return material._run_all(jobs, cluster.submit), False


# Let the plant run on it -----------------------------------------------------------------------


@cache
def _worlds(plant_seed: int) -> list[dict[str, Any]]:
    """Return seasons in which a pH probe begins to drift, mended and not, as arrays (40,)."""
    seasons_ = []
    rng = material._rng(plant_seed, 11)
    for k in range(SEASONS):
        start = int(rng.integers(BEGINS[0], BEGINS[1] + 1))
        size = rng.uniform(*material.DRIFTS["ph"]) * rng.choice([-1, 1])
        error = np.clip(material.Drift("ph", start, size).at(SEASON), -WORST, WORST)
        rows = material._rows(plant_seed, 60 + k, SEASON)
        season = {"start": start}
        for name, more in (("sound", np.zeros(SEASON)), ("off", error)):
            these = material._off(rows, more)
            made = making.make(these.recipes, these.met)
            table = material._table(these, made, material._rng(plant_seed, 360 + k))
            low, high = LICENSED["ph"]
            true = material._true_ph(these)
            released = made.release.released
            season[name] = {
                "table": material._watched(table),
                "doses": np.where(released, made.purified.doses, 0.0),
                "bad": released & ((true < low) | (true > high)),
            }
        seasons_.append(season)
    return seasons_


def _season(season: Mapping[str, Any], checked_after: list[int]) -> dict[str, float]:
    """Run a season in which all probes are checked after these batches, and mended if need be."""
    start, batch = season["start"], np.arange(SEASON)
    mended = min((k for k in checked_after if k >= start), default=SEASON)
    off = (batch >= start) & (batch <= mended)
    doses = np.where(off, season["off"]["doses"], season["sound"]["doses"])
    doses[[k + 1 for k in checked_after if k + 1 < SEASON]] *= 1 - VISIT_LOSS
    return {
        "batches": min(mended, SEASON - 1) - start + 1,
        "bad": int(np.where(off, season["off"]["bad"], season["sound"]["bad"]).sum()),
        "false": sum(k < start or k > mended for k in checked_after),
        "doses": float(doses.sum()),
    }


def _alarms(n: int) -> str:
    return "1 alarm is" if n == 1 else f"{n} alarms are"


def _raised_in(alarm: Alarm, reference: pd.DataFrame, season: Mapping[str, Any]) -> list[int]:
    """Return after which batches an alarm is raised; with a mended probe the season goes on."""
    start, sound, off = season["start"], season["sound"]["table"], season["off"]["table"]
    first = material._watch(alarm, reference, off, until=start)
    mended = next((k for k in first if k >= start), SEASON)
    later = material._watch(alarm, reference, sound.iloc[mended + 1 :])
    return first + [mended + 1 + k for k in later]


def seasons(
    namespace: Names, plant_seed: int = HISTORY_SEED
) -> tuple[pd.DataFrame, go.Figure, str]:
    """Run twelve seasons in which a pH probe drifts, on the learner's alarm and on other habits.

    An alarm has all probes checked: it costs one batch in a hundred of the next batch's doses,
    and a probe that drifts is mended. Hands, lots and luck are the same whatever is done.

    Parameters
    ----------
    namespace : mapping
        The learner's names. `alarm` is put to work where it gives an answer.
    plant_seed : int
    """
    alarm, own = _alarm_of(namespace)
    reference, worlds = material.reference(plant_seed), _worlds(plant_seed)
    yours = "your alarm" if own else "the course’s alarm"
    habits = {"nobody looks": [[] for _ in worlds]}
    for every in EVERY:
        calendar = list(range(every - 1, SEASON, every))
        habits[f"every {every} batches"] = [calendar for _ in worlds]
    habits |= {
        yours: [_raised_in(alarm, reference, season) for season in worlds],
        "at once": [[season["start"]] for season in worlds],
    }
    came = {
        who: pd.DataFrame([_season(*pair) for pair in zip(worlds, checks_, strict=True)])
        for who, checks_ in habits.items()
    }
    idle, rows = came["nobody looks"]["doses"], {}
    for who, table in came.items():
        gain = table["doses"] - idle
        half = T_975 * gain.std(ddof=1) * np.sqrt(len(gain))
        percent = 100 * np.array([gain.sum(), gain.sum() - half, gain.sum() + half]) / idle.sum()
        days = material.DAYS_A_BATCH * table["batches"].mean()
        rows[who] = [days, table["bad"].sum(), table["false"].sum(), *percent]
    names = ["days of drift", "bad released", "false alarms", "gained, %", "from, %", "to, %"]
    table = pd.DataFrame(rows, index=names).T.round(0).astype(int)
    figure = figures.bars(
        pd.Series({who: part["doses"].sum() / 1e3 for who, part in came.items()}),
        title=f"{SEASONS} seasons of {SEASON} batches, a pH probe drifts in each",
        axis_title="doses released (thousands)",
    )
    # The numbers stand on the bars: lines behind them would only strike them through.
    figure.update_yaxes(showgrid=False, tickformat=",")
    row = table.loc[yours]
    sentence = (
        f"With {yours} a drift is found after {row['days of drift']} days on average, "
        f"{row['bad released']} bad batches are released where {table.iloc[0]['bad released']} "
        f"were, and {_alarms(row['false alarms'])} false. That is worth {row['gained, %']} % "
        f"({row['from, %']} to {row['to, %']} %) of the doses."
    )
    return table, figure, sentence
