"""From ``solutions/`` to ``course/``: what the authors of the course use.

``source``
    read a percent-format ``.py``; every cell knows its line.
``markers``
    the strict grammar of ``### BEGIN SOLUTION`` and its three brothers.
``preprocessors``
    what is added to nbgrader's own steps, so that nbgrader's command line, its formgrader and
    ``vaxlab course build`` write the same bytes.
``guide``
    timetable and instructor's guide, generated from the sources.
``build``
    write ``course/``, or tell what is out of date.
``leaks``, ``execute``, ``lint``
    the rules of the course, one message a broken rule.
"""
