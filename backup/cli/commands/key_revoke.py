"""`suite-backup key revoke`: from now on nothing of a key counts but what it had done before."""

from __future__ import annotations

import argparse
import itertools

from backup.cli import shown
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.format.keys import Badge, Role
from backup.engine.format.snapshots import Snapshot
from backup.engine.keeping.ground import which
from backup.engine.repository import Repository


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help=_("the beginning of its number, as `key list` shows it"))
    parser.add_argument("--master", required=True, metavar="FILE", help=_("the file of the master key"))
    parser.add_argument(
        "--last",
        type=int,
        metavar="N",
        help=_("the number of its last snapshot or act that counts; all that there are"),
    )


def run(session: Session, options: argparse.Namespace) -> int:
    repository = session.open_with(session.read_key(options.master))
    badge = _named(repository, options.key)
    last = _last(repository, badge) if options.last is None else options.last
    repository.revoke(badge.key_id, last=last, now=session.clock())
    session.output.summary(
        {"key": badge.key_id.hex(), "last": last},
        _("The key {key} ({label}) counts no more but for what it did up to number {last}").format(
            key=badge.key_id.hex()[:12], label=shown.line(badge.label), last=last
        ),
    )
    return Exit.DONE


def _named(repository: Repository, text: str) -> Badge:
    found = [badge for badge in repository.badges().values() if badge.key_id.hex().startswith(text.lower())]
    if len(found) != 1:
        raise Failed(
            _("{count} keys begin with {text}: `suite-backup key list` shows them").format(count=len(found), text=text)
        )
    return found[0]


def _last(repository: Repository, badge: Badge) -> int:
    """The number of the newest snapshot or act that the key has signed. Raises Failed where its row has a gap.

    Who has stolen it may create any name, and sign any number: what he left out he could still sign later.
    """
    history = repository.history()
    folder = "snapshots" if badge.role is Role.WRITER else "acts"
    there = {which(one.name)[1] for one in repository.store.list(f"{folder}/{badge.key_id.hex()}")}
    if badge.role is Role.WRITER:
        heads = [one.head for one in repository.examine(history) if isinstance(one, Snapshot)]
        there |= {number for author, number in history.forgotten if author == badge.key_id}
    else:
        heads = [act.head for act in history.acts]
    last = max((head.sequence for head in heads if head.author == badge.key_id), default=0)
    if len({number for number in there if 0 < number <= last}) < last:
        row = next(number for number in itertools.count() if number + 1 not in there)
        said = _(
            "its row has a gap after number {row} and goes on to {last}: say by --last which is the last to be trusted"
        )
        raise Failed(said.format(row=row, last=last))
    return last
