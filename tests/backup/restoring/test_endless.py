"""Few trees that name each other stand for more files than there are atoms: whatever reads them comes to an end."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from backup.engine.errors import Damaged
from backup.engine.format import blobs, cipher
from backup.engine.reading import archive, tar
from backup.engine.reading.catalogue import Catalogue
from backup.engine.reading.diff import compare
from backup.engine.reading.find import Query, find, find_in_all
from backup.engine.restoring.restore import restore
from tests.backup.checking.conftest import Place
from tests.backup.checking.hand import Blob

FILE = {"n": b"z", "t": "f", "m": 0o600, "mt": 1, "s": 0, "c": b""}
MOST = 1000
"""Names that a walk meets of a snapshot that says it holds none."""


@pytest.fixture
def endless() -> Catalogue:
    """Forty folders deep, three in each, and a file beside them."""
    place = Place()
    hand = place.hand()
    trees = [Blob(cipher.pack([FILE]), blobs.TREE)]
    for _ in range(40):
        below = hand.identify(trees[-1].content, blobs.TREE)
        folders = [{"n": name, "t": "d", "m": 0o700, "mt": 1, "c": below} for name in (b"a", b"b", b"c")]
        trees.append(Blob(cipher.pack([*folders, FILE]), blobs.TREE))
    hand.announce(hand.identify(trees[-1].content, blobs.TREE), [hand.index([hand.pack(*trees)])])
    repository = place.open()
    history = repository.history()
    [snapshot] = repository.examine(history)
    assert not isinstance(snapshot, Exception)
    return Catalogue(repository, snapshot, history)


def is_told(problem: object) -> bool:
    return "holds far more than its snapshot says" in str(problem)


def test_a_list(endless: Catalogue) -> None:
    """A list meets so many names as the snapshot may have, and tells that there are more."""
    troubles: list[Damaged] = []
    assert len(list(endless.walk(lambda _path, error: troubles.append(error)))) == MOST
    assert [is_told(one) for one in troubles] == [True]


def test_a_list_that_takes_no_trouble(endless: Catalogue) -> None:
    """Where nobody takes the trouble, it is raised."""
    with pytest.raises(Damaged, match="far more"):
        list(endless.walk())


def test_a_search(endless: Catalogue) -> None:
    """A search finds what it meets until then."""
    troubles: list[Damaged] = []
    query = Query(kinds=frozenset("f"))
    found = list(find(endless, query, lambda _path, error: troubles.append(error)))
    assert 0 < len(found) < MOST
    assert [is_told(one) for one in troubles] == [True]


def test_a_search_in_all(endless: Catalogue) -> None:
    """A search through all snapshots ends as well."""
    troubles: list[Damaged] = []
    query = Query(kinds=frozenset("f"))
    found = list(find_in_all([endless], query, lambda _path, error: troubles.append(error)))
    assert 0 < len(found) < MOST
    assert [is_told(one) for one in troubles] == [True]


def test_a_comparison_with_nothing(endless: Catalogue) -> None:
    """A comparison ends with the damage."""
    place = Place()
    place.hand().save({})
    repository = place.open()
    history = repository.history()
    [empty] = repository.examine(history)
    assert not isinstance(empty, Exception)
    with pytest.raises(Damaged, match="far more"):
        list(compare(Catalogue(repository, empty, history), endless))


@pytest.mark.parametrize("write", [archive.write, tar.write], ids=["zip", "tar"])
def test_an_archive(endless: Catalogue, write: object) -> None:
    """An archive holds what was met, and its report says why that isn't all."""
    assert callable(write)
    done = write(endless, io.BytesIO())
    assert [is_told(one) for one in done.problems] == [True]
    assert 0 < len(done.expected) < MOST


def test_a_restore(endless: Catalogue, tmp_path: Path) -> None:
    """What it met until then is there, with its modes; the report says why that isn't all."""
    restored = restore(endless, tmp_path / "out")
    assert [is_told(one) for one in restored.problems] == [True]
    assert 0 < restored.files < MOST
    made = [path for path in (tmp_path / "out").rglob("*") if path.is_dir()]
    assert all(path.stat().st_mtime_ns == 1 for path in made)
