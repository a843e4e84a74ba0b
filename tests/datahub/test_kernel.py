"""What code in a notebook can do, and what it can't."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from datahub.engine import outputs
from datahub.engine.kernel import MOST_BYTES, MOST_OUTPUTS, Kernel, KernelDied, TooMuchAtOnce
from datahub.engine.sandbox import Environment, Limits, started_by_root

pytestmark = pytest.mark.slow
UID = 61500 if started_by_root() else None


def memfd(content: bytes) -> int:
    descriptor = os.memfd_create("data")
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment.of_this_python(tmp_path_factory.mktemp("fonts"))


@pytest.fixture(scope="module")
def kernel(environment: Environment) -> Iterator[Kernel]:
    descriptor = memfd(b"a,b\n1,2\n")
    with Kernel(environment, {"sepsis.csv": descriptor}, Limits(), UID) as kernel:
        yield kernel
    os.close(descriptor)


def said(kernel: Kernel, code: str) -> str:
    outcome = kernel.run(code, seconds=180)
    return "\n".join(output.get("text", "") for output in outcome.outputs)


def test_reads_its_data(kernel: Kernel) -> None:
    """The dataset is a file under /data."""
    assert said(kernel, "print(open('/data/sepsis.csv').read())") == "a,b\n1,2\n\n"


def test_cannot_change_its_data(kernel: Kernel) -> None:
    """The dataset can't be written to."""
    assert "Read-only file system" in said(kernel, "open('/data/sepsis.csv', 'w')")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1"])
def test_has_no_network(kernel: Kernel, address: str) -> None:
    """No address answers, not even this machine's own."""
    answer = said(kernel, f"import socket; socket.create_connection(({address!r}, 80), 2)")
    assert "Network is unreachable" in answer or "Connection refused" in answer


def test_loopback_is_not_the_hosts(kernel: Kernel) -> None:
    """A server of this machine is not reached through the loopback of the box."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert "Connection refused" in said(
            kernel, f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        )


def test_sees_no_files_of_the_machine(kernel: Kernel) -> None:
    """Neither homes nor settings nor other people's files are there."""
    listing = said(kernel, "import os; print(sorted(os.listdir('/')))")
    assert listing.strip() == str(["bin", "data", "dev", "home", "lib", "lib64", "opt", "proc", "run", "tmp", "usr"])
    assert said(kernel, "print(os.listdir('/home'))").strip() == "['notebook']"


def test_sees_no_secret(kernel: Kernel) -> None:
    """Its environment is the box's own, its processes are its own."""
    names = said(kernel, "print(sorted(os.environ))")
    assert not any(word in names for word in ("SECRET", "KEY", "DATABASE", "REDIS"))
    assert int(said(kernel, "import os; print(sum(name.isdigit() for name in os.listdir('/proc')))")) <= 4


def test_is_not_root(kernel: Kernel) -> None:
    """It runs as a user of its own."""
    assert said(kernel, "import os; print(os.getuid())").strip() == str(UID if UID is not None else os.getuid())


def test_memory_is_bounded(kernel: Kernel) -> None:
    """Asking for more memory than allowed fails in the cell, and the kernel lives on."""
    assert "MemoryError" in said(kernel, "x = bytearray(5 << 30)")
    assert said(kernel, "print(1)") == "1\n"


def test_files_are_bounded(kernel: Kernel) -> None:
    """A file larger than allowed is refused."""
    assert "File too large" in said(kernel, "f = open('big', 'wb')\nfor _ in range(300): f.write(bytes(1 << 20))")


@pytest.mark.parametrize("place", [".", "/tmp", "/dev/shm"])
def test_scratch_is_bounded(environment: Environment, place: str) -> None:
    """However many files a cell writes, they fill its own share of memory and not the machine's."""
    fill = f"for number in range(10):\n    with open(f'{place}/{{number}}', 'wb') as f: f.write(bytes(10 << 20))"
    with Kernel(environment, {}, Limits(scratch_bytes=32 << 20), UID) as kernel:
        assert "No space left on device" in said(kernel, fill)


def test_what_it_writes_is_on_no_disk(kernel: Kernel) -> None:
    """Its home and its temporary files are its own memory, and nothing of them is seen from outside."""
    said(kernel, "for place in ('.', '/tmp', '/dev/shm'): open(f'{place}/leak', 'w').write('x')")
    kinds = said(kernel, "print({line.split()[2] for line in open('/proc/mounts') if ' rw,' in line})")
    assert set(kinds.strip("{}\n").replace("'", "").split(", ")) <= {"tmpfs", "proc", "devpts", "devtmpfs"}
    assert not list(kernel.folder.rglob("leak"))


@pytest.mark.parametrize("place", ["/", "/dev", "/opt", "/data", *([] if UID is None else ["/run/kernel"])])
def test_nothing_else_can_be_written(kernel: Kernel, place: str) -> None:
    """The rest of the box is closed to writing; as root's, so is the folder through which one speaks to it."""
    answer = said(kernel, f"open('{place}/leak', 'w')")
    assert "Read-only file system" in answer or "Permission denied" in answer


def test_endless_cell_is_stopped(environment: Environment) -> None:
    """A cell that never ends is given up after its time."""
    with Kernel(environment, {}, Limits(), UID) as kernel:
        assert kernel.run("while True: pass", seconds=2).state == "timeout"


def test_processor_time_is_bounded(environment: Environment) -> None:
    """A cell that burns more processor time than allowed takes its kernel with it, and that is said."""
    with Kernel(environment, {}, Limits(cpu_seconds=10), UID) as kernel, pytest.raises(KernelDied):
        kernel.run("while True: pass", seconds=300)  # its start takes of these seconds too


HEAVY = {
    "files in memory": """
import os
held = []
for number in range(8):
    held.append(os.memfd_create(str(number)))
    os.ftruncate(held[-1], 190 << 20)
    for _ in range(190): os.write(held[-1], b"x" * (1 << 20))
""",
    "processes": """
import subprocess, sys
code = "x = b'x' * (500 << 20); import time; time.sleep(60)"
held = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
""",
}


@pytest.mark.parametrize("how", HEAVY)
def test_a_box_is_bounded_as_a_whole(environment: Environment, how: str) -> None:
    """What its processes hold together, and their files in memory, is no more than one of them may hold."""
    code = f"{HEAVY[how]}\nimport time\ntime.sleep(60)"
    with Kernel(environment, {}, Limits(memory_bytes=3 << 29), UID) as kernel, pytest.raises(KernelDied):
        kernel.run(code, seconds=180)


def test_no_box_in_the_box(kernel: Kernel) -> None:
    """A namespace of one's own, in which one could mount what one likes, is refused."""
    answer = said(kernel, "import subprocess; print(subprocess.run(['unshare', '-Ur', 'true'], capture_output=True))")
    assert "returncode=0" not in answer


def test_what_is_shown_at_once_is_bounded(environment: Environment) -> None:
    """A message too large for us never reaches our memory: the connection is cut, and that is said at once."""
    flood = "from IPython.display import display\ndisplay({'text/plain': 'x' * (17 << 20)}, raw=True)"
    with Kernel(environment, {}, Limits(), UID) as kernel, pytest.raises(TooMuchAtOnce):
        kernel.run(flood, seconds=180)


@pytest.mark.parametrize(("end", "state"), [("", "ok"), ("\n1 / 0", "error")])
def test_more_at_a_time_than_is_held(environment: Environment, end: str, state: str) -> None:
    """A cell that shows more at a time than waits for us loses some of it, and ends all the same, as it ended."""
    show = "from IPython.display import display\nfor _ in range(5000): display({'text/plain': 'x'}, raw=True)"
    with Kernel(environment, {}, Limits(), UID) as kernel:
        outcome = kernel.run(show + end, seconds=180, shown=lambda _output: time.sleep(0.03))
        assert (outcome.state, outcome.cut, len(outcome.outputs)) == (state, True, MOST_OUTPUTS)
        assert outcome.seconds < 180
        assert said(kernel, "print('on')") == "on\n"


def test_an_error_that_is_not_shown_is_one(environment: Environment) -> None:
    """A cell whose error can't be shown has failed all the same: the cells after it would build on nothing."""
    with Kernel(environment, {}, Limits(), UID) as kernel:
        outcome = kernel.run("get_ipython().showtraceback = lambda *_, **__: None\n1 / 0", seconds=180)
        assert (outcome.state, outcome.outputs) == ("error", [])


def test_what_a_run_shows_is_bounded(environment: Environment) -> None:
    """What a kernel shows is kept up to a number of bytes, and a cell's outputs up to a number; the rest is told of."""
    show = "from IPython.display import display\nfor _ in range({}): display({{'text/plain': 'é' * {}}}, raw=True)"
    with Kernel(environment, {}, Limits(), UID) as kernel:
        outcome = kernel.run(show.format(100, 150_000), seconds=180)
        kept = sum(len(output["text"].encode()) for output in outcome.outputs)
        assert outcome.state == "ok"
        assert outcome.cut
        assert MOST_BYTES - 400_000 < kept <= MOST_BYTES
        assert kernel.run(show.format(1, 1), seconds=180).cut is False
        outcome = kernel.run(show.format(MOST_OUTPUTS + 1, 1), seconds=180)
        assert (len(outcome.outputs), outcome.cut) == (MOST_OUTPUTS, True)


@pytest.mark.parametrize("shown", ["\x1b[31mrouge\x1b[0m", "rouge\x1b[3", "rou\x1b[1;31mge"])
def test_colours_are_taken_out(shown: str) -> None:
    """No part of a terminal's colours is left, even of one that was cut."""
    assert outputs.text(shown) == "rouge"


def test_a_long_text_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is kept of a text is looked at."""
    seen: list[int] = []

    class Watch:
        @staticmethod
        def sub(_with: str, text: str) -> str:
            seen.append(len(text))
            return text

    monkeypatch.setattr(outputs, "ANSI", Watch)
    assert outputs.text("x" * 5_000_000, 10) == "x" * 10 + "\n…"
    assert seen == [10]


def test_table_is_shown_as_a_table(kernel: Kernel) -> None:
    """A pandas table comes as columns and rows."""
    outcome = kernel.run("import pandas\npandas.read_csv('/data/sepsis.csv')", seconds=180)
    assert outcome.outputs[0]["kind"] == "table"
    assert outcome.outputs[0]["columns"] == ["index", "a", "b"]
    assert outcome.outputs[0]["rows"] == [["0", "1", "2"]]


def test_picture_is_shown(kernel: Kernel) -> None:
    """A matplotlib figure comes as a picture."""
    outcome = kernel.run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", seconds=180)
    assert [output["kind"] for output in outcome.outputs] == ["picture"]


def test_html_is_never_passed_on(kernel: Kernel) -> None:
    """What a cell says as HTML is shown as the plain text beside it."""
    outcome = kernel.run("from IPython.display import HTML\nHTML('<script>alert(1)</script>')", seconds=180)
    assert outcome.outputs == [{"kind": "text", "text": "<IPython.core.display.HTML object>"}]


def test_error_is_shown_without_colours(kernel: Kernel) -> None:
    """A cell that raises shows its trace as plain text."""
    outcome = kernel.run("1 / 0", seconds=180)
    assert outcome.state == "error"
    assert "ZeroDivisionError: division by zero" in outcome.outputs[-1]["text"]
    assert "\x1b" not in outcome.outputs[-1]["text"]
