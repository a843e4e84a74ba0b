"""`suite-backup agent run`: work as the portal says, until it is ended; or once, until nothing is due."""

from __future__ import annotations

import argparse
import signal
from contextlib import closing
from types import FrameType

from backup.cli import agents, shown
from backup.cli.codes import Exit
from backup.cli.failures import Failed, Interrupted
from backup.cli.hooks import Hooks
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.agent.daemon import Daemon
from backup.engine.agent.orders import Plan
from backup.engine.agent.portal import Removed
from backup.engine.errors import BackupError

CODES = {"done": Exit.DONE, "partial": Exit.PARTLY, "failed": Exit.FAILED, "stopped": Exit.FAILED}
_HOOKS = {"save": "save", "keep": "prune", "check": "check"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help=_("do what is due now, and end"))


def run(session: Session, options: argparse.Namespace) -> int:
    found = agents.place(session)
    identity = agents.identity(found)
    bench = agents.bench(session, found, identity)
    output = session.output

    def say(text: str) -> None:
        output.tell({"type": "agent", "message": text})
        output.say(shown.line(text))

    with closing(agents.portal(found, identity)) as portal:
        daemon = Daemon(bench, portal, say=say, around=Around(session, _HOOKS[identity.duty]))
        _end_soon(daemon)
        try:
            daemon.run(once=options.once)
        except Removed as error:
            output.warn(_("the portal knows this agent no more: {why}").format(why=error))
            return Exit.FAILED if options.once else Exit.DONE
        except Interrupted:  # this is how an agent ends
            return Exit.DONE
    return CODES[daemon.last]


def _end_soon(daemon: Daemon) -> None:
    """A signal to end lets fall what is still to be sent: the next run stores it."""
    usual = signal.getsignal(signal.SIGTERM)

    def end(number: int, frame: FrameType | None) -> None:
        daemon.end()
        if callable(usual):
            usual(number, frame)

    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(one, end)


class Around:
    """The hooks of this machine's own settings, by the command that a run stands for."""

    def __init__(self, session: Session, command: str) -> None:
        self._session, self._command = session, command
        self._hooks: Hooks | None = None

    def before(self, plan: Plan) -> None:
        """Raises BackupError where a hook fails."""
        hooks = self._session.settings.hooks
        before, after = (list(hooks.get(f"{when}-{self._command}", ())) for when in ("pre", "post"))
        facts = {"command": self._command, "source": plan.source, "plan": plan.name}
        self._hooks = Hooks(before, after, self._session.output, facts)
        try:
            self._hooks.begin()
        except Failed as error:
            raise BackupError(str(error)) from error

    def after(self, plan: Plan, state: str) -> None:
        if self._hooks is not None:
            self._hooks.end("unread" if state == "partial" else state)
