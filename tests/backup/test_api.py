"""Backups over REST."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_django import Settings
from rest_framework.test import APIClient

from backup.engine.format import keyfile, layout
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository as Opened
from backup.models import Opening, Repository
from core.access.demo import World
from core.audit.models import Event
from core.jobs import execution
from tests.backup import portal
from tests.backup.founding import Client, as_json
from tests.backup.keeping.conftest import MemoryStore
from tests.backup.portal import Kept

ROOT = "/api/v1/backup"
ApiOf = Callable[[str], APIClient]


def test_the_whole_way(world: World, api_of: ApiOf, settings: Settings, tmp_path: Path) -> None:
    """A client founds a repository, confirms its key, plans, runs, lists, and reads with the key that only it has."""
    settings.BACKUP_FOLDERS = [tmp_path]
    portal.fill(world)
    api = api_of("owner")
    client = Client.new()
    wanted = {"project": world.project.slug, "name": "Coffre", "folder": str(tmp_path), "quota": 10**9}
    made = api.post(f"{ROOT}/repositories/", wanted | as_json(client.founding()))
    assert made.status_code == 201
    repository, key = made.data["id"], client.keyfile
    shown = {name: made.data[name] for name in ("quota", "isolated", "saves_here", "watched_at", "confirmed_at")}
    assert shown == {"quota": 10**9, "isolated": False, "saves_here": True, "watched_at": None, "confirmed_at": None}
    assert made.data["used"] > 0
    assert "SUITE BACKUP KEY" not in made.content.decode()
    plan = {"project": world.project.slug, "name": "Nuit", "repository": repository, "every": "daily 02:30"}
    assert api.post(f"{ROOT}/plans/", plan).status_code == 422, "its key isn't confirmed"
    assert api.get(f"{ROOT}/repositories/{repository}/").data["control_code"] == "", "only who has the key knows it"
    code = {"code": client.founding().control_code}
    assert api.post(f"{ROOT}/repositories/{repository}/confirm/", code).data["confirmed_at"]
    answer = api.post(f"{ROOT}/plans/", plan)
    assert (answer.status_code, answer.data["datasets"], answer.data["files"]) == (201, True, True)
    started = api.post(f"{ROOT}/plans/{answer.data['id']}/run/")
    assert (started.status_code, started.data["job"]["state"]) == (202, "waiting")
    execution.run_waiting()
    [snapshot] = api.get(f"{ROOT}/snapshots/?project={world.project.slug}").data["results"]
    assert (snapshot["files"], snapshot["datasets"], snapshot["unread"]) == (3, 2, 0)
    opened = api.post(f"{ROOT}/openings/", {"repository": repository, "snapshot": snapshot["id"], "reason": "Drill"})
    assert (opened.status_code, opened.data["files"], opened.data["took_at"]) == (201, 0, None)
    objects = f"{ROOT}/repositories/{repository}/objects/"
    store = MemoryStore()
    for folder in layout.FOLDERS:
        for one in api.get(f"{objects}?folder={folder}").data["objects"]:
            store.objects[one["name"]] = api.get(f"{objects}{one['name']}").content, int(one["received"])
    read = Opened.open(store, keyfile.load(key))
    catalogue = Catalogue(read, read.snapshot(bytes.fromhex(snapshot["snapshot_id"])))
    [letter] = [node for path, node in catalogue.walk() if path.endswith(b".txt")]
    assert b"".join(catalogue.content(letter)) == portal.LETTER
    took = api.post(f"{ROOT}/openings/{opened.data['id']}/took/", {"files": 3, "bytes": 100})
    assert (took.data["files"], took.data["bytes"], took.data["left_out"]) == (3, 100, 0)
    assert api.post(f"{ROOT}/openings/{opened.data['id']}/close/").data["ended_at"]
    told = Event.objects.filter(action__startswith="backup.").order_by("id").values_list("action", flat=True)
    assert list(told) == [
        "backup.repository_created",
        "backup.key_confirmed",
        "backup.plan_saved",
        "backup.snapshot_made",
        "backup.opened",
        "backup.objects_read",
        "backup.restored",
    ]


def test_founded_and_confirmed_at_once(world: World, api_of: ApiOf) -> None:
    """With the control code it is confirmed in the same call, with a wrong one nothing is done; twice is once."""
    client = Client.new("une phrase de passe")
    body = {"project": world.project.slug, "name": "Coffre"} | as_json(client.founding())
    api = api_of("owner")
    wrong = api.post(f"{ROOT}/repositories/", body | {"code": "0000-0000"})
    assert (wrong.status_code, wrong.data["errors"][0]["place"]) == (422, "code")
    assert not Repository.objects.exists()
    once = {"Idempotency-Key": client.master.repository.hex()}
    right = body | {"code": client.founding().control_code.lower()}
    made, again = (api.post(f"{ROOT}/repositories/", right, headers=once) for _twice in range(2))
    assert (made.status_code, again.status_code, made.json()["id"]) == (201, 201, again.json()["id"])
    row = Repository.objects.get()
    assert (row.is_confirmed, row.confirmed_by, row.has_passphrase) == (True, world.user["owner"], True)
    taken = api.post(f"{ROOT}/repositories/", right | {"name": "Another"})
    assert [(fault["place"], fault["code"]) for fault in taken.data["errors"]] == [("config", "taken")]


def test_who_founds(world: World, api_of: ApiOf) -> None:
    """Who may not manage and restore gets 403; to a stranger the project isn't there."""
    body = {"project": world.project.slug, "name": "Coffre"} | as_json(Client.new().founding())
    for who, status in (("administrator", 403), ("monitor", 403), ("stranger", 422)):
        assert api_of(who).post(f"{ROOT}/repositories/", body).status_code == status
    assert not Repository.objects.exists()


def test_change(kept: Kept, api_of: ApiOf) -> None:
    """Name and quota are changed one by one; null takes the quota away; others get 403, strangers 404."""
    address, api = f"{ROOT}/repositories/{kept.repository.pk}/", api_of("owner")
    assert api.patch(address, {"quota": 5 * 10**9}).data["quota"] == 5 * 10**9
    changed = api.patch(address, {"name": "Coffre"}).data
    assert (changed["name"], changed["quota"]) == ("Coffre", 5 * 10**9)
    assert api.patch(address, {"quota": None}).data["quota"] is None
    for wrong in ({"quota": 0}, {"quota": "much"}, {"name": ""}, {"name": "x" * 81}):
        assert api.patch(address, wrong).status_code == 422
    assert api_of("monitor").patch(address, {"quota": 1}).status_code == 403
    assert api_of("stranger").patch(address, {"quota": 1}).status_code == 404


def test_faults_have_their_place(kept: Kept, api_of: ApiOf) -> None:
    """Each refused value is named by its field, all at once, as problem+json."""
    body = {"repository": str(kept.repository.pk), "reason": ""}
    answer = api_of("owner").post(f"{ROOT}/openings/", body)
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")
    assert [fault["place"] for fault in answer.data["errors"]] == ["reason"]
    change = {"name": "N", "repository": str(kept.repository.pk), "every": "sometimes"}
    answer = api_of("owner").put(f"{ROOT}/plans/{kept.plan.pk}/", change)
    assert [fault["place"] for fault in answer.data["errors"]] == ["every"]


def test_refusals_are_audited(kept: Kept, api_of: ApiOf) -> None:
    """Who may look and not restore gets 403, and the journal tells of it; to a stranger nothing is there."""
    body = {"repository": str(kept.repository.pk), "reason": "Curiosity"}
    assert api_of("administrator").post(f"{ROOT}/openings/", body).status_code == 403
    assert Event.objects.filter(outcome="refused").last().details["permission"] == "backup.restore_backups"  # type: ignore[union-attr]
    assert api_of("stranger").post(f"{ROOT}/openings/", body).status_code == 422
    assert not Opening.objects.exists()


def test_a_stranger_sees_empty_lists(kept: Kept, api_of: ApiOf) -> None:
    """Lists show what the caller may see, and nothing to others."""
    kept.open(kept.save())
    for name in ("repositories", "plans", "snapshots", "openings"):
        assert len(api_of("owner").get(f"{ROOT}/{name}/").data["results"]) == 1
        assert api_of("stranger").get(f"{ROOT}/{name}/").data["results"] == []
    assert api_of("administrator").get(f"{ROOT}/openings/").data["results"] == []


def test_a_backup_is_found_by_its_identifier(kept: Kept, api_of: ApiOf) -> None:
    """What the repository calls a backup leads to what the portal knows of it."""
    first, _second = kept.save(), kept.save()
    [found] = api_of("owner").get(f"{ROOT}/snapshots/?snapshot_id={first.snapshot_id}").data["results"]
    assert found["id"] == str(first.pk)


def test_an_ended_plan_conflicts(kept: Kept, api_of: ApiOf) -> None:
    """A plan ends once; running it afterwards answers 409."""
    api = api_of("owner")
    assert api.delete(f"{ROOT}/plans/{kept.plan.pk}/").status_code == 204
    assert api.post(f"{ROOT}/plans/{kept.plan.pk}/run/").status_code == 409
