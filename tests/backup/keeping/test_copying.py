"""A second copy in another store: whole at any time, never overwritten, made without any key."""

from __future__ import annotations

from pathlib import Path

import pytest

from backup.engine.errors import Damaged, Missing, Unreachable
from backup.engine.format.trees import FILE
from backup.engine.keeping import forget
from backup.engine.keeping.copying import OtherRepository, copy
from backup.engine.keeping.ground import DAY
from backup.engine.keeping.mirroring import LooksEmptied, mirror
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from backup.engine.stores.base import Store
from backup.engine.stores.local import LocalStore
from tests.backup.keeping.conftest import Depot, MemoryStore, Picture


def read(depot: Depot, store: Store, id_: bytes) -> Picture:
    repository = Repository.open(store, depot.reader)
    known = Catalogue(repository, repository.snapshot(id_))
    return {path: (node, b"".join(known.content(node)) if node["t"] == FILE else b"") for path, node in known.walk()}


def contents(store: MemoryStore) -> dict[str, bytes]:
    return {name: data for name, (data, _) in store.objects.items()}


def lived(depot: Depot) -> Depot:
    """A repository in which snapshots came and went, packs were written anew, and something is held."""
    files = {str(number): depot.noise(2000) for number in range(30)}
    first = depot.save(files)
    depot.save({name: data for name, data in files.items() if int(name) % 10 == 0})
    depot.save({"other": depot.noise(3000)}, writer=depot.other)
    depot.forget(first)
    depot.pictures.pop(first.snapshot)
    forget.hold(depot.opened(depot.lister), depot.opened(depot.lister).snapshots(), now=1)
    for _ in range(3):
        depot.wait(8)
        depot.prune()
    depot.save({"late": depot.noise(500)})
    return depot


def test_a_copy_is_the_repository(depot: Depot) -> None:
    """Everything is copied, byte for byte, each snapshot restores from the copy, and a second copy copies nothing."""
    lived(depot)
    target = MemoryStore()
    told: list[tuple[int, int]] = []
    done = copy(depot.store, target, progress=lambda *one: told.append(one))
    assert contents(target) == contents(depot.store)
    assert (done.objects, done.size) == (len(target.objects), target.size)
    assert told[0] == (0, done.size)
    assert told[-1] == (done.size, done.size)
    for id_, picture in depot.pictures.items():
        assert read(depot, target, id_) == picture
    again = copy(depot.store, target)
    assert (again.objects, again.differing, again.damaged, again.lost, again.vanished) == (0, [], [], [], 0)


def test_into_a_folder_and_back(depot: Depot, tmp_path: Path) -> None:
    """A copy in a folder can become a repository elsewhere: what is copied from it is what was there."""
    lived(depot)
    folder = LocalStore(tmp_path / "copy")
    folder.prepare()
    copy(depot.store, folder)
    back = MemoryStore()
    copy(folder, back)
    assert contents(back) == contents(depot.store)


def test_a_copy_that_breaks_off_is_whole(depot: Depot) -> None:
    """Whichever object a copy breaks off at, what it holds by then restores; the next copy goes on from there."""
    lived(depot)
    count = len(depot.store.objects)
    for stop in range(1, count + 1):
        target = MemoryStore()
        left = stop

        def before(what: str, _name: str) -> None:
            nonlocal left
            if what == "create":
                left -= 1
                if left <= 0:
                    raise Unreachable("the cable was pulled")

        target.before = before
        with pytest.raises(Unreachable):
            copy(depot.store, target, workers=1)
        target.before = lambda _what, _name: None
        if target.names("config"):
            repository = Repository.open(target, depot.reader)
            for snapshot in repository.snapshots():
                assert read(depot, target, snapshot.id) == depot.pictures[snapshot.id]
        done = copy(depot.store, target)
        assert done.objects == count - stop + 1
        assert contents(target) == contents(depot.store)


def test_a_save_and_a_prune_meanwhile(depot: Depot) -> None:
    """What comes while a copy runs is left for the next; what goes is counted; the copy is whole."""
    files = {str(number): depot.noise(2000) for number in range(30)}
    first = depot.save(files)
    depot.save({"0": files["0"]})
    depot.forget(first)
    depot.pictures.pop(first.snapshot)
    depot.wait(8)
    depot.prune()
    target = MemoryStore()

    def meanwhile(what: str, name: str) -> None:
        if what == "create" and name.startswith("packs/"):
            target.before = lambda _what, _name: None
            depot.save({"new": depot.noise(100)})
            depot.wait(8)
            depot.prune()

    target.before = meanwhile
    done = copy(depot.store, target, workers=1)
    assert done.vanished
    for snapshot in Repository.open(target, depot.reader).snapshots():
        assert read(depot, target, snapshot.id) == depot.pictures[snapshot.id]
    copy(depot.store, target)
    depot.pictures = {id_: picture for id_, picture in depot.pictures.items() if read(depot, target, id_) == picture}
    assert len(depot.pictures) == 2


@pytest.mark.parametrize("folder", ["config", "keys", "packs", "index", "acts", "snapshots"])
def test_differences_are_told_and_never_overwritten(depot: Depot, folder: str) -> None:
    """An object that is another one in the copy stays what it is, and is named."""
    lived(depot)
    target = MemoryStore()
    copy(depot.store, target)
    name = max(target.names(folder))
    data, at = target.objects[name]
    target.objects[name] = data[:-1] + bytes([data[-1] ^ 1]) + (b"x" if folder in ("packs", "index") else b""), at
    before = contents(target)
    done = copy(depot.store, target)
    assert name in done.differing
    assert contents(target) == before


def test_damaged_objects_arent_copied(depot: Depot) -> None:
    """What isn't what its name says is named and left out, and the rest is copied."""
    depot.save({"a": depot.noise(3000)})
    name = max(depot.packs())
    data, at = depot.store.objects[name]
    depot.store.objects[name] = data[:-1] + b"?", at
    target = MemoryStore()
    done = copy(depot.store, target)
    assert name in done.damaged[0]
    assert target.objects.keys() == depot.store.objects.keys() - {name}


def test_an_older_source_is_told(depot: Depot) -> None:
    """A source that has lost acts or keys which the copy holds is an older state, and that is told."""
    lived(depot)
    target = MemoryStore()
    copy(depot.store, target)
    gone = [max(depot.store.names("acts")), max(depot.store.names("keys"))]
    for name in gone:
        del depot.store.objects[name]
    assert copy(depot.store, target).lost == sorted(gone, reverse=True)
    assert mirror(depot.store, target, gone={}, grace=0).gone == {}


def test_only_the_same_repository(depot: Depot, isolated: Depot) -> None:
    """A store with another repository is refused, and so is a source with none."""
    with pytest.raises(OtherRepository):
        copy(depot.store, isolated.store)
    with pytest.raises(OtherRepository):
        mirror(depot.store, isolated.store, gone={})
    with pytest.raises(Missing):
        copy(MemoryStore(), depot.store)


def test_acts_count_in_the_same_order(depot: Depot) -> None:
    """Acts of several keys come to a copy in the order in which the source received them, however coarse its clock."""

    class Seconds(MemoryStore):
        """A store that dates what it receives by whole seconds."""

        def create(self, name: str, parts: object, *, urgent: bool = False) -> None:
            super().create(name, parts, urgent=urgent)  # type: ignore[arg-type]
            data, at = self.objects[name]
            self.objects[name] = data, at // 10**9 * 10**9

        def now(self) -> int:
            return super().now() // 10**9 * 10**9

    saved = depot.save({"a": b"a"})
    snapshot = [depot.snapshot(saved.snapshot)]
    for number in range(4):
        forget.tag(depot.as_pruner, snapshot, [f"pruner {number}"], now=1)
        forget.tag(depot.opened(depot.master), snapshot, [f"master {number}"], now=1)
    target = Seconds()
    waits = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        target.time += int(seconds * 10**9)

    copy(depot.store, target, sleep=sleep)
    assert waits
    order = [act.id for act in depot.as_pruner.history().acts]
    assert [act.id for act in Repository.open(target, depot.pruner).history().acts] == order


# Mirrors


def test_a_mirror_loses_what_its_source_lost_but_later(depot: Depot) -> None:
    """What was pruned in the source goes from the mirror once the grace is over; until then it is remembered."""
    files = {str(number): depot.noise(2000) for number in range(10)}
    first = depot.save(files)
    second = depot.save({"0": files["0"]})
    third = depot.save({"0": files["0"], "x": b"x"})
    target = MemoryStore()
    mirror(depot.store, target, gone={})
    depot.forget(first)
    for _ in range(4):
        depot.wait(8)
        depot.prune()
    target.time = depot.store.time
    done = mirror(depot.store, target, gone={})
    assert done.objects == 0
    assert set(done.gone) == target.objects.keys() - depot.store.objects.keys() != set()
    assert read(depot, target, second.snapshot) == depot.pictures[second.snapshot]
    target.time += 31 * DAY
    done = mirror(depot.store, target, gone=done.gone)
    assert done.objects > 3
    assert done.gone == {}
    assert target.objects.keys() == depot.store.objects.keys()
    for one in (second, third):
        assert read(depot, target, one.snapshot) == depot.pictures[one.snapshot]


def test_what_comes_back_isnt_counted_as_gone(depot: Depot) -> None:
    """An object that the source holds again begins its grace anew should it go another time."""
    depot.save({"a": depot.noise(2000)})
    target = MemoryStore()
    mirror(depot.store, target, gone={})
    name = max(depot.packs())
    kept = depot.store.objects.pop(name)
    done = mirror(depot.store, target, gone={})
    assert list(done.gone) == [name]
    depot.store.objects[name] = kept
    assert mirror(depot.store, target, gone=done.gone).gone == {}


def test_an_emptied_source_empties_no_mirror(depot: Depot) -> None:
    """Where more than half of the snapshots are gone a mirror does nothing, unless it is told to."""
    for number in range(4):
        depot.save({"a": depot.noise(2000 + number)})
    target = MemoryStore()
    mirror(depot.store, target, gone={})
    for name in sorted(depot.store.names("snapshots"))[:3]:
        del depot.store.objects[name]
    before = contents(target)
    with pytest.raises(LooksEmptied, match="3 of 4"):
        mirror(depot.store, target, gone={}, grace=0)
    assert contents(target) == before
    target.time += DAY
    done = mirror(depot.store, target, gone=dict.fromkeys(before, 0), grace=DAY, forced=True)
    assert done.objects == 3


def test_a_mirror_of_a_source_that_keeps_little(depot: Depot) -> None:
    """A policy that keeps a week empties nothing: what is known to have gone isn't counted again each day."""
    target = MemoryStore()
    gone: dict[str, int] = {}
    saved = []
    for day in range(60):
        saved.append(depot.save({"a": depot.noise(500)}))
        if day >= 7:
            depot.forget(saved[day - 7])
            depot.pictures.pop(saved[day - 7].snapshot)
        depot.prune()
        target.time = depot.store.time
        gone = mirror(depot.store, target, gone=gone).gone
        depot.wait(1)
    assert len(target.names("snapshots")) < 50
    for id_, picture in depot.pictures.items():
        assert read(depot, target, id_) == picture
    for name in sorted(depot.store.names("snapshots"))[:-3]:
        del depot.store.objects[name]
    with pytest.raises(LooksEmptied):
        mirror(depot.store, target, gone=gone)


def test_a_source_without_its_store_is_no_empty_source(depot: Depot, tmp_path: Path) -> None:
    """A disk that isn't there is no emptied repository."""
    depot.save({"a": b"a"})
    folder = LocalStore(tmp_path / "mirror")
    folder.prepare()
    mirror(depot.store, folder, gone={})
    with pytest.raises((Unreachable, Missing)):
        mirror(LocalStore(tmp_path / "nowhere"), folder, gone={}, forced=True)


def test_a_damaged_config_is_no_repository(depot: Depot) -> None:
    """A source whose config isn't one is refused."""
    name = min(depot.store.names("config"))
    depot.store.objects[name] = b"rubbish", 1
    with pytest.raises(Damaged):
        copy(depot.store, MemoryStore())
