"""A workshop as it is held: released, fetched, worked on, handed in, graded, handed back."""

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import crowd
import lab_driver as lab
import nbformat
import pytest
from answers.day1 import trust
from nbgrader import utils
from nbgrader.api import Gradebook
from play import INSTRUCTOR, LEARNERS, STEPS, Workshop
from playwright.sync_api import Browser, Page, TimeoutError, expect, sync_playwright

from vaxlab.checks import notes

RIGHT, EMPTY, HOSTILE, WRONG = LEARNERS[:4]
NOTEBOOK, WRITTEN, LETTER = "1-trust", "4-how-sure", "how-sure-letter"
TEXT = "Dear colleagues: of ten such lots one may surprise us, and here is by how much."
COMMENT = "Say what the width costs."
SLOW_MS = 240_000
pytestmark = [pytest.mark.play, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def pictures(checkout: Path) -> Path:
    return checkout / "test-artefacts" / "classroom"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=lab.FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def at_work(browser: Browser, workshop: Workshop) -> Callable[[str], Page]:
    """Give the page of somebody who has logged in, in a browser of their own."""
    pages: dict[str, Page] = {}

    def at_work(name: str) -> Page:
        if name not in pages:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = pages[name] = context.new_page()
            page.set_default_timeout(SLOW_MS)
            page.goto(workshop.address)
            page.fill("#username_input", name)
            page.fill("#password_input", workshop.passwords[name])
            page.click("#login_submit")
            page.wait_for_url(f"**/user/{name}/**", timeout=SLOW_MS)
        return pages[name]

    return at_work


# What the instructor and learners do ----------------------------------------------------------


def press(teacher: Page, kind: str) -> str:
    """Press a button in the row of day 1 in the formgrader; return what it says when done."""
    row = teacher.locator("#main-table tr", has=teacher.locator("text='day1'")).first
    row.locator(f"td.{kind} a").click()
    said = teacher.locator(".modal-dialog:visible")
    expect(said).to_contain_text("uccess", timeout=SLOW_MS)
    text = said.inner_text()
    said.locator("button").last.click()
    expect(said).to_have_count(0)
    return text


def assignments(page: Page) -> None:
    """Bring the list of assignments to the front."""
    if not page.locator("#nbgrader-assignment-list").count():
        lab.menu(page, "Nbgrader", "Assignment List")
    page.locator(".lm-TabBar-tabLabel", has_text="Assignments").click()
    expect(page.locator("#released_assignments_list")).to_be_visible()


def save(page: Page, name: str, notebook: nbformat.NotebookNode) -> None:
    """Save a notebook in day 1 as JupyterLab would."""
    server = page.url.split("/lab")[0]
    cookies = {one["name"]: one["value"] for one in page.context.cookies(f"{server}/api")}
    reply = page.request.put(
        f"{server}/api/contents/day1/{name}.ipynb",
        data=json.dumps({"type": "notebook", "content": notebook}),
        headers={"X-XSRFToken": cookies["_xsrf"]},
    )
    assert reply.ok, reply.text()


def answered(
    learner: str, answer: Callable[[str], str], name: str = NOTEBOOK
) -> nbformat.NotebookNode:
    """Return a learner's notebook with answers by grade id; where there is none, as it was."""
    path = Path(f"~{learner}/day1/{name}.ipynb").expanduser()
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if utils.is_solution(cell):
            cell.source = answer(cell.metadata.nbgrader.grade_id) or cell.source
    return notebook


def hand_in(page: Page) -> None:
    """Press the button."""
    page.locator("#fetched_assignments_list button", has_text="Submit").click()
    expect(page.locator("#submitted_assignments_list .list_item").first).to_be_visible()


MISTAKES = {one.grade_id: one for one in reversed(trust.ANSWERS) if one.says}
"""A wrong answer to each exercise."""
EXERCISES = {one.grade_id: one.points for one in trust.ANSWERS if not one.says}
"""What each is worth, in their order."""


def solution(grade_id: str) -> str:
    """Return the course's own answer."""
    folder = Path(f"~{INSTRUCTOR}/course/solutions/day1").expanduser()
    solved = nbformat.read(folder / f"{NOTEBOOK}.ipynb", as_version=4)
    cell = next(
        cell
        for cell in solved.cells
        if utils.is_solution(cell) and cell.metadata.nbgrader.grade_id == grade_id
    )
    return "\n".join(line for line in cell.source.splitlines() if "### " not in line)


GRABS = f"""
import glob, os, subprocess
for path in ("/srv/vaxlab-test-class/checkout/solutions", "/home/{INSTRUCTOR}", "/home/{RIGHT}"):
    print("SEEN", path, glob.glob(path + "/**", recursive=True)[1:])
os.system("pkill -KILL -f jupyter")
"""


def as_account(name: str, *command: str, **variables: str) -> subprocess.CompletedProcess:
    """Run a program as one of the accounts, as from its terminal."""
    return subprocess.run(
        ["setpriv", f"--reuid={name}", f"--regid={name}", "--init-groups", *command],
        capture_output=True,
        text=True,
        cwd="/",
        env={"HOME": f"/home/{name}", "PATH": "/usr/bin:/bin"} | variables,
    )


# The day --------------------------------------------------------------------------------------


def test_the_instructor_makes_and_releases_a_day(at_work, pictures):
    teacher = at_work(INSTRUCTOR)
    assert "Successfully created the student version of 'day1'" in press(teacher, "assign")
    assert "Successfully released 'day1'" in press(teacher, "release")
    lab.screenshot(teacher, pictures, "formgrader-released")


@pytest.mark.parametrize("name", LEARNERS)
def test_a_learner_fetches_the_day(at_work, pictures, name):
    page = at_work(name)
    expect(page.locator(".jp-NotebookPanel .jp-MarkdownCell").first).to_be_visible()
    assignments(page)
    page.locator("#released_assignments_list button", has_text="Fetch").click()
    expect(page.locator("#fetched_assignments_list button", has_text="Submit")).to_be_visible()
    lab.screenshot(page, pictures, f"fetched-{name}")


def test_learners_join_the_view_of_the_class_or_not(workshop):
    for name in (RIGHT, HOSTILE):
        file = notes_of(workshop, name)
        said = as_account(name, *vaxlab(workshop), "class", "join", **{notes.PLACE: str(file)})
        assert "never your code" in said.stdout, said.stderr
    assert notes_of(workshop, EMPTY).read_text() == ""


def notes_of(workshop: Workshop, name: str) -> Path:
    """Return the file that a learner's checks note in."""
    return workshop.home / "watch" / f"{name}.jsonl"


def vaxlab(workshop: Workshop) -> list[str]:
    """Return the course's command, as the class's environment has it."""
    program = workshop.home.parent / "environment" / "bin"
    return [str(program / "python"), "-m", "vaxlab.cli"]


def test_a_learner_works_validates_and_hands_in_twice(at_work, pictures):
    page = at_work(RIGHT)
    hand_in(page)
    save(page, NOTEBOOK, answered(RIGHT, solution))
    save(page, WRITTEN, answered(RIGHT, {LETTER: TEXT}.get, WRITTEN))
    page.locator("#fetched_assignments_list a", has_text="day1").click()
    page.locator("#fetched_assignments_list button", has_text="Validate").first.click()
    said = page.locator(".jp-Dialog")
    expect(said).to_contain_text("Success", timeout=SLOW_MS)
    lab.screenshot(page, pictures, "validated")
    said.get_by_role("button").last.click()
    hand_in(page)
    expect(page.locator("#submitted_assignments_list")).to_contain_text("day1")


def test_an_empty_and_a_hostile_notebook_are_handed_in_as_well(at_work):
    page = at_work(HOSTILE)
    save(page, NOTEBOOK, answered(HOSTILE, lambda _: GRABS))
    for name in (EMPTY, HOSTILE):
        hand_in(at_work(name))


@pytest.mark.parametrize("name", [WRONG, *STEPS])
def test_others_hand_in_mistakes_or_what_they_have_done(at_work, name):
    page, done = at_work(name), list(EXERCISES)[: STEPS.index(name) + 1] if name in STEPS else []
    mistakes = {grade_id: one.source for grade_id, one in MISTAKES.items() if name == WRONG}
    save(page, NOTEBOOK, answered(name, (mistakes | {one: solution(one) for one in done}).get))
    hand_in(page)


def test_the_instructor_sees_who_has_passed_and_learners_see_themselves(
    at_work, pictures, workshop
):
    right, hostile = notes_of(workshop, RIGHT), notes_of(workshop, HOSTILE)
    evil = {"at": 1, "day": "day1", "exercise": "Exercise 1 · Twins", "outcome": "not yet"}
    evil["why"] = "<script>document.title = 'taken'</script>"
    program = "import sys; open(sys.argv[1], 'a').write(sys.argv[2])"
    said = as_account(HOSTILE, "python3", "-c", program, str(hostile), json.dumps(evil) + "\n")
    assert said.returncode == 0, said.stderr
    for command in (["cat", right], ["ls", right.parent], ["ln", "-sf", right, hostile]):
        said = as_account(HOSTILE, *map(str, command))
        assert said.returncode != 0, command

    pages = {}
    for name in (INSTRUCTOR, RIGHT, EMPTY):
        page = at_work(name)
        pages[name] = page.context.new_page()
        pages[name].goto(f"{workshop.address}hub/user-redirect/vaxlab/class")
    seen = pages[INSTRUCTOR].locator("main")
    expect(seen).to_contain_text(f"2 of {len(LEARNERS)} learners have joined")
    expect(seen.locator("tr", has_text=RIGHT).last).to_contain_text("✔ passed")
    expect(seen).to_contain_text(evil["why"])
    assert pages[INSTRUCTOR].title() == "The class at work"
    pages[INSTRUCTOR].screenshot(path=pictures / "class-at-work.png", full_page=True)
    expect(pages[RIGHT].locator("main")).to_contain_text("✔ passed")
    expect(pages[RIGHT].locator("main")).not_to_contain_text(HOSTILE)
    expect(pages[EMPTY].locator("main")).to_contain_text("You have not joined")
    for page in pages.values():
        page.close()


@pytest.mark.parametrize("learner", [EMPTY, HOSTILE])
def test_nobody_reads_what_is_not_theirs(workshop, learner):
    others = [name for name in (*LEARNERS, INSTRUCTOR) if name != learner]
    closed = [
        *(f"/home/{name}" for name in others),
        str(workshop.home / "hub"),
        str(workshop.home / "exchange" / "vaxlab" / "inbound"),
        str(workshop.home.parent / "checkout" / "solutions"),
    ]
    for path in closed:
        said = as_account(learner, "ls", path)
        assert "Permission denied" in said.stderr, path
        assert said.stdout == ""


def test_learners_at_once_lose_nothing_when_the_hub_is_killed(at_work, workshop):
    def servers() -> bytes:
        whose = ",".join((*LEARNERS, INSTRUCTOR))  # another class may run on the machine
        ours = ["pgrep", "-u", whose, "-f", "jupyterhub-singleuser"]
        return subprocess.run(ours, capture_output=True).stdout

    def cullers() -> set[str]:
        ours = ["pgrep", "-P", str(workshop.process.pid), "-f", "jupyterhub_idle_culler"]
        return set(subprocess.run(ours, capture_output=True, text=True).stdout.split())

    before, culling = servers(), cullers()
    assert len(culling) == 1
    coming = crowd.work(workshop, LEARNERS[:4], lambda: crowd.kill_hub(workshop))
    with ThreadPoolExecutor(1) as aside:  # the browser's driver has this thread's loop
        people = aside.submit(asyncio.run, coming).result()
    assert servers() == before
    assert len(cullers()) == 1
    assert not [pid for pid in culling if Path(f"/proc/{pid}").exists()]
    assert all(one.marks["first cell"] < one.marks["first figures"] for one in people)
    page = at_work(EMPTY)
    page.reload()
    assignments(page)
    expect(page.locator("#submitted_assignments_list")).to_contain_text("day1")


def test_a_server_that_is_killed_while_somebody_hands_in_loses_nothing(at_work, workshop):
    page, path = at_work(RIGHT), Path(f"/home/{RIGHT}/day1/{NOTEBOOK}.ipynb")
    page.reload()  # a page that met the killed hub asks whether to start another server
    assignments(page)
    before = path.read_bytes()
    page.locator("#fetched_assignments_list button", has_text="Submit").click(no_wait_after=True)
    subprocess.run(["pkill", "-KILL", "-u", RIGHT], check=True)
    assert path.read_bytes() == before
    # Within half a minute the hub sees that the server is gone, and starts another.
    assert any(has_handed_in_again(page, workshop) for _ in range(12))


def has_handed_in_again(page: Page, workshop: Workshop) -> bool:
    """Ask for one's server and hand in; tell whether both went well.

    As long as the hub has not made up its mind, a page may open and then say that there is no
    server: a learner asks again.
    """
    page.goto(f"{workshop.address}hub/spawn", timeout=SLOW_MS)
    page.set_default_timeout(20_000)
    try:
        page.locator("#jp-main-dock-panel").wait_for()
        assignments(page)
        page.locator("#fetched_assignments_list button", has_text="Submit").click()
        page.locator("#submitted_assignments_list .list_item").first.wait_for()
    except (TimeoutError, AssertionError):
        return False
    finally:
        page.set_default_timeout(SLOW_MS)
    return True


def test_the_instructor_collects_and_grades(at_work, workshop):
    teacher = at_work(INSTRUCTOR)
    teacher.reload()
    assert "Collecting submission" in press(teacher, "collect")
    done = as_instructor(workshop, "vaxlab", "grade", "day1")
    rows = {line.split()[0]: line for line in done.splitlines() if NOTEBOOK in line}
    right = list(EXERCISES.values())
    earned = {name: sum(right[: k + 1]) for k, name in enumerate(STEPS)}
    earned |= {RIGHT: sum(right), EMPTY: 0, WRONG: sum(one.points for one in MISTAKES.values())}
    for name, points in earned.items():
        assert f" {points:g} of 24" in rows[name]  # and not 4 of 24 in 24 of 24
    assert "24 of 24" not in rows[HOSTILE]


def test_the_instructor_marks_a_written_answer_and_hands_back(at_work, pictures, workshop):
    teacher = at_work(INSTRUCTOR)
    with Gradebook(f"sqlite:////home/{INSTRUCTOR}/course/gradebook.db") as book:
        number = book.find_submission_notebook(WRITTEN, "day1", RIGHT).id
    page = teacher.context.new_page()
    page.set_default_timeout(SLOW_MS)
    page.goto(f"{workshop.address}user/{INSTRUCTOR}/formgrader/submissions/{number}/")
    expect(page.get_by_text(TEXT)).to_be_visible()
    # The boxes save nothing until the page has asked for grades and comments, and says so in them.
    page.locator(f"#{LETTER}.needs_manual_grade").wait_for()
    page.locator(f"#{LETTER}-comment[placeholder]").wait_for()
    for field, kind, value in (("", "grade", "3"), ("-comment", "comment", COMMENT)):
        box = page.locator(f"#{LETTER}{field}")
        with page.expect_response(f"**/api/{kind}/*"):
            box.fill(value)
            box.blur()
    lab.screenshot(page, pictures, "formgrader-written")
    page.close()
    teacher.reload()
    press(teacher, "generate-feedback")
    press(teacher, "release-feedback")
    lab.screenshot(teacher, pictures, "formgrader-graded")


def as_instructor(workshop: Workshop, *command: str) -> str:
    """Run a program as the instructor, in the course's folder."""
    program = workshop.home.parent / "environment" / "bin"
    course = f"/home/{INSTRUCTOR}/course"
    done = subprocess.run(
        ["setpriv", f"--reuid={INSTRUCTOR}", f"--regid={INSTRUCTOR}", "--init-groups", *command],
        capture_output=True,
        text=True,
        cwd=course,
        env={
            "HOME": f"/home/{INSTRUCTOR}",
            "PATH": f"{program}:/usr/bin:/bin",
            "OMP_NUM_THREADS": "1",
            "VAXLAB_DATA": str(workshop.home / "datasets"),
        },
    )
    assert done.returncode in (0, 3), done.stderr
    return done.stdout


@pytest.mark.parametrize("name", LEARNERS)
def test_a_learner_reads_the_feedback(at_work, pictures, name):
    page = at_work(name)
    page.reload()
    assignments(page)
    page.locator("#submitted_assignments_list button", has_text="Fetch Feedback").first.click()
    expect(page.locator("#submitted_assignments_list")).to_contain_text("view feedback")
    lab.screenshot(page, pictures, f"feedback-{name}")
    there = Path(f"/home/{name}/day1/feedback")
    first, written = (
        next(there.rglob(f"{file}.html")).read_text(encoding="utf-8")
        for file in (NOTEBOOK, WRITTEN)
    )
    assert ("24 of 24" in first) == (name in (RIGHT, STEPS[-1]))
    assert (COMMENT in written) == ("3 of 4 points" in written) == (name == RIGHT)
