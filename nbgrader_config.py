"""nbgrader's settings: ``solutions/`` is its source, ``course/`` its release.

``nbgrader``, the formgrader and ``vaxlab course build`` all read this file, and the steps that it
adds to ``generate_assignment`` make them write the same bytes.
"""

import os
import shutil
import sys
from pathlib import Path

from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback

from vaxlab import cohort
from vaxlab.authoring import preprocessors as ours
from vaxlab.checks.result import WRITE_HERE
from vaxlab.grading import export, mends, provisioner, steps
from vaxlab.grading.feedback import page

c = get_config()  # noqa: F821 (traitlets provides it)

# nbgrader makes its gradebook with the command `alembic`, looked up by name: let it be found beside
# this Python too, where nobody has activated the environment.
if not shutil.which("alembic"):
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

mends.apply()
cohort.adopt(Path(__file__).parent)

c.CourseDirectory.course_id = "vaxlab"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
# The gradebook is nbgrader's default: gradebook.db beside this file.
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "course"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"
# nbgrader copies every file that lies beside a source notebook, unless it is named here:
# the .py with the answers must never travel. What a submission brings along reaches its code
# all the same: `steps.Execute` sees to that.
c.CourseDirectory.ignore = [
    ".*",
    "*.py",
    "*.pyc",
    "*.md",
    "__pycache__",
    "feedback",
]

c.GenerateAssignment.preprocessors = [
    ours.StrictMarkers,
    ours.DropInstructorCells,
    ours.Normalise,
    *GenerateAssignment.class_traits()["preprocessors"].default(),
    ours.KeepStubs,
    ours.StampDigest,
]
# The preset `name = ...` above the marker is the stub; nbgrader's own would raise.
c.ClearSolutions.code_stub = {
    "python": "# your code: replace the dots above, or give the names their values here"
}
# A written answer, which a person marks: what stands in the source is a model answer.
c.ClearSolutions.text_stub = WRITE_HERE

c.GenerateFeedback.preprocessors = [
    ours.HideTests,
    *GenerateFeedback.class_traits()["preprocessors"].default(),
]

# Learners' pages and the formgrader's: our templates stand before nbgrader's own.
c.HTMLExporter.extra_template_basedirs = [page.TEMPLATES]
c.HTMLExporter.preprocessors = [page.Page]

# Submissions run in kernels forked from a warm process, behind walls; a judge runs the checks.
os.environ["JUPYTER_PATH"] = os.pathsep.join(
    filter(None, [str(provisioner.KERNELS), os.environ.get("JUPYTER_PATH", "")])
)
grading_steps = Autograde.class_traits()
c.Autograde.sanitize_preprocessors = [
    steps.Restore,
    steps.HarmlessText,
    *grading_steps["sanitize_preprocessors"].default(),
]
c.Autograde.autograde_preprocessors = [
    {"Execute": steps.Execute, "SaveAutoGrades": steps.SaveAutoGrades}.get(step.__name__, step)
    for step in grading_steps["autograde_preprocessors"].default()
]
# A slow machine may take longer to start a kernel than nbgrader's 60 s.
c.Execute.startup_timeout = 120
# ipykernel warns at every start that it listens on loopback without encryption.
c.Execute.extra_arguments = ["--IPKernelApp.log_level=40"]

# Empty where nobody knows the grade yet; nbgrader's own table would hold a 0.
c.ExportApp.plugin_class = export.FinalGrades
