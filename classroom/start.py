"""Start a class on this machine: `make class`.

Run by whatever `python3` there is, as root: each learner works as a Unix account of their own, so
that nobody reads or changes what is not theirs. Everything lies in one folder; nothing is deleted,
and a second call goes on where the first one was.
"""

from __future__ import annotations

import argparse
import grp
import hashlib
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import accounts
import limits
import places
from accounts import ClassError

CHECKOUT = Path(__file__).resolve().parent.parent
HERE = CHECKOUT / "classroom"
SECRET = ("solutions", "tests", ".git", "cohorts")
"""Folders of the checkout that no learner may read."""
NOT_THE_COURSES = {
    *(".venv", ".git", ".cache", ".ci", "build", "cohorts", "test-artefacts"),
    *("submitted", "autograded", "feedback", "gradebook.db"),
}
"""What may lie in a checkout's own folder and is not copied for the instructor."""
KEPT = "kept"
"""Where `vaxlab reset` keeps answers, beside the days: nobody else's to read."""
OLDEST_NODE = 20


def say(text: str) -> None:
    """Tell what is being done, at once."""
    print(text, flush=True)


def check_machine() -> None:
    """Refuse what cannot keep learners apart."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise ClassError(
            "A class needs Linux and root: each learner gets an account of their own. Call "
            "`sudo make class`, on a machine (or in a container) that is kept for the class."
        )
    needed = ("useradd", "groupadd", "chpasswd", "setpriv")
    if missing := [name for name in needed if not shutil.which(name)]:
        raise ClassError(
            f"{', '.join(missing)} cannot be found: `apt-get install passwd util-linux`."
        )
    node = shutil.which("node") and subprocess.run(
        ["node", "--version"], capture_output=True, text=True
    ).stdout.strip("v\n")
    if not node or int(node.split(".")[0]) < OLDEST_NODE or not shutil.which("npm"):
        raise ClassError(
            f"The hub's proxy needs Node.js {OLDEST_NODE} or newer with npm (found: "
            f"{node or 'none'}). Debian 13 has it: `apt-get install nodejs npm`; for older ones "
            "see https://nodejs.org/en/download."
        )


def check_reach(host: str, cert: str, key: str) -> None:
    """Refuse passwords in clear on a network, and half a pair of TLS files."""
    if bool(cert) != bool(key):
        raise ClassError("TLS needs both files: TLS_CERT=… and TLS_KEY=….")
    for path in filter(None, (cert, key)):
        if not Path(path).is_file():
            raise ClassError(f"There is no file {path} for TLS.")
    if host not in ("127.0.0.1", "localhost", "::1") and not cert:
        raise ClassError(
            f"On {host} passwords would travel in clear. Name a certificate (TLS_CERT=… "
            "TLS_KEY=…), or stay on 127.0.0.1 behind a web server that speaks TLS "
            "(classroom/README.md shows both)."
        )


def check_port(port: int, host: str = "127.0.0.1") -> None:
    """Refuse a port that somebody listens on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ClassError(
                f"Port {port} cannot be had on {host} ({error.strerror}): is a class running "
                f"already, or just ending? Else name another one: `make class PORT={port + 1}`."
            ) from None


def inner_ports(home: Path) -> tuple[int, int]:
    """Return the ports of hub and proxy on loopback: those of last time, else two free ones.

    Servers that have outlived a hub know its port, and wait there for the next one.
    """
    try:
        told = json.loads((home / "hub" / "settings.json").read_text(encoding="utf-8"))
        return told["hub_port"], told["proxy_port"]
    except FileNotFoundError:
        with socket.socket() as one, socket.socket() as other:
            for probe in (one, other):
                probe.bind(("127.0.0.1", 0))
            return one.getsockname()[1], other.getsockname()[1]


def left_behind(home: Path) -> bool:
    """Tell whether a hub that was killed has left its proxy; the next hub ends that itself."""
    try:
        number = int((home / "hub" / "proxy.pid").read_text().split()[0])
        command = Path(f"/proc/{number}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return False
    return os.fsencode(home / "proxy") in command


def taught(cohort: str) -> Path:
    """Return the folder of the course that is taught: the checkout's, or a cohort's.

    Raises
    ------
    ClassError
        There is no such cohort.
    """
    if not cohort:
        return CHECKOUT
    made = CHECKOUT / "cohorts"
    if not (made / cohort / "nbgrader_config.py").is_file() or "/" in cohort:
        known = ", ".join(path.name for path in sorted(made.glob("[a-z]*"))) or "none yet"
        raise ClassError(
            f"There is no cohort {cohort} (there are: {known}). Make it first: "
            f"`make cohort NAME={cohort}`."
        )
    return made / cohort


def check_cohort(course: Path, home: Path) -> None:
    """Refuse a class whose learners have begun with other data."""
    told = [folder / "datasets" / "manifest.json" for folder in (course, home)]
    here, there = (json.loads(path.read_text()) if path.is_file() else None for path in told)
    if None not in (here, there) and here.get("cohort") != there.get("cohort"):
        name = (there.get("cohort") or {}).get("name") or "the published course's"
        raise ClassError(
            f"The class in {home} has begun with other data (cohort: {name}). Start this one with "
            'a folder of its own, OPTIONS="--home /srv/another-class", on accounts of its own.'
        )


def make_folders(home: Path, course: Path = CHECKOUT) -> None:
    """Make the class's folders; the hub's own is closed to all but root."""
    home.mkdir(parents=True, exist_ok=True)
    for name, mode in (("hub", 0o700), ("exchange", 0o1777), ("proxy", 0o755)):
        (home / name).mkdir(exist_ok=True)
        (home / name).chmod(mode)
    for name in ("course", "datasets"):
        mirror(course / name, home / name)
    for name in ("everybody", "learner", "instructor"):
        mirror(HERE / name, home / "config" / name)


def mirror(source: Path, target: Path) -> None:
    """Copy files that are new or changed, for everybody to read; what else is there stays."""
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if KEPT in copy.parts:
            continue
        if path.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        elif not copy.is_file() or copy.read_bytes() != path.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def close_sources() -> None:
    """Take from others the right to read what learners must not see."""
    for name in SECRET:
        if (CHECKOUT / name).is_dir():
            (CHECKOUT / name).chmod(0o700)


def environment(home: Path) -> Path:
    """Make the environment that everybody works in, or bring it up to date; return its folder."""
    folder, stamp = home / "environment", home / "environment" / ".class-stamp"
    digest = hashlib.sha256(f"{CHECKOUT}\n{sys.version}\n".encode())
    for path in sorted([*(CHECKOUT / "src").rglob("*.py"), CHECKOUT / "constraints.txt",
                        CHECKOUT / "pyproject.toml"]):  # fmt: skip
        digest.update(path.read_bytes())
    if stamp.is_file() and stamp.read_text() == digest.hexdigest():
        return folder
    say(f"Setting up the class's environment in {folder}: once, a few minutes.")
    stamp.unlink(missing_ok=True)
    os.umask(0o022)
    if not (folder / "bin" / "python").exists():
        run(sys.executable, "-m", "venv", str(folder))
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    with tempfile.TemporaryDirectory() as copy:  # building leaves a folder where it is done
        shutil.copytree(CHECKOUT, Path(copy, "course"), ignore=left_out)
        course = str(Path(copy, "course"))
        run(*pip, "-q", "-c", str(CHECKOUT / "constraints.txt"), f"{course}[grading,class]")
        run(*pip, "-q", "--no-deps", "--force-reinstall", course)
    stamp.write_text(digest.hexdigest())
    return folder


def proxy(home: Path) -> None:
    """Install the hub's proxy from the list of versions beside this file."""
    folder = home / "proxy"
    lock = (HERE / "proxy" / "package-lock.json").read_bytes()
    done = folder / "node_modules" / ".class-lock"
    if done.is_file() and done.read_bytes() == lock:
        return
    say("Installing the hub's proxy.")
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / "proxy" / name, folder / name)
    run("npm", "ci", "--no-audit", "--no-fund", "--prefix", str(folder))
    done.write_bytes(lock)


def run(*command: str) -> None:
    """Run one step.

    Raises
    ------
    ClassError
        It failed; with the end of what it said.
    """
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise ClassError(f"`{' '.join(command[:4])} …` failed:\n{last}\nSee to that, start again.")


def left_out(folder: str, names: list[str]) -> set[str]:
    """Return which names of a folder of the checkout are not copied."""
    made = {"__pycache__", "node_modules"} & {*names}
    return made | (NOT_THE_COURSES & {*names} if Path(folder) == CHECKOUT else set())


def furnish(login: accounts.Login, group: str, home: Path, course: Path = CHECKOUT) -> None:
    """Give a new account what it begins with.

    An account that was there before is left alone: root writes into no folder that a learner has
    had, where a link could lead anywhere.
    """
    if not login.password:
        return
    at = Path(f"~{login.name}").expanduser()
    if group == accounts.INSTRUCTORS:
        shutil.copytree(CHECKOUT, at / "course", ignore=left_out)
        if course != CHECKOUT:
            for name in ("solutions", "course", "datasets"):
                shutil.rmtree(at / "course" / name)
                shutil.copytree(course / name, at / "course" / name)
    else:
        shutil.copyfile(home / "course" / "index.ipynb", at / "index.ipynb")
    run("chown", "-R", f"{login.name}:", str(at))


def build_for_grading(name: str, environment: Path) -> None:
    """Let a new instructor's copy of the course have what nbgrader grades by."""
    account = pwd.getpwnam(name)
    done = subprocess.run(
        [str(environment / "bin" / "vaxlab"), "course", "build", "--for-grading"],
        cwd=Path(account.pw_dir, "course"),
        env={"HOME": account.pw_dir, "PATH": f"{environment / 'bin'}:/usr/bin:/bin"},
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ClassError(f"The course could not be built for {name}: {done.stderr.strip()}")


def ready_exchange(home: Path, instructor: str) -> None:
    """Let the instructor own the course's part of the exchange, before a learner could make it."""
    folder = home / "exchange" / "vaxlab"
    folder.mkdir(exist_ok=True)
    run("chown", f"{instructor}:", str(folder))
    folder.chmod(0o755)


def make_notes(settings: places.Settings) -> None:
    """Make each learner the file that their checks may note in; empty until they join.

    Nobody else can add or exchange a file there, so each one stays what it is. Its learner writes
    it, instructors read it, others do not. The folder shows instructors alone who is in the class.
    """
    instructors = grp.getgrnam(accounts.INSTRUCTORS).gr_gid
    folder = settings.notes()
    folder.mkdir(exist_ok=True)
    os.chown(folder, 0, instructors)
    folder.chmod(0o751)
    for name in settings.learners:
        with suppress(FileExistsError):
            file = os.open(settings.notes(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            os.fchown(file, pwd.getpwnam(name).pw_uid, instructors)
            os.fchmod(file, 0o640)
            os.close(file)


def keep_logins(home: Path, logins: list[accounts.Login]) -> Path:
    """Add first passwords to a file that only root reads, for handing out."""
    path = home / "hub" / "first-logins.csv"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.writelines(f"{one.name},{one.password}\n" for one in logins if one.password)
    return path


def prepare(given: argparse.Namespace) -> tuple[places.Settings, list[accounts.Login]]:
    """Do all that comes before the hub; return its settings, and the instructors' logins."""
    check_machine()
    check_reach(given.host, given.tls_cert, given.tls_key)
    home, course = given.home.resolve(), taught(given.cohort)
    check_cohort(course, home)
    hub_port, proxy_port = inner_ports(home)
    check_port(hub_port)
    if not left_behind(home):
        check_port(proxy_port)
        check_port(given.port, given.host)
    learners = accounts.read_list(given.learners)
    if given.instructor in learners:
        raise ClassError(f"{given.instructor!r} is the instructor and in the list of learners.")
    accounts.refuse_strangers(learners, accounts.LEARNERS)
    accounts.refuse_strangers([given.instructor], accounts.INSTRUCTORS)
    make_folders(home, course)
    proxy(home)
    folder = Path(given.environment).resolve() if given.environment else environment(home)
    close_sources()
    say(f"Accounts for {len(learners)} learners and {given.instructor}.")
    made = accounts.make(learners, accounts.LEARNERS)
    teaches = accounts.make([given.instructor], accounts.INSTRUCTORS)
    for login in made:
        furnish(login, accounts.LEARNERS, home)
    furnish(teaches[0], accounts.INSTRUCTORS, home, course)
    if teaches[0].password:
        build_for_grading(given.instructor, folder)
    ready_exchange(home, given.instructor)
    say(f"First passwords, for handing out: {keep_logins(home, [*made, *teaches])}")
    settings = places.Settings(
        home=str(home),
        environment=str(folder),
        learners=learners,
        instructors=[given.instructor],
        host=given.host,
        port=given.port,
        hub_port=hub_port,
        proxy_port=proxy_port,
        tls_cert=given.tls_cert and str(Path(given.tls_cert).resolve()),
        tls_key=given.tls_key and str(Path(given.tls_key).resolve()),
        memory_mb=given.memory_mb,
    )
    make_notes(settings)
    return settings, teaches


def main(arguments: list[str] | None = None) -> int:
    """Start the class, or say in a sentence what is in the way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--learners", type=Path, default=HERE / "learners.txt", help="a list, one name a line"
    )
    parser.add_argument("--instructor", default="instructor")
    parser.add_argument("--home", type=Path, default=Path("/srv/vaxlab-class"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--cohort", default="", help="whose data: see `vaxlab cohort new`")
    parser.add_argument("--tls-cert", default="")
    parser.add_argument("--tls-key", default="")
    parser.add_argument("--memory-mb", type=int, default=2048, help="of one learner")
    parser.add_argument(
        "--environment",
        default="",
        help="an environment that holds the course with its `class` extra",
    )
    given = parser.parse_args(arguments)  # fmt: skip
    try:
        settings, teaches = prepare(given)
    except ClassError as error:
        print(error, file=sys.stderr)
        return 1
    told = settings.write()
    if not limits.limits_memory():
        say("No control groups here: memory is held for each process, not for each learner.")
    say(f"The class is at {settings.address} (Ctrl-C ends it, and leaves everybody's work).")
    for one in teaches:
        said = f"password {one.password}" if one.password else "password as before"
        say(f"First login: {one.name}, {said}")
    os.environ[places.SETTINGS] = str(told)
    hub = Path(settings.environment, "bin", "jupyterhub")
    os.chdir(settings.folder("hub"))
    os.execv(hub, [str(hub), "--config", str(HERE / "jupyterhub_config.py")])
    return 0


if __name__ == "__main__":
    sys.exit(main())
