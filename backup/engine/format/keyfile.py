"""Keys as files: text a person can keep, protected by a passphrase where he wants one (FORMAT.md, section 4)."""

from __future__ import annotations

import base64
import binascii
import os
import struct
import textwrap
import unicodedata
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from backup.engine.errors import BadKeyfile, Damaged, PassphraseNeeded
from backup.engine.format import cipher, keys, layout
from backup.engine.format.keys import Badge, InMemory, Key, Role
from backup.engine.format.layout import Prologue

BEGIN, END = "-----BEGIN SUITE BACKUP KEY-----", "-----END SUITE BACKUP KEY-----"
LONGEST = 64 * 1024
_CLEAR, _PROTECTED = 0, 1
_COST = struct.Struct("<16sIII")
_MEMORY_KIB, _PASSES, _LANES = 65536, 3, 4
_MOST = (1 << 20, 16, 16)
_NAME = "keyfile"


def dump(key: Key, passphrase: str = "") -> str:
    """The text of the keyfile."""
    return armour(_binary(key, passphrase), {"Role": key.label, "Key": key.key_id.hex()})


def armour(binary: bytes, facts: Mapping[str, str] | None = None) -> str:
    """The text form of a keyfile's bytes, with lines for people before them."""
    lines = (
        BEGIN,
        *(f"{name}: {value}" for name, value in (facts or {}).items()),
        f"Repository: {layout.parse(binary, layout.KEYFILE, None, _NAME).repository.hex()}",
        f"Passphrase: {'yes' if is_protected(binary) else 'no'}",
        f"Control: {control_code(binary)}",
        "",
        *textwrap.wrap(base64.b64encode(binary).decode(), 64),
        END,
    )
    return "\n".join(lines) + "\n"


def load(text: str, passphrase: str = "") -> Key:
    """The key in a keyfile. Raises BadKeyfile if it isn't whole, PassphraseNeeded for a missing or wrong passphrase."""
    binary = to_binary(text)
    try:
        prologue = layout.parse(binary, layout.KEYFILE, None, _NAME)
        return _key(prologue, _payload(binary, passphrase, prologue.suite))
    except (Damaged, LookupError, TypeError, ValueError, struct.error) as error:
        raise BadKeyfile("the keyfile is damaged or was changed") from error


def control_code(binary: bytes) -> str:
    """Eight digits that tell one keyfile from another and prove a copy whole, without telling anything of the key."""
    digits = cipher.digest(binary)[:4].hex().upper()
    return f"{digits[:4]}-{digits[4:]}"


def is_protected(binary: bytes) -> bool:
    """Whether a keyfile opens with a passphrase only."""
    return binary[layout.SIZE : layout.SIZE + 1] != bytes([_CLEAR])


def to_binary(text: str) -> bytes:
    """The bytes between the first and the last line of a keyfile."""
    lines = [line.strip() for line in text[:LONGEST].strip().splitlines()]
    try:
        body = lines[lines.index(BEGIN) + 1 : lines.index(END)]
        return base64.b64decode("".join(body[body.index("") + 1 :]), validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadKeyfile("this isn't a keyfile, or a part of it is missing") from error


def _binary(key: Key, passphrase: str) -> bytes:
    prologue = bytes(layout.Prologue(layout.KEYFILE, key.repository, key.suite))
    payload = key.origin + keys.body(key)
    if not passphrase:
        return prologue + bytes([_CLEAR]) + payload
    head = prologue + bytes([_PROTECTED]) + _COST.pack(os.urandom(16), _MEMORY_KIB, _PASSES, _LANES)
    nonce = os.urandom(12)
    return head + nonce + cipher.aead(key.suite, _stretch(passphrase, head)).encrypt(nonce, payload, head)


def _payload(binary: bytes, passphrase: str, suite: int) -> bytes:
    mode, start = binary[layout.SIZE], layout.SIZE + 1
    if mode == _CLEAR:
        return binary[start:]
    if mode != _PROTECTED:
        raise Damaged(_NAME, "protected in a way this program doesn't know")
    if not passphrase:
        raise PassphraseNeeded("this keyfile is protected: give its passphrase")
    head, rest = binary[: start + _COST.size], binary[start + _COST.size :]
    try:
        return cipher.aead(suite, _stretch(passphrase, head)).decrypt(rest[:12], rest[12:], head)
    except InvalidTag as error:
        raise PassphraseNeeded("the passphrase is wrong, or the keyfile was changed") from error


def _stretch(passphrase: str, head: bytes) -> bytes:
    salt, *cost = _COST.unpack_from(head, layout.SIZE + 1)
    if any(value > most for value, most in zip(cost, _MOST, strict=True)):
        raise Damaged(_NAME, "asks for more memory or time than a keyfile may")
    memory, passes, lanes = cost
    kdf = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
    return kdf.derive(unicodedata.normalize("NFC", passphrase).encode())


def _key(prologue: Prologue, payload: bytes) -> Key:
    signature, raw = payload[: cipher.SIGNATURE], payload[cipher.SIGNATURE :]
    body = cipher.unpack(raw, _NAME)
    if not cipher.verifies(body["master"], signature, bytes(prologue) + raw):
        raise Damaged(_NAME, "the signature is wrong")
    role = Role(body["role"])
    if role is Role.MASTER:
        key = keys.master(body["seed"], prologue.repository, suite=prologue.suite)
        if key.master != body["master"]:
            raise Damaged(_NAME, "the seed doesn't fit the repository")
        return key
    return Key(
        role=role,
        repository=prologue.repository,
        suite=prologue.suite,
        master=body["master"],
        holder=InMemory(prologue.suite, body["sign"], body["private"]),
        shared={name: body[name] for name in keys.KNOWS[role]},
        badge=Badge.parse(body["badge"], prologue.repository, body["master"], _NAME),
        origin=signature,
    )
