"""Requests that no page can work with, and what pages don't tell in their own way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse

from core.access.demo import World
from core.access.models import Membership
from core.config.urls import handler400, handler404
from core.config.urls import urlpatterns as all_of_them
from core.errors import Conflict

ClientOf = Callable[[str], Client]


def changed(request: HttpRequest) -> HttpResponse:
    raise Conflict("Somebody was faster <b>.")


urlpatterns = [*all_of_them, path("changed/", changed)]
__all__ = ["handler400", "handler404", "urlpatterns"]


@pytest.mark.parametrize("address", ["/search/?q=%00", "/search/?%00", "/search/places/?project=%00", "/sear%00ch/"])
def test_nul_in_an_address(client_of: ClientOf, address: str) -> None:
    """NUL in an address is 400, in words."""
    answer = client_of("owner").get(address, headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert "This request can’t be understood" in answer.content.decode()
    assert '<html lang="en"' in answer.content.decode()


def test_nul_in_every_list(client_of: ClientOf, world: World) -> None:
    """The filters and the search of a list too."""
    address = reverse("audit:journal", args=[world.project.slug])
    for name in ("q", "who", "from", "page", "sort"):
        assert client_of("owner").get(f"{address}?{name}=%00").status_code == 400


def test_nul_in_a_cookie(db: None) -> None:
    """NUL in a cookie is 400."""
    client = Client()
    client.cookies["sessionid"] = "a\0aaaaaaaaaaaa"
    assert client.get("/").status_code == 400


def test_nul_in_a_form(client_of: ClientOf, world: World) -> None:
    """NUL in what a form sends is 400, and nothing is done."""
    membership = Membership.objects.get(user=world.user["member"], project=world.project)
    address = reverse("access:remove", args=[world.project.slug, membership.pk])
    answer = client_of("owner").post(address, {"reason": "left\0"})
    assert answer.status_code == 400
    membership.refresh_from_db()
    assert membership.ends_at is None


def test_a_strangers_form_is_not_read(db: None) -> None:
    """Who hasn't signed in is led to do so, whatever he sends."""
    assert Client().post("/search/", {"q": "\0"}).status_code == 302


@pytest.mark.urls("tests.core.web.test_intake")
def test_a_conflict_is_told(client_of: ClientOf) -> None:
    """A conflict that no page catches is 409, in its own words."""
    answer = client_of("owner").get("/changed/")
    assert answer.status_code == 409
    assert "Somebody was faster &lt;b&gt;." in answer.content.decode()
    assert "Ce n’est plus possible" in answer.content.decode()
