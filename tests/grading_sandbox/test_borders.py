"""What crosses the border of a learner's room, and who connects to whom: docs/grading.md."""

import json
import socket
import stat
import struct
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbformat import v4

from vaxlab.checks.plain import Broken
from vaxlab.grading import judge, provisioner, steps, wire


@pytest.fixture
def line():
    """Both ends of a line, on which nobody waits for long."""
    here, there = socket.socketpair()
    here.settimeout(5)
    with here, there:
        yield here, there


@pytest.mark.parametrize(
    "sizes", [(wire.MAX_BYTES, 1), (2**63, 0), (0, 2**63)], ids=["together", "words", "bytes"]
)
def test_a_message_beyond_its_bound_is_refused_before_it_is_read(line, sizes):
    here, there = line
    there.sendall(struct.pack("<QQ", *sizes))
    with pytest.raises(Broken, match="bytes"):
        wire.receive(here)


@pytest.mark.parametrize(
    "header",
    [b"[]", b"{}", b'{"sizes": [3]}', b'{"sizes": [-1, 1]}', b"\xff", b"[" * 9999, b'{"sizes": 1}'],
)
def test_whatever_is_no_message_ends_the_line(line, header):
    here, there = line
    there.sendall(struct.pack("<QQ", len(header), 0) + header)
    with pytest.raises(Broken):
        wire.receive(here)
    link = judge.Link(here)
    there.sendall(struct.pack("<QQ", len(header), 0) + header)
    for _ in range(2):  # the second question is not even sent
        with pytest.raises(judge.Gone):
            link.ask({"name": "answer"})


def test_a_message_that_breaks_off_is_no_message(line):
    here, there = line
    there.sendall(struct.pack("<QQ", 100, 0) + json.dumps({"sizes": []}).encode())
    there.close()
    with pytest.raises(EOFError):
        wire.receive(here)


def test_a_kernel_that_makes_no_copy_is_not_waited_for(line):
    here, _ = line
    here.settimeout(0.2)  # a grader sets FREEZE_LIMIT_S
    assert provisioner.frozen(here) is None


def test_a_kernel_that_says_anything_else_has_made_no_copy(line):
    here, there = line
    there.sendall(b"!")
    assert provisioner.frozen(here) is None


@pytest.mark.parametrize("points", [2.5, -1.0, float("nan"), float("inf"), 1e308])
def test_points_that_no_check_can_give_are_none(points):
    cell = v4.new_code_cell("result", metadata={"nbgrader": {"grade_id": "a-check", "points": 2}})
    grader = SimpleNamespace(points={})
    steps.Execute._note(grader, cell, points, "")
    assert grader.points == {"a-check": 0.0}
    assert "No points" in cell.outputs[0].text


def test_where_a_grader_connects_to_is_closed_to_everybody_else(kernels):
    sockets = Path(kernels().provisioner.connection_info["ip"]).parent
    for folder in (sockets, Path(provisioner.own().folder)):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
