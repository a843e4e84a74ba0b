"""Restores over what is there, by each rule."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backup.engine.errors import BackupError, Busy
from backup.engine.restoring import work as restore_work
from backup.engine.restoring.large import SEGMENT
from backup.engine.restoring.restore import Event, Options, Overwrite, restore
from backup.engine.sources.patterns import Patterns
from tests.backup.conftest import Vault
from tests.backup.restoring.pictures import everything
from tests.backup.restoring.strangers import as_nobody, common_ground

LARGE = os.urandom(3 * SEGMENT)


@pytest.fixture
def full(vault: Vault) -> Vault:
    """A vault with one snapshot: files small and large, a folder, a link."""
    (vault.source / "small").write_text("small")
    (vault.source / "large").write_bytes(LARGE)
    (vault.source / "folder").mkdir()
    (vault.source / "folder" / "inside").write_text("inside")
    (vault.source / "link").symlink_to("small")
    for path in ("small", "large", "folder/inside"):
        os.utime(vault.source / path, ns=(1, 1_000_000_000_000_000_000))
    vault.save()
    return vault


def copy(vault: Vault) -> Path:
    """A target in which the snapshot was restored before."""
    target, restored = vault.restore()
    assert restored.problems == ()
    return target


def again(vault: Vault, target: Path, rule: Overwrite, **options: object) -> tuple[dict[bytes, str], object]:
    events: list[Event] = []
    restored = restore(
        vault.catalogue(),
        target,
        Options(overwrite=rule, **options),
        events=events.append,  # type: ignore[arg-type]
    )
    return {event.path: event.what for event in events}, restored


def test_only_into_an_empty_folder(full: Vault) -> None:
    """Without a rule a restore never meets anything that is there."""
    target = full.base / "target"
    target.mkdir()
    (target / "mine").write_text("mine")
    with pytest.raises(BackupError, match="isn't empty"):
        restore(full.catalogue(), target)
    assert [path.name for path in target.iterdir()] == ["mine"]


def test_always(full: Vault) -> None:
    """With `always` every file is written anew, and comes out as it was saved."""
    target = copy(full)
    inode = (target / "small").stat().st_ino
    (target / "small").write_text("other")
    (target / "large").write_text("other")
    (target / "link").unlink()
    (target / "link").symlink_to("elsewhere")
    done, restored = again(full, target, Overwrite.ALWAYS)
    assert restored.problems == ()  # type: ignore[attr-defined]
    assert everything(target) == everything(full.source)
    assert done[b"small"] == done[b"large"] == done[b"folder/inside"] == "changed"
    assert (target / "small").stat().st_ino != inode


def test_if_changed(full: Vault) -> None:
    """With `if-changed` a file of the same size and time isn't even read, and any other is written anew."""
    target = copy(full)
    (target / "small").write_text("SMALL")
    os.utime(target / "small", ns=(1, 1_000_000_000_000_000_000))
    (target / "large").write_bytes(LARGE[:-1])
    (target / "folder" / "inside").write_text("INSIDE")
    (target / "folder" / "inside").chmod(0o600)
    done, restored = again(full, target, Overwrite.IF_CHANGED)
    assert restored.problems == ()  # type: ignore[attr-defined]
    assert (target / "small").read_text() == "SMALL"
    assert (target / "large").read_bytes() == LARGE
    assert (target / "folder" / "inside").read_text() == "inside"
    assert done[b"small"] == done[b"link"] == "same"
    assert done[b"large"] == done[b"folder/inside"] == "changed"
    assert (restored.files, restored.unchanged) == (3, 1)  # type: ignore[attr-defined]


def test_metadata_are_mended_where_the_content_is_the_same(full: Vault) -> None:
    """A file whose mode alone differs gets its mode back, and keeps its content."""
    target = copy(full)
    (target / "small").chmod(0o600)
    inode = (target / "small").stat().st_ino
    done, _ = again(full, target, Overwrite.IF_CHANGED)
    assert done[b"small"] == "changed"
    assert everything(target) == everything(full.source)
    assert (target / "small").stat().st_ino == inode


def test_if_newer(full: Vault) -> None:
    """With `if-newer` only what is older than in the snapshot is replaced."""
    target = copy(full)
    for name, seconds in (("small", 999_999_999), ("large", 1_000_000_001)):
        (target / name).write_text("other")
        os.utime(target / name, (1, seconds))
    done, restored = again(full, target, Overwrite.IF_NEWER)
    assert (target / "small").read_text() == "small"
    assert (target / "large").read_text() == "other"
    assert (done[b"small"], done[b"large"], done[b"folder/inside"]) == ("changed", "kept", "kept")
    assert restored.kept == 3  # type: ignore[attr-defined]


def test_never(full: Vault) -> None:
    """With `never` what is there stays, its mode and a folder's too, and what isn't there is made."""
    target = copy(full)
    (target / "small").write_text("other")
    (target / "folder").chmod(0o710)
    (target / "large").unlink()
    (target / "link").unlink()
    (target / "link").write_text("not a link")
    done, restored = again(full, target, Overwrite.NEVER)
    assert (target / "small").read_text() == "other"
    assert (target / "folder").stat().st_mode & 0o777 == 0o710
    assert (target / "large").read_bytes() == LARGE
    assert (target / "link").read_text() == "not a link"
    assert (done[b"large"], done[b"link"]) == ("made", "kept")
    assert restored.problems == ()  # type: ignore[attr-defined]


def test_verify_compares_contents(full: Vault) -> None:
    """With `verify` a changed byte is found at equal size and time; of a large file only its piece is written."""
    target = copy(full)
    before = (target / "large").stat()
    with (target / "large").open("r+b") as file:
        file.seek(SEGMENT + 5)
        file.write(b"!")
    (target / "small").write_text("SMALL")
    for name in ("large", "small"):
        os.utime(target / name, ns=(1, 1_000_000_000_000_000_000))
    reads: list[int] = []
    catalogue = full.catalogue()
    read = catalogue.repository.store.read

    def counting(name: str, offset: int = 0, length: int | None = None) -> bytes:
        data = read(name, offset, length)
        reads.append(len(data))
        return data

    catalogue.repository.store.read = counting  # type: ignore[method-assign]
    events: list[Event] = []
    restored = restore(catalogue, target, Options(overwrite=Overwrite.VERIFY), events=events.append)
    assert (restored.problems, restored.verified, restored.unchanged) == ((), 3, 1)
    assert everything(target) == everything(full.source)
    assert (target / "large").stat().st_ino == before.st_ino
    assert {event.path: event.what for event in events}[b"folder/inside"] == "same"
    assert sum(reads) < len(LARGE) // 2, "only what differs is fetched"


def test_verify_of_longer_and_shorter_files(full: Vault) -> None:
    """A large file that grew is cut, one that shrank is filled, and the rest of it isn't written again."""
    target = copy(full)
    for content in (LARGE + b"more", LARGE[: SEGMENT // 2]):
        (target / "large").write_bytes(content)
        _, restored = again(full, target, Overwrite.VERIFY)
        assert restored.problems == ()  # type: ignore[attr-defined]
        assert everything(target) == everything(full.source)


def test_verify_finds_data_in_holes(vault: Vault) -> None:
    """Where a file is to have a hole, something else than zeros is found and replaced."""
    with (vault.source / "disk").open("wb") as file:
        file.truncate(8 << 20)
        file.write(b"x" * 4096)
    vault.save()
    target = copy(vault)
    for place in (5 << 20, 100):
        status = (target / "disk").stat()
        with (target / "disk").open("r+b") as file:
            file.seek(place)
            file.write(b"!")
        os.utime(target / "disk", ns=(1, status.st_mtime_ns))
        _, restored = again(vault, target, Overwrite.VERIFY)
        assert restored.unchanged == 0  # type: ignore[attr-defined]
        assert everything(target) == everything(vault.source)
    _, restored = again(vault, target, Overwrite.VERIFY)
    assert restored.unchanged == 1  # type: ignore[attr-defined]


def test_a_folder_in_the_place_of_a_file(full: Vault) -> None:
    """A folder with all it holds gives way to a file only where deletion was asked for."""
    target = copy(full)
    (target / "small").unlink()
    (target / "small" / "below").mkdir(parents=True)
    _, restored = again(full, target, Overwrite.ALWAYS)
    assert restored.problems == ("small: a folder is in its place",)  # type: ignore[attr-defined]
    assert (target / "small" / "below").is_dir()
    _, restored = again(full, target, Overwrite.ALWAYS, delete=True)
    assert restored.problems == ()  # type: ignore[attr-defined]
    assert everything(target) == everything(full.source)


@pytest.mark.parametrize("rule", [Overwrite.NEVER, Overwrite.IF_CHANGED])
def test_a_file_in_the_place_of_a_folder(full: Vault, rule: Overwrite) -> None:
    """A file gives way to a folder, unless the rule keeps it: then all that the folder holds is told as missing."""
    target = copy(full)
    (target / "folder" / "inside").unlink()
    (target / "folder").rmdir()
    (target / "folder").write_text("in the way")
    _, restored = again(full, target, rule)
    if rule is Overwrite.NEVER:
        assert restored.problems == (  # type: ignore[attr-defined]
            "folder/: something else is in the folder's place, and is kept",
        )
    else:
        assert everything(target) == everything(full.source)


def test_delete(full: Vault) -> None:
    """Deleted is what the snapshot doesn't hold, folders with all that is in them; not what a pattern leaves out."""
    target = copy(full)
    (target / "folder" / "extra" / "deep").mkdir(parents=True)
    (target / "extra").write_text("x")
    (target / "keep.log").write_text("x")
    done, restored = again(full, target, Overwrite.IF_CHANGED, delete=True, exclude=Patterns(["*.log"]))
    assert restored.deleted == 2  # type: ignore[attr-defined]
    assert done[b"extra"] == done[b"folder/extra"] == "deleted"
    assert (target / "keep.log").exists()
    (target / "keep.log").unlink()
    assert everything(target) == everything(full.source)


def test_nothing_is_deleted_where_the_tree_is_damaged(full: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a folder whose names can't be read nothing is deleted: what it should hold isn't known."""
    target = copy(full)
    (target / "extra").write_text("x")
    for path in full.objects("packs"):
        if path.read_bytes()[4:5] == b"T":
            path.write_bytes(path.read_bytes()[:-200] + bytes(200))
            content = bytearray(path.read_bytes())
            content[190:400] = bytes(210)
            path.write_bytes(content)
    _, restored = again(full, target, Overwrite.ALWAYS, delete=True)
    assert restored.deleted == 0  # type: ignore[attr-defined]
    assert restored.problems  # type: ignore[attr-defined]
    assert (target / "extra").exists()
    assert (target / "small").exists()


def test_dry_run(full: Vault) -> None:
    """A dry run tells what would be made, changed and deleted, and touches nothing."""
    target = copy(full)
    (target / "small").write_text("other")
    (target / "large").unlink()
    (target / "extra").write_text("x")
    before = everything(target)
    done, restored = again(full, target, Overwrite.IF_CHANGED, delete=True, dry_run=True)
    assert everything(target) == before
    assert {path: what for path, what in done.items() if what != "same"} == {
        b"small": "changed",
        b"large": "made",
        b"extra": "deleted",
    }
    assert (restored.files, restored.deleted, restored.problems) == (3, 1, ())  # type: ignore[attr-defined]


def test_dry_run_without_a_target(full: Vault) -> None:
    """Into a folder that isn't there a dry run tells of everything, and doesn't make it."""
    done, _ = again(full, full.base / "none" / "at all", Overwrite.REFUSE, dry_run=True)
    assert set(done.values()) == {"made"}
    assert done.keys() == {b"small", b"large", b"folder", b"folder/inside", b"link"}
    assert not (full.base / "none").exists()


def test_part_of_a_snapshot(full: Vault) -> None:
    """Of a folder its content is restored, and a file or a link by its name."""
    for path, name in ((b"folder", "inside"), (b"folder/inside", "inside"), (b"/large/", "large"), (b"link", "link")):
        target = full.base / f"part {name} {len(path)}"
        totals: list[int] = []
        restored = restore(
            full.catalogue(), target, Options(path=path), progress=lambda now, totals=totals: totals.append(now.total)
        )
        assert restored.problems == ()
        assert [one.name for one in target.iterdir()] == [name]
        assert totals[-1] == restored.bytes


def test_a_part_keeps_the_mode_of_its_folder(full: Vault) -> None:
    """A new folder for a part is what that folder was; one that was there stays what it is."""
    (full.source / "folder").chmod(0o750)
    full.save()
    restore(full.catalogue(), full.base / "new", Options(path=b"folder"))
    assert (full.base / "new").stat().st_mode & 0o777 == 0o750
    (full.base / "there").mkdir(mode=0o701)
    restore(full.catalogue(), full.base / "there", Options(path=b"folder"))
    assert (full.base / "there").stat().st_mode & 0o777 == 0o701


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (["*.txt"], [], {"a.txt", "deep", "deep/er", "deep/er/b.txt"}),
        (["/deep/er"], [], {"deep", "deep/er", "deep/er/b.txt", "deep/er/c.log"}),
        (["deep/"], ["*.log"], {"deep", "deep/er", "deep/er/b.txt"}),
        (["none"], [], set()),
        (None, ["er/"], {"a.txt", "empty", "deep", "d.log"}),
        (None, ["*.log", "!d.log"], {"a.txt", "empty", "deep", "deep/er", "deep/er/b.txt", "d.log"}),
    ],
)
def test_patterns(vault: Vault, include: list[str] | None, exclude: list[str], expected: set[str]) -> None:
    """Restored is what a pattern takes in, with the folders that lead to it, and nothing that one leaves out."""
    (vault.source / "deep" / "er").mkdir(parents=True)
    (vault.source / "empty").mkdir()
    for path in ("a.txt", "d.log", "deep/er/b.txt", "deep/er/c.log"):
        (vault.source / path).write_text(path)
    vault.save()
    target = vault.base / "out"
    options = Options(include=None if include is None else Patterns(include), exclude=Patterns(exclude))
    assert restore(vault.catalogue(), target, options).problems == ()
    assert {str(path.relative_to(target)) for path in target.rglob("*")} == expected


def test_read_back(full: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read back from the disk, a file that isn't what was written to it is told and isn't kept under its name."""
    restored = restore(full.catalogue(), full.base / "good", Options(read_back=True))
    assert (restored.problems, restored.verified) == ((), 3)
    from backup.engine.restoring import small as restore_small

    monkeypatch.setattr(restore_small, "write", lambda file, content, at: os.pwrite(file, b"X" * len(content), at))
    restored = restore(full.catalogue(), full.base / "bad", Options(read_back=True))
    assert "small: the target: gives back something else than what was written to it" in restored.problems
    assert not (full.base / "bad" / "small").exists()
    assert (full.base / "bad" / "large").exists()


def test_one_restore_at_a_time(full: Vault) -> None:
    """Into one folder two restores don't write at the same time."""
    target = full.base / "out"
    refused: list[BaseException] = []

    def second(_now: object) -> None:
        if not refused:
            try:
                restore(full.catalogue(), target, Options(overwrite=Overwrite.ALWAYS))
            except Busy as error:
                refused.append(error)

    restore(full.catalogue(), target, progress=second)
    assert refused


def test_what_a_killed_restore_left_is_cleaned_up(full: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restore that goes on where another was killed makes the rest, and no unfinished file is left."""
    target = full.base / "out"
    target.mkdir()
    child = os.fork()
    if child == 0:  # killed when the first small file is written, and the large one is half
        monkeypatch.setattr(restore_work.Work, "_finish", lambda _self, _file: os._exit(9))
        try:
            restore(full.catalogue(), target, Options(overwrite=Overwrite.IF_CHANGED), workers=1)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert not (target / "large").exists()
    left = ".suite-restore-0123456789abcdef"
    (target / left).write_text("half")
    (target / f"{left}.txt").write_text("mine")
    done, restored = again(full, target, Overwrite.IF_CHANGED)
    assert done[b"large"] == "made"
    assert restored.problems == ()  # type: ignore[attr-defined]
    assert not (target / left).exists()
    (target / f"{left}.txt").unlink()
    assert everything(target) == everything(full.source)


@pytest.mark.parametrize("nameless", [True, False])
def test_where_files_need_a_name_from_the_start(full: Vault, monkeypatch: pytest.MonkeyPatch, nameless: bool) -> None:
    """A file system that has no files without a name gets all files too, and one in the way isn't written over."""
    from backup.engine.restoring import drafts as restore_drafts

    if not nameless:
        monkeypatch.setattr(restore_drafts, "_NAMELESS", os.O_RDWR | os.O_DIRECTORY)
    target = full.base / "out"
    restored = restore(full.catalogue(), target)
    assert restored.problems == ()
    assert everything(target) == everything(full.source)
    settle = restore_drafts.Draft.settle

    def late(self: restore_drafts.Draft, folder: int, name: bytes) -> None:
        if name == b"small":
            os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=folder))
        settle(self, folder, name)

    monkeypatch.setattr(restore_drafts.Draft, "settle", late)
    restored = restore(full.catalogue(), full.base / "raced")
    assert restored.problems == ("small: File exists",)
    assert (full.base / "raced" / "small").read_text() == ""
    assert not list((full.base / "raced").glob(".suite*"))


def test_a_full_disk(full: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no longer fits is told file by file, leaves nothing behind, and what fits is restored."""
    import errno

    from backup.engine.restoring import large as restore_large

    def refusing(_file: int, _content: object, _offset: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(restore_large, "write", refusing)
    target, restored = full.restore()
    assert restored.problems == ("large: No space left on device",)
    assert sorted(path.name for path in target.iterdir()) == ["folder", "link", "small"]


def test_a_user_who_may_not_write(full: Vault) -> None:
    """What the system refuses is told by its name and hinders nothing else; a closed folder of one's own is opened."""
    with common_ground() as ground:
        target = ground / "out"
        catalogue = full.catalogue()
        theirs = full.as_reader()
        catalogue.repository.store.read("config/00000001")

        def work() -> None:
            target.mkdir()
            (target / "folder").mkdir(mode=0o500)
            restored = restore(catalogue, target, Options(overwrite=Overwrite.IF_CHANGED))
            assert restored.problems == (), restored.problems
            assert (target / "folder" / "inside").read_text() == "inside"
            assert (target / "folder").stat().st_uid == os.geteuid()

        assert theirs.config.number == 1
        if os.geteuid() == 0:
            _hold_in_memory(catalogue)
        as_nobody(work)
        if os.geteuid() == 0:
            as_nobody(lambda: _closed_ground(ground / "closed", catalogue))


def test_attributes_that_a_file_has_already(vault: Vault) -> None:
    """Who restores twice and may only read a file is told nothing where it has its attributes."""
    (vault.source / "file").write_text("x")
    os.setxattr(vault.source / "file", "user.kind", b"letter")
    (vault.source / "file").chmod(0o444)
    vault.save()
    catalogue = vault.catalogue()
    with common_ground() as ground:

        def work() -> None:
            for rule in (Overwrite.REFUSE, Overwrite.IF_CHANGED):
                restored = restore(catalogue, ground / "out", Options(overwrite=rule))
                assert (restored.files, restored.problems) == (1, ()), restored.problems

        if os.geteuid() == 0:
            _hold_in_memory(catalogue)
        as_nobody(work)


def _closed_ground(target: Path, catalogue: object) -> None:
    target.mkdir()
    (target / "folder").mkdir()
    (target / "small").mkdir(mode=0o000)
    restored = restore(catalogue, target, Options(overwrite=Overwrite.IF_CHANGED))  # type: ignore[arg-type]
    assert restored.problems == ("small: a folder is in its place",), restored.problems
    assert (target / "large").read_bytes() == LARGE


def _hold_in_memory(catalogue: object) -> None:
    """Nobody can't read root's repository: he reads a copy in memory."""
    store = catalogue.repository.store  # type: ignore[attr-defined]
    objects = {
        str(path.relative_to(store.folder)): path.read_bytes() for path in store.folder.rglob("*/*") if path.is_file()
    }

    def read(name: str, offset: int = 0, length: int | None = None) -> bytes:
        data = objects[name]
        return data[offset:] if length is None else data[offset : offset + length]

    store.read = read
