"""Mutated submissions by the thousand: ``python tests/hostile/fuzz.py --count 20000 --seed 7``.

Each begins as an honest submission and is changed at random: its bytes, its JSON, its metadata and
outputs, names of files and folders, messages on the wire. Nothing of it may stop whoever reads it,
earn a point more, or leave a process, a descriptor or a file behind. The same seed gives the same
mutations.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import functools
import json
import os
import random
import re
import shutil
import signal
import socket
import struct
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))

import nbformat  # noqa: E402 (found only now)
from answers.answer import cells, run, typed  # noqa: E402
from nbformat import v4  # noqa: E402

from hostile import bank  # noqa: E402
from vaxlab.errors import CourseError  # noqa: E402
from vaxlab.grading import answers, handin, judge, steps  # noqa: E402
from vaxlab.grading.feedback import clean  # noqa: E402

ODD = (
    *(None, True, -1, 0, 2**70, 1e308, float("nan"), "", "\ud83d", "\x00", "../../x", "=1+1"),
    *([], {}, [[]] * 3, {"a": {"b": []}}, "x" * 5000, "<script>", "𝔘" * 50, "\u202e", "day1"),
)
DANGER = ("<script", "<iframe", "<svg", "onerror", "javascript:", "<style", "<object", "<meta")
OPENS_TAG = re.compile(r"<[A-Za-z/!?]")


@dataclass
class Report:
    """What became of the mutations."""

    tried: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def mutated_bytes(content: bytes, dice: random.Random) -> bytes:
    """Flip, cut out, double or insert a few stretches of bytes."""
    data = bytearray(content)
    for _ in range(dice.randint(1, 6)):
        at, size = dice.randrange(len(data) + 1), dice.choice((1, 1, 2, 8, 300))
        kind = dice.randrange(4)
        if kind == 0:
            data[at : at + size] = dice.randbytes(len(data[at : at + size]))
        elif kind == 1:
            del data[at : at + size]
        elif kind == 2:
            data[at:at] = data[at : at + size]
        else:
            data[at:at] = dice.randbytes(size)
        data = data or bytearray(b"{")
    return bytes(data)


def mutated_json(value: Any, dice: random.Random) -> Any:
    """Put something odd into one place of a tree."""
    tree = copy.deepcopy(value)
    here = tree
    while isinstance(here, dict | list) and here:
        keys = list(here) if isinstance(here, dict) else range(len(here))
        key = dice.choice(list(keys))
        inside = here[key]
        if not isinstance(inside, dict | list) or not inside or dice.random() < 0.15:
            kind = dice.randrange(4)
            if kind == 0:
                del here[key]
            elif kind == 1 and isinstance(here, dict):
                here[str(dice.choice(ODD))] = inside
            else:
                here[key] = dice.choice(ODD)
            return tree
        here = inside
    return dice.choice(ODD)


def try_file(content: bytes, folder: Path, report: Report) -> None:
    """Lay a submission out as a grader does; its checks must be the course's own."""
    (folder / f"{bank.NAME}.ipynb").write_bytes(content)
    staged = handin.stage(folder, folder / "stage", "day1", [bank.NAME], [bank.NAME])
    notebook = nbformat.read(folder / "stage" / f"{bank.NAME}.ipynb", as_version=4)
    nbformat.validate(notebook)
    known = _known()
    whole = steps.restored(notebook, known)
    checks = [
        cell
        for cell in whole.cells
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code"
    ]
    names = [cell.metadata.nbgrader.grade_id for cell in checks]
    wanted = [name for name, (kind, _, told) in known.items() if told["grade"] and kind == "code"]
    if names != wanted:
        report.wrong.append(f"checks {names} after {staged}")
    for cell in checks:
        _, source, told = known[cell.metadata.nbgrader.grade_id]
        if (cell.source, cell.metadata.nbgrader) != (source, told):
            report.wrong.append(f"a check was changed: {cell}")


def _known() -> dict[str, tuple[str, str, dict]]:
    """Return nbgrader's cells as a gradebook holds them."""
    if not _KNOWN:
        solution = _built("solutions")
        for cell in solution.cells:
            if told := cell.metadata.get("nbgrader"):
                entry = {"points": told.get("points"), "checksum": "", "task": False}
                _KNOWN[told.grade_id] = (cell.cell_type, cell.source, {**told, **entry})
    return _KNOWN


_KNOWN: dict[str, tuple[str, str, dict]] = {}
_BUILT: dict[str, Any] = {}


def _built(kind: str) -> Any:
    if kind not in _BUILT:
        from vaxlab.authoring import build

        outputs = build.notebooks_alone(HERE.parents[1])
        for made in (outputs.committed, outputs.local):
            for name, content in made.items():
                if name.endswith(f"/{bank.NAME}.ipynb"):
                    _BUILT[name.partition("/")[0]] = nbformat.reads(content.decode(), as_version=4)
    return _BUILT[kind]


def try_bytes(dice: random.Random, folder: Path, report: Report) -> None:
    """Change bytes of an honest notebook's file."""
    try_file(mutated_bytes(nbformat.writes(_built("course")).encode(), dice), folder, report)


def try_json(dice: random.Random, folder: Path, report: Report) -> None:
    """Change values, metadata and outputs in it."""
    tree = json.loads(nbformat.writes(_built("course")))
    for _ in range(dice.randint(1, 8)):
        changed = mutated_json(tree, dice)
        tree = changed if isinstance(changed, dict) else tree
    try_file(json.dumps(tree).encode("utf-8", "surrogatepass"), folder, report)


def try_names(dice: random.Random, folder: Path, report: Report) -> None:
    """Hand in folders, links and files under odd names; each is graded or named."""
    handed_in = folder / "submitted"
    handed_in.mkdir()
    signs = ["a", "Z", "é", "\u202e", " ", ".", "-", "\n", "'", "*", "[", "\udcff", "=", "𝔘", "~"]
    made = set()
    for _ in range(dice.randint(1, 5)):
        name = "".join(dice.choice(signs) for _ in range(dice.choice((1, 2, 5, 60))))
        with contextlib.suppress(OSError, ValueError):
            path = handed_in / name
            kind = dice.randrange(4)
            if kind == 0:
                path.write_text("x")
            elif kind == 1:
                path.symlink_to("..")
            elif kind == 2:
                os.mkfifo(path)
            else:
                (path / "day1").mkdir(parents=True)
                (path / "day1" / f"{name[:40]}.txt").write_text("x")
            made.add(name)
    learners, left_out = handin.submissions(handed_in, "day1")
    for name in learners:
        handin.fingerprints(handed_in / name / "day1", [bank.NAME], "")
        handin.copy_companions(handed_in / name / "day1", folder / "copy")
    silent = {name for name in made - {*learners, *left_out} if not name.startswith(".")}
    if silent - {"..", "."}:
        report.wrong.append(f"left out without a word: {silent}")


MESSAGES = (
    ("stream", {"name": "stdout", "text": "x\n"}),
    ("display_data", {"data": {"text/html": "<b>x</b>", "text/plain": "x"}, "metadata": {}}),
    ("execute_result", {"data": {"text/plain": "1"}, "metadata": {}, "execution_count": 1}),
    ("error", {"ename": "E", "evalue": "x", "traceback": ["x"]}),
    ("display_data", {"data": {"image/png": "iVBORw0KGgo="}, "metadata": {}}),
    ("display_data", {"data": {"text/markdown": "# x", "text/latex": "$x$"}, "metadata": {}}),
    (
        "display_data",
        {"data": {"application/vnd.plotly.v1+json": {"data": [{"y": [1]}]}}, "metadata": {}},
    ),
)
SCRIPTS = (
    "<script>x</script>",
    "<img src=x onerror=x>",
    "<svg onload=x>",
    "<a href='javascript:x'>",
)


def try_outputs(dice: random.Random, folder: Path, report: Report) -> None:
    """Send messages of a kernel that were changed; what is kept of them must be harmless."""
    cell = v4.new_code_cell()
    for _ in range(dice.randint(1, 4)):
        kind, content = dice.choice(MESSAGES)
        content = mutated_json(content, dice)
        if isinstance(content, dict) and isinstance(content.get("data"), dict):
            kinds = ("text/html", "text/markdown", "image/svg+xml", "application/javascript")
            content["data"][dice.choice(kinds)] = dice.choice(SCRIPTS)
        message = {"header": {"msg_type": kind}, "msg_type": kind, "content": content}
        # What nbclient cannot make an output of, it raises, and the grader stops that notebook.
        with contextlib.suppress(Exception):
            cell.outputs.append(v4.output_from_msg(nbformat.from_dict(message)))
    clean.outputs(cell)
    for output in cell.outputs:
        data = output.get("data", {})
        words = str(data.get("text/html", "")).lower()
        tags = OPENS_TAG.search(str(data.get("text/markdown", "")))
        if tags or any(word in words for word in DANGER) or "image/svg+xml" in data:
            report.wrong.append(f"an output that may run: {output}")


@functools.cache
def warmed(name: str) -> None:
    """Import and make once, before any copy of this process, whatever the answer asks for."""
    run("day1/1-trust", bank.RIGHT[name])


def try_wire(dice: random.Random, folder: Path, report: Report) -> None:
    """Answer the judge's questions with frames that were changed."""
    name = dice.choice((bank.FIRST, "trust-promise"))
    answer = bank.RIGHT[name]
    warmed(name)
    here, there = socket.socketpair()
    chance, its_dice = dice.choice((0.05, 0.3, 1.0)), random.Random(dice.getrandbits(64))

    # In a process of its own, as a learner's room is: an answer silences the log of its process,
    # and one that the judge no longer waits for would leave it so.
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            here.close()
            learner = answers.Answerer(_Mutating(there, its_dice, chance), typed(answer))
            while True:
                learner.serve()
        os._exit(0)
    there.close()
    try:
        link = judge.Link(here)
        here.settimeout(5)
        said = judge.judge(cells("day1/1-trust")[f"{name}-check"], link)
    finally:
        here.close()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if not 0 <= said.get("points", 0.0) <= answer.points:
        report.wrong.append(f"{name} earned {said}")


class _Mutating:
    """A socket whose messages are changed on their way out."""

    def __init__(self, link: socket.socket, dice: random.Random, chance: float) -> None:
        self._link, self._dice, self._chance = link, dice, chance

    def recv(self, size: int) -> bytes:
        """Receive as it comes."""
        return self._link.recv(size)

    def sendall(self, data: bytes) -> None:
        """Send, changed now and then; a length that is never kept ends the line."""
        if self._dice.random() < self._chance:
            data = mutated_bytes(data, self._dice)
            if self._dice.random() < 0.2:
                data = struct.pack("<QQ", self._dice.getrandbits(64), 1) + data
        self._link.sendall(data)
        if self._dice.random() < self._chance / 4:
            self._link.shutdown(socket.SHUT_WR)


#: What is tried, and how many of a hundred.
KINDS: dict[Callable[[random.Random, Path, Report], None], int] = {
    try_bytes: 35,
    try_json: 35,
    try_names: 12,
    try_outputs: 12,
    try_wire: 6,
}


def fuzz(count: int, seed: int) -> Report:
    """Try mutations, and look whether anything is left behind."""
    report = Report()
    kinds, weights = list(KINDS), list(KINDS.values())
    _known()
    before = _left()
    for number in range(count):
        dice = random.Random(f"{seed} {number}")
        kind = dice.choices(kinds, weights)[0]
        report.tried[kind.__name__] += 1
        folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
        try:
            kind(dice, folder, report)
        except CourseError:
            report.tried["refused with a sentence"] += 1
        except Exception as error:
            report.wrong.append(f"{kind.__name__} {seed} {number}: {type(error).__name__}: {error}")
        finally:
            shutil.rmtree(folder)
    if _left() != before:
        report.wrong.append(f"left behind: {_left()} after {before} (descriptors, threads)")
    return report


def _left() -> tuple[int, int]:
    return len(os.listdir("/proc/self/fd")), threading.active_count()


def main() -> int:
    """Run it; exit with 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    report = fuzz(given.count, given.seed)
    print(*(f"{count:6} {what}" for what, count in report.tried.most_common()), sep="\n")
    print(*report.wrong[:20], sep="\n")
    print(f"{len(report.wrong)} of {given.count} went wrong (seed {given.seed})")
    return int(bool(report.wrong))


if __name__ == "__main__":
    raise SystemExit(main())
