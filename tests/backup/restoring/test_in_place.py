"""Restores over what is there, by each rule."""

from __future__ import annotations

import os
import subprocess

import pytest

from backup.engine.errors import BackupError
from backup.engine.restoring.large import SEGMENT
from backup.engine.restoring.restore import Event, Options, Overwrite, restore
from backup.engine.sources.patterns import Patterns
from tests.backup.conftest import Vault
from tests.backup.restoring.conftest import LARGE, again, copy
from tests.backup.restoring.pictures import everything


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


@pytest.mark.parametrize("place", ["mounted", "folder/mounted"])
def test_what_is_mounted_is_not_deleted(full: Vault, place: str) -> None:
    """A folder that is bound to a second place below the target isn't emptied, though it is of the same disk."""
    target, elsewhere = copy(full), full.base / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "theirs").write_text("theirs")
    (target / "extra" / place).mkdir(parents=True)
    bound = subprocess.run(["mount", "--bind", elsewhere, target / "extra" / place], capture_output=True, check=False)
    if bound.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        _done, restored = again(full, target, Overwrite.IF_CHANGED, delete=True)
    finally:
        subprocess.run(["umount", target / "extra" / place], check=True)
    assert restored.problems == ("extra: another file system is mounted there",)  # type: ignore[attr-defined]
    assert (elsewhere / "theirs").read_text() == "theirs"


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
