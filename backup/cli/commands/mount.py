"""`suite-backup mount`: the repository as a read-only WebDAV server on this machine, to be mounted or browsed."""

from __future__ import annotations

import argparse
from contextlib import closing

from backup.cli import signals
from backup.cli.codes import Exit
from backup.cli.session import Session
from backup.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, metavar="N", help=_("any free one if not said"))


def run(session: Session, options: argparse.Namespace) -> int:
    from backup.engine.reading.dav import USER, Server  # its libraries aren't everybody's

    with signals.awaited() as wait, closing(Server(session.repository, port=options.port)) as server:
        session.output.tell({"type": "ready", "url": server.url, "user": USER, "password": server.password})
        if not session.output.is_json:
            session.output.answer(
                _("Mount {url} as user {user}, password {password}; Ctrl-C ends it").format(
                    url=server.url, user=USER, password=server.password
                )
            )
            session.output.flush()
        wait()
    return Exit.DONE
