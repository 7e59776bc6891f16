"""Causal graphs: drawn by hand or written as text, read, and shown.

One text form runs through all of it, one edge a line: ``cause -> effect``. `Drawing` is the
picture to draw in, `read` turns the text into a graph of networkx, `picture` shows a graph where
nobody draws. What does not hold together is refused with a sentence.
"""

from vaxlab.graphs.drawing import Drawing
from vaxlab.graphs.picture import picture
from vaxlab.graphs.text import read

__all__ = ["Drawing", "picture", "read"]
