"""Pages and API of queries, verification and quality rules: who sees what, filters, bulk acts, constant costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core import jobs
from core.audit.models import Event
from ecrf import discrepancies, services
from ecrf.models import Entry, QualityResult, Query, QueryBatch, QueryPolicy, Verification
from ecrf.web import dashboard
from tests.ecrf.conftest import Study
from tests.queries import queries_of

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]
ROOT = "/api/v1/ecrf"
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def entry(study: Study) -> Entry:
    values = {"weight": "80", "sex": "1"}
    return services.save_entry(study.world.user["member"], study.subject, study.form, 0, values).entry


def ask(study: Study, entry: Entry, item: str = "weight", text: str = "Est-ce bien 80 ?") -> Query:
    return services.open_query(study.world.user["monitor"], entry, text, item=item)


def at(study: Study, name: str, *args: Any) -> str:
    return reverse(f"ecrf:{name}", args=[study.world.project.slug, *args])


def send(client: Client, address: str, **sent: Any) -> Any:
    return client.post(address, json.dumps(sent), content_type="application/json")


def test_the_panel_of_a_record(study: Study, entry: Entry, client_of: ClientOf) -> None:
    """From the entry page a monitor asks, a clinician answers with a correction, the monitor closes."""
    opened = send(client_of("monitor"), at(study, "open_query", entry.pk), item="weight", text="80 ?").json()
    assert [(one["item"], one["state"]) for one in opened["queries"]] == [("weight", "open")]
    seen = client_of("member").get(at(study, "entry_queries", entry.pk)).json()
    query = seen["queries"][0]
    assert (query["acts"], seen["may_open"]) == (["answer", "resolve", "comment"], False)
    sent = {"act": "answer", "text": "68", "values": {"weight": "68"}, "base": 1, "expected": "open"}
    assert send(client_of("member"), query["act_url"], **sent).json()["queries"][0]["state"] == "resolved"
    late = send(client_of("monitor"), query["act_url"], act="close", expected="open")
    assert late.status_code == 409
    closed = send(client_of("monitor"), query["act_url"], act="close", expected="resolved").json()["queries"][0]
    assert (closed["state"], closed["active"]) == ("closed", False)


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"act": 1}', '{"act": "burn"}', '{"text": ["x"]}'])
def test_bodies_that_make_no_sense(study: Study, entry: Entry, client_of: ClientOf, body: str) -> None:
    """What is no act is refused with a word, and the query stays as it was."""
    query = ask(study, entry)
    answer = client_of("owner").post(at(study, "query_act", query.pk), body, content_type="application/json")
    assert answer.status_code == 422
    assert Query.objects.get().state == "open"


def test_the_page_of_a_query(study: Study, entry: Entry, client_of: ClientOf) -> None:
    """The page shows the thread and the value then and now, as text, and takes the next act."""
    query = ask(study, entry, text=HOSTILE)
    client = client_of("member")
    page = client.get(at(study, "query", query.pk)).content.decode()
    assert HOSTILE not in page
    assert "alert(" in page
    assert client.post(at(study, "query", query.pk), {"act": "answer", "text": "", "state": "open"}).status_code == 422
    sent = {"act": "answer", "text": "Oui", "state": "open"}
    assert client.post(at(study, "query", query.pk), sent).status_code == 302
    assert Query.objects.get().state == "answered"
    assert Event.objects.filter(action="ecrf.query_read").exists()


@pytest.mark.parametrize(("who", "status"), [("member", 200), ("monitor", 200), ("other_site", 404), ("stranger", 404)])
def test_who_sees_a_query(study: Study, entry: Entry, client_of: ClientOf, who: str, status: int) -> None:
    """A query is seen where its subject is; elsewhere it isn't there."""
    query = ask(study, entry)
    assert client_of(who).get(at(study, "query", query.pk)).status_code == status
    assert client_of(who).get(at(study, "entry_queries", entry.pk)).status_code == status


def numbers(client: Client, study: Study, **asked: str) -> list[str]:
    page = client.get(at(study, "query_list"), asked)
    return [str(row) for row in page.context["table"].page.object_list]


def test_the_list_and_its_filters(study: Study, entry: Entry, client_of: ClientOf) -> None:
    """The list shows what is not closed; filters narrow it by state, site, age, person, and live in the address."""
    weight, sex = ask(study, entry), ask(study, entry, "sex")
    services.act_on_query(study.world.user["monitor"], sex, "close")
    old = timezone.now() - timedelta(days=40)
    Query.objects.filter(pk=weight.pk).update(created_at=old)
    client = client_of("owner")
    assert numbers(client, study) == ["BRO-001 · weight"]
    assert numbers(client, study, state="closed") == ["BRO-001 · sex"]
    assert numbers(client, study, age="2") == ["BRO-001 · weight"]
    assert numbers(client, study, age="0") == []
    assert numbers(client, study, site="KER") == []
    assert numbers(client, study, q="BRO", assigned="nobody") == ["BRO-001 · weight"]
    assert numbers(client_of("other_site"), study) == []


def test_ages_are_counted_by_site(study: Study, entry: Entry) -> None:
    """Active queries are counted by site and by age, in bands of days."""
    days = (0, 7, 8, 31, 91, 400)
    for day in days:
        query = ask(study, entry)
        Query.objects.filter(pk=query.pk).update(created_at=timezone.now() - timedelta(days=day, minutes=5))
    rows = discrepancies.ages_by_site(discrepancies.queries_of(study.world.user["owner"], study.world.project))
    assert [(row.site.code, row.counts) for row in rows] == [("BRO", (2, 1, 1, 2))]


def test_what_waits_for_whom(study: Study, entry: Entry) -> None:
    """An open query waits for the site, an answered one for who closes, one with a name for that person alone."""

    def waiting() -> set[str]:
        user = study.world.user
        return {who for who in user if discrepancies.waiting_for(user[who], study.world.project).exists()}

    query = ask(study, entry)
    assert waiting() == {"member"}
    services.act_on_query(
        study.world.user["owner"], query, "assign", to=services.Assignment(person=study.world.user["owner"])
    )
    assert waiting() == {"owner"}
    services.act_on_query(study.world.user["member"], query, "answer", "Oui")
    assert waiting() == {"owner", "monitor"}
    services.act_on_query(study.world.user["monitor"], query, "close")
    assert waiting() == set()


def test_the_dashboard_counts_queries(study: Study, entry: Entry) -> None:
    """The card leads to the queries that wait for its reader."""
    ask(study, entry)
    cards = dashboard.cards(study.world.user["member"], [study.world.project])
    assert [card.count for card in cards if card.url.endswith("?state=waiting")] == [1]


def test_the_list_as_a_file(study: Study, entry: Entry, client_of: ClientOf) -> None:
    """The export has the rows that the filters leave, harmless to spreadsheets, and is in the journal."""
    ask(study, entry, text="=cmd()")
    content = client_of("monitor").get(at(study, "query_list"), {"export": "csv"}).content.decode("utf-8-sig")
    assert "BRO-001" in content
    assert ";=cmd()" not in content
    assert Event.objects.filter(action="ecrf.queries_exported").count() == 1


def test_acts_on_several(study: Study, entry: Entry, client_of: ClientOf) -> None:
    """Ticked queries are closed together after a look, by who may."""
    made = [ask(study, entry), ask(study, entry, "sex")]
    sent = {"selected": [str(one.pk) for one in made]}
    address = at(study, "query_bulk") + "?act=close"
    assert client_of("monitor").post(address, sent).status_code == 200
    assert Query.objects.filter(state="closed").count() == 0
    assert client_of("member").post(address, {**sent, "confirmed": "1"}).status_code == 403
    assert client_of("monitor").post(address, {**sent, "confirmed": "1"}).status_code == 302
    assert Query.objects.filter(state="closed").count() == 2
    assert client_of("monitor").post(address, {**sent, "confirmed": "1"}).status_code == 422


def test_a_file_in_the_browser(study: Study, entry: Entry, client_of: ClientOf) -> None:
    """A file is uploaded, shown with its faults or its rows, and opened; nobody else sees it."""
    client = client_of("monitor")
    wrong = SimpleUploadedFile("q.csv", b"subject,field,text\nBRO-009,weight,?\n")
    page = client.post(at(study, "query_upload"), {"file": wrong}, follow=True)
    assert page.context["faults"][0]["row"] == 2
    right = SimpleUploadedFile("q.csv", b"subject,field,text\nBRO-001,weight,80 ?\n")
    client.post(at(study, "query_upload"), {"file": right})
    batch = QueryBatch.objects.get(fault_count=0)
    assert client_of("owner").get(at(study, "query_batch", batch.pk)).status_code == 404
    client.post(at(study, "query_batch_open", batch.pk))
    assert Query.objects.count() == 1


def test_the_rules_for_queries(study: Study, client_of: ClientOf) -> None:
    """Who designs settles whether warnings ask, and in how many days one answers."""
    client_of("owner").post(at(study, "query_policy"), {"from_warnings": "on", "answer_within": "5"})
    policy = QueryPolicy.objects.get()
    assert (policy.from_warnings, policy.answer_within) == (True, 5)


def test_verification_in_the_browser(study: Study, entry: Entry, client_of: ClientOf) -> None:
    """A monitor ticks a value on the entry page; an older revision is refused; the plan is changed by who designs."""
    client, address = client_of("monitor"), at(study, "mark_verified", entry.pk)
    marked = send(client, address, items=["weight"], revision=1).json()
    assert (marked["marks"]["weight"]["state"], marked["due"]) == ("verified", ["sex", "weight"])
    assert send(client, address, items=["sex"], revision=0).status_code == 409
    assert send(client, address).status_code == 422
    assert send(client, address, items=["weight"], withdraw=True).json()["marks"] == {}
    assert client.get(at(study, "verification")).context["total"].due == 2
    sent = {"subjects": "none", "items": ["weight"], "first": "1", "percent": "10"}
    assert client_of("owner").post(at(study, "verification_plan", study.form.key), sent).status_code == 302
    assert client.get(at(study, "verification")).context["total"].due == 1


def test_quality_in_the_browser(study: Study, entry: Entry, client_of: ClientOf) -> None:
    """A rule is written, run, its findings listed, put aside with a reason and asked about."""
    owner = client_of("owner")
    sent = {"name": "Poids", "text": "[weight] > 70", "message": "Poids ?", "severity": "warn"}
    broken = owner.post(at(study, "quality_new_rule", study.form.key), {**sent, "text": "[weight] >"})
    assert broken.status_code == 422
    assert owner.post(at(study, "quality_new_rule", study.form.key), sent).status_code == 302
    owner.post(at(study, "quality_start", study.form.key), {"method": "iqr"})
    jobs.run_waiting()
    result = QualityResult.objects.exclude(rule__in="ABCDEFGHI").get()
    run = at(study, "quality_run", result.run_id)
    assert owner.get(run, {"rule": result.rule}).context["table"].count == 1
    act = at(study, "quality_results", result.run_id)
    chosen = {"selected": [str(result.pk)], "confirmed": "1"}
    assert owner.post(f"{act}?act=query", chosen).status_code == 303
    assert Query.objects.get().kind == "rule"
    assert owner.get(run, {"state": "asked"}).context["table"].count == 1
    assert owner.post(f"{act}?act=aside", chosen).status_code == 422
    assert owner.post(f"{act}?act=aside", {**chosen, "text": "Vu"}).status_code == 303
    assert owner.get(run, {"state": "aside"}).context["table"].count == 1
    assert "Poids" in owner.get(run, {"export": "csv"}).content.decode()
    page = owner.get(at(study, "quality_record", entry.pk))
    assert [line["rule"] for line in page.context["aside"]] == ["Poids"]


@pytest.mark.parametrize("name", ["query_list", "verification", "quality"])
def test_query_counts_are_constant(study: Study, entry: Entry, client_of: ClientOf, name: str) -> None:
    """More subjects, queries and marks cost no more questions to the database."""
    client, address = client_of("owner"), at(study, name)
    ask(study, entry)
    services.verify_source(study.world.user["monitor"], entry, ["weight"])
    few = queries_of(client, address)
    for number in range(6):
        subject = services.include_subject(study.world.user["member"], study.world.site_a)
        values = {"weight": str(60 + number), "sex": "1"}
        other = services.save_entry(study.world.user["member"], subject, study.form, 0, values).entry
        ask(study, other)
        services.verify_source(study.world.user["monitor"], other, ["weight"])
    assert queries_of(client, address) == few


def test_queries_over_rest(study: Study, entry: Entry, api_of: ApiOf) -> None:
    """A query is opened, answered with a correction, closed and listed over REST; many in one call."""
    monitor = api_of("monitor")
    made = monitor.post(f"{ROOT}/queries/", {"entry": str(entry.pk), "item": "weight", "text": "?"}, format="json")
    assert made.status_code == 201
    address = f"{ROOT}/queries/{made.data['id']}/"
    sent = {"act": "answer", "values": {"weight": "68"}, "base_revision": 1}
    answered = api_of("member").patch(address, sent, format="json")
    assert (answered.data["state"], answered.data["value"]) == ("resolved", "80")
    assert [one["action"] for one in answered.data["messages"]] == ["open", "answer"]
    assert api_of("member").patch(address, {"act": "close"}, format="json").status_code == 403
    assert api_of("other_site").get(address).status_code == 404
    items = [{"act": "change", "id": made.data["id"], "body": {"act": "close"}}]
    assert monitor.post(f"{ROOT}/queries/bulk/", {"items": items}, format="json").status_code == 200
    listed = monitor.get(f"{ROOT}/queries/?state=closed&entry={entry.pk}").json()["results"]
    assert [(one["subject"], one["item"]) for one in listed] == [("BRO-001", "weight")]
    assert "?" not in json.dumps([one.get("messages") for one in listed])
    assert monitor.patch(address, {"act": "answer"}, format="json").status_code == 403
    assert monitor.patch(address, {"act": "close"}, format="json").status_code == 409


def test_a_file_over_rest(study: Study, entry: Entry, api_of: ApiOf) -> None:
    """A dry run names every wrong cell and opens nothing; the same file opens its queries when that is asked for."""
    client, project = api_of("monitor"), study.world.project.slug

    def post(content: bytes, **more: Any) -> Any:
        sent = {"project": project, "file": SimpleUploadedFile("q.csv", content), **more}
        return client.post(f"{ROOT}/queries/file/", sent, format="multipart")

    wrong = post(b"subject,field,text\nBRO-001,nobody,?\n")
    assert [(one["place"], one["code"]) for one in wrong.json()["errors"]] == [("row 2, field", "unknown_variable")]
    right = b"subject,field,text\nBRO-001,weight,?\n"
    assert post(right).json() == {"rows": 1, "opened": 0, "job": None}
    assert post(right, dry_run=False).json()["opened"] == 1
    assert Query.objects.count() == 1


def test_verification_over_rest(study: Study, entry: Entry, api_of: ApiOf) -> None:
    """Values are marked and unmarked over REST, by who verifies."""
    sent = {"entry": str(entry.pk), "items": ["weight"], "revision": 1}
    assert api_of("member").post(f"{ROOT}/verifications/", sent, format="json").status_code == 403
    assert api_of("monitor").post(f"{ROOT}/verifications/", sent, format="json").data == {"count": 1}
    listed = api_of("owner").get(f"{ROOT}/verifications/?entry={entry.pk}").json()["results"]
    assert [(one["item"], one["revision"]) for one in listed] == [("weight", 1)]
    back = {"entry": str(entry.pk), "items": ["weight"]}
    assert api_of("monitor").post(f"{ROOT}/verifications/withdraw/", back, format="json").data == {"count": 1}
    assert Verification.objects.filter(withdrawn_at=None).count() == 0
    plan = {"form": str(study.form.pk), "subjects": "share", "percent": 25}
    assert api_of("owner").post(f"{ROOT}/verification-plans/", plan, format="json").status_code == 201


def test_quality_over_rest(study: Study, entry: Entry, api_of: ApiOf) -> None:
    """Rules are written, changed, run and retired over REST; findings are listed, asked about and put aside."""
    owner, form = api_of("owner"), str(study.form.pk)
    said = {"form": form, "name": "Poids", "text": "[weight] > 70", "message": "?"}
    made = owner.post(f"{ROOT}/quality-rules/", said, format="json")
    assert (made.status_code, made.data["version"]) == (201, 1)
    changed = owner.patch(f"{ROOT}/quality-rules/{made.data['id']}/", {"text": "[weight] > 75"}, format="json")
    assert (changed.data["version"], changed.data["name"]) == (2, "Poids")
    checked = owner.post(f"{ROOT}/quality-rules/check/", {"entry": str(entry.pk)}, format="json")
    assert made.data["id"] in {one["rule"] for one in checked.data}
    run = owner.post(f"{ROOT}/quality-runs/", {"form": form, "rules": [made.data["id"]]}, format="json")
    assert run.status_code == 202
    jobs.run_waiting()
    found = owner.get(f"{ROOT}/quality-results/?run={run.data['id']}").json()["results"]
    assert [(one["subject"], one["item"]) for one in found] == [("BRO-001", "weight")]
    asked = owner.post(f"{ROOT}/quality-runs/{run.data['id']}/queries/", {"results": [found[0]["id"]]}, format="json")
    assert asked.data == {"opened": 1, "left": 0}
    aside = {"entry": str(entry.pk), "rule": made.data["id"], "item": "weight", "reason": "Vu"}
    exclusion = owner.post(f"{ROOT}/quality-exclusions/", aside, format="json")
    assert exclusion.status_code == 201
    assert owner.delete(f"{ROOT}/quality-exclusions/{exclusion.data['id']}/").status_code == 204
    assert owner.delete(f"{ROOT}/quality-rules/{made.data['id']}/").status_code == 204
    assert api_of("member").get(f"{ROOT}/quality-runs/").json()["results"] == []
