"""A repository seen with one key: who may write to it, and which snapshots it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backup.engine.errors import Damaged, KeyRefused, Missing
from backup.engine.format import cipher, config, layout, snapshots
from backup.engine.format.config import Config
from backup.engine.format.keys import Badge, Key
from backup.engine.format.snapshots import Snapshot
from backup.engine.stores.local import Store


@dataclass(frozen=True)
class Repository:
    store: Store
    key: Key
    config: Config

    @classmethod
    def create(cls, store: Store, master: Key, *, now: int) -> Repository:
        """Make a repository in a store that is prepared and empty. Raises AlreadyThere."""
        raw = config.write(master, now)
        store.create(config.NAME, [raw])
        return cls(store, master, config.read(raw, master))

    @classmethod
    def open(cls, store: Store, key: Key) -> Repository:
        """Raises Missing where there is no repository, KeyRefused where the key belongs to another."""
        raw = store.read(config.NAME)
        try:
            return cls(store, key, config.read(raw, key))
        except Damaged as error:
            owner = raw[8 : layout.SIZE]
            if len(owner) == 16 and owner != key.repository:
                raise KeyRefused("this key belongs to another repository") from error
            raise

    def admit(self, badge: Badge) -> None:
        """Publish the badge of a derived key, so that what it signs counts."""
        self.store.create(layout.badge_name(badge.key_id), [badge.raw])

    def badges(self) -> dict[bytes, Badge]:
        """Every key the master let in, by its id. What he didn't sign counts for nothing and hinders nothing."""
        return {badge.key_id: badge for badge in self.examine_badges() if isinstance(badge, Badge)}

    def examine_badges(self) -> Iterator[Badge | Damaged]:
        for name, _size in self.store.list("keys"):
            try:
                badge = Badge.parse(self.store.read(name), self.config.repository, self.config.master, name)
                if name != layout.badge_name(badge.key_id):
                    raise Damaged(name, "stands under a name that isn't its own")
            except Damaged as error:
                yield error
            else:
                yield badge

    def snapshots(self) -> list[Snapshot]:
        """Every snapshot, oldest first, its chain verified. Raises Damaged at the first that isn't sound."""
        found = []
        for snapshot in self.examine():
            if isinstance(snapshot, Damaged):
                raise snapshot
            found.append(snapshot)
        return sorted(found, key=lambda snapshot: (snapshot.started, snapshot.name))

    def examine(self) -> Iterator[Snapshot | Damaged]:
        """Every snapshot that is sound, and what is wrong with the rest, writer by writer."""
        badges = self.badges()
        names = sorted(name for name, _size in self.store.list("snapshots"))
        expected: dict[str, tuple[int, bytes | None]] = {}
        for name in names:
            _, writer, number = name.split("/")
            sequence, previous = expected.get(writer, (1, snapshots.FIRST))
            if int(number, 16) != sequence:
                gone = layout.snapshot_name(bytes.fromhex(writer), sequence)
                yield Damaged(gone, "is gone: later snapshots of its writer are there")
                previous = None
            raw = self.store.read(name)
            # A damaged link breaks the chain in one place: the next one is compared with it no more.
            expected[writer] = (int(number, 16) + 1, None)
            badge = badges.get(bytes.fromhex(writer))
            if badge is None:
                yield Damaged(name, "signed by a key that the master didn't let in")
                continue
            try:
                snapshot = snapshots.read(raw, badge, self.key, name)
            except Damaged as error:
                yield error
                continue
            if previous is not None and snapshot.head.previous != previous:
                yield Damaged(name, "doesn't follow the snapshot before it")
            expected[writer] = (int(number, 16) + 1, snapshot.id)
            yield snapshot

    def snapshot(self, id_: bytes) -> Snapshot:
        for snapshot in self.examine():
            if isinstance(snapshot, Snapshot) and snapshot.id == id_:
                return snapshot
        raise Missing(f"snapshot {id_.hex()}")

    def newest(self, badge: Badge) -> tuple[int, bytes, bool]:
        """A writer's newest snapshot in the store: its number (0 for none), its id, and whether it is sound."""
        names = sorted(name for name, _size in self.store.list(f"snapshots/{badge.key_id.hex()}"))
        if not names:
            return 0, snapshots.FIRST, True
        raw = self.store.read(names[-1])
        try:
            snapshots.read_head(raw, badge, self.config.repository, names[-1])
        except Damaged:
            return int(names[-1].rpartition("/")[2], 16), cipher.digest(raw), False
        return int(names[-1].rpartition("/")[2], 16), cipher.digest(raw), True
