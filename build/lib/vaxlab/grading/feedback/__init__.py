"""The page that a learner gets back, and the same for whoever grades by hand.

`clean` leaves nothing in an output that a browser would run; `stills` shows widgets without their
program; `page` gathers the exercises for the templates in ``templates/``, which stand before
nbgrader's own of the same names.
"""
