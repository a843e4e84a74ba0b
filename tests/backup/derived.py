"""Keys of a master, and what opens with them."""

from __future__ import annotations

from backup.engine.errors import KeyRefused
from backup.engine.format import cipher, keys
from backup.engine.format.keys import InMemory, Key, Role

REPOSITORY = bytes(range(0xA0, 0xB0))
DERIVED = [role for role in Role if role is not Role.MASTER]


def derived(master: Key, role: Role, epoch: int = 0, *, isolate: bool = False) -> Key:
    return keys.derive(master, role, label=f"une clé {role.name}", created=1, epoch=epoch, isolate=isolate)


def held(key: Key) -> InMemory:
    assert isinstance(key.holder, InMemory)
    return key.holder


def sealed(master: Key, part: str, epoch: int = 0) -> bytes:
    assert master.seed is not None
    public = cipher.public_half(cipher.derive(master.seed, master.repository, f"{part} {epoch}"))
    return cipher.seal(master.suite, public, "test", b"here", b"content")


def opens(key: Key, master: Key, part: str, epoch: int = 0) -> bool:
    """Whether a key really opens what is sealed to a part; it then also says so beforehand."""
    try:
        content = key.unseal(part, epoch, "test", b"here", sealed(master, part, epoch), "it")
    except KeyRefused:
        assert not key.can_open(part, epoch)
        return False
    assert key.can_open(part, epoch)
    return content == b"content"
