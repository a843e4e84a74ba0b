"""An SFTP server that is another, breaks off, knows little or is full: `suite-backup` in front of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import asyncssh
import pytest

from backup.engine.stores.ssh_server import Server
from tests.backup.conftest import picture
from tests.backup.stores import faulty_sftp, servers
from tests.backup.stores.faulty_sftp import PASSWORD, Running
from tests.faults.backup.site import Site, change, fill

pytestmark = pytest.mark.slow
OLD = (b"hardlink@openssh.com", b"posix-rename@openssh.com", b"fsync@openssh.com")
"""Extensions that a server of 2001 hasn't."""


def address(server: Server, folder: Path) -> str:
    return f"sftp://{server.user}@127.0.0.1:{server.port}{folder}?fingerprint={quote(server.fingerprint)}"


def behind(server: Server, base: Path, chance: random.Random, **environment: str) -> Site:
    made = Site(base, address(server, base / "repository"), environment)
    fill(made.source, chance)
    return made


@pytest.fixture
def running(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    """A server of today, or one without extensions."""
    without: tuple[bytes, ...] = getattr(request, "param", ())
    server: AbstractContextManager[Running] = faulty_sftp.faulty_sftp(tmp_path / "repository", without=without)
    with server as found:
        yield found


@pytest.fixture
def far(running: Running, tmp_path: Path, chance: random.Random) -> Site:
    return behind(running.server, tmp_path, chance, SUITE_BACKUP_SFTP_PASSWORD=PASSWORD)


def test_another_host_key(far: Site, running: Running) -> None:
    """A server that shows another key than the one that is known is refused by every command, and told no password."""
    far.save()
    logins = running.faults.logins
    other = asyncssh.generate_private_key("ssh-ed25519").get_fingerprint()
    right, far.url = far.url, address(replace(running.server, fingerprint=other), running.folder)
    for command, role in (
        (["save", "--source", "data", str(far.source)], "writer"),
        (["restore", "latest", "--target", str(far.base / "out")], "reader"),
        (["check"], "verifier"),
        (["forget", "--keep-last", "1"], "pruner"),
    ):
        refused = far.run(*command, role=role)
        assert refused.returncode == 1
        assert other in refused.stderr
        assert running.server.fingerprint in refused.stderr
        assert "somebody may be in between" in refused.stderr
    assert running.faults.logins == logins
    far.url = right
    assert far.restored() == picture(far.source)


@pytest.mark.parametrize("running", [(), OLD], indirect=True, ids=["of today", "of 2001"])
def test_connections_that_drop(far: Site, running: Running, chance: random.Random, rounds: int) -> None:
    """Wherever the connection drops, in mid-rename too, a save ends well, and each object is there once and whole."""
    requests = ["open", "write", "rename", "link", "remove", "read"]
    for _ in range(rounds):
        change(far.source, chance)
        faults = running.faults
        chance.choice((faults.breaks_before, faults.breaks_after))[chance.choice(requests)] = 1
        snapshot = far.save()["snapshot"]
        assert far.restored(snapshot) == picture(far.source)
        faults.breaks_before.clear()
        faults.breaks_after.clear()
    far.check()
    assert len(far.snapshots()) == rounds


@pytest.mark.parametrize("running", [OLD], indirect=True, ids=["of 2001"])
def test_a_rename_that_overwrites(far: Site, running: Running, chance: random.Random) -> None:
    """Where a server renames over what is there, two programs of one key take no name of each other's."""
    running.faults.overwrites = True
    states = {}
    for state in ("state", "twin", "state"):
        change(far.source, chance)
        states[far.save(state=state)["snapshot"]] = picture(far.source)
    assert [one["sequence"] for one in far.snapshots()] == [1, 2, 3]
    for id_, was in states.items():
        assert far.restored(id_) == was


def test_a_quota(far: Site, running: Running, chance: random.Random) -> None:
    """A quota that is reached is told and leaves no snapshot; forgetting makes room, and saves go on."""
    states = {}
    for _ in range(3):
        states[far.save()["snapshot"]] = picture(far.source)
        change(far.source, chance)
    running.faults.room = 100
    failed = far.run("save", "--source", "data", str(far.source))
    assert failed.returncode == 1
    assert "no room" in failed.stderr
    assert [one["id"] for one in far.snapshots()] == list(states)
    far.ok("forget", "--keep-last", "1", role="pruner")
    for _ in range(2):
        far.ok("prune", "--grace", "0h", "--force", role="pruner")
    states[far.save()["snapshot"]] = picture(far.source)
    kept = [one["id"] for one in far.snapshots()]
    assert len(kept) == 2
    for id_ in kept:
        assert far.restored(id_) == states[id_]
    far.check()


def test_a_quota_of_openssh(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, chance: random.Random) -> None:
    """OpenSSH calls a quota a failure, as it calls everything: it is told as one all the same."""
    place = tmp_path_factory.mktemp("limited")
    with servers.sshd(place, largest=6 << 20) as limited:
        key = str(limited.server.key_file)
        site = behind(limited.server, tmp_path, chance, SUITE_BACKUP_SSH_KEY=key)
        failed = site.run("save", "--source", "data", str(site.source))
        assert failed.returncode == 1
        assert "no room" in failed.stderr
        assert site.snapshots() == []
        for path in site.source.glob("large-*"):
            path.unlink()
        assert site.restored(site.save()["snapshot"]) == picture(site.source)
