"""Who has no key at all, such as whoever runs the storage: he sees that bytes fit their names and signatures."""

from __future__ import annotations

from backup.engine.errors import Damaged, KeyRefused
from backup.engine.format import cipher, layout
from backup.engine.format.keys import Key, Role
from backup.engine.repository import Repository
from backup.engine.stores.base import Store


class Nobody:
    """The holder of no key."""

    def holds(self, part: str, epoch: int) -> bool:
        return False

    def unseal(self, part: str, epoch: int, use: str, context: bytes, data: bytes, name: str) -> bytes:
        raise KeyRefused("without a key nothing opens")

    def sign(self, data: bytes) -> bytes:
        raise KeyRefused("without a key nothing is signed")


def look_on(store: Store) -> Repository:
    """A repository as its first config says it is. Raises Missing, Damaged.

    Whether that config is the master's own can't be told without a key; that nothing has changed since, can.
    """
    name = layout.config_name(1)
    return Repository.open(store, nobodys(store.read(name), name))


def nobodys(raw: bytes, name: str) -> Key:
    """What one holds who only sees this config. Raises Damaged."""
    prologue = layout.parse(raw, layout.CONFIG, None, name)
    body = cipher.unpack(raw[layout.SIZE : -cipher.SIGNATURE], name)
    if not isinstance(body, dict) or not isinstance(body.get("master"), bytes):
        raise Damaged(name, "names no master")
    return Key(Role.LISTER, prologue.repository, prologue.suite, body["master"], Nobody())


def is_onlooker(key: Key) -> bool:
    return isinstance(key.holder, Nobody)
