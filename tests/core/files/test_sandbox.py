"""A hostile file is parsed in a closed box: whatever the parser is made to do, it ends in an error in words."""

from __future__ import annotations

import io
import os
import platform
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from core.files import checks, sandbox
from core.files.engine import box, parsing
from core.files.sandbox import Limits, NoSandbox, Rejected
from core.files.uploads import Spool
from core.tool import Level
from tests.core.files.hostile import MAKES_PROCESSES

HOSTILE = "tests.core.files.hostile"


def run(function: str, content: bytes = b"", limits: Limits | None = None, **arguments: object) -> object:
    with sandbox.run(f"{HOSTILE}:{function}", io.BytesIO(content), arguments, limits) as result:
        return result.value


def test_a_parser_reads_and_writes():
    """It reads a file object that has a path, and what it writes comes back in a memory that nobody can change."""
    with sandbox.run(f"{HOSTILE}:echo", io.BytesIO(b"a;b\n"), {"times": 2}) as result:
        with result.open() as written:
            assert written.read() == b"a;b\na;b\n"
        assert result.value == {"bytes": 4, "again": 4}
        with pytest.raises(PermissionError):
            os.write(result.fd, b"more")


def test_a_spool_and_a_descriptor_are_read_from_their_beginning():
    """What was uploaded is read whole, encrypted on disk or not, and so is an open memory."""
    spool = Spool()
    spool.write(b"x" * (3 << 20))
    spool.seek(0)
    with sandbox.run(f"{HOSTILE}:echo", spool) as result, sandbox.run(f"{HOSTILE}:echo", result.fd) as again:
        assert again.size == 3 << 20
    with tempfile.TemporaryFile() as open_file:
        open_file.write(b"on disk")
        open_file.flush()
        with sandbox.run(f"{HOSTILE}:echo", open_file.fileno()) as result:
            assert result.value == {"bytes": 7, "again": 7}


def test_a_refusal_is_told_with_its_place():
    """The parser's own refusal comes as a sentence of the caller, with the place of the fault."""
    words = {"no_header": "Row %(row)s has no name."}
    with (
        pytest.raises(Rejected) as refused,
        sandbox.run(f"{HOSTILE}:refuses", io.BytesIO(), words=words),
    ):
        pass
    assert (refused.value.code, str(refused.value.message)) == ("no_header", "Row 3 has no name.")
    assert refused.value.faults[0].place == "file"


@pytest.mark.parametrize(
    ("function", "limits", "code"),
    [
        ("fails", Limits(), "broken"),
        ("crashes", Limits(), "crashed"),
        ("lies", Limits(), "crashed"),
        ("hangs", Limits(seconds=0.6), "too_slow"),
        ("chatters", Limits(seconds=0.6), "too_slow"),
        ("burns", Limits(cpu_seconds=1), "too_slow"),
        ("eats", Limits(), "too_much_memory"),
        ("floods", Limits(result_bytes=4 << 20), "result_too_large"),
    ],
)
def test_whatever_a_parser_does_it_ends_in_words(function, limits, code, caplog):
    """A crash, a hang, a loop, a bomb of memory or of output, a forged answer: refused, without the file's words."""
    with pytest.raises(Rejected) as refused:
        run(function, b"Jeanne Dupont", limits)
    assert refused.value.code == code
    assert "Dupont" not in caplog.text + str(refused.value)


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        ("network", "Operation not permitted"),
        ("unix socket", "Operation not permitted"),
        ("another program", "Operation not permitted"),
        ("fork", "Operation not permitted"),
        ("namespace", "Operation not permitted"),
        ("memfd", "Operation not permitted"),
        ("write the code", "Read-only file system"),
        ("write the system", "Read-only file system"),
        ("write the root", "Read-only file system"),
        ("read passwords", "No such file or directory"),
        ("change the source", "Operation not permitted"),
        ("fill the scratch", "No space left on device"),
    ],
)
def test_there_is_no_way_out(what, answer):
    """Neither the network, nor other programs, nor the machine's files, nor more memory is in reach."""
    assert run("tries", b"content", what=what) == answer


@pytest.mark.parametrize("name", MAKES_PROCESSES[platform.machine()])
def test_no_process_is_made_past_the_c_library(name):
    """Each of the kernel's own calls for a process is refused, also those that the C library doesn't use."""
    assert run("tries", b"content", what=f"call {name}") == "Operation not permitted"


def test_nothing_of_the_suite_is_seen():
    """Inside there are no settings, no secret, no data folder, no other process and no descriptor of the server."""
    with os.fdopen(os.open("/dev/null", os.O_RDONLY)) as leaked:
        os.set_inheritable(leaked.fileno(), True)
        seen = run("looks", folders=["/etc", "/home", "/root", "/var", str(settings.DATA_DIR), str(parsing.CODE)])
    assert isinstance(seen, dict)
    assert set(seen["environment"]) <= {
        *("HOME", "LANG", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "ARROW_DEFAULT_MEMORY_POOL", "LD_LIBRARY_PATH"),
        *("PWD", "OLDPWD", "_", "LC_CTYPE"),
    }
    assert len(seen["processes"]) <= 2
    assert seen["descriptors"] <= 8
    assert seen["user"] != 0
    assert seen["there"] == []
    assert seen["root"] == ["bin", "dev", "lib", "lib64", "opt", "proc", "tmp", "usr"]
    assert seen["code"] == ["core", "tests"]


def test_a_source_is_bounded():
    """A file that would have to be copied into memory beyond the limit is refused before any box is made."""
    with pytest.raises(Rejected) as refused:
        run("echo", bytes(2048), Limits(source_bytes=1024))
    assert refused.value.code == "too_large"


def test_without_a_box_nothing_is_parsed(monkeypatch, tmp_path: Path, caplog):
    """Where the kernel refuses namespaces or bubblewrap is missing, the file is refused, never read outside."""
    monkeypatch.setattr(box, "TOOLS", (*box.TOOLS, "a-program-that-is-not-there"))
    with pytest.raises(NoSandbox) as refused:
        run("echo")
    assert refused.value.code == "no_sandbox"
    monkeypatch.undo()
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2; exit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    for folder in (tmp_path, *list(tmp_path.parents)[:3]):
        folder.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(NoSandbox):
        run("echo")
    assert "No permissions to create new namespace" in caplog.text


def test_the_health_page_says_whether_files_can_be_opened(monkeypatch):
    """An administrator sees whether the box opens here, and what to do where it doesn't."""
    assert checks.sandbox_opens().level is Level.GOOD
    monkeypatch.setattr(box, "TOOLS", (*box.TOOLS, "a-program-that-is-not-there"))
    finding = checks.sandbox_opens()
    assert finding.level is Level.FAILED
    assert "a-program-that-is-not-there" in str(finding.message)
