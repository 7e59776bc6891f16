"""The one exception that speaks to people."""


class CourseError(Exception):
    """Something that a person can mend: the message says what, where and what to do.

    The command line prints the message alone and exits with 1; a notebook shows the
    message alone, without a traceback (IPython asks ``_render_traceback_``).
    """

    def _render_traceback_(self) -> list[str]:
        return [str(self)]
