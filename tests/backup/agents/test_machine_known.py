"""What a machine is known by: it comes, gets its key, leaves; and what a thief has of it."""

from __future__ import annotations

import signal
import socket
import subprocess

import pytest
import requests

from backup.engine.format import keyfile
from backup.engine.format.keys import Role
from backup.models import Snapshot
from backup.services import agents
from tests.backup.agents.conftest import Fleet, Machine
from tests.backup.agents.machines import Computer
from tests.backup.agents.steps import enrol, planned, ready, token

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("many_codes")]


def test_enrolling_is_refused_in_words(fleet: Fleet, computer: Computer, portal: str) -> None:
    """A wrong code, an address in the clear and a second enrolment are told, and leave nothing behind."""
    assert "unknown" in computer("agent", "enrol", portal, "0000-0000-0000-0000", code=1).err
    computer.more["LANG"] = "fr_FR.UTF-8"  # the portal's own words too
    assert "inconnu" in computer("agent", "enrol", portal, "0000-0000-0000-0000", code=1).err
    del computer.more["LANG"]
    assert "https" in computer("agent", "enrol", "http://suite.example.org", "0000-0000-0000-0000", code=1).err
    assert not computer.own.exists()
    enrol(fleet, computer, portal)
    assert "already" in computer("agent", "enrol", portal, fleet.expected().code, code=1).err


@pytest.mark.parametrize("which", ["master", "derived"])
def test_a_key_on_the_machine_itself(fleet: Fleet, computer: Computer, portal: str, which: str) -> None:
    """Who has the master key there, or a key made from it, gives it to the agent without the portal's page."""
    agent = enrol(fleet, computer, portal)
    path = computer.base / "given.key"
    text = fleet.kept.keyfile
    if which == "derived":
        text = keyfile.dump(fleet.sealed(Machine(agent, "", b""))[0])
    path.touch(0o600)
    path.write_text(text)
    done = computer("agent", "key", path, "--json")
    agent.refresh_from_db()
    assert agent.key_id == done.summary["key"]
    assert fleet.master.badges()[bytes.fromhex(agent.key_id)].role is Role.WRITER
    planned(fleet, agent, computer)
    computer.once()
    assert Snapshot.objects.get().writer == agent.key_id
    wrong = computer.base / "reader.key"
    wrong.touch(0o600)
    wrong.write_text(keyfile.dump(fleet.sealed(Machine(agent, "", b""), Role.READER)[0]))
    computer("agent", "key", wrong, code=1)


def test_two_programs_are_not_one_agent(fleet: Fleet, computer: Computer, portal: str) -> None:
    """A second program with the same identity on one machine is refused in words."""
    ready(fleet, computer, portal)
    process = computer.start("agent", "run", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it has its key: it holds the lock
        computer("agent", "run", "--once", code=1)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def test_a_unit(computer: Computer) -> None:
    """The unit for systemd names the program, ends it politely and takes its rights away."""
    text = computer("agent", "unit").out
    freezing = computer("agent", "unit", "--freeze").out
    assert "CAP_SYS_ADMIN" in freezing
    assert "RestrictNamespaces=mnt" in freezing
    assert "CAP_SYS_ADMIN" not in text
    assert "agent run" in text
    assert "NoNewPrivileges=yes" in text


def test_it_leaves(fleet: Fleet, computer: Computer, portal: str) -> None:
    """A machine that leaves keeps neither token nor key, and can be enrolled again."""
    agent = ready(fleet, computer, portal)
    computer.once()
    computer("agent", "leave")
    assert list(computer.own.iterdir()) == []
    agent.refresh_from_db()
    assert agent.state == "removed"
    assert "no agent" in computer("agent", "run", code=1).err
    enrol(fleet, computer, portal)


def test_a_stolen_token(fleet: Fleet, computer: Computer, portal: str) -> None:
    """Who has a machine's token and keyfile adds to its row and reads nothing back; removed, both are worthless."""
    agent = ready(fleet, computer, portal)
    planned(fleet, agent, computer)
    computer.once()
    url = f"{portal}/api/v1/backup/repositories/{fleet.kept.repository.pk}/objects/"
    thief = requests.Session()
    thief.headers["Authorization"] = f"Bearer {token(computer)}"
    packs = thief.get(url, params={"folder": "packs"}).json()["objects"]
    assert {thief.get(url + one["name"]).status_code for one in packs} == {403}
    assert {thief.delete(url + one["name"]).status_code for one in packs} == {403}
    other = fleet.ready()
    assert other.key is not None
    assert thief.get(url, params={"folder": f"snapshots/{other.key.key_id.hex()}"}).status_code == 200
    for words in (["ls", "latest"], ["restore", "latest", "--target", "x"], ["snapshots"], ["prune"], ["forget", "x"]):
        computer.more = {
            "SUITE_BACKUP_REPOSITORY": f"suite+{portal}/{fleet.kept.repository.pk}",
            "SUITE_BACKUP_KEYFILE": str(computer.own / "keyfile"),
            "SUITE_BACKUP_PORTAL_TOKEN_FILE": str(computer.own / "token"),
        }
        computer(*words, code=1)
    agents.remove_agent(fleet.owner, agent)
    assert thief.get(url, params={"folder": "packs"}).status_code == 401
    assert "no more" in computer("agent", "run", "--once", code=1).err


def test_one_gigabyte(fleet: Fleet, computer: Computer, portal: str) -> None:
    """Whoever announces a body of a gigabyte is refused before he has sent it."""
    ready(fleet, computer, portal)
    host, port = portal.removeprefix("http://").split(":")
    path = f"/api/v1/backup/repositories/{fleet.kept.repository.pk}/objects/index/{'0' * 64}"
    head = (
        f"PUT {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token(computer)}\r\n"
        f"Content-Type: application/octet-stream\r\nContent-Length: {1 << 30}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(head.encode() + b"x" * 1000)
        assert b" 413 " in line.recv(1000).split(b"\r\n")[0]
