"""What ``nbgrader export`` writes: nbgrader's own table, without grades that nobody knows yet."""

from __future__ import annotations

import csv
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExportPlugin

from vaxlab.grading import handback

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


class FinalGrades(ExportPlugin):
    """One row a learner and assignment; the score is empty while it is not final.

    As with nbgrader's own exporter, whoever handed in nothing has 0.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write the table."""
        root = Path(CourseDirectory(config=self.config).root)
        rows = [
            row
            for assignment in gradebook.assignments
            if not self.assignment or assignment.name in map(str, self.assignment)
            for row in self._rows(gradebook, assignment, root)
        ]
        target = Path(self.to or "grades.csv")
        self.log.info("Exporting grades to %s", target)
        with target.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def _rows(self, gradebook: Gradebook, assignment, root: Path) -> list[dict[str, object]]:
        marks = handback.read_from(gradebook, root, assignment.name)
        times = {sent.student_id: sent.timestamp for sent in assignment.submissions}
        return [
            {
                "assignment": assignment.name,
                "duedate": assignment.duedate,
                "timestamp": times.get(learner.student),
                "student_id": handback.text(learner.student),
                "last_name": handback.text(learner.last_name),
                "first_name": handback.text(learner.first_name),
                "email": handback.text(learner.email),
                "raw_score": "" if learner.open else sum(learner.points.values(), 0.0),
                "late_submission_penalty": learner.penalty,
                "score": "" if learner.open else learner.total,
                "max_score": assignment.max_score,
            }
            for learner in marks.learners
            if not self.student or learner.student in map(str, self.student)
        ]
