"""`suite-backup check`: find what is damaged, missing, swapped or put back, and name the files it touches."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from backup.cli import sampling
from backup.cli.codes import Exit
from backup.cli.session import Session
from backup.cli.settings import readers
from backup.engine.checking.check import check
from backup.engine.checking.onlooker import look_on


def configure(parser: argparse.ArgumentParser) -> None:
    sampling.configure(parser, whole=False)


def run(session: Session, options: argparse.Namespace) -> int:
    repository = session.repository if session.settings.text("keyfile") else look_on(session.store)
    memory = sampling.Memory(session.state / repository.config.repository.hex())
    with memory.record(options, session.clock()) as record:
        report = check(
            repository,
            sampling.chosen(options),
            clock=session.clock,
            expected=memory.expected(),
            record=record,
            workers=readers(session.settings),
            progress=sampling.Watch(session),
        )
    memory.keep(report)
    session.hooks.end("done" if report.sound else "failed", sound=int(report.sound))
    row = {**asdict(report), "sound": report.sound, "hooks": session.hooks.ran}
    session.output.summary(row, *sampling.lines(report))
    return Exit.DONE if report.sound else Exit.FAILED
