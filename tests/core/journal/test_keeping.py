"""The pages of retention and of heads kept outside: shown to those who answer for them, and the work they start."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from core import jobs
from core.access.demo import World
from core.audit import retention, signing
from core.audit.chain import Head
from core.errors import Invalid
from core.jobs.models import Job
from core.journal import services

ClientOf = Callable[[str], Client]


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def head(private: Ed25519PrivateKey | None = None) -> str:
    """A signed head far beyond the chain, as a line of a mail."""
    private = private or signing.private_key()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    found = Head(10_000_000, bytes(32), timezone.now())
    return "> " + json.dumps(signing.Signed(found, signing.key_id(public), private.sign(found.message())).as_json())


@pytest.mark.parametrize("who", ["owner", "administrator"])
def test_the_chain_is_checked_against_what_was_kept(client_of: ClientOf, world: World, who: str) -> None:
    """A controller or an administrator pastes the mail he kept; the job says that the chain doesn't reach that far."""
    whole = who == "administrator"
    address = reverse("audit:anchors_of_instance") if whole else reverse("audit:anchors", args=[world.project.slug])
    assert client_of(who).post(address, {"heads": f"Bonjour,\n\n{head()}\n"}).status_code == 303
    jobs.run_waiting()
    result = Job.objects.get().result
    assert (result["intact"], result["kinds"], result["anchors"]) == (False, ["cut"], 1)


@pytest.mark.parametrize(("text", "kind"), [("nothing of the kind", "unreadable"), ("forged", "forged")])
def test_what_is_no_head_is_told(client_of: ClientOf, world: World, text: str, kind: str) -> None:
    """Words without a head, and a head that somebody else signed, are faults and not silence."""
    text = head(Ed25519PrivateKey.generate()) if text == "forged" else text
    client_of("owner").post(reverse("audit:anchors", args=[world.project.slug]), {"heads": text})
    jobs.run_waiting()
    assert Job.objects.get().result["kinds"] == [kind]


def test_too_much_text_is_refused(client_of: ClientOf, world: World) -> None:
    """Nobody keeps megabytes of heads."""
    address = reverse("audit:anchors", args=[world.project.slug])
    assert client_of("owner").post(address, {"heads": "x" * 200_000}).status_code == 422
    assert client_of("owner").post(address, {"heads": ""}).status_code == 422
    with pytest.raises(Invalid):
        services.verify_journal(world.user["owner"], world.project, "x" * 200_000)
    assert not Job.objects.exists()


def test_archiving_is_asked_for_by_who_has_just_said_who_he_is(client_of: ClientOf, world: World) -> None:
    """An administrator starts it, after he was asked again who he is; a job does it and comes back to the page."""
    client = client_of("administrator")
    assert client.post(reverse("audit:archive"))["Location"].startswith(("/accounts/", "/"))
    assert not Job.objects.exists()
    request = RequestFactory().get("/")
    request.user, request.session = world.user["administrator"], client.session
    record_authentication(request, request.user, "password", reauthenticated=True)
    request.session.save()
    assert client.post(reverse("audit:archive")).status_code == 303
    jobs.run_waiting()
    job = Job.objects.get()
    assert (job.state, job.result["events"], job.result["url_name"]) == ("done", 0, "audit:retention")
    with pytest.raises(PermissionDenied):
        services.archive_journal(world.user["owner"])


def test_the_page_says_what_would_leave(
    client_of: ClientOf, world: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The dry run stands on the page, with a warning where the time is short."""
    stretch = retention.Stretch(3, 11, 20, timezone.now())
    monkeypatch.setattr(retention, "plan", lambda: iter([stretch]))
    settings.AUDIT_KEEP_DAYS = 90
    answer = client_of("administrator").get(reverse("audit:retention"))
    assert (answer.context["planned_events"], answer.context["is_short"]) == (10, True)
    assert reverse("audit:archive") in answer.content.decode()
