"""`suite-backup repair`: bring back what can be, from what is sound in the repository itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from backup.cli import reasons, sampling, shown
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.session import Session
from backup.cli.settings import readers
from backup.cli.words import _, ngettext
from backup.engine.checking.check import report
from backup.engine.checking.heal import heal
from backup.engine.checking.mending import Mended
from backup.engine.checking.putting_back import put_back
from backup.engine.checking.repair import repair_indexes, repair_packs
from backup.engine.checking.report import Report, Touched
from backup.engine.checking.rewrite import Rewrites, rewrite_snapshots
from backup.engine.checking.sample import EVERYTHING
from backup.engine.checking.survey import Survey, survey
from backup.engine.format.keys import Role


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help=_("say what would be done, and write nothing"))
    parser.add_argument(
        "--without-lost", action="store_true", help=_("make damaged snapshots anew without what is lost for good")
    )
    parser.add_argument("--forget", action="store_true", help=_("forget the damaged ones then"))


@dataclass
class _Work:
    session: Session
    options: argparse.Namespace
    done: list[Mended] = field(default_factory=list)
    put_back: tuple[str, ...] = ()
    lost: tuple[Touched, ...] = ()
    rewrites: Rewrites | None = None
    left: Report | None = None
    """What is wrong still; none after a dry run that would have done something."""

    def look(self) -> Survey:
        session = self.session
        return survey(
            session.repository, EVERYTHING, workers=readers(session.settings), progress=sampling.Watch(session)
        )

    def run(self) -> None:
        """Each step with a survey of its own, for the one before it has changed what there is: a dry run takes one."""
        clock, dry_run = self.session.clock, self.options.dry_run
        steps: list[Callable[[Survey], Mended | None]] = [
            lambda found: repair_indexes(found, clock=clock, dry_run=dry_run) if found.holdings.lost_indexes else None
        ]
        if self.session.key.role is not Role.PRUNER:
            steps += [
                lambda found: repair_packs(found, clock=clock, dry_run=dry_run) if found.rotten else None,
                lambda found: heal(found, clock=clock, dry_run=dry_run) if found.touched else None,
            ]
        found = self.look()
        self.put_back = put_back(found, dry_run=dry_run)
        if self.put_back:
            if dry_run:
                return
            found = self.look()
        for step in steps:
            mended = step(found)
            if mended is not None:
                self.done.append(mended)
                self.lost = mended.lost
                if dry_run:
                    return
                found = self.look()
        self.left = report(found, started=clock(), finished=clock())
        if self.options.without_lost and found.touched:
            self.rewrites = rewrite_snapshots(found, clock=clock, forget=self.options.forget)


def run(session: Session, options: argparse.Namespace) -> int:
    if options.forget and not options.without_lost:
        raise Failed(_("--forget goes with --without-lost"))
    work = _Work(session, options)
    work.run()
    remade = {one.snapshot: one for one in work.rewrites.rewrites} if work.rewrites else {}
    problems = work.left.problems if work.left else ()
    counts = {
        "blobs": sum(one.blobs for one in work.done),
        "put_back": len(work.put_back),
        **{name: sum(len(getattr(one, name)) for one in work.done) for name in ("packs", "indexes", "condemned")},
    }
    session.output.summary(
        {
            **counts,
            "dry_run": options.dry_run,
            "lost": [_row(one) for one in work.lost],
            "problems": [asdict(one) for one in problems],
            "remade": {one.snapshot: one.instead for one in remade.values()},
            "forgotten": list(work.rewrites.forgotten) if work.rewrites else [],
        },
        *_lines(work, counts, len(remade)),
    )
    return Exit.PARTLY if work.lost or problems else Exit.DONE


def _row(one: Touched) -> dict[str, object]:
    return {"snapshot": one.snapshot, "source": one.source, "files": [vars(loss) for loss in one.losses]}


def _lines(work: _Work, counts: dict[str, int], remade: int) -> list[str]:
    left = (
        [f"  {one.object}: {reasons.told(one.why)}. {reasons.told(one.consequence)}" for one in work.left.problems]
        if work.left
        else []
    )
    if left:
        left = [_("What is damaged still can only come back from a copy of the repository:"), *left]
    if not work.done and not work.put_back:
        return left or [_("There is nothing to repair")]
    lines = [_("Nothing was written: this is the next step that would be done")] if work.options.dry_run else []
    if count := counts["put_back"]:
        lines.append(
            ngettext("{count} object put back by its parity", "{count} objects put back by their parity", count)
        )
    if count := counts["indexes"]:
        lines.append(ngettext("{count} index written anew", "{count} indexes written anew", count))
    if count := counts["blobs"]:
        lines.append(ngettext("{count} blob brought back", "{count} blobs brought back", count))
    if count := counts["condemned"]:
        lines.append(ngettext("{count} damaged pack is condemned", "{count} damaged packs are condemned", count))
    if remade:
        lines.append(ngettext("{count} snapshot made anew", "{count} snapshots made anew", remade))
    for touched in work.lost:
        lines.append(
            _("Snapshot {id} of {source} ({time}) can't be restored whole:").format(
                id=touched.snapshot[:12], source=shown.line(touched.source), time=shown.moment(touched.finished)
            )
        )
        lines += [f"  {shown.line(loss.path) or '/'}: {reasons.told(loss.why)}" for loss in touched.losses]
    return lines + left
