"""What was graded before: a notebook whose fingerprint has not changed is not graded again."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from vaxlab.grading.rows import Row, Task


def common(root: Path, assignment: str, url: str, limits: dict) -> str:
    """Fingerprint of what every grade depends on: tests, package, limits, gradebook."""
    import vaxlab

    digest = hashlib.sha256(json.dumps([url, limits], sort_keys=True).encode())
    package = Path(vaxlab.__file__).parent
    paths = [
        root / "nbgrader_config.py",
        *sorted((root / "solutions" / assignment).glob("*.ipynb")),
    ]
    for path in [*paths, *sorted(package.rglob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def memory(root: Path, assignment: str, student: str) -> Path:
    """Return the file that keeps what is known of a submission."""
    name = hashlib.sha256(student.encode()).hexdigest()[:24]
    return root / ".cache" / "grading" / assignment / f"{name}.json"


def _recall(root: Path, assignment: str, student: str) -> dict[str, tuple[str, Row]]:
    """Return fingerprint and row of each notebook that was graded, by name."""
    try:
        content = json.loads(memory(root, assignment, student).read_text())
        prints = content["fingerprints"]
        return {row["notebook"]: (prints[row["notebook"]], Row(**row)) for row in content["rows"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def remember(root: Path, task: Task, rows: dict[str, Row], stage: Path) -> None:
    """Keep what is known of the notebooks of a task, and all of the others."""
    known = _recall(root, task.assignment, task.student)
    kept = {name: held for name, held in known.items() if name not in task.fingerprints}
    kept |= {name: (task.fingerprints[name], row) for name, row in rows.items()}
    path = memory(root, task.assignment, task.student)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "fingerprints": {name: mark for name, (mark, _) in kept.items()},
        "rows": [asdict(row) for _, row in kept.values()],
    }
    whole = stage / path.name
    whole.write_text(json.dumps(content))
    os.replace(whole, path)


def remembered(
    root: Path,
    assignment: str,
    student: str,
    fingerprints: dict[str, str],
    scores: dict[tuple[str, str], tuple[float, float]],
) -> dict[str, Row]:
    """Rows of the notebooks that have not changed, and whose results are still there."""
    graded = root / "autograded" / student / assignment
    found = {}
    for name, (fingerprint, row) in _recall(root, assignment, student).items():
        path = graded / f"{name}.ipynb"
        # A machine that lost its power may have kept a file's name and lost what was in it.
        there = (student, name) in scores and path.is_file() and path.stat().st_size
        if there and fingerprints.get(name) == fingerprint:
            row.unchanged = True
            row.points, row.out_of = scores[student, name]  # somebody may have added points
            found[name] = row
    return found
