"""Who may do what with a repository: the master, and the keys derived from it (FORMAT.md, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Protocol

from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backup.engine.errors import Damaged, KeyRefused
from backup.engine.format import cipher, layout

PARTS = ("data", "meta", "log")
SHARED = ("id data", "id meta", "share", "chunk")


class Role(IntEnum):
    MASTER = 0
    WRITER = 1
    READER = 2
    LISTER = 3
    VERIFIER = 4
    PRUNER = 5


OPENS: Mapping[Role, tuple[str, ...]] = {
    Role.MASTER: PARTS,
    Role.WRITER: (),
    Role.READER: PARTS,
    Role.LISTER: ("log",),
    Role.VERIFIER: PARTS,
    Role.PRUNER: ("meta", "log"),
}
"""Which private keys a role holds."""
KNOWS: Mapping[Role, tuple[str, ...]] = {
    Role.MASTER: SHARED,
    Role.WRITER: SHARED,
    Role.READER: ("id data", "id meta"),
    Role.LISTER: (),
    Role.VERIFIER: ("id data", "id meta", "share"),
    Role.PRUNER: ("id meta", "share"),
}
"""Which shared secrets a role holds."""


class Holder(Protocol):
    """Whoever has the private keys: a keyfile in memory, an agent, a token. They need never leave it."""

    def holds(self, part: str, epoch: int) -> bool:
        """Whether it can open a part of the repository that was sealed in an epoch."""

    def unseal(self, part: str, epoch: int, use: str, context: bytes, data: bytes, name: str) -> bytes:
        """Open what was sealed to a part. Raises Damaged."""

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature of the key's own pair."""


@dataclass(frozen=True, repr=False)
class InMemory:
    """The private keys of a keyfile."""

    suite: int
    signing: bytes
    private: Mapping[str, bytes] = field(default_factory=dict)

    def holds(self, part: str, epoch: int) -> bool:
        return f"{part} {epoch}" in self.private

    def unseal(self, part: str, epoch: int, use: str, context: bytes, data: bytes, name: str) -> bytes:
        return cipher.unseal(self.suite, self.private[f"{part} {epoch}"], use, context, data, name)

    def sign(self, data: bytes) -> bytes:
        return cipher.sign(self.signing, data)


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
        try:
            badge = cls(body["key"], Role(body["role"]), body["verify"], body["created"], body["label"], raw)
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged(name, "of a kind this program doesn't know") from error
        if badge.key_id != key_id(badge.verify):
            raise Damaged(name, "the badge names another key")
        return badge


@dataclass(frozen=True, repr=False)
class Key:
    """What one keyfile gives. Printing it shows nothing."""

    role: Role
    repository: bytes
    suite: int
    master: bytes
    holder: Holder
    shared: Mapping[str, bytes] = field(default_factory=dict)
    seed: bytes | None = None
    badge: Badge | None = None
    older: Mapping[str, bytes] = field(default_factory=dict)
    """Private keys of epochs before the holder's, as the config hands them over."""
    origin: bytes = b""
    """The master's signature over the body of the keyfile."""

    def __repr__(self) -> str:
        return f"<Key {self.label} of repository {self.repository.hex()}>"

    @property
    def label(self) -> str:
        return self.role.name.lower()

    @property
    def key_id(self) -> bytes:
        return self.badge.key_id if self.badge else key_id(self.master)

    def require(self, *roles: Role) -> None:
        """Raises KeyRefused unless the key has one of these roles."""
        if self.role not in roles:
            wanted = ", ".join(role.name.lower() for role in roles)
            raise KeyRefused(f"a {self.label} key can't do this; use one of: {wanted}")

    def can_open(self, part: str, epoch: int) -> bool:
        return f"{part} {epoch}" in self.older or self.holder.holds(part, epoch)

    def unseal(self, part: str, epoch: int, use: str, context: bytes, data: bytes, name: str) -> bytes:
        """Open what was sealed to a part of the repository. Raises KeyRefused where this key can't, Damaged."""
        older = self.older.get(f"{part} {epoch}")
        if older is not None:
            return cipher.unseal(self.suite, older, use, context, data, name)
        if not self.holder.holds(part, epoch):
            if part in OPENS[self.role]:
                raise KeyRefused("this key is older than what it is to open: derive a new one from the master")
            raise KeyRefused(f"a {self.label} key can't open the {part} of this repository")
        return self.holder.unseal(part, epoch, use, context, data, name)

    def knows(self, secret: str, writer: bytes | None = None) -> bytes:
        """A shared secret; in an isolated repository, that of one writer."""
        try:
            value = self.shared[secret]
        except KeyError:
            raise KeyRefused(f"a {self.label} key doesn't hold {secret!r}") from None
        return value if writer is None or self.role is Role.WRITER else isolated(value, writer)

    def signed(self, data: bytes) -> bytes:
        """The data with this key's signature behind them."""
        return data + self.holder.sign(data)


def key_id(verify: bytes) -> bytes:
    return cipher.digest(verify)[:16]


def isolated(secret: bytes, writer: bytes) -> bytes:
    """What a shared secret becomes for one writer of an isolated repository."""
    return blake3(writer, key=secret).digest()


def master(seed: bytes, repository: bytes, *, suite: int = layout.AES, epochs: int = 1) -> Key:
    """The master key that this seed (32 random bytes, kept offline) is in this repository (16 random bytes)."""
    sign = cipher.derive(seed, repository, "sign")
    names = [f"{part} {epoch}" for epoch in range(epochs) for part in PARTS]
    key = Key(
        role=Role.MASTER,
        repository=repository,
        suite=suite,
        master=cipher.verify_key(sign),
        holder=InMemory(suite, sign, {name: cipher.derive(seed, repository, name) for name in names}),
        shared={name: cipher.derive(seed, repository, name) for name in SHARED},
        seed=seed,
    )
    return _with_origin(key, key)


def derive(master_key: Key, role: Role, *, label: str, created: int, epoch: int = 0, isolate: bool = False) -> Key:
    """A new key of a role, with a pair of its own and a badge signed by the master.

    It opens what is sealed up to `epoch`, the newest of the repository: what is older through the config.
    """
    if master_key.role is not Role.MASTER or master_key.seed is None or role is Role.MASTER:
        raise KeyRefused("only the master key derives keys, and never a second master")
    seed, repository, suite = master_key.seed, master_key.repository, master_key.suite
    sign = Ed25519PrivateKey.generate().private_bytes_raw()
    verify = cipher.verify_key(sign)
    public = {"key": key_id(verify), "role": int(role), "verify": verify, "created": created, "label": label}
    raw = master_key.signed(bytes(layout.Prologue(layout.BADGE, repository, suite)) + cipher.pack(public))
    shared = {name: master_key.shared[name] for name in KNOWS[role]}
    if isolate and role is Role.WRITER:
        shared = {name: isolated(value, key_id(verify)) for name, value in shared.items()}
    private = {name: cipher.derive(seed, repository, name) for name in (f"{part} {epoch}" for part in OPENS[role])}
    key = Key(
        role=role,
        repository=repository,
        suite=suite,
        master=master_key.master,
        holder=InMemory(suite, sign, private),
        shared=shared,
        badge=Badge(key_id(verify), role, verify, created, label, raw),
    )
    return _with_origin(key, master_key)


def body(key: Key) -> bytes:
    """What the keyfile of a key holds, before any protection. Raises KeyRefused for a key that is held elsewhere."""
    content: dict[str, Any] = {"role": int(key.role), "master": key.master}
    if key.role is Role.MASTER:
        return cipher.pack(content | {"seed": key.seed})
    if not isinstance(key.holder, InMemory):
        raise KeyRefused("this key is held elsewhere and can't be written to a file")
    badge = {"badge": key.badge.raw} if key.badge else {}
    secrets = {"sign": key.holder.signing, **key.shared, "private": dict(key.holder.private)}
    return cipher.pack(content | secrets | badge)


def _with_origin(key: Key, master_key: Key) -> Key:
    data = bytes(layout.Prologue(layout.KEYFILE, key.repository, key.suite)) + body(key)
    return replace(key, origin=master_key.holder.sign(data))
