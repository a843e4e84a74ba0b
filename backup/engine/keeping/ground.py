"""What a store holds and what was said of it, at one moment: the ground on which a pruner decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from backup.engine.errors import BackupError, Damaged
from backup.engine.format.config import Revoked
from backup.engine.format.keys import Role
from backup.engine.format.layout import EVERYBODY
from backup.engine.format.snapshots import Snapshot
from backup.engine.history import Forgotten, History
from backup.engine.repository import Repository, in_order
from backup.engine.stores.base import Listed

DAY = 24 * 3600 * 10**9


class Unsound(BackupError):
    """What was said of a repository isn't whole, so nothing of it may go: check it, and mend it first."""

    def __init__(self, problems: Iterable[Damaged]) -> None:
        self.why = "; ".join(map(str, problems))
        super().__init__(f"{self.why}: run a check first, and mend what it finds")


@dataclass
class Ground:
    """Read in an order in which whatever a snapshot needs is seen once the snapshot is."""

    repository: Repository
    grace: int
    now: int
    """By the store's clock."""
    history: History
    snapshots: list[Snapshot] = field(default_factory=list)
    """Those that are sound, in the order in which the store received them."""
    names: dict[str, Listed] = field(default_factory=dict)
    """Every object that is or would be a snapshot."""
    indexes: dict[bytes, Listed] = field(default_factory=dict)
    packs: dict[bytes, Listed] = field(default_factory=dict)
    damage: dict[bytes, list[str]] = field(default_factory=dict)
    """What is wrong with a writer's things: none of them goes before it is mended."""
    is_vague: bool = False
    """Something that can't be read may need what nothing else seems to need."""
    audiences: set[bytes] = field(default_factory=set)
    """For whom there are manifests."""

    def is_old(self, one: Listed) -> bool:
        """Whether a save that stored this can't be under way any more."""
        return one.received < self.now - self.grace

    def is_over(self, since: int) -> bool:
        """Whether the grace of what was said at a time is over."""
        return since < self.now - self.grace

    def stays(self, snapshot: Snapshot) -> bool:
        """Whether everything of a snapshot must stay: it isn't forgotten, or hasn't been for long."""
        return not self.history.is_forgotten(snapshot) or not self.is_over(self._forgotten(snapshot).since)

    def staying(self) -> dict[bytes, list[Snapshot]]:
        """The snapshots of which everything must stay, by writer, in the order in which the store received them."""
        found: dict[bytes, list[Snapshot]] = {}
        for snapshot in self.snapshots:
            if self.stays(snapshot):
                found.setdefault(snapshot.head.author, []).append(snapshot)
        return found

    def overdue(self) -> Iterator[Listed]:
        """The objects of forgotten snapshots that go now: all but the newest of each writer, who looks for its end.

        While it isn't known who needs what, those that can be read stay: they tell at least whose their packs are.
        """
        sound = {snapshot.name: snapshot for snapshot in self.snapshots}
        newest = {which(name)[0]: name for name in sorted(sound)}
        for name, one in self.names.items():
            writer, sequence = which(name)
            said = self.history.forgotten.get((writer, sequence))
            if said is None or not self.is_over(said.since) or said.id in self.history.held:
                continue
            is_settled = not self.is_vague and writer not in self.damage and name != newest.get(writer)
            if name not in sound or (is_settled and self.history.is_forgotten(sound[name])):
                yield one

    @property
    def is_all_in_doubt(self) -> bool:
        """Whether something that can't be read may need any pack: its writer may have relied on others' blobs."""
        relying = {EVERYBODY, *self.damage}
        return self.is_vague and not self.repository.config.isolated and not relying.isdisjoint(self.audiences)

    def blame(self, writer: bytes, problem: object, *, vague: bool = False) -> None:
        problems = self.damage.setdefault(writer, [])
        if str(problem) not in problems:
            problems.append(str(problem))
        self.is_vague = self.is_vague or vague

    def _forgotten(self, snapshot: Snapshot) -> Forgotten:
        return self.history.forgotten[snapshot.head.author, snapshot.head.sequence]


def survey(repository: Repository, *, grace: int, despite: Collection[str] = ()) -> Ground:
    """See what there is. Raises Unsound where acts are missing or damaged: they may say what is to stay.

    Damaged objects in `despite` count for nothing, by the word of whoever asks.
    """
    now = repository.store.now()
    history = repository.history()
    revoked = repository.config.revoked
    problems = [one for one in history.problems if one.name not in despite and not _is_after_end(one.name, revoked)]
    if problems:
        raise Unsound(problems)
    ground = Ground(repository, grace, now, history)
    ground.names = {one.name: one for one in repository.store.list("snapshots")}
    found = list(repository.examine(history))
    ground.snapshots = in_order([one for one in found if isinstance(one, Snapshot)])
    trouble = {one.name: one for one in found if isinstance(one, Damaged) and one.name.startswith("snapshots/")}
    for name in ground.names.keys() - {snapshot.name for snapshot in ground.snapshots}:
        trouble.setdefault(name, Damaged(name, "can't be read"))
    for name, problem in trouble.items():
        writer, sequence = which(name)
        said = history.forgotten.get((writer, sequence))
        is_let_go = said is not None and said.id not in history.held
        settled = name in despite or _is_after_end(name, revoked) or is_let_go
        if not settled:
            ground.blame(writer, problem, vague=True)
    ground.audiences = {bytes.fromhex(one.name.split("/")[1]) for one in repository.store.list("manifests")}
    ground.indexes = {digest(one.name): one for one in repository.store.list("index")}
    ground.packs = {digest(one.name): one for one in repository.store.list("packs")}
    return ground


def judged_bad(history: History) -> set[bytes]:
    """Packs that were last condemned by somebody who had read them."""
    found: set[bytes] = set()
    for act in history.acts:
        badge = history.badges.get(act.head.author)
        if badge is not None and badge.role is Role.VERIFIER:
            found |= act.clear.condemned
        found -= act.clear.spared
    return found & history.condemned.keys()


def ever(history: History, indexes: Iterable[bytes]) -> set[bytes]:
    """These indexes and all that were ever put in their place."""
    after: dict[bytes, set[bytes]] = {}
    for act in history.acts:
        for old, new in act.clear.moved:
            for name in old:
                after.setdefault(name, set()).update(new)
    found, waiting = set(indexes), list(indexes)
    while waiting:
        fresh = after.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return found


def digest(name: str) -> bytes:
    """The BLAKE3 in the name of an object."""
    return bytes.fromhex(name.rpartition("/")[2])


def which(name: str) -> tuple[bytes, int]:
    """Whose snapshot or act this is, and its number."""
    _, author, number = name.split("/")
    return bytes.fromhex(author), int(number, 16)


def _is_after_end(name: str, revoked: Mapping[bytes, Revoked]) -> bool:
    """Whether this came after the last of its key that counts: it says nothing, and hinders nothing."""
    author, sequence = which(name)
    return author in revoked and sequence > revoked[author].last
