"""In the learner's interpreter: give answers to the judge's questions.

Nothing here is trusted by anybody: it runs among the learner's code, which may change it. The judge
takes what comes as an answer, right or wrong, and nothing as a score.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

from vaxlab.checks import border
from vaxlab.grading import wire


class Answerer:
    """The learner's side of the line.

    Parameters
    ----------
    link
        To the judge.
    names
        The learner's names.
    """

    def __init__(self, link: socket.socket, names: Mapping[str, Any]) -> None:
        self._link = link
        self._near = border.Near(names)

    def serve(self) -> None:
        """Answer one question.

        Raises
        ------
        EOFError
            The judge has gone.
        """
        question, buffers = wire.receive(self._link)
        try:
            reply, data = self._near.answer(question, buffers)
        except BaseException:  # an interrupt, or what a learner's code did to this side
            reply, data = {"slow": True}, []
        wire.send(self._link, reply, data)
