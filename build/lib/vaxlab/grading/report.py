"""One page about a class: points by exercise, points against time, learners, what is held.

A single HTML file that asks nothing of any network: Plotly's own script stands in it. The page's
policy lets no other script run, whatever a learner is called.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from vaxlab.errors import CourseError
from vaxlab.grading.handback import Learner, Marks, number, read, save

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Shares of an exercise's points, worst first; each with its pattern, so that colour is not all.
_BANDS = ("no points", "less than half", "half or more", "all points")
_PATTERNS = ("x", "/", ".", "")

_STYLE = """
:root { color-scheme: light dark; --jp-content-font-color1: #212121; --page: #fff; --soft: #8884; }
@media (prefers-color-scheme: dark) {
  :root { --jp-content-font-color1: #e0e0e0; --page: #1a1a1a; }
}
body { font: 16px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 0 auto; padding: 1rem;
  color: var(--jp-content-font-color1); background: var(--page); }
.js-plotly-plot .infolayer text, .js-plotly-plot .xaxislayer-above text,
.js-plotly-plot .yaxislayer-above text { fill: var(--jp-content-font-color1) !important; }
figure { margin: 0 0 2rem; overflow-x: auto; }
figure > div { min-width: 44rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--soft); text-align: left; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.when { white-space: nowrap; }
"""
_DRAW = """
const figures = JSON.parse(document.getElementById("figures").textContent);
for (const [name, figure] of Object.entries(figures)) {
  Plotly.newPlot(name, figure.data, figure.layout, {responsive: true, displaylogo: false});
}
"""


@dataclass(frozen=True)
class Item:
    """How a class did in one exercise.

    Attributes
    ----------
    label : str
        Notebook and title.
    out_of : float
        Points that can be earned.
    earned : list of float
        Points of each learner with final points in this notebook.
    """

    label: str
    out_of: float
    earned: list[float]

    @property
    def mean(self) -> float:
        """Points on average; 0 for a class of nobody."""
        return sum(self.earned) / len(self.earned) if self.earned else 0.0

    def bands(self) -> list[int]:
        """Count learners by `_BANDS`."""
        counts = [0, 0, 0, 0]
        for points in self.earned:
            share = points / self.out_of if self.out_of else 1.0
            counts[0 if share <= 0 else 1 if share < 0.5 else 2 if share < 1 else 3] += 1
        return counts


def items(marks: Marks, titles: dict[str, str]) -> list[Item]:
    """Gather the exercises of an assignment, in the order of its notebooks.

    Parameters
    ----------
    titles : dict
        Titles by name of the graded cell, in the notebooks' order; those that are missing are
        called by that name, and come last.
    """
    places = {name: place for place, name in enumerate(titles)}
    found = []
    cells = sorted(marks.cells, key=lambda cell: (cell[0], places.get(cell[1], len(places))))
    for notebook, cell in cells:
        title = titles.get(cell, cell.removesuffix("-check"))
        earned = [
            learner.cells[notebook, cell]
            for learner in marks.learners
            # What is held counts 0 in the gradebook, which says nothing about the exercise.
            if (notebook, cell) in learner.cells and learner.is_final
        ]
        found.append(Item(f"{notebook} · {title}", marks.cells[notebook, cell], earned))
    return found


def write(
    root: Path, assignment: str, *, output: Path | None = None, gradebook: str = ""
) -> tuple[Path, int]:
    """Write the report of a class.

    Parameters
    ----------
    root : Path
        The checkout.
    assignment : str
        Such as ``day1``.
    output : Path, optional
        By default ``report-day1.html`` in the checkout.
    gradebook : str
        SQLAlchemy URL; by default ``gradebook.db`` in the checkout.

    Returns
    -------
    tuple of Path and int
        Where it is, and how many learners handed something in.

    Raises
    ------
    CourseError
        There is no gradebook, no such assignment, nobody handed in, or the place cannot be
        written.
    """
    marks = read(root, assignment, gradebook)
    count = sum(learner.has_handed_in for learner in marks.learners)
    if not count:
        raise CourseError(
            f"The gradebook holds no submission of {assignment}, so there is nothing to report. "
            f"Grade first: `vaxlab grade {assignment}`."
        )
    target = output or root / f"report-{assignment}.html"
    save(page(marks, _titles(root, assignment)), target)
    return target, count


def _titles(root: Path, assignment: str) -> dict[str, str]:
    """Titles by name of the graded cell, from the notebooks that were handed out."""
    from vaxlab.grading import selfcheck

    found = {}
    for path in sorted((root / "course" / assignment).glob("*.ipynb")):
        try:
            exercises = selfcheck.titles(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # the cells' own names will do
        found |= {exercise.grade_id: exercise.title for exercise in exercises}
    return found


def page(marks: Marks, titles: dict[str, str]) -> str:
    """Write the page; the same for the same marks."""
    from plotly.offline import get_plotlyjs

    there = [learner for learner in marks.learners if learner.has_handed_in]
    final = [learner for learner in there if learner.is_final]
    found = items(marks, titles)
    figures = {"by-exercise": _by_exercise(found)} if final else {}
    known = [learner for learner in final if learner.handed_in]
    if known:
        figures["over-time"] = _over_time(known, marks.maximum)
    drawn = {name: json.loads(figure.to_json()) for name, figure in figures.items()}
    # "<" must not end the element that holds the data.
    data = json.dumps(drawn).replace("<", "\\u003c")
    scripts = [get_plotlyjs(), _DRAW]
    policy = (
        "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; "
        f"script-src {' '.join(map(allowed, scripts))}"
    )
    held = [learner for learner in there if learner.open]
    body = [
        f"<h1>{escape(marks.assignment)}: how the class did</h1>",
        f"<p>{_summary(marks, there, final)}</p>",
        "<h2>Points by exercise</h2>",
        _figure("by-exercise", _exercises_in_words(found)) if final else "",
        "<h2>Exercises that all solved, or nobody</h2>",
        _extremes(found),
        "<h2>Points against time</h2>",
        _figure("over-time", _time_in_words(known)) if known else _no_time(),
        "<h2>No final grade yet</h2>",
        _held(held),
        "<h2>Learners</h2>",
        _table(marks),
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(marks.assignment)}: how the class did</title>",
            f"<style>{_STYLE}</style></head><body>",
            *body,
            f'<script type="application/json" id="figures">{data}</script>',
            *(f"<script>{script}</script>" for script in scripts),
            "</body></html>\n",
        ]
    )


def allowed(script: str) -> str:
    """Name a script in the page's policy, so that it runs and no other does."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _by_exercise(found: list[Item]) -> go.Figure:
    import plotly.graph_objects as go

    from vaxlab import figures

    figure = go.Figure()
    colours = (figures.VERMILLION, figures.ORANGE, figures.GREEN, figures.BLUE)
    for band, name in enumerate(_BANDS):
        counts = [item.bands()[band] for item in found]
        figure.add_bar(
            x=[
                100 * count / max(len(item.earned), 1)
                for count, item in zip(counts, found, strict=True)
            ],
            y=[escape(item.label) for item in found],
            name=name,
            orientation="h",
            marker={
                "color": colours[band],
                "pattern": {"shape": _PATTERNS[band], "size": 7, "solidity": 0.25},
            },
            customdata=counts,
            hovertemplate="%{y}<br>" + name + ": %{customdata} learners, %{x:.0f} %<extra></extra>",
        )
    return figure.update_layout(
        template=figures.template(),
        barmode="stack",
        height=170 + 34 * len(found),
        xaxis={"title": "share of learners (%)", "range": [0, 100]},
        yaxis={"autorange": "reversed"},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "traceorder": "normal"},
        margin={"t": 40},
    )


def _over_time(known: list[Learner], maximum: float) -> go.Figure:
    import plotly.graph_objects as go

    from vaxlab import figures

    figure = go.Figure(
        go.Scatter(
            x=[learner.handed_in for learner in known],
            y=[learner.total for learner in known],
            mode="markers",
            marker={"color": figures.BLUE, "size": 10, "opacity": 0.9},
            # Plotly reads a little HTML in its labels.
            text=[escape(learner.name) for learner in known],
            hovertemplate="%{text}<br>%{x}: %{y} points<extra></extra>",
        )
    )
    return figure.update_layout(
        template=figures.template(),
        height=420,
        xaxis_title="handed in (UTC)",
        yaxis={"title": "points", "range": [-0.03 * maximum, 1.05 * maximum]},
    )


def _figure(name: str, words: str) -> str:
    return (
        f'<figure><div id="{name}" role="img" aria-label="{escape(words)}"></div>'
        f"<figcaption>{escape(words)}</figcaption></figure>"
    )


def _people(count: int) -> str:
    return f"{count} learner{'' if count == 1 else 's'}"


def _summary(marks: Marks, there: list[Learner], final: list[Learner]) -> str:
    absent = len(marks.learners) - len(there)
    said = (
        f"{_people(len(there))} handed in, {len(there) - len(final)} of them without a final grade"
    )
    said += f"; {_people(absent)} handed in nothing." if absent else "."
    if final:
        totals = sorted(learner.total for learner in final)
        middle = (totals[(len(totals) - 1) // 2] + totals[len(totals) // 2]) / 2
        said += (
            f" Of {number(marks.maximum)} points, those with a final grade have "
            f"{number(sum(totals) / len(totals))} on average; the median is {number(middle)}, "
            f"the lowest {number(totals[0])}, the highest {number(totals[-1])}."
        )
    return said


def _exercises_in_words(found: list[Item]) -> str:
    asked = [item for item in found if item.earned and item.out_of]
    if not asked:
        return "No exercise has final points yet."
    hard = min(asked, key=lambda item: item.mean / item.out_of)
    easy = max(asked, key=lambda item: item.mean / item.out_of)
    return (
        "Each bar is one exercise and adds up to all learners with a final grade: how many earned "
        "no points, some, or all. The smallest share of its points was earned in "
        f"{hard.label} ({number(hard.mean)} of {number(hard.out_of)} on average), the largest in "
        f"{easy.label} ({number(easy.mean)} of {number(easy.out_of)})."
    )


def _extremes(found: list[Item]) -> str:
    asked = [item for item in found if item.earned]
    everyone = [item.label for item in asked if item.bands()[3] == len(item.earned)]
    nobody = [item.label for item in asked if item.bands()[0] == len(item.earned)]
    lines = []
    for words, labels, advice in (
        ("All points by everyone", everyone, "It may tell the learners apart no longer."),
        ("No points by anyone", nobody, "Look at its text, its hints and its check."),
    ):
        shown = ", ".join(map(escape, labels)) or "none"
        lines.append(f"<li>{words}: {shown}.{f' {advice}' if labels else ''}</li>")
    return f"<ul>{''.join(lines)}</ul>"


def _time_in_words(known: list[Learner]) -> str:
    ordered = sorted(known, key=lambda learner: learner.handed_in)
    first, last = ordered[0].handed_in, ordered[-1].handed_in
    said = (
        f"Each dot is one learner with a final grade, {len(known)} in all: when the work was "
        f"handed in (or last saved, where that is not known), from {first:%d %B %Y %H:%M} to "
        f"{last:%d %B %Y %H:%M} UTC, and the points."
    )
    if len(ordered) >= 4:
        half = len(ordered) // 2
        early, late = ordered[:half], ordered[half:]
        means = [sum(one.total for one in part) / len(part) for part in (early, late)]
        said += f" The earlier half has {number(means[0])} on average, the later "
        said += f"{number(means[1])}."
    return said


def _no_time() -> str:
    return "<p>It is not known when the work was handed in, so there is no figure.</p>"


def _held(held: list[Learner]) -> str:
    if not held:
        return "<p>Nobody: every grade is final.</p>"
    lines = (
        f"<li>{escape(learner.name)} ({escape(learner.student)}): {escape('; '.join(learner.open))}"
        "</li>"
        for learner in held
    )
    return (
        "<p>These are in none of the figures. What is held: look at it in the formgrader, under "
        "<em>Manual grading</em>, and give the points there. What is not graded: do what the line "
        "says, and grade again.</p>"
        f"<ul>{''.join(lines)}</ul>"
    )


def _table(marks: Marks) -> str:
    numbers = [*marks.notebooks, "total"]
    head = [f"<th>{title}</th>" for title in ("Learner", "Name in nbgrader")]
    head += [f'<th class="number">{escape(title)}</th>' for title in numbers]
    head += [f"<th>{title}</th>" for title in ("Handed in (UTC)", "Remark")]
    rows = []
    for learner in marks.learners:
        points = [learner.points.get(name) for name in marks.notebooks]
        points.append(learner.total if learner.points else None)
        when = f"{learner.handed_in:%Y-%m-%d %H:%M}" if learner.handed_in else ""
        remark = (
            "; ".join([*learner.open, *learner.said])
            if learner.has_handed_in
            else "nothing handed in"
        )
        cells = [f"<td><bdi>{escape(text)}</bdi></td>" for text in (learner.name, learner.student)]
        cells += [
            f'<td class="number">{"" if value is None else number(value)}</td>' for value in points
        ]
        cells += [f'<td class="when">{when}</td>', f"<td>{escape(remark)}</td>"]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="scroll"><table><thead><tr>{"".join(head)}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
        f"<p>{number(marks.maximum)} points can be earned.</p>"
    )
