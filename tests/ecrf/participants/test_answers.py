"""Participants who answer for themselves: what they see and write, what is kept, and what they never learn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from core.access.demo import World
from core.accounts.models import User
from core.audit.models import Event
from ecrf import engine, services
from ecrf.models import Entry, Fragment, Questionnaire, Source, Subject
from ecrf.services import chain
from ecrf.services.participants import duties
from tests.ecrf.diary import SECRET, invited, questionnaire
from tests.ecrf.exported import read
from tests.ecrf.participants.browsing import data_of, link_to, post, visit
from tests.ecrf.visits import publish

ClientOf = Callable[[str], Client]


def test_from_the_mail_to_the_thanks(world: World, asked: Questionnaire, subject: Subject) -> None:
    """A mail brings a link; what is answered is kept as he goes, then sent; the fragments are the participant's own."""
    invitation = invited(world, asked, subject)
    duties.tick()
    assert [sent.to for sent in mail.outbox] == [["ana@example.org"]]
    text = str(mail.outbox[0].body)
    assert SECRET not in text
    assert "diary" not in text + mail.outbox[0].subject
    client = visit(next(line for line in text.splitlines() if "/participate/#" in line))
    assert post(client, "save", values={"pain": "4"}).json()["revision"] == 1
    lacking = post(client, "send", 1, {"pain": None})
    assert (lacking.status_code, lacking.json()["errors"][0]["place"]) == (422, "pain")
    assert post(client, "send", 1, {"sleep": "1"}).json() == {"sent": True}
    entry = Entry.objects.get(subject=subject)
    assert (entry.updated_by, entry.pages["diary"]["complete"]) == (None, True)
    fragments = list(Fragment.objects.filter(entry=entry).select_related("entry__subject"))
    assert {(one.author, one.by_participant, one.source) for one in fragments} == {(None, True, Source.PARTICIPANT)}
    assert chain.first_break(fragments) is None
    invitation.refresh_from_db()
    assert (invitation.state, invitation.mail_at) == ("answered", None)
    assert client.get(reverse("participate:fill")).status_code == 410


def test_the_history_says_by_the_participant(
    world: World, asked: Questionnaire, subject: Subject, client_of: ClientOf
) -> None:
    """Where the team sees who saved, it reads that the participant did; and the journal keeps what was done."""
    client = visit(link_to(world, invited(world, asked, subject)))
    post(client, "save", values={"pain": "4"})
    User.objects.filter(pk=world.user["member"].pk).update(language="en")
    browser = client_of("member")
    where = [world.project.slug, subject.pk, "journal"]
    assert "the participant" in browser.get(reverse("ecrf:history", args=where)).content.decode()
    assert "the participant" in browser.get(reverse("ecrf:entry", args=where)).content.decode()
    state = browser.get(reverse("ecrf:entry_state", args=where) + "?since=0").json()
    assert [change["key"] for change in state["changes"]] == ["pain"]
    assert {line["user"] for line in read(world, asked.form, history=True)["history"]} == {"le participant"}
    saved = Event.objects.get(action="ecrf.entry_saved")
    assert (saved.actor_id, saved.details["fields"]) == (None, ["pain"])


def test_he_sees_his_pages_and_nothing_else(world: World, asked: Questionnaire, subject: Subject) -> None:
    """No other page, none of its values, no hidden question and not his number reach the browser; results do."""
    form = asked.form
    services.save_entry(world.user["member"], subject, form, 0, {"baseline": "82.5", "suspect": "1", "coded": "C34"})
    client = visit(link_to(world, invited(world, asked, subject)))
    text = client.get(reverse("participate:fill")).content.decode()
    for hidden in (
        SECRET,
        "82.5",
        "baseline",
        "suspect",
        "C34",
        "coded",
        subject.number,
        "Étude de la rechute",
        "more",
    ):
        assert hidden not in text.partition('id="entry-data"')[2].partition("</script>")[0], hidden
    shown = data_of(client)
    assert [page["key"] for page in shown["definition"]["pages"]] == ["diary"]
    assert engine.load(shown["definition"]).items.keys() == {"pain", "sleep", "why", "weight", "lost"}
    kept = post(client, "save", 1, {"weight": "80"}).json()
    [lost] = [one for one in kept["definition"]["pages"][0]["groups"][0]["items"] if one["key"] == "lost"]
    assert lost["calc"] == ["number", "2.5"]
    services.save_entry(world.user["member"], subject, form, 2, {"suspect": "5"})
    again = client.get(reverse("participate:state")).json()
    items = [item["key"] for item in again["definition"]["pages"][0]["groups"][0]["items"]]
    assert "more" in items
    assert "visible_if" not in again["definition"]["pages"][0]["groups"][0]["items"][-1]


@pytest.mark.parametrize("values", [{"baseline": "70"}, {"coded": "x"}, {"lost": "3"}, {"nobody": "1"}])
def test_he_writes_what_he_is_asked(
    world: World, asked: Questionnaire, subject: Subject, values: dict[str, str]
) -> None:
    """A crafted request writes no other page, no hidden question and no calculation: nothing of it is kept."""
    client = visit(link_to(world, invited(world, asked, subject)))
    assert post(client, "save", values={"pain": "3", **values}).status_code == 422
    assert not Entry.objects.filter(subject=subject).exists()


def test_rows_keep_what_the_team_holds(world: World, subject: Subject) -> None:
    """In rows he writes what he is asked; what the team coded beside it stays, and he can't write there."""
    label = {"fr": "x", "en": "x"}
    asked = {"key": "drug", "type": "text", "label": label}
    items = [asked, {**asked, "key": "atc", "hidden": True}]
    page = {"key": "drugs", "title": label, "groups": [{"repeat": {"key": "taken"}, "items": items}]}
    form = publish(world, {"format": 1, "title": label, "languages": ["fr", "en"], "pages": [page]}, "drugs")
    services.save_entry(world.user["member"], subject, form, 0, {"taken": [{"drug": "aspirine", "atc": "B01"}]})
    client = visit(link_to(world, invited(world, questionnaire(world, form, pages=["drugs"]), subject)))
    assert data_of(client)["values"] == {"taken": [{"drug": "aspirine"}]}
    assert post(client, "save", 1, {"taken": [{"drug": "x", "atc": "A"}]}).status_code == 422
    assert post(client, "save", 1, notes={"taken[0].atc": {"status": "nsp"}}).status_code == 422
    assert post(client, "save", 1, {"taken": [{"drug": "aspirin"}, {"drug": "codeine"}]}).status_code == 200
    kept = [{"drug": "aspirin", "atc": "B01"}, {"drug": "codeine"}]
    assert Entry.objects.get(subject=subject).values == {"taken": kept}


def test_he_may_rather_not_say(world: World, asked: Questionnaire, subject: Subject) -> None:
    """A question is declined where the study allows it; no other status, no comment and no lock are his to set."""
    client = visit(link_to(world, invited(world, asked, subject)))
    for note in ({"status": "na"}, {"status": "nsp", "comment": "x"}, {"status": "nsp", "locked": True}):
        assert post(client, "save", notes={"pain": note}).status_code == 422
    assert post(client, "send", notes={"pain": {"status": "nsp"}}).json() == {"sent": True}
    assert Entry.objects.get(subject=subject).notes == {"pain": {"status": "nsp"}}
    Questionnaire.objects.update(may_decline=False)
    other = services.include_subject(world.user["member"], world.site_a)
    client = visit(link_to(world, invited(world, Questionnaire.objects.get(), other)))
    assert post(client, "save", notes={"pain": {"status": "nsp"}}).status_code == 422


def test_the_team_and_he_at_once(world: World, asked: Questionnaire, subject: Subject) -> None:
    """What the team saves on another page is no matter to him; on his own it is, and he isn't told who did."""
    client = visit(link_to(world, invited(world, asked, subject)))
    assert post(client, "save", values={"pain": "4"}).json()["revision"] == 1
    member = world.user["member"]
    services.save_entry(member, subject, asked.form, 1, {"baseline": "80"})
    assert post(client, "save", 1, {"sleep": "1"}).json()["revision"] == 3
    services.save_entry(member, subject, asked.form, 3, {"pain": "5"})
    late = post(client, "save", 3, {"weight": "80"})
    assert (late.status_code, late.json()["code"]) == (409, "stale")
    assert str(member) not in late.content.decode()


def test_an_author_is_an_account_or_the_participant(world: World, asked: Questionnaire, subject: Subject) -> None:
    """PostgreSQL takes no fragment that is both or neither, and the digest covers whose it is."""
    client = visit(link_to(world, invited(world, asked, subject)))
    post(client, "save", values={"pain": "4"})
    one = Fragment.objects.select_related("entry__subject").get()
    copy = Fragment(
        entry=one.entry, number=2, previous=one, version=one.version, keys=[], values={}, salt="x", by_participant=False
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save()
    claimed = Fragment.objects.select_related("entry__subject").get()
    claimed.by_participant, claimed.author = False, world.user["member"]
    assert chain.first_break([claimed]) == 1
