"""Find answers and hidden tests in what learners open.

Markers can be kept to the letter and an answer may still leak: in a hint, in a demonstration, in a
file that lies around. So contents are compared, statement by statement.
"""

import ast
import io
import json
import keyword
import re
import textwrap
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from vaxlab.authoring import markers
from vaxlab.authoring.source import Cell, Source, python

_CODE_FENCE = re.compile(r"^\s*(?:```|~~~)[^\n]*\n(.*?)^\s*(?:```|~~~)", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`+([^`\n]+)`+")


@dataclass(frozen=True)
class Secret:
    """One statement that learners must not find.

    Attributes
    ----------
    path, line
        Where it stands in the source.
    text
        The statement, in the one spelling that `ast.unparse` gives.
    """

    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Open:
    """One text that learners can read: a cell or a file, and its statements if it is code."""

    path: str
    text: str
    statements: frozenset[str]


#: Calls and keywords that say nothing about an answer.
_COMMON = frozenset(
    """
    abs append array asarray astype bool copy dict drop float int items keys len list max mean min
    print range reset_index round set sorted str sum to_numpy values zip DataFrame Series
    axis= columns= index= random_state=
    """.split()  # noqa: SIM905 (a list of forty words)
)
#: Fewer different calls than this are in every other cell.
_TELLING = 3


def calls(text: str) -> frozenset[str]:
    """Return the names of what a code calls, and of its keywords, where they say something."""
    found = set()
    for node in ast.walk(python(textwrap.dedent(text))):
        if isinstance(node, ast.Call):
            called = node.func
            found.add(called.id if isinstance(called, ast.Name) else getattr(called, "attr", ""))
            found |= {f"{word.arg}=" for word in node.keywords if word.arg}
    return frozenset(found - _COMMON - {""})


def spelt_out(source: Source) -> Iterator[tuple[Cell, Cell]]:
    """Find given cells that do all that an answer does, under other names.

    Yields
    ------
    tuple of Cell and Cell
        The answer cell, and the given one.
    """
    code = [cell for cell in source.cells if cell.kind == "code"]
    given = [(cell, calls(cell.text)) for cell in code if not (cell.is_answer or cell.is_check)]
    for answer in code:
        if not answer.is_answer:
            continue
        for _, text in markers.regions(answer.text, markers.BEGIN_SOLUTION):
            wanted = calls(text)
            for cell, there in given:
                if len(wanted) >= _TELLING and wanted <= there:
                    yield answer, cell


def secrets(source: Source) -> list[Secret]:
    """Collect the statements of all solution regions and hidden tests of a source.

    The markers of `source` must have no faults.
    """
    found = []
    for cell in source.cells:
        if cell.kind != "code":
            continue
        for begin in (markers.BEGIN_SOLUTION, markers.BEGIN_HIDDEN):
            for start, text in markers.regions(cell.text, begin):
                for node in statements(text):
                    line = cell.line + start + node.lineno - 1
                    found.append(Secret(source.path, line, ast.unparse(node)))
    return found


def statements(text: str) -> Iterator[ast.stmt]:
    """Return the simple statements of a code that are worth comparing, with their lines.

    An indented region (the body of a function) is read as it stands.
    """
    indented = next((line for line in text.split("\n") if line.strip()), "")[:1] in (" ", "\t")
    try:
        # `if True:` makes an indented region a program; the extra line is taken off again.
        tree = python(f"if True:\n{text}" if indented else text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and not _is_trivial(node):
            node.lineno -= indented
            yield node


def _is_trivial(node: ast.stmt) -> bool:
    """Tell whether a statement says nothing about an answer."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Break() | ast.Continue():
            return True
        case ast.Global() | ast.Nonlocal():
            return True
        case ast.Expr(value=value) | ast.Return(value=value):
            return value is None or isinstance(value, ast.Name | ast.Constant)
        case ast.Assign(value=ast.Constant(value=value)):
            return value in (0, 1, "", None, ...) or isinstance(value, bool)
        case ast.Assign(value=ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Tuple(elts=[])):
            return True
        case ast.Assign(value=ast.Name()):
            return True
        case ast.AugAssign(value=ast.Constant(value=1)):
            return True
    return False


def opened(path: str, content: bytes) -> list[Open]:
    """Return the texts of one file in course/, cell by cell where it is a notebook."""
    text = content.decode("utf-8", errors="replace")
    if not path.endswith(".ipynb"):
        return [Open(path, text, _spellings(text))]
    try:
        cells = json.loads(text)["cells"]
    except (ValueError, KeyError, TypeError):
        return [Open(path, text, frozenset())]
    found = []
    for cell in cells:
        source = "".join(cell["source"])
        pieces = [source]
        if cell["cell_type"] != "code":
            pieces = _CODE_FENCE.findall(source) + _CODE_SPAN.findall(source)
        found.append(Open(path, source, frozenset().union(*map(_spellings, pieces))))
    return found


def _spellings(text: str) -> frozenset[str]:
    return frozenset(ast.unparse(node) for node in statements(text))


def pattern(statement: str) -> re.Pattern:
    """Return what finds a statement in running text, however it is spaced and quoted."""
    parts = []
    last_is_word = False
    for token in tokenize.generate_tokens(io.StringIO(statement).readline):
        word = token.string.strip()
        if not word:
            continue
        if token.type == tokenize.STRING and word[0] == word[-1] in "'\"":
            word = f"['\"]{re.escape(word[1:-1])}['\"]"
            is_word = False
        else:
            is_word = bool(re.match(r"\w", word)) or keyword.iskeyword(word)
            word = re.escape(word)
        parts.append((r"\s+" if last_is_word and is_word else r"\s*") + word)
        last_is_word = is_word
    body = "".join(parts).removeprefix(r"\s*")
    # A longer name, or an expression that goes on, is another statement.
    return re.compile(rf"(?<![\w.]){body}(?![\w])(?![ \t]*[.(\[+\-*/%@&|<>=])")


def leaks(secret: Secret, texts: list[Open]) -> list[str]:
    """Return the files that a secret stands in."""
    finder = pattern(secret.text)
    return sorted(
        {text.path for text in texts if secret.text in text.statements or finder.search(text.text)}
    )
