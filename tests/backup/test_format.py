"""The format is what FORMAT.md says, and stays so: vectors, checked against other libraries."""

from __future__ import annotations

import base64
import copy
import itertools
import json
from typing import Any

import pytest

from backup.engine.format import acts, blobs, cipher, config, index, keyfile, keys, layout, packs, snapshots
from backup.engine.format.config import Config
from backup.engine.format.keys import Key, Role
from backup.engine.keykeeping import hpke, shares, sheet
from tests.backup import make_vectors, other_libraries
from tests.backup import reader as second
from tests.backup.make_examples import NOW

VECTORS: dict[str, Any] = json.loads(make_vectors.PATH.read_text())
SEED, REPOSITORY = bytes.fromhex(VECTORS["seed"]), bytes.fromhex(VECTORS["repository"])
SUITES = [pytest.param(int(suite), made, id=f"suite {suite}") for suite, made in VECTORS["suites"].items()]
COMPRESSED = ("index", "manifest")
"""What another version of Zstandard may make otherwise."""
each_suite = pytest.mark.parametrize(("suite", "made"), SUITES)


def unhex(vector: dict[str, Any]) -> dict[str, bytes]:
    return {name: bytes.fromhex(value) for name, value in vector.items() if name != "use" and isinstance(value, str)}


def raw(text: str) -> bytes:
    return base64.b64decode(text)


# Primitives


@pytest.mark.parametrize("purpose", VECTORS["derived"])
def test_key_schedule(purpose: str) -> None:
    """Every derived key is the one in the vectors, by both libraries."""
    expected = bytes.fromhex(VECTORS["derived"][purpose])
    assert cipher.derive(SEED, REPOSITORY, purpose) == other_libraries.derive(SEED, REPOSITORY, purpose) == expected


def test_secret_of_an_isolated_writer() -> None:
    """In an isolated repository a secret is hashed with the writer's id."""
    vector = unhex(VECTORS["isolated"])
    assert keys.isolated(vector["secret"], vector["writer"]) == vector["is"]


def test_signature_vector() -> None:
    """Ed25519 signs as in the vectors."""
    vector = unhex(VECTORS["signature"])
    assert cipher.verify_key(vector["private"]) == vector["public"]
    assert cipher.sign(vector["private"], vector["data"]) == vector["signature"]


@pytest.mark.parametrize("size", VECTORS["blake3"])
def test_blake3_vector(size: str) -> None:
    """Names and ids are hashed as in the vectors, which BLAKE3 written from its paper made."""
    content, vector = make_vectors.counted(int(size)), unhex(VECTORS["blake3"][size])
    assert (cipher.digest(content), blobs.identify(content, SEED)) == (vector["hash"], vector["keyed"])


def test_argon2_vector() -> None:
    """A passphrase is brought to NFC and stretched as in the vectors."""
    vector = VECTORS["argon2id"]
    head = bytes(layout.SIZE + 1) + keyfile._COST.pack(bytes.fromhex(vector["salt"]), *vector["cost"])
    assert keyfile._stretch(vector["passphrase"], head).hex() == vector["key"]


@each_suite
def test_aead_vector(suite: int, made: dict[str, Any]) -> None:
    """The cipher of each suite encrypts as in the vectors."""
    vector = unhex(made["aead"])
    encrypted = cipher.aead(suite, vector["key"]).encrypt(vector["nonce"], vector["data"], vector["aad"])
    assert encrypted == vector["encrypted"]


@each_suite
def test_seal_vector(suite: int, made: dict[str, Any]) -> None:
    """What was sealed long ago opens with HPKE from the library, by hand, and where a token makes the exchange."""
    use, vector = made["seal"]["use"], unhex(made["seal"])
    private, context, sealed = vector["private"], vector["context"], vector["sealed"]
    public, exchanged = cipher.public_half(private), second.crypto_scalarmult(private, sealed[:32])
    assert cipher.unseal(suite, private, use, context, sealed, "") == vector["data"]
    assert second.unseal(suite, private, use, context, sealed) == vector["data"]
    assert hpke.unseal(suite, exchanged, public, use, context, sealed, "") == vector["data"]
    assert other_libraries.seal(suite, public, use, context, vector["data"], vector["ephemeral"]) == sealed


# Objects


def known(made: dict[str, Any]) -> tuple[Key, Config]:
    """The master of the vectors, and the newest of their configs."""
    master = keyfile.load(made["keyfiles"]["master"])
    master = keys.master(SEED, REPOSITORY, suite=master.suite, epochs=2)
    return master, config.read(raw(made["configs"][2]), master, layout.config_name(3))


def test_made_again_they_are_the_same() -> None:
    """Who makes the objects anew, with the same chance, gets the same bytes."""
    again = json.loads(json.dumps(make_vectors.made()))
    then = copy.deepcopy({name: value for name, value in VECTORS.items() if name != "repositories"})
    for one in (*again["suites"].values(), *then["suites"].values()):
        for name in COMPRESSED:
            one.pop(name)
    assert again == then


@each_suite
def test_prologue_vector(suite: int, made: dict[str, Any]) -> None:
    """The prologue is laid out as in the vectors."""
    prologue = layout.Prologue(layout.DATA_PACK, REPOSITORY, suite, 258)
    assert bytes(prologue).hex() == made["prologue"] == f"53424b0144{suite:02x}0201{REPOSITORY.hex()}"
    assert layout.parse(bytes(prologue), layout.DATA_PACK, REPOSITORY, "it") == prologue


@each_suite
def test_keyfile_vectors(suite: int, made: dict[str, Any]) -> None:
    """Keyfiles of every role load as what they were, the protected one with its passphrase in another Unicode form."""
    for label, text in made["keyfiles"].items():
        key = keyfile.load(text)
        assert (key.suite, key.repository, key.master.hex()) == (suite, REPOSITORY, made["master key"])
        assert key.label == label or (key.badge and key.badge.label) == label
        assert keyfile.dump(key) == text
    assert keyfile.load(made["protected"], "un château de cartes") == keyfile.load(made["keyfiles"]["reader"])


@each_suite
def test_badge_vector(suite: int, made: dict[str, Any]) -> None:
    """A badge is verified and read."""
    writer = keyfile.load(made["keyfiles"]["writer"])
    badge = keys.Badge.parse(raw(made["badge"]), REPOSITORY, bytes.fromhex(made["master key"]), "it")
    assert badge == writer.badge
    assert (badge.role, badge.created, badge.label) == (Role.WRITER, NOW, "writer")


@each_suite
def test_config_vectors(suite: int, made: dict[str, Any]) -> None:
    """Configs follow one another: the first, a second epoch that hands over the first, a key revoked."""
    old, new = (keyfile.load(made["keyfiles"][name]) for name in ("reader", "newer"))
    first, then, last = (
        config.read(raw(text), old, layout.config_name(number)) for number, text in enumerate(made["configs"], 1)
    )
    assert [len(one.epochs) for one in (first, then, last)] == [1, 2, 2]
    assert [(one.number, one.suite, one.isolated) for one in (first, last)] == [(1, suite, False), (3, suite, False)]
    assert {key.hex(): one.last for key, one in last.revoked.items()} == {
        keyfile.load(made["keyfiles"]["lister"]).key_id.hex(): 5
    }
    for part in keys.PARTS:
        assert getattr(first.epoch, part) == cipher.public_half(bytes.fromhex(VECTORS["derived"][f"{part} 0"]))
        assert config.with_older(new, last).older[f"{part} 0"].hex() == VECTORS["derived"][f"{part} 0"]
        assert not config.with_older(old, last).can_open(part, 1)


@each_suite
def test_blob_vector(suite: int, made: dict[str, Any]) -> None:
    """Id, nonce and associated data of a blob are those of the vectors."""
    vector = unhex(made["blob"])
    content, id_, counter = vector["content"], vector["id"], made["blob"]["counter"]
    assert blobs.identify(content, keys.master(SEED, REPOSITORY).knows("id data")) == id_
    box = cipher.aead(suite, vector["key"])
    stored = blobs.encrypt(box, REPOSITORY, blobs.DATA, blobs.RAW, id_, len(content), counter, content)
    assert stored == vector["stored"]


@each_suite
def test_pack_vector(suite: int, made: dict[str, Any]) -> None:
    """A pack of two keys of two epochs opens from its header alone, and each blob under its own key."""
    master, _ = known(made)
    pack = raw(made["pack"])
    start = packs.read_start(lambda offset, length: pack[offset : offset + length], REPOSITORY, "it")
    assert [int.from_bytes(key[:2], "little") for key in start.keys] == [0, 1]
    entries = list(blobs.entries(packs.read_entries(start, pack, master, "it"), "it"))
    for number, (entry, content) in enumerate(zip(entries, make_vectors.CONTENTS, strict=True)):
        assert (entry.key, entry.counter) == (number, 7 + number)
        box = packs.open_key(start, entry.key, master, "it")
        stored = pack[entry.offset : entry.offset + entry.stored]
        assert blobs.decrypt(box, REPOSITORY, entry, stored, master.knows("id data"), "it") == content
    assert len(pack) == packs.padme(len(pack))


@each_suite
def test_index_and_manifest_vectors(suite: int, made: dict[str, Any]) -> None:
    """An index and a manifest list the pack, with the entries of its header."""
    master, newest = known(made)
    verifier, writer = (keyfile.load(made["keyfiles"][name]) for name in ("verifier", "writer"))
    assert verifier.badge is not None
    pack, listing, manifest = (raw(made[name]) for name in ("pack", "index", "manifest"))
    [listed] = index.read(listing, cipher.digest(listing), master)
    assert (listed.name, listed.size, listed.kind) == (cipher.digest(pack), len(pack), layout.DATA_PACK)
    name = layout.manifest_name(layout.EVERYBODY, cipher.digest(manifest))
    told = index.read_manifest(newest, manifest, verifier.badge.verify, writer, name)
    assert (told.author, told.audience, told.packs) == (verifier.key_id, layout.EVERYBODY, [listed])


@each_suite
def test_snapshot_vector(suite: int, made: dict[str, Any]) -> None:
    """A snapshot is verified, opened and read, to the last field."""
    master, _ = known(made)
    writer = keyfile.load(made["keyfiles"]["writer"])
    assert writer.badge is not None
    whole = raw(made["snapshot"])
    read = snapshots.read(whole, writer.badge.verify, master, layout.snapshot_name(writer.key_id, 1))
    taken = make_vectors.taken()
    assert {name: getattr(read, name) for name in vars(taken)} == vars(taken)
    assert (read.id, read.head.sequence, read.head.previous) == (cipher.digest(whole), 1, bytes(32))


@each_suite
def test_act_vector(suite: int, made: dict[str, Any]) -> None:
    """An act's clear part is for everybody, its body for those who open the log."""
    master, _ = known(made)
    pruner, writer = (keyfile.load(made["keyfiles"][name]) for name in ("pruner", "writer"))
    assert pruner.badge is not None
    name = layout.act_name(pruner.key_id, 1)
    act = acts.read(raw(made["act"]), pruner.badge.verify, master, name)
    assert act.clear.condemned == {cipher.digest(raw(made["pack"]))}
    assert act.clear.moved == (((bytes(32),), (bytes(range(32)),)),)
    assert act.said.forget == ((writer.key_id, 1, cipher.digest(raw(made["snapshot"]))),)
    assert (act.said.time, act.said.why) == (NOW + 5, "vectors")
    blind = acts.read(raw(made["act"]), pruner.badge.verify, writer, name)
    assert (blind.clear, blind.said) == (act.clear, acts.Said())


@each_suite
def test_paper_vectors(suite: int, made: dict[str, Any]) -> None:
    """The sheet and any two of the shares of the vectors give back the master."""
    master = keyfile.load(made["keyfiles"]["master"])
    assert keyfile.load(sheet.from_lines(made["sheet"])) == master
    for two in itertools.combinations(made["shares"], 2):
        assert shares.combine(two) == master
