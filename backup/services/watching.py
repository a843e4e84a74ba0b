"""Look at a repository with the key that opens its log alone: which snapshots there are, and which were taken away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from backup.engine import repository as engine
from backup.engine.errors import BackupError, Damaged, Denied, Missing, Unreachable
from backup.engine.format import keyfile
from backup.engine.format import snapshots as format_
from backup.engine.history import History
from backup.models import Alert, Repository, Snapshot
from backup.services import alerting, judging, stores
from backup.services.aside import aside, attempt, each
from core.db import UNSTORABLE

if TYPE_CHECKING:
    from backup.services.alerting import Found

Kind = Alert.Kind
_WHAT = ("source", "host", "tags", "files", "bytes", "added", "fresh", "dense", "changed", "unread")
_MOST_INT, _MOST = (1 << 31) - 1, (1 << 63) - 1
_STATE = ("received_at", "forgotten_at", "gone_at", "held")


def watch_all() -> None:
    """Every repository that has a key to look with. One that can't be looked at hinders no other."""
    every = list(Repository.objects.filter(lister_key__isnull=False, confirmed_at__isnull=False))
    for row in every:
        if not row.place:
            attempt(watch, row)
    if far := [row for row in every if row.place]:
        aside("watch", lambda: each(watch, far))


def watch(row: Repository) -> None:
    """Bring the rows of snapshots up to what the repository holds, judge them, and tell of what is wrong."""
    found: list[Found] = []
    began = timezone.now()
    try:
        with stores.patient(row, **stores.STEADY) as store:
            opened = engine.Repository.open(store, keyfile.load(row.lister_key))
            history = opened.history()
            seen = list(opened.examine(history))
    except (Missing, Unreachable, Denied):
        found.append(alerting.Found(Kind.UNREACHABLE))
    except BackupError as error:
        found.append(_damage([error]))
    else:
        sound, problems = _parted(seen)
        with transaction.atomic():
            taken = _bring_up_to_date(row, sound, history, began)
        if taken:
            found.append(alerting.Found(Kind.TAKEN, details={"count": len(taken)}))
        if problems:
            found.append(_damage(problems))
    now = timezone.now()
    found += judging.judge(row, now)
    alerting.settle(row, found, now)
    Repository.objects.filter(pk=row.pk).update(watched_at=now)


def _parted(seen: Iterable[format_.Snapshot | Damaged]) -> tuple[list[format_.Snapshot], list[Damaged]]:
    """What can be kept in rows, and what is wrong: a number that no honest writer comes to is, too."""
    sound: list[format_.Snapshot] = []
    problems: list[Damaged] = []
    for one in seen:
        if isinstance(one, Damaged):
            problems.append(one)
        elif one.head.sequence > _MOST_INT:
            problems.append(Damaged(one.id.hex(), "numbered beyond what a writer can come to"))
        else:
            sound.append(one)
    return sound, problems


def _damage(problems: Iterable[BackupError]) -> Found:
    listed = list(problems)
    first = listed[0]
    why = first.why if isinstance(first, Damaged) else str(first)
    return alerting.Found(Kind.DAMAGED, details={"count": len(listed), "why": why[:200]})


def _bring_up_to_date(
    row: Repository, sound: list[format_.Snapshot], history: History, began: datetime
) -> list[Snapshot]:
    """Make and mend rows: those of snapshots that are gone, or replaced, though nobody forgot them come back.

    What was made since the look `began` may not have been seen by it, and isn't missed. A row keeps what was seen
    first: another snapshot in its place is none that it tells of.
    """
    Repository.objects.select_for_update().get(pk=row.pk)  # who records a save waits, or was first
    known = {(one.writer, one.sequence): one for one in row.snapshots.select_for_update()}
    replaced = []
    for snapshot in sound:
        key = (snapshot.head.author.hex(), snapshot.head.sequence)
        made = _row(row, snapshot, history)
        before = known.pop(key, None)
        if before is None:
            made.save(force_insert=True)
        elif before.snapshot_id != made.snapshot_id:
            replaced.append(before)
        else:
            _mend(before, made)
    return replaced + _gone((one for one in known.values() if one.created_at < began), history)


def _gone(left: Iterable[Snapshot], history: History) -> list[Snapshot]:
    taken = []
    for one in left:
        forgotten = history.forgotten.get((bytes.fromhex(one.writer), one.sequence)) if one.writer else None
        if forgotten is None:
            taken.append(one)
        elif one.gone_at is None:
            one.forgotten_at, one.gone_at = _moment(forgotten.since), timezone.now()
            one.save(update_fields=["forgotten_at", "gone_at"])
    return taken


def _row(row: Repository, snapshot: format_.Snapshot, history: History) -> Snapshot:
    said = history.forgotten.get((snapshot.head.author, snapshot.head.sequence))
    started, finished = _moment(snapshot.started), _moment(snapshot.finished)
    return Snapshot(
        project_id=row.project_id,
        repository=row,
        plan=None,
        source=_words(snapshot.source, 256),
        host=_words(snapshot.host, 256),
        writer=snapshot.head.author.hex(),
        sequence=snapshot.head.sequence,
        snapshot_id=snapshot.id.hex(),
        manifest="",
        datasets=0,
        files=_count(snapshot.counts.files, _MOST_INT),
        bytes=_count(snapshot.counts.bytes),
        added=_count(snapshot.effort.added),
        fresh=_count(snapshot.effort.fresh),
        dense=_count(snapshot.effort.dense),
        changed=_count(snapshot.effort.changed),
        unread=_count(snapshot.effort.unread, _MOST_INT),
        store_differs=False,
        tags=[_words(tag, 120) for tag in history.tags_of(snapshot)],
        started_at=started,
        finished_at=max(started, finished),
        received_at=_moment(snapshot.received),
        forgotten_at=_moment(said.since) if said and history.is_forgotten(snapshot) else None,
        gone_at=None,
        held=snapshot.id in history.held,
    )


def _mend(before: Snapshot, now: Snapshot) -> None:
    changed = [name for name in (*_WHAT, *_STATE) if getattr(before, name) != getattr(now, name)]
    for name in changed:
        setattr(before, name, getattr(now, name))
    if changed:
        before.save(update_fields=changed)


def _words(text: str, length: int) -> str:
    """What a writer says in words, as a database takes it."""
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)[:length]


def _count(number: int, most: int = _MOST) -> int:
    return min(max(number, 0), most)


def _moment(nanoseconds: int) -> datetime:
    """What a writer says of time: 64 bits, which end in 2554."""
    return datetime.fromtimestamp(max(nanoseconds // 1_000_000_000, 0), UTC)
