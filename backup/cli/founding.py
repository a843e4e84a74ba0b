"""A repository that a portal keeps: its keys are made here, and the portal is told what opens nothing."""

from __future__ import annotations

import argparse
import base64
import secrets
from typing import Any

from backup.cli import keyfiles
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.session import Session
from backup.cli.suites import Suite
from backup.cli.words import _
from backup.engine.format.keys import Key
from backup.engine.founding import Founding, found
from backup.engine.keykeeping.private_files import read_private
from backup.engine.stores.addresses import Options

TOKEN = "TOKEN"  # noqa: S105


def suite(session: Session, options: argparse.Namespace) -> Suite:
    """The portal that is meant. Raises Failed for what is missing, before any key is made."""
    if options.url:
        raise Failed(_("say a place or --portal, not both"))
    if not options.project or not options.name:
        raise Failed(_("say --project and --name as well"))
    token = Options(environment=session.environment).secret(TOKEN).strip()
    if not token:
        raise Failed(_("no token is given: name the file that holds it in SUITE_BACKUP_TOKEN_FILE"))
    return Suite(options.portal, token)


def run(session: Session, options: argparse.Namespace, suite: Suite, master: Key, text: str) -> int:
    """Found it and confirm its key. `text`: of a keyfile that is to be written first, so that no key is ever lost."""
    path = keyfiles.as_file(options.master)
    if path is None or master.seed is None:
        raise Failed(_("a repository is founded with the file of its master key"))
    if text:
        keyfiles.write(options.master, text)
    kept = read_private(path)
    made = found(
        master,
        kept,
        label=f"suite {options.portal}",
        now=session.clock(),
        isolated=options.isolated,
        saves=not options.no_server_saves,
    )
    told = {"project": options.project, "name": options.name, "folder": options.folder, "quota": options.quota}
    row = suite.call("POST", "repositories/", told | _as_json(made), once=secrets.token_hex(16))
    url = f"suite+{options.portal.rstrip('/')}/{row['id']}"
    session.output.summary(
        {"url": url, **keyfiles.summary(master, kept, options.master)},
        _("The repository is made, and its key confirmed: {url}").format(url=url),
        _(
            "Its master key is in {file}, and opens everything. Print it with `suite-backup key sheet`, then keep it "
            "where no backup runs."
        ).format(file=options.master),
    )
    return Exit.DONE


def _as_json(made: Founding) -> dict[str, Any]:
    """With the control code: who runs this has the file."""
    return {
        "config": base64.b64encode(made.config).decode(),
        "lister": made.lister,
        "writer": made.writer,
        "control_code": made.control_code,
        "has_passphrase": made.has_passphrase,
        "code": made.control_code,
    }
