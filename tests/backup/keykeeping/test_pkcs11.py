"""A key in a token: it opens and signs in there, and can't be read out again. Against SoftHSM."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pkcs11 as library
import pytest
from pkcs11 import Attribute, ObjectClass

from backup.engine.errors import Damaged, KeyRefused
from backup.engine.format import cipher, config, keys, layout
from backup.engine.format.keys import InMemory, Key, Role
from backup.engine.keykeeping import hpke, pkcs11
from backup.engine.keykeeping.agent import Agent
from backup.engine.keykeeping.conversation import Conversation
from backup.engine.keykeeping.pkcs11 import TokenHolder
from backup.engine.keykeeping.place import Place
from tests.backup.keykeeping.talking import ME, act, held, sealed
from tests.core.vault.test_token import MODULE

PIN = "1234"


def pin(prompt: str) -> str:
    assert prompt == "PIN of the token backup"
    return PIN


def at(label: str) -> Place:
    return Place(MODULE, "backup", label)


def stopped() -> None:
    """The library reads where its tokens are when it starts; other tests have tokens of their own."""
    running = library.lib(MODULE)
    running.finalize()


@pytest.fixture(scope="module", autouse=True)
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    if not MODULE or not shutil.which("softhsm2-util"):
        pytest.fail("The tests of tokens need SoftHSM: deploy/packages test, or apt install softhsm2.")
    stopped()
    folder = tmp_path_factory.mktemp("token")
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        command = ("softhsm2-util", "--init-token", "--free", "--label", "backup", "--pin", PIN, "--so-pin", "5678")
        subprocess.run(command, check=True, capture_output=True)
        yield
        stopped()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("suite", layout.SUITES)
def test_a_key_in_a_token_is_that_key(role: Role, suite: int) -> None:
    """From the token a key opens, signs and knows what it does in memory, and refuses the same; in both suites."""
    master = keys.master(os.urandom(32), os.urandom(16), suite=suite)
    key = master if role is Role.MASTER else keys.derive(master, role, label="", created=1)
    where = at(f"{role.name} {suite}")
    pkcs11.keep(key, where, pin)
    away = pkcs11.load(where, pin)
    assert isinstance(away.holder, TokenHolder)
    assert (away.role, away.repository, away.suite, away.master) == (role, key.repository, suite, key.master)
    assert (away.key_id, away.badge, dict(away.shared), away.seed) == (key.key_id, key.badge, dict(key.shared), None)
    assert away.signed(act(key)) == key.signed(act(key))
    for part in keys.PARTS:
        assert away.can_open(part, 0) == key.can_open(part, 0)
        assert not away.can_open(part, 1)
        if away.can_open(part, 0):
            data = sealed(master, part)
            assert away.unseal(part, 0, "test", b"here", data, "it") == b"content"
            for wrong in (bytes([data[0] ^ 1]) + data[1:], data[:-1] + bytes([data[-1] ^ 1]), data[:47], b""):
                with pytest.raises((Damaged, KeyRefused)):
                    away.unseal(part, 0, "test", b"here", wrong, "it")
            with pytest.raises(Damaged):
                away.unseal(part, 0, "test", b"there", data, "it")
    away.holder.close()


def test_private_keys_dont_come_out(reader: Key) -> None:
    """The token gives none of the private halves out again, and its data object holds none of them."""
    pkcs11.keep(reader, at("reader"), pin)
    session = library.lib(MODULE).get_token(token_label="backup").open(user_pin=PIN)
    with session:
        private = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
        assert len(private) >= 4
        for one in private:
            assert one[Attribute.PRIVATE]
            with pytest.raises(library.PKCS11Error):
                one[Attribute.VALUE]
        secrets = [held(reader).signing, *held(reader).private.values()]
        for one in session.get_objects({Attribute.CLASS: ObjectClass.DATA}):
            assert one[Attribute.PRIVATE]
            assert not any(secret in one[Attribute.VALUE] for secret in secrets)


def test_a_key_is_kept_once(reader: Key, writer: Key) -> None:
    """A label names one key: a second is refused, and nothing of it stays."""
    pkcs11.keep(writer, at("once"), pin)
    with pytest.raises(KeyRefused, match="already"):
        pkcs11.keep(reader, at("once"), pin)
    away = pkcs11.load(at("once"), pin)
    assert away.key_id == writer.key_id
    with pytest.raises(KeyRefused, match="held elsewhere"):
        pkcs11.keep(away, at("copy"), pin)
    away.holder.close()  # type: ignore[attr-defined]


def test_a_failure_leaves_nothing(reader: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the token refuses a part of a key, the parts before it are taken out again."""
    whole = pkcs11._templates

    def broken(key: Key, label: str) -> Iterator[dict[object, object]]:
        yield from list(whole(key, label))[:3]
        raise library.DeviceMemory

    with monkeypatch.context() as patch:
        patch.setattr(pkcs11, "_templates", broken)
        with pytest.raises(KeyRefused, match="DeviceMemory"):
            pkcs11.keep(reader, at("full"), pin)
    pkcs11.keep(reader, at("full"), pin)
    away = pkcs11.load(at("full"), pin)
    assert away.signed(act(reader)) == reader.signed(act(reader))
    away.holder.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("where", "given"),
    [
        (Place(MODULE, "nobody", "x"), PIN),
        (Place(MODULE, "backup", "nobody"), PIN),
        (Place(MODULE, "backup", "x"), "9999"),
        (Place("/nowhere.so", "backup", "x"), PIN),
    ],
)
def test_a_token_that_refuses_says_so(where: Place, given: str) -> None:
    """A missing token, key or library and a wrong PIN are said in words, without the PIN."""
    with pytest.raises(KeyRefused, match="the token") as refused:
        pkcs11.load(where, lambda prompt: given)
    assert given not in str(refused.value)


def test_an_agent_before_a_token(writer: Key) -> None:
    """An agent can hold a key that is in a token: the PIN is typed once, and programs ask the agent."""
    pkcs11.keep(writer, at("behind"), pin)
    away = pkcs11.load(at("behind"), pin)
    agent = Agent()
    agent.add(away)
    answer = Conversation(agent, ME).answer({"do": "sign", "key": writer.key_id, "data": act(writer)})
    assert act(writer) + answer["signature"] == writer.signed(act(writer))
    away.holder.close()  # type: ignore[attr-defined]


def test_a_master_in_a_token_signs(master: Key) -> None:
    """The master's configs are signed in the token as in memory; without its seed it derives no key."""
    pkcs11.keep(master, at("master"), pin)
    away = pkcs11.load(at("master"), pin)
    first = config.first(master, isolated=False, now=1)
    assert away.signed(first[: -cipher.SIGNATURE]) == first
    with pytest.raises(KeyRefused):
        keys.derive(away, Role.READER, label="", created=1)
    away.holder.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("suite", layout.SUITES)
def test_hpke_with_the_exchange_made_elsewhere(suite: int) -> None:
    """HPKE with an exchange made elsewhere opens what the library sealed; a point that gives nothing is refused."""
    private = os.urandom(32)
    public = cipher.public_half(private)
    data = cipher.seal(suite, public, "use", b"context", b"content")
    holder = InMemory(suite, b"", {"data 0": private})
    exchanged = library_exchange(private, data[:32])
    assert hpke.unseal(suite, exchanged, public, "use", b"context", data, "it") == b"content"
    assert holder.unseal("data", 0, "use", b"context", data, "it") == b"content"
    with pytest.raises(Damaged):
        hpke.unseal(suite, bytes(32), public, "use", b"context", data, "it")


def library_exchange(private: bytes, public: bytes) -> bytes:
    import nacl.bindings

    return nacl.bindings.crypto_scalarmult(private, public)
