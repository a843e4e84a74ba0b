"""What an agent signs and what is sealed to it, so that neither serves anywhere else."""

from __future__ import annotations

import textwrap

from blake3 import blake3

SEALED = "keyfile"
"""The use for which a keyfile is sealed to the machine of an agent; the context is the agent's id, 16 bytes."""
_PROOF = b"suite-backup 1 agent key\0"
"""Before what is signed: no object of a repository begins so."""


def words(agent: bytes) -> bytes:
    """What an agent signs with a key to show that it holds it: `agent` is its id, 16 bytes."""
    return _PROOF + agent


def mark(public: bytes) -> str:
    """By which people see that the portal shows the public key of their own machine: 16 digits of its BLAKE3."""
    return "-".join(textwrap.wrap(blake3(public).hexdigest(8).upper(), 4))
