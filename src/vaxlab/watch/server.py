"""The view of a class as a page of a Jupyter server: ``…/user/NAME/vaxlab/class``.

Everybody's own server shows it, with the rights of the account that it runs as. So an instructor
sees all who have joined, a learner only themselves, and no program with more rights is needed.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from vaxlab.errors import CourseError
from vaxlab.watch import page, read

PATH = "vaxlab/class"


class ClassHandler(JupyterHandler):
    """Shows what this account may see."""

    auth_resource = "contents"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Read the notes anew and show them; reading them takes a moment, in a thread."""
        nonce = secrets.token_urlsafe(16)
        self.set_header("Cache-Control", "no-store")
        self.set_header(
            "Content-Security-Policy",
            f"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        )
        try:
            seen = await asyncio.to_thread(read.view)
        except CourseError as error:
            self.finish(page.html(None, nonce, str(error)))
        else:
            self.finish(page.html(seen, nonce))


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "vaxlab.watch.server"}]


def _load_jupyter_server_extension(app: Any) -> None:
    path = url_path_join(app.web_app.settings["base_url"], PATH)
    app.web_app.add_handlers(".*$", [(path, ClassHandler)])
