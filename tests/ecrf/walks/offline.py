"""Working offline."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from ecrf import services
from ecrf.models import (
    OfflineFragment,
)
from ecrf.services import offline
from tests.ecrf.walks.places import (
    API,
    EVERY_SITE,
    LISTS,
    NO_RECORDS,
    SEEN_NOT_DONE,
    entry,
    in_list,
    key_of,
    someone,
)
from tests.walk import Route, in_project


def device(world: World) -> Any:
    """The clinician's device with records of site A on it."""
    found = offline.register(world.user["member"], world.project, "Tablette")
    offline.take(world.user["member"], found, [someone(world)])
    return found


def set_aside(world: World) -> Any:
    """Work of the clinician's on a record that was locked meanwhile."""
    found, record = device(world), entry(world)
    offline.take(world.user["member"], found, [record.subject])
    services.lock_entry(world.user["owner"], record)
    piece: dict[str, Any] = {
        "id": f"01{OfflineFragment.objects.count():024d}",
        "kind": "entry",
        "subject": str(record.subject.pk),
    }
    piece |= {"form": record.form.key, "version": 1, "values": {"weight": "80"}}
    offline.sync(world.user["member"], found, offline.read_batch([piece]))
    return OfflineFragment.objects.get(device=found)


TAKING = ("member", "other_site", "owner")


TAKERS = dict.fromkeys(TAKING, 200) | {"monitor": 403} | NO_RECORDS


OFFLINE = [
    Route("ecrf:offline", in_project, TAKERS),
    Route("ecrf:offline_worker", in_project, TAKERS),
    Route("ecrf:offline_manifest", in_project, TAKERS),
    Route("ecrf:offline_state", in_project, TAKERS),
    Route("ecrf:offline_register", in_project, TAKERS | dict.fromkeys(TAKING, 422), method="post"),
    Route("ecrf:offline_take", in_project, TAKERS | dict.fromkeys(TAKING, 422), method="post"),
    Route("ecrf:offline_give_back", in_project, dict.fromkeys(EVERY_SITE, 422) | NO_RECORDS, method="post"),
    Route("ecrf:offline_sync", in_project, dict.fromkeys(EVERY_SITE, 422) | NO_RECORDS, method="post"),
    Route("ecrf:offline_devices", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:offline_rule", in_project, {"owner": 302} | SEEN_NOT_DONE, method="post"),
    Route("ecrf:offline_revoke", in_list(device), {"owner": 302, "member": 302}, method="post"),
    Route("ecrf:offline_aside", in_list(set_aside), {"owner": 200}),
    Route(f"{API}device-list", allowed=LISTS, api=True),
    Route(f"{API}device-detail", key_of(device), {"owner": 200, "member": 200}, api=True),
    Route(f"{API}device-take", key_of(device), {"owner": 422, "member": 422}, method="post", api=True),
    Route(f"{API}device-give-back", key_of(device), {"owner": 422, "member": 422}, method="post", api=True),
    Route(f"{API}device-sync", key_of(device), {"owner": 422, "member": 422}, method="post", api=True),
    Route(f"{API}device-revoke", key_of(device), {"owner": 200, "member": 200}, method="post", api=True),
    Route(f"{API}offline-fragment-list", allowed=LISTS, api=True),
    Route(f"{API}offline-fragment-detail", key_of(set_aside), {"owner": 200}, api=True),
    Route(f"{API}offline-fragment-apply", key_of(set_aside), {"owner": 409}, method="post", api=True),
    Route(f"{API}offline-fragment-drop", key_of(set_aside), {"owner": 422}, method="post", api=True),
]
