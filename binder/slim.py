"""Take out of an environment what no notebook needs, and say what the ten largest packages were.

``python binder/slim.py`` in the environment itself, as `binder/postBuild` does. Gone are packages'
own tests, headers and programs of torch and pyarrow, and bytecode of what the course never imports:
it is written for what it does, by importing that once, for without it the first import takes three
times as long. Whatever is taken out comes back by installing the package again.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
TESTS = {"test", "tests"}
KEPT = ("pyre_extensions",)
"""Packages that import their own tests."""
OTHERS = ("torch/include", "torch/share", "torch/bin/protoc*", "torch/bin/*test*")
"""Headers, the compiler of another format, and programs that try torch; `torch_shm_manager`, in
the same folder, it needs itself."""
SERVERS = ("import ipykernel.kernelapp", "import jupyterlab.labapp", "import nbgrader.apps")
"""What Binder starts before a notebook is opened."""


def unneeded(packages: Path) -> Iterator[Path]:
    """Return what of installed packages no notebook reads; of folders the outermost ones."""
    for folder in sorted(packages.iterdir()):
        if folder.is_dir() and not folder.is_symlink() and folder.name not in KEPT:
            yield from _tests_below(folder)
    for pattern in OTHERS:
        yield from sorted(packages.glob(pattern))


def _tests_below(folder: Path) -> Iterator[Path]:
    for below in sorted(folder.iterdir()):
        if not below.is_dir() or below.is_symlink():
            continue
        if below.name in TESTS:
            yield below
        else:
            yield from _tests_below(below)


def imports(checkout: Path) -> list[str]:
    """Return the imports of notebooks, of their package, and of what Binder starts."""
    found = set(SERVERS)
    for source in [*checkout.glob("solutions/day*/*.py"), *checkout.glob("src/vaxlab/**/*.py")]:
        lines = source.read_text(encoding="utf-8").splitlines()
        code = "\n".join("pass" if line.startswith(("%", "!")) else line for line in lines)
        named = (n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Import | ast.ImportFrom))
        found |= {ast.unparse(node) for node in named}
    return sorted(found)


def sizes(packages: Path) -> dict[str, int]:
    """Return what each package takes, bytes, the largest first."""
    found = {
        path.name: sum(file.lstat().st_size for file in [path, *path.rglob("*")])
        for path in packages.iterdir()
    }
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def slim(packages: Path, imports: list[str]) -> None:
    """Take out what is not needed, and write bytecode of what is.

    Raises
    ------
    SystemExit
        Something can no longer be imported.
    """
    before = failing(imports)
    for path in unneeded(packages):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in list(packages.rglob("__pycache__")):
        shutil.rmtree(path)
    lost = [line for line in failing(imports) if line not in before]
    if lost:
        sys.exit("These no longer work, so something that they need was taken out: " + str(lost))


def failing(imports: list[str]) -> list[str]:
    """Try imports in a process that writes bytecode; return those that fail, as of extras do."""
    environment = {key: value for key, value in os.environ.items() if key != NO_BYTECODE}
    lines = "\n".join(imports)
    command = [sys.executable, "-c", EACH]
    done = subprocess.run(
        command, input=lines, text=True, check=True, env=environment, stdout=subprocess.PIPE
    )
    return [line.removeprefix(MARK) for line in done.stdout.splitlines() if line.startswith(MARK)]


NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
MARK = "cannot: "
EACH = """
import sys
for line in sys.stdin.read().splitlines():
    try:
        exec(line, {})
    except ImportError:
        print("cannot:", line)
"""


def main() -> None:
    """Slim this environment."""
    packages = Path(sysconfig.get_path("purelib"))
    before = sizes(packages)
    slim(packages, imports(CHECKOUT))
    after = sizes(packages)
    print(f"{'MB':32}{'before':>8}{'after':>8}")
    for name in list(before)[:10]:
        print(f"{name[:31]:32}{before[name] / 1e6:8.0f}{after[name] / 1e6:8.0f}")
    print(f"{'all packages':32}{sum(before.values()) / 1e6:8.0f}{sum(after.values()) / 1e6:8.0f}")


if __name__ == "__main__":
    main()
