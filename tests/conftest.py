"""The people of every test: an owner, a member of one site, a member of the other, a stranger, and nobody at all."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.test import Client, RequestFactory, TransactionTestCase
from django.utils import translation
from hypothesis import settings as hypothesis
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from core.access import roles
from core.access.demo import World, build
from core.announcements import services as announcements
from core.vault import keys
from core.vault.keys import give_instance_key

hypothesis.register_profile("suite", deadline=None)  # a busy machine is slow, and no less right
hypothesis.load_profile("suite")


def pytest_configure() -> None:
    settings.WHITENOISE_AUTOREFRESH = True  # each test client would list the static files again


WHOLE = ("tests/e2e/test_story", "tests/e2e/test_newcomer", "tests/e2e/test_prescription_files")
"""Files that need a whole instance, which takes half a minute to start."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, the longest of all: whoever begins one last would work on alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (not item.nodeid.startswith(WHOLE), item.path not in slow))


def pytest_collection_finish() -> None:
    """What is imported stays: to look again and again whether it is garbage took a fifteenth of all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class ByFile(LoadFileScheduling):
    """The tests of a file go to one process, and so do those that share a whole instance."""

    def _split_scope(self, nodeid: str) -> str:
        return "whole" if nodeid.startswith(WHOLE) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password takes a millisecond, not half a second."""
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1_000)


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


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world of a whole module, whose tests each roll back what they do to it: its `world` is a copy of this one."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A run that was killed may have left rows in the database that is used again; so does each test that commits.

    Django would empty every table each time, and make its content types and permissions anew: a second for each test.
    """
    theirs = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = empty
    with django_db_blocker.unblock():
        emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
        empty()
    yield
    TransactionTestCase._fixture_teardown = theirs


KEPT = ("django_content_type", "auth_permission")
"""What no test changes."""


def empty(_test: TransactionTestCase | None = None) -> None:
    """Leave in the database what migrations leave in it. Only here, the triggers of journal and history stand aside."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    names = [name for name in tables if name not in KEPT]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in names))
        full = [f'"{name}"' for (name,) in cursor.fetchall()]
        with transaction.atomic():
            for act in ("ALTER TABLE {} DISABLE TRIGGER USER", "DELETE FROM {}"):
                cursor.execute(";".join(act.format(name) for name in full))
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(";".join(f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in full))
        cursor.execute(f"VACUUM {', '.join(full)}")
    give_instance_key()
    roles.write_built_in()
