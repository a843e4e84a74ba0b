"""The duty of an agent that checks: look at the repository as its plan says, and try a restore."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from backup.engine.agent.account import Account, Numbers
from backup.engine.agent.orders import Plan
from backup.engine.agent.place import Place
from backup.engine.checking.check import check as look
from backup.engine.checking.drawing import Extent
from backup.engine.checking.drill import drill
from backup.engine.checking.pace import Stage
from backup.engine.checking.report import Report, Seen
from backup.engine.checking.sample import EVERYTHING, NOTHING, Daily, Sample
from backup.engine.checking.scan import scan
from backup.engine.keeping.ground import DAY
from backup.engine.repository import Repository

_DOING = {Stage.OBJECTS: "reading objects", Stage.PACKS: "reading packs", Stage.TREES: "reading trees"}
MOST_TOLD = 500
"""Things that are wrong are told one by one, up to so many."""


def check(
    place: Place, program: str, plan: Plan, repository: Repository, account: Account, clock: Callable[[], int]
) -> None:
    """Look, vouch and condemn where the plan says so, restore a sample, and tell what was found."""
    options = plan.options

    def progress(stage: Stage, done: int, total: int) -> None:
        account.tell(Numbers(files=done, doing=f"{_DOING[stage]} {done}/{total}"))

    known = f"seen-{repository.config.repository.hex()}"
    settings: dict[str, Any] = {
        "clock": clock,
        "expected": _expected(place.read(known)),
        "workers": int(options["workers"]) or max(1, len(os.sched_getaffinity(0))),
        "progress": progress,
    }
    result: dict[str, Any] = {}
    if options["scan"]:
        scanned = scan(repository, _sample(plan, clock()), **settings)
        report = scanned.report
        result |= {"vouched": scanned.vouched, "condemned": len(scanned.condemned)}
    else:
        report = look(repository, _sample(plan, clock()), **settings)
    if report.sound:
        place.write(known, [asdict(one) for one in report.seen])
    result["check"] = _counts(report)
    wrong = _tell(account, report)
    if options["drill_files"]:
        wrong += _drill(program, plan, repository, account, clock, result)
    account.end("failed" if wrong else "done", error=f"{wrong} things are wrong" if wrong else "", result=result)


def _drill(
    program: str,
    plan: Plan,
    repository: Repository,
    account: Account,
    clock: Callable[[], int],
    result: dict[str, Any],
) -> int:
    """Restore a sample: how many files didn't come back as they were saved."""
    done = drill(
        repository,
        seed=os.urandom(16),
        clock=clock,
        tool=program,
        extent=Extent(older=int(plan.options["drill_older"]), most_files=int(plan.options["drill_files"])),
        progress=lambda files, size: account.tell(Numbers(files=files, bytes=size, doing="restore for a trial")),
    )
    result["drill"] = {
        "snapshots": len(done.snapshots),
        "files": done.files,
        "bytes": done.bytes,
        "failures": len(done.failures),
    }
    for failure in done.failures[:MOST_TOLD]:
        account.say(f"{failure.snapshot[:12]}:{failure.path}: {failure.why}", "error")
    account.say(f"{done.files} files of {len(done.snapshots)} snapshots were restored for a trial, seed {done.seed}")
    return len(done.failures)


def _tell(account: Account, report: Report) -> int:
    """Say what is wrong, line by line: how many things."""
    lines = [f"{one.object}: {one.why}. {one.consequence}" for one in report.problems]
    for one in report.touched:
        lines += [f"{one.snapshot[:12]} of {one.source}: {loss.path or '/'}: {loss.why}" for loss in one.losses]
    for line in lines[:MOST_TOLD]:
        account.say(line, "error")
    return len(report.problems) + len(report.touched)


def _counts(report: Report) -> dict[str, int]:
    return {
        "snapshots": report.snapshots,
        "packs": report.packs,
        "packs_read": report.packs_read,
        "bytes_read": report.bytes_read,
        "problems": len(report.problems),
        "touched": len(report.touched),
    }


def _sample(plan: Plan, now: int) -> Sample:
    if plan.options["read_data"]:
        return EVERYTHING
    days = int(plan.options["read_days"])
    return Daily(days, now // DAY) if days else NOTHING


def _expected(kept: Any) -> list[Seen]:
    """What the last look that found nothing wrong had seen."""
    try:
        return [Seen(**one) for one in kept or ()]
    except TypeError:
        return []
