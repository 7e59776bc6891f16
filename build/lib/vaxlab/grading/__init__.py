"""Grading that can be trusted, at speed: nbgrader, with two of Jupyter's own extension points.

``provisioner``, ``warm``, ``kernel``
    Kernels forked from a process that has already imported everything.
``sandbox``, ``limits``
    The walls around them.
``judge``, ``answers``, ``wire``
    The checks run in an interpreter that no learner's code enters; only plain data crosses.
``steps``
    What ``nbgrader_config.py`` puts into nbgrader's autograder.
"""
