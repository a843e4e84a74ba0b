"""The audit trail in the browser: read by those who may, filtered by the address, exported, verified."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone, translation

from core import audit, jobs
from core.access.demo import World
from core.audit import signing
from core.audit.chain import Head
from core.audit.models import Event
from core.jobs.models import Job
from core.journal import telling
from tests.queries import queries_of

ClientOf = Callable[[str], Client]


@pytest.fixture
def page(world: World, acts: None) -> str:
    return reverse("audit:journal", args=[world.project.slug])


def shown(client: Client, address: str, **query: str) -> list[str]:
    """The actions on the page, newest first."""
    return [event.action for event in client.get(address, query).context["table"].page]


def test_a_project_shows_its_own_events(client_of: ClientOf, page: str) -> None:
    """Nothing of another project, and nothing that belongs to no project, is shown."""
    found = shown(client_of("owner"), page)
    assert {"jobs.job_submitted", "audit.journal_exported"} <= set(found)
    assert "accounts.signed_in" not in found


def test_reading_the_journal_stands_in_the_journal(client_of: ClientOf, page: str, world: World) -> None:
    """Who reads it leaves an event, with what he looked for but not the words he searched."""
    client_of("owner").get(page, {"outcome": "failed", "q": "Kerbrat"})
    event = Event.objects.filter(action="audit.journal_read", actor_id=world.user["owner"].pk).latest("id")
    assert (event.project_id, event.details) == (world.project.pk, {"filters": ["outcome"], "searched": True})


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ({"outcome": "failed"}, ["audit.journal_exported"]),
        ({"action": "jobs.job_submitted"}, ["jobs.job_submitted"]),
        ({"q": "kerbrat"}, ["jobs.job_submitted"]),
        ({"q": "=1+1"}, ["jobs.job_submitted"]),
        ({"from": "2001-01-01", "to": "2001-01-02"}, []),
        ({"object": "access.project", "outcome": "failed"}, ["audit.journal_exported"]),
    ],
)
def test_filters_stand_in_the_address(
    client_of: ClientOf, page: str, query: dict[str, str], actions: list[str]
) -> None:
    """Who, what, to what, outcome, days and free words narrow the list."""
    assert shown(client_of("owner"), page, **query) == actions


def test_the_last_day_of_the_calendar(client_of: ClientOf, page: str) -> None:
    """A day that has no next one is as good as another."""
    assert client_of("owner").get(f"{page}?from=0001-01-01&to=9999-12-31").status_code == 200


def test_a_person_is_a_filter(client_of: ClientOf, page: str, world: World) -> None:
    """The list of people holds those who did something here."""
    client = client_of("owner")
    assert shown(client, page, who=str(world.user["member"].pk)) == ["jobs.job_submitted"]


@pytest.mark.parametrize(("language", "words"), [("fr", "a exporté le journal"), ("en", "exported the audit trail")])
def test_events_are_told_in_sentences(client_of: ClientOf, page: str, world: World, language: str, words: str) -> None:
    """An act is said in the reader's language, after the person's name."""
    world.user["owner"].language = language
    world.user["owner"].save()
    text = client_of("owner").get(page).content.decode()
    assert words in text
    assert "Nolwenn Kerbrat" in text


@pytest.mark.parametrize(
    ("action", "channel", "who"),
    [("sign_in_failed", "page", "Somebody unknown"), ("signin_link_made", "command", "The system")],
)
def test_an_act_without_a_person(world: World, action: str, channel: str, who: str) -> None:
    """Whoever tries to sign in at a page is unknown; what comes from the console is the system's."""
    with translation.override("en"):
        event = Event(action=f"accounts.{action}", channel=channel)
        assert telling.Teller(world.user["owner"]).who(event) == who


def test_the_list_costs_the_same_however_long(client_of: ClientOf, page: str, world: World) -> None:
    """The number of queries does not grow with the number of events."""
    client = client_of("owner")
    few = queries_of(client, page)
    for number in range(40):
        audit.record(world.user["member"], "jobs.job_done", world.project, project=world.project, number=number)
    assert queries_of(client, page) == few


def test_nobody_reads_health_data_of_things_he_may_not_see(client_of: ClientOf, page: str, world: World) -> None:
    """A thing that the reader may not see is shown by its number, not by its name."""
    job = Job.objects.create(
        task="ecrf.secret_name", owner=world.user["member"], project=world.project, queue="default"
    )
    audit.record(world.user["member"], "jobs.job_submitted", job)
    assert "ecrf.secret_name" in client_of("owner").get(page).content.decode()
    assert "ecrf.secret_name" not in client_of("monitor").get(page).content.decode()


def test_the_export_is_complete_and_safe(client_of: ClientOf, world: World, page: str) -> None:
    """CSV for spreadsheets, in which nothing is taken for a formula; the export stands in the journal."""
    answer = client_of("owner").get(reverse("audit:export", args=[world.project.slug]), {"format": "csv"})
    text = b"".join(answer.streaming_content).decode()
    assert "'=1+1" in text
    assert ";=1+1" not in text
    assert len(text.splitlines()) == 3
    event = Event.objects.filter(action="audit.journal_exported", outcome="done").get()
    assert (event.actor_id, event.details["events"]) == (world.user["owner"].pk, 2)


def test_the_export_follows_the_filters(client_of: ClientOf, world: World, page: str) -> None:
    """As JSON lines, with what the address leaves."""
    address = reverse("audit:export", args=[world.project.slug])
    answer = client_of("owner").get(address, {"format": "json", "outcome": "failed"})
    (record,) = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert (record["action"], record["sealed"]) == ("audit.journal_exported", False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_export_behind_asgi_speaks_the_readers_language(world: World, page: str, form: str) -> None:
    """The file is sent while it is made, in the language of who reads it, whatever his browser asks for."""
    world.user["owner"].language = "fr"
    world.user["owner"].save()
    client = AsyncClient(headers={"Accept-Language": "en"})
    client.force_login(world.user["owner"])

    async def received() -> str:
        answer = await client.get(reverse("audit:export", args=[world.project.slug]), {"format": form})
        assert answer.is_async
        return b"".join([part async for part in answer.streaming_content]).decode()

    text = async_to_sync(received)()
    assert "a exporté le journal" in text
    assert "exported the audit trail" not in text


def test_the_chain_is_verified_from_the_page(
    client_of: ClientOf, page: str, world: World, settings: Any, tmp_path: Any
) -> None:
    """The button starts a job; once it is done, the page says what it found."""
    settings.DATA_DIR = tmp_path
    client = client_of("owner")
    assert client.post(reverse("audit:verify", args=[world.project.slug])).status_code == 303
    assert "<job-progress" in client.get(page).content.decode()
    assert jobs.run_waiting() == 1
    text = client.get(page).content.decode()
    assert "notice-done" in text
    assert Job.objects.get().result["intact"] is True
    assert Event.objects.filter(action="audit.journal_verified", project_id=world.project.pk).exists()


def test_the_job_trusts_what_an_older_key_signed(
    client_of: ClientOf, world: World, settings: Any, tmp_path: Any
) -> None:
    """After the key was renewed, heads of an older key are intact once AUDIT_OLD_KEYS names it, and forged before."""
    settings.DATA_DIR = tmp_path
    old = Ed25519PrivateKey.generate()
    public = base64.b64encode(old.public_key().public_bytes_raw()).decode()
    head = Head(1, bytes(32), timezone.now())
    signing.keep_outside(signing.Signed(head, signing.key_id(public), old.sign(head.message())))
    for trusted, found in (([], "forged"), ([public], "cut")):
        settings.AUDIT_OLD_KEYS = trusted
        client_of("owner").post(reverse("audit:verify", args=[world.project.slug]))
        jobs.run_waiting()
        assert Job.objects.latest("created_at").result["kinds"] == [found]


def test_administrators_see_no_project_on_their_page(client_of: ClientOf, acts: None) -> None:
    """The page of the instance holds sign-ins and accounts, and nothing of any project."""
    events = list(client_of("administrator").get(reverse("audit:instance")).context["table"].page)
    assert events
    assert {event.project_id for event in events} == {None}
