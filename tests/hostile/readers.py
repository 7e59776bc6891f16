"""What somebody does who has read the grader's source: each kind once earned, leaked or harmed.

Rows continue those of `hostile.bank`, and are handed in to the same class.
"""

from __future__ import annotations

import os
from pathlib import Path

from nbformat import NotebookNode, v4

from hostile.bank import (
    EARNED,
    FIRST,
    FULL,
    NAME,
    RIGHT,
    Attack,
    after_first,
    beside,
    cell,
    changed,
    place,
    save,
    solve,
)

#: Right, and keeps what it was called with wherever a later cell might look.
KEEPER = """import os
KEPT = []
def antigen_ratio(a, b):
    KEPT.append((a, b))
    for folder in ('/tmp', '.', '/dev/shm', os.path.expanduser('~')):
        open(f'{folder}/kept', 'a').write(f'{a} {b}\\n')
    print('KEPT', a, b)
    os.system(f'echo KEPT {a} {b}')
    return 10 ** abs(a - b)
CALLED_HERE = antigen_ratio(1, 2)
KEPT.clear()
for folder in ('/tmp', '.', '/dev/shm', os.path.expanduser('~')):
    os.remove(f'{folder}/kept')"""
LOOK = """import os
files = [f'{folder}/kept' for folder in ('/tmp', '.', '/dev/shm', os.path.expanduser('~'))]
print('SEEN', [*KEPT, *filter(os.path.exists, files)])"""
#: The judge's half of the lesson, by whatever way.
IMPORTS = """import importlib, pkgutil, sys, vaxlab.lessons
found = [name for name in sys.modules if name.startswith(('vaxlab.lessons', 'vaxlab.literature'))
         and name.rpartition('.')[2] in ('checks', 'wrong', 'exams', 'reader')]
names = [f'{room}.{half}' for room in vaxlab.lessons.rooms().values()
         for half in ('checks', 'wrong', 'exams')]
for name in [*names, 'vaxlab.literature.reader']:
    try:
        found.append(importlib.import_module(name))
    except ModuleNotFoundError:
        pass
print('SEEN', found)"""
#: A hidden seed, 4_829_020_353_282, in any file that can be read and in all of one's own memory.
SEARCH = """import gc, os
pairs = (b'4_829_020_35', b'3_282'), (b'482902035', b'3282')
found = []
def look(text, where):
    for begin, end in pairs:
        at = text.find(begin)
        while at >= 0:
            if text.startswith(end, at + len(begin)):
                found.append(where)
            at = text.find(begin, at + 1)
for folder in (os.getcwd(), os.path.expanduser('~'), '/tmp', '/run'):
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                look(open(os.path.join(path, name), 'rb').read(), name)
            except OSError:
                continue
for thing in gc.get_objects():
    inside = thing.values() if type(thing) is dict else thing
    for item in inside if type(thing) in (dict, list, tuple, set) else ():
        if type(item) in (str, bytes):
            look(item if type(item) is bytes else item.encode('utf-8', 'replace'), 'an object')
try:
    with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as memory:
        for line in maps:
            low, high = (int(part, 16) for part in line.split()[0].split('-'))
            if line.split()[1].startswith('rw') and '[v' not in line and high - low < 2**28:
                memory.seek(low)
                try:
                    look(memory.read(high - low), line)
                except (OSError, ValueError, MemoryError):
                    continue
except PermissionError:
    pass  # who has changed the user may not even look at itself
print('SEEN', found)"""
UPDATES = """from IPython.display import HTML, display, update_display
display(HTML("<b>harmless</b>"), display_id="later")"""
UPDATED = """update_display(HTML("<script>alert('run')</script><img src=x onerror=alert(1)>"),
    display_id="later")"""
#: As a training loop does, in every second learner's notebook.
PRINTS = """for epoch in range(4000):
    print(f'epoch {epoch}: loss {1 / (1 + epoch):.6f}', flush=True)"""
ERRORS = """shell = get_ipython()
for _ in range(40):
    shell._showtraceback(ValueError, ValueError('x'), ['y' * 7_000_000])"""
SWALLOWS = """import time
def antigen_ratio(a, b):
    while True:
        try:
            while True:
                time.sleep(1)
        except BaseException:
            pass"""
#: Messages of a kernel, signed as its own and changed at random; KIND is the socket.
WIRE = """import random
kernel, dice = get_ipython().kernel, random.Random(1)
odd = (None, -1, 2**70, 1e308, float('nan'), '', '\\x00', 'x' * 5000, [], {}, [[[]]], {'a': []})
kinds = ('stream', 'display_data', 'execute_result', 'error', 'update_display_data', 'what',
         'clear_output', 'status', 'execute_input', 'execute_reply', 'comm_open', 'comm_msg')
fields = ('name', 'text', 'data', 'metadata', 'transient', 'execution_state', 'ename', 'evalue',
          'traceback', 'execution_count', 'wait', 'comm_id', 'target_name', 'status', 'payload')
parent, ident = kernel.get_parent(), kernel._shell_parent_ident.get()
for _ in range(500):
    content = {field: dice.choice(odd) for field in dice.sample(fields, dice.randint(0, 6))}
    message = kernel.session.msg(dice.choice(kinds), content, dice.choice((parent, None)))
    if dice.random() < 0.3:
        message[dice.choice(sorted(message))] = dice.choice(odd)
    try:
        frames = kernel.session.serialize(message, ident)
    except Exception:
        continue  # its own session does not even send it
    if dice.random() < 0.3:
        frames[dice.randrange(len(frames))] = dice.randbytes(dice.randint(0, 300))
    if dice.random() < 0.1:
        del frames[dice.randrange(len(frames))]
    SOCKET.send_multipart(frames)
print('SPOKEN')"""
ON_SHELL = WIRE.replace("SOCKET", "kernel.shell_socket")
ON_IOPUB = WIRE.replace("SOCKET", "kernel.iopub_socket")
#: Each frozen copy is left with what the next no longer shares; with the kernel it is too much.
LEFT = "left = None\nleft = b'x' * (180 * 2**20)"
LATER = ("trust-tidy", "trust-errors", "trust-weekends")
MORE = "import time\nleft = None\nleft = b'x' * (400 * 2**20)\ntime.sleep(20)"
PICTURE = {
    "image.png": {
        "image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
        "awAAAABJRU5ErkJggg=="
    }
}


def keeps(notebook: NotebookNode, folder: Path) -> None:
    """Keep what the hidden tests bring along, and show it in cells below."""
    solve(notebook, *RIGHT)
    cell(notebook, FIRST).source = KEEPER
    notebook.cells.insert(place(notebook, f"{FIRST}-check") + 1, v4.new_code_cell(LOOK))
    notebook.cells.append(v4.new_code_cell(LOOK))
    save(notebook, folder)


def updates(notebook: NotebookNode) -> None:
    """Change an output when it has been looked at."""
    notebook.cells += [v4.new_code_cell(UPDATES), v4.new_code_cell(UPDATED)]


def swallows(notebook: NotebookNode) -> None:
    """Never come back from the first exercise's function, whatever is raised in it."""
    cell(notebook, FIRST).source = SWALLOWS


def leaves_memory(notebook: NotebookNode) -> None:
    """Let copies be left with memory that the kernel then gives up, and takes again."""
    for name, code in zip(LATER, (LEFT, LEFT, MORE), strict=True):
        cell(notebook, name).source = code


def linked_folder(notebook: NotebookNode, folder: Path) -> None:
    """Hand in a link to a classmate's folder."""
    folder.rmdir()
    folder.symlink_to(folder.parents[1] / "honest-right" / folder.name)


def deep_folders(notebook: NotebookNode, folder: Path) -> None:
    """Put folders beside the notebook that are deeper than a path may be long."""
    save(solve(notebook, FIRST), folder)
    inside = os.open(folder, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d" * 60, dir_fd=inside)
        below = os.open("d" * 60, os.O_RDONLY, dir_fd=inside)
        os.close(inside)
        inside = below
    os.close(inside)


def half_a_character(notebook: NotebookNode, folder: Path) -> None:
    """Type half of an emoji, and forge what a kernel would have counted."""
    notebook.cells.append(v4.new_code_cell("half = 'HALF'"))
    save(solve(notebook, FIRST), folder)
    path = folder / f"{NAME}.ipynb"
    text = path.read_text().replace("HALF", "\\ud83d")
    path.write_text(text.replace('"execution_count": null', '"execution_count": "1e999"'))


def pasted_picture(notebook: NotebookNode) -> None:
    """Paste a picture into a text, as JupyterLab lets people do."""
    text = v4.new_markdown_cell("See ![image.png](attachment:image.png).")
    text.attachments = PICTURE
    notebook.cells.append(text)


def own_cells(notebook: NotebookNode) -> None:
    """Use what IPython offers."""
    for source in ("%%bash\necho hello", "%load_ext autoreload\n%autoreload 2", "%%time\n1 + 1"):
        notebook.cells.append(v4.new_code_cell(source))


READERS = [
    Attack(23, "keeps-hidden-data", keeps, FULL),
    Attack(24, "imports-the-checks", after_first(IMPORTS), EARNED),
    Attack(26, "updates-an-output", changed(updates, FIRST), EARNED),
    Attack(27, "prints-as-training-does", after_first(PRINTS), EARNED),
    Attack(28, "floods-with-errors", after_first(ERRORS), EARNED, ("stopped",)),
    Attack(29, "swallows-the-alarm", changed(swallows, *RIGHT), FULL - EARNED),
    Attack(30, "deep-folders", deep_folders, EARNED),
    Attack(31, "half-a-character", half_a_character, EARNED),
    Attack(31, "endless-time", beside(**{"timestamp.txt": "9" * 10**7}), FULL),
    Attack(33, "speaks-at-random", after_first(ON_IOPUB), EARNED, ("graded", "stopped")),
    Attack(33, "replies-at-random", after_first(ON_SHELL), EARNED, ("graded", "stopped")),
    Attack(34, "leaves-memory-in-copies", changed(leaves_memory, FIRST), EARNED, ("stopped",)),
    Attack(32, "pasted-picture", changed(pasted_picture, *RIGHT), FULL),
    Attack(32, "own-cells", changed(own_cells, *RIGHT), FULL),
]
#: Such folders are not graded at all, and named.
LINKED = {"linked-folder": linked_folder}
