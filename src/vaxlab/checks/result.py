"""The answer of a check: parts with points, in words, in HTML and as a bare number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape


class Outcome(StrEnum):
    """The four things that a check can say, worst for the learner last."""

    PASSED = "passed"
    NOT_ATTEMPTED = "not attempted"
    NOT_YET = "not yet"
    ERROR = "error in your code"


MIME_TYPE = "application/vnd.vaxlab.check+json"
"""Under this type a notebook keeps the outcome for programs (`vaxlab.progress`)."""

WRITE_HERE = "*Write your answer here, in place of this line.*"
"""What stands in the cell of a written answer, which a person marks, until there is one."""

# Shape, not only colour, tells the outcomes apart. The colours are JupyterLab's own, so
# they follow its theme; they paint a border only, the words keep the theme's text colour.
_MARKS = {
    Outcome.PASSED: ("✔", "var(--jp-success-color1, #2e7d32)"),
    Outcome.NOT_ATTEMPTED: ("○", "var(--jp-info-color1, #0277bd)"),
    Outcome.NOT_YET: ("◐", "var(--jp-warn-color1, #ef6c00)"),
    Outcome.ERROR: ("✖", "var(--jp-error-color1, #c62828)"),
}


@dataclass(frozen=True)
class Part:
    """One thing that was looked at.

    Attributes
    ----------
    label : str
        What was looked at, in a few words.
    outcome : Outcome
        One of the four.
    earned, out_of : float
        Points.
    message : str
        One or two sentences.
    called, got, expected, look_at : str
        What the check ran, what came back, what would have been right, where to look
        next. Empty where there is nothing to say.
    """

    label: str
    outcome: Outcome
    earned: float
    out_of: float
    message: str = ""
    called: str = ""
    got: str = ""
    expected: str = ""
    look_at: str = ""

    def details(self) -> list[tuple[str, str]]:
        """Pairs of name and text of what is known beyond the message."""
        named = [
            ("called", self.called),
            ("got", self.got),
            ("expected", self.expected),
            ("look at", self.look_at),
        ]
        return [(name, text) for name, text in named if text]


@dataclass(frozen=True)
class Result:
    """What a check cell shows.

    ``repr`` is the points earned and nothing else: nbgrader reads it as the score.
    ``str`` says everything in plain text; a notebook shows the same as HTML.
    """

    title: str
    parts: Sequence[Part]
    out_of: float
    printed: str = ""

    @property
    def points(self) -> float:
        """Points earned, never below 0 and never above ``out_of``."""
        return min(max(round(sum(part.earned for part in self.parts), 2), 0.0), self.out_of)

    @property
    def outcome(self) -> Outcome:
        """The outcome of the whole: an error first, then what is still to be done."""
        outcomes = {part.outcome for part in self.parts}
        if len(outcomes) == 1:
            return outcomes.pop()
        return Outcome.ERROR if Outcome.ERROR in outcomes else Outcome.NOT_YET

    def __repr__(self) -> str:
        return f"{self.points:g}"

    def __str__(self) -> str:
        lines = [f"{self.title}: {self.outcome} ({self.points:g} of {self.out_of:g} points)"]
        for part in self.parts:
            score = f"{part.earned:g}/{part.out_of:g}"
            message = f": {part.message}" if part.message else ""
            lines.append(f"  [{part.outcome}] {part.label} ({score}){message}")
            lines += [f"      {name}: {text}" for name, text in part.details()]
        if self.printed.strip():
            lines += ["  your code printed:", *self._last_lines()]
        return "\n".join(lines)

    def _last_lines(self) -> list[str]:
        return [line[:160] for line in self.printed.strip().splitlines()[-8:]]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict:
        said = {"outcome": str(self.outcome), "points": self.points, "out_of": self.out_of}
        return {"text/plain": repr(self), "text/html": self._repr_html_(), MIME_TYPE: said}

    def _repr_html_(self) -> str:
        mark, colour = _MARKS[self.outcome]
        head = (
            f"<div><strong>{mark} {escape(str(self.outcome))}</strong> · {escape(self.title)} · "
            f"{self.points:g} of {self.out_of:g} points</div>"
        )
        return (
            f'<div role="status" class="vaxlab-check" style="border-left: 6px solid {colour}; '
            "padding: 6px 12px; margin: 4px 0; color: var(--jp-content-font-color1, #212121); "
            'background: transparent; line-height: 1.5">'
            f"{head}{''.join(_part_html(part) for part in self.parts)}{self._printed_html()}</div>"
        )

    def _printed_html(self) -> str:
        if not self.printed.strip():
            return ""
        text = escape("\n".join(self._last_lines()))
        return f'<div style="margin-top: 6px">your code printed:</div>{_code(text, "pre")}'


def _part_html(part: Part) -> str:
    mark, _ = _MARKS[part.outcome]
    details = "".join(
        f"<div>{escape(name)}: {_code(escape(text))}</div>" for name, text in part.details()
    )
    message = f": {_prose(part.message)}" if part.message else ""
    return (
        f'<div style="margin: 6px 0 0 4px">{mark} <em>{escape(str(part.outcome))}</em> · '
        f"{_prose(part.label)} ({part.earned:g}/{part.out_of:g}){message}"
        f'<div style="margin-left: 22px">{details}</div></div>'
    )


def _code(escaped: str, tag: str = "code") -> str:
    style = "white-space: pre-wrap; background: transparent; color: inherit; margin: 0"
    return f'<{tag} style="{style}">{escaped}</{tag}>'


def _prose(message: str) -> str:
    """Escape a message, then show its `code` as code and its *emphasis* as such."""
    marked = re.sub(r"`([^`]+)`", lambda found: _code(found[1]), escape(message))
    return re.sub(r"(?<![\w*])\*(\w[^*]*\w|\w)\*(?![\w*])", r"<em>\1</em>", marked)
