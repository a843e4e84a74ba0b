"""Mails: at the hour one chose, once, without what must not be said, and with a way out of them."""

from __future__ import annotations

import datetime as dt
import re
import smtplib
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from core.access.demo import World
from core.access.models import Invitation, Membership
from core.inbox import digest, reminders, services
from core.inbox.mail import send_due
from core.notices.choices import set_rhythm
from core.notices.models import Notice, Rhythm
from core.notices.services import forget_old, notify

PARIS = timezone.get_default_timezone()


@pytest.fixture
def told(world: World) -> Notice:
    """Told to the clinician on Monday at noon."""
    url = world.project.get_absolute_url()
    [notice] = notify([world.user["member"]], "inbox.membership_ends", project=world.project, url=url, day="2026-12-24")
    Notice.objects.filter(pk=notice.pk).update(created_at=at(23, 12))
    return notice


def at(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, 30, tzinfo=PARIS)


def test_the_summary_leaves_once_at_its_hour(told: Notice) -> None:
    """Nothing before the hour, one mail after it, none again; what came later waits for the next."""
    set_rhythm(told.user, "day", 18, 0)
    assert digest.send_due(at(23, 17)) == 0
    assert [digest.send_due(at(23, 18)), digest.send_due(at(23, 18)), digest.send_due(at(24, 19))] == [1, 0, 0]
    [sent] = mail.outbox
    assert sent.to == [told.user.email]
    assert "24 déc. 2026" in sent.body.replace("\xa0", " ")


def test_a_weekly_summary_waits_for_its_day(told: Notice) -> None:
    """On Thursdays, for who chose Thursday; after a stop of the suite it leaves once, late."""
    set_rhythm(told.user, "week", 8, 3)
    assert [digest.send_due(at(25, 9)), digest.send_due(at(28, 9)), digest.send_due(at(28, 10))] == [0, 1, 0]


def test_no_summary_of_what_is_read_or_not_wished(told: Notice) -> None:
    """What one has read is in no summary; who wishes none gets none."""
    set_rhythm(told.user, "never", 8, 0)
    assert digest.send_due(at(25, 9)) == 0
    Rhythm.objects.update(every="day")
    Notice.objects.update(read_at=timezone.now())
    assert digest.send_due(at(25, 9)) == 0


def test_a_mail_names_no_project_unless_its_managers_allow_it(told: Notice, world: World) -> None:
    """Neither the name nor the address of a project is in a mail; its managers may have it named."""
    digest.send_due(at(25, 9))
    assert "Sepsis" not in str(mail.outbox[0].message())
    assert world.project.slug not in mail.outbox[0].body
    services.name_in_mails(world.user["owner"], world.project, True)
    Notice.objects.update(mailed_at=None)
    digest.send_due(at(26, 9))
    assert "Étude Sepsis" in mail.outbox[1].body
    Membership.objects.filter(user=told.user).update(ends_at=timezone.now(), starts_at=at(1, 1))
    Notice.objects.update(mailed_at=None)
    digest.send_due(at(27, 9))
    assert "Étude Sepsis" not in mail.outbox[2].body


def test_the_sentence_of_a_mail_names_no_project_either(world: World) -> None:
    """What a notice says of where it happened stays in the pages, unless mails may name the project."""
    words = {"where": str(world.project), "who": "Camille Le Goff"}
    notify([world.user["member"]], "access.member_changed", project=world.project, **words)
    tomorrow = timezone.now() + dt.timedelta(days=1)
    digest.send_due(tomorrow)
    assert "Camille Le Goff a modifié vos droits" in mail.outbox[0].body
    assert "Sepsis" not in mail.outbox[0].body
    services.name_in_mails(world.user["owner"], world.project, True)
    Notice.objects.update(mailed_at=None)
    digest.send_due(tomorrow + dt.timedelta(days=1))
    assert "Camille Le Goff a modifié vos droits dans «\xa0Étude Sepsis\xa0»" in mail.outbox[1].body


def test_only_managers_decide_what_mails_name(world: World, client_of: Callable[[str], Client]) -> None:
    """Who doesn't manage the project can't have it named."""
    client_of("member").post("/notices/settings/projects/", {"named": str(world.project.pk)})
    assert services.named_among([world.project]) == set()
    client_of("owner").post("/notices/settings/projects/", {"named": str(world.project.pk)})
    assert services.named_among([world.project]) == {world.project.pk}


def test_what_is_urgent_leaves_at_once_and_once(world: World) -> None:
    """An urgent notice is mailed whatever one chose, by whichever scheduler comes first; it can't be unsubscribed."""
    notify([world.user["member"]], "inbox.invited", urgent=True)
    assert [send_due(), send_due()] == [1, 0]
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers


def test_a_mail_that_fails_is_sent_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the mail server is away nothing is marked as sent."""

    def away(*args: object) -> int:
        raise smtplib.SMTPServerDisconnected

    notify([world.user["member"]], "inbox.invited", urgent=True)
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", away)
        assert send_due() == 0
    assert send_due() == 1


def test_unsubscribing_needs_no_sign_in(told: Notice) -> None:
    """The signed link of the mail shows what ends, and ends it on POST, as mail programs do it by themselves."""
    digest.send_due(at(25, 9))
    headers, stranger = mail.outbox[0].extra_headers, Client(enforce_csrf_checks=True)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [path] = re.findall(r"<https?://[^/]+(/[^>]+)>", headers["List-Unsubscribe"])
    assert stranger.get(path).status_code == 200
    assert Rhythm.objects.get(user=told.user).every == "day"
    assert stranger.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Rhythm.objects.get(user=told.user).every == "never"
    assert stranger.post(path[:-3] + "AA/").status_code == 404


def test_an_access_that_ends_soon_is_told_once(world: World) -> None:
    """Seven days before, once; a new end is told again."""
    memberships = Membership.objects.filter(user=world.user["member"])
    memberships.update(ends_at=timezone.now() + dt.timedelta(days=8))
    assert reminders.remind() == 0
    memberships.update(ends_at=timezone.now() + dt.timedelta(days=3))
    assert [reminders.remind(), reminders.remind()] == [1, 0]
    memberships.update(ends_at=timezone.now() + dt.timedelta(days=5))
    assert reminders.remind() == 1


def test_who_has_an_account_hears_of_an_invitation(world: World) -> None:
    """The notice says that there is an invitation, and neither of what nor its secret."""
    Invitation.objects.create(
        email="STRANGER@demo.example",
        project=world.project,
        secret_hash="x",
        invited_by=world.user["owner"],
        expires_at=timezone.now() + dt.timedelta(days=1),
    )
    notice = Notice.objects.get(user=world.user["stranger"])
    assert (notice.kind, notice.project_id, notice.url, notice.details) == ("inbox.invited", None, "", {})


def test_old_notices_are_forgotten(told: Notice) -> None:
    """What was read three months ago goes; what isn't read stays a year."""
    forget_old()
    assert Notice.objects.exists()
    Notice.objects.update(read_at=timezone.now() - dt.timedelta(days=91))
    forget_old()
    assert not Notice.objects.exists()


def test_a_server_that_is_away_is_asked_once_a_round(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduler has other duties: it waits for no server that is away more than once, neither for the summaries."""
    asked: list[str] = []

    def away(_backend: EmailBackend, messages: list[EmailMessage]) -> int:
        asked.extend(messages[0].to)
        raise TimeoutError

    for person in ("member", "researcher", "owner"):
        notify([world.user[person]], "inbox.invited", urgent=True)
        notify([world.user[person]], "inbox.invited")
    monkeypatch.setattr(EmailBackend, "send_messages", away)
    assert send_due() == 0
    assert len(asked) == 1
    assert digest.send_due(at(2, 7) + dt.timedelta(days=400)) == 0
    assert len(asked) == 2


def test_an_address_that_is_refused_holds_up_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that refuses one recipient takes the mails to the others."""

    def refuse(_backend: EmailBackend, messages: list[EmailMessage]) -> int:
        if messages[0].to == [world.user["member"].email]:
            raise smtplib.SMTPRecipientsRefused({})
        return 1

    for person in ("member", "owner"):
        notify([world.user[person]], "inbox.invited", urgent=True)
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    assert send_due() == 1
