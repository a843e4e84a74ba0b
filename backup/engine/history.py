"""What was said of a repository after its objects were written, and what follows from it (FORMAT.md, section 10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from backup.engine.errors import AlreadyThere, Damaged, Missing
from backup.engine.format import acts, chain, cipher, keys, layout
from backup.engine.format.acts import Act, Clear, Said
from backup.engine.format.config import Config
from backup.engine.format.keys import Badge, Key, Role
from backup.engine.format.snapshots import Snapshot
from backup.engine.stores.base import Store


@dataclass(frozen=True)
class Forgotten:
    """A snapshot that is to go, or has gone."""

    id: bytes
    since: int
    """When the store received the act that says so."""


@dataclass
class History:
    """The acts of a repository folded into one state."""

    badges: dict[bytes, Badge]
    acts: list[Act] = field(default_factory=list)
    problems: list[Damaged] = field(default_factory=list)
    forgotten: dict[tuple[bytes, int], Forgotten] = field(default_factory=dict)
    held: set[bytes] = field(default_factory=set)
    tags: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    condemned: dict[bytes, int] = field(default_factory=dict)
    """Packs that are to go, and since when."""
    leaving: dict[bytes, int] = field(default_factory=dict)
    """Indexes that are to go, and since when."""
    _moves: list[tuple[bytes, ...]] = field(default_factory=list)
    _moves_of: dict[bytes, list[int]] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """Of every act that was read, sound or not."""
        heard = {layout.act_name(act.head.author, act.head.sequence) for act in self.acts}
        return heard | {one.name for one in self.problems}

    def is_forgotten(self, snapshot: Snapshot) -> bool:
        said = self.forgotten.get((snapshot.head.author, snapshot.head.sequence))
        return said is not None and said.id == snapshot.id and snapshot.id not in self.held

    def tags_of(self, snapshot: Snapshot) -> tuple[str, ...]:
        return self.tags.get(snapshot.id, snapshot.tags)

    def unexplained(self, writer: bytes, start: int, stop: int) -> Iterator[range]:
        """The numbers from `start` up to but not `stop` that no act forgets, as rows of them."""
        for said in sorted(number for author, number in self.forgotten if author == writer and start <= number < stop):
            if said > start:
                yield range(start, said)
            start = said + 1
        if start < stop:
            yield range(start, stop)

    def instead(self, indexes: Iterable[bytes]) -> tuple[bytes, ...]:
        """The indexes that hold today what a snapshot's own held."""
        wanted = list(dict.fromkeys(indexes))
        applied: set[tuple[int, bytes]] = set()
        while True:
            result: list[bytes] = []
            moving = False
            for name in wanted:
                moves = [(number, name) for number in self._moves_of.get(name, ()) if (number, name) not in applied]
                applied.update(moves)
                moving = moving or bool(moves)
                result += [new for number, _ in moves for new in self._moves[number]] if moves else [name]
            wanted = list(dict.fromkeys(result))
            if not moving:
                # What was replaced may come up once more, by a longer way: it is read only where nothing else is left.
                return tuple([name for name in wanted if name not in self._moves_of] or wanted)

    def take(self, act: Act) -> None:
        """Fold one more act in; it must be newer than those before."""
        self.acts.append(act)
        clear, said = act.clear, act.said
        for pack in clear.condemned:
            self.condemned.setdefault(pack, act.received)
        for pack in clear.spared:
            self.condemned.pop(pack, None)
        for name in clear.leaving:
            self.leaving.setdefault(name, act.received)
        for old, new in clear.moved:
            for name in old:
                self._moves_of.setdefault(name, []).append(len(self._moves))
            self._moves.append(new)
        for writer, sequence, id_ in said.forget:
            self.forgotten.setdefault((writer, sequence), Forgotten(id_, act.received))
        for writer, sequence, _id in said.recall:
            self.forgotten.pop((writer, sequence), None)
        self.held.update(said.hold)
        self.held.difference_update(said.release)
        self.tags.update(dict(said.tag))


def read_history(store: Store, config: Config, key: Key, badges: dict[bytes, Badge]) -> History:
    """Read every act. What isn't sound, or says what its key may not, is among the problems and counts for nothing."""
    history = History(badges)
    found: list[Act] = []
    expected: dict[bytes, tuple[int, bytes]] = {}
    for one in sorted(store.list("acts"), key=lambda one: one.name):
        _, folder, number = one.name.split("/")
        author, sequence = bytes.fromhex(folder), int(number, 16)
        due, previous = expected.get(author, (1, chain.FIRST))
        if due < sequence:
            history.problems.append(Damaged(layout.act_name(author, due), gone(sequence - due, "acts of its key")))
        try:
            layout.check_size(one.name, one.size)
            raw = store.read(one.name)
            expected[author] = (sequence + 1, cipher.digest(raw))
            act = acts.read(raw, _verify(author, sequence, config, badges, one.name), key, one.name, one.received)
            role = Role.MASTER if author not in badges else badges[author].role
            if overstepped := acts.overstepped(role, act.clear, act.said):
                raise Damaged(one.name, f"says what a {role.name.lower()} key may not: {', '.join(overstepped)}")
        except Missing:
            continue
        except Damaged as error:
            expected.setdefault(author, (sequence + 1, chain.FIRST))
            history.problems.append(error)
            continue
        if sequence == due and act.head.previous != previous:
            history.problems.append(Damaged(one.name, "doesn't follow the act before it"))
        found.append(act)
    for act in sorted(found, key=lambda act: (act.received, act.head.author, act.head.sequence)):
        history.take(act)
    return history


def say(store: Store, config: Config, key: Key, history: History, clear: Clear, said: Said) -> None:
    """Say something of the repository, as the next act of this key. Raises KeyRefused."""
    mine = [act for act in history.acts if act.head.author == key.key_id]
    last = max(mine, key=lambda act: act.head.sequence, default=None)
    sequence, previous = (last.head.sequence, last.id) if last else (0, chain.FIRST)
    while True:
        sequence += 1
        raw = acts.write(config, key, sequence, previous, clear, said)
        name = layout.act_name(key.key_id, sequence)
        try:
            store.create(name, [raw], urgent=True)
        except AlreadyThere:  # another process with this key was quicker
            previous = cipher.digest(store.read(name))
        else:
            break
    received = next(one.received for one in store.list(f"acts/{key.key_id.hex()}") if one.name == name)
    history.take(acts.read(raw, _own_verify(key), key, name, received))


def gone(count: int, row: str) -> str:
    """Why objects of a row are missed."""
    others = f", and {count - 1} after it" if count > 1 else ""
    return f"is gone{others}: later {row} are there"


def _verify(author: bytes, sequence: int, config: Config, badges: dict[bytes, Badge], name: str) -> bytes:
    if author == keys.key_id(config.master):
        return config.master
    badge = badges.get(author)
    if badge is None or badge.role is Role.WRITER:
        raise Damaged(name, "signed by a key that may not act")
    revoked = config.revoked.get(author)
    if revoked is not None and sequence > revoked.last:
        raise Damaged(name, "signed by a key that was revoked")
    return badge.verify


def _own_verify(key: Key) -> bytes:
    return key.badge.verify if key.badge else key.master
