"""Say which snapshots are to go, by a policy or by name; until a pruner deletes them that can be taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from backup.engine.errors import BackupError, Damaged, Missing
from backup.engine.format.acts import Clear, Said, Which
from backup.engine.format.chain import FIRST
from backup.engine.format.snapshots import Snapshot
from backup.engine.history import History, say
from backup.engine.keeping.ground import survey
from backup.engine.keeping.needs import Needs
from backup.engine.keeping.retention import Decision, Fact, Group, Policy, decide
from backup.engine.keeping.stock import Stock
from backup.engine.repository import Repository, in_order


class Ambiguous(BackupError):
    """The beginning of an id fits several snapshots."""


@dataclass(frozen=True)
class Selection:
    """Which snapshots are meant: what is given must fit, one of each."""

    ids: tuple[str, ...] = ()
    """Beginnings of ids, in hex."""
    sources: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    writers: tuple[bytes, ...] = ()

    def fits(self, snapshot: Snapshot, history: History) -> bool:
        return (
            (not self.ids or snapshot.id.hex().startswith(self.ids))
            and (not self.sources or snapshot.source in self.sources)
            and (not self.hosts or snapshot.host in self.hosts)
            and (not self.tags or not set(self.tags).isdisjoint(history.tags_of(snapshot)))
            and (not self.writers or snapshot.head.author in self.writers)
        )


EVERYTHING = Selection()


@dataclass(frozen=True)
class Plan:
    """What a policy makes of the snapshots that aren't forgotten yet."""

    groups: tuple[Group, ...]
    problems: tuple[Damaged, ...]
    """What isn't sound: it was neither counted nor forgotten."""

    @property
    def forgotten(self) -> list[Decision]:
        return [one for group in self.groups for one in group.decisions if not one.kept]

    @property
    def kept(self) -> list[Decision]:
        return [one for group in self.groups for one in group.decisions if one.kept]


def select(repository: Repository, selection: Selection = EVERYTHING, *, forgotten: bool = False) -> list[Snapshot]:
    """The sound snapshots that fit and aren't forgotten (or are), in the order in which the store received them.

    Raises Missing for the beginning of an id that none has, and Ambiguous for one that several have.
    """
    history = repository.history()
    sound = [one for one in repository.examine(history) if isinstance(one, Snapshot)]
    for start in selection.ids:
        fitting = {one.id for one in sound if one.id.hex().startswith(start)}
        if not fitting:
            raise Missing(f"snapshot {start}")
        if len(fitting) > 1:
            raise Ambiguous(f"{start} is the beginning of {len(fitting)} snapshots' ids: give more of it")
    return in_order([one for one in sound if history.is_forgotten(one) is forgotten and selection.fits(one, history)])


def plan(
    repository: Repository,
    policy: Policy,
    *,
    selection: Selection = EVERYTHING,
    zone: tzinfo = UTC,
    by: Collection[str] = ("source", "host"),
    empty_groups: bool = False,
) -> Plan:
    """What a policy would forget now, and why the rest stays. Nothing is said yet. Raises PolicyEmpty, GroupEmptied."""
    history = repository.history()
    found = list(repository.examine(history))
    sound = [one for one in found if isinstance(one, Snapshot)]
    claims = {(one.head.author, one.head.sequence): one.finished for one in sound}
    facts = [
        _fact(one, history, claims.get((one.head.author, one.head.sequence - 1)))
        for one in sound
        if not history.is_forgotten(one) and selection.fits(one, history)
    ]
    now = repository.store.now()
    groups = decide(facts, policy, now=now, zone=zone, by=by, empty_groups=empty_groups)
    return Plan(tuple(groups), tuple(one for one in found if isinstance(one, Damaged)))


def apply(repository: Repository, plan: Plan, *, now: int, why: str = "") -> None:
    """Forget what the plan forgets, in one act."""
    _forget(repository, [(one.fact.writer, one.fact.sequence, one.fact.id) for one in plan.forgotten], now, why)


def forget(repository: Repository, snapshots: Iterable[Snapshot], *, now: int, why: str = "") -> None:
    """Forget these snapshots, whatever any policy says; those that are held stay all the same."""
    _forget(repository, list(map(_which, snapshots)), now, why)


def recall(repository: Repository, snapshots: Sequence[Snapshot], *, now: int, why: str = "") -> None:
    """Have forgotten snapshots stay after all. Raises Damaged where a pruner has taken something of them already."""
    _check_whole(repository, snapshots)
    _say(repository, Said(time=now, why=why, recall=tuple(map(_which, snapshots))))
    _check_whole(repository, snapshots)  # a pruner that was about to delete may not have heard of it in time


def hold(repository: Repository, snapshots: Iterable[Snapshot], *, now: int, why: str = "") -> None:
    """Have snapshots stay whatever is said of them, until they are released."""
    _say(repository, Said(time=now, why=why, hold=tuple(one.id for one in snapshots)))


def release(repository: Repository, snapshots: Iterable[Snapshot], *, now: int, why: str = "") -> None:
    """Hold snapshots no more. Raises KeyRefused for keys that could hold them but may not let them go."""
    _say(repository, Said(time=now, why=why, release=tuple(one.id for one in snapshots)))


def tag(repository: Repository, snapshots: Iterable[Snapshot], tags: Sequence[str], *, now: int, why: str = "") -> None:
    """Give snapshots these tags instead of those they have."""
    _say(repository, Said(time=now, why=why, tag=tuple((one.id, tuple(tags)) for one in snapshots)))


def write_off(repository: Repository, writer: bytes, sequence: int, *, now: int, why: str = "") -> None:
    """Forget a snapshot that is lost or damaged for good, so that pruning of its writer's things goes on."""
    _forget(repository, [(writer, sequence, FIRST)], now, why)


def _check_whole(repository: Repository, snapshots: Iterable[Snapshot]) -> None:
    ground = survey(repository, grace=0)
    for snapshot in snapshots:
        if snapshot.name not in ground.names:
            raise Damaged(snapshot.name, "is gone")
        Needs(Stock(ground, snapshot.head.author), ground.history).take(snapshot)


def _forget(repository: Repository, which: Sequence[Which], now: int, why: str) -> None:
    _say(repository, Said(time=now, why=why, forget=tuple(which)))


def _say(repository: Repository, said: Said) -> None:
    if said != Said(time=said.time, why=said.why):
        say(repository.store, repository.config, repository.key, repository.history(), Clear(), said)


def _which(snapshot: Snapshot) -> Which:
    return snapshot.head.author, snapshot.head.sequence, snapshot.id


def _fact(snapshot: Snapshot, history: History, before: int | None) -> Fact:
    return Fact(
        id=snapshot.id,
        writer=snapshot.head.author,
        sequence=snapshot.head.sequence,
        source=snapshot.source,
        host=snapshot.host,
        paths=snapshot.paths,
        tags=history.tags_of(snapshot),
        received=snapshot.received,
        claimed=snapshot.finished,
        before=before,
        held=snapshot.id in history.held,
    )
