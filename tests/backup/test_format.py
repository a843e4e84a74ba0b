"""The format is what FORMAT.md says, and stays so: vectors, an example kept for ever, and a second reader."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backup.engine.checking.check import check
from backup.engine.format import blobs, cipher, keyfile, keys, layout
from backup.engine.reading.catalogue import Catalogue
from backup.engine.reading.restore import restore
from backup.engine.repository import Repository
from backup.engine.stores.local import LocalStore
from tests.backup import reader as second
from tests.backup.conftest import Vault, picture

HERE = Path(__file__).parent
VECTORS: dict[str, Any] = json.loads((HERE / "vectors.json").read_text())
SEED, REPOSITORY = bytes.fromhex(VECTORS["seed"]), bytes.fromhex(VECTORS["repository"])


@pytest.fixture
def example(tmp_path: Path) -> Path:
    folder = tmp_path / "example"
    for name, content in VECTORS["repository example"]["objects"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(base64.b64decode(content))
    return folder


@pytest.mark.parametrize("purpose", VECTORS["derived"])
def test_key_schedule(purpose: str) -> None:
    """Every derived key is the one in the vectors, by both implementations."""
    expected = bytes.fromhex(VECTORS["derived"][purpose])
    assert cipher.derive(SEED, REPOSITORY, purpose) == second.derive(SEED, REPOSITORY, purpose) == expected
    assert keys.master(SEED, REPOSITORY).master.hex() == VECTORS["master key"]


def test_blob_vector() -> None:
    """Id, nonce and associated data of a blob are those of the vectors."""
    blob = VECTORS["blob"]
    content, id_ = bytes.fromhex(blob["content"]), bytes.fromhex(blob["id"])
    prologue = bytes(layout.Prologue(layout.DATA_PACK, REPOSITORY))
    assert prologue.hex() == VECTORS["prologue"]
    assert blobs.identify(content, keys.master(SEED, REPOSITORY).knows("id data")) == id_
    aead = AESGCM(bytes.fromhex(blob["key"]))
    stored = blobs.encrypt(aead, prologue, blobs.DATA, blobs.RAW, id_, len(content), blob["counter"], content)
    assert stored.hex() == blob["stored"]


def test_sealed_vector() -> None:
    """What was sealed long ago opens with HPKE from the library and with HPKE by hand."""
    sealed = VECTORS["sealed"]
    private, context, data = (bytes.fromhex(sealed[name]) for name in ("private", "context", "sealed"))
    assert cipher.unseal(private, sealed["use"], context, data, "").hex() == sealed["data"]
    assert second.unseal(private, sealed["use"], context, data).hex() == sealed["data"]


def test_the_example_stays_readable(example: Path, tmp_path: Path) -> None:
    """A repository made by the first release is sound and restores, with the key as it was kept then."""
    what = VECTORS["repository example"]
    key = keyfile.load(what["reader"])
    protected = what["protected"]
    assert keyfile.load(protected["keyfile"], protected["passphrase"]) == key
    repository = Repository.open(LocalStore(example), key)
    report = check(repository, share=1, choose=random.Random(1))
    assert (report.problems, report.snapshots) == ((), 2)
    restored = restore(Catalogue(repository, repository.snapshots()[-1]), tmp_path / "out")
    assert restored.problems == ()
    assert {name: (tmp_path / "out" / name).read_text() for name in what["files"]} == what["files"]


def test_second_reader_on_the_example(example: Path, tmp_path: Path) -> None:
    """The reader written from FORMAT.md alone restores the example, with the clear and the protected keyfile."""
    what = VECTORS["repository example"]
    for name, text, passphrase in (
        ("clear", what["reader"], ""),
        ("protected", what["protected"]["keyfile"], what["protected"]["passphrase"]),
    ):
        reader = second.Reader(example, text, passphrase)
        snapshot = reader.snapshots()[-1][1]
        reader.load(snapshot)
        reader.restore(snapshot["root"], snapshot.get("p", 0), tmp_path / name)
        assert {path: (tmp_path / name / path).read_text() for path in what["files"]} == what["files"]


def test_second_reader_on_a_new_repository(vault: Vault, tmp_path: Path) -> None:
    """It restores what is written today as well, small and large, with a reader's and with the master's keyfile."""
    chance = random.Random(8)
    for number in range(30):
        path = vault.source / f"{number % 3}" / f"n {number}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(chance.randbytes(chance.randrange(5000)) + bytes(2000))
    (vault.source / "large").write_bytes(chance.randbytes(20 << 20))
    (vault.source / "link").symlink_to("large")
    vault.save()
    was = {name: content for name, (_, _, content) in picture(vault.source).items()}
    for name, key in (("reader", vault.reader), ("master", vault.master)):
        reader = second.Reader(vault.store.folder, keyfile.dump(key))
        snapshot = reader.snapshots()[-1][1]
        reader.load(snapshot)
        reader.restore(snapshot["root"], snapshot.get("p", 0), tmp_path / name)
        assert {path: content for path, (_, _, content) in picture(tmp_path / name).items()} == was


def test_second_reader_is_short() -> None:
    """The format is simple enough for a reader of two hundred lines that uses nothing of ours."""
    text = (HERE / "reader.py").read_text()
    assert len(text.splitlines()) <= 200
    assert "import backup" not in text
    assert "from backup" not in text
