"""The page and the text of a class at work: readable without colour, and safe to look at."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from html.parser import HTMLParser

import pytest
import wcag
from playwright.sync_api import expect, sync_playwright

from vaxlab import cli
from vaxlab.checks import notes
from vaxlab.watch import page, read

from .conftest import TIDY

EVIL = (
    '"><img src=x onerror=document.title="taken"><script>document.title="taken"</script>{{ 7*7 }}'
)


@pytest.fixture
def seen(folder, built):
    return lambda place=None: read.view(str(place or folder), built / "course")


class Tags(HTMLParser):
    """Collects the tags of a page, and rows of its tables."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.rows, self.inside = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def test_a_page_says_in_words_who_has_passed_what_and_who_is_stuck(note, seen):
    note("ana", "passed")
    for _ in range(3):
        note("bo", "not yet", why="HA is a logarithm.", label="two batches")
    note("cy", "error in your code", exercise=TIDY, why="KeyError")
    rows = Tags(page.html(seen(), "n")).rows
    assert ["bo", "day1 · Exercise 1 · Twins", "3"] in [row[:3] for row in rows]
    assert ["Exercise 1 · Twins", "1", "1", "0", "1", "1 × two batches: HA is a logarithm."] in rows
    assert ["ana", "✔ passed", "–", "–", "–", "–", "–"] in rows
    assert ["bo", "◐ not yet, 3 tries", "–", "–", "–", "–", "–"] in rows
    assert ["cy", "–", "✖ error", "–", "–", "–", "–"] in rows


def test_the_text_says_the_same(note, seen):
    note("ana", "passed")
    for _ in range(3):
        note("bo", "not yet", why="HA is a logarithm.")
    said = page.text(seen())
    assert "2 of 2 learners have joined" in said
    assert "stuck: bo, day1 · Exercise 1 · Twins: 3 tries" in said
    assert "  Exercise 1 · Twins: 1 passed, 1 not yet, 0 error, 0 not tried" in said
    assert "      1 × HA is a logarithm." in said
    assert "  ana: 1 ✔ passed; 2 –" in said
    assert "never count as a grade" in said


def test_a_learner_is_told_what_others_see_and_how_to_end_it(folder, note, seen):
    note("ana", "passed")
    said = page.html(seen(folder / "ana.jsonl"), "n")
    assert "Your work in the class" in said
    assert "vaxlab class leave" in said
    (folder / "ana.jsonl").write_text("")
    assert "You have not joined" in page.text(seen(folder / "ana.jsonl"))


def test_whatever_a_learner_writes_is_text(note, seen):
    plain = page.html(seen(), "n")
    for _ in range(3):
        note("ana", "not yet", why=EVIL, label=EVIL[:50])
    shown = page.html(seen(), "n")
    assert "img" not in Tags(shown).tags
    assert Tags(shown).tags.count("script") == Tags(plain).tags.count("script") == 1
    assert "&lt;script&gt;" in shown
    assert "{{ 7*7 }}" in shown


def test_a_class_that_is_stuck_as_a_whole_is_shown_in_part(note, seen, monkeypatch):
    monkeypatch.setattr(page, "MAX_STUCK", 2)
    for name in ("ana", "bo", "cy"):
        for _ in range(4):
            note(name, "not yet")
    assert len(page.tables(seen()).stuck) == 2


def test_a_sentence_stands_where_there_is_no_view():
    assert "<p>Nothing &lt;here&gt;.</p>" in page.html(None, "n", "Nothing <here>.")


def test_the_command_shows_it_once(folder, note, built, monkeypatch, capsys):
    note("ana", "passed")
    monkeypatch.setenv(notes.PLACE, str(folder))
    monkeypatch.chdir(built / "course")
    assert cli.main(["class", "watch", "--once"]) == 0
    assert "1 of 1 learners have joined" in capsys.readouterr().out


# In a Jupyter server, and in a browser --------------------------------------------------------


@pytest.fixture
def served(folder, built, tmp_path):
    """Address of the page in a server of its own, and its token."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = {"ServerApp": {"jpserver_extensions": {"vaxlab.watch.server": True}}}
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "jupyter_server_config.json").write_text(json.dumps(config))
    command = [
        *(sys.executable, "-m", "jupyter_server", "--no-browser", f"--ServerApp.port={port}"),
        *("--ServerApp.port_retries=0", "--IdentityProvider.token=letmein", "--allow-root"),
    ]
    environment = os.environ | {
        notes.PLACE: str(folder),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_PREFER_ENV_PATH": "0",
        "HOME": str(tmp_path),
    }
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=built / "course", env=environment, stdout=log, stderr=log
        )
        address = f"http://127.0.0.1:{port}/"
        try:
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"{address}api", timeout=5)
                    break
                except OSError:
                    assert server.poll() is None, (tmp_path / "log").read_text()
                    time.sleep(0.25)
            yield f"{address}vaxlab/class"
        finally:
            server.terminate()
            server.wait(30)


def test_only_who_is_logged_in_sees_the_page(served, note):
    note("ana", "passed")
    with urllib.request.urlopen(served, timeout=30) as reply:
        assert "/login" in reply.url
        assert b"Exercise 1" not in reply.read()
    asked = urllib.request.Request(served, headers={"Authorization": "token letmein"})
    with urllib.request.urlopen(asked, timeout=30) as reply:
        assert "Exercise 1 · Twins" in reply.read().decode()
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        assert reply.headers["Cache-Control"] == "no-store"


def test_a_page_looks_again_by_itself_and_the_keyboard_stays_where_it_was(
    served, note, chromium, checkout
):
    note("ana", "not yet", why=EVIL)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        at = browser.new_page(viewport={"width": 1100, "height": 900})
        faults = []
        at.on("pageerror", lambda error: faults.append(str(error)))
        at.goto(f"{served}?token=letmein")
        expect(at.locator("main")).to_contain_text("Nobody has tried 3 times")
        at.keyboard.press("Tab")
        expect(at.get_by_label("Hold still")).to_be_focused()
        at.keyboard.press("Tab")
        focused = "document.activeElement.id"
        assert at.evaluate(focused) == "exercises-1"
        for _ in range(3):
            note("bo", "not yet", why="HA is a logarithm.")
        expect(at.locator("#stuck")).to_contain_text("HA is a logarithm.", timeout=30_000)
        assert at.evaluate(focused) == "exercises-1"
        assert at.title() == "The class at work"
        at.get_by_label("Hold still").check()
        expect(at.get_by_role("status")).to_have_text("It stays as it is.")
        folder = checkout / "test-artefacts" / "watch"
        folder.mkdir(parents=True, exist_ok=True)
        for theme in ("light", "dark"):
            at.emulate_media(color_scheme=theme)
            at.screenshot(path=folder / f"class-{theme}.png", full_page=True)
        at.set_viewport_size({"width": 380, "height": 800})
        at.screenshot(path=folder / "class-phone.png", full_page=True)
        assert at.evaluate("document.documentElement.scrollWidth") <= 380
        browser.close()
    assert faults == []


def test_the_page_is_clean_by_wcag(served, note, chromium, axe):
    note("ana", "passed")
    for _ in range(3):
        note("bo", "not yet", why="HA is a logarithm.")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        at = browser.new_page(viewport={"width": 1100, "height": 900})
        at.goto(f"{served}?token=letmein")
        expect(at.locator("#stuck")).to_contain_text("HA is a logarithm.")
        broken = []
        for theme in ("light", "dark"):
            at.emulate_media(color_scheme=theme)
            broken += wcag.violations(at, axe)
        browser.close()
    assert broken == []
