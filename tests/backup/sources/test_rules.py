"""What is left out of a save."""

from __future__ import annotations

from pathlib import Path

import pytest

from backup.engine.sources.folder import FolderSource
from backup.engine.sources.patterns import Patterns
from backup.engine.sources.rules import Rules
from tests.backup.conftest import LATER
from tests.backup.sources.conftest import walked

SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55"


def saved(folder: Path, rules: Rules) -> set[str]:
    return set(walked(FolderSource(folder, now=LATER, rules=rules)))


def test_patterns_leave_out_folders_whole(folder: Path) -> None:
    """A folder that is left out isn't even entered."""
    (folder / "src" / "node_modules" / "deep").mkdir(parents=True)
    (folder / "src" / "x.tmp").write_text("x")
    (folder / "src" / "keep.tmp").write_text("x")
    rules = Rules(exclude=Patterns(["node_modules", "*.tmp", "!keep.tmp"]))
    assert saved(folder, rules) == {"src", "src/keep.tmp"}


def test_markers(folder: Path) -> None:
    """Of a folder with a marker only the folder and the marker are saved."""
    (folder / "a" / "below").mkdir(parents=True)
    (folder / "a" / ".nobackup").write_text("")
    (folder / "a" / "file").write_text("")
    (folder / "b").mkdir()
    assert saved(folder, Rules(markers=(b".nobackup", b".skip"))) == {"a", "a/.nobackup", "b"}


@pytest.mark.parametrize(
    ("content", "is_cache"),
    [(SIGNATURE, True), (SIGNATURE + "\n# a cache", True), ("Signature: other", False), ("", False)],
)
def test_caches(folder: Path, content: str, is_cache: bool) -> None:
    """A folder that says by its tag that it is a cache is left out but for the tag, whose signature counts."""
    (folder / "cache").mkdir()
    (folder / "cache" / "CACHEDIR.TAG").write_text(content)
    (folder / "cache" / "file").write_text("x")
    assert ("cache/file" in saved(folder, Rules(caches=False))) is not is_cache
    assert "cache/file" in saved(folder, Rules())
    assert "cache/CACHEDIR.TAG" in saved(folder, Rules(caches=False))


def test_a_tag_that_is_no_file(folder: Path) -> None:
    """A link or a folder of the tag's name is no tag."""
    (folder / "a" / "CACHEDIR.TAG").mkdir(parents=True)
    (folder / "tag").write_text(SIGNATURE)
    (folder / "b").mkdir()
    (folder / "b" / "CACHEDIR.TAG").symlink_to("../tag")
    (folder / "b" / "file").write_text("x")
    assert saved(folder, Rules(caches=False)) >= {"a", "b", "b/file"}


def test_large_files(folder: Path) -> None:
    """Files that are larger than said are left out, and nothing else."""
    (folder / "large").write_bytes(bytes(1001))
    (folder / "just").write_bytes(bytes(1000))
    (folder / "folder").mkdir()
    assert saved(folder, Rules(larger_than=1000)) == {"just", "folder"}
