"""A tree is listed, looked at and read without trusting that it stays as it is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from backup.engine.format import cipher
from backup.engine.sources import attributes, files
from backup.engine.sources.base import Unreadable, blocks
from backup.engine.sources.folder import FolderSource
from backup.engine.sources.rules import Rules
from tests.backup.conftest import LATER, Vault
from tests.backup.restoring.strangers import NOBODY, as_nobody, common_ground
from tests.backup.sources.conftest import contents, walked

CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda path: path.write_text("y"),
    "mode": lambda path: path.chmod(0o640),
    "time": lambda path: os.utime(path, (1, 2)),
    "another name": lambda path: path.with_name("other").hardlink_to(path),
    "attribute": lambda path: os.setxattr(path, "user.a", b"1"),
    "another file": lambda path: (path.rename(path.with_name("old")), path.write_text("x")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_stamps(folder: Path, change: Callable[[Path], object]) -> None:
    """The stamp of a file is the same as long as nothing of it changes, and another after any change."""
    path = folder / "file"
    path.write_text("x")
    source = FolderSource(folder, now=LATER)
    before = walked(source)["file"].stamp
    assert before == walked(source)["file"].stamp
    assert before is not None
    time.sleep(0.01)  # the clock of a file system ticks some hundred times a second
    change(path)
    assert walked(source)["file"].stamp != before


def test_a_fresh_file_has_no_stamp(folder: Path) -> None:
    """What changed within the last two seconds may change again without its times telling: it's looked at again."""
    (folder / "file").write_text("x")
    changed = (folder / "file").stat().st_ctime_ns
    assert walked(FolderSource(folder, now=changed + 1_999_999_999))["file"].stamp is None
    assert walked(FolderSource(folder, now=changed + 2_000_000_000))["file"].stamp is not None


def test_times_beyond_a_stamp(folder: Path) -> None:
    """A time that a stamp can't hold makes the file be looked at each time, and stops nothing."""
    (folder / "file").write_text("x")
    os.utime(folder / "file", (1, 12_000_000_000))
    if (folder / "file").stat().st_mtime < 10**10:
        return  # this file system can't hold such a time either
    item = walked(FolderSource(folder, now=10**20))["file"]
    assert (item.stamp, FolderSource(folder, now=LATER).node(item)["mt"]) == (None, 12_000_000_000 * 10**9)


def test_the_order_of_names(folder: Path) -> None:
    """Names come in the order of their bytes, whatever they are."""
    names = [b"\xff", b"a", b"B", "é".encode(), b"a b", b"a\nb", b"~", b"." * 3]
    for name in names:
        with open(os.fsencode(folder) + b"/" + name, "wb"):  # noqa: PTH123 (names in bytes)
            pass
    source = FolderSource(folder, now=LATER)
    assert [item.name for item in source.children(source.root()) if not isinstance(item, Unreadable)] == sorted(names)


def replaced_by_a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("secret"))


def replaced_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replaced_by_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Path.unlink, "No such file"),
        (replaced_by_a_link, "is a link now"),
        (replaced_by_a_folder, "no longer a file"),
        (replaced_by_a_pipe, "no longer a file"),
    ],
)
def test_a_file_that_is_gone_or_something_else(folder: Path, change: Callable[[Path], None], said: str) -> None:
    """A file that was listed and is gone, or is a link, a folder or a pipe by now, is told and not read."""
    (folder / "secret").write_text("secret")
    (folder / "file").write_text("listed")
    source = FolderSource(folder, now=LATER)
    item = walked(source)["file"]
    change(folder / "file")
    for look in (source.read, source.open):
        with pytest.raises(Unreadable, match=f"{folder}/file: .*{said}"):
            look(item)


@pytest.mark.parametrize("size", [0, 10, 200_000])
def test_a_file_that_grows_or_shrinks(folder: Path, size: int) -> None:
    """A file whose size is another by now is read as it is now, and isn't called steady."""
    path = folder / "file"
    path.write_bytes(b"x" * 1000)
    source = FolderSource(folder, now=LATER)
    item = walked(source)["file"]
    path.write_bytes(b"y" * size)
    assert source.read(item) == (b"y" * size, False)


def test_a_file_that_changes_while_it_is_read(folder: Path) -> None:
    """A large file that is written to meanwhile isn't called steady."""
    path = folder / "file"
    path.write_bytes(b"x" * 3_000_000)
    source = FolderSource(folder, now=LATER)
    content = source.open(walked(source)["file"])
    buffer = memoryview(bytearray(1 << 20))
    assert content.readinto(buffer) == 1 << 20
    assert content.steady()
    time.sleep(0.01)
    with path.open("r+b") as file:
        file.write(b"y")
    assert not content.steady()
    content.close()


def test_a_folder_swapped_for_a_link_leads_nowhere(folder: Path) -> None:
    """A link that took the place of a folder since it was listed is followed neither to read a file nor to list."""
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "file").write_text("listed")
    (folder / "a" / "link").symlink_to("listed")
    outside = folder.with_name("outside")
    (outside / "b").mkdir(parents=True)
    (outside / "file").write_text("secret")
    (outside / "link").symlink_to("secret")
    (outside / "b" / "secret").write_text("secret")
    os.setxattr(outside / "file", "user.secret", b"1")
    source = FolderSource(folder, now=LATER)
    found = walked(source)
    (folder / "a").rename(folder / "moved")
    (folder / "a").symlink_to(outside)
    with pytest.raises(Unreadable):
        source.read(found["a/file"])
    with pytest.raises(Unreadable):
        source.node(found["a/link"])
    with pytest.raises(Unreadable):
        source.node(found["a/file"])
    with pytest.raises(Unreadable):
        list(source.children(found["a/b"].handle))


def test_a_file_replaced_by_another(folder: Path) -> None:
    """A file that another took the place of, as editors do, is read as it is now."""
    (folder / "file").write_text("old")
    source = FolderSource(folder, now=LATER)
    item = walked(source)["file"]
    (folder / "new").write_text("new")
    (folder / "new").rename(folder / "file")
    assert source.read(item) == (b"new", False)


def test_a_name_that_is_gone_when_it_is_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What vanishes between the listing and the look at it isn't there to be saved, and is no trouble."""
    for name in "abc":
        (folder / name).write_text(name)
    listed = os.scandir

    def vanishing(place: int) -> object:
        entries = list(listed(place))
        (folder / "b").unlink()
        return _Listing(entries)

    class _Listing:
        def __init__(self, entries: list[os.DirEntry[str]]) -> None:
            self._entries = entries

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self._entries

        def __exit__(self, *_error: object) -> None:
            pass

    monkeypatch.setattr(files.os, "scandir", vanishing)
    assert list(walked(FolderSource(folder, now=LATER))) == ["a", "c"]


def test_a_pipe_does_not_block(vault: Vault) -> None:
    """A FIFO that nobody writes to is saved as one, and nobody waits for it."""
    os.mkfifo(vault.source / "pipe")
    (vault.source / "file").write_text("x")
    saved = vault.save()
    assert (saved.counts.files, saved.counts.others, saved.unread) == (1, 1, ())


def test_what_may_not_be_read() -> None:
    """A file or a folder that the user may not read is told by name, and the rest is saved."""
    with common_ground() as ground:
        for name in ("open", "closed"):
            (ground / name).write_text("x")
        (ground / "shut").mkdir()
        for name in ("open", "closed", "shut") if os.geteuid() == 0 else ():
            os.chown(ground / name, NOBODY, NOBODY)
        (ground / "closed").chmod(0o000)
        (ground / "shut").chmod(0o000)

        def work() -> None:
            source = FolderSource(ground, now=LATER)
            items = {item.name: item for item in source.children(source.root()) if not isinstance(item, Unreadable)}
            with pytest.raises(Unreadable, match="closed: Permission denied"):
                source.read(items[b"closed"])
            with pytest.raises(Unreadable, match="shut: Permission denied"):
                list(source.children(items[b"shut"].handle))
            assert source.read(items[b"open"])[0] == b"x"

        as_nobody(work)


def test_paths_beyond_what_the_system_takes(folder: Path) -> None:
    """A path of ten thousand bytes is listed, looked at and read."""
    top = os.open(folder, os.O_RDONLY)
    for _ in range(50):
        os.mkdir(b"x" * 200, dir_fd=top)
        below = os.open(b"x" * 200, os.O_RDONLY, dir_fd=top)
        os.close(top)
        top = below
    file = os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=top)
    os.write(file, b"content")
    os.setxattr(file, "user.a", b"1")
    os.close(file)
    os.symlink("target", "link", dir_fd=top)
    os.close(top)
    source = FolderSource(folder, now=LATER)
    found = walked(source)
    path = "/".join(["x" * 200] * 50)
    assert source.read(found[f"{path}/file"]) == (b"content", True)
    assert source.node(found[f"{path}/file"])["x"] == [[b"user.a", b"1"]]
    assert source.node(found[f"{path}/link"])["l"] == b"target"


def test_what_a_node_says(folder: Path) -> None:
    """A node names owner and group by number and by name, and nothing that isn't asked for."""
    (folder / "file").write_text("x")
    (folder / "file").chmod(0o4750)
    os.utime(folder / "file", ns=(5, 7))
    source = FolderSource(folder, now=LATER)
    node = source.node(walked(source)["file"])
    import grp
    import pwd

    status = (folder / "file").stat()
    assert node == {
        "n": b"file",
        "t": "f",
        "m": 0o4750,
        "mt": 7,
        "u": status.st_uid,
        "g": status.st_gid,
        "un": pwd.getpwuid(status.st_uid).pw_name,
        "gn": grp.getgrgid(status.st_gid).gr_name,
    }
    source = FolderSource(folder, now=LATER, rules=Rules(atime=True))
    assert source.node(walked(source)["file"])["at"] == 5


def test_the_number_of_a_file_with_two_names(folder: Path) -> None:
    """Both names have the same number, from one save to the next too, and a file with one name has none."""
    (folder / "a").write_text("x")
    (folder / "b").hardlink_to(folder / "a")
    (folder / "c").write_text("x")
    numbers = []
    for _ in range(2):
        source = FolderSource(folder, now=LATER)
        found = walked(source)
        numbers += [source.node(found[name])["i"] for name in "ab"]
        assert "i" not in source.node(found["c"])
    assert len(set(numbers)) == 1


def test_reading_leaves_no_trace(folder: Path) -> None:
    """The time at which a file was read last isn't changed by a save of it."""
    (folder / "file").write_text("x")
    os.utime(folder / "file", ns=(5, 7))
    assert contents(FolderSource(folder, now=LATER)) == {"file": b"x"}
    assert (folder / "file").stat().st_atime_ns == 5


def test_only_the_data_of_a_file_with_holes_are_read(folder: Path) -> None:
    """Of a terabyte with three pages of data three pages are read, and where they lie is told."""
    with (folder / "disk").open("wb") as file:
        file.truncate(1 << 40)
        for place in (0, 1 << 30, (1 << 40) - 4096):
            os.pwrite(file.fileno(), b"x" * 4096, place)
    source = FolderSource(folder, now=LATER)
    content = source.open(walked(source)["disk"])
    assert b"".join(blocks(content, 5000)) == b"x" * 3 * 4096
    assert content.extents == [(0, 4096), (1 << 30, 4096), ((1 << 40) - 4096, 4096)]
    content.close()


def test_a_file_that_is_but_a_hole(folder: Path) -> None:
    """A file without any data has no stretch of them."""
    with (folder / "disk").open("wb") as file:
        file.truncate(1 << 40)
    source = FolderSource(folder, now=LATER)
    content = source.open(walked(source)["disk"])
    assert list(blocks(content, 5000)) == []
    assert content.extents == []
    content.close()


def test_very_many_holes(folder: Path) -> None:
    """However a file is full of holes, the list of its stretches stays short, and no byte is lost."""
    with (folder / "disk").open("wb") as file:
        for number in range(3000):
            os.pwrite(file.fileno(), b"%04d" % number, number * (80 << 10))
        file.truncate(3000 * (80 << 10) + (1 << 30))
    source = FolderSource(folder, now=LATER)
    content = source.open(walked(source)["disk"])
    data = b"".join(blocks(content, 1 << 20))
    assert content.extents is not None
    assert len(content.extents) < 1100
    content.close()
    with (folder / "disk").open("rb") as file:
        assert data == b"".join(os.pread(file.fileno(), length, offset) for offset, length in content.extents)
    assert len(data.replace(b"\0", b"")) == 12_000


def test_other_file_systems() -> None:
    """With `one_file_system` the folder on which another is mounted is saved empty."""
    source = FolderSource("/", now=LATER, rules=Rules(one_file_system=True))
    top = {item.name: item for item in source.children(source.root()) if not isinstance(item, Unreadable)}
    assert list(source.children(top[b"proc"].handle)) == []
    assert list(source.children(top[b"usr"].handle)) != []


def test_owners_whose_names_are_not_text(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an owner whose name isn't UTF-8 the number is kept, and the save goes on."""
    (folder / "file").write_text("x")
    for module, look_up, name in (("pwd", "getpwuid", "pw_name"), ("grp", "getgrgid", "gr_name")):
        entry = SimpleNamespace(**{name: "h\udce9l\udce8ne"})
        monkeypatch.setattr(getattr(attributes, module), look_up, lambda _number, entry=entry: entry)
    attributes.user_name.cache_clear()
    attributes.group_name.cache_clear()
    try:
        source = FolderSource(folder, now=LATER)
        node = source.node(walked(source)["file"])
    finally:
        attributes.user_name.cache_clear()
        attributes.group_name.cache_clear()
    assert {"un", "gn"}.isdisjoint(node)
    assert cipher.pack(node)
