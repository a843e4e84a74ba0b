"""The least that Django answers: one view, no middleware, no database. What the suite's pages are compared with."""

from __future__ import annotations

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

PAGE = "<!doctype html><title>bare</title>" + "<p>bare</p>" * 100


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE)


settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="bare", MIDDLEWARE=[])
urlpatterns = [path("", view)]
application = get_asgi_application()
