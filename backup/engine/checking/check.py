"""Check a repository: find what is damaged, missing, swapped, put back or forged, and name the files it touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from backup.engine.checking.onlooker import is_onlooker
from backup.engine.checking.pace import Progress, unheard
from backup.engine.checking.record import Record
from backup.engine.checking.report import Kind, Loss, Problem, Report, Seen, Touched, kind_of, problem, shown
from backup.engine.checking.sample import NOTHING, Sample
from backup.engine.checking.survey import Survey, survey
from backup.engine.checking.walk import Losses
from backup.engine.errors import Damaged
from backup.engine.format.snapshots import Snapshot
from backup.engine.repository import Repository


def check(
    repository: Repository,
    sample: Sample = NOTHING,
    *,
    clock: Callable[[], int],
    expected: Iterable[Seen] = (),
    record: Record | None = None,
    workers: int = 2,
    progress: Progress = unheard,
) -> Report:
    """Check as far as the key and the sample go (backup.engine.checking.sample). `progress` may raise to stop.

    `expected` is what an earlier report has `seen`; what a `record` holds isn't read again.
    """
    started = clock()
    found = survey(repository, sample, expected=expected, record=record, workers=workers, progress=progress)
    return report(found, started=started, finished=clock())


def report(found: Survey, *, started: int, finished: int) -> Report:
    """A survey as one tells it to people and programs."""
    repository = found.repository
    hit = {snapshot.id for snapshot, _ in found.touched}
    waiting, problems = _problems(found)
    return Report(
        level=found.sample.level,
        repository=repository.config.repository.hex(),
        key="onlooker" if is_onlooker(repository.key) else repository.key.label,
        started=started,
        finished=finished,
        snapshots=len(found.snapshots) or found.sound_heads,
        forgotten=len(found.forgotten),
        packs=len(found.present),
        packs_read=len(found.read),
        packs_passed=len(found.passed),
        blobs_read=found.blobs_read,
        bytes_read=found.bytes_read,
        unused=len(found.present.keys() - found.holdings.of_pack.keys()) if found.opens("meta") else 0,
        waiting=waiting,
        problems=problems,
        touched=tuple(touched(snapshot, losses) for snapshot, losses in found.touched),
        whole=tuple(snapshot.id.hex() for snapshot in found.snapshots if snapshot.id not in hit),
        seen=tuple(found.seen),
    )


def _problems(found: Survey) -> tuple[int, tuple[Problem, ...]]:
    """How many damaged objects only wait to be deleted, and every problem else."""
    hit = Counter(why.name for _, losses in found.touched for _, why in losses.found)
    told = []
    waiting = set()
    for name, why in dict.fromkeys((one.name, one.why) for one in found.problems):
        losses = hit[name] if found.opens("meta") else None
        if losses == 0 and _is_to_go(found, name):
            if kind_of(name) is Kind.INDEX or _digest(name) in found.present:
                waiting.add(name)
        else:
            told.append(problem(Damaged(name, why), losses))
    return len(waiting), tuple(told)


def _is_to_go(found: Survey, name: str) -> bool:
    """Whether an act says that nothing takes this object any more."""
    kind, history = kind_of(name), found.history
    if kind not in (Kind.PACK, Kind.INDEX):
        return False
    digest = _digest(name)
    if kind is Kind.PACK:
        return digest in history.condemned
    return digest in history.leaving or history.instead([digest]) != (digest,)


def _digest(name: str) -> bytes:
    return bytes.fromhex(name.rpartition("/")[2])


def touched(snapshot: Snapshot, losses: Losses) -> Touched:
    """What a snapshot has lost, by name."""
    return Touched(
        snapshot=snapshot.id.hex(),
        name=snapshot.name,
        source=snapshot.source,
        finished=snapshot.finished,
        losses=tuple(Loss(shown(path), str(why)) for path, why in losses.found),
        more=losses.more,
    )
