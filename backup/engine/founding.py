"""What who founds a repository hands to a portal, and what a portal takes of it: never a key that opens contents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backup.engine.checking.onlooker import nobodys
from backup.engine.errors import BackupError, BadKeyfile, Damaged, PassphraseNeeded
from backup.engine.format import cipher, config, keyfile, keys, layout
from backup.engine.format.config import Config
from backup.engine.format.keys import InMemory, Key, Role

LARGEST_CONFIG = 16 << 10
"""Bytes; a first config has about five hundred."""
LONGEST_LABEL = 300
_CONTROL = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}")
_HARMLESS = (Role.LISTER, Role.WRITER)


@dataclass(frozen=True, repr=False)
class Founding:
    """All that a portal needs of a new repository. The master key stays with its founder."""

    config: bytes
    """The first, signed by the master."""
    lister: str
    """The keyfile with which the portal watches; without a passphrase."""
    writer: str
    """The same with which it saves by itself; empty where only agents save."""
    control_code: str
    """Of the master's keyfile as its founder keeps it."""
    has_passphrase: bool


@dataclass(frozen=True)
class Taken:
    """What a portal has seen to be sound."""

    config: Config
    lister: Key
    writer: Key | None


class Unfit(BackupError):
    """What a portal can't take: `faults` says for each part of the founding what is wrong with it.

    `damaged`: not whole, or with more in it than there should be; `protected` by a passphrase; `reads`: it opens what
    is saved, or makes keys that do; `role`: of another role; `other`: of another repository; `badge`: its badge isn't
    its own; `control`: no control code.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__(", ".join(f"{place}: {code}" for place, code in faults.items()))


class _Wrong(Exception):
    """Its argument is the code of what is wrong."""


def found(master: Key, kept: str, *, label: str, now: int, isolated: bool = False, saves: bool = True) -> Founding:
    """A founding by the holder of a master key, whose keyfile he keeps as the text `kept`."""

    def derived(role: Role) -> str:
        return keyfile.dump(keys.derive(master, role, label=label, created=now, isolate=isolated))

    binary = keyfile.to_binary(kept)
    return Founding(
        config=config.first(master, isolated=isolated, now=now),
        lister=derived(Role.LISTER),
        writer=derived(Role.WRITER) if saves else "",
        control_code=keyfile.control_code(binary),
        has_passphrase=keyfile.is_protected(binary),
    )


def examine(given: Founding) -> Taken:
    """Look at all of it, as a portal does that trusts nobody. Raises Unfit."""
    faults = {} if _CONTROL.fullmatch(given.control_code) else {"control_code": "control"}
    try:
        read = _first(given.config)
    except Damaged:
        raise Unfit({"config": "damaged", **faults}) from None
    found = {}
    for place, role in (("lister", Role.LISTER), ("writer", Role.WRITER)):
        text = getattr(given, place)
        if text or role is Role.LISTER:
            try:
                found[place] = _key(text, role, read)
            except _Wrong as error:
                faults[place] = str(error)
    if faults:
        raise Unfit(faults)
    return Taken(read, found["lister"], found.get("writer"))


def _first(raw: bytes) -> Config:
    """Raises Damaged."""
    name = layout.config_name(1)
    if len(raw) > LARGEST_CONFIG:
        raise Damaged(name, "larger than a first config")
    try:
        read = config.read(raw, nobodys(raw, name), name)
        prologue = layout.Prologue(layout.CONFIG, read.repository, read.suite)
        if config.is_first(raw, read) and raw[: layout.SIZE] == bytes(prologue):
            return read
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise Damaged(name, "of a kind this program doesn't know") from error
    raise Damaged(name, "isn't the first config of a repository")


def _key(text: str, role: Role, read: Config) -> Key:
    """The key of this role, if it is that and nothing more. Raises _Wrong."""
    try:
        key = _loaded(text)
        if key.role not in _HARMLESS or _opens_contents(key, read):
            raise _Wrong("reads")
        if key.role is not role:
            raise _Wrong("role")
        if (key.repository, key.suite, key.master) != (read.repository, read.suite, read.master):
            raise _Wrong("other")
        if _held(key).private.keys() != {f"{part} 0" for part in keys.OPENS[role]}:
            raise _Wrong("other")
        if any(cipher.public_half(one) != read.epoch.log for one in _held(key).private.values()):
            raise _Wrong("other")
        if not _is_its_own_badge(key):
            raise _Wrong("badge")
    except (AttributeError, LookupError, TypeError, ValueError):
        raise _Wrong("damaged") from None
    return key


def _loaded(text: str) -> Key:
    """The key in a keyfile that holds nothing besides, hidden or not. Raises _Wrong."""
    if len(text) > keyfile.LONGEST:
        raise _Wrong("damaged")
    try:
        key = keyfile.load(text)
    except PassphraseNeeded:
        raise _Wrong("protected") from None
    except BadKeyfile:
        raise _Wrong("damaged") from None
    if key.role in _HARMLESS and keyfile.to_binary(keyfile.dump(key)) != keyfile.to_binary(text):
        raise _Wrong("damaged")
    return key


def _opens_contents(key: Key, read: Config) -> bool:
    """Whether any secret of it, whatever it is called, is the master's seed or signing key, or opens files or trees."""
    opening, seen = {read.epoch.data, read.epoch.meta}, _held(key)
    return any(
        cipher.public_half(secret) in opening
        or cipher.verify_key(secret) == read.master
        or cipher.verify_key(cipher.derive(secret, read.repository, "sign")) == read.master
        for secret in (seen.signing, *key.shared.values(), *seen.private.values())
    )


def _is_its_own_badge(key: Key) -> bool:
    """Whether the badge, which the master signed, is of this key's role and pair."""
    badge = key.badge
    return bool(
        badge
        and (badge.role, badge.verify) == (key.role, cipher.verify_key(_held(key).signing))
        and isinstance(badge.created, int)
        and isinstance(badge.label, str)
        and len(badge.label) <= LONGEST_LABEL
    )


def _held(key: Key) -> InMemory:
    assert isinstance(key.holder, InMemory)
    return key.holder
