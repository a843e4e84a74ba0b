"""What a writer relies on: its own packs and what a manifest vouches for, as long as the store has them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from backup.engine.errors import Damaged, KeyRefused
from backup.engine.format import layout
from backup.engine.format.acts import Clear, Said
from backup.engine.format.cipher import Bytes
from backup.engine.format.keys import Key, Role
from backup.engine.format.packs import Written
from backup.engine.history import say
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from backup.engine.saving.save import Saved, save
from backup.engine.saving.state import State
from backup.engine.sources.folder import FolderSource
from backup.engine.stores.local import LocalStore
from tests.backup.conftest import LATER, Vault


def fill(folder: Path, seed: int = 1, files: int = 12) -> dict[str, bytes]:
    chance = random.Random(seed)
    content = {f"{number}.bin": chance.randbytes(chance.randrange(1, 60_000)) for number in range(files)}
    for name, data in content.items():
        (folder / name).write_bytes(data)
    return content


def read_back(vault: Vault, saved: Saved) -> dict[str, bytes]:
    """Every file of a snapshot, verified blob by blob."""
    repository = vault.as_reader()
    catalogue = Catalogue(repository, repository.snapshot(saved.snapshot))
    assert (catalogue.missing, catalogue.gone) == ([], [])
    return {path.decode(): b"".join(catalogue.content(node)) for path, node in catalogue.walk() if node["t"] == "f"}


def packs_of(vault: Vault, saved: Saved) -> list[Written]:
    repository = vault.as_reader()
    return Catalogue(repository, repository.snapshot(saved.snapshot)).packs()


def condemn(vault: Vault, packs: list[bytes], key: Key | None = None) -> None:
    opened = vault.opened(key or vault.pruner)
    say(opened.store, opened.config, opened.key, opened.history(), Clear(condemned=frozenset(packs)), Said())


def test_condemned_packs_are_not_relied_on(vault: Vault) -> None:
    """What a pruner is about to take away is stored anew, though no file has changed."""
    content = fill(vault.source)
    first = vault.save()
    doomed = [pack.name for pack in packs_of(vault, first)]
    condemn(vault, doomed)
    second = vault.save()
    assert second.effort.added > sum(map(len, content.values()))
    for name in doomed:
        vault.store.delete(layout.pack_name(name))
    assert read_back(vault, second) == content
    assert vault.save().effort.added == 0


def test_spared_packs_are_relied_on_by_who_still_knows_them(vault: Vault) -> None:
    """A pack that is condemned and then spared is like any other."""
    content = fill(vault.source)
    first = vault.save()
    doomed = [pack.name for pack in packs_of(vault, first)]
    condemn(vault, doomed)
    opened = vault.opened(vault.pruner)
    say(opened.store, opened.config, opened.key, opened.history(), Clear(spared=frozenset(doomed)), Said())
    second = vault.save()
    assert second.effort.added == 0
    assert read_back(vault, second) == content


class Vanishing(LocalStore):
    """A store whose packs are condemned and taken away in the middle of a save, as by a pruner elsewhere."""

    def __init__(self, folder: Path, vault: Vault, doomed: list[bytes], before: str) -> None:
        super().__init__(folder)
        self.vault, self.doomed, self.before = vault, doomed, before

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        if self.doomed and name.startswith(self.before):
            doomed, self.doomed = self.doomed, []
            condemn(self.vault, doomed)
            for pack in doomed:
                self.delete(layout.pack_name(pack))
        super().create(name, parts, urgent=urgent)


@pytest.mark.parametrize("moment", ["packs/", "index/", "snapshots/"])
def test_packs_that_go_during_a_save_are_stored_again(vault: Vault, moment: str) -> None:
    """A pruner that takes packs away while a save relies on them costs a second look, never a file."""
    content = fill(vault.source)
    first = vault.save()
    content |= {"new": b"something new"}
    (vault.source / "new").write_bytes(content["new"])
    store = Vanishing(vault.store.folder, vault, [pack.name for pack in packs_of(vault, first)], moment)
    with State(vault.base / "state") as state:
        source = FolderSource(vault.source, now=LATER)
        saved = save(Repository.open(store, vault.writer), state, source, clock=vault.clock)
    assert not store.doomed
    assert read_back(vault, saved) == content
    assert vault.save().effort.added == 0


def publish(vault: Vault, author: Key, audience: bytes, packs: list[Written]) -> None:
    vault.opened(author).publish(audience, packs)


def test_a_writer_uses_what_a_verifier_vouches_for(vault: Vault) -> None:
    """A second writer with the same files stores nothing of what was found sound, and its snapshot is whole."""
    content = fill(vault.source)
    first = vault.save()
    publish(vault, vault.verifier, layout.EVERYBODY, packs_of(vault, first))
    other = vault.derive(Role.WRITER)
    second = vault.save(state="other", writer=other)
    assert second.new_blobs == 0
    assert read_back(vault, second) == content


def test_without_a_word_a_writer_stores_for_itself(vault: Vault) -> None:
    """Another writer's blobs are not relied on before somebody has read them."""
    fill(vault.source)
    vault.save()
    assert vault.save(state="other", writer=vault.derive(Role.WRITER)).new_blobs > 0


@pytest.mark.parametrize("author", ["writer", "pruner", "lister"])
def test_nobody_else_vouches_for_everybody(vault: Vault, author: str) -> None:
    """A manifest for all writers counts only if a key signed it that has read the data."""
    fill(vault.source)
    first = vault.save()
    key: Key = getattr(vault, author)
    if author == "lister":
        with pytest.raises(KeyRefused):
            publish(vault, key, layout.EVERYBODY, packs_of(vault, first))
    else:
        publish(vault, key, layout.EVERYBODY, packs_of(vault, first))
    assert vault.save(state="other", writer=vault.derive(Role.WRITER)).new_blobs > 0


def test_poison_under_a_good_name_harms_nobody(vault: Vault) -> None:
    """A rogue writer that claims to hold another's blobs, with rubbish in their place, changes nothing for him."""
    content = fill(vault.source)
    rogue = vault.derive(Role.WRITER)
    honest = vault.save()
    poisoned = [Written(bytes(32), pack.size, pack.kind, pack.entries) for pack in packs_of(vault, honest)]
    publish(vault, rogue, layout.EVERYBODY, poisoned)
    publish(vault, rogue, vault.writer.key_id, poisoned)
    third = vault.derive(Role.WRITER)
    saved = vault.save(state="third", writer=third)
    assert saved.new_blobs > 0
    assert read_back(vault, saved) == content


def test_isolated_writers_share_nothing(tmp_path: Path) -> None:
    """In an isolated repository each writer's ids are its own, even for the same bytes."""
    vault = Vault(tmp_path, isolated=True)
    content = fill(vault.source)
    first = vault.save()
    other = vault.derive(Role.WRITER)
    second = vault.save(state="other", writer=other)
    assert read_back(vault, first) == read_back(vault, second) == content
    ids = [
        {
            entry[at : at + 32]
            for entry in (pack.entries for pack in packs_of(vault, saved))
            for at in range(0, len(entry), 52)
        }
        for saved in (first, second)
    ]
    assert not ids[0] & ids[1]


def test_nothing_new_no_snapshot(vault: Vault) -> None:
    """With `skip_unchanged` a source that is as it was makes no snapshot; one that has changed makes one."""
    fill(vault.source)
    first = vault.save()
    again = vault.save(skip_unchanged=True)
    assert (again.skipped, again.snapshot) == (True, first.snapshot)
    (vault.source / "new").write_text("new")
    assert not vault.save(skip_unchanged=True).skipped
    assert len(vault.as_reader().snapshots()) == 2


def test_a_dry_run_stores_nothing(vault: Vault) -> None:
    """A dry run tells what a save would add, and leaves store and memory as they are."""
    content = fill(vault.source)
    before = vault.objects()
    tried = vault.save(dry_run=True)
    assert tried.effort.added > sum(map(len, content.values()))
    assert vault.objects() == before
    assert vault.save().effort.added == pytest.approx(tried.effort.added, rel=0.1)


def test_a_revoked_writer_is_told(vault: Vault) -> None:
    """A writer that was revoked saves nothing more, and says why."""
    fill(vault.source)
    vault.save()
    vault.opened(vault.master).revoke(vault.writer.key_id, last=1, now=5)
    with pytest.raises(Damaged, match="revoked"):
        vault.save()
    assert len(vault.as_reader().snapshots()) == 1


def test_an_older_config_is_noticed(vault: Vault) -> None:
    """A store that takes the newest config away, with what it revokes, is found out by who has seen it."""
    fill(vault.source)
    vault.opened(vault.master).rekey(now=5)
    vault.save()
    vault.store.delete(layout.config_name(2))
    with pytest.raises(Damaged, match="older state"):
        vault.save()


def test_epochs_go_on(vault: Vault) -> None:
    """After a new epoch a new reader reads old and new, an old one only the old, and nothing is stored again."""
    content = fill(vault.source)
    first = vault.save()
    old = vault.reader
    vault.opened(vault.master).rekey(now=5)
    vault.reader = vault.derive(Role.READER)
    content["new"] = b"new"
    (vault.source / "new").write_bytes(b"new")
    second = vault.save()
    assert second.effort.fresh < 10_000
    assert read_back(vault, second) == content
    assert read_back(vault, first) == {name: data for name, data in content.items() if name != "new"}
    vault.reader = old
    with pytest.raises(KeyRefused, match="derive a new one"):
        vault.as_reader().snapshot(second.snapshot)


def test_both_suites(tmp_path: Path) -> None:
    """A repository for processors without AES is like any other."""
    vault = Vault(tmp_path, suite=layout.CHACHA)
    content = fill(vault.source)
    assert read_back(vault, vault.save()) == content


def test_rubbish_under_a_later_number_hinders_nobody(vault: Vault) -> None:
    """Whoever may create names can put rubbish at the end of a writer's row: he goes on, and is told."""
    content = fill(vault.source)
    vault.save()
    for sequence in (2, (1 << 64) - 1):
        vault.store.create(layout.snapshot_name(vault.writer.key_id, sequence), [b"rubbish" * 30])
    vault.store.create(layout.config_name((1 << 32) - 1), [b"rubbish" * 30])
    saved = vault.save()
    assert (saved.sequence, saved.store_differs) == (3, True)
    assert read_back(vault, saved) == content
    assert vault.save().sequence == 4
