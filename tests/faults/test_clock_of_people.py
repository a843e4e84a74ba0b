"""The clock of a web server jumps by hours: what becomes of people's sessions, codes, tokens and links."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core.access.demo import World
from core.access.models import Membership
from core.api import services as tokens
from core.audit.models import Event
from core.health import machine
from core.tool import Level
from core.webhooks.engine import signing

HOUR = 3600


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the clock of this process away from the true time by so many seconds."""
    true, true_now = time.time, timezone.now

    def jump(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: true() + seconds)
        monkeypatch.setattr(timezone, "now", lambda: true_now() + timedelta(seconds=seconds))

    return jump


def signed_in(client: Client) -> bool:
    return client.get(reverse("portal:home")).status_code == 200


def test_sessions_end(client_of: Callable[[str], Client], jump: Callable[[float], None]) -> None:
    """Forward, a session has been left too long; back, nobody knows for how long: it is over, and one signs in again.

    Lost: nothing; what was typed waits in the browser. A difference of a minute between two servers ends none.
    """
    client = client_of("member")
    assert signed_in(client)
    jump(-60)
    assert signed_in(client)
    jump(HOUR)
    assert not signed_in(client)
    jump(0)
    client = client_of("member")
    assert signed_in(client)
    jump(-HOUR)
    assert not signed_in(client)


def test_codes_of_an_app_are_refused(world: World, jump: Callable[[float], None]) -> None:
    """While the clock is wrong, the codes of apps are: one signs in by passkey or recovery code until it is right.

    None that was shown before opens anything, and once the clock is right the app's do again.
    """
    cache.clear()
    user, secret = world.user["member"], generate_totp_secret()
    Authenticator.objects.filter(user=user).delete()
    factor = TOTP.activate(user, secret)
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    for away in (HOUR, -HOUR):
        jump(away)
        assert not factor.validate_code(code)
    jump(0)
    now = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert factor.validate_code(now)


def test_what_expires_comes_back(world: World, jump: Callable[[float], None]) -> None:
    """A token, and a membership, that seem to have ended are refused while the clock is ahead, and not deleted."""
    owner = world.user["owner"]
    end = timezone.now() + timedelta(hours=1)
    _token, text = tokens.create_token(
        owner, name="R", project=world.project, permissions=["access.view_project"], expires_at=end
    )
    Membership.objects.filter(user=owner, project=world.project).update(ends_at=end)
    resource = reverse("api:access:project-detail", args=[world.project.slug])
    program = APIClient(headers={"Authorization": f"Bearer {text}"})
    assert program.get(resource).status_code == 200
    jump(3 * HOUR)
    assert program.get(resource).status_code == 401
    jump(0)
    assert program.get(resource).status_code == 200


@pytest.mark.parametrize("away", [3 * HOUR, -3 * HOUR], ids=["ahead", "behind"])
def test_a_receiver_refuses_what_seems_old(away: int) -> None:
    """A webhook's receiver refuses a call of another time; it is tried again, with the time of then, for a day."""
    secret, body = signing.secret_text(b"x" * 32), b"{}"
    now = int(time.time())

    def called(at: int) -> dict[str, str]:
        signature = signing.sign([b"x" * 32], "msg_1", at, body)
        return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signature}

    assert not signing.verify(secret, called(now + away), body, now)
    assert signing.verify(secret, called(now), body, now)


def test_administrators_are_told(world: World) -> None:
    """Where the clock was put back, the audit trail has events from the future, and the health page says so."""
    assert machine.clock().level is Level.GOOD
    Event.objects.create(action="jobs.job_done", at=timezone.now() + timedelta(hours=3))
    Event.objects.create(action="jobs.job_done")
    finding = machine.clock()
    assert finding.level is Level.WARNING
    assert re.search(r"1080\d|1079\d", str(finding.message))
