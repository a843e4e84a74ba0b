"""What is saved stands still: snapshots are seen in the place of the folders, by the save alone."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backup.engine.sources import btrfs
from backup.engine.sources.frozen import CantFreeze, is_below, mounts, standing
from tests.backup.cli.conftest import Cli

mounting = pytest.mark.skipif(
    bool(subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode),
    reason="nothing may be mounted here",
)
SIZE = 128 << 20


def run(*words: str | Path) -> None:
    subprocess.run(words, check=True, capture_output=True)


def test_the_root() -> None:
    """It is where everything begins: it can't be seen as another."""
    with pytest.raises(CantFreeze, match="name the folders"), standing({b"/": b"/tmp"}):
        pass


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A file system of btrfs, with a subvolume in a subvolume and another file system below."""
    image, place = tmp_path / "image", tmp_path / "btrfs"
    with image.open("wb") as file:
        file.truncate(SIZE)
    place.mkdir()
    run("mkfs.btrfs", "-q", image)
    if subprocess.run(["mount", "-o", "loop", image, place], capture_output=True, check=False).returncode:
        pytest.skip("this kernel mounts no btrfs")
    try:
        for name in ("data", "data/inner", "other"):
            run("btrfs", "subvolume", "create", place / name)
            (place / name / "file").write_text(name)
        (place / "data" / "tmpfs").mkdir()
        run("mount", "-t", "tmpfs", "none", place / "data" / "tmpfs")
        (place / "data" / "tmpfs" / "file").write_text("tmpfs")
        yield place
    finally:
        run("umount", "--recursive", place)


def as_bytes(*paths: Path) -> list[bytes]:
    return [os.fsencode(path) for path in paths]


def names(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


# Mounts of our own


@mounting
def test_only_the_save_sees_it(tmp_path: Path) -> None:
    """A folder is seen in the place of another by the thread and those it begins; by others, and afterwards, not."""
    place, snapshot = tmp_path / "place", tmp_path / "snapshot"
    for folder in (place, snapshot):
        folder.mkdir()
        (folder / "name").write_text(folder.name)
    seen: list[str] = []
    working = Path.cwd()
    look = threading.Event()

    def outside() -> None:
        look.wait(10)
        seen.append((place / "name").read_text())

    def inside() -> None:
        seen.append((place / "name").read_text())

    other = threading.Thread(target=outside)
    other.start()
    with standing({os.fsencode(place): os.fsencode(snapshot)}):
        assert (place / "name").read_text() == "snapshot"
        begun = threading.Thread(target=inside)
        begun.start()
        begun.join()
        look.set()
        other.join()
    assert seen == ["snapshot", "place"]
    assert (place / "name").read_text() == "place"
    assert Path.cwd().samefile(working)


@mounting
def test_what_is_mounted_below_stays(tmp_path: Path) -> None:
    """Another file system below a folder that stands still is seen as before."""
    place, snapshot = tmp_path / "place", tmp_path / "snapshot"
    for folder in (place, snapshot):
        (folder / "with space").mkdir(parents=True)
    run("mount", "-t", "tmpfs", "none", place / "with space")
    try:
        (place / "with space" / "file").write_text("x")
        assert os.fsencode(place / "with space") in {mount.place for mount in mounts()}
        with standing({os.fsencode(place): os.fsencode(snapshot)}):
            assert (place / "with space" / "file").read_text() == "x"
    finally:
        run("umount", place / "with space")


@mounting
def test_what_is_not_there(tmp_path: Path) -> None:
    """A snapshot that isn't there is told, and everything is as before."""
    with pytest.raises(CantFreeze, match="No such file"), standing({os.fsencode(tmp_path): b"/nowhere/at all"}):
        pass
    assert is_below(b"/a/b", b"/")
    assert not is_below(b"/ab", b"/a")


# Snapshots of btrfs


@mounting
def test_every_subvolume_below(mounted: Path) -> None:
    """A folder is frozen with the subvolumes that lie in it; what is changed meanwhile isn't seen; nothing is left."""
    data, go = mounted / "data", threading.Event()

    def change() -> None:
        go.wait(10)
        (data / "file").write_text("changed")
        (data / "inner" / "file").unlink()

    before = (data / "file").stat()
    other = threading.Thread(target=change)
    other.start()
    with btrfs.frozen(as_bytes(data), {}) as moving:
        assert moving == set()
        go.set()
        other.join()
        assert (data / "file").read_text() == "data"
        assert (data / "inner" / "file").read_text() == "data/inner"
        assert (data / "tmpfs" / "file").read_text() == "tmpfs"
        now = (data / "file").stat()
        assert (now.st_ino, now.st_mtime_ns, now.st_ctime_ns) == (before.st_ino, before.st_mtime_ns, before.st_ctime_ns)
    assert (data / "file").read_text() == "changed"
    assert names(data) == ["file", "inner", "tmpfs"]
    assert names(data / "inner") == []


@mounting
def test_a_folder_in_a_subvolume(mounted: Path, tmp_path: Path) -> None:
    """The subvolume that a path lies in is frozen, the others aren't; other file systems are told of."""
    below = mounted / "other" / "below"
    below.mkdir()
    assert btrfs.subvolumes(as_bytes(below)) == as_bytes(mounted / "other")
    assert btrfs.subvolumes(as_bytes(mounted / "data" / "tmpfs")) == []
    with btrfs.frozen(as_bytes(below, tmp_path / "elsewhere"), {}) as moving:
        assert moving == set(as_bytes(tmp_path / "elsewhere"))


@mounting
def test_what_a_killed_save_left(mounted: Path) -> None:
    """Its snapshots go with the next save; those of one that goes on stay."""
    data = mounted / "data"
    dead = subprocess.Popen(["true"])
    dead.wait()
    old, living = data / f".suite-backup-{dead.pid}-01234567", data / f".suite-backup-{os.getpid()}-01234567"
    for path in (old, living):
        run("btrfs", "subvolume", "snapshot", "-r", data, path)
    with btrfs.frozen(as_bytes(data), {}):
        pass
    assert not old.exists()
    assert living.exists()


@mounting
def test_saved_and_restored(mounted: Path, cli: Cli) -> None:
    """`save --freeze` saves what was there at its beginning, under its own paths, subvolumes and all."""
    data = mounted / "data"
    first = cli("save", "--source", "data", "--freeze", data, "--json").summary
    assert first["files"] == 3
    cli("restore", f"data:{data}", "--target", cli.base / "out", key="reader")
    assert [(cli.base / "out" / name).read_text() for name in ("file", "inner/file", "tmpfs/file")] == [
        "data",
        "data/inner",
        "tmpfs",
    ]
    own = {"XDG_STATE_HOME": str(data / "state")}
    again = cli("save", "--source", "again", "--freeze", data, "--json", env=own).summary
    assert again["type"] == "summary"
    assert list((data / "state").rglob("lock")), "where the save writes goes on"
    warned = cli("save", "--source", "tree", "--freeze", cli.tree)
    assert "makes no snapshots" in warned.err


def test_without_the_right_to_mount(cli: Cli) -> None:
    """It is refused in words, and nothing is saved."""
    before = ["setpriv", "--bounding-set=-sys_admin"] if os.geteuid() == 0 else []
    with cli.start("save", "--source", "tree", cli.tree, "--frozen-at", "/a=/tmp", before=before, stderr=-1) as process:
        told = process.communicate(timeout=60)[1].decode()
    assert (process.returncode, "only who may mount" in told) == (1, True)
    assert cli.snapshots() == []


@mounting
def test_a_snapshot_that_was_made_before(cli: Cli, tmp_path: Path) -> None:
    """`--frozen-at` takes one of LVM, ZFS or anything, made by a hook: its files stand at the paths of the original."""
    snapshot, hook = tmp_path / "snapshot", tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\nmkdir -p {snapshot}/letters && echo -n as it was > {snapshot}/letters/a.txt\n")
    hook.chmod(0o700)
    after = tmp_path / "after"
    after.write_text(
        f"#!/bin/sh\nreadlink /proc/self/ns/mnt > {tmp_path}/mounts; cat {cli.tree}/letters/a.txt > {tmp_path}/seen\n"
    )
    after.chmod(0o700)
    cli("save", "--source", "tree", cli.tree, "--frozen-at", f"{cli.tree}={snapshot}", "--pre", hook, "--post", after)
    assert (tmp_path / "mounts").read_text().strip() == str(Path("/proc/self/ns/mnt").readlink())
    assert (tmp_path / "seen").read_text() == (cli.tree / "letters" / "a.txt").read_text()
    cli("restore", f"tree:{cli.tree}", "--target", cli.base / "out", key="reader")
    assert (cli.base / "out" / "letters" / "a.txt").read_text() == "as it was"
    assert not (cli.base / "out" / "numbers.bin").exists()
    assert (cli.tree / "numbers.bin").exists()
    assert "write /a/path=/a/folder" in cli("save", "--source", "x", cli.tree, "--frozen-at", "x", code=1).err
