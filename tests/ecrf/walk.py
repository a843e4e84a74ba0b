"""Who reaches the pages and resources of the forms."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from ecrf import services
from ecrf.models import (
    Level,
)
from tests.ecrf.conftest import DICTIONARY
from tests.ecrf.walks.data import DATA
from tests.ecrf.walks.offline import OFFLINE
from tests.ecrf.walks.papers import PAPERS
from tests.ecrf.walks.participants import PARTICIPANTS
from tests.ecrf.walks.places import (
    API,
    EVERY_SITE,
    LISTS,
    NO_RECORDS,
    READERS,
    SEEN_NOT_DONE,
    begun,
    entry,
    form,
    key_of,
    published,
    record,
    someone,
    subject,
)
from tests.ecrf.walks.randomisation import RANDOMISATION
from tests.ecrf.walks.review import REVIEW
from tests.ecrf.walks.rights import RIGHTS
from tests.ecrf.walks.visits import VISITS
from tests.walk import EMPTY, Route, in_project


def removed(world: World) -> dict[str, Any]:
    """A record at site A that was taken out of the study."""
    found = services.remove_entry(world.user["owner"], entry(world), "Doublon")
    return in_project(world) | {"pk": found.pk}


def locked(world: World) -> dict[str, Any]:
    """A lock on a record at site A."""
    held = services.lock(world.user["owner"], Level.ENTRY, entry=entry(world))
    return in_project(world) | {"pk": held.pk}


def draft(world: World) -> dict[str, Any]:
    found = services.read_dictionary(world.user["owner"], world.project, DICTIONARY, title="Bilan", source="v.csv")
    return in_project(world) | {"pk": found.pk}


def next_draft(world: World) -> dict[str, Any]:
    found = services.begin_next(world.user["owner"], published(world))
    return in_project(world) | {"pk": found.pk}


def draft_only(world: World) -> dict[str, Any]:
    return {"pk": draft(world)["pk"]}


RECORDS = [
    Route("ecrf:home", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:include", in_project, {"member": 200, "other_site": 200, "owner": 200, "monitor": 403} | NO_RECORDS),
    Route("ecrf:subject", subject, READERS),
    Route("ecrf:entry", record, READERS),
    Route("ecrf:entry_state", record, READERS),
    Route("ecrf:save_entry", record, {"member": 422, "owner": 422, "monitor": 422}, method="post"),
    Route("ecrf:history", record, READERS),
    Route("ecrf:lock", begun, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:unlock", begun, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:sign", begun, {"owner": 302, "member": 302, "monitor": 403}, method="post"),
    Route("ecrf:remove", begun, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:restore", removed, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:locks", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:freeze", in_project, {"owner": 302} | dict.fromkeys(SEEN_NOT_DONE, 403), method="post"),
    Route("ecrf:lock_subject", subject, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:release", locked, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:forms", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:import", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:draft", draft, {"owner": 200}),
    Route("ecrf:publish", draft, {"owner": 302}, method="post"),
    Route("ecrf:discard", draft, {"owner": 302}, method="post"),
    Route("ecrf:new_form", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:instruments", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:design_rule", in_project, {"owner": 302} | SEEN_NOT_DONE, method="post"),
    Route("ecrf:ask_review", draft, {"owner": 302}, method="post"),
    Route("ecrf:approve", draft, {"owner": 302}, method="post"),
    Route("ecrf:measure_impact", next_draft, {"owner": 302}, method="post"),
    Route("ecrf:rename_draft", draft, {"owner": 302}, method="post"),
    Route("ecrf:build", draft, {"owner": 200}),
    Route("ecrf:save_build", draft, {"owner": 422}, method="post"),
    Route("ecrf:draft_text", draft, {"owner": 422}, method="post"),
    Route("ecrf:parse_formula", draft, {"owner": 422}, method="post"),
    Route("ecrf:draft_states", draft, {"owner": 200}),
    Route("ecrf:draft_state", draft, {"owner": 200}),
    Route("ecrf:restore_draft", draft, {"owner": 422}, method="post"),
    Route("ecrf:draft_comments", draft, {"owner": 200}),
    Route("ecrf:build_next", form, {"owner": 200, "member": 403, "other_site": 403, "monitor": 403}),
    Route("ecrf:compare", form, EVERY_SITE),
    Route("ecrf:form", form, EVERY_SITE),
    Route("ecrf:losses", lambda world: form(world) | {"to": "native-text"}, EVERY_SITE),
    Route("ecrf:download", lambda world: form(world) | {"to": "native-text"}, EVERY_SITE),
    Route("ecrf:import_next", form, {"owner": 200, "member": 403, "other_site": 403, "monitor": 403}),
    Route("ecrf:export", form, {"owner": 302, "member": 403, "other_site": 403, "monitor": 403}, method="post"),
    Route(f"{API}form-list", allowed=LISTS, api=True),
    Route(f"{API}form-detail", key_of(published), EVERY_SITE, api=True),
    Route(f"{API}form-import", allowed=dict.fromkeys(LISTS, 415), method="post", api=True),
    Route(
        f"{API}form-export",
        key_of(published),
        {"owner": 202, "member": 403, "other_site": 403, "monitor": 403},
        method="post",
        api=True,
    ),
    Route(f"{API}draft-list", allowed=LISTS, api=True),
    Route(f"{API}draft-detail", draft_only, {"owner": 200}, api=True),
    Route(f"{API}draft-problems", draft_only, {"owner": 200}, api=True),
    Route(f"{API}draft-impact", draft_only, {"owner": 200}, api=True),
    Route(f"{API}draft-publish", draft_only, {"owner": 201}, method="post", api=True),
    Route(f"{API}draft-discard", draft_only, {"owner": 204}, method="post", api=True),
    Route(f"{API}draft-approve", draft_only, {"owner": 422}, method="post", api=True),
    Route(f"{API}version-list", allowed=LISTS, api=True),
    Route(f"{API}version-detail", key_of(lambda world: published(world).current), EVERY_SITE, api=True),
    Route(f"{API}subject-list", allowed=LISTS, api=True),
    Route(f"{API}subject-detail", key_of(someone), READERS, api=True),
    Route(f"{API}entry-list", allowed=LISTS, api=True),
    Route(f"{API}entry-detail", key_of(entry), READERS, api=True),
    Route(f"{API}entry-history", key_of(entry), READERS, api=True),
    Route(f"{API}entry-lock", key_of(entry), {"owner": 200, "member": 403, "monitor": 403}, method="post", api=True),
    Route(f"{API}entry-unlock", key_of(entry), {"owner": 422, "member": 403, "monitor": 403}, method="post", api=True),
    Route(f"{API}entry-sign", key_of(entry), {"owner": 403, "member": 403, "monitor": 403}, method="post", api=True),
    Route(f"{API}entry-signatures", key_of(entry), READERS, api=True),
    Route(f"{API}entry-remove", key_of(entry), {"owner": 422, "member": 403, "monitor": 403}, method="post", api=True),
    Route(
        f"{API}entry-restore",
        key_of(lambda world: services.remove_entry(world.user["owner"], entry(world), "Doublon")),
        {"owner": 422, "member": 403, "monitor": 403},
        method="post",
        api=True,
    ),
    Route("api:ecrf:definition-convert", allowed=EMPTY, method="post", api=True),
    Route("api:ecrf:definition-check", allowed=EMPTY, method="post", api=True),
    Route("api:ecrf:definition-evaluate", allowed=EMPTY, method="post", api=True),
]


ROUTES = [*RECORDS, *REVIEW, *RANDOMISATION, *DATA, *PAPERS, *VISITS, *PARTICIPANTS, *RIGHTS, *OFFLINE]
