"""The course to read: executed, answers folded away, as pages that need no network.

``pages``
    what stands on a page: of a notebook that has run, of the start page, of ``docs/``.
``links``
    links of the checkout's Markdown, led to the site's pages; and links that lead nowhere.
``build``
    write the pages, let Sphinx make them, and put them in their place.
``extension``
    what Sphinx is taught: formulas without a program, plotly.js where there are figures.
"""
