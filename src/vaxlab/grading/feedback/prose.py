"""Markdown, code and what code printed, as HTML that is safe to show."""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup
from nbconvert.filters.ansi import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from vaxlab.grading.feedback import clean, mathml

#: A longer source is shown without colours; of a longer text the middle is left out.
MAX_COLOURED, MAX_SHOWN = 50_000, 20_000
#: Stands for formula number n until the text around it is clean.
_FORMULA = re.compile("\ue000(\\d+)\ue001")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
#: A figure that was printed and not shown: its source says nothing to anybody.
_FIGURE = re.compile(r"Figure(?:Widget)?\(\{.*?(?:\}\)\]?\s*$|\Z)", re.DOTALL | re.MULTILINE)


class _Renderer(IPythonRenderer):
    """Keeps formulas aside, loads no picture, and sets headings below those of the page."""

    def __init__(self, *, course: bool) -> None:
        # HTML of the course's own is HTML; anybody else's is shown as it was written.
        super().__init__(
            escape=not course, allow_harmful_protocols=False, exclude_anchor_links=True
        )
        self.course = course
        self.formulas: list[str] = []

    def heading(self, text: str, level: int, **_: object) -> str:
        if not self.course:
            return f"<p><strong>{text}</strong></p>\n"
        below = min(max(level, 2) + 1, 6)
        return f"<h{below}>{text}</h{below}>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f"[picture: {text}]"

    def inline_math(self, body: str) -> str:
        return self._aside(body, block=False)

    def block_math(self, body: str) -> str:
        return self._aside(body, block=True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._aside(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)

    def _aside(self, formula: str, *, block: bool) -> str:
        self.formulas.append(mathml.html(formula, block=block))
        return f"\ue000{len(self.formulas) - 1}\ue001"


def markdown(source: str, *, course: bool = False) -> Markup:
    """Render Markdown.

    Parameters
    ----------
    source : str
        As it stands in a cell.
    course : bool
        Whether it is the course's own: its headings are headings, and its hints fold. In anybody
        else's text a heading is a bold line, so that nothing stands among the page's own.
    """
    # A learner's text as it was before `clean.text`.
    return _course_text(source) if course else _rendered(source.replace("&lt;", "<"), course=False)


@lru_cache(maxsize=500)
def _course_text(source: str) -> Markup:
    """Render a text of the course; the same for a whole class."""
    return _rendered(source, course=True)


def _rendered(source: str, *, course: bool) -> Markup:
    renderer = _Renderer(course=course)
    made = MarkdownWithMath(renderer=renderer).render(source)
    cleaned = clean.rendered(made, folds=course)

    def formula(found: re.Match[str]) -> str:
        number = int(found[1])
        return renderer.formulas[number] if number < len(renderer.formulas) else ""

    return Markup(_FORMULA.sub(formula, cleaned))


def code(source: str) -> Markup:
    """Colour a cell's source by its grammar."""
    if len(source) > MAX_COLOURED:
        return Markup('<div class="code"><pre>{}</pre></div>').format(_short(source))
    return _coloured(source.strip("\n"))


@lru_cache(maxsize=200)
def _coloured(source: str) -> Markup:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name("ipython3", stripnl=False)
    return Markup(highlight(source, lexer, HtmlFormatter(cssclass="code")))


@lru_cache
def code_style() -> str:
    """Style sheet for `code`, in light and in dark."""
    from pygments.formatters import HtmlFormatter

    light, dark = (
        "\n".join(HtmlFormatter(style=name).get_token_style_defs(".code"))
        for name in ("default", "github-dark")
    )
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def printed(text: str) -> str:
    """Give what code printed, as it ended up on the screen; a figure among it is a remark."""
    said = _FIGURE.sub("[a figure, printed as text; as the last line of a cell it is drawn]", text)
    # A progress bar writes its line again and again.
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in strip_ansi(said).split("\n"))
    return _CONTROL.sub("", _short("\n".join(lines)))


def _short(text: str) -> str:
    if len(text) <= MAX_SHOWN:
        return text
    half = MAX_SHOWN // 2
    left = f"\n[… {len(text) - MAX_SHOWN:,} characters are left out here …]\n"
    return text[:half] + left + text[-half:]
