"""A disk is full, of the repository, the memory or temporary files: nothing half is saved, and room can be made."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.backup.conftest import picture
from tests.faults.backup.site import Site, fill

pytestmark = pytest.mark.slow


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A disk of its own. Only root may mount it: for anybody else these tests fail, and say so."""
    place.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "none", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill_up(place: Path) -> Path:
    """Take the last byte."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(1 << 16)):
            pass
    assert shutil.disk_usage(place).free == 0
    return filler


def test_a_full_repository(tmp_path: Path, chance: random.Random) -> None:
    """A save that meets a full disk fails with words and leaves no snapshot; forget and prune make room without any."""
    with small_disk(tmp_path / "disk", "64m") as disk:
        site = Site(tmp_path / "site", url=str(disk / "repository"))
        fill(site.source, chance, large=2)
        first = site.save()["snapshot"]
        was = picture(site.source)
        (site.source / "more").write_bytes(chance.randbytes(20 << 20))
        second = site.save()["snapshot"]
        fill_up(disk)
        (site.source / "even more").write_bytes(chance.randbytes(6 << 20))
        failed = site.run("save", "--source", "data", str(site.source))
        assert failed.returncode == 1
        assert "Traceback" not in failed.stderr
        assert "room" in failed.stderr.lower() or "space" in failed.stderr.lower()
        assert [snapshot["id"] for snapshot in site.snapshots()] == [first, second]
        assert site.restored(first) == was
        (site.source / "more").unlink()
        (site.source / "even more").unlink()
        site.ok("forget", second, role="pruner")
        site.ok("prune", "--grace", "0h", "--force", role="pruner")
        site.ok("prune", "--grace", "0h", "--force", role="pruner")
        assert site.restored(first) == was
        third = site.save()["snapshot"]
        assert site.restored(third) == picture(site.source)
        site.check()


@pytest.mark.parametrize("which", ["XDG_STATE_HOME", "XDG_CACHE_HOME", "TMPDIR"])
def test_other_full_disks(tmp_path: Path, chance: random.Random, which: str) -> None:
    """Without room for what a writer remembers a save ends well or fails in words, and the next one is whole."""
    site = Site(tmp_path / "site")
    fill(site.source, chance, large=1)
    with small_disk(tmp_path / "disk", "1m") as disk:
        filler = fill_up(disk)
        site.environment[which] = str(disk)
        done = site.run("save", "--source", "data", str(site.source))
        assert done.returncode in (0, 1)
        assert "Traceback" not in done.stderr
        assert len(site.snapshots()) == (done.returncode == 0)
        filler.unlink()
    del site.environment[which]
    assert site.restored(site.save()["snapshot"]) == picture(site.source)
    site.check()
