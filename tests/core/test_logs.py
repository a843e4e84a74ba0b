"""The log says which request or job a line belongs to, and nothing that a patient's data could be in."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from core import logs
from core.access.demo import World
from core.access.models import Project
from core.context import Context, current

SECRET = "Jeanne Martin"


def broken(request: HttpRequest, secret: str) -> HttpResponse:
    raise ValueError(f"could not read {secret}, {SECRET}")


def crossed(request: HttpRequest, secret: str) -> HttpResponse:
    Project.objects.create(name=SECRET, slug=secret, organisation_id=None)
    return HttpResponse()


urlpatterns = [
    path("broken/<str:secret>/", login_not_required(broken)),
    path("crossed/<str:secret>/", login_not_required(crossed)),
]
handler404 = "core.web.errors.not_found"


@pytest.fixture(params=["line", "json"])
def said(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """All that the process logs, in each of the two forms."""
    formatter = {"line": logs.Line, "json": logs.Json}[request.param]()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    handler.addFilter(logs.Context())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize("address", ["broken", "crossed"])
@override_settings(ROOT_URLCONF=__name__)
def test_an_error_is_told_by_its_place(said: io.StringIO, address: str, world: World) -> None:
    """Neither the error's text, nor what PostgreSQL quotes, nor the path, nor what was asked for is in the log."""
    answer = Client(raise_request_exception=False).get(f"/{address}/{SECRET}/?q={SECRET}")
    assert answer.status_code == 500
    text = said.getvalue()
    assert f"/{address}/<str:secret>/" in text
    assert "test_logs.py" in text
    assert answer["X-Request-ID"] in text
    assert "Jeanne" not in text


def test_an_unknown_address_is_not_repeated(said: io.StringIO, client: Client, db: None) -> None:
    """What somebody typed into the address is not in the log, nor is the secret of an invitation's link."""
    client.get(f"/nothing/{SECRET}/")
    client.get("/invitations/Zm9yZ2VkLXNlY3JldA/")
    assert "Jeanne" not in said.getvalue()
    assert "Zm9yZ2VkLXNlY3JldA" not in said.getvalue()
    assert "/invitations/<str:secret>/" in said.getvalue()


def test_a_request_is_one_line(world: World, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """A line says method, route, status, time and who, and health checks say none."""
    client.force_login(world.user["owner"])
    with caplog.at_level(logging.INFO, logger="suite.requests"):
        client.get("/healthz")
        client.get(f"/projects/{world.project.slug}/")
    (record,) = (record for record in caplog.records if record.name == "suite.requests")
    assert (record.method, record.status) == ("GET", 200)
    assert record.route == "/projects/<slug:project>/"
    assert record.user == str(world.user["owner"].pk)
    assert record.milliseconds >= 0


def test_a_line_of_json_is_one_object() -> None:
    """A collector reads each line by itself: time, level, name, message, request, and the error's type and place."""
    mark = current.set(Context("abc", None, "job"))
    try:
        raise KeyError(SECRET)
    except KeyError:
        record = logging.LogRecord("suite", logging.ERROR, "", 1, "it\nbroke", None, sys.exc_info())
    logs.Context().filter(record)
    current.reset(mark)
    line = logs.Json().format(record)
    told = json.loads(line)
    assert "\n" not in line
    assert (told["message"], told["request_id"], told["channel"]) == ("it\nbroke", "abc", "job")
    assert told["error"] == "KeyError"
    assert "test_a_line_of_json_is_one_object" in told["at"]
    assert SECRET not in line


def test_the_server_tells_no_address_of_a_socket() -> None:
    """Who opens a record has its key in the address of his socket: the server's own words about it are left out."""
    told = logs.config("INFO", "line", debug=False)["loggers"]["uvicorn.error"]
    assert told["level"] == "WARNING"
