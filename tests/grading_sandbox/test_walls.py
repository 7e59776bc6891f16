"""What code in the sandbox can see, reach and use up."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vaxlab.grading import sandbox


def test_a_kernel_knows_the_libraries_without_importing_them(kernel):
    code = "import sys; {'torch._dynamo', 'sklearn', 'plotly', 'pandas'} <= set(sys.modules)"
    assert kernel.run(code).value == "True"
    took = kernel.run(
        "import time; t = time.time(); import torch, sklearn, plotly; time.time() - t"
    )
    assert float(took.value) < 1


def test_the_network_is_out_of_reach(kernel):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=5)"
        assert kernel.run(code).error in {"ConnectionRefusedError", "OSError"}
        listener.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listener.accept()
    names = kernel.run("import socket; [name for _, name in socket.if_nameindex()]").value
    assert names == "['lo']"


@pytest.mark.parametrize(
    "path", ["/x", "/usr/x", "/etc/x", "/dev/x", "/proc/x", "/sys/x", "../x", "../../x"]
)
def test_nothing_can_be_written_outside_its_own_folders(kernel, path):
    error = kernel.run(f"open({path!r}, 'w')").error
    assert error in {"OSError", "PermissionError", "FileNotFoundError"} or path.startswith("..")


def test_what_it_writes_stays_in_there(kernels, tmp_path):
    folder = tmp_path / "submission"
    folder.mkdir()
    kernel = kernels(folder=folder)
    for path in ("here.txt", "../above.txt", str(tmp_path / "there.txt")):
        kernel.run(f"open({path!r}, 'w').write('x')")
    assert [path for path in tmp_path.rglob("*") if path != folder] == []


def test_python_and_the_package_are_read_only(kernel):
    for module in ("numpy", "vaxlab", "vaxlab.checks"):
        code = f"import {module} as m; open(m.__file__, 'a')"
        assert kernel.run(code).error in {"OSError", "PermissionError"}


def test_the_checkout_the_gradebook_and_the_home_are_not_there(kernel, checkout):
    home = Path.home()
    for path in (checkout / "solutions", checkout / "tests", checkout / ".git", home / ".ssh"):
        assert kernel.run(f"import os; os.path.exists({str(path)!r})").value == "False"
    seen = set(eval(kernel.run("os.listdir(os.path.expanduser('~'))").value))
    assert seen <= {"submission", ".ipython", "x"}  # IPython's own; x is of a test above


def test_the_environment_holds_nothing_of_the_grader(kernels, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "hunter2")
    kernel = kernels()
    seen = kernel.run("import os; dict(os.environ), open('/proc/self/environ').read()").value
    assert "SECRET_OF_THE_GRADER" not in seen
    assert "hunter2" not in seen


def test_no_process_of_the_outside_is_seen_or_reached(kernel):
    seen = kernel.run("sorted(int(p) for p in os.listdir('/proc') if p.isdigit())").value
    assert max(eval(seen)) < 1000
    assert str(os.getpid()) not in eval(seen)
    assert kernel.run(f"os.kill({os.getpid()}, 0)").error == "ProcessLookupError"
    for pid in (1, 2):
        assert kernel.run(f"open('/proc/{pid}/mem', 'rb').read(1)").error == "PermissionError"


def test_descriptors_of_a_kernel_are_its_own(kernels):
    look = (
        "import os\n"
        "def target(number):\n"
        "    try:\n"
        "        return os.readlink(f'/proc/self/fd/{number}')\n"
        "    except OSError:\n"  # of the look itself
        "        return 'pipe:'\n"
        "{target(number).split(':')[0] for number in os.listdir('/proc/self/fd')}"
    )
    kinds = eval(kernels().run(look).value)
    assert "socket" in kinds
    assert kinds <= {"/dev/null", "socket", "pipe", "anon_inode"}, kinds


def test_it_has_no_rights_left(kernel):
    status = kernel.run("print(open('/proc/self/status').read())").text
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {int(fields[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {0}
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"
    assert set(fields["Uid"].split()) != {"0"}


@pytest.mark.parametrize(
    "call",
    [
        "unshare(0x10000000)",
        "setns(0, 0)",
        "mount(b'none', b'/home', b'tmpfs', 0, None)",
        "umount2(b'/proc', 0)",
        "ptrace(0, 0, 0, 0)",
        "chroot(b'/')",
        f"syscall({sandbox._DENIED['io_uring_setup'][0]}, 0, 0)",
    ],
)
def test_system_calls_that_no_notebook_needs_are_refused(kernel, call):
    kernel.run("import ctypes; libc = ctypes.CDLL(None, use_errno=True)")
    assert kernel.run(f"libc.{call}, ctypes.get_errno()").value == "(-1, 1)"


def test_links_and_devices_of_a_submission_are_not_followed(kernels, tmp_path):
    folder, secret = tmp_path / "folder", tmp_path / "secret.txt"
    folder.mkdir()
    secret.write_text("hidden")
    (folder / "mine.txt").write_text("mine")
    (folder / "below").mkdir()
    (folder / "below" / "mine.csv").write_text("1")
    (folder / "soft.txt").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path)
    os.link(secret, folder / "hard.txt")
    os.mkfifo(folder / "pipe")
    (folder / "line\nbreak;$(x).txt").write_text("odd")
    seen = kernels(folder=folder).run(
        "import os; sorted(os.path.join(d, f) for d, _, names in os.walk('.') for f in names)"
    )
    assert eval(seen.value) == ["./below/mine.csv", "./line\nbreak;$(x).txt", "./mine.txt"]


def test_a_file_beside_the_notebook_does_not_stand_for_a_library(kernels, tmp_path):
    for name in ("numpy", "vaxlab", "sitecustomize", "csv", "colorsys"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken over')")
    (tmp_path / "helper.py").write_text("answer = 42")
    kernel = kernels(folder=tmp_path)
    assert kernel.run("import numpy, vaxlab, csv, colorsys, helper; helper.answer").value == "42"


def has_ended(kernel) -> bool:
    """Wait for the end of a kernel; CPU time comes slowly on a busy machine."""
    until = time.monotonic() + 120
    while kernel.is_alive() and time.monotonic() < until:
        time.sleep(0.1)
    return not kernel.is_alive()


def test_memory_is_limited(kernels):
    kernel = kernels(memory_bytes=300 * 2**20)
    assert kernel.run("x = bytearray(2**30)").error == "MemoryError"
    assert kernel.run("1 + 1").value == "2"


def test_memory_of_many_processes_is_limited_together(kernels):
    kernel = kernels(memory_bytes=300 * 2**20)
    code = (
        "import os, time\n"
        "for _ in range(4):\n"
        "    if not os.fork():\n"
        "        x = b'x' * (150 * 2**20); time.sleep(60); os._exit(0)\n"
        "time.sleep(60)"
    )
    with pytest.raises((RuntimeError, TimeoutError)):
        kernel.run(code, limit_s=8)
    assert has_ended(kernel)
    kernel.provisioner.read_why()
    assert "memory" in kernel.provisioner.why_ended


def test_a_process_that_ends_while_its_memory_is_added_up_counts_no_more(monkeypatch):
    hungry = "x = b'x' * (200 * 2**20); print(flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", hungry], **pipes)
    assert process.stdout.readline()
    meter, look = sandbox.Meter(process.pid), sandbox._stat

    def look_and_end(pid: int) -> list[int]:
        fields = look(pid)
        process.kill()
        process.communicate()
        return fields

    assert meter.memory_bytes(0) > 200 * 2**20
    monkeypatch.setattr(sandbox, "COUNT_AGAIN_S", 0)
    monkeypatch.setattr(sandbox, "_stat", look_and_end)
    assert meter.memory_bytes(0) == 0


@pytest.mark.parametrize("copies", [1, 2])
def test_memory_that_copies_are_left_with_counts_though_they_do_nothing(copies):
    code = (
        "import os, sys, time\n"
        "x = bytearray(b'x' * (200 * 2**20))\n"
        f"for _ in range({copies}):\n"
        "    if not os.fork():\n"
        "        time.sleep(60); os._exit(0)\n"
        "print('copied', flush=True); sys.stdin.readline()\n"
        "x[:] = b'y' * len(x)\n"
        "print('written', flush=True); sys.stdin.readline()"
    )
    room = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    meter = sandbox.Meter(room.pid)
    try:
        assert room.stdout.readline() == "copied\n"
        assert meter.memory_bytes(0) < 350 * 2**20  # one memory, whoever shares it
        print("on", file=room.stdin, flush=True)
        assert room.stdout.readline() == "written\n"
        until = time.monotonic() + 60
        while meter.memory_bytes(0) < 380 * 2**20 and time.monotonic() < until:
            time.sleep(0.1)
        assert meter.memory_bytes(0) >= 380 * 2**20
    finally:
        for pid in list(sandbox.processes(room.pid)):
            os.kill(pid, signal.SIGKILL)
        room.communicate()


def test_memory_in_files_is_limited_together_with_the_rest(kernels):
    kernel = kernels(memory_bytes=300 * 2**20, disk_bytes=128 * 2**20)
    code = (
        "import time\n"
        "for folder in ('/tmp', '/dev/shm', '/home/learner', '/var/tmp'):\n"
        "    for n in range(12):\n"
        "        open(f'{folder}/{n}', 'wb').write(bytes(10**7))\n"
        "time.sleep(60)"
    )
    with pytest.raises((RuntimeError, TimeoutError)):
        kernel.run(code, limit_s=15)
    assert has_ended(kernel)


def test_children_that_nobody_waits_for_use_up_the_time_too(kernels):
    kernel = kernels(cpu_s=3)
    code = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "for _ in range(40):\n"
        "    if not os.fork():\n"
        "        end = time.process_time() + 1.2\n"
        "        while time.process_time() < end: pass\n"
        "        os._exit(0)\n"
        "    time.sleep(1.3)"
    )
    with pytest.raises((RuntimeError, TimeoutError)):
        kernel.run(code, limit_s=8)  # nobody tells this client that it has ended
    assert has_ended(kernel)


HIDDEN = {
    "memory of no process": "import os; os.memfd_create('x')",
    "memory of no process, the old way": "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"
    "if libc.shmget(0, 4096, 0o1600) < 0: raise OSError(ctypes.get_errno(), 'shmget')",
    "a family of sockets that nobody needs": "import socket; socket.socket(38, 5, 0)",
    "a signal to everybody": "import os; os.kill(-1, 9)",
}


@pytest.mark.parametrize("what", HIDDEN)
def test_what_no_notebook_needs_is_refused(kernel, what):
    assert kernel.run(HIDDEN[what]).error in {"PermissionError", "OSError"}


def test_what_a_kernel_knows_of_the_grader_is_what_it_needs(kernels, monkeypatch):
    monkeypatch.setenv("A_TOKEN_OF_THE_GRADER", "hunter-2-hunter")
    kernel = kernels()
    look = (
        "import gc, re\n"
        "word = re.compile('A_TOKEN_OF_THE_GRADE[R]|hunter-2-hunte[r]')\n"
        "[type(o).__name__ for o in gc.get_objects() for text in (\n"
        "    o.values() if type(o) is dict else o if type(o) in (list, tuple, set) else ())\n"
        " if type(text) is str and word.search(text) and '[R]' not in text]"
    )
    assert kernel.run(look).value == "[]"
    assert kernel.run("import os; 'A_TOKEN_OF_THE_GRADER' in os.environ").value == "False"


def test_a_kernel_finds_no_socket_that_a_grader_connects_to(kernel):
    look = (
        "import os, stat\n"
        "[os.path.join(f, n) for f, _, names in os.walk('/') if not f.startswith(('/proc', '/sys'))"
        " for n in names if stat.S_ISSOCK(os.lstat(os.path.join(f, n)).st_mode)]"
    )
    assert kernel.run(look).value == "[]"


def test_processes_are_limited(kernels):
    kernel = kernels()
    code = (
        "import os, time\n"
        "made = 0\n"
        "try:\n"
        "    while True:\n"
        "        if not os.fork():\n"
        "            time.sleep(30); os._exit(0)\n"
        "        made += 1\n"
        "except OSError as error:\n"
        "    pass\n"
        "made"
    )
    assert 0 < int(kernel.run(code).value) < 64


def test_files_and_disk_are_limited(kernels):
    kernel = kernels(file_bytes=2**20, disk_bytes=2**22)
    assert kernel.run("open('big', 'wb').write(b'x' * 2**21)").error == "OSError"
    many = "for n in range(100): open(f'f{n}', 'wb').write(b'x' * 2**19)"
    assert kernel.run(many).error == "OSError"


def test_cpu_time_is_limited(kernels):
    kernel = kernels(cpu_s=2)
    with pytest.raises((RuntimeError, TimeoutError)):
        kernel.run("while True:\n    try:\n        1\n    except BaseException:\n        pass", 8)
    assert has_ended(kernel)


def test_everything_that_it_started_ends_with_it(kernels):
    kernel = kernels()
    code = (
        "import os, time\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    os.setsid()\n"
        "    if os.fork():\n"
        "        os._exit(0)\n"
        "    time.sleep(120)\n"
        "os.waitpid(child, 0)"
    )
    kernel.run(code)
    started = list(sandbox.processes(kernel.provisioner.init_pid, kernel.provisioner.pid))
    assert len(started) == 4  # process 1, its idle child, the kernel, and the one that hides
    kernel.stop()
    until = time.monotonic() + 20
    while any(map(is_there, started)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(is_there, started))


def is_there(pid: int) -> bool:
    """Tell whether a process is there, be it as a zombie."""
    return Path(f"/proc/{pid}").exists()


def test_two_kernels_do_not_throw_the_same_dice(kernels):
    code = "import random, numpy, torch; random.random(), numpy.random.rand(), float(torch.rand(1))"
    first, second = (eval(kernels().run(code).value) for _ in range(2))
    assert all(a != b for a, b in zip(first, second, strict=True))


def test_without_bubblewrap_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    assert "apt-get install bubblewrap" in sandbox.missing()


def test_on_another_system_it_says_so(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "Linux" in sandbox.missing()
