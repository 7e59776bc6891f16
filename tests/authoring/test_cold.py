"""Any notebook, and any exercise of it, can be the first: nothing comes from an answer above.

That each notebook runs untouched, by itself in an empty folder, is a rule of the linter
(`test_course.py`): a cell that stops is a finding.
"""

import symtable
from collections.abc import Iterator

import pytest

from vaxlab.authoring import build
from vaxlab.authoring.source import Source

from .conftest import REPOSITORY

SOURCES = build.read_all(REPOSITORY)[1]
#: Answers that may use an earlier one, because their prompt says what else will do.
WITH_A_WAY_ROUND = {"spectra-sensor": "if exercise 1 is still open"}


def names(code: str) -> tuple[set[str], set[str]]:
    """Names that a cell gives, and names that it wants from outside, functions' bodies included."""
    code = "\n".join(line for line in code.splitlines() if not line.startswith(("!", "%")))
    top = symtable.symtable(code, "cell", "exec")
    given = {
        s.get_name()
        for s in top.get_symbols()
        if s.is_assigned() or s.is_imported() or s.is_namespace()
    }

    def wanted(table: symtable.SymbolTable) -> Iterator[str]:
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                yield symbol.get_name()
        for child in table.get_children():
            yield from wanted(child)

    return given, set(wanted(top))


def borrowed(source: Source) -> dict[str, set[str]]:
    """Names by answer, that come from the answer of an earlier exercise, also by way of a cell."""
    found: dict[str, set[str]] = {}
    answered: set[str] = set()
    for cell in source.cells:
        if cell.kind != "code" or cell.is_check or cell.is_instructor:
            continue
        given, wanted = names(cell.text)
        if cell.is_answer:
            if wanted & answered - given:
                found[cell.grade_id] = wanted & answered - given
            answered |= given
        elif wanted & answered:
            answered |= given
        else:
            answered -= given
    return found


def test_names_are_told_where_they_come_from():
    given, wanted = names(
        "import numpy as np\ndef f(a):\n    b = a + c\n    return np.sum(b)\nd = e"
    )
    assert given == {"np", "f", "d"}
    assert wanted == {"np", "c", "e"}


@pytest.mark.parametrize("source", SOURCES, ids=[source.path for source in SOURCES])
def test_no_answer_needs_an_earlier_one(source):
    needs = borrowed(source)
    prose = " ".join(cell.text for cell in source.cells if cell.kind == "markdown")
    for name in [name for name in needs if WITH_A_WAY_ROUND.get(name, "\0") in prose]:
        del needs[name]
    assert needs == {}
