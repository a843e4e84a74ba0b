"""Words of people and of addresses stay words: no page, query or template takes them for anything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core.access.demo import World
from core.access.models import Project
from tests.authenticator import just_confirmed

ELSEWHERE = ("https://evil.example/", "//evil.example/", "/\\evil.example", "https:evil.example", "javascript:alert(1)")


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_elsewhere(world: World, client_of: Callable[[str], Client], target: str) -> None:
    """After signing in, confirming, changing the language or signing out, no address of another leads away."""
    user = world.user["member"]
    user.set_password("une longue phrase, facile à retenir")
    user.save()
    came = Client().post(
        reverse("account_login"),
        {"login": user.email, "password": "une longue phrase, facile à retenir", "next": target},
    )
    said = client_of("member").post(reverse("portal:language"), {"language": "en", "next": target})
    left = client_of("member").post(reverse("account_logout"), {"next": target})
    for answer in (came, said, left):
        assert urlsplit(answer["Location"]).netloc in ("", "testserver")
        assert not answer["Location"].startswith(("/\\", "//", "https:", "javascript:"))


@pytest.mark.parametrize("sign", ["\u202e", "\u202d"])
def test_a_name_reads_as_it_is(
    client_of: Callable[[str], Client], api_of: Callable[[str], APIClient], world: World, sign: str
) -> None:
    """Signs that turn the order of reading around, by which one name passes for another, are refused everywhere."""
    page = client_of("owner").post(reverse("access:settings", args=[world.project.slug]), {"name": f"Étude{sign}fdp"})
    problem = api_of("owner").patch(
        reverse("api:access:project-detail", args=[world.project.slug]), {"name": f"Étude{sign}fdp"}
    )
    assert (page.status_code, problem.status_code) == (400, 400)
    world.project.refresh_from_db()
    assert sign not in world.project.name


@pytest.mark.parametrize("address", ["ｍember@demo.example", "mеmber@demo.example", "member@demo.example\u200b"])
def test_an_address_that_looks_like_another_is_another(world: World, address: str) -> None:
    """No mail that opens an account leaves for an address that only looks like its own (full width, Cyrillic, none)."""
    Client().post(reverse("account_reset_password"), {"email": address})
    opening = [message for message in mail.outbox if "/password/reset/key/" in message.body]
    assert [message.to for message in opening if message.to != ["member@demo.example"]] == []


def test_what_was_not_asked_for_is_not_changed(
    world: World, api_of: Callable[[str], APIClient], client_of: Callable[[str], Client]
) -> None:
    """Fields that belong to no act are refused or left aside, by page and by REST: none makes itself an owner."""
    owner, stranger = world.user["owner"], world.user["stranger"]
    before = Project.objects.filter(pk=world.project.pk).values("id", "slug", "organisation", "archived_at").get()
    extra = {
        "id": str(world.elsewhere.pk),
        "slug": "x",
        "organisation": "armorique",
        "archived_at": "2026-01-01T00:00Z",
    }
    api_of("owner").patch(reverse("api:access:project-detail", args=[world.project.slug]), {"name": "A", **extra})
    client_of("owner").post(reverse("access:settings", args=[world.project.slug]), {"name": "B", **extra})
    assert Project.objects.filter(pk=world.project.pk).values(*before).get() == before

    power = {
        "is_administrator": True,
        "is_active": True,
        "is_superuser": True,
        "session_epoch": 9,
        "email": "x@y.example",
    }
    for method in ("patch", "put", "post"):
        getattr(api_of("owner"), method)(reverse("api:access:me"), power)
    client_of("owner").post(reverse("identity:profile"), power)
    owner.refresh_from_db()
    assert (owner.is_administrator, owner.email) == (False, "owner@demo.example")

    token = {"name": "R", "project": world.project.slug, "permissions": ["access.view_project"]}
    token |= {
        "user": str(stranger.pk),
        "owner": str(stranger.pk),
        "expires_at": f"{timezone.now() + timedelta(days=9)}",
    }
    just_confirmed(api_of("owner")).post("/api/v1/tokens/", token)
    assert not stranger.tokens.exists()
