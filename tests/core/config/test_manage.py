"""What is done at the machine's console is told so."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from django.core import management
from django.core.management import call_command
from pytest_django import Settings

import manage
from core import context, jobs, vault
from core.access.demo import World
from core.audit.models import Event

Words = Callable[[World], list[str]]


def signin_link(world: World) -> list[str]:
    return ["signin-link", world.user["member"].email]


def token(world: World) -> list[str]:
    return [
        *("token", "create", "--user", world.user["owner"].email, "--project", world.project.slug),
        *("--permissions", "access.view_project"),
    ]


def export(_world: World) -> list[str]:
    return ["audit", "export"]


def cancel(world: World) -> list[str]:
    job = jobs.submit(world.user["owner"], "audit.verify_journal", project=world.project)
    return ["jobs", "cancel", str(job.pk)]


@pytest.mark.parametrize(
    ("words", "action"),
    [
        (signin_link, "accounts.signin_link_made"),
        (token, "api.token_created"),
        (export, "audit.journal_exported"),
        (cancel, "jobs.job_cancelled"),
    ],
)
def test_a_command_is_told_as_one(world: World, monkeypatch: pytest.MonkeyPatch, words: Words, action: str) -> None:
    """Whatever manage.py does has the way in «command», and what comes after it in this process has not."""
    run_in_this_process(monkeypatch)
    before = context.current.get()
    assert manage.main(["manage.py", *words(world)]) == 0
    assert Event.objects.get(action=action).channel == "command"
    assert context.current.get() == before


def test_wrapping_the_keys_anew_is_told_as_a_command(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`manage.py vault rewrap` stands in the journal as what an operator did."""
    run_in_this_process(monkeypatch)
    vault.seal(world.project, b"value", "test")
    newer = f"2:{base64.b64encode(bytes(range(32))).decode()}"
    settings.VAULT_KEY = f"{newer},{settings.VAULT_KEY}"
    vault.keys.instance_keys.cache_clear()
    manage.main(["manage.py", "vault", "rewrap"])
    assert Event.objects.get(action="vault.keys_rewrapped").channel == "command"


def run_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """As from the console, but the test's connection stays open at the end."""
    monkeypatch.setattr(management, "execute_from_command_line", lambda argv: call_command(*argv[1:]))
