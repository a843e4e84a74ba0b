"""The keys of an instance: made once, kept in files that only their owner reads, never in the environment."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import MutableMapping
from pathlib import Path

from core.embedded.errors import CantStart
from core.embedded.folder import Folder


def random_text() -> str:
    return secrets.token_urlsafe(50)


def random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


KEYS = {"SECRET_KEY": random_text, "VAULT_KEY": random_key, "AUDIT_KEY": random_key}
IRREPLACEABLE = ("VAULT_KEY", "AUDIT_KEY")
"""Without the first nothing stored can be read, without the second no signature can be continued."""


def provide(folder: Folder, environ: MutableMapping[str, str]) -> None:
    """Name the file of each key in the environment where the operator has not; make the keys of a new instance."""
    for name, make in KEYS.items():
        if environ.get(name) or environ.get(f"{name}_FILE"):
            continue
        path = folder.secrets / name
        if not path.exists():
            if name in IRREPLACEABLE and folder.postgres.exists():
                raise CantStart(
                    f"{path} is missing, and the data in {folder.path} can't be used without it.\n"
                    f"Put the key back from your copy, or start anew with another DATA_DIR."
                )
            write_private(path, make())
        environ[f"{name}_FILE"] = str(path)


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner alone."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
