"""`suite-backup agent leave`: this machine is an agent no more; its token and its key are gone from here."""

from __future__ import annotations

import argparse
from contextlib import closing

from backup.cli import agents
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.agent.portal import Away, Removed


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help=_("also where the portal can't be told"))


def run(session: Session, options: argparse.Namespace) -> int:
    found = agents.place(session)
    identity = agents.identity(found)
    with closing(agents.portal(found, identity)) as portal:
        try:
            portal.leave()
        except Removed:
            session.output.say(_("The portal had removed it already"))
        except Away as error:
            if not options.force:
                said = _("{why}. Say --force to leave all the same, and have it removed on the portal")
                raise Failed(said.format(why=error)) from None
    found.forget()
    session.output.summary({"agent": identity.id}, _("This machine is no agent any more"))
    return Exit.DONE
