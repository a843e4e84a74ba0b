"""Who reaches the pages and resources of the forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.access.demo import World
from ecrf import services
from ecrf.models import QualityRule, Verification
from tests.ecrf.conftest import DICTIONARY, publish
from tests.walk import EMPTY, Route, in_project, once

READERS = dict.fromkeys(("member", "monitor", "owner"), 200)
EVERY_SITE = {**READERS, "other_site": 200}
NO_RECORDS = dict.fromkeys(("researcher", "administrator"), 403)
SEEN_NOT_DONE = dict.fromkeys(("other_site", "member", "researcher", "monitor", "administrator"), 403)
API = "api:ecrf:"
published = once(publish)


def form(world: World) -> dict[str, Any]:
    return in_project(world) | {"form": published(world).key}


def subject(world: World) -> dict[str, Any]:
    return in_project(world) | {"subject": services.include_subject(world.user["member"], world.site_a).pk}


def record(world: World) -> dict[str, Any]:
    return form(world) | subject(world)


def begun(world: World) -> dict[str, Any]:
    """A record at site A with something in it."""
    what, who = published(world), services.include_subject(world.user["member"], world.site_a)
    services.save_entry(world.user["member"], who, what, 0, {"sex": "2"})
    return in_project(world) | {"form": what.key, "subject": who.pk}


def draft(world: World) -> dict[str, Any]:
    found = services.read_dictionary(world.user["owner"], world.project, DICTIONARY, title="Bilan", source="v.csv")
    return in_project(world) | {"pk": found.pk}


def key_of(make: Callable[[World], Any]) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"pk": make(world).pk}


def entry(world: World) -> Any:
    who = services.include_subject(world.user["member"], world.site_a)
    return services.save_entry(world.user["member"], who, published(world), 0, {"sex": "2"}).entry


def someone(world: World) -> Any:
    return services.include_subject(world.user["member"], world.site_a)


LISTS = dict.fromkeys(("other_site", "member", "researcher", "monitor", "owner", "administrator", "stranger"), 200)


def its_entry(world: World) -> dict[str, Any]:
    return in_project(world) | {"entry": entry(world).pk}


def query(world: World) -> Any:
    return services.open_query(world.user["monitor"], entry(world), "Est-ce bien cela ?", item="sex")


def its_query(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": query(world).pk}


def batch(world: World) -> dict[str, Any]:
    record = entry(world)
    content = f"subject,field,text\n{record.subject.number},sex,Est-ce bien cela ?\n".encode()
    return in_project(world) | {"pk": services.read_queries(world.user["owner"], world.project, content, "q.csv").pk}


def rule(world: World) -> Any:
    said = {"name": "Poids", "text": "[weight] > 200", "message": "Poids inhabituel"}
    found = QualityRule.objects.filter(form=published(world)).select_related("form__project").first()
    return found or services.save_rule(world.user["owner"], published(world), **said)


def run(world: World) -> Any:
    return services.start_run(world.user["owner"], published(world))


def mark(world: World) -> Any:
    record = entry(world)
    services.verify_source(world.user["monitor"], record, ["sex"])
    return Verification.objects.get(entry=record)


def plan(world: World) -> Any:
    return services.plan_verification(world.user["owner"], published(world), subjects="all")


def exclusion(world: World) -> Any:
    return services.put_aside(world.user["monitor"], entry(world), "A", "weight", "", "Non mesuré")


def in_list(make: Callable[[World], Any]) -> Callable[[World], dict[str, Any]]:
    return lambda world: in_project(world) | {"pk": make(world).pk}


ROUTES = [
    Route("ecrf:home", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:include", in_project, {"member": 200, "other_site": 200, "owner": 200, "monitor": 403} | NO_RECORDS),
    Route("ecrf:subject", subject, READERS),
    Route("ecrf:entry", record, READERS),
    Route("ecrf:entry_state", record, READERS),
    Route("ecrf:save_entry", record, {"member": 422, "owner": 422, "monitor": 422}, method="post"),
    Route("ecrf:history", record, READERS),
    Route("ecrf:lock", begun, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:unlock", begun, {"owner": 302, "member": 403, "monitor": 403}, method="post"),
    Route("ecrf:forms", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:import", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:draft", draft, {"owner": 200}),
    Route("ecrf:publish", draft, {"owner": 302}, method="post"),
    Route("ecrf:discard", draft, {"owner": 302}, method="post"),
    Route("ecrf:form", form, EVERY_SITE),
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
    Route(f"{API}version-list", allowed=LISTS, api=True),
    Route(f"{API}version-detail", key_of(lambda world: published(world).current), EVERY_SITE, api=True),
    Route(f"{API}subject-list", allowed=LISTS, api=True),
    Route(f"{API}subject-detail", key_of(someone), READERS, api=True),
    Route(f"{API}entry-list", allowed=LISTS, api=True),
    Route(f"{API}entry-detail", key_of(entry), READERS, api=True),
    Route(f"{API}entry-history", key_of(entry), READERS, api=True),
    Route(f"{API}entry-lock", key_of(entry), {"owner": 200, "member": 403, "monitor": 403}, method="post", api=True),
    Route(f"{API}entry-unlock", key_of(entry), {"owner": 422, "member": 403, "monitor": 403}, method="post", api=True),
    Route("ecrf:query_list", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:query_bulk", in_project, {"owner": 303, "monitor": 303, "member": 303, "other_site": 303} | NO_RECORDS),
    Route("ecrf:query_policy", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:query_upload", in_project, SEEN_NOT_DONE | {"owner": 200, "monitor": 200}),
    Route("ecrf:query_batch", batch, {"owner": 200}),
    Route("ecrf:query_batch_open", batch, {"owner": 302}, method="post"),
    Route("ecrf:query_batch_discard", batch, {"owner": 302}, method="post"),
    Route("ecrf:query", its_query, READERS),
    Route("ecrf:query_act", its_query, {"member": 422, "monitor": 422, "owner": 422}, method="post"),
    Route("ecrf:entry_queries", its_entry, READERS),
    Route("ecrf:open_query", its_entry, {"member": 403, "monitor": 422, "owner": 422}, method="post"),
    Route("ecrf:entry_verification", its_entry, READERS),
    Route("ecrf:mark_verified", its_entry, {"member": 422, "monitor": 422, "owner": 422}, method="post"),
    Route("ecrf:quality_record", its_entry, READERS),
    Route("ecrf:verification", in_project, EVERY_SITE | NO_RECORDS),
    Route(
        "ecrf:verification_plan",
        form,
        {"owner": 200, "member": 403, "other_site": 403, "monitor": 403},
    ),
    Route("ecrf:quality", in_project, EVERY_SITE | NO_RECORDS),
    Route(
        "ecrf:quality_start",
        form,
        {"owner": 302, "monitor": 302, "member": 302, "other_site": 302},
        method="post",
    ),
    Route("ecrf:quality_new_rule", form, {"owner": 200, "member": 403, "other_site": 403, "monitor": 403}),
    Route("ecrf:quality_rule", in_list(rule), EVERY_SITE),
    Route(
        "ecrf:quality_retire",
        in_list(rule),
        {"owner": 302, "member": 403, "other_site": 403, "monitor": 403},
        method="post",
    ),
    Route("ecrf:quality_run", in_list(run), {"owner": 200, "monitor": 200}),
    Route("ecrf:quality_results", in_list(run), {"owner": 303, "monitor": 303}),
    Route(f"{API}query-list", allowed=LISTS, api=True),
    Route(f"{API}query-detail", key_of(query), READERS, api=True),
    Route(f"{API}query-file", allowed=dict.fromkeys(LISTS, 415), method="post", api=True),
    Route(f"{API}query-bulk", allowed=EMPTY, method="post", api=True),
    Route(f"{API}verification-list", allowed=LISTS, api=True),
    Route(f"{API}verification-detail", key_of(mark), READERS, api=True),
    Route(f"{API}verification-withdraw", allowed=EMPTY, method="post", api=True),
    Route(f"{API}verification-plan-list", allowed=LISTS, api=True),
    Route(f"{API}verification-plan-detail", key_of(plan), EVERY_SITE, api=True),
    Route(f"{API}quality-rule-list", allowed=LISTS, api=True),
    Route(f"{API}quality-rule-detail", key_of(rule), EVERY_SITE, api=True),
    Route(f"{API}quality-rule-check", allowed=EMPTY, method="post", api=True),
    Route(f"{API}quality-run-list", allowed=LISTS, api=True),
    Route(f"{API}quality-run-detail", key_of(run), {"owner": 200, "monitor": 200}, api=True),
    Route(f"{API}quality-run-queries", key_of(run), {"owner": 422, "monitor": 422}, method="post", api=True),
    Route(f"{API}quality-result-list", allowed=LISTS, api=True),
    Route(f"{API}quality-exclusion-list", allowed=LISTS, api=True),
    Route(f"{API}quality-exclusion-detail", key_of(exclusion), READERS, api=True),
    Route("api:ecrf:subject-bulk", allowed=EMPTY, method="post", api=True),
    Route("api:ecrf:entry-bulk", allowed=EMPTY, method="post", api=True),
]
