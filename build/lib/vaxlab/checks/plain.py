"""Values as plain data: what a check gets to see of a learner's values, wherever it runs.

``pickle`` would let a learner's object run code where it is read. Here numbers, texts, containers,
arrays, tables, tensors and figures are written as what they are; everything else stays where it is,
and a number stands for it. Whatever bytes arrive, reading them gives plain values or `Broken`: a
subclass that equals everything arrives as the plain value below it, or as something that can only
be asked from afar.
"""

from __future__ import annotations

import datetime as dt
import numbers
import pathlib
from array import array as compact_array
from collections import deque, namedtuple
from collections.abc import Callable, ItemsView, KeysView, ValuesView
from typing import Any

_NUMERIC = "biufcmM"
# Listed at once, unlike iterators, which may never end and can be read only once.
_LISTS = (KeysView, ValuesView, ItemsView, deque, compact_array)
# Extension types of pandas that are built again from a list and their name.
_EXTENSIONS = ("str", "string", "boolean", "Int", "UInt", "Float", "datetime64", "timedelta64")


class Broken(ValueError):
    """Bytes that are not a message."""


def encode(value: Any, keep: Callable[[Any], int]) -> tuple[Any, list[bytes]]:
    """Write a value as plain data.

    Parameters
    ----------
    value
        Anything.
    keep
        Remembers what cannot travel, and returns its number.

    Returns
    -------
    tree
        For JSON.
    buffers
        Raw bytes that the tree points into.
    """
    writer = _Writer(keep)
    return writer.write(value), writer.buffers


class _Writer:
    def __init__(self, keep: Callable[[Any], int]) -> None:
        self.keep = keep
        self.buffers: list[bytes] = []

    def write(self, value: Any, depth: int = 0) -> Any:
        import numpy as np

        if value is None or isinstance(value, bool):
            return value
        if value is ...:
            return {"t": "dots"}
        kind = type(value)
        if kind in (int, float, str):
            return value
        if depth > 30:
            return self.far(value)
        if isinstance(value, np.generic):
            array = np.asarray(value)
            if array.dtype.kind in _NUMERIC:
                return {"t": "scalar", "dtype": array.dtype.str, "at": self.raw(array)}
        for plain in (list, set, frozenset, tuple):
            if kind is plain or (isinstance(value, plain) and not hasattr(value, "_fields")):
                items = [self.write(item, depth + 1) for item in value]
                return {"t": plain.__name__, "items": items}
        if isinstance(value, _LISTS):
            return {"t": "list", "items": [self.write(item, depth + 1) for item in value]}
        if isinstance(value, dict):
            pairs = [[self.write(k, depth + 1), self.write(v, depth + 1)] for k, v in value.items()]
            return {"t": "dict", "items": pairs}
        for write in (_write_array, _write_table, _write_moment, _write_library):
            tree = write(self, value, depth)
            if tree is not None:
                return tree
        for plain in (int, float, str):
            if isinstance(value, plain):
                return plain(value)
        if isinstance(value, pathlib.PurePath):
            return str(value)
        if isinstance(value, bytes | bytearray | memoryview):
            self.buffers.append(bytes(value))
            return {"t": "bytes", "at": len(self.buffers) - 1}
        if isinstance(value, complex):
            return {"t": "complex", "parts": [value.real, value.imag]}
        if isinstance(value, range):
            return {"t": "range", "parts": [value.start, value.stop, value.step]}
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            items = [self.write(item, depth + 1) for item in value]
            return {"t": "named", "name": kind.__name__, "fields": value._fields, "items": items}
        return self.strange(value, depth)

    def strange(self, value: Any, depth: int) -> Any:
        """Write a number or an array of another library as such; leave all else behind."""
        import numpy as np

        if isinstance(value, type):
            return self.far(value)
        try:
            # Decimal is a number by its methods only: it is registered as no real one.
            if isinstance(value, numbers.Number):
                return float(value)
            if hasattr(value, "__array__"):
                return self.write(np.asarray(value), depth + 1)
        except Exception:  # whatever a learner's own class does there
            pass
        return self.far(value)

    def raw(self, array: Any) -> int:
        import numpy as np

        self.buffers.append(np.ascontiguousarray(array).tobytes())
        return len(self.buffers) - 1

    def far(self, value: Any) -> dict[str, Any]:
        kind = "function" if callable(value) else "object"
        name = getattr(value, "__name__", None) or type(value).__name__
        kinds = [f"{base.__module__}.{base.__qualname__}"[:120] for base in type(value).__mro__]
        return {
            "t": kind,
            "ref": self.keep(value),
            "name": str(name)[:80],
            "shown": _shown(value),
            "kinds": kinds[:30],
        }


def _shown(value: Any) -> str:
    try:
        return repr(value)[:200]
    except Exception:  # a learner's own __repr__
        return f"<{type(value).__name__}>"


def _write_array(writer: _Writer, value: Any, depth: int) -> Any:
    import numpy as np

    if not isinstance(value, np.ndarray):
        return None
    shape = list(value.shape)
    if value.dtype.kind in _NUMERIC + "SU":
        return {"t": "array", "dtype": value.dtype.str, "shape": shape, "at": writer.raw(value)}
    if value.dtype == object:
        items = [writer.write(item, depth + 1) for item in value.ravel().tolist()]
        return {"t": "objects", "shape": shape, "items": items}
    return None


def _write_table(writer: _Writer, value: Any, depth: int) -> Any:
    import pandas as pd

    down = depth + 1
    if isinstance(value, pd.DataFrame):
        series = [value.iloc[:, place] for place in range(value.shape[1])]
        return {
            "t": "frame",
            "columns": writer.write(value.columns, down),
            "index": writer.write(value.index, down),
            "data": [_write_column(writer, column, down) for column in series],
        }
    if isinstance(value, pd.Series):
        return {
            "t": "series",
            "name": writer.write(value.name, down),
            "index": writer.write(value.index, down),
            "data": _write_column(writer, value, down),
        }
    if isinstance(value, pd.MultiIndex):
        levels = [value.get_level_values(place) for place in range(value.nlevels)]
        names = [writer.write(name, down) for name in value.names]
        levels = [_write_column(writer, level, down) for level in levels]
        return {"t": "multiindex", "names": names, "levels": levels}
    if isinstance(value, pd.RangeIndex):
        parts = [value.start, value.stop, value.step]
        return {"t": "rangeindex", "parts": parts, "name": writer.write(value.name, down)}
    if isinstance(value, pd.Index):
        data = _write_column(writer, value, down)
        return {"t": "index", "name": writer.write(value.name, down), "data": data}
    if isinstance(value, pd.api.extensions.ExtensionArray):
        return {"t": "column", "data": _write_column(writer, pd.Series(value), down)}
    return None


def _write_column(writer: _Writer, column: Any, depth: int) -> Any:
    import numpy as np
    import pandas as pd

    kind = column.dtype
    if isinstance(kind, np.dtype):
        return writer.write(column.to_numpy(), depth)
    if isinstance(kind, pd.CategoricalDtype):
        parts = column.array if not isinstance(column.array, np.ndarray) else column
        return {
            "t": "category",
            "codes": writer.write(np.asarray(parts.codes), depth),
            "categories": writer.write(kind.categories, depth),
            "ordered": bool(kind.ordered),
        }
    items = [writer.write(item, depth) for item in column.astype(object).tolist()]
    return {"t": "extension", "dtype": str(kind), "items": items}


def _write_moment(writer: _Writer, value: Any, depth: int) -> Any:
    import pandas as pd

    if value is pd.NaT:
        return {"t": "nat"}
    if value is pd.NA:
        return {"t": "na"}
    if isinstance(value, pd.Timestamp):
        return {"t": "timestamp", "text": value.isoformat()}
    if isinstance(value, pd.Timedelta):
        return {"t": "timedelta", "text": value.isoformat()}
    for name in ("datetime", "date", "time"):
        if type(value) is getattr(dt, name):
            return {"t": name, "text": value.isoformat()}
    if type(value) is dt.timedelta:
        return {"t": "duration", "parts": [value.days, value.seconds, value.microseconds]}
    return None


def _write_library(writer: _Writer, value: Any, depth: int) -> Any:
    import plotly.basedatatypes
    import torch

    if isinstance(value, torch.Tensor) and value.layout == torch.strided:
        plain = value.detach().cpu()
        plain = plain.float() if plain.dtype == torch.bfloat16 else plain
        return {"t": "tensor", "data": writer.write(plain.numpy(), depth)}
    if isinstance(value, plotly.basedatatypes.BaseFigure):
        return {"t": "figure", "text": value.to_json()}
    return None


def decode(tree: Any, buffers: list[bytes], far: Callable[[dict[str, Any]], Any]) -> Any:
    """Read what `encode` wrote; `far` makes what stands for a thing that did not travel.

    Raises
    ------
    Broken
        It was not written by `encode`.
    """
    try:
        return _Reader(buffers, far).read(tree)
    except Broken:
        raise
    except Exception as error:
        raise Broken(f"{type(error).__name__}: {error}"[:200]) from error


class _Reader:
    def __init__(self, buffers: list[bytes], far: Callable[[dict[str, Any]], Any]) -> None:
        self.buffers = buffers
        self.far = far

    def read(self, tree: Any) -> Any:
        if tree is None or isinstance(tree, bool | int | float | str):
            return tree
        kind = tree["t"]
        if kind in ("function", "object"):
            return self.far(tree)
        return _READERS[kind](self, tree)

    def all(self, trees: list[Any]) -> list[Any]:
        return [self.read(tree) for tree in trees]

    def array(self, tree: Any) -> Any:
        import numpy as np

        kind = np.dtype(tree["dtype"])
        if kind.kind not in _NUMERIC + "SU":
            raise Broken(f"an array of {kind}")
        data = np.frombuffer(self.buffers[tree["at"]], dtype=kind)
        return data.reshape(tree.get("shape", ())).copy()


def _objects(reader: _Reader, tree: Any) -> Any:
    import numpy as np

    items = reader.all(tree["items"])
    array = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        array[place] = item
    return array.reshape(tree["shape"])


def _extension(reader: _Reader, tree: Any) -> Any:
    import pandas as pd

    items, kind = reader.all(tree["items"]), str(tree["dtype"])
    if kind.startswith(_EXTENSIONS) and "pyarrow" not in kind:
        return pd.array(items, dtype=kind)
    return pd.array(items, dtype=object)


def _category(reader: _Reader, tree: Any) -> Any:
    import pandas as pd

    return pd.Categorical.from_codes(
        reader.read(tree["codes"]),
        categories=reader.read(tree["categories"]),
        ordered=bool(tree["ordered"]),
    )


def _frame(reader: _Reader, tree: Any) -> Any:
    import pandas as pd

    index, columns = reader.read(tree["index"]), reader.read(tree["columns"])
    data = {place: pd.Series(reader.read(c), index=index) for place, c in enumerate(tree["data"])}
    table = pd.DataFrame(data, index=index)
    table.columns = columns
    return table


def _pandas(name: str) -> Callable[[_Reader, Any], Any]:
    def read(reader: _Reader, tree: Any) -> Any:
        import pandas as pd

        if name == "Series":
            index, label = reader.read(tree["index"]), reader.read(tree["name"])
            return pd.Series(reader.read(tree["data"]), index=index, name=label)
        if name == "Index":
            return pd.Index(reader.read(tree["data"]), name=reader.read(tree["name"]))
        if name == "RangeIndex":
            return pd.RangeIndex(*tree["parts"], name=reader.read(tree["name"]))
        if name == "MultiIndex":
            levels, names = reader.all(tree["levels"]), reader.all(tree["names"])
            return pd.MultiIndex.from_arrays(levels, names=names)
        if name in ("NaT", "NA"):
            return getattr(pd, name)
        return getattr(pd, name)(str(tree["text"]))

    return read


def _tensor(reader: _Reader, tree: Any) -> Any:
    import torch

    return torch.from_numpy(reader.array(tree["data"]))


def _figure(reader: _Reader, tree: Any) -> Any:
    import plotly.io

    return plotly.io.from_json(str(tree["text"]), output_type="Figure", skip_invalid=True)


def _named(reader: _Reader, tree: Any) -> Any:
    fields = [str(field) for field in tree["fields"]]
    return namedtuple(str(tree["name"]), fields)(*reader.all(tree["items"]))


def _moment(kind: Any) -> Callable[[_Reader, Any], Any]:
    return lambda reader, tree: kind.fromisoformat(str(tree["text"]))


_READERS: dict[str, Callable[[_Reader, Any], Any]] = {
    "dots": lambda reader, tree: ...,
    "list": lambda reader, tree: reader.all(tree["items"]),
    "tuple": lambda reader, tree: tuple(reader.all(tree["items"])),
    "set": lambda reader, tree: set(reader.all(tree["items"])),
    "frozenset": lambda reader, tree: frozenset(reader.all(tree["items"])),
    "dict": lambda reader, tree: {reader.read(k): reader.read(v) for k, v in tree["items"]},
    "named": _named,
    "bytes": lambda reader, tree: reader.buffers[tree["at"]],
    "complex": lambda reader, tree: complex(*tree["parts"]),
    "range": lambda reader, tree: range(*tree["parts"]),
    "scalar": lambda reader, tree: reader.array(tree)[()],
    "array": _Reader.array,
    "objects": _objects,
    "extension": _extension,
    "category": _category,
    "column": lambda reader, tree: reader.read(tree["data"]),
    "frame": _frame,
    "series": _pandas("Series"),
    "index": _pandas("Index"),
    "rangeindex": _pandas("RangeIndex"),
    "multiindex": _pandas("MultiIndex"),
    "timestamp": _pandas("Timestamp"),
    "timedelta": _pandas("Timedelta"),
    "nat": _pandas("NaT"),
    "na": _pandas("NA"),
    "datetime": _moment(dt.datetime),
    "date": _moment(dt.date),
    "time": _moment(dt.time),
    "duration": lambda reader, tree: dt.timedelta(*tree["parts"]),
    "tensor": _tensor,
    "figure": _figure,
}
