"""What Sphinx is taught for the course's pages."""

from __future__ import annotations

from typing import Any

from docutils import nodes

PROGRAMS = ("plotly.min.js", "draw.js", "figures.js")
"""What a page with figures loads, in this order."""


def setup(app: Any) -> dict[str, bool]:
    """Register with a Sphinx application; Sphinx calls it."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("html-page-context", _load_programs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(translator: Any, node: nodes.math) -> None:
    _write(translator, node, block=False)


def _block(translator: Any, node: nodes.math_block) -> None:
    _write(translator, node, block=True)


def _write(translator: Any, node: nodes.Element, *, block: bool) -> None:
    """Write a formula as MathML; MathJax would come from a network."""
    from sphinx.util import logging

    from vaxlab.grading.feedback import mathml

    html = mathml.html(node.astext(), block=block)
    if html.startswith("<code>"):
        told = "a formula that vaxlab.grading.feedback.mathml does not know: %s"
        logging.getLogger(__name__).warning(told, node.astext(), location=node)
    translator.body.append(html)
    raise nodes.SkipNode


def _load_programs(app: Any, page: str, template: str, context: dict, doctree: Any) -> None:
    if "data-figure=" in context.get("body", ""):
        for program in PROGRAMS:
            app.add_js_file(program, loading_method="defer")
