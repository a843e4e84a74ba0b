"""`suite-backup copy`: a second copy of a repository in another place. It takes no key."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable

from backup.cli import reasons, shown
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.parsing import span
from backup.cli.session import Session
from backup.cli.settings import readers
from backup.cli.words import _, ngettext
from backup.engine.format import cipher
from backup.engine.keeping.copying import Copied, OtherRepository, check_same, copy
from backup.engine.keeping.mirroring import GRACE, LooksEmptied, Mirrored, mirror
from backup.engine.stores.addresses import safe_url
from backup.engine.stores.base import Store


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", required=True, metavar="URL", help=_("where the copy is"))
    parser.add_argument("--init", action="store_true", help=_("make the place of a new copy"))
    parser.add_argument("--mirror", action="store_true", help=_("let the copy lose, later, what is gone here"))
    parser.add_argument("--grace", type=span, default=GRACE, metavar="TIME", help=_("how much later: 30d if not said"))
    parser.add_argument("--force", action="store_true", help=_("also where most snapshots are gone here"))


def run(session: Session, options: argparse.Namespace) -> int:
    target = session.open_store(options.to)
    source = session.store
    if options.init:
        _prepare(source, target)
    threads = max(readers(session.settings), readers(session.settings.under({"repository": options.to})))
    try:
        if options.mirror:
            mirrored = _mirror(session, options, target, threads, session.output.bytes_done)
            done = mirrored.copied
        else:
            mirrored, done = None, copy(source, target, workers=threads, progress=session.output.bytes_done)
    except OtherRepository as error:
        said = _("{url} holds another repository: nothing was copied")
        raise Failed(said.format(url=safe_url(options.to))) from error
    except LooksEmptied as error:
        said = _("most snapshots of the copy are gone here: nothing was deleted. Look why, or say --force ({why})")
        raise Failed(said.format(why=error)) from error
    troubles = [
        *(_("not the same here and there: {name}").format(name=name) for name in done.differing),
        *(_("damaged, and not copied: {why}").format(why=reasons.told(why)) for why in done.damaged),
        *(_("in the copy, and not here: {name}").format(name=name) for name in done.lost),
    ]
    for trouble in troubles:
        session.output.warn(trouble)
    session.hooks.end("failed" if troubles else "done", objects=done.objects, bytes=done.size)
    row = {**vars(done), "to": safe_url(options.to), "hooks": session.hooks.ran}
    if mirrored is None:
        session.output.summary(row, _line(done))
    else:
        row |= {"deleted": mirrored.objects, "deleted_bytes": mirrored.size, "locked": mirrored.locked}
        row |= {"waiting": len(mirrored.gone)}
        gone = ngettext("{count} object", "{count} objects", mirrored.objects)
        deleted = _("Deleted in the copy: {objects}, {size}").format(objects=gone, size=shown.size(mirrored.size))
        session.output.summary(row, _line(done), deleted)
    return Exit.FAILED if troubles else Exit.DONE


def _mirror(
    session: Session, options: argparse.Namespace, target: Store, threads: int, watch: Callable[[int, int], None]
) -> Mirrored:
    """A copy that forgets, and what this machine is to remember of it for the next time."""
    path = session.state / "mirrors" / f"{cipher.digest(options.to.encode()).hex()[:32]}.json"
    try:
        gone = {str(name): int(since) for name, since in json.loads(path.read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        gone = {}
    done = mirror(
        session.store,
        target,
        gone=gone,
        grace=options.grace,
        forced=options.force,
        workers=threads,
        progress=session.output.bytes_done,
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(done.gone))
    fresh.replace(path)
    return done


def _line(done: Copied) -> str:
    objects = ngettext("{count} object", "{count} objects", done.objects)
    return _("Copied: {objects}, {size}").format(objects=objects, size=shown.size(done.size))


def _prepare(source: Store, target: Store) -> None:
    """Make the place of a copy, once it is sure that there is something to copy. Raises Missing."""
    check_same(source, source)
    target.prepare()
