"""Randomisation over REST: the same rules, and the arm only for who may know it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from core.audit.models import Event
from ecrf.models import Allocation, Scheme
from tests.ecrf.conftest import Study
from tests.ecrf.trial import draft, opened, person, randomised, ready
from tests.queries import queries_of

ApiOf = Callable[[str], APIClient]
ROOT = "/api/v1/ecrf"
REASON = {"reason": "Réaction grave, antidote"}


def asked(study: Study, **changed: Any) -> dict[str, Any]:
    arms = [{"code": "A", "label": "Standard"}, {"code": "B", "label": "Nouveau"}]
    return {
        "project": study.world.project.slug,
        "form": study.form.key,
        "name": "Essai",
        "method": "blocks",
        "arms": arms,
        "strata": ["sex"],
        "sizes": [4, 6],
        "length": 12,
        **changed,
    }


def shown_the_factor(client: APIClient) -> APIClient:
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return client


def test_a_trial_over_rest(study: Study, api_of: ApiOf) -> None:
    """Make, draw, open, randomise, look at the balance, close: with the arm of an open-label trial."""
    manager, member = api_of("owner"), api_of("member")
    made = manager.post(f"{ROOT}/schemes/", asked(study, eligibility="[sex] = '1'"), format="json")
    assert made.status_code == 201
    assert made.data["eligibility"] == "[sex] = '1'"
    address = f"{ROOT}/schemes/{made.data['id']}"
    assert manager.post(f"{address}/make-table/", {}, format="json").data["places"] >= 24
    assert manager.post(f"{address}/open/").data["status"] == "open"
    subject = ready(study.world, study.form)
    sent = {"scheme": made.data["id"], "subject": str(subject.pk)}
    got = member.post(f"{ROOT}/allocations/", sent, format="json")
    assert (got.status_code, got.data["arm"] in "AB") == (201, True)
    again = member.post(f"{ROOT}/allocations/", sent, format="json")
    assert again.json()["type"].endswith("randomised")
    missing = member.post(f"{ROOT}/allocations/", sent | {"subject": str(study.subject.pk)}, format="json")
    assert [fault["code"] for fault in missing.json()["errors"]] == ["page_incomplete", "factor_missing"]
    balance = manager.get(f"{address}/balance/").json()
    assert sum(line["used"] for line in balance["lists"]) == 1
    assert sum(balance["lines"][0]["counts"]) == 1
    assert member.get(f"{address}/balance/").json() == {"lists": [], "lines": []}
    assert manager.post(f"{address}/close/", {"reason": "Fin"}, format="json").data["status"] == "closed"
    assert manager.post(f"{address}/reopen/", {}, format="json").data["status"] == "open"
    assert manager.post(f"{address}/extend/", {"length": 20}, format="json").data["places"] > 0
    assert manager.delete(f"{address}/").status_code == 409


def test_a_draft_is_thrown_away_over_rest(study: Study, api_of: ApiOf) -> None:
    """A draft goes; others than managers never saw it."""
    address = f"{ROOT}/schemes/{draft(study.world, study.form).pk}/"
    assert api_of("member").delete(address).status_code == 404
    assert api_of("owner").delete(address).status_code == 204
    assert not Scheme.objects.exists()


def test_wrong_schemes_over_rest(study: Study, api_of: ApiOf) -> None:
    """A scheme that can't work is 422 with the place of each fault."""
    sent = asked(study, sizes=[5], strata=["weight"], eligibility="[nobody]")
    answer = api_of("owner").post(f"{ROOT}/schemes/", sent, format="json")
    assert answer.status_code == 422
    assert {fault["place"] for fault in answer.json()["errors"]} == {"sizes", "strata", "eligibility"}
    assert api_of("member").post(f"{ROOT}/schemes/", asked(study), format="json").status_code == 403


def test_a_table_over_rest(study: Study) -> None:
    """The statistician uploads and reads the table; wrong cells are named."""
    client = APIClient()
    client.force_login(person(study.world, "controller"))
    address = f"{ROOT}/schemes/{draft(study.world, study.form, method='uploaded', by_site=False).pk}"
    bad = {"table": SimpleUploadedFile("t.csv", b"arm,sex\nA,1\nC,9\n")}
    answer = client.post(f"{address}/upload-table/", bad, format="multipart")
    assert {fault["place"] for fault in answer.json()["errors"]} == {"row 3, arm", "row 3, sex"}
    good = {"table": SimpleUploadedFile("t.csv", b"arm,sex\nA,1\nB,1\n")}
    answer = client.post(f"{address}/upload-table/", good, format="multipart")
    assert answer.data["places"] == 2, answer.content
    assert [remark["code"] for remark in answer.data["remarks"]] == ["stratum_without_rows"]
    assert client.get(f"{address}/table/").json()["type"].endswith("reauthenticate")
    table = shown_the_factor(client).get(f"{address}/table/").json()["csv"]
    assert table == "arm,kit,sex\nA,,1\nB,,1\n"
    assert Event.objects.filter(action="ecrf.table_read").count() == 1


def test_unblinding_over_rest(study: Study, api_of: ApiOf) -> None:
    """The arm of a blinded trial is null until it was revealed, with reason and second factor; then to him alone."""
    allocation = randomised(study.world, opened(study.world, study.form, blinded=True))
    arm = Allocation.objects.select_related("scheme").get().arm
    address, member = f"{ROOT}/allocations/{allocation.pk}/", api_of("member")
    assert member.get(address).data["arm"] is None
    assert member.post(f"{address}unblind/", REASON, format="json").json()["type"].endswith("reauthenticate")
    shown_the_factor(member)
    assert member.post(f"{address}unblind/", {"reason": "no"}, format="json").status_code == 422
    assert member.post(f"{address}unblind/", REASON, format="json").data["arm"] == arm
    assert member.get(f"{ROOT}/allocations/").json()["results"][0]["arm"] == arm
    assert api_of("owner").get(f"{ROOT}/allocations/").json()["results"][0]["arm"] is None
    assert api_of("other_site").get(f"{ROOT}/allocations/").json()["results"] == []


def test_the_list_costs_the_same(study: Study, api_of: ApiOf) -> None:
    """More allocations cost no more queries, and no seed or coming place is in any answer."""
    scheme = opened(study.world, study.form, blinded=True)
    randomised(study.world, scheme)
    client, address = api_of("owner"), f"{ROOT}/allocations/"
    few = queries_of(client, address)
    for _subject in range(3):
        randomised(study.world, scheme)
    assert queries_of(client, address) == few
    assert Scheme.objects.get().seed not in client.get(f"{ROOT}/schemes/").content.decode()
