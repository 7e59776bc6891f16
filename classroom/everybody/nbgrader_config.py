"""Where work is handed in and fetched, for learners and instructors alike."""

import os

c = get_config()  # noqa: F821 (traitlets provides it)

c.CourseDirectory.course_id = "vaxlab"
c.Exchange.root = os.environ["VAXLAB_EXCHANGE"]
