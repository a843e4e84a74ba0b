"""What page functions may do."""

from __future__ import annotations

import pytest
from django.db import InternalError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.test import RequestFactory

from core.accounts.models import User
from core.web.views import page, reads, see_other, writes


def make_person(request: HttpRequest) -> HttpResponse:
    User.objects.create_user(f"{request.method}@demo.example".lower(), full_name="Someone")
    return HttpResponse("made")


@pytest.mark.django_db
def test_a_read_cannot_write() -> None:
    """PostgreSQL refuses what a page that reads would write."""
    with pytest.raises(InternalError, match="read-only"):
        reads(make_person)(RequestFactory().get("/"))


@pytest.mark.django_db
def test_a_lazy_template_cannot_write_either() -> None:
    """A template that is rendered later is rendered inside the read-only transaction."""

    def lazy(request: HttpRequest) -> TemplateResponse:
        response = TemplateResponse(request, "portal/hits.html", {"hits": []})
        response.add_post_render_callback(lambda _response: make_person(request))
        return response

    with pytest.raises(InternalError, match="read-only"):
        reads(lazy)(RequestFactory().get("/"))


@pytest.mark.django_db
def test_a_page_shows_or_acts_by_its_method() -> None:
    """GET of a page can't write, POST does."""
    view = page(make_person)
    assert view(RequestFactory().post("/")).status_code == 200
    with pytest.raises(InternalError, match="read-only"):
        view(RequestFactory().get("/"))


@pytest.mark.parametrize(("view", "method"), [(reads, "post"), (writes, "get"), (page, "put")])
def test_other_methods_are_refused(view: object, method: str) -> None:
    """A page answers only the methods it declares."""
    request = getattr(RequestFactory(), method)("/")
    assert view(make_person)(request).status_code == 405  # type: ignore[operator]


@pytest.mark.django_db
def test_caches_keep_pages_and_fragments_apart() -> None:
    """The answer varies by the headers that htmx sends."""
    response = reads(lambda request: HttpResponse("x"))(RequestFactory().get("/"))
    assert response["Vary"] == "HX-Request, HX-Target"


def test_after_an_act_one_is_led_on() -> None:
    """A form is redirected with 303, a fragment by htmx."""
    assert see_other("/done/", RequestFactory().post("/")).status_code == 303
    request = RequestFactory().post("/")
    request.htmx = True  # type: ignore[attr-defined]
    assert see_other("/done/", request)["HX-Redirect"] == "/done/"
