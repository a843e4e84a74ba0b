"""The socket of the key agent: for its user alone, and nothing that comes over it ends the agent."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backup.engine.errors import AlreadyThere, KeyRefused
from backup.engine.format import keys
from backup.engine.format.keys import Key
from backup.engine.keykeeping import remote, wire
from backup.engine.keykeeping.agent import Agent
from backup.engine.keykeeping.conversation import Conversation
from backup.engine.keykeeping.serving import listening
from backup.engine.keykeeping.wire import Peer
from tests.backup.keykeeping.talking import ME, Serve, act, loaded


def test_the_socket_is_ours_alone(serve: Serve, tmp_path: Path) -> None:
    """The socket has mode 0600 whatever the umask, goes away with the agent, and is never taken from a living one."""
    before = os.umask(0)
    try:
        with serve(Agent()) as path:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            with pytest.raises(AlreadyThere), listening(Agent(), path):
                pass
    finally:
        os.umask(before)
    assert not path.exists()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with serve(Agent()):
        pass
    path.write_text("somebody's file")
    with pytest.raises(AlreadyThere), listening(Agent(), path):
        pass
    assert path.read_text() == "somebody's file"


def test_other_users_get_no_answer(reader: Key, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of another user is hung up on, and a client tells an agent of another user nothing."""
    agent = Agent()
    agent.add(reader)
    with serve(agent) as path:
        monkeypatch.setattr(wire, "peer", lambda connection: Peer(1, 54321))
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            with contextlib.suppress(BrokenPipeError):
                wire.send(connection, {"do": "list"})
            with pytest.raises((wire.Broken, ConnectionError)):
                wire.receive(connection)
        with pytest.raises(KeyRefused, match="of another user"):
            remote.load(path)
    assert wire.Peer(1, 0).trusted
    assert not wire.Peer(1, os.geteuid() + 1).trusted


def test_the_kernel_says_who_asks() -> None:
    """Process and user of the other side are those that the kernel knows."""
    here, there = socket.socketpair()
    with here, there:
        assert wire.peer(here) == ME
    assert "python" in ME.program
    assert Peer(2**22 + 1, 0).program == "an unknown program"


@pytest.mark.parametrize(
    "frame",
    [
        b"\xff\xff\xff\xff",
        (wire.LONGEST + 1).to_bytes(4, "little"),
        b"\x01\0\0\0\xc0",
        b"\x03\0\0\0\x93\1\2",
        b"\x02\0\0\0\x81",
        b"\x05\0\0\0\xdf\xff\xff\xff\xff",
        b"\x02\0",
    ],
)
def test_what_isnt_a_frame_ends_the_connection(frame: bytes, reader: Key, serve: Serve) -> None:
    """An overlong, cut or garbled frame costs its sender the connection, and nobody else anything."""
    agent = Agent()
    agent.add(reader)
    with serve(agent) as path:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.sendall(frame)
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1) == b""
        with loaded(path) as away:
            assert away.key_id == reader.key_id


SCALARS = (
    st.none() | st.booleans() | st.integers(-5, 1 << 40) | st.floats() | st.binary(max_size=40) | st.text(max_size=9)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner), max_leaves=5
)
FIELDS = ("key", "part", "epoch", "use", "context", "data", "name", "keyfile", "passphrase", "lifetime")


@settings(deadline=None)
@given(st.data())
def test_no_request_stops_it(data: st.DataObject) -> None:
    """Whatever a client sends, it is answered, and what isn't understood is refused."""
    agent = Agent()
    master = keys.master(bytes(32), bytes(16))
    agent.add(master)
    verbs = st.sampled_from(["list", "holds", "shared", "unseal", "sign", "add", "unlock", "lock", "forget"])
    request = {"do": data.draw(verbs | VALUES)}
    for field in FIELDS:
        request[field] = data.draw(VALUES)
    if data.draw(st.booleans()):
        request |= {"key": master.key_id, "part": "data"}
    answer = Conversation(agent, ME).answer(request)
    assert "signature" not in answer
    assert isinstance(answer, dict)


def test_too_long_for_the_agent(reader: Key, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is longer than a frame is refused before it is sent."""
    monkeypatch.setattr(wire, "LONGEST", 2000)
    agent = Agent()
    agent.add(reader)
    with serve(agent) as path, loaded(path) as away, pytest.raises(KeyRefused, match="longer"):
        away.signed(act(reader) + bytes(2000))


def test_an_agent_that_ended(reader: Key, serve: Serve, tmp_path: Path) -> None:
    """When the agent has ended or never was, that is said; a new one at the same place serves on."""
    agent = Agent()
    agent.add(reader)
    with serve(agent) as path:
        away = remote.load(path)
    with pytest.raises(KeyRefused, match="doesn't answer"):
        away.signed(act(reader))
    with serve(agent):
        assert away.signed(act(reader)) == reader.signed(act(reader))
        away.holder.close()  # type: ignore[attr-defined]
    with pytest.raises(KeyRefused, match="doesn't answer"):
        remote.load(tmp_path / "nowhere")
