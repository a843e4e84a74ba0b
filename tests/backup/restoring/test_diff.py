"""Two snapshots are compared by what differs, and no more is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from backup.engine.format.keys import Role
from backup.engine.reading.catalogue import Catalogue
from backup.engine.reading.diff import Change, Statistics, compare
from backup.engine.saving.save import Saved
from tests.backup.conftest import Vault


def told(changes: list[Change]) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {change.path.decode(): (change.what, change.fields) for change in changes}


def tree(vault: Vault) -> Saved:
    for path in ("same/deep/file", "content", "mode", "time", "gone", "kind", "away/a", "away/b", "folder/x"):
        place = vault.source / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path)
        os.utime(place, ns=(1, 5))
    (vault.source / "link").symlink_to("content")
    return vault.save()


def change(vault: Vault) -> Saved:
    source = vault.source
    (source / "content").write_text("another content")
    (source / "mode").chmod(0o600)
    os.utime(source / "time", ns=(1, 6))
    (source / "gone").unlink()
    (source / "kind").unlink()
    (source / "kind").mkdir()
    (source / "kind" / "inside").write_text("inside")
    (source / "link").unlink()
    (source / "link").symlink_to("elsewhere")
    for name in ("a", "b"):
        (source / "away" / name).unlink()
    (source / "away").rmdir()
    (source / "new").mkdir()
    (source / "new" / "file").write_text("new")
    (source / "folder" / "y").write_text("y")
    return vault.save()


def test_every_kind_of_change(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each change is told once, by its path, with what differs; equal folders aren't read."""
    before, after = vault.catalogue(tree(vault)), vault.catalogue(change(vault))
    entered: list[bytes] = []
    nodes = Catalogue.nodes
    monkeypatch.setattr(Catalogue, "nodes", lambda self, folder: entered.append(folder["n"]) or nodes(self, folder))
    changes = list(compare(before, after))
    assert told(changes) == {
        "content": ("content", ("s", "c", "mt")),
        "mode": ("metadata", ("m",)),
        "time": ("metadata", ("mt",)),
        "gone": ("removed", ()),
        "kind": ("kind", ("t",)),
        "kind/inside": ("added", ()),
        "link": ("content", ("l", "mt")),
        "away": ("removed", ()),
        "away/a": ("removed", ()),
        "away/b": ("removed", ()),
        "new": ("added", ()),
        "new/file": ("added", ()),
        "folder/y": ("added", ()),
    }
    assert b"same" not in entered
    statistics = Statistics()
    for one in changes:
        statistics.count(one)
    assert statistics.files == {"added": 3, "removed": 3, "content": 1, "metadata": 2, "kind": 0}
    assert statistics.directories == {"added": 1, "removed": 1, "metadata": 0, "kind": 1}
    assert statistics.others == {"added": 0, "removed": 0, "content": 1, "metadata": 0, "kind": 0}
    assert statistics.bytes_added == len("another contentinsidenewy")
    assert statistics.bytes_removed == len("contentgonekindaway/aaway/b")
    assert {path: what for path, (what, _) in told(list(compare(after, before))).items()}["gone"] == "added"


def test_equal_snapshots(vault: Vault) -> None:
    """A snapshot doesn't differ from itself, nor from one of the same tree."""
    first, second = vault.catalogue(tree(vault)), vault.catalogue(vault.save())
    assert list(compare(first, first)) == list(compare(first, second)) == []


def test_parts(vault: Vault) -> None:
    """Parts are compared whatever they are called: two folders, or two files."""
    saved = vault.catalogue(tree(vault))
    assert told(list(compare(saved, saved, b"away", b"folder"))) == {
        "a": ("removed", ()),
        "b": ("removed", ()),
        "x": ("added", ()),
    }
    assert told(list(compare(saved, saved, b"mode", b"content"))) == {"content": ("content", ("s", "c"))}


def test_between_writers_of_an_isolated_repository(tmp_path: Path, new_vault: Callable[[], Vault]) -> None:
    """Where two writers give equal contents other ids, contents are compared, and equal ones aren't told as changed."""
    (tmp_path / "isolated").mkdir()
    vault = Vault(tmp_path / "isolated", isolated=True)
    (vault.source / "small").write_text("small")
    (vault.source / "large").write_bytes(os.urandom(5 << 20))
    (vault.source / "other").write_text("1")
    other = vault.derive(Role.WRITER)
    first = vault.save()
    (vault.source / "other").write_text("2")
    second = vault.save(writer=other, state="other")
    changes = told(list(compare(vault.catalogue(first), vault.catalogue(second))))
    assert changes == {"other": ("content", ("h", "mt"))}
