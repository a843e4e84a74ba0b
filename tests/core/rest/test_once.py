"""Idempotency-Key: whatever happens on the way, a call is done once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from core.access.demo import World, build
from core.access.models import Membership, Role
from core.api import keeping
from core.api.models import Answer, Token
from core.api.services import create_token
from core.datasets.models import DatasetVersion
from ecrf.models import Subject

ApiOf = Callable[[str], APIClient]
SUBJECTS = "/api/v1/ecrf/subjects/"
KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


@pytest.fixture
def subject(world: World) -> dict[str, str]:
    return {"project": world.project.slug, "site": world.site_a.code}


def again(client: APIClient, data: Any, key: str = KEY, path: str = SUBJECTS) -> Any:
    return client.post(path, data, headers={"Idempotency-Key": key})


def test_it_is_done_once(api_of: ApiOf, subject: dict[str, str]) -> None:
    """The repetition gets the status, the body and the headers of the first call, and includes nobody."""
    client = api_of("member")
    first, second = again(client, subject), again(client, dict(reversed(subject.items())))
    assert (first.status_code, first.headers.get("Idempotency-Replayed")) == (201, None)
    assert (second.status_code, second["Idempotency-Replayed"]) == (201, "true")
    assert second.json() == first.json()
    assert second["Content-Type"] == first["Content-Type"]
    assert Subject.objects.count() == 1


def test_quotes_around_a_key(api_of: ApiOf, subject: dict[str, str]) -> None:
    """A key is a quoted text by the draft; without its quotes it is the same key."""
    client = api_of("member")
    assert again(client, subject, f'"{KEY}"').json() == again(client, subject).json()


def test_another_call_under_the_same_key(api_of: ApiOf, subject: dict[str, str], world: World) -> None:
    """Another body, or another address, under a key that was used is 422 and does nothing."""
    client = api_of("owner")
    again(client, subject)
    other = again(client, subject | {"site": world.site_b.code})
    assert (other.status_code, other.json()["type"]) == (422, "urn:suite-interhop:problem:idempotency-key-reused")
    assert again(client, subject, path=f"{SUBJECTS}bulk/").status_code == 422
    assert Subject.objects.count() == 1


@pytest.mark.parametrize("key", ["short", "a" * 256, "with a space in it", '"half quoted text', "é" * 20])
def test_a_key_that_is_none(api_of: ApiOf, subject: dict[str, str], key: str) -> None:
    """What can't be a key is 400, so that nobody believes himself safe."""
    answer = again(api_of("member"), subject, key)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:suite-interhop:problem:idempotency-key")
    assert not Subject.objects.exists()


def test_keys_of_two_callers(api_of: ApiOf, subject: dict[str, str], world: World) -> None:
    """Each caller has keys of his own; a token is another caller than its owner in his session."""
    until = timezone.now() + timedelta(days=1)
    _token, text = create_token(world.user["owner"], world.project, "script", ["access.view_project"], until)
    program = APIClient(headers={"Authorization": f"Bearer {text}"})
    assert again(api_of("owner"), subject).status_code == 201
    assert again(api_of("member"), subject).status_code == 201
    assert again(program, subject).status_code == 403
    assert Subject.objects.count() == 2


def test_what_was_refused_may_be_tried_again(api_of: ApiOf, subject: dict[str, str]) -> None:
    """A refusal changed nothing and is not kept: mended, the call goes through under the same key."""
    client = api_of("member")
    assert again(client, {"project": subject["project"]}).status_code == 422
    assert not Answer.objects.exists()
    assert again(client, subject).status_code == 201


def test_a_refusal_is_in_the_journal(api_of: ApiOf, subject: dict[str, str]) -> None:
    """With a key too, what one may not do is written down though all is rolled back."""
    from core.audit.models import Event

    assert again(api_of("monitor"), subject).status_code == 403
    assert Event.objects.filter(action="access.refused").count() == 1


def test_a_crash_before_the_end(api_of: ApiOf, subject: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the act and the memory of it there is nothing: where the answer can't be kept, nothing was done."""

    def crash(*_given: object) -> None:
        raise RuntimeError("the power failed")

    client = api_of("member")
    with monkeypatch.context() as patch:
        patch.setattr(keeping.Keeper, "keep", crash)
        with pytest.raises(RuntimeError):
            again(client, subject)
    assert not Subject.objects.exists()
    assert again(client, subject).status_code == 201


def test_a_secret_is_not_kept(api_of: ApiOf, world: World) -> None:
    """A token that was made is not made again, and its text, shown once, is not in the memory: 409 in words."""
    until = (timezone.now() + timedelta(days=1)).isoformat()
    asked = {"name": "a", "project": world.project.slug, "permissions": ["access.view_project"], "expires_at": until}
    client = api_of("owner")
    assert again(client, asked, path="/api/v1/tokens/").status_code == 201
    answer = again(client, asked, path="/api/v1/tokens/")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:suite-interhop:problem:answer-not-kept")
    assert Token.objects.count() == 1
    assert Answer.objects.get().body is None


def test_the_memory_can_not_be_read(api_of: ApiOf, subject: dict[str, str]) -> None:
    """Neither the key, nor the call, nor the answer is in the row; without the key, the vault opens nothing."""
    from core import vault

    number = again(api_of("member"), subject).json()["number"]
    row = Answer.objects.get()
    seen = repr([getattr(row, field.attname) for field in row._meta.fields])
    assert KEY not in seen
    assert str(number) not in row.headers.values()
    with pytest.raises(vault.Unopenable):
        vault.open(None, bytes(row.body or b""), keeping.place(row.key_hash, "another-key-of-16"))


def test_other_rights_since(api_of: ApiOf, subject: dict[str, str], world: World) -> None:
    """Who has lost a role since isn't shown again what he was shown then."""
    client = api_of("owner")
    again(client, subject)
    membership = Membership.objects.get(user=world.user["owner"])
    membership.roles.set(Role.objects.filter(key="monitor"))
    answer = again(client, subject)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:suite-interhop:problem:answer-not-kept")


def test_a_day_later(api_of: ApiOf, subject: dict[str, str]) -> None:
    """After a day the key is new again, and the upkeep leaves nothing of it."""
    client = api_of("member")
    again(client, subject)
    Answer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert again(client, subject).headers.get("Idempotency-Replayed") is None
    assert Subject.objects.count() == 2
    Answer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    keeping.forget()
    assert not Answer.objects.exists()


def test_a_form_with_a_file(api_of: ApiOf, world: World) -> None:
    """A form is the same call though its boundary differs; with another file in it, it isn't."""

    def upload(content: bytes) -> Any:
        form = {
            "project": world.project.slug,
            "name": "ages",
            "title": "Ages",
            "file": SimpleUploadedFile("a.csv", content),
        }
        return api_of("owner").post(
            "/api/v1/datasets/upload/", form, format="multipart", headers={"Idempotency-Key": KEY}
        )

    first = upload(b"age\n1\n")
    assert first.status_code == 201, first.content
    assert upload(b"age\n1\n").json() == first.json()
    assert upload(b"age\n2\n").status_code == 422
    assert DatasetVersion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once() -> None:
    """While the first call is under way, the second is told so; afterwards it gets the first one's answer."""
    world = build()
    subject = {"project": world.project.slug, "site": world.site_a.code}
    client = APIClient()
    other = APIClient()
    for each in (client, other):
        each.force_login(world.user["member"])
        each.get("/api/v1/me/")  # a session's first use waits for the person's other sessions
    done, inside = threading.Event(), threading.Event()
    answers: list[Any] = []

    def first() -> None:
        try:
            with transaction.atomic():
                answers.append(again(client, subject))
                inside.set()
                done.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(20)
    try:
        running = again(other, subject)
    finally:
        done.set()
        thread.join()
    assert (running.status_code, running.json()["type"]) == (409, "urn:suite-interhop:problem:idempotency-key-running")
    assert again(other, subject).json() == answers[0].json()
    assert Subject.objects.count() == 1
