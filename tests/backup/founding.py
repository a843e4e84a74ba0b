"""A repository as a client founds it: the keys are made here, and the portal is told what opens nothing."""

from __future__ import annotations

import base64
import os
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from backup.engine import founding as engine
from backup.engine.format import keyfile, keys
from backup.engine.format.keys import Key
from backup.engine.founding import Founding
from backup.models import Repository
from backup.services import repositories

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

LABEL = "suite of a test"


@dataclass(frozen=True, repr=False)
class Client:
    """Who has made a master key, and keeps its file."""

    master: Key
    keyfile: str

    @classmethod
    def new(cls, passphrase: str = "", repository: bytes = b"") -> Client:
        master = keys.master(os.urandom(32), repository or os.urandom(16))
        return cls(master, keyfile.dump(master, passphrase))

    def founding(self, *, isolated: bool = False, saves: bool = True) -> Founding:
        return engine.found(self.master, self.keyfile, label=LABEL, now=time.time_ns(), isolated=isolated, saves=saves)


@dataclass(frozen=True, repr=False)
class Founded:
    repository: Repository
    keyfile: str


def found(
    actor: Actor,
    project: Project,
    *,
    name: str = "Principal",
    folder: str = "",
    passphrase: str = "",
    confirmed: bool = False,
    isolated: bool = False,
    saves: bool = True,
) -> Founded:
    """A repository of this project, and the keyfile that its founder keeps."""
    client = Client.new(passphrase)
    made = client.founding(isolated=isolated, saves=saves)
    code = made.control_code if confirmed else ""
    row = repositories.register_repository(actor, project, name=name, folder=folder, founding=made, code=code)
    return Founded(row, client.keyfile)


def as_json(made: Founding) -> dict[str, Any]:
    """The same as the API takes it."""
    return asdict(made) | {"config": base64.b64encode(made.config).decode()}
