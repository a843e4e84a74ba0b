"""Calls that the suite makes for somebody (webhooks, identity providers) reach nothing inside."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from core import outgoing
from core.access.demo import World
from core.errors import Invalid
from core.webhooks import services

INSIDE = {
    "decimal": "https://2130706433/",
    "hexadecimal": "https://0x7f000001/",
    "octal": "https://0177.0.0.1/",
    "short": "https://127.1/",
    "metadata": "https://169.254.169.254/latest/meta-data/",
    "metadata in IPv6": "https://[fd00:ec2::254]/",
    "mapped": "https://[::ffff:169.254.169.254]/",
    "mapped in hexadecimal": "https://[::ffff:7f00:1]/",
    "no address": "https://0/",
    "a name": "https://localhost/",
    "another's port": "https://127.0.0.1:5432/",
    "a user before it": "https://suite.example@127.0.0.1/",
    "in the clear": "http://example.org/",
}


@pytest.mark.parametrize("case", INSIDE)
def test_no_spelling_leads_inside(case: str) -> None:
    """However an inner address is written, it is not called: not even a connection is opened."""
    with pytest.raises(outgoing.Forbidden):
        outgoing.session().get(INSIDE[case])


@pytest.mark.parametrize("case", sorted(set(INSIDE) - {"in the clear"}))
def test_no_webhook_is_kept_that_leads_inside(world: World, case: str) -> None:
    """Its manager is told at once, in words, at the field of the address."""
    with pytest.raises(Invalid) as refusal:
        services.create_endpoint(world.user["owner"], world.project, INSIDE[case], ["jobs.job_done"])
    assert [fault.place for fault in refusal.value.faults] == ["url"]


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when it is looked at and private a moment later (DNS rebinding) gains nothing.

    The connection goes to the very address that was looked at, and the name isn't resolved again.
    """
    given = iter(["8.8.8.8", "127.0.0.1"])
    reached: list[Any] = []

    def resolve(*_asked: Any, **_more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(given), 443))]

    def connect(address: Any, *_more: Any, **_options: Any) -> Any:
        reached.append(address)
        raise OSError

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(outgoing, "create_connection", connect)
    with pytest.raises(outgoing.requests.ConnectionError):
        outgoing.session().get("https://rebound.example/")
    assert reached == [("8.8.8.8", 443)]
