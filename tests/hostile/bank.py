"""What a submission can do to its grader: one real submission or more for each known threat.

Each builder gets a released notebook with the first exercise solved, worth `EARNED` points, adds
its attack, and writes the submission into its folder. What it must earn stands beside it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from answers.day1 import trust
from nbformat import NotebookNode, v4

NAME = "1-trust"
FIRST, LAST = "trust-twins", "trust-promise"
RIGHT = {a.grade_id: a for a in reversed(trust.ANSWERS) if not a.says}
EARNED = RIGHT[FIRST].points
FULL = sum(answer.points for answer in RIGHT.values())

FOUR = "torch.set_num_threads(4); torch.ones(400, 400) @ torch.ones(400, 400)"


@dataclass(frozen=True)
class Attack:
    """One submission.

    Attributes
    ----------
    row : int
        Of the list of threats.
    name : str
        Also the student's.
    build : callable
        Writes it into a folder, given a released notebook.
    points : float
        What the honest cells earn, and nothing else.
    state : str
        How `vaxlab grade` must call the outcome; several where either is right.
    """

    row: int
    name: str
    build: Callable[[NotebookNode, Path], None]
    points: float
    state: tuple[str, ...] = ("graded",)


def save(notebook: NotebookNode, folder: Path) -> None:
    """Write a notebook where learners hand it in."""
    nbformat.write(notebook, folder / f"{NAME}.ipynb")


def place(notebook: NotebookNode, grade_id: str) -> int:
    """Position of a cell."""
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    return names.index(grade_id)


def solve(notebook: NotebookNode, *grade_ids: str) -> NotebookNode:
    """Type right answers in."""
    for grade_id in grade_ids:
        notebook.cells[place(notebook, grade_id)].source = RIGHT[grade_id].source
    return notebook


def after_first(code: str) -> Callable[[NotebookNode, Path], None]:
    """Solve the first exercise, and run code behind its check."""

    def build(notebook: NotebookNode, folder: Path) -> None:
        solve(notebook, FIRST)
        notebook.cells.insert(place(notebook, f"{FIRST}-check") + 1, v4.new_code_cell(code))
        save(notebook, folder)

    return build


def at_start(code: str) -> Callable[[NotebookNode, Path], None]:
    """Run code before everything else, and solve nothing."""

    def build(notebook: NotebookNode, folder: Path) -> None:
        notebook.cells.insert(0, v4.new_code_cell(code))
        save(notebook, folder)

    return build


def changed(change: Callable[[NotebookNode], object], *solved: str):
    """Change the notebook's file, with some exercises solved."""

    def build(notebook: NotebookNode, folder: Path) -> None:
        solve(notebook, *solved)
        change(notebook)
        save(notebook, folder)

    return build


def raw(content: bytes) -> Callable[[NotebookNode, Path], None]:
    """Hand in bytes."""

    def build(notebook: NotebookNode, folder: Path) -> None:
        (folder / f"{NAME}.ipynb").write_bytes(content)

    return build


def beside(**files: str) -> Callable[[NotebookNode, Path], None]:
    """Solve everything, and put files beside the notebook."""

    def build(notebook: NotebookNode, folder: Path) -> None:
        save(solve(notebook, *RIGHT), folder)
        for name, content in files.items():
            path = folder / name.replace("__", "/", 1)
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)

    return build


def links(notebook: NotebookNode, folder: Path) -> None:
    """Put links, a pipe and odd names beside the notebook."""
    save(solve(notebook, *RIGHT), folder)
    (folder / "up").symlink_to("../../../../..")
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "gradebook.db").symlink_to(folder.parents[2] / "gradebook.db")
    os.mkfifo(folder / "pipe")
    for name in ("a\nb.txt", "a;touch x.txt", "\u202efdp.exe", "x" * 240):
        (folder / name).write_text("odd")


def linked_notebook(notebook: NotebookNode, folder: Path) -> None:
    """Hand in a link to a classmate's notebook."""
    (folder / f"{NAME}.ipynb").symlink_to(
        folder.parents[1] / "honest-right" / folder.name / f"{NAME}.ipynb"
    )


def cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """Return a cell."""
    return notebook.cells[place(notebook, grade_id)]


def metadata(**values: object) -> Callable[[NotebookNode], None]:
    """Change what nbgrader reads of the last check."""
    return lambda nb: cell(nb, f"{LAST}-check").metadata.nbgrader.update(values)


def drop_checks(notebook: NotebookNode) -> None:
    """Delete every check."""
    notebook.cells = [c for c in notebook.cells if not c.metadata.get("nbgrader", {}).get("grade")]


def drop_answers_and_checks(notebook: NotebookNode) -> None:
    """Delete all of nbgrader's cells but the first exercise's answer."""
    kept = ("", FIRST)
    notebook.cells = [
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id", "") in kept
    ]


def duplicate_checks(notebook: NotebookNode) -> None:
    """Copy every check."""
    copies = [c.copy() for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    for copy in copies:
        copy.id = f"{copy.id}-again"[:64]
    notebook.cells += copies


def checks_to_markdown(notebook: NotebookNode) -> None:
    """Turn every check into text."""
    for number, old in enumerate(notebook.cells):
        if old.metadata.get("nbgrader", {}).get("grade"):
            new = v4.new_markdown_cell(old.source, metadata=old.metadata)
            notebook.cells[number] = new


def tag_checks(notebook: NotebookNode) -> None:
    """Ask for every check to be left out."""
    for c in notebook.cells:
        if c.metadata.get("nbgrader", {}).get("grade"):
            c.metadata["tags"] = ["skip-execution", "raises-exception"]


TRANSFORMER = """import ast
class Earn(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
    def visit_Assign(self, node):
        return ast.parse("result = 99").body[0]
get_ipython().ast_transformers.append(Earn())"""
EQUALS = """class Right(float):
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
    __sub__ = __rsub__ = __add__ = __mul__ = lambda self, other: self
    __abs__ = __neg__ = lambda self: self
    __hash__ = float.__hash__
    def __getattr__(self, name): return lambda *a, **k: self
for name in ("tidy_ha", "find_errors", "gaps", "components", "r2_ceiling", "ten_best"):
    globals()[name] = lambda *a, **k: Right(1)"""
SNOOP = """import os, sys
seen = {}
for top in ("/", os.path.expanduser("~"), "..", "../.."):
    for folder, _, names in os.walk(top):
        if folder.startswith(("/proc", "/usr", sys.prefix, sys.base_prefix)):
            continue
        for name in names:
            if name.endswith((".db", ".ipynb", ".pem", ".key")) or "solution" in folder:
                seen[os.path.join(folder, name)] = 1
print("SEEN", [path for path in seen if "submission" not in path])
print("ENV", dict(os.environ))"""
SCRIPT = """from IPython.display import HTML, Javascript, SVG, display
display(HTML("<script>alert('run')</script><img src=x onerror=alert(1)>"))
display(HTML("<iframe srcdoc='<script>alert(1)</script>'></iframe>"))
display(HTML("<a href='javascript:alert(1)'>x</a>"))
display(Javascript("alert('run')"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'></svg>"))
print("\\x1b]0;title\\x07\\x1b[2J")"""
MARKDOWN = "<img src=x onerror=alert('run')> [x](javascript:alert(1)) <script>alert('run')</script>"

ATTACKS = [
    Attack(1, "endless-loop", after_first("while True: pass"), EARNED, ("stopped",)),
    Attack(
        1,
        "endless-loop-that-swallows-interrupts",
        after_first("while True:\n  try:\n    while True: pass\n  except BaseException: pass"),
        EARNED,
        ("stopped",),
    ),
    Attack(
        1,
        "endless-output",
        after_first("while True: print('x' * 10_000)"),
        EARNED,
        ("stopped", "graded"),  # what it has not sent yet may fill its memory first
    ),
    Attack(
        1, "sleeps-for-ever", after_first("import time\ntime.sleep(10**6)"), EARNED, ("stopped",)
    ),
    Attack(
        2,
        "memory-bomb",
        after_first("x = []\nwhile True: x.append(bytearray(10**8))"),
        EARNED,
        ("graded", "stopped"),
    ),
    Attack(
        2,
        "fork-bomb",
        after_first("import os\nwhile True:\n    os.fork()"),
        EARNED,
        ("graded", "stopped"),
    ),
    Attack(
        2,
        "disk-filler",
        after_first("n = 0\nwhile True:\n    open(f'f{n}', 'wb').write(b'x' * 10**7); n += 1"),
        EARNED,
    ),
    Attack(
        2,
        "many-files",
        after_first("for n in range(10**6): open(f'/dev/shm/f{n}', 'w').close()"),
        EARNED,
        ("graded", "stopped"),
    ),
    Attack(3, "os-exit", after_first("import os\nos._exit(0)"), EARNED, ("stopped",)),
    Attack(3, "sys-exit", after_first("import sys\nsys.exit(0)"), EARNED),
    Attack(
        3,
        "kills-everything",
        after_first("import os, signal\nos.kill(-1, signal.SIGKILL)\nos.kill(1, signal.SIGKILL)"),
        EARNED,
        ("graded", "stopped"),
    ),
    Attack(
        3,
        "kills-its-parent",
        after_first("import os\nos.kill(os.getppid(), 9)"),
        EARNED,
        ("graded", "stopped"),
    ),
    Attack(
        3,
        "deletes-what-it-can",
        after_first("import os\nos.system('rm -rf /tmp /home /var /usr ~ .. 2>/dev/null')"),
        EARNED,
        ("graded", "stopped"),
    ),
    Attack(
        4,
        "prints-its-points",
        at_start(
            "from vaxlab.checks.result import Result\nResult.__repr__ = lambda self: '99'\n"
            "Result.points = property(lambda self: 99)\n"
            "import sys\nsys.displayhook = lambda value: print(99)"
        ),
        0,
        ("graded", "held"),
    ),
    Attack(
        5,
        "patched-helpers",
        at_start(
            "import numpy as np, pandas as pd\nfrom vaxlab.lessons.day1 import trust\n"
            "np.isclose = np.allclose = lambda *a, **k: True\n"
            "for name in dir(trust):\n"
            "    if callable(getattr(trust, name)):\n"
            "        setattr(trust, name, lambda *a, **k: 99)"
        ),
        0,
    ),
    Attack(
        5,
        "patched-builtins",
        at_start("import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.sum = lambda *a: 0"),
        0,
        ("graded", "held", "stopped"),
    ),
    Attack(5, "equal-to-everything", after_first(EQUALS), EARNED),
    Attack(6, "ast-transformer", at_start(TRANSFORMER), 0, ("held",)),
    Attack(
        6,
        "input-transformer",
        at_start("get_ipython().input_transformers_post.append(lambda lines: ['99'])"),
        0,
        ("held",),
    ),
    Attack(
        6,
        "swallows-errors",
        at_start("get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)"),
        0,
        ("held", "graded"),
    ),
    Attack(
        6,
        "traces-frames",
        after_first("import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)"),
        EARNED,
    ),
    Attack(
        6,
        "import-hook",
        after_first("import sys\nsys.meta_path.insert(0, None)\nsys.path_hooks.clear()"),
        EARNED,
        ("graded", "stopped"),
    ),
    Attack(
        7,
        "reads-history",
        after_first(
            "print('SEEN', end=' ', flush=True)\n"
            "print([c for c in In[:-1] if 'plant_seed' in c or 'HIDDEN' in c])"
        ),
        EARNED,
    ),
    Attack(8, "snoops", after_first(SNOOP), EARNED),
    Attack(
        9,
        "writes-outside",
        after_first(
            "import os, vaxlab, numpy\n"
            "for path in ('../../stolen', '/stolen', vaxlab.__file__, numpy.__file__,\n"
            "             os.path.expanduser('~/.ipython/profile_default/startup/x.py')):\n"
            "    try:\n"
            "        open(path, 'a').write('# stolen')\n"
            "    except OSError:\n"
            "        pass"
        ),
        EARNED,
    ),
    Attack(
        10,
        "network",
        after_first(
            "import socket\n"
            "for where in (('127.0.0.1', 22), ('192.0.2.1', 80)):\n"
            "    socket.create_connection(where, timeout=2)"
        ),
        EARNED,
    ),
    Attack(11, "more-points", changed(metadata(points=99), FIRST), EARNED),
    Attack(11, "renamed-check", changed(metadata(grade_id="other"), FIRST), EARNED),
    Attack(11, "no-check-any-more", changed(metadata(grade=False), FIRST), EARNED),
    Attack(11, "unlocked-check", changed(metadata(locked=False, solution=True), FIRST), EARNED),
    Attack(11, "unknown-schema", changed(metadata(schema_version=99), FIRST), EARNED),
    Attack(11, "deleted-checks", changed(drop_checks, *RIGHT), FULL),
    Attack(11, "deleted-most", changed(drop_answers_and_checks, FIRST), EARNED),
    Attack(11, "duplicated-checks", changed(duplicate_checks, *RIGHT), FULL),
    Attack(11, "checks-as-text", changed(checks_to_markdown, *RIGHT), FULL),
    Attack(11, "checks-tagged-away", changed(tag_checks, FIRST), EARNED),
    Attack(12, "empty-file", raw(b""), 0, ("rejected",)),
    Attack(12, "not-json", raw(b"{'cells': ["), 0, ("rejected",)),
    Attack(12, "not-utf8", raw(b'{"cells": "\xff\xfe"}'), 0, ("rejected",)),
    Attack(12, "another-format", raw(b'{"nbformat": 3, "worksheets": []}'), 0, ("rejected",)),
    Attack(12, "a-list", raw(b"[1, 2, 3]"), 0, ("rejected",)),
    Attack(12, "deep-nesting", raw(b"[" * 100_000), 0, ("rejected",)),
    Attack(
        12,
        "odd-cells",
        raw(json.dumps({"nbformat": 4, "cells": [1, None, {"cell_type": "x"}, {}]}).encode()),
        0,
    ),
    Attack(
        12,
        "huge-outputs",
        changed(
            lambda nb: cell(nb, FIRST).outputs.append(v4.new_output("stream", text="x" * 10**7)),
            FIRST,
        ),
        EARNED,
    ),
    Attack(
        12,
        "another-kernel",
        changed(lambda nb: nb.metadata.update(kernelspec={"name": "julia-1.9"}), FIRST),
        EARNED,
    ),
    Attack(
        13,
        "shadowing",
        beside(
            **{
                "numpy.py": "raise SystemExit",
                "vaxlab.py": "raise SystemExit",
                "torch__thing.py": "raise SystemExit",
                "ipykernel_launcher.py": "raise SystemExit",
                "sitecustomize.py": "raise SystemExit",
                "evil.pth": "import os; os._exit(1)",
            }
        ),
        FULL,
    ),
    Attack(14, "links-and-names", links, FULL),
    Attack(14, "linked-notebook", linked_notebook, 0, ("rejected",)),
    Attack(15, "script-in-outputs", after_first(SCRIPT), EARNED),
    Attack(
        15,
        "script-in-markdown",
        changed(lambda nb: nb.cells.append(v4.new_markdown_cell(MARKDOWN)), FIRST),
        EARNED,
    ),
    Attack(
        16,
        "background-work",
        after_first(
            "import os, threading, time, atexit\n"
            "threading.Thread(target=time.sleep, args=(600,)).start()\n"
            "atexit.register(time.sleep, 600)\n"
            "if not os.fork():\n"
            "    os.setsid()\n"
            "    time.sleep(600)\n"
            "    os._exit(0)"
        ),
        EARNED,
    ),
    Attack(
        17,
        "changed-state",
        changed(
            lambda nb: nb.cells.insert(
                0,
                v4.new_code_cell(
                    "import os, random, warnings, numpy, torch\n"
                    "os.chdir('/'); os.environ['TZ'] = 'Asia/Tokyo'\n"
                    "random.seed(0); numpy.random.seed(0); torch.manual_seed(0)\n"
                    "warnings.simplefilter('error')\n"
                    "torch.set_default_dtype(torch.float64)"
                ),
            ),
            *RIGHT,
        ),
        FULL,
    ),
    # torch with four threads in the notebook, and again in each answer to a hidden call: a copy of
    # the kernel waits for ever for threads that stayed behind.
    Attack(
        17,
        "many-threads",
        changed(
            lambda nb: [
                c.update(
                    source=re.sub(
                        r"^def .*:\n",
                        rf"\g<0>    {FOUR}\n",
                        f"import torch\n{FOUR}\n{c.source}",
                        flags=re.MULTILINE,
                    )
                )
                for c in nb.cells
                if c.metadata.get("nbgrader", {}).get("solution")
            ],
            *RIGHT,
        ),
        FULL,
    ),
    Attack(
        18,
        "warnings",
        changed(
            lambda nb: [
                c.update(source="import warnings\nwarnings.warn('old')\n" + c.source)
                for c in nb.cells
                if c.metadata.get("nbgrader", {}).get("solution")
            ],
            *RIGHT,
        ),
        FULL,
    ),
]
