"""Weights on the disk: written whole, read without running anything."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from vaxlab.errors import CourseError


def save(module: nn.Module, path: str | Path, **about: Any) -> None:
    """Write the weights of a module, and what you want to remember about them.

    Parameters
    ----------
    module : nn.Module
    path : str or Path
        Such as ``"forecast.pt"``; written whole or not at all.
    **about : str, number, bool or None, or lists and dicts of them
        Such as ``seed=0, tags=["pH", "DO"]``; `load` gives it back.

    Raises
    ------
    CourseError
        Something else is to be remembered, or the file cannot be written.
    """
    about = {name: _plain(value, name) for name, value in about.items()}
    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        torch.save({"weights": module.state_dict(), "about": about}, part)
        os.replace(part, path)
    except (OSError, RuntimeError) as error:
        part.unlink(missing_ok=True)
        raise CourseError(f"{path} could not be written: {str(error).rstrip('.')}.") from None


def load(module: nn.Module, path: str | Path) -> dict[str, Any]:
    """Give a module the weights of a file that `save` wrote.

    Only numbers and words are read (PyTorch's ``weights_only``): a file cannot run anything.

    Parameters
    ----------
    module : nn.Module
        Of the same class and sizes as the one that was saved. It is changed only if all fits.
    path : str or Path

    Returns
    -------
    dict
        What was remembered about the weights.

    Raises
    ------
    CourseError
        The file is missing, is no such file, wants to run code, or holds another model's weights.
    """
    try:
        with warnings.catch_warnings():  # of an odd file PyTorch warns before it refuses it
            warnings.simplefilter("ignore")
            held = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CourseError(f"{path} is not there: save a model first, or mend the name.") from None
    except OSError as error:
        raise CourseError(f"{path} could not be read: {error.strerror or error}.") from None
    except Exception:  # whatever bytes can make PyTorch and pickle raise
        raise CourseError(
            f"{path} is no file of weights alone. It is damaged, or it holds more than weights, "
            "and loading that could run whatever its author wrote: nothing was loaded. Ask for a "
            "file that `training.save` wrote."
        ) from None
    if not _is_ours(held):
        raise CourseError(f"{path} was not written by `training.save`: nothing was loaded.")
    mine, theirs = module.state_dict(), held["weights"]
    for name in [*mine, *theirs]:
        ours, other = (_shape(weights, name) for weights in (mine, theirs))
        if ours != other:
            raise CourseError(
                f"{path} holds another model's weights: for `{name}` this module has {ours}, the "
                f"file {other}. Make the module as it was made when it was saved."
            )
    module.load_state_dict(theirs)
    return held["about"]


def _plain(value: Any, name: str) -> Any:
    """Return a value as what is read without running anything: numpy's numbers are not."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list | tuple):
        return [_plain(part, name) for part in value]
    if isinstance(value, dict):
        return {_plain(key, name): _plain(part, name) for key, part in value.items()}
    if isinstance(value, str | int | float | bool | None):
        return value
    raise CourseError(
        f"`{name}` cannot be kept beside weights: only words and numbers are loaded without "
        "running what a file says. Write it as text."
    )


def _is_ours(held: object) -> bool:
    """Tell whether this is what `save` writes."""
    if not isinstance(held, dict) or set(held) != {"weights", "about"}:
        return False
    weights, about = held["weights"], held["about"]
    return (
        isinstance(weights, dict)
        and isinstance(about, dict)
        and all(_is_ordinary(value) for value in weights.values())
    )


def _is_ordinary(value: object) -> bool:
    """Tell whether this is a tensor of real numbers that can be copied as it is."""
    return (
        torch.is_tensor(value)
        and value.layout == torch.strided
        and value.device.type == "cpu"
        and not (value.is_complex() or value.is_quantized)
    )


def _shape(weights: dict[str, torch.Tensor], name: str) -> str:
    return str(tuple(weights[name].shape)) if name in weights else "nothing"
