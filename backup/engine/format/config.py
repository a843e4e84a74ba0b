"""What a repository says of itself, signed by its master (FORMAT.md, section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from backup.engine.errors import Damaged, KeyRefused
from backup.engine.format import chunker, cipher, layout
from backup.engine.format.keys import PARTS, Key, Role

FIRST = bytes(32)
_PUBLIC = 32


@dataclass(frozen=True)
class Epoch:
    """The public keys to which a time's objects are sealed, and the private ones of the time before, sealed to them."""

    number: int
    data: bytes
    meta: bytes
    log: bytes
    before: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Revoked:
    """A key that counts no more, but for its snapshots and acts up to a number."""

    key_id: bytes
    since: int
    last: int


@dataclass(frozen=True)
class Config:
    repository: bytes
    suite: int
    master: bytes
    number: int
    created: int
    isolated: bool
    epochs: tuple[Epoch, ...]
    revoked: Mapping[bytes, Revoked]
    digest: bytes

    @property
    def epoch(self) -> Epoch:
        """The one that writers use."""
        return self.epochs[-1]

    def audience(self, writer: bytes) -> bytes | None:
        """Whose secrets a writer uses: its own in an isolated repository, everybody's (None) elsewhere."""
        return writer if self.isolated else None


def first(master: Key, *, isolated: bool, now: int) -> bytes:
    """The config of a new repository."""
    master.require(Role.MASTER)
    return _write(master, 1, FIRST, now, isolated, [_epoch(master, 0)], ())


def next_epoch(config: Config, master: Key, *, now: int) -> bytes:
    """The config that begins a new epoch: keys derived before open nothing that is written from then on."""
    master.require(Role.MASTER)
    epochs = [*config.epochs, _epoch(master, len(config.epochs))]
    return _write(master, config.number + 1, config.digest, now, config.isolated, epochs, config.revoked.values())


def revoking(config: Config, master: Key, revoked: Revoked, *, now: int) -> bytes:
    """The config by which a key counts no more."""
    master.require(Role.MASTER)
    everyone = {**config.revoked, revoked.key_id: revoked}.values()
    return _write(master, config.number + 1, config.digest, now, config.isolated, config.epochs, everyone)


def read(raw: bytes, key: Key, name: str) -> Config:
    """The config, once the key's own master is seen to have signed it."""
    layout.parse(raw, layout.CONFIG, key.repository, name)
    body = cipher.unpack(cipher.check_signed(key.master, raw, name)[layout.SIZE :], name)
    if body["needs"]:
        raise Damaged(name, f"needs {', '.join(body['needs'])}, which this program doesn't know")
    if body["chunker"] != chunker.PARAMETERS:
        raise Damaged(name, "asks for a chunker that this program doesn't know")
    if name != layout.config_name(body["number"]):
        raise Damaged(name, "stands under a name that isn't its own")
    epochs = (
        Epoch(one["epoch"], one["data"], one["meta"], one["log"], one.get("before", {})) for one in body["epochs"]
    )
    revoked = (Revoked(one["key"], one["since"], one["last"]) for one in body["revoked"])
    return Config(
        repository=key.repository,
        suite=key.suite,
        master=body["master"],
        number=body["number"],
        created=body["created"],
        isolated=body["isolated"],
        epochs=tuple(epochs),
        revoked={one.key_id: one for one in revoked},
        digest=cipher.digest(raw),
    )


def is_first(raw: bytes, read: Config) -> bool:
    """Whether this config, as it was read, holds what the first of a repository does and nothing else."""
    body = cipher.unpack(raw[layout.SIZE : -cipher.SIGNATURE], layout.config_name(1))
    expected = _body(1, FIRST, read.created, read.master, read.isolated, read.epochs, ())
    [epoch, *later] = read.epochs
    public = [getattr(epoch, part) for part in PARTS]
    return bool(
        body == expected
        and not (later or epoch.number or epoch.before)
        and all(isinstance(key, bytes) and len(key) == _PUBLIC for key in public)
        and isinstance(read.created, int)
        and isinstance(read.isolated, bool)
    )


def with_older(key: Key, config: Config) -> Key:
    """The key with the private keys of older epochs that the config hands to it."""
    older: dict[str, bytes] = {}
    known = replace(key, older=older)
    for epoch in reversed(config.epochs):
        for part, sealed in epoch.before.items():
            if not known.can_open(part, epoch.number - 1) and known.can_open(part, epoch.number):
                context = _handing(key.repository, epoch.number)
                opened = known.unseal(part, epoch.number, "handed", context, sealed, "config")
                older[f"{part} {epoch.number - 1}"] = opened
    return known


def _epoch(master: Key, number: int) -> Epoch:
    if master.seed is None:
        raise KeyRefused("a new epoch needs the master's seed: use its keyfile, not an agent or a token")
    seed, repository = master.seed, master.repository
    private = {part: cipher.derive(seed, repository, f"{part} {number}") for part in PARTS}
    public = {part: cipher.public_half(key) for part, key in private.items()}
    before = {}
    if number:
        context = _handing(repository, number)
        for part in PARTS:
            older = cipher.derive(seed, repository, f"{part} {number - 1}")
            before[part] = cipher.seal(master.suite, public[part], "handed", context, older)
    return Epoch(number, **public, before=before)


def _handing(repository: bytes, epoch: int) -> bytes:
    return repository + epoch.to_bytes(2, "little")


def _write(
    master: Key,
    number: int,
    previous: bytes,
    now: int,
    isolated: bool,
    epochs: Iterable[Epoch],
    revoked: Iterable[Revoked],
) -> bytes:
    body = _body(number, previous, now, master.master, isolated, epochs, revoked)
    return master.signed(bytes(layout.Prologue(layout.CONFIG, master.repository, master.suite)) + cipher.pack(body))


def _body(
    number: int,
    previous: bytes,
    created: int,
    master: bytes,
    isolated: bool,
    epochs: Iterable[Epoch],
    revoked: Iterable[Revoked],
) -> dict[str, Any]:
    return {
        "number": number,
        "previous": previous,
        "created": created,
        "master": master,
        "isolated": isolated,
        "epochs": [_packed(epoch) for epoch in epochs],
        "revoked": [{"key": one.key_id, "since": one.since, "last": one.last} for one in revoked],
        "chunker": chunker.PARAMETERS,
        "needs": [],
    }


def _packed(epoch: Epoch) -> dict[str, Any]:
    public = {"epoch": epoch.number, **{part: getattr(epoch, part) for part in PARTS}}
    return public | ({"before": dict(epoch.before)} if epoch.before else {})
