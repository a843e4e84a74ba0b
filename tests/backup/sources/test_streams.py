"""Streams: what a program hands out, or another program writes, as files."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from backup.engine.saving.intake import Progress
from backup.engine.sources import commands, streams
from backup.engine.sources.base import SourceFailed
from backup.engine.sources.commands import command
from backup.engine.sources.streams import Stream, StreamSource, standard_input
from tests.backup.conftest import Vault
from tests.backup.sources.conftest import contents, walked


def test_the_stamp_of_a_stream(folder: Path) -> None:
    """A stream is looked at again if its signature, its time or what is told of it changes, or without a signature."""

    def stamp(**facts: object) -> bytes | None:
        stream = Stream("a", lambda: io.BytesIO(b"x"), **{"signature": b"1"} | facts)  # type: ignore[arg-type]
        return walked(StreamSource("", [stream]))["a"].stamp

    assert stamp() == stamp(size=5)
    assert len({stamp(), stamp(signature=b"2"), stamp(modified=5), stamp(about={"kind": "x"})}) == 4
    assert stamp(signature=None) is None


def test_standard_input(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes in by standard input is a file, and the input isn't closed by reading it."""
    given = io.BytesIO(b"given" * 1_000_000)
    monkeypatch.setattr(streams.sys, "stdin", io.TextIOWrapper(given))
    saved = vault.save(StreamSource("stdin", [standard_input("dump.sql", now=5)]))
    target, _ = vault.restore(saved)
    assert (target / "dump.sql").read_bytes() == given.getvalue()
    assert (target / "dump.sql").stat().st_mtime_ns == 5
    assert not given.closed


def test_a_standard_input_that_breaks(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the input can't be read to its end there is no snapshot."""

    class Broken:
        def readinto(self, _buffer: memoryview) -> int:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(streams.sys, "stdin", SimpleNamespace(buffer=Broken()))
    with pytest.raises(SourceFailed, match="standard input can't be read: Input/output error"):
        vault.save(StreamSource("stdin", [standard_input("dump.sql", now=5)]))
    assert vault.as_reader().snapshots() == []


@pytest.mark.parametrize("path", ["", "/a", "a//b", "../a", "a/.", "a\0", "a/\udcff"])
def test_paths_that_no_stream_has(path: str) -> None:
    """A path of a stream is names with slashes between them, in UTF-8."""
    with pytest.raises(ValueError, match="is no path of a stream"):
        StreamSource("", [Stream(path, lambda: io.BytesIO(b""))])


def run(*arguments: str, **options: object) -> StreamSource:
    return StreamSource("label", [command("out", arguments, now=1, **options)])  # type: ignore[arg-type]


def python(text: str, **options: object) -> StreamSource:
    return run(sys.executable, "-c", text, **options)


def test_the_output_of_a_command() -> None:
    """What a program writes is the content of the file; its environment can be added to."""
    source = python("import os; print(os.environ['GIVEN'] * 100000)", environment={"GIVEN": "given"})
    assert contents(source) == {"out": b"given" * 100_000 + b"\n"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (python("print('half'); import sys; sys.exit('no such table')"), r"ended with code 1: no such table"),
        (python("import os; print('half', flush=True); os.kill(os.getpid(), 9)"), "was ended by SIGKILL"),
        (run("/nowhere/at-all"), "/nowhere/at-all can't be started: No such file"),
        (python("", may_be_empty=False), "gave nothing"),
    ],
)
def test_a_command_that_fails(vault: Vault, source: StreamSource, said: str) -> None:
    """A program that ends badly makes no snapshot, and its last words are told."""
    with pytest.raises(SourceFailed, match=said):
        vault.save(source)
    assert vault.as_reader().snapshots() == []


def test_a_command_may_give_nothing() -> None:
    """Unless it is said otherwise, no output is an empty file."""
    assert contents(python("")) == {"out": b""}


def test_long_last_words() -> None:
    """However much a program complains, it isn't held up by that, and the end of it is told."""
    source = python("import sys; sys.stderr.write('x' * 5_000_000 + 'the end'); sys.exit(3)")
    with pytest.raises(SourceFailed, match=r"ended with code 3: x{1900,2000}the end$") as raised:
        contents(source)
    assert len(str(raised.value)) < 2100


def test_a_command_that_leaves_something_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a program left running may go on to complain: no other file is read in its place."""
    monkeypatch.setattr(commands, "_GRACE", 0.1)
    (tmp_path / "go").write_text("")
    text = f"while [ -e {tmp_path}/go ]; do sleep 0.01; done; echo late >&2"
    child = f"import subprocess; subprocess.Popen(['sh', '-c', {text!r}], stdout=-3, start_new_session=True)"
    assert contents(python(child + "; print('x', end='')")) == {"out": b"x"}
    (listener,) = (thread for thread in threading.enumerate() if thread.name == "backup-command")
    (tmp_path / "other").write_bytes(b"other" * 100)
    opened = [os.open(tmp_path / "other", os.O_RDONLY) for _ in range(20)]
    (tmp_path / "go").unlink()
    listener.join(10)
    assert not listener.is_alive()
    for descriptor in opened:
        assert os.lseek(descriptor, 0, os.SEEK_CUR) == 0
        os.close(descriptor)


def test_a_save_that_is_stopped_ends_the_command(vault: Vault, tmp_path: Path) -> None:
    """When a save stops, the program and what it started are ended too, those that won't listen by force."""
    pids = tmp_path / "pids"
    child = f"""
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open({str(pids)!r}, "a") as file:
    file.write(f"{{os.getpid()}} ")
time.sleep(600)
"""
    text = f"""
import subprocess, sys, time, os
subprocess.Popen([sys.executable, "-c", {child!r}], stdout=subprocess.DEVNULL)
while not os.path.exists({str(pids)!r}) or not open({str(pids)!r}).read(): time.sleep(0.01)
open({str(pids)!r}, "a").write(f"{{os.getpid()}} ")
while True: sys.stdout.write("x" * 1000000)
"""

    class Stopped(Exception):
        pass

    def stop(now: Progress) -> None:
        if len(pids.read_text().split()) == 2 if pids.exists() else False:
            raise Stopped

    with pytest.raises(Stopped):
        vault.save(python(text), progress=stop)
    for pid in map(int, pids.read_text().split()):
        assert _ends(pid), pid


def _ends(pid: int) -> bool:
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    return False


def test_nothing_reaches_a_shell(tmp_path: Path) -> None:
    """Arguments are arguments, whatever signs are in them."""
    assert contents(run("echo", f"$(touch {tmp_path}/x); `id` > y")) == {
        "out": f"$(touch {tmp_path}/x); `id` > y\n".encode()
    }
    assert not (tmp_path / "x").exists()
    assert subprocess.run(["true"], check=True).returncode == 0
