"""A snapshot that a hostile writer made harms nothing but what it claims to be."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backup.engine.errors import Damaged, Denied
from backup.engine.format.trees import Node
from backup.engine.restoring import folders as restore_folders
from backup.engine.restoring.metadata import Metadata
from backup.engine.restoring.restore import Options, Overwrite, restore
from backup.engine.saving.save import Saved
from tests.backup.conftest import Vault

Written = Callable[[list[Node]], Saved]
PIPE: Node = {"n": b"x", "t": "p", "m": 0o644, "mt": 1}
FILE: Node = {"n": b"x", "t": "f", "m": 0o644, "mt": 1, "s": 0, "c": b""}
BAD: list[Any] = [
    {"n": b".."},
    {"n": b"."},
    {"n": b""},
    {"n": b"a/b"},
    {"n": b"a\0b"},
    {"n": "text"},
    {"m": -1},
    {"m": 1 << 20},
    {"m": True},
    {"m": "755"},
    {"mt": 1.5},
    {"t": 5},
    {"u": -1},
    {"u": (1 << 32) - 1},
    {"un": b"root"},
    {"x": [["user.a", b""]]},
    {"x": [[b"user.\0", b""]]},
    {"x": [b"user.a"]},
    {"t": "l"},
    {"t": "l", "l": b""},
    {"t": "l", "l": b"a\0b"},
    {"t": "l", "l": "text"},
    {"t": "c"},
    {"t": "c", "r": [1]},
    {"t": "b", "r": [-1, 2]},
    {"t": "b", "r": [1 << 40, 2]},
    {"t": "c", "r": [1, 1 << 31]},
    {"t": "f"},
    {"t": "f", "s": -1, "c": b""},
    {"t": "f", "s": 1 << 63, "c": b""},
    {"t": "f", "s": 0, "c": "text"},
    {"t": "f", "s": 0, "c": b"", "h": "text"},
    {"t": "f", "s": 9, "c": b"", "e": [[0, 5], [3, 2]]},
    {"t": "f", "s": 9, "c": b"", "e": [[0, 10]]},
    {"t": "f", "s": 9, "c": b"", "e": [[-1, 5]]},
    {"t": "f", "s": 9, "c": b"", "e": [[1, 0]]},
    {"t": "f", "s": 9, "c": b"", "e": 5},
]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_nodes_that_no_writer_makes(vault: Vault, written: Written, bad: Node) -> None:
    """A tree with such a node is refused whole and by name; what is beside it is restored, and nothing else."""
    written([{"n": b"bad", "below": [PIPE | bad]}, {"n": b"good", "below": [PIPE]}])
    before = sorted(vault.base.rglob("*"))
    restored = restore(vault.catalogue(), vault.base / "out")
    assert len(restored.problems) == 1
    assert restored.problems[0].startswith("bad/: ")
    made = sorted(path for path in vault.base.rglob("*") if path not in before)
    assert [str(path.relative_to(vault.base)) for path in made] == ["out", "out/bad", "out/good", "out/good/x"]


@pytest.mark.parametrize(
    "nodes",
    [
        [PIPE, PIPE | {"t": "l", "l": b"/etc"}],
        [PIPE | {"t": "l", "l": b"/tmp"}, {"n": b"x", "below": [PIPE]}],
        [PIPE | {"n": b"y"}, PIPE],
    ],
)
def test_names_that_hide_each_other(vault: Vault, written: Written, nodes: list[Node]) -> None:
    """A name that comes twice, or out of order, is refused: no folder is entered through a link made before it."""
    written(nodes)
    restored = restore(vault.catalogue(), vault.base / "out")
    assert any("aren't in order" in problem for problem in restored.problems)
    assert not Path("/tmp/x").exists()


@pytest.mark.parametrize("size", [1, 1 << 40, (1 << 63) - 1])
def test_declared_sizes(vault: Vault, written: Written, size: int) -> None:
    """A file that says that it is larger than what is stored of it isn't made, and takes no room."""
    written([FILE | {"s": size}, PIPE | {"n": b"y"}])
    restored = restore(vault.catalogue(), vault.base / "out")
    assert len(restored.problems) == 1
    assert restored.problems[0].startswith("x: ")
    assert [path.name for path in (vault.base / "out").iterdir()] == ["y"]


def test_holes_beyond_what_a_disk_takes(vault: Vault, written: Written) -> None:
    """A file of nothing but a hole, larger than the file system can say, is told and not made."""
    written([FILE | {"s": (1 << 63) - 1, "e": []}])
    restored = restore(vault.catalogue(), vault.base / "out")
    assert restored.problems == ("x: File too large",)
    assert list((vault.base / "out").iterdir()) == []


def test_many_files_beyond_what_a_disk_takes(vault: Vault, written: Written) -> None:
    """However many they are, none stays open, and what comes after them is restored."""
    nodes = [FILE | {"n": b"%03d" % number, "s": (1 << 63) - 1, "e": []} for number in range(100)]
    written([*nodes, PIPE])
    before = len(list(Path("/proc/self/fd").iterdir()))
    restored = restore(vault.catalogue(), vault.base / "out", workers=1)
    assert (len(restored.problems), restored.others) == (100, 1)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("content", [b"short", bytes(32), bytes(64)])
def test_contents_that_are_not_there(vault: Vault, written: Written, content: bytes) -> None:
    """Ids that no index lists, or that are none, are told by the name of the file."""
    written([FILE | {"s": 5, "c": content, "h": bytes(32)}])
    restored = restore(vault.catalogue(), vault.base / "out")
    assert restored.files == 0
    assert restored.problems[0].startswith("x: ")


def test_an_unknown_kind_is_told(vault: Vault, written: Written) -> None:
    """What a newer program saved and this one can't restore is named, and the rest is restored."""
    written([PIPE, PIPE | {"n": b"y", "t": "z"}])
    restored = restore(vault.catalogue(), vault.base / "out")
    assert (restored.others, restored.problems) == (1, ("y: of a kind this program can't restore",))


def test_a_folder_swapped_for_a_link(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever puts a link in the place of a folder that was just made gets nothing written where it leads."""
    (vault.source / "folder").mkdir()
    (vault.source / "folder" / "file").write_text("x")
    vault.save()
    outside = vault.base / "outside"
    outside.mkdir()
    target = vault.base / "out"
    entered = restore_folders._enter

    def swapping(folder: restore_folders.Folder) -> None:
        if not (target / "folder").is_symlink():
            (target / "folder").rename(target / "moved")
            (target / "folder").symlink_to(outside)
        entered(folder)

    monkeypatch.setattr(restore_folders, "_enter", swapping)
    restored = restore(vault.catalogue(), target)
    assert restored.problems == ("folder/: Not a directory",)
    assert list(outside.iterdir()) == []


def test_links_in_the_target_are_not_followed(vault: Vault) -> None:
    """In place, a link where a file or a folder is due is replaced; where it leads nothing changes."""
    (vault.source / "file").write_text("new")
    (vault.source / "folder").mkdir()
    (vault.source / "folder" / "inside").write_text("new")
    vault.save()
    outside = vault.base / "outside"
    outside.mkdir()
    (outside / "file").write_text("old")
    target = vault.base / "out"
    target.mkdir()
    (target / "file").symlink_to(outside / "file")
    (target / "folder").symlink_to(outside)
    restored = restore(vault.catalogue(), target, Options(overwrite=Overwrite.ALWAYS, delete=True))
    assert restored.problems == ()
    assert (target / "file").read_text() == (target / "folder" / "inside").read_text() == "new"
    assert not (target / "folder").is_symlink()
    assert [path.name for path in outside.iterdir()] == ["file"]
    assert (outside / "file").read_text() == "old"


def test_deletion_stops_at_links(vault: Vault) -> None:
    """What a link in the target leads to isn't deleted with it."""
    vault.save()
    outside = vault.base / "outside"
    (outside / "below").mkdir(parents=True)
    target = vault.base / "out"
    (target / "folder").mkdir(parents=True)
    (target / "folder" / "link").symlink_to(outside)
    (target / "link").symlink_to(outside)
    restored = restore(vault.catalogue(), target, Options(overwrite=Overwrite.ALWAYS, delete=True))
    assert (restored.deleted, restored.problems) == (2, ())
    assert list(target.iterdir()) == []
    assert (outside / "below").is_dir()


def test_a_file_with_another_name_elsewhere_is_never_written_to(vault: Vault) -> None:
    """Mended in place is only a file that has one name: another name may be somebody else's."""
    (vault.source / "large").write_bytes(b"new" * (3 << 20))
    vault.save()
    target = vault.base / "out"
    target.mkdir()
    (vault.base / "theirs").write_bytes(b"old" * (3 << 20))
    os.link(vault.base / "theirs", target / "large")
    restored = restore(vault.catalogue(), target, Options(overwrite=Overwrite.VERIFY))
    assert restored.problems == ()
    assert (target / "large").read_bytes() == b"new" * (3 << 20)
    assert (vault.base / "theirs").read_bytes() == b"old" * (3 << 20)


def test_a_file_with_another_name_elsewhere_keeps_its_owner(vault: Vault) -> None:
    """A name that counts as the same and is one more name of somebody's file is made anew: theirs isn't given away."""
    (vault.source / "file").write_text("mine")
    (vault.source / "file").chmod(0o666)
    os.utime(vault.source / "file", ns=(1, 10**18))
    vault.save()
    target, theirs = vault.base / "out", vault.base / "theirs"
    target.mkdir()
    theirs.write_text("shut")
    theirs.chmod(0o600)
    os.utime(theirs, ns=(1, 10**18))
    os.link(theirs, target / "file")
    restored = restore(vault.catalogue(), target, Options(overwrite=Overwrite.IF_CHANGED))
    assert restored.problems == ()
    assert (target / "file").read_text() == "mine"
    assert (theirs.read_text(), theirs.stat().st_mode & 0o777) == ("shut", 0o600)


def test_a_file_swapped_before_its_mode_is_set(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever puts another file under a name that was looked at gets no new mode or owner for it."""
    (vault.source / "file").write_text("mine")
    (vault.source / "file").chmod(0o666)
    vault.save()
    target, _ = vault.restore()
    theirs = vault.base / "theirs"
    theirs.write_text("shut")
    theirs.chmod(0o600)
    (target / "file").chmod(0o644)
    differs = Metadata.differs

    def swapping(self: Metadata, there: os.stat_result, node: Node) -> bool:
        (target / "file").unlink()
        os.link(theirs, target / "file")
        return differs(self, there, node)

    monkeypatch.setattr(Metadata, "differs", swapping)
    restored = restore(vault.catalogue(), target, Options(overwrite=Overwrite.IF_CHANGED))
    assert restored.problems == ("file: was replaced meanwhile",)
    assert theirs.stat().st_mode & 0o777 == 0o600


def test_folders_are_swapped_all_the_time(vault: Vault) -> None:
    """While somebody puts links in the place of folders all the time, not one file is written where they lead."""
    for number in range(40):
        (vault.source / str(number)).mkdir()
        for name in range(20):
            (vault.source / str(number) / str(name)).write_text("x" * 2000)
    vault.save()
    outside, target = vault.base / "outside", vault.base / "out"
    outside.mkdir()
    target.mkdir()
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            for number in range(40):
                place = target / str(number)
                try:
                    place.rename(target / f"moved-{number}")
                    place.symlink_to(outside)
                    place.unlink()
                    (target / f"moved-{number}").rename(place)
                except OSError:
                    continue

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        for _ in range(3):
            restore(vault.catalogue(), target, Options(overwrite=Overwrite.ALWAYS))
    finally:
        over.set()
        swapper.join()
    assert list(outside.iterdir()) == []


def test_a_repository_in_which_a_pack_is_gone(vault: Vault) -> None:
    """What lay in it is told file by file, and everything else is restored."""
    (vault.source / "two").write_text("x")
    vault.save()
    (vault.source / "one").write_bytes(os.urandom(20 << 20))
    vault.save()
    packs = vault.objects("packs")
    max(packs, key=lambda path: path.stat().st_size).unlink()
    target, restored = vault.restore()
    assert any(problem.startswith("one: ") for problem in restored.problems)
    assert (target / "two").read_text() == "x"
    assert not (target / "one").exists()


def test_a_pack_that_the_store_does_not_give(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder whose tree the store refuses to give is told by its name, and what is beside it is restored."""
    for name in ("one", "two"):
        (vault.source / name).mkdir()
        (vault.source / name / "file").write_text(name)
    vault.save()
    catalogue = vault.catalogue()
    nodes = catalogue.nodes

    def refusing(directory: Node) -> Iterator[Node]:
        if directory["n"] == b"one":
            raise Denied("packs/00: 403 AccessDenied")
        return nodes(directory)

    monkeypatch.setattr(catalogue, "nodes", refusing)
    restored = restore(catalogue, vault.base / "out")
    assert restored.problems == ("one/: packs/00: 403 AccessDenied",)
    assert (vault.base / "out" / "two" / "file").read_text() == "two"


def test_a_path_that_is_not_there(vault: Vault) -> None:
    """Asking for a part that the snapshot doesn't hold is an error, and makes nothing."""
    from backup.engine.errors import Missing

    vault.save()
    with pytest.raises((Missing, Damaged)):
        restore(vault.catalogue(), vault.base / "out", Options(path=b"../../etc"))
    assert not (vault.base / "out").exists()
