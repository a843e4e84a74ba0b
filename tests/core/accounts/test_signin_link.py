from __future__ import annotations

import threading
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.access.demo import World
from core.accounts import signin_link
from core.accounts.models import SigninLink, User
from core.audit.models import Event
from core.errors import Invalid


@pytest.fixture
def link(world: World) -> str:
    return urlsplit(signin_link.make(world.user["owner"])).path


def signed_in(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_a_link_signs_in_once(link: str, world: World) -> None:
    """The button of the page signs the person in, without a second factor; after that the link is spent."""
    first, second = Client(), Client()
    answer = first.post(link)
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:start"))
    assert signed_in(first) == str(world.user["owner"].pk)
    assert first.get(reverse("portal:session")).status_code == 200
    assert second.post(link).status_code == 410
    assert signed_in(second) is None


def test_looking_at_a_link_does_not_spend_it(link: str) -> None:
    """A mail program or a browser that looks ahead doesn't use the link up."""
    client = Client()
    for _ in range(2):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert signed_in(client) is None
    assert client.post(link).status_code == 302


def test_a_link_is_not_for_other_sites(link: str) -> None:
    """Another site can't make a browser sign in: the button carries a token of the page."""
    client = Client(enforce_csrf_checks=True)
    assert client.post(link).status_code == 403
    assert signed_in(client) is None


def test_a_link_grows_old(link: str) -> None:
    """After ten minutes the link opens nothing."""
    kept = SigninLink.objects.get()
    assert kept.expires_at - kept.created_at < timedelta(minutes=10, seconds=5)
    SigninLink.objects.update(expires_at=timezone.now())
    assert Client().get(link).status_code == 410
    assert Client().post(link).status_code == 410


@pytest.mark.parametrize("token", ["nothing", "secret:signature", "é:1", "x" * 500])
def test_a_forged_link_opens_nothing(db: None, token: str) -> None:
    """What isn't signed by the suite is refused in words."""
    answer = Client().get(reverse("accounts:signin_link", args=[token]))
    assert answer.status_code == 410
    assert reverse("account_login") in answer.text


def test_the_secret_is_not_kept(link: str) -> None:
    """Who reads the database can't make a link of it."""
    [token] = link.removesuffix("/").split("/")[-1:]
    secret = token.split(":")[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_signinlink l WHERE l::text LIKE %s", [f"%{secret}%"])
        assert cursor.fetchone() == (0,)


def test_a_closed_account_gets_no_link(world: World) -> None:
    """No link is made for who may not sign in, and one made before stops working."""
    user = world.user["member"]
    link = urlsplit(signin_link.make(user)).path
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()
    with pytest.raises(Invalid):
        signin_link.make(user)
    assert Client().post(link).status_code == 410


def test_links_are_in_the_journal(link: str, world: World) -> None:
    """Who runs the machine is seen to make links, and the person to use them."""
    Client().post(link)
    events = Event.objects.filter(object_id=str(world.user["owner"].pk)).values_list("action", "actor_id")
    assert ("accounts.signin_link_made", None) in events
    assert ("accounts.signin_link_used", world.user["owner"].pk) in events


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_refused(world: World) -> None:
    """Two browsers that use a link in the same moment don't both get in."""
    token = urlsplit(signin_link.make(world.user["owner"])).path.split("/")[-2]
    barrier = threading.Barrier(4)
    told: list[Any] = []

    def use() -> None:
        barrier.wait()
        try:
            told.append(signin_link.use(token).pk)
        except Invalid:
            told.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, told)) == sorted([str(world.user["owner"].pk), *["refused"] * 3])


def test_the_command_prints_a_link(world: World) -> None:
    """`manage.py signin-link E-MAIL` prints one address and nothing else."""
    output = StringIO()
    call_command("signin-link", "owner@demo.example", stdout=output)
    assert Client().post(urlsplit(output.getvalue().strip()).path).status_code == 302


def test_the_command_says_whom_it_does_not_know(db: None) -> None:
    """An unknown address is said, and no account is made."""
    with pytest.raises(CommandError, match=r"nobody@demo\.example"):
        call_command("signin-link", "nobody@demo.example")
    assert not User.objects.exists()


def test_an_empty_instance_gets_an_administrator(db: None) -> None:
    """The first link of a new instance is for an administrator, made without a password; the next is for the same."""
    for _ in range(2):
        call_command("signin-link", stdout=StringIO())
    user = User.objects.get()
    assert user.is_administrator
    assert not user.has_usable_password()
