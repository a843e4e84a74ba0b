"""`suite-backup prune`: give back the room of what nothing needs any more, in two steps with a grace between them."""

from __future__ import annotations

import argparse
from typing import Any

from backup.cli import reasons, shown
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.parsing import Each, checked, size, span
from backup.cli.session import Session
from backup.cli.words import _, gettext_noop, ngettext
from backup.engine.keeping.judging import Allowance, Economy
from backup.engine.keeping.prune import GRACE, SHORTEST, Pruned, prune

WHAT = {
    "reading trees": gettext_noop("reading trees"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help=_("say what would be done, and delete nothing"))
    parser.add_argument(
        "--grace", type=span, default=GRACE, metavar="TIME", help=_("how long what is to go stays: 7d if not said")
    )
    parser.add_argument("--force", action="store_true", help=_("take a grace of less than a day"))
    parser.add_argument(
        "--max-unused", type=checked(Allowance.parse), metavar="SIZE", help=_("the waste that may stay: 5%%, 2G")
    )
    parser.add_argument("--max-rewrite", type=size, metavar="SIZE", help=_("write anew so much at most: 2G"))
    parser.add_argument(
        "--despite",
        action=Each,
        default=[],
        metavar="NAME",
        help=_("go on though this can't be read: it counts no more"),
    )
    parser.add_argument("--no-join", action="store_true", help=_("leave small packs as they are"))


def run(session: Session, options: argparse.Namespace) -> int:
    if options.grace < SHORTEST and not options.force:
        raise Failed(_("a grace of less than a day loses what a long save relies on: say --force if none is under way"))
    economy = Economy(max_unused=options.max_unused, max_rewrite=options.max_rewrite, join=not options.no_join)

    def watch(what: str, done: int, total: int) -> None:
        if session.output.bar is not None:
            session.output.bar.show(done, total, place=_(WHAT.get(what, what)), unit=lambda count: f"{count:.0f}")
        session.output.tell({"type": "progress", "stage": what, "done": done, "total": total})

    done = prune(
        session.repository,
        now=session.clock,
        grace=options.grace,
        forced=options.force,
        economy=economy,
        dry_run=options.dry_run,
        despite=options.despite,
        progress=watch,
    )
    for problem in done.problems:
        session.output.warn(reasons.told(problem))
    session.hooks.end("failed" if done.problems else "done", reclaimed=done.reclaimed)
    row = _row(done) | {"dry_run": options.dry_run, "hooks": session.hooks.ran}
    session.output.summary(row, *_lines(done, options.dry_run))
    return Exit.FAILED if done.problems else Exit.DONE


def _row(done: Pruned) -> dict[str, Any]:
    return {
        "reclaimed": done.reclaimed,
        "later": [{"from": shown.stamp(when), "bytes": count} for when, count in done.later],
        "waste": done.waste,
        **{name: vars(getattr(done, name)) for name in ("snapshots", "indexes", "packs")},
        "rewritten_packs": done.rewritten.packs,
        "rewritten_bytes": done.rewritten.size,
        "sizes": [
            {"writer": one.writer.hex(), "source": one.source, "total": one.total, "alone": one.alone}
            for one in done.sizes
        ],
        "locked": _locked(done),
        "put_off": done.rewritten.put_off,
        "full": done.rewritten.is_full,
        "problems": list(done.problems),
    }


def _locked(done: Pruned) -> int:
    return sum(one.locked for one in (done.snapshots, done.indexes, done.packs, done.manifests))


def _lines(done: Pruned, dry_run: bool) -> list[str]:
    said = _("Would be given back now: {size}") if dry_run else _("Given back: {size}")
    lines = [said.format(size=shown.size(done.reclaimed))]
    lines += [
        _("From {time} on: {size}").format(time=shown.moment(when), size=shown.size(count))
        for when, count in done.later
    ]
    if done.rewritten.packs:
        lines.append(
            _("Written anew: {count} packs, {size}").format(
                count=done.rewritten.packs, size=shown.size(done.rewritten.size)
            )
        )
    if done.rewritten.is_full:
        lines.append(
            _("The repository has no room to write packs anew: {count} wait").format(count=done.rewritten.put_off)
        )
    if locked := _locked(done):
        lines.append(ngettext("{count} object is locked still", "{count} objects are locked still", locked))
    return [*lines, _("Waste that stays: {size}").format(size=shown.size(done.waste))]
