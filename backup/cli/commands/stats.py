"""`suite-backup stats`: how much there is, what each source takes, and what would come back."""

from __future__ import annotations

import argparse
from typing import Any

from backup.cli import reasons, shown, words
from backup.cli.codes import Exit
from backup.cli.parsing import span
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.keeping.prune import GRACE
from backup.engine.keeping.stats import Stats, stats
from backup.engine.keeping.tally import Usage


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--grace", type=span, default=GRACE, metavar="TIME", help=_("how long what is to go stays: 7d if not said")
    )
    parser.add_argument("--snapshots", action="store_true", help=_("of each snapshot too"))


def run(session: Session, options: argparse.Namespace) -> int:
    def watch(done: int, total: int) -> None:
        if session.output.bar is not None:
            session.output.bar.show(done, total, unit=lambda count: f"{count:.0f}")
        session.output.tell({"type": "progress", "done": done, "total": total})

    found = stats(session.repository, grace=options.grace, progress=watch)
    for problem in found.problems:
        session.output.warn(reasons.told(problem))
    session.output.tell({"type": "summary", **_row(found)})
    if not session.output.is_json:
        _tables(session, found, with_snapshots=options.snapshots)
    return Exit.FAILED if found.problems else Exit.DONE


def _tables(session: Session, found: Stats, *, with_snapshots: bool) -> None:
    output = session.output
    head = (
        _("Source"),
        _("Writer"),
        _("Snapshots"),
        _("Content"),
        _("Stored"),
        _("Alone"),
        _("Deduplicated"),
        _("Packed"),
    )
    rows = [
        (one.source, one.writer.hex()[:8], words.number(one.snapshots), *_sizes(one.usage)) for one in found.sources
    ]
    output.table(head, rows, right=range(2, 8))
    if with_snapshots:
        titles = (_("Snapshot"), _("Source"), _("When"), _("Content"), _("Stored"), _("Alone"), _("Added"))
        of_each = [
            (
                one.snapshot.id.hex()[:12],
                one.snapshot.source,
                shown.moment(one.snapshot.received),
                *_sizes(one.usage)[:3],
                shown.size(one.added),
            )
            for one in found.snapshots
        ]
        output.answer("")
        output.table(titles, of_each, right=range(3, 7))
    output.answer("")
    output.answer(_("Stored in all: {size}").format(size=shown.size(found.stored)))
    output.answer(
        _("Would come back now: {now}, later: {later}").format(
            now=shown.size(found.reclaimable_now), later=shown.size(found.reclaimable_later)
        )
    )


def _sizes(usage: Usage) -> tuple[str, ...]:
    sizes = (usage.content, usage.stored, usage.alone)
    return (*map(shown.size, sizes), f"{usage.deduplication:.2f}×", f"{usage.compression:.2f}×")


def _row(found: Stats) -> dict[str, Any]:
    return {
        "stored": found.stored,
        "reclaimable_now": found.reclaimable_now,
        "reclaimable_later": found.reclaimable_later,
        "sources": [
            {"writer": one.writer.hex(), "source": one.source, "snapshots": one.snapshots, **_usage(one.usage)}
            for one in found.sources
        ],
        "snapshots": [
            {
                "id": one.snapshot.id.hex(),
                "writer": one.snapshot.head.author.hex(),
                "source": one.snapshot.source,
                "received": shown.stamp(one.snapshot.received),
                "added": one.added,
                **_usage(one.usage),
            }
            for one in found.snapshots
        ],
        "problems": list(found.problems),
    }


def _usage(usage: Usage) -> dict[str, Any]:
    ratios = {"deduplication": round(usage.deduplication, 4), "compression": round(usage.compression, 4)}
    return {**vars(usage), "shared": usage.shared, **ratios}
