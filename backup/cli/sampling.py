"""How closely a repository is looked at, and what is remembered of that from one time to the next."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from backup.cli import reasons, shown
from backup.cli.parsing import size, span
from backup.cli.session import Session
from backup.cli.words import _, gettext_noop
from backup.engine.checking.pace import Stage
from backup.engine.checking.record import Record
from backup.engine.checking.report import Report, Seen
from backup.engine.checking.sample import EVERYTHING, NOTHING, Amount, Daily, Sample, Share

STAGES = {
    Stage.OBJECTS: gettext_noop("objects"),
    Stage.PACKS: gettext_noop("packs"),
    Stage.TREES: gettext_noop("trees"),
}
_DAILY = re.compile(r"(?:1/)?(\d{1,4})d")
_PERCENT = re.compile(r"(\d{1,2}(?:\.\d+)?|100)%")
_DAY = 24 * 3600


def configure(parser: argparse.ArgumentParser, *, whole: bool) -> None:
    """`whole` says that everything is read unless it is asked for less."""
    group = parser.add_mutually_exclusive_group()
    if not whole:
        group.add_argument("--read-data", action="store_true", help=_("read and verify every byte"))
    group.add_argument(
        "--sample", type=sample, metavar="SIZE", help=_("read a part: 5%%, 2G, or 30d for all in thirty days")
    )
    parser.add_argument(
        "--trust", type=span, metavar="TIME", help=_("don't read again what was found sound in this time: 12h, 7d")
    )
    parser.set_defaults(read_data=whole)


def sample(text: str) -> Sample:
    """A share, an amount, or the turn of today of so many days."""
    if found := _DAILY.fullmatch(text):
        days = int(found[1])
        if days:
            return Daily(days, int(time.time()) // _DAY)
    if found := _PERCENT.fullmatch(text):
        return Share(float(found[1]) / 100, os.urandom(16))
    try:
        return Amount(size(text), os.urandom(16))
    except argparse.ArgumentTypeError:
        said = _("{text} is no sample: write 5%, 2G or 30d").format(text=text)
        raise argparse.ArgumentTypeError(said) from None


def chosen(options: argparse.Namespace) -> Sample:
    if options.sample is not None:
        found: Sample = options.sample
        return found
    return EVERYTHING if options.read_data else NOTHING


class Memory:
    """What this machine keeps of its checks of a repository, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = folder / "seen.json"

    def expected(self) -> list[Seen]:
        """What the last check that found nothing wrong had seen: whoever takes it back is noticed."""
        try:
            return [Seen(**one) for one in json.loads(self._seen.read_text())]
        except (OSError, ValueError, TypeError):
            return []

    def keep(self, report: Report) -> None:
        if report.sound:
            with contextlib.suppress(OSError):
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                fresh = self._seen.with_suffix(f".{os.getpid()}")
                fresh.write_text(json.dumps([asdict(one) for one in report.seen]))
                fresh.replace(self._seen)

    @contextlib.contextmanager
    def record(self, options: argparse.Namespace, now: int) -> Iterator[Record | None]:
        """What was found sound lately, where that may count."""
        if not options.trust:
            yield None
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with Record(self._folder / "sound.sqlite3", max_age=options.trust, now=now) as record:
            yield record


class Watch:
    """Tells how far a check is."""

    def __init__(self, session: Session) -> None:
        self._output = session.output

    def __call__(self, stage: Stage, done: int, total: int) -> None:
        if self._output.bar is not None:
            name = _(STAGES[stage])
            self._output.bar.show(done, total, unit=lambda count: f"{count:.0f} {name}")
        self._output.tell({"type": "progress", "stage": stage, "done": done, "total": total})


def lines(report: Report) -> list[str]:
    """What a check found, for people."""
    head = _("Sound, as far as was looked:") if report.sound else _("NOT SOUND:")
    counts = _("{snapshots} snapshots, {packs} packs, {read} of them read whole ({size})").format(
        snapshots=report.snapshots,
        packs=report.packs,
        read=report.packs_read,
        size=shown.size(report.bytes_read),
    )
    found = [f"{head} {counts}"]
    found += [f"  {one.object}: {reasons.told(one.why)}. {reasons.told(one.consequence)}" for one in report.problems]
    for one in report.touched:
        id_, when = one.snapshot[:12], shown.moment(one.finished)
        found.append(
            _("Snapshot {id} of {source} ({time}) can't be restored whole:").format(
                id=id_, source=shown.line(one.source), time=when
            )
        )
        found += [f"  {shown.line(loss.path) or '/'}: {reasons.told(loss.why)}" for loss in one.losses]
        found += [_("  and more")] if one.more else []
    if report.touched:
        found.append(_("{count} snapshots are whole").format(count=len(report.whole)))
    return found
