"""One page of the pack: no network, light and dark, and fit for paper."""

from __future__ import annotations

import re
from html import escape as escape
from pathlib import Path

HERE = Path(__file__).parent / "pages"


def prose(text: str) -> str:
    """Return the HTML of a text of the course, Markdown with formulas."""
    from vaxlab.grading.feedback import prose as feedback

    return str(feedback.markdown(text, course=True))


def document(text: str) -> str:
    """Return the HTML of a page of its own, whose headings are the page's."""
    parts = re.split(r"^(#+) (.*)$", text, flags=re.MULTILINE)
    made = [prose(parts[0])]
    for marks, heading, below in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        made.append(f"<h{len(marks)}>{escape(heading)}</h{len(marks)}>{prose(below)}")
    return "".join(made)


def page(title: str, body: str, *, script: str = "", kind: str = "sheet") -> str:
    """Return a whole page.

    Parameters
    ----------
    title
        Plain text.
    body
        HTML.
    script
        Name of a script in ``pages/`` that the page runs; none by default.
    kind
        Name of the style sheet that is added to the pack's own.
    """
    from vaxlab.grading.feedback.prose import code_style
    from vaxlab.grading.report import allowed

    style = "".join((HERE / f"{name}.css").read_text(encoding="utf-8") for name in ("pack", kind))
    code = (HERE / script).read_text(encoding="utf-8") if script else ""
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    policy += f"; script-src {allowed(code)}" if code else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{code_style()}{style}</style></head>\n"
        f'<body class="{kind}"><main>{body}</main>'
        + (f"<script>{code}</script>" if code else "")
        + "</body></html>\n"
    )
