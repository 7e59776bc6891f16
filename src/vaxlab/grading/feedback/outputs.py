"""What code showed, as HTML; figures are set aside as data, for the page's own script to draw."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

from bs4 import BeautifulSoup
from markupsafe import Markup
from nbformat import NotebookNode

from vaxlab.checks.result import Outcome
from vaxlab.grading.feedback import clean, figure, prose

MAX_OUTPUTS = 60
#: All figures of a page together; those beyond are described only.
MAX_FIGURES_BYTES = 12 * 2**20
_SENTENCE = re.compile(r"\s*<p>([^<>]*)</p>\s*\Z")
_NOTHING = re.compile(r"<[\w.]+ object>\s*\Z|<[\w. ]+ at 0x[0-9a-f]+>\s*\Z")
#: Pictures side by side need more room than a phone has: they are scrolled, also by the keyboard.
_SECOND_AXIS = re.compile(r"xaxis\d")
_RICH = Markup('<div class="rich">{}</div>')
_TABLE = Markup('<div class="rich wide" tabindex="0" role="group" aria-label="Table">{}</div>')
_FIGURE = Markup(
    '<figure{}><div class="drawing {}" data-figure="{}" role="img" aria-label="{}">'
    '<p class="instead">{}</p></div>{}</figure>'
)


class Shown:
    """Writes outputs, and keeps the figures among them.

    Attributes
    ----------
    figures : list of dict
        As `vaxlab.grading.feedback.figure.harmless` gives them; the page names them by position.
    """

    def __init__(self) -> None:
        self.figures: list[dict[str, Any]] = []
        self._bytes = 0

    def cell(self, cell: NotebookNode) -> Markup:
        """Write the outputs of a code cell."""
        clean.outputs(cell)
        cell.outputs = _joined(cell.outputs)
        shown = cell.outputs[:MAX_OUTPUTS]
        parts, skip = [], False
        for output, following in itertools.zip_longest(shown, shown[1:]):
            if skip:
                skip = False
                continue
            if figure.MIME in output.get("data", {}):
                caption = _sentence(following)
                skip = bool(caption)
                parts.append(self._figure(output.data, caption))
            else:
                parts.append(_output(output))
        left = len(cell.outputs) - len(shown)
        if left:
            parts.append(Markup("<p>{} more outputs are left out.</p>").format(left))
        return Markup("").join(parts)

    def _figure(self, data: dict[str, Any], caption: str) -> Markup:
        words = str(data["text/plain"])
        below = Markup("<figcaption>{}</figcaption>").format(caption) if caption else ""
        self._bytes += len(str(data[figure.MIME]))
        if self._bytes > MAX_FIGURES_BYTES:
            return Markup("<figure><p>{}</p>{}</figure>").format(words, below)
        self.figures.append(data[figure.MIME])
        several = any(_SECOND_AXIS.match(name) for name in data[figure.MIME]["layout"])
        look, label = "several" if several else "", caption or words
        focus = Markup(' tabindex="0"') if several else ""
        return _FIGURE.format(focus, look, len(self.figures) - 1, label, words, below)


def _joined(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Join what was printed in pieces: a progress bar comes in a hundred of them."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _sentence(output: NotebookNode | None) -> str:
    """Give the caption that `vaxlab.figures.show` puts under a figure."""
    html = (output or {}).get("data", {}).get("text/html", "")
    found = _SENTENCE.match(html)
    return str(Markup(found[1]).unescape()) if found else ""


def _output(output: NotebookNode) -> Markup:
    kind = output.output_type
    if kind == "stream":
        return _text(output.text, "warnings" if output.name == "stderr" else "printed")
    if kind == "error":
        return _error(output)
    data = output.data
    for picture in ("image/png", "image/jpeg"):
        if picture in data:
            tag = Markup('<img src="data:{};base64,{}" alt="A picture that the code made.">')
            return tag.format(picture, data[picture])
    if "text/markdown" in data:
        return _RICH.format(prose.markdown(data["text/markdown"]))
    if "text/html" in data:
        rich = _TABLE if "<table" in data["text/html"] else _RICH
        return rich.format(Markup(data["text/html"]))
    return _text(str(data.get("text/plain", "")), "printed")


def _text(text: str, look: str) -> Markup:
    said = prose.printed(text).strip("\n")
    if not said.strip() or _NOTHING.match(said):
        return Markup()
    # A long one scrolls, also by the keyboard.
    focus = Markup(' tabindex="0"') if said.count("\n") > 15 else ""
    return Markup('<pre class="{}"{}>{}</pre>').format(look, focus, said)


def _error(output: NotebookNode) -> Markup:
    """Write an error: what it says first, then where it came from, folded."""
    said = prose.printed(f"{output.get('ename', '')}: {output.get('evalue', '')}")
    lines = prose.printed("\n".join(map(str, output.get("traceback", []))))
    where = Markup("<details><summary>Where it happened</summary><pre>{}</pre></details>")
    return Markup('<div class="stopped"><p><strong>{}</strong></p>{}</div>').format(
        said, where.format(lines) if lines.strip() else ""
    )


def result(outputs: Sequence[NotebookNode]) -> tuple[str, Markup, str]:
    """Read what a check has shown.

    Returns
    -------
    tuple of str, Markup and str
        The outcome in words, empty where the check gave none; its parts and reasons; and what its
        first part that has not passed says to look at.
    """
    for output in outputs:
        html = output.get("data", {}).get("text/html", "")
        soup = BeautifulSoup(clean.rendered(str(html), folds=False), "html.parser")
        head = soup.find("strong")
        words = head.get_text().partition(" ")[2] if head else ""
        if words in set(Outcome):
            head.find_parent("div").decompose()  # the page says it in its own heading
            looks = (line.get_text() for line in soup.find_all("div"))
            look = next((said for said in looks if said.startswith("look at: ")), "")
            return words, Markup(str(soup)), look.removeprefix("look at: ")
    return "", Markup("").join(_output(output) for output in outputs), ""
