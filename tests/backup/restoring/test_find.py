"""Names are found by what is known of them, in one snapshot or in many."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from backup.engine.reading.find import Query, find, find_in_all
from backup.engine.sources.patterns import Patterns
from tests.backup.conftest import Vault

HOUR = 3600 * 10**9


@pytest.fixture
def full(vault: Vault) -> Vault:
    for number, path in enumerate(["a.txt", "deep/b.txt", "deep/er/c.log", "other/d.txt"]):
        place = vault.source / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x" * 10**number)
        os.utime(place, ns=(1, number * HOUR))
    (vault.source / "link.txt").symlink_to("a.txt")
    vault.save()
    return vault


@pytest.mark.parametrize(
    ("query", "path", "expected"),
    [
        (Query(Patterns(["*.txt"])), b"", ["a.txt", "link.txt", "deep/b.txt", "other/d.txt"]),
        (Query(Patterns(["/deep/**"])), b"", ["deep/b.txt", "deep/er", "deep/er/c.log"]),
        (Query(Patterns(["*.TXT"], ignore_case=True), frozenset("f")), b"deep", ["deep/b.txt"]),
        (Query(kinds=frozenset("d")), b"", ["deep", "other", "deep/er"]),
        (Query(at_least=10, at_most=100), b"", ["deep/b.txt", "deep/er/c.log"]),
        (Query(kinds=frozenset("f"), since=HOUR, before=3 * HOUR), b"", ["deep/b.txt", "deep/er/c.log"]),
        (Query(Patterns(["c.log"])), b"deep/er/c.log", ["deep/er/c.log"]),
        (Query(Patterns(["none"])), b"", []),
    ],
)
def test_in_one_snapshot(full: Vault, query: Query, path: bytes, expected: list[str]) -> None:
    """What fits is found below a path, and told by its path from the root."""
    assert [found.decode() for found, _ in find(full.catalogue(), query, path=path)] == expected


def test_in_many_snapshots(full: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each snapshot tells what it holds; a folder that hasn't changed is read once."""
    (full.source / "other" / "new.txt").write_text("new")
    full.save()
    (full.source / "deep" / "b.txt").unlink()
    full.save()
    snapshots = full.as_reader().snapshots()
    catalogues = [full.catalogue() for _ in snapshots]
    from backup.engine.reading.catalogue import Catalogue

    catalogues = [Catalogue(full.as_reader(), snapshot) for snapshot in snapshots]
    entered: list[str] = []
    nodes = Catalogue.nodes
    monkeypatch.setattr(Catalogue, "nodes", lambda self, folder: entered.append(folder["n"]) or nodes(self, folder))
    query = Query(Patterns(["*.txt"]), frozenset("f"))
    found = [
        (snapshot.head.sequence, path.decode()) for snapshot, (path, _) in find_in_all(catalogues, query, pytest.fail)
    ]
    assert found == [
        *((1, path) for path in ("a.txt", "deep/b.txt", "other/d.txt")),
        *((2, path) for path in ("a.txt", "deep/b.txt", "other/d.txt", "other/new.txt")),
        *((3, path) for path in ("a.txt", "other/d.txt", "other/new.txt")),
    ]
    assert entered.count(b"er") == 1  # type: ignore[comparison-overlap]
    assert entered.count(b"other") == 2  # type: ignore[comparison-overlap]


def test_what_is_damaged_is_told(full: Vault) -> None:
    """A folder that can't be read is named, and the search goes on."""
    catalogue = full.catalogue()
    nodes = catalogue.nodes

    def broken(folder: dict[str, object]) -> Iterator[object]:
        if folder["n"] == b"er":
            from backup.engine.errors import Damaged

            raise Damaged("tree", "is broken")
        yield from nodes(folder)

    catalogue.nodes = broken  # type: ignore[assignment]
    troubles: list[bytes] = []
    query = Query(Patterns(["*.txt"]))
    found = [path for path, _ in find(catalogue, query, lambda path, _error: troubles.append(path))]
    assert (len(found), troubles) == (4, [b"deep/er/"])
    troubles.clear()
    assert len(list(find_in_all([catalogue], query, lambda path, _error: troubles.append(path)))) == 4
    assert troubles == [b"deep/er/"]
