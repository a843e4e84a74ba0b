"""An SSH server: who it is, how we know that, and how it knows us."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from backup.engine.errors import BackupError, Denied

HOST_KEYS = (
    *("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    *("rsa-sha2-512", "rsa-sha2-256"),
)
"""Kinds of host keys that a fingerprint may be of, best first."""


@dataclass(frozen=True)
class Server:
    """What is needed to be sure of a server, and to be let in."""

    host: str
    port: int = 22
    user: str = ""
    fingerprint: str = ""
    """``SHA256:…``, as `ssh-keygen -l` prints it."""
    known_hosts: str = ""
    """Lines of a known_hosts file, in its place."""
    key_file: Path | None = None
    """Without one and without a password, the keys of ~/.ssh and of the ssh agent are tried, as `ssh` does."""
    passphrase: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.fingerprint and not self.known_hosts:
            words = f"ssh-keyscan {self.host} | ssh-keygen -lf - prints them, to be compared with what its owner says"
            raise BackupError(f"the host key of {self.host} must be pinned by its fingerprint ({words})")
        if self.fingerprint and not self.fingerprint.startswith("SHA256:"):
            raise BackupError("the fingerprint of a host key begins with SHA256:")

    def options(self) -> dict[str, Any]:
        """For asyncssh, whose own reading of the user's files is turned off. Raises BackupError."""
        options: dict[str, Any] = {"host": self.host, "port": self.port, "config": [], "x509_trusted_certs": None}
        if self.user:
            options["username"] = self.user
        if self.known_hosts:
            try:
                options["known_hosts"] = asyncssh.import_known_hosts(self.known_hosts)
            except ValueError as error:
                raise BackupError(f"known_hosts: {error}") from error
        else:
            options |= {"known_hosts": ((), (), ()), "server_host_key_algs": HOST_KEYS}
        if self.key_file:
            try:
                options["client_keys"] = [asyncssh.read_private_key(self.key_file, self.passphrase or None)]
            except (OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
                raise Denied(f"the private key {self.key_file} can't be used: {error}") from error
            options["agent_path"] = None
        elif self.password:
            options["client_keys"] = None
        if self.password:
            options["password"] = self.password
        return options
