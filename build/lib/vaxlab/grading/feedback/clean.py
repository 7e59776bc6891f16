"""Leave nothing in a learner's outputs and texts that a browser would run, load or obey.

Used twice: when a submission is graded, so that the graded notebook is harmless wherever it is
opened, and again for the page, which trusts no notebook.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from bleach import ALLOWED_TAGS
from bleach.sanitizer import Cleaner
from nbformat import NotebookNode, v4
from nbformat.validator import isvalid

from vaxlab.grading.feedback import figure, stills

MAX_PICTURE_BYTES, MAX_HTML = 2 * 2**20, 2**20
_WIDGET = "application/vnd.jupyter.widget-view+json"
_OPENS_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_TABLE = ["table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption"]
_TEXT = ["div", "span", "p", "br", "hr", "pre", "sub", "sup"]
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_LISTS = ["dl", "dt", "dd", "del", "s"]
_SPANS = {"th": ["colspan", "rowspan"], "td": ["colspan", "rowspan"]}
_INVISIBLE = re.compile(r"<(style|script)\b.*?(</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_HEADING = re.compile(r"<(/?)h[1-6]>")
_NO_WORDS = re.compile(r"<IPython\.core\.display\.\w+ object>")


@lru_cache
def _cleaner(*more: str, links: bool = False) -> Cleaner:
    tags = {*ALLOWED_TAGS, *_TABLE, *_TEXT, *_HEADINGS, *_LISTS, *more} - {"a"}
    allowed = dict(_SPANS)
    if links:
        tags, allowed = tags | {"a"}, allowed | {"a": ["href"]}
    return Cleaner(tags=tags, attributes=allowed, protocols=["http", "https", "mailto"], strip=True)


def text(source: str) -> str:
    """Make Markdown that holds no HTML: what opens a tag is written out."""
    return _OPENS_TAG.sub("&lt;", source)


def html(source: str) -> str:
    """Keep words and tables. Headings become paragraphs: they would stand among the page's own."""
    return _HEADING.sub(r"<\1p>", _cleaner().clean(_INVISIBLE.sub("", source)).strip())


def rendered(source: str, *, folds: bool) -> str:
    """Clean what was made from Markdown; links to the web stay, and `folds` for hints."""
    more = ("details", "summary") if folds else ()
    return _cleaner(*more, links=True).clean(_INVISIBLE.sub("", source))


def outputs(cell: NotebookNode) -> None:
    """Clean the outputs of a code cell, in place; what no notebook may hold is left out."""
    sound = [output for output in cell.outputs if isvalid(output, ref="output", version=4)]
    cell.outputs = [kept for output in sound for kept in _kept(output)]
    count = cell.get("execution_count")
    cell["execution_count"] = count if isinstance(count, int) and count > 0 else None


def _kept(output: NotebookNode) -> Iterator[NotebookNode]:
    if "data" not in output:
        yield output
        return
    data = output["data"]
    if isinstance(data.get(stills.MIME), dict):
        for item in stills.bundles(data[stills.MIME]):
            yield from _kept(v4.new_output("display_data", data=item))
        return
    kept = dict(_bundle(data))
    if kept:
        output["data"], output["metadata"] = NotebookNode(kept), NotebookNode()
        yield output


def _bundle(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give the types of output that are kept, with clean content."""
    plain = str(data.get("text/plain", ""))
    if figure.MIME in data:
        drawn = figure.harmless(data[figure.MIME])
        if drawn:
            yield figure.MIME, drawn
        yield "text/plain", figure.describe(drawn or data[figure.MIME])
        return
    if _WIDGET in data:
        yield "text/plain", "[a panel that works in the notebook only]"
        return
    for kind in ("image/png", "image/jpeg"):
        picture = _picture(data.get(kind))
        if picture:
            yield kind, picture
    if "text/markdown" in data:
        yield "text/markdown", text(str(data["text/markdown"]))
    elif "text/html" in data and len(data["text/html"]) <= MAX_HTML:
        source = str(data["text/html"])
        words = html(source)
        # Made of its own style sheet (a fitted model's boxes, say) it is nothing without it.
        is_table = "<table" in words or not _INVISIBLE.search(source)
        says_nothing = not plain or _NO_WORDS.match(plain)
        if words and (is_table or says_nothing):
            yield "text/html", words
        elif says_nothing:
            return
    if plain:
        yield "text/plain", plain


def _picture(content: object) -> str:
    """Give a picture's base64 anew; nothing for what is none, or is too large."""
    try:
        raw = base64.b64decode(str(content or "").encode("ascii", "replace"))
    except binascii.Error:
        return ""
    known = raw.startswith((b"\x89PNG\r\n", b"\xff\xd8\xff"))
    return base64.b64encode(raw).decode() if known and len(raw) <= MAX_PICTURE_BYTES else ""
