"""Only plain data crosses from the learner's interpreter, and it crosses whole."""

import datetime as dt
import random
import socket
import threading

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import torch

from vaxlab.checks import plain
from vaxlab.grading import wire

TABLE = pd.DataFrame(
    {
        "number": [1.5, np.nan, -np.inf],
        "count": [1, 2, 3],
        "text": ["a", "b\x00\n", None],
        "when": pd.to_datetime(["2024-03-31 02:30", None, "2019-01-07 00:00"]),
        "kind": pd.Categorical(["x", None, "y"], categories=["y", "x"], ordered=True),
        "maybe": pd.array([1, None, 3], dtype="Int64"),
        "flag": [True, False, True],
    },
    index=["r1", "r2", "r3"],
)
MANY = pd.DataFrame(
    np.arange(6.0).reshape(3, 2),
    index=pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["lot", None]),
    columns=["same", "same"],
)
PLAIN = [
    None,
    ...,
    True,
    3,
    10**30,
    -0.0,
    "ä\U0001f9ea",
    b"\x00\xff",
    1 + 2j,
    [1, (2, {3}), frozenset({4})],
    {"a": {1: [2]}, (1, 2): None},
    range(1, 9, 2),
    dt.datetime(2024, 2, 29, 12, 30),
    dt.date(2024, 2, 29),
    dt.timedelta(days=-1, microseconds=5),
]


def crossed(value):
    """Send a value over a socket and read it; what stayed behind comes as its description."""
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(10)
        tree, buffers = plain.encode(value, lambda thing: 7)
        sender = threading.Thread(target=wire.send, args=(here, {"value": tree}, buffers))
        sender.start()
        header, data = wire.receive(there)
        sender.join()
    return plain.decode(header["value"], data, lambda tree: tree)


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_values_cross_as_they_are(value):
    got = crossed(value)
    assert type(got) is type(value)
    assert got == value


@pytest.mark.parametrize("kind", ["float32", "int8", "bool", "complex128", "datetime64[D]", "<U3"])
def test_arrays_keep_type_shape_and_values(kind):
    array = np.arange(6).reshape(2, 3).astype(kind)
    got = crossed(array.T)
    assert got.dtype == array.dtype
    np.testing.assert_array_equal(got, array.T)


def test_numpy_scalars_and_mixed_arrays_cross():
    assert type(crossed(np.float32(0.5))) is np.float32
    mixed = np.array([1, "a", None, [2]], dtype=object)
    assert crossed(mixed).tolist() == mixed.tolist()


@pytest.mark.parametrize("table", [TABLE, MANY, TABLE.iloc[:0], pd.DataFrame()])
def test_tables_cross_whole(table):
    pd.testing.assert_frame_equal(crossed(table), table)


@pytest.mark.parametrize("name", TABLE.columns)
def test_columns_cross_whole(name):
    pd.testing.assert_series_equal(crossed(TABLE[name]), TABLE[name])


def test_the_tables_of_the_course_cross_whole():
    from vaxlab import data

    for name in ("batches", "samples", "samples_tidy"):
        table = data.load(name)
        pd.testing.assert_frame_equal(crossed(table), table)


def test_tensors_and_figures_cross_as_data():
    tensor = torch.arange(6.0).reshape(2, 3).requires_grad_()
    assert torch.equal(crossed(tensor), tensor.detach())
    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4]), layout={"title": {"text": "HA"}})
    assert crossed(figure).to_dict() == figure.to_dict()


class EqualsEverything(float):
    """A number that every comparison takes for right."""

    def __eq__(self, other):
        return True

    def __le__(self, other):
        return True

    __ge__, __lt__, __gt__, __hash__ = __le__, __le__, __le__, float.__hash__


def test_an_object_that_equals_everything_arrives_as_the_number_below_it():
    got = crossed(EqualsEverything(1.0))
    assert type(got) is float
    assert got != 2.0


def test_what_is_no_data_stays_where_it_is():
    for thing in (len, EqualsEverything, object(), torch.nn.Linear(1, 1)):
        assert crossed(thing)["ref"] == 7


def test_damaged_messages_are_refused_or_read_as_plain_data():
    tree, buffers = plain.encode([TABLE, MANY, *PLAIN], lambda thing: 0)
    here, there = socket.socketpair()
    with here, there:
        wire.send(here, {"value": tree}, buffers)
        message = bytearray(there.recv(2**20))
    dice = random.Random(5)
    for _ in range(300):
        damaged = bytearray(message)
        for _ in range(dice.randrange(1, 6)):
            damaged[dice.randrange(16, len(damaged))] = dice.randrange(256)
        here, there = socket.socketpair()
        with here, there:
            here.sendall(damaged)
            here.shutdown(socket.SHUT_WR)
            try:
                header, data = wire.receive(there)
                plain.decode(header.get("value"), data, lambda tree: tree)
            except (plain.Broken, EOFError):
                pass


def test_a_message_too_large_is_refused_before_it_is_read():
    here, there = socket.socketpair()
    with here, there:
        here.sendall(wire._HEAD.pack(2**60, 0))
        with pytest.raises(plain.Broken):
            wire.receive(there)


@pytest.mark.parametrize(
    "tree",
    [
        {"t": "array", "dtype": "O", "shape": [1], "at": 0},
        {"t": "extension", "dtype": "string[pyarrow]", "items": [1]},
        {"t": "named", "name": "x y", "fields": ["__class__"], "items": [1]},
        {"t": "os.system"},
        {"t": ["list"]},
        {},
        [],
    ],
)
def test_what_no_encoder_writes_is_refused_or_harmless(tree):
    try:
        got = plain.decode(tree, [b"12345678"], lambda tree: tree)
    except plain.Broken:
        return
    assert isinstance(got, pd.api.extensions.ExtensionArray)
