"""What is taken of a new repository: from a client that may be anybody's, never a key that reads."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backup.engine.format import cipher, config, keyfile, keys, layout
from backup.engine.format.keys import InMemory, Key, Role
from backup.engine.founding import LARGEST_CONFIG, Unfit, examine
from tests.backup.founding import Client


def derived(client: Client, role: Role, **options: Any) -> Key:
    return keys.derive(client.master, role, label="x", created=1, **options)


def text(client: Client, role: Role, **options: Any) -> str:
    return keyfile.dump(derived(client, role, **options))


def changed(client: Client, key: Key, **fields: Any) -> str:
    """A keyfile of the master's own making, with something else in it."""
    return keyfile.dump(keys._with_origin(replace(key, **fields), client.master))


def holding(client: Client, key: Key, private: dict[str, bytes], signing: bytes | None = None) -> str:
    """A keyfile that holds these private keys, whatever its role says."""
    assert isinstance(key.holder, InMemory)
    return changed(client, key, holder=InMemory(key.suite, signing or key.holder.signing, private))


def private_of(client: Client) -> dict[str, bytes]:
    assert isinstance(client.master.holder, InMemory)
    return dict(client.master.holder.private)


def with_more(client: Client, key: Key, more: dict[str, bytes]) -> str:
    """A keyfile with a field that none has, signed by the master all the same."""
    prologue = bytes(layout.Prologue(layout.KEYFILE, key.repository, key.suite))
    body = cipher.pack(cipher.unpack(keys.body(key), "keyfile") | more)
    return keyfile.armour(prologue + b"\0" + client.master.holder.sign(prologue + body) + body)


def seed(client: Client) -> bytes:
    assert client.master.seed is not None
    return client.master.seed


def shared(client: Client, **more: bytes) -> dict[str, bytes]:
    return {**client.master.shared, **more}


def elsewhere() -> Client:
    return Client.new()


def twin(client: Client) -> Client:
    """Somebody else's master key for the same repository."""
    return Client.new(repository=client.master.repository)


def a_lister(client: Client) -> Key:
    return derived(client, Role.LISTER)


def a_writer(client: Client) -> Key:
    return derived(client, Role.WRITER)


Make = Callable[[Client], str]
KEYS: dict[str, tuple[str, str, Make]] = {
    "a reader's": ("lister", "reads", lambda client: text(client, Role.READER)),
    "a verifier's": ("lister", "reads", lambda client: text(client, Role.VERIFIER)),
    "a pruner's": ("lister", "reads", lambda client: text(client, Role.PRUNER)),
    "the master's": ("lister", "reads", lambda client: client.keyfile),
    "the master's as writer": ("writer", "reads", lambda client: client.keyfile),
    "a reader's as writer": ("writer", "reads", lambda client: text(client, Role.READER)),
    "a writer's as lister": ("lister", "role", lambda client: text(client, Role.WRITER)),
    "a lister's as writer": ("writer", "role", lambda client: text(client, Role.LISTER)),
    "of another repository": ("lister", "other", lambda _client: elsewhere().founding().lister),
    "of another repository as writer": ("writer", "other", lambda _client: elsewhere().founding().writer),
    "by another master": ("lister", "other", lambda client: twin(client).founding().lister),
    "of a later epoch": ("lister", "other", lambda client: text(client, Role.LISTER, epoch=1)),
    "with a passphrase": ("lister", "protected", lambda client: keyfile.dump(a_lister(client), "douze lettres")),
    "with what opens files": ("lister", "reads", lambda client: holding(client, a_lister(client), private_of(client))),
    "with what opens files, named otherwise": (
        "lister",
        "reads",
        lambda client: holding(client, a_lister(client), {"log 0": private_of(client)["data 0"]}),
    ),
    "with what opens trees": (
        "writer",
        "reads",
        lambda client: holding(client, a_writer(client), {"x": private_of(client)["meta 0"]}),
    ),
    "with another's log": ("lister", "other", lambda client: holding(client, a_lister(client), {"log 0": b"7" * 32})),
    "with nothing": ("lister", "other", lambda client: holding(client, a_lister(client), {})),
    "a writer's that opens the log": (
        "writer",
        "other",
        lambda client: holding(client, a_writer(client), {"log 0": private_of(client)["log 0"]}),
    ),
    "with the seed as a secret": (
        "writer",
        "reads",
        lambda client: changed(client, a_writer(client), shared=shared(client, chunk=seed(client))),
    ),
    "with the master's signing key": (
        "lister",
        "reads",
        lambda client: holding(
            client,
            a_lister(client),
            {"log 0": private_of(client)["log 0"]},
            cipher.derive(seed(client), client.master.repository, "sign"),
        ),
    ),
    "with the seed in a field of its own": (
        "lister",
        "damaged",
        lambda client: with_more(client, a_lister(client), {"seed": seed(client)}),
    ),
    "with secrets that are none": (
        "writer",
        "damaged",
        lambda client: changed(client, a_writer(client), shared=shared(client, chunk=b"short")),
    ),
    "with another key's badge": (
        "lister",
        "badge",
        lambda client: changed(client, a_lister(client), badge=a_lister(client).badge),
    ),
    "with a badge of another role": (
        "lister",
        "badge",
        lambda client: changed(client, a_lister(client), badge=a_writer(client).badge),
    ),
    "with a badge by another master": (
        "lister",
        "damaged",
        lambda client: changed(client, a_lister(client), badge=a_lister(twin(client)).badge),
    ),
    "with a badge full of words": (
        "lister",
        "badge",
        lambda client: keyfile.dump(keys.derive(client.master, Role.LISTER, label="x" * 301, created=1)),
    ),
    "none": ("lister", "damaged", lambda _client: ""),
    "no keyfile": ("writer", "damaged", lambda _client: "../../etc/passwd"),
    "cut": ("lister", "damaged", lambda client: text(client, Role.LISTER)[:-80]),
    "endless": ("lister", "damaged", lambda client: text(client, Role.LISTER) + " " * keyfile.LONGEST),
}


@pytest.mark.parametrize(("place", "code", "make"), KEYS.values(), ids=KEYS.keys())
def test_a_key_that_is_not_what_it_should_be(place: str, code: str, make: Make) -> None:
    """Only a lister's and a writer's key of this very repository are taken, with nothing more in them."""
    client = Client.new()
    given = replace(client.founding(), **{place: make(client)})
    with pytest.raises(Unfit) as refused:
        examine(given)
    assert refused.value.faults == {place: code}


def signed(client: Client, **fields: Any) -> bytes:
    """A config that the master signed, with something else in it."""
    raw = client.founding().config
    body = cipher.unpack(raw[layout.SIZE : -cipher.SIGNATURE], "config") | fields
    return client.master.signed(raw[: layout.SIZE] + cipher.pack(body))


def read(client: Client) -> config.Config:
    return config.read(client.founding().config, client.master, layout.config_name(1))


def relabelled(client: Client, prologue: layout.Prologue) -> bytes:
    raw = client.founding().config
    return client.master.signed(bytes(prologue) + raw[layout.SIZE : -cipher.SIGNATURE])


CONFIGS: dict[str, Callable[[Client], bytes]] = {
    "none": lambda _client: b"",
    "noise": lambda _client: os.urandom(500),
    "cut": lambda client: client.founding().config[:-1],
    "signed by another": lambda client: client.founding().config[:-64] + twin(client).founding().config[-64:],
    "a later one": lambda client: config.next_epoch(read(client), client.master, now=2),
    "one that revokes": lambda client: signed(client, revoked=[{"key": bytes(16), "since": 1, "last": 0}]),
    "with something before it": lambda client: signed(client, previous=bytes([1]) * 32),
    "with another number": lambda client: signed(client, number=2),
    "of a later epoch": lambda client: signed(client, epochs=[signed_epoch(client) | {"epoch": 1}]),
    "with two epochs": lambda client: signed(
        client, epochs=[signed_epoch(client), signed_epoch(client) | {"epoch": 1}]
    ),
    "without an epoch": lambda client: signed(client, epochs=[]),
    "with a short key": lambda client: signed(client, epochs=[signed_epoch(client) | {"data": b"short"}]),
    "with what isn't a list": lambda client: signed(client, epochs=7),
    "with another chunker": lambda client: signed(client, chunker={"name": "x"}),
    "that needs more": lambda client: signed(client, needs=["x"]),
    "neither isolated nor not": lambda client: signed(client, isolated=0),
    "with the seed in it": lambda client: signed(client, seed=client.master.seed),
    "a keyfile": lambda client: keyfile.to_binary(client.keyfile),
    "of an epoch in its prologue": lambda client: relabelled(
        client, layout.Prologue(layout.CONFIG, client.master.repository, layout.AES, epoch=3)
    ),
    "oversize": lambda client: signed(client, needs=["x" * LARGEST_CONFIG]),
}


def signed_epoch(client: Client) -> dict[str, Any]:
    body = cipher.unpack(client.founding().config[layout.SIZE : -cipher.SIGNATURE], "config")
    epoch: dict[str, Any] = body["epochs"][0]
    return epoch


@pytest.mark.parametrize("make", CONFIGS.values(), ids=CONFIGS.keys())
def test_a_config_that_is_not_the_first(make: Callable[[Client], bytes]) -> None:
    """Only the first config of a repository is taken, whole, signed by the master that it names, with nothing else."""
    client = Client.new()
    with pytest.raises(Unfit) as refused:
        examine(replace(client.founding(), config=make(client)))
    assert refused.value.faults == {"config": "damaged"}


def test_a_config_of_another_cipher() -> None:
    """Keys that go with another cipher than the config says are another repository's."""
    client = Client.new()
    other = keys.master(seed(client), client.master.repository, suite=layout.CHACHA)
    with pytest.raises(Unfit) as refused:
        examine(replace(client.founding(), config=config.first(other, isolated=False, now=1)))
    assert refused.value.faults == {"lister": "other", "writer": "other"}


@pytest.mark.parametrize("code", ["", "1234", "12345678", "12ab-34cd", "12AB-34CG", "12AB-34CD-", "../../etc"])
def test_control_codes(code: str) -> None:
    """A control code is eight hexadecimal signs."""
    with pytest.raises(Unfit) as refused:
        examine(replace(Client.new().founding(), control_code=code))
    assert refused.value.faults == {"control_code": "control"}


def as_text(binary: bytes) -> str:
    """A keyfile's text, whatever its bytes say."""
    return f"{keyfile.BEGIN}\n\n{base64.b64encode(binary).decode()}\n{keyfile.END}\n"


def test_no_changed_byte_passes() -> None:
    """Whatever single byte of the config or of a key is changed, it is refused."""
    client = Client.new()
    given = client.founding()
    examine(given)
    for at in range(len(given.config)):
        raw = bytearray(given.config)
        raw[at] ^= 1
        with pytest.raises(Unfit):
            examine(replace(given, config=bytes(raw)))
    binary = keyfile.to_binary(given.lister)
    for at in range(0, len(binary), 3):
        raw = bytearray(binary)
        raw[at] ^= 1
        with pytest.raises(Unfit):
            examine(replace(given, lister=as_text(bytes(raw))))


def test_founded_long_ago_or_ahead() -> None:
    """What a client's clock says is of no consequence."""
    client = Client.new()
    for made_at in (0, time.time_ns() + 10**18):
        made = replace(client.founding(), config=config.first(client.master, isolated=True, now=made_at))
        assert examine(made).config.isolated
