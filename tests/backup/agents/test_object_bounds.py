"""What the portal takes as an object and what not: names, bytes, sizes, parts, and the quota."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.core.exceptions import RequestDataTooBig

from backup.engine.format import acts, chain, cipher, layout
from backup.engine.format.acts import Clear, Said
from backup.models import Repository
from backup.services import objects
from core.api.authentication import is_known
from core.files.arrival import Arrival
from tests.backup.agents.conftest import Fleet, Machine, names
from tests.queries import queries_of

Pack = Callable[..., tuple[str, bytes]]


def test_the_quota_holds(fleet: Fleet, saving: Machine, pack: Pack) -> None:
    """No object is taken beyond the quota: 507 in words. What is deleted makes room; acts find it always."""
    objects.measure_all()
    used = fleet.used
    Repository.objects.update(quota=used + 5000)
    name, raw = pack(3000)
    assert saving.put(name, raw).status_code == 201
    assert fleet.used == used + len(raw)
    second = pack(3000)
    refused = saving.put(*second)
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (507, "no-room")
    assert "quota" in refused.json()["title"]
    assert fleet.used == used + len(raw)
    keeper = fleet.ready("keep")
    opened = keeper.opened()
    said = acts.write(opened.config, opened.key, 1, chain.FIRST, Clear(), Said(time=time.time_ns(), why="x" * 3000))
    assert keeper.put(layout.act_name(opened.key.key_id, 1), said).status_code == 201
    assert keeper.client.delete(f"{keeper.objects}{name}").status_code == 204
    Repository.objects.update(quota=fleet.used + 4000)
    assert saving.put(*second).status_code == 201
    counted = fleet.used
    objects.measure_all()
    assert fleet.used == counted, "measured anew, it is what was counted"


def test_acts_beyond_the_quota_have_an_end(fleet: Fleet, saving: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks after a full repository can say what is to go, and not fill the disk with that."""
    keeper = fleet.ready("keep")
    opened = keeper.opened()
    Repository.objects.update(quota=1)
    monkeypatch.setattr(objects, "MOST_URGENT", 10_000)
    previous, taken = chain.FIRST, []
    for sequence in range(1, 5):
        raw = acts.write(opened.config, opened.key, sequence, previous, Clear(), Said(time=1, why="x" * 4000))
        previous = cipher.digest(raw)
        taken.append(keeper.put(layout.act_name(opened.key.key_id, sequence), raw).status_code)
    assert taken == [201, 201, 507, 507]


def test_its_own_snapshot_is_taken_once(saving: Machine) -> None:
    """An agent adds the snapshots that its own key signed, each once, and reads them again."""
    name, raw = saving.snapshot()
    assert saving.put(name, raw).status_code == 201
    assert saving.put(name, raw).status_code == 412
    assert saving.get(name).content == raw


def test_bytes_are_those_of_the_name(fleet: Fleet, saving: Machine, pack: Pack) -> None:
    """What doesn't have the digest of its name, or is of another repository or kind, is refused and not kept."""
    name, raw = pack()
    assert saving.put(name, raw[:-1]).status_code == 422
    assert saving.put(name, raw + b"x").status_code == 422
    assert saving.put(name, b"").status_code == 422
    foreign = bytes(layout.Prologue(layout.DATA_PACK, bytes(16), layout.AES)) + b"x"
    assert saving.put(layout.pack_name(cipher.digest(foreign)), foreign).status_code == 422
    assert saving.put(layout.index_name(cipher.digest(raw)), raw).status_code == 422, "a pack is no index"
    assert names(saving.client, saving.objects, "packs") == []
    assert Repository.objects.get().used == fleet.used
    assert list((fleet.kept.repository.path / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "packs/../config/00000001",
        "packs/00/../../../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "config/00000001/",
        "tmp/00000000000000000000000000000000",
        "reserve",
        "config/0000000G",
        "packs/zz/" + "0" * 64,
        "keys/" + "0" * 31,
    ],
)
def test_only_names_of_objects_lead_anywhere(fleet: Fleet, saving: Machine, name: str) -> None:
    """Steps up, other folders and half names are as unknown as what isn't there, whatever is done with them."""
    keeper = fleet.ready("keep")
    for machine in (saving, keeper):
        assert machine.get(name).status_code in (403, 404)
        assert machine.put(name, b"x").status_code in (403, 404, 405)
        assert machine.client.delete(f"{machine.objects}{name}").status_code in (403, 404, 405)
    assert (fleet.kept.repository.path / "reserve").exists()


def test_an_object_is_bounded(saving: Machine, pack: Pack) -> None:
    """Whoever sends more than 32 MiB is refused once that much has come."""
    name, raw = pack(objects.LARGEST)
    assert saving.put(name, raw).status_code == 422
    name, raw = pack(objects.LARGEST - layout.SIZE)
    assert saving.put(name, raw).status_code == 201


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("token", "most"), [("good", objects.LARGEST), ("wrong", 5 << 20), ("", 5 << 20)])
def test_a_large_body_is_let_in_for_an_agent(saving: Machine, token: str, most: int) -> None:
    """Nobody unknown sends more than a form, and an agent no more than an object: the rest isn't even received."""
    said = {"good": saving.token, "wrong": f"{saving.token}x", "": ""}[token]
    for name in (f"index/{'0' * 64}", f"packs/00/{'0' * 64}"):
        headers = [(b"host", b"testserver"), (b"authorization", f"Bearer {said}".encode())]
        path = f"{saving.objects}{name}"
        scope = {"type": "http", "method": "PUT", "path": path, "query_string": b"", "headers": headers}
        limit, why = Arrival(scope, None, is_known).limit()
        assert (limit, type(why)) == (most, RequestDataTooBig)


def test_a_part_is_sent(fleet: Fleet, saving: Machine, pack: Pack) -> None:
    """One range of bytes is sent as such; beyond the end there is none; more than a piece comes whole."""
    name, raw = pack(6 << 20)
    saving.put(name, raw)
    reader = fleet.ready("check")
    part = reader.get(name, range="bytes=10-19")
    assert (part.status_code, part.content, part["Content-Range"]) == (206, raw[10:20], f"bytes 10-19/{len(raw)}")
    assert reader.get(name, range="bytes=-5").content == raw[-5:]
    beyond = reader.get(name, range=f"bytes={len(raw)}-")
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(raw)}")
    whole = reader.get(name)
    assert b"".join(whole.streaming_content) == raw
    assert (whole["Content-Length"], whole["Cache-Control"]) == (str(len(raw)), "no-store")
    head = reader.client.head(f"{reader.objects}{name}")
    assert (head["Content-Length"], head.content) == (str(len(raw)), b"")


def test_a_listing_goes_on(fleet: Fleet, saving: Machine, pack: Pack) -> None:
    """Pages follow each other by name, with size and time of each object, over all folders of packs."""
    made = []
    for number in range(12):
        name, raw = pack(100 + number)
        assert saving.put(name, raw).status_code == 201
        made.append(name)
    found: list[str] = []
    after = ""
    while True:
        page = saving.client.get(saving.objects, {"folder": "packs", "limit": "5", "after": after}).json()
        found += [one["name"] for one in page["objects"]]
        for one in page["objects"]:
            status = (fleet.kept.repository.path / one["name"]).stat()
            assert (one["size"], int(one["received"])) == (status.st_size, status.st_mtime_ns)
        if page["next"] is None:
            break
        after = page["next"]
    assert found == sorted(made)
    assert names(saving.client, saving.objects, f"packs/{found[0][6:8]}")[0] == found[0]
    for asked in ({"folder": "tmp"}, {"folder": ".."}, {}, {"folder": "packs", "limit": "0"}):
        assert saving.client.get(saving.objects, asked).status_code in (403, 422)


def test_the_cost_of_a_call_is_constant(saving: Machine, pack: Pack) -> None:
    """A listing asks the database as often for a hundred objects as for one."""
    saving.put(*pack())
    few = queries_of(saving.client, f"{saving.objects}?folder=packs")
    for number in range(20):
        saving.put(*pack(number + 10))
    assert queries_of(saving.client, f"{saving.objects}?folder=packs") == few <= 4
