"""What the commands of the agent have in common: where it keeps what is its own, and how it calls its portal."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from backup.cli import VERSION, folders, words
from backup.cli.failures import Failed
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.agent.doing import Bench
from backup.engine.agent.place import Identity, Place
from backup.engine.agent.portal import Portal

PROGRAM = f"suite-backup {VERSION}"


def place(session: Session) -> Place:
    return Place(own(session.environment), session.state / "agent")


def own(environment: Mapping[str, str]) -> Path:
    """For what is secret: in the settings of who runs it, or of the machine."""
    if given := environment.get("XDG_CONFIG_HOME"):
        return Path(given) / folders.NAME / "agent"
    if os.geteuid() == 0:
        return Path("/etc") / folders.NAME / "agent"
    return Path(environment.get("HOME", "/")) / ".config" / folders.NAME / "agent"


def identity(found: Place) -> Identity:
    """Raises Failed where this machine is no agent."""
    if not found.is_enrolled:
        raise Failed(_("this machine is no agent: `suite-backup agent enrol URL CODE` makes it one"))
    return found.identity()


def portal(found: Place, known: Identity) -> Portal:
    return Portal(known.portal, found.token(), ca=known.ca, language=words.language)


def bench(session: Session, found: Place, known: Identity) -> Bench:
    return Bench(
        place=found,
        identity=known,
        state=session.state,
        cache=folders.cache(session.settings, session.environment),
        program=PROGRAM,
        environment=session.environment,
    )
