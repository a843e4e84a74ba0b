"""What is saved comes back: every byte, name, mode and time."""

from __future__ import annotations

import io
import os
import random
import resource
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backup.engine.format import blobs, trees
from backup.engine.format.chunker import LARGEST, SEGMENT, SMALLEST
from backup.engine.restoring import folders as restore_folders
from backup.engine.restoring.folders import Folder
from backup.engine.restoring.restore import Progress, restore
from backup.engine.sources.streams import Stream, StreamSource
from tests.backup.conftest import Vault, picture

NAMES = st.binary(min_size=1, max_size=40).filter(lambda name: not set(name) & {0, 47} and name not in (b".", b".."))
READABLE = 0 if os.geteuid() == 0 else 0o400
"""What a mode needs so that the test may read the file: root reads all."""
MODES = st.integers(0, 0o777).map(lambda mode: mode | READABLE)
FILES = st.tuples(st.binary(max_size=3000), MODES, st.integers(-(2**33), 2**34))
TREES = st.recursive(
    st.one_of(FILES, st.binary(min_size=1, max_size=60).filter(lambda target: 0 not in target)),
    lambda below: st.dictionaries(NAMES, below, max_size=6),
    max_leaves=25,
)


def build(path: bytes, what: object) -> None:
    if isinstance(what, dict):
        os.makedirs(path, exist_ok=True)  # noqa: PTH103 (names in bytes)
        for name, below in what.items():
            build(path + b"/" + name, below)
        os.utime(path, ns=(1, 1_600_000_000_123_456_789))
    elif isinstance(what, tuple):
        content, mode, seconds = what
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(content)
        os.chmod(path, mode)  # noqa: PTH101
        os.utime(path, ns=(1, seconds * 1_000_000_000 + 7))
    else:
        os.symlink(what, path)  # noqa: PTH211


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=st.dictionaries(NAMES, TREES, max_size=8))
def test_any_tree(new_vault: Callable[[], Vault], tree: dict[bytes, object]) -> None:
    """Any tree of files, folders and links, under any names the system allows, comes back as it was."""
    vault = new_vault()
    build(os.fsencode(vault.source), tree)
    saved = vault.save()
    target, restored = vault.restore(saved)
    assert picture(target) == picture(vault.source)
    assert (saved.unread, restored.problems) == ((), ())
    assert restored.verified == restored.files == saved.counts.files


BORDERS = sorted(
    {edge + step for edge in (0, SMALLEST, 1 << 20, LARGEST, 2 * LARGEST, SEGMENT) for step in (-1, 0, 1)} - {-1}
)


@pytest.mark.parametrize("kind", ["random", "zeros"])
def test_sizes_around_borders(vault: Vault, kind: str) -> None:
    """Files whose size lies at, just below and just above each border of the format come back whole."""
    for size in BORDERS:
        content = random.Random(size).randbytes(size) if kind == "random" else bytes(size)
        (vault.source / str(size)).write_bytes(content)
    vault.save()
    target, restored = vault.restore()
    assert restored.problems == ()
    assert picture(target) == picture(vault.source)


def test_many_names_in_one_folder(vault: Vault) -> None:
    """A folder with more names than one tree blob holds comes back with each of them."""
    for number in range(trees.MOST_NODES + 50):
        (vault.source / f"{number:05}").write_text(str(number % 10))
    vault.save()
    target, restored = vault.restore()
    assert (restored.files, restored.problems) == (trees.MOST_NODES + 50, ())
    assert picture(target) == picture(vault.source)


def test_more_folders_than_descriptors(vault: Vault) -> None:
    """However many folders stand side by side, one is open at a time."""
    for number in range(400):
        (vault.source / str(number)).mkdir()
        (vault.source / str(number) / "file").write_text(str(number))
    saved = vault.save()
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 100, most))  # noqa: PTH208
    try:
        target, restored = vault.restore(saved)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (least, most))
    assert restored.problems == ()
    assert picture(target) == picture(vault.source)


def test_a_folder_that_cannot_be_opened(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, and everything beside it is restored."""
    for name in ("bad", "good"):
        (vault.source / name).mkdir()
        (vault.source / name / "file").write_text(name)
    saved, entered = vault.save(), restore_folders._enter

    def refusing(folder: Folder) -> None:
        if folder.path == b"bad/":
            raise OSError(24, "too many open files")
        entered(folder)

    monkeypatch.setattr(restore_folders, "_enter", refusing)
    target, restored = vault.restore(saved)
    assert restored.problems == ("bad/: too many open files",)
    assert picture(target).keys() == {b"/bad", b"/good", b"/good/file"}
    assert picture(target)[b"/good"] == picture(vault.source)[b"/good"]


def test_a_restore_that_is_stopped_leaves_no_half_file(vault: Vault) -> None:
    """What has its name is whole."""
    (vault.source / "large").write_bytes(random.Random(1).randbytes(40 << 20))
    saved = vault.save()

    class Stopped(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.bytes > 1 << 20:
            raise Stopped

    target = vault.base / "stopped"
    with pytest.raises(Stopped):
        restore(vault.catalogue(saved), target, progress=stop)
    assert all(path.stat().st_size == 40 << 20 for path in target.rglob("large"))


def test_deep_folders(vault: Vault) -> None:
    """Five hundred folders in each other, far beyond the longest path the system takes, come back to the last."""
    name, top = b"a folder with a long name", os.open(vault.source, os.O_RDONLY)
    for _ in range(500):
        os.mkdir(name, dir_fd=top)
        below = os.open(name, os.O_RDONLY, dir_fd=top)
        os.close(top)
        top = below
    with os.fdopen(os.open("end", os.O_WRONLY | os.O_CREAT, dir_fd=top), "w") as file:
        file.write("here")
    os.close(top)
    saved = vault.save()
    assert (saved.counts.directories, saved.counts.files, saved.unread) == (501, 1, ())
    _, restored = vault.restore(saved)
    assert (restored.directories, restored.verified, restored.problems) == (500, 1, ())


def test_long_contents_go_through_lists(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """A content with more pieces than a node holds is found through lists of lists."""
    monkeypatch.setattr(trees, "MOST_IDS", 3)
    content = random.Random(4).randbytes(30 << 20)
    (vault.source / "large").write_bytes(content)
    for number in range(50):
        (vault.source / f"small {number}").write_bytes(content[:100])
    saved = vault.save()
    nodes = {node["n"]: node for _, node in vault.catalogue(saved).walk()}
    assert nodes[b"large"]["p"] >= 2
    target, restored = vault.restore(saved)
    assert restored.problems == ()
    assert picture(target) == picture(vault.source)
    again = vault.save()
    assert (again.effort.added, again.root) == (0, saved.root)


def test_streams(vault: Vault) -> None:
    """Named streams come back as a tree of files, with what was told about each."""
    contents = {"files/é «été».csv": b"a;b\n1;2\n", "files/empty": b"", "datasets/x/v1.parquet": os.urandom(9 << 20)}
    streams = [
        Stream(path, lambda content=content: io.BytesIO(content), len(content), 5, b"1", {"kind": "upload"})  # type: ignore[misc]
        for path, content in contents.items()
    ]
    saved = vault.save(StreamSource("project", streams))
    found = {}
    for path, node in vault.catalogue(saved).walk():
        if node["t"] == "f":
            assert node["a"] == {"kind": "upload"}
            found[path.decode()] = b"".join(vault.catalogue(saved).content(node))
    assert found == contents
    opened: list[str] = []
    again = [
        Stream(one.path, lambda one=one: opened.append(one.path) or one.open(), one.size, 5, b"1", one.about)  # type: ignore[misc]
        for one in streams
    ]
    assert vault.save(StreamSource("project", again)).effort.added == 0
    assert opened == [], "a stream whose signature is unchanged isn't opened again"


@pytest.mark.parametrize("path", ["", "/a", "a//b", "../a", "a/..", "a/./b", "a\0b"])
def test_stream_names(path: str) -> None:
    """A stream can't be named so that it would lie outside the tree."""
    with pytest.raises(ValueError, match="path"):
        StreamSource("", [Stream(path, lambda: io.BytesIO())])


def test_streams_dont_hide_each_other() -> None:
    """No stream takes another's name, or lies in it as if it were a folder."""
    for paths in (["a", "a"], ["a", "a/b"], ["a/b", "a"]):
        with pytest.raises(ValueError, match=r"twice|lies in a file"):
            StreamSource("", [Stream(path, lambda: io.BytesIO()) for path in paths])


def test_incompressible_content_is_kept_raw() -> None:
    """Content that compresses by less than three in a hundred is stored as it is."""
    noise = random.Random(5).randbytes(100_000)
    assert blobs.compress(noise) == (blobs.RAW, noise)
    method, packed = blobs.compress(b"text " * 1000)
    assert method == blobs.ZSTD
    assert len(packed) < 100
