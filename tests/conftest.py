"""What all tests share: few threads, a browser, and no silent skips where nobody is looking."""

import gc
import os
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path

import debian
import pytest

from vaxlab import imports
from vaxlab.lab import THREAD_CAPS

# Before numpy is imported by anything: the same caps that learners get.
os.environ.update(THREAD_CAPS)
imports.hurry()
# Collecting tests imports everything, and looking for garbage meanwhile takes a third of the time.
gc.disable()

CHECKOUT = Path(__file__).resolve().parents[1]
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = CHECKOUT / "tests" / "browser"
PACKAGES = ("chromium", "fonts-dejavu-core")
# Characters of a failure that are printed when it happens; all of it follows in the summary.
FAILURE = 2000


# What takes a minute or more on one worker, the longest first: at the end of a run all would wait.
LONGEST = (
    "tests/authoring/test_course.py",
    "tests/grading/test_own_solutions.py",
    "tests/browser/test_every_notebook.py",
    "tests/hostile/test_hostile.py",
    "tests/grading_sandbox/test_class.py",
    "tests/classroom/test_workshop.py",
    "tests/answers/test_answers.py",
    "tests/test_notebooks.py",
    "tests/grading/test_nbgrader.py",
    "tests/authoring/test_lint.py",
    "tests/grading_sandbox/test_walls.py",
    "tests/grading_sandbox/test_rehearsal.py",
    "tests/lessons/day1/test_trust.py",
    "tests/grading_sandbox/test_judge.py",
)


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: they often wait, for a browser, a kernel, a limit."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests on one worker, which shares what is costly; marked ones say with whom.

    Whatever opens JupyterLab in a browser is a play.
    """
    for item in items:
        if item.path.parent == BROWSER:
            item.add_marker(pytest.mark.play)
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(LONGEST)))


def pytest_collection_finish() -> None:
    """Look for garbage again, but not in what was imported."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what skips in CI: nobody is there to read why.

    But for what npm has to bring: a machine may have no Node.js, and no way to it.
    """
    report = yield
    if IN_CI and report.skipped and "Skipped: npm: " not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"Skipped, which counts as a failure where CI=true: {report.longrepr}"
    return report


class _AtOnce:
    """Prints a failure when it happens: a run that is stopped from outside has no summary."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self.terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.terminal.ensure_newline()
            self.terminal.write_line(f"FAILED {report.nodeid} ({report.when})", red=True)
            self.terminal.write_line(report.longreprtext[-FAILURE:])


@pytest.hookimpl(trylast=True)  # what prints is registered by then
def pytest_configure(config: pytest.Config) -> None:
    """Name failures at once; workers leave that to the process which prints."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_AtOnce(terminal))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print, below everything, the table of what attacks on the grader earned."""
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])]
    rows = [row for report in reports for name, row in report.user_properties if name == "attack"]
    if rows:
        terminalreporter.section("attacks: row, name, points, what happened")
        for row in sorted(rows):
            terminalreporter.write_line(row)


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Root of the checkout that these tests stand in."""
    return CHECKOUT


@pytest.fixture(scope="session")
def built(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own, as fresh as its sources: nobody has worked in its notebooks.

    Holds nbgrader_config.py, solutions/dayN/*.ipynb and course/; for reading only.
    """
    from vaxlab.authoring import build

    root = tmp_path_factory.mktemp("built")
    outputs = build.notebooks_alone(checkout)
    for name, content in (outputs.committed | outputs.local).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    shutil.copy(checkout / "nbgrader_config.py", root)
    return root


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; installed from Debian's packages in CI, else asked for."""
    if not find_browser():
        debian.install(*PACKAGES)
    return find_browser() or pytest.skip(
        "No Chromium found, so the course was not opened in a browser. On Debian and Ubuntu: "
        f"apt-get install {' '.join(PACKAGES)}"
    )


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Program of axe-core, which judges a page by WCAG; npm brings the locked version."""
    if not shutil.which("npm"):
        pytest.skip("npm: not installed, so axe-core did not judge the pages")
    folder = tmp_path_factory.mktemp("axe")
    for path in (CHECKOUT / "tests" / "axe").glob("package*.json"):
        shutil.copy(path, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    if said.returncode:
        pytest.skip(f"npm: no way to axe-core ({said.stderr[:200]})")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def find_browser() -> str | None:
    """Path of the first browser that is installed."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)
