"""What is special to a server that speaks SFTP."""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncssh
import pytest

from backup.engine.errors import AlreadyThere, BackupError, Denied, Full, Missing, Unreachable
from backup.engine.format import layout
from backup.engine.stores.local import LocalStore
from backup.engine.stores.sftp import SftpStore
from backup.engine.stores.ssh_server import Server
from tests.backup.stores import faulty_sftp, servers
from tests.backup.stores.faulty_sftp import Running
from tests.backup.stores.servers import Sshd

BADGE = layout.badge_name(bytes(16))
NO_LINKS = (b"hardlink@openssh.com", b"posix-rename@openssh.com", b"fsync@openssh.com")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with faulty_sftp.faulty_sftp(tmp_path / "repository") as server:
        yield server


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Running]:
    """A server with nothing but what SFTP had in 2001."""
    with faulty_sftp.faulty_sftp(tmp_path / "repository", without=NO_LINKS) as server:
        yield server


@pytest.fixture
def opened() -> Iterator[Callable[..., SftpStore]]:
    stores: list[SftpStore] = []

    def opened(server: Server, folder: Path, *, prepare: bool = True) -> SftpStore:
        stores.append(SftpStore(server, str(folder)))
        if prepare:
            stores[-1].prepare()
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


Opened = Callable[..., SftpStore]


def left_over(folder: Path) -> list[Path]:
    return list((folder / "tmp").iterdir())


def test_a_host_key_must_be_pinned() -> None:
    """A server whose key nobody named is not even called, and the message says how to find the key."""
    with pytest.raises(BackupError, match="ssh-keyscan"):
        Server("backup.example")
    with pytest.raises(BackupError, match="begins with SHA256:"):
        Server("backup.example", fingerprint="MD5:12:34")


def test_another_host_key_is_refused(openssh: Sshd, opened: Opened, tmp_path: Path) -> None:
    """A server that shows another key than the one that is pinned is Denied, with both named."""
    other = asyncssh.generate_private_key("ssh-ed25519").get_fingerprint()
    store = opened(dataclasses.replace(openssh.server, fingerprint=other), tmp_path, prepare=False)
    with pytest.raises(Denied) as caught:
        store.now()
    assert other in str(caught.value)
    assert openssh.server.fingerprint in str(caught.value)
    assert "somebody may be in between" in str(caught.value)


def test_nothing_is_sent_to_another_server(running: Running, opened: Opened) -> None:
    """To a server with another key no password goes, however often it is asked for something."""
    other = asyncssh.generate_private_key("ssh-ed25519").get_fingerprint()
    store = opened(dataclasses.replace(running.server, fingerprint=other), running.folder, prepare=False)
    for _ in range(2):
        with pytest.raises(Denied):
            store.create(BADGE, [b"1"])
    assert running.faults.logins == 0


def test_a_known_hosts_line_pins_too(openssh: Sshd, opened: Opened, tmp_path: Path) -> None:
    """In the place of a fingerprint lines of a known_hosts file do, and a host that isn't in them is refused."""
    port = openssh.server.port
    line = f"[127.0.0.1]:{port} {openssh.host_key}"
    opened(dataclasses.replace(openssh.server, fingerprint="", known_hosts=line), tmp_path / "repository")
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    for wrong in (f"elsewhere.example {openssh.host_key}", f"[127.0.0.1]:{port} {other}"):
        server = dataclasses.replace(openssh.server, fingerprint="", known_hosts=wrong)
        with pytest.raises(Denied):
            opened(server, tmp_path, prepare=False).now()


def test_a_wrong_key_lets_nobody_in(openssh: Sshd, opened: Opened, tmp_path: Path) -> None:
    """Who has another private key, or none that can be read, is Denied."""
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "other")
    for key in (tmp_path / "other", tmp_path / "missing"):
        with pytest.raises(Denied):
            opened(dataclasses.replace(openssh.server, key_file=key), tmp_path, prepare=False).now()


def test_a_key_with_a_passphrase_is_opened(openssh: Sshd, opened: Opened, tmp_path: Path) -> None:
    """A private key that is protected works with its passphrase, and is Denied without."""
    assert openssh.server.key_file
    key = asyncssh.read_private_key(openssh.server.key_file)
    key.write_private_key(tmp_path / "protected", passphrase="open it")
    server = dataclasses.replace(openssh.server, key_file=tmp_path / "protected")
    with pytest.raises(Denied, match="protected"):
        opened(server, tmp_path, prepare=False).now()
    opened(dataclasses.replace(server, passphrase="open it"), tmp_path / "repository")


def test_an_agent_signs(openssh: Sshd, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key file the ssh agent's keys are tried."""
    socket = str(tmp_path / "agent")
    with subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.PIPE, text=True) as agent:
        try:
            assert agent.stdout
            agent.stdout.readline()
            monkeypatch.setenv("SSH_AUTH_SOCK", socket)
            monkeypatch.setenv("HOME", str(tmp_path))
            subprocess.run(["ssh-add", str(openssh.server.key_file)], check=True, capture_output=True)
            opened(dataclasses.replace(openssh.server, key_file=None), tmp_path / "repository")
        finally:
            agent.terminate()


def test_a_wrong_password_is_denied(running: Running, opened: Opened) -> None:
    """A wrong password is Denied and not tried again."""
    store = opened(dataclasses.replace(running.server, password="wrong"), running.folder, prepare=False)
    with pytest.raises(Denied):
        store.now()
    assert running.faults.logins == 1


def test_no_secret_is_in_what_is_printed(running: Running) -> None:
    """A server's description for people and logs holds neither password nor passphrase."""
    server = dataclasses.replace(running.server, passphrase="of the key")
    assert faulty_sftp.PASSWORD not in repr(server)
    assert "of the key" not in repr(server)


def test_a_server_that_is_away_is_unreachable(opened: Opened, openssh: Sshd, tmp_path: Path) -> None:
    """A server that doesn't answer is Unreachable."""
    with pytest.raises(Unreachable, match="doesn't answer"):
        opened(dataclasses.replace(openssh.server, port=1), tmp_path, prepare=False).now()


def test_a_broken_connection_is_made_anew(running: Running, opened: Opened) -> None:
    """A read whose connection breaks is asked for once more over another one."""
    store = opened(running.server, running.folder)
    store.create(BADGE, [b"1"])
    running.faults.breaks_before["read"] = 1
    assert store.read(BADGE) == b"1"
    assert running.faults.logins == 2


@pytest.mark.parametrize("when", ["breaks_before", "breaks_after"])
@pytest.mark.parametrize("request_", ["open", "write", "link", "remove"])
def test_a_break_in_mid_creation(running: Running, opened: Opened, when: str, request_: str) -> None:
    """Wherever the connection breaks while an object is created, it is there once, whole, and nobody is told of it."""
    store = opened(running.server, running.folder)
    getattr(running.faults, when)[request_] = 1
    data = os.urandom(100_000)
    store.create(BADGE, [data])
    assert store.read(BADGE) == data
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [data])


@pytest.mark.parametrize("when", ["breaks_before", "breaks_after"])
def test_a_break_during_a_rename(plain: Running, opened: Opened, when: str) -> None:
    """Also where a server can only rename, an object whose renaming broke off is there once, and whole."""
    store = opened(plain.server, plain.folder)
    store.create(layout.badge_name(b"x" * 16), [b"finds out how this server renames"])
    getattr(plain.faults, when)["rename"] = 1
    store.create(BADGE, [b"1"])
    assert store.read(BADGE) == b"1"


def test_anothers_object_is_told_from_ones_own(running: Running, opened: Opened) -> None:
    """After a break an object of the same name and size, but other bytes, is somebody else's."""
    store = opened(running.server, running.folder)
    LocalStore(running.folder).create(BADGE, [b"other"])
    running.faults.breaks_before["link"] = 1
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"bytes"])
    assert store.read(BADGE) == b"other"


def test_a_server_that_stays_away_is_unreachable(running: Running, opened: Opened) -> None:
    """Where the connection breaks twice, who asks is told that nobody knows."""
    store = opened(running.server, running.folder)
    running.faults.breaks_before["write"] = 2
    with pytest.raises(Unreachable):
        store.create(BADGE, [b"1"])


def test_a_server_that_knows_nothing_new(plain: Running, opened: Opened) -> None:
    """Neither links, posix-rename nor fsync are needed: nothing is overwritten all the same."""
    store = opened(plain.server, plain.folder)
    store.create(BADGE, [b"first"])
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"second"])
    assert store.read(BADGE) == b"first"
    assert plain.faults.served["link"] == 0
    assert left_over(plain.folder) == []


def test_a_file_system_without_links(running: Running, opened: Opened) -> None:
    """Where the server's disk can't link, a file is renamed, and a taken name refused."""
    store = opened(running.server, running.folder)
    running.faults.links_fail = True
    store.create(BADGE, [b"first"])
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"second"])
    assert store.read(BADGE) == b"first"


def test_a_server_whose_rename_overwrites(plain: Running, opened: Opened) -> None:
    """A server whose rename would overwrite is found out, and asked for the name first."""
    plain.faults.overwrites = True
    store = opened(plain.server, plain.folder)
    store.create(BADGE, [b"first"])
    with pytest.raises(AlreadyThere):
        store.create(BADGE, [b"second"])
    assert store.read(BADGE) == b"first"
    assert left_over(plain.folder) == []


def test_a_full_disk_is_told(running: Running, opened: Opened) -> None:
    """A server without room is Full, by what it says of its disk or because it says no more; nothing is left behind."""
    store = opened(running.server, running.folder)
    running.faults.room, running.faults.free = 10, 0
    with pytest.raises(Full, match="its disk is full"):
        store.create(BADGE, [b"more than ten bytes"])
    running.faults.free = 1 << 40
    with pytest.raises(Full, match="quota"):
        store.create(BADGE, [b"more than ten bytes"])
    assert left_over(running.folder) == []
    with pytest.raises(Missing):
        store.read(BADGE)


def test_openssh_says_nothing_of_a_quota(
    opened: Opened, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """OpenSSH calls a quota that is reached a failure, as it calls everything: it is Full all the same."""
    with servers.sshd(tmp_path_factory.mktemp("limited"), largest=6 << 20) as limited:
        store = opened(limited.server, tmp_path / "repository")
        store.create(BADGE, [b"1"])
        with pytest.raises(Full, match="quota"):
            store.create(layout.pack_name(bytes(32)), [bytes(7 << 20)])
    assert left_over(tmp_path / "repository") == []


def test_what_makes_room_may_use_the_reserve(running: Running, opened: Opened) -> None:
    """On a full disk what leads to room being made is kept all the same, and the reserve filled again when there is."""
    store = opened(running.server, running.folder)
    reserve = running.folder / "reserve"
    assert reserve.stat().st_size == 4 << 20
    running.faults.room = 3
    with pytest.raises(Full):
        store.create(BADGE, [b"12345"])
    assert reserve.exists()
    store.create(BADGE, [b"12345"], urgent=True)
    assert store.read(BADGE) == b"12345"
    assert not reserve.exists()
    store.tidy()
    assert reserve.stat().st_size == 4 << 20


def test_what_was_left_unfinished_goes(running: Running, opened: Opened) -> None:
    """What was begun more than a day ago is dropped, what is younger stays."""
    store = opened(running.server, running.folder)
    old, young = running.folder / "tmp" / "old", running.folder / "tmp" / "young"
    for path in (old, young):
        path.write_bytes(b"1")
    yesterday = store.now() - 25 * 3600 * 10**9
    os.utime(old, ns=(yesterday, yesterday))
    store.tidy()
    assert left_over(running.folder) == [young]


def test_a_repository_lies_as_in_a_folder(openssh: Sshd, opened: Opened, tmp_path: Path) -> None:
    """What was put over SFTP can be read where it lies, and the other way round."""
    store = opened(openssh.server, tmp_path / "repository")
    store.create(BADGE, [b"over SFTP"])
    local = LocalStore(tmp_path / "repository")
    assert local.read(BADGE) == b"over SFTP"
    local.create(layout.config_name(1), [b"on the spot"])
    assert store.read(layout.config_name(1)) == b"on the spot"
    assert (tmp_path / "repository" / BADGE).stat().st_mode & 0o777 == 0o600


def test_a_disk_that_is_not_there(openssh: Sshd, opened: Opened, tmp_path: Path) -> None:
    """A folder that has gone isn't an empty repository: it is Unreachable, for every call."""
    store = opened(openssh.server, tmp_path / "gone", prepare=False)
    for action in (
        lambda: list(store.list("packs")),
        store.now,
        store.tidy,
        lambda: store.create(BADGE, [b"1"]),
    ):
        with pytest.raises(Unreachable, match="isn't there"):
            action()


def test_what_is_forbidden_is_denied(running: Running, opened: Opened) -> None:
    """What the server forbids is Denied."""
    store = opened(running.server, running.folder)
    store.create(BADGE, [b"1"])
    running.faults.forbids.add("remove")
    with pytest.raises(Denied):
        store.delete(BADGE)
    running.faults.forbids.add("open")
    with pytest.raises(Denied):
        store.read(BADGE)


def test_closing_waits_for_no_server(running: Running, tmp_path: Path) -> None:
    """Who still waits for a server that doesn't speak is told, and closing comes to its end."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = SftpStore(dataclasses.replace(running.server, port=silent.getsockname()[1]), str(tmp_path))
        with ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(store.read, BADGE) for _ in range(2)]
            connection, _address = silent.accept()
            store.close()
            connection.close()
            for one in asked:
                assert isinstance(one.exception(10), Unreachable)
    with pytest.raises(Unreachable, match="is closed"):
        store.read(BADGE)
