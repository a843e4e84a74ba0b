"""Webhooks: what is told, to whom, how it is proven, and what happens when nobody answers."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from core import access, jobs, outgoing
from core.access.demo import World
from core.access.models import Membership
from core.access.services import end_membership
from core.audit.models import Event
from core.errors import Conflict, Invalid
from core.notices.models import Notice
from core.webhooks import sending, services
from core.webhooks.engine import signing
from core.webhooks.models import Attempt, Delivery, Endpoint
from ecrf.services import include_subject

ENDPOINTS = "/api/v1/webhooks/endpoints/"
INCLUDED = "ecrf.subject_included"
Committing = Callable[..., Any]


class Receiver(ThreadingHTTPServer):
    """A program that is told things; it answers what it is set to answer."""

    status, headers_too = 200, {}

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = f"http://localhost:{self.server_address[1]}/hook"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        for name, value in self.server.headers_too.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"thanks\0 a lot")

    def log_message(self, *_words: Any) -> None:
        pass


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.OUTGOING_HOSTS = ["localhost"]
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def hook(world: World, receiver: Receiver) -> tuple[Endpoint, str]:
    return services.create_endpoint(world.user["owner"], world.project, receiver.url, [INCLUDED], "Registry")


def happen(world: World, committing: Committing) -> Any:
    """A subject is included, and what waits is done."""
    with committing(execute=True):
        subject = include_subject(world.user["member"], world.site_a)
    with committing(execute=True):
        jobs.run_waiting()
    return subject


def test_what_happens_is_told(
    world: World, hook: tuple[Endpoint, str], receiver: Receiver, django_capture_on_commit_callbacks: Committing
) -> None:
    """The address learns what happened to which thing, once, signed so that the receiver can prove it, without data."""
    subject = happen(world, django_capture_on_commit_callbacks)
    ((headers, body),) = receiver.got
    delivery = Delivery.objects.get()
    assert json.loads(body) == {
        "type": INCLUDED,
        "timestamp": delivery.at.isoformat(),
        "data": {
            "project": world.project.slug,
            "event_id": Event.objects.get(action=INCLUDED).pk,
            "object_type": "ecrf.subject",
            "object_id": str(subject.pk),
        },
    }
    assert headers["webhook-id"] == delivery.message_id
    assert signing.verify(hook[1], headers, body, time.time())
    attempt = Attempt.objects.get()
    assert (delivery.state, attempt.status, attempt.answer) == ("done", 200, "thanks  a lot")


def test_who_can_not_have_sent_it(
    world: World, hook: tuple[Endpoint, str], receiver: Receiver, django_capture_on_commit_callbacks: Committing
) -> None:
    """Another body, id, time or secret, and a call that is sent again later, are not believed."""
    happen(world, django_capture_on_commit_callbacks)
    ((headers, body),) = receiver.got
    secret, now = hook[1], time.time()
    assert not signing.verify(secret, headers, body + b" ", now)
    assert not signing.verify(secret, headers | {"webhook-id": "msg_0"}, body, now)
    assert not signing.verify(secret, headers | {"webhook-timestamp": "١"}, body, now)
    assert not signing.verify(secret, headers, body, now + signing.TOLERANCE + 60)
    assert not signing.verify(secret, headers | {"webhook-signature": ""}, body, now)
    assert not signing.verify(signing.secret_text(b"x" * 32), headers, body, now)


def test_the_example_of_the_specification() -> None:
    """The signature is that of Standard Webhooks, by the example of its own libraries."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert signing.verify(secret, headers, body, 1614265330)


def test_what_is_not_told(
    world: World, hook: tuple[Endpoint, str], django_capture_on_commit_callbacks: Committing
) -> None:
    """Nothing of another project, no refusal, nothing it didn't ask for, and nothing about the telling itself."""
    services.change_endpoint(world.user["owner"], hook[0], events=[INCLUDED, "jobs.job_done"])
    with pytest.raises(access.Refused) as refusal:
        include_subject(world.user["monitor"], world.site_a)
    refusal.value.record()
    assert not Delivery.objects.exists()
    happen(world, django_capture_on_commit_callbacks)
    assert [delivery.action for delivery in Delivery.objects.all()] == [INCLUDED]


def test_a_secret_is_renewed(
    world: World, hook: tuple[Endpoint, str], receiver: Receiver, django_capture_on_commit_callbacks: Committing
) -> None:
    """For a day both secrets prove a call, afterwards the new one alone; neither stands in the database in clear."""
    endpoint, text = services.rotate_secret(world.user["owner"], hook[0])
    happen(world, django_capture_on_commit_callbacks)
    headers, body = receiver.got[0]
    assert signing.verify(hook[1], headers, body, time.time())
    assert signing.verify(text, headers, body, time.time())
    Endpoint.objects.update(old_secret_until=timezone.now())
    endpoint.refresh_from_db()
    assert [signing.secret_text(secret) for secret in sending.secrets_of(endpoint)] == [text]
    services.forget()
    assert Endpoint.objects.get().old_secret is None
    assert signing.base64.b64decode(text.removeprefix("whsec_")) not in bytes(endpoint.secret)


def test_nobody_answers_well(
    world: World, hook: tuple[Endpoint, str], receiver: Receiver, django_capture_on_commit_callbacks: Committing
) -> None:
    """It is tried again with growing pauses, by the scheduler; an answer in between ends the trouble."""
    receiver.status = 500
    happen(world, django_capture_on_commit_callbacks)
    delivery = Delivery.objects.get()
    first_pause = delivery.due_at - timezone.now()
    assert (delivery.state, delivery.tried, Endpoint.objects.get().failing_since is None) == ("waiting", 1, False)
    again(delivery, django_capture_on_commit_callbacks)
    delivery.refresh_from_db()
    assert delivery.due_at - timezone.now() > first_pause * 2
    receiver.status = 204
    again(delivery, django_capture_on_commit_callbacks)
    delivery.refresh_from_db()
    assert (delivery.state, Endpoint.objects.get().failing_since) == ("done", None)
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1


def again(delivery: Delivery, committing: Committing) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    with committing(execute=True):
        sending.start_due()
    with committing(execute=True):
        jobs.run_waiting()


def test_a_day_without_an_answer(
    world: World, hook: tuple[Endpoint, str], receiver: Receiver, django_capture_on_commit_callbacks: Committing
) -> None:
    """After a day it is switched off, the managers are told, and it is called no more until one switches it on."""
    receiver.status = 503
    happen(world, django_capture_on_commit_callbacks)
    yesterday = timezone.now() - timedelta(days=1, minutes=1)
    Endpoint.objects.update(failing_since=yesterday)
    Delivery.objects.update(asked_at=yesterday)
    again(Delivery.objects.get(), django_capture_on_commit_callbacks)
    endpoint = Endpoint.objects.get()
    assert (endpoint.off, Delivery.objects.get().state) == ("failing", "failed")
    notice = Notice.objects.get()
    assert (notice.user, notice.kind) == (world.user["owner"], "webhooks.endpoint_switched_off")
    calls = len(receiver.got)
    happen(world, django_capture_on_commit_callbacks)
    assert len(receiver.got) == calls
    services.change_endpoint(world.user["owner"], endpoint, active=True)
    assert Endpoint.objects.get().failing_since is None


def test_gone_for_good(
    world: World, hook: tuple[Endpoint, str], receiver: Receiver, django_capture_on_commit_callbacks: Committing
) -> None:
    """An address that says that it is gone is switched off at once."""
    receiver.status = 410
    happen(world, django_capture_on_commit_callbacks)
    assert Endpoint.objects.get().off == "gone"


def test_a_redirect_is_not_followed(
    world: World, hook: tuple[Endpoint, str], receiver: Receiver, django_capture_on_commit_callbacks: Committing
) -> None:
    """A receiver can't send the suite elsewhere: a redirect is a failure."""
    receiver.status, receiver.headers_too = 307, {"Location": receiver.url}
    happen(world, django_capture_on_commit_callbacks)
    assert len(receiver.got) == 1
    assert (Attempt.objects.get().status, Delivery.objects.get().state) == (307, "waiting")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1"])
def test_a_name_that_leads_inside(world: World, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """A name that looked public and now leads into the suite's own network is not called."""
    endpoint, _text = services.create_endpoint(world.user["owner"], world.project, "https://x.example/", [INCLUDED])
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *_asked, **_more: found)
    attempt = sending.call(Delivery.objects.create(endpoint=endpoint, action=INCLUDED))
    assert (attempt.status, attempt.fault) == (None, "forbidden")


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://user:secret@receiver.example/",
        "https://receiver.example:port/",
        "ftp://receiver.example/",
        "https://[",
        "/hook",
        "",
    ],
)
def test_an_address_that_is_none(world: World, url: str) -> None:
    """Only a whole address of the internet, encrypted and without a password, can be told."""
    with pytest.raises(Invalid):
        services.create_endpoint(world.user["owner"], world.project, url, [INCLUDED])


def test_the_same_address_twice(world: World, hook: tuple[Endpoint, str]) -> None:
    """An address is told once in a project."""
    with pytest.raises(Invalid):
        services.create_endpoint(world.user["owner"], world.project, hook[0].url, [INCLUDED])


def test_an_event_that_is_not_public(world: World) -> None:
    """What doesn't declare itself public to webhooks can't be asked for."""
    with pytest.raises(Invalid):
        services.create_endpoint(world.user["owner"], world.project, "https://x.example/", ["ecrf.entry_read"])


def test_its_owner_leaves(world: World, hook: tuple[Endpoint, str]) -> None:
    """With its owner's membership the telling ends at once."""
    manager = Membership.objects.get(user=world.user["owner"])
    other = Membership.objects.create(user=world.user["researcher"], project=world.project)
    other.roles.set(manager.roles.all())
    end_membership(world.user["researcher"], manager)
    assert Endpoint.objects.get().off == "rights"


def test_its_owner_loses_the_right(
    world: World, hook: tuple[Endpoint, str], receiver: Receiver, django_capture_on_commit_callbacks: Committing
) -> None:
    """So it does when his membership runs out by itself, or leaves him the project without the right."""
    Membership.objects.get(user=world.user["owner"]).roles.clear()
    happen(world, django_capture_on_commit_callbacks)
    assert (receiver.got, Endpoint.objects.get().off) == ([], "rights")


def test_told_again(
    world: World, hook: tuple[Endpoint, str], receiver: Receiver, django_capture_on_commit_callbacks: Committing
) -> None:
    """One delivery, or all of a time, is told again under the same ids; not while the address is off."""
    for _time in range(2):
        happen(world, django_capture_on_commit_callbacks)
    owner, since = world.user["owner"], timezone.now() - timedelta(hours=1)
    with django_capture_on_commit_callbacks(execute=True):
        services.replay(owner, Delivery.objects.order_by("at")[0])
    jobs.run_waiting()
    assert receiver.got[2][0]["webhook-id"] == receiver.got[0][0]["webhook-id"]
    with django_capture_on_commit_callbacks(execute=True):
        assert services.replay_since(owner, hook[0], since) == 2
        assert services.replay_since(owner, hook[0], timezone.now()) == 0
    jobs.run_waiting()
    assert len(receiver.got) == 5
    services.change_endpoint(owner, hook[0], active=False)
    with pytest.raises(Conflict):
        services.replay_since(owner, hook[0], since)


def test_over_rest(
    world: World, api_of: Callable[[str], APIClient], confirm: Callable[[Client], Client], receiver: Receiver
) -> None:
    """The secret comes once, to who has just said who he is; a change says which version it knows."""
    client = api_of("owner")
    asked = {"project": world.project.slug, "url": receiver.url, "events": [INCLUDED]}
    assert client.post(ENDPOINTS, asked).json()["type"].endswith(":reauthenticate")
    confirm(client)
    made = client.post(ENDPOINTS, asked)
    assert (made.status_code, made.json()["secret"][:6], made["Cache-Control"]) == (201, "whsec_", "no-store")
    path = f"{ENDPOINTS}{made.json()['id']}/"
    shown = client.get(path)
    assert "secret" not in shown.json()
    changed = client.patch(path, {"active": False}, headers={"If-Match": shown["ETag"]})
    assert (changed.status_code, changed.json()["active"], changed.json()["off"]) == (200, False, "person")
    assert client.patch(path, {"active": True}, headers={"If-Match": shown["ETag"]}).status_code == 412
    assert client.post(f"{path}test/").status_code == 409
    assert client.post(f"{path}rotate/").json()["secret"] != made.json()["secret"]
    later = api_of("owner").post(f"{path}rotate/")
    assert (later.status_code, later.json()["type"]) == (403, "urn:suite-interhop:problem:reauthenticate")
    assert client.post(ENDPOINTS, asked | {"url": "https://10.0.0.1/"}).json()["errors"][0]["place"] == "url"
    assert api_of("member").post(ENDPOINTS, asked).status_code == 403
    assert api_of("stranger").post(ENDPOINTS, asked).status_code == 422


def test_in_the_browser(
    world: World,
    client_of: Callable[[str], Client],
    confirm: Callable[[Client], Client],
    receiver: Receiver,
    django_capture_on_commit_callbacks: Committing,
) -> None:
    """A manager adds an address once he was asked who he is, keeps the secret, sends a test and sees the answer."""
    client, root = client_of("owner"), f"/projects/{world.project.slug}/webhooks/"
    assert "/reauthenticate/" in client.get(f"{root}new/")["Location"]
    confirm(client)
    refused = client.post(f"{root}new/", {"url": "http://x.example", "events": [INCLUDED]})
    assert (refused.status_code, "https://" in refused.text) == (422, True)
    assert "whsec_" in client.post(f"{root}new/", {"url": receiver.url, "events": [INCLUDED]}).text
    endpoint = Endpoint.objects.get()
    assert "whsec_" not in client.get(f"{root}{endpoint.pk}/").text
    assert "/reauthenticate/" in client_of("owner").post(f"{root}{endpoint.pk}/secret/")["Location"]
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(f"{root}{endpoint.pk}/test/")
    jobs.run_waiting()
    assert "thanks" in client.get(answer["Location"]).text
    assert {event.action for event in Event.objects.filter(action__startswith="webhooks.")} == {
        "webhooks.endpoint_created",
        "webhooks.test_sent",
    }
    client.post(f"{root}{endpoint.pk}/delete/")
    assert not Endpoint.objects.exists()
