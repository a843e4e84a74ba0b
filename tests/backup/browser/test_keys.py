"""Keys, badges and configs made in the browser are those that Python makes and reads, and the other way round."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from backup.engine.agent import holding
from backup.engine.errors import Damaged, PassphraseNeeded
from backup.engine.format import cipher, config, keyfile, keys, layout
from backup.engine.format.keys import Badge, Role
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from backup.engine.stores.local import LocalStore
from tests.backup.browser.node import node
from tests.backup.browser.portal import serving
from tests.backup.conftest import Vault

CREATED = 1_800_000_000_123_456_789
DERIVED = [role for role in Role if role is not Role.MASTER]


def made_by_both(suite: int, isolate: bool, epoch: int) -> tuple[dict[str, Any], keys.Key, dict[Role, keys.Key]]:
    """The same keys made in the browser and in Python."""
    master = keys.master(os.urandom(32), os.urandom(16), suite=suite)
    assert master.seed is not None
    pairs = {role: Ed25519PrivateKey.generate() for role in DERIVED}
    made = node(
        "keys.mjs",
        {
            "seed": master.seed,
            "repository": master.repository,
            "suite": suite,
            "isolate": isolate,
            "epoch": epoch,
            "signing": {int(role): pair.private_bytes_raw() for role, pair in pairs.items()},
            "created": str(CREATED),
        },
    )
    expected = {}
    for role, pair in pairs.items():
        with patch.object(keys.Ed25519PrivateKey, "generate", lambda pair=pair: pair):
            expected[role] = keys.derive(master, role, label="étiquette", created=CREATED, epoch=epoch, isolate=isolate)
    return made, master, expected


@pytest.mark.parametrize(("suite", "isolate", "epoch"), [(1, False, 0), (1, True, 0), (2, False, 2)])
def test_the_same_keys(suite: int, isolate: bool, epoch: int) -> None:
    """Master, config, keyfiles and badges are the same, byte by byte: isolated, in later epochs, in both suites."""
    made, master, expected = made_by_both(suite, isolate, epoch)
    assert made["master"] == keyfile.dump(master)
    assert made["config"] == config.first(master, isolated=isolate, now=CREATED)
    for one in made["keys"]:
        key = expected[Role(one["role"])]
        assert key.badge is not None
        assert one["text"] == keyfile.dump(key)
        assert one["badge"] == key.badge.raw
        parts = keys.OPENS[key.role]
        assert one["opens"] == sorted(f"{part} {number}" for part in parts for number in range(epoch + 1))


def test_configs_that_follow() -> None:
    """New epochs and revocations of the browser are read in Python, hand over older keys, and follow one another."""
    made, master, expected = made_by_both(1, False, 2)
    read = config.read(made["config"], master, layout.config_name(1))
    for number, raw in enumerate(made["configs"], 2):
        read, before = config.read(raw, master, layout.config_name(number)), read
        assert raw[layout.SIZE :].count(before.digest) == 1
    assert [epoch.number for epoch in read.epochs] == [0, 1, 2]
    whole = keys.master(master.seed or b"", master.repository, epochs=3)
    reader = config.with_older(expected[Role.READER], read)
    assert reader.older == {name: whole.holder.private[name] for name in reader.older}  # type: ignore[attr-defined]
    assert len(reader.older) == 6
    last = config.read(made["revoking"], master, layout.config_name(read.number + 1))
    assert last.revoked[made["revoked"]].last == 7
    assert last.epochs == read.epochs


def test_a_passphrase() -> None:
    """A protected keyfile of either side opens on the other with its passphrase, and with no other."""
    key = keys.master(os.urandom(32), os.urandom(16))
    text = keyfile.dump(key, "œuf à la coque")
    answers = node(
        "engine.mjs",
        [
            {"call": "inspect", "args": {"keyfile": text, "passphrase": "œuf à la coque"}},
            {"call": "inspect", "args": {"keyfile": text, "passphrase": "œuf"}},
            {"call": "inspect", "args": {"keyfile": text}},
            {"call": "protect", "args": {"keyfile": keyfile.dump(key), "newPassphrase": "poule"}},
        ],
    )
    assert answers[0]["value"]["repository"] == key.repository.hex()
    assert answers[0]["value"]["protected"] is True
    assert [answer["error"]["kind"] for answer in answers[1:3]] == ["passphrase-needed"] * 2
    made = answers[3]["value"]
    assert keyfile.load(made["keyfile"], "poule") == key
    assert f"Control: {made['control']}" in made["keyfile"]
    with pytest.raises(PassphraseNeeded):
        keyfile.load(made["keyfile"], "pou")


def changed(text: str, at: int) -> str:
    """The keyfile with one bit of it changed."""
    binary = bytearray(keyfile.to_binary(text))
    binary[at] ^= 1
    return keyfile.armour(bytes(binary))


def test_what_is_no_keyfile() -> None:
    """A keyfile that was cut, changed anywhere, or asks for endless work is refused in words."""
    vault_key = keys.derive(keys.master(os.urandom(32), os.urandom(16)), Role.READER, label="r", created=1)
    text = keyfile.dump(vault_key)
    protected = keyfile.to_binary(keyfile.dump(vault_key, "x"))
    greedy = [protected[:at] + (1 << 31).to_bytes(4, "little") + protected[at + 4 :] for at in (41, 45, 49)]
    idle = [protected[:at] + bytes(4) + protected[at + 4 :] for at in (41, 45, 49)]
    size = len(keyfile.to_binary(text))
    texts = [
        "",
        text.replace("-----BEGIN", "-----BEGUN"),
        text[:-40],
        text.replace("\n\n", "\n"),
        *(changed(text, at) for at in (6, 30, 100, 200, size - 1)),
        *(keyfile.armour(one) for one in (*greedy, *idle)),
    ]
    answers = node("engine.mjs", [{"call": "inspect", "args": {"keyfile": one, "passphrase": "x"}} for one in texts])
    assert [answer["error"]["kind"] for answer in answers] == ["bad-keyfile"] * len(texts)
    assert {answer["error"]["message"] for answer in answers} == {
        "this isn't a keyfile, or a part of it is missing",
        "the keyfile is damaged or was changed",
    }


def test_another_line_ending() -> None:
    """A keyfile that went through Windows or a mail is still one."""
    text = keyfile.dump(keys.master(os.urandom(32), os.urandom(16)))
    sent = [
        "\r\n".join(text.splitlines()),
        "Bonjour,\n\n> voici".replace("> ", "") + "\n" + text + "\nCordialement",
        text.replace("\n", "  \n"),
    ]
    answers = node("engine.mjs", [{"call": "inspect", "args": {"keyfile": one}} for one in sent])
    assert [answer["value"]["role"] for answer in answers] == ["master"] * 3


@pytest.mark.parametrize("isolated", [False, True])
def test_a_repository_begun_in_the_browser(tmp_path: Path, isolated: bool) -> None:
    """A master of the browser begins a repository; an agent saves with a key from there; a reader of there restores."""
    made = node(
        "engine.mjs",
        [
            {"call": "makeMaster", "args": {"isolated": isolated, "passphrase": ""}},
            {"call": "derive", "args": {"role": "writer", "label": "serveur", "isolated": isolated}},
            {
                "call": "derive",
                "args": {"role": "reader", "label": "Dr House", "isolated": isolated, "passphrase": "lupus"},
            },
        ],
    )
    master, agent, reader = (answer["value"] for answer in made)
    store = LocalStore(tmp_path / "repository")
    store.prepare()
    store.create(layout.config_name(1), [master["config"]])
    opened = Repository.open(store, keyfile.load(master["keyfile"]))
    assert opened.config.isolated is isolated
    assert opened.config.master.hex() == master["masterKey"]
    for one in (agent, reader):
        badge = Badge.parse(one["badge"], opened.config.repository, opened.config.master, "badge")
        assert badge.key_id.hex() == one["key"]
        opened.admit(badge)
    saving = Vault.__new__(Vault)
    saving.base, saving.store, saving.source = tmp_path, store, tmp_path / "source"
    saving.source.mkdir()
    (saving.source / "lettre.txt").write_text("Chère consœur,")
    saving._ticks = iter(range(1000, 2000))
    saved = saving.save(writer=keyfile.load(agent["keyfile"]))
    mine = Repository.open(store, keyfile.load(reader["keyfile"], "lupus"))
    assert {path for path, _ in Catalogue(mine, mine.snapshot(saved.snapshot)).walk()} == {b"lettre.txt"}
    with serving(store) as portal:
        [opening, file] = node(
            "engine.mjs",
            [
                {
                    "call": "open",
                    "args": {"keyfile": reader["keyfile"], "passphrase": "lupus", "store": portal.address()},
                },
                {
                    "call": "file",
                    "args": {"snapshot": saved.snapshot.hex(), "path": "lettre.txt"},
                    "to": tmp_path / "out",
                },
            ],
        )
    assert opening["value"]["role"] == "reader"
    assert file["about"]["size"] == len((tmp_path / "out").read_bytes())
    assert (tmp_path / "out").read_text() == "Chère consœur,"


def test_only_the_master_derives() -> None:
    """Another key can't make keys, and nobody can make a second master."""
    master = keys.master(os.urandom(32), os.urandom(16))
    reader = keys.derive(master, Role.READER, label="r", created=1)
    answers = node(
        "engine.mjs",
        [
            {"call": "derive", "args": {"role": "writer", "label": "x", "keyfile": keyfile.dump(reader)}},
            {"call": "derive", "args": {"role": "writer", "label": "x"}},
            {"call": "derive", "args": {"role": "master", "label": "x", "keyfile": keyfile.dump(master)}},
        ],
    )
    assert [answer["error"]["message"] for answer in answers] == [
        "this needs the master key",
        "this needs the master key",
        "only the master key derives keys, and never a second master",
    ]


@pytest.mark.parametrize("role", [Role.WRITER, Role.PRUNER])
def test_a_key_for_an_agent(role: Role) -> None:
    """A key is sealed to the machine of an agent: what passes through the portal holds nothing of it but its badge."""
    master, agent, machine = keys.master(os.urandom(32), os.urandom(16)), uuid4(), X25519PrivateKey.generate()
    public = machine.public_key().public_bytes_raw().hex()
    args = {"role": role.name.lower(), "label": "serveur", "agent": str(agent), "sealTo": public}
    [answer] = node("engine.mjs", [{"call": "hand", "args": args | {"keyfile": keyfile.dump(master)}}])
    made = answer["value"]
    assert made.keys() == {"key", "role", "sealed", "badge"}
    opened = cipher.unseal(layout.AES, machine.private_bytes_raw(), holding.SEALED, agent.bytes, made["sealed"], "")
    key = keyfile.load(opened.decode())
    assert key.badge is not None
    assert (key.role, key.key_id.hex(), key.badge.raw) == (role, made["key"], made["badge"])
    with pytest.raises(Damaged):
        cipher.unseal(layout.AES, machine.private_bytes_raw(), holding.SEALED, uuid4().bytes, made["sealed"], "")
