"""What a worker needs, imported once: Dask's workers are forked from a process that has this."""

from vaxlab import imports

imports.hurry()

import distributed  # noqa: E402, F401
import nbgrader.apps  # noqa: E402, F401

from vaxlab.authoring import build  # noqa: E402, F401
from vaxlab.grading import steps  # noqa: E402, F401
