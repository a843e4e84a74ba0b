"""`suite-backup scan`: a check that acts on what it finds: it vouches, condemns, and extends locks."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from backup.cli import reasons, sampling
from backup.cli.codes import Exit
from backup.cli.parsing import span
from backup.cli.session import Session
from backup.cli.settings import readers
from backup.cli.words import _, ngettext
from backup.engine.checking.scan import Scanned, scan


def configure(parser: argparse.ArgumentParser) -> None:
    sampling.configure(parser, whole=True)
    parser.add_argument(
        "--protect", type=span, default=0, metavar="TIME", help=_("have the store refuse deletion for this time: 30d")
    )


def run(session: Session, options: argparse.Namespace) -> int:
    repository = session.repository
    memory = sampling.Memory(session.state / repository.config.repository.hex())
    with memory.record(options, session.clock()) as record:
        done = scan(
            repository,
            sampling.chosen(options),
            clock=session.clock,
            protect=options.protect,
            expected=memory.expected(),
            record=record,
            workers=readers(session.settings),
            progress=sampling.Watch(session),
        )
    memory.keep(done.report)
    for refused in done.unlocked:
        session.output.warn(_("not protected: {why}").format(why=reasons.told(refused)))
    is_well = done.report.sound and not done.unlocked
    session.hooks.end("done" if is_well else "failed", sound=int(done.report.sound))
    row = {**asdict(done), **asdict(done.report), "sound": done.report.sound, "hooks": session.hooks.ran}
    del row["report"]
    session.output.summary(row, *sampling.lines(done.report), *_lines(done))
    return Exit.DONE if is_well else Exit.FAILED


def _lines(done: Scanned) -> list[str]:
    return [
        ngettext("{count} blob is vouched for", "{count} blobs are vouched for", done.vouched),
        ngettext("{count} damaged pack is condemned", "{count} damaged packs are condemned", len(done.condemned))
        if done.condemned
        else "",
        ngettext("{count} object is protected", "{count} objects are protected", done.locked) if done.locked else "",
    ]
