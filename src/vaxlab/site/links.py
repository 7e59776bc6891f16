"""Links: from the checkout's Markdown to the site's pages, and those that lead nowhere."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
#: What a browser loads by itself, and the attribute that says from where.
_LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "srcset"}


def kept(text: str, here: str, pages: Collection[str]) -> str:
    """Keep of a Markdown text the links that lead somewhere on the site; of others, the words.

    Parameters
    ----------
    text
        Markdown.
    here
        Where the file stands in the checkout: ``docs/outcomes.md``.
    pages
        Sources of the site's pages, as `here`.

    Returns
    -------
    str
        Links to the web and within the page stay as they are.
    """

    def link(found: re.Match[str]) -> str:
        parts = urlsplit(found[2])
        if parts.scheme or not parts.path:
            return found[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(here), parts.path))
        return found[0] if target in pages else found[1]

    return _LINK.sub(link, text)


def faults(folder: Path) -> list[str]:
    """Name each link of a site that leads nowhere, and whatever is loaded from a network.

    Parameters
    ----------
    folder
        The site, as Sphinx wrote it.

    Returns
    -------
    list of str
        One sentence each; empty where all is well.
    """
    from bs4 import BeautifulSoup

    pages = {
        path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted(folder.rglob("*.html"))
    }
    anchors = {path: {tag["id"] for tag in soup.find_all(id=True)} for path, soup in pages.items()}
    found = []
    for path, soup in pages.items():
        where = path.relative_to(folder).as_posix()
        for tag, url in _loaded(soup):
            if urlsplit(url).scheme not in ("", "data") or url.startswith("//"):
                found.append(f"{where}: <{tag}> loads {url} from a network.")
            elif not url.startswith("data:") and not _file(path, url).is_file():
                found.append(f"{where}: <{tag}> loads {url}, which is not there.")
        for url in (tag["href"] for tag in soup.find_all("a", href=True)):
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            target = _file(path, url) if parts.path else path
            if not target.is_file():
                found.append(f"{where}: the link {url} leads nowhere.")
            elif parts.fragment and unquote(parts.fragment) not in anchors.get(target, set()):
                found.append(f"{where}: the link {url} leads to no place of that page.")
    return found


def _loaded(soup) -> Iterator[tuple[str, str]]:
    for name, attribute in _LOADED.items():
        for tag in soup.find_all(name, attrs={attribute: True}):
            # A page's own address is no file that is loaded.
            if name == "link" and "canonical" in tag.get("rel", ()):
                continue
            yield name, tag[attribute]


def _file(page: Path, url: str) -> Path:
    """Return the file that a link of a page names; a folder stands for its first page."""
    path = (page.parent / unquote(urlsplit(url).path)).resolve()
    return path / "index.html" if path.is_dir() else path
