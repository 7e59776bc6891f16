"""A day's cheat sheet: the names that its exercises use, one line each, on one printed page."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import warnings
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from vaxlab.authoring.pack import page
from vaxlab.authoring.source import python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaxlab.authoring.source import Source

NAMES_MOST = 48
"""As many fit on a page in two columns."""
LINE_MOST = 74
METHODS = ("pandas.DataFrame", "pandas.Series", "torch.Tensor", "numpy.ndarray")
"""Whose method a name may be, where nobody says of what it is called."""
PLAIN = (
    frozenset(dir(str))
    | frozenset(dir(list))
    | frozenset(dir(dict))
    | frozenset(
        [
            "all",
            "any",
            "eq",
            "head",
            "item",
            "max",
            "mean",
            "min",
            "numpy",
            "std",
            "sum",
            "to",
            "var",
        ]
    )
)
"""Methods that need no line, or that a text, a list or a dictionary has as well."""
LIBRARIES = {"sklearn": "scikit-learn", "numpy": "NumPy", "torch": "PyTorch", "scipy": "SciPy"}
CALL = re.compile(r"[\w.]+\(")
SPAN = re.compile(r"`([^`\n]+)`")


def sheet(title: str, day: list[Source]) -> str:
    """Return a day's cheat sheet, HTML."""
    counted: Counter[str] = Counter()
    for source in day:
        counted.update(names(source))
    lines = {name: line for name in counted if (line := one_line(name))}
    kept = sorted(lines, key=lambda name: (-counted[name], name))[:NAMES_MOST]
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(kept, key=str.lower):
        groups[name.partition(".")[0]].append(name)
    parts = [f"<h1>{page.escape(title)}: names that its exercises use</h1><div class=columns>"]
    for library, members in sorted(groups.items(), key=lambda group: -len(group[1])):
        rows = "".join(
            f"<dt><code>{page.escape(shown(name))}</code></dt><dd>{page.escape(lines[name])}</dd>"
            for name in members
        )
        parts.append(
            f"<section><h2>{LIBRARIES.get(library, library)}</h2><dl>{rows}</dl></section>"
        )
    parts.append("</div>")
    return page.page(f"{title}: cheat sheet", "".join(parts), kind="cheat")


def shown(name: str) -> str:
    """Return a name as people write it: ``np.where``, ``DataFrame.groupby``, ``KFold``."""
    library, _, rest = name.partition(".")
    if any(name.startswith(f"{owner}.") for owner in METHODS) or library == "vaxlab":
        return rest
    if library in ("numpy", "pandas"):
        return f"{'np' if library == 'numpy' else 'pd'}.{rest}"
    last = name.rpartition(".")[2]
    is_class = last[:1].isupper()
    return last if is_class else ".".join(name.split(".")[-2:])


def names(source: Source) -> Counter[str]:
    """Count the full names that answers (thrice), hints (twice) and given cells use."""
    codes = [(cell.text, 3 if cell.is_answer else 1) for cell in _code(source)]
    codes += [
        (span, 2)
        for cell in source.cells
        if cell.kind == "markdown" and not cell.is_instructor
        for span in SPAN.findall(cell.text)
    ]
    bound: dict[str, str] = {}
    for text, _ in codes:
        bound |= dict(_imported(text))
    counted: Counter[str] = Counter()
    for text, weight in codes:
        for name in _used(text, bound):
            counted[name] += weight
    return counted


def _code(source: Source) -> Iterator[Any]:
    for cell in source.cells:
        if cell.kind == "code" and not cell.is_instructor and not cell.is_check:
            yield cell


def _tree(text: str) -> ast.Module:
    try:
        return python(text)
    except SyntaxError:  # a span of Markdown may be anything
        return ast.Module([], [])


def _imported(text: str) -> Iterator[tuple[str, str]]:
    """Return what a cell imports: the name there, and its full name."""
    for node in ast.walk(_tree(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (
                    alias.asname or alias.name.partition(".")[0],
                    (alias.name if alias.asname else alias.name.partition(".")[0]),
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _used(text: str, bound: dict[str, str]) -> Iterator[str]:
    """Return the full names that a cell uses; of a method, of whatever class could have it."""
    for node in ast.walk(_tree(text)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in bound:
            yield bound[node.id]
        elif isinstance(node, ast.Attribute):
            dotted = ast.unparse(node)
            root, _, rest = dotted.partition(".")
            if re.fullmatch(r"[\w.]+", dotted) and root in bound:
                yield f"{bound[root]}.{rest}"
            elif not isinstance(node.value, ast.Name) or root not in bound:
                yield from _method(node.attr)


def _method(name: str) -> Iterator[str]:
    for owner in METHODS:
        if name not in PLAIN and callable(getattr(resolve(owner), name, None)):
            yield f"{owner}.{name}"
            return


def resolve(name: str) -> Any:
    """Return what a full name stands for; None where there is no such thing."""
    parts = name.split(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is old warns when it is looked at
        return _resolved(parts)


def _resolved(parts: list[str]) -> Any:
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
        return found
    return None


def one_line(name: str) -> str:
    """Return what a name does, in a line of its own documentation; empty where there is none.

    Modules, the rooms of notebooks and plain values have none here.
    """
    if ".lessons." in name or "." not in name:
        return ""
    thing = resolve(name)
    if not callable(thing) or not (said := inspect.getdoc(thing)):
        return ""
    # Some begin with their own call, and a few with an underlined title.
    paragraphs = [part for part in said.split("\n\n") if not CALL.match(part)]
    first = " ".join(paragraphs[0].split("\n")) if paragraphs else ""
    line = re.split(r"(?<=[.!?])\s", re.sub(r":\w+:`~?([^`]*)`|`+([^`]*)`+", r"\1\2", first))[0]
    if line.startswith("See "):  # a method that has its words elsewhere
        return one_line(line.removeprefix("See ").rstrip(".").partition("(")[0])
    if len(line) <= LINE_MOST:
        return line.rstrip(".")
    return line[:LINE_MOST].rsplit(" ", 1)[0] + " …"
