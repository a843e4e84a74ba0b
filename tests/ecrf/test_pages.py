"""The pages: who sees what, in two languages, with what was entered always as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.access.demo import World
from core.audit.models import Event
from ecrf import services
from ecrf.models import Draft, Entry, Form
from ecrf.queries import search
from ecrf.web import dashboard
from tests.ecrf.conftest import DICTIONARY, Study, dictionary, publish
from tests.queries import queries_of

ClientOf = Callable[[str], Client]
HOSTILE = '<script>alert("x")</script>'


def place(study: Study, name: str = "entry") -> str:
    return reverse(f"ecrf:{name}", args=[study.world.project.slug, study.subject.pk, study.form.key])


def post(client: Client, study: Study, sent: Any) -> Any:
    body = sent if isinstance(sent, str) else json.dumps(sent)
    return client.post(place(study, "save_entry"), body, content_type="application/json")


def upload(client: Client, world: World, content: bytes = DICTIONARY, **fields: Any) -> Any:
    sent = {"title": "Visite", "language": "fr", "ranges": "warn", **fields}
    sent["file"] = SimpleUploadedFile("visit.csv", content)
    return client.post(reverse("ecrf:import", args=[world.project.slug]), sent)


def test_import_in_the_browser(world: World, client_of: ClientOf) -> None:
    """A dictionary is uploaded, looked at and published; nothing is published before."""
    client = client_of("owner")
    answer = upload(client, world)
    draft = Draft.objects.get()
    assert answer.url == reverse("ecrf:draft", args=[world.project.slug, draft.pk])
    assert not Form.objects.exists()
    page = client.get(answer.url).content.decode()
    assert "cough_days" in page
    assert "has(signs, &#x27;2&#x27;)" in page
    client.post(reverse("ecrf:publish", args=[world.project.slug, draft.pk]))
    form = Form.objects.get()
    assert form.current.number == 1
    assert not Draft.objects.exists()
    assert client.get(form.get_absolute_url()).status_code == 200
    assert [event.action for event in Event.objects.filter(action__startswith="ecrf").order_by("pk")] == [
        "ecrf.dictionary_read",
        "ecrf.version_published",
    ]


def test_broken_dictionary_in_the_browser(world: World, client_of: ClientOf) -> None:
    """A broken file is refused whole; its faults are listed by row and column."""
    broken = DICTIONARY.replace(b"radio", b"hologram")
    answer = upload(client_of("owner"), world, broken)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "hologram" in page
    assert "Field Type" in page
    assert not Draft.objects.exists()


def test_a_version_that_cannot_follow(study: Study, client_of: ClientOf) -> None:
    """What keeps a draft from being published is said on its page; the draft stays."""
    row = 'c,Visite,,checkbox,C,"{}, x",,,,,,,,,,,,'
    form = publish(study.world, dictionary(row.format("NA")), title="Codes")
    owner, project = study.world.user["owner"], study.world.project
    draft = services.read_dictionary(owner, project, dictionary(row.format("na")), title="", source="v.csv", form=form)
    answer = client_of("owner").post(reverse("ecrf:publish", args=[project.slug, draft.pk]), follow=True)
    assert "c___na" in answer.content.decode()
    assert Draft.objects.get() == draft


def test_hostile_labels_are_text(world: World, client_of: ClientOf) -> None:
    """Markup in a dictionary's labels is taken out; what stays is escaped wherever it is shown."""
    content = DICTIONARY.replace(b"Poids (kg)", b"Poids <img src=x onerror=alert(1)> &lt;script&gt;y&lt;/script&gt;")
    form = publish(world, content)
    subject = services.include_subject(world.user["member"], world.site_a)
    study = Study(world, form, subject, subject)
    page = client_of("member").get(place(study)).content.decode()
    assert "<img src=x" not in page
    assert "<script>y" not in page
    assert "\\u003Cscript\\u003Ey" in page


def test_hostile_values_are_text(study: Study, client_of: ClientOf) -> None:
    """A script typed into a field is stored as it is and never becomes markup."""
    client = client_of("member")
    assert post(client, study, {"base": 0, "values": {"note": HOSTILE, "name": HOSTILE}}).status_code == 200
    for name in ("entry", "history"):
        page = client.get(place(study, name)).content.decode()
        assert HOSTILE not in page
        assert "alert(" in page


def test_saving_in_the_browser(study: Study, client_of: ClientOf) -> None:
    """The browser's saves answer with the record as it is: saved, refused by field, or late."""
    client = client_of("member")
    saved = post(client, study, {"base": 0, "values": {"weight": "80", "height": "160"}})
    assert saved.status_code == 200
    assert saved.json()["values"]["bmi"] == "31.3"
    refused = post(client, study, {"base": 1, "values": {"weight": "x", "sex": "7"}})
    assert refused.status_code == 422
    assert {fault["place"] for fault in refused.json()["errors"]} == {"weight", "sex"}
    late = post(client, study, {"base": 0, "values": {"weight": "81"}})
    assert late.status_code == 409
    assert late.json()["code"] == "stale"
    state = client.get(f"{place(study, 'entry_state')}?since=0").json()
    assert state["revision"] == 1
    assert {change["key"] for change in state["changes"]} == {"weight", "height", "bmi", "record_id"}


def test_a_form_that_changed_while_it_was_filled(study: Study, client_of: ClientOf) -> None:
    """Answers to the questions of an older version are not taken for answers to those of the new one."""
    client = client_of("member")
    publish(study.world, DICTIONARY.replace(b"Remarque", b"Note"), form=study.form)
    late = post(client, study, {"base": 0, "version": 1, "values": {"note": "x"}})
    assert (late.status_code, late.json()["code"]) == (409, "version")
    assert not Entry.objects.exists()
    assert post(client, study, {"base": 0, "version": 2, "values": {"note": "x"}}).status_code == 200


@pytest.mark.parametrize(
    "body",
    ['{"base": 0, "values": {}, "version": "1"}', "", "[]", "null", "{",
     '{"base": "0", "values": {}}', '{"base": true, "values": {}}', '{"base": 0, "values": []}',
     '{"base": 0, "values": {}, "complete": {"visite": "yes"}}', "[" * 100_000],
)  # fmt: skip
def test_bodies_that_make_no_sense(study: Study, client_of: ClientOf, body: str) -> None:
    """What isn't a save is refused with a word, and nothing breaks."""
    assert post(client_of("member"), study, body).status_code == 422
    assert not Entry.objects.exists()


def test_a_text_with_nul_is_refused(study: Study, client_of: ClientOf) -> None:
    """A value with characters that no text holds is 400, and not stored."""
    assert post(client_of("member"), study, {"base": 0, "values": {"note": "a\0"}}).status_code == 400
    assert not Entry.objects.exists()


def test_a_huge_text_is_refused(study: Study, client_of: ClientOf) -> None:
    """A text of a megabyte is refused, not stored."""
    assert post(client_of("member"), study, {"base": 0, "values": {"note": "x" * 1_000_000}}).status_code == 422


@pytest.mark.parametrize(("who", "status"), [("member", 200), ("owner", 200), ("other_site", 404), ("stranger", 404)])
def test_site_limits(study: Study, client_of: ClientOf, who: str, status: int) -> None:
    """A record is seen at its site and by who sees all sites."""
    assert client_of(who).get(place(study)).status_code == status


def test_the_grid_shows_own_sites(study: Study, client_of: ClientOf) -> None:
    """A member of one site sees its subjects and no other."""
    page = client_of("member").get(reverse("ecrf:home", args=[study.world.project.slug])).content.decode()
    assert "BRO-001" in page
    assert "KER-001" not in page


def test_monitors_read_only(study: Study, client_of: ClientOf) -> None:
    """A monitor reads a record; the page says so to the browser, and his saves are refused."""
    page = client_of("monitor").get(place(study))
    assert page.context["data"]["editable"] is False
    assert post(client_of("monitor"), study, {"base": 0, "values": {"sex": "1"}}).status_code == 403


def test_reading_is_in_the_journal(study: Study, client_of: ClientOf) -> None:
    """Opening a record and its history is recorded, by whom."""
    services.save_entry(study.world.user["member"], study.subject, study.form, 0, {"sex": "1"})
    client_of("monitor").get(place(study))
    client_of("monitor").get(place(study, "history"))
    read = Event.objects.filter(action__in=["ecrf.entry_read", "ecrf.history_read"])
    assert [event.actor_id for event in read] == [study.world.user["monitor"].pk] * 2


def test_locking_in_the_browser(study: Study, client_of: ClientOf) -> None:
    """A locked record says who locked it; unlocking wants a reason."""
    services.save_entry(study.world.user["member"], study.subject, study.form, 0, {"sex": "1"})
    client = client_of("owner")
    client.post(place(study, "lock"))
    assert client.get(place(study)).context["data"]["locked"] is True
    client.post(place(study, "unlock"), {"reason": ""})
    assert Entry.objects.get().locked_at is not None
    client.post(place(study, "unlock"), {"reason": "Erreur de saisie"})
    assert Entry.objects.get().locked_at is None


def test_history_tells_before_and_after(study: Study, client_of: ClientOf) -> None:
    """The history shows each change in words: labels, choices, units."""
    member = study.world.user["member"]
    services.save_entry(member, study.subject, study.form, 0, {"sex": "1", "weight": "80"})
    services.save_entry(member, study.subject, study.form, 1, {"sex": "2", "weight": "81.5"})
    page = client_of("member").get(place(study, "history")).content.decode()
    assert "<del>Femme</del>" in page
    assert "81,5\N{NO-BREAK SPACE}kg" in page


def test_including_in_the_browser(study: Study, client_of: ClientOf) -> None:
    """A clinician includes at his site; another site is no choice for him."""
    address = reverse("ecrf:include", args=[study.world.project.slug])
    client = client_of("member")
    assert client.post(address, {"site": study.world.site_b.pk}).status_code == 422
    assert client.post(address, {"site": study.world.site_a.pk}).status_code == 302
    assert study.world.site_a.subjects.count() == 2


def test_dashboard_counts_what_is_incomplete(study: Study) -> None:
    """The card counts records begun and not complete where the reader may fill them in."""
    services.save_entry(study.world.user["member"], study.subject, study.form, 0, {"sex": "1"})
    counts = {
        who: [card.count for card in dashboard.cards(study.world.user[who], [study.world.project])]
        for who in study.world.user
    }
    assert counts["member"] == [1]
    assert counts["owner"] == [1]
    assert counts["other_site"] == counts["monitor"] == counts["stranger"] == []


def test_search_finds_numbers_only(study: Study, client_of: ClientOf) -> None:
    """A subject is found by his number, by who may see him."""
    services.save_entry(study.world.user["member"], study.subject, study.form, 0, {"name": "Guivarch"})
    assert [hit.title for hit in search(study.world.user["member"], "bro")] == ["BRO-001"]
    assert search(study.world.user["member"], "Guivarch") == []
    assert search(study.world.user["other_site"], "bro") == []


@pytest.mark.parametrize("name", ["home", "forms"])
def test_query_counts_are_constant(study: Study, client_of: ClientOf, name: str) -> None:
    """More subjects and records cost no more queries."""
    client, address = client_of("owner"), reverse(f"ecrf:{name}", args=[study.world.project.slug])
    few = queries_of(client, address)
    for number in range(8):
        subject = services.include_subject(study.world.user["member"], study.world.site_a)
        services.save_entry(study.world.user["member"], subject, study.form, 0, {"weight": str(60 + number)})
    assert queries_of(client, address) == few
