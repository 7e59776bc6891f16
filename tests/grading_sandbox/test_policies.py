"""Policies handed in as files: what goes wrong is a sentence, and nobody else's is lost."""

import shutil

import pytest

from vaxlab.errors import CourseError
from vaxlab.grading import policies
from vaxlab.season import plant

SEEDS = [4_322_380_479_689]
needs_bubblewrap = pytest.mark.skipif(not shutil.which("bwrap"), reason="needs bubblewrap")

FINE = "def recipe(batch, record, runs):\n    return {'growth_time_h': float(np.mean(110))}\n"
BAD = {
    "crashes": ("def recipe(b, r, u):\n    return {}['x'] if b['batch'] == 4 else {}\n", "batch 4"),
    "another type": ("def maintain(b, r):\n    return 'no'\n", "`maintain` gave 'no'"),
    "leaves": ("import os\nos._exit(3)\n", "ended its interpreter"),
    "leaves later": ("import os\ndef recipe(*a):\n    os._exit(3)\n", "ended its interpreter"),
    "does not run": ("def recipe(:\n", "does not run: SyntaxError"),
    "exits": ("raise SystemExit\n", "does not run: SystemExit"),
    "is empty": ("", "defines none of"),
    "looks around": (
        "import ctypes, glob, socket\n"
        "def recipe(b, r, u):\n"
        "    found = [f for k in range(1, 6) for f in glob.glob(\n"
        "        '/[!psu]*' + '/*' * (k - 1) + '/solutions')]\n"
        "    try:\n"
        "        socket.create_connection(('127.0.0.1', 9), 1)\n"
        "        found.append('net')\n"
        "    except OSError:\n"
        "        pass\n"
        "    try:\n"
        "        open('/usr/written', 'w')\n"
        "        found.append('file')\n"
        "    except OSError:\n"
        "        pass\n"
        "    try:\n"
        "        open('/tmp/full', 'wb').write(bytes(300 * 2**20))\n"
        "        found.append('disk')\n"
        "    except OSError:\n"
        "        pass\n"
        "    try:\n"
        "        import vaxlab.lessons.day4.capstone.checks\n"
        "        found.append('judge')\n"
        "    except ImportError:\n"
        "        pass\n"
        "    if not ctypes.CDLL(None).unshare(0x10000000):\n"
        "        found.append('namespace')\n"
        "    raise ValueError(f'found {found}')\n",
        "found []",
    ),
}


@pytest.fixture(autouse=True)
def _two_rounds(monkeypatch):
    monkeypatch.setattr(plant, "ROUNDS", 2)


@needs_bubblewrap
def test_what_is_played_apart_is_what_is_played_here(tmp_path):
    path = tmp_path / "policy.py"
    path.write_text(FINE)
    here, apart = (policies.entry("a", path, SEEDS, trusted=t).played[0] for t in (True, False))
    assert here.record.equals(apart.record)


@needs_bubblewrap
@pytest.mark.parametrize("what", BAD)
def test_a_policy_that_misbehaves_is_a_sentence(what, tmp_path):
    source, says = BAD[what]
    path = tmp_path / "policy.py"
    path.write_text(source)
    entry = policies.entry("a", path, SEEDS)
    assert entry.played is None
    assert says in entry.sentence


def test_files_are_found_by_folder_and_by_name_and_links_are_not(tmp_path):
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "policy.py").write_text(FINE)
    (tmp_path / "bob.py").write_text(FINE)
    (tmp_path / "eve.py").symlink_to(tmp_path / "bob.py")
    assert sorted(policies.files(tmp_path)) == ["ann", "bob"]


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_without_a_policy_is_said_so(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(CourseError):
        policies.files(tmp_path / folder)


@needs_bubblewrap
def test_a_board_ranks_names_nobody_if_asked_and_loses_nothing(tmp_path):
    (tmp_path / "<b>ann.py").write_text(FINE)
    (tmp_path / "bob.py").write_text(BAD["another type"][0])
    table, sentences = policies.board(tmp_path, [SEEDS[0], SEEDS[0] + 1])
    assert {"<b>ann", "the history", "a plain policy", "the search"} == set(table.index)
    assert list(sentences) == ["bob"]
    shown = policies.page(table, sentences)
    assert "<b>ann" not in shown
    assert "&lt;b&gt;ann" in shown
    numbered, _ = policies.board(tmp_path, [SEEDS[0], SEEDS[0] + 1], pseudonyms=True)
    assert "policy 1" in numbered.index


CHEATS = {
    "truth": "def harvest(b, s):\n    from vaxlab.season import chance\n    return True\n",
    "seed": "import gc\ndef harvest(b, s):\n    return len(gc.get_objects()) > 9\n",
    "clock": "import time\ndef harvest(b, s):\n    return time.time() % 2 > 1\n",
    "files": "def harvest(b, s):\n    return open('/proc/self/environ').read() > ''\n",
}


@needs_bubblewrap
def test_a_policy_that_looks_for_truth_seed_or_clock_is_held_until_somebody_has_read_it(tmp_path):
    for name, source in CHEATS.items():
        (tmp_path / f"{name}.py").write_text(source)
    (tmp_path / "fair.py").write_text("# no clock, no time.time()\n" + FINE)
    two = [SEEDS[0], SEEDS[0] + 1]
    table, sentences = policies.board(tmp_path, two)
    assert "fair" in table.index
    assert sorted(sentences) == sorted(CHEATS)
    assert sentences["clock"].startswith("held, line 1, the clock: import time. Read it;")
    table, sentences = policies.board(tmp_path, two, accepted=["clock"])
    assert "clock" in table.index
    assert "clock" not in sentences
