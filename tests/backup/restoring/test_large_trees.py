"""Trees that are wider and deeper than anybody's."""

from __future__ import annotations

import os
import resource

import pytest

from backup.engine.restoring.restore import Options, Overwrite, restore
from tests.backup.conftest import Vault

WIDE = 100_000
DEEP = 500


@pytest.mark.slow
def test_a_hundred_thousand_names_in_one_folder(vault: Vault) -> None:
    """A folder with a hundred thousand files is saved and restored with all of them."""
    top = os.open(vault.source, os.O_RDONLY)
    for number in range(WIDE):
        os.close(os.open(f"{number:06}", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=top))
    os.close(top)
    saved = vault.save()
    assert (saved.counts.files, saved.unread) == (WIDE, ())
    target, restored = vault.restore()
    assert (restored.files, restored.problems) == (WIDE, ())
    assert sorted(os.listdir(target)) == sorted(os.listdir(vault.source))  # noqa: PTH208 (quicker)


@pytest.mark.slow
@pytest.mark.parametrize("rule", [Overwrite.REFUSE, Overwrite.IF_CHANGED])
def test_five_hundred_folders_in_each_other(vault: Vault, rule: Overwrite) -> None:
    """Folders as deep as that come back, and so do their modes, times and the names at each depth."""
    name, top = b"a folder with a long name", os.open(vault.source, os.O_RDONLY)
    for _ in range(DEEP):
        os.mkdir(name, 0o750, dir_fd=top)
        os.symlink("x", b"link", dir_fd=top)
        below = os.open(name, os.O_RDONLY, dir_fd=top)
        os.close(top)
        top = below
    os.close(os.open("end", os.O_WRONLY | os.O_CREAT, dir_fd=top))
    os.close(top)
    vault.save()
    target = vault.base / "out"
    for _ in range(1 if rule is Overwrite.REFUSE else 2):
        restored = restore(vault.catalogue(), target, Options(overwrite=rule))
        assert (restored.directories, restored.others, restored.files) == (DEEP, DEEP, 1)
        assert restored.problems == ()
    top = os.open(target, os.O_RDONLY)
    for _ in range(DEEP):
        below = os.open(name, os.O_RDONLY, dir_fd=top)
        assert os.fstat(below).st_mode & 0o777 == 0o750
        os.close(top)
        top = below
    os.close(top)


def test_few_folders_are_open_at_a_time(vault: Vault) -> None:
    """A tree that is deeper than a process may have files open comes back all the same."""
    top = os.open(vault.source, os.O_RDONLY)
    for _ in range(400):
        os.mkdir(b"deep", dir_fd=top)
        os.mkdir(b"beside", dir_fd=top)
        below = os.open(b"deep", os.O_RDONLY, dir_fd=top)
        os.close(top)
        top = below
    os.close(top)
    vault.save()
    catalogue = vault.catalogue()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
    try:
        restored = restore(catalogue, vault.base / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (restored.directories, restored.problems) == (800, ())


@pytest.mark.slow
def test_deep_folders_are_deleted(vault: Vault) -> None:
    """What is to go goes however deep it is."""
    (vault.source / "file").write_text("x")
    vault.save()
    target = vault.base / "out"
    target.mkdir()
    top = os.open(target, os.O_RDONLY)
    for _ in range(DEEP):
        os.mkdir(b"deep", dir_fd=top)
        below = os.open(b"deep", os.O_RDONLY, dir_fd=top)
        os.close(top)
        top = below
    os.close(top)
    restored = restore(vault.catalogue(), target, Options(overwrite=Overwrite.ALWAYS, delete=True))
    assert (restored.deleted, restored.problems) == (1, ())
    assert [path.name for path in target.iterdir()] == ["file"]
