"""Which snapshots stay: a policy over facts, each decision with its reasons. No store, no clock, no key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby

from backup.engine.errors import BackupError
from backup.engine.keeping.durations import Duration

Bucket = tuple[object, ...]
UNITS: Mapping[str, Callable[[datetime], Bucket]] = {
    "hourly": lambda at: (at.date(), at.hour, at.utcoffset()),  # the hour that comes twice is two hours
    "daily": lambda at: (at.date(),),
    "weekly": lambda at: at.isocalendar()[:2],
    "monthly": lambda at: (at.year, at.month),
    "quarterly": lambda at: (at.year, (at.month - 1) // 3),
    "thirteen_weekly": lambda at: (at.isocalendar().year, min((at.isocalendar().week - 1) // 13, 3)),
    "yearly": lambda at: (at.year,),
}
"""What two snapshots have in common of which one is enough; the newest of them stays."""
ALL = -1
BY = ("source", "host", "paths", "tags")
_DAY = 24 * 3600 * 10**9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PolicyEmpty(BackupError):
    """A policy that keeps nothing at all says nothing: no snapshot is forgotten by it."""


class GroupEmptied(BackupError):
    """A policy would forget every snapshot of a group."""


@dataclass(frozen=True)
class Fact:
    """What retention needs to know of a snapshot."""

    id: bytes
    writer: bytes
    sequence: int
    source: str
    host: str
    paths: tuple[bytes, ...]
    tags: tuple[str, ...]
    received: int
    """When the store took it, by the store's clock: this is its time."""
    claimed: int
    """When it was finished, by the word of its writer."""
    before: int | None = None
    """What the snapshot before it in its writer's row claims, where that is known."""
    held: bool = False


@dataclass(frozen=True)
class Policy:
    """How many stay of each unit (`ALL`: every one), for how long, and with which tags. Each rule counts by itself."""

    last: int = 0
    hourly: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    quarterly: int = 0
    thirteen_weekly: int = 0
    yearly: int = 0
    within: Duration = field(default_factory=Duration)
    """Counted back from the newest snapshot of the group, so that nothing goes while nothing comes."""
    within_hourly: Duration = field(default_factory=Duration)
    within_daily: Duration = field(default_factory=Duration)
    within_weekly: Duration = field(default_factory=Duration)
    within_monthly: Duration = field(default_factory=Duration)
    within_quarterly: Duration = field(default_factory=Duration)
    within_thirteen_weekly: Duration = field(default_factory=Duration)
    within_yearly: Duration = field(default_factory=Duration)
    tags: tuple[frozenset[str], ...] = ()
    """Sets of tags: a snapshot that has all of one stays."""

    def __post_init__(self) -> None:
        wrong = [name for name in ("last", *UNITS) if getattr(self, name) < ALL]
        if wrong:
            raise ValueError(f"keep {', '.join(wrong)}: a count is 0 or more, or {ALL} for all")
        if not all(self.tags):
            raise ValueError("an empty set of tags would keep everything: ask for that by last = -1")

    @property
    def is_empty(self) -> bool:
        return self == Policy()


def count(text: str) -> int:
    """A count as people write it: a number, or `unlimited`. Raises ValueError."""
    if text == "unlimited":
        return ALL
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"{text!r} is no count: write a number, or unlimited")
    return int(text)


@dataclass(frozen=True)
class Decision:
    fact: Fact
    kept: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Snapshots that are counted together, newest first."""

    label: str
    decisions: tuple[Decision, ...]


def decide(
    facts: Iterable[Fact],
    policy: Policy,
    *,
    now: int,
    zone: tzinfo = UTC,
    by: Collection[str] = ("source", "host"),
    empty_groups: bool = False,
) -> list[Group]:
    """What a policy keeps and what it forgets at a time (`now`, by the store's clock), days being those of `zone`.

    Snapshots are counted together where they have the same writer, always, and what `by` names in common: so nothing
    that one writer adds makes another's go. What is doubtful neither goes nor counts. Raises PolicyEmpty, and
    GroupEmptied where all that isn't doubtful of a group would go, unless that is asked for (`empty_groups`).
    """
    if unknown := set(by) - set(BY):
        raise ValueError(f"snapshots can't be grouped by {', '.join(sorted(unknown))}")
    if policy.is_empty:
        raise PolicyEmpty("no policy was given: say what is to be kept")
    ordered = sorted(facts, key=lambda fact: (_group(fact, by), fact.received, fact.sequence, fact.id), reverse=True)
    groups = [
        Group(_label(key), tuple(_decide(list(members), policy, now, zone)))
        for key, members in groupby(ordered, key=lambda fact: _group(fact, by))
    ]
    emptied = [group.label for group in groups if _is_emptied(group, now)]
    if emptied and not empty_groups:
        raise GroupEmptied(f"the policy would forget every snapshot of {'; '.join(sorted(emptied))}")
    return sorted(groups, key=lambda group: group.label)


def doubt(fact: Fact, now: int) -> str | None:
    """Why the time of a snapshot isn't to be believed, if so. A wrong clock does that, and so does a forger."""
    if fact.received > now or fact.claimed > now:
        return "it lies in the future"
    if abs(fact.claimed - fact.received) > _DAY:
        return "its writer's clock and the store's were more than a day apart"
    if fact.before is not None and fact.claimed < fact.before:
        return "it lies before that of its writer's snapshot before"
    return None


def _decide(members: list[Fact], policy: Policy, now: int, zone: tzinfo) -> Iterable[Decision]:
    doubts = {fact.id: why for fact in members if (why := doubt(fact, now))}
    counted = [fact for fact in members if fact.id not in doubts]
    reasons: dict[bytes, list[str]] = {fact.id: [] for fact in members}
    for fact in members:
        if fact.held:
            reasons[fact.id].append("held")
        if fact.id in doubts:
            reasons[fact.id].append(f"its time is doubtful: {doubts[fact.id]}")
    for fact, reason in _kept(counted, policy, zone):
        reasons[fact.id].append(reason)
    return (Decision(fact, bool(reasons[fact.id]), tuple(reasons[fact.id])) for fact in members)


def _kept(counted: list[Fact], policy: Policy, zone: tzinfo) -> Iterator[tuple[Fact, str]]:
    """What each rule keeps of snapshots that come newest first."""
    times = [_local(fact.received, zone) for fact in counted]
    most = len(counted) if policy.last == ALL else policy.last
    yield from ((fact, f"last {place}") for place, fact in enumerate(counted[:most], 1))
    for fact in counted:
        yield from ((fact, f"tag {' '.join(sorted(tags))}") for tags in policy.tags if tags <= set(fact.tags))
    for unit in UNITS:
        for place, (number, oldest) in enumerate(_of_unit(times, unit, getattr(policy, unit), len(times)), 1):
            yield counted[number], f"oldest {_words(unit)}" if oldest else f"{_words(unit)} {place}"
    for name in ("within", *(f"within_{unit}" for unit in UNITS)):
        span: Duration = getattr(policy, name)
        if not span or not counted:
            continue
        start = span.before(times[0])
        recent = sum(time > start for time in times)
        if name == "within":
            yield from ((fact, f"within {span}") for fact in counted[:recent])
            continue
        unit = name.removeprefix("within_")
        for number, oldest in _of_unit(times, unit, ALL, recent):
            yield counted[number], f"{'oldest ' if oldest else ''}{_words(unit)} within {span}"


def _of_unit(times: list[datetime], unit: str, most: int, recent: int) -> Iterator[tuple[int, bool]]:
    """The newest of each bucket among the first `recent`, `most` of them; also the oldest of all (True) while there is
    room, so that history grows until the rule has what it asks for.
    """
    last: Bucket | None = None
    for number in range(recent):
        if most == 0:
            return
        bucket = UNITS[unit](times[number])
        if bucket != last or number == len(times) - 1:
            yield number, bucket == last
            last = bucket
            most -= most != ALL


def _is_emptied(group: Group, now: int) -> bool:
    sound = [decision for decision in group.decisions if doubt(decision.fact, now) is None]
    return bool(sound) and not any(decision.kept for decision in sound)


def _group(fact: Fact, by: Collection[str]) -> tuple[Bucket, ...]:
    values = {"source": fact.source, "host": fact.host, "paths": sorted(fact.paths), "tags": sorted(fact.tags)}
    return (("writer", fact.writer), *((name, values[name]) for name in BY if name in by))


def _label(key: tuple[Bucket, ...]) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in key)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " ".join(one if isinstance(one, str) else one.decode(errors="backslashreplace") for one in value)
    return value.hex()[:16] if isinstance(value, bytes) else str(value)


def _words(unit: str) -> str:
    return unit.replace("_", " ")


def _local(time: int, zone: tzinfo) -> datetime:
    """To the microsecond: two snapshots nearer to each other are still told apart by their order."""
    return (_EPOCH + timedelta(microseconds=time // 1000)).astimezone(zone)
