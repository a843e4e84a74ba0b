from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from core.embedded import keys
from core.embedded.errors import CantStart
from core.embedded.folder import Folder


def test_keys_are_made_once(folder: Folder) -> None:
    """A new instance gets keys of its own; the next start finds the same."""
    first: dict[str, str] = {}
    keys.provide(folder, first)
    made = {name: Path(path).read_text() for name, path in first.items()}
    second: dict[str, str] = {}
    keys.provide(folder, second)
    assert {name: Path(path).read_text() for name, path in second.items()} == made
    assert len(set(made.values())) == 3


def test_keys_are_strong_and_closed(folder: Folder, environ: dict[str, str]) -> None:
    """The vault's and the journal's keys are 32 random bytes, and only their owner reads the files."""
    keys.provide(folder, environ)
    for name in ("VAULT_KEY", "AUDIT_KEY"):
        assert len(base64.b64decode((folder.secrets / name).read_text(), validate=False)) == 32
    assert len((folder.secrets / "SECRET_KEY").read_text().strip()) >= 50
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.secrets.iterdir()} == {0o600}


def test_the_operators_keys_are_used(folder: Folder) -> None:
    """A key given by the environment, as a value or as a file, is left alone and none is made."""
    environ = {"SECRET_KEY": "mine", "VAULT_KEY_FILE": "/run/secrets/vault", "AUDIT_KEY": "mine"}
    keys.provide(folder, environ)
    assert environ == {"SECRET_KEY": "mine", "VAULT_KEY_FILE": "/run/secrets/vault", "AUDIT_KEY": "mine"}
    assert list(folder.secrets.iterdir()) == []


@pytest.mark.parametrize("name", keys.IRREPLACEABLE)
def test_a_lost_key_stops_the_start(folder: Folder, environ: dict[str, str], name: str) -> None:
    """Where there are data, a missing key is said and never replaced by another."""
    keys.provide(folder, environ)
    folder.postgres.mkdir()
    (folder.secrets / name).unlink()
    with pytest.raises(CantStart, match=name):
        keys.provide(folder, {})
    assert not (folder.secrets / name).exists()
