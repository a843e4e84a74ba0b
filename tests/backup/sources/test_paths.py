"""Paths are saved where they stand in the tree of the system."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backup.engine.restoring.restore import Options, Overwrite, restore
from backup.engine.sources.base import SourceFailed
from backup.engine.sources.paths import PathsSource
from backup.engine.sources.patterns import Patterns
from backup.engine.sources.rules import Rules
from tests.backup.conftest import LATER, Vault
from tests.backup.sources.conftest import walked


@pytest.fixture
def tree(folder: Path) -> Path:
    for path in ("a/one/file", "a/two/file", "b/file", "other/file"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)
    return folder


def names(source: PathsSource, below: Path, troubles: list[str] | None = None) -> set[str]:
    """The paths of what is saved, from a folder that all lie in."""
    prefix = str(below.resolve())[1:]
    found = walked(source, troubles)
    parents = {str(parent)[1:] for parent in below.resolve().parents} | {prefix}
    assert {path for path in found if not path.startswith(prefix + "/")} <= parents
    return {path.removeprefix(prefix + "/") for path in found if path.startswith(prefix + "/")}


def test_where_things_lie(tree: Path) -> None:
    """A folder with all it holds, a file by itself, and the folders above them, with nothing else of those."""
    source = PathsSource("label", [tree / "a" / "one", tree / "b" / "file"], now=LATER)
    assert names(source, tree) == {"a", "a/one", "a/one/file", "b", "b/file"}
    assert source.label == "label"
    assert source.paths == (os.fsencode(tree / "a" / "one"), os.fsencode(tree / "b" / "file"))


def test_overlapping_paths(tree: Path) -> None:
    """A path that lies in another, or comes twice, comes once."""
    source = PathsSource("", [tree / "a" / "one", tree / "a", tree / "a", f"{tree}/b/../a/two"], now=LATER)
    assert names(source, tree) == {"a", "a/one", "a/one/file", "a/two", "a/two/file"}


def test_links_on_the_way(tree: Path) -> None:
    """A link above what is asked for is resolved; one that is asked for is saved as one, unless a slash follows it."""
    (tree / "link").symlink_to("a")
    assert names(PathsSource("", [tree / "link" / "one"], now=LATER), tree) == {"a", "a/one", "a/one/file"}
    assert names(PathsSource("", [tree / "link"], now=LATER), tree) == {"link"}
    assert "a/two/file" in names(PathsSource("", [f"{tree}/link/"], now=LATER), tree)


def test_what_is_not_there(tree: Path) -> None:
    """A path that isn't there is told, and the others are saved; if none is there, nothing is."""
    troubles: list[str] = []
    assert names(PathsSource("", [tree / "b", tree / "none"], now=LATER), tree, troubles) == {"b", "b/file"}
    assert troubles == [f"{tree.resolve()}/none: No such file or directory"]
    with pytest.raises(SourceFailed, match="none"):
        PathsSource("", [tree / "none"], now=LATER).root()


def test_what_is_asked_for_is_never_left_out(tree: Path) -> None:
    """Patterns leave out what lies below, and not what was named itself."""
    rules = Rules(exclude=Patterns(["a", "file", "two"]))
    assert names(PathsSource("", [tree / "a", tree / "b" / "file"], now=LATER, rules=rules), tree) == {
        "a",
        "a/one",
        "b",
        "b/file",
    }


def test_patterns_count_from_the_root_of_the_system(tree: Path) -> None:
    """A pattern with a slash before it is an absolute path."""
    rules = Rules(exclude=Patterns([f"{tree.resolve()}/a/one"]))
    assert names(PathsSource("", [tree / "a"], now=LATER, rules=rules), tree) == {"a", "a/two", "a/two/file"}


def test_deletion_stays_in_what_was_asked_for(tree: Path, vault: Vault) -> None:
    """Restored in place with deletion, what lies beside what was saved stays: nobody knows what should be there."""
    for paths in ([tree], [tree / "a" / "one", tree / "b" / "file"]):  # asked for less, the second time
        vault.save(PathsSource("label", paths, now=LATER))
    for path in ("a/one/new", "a/new", "b/new", "new"):
        (tree / path).write_text("new")
    catalogue = vault.catalogue()
    inside = str(tree.resolve())[1:].encode()
    options = Options(path=inside, overwrite=Overwrite.IF_CHANGED, delete=True)
    assert restore(catalogue, tree, options).deleted == 1
    assert {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()} == {
        *("a/one/file", "a/two/file", "b/file", "other/file", "a/new", "b/new", "new"),
    }


def test_the_folders_above_keep_their_mode(tree: Path, vault: Vault) -> None:
    """Restored into a folder, the folders above have the mode that they had."""
    (tree / "a").chmod(0o710)
    vault.save(PathsSource("", [tree / "a" / "one"], now=LATER))
    target, restored = vault.restore()
    again = target / str(tree.resolve())[1:] / "a"
    assert restored.problems == ()
    assert again.stat().st_mode & 0o777 == 0o710
    assert (again / "one" / "file").read_text() == "a/one/file"


def test_what_happens_beside_it_changes_nothing(tree: Path, vault: Vault) -> None:
    """The times of the folders above aren't kept: what others do there makes no new snapshot."""
    first = vault.save(PathsSource("", [tree / "a" / "one"], now=LATER))
    (tree / "a" / "beside").write_text("new")
    again = vault.save(PathsSource("", [tree / "a" / "one"], now=LATER), skip_unchanged=True)
    assert (again.skipped, again.root, again.new_blobs) == (True, first.root, 0)
