"""`suite-backup agent key`: give this agent its key on the machine itself, from a master key or a key of its duty."""

from __future__ import annotations

import argparse
from contextlib import closing

from backup.cli import agents, keyfiles
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.session import ROLES, Session
from backup.cli.words import _
from backup.engine.agent import holding
from backup.engine.agent.orders import Plan
from backup.engine.agent.portal import Refused
from backup.engine.format import keyfile, keys
from backup.engine.format.keys import Key, Role
from backup.engine.repository import Repository

ROLE_OF = {"save": Role.WRITER, "keep": Role.PRUNER, "check": Role.VERIFIER}
NO_LIMITS = Plan("", "", "", (), (), (), {"limit_upload": "", "limit_download": "", "windows": []}, "", ())


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "key", metavar="FILE", help=_("a key of the agent's duty, or the master key, from which one is made")
    )


def run(session: Session, options: argparse.Namespace) -> int:
    found = agents.place(session)
    identity = agents.identity(found)
    key = session.read_key(options.key)
    if key.repository.hex() != identity.number:
        raise Failed(_("this key belongs to another repository"))
    if key.role is Role.MASTER:
        key = _derived(session, key)
    wanted = ROLE_OF[identity.duty]
    if key.role is not wanted or key.badge is None:
        said = _("{key} can't do this; use one of: {wanted}")
        raise Failed(said.format(key=_(ROLES[key.label]), wanted=_(ROLES[wanted.name.lower()])))
    text = keyfile.dump(key)
    with closing(agents.portal(found, identity)) as portal:
        try:
            portal.bring_key(key.badge.raw, key.holder.sign(holding.words(identity.id_bytes)))
        except Refused as error:
            raise Failed(str(error)) from None
    found.keep_key(text)
    session.output.summary(
        keyfiles.summary(key, text, str(found.key_file)),
        _("The agent works with the key {key}").format(key=key.key_id.hex()[:12]),
    )
    return Exit.DONE


def _derived(session: Session, master: Key) -> Key:
    """A new key of the agent's duty. The portal lets it in, where the agent may not."""
    found = agents.place(session)
    identity = agents.identity(found)
    with closing(agents.bench(session, found, identity).store(NO_LIMITS)) as store:
        opened = Repository.open(store, master)
    return keys.derive(
        opened.key,
        ROLE_OF[identity.duty],
        label=identity.name,
        created=session.clock(),
        epoch=opened.config.epoch.number,
        isolate=opened.config.isolated,
    )
