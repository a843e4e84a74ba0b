"""The offline page and what it exchanges: without data in what a browser keeps, within rights, in the journal."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.access.models import Membership
from core.audit.models import Event
from ecrf import services
from ecrf.models import Checkout, Entry, Fragment, OfflineDevice, OfflineFragment
from ecrf.services import offline
from ecrf.services.entries import StaleEntry
from tests.ecrf.conftest import Study

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]


def address(study: Study, name: str, *more: Any) -> str:
    return reverse(f"ecrf:{name}", args=[study.world.project.slug, *more])


def post(client: Client, study: Study, name: str, sent: Any) -> Any:
    return client.post(address(study, name), json.dumps(sent), content_type="application/json")


def test_what_the_browser_keeps(study: Study, client_of: ClientOf) -> None:
    """The page, its worker and its manifest name no subject; the worker keeps static files and that page alone."""
    client = client_of("member")
    services.save_entry(study.world.user["member"], study.subject, study.form, 0, {"sex": "2"})
    page = client.get(address(study, "offline"))
    worker = client.get(address(study, "offline_worker"))
    manifest = client.get(address(study, "offline_manifest")).json()
    for answer in (page, worker):
        assert study.subject.number not in answer.text
        assert str(study.subject.pk) not in answer.text
    shell = json.loads(worker.text.partition("const SHELL = ")[2].partition(";\n")[0])
    assert shell["page"] == manifest["start_url"] == manifest["scope"] == address(study, "offline")
    assert all(one.startswith(("/static/", "/i18n/")) for one in shell["assets"])
    assert {icon["type"] for icon in manifest["icons"]} == {"image/svg+xml", "image/png"}
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


def test_taken_sent_and_returned(study: Study, client_of: ClientOf) -> None:
    """A device is registered, handed what its owner may read, sends, and returns; each of it is in the journal."""
    client = client_of("member")
    device = post(client, study, "offline_register", {"label": "Tablette"}).json()["device"]["id"]
    services.save_entry(study.world.user["member"], study.subject, study.form, 0, {"sex": "2"})
    asked = {"device": device, "subjects": [str(study.subject.pk), str(study.elsewhere.pk)]}
    taken = post(client, study, "offline_take", asked).json()
    assert [one["number"] for one in taken["records"]] == ["BRO-001"]
    assert taken["records"][0]["entries"][0]["values"]["sex"] == "2"
    assert taken["forms"][0]["version"] == 1
    piece: dict[str, Any] = {
        "id": f"01{1:024d}",
        "kind": "entry",
        "subject": str(study.subject.pk),
        "form": study.form.key,
    }
    piece |= {"version": 1, "values": {"weight": "83.25"}}
    answers = post(client, study, "offline_sync", {"device": device, "fragments": [piece], "exported": 1}).json()
    assert answers["answers"][0]["state"] == "applied"
    state = client.get(address(study, "offline_state"), {"device": device}).json()
    assert [one["subject"] for one in state["taken"]] == [str(study.subject.pk)]
    assert post(client, study, "offline_give_back", {"device": device}).json() == {"returned": 1}
    told = {"ecrf.device_registered", "ecrf.records_taken", "ecrf.offline_synced", "ecrf.outbox_exported"}
    assert told | {"ecrf.records_returned"} <= set(Event.objects.values_list("action", flat=True))
    assert not any("83.25" in str(event.details) for event in Event.objects.all())


def test_the_device_of_another(study: Study, client_of: ClientOf) -> None:
    """Nobody takes records on another's device, or learns of it; crafted bodies are refused whole."""
    device = offline.register(study.world.user["owner"], study.world.project, "Bureau")
    client = client_of("member")
    sent = {"device": str(device.pk), "subjects": [str(study.subject.pk)]}
    assert post(client, study, "offline_take", sent).status_code == 422
    assert client.get(address(study, "offline_state"), {"device": str(device.pk)}).json()["device"] is None
    assert post(client, study, "offline_sync", {"device": str(device.pk), "fragments": []}).status_code == 403
    crafted: list[Any] = [[], "x", {"subjects": 1}, {"device": "x"}]
    for wrong in crafted:
        assert post(client, study, "offline_take", wrong).status_code == 422
    assert post(client_of("stranger"), study, "offline_take", sent).status_code == 404
    assert Checkout.objects.count() == 0
    mine = offline.register(study.world.user["member"], study.world.project, "Tablette")
    assert post(client, study, "offline_take", {"device": str(mine.pk), "subjects": None}).json()["records"] == []


def test_renewed_without_a_right(study: Study, client_of: ClientOf) -> None:
    """Whose records the owner may not take any more don't come at the next renewal, and the device drops them."""
    device = offline.register(study.world.user["member"], study.world.project, "Tablette")
    offline.take(study.world.user["member"], device, [study.subject])
    mine = Membership.objects.get(user=study.world.user["member"], project=study.world.project)
    mine.sites.set([study.world.site_b])
    asked = {"device": str(device.pk), "subjects": [str(study.subject.pk), str(study.elsewhere.pk)]}
    assert [one["number"] for one in post(client_of("member"), study, "offline_take", asked).json()["records"]] == [
        study.elsewhere.number
    ]


def test_locks_are_handed_over(study: Study) -> None:
    """What is locked at any level is told to the device, in few queries."""
    from ecrf import packing

    member, owner = study.world.user["member"], study.world.user["owner"]
    entry = services.save_entry(member, study.subject, study.form, 0, {"sex": "2"}).entry
    device = offline.register(member, study.world.project, "Tablette")
    taken = offline.take(member, device, [study.subject])
    services.lock_entry(owner, entry)
    record = packing.records(member, study.world.project, taken)[0]
    assert (record["locked"]["all"], record["entries"][0]["locked"]) == (False, True)
    services.freeze(owner, study.world.project)
    assert packing.records(member, study.world.project, taken)[0]["locked"]["all"] is True


def test_set_aside_on_the_page(study: Study, client_of: ClientOf) -> None:
    """A manager sees what waits and why, saves it once it fits, discards it with a reason."""
    member, owner = study.world.user["member"], study.world.user["owner"]
    entry = services.save_entry(member, study.subject, study.form, 0, {"sex": "2"}).entry
    device = offline.register(member, study.world.project, "Tablette")
    offline.take(member, device, [study.subject])
    services.lock_entry(owner, entry)
    base = {"kind": "entry", "subject": str(study.subject.pk), "form": study.form.key, "version": 1}
    pieces = [{**base, "id": f"01{number:024d}", "values": {"weight": str(number)}} for number in (80, 81)]
    offline.sync(member, device, offline.read_batch(pieces))
    first, second = OfflineFragment.objects.all()
    client = client_of("owner")
    assert client.get(address(study, "offline_devices")).text.count(study.subject.number) == 3
    assert "81" in client.get(address(study, "offline_aside", second.pk)).text
    client.post(address(study, "offline_aside", first.pk), {"act": "apply"})
    assert OfflineFragment.objects.get(pk=first.pk).state == "aside"
    services.unlock_entry(owner, entry, "Reprise")
    client.post(address(study, "offline_aside", first.pk), {"act": "apply"})
    client.post(address(study, "offline_aside", second.pk), {"act": "drop", "reason": "Faute"})
    assert list(OfflineFragment.objects.values_list("state", flat=True)) == ["settled", "dropped"]
    assert Entry.objects.select_related("subject__project").get().values["weight"] == "80"


def test_over_rest(study: Study, client_of: ClientOf) -> None:
    """The same over REST: made ready, taken, sent twice, seen to."""
    client = client_of("member")
    made = client.post(
        reverse("api:ecrf:device-list"),
        {"project": study.world.project.slug, "label": "Robot"},
        content_type="application/json",
    ).json()
    device = OfflineDevice.objects.get(pk=made["id"])
    named = {"subjects": [str(study.subject.pk)]}
    take = reverse("api:ecrf:device-take", args=[device.pk])
    assert client.post(take, named, content_type="application/json").json()["records"][0]["number"] == "BRO-001"
    other = {"subjects": [str(study.elsewhere.pk)]}
    assert client.post(take, other, content_type="application/json").status_code == 404
    piece = {"id": f"01{9:024d}", "kind": "entry", "subject": str(study.subject.pk), "form": study.form.key}
    sent = {"fragments": [{**piece, "version": 1, "values": {"weight": "80"}}]}
    sync = reverse("api:ecrf:device-sync", args=[device.pk])
    first, second = (client.post(sync, sent, content_type="application/json").json() for _ in range(2))
    assert first == second
    assert first["answers"][0]["state"] == "applied"
    assert Fragment.objects.count() == 1


def test_disjoint_saves_online(study: Study) -> None:
    """In the browser, fields that others left alone are saved beside theirs; the same field, or its page, is asked."""
    member, owner = study.world.user["member"], study.world.user["owner"]
    services.save_entry(owner, study.subject, study.form, 0, {"height": "160"})
    asked: dict[str, Any] = {"merge": True}
    saved = services.save_entry(member, study.subject, study.form, 0, {"weight": "80"}, **asked)
    assert (saved.entry.values["height"], saved.entry.values["weight"]) == ("160", "80")
    with pytest.raises(StaleEntry):
        services.save_entry(owner, study.subject, study.form, 1, {"weight": "81"}, **asked)
    page = saved.entry.version.loaded.items["weight"].page
    with pytest.raises(StaleEntry):
        services.save_entry(owner, study.subject, study.form, 1, {"sex": "1"}, complete={page: True}, **asked)
    with pytest.raises(StaleEntry):
        services.save_entry(owner, study.subject, study.form, 1, {"sex": "1"})
