"""`suite-backup init`: a repository, and the master key from which all others come."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from backup.cli import founding, keyfiles
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.parsing import size
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.errors import BackupError
from backup.engine.format import keyfile, keys, layout
from backup.engine.format.keys import Key, Role
from backup.engine.repository import Repository
from backup.engine.stores.addresses import safe_url
from backup.engine.stores.base import Store

CIPHERS = {"aes": layout.AES, "chacha": layout.CHACHA}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", nargs="?", metavar="URL", help=_("where to make the repository"))
    parser.add_argument(
        "--master", required=True, metavar="FILE", help=_("the file of the master key, which is made if it isn't there")
    )
    parser.add_argument(
        "--isolated", action="store_true", help=_("writers share nothing: none can tell what another has")
    )
    parser.add_argument(
        "--cipher", choices=sorted(CIPHERS), default="aes", help=_("chacha is for processors without AES")
    )
    portal = parser.add_argument_group(_("to have a portal keep it; a token stands in SUITE_BACKUP_TOKEN or …_FILE"))
    portal.add_argument("--portal", metavar="URL", help=_("the portal that is to keep it, instead of a place"))
    portal.add_argument("--project", metavar="NAME", help=_("its project there"))
    portal.add_argument("--name", metavar="TEXT", help=_("what it is called there"))
    portal.add_argument("--folder", default="", metavar="DIR", help=_("one of the folders that the portal allows"))
    portal.add_argument("--quota", type=size, metavar="SIZE", help=_("bytes that it may take: 500G, 2T"))
    portal.add_argument(
        "--no-server-saves", action="store_true", help=_("the portal gets no key to save with: only agents save")
    )
    parser.add_argument("--protect", action="store_true", help=_("ask for a passphrase for the new key"))
    parser.add_argument("--protect-file", type=Path, metavar="FILE", help=_("the file that holds the new passphrase"))


def run(session: Session, options: argparse.Namespace) -> int:
    if options.portal:
        suite = founding.suite(session, options)
        return founding.run(session, options, suite, *_master(session, options))
    url = options.url or session.url
    master, text = _master(session, options)
    store = session.open_store(url)
    _prepare(store, url)
    if text:
        keyfiles.write(options.master, text)
    Repository.create(store, master, now=session.clock(), isolated=options.isolated)
    session.output.summary(
        {"url": safe_url(url), **keyfiles.summary(master, text, options.master)},
        _("The repository is made: {url}").format(url=safe_url(url)),
        _(
            "Its master key is in {file}, and opens everything. Print it with `suite-backup key sheet`, then keep it "
            "where no backup runs."
        ).format(file=options.master),
        _("Next, for each machine: `suite-backup key derive --master {file} --type writer -o writer.key`").format(
            file=options.master
        ),
    )
    return Exit.DONE


def _prepare(store: Store, url: str) -> None:
    try:
        store.prepare()
    except BackupError as error:
        if type(error) is not BackupError:  # its own words say more
            raise
        said = _("{url} holds something already: a repository is made where nothing is")
        raise Failed(said.format(url=safe_url(url))) from error


def _master(session: Session, options: argparse.Namespace) -> tuple[Key, str]:
    """The key in the file, made before for this purpose; or a new one, and the text that is to stand in the file."""
    if not os.path.lexists(options.master):
        key = keys.master(os.urandom(32), os.urandom(16), suite=CIPHERS[options.cipher])
        return key, keyfile.dump(key, keyfiles.new_passphrase(options.protect_file, options.protect))
    key = session.read_key(options.master)
    if key.role is not Role.MASTER:
        raise Failed(_("{path} holds another key than a master key").format(path=options.master))
    return key, ""
