"""The pages and the REST resource of consents."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.access.demo import World
from ecrf import rights, services
from ecrf.models import Consent, Form, Subject
from ecrf.models.entries import sheet_url
from tests.ecrf.consents import INFORMATION, PHONE, VISIT, consent, publish
from tests.ecrf.engine.paper.reading import text_of
from tests.ecrf.test_consents import next_version
from tests.queries import queries_of

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]
ROOT = "/api/v1/ecrf/consents"


@pytest.fixture
def form(world: World) -> Form:
    return publish(world)


@pytest.fixture
def subject(world: World) -> Subject:
    return services.include_subject(world.user["member"], world.site_a)


def at(world: World, name: str, *args: object) -> str:
    return reverse(f"ecrf:{name}", args=[world.project.slug, *args])


def test_the_list(world: World, form: Form, subject: Subject, client_of: ClientOf) -> None:
    """The list tells states and versions, each site its own; it costs the same for one consent and for ten."""
    consent(world, subject, form)
    refused = services.include_subject(world.user["member"], world.site_a)
    consent(world, refused, form, takes_part="0")
    services.include_subject(world.user["other_site"], world.site_b)
    client, page = client_of("owner"), at(world, "consents")
    before = queries_of(client, page)
    text = client.get(page).content.decode()
    assert "Anne Guivarch" not in text
    assert subject.number in text
    assert "valable" in text or "valid" in text
    assert subject.number not in client_of("other_site").get(page).content.decode()
    assert refused.number not in client.get(f"{page}?state=valid").content.decode()
    assert refused.number in client.get(f"{page}?state=refused").content.decode()
    for _number in range(4):
        consent(world, services.include_subject(world.user["member"], world.site_a), form)
    assert min(queries_of(client, page) for _ in range(2)) <= before  # some things are looked up now and then


def test_who_is_to_be_asked_again(world: World, form: Form, subject: Subject, client_of: ClientOf) -> None:
    """Once another sheet is published, the list names who consented to the one before, until he has answered anew."""
    held = consent(world, subject, form)
    client, page = client_of("member"), f"{at(world, 'consents')}?state=again"
    assert subject.number not in client.get(page).content.decode().partition("</table>")[0]
    form = next_version(world, form)
    assert subject.number in client.get(page).content.decode().partition("</table>")[0]
    opened = client.post(at(world, "consent_again", held.pk), {"reason": "Nouvelle note"}, follow=True)
    assert opened.redirect_chain[0][0] == held.entry.get_absolute_url()
    held.entry.refresh_from_db()
    consent(world, subject, form, base=held.entry.revision)
    assert subject.number not in client.get(page).content.decode().partition("</table>")[0]


def test_the_page_of_a_consent(world: World, form: Form, subject: Subject, client_of: ClientOf) -> None:
    """Its document is downloaded and its withdrawal recorded by who manages consents; others see that it is there."""
    held = consent(world, subject, form)
    member, monitor = client_of("member"), client_of("monitor")
    page = at(world, "consent", held.pk)
    assert at(world, "consent_document", held.pk) in member.get(page).content.decode()
    assert at(world, "consent_document", held.pk) not in monitor.get(page).content.decode()
    document = member.get(at(world, "consent_document", held.pk))
    assert "Anne Guivarch" in text_of(b"".join(document.streaming_content))  # type: ignore[attr-defined]
    member.post(at(world, "consent_withdraw", held.pk), {"reason": " "})
    assert Consent.objects.get().state == "valid"
    member.post(at(world, "consent_withdraw", held.pk), {"reason": "Par lettre"})
    assert Consent.objects.get().state == "withdrawn"
    assert "Par lettre" in member.get(page).content.decode()
    twice = member.post(at(world, "consent_withdraw", held.pk), {"reason": "Encore"}, follow=True)
    assert twice.status_code == 200


def test_hidden_pages_have_no_consents(
    world: World, form: Form, subject: Subject, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may not read a page finds none of its consents."""
    held = consent(world, subject, form)
    monkeypatch.setattr(rights, "of", lambda *_: rights.PageRights(hidden=frozenset({"consent"})))
    assert client_of("member").get(at(world, "consent", held.pk)).status_code == 404
    assert client_of("member").get(at(world, "consent_document", held.pk)).status_code == 404


def test_the_record_says_what_it_lacks(world: World, form: Form, subject: Subject, client_of: ClientOf) -> None:
    """Without consent the record can't be filled in and leads to the consent; where it is only noticed, it can."""
    client = client_of("member")

    def page(sheet: object) -> str:
        return client.get(sheet_url("entry", subject, form.key, sheet)).content.decode()  # type: ignore[arg-type]

    assert '"editable": false' in page(VISIT)
    assert sheet_url("entry", subject, form.key, INFORMATION, page="consent").replace("&", "&amp;") in page(VISIT)
    assert '"editable": true' in page(PHONE)
    held = consent(world, subject, form)
    assert '"editable": true' in page(VISIT)
    assert held.get_absolute_url() in page(INFORMATION)
    sent = {"base": 0, "values": {"weight": "70"}}
    save = sheet_url("save_entry", subject, form.key, VISIT)
    services.withdraw_consent(world.user["member"], held, "Par lettre")
    answer = client.post(save, json.dumps(sent), content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "no_consent")


def test_over_rest(world: World, form: Form, subject: Subject, api_of: ApiOf) -> None:
    """The same over REST: list, document, withdrawal, asking again; why it was withdrawn isn't told."""
    held = consent(world, subject, form)
    member = api_of("member")
    (row,) = member.get(f"{ROOT}/?subject={subject.pk}").json()["results"]
    assert (row["state"], row["version"], row["asked_again"]) == ("valid", "1.0", False)
    next_version(world, form)
    assert member.get(f"{ROOT}/{held.pk}/").json()["asked_again"] is True
    document = b"".join(member.get(f"{ROOT}/{held.pk}/document/").streaming_content)  # type: ignore[attr-defined]
    assert "Anne Guivarch" in text_of(document)
    assert api_of("monitor").get(f"{ROOT}/{held.pk}/document/").status_code == 403
    assert member.post(f"{ROOT}/{held.pk}/withdraw/", {"reason": ""}, format="json").status_code == 422
    withdrawn = member.post(f"{ROOT}/{held.pk}/withdraw/", {"reason": "Par lettre"}, format="json").json()
    assert withdrawn["state"] == "withdrawn"
    assert "lettre" not in json.dumps(withdrawn)
    again = member.post(f"{ROOT}/{held.pk}/ask-again/", {"reason": "Elle revient"}, format="json")
    assert (again.status_code, again.json()["revision"]) == (200, 2)


def test_the_tab_is_there_with_a_consent(world: World, client_of: ClientOf) -> None:
    """The tab of consents is shown in projects whose forms hold one, and in no other."""
    client, home = client_of("member"), at(world, "home")
    link = f'href="{at(world, "consents")}"'
    assert link not in client.get(home).content.decode()
    publish(world)
    assert link in client.get(home).content.decode()
