"""The people of every test: an owner, a member of one site, a member of the other, a stranger, and nobody at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import get_user
from django.core.management import call_command
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client, RequestFactory
from django.utils import translation
from hypothesis import settings as hypothesis
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from core.access.demo import World, build
from core.announcements import services as announcements
from core.vault import keys

hypothesis.register_profile("suite", deadline=None)  # a busy machine is slow, and no less right
hypothesis.load_profile("suite")


def pytest_configure() -> None:
    settings.WHITENOISE_AUTOREFRESH = True  # each test client would list the static files again


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: whoever begins one last would work on alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """A request leaves its reader's language to the thread; the next test starts in the suite's own."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def open_suite() -> Iterator[None]:
    """What a process remembers of the maintenance mode is not the next test's."""
    yield
    announcements.forget()


@pytest.fixture(autouse=True)
def forgotten_keys() -> Iterator[None]:
    """A key that a test made goes with its rollback: what the next one seals, it seals under keys that there are."""
    yield
    keys._held.clear()
    keys.instance_keys.cache_clear()
    keys.token.cache_clear()


@pytest.fixture
def world(db: None) -> World:
    """One study at two sites, a person in each role, and a stranger with a study of his own."""
    return build()


@pytest.fixture
def client_of(world: World) -> Callable[[str], Client]:
    """A browser in which this person has signed in; «anonymous» has not."""

    def client_of(who: str) -> Client:
        return _signed_in(Client(), world, who)

    return client_of


@pytest.fixture
def api_of(world: World) -> Callable[[str], APIClient]:
    """An API client that speaks JSON, in this person's session."""

    def api_of(who: str) -> APIClient:
        return _signed_in(APIClient(), world, who)

    return api_of


@pytest.fixture
def confirm() -> Callable[[Client], Client]:
    """What a person does who is asked who he is before a sensitive act: the same client, in a session that is fresh."""

    def confirm(client: Client) -> Client:
        request = RequestFactory().get("/")
        request.session, request.user = client.session, get_user(client)
        record_authentication(request, request.user, "password", reauthenticated=True)
        request.session.save()
        return client

    return confirm


def _signed_in(client: Client, world: World, who: str) -> Client:
    if who != "anonymous":
        client.force_login(world.user[who])
    return client


@pytest.fixture(scope="session", autouse=True)
def emptied_journal() -> Iterator[None]:
    """Between tests that commit, Django empties every table: only there, the journal's triggers stand aside."""
    tables = ("audit_event", "audit_link", "audit_checkpoint", "audit_segment", "audit_anchor", "history_change")
    empty = DatabaseOperations.sql_flush

    def sql_flush(*args: Any, **options: Any) -> list[str]:
        off, on = ([f"ALTER TABLE {table} {act} TRIGGER USER" for table in tables] for act in ("DISABLE", "ENABLE"))
        return [*off, *empty(*args, **options), *on]

    DatabaseOperations.sql_flush = sql_flush
    yield
    DatabaseOperations.sql_flush = empty


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, emptied_journal: None, django_db_blocker: DjangoDbBlocker) -> None:
    """A run that was killed may have left rows in the database that is used again."""
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)
