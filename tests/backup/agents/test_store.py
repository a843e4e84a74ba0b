"""The portal as a store of the engine: what every store promises, as far as the duty of an agent goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from backup.engine.errors import AlreadyThere, Denied, Full, Missing, Unreachable
from backup.engine.stores import portal
from backup.engine.stores.base import Store
from backup.engine.stores.portal import PortalStore
from backup.models import Repository
from backup.services import agents
from tests.backup.agents.conftest import Fleet, Machine
from tests.backup.agents.machines import serving

pytestmark = pytest.mark.django_db(transaction=True)
Pack = Callable[[int], tuple[str, bytes]]
Open = Callable[[Machine], PortalStore]
LATE = 3 * 10**9
"""The header Date has whole seconds, and a server that is busy makes it a moment before."""


@pytest.fixture
def through(fleet: Fleet) -> Iterator[Open]:
    opened: list[PortalStore] = []
    with serving() as address:

        def open_(machine: Machine) -> PortalStore:
            url = portal.address(f"suite+{address}/{machine.agent.repository_id}")
            opened.append(PortalStore(url, machine.token))
            return opened[-1]

        yield open_
        for each in opened:
            each.close()


def names(store: Store, folder: str) -> list[str]:
    return [one.name for one in store.list(folder)]


def test_what_every_store_promises(fleet: Fleet, through: Open, pack: Pack) -> None:
    """Created once, read whole and in parts, listed with size and time, deleted as often as one likes."""
    store = through(fleet.ready("keep"))
    name, raw = pack(10_000)
    before = store.now()
    with pytest.raises(Missing):
        store.read(name)
    store.create(name, [raw[:5000], memoryview(raw[5000:])])
    with pytest.raises(AlreadyThere):
        store.create(name, [raw])
    assert store.holds(name, [raw])
    assert not store.holds(name, [raw[1:]])
    assert store.read(name) == raw
    for offset, length, expected in ((10, 20, raw[10:30]), (9000, 10**6, raw[9000:]), (10**6, 5, b""), (0, 0, b"")):
        assert store.read(name, offset, length) == expected
    [listed] = store.list("packs")
    assert (listed.name, listed.size) == (name, len(raw))
    assert before - LATE <= listed.received <= store.now() + LATE
    store.delete(name)
    store.delete(name)
    assert names(store, "packs") == []


def test_a_listing_has_no_end_of_its_own(
    fleet: Fleet, through: Open, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many objects there are, each is listed once, in the order of the names."""
    monkeypatch.setattr(portal, "PAGE", 7)
    store = through(fleet.ready("save"))
    made = [pack(100) for _number in range(30)]
    for name, raw in made:
        store.create(name, [raw])
    assert names(store, "packs") == sorted(name for name, _raw in made)


def test_threads_share_a_store(fleet: Fleet, through: Open, pack: Pack) -> None:
    """Many threads create through one store at once; what two create the same is there once."""
    store = through(fleet.ready("check"))
    saving = through(fleet.ready("save"))
    made = [pack(50_000) for _number in range(24)]

    def put(one: tuple[str, bytes]) -> bool:
        try:
            saving.create(one[0], [one[1]])
        except AlreadyThere:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(put, [each for one in made for each in (one, one)])) == len(made)
        assert list(pool.map(lambda one: store.read(one[0]), made)) == [raw for _name, raw in made]


def test_refusals_are_those_of_a_store(fleet: Fleet, through: Open, pack: Pack) -> None:
    """What a duty doesn't allow is denied, what doesn't hash to its name too; a full quota is full."""
    machine = fleet.ready("save")
    store = through(machine)
    name, raw = pack(1000)
    store.create(name, [raw])
    for refused in (lambda: store.read(name), lambda: store.delete(name), lambda: store.create(pack(9)[0], [raw])):
        with pytest.raises(Denied):
            refused()
    Repository.objects.update(quota=1)
    name, raw = pack(1000)
    with pytest.raises(Full, match="quota"):
        store.create(name, [raw])
    agents.remove_agent(fleet.owner, machine.agent)
    with pytest.raises(Denied):
        names(store, "packs")


def test_a_portal_that_is_away(fleet: Fleet, pack: Pack) -> None:
    """It is told within moments, as what passes."""
    with serving() as address:
        url = portal.address(f"suite+{address}/{fleet.kept.repository.pk}")
        store = PortalStore(url, fleet.ready("save").token)
        assert names(store, "config")
    began = time.monotonic()
    with pytest.raises(Unreachable):
        names(store, "config")
    assert time.monotonic() - began < 10
