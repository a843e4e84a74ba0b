"""Queries, verification and quality."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from ecrf import services
from ecrf.models import (
    QualityRule,
    Verification,
)
from tests.ecrf.walks.data import attached, with_file
from tests.ecrf.walks.places import (
    API,
    EVERY_SITE,
    LISTS,
    NO_RECORDS,
    READERS,
    SEEN_NOT_DONE,
    entry,
    form,
    in_list,
    key_of,
    published,
)
from tests.walk import EMPTY, Route, in_project


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


REVIEW = [
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
    Route("ecrf:upload_attachment", with_file, {"member": 422, "owner": 422, "monitor": 403}, method="post"),
    Route("ecrf:attachment", in_list(attached), READERS),
    Route(f"{API}attachment-list", allowed=LISTS, api=True),
    Route(f"{API}attachment-detail", key_of(attached), READERS, api=True),
    Route(f"{API}attachment-content", key_of(attached), READERS, api=True),
]
