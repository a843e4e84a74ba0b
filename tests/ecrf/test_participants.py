"""Participants who answer for themselves: who gets in, what he sees, what is kept, and what he never learns."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.access.demo import World
from core.accounts.models import User
from core.audit.models import Event
from core.errors import Conflict, Invalid, Refusal
from ecrf import engine, services
from ecrf.models import AccessLink, Entry, Fragment, Guest, Invitation, Participant, Questionnaire, Source, Subject
from ecrf.services import chain, participants
from ecrf.services.participants import duties, faults, mailing, tokens
from ecrf.web.participants.guesting import COOKIE
from tests.ecrf.diary import DIARY, SECRET, invited, questionnaire, token_of
from tests.ecrf.gateway import gateway
from tests.ecrf.visits import publish

ClientOf = Callable[[str], Client]


@pytest.fixture
def asked(world: World) -> Questionnaire:
    return questionnaire(world)


@pytest.fixture
def subject(world: World) -> Subject:
    return services.include_subject(world.user["member"], world.site_a)


def somewhere() -> Client:
    """A browser at an address of its own: tries are counted by address."""
    return Client(REMOTE_ADDR=f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}")


def visit(link: str) -> Client:
    """A browser that has opened a link."""
    client = somewhere()
    answer = client.post(reverse("participate:enter"), {"token": token_of(link)}, HTTP_ACCEPT="application/json")
    assert answer.status_code == 200, answer.content
    return client


def data_of(client: Client) -> dict[str, Any]:
    """What the page of a questionnaire tells the browser."""
    page = client.get(reverse("participate:fill"))
    assert page.status_code == 200, page.content
    text = page.content.decode()
    return dict(json.loads(text.partition('id="entry-data" type="application/json">')[2].partition("</script>")[0]))


def post(client: Client, name: str, base: int = 0, values: Any = None, **more: Any) -> Any:
    sent = {"base": base, "values": values or {}, **more}
    return client.post(
        reverse(f"participate:{name}"), sent, content_type="application/json", HTTP_ACCEPT="application/json"
    )


def link_to(world: World, invitation: Invitation) -> str:
    return participants.make_link(world.user["member"], invitation)


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


# Who gets in


def test_a_guessed_token_opens_nothing(asked: Questionnaire) -> None:
    """What isn't one of our tokens is 404 and leaves no cookie."""
    for token in (
        "",
        "x",
        tokens.token(),
        "p." + tokens.token(),
        "\ud800".encode("utf-8", "surrogatepass").decode("latin1"),
    ):
        answer = somewhere().post(reverse("participate:enter"), {"token": token}, HTTP_ACCEPT="application/json")
        assert (answer.status_code, COOKIE in answer.cookies) == (404, False)


def test_only_digests_are_kept(world: World, asked: Questionnaire, subject: Subject) -> None:
    """Neither a token, nor a code, nor a contact stands in the database or the journal as it is."""
    invitation = invited(world, asked, subject)
    token = token_of(link_to(world, invitation))
    rows = [AccessLink.objects.get().digest, json.dumps([event.details for event in Event.objects.all()])]
    assert all(token not in row and "ana@example.org" not in row for row in rows)
    assert AccessLink.objects.get().digest == tokens.digest(token)


@pytest.mark.parametrize(
    ("code", "status", "change"),
    [
        ("answered", 410, {"answered_at": timezone.now()}),
        ("revoked", 410, {"revoked_at": timezone.now()}),
        ("expired", 410, {"opens_at": timezone.now() - timedelta(9), "closes_at": timezone.now() - timedelta(8)}),
        ("planned", 403, {"opens_at": timezone.now() + timedelta(8), "closes_at": timezone.now() + timedelta(9)}),
    ],
)
def test_links_end(
    world: World, asked: Questionnaire, subject: Subject, code: str, status: int, change: dict[str, Any]
) -> None:
    """A link that was used up, withdrawn, too late or too early says so to whoever replays it, and opens nothing."""
    invitation = invited(world, asked, subject)
    link = link_to(world, invitation)
    client = visit(link)
    Invitation.objects.filter(pk=invitation.pk).update(**change)
    again = somewhere().post(reverse("participate:enter"), {"token": token_of(link)}, HTTP_ACCEPT="application/json")
    assert (again.status_code, again.json()["message"]) == (status, str(faults.WORDS[code]))
    shut = post(client, "save", values={"pain": "4"})
    assert shut.status_code == status
    assert not Entry.objects.filter(subject=subject).exists()


def test_revoked_in_mid_fill(world: World, asked: Questionnaire, subject: Subject) -> None:
    """What was saved before stays; what comes after is refused in words that his browser shows beside his answers."""
    invitation = invited(world, asked, subject)
    client = visit(link_to(world, invitation))
    post(client, "save", values={"pain": "4"})
    participants.revoke(world.user["member"], invitation)
    late = post(client, "save", 1, {"pain": "9"})
    assert (late.status_code, late.json()["code"]) == (410, "revoked")
    assert Entry.objects.get(subject=subject).values == {"pain": "4"}


def test_one_visit_opens_one_invitation(world: World, asked: Questionnaire, subject: Subject) -> None:
    """A forged or foreign cookie opens nothing; nothing in a visit names a subject, so another's can't be asked for."""
    client = visit(link_to(world, invited(world, asked, subject)))
    forged = Client()
    forged.cookies[COOKIE] = client.cookies[COOKIE].value[:-3] + "abc"
    assert forged.get(reverse("participate:fill")).status_code == 410
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/participate/")
    assert client.get(reverse("ecrf:subject", args=[world.project.slug, subject.pk])).status_code == 302
    page = client.get(reverse("participate:fill"))
    assert (page["X-Robots-Tag"], "no-store" in page["Cache-Control"]) == ("noindex, nofollow, noarchive", True)
    Guest.objects.update(expires_at=timezone.now())
    assert client.get(reverse("participate:fill")).status_code == 410


def test_no_change_without_its_own_page(world: World, asked: Questionnaire, subject: Subject) -> None:
    """A page of somebody else can't save in a visit: the request brings no token of ours."""
    client = visit(link_to(world, invited(world, asked, subject)))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert post(strict, "save", values={"pain": "4"}).status_code == 403


def test_tries_are_counted(asked: Questionnaire) -> None:
    """Whoever tries return codes from one address is told to wait, before the codes are even looked at."""
    client = somewhere()
    answers = [client.post(reverse("participate:come_back"), {"code": "AAAAA-BBBBB"}).status_code for _ in range(8)]
    assert (answers[0], answers[-1]) == (422, 429)


def test_a_return_code(world: World, asked: Questionnaire, subject: Subject) -> None:
    """What was saved is there on another device, for the newest code, however it is typed."""
    client = visit(link_to(world, invited(world, asked, subject)))
    post(client, "save", values={"pain": "4"})
    first = client.post(reverse("participate:code")).json()["code"]
    answer = client.post(reverse("participate:code"), {"mail": "yes"}).json()
    assert (answer["mailed"], answer["code"] in mail.outbox[-1].body) == (True, True)
    other = somewhere()
    assert other.post(reverse("participate:come_back"), {"code": first}).status_code == 422
    typed = answer["code"].lower().replace("-", " ")
    assert other.post(reverse("participate:come_back"), {"code": typed}).status_code == 303
    assert data_of(other)["values"] == {"pain": "4"}


def test_a_one_time_code(world: World, asked: Questionnaire, subject: Subject) -> None:
    """Where the study wants a code too, nothing is shown nor saved before it; five wrong ones end the visit."""
    Questionnaire.objects.update(proof="email")
    link = link_to(world, invited(world, asked, subject))
    client = visit(link)
    assert client.get(reverse("participate:fill")).url == reverse("participate:prove")
    assert post(client, "save", values={"pain": "4"}).status_code == 410
    client.post(reverse("participate:prove"), {"send": "yes"})
    code = next(word for word in mail.outbox[-1].body.split() if word.rstrip(".").isdecimal()).rstrip(".")
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert client.post(reverse("participate:prove"), {"code": wrong}).status_code == 422
    assert client.post(reverse("participate:prove"), {"code": code}).status_code == 302
    assert data_of(client)["revision"] == 0
    other = visit(link)
    answers = [other.post(reverse("participate:prove"), {"code": wrong}).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 403]
    assert other.get(reverse("participate:fill")).status_code == 410


def test_the_public_link(world: World, asked: Questionnaire) -> None:
    """Whoever has it answers; a subject is made at the first answer, as many as the study takes, until it is closed."""
    owner = world.user["owner"]
    link = participants.open_to_anybody(owner, asked, world.site_b, 1, None)
    client, second = visit(link), visit(link)
    assert data_of(client)["revision"] == 0
    assert Subject.objects.count() == 0
    assert post(client, "save", values={"pain": "2"}).json()["revision"] == 1
    one = Subject.objects.get()
    assert (one.number, one.included_by, one.invitations.get().origin) == ("KER-001", None, "public")
    assert post(client, "save", 1, {"sleep": "1"}).json()["revision"] == 2
    assert post(second, "save", values={"pain": "3"}).json()["code"] == "full"
    participants.close_to_anybody(owner, Questionnaire.objects.get())
    late = somewhere().post(reverse("participate:enter"), {"token": token_of(link)}, HTTP_ACCEPT="application/json")
    assert late.status_code == 404
    assert post(client, "send", 2).json() == {"sent": True}


def test_a_member_is_no_participant(world: World, asked: Questionnaire, subject: Subject, client_of: ClientOf) -> None:
    """Somebody who is signed in answers nothing in a participant's place: he is told to hand the tablet over."""
    link = link_to(world, invited(world, asked, subject))
    browser = client_of("member")
    answer = browser.post(reverse("participate:enter"), {"token": token_of(link)}, HTTP_ACCEPT="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "member")


# Mails and contacts


def test_reminders(world: World, asked: Questionnaire, subject: Subject) -> None:
    """Reminders leave some days apart, as many as were settled, and stop once he has answered or wants no more."""
    invitation = invited(world, asked, subject)
    for _round in range(5):
        duties.tick()
        Invitation.objects.filter(pk=invitation.pk, mail_at__isnull=False).update(mail_at=timezone.now())
    assert len(mail.outbox) == 1 + asked.reminders
    assert "Reminder" in mail.outbox[-1].subject
    assert "List-Unsubscribe" in mail.outbox[0].extra_headers
    participants.resend(world.user["member"], invitation)
    stop = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>")
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(stop.partition("8000")[2], {"List-Unsubscribe": "One-Click"}).status_code == 200
    duties.tick()
    assert len(mail.outbox) == 1 + asked.reminders
    assert strict.get(reverse("participate:stop", args=["x"])).status_code == 404
    with pytest.raises(Conflict):
        participants.resend(world.user["member"], invitation)


def test_an_address_that_is_refused(
    world: World, asked: Questionnaire, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail that its server refuses is put aside and shown; one that can't leave now is tried again later."""
    from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

    invitation = invited(world, asked, subject)

    def failing(error: Exception) -> Callable[..., Any]:
        def send(*_arguments: Any, **_options: Any) -> None:
            raise error

        return send

    monkeypatch.setattr("ecrf.services.participants.mailing.EmailMessage.send", failing(SMTPServerDisconnected("x")))
    mailing.send_due()
    invitation.refresh_from_db()
    assert (invitation.failures, invitation.mails, AccessLink.objects.count()) == (1, 0, 0)
    Invitation.objects.update(mail_at=timezone.now())
    monkeypatch.setattr("ecrf.services.participants.mailing.EmailMessage.send", failing(SMTPRecipientsRefused({})))
    mailing.send_due()
    assert Participant.objects.get().bounced_at is not None
    assert Invitation.objects.get().mail_at is None


def test_invited_by_schedule(world: World) -> None:
    """Who has a contact is invited by himself, once, when the date that his records hold has come."""
    form = publish(world, DIARY | {"pages": [dated(), *DIARY["pages"]]}, "dates")
    asked = questionnaire(
        world, form, starts="date", date_item="operated", starts_after=7, automatic=True, open_days=30
    )
    member = world.user["member"]
    early, due, unknown = (services.include_subject(member, world.site_a) for _ in range(3))
    today = timezone.localdate()
    for subject, days in ((early, 1), (due, 8)):
        services.save_entry(member, subject, form, 0, {"operated": (today - timedelta(days=days)).isoformat()})
    for number, subject in enumerate((early, due, unknown)):
        participants.set_contact(member, subject, f"p{number}@example.org", "", "fr")
    duties.tick()
    Participant.objects.update(checked_at=None)
    duties.tick()
    assert [one.subject for one in asked.invitations.all()] == [due]
    assert [sent.to for sent in mail.outbox] == [["p1@example.org"]]
    assert "Un questionnaire" in mail.outbox[0].subject or mail.outbox[0].subject


def dated() -> dict[str, Any]:
    label = {"fr": "Opéré le", "en": "Operated on"}
    return {"key": "act", "title": label, "groups": [{"items": [{"key": "operated", "type": "date", "label": label}]}]}


def test_many_contacts(world: World, asked: Questionnaire, subject: Subject) -> None:
    """Lines of a spreadsheet are looked at first: every wrong cell is named by row and column, nobody is invited."""
    member = world.user["member"]
    elsewhere = services.include_subject(world.user["other_site"], world.site_b)
    head = "subject;email;phone;language"
    text = f"{head}\n{subject.number};ana@;06 12;xx!\n{elsewhere.number};a@b.fr;;fr\n{subject.number};;;\n"
    with pytest.raises(Invalid) as caught:
        participants.read_contacts(member, world.project, text.encode())
    assert [(fault.place, fault.code) for fault in caught.value.faults] == [
        ("2.email", "email"),
        ("2.phone", "phone"),
        ("2.language", "language"),
        ("3.subject", "subject"),
        ("4.subject", "twice"),
        ("4.email", "empty"),
    ]
    good = f"subject,email,phone\n{subject.number},ana@example.org,+33 6 12 34 56 78\n"
    lines = participants.read_contacts(member, world.project, good.encode())
    assert participants.invite_many(member, asked, lines) == (1, 0)
    assert participants.invite_many(member, asked, lines) == (0, 1)
    assert Participant.objects.get().phone == "+33612345678"


def test_contacts_are_apart(world: World, asked: Questionnaire, subject: Subject) -> None:
    """Who may not read contacts doesn't; erased, a contact is gone and the answers stay."""
    invitation = invited(world, asked, subject)
    client = visit(link_to(world, invitation))
    post(client, "save", values={"pain": "4"})
    with pytest.raises(Refusal):
        participants.set_contact(world.user["monitor"], subject, "x@example.org", "", "fr")
    participants.erase_contact(world.user["member"], Participant.objects.get())
    assert not Participant.objects.exists()
    assert Entry.objects.get().values == {"pain": "4"}
    assert Invitation.objects.get().mail_at is None


def test_short_messages(world: World, asked: Questionnaire, subject: Subject, settings: Any, tmp_path: Path) -> None:
    """A code goes through the operator's gateway; where there is none, none can be asked for, and that is said."""
    owner = world.user["owner"]
    with pytest.raises(Invalid) as caught:
        participants.save_questionnaire(owner, asked.form, {"proof": "sms"}, asked)
    assert caught.value.faults[0].code == "no_sms"
    with gateway(tmp_path) as (address, authority, messages):
        settings.OUTGOING_HOSTS, settings.OUTGOING_CA = ["localhost"], str(authority)
        settings.SMS_URL, settings.SMS_TOKEN, settings.SMS_FROM = address, "secret", "Suite"
        participants.save_questionnaire(owner, asked.form, {"proof": "sms"}, asked)
        participants.set_contact(world.user["member"], subject, "", "+33612345678", "en")
        link = link_to(world, participants.invite(world.user["member"], asked, subject))
        client = visit(link)
        client.post(reverse("participate:prove"), {"send": "yes"})
        [message] = messages
        assert (message["to"], message["from"], message["token"]) == ("+33612345678", "Suite", "Bearer secret")
        code = next(word.rstrip(".") for word in message["text"].split() if word.rstrip(".").isdecimal())
        assert client.post(reverse("participate:prove"), {"code": code}).status_code == 302
        settings.SMS_URL = address.replace("/sms", "/broken")
        assert visit(link).post(reverse("participate:prove"), {"send": "yes"}).status_code == 422
