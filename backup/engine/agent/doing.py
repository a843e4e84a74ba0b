"""Do what a plan says, by the functions of the engine that everybody uses, and tell of it on the way."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from backup.engine.agent import looking
from backup.engine.agent.account import Account, Numbers, shown
from backup.engine.agent.options import CHECK, KEEP, SAVE, dump_of
from backup.engine.agent.orders import Plan
from backup.engine.agent.place import Identity, Place
from backup.engine.agent.stopping import Stoppable, sleeping
from backup.engine.errors import BackupError
from backup.engine.format import cipher
from backup.engine.format.keys import Key
from backup.engine.keeping import forget
from backup.engine.keeping.durations import Duration
from backup.engine.keeping.ground import DAY
from backup.engine.keeping.judging import Allowance, Economy
from backup.engine.keeping.prune import prune
from backup.engine.keeping.retention import UNITS, Policy, count
from backup.engine.repository import Repository
from backup.engine.saving.intake import Progress
from backup.engine.saving.save import Saved, save
from backup.engine.saving.state import State
from backup.engine.sources.base import Source
from backup.engine.stores.addresses import ENVIRONMENT, Options, folder_of
from backup.engine.stores.base import Store
from backup.engine.stores.cached import Cached
from backup.engine.stores.limited import Limited
from backup.engine.stores.opening import open_store
from backup.engine.stores.rates import Rates, Schedule, parse_rate, parse_window
from backup.engine.stores.redundant import Redundant

UPLOADS = 3
"""Packs on their way at the same time: a portal is far away."""
MOST_TOLD = 500
"""Files that couldn't be read are told one by one, up to so many."""


@dataclass(frozen=True)
class Bench:
    """What an agent works with."""

    place: Place
    identity: Identity
    state: Path
    """Where this machine remembers what it has written."""
    cache: Path | None
    program: str
    clock: Callable[[], int] = time.time_ns
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    @property
    def writable(self) -> list[Path]:
        """Where it writes."""
        found = [self.place.own, self.place.memory, self.state, Path(tempfile.gettempdir())]
        return [*found, *filter(None, (self.cache, folder_of(self.identity.url)))]

    def store(self, plan: Plan, stopped: Callable[[], bool] = lambda: False) -> Store:
        """The place of the repository, used as fast as the plan allows, and no more once it is stopped."""
        secrets = {f"{ENVIRONMENT}PORTAL_TOKEN_FILE": str(self.place.token_file)}
        if self.identity.ca:
            secrets[f"{ENVIRONMENT}PORTAL_CA"] = self.identity.ca
        store: Store = open_store(self.identity.url, Options(environment={**self.environment, **secrets}))
        if schedule := _schedule(plan):
            store = Limited(store, schedule, sleep=sleeping(stopped))
        store = Stoppable(store, stopped)
        if self.identity.elsewhere and (percent := plan.options.get("parity")):  # a portal sees to its own
            store = Redundant(store, percent)
        if self.cache is None or self.identity.duty == CHECK:  # who checks asks the store itself
            return store
        return Cached(store, self.cache / cipher.digest(self.identity.url.encode()).hex()[:32])


def do(bench: Bench, plan: Plan, key: Key, account: Account) -> None:
    """Do a plan to its end, which the account then tells. Raises what the engine raises, and StopAsked."""
    with closing(bench.store(plan, account.is_stopped)) as store:
        known = bench.place.read(f"config-{key.repository.hex()}")
        repository = Repository.open(store, key, seen=known if isinstance(known, int) else 0)
        bench.place.write(f"config-{key.repository.hex()}", repository.config.number)
        if bench.identity.duty == SAVE:
            _save(bench, plan, repository, account)
        elif bench.identity.duty == KEEP:
            _keep(bench, plan, repository, account)
        else:
            looking.check(bench.place, bench.program, plan, repository, account, bench.clock)


def source_of(plan: Plan, now: int) -> Source:
    """What a plan saves. Raises BackupError where it can't be saved."""
    from backup.engine.sources.beside import StreamsBesidePaths
    from backup.engine.sources.dumps import streams
    from backup.engine.sources.paths import PathsSource
    from backup.engine.sources.patterns import Patterns
    from backup.engine.sources.rules import Rules
    from backup.engine.sources.streams import StreamSource

    dumps = [one for text in plan.streams for one in streams(*dump_of(text), now=now)]
    if not plan.paths:
        return StreamSource(plan.source, dumps)
    options = plan.options
    rules = Rules(
        exclude=Patterns(plan.excludes),
        markers=tuple(name.encode() for name in options["exclude_if_present"]),
        caches=not options["exclude_caches"],
        larger_than=options["exclude_larger_than"] or None,
        one_file_system=options["one_file_system"],
    )
    paths = PathsSource(plan.source, plan.paths, now=now, rules=rules)
    return StreamsBesidePaths(paths, dumps) if dumps else paths


def workers(plan: Plan) -> int:
    return int(plan.options["workers"]) or max(1, len(os.sched_getaffinity(0)))


@contextmanager
def _still(plan: Plan, account: Account, writable: Iterable[Path]) -> Iterator[None]:
    """Have what is saved stand still, if the plan says so."""
    if not plan.options.get("freeze"):
        yield
        return
    from backup.engine.sources.btrfs import frozen

    paths, ours = ([os.fsencode(os.path.realpath(path)) for path in some] for some in (plan.paths, writable))
    with frozen(paths, {}, writable=ours) as moving:
        for path in sorted(moving):
            account.say(f"doesn't stand still, as its file system makes no snapshots: {os.fsdecode(path)}", "warning")
        yield


def _save(bench: Bench, plan: Plan, repository: Repository, account: Account) -> None:
    usual = bench.place.read(f"size-{plan.id}")
    total = usual if isinstance(usual, int) else None
    key = repository.key

    def progress(now: Progress) -> None:
        account.tell(Numbers(now.files, now.size, total, now.added, now.unread, shown(now.path)))

    started = bench.clock()
    with State(bench.state / key.repository.hex() / key.key_id.hex()) as state, _still(plan, account, bench.writable):
        saved = save(
            repository,
            state,
            source_of(plan, started),
            clock=bench.clock,
            workers=workers(plan),
            uploads=UPLOADS,
            tags=plan.options["tags"],
            skip_unchanged=plan.options["skip_unchanged"],
            progress=progress,
        )
    effort, counts = saved.effort, saved.counts
    account.tell(Numbers(counts.files, counts.bytes, counts.bytes, effort.added, len(saved.unread)))
    bench.place.write(f"size-{plan.id}", counts.bytes)
    for why in saved.unread[:MOST_TOLD]:
        account.say(f"not read: {why}", "warning")
    if saved.store_differs:
        account.say("the repository doesn't hold what was left in it last time", "error")
    if saved.skipped:
        account.say("nothing has changed: no snapshot was made")
    snapshot = None if saved.skipped else _taken(plan, saved, started, bench.clock())
    result = {"new_blobs": saved.new_blobs, "skipped": saved.skipped, "directories": counts.directories}
    account.end("partial" if saved.unread else "done", result=result, snapshot=snapshot)


def _taken(plan: Plan, saved: Saved, started: int, finished: int) -> dict[str, Any]:
    """What the portal may know of a snapshot."""
    return {
        "snapshot_id": saved.snapshot.hex(),
        "sequence": saved.sequence,
        "manifest": cipher.digest(saved.root).hex(),
        "source": plan.source,
        "host": platform.node(),
        "tags": list(plan.options["tags"]),
        "files": saved.counts.files,
        "bytes": saved.counts.bytes,
        "added": saved.effort.added,
        "fresh": saved.effort.fresh,
        "dense": saved.effort.dense,
        "changed": saved.effort.changed,
        "unread": len(saved.unread),
        "store_differs": saved.store_differs,
        "started_at": _moment(started),
        "finished_at": _moment(finished),
    }


def _keep(bench: Bench, plan: Plan, repository: Repository, account: Account) -> None:
    options = plan.options
    account.tell(Numbers(doing="counting snapshots"))
    wanted = forget.plan(repository, _policy(options), zone=_zone(plan), by=options["group_by"])
    for problem in wanted.problems:
        account.say(str(problem), "error")
    forget.apply(repository, wanted, now=bench.clock(), why=plan.name)
    account.say(f"{len(wanted.kept)} snapshots stay, {len(wanted.forgotten)} are forgotten")
    result: dict[str, Any] = {"kept": len(wanted.kept), "forgotten": len(wanted.forgotten)}
    problems = len(wanted.problems)
    if options["prune"]:
        unused = options["max_unused"]
        done = prune(
            repository,
            now=bench.clock,
            grace=int(options["grace_days"]) * DAY,
            economy=Economy(max_unused=Allowance.parse(unused) if unused else None),
            why=plan.name,
            progress=lambda what, at, of: account.tell(Numbers(files=at, doing=f"{what} {at}/{of}" if of else what)),
        )
        for words in done.problems:
            account.say(words, "error")
        problems += len(done.problems)
        later = sum(size for _when, size in done.later)
        result |= {
            "reclaimed": done.reclaimed,
            "later": later,
            "waste": done.waste,
            "snapshots": done.snapshots.count,
            "packs": done.packs.count,
            "rewritten": done.rewritten.packs,
        }
    error = f"{problems} things aren't sound: nothing of their writers went" if problems else ""
    account.end("failed" if problems else "done", error=error, result=result)


def _policy(options: Mapping[str, Any]) -> Policy:
    rules: dict[str, Any] = {name: count(options[f"keep_{name}"] or "0") for name in ("last", *UNITS)}
    if options["keep_within"]:
        rules["within"] = Duration.parse(options["keep_within"])
    return Policy(tags=tuple(frozenset({tag}) for tag in options["keep_tags"]), **rules)


def _schedule(plan: Plan) -> Schedule | None:
    limits = [plan.options[f"limit_{way}"] for way in ("upload", "download")]
    if not any(limits) and not plan.options["windows"]:
        return None
    rates = Rates(*(parse_rate(limit or "off") for limit in limits))
    return Schedule(rates, [parse_window(text) for text in plan.options["windows"]], _zone(plan))


def _zone(plan: Plan) -> ZoneInfo:
    """Where the days of a plan begin. Raises BackupError where this machine knows no such zone."""
    try:
        return ZoneInfo(plan.zone or "UTC")
    except (KeyError, ValueError, OSError) as error:
        raise BackupError(f"this machine doesn't know the time zone {plan.zone}: install tzdata") from error


def _moment(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat()
