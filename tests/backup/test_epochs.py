"""Configs: who may write them, epochs, revocation, writers that are alone; and keys in a repository."""

from __future__ import annotations

import itertools
import os

import pytest

from backup.engine.errors import Damaged, KeyRefused
from backup.engine.format import cipher, config, keyfile, keys, layout
from backup.engine.format.config import Config, Revoked
from backup.engine.format.keys import Key, Role
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from tests.backup.conftest import Vault
from tests.backup.derived import DERIVED, REPOSITORY, derived, held, opens, sealed


def epochs(master: Key, count: int) -> list[Config]:
    """The configs of a repository that went through so many epochs."""
    made = [config.read(config.first(master, isolated=False, now=1), master, layout.config_name(1))]
    while len(made) < count:
        raw = config.next_epoch(made[-1], master, now=len(made))
        made.append(config.read(raw, master, layout.config_name(len(made) + 1)))
    return made


@pytest.mark.parametrize("role", DERIVED)
def test_epochs(master: Key, role: Role) -> None:
    """A key of an epoch opens what is of its own and of every older one, through the config, and nothing newer."""
    configs = epochs(master, 4)
    for own in range(4):
        key = config.with_older(derived(master, role, own), configs[-1])
        for part, epoch in itertools.product(keys.PARTS, range(5)):
            assert opens(key, master, part, epoch) is (part in keys.OPENS[role] and epoch <= own)


def test_an_old_key_says_why(master: Key) -> None:
    """A key that is too old for what it is to open says so, unlike one that may never open it."""
    reader, lister = derived(master, Role.READER), derived(master, Role.LISTER)
    with pytest.raises(KeyRefused, match="older than what it is to open"):
        reader.unseal("data", 1, "test", b"here", sealed(master, "data", 1), "it")
    with pytest.raises(KeyRefused, match="a lister key can't open the data"):
        lister.unseal("data", 0, "test", b"here", sealed(master, "data"), "it")


def test_a_master_opens_every_epoch(master: Key) -> None:
    """The master derives the keys of every epoch from its seed."""
    assert master.seed is not None
    whole = keys.master(master.seed, REPOSITORY, suite=master.suite, epochs=4)
    assert whole.master == master.master
    for part, epoch in itertools.product(keys.PARTS, range(4)):
        assert opens(whole, master, part, epoch)
    assert not whole.can_open("data", 4)


def test_what_an_epoch_hands_over_is_its_own(master: Key) -> None:
    """The keys of an epoch before are sealed to this epoch and this part: elsewhere they don't open."""
    configs = epochs(master, 3)
    newest = derived(master, Role.READER, 2)
    for part, other in itertools.permutations(keys.PARTS, 2):
        context = REPOSITORY + b"\2\0"
        before = configs[-1].epochs[2].before
        assert newest.unseal(part, 2, "handed", context, before[part], "it")
        with pytest.raises(Damaged):
            newest.unseal(other, 2, "handed", context, before[part], "it")
        with pytest.raises(Damaged):
            newest.unseal(part, 2, "handed", REPOSITORY + b"\1\0", before[part], "it")


def test_a_config_is_the_masters(master: Key) -> None:
    """A config counts under its own number, unchanged to the byte, and signed by the master of the reader's keyfile."""
    reader = derived(master, Role.READER)
    raw = config.first(master, isolated=True, now=1)
    assert config.read(raw, reader, layout.config_name(1)).isolated
    with pytest.raises(Damaged, match="a name that isn't its own"):
        config.read(raw, reader, layout.config_name(2))
    for place in range(len(raw)):
        with pytest.raises(Damaged):
            config.read(bytes([*raw[:place], raw[place] ^ 1, *raw[place + 1 :]]), reader, layout.config_name(1))
    stranger = keys.master(bytes(32), REPOSITORY, suite=master.suite)
    with pytest.raises(Damaged, match="signature"):
        config.read(config.first(stranger, isolated=True, now=1), reader, layout.config_name(1))


def test_only_the_master_writes_configs(master: Key) -> None:
    """No derived key begins an epoch or revokes a key."""
    [first] = epochs(master, 1)
    for role in DERIVED:
        key = derived(master, role)
        with pytest.raises(KeyRefused):
            config.first(key, isolated=False, now=1)
        with pytest.raises(KeyRefused):
            config.next_epoch(first, key, now=1)
        with pytest.raises(KeyRefused):
            config.revoking(first, key, Revoked(key.key_id, 1, 0), now=1)


def test_revocations_add_up(master: Key) -> None:
    """Each revocation stays in every config after it, through epochs too."""
    one, two = (derived(master, Role.WRITER).key_id for _ in range(2))
    [read] = epochs(master, 1)
    for number, step in enumerate((Revoked(one, 5, 3), None, Revoked(two, 7, 0)), 2):
        raw = config.revoking(read, master, step, now=5) if step else config.next_epoch(read, master, now=6)
        before, read = read, config.read(raw, master, layout.config_name(number))
        assert cipher.unpack(raw[24:-64], "it")["previous"] == before.digest
    assert read.revoked == {one: Revoked(one, 5, 3), two: Revoked(two, 7, 0)}
    assert len(read.epochs) == 2


def test_what_a_revoked_key_wrote(vault: Vault) -> None:
    """Of a revoked writer its snapshots up to the last that counts stay; it saves no more."""
    saved = []
    for text in ("one", "two"):
        (vault.source / "note").write_text(text)
        saved.append(vault.save().snapshot)
    vault.opened(vault.master).revoke(vault.writer.key_id, last=1, now=5)
    found = list(vault.as_reader().examine(vault.as_reader().history()))
    assert [one.why if isinstance(one, Damaged) else one.id for one in found] == [
        saved[0],
        "signed by a key that was revoked",
    ]
    with pytest.raises(Damaged, match="revoked"):
        vault.save()


# Isolated repositories


def test_isolated_secrets_differ(master: Key) -> None:
    """In an isolated repository each writer has secrets of its own, which readers derive and no other writer has."""
    one, two = (derived(master, Role.WRITER, isolate=True) for _ in range(2))
    reader, pruner = derived(master, Role.READER, isolate=True), derived(master, Role.PRUNER, isolate=True)
    everybody = {secret: master.shared[secret] for secret in keys.SHARED}
    for secret in keys.SHARED:
        theirs = {one.knows(secret, one.key_id), two.knows(secret, two.key_id), everybody[secret]}
        assert len(theirs) == 3
        assert master.knows(secret, one.key_id) == one.knows(secret)
        for key in (reader, pruner):
            if secret in key.shared:
                assert key.knows(secret, two.key_id) == two.knows(secret)
    raw = keyfile.to_binary(keyfile.dump(one))
    assert not any(secret in raw for secret in (*everybody.values(), *two.shared.values()))
    assert keyfile.load(keyfile.dump(one)) == one


# In a repository


def test_key_of_another_repository(vault: Vault) -> None:
    """A key is refused by a repository that isn't its own, even where the master seed is the same."""
    assert vault.master.seed is not None
    other = keys.master(vault.master.seed, os.urandom(16))
    assert held(other).private != held(vault.master).private
    for key in (other, derived(other, Role.READER)):
        with pytest.raises(KeyRefused, match="another repository"):
            Repository.open(vault.store, key)


def test_writer_reads_nothing(vault: Vault) -> None:
    """With a writer key no snapshot, no index, no tree and no content opens, not even its own."""
    (vault.source / "letter").write_text("Dear colleague")
    saved = vault.save()
    snapshot = vault.snapshot(saved)
    with pytest.raises(KeyRefused):
        vault.as_writer().snapshots()
    with pytest.raises(KeyRefused):
        Catalogue(vault.as_writer(), snapshot)
    assert not any(opens(vault.writer, vault.master, part) for part in keys.PARTS)


def test_lister_lists_only(vault: Vault) -> None:
    """A lister sees when what was saved and how much, and no name, no content."""
    (vault.source / "letter").write_text("Dear colleague")
    saved = vault.save()
    lister = vault.opened(vault.lister)
    [snapshot] = lister.snapshots()
    assert (snapshot.id, snapshot.counts.files) == (saved.snapshot, 1)
    with pytest.raises(KeyRefused):
        Catalogue(lister, snapshot)


def test_pruner_reads_names_only(vault: Vault) -> None:
    """A pruner sees trees, to know what is needed, and no content."""
    (vault.source / "letter").write_text("Dear colleague")
    saved = vault.save()
    with pytest.raises(KeyRefused):
        vault.opened(vault.pruner).key.unseal("data", 0, "test", b"here", sealed(vault.master, "data"), "it")
    assert opens(vault.pruner, vault.master, "meta")
    assert vault.opened(vault.pruner).snapshot(saved.snapshot).counts.files == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.WRITER])
def test_only_writers_save(vault: Vault, role: Role) -> None:
    """A key that may read may not save, and the master key stays out of daily work."""
    key = vault.master if role is Role.MASTER else vault.derive(role)
    with pytest.raises(KeyRefused, match="use one of: writer"):
        vault.save(writer=key, state="other")
    assert vault.objects("snapshots") == []


def test_an_older_key_reads_what_is_older(vault: Vault) -> None:
    """After a new epoch a reader of before opens what it opened, and is told to be renewed for what is newer."""
    (vault.source / "letter").write_text("Dear colleague")
    first = vault.save()
    vault.opened(vault.master).rekey(now=2)
    old, new = vault.reader, vault.derive(Role.READER)
    (vault.source / "letter").write_text("Dear friend")
    vault.save()
    with pytest.raises(KeyRefused, match="older than what it is to open"):
        vault.opened(old).snapshots()
    [older] = [one for one in vault.opened(new).snapshots() if one.id == first.snapshot]
    assert Catalogue(vault.opened(old), older).find(b"letter")["s"] == len("Dear colleague")
