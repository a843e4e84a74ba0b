"""`suite-backup agent enrol`: by a code that a manager of the backups had made, this machine becomes an agent."""

from __future__ import annotations

import argparse
import platform
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from backup.cli import agents, words
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.agent import holding
from backup.engine.agent.place import Identity
from backup.engine.agent.portal import Portal, Refused
from backup.engine.format import cipher

_HERE = re.compile(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:/|\Z)")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("portal", metavar="URL", help=_("the address of the portal: https://suite.example.org"))
    parser.add_argument(
        "code", metavar="CODE", help=_("the code that the portal shows for this agent, within its hour")
    )
    parser.add_argument("--name", default=platform.node(), help=_("what the portal calls this machine"))
    parser.add_argument("--ca", type=Path, metavar="FILE", help=_("the authorities to believe, if not the usual ones"))
    parser.add_argument(
        "--at",
        default="",
        metavar="URL",
        help=_("where this machine reaches the repository, if not through the portal"),
    )


def run(session: Session, options: argparse.Namespace) -> int:
    found = agents.place(session)
    if found.is_enrolled:
        raise Failed(_("this machine is an agent already: `suite-backup agent leave` ends that"))
    url = options.portal.rstrip("/")
    if not url.startswith("https://") and not _HERE.match(url):
        raise Failed(_("{url} isn't encrypted: write https://").format(url=url))
    ca = str(options.ca.absolute()) if options.ca else ""
    private = X25519PrivateKey.generate().private_bytes_raw()
    body = {
        "code": options.code,
        "host": options.name[:120] or "-",
        "program": agents.PROGRAM,
        "seal_to": cipher.public_half(private).hex(),
    }
    portal = Portal(url, "", ca=ca, language=words.language)
    try:
        made = portal.enrol(body)
    except Refused as error:
        raise Failed(str(error)) from None
    identity = Identity(
        portal=url,
        id=made["id"],
        name=made["name"],
        duty=made["duty"],
        project=made["project"],
        repository=_through(url, made["repository"]["id"]),
        number=made["repository"]["number"],
        elsewhere=options.at,
        ca=ca,
    )
    found.settle(identity, made["token"], private)
    mark = holding.mark(cipher.public_half(private))
    session.output.summary(
        {
            "agent": identity.id,
            "name": identity.name,
            "duty": identity.duty,
            "folder": str(found.own),
            "mark": mark,
        },
        _("This machine is the agent “{name}” of {project}").format(name=identity.name, project=identity.project),
        _("Its mark: {mark}").format(mark=mark),
        _("Next, a person with the master key gives it a key on its page; then `suite-backup agent run` works"),
    )
    return Exit.DONE


def _through(portal: str, number: str) -> str:
    """The address of the repository by the way that the portal was reached."""
    return f"suite+{portal}/{number}"
