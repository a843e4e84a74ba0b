"""Keys: derivation, keyfiles, passphrases, and what each role can't do."""

from __future__ import annotations

import base64

import pytest

from backup.engine.errors import BadKeyfile, KeyRefused, PassphraseNeeded
from backup.engine.format import keyfile, keys
from backup.engine.format.keys import Role
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from tests.backup.conftest import Vault


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("passphrase", ["", "un château de cartes"])
def test_keyfile_round_trip(vault: Vault, role: Role, passphrase: str) -> None:
    """A keyfile gives back the key that was written, protected or not."""
    key = vault.master if role is Role.MASTER else vault.derive(role)
    text = keyfile.dump(key, passphrase)
    assert keyfile.load(text, passphrase) == key
    assert keyfile.control_code(keyfile.to_binary(text)) in text


def test_passphrase(vault: Vault) -> None:
    """A protected keyfile opens with its passphrase only, in any Unicode form of it, and shows nothing without."""
    text = keyfile.dump(vault.reader, "\u00e9t\u00e9")
    assert keyfile.load(text, "e\u0301te\u0301") == vault.reader
    for wrong in ("", "ete", "\u00e9t\u00e9 "):
        with pytest.raises(PassphraseNeeded):
            keyfile.load(text, wrong)
    raw = keyfile.to_binary(text)
    assert not any(secret in raw for secret in (*vault.reader.private.values(), *vault.reader.shared.values()))


def test_damaged_keyfile(vault: Vault) -> None:
    """A keyfile with any one byte changed, or a piece missing, is refused."""
    text = keyfile.dump(vault.writer)
    raw = keyfile.to_binary(text)
    head, _, _ = text.partition("\n\n")
    for place in range(len(raw)):
        changed = bytes([*raw[:place], raw[place] ^ 1, *raw[place + 1 :]])
        with pytest.raises((BadKeyfile, PassphraseNeeded)):  # one of the bits says whether it is protected
            keyfile.load(f"{head}\n\n{base64.b64encode(changed).decode()}\n{keyfile.END}\n")
    for cut in (text[:-40], text.replace("U0JL", "", 1), "", "hello", text.replace(keyfile.BEGIN, "")):
        with pytest.raises(BadKeyfile):
            keyfile.load(cut)


def test_greedy_keyfile(vault: Vault) -> None:
    """A keyfile that asks for more memory than a keyfile may is refused before any is taken."""
    text = keyfile.dump(vault.writer, "word")
    raw = bytearray(keyfile.to_binary(text))
    raw[41:45] = (1 << 31).to_bytes(4, "little")
    head, _, _ = text.partition("\n\n")
    with pytest.raises(BadKeyfile):
        keyfile.load(f"{head}\n\n{base64.b64encode(raw).decode()}\n{keyfile.END}\n", "word")


def test_writer_keyfile_opens_nothing(vault: Vault) -> None:
    """A writer's keyfile holds no private key of the repository, no master seed, and no other key's secrets."""
    raw = keyfile.to_binary(keyfile.dump(vault.writer))
    assert vault.writer.sign in raw
    secrets = [vault.master.seed, vault.master.sign, *vault.master.private.values(), vault.reader.sign]
    assert not any(secret in raw for secret in secrets)
    assert not vault.writer.private


def test_writer_reads_nothing(vault: Vault) -> None:
    """With a writer key no snapshot, no index, no tree and no content opens, not even its own."""
    (vault.source / "letter").write_text("Dear colleague")
    saved = vault.save()
    snapshot = vault.snapshot(saved)
    with pytest.raises(KeyRefused):
        vault.as_writer().snapshots()
    with pytest.raises(KeyRefused):
        Catalogue(vault.as_writer(), snapshot)
    catalogue = vault.catalogue(saved)
    stolen = Catalogue.__new__(Catalogue)
    stolen.__dict__.update(catalogue.__dict__, _key=vault.writer, _repository=vault.as_writer(), _ciphers={})
    with pytest.raises(KeyRefused):
        list(stolen.walk())


def test_lister_lists_only(vault: Vault) -> None:
    """A lister sees when what was saved and how much, and no name, no content."""
    (vault.source / "letter").write_text("Dear colleague")
    saved = vault.save()
    lister = Repository.open(vault.store, vault.lister)
    [snapshot] = lister.snapshots()
    assert (snapshot.id, snapshot.counts.files) == (saved.snapshot, 1)
    with pytest.raises(KeyRefused):
        Catalogue(lister, snapshot)


@pytest.mark.parametrize("role", [Role.READER, Role.LISTER, Role.MASTER])
def test_only_writers_save(vault: Vault, role: Role) -> None:
    """A key that may read may not save, and the master key stays out of daily work."""
    key = vault.master if role is Role.MASTER else vault.derive(role)
    with pytest.raises(KeyRefused):
        key.signer()


def test_only_the_master_derives(vault: Vault) -> None:
    """No derived key makes another, and there is one master."""
    with pytest.raises(KeyRefused):
        keys.derive(vault.writer, Role.READER, label="", created=1)
    with pytest.raises(KeyRefused):
        keys.derive(vault.master, Role.MASTER, label="", created=1)


def test_key_of_another_repository(vault: Vault) -> None:
    """A key is refused by a repository that isn't its own, even where the master seed is the same."""
    assert vault.master.seed is not None
    other = keys.master(vault.master.seed, bytes(16))
    assert other.private != vault.master.private
    with pytest.raises(KeyRefused):
        Repository.open(vault.store, keys.derive(other, Role.READER, label="", created=1))


def test_printing_a_key_shows_nothing(vault: Vault) -> None:
    """A key that ends in a log or a traceback tells its role and its repository."""
    for key in (vault.master, vault.writer, vault.reader):
        assert repr(key) == f"<Key {key.role.name.lower()} of repository {key.repository.hex()}>"
