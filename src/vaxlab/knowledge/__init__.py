"""A knowledge graph whose every edge knows its sentences, and the explorer to look around in it."""

from vaxlab.knowledge.explorer import Explorer

__all__ = ["Explorer"]
