"""From ``solutions/`` to ``course/``: what the authors of the course use.

``source``
    read a percent-format ``.py``; every cell knows its line.
``markers``
    the strict grammar of ``### BEGIN SOLUTION`` and its three brothers.
``preprocessors``
    what is added to nbgrader's own steps, so that nbgrader's command line, its formgrader and
    ``vaxlab course build`` write the same bytes.
``outline``, ``guide``
    headings and exercises of a source; the timetable and the instructor's guide that they give.
``build``
    write ``course/``, or tell what is out of date.
``leaks``, ``execute``
    find answers in what learners open; run notebooks and count their points.
``judged``, ``rules_form``, ``rules_grading``, ``rules_files``, ``lint``
    the rules of the course, one message a broken rule.
"""
