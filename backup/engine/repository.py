"""A repository seen with one key: who may write to it, what was said of it, and which snapshots it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backup.engine.errors import Damaged, KeyRefused, Missing
from backup.engine.format import chain, cipher, config, index, keys, layout, snapshots
from backup.engine.format.config import Config, Revoked
from backup.engine.format.index import Manifest
from backup.engine.format.keys import Badge, Key, Role
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Snapshot
from backup.engine.history import History, gone, read_history
from backup.engine.stores.base import Store
from backup.engine.stores.redundant import mended


@dataclass(frozen=True)
class Repository:
    store: Store
    key: Key
    config: Config

    @classmethod
    def create(cls, store: Store, master: Key, *, now: int, isolated: bool = False) -> Repository:
        """Make a repository in a store that is prepared and empty. Raises AlreadyThere."""
        name = layout.config_name(1)
        raw = config.first(master, isolated=isolated, now=now)
        store.create(name, [raw])
        return cls(store, master, config.read(raw, master, name))

    @classmethod
    def open(cls, store: Store, key: Key, *, seen: int = 0) -> Repository:
        """Raises Missing where there is no repository, KeyRefused where the key belongs to another.

        `seen` is the highest number of a config that was seen before: an older one is Damaged.
        """
        read = _newest_config(store, key)
        if read.number < seen:
            name = layout.config_name(read.number)
            raise Damaged(name, f"an older state of the repository: config {seen} was there before")
        if any(key.can_open(part, read.epoch.number + 1) for part in keys.PARTS) and key.seed is None:
            raise Damaged(layout.config_name(read.number + 1), "is gone: the key is of a later epoch")
        if key.seed is not None:
            key = keys.master(key.seed, key.repository, suite=key.suite, epochs=len(read.epochs))
        return cls(store, config.with_older(key, read), read)

    # Who may write

    def admit(self, badge: Badge) -> None:
        """Publish the badge of a derived key, so that what it signs counts."""
        self.store.create(layout.badge_name(badge.key_id), [badge.raw])

    def derive(self, role: Role, *, label: str, now: int) -> Key:
        """A new key of this repository, admitted. Raises KeyRefused unless this is the master."""
        key = keys.derive(
            self.key, role, label=label, created=now, epoch=self.config.epoch.number, isolate=self.config.isolated
        )
        assert key.badge is not None
        self.admit(key.badge)
        return key

    def revoke(self, key_id: bytes, *, last: int, now: int) -> Repository:
        """From now on nothing of a key counts but its snapshots (or acts) up to number `last`."""
        return self._replace(config.revoking(self.config, self.key, Revoked(key_id, now, last), now=now))

    def rekey(self, *, now: int) -> Repository:
        """Begin a new epoch: what is written from now on opens only for keys derived from now on."""
        return self._replace(config.next_epoch(self.config, self.key, now=now))

    def badges(self) -> dict[bytes, Badge]:
        """Every key the master let in, by its id. What he didn't sign counts for nothing and hinders nothing."""
        return {badge.key_id: badge for badge in self.examine_badges() if isinstance(badge, Badge)}

    def examine_badges(self) -> Iterator[Badge | Damaged]:
        for one in self.store.list("keys"):
            try:
                layout.check_size(one.name, one.size)
                badge = Badge.parse(self.store.read(one.name), self.config.repository, self.config.master, one.name)
                if one.name != layout.badge_name(badge.key_id):
                    raise Damaged(one.name, "stands under a name that isn't its own")
            except Damaged as error:
                yield error
            else:
                yield badge

    # What was said

    def history(self, badges: dict[bytes, Badge] | None = None) -> History:
        """Every act, in the order in which the store received them, and what follows from them."""
        return read_history(self.store, self.config, self.key, self.badges() if badges is None else badges)

    def manifests(
        self, badges: dict[bytes, Badge], known: frozenset[str] = frozenset()
    ) -> Iterator[tuple[str, Manifest]]:
        """What this writer may rely on, by name; not those whose names are `known`, and none that isn't sound.

        A manifest counts if a verifier or the master signed it, or if a pruner did for this writer alone.
        """
        for audience in self.audiences():
            for one in self.store.list(f"manifests/{audience.hex()}"):
                if one.name in known:
                    continue
                try:
                    layout.check_size(one.name, one.size)
                    raw = self.store.read(one.name)
                    verify = self._author(raw[layout.SIZE : layout.SIZE + 16], badges, audience, one.name)
                    yield one.name, index.read_manifest(self.config, raw, verify, self.key, one.name)
                except (Damaged, Missing):
                    continue

    def audiences(self) -> list[bytes]:
        """Those whose manifests this writer goes by."""
        return [self.key.key_id] if self.config.isolated else [layout.EVERYBODY, self.key.key_id]

    def publish(self, audience: bytes, packs: list[Written]) -> None:
        """Tell writers what they may rely on."""
        digest, raw = index.write_manifest(self.config, self.key, audience, packs)
        self.store.create(layout.manifest_name(audience, digest), [raw])

    def _author(self, author: bytes, badges: dict[bytes, Badge], audience: bytes, name: str) -> bytes:
        if author == keys.key_id(self.config.master):
            return self.config.master
        badge = badges.get(author)
        allowed = {Role.VERIFIER} if audience == layout.EVERYBODY else {Role.VERIFIER, Role.PRUNER}
        if badge is None or badge.role not in allowed or author in self.config.revoked:
            raise Damaged(name, "signed by a key that may not say this")
        return badge.verify

    # Which snapshots there are

    def snapshots(self) -> list[Snapshot]:
        """Every snapshot that isn't forgotten, in the order in which the store received them, each row verified.

        Raises Damaged at the first thing that isn't sound.
        """
        history = self.history()
        found = []
        for snapshot in self.examine(history):
            if isinstance(snapshot, Damaged):
                raise snapshot
            if not history.is_forgotten(snapshot):
                found.append(snapshot)
        return in_order(found)

    def examine(self, history: History) -> Iterator[Snapshot | Damaged]:
        """Every snapshot that is sound, forgotten or not, and what is wrong with the rest, writer by writer."""
        yield from history.problems
        badges = history.badges
        listed = sorted(self.store.list("snapshots"), key=lambda one: one.name)
        expected: dict[bytes, tuple[int, bytes | None]] = {}
        for one in listed:
            _, folder, number = one.name.split("/")
            writer, sequence = bytes.fromhex(folder), int(number, 16)
            due, previous = expected.get(writer, (1, chain.FIRST))
            if sequence != due:
                for missed in history.unexplained(writer, due, sequence):
                    name = layout.snapshot_name(writer, missed[0])
                    yield Damaged(name, gone(missed[-1] - missed[0] + 1, "snapshots of its writer"))
                previous = None
            # A damaged link breaks the chain in one place: the next one is compared with it no more.
            expected[writer] = (sequence + 1, None)
            try:
                layout.check_size(one.name, one.size)
                snapshot = self._snapshot(one.name, writer, sequence, badges, one.received)
            except Missing:
                continue  # forgotten, and taken away since it was listed
            except Damaged as error:
                yield error
                continue
            if previous is not None and snapshot.head.previous != previous:
                yield Damaged(one.name, "doesn't follow the snapshot before it")
            expected[writer] = (sequence + 1, snapshot.id)
            yield snapshot

    def snapshot(self, id_: bytes) -> Snapshot:
        """The snapshot of this id, forgotten or not. Raises Missing."""
        for snapshot in self.examine(self.history()):
            if isinstance(snapshot, Snapshot) and snapshot.id == id_:
                return snapshot
        raise Missing(f"snapshot {id_.hex()}")

    def newest(self, badge: Badge) -> tuple[int, bytes, bool]:
        """A writer's newest snapshot in the store: its number (0 for none), its id, and whether nothing false is newer.

        Whoever may create names can put rubbish under any number: it counts for nothing and hinders nobody.
        """
        sound = True
        for name in sorted((one.name for one in self.store.list(f"snapshots/{badge.key_id.hex()}")), reverse=True):
            raw = self.store.read(name)
            try:
                head = chain.read_head(raw, layout.SNAPSHOT, badge.verify, self.config.repository, name)
            except Damaged:
                sound = False
            else:
                return head.sequence, cipher.digest(raw), sound
        return 0, chain.FIRST, sound

    def _snapshot(self, name: str, writer: bytes, sequence: int, badges: dict[bytes, Badge], received: int) -> Snapshot:
        badge = badges.get(writer)
        if badge is None:
            raise Damaged(name, "signed by a key that the master didn't let in")
        if badge.role is not Role.WRITER:
            raise Damaged(name, "signed by a key that may not save")
        revoked = self.config.revoked.get(writer)
        if revoked is not None and sequence > revoked.last:
            raise Damaged(name, "signed by a key that was revoked")
        return snapshots.read(self.store.read(name), badge.verify, self.key, name, received)

    def _replace(self, raw: bytes) -> Repository:
        name = layout.config_name(self.config.number + 1)
        config.read(raw, self.key, name)
        self.store.create(name, [raw])
        return Repository.open(self.store, self.key)


def _newest_config(store: Store, key: Key) -> Config:
    """The last one of the row. Rubbish under a number that comes later than the next hinders nobody."""
    names = sorted((one.name for one in store.list("config")), reverse=True) or [layout.config_name(1)]
    wrong: dict[str, Damaged] = {}
    for name in names:
        raw = store.read(name)
        try:
            found = _config(store, key, name, raw)
        except Damaged as error:
            wrong[name] = error
            owner = raw[8 : layout.SIZE]
            continue
        if (next_ := layout.config_name(found.number + 1)) in wrong:
            raise wrong[next_]  # it may be what took a key away
        return found
    first = wrong[names[-1]]
    if len(owner) == 16 and owner != key.repository:
        raise KeyRefused("this key belongs to another repository") from first
    raise first


def _config(store: Store, key: Key, name: str, raw: bytes) -> Config:
    """A config, as its parity mends it where it has to. Raises Damaged."""
    try:
        return config.read(raw, key, name)
    except Damaged:
        fixed = mended(store, name, raw)
        if fixed is None:
            raise
        return config.read(fixed, key, name)


def in_order(found: list[Snapshot]) -> list[Snapshot]:
    return sorted(found, key=lambda snapshot: (snapshot.received, snapshot.head.sequence, snapshot.name))
