"""The format is what FORMAT.md says, and stays so: vectors, examples kept for ever, and a second reader."""

from __future__ import annotations

import base64
import copy
import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backup.engine.checking.check import check
from backup.engine.checking.sample import Everything
from backup.engine.format import acts, blobs, cipher, config, index, keyfile, keys, layout, packs, snapshots
from backup.engine.format.config import Config
from backup.engine.format.keys import Key, Role
from backup.engine.keykeeping import hpke, shares, sheet
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from backup.engine.restoring.restore import restore
from backup.engine.stores.local import LocalStore
from tests.backup import make_examples, make_vectors, other_libraries
from tests.backup import reader as second
from tests.backup.conftest import Vault
from tests.backup.make_examples import NOW, SECOND, counting, picture

VECTORS: dict[str, Any] = json.loads(make_vectors.PATH.read_text())
SEED, REPOSITORY = bytes.fromhex(VECTORS["seed"]), bytes.fromhex(VECTORS["repository"])
SUITES = [pytest.param(int(suite), made, id=f"suite {suite}") for suite, made in VECTORS["suites"].items()]
EXAMPLES = VECTORS["repositories"]
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


# Whole repositories


def lay_out(what: dict[str, Any], folder: Path) -> Path:
    """A repository of the vectors in a folder, with the times at which it was received."""
    for name, (received, content) in what["objects"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw(content))
        os.utime(folder / name, ns=(received * SECOND, received * SECOND))
    return folder


@pytest.fixture(params=list(EXAMPLES))
def example(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[dict[str, Any], Path]:
    what = EXAMPLES[request.param]
    return what, lay_out(what, tmp_path / "example")


def ways(what: dict[str, Any]) -> list[tuple[str, str]]:
    """The keyfiles that open all of an example, and their passphrases."""
    return [(what["reader"], ""), (what["master"], ""), (what["protected"]["keyfile"], what["protected"]["passphrase"])]


def test_the_examples_stay_readable(example: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    """Repositories made by the first release are sound and restore, with the keys as they were kept then."""
    what, folder = example
    for number, (text, passphrase) in enumerate(ways(what)):
        repository = Repository.open(LocalStore(folder), keyfile.load(text, passphrase))
        assert counting(repository) == what["snapshots"]
        newest = repository.snapshot(bytes.fromhex(what["snapshots"][-1]))
        target = tmp_path / f"out {number}"
        assert restore(Catalogue(repository, newest), target).problems == ()
        assert picture(target) == what["files"]


def test_the_examples_are_sound(example: tuple[dict[str, Any], Path]) -> None:
    """A full check finds nothing but the snapshot of a revoked key, which doesn't count."""
    what, folder = example
    report = check(Repository.open(LocalStore(folder), keyfile.load(what["reader"])), Everything(), clock=lambda: NOW)
    assert [problem.object for problem in report.problems] == ([what["revoked"]] if "revoked" in what else [])


def test_what_the_examples_hold() -> None:
    """Together they hold what a reader must know: both suites, epochs, joined packs, moved indexes, gaps, isolation."""
    eventful = {name: raw(content) for name, (_, content) in EXAMPLES["eventful"]["objects"].items()}
    joined = [int.from_bytes(whole[104:106], "little") for name, whole in eventful.items() if name.startswith("packs")]
    assert max(joined) > 1
    assert {whole[6] for name, whole in eventful.items() if name.startswith("packs")} == {0, 1}
    assert any(b"moved" in whole for name, whole in eventful.items() if name.startswith("acts"))
    assert min(int(name[-16:], 16) for name in eventful if name.startswith("snapshots")) == 1
    writers = {name.split("/")[1] for name in eventful if name.startswith("snapshots")}
    assert any(f"snapshots/{writer}/{1:016x}" not in eventful for writer in writers)
    suites = {raw(content)[5] for one in EXAMPLES.values() for _, content in one["objects"].values()}
    assert suites == {1, 2}
    nodes = {one[0][:2] for one in EXAMPLES["eventful"]["files"].values()}
    assert nodes == {"10", "40", "li"}


def test_second_reader_on_the_examples(example: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    """The reader written from FORMAT.md alone finds the same snapshots and restores the same files."""
    what, folder = example
    for number, (text, passphrase) in enumerate(ways(what)):
        reader = second.Reader(folder, text, passphrase)
        found = reader.snapshots()
        assert [one["id"].hex() for one in found] == what["snapshots"]
        for snapshot in found:
            reader.load(snapshot)
            reader.restore(snapshot["root"], snapshot.get("p", 0), tmp_path / f"{number} {snapshot['id'].hex()}", {})
        assert picture(tmp_path / f"{number} {what['snapshots'][-1]}") == what["files"]


def test_both_readers_agree_on_every_snapshot(example: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    """Of every snapshot of the examples, not only the newest, both readers restore the same."""
    what, folder = example
    repository, reader = (
        Repository.open(LocalStore(folder), keyfile.load(what["reader"])),
        second.Reader(folder, what["reader"]),
    )
    for snapshot in reader.snapshots():
        name = snapshot["id"].hex()
        reader.load(snapshot)
        reader.restore(snapshot["root"], snapshot.get("p", 0), tmp_path / f"theirs {name}", {})
        ours = restore(Catalogue(repository, repository.snapshot(snapshot["id"])), tmp_path / f"ours {name}")
        assert ours.problems == ()
        assert picture(tmp_path / f"ours {name}") == picture(tmp_path / f"theirs {name}")


def test_an_old_key_and_the_second_reader(tmp_path: Path) -> None:
    """With a key of the first epoch the second reader opens what is of that epoch, and nothing newer."""
    what = EXAMPLES["eventful"]
    reader = second.Reader(lay_out(what, tmp_path), what["old reader"])
    with pytest.raises(KeyError, match="log 1"):
        reader.snapshots()
    [newest] = [path for path in tmp_path.glob("snapshots/*/*") if path.read_bytes()[6] == 1]
    newest.unlink()
    assert [one["id"].hex() for one in reader.snapshots()] == what["snapshots"][:-1]


@pytest.mark.parametrize("isolated", [False, True])
@pytest.mark.parametrize("suite", layout.SUITES)
def test_second_reader_on_a_new_repository(tmp_path: Path, suite: int, isolated: bool) -> None:
    """It restores what is written today as well, small and large, with a reader's and with the master's keyfile."""
    vault = Vault(tmp_path, suite=suite, isolated=isolated)
    chance = random.Random(8)
    for number in range(30):
        path = vault.source / f"{number % 3}" / f"n {number}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(chance.randbytes(chance.randrange(5000)) + bytes(2000))
    (vault.source / "large").write_bytes(chance.randbytes(20 << 20))
    (vault.source / "link").symlink_to("large")
    vault.save()
    vault.opened(vault.master).rekey(now=2)
    (vault.source / "newer").write_text("of a new epoch")
    vault.save()
    for name, key in (("reader", vault.derive(Role.READER)), ("master", vault.master)):
        (tmp_path / f"{name}.key").write_text(keyfile.dump(key))
        command = [sys.executable, second.__file__, vault.store.folder, tmp_path / f"{name}.key", tmp_path / name]
        subprocess.run(command, check=True)
        assert picture(tmp_path / name) == picture(vault.source)


def test_second_reader_follows_what_is_said(vault: Vault) -> None:
    """It leaves out what is forgotten, not what is held or recalled, and listens only to keys that may say so."""
    saved = [vault.save(note) for note in notes(vault, 4)]
    ids = [one.snapshot for one in saved]

    def seen() -> list[bytes]:
        return [one["id"] for one in second.Reader(vault.store.folder, keyfile.dump(vault.reader)).snapshots()]

    assert seen() == ids
    pruner = vault.opened(vault.pruner)
    make_examples.forget.forget(pruner, map(pruner.snapshot, ids[:3]), now=1)
    assert seen() == ids[3:] == [one.id for one in vault.as_reader().snapshots()]
    make_examples.forget.hold(vault.as_reader(), [pruner.snapshot(ids[1])], now=1)
    make_examples.forget.recall(pruner, [pruner.snapshot(ids[2])], now=1)
    assert seen() == ids[1:] == [one.id for one in vault.as_reader().snapshots()]
    make_examples.forget.release(pruner, [pruner.snapshot(ids[1])], now=1)
    assert seen() == ids[2:] == [one.id for one in vault.as_reader().snapshots()]
    forged = acts.Said(forget=((vault.writer.key_id, 4, ids[3]),))
    write_as(vault, vault.lister, forged)
    assert seen() == ids[2:]


def notes(vault: Vault, count: int) -> Any:
    for number in range(count):
        (vault.source / "note").write_text(str(number))
        yield None


def write_as(vault: Vault, key: Key, said: acts.Said) -> None:
    """An act as a key would write it that keeps to no rule."""
    allowed: Callable[..., list[str]] = acts.overstepped
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acts, "overstepped", lambda role, clear, said: [])
        whole = acts.write(vault.opened(key).config, key, 1, bytes(32), acts.Clear(), said)
    assert acts.overstepped is allowed
    vault.store.create(layout.act_name(key.key_id, 1), [whole])


def test_second_reader_is_short() -> None:
    """The format is simple enough for a reader of two hundred lines that uses nothing of ours."""
    text = Path(second.__file__).read_text()
    assert len(text.splitlines()) <= 200
    assert "import backup" not in text
    assert "from backup." not in text
    assert "cryptography" not in text
