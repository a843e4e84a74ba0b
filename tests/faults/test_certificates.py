"""A certificate expires: those of others are refused in words and tried again, ours is announced a month before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import audit
from core.access.demo import World
from core.audit import sealing
from core.health import certificate
from core.identity import flow, health, providers
from core.identity.models import IdentityProvider
from core.journal import feed
from core.tool import Level
from core.webhooks import sending, services
from core.webhooks.models import Delivery
from tests.faults.tls import Authority

EXPIRED = -1


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def trust(authority: Authority, settings: Any) -> Iterator[None]:
    """The hospital's own authority is known, its servers are named, and no certificate is remembered."""
    settings.OUTGOING_HOSTS, settings.OUTGOING_CA = ["localhost"], str(authority.file)
    settings.AUDIT_SYSLOG_CA = str(authority.file)
    cache.clear()
    yield
    cache.clear()


@pytest.mark.parametrize(
    ("days", "name"), [(EXPIRED, "localhost"), (90, "another.example")], ids=["expired", "of another"]
)
def test_a_webhook_is_not_sent(
    world: World, authority: Authority, client_of: Callable[[str], Client], days: int, name: str
) -> None:
    """Its manager reads why on the delivery's page; nothing was sent, and it is tried again for a day."""
    with authority.server(days=days, name=name) as (port, heard):
        url = f"https://localhost:{port}/hook"
        endpoint, _secret = services.create_endpoint(world.user["owner"], world.project, url, ["jobs.job_done"])
        delivery = Delivery.objects.create(endpoint=endpoint, action="jobs.job_done")
        attempt = sending.call(delivery)
    sending.settle(delivery, attempt)
    assert (attempt.fault, attempt.status, heard) == ("certificate", None, [])
    assert delivery.state == Delivery.State.WAITING
    assert delivery.due_at > timezone.now()
    page = client_of("owner").get(reverse("webhooks:delivery", args=[world.project.slug, delivery.pk]))
    assert "certificat a expiré" in page.text


def test_a_good_one_is_spoken_with(world: World, authority: Authority) -> None:
    """The same server with a valid certificate of the hospital's authority is called; another host's isn't by it."""
    with authority.server(days=90) as (port, heard):
        url = f"https://localhost:{port}/hook"
        endpoint, _secret = services.create_endpoint(world.user["owner"], world.project, url, ["jobs.job_done"])
        assert sending.call(Delivery.objects.create(endpoint=endpoint, action="jobs.job_done")).status == 200
    assert heard[0].startswith(b"POST /hook")


def test_nobody_signs_in_by_such_a_provider(world: World, authority: Authority) -> None:
    """Who signs in there reads that it can't be reached, the administrator why, on its page and on the health page."""
    administrator = world.user["administrator"]
    with authority.server(days=EXPIRED) as (port, heard):
        address = f"https://localhost:{port}"
        provider = IdentityProvider.objects.create(
            slug="hospital", name="Hospital", client_id="suite", is_enabled=True, issuer=address,
            discovery_url=f"{address}/.well-known/openid-configuration",
        )  # fmt: skip
        with pytest.raises(flow.NotTaken, match="Hospital"):
            flow.begin(Client().session, provider, "sign-in")
        assert "certificat" in providers.check(administrator, provider)
    assert heard == []
    told = health.providers()
    assert told.level is Level.FAILED
    assert "certificat" in str(told.message)
    health.note(provider, "")
    assert health.providers().level is Level.GOOD


@pytest.mark.django_db(transaction=True)
def test_the_journal_waits(authority: Authority, settings: Any) -> None:
    """No event is sent to such a receiver; the health page says why, and the events wait."""
    audit.record(None, "jobs.job_done")
    assert sealing.seal() == 1
    with authority.server(days=EXPIRED) as (port, heard):
        settings.AUDIT_SYSLOG = f"tcp+tls://localhost:{port}"
        assert feed.feed() == 0
    assert heard == []
    assert "certificate has expired" in str(feed.health().message)
    assert feed.health().level is not Level.GOOD


@pytest.mark.parametrize(
    ("days", "name", "level"),
    [
        (90.5, "localhost", Level.GOOD),
        (31.5, "localhost", Level.GOOD),
        (29.5, "localhost", Level.WARNING),
        (EXPIRED, "localhost", Level.FAILED),
        (90, "another.example", Level.FAILED),
    ],
)
def test_our_own_is_announced(authority: Authority, settings: Any, days: float, name: str, level: Level) -> None:
    """Thirty days before the portal's certificate expires, `hds_check` and the health page say so, then that it has."""
    with authority.server(days=days, name=name) as (port, _heard):
        settings.HTTPS, settings.PUBLIC_URL = True, f"https://localhost:{port}"
        finding = certificate.certificate()
        measures = list(certificate.measures())
    assert finding.level is level
    assert bool(finding.message) == (level is not Level.GOOD)
    assert [measure.value for measure in measures] == ([] if level is Level.FAILED else [int(days)])


def test_where_it_can_not_be_seen(settings: Any) -> None:
    """A portal that its own machine doesn't reach is a warning, not silence."""
    settings.HTTPS, settings.PUBLIC_URL = True, "https://localhost:1"
    assert certificate.certificate().level is Level.WARNING
