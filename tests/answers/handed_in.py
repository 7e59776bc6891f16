"""A class that hands in: answers of the bank, or the solutions, typed into what was handed out."""

from __future__ import annotations

import random
from importlib import import_module
from pathlib import Path

import nbformat
from nbgrader import utils

from vaxlab.authoring import markers

MODULES = {"1-trust": "trust", "2-bakeoff": "bake_off", "3-next-month": "next_month"}
MODULES |= {"4-how-sure": "how_sure", "1-normal": "normal", "2-spectra": "raman"}
MODULES |= {"3-trajectories": "trajectories", "4-hybrid": "half_known"}
MODULES |= {"1-nine": "nine", "2-lot-or-probe": "lot_or_probe", "3-recipe": "recipe"}
MODULES |= {"4-harvest": "harvest", "2-graph": "graph_of_facts", "3-top-ten": "top_ten"}
MODULES |= {"1-literature": "reading", "4-monday": "monday"}
MODULES |= {"5-capstone": "capstone"}


def hand_in(root: Path, day: str, names: list[str], students: int, *, seed: int = 0) -> None:
    """Write ``submitted/learner-000/dayN/*.ipynb`` and so on below `root`, which holds ``course/``.

    Four answers in five are right, one in ten is wrong, one in ten is not there.
    """
    dice = random.Random(seed)
    for number in range(students):
        folder = root / "submitted" / f"learner-{number:03d}" / day
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            bank = import_module(f"answers.{day}.{MODULES[name]}").ANSWERS
            notebook = nbformat.read(root / "course" / day / f"{name}.ipynb", as_version=4)
            for cell in notebook.cells:
                of_this = [a for a in bank if a.grade_id == _grade_id(cell)]
                kind = dice.choices(["right", "wrong", "none"], [8, 1, 1])[0]
                chosen = [
                    a for a in of_this if kind != "none" and bool(a.says) == (kind == "wrong")
                ]
                if chosen:
                    cell.source = dice.choice(chosen).source
            nbformat.write(notebook, folder / f"{name}.ipynb")


def _grade_id(cell: nbformat.NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def hand_in_solutions(made: Path, root: Path, day: str) -> None:
    """Let a learner, `author`, hand in the solutions of a day.

    Parameters
    ----------
    made
        Where ``solutions/`` and ``course/`` lie, built.
    root
        The course that the learner hands in to.
    day
        Such as ``day1``.
    """
    for path in sorted((made / "course" / day).glob("*.ipynb")):
        solved = nbformat.read(made / "solutions" / day / path.name, as_version=4)
        answers = {
            cell.metadata.nbgrader.grade_id: without_markers(cell.source)
            for cell in solved.cells
            if utils.is_solution(cell)
        }
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if utils.is_solution(cell):
                cell.source = answers[cell.metadata.nbgrader.grade_id]
        folder = root / "submitted" / "author" / day
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / path.name)


def without_markers(text: str) -> str:
    """Return an answer as a person would have typed it."""
    return "\n".join(line for line in text.split("\n") if line.strip() not in markers.MARKERS)
