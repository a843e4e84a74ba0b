"""Exports and imports, files, numbers and arms."""

from __future__ import annotations

import io
from typing import Any

from core import jobs
from core.access.demo import World
from ecrf import services
from ecrf.models import (
    Export,
    Form,
    Subject,
)
from ecrf.services import attachments, exports, imports
from tests.ecrf import visits
from tests.ecrf.walks.places import (
    API,
    EVERY_SITE,
    LISTS,
    NO_RECORDS,
    READERS,
    SEEN_NOT_DONE,
    form,
    in_list,
    key_of,
    pk_of,
    published,
    someone,
    subject,
)
from tests.ecrf.walks.randomisation import blinded
from tests.walk import EMPTY, Route, in_project


def made_export(world: World) -> Any:
    """An export that the manager has made of everything."""
    asked = services.start_export(world.user["owner"], published(world), "csv")
    jobs.run_waiting()
    return Export.objects.get(pk=asked.pk)


def again(world: World) -> dict[str, Any]:
    """An export that comes every night."""
    row = services.schedule_export(world.user["owner"], published(world), "csv", exports.Choices(), "daily 03:00")
    return in_project(world) | {"key": row.key}


def data_import(world: World) -> Any:
    """A file of data that was checked and is right."""
    who, form = someone(world), published(world)
    content = io.BytesIO(f"subject,site,sex\n{who.number},BRO,2\n".encode())
    found = imports.begin_import(world.user["owner"], form, content, "d.csv", kind="csv", at_once=True)
    return imports.check_now(world.user["owner"], found)


def saved_import(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": imports.save_now(world.user["owner"], data_import(world)).pk}


ONE_FILE: dict[str, Any] = {
    "format": 1,
    "title": {"fr": "Pièces"},
    "languages": ["fr"],
    "pages": [
        {
            "key": "pieces",
            "title": {"fr": "Pièces"},
            "groups": [{"items": [{"key": "piece", "type": "file", "label": {"fr": "Pièce"}}]}],
        }
    ],
}


def with_file(world: World) -> dict[str, Any]:
    """A subject at site A whom a form asks for a file."""
    what = Form.objects.filter(project=world.project, key="pieces").first() or visits.publish(world, ONE_FILE, "pieces")
    return in_project(world) | {"subject": someone(world).pk, "form": what.key, "item": "piece"}


def attached(world: World) -> Any:
    asked = with_file(world)
    what = Form.objects.select_related("current").get(project=world.project, key="pieces")
    who = Subject.objects.select_related("project", "site").get(pk=asked["subject"])
    content = io.BytesIO(b"a,b\n1,2\n")
    return attachments.upload(world.user["member"], who, what, "piece", content, "a.csv")


DATA = [
    Route("ecrf:exports", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:new_export", form, {"owner": 200, "member": 403, "other_site": 403, "monitor": 403}),
    Route("ecrf:export_detail", in_list(made_export), {"owner": 200}),
    Route("ecrf:export_file", in_list(made_export), {"owner": 200}),
    Route("ecrf:erase_export", in_list(made_export), {"owner": 302}, method="post"),
    Route("ecrf:end_export_schedule", again, {"owner": 302} | SEEN_NOT_DONE, method="post"),
    Route(f"{API}export-list", allowed=LISTS, api=True),
    Route(f"{API}export-detail", key_of(made_export), {"owner": 200}, api=True),
    Route(f"{API}export-file", key_of(made_export), {"owner": 200}, api=True),
    Route(f"{API}allocation-unblind", key_of(blinded), dict.fromkeys(READERS, 403), method="post", api=True),
    Route("ecrf:data_import_new", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:data_import", in_list(data_import), {"owner": 200}),
    Route("ecrf:data_import_faults", in_list(data_import), {"owner": 200}),
    Route("ecrf:data_import_check", in_list(data_import), {"owner": 302}, method="post"),
    Route("ecrf:data_import_confirm", in_list(data_import), {"owner": 302}, method="post"),
    Route("ecrf:data_import_discard", in_list(data_import), {"owner": 302}, method="post"),
    Route("ecrf:data_import_undo", saved_import, {"owner": 302}, method="post"),
    Route("ecrf:numbering", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:numbering_preview", in_project, {"owner": 200} | SEEN_NOT_DONE, method="post"),
    Route("ecrf:set_arm", subject, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route(f"{API}data-import-list", allowed=LISTS, api=True),
    Route(f"{API}data-import-detail", key_of(data_import), {"owner": 200}, api=True),
    Route(f"{API}data-import-check", key_of(data_import), {"owner": 202}, method="post", api=True),
    Route(f"{API}data-import-confirm", key_of(data_import), {"owner": 202}, method="post", api=True),
    Route(f"{API}data-import-discard", key_of(data_import), {"owner": 200}, method="post", api=True),
    Route(f"{API}data-import-undo", pk_of(saved_import), {"owner": 422}, method="post", api=True),
    Route(f"{API}numbering-rule-list", allowed=LISTS, api=True),
    Route(f"{API}numbering-rule-preview", allowed=EMPTY, method="post", api=True),
    Route(f"{API}subject-arm", key_of(someone), {"owner": 422, "member": 403, "monitor": 403}, method="post", api=True),
]
