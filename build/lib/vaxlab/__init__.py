"""Helper package of the course *Machine Learning for Vaccine Production*.

The rooms, ground floor first (each imports only from floors below it):

0. ``plant``, ``literature``
1. ``data``
2. ``figures``
3. ``checks``, ``progress``
4. ``authoring``
5. ``cli``
"""

__version__ = "0.1.0"
