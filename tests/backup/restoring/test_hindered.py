"""What gets in the way of a restore: disks that lie or are full, other restores, what may not be written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backup.engine.errors import Busy
from backup.engine.restoring import work as restore_work
from backup.engine.restoring.restore import Options, Overwrite, restore
from tests.backup.conftest import Vault
from tests.backup.restoring.conftest import LARGE, again
from tests.backup.restoring.pictures import everything
from tests.backup.restoring.strangers import as_nobody, common_ground


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
