"""A server that is away for a moment is not an error of the suite: it is said so, and when to try again."""

from __future__ import annotations

import psycopg
import pytest
import redis
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from psycopg_pool import PoolTimeout

from core.config import urls
from core.web import errors


def caused(kind: type[Exception], cause: Exception) -> Exception:
    error = kind("Jeanne Martin")
    error.__cause__ = cause
    return error


AWAY = {
    "no connection": caused(OperationalError, psycopg.OperationalError("connection refused")),
    "none left": caused(OperationalError, PoolTimeout("couldn't get a connection")),
    "restarting": caused(OperationalError, psycopg.errors.AdminShutdown("terminating")),
    "starting": caused(OperationalError, psycopg.errors.CannotConnectNow("starting up")),
    "lost": caused(InterfaceError, psycopg.InterfaceError("the connection is closed")),
    "valkey": redis.ConnectionError("refused"),
}
OURS = {
    "a fault": ValueError("Jeanne Martin"),
    "a deadlock": caused(OperationalError, psycopg.errors.DeadlockDetected("deadlock")),
    "too long": caused(OperationalError, psycopg.errors.QueryCanceled("timeout")),
}
FULL = caused(OperationalError, psycopg.errors.DiskFull("no space left"))
raised: list[Exception] = []


@login_not_required
def view(request: HttpRequest) -> HttpResponse:
    raise raised[-1]


urlpatterns = [path("page/", view), path("api/v1/resource/", view), *urls.urlpatterns]
handler500 = "core.web.errors.failed"


@pytest.fixture
def browser(db: None) -> Client:
    return Client(raise_request_exception=False)


def answer(browser: Client, error: Exception, address: str) -> HttpResponse:
    raised.append(error)
    with override_settings(ROOT_URLCONF=__name__):
        return browser.get(address)


@pytest.mark.parametrize("case", AWAY)
def test_who_waits_is_told_when_to_try_again(browser: Client, case: str) -> None:
    """503 with Retry-After, as a page that needs no server and as a problem, without the error's words."""
    page = answer(browser, AWAY[case], "/page/")
    problem = answer(browser, AWAY[case], "/api/v1/resource/")
    assert (page.status_code, problem.status_code) == (503, 503)
    assert page["Retry-After"] == problem["Retry-After"] == str(errors.AGAIN)
    assert "momentanément indisponible" in page.content.decode()
    assert problem.json()["type"].endswith(":unavailable")
    assert "Jeanne" not in page.content.decode() + problem.content.decode()


@pytest.mark.parametrize("case", OURS)
def test_a_fault_of_ours_stays_one(browser: Client, case: str) -> None:
    """What doesn't pass by itself is 500, for a page and for a program, without the error's words."""
    page = answer(browser, OURS[case], "/page/")
    problem = answer(browser, OURS[case], "/api/v1/resource/")
    assert (page.status_code, problem.status_code) == (500, 500)
    assert problem["Content-Type"] == "application/problem+json"
    assert "Jeanne" not in page.content.decode() + problem.content.decode()


def test_a_full_disk_of_the_database_is_told(browser: Client) -> None:
    """Where PostgreSQL has no room left the act is rolled back whole, and 507 says so."""
    assert answer(browser, FULL, "/page/").status_code == 507
    assert answer(browser, FULL, "/api/v1/resource/").json()["type"].endswith(":no-room")
