"""Who may do what with a repository: the master, and the keys derived from it (FORMAT.md, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backup.engine.errors import Damaged, KeyRefused
from backup.engine.format import cipher, layout

EPOCH = 0
"""The epoch a new repository begins with."""


class Role(IntEnum):
    MASTER = 0
    WRITER = 1
    READER = 2
    LISTER = 3


OPENS: Mapping[Role, tuple[str, ...]] = {
    Role.MASTER: ("data", "meta", "log"),
    Role.WRITER: (),
    Role.READER: ("data", "meta", "log"),
    Role.LISTER: ("log",),
}
"""Which private keys a role holds."""
KNOWS: Mapping[Role, tuple[str, ...]] = {
    Role.MASTER: ("id data", "id meta", "chunk"),
    Role.WRITER: ("id data", "id meta", "chunk"),
    Role.READER: ("id data", "id meta"),
    Role.LISTER: (),
}
"""Which shared secrets a role holds."""


@dataclass(frozen=True)
class Badge:
    """The public face of a derived key, signed by the master."""

    key_id: bytes
    role: Role
    verify: bytes
    created: int
    label: str
    raw: bytes

    @classmethod
    def parse(cls, raw: bytes, repository: bytes, master: bytes, name: str) -> Badge:
        layout.parse(raw, layout.BADGE, repository, name)
        body = cipher.unpack(cipher.check_signed(master, raw, name)[layout.SIZE :], name)
        badge = cls(body["key"], Role(body["role"]), body["verify"], body["created"], body["label"], raw)
        if badge.key_id != key_id(badge.verify):
            raise Damaged(name, "the badge names another key")
        return badge


@dataclass(frozen=True, repr=False)
class Key:
    """What one keyfile holds. Printing it shows nothing."""

    role: Role
    repository: bytes
    master: bytes
    seed: bytes | None = None
    sign: bytes | None = None
    shared: Mapping[str, bytes] = field(default_factory=dict)
    private: Mapping[str, bytes] = field(default_factory=dict)
    badge: Badge | None = None
    origin: bytes = b""
    """The master's signature over the body of the keyfile."""

    def __repr__(self) -> str:
        return f"<Key {self.role.name.lower()} of repository {self.repository.hex()}>"

    @property
    def key_id(self) -> bytes:
        return self.badge.key_id if self.badge else key_id(self.master)

    def opens(self, part: str, epoch: int) -> bytes:
        """The private key of a part of the repository. Raises KeyRefused where this role doesn't hold it."""
        try:
            return self.private[f"{part} {epoch}"]
        except KeyError:
            raise KeyRefused(f"a {self.role.name.lower()} key can't open the {part} of this repository") from None

    def knows(self, secret: str) -> bytes:
        try:
            return self.shared[secret]
        except KeyError:
            raise KeyRefused(f"a {self.role.name.lower()} key doesn't hold {secret!r}") from None

    def signer(self) -> tuple[bytes, Badge]:
        """The private key and the badge with which a writer signs."""
        if self.role is not Role.WRITER or self.sign is None or self.badge is None:
            raise KeyRefused(f"a {self.role.name.lower()} key can't save; use a writer key")
        return self.sign, self.badge


def key_id(verify: bytes) -> bytes:
    return cipher.digest(verify)[:16]


def master(seed: bytes, repository: bytes) -> Key:
    """The master key that this seed (32 random bytes, kept offline) is in this repository (16 random bytes)."""
    sign = cipher.derive(seed, repository, "sign")
    key = Key(
        role=Role.MASTER,
        repository=repository,
        master=cipher.verify_key(sign),
        seed=seed,
        sign=sign,
        shared={name: cipher.derive(seed, repository, name) for name in KNOWS[Role.MASTER]},
        private={name: cipher.derive(seed, repository, name) for name in _epochs(Role.MASTER)},
    )
    return _signed(key, sign)


def derive(master_key: Key, role: Role, *, label: str, created: int) -> Key:
    """A new key of a role, with a pair of its own and a badge signed by the master."""
    if master_key.role is not Role.MASTER or master_key.sign is None or role is Role.MASTER:
        raise KeyRefused("only the master key derives keys, and never a second master")
    sign = Ed25519PrivateKey.generate().private_bytes_raw()
    verify = cipher.verify_key(sign)
    public = {"key": key_id(verify), "role": int(role), "verify": verify, "created": created, "label": label}
    prologue = bytes(layout.Prologue(layout.BADGE, master_key.repository))
    raw = cipher.signed(master_key.sign, prologue + cipher.pack(public))
    key = Key(
        role=role,
        repository=master_key.repository,
        master=master_key.master,
        sign=sign,
        shared={name: master_key.shared[name] for name in KNOWS[role]},
        private={name: master_key.private[name] for name in _epochs(role)},
        badge=Badge(key_id(verify), role, verify, created, label, raw),
    )
    return _signed(key, master_key.sign)


def body(key: Key) -> bytes:
    """What the keyfile of a key holds, before any protection."""
    content: dict[str, Any] = {"role": int(key.role), "master": key.master}
    if key.role is Role.MASTER:
        return cipher.pack(content | {"seed": key.seed})
    badge = {"badge": key.badge.raw} if key.badge else {}
    return cipher.pack(content | {"sign": key.sign, **key.shared, "private": dict(key.private), **badge})


def _signed(key: Key, sign: bytes) -> Key:
    prologue = bytes(layout.Prologue(layout.KEYFILE, key.repository))
    data = prologue + body(key)
    return replace(key, origin=cipher.signed(sign, data)[len(data) :])


def _epochs(role: Role) -> tuple[str, ...]:
    return tuple(f"{part} {EPOCH}" for part in OPENS[role])
