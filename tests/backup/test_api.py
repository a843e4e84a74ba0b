"""Backups over REST."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_django import Settings
from rest_framework.test import APIClient

from backup.models import Repository, Restore
from core.access.demo import World
from core.audit.models import Event
from core.jobs import execution
from tests.backup import portal
from tests.backup.portal import Kept

ROOT = "/api/v1/backup"
ApiOf = Callable[[str], APIClient]


def test_the_whole_way(world: World, api_of: ApiOf, settings: Settings, tmp_path: Path) -> None:
    """A client makes a repository, confirms its key, plans, runs, lists, restores and downloads."""
    settings.BACKUP_FOLDERS = [tmp_path]
    portal.fill(world)
    api = api_of("owner")
    wanted = {"project": world.project.slug, "name": "Coffre", "folder": str(tmp_path)}
    made = api.post(f"{ROOT}/repositories/", wanted)
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    repository, key = made.data["id"], made.data["keyfile"]
    plan = {"project": world.project.slug, "name": "Nuit", "repository": repository, "every": "daily 02:30"}
    assert api.post(f"{ROOT}/plans/", plan).status_code == 422, "its key isn't confirmed"
    assert api.get(f"{ROOT}/repositories/{repository}/").data["control_code"] == "", "only who has the key knows it"
    code = {"code": Repository.objects.get().control_code}
    assert api.post(f"{ROOT}/repositories/{repository}/confirm/", code).data["confirmed_at"]
    answer = api.post(f"{ROOT}/plans/", plan)
    assert (answer.status_code, answer.data["datasets"], answer.data["files"]) == (201, True, True)
    started = api.post(f"{ROOT}/plans/{answer.data['id']}/run/")
    assert (started.status_code, started.data["job"]["state"]) == (202, "waiting")
    execution.run_waiting()
    [snapshot] = api.get(f"{ROOT}/snapshots/?project={world.project.slug}").data["results"]
    assert (snapshot["files"], snapshot["datasets"], snapshot["unread"]) == (3, 2, 0)
    asked = api.post(f"{ROOT}/snapshots/{snapshot['id']}/restore/", {"keyfile": key, "reason": "Drill"})
    assert asked.status_code == 202
    execution.run_waiting()
    row = api.get(f"{ROOT}/restores/{asked.data['id']}/").data
    assert (row["bit_identical"], row["files"], row["problem_count"]) == (True, 3, 0)
    address = f"{ROOT}/restores/{row['id']}/download/"
    body = b"".join(api.get(address).streaming_content)
    assert body[:2] == b"PK"
    part = api.get(address, headers={"Range": "bytes=1-", "If-Range": f'"{Restore.objects.get().archive_id.hex}"'})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, body[1:])
    beyond = api.get(address, headers={"Range": f"bytes={len(body)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(body)}")
    assert beyond.json()["type"].endswith(":range")
    told = Event.objects.filter(action__startswith="backup.").order_by("id").values_list("action", flat=True)
    assert list(told) == [
        "backup.repository_created",
        "backup.key_confirmed",
        "backup.plan_saved",
        "backup.snapshot_made",
        "backup.restore_asked",
        "backup.restore_done",
        "backup.restore_downloaded",
    ]


def test_faults_have_their_place(kept: Kept, api_of: ApiOf) -> None:
    """Each refused value is named by its field, all at once, as problem+json."""
    snapshot = kept.save()
    answer = api_of("owner").post(f"{ROOT}/snapshots/{snapshot.pk}/restore/", {"keyfile": "x", "reason": " x "})
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")
    assert [(fault["place"], fault["code"]) for fault in answer.data["errors"]] == [("key", "damaged")]
    change = {"name": "N", "repository": str(kept.repository.pk), "every": "sometimes"}
    answer = api_of("owner").put(f"{ROOT}/plans/{kept.plan.pk}/", change)
    assert [fault["place"] for fault in answer.data["errors"]] == ["every"]


def test_refusals_are_audited(kept: Kept, api_of: ApiOf) -> None:
    """Who may look and not restore gets 403, and the journal tells of it; a stranger gets 404."""
    snapshot = kept.save()
    body = {"keyfile": kept.keyfile, "reason": "Curiosity"}
    assert api_of("administrator").post(f"{ROOT}/snapshots/{snapshot.pk}/restore/", body).status_code == 403
    assert Event.objects.filter(outcome="refused").last().details["permission"] == "backup.restore_backups"  # type: ignore[union-attr]
    assert api_of("stranger").post(f"{ROOT}/snapshots/{snapshot.pk}/restore/", body).status_code == 404
    assert not Restore.objects.exists()


def test_a_stranger_sees_empty_lists(kept: Kept, api_of: ApiOf) -> None:
    """Lists show what the caller may see, and nothing to others."""
    kept.restore(kept.save())
    for name in ("repositories", "plans", "snapshots", "restores"):
        assert len(api_of("owner").get(f"{ROOT}/{name}/").data["results"]) == 1
        assert api_of("stranger").get(f"{ROOT}/{name}/").data["results"] == []
    assert api_of("administrator").get(f"{ROOT}/restores/").data["results"] == []


def test_an_ended_plan_conflicts(kept: Kept, api_of: ApiOf) -> None:
    """A plan ends once; running it afterwards answers 409."""
    api = api_of("owner")
    assert api.delete(f"{ROOT}/plans/{kept.plan.pk}/").status_code == 204
    assert api.post(f"{ROOT}/plans/{kept.plan.pk}/run/").status_code == 409
