"""Contents are compared: an answer is found however it is written down."""

import json

import pytest

from vaxlab.authoring import leaks


def is_found(statement: str, *, markdown: str = "", code: str = "") -> bool:
    cells = [
        {"cell_type": "markdown", "source": [markdown]},
        {"cell_type": "code", "source": [code]},
    ]
    texts = leaks.opened("course/x.ipynb", json.dumps({"cells": cells}).encode())
    return bool(leaks.leaks(leaks.Secret("s.py", 1, statement), texts))


SECRET = "ratio = 10 ** abs(a['ha'] - b['ha'])"


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        'ratio=10**abs(a["ha"]-b["ha"])',
        "ratio = (10 ** abs(a['ha'] - b['ha']))",
        "def f(a, b):\n    ratio = 10 ** abs(\n        a['ha'] - b['ha']\n    )\n    return ratio",
        "if a:\n    ratio = 10**abs(a['ha'] - b['ha'])  # so",
        f"# {SECRET}",
        f'text = """{SECRET}"""',
    ],
)
def test_an_answer_in_code_is_found_however_it_is_laid_out(written):
    assert is_found(SECRET, code=written)


@pytest.mark.parametrize(
    "written",
    [
        f"Write `{SECRET}`.",
        f"```python\n{SECRET}\n```",
        f"~~~\n{SECRET}\n~~~",
        "Then ratio  =  10**abs(a['ha'] - b['ha']), and so on.",
        "<details><summary>Hint 3</summary>\n\n    ratio = 10**abs(a['ha']-b['ha'])\n</details>",
    ],
)
def test_an_answer_in_prose_is_found(written):
    assert is_found(SECRET, markdown=written)


@pytest.mark.parametrize(
    "written",
    [
        "ratio = 10 ** abs(a['ha'] - b['hb'])",
        "ratio = 10 ** abs(a['ha'] - b['ha']) - 1",
        "my_ratio = 10 ** abs(a['ha'] - b['ha'])",
        "ratio = ...",
    ],
)
def test_another_statement_is_no_leak(written):
    assert not is_found(SECRET, code=written)


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np",
        "from x import y",
        "pass",
        "ratio",
        "return ratio",
        "a = b",
        "total = 0",
        "found = []",
        "n += 1",
        '"""Say what."""',
    ],
)
def test_a_trivial_statement_is_no_secret(text):
    assert list(leaks.statements(f"def f():\n    {text}")) == []
    assert list(leaks.statements(f"    {text}")) == []


@pytest.mark.parametrize("text", ["ceiling = 0.36", "names = ['x']", "f(1)", "return a + b"])
def test_what_says_something_is_a_secret(text):
    assert len(list(leaks.statements(f"    {text}"))) == 1


def test_an_indented_region_keeps_its_lines():
    assert [node.lineno for node in leaks.statements("    a = f(1)\n\n    b = f(2)")] == [1, 3]


def test_a_file_that_is_no_notebook_is_searched_too():
    texts = leaks.opened("course/x.py", b"def f():\n    y = g(1,2)\n")
    assert leaks.leaks(leaks.Secret("s.py", 1, "y = g(1, 2)"), texts) == ["course/x.py"]
