"""A key whose private halves are in a token (PKCS#11): it signs (Ed25519) and makes the exchanges (X25519) in there.

Tested with SoftHSM 2.6, which keeps X25519 keys under the type EC_EDWARDS. PKCS#11 3.0 has a type of its own for them,
EC_MONTGOMERY, that python-pkcs11 0.10 doesn't know: a token that insists on it can hold the key of a writer, who only
signs, and no other. Beside the private keys lies a private data object with what is no private key: who the key is and
its shared secrets.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass

from backup.engine.errors import Damaged, KeyRefused
from backup.engine.format import cipher
from backup.engine.format.keys import Badge, InMemory, Key, Role
from backup.engine.keykeeping import hpke
from backup.engine.keykeeping.place import Ask, Place

_ED25519, _X25519 = bytes.fromhex("06032b6570"), bytes.fromhex("06032b656e")
"""Their object identifiers in DER (RFC 8410)."""
_SIGN = "sign"
_LOCK = threading.RLock()
"""One act at a time in a process, whatever the token's library can do."""


class TokenHolder:
    """The private keys of one key in an open session (keys.Holder)."""

    def __init__(self, session: Any, label: str, suite: int, public: Mapping[str, bytes]) -> None:
        """`public` has the public halves of the X25519 keys, by part and epoch."""
        self._session, self._label, self._suite, self._public = session, label, suite, public
        self._found: dict[str, Any] = {}

    def holds(self, part: str, epoch: int) -> bool:
        return f"{part} {epoch}" in self._public

    def unseal(self, part: str, epoch: int, use: str, context: bytes, data: bytes, name: str) -> bytes:
        if len(data) < cipher.SEAL_OVERHEAD:
            raise Damaged(name, f"the sealed {use} is cut")
        which = f"{part} {epoch}"
        with _acting():
            secret = self._private(which).derive_key(
                KeyType.GENERIC_SECRET,
                8 * hpke.ENC,
                mechanism=Mechanism.ECDH1_DERIVE,
                mechanism_param=(pkcs11.KDF.NULL, None, data[: hpke.ENC]),
                store=False,
                template={Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True},
            )
            exchanged = bytes(secret[Attribute.VALUE])
            secret.destroy()
        return hpke.unseal(self._suite, exchanged, self._public[which], use, context, data, name)

    def sign(self, data: bytes) -> bytes:
        with _acting():
            return bytes(self._private(_SIGN).sign(data, mechanism=Mechanism.EDDSA))

    def close(self) -> None:
        with _acting():
            self._session.close()

    def _private(self, which: str) -> Any:
        if which not in self._found:
            wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, **_labelled(f"{self._label} {which}")}
            self._found[which] = _only(self._session, wanted)
        return self._found[which]


def load(place: Place, ask: Ask) -> Key:
    """The key in a token. Raises KeyRefused where the token refuses or has no such key, Damaged."""
    session = _opened(place, ask)
    try:
        return _key(session, place.label)
    except BaseException:
        with _acting():
            session.close()
        raise


def keep(key: Key, place: Place, ask: Ask) -> None:
    """Copy a key into a token, from which it then can't be read again. Raises KeyRefused."""
    if not isinstance(key.holder, InMemory):
        raise KeyRefused("this key is held elsewhere and can't be copied")
    with _acting(), _opened(place, ask, write=True) as session:
        if list(session.get_objects(_labelled(place.label))):
            raise KeyRefused(f"the token has a key {place.label!r} already")
        made: list[Any] = []
        try:
            made.extend(map(session.create_object, _templates(key, place.label)))
        except pkcs11.PKCS11Error:
            for one in made:
                one.destroy()
            raise


def _key(session: Any, label: str) -> Key:
    with _acting():
        wanted = {Attribute.CLASS: ObjectClass.DATA, **_labelled(label)}
        known = cipher.unpack(bytes(_only(session, wanted)[Attribute.VALUE]), label)
    repository, suite, master = known["repository"], known["suite"], known["master"]
    return Key(
        role=Role(known["role"]),
        repository=repository,
        suite=suite,
        master=master,
        holder=TokenHolder(session, label, suite, known["public"]),
        shared=known["shared"],
        badge=Badge.parse(known["badge"], repository, master, label) if known["badge"] else None,
    )


def _templates(key: Key, label: str) -> Iterator[dict[Any, Any]]:
    """What makes the objects of a key in a token; the one by which it is found comes last."""
    assert isinstance(key.holder, InMemory)
    private = key.holder.private
    yield _private_key(f"{label} {_SIGN}", _ED25519, key.holder.signing) | {Attribute.SIGN: True}
    for name, value in private.items():
        yield _private_key(f"{label} {name}", _X25519, value) | {Attribute.DERIVE: True}
    known = {
        "role": int(key.role),
        "repository": key.repository,
        "suite": key.suite,
        "master": key.master,
        "shared": dict(key.shared),
        "public": {name: cipher.public_half(value) for name, value in private.items()},
        "badge": key.badge.raw if key.badge else b"",
    }
    what = {Attribute.CLASS: ObjectClass.DATA, Attribute.APPLICATION: "suite-backup"}
    yield what | _kept(label) | {Attribute.VALUE: cipher.pack(known)}


def _private_key(label: str, curve: bytes, private: bytes) -> dict[Any, Any]:
    return {
        Attribute.CLASS: ObjectClass.PRIVATE_KEY,
        Attribute.KEY_TYPE: KeyType.EC_EDWARDS,
        Attribute.EC_PARAMS: curve,
        Attribute.VALUE: private,
        Attribute.SENSITIVE: True,
        Attribute.EXTRACTABLE: False,
        **_kept(label),
    }


def _kept(label: str) -> dict[Any, Any]:
    return {Attribute.TOKEN: True, Attribute.PRIVATE: True, **_labelled(label)}


def _opened(place: Place, ask: Ask, *, write: bool = False) -> Any:
    """A session that is logged in; a process is logged in to a token once for all its sessions."""
    with _acting():
        token = pkcs11.lib(place.module).get_token(token_label=place.token)
        with suppress(pkcs11.UserAlreadyLoggedIn):
            return token.open(rw=write, user_pin=place.pin(ask))
        return token.open(rw=write)


def _only(session: Any, wanted: Mapping[Any, Any]) -> Any:
    found = list(session.get_objects(wanted))
    if len(found) != 1:
        raise KeyRefused(f"the token has {len(found)} such objects where one is due")
    return found[0]


def _labelled(label: str) -> dict[Any, str]:
    return {Attribute.LABEL: label}


@contextmanager
def _acting() -> Iterator[None]:
    """What the token refuses is said without what it was asked."""
    with _LOCK:
        try:
            yield
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            raise KeyRefused(f"the token says {type(error).__name__}") from None
