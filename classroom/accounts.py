"""A Unix account for each learner of a list."""

from __future__ import annotations

import grp
import os
import pwd
import re
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

LEARNERS, INSTRUCTORS = "vaxlab-learners", "vaxlab-instructors"
"""Groups of the accounts that are made here; no others are ever used."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike


class ClassError(Exception):
    """What is not met, in one sentence that says what to do."""


@dataclass(frozen=True)
class Login:
    """A first login; the password is empty where the account was there before."""

    name: str
    password: str


def read_list(path: Path) -> list[str]:
    """Read the names of learners, one a line; what follows a ``#`` is a remark.

    Raises
    ------
    ClassError
        There is no such file, it is no text, it holds no name, a name twice, or something that is
        no name of an account. Names the lines.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise ClassError(
            f"There is no list of learners, {path}: write one, a name a line (small letters, "
            "digits, - and _; such as `ana` and `li-wei`), and start again."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ClassError(f"The list of learners, {path}, cannot be read: {error}.") from None
    named = [(k, line.partition("#")[0].strip()) for k, line in enumerate(lines, 1)]
    named = [(k, name) for k, name in named if name]
    odd = [f"line {k}: {name!r}" for k, name in named if not _NAME.fullmatch(name)]
    if odd:
        raise ClassError(
            f"In {path} these are no names for accounts ({'; '.join(odd[:5])}): expected small "
            "letters, digits, - and _, a letter first, 31 at the most."
        )
    first: dict[str, int] = {}
    doubles = [f"{name} in lines {first[name]} and {k}" for k, name in named
               if first.setdefault(name, k) != k]  # fmt: skip
    if doubles:
        raise ClassError(
            f"In {path} a name stands twice ({'; '.join(doubles[:5])}): everybody needs one of "
            "their own, or they read each other's work."
        )
    if not first:
        raise ClassError(f"The list of learners, {path}, holds no name: write one a line.")
    return list(first)


def refuse_strangers(names: list[str], group: str) -> None:
    """Raise ClassError where a name is that of an account that was not made for the class."""
    for name in names:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        if name not in _members(group):
            raise ClassError(
                f"This machine has an account {name!r} already (number {account.pw_uid}), and not "
                "from a class: nothing was changed. Take another name in the list."
            )


def make(names: list[str], group: str) -> list[Login]:
    """Make the accounts that are not there yet, each with a home that only its owner reads.

    Parameters
    ----------
    names : list of str
        As `refuse_strangers` has passed them.
    group : str
        `LEARNERS` or `INSTRUCTORS`.

    Returns
    -------
    list of Login
        In the order of the names.
    """
    _run("groupadd", "--force", "--system", group)
    logins = []
    for name in names:
        if name in _members(group):
            logins.append(Login(name, ""))
            continue
        password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        shell = "/usr/sbin/nologin" if group == LEARNERS else "/bin/bash"
        _run("useradd", "--create-home", "--user-group", "--groups", group, "--shell", shell, name)
        os.chmod(pwd.getpwnam(name).pw_dir, 0o700)
        subprocess.run(["chpasswd"], input=f"{name}:{password}\n", text=True, check=True)
        logins.append(Login(name, password))
    return logins


def _members(group: str) -> list[str]:
    try:
        return grp.getgrnam(group).gr_mem
    except KeyError:
        return []


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise ClassError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
