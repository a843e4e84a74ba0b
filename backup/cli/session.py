"""What a command works with: settings, key, repository, and how to speak. Each is there once it is asked for."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from backup.cli import folders, keyfiles
from backup.cli.calling import Call
from backup.cli.failures import Failed
from backup.cli.hooks import Hooks
from backup.cli.output import Output
from backup.cli.settings import Settings, parity
from backup.cli.words import _, gettext_noop
from backup.engine.format.keys import Key
from backup.engine.repository import Repository
from backup.engine.stores.addresses import folder_of
from backup.engine.stores.base import Store
from backup.engine.stores.redundant import Redundant

if TYPE_CHECKING:
    from backup.engine.stores.rates import Schedule

ROLES = {
    "master": gettext_noop("master key"),
    "writer": gettext_noop("writer key"),
    "reader": gettext_noop("reader key"),
    "lister": gettext_noop("lister key"),
    "verifier": gettext_noop("verifier key"),
    "pruner": gettext_noop("pruner key"),
}


class Session:
    def __init__(self, call: Call, output: Output, hooks: Hooks, environment: Mapping[str, str]) -> None:
        self.settings, self.roles, self._itself = call.settings, call.command.roles, call.command.itself
        self.output, self.hooks, self.environment = output, hooks, environment
        self._stores: list[Store] = []

    clock = staticmethod(time.time_ns)

    @property
    def url(self) -> str:
        """Raises Failed where no repository is named."""
        url = self.settings.text("repository")
        if not url:
            raise Failed(_("no repository is named: use --repository or SUITE_BACKUP_REPOSITORY"))
        return url

    @property
    def parity(self) -> int:
        """How many percent of parity are kept with what is stored. Raises Failed."""
        return parity(self.settings)

    @cached_property
    def key(self) -> Key:
        """Raises Failed where none is named, or one that may not do this."""
        name = self.settings.text("keyfile")
        if not name:
            raise Failed(_("no key is named: use --keyfile or SUITE_BACKUP_KEYFILE"))
        key = self.read_key(name)
        if self.roles and key.label not in self.roles:
            wanted = ", ".join(_(ROLES[role]) for role in self.roles)
            raise Failed(_("{key} can't do this; use one of: {wanted}").format(key=_(ROLES[key.label]), wanted=wanted))
        return key

    @cached_property
    def store(self) -> Store:
        """The place of the repository. What is to be run before the command is run before it is opened."""
        self.hooks.begin()
        return self.open_store(self.url)

    @cached_property
    def repository(self) -> Repository:
        return self.open_with(self.key)

    @cached_property
    def state(self) -> Path:
        return folders.state(self.settings, self.environment)

    @property
    def places(self) -> list[Path]:
        """Where a command writes on this machine."""
        found = [self.state, Path(tempfile.gettempdir()), folders.cache(self.settings, self.environment)]
        folder = folder_of(self.url)
        return [*found, folder] if folder else found

    def read_key(self, name: str) -> Key:
        """The key of a keyfile, an agent or a token."""
        return keyfiles.read(name, self.settings, self.environment)

    def open_with(self, key: Key) -> Repository:
        """The repository seen with this key; one that is older than what was seen before is refused."""
        repository = Repository.open(self.store, key, seen=folders.seen(self.state, key))
        folders.saw(self.state, key, repository.config.number)
        return repository

    def open_store(self, url: str) -> Store:
        cache = None if self._itself else folders.cache(self.settings, self.environment)
        store = _store(url, self.settings, self.environment, cache)
        self._stores.append(store)
        return Redundant(store, self.parity) if self.parity else store

    def close(self) -> None:
        for store in self._stores:
            store.close()


def _store(url: str, settings: Settings, environment: Mapping[str, str], cache: Path | None) -> Store:
    from backup.engine.stores.addresses import Options
    from backup.engine.stores.opening import open_store

    options = Options(
        key_file=settings.path("ssh-key"),
        known_hosts=settings.path("known-hosts"),
        schedule=_schedule(settings),
        cache=cache,
        environment=environment,
    )
    return open_store(url, options)


def _schedule(settings: Settings) -> Schedule | None:
    """How fast the store may be used, if that was said."""
    limits = [settings.text(f"limit-{way}") for way in ("upload", "download")]
    windows = settings.several("window")
    if not windows and not any(limits):
        return None
    from backup.engine.stores.rates import Rates, Schedule, parse_rate, parse_window

    return Schedule(Rates(*(parse_rate(limit or "off") for limit in limits)), [parse_window(text) for text in windows])
