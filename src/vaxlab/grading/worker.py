"""What a worker needs, imported once: Dask's workers are forked from a process that has this."""

from functools import cache

from vaxlab import imports

with imports.uncollected():
    imports.hurry()

    import distributed  # noqa: F401
    import nbgrader.apps  # noqa: F401
    from nbgrader import api

    from vaxlab.authoring import build  # noqa: F401
    from vaxlab.grading import steps  # noqa: F401

# A gradebook is opened a dozen times a submission. Each time nbgrader makes a new engine, which
# would have to compile every query again, and asks for each table whether it is there.
api.create_engine = cache(api.create_engine)
api.Base.metadata.create_all = cache(api.Base.metadata.create_all)
