"""`suite-backup save`: folders, a stream or dumps become the next snapshot of their source."""

from __future__ import annotations

import argparse

from backup.cli import choosing, folders, reasons, saving, shown
from backup.cli.codes import Exit
from backup.cli.parsing import Each, note, size, written
from backup.cli.saving import Watch
from backup.cli.session import Session
from backup.cli.settings import uploads, workers
from backup.cli.words import _, ngettext
from backup.engine.saving.save import Saved, save
from backup.engine.saving.state import State


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help=_("a folder or a file; after -- the command to run"))
    parser.add_argument("--source", metavar="NAME", help=_("the name under which the snapshots stand in a row"))
    streams = parser.add_mutually_exclusive_group()
    streams.add_argument("--stdin", metavar="NAME", help=_("save what comes by standard input, as a file of this name"))
    streams.add_argument(
        "--stdin-from-command", metavar="NAME", help=_("save what the command after -- writes, as a file of this name")
    )
    streams.add_argument(
        "--stream",
        action=Each,
        type=saving.dump,
        metavar="KIND[:NAME=VALUE,…]",
        help=_("save a dump: postgresql, sqlite…; beside paths it lies in the folder `streams` of the snapshot"),
    )
    rules = parser.add_argument_group(_("what is left out"))
    rules.add_argument("--exclude", action=Each, metavar="PATTERN", help=_("what fits, as in a .gitignore"))
    rules.add_argument("--exclude-file", action=Each, metavar="FILE", help=_("what fits a line of this file"))
    rules.add_argument("--exclude-larger-than", type=size, metavar="SIZE", help=_("files larger than this: 500M, 2G"))
    rules.add_argument("--exclude-caches", action="store_true", help=_("folders that hold a CACHEDIR.TAG"))
    rules.add_argument("--exclude-if-present", action=Each, metavar="NAME", help=_("folders that hold such a file"))
    rules.add_argument("--one-file-system", action="store_true", help=_("what is mounted somewhere below"))
    parser.add_argument(
        "--tag", action=Each, type=written, default=[], metavar="TAG", help=_("a word to find the snapshot by")
    )
    parser.add_argument(
        "--note", action=Each, type=note, default=[], metavar="NAME=TEXT", help=_("a text to keep with it")
    )
    parser.add_argument("--freeze", action="store_true", help=_("save snapshots of file systems that make some: btrfs"))
    parser.add_argument(
        "--frozen-at",
        action=Each,
        type=saving.frozen_at,
        default=[],
        metavar="PATH=FOLDER",
        help=_("save what is at the path as a snapshot that was made before shows it in this folder"),
    )
    parser.add_argument("--skip-unchanged", action="store_true", help=_("make no snapshot where nothing has changed"))
    parser.add_argument("--dry-run", action="store_true", help=_("say what would be done, and store nothing"))
    parser.add_argument(
        "--pre", action=Each, default=[], metavar="CMD", help=_("a command or a folder of them to run before")
    )
    parser.add_argument(
        "--post", action=Each, default=[], metavar="CMD", help=_("a command or a folder of them to run after")
    )


def run(session: Session, options: argparse.Namespace) -> int:
    source = saving.source(options, session.clock())
    choosing.check_source(source.label)
    folder = folders.of_key(session.state, session.key)
    session.hooks.variables["source"] = source.label
    watch = Watch(session.output, folder, source.label, session.key)
    repository = session.repository  # what is run before a save may make the snapshot that is saved
    with State(folder) as state, saving.still(options, session.output, session.places):
        saved = save(
            repository,
            state,
            source,
            clock=session.clock,
            workers=workers(session.settings),
            uploads=uploads(session.settings),
            tags=options.tag,
            notes=dict(options.note),
            skip_unchanged=options.skip_unchanged,
            dry_run=options.dry_run,
            progress=watch,
        )
    return _told(session, options, saved, watch)


def _told(session: Session, options: argparse.Namespace, saved: Saved, watch: Watch) -> int:
    for why in saved.unread:
        session.output.warn(_("not read: {why}").format(why=reasons.told(why)))
    if saved.store_differs:
        session.output.warn(
            _("the repository doesn't hold what was left in it last time: an older copy of it, or somebody changed it")
        )
    made = not options.dry_run and not saved.skipped
    if made:
        watch.keep(saved.counts)
    code = Exit.PARTLY if saved.unread else Exit.DONE
    facts = {"files": saved.counts.files, "bytes": saved.counts.bytes, "added": saved.effort.added}
    snapshot = saved.snapshot.hex() if made else ""
    session.hooks.end("unread" if saved.unread else "done", snapshot=snapshot, **facts)
    session.output.summary(
        {
            "source": watch.label,
            "snapshot": snapshot or None,
            "sequence": saved.sequence,
            **vars(saved.counts),
            **vars(saved.effort),
            "new_blobs": saved.new_blobs,
            "unread_files": list(saved.unread),
            "store_differs": saved.store_differs,
            "skipped": saved.skipped,
            "dry_run": options.dry_run,
            "seconds": round(watch.seconds, 3),
            "hooks": session.hooks.ran,
        },
        *_lines(options, saved, watch),
    )
    return code


def _lines(options: argparse.Namespace, saved: Saved, watch: Watch) -> list[str]:
    files = ngettext("{count} file", "{count} files", saved.counts.files)
    what = _("{files}, {size}").format(files=files, size=shown.size(saved.counts.bytes))
    if options.dry_run:
        fresh = shown.size(saved.effort.fresh)
        return [_("Nothing was stored. There are {what}; {fresh} of it would be new").format(what=what, fresh=fresh)]
    if saved.skipped:
        return [_("Nothing has changed since the last snapshot of {source}: none was made").format(source=watch.label)]
    lines = [
        _("Snapshot {id} of {source}: {what}").format(id=saved.snapshot.hex()[:12], source=watch.label, what=what),
        _("{added} stored, in {time}").format(added=shown.size(saved.effort.added), time=shown.duration(watch.seconds)),
    ]
    if saved.unread:
        lines.append(ngettext("{count} file couldn’t be read", "{count} files couldn’t be read", len(saved.unread)))
    return lines
