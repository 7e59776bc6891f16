"""Forked kernels for whatever speaks Jupyter, by configuration alone."""

import os
import subprocess
import sys

import nbformat
import pytest
from jupyter_client import KernelManager
from nbformat import v4

from vaxlab.grading import forking, provisioner


@pytest.fixture
def known(monkeypatch):
    """The kernels' folder is where Jupyter looks."""
    monkeypatch.setenv("JUPYTER_PATH", str(provisioner.KERNELS))


def test_nbval_runs_a_notebook_in_a_warm_kernel(bubblewrap, known, tmp_path):
    cells = ["import sys; 'torch' in sys.modules", "print(1 + 1)"]
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    notebook.cells[0].outputs = [
        v4.new_output("execute_result", {"text/plain": "True"}, execution_count=1)
    ]
    notebook.cells[0].execution_count, notebook.cells[1].execution_count = 1, 2
    notebook.cells[1].outputs = [v4.new_output("stream", text="2\n")]
    nbformat.write(notebook, tmp_path / "warm.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", "-q"]
    said = subprocess.run(
        [*command, "--nbval-kernel-name", "vaxlab-warm", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=tmp_path,
        env=os.environ | {"CI": ""},
    )
    assert said.returncode == 0, said.stdout
    assert "2 passed" in said.stdout


def test_where_nothing_can_be_forked_an_ordinary_kernel_starts_with_a_sentence(
    known, monkeypatch, tmp_path, caplog
):
    def no_warm_process():
        raise provisioner.NoWarmProcess("kernels are forked on Linux only, and this is darwin")

    monkeypatch.setattr(provisioner, "address", no_warm_process)
    manager = KernelManager(kernel_name="vaxlab-graded")
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        assert client.execute_interactive("1", timeout=60)["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert "Linux only" in caplog.text


def test_on_another_system_the_sentence_names_it(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(provisioner.NoWarmProcess, match="darwin"):
        provisioner.Warm()


def test_an_interrupt_reaches_the_cell_and_the_kernel_lives_on(kernels):
    kernel = kernels("vaxlab-warm")
    code = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nfor _ in range(10**9): pass"
    assert kernel.run(code).error == "KeyboardInterrupt"
    assert kernel.run("1 + 1").value == "2"


def test_a_warm_kernel_works_in_the_folder_it_was_started_in(kernels, tmp_path):
    kernel = kernels("vaxlab-warm", folder=tmp_path)
    kernel.run("open('here.txt', 'w').write('x')")
    assert (tmp_path / "here.txt").exists()


def test_no_thread_is_alive_in_what_is_forked():
    code = "from vaxlab.grading import forking, warm; warm.load(); print(forking.threads())"
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=os.environ | provisioner.QUIET_LIBRARIES,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert said.stdout.split() == ["1"], said.stderr


def test_the_first_optimizer_widget_and_table_cost_nothing_any_more(kernels):
    code = "import sys; {'torch._dynamo', 'anywidget', 'nbformat', 'jinja2'} <= set(sys.modules)"
    assert kernels("vaxlab-warm").run(code).value == "True"


def test_every_kernel_ends_with_the_warm_process(kernels, monkeypatch):
    own = provisioner.Warm().wait()
    monkeypatch.setenv(provisioner.ADDRESS, own.address)
    kernel = kernels("vaxlab-warm")
    own.close()
    assert not kernel.is_alive()


def test_only_what_is_asked_for_is_kept_open(tmp_path):
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        forking.close_all_but([0, 1, 2, writer])
        try:
            os.fstat(reader)
        except OSError:
            os.write(writer, b"closed")
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(reader, 10) == b"closed"
