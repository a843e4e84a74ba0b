"""`suite-backup forget`: say which snapshots are to go, by a policy or by name; later `prune` deletes them."""

from __future__ import annotations

import argparse
from typing import Any

from backup.cli import listing, policies, saying, shown
from backup.cli.codes import Exit
from backup.cli.failures import Failed, damage
from backup.cli.parsing import Each, written
from backup.cli.session import Session
from backup.cli.words import _, ngettext
from backup.engine.errors import Damaged
from backup.engine.keeping import forget as forgetting
from backup.engine.keeping.forget import Plan, Selection
from backup.engine.keeping.ground import which
from backup.engine.keeping.retention import GroupEmptied, PolicyEmpty


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "snapshots",
        nargs="*",
        metavar="SNAPSHOT",
        help=_("these, whatever any policy says: latest, an id, NAME@DATE"),
    )
    policies.configure(parser)
    parser.add_argument("--source", action=Each, default=[], metavar="NAME", help=_("only those of this source"))
    parser.add_argument("--host", action=Each, default=[], metavar="NAME", help=_("only those of this machine"))
    parser.add_argument("--tag", action=Each, default=[], metavar="TAG", help=_("only those with this tag"))
    parser.add_argument(
        "--lost", action=Each, metavar="NAME", help=_("give up what can't be read: its name, as `check` shows it")
    )
    parser.add_argument("--why", type=written, default="", metavar="TEXT", help=_("a reason, kept with it"))
    parser.add_argument("--dry-run", action="store_true", help=_("say what would be forgotten, and forget nothing"))


def run(session: Session, options: argparse.Namespace) -> int:
    policy = policies.policy(options)
    if not policy.is_empty and (options.snapshots or options.lost):
        raise Failed(_("name snapshots or say what to keep, not both"))
    if options.lost:
        return _lost(session, options)
    if options.snapshots:
        return _by_name(session, options)
    try:
        plan = forgetting.plan(
            session.repository,
            policy,
            selection=Selection(sources=tuple(options.source), hosts=tuple(options.host), tags=tuple(options.tag)),
            zone=policies.zone(options),
            by=options.group_by,
            empty_groups=options.allow_empty,
        )
    except PolicyEmpty:
        raise Failed(_("nothing was said to be kept, so nothing is forgotten: use --keep-…")) from None
    except GroupEmptied as error:
        said = _("no snapshot of a group would be left: say --allow-empty if that is meant ({why})")
        raise Failed(said.format(why=error)) from None
    for problem in plan.problems:
        session.output.warn(damage(problem))
    if not options.dry_run:
        forgetting.apply(session.repository, plan, now=session.clock(), why=options.why)
    session.hooks.end("failed" if plan.problems else "done", forgotten=len(plan.forgotten))
    _tell(session, options, plan)
    return Exit.FAILED if plan.problems else Exit.DONE


def _lost(session: Session, options: argparse.Namespace) -> int:
    """Give up snapshots that are gone or damaged for good: what their writer saved can then be pruned again."""
    repository = session.repository
    broken = {one.name for one in repository.examine(repository.history()) if isinstance(one, Damaged)}
    for name in options.lost:
        if name not in broken or not name.startswith("snapshots/"):
            raise Failed(
                _("{name} is no snapshot that can't be read: `suite-backup check` names those").format(name=name)
            )
    for name in () if options.dry_run else options.lost:
        forgetting.write_off(repository, *which(name), now=session.clock(), why=options.why)
    said = _("{name} would be given up") if options.dry_run else _("{name} is given up")
    session.output.summary({"lost": options.lost}, *(said.format(name=name) for name in options.lost))
    return Exit.DONE


def _by_name(session: Session, options: argparse.Namespace) -> int:
    known = listing.read(session)
    found = saying.named(known.snapshots, options)
    if held := [one for one in found if one.id in known.history.held]:
        numbers = ", ".join(one.id.hex()[:12] for one in held)
        raise Failed(_("{ids} is held: `suite-backup release` lets it be forgotten").format(ids=numbers))
    if not options.dry_run:
        forgetting.forget(session.repository, found, now=session.clock(), why=options.why)
    said = (
        _("Snapshot {id} of {source} would be forgotten")
        if options.dry_run
        else _("Snapshot {id} of {source} is forgotten")
    )
    saying.told(session, found, said)
    return Exit.DONE


def _tell(session: Session, options: argparse.Namespace, plan: Plan) -> None:
    output = session.output
    if not output.is_json and not output.is_quiet:
        for group in plan.groups:
            output.say(shown.line(group.label))
            rows = [
                (
                    one.fact.id.hex()[:12],
                    shown.moment(one.fact.received),
                    one.fact.source,
                    ", ".join(map(policies.reason, one.reasons)) if one.kept else _("forgotten"),
                )
                for one in group.decisions
            ]
            output.table(("", "", "", ""), rows)
    row: dict[str, Any] = {
        "kept": len(plan.kept),
        "forgotten": len(plan.forgotten),
        "dry_run": options.dry_run,
        "groups": [
            {
                "group": group.label,
                "keep": [
                    {"id": one.fact.id.hex(), "reasons": list(one.reasons)} for one in group.decisions if one.kept
                ],
                "forget": [one.fact.id.hex() for one in group.decisions if not one.kept],
            }
            for group in plan.groups
        ],
        "hooks": session.hooks.ran,
    }
    kept = ngettext("{count} snapshot stays", "{count} snapshots stay", len(plan.kept))
    gone = ngettext("{count} is forgotten", "{count} are forgotten", len(plan.forgotten))
    said = _("Nothing was changed. With this policy: {kept}, {gone}") if options.dry_run else _("{kept}, {gone}")
    output.summary(row, said.format(kept=kept, gone=gone))
