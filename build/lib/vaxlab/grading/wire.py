"""Messages between the learner's interpreter and the judge: a header of plain values, and bytes."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

from vaxlab.checks.plain import Broken

MAX_BYTES = 2**28
_HEAD = struct.Struct("<QQ")


def send(link: socket.socket, header: Mapping[str, Any], buffers: list[bytes] = ()) -> None:
    """Send one message: a header of plain values, and raw bytes that it points into."""
    body = b"".join(buffers)
    text = json.dumps(header | {"sizes": [len(buffer) for buffer in buffers]}).encode()
    link.sendall(_HEAD.pack(len(text), len(body)) + text)
    if body:
        link.sendall(body)


def receive(link: socket.socket) -> tuple[dict[str, Any], list[bytes]]:
    """Receive one message.

    Raises
    ------
    EOFError
        The other side has gone.
    Broken
        What came is no message, or too large.
    """
    text_size, body_size = _HEAD.unpack(_exactly(link, _HEAD.size))
    if text_size + body_size > MAX_BYTES:
        raise Broken(f"a message of {text_size + body_size} bytes")
    text, body = _exactly(link, text_size), _exactly(link, body_size)
    try:
        header = json.loads(text)
        sizes = header.pop("sizes")
        if sum(sizes) != body_size or min(sizes, default=0) < 0:
            raise Broken("buffers that do not fit their message")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Broken(str(error)) from error
    buffers, start = [], 0
    for size in sizes:
        buffers.append(body[start : start + size])
        start += size
    return header, buffers


def _exactly(link: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = link.recv(min(size - len(data), 2**20))
        if not piece:
            raise EOFError("the other side has gone")
        data += piece
    return bytes(data)
