"""`suite-backup restore`: a snapshot, or a part of it, into a folder or back to where it was."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from backup.cli import nodes, opened, reasons, shown
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.opened import Opened
from backup.cli.parsing import Each
from backup.cli.session import Session
from backup.cli.settings import readers
from backup.cli.words import _, gettext_noop, ngettext
from backup.engine.errors import Busy
from backup.engine.format.trees import DIRECTORY, STREAMS
from backup.engine.restoring.options import Owners
from backup.engine.restoring.restore import Event, Options, Overwrite, Progress, Restored, restore
from backup.engine.sources.beside import FOLDER
from backup.engine.sources.patterns import NOTHING, Patterns

_PLACELESS = Patterns([f"/{FOLDER}/"])
WHAT = {
    "made": gettext_noop("written"),
    "changed": gettext_noop("replaced"),
    "same": gettext_noop("unchanged"),
    "kept": gettext_noop("left alone"),
    "deleted": gettext_noop("taken away"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("snapshot", metavar="SNAPSHOT[:PATH]", help=_("latest, an id, a source or NAME@DATE"))
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--target", type=Path, metavar="DIR", help=_("the folder to restore into"))
    place.add_argument("--in-place", action="store_true", help=_("restore to where it was saved"))
    parser.add_argument("--include", action=Each, metavar="PATTERN", help=_("only what fits, as in a .gitignore"))
    parser.add_argument("--exclude", action=Each, metavar="PATTERN", help=_("not what fits, as in a .gitignore"))
    rules = [rule.value for rule in Overwrite]
    parser.add_argument("--overwrite", choices=rules, help=_("what happens to what is there already"))
    parser.add_argument("--delete", action="store_true", help=_("delete what the snapshot doesn't hold"))
    owners = [one.value for one in Owners]
    parser.add_argument("--owners", choices=owners, default=Owners.NAMES.value, help=_("to whom it is to belong"))
    parser.add_argument("--verify", action="store_true", help=_("read each file back from the disk"))
    parser.add_argument("--dry-run", action="store_true", help=_("say what would be done, and write nothing"))
    parser.add_argument("-v", "--verbose", action="store_true", help=_("name everything that is done"))


def run(session: Session, options: argparse.Namespace) -> int:
    chosen = opened.open_snapshot(session, options.snapshot)
    target = _target(chosen, options)
    without_streams = options.in_place and _check_place(chosen)
    rule = Overwrite(options.overwrite or ("if-changed" if options.in_place else "refuse"))
    if rule is Overwrite.REFUSE and target.is_dir() and any(target.iterdir()):
        raise Failed(_("{path} isn't empty: choose another folder, or say --overwrite if-changed").format(path=target))
    speaks = options.verbose or options.dry_run
    watch = _Watch(session)
    wanted = Options(
        path=chosen.path,
        overwrite=rule,
        delete=options.delete,
        dry_run=options.dry_run,
        include=Patterns(options.include) if options.include else None,
        exclude=Patterns(options.exclude or ()) + (_PLACELESS if without_streams else NOTHING),
        owners=Owners(options.owners),
        read_back=options.verify,
    )
    events = watch.event if speaks else None
    try:
        done = restore(
            chosen.catalogue, target, wanted, workers=readers(session.settings), progress=watch, events=events
        )
    except Busy as error:
        said = _("another restore into {path} is under way: wait until it has ended")
        raise Failed(said.format(path=target)) from error
    if without_streams:
        place = f"{chosen.snapshot.id.hex()[:12]}:{FOLDER}"
        left_out = _("streams have no place to go back to: restore {place} --target DIR").format(place=place)
        done = replace(done, problems=(*done.problems, left_out))
    return _told(session, options, chosen, target, done)


def _target(chosen: Opened, options: argparse.Namespace) -> Path:
    """Where the content of what is meant goes."""
    if options.in_place:
        place = Path("/") / chosen.path.decode(errors="surrogateescape")
        return place if chosen.node["t"] == DIRECTORY else place.parent
    if options.target is None:
        raise Failed(_("where to? Say --target DIR, or --in-place"))
    target: Path = options.target
    return target


def _check_place(chosen: Opened) -> bool:
    """Whether there are streams among it, which stood nowhere. Raises Failed where it is nothing else."""
    if not chosen.snapshot.paths:
        raise Failed(_("nothing of this snapshot has a place to go back to: say --target DIR"))
    top, _slash, _rest = chosen.path.partition(b"/")
    has_streams = any(STREAMS in node.get("a", ()) for node in chosen.catalogue.nodes(chosen.catalogue.root()))
    if has_streams and top == FOLDER.encode():
        raise Failed(_("streams have no place to go back to: say --target DIR"))
    return has_streams and not top


class _Watch:
    """Tells how far a restore is, and what it does."""

    def __init__(self, session: Session) -> None:
        self._output = session.output

    def __call__(self, progress: Progress) -> None:
        if self._output.bar is not None:
            self._output.bar.show(progress.bytes, progress.total, progress.files, unit=shown.size)
        self._output.tell(
            {
                "type": "progress",
                "files": progress.files,
                "bytes": progress.bytes,
                "total_bytes": progress.total,
            }
        )

    def event(self, event: Event) -> None:
        kind = nodes.KINDS.get(event.kind, event.kind)
        row = {"type": "event", "what": event.what, **nodes.path_row(event.path), "kind": kind, "size": event.size}
        self._output.tell(row)
        self._output.say(f"{_(WHAT[event.what])}  {shown.path(event.path)}")


def _told(session: Session, options: argparse.Namespace, chosen: Opened, target: Path, done: Restored) -> int:
    for problem in done.problems:
        session.output.warn(_("not restored: {why}").format(why=reasons.told(problem)))
    status = "unread" if done.problems else "done"
    session.hooks.end(status, snapshot=chosen.snapshot.id.hex(), files=done.files, bytes=done.bytes)
    row = {**vars(done), "problems": list(done.problems), "dry_run": options.dry_run}
    row |= {"snapshot": chosen.snapshot.id.hex(), "target": str(target), "hooks": session.hooks.ran}
    what = _("{files}, {size}").format(
        files=ngettext("{count} file", "{count} files", done.files), size=shown.size(done.bytes)
    )
    said = _("Nothing was written. There would be {what}") if options.dry_run else _("Restored into {target}: {what}")
    session.output.summary(
        row,
        said.format(what=what, target=target),
        ngettext("{count} file was there already", "{count} files were there already", done.unchanged)
        if done.unchanged
        else "",
        ngettext("{count} thing was deleted", "{count} things were deleted", done.deleted) if done.deleted else "",
        ngettext("{count} thing couldn’t be restored", "{count} things couldn’t be restored", len(done.problems))
        if done.problems
        else "",
    )
    return Exit.PARTLY if done.problems else Exit.DONE
