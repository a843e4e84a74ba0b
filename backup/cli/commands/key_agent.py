"""`suite-backup key agent`: a process that holds unlocked keys, and opens and signs for others of the same user."""

from __future__ import annotations

import argparse
import os
import threading
from pathlib import Path

from backup.cli import folders, signals
from backup.cli.codes import Exit
from backup.cli.parsing import span
from backup.cli.session import Session
from backup.cli.shown import SECOND
from backup.cli.words import _
from backup.engine.keykeeping import serving
from backup.engine.keykeeping.agent import Agent, ask_by
from backup.engine.keykeeping.hardening import harden


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("keys", nargs="*", metavar="FILE", help=_("the keys to hold, instead of that of --keyfile"))
    parser.add_argument("--socket", type=Path, metavar="PATH", help=_("where other programs find the agent"))
    parser.add_argument("--lifetime", type=span, metavar="TIME", help=_("forget the keys after this time: 12h"))
    parser.add_argument("--confirm", metavar="CMD", help=_("a program that is asked before a key is used"))


def run(session: Session, options: argparse.Namespace) -> int:
    harden()
    path = options.socket or _usual(session)
    agent = Agent(confirm=ask_by([options.confirm]) if options.confirm else None)
    for name in options.keys or [session.settings.text("keyfile")]:
        agent.add(session.read_key(name), lifetime=options.lifetime / SECOND if options.lifetime else None)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with signals.awaited() as wait, serving.listening(agent, path) as server:
        session.output.tell({"type": "ready", "socket": str(path), "keyfile": f"agent:{path}"})
        session.output.say(_("`SUITE_BACKUP_KEYFILE=agent:{path}` uses the keys held here").format(path=path))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        wait()
        server.shutdown()
    return Exit.DONE


def _usual(session: Session) -> Path:
    runtime = session.environment.get("XDG_RUNTIME_DIR")
    return (Path(runtime) / folders.NAME if runtime else session.state) / f"agent.{os.getpid()}"
