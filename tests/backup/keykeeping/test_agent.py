"""The key agent: what it holds opens and signs from outside, and never leaves it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from backup.engine.errors import BadKeyfile, Damaged, KeyRefused, PassphraseNeeded
from backup.engine.format import cipher, config, keyfile, keys, layout
from backup.engine.format.keys import Key, Role
from backup.engine.keykeeping import remote, wire
from backup.engine.keykeeping.agent import Agent, ask_by
from backup.engine.keykeeping.conversation import Conversation
from tests.backup.keykeeping.talking import ME, Serve, act, held, loaded, sealed


@pytest.mark.parametrize("role", Role)
def test_a_key_in_the_agent_is_that_key(master: Key, role: Role, serve: Serve) -> None:
    """Through the agent a key opens, signs and knows what it does in memory, and refuses the same."""
    key = master if role is Role.MASTER else keys.derive(master, role, label="", created=1)
    agent = Agent()
    agent.add(key)
    with serve(agent) as path, loaded(path) as away:
        assert (away.role, away.repository, away.suite, away.master) == (role, key.repository, key.suite, key.master)
        assert (away.key_id, away.badge, dict(away.shared)) == (key.key_id, key.badge, dict(key.shared))
        assert away.signed(act(key)) == key.signed(act(key))
        for part in keys.PARTS:
            assert away.can_open(part, 0) == key.can_open(part, 0)
            data = sealed(master, part)
            if key.can_open(part, 0):
                assert away.unseal(part, 0, "test", b"here", data, "it") == b"content"
                with pytest.raises(Damaged, match=r"it: the sealed test doesn't open"):
                    away.unseal(part, 0, "test", b"there", data, "it")
            else:
                with pytest.raises(KeyRefused):
                    away.unseal(part, 0, "test", b"here", data, "it")


def test_private_keys_never_come_out(master: Key, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """In nothing that a client ever receives is there a private key, a signing key, or the seed."""
    received = bytearray()
    exactly = wire._exactly
    monkeypatch.setattr(wire, "_exactly", lambda *given: received.extend(got := exactly(*given)) or got)
    agent, reader = Agent(), keys.derive(master, Role.READER, label="", created=1)
    agent.add_keyfile(keyfile.dump(master, "word"), "word")
    agent.add(reader)
    assert master.seed is not None
    secrets = [master.seed, held(master).signing, held(reader).signing, *held(master).private.values()]
    with serve(agent) as path:
        for key in (master, reader):
            with loaded(path, key.key_id.hex()) as away:
                away.unseal("data", 0, "test", b"here", sealed(master, "data"), "it")
                away.signed(act(key))
                assert not any(secret in repr(vars(away)).encode("latin-1", "replace") for secret in secrets)
        for question in ({"do": "unlock", "passphrase": "word"}, {"do": "lock"}, {"do": "list"}):
            remote_ask(path, question)
    assert len(received) > 1000
    assert not any(secret in received for secret in secrets)


def remote_ask(path: Path, question: dict[str, Any]) -> dict[str, Any]:
    connection = remote.Connection(path)
    try:
        return connection.ask(question.pop("do"), **question)
    finally:
        connection.close()


def test_a_master_opens_every_epoch(master: Key, serve: Serve) -> None:
    """A master in the agent opens what any epoch sealed, and signs what the master signs; it derives no key."""
    agent = Agent()
    agent.add(master)
    with serve(agent) as path, loaded(path) as away:
        assert away.unseal("meta", 3, "test", b"here", sealed(master, "meta", 3), "it") == b"content"
        first = config.first(master, isolated=False, now=1)
        assert away.signed(first[: -cipher.SIGNATURE]) == first
        with pytest.raises(KeyRefused, match="only the master key derives"):
            keys.derive(away, Role.READER, label="", created=1)


def test_it_signs_objects_only(master: Key, writer: Key, reader: Key) -> None:
    """It signs what begins as an object of the key's repository, of a kind that such a key signs, and nothing else but
    the report of a test restore, where the key can do one.
    """
    agent = Agent()
    for key in (master, writer, reader):
        agent.add(key)
    talk = Conversation(agent, ME)

    def may(key: Key, data: bytes) -> bool:
        return "signature" in talk.answer({"do": "sign", "key": key.key_id, "data": data})

    def start(kind: bytes, repository: bytes = master.repository) -> bytes:
        return bytes(layout.Prologue(kind, repository, layout.AES)) + b"body"

    for kind in b"CKFMSA":
        assert may(master, start(bytes([kind])))
        assert may(writer, start(bytes([kind]))) == (kind in b"MSA")
    for data in (b"", b"hello", start(layout.ACT, bytes(16)), start(layout.INDEX), start(layout.ACT)[1:]):
        assert not may(master, data)
    report = layout.TEST_RESTORE + b"{}"
    assert [may(key, report) for key in (master, reader, writer)] == [True, True, False]
    assert not may(reader, report[1:])


def test_lock_and_unlock(master: Key, reader: Key, writer: Key, serve: Serve) -> None:
    """Once locked it opens nothing; the passphrase brings back the keys it protects, the others are gone."""
    agent = Agent()
    agent.add_keyfile(keyfile.dump(reader, "word"), "word")
    agent.add_keyfile(keyfile.dump(writer))
    data = sealed(master, "data")
    with serve(agent) as path, loaded(path, reader.key_id.hex()) as away:
        assert away.unseal("data", 0, "test", b"here", data, "it") == b"content"
        [left] = remote_ask(path, {"do": "lock"})["keys"]
        assert (left["key"], left["locked"]) == (reader.key_id, True)
        with pytest.raises(KeyRefused, match="locked"):
            away.unseal("data", 0, "test", b"here", data, "it")
        with pytest.raises(PassphraseNeeded):
            remote_ask(path, {"do": "unlock", "passphrase": "other"})
        with pytest.raises(KeyRefused, match="locked"):
            remote.load(path)
        remote_ask(path, {"do": "unlock", "passphrase": "word"})
        assert away.unseal("data", 0, "test", b"here", data, "it") == b"content"
        assert remote_ask(path, {"do": "forget", "key": reader.key_id}) == {"keys": []}
        with pytest.raises(KeyRefused, match="no such key"):
            away.unseal("data", 0, "test", b"here", data, "it")


def test_a_locked_agent_holds_no_key(reader: Key) -> None:
    """While it is locked, no private key is in the agent's memory: only the protected keyfile."""
    agent = Agent()
    agent.add_keyfile(keyfile.dump(reader, "word"), "word")
    agent.lock()
    assert [one.key for one in agent._held.values()] == [None]
    unprotected = Agent()
    unprotected.add_keyfile(keyfile.dump(reader))
    unprotected.lock()
    assert unprotected._held == {}


def test_keys_have_a_lifetime(reader: Key, writer: Key) -> None:
    """A key serves for its lifetime and no longer; unlocked again, it has a new one."""
    now = [1000.0]
    agent = Agent(clock=lambda: now[0])
    agent.add_keyfile(keyfile.dump(reader, "word"), "word", lifetime=60)
    agent.add_keyfile(keyfile.dump(writer))
    now[0] += 59.9
    assert agent.key(reader.key_id) == reader
    now[0] += 0.1
    with pytest.raises(KeyRefused, match="locked"):
        agent.key(reader.key_id)
    assert agent.key(writer.key_id) == writer
    agent.unlock("word", lifetime=5)
    now[0] += 4
    assert agent.key(reader.key_id) == reader
    now[0] += 1
    agent.expire()
    assert [one["locked"] for one in agent.known() if one["key"] == reader.key_id] == [True]


def test_somebody_may_have_to_agree(master: Key, reader: Key) -> None:
    """A person is asked once for each connection and kind of use, with the program's name; a no holds."""
    asked: list[str] = []
    agree = [True, False]
    agent = Agent(confirm=lambda peer, question: asked.append(question) or agree[len(asked) - 1])
    agent.add(reader)
    talk = Conversation(agent, ME)
    data = sealed(master, "log")
    opening = {"do": "unseal", "key": reader.key_id, "part": "log", "epoch": 0}
    opening |= {"use": "test", "context": b"here", "data": data, "name": "it"}
    signing = {"do": "sign", "key": reader.key_id, "data": act(reader)}
    for _ in range(3):
        assert talk.answer(opening) == {"data": b"content"}
        assert "not to allow" in talk.answer(signing)["why"]
    assert len(asked) == 2
    assert f"(process {os.getpid()}) wants to read with the reader key {reader.key_id.hex()[:8]}" in asked[0]
    assert "python" in asked[0]
    assert "wants to sign with" in asked[1]


@pytest.mark.parametrize(("command", "allowed"), [(["true"], True), (["false"], False)])
def test_a_program_may_ask(command: list[str], allowed: bool) -> None:
    """A program that is given the question says yes by ending well."""
    assert ask_by(command)(ME, "May it?") is allowed


def test_one_key_is_chosen(reader: Key, writer: Key, serve: Serve) -> None:
    """Of several keys one is named by the first digits of its id; without, the ids are told."""
    agent = Agent()
    with serve(agent) as path:
        with pytest.raises(KeyRefused, match=r"0 keys .* There: none"):
            remote.load(path)
        agent.add(reader)
        agent.add(writer)
        with pytest.raises(KeyRefused, match=f"{writer.key_id.hex()} .writer."):
            remote.load(path)
        with loaded(path, writer.key_id.hex()[:8].upper()) as away:
            assert away.key_id == writer.key_id


def test_a_keyfile_is_handed_over(reader: Key, serve: Serve) -> None:
    """A client may hand the agent a keyfile; what is wrong with it is told as when loading it."""
    with serve(Agent()) as path:
        answer = remote_ask(path, {"do": "add", "keyfile": keyfile.dump(reader, "word"), "passphrase": "word"})
        assert answer == {"key": reader.key_id}
        with pytest.raises(PassphraseNeeded):
            remote_ask(path, {"do": "add", "keyfile": keyfile.dump(reader, "word"), "passphrase": "other"})
        with pytest.raises(BadKeyfile):
            remote_ask(path, {"do": "add", "keyfile": "hello"})


def test_many_threads_share_a_connection(master: Key, reader: Key, serve: Serve) -> None:
    """What several threads ask at once is answered to each."""
    agent = Agent()
    agent.add(reader)
    with serve(agent) as path, loaded(path) as away, ThreadPoolExecutor(8) as pool:
        data = {part: sealed(master, part) for part in keys.PARTS}
        opened = pool.map(lambda part: away.unseal(part, 0, "test", b"here", data[part], "it"), list(data) * 20)
        assert set(opened) == {b"content"}
