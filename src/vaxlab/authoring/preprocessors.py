"""Steps that ``nbgrader_config.py`` adds to nbgrader's own.

They run wherever nbgrader makes a release (its command line, the formgrader, ``vaxlab course
build``), so the bytes are the same everywhere.
"""

import hashlib
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor

from vaxlab.authoring import markers
from vaxlab.errors import CourseError

KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# nbgrader 0.9's version of its cell metadata.
SCHEMA_VERSION = 3
# What a cell may carry from one step to the next; anything else differs from tool to tool.
KEPT = ("nbgrader", "tags", "deletable", "editable")


@dataclass(frozen=True)
class _View:
    """A notebook's cell as `markers` wants to see it."""

    kind: str
    text: str
    is_answer: bool
    is_check: bool


def check_markers(notebook: NotebookNode, name: str) -> None:
    """Raise CourseError at the first line that breaks the grammar of the markers."""
    for number, cell in enumerate(notebook.cells, start=1):
        answer = utils.is_solution(cell)
        view = _View(cell.cell_type, cell.source, answer, utils.is_grade(cell) and not answer)
        for fault in markers.faults(view):
            raise CourseError(f"{name}, cell {number}, line {fault.line + 1}: {fault.message}")


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Take out of a notebook what differs from machine to machine, in place.

    The kernel is ``python3``; outputs are empty; a cell's id is its grade id, or made from its
    content, so that an edit elsewhere does not change it.
    """
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    course = notebook.metadata.get("vaxlab", {})
    notebook.metadata = NotebookNode(nbformat_copy(KERNEL), vaxlab=course)
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        cell.metadata = NotebookNode(
            {key: cell.metadata[key] for key in KEPT if cell.metadata.get(key) not in (None, [])}
        )
        grading = cell.metadata.get("nbgrader")
        if grading is not None:
            grading.setdefault("schema_version", SCHEMA_VERSION)
            grading.setdefault("task", False)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        name = grading.get("grade_id") if grading else None
        if not name:
            content = f"{cell.cell_type}\n{cell.source}"
            name = hashlib.sha256(content.encode()).hexdigest()[:12]
        seen[name] = seen.get(name, 0) + 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return notebook


def nbformat_copy(metadata: dict) -> NotebookNode:
    """Copy nested metadata, so that no two notebooks share it."""
    from nbformat import from_dict

    return from_dict(metadata)


def digest(notebook: NotebookNode) -> str:
    """Fingerprint of what is written in the cells; tells whether somebody has written in them."""
    content = "\x00".join(f"{cell.cell_type}\n{cell.source}" for cell in notebook.cells)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def without_notes(notebook: NotebookNode) -> NotebookNode:
    """Drop the instructor's cells, in place."""
    notebook.cells = [
        cell for cell in notebook.cells if "instructor" not in cell.metadata.get("tags", [])
    ]
    return notebook


class StrictMarkers(NbGraderPreprocessor):
    """Stop at a marker that nbgrader would overlook."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Judge the whole notebook."""
        check_markers(nb, resources.get("unique_key", "notebook"))
        return nb, resources


class DropInstructorCells(NbGraderPreprocessor):
    """Leave the instructor's notes out of what learners open."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Drop the cells with the tag ``instructor``."""
        return without_notes(nb), resources


class Normalise(NbGraderPreprocessor):
    """Make the release the same on every machine."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Fix ids and metadata, clear outputs."""
        return normalise(nb), resources


class KeepStubs(NbGraderPreprocessor):
    """Let a notebook know its own stubs, so that one answer can begin anew (`vaxlab reset`)."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, cell_index: int
    ) -> tuple[NotebookNode, dict]:
        """Write what a learner finds in an answer cell beside it."""
        if utils.is_solution(cell):
            cell.metadata["vaxlab"] = NotebookNode(stub=cell.source)
        return cell, resources


class StampDigest(NbGraderPreprocessor):
    """Write the fingerprint of the cells into the release."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Stamp the notebook; the last of all steps."""
        nb.metadata.vaxlab["digest"] = digest(nb)
        return nb, resources


class HideTests(ClearHiddenTests):
    """Keep hidden tests out of the feedback that learners get.

    Only nbgrader's own locked cells are cleared: a learner who writes a marker into an answer must
    not break the feedback.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, cell_index: int
    ) -> tuple[NotebookNode, dict]:
        """Clear one cell, if it is a check."""
        if utils.is_grade(cell) and not utils.is_solution(cell):
            return super().preprocess_cell(cell, resources, cell_index)
        return cell, resources
