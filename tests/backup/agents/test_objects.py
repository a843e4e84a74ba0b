"""The portal as a store: what each duty opens, what people may read, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest
from rest_framework.test import APIClient

from backup.engine.errors import Missing
from backup.engine.format import acts, chain, cipher, layout
from backup.engine.format.acts import Clear, Said
from backup.engine.stores.redundant import protect
from backup.models import Repository
from backup.services import objects, stores
from core.audit.models import Event
from tests.backup.agents.conftest import ROOT, Fleet, Machine, names
from tests.race import race

Pack = Callable[..., tuple[str, bytes]]
FOLDERS = layout.FOLDERS


@pytest.fixture
def filled(fleet: Fleet, saving: Machine, pack: Pack) -> dict[str, str]:
    """One object of each folder, by folder; snapshots and acts are of others."""
    other = fleet.ready("save")
    checker = fleet.ready("check")
    put = {"packs": pack(2000)}
    for kind, folder in ((layout.INDEX, "index"), (layout.MANIFEST, "manifests")):
        raw = bytes(layout.Prologue(kind, bytes.fromhex(fleet.kept.repository.repository_id), layout.AES)) + b"x" * 100
        below = f"{layout.EVERYBODY.hex()}/" if folder == "manifests" else ""
        put[folder] = (f"{folder}/{below}{cipher.digest(raw).hex()}", raw)
    assert saving.put(*put["packs"]).status_code == 201
    assert saving.put(*put["index"]).status_code == 201
    assert checker.put(*put["manifests"]).status_code == 201
    put["snapshots"] = other.snapshot()
    assert other.put(*put["snapshots"]).status_code == 201
    opened = checker.opened()
    raw = acts.write(opened.config, opened.key, 1, chain.FIRST, Clear(), Said(time=1, why="x"))
    put["acts"] = (layout.act_name(opened.key.key_id, 1), raw)
    assert checker.put(*put["acts"]).status_code == 201
    assert saving.agent.key_id
    protect(stores.store_of(fleet.kept.repository), *put["packs"], 5)
    return {folder: name for folder, (name, _raw) in put.items()} | {
        "config": "config/00000001",
        "keys": f"keys/{saving.agent.key_id}",
        "parity": layout.parity_name(put["packs"][0]),
    }


EVERYTHING = set(FOLDERS)
READS = {"save": {"config", "keys", "acts", "manifests", "index"}, "check": EVERYTHING, "keep": EVERYTHING}
DELETES = {"save": set(), "check": set(), "keep": {"packs", "index", "snapshots", "manifests", "parity"}}


@pytest.mark.parametrize("duty", ["save", "check", "keep"])
def test_each_duty_opens_what_it_needs(fleet: Fleet, filled: dict[str, str], folder: Path, duty: str) -> None:
    """A token lists names, reads and deletes what its duty takes, and nothing of the rest."""
    machine = fleet.ready(duty)
    assert {name for name in FOLDERS if filled[name] in names(machine.client, machine.objects, name)} == EVERYTHING
    read = {name: machine.get(filled[name]).status_code for name in FOLDERS}
    assert read == {name: 200 if name in READS[duty] else 403 for name in FOLDERS}
    assert {machine.client.head(f"{machine.objects}{filled[name]}").status_code for name in FOLDERS} == {200}
    deleted = {name: machine.client.delete(f"{machine.objects}{filled[name]}").status_code for name in FOLDERS}
    assert deleted == {name: 204 if name in DELETES[duty] else 403 for name in FOLDERS}
    assert {name for name in FOLDERS if not (folder / filled[name]).exists()} == DELETES[duty]


def test_a_stolen_save_token_does_little(fleet: Fleet, saving: Machine, filled: dict[str, str], pack: Pack) -> None:
    """Who steals it without the keyfile reads no contents, overwrites and erases nothing, and forges no snapshot."""
    assert saving.get(filled["packs"]).status_code == 403
    assert saving.get(filled["packs"], range="bytes=0-9").status_code == 403
    assert saving.get(filled["snapshots"]).status_code == 403, "another's"
    assert saving.put(filled["packs"], b"x").status_code == 422
    path = fleet.kept.repository.path / filled["packs"]
    before = path.read_bytes()
    assert saving.put(filled["packs"], before).status_code == 412, "also what is the same"
    assert path.read_bytes() == before
    assert saving.client.delete(f"{saving.objects}{filled['packs']}").status_code == 403
    forged = layout.snapshot_name(bytes.fromhex(saving.agent.key_id), 1)
    name, raw = fleet.ready("save").snapshot()
    assert saving.put(name, raw).status_code == 403, "another's row"
    assert saving.put(forged, raw).status_code == 422, "signed by another"
    assert saving.put(forged, b"SBK" + b"\1S\1" + bytes(200)).status_code == 422, "signed by nobody"
    assert not (fleet.kept.repository.path / forged).exists()
    told = Event.objects.filter(action="backup.agent_refused", object_id=str(saving.agent.pk))
    assert {(each.outcome, each.details["act"], each.details["folder"]) for each in told} == {
        ("refused", "read", "packs"),
        ("refused", "read", "snapshots"),
        ("refused", "delete", "packs"),
        ("refused", "create", "snapshots"),
    }


@pytest.mark.django_db(transaction=True)
def test_no_header_hides_a_refusal(
    fleet: Fleet, saving: Machine, filled: dict[str, str], api_of: Callable[[str], APIClient]
) -> None:
    """A call that is undone as a whole, as with an Idempotency-Key, stands in the journal all the same."""
    address = f"{saving.objects}{filled['packs']}"
    answer = api_of("owner").delete(address, headers={"Idempotency-Key": "0123456789abcdef"})
    assert answer.status_code == 403
    assert Event.objects.filter(action="backup.objects_refused").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_call_that_is_undone_did_nothing(fleet: Fleet, saving: Machine, pack: Pack) -> None:
    """By If-Match, which names no version here, nobody adds what isn't counted or deletes what isn't recorded."""
    (first, raw), (second, other) = pack(), pack()
    saving.put(first, raw)
    before, folder = fleet.used, fleet.kept.repository.path
    headers = {"If-Match": '"x"'}
    added = saving.client.put(
        f"{saving.objects}{second}", other, content_type="application/octet-stream", headers=headers
    )
    deleted = fleet.ready("keep").client.delete(f"{saving.objects}{first}", headers=headers)
    assert (added.status_code, deleted.status_code) == (412, 412)
    assert ((folder / first).exists(), (folder / second).exists()) == (True, False)
    assert fleet.used - before < 1000, "the badge of the second agent alone"


def test_the_journal_is_not_flooded(saving: Machine) -> None:
    """Whatever folders an agent invents, they are one event an hour, and none of its words is kept."""
    for number in range(5):
        assert saving.client.delete(f"{saving.objects}folder-{number}/x").status_code == 403
        assert saving.client.get(saving.objects, {"folder": f"other-{number}"}).status_code == 403
    told = Event.objects.filter(action="backup.agent_refused")
    assert sorted((each.details["act"], each.details["folder"]) for each in told) == [
        ("delete", "unknown"),
        ("list", "unknown"),
    ]


@pytest.mark.parametrize("duty", ["save", "check", "keep"])
def test_without_a_key_nothing_is_changed(
    fleet: Fleet, filled: dict[str, str], folder: Path, pack: Pack, duty: str
) -> None:
    """An agent that has no key yet looks at the repository, and neither adds nor deletes anything."""
    machine = fleet.enrolled(duty)
    assert machine.get(filled["config"]).status_code == 200
    assert machine.put(*pack()).status_code == 403
    for name in filled.values():
        assert machine.client.delete(f"{machine.objects}{name}").status_code == 403
    assert all((folder / name).exists() for name in filled.values())


def test_a_revoked_key_deletes_nothing(fleet: Fleet, filled: dict[str, str], folder: Path) -> None:
    """Once the master has revoked the key of an agent that prunes, its token takes nothing away any more."""
    keeper = fleet.ready("keep")
    assert keeper.key is not None
    assert keeper.client.delete(f"{keeper.objects}{filled['manifests']}").status_code == 204
    fleet.master.revoke(keeper.key.key_id, last=0, now=time.time_ns())
    for name in ("packs", "index", "snapshots"):
        assert keeper.client.delete(f"{keeper.objects}{filled[name]}").status_code == 403
        assert (folder / filled[name]).exists()


def test_what_is_deleted_is_recorded(fleet: Fleet, saving: Machine, pack: Pack) -> None:
    """That an agent takes objects away stands in the journal, once an hour for each folder."""
    keeper = fleet.ready("keep")
    made = [pack(), pack()]
    for name, raw in made:
        saving.put(name, raw)
        assert keeper.client.delete(f"{keeper.objects}{name}").status_code == 204
    assert keeper.client.delete(f"{keeper.objects}index/{'0' * 64}").status_code == 204, "there is none"
    [told] = Event.objects.filter(action="backup.objects_deleted")
    assert (told.object_id, told.details) == (str(keeper.agent.pk), {"folder": "packs"})


@pytest.mark.django_db(transaction=True)
def test_what_two_delete_is_counted_once(
    fleet: Fleet, saving: Machine, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent gains no room by deleting the same at once."""
    together, size_of = Barrier(2), objects.size_of

    def both_have_looked(repository: Repository, name: str) -> int:
        size = size_of(repository, name)
        with suppress(BrokenBarrierError):
            together.wait(0.5)  # the second can't look before the first is done
        return size

    monkeypatch.setattr(objects, "size_of", both_have_looked)
    keeper = fleet.ready("keep")
    kept, gone = pack(5000), pack(5000)
    saving.put(*kept)
    saving.put(*gone)
    before = fleet.used
    assert race(objects.delete, [(keeper.agent, gone[0])] * 2, Missing) == ["done"] * 2
    assert fleet.used == before - len(gone[1])


def test_another_repository_is_not_there(fleet: Fleet, saving: Machine) -> None:
    """An agent finds its own repository and no other, not even one of the same project."""
    other = Repository.objects.create(
        project=fleet.world.project,
        name="Other",
        repository_id="ab" * 16,
        control_code="0000-0000",
        has_passphrase=False,
        created_by=fleet.owner,
    )
    address = f"{ROOT}/repositories/{other.pk}/objects/"
    assert saving.client.get(address, {"folder": "packs"}).status_code == 404
    assert saving.client.get(f"{address}config/00000001").status_code == 404
    assert (
        saving.client.put(f"{address}index/{'0' * 64}", b"x", content_type="application/octet-stream").status_code
        == 404
    )


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("member", 404), ("monitor", 403), ("administrator", 403), ("stranger", 404)]
)
def test_people_read_ciphertext(
    fleet: Fleet, filled: dict[str, str], api_of: Callable[[str], APIClient], who: str, status: int
) -> None:
    """Who may restore reads every object, which only the key opens; nobody writes; a stranger finds nothing."""
    client, address = api_of(who), f"{ROOT}/repositories/{fleet.kept.repository.pk}/objects/"
    assert client.get(address, {"folder": "packs"}).status_code == status
    for name in filled.values():
        assert client.get(f"{address}{name}").status_code == status
    refused = 403 if status == 200 else status
    name = filled["packs"]
    assert client.put(f"{address}{name}", b"x", content_type="application/octet-stream").status_code == refused
    assert client.delete(f"{address}{name}").status_code == refused
    assert (fleet.kept.repository.path / name).exists()
    read = Event.objects.filter(action="backup.objects_read", actor_id=fleet.world.user[who].pk).count()
    assert read == (1 if status == 200 else 0), "once an hour, not for each object"
    if status == 200:
        told = Event.objects.filter(action="backup.objects_refused").values_list("details", flat=True)
        assert {each["act"] for each in told} == {"create", "delete"}


def test_nobody_without_a_name(fleet: Fleet) -> None:
    """Without a session or a token nothing is there to be asked, and a wrong token is told so."""
    address = f"{ROOT}/repositories/{fleet.kept.repository.pk}/objects/"
    assert APIClient().get(address, {"folder": "packs"}).status_code == 401
    client = APIClient()
    for token in ("agent_x.y", "agent_", f"agent_{fleet.ready().agent.key}.{'x' * 43}"):
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert client.get(address, {"folder": "packs"}).status_code == 401
