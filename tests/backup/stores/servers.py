"""Servers of each kind, on this machine and for the length of a test run."""

from __future__ import annotations

import getpass
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import asyncssh

from backup.engine.stores.ssh_server import Server

SSHD = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
LogLevel INFO
Subsystem sftp internal-sftp
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_for(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """The line by which a server says that it is ready."""
    assert process.stderr
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(pattern, line):
            return found
    raise AssertionError("".join(said))


@dataclass(frozen=True)
class Sshd:
    server: Server
    host_key: str
    """Its public half, as it stands in known_hosts."""


@contextmanager
def sshd(folder: Path, *, largest: int = 0) -> Iterator[Sshd]:
    """OpenSSH's own server, for the person who runs the tests. No file may get larger than that, where it is given."""
    host, person = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    host.write_private_key(folder / "host")
    person.write_private_key(folder / "person")
    person.write_public_key(folder / "authorized")
    for name in ("host", "person"):
        (folder / name).chmod(0o600)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    port = free_port()
    (folder / "config").write_text(SSHD.format(port=port, folder=folder))
    program = which("sshd") or "/usr/sbin/sshd"
    limit = ["prlimit", f"--fsize={largest}"] if largest else []
    command = [*limit, program, "-D", "-e", "-f", str(folder / "config")]
    # Who writes too much is told, as Python is; without that the signal would end it.
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, restore_signals=not largest) as process:
        try:
            wait_for(process, "Server listening on")
            server = Server(
                "127.0.0.1", port, getpass.getuser(), fingerprint=host.get_fingerprint(), key_file=folder / "person"
            )
            yield Sshd(server, host.export_public_key().decode().strip())
        finally:
            process.terminate()


@contextmanager
def moto() -> Iterator[tuple[str, int]]:
    """An object store in memory, and where it listens."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        yield server.get_host_and_port()
    finally:
        server.stop()


@contextmanager
def rclone(folder: Path, *options: str) -> Iterator[tuple[str, int]]:
    """rclone's WebDAV server over a folder, and where it listens."""
    command = ["rclone", "serve", "webdav", str(folder), "--addr", "127.0.0.1:0", "--config", os.devnull, *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            found = wait_for(process, r"http://127\.0\.0\.1:(\d+)/")
            yield "127.0.0.1", int(found[1])
        finally:
            process.terminate()
