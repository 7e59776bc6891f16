"""Make the site: pages into a folder, Sphinx over it, the result in its place in one step."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat

from vaxlab.authoring import execute
from vaxlab.authoring.build import read_all
from vaxlab.authoring.source import Source
from vaxlab.errors import CourseError
from vaxlab.site import links, pages

STATIC = Path(__file__).with_name("static")
#: Sphinx and its theme leave these, for programs that nobody runs on the site.
_LEFTOVERS = (".buildinfo", "objects.inv", "_static/webpack-macros.html")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def build(root: Path, target: Path, wanted: list[str] | None = None) -> Path:
    """Write the course as a site that needs no network.

    Parameters
    ----------
    root
        The checkout.
    target
        Folder of the site; what stands there is replaced, once all is well.
    wanted
        Notebooks such as ``day1/1-trust``; all by default.

    Returns
    -------
    Path
        Its first page.

    Raises
    ------
    CourseError
        There is no such notebook, a solved notebook stops, Sphinx is not installed or warns, or a
        link leads nowhere. The target stays as it was.
    """
    index, notebooks = _chosen(root, wanted)
    (root / ".cache").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="site-", dir=root / ".cache") as scratch:
        folder = Path(scratch)
        ran = execute.executed(notebooks, root)
        for source, notebook in zip(notebooks, ran, strict=True):
            path = folder / "pages" / source.day / f"{source.name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(pages.notebook(source, root, notebook), path)
        for name, text in pages.texts(index, notebooks, root).items():
            path = folder / "pages" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        _static(folder / "static")
        made = _sphinx(folder, index.title)
        wrong = links.faults(made)
        if wrong:
            raise CourseError("The site is not sound:\n" + "\n".join(wrong))
        _put(made, target)
    return target / "index.html"


def _chosen(root: Path, wanted: list[str] | None) -> tuple[Source, list[Source]]:
    index, notebooks = read_all(root)
    names = [f"{source.day}/{source.name}" for source in notebooks]
    for name in wanted or ():
        if name not in names:
            raise CourseError(f"There is no notebook {name}. There is: {', '.join(names)}.")
    chosen = [
        source for source, name in zip(notebooks, names, strict=True) if name in (wanted or names)
    ]
    return index, chosen


def _static(folder: Path) -> None:
    """Gather programs and style sheets; plotly.js comes of the installed package."""
    from plotly.offline import get_plotlyjs

    from vaxlab.grading.feedback.page import DRAW

    shutil.copytree(STATIC, folder)
    shutil.copy(DRAW, folder)
    (folder / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")


def _settings(folder: Path, title: str) -> dict:
    """Return what Sphinx would read in a ``conf.py``."""
    return {
        "project": title,
        "copyright": "the course's authors. Code: BSD-3-Clause. Text and data: CC BY 4.0",
        "language": "en",
        "extensions": ["myst_nb", "vaxlab.site.extension"],
        "myst_enable_extensions": ["dollarmath"],
        "myst_heading_anchors": 4,
        "nb_execution_mode": "off",
        "nb_ipywidgets_js": {},  # no page holds a widget, and these would come from a network
        "html_theme": "pydata_sphinx_theme",
        "html_title": title,
        "html_static_path": [str(folder / "static")],
        "html_css_files": ["site.css"],
        "html_js_files": [("site.js", {"defer": "defer"})],
        "html_math_renderer": "mathml",
        "html_context": {"default_mode": "auto"},
        "html_use_index": False,
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_permalinks_icon": "#",
        "html_sidebars": {"index": [], "start": [], "search": []},
        "html_theme_options": {
            "navbar_align": "left",
            "navbar_persistent": ["search-button"],
            "navbar_end": ["theme-switcher"],
            "header_links_before_dropdown": 8,
            "secondary_sidebar_items": ["page-toc"],
            "show_toc_level": 2,
            "footer_start": ["copyright"],
            "footer_end": [],
            "back_to_top_button": False,
            "pygments_light_style": "a11y-high-contrast-light",
            "pygments_dark_style": "a11y-high-contrast-dark",
        },
    }


def _sphinx(folder: Path, title: str) -> Path:
    """Let Sphinx make the pages; a bar tells how far it is.

    Returns
    -------
    Path
        Folder of the site.
    """
    try:
        from sphinx.application import Sphinx
        from sphinx.errors import SphinxError
        from sphinx.util.docutils import docutils_namespace
    except ImportError as error:
        raise CourseError(
            "Sphinx is not installed, which makes the site. `make setup` installs it."
        ) from error
    from tqdm import tqdm

    source, made, said = folder / "pages", folder / "made", io.StringIO()
    n_pages = sum(1 for path in source.rglob("*.*") if path.suffix in (".md", ".ipynb"))
    # Each page is read once and written once; nothing is shown of what takes less than 5 s.
    bar = tqdm(total=2 * n_pages, desc="Making pages", unit="page", delay=5)
    with bar, docutils_namespace(), _loggers_awake():
        try:
            app = Sphinx(
                srcdir=source,
                confdir=None,
                outdir=made,
                doctreedir=folder / "doctrees",
                buildername="html",
                confoverrides=_settings(folder, title),
                status=None,
                warning=said,
                warningiserror=True,
            )
            for step in ("source-read", "html-page-context"):
                app.connect(step, _Step(bar))
            app.build()
        except SphinxError as error:
            said.write(str(error))
    warned = _ANSI.sub("", said.getvalue()).replace(str(source), "pages").strip()
    if warned:
        raise CourseError(f"Sphinx warns, so the site was not written:\n{warned}")
    for leftover in _LEFTOVERS:
        (made / leftover).unlink(missing_ok=True)
    return made


@contextlib.contextmanager
def _loggers_awake() -> Iterator[None]:
    """Let Sphinx warn, whoever has silenced this process.

    Who opens nbgrader's database does: its ``alembic/env.py`` calls `logging.config.fileConfig`,
    which disables every logger there is. `logging.disable` is put back in the end.
    """
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] == "sphinx":
            logging.getLogger(name).disabled = False
    level = logging.root.manager.disable
    logging.disable(logging.NOTSET)
    try:
        yield
    finally:
        logging.disable(level)


class _Step:
    """Moves the bar on; Sphinx takes what a listener returns for a template, so it is nothing."""

    def __init__(self, bar) -> None:
        self.bar = bar

    def __call__(self, *_: object) -> None:
        self.bar.update(self.bar.n < self.bar.total)  # a few pages are Sphinx's own


def _put(made: Path, target: Path) -> None:
    """Put the site in its place; what stood there goes only when the new one is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{target.name}-", dir=target.parent) as part:
        new = shutil.copytree(made, Path(part) / target.name)
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)
