"""A class at work, from what its learners' checks have said (`vaxlab.checks.notes`).

``read``
    From files that learners own, and may fill with anything, to what is known of the class.
``page``
    The same as text, and as a page that keeps itself up to date.
``server``
    That page, in everybody's own Jupyter server: it shows what its account can read.
"""
